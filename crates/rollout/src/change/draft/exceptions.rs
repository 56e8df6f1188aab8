//! Dated exceptions: into the groups that policies leave out, and out of them.

use super::break_glass::{joins_new, new_group};
use super::policies::numbered;
use super::{
    CannotDraft, Draft, Edit, Named, Presence, Purpose, Stage, Standard, existing, existing_group,
    membership, plain, unless_empty,
};
use crate::account::Account;
use crate::change::edit::{Before, PolicyDocument};
use crate::change::identifiers::{is, provisional_id};
use crate::facts::Facts;
use crate::plan::{EXCEPTIONS_GROUP, LEGACY_EXCEPTIONS_GROUP};

/// A group of dated exceptions, and the policy of the rollout that leaves it out.
struct LeftOut {
    group: &'static str,
    policy: Standard,
}

/// Nobody is asked for MFA who is in the first; whoever signs in by a legacy client, which cannot
/// answer, is in the second as well, or is blocked all the same.
fn groups(is_legacy: bool) -> impl Iterator<Item = LeftOut> {
    let mfa = LeftOut { group: EXCEPTIONS_GROUP, policy: Standard::AllUsers };
    let legacy = LeftOut { group: LEGACY_EXCEPTIONS_GROUP, policy: Standard::BlockLegacy };
    [mfa].into_iter().chain(is_legacy.then_some(legacy))
}

/// The groups that the subject of an exception is in while it holds.
pub(crate) fn exception_groups(is_legacy: bool) -> impl Iterator<Item = &'static str> {
    groups(is_legacy).map(|it| it.group)
}

/// An exception begins: the account joins the group of dated exceptions, and for a legacy client that
/// of legacy exceptions; each is made if need be, and the policy that is for all users leaves it out.
///
/// # Errors
/// When no file tells the object id of the account, or the policies.
pub fn begin_exception(
    facts: &Facts<'_>,
    marker: &str,
    account: &Account,
    is_legacy: bool,
    reason: &str,
) -> Result<Draft, CannotDraft> {
    let member = existing(facts, account)?;
    let mut edits: Vec<(Edit, String)> = Vec::new();
    for left_out in groups(is_legacy) {
        let group = match existing_group(facts, left_out.group) {
            Ok(group) => {
                let joins = membership(facts, &group, &member, Presence::Present);
                edits.push((joins, reason.to_owned()));
                group
            }
            Err(_) => {
                let number = left_out.policy.number().to_lowercase();
                let id = provisional_id(&format!("{marker}-exceptions-{number}"));
                let group = Named::new(id, left_out.group);
                let why = "An exception is a path with an owner and an end, seen in one place.";
                edits.push((new_group(facts, &group), why.to_owned()));
                edits.push((joins_new(facts, &group, &member), reason.to_owned()));
                group
            }
        };
        edits.extend(leaves_out(facts, &left_out, &group)?);
    }
    let title = format!("Exception for {}", member.name);
    unless_empty(plain(Purpose::Exception, &title, Stage::Validate, edits))
}

/// The change by which the policy leaves the group out. None where it does, and where it is not for
/// all users yet: what is made or widened later leaves the group out from the beginning.
fn leaves_out(
    facts: &Facts<'_>,
    left_out: &LeftOut,
    group: &Named,
) -> Result<Option<(Edit, String)>, CannotDraft> {
    let policy = numbered(facts, left_out.policy.number())?;
    let Some(policy) = policy.filter(|it| it.is_live() && it.includes_all_users()) else {
        return Ok(None);
    };
    if policy.conditions.users.exclude_groups.iter().any(|it| is(Some(it), &group.id)) {
        return Ok(None);
    }
    let mut after = policy.clone();
    after.conditions.users.exclude_groups.push(group.id.clone());
    let edit = Edit::Policy {
        before: Before::Was(PolicyDocument::of(policy.clone())),
        after: Some(PolicyDocument::of(after)),
    };
    Ok(Some((
        edit,
        "The exception has no effect until the policy leaves the group out.".to_owned(),
    )))
}

/// An exception ends: the account leaves the groups, and MFA applies from its next sign-in on.
///
/// # Errors
/// When no file tells the account or the group.
pub fn end_exception(
    facts: &Facts<'_>,
    account: &Account,
    is_legacy: bool,
    reason: &str,
) -> Result<Draft, CannotDraft> {
    let member = existing(facts, account)?;
    let mut edits = Vec::new();
    for left_out in groups(is_legacy) {
        match existing_group(facts, left_out.group) {
            Ok(group) => {
                let leaves = membership(facts, &group, &member, Presence::Absent);
                edits.push((leaves, reason.to_owned()));
            }
            // One that began before there was a group of legacy exceptions.
            Err(_) if left_out.policy == Standard::BlockLegacy => {}
            Err(error) => return Err(error),
        }
    }
    let title = format!("End of the exception for {}", member.name);
    unless_empty(plain(Purpose::Exception, &title, Stage::Validate, edits))
}
