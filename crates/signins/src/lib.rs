//! Sign-in logs of every shape to one measurement.
//!
//! [`Reader`] recognises sign-ins by their content (Microsoft Graph, diagnostic settings, Log
//! Analytics tables, downloads of the portal), brings each into one form, [`SignIn`], and measures
//! them. What a log does not tell stays unknown.

pub mod cache;
mod census;
mod columns;
mod content;
mod factors;
mod field;
mod held;
mod json;
mod keys;
mod legacy_client;
mod measures;
mod moment;
mod outcome;
mod places;
mod plain_part;
mod portal_file;
mod reader;
mod recognise;
mod rows;
mod scan;
mod sign_in;
mod told;
mod words;
mod worker;

pub use factors::{Factors, factors};
pub use field::{Field, Texts};
pub use legacy_client::{is_legacy, is_ropc};
pub use measures::{MOST_ROWS, Scope, measure};
pub use outcome::{Outcome, is_challenge_failure, is_interrupt};
pub use places::Places;
pub use reader::{Question, Reader, Tally};
#[doc(hidden)]
pub use scan::scanner_agrees;
pub use sign_in::{AppliedPolicy, Kind, Row, SignIn, Step};
pub use worker::{PartRead, Worker};
