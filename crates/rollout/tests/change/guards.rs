//! Guards: what each holds, refuses with a counter-example, and refuses because it cannot tell.

use conditional_access::{Policy, State};
use jiff::SignedDuration;
use jiff::civil::date;
use rollout::change::guard::{
    self, Approval, Circumstances, Guard, GuardResult, Operator, Unwaivable, Verdict, Waivable,
    ask, refusals,
};
use rollout::change::{ChangeSet, Edit, GapReceipt, Presence, Purpose};
use rollout::{
    Account, AuditEvent, Freeze, MemberKind, PerUserMfa, RoleAssignment, ServiceIssue, UserType,
};
use serde_json::json;

use crate::tenant::{
    CA000, CA001, CA002, CA003, EXCEPTIONS, EXCEPTIONS_GROUP, EXCLUDED_GROUP, PILOT_GROUP, becomes,
    draft, good, made, makes, member_of, named, ne, turned,
};
use crate::world::{EXCLUDED, PILOT, World, account, group, id, policy};

/// A tenant, a set and circumstances, each changed before the guards are asked.
struct Asked {
    world: World,
    circumstances: Circumstances,
    purpose: Purpose,
    gap: Option<GapReceipt>,
}

impl Asked {
    fn new() -> Self {
        Self { world: ne(), circumstances: good(), purpose: Purpose::CutOver, gap: None }
    }

    fn set(&self, edits: Vec<Edit>) -> ChangeSet {
        let mut draft = draft(self.purpose.clone(), edits);
        draft.gap = self.gap;
        ChangeSet::make(draft, &self.world.snapshot, made())
    }

    fn results(&self, edits: Vec<Edit>) -> Vec<GuardResult> {
        ask(&self.set(edits), &self.world.facts(), &self.circumstances)
    }

    /// What one guard says: `held`, `violated`, `cannot tell` or `not asked`, with the first reason.
    fn says(&self, guard: Guard, edits: Vec<Edit>) -> (String, String) {
        let results = self.results(edits);
        let Some(found) = results.iter().find(|it| it.guard == guard) else {
            return ("not asked".to_owned(), String::new());
        };
        match &found.verdict {
            Verdict::Held => ("held".to_owned(), String::new()),
            Verdict::Violated { counter_examples } => {
                ("violated".to_owned(), counter_examples.join(" | "))
            }
            Verdict::CannotTell { missing } => ("cannot tell".to_owned(), missing.join(" | ")),
        }
    }

    #[track_caller]
    fn check(&self, guard: Guard, edits: Vec<Edit>, verdict: &str, reason: &str) {
        let (says, why) = self.says(guard, edits);
        assert_eq!(says, verdict, "{why}");
        assert!(why.contains(reason), "{why}");
    }
}

const PROOF: Guard = Guard::Unwaivable(Unwaivable::LockoutProof);
const LEFT_OUT: Guard = Guard::Unwaivable(Unwaivable::BreakGlassExcluded);
const PROVEN: Guard = Guard::Unwaivable(Unwaivable::BreakGlassProven);
const OPERATOR: Guard = Guard::Unwaivable(Unwaivable::OperatorNotBarred);
const FRESH: Guard = Guard::Unwaivable(Unwaivable::SnapshotFresh);
const SEEN: Guard = Guard::Unwaivable(Unwaivable::BeforeSeen);
const APPROVED: Guard = Guard::Unwaivable(Unwaivable::ExceptionApproved);
const NO_GAP: Guard = Guard::Waivable(Waivable::NoGap);
const ONE_RING: Guard = Guard::Waivable(Waivable::OneRing);
const DAY: Guard = Guard::Waivable(Waivable::GoodDay);
const HEALTH: Guard = Guard::Waivable(Waivable::ServiceHealth);

/// Changes one thing.
type Changes<T> = fn(&mut T);

/// CA001 for everybody.
fn switch(asked: &Asked) -> Vec<Edit> {
    vec![turned(&asked.world.snapshot, CA001, State::Enabled)]
}

fn for_all(asked: &Asked, change: impl FnOnce(&mut Policy)) -> Vec<Edit> {
    vec![becomes(&asked.world.snapshot, CA001, |policy| {
        policy.state = State::Enabled;
        change(policy);
    })]
}

#[test]
fn a_sound_switch_holds_everything() {
    let asked = Asked::new();
    let results = asked.results(switch(&asked));
    let guards: Vec<Guard> = results.iter().map(|it| it.guard).collect();
    let all = [FRESH, SEEN, PROOF, LEFT_OUT, OPERATOR, PROVEN, APPROVED, ONE_RING, DAY, HEALTH];
    assert_eq!(guards, all);
    assert_eq!(refusals(&results, &[]), Vec::<&GuardResult>::new(), "{results:?}");
}

#[test]
fn lockout_proof() {
    let asked = Asked::new();
    asked.check(PROOF, switch(&asked), "held", "");
    let all = for_all(&asked, |policy| {
        policy.grant.as_mut().unwrap().built_in = vec!["block".to_owned()];
    });
    asked.check(PROOF, all, "violated", "ann@ne.example: It cannot sign in");
    let one = vec![Edit::AccountEnabled { user: named("ann"), before: Some(true), after: false }];
    asked.check(PROOF, one, "violated", "1");

    let mut asked = Asked::new();
    let edits = switch(&asked);
    asked.world.snapshot.groups = None;
    asked.check(PROOF, edits, "cannot tell", "");
    let mut asked = Asked::new();
    let edits = switch(&asked);
    asked.world.snapshot.policies = None;
    asked.check(PROOF, edits, "cannot tell", "policies");
    // An account that is disabled is certain to be barred.
    let mut asked = Asked::new();
    asked.world.snapshot.users.as_mut().unwrap()[0].account_enabled = Some(false);
    asked.check(PROOF, switch(&asked), "violated", "disabled");
}

/// Whoever confirms is told who gets in, by the proof that the guard holds by; by no other.
#[test]
fn the_proof_that_holds_names_who_gets_in() {
    let asked = Asked::new();
    let gets_in = |edits: Vec<Edit>| {
        let proof = guard::lockout_proof(&asked.set(edits), &asked.world.facts())?;
        let all = proof.administrators_who_can_sign_in.iter();
        Some(all.map(|it| it.label().to_owned()).collect::<Vec<_>>())
    };
    let both = ["ann@ne.example", "ben@ne.example"].map(str::to_owned).to_vec();
    assert_eq!(gets_in(switch(&asked)), Some(both));
    let blocks = for_all(&asked, |policy| {
        policy.grant.as_mut().unwrap().built_in = vec!["block".to_owned()];
    });
    assert_eq!(gets_in(blocks), None, "it does not hold");
    let bars_nobody = vec![turned(&asked.world.snapshot, CA001, State::Disabled)];
    assert_eq!(gets_in(bars_nobody), None, "nobody asks for it");
}

/// What cannot keep anybody out is not asked who gets in.
#[test]
fn what_bars_nobody_is_not_asked_for_the_proof() {
    let asked = Asked::new();
    let snapshot = &asked.world.snapshot;
    let report_only = becomes(snapshot, CA001, |it| it.display_name.push('x'));
    let harmless = [
        vec![report_only],
        vec![turned(snapshot, CA001, State::Disabled)],
        vec![Edit::SecurityDefaults { before: Some(true), after: false }],
        vec![Edit::RevokeSessions { user: named("dan") }],
        vec![Edit::AccountEnabled { user: named("dan"), before: Some(false), after: true }],
        vec![member_of(snapshot, EXCLUDED_GROUP, "dan", Presence::Present)],
        // Nothing is changed.
        vec![Edit::SecurityDefaults { before: Some(true), after: true }],
    ];
    for edits in harmless {
        let told = format!("{edits:?}");
        assert_eq!(asked.says(PROOF, edits).0, "not asked", "{told}");
    }
    let serious = [
        vec![Edit::SecurityDefaults { before: Some(false), after: true }],
        vec![Edit::PerUserMfa {
            user: named("dan"),
            before: Some(PerUserMfa::Disabled),
            after: PerUserMfa::Enforced,
        }],
        vec![Edit::AccountEnabled { user: named("dan"), before: Some(true), after: false }],
        vec![Edit::Role {
            role: rollout::GLOBAL_ADMINISTRATOR.to_owned(),
            role_name: "Global Administrator".to_owned(),
            principal: named("ann"),
            principal_kind: MemberKind::User,
            before: Some(Presence::Present),
            after: Presence::Absent,
        }],
        vec![makes("A new one", |_| {})],
        vec![makes("Microsoft-managed: MFA for all", |it| {
            it.state = State::EnabledForReportingButNotEnforced;
        })],
        vec![makes("Nobody knows", |it| it.state = State::Unknown)],
    ];
    for edits in serious {
        let told = format!("{edits:?}");
        assert_ne!(asked.says(PROOF, edits).0, "not asked", "{told}");
    }
}

/// Who leaves a group that a policy excludes, or joins one that it includes, may be kept out by it.
#[test]
fn memberships_can_bar() {
    let mut asked = Asked::new();
    let snapshot = &mut asked.world.snapshot;
    let policies = snapshot.policies.as_mut().unwrap();
    policies[1].state = State::Enabled;
    policies[2].state = State::Enabled;
    policies[2].conditions.users.include_users.clear();
    policies[2].conditions.users.include_groups = vec![PILOT.to_owned()];
    let snapshot = &asked.world.snapshot;
    let cases = [
        (EXCLUDED_GROUP, "alpha", Presence::Absent, "violated"),
        (EXCLUDED_GROUP, "dan", Presence::Present, "not asked"),
        (PILOT_GROUP, "dan", Presence::Present, "held"),
        (PILOT_GROUP, "cora", Presence::Absent, "not asked"),
        (EXCEPTIONS_GROUP, "dan", Presence::Present, "not asked"),
    ];
    for (of, name, after, verdict) in cases {
        let says = asked.says(PROOF, vec![member_of(snapshot, of, name, after)]);
        let is_refused = says.0 == "violated" || says.0 == "cannot tell";
        assert!(says.0 == verdict || (verdict == "violated" && is_refused), "{name}: {says:?}");
    }
}

#[test]
fn break_glass_is_left_out_of_everything() {
    let asked = Asked::new();
    asked.check(LEFT_OUT, switch(&asked), "held", "");
    let forgotten = |state| {
        vec![makes("Microsoft-managed: MFA for all", |policy| {
            policy.state = state;
            policy.conditions.users.exclude_groups.clear();
        })]
    };
    // On, or Microsoft may switch it on: both count.
    for state in [State::Enabled, State::EnabledForReportingButNotEnforced, State::Unknown] {
        asked.check(
            LEFT_OUT,
            forgotten(state),
            "violated",
            "`Microsoft-managed: MFA for all` reaches `alpha@ne.example`.",
        );
    }
    // One that is there already counts like a new one.
    let mut asked = Asked::new();
    let mut own = policy("Microsoft-managed: legacy", &json!({"id": "managed"}));
    own.state = State::EnabledForReportingButNotEnforced;
    own.conditions.users.exclude_groups.clear();
    asked.world.snapshot.policies.as_mut().unwrap().push(own);
    asked.check(LEFT_OUT, switch(&asked), "violated", "reaches `bravo@ne.example`");

    // By its own id, or through a group inside the group.
    let by_id = for_all(&Asked::new(), |policy| {
        policy.conditions.users.exclude_groups.clear();
        policy.conditions.users.exclude_users = vec![id("alpha"), id("bravo")];
    });
    Asked::new().check(LEFT_OUT, by_id, "held", "");
    let one = for_all(&Asked::new(), |policy| {
        policy.conditions.users.exclude_groups.clear();
        policy.conditions.users.exclude_users = vec![id("alpha")];
    });
    Asked::new().check(LEFT_OUT, one, "violated", "reaches `bravo@ne.example`");
}

#[test]
fn break_glass_that_nobody_can_tell() {
    let cases: [(&str, Changes<World>); 4] = [
        ("names none", |it| it.rollout.break_glass.accounts.clear()),
        ("of which no file tells", |it| {
            it.rollout.break_glass.accounts.push("charlie@ne.example".to_owned());
        }),
        ("leaves out `alpha@ne.example`", |it| {
            it.snapshot.groups.as_mut().unwrap()[0].members = None
        }),
        ("The policies", |it| it.snapshot.policies = None),
    ];
    for (reason, change) in cases {
        let mut asked = Asked::new();
        let edits = switch(&asked);
        change(&mut asked.world);
        asked.check(LEFT_OUT, edits, "cannot tell", reason);
    }
}

/// A membership of the set itself is on its way for a day: nothing may rest on it.
#[test]
fn a_membership_on_its_way_proves_nothing() {
    let mut asked = Asked::new();
    let members = &mut asked.world.snapshot.groups.as_mut().unwrap()[0].members;
    members.as_mut().unwrap().retain(|it| it.id != Some(id("bravo")));
    let snapshot = &asked.world.snapshot;
    let mut edits = vec![member_of(snapshot, EXCLUDED_GROUP, "bravo", Presence::Present)];
    edits.extend(switch(&asked));
    asked.check(LEFT_OUT, edits.clone(), "cannot tell", "bravo@ne.example");
    // Left out by its id as well, it needs no membership.
    if let Edit::Policy { after: Some(after), .. } = &mut edits[1] {
        after.0.conditions.users.exclude_users = vec![id("bravo")];
    }
    asked.check(LEFT_OUT, edits, "held", "");
    // One that is there already, and is written once more, is on no way.
    let asked = Asked::new();
    let mut edits =
        vec![member_of(&asked.world.snapshot, EXCLUDED_GROUP, "alpha", Presence::Present)];
    edits.extend(switch(&asked));
    asked.check(LEFT_OUT, edits, "held", "");
}

#[test]
fn two_proven_break_glass_accounts() {
    let asked = Asked::new();
    asked.check(PROVEN, switch(&asked), "held", "");
    // Only what is On for all asks for them.
    let pilot = for_all(&asked, |policy| {
        policy.conditions.users.include_users.clear();
        policy.conditions.users.include_groups = vec![PILOT.to_owned()];
    });
    asked.check(PROVEN, pilot, "not asked", "");
    let defaults = vec![Edit::SecurityDefaults { before: Some(false), after: true }];
    assert_ne!(asked.says(PROVEN, defaults).0, "not asked");

    let violated: [(&str, Changes<Asked>); 6] = [
        ("1 of 2", |it| it.circumstances.proven_break_glass = Some(vec![account("alpha")])),
        ("No test of `alpha@ne.example`", |it| {
            it.circumstances.proven_break_glass = Some(Vec::new());
        }),
        ("`bravo@ne.example` is disabled", |it| {
            it.world.snapshot.users.as_mut().unwrap()[1].account_enabled = Some(false);
        }),
        ("permanent Global Administrator", |it| {
            it.world.snapshot.roles.as_mut().unwrap()[0].active = false;
        }),
        ("permanent Global Administrator", |it| {
            let ends = Some("2027-01-01T00:00:00Z".parse().unwrap());
            it.world.snapshot.roles.as_mut().unwrap()[1].ends = ends;
        }),
        ("1 of 2", |it| drop(it.world.rollout.break_glass.accounts.pop())),
    ];
    for (reason, change) in violated {
        let mut asked = Asked::new();
        change(&mut asked);
        asked.check(PROVEN, switch(&asked), "violated", reason);
    }
    let untold: [(&str, Changes<Asked>); 5] = [
        ("test of", |it| it.circumstances.proven_break_glass = None),
        ("is enabled", |it| it.world.snapshot.users.as_mut().unwrap()[1].account_enabled = None),
        ("The roles", |it| it.world.snapshot.roles = None),
        ("names none", |it| it.world.rollout.break_glass.accounts.clear()),
        ("charlie", |it| {
            it.world.rollout.break_glass.accounts[1] = "charlie@ne.example".to_owned();
        }),
    ];
    for (reason, change) in untold {
        let mut asked = Asked::new();
        change(&mut asked);
        asked.check(PROVEN, switch(&asked), "cannot tell", reason);
    }
}

/// One who cannot sign in then is not proven, whatever was tested.
#[test]
fn a_barred_account_is_not_proven() {
    let asked = Asked::new();
    let edits = for_all(&asked, |policy| {
        policy.conditions.users.exclude_groups.clear();
        policy.grant.as_mut().unwrap().built_in = vec!["block".to_owned()];
    });
    asked.check(PROVEN, edits, "violated", "Nobody can show that `alpha@ne.example` can sign in");
}

#[test]
fn an_application_that_acts() {
    let asked = Asked::new();
    asked.check(OPERATOR, switch(&asked), "held", "");
    let for_workloads = |change: serde_json::Value| {
        let policy = policy(
            "Workloads",
            &json!({"id": "new:policy", "conditions": {
            "users": {"includeUsers": ["None"], "excludeGroups": []}, "clientApplications": change},
            "grantControls": {"builtInControls": ["block"]}}),
        );
        assert!(policy.conditions.workload_identities);
        vec![Edit::Policy {
            before: rollout::change::Before::Absent,
            after: Some(rollout::change::PolicyDocument::of(policy)),
        }]
    };
    let all = || json!({"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]});
    let spared = json!({"includeServicePrincipals": ["ServicePrincipalsInMyTenant"],
        "excludeServicePrincipals": ["OURS"]});
    let other = json!({"includeServicePrincipals": ["theirs"]});
    let filtered = json!({"includeServicePrincipals": ["ServicePrincipalsInMyTenant"],
        "servicePrincipalFilter": {"mode": "include", "rule": "x"}});
    let as_ours = |id: Option<&str>| {
        let mut asked = Asked::new();
        let service_principal = id.map(str::to_owned);
        asked.circumstances.operator = Some(Operator::Application { service_principal });
        asked
    };
    as_ours(Some("ours")).check(OPERATOR, for_workloads(all()), "violated", "`Workloads`");
    as_ours(Some("ours")).check(OPERATOR, for_workloads(spared), "held", "");
    as_ours(Some("ours")).check(OPERATOR, for_workloads(other), "held", "");
    as_ours(Some("ours")).check(OPERATOR, for_workloads(filtered), "cannot tell", "`Workloads`");
    as_ours(None).check(OPERATOR, for_workloads(all()), "cannot tell", "`Workloads`");
    // Others by name, and perhaps ours by a filter or as an agent.
    for more in [
        json!({"servicePrincipalFilter": {"mode": "include", "rule": "x"}}),
        json!({"includeAgentIdServicePrincipals": ["All"]}),
    ] {
        let mut clients = json!({"includeServicePrincipals": ["theirs"]});
        clients.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        as_ours(Some("ours")).check(OPERATOR, for_workloads(clients), "cannot tell", "`Workloads`");
    }
    let mut asked = Asked::new();
    asked.circumstances.operator = None;
    asked.check(OPERATOR, switch(&asked), "cannot tell", "As whom");
}

#[test]
fn a_person_who_acts() {
    let acting = |name: &str, passed_mfa: Option<bool>| {
        let mut asked = Asked::new();
        asked.circumstances.operator =
            Some(Operator::Delegated { account: account(name), passed_mfa });
        asked
    };
    let ann = acting("ann", Some(true));
    ann.check(OPERATOR, switch(&ann), "held", "");
    ann.check(
        OPERATOR,
        for_all(&ann, |policy| {
            policy.grant.as_mut().unwrap().built_in = vec!["block".to_owned()];
        }),
        "violated",
        "cannot sign in",
    );
    // Only they are out: nobody else asks why.
    let mut barred = acting("ann", Some(true));
    barred.world.snapshot.groups.as_mut().unwrap().push(group("out", "Out", &["ann"]));
    let out = vec![makes("Out", |policy| {
        policy.conditions.users.include_users.clear();
        policy.conditions.users.include_groups = vec!["out".to_owned()];
        policy.grant.as_mut().unwrap().built_in = vec!["block".to_owned()];
    })];
    barred.check(OPERATOR, out, "violated", "Out");
    let disabled =
        vec![Edit::AccountEnabled { user: named("ann"), before: Some(true), after: false }];
    ann.check(OPERATOR, disabled, "violated", "disabled");
    for passed in [None, Some(false)] {
        let ann = acting("ann", passed);
        ann.check(OPERATOR, switch(&ann), "cannot tell", "Nobody saw `ann@ne.example` pass MFA");
    }
    let stranger = acting("ann", Some(true));
    let mut stranger = stranger;
    stranger.circumstances.operator = Some(Operator::Delegated {
        account: Account {
            user_principal_name: Some("stranger@ne.example".to_owned()),
            ..Account::default()
        },
        passed_mfa: Some(true),
    });
    stranger.check(OPERATOR, switch(&stranger), "cannot tell", "No file tells of the account");
    let mut ann = acting("ann", Some(true));
    ann.world.snapshot.users.as_mut().unwrap()[2].account_enabled = None;
    ann.check(OPERATOR, switch(&ann), "cannot tell", "is enabled");
    let mut ann = acting("ann", Some(true));
    let edits = switch(&ann);
    ann.world.snapshot.policies = None;
    ann.check(OPERATOR, edits, "cannot tell", "policies");
}

/// CA000 to CA003 are On for everybody.
fn enforced() -> Asked {
    let mut asked = Asked::new();
    for policy in asked.world.snapshot.policies.iter_mut().flatten() {
        policy.state = State::Enabled;
    }
    asked
}

#[test]
fn nothing_becomes_open() {
    let asked = enforced();
    let snapshot = &asked.world.snapshot;
    // CA001 and CA002 ask the same people the same.
    asked.check(NO_GAP, vec![turned(snapshot, CA002, State::Disabled)], "held", "");
    let both = vec![
        turned(snapshot, CA001, State::Disabled),
        turned(snapshot, CA002, State::EnabledForReportingButNotEnforced),
    ];
    asked.check(NO_GAP, both, "violated", "In the end, no policy demands MFA or blocks");
    let narrowed = |edits: Vec<Edit>| {
        let mut all = vec![turned(snapshot, CA002, State::Disabled)];
        all.extend(edits);
        all
    };
    let apps = vec![becomes(snapshot, CA001, |it| {
        it.conditions.applications.exclude.push("Office365".to_owned());
    })];
    asked.check(NO_GAP, narrowed(apps), "violated", "Exchange Online");
    let deleted = vec![Edit::Policy {
        before: rollout::change::Before::Was(rollout::change::PolicyDocument::of(
            crate::tenant::find(snapshot, CA001).clone(),
        )),
        after: None,
    }];
    asked.check(NO_GAP, narrowed(deleted), "violated", "In the end");
    let unknown = vec![turned(snapshot, CA001, State::Unknown)];
    asked.check(NO_GAP, narrowed(unknown), "cannot tell", "cannot be shown to be covered");
    // A new policy takes nothing away.
    asked.check(NO_GAP, vec![makes("More", |_| {})], "not asked", "");
    // The way back gives up what was asked for.
    let mut back = enforced();
    back.purpose = Purpose::Rollback { of: "x".to_owned() };
    let edits = vec![turned(&back.world.snapshot, CA001, State::Disabled)];
    back.check(NO_GAP, edits, "not asked", "");
}

/// Also where something else is done between the two.
#[test]
fn a_gap_on_the_way_is_open() {
    let mut asked = enforced();
    asked.world.snapshot.policies.as_mut().unwrap()[2].state = State::Disabled;
    let snapshot = &asked.world.snapshot;
    let off = turned(snapshot, CA001, State::Disabled);
    let on = turned(snapshot, CA002, State::Enabled);
    let between = Edit::RevokeSessions { user: named("dan") };
    for (edits, verdict, reason) in [
        (vec![on.clone(), off.clone()], "held", ""),
        (vec![on.clone(), between.clone(), off.clone()], "held", ""),
        (vec![off.clone(), on.clone()], "violated", "After change 1,"),
        (vec![off.clone(), between.clone(), on.clone()], "violated", "After change 1,"),
        (vec![between.clone(), off.clone(), on.clone()], "violated", "After change 2,"),
        (vec![off, on, between], "violated", "After change 1,"),
    ] {
        asked.check(NO_GAP, edits, verdict, reason);
    }
}

/// What nobody can say a policy covers, nobody can say it gives up.
#[test]
fn what_a_policy_covers_must_be_known_before() {
    let unsure: [fn(&mut World); 5] = [
        |it| on_first(it).unmodelled.push("conditions.times".to_owned()),
        |it| on_first(it).state = State::Unknown,
        |it| on_first(it).conditions.users.include_groups = vec!["untold".to_owned()],
        |it| on_first(it).conditions.users.exclude_groups = vec!["untold".to_owned()],
        |it| it.snapshot.groups.as_mut().unwrap()[0].members = None,
    ];
    fn on_first(world: &mut World) -> &mut Policy {
        let policy = &mut world.snapshot.policies.as_mut().unwrap()[1];
        if policy.conditions.users.include_groups.is_empty() {
            policy.conditions.users.include_users.clear();
        }
        policy
    }
    for (place, change) in unsure.into_iter().enumerate() {
        let mut asked = enforced();
        asked.world.snapshot.policies.as_mut().unwrap().truncate(2);
        let keep_all = [0, 1, 3, 4].contains(&place);
        change(&mut asked.world);
        if keep_all {
            let users = &mut asked.world.snapshot.policies.as_mut().unwrap()[1].conditions.users;
            users.include_users = vec!["All".to_owned()];
        }
        let off = vec![turned(&asked.world.snapshot, CA001, State::Disabled)];
        let (says, why) = asked.says(NO_GAP, off);
        assert!(says == "cannot tell" || says == "violated", "{place}: {says} {why}");
    }
}

/// The id of a policy that covers everybody, as CA002 does.
const SPARE: &str = "10000000-0000-4000-8000-000000000009";

/// Everything is On and covered twice; what CA001 covers nobody can say.
fn uncertain() -> Asked {
    let mut asked = excepting();
    let policies = asked.world.snapshot.policies.as_mut().unwrap();
    policies[1].unmodelled.push("conditions.times".to_owned());
    policies.push(crate::tenant::own(SPARE, "Spare", "enabled", json!({})));
    asked
}

/// The groups of CA001: these and no others.
fn groups_of_uncertain(asked: &mut Asked, include: &[&str], exclude: &[&str]) {
    let owned = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
    let users = &mut asked.world.snapshot.policies.as_mut().unwrap()[1].conditions.users;
    users.include_groups = owned(include);
    users.exclude_groups = owned(exclude);
    users.exclude_users = vec![id("alpha"), id("bravo")];
    if !include.is_empty() {
        users.include_users.clear();
    }
}

/// Though other policies cover everything before and after: what nobody can say a policy covers
/// today, nobody can say a change of it gives up. But for exceptions that were approved.
#[test]
fn what_a_touched_policy_covers_today_must_be_known() {
    const TOLD: &str = "What `CA001 - Require MFA - Pilot` covers today: ";
    fn of_uncertain(asked: &Asked, change: fn(&mut Policy)) -> Vec<Edit> {
        vec![becomes(&asked.world.snapshot, CA001, change)]
    }
    fn spare_off(asked: &Asked) -> Edit {
        turned(&asked.world.snapshot, SPARE, State::Disabled)
    }
    type Edits = fn(&mut Asked) -> Vec<Edit>;
    // What is done, whether the exception of dan is approved, whether it is refused.
    let cases: [(&str, Edits, bool, bool); 15] = [
        ("off", |it| of_uncertain(it, |policy| policy.state = State::Disabled), true, true),
        ("another off", |it| vec![spare_off(it)], true, false),
        (
            "written as it is",
            |it| [of_uncertain(it, |_| {}), vec![spare_off(it)]].concat(),
            true,
            false,
        ),
        (
            "not On before",
            |it| {
                let state = State::EnabledForReportingButNotEnforced;
                it.world.snapshot.policies.as_mut().unwrap()[1].state = state;
                let off = of_uncertain(it, |policy| policy.state = State::Disabled);
                [off, vec![spare_off(it)]].concat()
            },
            true,
            false,
        ),
        (
            "leaves out dan",
            |it| of_uncertain(it, |policy| policy.conditions.users.exclude_users.push(id("dan"))),
            true,
            false,
        ),
        (
            "leaves out dan",
            |it| of_uncertain(it, |policy| policy.conditions.users.exclude_users.push(id("dan"))),
            false,
            true,
        ),
        (
            "leaves out whom nobody can tell",
            |it| {
                of_uncertain(it, |policy| {
                    policy.conditions.users.exclude_groups.push("elsewhere".to_owned());
                })
            },
            true,
            true,
        ),
        (
            "leaves out an app",
            |it| {
                of_uncertain(it, |policy| {
                    policy.conditions.applications.exclude.push("Office365".to_owned());
                })
            },
            true,
            true,
        ),
        ("dan joins the exceptions", |it| joins(it, "dan"), true, false),
        ("dan joins the exceptions", |it| joins(it, "dan"), false, true),
        (
            "dan joins exceptions of others",
            |it| {
                groups_of_uncertain(it, &[], &[]);
                let spare = it.world.snapshot.policies.as_mut().unwrap().last_mut().unwrap();
                spare.conditions.users.exclude_groups.push(EXCEPTIONS.to_owned());
                joins(it, "dan")
            },
            false,
            false,
        ),
        (
            "dan joins exceptions, and whoever is in the pilot is asked",
            |it| {
                groups_of_uncertain(it, &[PILOT], &[]);
                let spare = it.world.snapshot.policies.as_mut().unwrap().last_mut().unwrap();
                spare.conditions.users.exclude_groups.push(EXCEPTIONS.to_owned());
                joins(it, "dan")
            },
            false,
            true,
        ),
        (
            "dan joins whom it asks",
            |it| {
                groups_of_uncertain(it, &[PILOT], &[]);
                vec![member_of(&it.world.snapshot, PILOT_GROUP, "dan", Presence::Present)]
            },
            true,
            true,
        ),
        (
            "dan leaves whom it asks, and nobody is left out",
            |it| {
                groups_of_uncertain(it, &[PILOT], &[EXCLUDED]);
                vec![member_of(&it.world.snapshot, PILOT_GROUP, "cora", Presence::Absent)]
            },
            true,
            true,
        ),
        (
            "sessions end",
            |it| vec![Edit::RevokeSessions { user: named("dan") }, spare_off(it)],
            true,
            false,
        ),
    ];
    for (what, edits, is_approved, refused) in cases {
        let mut asked = uncertain();
        if is_approved {
            asked.circumstances.approvals = vec![approval(&[], None)];
        }
        let edits = edits(&mut asked);
        let (says, why) = asked.says(NO_GAP, edits);
        let wanted = if refused { "cannot tell" } else { "held" };
        assert_eq!(says, wanted, "{what}, approved {is_approved}: {why}");
        assert_eq!(why.starts_with(TOLD), refused, "{what}: {why}");
    }
}

#[test]
fn a_gap_that_nobody_can_tell() {
    let cases: [fn(&mut World); 2] =
        [|it| it.snapshot.policies = None, |it| it.snapshot.users = None];
    for change in cases {
        let mut asked = enforced();
        let edits = vec![turned(&asked.world.snapshot, CA001, State::Disabled)];
        change(&mut asked.world);
        asked.check(NO_GAP, edits, "cannot tell", "of the tenant");
    }
}

/// Break-glass accounts, approved exceptions and accounts that cannot sign in are no gap.
#[test]
fn whom_a_gap_does_not_concern() {
    let asked = enforced();
    let spared = |asked: &Asked, name: &str| {
        let out = id(name);
        let snapshot = &asked.world.snapshot;
        [CA000, CA001, CA002, CA003].map(|policy| {
            becomes(snapshot, policy, |it| it.conditions.users.exclude_users.push(out.clone()))
        })
    };
    asked.check(NO_GAP, spared(&asked, "alpha").to_vec(), "held", "");
    asked.check(NO_GAP, spared(&asked, "dan").to_vec(), "violated", "dan@ne.example");
    let mut approved = enforced();
    approved.circumstances.approvals =
        vec![Approval { subject: account("dan"), approvers: Vec::new(), decision: None }];
    approved.check(NO_GAP, spared(&approved, "dan").to_vec(), "held", "");
    approved.check(NO_GAP, spared(&approved, "cora").to_vec(), "violated", "cora@ne.example");
    let mut off = enforced();
    off.world.snapshot.users.as_mut().unwrap()[5].account_enabled = Some(false);
    off.check(NO_GAP, spared(&off, "dan").to_vec(), "held", "");
    // Unless the set enables the account.
    let mut edits = spared(&off, "dan").to_vec();
    edits.push(Edit::AccountEnabled { user: named("dan"), before: Some(false), after: true });
    off.check(NO_GAP, edits, "violated", "dan@ne.example");
}

/// Whom an approval concerns may also register without being asked.
#[test]
fn an_approved_exception_is_no_gap_of_user_actions() {
    let mut asked = enforced();
    asked.circumstances.approvals = vec![approval(&[], None)];
    let registers = json!({"includeApplications": [],
        "includeUserActions": ["urn:user:registersecurityinfo"]});
    let actions = json!({"conditions": {"applications": registers}});
    let own = crate::tenant::own("actions", "Actions", "enabled", actions);
    asked.world.snapshot.policies.as_mut().unwrap().push(own);
    let without = |name: &str| {
        let out = id(name);
        let snapshot = &asked.world.snapshot;
        vec![becomes(snapshot, "actions", |it| it.conditions.users.exclude_users.push(out))]
    };
    asked.check(NO_GAP, without("dan"), "held", "");
    let (says, why) = asked.says(NO_GAP, without("cora"));
    assert!(says != "held" && why.contains("cora@ne.example"), "{says} {why}");
}

/// Security defaults count as the policies that take their place.
#[test]
fn the_gap_of_the_cut_over() {
    let with_defaults = || {
        let mut asked = Asked::new();
        asked.world.snapshot.security_defaults = Some(true);
        asked
    };
    let cut_over = |asked: &Asked| {
        let snapshot = &asked.world.snapshot;
        let on = |id| turned(snapshot, id, State::Enabled);
        vec![
            Edit::SecurityDefaults { before: snapshot.security_defaults, after: false },
            on(CA000),
            on(CA002),
            on(CA003),
            on(CA001),
        ]
    };
    let receipt = |opens, closes| Some(GapReceipt { opens, closes });
    // Between the two times of the receipt, and nowhere else.
    for (gap, verdict, reason) in [
        (receipt(0, 4), "held", ""),
        (receipt(0, 2), "held", ""),
        (receipt(0, 1), "violated", "After change 2, no policy demands MFA or blocks"),
        (receipt(1, 4), "violated", "After change 1,"),
        (None, "violated", "After change 1,"),
    ] {
        let mut asked = with_defaults();
        asked.gap = gap;
        asked.check(NO_GAP, cut_over(&asked), verdict, reason);
    }
    // Half of it leaves the gap open.
    for left in 1..3 {
        let mut asked = with_defaults();
        asked.gap = receipt(0, 4);
        let edits = cut_over(&asked).into_iter().take(left).collect();
        asked.check(NO_GAP, edits, "violated", "In the end");
    }
    // Nobody told whether they are on: they count as on.
    let mut asked = with_defaults();
    asked.world.snapshot.security_defaults = None;
    asked.gap = receipt(0, 4);
    let off = cut_over(&asked).into_iter().take(1).collect();
    asked.check(NO_GAP, off, "violated", "In the end");
    let mut asked = with_defaults();
    asked.world.snapshot.security_defaults = Some(false);
    let off = cut_over(&asked).into_iter().take(1).collect();
    asked.check(NO_GAP, off, "not asked", "");
}

#[test]
fn per_user_mfa_goes_last() {
    let retire =
        |before| vec![Edit::PerUserMfa { user: named("dan"), before, after: PerUserMfa::Disabled }];
    for before in [Some(PerUserMfa::Enforced), Some(PerUserMfa::Enabled), None] {
        let with_state = |mut asked: Asked| {
            asked.world.snapshot.users.as_mut().unwrap()[5].per_user_mfa = before;
            asked
        };
        with_state(enforced()).check(NO_GAP, retire(before), "held", "");
        with_state(Asked::new()).check(NO_GAP, retire(before), "violated", "dan@ne.example");
    }
    Asked::new().check(NO_GAP, retire(Some(PerUserMfa::Disabled)), "not asked", "");
}

#[test]
fn memberships_open() {
    let asked = enforced();
    let edits = vec![member_of(&asked.world.snapshot, EXCLUDED_GROUP, "dan", Presence::Present)];
    asked.check(NO_GAP, edits, "violated", "dan@ne.example");
    let edits = vec![member_of(&asked.world.snapshot, PILOT_GROUP, "dan", Presence::Present)];
    asked.check(NO_GAP, edits, "not asked", "");
}

/// Guards that concern no part of a set are not asked.
#[test]
fn what_leaves_out_nobody_and_concerns_one_person() {
    let mut asked = excepting();
    let policies = asked.world.snapshot.policies.as_mut().unwrap();
    policies[2].conditions.users.include_users.clear();
    policies[2].conditions.users.include_groups = vec![PILOT.to_owned()];
    let snapshot = &asked.world.snapshot;
    let for_all = makes("For all", |it| it.conditions.users.exclude_groups.clear());
    let for_most = |change: Changes<Policy>| {
        makes("For most", |it| {
            it.conditions.users.exclude_groups.clear();
            change(it);
        })
    };
    let joins = |of, after| member_of(snapshot, of, "dan", after);
    // What is done, whether it leaves somebody out, whether it concerns more than one person.
    let cases = [
        (Edit::RevokeSessions { user: named("dan") }, false, false),
        (for_all, false, true),
        (for_most(|it| it.conditions.users.exclude_groups = vec!["x".to_owned()]), true, true),
        (for_most(|it| it.conditions.users.exclude_users = vec![id("dan")]), true, true),
        (for_most(|it| it.conditions.users.exclude_roles = vec!["x".to_owned()]), true, true),
        (joins(EXCEPTIONS_GROUP, Presence::Present), true, true),
        (joins(PILOT_GROUP, Presence::Present), false, true),
        (joins((crate::tenant::BRIDGE, "MFA - Bridge"), Presence::Absent), false, false),
        (member_of(snapshot, PILOT_GROUP, "cora", Presence::Absent), false, false),
    ];
    for (edit, leaves_out, is_tenant_wide) in cases {
        let told = format!("{edit:?}");
        let is_asked = |guard| asked.says(guard, vec![edit.clone()]).0 != "not asked";
        assert_eq!(is_asked(APPROVED), leaves_out, "{told}");
        assert_eq!(is_asked(DAY), is_tenant_wide, "{told}");
    }
}

#[test]
fn one_ring_at_a_time() {
    let mut asked = Asked::new();
    asked.check(ONE_RING, switch(&asked), "held", "");
    let off = vec![turned(&asked.world.snapshot, CA001, State::Disabled)];
    asked.check(ONE_RING, off, "not asked", "");
    asked.circumstances.rings_in_flight = Some(vec!["Leeds".to_owned()]);
    asked.check(ONE_RING, switch(&asked), "violated", "`Leeds`");
    let alone = vec![Edit::AccountEnabled { user: named("dan"), before: Some(true), after: false }];
    asked.check(ONE_RING, alone, "not asked", "");
    asked.circumstances.rings_in_flight = None;
    asked.check(ONE_RING, switch(&asked), "cannot tell", "in flight");
}

#[test]
fn good_days() {
    let on = |day| {
        let mut asked = Asked::new();
        asked.circumstances.today = Some(day);
        let calendar = &mut asked.world.rollout.calendar;
        calendar.holidays = vec![date(2026, 12, 25), date(2026, 11, 18)];
        calendar.freezes = vec![Freeze {
            from: date(2026, 12, 14),
            to: date(2026, 12, 16),
            reason: "audit".to_owned(),
        }];
        asked
    };
    let cases = [
        (date(2026, 11, 19), "held", ""),
        (date(2026, 11, 20), "violated", "Friday"),
        (date(2026, 11, 21), "violated", "not a working day"),
        (date(2026, 11, 17), "violated", "the day before a holiday"),
        (date(2026, 11, 18), "violated", "a holiday"),
        (date(2026, 12, 14), "violated", "audit"),
        (date(2026, 12, 16), "violated", "audit"),
        (date(2026, 12, 17), "held", ""),
    ];
    for (day, verdict, reason) in cases {
        let asked = on(day);
        asked.check(DAY, switch(&asked), verdict, reason);
        // What switches nothing on for all may be done on a Friday, and never in a freeze.
        let report_only =
            vec![becomes(&asked.world.snapshot, CA001, |it| it.display_name.push('x'))];
        let mut asked = asked;
        asked.purpose = Purpose::Policies;
        let verdict = if reason == "audit" { "violated" } else { "held" };
        asked.check(DAY, report_only, verdict, "");
        // One person's reset and the way back wait for nothing.
        asked.check(DAY, vec![Edit::RevokeSessions { user: named("dan") }], "not asked", "");
        asked.purpose = Purpose::Rollback { of: "x".to_owned() };
        let back = vec![turned(&asked.world.snapshot, CA001, State::Disabled)];
        asked.check(DAY, back, "not asked", "");
    }
    // A cut-over by its name, or by what it switches on: neither is for a Friday.
    let mut by_name = on(date(2026, 11, 20));
    let renamed = vec![becomes(&by_name.world.snapshot, CA001, |it| it.display_name.push('x'))];
    by_name.check(DAY, renamed.clone(), "violated", "Friday");
    by_name.purpose = Purpose::Policies;
    by_name.check(DAY, renamed, "held", "");
    let mut by_effect = on(date(2026, 11, 20));
    by_effect.purpose = Purpose::Policies;
    by_effect.check(DAY, switch(&by_effect), "violated", "Friday");
    // Where people work on Saturdays, a Friday is still a Friday.
    let mut asked = on(date(2026, 11, 20));
    asked.world.rollout.calendar.working_days.push("sat".to_owned());
    asked.check(DAY, switch(&asked), "violated", "a Friday");
    let mut asked = on(date(2026, 11, 19));
    asked.circumstances.today = None;
    asked.check(DAY, switch(&asked), "cannot tell", "The date");
    let mut asked = on(date(2026, 11, 19));
    asked.world.rollout.calendar.time_zone = "Mars/Olympus".to_owned();
    asked.check(DAY, switch(&asked), "cannot tell", "Mars/Olympus");
}

#[test]
fn incidents() {
    let issue = |service: Option<&str>, classification: Option<&str>, resolved: Option<bool>| {
        ServiceIssue {
            title: Some("Sign-in fails".to_owned()),
            service: service.map(str::to_owned),
            classification: classification.map(str::to_owned),
            resolved,
            ..ServiceIssue::default()
        }
    };
    let entra = Some("Microsoft Entra");
    let incident = Some("incident");
    let cases = [
        (issue(entra, incident, Some(false)), "violated"),
        (issue(Some("Identity Service"), incident, Some(false)), "violated"),
        (issue(Some("Exchange Online"), incident, Some(false)), "held"),
        (issue(entra, Some("advisory"), Some(false)), "held"),
        (issue(entra, incident, Some(true)), "held"),
        (issue(None, incident, Some(false)), "cannot tell"),
        (issue(entra, None, Some(false)), "cannot tell"),
        (issue(entra, incident, None), "cannot tell"),
        (issue(None, None, Some(true)), "held"),
    ];
    for (issue, verdict) in cases {
        let mut asked = Asked::new();
        let told = format!("{issue:?}");
        asked.world.snapshot.service_issues = Some(vec![issue]);
        assert_eq!(asked.says(HEALTH, switch(&asked)).0, verdict, "{told}");
    }
    let mut asked = Asked::new();
    asked.world.snapshot.service_issues = None;
    asked.check(HEALTH, switch(&asked), "cannot tell", "service health");
    let alone = vec![Edit::RevokeSessions { user: named("dan") }];
    asked.check(HEALTH, alone, "not asked", "");
}

#[test]
fn the_age_of_the_snapshot() {
    let taken = |text: &str| {
        let mut asked = Asked::new();
        asked.circumstances.snapshot_taken = Some(text.parse().unwrap());
        asked
    };
    let cases = [
        ("2026-11-20T11:00:00Z", "held", ""),
        ("2026-11-20T10:59:59Z", "violated", "60 minutes old"),
        ("2026-11-20T12:00:01Z", "cannot tell", "still to come"),
    ];
    for (text, verdict, reason) in cases {
        let asked = taken(text);
        asked.check(FRESH, switch(&asked), verdict, reason);
        // Whatever is changed.
        asked.check(FRESH, vec![Edit::RevokeSessions { user: named("dan") }], verdict, reason);
    }
    let mut asked = Asked::new();
    asked.circumstances.snapshot_taken = None;
    asked.check(FRESH, switch(&asked), "cannot tell", "When");
    let mut asked = Asked::new();
    asked.circumstances.snapshot_lasts = SignedDuration::from_hours(72);
    asked.circumstances.snapshot_taken = Some("2026-11-21T11:00:00Z".parse().unwrap());
    asked.world.now = "2026-11-21T12:00:00Z".parse().unwrap();
    asked.check(FRESH, switch(&asked), "violated", "expired");
}

#[test]
fn what_was_there_before_was_seen() {
    let asked = Asked::new();
    asked.check(SEEN, switch(&asked), "held", "");
    let unseen = vec![
        Edit::SecurityDefaults { before: None, after: false },
        Edit::RevokeSessions { user: named("dan") },
    ];
    asked.check(SEEN, unseen, "cannot tell", "turn security defaults off");
}

/// CA001 is On for all and leaves out the group of dated exceptions.
fn excepting() -> Asked {
    let mut asked = enforced();
    let policy = &mut asked.world.snapshot.policies.as_mut().unwrap()[1];
    policy.conditions.users.exclude_groups.push(EXCEPTIONS.to_owned());
    asked.world.snapshot.users.as_mut().unwrap()[5].job_title = Some("Finance Director".to_owned());
    asked
}

fn approval(approvers: &[&str], decision: Option<&str>) -> Approval {
    Approval {
        subject: account("dan"),
        approvers: approvers.iter().map(|it| (*it).to_owned()).collect(),
        decision: decision.map(str::to_owned),
    }
}

fn joins(asked: &Asked, name: &str) -> Vec<Edit> {
    vec![member_of(&asked.world.snapshot, EXCEPTIONS_GROUP, name, Presence::Present)]
}

#[test]
fn nobody_excepts_an_executive_alone() {
    let asked = excepting();
    asked.check(APPROVED, joins(&asked, "cora"), "held", "");
    asked.check(APPROVED, joins(&asked, "dan"), "violated", "`dan@ne.example` is an executive");
    asked.check(APPROVED, joins(&asked, "ann"), "violated", "`ann@ne.example` is an administrator");
    let cases = [
        (approval(&["chair@ne.example", "ben@ne.example"], Some("digest")), "held"),
        (approval(&["chair@ne.example", "ben@ne.example"], None), "violated"),
        (approval(&["chair@ne.example", "ben@ne.example"], Some(" ")), "violated"),
        (approval(&["chair@ne.example"], Some("digest")), "violated"),
        (approval(&["chair@ne.example", " CHAIR@ne.example"], Some("digest")), "violated"),
        (approval(&["chair@ne.example", "dan@ne.example"], Some("digest")), "violated"),
        (approval(&["chair@ne.example", ""], Some("digest")), "violated"),
        (approval(&[], Some("digest")), "violated"),
    ];
    for (approval, verdict) in cases {
        let mut asked = excepting();
        let told = format!("{approval:?}");
        asked.circumstances.approvals = vec![approval];
        assert_eq!(asked.says(APPROVED, joins(&asked, "dan")).0, verdict, "{told}");
    }
    // Whoever carries it out is one of the two.
    for (operator, approver, verdict) in [
        ("ann", "chair@ne.example", "held"),
        ("ann", "ann@ne.example", "violated"),
        ("dan", "chair@ne.example", "violated"),
    ] {
        let mut asked = excepting();
        asked.circumstances.operator =
            Some(Operator::Delegated { account: account(operator), passed_mfa: Some(true) });
        asked.circumstances.approvals = vec![approval(&[approver], Some("digest"))];
        asked.check(APPROVED, joins(&asked, "dan"), verdict, "");
    }
    // An approval names its subject by either name.
    for (user_id, user_principal_name, verdict) in [
        (Some(id("dan").to_uppercase()), None, "held"),
        (None, Some("Dan@NE.example".to_owned()), "held"),
        (Some(String::new()), Some(String::new()), "violated"),
        (None, None, "violated"),
    ] {
        let mut asked = excepting();
        let mut named = approval(&["chair@ne.example", "ben@ne.example"], Some("digest"));
        named.subject = Account { user_id, user_principal_name, display_name: None };
        asked.circumstances.approvals = vec![named];
        asked.check(APPROVED, joins(&asked, "dan"), verdict, "");
    }
    // An approval of somebody else is none.
    let mut asked = excepting();
    let mut other = approval(&["chair@ne.example", "ben@ne.example"], Some("digest"));
    other.subject = account("cora");
    asked.circumstances.approvals = vec![other];
    asked.check(APPROVED, joins(&asked, "dan"), "violated", "");
}

/// Whatever way somebody is left out: by name, in a group, by a role.
#[test]
fn every_way_to_be_left_out() {
    let asked = excepting();
    let ways: [(&str, Changes<Policy>); 3] = [
        ("`dan@ne.example` is an executive", |it| {
            it.conditions.users.exclude_users.push(id("dan"))
        }),
        ("`ann@ne.example` is an administrator", |it| {
            it.conditions.users.exclude_groups.push(PILOT.to_owned());
        }),
        ("`ben@ne.example` is an administrator", |it| {
            it.conditions.users.exclude_roles.push(rollout::GLOBAL_ADMINISTRATOR.to_owned());
        }),
    ];
    for (reason, change) in ways {
        let edits = vec![becomes(&asked.world.snapshot, CA001, change)];
        asked.check(APPROVED, edits, "violated", reason);
    }
    let synchronizes = vec![becomes(&asked.world.snapshot, CA001, |it| {
        let roles = &mut it.conditions.users.exclude_roles;
        roles.push(rollout::DIRECTORY_SYNCHRONIZATION_ACCOUNTS.to_owned());
    })];
    asked.check(APPROVED, synchronizes, "held", "");
    // Those who are left out already, and break-glass accounts, are nobody's new exception.
    let again = vec![becomes(&asked.world.snapshot, CA001, |it| it.display_name.push('x'))];
    asked.check(APPROVED, again, "held", "");
    // A nested group carries its members.
    let mut nested = excepting();
    nested.world.snapshot.groups.as_mut().unwrap().push(group("inner", "Board", &["dan"]));
    let inner = Edit::Membership {
        group: rollout::change::Named::new(EXCEPTIONS, "CA - Dated exceptions"),
        member: rollout::change::Named::new("inner", "Board"),
        member_kind: MemberKind::Group,
        before: Some(Presence::Absent),
        after: Presence::Present,
    };
    nested.check(APPROVED, vec![inner.clone()], "violated", "`dan@ne.example` is an executive");
    nested.world.snapshot.groups.as_mut().unwrap().pop();
    nested.check(APPROVED, vec![inner], "cannot tell", "Board");
}

/// Who is left out already, or by nothing that counts, is nobody's new exception.
#[test]
fn who_is_not_newly_left_out() {
    let leaves_out_dan = |state| {
        let mut asked = excepting();
        let policy = &mut asked.world.snapshot.policies.as_mut().unwrap()[1];
        policy.conditions.users.exclude_users.push(id("dan"));
        policy.state = state;
        let on = becomes(&asked.world.snapshot, CA001, |it| {
            it.state = State::Enabled;
            it.display_name.push('x');
        });
        (asked, vec![on])
    };
    let (asked, renamed) = leaves_out_dan(State::Enabled);
    asked.check(APPROVED, renamed, "held", "");
    let (asked, switched) = leaves_out_dan(State::Disabled);
    asked.check(APPROVED, switched, "violated", "`dan@ne.example` is an executive");
    // Beside an exception somebody joins a group that no policy leaves out.
    let asked = excepting();
    let mut edits = joins(&asked, "cora");
    edits.push(member_of(&asked.world.snapshot, PILOT_GROUP, "dan", Presence::Present));
    asked.check(APPROVED, edits, "held", "");
}

/// Directory synchronisation cannot answer a prompt, whoever's account it runs as.
#[test]
fn synchronization_is_no_exception_and_no_administration() {
    for role in
        [rollout::DIRECTORY_SYNCHRONIZATION_ACCOUNTS, rollout::ON_PREMISES_DIRECTORY_SYNC_ACCOUNT]
    {
        for (holder, edit) in [("dan", "role"), ("cora", "joins")] {
            let mut asked = excepting();
            asked.world.snapshot.roles.as_mut().unwrap().push(RoleAssignment {
                role: role.to_owned(),
                role_name: None,
                ..crate::world::role(holder, true)
            });
            let edits = match edit {
                "role" => vec![becomes(&asked.world.snapshot, CA001, |it| {
                    it.conditions.users.exclude_roles.push(role.to_uppercase());
                })],
                _ => joins(&asked, holder),
            };
            asked.check(APPROVED, edits, "held", "");
        }
    }
}

/// A group that a policy leaves out is as good as what is told of its members.
#[test]
fn the_members_of_a_group_that_is_left_out_are_told() {
    for (members, verdict, reason) in [
        (Some(&["cora"][..]), "held", ""),
        (Some(&["cora", "dan"]), "violated", "`dan@ne.example` is an executive"),
        (None, "cannot tell", "The members of `Crew`, which are left out."),
    ] {
        let mut asked = excepting();
        let mut crew = group("crew", "Crew", members.unwrap_or_default());
        crew.members = crew.members.filter(|_| members.is_some());
        asked.world.snapshot.groups.as_mut().unwrap().push(crew);
        let edits = vec![becomes(&asked.world.snapshot, CA001, |it| {
            it.conditions.users.exclude_groups.push("crew".to_owned());
        })];
        asked.check(APPROVED, edits, verdict, reason);
    }
}

#[test]
fn an_exception_that_nobody_can_tell() {
    let cases: [(&str, Changes<World>); 3] = [
        ("is an executive", |it| it.snapshot.users.as_mut().unwrap()[4].job_title = None),
        ("holds a role", |it| it.snapshot.roles = None),
        ("is an executive", |it| drop(it.snapshot.users.as_mut().unwrap().remove(4))),
    ];
    for (reason, change) in cases {
        let mut asked = excepting();
        change(&mut asked.world);
        asked.check(APPROVED, joins(&asked, "cora"), "cannot tell", reason);
    }
    // A policy that names a group of which nobody told.
    let asked = excepting();
    let edits = vec![becomes(&asked.world.snapshot, CA001, |it| {
        it.conditions.users.exclude_groups.push("elsewhere".to_owned());
    })];
    asked.check(APPROVED, edits, "cannot tell", "The members of `elsewhere`");
}

#[test]
fn only_what_can_be_waived_is() {
    let result = |guard, verdict| GuardResult { guard, verdict };
    let violated = || Verdict::Violated { counter_examples: vec!["No.".to_owned()] };
    let untold = || Verdict::CannotTell { missing: vec!["Who.".to_owned()] };
    let results = [
        result(PROOF, violated()),
        result(LEFT_OUT, untold()),
        result(DAY, violated()),
        result(HEALTH, untold()),
        result(NO_GAP, Verdict::Held),
    ];
    let names = |waived: &[Waivable]| -> Vec<Guard> {
        refusals(&results, waived).iter().map(|it| it.guard).collect()
    };
    assert_eq!(names(&[]), [PROOF, LEFT_OUT, DAY, HEALTH]);
    assert_eq!(names(&[Waivable::GoodDay]), [PROOF, LEFT_OUT, HEALTH]);
    let all = [Waivable::GoodDay, Waivable::ServiceHealth, Waivable::NoGap, Waivable::OneRing];
    assert_eq!(names(&all), [PROOF, LEFT_OUT]);
    let text = serde_json::to_value(&results[0]).unwrap();
    assert_eq!(
        text,
        json!({"guard": {"unwaivable": "lockout-proof"}, "verdict": "violated",
            "counter_examples": ["No."]})
    );
}

/// Memberships that others wrote within a day may not count yet either.
#[test]
fn memberships_of_others_on_their_way() {
    let mut asked = Asked::new();
    asked.world.snapshot.audits = Some(vec![AuditEvent {
        activity: "Add member to group".to_owned(),
        time: Some("2026-11-20T10:00:00Z".parse().unwrap()),
        succeeded: Some(true),
        targets: vec![account("alpha")],
        objects: vec![EXCLUDED.to_owned()],
        ..AuditEvent::default()
    }]);
    asked.check(LEFT_OUT, switch(&asked), "cannot tell", "alpha@ne.example");
}

/// A guest administrator through a group counts like any other.
#[test]
fn a_role_through_a_group_is_a_role() {
    let mut asked = excepting();
    let snapshot = &mut asked.world.snapshot;
    snapshot.users.as_mut().unwrap()[4].user_type = Some(UserType::Guest);
    snapshot.groups.as_mut().unwrap().push(group("admins", "Admins", &["cora"]));
    snapshot.roles.as_mut().unwrap().push(RoleAssignment {
        role: rollout::GLOBAL_ADMINISTRATOR.to_owned(),
        role_name: None,
        principal_id: Some("admins".to_owned()),
        principal_name: None,
        principal_kind: MemberKind::Group,
        active: false,
        scope: Some("/".to_owned()),
        ends: None,
    });
    asked.check(
        APPROVED,
        joins(&asked, "cora"),
        "violated",
        "`cora@ne.example` is an administrator",
    );
}
