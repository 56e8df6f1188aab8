//! The rules of the register of exceptions.
//!
//! An exception is asked for, decided, applied by a change set that was read back, and ended the same
//! way. The record of a decision is never rewritten: what was approved is what is applied.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::days::Days;
use super::step::{keep, not_enough, told};
use super::{Effect, Exception, ExceptionPhase, Record, Refusal, SignedDecision, State};
use crate::account::Account;

/// How many people must agree to the exception of an executive or administrator.
const AGREED: usize = 2;

/// An exception was asked for, decided, renewed or ended.
pub(super) fn changed(
    state: &State,
    new: &Exception,
    now: Timestamp,
) -> Result<Vec<Effect>, Refusal> {
    for (text, what) in [
        (&new.id, "the number of the exception"),
        (&new.reason, "the reason"),
        (&new.compensating_control, "what is done instead"),
        (&new.owner, "who answers for it"),
        (&new.asked_by, "who asked for it"),
    ] {
        told(text, what)?;
    }
    for decision in &new.decisions {
        told(&decision.by, "who decided")?;
    }
    match state.exceptions.get(&new.id) {
        None => first(new)?,
        Some(before) => later(before, new)?,
    }
    let holds = matches!(
        new.phase,
        ExceptionPhase::Asked | ExceptionPhase::Approved | ExceptionPhase::Applied { .. }
    );
    // Where the people are is not told here: an end that is over everywhere is refused.
    if holds && new.expires < Days::EARLIEST.date(now) {
        return Err(not_enough(format!("its end, {}, is over", new.expires)));
    }
    if matches!(new.phase, ExceptionPhase::Approved | ExceptionPhase::Applied { .. }) {
        approved(new)?;
    }
    Ok(vec![keep(Record::Exception(Box::new(new.clone()))), Effect::Note(note(new))])
}

fn first(new: &Exception) -> Result<(), Refusal> {
    if new.phase != ExceptionPhase::Asked || new.renewals > 0 {
        return Err(not_enough(format!("{} was never asked for", new.id)));
    }
    Ok(())
}

fn later(before: &Exception, new: &Exception) -> Result<(), Refusal> {
    let same = before.subject == new.subject
        && before.kind == new.kind
        && before.path == new.path
        && before.asked_by == new.asked_by
        && before.asked_at == new.asked_at;
    if !same {
        return Err(not_enough(format!("{} is the number of another exception", new.id)));
    }
    if before.needs_letter && !new.needs_letter {
        return Err(not_enough("an executive or administrator stays one for this exception"));
    }
    if !new.decisions.starts_with(&before.decisions) {
        return Err(not_enough("a decision that was made is not rewritten"));
    }
    phase(before, new)?;
    if new.expires > before.expires && before.phase != ExceptionPhase::Asked {
        let added = new.decisions.iter().skip(before.decisions.len());
        if new.renewals <= before.renewals || !added.clone().any(|it| it.approves) {
            return Err(not_enough("a renewal is counted, and somebody approves it anew"));
        }
    }
    if new.renewals < before.renewals {
        return Err(not_enough("a renewal stays counted"));
    }
    Ok(())
}

/// From which phase to which. What is in force or out of force says the tenant, read back.
fn phase(before: &Exception, new: &Exception) -> Result<(), Refusal> {
    use ExceptionPhase::{Applied, Approved, Asked, Ended, Refused};
    let may = match (&before.phase, &new.phase) {
        (Asked, Asked | Approved | Refused)
        | (Approved, Approved | Refused)
        | (Asked | Approved, Ended { set: None, .. }) => true,
        (Applied { .. } | Ended { .. } | Refused, _) => before.phase == new.phase,
        _ => false,
    };
    if may {
        return Ok(());
    }
    Err(not_enough(match (&before.phase, &new.phase) {
        (Applied { .. }, _) => format!(
            "{} is in force: the change set that takes {} out of the group ends it",
            new.id,
            new.subject.label()
        ),
        (Ended { .. } | Refused, _) => format!("{} is over; ask for a new one", new.id),
        (_, Applied { .. }) => {
            format!("{} is in force once its change set is read back", new.id)
        }
        _ => format!("{} cannot go there from where it stands", new.id),
    }))
}

/// Whether enough people agreed: for an executive or administrator two, the subject not among
/// them, and a signed document.
fn approved(new: &Exception) -> Result<(), Refusal> {
    let (yes, no) = agreed(new);
    if !no.is_empty() {
        let names: Vec<&str> = no.iter().map(String::as_str).collect();
        return Err(not_enough(format!("{} said no to {}", names.join(" and "), new.id)));
    }
    if yes.is_empty() {
        return Err(not_enough(format!("nobody but {} agreed", new.subject.label())));
    }
    if !new.needs_letter {
        return Ok(());
    }
    if yes.len() < AGREED {
        return Err(not_enough(format!(
            "{} is an executive or administrator: {AGREED} people must agree, {} not among them",
            new.subject.label(),
            new.subject.label()
        )));
    }
    if signed(new).is_none() {
        return Err(not_enough(format!(
            "{} is an executive or administrator: the signed decision is missing",
            new.subject.label()
        )));
    }
    Ok(())
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
