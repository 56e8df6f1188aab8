//! What becomes of an exception: decided, renewed, ended.

use jiff::civil::Date;

use super::check::{is_barred, is_digest, wrong_approval};
use super::{Limits, kind_of_word, limits, same_person};
use crate::engine::{Closed, Exception, ExceptionPhase, Renewal, SignedDecision};

/// The exception with one more decision. The first no refuses it, or its renewal; the last yes that
/// was missing approves it.
///
/// # Errors
/// A sentence why the decision does not count.
pub fn decide(exception: &Exception, decision: SignedDecision) -> Result<Exception, String> {
    let limits = kind_of_word(&exception.kind)
        .ok_or_else(|| format!("`{}` is no kind of account.", exception.kind))
        .and_then(|kind| limits(kind, exception.needs_letter))?;
    let open = exception.phase == ExceptionPhase::Asked || exception.renewal.is_some();
    if !open {
        return Err(format!(
            "{} is {}: there is nothing to decide.",
            exception.id,
            words(exception)
        ));
    }
    if decision.by.trim().is_empty() {
        return Err("Say who decides.".to_owned());
    }
    if decision.approves && is_barred(exception, &decision.by) {
        return Err(format!(
            "`{}` asked for it or has it: somebody else decides.",
            decision.by.trim()
        ));
    }
    let signed = limits.signed && decision.approves;
    if signed && !decision.document.as_deref().is_some_and(is_digest) {
        return Err("The decision needs the signed document (`--document`).".to_owned());
    }
    let mut after = exception.clone();
    let by = decision.by.clone();
    let mut said: Vec<SignedDecision> = match &exception.renewal {
        Some(renewal) => renewal.decisions.clone(),
        None => exception.decisions.clone(),
    };
    if said.iter().any(|it| same_person(&it.by, &by)) {
        return Err(format!("`{by}` has decided."));
    }
    let document = |it: &SignedDecision| it.document.as_deref().map(str::to_lowercase);
    // The form of one person handed in for another.
    if signed && said.iter().any(|it| document(it) == document(&decision)) {
        return Err("That document is the decision of another person already.".to_owned());
    }
    let approves = decision.approves;
    said.push(decision);
    let complete = wrong_approval(exception, &said, limits).is_empty();
    match after.renewal.take() {
        None => {
            after.decisions = said;
            if !approves {
                after.phase = ExceptionPhase::Refused;
            } else if complete {
                after.phase = ExceptionPhase::Approved;
            }
        }
        Some(renewal) if approves && complete => {
            after.expires = renewal.until;
            after.renewals = after.renewals.saturating_add(1);
            after.decisions.extend(said);
        }
        // A refused renewal leaves the end where it is.
        Some(_) if !approves => after.decisions.extend(said),
        Some(renewal) => after.renewal = Some(Renewal { decisions: said, ..renewal }),
    }
    Ok(after)
}

/// The exception with a renewal asked for. Its end stays until that is decided.
///
/// # Errors
/// A sentence why it cannot be renewed.
pub fn renew(exception: &Exception, renewal: Renewal) -> Result<Exception, String> {
    if !matches!(exception.phase, ExceptionPhase::Applied { .. } | ExceptionPhase::Approved) {
        return Err(format!("{} is {}: it has no end to move.", exception.id, words(exception)));
    }
    if exception.ending.is_some() {
        return Err(format!("{} was ended: ask for a new one.", exception.id));
    }
    if exception.renewal.is_some() {
        return Err(format!("{} waits for the decision of a renewal.", exception.id));
    }
    if renewal.reason.trim().is_empty() || renewal.asked_by.trim().is_empty() {
        return Err("Say who asks, and why it is still needed.".to_owned());
    }
    let after = Exception { renewal: Some(renewal), ..exception.clone() };
    match super::check::wrong_with(&after).into_iter().next() {
        Some(why) => Err(why),
        None => Ok(after),
    }
}

/// The exception ended by somebody. One that is applied is marked: it ends when the change set that
/// takes the subject out of the group is carried out.
///
/// # Errors
/// A sentence why not.
pub fn end(exception: &Exception, closed: Closed) -> Result<Exception, String> {
    if closed.how.trim().is_empty() || closed.by.trim().is_empty() {
        return Err("Say who ends it, and why.".to_owned());
    }
    let mut after = exception.clone();
    match exception.phase {
        ExceptionPhase::Asked | ExceptionPhase::Approved => {
            after.phase = ExceptionPhase::Ended { set: None, at: closed.at, why: closed.how };
            after.renewal = None;
        }
        ExceptionPhase::Applied { .. } if exception.ending.is_some() => {
            return Err(format!("{} ends as soon as its change set is carried out.", exception.id));
        }
        ExceptionPhase::Applied { .. } => after.ending = Some(closed),
        ExceptionPhase::Refused | ExceptionPhase::Ended { .. } => {
            return Err(format!("{} is {}.", exception.id, words(exception)));
        }
    }
    Ok(after)
}

/// How an exception stands on a day.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// The phase, in words.
    pub phase: &'static str,
    /// Days to the last day: 0 on the day itself, negative after it. `None`: it is over, or refused.
    pub days_left: Option<i64>,
    /// How often it may be renewed yet. `None`: as often as it is decided anew.
    pub renewals_left: Option<u32>,
    /// What it waits for, one sentence.
    pub waits_for: String,
}

/// How an exception stands on a day.
#[must_use]
pub fn standing(exception: &Exception, today: Date) -> Standing {
    let limits =
        kind_of_word(&exception.kind).and_then(|it| limits(it, exception.needs_letter).ok());
    let open = !matches!(exception.phase, ExceptionPhase::Refused | ExceptionPhase::Ended { .. });
    let most = limits.and_then(|it| it.max_renewals);
    let waits_for = match (&exception.phase, limits) {
        (ExceptionPhase::Refused, _) => "nothing: it was refused".to_owned(),
        (ExceptionPhase::Ended { why, .. }, _) => format!("nothing: {why}"),
        (_, Some(limits)) => waits_for(exception, today, limits),
        (_, None) => "a kind of account that lockstep knows".to_owned(),
    };
    Standing {
        phase: words(exception),
        days_left: open.then(|| days_left(exception, today)),
        renewals_left: most.map(|most| most.saturating_sub(exception.renewals)),
        waits_for,
    }
}

fn waits_for(exception: &Exception, today: Date, limits: Limits) -> String {
    let applied = matches!(exception.phase, ExceptionPhase::Applied { .. });
    if applied && (exception.ending.is_some() || super::is_over(exception, today)) {
        return "the change set that ends it".to_owned();
    }
    let said = match (&exception.renewal, &exception.phase) {
        (Some(renewal), _) => &renewal.decisions,
        (None, ExceptionPhase::Asked) => &exception.decisions,
        (None, ExceptionPhase::Approved) => return "the change set that applies it".to_owned(),
        (None, _) => {
            return format!("its end; then: {}", exception.exit_plan.trim_end_matches('.'));
        }
    };
    let have = super::check::approvers(exception, said).len();
    let what = match &exception.renewal {
        Some(renewal) => format!("the decision of its renewal to {}", renewal.until),
        None => "the decision".to_owned(),
    };
    if !limits.signed {
        return what;
    }
    let owner = exception.risk_owner.as_deref().unwrap_or("the risk owner");
    format!("{what}: {have} of {} signed documents; {owner} is one of them", limits.approvers)
}

/// The phase in a word.
pub(super) const fn words(exception: &Exception) -> &'static str {
    match exception.phase {
        ExceptionPhase::Asked => "asked for",
        ExceptionPhase::Approved => "approved",
        ExceptionPhase::Applied { .. } => "applied",
        ExceptionPhase::Refused => "refused",
        ExceptionPhase::Ended { .. } => "over",
    }
}

/// Days until the last day. 0 on the day itself, negative after it.
pub(super) fn days_left(exception: &Exception, today: Date) -> i64 {
    today.until(exception.expires).map_or(0, |span| i64::from(span.get_days()))
}
