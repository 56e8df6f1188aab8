//! Change sets as `next` would propose them, put into the store.

use std::collections::BTreeMap;
use std::path::Path;

use conditional_access::read_policy;
use entra::exports::Collector;
use jiff::{SignedDuration, Timestamp};
use records::{JsonRecord, Record};
use rollout::Snapshot;
use rollout::change::{
    Before, ChangeSet, Draft, Edit, Made, Named, NewGroup, PolicyDocument, Presence, Purpose,
};
use rollout::engine::{Phase, Progress};
use rollout::preflight::Stage as Step;
use rollout::{MemberKind, UserType};
use serde_json::{Value, json};
use store::{Holder, Kind, NewDocument, Store};
use twin::World;
use twin::documents::Collection;

const CHANGE_SETS: Kind<ChangeSet> = Kind::new("change-set", "lockstep.change-set/1");
const PROGRESS: Kind<Progress> = Kind::new("progress", "lockstep.progress/1");

/// The tenant as it would be read, as far as the sets of these tests rest on it.
pub(crate) fn snapshot(world: &World, now: Timestamp) -> Snapshot {
    let mut collector = Collector::new();
    let mut groups = Vec::new();
    for (within, context) in [
        (Collection::Users, "#users/$entity"),
        (Collection::Groups, "#groups/$entity"),
        (Collection::Policies, "#identity/conditionalAccess/policies/$entity"),
        (Collection::NamedLocations, "#identity/conditionalAccess/namedLocations/$entity"),
        (
            Collection::SecurityDefaults,
            "#policies/identitySecurityDefaultsEnforcementPolicy/$entity",
        ),
        (Collection::MethodsPolicy, "#policies/authenticationMethodsPolicy/$entity"),
        (Collection::RoleAssignments, "#roleManagement/directory/roleAssignments"),
    ] {
        for place in 0..world.count(&within, now) {
            let Some(object) = world.item(&within, place, now) else { continue };
            if within == Collection::Groups {
                groups.push(object["id"].as_str().unwrap().to_owned());
            }
            offer(&mut collector, &Value::Object(object), Some(context));
        }
    }
    for group in groups {
        let within = Collection::GroupMembers(group.clone());
        let members: Vec<Value> = (0..world.count(&within, now))
            .filter_map(|place| world.item(&within, place, now))
            .map(Value::Object)
            .collect();
        offer(&mut collector, &json!({"groupId": group, "members": members}), None);
    }
    for place in 0..world.count(&Collection::Users, now) {
        let Some(user) = world.item(&Collection::Users, place, now) else { continue };
        let id = user["id"].as_str().unwrap();
        let within = Collection::AuthenticationMethods(id.to_owned());
        let methods: Vec<Value> = (0..world.count(&within, now))
            .filter_map(|place| world.item(&within, place, now))
            .map(Value::Object)
            .collect();
        offer(&mut collector, &json!({"userId": id, "methods": methods}), None);
        let state = world.item(&Collection::Requirements(id.to_owned()), 0, now);
        if let Some(state) = state.and_then(|it| it.get("perUserMfaState").cloned()) {
            offer(&mut collector, &json!({"userId": id, "perUserMfaState": state}), None);
        }
    }
    let mut snapshot = collector.finish();
    let domain = rollout::Domain {
        name: world.notes(now).domain.to_lowercase(),
        is_default: Some(true),
        ..rollout::Domain::default()
    };
    snapshot.tenant.domains = Some(vec![domain]);
    snapshot
}

fn offer(collector: &mut Collector, object: &Value, context: Option<&str>) {
    let bytes = object.to_string();
    let record = JsonRecord { bytes: bytes.as_bytes(), line: 0, context };
    let _ = collector.offer(&Record::Json(record), "");
}

/// A policy that asks nobody yet.
pub(crate) fn policy(number: &str, group: &str) -> PolicyDocument {
    let policy = json!({
        "id": rollout::change::provisional_id(&number.to_lowercase()),
        "displayName": format!("{number} - Test"),
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "users": {"includeGroups": [group]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    });
    PolicyDocument::of(read_policy(&policy).unwrap())
}

/// Somebody who works there.
pub(crate) fn people(snapshot: &Snapshot) -> Vec<Named> {
    let users = snapshot.users.iter().flatten();
    let staff = users.filter(|it| {
        it.user_type == Some(UserType::Member)
            && it.account_enabled == Some(true)
            && it.mail.is_some()
    });
    staff.filter_map(|it| Named::of(&it.account)).collect()
}

/// A group with a member, and policies for it that ask nobody yet: seven changes of which one needs the
/// id that another brings.
pub(crate) fn edits(snapshot: &Snapshot) -> Vec<(Edit, String)> {
    let group = NewGroup {
        id: rollout::change::provisional_id("ring-nine"),
        display_name: "MFA ring nine".to_owned(),
        assignable_to_role: false,
    };
    let named = Named::new(group.id.clone(), group.display_name.clone());
    let people = people(snapshot);
    let join = |place: usize| Edit::Membership {
        group: named.clone(),
        member: people[place].clone(),
        member_kind: MemberKind::User,
        before: Some(Presence::Absent),
        after: Presence::Present,
    };
    let put = |number: &str| Edit::Policy {
        before: Before::Absent,
        after: Some(policy(number, &named.id)),
    };
    let edits = vec![
        Edit::Group {
            group: group.clone(),
            before: Some(Presence::Absent),
            after: Presence::Present,
        },
        join(0),
        join(1),
        put("CA901"),
        put("CA902"),
        put("CA903"),
        Edit::AccountEnabled { user: people[2].clone(), before: Some(true), after: false },
    ];
    edits.into_iter().map(|edit| (edit, "A test asks for it.".to_owned())).collect()
}

/// One of each kind of change that needs no gate, and whose objects are there: the campaign, per-user MFA,
/// a pass, sessions, a role and a policy that is changed.
pub(crate) fn other_kinds(snapshot: &Snapshot) -> Vec<(Edit, String)> {
    let people = people(snapshot);
    let before = snapshot.methods_policy.as_ref().unwrap().campaign.clone().unwrap();
    let group = snapshot.groups.iter().flatten().find_map(|it| it.id.clone()).unwrap();
    assert_eq!(before.excluded, Some(Vec::new()), "the way back takes somebody off the list");
    let after = rollout::Campaign {
        state: Some("enabled".to_owned()),
        snooze_days: Some(3),
        excluded: Some(vec![group.to_lowercase()]),
        ..before.clone()
    };
    let policies = snapshot.policies.iter().flatten();
    let quiet = policies.clone().find(|it| it.state != conditional_access::State::Enabled);
    let quiet = quiet.unwrap();
    let mut renamed = quiet.clone();
    renamed.display_name.push_str(" (renamed)");
    let edits = vec![
        Edit::Campaign { before: Some(before), after, exclude_groups: Vec::new() },
        Edit::PerUserMfa {
            user: people[0].clone(),
            before: Some(rollout::PerUserMfa::Disabled),
            after: rollout::PerUserMfa::Enabled,
        },
        Edit::Role {
            // Reports Reader: changes nothing in the tenant.
            role: "4a5d8f65-41da-4de4-8968-e035b65339cf".to_owned(),
            role_name: "Reports Reader".to_owned(),
            principal: people[2].clone(),
            principal_kind: MemberKind::User,
            before: Some(Presence::Absent),
            after: Presence::Present,
        },
        Edit::Policy {
            before: Before::Was(PolicyDocument::of(quiet.clone())),
            after: Some(PolicyDocument::of(renamed)),
        },
        Edit::RevokeSessions { user: people[0].clone() },
    ];
    edits.into_iter().map(|edit| (edit, "A test asks for it.".to_owned())).collect()
}

/// A set of these changes.
pub(crate) fn set(
    snapshot: &Snapshot,
    edits: Vec<(Edit, String)>,
    purpose: Purpose,
    now: Timestamp,
) -> ChangeSet {
    let draft = Draft {
        purpose,
        title: "Ring nine".to_owned(),
        step: Step::Prepare,
        edits,
        gap: None,
        rests_on: std::collections::BTreeSet::new(),
    };
    let expires = now + SignedDuration::from_hours(24);
    ChangeSet::make(draft, snapshot, Made { at: now, from: "test".to_owned(), expires })
}

/// Puts a set into the store of a workspace, as shown and not confirmed.
pub(crate) fn propose(folder: &Path, set: &ChangeSet, now: Timestamp) {
    let store = Store::open_or_create(&folder.join(store::FILE_NAME)).unwrap();
    let holder = Holder { host: "desk".to_owned(), pid: std::process::id(), user: "t".to_owned() };
    let writer = store.writer(&holder, SignedDuration::from_mins(1), now).unwrap();
    let by = "operator";
    let key = set.id.as_str();
    writer
        .put(&CHANGE_SETS, &NewDocument { key, payload: set, at: now, by, source: None })
        .unwrap();
    let progress = Progress {
        set: set.id.clone(),
        of_plan: None,
        title: set.title.clone(),
        step: set.step,
        changes: set.changes.len(),
        phase: Phase::Proposed,
        confirmed: None,
        guards: Vec::new(),
        done: Vec::new(),
        unsettled: false,
        ids: BTreeMap::new(),
        gap: None,
    };
    writer
        .put(&PROGRESS, &NewDocument { key, payload: &progress, at: now, by, source: None })
        .unwrap();
}

/// How far a set is carried out.
pub(crate) fn progress(folder: &Path, set: &str) -> Progress {
    let store = Store::open_or_create(&folder.join(store::FILE_NAME)).unwrap();
    store.latest(&PROGRESS, set).unwrap().unwrap().payload
}
