//! The engine: what is known, what happened, what to do now.
//!
//! [`step()`] takes a [`State`] and an [`Event`] and gives the next state with [`Effect`]s. It has no
//! clock, no store and no tenant: whoever calls it reads the clock, keeps what is to be kept and carries
//! out what is to be carried out, and tells the engine what came of it.
//!
//! * [`State`] is a fold of [`Record`]s. What was kept, read again, is the same state: nothing lives in
//!   memory only.
//! * [`GateRecord`] is a gate with its [`Criterion`]s. Only [`Passed`](crate::plan::GateState::Passed)
//!   opens; no time does. A [`Waiver`] stands for a criterion that may be waived, for a while.
//! * [`Progress`] is how far a change set was carried out.

pub mod bootstrap;
mod break_glass;
mod carried;
mod circumstances;
mod days;
mod due;
mod effect;
mod event;
mod excepted;
mod exception;
mod gate;
mod gates;
mod needs;
mod record;
mod rings;
mod said;
mod seeing;
mod state;
mod step;
mod tasks;
mod tenant;
mod waiting;
mod wanted;

pub use break_glass::{break_glass_accounts, prove_break_glass, watch_break_glass};
pub use circumstances::circumstances;
pub use due::{DueSet, NotDue, due_sets};
pub use effect::{Effect, Refusal};
pub use event::{Event, Seen};
pub use exception::{Exception, ExceptionPath, ExceptionPhase, Renewal, SignedDecision};
pub use gate::{Criterion, GateId, GateRecord};
pub use needs::gates as gates_needed;
pub use record::{
    AttachedFile, Attestation, Closed, Confirmation, DoneChange, GapTimes, Issue, Phase,
    PlannedTest, Progress, Record, Schedule, Sent, Sheet, Waived, Waiver,
};
pub(crate) use rings::{NextRing, next_ring};
pub use state::State;
pub use step::step;
pub use tasks::{Standing, TaskNow, tasks};
pub use waiting::{Waiting, step_now, waiting};
pub use wanted::rows_wanted;
