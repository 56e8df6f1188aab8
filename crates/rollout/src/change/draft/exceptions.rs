//! Dated exceptions: into the group that policies leave out, and out of it.

use super::break_glass::{joins_new, new_group};
use super::{
    CannotDraft, Draft, Edit, Named, Presence, Purpose, Stage, existing, existing_group,
    membership, plain, unless_empty,
};
use crate::account::Account;
use crate::change::identifiers::provisional_id;
use crate::facts::Facts;
use crate::plan::EXCEPTIONS_GROUP;

/// An exception begins: the account joins the group of dated exceptions, which is made if need be.
///
/// # Errors
/// When no file tells the object id of the account.
pub fn begin_exception(
    facts: &Facts<'_>,
    marker: &str,
    account: &Account,
    reason: &str,
) -> Result<Draft, CannotDraft> {
    let member = existing(facts, account)?;
    let mut edits: Vec<(Edit, String)> = Vec::new();
    match existing_group(facts, EXCEPTIONS_GROUP) {
        Ok(group) => {
            edits.push((membership(facts, &group, &member, Presence::Present), reason.to_owned()));
        }
        Err(_) => {
            let id = provisional_id(&format!("{marker}-exceptions"));
            let group = Named::new(id, EXCEPTIONS_GROUP);
            let why = "An exception is a path with an owner and an end, seen in one place.";
            edits.push((new_group(facts, &group), why.to_owned()));
            edits.push((joins_new(facts, &group, &member), reason.to_owned()));
        }
    }
    let title = format!("Exception for {}", member.name);
    unless_empty(plain(Purpose::Exception, &title, Stage::Validate, edits))
}

/// An exception ends: the account leaves the group, and MFA applies from its next sign-in on.
///
/// # Errors
/// When no file tells the account or the group.
pub fn end_exception(
    facts: &Facts<'_>,
    account: &Account,
    reason: &str,
) -> Result<Draft, CannotDraft> {
    let member = existing(facts, account)?;
    let group = existing_group(facts, EXCEPTIONS_GROUP)?;
    let edit = membership(facts, &group, &member, Presence::Absent);
    let title = format!("End of the exception for {}", member.name);
    let edits = vec![(edit, reason.to_owned())];
    unless_empty(plain(Purpose::Exception, &title, Stage::Validate, edits))
}
