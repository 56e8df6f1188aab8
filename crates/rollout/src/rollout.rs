//! What the operator wants: the content of `lockstep.toml`.
//!
//! Every number here is a default that the file may change. Unknown keys are refused, so that a
//! misspelled threshold is never silently the default.

mod check;
mod dates;
mod mail;
mod reference;

pub use check::ROLES;
pub(crate) use check::same_role;
pub use mail::{MAIL_ROUTES, MailSettings, SMTP_TLS};
pub use reference::{SETTINGS, Setting, default_toml, settings_markdown};

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// What the operator wants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rollout {
    /// The tenant in the operator's words.
    pub tenant: TenantSettings,
    /// Where the data comes from.
    pub source: SourceSettings,
    /// Working days, holidays, freezes, time zone.
    pub calendar: CalendarSettings,
    /// Length of each step, in days, and the days of the reminders.
    pub steps: StepSettings,
    /// What a gate asks for.
    pub thresholds: Thresholds,
    /// The pilot.
    pub pilot: PilotSettings,
    /// The break-glass accounts.
    pub break_glass: BreakGlassSettings,
    /// What no file can tell about people.
    pub people: PeopleSettings,
    /// How messages to people leave.
    pub mail: MailSettings,
    /// Who answers for what: role name to person.
    pub owners: BTreeMap<String, String>,
    /// Owner and decision per legacy dependency.
    pub legacy: Vec<LegacyDecision>,
}

/// `[tenant]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TenantSettings {
    /// Name used in documents; empty takes the tenant's own display name.
    pub name: String,
    /// Primary domain; empty takes the tenant's default domain.
    pub domain: String,
    /// `global`, `usgov`, `dod` or `china`.
    pub cloud: String,
    /// Where the helpdesk is reached, for messages to users.
    pub helpdesk: String,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            domain: String::new(),
            cloud: "global".to_owned(),
            helpdesk: "the IT helpdesk".to_owned(),
        }
    }
}

/// `[source]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceSettings {
    /// The exports folder, relative to the file.
    pub exports: Option<String>,
    /// The tenant read through Microsoft Graph: a verified domain or the tenant id.
    pub graph: Option<String>,
    /// Application (client) id of the app registration.
    pub client_id: Option<String>,
    /// How to sign in: one of [`SIGN_INS`].
    pub sign_in: Option<String>,
    /// The file of the client secret or certificate, relative to this file; `-` is standard input.
    pub sign_in_file: Option<String>,
    /// A simulated tenant on this machine in place of Microsoft Graph.
    pub graph_endpoint: Option<String>,
    /// How long the tenant may take to show what was changed, in seconds. Nothing that was written is
    /// taken for missing before.
    pub settle_seconds: Option<u32>,
}

/// The ways to sign in that `source.sign_in` knows.
pub const SIGN_INS: [&str; 4] =
    ["client-secret-file", "certificate", "device-code", "managed-identity"];

/// `[calendar]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarSettings {
    /// First day of the rollout. `None`: given with `--start`.
    #[serde(deserialize_with = "dates::optional")]
    pub start: Option<Date>,
    /// IANA time zone of the people.
    pub time_zone: String,
    /// Working days, English three-letter names.
    pub working_days: Vec<String>,
    /// Public and company holidays.
    #[serde(deserialize_with = "dates::list")]
    pub holidays: Vec<Date>,
    /// Spans in which nothing may be changed, both ends included.
    pub freezes: Vec<Freeze>,
}

impl Default for CalendarSettings {
    fn default() -> Self {
        Self {
            start: None,
            time_zone: "UTC".to_owned(),
            working_days: ["mon", "tue", "wed", "thu", "fri"].map(str::to_owned).to_vec(),
            holidays: Vec::new(),
            freezes: Vec::new(),
        }
    }
}

impl CalendarSettings {
    /// True when people work on this weekday. A name that is no weekday matches none; settings
    /// are checked for that when the file is read.
    #[must_use]
    pub fn works_on(&self, weekday: Weekday) -> bool {
        let name = weekday_name(weekday);
        self.working_days.iter().any(|day| day.to_ascii_lowercase().starts_with(name))
    }
}

/// Three-letter lower-case English name of a weekday.
#[must_use]
pub const fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    }
}

/// A span in which nothing may be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// First day.
    #[serde(deserialize_with = "dates::one")]
    pub from: Date,
    /// Last day.
    #[serde(deserialize_with = "dates::one")]
    pub to: Date,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// `[steps]`: the classic 2 + 14 + 3 + 1 + 3 days of the method. With rings *Enforce* is longer by the
/// days between its two change sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StepSettings {
    /// Days of *Prepare*.
    pub prepare_days: u16,
    /// Days of *Register*.
    pub register_days: u16,
    /// Days of *Pilot*.
    pub pilot_days: u16,
    /// Days of *Enforce*.
    pub enforce_days: u16,
    /// Days of *Validate*.
    pub validate_days: u16,
    /// Day of the registration window on which the reminder is due.
    pub reminder_day: u16,
    /// Day of the registration window from which people are contacted one by one.
    pub contact_day: u16,
    /// Whether everybody is asked for MFA at once, or ring by ring.
    pub enforcement: Enforcement,
    /// Hours a ring is watched at least before the next one is asked.
    pub ring_hours: u16,
}

/// How MFA is enforced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforcement {
    /// One change set for everybody.
    #[default]
    AllAtOnce,
    /// Ring 1, the pilot group; ring 2, whoever can pass MFA (the bridge group); ring 3, everybody.
    Rings,
}

impl Default for StepSettings {
    fn default() -> Self {
        Self {
            prepare_days: 2,
            register_days: 14,
            pilot_days: 3,
            enforce_days: 1,
            validate_days: 3,
            reminder_day: 10,
            contact_day: 12,
            enforcement: Enforcement::AllAtOnce,
            ring_hours: 24,
        }
    }
}

/// `[thresholds]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// Share of in-scope people that must be capable before the pilot (0–1).
    pub capable_before_pilot: f64,
    /// Share below which the day-10 reminder goes out (0–1).
    pub reminder_below: f64,
    /// Share of in-scope people that must be capable at the end (0–1).
    pub capable_at_end: f64,
    /// Days of the legacy audit.
    pub legacy_days: u32,
    /// Days without a sign-in after which an account is dormant.
    pub dormant_days: u32,
    /// Days within which a person counts as active.
    pub active_days: u32,
    /// Hours watched after enforcement.
    pub watch_hours: u32,
    /// Hours after which the registration report is stale.
    pub report_stale_hours: u32,
    /// Share of people in a ring with only failures, at which the watch stops (0–1).
    pub stop_failure_share: f64,
    /// Hours such failures must last for the watch to stop.
    pub stop_hours: u32,
    /// Full days the policies are observed in Report-only before the pilot.
    pub report_only_days: u32,
    /// Share of fresh challenges in the pilot that may fail (0–1).
    pub challenge_failure_share: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            capable_before_pilot: 0.95,
            reminder_below: 0.90,
            capable_at_end: 1.0,
            legacy_days: 30,
            dormant_days: 90,
            active_days: 30,
            watch_hours: 72,
            report_stale_hours: 36,
            stop_failure_share: 0.02,
            stop_hours: 2,
            report_only_days: 7,
            challenge_failure_share: 0.08,
        }
    }
}

/// `[pilot]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PilotSettings {
    /// Id or display name of the pilot group.
    pub group: Option<String>,
}

/// `[break_glass]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BreakGlassSettings {
    /// How the accounts prove who uses them: one of [`BREAK_GLASS_MODES`].
    pub mode: String,
    /// Where the printed passwords are kept: one sheet per account and place.
    pub places: Vec<String>,
    /// User principal names or object ids of the break-glass accounts.
    pub accounts: Vec<String>,
    /// Id or display name of the group that every policy excludes.
    pub group: Option<String>,
    /// Last proven alert test.
    #[serde(deserialize_with = "dates::optional")]
    pub alert_tested: Option<Date>,
}

/// The modes that `break_glass.mode` knows.
pub const BREAK_GLASS_MODES: [&str; 2] = ["phishing-resistant", "password-only"];

impl Default for BreakGlassSettings {
    fn default() -> Self {
        let [mode, _] = BREAK_GLASS_MODES;
        Self {
            mode: mode.to_owned(),
            places: ["Safe A", "Safe B"].map(str::to_owned).to_vec(),
            accounts: Vec::new(),
            group: None,
            alert_tested: None,
        }
    }
}

impl BreakGlassSettings {
    /// Each account passes with a key or a certificate; the password on paper is the way back to
    /// where a key is registered. Everything but the known other mode is this one.
    #[must_use]
    pub fn is_phishing_resistant(&self) -> bool {
        let [_, password_only] = BREAK_GLASS_MODES;
        self.mode != password_only
    }
}

/// `[people]`: user principal names or object ids, or names of groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleSettings {
    /// People without a smartphone they can or will use.
    pub no_smartphone: Vec<String>,
    /// Executives, beyond those whose job title says so.
    pub executives: Vec<String>,
    /// Service accounts, beyond those whose use says so.
    pub services: Vec<String>,
    /// Logins that several people share.
    pub shared_logins: Vec<String>,
    /// People on leave: name to the date they return.
    #[serde(deserialize_with = "dates::by_name")]
    pub on_leave: BTreeMap<String, Date>,
    /// People HR confirms as active although no sign-in was seen.
    pub confirmed_active: Vec<String>,
}

/// `[[legacy]]`: who owns a legacy dependency and what was decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LegacyDecision {
    /// User principal name or object id.
    pub user: String,
    /// Client app; empty covers all of the user's.
    pub client_app: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What was decided.
    pub decision: Option<String>,
    /// Until when.
    #[serde(deserialize_with = "dates::optional")]
    pub due: Option<Date>,
}
