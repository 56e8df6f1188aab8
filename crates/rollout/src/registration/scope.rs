//! Who counts: the people in scope and the enabled members.

use crate::exceptions::declared::Declared;
use crate::exceptions::{Classification, Kind};
use crate::facts::Facts;
use crate::snapshot::{Registration, User};

/// One person in scope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person<'a> {
    pub(super) user: &'a User,
    pub(super) kind: Kind,
    pub(super) row: Option<&'a Registration>,
}

/// Who counts, as far as that can be said.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// People in scope. Where [`Scope::told`] is false these are the people who *may* be: everyone
    /// the files do not rule out.
    pub(super) people: Vec<Person<'a>>,
    /// True when the files tell who is in scope.
    pub(super) told: bool,
    /// Enabled members of any kind. `None`: cannot be said.
    pub(super) enabled_members: Option<u64>,
    /// Enabled members that are unclassified. `None`: cannot be said.
    pub(super) unclassified: Option<u64>,
    /// Enabled guests. `None`: cannot be said.
    pub(super) guests: Option<Vec<&'a User>>,
}

/// Finds out who counts.
///
/// In scope is an enabled member that is a person — no shared, room, equipment, service,
/// synchronisation or break-glass account, no shared login — and was seen within `active_days` or
/// is confirmed active. Administrators, executives and people without a smartphone are people;
/// people on leave count only when seen.
///
/// It cannot be said who is in scope where no file lists the users, where none of them is told to
/// be enabled or not, or where nothing tells when anybody was last seen.
pub(super) fn scope<'a>(facts: &'a Facts<'a>, classification: &Classification) -> Scope<'a> {
    let users = facts.snapshot.users.as_deref();
    let all = users.unwrap_or_default();
    let enabled_told = all.iter().any(|user| user.account_enabled.is_some());
    let activity_told = facts
        .measurement
        .is_some_and(|log| log.activity.is_some() && log.coverage.records_read > 0)
        || all.iter().any(|user| user.activity.is_some())
        || !facts.rollout.people.confirmed_active.is_empty();
    let countable = users.is_some() && (enabled_told || all.is_empty());
    let told = countable && activity_told;
    let mut scope = Scope {
        people: Vec::new(),
        told,
        enabled_members: None,
        unclassified: None,
        guests: countable.then(Vec::new),
    };
    let declared = Declared::new(facts);
    let mut members: u64 = 0;
    let mut unclassified: u64 = 0;
    for (position, (user, (kind, _))) in all.iter().zip(&classification.users).enumerate() {
        let enabled = user.account_enabled == Some(true);
        if facts.is_guest(user) == Some(true) {
            if let Some(guests) = scope.guests.as_mut().filter(|_| enabled) {
                guests.push(user);
            }
            continue;
        }
        members = members.saturating_add(u64::from(enabled));
        unclassified =
            unclassified.saturating_add(u64::from(enabled && *kind == Kind::Unclassified));
        let active = facts.seen_within(&user.account, facts.rollout.thresholds.active_days)
            || declared.confirmed_active(position, &user.account).is_some();
        if counts(user, *kind, told, active) {
            scope.people.push(Person { user, kind: *kind, row: facts.registration(&user.account) });
        }
    }
    scope.enabled_members = countable.then_some(members);
    scope.unclassified = countable.then_some(unclassified);
    scope.people.sort_by_cached_key(|person| sort_key(&person.user.account));
    scope
}

fn counts(user: &User, kind: Kind, told: bool, active: bool) -> bool {
    if told {
        return kind.is_person() && active && user.account_enabled == Some(true);
    }
    let possible = kind.is_person() || kind == Kind::Unclassified;
    possible && user.account_enabled != Some(false)
}

/// People are listed by the name one reads, then by id, whatever the order of the files.
pub(super) fn sort_key(account: &crate::Account) -> (String, crate::Account) {
    (account.label().to_lowercase(), account.clone())
}
