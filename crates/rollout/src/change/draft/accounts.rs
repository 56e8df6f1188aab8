//! Accounts that nobody uses.

use super::{CannotDraft, Draft, Edit, Purpose, Stage, existing, plain, unless_empty};
use crate::account::Account;
use crate::facts::Facts;

/// Sign-in of these accounts is no longer allowed. Nothing is deleted.
///
/// # Errors
/// When no file tells the object id of one, or all are disabled already.
pub fn disable(
    facts: &Facts<'_>,
    accounts: &[Account],
    reason: &str,
) -> Result<Draft, CannotDraft> {
    let mut edits = Vec::new();
    for account in accounts {
        let user = existing(facts, account)?;
        let before = facts.user(account).and_then(|user| user.account_enabled);
        edits.push((Edit::AccountEnabled { user, before, after: false }, reason.to_owned()));
    }
    unless_empty(plain(Purpose::Dormant, "Disable dormant accounts", Stage::Prepare, edits))
}
