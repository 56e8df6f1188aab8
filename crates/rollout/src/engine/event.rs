//! What happened.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::exception::Exception;
use super::record::{Attestation, Confirmation, Issue, PlannedTest, Schedule, Sent, Sheet, Waiver};
use crate::change::ChangeSet;
use crate::change::guard::GuardResult;
use crate::evidence::SignIns;
use crate::exceptions::Classification;
use crate::facts::Facts;
use crate::plan::Plan;

/// The tenant as it was just seen, with all that was worked out of it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The facts.
    pub facts: &'a Facts<'a>,
    /// What kind each account is.
    pub classification: &'a Classification,
    /// The plan by these facts; it holds the legacy audit, the registration report, the exceptions, the
    /// pre-flight, the lockout list and the lockout proof.
    pub plan: &'a Plan,
    /// When the snapshot was taken. `None`: the files do not tell.
    pub snapshot_taken: Option<Timestamp>,
    /// Digest of the snapshot.
    pub snapshot: &'a str,
    /// Records of the tenant that could not be read.
    pub unread: u64,
    /// The rows that [`rows_wanted`](super::rows_wanted) asked for. `None`: there is no sign-in log.
    pub sign_ins: Option<&'a SignIns>,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// The tenant was read: every gate is asked, the exceptions are looked at.
    Seen(&'a Seen<'a>),
    /// The dates were agreed, or moved.
    Scheduled(Schedule),
    /// A task was said to be done.
    Attested(Attestation),
    /// Something was waived.
    Waived(Waiver),
    /// An exception was asked for, decided, renewed or ended.
    ExceptionChanged(Box<Exception>),
    /// An issue was noted or closed.
    IssueChanged(Issue),
    /// A break-glass test was announced.
    TestPlanned(PlannedTest),
    /// The password of a break-glass account was shown and put on paper.
    SheetPrinted(Sheet),
    /// A message is about to be sent, or was sent.
    MessageSent(Sent),
    /// A change set was made and shown.
    Proposed {
        /// The set.
        set: &'a ChangeSet,
        /// The change set of the plan it carries out.
        of_plan: Option<String>,
    },
    /// Somebody confirmed a change set, and the guards were asked.
    Confirmed {
        /// The set.
        set: &'a ChangeSet,
        /// Who, when, by which word.
        confirmation: Confirmation,
        /// What the guards answered.
        guards: Vec<GuardResult>,
    },
    /// A set that was under way when the program ended, or that had stopped, goes on.
    Resumed {
        /// The set.
        set: &'a ChangeSet,
        /// An intent without an outcome was found: its write may have been carried out.
        unsettled: bool,
    },
    /// A change was carried out and seen in the tenant.
    CarriedOut {
        /// The set.
        set: &'a ChangeSet,
        /// Place of the change.
        place: usize,
        /// Number of its intent in the journal.
        intent: u64,
        /// It was as wanted already; nothing was sent.
        already: bool,
        /// Ids that Graph gave, by provisional id.
        ids: BTreeMap<String, String>,
    },
    /// A change could not be carried out, or nobody knows.
    NotCarriedOut {
        /// The set.
        set: &'a ChangeSet,
        /// Place of the change.
        place: usize,
        /// It was sent, and nobody knows whether it worked.
        unsettled: bool,
        /// Why.
        why: String,
    },
    /// The tenant was read back after the last change.
    ReadBack {
        /// The set.
        set: &'a ChangeSet,
        /// What is not as the set leaves it, a sentence each.
        differs: Vec<String>,
    },
    /// Somebody asked to stop.
    Stopped {
        /// The set under way.
        set: &'a ChangeSet,
        /// Why.
        why: String,
    },
}
