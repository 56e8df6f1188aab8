//! What is kept. Every kind of record that there is stands in [`Record`].

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::exception::Exception;
use super::gate::{GateId, GateRecord};
use crate::account::Account;
use crate::change::guard::{GuardResult, Waivable};
use crate::preflight::Stage;

/// Something to be kept. A later record of the same kind and key takes the place of the earlier one,
/// which stays readable as an older version.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// The agreed dates.
    Schedule(Schedule),
    /// A gate, as answered.
    Gate(GateRecord),
    /// A person states that a task is done.
    Attestation(Attestation),
    /// A person takes responsibility for what a gate or guard holds against.
    Waiver(Waiver),
    /// An exception.
    Exception(Box<Exception>),
    /// Something that went wrong.
    Issue(Issue),
    /// How far a change set was carried out.
    Progress(Box<Progress>),
    /// A break-glass test that was announced.
    PlannedTest(PlannedTest),
    /// The password of a break-glass account was shown, and its sheets put away.
    Sheet(Sheet),
    /// A message that was sent.
    Sent(Sent),
}

impl Record {
    /// The key among records of its kind.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Schedule(_) => "schedule".to_owned(),
            Self::Gate(it) => it.gate.word().to_owned(),
            Self::Attestation(it) => it.task.clone(),
            Self::Waiver(it) => it.id.clone(),
            Self::Exception(it) => it.id.clone(),
            Self::Issue(it) => it.id.clone(),
            Self::Progress(it) => it.set.clone(),
            Self::PlannedTest(it) => it.id.clone(),
            Self::Sheet(it) => it.key(),
            Self::Sent(it) => it.key(),
        }
    }
}

/// The agreed dates. The first version is the agreement; each later one is a slip, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// First day.
    pub start: Date,
    /// The day of enforcement that follows from it.
    pub enforce: Date,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why. Of a slip: why it had to be.
    pub reason: String,
    /// Whether security defaults were on when the dates were first agreed: what the plan is made for
    /// even after the switch has turned them off. `None`: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_defaults: Option<bool>,
}

/// A person states that a task is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// Id of the task, `P-17`.
    pub task: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What they say.
    pub note: String,
    /// What they show.
    pub file: Option<AttachedFile>,
    /// Whom or what the gates listed for the task when it was stated. The word stands for these, and
    /// for nothing that comes onto the list later. The engine puts them here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
}

/// A file that somebody shows. Its content is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachedFile {
    /// Its name.
    pub name: String,
    /// SHA-256 of its content.
    pub digest: String,
}

/// What is waived.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Waived {
    /// Every waivable criterion of a gate.
    Gate(GateId),
    /// One criterion, by its id.
    Criterion(String),
    /// A guard. Guards that nobody can waive are not of this type.
    Guard(Waivable),
}

/// A person takes responsibility, with a name, a reason and an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// `W-001` ….
    pub id: String,
    /// What is waived.
    pub what: Waived,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it was given.
    pub at: Timestamp,
    /// Last day on which it holds, where the people are.
    pub until: Date,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// `I-001` ….
    pub id: String,
    /// Who noted it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
    /// Whom it is about.
    pub about: Option<Account>,
    /// The step does not end while it is open.
    pub blocking: bool,
    /// How it ended.
    pub closed: Option<Closed>,
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How.
    pub how: String,
}

/// How far a change set was carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Id of the set: its digest.
    pub set: String,
    /// The change set of the plan it carries out, `CS-07`; and which part, where there are several.
    pub of_plan: Option<String>,
    /// Its heading.
    pub title: String,
    /// The step it belongs to.
    pub step: Stage,
    /// How many changes it has.
    pub changes: usize,
    /// Where it stands.
    pub phase: Phase,
    /// Who confirmed it.
    pub confirmed: Option<Confirmation>,
    /// What the guards answered when it was confirmed.
    pub guards: Vec<GuardResult>,
    /// The changes that were carried out, from the first on, without a hole.
    pub done: Vec<DoneChange>,
    /// The change after those was sent, and nobody knows whether it worked.
    #[serde(default)]
    pub unsettled: bool,
    /// The ids that Graph gave, by provisional id.
    pub ids: BTreeMap<String, String>,
    /// The two times of the gap.
    pub gap: Option<GapTimes>,
}

impl Progress {
    /// It is under way, or stopped on the way: something of it was carried out, or may have been.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        match self.phase {
            Phase::Running => true,
            Phase::Stopped { .. } => self.unsettled || !self.done.is_empty(),
            Phase::Proposed
            | Phase::Done { .. }
            | Phase::TakenBack { .. }
            | Phase::Superseded { .. } => false,
        }
    }
}

/// Where a change set stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Phase {
    /// Made; nobody has confirmed it.
    Proposed,
    /// Confirmed and under way, or killed on the way: the journal tells.
    Running,
    /// It stopped on the way. Nothing more is written until somebody says so.
    Stopped {
        /// When.
        at: Timestamp,
        /// Why.
        why: String,
    },
    /// Carried out and read back.
    Done {
        /// When.
        at: Timestamp,
    },
    /// Taken back.
    TakenBack {
        /// By this set.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Another one took its place before it was confirmed.
    Superseded {
        /// When.
        at: Timestamp,
    },
}

/// Who confirmed a change set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What they typed or gave: `yes`, or the primary domain.
    pub word: String,
}

/// A change that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoneChange {
    /// Number of its intent in the journal.
    pub intent: u64,
    /// When its outcome was written down.
    pub at: Timestamp,
    /// It was as wanted already; nothing was sent.
    pub already: bool,
}

/// Between these two times people had less protection than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapTimes {
    /// The gap opened.
    pub opened: Timestamp,
    /// The gap was closed. `None`: it is open.
    pub closed: Option<Timestamp>,
}

/// A break-glass test that was announced: sign-ins in this time are no alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedTest {
    /// `T-001` ….
    pub id: String,
    /// Which accounts.
    pub accounts: Vec<Account>,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Who announced it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The password of a break-glass account was shown, and somebody said that it stands on paper. The
/// password itself is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Whose.
    pub account: Account,
    /// The change set that set the password.
    pub set: String,
    /// The places, one sheet each. None: the account got another password since, and nobody said yet that
    /// it stands on paper.
    pub places: Vec<String>,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Sheet {
    /// The account, by object id where it is known.
    #[must_use]
    pub fn key(&self) -> String {
        self.account.user_id.as_deref().unwrap_or_else(|| self.account.label()).to_lowercase()
    }
}

/// A message that was sent to one person. Nobody is mailed twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Which message, `announcement`.
    pub message: String,
    /// To whom.
    pub to: Account,
    /// When it was handed over. `None`: it was about to be, and nobody knows whether it was.
    pub at: Option<Timestamp>,
    /// How: `graph` or `smtp`.
    pub via: String,
    /// It was not handed over, and why: the person may be sent the message again. `None` while `at` is
    /// `None`: nobody knows, and it is never sent again.
    #[serde(default)]
    pub refused: Option<String>,
}

impl Sent {
    /// The message and the person.
    #[must_use]
    pub fn key(&self) -> String {
        Self::key_of(&self.message, &self.to)
    }

    /// The same of a message and a person.
    #[must_use]
    pub fn key_of(message: &str, to: &Account) -> String {
        let who = to.user_id.as_deref().unwrap_or_else(|| to.label());
        format!("{message} {}", who.to_lowercase())
    }
}
