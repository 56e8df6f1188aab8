//! The world after a change set.
//!
//! What nobody told stays untold: a list that was in no file is not there after one entry was added
//! to it either, because the entry would look like the whole. Only what a change sets as a whole
//! (security defaults, a policy, the state of one account) is known afterwards. What a change makes
//! unreliable becomes unknown: after a method was deleted, the row of the registration report, which
//! lags, tells nothing of the person's methods any more.
//!
//! Changes are carried out whatever was there: twice is once.

use std::collections::{BTreeMap, BTreeSet};

use conditional_access::Policy;

use super::edit::{Edit, Named, NewGroup, NewUser, Presence};
use super::identifiers::{is, same};
use super::set::ChangeSet;
use crate::account::Account;
use crate::snapshot::{
    AuthenticationMethod, Group, Member, MemberKind, RoleAssignment, Snapshot, User, UserType,
};

/// `@odata.type` of a Temporary Access Pass, as [`AuthenticationMethod::kind`] has it.
pub(super) const PASS: &str = "temporaryAccessPass";

/// The tenant as it would be seen after the whole set.
#[must_use]
pub fn apply_to(snapshot: &Snapshot, set: &ChangeSet) -> Snapshot {
    let mut applying = Applying::of(snapshot.clone());
    for change in &set.changes {
        applying.apply(&change.edit);
    }
    applying.snapshot
}

/// The tenant as it would be seen after each of these changes: as many worlds as changes.
#[must_use]
pub fn worlds(snapshot: &Snapshot, set: &ChangeSet) -> Vec<Snapshot> {
    let mut applying = Applying::of(snapshot.clone());
    let after_each = set.changes.iter().map(|change| {
        applying.apply(&change.edit);
        applying.snapshot.clone()
    });
    after_each.collect()
}

/// A snapshot on which changes are carried out one by one.
pub(super) struct Applying {
    pub(super) snapshot: Snapshot,
    /// Ids and names of the members of groups, in lower case, so that a group of many thousands is
    /// filled in one pass.
    members: BTreeMap<String, BTreeSet<String>>,
}

impl Applying {
    pub(super) fn of(snapshot: Snapshot) -> Self {
        Self { snapshot, members: BTreeMap::new() }
    }

    pub(super) fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::User { user, after, .. } => self.user(user, *after),
            Edit::Group { group, after, .. } => self.group(group, *after),
            Edit::Role { role, role_name, principal, principal_kind, after, .. } => {
                self.role((role, role_name), principal, *principal_kind, *after);
            }
            Edit::Membership { group, member, member_kind, after, .. } => {
                self.membership(&group.id, member, *member_kind, *after);
            }
            Edit::Policy { before, after } => {
                let id = before.policy().and_then(|policy| policy.id.as_deref());
                self.policy(id, after.as_ref().map(|it| &*it.0));
            }
            Edit::SecurityDefaults { after, .. } => self.snapshot.security_defaults = Some(*after),
            Edit::Campaign { after, .. } => {
                if let Some(policy) = &mut self.snapshot.methods_policy {
                    policy.campaign = Some(after.clone());
                }
            }
            Edit::PerUserMfa { user, after, .. } => {
                self.each_account(user, |it| it.per_user_mfa = Some(*after));
            }
            Edit::DeleteMethod { user, method, .. } => self.delete_method(user, method),
            Edit::TemporaryAccessPass { user, after, .. } => self.pass(user, *after),
            // Neither a password nor what somebody is signed in to is in a snapshot.
            Edit::NewPassword { .. } | Edit::RevokeSessions { .. } => {}
            Edit::AccountEnabled { user, after, .. } => {
                self.each_account(user, |it| it.account_enabled = Some(*after));
            }
        }
    }

    fn each_account(&mut self, named: &Named, change: impl Fn(&mut User)) {
        for user in self.snapshot.users.iter_mut().flatten() {
            if is(user.account.user_id.as_deref(), &named.id) {
                change(user);
            }
        }
    }

    fn user(&mut self, new: &NewUser, after: Presence) {
        let Some(users) = &mut self.snapshot.users else { return };
        let is_it = |user: &User| is(user.account.user_id.as_deref(), &new.id);
        match after {
            Presence::Absent => users.retain(|user| !is_it(user)),
            Presence::Present if users.iter().any(is_it) => {}
            Presence::Present => users.push(User {
                account: Account {
                    user_principal_name: Some(new.user_principal_name.clone()),
                    user_id: Some(new.id.clone()),
                    display_name: Some(new.display_name.clone()),
                },
                account_enabled: Some(true),
                user_type: Some(UserType::Member),
                on_premises_sync: Some(false),
                has_immutable_id: Some(false),
                password_never_expires: Some(true),
                methods: Some(Vec::new()),
                ..User::default()
            }),
        }
    }

    fn group(&mut self, new: &NewGroup, after: Presence) {
        self.members.remove(&new.id.to_lowercase());
        let Some(groups) = &mut self.snapshot.groups else { return };
        let is_it = |group: &Group| is(group.id.as_deref(), &new.id);
        match after {
            Presence::Absent => groups.retain(|group| !is_it(group)),
            Presence::Present if groups.iter().any(is_it) => {}
            Presence::Present => groups.push(Group {
                id: Some(new.id.clone()),
                display_name: Some(new.display_name.clone()),
                members: Some(Vec::new()),
                membership_rule: Some(String::new()),
                assignable_to_role: Some(new.assignable_to_role),
                owners: Some(Vec::new()),
            }),
        }
    }

    fn role(
        &mut self,
        (role, role_name): (&str, &str),
        principal: &Named,
        principal_kind: MemberKind,
        after: Presence,
    ) {
        let Some(roles) = &mut self.snapshot.roles else { return };
        let is_it = |held: &RoleAssignment| is_lasting(held, role, principal);
        match after {
            Presence::Absent => roles.retain(|held| !is_it(held)),
            Presence::Present if roles.iter().any(is_it) => {}
            Presence::Present => roles.push(RoleAssignment {
                role: role.to_owned(),
                role_name: Some(role_name.to_owned()),
                principal_id: Some(principal.id.clone()),
                principal_name: Some(principal.name.clone()),
                principal_kind,
                active: true,
                scope: Some("/".to_owned()),
                ends: None,
            }),
        }
    }

    fn membership(&mut self, group: &str, member: &Named, kind: MemberKind, after: Presence) {
        let mut groups = self.snapshot.groups.iter_mut().flatten();
        let Some(found) = groups.find(|it| is(it.id.as_deref(), group)) else { return };
        let Some(members) = &mut found.members else { return };
        let names = self
            .members
            .entry(group.to_lowercase())
            .or_insert_with(|| members.iter().flat_map(names_of).collect());
        let id = member.id.to_lowercase();
        let is_member = names.contains(&id) || names.contains(&member.name.to_lowercase());
        match after {
            Presence::Present if is_member => {}
            Presence::Present => {
                names.insert(id);
                members.push(Member {
                    id: Some(member.id.clone()),
                    user_principal_name: member.name.contains('@').then(|| member.name.clone()),
                    kind,
                });
            }
            Presence::Absent if is_member => {
                members.retain(|it| !is_member_named(it, member));
                *names = members.iter().flat_map(names_of).collect();
            }
            Presence::Absent => {}
        }
    }

    fn policy(&mut self, before: Option<&str>, after: Option<&Policy>) {
        let Some(policies) = &mut self.snapshot.policies else { return };
        let Some(id) = after.and_then(|it| it.id.as_deref()).or(before) else { return };
        let place = policies.iter().position(|it| is(it.id.as_deref(), id));
        match (after, place) {
            (Some(after), Some(place)) => {
                if let Some(policy) = policies.get_mut(place) {
                    policy.clone_from(after);
                }
            }
            (Some(after), None) => policies.push(after.clone()),
            (None, Some(place)) => {
                policies.remove(place);
            }
            (None, None) => {}
        }
    }

    fn delete_method(&mut self, named: &Named, method: &AuthenticationMethod) {
        self.each_account(named, |user| {
            if let Some(methods) = &mut user.methods
                && let Some(place) = methods.iter().position(|it| it == method)
            {
                methods.remove(place);
            }
        });
        for row in self.snapshot.registrations.iter_mut().flatten() {
            let is_named = row.account.user_principal_name.as_deref();
            if is(row.account.user_id.as_deref(), &named.id) || is(is_named, &named.name) {
                row.mfa_registered = None;
                row.mfa_capable = None;
                row.passwordless_capable = None;
                row.sspr_registered = None;
                row.methods = None;
                row.default_method = None;
            }
        }
    }

    fn pass(&mut self, named: &Named, after: Presence) {
        self.each_account(named, |user| {
            let Some(methods) = &mut user.methods else { return };
            methods.retain(|it| it.kind != PASS);
            if after.is_there() {
                methods.push(AuthenticationMethod {
                    kind: PASS.to_owned(),
                    created: None,
                    detail: None,
                    aaguid: None,
                });
            }
        });
    }
}

/// Whether an assignment is the one that a change makes or takes away: active, for the whole tenant
/// and without end. A scope that nobody told may be another.
pub(super) fn is_lasting(held: &RoleAssignment, role: &str, principal: &Named) -> bool {
    held.active
        && same(&held.role, role)
        && is(held.principal_id.as_deref(), &principal.id)
        && held.scope.as_deref() == Some("/")
        && held.ends.is_none()
}

/// The lower-case id of a member, and its name where no id was told.
pub(super) fn names_of(member: &Member) -> Option<String> {
    member.id.as_ref().or(member.user_principal_name.as_ref()).map(|it| it.to_lowercase())
}

fn is_member_named(member: &Member, named: &Named) -> bool {
    match &member.id {
        Some(id) => same(id, &named.id),
        None => is(member.user_principal_name.as_deref(), &named.name),
    }
}
