//! `lockstep waive`

use clap::Args;
use jiff::civil::Date;
use rollout::change::guard::{Guard, Unwaivable, Waivable};
use rollout::engine::{Event, GateId, Refusal, State, Waived, Waiver};
use serde::Serialize;

use crate::cli::said;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, guard_name, refusal, refused};
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;
use crate::{deciding, words};

/// Take responsibility for what a gate or guard holds against, until a date
///
/// A waiver never changes what was measured: it stands beside it with a name, a reason and an end,
/// and is shown until then. The lockout proof, break-glass and the age of the snapshot can be waived
/// by nobody: exit 6.
#[derive(Debug, Args)]
pub(crate) struct Waive {
    /// A gate (G4), one thing it asks for (G1.legacy-owners), or a guard (good-day)
    #[arg(value_name = "GATE")]
    what: String,
    /// Who takes responsibility: a name, and a role
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Last day on which it holds, as YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    until: Date,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(flatten)]
    waiver: &'a Waiver,
}

/// What a word names.
enum Named {
    Waivable(Waived),
    /// A guard that nobody can waive.
    Unwaivable(String),
}

impl Waive {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::of_workspace(settings)?;
        let (by, reason) = (said::name(&self.by)?, said::text("--reason", &self.reason)?);
        let today = deciding::today(&place.rollout, settings.now);
        let until = said::not_past("--until", self.until, today)?;
        let mut operator = Operator::open(&place, settings)?;
        let what = match named(&self.what, &operator.state)? {
            Named::Waivable(what) => what,
            Named::Unwaivable(what) => return Err(refused(&Refusal::NotWaivable { what })),
        };
        let now = settings.now;
        let waiver = |id| Waiver { id, what: what.clone(), by: by.clone(), reason, at: now, until };
        let mut kept = None;
        let left = operator.step_from(
            |state| {
                let waiver = waiver(said::next_id('W', state.waivers.keys()));
                kept = Some(waiver.clone());
                Event::Waived(waiver)
            },
            now,
        )?;
        if let Some(refusal) = refusal(&left) {
            return Err(refused(refusal));
        }
        let waiver = kept.ok_or_else(|| CommandError::wrong_input("nothing was waived"))?;
        let document = Document { schema: "lockstep.waiver/1", waiver: &waiver };
        Outcome::new(settings, ExitStatus::Done, &document, || {
            let mut page = Page::new(settings.width, settings.color);
            page.heading(&format!("{}: {} is waived", waiver.id, words_of(&waiver.what)));
            page.line(&format!("{}: {}", waiver.by, waiver.reason));
            page.line(&format!(
                "It holds until {}. What was measured stays as it is, and is shown beside it.",
                words::date(waiver.until)
            ));
            page.next(&place.command("status"));
            page
        })
    }
}

/// What is waived, as it is said on the command line.
pub(super) fn words_of(what: &Waived) -> String {
    match what {
        Waived::Gate(gate) => format!("gate {}", gate.word()),
        Waived::Criterion(id) => id.clone(),
        Waived::Guard(guard) => format!("guard {}", guard_name(Guard::Waivable(*guard))),
    }
}

const WAIVABLE: [Waivable; 4] =
    [Waivable::NoGap, Waivable::OneRing, Waivable::GoodDay, Waivable::ServiceHealth];

const UNWAIVABLE: [Unwaivable; 7] = [
    Unwaivable::SnapshotFresh,
    Unwaivable::BeforeSeen,
    Unwaivable::LockoutProof,
    Unwaivable::BreakGlassExcluded,
    Unwaivable::BreakGlassProven,
    Unwaivable::OperatorNotBarred,
    Unwaivable::ExceptionApproved,
];

/// What a word names: a gate, a criterion of a gate that was asked, or a guard.
fn named(said: &str, state: &State) -> Result<Named, CommandError> {
    let waivable = WAIVABLE.map(|it| (guard_name(Guard::Waivable(it)), it));
    let unwaivable = UNWAIVABLE.map(|it| guard_name(Guard::Unwaivable(it)));
    let gates = GateId::ALL.map(GateId::word);
    let criteria = state.gates.values().flat_map(|it| &it.criteria).map(|it| it.id.as_str());
    let known = gates
        .into_iter()
        .chain(criteria)
        .chain(waivable.iter().map(|(word, _)| word.as_str()))
        .chain(unwaivable.iter().map(String::as_str));
    let word = said::one_of("gate, criterion or guard", said, known).map_err(|error| {
        if state.gates.is_empty() && said.contains('.') {
            error.hint("no gate was asked yet: `lockstep status` asks them")
        } else {
            error
        }
    })?;
    if unwaivable.iter().any(|it| it == word) {
        return Ok(Named::Unwaivable(format!("guard {word}")));
    }
    if let Some((_, guard)) = waivable.iter().find(|(it, _)| it == word) {
        return Ok(Named::Waivable(Waived::Guard(*guard)));
    }
    Ok(Named::Waivable(match GateId::of_word(word) {
        Some(gate) => Waived::Gate(gate),
        None => Waived::Criterion(word.to_owned()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guard_has_a_word_of_its_own() {
        let mut words: Vec<String> =
            WAIVABLE.iter().map(|it| guard_name(Guard::Waivable(*it))).collect();
        words.extend(UNWAIVABLE.iter().map(|it| guard_name(Guard::Unwaivable(*it))));
        assert!(words.iter().all(|it| !it.is_empty()), "{words:?}");
        words.sort();
        words.dedup();
        assert_eq!(words.len(), WAIVABLE.len() + UNWAIVABLE.len());
    }
}
