//! Why an account comes to its outcome, and what to do about it: one plain sentence each.

use std::collections::BTreeSet;

use conditional_access::Control;

use super::UserOutcome;
use super::accounts::Subject;
use super::sign_ins::{cannot_be_asked, told};
use crate::measurement::{ReplayClient, ReplayDevice, ReplayPlace};

/// What decides for one account.
#[derive(Debug)]
pub(super) enum Reason<'a> {
    /// No successful sign-in in so many days, and a judged policy takes the account in.
    NoSignIn { days: u32 },
    /// The registration report has no row.
    NoRegistration { has_report: bool },
    /// The log shows MFA, the report nothing it could have been done with.
    Contradiction,
    /// So many sign-ins of the account are in no row.
    LeftOut { sign_ins: u64 },
    /// What one of its sign-ins meets.
    SignIn(SignInReason<'a>),
}

/// What one sign-in meets.
#[derive(Debug)]
pub(super) struct SignInReason<'a> {
    pub(super) client: Option<&'a ReplayClient>,
    pub(super) place: Option<&'a ReplayPlace>,
    pub(super) device: Option<&'a ReplayDevice>,
    pub(super) outstanding: BTreeSet<Control>,
    /// What nobody told, in words, and what would tell the first.
    pub(super) unknown: Vec<String>,
    pub(super) find_out: Option<String>,
}

/// The two sentences of one account.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sentences {
    pub(super) why: String,
    pub(super) next: String,
}

/// Says why and what to do.
pub(super) fn say(
    outcome: UserOutcome,
    subject: &Subject,
    policies: &[String],
    reason: &Reason<'_>,
) -> Sentences {
    let by = listed(policies);
    let (why, next) = match reason {
        Reason::NoSignIn { days } => (
            format!(
                "No successful sign-in of the last {days} days is in the log, and policies take \
                 the account in{by}."
            ),
            "Ask whether the account is still used: disable it if not, else have its owner \
             register and sign in once before the policies are on."
                .to_owned(),
        ),
        Reason::NoRegistration { has_report } => no_registration(*has_report, &by),
        Reason::Contradiction => (
            format!(
                "The log shows that MFA was done, but the registration report knows no method it \
                 could have been done with{by}."
            ),
            read_methods().to_owned(),
        ),
        Reason::LeftOut { sign_ins } => (
            format!(
                "{sign_ins} of the account's sign-ins were not replayed, because the log holds \
                 more distinct ones than are kept."
            ),
            "Try again with a log of fewer days, or of this part of the tenant.".to_owned(),
        ),
        Reason::SignIn(reason) => match outcome {
            UserOutcome::MustRegister => must_register(subject, reason, &by),
            UserOutcome::Cannot => cannot(subject, reason, &by),
            UserOutcome::BlockedLegacy => blocked_legacy(reason, &by),
            UserOutcome::Blocked => blocked(reason, &by),
            UserOutcome::Unknown | UserOutcome::Ready | UserOutcome::NotTouched => {
                unknown(reason, &by)
            }
        },
    };
    Sentences { why, next }
}

/// Names in brackets, the first three; nothing for none.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| format!("`{name}`")).collect();
    match (names.len(), names.len().saturating_sub(3)) {
        (0, _) => String::new(),
        (_, 0) => format!(" ({})", shown.join(", ")),
        (_, more) => format!(" ({} and {more} more)", shown.join(", ")),
    }
}

const fn read_methods() -> &'static str {
    "Take a fresh registration report, or read the account's methods with GET \
     /users/{id}/authentication/methods."
}

fn no_registration(has_report: bool, by: &str) -> (String, String) {
    let what = if has_report {
        "The registration report has no row of this account"
    } else {
        "No file holds the registration report"
    };
    (format!("{what}, and policies apply to its sign-ins{by}."), read_methods().to_owned())
}

fn asked_for(reason: &SignInReason<'_>) -> String {
    let controls = reason.outstanding.iter().filter(|control| **control != Control::Block);
    let words: Vec<String> = controls.map(control_words).collect();
    if words.is_empty() { "MFA".to_owned() } else { words.join(" and ") }
}

fn must_register(subject: &Subject, reason: &SignInReason<'_>, by: &str) -> (String, String) {
    let asked = asked_for(reason);
    let usable = subject.registered().usable;
    let has_other = usable.is_some_and(|it| it.meets(conditional_access::facts::Methods::MFA));
    let missing = if has_other {
        "none of the methods that are registered satisfies it"
    } else {
        "no usable method is registered"
    };
    let why = format!("{} is asked for{by}, and {missing}.", capitalised(&asked));
    let next = if subject.guest == Some(true) {
        "Have the guest register in this tenant before the policies are on, or trust the MFA of \
         the guest's own organisation (cross-tenant access settings, inbound)."
    } else {
        "Have them register before the policies are on: in the registration campaign, or in \
         person with a Temporary Access Pass."
    };
    (why, next.to_owned())
}

fn cannot(subject: &Subject, reason: &SignInReason<'_>, by: &str) -> (String, String) {
    let asked = capitalised(&asked_for(reason));
    if subject.registered().can_register {
        return (
            format!(
                "{asked} is asked for{by}, no usable method is registered, and under these \
                 policies none can be registered in such a sign-in."
            ),
            "Register with them beforehand, from where the policies let them, or give them a \
             Temporary Access Pass to register with."
                .to_owned(),
        );
    }
    (
        format!(
            "{asked} is asked for{by}, no usable method is registered, and the \
             authentication-methods policy lets this account register none."
        ),
        "Allow Microsoft Authenticator or passkeys (FIDO2) for them in the authentication-methods \
         policy, then have them register before the policies are on."
            .to_owned(),
    )
}

fn blocked_legacy(reason: &SignInReason<'_>, by: &str) -> (String, String) {
    let client = reason.client;
    let name = client.and_then(|it| told(it.client_app.as_deref()));
    let name = name.unwrap_or_else(|| "a client the log does not name".to_owned());
    let is_legacy =
        client.is_some_and(|it| cannot_be_asked(&ReplayClient { ropc: false, ..it.clone() }));
    let what = if reason.outstanding.contains(&Control::Block) {
        format!("`{name}` is blocked{by}")
    } else {
        let asked = asked_for(reason);
        let who = if is_legacy { "knows no challenge" } else { "replays the password (ROPC)" };
        format!("`{name}` {who}, and {asked} is asked for{by}")
    };
    let next = if is_legacy {
        format!(
            "Move what signs in with `{name}` to modern authentication before the policies are \
             on; `lockstep audit legacy` says what it may be and how."
        )
    } else {
        "Have the program sign in by itself, as an application with a certificate or a managed \
         identity, instead of replaying a password (ROPC)."
            .to_owned()
    };
    (format!("{what}; from a browser the account would not be blocked."), next)
}

fn blocked(reason: &SignInReason<'_>, by: &str) -> (String, String) {
    let from = sign_in_words(reason);
    let asks = |control: &Control| reason.outstanding.contains(control);
    if asks(&Control::Block) || reason.outstanding.is_empty() {
        return (
            format!("The sign-in{from} is blocked{by}, whatever is registered."),
            "Find out whether this use is meant to stop; if not, exclude it from the policy or ask \
             for something it can meet instead of blocking."
                .to_owned(),
        );
    }
    if asks(&Control::CompliantDevice) || asks(&Control::DomainJoinedDevice) {
        let state = device_words(reason.device);
        return (
            format!("{} is asked for{by}, and {state}.", capitalised(&asked_for(reason))),
            "Enrol the device and have it compliant or joined before the policies are on, or \
             exclude this use from the policy."
                .to_owned(),
        );
    }
    (
        format!(
            "{} is asked for{by}, which the sign-in{from} cannot meet, whatever is registered.",
            capitalised(&asked_for(reason))
        ),
        "Change the policy so that it asks for something this use can meet, or exclude it."
            .to_owned(),
    )
}

fn unknown(reason: &SignInReason<'_>, by: &str) -> (String, String) {
    let facts: Vec<String> = reason.unknown.iter().take(3).cloned().collect();
    let more = reason.unknown.len().saturating_sub(3);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if facts.is_empty() {
        return (
            format!("What the policies do cannot be said{by}."),
            "Try this sign-in in the What If tool of Conditional Access.".to_owned(),
        );
    }
    let next = reason.find_out.clone().unwrap_or_default();
    (
        format!("What the policies do cannot be said{by}: nobody told {}{more}.", facts.join(", ")),
        next,
    )
}

/// ` with IMAP4 from GB`, as far as the log tells.
fn sign_in_words(reason: &SignInReason<'_>) -> String {
    let client = reason.client.and_then(|it| told(it.client_app.as_deref()));
    let country = reason.place.and_then(|it| told(it.country.as_deref()));
    let client = client.map(|it| format!(" with `{it}`")).unwrap_or_default();
    let country = country.map(|it| format!(" from `{it}`")).unwrap_or_default();
    format!("{client}{country}")
}

fn device_words(device: Option<&ReplayDevice>) -> String {
    let Some(device) = device else { return "the log tells nothing of the device".to_owned() };
    let name = told(device.name.as_deref());
    let name = name.map(|it| format!(" `{it}`")).unwrap_or_default();
    match (device.id.as_deref().map(str::trim), device.compliant) {
        (Some(""), _) => "the device is not registered".to_owned(),
        (_, Some(false)) => format!("the device{name} is not compliant"),
        (_, Some(true)) => format!("the device{name} is not what is asked for"),
        (_, None) => format!("the device{name} does not meet it in such a sign-in"),
    }
}

pub(crate) fn control_words(control: &Control) -> String {
    let words = match control {
        Control::Block => "a block",
        Control::Mfa => "MFA",
        Control::AuthenticationStrength => "an authentication strength",
        Control::CompliantDevice => "a compliant device",
        Control::DomainJoinedDevice => "a hybrid joined device",
        Control::ApprovedApplication => "an approved client app",
        Control::CompliantApplication => "an app under an app protection policy",
        Control::PasswordChange => "a change of the password",
        Control::RiskRemediation => "remediation of the risk",
        Control::TermsOfUse(_) => "acceptance of terms of use",
        Control::SignInFrequency => "a fresh sign-in (sign-in frequency)",
        Control::TokenProtection => "token protection",
        Control::Custom(name) => return format!("the custom control `{name}`"),
        Control::Unmodelled(name) | Control::UnmodelledSession(name) => {
            return format!("`{name}`");
        }
    };
    words.to_owned()
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
