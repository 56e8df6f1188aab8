//! Shapes and their quirks, field by field, as far as a measurement shows them.

use rollout::Measurement;
use serde_json::{Value, json};

use crate::support::{File, activity, csv, json as file, measured};

/// What one legacy sign-in showed, in one line.
fn line(measurement: &Measurement) -> String {
    let [used] = &measurement.legacy[..] else { panic!("one use in {measurement:#?}") };
    let [person] = &activity(measurement).people[..] else {
        panic!("one person in {measurement:#?}")
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    [
        text(&used.account.user_id),
        text(&used.account.user_principal_name),
        text(&used.account.display_name),
        text(&used.client_app),
        text(&used.protocol),
        text(&used.app),
        text(&used.device),
        text(&used.trust_type),
        format!("{}+{}", used.succeeded, used.failed),
        used.first_seen.map_or_else(|| "-".to_owned(), |time| time.to_string()),
        format!("{} address", used.ip_addresses),
        used.user_agents.iter().next().cloned().unwrap_or_else(|| "-".to_owned()),
        person.countries.iter().next().map_or_else(|| "-".to_owned(), str::to_owned),
        format!("guest {:?}", person.guest),
        activity(measurement).by_app.keys().cloned().collect::<Vec<_>>().join("+"),
    ]
    .join(" | ")
}

const WHOLE: &str = "u1 | alex@ne.example | Alex | IMAP4 | ropc | Exchange | NE-PC-1 | Azure AD joined \
     | 1+0 | 2026-03-02T08:00:00.1234567Z | 1 address | BAV2ROPC | GB | guest Some(false) | app+res";

pub(crate) fn graph() -> Value {
    json!({
        "id": "r1",
        "createdDateTime": "2026-03-02T08:00:00.1234567Z",
        "userId": "u1",
        "userPrincipalName": "alex@ne.example",
        "userDisplayName": "Alex",
        "userType": "member",
        "appId": "app",
        "appDisplayName": "Exchange",
        "resourceId": "res",
        "resourceDisplayName": "Exchange",
        "clientAppUsed": "IMAP4",
        "authenticationProtocol": "ropc",
        "userAgent": "BAV2ROPC",
        "ipAddress": "192.0.2.1",
        "status": {"errorCode": 0, "failureReason": "Other.", "additionalDetails": null},
        "riskLevelDuringsignIn": "none",
        "autonomousSystemNumber": 1,
        "deviceDetail": {
            "deviceId": "d1", "displayName": "NE-PC-1", "operatingSystem": "Windows10",
            "browser": "", "isCompliant": null, "isManaged": null, "trustType": "Azure AD joined",
        },
        "location": {"city": "Leeds", "state": "", "countryOrRegion": "GB", "geoCoordinates": {"latitude": 0.0}},
    })
}

/// The Graph record with PascalCase names, as a table has it.
fn table() -> Value {
    table_of(&graph())
}

/// The same of any Graph record.
pub(crate) fn table_of(graph: &Value) -> Value {
    let pascal = |key: &str| match key {
        "ipAddress" => "IPAddress".to_owned(),
        "resourceId" => "ResourceIdentity".to_owned(),
        "location" => "LocationDetails".to_owned(),
        "appliedConditionalAccessPolicies" => "ConditionalAccessPolicies".to_owned(),
        _ => key[..1].to_uppercase() + &key[1..],
    };
    let fields = graph.as_object().expect("an object").iter();
    let mut table: Value = fields
        .map(|(key, value)| (pascal(key), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (key, value) in [
        ("Type", json!("SigninLogs")),
        ("Category", json!("SignInLogs")),
        ("TimeGenerated", json!("2026-03-02T08:22:00Z")),
        ("ResultType", json!("0")),
        ("ResourceId", json!("/tenants/t/providers/Microsoft.aadiam")),
        ("Resource", json!("Microsoft.aadiam")),
        ("Location", json!("GB")),
        ("Level", json!("4")),
    ] {
        table[key] = value;
    }
    if table.get("ConditionalAccessPolicies").is_none() {
        table["ConditionalAccessPolicies"] = json!([]);
    }
    table
}

pub(crate) fn envelope(properties: Value) -> Value {
    json!({
        "time": "11/14/2025 1:48:53 AM",
        "resourceId": "/tenants/t/providers/Microsoft.aadiam",
        "operationName": "Sign-in activity",
        "category": "SignInLogs",
        "identity": "Somebody else",
        "resultType": "Success",
        "resultSignature": "None",
        "durationMs": "0",
        "Level": 4,
        "location": "US",
        "correlationId": "outer",
        "callerIpAddress": "198.51.100.9",
        "properties": properties,
    })
}

/// Objects and lists as text, as half of all exports have them.
pub(crate) fn in_strings(record: &Value) -> Value {
    let text = |value: &Value| match value {
        Value::Object(_) | Value::Array(_) => {
            json!(serde_json::to_string_pretty(value).expect("JSON").replace('\n', "\r\n"))
        }
        other => other.clone(),
    };
    let fields = record.as_object().expect("an object").iter();
    fields.map(|(key, value)| (key.clone(), text(value))).collect::<serde_json::Map<_, _>>().into()
}

/// A table's record as a row of the browser's CSV export.
pub(crate) fn csv_export(record: &Value) -> File {
    let rename = |name: &str| match name {
        "CreatedDateTime" | "TimeGenerated" => format!("{name} [UTC]"),
        "DeviceDetail" | "Status" => format!("{name}_dynamic"),
        _ => name.to_owned(),
    };
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields = record.as_object().expect("an object");
    let mut names: Vec<String> = fields.keys().map(|name| rename(name)).collect();
    let mut cells: Vec<String> = fields.values().map(cell).collect();
    for empty in ["DeviceDetail_string", "Status_string", "AppliedConditionalAccessPolicies"] {
        names.push(empty.to_owned());
        cells.push(String::new());
    }
    csv("query_data.csv", &names.join("|"), &[&cells.join("|")])
}

#[test]
fn one_sign_in_reads_the_same_in_every_shape() {
    let json_file = |record: &Value| file("x.json", std::slice::from_ref(record));
    let upper: Value = graph()
        .as_object()
        .expect("an object")
        .iter()
        .map(|(key, value)| (key.to_uppercase(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let lower: Value = envelope(graph())
        .as_object()
        .expect("an object")
        .iter()
        .map(|(key, value)| (key.to_lowercase(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let properties_last = envelope(graph()).to_string();
    for (shape, source) in [
        ("graph", json_file(&graph())),
        ("graph, parts in strings", json_file(&in_strings(&graph()))),
        ("graph, upper case", json_file(&upper)),
        ("envelope", file("x.json", &[properties_last])),
        ("envelope, lower case", json_file(&lower)),
        ("envelope, properties in a string", json_file(&in_strings(&envelope(graph())))),
        ("envelope, all in strings", json_file(&in_strings(&envelope(in_strings(&graph()))))),
        ("table", json_file(&table())),
        ("table, parts in strings", json_file(&in_strings(&table()))),
        ("table, CSV", csv_export(&table())),
        ("table, CSV, printed over lines", csv_export(&in_strings(&table()))),
    ] {
        assert_eq!(line(&measured(&[source])), WHOLE, "{shape}");
    }
}

#[test]
fn trailing_commas_are_survived() {
    let text = graph().to_string().replace("}}", ",},}");
    let broken = text.strip_suffix('}').expect("an object").to_owned() + ",}";
    assert!(serde_json::from_str::<Value>(&broken).is_err());
    assert_eq!(line(&measured(&[file("x.json", &[broken])])), WHOLE);
}

#[test]
fn v1_says_less_and_that_stays_unknown() {
    let mut record = graph();
    for key in ["authenticationProtocol", "userAgent", "userType"] {
        record.as_object_mut().expect("an object").remove(key);
    }
    let measurement = measured(&[file("x.json", &[record])]);
    let coverage = &measurement.coverage;
    assert!(!coverage.authentication_protocol && !coverage.user_agent);
    assert!(!coverage.authentication_requirement);
    assert_eq!((coverage.interactive, coverage.non_interactive), (None, None));
    let [used] = &measurement.legacy[..] else { panic!("one use") };
    assert_eq!((&used.protocol, used.user_agents.len()), (&None, 0));
    let person = &activity(&measurement).people[0];
    assert_eq!((person.guest, person.multifactor_successes), (None, 0));
    assert_eq!(person.single_factor_successes, 0);
}

#[test]
fn portal_downloads_in_three_languages() {
    let english = csv(
        "InteractiveSignIns_2026-03-02.csv",
        "Date (UTC)|Request ID|User agent|Correlation ID|User ID|User|Username|User type\
         |Incoming token type|Authentication Protocol|Application|Application ID |Resource\
         |Resource ID |IP address|Location|Status|Sign-in error code|Client app|Device ID|Browser\
         |Operating System|Join Type|Authentication requirement|Autonomous system  number\
         |Incoming token type|Conditional Access",
        &["2026-03-02T08:00:00Z|r1|BAV2ROPC|c|u1|Alex|alex@ne.example|Member\
           |None|ROPC|Exchange|app|Exchange\
           |res|192.0.2.1|Leeds, West Yorkshire, GB|Success||IMAP4|d1|\
           |Windows10|Azure AD joined|Single-factor authentication|1\
           |None|Not Applied"],
    );
    let portal = WHOLE.replace("NE-PC-1", "d1").replace(".1234567", "");
    let measurement = measured(&[english]);
    assert_eq!(line(&measurement), portal);
    assert_eq!(activity(&measurement).people[0].single_factor_successes, 1);
    assert_eq!(activity(&measurement).people[0].interactive_successes, 1);
    let spanish = csv(
        "x.csv",
        "Fecha (UTC)|Id. de usuario|Usuario|Nombre de usuario|Tipo de usuario|Dirección IP\
         |Ubicación|Sistema operativo|Aplicación cliente|Protocolo de autenticación|Aplicación\
         |Recurso|Estado|Sign-in error code",
        &["2026-03-02T08:00:00Z|u1|Alex|alex@ne.example|Member|192.0.2.1|Leeds, GB|Ios|IMAP4|ropc\
           |Exchange|Exchange|Correcto|0"],
    );
    assert_eq!(
        line(&measured(&[spanish])),
        "u1 | alex@ne.example | Alex | IMAP4 | ropc | Exchange | Ios | - | 1+0 \
         | 2026-03-02T08:00:00Z | 1 address | - | GB | guest Some(false) | "
    );
    for apostrophe in ["'", "\u{2019}"] {
        let header = "Date (UTC)|Nom d'utilisateur|Adresse IP|Emplacement|Statut|Application\
             |ID d'application|Agent utilisateur|ID de l'appareil|Système d'exploitation\
             |Protocole d'authentification|Application cliente"
            .replace('\'', apostrophe);
        let row = "2026-03-02T08:00:00Z|alex@ne.example|192.0.2.1|Leeds, GB|Opération réussie\
             |Exchange|app|BAV2ROPC|d1|Ios|ropc|IMAP4";
        assert_eq!(
            line(&measured(&[csv("x.csv", &header, &[row])])),
            "- | alex@ne.example | - | IMAP4 | ropc | Exchange | d1 | - | 1+0 \
             | 2026-03-02T08:00:00Z | 1 address | BAV2ROPC | GB | guest None | app"
        );
    }
}

#[test]
fn portal_words_stand_where_a_code_does_not() {
    for (word, code, expected) in [
        ("Success", "", (1, 0, 0)),
        ("Failure", "50126", (0, 1, 0)),
        ("Failure", "", (0, 1, 0)),
        ("Interrupted", "50140", (0, 0, 1)),
        ("Interrupted", "", (0, 0, 1)),
        // The log calls it an interrupt; the list of codes does not know it.
        ("Interrupted", "123456", (0, 0, 1)),
        ("Success", "50126", (0, 1, 0)),
        ("", "0", (1, 0, 0)),
        ("something else", "", (0, 0, 0)),
    ] {
        let row = format!("2026-03-02T08:00:00Z|alex@ne.example|ERP|Browser|{word}|{code}");
        let header = "Date (UTC)|Username|Application|Client app|Status|Sign-in error code";
        let outcomes =
            activity(&measured(&[csv("x.csv", header, &[&row])])).by_client_app["Browser"];
        let counted = (outcomes.succeeded, outcomes.failed, outcomes.interrupted);
        assert_eq!(counted, expected, "{word} {code}");
    }
}
