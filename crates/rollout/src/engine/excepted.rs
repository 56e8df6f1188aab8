//! The rules of the register of exceptions.
//!
//! An exception is asked for, decided, applied by a change set that was read back, and ended the same
//! way. The record of a decision is never rewritten: what was approved is what is applied.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::days::Days;
use super::step::{keep, not_enough};
use super::{Effect, Exception, ExceptionPhase, Record, Refusal, SignedDecision, State};
use crate::account::Account;
use crate::exceptions::check;

/// An exception was asked for, decided, renewed or ended. The rules of the register are asked of it.
pub(super) fn changed(
    state: &State,
    new: &Exception,
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    check(state, new)?;
    let holds = matches!(
        new.phase,
        ExceptionPhase::Asked | ExceptionPhase::Approved | ExceptionPhase::Applied { .. }
    );
    // Where the people are is not told here: an end that is over everywhere is refused, unless what
    // is said is that it ends.
    if holds && new.ending.is_none() && new.expires < Days::EARLIEST.date(now) {
        return Err(not_enough(format!("its end, {}, is over", new.expires)));
    }
    Ok(vec![keep(Record::Exception(Box::new(new.clone()))), Effect::Note(note(new))])
}

/// Who says yes and who says no, in lower case, each by what they said last; the subject is not asked.
fn agreed(of: &Exception) -> (BTreeSet<String>, BTreeSet<String>) {
    let own = own_names(&of.subject);
    let mut last: BTreeMap<String, bool> = BTreeMap::new();
    for decision in &of.decisions {
        last.insert(decision.by.trim().to_lowercase(), decision.approves);
    }
    last.retain(|by, _| !own.contains(by));
    let said = |wanted: bool| {
        last.iter().filter(|(_, approves)| **approves == wanted).map(|(by, _)| by.clone()).collect()
    };
    (said(true), said(false))
}

fn own_names(subject: &Account) -> BTreeSet<String> {
    [&subject.user_principal_name, &subject.user_id, &subject.display_name]
        .into_iter()
        .flatten()
        .map(|name| name.trim().to_lowercase())
        .collect()
}

/// The approving people of an exception as they wrote themselves, the subject not among them, and
/// the digest of the signed decision.
pub(super) fn approvers(of: &Exception) -> (Vec<String>, Option<String>) {
    let (yes, _) = agreed(of);
    let mut names: Vec<String> = Vec::new();
    for decision in &of.decisions {
        let by = decision.by.trim();
        if yes.contains(&by.to_lowercase()) && !names.iter().any(|it| it.eq_ignore_ascii_case(by)) {
            names.push(by.to_owned());
        }
    }
    (names, signed(of).map(str::to_owned))
}

/// The digest of the newest signed document that approves: 64 hexadecimal digits.
fn signed(of: &Exception) -> Option<&str> {
    let is_digest =
        |text: &&str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let approves = |it: &&SignedDecision| it.approves;
    let documents = of.decisions.iter().rev().filter(approves);
    documents.filter_map(|it| it.document.as_deref()).find(is_digest)
}

fn note(of: &Exception) -> String {
    let subject = of.subject.label();
    match &of.phase {
        ExceptionPhase::Asked => {
            format!("{} asked by {} for {subject}: {}", of.id, of.asked_by, of.reason)
        }
        ExceptionPhase::Approved => {
            let (names, _) = approvers(of);
            format!("{} for {subject} approved by {}", of.id, names.join(" and "))
        }
        ExceptionPhase::Applied { .. } => {
            format!("{} for {subject} holds until {}", of.id, of.expires)
        }
        ExceptionPhase::Refused => format!("{} for {subject} refused", of.id),
        ExceptionPhase::Ended { why, .. } => format!("{} for {subject} ended: {why}", of.id),
    }
}
