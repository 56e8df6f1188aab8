//! The contract of everything that is not a sign-in log: files in, documents out, field by field.

mod exceptions;
mod output;
mod plan;
mod preflight;
mod registration;
mod samples;
mod shapes;
pub(crate) mod world;
