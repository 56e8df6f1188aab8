//! Asking for an exception.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::person::{is_subject, named, same_person};
use super::{Classification, Kind, Limits, letter_needed, limits};
use crate::engine::{Exception, ExceptionPath, ExceptionPhase, State};
use crate::facts::Facts;
use crate::snapshot::User;

/// What somebody asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Whose: user principal name, object id or mail address.
    pub subject: String,
    /// Which sign-ins.
    pub path: ExceptionPath,
    /// Why.
    pub reason: String,
    /// What stands in for MFA meanwhile. Empty: what is usual for the kind of account.
    pub compensating_control: String,
    /// Who answers for it.
    pub owner: String,
    /// The executive who takes the risk, where a letter is needed.
    pub risk_owner: Option<String>,
    /// How the subject gets along afterwards.
    pub exit_plan: String,
    /// The ticket.
    pub ticket: Option<String>,
    /// Who asks.
    pub asked_by: String,
    /// Last day.
    pub until: Option<Date>,
}

/// Makes an exception of what is asked for: not decided, not applied.
///
/// # Errors
/// Every rule that what is asked for does not keep, in one sentence each: whoever asks should hear all
/// of them at once.
pub fn ask(
    state: &State,
    facts: &Facts<'_>,
    classification: &Classification,
    request: &Request,
    (now, today): (Timestamp, Date),
) -> Result<Exception, Vec<String>> {
    let (user, kind, evidence) = found(facts, classification, request.subject.trim())?;
    let subject = user.account.clone();
    let because = letter_needed(facts, &subject);
    let needs_letter = !because.is_empty() || matches!(kind, Kind::Executive | Kind::Administrator);
    let limits = match limits(kind, needs_letter) {
        Ok(limits) => limits,
        Err(why) => return Err(vec![format!("`{}`: {why}", subject.label())]),
    };
    let risk_owner = request.risk_owner.as_deref().map(|it| named(facts, it));
    let mut exception = Exception {
        id: next_id(state),
        subject,
        kind: kind.word().to_owned(),
        needs_letter,
        letter_because: because,
        path: request.path.clone(),
        reason: request.reason.trim().to_owned(),
        compensating_control: control(request, kind),
        owner: named(facts, &request.owner).name,
        risk_owner: risk_owner.as_ref().map(|it| it.name.clone()),
        evidence: evidence.to_vec(),
        exit_plan: request.exit_plan.trim().to_owned(),
        ticket: request.ticket.clone(),
        asked_by: named(facts, &request.asked_by).name,
        asked_at: now,
        starts: today,
        expires: request.until.unwrap_or(today),
        renewals: 0,
        decisions: Vec::new(),
        phase: ExceptionPhase::Asked,
        reminded: Vec::new(),
        renewal: None,
        ending: None,
    };
    if request.until.is_none() && !needs_letter {
        exception.expires = longest(today, limits);
    }
    let mut wrong = super::check::wrong_with(&exception);
    wrong.extend(super::check::another_open(state, &exception));
    if request.until.is_none() && needs_letter {
        wrong.push(format!(
            "Say until when: at most {} days, to {}.",
            limits.max_days,
            longest(today, limits)
        ));
    }
    if needs_letter {
        wrong.extend(risk(&exception, risk_owner.as_ref().map(|it| it.executive)));
    }
    if user.account_enabled == Some(false) {
        wrong.push(format!("`{}` is disabled: it signs in nowhere.", exception.subject.label()));
    }
    if wrong.is_empty() { Ok(exception) } else { Err(wrong) }
}

/// The account with its kind, and what the kind rests on.
fn found<'a>(
    facts: &Facts<'a>,
    classification: &'a Classification,
    name: &str,
) -> Result<(&'a User, Kind, &'a [String]), Vec<String>> {
    let user = facts.user_named(name);
    let position = user.and_then(|user| facts.user_position(&user.account));
    let (Some(user), Some(position)) = (user, position) else {
        return Err(vec![format!("No file tells of an account `{name}`.")]);
    };
    match classification.users.get(position) {
        Some((kind, evidence)) => Ok((user, *kind, evidence)),
        None => Err(vec![format!("Nobody has classified `{name}`.")]),
    }
}

fn control(request: &Request, kind: Kind) -> String {
    let given = request.compensating_control.trim();
    let usual = super::treatment(kind).compensating_control;
    if given.is_empty() { usual.to_owned() } else { given.to_owned() }
}

/// The last day of the longest exception that begins today.
fn longest(today: Date, limits: Limits) -> Date {
    today.saturating_add(i64::from(limits.max_days).days())
}

/// What is wrong with whoever takes the risk.
fn risk(exception: &Exception, executive: Option<Option<bool>>) -> Option<String> {
    let owner = exception.risk_owner.as_ref()?;
    if is_subject(&exception.subject, owner) || same_person(&exception.asked_by, owner) {
        return Some(format!("`{owner}` cannot take the risk of a wish of their own."));
    }
    match executive.flatten() {
        Some(true) => None,
        Some(false) => Some(format!(
            "`{owner}` takes the risk, but is no executive by job title; name one, or list the person \
             under `people.executives`."
        )),
        None => Some(format!(
            "No file tells the rank of `{owner}`, who takes the risk; list the person under \
             `people.executives`."
        )),
    }
}

/// The id of the next exception: one more than the greatest that was ever given.
#[must_use]
pub fn next_id(state: &State) -> String {
    let numbers = state.exceptions.keys().filter_map(|id| id.strip_prefix("EX-")?.parse().ok());
    format!("EX-{:03}", numbers.max().unwrap_or(0_u32).saturating_add(1))
}
