//! Two accounts that still get in, their role and their group.

use super::{
    CannotDraft, Draft, Edit, Named, Presence, Purpose, Stage, break_glass_group, existing,
    membership, plain, unless_empty,
};
use crate::change::apply::is_lasting;
use crate::change::edit::{NewGroup, NewUser};
use crate::change::identifiers::provisional_id;
use crate::facts::Facts;
use crate::snapshot::{GLOBAL_ADMINISTRATOR, MemberKind};

/// What the accounts are called where the settings name none. The names belong to nobody and do not
/// say what they are for to whoever reads a list of accounts in passing.
const NEUTRAL: [&str; 2] = ["svc-emergency-alpha", "svc-emergency-bravo"];

/// Makes the accounts that the settings name, or two, with the active, permanent role of Global
/// Administrator, and the role-assignable group that every policy excludes. What is there already
/// stays.
///
/// # Errors
/// When no file tells the domain the tenant was made with, or a missing account is named elsewhere.
pub fn break_glass(facts: &Facts<'_>, marker: &str) -> Result<Draft, CannotDraft> {
    let domain = facts.snapshot.tenant.initial_domain().ok_or(CannotDraft::NoInitialDomain)?;
    let mut names: Vec<String> =
        facts.rollout.break_glass.accounts.iter().map(|name| name.trim().to_owned()).collect();
    let missing = NEUTRAL.iter().skip(names.len());
    names.extend(missing.map(|name| format!("{name}@{domain}")));
    let (mut users, mut people) = (Vec::new(), Vec::new());
    for (place, name) in names.iter().enumerate() {
        if let Some(named) = facts.user_named(name).and_then(|user| Named::of(&user.account)) {
            people.push(named);
            continue;
        }
        let (local, on) = name.rsplit_once('@').unwrap_or((name, ""));
        if !on.eq_ignore_ascii_case(domain) {
            let (name, domain) = (name.clone(), domain.to_owned());
            return Err(CannotDraft::NotOnInitialDomain { name, domain });
        }
        let id = provisional_id(&format!("{marker}-account-{place}"));
        people.push(Named::new(&id, name));
        let edit = Edit::User {
            user: NewUser { id, user_principal_name: name.clone(), display_name: local.to_owned() },
            before: facts.snapshot.users.as_ref().map(|_| Presence::Absent),
            after: Presence::Present,
        };
        let reason = "Whatever a policy does to everybody else, this account can undo it.";
        users.push((edit, reason.to_owned()));
    }
    let name = break_glass_group(facts);
    let found = facts.group(name).and_then(|group| group.id.clone());
    let id = found.clone().unwrap_or_else(|| provisional_id(&format!("{marker}-break-glass")));
    let group = Named::new(id, name);
    let mut edits = users;
    if found.is_none() {
        edits.push((new_group(facts, &group), group_reason()));
    }
    for person in &people {
        edits.push((
            global_administrator(facts, person),
            "Only a Global Administrator can undo everything; a role that must be activated \
             first cannot be when nobody can sign in."
                .to_owned(),
        ));
    }
    for person in &people {
        let reason = "Every policy leaves out this group.".to_owned();
        let edit = if found.is_some() {
            membership(facts, &group, person, Presence::Present)
        } else {
            joins_new(facts, &group, person)
        };
        edits.push((edit, reason));
    }
    unless_empty(plain(
        Purpose::BreakGlass,
        "Break-glass accounts and their group",
        Stage::Prepare,
        edits,
    ))
}

/// A new password for one break-glass account that exists. Nothing else of it is changed.
///
/// # Errors
/// When the settings do not name the account, or no file tells its object id.
pub fn new_password(facts: &Facts<'_>, name: &str) -> Result<Draft, CannotDraft> {
    let user = facts
        .user_named(name.trim())
        .ok_or_else(|| CannotDraft::NoAccount { name: name.to_owned() })?;
    let named = existing(facts, &user.account)?;
    let is_it = |it: &String| {
        facts.user_named(it.trim()).is_some_and(|it| it.account.user_id == user.account.user_id)
    };
    if !facts.rollout.break_glass.accounts.iter().any(is_it) {
        return Err(CannotDraft::NotBreakGlass { name: named.name });
    }
    let title = format!("A new password for {}", named.name);
    let reason = "The one before is lost, was used, or was read by somebody who left.".to_owned();
    let edits = vec![(Edit::NewPassword { user: named }, reason)];
    Ok(plain(Purpose::BreakGlass, &title, Stage::Prepare, edits))
}

fn group_reason() -> String {
    "Only privileged role administrators can change who is in it, so that nobody else leaves \
     themselves out of a policy."
        .to_owned()
}

/// A role-assignable group without owners.
pub(super) fn new_group(facts: &Facts<'_>, group: &Named) -> Edit {
    Edit::Group {
        group: NewGroup {
            id: group.id.clone(),
            display_name: group.name.clone(),
            assignable_to_role: true,
        },
        before: facts.snapshot.groups.as_ref().map(|_| Presence::Absent),
        after: Presence::Present,
    }
}

/// An account joins a group that does not exist yet: nobody is in it.
pub(super) fn joins_new(facts: &Facts<'_>, group: &Named, member: &Named) -> Edit {
    Edit::Membership {
        group: group.clone(),
        member: member.clone(),
        member_kind: MemberKind::User,
        before: facts.snapshot.groups.as_ref().map(|_| Presence::Absent),
        after: Presence::Present,
    }
}

fn global_administrator(facts: &Facts<'_>, person: &Named) -> Edit {
    let roles = facts.snapshot.roles.as_ref();
    let held = roles.map(|roles| {
        Presence::of(roles.iter().any(|held| is_lasting(held, GLOBAL_ADMINISTRATOR, person)))
    });
    Edit::Role {
        role: GLOBAL_ADMINISTRATOR.to_owned(),
        role_name: "Global Administrator".to_owned(),
        principal: person.clone(),
        principal_kind: MemberKind::User,
        before: held,
        after: Presence::Present,
    }
}
