//! lockstep's client and the simulated tenant together, in one process, under a clock that stands
//! still until somebody waits.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say how many requests a tenant takes"
)]

mod deeds;
mod faults;
mod figures;
mod many;
mod secrets;
mod tenant;
mod writes;
