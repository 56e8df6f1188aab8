//! One sign-in in each of the four shapes administrators download.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::chance::Chance;
use super::sign_in::{App, SignIn};

/// Tenant id of the example.
pub(crate) const TENANT_ID: &str = "5e1f0c4a-6b1d-4c57-9a51-2f0e7c1b8d30";

/// Graph beta: flat, camelCase, `null` and empty text for what is not there.
pub(crate) fn graph(sign_in: &SignIn) -> Value {
    let mut record = properties(sign_in);
    let (city, country) = sign_in.place;
    if let Some(map) = record.as_object_mut() {
        map.insert("createdDateTime".to_owned(), json!(stamp(sign_in, 0)));
        map.insert("userType".to_owned(), json!(if sign_in.guest { "guest" } else { "member" }));
        map.insert("servicePrincipalId".to_owned(), json!(""));
        map.insert("servicePrincipalName".to_owned(), Value::Null);
        map.insert("ipAddressFromResourceProvider".to_owned(), Value::Null);
        map.insert("mfaDetail".to_owned(), Value::Null);
        map.insert(
            "location".to_owned(),
            json!({
                "city": city, "state": city, "countryOrRegion": country,
                "geoCoordinates": {"altitude": null, "latitude": null, "longitude": null}
            }),
        );
        map.insert("deviceDetail".to_owned(), device(sign_in, true));
    }
    record
}

/// Diagnostic settings: an envelope around nearly the same, on one line.
pub(crate) fn diagnostic(sign_in: &SignIn) -> Value {
    let (city, country) = sign_in.place;
    let mut record = properties(sign_in);
    if let Some(map) = record.as_object_mut() {
        map.insert("createdDateTime".to_owned(), json!(stamp(sign_in, 7)));
        map.insert("userType".to_owned(), json!(if sign_in.guest { "Guest" } else { "Member" }));
        map.insert("deviceDetail".to_owned(), device(sign_in, false));
        map.insert(
            "location".to_owned(),
            json!({"city": city, "state": city, "countryOrRegion": country}),
        );
    }
    json!({
        "time": stamp(sign_in, 7),
        "resourceId": format!("/tenants/{TENANT_ID}/providers/Microsoft.aadiam"),
        "operationName": "Sign-in activity",
        "operationVersion": "1.0",
        "category": if sign_in.interactive { "SignInLogs" } else { "NonInteractiveUserSignInLogs" },
        "tenantId": TENANT_ID,
        "resultType": sign_in.code.to_string(),
        "resultSignature": if sign_in.code == 0 { "SUCCESS" } else { "FAILURE" },
        "resultDescription": if sign_in.code == 0 { "" } else { sign_in.words() },
        "durationMs": 0,
        "callerIpAddress": sign_in.address,
        "correlationId": sign_in.correlation,
        "identity": sign_in.display_name,
        "Level": 4,
        "location": country,
        "properties": record,
    })
}

fn properties(sign_in: &SignIn) -> Value {
    let requirement = if sign_in.multifactor || sign_in.proved_at.is_some() {
        "multiFactorAuthentication"
    } else {
        "singleFactorAuthentication"
    };
    let providers = if sign_in.multifactor {
        json!([{"requirementProvider": "securityDefaults", "detail": "Security Defaults"}])
    } else {
        json!([])
    };
    let kind = if sign_in.interactive { "interactiveUser" } else { "nonInteractiveUser" };
    json!({
        "id": sign_in.id,
        "userDisplayName": sign_in.display_name,
        "userPrincipalName": sign_in.user_name,
        "userId": sign_in.user_id,
        "appId": sign_in.app.id,
        "appDisplayName": sign_in.app.name,
        "resourceId": sign_in.resource.id,
        "resourceDisplayName": sign_in.resource.name,
        "resourceTenantId": TENANT_ID,
        "homeTenantId": sign_in.proved_at.unwrap_or(TENANT_ID),
        "ipAddress": sign_in.address,
        "clientAppUsed": sign_in.client_app,
        "userAgent": sign_in.user_agent,
        "correlationId": sign_in.correlation,
        "conditionalAccessStatus": "notApplied",
        "isInteractive": sign_in.interactive,
        "signInEventTypes": [kind],
        "tokenIssuerType": "AzureAD",
        "incomingTokenType": "none",
        "authenticationProtocol": sign_in.protocol,
        "originalTransferMethod":
            if sign_in.protocol == "deviceCode" { "deviceCodeFlow" } else { "none" },
        "authenticationRequirement": requirement,
        "authenticationRequirementPolicies": providers,
        "authenticationDetails": steps(sign_in),
        "appliedConditionalAccessPolicies": security_defaults(sign_in),
        "riskDetail": "none",
        "riskLevelAggregated": "none",
        "riskLevelDuringSignIn": "none",
        "riskState": "none",
        "processingTimeInMilliseconds": 120,
        "status": {
            "errorCode": sign_in.code,
            "failureReason": sign_in.words(),
            "additionalDetails": match mfa_result(sign_in) {
                "" => Value::Null,
                words => json!(words),
            },
        },
    })
}

/// What the log says of the second factor of a success.
const fn mfa_result(sign_in: &SignIn) -> &'static str {
    match (sign_in.code, sign_in.multifactor, sign_in.proved_at) {
        (0, true, _) => "MFA completed in Azure AD",
        (0, false, Some(_)) => "MFA requirement satisfied by claim in the token",
        _ => "",
    }
}

fn security_defaults(sign_in: &SignIn) -> Value {
    if !sign_in.multifactor {
        return json!([]);
    }
    json!([{
        "id": "SecurityDefaults",
        "displayName": "Security Defaults",
        "enforcedGrantControls": ["Mfa"],
        "enforcedSessionControls": [],
        "result": if sign_in.code == 0 { "success" } else { "failure" },
    }])
}

fn steps(sign_in: &SignIn) -> Value {
    let when = stamp(sign_in, 0);
    let password_accepted = !matches!(sign_in.code, 50126 | 50053 | 50034);
    let mut steps = vec![json!({
        "authenticationStepDateTime": when,
        "authenticationMethod":
            if sign_in.interactive { "Password" } else { "Previously satisfied" },
        "authenticationMethodDetail":
            if sign_in.interactive { json!("Password Hash Sync") } else { Value::Null },
        "succeeded": password_accepted,
        "authenticationStepResultDetail":
            if password_accepted { "Correct password" } else { "Incorrect password" },
        "authenticationStepRequirement": "",
    })];
    if sign_in.multifactor {
        steps.push(json!({
            "authenticationStepDateTime": when,
            "authenticationMethod": "Mobile app notification",
            "succeeded": sign_in.code == 0,
            "authenticationStepResultDetail":
                if sign_in.code == 0 { "MFA successfully completed" } else { "MFA denied" },
            "authenticationStepRequirement": "SecurityDefaults",
        }));
    }
    if sign_in.proved_at.is_some() {
        steps.push(json!({
            "authenticationStepDateTime": when,
            "authenticationMethod": "Previously satisfied",
            "succeeded": true,
            "authenticationStepResultDetail": mfa_result(sign_in),
            "authenticationStepRequirement": "",
        }));
    }
    Value::Array(steps)
}

fn device(sign_in: &SignIn, empty_fields: bool) -> Value {
    let device = &sign_in.device;
    let enrolled = device.is_enrolled();
    let mut fields = serde_json::Map::new();
    let texts = [
        ("deviceId", device.id.as_str()),
        ("displayName", device.name.as_str()),
        ("operatingSystem", device.system),
        ("browser", device.browser),
        ("trustType", device.trust),
    ];
    for (name, text) in texts {
        if empty_fields || !text.is_empty() {
            fields.insert(name.to_owned(), json!(text));
        }
    }
    if empty_fields || enrolled {
        fields.insert("isCompliant".to_owned(), json!(enrolled));
        fields.insert("isManaged".to_owned(), json!(enrolled));
    }
    Value::Object(fields)
}

/// RFC 3339 with so many digits of fraction (the digits tell nothing: whole seconds are kept).
fn stamp(sign_in: &SignIn, digits: usize) -> String {
    let whole = sign_in.time.strftime("%Y-%m-%dT%H:%M:%S");
    if digits == 0 { format!("{whole}Z") } else { format!("{whole}.{}+00:00", "0".repeat(digits)) }
}

/// Header of the portal's CSV download of December 2025, odd spaces and double column included.
pub(crate) const PORTAL_HEADER: [&str; 57] = [
    "Date (UTC)",
    "Request ID",
    "User agent",
    "Correlation ID",
    "User ID",
    "User",
    "Username",
    "User type",
    "Cross tenant access type",
    "Incoming token type",
    "Authentication Protocol",
    "Unique token identifier",
    "Original transfer method",
    "Client credential type",
    "Token Protection - Sign In Session",
    "Token Protection - Sign In Session StatusCode",
    "Application",
    "Application ID ",
    "App owner tenant ID",
    "Resource",
    "Resource ID ",
    "Resource tenant ID",
    "Resource owner tenant ID",
    "Home tenant ID",
    "Home tenant name",
    "IP address",
    "Location",
    "Status",
    "Sign-in error code",
    "Failure reason",
    "Client app",
    "Device ID",
    "Browser",
    "Operating System",
    "Compliant",
    "Managed",
    "Join Type",
    "Multifactor authentication result",
    "Multifactor authentication auth method",
    "Multifactor authentication auth detail",
    "Authentication requirement",
    "Sign-in identifier",
    "Session ID",
    "IP address (seen by resource)",
    "Through Global Secure Access",
    "Global Secure Access IP address",
    "Autonomous system  number",
    "Flagged for review",
    "Token issuer type",
    "Incoming token type",
    "Token issuer name",
    "Latency",
    "Conditional Access",
    "Managed Identity type",
    "Associated Resource Id",
    "Federated Token Id",
    "Federated Token Issuer",
];

/// One row of the portal's CSV download, in the order of [`PORTAL_HEADER`].
pub(crate) fn portal_row(sign_in: &SignIn) -> Vec<String> {
    let (city, country) = sign_in.place;
    let status = match sign_in.code {
        0 => "Success",
        50140 | 50074 | 50076 => "Interrupted",
        _ => "Failure",
    };
    PORTAL_HEADER
        .iter()
        .map(|column| match *column {
            "Date (UTC)" => stamp(sign_in, 0),
            "Request ID" => sign_in.id.clone(),
            "User agent" => sign_in.user_agent.to_owned(),
            "Correlation ID" => sign_in.correlation.clone(),
            "User ID" => sign_in.user_id.clone(),
            "User" => sign_in.display_name.clone(),
            "Username" | "Sign-in identifier" => sign_in.user_name.clone(),
            "User type" => if sign_in.guest { "Guest" } else { "Member" }.to_owned(),
            "Incoming token type" => "None".to_owned(),
            "Authentication Protocol" => match sign_in.protocol {
                "ropc" => "ROPC",
                "deviceCode" => "Device Code",
                _ => "None",
            }
            .to_owned(),
            "Original transfer method" => {
                if sign_in.protocol == "deviceCode" { "Device code flow" } else { "None" }
                    .to_owned()
            }
            "Application" => sign_in.app.name.to_owned(),
            "Application ID " => sign_in.app.id.to_owned(),
            "Resource" => sign_in.resource.name.to_owned(),
            "Resource ID " => sign_in.resource.id.to_owned(),
            "Resource tenant ID" => TENANT_ID.to_owned(),
            "Home tenant ID" => sign_in.proved_at.unwrap_or(TENANT_ID).to_owned(),
            "IP address" => sign_in.address.clone(),
            "Location" => format!("{city}, {city}, {country}"),
            "Status" => status.to_owned(),
            "Sign-in error code" => sign_in.code.to_string(),
            "Failure reason" => sign_in.words().to_owned(),
            "Client app" => sign_in.client_app.to_owned(),
            "Device ID" => sign_in.device.id.clone(),
            "Browser" => sign_in.device.browser.to_owned(),
            "Operating System" => sign_in.device.system.to_owned(),
            "Compliant" | "Managed" => (!sign_in.device.trust.is_empty()).to_string(),
            "Join Type" => sign_in.device.trust.to_owned(),
            "Multifactor authentication result" => mfa_result(sign_in).to_owned(),
            "Authentication requirement" if sign_in.multifactor || sign_in.proved_at.is_some() => {
                "Multifactor authentication".to_owned()
            }
            "Authentication requirement" => "Single-factor authentication".to_owned(),
            "Conditional Access" => "Not Applied".to_owned(),
            "Token issuer type" => "Azure AD".to_owned(),
            "Flagged for review" | "Through Global Secure Access" => "No".to_owned(),
            _ => String::new(),
        })
        .collect()
}

/// Header of a Log Analytics download whose query kept no authentication protocol.
pub(crate) const LOG_ANALYTICS_HEADER: [&str; 21] = [
    "TimeGenerated [UTC]",
    "CreatedDateTime [UTC]",
    "Id",
    "Category",
    "ResultType",
    "ResultDescription",
    "CorrelationId",
    "Identity",
    "UserDisplayName",
    "UserPrincipalName",
    "UserId",
    "UserType",
    "AppDisplayName",
    "AppId",
    "ResourceDisplayName",
    "ClientAppUsed",
    "DeviceDetail",
    "IPAddress",
    "IsInteractive",
    "LocationDetails",
    "Status",
];

/// One row of a Log Analytics download, in the order of [`LOG_ANALYTICS_HEADER`]. Days come before months, as a British
/// browser writes them, and rows arrive later than they happened.
pub(crate) fn log_analytics_row(sign_in: &SignIn) -> Vec<String> {
    let happened = sign_in.time.to_zoned(TimeZone::UTC);
    let arrived = sign_in.time + jiff::SignedDuration::from_secs(301);
    let locale = "%-d/%-m/%Y, %-I:%M:%S.000 %p";
    let status = json!({"errorCode": sign_in.code, "failureReason": sign_in.words()});
    let place = json!({"city": sign_in.place.0, "countryOrRegion": sign_in.place.1});
    vec![
        arrived.to_zoned(TimeZone::UTC).strftime(locale).to_string(),
        happened.strftime(locale).to_string(),
        sign_in.id.clone(),
        if sign_in.interactive { "SignInLogs" } else { "NonInteractiveUserSignInLogs" }.to_owned(),
        sign_in.code.to_string(),
        if sign_in.code == 0 { String::new() } else { sign_in.words().to_owned() },
        sign_in.correlation.clone(),
        sign_in.display_name.clone(),
        sign_in.display_name.clone(),
        sign_in.user_name.clone(),
        sign_in.user_id.clone(),
        if sign_in.guest { "Guest" } else { "Member" }.to_owned(),
        sign_in.app.name.to_owned(),
        sign_in.app.id.to_owned(),
        sign_in.resource.name.to_owned(),
        sign_in.client_app.to_owned(),
        super::json_text::line(&device(sign_in, true)),
        sign_in.address.clone(),
        sign_in.interactive.to_string(),
        super::json_text::line(&place),
        super::json_text::line(&status),
    ]
}

/// A sign-in of a program of its own: in the logs, but nobody's.
pub(crate) fn workload(chance: &mut Chance, time: jiff::Timestamp) -> Value {
    let app = App { name: "NE Backup", id: "3f0d7c55-3c4e-4a51-8e0b-7f5d2c9a1e64" };
    json!({
        "time": time.to_string(),
        "resourceId": format!("/tenants/{TENANT_ID}/providers/Microsoft.aadiam"),
        "operationName": "Sign-in activity",
        "category": "ServicePrincipalSignInLogs",
        "tenantId": TENANT_ID,
        "resultType": "0",
        "correlationId": chance.guid(),
        "Level": 4,
        "properties": {
            "id": chance.guid(),
            "createdDateTime": time.to_string(),
            "appId": app.id,
            "appDisplayName": app.name,
            "servicePrincipalId": "b90864b4-19a4-49c5-a02c-74ad57e2e5f5",
            "servicePrincipalName": app.name,
            "resourceDisplayName": "Microsoft Graph",
            "ipAddress": "198.51.100.40",
            "userId": null,
            "status": {"errorCode": 0},
        },
    })
}

/// Cells as a CSV line without its end; quoted where they must be.
pub(crate) fn csv_line<T: AsRef<str>>(cells: &[T]) -> String {
    let quoted: Vec<String> = cells
        .iter()
        .map(|cell| {
            let cell = cell.as_ref();
            if cell.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.to_owned()
            }
        })
        .collect();
    quoted.join(",")
}

#[cfg(test)]
mod tests {
    use super::super::account::Device;
    use super::super::sign_in::{EXCHANGE, SignIn};
    use super::{PORTAL_HEADER, csv_line, diagnostic, graph, log_analytics_row, portal_row};

    fn sample() -> SignIn {
        SignIn {
            id: "66ea54eb-6301-4ee5-be62-ff5a759b0100".to_owned(),
            time: "2026-11-05T16:09:05Z".parse().unwrap(),
            user_name: "svc-erp@ne.example".to_owned(),
            app: EXCHANGE,
            resource: EXCHANGE,
            client_app: "IMAP4",
            protocol: "ropc",
            place: ("Leeds", "GB"),
            code: 50126,
            device: Device { system: "Windows 10", ..Device::default() },
            ..SignIn::default()
        }
    }

    #[test]
    fn every_shape_tells_the_same_code_and_id() {
        let sign_in = sample();
        let graph = graph(&sign_in);
        assert_eq!(graph["status"]["errorCode"], 50126);
        assert_eq!(graph["deviceDetail"]["deviceId"], "");
        let envelope = diagnostic(&sign_in);
        assert_eq!(envelope["resultType"], "50126");
        assert_eq!(envelope["properties"]["id"], graph["id"]);
        assert!(envelope["properties"]["deviceDetail"].get("deviceId").is_none());
        let row = portal_row(&sign_in);
        assert_eq!(row.len(), PORTAL_HEADER.len());
        assert!(row.contains(&"50126".to_owned()) && row.contains(&"ROPC".to_owned()));
    }

    #[test]
    fn log_analytics_writes_times_as_a_british_browser() {
        let row = log_analytics_row(&sample());
        assert_eq!(row[0], "5/11/2026, 4:14:06.000 PM");
        assert_eq!(row[1], "5/11/2026, 4:09:05.000 PM");
    }

    #[test]
    fn cells_with_commas_and_quotes_are_quoted() {
        assert_eq!(csv_line(&["a,b", "c\"d", "e"]), "\"a,b\",\"c\"\"d\",e");
    }
}
