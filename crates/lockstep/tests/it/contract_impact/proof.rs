//! `lockstep prove`: what it refuses, and how it says so.

use serde_json::{Value, json};

use super::{
    INNER, OUTER, Tenant, group, home, id, policy, registered, sign_in, tenant, unregistered,
    with_mfa,
};
use crate::contract_tenant::world::{GLOBAL_ADMINISTRATOR, page};

const STRENGTH: &str = "00000000-0000-4000-e000-000000000021";

/// Alex and Bea administer and passed MFA, Eli is the break-glass account.
fn administered() -> Tenant {
    let roles = ["alex", "bea", "eli"].map(|name| {
        json!({"id": format!("role-{name}"), "roleDefinitionId": GLOBAL_ADMINISTRATOR,
               "principalId": id(name), "directoryScopeId": "/",
               "principal": {"@odata.type": "#microsoft.graph.user", "id": id(name),
                             "userPrincipalName": format!("{name}@ne.example")}})
    });
    tenant(&["alex", "bea", "cleo", "eli"])
        .row(unregistered("eli"))
        .file("roles.json", page("roleManagement/directory/roleAssignments", &roles))
        .file("groups.json", groups(&["eli"]))
        .file("locations.json", home())
        .own(&[])
        .settings("[break_glass]\naccounts = [\"eli@ne.example\"]\n")
        .log(&[with_mfa("alex"), with_mfa("bea"), sign_in("cleo", json!({}))])
}

/// The group that policies exclude, and the group inside it with these members.
fn groups(inner: &[&str]) -> Value {
    page("groups", &[group(OUTER, "Break glass", &[INNER]), group(INNER, "Inner", inner)])
}

/// A policy that spares the group, and what is different.
fn sparing(name: &str, controls: &[&str], changes: Value) -> Value {
    let users = json!({"includeUsers": ["All"], "excludeGroups": [OUTER]});
    let mut conditions = json!({"users": users});
    conditions.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    policy(name, controls, conditions)
}

fn names(list: &Value) -> Vec<String> {
    let names = list.as_array().unwrap().iter().map(|it| {
        let name = it["user_principal_name"].as_str().unwrap_or_else(|| panic!("{list}"));
        name.trim_end_matches("@ne.example").to_owned()
    });
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The document, which must say whether the proof holds.
fn proof(what: &str, tenant: &Tenant, holds: bool) -> Value {
    let answer = tenant.answer("prove");
    let document = answer.document();
    assert_eq!(document["schema"], "lockstep.proof/1", "{what}");
    assert_eq!(document["holds"], holds, "{what}: {document:#}");
    assert_eq!(answer.code == 0, holds, "{what}: exit {}", answer.code);
    document
}

#[test]
fn ca001_with_a_named_break_glass_account_holds() {
    let document = proof("CA001", &administered(), true);
    assert_eq!(names(&document["administrators_who_can_sign_in"]), ["alex", "bea"]);
    assert_eq!(names(&document["break_glass"]), ["eli"]);
    assert_eq!(document["break_glass"][0]["excluded_from_all"], true);
    assert_eq!(document["break_glass"][0]["user_id"], id("eli"));
    assert_eq!(document["counter_examples"], json!([]));
    assert!(document["cells_checked"].as_u64().unwrap() > 0);
}

#[test]
fn without_what_it_needs_it_does_not_hold() {
    let one_passed = tenant_of_one();
    let document = proof("one administrator never passed MFA", &one_passed, false);
    assert_eq!(names(&document["administrators_who_can_sign_in"]), ["alex"]);
    assert_eq!(names(&document["unproven_administrators"]), ["bea"]);
    assert_eq!(document["shortfalls"].as_array().unwrap().len(), 1, "{document:#}");

    let unnamed = Tenant { settings: "[pilot]\ngroup = \"Pilot\"\n".to_owned(), ..administered() };
    let document = proof("no break-glass account is named", &unnamed, false);
    assert_eq!(document["break_glass"], json!([]));
    assert!(!document["shortfalls"].as_array().unwrap().is_empty());

    let absent = Tenant {
        settings: "[break_glass]\naccounts = [\"nobody@ne.example\"]\n".to_owned(),
        ..administered()
    };
    let document = proof("the named account is in no file", &absent, false);
    assert_eq!(document["break_glass"][0]["can_sign_in"], false);

    let document =
        proof("nobody told of the own policies", &administered().no_file("policies.json"), false);
    assert_eq!(document["shortfalls"].as_array().unwrap().len(), 1, "{document:#}");
    assert_eq!(document["counter_examples"], json!([]));

    let document = proof("registration in no file", &administered().no_report(), false);
    assert_eq!(document["administrators_who_can_sign_in"], json!([]));
}

/// Bea has signed in with one factor only.
fn tenant_of_one() -> Tenant {
    let mut tenant = administered();
    tenant.log.clear();
    tenant.log(&[with_mfa("alex"), sign_in("bea", json!({}))])
}

/// What is refused: the policies, and who is barred.
struct Refused {
    what: &'static str,
    tenant: Tenant,
    barred: &'static [&'static str],
    blocked_by: &'static str,
}

#[test]
fn each_way_to_lock_everybody_out_is_refused_with_a_counter_example() {
    let with_id = |mut policy: Value| {
        policy["id"] = json!("00000000-0000-4000-e000-000000000020");
        policy
    };
    let mut managed = policy("Microsoft-managed: MFA for all", &["mfa"], json!({}));
    managed["state"] = json!("enabledForReportingButNotEnforced");
    managed["templateId"] = json!("00000000-0000-4000-e000-000000000030");
    managed["createdDateTime"] = json!("2026-09-01T08:00:00Z");
    let admins = json!({"includeRoles": [GLOBAL_ADMINISTRATOR], "excludeGroups": [OUTER]});
    let mut strong = sparing("CA021", &[], json!({"users": admins.clone()}));
    strong["grantControls"]["authenticationStrength"] = json!({"id": STRENGTH,
        "displayName": "Certificates", "policyType": "custom",
        "allowedCombinations": ["x509CertificateMultiFactor"]});
    let places = json!({"includeLocations": ["All"], "excludeLocations": [super::HOME]});
    let cases = [
        Refused {
            what: "the break-glass account is not excluded",
            tenant: administered().policy(with_id(policy("CA020", &["mfa"], json!({})))),
            barred: &["eli"],
            blocked_by: "00000000-0000-4000-e000-000000000020",
        },
        Refused {
            what: "excluded through a nested group that lost its member",
            tenant: administered().file("groups.json", groups(&[])).policy(with_id(sparing(
                "CA020",
                &["mfa"],
                json!({}),
            ))),
            barred: &["eli"],
            blocked_by: "00000000-0000-4000-e000-000000000020",
        },
        Refused {
            what: "a policy of Microsoft's that switches itself on",
            tenant: administered().own(&[with_id(managed)]).policy(sparing(
                "CA022",
                &["mfa"],
                json!({}),
            )),
            barred: &["eli"],
            blocked_by: "00000000-0000-4000-e000-000000000020",
        },
        Refused {
            what: "a compliant device, which no administrator has",
            tenant: administered().policy(with_id(sparing(
                "CA020",
                &["compliantDevice"],
                json!({"users": admins}),
            ))),
            barred: &["alex", "bea"],
            blocked_by: "00000000-0000-4000-e000-000000000020",
        },
        Refused {
            what: "a place that only the office satisfies",
            tenant: administered().policy(with_id(sparing(
                "CA020",
                &["block"],
                json!({"locations": places}),
            ))),
            barred: &["alex", "bea"],
            blocked_by: "00000000-0000-4000-e000-000000000020",
        },
        Refused {
            what: "a strength that no administrator can meet",
            tenant: administered().policy(with_id(strong)),
            barred: &["alex", "bea"],
            blocked_by: "00000000-0000-4000-e000-000000000020",
        },
    ];
    for Refused { what, tenant, barred, blocked_by } in cases {
        let document = proof(what, &tenant, false);
        let examples = &document["counter_examples"];
        assert_eq!(names(examples), barred, "{what}: {document:#}");
        for example in examples.as_array().unwrap() {
            assert_eq!(example["blocked_by"], json!([blocked_by]), "{what}: {example:#}");
            assert!(
                example["why"].as_array().is_some_and(|why| !why.is_empty()),
                "{what}: {example:#}"
            );
            assert!(
                example["mend"].as_array().is_some_and(|mend| !mend.is_empty()),
                "{what}: {example:#}"
            );
        }
        let barred_glass = barred.contains(&"eli");
        assert_eq!(document["break_glass"][0]["can_sign_in"], !barred_glass, "{what}");
        assert_eq!(document["break_glass"][0]["excluded_from_all"], !barred_glass, "{what}");
    }
}

#[test]
fn the_same_policies_that_spare_whom_they_must_hold() {
    let places = json!({"includeLocations": ["All"], "excludeLocations": [super::HOME]});
    let for_others = json!({"includeUsers": [id("cleo")], "excludeGroups": [OUTER]});
    administered_holds("CA020", sparing("CA020", &["mfa"], json!({})));
    administered_holds(
        "a place, for others",
        sparing("CA020", &["block"], json!({"locations": places, "users": for_others})),
    );
}

fn administered_holds(what: &str, policy: Value) {
    let document = proof(what, &administered().policy(policy), true);
    assert_eq!(document["counter_examples"], json!([]), "{what}");
}

#[test]
fn the_registration_of_a_break_glass_account_from_a_report_proves_nothing() {
    let reported = administered().row(registered("eli", json!({}))).policy(policy(
        "CA020",
        &["mfa"],
        json!({}),
    ));
    let document = proof("a row of the report", &reported, false);
    assert_eq!(document["break_glass"][0]["excluded_from_all"], false);
}
