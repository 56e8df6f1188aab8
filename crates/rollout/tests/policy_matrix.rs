//! Every account held against every policy: who is reached, why not, and whom nobody asks.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use conditional_access::{Policy, State, read_policy};
use rollout::exceptions::Kind;
use rollout::policy_matrix::{AskedBy, Cell, PolicyMatrix, matrix};
use rollout::{
    Account, Facts, GLOBAL_ADMINISTRATOR, Group, Member, MemberKind, RoleAssignment, Rollout,
    Snapshot, User, UserType, exceptions,
};
use serde_json::{Value, json};

const PEOPLE: [&str; 6] = ["glass", "ann", "ben", "cora", "dan", "fay"];
const GLASS: &str = "00000000-0000-4000-8000-000000000001";
const INNER: &str = "00000000-0000-4000-8000-000000000002";
const STAFF: &str = "00000000-0000-4000-8000-000000000003";
const UNTOLD: &str = "00000000-0000-4000-8000-000000000004";
const NOWHERE: &str = "00000000-0000-4000-8000-000000000099";

fn id(name: &str) -> String {
    let place = PEOPLE.iter().position(|it| *it == name).unwrap();
    format!("00000000-0000-4000-a000-00000000000{place}")
}

fn user(name: &str) -> User {
    User {
        account: Account {
            user_principal_name: Some(format!("{name}@ne.example")),
            user_id: Some(id(name)),
            display_name: Some(name.to_owned()),
        },
        account_enabled: Some(name != "fay"),
        user_type: Some(UserType::Member),
        ..User::default()
    }
}

fn member(name: &str) -> Member {
    Member { id: Some(id(name)), user_principal_name: None, kind: MemberKind::User }
}

fn group(id: &str, name: &str, members: Option<Vec<Member>>) -> Group {
    Group {
        id: Some(id.to_owned()),
        display_name: Some(name.to_owned()),
        members,
        ..Group::default()
    }
}

fn policy(name: &str, users: &Value) -> Policy {
    read_policy(&json!({
        "id": name, "displayName": name, "state": "enabled",
        "conditions": {
            "users": users, "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"]},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }))
    .unwrap()
}

/// A break-glass account in a group inside the excluded one, an administrator, three people and one
/// who left. Staff are ann, ben and cora.
fn tenant(policies: Vec<Policy>) -> Snapshot {
    let inner =
        Member { id: Some(INNER.to_owned()), user_principal_name: None, kind: MemberKind::Group };
    let role = RoleAssignment {
        role: GLOBAL_ADMINISTRATOR.to_owned(),
        role_name: None,
        principal_id: Some(id("ann")),
        principal_name: None,
        principal_kind: MemberKind::User,
        active: true,
        scope: Some("/".to_owned()),
        ends: None,
    };
    Snapshot {
        users: Some(PEOPLE.map(user).to_vec()),
        groups: Some(vec![
            group(GLASS, "Glass", Some(vec![inner])),
            group(INNER, "Inner", Some(vec![member("glass")])),
            group(STAFF, "Staff", Some(["ann", "ben", "cora"].map(member).to_vec())),
            group(UNTOLD, "Untold", None),
        ]),
        roles: Some(vec![role]),
        policies: Some(policies),
        ..Snapshot::default()
    }
}

fn made(snapshot: &Snapshot) -> Option<PolicyMatrix> {
    let mut rollout = Rollout::default();
    rollout.break_glass.accounts = vec!["glass@ne.example".to_owned()];
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    let facts = Facts::new(snapshot, None, &rollout, now);
    matrix(&facts, &exceptions::classify(&facts))
}

fn said(cell: &Cell) -> String {
    match cell {
        Cell::Reached => "reached".to_owned(),
        Cell::Excluded(by) => format!("excluded by {}", by.join(" and ")),
        Cell::NotIncluded => "no".to_owned(),
        Cell::Unknown(missed) => format!("unknown: {}", missed.join(" and ")),
    }
}

/// What the policies are to one person.
fn row(matrix: &PolicyMatrix, name: &str) -> Vec<String> {
    let label = format!("{name}@ne.example");
    let account = matrix.accounts.iter().find(|it| it.account.label() == label).unwrap();
    matrix.cells_of(matrix.class_of(account).unwrap()).map(said).collect()
}

fn one(users: &Value, name: &str) -> String {
    let matrix = made(&tenant(vec![policy("CA001", users)])).unwrap();
    row(&matrix, name).remove(0)
}

#[test]
fn without_users_or_policies_there_is_no_matrix() {
    let mut snapshot = tenant(Vec::new());
    assert_eq!(made(&snapshot).unwrap().classes.len(), 1, "no policy treats all alike");
    snapshot.policies = None;
    assert_eq!(made(&snapshot), None);
    let mut snapshot = tenant(Vec::new());
    snapshot.users = None;
    assert_eq!(made(&snapshot), None);
    snapshot.users = Some(Vec::new());
    assert_eq!(made(&snapshot).unwrap().summary().accounts, 0);
}

#[test]
fn what_was_not_told_is_unknown() {
    let all = |group: &str| json!({"includeUsers": ["All"], "excludeGroups": [group]});
    assert_eq!(one(&all(UNTOLD), "dan"), "unknown: members of group Untold");
    assert_eq!(one(&all(NOWHERE), "dan"), format!("unknown: members of group {NOWHERE}"));
    let untold = json!({"includeGroups": [UNTOLD]});
    assert_eq!(one(&untold, "dan"), "unknown: members of group Untold");
    let both = json!({"includeGroups": [UNTOLD], "excludeUsers": [id("dan")]});
    assert_eq!(one(&both, "dan"), "excluded by by name", "whoever is in the group");
    let newer = json!({"includeUsers": ["All"], "excludeTeams": ["x"]});
    assert!(one(&newer, "dan").starts_with("unknown: conditions.users.excludeTeams"));
    let roles = json!({"includeRoles": [GLOBAL_ADMINISTRATOR]});
    let mut snapshot = tenant(vec![policy("CA001", &roles)]);
    assert_eq!(row(&made(&snapshot).unwrap(), "dan"), ["no"]);
    snapshot.roles = None;
    let unknown = ["unknown: holders of role Global Administrator"];
    assert_eq!(row(&made(&snapshot).unwrap(), "dan"), unknown);
}

#[test]
fn each_way_of_being_left_out_is_named() {
    let everyone = |rest: Value| {
        let mut users = json!({"includeUsers": ["All"]});
        users.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        users
    };
    let cases = [
        (json!({"includeUsers": ["All"]}), "ann", "reached"),
        (json!({"includeUsers": ["None"]}), "ann", "no"),
        (json!({"includeGroups": [STAFF]}), "ben", "reached"),
        (json!({"includeGroups": [STAFF]}), "dan", "no"),
        (json!({"includeGroups": [GLASS]}), "glass", "reached"),
        (json!({"includeGroups": [STAFF], "excludeGroups": [GLASS]}), "glass", "no"),
        (json!({"includeRoles": [GLOBAL_ADMINISTRATOR]}), "ann", "reached"),
        (everyone(json!({"excludeUsers": [id("dan")]})), "dan", "excluded by by name"),
        (everyone(json!({"excludeGroups": [GLASS]})), "glass", "excluded by group Glass (nested)"),
        (everyone(json!({"excludeGroups": [INNER]})), "glass", "excluded by group Inner"),
        (
            everyone(json!({"excludeRoles": [GLOBAL_ADMINISTRATOR], "excludeGroups": [STAFF]})),
            "ann",
            "excluded by group Staff and role Global Administrator",
        ),
        (everyone(json!({"excludeUsers": ["All"]})), "ann", "excluded by all users"),
        (everyone(json!({"excludeUsers": ["GuestsOrExternalUsers"]})), "ann", "reached"),
    ];
    for (users, name, expected) in cases {
        assert_eq!(one(&users, name), expected, "{users} {name}");
    }
}

#[test]
fn guests_of_listed_tenants_are_known_only_with_their_home() {
    let guests = |tenants: Value| {
        json!({"includeGuestsOrExternalUsers": {
            "guestOrExternalUserTypes": "b2bCollaborationGuest", "externalTenants": tenants}})
    };
    let any = policy("any", &guests(json!({"membershipKind": "all"})));
    let some = policy("some", &guests(json!({"membershipKind": "enumerated", "members": ["t"]})));
    let mut snapshot = tenant(vec![any, some]);
    let dan = &mut snapshot.users.as_mut().unwrap()[4];
    dan.user_type = Some(UserType::Guest);
    dan.external_user_state = Some("Accepted".to_owned());
    let matrix = made(&snapshot).unwrap();
    assert_eq!(row(&matrix, "dan"), ["reached", "unknown: the home tenant"]);
    assert_eq!(row(&matrix, "ben"), ["no", "no"]);
}

#[test]
fn a_policy_for_workload_identities_is_for_no_account() {
    let mut workloads = policy("CA001", &json!({"includeUsers": ["All"]}));
    workloads.conditions.client_applications = Some(conditional_access::ClientApplications {
        include: vec!["ServicePrincipalsInMyTenant".to_owned()],
        ..conditional_access::ClientApplications::default()
    });
    workloads.conditions.workload_identities = true;
    let matrix = made(&tenant(vec![workloads])).unwrap();
    assert_eq!(matrix.policies[0].not_included, 6);
}

#[test]
fn an_account_without_an_object_id_may_be_anybody_whom_a_policy_names_by_id() {
    let everyone = policy("all", &json!({"includeUsers": ["All"]}));
    let by_id = policy("by id", &json!({"includeUsers": ["All"], "excludeUsers": [id("dan")]}));
    let only = policy("only", &json!({"includeUsers": [id("dan")]}));
    let staff = json!({"includeUsers": ["All"], "excludeGroups": [STAFF]});
    let mut snapshot = tenant(vec![everyone, by_id, only, policy("staff", &staff)]);
    snapshot.users.as_mut().unwrap()[4].account.user_id = None;
    let unknown = "unknown: the account's object id";
    let matrix = made(&snapshot).unwrap();
    assert_eq!(row(&matrix, "dan"), ["reached", unknown, unknown, "reached"]);
    assert_eq!(row(&matrix, "ben"), ["reached", "reached", "no", "excluded by group Staff"]);
    // The group holds him under his name, and somebody known by an id only.
    let members = vec![
        Member {
            id: None,
            user_principal_name: Some("dan@ne.example".to_owned()),
            kind: MemberKind::User,
        },
        Member { id: Some(NOWHERE.to_owned()), user_principal_name: None, kind: MemberKind::User },
    ];
    snapshot.groups.as_mut().unwrap()[2].members = Some(members);
    assert_eq!(row(&made(&snapshot).unwrap(), "dan")[3], "excluded by group Staff");
    snapshot.groups.as_mut().unwrap()[2].members.as_mut().unwrap().remove(0);
    assert_eq!(row(&made(&snapshot).unwrap(), "dan")[3], unknown);
}

/// A change to a policy that asks everyone.
type Change = fn(&mut Policy);

/// Who asks one person for MFA, under policies made by a change to one that asks everyone.
fn asked(changes: &[Change]) -> AskedBy {
    let policies = changes.iter().enumerate().map(|(number, change)| {
        let mut policy = policy(&format!("CA{number}"), &json!({"includeUsers": ["All"]}));
        change(&mut policy);
        policy
    });
    let matrix = made(&tenant(policies.collect())).unwrap();
    matrix.class_of(matrix.accounts.first().unwrap()).unwrap().asked.by()
}

#[test]
fn who_is_asked_is_the_best_that_is_certain() {
    let on: Change = |_| {};
    let off: Change = |it| it.state = State::Disabled;
    let report: Change = |it| it.state = State::EnabledForReportingButNotEnforced;
    let unclear: Change = |it| it.state = State::Unknown;
    let deleted: Change = |it| it.unmodelled.push("deletedDateTime".to_owned());
    let block: Change = |it| it.grant.as_mut().unwrap().built_in = vec!["block".into()];
    let some_apps: Change = |it| it.conditions.applications.include = vec!["Office365".into()];
    let at_risk: Change = |it| it.conditions.insider_risk_levels = vec!["minor".into()];
    let or_device: Change = |it| it.grant.as_mut().unwrap().built_in.push("compliantDevice".into());
    let untold: Change = |it| it.conditions.users.exclude_groups = vec![UNTOLD.into()];
    let untold_report: Change = |it| {
        it.conditions.users.exclude_groups = vec![UNTOLD.into()];
        it.state = State::EnabledForReportingButNotEnforced;
    };
    let cases: [(&[Change], AskedBy); 15] = [
        (&[], AskedBy::Nobody),
        (&[off], AskedBy::Nobody),
        (&[deleted], AskedBy::Nobody),
        (&[block], AskedBy::Nobody),
        (&[report], AskedBy::ReportOnly),
        (&[untold_report], AskedBy::Nobody),
        (&[unclear], AskedBy::Unknown),
        (&[untold], AskedBy::Unknown),
        (&[report, untold], AskedBy::Unknown),
        (&[some_apps], AskedBy::Sometimes),
        (&[at_risk], AskedBy::Sometimes),
        (&[or_device], AskedBy::Sometimes),
        (&[some_apps, untold, report], AskedBy::Sometimes),
        (&[on], AskedBy::Always),
        (&[on, off, untold], AskedBy::Always),
    ];
    for (number, (changes, expected)) in cases.into_iter().enumerate() {
        assert_eq!(asked(changes), expected, "case {number}");
    }
}

#[test]
fn accounts_treated_alike_are_one_class_and_those_nobody_asks_come_first() {
    let staff = json!({"includeGroups": [STAFF], "excludeGroups": [GLASS]});
    let matrix = made(&tenant(vec![policy("CA001", &staff)])).unwrap();
    let classes: Vec<(AskedBy, Vec<&str>)> = matrix
        .classes
        .iter()
        .map(|class| {
            let names = matrix.accounts_of(class).map(|it| it.account.label()).collect();
            (class.asked.by(), names)
        })
        .collect();
    assert_eq!(
        classes,
        [
            (AskedBy::Nobody, vec!["dan@ne.example", "fay@ne.example", "glass@ne.example"]),
            (AskedBy::Always, vec!["ann@ne.example", "ben@ne.example", "cora@ne.example"]),
        ]
    );
    let summary = matrix.summary();
    assert_eq!((summary.accounts, summary.classes), (6, 2));
    let unasked: Vec<(&str, Kind)> =
        summary.asked_by_nobody.iter().map(|it| (it.account.label(), it.kind)).collect();
    assert_eq!(unasked.len(), 2, "fay cannot sign in: {unasked:?}");
    assert_eq!(unasked[1], ("glass@ne.example", Kind::BreakGlass));
    let counts: Vec<u64> = summary.asked_for_mfa.iter().map(|it| it.accounts).collect();
    assert_eq!(counts, [2, 0, 0, 0, 3]);
    let reach = &matrix.policies[0];
    assert_eq!(
        (reach.reached, reach.excluded, reach.not_included, reach.unknown),
        (3, 0, 3, 0),
        "whom a policy does not include it need not exclude"
    );
}
