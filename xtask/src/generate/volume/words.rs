//! The words of a long log.

/// Client apps of modern authentication.
pub(super) const MODERN_CLIENTS: [&str; 2] = ["Browser", "Mobile Apps and Desktop clients"];
/// Client apps of legacy authentication.
pub(super) const LEGACY_CLIENTS: [&str; 14] = [
    "Authenticated SMTP",
    "Autodiscover",
    "Exchange ActiveSync",
    "Exchange Online PowerShell",
    "Exchange Web Services",
    "IMAP4",
    "MAPI Over HTTP",
    "Offline Address Book",
    "Other clients",
    "Outlook Anywhere (RPC over HTTP)",
    "Outlook Service",
    "POP3",
    "Reporting Web Services",
    "Universal Outlook",
];

/// Results: the code and what the log says of it. First success, then what legacy clients meet.
pub(super) const RESULTS: [(u64, &str); 9] = [
    (0, ""),
    (50126, "Error validating credentials due to invalid username or password."),
    (50053, "The account is locked, you've tried to sign in too many times."),
    (50140, "This error occurred due to 'Keep me signed in' interrupt when the user signed in."),
    (50074, "Strong authentication is required."),
    (50076, "Due to a configuration change, you must use multi-factor authentication."),
    (50058, "Session information is not sufficient for single sign-on."),
    (500_121, "Authentication failed during strong authentication request."),
    (53003, "Access has been blocked by Conditional Access policies."),
];
/// Results after success that a legacy client can meet.
pub(super) const REFUSALS: usize = 2;

/// Names and what stands before the number in the address. Every second one is not ASCII.
pub(super) const NAMES: [(&str, &str); 16] = [
    ("Alex Croft", "alex.croft"),
    ("Zoë Beck", "zoe.beck"),
    ("Bailey Shaw", "bailey.shaw"),
    ("Jürgen Groß", "juergen.gross"),
    ("Casey Lane", "casey.lane"),
    ("Łukasz Żak", "lukasz.zak"),
    ("Dana Holm", "dana.holm"),
    ("Siân Bryn", "sian.bryn"),
    ("Ellis Mead", "ellis.mead"),
    ("Renée Bois", "renee.bois"),
    ("Harper Vale", "harper.vale"),
    ("Søren Holt", "soeren.holt"),
    ("Jamie Fell", "jamie.fell"),
    ("美咲 森", "misaki.mori"),
    ("Robin Garth", "robin.garth"),
    ("Ζωή Βράχου", "zoi.vrachou"),
];

/// Applications. One name holds quotation marks.
pub(super) const APPS: [&str; 24] = [
    "Office 365 Exchange Online",
    "Microsoft Teams",
    "OfficeHome",
    "Office 365 SharePoint Online",
    "Microsoft Office",
    "Windows Sign In",
    "Outlook Mobile",
    "Microsoft Edge",
    "OneDrive SyncEngine",
    "Microsoft Authentication Broker",
    "Azure Portal",
    "Drawings \"Vault\" 2026",
    "Microsoft App Access Panel",
    "One Outlook Web",
    "Microsoft Intune Company Portal",
    "Time sheets",
    "Purchase orders",
    "Plant maintenance",
    "Power BI Desktop",
    "Microsoft Planner",
    "Microsoft To-Do client",
    "Visual Studio Code",
    "Azure Active Directory PowerShell",
    "My Profile",
];

/// What is asked for.
pub(super) const RESOURCES: [&str; 8] = [
    "Microsoft Graph",
    "Office 365 Exchange Online",
    "Office 365 SharePoint Online",
    "Windows Azure Active Directory",
    "Microsoft Teams Services",
    "Skype Presence Service",
    "Office365 Shell WCSS-Server",
    "Drawings",
];

/// User agents of browsers, and the browser the log makes of each.
pub(super) const BROWSERS: [(&str, &str); 4] = [
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
        "Edge 141.0.0",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/141.0.0.0 Safari/537.36",
        "Chrome 141.0.0",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, \
         like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
        "Mobile Safari 18.6",
    ),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox 144.0"),
];

/// User agents of programs, and the browser the log makes of each.
pub(super) const PROGRAMS: [(&str, &str); 3] = [
    ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.19127; Pro)", ""),
    ("Dalvik/2.1.0 (Linux; U; Android 15; Pixel 8)", "Rich Client 5.2.1"),
    ("Windows-AzureAD-Authentication-Provider/1.0", "Rich Client 4.78.0"),
];

/// Where somebody signs in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) city: &'static str,
    pub(super) state: &'static str,
    pub(super) country: &'static str,
    pub(super) latitude: &'static str,
    pub(super) longitude: &'static str,
}

const fn place(
    city: &'static str,
    state: &'static str,
    country: &'static str,
    latitude: &'static str,
    longitude: &'static str,
) -> Place {
    Place { city, state, country, latitude, longitude }
}

/// Places. Every second one is not ASCII, as the names are.
pub(super) const PLACES: [Place; 8] = [
    place("Leeds", "Leeds", "GB", "53.79648", "-1.54785"),
    place("München", "Bayern", "DE", "48.13743", "11.57549"),
    place("Derby", "Derby", "GB", "52.92277", "-1.47663"),
    place("Kraków", "Małopolskie", "PL", "50.06143", "19.93658"),
    place("Dublin", "Dublin", "IE", "53.33306", "-6.24889"),
    place("Lyon", "Auvergne-Rhône-Alpes", "FR", "45.74846", "4.84671"),
    place("Porto", "Porto", "PT", "41.14961", "-8.61099"),
    place("Sheffield", "Sheffield", "GB", "53.38297", "-1.4659"),
];

/// Policies of Conditional Access.
pub(super) const POLICIES: [&str; POLICY_COUNT] = [
    "CA001 - Block legacy authentication",
    "CA002 - Require MFA for administrators",
    "CA004 - Require MFA for all users",
    "CA006 - Require MFA for guests",
];
const POLICY_COUNT: usize = 4;
/// What becomes of each policy, in each of the alternatives a record has.
pub(super) const POLICY_OUTCOMES: [[&str; POLICY_COUNT]; POLICY_RESULTS] = [
    ["reportOnlyFailure", "notApplied", "reportOnlyNotApplied", "notEnabled"],
    ["notApplied", "notApplied", "success", "notEnabled"],
    ["notApplied", "notApplied", "reportOnlySuccess", "notEnabled"],
    ["notApplied", "failure", "reportOnlyInterrupted", "notEnabled"],
];
/// Alternatives of what becomes of the policies.
pub(super) const POLICY_RESULTS: usize = 4;
