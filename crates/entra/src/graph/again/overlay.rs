//! What was read again, put over a snapshot.

use std::collections::BTreeSet;

use rollout::{Group, RoleAssignment, Snapshot, User};

/// What was asked for again, ids and names in lower case. What was asked for and is not among what
/// came is gone, or not told.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    /// Reads of whole lists that were asked for.
    pub(super) asked: BTreeSet<&'static str>,
    /// Those of them that were told.
    pub(super) told: BTreeSet<&'static str>,
    /// Accounts by id.
    pub(super) users: BTreeSet<String>,
    /// Accounts by user principal name.
    pub(super) names: BTreeSet<String>,
    /// Accounts whose methods were asked for.
    pub(super) methods: BTreeSet<String>,
    /// Accounts whose per-user MFA was asked for.
    pub(super) per_user_mfa: BTreeSet<String>,
    /// Groups by id.
    pub(super) groups: BTreeSet<String>,
    /// Groups by display name.
    pub(super) group_names: BTreeSet<String>,
    /// Groups whose members were asked for.
    pub(super) members: BTreeSet<String>,
    /// Accounts and groups whose roles were asked for.
    pub(super) roles: BTreeSet<String>,
}

/// The snapshot with what was read again in its place.
pub(super) fn overlay(snapshot: &Snapshot, fresh: Snapshot, which: &Overlay) -> Snapshot {
    let mut now = snapshot.clone();
    let told = |id: &str| which.told.contains(id);
    if which.asked.contains("conditional-access-policies") {
        let all = fresh.policies.unwrap_or_default();
        now.policies = told("conditional-access-policies").then_some(all);
    }
    if which.asked.contains("named-locations") {
        let all = fresh.named_locations.unwrap_or_default();
        now.named_locations = told("named-locations").then_some(all);
    }
    if which.asked.contains("service-issues") {
        let all = fresh.service_issues.unwrap_or_default();
        now.service_issues = told("service-issues").then_some(all);
    }
    if which.asked.contains("security-defaults") {
        now.security_defaults = fresh.security_defaults;
    }
    if which.asked.contains("methods-policy") {
        now.methods_policy = fresh.methods_policy;
    }
    if let Some(users) = &mut now.users {
        overlay_users(users, fresh.users.unwrap_or_default(), which);
    }
    if let Some(groups) = &mut now.groups {
        overlay_groups(groups, fresh.groups.unwrap_or_default(), which);
    }
    if let Some(roles) = &mut now.roles {
        overlay_roles(roles, fresh.roles.unwrap_or_default(), which);
    }
    now
}

fn has(set: &BTreeSet<String>, text: Option<&str>) -> bool {
    text.is_some_and(|text| set.contains(&text.to_lowercase()))
}

fn overlay_users(users: &mut Vec<User>, fresh: Vec<User>, which: &Overlay) {
    let id_of = |user: &User| user.account.user_id.as_ref().map(|it| it.to_lowercase());
    let mut before = Vec::new();
    let is_asked = |user: &User| {
        has(&which.users, user.account.user_id.as_deref())
            || has(&which.names, user.account.user_principal_name.as_deref())
    };
    users.retain(|user| {
        let asked = is_asked(user);
        if asked {
            before.push(user.clone());
        }
        !asked
    });
    for mut user in fresh {
        let id = id_of(&user);
        let old = before.iter().find(|it| id.is_some() && id_of(it) == id);
        let id = id.unwrap_or_default();
        if let Some(old) = old {
            user.activity = old.activity;
            user.manager.clone_from(&old.manager);
            user.mailbox_purpose.clone_from(&old.mailbox_purpose);
            if !which.methods.contains(&id) {
                user.methods.clone_from(&old.methods);
            }
            if !which.per_user_mfa.contains(&id) {
                user.per_user_mfa = old.per_user_mfa;
            }
        }
        users.push(user);
    }
}

fn overlay_groups(groups: &mut Vec<Group>, fresh: Vec<Group>, which: &Overlay) {
    let id_of = |group: &Group| group.id.as_ref().map(|it| it.to_lowercase());
    let mut before = Vec::new();
    groups.retain(|group| {
        let asked = has(&which.groups, group.id.as_deref())
            || has(&which.group_names, group.display_name.as_deref());
        if asked {
            before.push(group.clone());
        }
        !asked
    });
    for mut group in fresh {
        let id = id_of(&group);
        let old = before.iter().find(|it| id.is_some() && id_of(it) == id);
        // Members that came without their group: it is gone meanwhile.
        if group.display_name.is_none() && !has(&which.groups, group.id.as_deref()) {
            continue;
        }
        if let Some(old) = old {
            if !has(&which.members, group.id.as_deref()) {
                group.members.clone_from(&old.members);
            }
            if group.owners.is_none() {
                group.owners.clone_from(&old.owners);
            }
        }
        groups.push(group);
    }
}

fn overlay_roles(roles: &mut Vec<RoleAssignment>, fresh: Vec<RoleAssignment>, which: &Overlay) {
    let names: Vec<(String, Option<String>)> =
        roles.iter().map(|it| (it.role.clone(), it.role_name.clone())).collect();
    roles.retain(|it| !has(&which.roles, it.principal_id.as_deref()));
    for mut role in fresh {
        if role.role_name.is_none() {
            let known = names.iter().find(|it| it.0 == role.role);
            role.role_name = known.and_then(|it| it.1.clone());
        }
        roles.push(role);
    }
    roles.sort();
}
