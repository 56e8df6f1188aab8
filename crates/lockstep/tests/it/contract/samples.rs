//! The samples that others made, read once more in the plainest way: every record is looked at as
//! a flat set of names, and the readings of the contract are applied one after the other. Skipped
//! where the samples are not there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Deserializer, Value};

use super::folder::audit_folder;

fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    let found = [root, root.parent()?]
        .map(|root| root.join("../shared/samples/sign-ins"))
        .into_iter()
        .find(|folder| folder.is_dir());
    if found.is_none() {
        println!("skipped: no samples beside the workspace");
    }
    found
}

/// Trailing commas out; no text of the samples holds one before a bracket.
fn repaired(text: &str) -> String {
    let mut kept = String::new();
    for sign in text.chars() {
        if matches!(sign, '}' | ']') && kept.trim_end().ends_with(',') {
            kept.truncate(kept.trim_end().len() - 1);
        }
        kept.push(sign);
    }
    kept
}

/// Every record of a file.
fn records(path: &Path) -> Vec<Value> {
    let text = repaired(&std::fs::read_to_string(path).unwrap());
    let mut found = Vec::new();
    for value in Deserializer::from_str(&text).into_iter::<Value>() {
        match value.unwrap() {
            Value::Array(list) => found.extend(list),
            Value::Object(page) if page.get("value").is_some_and(Value::is_array) => {
                found.extend(page["value"].as_array().unwrap().clone());
            }
            record => found.push(record),
        }
    }
    found
}

/// What the readings ask of a record.
#[derive(Debug, Clone, Default)]
struct Plain {
    id: String,
    time: Option<Timestamp>,
    user: String,
    name: String,
    workload: bool,
    client_app: String,
    protocol: String,
    agent: String,
    code: Option<i64>,
    device: String,
    interactive: Option<bool>,
}

/// A value by any of its names, in any case, own properties before the envelope's; text that holds
/// JSON is opened.
fn find(record: &Value, names: &[&str]) -> Value {
    let inner = find_in(record, &["properties"]);
    for name in names {
        for place in [&inner, record] {
            let found = find_in(place, &[name]);
            let empty = matches!(&found, Value::Null) || found == "";
            if !empty {
                return found;
            }
        }
    }
    Value::Null
}

fn find_in(place: &Value, names: &[&str]) -> Value {
    let Some(map) = place.as_object() else { return Value::Null };
    let found = map.iter().find(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name)));
    match found {
        Some((_, Value::String(text))) if text.starts_with('{') => {
            serde_json::from_str(text).unwrap_or(Value::Null)
        }
        Some((_, value)) => value.clone(),
        None => Value::Null,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn plain(record: &Value) -> Plain {
    let status = find(record, &["status"]);
    let device = find(record, &["deviceDetail"]);
    let of_device = |name: &str| text(&find_in(&device, &[name]));
    let result = text(&find(record, &["resultType"]));
    let signature = text(&find(record, &["resultSignature"]));
    let code =
        find_in(&status, &["errorCode"]).as_i64().or_else(|| result.parse().ok()).or_else(|| {
            [result.as_str(), signature.as_str()].into_iter().find_map(|word| {
                match word.to_lowercase().as_str() {
                    "success" => Some(0),
                    "failure" => Some(-1),
                    _ => None,
                }
            })
        });
    let category = text(&find(record, &["category"])).to_lowercase();
    let types = text(&find(record, &["signInEventTypes"])).to_lowercase();
    let interactive =
        if category == "noninteractiveusersigninlogs" || types.contains("noninteractiveuser") {
            Some(false)
        } else if category == "signinlogs" || types.contains("interactiveuser") {
            Some(true)
        } else {
            find(record, &["isInteractive"]).as_bool()
        };
    let user = text(&find(record, &["userId"]));
    let name = text(&find(record, &["userPrincipalName"]));
    let principal = text(&find(record, &["servicePrincipalId", "servicePrincipalName"]));
    let system = [of_device("operatingSystem"), of_device("browser")];
    let devices = [
        of_device("deviceId"),
        of_device("displayName"),
        system.iter().filter(|it| !it.is_empty()).cloned().collect::<Vec<_>>().join(", "),
    ];
    let times = ["createdDateTime", "time", "TimeGenerated"];
    Plain {
        id: text(&find(record, &["id"])),
        time: times.iter().find_map(|name| {
            let text = text(&find(record, &[name]));
            let zoned = text.replace(' ', "T");
            zoned.parse().ok().or_else(|| format!("{zoned}Z").parse().ok())
        }),
        workload: category.contains("principal")
            || category.contains("managedidentity")
            || types.contains("serviceprincipal")
            || types.contains("managedidentity")
            || (user.is_empty() && name.is_empty() && !principal.is_empty()),
        user: if user.is_empty() { name.clone() } else { user }.to_lowercase(),
        name,
        client_app: text(&find(record, &["clientAppUsed"])).to_lowercase(),
        protocol: text(&find(record, &["authenticationProtocol"]))
            .to_lowercase()
            .replace("rpoc", "ropc"),
        agent: text(&find(record, &["userAgent"])).to_lowercase(),
        code,
        device: devices.into_iter().find(|it| !it.is_empty()).unwrap_or_default(),
        interactive,
    }
}

impl Plain {
    fn is_legacy(&self) -> bool {
        let modern = ["", "unknown", "browser", "mobile apps and desktop clients"];
        !modern.contains(&self.client_app.as_str())
            || self.protocol == "ropc"
            || self.agent.contains("bav2ropc")
            || self.agent.contains("cbainprod")
    }
}

/// Figures of the audit, the plain way.
fn figures(records: &[Value], days: i64) -> BTreeMap<&'static str, String> {
    let plain: Vec<Plain> = records.iter().map(plain).collect();
    let read = plain.iter().filter(|it| it.time.is_some()).count();
    let newest = plain.iter().filter_map(|it| it.time).max().unwrap();
    let from = newest - SignedDuration::from_hours(24 * days);
    let mut distinct: Vec<Plain> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for record in plain.into_iter().filter(|it| it.time.is_some()) {
        match places.get(&record.id).filter(|_| !record.id.is_empty()) {
            Some(place) if record.code == Some(0) => distinct[*place].code = Some(0),
            Some(_) => {}
            None => {
                places.insert(record.id.clone(), distinct.len());
                distinct.push(record);
            }
        }
    }
    let duplicates = read - distinct.len();
    let window: Vec<&Plain> = distinct.iter().filter(|it| it.time.unwrap() >= from).collect();
    let dates: BTreeSet<String> =
        window.iter().map(|it| it.time.unwrap().strftime("%F").to_string()).collect();
    let users: Vec<&Plain> = window.into_iter().filter(|it| !it.workload).collect();
    let legacy: Vec<&&Plain> = users.iter().filter(|it| it.is_legacy()).collect();
    let won = |it: &&&&Plain| it.code == Some(0);
    let keys: BTreeSet<String> = legacy
        .iter()
        .filter(won)
        .map(|it| format!("{} {} {}", it.user, it.client_app, it.device.to_lowercase()))
        .collect();
    let kind = |wanted: bool| {
        let all_told = users.iter().all(|it| it.interactive.is_some());
        match users.iter().any(|it| it.interactive == Some(wanted)) {
            false if !all_told => "null".to_owned(),
            found => found.to_string(),
        }
    };
    BTreeMap::from([
        ("/coverage/records_read", read.to_string()),
        ("/coverage/records_unreadable", (records.len() - read).to_string()),
        ("/coverage/duplicates", duplicates.to_string()),
        ("/coverage/interactive", kind(true)),
        ("/coverage/non_interactive", kind(false)),
        (
            "/coverage/authentication_protocol",
            (!users.is_empty() && users.iter().all(|it| !it.protocol.is_empty())).to_string(),
        ),
        ("/window/days_covered", dates.len().min(usize::try_from(days).unwrap()).to_string()),
        ("/window/to", format!("\"{newest}\"")),
        ("/window/from", format!("\"{from}\"")),
        ("/totals/sign_ins", users.len().to_string()),
        ("/totals/legacy_successes", legacy.iter().filter(won).count().to_string()),
        (
            "/totals/legacy_failures",
            legacy.iter().filter(|it| it.code.is_some_and(|code| code != 0)).count().to_string(),
        ),
        ("/totals/dependencies", keys.len().to_string()),
        (
            "/totals/users",
            legacy.iter().filter(won).map(|it| &it.user).collect::<BTreeSet<_>>().len().to_string(),
        ),
    ])
}

fn compare(folder: &Path, records: &[Value], days: i64) {
    let audited = audit_folder(folder, &["--days", &days.to_string()]);
    assert!(!audited.document.is_null(), "{folder:?}: {}", audited.stderr);
    let mut found = figures(records, days);
    for (place, figure) in &mut found {
        let told = audited.document.pointer(place).unwrap().to_string();
        assert_eq!(&told, figure, "{place} of {folder:?} in {days} days");
    }
}

#[test]
fn each_sample_and_all_of_them_tell_what_a_plain_reading_tells() {
    let Some(samples) = samples() else { return };
    let whole = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    let mut files = 0;
    for entry in std::fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !path.is_file() || name == "legacy_client_values.json" {
            continue;
        }
        let alone = tempfile::tempdir().unwrap();
        std::fs::copy(&path, alone.path().join(&name)).unwrap();
        std::fs::copy(&path, whole.path().join(&name)).unwrap();
        let records = records(&path);
        for days in [1, 30, 3650] {
            compare(alone.path(), &records, days);
        }
        all.extend(records);
        files += 1;
    }
    for days in [30, 3650] {
        compare(whole.path(), &all, days);
    }
    assert!(files >= 9, "{files} files");
}
