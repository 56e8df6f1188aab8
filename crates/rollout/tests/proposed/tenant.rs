//! A snapshot in the words of policies: what nobody told is told to nobody.

use conditional_access::facts::{self as seen, AssignmentState};
use conditional_access::{Verdict, evaluate};
use rollout::tenant_facts::{tenant, user_id};
use rollout::{
    Account, Activity, AuthenticationStrength, Group, Measurement, Member, MemberKind, PerUserMfa,
    PersonActivity, Registration, Replay, ReplayAccount, Snapshot, User, UserType,
};

use serde_json::json;

use crate::world::{World, account, group, id, policy, role, user};

fn one(user: User) -> World {
    let mut world = World::ne();
    world.snapshot.users = Some(vec![user]);
    world
}

fn with_log(mut world: World, accounts: Vec<ReplayAccount>) -> World {
    world.measurement = Some(Measurement {
        activity: Some(Activity {
            people: accounts
                .iter()
                .map(|it| PersonActivity { account: it.account.clone(), ..Default::default() })
                .collect(),
            ..Activity::default()
        }),
        replay: Some(Replay { accounts, ..Replay::default() }),
        ..Measurement::default()
    });
    world
}

fn logged(name: &str, guest: Option<bool>, home: Option<&str>) -> ReplayAccount {
    ReplayAccount {
        account: Account { user_principal_name: Some(name.to_owned()), ..Account::default() },
        guest,
        home_tenant: home.map(str::to_owned),
        left_out: 0,
    }
}

#[test]
fn nothing_told_is_nothing_known() {
    let mut world = World::ne();
    world.snapshot = Snapshot::default();
    world.rollout.tenant.cloud = "usgov".to_owned();
    let tenant = tenant(&world.facts());
    assert_eq!(
        tenant,
        seen::Tenant {
            mfa_trusted_ips: None,
            gaps: seen::Gaps { groups: true, roles: true },
            security_defaults: None,
            per_user_mfa: None,
            mandatory_mfa: None,
            ..seen::Tenant::default()
        }
    );
}

#[test]
fn member_or_which_kind_of_guest() {
    use seen::UserType::{B2bCollaborationGuest, B2bCollaborationMember, Guest, Member};
    const EXTERNAL: &str = "cora_partner.example#EXT#@ne.example";
    let (plain, guest, kept) = ("cora@ne.example", Some(UserType::Guest), Some(UserType::Member));
    let cases = [
        (None, plain, None, None),
        (kept, plain, None, Some(Member)),
        (guest, plain, None, Some(Guest)),
        (None, plain, Some("Accepted"), Some(Guest)),
        (None, EXTERNAL, None, Some(Guest)),
        (kept, EXTERNAL, None, Some(B2bCollaborationMember)),
        (kept, plain, Some("PendingAcceptance"), Some(B2bCollaborationMember)),
        (guest, EXTERNAL, None, Some(B2bCollaborationGuest)),
        (guest, plain, Some("accepted"), Some(B2bCollaborationGuest)),
        (kept, plain, Some(""), Some(Member)),
    ];
    for (user_type, name, state, expected) in cases {
        let mut cora = user("cora");
        cora.user_type = user_type;
        cora.account.user_principal_name = Some(name.to_owned());
        cora.external_user_state = state.map(str::to_owned);
        let world = one(cora);
        let tenant = tenant(&world.facts());
        let cora = tenant.users.iter().find(|it| it.id == id("cora")).unwrap();
        assert_eq!(cora.kind, expected, "{user_type:?} {name} {state:?}");
    }
}

#[test]
fn report_and_log_fill_what_the_directory_does_not_tell() {
    let mut cora = user("cora");
    cora.user_type = None;
    let mut world = one(cora.clone());
    world.snapshot.registrations = Some(vec![Registration {
        account: account("cora"),
        user_type: Some(UserType::Member),
        ..Registration::default()
    }]);
    let kind = |world: &World| tenant(&world.facts()).users[0].clone();
    assert_eq!(kind(&world).kind, Some(seen::UserType::Member));
    // The report goes before the log, and the log tells the home tenant.
    let log = vec![logged("Cora@NE.example", Some(true), Some("partner"))];
    let told = kind(&with_log(world, log.clone()));
    assert_eq!(told.kind, Some(seen::UserType::Member));
    assert_eq!(told.home_tenant.as_deref(), Some("partner"));
    assert_eq!(kind(&with_log(one(cora), log)).kind, Some(seen::UserType::Guest));
}

#[test]
fn whom_only_the_log_tells_of_is_put_in() {
    let log = vec![
        logged("eve@partner.example", Some(true), Some("partner")),
        logged("fay@partner.example", Some(false), None),
    ];
    let world = with_log(World::ne(), log);
    let tenant = tenant(&world.facts());
    let find = |name: &str| tenant.users.iter().find(|it| it.id == name).cloned();
    let eve = find("eve@partner.example").unwrap();
    assert_eq!((eve.kind, eve.home_tenant), (Some(seen::UserType::Guest), Some("partner".into())));
    // Members of another tenant come by direct connect: a member of which no object tells is none.
    assert_eq!(find("fay@partner.example").unwrap().kind, None);
}

/// The registration report lists the objects of this tenant and of no other.
#[test]
fn who_is_in_the_registration_report_is_one_of_this_tenant() {
    let reported = |name: &str, user_type: Option<UserType>| Registration {
        account: Account { user_principal_name: Some(name.to_owned()), ..Account::default() },
        user_type,
        ..Registration::default()
    };
    let external = "hal_partner.example#EXT#@ne.onmicrosoft.example";
    let names = ["eve@ne.example", "fay@ne.example", "gil@ne.example", external];
    let mut world =
        with_log(World::ne(), names.iter().map(|it| logged(it, Some(false), None)).collect());
    world.snapshot.registrations = Some(vec![
        reported(names[0], Some(UserType::Member)),
        reported(names[1], Some(UserType::Guest)),
        reported(names[2], None),
        reported(names[3], Some(UserType::Member)),
    ]);
    let tenant = tenant(&world.facts());
    let kinds = names.map(|name| {
        let name = name.to_lowercase();
        tenant.users.iter().find(|it| it.id == name).unwrap().kind
    });
    let guest = Some(seen::UserType::Guest);
    assert_eq!(kinds, [Some(seen::UserType::Member), guest, None, guest]);
}

#[test]
fn an_account_is_found_by_whichever_id_some_file_tells() {
    let mut bare = user("cora");
    bare.account.user_id = None;
    let mut world = one(bare.clone());
    let by = |world: &World, account: &Account| user_id(&world.facts(), account);
    assert_eq!(by(&world, &bare.account).as_deref(), Some("cora@ne.example"));
    world.snapshot.registrations =
        Some(vec![Registration { account: account("cora"), ..Registration::default() }]);
    assert_eq!(by(&world, &bare.account), Some(id("cora")));
    assert_eq!(tenant(&world.facts()).users[0].id, id("cora"));
    assert_eq!(by(&world, &Account::default()), None);
    let upper = Account { user_id: Some(id("ann").to_uppercase()), ..Account::default() };
    assert_eq!(by(&World::ne(), &upper), Some(id("ann")));
}

/// Whether a policy names an account by its object id cannot be said where nobody saw the id.
#[test]
fn an_account_without_an_object_id_may_be_the_one_a_policy_names() {
    let mut bare = user("cora");
    bare.account.user_id = None;
    let world = one(bare);
    let verdict = |include: &str, name: &str| {
        let who = json!({"conditions": {"users": {"includeUsers": [include]}}});
        let sign_in = seen::SignIn {
            resources: Some(vec![id("dan")]),
            client_app: Some(seen::ClientApp::Browser),
            ..seen::SignIn::of_user(name)
        };
        let registration = seen::Registration::of(seen::Methods::of(&[seen::Method::Fido2]));
        let mut tenant = tenant(&world.facts());
        (tenant.per_user_mfa, tenant.mandatory_mfa) = (Some([].into()), Some(false));
        evaluate(&[policy("CA001", &who)], &tenant, &sign_in, &registration).verdict
    };
    assert_eq!(verdict(&id("cora"), "cora@ne.example"), Verdict::Unknown);
    assert_eq!(verdict("All", "cora@ne.example"), Verdict::Require);
    assert_eq!(verdict(&id("cora"), &id("dan")), Verdict::Allow);
}

#[test]
fn federated_by_the_domain_of_the_name() {
    let mut world = World::ne();
    world.snapshot.tenant.domains.as_mut().unwrap()[0].federated = Some(true);
    let users = world.snapshot.users.as_mut().unwrap();
    users[1].account.user_principal_name = Some("bravo@other.example".to_owned());
    users[2].account.user_principal_name = Some("ann_x#EXT#@ne.example".to_owned());
    let tenant = tenant(&world.facts());
    let told: Vec<Option<bool>> = tenant.users.iter().map(|it| it.federated).collect();
    assert_eq!(told, [Some(true), None, None, Some(true), Some(true), Some(true)]);
}

#[test]
fn members_by_id_by_name_and_nested() {
    let nested =
        Member { id: Some("INNER".into()), user_principal_name: None, kind: MemberKind::Group };
    let by_name = Member {
        id: None,
        user_principal_name: Some("Dan@NE.example".to_owned()),
        kind: MemberKind::User,
    };
    let device =
        Member { id: Some("device".into()), user_principal_name: None, kind: MemberKind::Other };
    let anything = Member {
        id: Some("anything".into()),
        user_principal_name: None,
        kind: MemberKind::Unknown,
    };
    let stranger =
        Member { id: Some("stranger".into()), user_principal_name: None, kind: MemberKind::User };
    let mut outer = group("outer", "Outer", &["cora"]);
    outer.members.as_mut().unwrap().extend([nested, by_name, device, anything, stranger]);
    let mut world = World::ne();
    world.snapshot.groups = Some(vec![
        outer,
        Group { id: Some("untold".to_owned()), ..Group::default() },
        Group { display_name: Some("Nameless".to_owned()), ..Group::default() },
    ]);
    let tenant = tenant(&world.facts());
    let members = |name: &str| {
        tenant.groups.iter().find(|it| it.id == name).map(|group| group.members.clone())
    };
    assert_eq!(
        members("outer").unwrap().unwrap(),
        [id("cora"), "inner".into(), id("dan"), "anything".into(), "stranger".into()]
    );
    // Of a nested group that no file holds nobody knows the members.
    assert_eq!(members("inner"), Some(None));
    assert_eq!(members("untold"), Some(None));
    assert_eq!(tenant.groups.len(), 3);
    // A user that no file lists is still a user, so that nobody takes it for a group.
    let stranger = tenant.users.iter().find(|it| it.id == "stranger").unwrap();
    assert_eq!(*stranger, seen::User::not_seen("stranger"));
    assert!(tenant.gaps.groups);
}

#[test]
fn roles_that_are_held_may_be_held_or_have_ended() {
    let mut world = World::ne();
    let mut ended = role("ben", true);
    ended.ends = Some("2026-11-20T11:00:00Z".parse().unwrap());
    let mut activated = role("ann", true);
    activated.ends = Some("2026-11-20T20:00:00Z".parse().unwrap());
    let mut scoped = role("cora", true);
    scoped.scope = None;
    scoped.ends = Some("2027-01-01T00:00:00Z".parse().unwrap());
    let mut of_group = role("dan", true);
    of_group.principal_id = Some("holders".to_owned());
    of_group.principal_kind = MemberKind::Group;
    let mut of_application = role("dan", true);
    of_application.principal_kind = MemberKind::Other;
    world.snapshot.roles =
        Some(vec![role("ann", false), activated, ended, scoped, of_group, of_application]);
    let told = tenant(&world.facts());
    let rows: Vec<_> =
        told.roles.iter().map(|it| (it.principal.clone(), it.scope.as_deref(), it.state)).collect();
    assert_eq!(
        rows,
        [
            (id("ann"), Some("/"), Some(AssignmentState::Eligible)),
            (id("ann"), Some("/"), None),
            (id("ben"), Some("/"), None),
            (id("cora"), None, Some(AssignmentState::Active)),
            ("holders".to_owned(), Some("/"), Some(AssignmentState::Active)),
        ]
    );
    assert!(told.groups.iter().any(|it| it.id == "holders" && it.members.is_none()));
    assert!(!told.gaps.roles);
    // Eligible assignments alone say nothing of the active ones.
    world.snapshot.roles = Some(vec![role("ann", false)]);
    assert!(tenant(&world.facts()).gaps.roles);
}

#[test]
fn per_user_mfa_of_some_leaves_that_of_the_others_open() {
    let mut world = World::ne();
    assert_eq!(tenant(&world.facts()).per_user_mfa, None);
    world.snapshot.users.as_mut().unwrap()[2].per_user_mfa = Some(PerUserMfa::Enforced);
    let states = tenant(&world.facts()).per_user_mfa.unwrap();
    assert_eq!(states[&id("ann")], Some(seen::PerUserMfa::Enforced));
    assert_eq!(states[&id("ben")], None);
    assert_eq!(states.len(), 6);
}

#[test]
fn mandatory_mfa_by_cloud_and_date() {
    let cases = [
        ("global", None, "2026-07-01T00:00:00Z", Some(true)),
        ("Global", Some("ne.onmicrosoft.com"), "2026-11-20T00:00:00Z", Some(true)),
        ("global", None, "2026-06-30T23:59:59Z", None),
        ("usgov", None, "2026-11-20T00:00:00Z", None),
        ("global", Some("ne.onmicrosoft.us"), "2026-11-20T00:00:00Z", None),
    ];
    for (cloud, initial, now, expected) in cases {
        let mut world = World::ne();
        world.now = now.parse().unwrap();
        world.rollout.tenant.cloud = cloud.to_owned();
        if let Some(initial) = initial {
            let domain = &mut world.snapshot.tenant.domains.as_mut().unwrap()[0];
            (domain.name, domain.is_initial) = (initial.to_owned(), Some(true));
        }
        assert_eq!(tenant(&world.facts()).mandatory_mfa, expected, "{cloud} {initial:?} {now}");
    }
}

#[test]
fn settings_of_the_tenant() {
    let mut world = World::ne();
    world.snapshot.inbound_mfa_trusted = Some(true);
    world.snapshot.security_defaults = Some(true);
    let strength = |id: Option<&str>, allowed: &[&str]| AuthenticationStrength {
        id: id.map(str::to_owned),
        display_name: None,
        allowed_combinations: allowed.iter().map(|it| (*it).to_owned()).collect(),
    };
    world.snapshot.authentication_strengths = Some(vec![
        strength(Some("s1"), &["fido2"]),
        strength(Some("s2"), &[]),
        strength(None, &[]),
    ]);
    let tenant = tenant(&world.facts());
    assert_eq!(tenant.security_defaults, Some(true));
    let trust = seen::Trust { mfa: Some(true), compliant: None, hybrid: None };
    assert_eq!(tenant.cross_tenant.default, trust);
    let strengths: Vec<_> = tenant
        .authentication_strengths
        .iter()
        .map(|it| (it.id.as_str(), it.allowed_combinations.clone()))
        .collect();
    assert_eq!(strengths, [("s1", Some(vec!["fido2".to_owned()])), ("s2", None)]);
    assert!(tenant.groups.iter().all(|group| group.members.is_some()));
    assert_eq!(tenant.groups[0].members, Some(vec![id("alpha"), id("bravo")]));
}
