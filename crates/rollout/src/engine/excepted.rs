//! The rules of the register of exceptions.
//!
//! An exception is asked for, decided, applied by a change set that was read back, and ended the same
//! way. The record of a decision is never rewritten: what was approved is what is applied.

use jiff::Timestamp;

use super::days::Days;
use super::step::{keep, not_enough};
use super::{Effect, Exception, ExceptionPhase, Record, Refusal, State};
use crate::exceptions::{approvers, check};

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

fn note(of: &Exception) -> String {
    let subject = of.subject.label();
    match &of.phase {
        ExceptionPhase::Asked => {
            format!("{} asked by {} for {subject}: {}", of.id, of.asked_by, of.reason)
        }
        ExceptionPhase::Approved => {
            let names = approvers(of, &of.decisions);
            format!(
                "{} for {subject} approved by {}",
                of.id,
                names.into_iter().collect::<Vec<_>>().join(" and ")
            )
        }
        ExceptionPhase::Applied { .. } => {
            format!("{} for {subject} holds until {}", of.id, of.expires)
        }
        ExceptionPhase::Refused => format!("{} for {subject} refused", of.id),
        ExceptionPhase::Ended { why, .. } => format!("{} for {subject} ended: {why}", of.id),
    }
}
