//! Reading sign-in logs, from outside the crate.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "tests"
)]

mod legacy;
mod people;
mod recognition;
mod reference;
mod replay;
mod rows;
mod samples;
mod shapes;
mod support;
mod window;
