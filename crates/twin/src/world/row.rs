//! One row of the sign-in log, compact: rows of a day of a large tenant are kept like this and
//! become JSON when they are asked for.

use super::apps::Client;
use super::moments::{Place, Slot};

/// Which list shows a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum List {
    Interactive,
    NonInteractive,
    Workload,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// 0, one factor asked for and given.
    Password,
    /// 0, everything there already, one factor demanded.
    TokenOnly,
    /// 0, MFA demanded and proved before.
    ClaimedBefore,
    /// 0, MFA demanded and passed now.
    Passed,
    /// 0, after the methods were registered.
    PassedAfterRegistration,
    /// 50074 or 50076: MFA demanded, not passed yet.
    Asked,
    /// 50072 or 50079: must register first.
    MustRegister,
    /// 500121: no answer to the challenge.
    NoAnswer,
    /// 500121: the challenge was declined.
    Declined,
    /// 53003: blocked by a policy.
    Blocked,
    /// 530035: blocked by security defaults.
    BlockedBySecurityDefaults,
    /// 50126: wrong password.
    WrongPassword,
    /// 50053: locked out, or an address known for attacks.
    LockedOut,
    /// 50057: the account is disabled.
    Disabled,
    /// 50034: there is no such account.
    NoSuchUser,
    /// 50140: stay signed in?
    KeepSignedIn,
}

impl Ending {
    /// `status.errorCode`.
    pub(crate) fn code(self, interactive: bool, by_security_defaults: bool) -> u32 {
        match self {
            Self::Password
            | Self::TokenOnly
            | Self::ClaimedBefore
            | Self::Passed
            | Self::PassedAfterRegistration => 0,
            Self::Asked if interactive => 50074,
            Self::Asked => 50076,
            Self::MustRegister if by_security_defaults => 50072,
            Self::MustRegister => 50079,
            Self::NoAnswer | Self::Declined => 500_121,
            Self::Blocked => 53003,
            Self::BlockedBySecurityDefaults => 530_035,
            Self::WrongPassword => 50126,
            Self::LockedOut => 50053,
            Self::Disabled => 50057,
            Self::NoSuchUser => 50034,
            Self::KeepSignedIn => 50140,
        }
    }
}

/// Who asked for MFA (`authenticationRequirementPolicies`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    Nobody,
    ConditionalAccess,
    SecurityDefaults,
    PerUser,
    /// Microsoft's mandatory MFA for portals: the app itself.
    Portal,
}

/// No account of the tenant.
pub(crate) const NOBODY: u32 = u32::MAX;
/// Conditional Access was not reached.
pub(crate) const NOT_REACHED: u32 = u32::MAX;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Seconds since 1970.
    pub(crate) second: i64,
    /// Everything drawn about the row, its id with it.
    pub(crate) key: u64,
    /// The whole conversation.
    pub(crate) conversation: u64,
    /// Place of the account, or [`NOBODY`].
    pub(crate) person: u32,
    /// Place of what it met in the list of the day, or [`NOT_REACHED`].
    pub(crate) met: u32,
    /// Seconds until the log shows it.
    pub(crate) shown_after: u32,
    /// Seconds until its details are complete.
    pub(crate) details_after: u32,
    pub(crate) list: List,
    pub(crate) slot: Slot,
    pub(crate) app: u8,
    pub(crate) client: Client,
    pub(crate) place: Place,
    pub(crate) ending: Ending,
    pub(crate) asker: Asker,
    /// Published a second time.
    pub(crate) is_copy: bool,
}

impl Row {
    /// Newest first; within a second by what was drawn.
    pub(crate) fn order(&self) -> (std::cmp::Reverse<i64>, u64, bool) {
        (std::cmp::Reverse(self.second), self.key, self.is_copy)
    }

    pub(crate) fn is_interactive(&self) -> bool {
        self.list == List::Interactive
    }
}
