//! Every check of the pre-flight against one tenant: fine, bad, and not told.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    unreachable_pub,
    reason = "a test may fail, and its modules share their items"
)]

mod cases;
mod catalogue;
mod policy_audit;
mod readings;
mod scale;
mod subtle;
mod verdicts;
mod world;
