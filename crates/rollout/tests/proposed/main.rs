//! The tenant under policies that are proposed, and the lockout proof.
#![expect(clippy::unwrap_used, reason = "tests")]

mod proposal;
mod tenant;
mod world;
