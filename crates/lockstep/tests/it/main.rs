//! Tests of the one binary and of the documents it writes.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod bad_input;
mod calendar;
mod command;
mod fuzz_targets;
mod markdown;
mod page;
mod sample_plan;
mod transcripts;
mod workbook;
