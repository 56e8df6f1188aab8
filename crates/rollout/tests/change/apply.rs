//! The world after.

use conditional_access::State;
use rollout::change::{Edit, Named, NewGroup, NewUser, Presence, apply_to, worlds};
use rollout::{MemberKind, PerUserMfa, Snapshot};

use crate::tenant::{
    CA001, EXCLUDED_GROUP, find, makes, member_of, method, named, ne, reversible, set_of, turned,
};
use crate::world::{NAMES, id};

#[test]
fn twice_is_once() {
    let world = ne();
    for kind in 0..11 {
        for which in 0..NAMES.len() {
            let set = set_of(&world.snapshot, vec![reversible(&world.snapshot, kind, which)]);
            let once = apply_to(&world.snapshot, &set);
            assert_eq!(apply_to(&once, &set), once, "{kind} {which}");
        }
    }
}

#[test]
fn the_tenant_that_is_there_is_not_touched() {
    let world = ne();
    let before = world.snapshot.clone();
    let _ =
        apply_to(&world.snapshot, &set_of(&before, vec![turned(&before, CA001, State::Enabled)]));
    assert_eq!(world.snapshot, before);
}

/// A list that nobody told is not told by one entry more.
#[test]
fn unknown_stays_unknown() {
    let told = ne().snapshot;
    let edits = [
        reversible(&told, 0, 0),
        reversible(&told, 1, 0),
        reversible(&told, 2, 4),
        member_of(&told, EXCLUDED_GROUP, "dan", Presence::Present),
        makes("CA009 - New", |_| {}),
        reversible(&told, 8, 0),
        reversible(&told, 9, 0),
        reversible(&told, 10, 1),
    ];
    let untold = Snapshot::default();
    for edit in edits {
        let set = set_of(&untold, vec![edit.clone()]);
        assert_eq!(apply_to(&untold, &set), untold, "{edit:?}");
    }
    let mut untold = told.clone();
    untold.groups.iter_mut().flatten().for_each(|group| group.members = None);
    for user in untold.users.iter_mut().flatten() {
        user.methods = None;
    }
    let edits = [
        member_of(&untold, EXCLUDED_GROUP, "dan", Presence::Present),
        member_of(&untold, EXCLUDED_GROUP, "alpha", Presence::Absent),
        pass("dan", None),
        Edit::DeleteMethod { user: named("dan"), id: "1".to_owned(), method: method("fido2") },
    ];
    for edit in edits {
        let set = set_of(&untold, vec![edit.clone()]);
        assert_eq!(apply_to(&untold, &set), untold, "{edit:?}");
    }
}

/// What is set as a whole is known afterwards, whether or not it was before.
#[test]
fn what_is_set_is_known() {
    let mut untold = ne().snapshot;
    untold.security_defaults = None;
    for user in untold.users.iter_mut().flatten() {
        user.account_enabled = None;
        user.per_user_mfa = None;
    }
    let edits = vec![
        Edit::SecurityDefaults { before: None, after: true },
        Edit::AccountEnabled { user: named("dan"), before: None, after: false },
        Edit::PerUserMfa { user: named("dan"), before: None, after: PerUserMfa::Enforced },
    ];
    let after = apply_to(&untold, &set_of(&untold, edits));
    assert_eq!(after.security_defaults, Some(true));
    let states: Vec<_> =
        after.users.unwrap().iter().map(|it| (it.account_enabled, it.per_user_mfa)).collect();
    let unknown = (None, None);
    let set = (Some(false), Some(PerUserMfa::Enforced));
    assert_eq!(states, [unknown, unknown, unknown, unknown, unknown, set]);
}

/// The report lags: what it says of methods is worth nothing after one was deleted.
#[test]
fn a_deleted_method_makes_the_report_worthless() {
    let world = ne();
    let edit =
        Edit::DeleteMethod { user: named("ann"), id: "1".to_owned(), method: method("fido2") };
    let after = apply_to(&world.snapshot, &set_of(&world.snapshot, vec![edit]));
    let row = |name: &str| {
        let rows = after.registrations.iter().flatten();
        rows.clone().find(|row| row.account.user_id == Some(id(name))).unwrap().clone()
    };
    assert_eq!((row("ann").mfa_capable, row("ann").methods), (None, None));
    assert_eq!(row("ben").mfa_capable, Some(true));
    let methods = |name: &str| {
        let users = after.users.iter().flatten();
        users.clone().find(|it| it.account.user_id == Some(id(name))).unwrap().methods.clone()
    };
    assert_eq!(methods("ann"), Some(vec![method("microsoftAuthenticator")]));
    assert_eq!(methods("ben").map(|all| all.len()), Some(2));
}

fn pass(name: &str, before: Option<Presence>) -> Edit {
    Edit::TemporaryAccessPass {
        user: named(name),
        before,
        after: Presence::Present,
        minutes: 60,
        once: true,
    }
}

#[test]
fn one_pass_at_a_time() {
    let world = ne();
    let set = set_of(&world.snapshot, vec![pass("dan", None), pass("dan", None)]);
    let after = apply_to(&world.snapshot, &set);
    let dan = after.users.unwrap().into_iter().find(|it| it.account.user_id == Some(id("dan")));
    let kinds: Vec<String> = dan.unwrap().methods.unwrap().into_iter().map(|it| it.kind).collect();
    assert_eq!(kinds, ["microsoftAuthenticator", "fido2", "temporaryAccessPass"]);
}

/// An account, its group, its role and its membership, made in one set.
#[test]
fn new_objects_are_known_by_their_provisional_ids() {
    let world = ne();
    let person = Named::new("new:charlie", "charlie@ne.onmicrosoft.com");
    let group = Named::new("new:group", "Group");
    let there = |before| (Some(before), Presence::Present);
    let (absent, present) = there(Presence::Absent);
    let edits = vec![
        Edit::User {
            user: NewUser {
                id: person.id.clone(),
                user_principal_name: person.name.clone(),
                display_name: "charlie".to_owned(),
            },
            before: absent,
            after: present,
        },
        Edit::Group {
            group: NewGroup {
                id: group.id.clone(),
                display_name: group.name.clone(),
                assignable_to_role: true,
            },
            before: absent,
            after: present,
        },
        Edit::Membership {
            group: group.clone(),
            member: person.clone(),
            member_kind: MemberKind::User,
            before: absent,
            after: present,
        },
    ];
    let after = apply_to(&world.snapshot, &set_of(&world.snapshot, edits));
    let made = after.groups.unwrap().pop().unwrap();
    let members = made.members.unwrap();
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].id.as_deref(), Some("new:charlie"));
    let user = after.users.unwrap().pop().unwrap();
    assert_eq!((user.account_enabled, user.on_premises_sync), (Some(true), Some(false)));
    assert_eq!(user.methods, Some(Vec::new()));
}

#[test]
fn a_world_after_each_change() {
    let world = ne();
    let edits = vec![
        turned(&world.snapshot, CA001, State::Enabled),
        member_of(&world.snapshot, EXCLUDED_GROUP, "dan", Presence::Present),
    ];
    let set = set_of(&world.snapshot, edits);
    let all = worlds(&world.snapshot, &set);
    assert_eq!(all.len(), 2);
    assert_eq!(find(&all[0], CA001).state, State::Enabled);
    let members = |it: &Snapshot| it.groups.as_ref().unwrap()[0].members.as_ref().unwrap().len();
    assert_eq!((members(&all[0]), members(&all[1])), (2, 3));
    assert_eq!(all[1], apply_to(&world.snapshot, &set));
}
