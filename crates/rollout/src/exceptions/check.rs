//! The rules that every exception keeps, whoever changes it.
//!
//! They are asked of what is to be kept and of what was kept before, so that no way of changing an
//! exception goes round them.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::person::is_subject;
use super::{Limits, kind_of_word, limits};
use crate::engine::{Exception, ExceptionPhase, Refusal, SignedDecision, State};

/// Whether an exception may be kept in the place of the one with its id.
///
/// What only the engine says, that it is applied or that the subject is out again, is not said here.
///
/// # Errors
/// The first rule that it does not keep.
pub fn check(state: &State, after: &Exception) -> Result<(), Refusal> {
    let refuse = |why: String| Err(Refusal::NotEnough { why });
    let mut wrong = wrong_with(after);
    match state.exceptions.get(&after.id) {
        Some(before) => wrong.extend(wrong_step(before, after)),
        None => {
            wrong.extend(wrong_beginning(after));
            wrong.extend(another_open(state, after));
        }
    }
    match wrong.into_iter().next() {
        Some(why) => refuse(why),
        None => Ok(()),
    }
}

/// What is wrong with an exception by itself, a sentence each.
pub(super) fn wrong_with(exception: &Exception) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(limits) = kind_of_word(&exception.kind).map(|it| limits(it, exception.needs_letter))
    else {
        return vec![format!("`{}` is no kind of account.", exception.kind)];
    };
    let limits = match limits {
        Ok(limits) => limits,
        Err(why) => return vec![format!("`{}`: {why}", exception.subject.label())],
    };
    if limits.signed && !exception.needs_letter {
        wrong.push(format!("An exception for `{}` needs the letter.", exception.subject.label()));
    }
    if exception.subject.user_id.as_deref().is_none_or(str::is_empty) {
        wrong.push(format!("No file tells the object id of `{}`.", exception.subject.label()));
    }
    wrong.extend(wrong_words(exception));
    wrong.extend(wrong_end(exception, limits));
    if exception.needs_letter && exception.risk_owner.as_deref().is_none_or(str::is_empty) {
        wrong.push(
            "Name who takes the risk (`--risk-owner`): an executive of equal or higher rank, who is \
             not the one who asks. Security advises; it does not own the risk."
                .to_owned(),
        );
    }
    if is_approved_phase(&exception.phase) {
        wrong.extend(wrong_approval(exception, &exception.decisions, limits));
    }
    wrong
}

fn wrong_words(exception: &Exception) -> Vec<String> {
    let path = &exception.path;
    let is_path = [&path.app, &path.client_app, &path.place]
        .into_iter()
        .flatten()
        .any(|it| !it.trim().is_empty());
    let mut wrong = Vec::new();
    if !is_path {
        wrong.push(
            "An exception is for a path, not for a person: say which application, client app or place \
             (`--app`, `--client-app`, `--place`)."
                .to_owned(),
        );
    }
    for (what, word) in [
        ("why", &exception.reason),
        ("who answers for it", &exception.owner),
        ("who asks", &exception.asked_by),
        ("what stands in for MFA (`--control`)", &exception.compensating_control),
        ("how it ends (`--exit-plan`)", &exception.exit_plan),
    ] {
        if word.trim().is_empty() {
            wrong.push(format!("Say {what}."));
        }
    }
    if is_subject(&exception.subject, &exception.owner) {
        wrong.push("Nobody answers for an exception of their own.".to_owned());
    }
    wrong
}

/// The end is counted from the first day; a renewal is counted from the day it was asked on, and that
/// is seen to when it is decided.
fn wrong_end(exception: &Exception, limits: Limits) -> Vec<String> {
    let lives = i64::from(limits.max_days);
    let renewals = i64::from(exception.renewals);
    // Each renewal is asked for before the end, so that together they cannot last longer than this.
    let latest = exception.starts.saturating_add(lives.saturating_mul(renewals + 1).days());
    let mut wrong = Vec::new();
    if exception.expires < exception.starts {
        wrong.push(format!("It would end on {}, before it begins.", exception.expires));
    }
    if exception.expires > latest {
        wrong.push(format!(
            "It may last {} days, to {latest}; {} is later.",
            limits.max_days, exception.expires
        ));
    }
    if limits.max_renewals.is_some_and(|most| exception.renewals > most) {
        wrong.push(renewed_out(limits));
    }
    if let Some(renewal) = &exception.renewal {
        wrong.extend(wrong_renewal(exception, renewal.asked_on, renewal.until, limits));
    }
    wrong
}

fn wrong_renewal(exception: &Exception, asked: Date, until: Date, limits: Limits) -> Vec<String> {
    let mut wrong = Vec::new();
    if limits.max_renewals.is_some_and(|most| exception.renewals >= most) {
        wrong.push(renewed_out(limits));
    }
    if asked > exception.expires {
        wrong.push(format!("It ended on {}: ask for a new one.", exception.expires));
    }
    if until <= exception.expires {
        wrong.push(format!("It lasts to {} as it is.", exception.expires));
    }
    // Counted from the old end as well, so that renewals asked for early do not add up to more.
    let latest = asked.saturating_add(i64::from(limits.max_days).days());
    if until > latest {
        wrong.push(format!(
            "A renewal may last {} days from today, to {latest}; {until} is later.",
            limits.max_days
        ));
    }
    wrong
}

fn renewed_out(limits: Limits) -> String {
    let times = match limits.max_renewals.unwrap_or(0) {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        most => format!("{most} times"),
    };
    format!("An exception of this kind is renewed {times}: carry out its exit plan.")
}

/// Those who said yes in a way that counts: not the subject, not whoever asked, each once.
pub(crate) fn approvers(exception: &Exception, decisions: &[SignedDecision]) -> BTreeSet<String> {
    let limits =
        kind_of_word(&exception.kind).and_then(|it| limits(it, exception.needs_letter).ok());
    let signed = limits.is_none_or(|it| it.signed);
    decisions
        .iter()
        .filter(|it| it.approves && !is_barred(exception, &it.by))
        .filter(|it| !signed || it.document.as_deref().is_some_and(is_digest))
        .map(|it| it.by.trim().to_lowercase())
        .filter(|it| !it.is_empty())
        .collect()
}

/// Whether somebody has no say: the subject, and whoever asked for it or for its renewal.
pub(super) fn is_barred(exception: &Exception, who: &str) -> bool {
    let asked = super::same_person(&exception.asked_by, who);
    let renewal =
        exception.renewal.as_ref().is_some_and(|it| super::same_person(&it.asked_by, who));
    is_subject(&exception.subject, who) || asked || renewal
}

/// Why it is not approved yet, a sentence each; empty when it is.
pub(super) fn wrong_approval(
    exception: &Exception,
    decisions: &[SignedDecision],
    limits: Limits,
) -> Vec<String> {
    let approvers = approvers(exception, decisions);
    let mut wrong = Vec::new();
    if approvers.len() < limits.approvers {
        let how = if limits.signed { ", each by a signed document" } else { "" };
        wrong.push(format!(
            "{} of {} people approved{how}; neither `{}` nor whoever asked counts.",
            approvers.len(),
            limits.approvers,
            exception.subject.label()
        ));
    }
    if exception.needs_letter {
        let owner = exception.risk_owner.as_deref().unwrap_or_default().trim().to_lowercase();
        if !approvers.contains(&owner) {
            wrong.push(format!("`{owner}`, who takes the risk, has not approved."));
        }
    }
    wrong
}

/// SHA-256 in hexadecimal.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const fn is_approved_phase(phase: &ExceptionPhase) -> bool {
    matches!(phase, ExceptionPhase::Approved | ExceptionPhase::Applied { .. })
}

fn wrong_beginning(after: &Exception) -> Vec<String> {
    let number = after.id.strip_prefix("EX-").map(str::as_bytes);
    let is_id = number.is_some_and(|it| it.len() >= 3 && it.iter().all(u8::is_ascii_digit));
    let mut wrong = Vec::new();
    if !is_id {
        wrong.push(format!("`{}` is no id of an exception.", after.id));
    }
    let is_new = after.phase == ExceptionPhase::Asked
        && after.decisions.is_empty()
        && after.renewals == 0
        && after.renewal.is_none()
        && after.ending.is_none();
    if !is_new {
        wrong.push("An exception begins by being asked for.".to_owned());
    }
    wrong
}

/// Another exception of the same subject is open.
pub(super) fn another_open(state: &State, exception: &Exception) -> Option<String> {
    let same =
        |it: &&Exception| it.id != exception.id && it.subject.user_id == exception.subject.user_id;
    let open = |it: &&Exception| {
        !matches!(it.phase, ExceptionPhase::Refused | ExceptionPhase::Ended { .. })
    };
    let other = state.exceptions.values().find(|it| same(it) && open(it))?;
    Some(format!("{} for `{}` is open: decide or end it.", other.id, other.subject.label()))
}

fn wrong_step(before: &Exception, after: &Exception) -> Vec<String> {
    let mut wrong = Vec::new();
    if !is_same_request(before, after) {
        wrong.push(format!("What {} was asked for cannot be changed: ask anew.", before.id));
    }
    if !begins_with(&after.decisions, &before.decisions)
        || !begins_with(&after.reminded, &before.reminded)
    {
        wrong.push("What was decided stays.".to_owned());
    }
    if before.ending.is_some() && after.ending != before.ending {
        wrong.push(format!("{} was ended, and that stays.", before.id));
    }
    wrong.extend(wrong_phase(&before.phase, &after.phase));
    let renewed = after.renewals != before.renewals;
    if renewed || after.expires != before.expires {
        wrong.extend(wrong_new_end(before, after));
    }
    wrong
}

fn is_same_request(before: &Exception, after: &Exception) -> bool {
    before.subject == after.subject
        && before.kind == after.kind
        && before.needs_letter == after.needs_letter
        && before.path == after.path
        && before.reason == after.reason
        && before.asked_by == after.asked_by
        && before.asked_at == after.asked_at
        && before.starts == after.starts
        && before.risk_owner == after.risk_owner
}

fn begins_with<T: PartialEq>(all: &[T], first: &[T]) -> bool {
    all.get(..first.len()).is_some_and(|it| it == first)
}

fn wrong_phase(before: &ExceptionPhase, after: &ExceptionPhase) -> Option<String> {
    use ExceptionPhase::{Applied, Approved, Asked, Ended, Refused};
    if before == after {
        let over = matches!(before, Refused | Ended { .. });
        return over.then(|| "It is over: ask for a new one.".to_owned());
    }
    match (before, after) {
        (Asked, Approved | Refused)
        | (Approved, Refused)
        | (Asked | Approved, Ended { set: None, .. }) => None,
        (Refused | Ended { .. }, _) => Some("It is over: ask for a new one.".to_owned()),
        (Applied { .. }, _) => {
            Some("It is applied: it ends by a change set, which is carried out.".to_owned())
        }
        (_, Applied { .. }) => {
            Some("It is applied by a change set, which is carried out.".to_owned())
        }
        _ => Some("It cannot go back.".to_owned()),
    }
}

/// The end moves only by a renewal that was decided as the exception was.
fn wrong_new_end(before: &Exception, after: &Exception) -> Vec<String> {
    let never = || vec!["Its end moves by a renewal, which is decided anew.".to_owned()];
    let Some(renewal) = &before.renewal else { return never() };
    let is_it = after.expires == renewal.until
        && after.renewals == before.renewals.saturating_add(1)
        && after.renewal.is_none();
    let limits = kind_of_word(&before.kind).and_then(|it| limits(it, before.needs_letter).ok());
    let (true, Some(limits)) = (is_it, limits) else { return never() };
    let new = after.decisions.get(before.decisions.len()..).unwrap_or_default();
    wrong_approval(before, new, limits)
}
