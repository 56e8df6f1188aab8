//! Which situations a set of policies can tell apart.
//!
//! The space of sign-ins is infinite, the policies are finite: they can only tell apart what they
//! mention. Each kind of fact is an [`Axis`]; its values fall into a few [`Class`]es that every
//! policy, and every control, treats alike. One representative answers for all members of its
//! class, so that what is found for all combinations of classes is exact, not sampled.

mod axis;
mod changes;
mod devices;
mod openings;
mod people;
mod places;
mod targets;

use super::directory::Subject;
use super::{PolicySet, condition::DeviceTrust};
use crate::facts::{
    ClientApp, Flow, InsiderRisk, Platform, Protocol, Registration, Risk, RiskLevel, SignIn, Tenant,
};
use crate::outcome::Outcome;
use crate::policy::Policy;
pub(super) use axis::Signature;
pub use axis::{Axis, Class};
pub use changes::{
    CannotCompare, Change, ChangeQuestion, Comparison, Effect, NewOpening, When, World, compare,
};
pub(super) use devices::{describe, devices as every_device};
pub use openings::{Certainty, Opening, OpeningReport, find_openings};
pub use people::Population;
pub(super) use places::places as every_place;
pub(super) use targets::{administration, every_target, registers, with_apps};

/// The classes of situations under a set of policies, for people of the tenant itself.
#[derive(Debug)]
pub struct Situations {
    set: PolicySet,
    subject: Subject,
    classes: Vec<(Axis, Vec<Class>)>,
}

impl Situations {
    /// Finds the classes.
    #[must_use]
    pub fn of(policies: &[Policy], tenant: &Tenant) -> Self {
        let set = PolicySet::of(policies, &with_apps(tenant));
        let mut anybody = set.directory.subject(Some(""));
        anybody.user.kind = Some(crate::facts::UserType::Member);
        let classes = Axis::ALL
            .into_iter()
            .map(|axis| {
                let values = match axis {
                    Axis::Target => every_target(policies),
                    Axis::Place => every_place(policies, tenant),
                    Axis::Risk => every_risk(policies),
                    Axis::Client => clients(),
                    Axis::Device => every_device(policies),
                };
                (axis, set.classed(axis, values, &anybody))
            })
            .collect();
        Self { set, subject: anybody, classes }
    }

    /// The classes of one axis.
    #[must_use]
    pub fn classes(&self, axis: Axis) -> &[Class] {
        self.classes.iter().find(|(it, _)| *it == axis).map_or(&[], |(_, classes)| classes)
    }

    /// What a sign-in meets, in the world in which the classes were found.
    #[must_use]
    pub fn evaluate(&self, sign_in: &SignIn, registration: &Registration) -> Outcome {
        self.set.evaluate(sign_in, registration)
    }

    /// How many combinations of classes there are.
    #[must_use]
    pub fn cells(&self) -> u64 {
        self.classes.iter().fold(1, |cells, (_, classes)| cells.saturating_mul(count(classes)))
    }

    /// The sign-in with every fact replaced by that of its class's representative. `None`: some
    /// fact falls into no class, because it was not seen or the policies' filters for devices
    /// mention too much to list every device.
    #[must_use]
    pub fn representative(&self, sign_in: &SignIn) -> Option<SignIn> {
        let mut all = sign_in.clone();
        for (axis, classes) in &self.classes {
            let [member] = <[Class; 1]>::try_from(self.set.classed(
                *axis,
                vec![Class::of(sign_in.clone(), String::new(), 0)],
                &self.subject,
            ))
            .ok()?;
            let class = classes.iter().find(|class| class.holds(&member))?;
            axis.put(&class.facts, &mut all);
        }
        Some(all)
    }
}

/// A fresh sign-in in which nothing helps the person: no claim, no terms accepted, the app not
/// under protection, the token not bound to the device.
pub(super) fn unaided(user: &str) -> SignIn {
    let mut sign_in = SignIn::of_user(user);
    sign_in.terms_accepted = Some(Vec::new());
    sign_in.app_protection = Some(false);
    sign_in.token_bound = Some(false);
    sign_in
}

/// The number of items, as a count of cells.
pub(super) fn count<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

impl PolicySet {
    /// Holds values of one axis against every policy, and puts those together that are treated
    /// alike. The least unusual one represents its class.
    pub(super) fn classed(&self, axis: Axis, values: Vec<Class>, subject: &Subject) -> Vec<Class> {
        let mut classes: Vec<Class> = Vec::new();
        let mut known: std::collections::HashMap<Signature, usize> =
            std::collections::HashMap::new();
        for mut value in values {
            value.signature = self.signature(axis, &value.facts, subject);
            let next = classes.len();
            let place = *known.entry(value.signature.clone()).or_insert(next);
            match classes.get_mut(place) {
                Some(class) => class.take_in(value),
                None => classes.push(value),
            }
        }
        classes
    }

    pub(super) fn signature(&self, axis: Axis, facts: &SignIn, subject: &Subject) -> Signature {
        let registration = Registration::not_seen();
        let scene = self.scene_of(facts, &registration, subject);
        let trust = DeviceTrust { external: subject.is_external(), trust: scene.trust };
        let matching = self.each(|rule, why| match axis {
            Axis::Target => {
                super::target::reach(&rule.targets, &scene.request, &self.apps, why).any()
            }
            Axis::Place => scene.place(rule, why),
            Axis::Risk => scene.risks(rule, why),
            Axis::Client => scene.software(rule, crate::truth::Truth::False, why),
            Axis::Device => rule.device_filter.as_ref().map_or(crate::truth::Truth::True, |it| {
                super::condition::device_filter(it, facts.device.as_ref(), trust, why)
            }),
        });
        Signature { matching, traits: axis.traits(facts, &scene.request) }
    }
}

/// Every kind of client on every platform; legacy clients and a replayed password cannot be asked,
/// and device code flow takes the device away, so each is a client of its own.
pub(super) fn clients() -> Vec<Class> {
    use ClientApp::{Browser, ExchangeActiveSync, MobileAppsAndDesktopClients, Other};
    let mut all = modern_clients();
    let others = [
        (ExchangeActiveSync, Protocol::Interactive, Flow::None, "Exchange ActiveSync"),
        (Other, Protocol::Interactive, Flow::None, "other legacy clients"),
        (Browser, Protocol::Ropc, Flow::None, "a password replayed as a browser"),
        (MobileAppsAndDesktopClients, Protocol::Ropc, Flow::None, "a replayed password"),
        (Other, Protocol::Ropc, Flow::None, "a password replayed by a legacy client"),
        (ExchangeActiveSync, Protocol::Ropc, Flow::None, "a password replayed by ActiveSync"),
    ];
    let flows = [
        (Flow::DeviceCodeFlow, "device code flow"),
        (Flow::AuthenticationTransfer, "authentication transfer"),
    ];
    let mut named: Vec<(ClientApp, Protocol, Flow, String)> =
        others.map(|(app, protocol, flow, name)| (app, protocol, flow, name.to_owned())).into();
    for (flow, name) in flows {
        for (app, client, _) in MODERN {
            named.push((app, Protocol::Interactive, flow, format!("{client} by {name}")));
        }
    }
    for (app, protocol, flow, name) in named {
        all.extend(on_every_platform(app, protocol, flow, &name, 2));
    }
    all
}

const MODERN: [(ClientApp, &str, u32); 2] = [
    (ClientApp::Browser, "a browser", 0),
    (ClientApp::MobileAppsAndDesktopClients, "a mobile or desktop app", 1),
];

/// A client app in which a person can be asked, in words.
pub(super) fn client_name(app: ClientApp) -> &'static str {
    MODERN.iter().find(|(it, ..)| *it == app).map_or("a legacy client", |(_, name, _)| name)
}

/// A platform in the portal's word.
pub(super) fn platform_name(platform: Option<Platform>) -> &'static str {
    let named = PLATFORMS.iter().find(|(it, _)| Some(*it) == platform);
    named.map_or("a platform nobody saw", |(_, word)| word)
}

/// The clients in which a person can be asked, without a transfer flow.
pub(super) fn modern_clients() -> Vec<Class> {
    let all = MODERN.into_iter().flat_map(|(app, name, unusual)| {
        on_every_platform(app, Protocol::Interactive, Flow::None, name, unusual)
    });
    all.collect()
}

/// Every platform with the portal's word, the most usual first.
const PLATFORMS: [(Platform, &str); 7] = [
    (Platform::Windows, "Windows"),
    (Platform::MacOs, "macOS"),
    (Platform::Ios, "iOS"),
    (Platform::Android, "Android"),
    (Platform::Linux, "Linux"),
    (Platform::WindowsPhone, "Windows Phone"),
    (Platform::Other, "a platform that has no name"),
];

fn on_every_platform(
    app: ClientApp,
    protocol: Protocol,
    flow: Flow,
    name: &str,
    unusual: u32,
) -> Vec<Class> {
    let of = |(rank, (platform, word)): (u32, (Platform, &str))| {
        let mut facts = SignIn::of_user("");
        facts.client_app = Some(app);
        facts.protocol = Some(protocol);
        facts.flow = Some(flow);
        facts.platform = Some(platform);
        Class::of(facts, format!("{name} on {word}"), unusual + u32::from(rank > 3) * 2)
    };
    (0..).zip(PLATFORMS).map(of).collect()
}

/// Every combination of the risk levels that some policy asks about; where none asks, no risk.
pub(super) fn every_risk(policies: &[Policy]) -> Vec<Class> {
    let asks = |of: fn(&Policy) -> bool| policies.iter().any(of);
    let levels = |asked: bool| {
        let every = [RiskLevel::None, RiskLevel::Low, RiskLevel::Medium, RiskLevel::High];
        every.into_iter().take(if asked { 4 } else { 1 })
    };
    let by_sign_in = asks(|it| !it.conditions.sign_in_risk_levels.is_empty());
    let by_user = asks(|it| !it.conditions.user_risk_levels.is_empty());
    let by_insider = policies.iter().any(|it| {
        !it.conditions.insider_risk_levels.is_empty()
            || it.unmodelled.iter().any(|path| path.starts_with("conditions.insiderRiskLevels"))
    });
    let insiders =
        [InsiderRisk::None, InsiderRisk::Minor, InsiderRisk::Moderate, InsiderRisk::Elevated];
    let mut all = Vec::new();
    for sign_in in levels(by_sign_in) {
        for user in levels(by_user) {
            for insider in insiders.into_iter().take(if by_insider { 4 } else { 1 }) {
                let mut facts = SignIn::of_user("");
                facts.risk = Risk {
                    sign_in: Some(sign_in),
                    user: Some(user),
                    insider: Some(insider),
                    service_principal: Some(RiskLevel::None),
                };
                let (name, unusual) = name_of_risk(sign_in, user, insider);
                all.push(Class::of(facts, name, unusual));
            }
        }
    }
    all
}

fn name_of_risk(sign_in: RiskLevel, user: RiskLevel, insider: InsiderRisk) -> (String, u32) {
    let level = |level: RiskLevel| match level {
        RiskLevel::None => None,
        RiskLevel::Low => Some("low"),
        RiskLevel::Medium => Some("medium"),
        RiskLevel::High => Some("high"),
    };
    let insider = match insider {
        InsiderRisk::None => None,
        InsiderRisk::Minor => Some("minor"),
        InsiderRisk::Moderate => Some("moderate"),
        InsiderRisk::Elevated => Some("elevated"),
    };
    let told: Vec<String> =
        [("sign-in risk", level(sign_in)), ("user risk", level(user)), ("insider risk", insider)]
            .into_iter()
            .filter_map(|(kind, level)| level.map(|level| format!("{level} {kind}")))
            .collect();
    if told.is_empty() {
        return ("no risk".to_owned(), 0);
    }
    (told.join(", "), 2 * u32::try_from(told.len()).unwrap_or(u32::MAX))
}
