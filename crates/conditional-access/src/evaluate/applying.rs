//! Whether each policy applies to a sign-in, and what it comes to.

use std::collections::BTreeSet;

use super::app::Apps;
use super::condition::{self, DeviceTrust};
use super::controls::{self, Circumstances};
use super::directory::{Directory, Subject};
use super::identity::{self, Surroundings, Workload};
use super::layers::Layers;
use super::location::Places;
use super::person::Person;
use super::possible::{Level, Possible};
use super::rule::{Enforcement, Rule};
use super::target::{self, Reach, Request};
use super::why::Why;
use super::word;
use crate::facts::{Identity, Registration, SignIn, Trust, UserAction};
use crate::outcome::{Cause, Control, Fact, PolicyResult, Word};
use crate::truth::Truth;

/// Everything one sign-in is judged by.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) directory: &'a Directory,
    pub(super) places: &'a Places,
    pub(super) apps: &'a Apps,
    pub(super) trust: Trust,
    pub(super) request: Request,
    pub(super) sign_in: &'a SignIn,
    pub(super) registration: &'a Registration,
    pub(super) subject: Subject,
}

/// How policies and layers stand to a sign-in.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    pub(super) policies: Vec<Part<'a>>,
    pub(super) layers: Vec<Part<'a>>,
    /// The snapshot contradicts itself: security defaults beside an enabled policy.
    pub(super) is_contradiction: bool,
}

/// What one policy or layer contributes.
#[derive(Debug)]
pub(super) struct Part<'a> {
    rule: Option<&'a Rule>,
    pub(super) cause: Cause,
    pub(super) applies: Truth,
    word: Word,
    /// What is possible, for a part that is enforced or may be. `None`: it never counts.
    pub(super) possible: Option<Possible>,
    /// What it still waits for, if its outcome is definite.
    pub(super) outstanding: Vec<Control>,
    pub(super) unknown: BTreeSet<Fact>,
}

impl<'a> Scene<'a> {
    pub(super) fn person(&self) -> Person<'_> {
        Person {
            sign_in: self.sign_in,
            registration: self.registration,
            subject: &self.subject,
            trust: self.trust,
        }
    }

    pub(super) fn layers(&self) -> Layers<'_> {
        Layers { directory: self.directory, person: self.person(), request: &self.request }
    }

    pub(super) fn identity(&self, rule: &Rule, why: &mut Why) -> Truth {
        match &self.sign_in.identity {
            Identity::User(_) => {
                let around = Surroundings {
                    client_app: self.sign_in.client_app,
                    blurs_guests: self.request.blurs_guests(),
                };
                identity::user(rule, self.directory, &self.subject, around, why)
            }
            Identity::ServicePrincipal { id, owned, managed_identity } => {
                let workload = Workload {
                    id: id.as_deref(),
                    owned: *owned,
                    managed_identity: *managed_identity,
                };
                identity::workload(rule, workload, why)
            }
            Identity::Agent => why.unknown(|| Fact::Behaviour("sign-ins of agents")),
        }
    }

    /// The conditions beside users and targets, all of which must match.
    fn conditions(&self, rule: &Rule, reach: Reach, why: &mut Why) -> Truth {
        let device_action = self.by_device_action(reach);
        let client = self.client(rule, device_action, why);
        let place = why.answer(|why| self.place(rule, why));
        let device = why.answer(|why| self.device(rule, device_action, why));
        client.and(place).and(device)
    }

    /// Client app, flow, platform, risks, and what nobody models.
    pub(super) fn client(&self, rule: &Rule, device_action: Truth, why: &mut Why) -> Truth {
        let software = self.software(rule, device_action, why);
        software.and(self.risks(rule, why))
    }

    /// Client app, flow, platform, and what nobody models.
    pub(super) fn software(&self, rule: &Rule, device_action: Truth, why: &mut Why) -> Truth {
        let sign_in = self.sign_in;
        let clients = why.answer(|why| {
            let truth = condition::clients(rule, sign_in, why);
            self.blurred(truth, !rule.covers_all_clients(), device_action, why)
        });
        let flows = why.answer(|why| condition::flows(rule, sign_in.flow, why));
        let platforms = why.answer(|why| {
            let condition = rule.platforms.as_ref();
            condition.map_or(Truth::True, |it| condition::platforms(it, sign_in.platform, why))
        });
        let unmodelled = rule.unmodelled.iter().fold(Truth::True, |truth, path| {
            truth.and(why.unknown(|| Fact::Unmodelled(path.clone())))
        });
        clients.and(flows).and(platforms).and(unmodelled)
    }

    /// The risk conditions.
    pub(super) fn risks(&self, rule: &Rule, why: &mut Why) -> Truth {
        condition::risks(rule, self.sign_in.risk, why)
    }

    /// The location condition.
    pub(super) fn place(&self, rule: &Rule, why: &mut Why) -> Truth {
        let condition = rule.locations.as_ref();
        condition.map_or(Truth::True, |it| it.matches(self.places, self.sign_in, why))
    }

    /// The filter for devices.
    pub(super) fn device(&self, rule: &Rule, device_action: Truth, why: &mut Why) -> Truth {
        let Some(filter) = &rule.device_filter else { return Truth::True };
        let trust = DeviceTrust { external: self.subject.is_external(), trust: self.trust };
        let device = self.sign_in.device.as_ref();
        let truth = condition::device_filter(filter, device, trust, why);
        self.blurred(truth, true, device_action, why)
    }

    /// Client app and device conditions are not available when a device is being registered.
    fn blurred(&self, truth: Truth, is_set: bool, device_action: Truth, why: &mut Why) -> Truth {
        if !is_set || device_action.is_false() {
            return truth;
        }
        why.unknown(|| Fact::Behaviour("client and device conditions when devices are registered"))
    }

    /// Whether the policy reached the sign-in as the action *register or join devices*.
    fn by_device_action(&self, reach: Reach) -> Truth {
        match self.request.action() {
            Some(UserAction::RegisterDevice) => reach.by_action,
            Some(_) => Truth::False,
            None => reach.by_action.and(Truth::Unknown),
        }
    }

    /// Whether the policy applies, and by which way it reached the sign-in.
    fn applies(&self, rule: &Rule, why: &mut Why) -> (Truth, Reach) {
        let unreached = Reach { by_action: Truth::False, by_resource: Truth::False };
        if matches!(self.sign_in.identity, Identity::Agent) {
            return (self.identity(rule, why), unreached);
        }
        if !rule.controls.is_set {
            return (Truth::False, unreached);
        }
        let mut reach = unreached;
        let truth = why.answer(|why| {
            let identity = why.answer(|why| self.identity(rule, why));
            if identity.is_false() {
                return Truth::False;
            }
            reach = target::reach(&rule.targets, &self.request, self.apps, why);
            if reach.any().is_false() {
                return Truth::False;
            }
            identity.and(reach.any()).and(self.conditions(rule, reach, why))
        });
        (truth, reach)
    }

    /// Whether this enforced policy demands a strength of the registration that the sign-in is.
    fn gives_strength(&self, rule: &Rule, applies: Truth, reach: Reach) -> Truth {
        let registers = self.request.action() == Some(&UserAction::RegisterSecurityInformation);
        if !registers || !self.request.has_resources() || !rule.controls.has_strength() {
            return Truth::False;
        }
        match rule.enforcement {
            Enforcement::Enforced => applies.and(reach.by_action),
            Enforcement::Unclear => applies.and(reach.by_action).and(Truth::Unknown),
            Enforcement::ReportOnly | Enforcement::Off => Truth::False,
        }
    }

    fn part<'r>(&self, rule: &'r Rule, applied: Applied, strength_of_action: Truth) -> Part<'r> {
        let Applied { applies, reach, mut why } = applied;
        let around = Circumstances {
            by_risk: rule.has_risk_condition(),
            without_strength: strength_of_action.and(reach.by_action.negated()),
            by_device_action: self.by_device_action(reach),
            workload: !matches!(self.sign_in.identity, Identity::User(_)),
        };
        let person = self.person();
        let cause = Cause::Policy(rule.key.clone());
        let (word, demanded) = self.word(rule, applies, around, &mut why);
        let mut possible =
            demanded.map(
                |demanded| {
                    if applies.is_true() { demanded } else { demanded.joined(Possible::OK) }
                },
            );
        if rule.enforcement == Enforcement::Unclear {
            why.missed(|| Fact::PolicyState);
            possible = possible.map(|possible| possible.joined(Possible::OK));
        }
        let definite = possible.filter(|it| applies.is_true() && it.is_definite());
        let outstanding = match definite.map(Possible::lowest) {
            None | Some(Level::Ok) => Vec::new(),
            Some(level) => controls::outstanding(&rule.controls, &person, around, level),
        };
        let unknown =
            if rule.enforcement == Enforcement::Off { BTreeSet::new() } else { why.into_facts() };
        Part { rule: Some(rule), cause, applies, word, possible, outstanding, unknown }
    }

    /// What a sign-in log would say of the policy, and what it demands. No demand: it never counts.
    fn word(
        &self,
        rule: &Rule,
        applies: Truth,
        around: Circumstances,
        why: &mut Why,
    ) -> (Word, Option<Possible>) {
        let person = self.person();
        let is_agent = matches!(self.sign_in.identity, Identity::Agent);
        match rule.enforcement {
            Enforcement::Off => return (Word::NotEnabled, None),
            Enforcement::ReportOnly => {
                let names_actions = !rule.targets.actions.is_empty();
                let applies = if names_actions && !is_agent { Truth::False } else { applies };
                return (word::report_only(rule, applies, &person, around, why), None);
            }
            Enforcement::Enforced | Enforcement::Unclear => {}
        }
        let demanded = if applies.is_false() {
            Possible::OK
        } else if is_agent {
            Possible::OK_OR_BLOCK
        } else {
            rule.controls.outcome(&person, around, why)
        };
        let is_clear = rule.enforcement == Enforcement::Enforced;
        let word = if is_clear { word::enforced(applies, demanded) } else { Word::Unknown };
        (word, Some(demanded))
    }

    /// The word of a policy for a user's sign-in to a resource.
    pub(super) fn word_at_resource(&self, rule: &Rule, applies: Truth) -> Word {
        self.word(rule, applies, Circumstances::at_resource(rule), &mut Why::unwanted()).0
    }
}

struct Applied {
    applies: Truth,
    reach: Reach,
    why: Why,
}

impl<'a> Standing<'a> {
    pub(super) fn of(rules: impl IntoIterator<Item = &'a Rule>, scene: &Scene<'_>) -> Self {
        let applied: Vec<(&Rule, Applied)> = rules
            .into_iter()
            .map(|rule| {
                let mut why = Why::wanted();
                let (applies, reach) = scene.applies(rule, &mut why);
                (rule, Applied { applies, reach, why })
            })
            .collect();
        let strength_of_action = applied.iter().fold(Truth::False, |truth, (rule, it)| {
            truth.or(scene.gives_strength(rule, it.applies, it.reach))
        });
        let policies = applied
            .into_iter()
            .map(|(rule, applied)| scene.part(rule, applied, strength_of_action))
            .collect();
        Self { policies, layers: Vec::new(), is_contradiction: false }
    }

    /// Adds a layer that is on, or of which nobody saw whether it is, and the control it demands.
    pub(super) fn add_layer(
        &mut self,
        cause: Cause,
        switch: Option<bool>,
        control: Control,
        outcome: impl FnOnce(&mut Why) -> Possible,
    ) {
        if switch == Some(false) {
            return;
        }
        let mut why = Why::wanted();
        let mut possible = why.outcome(outcome);
        if switch.is_none() {
            possible = possible.joined(Possible::OK);
            why.missed(|| match cause {
                Cause::SecurityDefaults => Fact::SecurityDefaults,
                Cause::PerUserMfa => Fact::PerUserMfa,
                Cause::MandatoryMfa | Cause::Policy(_) => Fact::MandatoryMfa,
            });
        }
        let is_unmet = possible.is_definite() && possible != Possible::OK;
        self.layers.push(Part {
            rule: None,
            cause,
            applies: Truth::from(switch == Some(true)).or(Truth::Unknown),
            word: Word::Unknown,
            possible: Some(possible),
            outstanding: is_unmet.then_some(control).into_iter().collect(),
            unknown: why.into_facts(),
        });
    }

    /// Security defaults and an enabled policy exclude each other.
    pub(super) fn refuse_beside_policies(&mut self) {
        self.is_contradiction = self
            .policies
            .iter()
            .any(|part| part.rule.is_some_and(|it| it.enforcement == Enforcement::Enforced));
    }

    /// Everything that counts or may count.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part<'a>> {
        self.policies.iter().chain(&self.layers)
    }
}

impl Part<'_> {
    /// What a policy that reached a user's sign-in to a resource, or their registration, comes to.
    pub(super) fn demanded(rule: &Rule, scene: &Scene<'_>) -> Possible {
        let around = Circumstances::at_resource(rule);
        rule.controls.outcome(&scene.person(), around, &mut Why::unwanted())
    }

    pub(super) fn word(&self) -> Word {
        self.word
    }

    pub(super) fn result(&self) -> PolicyResult {
        let policy = self.rule.map_or_else(|| self.cause.to_string(), |rule| rule.key.clone());
        PolicyResult {
            policy,
            word: self.word,
            applies: self.applies,
            unknown: self.unknown.clone(),
        }
    }
}
