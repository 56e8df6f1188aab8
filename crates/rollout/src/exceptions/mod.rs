//! Exceptions (S6): every enabled account classified. Document `lockstep.exceptions/1`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::account::Account;
use crate::gaps::Gap;

/// What an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Named by the operator as break-glass.
    BreakGlass,
    /// Directory synchronisation.
    Sync,
    /// Room or Teams device.
    Room,
    /// Equipment mailbox.
    Equipment,
    /// Shared mailbox.
    SharedMailbox,
    /// Guest.
    Guest,
    /// A user object a program uses.
    Service,
    /// One login, several people.
    SharedLogin,
    /// Not seen for longer than `dormant_days`.
    Dormant,
    /// On leave, with a return date.
    OnLeave,
    /// A person without a smartphone they can or will use.
    NoSmartphone,
    /// Executive or finance: never exempt.
    Executive,
    /// Holds an administrator role.
    Administrator,
    /// An ordinary person.
    Person,
    /// No evidence says.
    Unclassified,
}

/// Every enabled account, classified.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exceptions {
    /// Always `lockstep.exceptions/1`.
    pub schema: &'static str,
    /// How many enabled accounts of each kind, ordinary people included.
    pub totals: BTreeMap<Kind, u64>,
    /// Every enabled account that is not an ordinary person, unclassified ones included.
    pub accounts: Vec<ClassifiedAccount>,
    /// What the files could not show.
    pub gaps: Vec<Gap>,
}

/// One account that needs a thought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassifiedAccount {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// What it is.
    pub kind: Kind,
    /// What the kind rests on, in words.
    pub evidence: Vec<String>,
    /// What to do with it.
    pub treatment: &'static str,
    /// True only for break-glass, service, sync and room accounts; never for a person.
    pub mfa_exempt: bool,
    /// What must stand in for MFA. Empty where nothing is exempt.
    pub compensating_control: &'static str,
    /// Longest life of the exception, in days. `None`: there is none to grant, or it has no end.
    pub max_days: Option<u32>,
    /// Who may approve.
    pub approver: &'static str,
}

/// The classification of every user, enabled or not, for the other decisions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Classification {
    /// Kind and evidence per user, in the order of [`crate::Snapshot::users`].
    pub users: Vec<(Kind, Vec<String>)>,
}

/// Classifies every user.
#[must_use]
pub fn classify(facts: &crate::Facts<'_>) -> Classification {
    let _ = facts;
    Classification::default()
}

/// The exceptions register.
#[must_use]
pub fn register(facts: &crate::Facts<'_>, classification: &Classification) -> Exceptions {
    let _ = (facts, classification);
    Exceptions {
        schema: "lockstep.exceptions/1",
        totals: BTreeMap::new(),
        accounts: Vec::new(),
        gaps: Vec::new(),
    }
}
