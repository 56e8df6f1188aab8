//! Reading sign-in logs, from outside the crate.

mod recognition;
mod reference;
mod support;
