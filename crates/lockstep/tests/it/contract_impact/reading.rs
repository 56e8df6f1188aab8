//! Who somebody is, where the log and the directory do not say the same.

use serde_json::{Value, json};

use super::{account, id, imap, registered, sign_in, tenant, unregistered, with_mfa};
use crate::contract_tenant::world::page;

const IN_DIRECTORY: &str = "bea_partner.example#EXT#@ne.onmicrosoft.example";
const IN_LOG: &str = "bea@partner.example";

/// Bea is a guest, whom the log names as her own tenant does.
fn guest(row: Value) -> super::Tenant {
    let names = json!({"userPrincipalName": IN_DIRECTORY, "mail": IN_LOG, "userType": "Guest",
        "externalUserState": "Accepted", "creationType": "Invitation"});
    let mut row = row;
    row["userPrincipalName"] = json!(IN_DIRECTORY);
    row["userType"] = json!("guest");
    tenant(&["alex"]).user(account("bea", names)).row(row).log(&[sign_in("alex", json!({}))])
}

fn as_the_log_names_her(mut record: Value) -> Value {
    record["userPrincipalName"] = json!(IN_LOG);
    record["userType"] = json!("guest");
    record
}

/// The default of the cross-tenant access policy.
fn inbound(mfa_is_trusted: bool) -> Value {
    json!({
        "@odata.context":
            "https://graph.microsoft.com/v1.0/$metadata#policies/crossTenantAccessPolicy/default/$entity",
        "isServiceDefault": false,
        "inboundTrust": {"isMfaAccepted": mfa_is_trusted, "isCompliantDeviceAccepted": false,
                         "isHybridAzureADJoinedDeviceAccepted": false},
    })
}

#[test]
fn guests() {
    let one = || as_the_log_names_her(sign_in("bea", json!({})));
    let home = json!({"homeTenantId": "b7a1d0e4-93f2-4c68-8a15-2e6c0f9d7b41",
        "resourceTenantId": "5e1f0c4a-6b1d-4c57-9a51-2f0e7c1b8d30",
        "crossTenantAccessType": "b2bCollaboration"});
    let from_home = || as_the_log_names_her(sign_in("bea", home.clone()));
    let passed = as_the_log_names_her(with_mfa("bea"));
    let mail = as_the_log_names_her(imap("bea"));
    let capable = || registered("bea", json!({}));
    let cases = [
        ("capable here", guest(capable()).log(&[one()]), "ready", [2, 2, 0, 0, 0, 0]),
        ("MFA was passed", guest(unregistered("bea")).log(&[passed]), "ready", [2, 1, 1, 0, 0, 0]),
        (
            "MFA of the own tenant is trusted",
            guest(unregistered("bea")).file("trust.json", inbound(true)).log(&[from_home()]),
            "ready",
            [2, 2, 0, 0, 0, 0],
        ),
        (
            "MFA of the own tenant is trusted, but nobody tells whether there is one",
            guest(unregistered("bea")).file("trust.json", inbound(true)).log(&[one()]),
            "unknown",
            [2, 1, 0, 0, 0, 1],
        ),
        (
            "MFA of the own tenant is not trusted",
            guest(unregistered("bea")).file("trust.json", inbound(false)).log(&[one()]),
            "must_register",
            [2, 2, 0, 0, 0, 0],
        ),
        (
            "nobody tells whether it is",
            guest(unregistered("bea")).log(&[one()]),
            "unknown",
            [2, 1, 0, 0, 0, 1],
        ),
        ("legacy", guest(capable()).log(&[mail]), "blocked_legacy", [2, 1, 0, 1, 0, 0]),
    ];
    for (what, tenant, outcome, sign_ins) in cases {
        let document =
            tenant.expect(what, &[("alex", "ready", 1), (IN_DIRECTORY, outcome, 1)], sign_ins);
        for entry in document["people"].as_array().unwrap() {
            assert_eq!(entry["user_id"], id("bea"), "{what}");
        }
    }
}

#[test]
fn an_account_that_only_the_log_knows() {
    let gone = sign_in("bea", json!({}));
    let document = tenant(&["alex"]).log(&[sign_in("alex", json!({})), gone]).expect(
        "deleted since",
        &[("alex", "ready", 1), ("bea", "unknown", 1)],
        [2, 1, 0, 0, 0, 1],
    );
    assert_eq!(document["people"][0]["user_id"], id("bea"));
}

#[test]
fn the_log_may_name_by_user_principal_name_alone() {
    let nameless = json!({"userId": null});
    tenant(&["alex"]).row(unregistered("alex")).log(&[sign_in("alex", nameless)]).expect(
        "no id in the log",
        &[("alex", "must_register", 1)],
        [1, 1, 0, 0, 0, 0],
    );
}

/// What the other versions of a log leave out.
#[test]
fn a_log_that_tells_less() {
    let v1 = |status: Value| {
        sign_in(
            "alex",
            json!({"authenticationRequirement": null, "authenticationDetails": null,
                   "authenticationProtocol": null, "originalTransferMethod": null,
                   "signInEventTypes": null, "userAgent": null, "status": status}),
        )
    };
    let passed = json!({"errorCode": 0,
        "additionalDetails": "MFA requirement satisfied by claim in the token"});
    let cases = [
        ("nothing of factors", v1(json!({"errorCode": 0})), [1, 1, 0, 0, 0, 0]),
        ("a claim in the token", v1(passed), [1, 0, 1, 0, 0, 0]),
        (
            "no resource, address, place or device",
            sign_in(
                "alex",
                json!({"resourceId": null, "resourceDisplayName": null, "appId": null,
                       "ipAddress": null, "location": null, "deviceDetail": null}),
            ),
            [1, 1, 0, 0, 0, 0],
        ),
        ("no client app", sign_in("alex", json!({"clientAppUsed": null})), [1, 0, 0, 0, 0, 1]),
    ];
    for (what, record, sign_ins) in cases {
        let outcome = if sign_ins[5] == 1 { "unknown" } else { "ready" };
        tenant(&["alex"]).log(&[record]).expect(what, &[("alex", outcome, 1)], sign_ins);
    }
}

#[test]
fn without_a_log_there_is_nothing_to_replay() {
    let world = crate::contract_tenant::world::World::of(
        &[account("alex", json!({}))],
        &[registered("alex", json!({}))],
    );
    let answer = world.run(&["impact", "--format", "json"]);
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert!(answer.stdout.is_empty(), "{}", answer.stdout);
}

#[test]
fn without_users_the_log_alone_is_judged() {
    let rows = [registered("alex", json!({})), unregistered("bea")];
    let list = "reports/authenticationMethods/userRegistrationDetails";
    let world = crate::contract_tenant::world::World::new()
        .json("registration.json", &page(list, &rows))
        .json(
            "sign-ins.json",
            &page(
                "auditLogs/signIns",
                &[sign_in("alex", json!({"id": "r0"})), sign_in("bea", json!({"id": "r1"}))],
            ),
        );
    let document = world.document(0, &["impact"]);
    assert_eq!(document["sign_ins"]["challenged"], 2);
    assert_eq!(document["users"]["ready"], 1);
    assert_eq!(document["people"][0]["user_id"], id("bea"));
    assert_eq!(document["people"][0]["outcome"], "must_register");
    assert!(document["gaps"].as_array().unwrap().iter().any(|gap| gap["id"] == "users"));
}

#[test]
fn figures_are_cut_by_app_client_app_platform_and_country() {
    let mut phone = sign_in("alex", json!({"clientAppUsed": "Exchange ActiveSync"}));
    phone["deviceDetail"] = json!({"operatingSystem": "Ios", "browser": "Apple Mail"});
    let abroad = json!({"location": {"countryOrRegion": "ES"}, "appDisplayName": "Teams",
        "appId": "1fec8e78-bce4-4aaf-ab1b-5451cc387264"});
    let document = tenant(&["alex", "bea"])
        .log(&[sign_in("alex", json!({})), phone, sign_in("bea", abroad)])
        .expect("three", &[("alex", "blocked_legacy", 1), ("bea", "ready", 1)], [3, 2, 0, 1, 0, 0]);
    let cut = |list: &str, name: &str| {
        let rows = document[list].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{rows:?}"));
        ["users", "users_blocked", "total", "challenged", "blocked"]
            .map(|field| row[field].as_u64().unwrap())
    };
    assert_eq!(cut("by_app", "OfficeHome"), [1, 1, 2, 1, 1]);
    assert_eq!(cut("by_app", "Teams"), [1, 0, 1, 1, 0]);
    assert_eq!(cut("by_client_app", "Browser"), [2, 0, 2, 2, 0]);
    assert_eq!(cut("by_client_app", "Exchange ActiveSync"), [1, 1, 1, 0, 1]);
    assert_eq!(cut("by_platform", "iOS"), [1, 1, 1, 0, 1]);
    assert_eq!(cut("by_country", "GB"), [1, 1, 2, 1, 1]);
    assert_eq!(cut("by_country", "ES"), [1, 0, 1, 1, 0]);
    assert_eq!(document["people"][0]["apps"], json!(["OfficeHome"]));
}
