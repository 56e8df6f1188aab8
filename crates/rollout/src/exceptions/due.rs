//! What a day asks for: reminders, ends, and the change sets that apply and end exceptions.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::change::{days_left, end};
use super::check::approvers;
use super::letter_needed;
use crate::account::Account;
use crate::change::draft::{CannotDraft, begin_exception, end_exception, exception_groups};
use crate::change::guard::Approval;
use crate::change::{ChangeSet, Draft, apply_to};
use crate::engine::{Closed, Effect, Exception, ExceptionPhase, Record, Seen, State};
use crate::facts::Facts;
use crate::impact;
use crate::proposal::Proposal;

/// Days before the end on which whoever answers for an exception is reminded of it.
const REMINDER_DAYS: i32 = 14;
/// Days before the end on which the IT lead is told as well.
const ESCALATION_DAYS: i32 = 3;

/// What a day asks for, in order of the ids: a reminder 14 days before the end, and again, with the IT
/// lead told, 3 days before; after the last day, the end. Nothing is renewed by itself.
#[must_use]
pub fn reminders(state: &State, today: Date, now: Timestamp) -> Vec<Effect> {
    state.exceptions.values().flat_map(|it| of_one(it, today, now)).collect()
}

fn of_one(exception: &Exception, today: Date, now: Timestamp) -> Vec<Effect> {
    let applied = match &exception.phase {
        ExceptionPhase::Refused | ExceptionPhase::Ended { .. } => return Vec::new(),
        ExceptionPhase::Applied { .. } => true,
        ExceptionPhase::Asked | ExceptionPhase::Approved => false,
    };
    let id = exception.id.clone();
    if must_end(exception, today) && applied {
        return vec![Effect::EndException { exception: id, subject: exception.subject.clone() }];
    }
    if is_over(exception, today) {
        let why = format!("{} came before it was applied", exception.expires);
        let phase = ExceptionPhase::Ended { set: None, at: now, why };
        let ended = Exception { phase, renewal: None, ..exception.clone() };
        return vec![Effect::Keep(Record::Exception(Box::new(ended)))];
    }
    let since = |days: i32| {
        let from = exception.expires.saturating_sub(days.days());
        let told = exception.reminded.iter().any(|on| *on >= from);
        (today >= from && !told).then_some(())
    };
    if !applied || since(REMINDER_DAYS).or_else(|| since(ESCALATION_DAYS)).is_none() {
        return Vec::new();
    }
    let mut reminded = exception.clone();
    reminded.reminded.push(today);
    let what = reminder(exception, today);
    let mut effects = vec![Effect::Keep(Record::Exception(Box::new(reminded)))];
    let to = |to: &str| Effect::Tell { to: to.to_owned(), what: what.clone() };
    effects.push(to(&exception.owner));
    if since(ESCALATION_DAYS).is_some() {
        effects.push(to("IT lead"));
    }
    effects
}

fn reminder(exception: &Exception, today: Date) -> String {
    let left = match days_left(exception, today) {
        0 => "today is its last day".to_owned(),
        1 => "tomorrow is its last day".to_owned(),
        days => format!("its last day is {}, in {days} days", exception.expires),
    };
    let waits = match &exception.renewal {
        Some(renewal) => {
            format!(" A renewal to {} waits for its decision; without one it ends.", renewal.until)
        }
        None => String::new(),
    };
    format!(
        "{} for `{}`: {left}. It ends by itself: {}.{waits}",
        exception.id,
        exception.subject.label(),
        exception.exit_plan.trim_end_matches('.')
    )
}

/// Whether the last day is over.
#[must_use]
pub fn is_over(exception: &Exception, today: Date) -> bool {
    today > exception.expires
}

/// It is over, or somebody ended it.
fn must_end(exception: &Exception, today: Date) -> bool {
    is_over(exception, today) || exception.ending.is_some()
}

/// An exception that a change set has to begin or to end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DueException<'a> {
    /// It is approved, and the subject is not in the group yet.
    Begin(&'a Exception),
    /// The subject is in the group and has to leave it.
    End(&'a Exception),
}

impl<'a> DueException<'a> {
    /// The exception.
    #[must_use]
    pub const fn exception(self) -> &'a Exception {
        match self {
            Self::Begin(it) | Self::End(it) => it,
        }
    }

    /// What its change set carries out, in the words of [`Progress::of_plan`](crate::engine::Progress).
    #[must_use]
    pub fn of_plan(self) -> String {
        match self {
            Self::Begin(it) => it.id.clone(),
            Self::End(it) => format!("{}/end", it.id),
        }
    }

    /// A heading.
    #[must_use]
    pub fn title(self) -> String {
        match self {
            Self::Begin(it) => format!("Exception for {}", it.subject.label()),
            Self::End(it) => format!("End of the exception for {}", it.subject.label()),
        }
    }

    /// Since when it is due.
    #[must_use]
    pub const fn date(self) -> Date {
        match self {
            Self::Begin(it) => it.starts,
            Self::End(it) => it.expires,
        }
    }
}

/// The exceptions that a change set has to begin or to end, those that end first.
#[must_use]
pub fn due(state: &State, today: Date) -> Vec<DueException<'_>> {
    let all = || state.exceptions.values();
    let ends = all().filter(|it| is_applied(it) && must_end(it, today));
    let begins = all().filter(|it| {
        it.phase == ExceptionPhase::Approved && it.starts <= today && !is_over(it, today)
    });
    ends.map(DueException::End).chain(begins.map(DueException::Begin)).collect()
}

const fn is_applied(exception: &Exception) -> bool {
    matches!(exception.phase, ExceptionPhase::Applied { .. })
}

/// The change sets of the exceptions that are due. `marker` is that of [`crate::change::draft`].
#[must_use]
pub fn sets_due<'s>(
    state: &'s State,
    facts: &Facts<'_>,
    marker: &str,
    today: Date,
) -> Vec<(DueException<'s>, Result<Draft, CannotDraft>)> {
    let draft = |it: DueException<'s>| {
        let exception = it.exception();
        let reason = match it {
            DueException::Begin(_) => reason_to_begin(exception),
            DueException::End(_) => reason_to_end(exception),
        };
        let draft = match it {
            DueException::Begin(_) => {
                let is_legacy = exception.path.is_legacy();
                begin_exception(facts, marker, &exception.subject, is_legacy, &reason)
            }
            DueException::End(_) => {
                end_exception(facts, &exception.subject, exception.path.is_legacy(), &reason)
            }
        };
        (it, draft)
    };
    due(state, today).into_iter().map(draft).collect()
}

fn reason_to_begin(exception: &Exception) -> String {
    let by: Vec<String> = approvers(exception, &exception.decisions).into_iter().collect();
    format!(
        "{}, to {}: {}. Approved by {}. In its place: {}.",
        exception.id,
        exception.expires,
        exception.reason.trim_end_matches('.'),
        by.join(" and "),
        exception.compensating_control.trim_end_matches('.')
    )
}

fn reason_to_end(exception: &Exception) -> String {
    let why = match &exception.ending {
        Some(closed) => format!("{} ended it: {}", closed.by, closed.how.trim_end_matches('.')),
        None => format!("its last day was {}", exception.expires),
    };
    format!("{}: {why}. Then: {}.", exception.id, exception.exit_plan.trim_end_matches('.'))
}

/// The exception once its change set was carried out and read back. `None`: the set is not one that
/// this exception waits for.
#[must_use]
pub fn begun(exception: &Exception, set: &str, at: Timestamp) -> Option<Exception> {
    let phase = ExceptionPhase::Applied { set: set.to_owned(), at };
    (exception.phase == ExceptionPhase::Approved).then(|| Exception { phase, ..exception.clone() })
}

/// The same for the change set that ends it.
#[must_use]
pub fn ended(exception: &Exception, set: &str, at: Timestamp) -> Option<Exception> {
    if !is_applied(exception) {
        return None;
    }
    let why = match &exception.ending {
        Some(closed) => closed.how.clone(),
        None => format!("its last day was {}", exception.expires),
    };
    let phase = ExceptionPhase::Ended { set: Some(set.to_owned()), at, why };
    Some(Exception { phase, renewal: None, ..exception.clone() })
}

/// Exceptions whose subject somebody took out of the groups, by a snapshot younger than the change set
/// that put it in. Out of all of them it is over. Out of one of two it has no effect any more, since
/// whichever policy leaves the other out, one of the two blocks a legacy client; it is ended, so that
/// nobody stays in a group that nothing takes them out of.
#[must_use]
pub fn taken_out(state: &State, seen: &Seen<'_>, now: Timestamp) -> Vec<Effect> {
    let Some(taken) = seen.snapshot_taken else { return Vec::new() };
    let is_younger = |it: &&Exception| match &it.phase {
        ExceptionPhase::Applied { at, .. } => taken > *at,
        _ => false,
    };
    let all = state.exceptions.values().filter(is_younger);
    all.filter_map(|it| missed(it, seen, now)).flatten().collect()
}

/// What becomes of an exception whose subject is not in all of its groups.
fn missed(exception: &Exception, seen: &Seen<'_>, now: Timestamp) -> Option<[Effect; 2]> {
    let groups = exception_groups(exception.path.is_legacy());
    let (out, others): (Vec<&str>, Vec<&str>) =
        groups.partition(|it| is_in(exception, it, seen) == Some(false));
    let first = out.first()?;
    let (id, label) = (&exception.id, exception.subject.label());
    let (kept, note) = if others.is_empty() {
        let why = "somebody took the account out of the group".to_owned();
        let phase = ExceptionPhase::Ended { set: None, at: now, why };
        let ended = Exception { phase, renewal: None, ..exception.clone() };
        let what = "is not in the group any more, by no change set of lockstep's";
        (ended, format!("{id} is over: `{label}` {what}."))
    } else {
        let how = format!("somebody took the account out of `{first}`");
        let ending = end(exception, Closed { by: "lockstep".to_owned(), at: now, how }).ok()?;
        let what = "is not in it any more, by no change set of lockstep's";
        let groups = others.join("` and `");
        let note = format!(
            "{id} has no effect without `{first}`, and `{label}` {what}. It ends when the change set is \
             carried out that takes the account out of `{groups}`."
        );
        (ending, note)
    };
    Some([Effect::Keep(Record::Exception(Box::new(kept))), Effect::Note(note)])
}

/// Whether the subject of an exception is in a group. `None`: nobody told who is.
fn is_in(exception: &Exception, group: &str, seen: &Seen<'_>) -> Option<bool> {
    let members = seen.facts.group(group)?.members.as_ref()?;
    Some(members.iter().any(|member| match (&member.id, &exception.subject.user_id) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        // A member without an id may be anybody.
        _ => true,
    }))
}

/// What the subject meets from the next sign-in on, once the set that ends its exception is carried
/// out: its sign-ins of the log, tried on MFA for all users in the tenant as the set leaves it. The
/// lockout list of the plan does not tell: there the account is left out.
#[must_use]
pub fn after_the_end(seen: &Seen<'_>, set: &ChangeSet, subject: &Account) -> String {
    let label = subject.label();
    let snapshot = apply_to(seen.facts.snapshot, set);
    let before = seen.facts;
    let facts = Facts::new(&snapshot, before.measurement, before.rollout, before.now);
    let found = impact::impact(&facts, seen.classification, &Proposal::all_users(&facts));
    let Some(lockout) = found else {
        return format!(
            "`{label}` is asked for MFA from the next sign-in on; whether it can answer, no file tells."
        );
    };
    let row = lockout.people.iter().find(|it| {
        it.account.user_id.is_some() && it.account.user_id == subject.user_id
            || it.account.user_principal_name.is_some()
                && it.account.user_principal_name == subject.user_principal_name
    });
    match row {
        Some(row) => {
            format!("`{label}` is asked for MFA from the next sign-in on. {} {}", row.why, row.next)
        }
        None => format!(
            "`{label}` is asked for MFA from the next sign-in on; it can answer with what is \
             registered, or did nothing in the window that MFA for all users touches."
        ),
    }
}

/// What the subject meets while the exception is applied.
#[must_use]
pub fn from_the_beginning(exception: &Exception) -> String {
    let label = exception.subject.label();
    let legacy = match &exception.path.client_app {
        Some(client_app) if exception.path.is_legacy() => format!(
            ", and none that leaves out `{}` blocks its legacy client ({client_app})",
            crate::plan::LEGACY_EXCEPTIONS_GROUP
        ),
        _ => String::new(),
    };
    format!(
        "From the next sign-in on, no policy that leaves out `{}` asks `{label}` for MFA{legacy}, until \
         {}.",
        crate::plan::EXCEPTIONS_GROUP,
        exception.expires
    )
}

/// The approvals that guards ask for: of every exception that is approved or applied and not over.
#[must_use]
pub fn approvals(state: &State, facts: &Facts<'_>, today: Date) -> Vec<Approval> {
    let stands = |it: &&Exception| {
        (it.phase == ExceptionPhase::Approved || is_applied(it)) && !is_over(it, today)
    };
    let of = |it: &Exception| {
        let approvers: Vec<String> = approvers(it, &it.decisions).into_iter().collect();
        // Who became an executive since needs the letter now.
        let needs = it.needs_letter || !letter_needed(facts, &it.subject).is_empty();
        let signed = it.decisions.iter().filter(|one| one.approves);
        let decision = signed.filter_map(|one| one.document.clone()).next_back();
        (!needs || decision.is_some()).then(|| Approval {
            subject: it.subject.clone(),
            approvers,
            decision,
        })
    };
    state.exceptions.values().filter(stands).filter_map(of).collect()
}

/// How many accounts are left out, and of how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Exceptions that are approved or applied.
    pub standing: u64,
    /// Enabled members of the tenant. `None`: nobody told.
    pub enabled_members: Option<u64>,
    /// As many as may be left out before it is warned of; at least one. `None`: nobody told of how many.
    pub most: Option<u64>,
}

impl Budget {
    /// More are left out than should be. `None`: nobody can tell.
    #[must_use]
    pub fn is_exceeded(&self) -> Option<bool> {
        self.most.map(|most| self.standing > most)
    }
}

/// How many accounts are left out, and of how many.
#[must_use]
pub fn budget(state: &State, facts: &Facts<'_>) -> Budget {
    let standing = state
        .exceptions
        .values()
        .filter(|it| it.phase == ExceptionPhase::Approved || is_applied(it))
        .count();
    let members = facts.snapshot.users.as_ref().map(|users| {
        let counts = |it: &&crate::snapshot::User| {
            it.account_enabled == Some(true) && facts.is_guest(it) == Some(false)
        };
        u64::try_from(users.iter().filter(counts).count()).unwrap_or(u64::MAX)
    });
    Budget {
        standing: u64::try_from(standing).unwrap_or(u64::MAX),
        enabled_members: members,
        most: members.map(hundredth),
    }
}

/// One in a hundred, rounded up: a convention of lockstep's, no source gives a figure.
const fn hundredth(members: u64) -> u64 {
    members.div_ceil(100)
}
