//! Registered methods, in the spellings of Microsoft Graph and of the portal's CSV.

use jiff::tz::TimeZone;

use super::SMS_END;
use crate::facts::Facts;
use crate::snapshot::Registration;

/// What a registered method is, as far as a rollout must tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MethodKind {
    /// Text message or voice call: Microsoft ends both on 2027-02-01.
    Telephone,
    /// Email or security questions: for password reset only, never MFA.
    PasswordResetOnly,
    /// A Temporary Access Pass: a way in to register, not a registered method.
    Bootstrap,
    /// FIDO2 key, passkey, Windows Hello for Business, certificate: phishing-resistant.
    PhishingResistant,
    /// Anything else: Authenticator, one-time codes, methods of a later day.
    Other,
}

/// Tells what a method of `methodsRegistered` is (Graph `userRegistrationDetails`), whichever
/// way it is spelt.
pub(super) fn kind_of(method: &str) -> MethodKind {
    let name: String =
        method.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match name.as_str() {
        "mobilephone"
        | "alternatemobilephone"
        | "alternatephone"
        | "officephone"
        | "sms"
        | "voice"
        | "textmessage" => MethodKind::Telephone,
        "email" | "securityquestion" | "securityquestions" | "alternateemail" => {
            MethodKind::PasswordResetOnly
        }
        "temporaryaccesspass" => MethodKind::Bootstrap,
        _ if name.starts_with("fido2")
            || name.starts_with("passkey")
            || name.starts_with("windowshello")
            || name.starts_with("x509certificatemulti") =>
        {
            MethodKind::PhishingResistant
        }
        _ => MethodKind::Other,
    }
}

/// True when all methods of a row that count for MFA are text message or voice call, and both have
/// ended. A row that tells no methods may hold others.
pub(super) fn has_ended(facts: &Facts<'_>, row: &Registration) -> bool {
    let today = facts.now.to_zoned(TimeZone::UTC).date();
    today >= SMS_END && row.methods.as_deref().is_some_and(is_telephone_only)
}

/// True when the methods that count for MFA are all text message or voice call, and there is one.
pub(super) fn is_telephone_only(methods: &[String]) -> bool {
    let mut telephone = false;
    for method in methods {
        match kind_of(method) {
            MethodKind::Telephone => telephone = true,
            MethodKind::PasswordResetOnly | MethodKind::Bootstrap => {}
            MethodKind::PhishingResistant | MethodKind::Other => return false,
        }
    }
    telephone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let cases = [
            ("somethingOfTomorrow", MethodKind::Other),
            ("", MethodKind::Other),
            ("microsoftAuthenticatorPush", MethodKind::Other),
            ("mobilePhone", MethodKind::Telephone),
            ("Mobile phone", MethodKind::Telephone),
            ("alternateMobilePhone", MethodKind::Telephone),
            ("officePhone", MethodKind::Telephone),
            ("email", MethodKind::PasswordResetOnly),
            ("securityQuestion", MethodKind::PasswordResetOnly),
            ("temporaryAccessPass", MethodKind::Bootstrap),
            ("fido2SecurityKey", MethodKind::PhishingResistant),
            ("passKeyDeviceBoundAuthenticator", MethodKind::PhishingResistant),
            ("windowsHelloForBusiness", MethodKind::PhishingResistant),
            ("x509CertificateMultiFactor", MethodKind::PhishingResistant),
            ("x509CertificateSingleFactor", MethodKind::Other),
        ];
        for (method, kind) in cases {
            assert_eq!(kind_of(method), kind, "{method}");
        }
    }

    #[test]
    fn telephone_only() {
        let cases: [(&[&str], bool); 6] = [
            (&[], false),
            (&["email"], false),
            (&["mobilePhone"], true),
            (&["mobilePhone", "officePhone", "email", "temporaryAccessPass"], true),
            (&["mobilePhone", "softwareOneTimePasscode"], false),
            (&["mobilePhone", "somethingOfTomorrow"], false),
        ];
        for (methods, expected) in cases {
            let methods: Vec<String> = methods.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(is_telephone_only(&methods), expected, "{methods:?}");
        }
    }
}
