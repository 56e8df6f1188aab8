//! One case: a tenant, its policies, one sign-in, and what is expected.
//!
//! The format is that of the shared case files: an absent or null fact was not seen, but where
//! rule R1 gives absence a meaning.

use core::net::IpAddr;
use std::collections::BTreeMap;

use conditional_access::facts::{
    App, AppGroup, AssignmentState, AuthenticationStrength, BaselineScopes, ClientApp, CrossTenant,
    Device, DeviceProperty, DeviceValue, Flow, Gaps, Group, Identity, IdentityProvider,
    InsiderRisk, Membership, Methods, PerUserMfa, Platform, Protocol, Registration, Risk,
    RiskLevel, RoleAssignment, Session, SignIn, Tenant, Trust, User, UserAction, UserType,
};
use conditional_access::{Policy, read_named_location, read_policy};
use serde_json::Value;

/// A case, read.
pub(crate) struct Case {
    pub(crate) tenant: Tenant,
    pub(crate) policies: Vec<Policy>,
    pub(crate) sign_in: SignIn,
    pub(crate) registration: Registration,
}

pub(crate) fn read(case: &Value) -> Case {
    Case {
        tenant: tenant(&case["tenant"]),
        policies: policies(&case["policies"]),
        sign_in: sign_in(&case["sign_in"]),
        registration: registration(&case["registration"]),
    }
}

pub(crate) fn policies(list: &Value) -> Vec<Policy> {
    let read = |it: &Value| read_policy(it).unwrap_or_else(|_| panic!("no policy: {it}"));
    list.as_array().into_iter().flatten().map(read).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array().map(|items| items.iter().filter_map(text).collect())
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

/// A word of a closed list. An unread word stops the test.
fn word<T>(value: &Value, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    value.as_str().map(|it| read(it).unwrap_or_else(|| panic!("unknown word: {it}")))
}

pub(crate) fn tenant(value: &Value) -> Tenant {
    let off = |name: &str| value.get(name).map_or(Some(false), Value::as_bool);
    let gap = |name: &str| items(value, "gaps").any(|it| it == name);
    Tenant {
        users: items(value, "users").map(user).collect(),
        groups: items(value, "groups")
            .map(|it| Group { id: text(&it["id"]).unwrap(), members: texts(&it["members"]) })
            .collect(),
        changed_memberships: items(value, "changed_memberships")
            .map(|it| Membership {
                group: text(&it["group"]).unwrap(),
                member: text(&it["member"]).unwrap(),
            })
            .collect(),
        roles: items(value, "roles").map(role).collect(),
        named_locations: items(value, "named_locations")
            .map(|it| read_named_location(it).unwrap_or_else(|_| panic!("no location: {it}")))
            .collect(),
        mfa_trusted_ips: value.get("mfa_trusted_ips").map_or(Some(Vec::new()), texts),
        apps: items(value, "apps").map(app).collect(),
        gaps: Gaps { groups: gap("groups"), roles: gap("roles") },
        baseline_scopes: value["baseline_scopes"].as_str().map(|it| match it {
            "enforced" => BaselineScopes::Enforced,
            "legacy" => BaselineScopes::Legacy,
            custom => BaselineScopes::Custom(custom.strip_prefix("custom:").unwrap().to_owned()),
        }),
        cross_tenant: cross_tenant(&value["cross_tenant"]),
        authentication_strengths: items(value, "authentication_strengths")
            .map(|it| AuthenticationStrength {
                id: text(&it["id"]).unwrap(),
                allowed_combinations: texts(&it["allowedCombinations"]),
            })
            .collect(),
        security_defaults: off("security_defaults"),
        per_user_mfa: value.get("per_user_mfa").map_or(Some(BTreeMap::new()), |states| {
            let state = |it: &Value| word(it, per_user_mfa);
            states
                .as_object()
                .map(|map| map.iter().map(|(id, it)| (id.clone(), state(it))).collect())
        }),
        mandatory_mfa: off("mandatory_mfa"),
    }
}

fn per_user_mfa(word: &str) -> Option<PerUserMfa> {
    match word {
        "disabled" => Some(PerUserMfa::Disabled),
        "enabled" => Some(PerUserMfa::Enabled),
        "enforced" => Some(PerUserMfa::Enforced),
        _ => None,
    }
}

fn user(value: &Value) -> User {
    let kind = |it: &str| match it {
        "member" => Some(UserType::Member),
        "guest" => Some(UserType::Guest),
        other => UserType::of_word(other),
    };
    let provider = |it: &str| match it {
        "entra" => Some(IdentityProvider::Entra),
        "msa" => Some(IdentityProvider::Msa),
        "google" => Some(IdentityProvider::Google),
        "emailOtp" => Some(IdentityProvider::EmailOtp),
        "saml" => Some(IdentityProvider::Saml),
        _ => None,
    };
    User {
        id: text(&value["id"]).unwrap(),
        kind: word(&value["type"], kind),
        home_tenant: text(&value["home_tenant"]),
        identity_provider: word(&value["idp"], provider),
        federated: value["federated"].as_bool(),
    }
}

fn role(value: &Value) -> RoleAssignment {
    let state = |it: &str| match it {
        "active" => Some(AssignmentState::Active),
        "eligible" => Some(AssignmentState::Eligible),
        _ => None,
    };
    RoleAssignment {
        role: text(&value["role"]).unwrap(),
        principal: text(&value["principal"]).unwrap(),
        scope: text(&value["scope"]),
        state: word(&value["state"], state),
        custom: value["custom"].as_bool().unwrap_or(false),
    }
}

fn app(value: &Value) -> App {
    let group = |it: &str| match it {
        "Office365" => Some(AppGroup::Office365),
        "MicrosoftAdminPortals" => Some(AppGroup::MicrosoftAdminPortals),
        _ => None,
    };
    let groups = value["groups"].as_array();
    App {
        id: text(&value["id"]).unwrap(),
        owned: value["owned"].as_bool(),
        groups: groups.map(|list| list.iter().filter_map(|it| word(it, group)).collect()),
    }
}

fn cross_tenant(value: &Value) -> CrossTenant {
    let trust = |it: &Value| Trust {
        mfa: it["mfa"].as_bool(),
        compliant: it["compliant"].as_bool(),
        hybrid: it["hybrid"].as_bool(),
    };
    let all = value.as_object().into_iter().flatten();
    let own = all.filter(|(id, _)| *id != "default");
    CrossTenant {
        default: trust(&value["default"]),
        tenants: own.map(|(id, it)| (id.clone(), trust(it))).collect(),
    }
}

pub(crate) fn sign_in(value: &Value) -> SignIn {
    let risk = |name: &str| value["risk"][name].as_str().and_then(RiskLevel::of_word);
    let absent = |name: &str| value.get(name).is_none();
    SignIn {
        identity: identity(value),
        resources: texts(&value["resources"]),
        audiences: texts(&value["audiences"]).unwrap_or_default(),
        client_id: text(&value["client_id"]),
        client_confidential: value["client_confidential"].as_bool(),
        scopes: texts(&value["scopes"]).unwrap_or_default(),
        user_action: if absent("user_action") {
            Some(UserAction::None)
        } else {
            value["user_action"].as_str().map(UserAction::of_word)
        },
        authentication_contexts: if absent("auth_contexts") {
            Some(Vec::new())
        } else {
            texts(&value["auth_contexts"])
        },
        client_app: value["client_app_used"].as_str().and_then(ClientApp::of_log),
        protocol: if absent("protocol") {
            Some(Protocol::Interactive)
        } else {
            word(&value["protocol"], |it| match it {
                "interactive" => Some(Protocol::Interactive),
                "ropc" => Some(Protocol::Ropc),
                _ => None,
            })
        },
        flow: if absent("flow") {
            Some(Flow::None)
        } else {
            word(&value["flow"], |it| match it {
                "none" => Some(Flow::None),
                "deviceCodeFlow" => Some(Flow::DeviceCodeFlow),
                "authenticationTransfer" => Some(Flow::AuthenticationTransfer),
                _ => None,
            })
        },
        platform: value["platform"].as_str().and_then(Platform::of_log),
        ip: value["ip"].as_str().and_then(|it| it.parse::<IpAddr>().ok()),
        country: text(&value["country"]),
        gps_country: text(&value["gps_country"]),
        device: device(&value["device"]),
        risk: Risk {
            sign_in: risk("sign_in"),
            user: risk("user"),
            insider: value["risk"]["insider"].as_str().and_then(InsiderRisk::of_word),
            service_principal: risk("service_principal"),
        },
        session: session(value),
        terms_accepted: texts(&value["terms_accepted"]),
        app_protection: value["app_protection"].as_bool(),
        token_bound: value["token_bound"].as_bool(),
    }
}

fn identity(value: &Value) -> Identity {
    let principal = &value["service_principal"];
    match value["kind"].as_str().unwrap_or("user") {
        "user" => Identity::User(text(&value["user"])),
        "servicePrincipal" => Identity::ServicePrincipal {
            id: text(&principal["id"]),
            owned: principal["owned"].as_bool(),
            managed_identity: principal["managed_identity"].as_bool(),
        },
        "agent" => Identity::Agent,
        other => panic!("unknown kind: {other}"),
    }
}

fn device(value: &Value) -> Option<Device> {
    let properties = value.as_object()?.iter().filter_map(|(name, value)| {
        let value = match value {
            Value::Bool(flag) => DeviceValue::Flag(*flag),
            Value::String(text) => DeviceValue::Text(text.clone()),
            Value::Array(_) => DeviceValue::List(texts(value)?),
            _ => DeviceValue::Null,
        };
        Some((DeviceProperty::of_word(name)?, value))
    });
    Some(Device {
        registered: value["registered"].as_bool(),
        managed: value["managed"].as_bool(),
        properties: properties.collect(),
    })
}

fn session(sign_in: &Value) -> Session {
    let Some(value) = sign_in.get("session") else { return Session::fresh() };
    if value.is_null() {
        return Session::not_seen();
    }
    let methods = texts(&value["methods"]);
    Session {
        mfa: value["mfa"].as_bool(),
        home_mfa: value["home_mfa"].as_bool(),
        methods: methods.map(|it| Methods::of_words(it.iter().map(String::as_str))),
        age_minutes: value["age_minutes"].as_u64(),
        custom: value.get("custom").map_or(Some(Vec::new()), texts),
        password_changed: value.get("password_changed").map_or(Some(false), Value::as_bool),
    }
}

pub(crate) fn registration(value: &Value) -> Registration {
    let usable = texts(&value["usable"]);
    Registration {
        usable: usable.map(|it| Methods::of_words(it.iter().map(String::as_str))),
        can_register: value["can_register"].as_bool().unwrap_or(true),
    }
}
