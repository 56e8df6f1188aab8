//! The reader against a slow evaluator that shares no code with it: generated logs in every shape,
//! with copies spread over the files that each lack something, in any order.
//!
//! The evaluator knows the shape of each record, because the generator says so, and looks fields
//! up one by one in `serde_json::Value`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{Content, Dice, File, measure};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Graph,
    Envelope,
    LowerEnvelope,
    Table,
    TableCsv,
    Portal,
}

const SHAPES: [Shape; 6] = [
    Shape::Graph,
    Shape::Envelope,
    Shape::LowerEnvelope,
    Shape::Table,
    Shape::TableCsv,
    Shape::Portal,
];

/// Flat facts of one sign-in; absent ones are missing.
type Facts = BTreeMap<&'static str, String>;

const CLIENTS: [&str; 9] = [
    "Browser",
    "Mobile Apps and Desktop clients",
    "IMAP4",
    "imap4",
    "Authenticated SMTP",
    "Other clients; IMAP",
    "Unknown",
    "Exchange ActiveSync",
    "Gopher",
];
const CODES: [&str; 6] = ["0", "0", "0", "50126", "50074", "53003"];
const PROTOCOLS: [&str; 4] = ["none", "none", "ropc", "oAuth2"];

fn some_facts(dice: &mut Dice, number: u64, newest: Timestamp, days: u64) -> Facts {
    let user = dice.roll(7);
    let device = dice.roll(5);
    let back = i64::try_from(dice.roll(days * 86_400)).expect("seconds");
    let time = newest - SignedDuration::from_secs(back);
    let mut facts = Facts::from([
        ("time", time.to_string()),
        ("user_id", format!("user-{user}")),
        ("upn", format!("person{user}@ne.example")),
        ("app", (*dice.pick(&["ERP", "Office 365 Exchange Online", "CRM"])).to_owned()),
        ("client", (*dice.pick(&CLIENTS)).to_owned()),
        ("protocol", (*dice.pick(&PROTOCOLS)).to_owned()),
        ("code", (*dice.pick(&CODES)).to_owned()),
        ("ip", format!("192.0.2.{}", dice.roll(9))),
        ("system", (*dice.pick(&["Windows 10", "Ios"])).to_owned()),
        ("browser", (*dice.pick(&["Edge 120", "Mobile Safari"])).to_owned()),
    ]);
    if dice.roll(6) == 0 {
        facts.insert("agent", "BAV2ROPC".to_owned());
    }
    if dice.roll(8) > 0 {
        facts.insert("id", format!("record-{number}"));
    }
    if device > 2 {
        facts.insert("device_id", format!("device-{device}"));
        facts.insert("device_name", format!("NE-PC-{device}"));
    }
    facts
}

/// What a record in this shape, of this luck, shows.
fn shown(dice: &mut Dice, shape: Shape, facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    if shape == Shape::Portal {
        facts.remove("device_name");
    }
    for name in ["upn", "app", "client", "protocol", "ip", "system", "browser", "agent", "code"] {
        if dice.roll(12) == 0 {
            facts.remove(name);
        }
    }
    for name in ["user_id", "device_id", "device_name"] {
        if dice.roll(5) == 0 && (name != "user_id" || facts.contains_key("upn")) {
            facts.remove(name);
        }
    }
    facts
}

fn object(pairs: &[(&str, Option<Value>)]) -> Value {
    let told = pairs.iter().filter_map(|(key, value)| Some((*key, value.clone()?)));
    told.map(|(key, value)| (key.to_owned(), value)).collect::<serde_json::Map<_, _>>().into()
}

/// The record in Graph's shape, which `properties` of the envelope share.
fn graph(facts: &Facts) -> Value {
    let text = |name: &str| facts.get(name).map(|text| json!(text));
    let code = facts.get("code").map(|code| json!(code.parse::<u32>().expect("a code")));
    object(&[
        ("id", text("id")),
        ("createdDateTime", text("time")),
        ("userId", text("user_id")),
        ("userPrincipalName", text("upn")),
        ("appDisplayName", text("app")),
        ("clientAppUsed", text("client")),
        ("authenticationProtocol", text("protocol")),
        ("userAgent", text("agent")),
        ("ipAddress", text("ip")),
        ("status", Some(object(&[("errorCode", code), ("failureReason", Some(Value::Null))]))),
        (
            "deviceDetail",
            Some(object(&[
                ("deviceId", Some(text("device_id").unwrap_or_else(|| json!("")))),
                ("displayName", text("device_name")),
                ("operatingSystem", text("system")),
                ("browser", text("browser")),
            ])),
        ),
    ])
}

fn envelope(facts: &Facts, lower: bool) -> Value {
    let later = facts["time"].parse::<Timestamp>().expect("a time") + SignedDuration::from_mins(7);
    let mut properties = graph(facts);
    let mut outer = object(&[
        ("time", Some(json!(later.to_string()))),
        ("resourceId", Some(json!("/tenants/t/providers/Microsoft.aadiam"))),
        ("category", Some(json!("SignInLogs"))),
        ("resultType", facts.get("code").map(|code| json!(code))),
        ("callerIpAddress", facts.get("ip").map(|ip| json!(ip))),
    ]);
    if lower {
        properties = json!(properties.to_string());
        let map = outer.as_object_mut().expect("an object");
        *map = map.iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect();
    }
    outer["properties"] = properties;
    outer
}

const TABLE: [&str; 11] = [
    "Id",
    "CreatedDateTime [UTC]",
    "UserId",
    "UserPrincipalName",
    "AppDisplayName",
    "ClientAppUsed",
    "AuthenticationProtocol",
    "UserAgent",
    "IPAddress",
    "Status",
    "DeviceDetail_dynamic",
];
const GRAPH_KEYS: [&str; 11] = [
    "id",
    "createdDateTime",
    "userId",
    "userPrincipalName",
    "appDisplayName",
    "clientAppUsed",
    "authenticationProtocol",
    "userAgent",
    "ipAddress",
    "status",
    "deviceDetail",
];
const PORTAL: [(&str, &str); 14] = [
    ("Date (UTC)", "time"),
    ("Request ID", "id"),
    ("User agent", "agent"),
    ("User ID", "user_id"),
    ("Username", "upn"),
    ("Incoming token type", ""),
    ("Application", "app"),
    ("IP address", "ip"),
    ("Sign-in error code", "code"),
    ("Client app", "client"),
    ("Device ID", "device_id"),
    ("Browser", "browser"),
    ("Operating  System", "system"),
    ("Authentication Protocol", "protocol"),
];

fn table(facts: &Facts) -> Value {
    let graph = graph(facts);
    let mut table = json!({"Type": "SigninLogs", "ResultType": facts.get("code")});
    for (name, key) in TABLE.iter().zip(GRAPH_KEYS) {
        let name = name.trim_end_matches(" [UTC]").trim_end_matches("_dynamic");
        table[name] = graph[key].clone();
    }
    table["DeviceDetail"] = json!(graph["deviceDetail"].to_string());
    table
}

fn table_row(facts: &Facts) -> Vec<String> {
    let graph = graph(facts);
    let cell = |key: &&str| match &graph[*key] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    GRAPH_KEYS.iter().map(cell).collect()
}

fn portal_row(facts: &Facts) -> Vec<String> {
    PORTAL.iter().map(|(_, name)| facts.get(name).cloned().unwrap_or_default()).collect()
}

/// A file of records of one shape.
fn write(shape: Shape, name: usize, records: &[Facts]) -> File {
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let texts = |write: &dyn Fn(&Facts) -> Value| {
        Content::Json(records.iter().map(|facts| write(facts).to_string()).collect())
    };
    let content = match shape {
        Shape::Graph => texts(&graph),
        Shape::Envelope => texts(&|facts| envelope(facts, false)),
        Shape::LowerEnvelope => texts(&|facts| envelope(facts, true)),
        Shape::Table => texts(&table),
        Shape::TableCsv => Content::Csv(owned(&TABLE), records.iter().map(table_row).collect()),
        Shape::Portal => {
            let names: Vec<&str> = PORTAL.iter().map(|(column, _)| *column).collect();
            Content::Csv(owned(&names), records.iter().map(portal_row).collect())
        }
    };
    File { name: format!("file-{name}"), content }
}

/// The audit in a form two evaluators can be compared in.
#[derive(Debug, Default, PartialEq, Eq)]
struct Audit {
    read: u64,
    duplicates: u64,
    older: u64,
    sign_ins: u64,
    successes: u64,
    failures: u64,
    unknown: u64,
    days_covered: u32,
    protocol_shown: bool,
    uses: BTreeSet<String>,
}

fn audit_of_reader(files: &[File]) -> Audit {
    let measurement = measure(files, 30).expect("sign-ins");
    let uses = measurement.legacy.iter().filter(|used| used.succeeded > 0).map(|used| {
        let account = &used.account;
        format!(
            "{:?}",
            (
                (&account.user_id, &account.user_principal_name, &used.client_app, &used.protocol),
                (&used.app, &used.device, used.succeeded, used.failed),
                (used.first_seen, used.last_seen, used.ip_addresses),
            )
        )
    });
    Audit {
        read: measurement.coverage.records_read,
        duplicates: measurement.coverage.duplicates,
        older: measurement.coverage.older_than_window,
        sign_ins: measurement.totals.sign_ins,
        successes: measurement.totals.legacy_successes,
        failures: measurement.totals.legacy_failures,
        unknown: measurement.totals.legacy_unknown,
        days_covered: measurement.window.days_covered,
        protocol_shown: measurement.coverage.authentication_protocol,
        uses: uses.collect(),
    }
}

fn is_ropc(facts: &Facts) -> bool {
    facts.get("protocol").is_some_and(|name| name == "ropc")
        || facts.get("agent").is_some_and(|agent| agent == "BAV2ROPC")
}

fn is_legacy(facts: &Facts) -> bool {
    let modern = ["browser", "mobile apps and desktop clients", "unknown", ""];
    let client = facts.get("client").map(|name| name.to_lowercase()).unwrap_or_default();
    !modern.contains(&client.as_str()) || is_ropc(facts)
}

/// One use by the slow way.
#[derive(Debug, Default)]
struct Slow {
    rows: Vec<Facts>,
}

fn without_copies(records: &[Facts]) -> Vec<Facts> {
    let mut distinct: Vec<Facts> = Vec::new();
    for record in records {
        let twin = record
            .get("id")
            .and_then(|id| distinct.iter_mut().find(|other| other.get("id") == Some(id)));
        match twin {
            Some(twin) => {
                for (name, text) in record {
                    // Nothing but `Unknown` client apps and lost fields tells copies apart here.
                    twin.entry(name).or_insert_with(|| text.clone());
                }
            }
            None => distinct.push(record.clone()),
        }
    }
    distinct
}

fn slow_audit(records: &[Facts]) -> Audit {
    let distinct = without_copies(records);
    let mut audit = Audit {
        read: records.len() as u64,
        duplicates: (records.len() - distinct.len()) as u64,
        protocol_shown: true,
        ..Audit::default()
    };
    let time = |facts: &Facts| facts["time"].parse::<Timestamp>().expect("a time");
    let newest = distinct.iter().map(time).max().expect("a record");
    let from = newest - SignedDuration::from_hours(30 * 24);
    let (recent, old): (Vec<_>, Vec<_>) = distinct.into_iter().partition(|f| time(f) >= from);
    audit.older = old.len() as u64;
    audit.sign_ins = recent.len() as u64;
    audit.protocol_shown = recent.iter().all(|facts| facts.contains_key("protocol"));
    let dates: BTreeSet<String> = recent.iter().map(|f| f["time"][..10].to_owned()).collect();
    audit.days_covered = u32::try_from(dates.len()).expect("few").min(30);
    // Names the log tells somewhere.
    let mut id_of_name = BTreeMap::new();
    let mut name_of_id = BTreeMap::new();
    let mut device_names = BTreeMap::new();
    for facts in &recent {
        if let (Some(id), Some(name)) = (facts.get("user_id"), facts.get("upn")) {
            id_of_name.insert(name.clone(), id.clone());
            name_of_id.insert(id.clone(), name.clone());
        }
        if let (Some(id), Some(name)) = (facts.get("device_id"), facts.get("device_name")) {
            device_names.insert(id.clone(), name.clone());
        }
    }
    let mut uses: BTreeMap<_, Slow> = BTreeMap::new();
    for facts in recent.iter().filter(|facts| is_legacy(facts)) {
        match facts.get("code").map(String::as_str) {
            Some("0") => audit.successes += 1,
            Some(_) => audit.failures += 1,
            None => audit.unknown += 1,
        }
        let name = facts.get("upn");
        let id = facts.get("user_id").or_else(|| id_of_name.get(name?));
        let client = facts.get("client").map(|name| name.to_lowercase());
        let system = match (facts.get("system"), facts.get("browser")) {
            (Some(system), Some(browser)) => Some(format!("{system}, {browser}")),
            (one, other) => one.or(other).cloned(),
        };
        let device = (facts.get("device_id").cloned(), facts.get("device_name").cloned(), system);
        let device = match device {
            (Some(id), _, _) => (0, Some(id)),
            (None, Some(name), _) => (1, Some(name)),
            (None, None, system) => (2, system),
        };
        let user = (id.cloned(), id.is_none().then(|| name.cloned()));
        uses.entry((user, client, device)).or_default().rows.push(facts.clone());
    }
    for (((id, name), _, device), used) in uses {
        let name = name.flatten().or_else(|| name_of_id.get(id.as_ref()?).cloned());
        let device = match device {
            (0, Some(id)) => Some(device_names.get(&id).cloned().unwrap_or(id)),
            (_, device) => device,
        };
        audit.uses.extend(slow_line(&id, &name, &device, &used.rows));
    }
    audit
}

/// One use in the form two evaluators can be compared in; `None` without a success.
fn slow_line(
    id: &Option<String>,
    name: &Option<String>,
    device: &Option<String>,
    rows: &[Facts],
) -> Option<String> {
    let good: Vec<&Facts> =
        rows.iter().filter(|facts| facts.get("code").is_some_and(|code| code == "0")).collect();
    if good.is_empty() {
        return None;
    }
    let failed = rows.iter().filter(|f| f.get("code").is_some_and(|c| c != "0")).count();
    let client = rows.iter().find_map(|facts| facts.get("client")).map(|client| {
        if client.eq_ignore_ascii_case("imap4") { "IMAP4".to_owned() } else { client.clone() }
    });
    let rank = |name: &&String| ["ropc", "oAuth2", "none"].iter().position(|n| n == name);
    let best =
        |rows: &[&Facts]| rows.iter().filter_map(|f| f.get("protocol")).min_by_key(rank).cloned();
    let protocol = best(&good).or_else(|| best(&rows.iter().collect::<Vec<_>>()));
    let mut apps: BTreeMap<String, usize> = BTreeMap::new();
    for app in good.iter().filter_map(|facts| facts.get("app")) {
        *apps.entry(app.clone()).or_default() += 1;
    }
    let most = apps.values().max().copied().unwrap_or_default();
    let app = apps.into_iter().find(|(_, count)| *count == most).map(|(app, _)| app);
    let time = |facts: &&Facts| facts["time"].parse::<Timestamp>().expect("a time");
    let times: BTreeSet<Timestamp> = good.iter().map(time).collect();
    let addresses: BTreeSet<_> = good.iter().filter_map(|facts| facts.get("ip")).collect();
    Some(format!(
        "{:?}",
        (
            (id, name, &client, &protocol),
            (&app, device, good.len() as u64, failed as u64),
            (times.first(), times.last(), addresses.len() as u64),
        )
    ))
}

#[test]
fn generated_logs_agree_with_the_slow_way() {
    let newest: Timestamp = "2026-03-31T12:00:00Z".parse().expect("a time");
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let days = *dice.pick(&[3, 28, 50]);
        let copying = *dice.pick(&[0, 2, 2]);
        let mut files: Vec<(Shape, Vec<Facts>)> = Vec::new();
        for _ in 0..5 {
            files.push((*dice.pick(&SHAPES), Vec::new()));
        }
        for number in 0..120 {
            let facts = some_facts(&mut dice, number, newest, days);
            let copies = 1 + if facts.contains_key("id") { dice.roll(copying + 1) } else { 0 };
            for _ in 0..copies {
                let at = usize::try_from(dice.roll(5)).expect("an index");
                let record = shown(&mut dice, files[at].0, &facts);
                files[at].1.push(record);
            }
        }
        for (_, records) in &mut files {
            dice.shuffle(records);
        }
        files.retain(|(_, records)| !records.is_empty());
        let expected = slow_audit(&files.iter().flat_map(|(_, f)| f.clone()).collect::<Vec<_>>());
        let mut written: Vec<File> =
            files.iter().enumerate().map(|(at, (shape, list))| write(*shape, at, list)).collect();
        for _ in 0..2 {
            dice.shuffle(&mut written);
            let read = audit_of_reader(&written);
            assert_eq!(read, expected, "seed {seed}");
        }
    }
}
