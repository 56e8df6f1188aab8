//! What is measured of each user.

use rollout::PersonActivity;
use serde_json::{Value, json};

use crate::support::{activity, json as file, measured};

/// A successful sign-in, with some fields changed.
fn sign_in(changes: Value) -> String {
    let mut record = json!({
        "createdDateTime": "2026-03-02T08:00:00Z",
        "userId": "u1",
        "userPrincipalName": "alex@ne.example",
        "appDisplayName": "ERP",
        "clientAppUsed": "Browser",
        "status": {"errorCode": 0},
    });
    for (key, value) in changes.as_object().expect("changes") {
        record[key] = value.clone();
    }
    record.to_string()
}

fn person(rows: &[Value]) -> PersonActivity {
    let rows: Vec<String> = rows.iter().map(|changes| sign_in(changes.clone())).collect();
    let mut people = activity(&measured(&[file("log.json", &rows)])).people.clone();
    assert_eq!(people.len(), 1);
    people.remove(0)
}

#[test]
fn factors_are_judged_by_words_before_requirements() {
    let multi = "multiFactorAuthentication";
    let single = "singleFactorAuthentication";
    let words = |words: &str| json!({"errorCode": 0, "additionalDetails": words});
    let step = |words: &str| json!([{"authenticationStepResultDetail": words, "succeeded": false}]);
    // (multifactor, single-factor) successes.
    for (changes, expected) in [
        (json!({}), (0, 0)),
        (json!({"authenticationRequirement": ""}), (0, 0)),
        (json!({"authenticationRequirement": "somethingNew"}), (0, 0)),
        (json!({"authenticationRequirement": multi}), (1, 0)),
        (json!({"authenticationRequirement": "Multifactor authentication"}), (1, 0)),
        (json!({"authenticationRequirement": single}), (0, 1)),
        (json!({"authenticationRequirement": "Single-factor authentication"}), (0, 1)),
        (
            json!({"authenticationRequirement": multi, "status": words("MFA requirement skipped due to IP address")}),
            (0, 1),
        ),
        (
            json!({"authenticationRequirement": multi, "status": words("MFA requirement skipped due to remembered device")}),
            (0, 1),
        ),
        (
            json!({"authenticationRequirement": multi, "authenticationDetails": step("MFA requirement skipped due to app password")}),
            (0, 1),
        ),
        (
            json!({"authenticationRequirement": single, "status": words("MFA requirement satisfied by claim in the token")}),
            (1, 0),
        ),
        (json!({"status": words("MFA completed in Azure AD")}), (1, 0)),
        (json!({"status": words("MFA required in Azure AD")}), (0, 0)),
        (
            json!({"authenticationDetails": step("MFA requirement satisfied by claim in the token")}),
            (1, 0),
        ),
        (
            json!({"authenticationDetails": step("First factor requirement satisfied by claim in the token")}),
            (0, 0),
        ),
        (json!({"AuthenticationDetails": step("MFA successfully completed").to_string()}), (1, 0)),
        (
            json!({"authenticationRequirement": single, "authenticationDetails": step("Correct password")}),
            (0, 1),
        ),
        (json!({"mfaDetail": {"authMethod": "Text message", "authDetail": null}}), (1, 0)),
        (json!({"mfaDetail": {}}), (0, 0)),
        (json!({"mfaDetail": null, "MfaDetail": ""}), (0, 0)),
        (json!({"authenticationRequirement": multi, "status": {"errorCode": 500_121}}), (0, 0)),
    ] {
        let person = person(std::slice::from_ref(&changes));
        let counted = (person.multifactor_successes, person.single_factor_successes);
        assert_eq!(counted, expected, "{changes}");
    }
}

#[test]
fn failures_are_neither_interrupts_nor_successes() {
    let rows = [0, 50126, 50074, 50140, 500_121, 50088, 53003]
        .map(|code| json!({"status": {"errorCode": code}}));
    let person = person(&rows);
    assert_eq!((person.sign_ins, person.failures, person.challenge_failures), (7, 4, 2));
    assert_eq!((person.interactive_successes, person.non_interactive_successes), (0, 0));
}

#[test]
fn what_rooms_codes_and_passwords_show() {
    for (changes, expected) in [
        (json!({}), (false, false, false)),
        (json!({"appDisplayName": "Microsoft Teams Rooms"}), (true, false, false)),
        (json!({"userAgent": "SkypeRoomSystem/4.0"}), (true, false, false)),
        (json!({"userAgent": "teamsrooms"}), (true, false, false)),
        (json!({"authenticationProtocol": "deviceCode"}), (false, true, false)),
        (json!({"authenticationProtocol": "Device code"}), (false, true, false)),
        (json!({"originalTransferMethod": "deviceCodeFlow"}), (false, true, false)),
        (json!({"authenticationProtocol": "ropc"}), (false, false, true)),
        (json!({"userAgent": "BAV2ROPC"}), (false, false, true)),
    ] {
        let person = person(std::slice::from_ref(&changes));
        assert_eq!((person.room_device, person.device_code, person.ropc), expected, "{changes}");
    }
}

#[test]
fn sets_are_capped_and_do_not_depend_on_order() {
    let rows: Vec<Value> = (0..100)
        .map(|number| {
            json!({
                "ipAddress": format!("192.0.2.{number}"),
                "deviceDetail": {"deviceId": format!("d{number}")},
                "location": {"countryOrRegion": format!("C{number:02}")},
                "appDisplayName": format!("App {number:02}"),
                "createdDateTime": format!("2026-03-{:02}T08:00:00Z", number % 28 + 1),
            })
        })
        .collect();
    let forward = person(&rows);
    let backward = person(&rows.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(forward, backward);
    assert_eq!((forward.ip_addresses, forward.devices, forward.active_days), (64, 64, 28));
    assert_eq!((forward.countries.len(), forward.apps.len()), (8, 16));
}

#[test]
fn names_are_those_of_the_latest_sign_in() {
    let rows = [
        json!({"createdDateTime": "2026-03-03T08:00:00Z", "userPrincipalName": "Alex.New@ne.example", "userDisplayName": "Alex New"}),
        json!({"createdDateTime": "2026-03-01T08:00:00Z", "userDisplayName": "Alex Old", "userType": "Guest"}),
        // Rows of an interrupted sign-in can show an object id as the name.
        json!({"createdDateTime": "2026-03-04T08:00:00Z", "userPrincipalName": "0b5d2f6e", "userType": "member"}),
    ];
    let person = person(&rows);
    assert_eq!(person.account.user_principal_name.as_deref(), Some("alex.new@ne.example"));
    assert_eq!(person.account.display_name.as_deref(), Some("Alex New"));
    assert_eq!(person.guest, Some(true));
}

#[test]
fn applications_codes_providers_and_policies_are_counted() {
    let rows = [
        json!({
            "appId": "APP", "resourceId": "r", "resourceDisplayName": "Graph",
            "authenticationRequirementPolicies": [{"requirementProvider": "user"}, {"requirementProvider": "user"}],
            "appliedConditionalAccessPolicies": [{"id": "p1", "result": "success"}, {"id": "p2"}],
        }),
        json!({
            "appId": "app", "resourceId": "app", "userId": "u2", "userPrincipalName": "bo@ne.example",
            "authenticationRequirementPolicies": "[{\"requirementProvider\":\"securityDefaults\"}]",
            "conditionalAccessPolicies": "[{\"id\":\"p1\",\"result\":\"reportOnlyInterrupted\"}]",
            "appliedConditionalAccessPolicies": "",
            "conditionalAccessPoliciesV2": [],
        }),
        json!({"appId": "app", "status": {"errorCode": 50126}}),
        json!({"appId": "app", "status": {}}),
    ];
    let rows: Vec<String> = rows.into_iter().map(sign_in).collect();
    let measurement = measured(&[file("x", &rows)]);
    let apps: Vec<_> = activity(&measurement)
        .by_app
        .iter()
        .map(|(id, app)| (id.as_str(), app.name.as_deref(), app.successes, app.users))
        .collect();
    assert_eq!(apps, [("app", Some("ERP"), 2, 2), ("r", Some("Graph"), 1, 1)]);
    assert_eq!(activity(&measurement).by_app_left_out, 0);
    assert_eq!(activity(&measurement).by_code, [(0, 2), (50126, 1)].into());
    let providers = [("securityDefaults".to_owned(), 1), ("user".to_owned(), 1)];
    assert_eq!(activity(&measurement).requirement_providers, providers.into());
    let results = &activity(&measurement).policy_results;
    assert_eq!(results.keys().collect::<Vec<_>>(), ["p1"]);
    assert_eq!(results["p1"]["success"], 1);
    assert_eq!(results["p1"]["reportOnlyInterrupted"], 1);
}

#[test]
fn skipped_challenges_devices_and_other_tenants_are_counted_where_told() {
    let rows = [
        json!({
            "status": {"errorCode": 0, "additionalDetails": "MFA requirement skipped due to location"},
            "deviceDetail": {"operatingSystem": "Windows", "trustType": "Azure AD joined"},
            "crossTenantAccessType": "none",
        }),
        json!({
            "authenticationDetails": [{"authenticationStepResultDetail": "MFA completed in Azure AD"}],
            "deviceDetail": {"operatingSystem": "Ios", "trustType": ""},
            "crossTenantAccessType": "serviceProvider",
        }),
        json!({"appId": "app", "resourceId": "r", "deviceDetail": {}}),
        json!({
            "status": {"errorCode": 50074, "additionalDetails": "MFA skipped"},
            "deviceDetail": {"trustType": "Azure AD joined"},
        }),
    ];
    let rows: Vec<String> = rows.into_iter().map(sign_in).collect();
    let measurement = measured(&[file("x", &rows)]);
    let skipped = [(String::new(), 1), ("MFA requirement skipped due to location".to_owned(), 1)];
    assert_eq!(activity(&measurement).skipped_challenges, Some(skipped.into()));
    let types = [(String::new(), 1), ("Azure AD joined".to_owned(), 1)];
    assert_eq!(
        activity(&measurement).trust_types,
        Some(types.into()),
        "a device without a type, no device"
    );
    let tenants = [("none".to_owned(), 1), ("serviceProvider".to_owned(), 1)];
    assert_eq!(activity(&measurement).cross_tenant_types, Some(tenants.into()));
}

#[test]
fn a_log_that_tells_no_details_yields_none_of_them() {
    let rows = [sign_in(json!({"deviceDetail": {"operatingSystem": "Windows"}}))];
    let measurement = measured(&[file("x", &rows)]);
    assert_eq!(activity(&measurement).skipped_challenges, None);
    assert_eq!(activity(&measurement).trust_types, None);
    assert_eq!(activity(&measurement).cross_tenant_types, None);
    assert_eq!(activity(&measurement).resource_ids_untold, 1);
}

#[test]
fn a_failure_with_a_stored_password_says_nothing_of_the_account() {
    for (code, expected) in [(50126, false), (50076, false), (0, true)] {
        let row = json!({"authenticationProtocol": "ropc", "status": {"errorCode": code}});
        assert_eq!(person(&[row]).ropc, expected, "{code}");
    }
    for (code, expected) in [(50126, false), (0, true)] {
        let row = json!({"authenticationProtocol": "deviceCode", "status": {"errorCode": code}});
        assert_eq!(person(&[row]).device_code, expected, "{code}");
    }
}

#[test]
fn of_too_many_applications_the_first_in_order_are_kept() {
    let rows: Vec<String> =
        (0..5_100).rev().map(|number| sign_in(json!({"appId": format!("a{number:04}")}))).collect();
    let measurement = measured(&[file("x", &rows)]);
    assert_eq!(activity(&measurement).by_app.len(), 5_000);
    assert_eq!(activity(&measurement).by_app_left_out, 100);
    assert_eq!(activity(&measurement).by_app.keys().next_back().map(String::as_str), Some("a4999"));
}
