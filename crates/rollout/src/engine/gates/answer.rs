//! How a criterion stands.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Asked, Question};
use crate::engine::{Attestation, Criterion, State};
use crate::evidence::Standing;
use crate::plan::GateState;

/// Most rows that a criterion shows before it counts the rest.
const ROWS: usize = 50;

/// How a criterion stands, with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) verdict: GateState,
    pub(super) why: String,
    pub(super) missing: Vec<String>,
    pub(super) rows: Vec<String>,
    word: Box<Word>,
    /// What the answer rests on, free of the clock: when it is the same, so is the question.
    rests_on: Vec<String>,
    is_by_the_clock: bool,
}

/// People's words in an answer.
#[derive(Debug, Clone, Default, PartialEq)]
struct Word {
    /// Whom or what a word for it would be about.
    about: Vec<String>,
    /// Who stated what it rests on.
    stated_by: Vec<String>,
}

impl Answer {
    fn of(verdict: GateState, why: impl Into<String>) -> Self {
        Self {
            verdict,
            why: why.into(),
            missing: Vec::new(),
            rows: Vec::new(),
            word: Box::default(),
            rests_on: Vec::new(),
            is_by_the_clock: false,
        }
    }

    pub(super) fn passed(why: impl Into<String>) -> Self {
        Self::of(GateState::Passed, why)
    }

    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self::of(GateState::Failed, why)
    }

    pub(super) fn pending(why: impl Into<String>) -> Self {
        Self::of(GateState::Pending, why)
    }

    pub(super) fn running(why: impl Into<String>) -> Self {
        Self::of(GateState::Running, why)
    }

    /// Looked at, and cannot be said; `missing` would decide it.
    pub(super) fn inconclusive(why: impl Into<String>, missing: impl Into<String>) -> Self {
        Self { missing: vec![missing.into()], ..Self::of(GateState::Inconclusive, why) }
    }

    /// Could not be measured; `missing` would decide it.
    pub(super) fn error(why: impl Into<String>, missing: impl Into<String>) -> Self {
        Self { missing: vec![missing.into()], ..Self::of(GateState::Error, why) }
    }

    /// As the evidence answers.
    pub(super) fn standing(standing: &Standing) -> Self {
        Self { missing: standing.missing.clone(), ..Self::of(standing.verdict, &*standing.why) }
            .on(standing.why.clone())
    }

    /// The rows it rests on.
    pub(super) fn rows(mut self, rows: impl IntoIterator<Item = String>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// It rests on a person's word.
    pub(super) fn stated(mut self, word: &Attestation) -> Self {
        if !self.word.stated_by.contains(&word.by) {
            self.word.stated_by.push(word.by.clone());
        }
        self.on(format!("{} {} {} {}", word.task, word.by, word.at, word.note))
    }

    /// With what another answer rests on.
    pub(super) fn and(mut self, other: Self) -> Self {
        let stated_by = &mut self.word.stated_by;
        for by in other.word.stated_by {
            if !stated_by.contains(&by) {
                stated_by.push(by);
            }
        }
        self.rests_on.extend(other.rests_on);
        self.rows(other.rows)
    }

    /// Whom or what a person's word for it would be about.
    pub(super) fn about(mut self, names: Vec<String>) -> Self {
        self.word.about = names;
        self
    }

    /// More that would decide it.
    pub(super) fn missing(mut self, missing: impl IntoIterator<Item = String>) -> Self {
        self.missing.extend(missing);
        self
    }

    /// The clock alone found this: what a gate rests on is as it was.
    pub(super) fn by_the_clock(mut self) -> Self {
        self.is_by_the_clock = true;
        self
    }

    /// What it rests on beside rows and what is missing; nothing that the clock changes.
    pub(super) fn on(mut self, fact: impl Into<String>) -> Self {
        self.rests_on.push(fact.into());
        self
    }

    pub(super) fn rests_on(&self) -> Vec<&str> {
        let said = self.rows.iter().chain(&self.missing).filter(|_| !self.is_by_the_clock);
        self.rests_on.iter().chain(&self.word.about).chain(said).map(String::as_str).collect()
    }

    pub(super) fn criterion(self, asked: &Asked, waived_by: Option<String>) -> Criterion {
        let mut rows = self.rows;
        let more = rows.len().saturating_sub(ROWS);
        if more > 0 {
            rows.truncate(ROWS);
            rows.push(format!("and {more} more"));
        }
        Criterion {
            id: asked.id.to_owned(),
            asks: asked.asks.to_owned(),
            verdict: self.verdict,
            why: self.why,
            missing: self.missing,
            rows,
            about: self.word.about,
            stated_by: self.word.stated_by,
            waivable: asked.waivable,
            waived_by,
        }
    }
}

/// `1 person`, `12 people`.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// Hours for which a snapshot speaks of today.
const SNAPSHOT_HOURS: i64 = 24;

/// The snapshot is of today. A file that does not tell when it was exported is as old as the newest
/// thing it tells of.
pub(super) fn snapshot(question: &Question<'_>) -> Answer {
    let seen = question.seen;
    let newest: Option<Timestamp> = seen
        .snapshot_taken
        .or(seen.sign_ins.and_then(|it| it.newest))
        .or_else(|| seen.facts.measurement.and_then(|it| it.window.to));
    let Some(taken) = newest else {
        return Answer::inconclusive(
            "No file tells when the tenant was read.",
            "A new snapshot: `lockstep snapshot`.",
        );
    };
    let age = question.now.duration_since(taken);
    if age.is_negative() {
        return Answer::inconclusive(
            format!("The tenant was read at {taken}, which is still to come."),
            "The right time on this machine, and a new snapshot.",
        )
        .by_the_clock();
    }
    if age.as_hours() >= SNAPSHOT_HOURS {
        return Answer::failed(format!(
            "The tenant was read {} hours ago; after {SNAPSHOT_HOURS} hours it may be another one.",
            age.as_hours()
        ));
    }
    Answer::passed("The tenant was read within the last day.")
}

/// Tasks whose word is about a list, with the criteria that show the list.
const LISTS: [(&str, &[&str]); 3] = [
    ("L-15", &["G6.lockout"]),
    ("P-07", &["G1.findings", "G5.findings", "G6.findings"]),
    ("R-18", &["G3.contact", "G4.names", "G5.interrupted"]),
];

/// Whom or what the gates list for a task, as they were asked last.
pub(in crate::engine) fn listed(state: &State, task: &str) -> Vec<String> {
    let lists = LISTS.iter().find(|(id, _)| *id == task).map_or(&[][..], |(_, lists)| lists);
    let criteria = state.gates.values().flat_map(|gate| &gate.criteria);
    let names = criteria.filter(|it| lists.contains(&it.id.as_str())).flat_map(|it| &it.about);
    let names: BTreeSet<&String> = names.collect();
    names.into_iter().cloned().collect()
}

/// A person's word for all of these: it was given when they were listed. Else what is to be done.
pub(super) fn word_about<'q>(
    question: &Question<'q>,
    task: &str,
    names: &[String],
) -> Result<&'q Attestation, Vec<String>> {
    let Some(word) = question.state.attestations.get(task) else { return Err(Vec::new()) };
    let about: BTreeSet<&String> = word.about.iter().collect();
    let newer: Vec<&str> =
        names.iter().filter(|it| !about.contains(it)).map(String::as_str).collect();
    let Some(first) = newer.first() else { return Ok(word) };
    let who = match newer.len() {
        1 => format!("`{first}` was"),
        some => format!("{some} that are on it now were, first `{first}`,"),
    };
    Err(vec![format!(
        "{who} not on the list when {} gave their word of {task}: look at it again, then {}.",
        word.by,
        attest(task)
    )])
}

/// The command by which a person states something of a task.
pub(super) fn attest(task: &str) -> String {
    format!("`lockstep attest {task} --by WHO --note TEXT`")
}

/// A person's word for a task.
pub(super) fn word(question: &Question<'_>, task: &str, what: &str) -> Answer {
    match question.state.attestations.get(task) {
        Some(it) => {
            let shown = it.file.as_ref().map(|file| format!(" ({})", file.name));
            Answer::passed(format!("{} states it: {}{}", it.by, it.note, shown.unwrap_or_default()))
                .stated(it)
        }
        None => Answer::inconclusive(format!("Nobody has stated that {what}."), attest(task)),
    }
}
