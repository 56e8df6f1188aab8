//! One sign-in as a row of evidence.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::Account;

/// One sign-in of a user, as the log tells it. `None` everywhere: the log does not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignInRow {
    /// Request id of the record.
    pub id: Option<String>,
    /// Correlation id.
    pub correlation_id: Option<String>,
    /// When the user signed in.
    pub at: Option<Timestamp>,
    /// Who, as the log names them.
    pub account: Account,
    /// `member` or `guest`.
    pub user_type: Option<String>,
    /// True: a person was there; false: a client on behalf of one.
    pub interactive: Option<bool>,
    /// Application.
    pub app: Option<String>,
    /// Id of the application.
    pub app_id: Option<String>,
    /// Resource.
    pub resource: Option<String>,
    /// Client app, in the log's words.
    pub client_app: Option<String>,
    /// `authenticationProtocol`.
    pub protocol: Option<String>,
    /// It used legacy authentication (`docs/GLOSSARY.md`).
    pub legacy: bool,
    /// Id of the device. Empty: the log tells that it has none.
    pub device_id: Option<String>,
    /// Name of the device.
    pub device: Option<String>,
    /// Operating system.
    pub operating_system: Option<String>,
    /// Browser.
    pub browser: Option<String>,
    /// Trust type (`Azure AD joined`, `Hybrid Azure AD joined`, `Azure AD registered`).
    pub trust_type: Option<String>,
    /// The device is compliant.
    pub is_compliant: Option<bool>,
    /// The device is managed.
    pub is_managed: Option<bool>,
    /// IP address.
    pub ip_address: Option<String>,
    /// Country or region, two letters.
    pub country: Option<String>,
    /// Result code; 0 is success.
    pub error_code: Option<u32>,
    /// The result in a word, where the log tells one and no code: `success`, `failure`,
    /// `interrupted`.
    pub result_word: Option<String>,
    /// The code is a step of a longer conversation, not a failure.
    pub interrupt: bool,
    /// What the log says of the failure.
    pub failure_reason: Option<String>,
    /// `singleFactorAuthentication` or `multiFactorAuthentication`.
    pub requirement: Option<String>,
    /// Who asked for multifactor authentication (`requirementProvider`).
    pub requirement_providers: Vec<String>,
    /// `conditionalAccessStatus`.
    pub conditional_access: Option<String>,
    /// Policies and what they came to. Empty: not told.
    pub policies: Vec<AppliedPolicy>,
    /// Steps of the authentication. Empty: not told.
    pub steps: Vec<AuthenticationStep>,
    /// What the log says beside the result (`status.additionalDetails`, the portal's *Multifactor
    /// authentication result*).
    pub additional_details: Option<String>,
    /// Method of the second factor (`mfaDetail.authMethod`).
    pub mfa_method: Option<String>,
    /// `incomingTokenType`, such as `primaryRefreshToken`.
    pub incoming_token: Option<String>,
    /// Where the user's home is (`crossTenantAccessType`); `none` for the tenant's own.
    pub cross_tenant: Option<String>,
    /// Risk level of the sign-in.
    pub risk: Option<String>,
}

/// What a row says of the sign-in's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowResult {
    /// The user got in.
    Success,
    /// The user was refused.
    Failure,
    /// A step of a longer conversation; what came of it stands in another row.
    Interrupt,
    /// The log does not tell.
    Unknown,
}

/// What a row says of a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecondFactor {
    /// It was asked for and given in this sign-in.
    Fresh,
    /// The claim of an earlier one was in the token.
    Claim,
    /// It was skipped, in the log's own words (trusted address, remembered device).
    Skipped,
    /// None was asked for, and none is told of.
    None,
    /// The log does not tell.
    Unknown,
}

impl SignInRow {
    /// What the row says of the sign-in's end.
    #[must_use]
    pub fn result(&self) -> RowResult {
        let word = self.result_word.as_deref().map(str::to_ascii_lowercase);
        match (self.error_code, word.as_deref()) {
            (Some(0), _) => RowResult::Success,
            (Some(_), _) if self.interrupt => RowResult::Interrupt,
            (Some(_), _) | (None, Some("failure")) => RowResult::Failure,
            (None, Some("success")) => RowResult::Success,
            (None, Some("interrupted")) => RowResult::Interrupt,
            (None, _) => RowResult::Unknown,
        }
    }

    /// What became of a policy, by its id, in the log's words. `None`: the row does not tell.
    #[must_use]
    pub fn result_of(&self, policy: &str) -> Option<&str> {
        let told = |it: &&AppliedPolicy| {
            it.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(policy))
        };
        self.policies.iter().find(told)?.result.as_deref()
    }

    /// What the row says of a second factor. Words come before `authenticationRequirement`: a row
    /// can require multifactor authentication and say that it was skipped, and a row that requires
    /// one factor can carry the claim of an earlier second one (Microsoft Entra sign-in log activity
    /// details). *Skipped* comes first, so that a sign-in without a second factor is never taken for
    /// one with it; *claim* comes before *fresh*, so that no claim is taken for a challenge.
    #[must_use]
    pub fn second_factor(&self) -> SecondFactor {
        let details = self.steps.iter().filter_map(|step| step.result_detail.as_ref());
        let words: Vec<String> =
            self.additional_details.iter().chain(details).map(|it| it.to_lowercase()).collect();
        let says =
            |wanted: &[&str]| words.iter().any(|text| wanted.iter().any(|it| text.contains(it)));
        if words.iter().any(|text| text.contains("mfa") && text.contains("skipped")) {
            return SecondFactor::Skipped;
        }
        let fresh_step = self.steps.iter().any(AuthenticationStep::is_second_factor);
        if fresh_step && self.result() == RowResult::Success {
            return SecondFactor::Fresh;
        }
        if says(&["mfa requirement satisfied"]) {
            return SecondFactor::Claim;
        }
        if self.steps.is_empty() && says(&["mfa completed", "mfa successfully completed"]) {
            return SecondFactor::Fresh;
        }
        if self.mfa_method.is_some() {
            return SecondFactor::Claim;
        }
        let requirement: Option<String> = self.requirement.as_ref().map(|text| {
            text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase()
        });
        match requirement.as_deref() {
            Some("singlefactorauthentication") => SecondFactor::None,
            // Asked for and let in, but the log does not show how it was given.
            Some("multifactorauthentication") => SecondFactor::Claim,
            _ => SecondFactor::Unknown,
        }
    }

    /// The steps tell of a method that no password thief has: a passkey, a security key, Windows
    /// Hello for Business or a certificate, and it succeeded. The words of the method, as written.
    #[must_use]
    pub fn phishing_resistant(&self) -> Option<&str> {
        let step = self.steps.iter().find(|it| {
            it.succeeded != Some(false) && it.method.as_deref().is_some_and(is_phishing_resistant)
        });
        let by_detail = || self.mfa_method.as_deref().filter(|it| is_phishing_resistant(it));
        step.and_then(|it| it.method.as_deref()).or_else(by_detail)
    }

    /// The application is a portal that asks every user for multifactor authentication, whatever
    /// Conditional Access says (Microsoft: *Plan for mandatory multifactor authentication*).
    #[must_use]
    pub fn is_portal(&self) -> bool {
        let by_id = self
            .app_id
            .as_deref()
            .is_some_and(|id| PORTALS.iter().any(|(portal, _)| portal.eq_ignore_ascii_case(id)));
        let by_name = self.app.as_deref().is_some_and(|name| {
            PORTALS.iter().any(|(_, portal)| portal.eq_ignore_ascii_case(name.trim()))
        });
        by_id || (self.app_id.is_none() && by_name)
    }

    /// The key of the account: its object id, else its user principal name, in lower case.
    #[must_use]
    pub fn account_key(&self) -> Option<String> {
        key_of(&self.account)
    }

    /// The row in one line, for a person: when, who, application, result.
    #[must_use]
    pub fn line(&self) -> String {
        let at = self.at.map_or_else(|| "no time".to_owned(), |at| format!("{at:.0}"));
        let app = self.app.as_deref().unwrap_or("an application not told");
        let result = match (self.result(), self.error_code) {
            (RowResult::Success, _) => "success".to_owned(),
            (RowResult::Failure, Some(code)) => format!("failure {code}"),
            (RowResult::Failure, None) => "failure".to_owned(),
            (RowResult::Interrupt, Some(code)) => format!("interrupted {code}"),
            (RowResult::Interrupt, None) => "interrupted".to_owned(),
            (RowResult::Unknown, _) => "result not told".to_owned(),
        };
        let id = self.id.as_deref().unwrap_or("no id");
        format!("{at} · {} · {app} · {result} · {id}", self.account.label())
    }
}

/// The key of an account among rows: its object id, else its user principal name, in lower case.
#[must_use]
pub fn key_of(account: &Account) -> Option<String> {
    account
        .user_id
        .as_deref()
        .or(account.user_principal_name.as_deref())
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
}

/// Portals with mandatory multifactor authentication: application id and name (Microsoft: *Plan
/// for mandatory multifactor authentication*). The Microsoft Entra and Intune admin centres sign in
/// as the Azure portal.
const PORTALS: [(&str, &str); 2] = [
    ("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal"),
    ("00000006-0000-0ff1-ce00-000000000000", "Microsoft Office 365 Portal"),
];

/// Words that methods begin with or hold which cannot be phished.
fn is_phishing_resistant(method: &str) -> bool {
    let method = method.to_lowercase();
    [
        "fido",
        "passkey",
        "windows hello",
        "certificate",
        "x.509",
        "security key",
        "platform credential",
    ]
    .iter()
    .any(|word| method.contains(word))
}

/// A Conditional Access policy and what it came to for one sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppliedPolicy {
    /// Policy id.
    pub id: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// `success`, `failure`, `notApplied`, `reportOnlySuccess`, `reportOnlyInterrupted`, ….
    pub result: Option<String>,
}

/// One step of an authentication (`authenticationDetails`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthenticationStep {
    /// Method, such as `Password`.
    pub method: Option<String>,
    /// Detail of the method.
    pub method_detail: Option<String>,
    /// What became of the step, as free text.
    pub result_detail: Option<String>,
    /// Whether it succeeded.
    pub succeeded: Option<bool>,
}

impl AuthenticationStep {
    /// The step is a second factor that was given in this sign-in. Whether a step is the first or
    /// the second one cannot be told by its requirement, which is often empty: what is no password
    /// and no claim is a second factor, and so is a method that cannot be phished.
    #[must_use]
    pub fn is_second_factor(&self) -> bool {
        let Some(method) = self.method.as_deref().map(str::to_lowercase) else { return false };
        let detail = self.result_detail.as_deref().unwrap_or_default().to_lowercase();
        let earlier = method.contains("previously satisfied")
            || detail.contains("claim in the token")
            || detail.contains("skipped");
        let password = method.contains("password") && !method.contains("passwordless");
        let done = match self.succeeded {
            Some(succeeded) => succeeded,
            None => detail.contains("mfa completed") || detail.contains("successfully completed"),
        };
        let refused = detail.contains("in progress") || detail.contains("denied");
        done && !earlier && !password && !refused && !method.trim().is_empty()
    }
}
