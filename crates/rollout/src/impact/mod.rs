//! What the sign-ins of the window would meet under policies that do not exist yet: the lockout
//! list. Document `lockstep.impact/1`.

use jiff::Timestamp;
use serde::Serialize;

use crate::account::Account;
use crate::exceptions::Classification;
use crate::facts::Facts;
use crate::gaps::Gap;
use crate::measurement::{Coverage, Window};
use crate::proposal::{Against, Proposal};

/// What the sign-ins of the window would meet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Impact {
    /// Always `lockstep.impact/1`.
    pub schema: &'static str,
    /// The clock.
    pub generated_at: Timestamp,
    /// Whether a proposal was judged or what is in force.
    pub against: Against,
    /// Names of the policies that were judged; their ids where they have no name.
    pub policies: Vec<String>,
    /// What was taken for granted, a sentence each.
    pub assumptions: Vec<String>,
    /// The window of the log.
    pub window: Window,
    /// What of it was read.
    pub coverage: Coverage,
    /// Accounts, each with the worst that one of its sign-ins meets.
    pub users: UserCounts,
    /// Successful sign-ins.
    pub sign_ins: SignInCounts,
    /// By application.
    pub by_app: Vec<Cut>,
    /// By client app, in the log's words.
    pub by_client_app: Vec<Cut>,
    /// By operating system.
    pub by_platform: Vec<Cut>,
    /// By country.
    pub by_country: Vec<Cut>,
    /// Everyone who is neither ready nor not touched, worst first, then by name.
    pub people: Vec<PersonImpact>,
    /// What the log says of policies beside what lockstep says, by policy.
    pub compared: Vec<Comparison>,
    /// What no file told.
    pub gaps: Vec<Gap>,
}

/// What becomes of an account, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserOutcome {
    /// No judged policy reaches any of its sign-ins.
    NotTouched,
    /// Has, or can show, all that is asked for.
    Ready,
    /// Nobody can say.
    Unknown,
    /// Must register a method first, and can.
    MustRegister,
    /// Only sign-ins by legacy authentication are blocked.
    BlockedLegacy,
    /// Nothing usable is registered, and nothing may be.
    Cannot,
    /// Blocked whatever is registered.
    Blocked,
}

/// How many accounts there are of each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct UserCounts {
    /// All of them.
    pub total: u64,
    /// [`UserOutcome::Ready`]
    pub ready: u64,
    /// [`UserOutcome::MustRegister`]
    pub must_register: u64,
    /// [`UserOutcome::Cannot`]
    pub cannot: u64,
    /// [`UserOutcome::BlockedLegacy`]
    pub blocked_legacy: u64,
    /// [`UserOutcome::Blocked`]
    pub blocked: u64,
    /// [`UserOutcome::NotTouched`]
    pub not_touched: u64,
    /// [`UserOutcome::Unknown`]
    pub unknown: u64,
}

impl UserCounts {
    /// Accounts that cannot sign in any more with something they used: blocked, or without a
    /// method and without a way to one. Those that lose legacy sign-ins only are not among them.
    #[must_use]
    pub const fn locked_out(&self) -> u64 {
        self.blocked.saturating_add(self.cannot)
    }
}

/// What successful sign-ins would have met. The other figures add up to `total`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SignInCounts {
    /// All of them.
    pub total: u64,
    /// Somebody is asked: for a method they have, or to register one.
    pub challenged: u64,
    /// All that is asked for is there already.
    pub already_satisfied: u64,
    /// Ends in a block.
    pub blocked: u64,
    /// No judged policy applies.
    pub not_touched: u64,
    /// Nobody can say.
    pub unknown: u64,
}

/// The sign-ins that share an application, client app, operating system or country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// What they share, in the log's words. `None`: the log does not tell.
    pub name: Option<String>,
    /// Its id, for an application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Accounts that have one of these sign-ins.
    pub users: u64,
    /// Accounts among them with one that is blocked.
    pub users_blocked: u64,
    /// The sign-ins.
    #[serde(flatten)]
    pub sign_ins: SignInCounts,
}

/// One account that is neither ready nor not touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonImpact {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// What becomes of it.
    pub outcome: UserOutcome,
    /// Successful sign-ins in the window that meet this outcome; for an account without any, 0.
    pub sign_ins: u64,
    /// Applications of these, by name where told, most used first.
    pub apps: Vec<String>,
    /// Who decides: names of policies, and layers beside Conditional Access.
    pub policies: Vec<String>,
    /// Why, in one sentence.
    pub why: String,
    /// What to do about it, in one sentence.
    pub next: String,
}

/// What the log says one policy did, beside what lockstep says it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Id of the policy in the log.
    pub policy: String,
    /// Its name, where told.
    pub name: Option<String>,
    /// Sign-ins of which both say something.
    pub compared: u64,
    /// Sign-ins of which both say the same.
    pub agree: u64,
    /// Sign-ins of which lockstep cannot say.
    pub unknown: u64,
    /// Where they differ, most frequent first.
    pub disagreements: Vec<Disagreement>,
}

/// Sign-ins of which the log and lockstep say different things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// The log's word.
    pub logged: String,
    /// Ours.
    pub ours: String,
    /// How many sign-ins.
    pub sign_ins: u64,
    /// One account of them, the first by name.
    pub example: Account,
}

/// Tries a proposal on the sign-ins of the window. `None`: no sign-in log was gathered for it.
#[must_use]
pub fn impact(
    facts: &Facts<'_>,
    classification: &Classification,
    proposal: &Proposal,
) -> Option<Impact> {
    let _ = (facts, classification, proposal);
    None
}

/// The accounts that a policy for all users catches, people or not. Part of the plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Caught {
    /// Enabled accounts, and those of which nobody told whether they are.
    pub total: u64,
    /// By kind of account, people first.
    pub kinds: Vec<CaughtKind>,
}

/// Accounts of one kind that a policy for all users catches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaughtKind {
    /// The kind, in the words of the exceptions audit; `person` and `guest` for the rest.
    pub kind: String,
    /// People, as opposed to rooms, services and shared accounts.
    pub people: bool,
    /// How many.
    pub count: u64,
    /// Who, by name; empty for plain people, of whom there are too many to read.
    pub accounts: Vec<Account>,
    /// What becomes of such an account when MFA is asked of it, in one sentence.
    pub meets: String,
}

/// Whom the proposal's policies catch.
#[must_use]
pub fn caught(facts: &Facts<'_>, classification: &Classification, proposal: &Proposal) -> Caught {
    let _ = (facts, classification, proposal);
    Caught::default()
}
