//! What people say: dates, attestations, waivers, issues, announced tests, messages.

use jiff::{SignedDuration, Timestamp};

use super::days::Days;
use super::step::{keep, not_enough, told};
use super::{
    Attestation, Effect, Issue, PlannedTest, Record, Refusal, Schedule, Sent, Sheet, State, Waived,
    Waiver, gates,
};

/// The longest waiver, in days. An end that nobody lives to see is none.
const LONGEST_WAIVER: i64 = 90;
/// The longest announced test. A longer one would silence the alarm, not announce a test.
const LONGEST_TEST: SignedDuration = SignedDuration::from_hours(24);
/// So much later than its beginning a test may be told of. Later it would excuse what was seen.
const TOLD_LATE: SignedDuration = SignedDuration::from_mins(5);

/// The first dates are the agreement, later ones a slip with its reason.
pub(super) fn scheduled(state: &State, new: &Schedule) -> Result<Vec<Effect>, Refusal> {
    told(&new.by, "who decided")?;
    if new.enforce < new.start {
        return Err(not_enough(format!(
            "the day of enforcement, {}, is before the first day, {}",
            new.enforce, new.start
        )));
    }
    let note = match &state.schedule {
        None => format!(
            "Dates agreed by {}: from {}, MFA for all on {}.",
            new.by, new.start, new.enforce
        ),
        Some(before) if (before.start, before.enforce) == (new.start, new.enforce) => {
            return Ok(Vec::new());
        }
        Some(before) => {
            told(&new.reason, "the reason why the agreed date moves")?;
            format!(
                "MFA for all moves from {} to {}, decided by {}: {}",
                before.enforce, new.enforce, new.by, new.reason
            )
        }
    };
    Ok(vec![keep(Record::Schedule(new.clone())), Effect::Note(note)])
}

/// A person states that a task is done.
///
/// Where a gate lists whom or what a task is about, the word is for what was listed when it was given.
pub(super) fn attested(state: &State, new: &Attestation) -> Result<Vec<Effect>, Refusal> {
    told(&new.task, "the task")?;
    told(&new.by, "who states it")?;
    told(&new.note, "what they state")?;
    let note = format!("{} states of {}: {}", new.by, new.task, new.note);
    let attestation = Attestation { about: gates::listed(state, &new.task), ..new.clone() };
    Ok(vec![keep(Record::Attestation(attestation)), Effect::Note(note)])
}

/// Something is waived: with a name, a reason and an end, and only what may be.
pub(super) fn waived(state: &State, new: &Waiver, now: Timestamp) -> Result<Vec<Effect>, Refusal> {
    told(&new.id, "the number of the waiver")?;
    told(&new.by, "who waives it")?;
    told(&new.reason, "the reason")?;
    let what = may_be_waived(&new.what)?;
    // Where the people are is not told here, so that the earliest date of the earth counts.
    let today = Days::EARLIEST.date(now);
    if new.until < today {
        return Err(not_enough(format!("the end, {}, is over", new.until)));
    }
    if Days::between(today, new.until) > LONGEST_WAIVER {
        return Err(not_enough(format!(
            "the end, {}, is more than {LONGEST_WAIVER} days away",
            new.until
        )));
    }
    if state.waivers.get(&new.id).is_some_and(|it| it.what != new.what) {
        return Err(not_enough(format!("{} is the number of another waiver", new.id)));
    }
    let note = format!("{} waives {what} until {}: {}", new.by, new.until, new.reason);
    Ok(vec![keep(Record::Waiver(new.clone())), Effect::Note(note)])
}

/// What is waived, in words.
fn may_be_waived(what: &Waived) -> Result<String, Refusal> {
    match what {
        Waived::Guard(guard) => Ok(format!("the guard {guard:?}")),
        Waived::Gate(gate) => {
            let any = gates::criteria().any(|it| it.gate == *gate && it.waivable);
            if any && gate.holds() {
                Ok(format!("gate {}", gate.word()))
            } else {
                Err(not_enough(format!("gate {} holds nothing up", gate.word())))
            }
        }
        Waived::Criterion(id) => {
            match gates::criteria().find(|it| it.id.eq_ignore_ascii_case(id)) {
                None => Err(not_enough(format!("no gate asks for `{id}`"))),
                Some(it) if !it.waivable => {
                    Err(Refusal::NotWaivable { what: format!("{} ({})", it.id, it.asks) })
                }
                Some(it) => Ok(it.id.to_owned()),
            }
        }
    }
}

/// An issue is noted or closed. What was noted is not rewritten.
pub(super) fn issue(state: &State, new: &Issue) -> Result<Vec<Effect>, Refusal> {
    told(&new.id, "the number of the issue")?;
    told(&new.by, "who noted it")?;
    told(&new.text, "what went wrong")?;
    if let Some(closed) = &new.closed {
        told(&closed.by, "who closes it")?;
        told(&closed.how, "how it ended")?;
    }
    if let Some(before) = state.issues.get(&new.id) {
        if before.closed.is_some() {
            return Err(not_enough(format!("{} is closed; note a new one", new.id)));
        }
        if before.text != new.text {
            return Err(not_enough(format!("{} is the number of another issue", new.id)));
        }
        if before.blocking && !new.blocking {
            return Err(not_enough(format!(
                "{} blocks; it stops blocking when somebody closes it and says how",
                new.id
            )));
        }
    }
    let note = match &new.closed {
        Some(closed) => format!("{} closes issue {}: {}", closed.by, new.id, closed.how),
        None => {
            let kind = if new.blocking { "blocking issue" } else { "issue" };
            format!("{} notes {kind} {}: {}", new.by, new.id, new.text)
        }
    };
    Ok(vec![keep(Record::Issue(new.clone())), Effect::Note(note)])
}

/// A test of break-glass accounts is announced, before it begins.
pub(super) fn test_planned(new: &PlannedTest, now: Timestamp) -> Result<Vec<Effect>, Refusal> {
    told(&new.id, "the number of the test")?;
    told(&new.by, "who announces it")?;
    if new.accounts.is_empty() {
        return Err(not_enough("the accounts are missing"));
    }
    if new.to <= new.from {
        return Err(not_enough("the test ends before it begins"));
    }
    if new.to.duration_since(new.from) > LONGEST_TEST {
        return Err(not_enough(format!("a test lasts {} hours at most", LONGEST_TEST.as_hours())));
    }
    if now.duration_since(new.from) > TOLD_LATE {
        return Err(not_enough(format!(
            "the test began at {}: a sign-in is not excused afterwards",
            new.from
        )));
    }
    let names: Vec<&str> = new.accounts.iter().map(|it| it.label()).collect();
    let note = format!(
        "{} announces a test of {} from {} to {}.",
        new.by,
        names.join(", "),
        new.from,
        new.to
    );
    Ok(vec![keep(Record::PlannedTest(new.clone())), Effect::Note(note)])
}

/// Somebody says that the password of a break-glass account stands on paper.
pub(super) fn sheet_printed(new: &Sheet) -> Result<Vec<Effect>, Refusal> {
    told(new.account.label(), "the account")?;
    told(&new.set, "the change set that set the password")?;
    told(&new.by, "who says so")?;
    if new.places.is_empty() {
        return Err(not_enough("the places of the sheets are missing"));
    }
    let note = format!(
        "The password of {} was shown once; {} says that it stands on a sheet for each of these \
         places: {}.",
        new.account.label(),
        new.by,
        new.places.join(", ")
    );
    Ok(vec![keep(Record::Sheet(new.clone())), Effect::Note(note)])
}

/// A message is about to be sent, or was sent. Nobody gets one twice.
pub(super) fn message_sent(state: &State, new: &Sent) -> Result<Vec<Effect>, Refusal> {
    told(&new.message, "the message")?;
    // Who is known not to have got it may be sent it again.
    let before = state.sent.get(&new.key()).filter(|it| it.refused.is_none());
    match before.map(|it| it.at) {
        Some(Some(_)) => Err(not_enough(format!(
            "{} has got the message `{}` already",
            new.to.label(),
            new.message
        ))),
        Some(None) if new.at.is_none() && new.refused.is_none() => Err(not_enough(format!(
            "nobody knows whether {} got the message `{}`; it is not sent again",
            new.to.label(),
            new.message
        ))),
        Some(None) | None => Ok(vec![keep(Record::Sent(new.clone()))]),
    }
}
