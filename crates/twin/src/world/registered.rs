//! What people have registered, as Graph lists it method by method and as the report shows it,
//! hours late.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::World;
use super::object::{object, text, time};
use super::person::{Held, Person};
use super::show::{about, computer_name};
use crate::documents::Collection;

/// The id of everybody's password method, fixed by Microsoft.
const PASSWORD: &str = "28c10230-6103-485e-b985-444c60001490";
/// The fixed id of the mobile phone method.
const MOBILE: &str = "3179e48a-750b-4051-897c-87b9720928f7";
/// The fixed id of the office phone method.
const OFFICE: &str = "e37fc753-ff3b-4958-9484-eaa9425c82bc";

/// The methods a person can hold beside a pass: type, word of the report, configuration that
/// allows it.
const METHODS: [(Held, &str, &str, &str); 7] = [
    (
        Held::AUTHENTICATOR,
        "microsoftAuthenticator",
        "microsoftAuthenticatorPush",
        "MicrosoftAuthenticator",
    ),
    (Held::CODE_APP, "softwareOath", "softwareOneTimePasscode", "SoftwareOath"),
    (Held::MOBILE_PHONE, "phone", "mobilePhone", "Sms"),
    (Held::OFFICE_PHONE, "phone", "officePhone", "Voice"),
    (Held::WINDOWS_HELLO, "windowsHelloForBusiness", "windowsHelloForBusiness", ""),
    (Held::SECURITY_KEY, "fido2", "fido2SecurityKey", "Fido2"),
    (Held::EMAIL, "email", "email", "Email"),
];

impl World {
    /// The methods of an account, without those made through Graph.
    pub(crate) fn methods_of(&self, person: &Person, as_of: Timestamp) -> Vec<Map<String, Value>> {
        let held = person.held_at(as_of);
        let mut methods = Vec::new();
        if !person.is_guest() {
            methods.push(object(json!({
                "@odata.type": "#microsoft.graph.passwordAuthenticationMethod",
                "id": PASSWORD,
                "createdDateTime": time(person.created),
                "password": null,
            })));
        }
        for (method, kind, _, _) in METHODS {
            if held.has(method) {
                let mut shown = self.method_details(person, method);
                let registered = person.registered_at(method, as_of).map(time);
                shown.insert("createdDateTime".to_owned(), json!(registered));
                let name = format!("#microsoft.graph.{kind}AuthenticationMethod");
                shown.insert("@odata.type".to_owned(), json!(name));
                methods.push(shown);
            }
        }
        methods
    }

    /// Which held method has this id.
    pub(crate) fn method_of_id(&self, person: &Person, id: &str) -> Option<Held> {
        METHODS
            .iter()
            .map(|(method, ..)| *method)
            .find(|method| text(&self.method_details(person, *method), "id") == Some(id))
    }

    /// The methods the methods policy lets everybody use, as of a time. A configuration that only
    /// lets some groups use it is taken to let everybody: nobody of this tenant is outside.
    pub(crate) fn allowed_methods(&self, as_of: Timestamp) -> Held {
        let policy =
            self.documents.list(&Collection::MethodsPolicy, as_of).next().map(|(_, policy)| policy);
        let configurations = policy.and_then(|it| it.get("authenticationMethodConfigurations"));
        let enabled = |wanted: &str| {
            let listed = configurations.and_then(Value::as_array).into_iter().flatten();
            listed.filter_map(Value::as_object).any(|it| {
                text(it, "id").is_some_and(|id| id.eq_ignore_ascii_case(wanted))
                    && text(it, "state") == Some("enabled")
            })
        };
        let mut allowed = Held::CERTIFICATE.with(Held::PASS);
        for (method, _, _, configuration) in METHODS {
            if configuration.is_empty() || enabled(configuration) {
                allowed = allowed.with(method);
            }
        }
        allowed
    }

    /// When the report's row about an account was refreshed last, as seen at a time.
    pub(crate) fn report_refreshed(&self, person: &Person, as_of: Timestamp) -> Timestamp {
        let period =
            i64::try_from(self.behaviour.log.report_refresh_hours).unwrap_or(1).max(1) * 3600;
        let offset = i64::try_from(about(person).for_purpose("report").below(3600 * 20));
        let offset = offset.unwrap_or(0) % period;
        let second = as_of.as_second();
        let refreshed = second - (second - offset).rem_euclid(period);
        Timestamp::from_second(refreshed).unwrap_or(as_of)
    }

    /// One row of the registration report.
    pub(crate) fn registration_row(
        &self,
        place: usize,
        as_of: Timestamp,
    ) -> Option<Map<String, Value>> {
        let person = self.people.get(place)?;
        let seen = self.report_refreshed(person, as_of);
        let held = person.held_at(seen).with(self.made_methods(person, seen));
        let allowed = self.allowed_methods(seen);
        let registered = held.has_any(Held::STRONG);
        let usable = held.and(allowed);
        let passwordless =
            usable.has_any(Held::WINDOWS_HELLO.with(Held::SECURITY_KEY).with(Held::CERTIFICATE));
        let reset = held.has_any(Held::STRONG.with(Held::EMAIL).without(Held::WINDOWS_HELLO));
        let mut words: Vec<&str> = METHODS
            .iter()
            .filter(|(method, ..)| held.has(*method))
            .map(|(_, _, word, _)| *word)
            .collect();
        if held.has(Held::PASS) {
            words.push("temporaryAccessPass");
        }
        let preferred = preferred(held);
        let name = person.user_principal_name(&self.settings.domain);
        Some(object(json!({
            "id": person.id.to_string(),
            "userPrincipalName": name,
            "userDisplayName": person.display_name(),
            "userType": if person.is_guest() { "guest" } else { "member" },
            "isAdmin": self.is_administrator(person, seen),
            "isMfaRegistered": registered,
            "isMfaCapable": usable.has_any(Held::STRONG),
            "isPasswordlessCapable": passwordless,
            "isSsprRegistered": reset,
            "isSsprEnabled": !person.is_guest(),
            "isSsprCapable": reset && !person.is_guest(),
            "isSystemPreferredAuthenticationMethodEnabled": true,
            "systemPreferredAuthenticationMethods": preferred.map(|it| vec![it])
                .unwrap_or_default(),
            "userPreferredMethodForSecondaryAuthentication": preferred.unwrap_or("none"),
            "defaultMfaMethod": default_method(held),
            "methodsRegistered": words,
            "lastUpdatedDateTime": time(seen),
        })))
    }

    /// Methods that were made through Graph, as of a time.
    pub(crate) fn made_methods(&self, person: &Person, as_of: Timestamp) -> Held {
        let within = Collection::AuthenticationMethods(person.id.to_string());
        self.documents.list(&within, as_of).fold(Held::NOTHING, |set, (_, method)| {
            let kind = text(method, "@odata.type").unwrap_or_default();
            let kind = kind.trim_start_matches("#microsoft.graph.");
            let kind = kind.trim_end_matches("AuthenticationMethod");
            let made = match kind {
                "temporaryAccessPass" if pass_is_good(method, as_of) => Held::PASS,
                _ => METHODS
                    .iter()
                    .find(|(_, name, ..)| *name == kind && kind != "phone")
                    .map_or(Held::NOTHING, |it| it.0),
            };
            set.with(made)
        })
    }

    /// Everything a person can pass MFA with now: registered and allowed.
    pub(crate) fn usable_methods(&self, person: &Person, as_of: Timestamp) -> Held {
        let era = self.era(as_of);
        let mut held = person.held_at(as_of);
        if era.made.contains(&person.id) {
            held = held.with(self.made_methods(person, as_of));
        }
        held.and(era.allowed)
    }
}

fn pass_is_good(method: &Map<String, Value>, as_of: Timestamp) -> bool {
    let start: Option<Timestamp> = text(method, "startDateTime").and_then(|it| it.parse().ok());
    let minutes = method.get("lifetimeInMinutes").and_then(Value::as_i64);
    match (start, minutes) {
        (Some(start), Some(minutes)) => {
            let end = start.saturating_add(SignedDuration::from_mins(minutes));
            start <= as_of && end.is_ok_and(|end| as_of < end)
        }
        _ => false,
    }
}

fn preferred(held: Held) -> Option<&'static str> {
    [
        (Held::AUTHENTICATOR, "push"),
        (Held::CODE_APP, "oath"),
        (Held::MOBILE_PHONE, "sms"),
        (Held::OFFICE_PHONE, "voiceOffice"),
    ]
    .into_iter()
    .find(|(method, _)| held.has(*method))
    .map(|(_, word)| word)
}

fn default_method(held: Held) -> &'static str {
    [
        (Held::AUTHENTICATOR, "microsoftAuthenticatorPush"),
        (Held::CODE_APP, "softwareOneTimePasscode"),
        (Held::MOBILE_PHONE, "mobilePhone"),
        (Held::OFFICE_PHONE, "officePhone"),
    ]
    .into_iter()
    .find(|(method, _)| held.has(*method))
    .map_or("none", |(_, word)| word)
}

impl World {
    /// A method's own properties. Its id depends on whose it is and on nothing else.
    pub(crate) fn method_details(&self, person: &Person, method: Held) -> Map<String, Value> {
        let place = METHODS.iter().position(|(one, ..)| *one == method).unwrap_or_default();
        let place = u64::try_from(place).unwrap_or_default();
        let id = about(person).for_purpose("method").about(place).guid().to_string();
        let phone = about(person).for_purpose("phone model");
        let model = phone.pick(&["iPhone 15", "iPhone 16", "Pixel 9", "Galaxy S24"]).copied();
        object(match method {
            Held::AUTHENTICATOR => json!({
                "id": id,
                "displayName": model,
                "deviceTag": "SoftwareTokenActivated",
                "phoneAppVersion": "6.2511.7842",
                "clientAppName": "microsoftAuthenticator",
            }),
            Held::MOBILE_PHONE => json!({
                "id": MOBILE,
                "phoneNumber": self.phone_number(person, "mobile"),
                "phoneType": "mobile",
                "smsSignInState": "notAllowedByPolicy",
            }),
            Held::OFFICE_PHONE => json!({
                "id": OFFICE,
                "phoneNumber": self.phone_number(person, "desk"),
                "phoneType": "office",
                "smsSignInState": "notSupported",
            }),
            Held::WINDOWS_HELLO => json!({
                "id": id,
                "displayName": computer_name(person),
                "keyStrength": "normal",
            }),
            Held::SECURITY_KEY => json!({
                "id": id,
                "displayName": "Security key",
                "aaGuid": "2fc0579f-8113-47ea-b116-bb5a8db9202a",
                "model": "Security key with NFC",
                "attestationCertificates": [],
                "attestationLevel": "attested",
                "passkeyType": "deviceBound",
            }),
            Held::EMAIL => json!({
                "id": id,
                "emailAddress": format!("{}@mail.example", about(person).for_purpose("mail").below(100_000_000)),
            }),
            _ => json!({"id": id, "secretKey": null}),
        })
    }
}
