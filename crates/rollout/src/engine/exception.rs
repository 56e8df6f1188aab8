//! The register of exceptions.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::record::Closed;
use crate::account::Account;

/// One exception: a sign-in path of one subject that is not asked for MFA, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// `EX-001` ….
    pub id: String,
    /// Whose. By object id: names change.
    pub subject: Account,
    /// Kind of the account when it was asked for (`service`, `no-smartphone`, …).
    pub kind: String,
    /// The subject is an executive, moves money or administers: never by one person alone.
    pub needs_letter: bool,
    /// Why the letter is needed, a sentence each; also where nobody can tell that it is not.
    #[serde(default)]
    pub letter_because: Vec<String>,
    /// Which sign-ins it is about.
    pub path: ExceptionPath,
    /// Why.
    pub reason: String,
    /// What is done instead.
    pub compensating_control: String,
    /// Who answers for it.
    pub owner: String,
    /// The executive who takes the risk of it, where a letter is needed: neither the subject nor
    /// whoever asked.
    #[serde(default)]
    pub risk_owner: Option<String>,
    /// What was seen of the subject when it was asked for, a sentence each.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// How the subject gets along without it from the day after its end.
    #[serde(default)]
    pub exit_plan: String,
    /// The ticket it belongs to.
    #[serde(default)]
    pub ticket: Option<String>,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// First day, where the people are.
    pub starts: Date,
    /// Last day on which it holds, where the people are.
    pub expires: Date,
    /// How often it was renewed.
    pub renewals: u32,
    /// Who said yes or no.
    pub decisions: Vec<SignedDecision>,
    /// Where it stands.
    pub phase: ExceptionPhase,
    /// Dates on which somebody was reminded of its end.
    pub reminded: Vec<Date>,
    /// A renewal that was asked for and not decided. Until it is, the end stays what it is.
    #[serde(default)]
    pub renewal: Option<Renewal>,
    /// Somebody ended it while it was applied. It holds until its change set is carried out.
    #[serde(default)]
    pub ending: Option<Closed>,
}

impl Exception {
    /// It is neither refused nor over.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.phase, ExceptionPhase::Refused | ExceptionPhase::Ended { .. })
    }
}

/// A later end, which needs the same decision as the exception did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// The day it was asked on, where the people are.
    pub asked_on: Date,
    /// The last day it would hold then.
    pub until: Date,
    /// Why it is still needed.
    pub reason: String,
    /// Who said yes so far.
    pub decisions: Vec<SignedDecision>,
}

/// The sign-ins an exception is about. All empty: every sign-in of the subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExceptionPath {
    /// Application.
    pub app: Option<String>,
    /// Client app.
    pub client_app: Option<String>,
    /// Address or named location.
    pub place: Option<String>,
}

impl ExceptionPath {
    /// It is the path of a legacy client, which cannot answer for MFA and is blocked by a policy of its
    /// own. A sign-in log has two client apps that are none (Microsoft Entra documentation, *Block
    /// legacy authentication*).
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        const MODERN: [&str; 2] = ["browser", "mobile apps and desktop clients"];
        self.client_app
            .as_ref()
            .is_some_and(|it| !MODERN.contains(&it.trim().to_lowercase().as_str()))
    }
}

/// A decision about an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedDecision {
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Yes or no.
    pub approves: bool,
    /// SHA-256 of the signed document, where there is one.
    pub document: Option<String>,
    /// Name of that document.
    pub file: Option<String>,
    /// Conditions, or why not.
    pub note: String,
}

/// Where an exception stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ExceptionPhase {
    /// Asked for; not applied.
    Asked,
    /// Approved; not applied yet.
    Approved,
    /// The subject is in the exclusion group.
    Applied {
        /// Change set that did it.
        set: String,
        /// Since when.
        at: Timestamp,
    },
    /// Refused; never applied.
    Refused,
    /// Over.
    Ended {
        /// Change set that took the subject out again; `None` if it was never in.
        set: Option<String>,
        /// Since when.
        at: Timestamp,
        /// Why.
        why: String,
    },
}
