//! What a sign-in meets, and why.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::facts::{AppGroup, DeviceProperty};
use crate::truth::Truth;

/// What a sign-in meets under a set of policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The whole of it.
    pub verdict: Verdict,
    /// The controls that are still unmet. Empty for [`Verdict::Allow`] and [`Verdict::Unknown`].
    pub outstanding: BTreeSet<Control>,
    /// Who decides: the blocking policies, those with something unmet, or those that nobody can
    /// judge. Empty for [`Verdict::Allow`].
    pub by: BTreeSet<Cause>,
    /// Every policy, in the order they were given. For a person who must register these rows tell
    /// of the sign-in, not of the registration that follows it.
    pub per_policy: Vec<PolicyResult>,
    /// What the row of the sign-in log says of all policies together.
    pub status: RowStatus,
    /// The facts that would decide an unknown verdict, and were not seen. Empty otherwise.
    pub unknown: BTreeSet<Fact>,
    /// What the person sees.
    pub experience: Experience,
}

/// The verdict of a sign-in, in rising order of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing is unmet.
    Allow,
    /// The person can satisfy what is unmet now.
    Require,
    /// The person must first register a method.
    Register,
    /// The sign-in cannot be completed.
    Block,
    /// A fact that was not seen, or a rule nobody knows, decides.
    Unknown,
}

impl Verdict {
    /// The word itself.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Require => "require",
            Self::Register => "register",
            Self::Block => "block",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// `conditionalAccessStatus` of a sign-in (Graph, *signIn*): what the enforced policies come to.
/// Policies that are off or report-only do not count, nor do the layers beside Conditional Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RowStatus {
    /// Some policy is not satisfied.
    Failure,
    /// Every policy that applies is satisfied, and some does.
    Success,
    /// No policy applies.
    NotApplied,
    /// A fact that was not seen decides.
    Unknown,
}

impl RowStatus {
    /// The word itself.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Success => "success",
            Self::NotApplied => "notApplied",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for RowStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What the person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Experience {
    /// Nothing: all that is asked for is there already.
    SatisfiedAlready,
    /// Is asked, and has what it takes.
    Challenged,
    /// Is asked to register a method first, and can.
    MustRegister,
    /// Is blocked for want of a method: with another one they would get in.
    Cannot,
    /// Is blocked whatever they have registered.
    Blocked,
    /// Nobody can say.
    Unknown,
}

/// One policy's part in an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyResult {
    /// The policy's id; its name, or its place in the set (`#1`), where it has none.
    pub policy: String,
    /// What a sign-in log would say.
    pub word: Word,
    /// Whether the policy's assignments and conditions match, as the what-if evaluation tells.
    pub applies: Truth,
    /// Facts about this policy that were not seen and could change its part.
    pub unknown: BTreeSet<Fact>,
}

/// `appliedConditionalAccessPolicy.result` (Graph), and *unknown*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Word {
    /// Off.
    NotEnabled,
    /// On, does not apply.
    NotApplied,
    /// On, applies, satisfied.
    Success,
    /// On, applies, something is unmet.
    Failure,
    /// Report-only, does not apply.
    ReportOnlyNotApplied,
    /// Report-only, would be satisfied.
    ReportOnlySuccess,
    /// Report-only, the person would be asked.
    ReportOnlyInterrupted,
    /// Report-only, would fail.
    ReportOnlyFailure,
    /// Nobody can say.
    Unknown,
}

impl Word {
    /// The word itself.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotEnabled => "notEnabled",
            Self::NotApplied => "notApplied",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::ReportOnlyNotApplied => "reportOnlyNotApplied",
            Self::ReportOnlySuccess => "reportOnlySuccess",
            Self::ReportOnlyInterrupted => "reportOnlyInterrupted",
            Self::ReportOnlyFailure => "reportOnlyFailure",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A policy, or a layer beside Conditional Access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A policy, named as in [`PolicyResult::policy`].
    Policy(String),
    /// `security-defaults`
    SecurityDefaults,
    /// `per-user-mfa`
    PerUserMfa,
    /// `mandatory-mfa`
    MandatoryMfa,
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Policy(policy) => policy,
            Self::SecurityDefaults => "security-defaults",
            Self::PerUserMfa => "per-user-mfa",
            Self::MandatoryMfa => "mandatory-mfa",
        })
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Something a policy demands, in the order in which Conditional Access demands it (Entra
/// documentation, *Building a Conditional Access policy*, enforcement).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Control {
    /// `block`
    Block,
    /// `mfa`
    Mfa,
    /// `authenticationStrength`
    AuthenticationStrength,
    /// `compliantDevice`
    CompliantDevice,
    /// `domainJoinedDevice`: Microsoft Entra hybrid joined
    DomainJoinedDevice,
    /// `approvedApplication`
    ApprovedApplication,
    /// `compliantApplication`: app protection policy
    CompliantApplication,
    /// `passwordChange`
    PasswordChange,
    /// `riskRemediation`
    RiskRemediation,
    /// `termsOfUse:<id>`
    TermsOfUse(String),
    /// `custom:<id>`
    Custom(String),
    /// A grant control this model does not know: a word of `builtInControls`, or the path of a
    /// property.
    Unmodelled(String),
    /// `signInFrequency`
    SignInFrequency,
    /// `tokenProtection` (`secureSignInSession`)
    TokenProtection,
    /// A session control this model does not know, by the path of its property.
    UnmodelledSession(String),
}

impl fmt::Display for Control {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Block => "block",
            Self::Mfa => "mfa",
            Self::AuthenticationStrength => "authenticationStrength",
            Self::CompliantDevice => "compliantDevice",
            Self::DomainJoinedDevice => "domainJoinedDevice",
            Self::ApprovedApplication => "approvedApplication",
            Self::CompliantApplication => "compliantApplication",
            Self::PasswordChange => "passwordChange",
            Self::RiskRemediation => "riskRemediation",
            Self::TermsOfUse(id) => return write!(formatter, "termsOfUse:{id}"),
            Self::Custom(id) => return write!(formatter, "custom:{id}"),
            Self::SignInFrequency => "signInFrequency",
            Self::TokenProtection => "tokenProtection",
            Self::Unmodelled(word) | Self::UnmodelledSession(word) => word,
        };
        formatter.write_str(word)
    }
}

impl Serialize for Control {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Something that was not seen, or that nobody knows, and that a verdict depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// Which user, service principal or agent signs in.
    Identity,
    /// Member, or which kind of guest.
    UserType,
    /// The person's home tenant.
    HomeTenant,
    /// Where the person proves who they are.
    IdentityProvider,
    /// Whether the person is federated.
    Federated,
    /// The members of a group, by its id.
    GroupMembers(String),
    /// Role assignments of the tenant.
    Roles,
    /// Whether an assignment of this role counts: its scope or state.
    RoleAssignment(String),
    /// Whether the service principal belongs to this tenant.
    ServicePrincipalOwner,
    /// Which resources were asked for.
    Resources,
    /// Which resource stands behind Microsoft Graph in this sign-in.
    MicrosoftGraph,
    /// Whether an application belongs to a group of applications.
    AppGroup(AppGroup, String),
    /// The client's application id.
    Client,
    /// Whether the client keeps a secret.
    ClientConfidential,
    /// How baseline scopes are treated.
    BaselineScopes,
    /// Whether the sign-in is a user action.
    UserAction,
    /// Authentication contexts.
    AuthenticationContexts,
    /// The kind of client app.
    ClientApp,
    /// Whether the client can be challenged.
    Protocol,
    /// The authentication flow.
    Flow,
    /// The device platform.
    Platform,
    /// The address.
    Ip,
    /// The trusted addresses of the MFA service settings.
    MfaTrustedIps,
    /// The country of the address.
    Country,
    /// The country of the position.
    GpsCountry,
    /// What a location stands for, by its id.
    Location(String),
    /// The device.
    Device,
    /// One property of the device.
    DeviceProperty(DeviceProperty),
    /// Whether Intune manages the device.
    DeviceManaged,
    /// The sign-in's risk.
    SignInRisk,
    /// The user's risk.
    UserRisk,
    /// The insider risk.
    InsiderRisk,
    /// The service principal's risk.
    ServicePrincipalRisk,
    /// The usable methods.
    Registration,
    /// What the session proves.
    Session,
    /// The methods used in the session.
    SessionMethods,
    /// The age of the session.
    SessionAge,
    /// Custom controls passed.
    SessionCustom,
    /// Whether the password was changed.
    PasswordChanged,
    /// Terms of use that were accepted.
    TermsAccepted,
    /// Whether the app is under protection.
    AppProtection,
    /// Whether the token is bound.
    TokenBound,
    /// Which claims of the home tenant are trusted.
    CrossTenantTrust,
    /// The combinations of a strength, by its id.
    AuthenticationStrength(String),
    /// Whether security defaults are on.
    SecurityDefaults,
    /// The person's per-user MFA.
    PerUserMfa,
    /// Whether mandatory MFA is in force.
    MandatoryMfa,
    /// The state of a policy.
    PolicyState,
    /// A property of a policy, or a word in one, that this model does not know.
    Unmodelled(String),
    /// What Microsoft's service does here: not documented, told in words.
    Behaviour(&'static str),
}

impl fmt::Display for Fact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::GroupMembers(id) => return write!(formatter, "group:{id}"),
            Self::RoleAssignment(id) => return write!(formatter, "role:{id}"),
            Self::AppGroup(group, id) => return write!(formatter, "app:{id}:{}", group.word()),
            Self::Location(id) => return write!(formatter, "location:{id}"),
            Self::AuthenticationStrength(id) => {
                return write!(formatter, "authenticationStrength:{id}");
            }
            Self::DeviceProperty(property) => {
                return write!(formatter, "device.{}", property.word());
            }
            Self::Unmodelled(path) => return write!(formatter, "unmodelled:{path}"),
            Self::Behaviour(what) => return write!(formatter, "undocumented:{what}"),
            plain => plain.word(),
        };
        formatter.write_str(word)
    }
}

impl Fact {
    /// The word of a fact that needs no further name: the key of the case format.
    fn word(&self) -> &'static str {
        match self {
            Self::Identity => "user",
            Self::UserType => "user.type",
            Self::HomeTenant => "user.home_tenant",
            Self::IdentityProvider => "user.idp",
            Self::Federated => "user.federated",
            Self::Roles => "roles",
            Self::ServicePrincipalOwner => "service_principal.owned",
            Self::Resources => "resources",
            Self::MicrosoftGraph => "audiences",
            Self::Client => "client_id",
            Self::ClientConfidential => "client_confidential",
            Self::BaselineScopes => "baseline_scopes",
            Self::UserAction => "user_action",
            Self::AuthenticationContexts => "auth_contexts",
            Self::ClientApp => "client_app_used",
            Self::Protocol => "protocol",
            Self::Flow => "flow",
            Self::Platform => "platform",
            Self::Ip => "ip",
            Self::MfaTrustedIps => "mfa_trusted_ips",
            Self::Country => "country",
            Self::GpsCountry => "gps_country",
            Self::Device => "device",
            Self::DeviceManaged => "device.managed",
            Self::SignInRisk => "risk.sign_in",
            Self::UserRisk => "risk.user",
            Self::InsiderRisk => "risk.insider",
            Self::ServicePrincipalRisk => "risk.service_principal",
            Self::Registration => "registration",
            Self::Session => "session.mfa",
            Self::SessionMethods => "session.methods",
            Self::SessionAge => "session.age_minutes",
            Self::SessionCustom => "session.custom",
            Self::PasswordChanged => "session.password_changed",
            Self::TermsAccepted => "terms_accepted",
            Self::AppProtection => "app_protection",
            Self::TokenBound => "token_bound",
            Self::CrossTenantTrust => "cross_tenant",
            Self::SecurityDefaults => "security_defaults",
            Self::PerUserMfa => "per_user_mfa",
            Self::MandatoryMfa => "mandatory_mfa",
            Self::PolicyState => "state",
            Self::GroupMembers(_)
            | Self::RoleAssignment(_)
            | Self::AppGroup(..)
            | Self::Location(_)
            | Self::AuthenticationStrength(_)
            | Self::DeviceProperty(_)
            | Self::Unmodelled(_)
            | Self::Behaviour(_) => "",
        }
    }
}

impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
