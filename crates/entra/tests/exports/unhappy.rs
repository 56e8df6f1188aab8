use entra::exports::Collector;
use records::{Offer, Record};
use rollout::Snapshot;
use serde_json::json;

use super::{offer, offer_row, offer_text, page};

#[test]
fn what_is_of_no_known_kind_is_left_alone() {
    let cases = [
        json!({}),
        json!({"id": "1"}),
        json!({"id": "1", "displayName": "Printer"}),
        json!({"value": []}),
        json!({"value": [1, "x", null]}),
        json!({"id": "1", "scenarios": "zeroTrust", "details": {"conditions": {}}}),
        // Sign-ins, in every shape, are read elsewhere.
        json!({"id": "1", "userPrincipalName": "a@ne.example", "createdDateTime": "2026-03-01T00:00:00Z",
            "clientAppUsed": "Browser", "status": {"errorCode": 0}, "ipAddress": "192.0.2.1"}),
        json!({"@odata.type": "#microsoft.graph.signIn", "id": "1", "userPrincipalName": "a@ne.example"}),
        json!({"category": "SignInLogs", "time": "2026-03-01T00:00:00Z",
            "properties": {"id": "1", "userPrincipalName": "a@ne.example", "appDisplayName": "x"}}),
        json!({"Type": "SigninLogs", "UserPrincipalName": "a@ne.example", "AppDisplayName": "x",
            "ConditionalAccessPolicies": "[]", "ResultType": "0"}),
        // A licence of one user is not a licence of the tenant.
        json!({"id": "1", "skuId": "2", "skuPartNumber": "SPE_E3", "servicePlans": []}),
        // A partner's settings are not the default.
        json!({"tenantId": "1", "inboundTrust": {"isMfaAccepted": true}}),
        json!({"RecipientTypeDetails": "MailContact", "PrimarySmtpAddress": "a@ne.example"}),
        json!({"id": "1", "displayName": "x", "isEnabled": true}),
    ];
    for case in cases {
        let mut collector = Collector::new();
        assert_eq!(offer(&mut collector, &case, None), Offer::NotMine, "{case}");
        assert_eq!(collector.finish(), Snapshot::default(), "{case}");
    }
}

#[test]
fn members_of_a_group_nobody_named_are_not_the_tenants_users() {
    let member = json!({"@odata.type": "#microsoft.graph.user", "id": "1",
        "userPrincipalName": "a@ne.example"});
    let mut collector = Collector::new();
    let context = page("directoryObjects");
    assert_eq!(offer(&mut collector, &member, Some(&context)), Offer::NotMine);
    let columns = ["id", "userPrincipalName", "displayName", "objectType", "isUser", "isGroup"];
    let cells = ["1", "a@ne.example", "A", "User", "True", "False"];
    assert_eq!(offer_row(&mut collector, &columns, &cells), Offer::NotMine);
    assert_eq!(collector.finish(), Snapshot::default());
}

#[test]
fn broken_records_of_a_known_kind_say_what_is_wrong() {
    let cases = [
        (r#"{"id": "1", "userPrincipalName": "#, "it is not valid JSON"),
        (
            r#"{"id": "1", "userPrincipalName": "a@ne.example", "accountEnabled": "banana"}"#,
            "user: `accountEnabled` is not yes or no",
        ),
        (
            r#"{"userPrincipalName": "a@ne.example", "createdDateTime": "soon"}"#,
            "user: `createdDateTime` is not a date",
        ),
        (r#"{"userPrincipalName": ["a"]}"#, "user: `userPrincipalName` is not text"),
        (r#"{"userPrincipalName": null}"#, "user: `userPrincipalName` is not there, nor is `id`"),
        (
            r#"{"userPrincipalName": "a@ne.example", "assignedPlans": [7]}"#,
            "user: `assignedPlans` is not a list of objects",
        ),
        (
            r#"{"userPrincipalName": "a@ne.example", "signInActivity": "never"}"#,
            "user: `signInActivity` is not an object",
        ),
        (
            r#"{"id": "1", "isMfaCapable": 3}"#,
            "registration details: `isMfaCapable` is not yes or no",
        ),
        (
            r#"{"isMfaCapable": true}"#,
            "registration details: `userPrincipalName` is not there, nor is `id`",
        ),
        (r#"{"groupId": "", "members": []}"#, "group members: `groupId` is not there"),
        (r#"{"id": "g", "members": [true]}"#, "group: `members` is not a list of users and groups"),
        (
            r#"{"id": "g", "members": [{"displayName": "A"}]}"#,
            "group: `id` is not there for a member, nor is `userPrincipalName`",
        ),
        (
            r#"{"roleDefinitionId": "r", "principalId": null}"#,
            "role assignment: `principalId` is not there",
        ),
        (
            r#"{"userId": "1", "methods": [{"id": "m"}]}"#,
            "authentication methods of a user: `@odata.type` is not there",
        ),
        (
            r#"{"activityDateTime": "2026-03-01T00:00:00Z"}"#,
            "directory audit event: `activityDisplayName` is not there",
        ),
        (
            r#"{"RecipientTypeDetails": "UserMailbox"}"#,
            "mailbox: `PrimarySmtpAddress` is not there, nor any other name",
        ),
        (
            r#"{"skuId": "1", "consumedUnits": -4}"#,
            "subscribed licence: `consumedUnits` is not a count",
        ),
    ];
    for (text, expected) in cases {
        let mut collector = Collector::new();
        match offer_text(&mut collector, text, None) {
            Offer::Unreadable(reason) => assert!(reason.starts_with(expected), "{text}: {reason}"),
            other => panic!("{text}: {other:?}"),
        }
        assert_eq!(collector.finish(), Snapshot::default(), "{text}");
        assert!(Collector::new().counts().is_empty());
    }
}

#[test]
fn a_listed_policy_without_anything_of_a_policy_is_unreadable() {
    let mut collector = Collector::new();
    let context = page("identity/conditionalAccess/policies(id)");
    let answer = offer(&mut collector, &json!({"id": "1"}), Some(&context));
    assert!(matches!(answer, Offer::Unreadable(reason) if reason.contains("no conditions")));
    assert_eq!(collector.finish().policies, None);
}

#[test]
fn one_broken_record_does_not_lose_the_others() {
    let mut collector = Collector::new();
    let good = json!({"id": "1", "userPrincipalName": "a@ne.example"});
    let bad = json!({"id": "2", "userPrincipalName": "b@ne.example", "accountEnabled": 1});
    assert_eq!(offer(&mut collector, &good, None), Offer::Taken);
    assert!(matches!(offer(&mut collector, &bad, None), Offer::Unreadable(_)));
    assert_eq!(collector.counts().get("users"), Some(&1));
    assert_eq!(collector.finish().users.unwrap().len(), 1);
}

#[test]
fn an_empty_list_is_a_statement_only_where_it_says_of_what() {
    let told = |context: Option<&str>| {
        let mut collector = Collector::new();
        let answer = collector.offer(&Record::EmptyList { context }, "export.json");
        (answer, collector.finish())
    };
    for context in [None, Some(""), Some("https://ne.example/$metadata#planets")] {
        assert_eq!(told(context), (Offer::NotMine, Snapshot::default()), "{context:?}");
    }
    let users = told(Some(&page("users(id,displayName)")));
    assert_eq!(users, (Offer::Taken, Snapshot { users: Some(vec![]), ..Snapshot::default() }));
    let policies = told(Some(&page("identity/conditionalAccess/policies"))).1;
    assert_eq!(policies.policies, Some(vec![]));
    let eligible = told(Some(&page("roleManagement/directory/roleEligibilityScheduleInstances"))).1;
    assert_eq!(eligible.roles, None, "nobody spoke of active assignments");
    let members = told(Some(&page("groups('G1')/members"))).1.groups.unwrap();
    assert_eq!(
        (members[0].id.as_deref(), members[0].members.as_deref()),
        (Some("g1"), Some(&[][..]))
    );
}

#[test]
fn settings_that_files_contradict_are_not_known() {
    let policy = |on: bool| json!({"displayName": "Security Defaults", "isEnabled": on});
    for (settings, expected) in
        [(vec![true], Some(true)), (vec![false, false], Some(false)), (vec![true, false], None)]
    {
        let values: Vec<_> = settings.iter().map(|on| policy(*on)).collect();
        assert_eq!(super::snapshot_of(&values).security_defaults, expected, "{settings:?}");
    }
}

#[test]
fn people_known_only_from_elsewhere_do_not_become_users() {
    let snapshot = super::snapshot_of(&[
        json!({"id": "1", "userPrincipalName": "a@ne.example", "isMfaCapable": true}),
        json!({"userId": "2", "methods": []}),
        json!({"groupId": "g", "members": [{"@odata.type": "#microsoft.graph.user", "id": "3"}]}),
        json!({"roleDefinitionId": "r", "principalId": "4",
            "principal": {"@odata.type": "#microsoft.graph.user", "userPrincipalName": "d@ne.example"}}),
    ]);
    assert_eq!(snapshot.users, None);
}
