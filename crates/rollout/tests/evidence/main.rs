//! What rows of the sign-in log prove, and what they leave open.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::type_complexity,
    reason = "tests"
)]

mod break_glass;
mod canary;
mod pilot;
mod properties;
mod report_only;
mod review;
mod row;
mod validation;
mod watch;
mod world;
