//! Change sets of each step, from the facts.

use conditional_access::State;
use jiff::civil::date;
use rollout::change::draft::{
    CannotDraft, HeldMethod, Reset, Standard, begin_exception, break_glass, bridge, campaign,
    cut_over, disable, end_exception, last_ring, new_password, put_policies, reset_methods,
    retire_per_user_mfa, rollback, second_ring, set_state,
};
use rollout::change::guard::{Guard, GuardResult, Waivable, ask, refusals};
use rollout::change::text::heading;
use rollout::change::{ChangeSet, Danger, Draft, Edit, GapReceipt, Purpose, apply_to};
use rollout::{
    Account, GLOBAL_ADMINISTRATOR, Member, MemberKind, MethodConfiguration, PerUserMfa,
    RoleAssignment, UserType,
};

use crate::tenant::{BRIDGE, CA000, CA001, EXCEPTIONS, find, good, in_order, made, method, ne};
use crate::world::{EXCLUDED, PILOT, World, account, group, id, role};

fn headings(draft: &Draft) -> Vec<String> {
    draft.edits.iter().map(|(edit, _)| heading(edit)).collect()
}

fn set_of(world: &World, draft: Draft) -> ChangeSet {
    ChangeSet::make(draft, &world.snapshot, made())
}

#[test]
fn accounts_that_undo_everything() {
    let mut world = ne();
    world.rollout.break_glass.accounts.clear();
    let snapshot = &mut world.snapshot;
    snapshot.groups.as_mut().unwrap().retain(|it| it.id.as_deref() != Some(EXCLUDED));
    let draft = break_glass(&world.facts(), "run").unwrap();
    insta::assert_snapshot!(headings(&draft).join("\n"), @"
    make the account svc-emergency-alpha@ne.onmicrosoft.com
    make the account svc-emergency-bravo@ne.onmicrosoft.com
    make the group CA - Excluded emergency accounts
    assign Global Administrator to svc-emergency-alpha@ne.onmicrosoft.com
    assign Global Administrator to svc-emergency-bravo@ne.onmicrosoft.com
    add svc-emergency-alpha@ne.onmicrosoft.com to CA - Excluded emergency accounts
    add svc-emergency-bravo@ne.onmicrosoft.com to CA - Excluded emergency accounts
    ");
    let set = set_of(&world, draft);
    assert_eq!(set.danger(), Danger::Severe);
    let after = apply_to(&world.snapshot, &set);
    let made_group = after.groups.as_ref().unwrap().last().unwrap();
    assert_eq!(
        (made_group.assignable_to_role, made_group.members.as_ref().map(Vec::len)),
        (Some(true), Some(2))
    );
    // Nothing is asked of accounts that are to be made first, and nothing is in the way.
    let results = ask(&set, &world.facts(), &good());
    assert_eq!(refusals(&results, &[]), Vec::<&GuardResult>::new(), "{results:?}");
    // And back.
    let back = ChangeSet::make(rollback(&set, set.changes.len()).draft, &after, made());
    assert_eq!(in_order(&apply_to(&after, &back)), in_order(&world.snapshot));
}

#[test]
fn what_is_there_stays() {
    let world = ne();
    assert_eq!(break_glass(&world.facts(), "run"), Err(CannotDraft::NothingToChange));
    let mut world = ne();
    world.snapshot.roles.as_mut().unwrap()[1].active = false;
    let members = world.snapshot.groups.as_mut().unwrap()[0].members.as_mut().unwrap();
    members.truncate(1);
    let draft = break_glass(&world.facts(), "run").unwrap();
    assert_eq!(
        headings(&draft),
        [
            "assign Global Administrator to bravo@ne.example",
            "add bravo@ne.example to CA - Excluded emergency accounts",
        ]
    );
}

#[test]
fn accounts_that_cannot_be_made() {
    let mut world = ne();
    world.rollout.break_glass.accounts = vec!["emergency@ne.example".to_owned()];
    let error = break_glass(&world.facts(), "run").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the break-glass account `emergency@ne.example` is not on the domain \
         `ne.onmicrosoft.com` the tenant was made with"
    );
    world.snapshot.tenant.domains = None;
    assert_eq!(break_glass(&world.facts(), "run"), Err(CannotDraft::NoInitialDomain));
}

/// It locks nobody out and opens nothing, so that no guard keeps it from being set on the day it is needed.
#[test]
fn a_new_password_is_for_a_named_account_and_changes_nothing_else() {
    let world = ne();
    let draft = new_password(&world.facts(), "bravo@ne.example").unwrap();
    assert_eq!(headings(&draft), ["set a new password for bravo@ne.example"]);
    let set = set_of(&world, draft);
    assert_eq!(set.danger(), Danger::Severe);
    assert_eq!(apply_to(&world.snapshot, &set), world.snapshot);
    let results = ask(&set, &world.facts(), &good());
    assert_eq!(refusals(&results, &[]), Vec::<&GuardResult>::new(), "{results:?}");
    let refused = |name: &str| new_password(&world.facts(), name).unwrap_err().to_string();
    assert_eq!(
        refused("dan@ne.example"),
        "`dan@ne.example` is not one of the break-glass accounts that the settings name"
    );
    assert_eq!(refused("nobody@ne.example"), "no file tells the object id of `nobody@ne.example`");
}

const ALL: [Standard; 7] = [
    Standard::BlockLegacy,
    Standard::Pilot,
    Standard::AllUsers,
    Standard::Administrators,
    Standard::AzureManagement,
    Standard::DeviceCode,
    Standard::ProtectRegistration,
];

/// Every policy leaves the break-glass accounts out, by group and by id, and has nothing unmodelled.
#[test]
fn every_policy_leaves_break_glass_out() {
    let world = ne();
    for which in ALL {
        let policy = which.draft(&world.facts()).unwrap();
        let users = &policy.conditions.users;
        assert!(users.exclude_groups.contains(&EXCLUDED.to_owned()), "{which:?}");
        assert!(users.exclude_users.contains(&id("alpha")), "{which:?}");
        assert!(policy.unmodelled.is_empty() && policy.display_name == which.name(), "{which:?}");
        let written = conditional_access::write_policy(&policy);
        let read = conditional_access::read_policy(&written).unwrap();
        assert_eq!(read, policy, "{which:?}");
    }
}

/// Directory synchronisation can answer no prompt: what is for all users leaves its roles out, the
/// newer one where somebody has it (NH-05).
#[test]
fn every_policy_for_all_users_leaves_synchronisation_out() {
    let [older, newer] =
        [rollout::DIRECTORY_SYNCHRONIZATION_ACCOUNTS, rollout::ON_PREMISES_DIRECTORY_SYNC_ACCOUNT];
    let mut world = ne();
    world.snapshot.tenant.on_premises_sync = Some(true);
    let left_out = |world: &World, which: Standard| {
        which.draft(&world.facts()).unwrap().conditions.users.exclude_roles
    };
    let for_all = [
        Standard::BlockLegacy,
        Standard::AllUsers,
        Standard::AzureManagement,
        Standard::DeviceCode,
        Standard::ProtectRegistration,
    ];
    for which in for_all {
        assert_eq!(left_out(&world, which), [older], "{which:?}");
    }
    let holds = RoleAssignment { role: newer.to_uppercase(), ..role("dan", true) };
    world.snapshot.roles.as_mut().unwrap().push(holds);
    for which in for_all {
        assert_eq!(left_out(&world, which), [older, newer], "{which:?}");
    }
    // Nobody knows who holds a role, or there is nothing to leave out.
    let roles = world.snapshot.roles.take();
    assert_eq!(left_out(&world, Standard::BlockLegacy), Vec::<String>::new());
    world.snapshot.roles = roles;
    world.snapshot.tenant.on_premises_sync = Some(false);
    assert_eq!(left_out(&world, Standard::BlockLegacy), Vec::<String>::new());
}

#[test]
fn policies_are_made_or_changed() {
    let mut world = ne();
    world.snapshot.policies.as_mut().unwrap().truncate(1);
    let report_only = State::EnabledForReportingButNotEnforced;
    let wanted = [(Standard::BlockLegacy, report_only), (Standard::Administrators, report_only)];
    let draft = put_policies(&world.facts(), "run", &wanted).unwrap();
    assert_eq!(
        headings(&draft),
        [
            "change the policy CA000 - Block legacy authentication",
            "make the policy CA002 - Require MFA - Administrators",
        ]
    );
    let after = apply_to(&world.snapshot, &set_of(&world, draft));
    assert_eq!(after.policies.as_ref().unwrap().len(), 2);
    assert_eq!(find(&after, "new:run-ca002").state, report_only);
    assert!(find(&after, CA000).grants("block"));
    // Twice the same is nothing.
    let again = World { snapshot: after, ..ne() };
    assert_eq!(put_policies(&again.facts(), "run", &wanted), Err(CannotDraft::NothingToChange));
}

/// CA000 is made with the group of legacy exceptions: an exception that is granted later changes no
/// policy, and what Report-only has shown of it counts on.
#[test]
fn the_policy_that_blocks_legacy_is_made_with_its_group() {
    let mut world = ne();
    world.snapshot.policies.as_mut().unwrap().clear();
    let report_only = State::EnabledForReportingButNotEnforced;
    let wanted = [(Standard::BlockLegacy, report_only), (Standard::Administrators, report_only)];
    let draft = put_policies(&world.facts(), "run", &wanted).unwrap();
    assert_eq!(
        headings(&draft),
        [
            "make the group CA - Dated legacy exceptions",
            "make the policy CA000 - Block legacy authentication",
            "make the policy CA002 - Require MFA - Administrators",
        ]
    );
    let set = set_of(&world, draft);
    let results = ask(&set, &world.facts(), &good());
    assert_eq!(refusals(&results, &[]), Vec::<&GuardResult>::new(), "{results:?}");
    let after = apply_to(&world.snapshot, &set);
    let left_out = &find(&after, "new:run-ca000").conditions.users.exclude_groups;
    assert!(left_out.contains(&"new:run-legacy-exceptions".to_owned()), "{left_out:?}");
    let world = World { snapshot: after, ..world };
    let again = put_policies(&world.facts(), "run", &wanted);
    assert_eq!(again, Err(CannotDraft::NothingToChange));
    let dan = account("dan");
    let begin = begin_exception(&world.facts(), "ex", &dan, true, "EX-001").unwrap();
    let changed = headings(&begin);
    assert!(!changed.iter().any(|it| it.contains("CA000")), "{changed:?}");
}

#[test]
fn policies_that_cannot_be() {
    let mut world = ne();
    let on = [(Standard::Pilot, State::Enabled)];
    for defaults in [Some(true), None] {
        world.snapshot.security_defaults = defaults;
        let error = put_policies(&world.facts(), "run", &on).unwrap_err();
        assert_eq!(error, CannotDraft::SecurityDefaultsOn);
        let error = set_state(&world.facts(), CA001, State::Enabled, "x").unwrap_err();
        assert_eq!(error, CannotDraft::SecurityDefaultsOn);
    }
    let mut world = ne();
    let copy = find(&world.snapshot, CA001).clone();
    world.snapshot.policies.as_mut().unwrap().push(copy);
    let error = put_policies(&world.facts(), "run", &on).unwrap_err();
    assert_eq!(error.to_string(), "2 policies are named `CA001`");
    world.snapshot.policies = None;
    let error = put_policies(&world.facts(), "run", &on).unwrap_err();
    assert_eq!(error, CannotDraft::PoliciesNotSeen);
    let error = set_state(&world.facts(), CA001, State::Disabled, "x").unwrap_err();
    assert_eq!(error, CannotDraft::PoliciesNotSeen);
    let mut world = ne();
    world.rollout.pilot.group = None;
    assert!(matches!(put_policies(&world.facts(), "run", &on), Err(CannotDraft::NoProposal(_))));
    assert!(matches!(
        set_state(&ne().facts(), "nobody", State::Disabled, "x"),
        Err(CannotDraft::NoPolicy { .. })
    ));
}

/// Security defaults off, parity at once, the bridge, everybody; with the two times of the gap.
#[test]
fn the_cut_over_leaves_no_gap() {
    let mut world = ne();
    world.snapshot.security_defaults = Some(true);
    let draft = cut_over(&world.facts()).unwrap();
    insta::assert_snapshot!(headings(&draft).join("\n"), @"
    turn security defaults off
    change the policy CA000 - Block legacy authentication
    change the policy CA002 - Require MFA - Administrators
    change the policy CA003 - Require MFA - Azure management
    change the policy CA001 - Require MFA - Pilot
    change the policy CA001 - Require MFA - All users
    ");
    assert_eq!(draft.gap, Some(GapReceipt { opens: 0, closes: 5 }));
    let Edit::Policy { after: Some(bridged), .. } = &draft.edits[4].0 else { panic!() };
    let users = &bridged.0.conditions.users;
    assert_eq!(users.include_groups, [PILOT, BRIDGE]);
    assert!(users.include_users.is_empty());
    let set = set_of(&world, draft);
    assert_eq!(set.danger(), Danger::Severe);
    let after = apply_to(&world.snapshot, &set);
    assert_eq!(after.security_defaults, Some(false));
    assert!(after.policies.iter().flatten().all(|it| it.state == State::Enabled));
    let results = ask(&set, &world.facts(), &good());
    assert_eq!(refusals(&results, &[]), Vec::<&GuardResult>::new(), "{results:?}");
    // The way back: policies first, then security defaults, with the times of its own gap.
    let back = rollback(&set, set.changes.len());
    assert_eq!(back.draft.gap, Some(GapReceipt { opens: 0, closes: 5 }));
    assert_eq!(headings(&back.draft).last().map(String::as_str), Some("turn security defaults on"));
    let back = ChangeSet::make(back.draft, &after, made());
    assert_eq!(apply_to(&after, &back), world.snapshot);
    // On a Friday it waits.
    let mut friday = good();
    friday.today = Some(date(2026, 11, 20));
    assert_eq!(refusals(&ask(&set, &world.facts(), &friday), &[]).len(), 1);
}

#[test]
fn a_cut_over_without_what_it_needs() {
    let mut world = ne();
    world.snapshot.security_defaults = Some(true);
    let without = |change: fn(&mut World)| {
        let mut world = World { snapshot: world.snapshot.clone(), ..ne() };
        change(&mut world);
        cut_over(&world.facts()).unwrap_err().to_string()
    };
    let parity = without(|it| drop(it.snapshot.policies.as_mut().unwrap().remove(2)));
    assert_eq!(parity, "there is no policy `CA002 - Require MFA - Administrators` yet");
    let bridge = without(|it| drop(it.snapshot.groups.as_mut().unwrap().remove(2)));
    assert_eq!(bridge, "no file tells of the group `MFA - Bridge`");
    let policies = without(|it| it.snapshot.policies = None);
    assert_eq!(policies, "no file tells the policies of the tenant");
    // Without security defaults nothing is bridged.
    let world = ne();
    let draft = cut_over(&world.facts()).unwrap();
    assert_eq!(headings(&draft), ["change the policy CA001 - Require MFA - All users"]);
    assert_eq!(draft.gap, None);
    // Nobody told whether they are on: they go off, as if they were.
    let mut world = ne();
    world.snapshot.security_defaults = None;
    assert_eq!(cut_over(&world.facts()).unwrap().edits.len(), 6);
}

/// Whoever can pass MFA, with the times of the gap; whoever cannot is named, and stands open until a
/// person takes it on.
#[test]
fn the_second_ring_beside_security_defaults() {
    let mut world = ne();
    world.snapshot.security_defaults = Some(true);
    let draft = second_ring(&world.facts(), Some(12)).unwrap();
    insta::assert_snapshot!(headings(&draft).join("\n"), @"
    turn security defaults off
    change the policy CA000 - Block legacy authentication
    change the policy CA002 - Require MFA - Administrators
    change the policy CA003 - Require MFA - Azure management
    change the policy CA001 - Require MFA - Pilot
    ");
    insta::assert_snapshot!(draft.edits[4].1, @"Whoever can pass MFA is covered; the gap ends here for them. Whoever is in neither group (12 people in scope who cannot pass MFA yet among them) is without MFA until ring 3: for them only CA000, CA002 and CA003 take the place of security defaults.");
    assert_eq!(draft.gap, Some(GapReceipt { opens: 0, closes: 4 }));
    let set = set_of(&world, draft);
    assert_eq!(set.danger(), Danger::Severe);
    let after = apply_to(&world.snapshot, &set);
    let ca001 = find(&after, CA001);
    assert_eq!(ca001.conditions.users.include_groups, [PILOT, BRIDGE]);
    assert_eq!(ca001.state, State::Enabled);
    assert!(!ca001.includes_all_users());
    // Everybody is in the bridge group: nobody is open.
    let results = ask(&set, &world.facts(), &good());
    assert_eq!(refusals(&results, &[]), Vec::<&GuardResult>::new(), "{results:?}");
    let back = ChangeSet::make(rollback(&set, set.changes.len()).draft, &after, made());
    assert_eq!(apply_to(&after, &back), world.snapshot);
    // Dan is not: without security defaults nothing asks him.
    let bridge = &mut world.snapshot.groups.as_mut().unwrap()[2];
    bridge.members.as_mut().unwrap().retain(|it| it.id != Some(id("dan")));
    // CA002 is for administrators, of whom he is none.
    let administrators = &mut world.snapshot.policies.as_mut().unwrap()[2].conditions.users;
    administrators.include_users.clear();
    administrators.include_roles = vec![GLOBAL_ADMINISTRATOR.to_owned()];
    let set = set_of(&world, second_ring(&world.facts(), Some(1)).unwrap());
    let results = ask(&set, &world.facts(), &good());
    let refusing: Vec<Guard> = refusals(&results, &[]).iter().map(|it| it.guard).collect();
    assert_eq!(refusing, [Guard::Waivable(Waivable::NoGap)], "{results:?}");
    assert_eq!(refusals(&results, &[Waivable::NoGap]), Vec::<&GuardResult>::new());
}

#[test]
fn how_many_are_left_is_said_or_that_nobody_knows() {
    let world = ne();
    let reason = |left| second_ring(&world.facts(), left).unwrap().edits[0].1.clone();
    assert!(reason(None).contains("nobody can say how many"));
    assert!(reason(Some(0)).contains("nobody in scope is known"));
    assert!(reason(Some(1)).contains("1 person in scope"));
    assert!(reason(Some(2)).contains("2 people in scope"));
}

/// One ring after the other comes to what the cut-over comes to, and each goes back by itself.
#[test]
fn ring_after_ring_is_the_cut_over() {
    for security_defaults in [false, true] {
        let mut world = ne();
        world.snapshot.security_defaults = Some(security_defaults);
        if !security_defaults {
            for policy in world.snapshot.policies.iter_mut().flatten() {
                policy.state = State::Enabled;
                if policy.id.as_deref() == Some(CA001) {
                    policy.conditions.users.include_users.clear();
                    policy.conditions.users.include_groups = vec![PILOT.to_owned()];
                }
            }
        }
        let at_once = set_of(&world, cut_over(&world.facts()).unwrap());
        let second = set_of(&world, second_ring(&world.facts(), Some(0)).unwrap());
        if !security_defaults {
            assert_eq!(second.gap, None);
            let results = ask(&second, &world.facts(), &good());
            assert_eq!(refusals(&results, &[]), Vec::<&GuardResult>::new(), "{results:?}");
        }
        let between = World { snapshot: apply_to(&world.snapshot, &second), ..ne() };
        assert_eq!(second_ring(&between.facts(), None), Err(CannotDraft::NothingToChange));
        let last = set_of(&between, last_ring(&between.facts()).unwrap());
        assert_eq!(last.gap, None);
        let results = ask(&last, &between.facts(), &good());
        assert_eq!(refusals(&results, &[]), Vec::<&GuardResult>::new(), "{results:?}");
        let end = apply_to(&between.snapshot, &last);
        assert_eq!(end, apply_to(&world.snapshot, &at_once));
        let back = ChangeSet::make(rollback(&last, 1).draft, &end, made());
        assert_eq!(apply_to(&end, &back), between.snapshot);
        // Everybody is asked: no ring is drafted, and none narrows it.
        let end = World { snapshot: end, ..ne() };
        assert_eq!(last_ring(&end.facts()), Err(CannotDraft::NothingToChange));
        assert_eq!(second_ring(&end.facts(), None), Err(CannotDraft::NothingToChange));
    }
}

#[test]
fn rings_without_what_they_need() {
    let mut world = ne();
    for security_defaults in [None, Some(true)] {
        world.snapshot.security_defaults = security_defaults;
        assert_eq!(last_ring(&world.facts()), Err(CannotDraft::SecurityDefaultsOn));
        assert_eq!(second_ring(&world.facts(), None).unwrap().edits.len(), 5);
    }
    world.snapshot.groups.as_mut().unwrap().remove(2);
    let error = second_ring(&world.facts(), None).unwrap_err();
    assert_eq!(error.to_string(), "no file tells of the group `MFA - Bridge`");
    world.snapshot.policies = None;
    assert_eq!(second_ring(&world.facts(), None), Err(CannotDraft::PoliciesNotSeen));
}

#[test]
fn the_bridge_is_filled() {
    let mut world = ne();
    world.snapshot.groups.as_mut().unwrap().remove(2);
    let capable = ["ann", "ben"].map(account);
    let draft = bridge(&world.facts(), "run", &capable).unwrap();
    assert_eq!(
        headings(&draft),
        [
            "make the group MFA - Bridge",
            "add ann@ne.example to MFA - Bridge",
            "add ben@ne.example to MFA - Bridge",
        ]
    );
    let set = set_of(&world, draft);
    let after = World { snapshot: apply_to(&world.snapshot, &set), ..ne() };
    let again = bridge(&after.facts(), "run", &["ann", "ben", "dan"].map(account)).unwrap();
    assert_eq!(headings(&again), ["add dan@ne.example to MFA - Bridge"]);
    let stranger =
        Account { user_principal_name: Some("x@ne.example".to_owned()), ..Account::default() };
    let error = bridge(&world.facts(), "run", &[stranger]).unwrap_err();
    assert_eq!(error.to_string(), "no file tells the object id of `x@ne.example`");
}

#[test]
fn the_campaign() {
    let world = ne();
    let draft = campaign(&world.facts(), true, 1).unwrap();
    let Edit::Campaign { before, after, exclude_groups } = &draft.edits[0].0 else { panic!() };
    assert_eq!(before.as_ref().unwrap().state.as_deref(), Some("default"));
    assert_eq!((after.state.as_deref(), after.snooze_days), (Some("enabled"), Some(1)));
    assert_eq!(exclude_groups, &[EXCLUDED]);
    let after = World { snapshot: apply_to(&world.snapshot, &set_of(&world, draft)), ..ne() };
    assert_eq!(campaign(&after.facts(), true, 1), Err(CannotDraft::NothingToChange));
    let off = campaign(&after.facts(), false, 1).unwrap();
    assert_eq!(headings(&off), ["registration campaign: disabled"]);
    let mut world = ne();
    world.snapshot.methods_policy = None;
    assert_eq!(campaign(&world.facts(), true, 1), Err(CannotDraft::CampaignNotSeen));
}

/// Only people whom a policy asks at every sign-in lose per-user MFA.
#[test]
fn per_user_mfa_of_people_whom_a_policy_covers() {
    type Change = fn(&mut conditional_access::Policy);
    let covered = |change: Change| {
        let mut world = ne();
        let users = world.snapshot.users.as_mut().unwrap();
        users[0].per_user_mfa = Some(PerUserMfa::Enforced);
        users[4].per_user_mfa = Some(PerUserMfa::Enabled);
        users[5].per_user_mfa = Some(PerUserMfa::Enforced);
        let policy = &mut world.snapshot.policies.as_mut().unwrap()[1];
        policy.state = State::Enabled;
        change(policy);
        let facts = world.facts();
        retire_per_user_mfa(&facts).map(|it| {
            let left: Vec<String> = it.not_covered.iter().map(|it| it.label().to_owned()).collect();
            (it.draft.edits.len(), left)
        })
    };
    assert_eq!(covered(|_| {}), Ok((2, vec!["alpha@ne.example".to_owned()])));
    let spared = covered(|it| it.conditions.users.exclude_users.push(id("dan")));
    let left = ["alpha@ne.example", "dan@ne.example"].map(str::to_owned).to_vec();
    assert_eq!(spared, Ok((1, left)));
    let narrow: [Change; 9] = [
        |it| it.state = State::EnabledForReportingButNotEnforced,
        |it| it.conditions.applications.include = vec!["Office365".to_owned()],
        |it| it.conditions.applications.exclude.push("Office365".to_owned()),
        |it| it.conditions.client_app_types = vec![conditional_access::ClientAppType::Browser],
        |it| it.conditions.locations = Some(conditional_access::Locations::default()),
        |it| it.conditions.sign_in_risk_levels.push("high".to_owned()),
        |it| it.unmodelled.push("conditions.times".to_owned()),
        |it| it.grant.as_mut().unwrap().built_in.push("compliantDevice".to_owned()),
        |it| it.grant.as_mut().unwrap().built_in = vec!["compliantDevice".to_owned()],
    ];
    for (place, change) in narrow.into_iter().enumerate() {
        assert_eq!(covered(change), Err(CannotDraft::NothingToChange), "{place}");
    }
    // Both at once is MFA.
    let both = covered(|it| {
        let grant = it.grant.as_mut().unwrap();
        grant.built_in.push("compliantDevice".to_owned());
        grant.operator = Some(conditional_access::Operator::And);
    });
    assert_eq!(both.map(|it| it.0), Ok(2));
}

#[test]
fn exceptions_begin_and_end() {
    let ne = || {
        let mut world = ne();
        let policies = world.snapshot.policies.as_mut().unwrap();
        policies[1].conditions.users.exclude_groups.push(EXCEPTIONS.to_owned());
        world
    };
    let world = ne();
    let begin =
        begin_exception(&world.facts(), "run", &account("dan"), false, "Key is on its way.")
            .unwrap();
    assert_eq!(headings(&begin), ["add dan@ne.example to CA - Dated exceptions"]);
    assert_eq!(begin.purpose, Purpose::Exception);
    let ended = end_exception(&world.facts(), &account("dan"), false, "It ended.");
    assert_eq!(ended, Err(CannotDraft::NothingToChange));
    let after = World { snapshot: apply_to(&world.snapshot, &set_of(&world, begin)), ..ne() };
    let end = end_exception(&after.facts(), &account("dan"), false, "It ended.").unwrap();
    assert_eq!(headings(&end), ["remove dan@ne.example from CA - Dated exceptions"]);
    assert_eq!(apply_to(&after.snapshot, &set_of(&after, end)), world.snapshot);
    let mut world = ne();
    world.snapshot.groups.as_mut().unwrap().truncate(3);
    let begin = begin_exception(&world.facts(), "run", &account("dan"), false, "x").unwrap();
    assert_eq!(headings(&begin)[0], "make the group CA - Dated exceptions");
    assert!(matches!(
        end_exception(&world.facts(), &account("dan"), false, "x"),
        Err(CannotDraft::NoGroup { .. })
    ));
}

/// A policy that was made before the group does not leave it out: whoever joins it would be asked, or
/// blocked, all the same.
#[test]
fn an_exception_has_an_effect_whenever_it_begins() {
    let mut world = ne();
    let begin = |world: &World, is_legacy| {
        begin_exception(&world.facts(), "run", &account("dan"), is_legacy, "x").unwrap()
    };
    let mfa = [
        "add dan@ne.example to CA - Dated exceptions",
        "change the policy CA001 - Require MFA - Pilot",
    ];
    let legacy = [
        "make the group CA - Dated legacy exceptions",
        "add dan@ne.example to CA - Dated legacy exceptions",
        "change the policy CA000 - Block legacy authentication",
    ];
    assert_eq!(headings(&begin(&world, false)), mfa);
    assert_eq!(headings(&begin(&world, true)), [&mfa[..], &legacy].concat());
    // What is not for all users yet leaves the group out when it will be.
    let policies = world.snapshot.policies.as_mut().unwrap();
    policies[1].conditions.users.include_users.clear();
    policies[1].conditions.users.include_groups = vec![PILOT.to_owned()];
    policies[0].state = State::Disabled;
    assert_eq!(headings(&begin(&world, true)), [&mfa[..1], &legacy[..2]].concat());
    let mut world = ne();
    world.snapshot.groups.as_mut().unwrap().retain(|it| it.id.as_deref() != Some(EXCEPTIONS));
    let both = begin(&world, true);
    let mut after = apply_to(&world.snapshot, &set_of(&world, both));
    let groups = after.groups.as_mut().unwrap();
    let ids: Vec<String> = ["CA - Dated exceptions", "CA - Dated legacy exceptions"]
        .map(|name| groups.iter().find(|it| it.display_name.as_deref() == Some(name)).unwrap())
        .map(|group| group.id.clone().unwrap())
        .to_vec();
    let left_out = |policy: &str| find(&after, policy).conditions.users.exclude_groups.clone();
    assert!(left_out(CA001).contains(&ids[0]) && !left_out(CA001).contains(&ids[1]));
    assert!(left_out(CA000).contains(&ids[1]) && !left_out(CA000).contains(&ids[0]));
    let after = World { snapshot: after, ..ne() };
    let again = begin_exception(&after.facts(), "run", &account("dan"), true, "x");
    assert_eq!(again, Err(CannotDraft::NothingToChange));
    let end = end_exception(&after.facts(), &account("dan"), true, "x").unwrap();
    let leaves = [
        "remove dan@ne.example from CA - Dated exceptions",
        "remove dan@ne.example from CA - Dated legacy exceptions",
    ];
    assert_eq!(headings(&end), leaves);
}

#[test]
fn one_person_starts_again() {
    let world = passes(ne());
    let held = |kind: &str| HeldMethod { id: format!("{kind}-1"), method: method(kind) };
    let all = ["password", "fido2", "temporaryAccessPass", "microsoftAuthenticator"].map(held);
    let dan = account("dan");
    let reset =
        |deleted| Reset { account: &dan, deleted, minutes: 60, once: true, checked: "Called." };
    let draft = reset_methods(&world.facts(), &reset(&all)).unwrap();
    // The pass first: where the tenant refuses it, nothing was deleted.
    assert_eq!(
        headings(&draft),
        [
            "issue a Temporary Access Pass to dan@ne.example",
            "delete fido2 of dan@ne.example",
            "delete microsoftAuthenticator of dan@ne.example",
            "end every session of dan@ne.example",
        ]
    );
    assert_eq!(draft.edits[0].1, "With it the person registers a new method. Called.");
    let pass = reset_methods(&world.facts(), &reset(&[])).unwrap();
    assert_eq!(headings(&pass), ["issue a Temporary Access Pass to dan@ne.example"]);
    let set = set_of(&world, draft);
    assert_eq!(set.danger(), Danger::Moderate);
    // Only the pass can be taken back.
    let back = rollback(&set, 4);
    assert_eq!(headings(&back.draft), ["take back the Temporary Access Pass of dan@ne.example"]);
    assert_eq!(back.stays.len(), 3);
}

#[test]
fn whose_methods_are_not_reset() {
    let refused = |world: &World, name: &str| {
        let account = account(name);
        let reset =
            Reset { account: &account, deleted: &[], minutes: 60, once: true, checked: "Called." };
        reset_methods(&world.facts(), &reset).unwrap_err().to_string()
    };
    let mut world = passes(ne());
    assert_eq!(
        refused(&world, "alpha"),
        "`alpha@ne.example` is a break-glass account: its keys are its way in"
    );
    world.snapshot.users.as_mut().unwrap()[5].user_type = Some(UserType::Guest);
    assert_eq!(
        refused(&world, "dan"),
        "`dan@ne.example` is a guest, for whom a Temporary Access Pass does not work"
    );
    let mut none = passes(ne());
    none.snapshot.methods_policy.as_mut().unwrap().methods[0].enabled = Some(false);
    assert_eq!(
        refused(&none, "dan"),
        "the authentication methods policy lets `dan@ne.example` have no Temporary Access Pass"
    );
    let mut untold = ne();
    untold.snapshot.methods_policy = None;
    assert_eq!(
        refused(&untold, "dan"),
        "no file tells whether `dan@ne.example` may have a Temporary Access Pass"
    );
}

/// Whoever reads the pass of an administrator is one.
#[test]
fn a_pass_for_an_administrator() {
    let danger = |world: &World, name: &str| {
        let account = account(name);
        let reset =
            Reset { account: &account, deleted: &[], minutes: 60, once: true, checked: "Called." };
        set_of(world, reset_methods(&world.facts(), &reset).unwrap()).danger()
    };
    let mut world = passes(ne());
    assert_eq!(danger(&world, "ann"), Danger::Severe);
    assert_eq!(danger(&world, "dan"), Danger::Moderate);
    // Through a group, and a group inside it.
    let groups = world.snapshot.groups.as_mut().unwrap();
    groups.push(group("inner", "Inner", &["dan"]));
    groups.push(group("outer", "Outer", &[]));
    let nested = Member {
        id: Some("inner".to_owned()),
        kind: MemberKind::Group,
        ..groups[0].members.as_ref().unwrap()[0].clone()
    };
    groups.last_mut().unwrap().members = Some(vec![nested]);
    let mut role = world.snapshot.roles.as_ref().unwrap()[0].clone();
    role.principal_id = Some("outer".to_owned());
    role.principal_kind = MemberKind::Group;
    role.active = false;
    world.snapshot.roles.as_mut().unwrap().push(role);
    assert_eq!(danger(&world, "dan"), Danger::Severe);
    assert_eq!(danger(&world, "cora"), Danger::Moderate);
    // Nobody told the members of the group: it may be anybody.
    world.snapshot.groups.as_mut().unwrap().last_mut().unwrap().members = None;
    assert_eq!(danger(&world, "cora"), Danger::Severe);
    let mut untold = passes(ne());
    untold.snapshot.roles = None;
    assert_eq!(danger(&untold, "dan"), Danger::Severe);
}

/// The methods policy lets everybody have a Temporary Access Pass.
fn passes(mut world: World) -> World {
    let pass = MethodConfiguration {
        id: "temporaryaccesspass".to_owned(),
        enabled: Some(true),
        include: Some(vec!["all_users".to_owned()]),
        exclude: Some(Vec::new()),
        ..MethodConfiguration::default()
    };
    world.snapshot.methods_policy.get_or_insert_default().methods.insert(0, pass);
    world
}

#[test]
fn dormant_accounts() {
    let world = ne();
    let draft = disable(&world.facts(), &["cora", "dan"].map(account), "HR confirmed.").unwrap();
    assert_eq!(headings(&draft), ["disable cora@ne.example", "disable dan@ne.example"]);
    let after = World { snapshot: apply_to(&world.snapshot, &set_of(&world, draft)), ..ne() };
    let again = disable(&after.facts(), &[account("cora")], "HR confirmed.");
    assert_eq!(again, Err(CannotDraft::NothingToChange));
}

/// A group of thousands is filled in a moment.
#[test]
fn a_big_bridge() {
    let mut world = ne();
    let names: Vec<String> = (0..5_000).map(|number| format!("person-{number}")).collect();
    let users = world.snapshot.users.as_mut().unwrap();
    for name in &names {
        let mut user = users[5].clone();
        user.account = Account {
            user_id: Some(name.clone()),
            user_principal_name: Some(format!("{name}@ne.example")),
            display_name: None,
        };
        users.push(user);
    }
    world.snapshot.groups.as_mut().unwrap().push(group("other", "Other", &[]));
    let people: Vec<Account> =
        world.snapshot.users.as_ref().unwrap()[6..].iter().map(|it| it.account.clone()).collect();
    let set = set_of(&world, bridge(&world.facts(), "run", &people).unwrap());
    let after = apply_to(&world.snapshot, &set);
    let members = after.groups.as_ref().unwrap()[2].members.as_ref().unwrap();
    assert_eq!(members.len(), 5_004);
    assert!(members.iter().all(|it| it.kind == MemberKind::User));
}
