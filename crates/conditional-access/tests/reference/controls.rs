//! What each control comes to (sections K to M of the rules).

use conditional_access::facts::{ClientApp, IdentityProvider};
use conditional_access::facts::{Device, Flow, Method, Methods, Protocol, UserAction, UserType};
use conditional_access::{Control, Fact, Policy, SignInFrequency, Verdict};

use super::conditions::{Scene, is_external, same};
use super::readings;
use super::three::{No, Steps, Tri, Yes, any, choose, known, maybe, seen, step};

/// R95
pub(crate) const MFA: Methods = Methods::of(&[
    Method::WindowsHelloForBusiness,
    Method::Fido2,
    Method::X509CertificateMultiFactor,
    Method::DeviceBasedPush,
    Method::MicrosoftAuthenticatorPush,
    Method::SoftwareOath,
    Method::HardwareOath,
    Method::Sms,
    Method::Voice,
    Method::TemporaryAccessPassOneTime,
    Method::TemporaryAccessPassMultiUse,
    Method::FederatedMultiFactor,
    Method::ExternalAuthenticationMethod,
]);
const PASSES: Methods =
    Methods::of(&[Method::TemporaryAccessPassOneTime, Method::TemporaryAccessPassMultiUse]);
const HELLO: Methods = Methods::of(&[Method::WindowsHelloForBusiness]);
const FIDO: Methods = Methods::of(&[Method::Fido2]);
const PASSWORD: Methods = Methods::of(&[Method::Password]);
const FEDERATED: Methods = Methods::of(&[Method::FederatedSingleFactor]);
/// R114, R122: what the interrupt registers, and what serves external people in this tenant.
const REGISTRABLE: Methods = Methods::of(&[
    Method::Sms,
    Method::Voice,
    Method::MicrosoftAuthenticatorPush,
    Method::SoftwareOath,
]);

/// R122: external people can use all parts of the combination in this tenant.
fn serves(combination: &Methods) -> bool {
    let known = combination.without(Methods::UNMODELLED);
    REGISTRABLE.union(PASSWORD).union(FEDERATED).covers(known)
}

pub(crate) fn ok() -> Steps {
    step(Verdict::Allow)
}
pub(crate) fn require() -> Steps {
    step(Verdict::Require)
}
pub(crate) fn register() -> Steps {
    step(Verdict::Register)
}
pub(crate) fn block() -> Steps {
    step(Verdict::Block)
}
pub(crate) fn undecided(why: Fact) -> Steps {
    choose(maybe(why), ok(), block())
}

/// The set has a member of the other; a member nobody knows may be one.
pub(crate) fn meets(set: Option<Methods>, other: Methods, fact: Fact) -> Tri {
    match set {
        None => maybe(fact),
        Some(set) if set.meets(other) => Yes,
        Some(set) if set.has_unmodelled() => maybe(fact),
        Some(_) => No,
    }
}

fn covers(set: Option<Methods>, other: Methods, fact: Fact) -> Tri {
    match set {
        _ if other.has_unmodelled() => maybe(Fact::Unmodelled("allowedCombinations".to_owned())),
        None => maybe(fact),
        Some(set) => known(set.covers(other)),
    }
}

/// What a demand depends on beside the person: a risk condition (R99), a stale session (R123).
pub(crate) struct Demand<'a> {
    pub(crate) policy: Option<&'a Policy>,
    pub(crate) stale: Tri,
}

impl Demand<'_> {
    fn risky(&self) -> bool {
        let conditions = self.policy.map(|it| &it.conditions);
        conditions
            .is_some_and(|it| !it.sign_in_risk_levels.is_empty() || !it.user_risk_levels.is_empty())
    }
}

impl Scene<'_> {
    /// R63, R64
    pub(crate) fn is_legacy(&self) -> Tri {
        seen(self.sign_in.client_app, Fact::ClientApp, ClientApp::is_legacy)
    }

    pub(crate) fn cannot_be_asked(&self) -> Tri {
        let replayed = seen(self.sign_in.protocol, Fact::Protocol, |it| it == Protocol::Ropc);
        self.is_legacy() | replayed
    }

    pub(crate) fn is_device_code(&self) -> Tri {
        seen(self.sign_in.flow, Fact::Flow, |it| it == Flow::DeviceCodeFlow)
    }

    pub(crate) fn registering(&self) -> Tri {
        let action = self.sign_in.user_action.as_ref();
        seen(action, Fact::UserAction, |it| *it == UserAction::RegisterSecurityInformation)
    }

    /// What every reading of the user's kind comes to (R120).
    pub(crate) fn by_kind(&self, of: impl Fn(UserType) -> Steps) -> Steps {
        let steps = self.kinds().into_iter().map(of);
        let joined = steps.reduce(|one, other| choose(maybe(Fact::UserType), one, other));
        joined.unwrap_or_else(ok)
    }

    /// R123, R124: the session is too old for this policy.
    pub(crate) fn stale(&self, policy: &Policy) -> Tri {
        let frequency = policy.session.as_ref().and_then(|it| it.sign_in_frequency);
        let limit = match frequency {
            None => return No,
            Some(SignInFrequency::EveryTime) => 5,
            Some(SignInFrequency::Hours(hours)) => u64::from(hours) * 60,
            Some(SignInFrequency::Unknown) => {
                return maybe(Fact::Unmodelled("signInFrequency".to_owned()));
            }
        };
        seen(self.sign_in.session.age_minutes, Fact::SessionAge, |age| age > limit)
    }

    /// The outcome of one control of a policy.
    pub(crate) fn outcome(&self, control: &Control, demand: &Demand<'_>) -> Steps {
        let session = &self.sign_in.session;
        let unasked = |steps| choose(self.cannot_be_asked(), block(), steps);
        let listed = |list: Option<&Vec<String>>, fact, id: &str| {
            choose(seen(list, fact, |it| it.iter().any(|it| same(it, id))), ok(), require())
        };
        match control {
            Control::Block => block(),
            Control::Mfa => unasked(self.by_kind(|kind| self.mfa(kind, demand))),
            Control::AuthenticationStrength => {
                unasked(self.by_kind(|kind| self.strength(kind, demand)))
            }
            Control::CompliantDevice | Control::DomainJoinedDevice => {
                self.by_kind(|kind| self.device(control, kind))
            }
            Control::ApprovedApplication => undecided(Fact::Behaviour("approved application")),
            Control::CompliantApplication => {
                let protected = seen(self.sign_in.app_protection, Fact::AppProtection, |it| it);
                let steps = choose(protected, ok(), block());
                let never = self.is_legacy() | self.is_device_code();
                self.by_kind(|kind| {
                    choose(never.clone() | known(is_external(kind)), block(), steps.clone())
                })
            }
            // R108, R109, R146
            Control::PasswordChange => unasked(self.by_kind(|kind| {
                let done = seen(session.password_changed, Fact::PasswordChanged, |it| it);
                let able = self.has_mfa(kind);
                let steps = choose(done, ok(), choose(able, require(), block()));
                if is_external(kind) { block() } else { steps }
            })),
            Control::RiskRemediation => unasked(self.by_kind(|kind| {
                let able = self.has_mfa(kind);
                choose(able | maybe(Fact::Behaviour("risk remediation")), require(), block())
            })),
            Control::TermsOfUse(id) => unasked(self.by_kind(|kind| {
                let direct = kind == UserType::B2bDirectConnectUser;
                let terms = listed(self.sign_in.terms_accepted.as_ref(), Fact::TermsAccepted, id);
                if direct { block() } else { terms }
            })),
            Control::Custom(id) => {
                unasked(listed(session.custom.as_ref(), Fact::SessionCustom, id))
            }
            Control::Unmodelled(word) | Control::UnmodelledSession(word) => {
                undecided(Fact::Unmodelled(word.clone()))
            }
            Control::SignInFrequency => choose(demand.stale.clone(), unasked(require()), ok()),
            Control::TokenProtection => {
                choose(seen(self.sign_in.token_bound, Fact::TokenBound, |it| it), ok(), block())
            }
        }
    }

    /// R102: guests cannot use a Temporary Access Pass.
    fn usable(&self, kind: UserType) -> Option<Methods> {
        let passes = if kind == UserType::Member { Methods::NONE } else { PASSES };
        self.registration.usable.map(|it| it.without(passes))
    }

    /// R97, R99, R101: who would have to register is blocked instead.
    fn instead_of_registering(&self, demand: &Demand<'_>, steps: Steps) -> Steps {
        // R131, R132: a layer is no policy.
        let counts = demand.policy.is_some() || readings::LAYERS_WHILE_REGISTERING;
        let registering = known(counts) & self.registering();
        let barred = known(demand.risky() || !self.registration.can_register) | registering;
        choose(barred, block(), steps)
    }

    /// R122: the person comes from a Microsoft Entra tenant.
    fn is_from_entra(&self, kind: UserType) -> Tri {
        match self.user.identity_provider {
            None if kind == UserType::B2bDirectConnectUser => Yes,
            None if self.user.home_tenant.is_some() => Yes,
            provider => seen(provider, Fact::IdentityProvider, |it| it == IdentityProvider::Entra),
        }
    }

    /// R96: the session carries an MFA claim.
    pub(crate) fn claim(&self) -> Tri {
        let session = &self.sign_in.session;
        let used = meets(session.methods, MFA, Fact::SessionMethods);
        match session.mfa {
            Some(mfa) => known(mfa || used == Yes),
            None => maybe(Fact::Session) | used,
        }
    }

    /// R96 to R103, R119 to R121
    pub(crate) fn mfa(&self, kind: UserType, demand: &Demand<'_>) -> Steps {
        let session = &self.sign_in.session;
        let claim = self.claim();
        let nobody = self.instead_of_registering(demand, register());
        let able = self.has_mfa(kind);
        let here =
            choose(claim.clone() & !demand.stale.clone(), ok(), choose(able, require(), nobody));
        if !is_external(kind) {
            return here;
        }
        let at_home = seen(session.home_mfa, Fact::Session, |it| it);
        let claim = claim & !demand.stale.clone() | at_home;
        let there = choose(claim, ok(), require());
        let direct = kind == UserType::B2bDirectConnectUser;
        let untrusted = if direct { block() } else { here.clone() };
        choose(self.trusts(|it| it.mfa), choose(self.is_from_entra(kind), there, here), untrusted)
    }

    /// R97, R103
    pub(crate) fn has_mfa(&self, kind: UserType) -> Tri {
        match self.usable(kind) {
            Some(it) if it.intersection(MFA) == HELLO => self.hello_used(),
            usable => meets(usable, MFA, Fact::Registration),
        }
    }

    /// R103: Windows Hello for Business helps who used it in this session, else it may not.
    fn hello_used(&self) -> Tri {
        let used = meets(self.sign_in.session.methods, HELLO, Fact::SessionMethods);
        used | maybe(Fact::Behaviour("Windows Hello for Business as a second step"))
    }

    /// R112, R113: the combinations of the strength, and whether it is the built-in MFA strength.
    fn combinations(&self, policy: &Policy) -> Option<(Vec<Methods>, bool)> {
        let grant = policy.grant.as_ref()?;
        let id = grant.authentication_strength.as_ref()?;
        let singles = |set: Methods| set.iter().map(|it| Methods::of(&[it])).collect::<Vec<_>>();
        let resistant = [HELLO, FIDO, Methods::of(&[Method::X509CertificateMultiFactor])];
        match id.as_str() {
            "00000000-0000-0000-0000-000000000002" => {
                let external = Methods::of(&[Method::ExternalAuthenticationMethod]);
                return Some((singles(MFA.without(external)), true));
            }
            "00000000-0000-0000-0000-000000000003" => {
                let push = Methods::of(&[Method::DeviceBasedPush]);
                return Some((resistant.into_iter().chain([push]).collect(), false));
            }
            "00000000-0000-0000-0000-000000000004" => return Some((resistant.to_vec(), false)),
            _ => {}
        }
        let known = self.tenant.authentication_strengths.iter().find(|it| same(&it.id, id));
        let listed = grant.allowed_combinations.as_ref();
        let listed = listed.or(known.and_then(|it| it.allowed_combinations.as_ref()))?;
        let listed = Some(listed).filter(|it| !it.is_empty())?;
        Some((listed.iter().map(|it| Methods::of_words(it.split(','))).collect(), false))
    }

    /// R112 to R115, R122
    fn strength(&self, kind: UserType, demand: &Demand<'_>) -> Steps {
        let session = &self.sign_in.session;
        let Some((combinations, is_mfa)) = demand.policy.and_then(|it| self.combinations(it))
        else {
            let grant = demand.policy.and_then(|it| it.grant.as_ref());
            let id = grant.and_then(|it| it.authentication_strength.clone()).unwrap_or_default();
            return undecided(Fact::AuthenticationStrength(id));
        };
        // R115: a claim whose methods were not seen is one of the built-in MFA strength only.
        let bare = |mfa: Option<bool>| {
            let methods = if is_mfa { Yes } else { maybe(Fact::SessionMethods) };
            seen(mfa, Fact::Session, |it| it) & methods
        };
        let claimed = |combinations: &[Methods]| {
            let by_methods = |it: &Methods| covers(session.methods, *it, Fact::SessionMethods);
            let claim = match session.methods {
                None => bare(session.mfa),
                Some(none) if none.is_empty() => known(is_mfa) & bare(session.mfa),
                Some(_) => any(combinations.iter().map(by_methods)),
            };
            claim & !demand.stale.clone()
        };
        if !is_external(kind) {
            let claim = claimed(&combinations);
            return choose(claim, ok(), self.unproved(&combinations, kind, demand));
        }
        let told = session.methods.is_some_and(|it| it.meets(MFA));
        let at_home = known(!told) & bare(session.home_mfa) & !demand.stale.clone();
        let at_home = claimed(&combinations) | at_home;
        let here: Vec<Methods> = combinations.iter().copied().filter(serves).collect();
        let never = here.is_empty() || kind == UserType::B2bDirectConnectUser;
        let local = choose(claimed(&here), ok(), self.unproved(&here, kind, demand));
        let local = if never { block() } else { local };
        let there = choose(at_home, ok(), require());
        choose(self.is_from_entra(kind), choose(self.trusts(|it| it.mfa), there, local), block())
    }

    /// R113, R114, R103: a strength that the session does not prove yet.
    fn unproved(&self, combinations: &[Methods], kind: UserType, demand: &Demand<'_>) -> Steps {
        let usable = self.usable(kind);
        let satisfies = |it: &Methods| {
            let federated = seen(self.user.federated, Fact::Federated, |it| it);
            let needs = it.without(PASSWORD).without(FEDERATED);
            covers(usable, needs, Fact::Registration) & (known(!it.meets(FEDERATED)) | federated)
        };
        let registrable = combinations.iter().any(|it| {
            let rest = it.without(PASSWORD);
            REGISTRABLE.covers(rest) && rest.iter().count() == 1
        });
        // R114: whether a passkey can be registered without MFA.
        let unsure = maybe(Fact::Behaviour("registering a passkey"));
        let able = meets(usable, MFA, Fact::Registration) | unsure;
        let unable = if registrable {
            register()
        } else if combinations.contains(&FIDO) {
            choose(able, register(), block())
        } else {
            block()
        };
        let unable = self.instead_of_registering(demand, unable);
        let (by_hello, by_other): (Vec<_>, Vec<_>) =
            combinations.iter().partition(|it| it.meets(HELLO));
        let by_other = any(by_other.into_iter().map(satisfies));
        let by_hello = any(by_hello.into_iter().map(satisfies));
        choose(by_other | by_hello & self.hello_used(), require(), unable)
    }

    /// R104, R105, R63, R67, R145
    fn device(&self, control: &Control, kind: UserType) -> Steps {
        let device = self.sign_in.device.as_ref();
        let registered = seen(device.and_then(Device::is_registered), Fact::Device, |it| it);
        let compliant = *control == Control::CompliantDevice;
        let state =
            device.and_then(|it| if compliant { it.is_compliant() } else { it.is_hybrid_joined() });
        let counts = match is_external(kind) {
            false => Yes,
            true if compliant => self.trusts(|it| it.compliant),
            true => self.trusts(|it| it.hybrid),
        };
        let own = choose(registered & seen(state, Fact::Device, |it| it) & counts, ok(), block());
        // R63: what ActiveSync with a compliant device comes to is not known.
        let sync = seen(self.sign_in.client_app, Fact::ClientApp, |it| {
            it == ClientApp::ExchangeActiveSync
        });
        let unsure = choose(maybe(Fact::Behaviour("ActiveSync")), own.clone(), block());
        let as_legacy = if compliant { choose(sync, unsure, block()) } else { block() };
        choose(self.is_device_code(), block(), choose(self.is_legacy(), as_legacy, own))
    }
}
