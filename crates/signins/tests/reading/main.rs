//! Reading sign-in logs, from outside the crate.

mod legacy;
mod recognition;
mod reference;
mod support;
mod window;
