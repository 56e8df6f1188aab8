//! Who each account is, what it has registered, what still signs in by legacy authentication, and
//! what no file told.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod exceptions;
mod facts;
mod gaps;
mod legacy;
mod properties;
mod register;
mod registration;
mod tenant;
