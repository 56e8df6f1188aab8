//! One account, compact: a hundred thousand of them fit into memory. What Graph shows of it is
//! made when asked for.

use jiff::Timestamp;
use uuid::Uuid;

use super::deeds::Errand;
use super::names::{self, FAMILY, GIVEN};

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// One of the IT team.
    ItTeam,
    /// Finance director and the like.
    Executive,
    /// Everybody else on the payroll.
    Staff,
    /// A login several people share.
    SharedLogin,
    /// A shared mailbox.
    SharedMailbox,
    /// A room.
    Room,
    /// A scanner that mails.
    Printer,
    /// The mailbox an old ERP empties over IMAP.
    Erp,
    /// Another service account.
    Service,
    /// The account of directory synchronisation.
    Synchronisation,
    /// A guest from another firm.
    Guest,
    /// Somebody who left.
    Leaver,
    /// An account made through Graph: nobody's habits are known.
    Made,
}

/// How a person works, which decides how often somebody can be asked anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Persona {
    /// Signs in to a browser every day.
    Browser,
    /// Single sign-on from a joined computer: hardly ever a prompt.
    SingleSignOn,
    /// On site, on a phone or a shared computer.
    Field,
    /// A few days a week.
    PartTime,
    /// No person.
    None,
}

/// The computer somebody works at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Computer {
    /// None of their own.
    None,
    /// Hybrid joined and managed; compliant or not.
    Enrolled {
        /// Intune finds it compliant.
        compliant: bool,
    },
    /// Neither joined nor managed.
    Unknown,
}

/// Registered methods, and habits, as sets of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Held(u16);

impl Held {
    pub(crate) const NOTHING: Self = Self(0);
    pub(crate) const AUTHENTICATOR: Self = Self(1);
    pub(crate) const CODE_APP: Self = Self(1 << 1);
    pub(crate) const MOBILE_PHONE: Self = Self(1 << 2);
    pub(crate) const OFFICE_PHONE: Self = Self(1 << 3);
    pub(crate) const WINDOWS_HELLO: Self = Self(1 << 4);
    pub(crate) const SECURITY_KEY: Self = Self(1 << 5);
    pub(crate) const EMAIL: Self = Self(1 << 6);
    pub(crate) const CERTIFICATE: Self = Self(1 << 7);
    /// A Temporary Access Pass that is good.
    pub(crate) const PASS: Self = Self(1 << 8);

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0 && other.0 != 0
    }

    pub(crate) fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Everything that passes MFA, allowed or not.
    pub(crate) const STRONG: Self = Self(0b1_1011_1111);
}

/// What somebody does beside work at the computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Habits {
    /// Reads mail on a phone with Outlook.
    pub(crate) phone: bool,
    /// Reads mail on a phone by Exchange ActiveSync.
    pub(crate) active_sync: bool,
    /// Has no smartphone.
    pub(crate) no_smartphone: bool,
    /// Unregistered with security defaults on, and goes another way at every prompt.
    pub(crate) avoids: bool,
    /// Has a password that a sprayer guesses.
    pub(crate) weak_password: bool,
}

/// Names that are not drawn: of machines, mailboxes, guests, and of accounts made through Graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FixedName {
    pub(crate) display_name: String,
    pub(crate) user_principal_name: String,
    /// The name the sign-in log shows: a guest's own address.
    pub(crate) log_name: String,
    pub(crate) mail: Option<String>,
}

/// One account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) kind: Kind,
    pub(crate) persona: Persona,
    pub(crate) given: u8,
    pub(crate) family: u8,
    pub(crate) number: u32,
    pub(crate) fixed: Option<Box<FixedName>>,
    pub(crate) job: Option<&'static str>,
    pub(crate) department: Option<&'static str>,
    /// Place in the list of offices.
    pub(crate) office: u8,
    pub(crate) enabled: bool,
    pub(crate) synchronised: bool,
    pub(crate) licensed: bool,
    pub(crate) created: Timestamp,
    /// Last seen then, and not since.
    pub(crate) quiet_since: Option<Timestamp>,
    /// Seen again from then on.
    pub(crate) quiet_until: Option<Timestamp>,
    /// Never seen at all.
    pub(crate) never_seen: bool,
    pub(crate) computer: Computer,
    pub(crate) habits: Habits,
    /// Place of the manager.
    pub(crate) manager: Option<u32>,
    /// What was registered from when on, oldest first.
    pub(crate) held: Vec<(Timestamp, Held)>,
    /// Sign-ins they were asked to make.
    pub(crate) errands: Vec<Errand>,
}

impl Person {
    pub(crate) fn is_human(&self) -> bool {
        matches!(self.kind, Kind::ItTeam | Kind::Executive | Kind::Staff)
    }

    pub(crate) fn is_guest(&self) -> bool {
        self.kind == Kind::Guest
    }

    pub(crate) fn given(&self) -> Option<&'static str> {
        self.fixed.is_none().then(|| GIVEN.get(usize::from(self.given)).copied()).flatten()
    }

    pub(crate) fn family(&self) -> Option<&'static str> {
        self.fixed.is_none().then(|| FAMILY.get(usize::from(self.family)).copied()).flatten()
    }

    pub(crate) fn display_name(&self) -> String {
        match &self.fixed {
            Some(fixed) => fixed.display_name.clone(),
            None => {
                let (given, family) = (self.given(), self.family());
                format!("{} {}", given.unwrap_or_default(), family.unwrap_or_default())
            }
        }
    }

    pub(crate) fn user_principal_name(&self, domain: &str) -> String {
        match &self.fixed {
            Some(fixed) => fixed.user_principal_name.clone(),
            None => format!("{}@{domain}", self.local_part()),
        }
    }

    pub(crate) fn log_name(&self, domain: &str) -> String {
        match &self.fixed {
            Some(fixed) => fixed.log_name.clone(),
            None => self.user_principal_name(domain),
        }
    }

    pub(crate) fn mail(&self, domain: &str) -> Option<String> {
        match &self.fixed {
            Some(fixed) => fixed.mail.clone(),
            None => Some(self.user_principal_name(domain)),
        }
    }

    fn local_part(&self) -> String {
        names::local_part(
            self.given().unwrap_or_default(),
            self.family().unwrap_or_default(),
            self.number,
        )
    }

    /// What was registered at a time.
    pub(crate) fn held_at(&self, at: Timestamp) -> Held {
        self.held
            .iter()
            .rev()
            .find(|(from, _)| *from <= at)
            .map_or(Held::NOTHING, |(_, held)| *held)
    }

    /// When a method that is held now was registered.
    pub(crate) fn registered_at(&self, method: Held, at: Timestamp) -> Option<Timestamp> {
        let mut found = None;
        for (from, held) in self.held.iter().take_while(|(from, _)| *from <= at) {
            match (held.has(method), found) {
                (true, None) => found = Some(*from),
                (false, _) => found = None,
                (true, Some(_)) => {}
            }
        }
        found
    }

    /// True while the account is seen in the log at all.
    pub(crate) fn is_about(&self, at: Timestamp) -> bool {
        let quiet = match (self.quiet_since, self.quiet_until) {
            (Some(since), Some(until)) => at > since && at < until,
            (Some(since), None) => at > since,
            (None, _) => false,
        };
        self.created <= at && !quiet && !self.never_seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_was_deleted_and_registered_again_is_new() {
        let time = |second| Timestamp::from_second(second).unwrap();
        let mut person = crate::world::people::nobody(Uuid::nil(), Kind::Staff, time(0));
        person.held = vec![
            (time(1), Held::AUTHENTICATOR),
            (time(5), Held::NOTHING),
            (time(9), Held::AUTHENTICATOR.with(Held::EMAIL)),
        ];
        assert_eq!(person.registered_at(Held::AUTHENTICATOR, time(4)), Some(time(1)));
        assert_eq!(person.registered_at(Held::AUTHENTICATOR, time(6)), None);
        assert_eq!(person.registered_at(Held::AUTHENTICATOR, time(20)), Some(time(9)));
        assert!(!person.held_at(time(0)).has_any(Held::STRONG));
        assert!(!Held::EMAIL.has_any(Held::STRONG));
        assert!(Held::PASS.has_any(Held::STRONG));
    }
}
