//! Who is who among the people that decide: nobody counts twice under two names.

use super::executives;
use crate::account::Account;
use crate::facts::Facts;
use crate::snapshot::UserType;

/// A person who asks, decides or answers, by the name that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The user principal name where the directory knows the person, else the name as given.
    pub name: String,
    /// The account in the directory.
    pub account: Option<Account>,
    /// An executive, by the settings or the job title. `None`: nobody can tell.
    pub executive: Option<bool>,
    /// The account is enabled and a member of the tenant. `None`: nobody can tell.
    pub active_member: Option<bool>,
}

/// Whose name that is: a user principal name, an object id, a mail address, or a display name that only
/// one account has.
#[must_use]
pub fn named(facts: &Facts<'_>, who: &str) -> Named {
    let who = who.trim();
    let user = facts.user_named(who).or_else(|| {
        let users = facts.snapshot.users.iter().flatten();
        let mut found = users.filter(|user| {
            user.account.display_name.as_deref().is_some_and(|it| same_person(it, who))
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    });
    let listed = facts.rollout.people.executives.iter().any(|it| same_person(it, who));
    let Some(user) = user else {
        let executive = listed.then_some(true);
        return Named { name: who.to_owned(), account: None, executive, active_member: None };
    };
    let account = user.account.clone();
    let found = executives(facts, std::slice::from_ref(&account)).pop().flatten();
    let is_guest = facts.is_guest(user);
    let is_member = match (user.user_type, is_guest) {
        (_, Some(guest)) => Some(!guest),
        (Some(kind), None) => Some(kind == UserType::Member),
        (None, None) => None,
    };
    Named {
        name: account.label().to_owned(),
        executive: if listed { Some(true) } else { found },
        active_member: user.account_enabled.zip(is_member).map(|(on, member)| on && member),
        account: Some(account),
    }
}

/// Whether two names are one: blanks around them and their case do not count.
#[must_use]
pub fn same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Whether the name is one of the account's.
#[must_use]
pub fn is_subject(subject: &Account, who: &str) -> bool {
    let names = [&subject.user_principal_name, &subject.user_id, &subject.display_name];
    names.into_iter().flatten().any(|name| same_person(name, who))
}
