//! The engine against an evaluator written from the rules alone.
//!
//! `evaluator`, `conditions` and `controls` share no code with the engine: they are plain, slow and
//! follow the numbered rules one by one. Where they and the engine differ, one of them misread a
//! rule.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod address;
mod agreement;
mod assigned;
mod case;
mod conditions;
mod controls;
mod device_filter;
mod draw;
mod draw_policy;
mod draw_scene;
mod evaluator;
mod kept;
mod readings;
mod samples;
mod targets;
mod three;
mod yaml;
