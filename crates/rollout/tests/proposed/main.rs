//! The tenant under policies that are proposed, and the lockout proof.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod proof;
mod proposal;
mod tenant;
mod world;
