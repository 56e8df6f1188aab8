//! A CSV row as the object Graph would send.

use records::{CsvRow, Header};
use serde_json::{Map, Value};

use super::object::flag_word;

/// Column names of the portal and of older exports, letters and digits only, beside the Graph
/// property they stand for. Other columns keep their name.
const COLUMNS: [(&str, &str); 48] = [
    ("objectid", "id"),
    ("userobjectid", "id"),
    ("mobile", "mobilePhone"),
    ("telephonenumber", "businessPhones"),
    ("physicaldeliveryofficename", "officeLocation"),
    ("directorysynced", "onPremisesSyncEnabled"),
    ("dirsyncenabled", "onPremisesSyncEnabled"),
    ("invitationstate", "externalUserState"),
    ("userprincipalname", "userPrincipalName"),
    ("userdisplayname", "userDisplayName"),
    ("displayname", "displayName"),
    ("multifactorauthenticationcapable", "isMfaCapable"),
    ("mfacapable", "isMfaCapable"),
    ("multifactorauthenticationregistered", "isMfaRegistered"),
    ("mfaregistered", "isMfaRegistered"),
    ("passwordlesscapable", "isPasswordlessCapable"),
    ("ssprregistered", "isSsprRegistered"),
    ("selfservicepasswordresetregistered", "isSsprRegistered"),
    ("methodsregistered", "methodsRegistered"),
    ("registeredmethods", "methodsRegistered"),
    ("defaultmfamethod", "defaultMfaMethod"),
    ("defaultmultifactorauthenticationmethod", "defaultMfaMethod"),
    ("defaultmethod", "defaultMethod"),
    ("lastupdated", "lastUpdatedDateTime"),
    ("lastupdatedtime", "lastUpdatedDateTime"),
    ("lastupdatedutc", "lastUpdatedDateTime"),
    ("lastupdateddatetimeutc", "lastUpdatedDateTime"),
    ("usertype", "userType"),
    ("emailaddress", "primarySmtpAddress"),
    ("groupobjectid", "groupId"),
    ("groupname", "groupDisplayName"),
    ("dateutc", "dateUtc"),
    ("service", "loggedByService"),
    ("activity", "activity"),
    ("activitydatetimeutc", "activityDateTime"),
    ("timegeneratedutc", "TimeGenerated"),
    ("resultreason", "resultReason"),
    ("actortype", "actorType"),
    ("actordisplayname", "actorDisplayName"),
    ("actorobjectid", "actorObjectId"),
    ("actoruserprincipalname", "actorUserPrincipalName"),
    ("ipaddress", "ipAddress"),
    ("target1type", "target1Type"),
    ("accountenabled", "accountEnabled"),
    ("createddatetime", "createdDateTime"),
    ("creationtype", "creationType"),
    ("mobilephone", "mobilePhone"),
    ("officelocation", "officeLocation"),
];

/// Columns whose short names mean this only in the users list of the Microsoft 365 admin center.
const ADMIN_CENTER_USER_COLUMNS: [(&str, &str); 4] = [
    ("title", "jobTitle"),
    ("office", "officeLocation"),
    ("phonenumber", "businessPhones"),
    ("whencreated", "createdDateTime"),
];

/// The column of that list which says the opposite of `accountEnabled`.
const BLOCKED: &str = "blockcredential";

/// Columns whose short names mean this only in the registration report.
const REGISTRATION_COLUMNS: [(&str, &str); 6] = [
    ("username", "userPrincipalName"),
    ("upn", "userPrincipalName"),
    ("userid", "id"),
    ("user", "userDisplayName"),
    ("name", "userDisplayName"),
    ("admin", "isAdmin"),
];

/// The columns of the header last seen, under the names of Graph.
#[derive(Debug, Default)]
pub(super) struct Columns {
    seen: Option<(u64, Header)>,
    names: Vec<String>,
}

impl Columns {
    /// The row as an object. An empty cell is `null`; of two columns of one name the one with a
    /// value counts.
    pub(super) fn object(&mut self, row: &CsvRow<'_>) -> Map<String, Value> {
        let same = self
            .seen
            .as_ref()
            .is_some_and(|(id, header)| *id == row.header_id && header == row.header);
        if !same {
            self.names = names(row.header);
            self.seen = Some((row.header_id, row.header.clone()));
        }
        let mut map = Map::new();
        for (position, name) in self.names.iter().enumerate() {
            let Some(cell) = row.cell(position) else { continue };
            let cell = cell.trim();
            if cell.is_empty() {
                map.entry(name.clone()).or_insert(Value::Null);
            } else if map.get(name).is_none_or(Value::is_null) {
                map.insert(name.clone(), Value::String(cell.to_owned()));
            }
        }
        if let Some(Value::String(blocked)) = map.get(BLOCKED)
            && let Some(blocked) = flag_word(blocked)
        {
            map.entry("accountEnabled").or_insert(Value::Bool(!blocked));
        }
        map
    }
}

fn names(header: &Header) -> Vec<String> {
    let plain: Vec<String> = header.names().iter().map(|name| letters(name)).collect();
    // The Exchange admin center calls `RecipientTypeDetails` "Recipient type"; in exports of
    // Exchange PowerShell `RecipientType` is another, coarser property.
    let admin_center = plain.iter().any(|name| name == "emailaddress");
    let find = |table: &[(&str, &'static str)], plain: &str| {
        table.iter().find(|(column, _)| *column == plain).map(|(_, property)| *property)
    };
    let admin_center_users = plain.iter().any(|name| name == BLOCKED);
    let registration =
        plain.iter().any(|name| find(&COLUMNS, name).is_some_and(|it| it.starts_with("isMfa")));
    header
        .names()
        .iter()
        .zip(plain)
        .map(|(name, plain)| {
            if admin_center && plain == "recipienttype" {
                return "recipientTypeDetails".to_owned();
            }
            if plain == BLOCKED {
                return BLOCKED.to_owned();
            }
            find(&COLUMNS, &plain)
                .or_else(|| find(&ADMIN_CENTER_USER_COLUMNS, &plain).filter(|_| admin_center_users))
                .or_else(|| find(&REGISTRATION_COLUMNS, &plain).filter(|_| registration))
                .unwrap_or_else(|| without_suffix(name))
                .to_owned()
        })
        .collect()
}

/// Log Analytics splits columns of two types into `…_dynamic` and `…_string` and writes the zone
/// into the name.
fn without_suffix(name: &str) -> &str {
    let name = name.trim().trim_start_matches('\u{feff}');
    let name = name.strip_suffix("[UTC]").map_or(name, str::trim_end);
    name.strip_suffix("_dynamic").or_else(|| name.strip_suffix("_string")).unwrap_or(name)
}

fn letters(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
