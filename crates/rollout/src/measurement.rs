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
    /// What each user did, by user.
    pub people: Vec<PersonActivity>,
    /// Sign-ins per UTC date of the window.
    pub by_day: BTreeMap<Date, DayCount>,
    /// User sign-ins per client app, in the log's words; records without the field are in none.
    pub by_client_app: BTreeMap<String, Outcomes>,
    /// Sign-ins by who asked for MFA (`requirementProvider`): `user`, `multiConditionalAccess`, ….
    pub requirement_providers: BTreeMap<String, u64>,
    /// User sign-ins by result code, 0 and interrupts included. Records without a code are in none,
    /// so that the sum falls short of [`Totals::sign_ins`] where the log does not tell every code.
    pub by_code: BTreeMap<u32, u64>,
    /// Successful user sign-ins by application id and by resource id (lower case), of at most 5,000
    /// ids (those first in order). An id that is absent was not used, provided that
    /// `by_app_left_out` is 0 and every success told its ids.
    pub by_app: BTreeMap<String, AppUse>,
    /// Successes of `by_app`'s kind under ids that found no room in it.
    pub by_app_left_out: u64,
    /// Successful user sign-ins that told no application id.
    pub application_ids_untold: u64,
    /// Successful user sign-ins that told no resource id.
    pub resource_ids_untold: u64,
    /// Results of policies in the log, by policy id: then result word, then count.
    pub policy_results: BTreeMap<String, BTreeMap<String, u64>>,
    /// Sign-ins of workload identities (service principals and managed identities).
    pub workload_sign_ins: u64,
    /// Successful user sign-ins whose log says that a challenge was skipped, by the log's words
    /// (`MFA requirement skipped due to location`); an empty key counts the successes of which the
    /// log tells nothing about their steps. `None`: no success tells of its steps.
    pub skipped_challenges: Option<BTreeMap<String, u64>>,
    /// Successful user sign-ins that show a device, per `deviceDetail.trustType`; an empty key
    /// counts those whose device shows none. Successes that show nothing of a device are in none.
    /// `None`: no success shows a trust type.
    pub trust_types: Option<BTreeMap<String, u64>>,
    /// User sign-ins per `crossTenantAccessType`; those that do not tell it are in none. `None`:
    /// no sign-in tells it.
    pub cross_tenant_types: Option<BTreeMap<String, u64>>,
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

/// What one user did in the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonActivity {
    /// As the log names them.
    pub account: Account,
    /// Guest, by the log's `userType`. `None`: not told.
    pub guest: Option<bool>,
    /// Sign-ins, whatever the result.
    pub sign_ins: u64,
    /// Successful interactive sign-ins. Records that do not tell their kind count in neither.
    pub interactive_successes: u64,
    /// Successful non-interactive sign-ins.
    pub non_interactive_successes: u64,
    /// Successes that needed or carried multifactor authentication by the log.
    pub multifactor_successes: u64,
    /// Successes with one factor by the log: none more was required, or the second was skipped.
    /// Successes of which the log does not tell are in neither.
    pub single_factor_successes: u64,
    /// Successes by legacy authentication.
    pub legacy_successes: u64,
    /// Failures of the first factor or of a real challenge; interrupts are not in here.
    pub failures: u64,
    /// Failures that answer a multifactor challenge (500121 and its kind).
    pub challenge_failures: u64,
    /// Last success of any kind.
    pub last_success: Option<Timestamp>,
    /// Last successful interactive sign-in.
    pub last_interactive: Option<Timestamp>,
    /// Distinct addresses of the successes (an upper count of 64 is kept).
    pub ip_addresses: u64,
    /// Distinct devices of the successes (an upper count of 64 is kept).
    pub devices: u64,
    /// Hours of the day (UTC) with a success: bit *h* for hour *h*.
    pub hours: u32,
    /// UTC dates with a success.
    pub active_days: u32,
    /// Countries of the successes, at most eight, sorted.
    pub countries: BTreeSet<String>,
    /// Applications of the successes, at most sixteen, sorted.
    pub apps: BTreeSet<String>,
    /// Signed in with Teams Rooms or another room device's client.
    pub room_device: bool,
    /// Succeeded with resource-owner password credentials. Failures are anybody's guesses.
    pub ropc: bool,
    /// Succeeded with device code flow, or with a result the log does not tell.
    pub device_code: bool,
}

/// Use of one application or resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AppUse {
    /// Display name in the log.
    pub name: Option<String>,
    /// Successful user sign-ins.
    pub successes: u64,
    /// Distinct users of those (kept exactly).
    pub users: u64,
}
