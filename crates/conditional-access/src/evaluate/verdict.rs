//! All policies together: block first, then whatever is unmet.

use std::collections::BTreeSet;

use super::all_facts;
use super::applying::{Part, Standing};
use super::possible::{Level, Possible};
use crate::outcome::{
    Cause, Control, Experience, Fact, Outcome, PolicyResult, RowStatus, Verdict, Word,
};

/// What all policies together come to.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) verdict: Verdict,
    pub(super) outstanding: BTreeSet<Control>,
    by: BTreeSet<Cause>,
    pub(super) unknown: BTreeSet<Fact>,
}

/// Every policy that applies must be satisfied, each by its own controls; there is no order among
/// them. What is possible for each gives a lowest and a highest verdict; where these differ, the
/// verdict is unknown.
pub(super) fn of(standing: &Standing<'_>) -> Decided {
    if standing.is_contradiction {
        return Decided {
            verdict: Verdict::Unknown,
            outstanding: BTreeSet::new(),
            by: [Cause::SecurityDefaults].into(),
            unknown: [Fact::SecurityDefaults].into(),
        };
    }
    let possible = || standing.parts().filter_map(|part| Some((part, part.possible?)));
    let lowest = possible().map(|(_, it)| it.lowest()).max().unwrap_or(Level::Ok);
    let highest = possible().map(|(_, it)| it.highest()).max().unwrap_or(Level::Ok);
    if lowest != highest {
        return undecided(standing, lowest);
    }
    let verdict = match lowest {
        Level::Ok => Verdict::Allow,
        Level::Require => Verdict::Require,
        Level::Register => Verdict::Register,
        Level::Block => Verdict::Block,
    };
    let decides = |(part, possible): (&Part<'_>, Possible)| {
        let counts = match lowest {
            Level::Ok => false,
            Level::Require | Level::Register => possible.lowest() > Level::Ok,
            Level::Block => possible == Possible::BLOCK,
        };
        (counts && possible.is_definite()).then(|| (part.cause.clone(), part.outstanding.clone()))
    };
    let (by, outstanding): (BTreeSet<_>, Vec<_>) = possible().filter_map(decides).unzip();
    Decided {
        verdict,
        outstanding: outstanding.into_iter().flatten().collect(),
        by,
        unknown: BTreeSet::new(),
    }
}

fn undecided(standing: &Standing<'_>, lowest: Level) -> Decided {
    let doubtful: Vec<&Part<'_>> = standing
        .parts()
        .filter(|part| part.possible.is_some_and(|it| !it.is_definite() && it.highest() > lowest))
        .collect();
    Decided {
        verdict: Verdict::Unknown,
        outstanding: BTreeSet::new(),
        by: doubtful.iter().map(|part| part.cause.clone()).collect(),
        unknown: all_facts(doubtful.into_iter()),
    }
}

/// What a sign-in log says.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) per_policy: Vec<PolicyResult>,
    pub(super) status: RowStatus,
}

impl Rows {
    pub(super) fn of(standing: &Standing<'_>) -> Self {
        // Policies that are off or report-only have no outcome that counts.
        let enforced = || standing.policies.iter().filter_map(|it| Some((it.word(), it.possible?)));
        let any = |word: Word| enforced().any(|(it, _)| it == word);
        let may_fail =
            enforced().any(|(it, possible)| it == Word::Unknown && possible.highest() > Level::Ok);
        let status = if any(Word::Failure) {
            RowStatus::Failure
        } else if may_fail {
            RowStatus::Unknown
        } else if any(Word::Success) {
            RowStatus::Success
        } else if any(Word::Unknown) {
            RowStatus::Unknown
        } else {
            RowStatus::NotApplied
        };
        Self { per_policy: standing.policies.iter().map(Part::result).collect(), status }
    }
}

impl Decided {
    pub(super) fn outcome(self, rows: Rows, experience: Experience) -> Outcome {
        let Rows { per_policy, status } = rows;
        Outcome {
            status,
            verdict: self.verdict,
            outstanding: self.outstanding,
            by: self.by,
            per_policy,
            unknown: self.unknown,
            experience,
        }
    }
}
