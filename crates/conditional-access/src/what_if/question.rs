//! What to ask the what-if evaluation.

use serde_json::{Map, Value, json};

use crate::evaluate::what_if;
use crate::facts::{
    Device, DeviceProperty, DeviceValue, Flow, Identity, Platform, Protocol, SignIn, UserAction,
};
use crate::outcome::Fact;
use crate::policy::{ClientAppType, Conditions, Policy};

/// A question for the what-if evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIfQuestion {
    /// The body of `POST /identity/conditionalAccess/evaluate`.
    pub body: Value,
    /// What the question leaves out although an answer may hang on it. Empty: it is fair.
    pub left_out: Vec<LeftOut>,
}

/// Something that the question leaves out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// Some policy asks for the fact, and nobody saw it. There it counts as none.
    NotSeen(Fact),
    /// The question has no place for the fact, or for its value.
    CannotBeTold(Fact),
    /// The resource brings others along, which the evaluation does not test.
    ServiceDependency,
}

impl WhatIfQuestion {
    /// The question for a sign-in under policies.
    #[must_use]
    pub fn of(policies: &[Policy], sign_in: &SignIn) -> Self {
        let mut asked = Asked { policies, left_out: Vec::new() };
        let identity = asked.identity(sign_in);
        let context = asked.context(sign_in);
        let conditions = asked.conditions(sign_in);
        asked.left_out.sort();
        asked.left_out.dedup();
        let body = json!({
            "signInIdentity": identity,
            "signInContext": context,
            "signInConditions": conditions,
            "appliedPoliciesOnly": false,
        });
        Self { body, left_out: asked.left_out }
    }
}

struct Asked<'a> {
    policies: &'a [Policy],
    left_out: Vec<LeftOut>,
}

impl Asked<'_> {
    fn not_seen(&mut self, fact: Fact) {
        self.left_out.push(LeftOut::NotSeen(fact));
    }

    fn cannot(&mut self, fact: Fact) {
        self.left_out.push(LeftOut::CannotBeTold(fact));
    }

    fn uses(&self, condition: impl Fn(&Conditions) -> bool) -> bool {
        self.policies.iter().any(|policy| condition(&policy.conditions))
    }

    fn identity(&mut self, sign_in: &SignIn) -> Value {
        let (kind, key, id) = match &sign_in.identity {
            Identity::User(id) => ("userSignIn", "userId", id),
            Identity::ServicePrincipal { id, .. } => {
                ("servicePrincipalSignIn", "servicePrincipalId", id)
            }
            Identity::Agent => {
                self.cannot(Fact::Identity);
                return Value::Null;
            }
        };
        if id.is_none() {
            self.not_seen(Fact::Identity);
        }
        json!({"@odata.type": format!("#microsoft.graph.{kind}"), key: id})
    }

    /// An action, contexts, or applications by their ids; one of them has a place.
    fn context(&mut self, sign_in: &SignIn) -> Value {
        let resources = sign_in.resources.as_deref();
        let contexts = sign_in.authentication_contexts.as_deref().unwrap_or_default();
        let asks = resources.is_some_and(|it| !it.is_empty());
        if !sign_in.scopes.is_empty() {
            self.cannot(Fact::BaselineScopes);
        }
        let portals = |it: &Conditions| {
            let mut words = it.applications.include.iter().chain(&it.applications.exclude);
            words.any(|word| word.eq_ignore_ascii_case("MicrosoftAdminPortals"))
        };
        if self.uses(portals) {
            self.cannot(Fact::Client);
        }
        match &sign_in.user_action {
            Some(UserAction::RegisterSecurityInformation | UserAction::RegisterDevice) => {
                if asks || !contexts.is_empty() {
                    self.cannot(Fact::Resources);
                }
                let registers_device = sign_in.user_action == Some(UserAction::RegisterDevice);
                let word = if registers_device {
                    "registerOrJoinDevices"
                } else {
                    "registerSecurityInformation"
                };
                return json!({"@odata.type": "#microsoft.graph.userActionContext", "userAction": word});
            }
            Some(UserAction::Unmodelled(_)) => self.cannot(Fact::UserAction),
            None => self.not_seen(Fact::UserAction),
            Some(UserAction::None) => {}
        }
        if let [context, others @ ..] = contexts {
            if asks || !others.is_empty() {
                self.cannot(Fact::AuthenticationContexts);
            }
            return json!({"@odata.type": "#microsoft.graph.authContext",
                "authenticationContextValue": context});
        }
        let Some(resources) = resources.filter(|it| !it.is_empty()) else {
            self.not_seen(Fact::Resources);
            return Value::Null;
        };
        for resource in resources {
            if !what_if::is_one_app(resource) {
                self.cannot(Fact::Resources);
            }
            if what_if::brings_others(resource) && sign_in.audiences.is_empty() {
                self.left_out.push(LeftOut::ServiceDependency);
            }
        }
        json!({"@odata.type": "#microsoft.graph.applicationContext",
            "includeApplications": resources})
    }

    fn conditions(&mut self, sign_in: &SignIn) -> Value {
        let mut all = Map::new();
        self.client(sign_in, &mut all);
        self.place(sign_in, &mut all);
        self.risks(sign_in, &mut all);
        self.device(sign_in, &mut all);
        Value::Object(all)
    }

    fn client(&mut self, sign_in: &SignIn, all: &mut Map<String, Value>) {
        let types = |it: &Conditions| {
            !it.client_app_types.is_empty() && !it.client_app_types.contains(&ClientAppType::All)
        };
        match sign_in.client_app {
            Some(client) => put(all, "clientAppType", json!(client)),
            None if self.uses(types) => self.not_seen(Fact::ClientApp),
            None => {}
        }
        if sign_in.protocol == Some(Protocol::Ropc) {
            self.cannot(Fact::Protocol);
        }
        match sign_in.platform {
            Some(Platform::Other) if self.uses(|it| it.platforms.is_some()) => {
                self.cannot(Fact::Platform);
            }
            Some(Platform::Other) => {}
            Some(platform) => put(all, "devicePlatform", json!(platform)),
            None if self.uses(|it| it.platforms.is_some()) => self.not_seen(Fact::Platform),
            None => {}
        }
        match sign_in.flow {
            Some(Flow::None) => {}
            Some(flow) => put(all, "authenticationFlow", json!({"transferMethod": flow})),
            None if self.uses(|it| !it.authentication_flows.is_empty()) => {
                self.not_seen(Fact::Flow);
            }
            None => {}
        }
    }

    fn place(&mut self, sign_in: &SignIn, all: &mut Map<String, Value>) {
        let by_place = self.uses(|it| it.locations.is_some());
        match sign_in.ip {
            Some(ip) => put(all, "ipAddress", json!(ip.to_string())),
            None if by_place => self.not_seen(Fact::Ip),
            None => {}
        }
        match sign_in.country.as_deref() {
            Some("") if by_place => self.cannot(Fact::Country),
            Some("") => {}
            Some(country) => put(all, "country", json!(country)),
            None if by_place => self.not_seen(Fact::Country),
            None => {}
        }
        if by_place && sign_in.gps_country.is_some() {
            self.cannot(Fact::GpsCountry);
        }
    }

    fn risks(&mut self, sign_in: &SignIn, all: &mut Map<String, Value>) {
        let risk = sign_in.risk;
        type Uses = fn(&Conditions) -> bool;
        let kinds: [(&str, Option<Value>, Fact, Uses); 4] = [
            ("signInRiskLevel", risk.sign_in.map(|it| json!(it)), Fact::SignInRisk, |it| {
                !it.sign_in_risk_levels.is_empty()
            }),
            ("userRiskLevel", risk.user.map(|it| json!(it)), Fact::UserRisk, |it| {
                !it.user_risk_levels.is_empty()
            }),
            ("insiderRiskLevel", risk.insider.map(|it| json!(it)), Fact::InsiderRisk, |it| {
                !it.insider_risk_levels.is_empty()
            }),
            (
                "servicePrincipalRiskLevel",
                risk.service_principal.map(|it| json!(it)),
                Fact::ServicePrincipalRisk,
                |it| !it.service_principal_risk_levels.is_empty(),
            ),
        ];
        for (key, level, fact, uses) in kinds {
            match level {
                Some(level) => put(all, key, level),
                None if self.uses(uses) => self.not_seen(fact),
                None => {}
            }
        }
    }

    fn device(&mut self, sign_in: &SignIn, all: &mut Map<String, Value>) {
        let by_device = self.uses(|it| it.device_filter.is_some());
        match &sign_in.device {
            Some(device) if device.is_registered() == Some(true) => {
                put(all, "deviceInfo", device_info(device));
            }
            Some(device) if device.is_registered() == Some(false) => {}
            _ if by_device => self.not_seen(Fact::Device),
            _ => {}
        }
    }
}

fn put(all: &mut Map<String, Value>, key: &str, value: Value) {
    all.insert(key.to_owned(), value);
}

fn device_info(device: &Device) -> Value {
    let told = device.properties.iter().map(|(property, value)| {
        // The one property that is called otherwise in the question.
        let key = match property {
            DeviceProperty::DeviceOwnership => "ownership".to_owned(),
            property => property.word(),
        };
        let value = match value {
            DeviceValue::Null => Value::Null,
            DeviceValue::Flag(flag) => json!(flag),
            DeviceValue::Text(text) => json!(text),
            DeviceValue::List(items) => json!(items),
        };
        (key, value)
    });
    Value::Object(told.collect())
}
