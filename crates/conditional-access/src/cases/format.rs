//! The keys of a case. A key that is not listed here is an error that names it.
//!
//! A key that is absent and one that is null mean different things where Conditional Access gives
//! absence a meaning: [`Told`] keeps them apart.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::Value;
use serde_saphyr::Spanned;

use super::{Case, Expectation};
use crate::facts::{
    App, AppGroup, AssignmentState, AuthenticationStrength, BaselineScopes, ClientApp, CrossTenant,
    Device, DeviceProperty, DeviceValue, Flow, Gaps, Group, Identity, IdentityProvider,
    InsiderRisk, Methods, PerUserMfa, Platform, Protocol, Registration, Risk, RiskLevel,
    RoleAssignment, Session, SignIn, Tenant, Trust, User, UserAction, UserType,
};
use crate::named_location::NamedLocation;
use crate::outcome::{Verdict, Word};
use crate::policy::Policy;
use crate::read::{read_named_location, read_policy};

/// A value, a null, or nothing at all.
#[derive(Debug, Clone, Default)]
enum Told<T> {
    #[default]
    Absent,
    Null,
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Told<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|told| told.map_or(Self::Null, Self::Value))
    }
}

impl<T> Told<T> {
    /// The fact: absence means `absent`, null that nobody saw it.
    fn absent_is(self, absent: T) -> Option<T> {
        match self {
            Self::Absent => Some(absent),
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) cases: Vec<Spanned<Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCase {
    id: String,
    note: Option<String>,
    source: Option<String>,
    #[serde(default)]
    rule: OneOrMany,
    tenant: Option<RawTenant>,
    policies: Option<Vec<RawPolicy>>,
    sign_in: RawSignIn,
    registration: Option<RawRegistration>,
    expect: Option<RawExpect>,
}

#[derive(Debug, Default)]
struct OneOrMany(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Self::default()),
            Value::String(one) => Ok(Self(vec![one])),
            list => Vec::deserialize(list).map(Self).map_err(D::Error::custom),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawTenant {
    users: Option<Vec<RawUser>>,
    groups: Told<Vec<RawGroup>>,
    roles: Told<Vec<RawRole>>,
    named_locations: Option<Vec<RawLocation>>,
    mfa_trusted_ips: Told<Vec<String>>,
    apps: Option<Vec<RawApp>>,
    gaps: Option<Vec<RawGap>>,
    baseline_scopes: Option<RawBaseline>,
    cross_tenant: Option<BTreeMap<String, Option<RawTrust>>>,
    authentication_strengths: Option<Vec<RawStrength>>,
    security_defaults: Told<bool>,
    per_user_mfa: Told<BTreeMap<String, Option<PerUserMfa>>>,
    mandatory_mfa: Told<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawUser {
    id: String,
    #[serde(rename = "type")]
    kind: Option<UserType>,
    home_tenant: Option<String>,
    idp: Option<IdentityProvider>,
    federated: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    id: String,
    members: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRole {
    role: String,
    principal: String,
    scope: Option<String>,
    state: Option<AssignmentState>,
    custom: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawApp {
    id: String,
    owned: Option<bool>,
    groups: Option<Vec<AppGroup>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawGap {
    Groups,
    Roles,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawTrust {
    mfa: Option<bool>,
    compliant: Option<bool>,
    hybrid: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStrength {
    id: String,
    #[serde(rename = "allowedCombinations")]
    allowed_combinations: Option<Vec<String>>,
}

#[derive(Debug)]
struct RawBaseline(BaselineScopes);

impl<'de> Deserialize<'de> for RawBaseline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "enforced" => Ok(Self(BaselineScopes::Enforced)),
            "legacy" => Ok(Self(BaselineScopes::Legacy)),
            other => match other.strip_prefix("custom:").map(str::trim) {
                Some(app) if !app.is_empty() => Ok(Self(BaselineScopes::Custom(app.to_owned()))),
                _ => Err(D::Error::custom(format!(
                    "`{other}` is no setting of baseline_scopes: write `enforced`, `legacy` or \
                     `custom:<application id>`"
                ))),
            },
        }
    }
}

#[derive(Debug)]
struct RawPolicy(Policy);

impl<'de> Deserialize<'de> for RawPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_policy(&Value::deserialize(deserializer)?).map(Self).map_err(|_| {
            D::Error::custom(
                "this is no conditionalAccessPolicy of Graph: it needs `conditions`, and `state` \
                 or `grantControls`",
            )
        })
    }
}

#[derive(Debug)]
struct RawLocation(NamedLocation);

impl<'de> Deserialize<'de> for RawLocation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_named_location(&Value::deserialize(deserializer)?).map(Self).map_err(|_| {
            D::Error::custom(
                "this is no namedLocation of Graph: it needs `@odata.type`, `ipRanges` or \
                 `countriesAndRegions`",
            )
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSignIn {
    #[serde(default)]
    kind: RawKind,
    user: Option<String>,
    service_principal: Option<RawServicePrincipal>,
    resources: Option<Vec<String>>,
    audiences: Option<Vec<String>>,
    client_id: Option<String>,
    client_confidential: Option<bool>,
    scopes: Option<Vec<String>>,
    #[serde(default)]
    user_action: Told<String>,
    #[serde(default)]
    auth_contexts: Told<Vec<String>>,
    client_app_used: Option<String>,
    #[serde(default)]
    protocol: Told<Protocol>,
    #[serde(default)]
    flow: Told<Flow>,
    platform: Option<String>,
    ip: Option<String>,
    country: Option<String>,
    gps_country: Option<String>,
    device: Option<RawDevice>,
    risk: Option<RawRisk>,
    #[serde(default)]
    session: Told<RawSession>,
    terms_accepted: Option<Vec<String>>,
    app_protection: Option<bool>,
    token_bound: Option<bool>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum RawKind {
    #[default]
    User,
    ServicePrincipal,
    Agent,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawServicePrincipal {
    id: Option<String>,
    owned: Option<bool>,
    managed_identity: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawRisk {
    sign_in: Option<String>,
    user: Option<String>,
    insider: Option<String>,
    service_principal: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawSession {
    mfa: Option<bool>,
    home_mfa: Option<bool>,
    methods: Option<Vec<String>>,
    age_minutes: Option<u64>,
    custom: Option<Vec<String>>,
    password_changed: Option<bool>,
}

#[derive(Debug)]
struct RawDevice(Device);

impl<'de> Deserialize<'de> for RawDevice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut device = Device::default();
        for (key, value) in BTreeMap::<String, Value>::deserialize(deserializer)? {
            match key.as_str() {
                "registered" => device.registered = flag(&key, &value).map_err(D::Error::custom)?,
                "managed" => device.managed = flag(&key, &value).map_err(D::Error::custom)?,
                name => {
                    let property = DeviceProperty::of_word(name).ok_or_else(|| {
                        D::Error::custom(format!(
                            "unknown field `{name}` of a device, expected `registered`, `managed` \
                             or a property that filters for devices know"
                        ))
                    })?;
                    let value = device_value(name, value).map_err(D::Error::custom)?;
                    device.properties.insert(property, value);
                }
            }
        }
        Ok(Self(device))
    }
}

fn flag(key: &str, value: &Value) -> Result<Option<bool>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        other => Err(format!("`{key}` is `{other}`, expected `true`, `false` or `null`")),
    }
}

fn device_value(key: &str, value: Value) -> Result<DeviceValue, String> {
    match value {
        Value::Null => Ok(DeviceValue::Null),
        Value::Bool(flag) => Ok(DeviceValue::Flag(flag)),
        Value::String(text) => Ok(DeviceValue::Text(text)),
        Value::Number(number) => Ok(DeviceValue::Text(number.to_string())),
        list @ Value::Array(_) => Vec::deserialize(list)
            .map(DeviceValue::List)
            .map_err(|error| format!("`{key}` is no list of texts: {error}")),
        Value::Object(_) => Err(format!("`{key}` is an object, expected a text or a list")),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRegistration {
    usable: Option<Vec<String>>,
    can_register: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpect {
    verdict: Verdict,
    outstanding: Option<BTreeSet<String>>,
    by: Option<BTreeSet<String>>,
    per_policy: Option<BTreeMap<String, Word>>,
}

impl RawCase {
    pub(super) fn into_case(self, line: u64) -> Case {
        Case {
            id: self.id,
            note: self.note,
            source: self.source,
            rules: self.rule.0,
            line,
            tenant: self.tenant.unwrap_or_default().into_tenant(),
            policies: self.policies.unwrap_or_default().into_iter().map(|it| it.0).collect(),
            sign_in: self.sign_in.into_sign_in(),
            registration: self.registration.map_or_else(Registration::not_seen, |it| {
                Registration {
                    usable: it.usable.map(|words| methods(&words)),
                    can_register: it.can_register.unwrap_or(true),
                }
            }),
            expect: self.expect.map(|it| Expectation {
                verdict: it.verdict,
                outstanding: it.outstanding,
                by: it.by,
                per_policy: it.per_policy.unwrap_or_default(),
            }),
        }
    }
}

fn methods(words: &[String]) -> Methods {
    Methods::of_words(words.iter().map(String::as_str))
}

impl RawTenant {
    fn into_tenant(self) -> Tenant {
        let gaps = self.gaps.unwrap_or_default();
        Tenant {
            changed_memberships: Vec::new(),
            gaps: Gaps {
                groups: gaps.contains(&RawGap::Groups) || self.groups.is_null(),
                roles: gaps.contains(&RawGap::Roles) || self.roles.is_null(),
            },
            users: self.users.unwrap_or_default().into_iter().map(RawUser::into_user).collect(),
            groups: self
                .groups
                .value()
                .unwrap_or_default()
                .into_iter()
                .map(|it| Group { id: it.id, members: it.members })
                .collect(),
            roles: self
                .roles
                .value()
                .unwrap_or_default()
                .into_iter()
                .map(RawRole::into_assignment)
                .collect(),
            named_locations: self
                .named_locations
                .unwrap_or_default()
                .into_iter()
                .map(|it| it.0)
                .collect(),
            mfa_trusted_ips: self.mfa_trusted_ips.absent_is(Vec::new()),
            apps: self
                .apps
                .unwrap_or_default()
                .into_iter()
                .map(|it| App { id: it.id, owned: it.owned, groups: it.groups })
                .collect(),
            baseline_scopes: self.baseline_scopes.map(|it| it.0),
            cross_tenant: cross_tenant(self.cross_tenant.unwrap_or_default()),
            authentication_strengths: self
                .authentication_strengths
                .unwrap_or_default()
                .into_iter()
                .map(|it| AuthenticationStrength {
                    id: it.id,
                    allowed_combinations: it.allowed_combinations,
                })
                .collect(),
            security_defaults: self.security_defaults.absent_is(false),
            per_user_mfa: self.per_user_mfa.absent_is(BTreeMap::new()),
            mandatory_mfa: self.mandatory_mfa.absent_is(false),
        }
    }
}

fn cross_tenant(settings: BTreeMap<String, Option<RawTrust>>) -> CrossTenant {
    let mut all = CrossTenant::default();
    for (tenant, trust) in settings {
        let trust = trust.unwrap_or_default();
        let trust = Trust { mfa: trust.mfa, compliant: trust.compliant, hybrid: trust.hybrid };
        if tenant == "default" {
            all.default = trust;
        } else {
            all.tenants.insert(tenant, trust);
        }
    }
    all
}

impl RawUser {
    fn into_user(self) -> User {
        User {
            id: self.id,
            kind: self.kind,
            home_tenant: self.home_tenant,
            identity_provider: self.idp,
            federated: self.federated,
        }
    }
}

impl RawRole {
    fn into_assignment(self) -> RoleAssignment {
        RoleAssignment {
            role: self.role,
            principal: self.principal,
            scope: self.scope,
            state: self.state,
            custom: self.custom.unwrap_or(false),
        }
    }
}

impl RawSignIn {
    fn into_sign_in(self) -> SignIn {
        let risk = self.risk.unwrap_or_default();
        let level = |word: Option<String>| word.as_deref().and_then(RiskLevel::of_word);
        let service_principal = self.service_principal.unwrap_or_default();
        SignIn {
            identity: match self.kind {
                RawKind::User => Identity::User(self.user),
                RawKind::ServicePrincipal => Identity::ServicePrincipal {
                    id: service_principal.id,
                    owned: service_principal.owned,
                    managed_identity: service_principal.managed_identity,
                },
                RawKind::Agent => Identity::Agent,
            },
            resources: self.resources,
            audiences: self.audiences.unwrap_or_default(),
            client_id: self.client_id,
            client_confidential: self.client_confidential,
            scopes: self.scopes.unwrap_or_default(),
            user_action: self
                .user_action
                .absent_is(String::new())
                .map(|word| UserAction::of_word(&word)),
            authentication_contexts: self.auth_contexts.absent_is(Vec::new()),
            client_app: self.client_app_used.as_deref().and_then(ClientApp::of_log),
            protocol: self.protocol.absent_is(Protocol::Interactive),
            flow: self.flow.absent_is(Flow::None),
            platform: self.platform.as_deref().and_then(Platform::of_log),
            // An address that is none is an address nobody saw.
            ip: self.ip.and_then(|text| text.trim().parse().ok()),
            country: self.country,
            gps_country: self.gps_country,
            device: self.device.map(|it| it.0),
            risk: Risk {
                sign_in: level(risk.sign_in),
                user: level(risk.user),
                insider: risk.insider.as_deref().and_then(InsiderRisk::of_word),
                service_principal: level(risk.service_principal),
            },
            session: match self.session {
                Told::Absent => Session::fresh(),
                Told::Null => Session::not_seen(),
                Told::Value(session) => session.into_session(),
            },
            terms_accepted: self.terms_accepted,
            app_protection: self.app_protection,
            token_bound: self.token_bound,
        }
    }
}

impl RawSession {
    fn into_session(self) -> Session {
        Session {
            mfa: self.mfa,
            home_mfa: self.home_mfa,
            methods: self.methods.map(|words| methods(&words)),
            age_minutes: self.age_minutes,
            custom: Some(self.custom.unwrap_or_default()),
            password_changed: Some(self.password_changed.unwrap_or(false)),
        }
    }
}
