//! Made-up names, offices and trades of the firm.

/// Primary domain.
pub(crate) const DOMAIN: &str = "ne.example";
/// The domain the tenant was made with.
pub(crate) const INITIAL_DOMAIN: &str = "neengineering.onmicrosoft.com";
/// Display name of the tenant.
pub(crate) const TENANT: &str = "NE Engineering";

/// Given names, all of them given to women and men.
pub(crate) const GIVEN: [&str; 40] = [
    "Addison", "Ainsley", "Andy", "Ari", "Aubrey", "Billie", "Brook", "Carey", "Chris", "Corin",
    "Dale", "Darcy", "Devon", "Eden", "Elliot", "Evelyn", "Fran", "Gabriel", "Georgie", "Hilary",
    "Indigo", "Jess", "Jody", "Jules", "Kim", "Kit", "Leslie", "Lindsay", "Mel", "Merle", "Noel",
    "Ollie", "Pat", "Ray", "Remy", "Robbie", "Sacha", "Shannon", "Toni", "Val",
];

/// Family names, all of them words for places.
pub(crate) const FAMILY: [&str; 40] = [
    "Acre", "Barrow", "Beacon", "Bourne", "Brae", "Burn", "Cairn", "Chase", "Cliff", "Combe",
    "Cove", "Crag", "Dell", "Downs", "Drove", "Fold", "Ford", "Forge", "Gate", "Glade", "Haven",
    "Hedge", "Hurst", "Island", "Kiln", "Knoll", "Ley", "Locke", "Meadow", "Mere", "Nook",
    "Orchard", "Pasture", "Quarry", "Rill", "Sands", "Spring", "Thicket", "Tor", "Weir",
];

/// An office: city, county, latitude, longitude, and the last number of
/// the address the internet sees.
pub(crate) struct Office {
    pub(crate) city: &'static str,
    pub(crate) county: &'static str,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) address: u8,
}

/// The three offices.
pub(crate) const OFFICES: [Office; 3] = [
    Office {
        city: "Leeds",
        county: "West Yorkshire",
        latitude: 53.8,
        longitude: -1.55,
        address: 10,
    },
    Office {
        city: "Sheffield",
        county: "South Yorkshire",
        latitude: 53.38,
        longitude: -1.47,
        address: 74,
    },
    Office { city: "Derby", county: "Derbyshire", latitude: 52.92, longitude: -1.48, address: 138 },
];

/// What people do, and in which department.
pub(crate) const TRADES: [(&str, &str); 9] = [
    ("Structural Engineer", "Engineering"),
    ("Mechanical Engineer", "Engineering"),
    ("CAD Technician", "Engineering"),
    ("Site Supervisor", "Operations"),
    ("Production Planner", "Operations"),
    ("Estimator", "Sales"),
    ("Buyer", "Procurement"),
    ("Quality Inspector", "Quality"),
    ("Payroll Administrator", "Finance"),
];

/// A family name that no list of several tenants shares: numbers make it unique.
pub(crate) fn local_part(given: &str, family: &str, number: u32) -> String {
    let mut local = format!("{given}.{family}").to_lowercase();
    if number > 0 {
        local.push_str(&number.to_string());
    }
    local
}
