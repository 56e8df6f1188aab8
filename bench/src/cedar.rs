//! The same policies, tenant and sign-ins for Cedar.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, Response,
    RestrictedExpression,
};
use conditional_access::Verdict;
use conditional_access::facts::{AppGroup, ClientApp, Flow, Platform, RiskLevel};

use crate::world::{APPS, Drawn, PEOPLE, World, can_do_mfa, groups_of_app, id, is_guest, sign_in};

/// The policies that block, by their number.
const BLOCKING: [&str; 4] = ["0", "5", "7", "8"];

pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

fn uid(kind: &str, id: &str) -> EntityUid {
    format!("{kind}::\"{id}\"").parse().unwrap()
}

impl Cedar {
    pub(crate) fn of(world: &World) -> Self {
        Self {
            authorizer: Authorizer::new(),
            policies: policies(),
            entities: entities(world),
            requests: world.drawn.iter().map(|it| request(*it)).collect(),
        }
    }

    /// What is timed.
    pub(crate) fn authorize(&self, place: usize) -> Response {
        self.authorizer.is_authorized(&self.requests[place], &self.policies, &self.entities)
    }

    /// What the answer comes to.
    pub(crate) fn verdict(&self, place: usize, drawn: &Drawn) -> Verdict {
        let response = self.authorize(place);
        assert_eq!(response.diagnostics().errors().count(), 0);
        if response.decision() == Decision::Allow {
            return Verdict::Allow;
        }
        let blocks = |policy| {
            let number = self.policies.annotation(policy, "number").unwrap();
            BLOCKING.contains(&number)
        };
        // Policy 12 asks for MFA while registering: nobody without a method gets past it.
        if !can_do_mfa(drawn.user) || response.diagnostics().reason().any(blocks) {
            Verdict::Block
        } else {
            Verdict::Require
        }
    }
}

fn entities(world: &World) -> Entities {
    let mut groups_of: HashMap<String, HashSet<EntityUid>> = HashMap::new();
    for group in &world.tenant.groups {
        for member in group.members.iter().flatten() {
            groups_of.entry(member.clone()).or_default().insert(uid("Group", &group.id));
        }
    }
    let groups = world.tenant.groups.iter().map(|group| Entity::with_uid(uid("Group", &group.id)));
    let users = (0..PEOPLE).map(|user| {
        let name = id(0xa000, user);
        let guest = RestrictedExpression::new_bool(is_guest(user));
        let parents = groups_of.get(&name).cloned().unwrap_or_default();
        let attributes = HashMap::from([("guest".to_owned(), guest)]);
        Entity::new(uid("User", &name), attributes, parents).unwrap()
    });
    let word = |group: &AppGroup| match group {
        AppGroup::Office365 => uid("Suite", "Office365"),
        AppGroup::MicrosoftAdminPortals => uid("Suite", "MicrosoftAdminPortals"),
    };
    let apps = (0..APPS).map(|app| {
        let suites = groups_of_app(app).iter().map(word).collect();
        Entity::new(uid("App", &id(0xc000, app)), HashMap::new(), suites).unwrap()
    });
    Entities::from_entities(groups.chain(users).chain(apps), None).unwrap()
}

fn request(drawn: Drawn) -> Request {
    let sign_in = sign_in(drawn);
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let client = match sign_in.client_app.unwrap() {
        ClientApp::Browser => "browser",
        ClientApp::MobileAppsAndDesktopClients => "mobileAppsAndDesktopClients",
        ClientApp::ExchangeActiveSync => "exchangeActiveSync",
        ClientApp::Other => "other",
    };
    let platform = if sign_in.platform == Some(Platform::Ios) { "iOS" } else { "windows" };
    let device_code = sign_in.flow == Some(Flow::DeviceCodeFlow);
    let risk = |level: Option<RiskLevel>| match level.unwrap() {
        RiskLevel::None => "none",
        RiskLevel::Low => "low",
        RiskLevel::Medium => "medium",
        RiskLevel::High => "high",
    };
    let compliant = sign_in.device.unwrap().is_compliant() == Some(true) && !is_guest(drawn.user);
    let pairs = [
        ("client", text(client)),
        ("platform", text(platform)),
        ("flow", text(if device_code { "deviceCodeFlow" } else { "none" })),
        ("signInRisk", text(risk(sign_in.risk.sign_in))),
        ("userRisk", text(risk(sign_in.risk.user))),
        ("country", text(drawn.country)),
        ("ip", RestrictedExpression::new_ip(drawn.ip.to_string())),
        ("compliant", RestrictedExpression::new_bool(compliant)),
        ("mfa", RestrictedExpression::new_bool(sign_in.session.mfa.unwrap())),
    ];
    let context = Context::from_pairs(pairs.map(|(key, value)| (key.to_owned(), value))).unwrap();
    let user = uid("User", &id(0xa000, drawn.user));
    let app = uid("App", &id(0xc000, drawn.app));
    Request::new(user, uid("Action", "signIn"), app, context, None).unwrap()
}

/// What a conditional-access policy lets through unless it applies and is not satisfied.
fn policies() -> PolicySet {
    let group = |number: usize| format!("principal in Group::\"{}\"", id(0x8000, number));
    let sharepoint = "00000003-0000-0ff1-ce00-000000000000";
    let when = |number: usize| -> String {
        match number {
            0 => {
                r#"context.client == "exchangeActiveSync" || context.client == "other""#.to_owned()
            }
            1 => format!("!({})", group(0)),
            2 => group(1),
            3 => r#"context.signInRisk == "high" || context.signInRisk == "medium""#.to_owned(),
            4 => r#"context.userRisk == "high""#.to_owned(),
            5 => r#"context.country == "KP" || context.country == "RU""#.to_owned(),
            6 => format!(
                "{} && !(context.ip.isInRange(ip(\"203.0.113.0/24\")) || \
                 context.ip.isInRange(ip(\"198.51.100.0/25\")))",
                group(2)
            ),
            7 => r#"!(["android", "iOS", "windows", "macOS", "linux"].contains(context.platform))"#
                .to_owned(),
            8 => r#"context.flow == "deviceCodeFlow""#.to_owned(),
            9 => r#"resource in Suite::"MicrosoftAdminPortals""#.to_owned(),
            10 => r#"resource in Suite::"Office365" && !context.compliant"#.to_owned(),
            11 => "principal.guest".to_owned(),
            12 => "true".to_owned(),
            number => format!(
                "{} && (resource == App::\"{sharepoint}\" || resource == App::\"{}\")",
                group(number),
                id(0xc000, number)
            ),
        }
    };
    let satisfied = |number: usize| match number {
        0 | 5 | 7 | 8 => "",
        2 | 10 => " unless { context.mfa || context.compliant }",
        _ => " unless { context.mfa }",
    };
    let forbids = (0..20).map(|number| {
        let action = if number == 12 { "registerSecurityInformation" } else { "signIn" };
        format!(
            "@number(\"{number}\") forbid(principal, action == Action::\"{action}\", resource) \
             when {{ {} }}{};",
            when(number),
            satisfied(number)
        )
    });
    let all: Vec<String> =
        forbids.chain(["permit(principal, action, resource);".to_owned()]).collect();
    all.join("\n").parse().unwrap()
}
