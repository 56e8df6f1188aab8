//! Authentication methods, in the words of Microsoft Graph (`authenticationMethodModes`).

use std::fmt;

use serde::Serialize;

/// One way of proving who one is: a member of `authenticationMethodModes` (Graph, *authentication
/// strength*), or one of three words that stand in sign-in logs and registration reports only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// `password`
    Password,
    /// `windowsHelloForBusiness`
    WindowsHelloForBusiness,
    /// `fido2`: security keys and passkeys
    Fido2,
    /// `x509CertificateMultiFactor`
    X509CertificateMultiFactor,
    /// `x509CertificateSingleFactor`
    X509CertificateSingleFactor,
    /// `deviceBasedPush`: passwordless phone sign-in
    DeviceBasedPush,
    /// `microsoftAuthenticatorPush`
    MicrosoftAuthenticatorPush,
    /// `softwareOath`
    SoftwareOath,
    /// `hardwareOath`
    HardwareOath,
    /// `sms`
    Sms,
    /// `voice`
    Voice,
    /// `temporaryAccessPassOneTime`
    TemporaryAccessPassOneTime,
    /// `temporaryAccessPassMultiUse`
    TemporaryAccessPassMultiUse,
    /// `federatedMultiFactor`
    FederatedMultiFactor,
    /// `federatedSingleFactor`
    FederatedSingleFactor,
    /// `externalAuthenticationMethod`: another provider's second factor
    ExternalAuthenticationMethod,
    /// `email`: for password reset only
    Email,
    /// `securityQuestion`: for password reset only
    SecurityQuestion,
    /// `appPassword`
    AppPassword,
    /// `qrCodePin`
    QrCodePin,
}

impl Method {
    /// Every method, each with the word Graph uses for it.
    pub const ALL: [(Self, &'static str); 20] = [
        (Self::Password, "password"),
        (Self::WindowsHelloForBusiness, "windowsHelloForBusiness"),
        (Self::Fido2, "fido2"),
        (Self::X509CertificateMultiFactor, "x509CertificateMultiFactor"),
        (Self::X509CertificateSingleFactor, "x509CertificateSingleFactor"),
        (Self::DeviceBasedPush, "deviceBasedPush"),
        (Self::MicrosoftAuthenticatorPush, "microsoftAuthenticatorPush"),
        (Self::SoftwareOath, "softwareOath"),
        (Self::HardwareOath, "hardwareOath"),
        (Self::Sms, "sms"),
        (Self::Voice, "voice"),
        (Self::TemporaryAccessPassOneTime, "temporaryAccessPassOneTime"),
        (Self::TemporaryAccessPassMultiUse, "temporaryAccessPassMultiUse"),
        (Self::FederatedMultiFactor, "federatedMultiFactor"),
        (Self::FederatedSingleFactor, "federatedSingleFactor"),
        (Self::ExternalAuthenticationMethod, "externalAuthenticationMethod"),
        (Self::Email, "email"),
        (Self::SecurityQuestion, "securityQuestion"),
        (Self::AppPassword, "appPassword"),
        (Self::QrCodePin, "qrCodePin"),
    ];

    /// The method of this name, in any case. `None`: a method this model does not know.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.trim();
        Self::ALL
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(word))
            .map(|(method, _)| *method)
    }

    /// The word Graph uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(method, _)| *method == self).map_or("", |(_, word)| word)
    }

    const fn bit(self) -> u32 {
        match self {
            Self::Password => 1,
            Self::WindowsHelloForBusiness => 1 << 1,
            Self::Fido2 => 1 << 2,
            Self::X509CertificateMultiFactor => 1 << 3,
            Self::X509CertificateSingleFactor => 1 << 4,
            Self::DeviceBasedPush => 1 << 5,
            Self::MicrosoftAuthenticatorPush => 1 << 6,
            Self::SoftwareOath => 1 << 7,
            Self::HardwareOath => 1 << 8,
            Self::Sms => 1 << 9,
            Self::Voice => 1 << 10,
            Self::TemporaryAccessPassOneTime => 1 << 11,
            Self::TemporaryAccessPassMultiUse => 1 << 12,
            Self::FederatedMultiFactor => 1 << 13,
            Self::FederatedSingleFactor => 1 << 14,
            Self::ExternalAuthenticationMethod => 1 << 15,
            Self::Email => 1 << 16,
            Self::SecurityQuestion => 1 << 17,
            Self::AppPassword => 1 << 18,
            Self::QrCodePin => 1 << 19,
        }
    }
}

/// A set of methods.
///
/// A set may also hold *something this model does not know*. Such a member satisfies nothing for
/// certain, and rules nothing out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Methods(u32);

impl Methods {
    /// No method at all.
    pub const NONE: Self = Self(0);
    /// Only a method this model does not know.
    pub const UNMODELLED: Self = Self(1 << 31);

    /// What passes MFA (Entra documentation, *Authentication strengths*; an external method passes
    /// the control, though no built-in strength).
    pub const MFA: Self = Self::of(&[
        Method::WindowsHelloForBusiness,
        Method::Fido2,
        Method::X509CertificateMultiFactor,
        Method::DeviceBasedPush,
        Method::MicrosoftAuthenticatorPush,
        Method::SoftwareOath,
        Method::HardwareOath,
        Method::Sms,
        Method::Voice,
        Method::TemporaryAccessPassOneTime,
        Method::TemporaryAccessPassMultiUse,
        Method::FederatedMultiFactor,
        Method::ExternalAuthenticationMethod,
    ]);

    /// The set of these methods.
    #[must_use]
    pub const fn of(methods: &[Method]) -> Self {
        let mut bits = 0;
        let mut rest = methods;
        while let [first, others @ ..] = rest {
            bits |= first.bit();
            rest = others;
        }
        Self(bits)
    }

    /// The set of the methods of these names; a name this model does not know is kept as such.
    #[must_use]
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        words.into_iter().fold(Self::NONE, |set, word| {
            set.union(Method::of_word(word).map_or(Self::UNMODELLED, |it| Self::of(&[it])))
        })
    }

    /// Members of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Members of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Members of this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// True when the sets have a member in common.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// True when every member of the other set is in this one.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// True when nothing is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when the set holds a method this model does not know.
    #[must_use]
    pub const fn has_unmodelled(self) -> bool {
        self.meets(Self::UNMODELLED)
    }

    /// The known members, in the order of [`Method::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Method> {
        Method::ALL.into_iter().map(|(method, _)| method).filter(move |it| self.0 & it.bit() != 0)
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut set = formatter.debug_set();
        set.entries(self.iter());
        if self.has_unmodelled() {
            set.entry(&"unmodelled");
        }
        set.finish()
    }
}

impl FromIterator<Method> for Methods {
    fn from_iter<I: IntoIterator<Item = Method>>(methods: I) -> Self {
        methods.into_iter().fold(Self::NONE, |set, method| set.union(Self::of(&[method])))
    }
}

#[cfg(test)]
mod tests {
    use super::{Method, Methods};

    #[test]
    fn every_method_has_its_own_bit_and_word() {
        let all: Methods = Method::ALL.into_iter().map(|(method, _)| method).collect();
        assert_eq!(all.iter().count(), Method::ALL.len());
        for (method, word) in Method::ALL {
            assert_eq!(Method::of_word(&word.to_uppercase()), Some(method));
            assert_eq!(method.word(), word);
            assert_eq!(Methods::of(&[method]).iter().collect::<Vec<_>>(), [method]);
        }
        assert!(!all.has_unmodelled());
    }

    #[test]
    fn a_word_nobody_knows_is_kept_as_such() {
        let set = Methods::of_words(["sms", "verifiableCredential"]);
        assert!(set.has_unmodelled() && set.covers(Methods::of(&[Method::Sms])));
        assert_eq!(set.iter().collect::<Vec<_>>(), [Method::Sms]);
        assert_eq!(format!("{set:?}"), r#"{Sms, "unmodelled"}"#);
    }
}
