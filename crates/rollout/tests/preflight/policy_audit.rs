//! Every policy with what is wrong with it.

use conditional_access::facts::UserType;
use conditional_access::{
    ExternalTenants, Filter, Locations, Platforms, SessionControls, SignInFrequency, State,
};
use rollout::preflight::Verdict;
use rollout::{GLOBAL_ADMINISTRATOR, Group, Member, MemberKind};

use crate::world::{World, member, time};

/// Whether the policy of this name excludes glass1 and glass2.
fn excluded(world: &World, name: &str) -> Vec<Option<bool>> {
    let audit = world.policy_audit();
    let policy = audit.policies.iter().find(|it| it.display_name == name).unwrap();
    policy.break_glass.as_ref().unwrap().iter().map(|it| it.excluded).collect()
}

#[test]
fn nothing_is_wrong_in_a_good_tenant() {
    let world = World::good();
    let audit = world.policy_audit();
    assert_eq!((audit.schema, audit.total), ("lockstep.policies/1", Some(3)));
    assert_eq!(audit.without_break_glass().count(), 0);
    assert_eq!(audit.wants_break_glass_names(), None);
    for policy in &audit.policies {
        assert!(policy.missing_references.is_empty(), "{policy:?}");
        assert!(policy.lasting_exclusions.is_empty(), "{policy:?}");
        assert!(!policy.microsoft_managed && policy.may_come_on.is_none());
    }
}

#[test]
fn findings_are_those_of_the_pre_flight() {
    let mut world = World::good();
    world.policy(1).conditions.applications.exclude = vec!["app".into()];
    let audit = world.policy_audit();
    let all = world.preflight().findings;
    for finding in &audit.findings {
        assert!(all.contains(finding), "{finding:?}");
    }
    let lint = audit.findings.iter().filter(|it| it.id.starts_with("CA-")).count();
    assert_eq!(lint, 18);
    assert_eq!(audit.findings.len(), 21);
    assert!(audit.open_findings().any(|it| it.id == "CA-04" && it.verdict == Verdict::Found));
}

#[test]
fn break_glass_is_followed_through_nested_groups_and_never_guessed() {
    let mut world = World::good();
    assert_eq!(excluded(&world, "CA001"), [Some(true), Some(true)]);
    // glass2 sits in a group inside the excluded one.
    world.group(0).members = Some(vec![
        member("glass1"),
        Member { id: Some("id-inner".into()), kind: MemberKind::Group, ..member("inner") },
    ]);
    assert_eq!(excluded(&world, "CA001"), [Some(true), None], "the inner group was not told");
    let inner = |members| Group {
        id: Some("id-inner".into()),
        display_name: Some("Inner".into()),
        members,
        ..Group::default()
    };
    world.snapshot.groups.as_mut().unwrap().push(inner(Some(vec![member("glass2")])));
    assert_eq!(excluded(&world, "CA001"), [Some(true), Some(true)]);
    world.group(2).members = Some(Vec::new());
    assert_eq!(excluded(&world, "CA001"), [Some(true), Some(false)], "it lost its member");
    world.group(2).members = None;
    assert_eq!(excluded(&world, "CA001"), [Some(true), None]);
    world.snapshot.groups = None;
    assert_eq!(excluded(&world, "CA001"), [None, None]);
}

#[test]
fn a_policy_for_others_does_not_reach_break_glass() {
    let mut world = World::good();
    world.policy(2).conditions.users.exclude_groups.clear();
    let audit = world.policy_audit();
    let room = audit.policies.last().unwrap().break_glass.as_ref().unwrap();
    assert!(room.iter().all(|it| it.excluded == Some(false) && it.reached == Some(false)));
    assert_eq!(audit.without_break_glass().count(), 1);
}

#[test]
fn without_names_nobody_is_break_glass() {
    let mut world = World::good();
    world.rollout.break_glass.accounts.clear();
    let audit = world.policy_audit();
    assert!(audit.policies.iter().all(|it| it.break_glass.is_none()));
    assert!(audit.wants_break_glass_names().is_some());
    world.policy(0).conditions.workload_identities = true;
    world.policy(1).conditions.workload_identities = true;
    world.policy(2).conditions.workload_identities = true;
    assert_eq!(world.policy_audit().wants_break_glass_names(), None);
}

#[test]
fn without_policies_nothing_is_counted() {
    let mut world = World::good();
    world.snapshot.policies = None;
    let audit = world.policy_audit();
    assert_eq!((audit.total, audit.policies.len()), (None, 0));
    assert!(audit.gaps.iter().any(|gap| gap.id == "policies"));
    let fine = audit.findings.iter().filter(|it| it.verdict == Verdict::Ok);
    assert_eq!(fine.map(|it| it.id).collect::<Vec<_>>(), ["CA-15"], "the calendar alone was told");
}

#[test]
fn references_to_nothing_and_to_what_nobody_told() {
    let mut world = World::good();
    let policy = world.policy(1);
    policy.conditions.users.include_groups = vec!["gone-group".into()];
    policy.conditions.users.exclude_users = vec!["gone-user".into()];
    policy.conditions.locations =
        Some(Locations { include: vec!["All".into()], exclude: vec!["gone-place".into()] });
    let row = |kind, id: &str, gone| (kind, id.to_owned(), gone);
    assert_eq!(
        missing(&world),
        [
            row("user", "gone-user", Some(true)),
            row("group", "gone-group", None),
            row("location", "gone-place", Some(true)),
        ]
    );
    world.forget_users();
    world.snapshot.named_locations = None;
    assert!(missing(&world).iter().all(|(_, _, gone)| gone.is_none()));
}

/// What the second policy names that no file holds.
fn missing(world: &World) -> Vec<(&'static str, String, Option<bool>)> {
    let audit = world.policy_audit();
    let all = audit.policies[1].missing_references.iter();
    all.map(|it| (it.kind, it.id.clone(), it.gone)).collect()
}

#[test]
fn roles_and_applications_are_never_called_gone() {
    let mut world = World::good();
    let policy = world.policy(1);
    policy.conditions.users.include_roles = vec![
        GLOBAL_ADMINISTRATOR.into(),
        "69091246-20E8-4A56-AA4D-066075B2A7A8".into(),
        "11111111-0000-0000-0000-000000000000".into(),
    ];
    policy.conditions.applications.include = vec![
        "Office365".into(),
        "MicrosoftAdminPortals".into(),
        "00000003-0000-0FF1-CE00-000000000000".into(),
        "22222222-0000-0000-0000-000000000000".into(),
        "AAAAAAAA-0000-0000-0000-000000000000".into(),
    ];
    policy.grant.as_mut().unwrap().terms_of_use = vec!["t1".into()];
    let used = rollout::AppUse { name: Some("Payroll".into()), successes: 1, users: 1 };
    world.activity().by_app.insert("aaaaaaaa-0000-0000-0000-000000000000".into(), used);
    assert_eq!(
        missing(&world),
        [
            ("role", "11111111-0000-0000-0000-000000000000".to_owned(), None),
            ("application", "22222222-0000-0000-0000-000000000000".to_owned(), None),
            ("terms of use", "t1".to_owned(), None),
        ]
    );
    let words = &world.policy_audit().policies[1].words;
    assert_eq!(
        words.resources,
        [
            "Office 365",
            "Microsoft Admin Portals",
            "Office 365 SharePoint Online",
            "22222222-0000-0000-0000-000000000000",
            "Payroll",
        ]
    );
    assert!(words.who.contains(&"role Teams Administrator".to_owned()), "{:?}", words.who);
}

#[test]
fn a_strength_is_gone_only_where_the_whole_list_was_told() {
    let mut world = World::good();
    let own = "33333333-0000-0000-0000-000000000000";
    world.policy(1).grant.as_mut().unwrap().authentication_strength = Some(own.into());
    let strength = |id: &str| rollout::AuthenticationStrength {
        id: Some(id.to_owned()),
        display_name: Some("Ours".into()),
        allowed_combinations: vec!["fido2".into()],
    };
    let built_in = [2, 3, 4].map(|it| strength(&format!("00000000-0000-0000-0000-{it:012}")));
    let row = |gone| vec![("authentication strength", own.to_owned(), gone)];
    world.snapshot.authentication_strengths = None;
    assert_eq!(missing(&world), row(None));
    world.snapshot.authentication_strengths = Some(built_in[..2].to_vec());
    assert_eq!(missing(&world), row(None), "the list is not whole");
    world.snapshot.authentication_strengths = Some(built_in.to_vec());
    assert_eq!(missing(&world), row(Some(true)));
    world.policy(1).grant.as_mut().unwrap().allowed_combinations = Some(vec!["fido2".into()]);
    assert_eq!(missing(&world), [], "the policy was exported with it");
    world.policy(1).grant.as_mut().unwrap().allowed_combinations = None;
    world.snapshot.authentication_strengths.as_mut().unwrap().push(strength(own));
    assert_eq!(missing(&world), []);
    assert_eq!(world.policy_audit().policies[1].words.demands, "mfa or strength Ours");
    world.snapshot.authentication_strengths = None;
    let grant = world.policy(1).grant.as_mut().unwrap();
    grant.authentication_strength = Some("00000000-0000-0000-0000-000000000004".into());
    assert_eq!(missing(&world), [], "every tenant has it");
}

#[test]
fn a_user_that_another_file_shows_is_not_called_gone() {
    let mut world = World::good();
    world.policy(1).conditions.users.exclude_users = vec!["id-zoe".into()];
    assert_eq!(missing(&world), [("user", "id-zoe".to_owned(), Some(true))]);
    let row = world.row("alice").clone();
    let mut zoe = row;
    zoe.account.user_id = Some("id-zoe".into());
    zoe.account.user_principal_name = Some("zoe@ne.example".into());
    world.snapshot.registrations.as_mut().unwrap().push(zoe);
    assert_eq!(missing(&world), [("user", "id-zoe".to_owned(), None)]);
    world.snapshot.registrations.as_mut().unwrap().pop();
    world.user("bob").account.user_id = None;
    assert_eq!(missing(&world), [("user", "id-zoe".to_owned(), None)], "an id nobody told");
}

#[test]
fn guests_of_some_tenants_are_some_guests() {
    let every: Vec<String> = UserType::KINDS.iter().map(|(_, word)| (*word).to_owned()).collect();
    let some = ExternalTenants::Enumerated(vec!["t".into()]);
    let cases = [
        (every.clone(), ExternalTenants::All, Verdict::Found, Verdict::Ok),
        (every.clone(), some, Verdict::Inconclusive, Verdict::Found),
        (every.clone(), ExternalTenants::Unreadable, Verdict::Inconclusive, Verdict::Found),
        (every[..1].to_vec(), ExternalTenants::All, Verdict::Inconclusive, Verdict::Found),
        (Vec::new(), ExternalTenants::All, Verdict::Ok, Verdict::Found),
    ];
    for (kinds, tenants, administrators, guests) in cases {
        let mut world = World::good();
        world.user("bob").user_type = Some(rollout::UserType::Guest);
        let policy = world.policy(1);
        policy.grant.as_mut().unwrap().authentication_strength = Some("id-own".into());
        policy.grant.as_mut().unwrap().built_in.clear();
        policy.conditions.users.exclude_guest_types = kinds;
        policy.conditions.users.exclude_guest_tenants = tenants;
        let said = format!("{:?}", policy.conditions.users);
        let findings = world.preflight().findings;
        let verdict = |id| findings.iter().find(|it| it.id == id).unwrap().verdict;
        assert_eq!((verdict("CA-16"), verdict("EX-02")), (administrators, guests), "{said}");
    }
}

#[test]
fn what_is_excluded_for_good() {
    let mut world = World::good();
    world.policy(1).conditions.users.exclude_users = vec!["id-alice".into(), "id-room".into()];
    let audit = world.policy_audit();
    let lasting = &audit.policies[1].lasting_exclusions;
    assert_eq!(lasting.len(), 1, "the room has a policy of its own: {lasting:?}");
    assert_eq!((lasting[0].name.as_str(), lasting[0].lasting), ("alice@ne.example", Some(true)));
    // A group that holds break-glass accounts and nobody else is theirs, whatever it is called.
    world.rollout.break_glass.group = None;
    assert_eq!(world.policy_audit().policies[1].lasting_exclusions.len(), 1);
    let glass = world.group(0).members.clone();
    for members in [None, Some(Vec::new()), Some(vec![member("glass1"), member("bob")])] {
        world.group(0).members = members;
        assert_eq!(world.policy_audit().policies[1].lasting_exclusions.len(), 2);
    }
    world.group(0).members = glass;
    world.forget_users();
    assert_eq!(world.policy_audit().policies[1].lasting_exclusions[0].lasting, None);
}

#[test]
fn microsoft_may_switch_its_policies_on() {
    let mut world = World::good();
    let policy = world.policy(1);
    policy.display_name = "Microsoft-managed: Multifactor authentication for admins".into();
    let cases = [
        (State::EnabledForReportingButNotEnforced, Some("2026-06-01T08:00:00Z"), true),
        (State::Disabled, Some("2026-06-01T08:00:00Z"), true),
        (State::Unknown, Some("2026-06-01T08:00:00Z"), true),
        (State::Enabled, Some("2026-06-01T08:00:00Z"), false),
        (State::EnabledForReportingButNotEnforced, None, false),
    ];
    for (state, created, comes) in cases {
        world.policy(1).state = state;
        world.policy(1).created = created.map(time);
        let audit = world.policy_audit();
        assert!(audit.policies[1].microsoft_managed);
        let expected = comes.then(|| time("2026-07-16T08:00:00Z"));
        assert_eq!(audit.policies[1].may_come_on, expected, "{state:?} {created:?}");
    }
}

#[test]
fn a_policy_in_words() {
    let mut world = World::good();
    let policy = world.policy(1);
    policy.conditions.users.include_groups = vec!["id-pilot".into(), "unknown-group".into()];
    policy.conditions.users.include_guest_types = vec!["b2bCollaborationGuest".into()];
    policy.conditions.applications.exclude = vec!["Office365".into()];
    policy.conditions.applications.user_actions = vec!["urn:user:registersecurityinfo".into()];
    policy.conditions.platforms =
        Some(Platforms { include: vec!["all".into()], exclude: vec!["android".into()] });
    policy.conditions.device_filter =
        Some(Filter { include: Some(false), rule: "device.isCompliant -eq True".into() });
    policy.conditions.user_risk_levels = vec!["high".into()];
    policy.grant.as_mut().unwrap().terms_of_use = vec!["t1".into()];
    policy.session = Some(SessionControls {
        sign_in_frequency: Some(SignInFrequency::Hours(12)),
        persistent_browser: Some("never".into()),
        other: vec!["cloudAppSecurity".into()],
    });
    policy.unmodelled = vec!["conditions.times".into()];
    let audit = world.policy_audit();
    let words = &audit.policies[1].words;
    assert_eq!(
        words.who,
        ["all users", "group Pilot", "group unknown-group", "guests of kind b2bCollaborationGuest"]
    );
    assert_eq!(words.except[..2], ["room@ne.example", "group Glass"]);
    assert_eq!(words.resources, ["all resources", "registering security information"]);
    assert_eq!(words.except_resources, ["Office 365"]);
    assert_eq!(
        words.conditions,
        [
            "platforms: all except android",
            "devices: those except where device.isCompliant -eq True",
            "user risk: high"
        ]
    );
    assert_eq!(words.demands, "mfa or terms of use t1");
    assert_eq!(
        words.session,
        ["sign in after 12 hours", "persistent browser: never", "cloudAppSecurity"]
    );
    assert_eq!(audit.policies[1].unmodelled, ["conditions.times"]);
}
