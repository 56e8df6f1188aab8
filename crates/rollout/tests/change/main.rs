//! Change sets: typed changes, the world after, what moved, guards, drafts, words.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[expect(dead_code, reason = "the tests of proposals use what these do not")]
#[path = "../proposed/world.rs"]
mod world;

mod apply;
mod digest;
mod drafts;
mod guards;
mod inverse;
mod moved;
mod names;
mod tenant;
mod text;
