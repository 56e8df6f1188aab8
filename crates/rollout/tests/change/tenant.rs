//! NE in small, with everything a change can touch; one edit of each kind.

use conditional_access::{Policy, State};
use jiff::SignedDuration;
use jiff::civil::date;
use rollout::change::guard::{Circumstances, Operator};
use rollout::change::{
    Before, ChangeSet, Draft, Edit, Made, Named, PolicyDocument, Presence, Purpose,
};
use rollout::preflight::Stage;
use rollout::{
    Activity, AuthenticationMethod, Campaign, Domain, GLOBAL_ADMINISTRATOR, Measurement, Member,
    MemberKind, MethodsPolicy, PerUserMfa, PersonActivity, Registration, Snapshot, Window,
};
use serde_json::json;

use crate::world::{EXCLUDED, NAMES, PILOT, World, account, group, id, policy};

pub(crate) const BRIDGE: &str = "00000000-0000-4000-8000-0000000000e2";
pub(crate) const EXCEPTIONS: &str = "00000000-0000-4000-8000-0000000000e4";
pub(crate) const CA000: &str = "10000000-0000-4000-8000-000000000000";
pub(crate) const CA001: &str = "10000000-0000-4000-8000-000000000001";
pub(crate) const CA002: &str = "10000000-0000-4000-8000-000000000002";
pub(crate) const CA003: &str = "10000000-0000-4000-8000-000000000003";

pub(crate) fn named(name: &str) -> Named {
    Named::of(&account(name)).unwrap()
}

pub(crate) fn method(kind: &str) -> AuthenticationMethod {
    AuthenticationMethod { kind: kind.to_owned(), created: None, detail: None, aaguid: None }
}

/// A policy of the tenant: for all users, MFA, changed as told.
pub(crate) fn own(id: &str, name: &str, state: &str, change: serde_json::Value) -> Policy {
    let mut all = json!({"id": id, "state": state, "createdDateTime": "2026-10-01T08:00:00Z",
        "modifiedDateTime": "2026-10-02T08:00:00Z"});
    if let (Some(all), Some(change)) = (all.as_object_mut(), change.as_object()) {
        all.extend(change.clone());
    }
    policy(name, &all)
}

/// Ann and Ben administer and passed MFA; alpha and bravo are break-glass, left out by their group;
/// the four policies of the rollout stand in Report-only; security defaults are off.
pub(crate) fn ne() -> World {
    let mut world = World::ne();
    let snapshot = &mut world.snapshot;
    snapshot.tenant.domains.get_or_insert_default().push(Domain {
        name: "ne.onmicrosoft.com".to_owned(),
        is_initial: Some(true),
        federated: Some(false),
        ..Domain::default()
    });
    for user in snapshot.users.iter_mut().flatten() {
        user.per_user_mfa = Some(PerUserMfa::Disabled);
        user.methods = Some(vec![method("microsoftAuthenticator"), method("fido2")]);
        user.job_title = Some("Engineer".to_owned());
    }
    let groups = snapshot.groups.get_or_insert_default();
    groups.push(group(BRIDGE, "MFA - Bridge", &["ann", "ben", "cora", "dan"]));
    groups.push(group(EXCEPTIONS, "CA - Dated exceptions", &[]));
    // Every name is told, so that what is taken away and put back is the same.
    for group in groups.iter_mut() {
        for member in group.members.iter_mut().flatten() {
            let name = NAMES.iter().find(|name| member.id == Some(id(name))).unwrap();
            member.user_principal_name = account(name).user_principal_name;
        }
    }
    for held in snapshot.roles.iter_mut().flatten() {
        let name = NAMES.iter().find(|name| held.principal_id == Some(id(name))).unwrap();
        held.role_name = Some("Global Administrator".to_owned());
        held.principal_name = account(name).user_principal_name;
    }
    let report_only = "enabledForReportingButNotEnforced";
    let legacy = json!({"conditions": {"clientAppTypes": ["exchangeActiveSync", "other"]},
        "grantControls": {"operator": "OR", "builtInControls": ["block"]}});
    let azure = json!({"somethingNew": {"kept": 1.5}, "conditions": {"applications":
        {"includeApplications": ["797f4846-ba00-4fd7-ba43-dac1f8f63013"]}}});
    snapshot.policies = Some(vec![
        own(CA000, "CA000 - Block legacy authentication", report_only, legacy),
        own(CA001, "CA001 - Require MFA - Pilot", report_only, json!({})),
        own(CA002, "CA002 - Require MFA - Administrators", report_only, json!({})),
        own(CA003, "CA003 - Require MFA - Azure management", report_only, azure),
    ]);
    snapshot.methods_policy = Some(MethodsPolicy {
        campaign: Some(Campaign { state: Some("default".to_owned()), ..Campaign::default() }),
        ..MethodsPolicy::default()
    });
    snapshot.service_issues = Some(Vec::new());
    let row = |name: &str| Registration {
        account: account(name),
        mfa_registered: Some(true),
        mfa_capable: Some(true),
        methods: Some(vec!["microsoftAuthenticatorPush".to_owned()]),
        last_updated: Some("2026-11-20T02:00:00Z".parse().unwrap()),
        ..Registration::default()
    };
    snapshot.registrations = Some(["ann", "ben"].map(row).to_vec());
    let person = |name: &str| PersonActivity {
        account: account(name),
        multifactor_successes: 3,
        ..PersonActivity::default()
    };
    world.measurement = Some(Measurement {
        activity: Some(Activity {
            people: ["ann", "ben"].map(person).to_vec(),
            ..Activity::default()
        }),
        window: Window { to: Some("2026-11-20T11:00:00Z".parse().unwrap()), ..Window::default() },
        ..Measurement::default()
    });
    world.rollout.calendar.time_zone = "Europe/London".to_owned();
    world
}

/// A Tuesday, everything told, an application acts.
pub(crate) fn good() -> Circumstances {
    Circumstances {
        operator: Some(Operator::Application { service_principal: None }),
        today: Some(date(2026, 11, 17)),
        snapshot_taken: Some("2026-11-20T11:55:00Z".parse().unwrap()),
        snapshot_lasts: SignedDuration::from_mins(60),
        rings_in_flight: Some(Vec::new()),
        proven_break_glass: Some(vec![account("alpha"), account("bravo")]),
        approvals: Vec::new(),
    }
}

pub(crate) fn made() -> Made {
    Made {
        at: "2026-11-20T12:00:00Z".parse().unwrap(),
        from: "snapshot".to_owned(),
        expires: "2026-11-21T12:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn draft(purpose: Purpose, edits: Vec<Edit>) -> Draft {
    Draft {
        purpose,
        title: "A set".to_owned(),
        step: Stage::Enforce,
        edits: edits.into_iter().map(|edit| (edit, "Because.".to_owned())).collect(),
        gap: None,
        rests_on: std::collections::BTreeSet::new(),
    }
}

pub(crate) fn set_of(snapshot: &Snapshot, edits: Vec<Edit>) -> ChangeSet {
    ChangeSet::make(draft(Purpose::Policies, edits), snapshot, made())
}

pub(crate) fn find<'s>(snapshot: &'s Snapshot, id: &str) -> &'s Policy {
    let is_it = |it: &&Policy| it.id.as_deref() == Some(id);
    snapshot.policies.iter().flatten().find(is_it).unwrap()
}

/// A policy of the tenant becomes another.
pub(crate) fn becomes(snapshot: &Snapshot, id: &str, change: impl FnOnce(&mut Policy)) -> Edit {
    let before = find(snapshot, id).clone();
    let mut after = before.clone();
    change(&mut after);
    Edit::Policy {
        before: Before::Was(PolicyDocument::of(before)),
        after: Some(PolicyDocument::of(after)),
    }
}

pub(crate) fn turned(snapshot: &Snapshot, id: &str, state: State) -> Edit {
    becomes(snapshot, id, |policy| policy.state = state)
}

/// A new policy of this name, for all users, changed as told.
pub(crate) fn makes(name: &str, change: impl FnOnce(&mut Policy)) -> Edit {
    let mut new = policy(name, &json!({"id": "new:policy"}));
    change(&mut new);
    Edit::Policy { before: Before::Absent, after: Some(PolicyDocument::of(new)) }
}

pub(crate) fn member_of(
    snapshot: &Snapshot,
    group: (&str, &str),
    name: &str,
    after: Presence,
) -> Edit {
    let found = snapshot.groups.iter().flatten().find(|it| it.id.as_deref() == Some(group.0));
    let members = found.and_then(|group| group.members.as_ref());
    let is_it = |it: &Member| it.id == Some(id(name));
    Edit::Membership {
        group: Named::new(group.0, group.1),
        member: named(name),
        member_kind: MemberKind::User,
        before: members.map(|all| Presence::of(all.iter().any(is_it))),
        after,
    }
}

pub(crate) const EXCLUDED_GROUP: (&str, &str) = (EXCLUDED, "CA - Excluded emergency accounts");
pub(crate) const PILOT_GROUP: (&str, &str) = (PILOT, "IT team");
pub(crate) const EXCEPTIONS_GROUP: (&str, &str) = (EXCEPTIONS, "CA - Dated exceptions");

/// One edit of every kind that has a way back, as the tenant is, by two numbers.
pub(crate) fn reversible(snapshot: &Snapshot, kind: usize, which: usize) -> Edit {
    let name = NAMES[which % NAMES.len()];
    let user = named(name);
    let of_user = snapshot.users.iter().flatten().find(|it| it.account.user_id == Some(id(name)));
    let flag = which.is_multiple_of(2);
    match kind % 11 {
        0 => Edit::User {
            user: rollout::change::NewUser {
                id: format!("new:user-{which}"),
                user_principal_name: format!("new-{which}@ne.onmicrosoft.com"),
                display_name: format!("new-{which}"),
            },
            before: Some(Presence::Absent),
            after: Presence::Present,
        },
        1 => Edit::Group {
            group: rollout::change::NewGroup {
                id: format!("new:group-{which}"),
                display_name: format!("New {which}"),
                assignable_to_role: flag,
            },
            before: Some(Presence::Absent),
            after: Presence::Present,
        },
        2 => {
            let held = snapshot.roles.iter().flatten().any(|it| it.principal_id == Some(id(name)));
            Edit::Role {
                role: GLOBAL_ADMINISTRATOR.to_owned(),
                role_name: "Global Administrator".to_owned(),
                principal: user,
                principal_kind: MemberKind::User,
                before: Some(Presence::of(held)),
                after: Presence::of(flag),
            }
        }
        3 => {
            let groups = [EXCLUDED_GROUP, PILOT_GROUP, EXCEPTIONS_GROUP];
            member_of(snapshot, groups[which % 3], name, Presence::of(flag))
        }
        4 => makes("CA009 - New", |policy| policy.state = State::Disabled),
        5 => {
            let ids = [CA000, CA001, CA002, CA003];
            let before = find(snapshot, ids[which % 4]).clone();
            Edit::Policy { before: Before::Was(PolicyDocument::of(before)), after: None }
        }
        6 => {
            let ids = [CA000, CA001, CA002, CA003];
            becomes(snapshot, ids[which % 4], |policy| {
                policy.state = if flag { State::Enabled } else { State::Disabled };
                policy.conditions.users.exclude_users.push(id(name));
                policy.conditions.applications.exclude.push("Office365".to_owned());
            })
        }
        7 => Edit::SecurityDefaults { before: snapshot.security_defaults, after: flag },
        8 => Edit::Campaign {
            before: snapshot.methods_policy.as_ref().and_then(|it| it.campaign.clone()),
            after: Campaign {
                state: Some("enabled".to_owned()),
                snooze_days: Some(1),
                ..Campaign::default()
            },
            exclude_groups: Vec::new(),
        },
        9 => Edit::PerUserMfa {
            user,
            before: of_user.and_then(|it| it.per_user_mfa),
            after: if flag { PerUserMfa::Enforced } else { PerUserMfa::Disabled },
        },
        _ => Edit::AccountEnabled {
            user,
            before: of_user.and_then(|it| it.account_enabled),
            after: flag,
        },
    }
}

/// The same lists in one order: Graph's have none.
pub(crate) fn in_order(snapshot: &Snapshot) -> Snapshot {
    let mut it = snapshot.clone();
    for group in it.groups.iter_mut().flatten() {
        group.members.iter_mut().for_each(|all| all.sort());
    }
    it.groups.iter_mut().for_each(|all| all.sort_by(|one, other| one.id.cmp(&other.id)));
    it.roles.iter_mut().for_each(|all| all.sort());
    it.users.iter_mut().for_each(|all| all.sort_by(|one, other| one.account.cmp(&other.account)));
    it.policies.iter_mut().for_each(|all| all.sort_by(|one, other| one.id.cmp(&other.id)));
    it
}
