//! `POST /identity/conditionalAccess/evaluate`, answered by the crate `conditional-access`.

use conditional_access::facts::{AssignmentState, ClientApp};
use conditional_access::facts::{
    Device, DeviceProperty, DeviceValue, Flow, Group, Identity, InsiderRisk, Platform,
    Registration, Risk, RiskLevel, RoleAssignment, SignIn, Tenant, User, UserAction, UserType,
};
use conditional_access::{
    PolicySet, WhatIfAnswer, WhatIfDisagreement, WhatIfReason, read_named_location, read_policy,
};
use serde_json::{Value, json};

use super::place::Place;
use super::query::{Query, known};
use super::read::{Object, Reading};
use super::refusal::Refusal;
use super::view::{View, text};
use super::write::{at, texts};
use crate::documents::Collection;

impl Reading<'_> {
    pub(super) fn what_if(&mut self) -> Result<Value, Refusal> {
        known(self.ask)?;
        let body = self.ask.object()?;
        let sign_in = question(&body, &self.view)?;
        let all = self.view.all(&Collection::Policies);
        let policies = all
            .iter()
            .map(|it| read_policy(&Value::Object(it.clone())))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| Refusal::new(500, "InternalServerError", "A policy cannot be read."))?;
        let set = PolicySet::of(&policies, &tenant(&self.view));
        let reasons = reasons(&set, &sign_in, &all);
        let applied_only = body.get("appliedPoliciesOnly") == Some(&Value::Bool(true));
        let query = Query::of_item(self.ask, Place::Policies)?;
        let mut rows = Vec::new();
        for (policy, reasons) in all.into_iter().zip(reasons) {
            if applied_only && !reasons.is_empty() {
                continue;
            }
            let mut shown = self.shown(Place::Policies, policy, &query);
            if let Value::Object(row) = &mut shown {
                let applies = reasons.is_empty();
                let words = if applies { "notSet".to_owned() } else { reasons.join(",") };
                row.insert("policyApplies".to_owned(), json!(applies));
                row.insert("analysisReasons".to_owned(), json!(words));
            }
            rows.push(shown);
        }
        let mut page = Object::new();
        let context = self.context("Collection(microsoft.graph.whatIfAnalysisResult)");
        page.insert("@odata.context".to_owned(), context);
        page.insert("value".to_owned(), Value::Array(rows));
        Ok(Value::Object(page))
    }
}

/// Why each policy does not apply; nothing where it does.
///
/// The decision tells its reasons where somebody says otherwise, so it is told that every policy
/// applies.
fn reasons(set: &PolicySet, sign_in: &SignIn, all: &[Object]) -> Vec<Vec<String>> {
    let outcome = set.evaluate(sign_in, &Registration::not_seen());
    let claims: Vec<WhatIfAnswer> = outcome
        .per_policy
        .iter()
        .map(|it| WhatIfAnswer {
            policy: it.policy.clone(),
            applies: Some(true),
            reasons: Vec::new(),
        })
        .collect();
    let compared = set.compare_what_if(sign_in, &outcome, &claims);
    all.iter()
        .map(|policy| {
            let id = text(policy, "id");
            if compared.undecided.iter().any(|it| it.eq_ignore_ascii_case(id)) {
                return vec![WhatIfReason::NotEnoughInformation.to_string()];
            }
            let found = compared.disagreements.iter().find_map(|it| match it {
                WhatIfDisagreement::TheyApply { policy, ours }
                    if policy.eq_ignore_ascii_case(id) =>
                {
                    Some(ours)
                }
                _ => None,
            });
            found.map_or(Vec::new(), |ours| match ours.first() {
                Some(first) => vec![first.to_string()],
                None => vec![WhatIfReason::NotEnoughInformation.to_string()],
            })
        })
        .collect()
}

/// What Conditional Access needs to know of the tenant.
fn tenant(view: &View<'_>) -> Tenant {
    let groups = view.all(&Collection::Groups);
    let groups = groups.iter().map(|group| {
        let id = text(group, "id").to_owned();
        let members = view.all(&Collection::GroupMembers(id.clone()));
        let members = members.iter().map(|it| text(it, "id").to_owned()).collect();
        Group { id, members: Some(members) }
    });
    let role = |state| {
        move |it: &Object| RoleAssignment {
            role: text(it, "roleDefinitionId").to_owned(),
            principal: text(it, "principalId").to_owned(),
            scope: Some(text(it, "directoryScopeId").to_owned()),
            state: Some(state),
            custom: false,
        }
    };
    let active = view.all(&Collection::RoleAssignments);
    let eligible = view.all(&Collection::RoleEligibilities);
    let locations = view.all(&Collection::NamedLocations);
    Tenant {
        users: view.all(&Collection::Users).iter().map(person).collect(),
        groups: groups.collect(),
        roles: active
            .iter()
            .map(role(AssignmentState::Active))
            .chain(eligible.iter().map(role(AssignmentState::Eligible)))
            .collect(),
        named_locations: locations
            .iter()
            .filter_map(|it| read_named_location(&Value::Object(it.clone())).ok())
            .collect(),
        ..Tenant::default()
    }
}

fn person(user: &Object) -> User {
    let is_guest = text(user, "userType").eq_ignore_ascii_case("guest");
    let is_invited = text(user, "creationType").eq_ignore_ascii_case("invitation");
    let kind = match (is_guest, is_invited) {
        (false, false) => UserType::Member,
        (false, true) => UserType::B2bCollaborationMember,
        (true, true) => UserType::B2bCollaborationGuest,
        (true, false) => UserType::InternalGuest,
    };
    User { kind: Some(kind), ..User::member(text(user, "id")) }
}

/// The sign-in a question describes. Conditions it leaves out count as none, as Microsoft's do.
fn question(body: &Object, view: &View<'_>) -> Result<SignIn, Refusal> {
    let refused = |what: &str| Refusal::bad_policy(format!("The question {what}."));
    let identity = body.get("signInIdentity").and_then(Value::as_object);
    let identity = identity.ok_or_else(|| refused("does not say who signs in"))?;
    let mut sign_in = match text(identity, "@odata.type") {
        "#microsoft.graph.userSignIn" => {
            let user = view.user(text(identity, "userId"))?;
            SignIn::of_user(text(&user, "id"))
        }
        "#microsoft.graph.servicePrincipalSignIn" => {
            let id = text(identity, "servicePrincipalId").to_owned();
            let identity =
                Identity::ServicePrincipal { id: Some(id), owned: None, managed_identity: None };
            SignIn { identity, ..SignIn::of_user("") }
        }
        _ => return Err(refused("has an identity without a known `@odata.type`")),
    };
    let context = body.get("signInContext").and_then(Value::as_object);
    let context = context.ok_or_else(|| refused("does not say what is signed in to"))?;
    match text(context, "@odata.type") {
        "#microsoft.graph.applicationContext" => {
            let apps = texts(context, &["includeApplications"]);
            sign_in.resources = Some(apps.into_iter().map(str::to_owned).collect());
        }
        "#microsoft.graph.userActionContext" => {
            sign_in.user_action = Some(UserAction::of_word(text(context, "userAction")));
            sign_in.resources = Some(Vec::new());
        }
        "#microsoft.graph.authContext" => {
            let value = text(context, "authenticationContextValue").to_owned();
            sign_in.authentication_contexts = Some(vec![value]);
            sign_in.resources = Some(Vec::new());
        }
        _ => return Err(refused("has a context without a known `@odata.type`")),
    }
    let conditions = body.get("signInConditions").and_then(Value::as_object);
    told(&mut sign_in, &conditions.cloned().unwrap_or_default());
    Ok(sign_in)
}

fn told(sign_in: &mut SignIn, conditions: &Object) {
    let word = |name: &str| Some(text(conditions, name)).filter(|it| !it.is_empty());
    let level = |name: &str| match word(name) {
        None => Some(RiskLevel::None),
        Some(word) => RiskLevel::of_word(word),
    };
    sign_in.client_app = word("clientAppType").and_then(|it| match it {
        "browser" => Some(ClientApp::Browser),
        "mobileAppsAndDesktopClients" => Some(ClientApp::MobileAppsAndDesktopClients),
        "exchangeActiveSync" | "easSupported" => Some(ClientApp::ExchangeActiveSync),
        "other" => Some(ClientApp::Other),
        _ => None,
    });
    sign_in.platform = word("devicePlatform").and_then(Platform::of_word);
    sign_in.ip = word("ipAddress").and_then(|it| it.parse().ok());
    sign_in.country = word("country").map(str::to_owned);
    sign_in.flow = match at(conditions, &["authenticationFlow", "transferMethod"]) {
        Some(Value::String(it)) if it == "deviceCodeFlow" => Some(Flow::DeviceCodeFlow),
        Some(Value::String(it)) if it == "authenticationTransfer" => {
            Some(Flow::AuthenticationTransfer)
        }
        _ => Some(Flow::None),
    };
    sign_in.risk = Risk {
        sign_in: level("signInRiskLevel"),
        user: level("userRiskLevel"),
        insider: match word("insiderRiskLevel") {
            None => Some(InsiderRisk::None),
            Some(word) => InsiderRisk::of_word(word),
        },
        service_principal: level("servicePrincipalRiskLevel"),
    };
    sign_in.device = Some(match conditions.get("deviceInfo").and_then(Value::as_object) {
        None => Device::unregistered(),
        Some(info) => device(info),
    });
}

fn device(info: &Object) -> Device {
    let mut device = Device::unregistered();
    for (name, value) in info {
        let name = if name == "ownership" { "deviceOwnership" } else { name };
        let Some(property) = DeviceProperty::of_word(name) else { continue };
        let value = match value {
            Value::Bool(flag) => DeviceValue::Flag(*flag),
            Value::String(text) => DeviceValue::Text(text.clone()),
            Value::Array(items) => {
                let texts = items.iter().filter_map(Value::as_str).map(str::to_owned);
                DeviceValue::List(texts.collect())
            }
            _ => DeviceValue::Null,
        };
        device.properties.insert(property, value);
    }
    device
}
