//! CA001 for all users: each outcome, and which of two is the worse.

use serde_json::json;

use super::{
    Person, Tenant, account, imap, methods, registered, sign_in, tenant, unregistered, with_mfa,
};

/// One account, its sign-ins, and what becomes of it.
struct Case(&'static str, Tenant, Person, [u64; 6]);

fn alex() -> Tenant {
    tenant(&["alex"])
}

fn by(client_app: &str, protocol: &str) -> serde_json::Value {
    sign_in("alex", json!({"clientAppUsed": client_app, "authenticationProtocol": protocol}))
}

#[test]
fn what_becomes_of_a_person_with_one_sign_in() {
    let office_phone = json!({"isMfaCapable": false, "methodsRegistered": ["officePhone"]});
    let reset_only = json!({"isMfaRegistered": false, "isMfaCapable": false,
        "methodsRegistered": ["email", "securityQuestion"]});
    let cases = [
        Case(
            "capable",
            alex().log(&[by("Browser", "none")]),
            ("alex", "ready", 1),
            [1, 1, 0, 0, 0, 0],
        ),
        Case(
            "MFA was passed",
            alex().log(&[with_mfa("alex")]),
            ("alex", "ready", 1),
            [1, 0, 1, 0, 0, 0],
        ),
        Case(
            "MFA was passed, with what the report does not know: once more nobody can say",
            alex().row(unregistered("alex")).log(&[with_mfa("alex")]),
            ("alex", "unknown", 1),
            [1, 0, 1, 0, 0, 0],
        ),
        Case(
            "not capable, and allowed to register",
            alex().row(unregistered("alex")).log(&[by("Browser", "none")]),
            ("alex", "must_register", 1),
            [1, 1, 0, 0, 0, 0],
        ),
        Case(
            "for password reset only",
            alex().row(registered("alex", reset_only)).log(&[by("Browser", "none")]),
            ("alex", "must_register", 1),
            [1, 1, 0, 0, 0, 0],
        ),
        Case(
            "registered what is not allowed, and allowed to register something else",
            alex()
                .row(registered("alex", office_phone.clone()))
                .file("methods.json", only_authenticator())
                .log(&[by("Browser", "none")]),
            ("alex", "must_register", 1),
            [1, 1, 0, 0, 0, 0],
        ),
        Case(
            "registered what is not allowed, and allowed nothing",
            alex()
                .row(registered("alex", office_phone))
                .file("methods.json", methods("disabled"))
                .log(&[by("Browser", "none")]),
            ("alex", "cannot", 1),
            [1, 0, 0, 1, 0, 0],
        ),
        Case(
            "nothing registered, and allowed nothing",
            alex()
                .row(unregistered("alex"))
                .file("methods.json", methods("disabled"))
                .log(&[by("Browser", "none")]),
            ("alex", "cannot", 1),
            [1, 0, 0, 1, 0, 0],
        ),
        Case(
            "not capable, and nobody tells what is allowed",
            alex().row(unregistered("alex")).no_file("methods.json").log(&[by("Browser", "none")]),
            ("alex", "must_register", 1),
            [1, 1, 0, 0, 0, 0],
        ),
        Case(
            "nothing registered, and a methods policy of two methods that are off",
            alex()
                .row(unregistered("alex"))
                .file("methods.json", two_methods_off())
                .log(&[by("Browser", "none")]),
            ("alex", "cannot", 1),
            [1, 0, 0, 1, 0, 0],
        ),
        Case(
            "no report",
            alex().no_report().log(&[by("Browser", "none")]),
            ("alex", "unknown", 1),
            [1, 0, 0, 0, 0, 1],
        ),
        Case(
            "IMAP",
            alex().log(&[imap("alex")]),
            ("alex", "blocked_legacy", 1),
            [1, 0, 0, 1, 0, 0],
        ),
        Case(
            "ActiveSync, no password grant",
            alex().log(&[by("Exchange ActiveSync", "none")]),
            ("alex", "blocked_legacy", 1),
            [1, 0, 0, 1, 0, 0],
        ),
        Case(
            "a password grant under a modern name",
            alex().log(&[by("Mobile Apps and Desktop clients", "ropc")]),
            ("alex", "blocked_legacy", 1),
            [1, 0, 0, 1, 0, 0],
        ),
        Case(
            "a password grant by its user agent alone",
            alex().log(&[sign_in(
                "alex",
                json!({"userAgent": "BAV2ROPC",
                "clientAppUsed": "Mobile Apps and Desktop clients",
                "authenticationProtocol": null}),
            )]),
            ("alex", "blocked_legacy", 1),
            [1, 0, 0, 1, 0, 0],
        ),
        Case(
            "legacy, and nobody knows what is registered",
            alex().no_report().log(&[imap("alex")]),
            ("alex", "blocked_legacy", 1),
            [1, 0, 0, 1, 0, 0],
        ),
    ];
    for Case(what, tenant, person, sign_ins) in cases {
        tenant.expect(what, &[person], sign_ins);
    }
}

fn two_methods_off() -> serde_json::Value {
    let mut policy = methods("disabled");
    policy["authenticationMethodConfigurations"].as_array_mut().unwrap().truncate(2);
    policy
}

#[test]
fn who_has_no_row_of_the_report_is_unknown() {
    tenant(&["alex", "bea"])
        .no_row("alex")
        .log(&[sign_in("alex", json!({})), sign_in("bea", json!({})), with_mfa("alex")])
        .expect("no row", &[("alex", "unknown", 2), ("bea", "ready", 1)], [3, 1, 1, 0, 0, 1]);
}

fn only_authenticator() -> serde_json::Value {
    let mut policy = methods("disabled");
    policy["authenticationMethodConfigurations"][0]["state"] = json!("enabled");
    policy
}

#[test]
fn of_several_sign_ins_the_worst_counts() {
    let nothing = || alex().row(unregistered("alex"));
    let modern = sign_in("alex", json!({}));
    let disabled = methods("disabled");
    let cases = [
        Case(
            "blocked_legacy before ready",
            alex().log(&[modern.clone(), imap("alex"), modern.clone()]),
            ("alex", "blocked_legacy", 1),
            [3, 2, 0, 1, 0, 0],
        ),
        Case(
            "blocked_legacy before must_register",
            nothing().log(&[modern.clone(), modern.clone(), imap("alex")]),
            ("alex", "blocked_legacy", 1),
            [3, 2, 0, 1, 0, 0],
        ),
        Case(
            "blocked_legacy before unknown",
            alex().no_report().log(&[modern.clone(), imap("alex"), imap("alex")]),
            ("alex", "blocked_legacy", 2),
            [3, 0, 0, 2, 0, 1],
        ),
        Case(
            "cannot before blocked_legacy",
            nothing().file("methods.json", disabled).log(&[imap("alex"), modern.clone()]),
            ("alex", "cannot", 1),
            [2, 0, 0, 2, 0, 0],
        ),
        Case(
            "must_register before ready",
            nothing().log(&[with_mfa("alex"), modern.clone()]),
            ("alex", "must_register", 1),
            [2, 1, 1, 0, 0, 0],
        ),
        Case(
            "unknown before ready",
            alex().no_report().log(&[with_mfa("alex"), modern]),
            ("alex", "unknown", 2),
            [2, 0, 1, 0, 0, 1],
        ),
    ];
    for Case(what, tenant, person, sign_ins) in cases {
        tenant.expect(what, &[person], sign_ins);
    }
}

#[test]
fn what_is_not_replayed() {
    let failed = |code: u32| sign_in("alex", json!({"status": {"errorCode": code}}));
    let old = sign_in("alex", json!({"createdDateTime": "2026-10-18T08:00:00Z"}));
    let newest = sign_in("bea", json!({}));
    let program = json!({"userId": null, "userPrincipalName": "", "userDisplayName": null,
        "servicePrincipalId": "00000000-0000-4000-d000-000000000001",
        "servicePrincipalName": "NE Backup", "signInEventTypes": ["servicePrincipal"]});
    let both: [(&str, Tenant, [u64; 6]); 4] = [
        (
            "wrong passwords",
            alex_and_bea().log(&[failed(50126), failed(50053)]),
            [1, 1, 0, 0, 0, 0],
        ),
        (
            "prompts",
            alex_and_bea().log(&[failed(50074), failed(50076), failed(50140)]),
            [1, 1, 0, 0, 0, 0],
        ),
        ("what is older than the window", alex_and_bea().log(&[old]), [1, 1, 0, 0, 0, 0]),
        ("programs", alex_and_bea().log(&[sign_in("alex", program)]), [1, 1, 0, 0, 0, 0]),
    ];
    for (what, tenant, sign_ins) in both {
        let people = [("alex", "unknown", 0), ("bea", "ready", 1)];
        tenant.log(std::slice::from_ref(&newest)).expect(what, &people, sign_ins);
    }
}

fn alex_and_bea() -> Tenant {
    tenant(&["alex", "bea"])
}

#[test]
fn a_copy_counts_once() {
    let record = sign_in("alex", json!({"id": "r0"}));
    let copy =
        crate::contract_tenant::world::page("auditLogs/signIns", std::slice::from_ref(&record));
    alex().log(&[record]).file("again.json", copy).expect(
        "a copy in another file",
        &[("alex", "ready", 1)],
        [1, 1, 0, 0, 0, 0],
    );
}

#[test]
fn who_was_not_seen() {
    let seen = sign_in("alex", json!({}));
    let cases: [(&str, Tenant, Person); 4] = [
        ("enabled", alex_and_bea(), ("bea", "unknown", 0)),
        ("not registered", alex_and_bea().row(unregistered("bea")), ("bea", "unknown", 0)),
        (
            "disabled",
            alex_and_bea().user(account("bea", json!({"accountEnabled": false}))),
            ("bea", "not_touched", 0),
        ),
        (
            "a guest",
            alex_and_bea().user(account("bea", json!({"userType": "Guest"}))),
            ("bea", "unknown", 0),
        ),
    ];
    for (what, tenant, bea) in cases {
        let people = [("alex", "ready", 1), bea];
        tenant.log(std::slice::from_ref(&seen)).expect(what, &people, [1, 1, 0, 0, 0, 0]);
    }
}

#[test]
fn break_glass_accounts_that_are_named_are_left_out() {
    let log = [sign_in("alex", json!({})), sign_in("bea", json!({}))];
    let both = || alex_and_bea().row(unregistered("bea")).log(&log);
    let people = [("alex", "ready", 1), ("bea", "must_register", 1)];
    both().expect("nobody is guessed to be one", &people, [2, 2, 0, 0, 0, 0]);
    let people = [("alex", "ready", 1), ("bea", "not_touched", 1)];
    both().settings("[break_glass]\naccounts = [\"bea@ne.example\"]\n").expect(
        "named",
        &people,
        [2, 1, 0, 0, 1, 0],
    );
}
