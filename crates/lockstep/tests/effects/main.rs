//! Change sets carried out on a simulated tenant: how each command ends, what is noticed before
//! anything is written, and what is left when lockstep is killed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "tests fail by panicking; processes that are killed run by the real clock"
)]

mod ends;
mod killed;
mod moved;
mod sets;
mod stage;
#[expect(dead_code, reason = "shared with the scripts, which use all of it")]
#[path = "../operator/tenant.rs"]
mod tenant;
#[cfg(unix)]
mod terminal;
