//! Sign-ins as evidence: the rows that gates, the watch and the validation rest on.
//!
//! A [`Measurement`](crate::Measurement) counts; evidence shows. [`Ask`] says which rows are wanted,
//! the `signins` crate gathers them ([`SignIns`]), and what they prove is decided here.

mod row;

pub use row::{AppliedPolicy, AuthenticationStep, SignInRow};

use std::collections::BTreeSet;

use jiff::Timestamp;

/// Which rows are wanted. A row is gathered when it is in the time and any of the rest asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Earliest time of a row. `None`: from the beginning of the log.
    pub from: Option<Timestamp>,
    /// Latest time of a row. `None`: to the end of the log.
    pub to: Option<Timestamp>,
    /// Every row of these accounts, by object id or user principal name in lower case.
    pub accounts: BTreeSet<String>,
    /// Every row that tells a result of these policies other than *not applied*, by policy id in
    /// lower case. In Report-only, successes are as many as sign-ins: they are counted, not kept.
    pub policies: BTreeSet<String>,
    /// Every failure of a user since then.
    pub failures_since: Option<Timestamp>,
    /// Every success of a user since then that no second factor is told of.
    pub single_factor_since: Option<Timestamp>,
    /// Every success of legacy authentication since then.
    pub legacy_since: Option<Timestamp>,
    /// Most rows that are kept. What is more is counted in [`SignIns::left_out`].
    pub most_rows: usize,
}

/// The rows that were found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SignIns {
    /// What was asked.
    pub asked: Ask,
    /// Each sign-in once, by time, then id.
    pub rows: Vec<SignInRow>,
    /// Wanted rows that are not in `rows`, because there were more than `most_rows`. Not 0: nothing
    /// may be concluded from the absence of a row.
    pub left_out: u64,
    /// The newest sign-in of the log, wanted or not. `None`: the log is empty.
    pub newest: Option<Timestamp>,
    /// Oldest sign-in of the log.
    pub oldest: Option<Timestamp>,
    /// Records that could not be read. Not 0: nothing may be concluded from the absence of a row.
    pub unreadable: u64,
    /// Interactive sign-ins are in the log. `None`: it cannot tell.
    pub interactive: Option<bool>,
    /// Non-interactive sign-ins are in the log. `None`: it cannot tell.
    pub non_interactive: Option<bool>,
}
