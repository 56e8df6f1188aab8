//! Openings that administrators leave, in the words they read.

use serde_json::{Value, json};

use super::super::{people, with_apps};
use super::{Axis, Certainty, Space, find_openings, with_every_method};
use crate::evaluate::PolicySet;
use crate::facts::{
    AssignmentState, BaselineScopes, Group, RoleAssignment, Tenant, User, UserType,
};
use crate::outcome::Verdict;
use crate::policy::Policy;
use crate::{read_named_location, read_policy};

pub(in crate::evaluate::situations) const OUT: &str = "00000000-0000-4000-8000-000000000001";
pub(in crate::evaluate::situations) const OFFICE: &str = "00000000-0000-4000-9000-000000000001";

pub(in crate::evaluate::situations) fn id(number: u8) -> String {
    format!("00000000-0000-4000-a000-0000000000{number:02x}")
}

pub(in crate::evaluate::situations) fn policy(
    name: &str,
    conditions: &Value,
    control: &str,
) -> Policy {
    let all = json!({"displayName": name, "state": "enabled", "conditions": conditions,
        "grantControls": {"operator": "OR", "builtInControls": [control]}});
    read_policy(&all).unwrap()
}

pub(in crate::evaluate::situations) fn tenant() -> Tenant {
    let guest =
        |number| User { kind: Some(UserType::B2bCollaborationGuest), ..User::member(id(number)) };
    let office = json!({"id": OFFICE, "displayName": "Leeds office", "isTrusted": true,
        "ipRanges": [{"cidrAddress": "203.0.113.0/25"}]});
    Tenant {
        users: (1..=6).map(|number| User::member(id(number))).chain([guest(7), guest(8)]).collect(),
        groups: vec![Group { id: OUT.to_owned(), members: Some(vec![id(2)]) }],
        named_locations: vec![read_named_location(&office).unwrap()],
        baseline_scopes: Some(BaselineScopes::Enforced),
        ..Tenant::default()
    }
}

pub(in crate::evaluate::situations) fn everyone() -> Value {
    json!({"includeUsers": ["All"]})
}

/// Registering is an action of its own, which a policy for all resources does not reach.
pub(in crate::evaluate::situations) fn registration() -> Policy {
    let conditions = json!({"users": everyone(),
        "applications": {"includeUserActions": ["urn:user:registersecurityinfo"]}});
    policy("registration", &conditions, "mfa")
}

#[test]
fn nothing_is_open_where_everything_is_asked() {
    let conditions = json!({"users": everyone(), "applications": {"includeApplications": ["All"]}});
    let report = find_openings(&[policy("all", &conditions, "mfa"), registration()], &tenant());
    insta::assert_snapshot!(report, @"Every combination reaches a policy that demands MFA or blocks.");
    assert_eq!(report.user_classes, 2);
}

#[test]
fn an_exclusion_that_nothing_else_covers() {
    let conditions = json!({"users": {"includeUsers": ["All"], "excludeGroups": [OUT]},
        "applications": {"includeApplications": ["All"]}});
    let report = find_openings(&[policy("all", &conditions, "mfa"), registration()], &tenant());
    insta::assert_snapshot!(report, @"no policy demands MFA or blocks: 1 member (`00000000-0000-4000-a000-000000000002`); any app but registering security information; any client on any platform; any place");
}

#[test]
fn guests_with_legacy_clients() {
    let modern = json!({"users": everyone(), "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]});
    let legacy = json!({"users": {"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["exchangeActiveSync", "other"]});
    let policies =
        [policy("modern", &modern, "mfa"), policy("legacy", &legacy, "block"), registration()];
    let report = find_openings(&policies, &tenant());
    insta::assert_snapshot!(report, @"no policy demands MFA or blocks: 2 guests (`00000000-0000-4000-a000-000000000007`, `00000000-0000-4000-a000-000000000008`); any app but registering security information; Exchange ActiveSync, a password replayed by ActiveSync, a password replayed by a legacy client, other legacy clients on any platform; any place");
}

#[test]
fn the_office_is_trusted_and_one_platform_forgotten() {
    let conditions = json!({"users": everyone(), "applications": {"includeApplications": ["All"]},
        "platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]},
        "locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}});
    let report = find_openings(&[policy("all", &conditions, "mfa"), registration()], &tenant());
    insta::assert_snapshot!(report, @"
    no policy demands MFA or blocks: 8 users (`00000000-0000-4000-a000-000000000001`, `00000000-0000-4000-a000-000000000002`, `00000000-0000-4000-a000-000000000003`, …); any app but registering security information; any client on Linux; any place
    no policy demands MFA or blocks: 8 users (`00000000-0000-4000-a000-000000000001`, `00000000-0000-4000-a000-000000000002`, `00000000-0000-4000-a000-000000000003`, …); any app but registering security information; any client on any platform; an address in `Leeds office`
    ");
}

/// Who can activate a role is looked at without it, and with it.
#[test]
fn a_role_that_waits_opens_one_way_or_the_other() {
    const GLOBAL: &str = "62e90394-69f5-4237-9190-012177145e10";
    let of_role = |users: &Value| {
        let conditions = json!({"users": users, "applications": {"includeApplications": ["All"]}});
        policy("role", &conditions, "mfa")
    };
    let mut tenant = tenant();
    tenant.users.truncate(1);
    tenant.roles = vec![RoleAssignment {
        role: GLOBAL.to_owned(),
        principal: id(1),
        scope: Some("/".to_owned()),
        state: Some(AssignmentState::Eligible),
        custom: false,
    }];
    let without = of_role(&json!({"includeRoles": [GLOBAL]}));
    let with = of_role(&json!({"includeUsers": ["All"], "excludeRoles": [GLOBAL]}));
    insta::assert_snapshot!(find_openings(&[without, registration()], &tenant), @"no policy demands MFA or blocks: 1 member (`00000000-0000-4000-a000-000000000001`); any app but registering security information; any client on any platform; any place");
    insta::assert_snapshot!(find_openings(&[with, registration()], &tenant), @"no policy demands MFA or blocks: 1 member (`00000000-0000-4000-a000-000000000001`); any app but registering security information; any client on any platform; any place; while a role they activate is active");
}

#[test]
fn no_policy_at_all() {
    insta::assert_snapshot!(find_openings(&[], &tenant()), @"no policy demands MFA or blocks: 8 users (`00000000-0000-4000-a000-000000000001`, `00000000-0000-4000-a000-000000000002`, `00000000-0000-4000-a000-000000000003`, …); any app; any client on any platform; any place");
}

/// Every cell, by evaluating its representative: open cells, and no others, are allowed without
/// MFA.
fn compare(policies: &[Policy], tenant: &Tenant) -> (usize, usize) {
    let set = PolicySet::of(policies, &with_apps(tenant));
    let space = Space::of(&set, policies, tenant);
    let (mut open, mut closed) = (0, 0);
    for class in people::people(&set, policies, tenant) {
        let boxes = space.open_to(&class);
        let subject = set.directory.subject(class.examples.first().map(String::as_str));
        for (at_target, target) in space.targets.iter().enumerate() {
            for (at_client, client) in space.clients.iter().enumerate() {
                for (at_place, place) in space.places.iter().enumerate() {
                    let mut sign_in = space.attempt(&subject, client);
                    Axis::Target.put(&target.facts, &mut sign_in);
                    Axis::Place.put(&place.facts, &mut sign_in);
                    sign_in.risk = super::no_risk();
                    let verdict = set.evaluate(&sign_in, &with_every_method()).verdict;
                    let told: Vec<Certainty> = boxes
                        .iter()
                        .filter(|it| {
                            it.targets.contains(&at_target)
                                && it.clients.contains(&at_client)
                                && it.places.contains(&at_place)
                        })
                        .map(|it| it.certainty)
                        .collect();
                    let shown =
                        || format!("{}, {}, {}", target.name(), client.name(), place.name());
                    match verdict {
                        Verdict::Allow => {
                            assert!(told.contains(&Certainty::Open), "{}", shown());
                        }
                        // What may be allowed is told; what is asked or blocked in every case is
                        // covered, whichever of both it is.
                        Verdict::Unknown => {
                            assert!(!told.contains(&Certainty::Open), "{}", shown())
                        }
                        _ => assert!(told.is_empty(), "{}: {told:?}", shown()),
                    }
                    if verdict == Verdict::Allow { open += 1 } else { closed += 1 }
                }
            }
        }
    }
    (open, closed)
}

#[test]
fn every_cell_is_told_as_it_evaluates() {
    let sets = [
        json!([[{"users": {"includeUsers": ["All"], "excludeGroups": [OUT]},
            "applications": {"includeApplications": ["All"]}}, "mfa"]]),
        json!([
            [{"users": everyone(), "applications": {"includeApplications": ["Office365"]},
                "locations": {"includeLocations": ["All"], "excludeLocations": [OFFICE]}}, "mfa"],
            [{"users": {"includeUsers": ["GuestsOrExternalUsers"]},
                "applications": {"includeApplications": ["MicrosoftAdminPortals"]}}, "block"],
            [{"users": everyone(), "applications": {"includeApplications": ["All"]},
                "clientAppTypes": ["exchangeActiveSync", "other"]}, "block"]]),
        json!([
            [{"users": everyone(), "applications": {"includeApplications": ["All"]},
                "platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}},
                "compliantDevice"],
            [{"users": {"includeGroups": [OUT]},
                "applications": {"includeUserActions": ["urn:user:registersecurityinfo"]}}, "mfa"],
            [{"users": everyone(), "applications": {"includeApplications": ["All"]},
                "authenticationFlows": {"transferMethods": "deviceCodeFlow"}}, "block"],
            [{"users": everyone(), "applications": {"includeApplications": ["All"]},
                "signInRiskLevels": ["high"]}, "block"]]),
    ];
    for set in sets {
        let policies: Vec<Policy> = set
            .as_array()
            .unwrap()
            .iter()
            .map(|it| policy("one", &it[0], it[1].as_str().unwrap()))
            .collect();
        let (open, closed) = compare(&policies, &tenant());
        assert!(open > 50 && closed > 50, "{open} open, {closed} closed");
    }
}
