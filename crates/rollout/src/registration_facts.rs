//! What a person can use for MFA, as the evaluation of policies reads it: the registration report
//! and the authentication-methods policy, put into the words of [`conditional_access::facts`].
//!
//! Usable is what is registered *and* allowed to this person. Where the two files leave a doubt,
//! the set holds a method that nobody knows: such a set passes nothing for certain and rules
//! nothing out.
//!
//! * `isMfaCapable` of the report decides where it is told, because Microsoft computes it from both.
//!   *False*: no method for MFA is usable, whatever is listed. *True*: one is. Where it cannot be
//!   said which, it counts as a text message, the weakest that passes MFA, beside one that nobody
//!   knows; so MFA can be passed, and whether an authentication strength can be is unknown. But
//!   where the methods policy denies every listed method, report and policy contradict each other,
//!   and nothing is certain.
//! * Methods read one by one (`/users/{id}/authentication/methods`) count where the report has no
//!   row, or a row that tells neither.
//! * A Temporary Access Pass may have run out or been used: it is a method that nobody knows.
//! * Text messages and voice calls are in doubt from the day on which Microsoft ends them.
//! * A person can register unless the methods policy was read and each method that one registers
//!   by oneself is off for them. The older settings of MFA and password reset, which may allow more
//!   until the migration is complete, stand in no export and are left out of account.

use conditional_access::facts as seen;
use conditional_access::facts::{Method, Methods};
use jiff::tz::TimeZone;

use crate::account::Account;
use crate::facts::Facts;
use crate::registration::SMS_END;
use crate::registration::allowed::{self, MethodsAllowed};
use crate::snapshot::{AuthenticationMethod, Registration};

/// Everybody's registration, with the methods policy resolved once.
#[derive(Debug)]
pub struct RegistrationFacts {
    allowed: MethodsAllowed,
    telephone_ended: bool,
}

/// What is known of one account's registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRegistration {
    /// In the words of the evaluation.
    pub registration: seen::Registration,
    /// False when the report has no row of the account and nobody read its methods one by one.
    pub is_told: bool,
}

impl AccountRegistration {
    /// True when it is known that no method for MFA is usable.
    #[must_use]
    pub fn has_nothing_usable(&self) -> bool {
        let usable = self.registration.usable;
        usable.is_some_and(|usable| !usable.meets(Methods::MFA) && !usable.has_unmodelled())
    }
}

impl RegistrationFacts {
    /// Resolves the methods policy.
    #[must_use]
    pub fn new(facts: &Facts<'_>) -> Self {
        let today = facts.as_of.to_zoned(TimeZone::UTC).date();
        Self { allowed: MethodsAllowed::new(facts), telephone_ended: today >= SMS_END }
    }

    /// What the account can use, and whether it can register.
    #[must_use]
    pub fn of(&self, facts: &Facts<'_>, account: &Account) -> AccountRegistration {
        let row = facts.registration(account);
        let is_listed = facts.user(account).is_some_and(|user| user.methods.is_some());
        let told = |row: &Registration| {
            row.methods.is_some() || row.mfa_capable.is_some() || row.mfa_registered == Some(false)
        };
        let by_one = self.read_one_by_one(facts, account);
        let usable = match row {
            Some(row) if told(row) => {
                usable_by_report(row, |gate| self.may_use(gate, facts, account))
            }
            _ => by_one.usable,
        };
        AccountRegistration {
            registration: seen::Registration { usable, ..by_one },
            is_told: row.is_some() || is_listed,
        }
    }

    /// The same by the methods that were read one by one alone: a report lags, so that what is in
    /// it may be gone.
    #[must_use]
    pub fn read_one_by_one(&self, facts: &Facts<'_>, account: &Account) -> seen::Registration {
        let listed = facts.user(account).and_then(|user| user.methods.as_deref());
        let may = |gate: &str| self.may_use(gate, facts, account);
        let usable = listed.map(|listed| Held::of(listed.iter().map(in_words), may).usable());
        seen::Registration { usable, can_register: self.allowed.may_register(facts, account) }
    }

    fn may_use(&self, gate: &str, facts: &Facts<'_>, account: &Account) -> Option<bool> {
        let may = |id| self.allowed.allows(id, facts, account);
        match gate {
            NO_GATE => Some(true),
            allowed::SMS | allowed::VOICE if self.telephone_ended => {
                may(gate).filter(|allowed| !allowed)
            }
            // Codes of Microsoft Authenticator have a switch of their own in its configuration.
            allowed::SOFTWARE_OATH => {
                let by_authenticator = may(allowed::MICROSOFT_AUTHENTICATOR);
                may(gate).filter(|allowed| *allowed || by_authenticator == Some(false))
            }
            _ => may(gate),
        }
    }
}

/// Not governed by the methods policy.
const NO_GATE: &str = "";

/// What is registered, by whether it is allowed.
#[derive(Debug, Default)]
struct Held {
    allowed: Methods,
    /// No file tells whether they are allowed.
    in_doubt: Methods,
    denied: Methods,
    /// There is one that nobody knows.
    unmodelled: bool,
}

impl Held {
    fn of(words: impl IntoIterator<Item = String>, may: impl Fn(&str) -> Option<bool>) -> Self {
        let mut held = Self::default();
        for word in words {
            let Some(methods) = methods_of(&word) else {
                held.unmodelled = true;
                continue;
            };
            for (method, gate) in methods {
                let method = Methods::of(&[*method]);
                match may(gate) {
                    Some(true) => held.allowed = held.allowed.union(method),
                    None => held.in_doubt = held.in_doubt.union(method),
                    Some(false) => held.denied = held.denied.union(method),
                }
            }
        }
        held
    }

    fn usable(&self) -> Methods {
        let doubt = self.unmodelled || self.in_doubt.meets(Methods::MFA);
        if doubt { self.allowed.union(Methods::UNMODELLED) } else { self.allowed }
    }

    /// What is usable of a person who is told to be capable of MFA.
    fn usable_of_capable(&self) -> Methods {
        let usable = self.usable();
        let open = self.in_doubt.intersection(Methods::MFA);
        let only_denied = open.is_empty() && !self.unmodelled && self.denied.meets(Methods::MFA);
        if usable.meets(Methods::MFA) {
            usable
        } else if only_denied {
            usable.union(Methods::UNMODELLED)
        } else if open.iter().count() == 1 && !self.unmodelled {
            // The one that is listed is the one that is allowed.
            self.allowed.union(open)
        } else {
            usable.union(Methods::of(&[Method::Sms])).union(Methods::UNMODELLED)
        }
    }
}

fn usable_by_report(row: &Registration, may: impl Fn(&str) -> Option<bool>) -> Option<Methods> {
    let held = row.methods.as_ref().map(|words| Held::of(words.iter().cloned(), may));
    let none = || held.as_ref().map_or(Methods::NONE, |held| held.allowed.without(Methods::MFA));
    match (row.mfa_capable, row.mfa_registered) {
        (Some(false), _) => Some(none()),
        (Some(true), _) => Some(held.unwrap_or_default().usable_of_capable()),
        (None, Some(false)) if held.is_none() => Some(Methods::NONE),
        (None, _) => held.map(|held| held.usable()),
    }
}

/// A method that was read by itself, in the words of the report.
fn in_words(method: &AuthenticationMethod) -> String {
    let detail = method.detail.as_deref().unwrap_or_default().to_ascii_lowercase();
    match method.kind.as_str() {
        "phone" if detail.contains("office") => "officePhone".to_owned(),
        "phone" if detail.contains("alternate") => "alternateMobilePhone".to_owned(),
        "phone" => "mobilePhone".to_owned(),
        kind => kind.to_owned(),
    }
}

/// The methods behind a word of `methodsRegistered` (Graph, *userRegistrationDetails*), in Graph's
/// spelling or the portal's, each with the configuration of the methods policy that allows it.
/// `None`: a word that nobody knows.
fn methods_of(word: &str) -> Option<&'static [(Method, &'static str)]> {
    let name: String =
        word.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    METHODS.iter().find(|(words, _)| words.contains(&name.as_str())).map(|(_, methods)| *methods)
}

type Known = (&'static [&'static str], &'static [(Method, &'static str)]);

const METHODS: [Known; 17] = [
    (&["mobilephone"], &[(Method::Sms, allowed::SMS), (Method::Voice, allowed::VOICE)]),
    (&["sms", "textmessage"], &[(Method::Sms, allowed::SMS)]),
    (
        &["voice", "alternatemobilephone", "alternatephone", "officephone"],
        &[(Method::Voice, allowed::VOICE)],
    ),
    (&["email", "alternateemail"], &[(Method::Email, NO_GATE)]),
    (&["securityquestion", "securityquestions"], &[(Method::SecurityQuestion, NO_GATE)]),
    (&["password"], &[(Method::Password, NO_GATE)]),
    (&["apppassword"], &[(Method::AppPassword, NO_GATE)]),
    (
        &[
            "fido2",
            "fido2securitykey",
            "passkey",
            "passkeydevicebound",
            "passkeydeviceboundauthenticator",
            "passkeydeviceboundwindowshello",
            "passkeysynced",
        ],
        &[(Method::Fido2, allowed::FIDO2)],
    ),
    (&["windowshelloforbusiness"], &[(Method::WindowsHelloForBusiness, NO_GATE)]),
    (
        &["x509certificatemultifactor"],
        &[(Method::X509CertificateMultiFactor, allowed::X509_CERTIFICATE)],
    ),
    (
        &["x509certificatesinglefactor"],
        &[(Method::X509CertificateSingleFactor, allowed::X509_CERTIFICATE)],
    ),
    (
        &["microsoftauthenticator", "microsoftauthenticatorpush", "microsoftauthenticatorapp"],
        &[(Method::MicrosoftAuthenticatorPush, allowed::MICROSOFT_AUTHENTICATOR)],
    ),
    (
        &["microsoftauthenticatorpasswordless", "passwordlessmicrosoftauthenticator"],
        &[(Method::DeviceBasedPush, allowed::MICROSOFT_AUTHENTICATOR)],
    ),
    (
        &["softwareonetimepasscode", "softwareoath", "softwareoathtoken"],
        &[(Method::SoftwareOath, allowed::SOFTWARE_OATH)],
    ),
    (
        &["hardwareonetimepasscode", "hardwareoath", "hardwareoathtoken"],
        &[(Method::HardwareOath, allowed::HARDWARE_OATH)],
    ),
    (&["qrcodepin"], &[(Method::QrCodePin, allowed::QR_CODE_PIN)]),
    (&["none"], &[]),
];

#[cfg(test)]
mod tests;
