//! The policy model: Microsoft Graph `conditionalAccessPolicy`
//! (learn.microsoft.com/graph/api/resources/conditionalaccesspolicy).
//!
//! Collections are empty when the policy leaves them unset; identifiers keep the spelling of the
//! source and are compared without case.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// How many policies a tenant can hold, whatever their state (Microsoft Entra documentation, *Plan
/// a Conditional Access deployment* and *Microsoft Entra service limits and restrictions*; until
/// 2026 both said 195).
pub const MOST_POLICIES_OF_A_TENANT: usize = 240;

/// One Conditional Access policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Policy {
    /// Object id. `None` for a template or a file that never was in a tenant.
    pub id: Option<String>,
    /// The name the portal shows. Empty when the source has none.
    pub display_name: String,
    /// Off, Report-only or On.
    pub state: State,
    /// When the policy was made, where told.
    pub created: Option<Timestamp>,
    /// When the policy was last changed, where told.
    pub modified: Option<Timestamp>,
    /// The template it was made from; Microsoft-managed policies carry one.
    pub template_id: Option<String>,
    /// Assignments and conditions.
    pub conditions: Conditions,
    /// Grant controls. `None`: the policy has none.
    pub grant: Option<GrantControls>,
    /// Session controls. `None`: the policy has none.
    pub session: Option<SessionControls>,
    /// Paths of properties that carry a value this model does not know, such as
    /// `conditions.times`. A policy with any entry here cannot be judged completely.
    pub unmodelled: Vec<String>,
    /// What the policy was read from, for [`crate::write_policy`].
    #[serde(skip)]
    pub source: Source,
}

/// The JSON a policy was read from; null for one that was made here.
///
/// It says nothing the model does not say, or names as unmodelled, so that two policies with
/// different sources may be equal.
#[derive(Debug, Clone, Default)]
pub struct Source(Value);

impl Source {
    /// The source of a policy that was read from this value.
    #[must_use]
    pub fn of(value: Value) -> Self {
        Self(value)
    }

    /// The value; null for a policy that was made here.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }
}

impl PartialEq for Source {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// `state`, in the portal's words Off, Report-only, On.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// `enabled`
    Enabled,
    /// `disabled`
    Disabled,
    /// `enabledForReportingButNotEnforced`
    EnabledForReportingButNotEnforced,
    /// A value this model does not know: never taken for Off.
    Unknown,
}

/// `conditions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Conditions {
    /// Who.
    pub users: Users,
    /// Target resources.
    pub applications: Applications,
    /// Client apps. Empty means the property was absent.
    pub client_app_types: Vec<ClientAppType>,
    /// Device platforms. `None`: not configured, every platform.
    pub platforms: Option<Platforms>,
    /// Locations. `None`: not configured, every place.
    pub locations: Option<Locations>,
    /// Filter for devices. `None`: not configured.
    pub device_filter: Option<Filter>,
    /// Sign-in risk levels, lower case.
    pub sign_in_risk_levels: Vec<String>,
    /// User risk levels, lower case.
    pub user_risk_levels: Vec<String>,
    /// `authenticationFlows.transferMethods`, split at commas: `deviceCodeFlow`,
    /// `authenticationTransfer`.
    pub authentication_flows: Vec<String>,
    /// Insider risk levels, split at commas, lower case.
    pub insider_risk_levels: Vec<String>,
    /// Risk levels of service principals, lower case.
    pub service_principal_risk_levels: Vec<String>,
    /// True when `clientApplications` targets workload identities: then the policy is nobody's
    /// user policy.
    pub workload_identities: bool,
    /// `clientApplications`, in detail. `None`: not configured.
    pub client_applications: Option<ClientApplications>,
}

/// `conditions.clientApplications`: which workload identities.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ClientApplications {
    /// Included service principals: object ids or `ServicePrincipalsInMyTenant`.
    pub include: Vec<String>,
    /// Excluded service principals.
    pub exclude: Vec<String>,
    /// Filter over custom security attributes. `None`: not configured.
    pub filter: Option<Filter>,
    /// Something only agent identities know is configured.
    pub agents: bool,
}

/// `conditions.users`. Values may be ids or the words `All`, `None`, `GuestsOrExternalUsers`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Users {
    /// Included users.
    pub include_users: Vec<String>,
    /// Excluded users.
    pub exclude_users: Vec<String>,
    /// Included groups, by id.
    pub include_groups: Vec<String>,
    /// Excluded groups, by id.
    pub exclude_groups: Vec<String>,
    /// Included roles, by role template id.
    pub include_roles: Vec<String>,
    /// Excluded roles, by role template id.
    pub exclude_roles: Vec<String>,
    /// Included kinds of guests, split at commas.
    pub include_guest_types: Vec<String>,
    /// Excluded kinds of guests, split at commas.
    pub exclude_guest_types: Vec<String>,
    /// Which tenants the included guests come from.
    pub include_guest_tenants: ExternalTenants,
    /// Which tenants the excluded guests come from.
    pub exclude_guest_tenants: ExternalTenants,
}

/// `conditionalAccessExternalTenants`: the tenants that guests come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub enum ExternalTenants {
    /// Any tenant.
    #[default]
    All,
    /// The tenants of these ids.
    Enumerated(Vec<String>),
    /// Something this model cannot read.
    Unreadable,
}

/// `conditions.applications`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Applications {
    /// Included resources: app ids or `All`, `None`, `Office365`, `MicrosoftAdminPortals`.
    pub include: Vec<String>,
    /// Excluded resources.
    pub exclude: Vec<String>,
    /// User actions, such as `urn:user:registersecurityinfo`.
    pub user_actions: Vec<String>,
    /// Authentication contexts, `c1` to `c99`.
    pub authentication_contexts: Vec<String>,
    /// Filter for applications. `None`: not configured.
    pub filter: Option<Filter>,
}

/// One member of `conditions.clientAppTypes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClientAppType {
    /// `all`
    All,
    /// `browser`
    Browser,
    /// `mobileAppsAndDesktopClients`
    MobileAppsAndDesktopClients,
    /// `exchangeActiveSync`
    ExchangeActiveSync,
    /// `easSupported`
    EasSupported,
    /// `other`
    Other,
    /// Anything newer, as written.
    Unmodelled(String),
}

/// `conditions.platforms`, lower case.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Platforms {
    /// Included platforms.
    pub include: Vec<String>,
    /// Excluded platforms.
    pub exclude: Vec<String>,
}

/// `conditions.locations`: ids of named locations or `All`, `AllTrusted`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Locations {
    /// Included locations.
    pub include: Vec<String>,
    /// Excluded locations.
    pub exclude: Vec<String>,
}

/// A filter rule for devices or applications.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Filter {
    /// True for mode `include`, false for `exclude`; `None` when not told.
    pub include: Option<bool>,
    /// The rule text, not interpreted here.
    pub rule: String,
}

/// `grantControls`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GrantControls {
    /// How several controls combine. `None` when not told.
    pub operator: Option<Operator>,
    /// Built-in controls as written by Graph: `mfa`, `block`, `compliantDevice`, …
    pub built_in: Vec<String>,
    /// Custom controls.
    pub custom: Vec<String>,
    /// Terms-of-use ids.
    pub terms_of_use: Vec<String>,
    /// Id (or, without one, name) of the authentication strength.
    pub authentication_strength: Option<String>,
    /// The strength's `allowedCombinations` where the file expands them.
    pub allowed_combinations: Option<Vec<String>>,
}

/// `grantControls.operator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operator {
    /// All controls.
    And,
    /// One of the controls.
    Or,
}

/// `sessionControls`, as far as a rollout needs them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SessionControls {
    /// Sign-in frequency. `None`: not set or not enabled.
    pub sign_in_frequency: Option<SignInFrequency>,
    /// Persistent browser session mode (`always`, `never`). `None`: not set or not enabled.
    pub persistent_browser: Option<String>,
    /// Names of the other session controls that are set.
    pub other: Vec<String>,
}

/// `sessionControls.signInFrequency`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum SignInFrequency {
    /// Every time.
    EveryTime,
    /// After this many hours (days are converted).
    Hours(u32),
    /// Enabled, with an interval this model does not know.
    Unknown,
}

impl Policy {
    /// True when the policy is enforced or being measured: On or Report-only.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Enabled | State::EnabledForReportingButNotEnforced)
    }

    /// True when the policy includes all users.
    #[must_use]
    pub fn includes_all_users(&self) -> bool {
        self.conditions.users.include_users.iter().any(|value| value.eq_ignore_ascii_case("All"))
    }

    /// True when the policy includes all resources.
    #[must_use]
    pub fn includes_all_resources(&self) -> bool {
        self.conditions.applications.include.iter().any(|value| value.eq_ignore_ascii_case("All"))
    }

    /// True when a grant control of this name is present (`mfa`, `block`, …), in any case.
    #[must_use]
    pub fn grants(&self, control: &str) -> bool {
        self.grant
            .as_ref()
            .is_some_and(|grant| grant.built_in.iter().any(|it| it.eq_ignore_ascii_case(control)))
    }

    /// True when passing the policy needs multifactor authentication: the `mfa` control or an
    /// authentication strength.
    #[must_use]
    pub fn asks_for_mfa(&self) -> bool {
        self.grants("mfa")
            || self.grant.as_ref().is_some_and(|grant| grant.authentication_strength.is_some())
    }

    /// True when the policy covers the client app type, by name or because the condition is unset
    /// or `all`.
    #[must_use]
    pub fn covers_client(&self, kind: &ClientAppType) -> bool {
        let kinds = &self.conditions.client_app_types;
        kinds.is_empty() || kinds.contains(&ClientAppType::All) || kinds.contains(kind)
    }

    /// True for a policy Microsoft created and may switch on by itself (graph documentation,
    /// *Microsoft-managed Conditional Access policies*): recognised by its name, since Graph has no
    /// property for it.
    #[must_use]
    pub fn is_microsoft_managed(&self) -> bool {
        let name = self.display_name.to_ascii_lowercase();
        name.starts_with("microsoft-managed")
            || (self.template_id.is_some() && name.starts_with("multifactor authentication for "))
    }
}
