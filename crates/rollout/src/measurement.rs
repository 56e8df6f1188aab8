//! What one pass over sign-in logs yields.
//!
//! [`Measurement`] is plain data: the `signins` crate fills it, every decision here reads it. It
//! speaks of distinct records inside the window; what was read outside of it is only counted in
//! [`Coverage`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::account::Account;

mod activity;
mod replay;
mod text_set;

pub use activity::{Activity, AppUse, ConversationCounts, Conversations, PersonActivity};
pub use replay::{
    LoggedFactors, LoggedResult, Replay, ReplayAccount, ReplayClient, ReplayDevice, ReplayPlace,
    ReplayRow, ReplayTarget,
};
pub use text_set::TextSet;

/// The result of one reading of the sign-in logs of a tenant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measurement {
    /// The window asked for and covered.
    pub window: Window,
    /// What was read, and what the files could not show.
    pub coverage: Coverage,
    /// Totals over the window.
    pub totals: Totals,
    /// Every user × client app × device that used legacy authentication, failures too.
    pub legacy: Vec<LegacyUse>,
    /// Sign-ins per UTC date of the window.
    pub by_day: BTreeMap<Date, DayCount>,
    /// Sign-ins of workload identities (service principals and managed identities).
    pub workload_sign_ins: u64,
    /// What was done beyond legacy authentication. `None`: it was not measured, which says nothing
    /// about what the log holds.
    pub activity: Option<Activity>,
    /// What policies that do not exist yet can be tried on. `None`: it was not gathered.
    pub replay: Option<Replay>,
}

/// The window of a measurement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Newest record minus the days asked. `None` without any record.
    pub from: Option<Timestamp>,
    /// Newest record.
    pub to: Option<Timestamp>,
    /// Days asked.
    pub days_asked: u32,
    /// UTC dates with at least one record, at most `days_asked`.
    pub days_covered: u32,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Readable sign-in records, copies included.
    pub records_read: u64,
    /// Sign-in records that could not be read.
    pub records_unreadable: u64,
    /// Copies of a record already counted.
    pub duplicates: u64,
    /// Records older than the window: read, not counted.
    pub older_than_window: u64,
    /// Interactive sign-ins are in the files. `None`: the source cannot tell.
    pub interactive: Option<bool>,
    /// Non-interactive user sign-ins are in the files. `None`: the source cannot tell.
    pub non_interactive: Option<bool>,
    /// True only if every user sign-in shows its authentication protocol.
    pub authentication_protocol: bool,
    /// True only if every user sign-in shows what authentication was required.
    pub authentication_requirement: bool,
    /// True only if every user sign-in shows its user agent.
    pub user_agent: bool,
    /// Oldest record read, in or out of the window.
    pub oldest: Option<Timestamp>,
    /// Sign-ins of the window that some figure does not hold, because the log names more distinct
    /// users, days, devices or texts than are kept (at least so many; which ones depends on the
    /// order of reading). 0: every figure holds every sign-in.
    pub left_out: u64,
}

/// Totals over the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Distinct user sign-ins, no workload identities.
    pub sign_ins: u64,
    /// Legacy sign-ins that succeeded.
    pub legacy_successes: u64,
    /// Legacy sign-ins that failed, interrupts included.
    pub legacy_failures: u64,
    /// Legacy sign-ins whose result no field told.
    pub legacy_unknown: u64,
}

/// How many sign-ins succeeded, failed, or did not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Outcomes {
    /// Result code 0.
    pub succeeded: u64,
    /// Any other code that is no interrupt.
    pub failed: u64,
    /// Interrupts: a step of a longer conversation, not a failure.
    pub interrupted: u64,
    /// No result told.
    pub unknown: u64,
}

/// Counts of one UTC date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DayCount {
    /// User sign-ins.
    pub sign_ins: u64,
    /// Legacy successes among them.
    pub legacy_successes: u64,
    /// Legacy failures among them.
    pub legacy_failures: u64,
}

/// One user × client app × device with legacy authentication.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LegacyUse {
    /// Whose sign-in, as the log names them.
    pub account: Account,
    /// Client app, in the log's words and canonical case. `None`: the log has no such field.
    pub client_app: Option<String>,
    /// `authenticationProtocol`, `ropc` before any other. `None`: the log carries no protocol.
    pub protocol: Option<String>,
    /// The app signed in to most often.
    pub app: Option<String>,
    /// Id of that app.
    pub app_id: Option<String>,
    /// Device: name where known, else id, else system and browser.
    pub device: Option<String>,
    /// Id of that device, where told. Devices of one name are still two.
    pub device_id: Option<String>,
    /// Operating system, where told.
    pub operating_system: Option<String>,
    /// Trust type, where told (`Azure AD joined`, …).
    pub trust_type: Option<String>,
    /// Distinct user agents of the successes, at most eight, sorted.
    pub user_agents: BTreeSet<String>,
    /// Successes.
    pub succeeded: u64,
    /// Failures, interrupts included.
    pub failed: u64,
    /// First success.
    pub first_seen: Option<Timestamp>,
    /// Last success.
    pub last_seen: Option<Timestamp>,
    /// Distinct addresses of the successes.
    pub ip_addresses: u64,
    /// UTC dates with a success.
    pub days: BTreeSet<Date>,
    /// Hours of the day (UTC) with a success: bit *h* for hour *h*.
    pub hours: u32,
}
