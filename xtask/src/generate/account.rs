//! An account of the simulated tenant, and everything the generator decided about it.

use jiff::Timestamp;

/// What the account is, in the words of the exceptions register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    /// An ordinary person.
    #[default]
    Person,
    /// A person of the finance or company management.
    Executive,
    /// A person without a smartphone.
    NoSmartphone,
    /// One of the three people of the IT team, all Global Administrators.
    Administrator,
    /// A person on leave whose return date the operator knows.
    OnLeave,
    /// A person not seen for more than ninety days.
    Dormant,
    /// A person not seen in the window, and nobody told why.
    NotSeen,
    /// A guest.
    Guest,
    /// A shared mailbox.
    SharedMailbox,
    /// A meeting room.
    Room,
    /// A user object that a program or machine uses.
    Service,
    /// The directory-synchronisation account.
    Sync,
    /// One login, several people.
    SharedLogin,
    /// A person who left: disabled.
    Leaver,
}

impl Kind {
    /// The word of the exceptions register. An account that was simply not seen has none: it is
    /// `unclassified`, and a disabled one is not spoken of.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Executive => "executive",
            Self::NoSmartphone => "no-smartphone",
            Self::Administrator => "administrator",
            Self::OnLeave => "on-leave",
            Self::Dormant => "dormant",
            Self::NotSeen => "unclassified",
            Self::Guest => "guest",
            Self::SharedMailbox => "shared-mailbox",
            Self::Room => "room",
            Self::Service => "service",
            Self::Sync => "sync",
            Self::SharedLogin => "shared-login",
            Self::Leaver => "disabled",
        }
    }

    /// An active person: part of the denominator of the registration rate.
    pub(crate) const fn in_scope(self) -> bool {
        matches!(self, Self::Person | Self::Executive | Self::NoSmartphone | Self::Administrator)
    }

    /// A person at all, active or not.
    pub(crate) const fn human(self) -> bool {
        self.in_scope()
            || matches!(self, Self::OnLeave | Self::Dormant | Self::NotSeen | Self::Leaver)
    }
}

/// What the registration report says of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Registered {
    /// No row: the account is younger than the last refresh, or the report leaves it out.
    NoRow,
    /// A row without a method that counts.
    #[default]
    Nothing,
    /// A row with e-mail or security questions only: they serve password reset, not MFA.
    PasswordResetOnly,
    /// A method the methods policy does not allow.
    NotAllowed,
    /// Capable, with text message as the only method.
    TextMessageOnly,
    /// Capable, with Microsoft Authenticator.
    Authenticator,
    /// Capable, with Microsoft Authenticator and Windows Hello for Business.
    AuthenticatorAndHello,
    /// Capable, with a one-time-code app.
    CodeApp,
    /// Capable, with Microsoft Authenticator and a FIDO2 key.
    AuthenticatorAndKey,
}

impl Registered {
    /// Registered and allowed.
    pub(crate) const fn capable(self) -> bool {
        matches!(
            self,
            Self::TextMessageOnly
                | Self::Authenticator
                | Self::AuthenticatorAndHello
                | Self::CodeApp
                | Self::AuthenticatorAndKey
        )
    }

    /// Registered, allowed or not.
    pub(crate) const fn registered(self) -> bool {
        self.capable() || matches!(self, Self::NotAllowed)
    }

    /// `methodsRegistered`, in the report's words.
    pub(crate) const fn methods(self) -> &'static [&'static str] {
        match self {
            Self::NoRow | Self::Nothing => &[],
            Self::PasswordResetOnly => &["email", "securityQuestion"],
            Self::NotAllowed => &["officePhone"],
            Self::TextMessageOnly => &["mobilePhone"],
            Self::Authenticator => &["microsoftAuthenticatorPush", "softwareOneTimePasscode"],
            Self::AuthenticatorAndHello => {
                &["microsoftAuthenticatorPush", "windowsHelloForBusiness"]
            }
            Self::CodeApp => &["softwareOneTimePasscode", "email"],
            Self::AuthenticatorAndKey => &["microsoftAuthenticatorPush", "fido2SecurityKey"],
        }
    }

    /// The preferred second factor, in the report's words.
    pub(crate) const fn preferred(self) -> &'static str {
        match self {
            Self::NoRow | Self::Nothing | Self::PasswordResetOnly => "none",
            Self::NotAllowed => "voiceOffice",
            Self::TextMessageOnly => "sms",
            Self::CodeApp => "oath",
            Self::Authenticator | Self::AuthenticatorAndHello | Self::AuthenticatorAndKey => "push",
        }
    }

    /// Why the account is not capable, for the ground truth; empty when it is.
    pub(crate) const fn why_not(self) -> &'static str {
        match self {
            Self::NoRow => "no-report-row",
            Self::Nothing => "no-method",
            Self::PasswordResetOnly => "password-reset-only",
            Self::NotAllowed => "method-not-allowed",
            _ => "",
        }
    }
}

/// What somebody signs in from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Device {
    /// Device id; empty for an unregistered one.
    pub(crate) id: String,
    /// Device name.
    pub(crate) name: String,
    /// Operating system, in the log's words.
    pub(crate) system: &'static str,
    /// Browser, in the log's words.
    pub(crate) browser: &'static str,
    /// Join type, in the log's words.
    pub(crate) trust: &'static str,
}

impl Device {
    /// Managed by the firm, and compliant with its rules.
    pub(crate) fn is_enrolled(&self) -> bool {
        matches!(self.trust, "Hybrid Azure AD joined" | "Azure AD joined")
    }
}

/// One account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    /// Object id.
    pub(crate) id: String,
    /// User principal name, in the directory's form.
    pub(crate) name: String,
    /// The name sign-in logs use: guests appear without `#EXT#`.
    pub(crate) log_name: String,
    /// Display name.
    pub(crate) display_name: String,
    /// Given name.
    pub(crate) given: &'static str,
    /// Family name.
    pub(crate) family: &'static str,
    /// What it is.
    pub(crate) kind: Kind,
    /// Sign-in allowed.
    pub(crate) enabled: bool,
    /// When the object was made.
    pub(crate) created: Timestamp,
    /// Job title.
    pub(crate) job: &'static str,
    /// Department.
    pub(crate) department: &'static str,
    /// Office.
    pub(crate) office: &'static str,
    /// Synchronised from on-premises.
    pub(crate) synchronised: bool,
    /// Holds a Microsoft 365 E3 licence.
    pub(crate) licensed: bool,
    /// What the registration report says.
    pub(crate) registered: Registered,
    /// Last sign-in of an account the window does not show.
    pub(crate) last_seen: Option<Timestamp>,
    /// The computer in daily use.
    pub(crate) computer: Device,
    /// Address of the office network, or of home.
    pub(crate) address: String,
}

impl Account {
    /// Enabled member, whatever it is.
    pub(crate) fn enabled_member(&self) -> bool {
        self.enabled && self.kind != Kind::Guest
    }
}
