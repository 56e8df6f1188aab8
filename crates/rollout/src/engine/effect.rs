//! What to do.

use super::record::Record;
use crate::account::Account;
use crate::change::guard::GuardResult;

/// What to do now, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Keep this. All of one step are kept together, before anything else of the step is done.
    Keep(Record),
    /// Write this into the journal as a note.
    Note(String),
    /// Carry out one change: intent into the journal, the call, its outcome into the journal.
    CarryOut {
        /// Id of the set.
        set: String,
        /// Place of the change.
        place: usize,
        /// An earlier run may have sent it.
        unsettled: bool,
    },
    /// Read back what the set has changed.
    ReadBack {
        /// Id of the set.
        set: String,
    },
    /// Do nothing of what was asked, and say why.
    Refuse(Refusal),
    /// Tell somebody: a reminder or an alarm, a sentence.
    Tell {
        /// Whom, by role or name.
        to: String,
        /// What.
        what: String,
    },
    /// The exception of this subject is over: propose the change set that ends it.
    EndException {
        /// Id of the exception.
        exception: String,
        /// Whose.
        subject: Account,
    },
}

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Guards refuse, and nobody waived them.
    #[error("{} against it", count(guards.len()))]
    Guards {
        /// Those that refuse.
        guards: Vec<GuardResult>,
    },
    /// A gate is closed.
    #[error("gate {} is not passed: {why}", gate.word())]
    Gate {
        /// The gate.
        gate: super::GateId,
        /// Why.
        why: String,
    },
    /// The set is not confirmed by the right word.
    #[error("the change set was not confirmed")]
    NotConfirmed,
    /// The set is severe, and nobody read the domain that confirms it.
    #[error(
        "nobody read the primary domain of the tenant, by which `{title}` is confirmed: take a new \
         snapshot"
    )]
    NoDomain {
        /// Heading of the set.
        title: String,
    },
    /// Another set is under way.
    #[error("the change set `{title}` is under way")]
    UnderWay {
        /// Id of the other set.
        set: String,
        /// Its heading.
        title: String,
    },
    /// The set is not in a phase for that.
    #[error("the change set `{set}` {why}")]
    WrongPhase {
        /// Id of the set.
        set: String,
        /// Why not.
        why: String,
    },
    /// What is asked for cannot be waived.
    #[error("{what} cannot be waived by anybody")]
    NotWaivable {
        /// What.
        what: String,
    },
    /// What was said is not enough.
    #[error("{why}")]
    NotEnough {
        /// What is missing, a sentence.
        why: String,
    },
}

fn count(guards: usize) -> String {
    if guards == 1 { "1 guard is".to_owned() } else { format!("{guards} guards are") }
}
