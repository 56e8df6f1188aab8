//! What guards must be told, because no snapshot holds it.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::account::Account;

/// What guards must be told. Every `None` is something that nobody told, and refuses.
#[derive(Debug, Clone, PartialEq)]
pub struct Circumstances {
    /// Who carries the set out.
    pub operator: Option<Operator>,
    /// The date on which it is carried out, in the time zone of the people.
    pub today: Option<Date>,
    /// When the snapshot was taken.
    pub snapshot_taken: Option<Timestamp>,
    /// How long a snapshot is good for.
    pub snapshot_lasts: SignedDuration,
    /// Names of the rings in flight, this set's own apart.
    pub rings_in_flight: Option<Vec<String>>,
    /// Break-glass accounts whose test was seen in the sign-in log, and is not too old.
    pub proven_break_glass: Option<Vec<Account>>,
    /// Exceptions that were approved.
    pub approvals: Vec<Approval>,
}

/// As whom lockstep acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operator {
    /// As an application. No policy for users touches it.
    Application {
        /// Object id of its service principal, which policies for workload identities name.
        service_principal: Option<String>,
    },
    /// As a person who signed in.
    Delegated {
        /// Who.
        account: Account,
        /// Whether the sign-in that lockstep acts with passed MFA. `None`: it does not tell.
        passed_mfa: Option<bool>,
    },
}

/// An exception that was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Whose exception.
    pub subject: Account,
    /// Who approved it, by their user principal names.
    pub approvers: Vec<String>,
    /// Digest of the signed decision.
    pub decision: Option<String>,
}
