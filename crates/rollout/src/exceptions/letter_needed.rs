//! Whose exception nobody grants alone.

use super::executives;
use super::name_words::{first_phrase, words};
use super::subject::is_synchronization;
use crate::account::Account;
use crate::facts::Facts;

/// Words of a job title or a department of people who move money.
const FINANCE_WORDS: [&str; 12] = [
    "finance",
    "financial",
    "accounts payable",
    "accounts receivable",
    "accountant",
    "accounting",
    "payroll",
    "treasury",
    "treasurer",
    "payments",
    "purchase ledger",
    "bursar",
];

/// Why an exception of the account needs the letter and two people, a sentence each. Empty: it needs
/// neither. Where no file tells, it needs them: nobody knows that it does not.
#[must_use]
pub fn letter_needed(facts: &Facts<'_>, account: &Account) -> Vec<String> {
    let mut because = Vec::new();
    let label = account.label();
    let Some(user) = facts.user(account) else {
        return vec![format!("No file tells who `{label}` is.")];
    };
    match executives(facts, std::slice::from_ref(account)).pop().flatten() {
        Some(true) => because.push(match &user.job_title {
            Some(title) => {
                format!("`{label}` is an executive, by job title (`{title}`) or settings.")
            }
            None => format!("`{label}` is an executive, by the settings."),
        }),
        Some(false) => {}
        None => because.push(format!("No file tells the job title of `{label}`.")),
    }
    for (field, value) in [("job title", &user.job_title), ("department", &user.department)] {
        let Some(value) = value else { continue };
        if because.is_empty() && first_phrase(&words(value), &FINANCE_WORDS).is_some() {
            because.push(format!("`{label}` may move money: {field} `{value}`."));
        }
    }
    because.extend(administers(facts, account));
    because
}

fn administers(facts: &Facts<'_>, account: &Account) -> Vec<String> {
    let label = account.label();
    let mut roles: Vec<&str> = facts
        .roles_of(account)
        .into_iter()
        .filter(|it| !is_synchronization(it))
        .map(|it| it.role_name.as_deref().unwrap_or(&it.role))
        .collect();
    roles.sort_unstable();
    roles.dedup();
    if !roles.is_empty() {
        return vec![format!("`{label}` administers: {}.", roles.join(", "))];
    }
    if facts.registration(account).and_then(|it| it.is_admin) == Some(true) {
        return vec![format!("`{label}` administers, by the registration report.")];
    }
    if facts.snapshot.roles.is_none() {
        return vec![format!("No file tells whether `{label}` holds a role.")];
    }
    Vec::new()
}
