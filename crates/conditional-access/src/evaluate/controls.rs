//! What a policy demands, and what becomes of it (Entra documentation, *Conditional Access: Grant*
//! and *Conditional Access: Session*).

use super::person::{Demand, Person, Standing};
use super::possible::{Level, Possible};
use super::strength::Strength;
use super::why::Why;
use crate::facts::{Device, Tenant};
use crate::outcome::{Control, Fact};
use crate::policy::{GrantControls, Operator, Policy, SessionControls, SignInFrequency};
use crate::truth::Truth;

/// Sign-in frequency *every time* takes a session for fresh for so many minutes (*Adaptive session
/// lifetime*).
const EVERY_TIME_MINUTES: u64 = 5;

/// What one policy demands.
#[derive(Debug, Default)]
pub(super) struct ControlRule {
    /// In the order in which they are demanded.
    pub(super) grant: Vec<Control>,
    strength: Option<Strength>,
    pub(super) operator: Option<Operator>,
    /// Session controls that demand something beside sign-in frequency.
    session: Vec<Control>,
    frequency: Option<SignInFrequency>,
    /// Some control is configured, also one that demands nothing.
    pub(super) is_set: bool,
}

/// Facts about a policy in a sign-in that change what its controls come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    /// The policy has a sign-in or user risk condition.
    pub(super) by_risk: bool,
    /// Another policy's strength, for the registration this sign-in is, takes the place of this
    /// one's.
    pub(super) without_strength: Truth,
    /// The policy reached the sign-in as the action *register or join devices*.
    pub(super) by_device_action: Truth,
    /// A service principal signs in.
    pub(super) workload: bool,
}

impl Circumstances {
    /// A user signs in to a resource.
    pub(super) fn at_resource(rule: &super::rule::Rule) -> Self {
        Self {
            by_risk: rule.has_risk_condition(),
            without_strength: Truth::False,
            by_device_action: Truth::False,
            workload: false,
        }
    }
}

/// One way to read what was not seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    is_stale: bool,
    without_strength: bool,
    by_device_action: bool,
}

impl ControlRule {
    pub(super) fn of(policy: &Policy, tenant: &Tenant) -> Self {
        let unmodelled = |section: &str| -> Vec<String> {
            let paths = policy.unmodelled.iter();
            paths.filter(|path| is_a_control(path, section)).cloned().collect()
        };
        let narrowed = "grantControls.authenticationStrength.combinationConfigurations";
        let is_narrowed = policy.unmodelled.iter().any(|path| path == narrowed);
        let mut grant: Vec<Control> = policy.grant.as_ref().map(grant_controls).unwrap_or_default();
        grant.extend(unmodelled("grantControls").into_iter().map(Control::Unmodelled));
        grant.sort();
        grant.dedup();
        let session = policy.session.as_ref();
        let mut demanded: Vec<Control> = session.map(session_controls).unwrap_or_default();
        demanded.extend(unmodelled("sessionControls").into_iter().map(Control::UnmodelledSession));
        demanded.sort();
        demanded.dedup();
        Self {
            is_set: !grant.is_empty() || session.is_some() || !demanded.is_empty(),
            strength: policy
                .grant
                .as_ref()
                .and_then(|grant| Strength::of(grant, is_narrowed, tenant)),
            operator: policy.grant.as_ref().and_then(|grant| grant.operator),
            frequency: session.and_then(|session| session.sign_in_frequency),
            session: demanded,
            grant,
        }
    }

    pub(super) fn has_strength(&self) -> bool {
        self.strength.is_some()
    }

    /// What the policy can come to if it applies.
    pub(super) fn outcome(
        &self,
        person: &Person<'_>,
        around: Circumstances,
        why: &mut Why,
    ) -> Possible {
        why.outcome(|why| {
            let mut all: Option<Possible> = None;
            for reading in self.readings(person, around, why) {
                let grant = self.grant_outcome(person, around, reading, why);
                let one = self
                    .session_outcomes(person, around, reading, why)
                    .fold(grant, |all, (_, one)| all.both(one));
                all = Some(all.map_or(one, |all| all.joined(one)));
            }
            all.unwrap_or(Possible::OK_OR_BLOCK)
        })
    }

    /// Every reading of what was not seen.
    pub(super) fn readings(
        &self,
        person: &Person<'_>,
        around: Circumstances,
        why: &mut Why,
    ) -> impl Iterator<Item = Reading> + use<> {
        let stale = self.is_stale(person, why);
        let strength = around.without_strength.and(self.has_strength().into());
        both_ways(stale).flat_map(move |is_stale| {
            both_ways(strength).flat_map(move |without_strength| {
                both_ways(around.by_device_action).map(move |by_device_action| Reading {
                    is_stale,
                    without_strength,
                    by_device_action,
                })
            })
        })
    }

    /// Whether the session is older than the sign-in frequency allows.
    fn is_stale(&self, person: &Person<'_>, why: &mut Why) -> Truth {
        let limit = match self.frequency {
            None => return Truth::False,
            Some(SignInFrequency::Unknown) => {
                return why
                    .unknown(|| Fact::Unmodelled("sessionControls.signInFrequency".to_owned()));
            }
            Some(SignInFrequency::EveryTime) => EVERY_TIME_MINUTES,
            Some(SignInFrequency::Hours(hours)) => u64::from(hours).saturating_mul(60),
        };
        let age = person.sign_in.session.age_minutes;
        why.of(age.map(|age| age > limit), || Fact::SessionAge)
    }

    fn grant_outcome(
        &self,
        person: &Person<'_>,
        around: Circumstances,
        reading: Reading,
        why: &mut Why,
    ) -> Possible {
        let mut every = Possible::OK;
        let mut one: Option<Possible> = None;
        let mut count = 0_u32;
        for (control, outcome) in self.grant_outcomes(person, around, reading, why) {
            if *control == Control::Block && outcome == Possible::BLOCK {
                return Possible::BLOCK;
            }
            every = every.both(outcome);
            one = Some(one.map_or(outcome, |one| one.either(outcome)));
            count += 1;
        }
        let one = one.unwrap_or(Possible::OK);
        match self.operator {
            _ if count < 2 => every,
            Some(Operator::And) => every,
            Some(Operator::Or) => one,
            None => {
                why.missed(|| Fact::Unmodelled("grantControls.operator".to_owned()));
                every.joined(one)
            }
        }
    }

    /// Each grant control and what it comes to, in the order in which they are demanded.
    pub(super) fn grant_outcomes<'a, 'w>(
        &'a self,
        person: &'w Person<'w>,
        around: Circumstances,
        reading: Reading,
        why: &'w mut Why,
    ) -> impl Iterator<Item = (&'a Control, Possible)> + use<'a, 'w> {
        let demand =
            Demand { by_risk: around.by_risk, is_stale: reading.is_stale, by_layer: false };
        self.grant
            .iter()
            .filter(move |control| {
                !(reading.without_strength && **control == Control::AuthenticationStrength)
            })
            .map(move |control| {
                let possible = if around.workload {
                    self.workload_control(control, why)
                } else if reading.by_device_action && !control.is_mfa() {
                    let behaviour = "controls other than MFA when devices are registered";
                    why.missed(|| Fact::Behaviour(behaviour));
                    Possible::OK_OR_BLOCK
                } else {
                    why.outcome(|why| self.control(control, person, demand, why))
                };
                (control, possible)
            })
    }

    /// Session controls that demand something, each with what it comes to.
    pub(super) fn session_outcomes<'a, 'w>(
        &'a self,
        person: &'w Person<'w>,
        around: Circumstances,
        reading: Reading,
        why: &'w mut Why,
    ) -> impl Iterator<Item = (&'a Control, Possible)> + use<'a, 'w> {
        let stale = reading.is_stale.then_some(&Control::SignInFrequency);
        stale.into_iter().chain(&self.session).map(move |control| {
            let possible = if around.workload {
                self.workload_control(control, why)
            } else if reading.by_device_action {
                let behaviour = "controls other than MFA when devices are registered";
                why.missed(|| Fact::Behaviour(behaviour));
                Possible::OK_OR_BLOCK
            } else {
                why.outcome(|why| session_control(control, person, why))
            };
            (control, possible)
        })
    }

    /// Only blocking is documented for workload identities.
    fn workload_control(&self, control: &Control, why: &mut Why) -> Possible {
        if *control == Control::Block {
            return Possible::BLOCK;
        }
        why.missed(|| Fact::Behaviour("controls other than block for workload identities"));
        Possible::OK_OR_BLOCK
    }

    fn control(
        &self,
        control: &Control,
        person: &Person<'_>,
        demand: Demand,
        why: &mut Why,
    ) -> Possible {
        match control {
            Control::Block => Possible::BLOCK,
            Control::Mfa => person.mfa(demand, why),
            Control::AuthenticationStrength => match &self.strength {
                Some(strength) => person.strength(strength, demand, why),
                None => Possible::OK_OR_BLOCK,
            },
            Control::CompliantDevice => compliant_device(person, why),
            Control::DomainJoinedDevice => hybrid_joined_device(person, why),
            Control::ApprovedApplication => {
                why.missed(|| Fact::Behaviour("approved client apps after their retirement"));
                Possible::OK_OR_BLOCK
            }
            Control::CompliantApplication => protected_app(person, why),
            Control::PasswordChange => password_change(person, why),
            Control::RiskRemediation => person.asked(why, |why| {
                if has_mfa_method(person, why).is_true() {
                    return Possible::REQUIRE;
                }
                why.missed(|| Fact::Behaviour("risk remediation without a usable method"));
                Possible::REQUIRE.joined(Possible::BLOCK)
            }),
            Control::TermsOfUse(id) => terms_of_use(id, person, why),
            Control::Custom(id) => person.asked(why, |why| {
                let passed = person.sign_in.session.custom.as_ref();
                let passed = passed.map(|ids| ids.iter().any(|it| it.eq_ignore_ascii_case(id)));
                let passed = why.of(passed, || Fact::SessionCustom);
                Possible::when(passed, Possible::OK, Possible::REQUIRE)
            }),
            Control::Unmodelled(word) | Control::UnmodelledSession(word) => {
                why.missed(|| Fact::Unmodelled(word.clone()));
                Possible::OK_OR_BLOCK
            }
            Control::SignInFrequency | Control::TokenProtection => {
                session_control(control, person, why)
            }
        }
    }
}

/// True for the path of a property that stands for a control nobody models. Properties that are
/// read elsewhere, or that have no effect on a verdict, are none.
fn is_a_control(path: &str, section: &str) -> bool {
    let Some(rest) = path.strip_prefix(section) else { return false };
    let known = [".operator", ".builtInControls.", ".authenticationStrength", ".persistentBrowser"];
    let is_section = rest.is_empty() || rest.starts_with('.');
    is_section && !known.iter().any(|it| rest.starts_with(it))
}

fn grant_controls(grant: &GrantControls) -> Vec<Control> {
    let built_in = grant.built_in.iter().map(|word| match word.to_ascii_lowercase().as_str() {
        "block" => Control::Block,
        "mfa" => Control::Mfa,
        "compliantdevice" => Control::CompliantDevice,
        "domainjoineddevice" => Control::DomainJoinedDevice,
        "approvedapplication" => Control::ApprovedApplication,
        "compliantapplication" => Control::CompliantApplication,
        "passwordchange" => Control::PasswordChange,
        "riskremediation" => Control::RiskRemediation,
        _ => Control::Unmodelled(word.clone()),
    });
    built_in
        .chain(grant.authentication_strength.iter().map(|_| Control::AuthenticationStrength))
        .chain(grant.terms_of_use.iter().cloned().map(Control::TermsOfUse))
        .chain(grant.custom.iter().cloned().map(Control::Custom))
        .collect()
}

/// Session controls that demand something. The others change what a session may do, not whether
/// it begins.
fn session_controls(session: &SessionControls) -> Vec<Control> {
    let token = session.other.iter().any(|it| it.eq_ignore_ascii_case("secureSignInSession"));
    token.then_some(Control::TokenProtection).into_iter().collect()
}

fn session_control(control: &Control, person: &Person<'_>, why: &mut Why) -> Possible {
    match control {
        Control::TokenProtection => {
            let bound = why.of(person.sign_in.token_bound, || Fact::TokenBound);
            Possible::when(bound, Possible::OK, Possible::BLOCK)
        }
        Control::SignInFrequency => person.asked(why, |_| Possible::REQUIRE),
        other => {
            why.missed(|| Fact::Unmodelled(other.to_string()));
            Possible::OK_OR_BLOCK
        }
    }
}

fn both_ways(truth: Truth) -> impl Iterator<Item = bool> + Clone {
    let ways: &'static [bool] = match truth {
        Truth::False => &[false],
        Truth::Unknown => &[false, true],
        Truth::True => &[true],
    };
    ways.iter().copied()
}

/// An outcome under every reading of what the person may be to this tenant.
fn in_every_reading(
    person: &Person<'_>,
    why: &mut Why,
    mut outcome: impl FnMut(Standing, &mut Why) -> Possible,
) -> Possible {
    let mut all: Option<Possible> = None;
    for standing in person.readings(why) {
        let one = outcome(standing, why);
        all = Some(all.map_or(one, |all| all.joined(one)));
    }
    all.unwrap_or(Possible::OK_OR_BLOCK)
}

fn has_mfa_method(person: &Person<'_>, why: &mut Why) -> Truth {
    let mut readings = person.readings(why);
    let first = readings.next().map_or(Truth::Unknown, |it| person.has_mfa_method(it, why));
    readings.fold(
        first,
        |all, it| {
            if person.has_mfa_method(it, why) == all { all } else { Truth::Unknown }
        },
    )
}

/// A demand on the device. Legacy clients pass no device state, and in device code flow it is
/// another device's.
fn on_device(
    person: &Person<'_>,
    why: &mut Why,
    state: impl FnOnce(&mut Why) -> Possible,
) -> Possible {
    let elsewhere = why.answer(|why| person.is_legacy(why).or(person.uses_device_code(why)));
    if elsewhere.is_true() {
        return Possible::BLOCK;
    }
    let state = why.outcome(state);
    if elsewhere.is_unknown() { state.joined(Possible::BLOCK) } else { state }
}

/// What the device says, which counts for externals only with device trust.
fn device_state(
    person: &Person<'_>,
    trust: Option<bool>,
    why: &mut Why,
    state: impl Fn(&Device) -> Truth,
    fact: Fact,
) -> Possible {
    let seen = match &person.sign_in.device {
        None => Truth::Unknown,
        Some(device) => match device.is_registered() {
            Some(false) => Truth::False,
            _ => state(device),
        },
    };
    let seen = if seen.is_unknown() { why.unknown(|| fact) } else { seen };
    let seen = Possible::when(seen, Possible::OK, Possible::BLOCK);
    in_every_reading(person, why, |standing, why| {
        if standing != Standing::External {
            return seen;
        }
        let trusted = why.of(trust, || Fact::CrossTenantTrust);
        Possible::when(trusted, seen, seen.both(Possible::BLOCK))
    })
}

fn compliant_device(person: &Person<'_>, why: &mut Why) -> Possible {
    let state = |why: &mut Why| {
        let compliant = |device: &Device| Truth::of(device.is_compliant());
        let fact = Fact::DeviceProperty(crate::facts::DeviceProperty::IsCompliant);
        device_state(person, person.trust.compliant, why, compliant, fact)
    };
    // What ActiveSync knows of compliance is not documented, unless there is none.
    if person.is_active_sync().is_true() && !person.uses_device_code(why).is_true() {
        let seen = state(why);
        why.missed(|| Fact::Behaviour("device compliance over Exchange ActiveSync"));
        return if seen == Possible::BLOCK { seen } else { Possible::OK_OR_BLOCK };
    }
    on_device(person, why, state)
}

fn hybrid_joined_device(person: &Person<'_>, why: &mut Why) -> Possible {
    on_device(person, why, |why| {
        let joined = |device: &Device| Truth::of(device.is_hybrid_joined());
        let fact = Fact::DeviceProperty(crate::facts::DeviceProperty::TrustType);
        device_state(person, person.trust.hybrid, why, joined, fact)
    })
}

fn protected_app(person: &Person<'_>, why: &mut Why) -> Possible {
    on_device(person, why, |why| {
        let protected = why.of(person.sign_in.app_protection, || Fact::AppProtection);
        let seen = Possible::when(protected, Possible::OK, Possible::BLOCK);
        in_every_reading(person, why, |standing, _| {
            if standing == Standing::External { Possible::BLOCK } else { seen }
        })
    })
}

fn password_change(person: &Person<'_>, why: &mut Why) -> Possible {
    person.asked(why, |why| {
        in_every_reading(person, why, |standing, why| {
            if standing == Standing::External {
                return Possible::BLOCK;
            }
            let done = why.of(person.sign_in.session.password_changed, || Fact::PasswordChanged);
            if done.is_true() {
                return Possible::OK;
            }
            let able = person.has_mfa_method(standing, why);
            let undone = Possible::when(able, Possible::REQUIRE, Possible::BLOCK);
            Possible::when(done, Possible::OK, undone)
        })
    })
}

fn terms_of_use(id: &str, person: &Person<'_>, why: &mut Why) -> Possible {
    let direct = person.subject.is_direct_connect();
    if direct.is_true() {
        return Possible::BLOCK;
    }
    person.asked(why, |why| {
        let accepted = person.sign_in.terms_accepted.as_ref();
        let accepted = accepted.map(|ids| ids.iter().any(|it| it.eq_ignore_ascii_case(id)));
        let accepted = why.of(accepted, || Fact::TermsAccepted);
        let outcome = Possible::when(accepted, Possible::OK, Possible::REQUIRE);
        if direct.is_unknown() {
            why.missed(|| Fact::UserType);
            return outcome.joined(Possible::BLOCK);
        }
        outcome
    })
}

impl Control {
    pub(super) fn is_mfa(&self) -> bool {
        matches!(self, Self::Mfa | Self::AuthenticationStrength)
    }

    /// True for controls that a person satisfies by doing something.
    pub(super) fn is_interactive(&self) -> bool {
        match self {
            Self::Mfa
            | Self::AuthenticationStrength
            | Self::PasswordChange
            | Self::RiskRemediation
            | Self::TermsOfUse(_)
            | Self::Custom(_)
            | Self::SignInFrequency => true,
            Self::Block
            | Self::CompliantDevice
            | Self::DomainJoinedDevice
            | Self::ApprovedApplication
            | Self::CompliantApplication
            | Self::TokenProtection
            | Self::Unmodelled(_)
            | Self::UnmodelledSession(_) => false,
        }
    }
}

/// The controls that a policy of a definite outcome still waits for.
pub(super) fn outstanding(
    rule: &ControlRule,
    person: &Person<'_>,
    around: Circumstances,
    level: Level,
) -> Vec<Control> {
    let why = &mut Why::unwanted();
    let Some(reading) = rule.readings(person, around, why).next() else { return Vec::new() };
    let wanted = |possible: Possible| match level {
        Level::Block => possible == Possible::BLOCK,
        Level::Ok | Level::Require | Level::Register => possible.lowest() > Level::Ok,
    };
    let grant: Vec<(Control, Possible)> = rule
        .grant_outcomes(person, around, reading, why)
        .map(|(control, possible)| (control.clone(), possible))
        .collect();
    let is_or = rule.operator == Some(Operator::Or) && grant.len() > 1;
    let grant_level =
        grant.iter().map(|(_, possible)| possible.lowest()).min().unwrap_or(Level::Ok);
    let mut found: Vec<Control> = if is_or {
        let blocks = grant.iter().find(|(control, _)| *control == Control::Block);
        let first = grant
            .iter()
            .find(|(_, possible)| possible.is_definite() && possible.lowest() == grant_level);
        let first = blocks.or(first).filter(|(_, possible)| wanted(*possible));
        first.map(|(control, _)| control.clone()).into_iter().collect()
    } else {
        let unmet = grant.iter().filter(|(_, possible)| wanted(*possible));
        unmet.map(|(control, _)| control.clone()).collect()
    };
    let session = rule.session_outcomes(person, around, reading, why);
    found.extend(session.filter(|it| wanted(it.1)).map(|(control, _)| control.clone()));
    found
}
