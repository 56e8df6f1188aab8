//! Reading sign-in logs, from outside the crate.

mod legacy;
mod people;
mod recognition;
mod reference;
mod samples;
mod support;
mod window;
