//! What is proposed: drafts, files, and what is taken for granted.

use conditional_access::{Policy, State, read_policy};
use proptest::prelude::*;
use rollout::plan::Plan;
use rollout::proposal::{Against, NoProposal, Proposal};
use rollout::{Domain, Group};
use serde_json::json;

use crate::world::{EXCLUDED, PILOT, World, group, id, policy};

const EXCEPTIONS: &str = "00000000-0000-4000-8000-0000000000e2";

/// The policy that the last request of this purpose in the plan would leave behind.
fn requested(plan: &Plan, set: &str, purpose: &str) -> Policy {
    let set = plan.change_sets.iter().find(|it| it.id == set).unwrap();
    let request = set.requests.iter().find(|it| it.purpose.starts_with(purpose)).unwrap();
    read_policy(&serde_json::from_str(&request.body).unwrap()).unwrap()
}

/// The drafts are what the plan asks Microsoft Graph for: only object ids that nobody can know yet
/// are left out.
#[test]
fn the_drafts_are_the_requests_of_the_plan() {
    for synchronised in [Some(true), Some(false), None] {
        for (has_excluded, has_exceptions) in [(true, true), (false, false), (true, false)] {
            let mut world = World::ne();
            world.snapshot.tenant.on_premises_sync = synchronised;
            let groups = world.snapshot.groups.as_mut().unwrap();
            if has_exceptions {
                groups.push(group(EXCEPTIONS, "CA - Dated exceptions", &[]));
            }
            groups.retain(|it| has_excluded || it.id.as_deref() != Some(EXCLUDED));
            let plan = world.plan();
            let facts = world.facts();
            let all = requested(&plan, "CS-07", "CA001 for all users");
            let pilot = requested(&plan, "CS-03", "Make CA001 in Report-only");
            let pilot = Policy { state: State::Enabled, ..pilot };
            let drafts =
                [(Proposal::all_users(&facts), all), (Proposal::pilot(&facts).unwrap(), pilot)];
            for (proposal, mut expected) in drafts {
                let mut draft = proposal.policies.last().unwrap().clone();
                assert_eq!(draft.conditions.users.exclude_users, [id("alpha"), id("bravo")]);
                let mut excluded = std::mem::take(&mut expected.conditions.users.exclude_groups);
                excluded.retain(|id| !id.starts_with("<id of group"));
                // Nobody in this world keeps a path without MFA, so that the plan names no group
                // of exceptions; where there is one, its members are left out.
                if has_exceptions && draft.display_name.ends_with("All users") {
                    excluded.push(EXCEPTIONS.to_owned());
                }
                assert_eq!(draft.conditions.users.exclude_groups, excluded);
                draft.conditions.users.exclude_groups.clear();
                assert_eq!(draft, expected);
                assert_eq!(proposal.judged, [proposal.policies.len() - 1]);
            }
        }
    }
}

#[test]
fn a_draft_takes_the_place_of_the_policy_of_its_number() {
    let mut world = World::ne();
    let pilot = policy("ca001 - Require MFA - Pilot", &json!({"id": "p1"}));
    let other = policy("CA000 - Block legacy authentication", &json!({"id": "p0"}));
    world.snapshot.policies = Some(vec![pilot, other.clone()]);
    let proposal = Proposal::all_users(&world.facts());
    assert_eq!(proposal.policies[0], other);
    let draft = &proposal.policies[1];
    assert_eq!((draft.id.as_deref(), draft.state), (Some("p1"), State::Enabled));
    assert_eq!(proposal.policies.len(), 2);
    assert_eq!(
        proposal.assumptions,
        ["`ca001 - Require MFA - Pilot` is changed into `CA001 - Require MFA - All users`."]
    );
}

/// A role of which no assignment was seen would leave open of everybody whether they are excluded.
#[test]
fn the_synchronisation_role_is_excluded_where_assignments_were_seen() {
    for (synchronised, has_roles, excluded, taken_for_granted) in [
        (Some(true), true, true, false),
        (None, true, true, false),
        (Some(false), true, false, false),
        (Some(true), false, false, true),
        (None, false, false, true),
        (Some(false), false, false, false),
    ] {
        let mut world = World::ne();
        world.snapshot.tenant.on_premises_sync = synchronised;
        world.snapshot.roles = world.snapshot.roles.filter(|_| has_roles);
        let proposal = Proposal::all_users(&world.facts());
        let draft = proposal.policies.last().unwrap();
        let case = format!("{synchronised:?}, {has_roles}");
        assert_eq!(!draft.conditions.users.exclude_roles.is_empty(), excluded, "{case}");
        let said =
            proposal.assumptions.iter().any(|it| it.contains("Directory Synchronization Accounts"));
        assert_eq!(said, taken_for_granted, "{case}");
    }
}

#[test]
fn without_a_pilot_group_there_is_no_pilot() {
    let mut world = World::ne();
    world.rollout.pilot.group = Some("Nobody".to_owned());
    let not_seen = Proposal::pilot(&world.facts()).unwrap_err();
    assert_eq!(not_seen, NoProposal::PilotGroupNotSeen { name: "Nobody".to_owned() });
    // A group known by its name alone cannot be named in a policy.
    world.snapshot.groups =
        Some(vec![Group { display_name: Some("nobody".to_owned()), ..Group::default() }]);
    assert_eq!(Proposal::pilot(&world.facts()).unwrap_err(), not_seen);
    world.rollout.pilot.group = None;
    let error = Proposal::pilot(&world.facts()).unwrap_err();
    assert_eq!(error, NoProposal::NoPilotGroup);
    assert_eq!(error.to_string(), "the settings name no pilot group");
    world.rollout.pilot.group = Some(PILOT.to_uppercase());
    world.snapshot.groups = World::ne().snapshot.groups;
    let proposal = Proposal::pilot(&world.facts()).unwrap();
    assert_eq!(proposal.policies[0].conditions.users.include_groups, [PILOT]);
}

#[test]
fn what_is_taken_for_granted() {
    let mut world = World::ne();
    assert_eq!(Proposal::all_users(&world.facts()).assumptions, Vec::<String>::new());
    world.rollout.break_glass.accounts.clear();
    world.snapshot.groups = None;
    world.snapshot.policies = None;
    world.snapshot.roles = None;
    world.snapshot.tenant.on_premises_sync = None;
    world.snapshot.security_defaults = Some(true);
    let proposal = Proposal::all_users(&world.facts());
    assert_eq!(proposal.security_defaults, Some(false));
    insta::assert_snapshot!(proposal.assumptions.join("\n"), @"
    No break-glass account is named in lockstep.toml: `CA001 - Require MFA - All users` excludes nobody.
    No file holds the tenant's own Conditional Access policies: what they do is in no figure.
    Security defaults are on today; they count as off, because no policy can be On beside them.
    No file tells who holds the role Directory Synchronization Accounts, which `CA001 - Require MFA - All users` is to exclude: whoever does is judged like everybody else.
    ");
    assert_eq!(proposal.policies[0].conditions.users.exclude_roles, Vec::<String>::new());
    world.snapshot.policies = Some(vec![
        policy(
            "Microsoft-managed: Block legacy authentication",
            &json!({"state": "enabledForReportingButNotEnforced"}),
        ),
        policy("", &json!({"id": "p9", "state": "disabled"})),
    ]);
    world.snapshot.security_defaults = None;
    let file = policy("Draft", &json!({"state": "disabled"}));
    insta::assert_snapshot!(Proposal::of_policies(&world.facts(), vec![file]).assumptions.join("\n"), @"
    `Draft` counts as On, whatever its file says.
    `Microsoft-managed: Block legacy authentication` is Report-only and managed by Microsoft: it may switch itself on.
    No file tells whether security defaults are on; they count as off, because no policy can be On beside them.
    ");
}

#[test]
fn files_count_as_on_and_take_the_place_of_what_they_name() {
    let mut world = World::ne();
    world.snapshot.policies = Some(vec![
        policy("One", &json!({"id": "p1"})),
        policy("Two", &json!({"id": "p2"})),
        policy("Twice", &json!({"id": "p3"})),
        policy("Twice", &json!({"id": "p4"})),
    ]);
    let file = |name: &str, id: Option<&str>| policy(name, &json!({"id": id, "state": "disabled"}));
    let cases = [
        // By id, in any case; by name only without an id.
        (vec![file("Renamed", Some("P1"))], "Two Twice Twice Renamed=P1"),
        (vec![file("ONE ", None)], "Two Twice Twice ONE=p1"),
        (vec![file("One", Some("p7"))], "One Two Twice Twice One=p7"),
        (vec![file("New", None), file("New", None)], "One Two Twice Twice New New"),
        (vec![file("Two", None), file("Last", Some("p2"))], "One Twice Twice Last=p2"),
        // Which of two is meant nobody can tell: both stay.
        (vec![file("Twice", None)], "One Two Twice Twice Twice"),
        (Vec::new(), "One Two Twice Twice"),
    ];
    for (files, expected) in cases {
        let count = files.len();
        let proposal = Proposal::of_policies(&world.facts(), files);
        let told: Vec<String> = proposal
            .policies
            .iter()
            .enumerate()
            .map(|(place, it)| match &it.id {
                Some(id) if proposal.judged.contains(&place) => {
                    format!("{}={id}", it.display_name.trim())
                }
                _ => it.display_name.trim().to_owned(),
            })
            .collect();
        assert_eq!(told.join(" "), expected);
        assert!(proposal.judged_policies().all(|it| it.state == State::Enabled));
        assert!(proposal.judged.len() <= count);
        assert_eq!(proposal.against, Against::Proposed);
    }
}

#[test]
fn what_is_in_force_is_judged_as_it_is() {
    let mut world = World::ne();
    let report_only = policy("Draft", &json!({"state": "enabledForReportingButNotEnforced"}));
    world.snapshot.policies = Some(vec![report_only.clone()]);
    world.snapshot.security_defaults = Some(true);
    let current = Proposal::current(&world.facts());
    assert_eq!((current.against, current.judged.as_slice()), (Against::Current, [0].as_slice()));
    assert_eq!(
        (current.policies.clone(), current.security_defaults),
        (vec![report_only], Some(true))
    );
    assert_eq!(current.tenant(&world.facts()).security_defaults, Some(true));
    insta::assert_snapshot!(current.assumptions.join("\n"), @"Security defaults are on, and are no policy: what they alone ask for or block is not in the lockout list.");
    // A policy that is On shows that security defaults are off.
    world.snapshot.security_defaults = None;
    assert_eq!(Proposal::current(&world.facts()).security_defaults, None);
    world.snapshot.policies = Some(vec![policy("On", &json!({}))]);
    let current = Proposal::current(&world.facts());
    assert_eq!((current.security_defaults, current.assumptions.len()), (Some(false), 1));
}

#[test]
fn accounts_are_excluded_by_object_id_alone() {
    let mut world = World::ne();
    world.snapshot.users.as_mut().unwrap()[0].account.user_id = None;
    world.rollout.break_glass.accounts.push("nobody@ne.example".to_owned());
    world.snapshot.tenant.domains = Some(vec![Domain::default()]);
    let proposal = Proposal::all_users(&world.facts());
    assert_eq!(proposal.policies[0].conditions.users.exclude_users, [id("bravo")]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: proptest::test_runner::RngSeed::Fixed(5), ..ProptestConfig::default() })]

    /// Whatever stands in the files: nothing of the tenant goes that no file names, and what is
    /// judged comes last.
    #[test]
    fn a_proposal_loses_no_policy(
        own in prop::collection::vec((0..4_u8, 0..4_u8), 0..6),
        files in prop::collection::vec((prop::option::of(0..6_u8), 0..6_u8), 0..4),
    ) {
        let mut world = World::ne();
        let of = |id: Option<String>, name: u8| policy(&format!("name {name}"), &json!({"id": id}));
        let all: Vec<Policy> = own
            .iter()
            .enumerate()
            .map(|(place, (_, name))| of(Some(format!("p{place}")), *name))
            .collect();
        world.snapshot.policies = Some(all.clone());
        let files: Vec<Policy> =
            files.iter().map(|(id, name)| of(id.map(|id| format!("p{id}")), *name)).collect();
        let proposal = Proposal::of_policies(&world.facts(), files.clone());
        let first = proposal.policies.len() - proposal.judged.len();
        prop_assert_eq!(&proposal.judged, &(first..proposal.policies.len()).collect::<Vec<_>>());
        for existing in &all {
            let stays = proposal.policies[..first].contains(existing);
            let named = files.iter().any(|file| match &file.id {
                Some(id) => Some(id) == existing.id.as_ref(),
                None => file.display_name == existing.display_name,
            });
            prop_assert!(stays || named, "{}", existing.display_name);
        }
        for file in &files {
            prop_assert!(proposal.judged_policies().any(|it| it.display_name == file.display_name
                || it.id == file.id));
        }
    }
}
