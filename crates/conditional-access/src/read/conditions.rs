//! `conditions`: who, what, from where, with what.

use serde_json::Value;

use super::property::{Properties, Unmodelled, join};
use crate::policy::{
    Applications, ClientAppType, ClientApplications, Conditions, ExternalTenants, Filter,
    Locations, Platforms, Users,
};

/// The words that stand where an id could, in Graph's spelling.
const KEYWORDS: [&str; 6] =
    ["All", "None", "GuestsOrExternalUsers", "AllTrusted", "Office365", "MicrosoftAdminPortals"];

const RISK_LEVELS: [&str; 5] = ["low", "medium", "high", "hidden", "none"];
const INSIDER_RISK_LEVELS: [&str; 4] = ["minor", "moderate", "elevated", "none"];

/// Reads `conditions`.
pub(super) fn read(set: &Properties<'_>, unmodelled: &mut Unmodelled) -> Conditions {
    set.others(
        "conditions",
        &[
            "users",
            "applications",
            "clientAppTypes",
            "platforms",
            "locations",
            "devices",
            "signInRiskLevels",
            "userRiskLevels",
            "insiderRiskLevels",
            "servicePrincipalRiskLevels",
            "authenticationFlows",
            "clientApplications",
        ],
        unmodelled,
    );
    let client_applications = read_client_applications(set, unmodelled);
    Conditions {
        users: read_users(set, unmodelled),
        applications: read_applications(set, unmodelled),
        client_app_types: read_client_app_types(set, unmodelled),
        platforms: read_platforms(set, unmodelled),
        locations: read_locations(set, unmodelled),
        device_filter: read_device_filter(set, unmodelled),
        sign_in_risk_levels: read_risk(set, "signInRiskLevels", &RISK_LEVELS, unmodelled),
        user_risk_levels: read_risk(set, "userRiskLevels", &RISK_LEVELS, unmodelled),
        authentication_flows: read_flows(set, unmodelled),
        insider_risk_levels: read_risk(set, "insiderRiskLevels", &INSIDER_RISK_LEVELS, unmodelled),
        service_principal_risk_levels: read_risk(
            set,
            "servicePrincipalRiskLevels",
            &RISK_LEVELS,
            unmodelled,
        ),
        workload_identities: client_applications.is_some(),
        client_applications,
    }
}

/// The object below `conditions`. A value of another type is no object this model knows.
fn section<'a>(
    set: &Properties<'a>,
    name: &str,
    known: &[&str],
    unmodelled: &mut Unmodelled,
) -> Option<Properties<'a>> {
    let value = set.find(name)?;
    let path = join("conditions", name);
    let Some(section) = Properties::of(value) else {
        unmodelled.add(path);
        return None;
    };
    section.others(&path, known, unmodelled);
    Some(section)
}

fn read_users(set: &Properties<'_>, unmodelled: &mut Unmodelled) -> Users {
    let path = "conditions.users";
    let known = [
        "includeUsers",
        "excludeUsers",
        "includeGroups",
        "excludeGroups",
        "includeRoles",
        "excludeRoles",
        "includeGuestsOrExternalUsers",
        "excludeGuestsOrExternalUsers",
    ];
    let Some(users) = section(set, "users", &known, unmodelled) else { return Users::default() };
    let mut ids = |name: &str| identifiers(&users, name, path, unmodelled);
    let mut read = Users {
        include_users: ids("includeUsers"),
        exclude_users: ids("excludeUsers"),
        include_groups: ids("includeGroups"),
        exclude_groups: ids("excludeGroups"),
        include_roles: ids("includeRoles"),
        exclude_roles: ids("excludeRoles"),
        ..Users::default()
    };
    let include = "includeGuestsOrExternalUsers";
    let exclude = "excludeGuestsOrExternalUsers";
    read.include_guest_types = guest_types(&users, include, unmodelled);
    read.exclude_guest_types = guest_types(&users, exclude, unmodelled);
    read.include_guest_tenants = guest_tenants(&users, include);
    read.exclude_guest_tenants = guest_tenants(&users, exclude);
    read
}

/// `conditionalAccessGuestsOrExternalUsers`: kinds of guests, and the tenants they come from.
/// [`guest_tenants`] reads the tenants.
fn guest_types(users: &Properties<'_>, name: &str, unmodelled: &mut Unmodelled) -> Vec<String> {
    let path = join("conditions.users", name);
    let words = match users.find(name) {
        None => return Vec::new(),
        Some(Value::Object(_)) => {
            let Some(guests) = users.told_object(name) else { return Vec::new() };
            guests.others(&path, &["guestOrExternalUserTypes", "externalTenants"], unmodelled);
            if guests.find("externalTenants").map(tenants_of) == Some(ExternalTenants::Unreadable) {
                unmodelled.add(join(&path, "externalTenants"));
            }
            let types = guests.words("guestOrExternalUserTypes", &path, unmodelled);
            if types.is_empty() {
                unmodelled.add(join(&path, "guestOrExternalUserTypes"));
            }
            types
        }
        Some(_) => users.words(name, "conditions.users", unmodelled),
    };
    words.into_iter().filter(|word| !word.eq_ignore_ascii_case("none")).collect()
}

/// Which tenants the guests of a rule come from.
fn guest_tenants(users: &Properties<'_>, name: &str) -> ExternalTenants {
    let guests = users.told_object(name);
    let Some(value) = guests.and_then(|guests| guests.told("externalTenants")) else {
        return ExternalTenants::All;
    };
    if value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return ExternalTenants::All;
    }
    tenants_of(value)
}

/// `externalTenants`, by its `membershipKind`, else by its `@odata.type` (Graph,
/// `conditionalAccessExternalTenants`).
fn tenants_of(value: &Value) -> ExternalTenants {
    let Some(tenants) = Properties::of(value) else { return ExternalTenants::Unreadable };
    let mut beside = Unmodelled::default();
    tenants.others("", &["membershipKind", "members"], &mut beside);
    if beside.len() > 0 {
        return ExternalTenants::Unreadable;
    }
    let kind = tenants.text("membershipKind").or_else(|| tenants.odata_type());
    match kind.map(|kind| kind.to_ascii_lowercase()).as_deref() {
        // A list of members beside the word `all` contradicts it.
        Some("all" | "conditionalaccessallexternaltenants")
            if tenants.find("members").is_none() =>
        {
            ExternalTenants::All
        }
        Some("enumerated" | "conditionalaccessenumeratedexternaltenants") => {
            let mut unreadable = Unmodelled::default();
            let members = tenants.words("members", "", &mut unreadable);
            if unreadable.len() > 0 {
                return ExternalTenants::Unreadable;
            }
            ExternalTenants::Enumerated(members)
        }
        _ => ExternalTenants::Unreadable,
    }
}

fn read_applications(set: &Properties<'_>, unmodelled: &mut Unmodelled) -> Applications {
    let path = "conditions.applications";
    let known = [
        "includeApplications",
        "excludeApplications",
        "includeUserActions",
        "includeAuthenticationContextClassReferences",
        "applicationFilter",
    ];
    let Some(applications) = section(set, "applications", &known, unmodelled) else {
        return Applications::default();
    };
    let filter = read_filter(
        &applications,
        "applicationFilter",
        &join(path, "applicationFilter"),
        unmodelled,
    );
    let mut ids = |name: &str| identifiers(&applications, name, path, unmodelled);
    Applications {
        include: ids("includeApplications"),
        exclude: ids("excludeApplications"),
        user_actions: ids("includeUserActions"),
        authentication_contexts: ids("includeAuthenticationContextClassReferences"),
        filter,
    }
}

fn read_client_app_types(set: &Properties<'_>, unmodelled: &mut Unmodelled) -> Vec<ClientAppType> {
    let words = set.words("clientAppTypes", "conditions", unmodelled);
    words
        .into_iter()
        .map(|word| match word.to_ascii_lowercase().as_str() {
            "all" => ClientAppType::All,
            "browser" => ClientAppType::Browser,
            "mobileappsanddesktopclients" => ClientAppType::MobileAppsAndDesktopClients,
            "exchangeactivesync" => ClientAppType::ExchangeActiveSync,
            "eassupported" => ClientAppType::EasSupported,
            "other" => ClientAppType::Other,
            _ => {
                unmodelled.add(format!("conditions.clientAppTypes.{word}"));
                ClientAppType::Unmodelled(word)
            }
        })
        .collect()
}

fn read_platforms(set: &Properties<'_>, unmodelled: &mut Unmodelled) -> Option<Platforms> {
    let known = ["includePlatforms", "excludePlatforms"];
    let platforms = section(set, "platforms", &known, unmodelled)?;
    let mut lower = |name: &str| -> Vec<String> {
        let words = platforms.words(name, "conditions.platforms", unmodelled);
        words.into_iter().map(|word| word.to_ascii_lowercase()).collect()
    };
    Some(Platforms { include: lower("includePlatforms"), exclude: lower("excludePlatforms") })
}

fn read_locations(set: &Properties<'_>, unmodelled: &mut Unmodelled) -> Option<Locations> {
    let known = ["includeLocations", "excludeLocations"];
    let locations = section(set, "locations", &known, unmodelled)?;
    let mut ids = |name: &str| identifiers(&locations, name, "conditions.locations", unmodelled);
    Some(Locations { include: ids("includeLocations"), exclude: ids("excludeLocations") })
}

fn read_device_filter(set: &Properties<'_>, unmodelled: &mut Unmodelled) -> Option<Filter> {
    let devices = section(set, "devices", &["deviceFilter"], unmodelled)?;
    read_filter(&devices, "deviceFilter", "conditions.devices.deviceFilter", unmodelled)
}

fn read_filter(
    properties: &Properties<'_>,
    name: &str,
    path: &str,
    unmodelled: &mut Unmodelled,
) -> Option<Filter> {
    let value = properties.find(name)?;
    let rule = Properties::of(value).and_then(|filter| filter.text("rule"));
    let Some((filter, rule)) = Properties::of(value).zip(rule) else {
        unmodelled.add(path);
        return None;
    };
    filter.others(path, &["mode", "rule"], unmodelled);
    let include = match filter.text("mode").map(|mode| mode.to_ascii_lowercase()).as_deref() {
        Some("include") => Some(true),
        Some("exclude") => Some(false),
        Some(_) | None => None,
    };
    Some(Filter { include, rule })
}

fn read_risk(
    set: &Properties<'_>,
    name: &str,
    known: &[&str],
    unmodelled: &mut Unmodelled,
) -> Vec<String> {
    let words = set.words(name, "conditions", unmodelled);
    let levels: Vec<String> = words.into_iter().map(|word| word.to_ascii_lowercase()).collect();
    for level in levels.iter().filter(|level| !known.contains(&level.as_str())) {
        unmodelled.add(format!("conditions.{name}.{level}"));
    }
    levels
}

fn read_flows(set: &Properties<'_>, unmodelled: &mut Unmodelled) -> Vec<String> {
    let Some(flows) = section(set, "authenticationFlows", &["transferMethods"], unmodelled) else {
        return Vec::new();
    };
    let words = flows.words("transferMethods", "conditions.authenticationFlows", unmodelled);
    let mut read = Vec::new();
    if !words.is_empty() && words.iter().all(|word| word.eq_ignore_ascii_case("none")) {
        // Whether `none` alone means no flow or any flow is not documented.
        unmodelled.add("conditions.authenticationFlows.transferMethods.none");
    }
    for word in words {
        match word.to_ascii_lowercase().as_str() {
            "none" => {}
            "devicecodeflow" => read.push("deviceCodeFlow".to_owned()),
            "authenticationtransfer" => read.push("authenticationTransfer".to_owned()),
            _ => {
                unmodelled.add(format!("conditions.authenticationFlows.transferMethods.{word}"));
                read.push(word);
            }
        }
    }
    read
}

/// `clientApplications`: service principals, a filter of them, or agents.
fn read_client_applications(
    set: &Properties<'_>,
    unmodelled: &mut Unmodelled,
) -> Option<ClientApplications> {
    let path = "conditions.clientApplications";
    let known = ["includeServicePrincipals", "excludeServicePrincipals", "servicePrincipalFilter"];
    let before = unmodelled.len();
    let section = section(set, "clientApplications", &known, unmodelled)?;
    let agents = unmodelled.len() > before;
    let filter = read_filter(
        &section,
        "servicePrincipalFilter",
        &join(path, "servicePrincipalFilter"),
        unmodelled,
    );
    Some(ClientApplications {
        include: section.words("includeServicePrincipals", path, unmodelled),
        exclude: section.words("excludeServicePrincipals", path, unmodelled),
        filter,
        agents,
    })
}

/// A list of ids in which some words have a meaning of their own; those get Graph's spelling.
fn identifiers(
    properties: &Properties<'_>,
    name: &str,
    path: &str,
    unmodelled: &mut Unmodelled,
) -> Vec<String> {
    let words = properties.words(name, path, unmodelled);
    words
        .into_iter()
        .map(|word| {
            KEYWORDS
                .iter()
                .find(|keyword| keyword.eq_ignore_ascii_case(&word))
                .map_or(word, |keyword| (*keyword).to_owned())
        })
        .collect()
}
