//! Change sets carried out on a simulated tenant: how each command ends, what is noticed before
//! anything is written, and what is left when lockstep is killed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say by which seed"
)]

mod ends;
mod killed;
mod moved;
mod sets;
mod stage;
#[expect(dead_code, reason = "shared with the scripts, which use all of it")]
#[path = "../operator/tenant.rs"]
mod tenant;
