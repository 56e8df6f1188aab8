//! The engine: what events mean, what gates ask, what is due, what it waits for.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[expect(dead_code, reason = "the tests of change sets use what these do not")]
#[path = "../change/tenant.rs"]
mod tenant;
#[path = "../proposed/world.rs"]
mod world;

mod carried;
mod due;
mod excepted;
mod gates;
mod properties;
mod rings;
mod said;
mod scene;
mod waiting;
mod words;
