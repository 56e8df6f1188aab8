//! One sign-in with everything the measures ask of it, worked out once.

use jiff::Timestamp;

use crate::measures::days::Day;
use crate::measures::meaning::{Challenge, Client, Protocol};
use crate::measures::names::User;
use crate::outcome::Outcome;
use crate::sign_in::Kind;
use crate::words::{List, Word};

/// One sign-in of a user, judged.
#[derive(Debug)]
pub(crate) struct Judged {
    pub time: Timestamp,
    /// UTC date.
    pub day: Day,
    /// Bit of the UTC hour.
    pub hour: u32,
    pub kind: Kind,
    pub user: User,
    /// `None`: not told.
    pub client: Option<Client>,
    /// `None`: not told.
    pub protocol: Option<Protocol>,
    /// Legacy authentication.
    pub legacy: bool,
    /// Resource-owner password credentials.
    pub ropc: bool,
    /// The user agent is that of a room device.
    pub room_agent: bool,
    /// Judged only of legacy sign-ins where nothing else is measured.
    pub outcome: Outcome,
}

/// What is asked of sign-ins beyond legacy authentication.
#[derive(Debug)]
pub(crate) struct Details {
    /// Of a success.
    pub challenge: Option<Challenge>,
    /// `appDisplayName`.
    pub app: Option<Word>,
    pub device_id: Option<Word>,
    pub device_name: Option<Word>,
    pub operating_system: Option<Word>,
    /// Policies of Conditional Access. `None`: not told.
    pub policies: Option<List>,
}

impl Judged {
    /// True for result code 0.
    pub(crate) fn succeeded(&self) -> bool {
        self.outcome == Outcome::Success
    }
}
