//! Gates as they were answered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::GateState;
use crate::preflight::Stage;

/// A gate (`domain`: G1 closes Prepare, …, G8 closes Validate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum GateId {
    /// Prepare is done.
    G1,
    /// Is a reminder needed?
    G2,
    /// Who is contacted in person?
    G3,
    /// Enough people are registered.
    G4,
    /// Report-only has shown what the policies would do.
    G5,
    /// The pilot proved the policy.
    G6,
    /// The stop rule stayed silent.
    G7,
    /// The three success criteria are met.
    G8,
}

impl GateId {
    /// Every gate, in order.
    pub const ALL: [Self; 8] =
        [Self::G1, Self::G2, Self::G3, Self::G4, Self::G5, Self::G6, Self::G7, Self::G8];

    /// `G1` ….
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::G1 => "G1",
            Self::G2 => "G2",
            Self::G3 => "G3",
            Self::G4 => "G4",
            Self::G5 => "G5",
            Self::G6 => "G6",
            Self::G7 => "G7",
            Self::G8 => "G8",
        }
    }

    /// The gate of a word, in any case.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word().eq_ignore_ascii_case(word))
    }

    /// The step it belongs to.
    #[must_use]
    pub const fn step(self) -> Stage {
        match self {
            Self::G1 => Stage::Prepare,
            Self::G2 | Self::G3 | Self::G4 => Stage::Register,
            Self::G5 | Self::G6 => Stage::Pilot,
            Self::G7 => Stage::Enforce,
            Self::G8 => Stage::Validate,
        }
    }

    /// Whether the next step waits for it. G2 and G3 only say what is due.
    #[must_use]
    pub const fn holds(self) -> bool {
        !matches!(self, Self::G2 | Self::G3)
    }
}

/// One thing a gate asks for, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Stable id: the gate and a word, `G1.legacy-owners`.
    pub id: String,
    /// What must be true, in words.
    pub asks: String,
    /// How it stands, before any waiver.
    pub verdict: GateState,
    /// Why, one sentence with this tenant's numbers.
    pub why: String,
    /// What would decide it, for what is inconclusive or could not be measured.
    pub missing: Vec<String>,
    /// The rows it rests on, in words; at most fifty, then a count.
    pub rows: Vec<String>,
    /// Whom or what a person's word for it would be about: every one of them. An attestation keeps
    /// them, and stands for no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// Who stated what it rests on, where data does not show all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stated_by: Vec<String>,
    /// A person may waive it. The lockout proof, break-glass and the age of the snapshot: never.
    pub waivable: bool,
    /// The waiver that stands for it, by its id. It never changes the verdict.
    pub waived_by: Option<String>,
}

impl Criterion {
    /// Whether the gate may pass in spite of, or because of, it.
    #[must_use]
    pub fn opens(&self) -> bool {
        self.verdict == GateState::Passed || (self.waivable && self.waived_by.is_some())
    }
}

/// A gate as it was answered last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateRecord {
    /// Which.
    pub gate: GateId,
    /// Passed only if every criterion opens.
    pub verdict: GateState,
    /// One sentence why.
    pub why: String,
    /// What it asks for, each as answered.
    pub criteria: Vec<Criterion>,
    /// SHA-256 of what the criteria rest on. A passed gate is asked again only when this changes.
    pub evidence: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The moment its data speaks of.
    pub as_of: Timestamp,
    /// Since when it is passed, without a break.
    pub passed_at: Option<Timestamp>,
    /// The time zone of the people, in which the last day of a waiver ends.
    pub time_zone: String,
}
