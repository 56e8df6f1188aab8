//! The verbs of the operator that remember something and show what is due, run whole in this
//! process.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod attest;
mod issue;
mod next;
mod readme;
mod schedule;
mod snapshot;
mod status;
mod waive;
mod workspace;
