//! Which policies are judged: the pilot, files of proposed ones, those of today.

use serde_json::{Value, json};

use super::{
    INNER, OUTER, Tenant, account, blocks_abroad, from_abroad, group, home, id, imap, methods,
    policy, sign_in, tenant, unregistered, with_mfa,
};
use crate::contract_tenant::world::{page, pascal};

fn groups(inner: &[&str]) -> Value {
    page("groups", &[group(OUTER, "Pilot", &["alex", INNER]), group(INNER, "Inner", inner)])
}

#[test]
fn the_pilot_is_its_group_with_the_groups_inside() {
    let document = tenant(&["alex", "bea", "cleo", "dana", "eli"])
        .row(unregistered("bea"))
        .row(unregistered("cleo"))
        .file("groups.json", groups(&["bea", "dana"]))
        .settings("[pilot]\ngroup = \"Pilot\"\n")
        .asked(&["--to", "pilot"])
        .log(&[sign_in("alex", json!({})), sign_in("bea", json!({})), sign_in("cleo", json!({}))])
        .log(&[imap("cleo")])
        .expect(
            "members, a nested member, an outsider, and one of each who was not seen",
            &[
                ("alex", "ready", 1),
                ("bea", "must_register", 1),
                ("cleo", "not_touched", 2),
                ("dana", "unknown", 0),
                ("eli", "not_touched", 0),
            ],
            [4, 2, 0, 0, 2, 0],
        );
    assert_eq!(document["policies"], json!(["CA001 - Require MFA - Pilot"]));
}

#[test]
fn members_may_stand_in_a_file_of_their_own() {
    let mut pilot = group(OUTER, "Pilot", &[]);
    pilot.as_object_mut().unwrap().remove("members");
    let members = json!({"groupId": OUTER, "members": [
        {"@odata.type": "#microsoft.graph.user", "id": id("alex"),
         "userPrincipalName": "alex@ne.example"}]});
    tenant(&["alex", "bea"])
        .file("groups.json", page("groups", &[pilot]))
        .file("members.json", members)
        .settings("[pilot]\ngroup = \"Pilot\"\n")
        .asked(&["--to", "pilot"])
        .log(&[sign_in("alex", json!({})), sign_in("bea", json!({}))])
        .expect(
            "a file named by the group's id inside",
            &[("alex", "ready", 1), ("bea", "not_touched", 1)],
            [2, 1, 0, 0, 1, 0],
        );
}

#[test]
fn a_group_whose_members_nobody_told_is_unknown() {
    let mut pilot = group(OUTER, "Pilot", &[]);
    pilot.as_object_mut().unwrap().remove("members");
    tenant(&["alex"])
        .file("groups.json", page("groups", &[pilot]))
        .settings("[pilot]\ngroup = \"Pilot\"\n")
        .asked(&["--to", "pilot"])
        .log(&[sign_in("alex", json!({}))])
        .expect("members not in any file", &[("alex", "unknown", 1)], [1, 0, 0, 0, 0, 1]);
}

#[test]
fn a_pilot_that_nobody_named_is_wrong_input() {
    let world = crate::contract_tenant::world::World::new()
        .json("sign-ins.json", &page("auditLogs/signIns", &[sign_in("alex", json!({}))]));
    let answer = world.run(&["impact", "--to", "pilot"]);
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert!(answer.stderr.contains("pilot"), "{}", answer.stderr);
}

/// Alex from abroad, Bea from home, Cleo not seen.
fn travellers() -> Tenant {
    tenant(&["alex", "bea", "cleo"]).file("locations.json", home()).log(&[
        from_abroad("alex"),
        sign_in("alex", json!({})),
        sign_in("bea", json!({})),
    ])
}

#[test]
fn a_file_counts_as_on_in_any_spelling_and_state() {
    let expected = [("alex", "blocked", 1), ("bea", "not_touched", 1), ("cleo", "unknown", 0)];
    let in_state = |state: &str| {
        let mut policy = blocks_abroad();
        policy["state"] = json!(state);
        policy
    };
    let mut listed = blocks_abroad();
    listed["id"] = json!("00000000-0000-4000-e000-000000000001");
    let files = [
        ("enabled", in_state("enabled")),
        ("disabled", in_state("disabled")),
        ("report-only", in_state("enabledForReportingButNotEnforced")),
        ("as PowerShell writes it", pascal(&blocks_abroad())),
        ("as Graph lists them", page("identity/conditionalAccess/policies", &[listed.clone()])),
        ("a bare array", json!([listed])),
    ];
    for (what, file) in files {
        let document = travellers().policy(file).expect(what, &expected, [3, 0, 0, 1, 2, 0]);
        assert_eq!(document["policies"], json!(["CA010 - Block other countries"]), "{what}");
        assert_eq!(
            document["people"][0]["policies"],
            json!(["CA010 - Block other countries"]),
            "{what}"
        );
    }
}

#[test]
fn several_files_are_judged_together() {
    let mfa = policy("CA020 - MFA", &["mfa"], json!({}));
    let nothing = || travellers().row(unregistered("alex")).row(unregistered("bea"));
    nothing().policy(mfa.clone()).policy(blocks_abroad()).log(&[imap("alex")]).expect(
        "blocked before blocked_legacy before must_register",
        &[("alex", "blocked", 1), ("bea", "must_register", 1), ("cleo", "unknown", 0)],
        [4, 2, 0, 2, 0, 0],
    );
    nothing()
        .file("methods.json", methods("disabled"))
        .policy(blocks_abroad())
        .policy(mfa)
        .log(&[with_mfa("bea")])
        .expect(
            "blocked before cannot",
            &[("alex", "blocked", 1), ("bea", "cannot", 1), ("cleo", "unknown", 0)],
            [4, 0, 1, 3, 0, 0],
        );
}

#[test]
fn a_place_nobody_can_tell_is_unknown() {
    travellers().no_file("locations.json").policy(blocks_abroad()).expect(
        "the named location is in no file",
        &[("alex", "unknown", 2), ("bea", "unknown", 1), ("cleo", "unknown", 0)],
        [3, 0, 0, 0, 0, 3],
    );
}

#[test]
fn the_state_of_the_device() {
    let device = |fields: Value| sign_in("alex", json!({"deviceDetail": fields}));
    let compliant = policy("CA030 - Compliant devices", &["compliantDevice"], json!({}));
    let either = policy("CA031 - Device or MFA", &["compliantDevice", "mfa"], json!({}));
    let told = |compliant: bool| {
        json!({"deviceId": "00000000-0000-4000-f000-000000000001", "displayName": "NE-PC-1",
               "operatingSystem": "Windows11", "isCompliant": compliant, "isManaged": compliant,
               "trustType": "Azure AD joined"})
    };
    let phone = json!({"operatingSystem": "Ios", "browser": "Mobile Safari"});
    let cases = [
        ("compliant", &compliant, told(true), "ready", [1, 0, 1, 0, 0, 0]),
        ("not compliant", &compliant, told(false), "blocked", [1, 0, 0, 1, 0, 0]),
        ("not told", &compliant, phone.clone(), "unknown", [1, 0, 0, 0, 0, 1]),
        ("compliant, or MFA", &either, told(true), "ready", [1, 0, 1, 0, 0, 0]),
        ("not compliant, or MFA", &either, told(false), "ready", [1, 1, 0, 0, 0, 0]),
    ];
    for (what, policy, fields, outcome, sign_ins) in cases {
        tenant(&["alex"]).policy(policy.clone()).log(&[device(fields)]).expect(
            what,
            &[("alex", outcome, 1)],
            sign_ins,
        );
    }
    tenant(&["alex"]).policy(compliant).log(&[imap("alex")]).expect(
        "a legacy client tells nothing of its device",
        &[("alex", "blocked_legacy", 1)],
        [1, 0, 0, 1, 0, 0],
    );
}

#[test]
fn a_device_code() {
    let flows = json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}});
    let block = policy("CA004 - Block device code flow", &["block"], flows);
    let by_code = json!({"authenticationProtocol": "deviceCode",
        "originalTransferMethod": "deviceCodeFlow",
        "clientAppUsed": "Mobile Apps and Desktop clients"});
    let began_with_one = json!({"originalTransferMethod": "deviceCodeFlow"});
    for (what, changes, outcome, sign_ins) in [
        ("by device code", by_code, "blocked", [1, 0, 0, 1, 0, 0]),
        ("a session that began with one", began_with_one, "blocked", [1, 0, 0, 1, 0, 0]),
        ("without one", json!({}), "not_touched", [1, 0, 0, 0, 1, 0]),
    ] {
        tenant(&["alex"]).policy(block.clone()).log(&[sign_in("alex", changes)]).expect(
            what,
            &[("alex", outcome, 1)],
            sign_ins,
        );
    }
}

#[test]
fn exclusions_of_a_proposed_policy() {
    let users = json!({"includeUsers": ["All"], "excludeGroups": [OUTER],
        "excludeUsers": [id("eli")]});
    let mfa = policy("CA020 - MFA", &["mfa"], json!({"users": users}));
    tenant(&["alex", "bea", "cleo", "dana", "eli"])
        .file("groups.json", groups(&["bea"]))
        .policy(mfa)
        .log(&["alex", "bea", "cleo", "eli"].map(|name| sign_in(name, json!({}))))
        .expect(
            "a group, the group inside it, and an account by name",
            &[
                ("alex", "not_touched", 1),
                ("bea", "not_touched", 1),
                ("cleo", "ready", 1),
                ("dana", "unknown", 0),
                ("eli", "not_touched", 1),
            ],
            [4, 1, 0, 0, 3, 0],
        );
}

#[test]
fn against_current_the_policies_of_today_are_judged() {
    let on = policy("CA900 - MFA for Exchange", &["mfa"], json!({}));
    let seen = || {
        tenant(&["alex", "bea", "cleo"])
            .user(account("cleo", json!({"accountEnabled": false})))
            .row(unregistered("alex"))
            .asked(&["--against", "current"])
            .log(&[sign_in("alex", json!({})), with_mfa("bea")])
    };
    let document = seen().own(std::slice::from_ref(&on)).expect(
        "one is On",
        &[("alex", "must_register", 1), ("bea", "ready", 1), ("cleo", "not_touched", 0)],
        [2, 1, 1, 0, 0, 0],
    );
    assert_eq!(document["against"], "current");
    let mut report_only = on;
    report_only["state"] = json!("enabledForReportingButNotEnforced");
    let nobody =
        [("alex", "not_touched", 1), ("bea", "not_touched", 1), ("cleo", "not_touched", 0)];
    seen().own(&[report_only]).expect("none is On", &nobody, [2, 0, 0, 0, 2, 0]);
    seen().own(&[]).expect("there is none", &nobody, [2, 0, 0, 0, 2, 0]);
}

#[test]
fn a_proposed_policy_takes_the_place_of_the_one_with_its_id() {
    let with_id = |mut policy: Value| {
        policy["id"] = json!("00000000-0000-4000-e000-000000000007");
        policy
    };
    let narrow = policy("CA007", &["mfa"], json!({"users": {"includeUsers": [id("bea")]}}));
    tenant(&["alex", "bea"])
        .own(&[with_id(policy("CA007", &["block"], json!({})))])
        .policy(with_id(narrow))
        .log(&[sign_in("alex", json!({})), sign_in("bea", json!({}))])
        .expect(
            "the new one alone",
            &[("alex", "not_touched", 1), ("bea", "ready", 1)],
            [2, 1, 0, 0, 1, 0],
        );
}

#[test]
fn a_file_that_holds_no_policy_is_wrong_input() {
    let world = crate::contract_tenant::world::World::new()
        .json("sign-ins.json", &page("auditLogs/signIns", &[sign_in("alex", json!({}))]));
    for (name, text) in [("users.json", page("users", &[]).to_string()), ("text", "no".to_owned())]
    {
        std::fs::write(world.path().join(name), text).unwrap();
        let answer = world.run(&["impact", "--policy", name]);
        assert_eq!(answer.code, 1, "{name}: {}", answer.stdout);
        assert!(answer.stderr.contains(name), "{name}: {}", answer.stderr);
    }
    let answer = world.run(&["impact", "--policy", "nowhere.json"]);
    assert_eq!(answer.code, 1, "{}", answer.stdout);
}
