//! Tests of the whole: worlds in, outcomes out.

mod caught;
mod compared;
mod figures;
mod outcomes;
mod properties;
mod world;
