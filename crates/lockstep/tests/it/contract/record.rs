//! One sign-in of the example tenant, in each of the four shapes.

use serde_json::{Map, Value, json};

/// A sign-in as Graph beta tells it: Alex's program reads mail by IMAP.
pub(crate) fn graph(changes: Value) -> Value {
    with(
        json!({
            "id": "r1", "createdDateTime": "2026-03-02T08:00:00Z", "userId": "u1",
            "userPrincipalName": "alex@ne.example", "userDisplayName": "Alex Reed",
            "userType": "member", "appId": "app1", "appDisplayName": "Office 365 Exchange Online",
            "clientAppUsed": "IMAP4", "authenticationProtocol": "ropc",
            "userAgent": "Thunderbird 115", "ipAddress": "192.0.2.1", "isInteractive": true,
            "signInEventTypes": ["interactiveUser"], "correlationId": "c1",
            "authenticationRequirement": "singleFactorAuthentication",
            "conditionalAccessStatus": "notApplied",
            "appliedConditionalAccessPolicies": [], "authenticationDetails": [],
            "status": {"errorCode": 0, "failureReason": "Other.", "additionalDetails": null},
            "deviceDetail": {"deviceId": "d1", "displayName": "NE-PC-1",
                "operatingSystem": "Windows10", "browser": "", "trustType": "Azure AD joined"},
            "location": {"city": "Leeds", "state": "", "countryOrRegion": "GB"}
        }),
        changes,
    )
}

/// Keys replaced; `null` takes a key out.
pub(crate) fn with(mut record: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (key, value) in changes {
        match value {
            Value::Null => record.as_object_mut().unwrap().remove(&key),
            value => record.as_object_mut().unwrap().insert(key, value),
        };
    }
    record
}

/// The same by the other tenant reader: v1.0 has no protocol, requirement, user agent or kinds.
pub(crate) fn v1(changes: Value) -> Value {
    let lacks = json!({"authenticationProtocol": null, "authenticationRequirement": null,
        "userAgent": null, "signInEventTypes": null, "authenticationDetails": null});
    with(with(graph(json!({})), lacks), changes)
}

/// The envelope of diagnostic settings around a sign-in; changes are to the envelope.
pub(crate) fn envelope(properties: Value, changes: Value) -> Value {
    with(
        json!({
            "time": "2026-03-02T08:04:00.1234567Z", "operationName": "Sign-in activity",
            "resourceId": "/tenants/t1/providers/Microsoft.aadiam", "operationVersion": "1.0",
            "category": "SignInLogs", "tenantId": "t1", "resultType": "0",
            "resultSignature": "None", "durationMs": 0, "callerIpAddress": "192.0.2.1",
            "correlationId": "c1", "identity": "Alex Reed", "Level": 4, "location": "GB",
            "properties": properties
        }),
        changes,
    )
}

/// Written as storage accounts do: spaces behind the outer colons, none within `properties`.
pub(crate) fn spaced(envelope: &Value) -> String {
    let pairs: Vec<String> = envelope
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| format!("\"{key}\": {value}"))
        .collect();
    format!("{{ {}}}", pairs.join(", "))
}

pub(crate) fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

pub(crate) fn page(records: &[Value]) -> String {
    json!({"@odata.context": "https://graph.microsoft.com/beta/$metadata#auditLogs/signIns",
        "value": records})
    .to_string()
}

/// A row of the Log Analytics table, columns in its order, changes last.
pub(crate) fn table(changes: Value) -> Value {
    with(
        json!({
            "TenantId": "workspace", "SourceSystem": "Azure AD",
            "TimeGenerated": "2026-03-02T08:20:00Z", "OperationName": "Sign-in activity",
            "Category": "SignInLogs", "ResultType": "0", "ResultSignature": "SUCCESS",
            "Resource": "Microsoft.aadiam", "Identity": "Alex Reed", "Location": "GB",
            "AppDisplayName": "Office 365 Exchange Online", "AppId": "app1",
            "AuthenticationDetails": "[]", "AuthenticationProtocol": "ropc",
            "AuthenticationRequirement": "singleFactorAuthentication", "ClientAppUsed": "IMAP4",
            "ConditionalAccessPolicies": "[]", "ConditionalAccessStatus": "notApplied",
            "CreatedDateTime": "2026-03-02T08:00:00Z",
            "DeviceDetail": {"deviceId": "d1", "displayName": "NE-PC-1",
                "operatingSystem": "Windows10", "browser": ""},
            "IsInteractive": "true", "Id": "r1", "IPAddress": "192.0.2.1",
            "LocationDetails": {"city": "Leeds", "countryOrRegion": "GB"}, "MfaDetail": "",
            "Status": {"errorCode": 0}, "UserAgent": "Thunderbird 115",
            "UserDisplayName": "Alex Reed", "UserId": "u1",
            "UserPrincipalName": "alex@ne.example", "UserType": "Member", "Type": "SigninLogs"
        }),
        changes,
    )
}

/// What a cell shows: text as it is, objects as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', ';', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// CSV of a header and rows.
pub(crate) fn csv(delimiter: &str, header: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = header.join(delimiter);
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text = format!("{text}\n{}", cells.join(delimiter));
    }
    format!("{text}\n")
}

/// The portal's download of table rows: `[UTC]` behind the names of times.
pub(crate) fn table_csv(rows: &[Value]) -> String {
    let keys: Vec<&String> = rows.iter().flat_map(|row| row.as_object().unwrap().keys()).collect();
    let mut columns: Vec<&String> = Vec::new();
    for key in keys {
        if !columns.contains(&key) {
            columns.push(key);
        }
    }
    let header: Vec<String> = columns
        .iter()
        .map(|column| match column.as_str() {
            "TimeGenerated" | "CreatedDateTime" => format!("\"{column} [UTC]\""),
            _ => (*column).clone(),
        })
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| columns.iter().map(|column| cell(&row[column.as_str()])).collect())
        .collect();
    csv(",", &header, &rows)
}

/// A row under a header by column names; what is not named is empty. A name that stands twice in
/// the header fills both.
pub(crate) fn row(header: &[&str], cells: &[(&str, &str)]) -> Vec<String> {
    for (name, _) in cells {
        assert!(header.iter().any(|it| it.trim() == *name), "a column `{name}`");
    }
    let cells: Map<String, Value> =
        cells.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    header.iter().map(|name| cells.get(name.trim()).map(cell).unwrap_or_default()).collect()
}
