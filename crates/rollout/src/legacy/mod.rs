//! The legacy-authentication audit (S4, S5): document `lockstep.legacy-audit/1`.

mod audit;
mod causes;
mod client;
mod remedies;
mod subject;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

pub use self::audit::audit;
use crate::account::Account;
use crate::gaps::Gap;
use crate::measurement::{Coverage, DayCount, Window};

/// The legacy-authentication audit of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LegacyAudit {
    /// Always `lockstep.legacy-audit/1`.
    pub schema: &'static str,
    /// When the audit was made.
    pub generated_at: Timestamp,
    /// The window.
    pub window: Window,
    /// What was read.
    pub coverage: Coverage,
    /// Totals over the window.
    pub totals: LegacyTotals,
    /// Every user × client app × device with at least one success, by successes, then user.
    pub dependencies: Vec<Dependency>,
    /// Legacy sign-ins per UTC date of the window, by date; dates without a record are absent.
    pub by_day: Vec<LegacyDay>,
    /// What the files could not show.
    pub gaps: Vec<Gap>,
}

/// One UTC date of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LegacyDay {
    /// The date.
    pub date: Date,
    /// Its counts.
    #[serde(flatten)]
    pub count: DayCount,
}

/// Totals of the audit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LegacyTotals {
    /// Distinct user sign-ins in the window, no workload identities.
    pub sign_ins: u64,
    /// Legacy successes.
    pub legacy_successes: u64,
    /// Legacy failures: noise, mostly password spray.
    pub legacy_failures: u64,
    /// Legacy sign-ins whose result no field told.
    pub legacy_unknown: u64,
    /// Dependencies.
    pub dependencies: u64,
    /// Users with a dependency.
    pub users: u64,
}

/// One legacy-authentication use that works today and will not work under MFA.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dependency {
    /// Whose.
    #[serde(flatten)]
    pub account: Account,
    /// Client app, in the log's words and canonical case.
    pub client_app: Option<String>,
    /// `ropc`, `none`, …; `null` where the log carries no protocol.
    pub protocol: Option<String>,
    /// The app signed in to.
    pub app: Option<String>,
    /// Device name where known, else its id, else system and browser, else `null`.
    pub device: Option<String>,
    /// Successes.
    pub succeeded: u64,
    /// Failures on the same key.
    pub failed: u64,
    /// First success.
    pub first_seen: Option<Timestamp>,
    /// Last success.
    pub last_seen: Option<Timestamp>,
    /// Distinct addresses of the successes.
    pub ip_addresses: u64,
    /// Check of the catalogue this belongs to (`LA-01`, `NH-01`, …); `null` when the cause is
    /// unknown.
    pub finding: Option<&'static str>,
    /// What it most likely is: `printer-smtp`, `old-outlook`, …, or `unknown`.
    pub cause: &'static str,
    /// What the cause rests on, in words.
    pub evidence: Vec<String>,
    /// What to do; for an unknown cause, what to look at.
    pub remedy: String,
    /// Who answers for it, as recorded in `lockstep.toml`.
    pub owner: Option<String>,
    /// What was decided, as recorded in `lockstep.toml`.
    pub decision: Option<String>,
    /// When the decision is due.
    pub due: Option<Date>,
}
