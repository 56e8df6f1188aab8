//! The conditions beside users and targets (Entra documentation, *Conditional Access: Conditions*).

use super::rule::{FilterRule, Levels, PlatformRule, PlatformWord, Rule};
use super::why::Why;
use crate::device_filter::{DeviceState, Known};
use crate::facts::{ClientApp, Device, Flow, Platform, Risk, SignIn, Trust};
use crate::outcome::Fact;
use crate::policy::ClientAppType;
use crate::truth::Truth;

impl Known for Why {
    fn missed(&mut self, fact: Fact) {
        Why::missed(self, || fact);
    }
}

/// Whether the client app condition matches.
pub(super) fn clients(rule: &Rule, sign_in: &SignIn, why: &mut Why) -> Truth {
    if rule.covers_all_clients() {
        return Truth::True;
    }
    let Some(client) = sign_in.client_app else { return why.unknown(|| Fact::ClientApp) };
    rule.clients.iter().fold(Truth::False, |truth, word| {
        truth.or(match word {
            ClientAppType::All => Truth::True,
            ClientAppType::Browser => (client == ClientApp::Browser).into(),
            ClientAppType::MobileAppsAndDesktopClients => {
                (client == ClientApp::MobileAppsAndDesktopClients).into()
            }
            ClientAppType::ExchangeActiveSync => (client == ClientApp::ExchangeActiveSync).into(),
            ClientAppType::EasSupported => supported_active_sync(client, sign_in.platform, why),
            ClientAppType::Other => (client == ClientApp::Other).into(),
            ClientAppType::Unmodelled(word) => why.unknown(|| Fact::Unmodelled(word.clone())),
        })
    })
}

/// `easSupported`: ActiveSync on a platform that policies support.
fn supported_active_sync(client: ClientApp, platform: Option<Platform>, why: &mut Why) -> Truth {
    if client != ClientApp::ExchangeActiveSync {
        return Truth::False;
    }
    why.of(
        platform.map(|it| matches!(it, Platform::Android | Platform::Ios | Platform::Windows)),
        || Fact::Platform,
    )
}

/// Whether the authentication-flows condition matches.
pub(super) fn flows(rule: &Rule, flow: Option<Flow>, why: &mut Why) -> Truth {
    if rule.flows.is_empty() {
        return Truth::True;
    }
    let Some(flow) = flow else { return why.unknown(|| Fact::Flow) };
    rule.flows.iter().fold(Truth::False, |truth, word| {
        truth.or(match word {
            Some(word) => (*word == flow).into(),
            None => why.unknown(|| Fact::Unmodelled("transferMethods".to_owned())),
        })
    })
}

/// Whether the platform condition matches.
pub(super) fn platforms(rule: &PlatformRule, seen: Option<Platform>, why: &mut Why) -> Truth {
    let any = |words: &[PlatformWord], why: &mut Why| {
        words.iter().fold(Truth::False, |truth, word| {
            truth.or(match word {
                PlatformWord::All => Truth::True,
                PlatformWord::Named(platform) => {
                    why.of(seen.map(|seen| seen == *platform), || Fact::Platform)
                }
                PlatformWord::Unmodelled(word) => why.unknown(|| Fact::Unmodelled(word.clone())),
            })
        })
    };
    let excluded = why.answer(|why| any(&rule.exclude, why));
    let included = why.answer(|why| {
        if rule.include.is_empty() {
            return why.unknown(|| Fact::Behaviour("platforms excluded, none included"));
        }
        any(&rule.include, why)
    });
    included.and(excluded.negated())
}

/// How the device of an external person counts for a filter: their home tenant's device, if one of
/// the two device trusts is on.
#[derive(Debug, Clone, Copy)]
pub(super) struct DeviceTrust {
    /// Whether the person is external.
    pub(super) external: Option<bool>,
    pub(super) trust: Trust,
}

impl DeviceTrust {
    /// Whether the device counts.
    fn counts(self) -> Truth {
        let trusted = Truth::of(self.trust.compliant).or(Truth::of(self.trust.hybrid));
        Truth::of(self.external).negated().or(trusted)
    }
}

/// Whether the filter for devices matches.
pub(super) fn device_filter(
    filter: &FilterRule,
    device: Option<&Device>,
    trust: DeviceTrust,
    why: &mut Why,
) -> Truth {
    let (Some(rule), Some(include)) = (&filter.rule, filter.include) else {
        return why.unknown(|| Fact::Unmodelled("conditions.devices.deviceFilter".to_owned()));
    };
    let counts = trust.counts();
    let said = why.answer(|why| match counts {
        Truth::True => judge_device(rule, device, why),
        Truth::False => rule.judge(DeviceState::Unregistered, why),
        Truth::Unknown => {
            let counted = judge_device(rule, device, why);
            let ignored = rule.judge(DeviceState::Unregistered, why);
            if counted == ignored {
                return counted;
            }
            why.unknown(|| Fact::CrossTenantTrust)
        }
    });
    if include { said } else { said.negated() }
}

fn judge_device(
    rule: &crate::device_filter::DeviceRule,
    device: Option<&Device>,
    why: &mut Why,
) -> Truth {
    let Some(device) = device else { return rule.judge(DeviceState::NotSeen, why) };
    match device.is_registered() {
        Some(true) => rule.judge(DeviceState::Registered(device), why),
        Some(false) => rule.judge(DeviceState::Unregistered, why),
        None => {
            let registered = rule.judge(DeviceState::Registered(device), why);
            let unregistered = rule.judge(DeviceState::Unregistered, why);
            if registered == unregistered {
                return registered;
            }
            why.unknown(|| Fact::Device)
        }
    }
}

/// Whether every risk condition matches.
pub(super) fn risks(rule: &Rule, risk: Risk, why: &mut Why) -> Truth {
    let risks = &rule.risks;
    let sign_in = why.answer(|why| level(&risks.sign_in, risk.sign_in, Fact::SignInRisk, why));
    let user = why.answer(|why| level(&risks.user, risk.user, Fact::UserRisk, why));
    let insider = why.answer(|why| level(&risks.insider, risk.insider, Fact::InsiderRisk, why));
    let service_principal = why.answer(|why| {
        let seen = risk.service_principal;
        level(&risks.service_principal, seen, Fact::ServicePrincipalRisk, why)
    });
    sign_in.and(user).and(insider).and(service_principal)
}

/// Whether the condition for one kind of risk matches.
pub(super) fn level_of<T: PartialEq>(rule: &Option<Levels<T>>, seen: Option<T>) -> Truth {
    level(rule, seen, Fact::SignInRisk, &mut Why::unwanted())
}

fn level<T: PartialEq>(
    rule: &Option<Levels<T>>,
    seen: Option<T>,
    fact: Fact,
    why: &mut Why,
) -> Truth {
    let Some(levels) = rule else { return Truth::True };
    let Some(seen) = seen else { return why.unknown(|| fact) };
    if levels.known.contains(&seen) {
        return Truth::True;
    }
    match &levels.unmodelled {
        Some(word) => why.unknown(|| Fact::Unmodelled(word.clone())),
        None => Truth::False,
    }
}
