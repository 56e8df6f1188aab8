//! lockstep's client and the simulated tenant together, in one process, under a clock that stands
//! still until somebody waits.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod deeds;
mod faults;
mod figures;
mod many;
mod secrets;
mod tenant;
mod writes;
