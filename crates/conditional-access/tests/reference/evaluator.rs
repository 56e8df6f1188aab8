//! The verdict: what policies and layers come to together (sections A, K, N and O of the rules).

use std::collections::BTreeSet;

use conditional_access::facts::{
    Identity, Method, Methods, PerUserMfa, Registration, SignIn, Tenant, User, UserAction, UserType,
};
use conditional_access::{
    Cause, Control, Experience, Fact, Operator, Outcome, Policy, PolicyResult, RowStatus, State,
    Truth, Verdict, Word,
};

use super::conditions::{Scene, same};
use super::controls::{Demand, MFA, block, meets, ok, register, undecided};
use super::readings;
use super::targets::{AZURE, PORTAL};
use super::three::{Facts, Maybe, No, Steps, Tri, Yes, any, choose, joined, known, maybe, seen};

const CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const POWERSHELL: &str = "1950a258-227b-4e31-a9cf-717495945fc2";
const MOBILE: &str = "0c1307d4-29d6-4389-a11c-5cbe7f65d7fa";
const SYNC_ACCOUNT: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";
/// R129: the roles that security defaults name.
const ADMINISTRATORS: [&str; 14] = [
    "62e90394-69f5-4237-9190-012177145e10",
    "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    "194ae4cb-b126-40b2-bd5b-6091b380977d",
    "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
    "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "b0f54661-2d74-4c50-afa3-1ec803f12efe",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "158c047a-c907-4556-b7ef-446551a6b5f7",
    "966707d0-3269-4727-9be2-8c3a10f19b9d",
];

/// What the rules say of one sign-in.
pub(crate) fn evaluate(
    policies: &[Policy],
    tenant: &Tenant,
    registration: &Registration,
    sign_in: &SignIn,
) -> Outcome {
    let user = match &sign_in.identity {
        Identity::User(Some(id)) => tenant.users.iter().find(|it| same(&it.id, id)).cloned(),
        _ => None,
    };
    let user = user.unwrap_or_else(|| User::not_seen(""));
    // R100: who must register is met by the policies for registering.
    let second = SignIn {
        resources: Some(Vec::new()),
        audiences: Vec::new(),
        user_action: Some(UserAction::RegisterSecurityInformation),
        ..sign_in.clone()
    };
    let whole = |registration: &Registration| {
        let of = |sign_in| Scene { policies, tenant, registration, sign_in, user: user.clone() };
        let first = of(sign_in).verdict(true);
        if first.verdict != Verdict::Register {
            return first;
        }
        let then = of(&second).verdict(readings::LAYERS_WHILE_REGISTERING);
        match then.verdict {
            Verdict::Block | Verdict::Unknown => {
                Outcome { per_policy: first.per_policy, status: first.status, ..then }
            }
            _ => first,
        }
    };
    let outcome = whole(registration);
    let all: Methods = Method::ALL.into_iter().map(|(method, _)| method).collect();
    let blocked = || whole(&Registration::of(all)).verdict == Verdict::Block;
    let experience = match outcome.verdict {
        Verdict::Allow => Experience::SatisfiedAlready,
        Verdict::Require => Experience::Challenged,
        Verdict::Register => Experience::MustRegister,
        Verdict::Block if blocked() => Experience::Blocked,
        Verdict::Block => Experience::Cannot,
        Verdict::Unknown => Experience::Unknown,
    };
    Outcome { experience, ..outcome }
}

/// One policy or layer, judged.
struct Part {
    cause: Cause,
    steps: Steps,
    unmet: BTreeSet<Control>,
}

/// The controls of a policy with their outcomes, in the order of R12.
struct Demands {
    grant: Vec<(Control, Steps)>,
    session: Vec<(Control, Steps)>,
    operator: Option<Operator>,
    /// R52: the authentication strength is left out.
    ignored: Tri,
    /// R53: a block blocks, unless this is the registration of a device.
    may_block: bool,
}

impl Scene<'_> {
    /// R4, R5, R9, R13, R130
    fn verdict(&self, layers: bool) -> Outcome {
        let mut parts = Vec::new();
        let (mut per_policy, mut words) = (Vec::new(), Vec::new());
        for (at, policy) in self.policies.iter().enumerate() {
            let named = Some(policy.display_name.clone()).filter(|it| !it.is_empty());
            let name = policy.id.clone().or(named).unwrap_or_else(|| format!("#{}", at + 1));
            let (result, part) = self.judged(policy, name);
            words.extend(part.iter().map(|it| (result.word, it.steps.most() > Verdict::Allow)));
            per_policy.push(result);
            parts.extend(part);
        }
        // R136: what is not sure counts if it may fail, or if nothing else succeeds.
        let says = |word, may_fail| words.contains(&(word, may_fail));
        let status = match (says(Word::Failure, true), says(Word::Unknown, true)) {
            (true, _) => RowStatus::Failure,
            (_, true) => RowStatus::Unknown,
            _ if says(Word::Success, false) => RowStatus::Success,
            _ if says(Word::Unknown, false) => RowStatus::Unknown,
            _ => RowStatus::NotApplied,
        };
        if layers {
            parts.extend([self.security_defaults(), self.per_user_mfa(), self.mandatory_mfa()]);
        }
        let low = parts.iter().map(|it| it.steps.least()).max().unwrap_or(Verdict::Allow);
        let high = parts.iter().map(|it| it.steps.most()).max().unwrap_or(Verdict::Allow);
        let contradiction =
            self.tenant.security_defaults == Some(true) && self.policies.iter().any(is_on);
        let verdict = if contradiction || low != high { Verdict::Unknown } else { low };
        parts.retain(|it| match verdict {
            Verdict::Allow => false,
            Verdict::Unknown if contradiction => it.cause == Cause::SecurityDefaults,
            Verdict::Unknown => it.steps.most() > low,
            Verdict::Block => it.steps.definite() == Some(Verdict::Block),
            _ => it.steps.definite().is_some_and(|it| it > Verdict::Allow),
        });
        let decided = verdict != Verdict::Unknown;
        let why = parts.iter().filter(|_| !decided).flat_map(|it| it.steps.why.clone());
        let unknown = why.chain(contradiction.then_some(Fact::SecurityDefaults)).collect();
        Outcome {
            verdict,
            outstanding: parts.iter().filter(|_| decided).flat_map(|it| it.unmet.clone()).collect(),
            by: parts.into_iter().map(|it| it.cause).collect(),
            per_policy,
            status,
            unknown,
            experience: Experience::Unknown,
        }
    }

    /// R2, R9, R133
    fn judged(&self, policy: &Policy, name: String) -> (PolicyResult, Option<Part>) {
        let demands = self.demands(policy);
        let empty = policy.grant.is_none() && policy.session.is_none() && demands.grant.is_empty();
        let agent = self.sign_in.identity == Identity::Agent;
        let applies = if empty && !agent { No } else { self.applies(policy) };
        let steps = if agent { block() } else { demands.steps() };
        let steps = choose(applies.clone(), steps, ok());
        let (steps, word) = match policy.state {
            _ if is_deleted(policy) => (None, Word::NotEnabled),
            State::Disabled => (None, Word::NotEnabled),
            State::Enabled => (Some(steps), demands.word(&applies)),
            State::Unknown => (Some(choose(maybe(Fact::PolicyState), steps, ok())), Word::Unknown),
            State::EnabledForReportingButNotEnforced => {
                (None, demands.report_only_word(self, policy, &applies))
            }
        };
        let truth = match applies {
            No => Truth::False,
            Maybe(_) => Truth::Unknown,
            Yes => Truth::True,
        };
        let part = steps.map(|steps| {
            let unmet = steps.definite().map(|level| demands.unmet(level)).unwrap_or_default();
            Part { cause: Cause::Policy(name.clone()), steps, unmet }
        });
        let result = PolicyResult { policy: name, word, applies: truth, unknown: Facts::new() };
        (result, part)
    }

    /// The controls of a policy (section K), R36, R52, R53, R126, R127, R141
    fn demands(&self, policy: &Policy) -> Demands {
        let demand = Demand { policy: Some(policy), stale: self.stale(policy) };
        let mut grant: BTreeSet<Control> = BTreeSet::new();
        let mut session: BTreeSet<Control> = BTreeSet::new();
        for path in policy.unmodelled.iter().filter(|it| it.starts_with("grantControls.")) {
            let read = ["operator", "builtInControls", "authenticationStrength"];
            if !read.iter().any(|it| path.split('.').nth(1) == Some(it)) {
                grant.insert(Control::Unmodelled(path.clone()));
            }
        }
        if let Some(controls) = &policy.grant {
            grant.extend(controls.built_in.iter().map(|it| built_in(it)));
            grant.extend(
                controls.authentication_strength.iter().map(|_| Control::AuthenticationStrength),
            );
            grant.extend(controls.terms_of_use.iter().cloned().map(Control::TermsOfUse));
            grant.extend(controls.custom.iter().cloned().map(Control::Custom));
        }
        if let Some(controls) = &policy.session {
            session.extend(controls.other.iter().filter_map(|it| session_control(it)));
            session.extend(controls.sign_in_frequency.iter().map(|_| Control::SignInFrequency));
        }
        let outcome = |control: Control| {
            let steps = self.outcome(&control, &demand);
            let registers = self.registers_device(policy)
                && !matches!(control, Control::Mfa | Control::AuthenticationStrength);
            let workload = matches!(self.sign_in.identity, Identity::ServicePrincipal { .. })
                && control != Control::Block;
            let asked = control != Control::SignInFrequency || demand.stale != No;
            let unsure = asked && (registers || workload);
            let steps =
                if unsure { undecided(Fact::Behaviour("this control here")) } else { steps };
            (control, steps)
        };
        // R52
        let ignored = if self.action(policy) == No { self.registration_has_strength() } else { No };
        let strength = grant.contains(&Control::AuthenticationStrength);
        if strength && ignored == Yes {
            grant.remove(&Control::AuthenticationStrength);
        }
        let operator = policy.grant.as_ref().and_then(|it| it.operator);
        let session = session.into_iter().map(outcome).collect();
        let may_block = grant.contains(&Control::Block);
        let grant = grant.into_iter().map(outcome).collect();
        Demands { grant, session, operator, ignored, may_block }
    }

    /// R52: a policy for registering security information applies, and has a strength.
    fn registration_has_strength(&self) -> Tri {
        let listed = self.requested().is_none_or(|it| !it.is_empty());
        let enforced = self.policies.iter().filter(|it| is_on(it));
        let strong = enforced
            .filter(|it| it.grant.as_ref().is_some_and(|it| it.authentication_strength.is_some()));
        known(listed)
            & self.registering()
            & any(strong.map(|it| {
                let words = it.conditions.applications.user_actions.iter();
                let mut actions = words.map(|it| UserAction::of_word(it));
                let named = actions.any(|it| it == UserAction::RegisterSecurityInformation);
                known(named) & self.applies(it)
            }))
    }

    fn layer(&self, cause: Cause, on: Tri, steps: Steps) -> Part {
        let person = matches!(self.sign_in.identity, Identity::User(_));
        let steps = choose(if person { on } else { No }, steps, ok());
        let by_defaults =
            cause == Cause::SecurityDefaults && steps.definite() == Some(Verdict::Block);
        let control =
            if by_defaults && self.is_legacy() == Yes { Control::Block } else { Control::Mfa };
        let unmet = steps.definite().filter(|it| *it > Verdict::Allow).map(|_| control);
        Part { cause, steps, unmet: unmet.into_iter().collect() }
    }

    fn mfa_demand(&self) -> Steps {
        self.outcome(&Control::Mfa, &Demand { policy: None, stale: No })
    }

    fn client_is(&self, ids: &[&str]) -> Tri {
        let client = self.sign_in.client_id.as_ref();
        seen(client, Fact::Client, |client| ids.iter().any(|it| same(it, client)))
    }

    fn asks_for(&self, app: &str) -> Tri {
        seen(self.requested(), Fact::Resources, |apps| apps.iter().any(|it| same(it, app)))
    }

    /// R129
    fn security_defaults(&self) -> Part {
        let administrates = any(ADMINISTRATORS.map(|it| self.in_role(it)))
            | self.asks_for(AZURE)
            | self.asks_for(PORTAL)
            | self.client_is(&[PORTAL, CLI, POWERSHELL]);
        let nobody = if self.registration.can_register { register() } else { block() };
        let demand = Demand { policy: None, stale: No };
        let steps = self.by_kind(|kind| {
            let asked = self.mfa(kind, &demand);
            let unsure = administrates.clone() | maybe(Fact::Behaviour("security defaults"));
            choose(self.has_mfa(UserType::Member), choose(unsure, asked, ok()), nobody.clone())
        });
        let unasked = choose(maybe(Fact::Behaviour("security defaults")), ok(), block());
        let unasked = choose(administrates, block(), unasked);
        let able = meets(self.registration.usable, MFA, Fact::Registration);
        let unasked = choose(able, unasked, block());
        let steps = choose(self.cannot_be_asked(), unasked, steps);
        let steps = choose(self.in_role(SYNC_ACCOUNT), ok(), steps);
        let flow = self.is_device_code() & maybe(Fact::Behaviour("device code flow"));
        let steps = choose(flow, block(), steps);
        let on = seen(self.tenant.security_defaults, Fact::SecurityDefaults, |it| it);
        self.layer(Cause::SecurityDefaults, on, choose(self.is_legacy(), block(), steps))
    }

    /// R131
    fn per_user_mfa(&self) -> Part {
        let own = match (&self.tenant.per_user_mfa, &self.sign_in.identity) {
            (Some(states), Identity::User(Some(id))) => {
                let entry = states.iter().find(|(user, _)| same(user, id));
                entry.map_or(Some(PerUserMfa::Disabled), |(_, state)| *state)
            }
            (Some(states), _) if states.is_empty() => Some(PerUserMfa::Disabled),
            _ => None,
        };
        let on = seen(own, Fact::PerUserMfa, |it| it != PerUserMfa::Disabled);
        let app_password = undecided(Fact::Behaviour("app passwords"));
        let steps = choose(self.cannot_be_asked(), app_password, self.mfa_demand());
        self.layer(Cause::PerUserMfa, on, steps)
    }

    /// R132
    fn mandatory_mfa(&self) -> Part {
        let portal = self.asks_for(PORTAL) | self.client_is(&[PORTAL]);
        let changing = self.client_is(&[CLI, POWERSHELL, MOBILE])
            & maybe(Fact::Behaviour("reading or changing"));
        let on = seen(self.tenant.mandatory_mfa, Fact::MandatoryMfa, |it| it);
        let on = on & (portal | changing) & !self.in_role(SYNC_ACCOUNT);
        self.layer(Cause::MandatoryMfa, on, self.mfa_demand())
    }
}

fn is_deleted(policy: &Policy) -> bool {
    policy.unmodelled.iter().any(|it| it == "deletedDateTime")
}

fn is_on(policy: &Policy) -> bool {
    policy.state == State::Enabled && !is_deleted(policy)
}

fn built_in(word: &str) -> Control {
    match word.to_lowercase().as_str() {
        "block" => Control::Block,
        "mfa" => Control::Mfa,
        "compliantdevice" => Control::CompliantDevice,
        "domainjoineddevice" => Control::DomainJoinedDevice,
        "approvedapplication" => Control::ApprovedApplication,
        "compliantapplication" => Control::CompliantApplication,
        "passwordchange" => Control::PasswordChange,
        "riskremediation" => Control::RiskRemediation,
        _ => Control::Unmodelled(word.to_owned()),
    }
}

/// R125 to R127
fn session_control(word: &str) -> Option<Control> {
    let idle = [
        "applicationEnforcedRestrictions",
        "cloudAppSecurity",
        "disableResilienceDefaults",
        "continuousAccessEvaluation",
        "globalSecureAccessFilteringProfile",
    ];
    match word {
        "secureSignInSession" => Some(Control::TokenProtection),
        idle_one if idle.contains(&idle_one) => None,
        other => Some(Control::UnmodelledSession(format!("sessionControls.{other}"))),
    }
}

/// R134: the person can do something about it.
fn is_interactive(control: &Control) -> bool {
    matches!(
        control,
        Control::Mfa
            | Control::AuthenticationStrength
            | Control::TermsOfUse(_)
            | Control::PasswordChange
            | Control::RiskRemediation
            | Control::Custom(_)
            | Control::SignInFrequency
    )
}

fn combined(list: &[(Control, Steps)], pick: fn(Verdict, Verdict) -> Verdict) -> Steps {
    let steps = list.iter().map(|(_, steps)| steps.clone());
    steps.reduce(|one, other| one.pairs(&other, pick)).unwrap_or_else(ok)
}

impl Demands {
    /// R94: a block blocks, whatever stands beside it.
    fn blocks(&self) -> bool {
        let mut blocking = self.grant.iter().filter(|(it, _)| *it == Control::Block);
        blocking.any(|(_, steps)| steps.definite().is_some())
    }

    /// R93
    fn steps(&self) -> Steps {
        let strength = |it: &&(Control, Steps)| it.0 == Control::AuthenticationStrength;
        let rest: Vec<_> = self.grant.iter().filter(|it| !strength(it)).cloned().collect();
        let grant = choose(self.ignored.clone(), self.granted(&rest), self.granted(&self.grant));
        grant.pairs(&combined(&self.session, Ord::max), Ord::max)
    }

    fn granted(&self, grant: &[(Control, Steps)]) -> Steps {
        let (all, one) = (combined(grant, Ord::max), combined(grant, Ord::min));
        let steps = match self.operator {
            Some(Operator::And) => all,
            Some(Operator::Or) => one,
            None => choose(maybe(Fact::Unmodelled("grantControls.operator".to_owned())), all, one),
        };
        let unsure = known(self.may_block) & maybe(Fact::Behaviour("block while registering"));
        choose(known(self.blocks()) | unsure, block(), steps)
    }

    /// R13
    fn unmet(&self, level: Verdict) -> BTreeSet<Control> {
        let counts = |steps: &Steps| match level {
            Verdict::Allow => false,
            Verdict::Block => steps.definite() == Some(Verdict::Block),
            _ => steps.met() == No,
        };
        let lowest = combined(&self.grant, Ord::min).definite();
        let first = self.grant.iter().find(|(control, steps)| match self.blocks() {
            true => *control == Control::Block,
            false => steps.definite() == lowest && lowest.is_some(),
        });
        let grant: Vec<_> = match self.operator {
            Some(Operator::Or) => first.into_iter().collect(),
            _ => self.grant.iter().collect(),
        };
        let unmet = grant.into_iter().chain(&self.session).filter(|(_, steps)| counts(steps));
        unmet.map(|(control, _)| control.clone()).collect()
    }

    /// R133
    fn word(&self, applies: &Tri) -> Word {
        match (applies, self.steps().met()) {
            (No, _) => Word::NotApplied,
            (Yes, Yes) => Word::Success,
            (Yes, No) => Word::Failure,
            (Maybe(_), _) | (Yes, Maybe(_)) => Word::Unknown,
        }
    }

    /// R56, R134, R135
    fn report_only_word(&self, scene: &Scene<'_>, policy: &Policy, applies: &Tri) -> Word {
        let unmet = |list: &[(Control, Steps)], interactive: bool| {
            let these = list.iter().filter(|(it, _)| is_interactive(it) == interactive);
            any(these.map(|(_, steps)| !steps.met()))
        };
        // What fails, and what interrupts, of the grant controls.
        let read = |operator: Operator| {
            let asks = self.grant.iter().any(|(it, _)| is_interactive(it));
            let none_met = !any(self.grant.iter().map(|(_, steps)| steps.met()));
            let none_met = if self.grant.is_empty() { No } else { none_met };
            match operator {
                _ if self.blocks() => (Yes, No),
                Operator::And => (unmet(&self.grant, false), unmet(&self.grant, true)),
                Operator::Or if asks => (No, none_met),
                Operator::Or => (none_met, No),
            }
        };
        let (all, one) = (read(Operator::And), read(Operator::Or));
        let operator = Fact::Unmodelled("grantControls.operator".to_owned());
        let (fails, interrupts) = match self.operator {
            Some(Operator::And) => all,
            Some(Operator::Or) => one,
            None => (joined([all.0, one.0], operator.clone()), joined([all.1, one.1], operator)),
        };
        let fails = fails | unmet(&self.session, false);
        let actions = &policy.conditions.applications.user_actions;
        match (applies, fails, interrupts | unmet(&self.session, true)) {
            _ if scene.sign_in.identity == Identity::Agent => Word::Unknown,
            _ if !actions.is_empty() => Word::ReportOnlyNotApplied,
            (No, _, _) => Word::ReportOnlyNotApplied,
            (Maybe(_), _, _) => Word::Unknown,
            (Yes, Yes, _) => Word::ReportOnlyFailure,
            (Yes, Maybe(_), _) | (Yes, _, Maybe(_)) => Word::Unknown,
            (Yes, No, Yes) if scene.cannot_be_asked() != No => Word::Unknown,
            (Yes, No, Yes) => Word::ReportOnlyInterrupted,
            (Yes, No, No) => Word::ReportOnlySuccess,
        }
    }
}
