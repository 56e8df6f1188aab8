//! Exceptions (S6): every enabled account classified. Document `lockstep.exceptions/1`.
//!
//! And the register of the exceptions that were asked for ([`Exception`](crate::engine::Exception)):
//! [`ask()`] makes one of what somebody asks for, [`decide()`], [`renew()`] and [`end()`] say what
//! becomes of it, [`check()`] holds every change against the rules again, whoever made it, and
//! [`due()`] says what the day asks for. An exception is a path of sign-ins, never a person; it has an
//! owner, something that stands in for MFA, and an end that nothing moves but a new decision.

mod ask;
mod change;
mod check;
pub(crate) mod declared;
mod due;
mod kinds;
pub mod letter;
mod letter_needed;
mod limits;
pub(crate) mod name_words;
mod person;
mod register;
mod subject;
mod treatment;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::ask::{Request, ask, next_id};
pub use self::change::{Standing, decide, end, renew, standing};
pub(crate) use self::check::approvers;
pub use self::check::check;
pub use self::due::{
    Budget, DueException, after_the_end, approvals, begun, budget, due, ended, from_the_beginning,
    is_over, reminders, sets_due, taken_out,
};
pub use self::kinds::classify;
pub(crate) use self::kinds::executives;
pub use self::letter_needed::letter_needed;
pub use self::limits::{LETTER_MAX_DAYS, Limits, kind_of_word, limits};
pub use self::person::{Named, is_subject, named, same_person};
pub use self::register::register;
pub use self::treatment::{Treatment, treatment};
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

impl Kind {
    /// Every kind, in the order in which they are asked for: the first that fits is taken.
    pub const ALL: [Self; 15] = [
        Self::BreakGlass,
        Self::Sync,
        Self::Room,
        Self::Equipment,
        Self::SharedMailbox,
        Self::Guest,
        Self::Service,
        Self::SharedLogin,
        Self::OnLeave,
        Self::Dormant,
        Self::NoSmartphone,
        Self::Executive,
        Self::Administrator,
        Self::Person,
        Self::Unclassified,
    ];

    /// The word of documents: `shared-mailbox`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::BreakGlass => "break-glass",
            Self::Sync => "sync",
            Self::Room => "room",
            Self::Equipment => "equipment",
            Self::SharedMailbox => "shared-mailbox",
            Self::Guest => "guest",
            Self::Service => "service",
            Self::SharedLogin => "shared-login",
            Self::Dormant => "dormant",
            Self::OnLeave => "on-leave",
            Self::NoSmartphone => "no-smartphone",
            Self::Executive => "executive",
            Self::Administrator => "administrator",
            Self::Person => "person",
            Self::Unclassified => "unclassified",
        }
    }

    /// True for one human being of the tenant. Nobody of such a kind is ever exempt from MFA.
    #[must_use]
    pub const fn is_person(self) -> bool {
        matches!(
            self,
            Self::OnLeave
                | Self::NoSmartphone
                | Self::Executive
                | Self::Administrator
                | Self::Person
        )
    }
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
