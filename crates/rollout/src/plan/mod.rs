//! The plan (S1, S20, S21): dated tasks, gates and change sets for the five steps. Document
//! `lockstep.plan/1`.

pub mod calendar;
mod change_sets;
pub mod collisions;
mod conversations;
mod cost;
mod departures;
mod enforcement;
mod gates;
mod lockout;
mod make;
mod messages;
pub mod platform;
mod requests;
mod situation;
mod summary;
mod tasks;
pub mod timeline;

pub(crate) use enforcement::{LAST_RING, SECOND_RING};
pub use make::{Input, PlanError, make};
pub use messages::MESSAGES;
pub(crate) use requests::{
    ADMINISTRATOR_ROLES, AZURE_MANAGEMENT, CA000, CA001_ALL, CA001_PILOT, CA002, CA003, CA004,
    CA005,
};
pub use situation::BREAK_GLASS_GROUP;
pub(crate) use situation::{BRIDGE_GROUP, EXCEPTIONS_GROUP, LEGACY_EXCEPTIONS_GROUP};
pub use tasks::{KnownTask, known_tasks};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::exceptions::Exceptions;
use crate::gaps::Gap;
use crate::impact::{Caught, Impact};
use crate::legacy::LegacyAudit;
use crate::preflight::{Finding, Stage};
use crate::proof::Proof;
use crate::registration::RegistrationReport;

/// A complete, dated deployment plan for one tenant. Immutable once made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// Always `lockstep.plan/1`.
    pub schema: &'static str,
    /// Digest of what the plan was made from, given by the caller.
    pub made_from: String,
    /// When the plan was made.
    pub generated_at: Timestamp,
    /// The moment the data speaks of.
    pub as_of: Timestamp,
    /// Who the plan is for.
    pub tenant: PlanTenant,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// IANA time zone of every date.
    pub time_zone: String,
    /// One paragraph a manager reads first.
    pub summary: Summary,
    /// The five steps, in order.
    pub steps: Vec<Step>,
    /// Every task, by date, then id.
    pub tasks: Vec<Task>,
    /// The gates between the steps.
    pub gates: Vec<GatePlan>,
    /// What will be changed in the tenant, as descriptions.
    pub change_sets: Vec<ChangeSetPlan>,
    /// Holidays and freezes between the first and the last day, by date.
    pub closed_days: Vec<ClosedDay>,
    /// Dates that fall badly, with the next good one.
    pub collisions: Vec<Collision>,
    /// The earliest start on or after `start` whose dates collide with nothing serious.
    pub proposed_start: Option<Date>,
    /// The platform's own dates that touch the plan.
    pub platform_dates: Vec<PlatformDate>,
    /// The three success criteria, with this tenant's numbers.
    pub success_criteria: Vec<Criterion>,
    /// Who to talk to, and about what.
    pub conversations: Vec<Conversation>,
    /// Texts ready to send.
    pub messages: Vec<Message>,
    /// What each day of waiting costs.
    pub cost_of_waiting: CostOfWaiting,
    /// Where the plan departs from the classic text of the method, and why.
    pub departures: Vec<Departure>,
    /// The legacy audit it rests on; `None` without any sign-in log.
    pub legacy: Option<LegacyAudit>,
    /// The registration report it rests on.
    pub registration: RegistrationReport,
    /// The exceptions register.
    pub exceptions: Exceptions,
    /// The pre-flight findings.
    pub preflight: Vec<Finding>,
    /// Who would be locked out if MFA were asked of everybody today; `None` without any sign-in
    /// log.
    #[serde(rename = "lockout_list")]
    pub lockout: Option<Impact>,
    /// Whether those who must get in would get in then; `None` without Conditional Access.
    #[serde(rename = "lockout_proof")]
    pub proof: Option<Proof>,
    /// The accounts, people or not, that *All users* means.
    #[serde(rename = "caught_by_all_users")]
    pub caught: Caught,
    /// What no file told.
    pub gaps: Vec<Gap>,
}

/// Who the plan is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PlanTenant {
    /// Name in documents.
    pub name: String,
    /// Tenant id, where told.
    pub id: Option<String>,
    /// Primary domain, where told.
    pub domain: Option<String>,
}

/// The figures a manager reads first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Two to six sentences.
    pub sentences: Vec<String>,
    /// In-scope people.
    pub people: Option<u64>,
    /// Share who can pass MFA today (0–1).
    pub rate: Option<f64>,
    /// People who still have to register.
    pub to_register: Option<u64>,
    /// Legacy dependencies to settle.
    pub dependencies: Option<u64>,
    /// Open blocking findings.
    pub blockers: u64,
}

/// One of the five steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which.
    pub id: Stage,
    /// First day of the plan, from 1.
    pub first_day: u16,
    /// Last day.
    pub last_day: u16,
    /// First date.
    pub first_date: Date,
    /// Last date.
    pub last_date: Date,
    /// What happens, in one sentence.
    pub what: String,
    /// The gate at its end.
    pub gate: Option<&'static str>,
}

/// What kind of task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// The tenant is changed.
    Change,
    /// A person states that something was done.
    Attestation,
    /// Data shows it.
    Observation,
}

/// One dated task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Stable id, `P-01` ….
    pub id: String,
    /// The step it belongs to.
    pub step: Stage,
    /// Day of the plan, from 1.
    pub day: u16,
    /// Its date.
    pub date: Date,
    /// What kind.
    pub kind: TaskKind,
    /// What to do, in a few words.
    pub title: String,
    /// Role that does it; with the person where `[owners]` names one.
    pub owner: String,
    /// How: the portal path.
    pub how: String,
    /// What lockstep does for it.
    pub lockstep: String,
    /// What must be shown for it to count as done.
    pub evidence: String,
    /// The document it needs, by name.
    pub document: Option<String>,
    /// The change set it carries out.
    pub change_set: Option<&'static str>,
    /// Rows of this tenant it is about (accounts, dependencies), at most fifty, then a count.
    pub subjects: Vec<String>,
}

/// One gate: what must be true before the next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GatePlan {
    /// `G1` … `G8`.
    pub id: &'static str,
    /// The step it closes.
    pub step: Stage,
    /// The date it is asked.
    pub date: Date,
    /// The question.
    pub question: String,
    /// The thresholds, one per line.
    pub thresholds: Vec<String>,
    /// How it stands today, as far as the files tell.
    pub today: GateState,
    /// Why, in one sentence.
    pub why: String,
}

/// How a gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateState {
    /// Its time has not come.
    Pending,
    /// Being measured.
    Running,
    /// Open.
    Passed,
    /// Closed.
    Failed,
    /// Measured, cannot say.
    Inconclusive,
    /// Could not be measured.
    Error,
}

impl GateState {
    /// The state in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pending => "not yet due",
            Self::Running => "being measured",
            Self::Passed => "passed",
            Self::Failed => "closed",
            Self::Inconclusive => "cannot say",
            Self::Error => "could not be measured",
        }
    }
}

/// A change to the tenant, described; a later version carries it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeSetPlan {
    /// `CS-01` ….
    pub id: &'static str,
    /// What it is called.
    pub title: String,
    /// The date it is due.
    pub date: Date,
    /// Danger: `none`, `moderate`, `severe`.
    pub danger: &'static str,
    /// What it changes, one line per object, before → after.
    pub changes: Vec<String>,
    /// How it is undone.
    pub inverse: String,
    /// Why.
    pub reason: String,
    /// The same as requests to Microsoft Graph, in order; empty where only a portal or a
    /// PowerShell module does it.
    pub requests: Vec<GraphRequest>,
}

/// A request to Microsoft Graph, ready for Graph Explorer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GraphRequest {
    /// What it is for, and when.
    pub purpose: String,
    /// `POST` or `PATCH`.
    pub method: &'static str,
    /// Path below `https://graph.microsoft.com`.
    pub path: String,
    /// The body, as JSON. `<id of …>` stands for an object no file told the id of.
    pub body: String,
}

/// A date that falls badly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collision {
    /// The task, step or change set.
    pub what: String,
    /// The date it falls on.
    pub date: Date,
    /// What it collides with.
    pub with: String,
    /// True when it should not be done on that date; false when it is only worth knowing.
    pub serious: bool,
    /// The next good date.
    pub proposed: Option<Date>,
}

/// A date of the operator's calendar on which people are off or nothing may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosedDay {
    /// The date.
    pub date: Date,
    /// `holiday`, or the reason of the freeze.
    pub why: String,
    /// True in a freeze; false on a holiday.
    pub freeze: bool,
}

/// A date of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlatformDate {
    /// When.
    pub date: Date,
    /// What happens.
    pub event: String,
    /// What it means for this plan.
    pub means: String,
    /// Days after the plan's last day; negative when it falls inside or before.
    pub days_after_end: i64,
}

/// A success criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Criterion {
    /// What must be true.
    pub title: String,
    /// How it is measured.
    pub measured_by: String,
    /// How it stands today.
    pub today: String,
}

/// Someone to talk to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conversation {
    /// Who, by role or name.
    pub with: String,
    /// About what.
    pub about: String,
    /// By when.
    pub by: Date,
}

/// A text ready to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `announcement`, `reminder`, `personal-note`, `helpdesk-guide`, `manager-summary`,
    /// and `guest-note` where the tenant has guests.
    pub id: &'static str,
    /// Subject line.
    pub subject: String,
    /// To whom.
    pub to: String,
    /// When to send it.
    pub send_on: Date,
    /// The text, plain, with blank lines between paragraphs.
    pub body: String,
}

/// What each day of waiting costs, stated as people unprotected × days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CostOfWaiting {
    /// Enabled people no policy asks for MFA today. `None`: cannot be said.
    pub unprotected: Option<u64>,
    /// Days from the start to enforcement.
    pub days: u64,
    /// `unprotected × days`.
    pub person_days: Option<u64>,
    /// How it was counted, and what one more week adds.
    pub sentence: String,
}

/// Where the plan departs from the classic text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Departure {
    /// What the classic text says.
    pub classic: String,
    /// What this plan does.
    pub instead: String,
    /// Why, with the date or source of the platform fact.
    pub because: String,
}
