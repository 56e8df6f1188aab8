//! Who would be locked out, whether those who must get in do, and whom *All users* means.

use rollout::impact::{CaughtKind, Cut, Impact, PersonImpact, UserOutcome};
use rollout::plan::Plan;
use rollout::proof::{Proof, Refutation};

use super::lists::Capped;
use super::{Row, State};
use crate::documents::chart::stack::Stack;
use crate::documents::refutation;
use crate::lockout_words;
use crate::plain_text::one_line;
use crate::words;

/// Rows of a cut that are shown.
const CUT: usize = 12;

/// People of one reason that are shown without unfolding.
const OPEN_PEOPLE: usize = 8;

/// The lockout list.
#[derive(Debug)]
pub(super) struct Lockout {
    pub(super) judged: String,
    pub(super) stack: Option<Stack>,
    pub(super) outcomes: Vec<OutcomeRow>,
    pub(super) sign_ins: String,
    pub(super) groups: Vec<Group>,
    /// How many more people there are, in words; empty when none.
    pub(super) rest: String,
    pub(super) cuts: Vec<CutTable>,
    pub(super) assumptions: Vec<String>,
}

/// The accounts of one outcome: a row of the legend.
#[derive(Debug)]
pub(super) struct OutcomeRow {
    pub(super) class: &'static str,
    pub(super) state: State,
    pub(super) count: String,
    pub(super) means: &'static str,
}

/// People of one outcome, for one reason, with one way out.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) state: State,
    pub(super) count: String,
    pub(super) people: Vec<PersonRow>,
    /// People behind the first ones, folded away.
    pub(super) more: Vec<PersonRow>,
    pub(super) why: String,
    pub(super) next: String,
}

/// One person of the list.
#[derive(Debug)]
pub(super) struct PersonRow {
    pub(super) name: String,
    pub(super) sign_ins: String,
}

/// Sign-ins by what they share.
#[derive(Debug)]
pub(super) struct CutTable {
    pub(super) by: &'static str,
    pub(super) rows: Vec<Row>,
    pub(super) rest: usize,
}

impl Lockout {
    pub(super) fn of(impact: &Impact) -> Self {
        let counts = lockout_words::by_outcome(&impact.users);
        let parts =
            counts.map(|(outcome, count)| (lockout_words::outcome(outcome), count, class(outcome)));
        let people = Capped::of(&impact.people, Clone::clone);
        let groups = lockout_words::alike(&people.rows);
        Self {
            judged: judged(impact),
            stack: Stack::new(&parts),
            outcomes: counts
                .into_iter()
                .map(|(outcome, count)| OutcomeRow {
                    class: class(outcome),
                    state: state(outcome),
                    count: words::number(count),
                    means: lockout_words::outcome_means(outcome),
                })
                .collect(),
            sign_ins: lockout_words::sign_ins(&impact.sign_ins),
            groups: groups.iter().map(|group| Group::of(group)).collect(),
            rest: people.rest,
            cuts: [
                ("app", &impact.by_app),
                ("client app", &impact.by_client_app),
                ("platform", &impact.by_platform),
                ("country", &impact.by_country),
            ]
            .into_iter()
            .filter(|(_, cuts)| !cuts.is_empty())
            .map(|(by, cuts)| CutTable::of(by, cuts))
            .collect(),
            assumptions: impact.assumptions.iter().map(|it| one_line(it)).collect(),
        }
    }
}

fn judged(impact: &Impact) -> String {
    let policies = impact.policies.iter().map(|it| one_line(it)).collect::<Vec<_>>().join(", ");
    format!(
        "{}, tried on the successful sign-ins of {} of {} days, on top of what the tenant has.",
        if policies.is_empty() { "No policy".to_owned() } else { policies },
        impact.window.days_covered,
        impact.window.days_asked,
    )
}

/// Class of the colour of an outcome.
const fn class(outcome: UserOutcome) -> &'static str {
    match outcome {
        UserOutcome::Blocked => "seg-blocked",
        UserOutcome::Cannot => "seg-cannot",
        UserOutcome::BlockedLegacy => "seg-legacy",
        UserOutcome::MustRegister => "seg-register",
        UserOutcome::Unknown => "seg-unknown",
        UserOutcome::Ready => "seg-ready",
        UserOutcome::NotTouched => "seg-untouched",
    }
}

fn state(outcome: UserOutcome) -> State {
    let (shape, class) = match outcome {
        UserOutcome::Blocked | UserOutcome::Cannot => ("■", "danger"),
        UserOutcome::BlockedLegacy | UserOutcome::MustRegister => ("▲", "caution"),
        UserOutcome::Unknown => ("?", "caution"),
        UserOutcome::Ready => ("●", "good"),
        UserOutcome::NotTouched => ("○", "quiet"),
    };
    State::new(lockout_words::outcome(outcome), shape, class)
}

impl Group {
    fn of(people: &[&PersonImpact]) -> Self {
        let text = |text: fn(&PersonImpact) -> &str| {
            people.first().map(|first| one_line(text(first))).unwrap_or_default()
        };
        let outcome = people.first().map_or(UserOutcome::Unknown, |first| first.outcome);
        let mut rows: Vec<PersonRow> = people.iter().map(|it| PersonRow::of(it)).collect();
        let more =
            if rows.len() > OPEN_PEOPLE + 2 { rows.split_off(OPEN_PEOPLE) } else { Vec::new() };
        Self {
            state: state(outcome),
            count: words::number(words::length(people)),
            people: rows,
            more,
            why: text(|first| &first.why),
            next: text(|first| &first.next),
        }
    }
}

impl PersonRow {
    fn of(person: &PersonImpact) -> Self {
        let sign_ins = words::count(person.sign_ins, "sign-in", "sign-ins");
        Self {
            name: one_line(person.account.label()),
            sign_ins: match (person.sign_ins, person.apps.is_empty()) {
                (0, _) => String::new(),
                (_, true) => sign_ins,
                (_, false) => one_line(&format!("{sign_ins}: {}", words::few(&person.apps))),
            },
        }
    }
}

impl CutTable {
    fn of(by: &'static str, cuts: &[Cut]) -> Self {
        let row = |cut: &Cut| {
            let counts = &cut.sign_ins;
            let named = cut.name.as_deref().or(cut.id.as_deref());
            vec![
                named.map_or_else(|| "not told".to_owned(), one_line),
                words::number(cut.users),
                words::number(counts.total),
                words::number(counts.blocked),
                words::number(counts.challenged),
                words::number(counts.unknown),
            ]
        };
        Self {
            by,
            rows: lockout_words::worst_first(cuts).into_iter().take(CUT).map(row).collect(),
            rest: cuts.len().saturating_sub(CUT),
        }
    }
}

/// The lockout proof.
#[derive(Debug)]
pub(super) struct Proven {
    pub(super) state: State,
    pub(super) sentence: String,
    pub(super) shortfalls: Vec<String>,
    pub(super) accounts: Vec<MustGetIn>,
    pub(super) counter_examples: Capped<CounterExample>,
    pub(super) rests_on: String,
    pub(super) assumptions: Vec<String>,
}

/// One account that must get in.
#[derive(Debug)]
pub(super) struct MustGetIn {
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) state: State,
    pub(super) note: &'static str,
}

/// A situation in which one of them does not.
#[derive(Debug)]
pub(super) struct CounterExample {
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) why: String,
    pub(super) mend: Vec<String>,
}

impl Proven {
    pub(super) fn of(proof: &Proof) -> Self {
        let texts = |list: &[String]| list.iter().map(|it| one_line(it)).collect::<Vec<_>>();
        Self {
            state: if proof.holds {
                State::new("holds", "●", "good")
            } else if refutation::is_refuted(proof) {
                State::new("does not hold", "■", "danger")
            } else {
                State::new("cannot be shown", "▲", "caution")
            },
            sentence: refutation::verdict(proof),
            shortfalls: texts(&proof.shortfalls),
            accounts: must_get_in(proof),
            counter_examples: Capped::of(&proof.counter_examples, CounterExample::of),
            rests_on: refutation::rests_on(proof),
            assumptions: texts(&proof.assumptions),
        }
    }
}

fn must_get_in(proof: &Proof) -> Vec<MustGetIn> {
    refutation::accounts(proof)
        .into_iter()
        .map(|it| MustGetIn {
            name: one_line(it.account.label()),
            role: it.role,
            state: match it.gets_in {
                Some(true) => State::new(it.word, "●", "good"),
                Some(false) => State::new(it.word, "■", "danger"),
                None => State::new(it.word, "▲", "caution"),
            },
            note: it.note,
        })
        .collect()
}

impl CounterExample {
    fn of(it: &Refutation) -> Self {
        let texts = |list: &[String]| list.iter().map(|it| one_line(it)).collect::<Vec<_>>();
        Self {
            name: one_line(it.account.label()),
            role: it.role,
            why: texts(&it.why).join(" "),
            mend: texts(&it.mend),
        }
    }
}

/// The accounts of one kind that *All users* means.
#[derive(Debug)]
pub(super) struct CaughtRow {
    pub(super) kind: String,
    pub(super) people: &'static str,
    pub(super) count: String,
    pub(super) meets: String,
    /// Who; empty for plain people.
    pub(super) names: String,
    /// How many more there are, in words; empty when none.
    pub(super) rest: String,
}

/// Every kind, people first.
pub(super) fn caught(plan: &Plan) -> Vec<CaughtRow> {
    plan.caught.kinds.iter().map(CaughtRow::of).collect()
}

impl CaughtRow {
    fn of(kind: &CaughtKind) -> Self {
        let names = Capped::of(&kind.accounts, |account| one_line(account.label()));
        Self {
            kind: one_line(&kind.kind),
            people: if kind.people { "people" } else { "no person" },
            count: words::number(kind.count),
            meets: one_line(&kind.meets),
            names: names.rows.join(", "),
            rest: names.rest,
        }
    }
}
