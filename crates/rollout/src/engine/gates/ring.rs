//! What the second ring has to show before everybody is asked: a canary, and hours in which the stop
//! rule stayed silent. Both are asked while that ring is in flight, and stand beside what G7 asks.

use jiff::Timestamp;

use super::answer::Answer;
use super::prepare::no_log;
use super::{Asked, Question, asked, criterion, in_second_ring};
use crate::account::Account;
use crate::change::draft::Standard;
use crate::engine::GateId::G7;
use crate::engine::tenant::{self, Happened};
use crate::engine::{Criterion, Seen, State};
use crate::evidence::{CanaryQuestion, Proof, Ring, Watch, WatchQuestion, canary, programs, watch};
use crate::plan::GateState;

/// What it asks for.
pub(super) const ASKS: &[Asked] = &[
    in_second_ring(asked(
        G7,
        "G7.canary",
        "Somebody of ring 2 passed a fresh challenge by CA001 since that ring is asked",
        sung,
    )),
    in_second_ring(asked(
        G7,
        "G7.ring",
        "Ring 2 was watched long enough, and few enough people had nothing but failures",
        watched,
    )),
];

/// Criteria about how the policies did before they asked anybody but the pilot. What was passed then
/// stays as it was found: with the second ring their time is over, and their rows grow old.
const SETTLED: [&str; 9] = [
    "G5.days",
    "G5.failures",
    "G5.interrupted",
    "G6.challenges",
    "G6.desktop",
    "G6.phone",
    "G6.personal",
    "G6.unenrolled",
    "G6.failures",
];

/// A criterion as it was passed before the second ring, which is in flight now.
pub(super) fn settled(question: &Question<'_>, asked: &Asked) -> Option<Criterion> {
    let is_asked = tenant::in_rings(question.seen)
        && tenant::second_ring(question.state, question.seen).is_yes();
    if !SETTLED.contains(&asked.id) || !is_asked {
        return None;
    }
    let before = &question.state.gates.get(&asked.gate)?.criteria;
    before.iter().find(|it| it.id == asked.id && it.verdict == GateState::Passed).cloned()
}

/// The rollout goes ring by ring, and the second one is asked, or nobody can say, and not yet everybody.
pub(super) fn is_in_flight(question: &Question<'_>) -> bool {
    tenant::in_rings(question.seen)
        && tenant::second_ring(question.state, question.seen) != Happened::No
}

/// What the second ring has still to show, as it stands now; what somebody waived is not among it.
/// Empty: it has shown everything. What is failed comes first.
pub(in crate::engine) fn still_to_show(
    state: &State,
    seen: &Seen<'_>,
    now: Timestamp,
) -> Vec<Criterion> {
    let question = Question::new(state, seen, now);
    let asked = ASKS.iter().map(|asked| criterion(&question, asked).0);
    let mut open: Vec<Criterion> = asked.filter(|it| !it.opens()).collect();
    open.sort_by_key(|it| it.verdict != GateState::Failed);
    open
}

/// The sign-in that shows the canary of ring 2. Where everybody is asked at once, a person looks for it.
pub(in crate::engine) fn canary_shown(question: &Question<'_>) -> Option<String> {
    if !tenant::in_rings(question.seen) {
        return None;
    }
    let (state, seen) = (question.state, question.seen);
    let since = match (tenant::second_ring(state, seen), tenant::switched(state, seen)) {
        (Happened::Yes(since), _) => since,
        (_, Happened::Yes(since)) => tenant::done(state, tenant::SECOND_RING).or(since),
        _ => None,
    };
    let answer = canary_since(question, since?);
    (answer.verdict == GateState::Passed).then_some(answer.why)
}

/// The moment of the second ring, or why nothing can be said after it.
fn after_it_began(question: &Question<'_>, then: impl FnOnce(Timestamp) -> Answer) -> Answer {
    match tenant::second_ring(question.state, question.seen) {
        Happened::No => Answer::pending("Ring 2 is not asked for MFA yet."),
        Happened::Unknown => Answer::error(
            "Whether ring 2 is asked for MFA cannot be said.",
            "The policies and groups in the next snapshot.",
        ),
        Happened::Yes(None) => Answer::inconclusive(
            "Since when ring 2 is asked for MFA no file tells.",
            "The policies with `modifiedDateTime` in the next snapshot.",
        ),
        Happened::Yes(Some(since)) => then(since),
    }
}

fn sung(question: &Question<'_>) -> Answer {
    after_it_began(question, |since| canary_since(question, since))
}

fn canary_since(question: &Question<'_>, since: Timestamp) -> Answer {
    let seen = question.seen;
    let Some(sign_ins) = seen.sign_ins else { return no_log() };
    let Some(people) = tenant::second_ring_people(seen.facts) else { return not_told() };
    let policy = tenant::policy(seen.facts, Standard::AllUsers).ok().flatten();
    let Some(id) = policy.and_then(|it| it.id.as_deref()) else {
        return Answer::error(
            "Which policy is CA001 cannot be said.",
            "The policies in the next snapshot, each number once.",
        );
    };
    let found = canary(&CanaryQuestion {
        sign_ins,
        policy: id,
        people: &people,
        since,
        now: tenant::seen_at(seen, question.now),
    });
    let answer = Answer::standing(&found.standing).rows(found.row);
    match found.proof {
        // There is nothing to do but to read the row again.
        Proof::Fresh | Proof::Provisional => answer,
        _ => answer.missing([TRY_IT.to_owned()]),
    }
}

/// What helps where nobody was the canary yet.
const TRY_IT: &str = "A member of the bridge group beyond the pilot signs out and in again (E-04); then \
                      `lockstep snapshot`.";

fn not_told() -> Answer {
    Answer::error(
        "Who is in ring 2 no file tells.",
        "The members of the bridge group and of the pilot group in the next snapshot.",
    )
}

/// Watched for its hours, and then for as long as it is in flight: who is locked out on the second day
/// stops it too.
fn watched(question: &Question<'_>) -> Answer {
    after_it_began(question, |since| {
        let rings = match in_flight(question) {
            Ok(rings) => rings,
            Err(answer) => return answer,
        };
        let hours = u32::from(question.seen.facts.rollout.steps.ring_hours);
        let Some(least) = watch_for(question, since, hours, &rings) else { return no_log() };
        let now = tenant::seen_at(question.seen, question.now);
        let passed = now.duration_since(since).as_hours().saturating_add(1);
        let longer = u32::try_from(passed).unwrap_or(u32::MAX).max(hours.saturating_add(1));
        let all = watch_for(question, since, longer, &rings);
        let all = all.filter(|it| it.standing.verdict != GateState::Running);
        match (least.standing.verdict, all) {
            (GateState::Passed, Some(all)) => of_watch(&all),
            _ => of_watch(&least),
        }
    })
}

/// A watch over rings.
pub(super) fn watch_for(
    question: &Question<'_>,
    since: Timestamp,
    hours: u32,
    rings: &[Ring],
) -> Option<Watch> {
    let thresholds = &question.seen.facts.rollout.thresholds;
    Some(watch(&WatchQuestion {
        sign_ins: question.seen.sign_ins?,
        since,
        hours,
        rings,
        programs: &programs(question.seen.facts, question.seen.classification),
        stop_hours: thresholds.stop_hours,
        stop_share: thresholds.stop_failure_share,
        now: tenant::seen_at(question.seen, question.now),
    }))
}

/// A watch as an answer, with whom it found.
pub(super) fn of_watch(watch: &Watch) -> Answer {
    let rows = watch.rings.iter().flat_map(|ring| &ring.only_failures).map(|it| {
        let again = match it.got_in {
            Some(at) => format!("got in at {at:.0}"),
            None => "not in since".to_owned(),
        };
        format!("{}: only failures from {:.0}, {again}", it.account.label(), it.since)
    });
    Answer::standing(&watch.standing).rows(rows)
}

/// The rings in flight while the second one is: the pilot, and whoever else can pass MFA.
fn in_flight(question: &Question<'_>) -> Result<Vec<Ring>, Answer> {
    let facts = question.seen.facts;
    let (Some(pilot), Some(second)) =
        (tenant::pilot_members(facts), tenant::second_ring_people(facts))
    else {
        return Err(not_told());
    };
    if second.is_empty() {
        return Err(Answer::inconclusive(
            "Nobody is in ring 2: it can show nothing.",
            "People who can pass MFA in the bridge group, beyond the pilot.",
        ));
    }
    Ok(vec![ring("ring 1", pilot), ring("ring 2", second)])
}

fn ring(name: &str, people: Vec<Account>) -> Ring {
    Ring { name: name.to_owned(), people }
}

/// Everybody, as those who met the switch together.
pub(super) fn rings_of(
    question: &Question<'_>,
    everybody: Vec<Account>,
) -> Result<Vec<Ring>, Answer> {
    if !tenant::in_rings(question.seen) {
        return Ok(vec![ring("everybody", everybody)]);
    }
    let mut rings = in_flight(question)?;
    let facts = question.seen.facts;
    let key = |it: &Account| crate::evidence::key_of(&facts.directory_form(it));
    let before: std::collections::BTreeSet<String> =
        rings.iter().flat_map(|it| &it.people).filter_map(key).collect();
    let last = everybody.into_iter().filter(|it| key(it).is_none_or(|it| !before.contains(&it)));
    rings.push(ring("ring 3", last.collect()));
    Ok(rings)
}
