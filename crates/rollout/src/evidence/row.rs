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
    /// Id of the device.
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
    /// Where the user's home is (`crossTenantAccessType`); `none` for the tenant's own.
    pub cross_tenant: Option<String>,
    /// Risk level of the sign-in.
    pub risk: Option<String>,
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
