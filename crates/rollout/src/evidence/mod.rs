//! Sign-ins as evidence: the rows that gates, the watch and the validation rest on.
//!
//! A [`Measurement`](crate::Measurement) counts; evidence shows. [`Ask`] says which rows are wanted,
//! the `signins` crate gathers them ([`SignIns`]), and what they prove is decided here.

mod break_glass;
mod break_glass_rows;
mod canary;
mod device_class;
mod pilot;
mod reach;
mod report_only;
mod review;
mod row;
mod standing;
mod validation;
mod watch;

pub use break_glass::{
    BreakGlassProof, BreakGlassQuestion, KnownPolicy, OneBreakGlass, Shown, WrongPassword,
    break_glass_proof,
};
pub use break_glass_rows::{BreakGlassSignIn, BreakGlassWatch, break_glass_watch};
pub use canary::{Canary, CanaryQuestion, canary};
pub use device_class::{DeviceClass, classes_of};
pub use pilot::{
    ClassCover, FreshChallenges, PilotCell, PilotMatrix, PilotQuestion, Proof, Tester, pilot_matrix,
};
pub use reach::Reach;
pub use report_only::{ReportOnly, ReportOnlyQuestion, WouldBe, report_only};
pub use review::{
    FailureClass, Review, ReviewQuestion, Reviewed, SuccessClass, review, row_success_class,
};
pub use row::{AppliedPolicy, AuthenticationStep, RowResult, SecondFactor, SignInRow, key_of};
pub use standing::Standing;
pub use validation::{
    CriterionMet, ReviewedSpan, Validation, ValidationQuestion, enforced_at, validation,
    validation_ask,
};
pub(crate) use validation::{UNDONE, asking};
pub use watch::{OnlyFailures, Ring, RingWatch, Watch, WatchQuestion, watch};
pub(crate) use watch::{everybody, programs};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::account::Account;

/// Which rows are wanted. A row is gathered when it is in the time and any of the rest asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Earliest time of a row. `None`: from the beginning of the log.
    pub from: Option<Timestamp>,
    /// Latest time of a row. `None`: to the end of the log.
    pub to: Option<Timestamp>,
    /// Every row of these accounts, by object id or user principal name in lower case.
    pub accounts: BTreeSet<String>,
    /// What became of these policies, by policy id in lower case: counted for each account and
    /// result in [`SignIns::results`]. They may be as many as sign-ins and are not kept as rows; the
    /// rows of pilot members are, when `accounts` names them.
    pub policies: BTreeSet<String>,
    /// Every failure of a user since then, interrupts apart. Guesses at passwords may be as many as an
    /// attacker likes: they are counted in [`SignIns::guesses`]. When users got in is told by
    /// [`SignIns::successes`], and who was asked for something and did not go on by
    /// [`SignIns::given_up`].
    pub failures_since: Option<Timestamp>,
    /// Every success of a user since then that no second factor is told of. Those of which the row
    /// alone says that nothing is wrong ([`row_success_class`]) are counted in [`SignIns::explained`],
    /// with the first of each kind as rows.
    pub single_factor_since: Option<Timestamp>,
    /// Every success of legacy authentication since then.
    pub legacy_since: Option<Timestamp>,
    /// Accounts, by object id or user principal name in lower case, of which the first few sign-ins are
    /// wanted that passed one of `policies` by a fresh second factor since `fresh_since`.
    pub fresh_of: BTreeSet<String>,
    /// Since when that is wanted.
    pub fresh_since: Option<Timestamp>,
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
    /// Hours (UTC) with a sign-in of a user between `from` and `to`: bit *h* of a date for hour *h*.
    pub hours: BTreeMap<Date, u32>,
    /// What became of the policies asked for, for each policy, account and result other than *not
    /// applied*, in order.
    pub results: Vec<PolicyResults>,
    /// Dates (UTC) on which the log tells anything of a policy asked for, *not applied* too, by
    /// policy id.
    pub policy_days: BTreeMap<String, BTreeSet<Date>>,
    /// User sign-ins between `from` and `to` that tell of no policy at all. A log read without
    /// permission to see policies tells none.
    pub without_policies: u64,
    /// When accounts got in since `failures_since`, by [`key_of`] the account: each moment rounded
    /// down to the minute. Only accounts with a failure among `rows`.
    pub successes: BTreeMap<String, BTreeSet<Timestamp>>,
    /// Guesses at passwords since `failures_since`: failures with a wrong name or password, a locked
    /// or a disabled account, for each account, code and address, in order.
    pub guesses: Vec<CountedFailures>,
    /// Guesses that found no room in `guesses`. They never come from a policy of a rollout.
    pub guesses_left_out: u64,
    /// Interrupts since `failures_since` by which somebody was asked for a second factor or for
    /// registration, and after which the account did not get in: for each account and code, in order.
    pub given_up: Vec<CountedFailures>,
    /// All other interrupts since `failures_since`: steps of a longer conversation.
    pub interrupts: u64,
    /// Successes with one factor since `single_factor_since` that the row alone explains, by what
    /// explains them.
    pub explained: BTreeMap<SuccessClass, u64>,
}

/// What became of one policy for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyResults {
    /// Policy id, in lower case.
    pub policy: String,
    /// Its name, where told.
    pub name: Option<String>,
    /// Who.
    pub account: Account,
    /// `success`, `failure`, `reportOnlyInterrupted`, …, in the log's words.
    pub result: String,
    /// Sign-ins.
    pub sign_ins: u64,
    /// The first.
    pub first: Option<Timestamp>,
    /// The last.
    pub last: Option<Timestamp>,
}

/// Failures of one account with one code from one address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountedFailures {
    /// Who, as the log names them.
    pub account: Account,
    /// Result code.
    pub code: u32,
    /// Address. `None`: not told, or not told apart.
    pub ip_address: Option<String>,
    /// Country or region, two letters.
    pub country: Option<String>,
    /// Somebody got in from this address in the same time. `None`: not known.
    pub got_in_from_there: Option<bool>,
    /// Sign-ins.
    pub sign_ins: u64,
    /// The first.
    pub first: Option<Timestamp>,
    /// The last.
    pub last: Option<Timestamp>,
}

/// True for the codes of failures that never get as far as a policy or a second factor: a wrong name
/// or password, a locked, disabled or expired account (Microsoft Entra authentication and
/// authorization error codes).
#[must_use]
pub const fn is_guess(code: u32) -> bool {
    matches!(code, 50034 | 50053 | 50055 | 50056 | 50057 | 50126 | 50144)
}

/// True for the interrupts by which somebody is asked for a second factor or for registration.
#[must_use]
pub const fn is_asking(code: u32) -> bool {
    matches!(code, 50072 | 50074 | 50076 | 50078 | 50079 | 50158 | 50203)
}
