//! The operator against a simulated tenant: scripts whose output people review, and a simulation
//! that draws its own.
//!
//! Each file of `tests/scripts` is a script, and the file beside it what came of it. With
//! `LOCKSTEP_SCRIPTS=update` outputs are written instead of compared; read them before you keep them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod act;
mod break_glass;
mod coverage;
mod drawn;
mod judged;
mod noticed;
mod reset;
mod script;
mod simulation;
mod tenant;
mod told;
mod transcript;

/// A test for each script, and one that no script is forgotten.
macro_rules! scripts {
    ($($name:ident),* $(,)?) => {
        $(#[test] fn $name() { script::check(stringify!($name)); })*

        #[test]
        fn no_script_is_forgotten() {
            script::complete(&[$(stringify!($name)),*]);
        }
    };
}

scripts![
    exceptions,
    messages,
    the_language,
    the_happy_way,
    throttled_graph,
    break_glass_forgotten,
    registration_stuck,
    kill_during_the_cut_over,
    somebody_else_edits,
    rolled_back,
    rings,
    security_defaults_on,
];
