//! Whether a person can satisfy a demand for multifactor authentication.
//!
//! Sources: Entra documentation, *Authentication strengths* and *How authentication strength
//! works*; External ID documentation, *Authentication and Conditional Access for B2B users*.

use super::directory::Subject;
use super::possible::Possible;
use super::strength::{
    Combination, MFA_METHODS, Registrable, Strength, TEMPORARY_ACCESS_PASS, WINDOWS_HELLO,
};
use super::why::Why;
use crate::facts::{
    ClientApp, Flow, IdentityProvider, Methods, Protocol, Registration, SignIn, Trust, UserAction,
    UserType,
};
use crate::outcome::Fact;
use crate::truth::Truth;

/// One person in one sign-in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person<'a> {
    pub(super) sign_in: &'a SignIn,
    pub(super) registration: &'a Registration,
    pub(super) subject: &'a Subject,
    /// What of the home tenant is trusted.
    pub(super) trust: Trust,
}

/// Under which circumstances something is demanded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demand {
    /// The policy has a sign-in or user risk condition.
    pub(super) by_risk: bool,
    /// Sign-in frequency makes what the session proves stale.
    pub(super) is_stale: bool,
    /// It is demanded by a layer beside Conditional Access, which does not guard registration.
    pub(super) by_layer: bool,
}

/// What the person may be to this tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// One of its members.
    Member,
    /// A guest with credentials of this tenant.
    InternalGuest,
    /// Somebody from outside.
    External,
}

/// Where the person's MFA takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In this tenant.
    Here(Standing),
    /// In the home tenant, which is trusted.
    AtHome,
    /// Nowhere: direct connect without trust.
    Nowhere,
}

impl<'a> Person<'a> {
    /// Whether the client knows no challenge: a legacy client, or a password grant.
    pub(super) fn cannot_be_asked(&self, why: &mut Why) -> Truth {
        let protocol = self.sign_in.protocol.map(|it| it == Protocol::Ropc);
        self.is_legacy(why).or(why.of(protocol, || Fact::Protocol))
    }

    pub(super) fn is_legacy(&self, why: &mut Why) -> Truth {
        why.of(self.sign_in.client_app.map(ClientApp::is_legacy), || Fact::ClientApp)
    }

    pub(super) fn is_active_sync(&self) -> Truth {
        Truth::of(self.sign_in.client_app.map(|it| it == ClientApp::ExchangeActiveSync))
    }

    pub(super) fn uses_device_code(&self, why: &mut Why) -> Truth {
        why.of(self.sign_in.flow.map(|it| it == Flow::DeviceCodeFlow), || Fact::Flow)
    }

    /// Which readings of the person are possible.
    pub(super) fn readings(&self, why: &mut Why) -> impl Iterator<Item = Standing> + use<> {
        let external = self.subject.is_external();
        if external.is_none() {
            why.missed(|| Fact::UserType);
        }
        let kind = self.subject.user.kind;
        [Standing::Member, Standing::InternalGuest, Standing::External].into_iter().filter(
            move |it| match it {
                Standing::Member => kind.is_none_or(|seen| seen == UserType::Member),
                Standing::InternalGuest => external != Some(true) && kind != Some(UserType::Member),
                Standing::External => external != Some(false),
            },
        )
    }

    /// The methods the person can use in this tenant. Guests cannot use a Temporary Access Pass.
    fn usable(&self, standing: Standing) -> Option<Methods> {
        let usable = self.registration.usable?;
        Some(match standing {
            Standing::Member => usable,
            Standing::InternalGuest | Standing::External => usable.without(TEMPORARY_ACCESS_PASS),
        })
    }

    /// The outcome of the `mfa` control.
    pub(super) fn mfa(&self, demand: Demand, why: &mut Why) -> Possible {
        self.asked(why, |why| {
            self.everywhere(why, |place, why| match place {
                Place::Nowhere => Possible::BLOCK,
                Place::AtHome => {
                    let claim = why.answer(|why| {
                        let here = self.mfa_claim(demand, why);
                        here.or(why.of(self.sign_in.session.home_mfa, || Fact::Session))
                    });
                    Possible::when(claim, Possible::OK, Possible::REQUIRE)
                }
                Place::Here(standing) => {
                    let claim = why.answer(|why| self.mfa_claim(demand, why));
                    if claim.is_true() {
                        return Possible::OK;
                    }
                    let unclaimed = self.mfa_by_method(standing, demand, why);
                    Possible::when(claim, Possible::OK, unclaimed)
                }
            })
        })
    }

    /// A demand that only a person at a screen can meet.
    pub(super) fn asked(
        &self,
        why: &mut Why,
        modern: impl FnOnce(&mut Why) -> Possible,
    ) -> Possible {
        let unasked = why.answer(|why| self.cannot_be_asked(why));
        if unasked.is_true() {
            return Possible::BLOCK;
        }
        let modern = modern(why);
        if unasked.is_unknown() { modern.joined(Possible::BLOCK) } else { modern }
    }

    /// The outcome in every place in which the MFA may happen.
    fn everywhere(
        &self,
        why: &mut Why,
        mut outcome: impl FnMut(Place, &mut Why) -> Possible,
    ) -> Possible {
        let mut all: Option<Possible> = None;
        for place in self.places(why).into_iter().flatten() {
            let one = outcome(place, why);
            all = Some(all.map_or(one, |all| all.joined(one)));
        }
        all.unwrap_or(Possible::OK_OR_BLOCK)
    }

    fn places(&self, why: &mut Why) -> [Option<Place>; 5] {
        let mut found = [None; 5];
        let readings = self.readings(why).filter(|it| *it != Standing::External);
        for (place, standing) in found.iter_mut().zip(readings) {
            *place = Some(Place::Here(standing));
        }
        if self.subject.is_external() == Some(false) {
            return found;
        }
        let [member, guest, ..] = found;
        let direct = self.subject.is_direct_connect();
        let entra = if direct.is_true() { Truth::True } else { self.is_from_entra(why) };
        let trusted = why.answer(|why| {
            let trust = why.of(self.trust.mfa, || Fact::CrossTenantTrust);
            trust.and(entra)
        });
        let home = (!trusted.is_false()).then_some(Place::AtHome);
        let not_home =
            (!trusted.is_true() && !direct.is_true()).then_some(Place::Here(Standing::External));
        // Who comes by direct connect comes from a Microsoft Entra tenant: trust alone decides.
        let nowhere =
            (self.trust.mfa != Some(true) && !direct.is_false()).then_some(Place::Nowhere);
        [member, guest, home, not_home, nowhere]
    }

    /// Whether the person proves who they are in another Entra tenant. Who has a home tenant and
    /// no other provider told comes from there.
    fn is_from_entra(&self, why: &mut Why) -> Truth {
        match (self.subject.user.identity_provider, &self.subject.user.home_tenant) {
            (Some(provider), _) => (provider == IdentityProvider::Entra).into(),
            (None, Some(_)) => Truth::True,
            (None, None) => why.unknown(|| Fact::IdentityProvider),
        }
    }

    /// Whether the session carries an MFA claim.
    fn mfa_claim(&self, demand: Demand, why: &mut Why) -> Truth {
        if demand.is_stale {
            return Truth::False;
        }
        let session = &self.sign_in.session;
        if session.methods.is_some_and(|used| used.meets(MFA_METHODS)) {
            return Truth::True;
        }
        why.of(session.mfa, || Fact::Session)
    }

    /// Without a claim: what the person's methods come to.
    fn mfa_by_method(&self, standing: Standing, demand: Demand, why: &mut Why) -> Possible {
        let nobody = |why: &mut Why| self.without_method(demand, why);
        let Some(usable) = self.usable(standing) else {
            why.missed(|| Fact::Registration);
            return Possible::REQUIRE.joined(nobody(why));
        };
        let fitting = usable.intersection(MFA_METHODS);
        if fitting.is_empty() {
            if !usable.has_unmodelled() {
                return nobody(why);
            }
            why.missed(|| Fact::Registration);
            return Possible::REQUIRE.joined(nobody(why));
        }
        if fitting == WINDOWS_HELLO && !self.used_windows_hello() {
            why.missed(|| Fact::Behaviour("Windows Hello for Business as the only method"));
            return Possible::REQUIRE.joined(nobody(why));
        }
        Possible::REQUIRE
    }

    fn used_windows_hello(&self) -> bool {
        self.sign_in.session.methods.is_some_and(|used| used.covers(WINDOWS_HELLO))
    }

    /// What meets a person without a fitting method, if they could register one.
    fn without_method(&self, demand: Demand, why: &mut Why) -> Possible {
        if self.cannot_register(demand) {
            return Possible::BLOCK;
        }
        let registering = why.answer(|why| self.is_registering(demand, why));
        Possible::when(registering, Possible::BLOCK, Possible::REGISTER)
    }

    fn cannot_register(&self, demand: Demand) -> bool {
        demand.by_risk || !self.registration.can_register
    }

    /// Whether the sign-in is the registration itself, which needs what is being registered.
    fn is_registering(&self, demand: Demand, why: &mut Why) -> Truth {
        if demand.by_layer {
            return Truth::False;
        }
        why.of(
            self.sign_in
                .user_action
                .as_ref()
                .map(|it| *it == UserAction::RegisterSecurityInformation),
            || Fact::UserAction,
        )
    }

    /// Whether the person has a method that counts as MFA in this tenant.
    pub(super) fn has_mfa_method(&self, standing: Standing, why: &mut Why) -> Truth {
        let Some(usable) = self.usable(standing) else {
            return why.unknown(|| Fact::Registration);
        };
        let fitting = usable.intersection(MFA_METHODS);
        if fitting == WINDOWS_HELLO && !self.used_windows_hello() {
            return why
                .unknown(|| Fact::Behaviour("Windows Hello for Business as the only method"));
        }
        match (fitting.is_empty(), usable.has_unmodelled()) {
            (false, _) => Truth::True,
            (true, true) => why.unknown(|| Fact::Registration),
            (true, false) => Truth::False,
        }
    }

    /// The outcome of an authentication strength.
    pub(super) fn strength(&self, strength: &Strength, demand: Demand, why: &mut Why) -> Possible {
        // Who cannot be asked cannot do any strength, whatever its combinations.
        let asked = self.asked(why, |why| {
            let Some(combinations) = &strength.combinations else {
                why.missed(|| Fact::AuthenticationStrength(strength.id.clone()));
                return Possible::OK_OR_BLOCK;
            };
            let outcome = self.everywhere(why, |place, why| {
                // What was used at home does not count here: only what can be used here does.
                let combinations = match place {
                    Place::Here(Standing::External) => &strength.for_externals,
                    Place::Here(_) | Place::AtHome | Place::Nowhere => combinations,
                };
                let case = Case { strength, combinations, place, demand };
                self.strength_at(case, why)
            });
            outcome.joined(self.strength_of_other_provider(why).unwrap_or(outcome))
        });
        if strength.is_narrowed {
            why.missed(|| Fact::Unmodelled("combinationConfigurations".to_owned()));
            return asked.joined(Possible::BLOCK);
        }
        asked
    }

    /// An external who does not sign in with Entra ID cannot satisfy a strength.
    fn strength_of_other_provider(&self, why: &mut Why) -> Option<Possible> {
        if self.subject.is_external() == Some(false) || self.subject.is_direct_connect().is_true() {
            return None;
        }
        let entra = self.is_from_entra(why);
        (!entra.is_true()).then_some(Possible::BLOCK)
    }

    fn strength_at(&self, case: Case<'_>, why: &mut Why) -> Possible {
        if case.place == Place::Nowhere {
            return Possible::BLOCK;
        }
        let cannot = case.combinations.is_empty() || self.is_from_entra(why).is_false();
        if case.place == Place::Here(Standing::External) && cannot {
            return Possible::BLOCK;
        }
        let claim = why.answer(|why| self.strength_claim(case, why));
        if claim.is_true() {
            return Possible::OK;
        }
        let unclaimed = match case.place {
            Place::AtHome => Possible::REQUIRE,
            Place::Here(standing) => self.strength_by_method(case, standing, why),
            Place::Nowhere => Possible::BLOCK,
        };
        Possible::when(claim, Possible::OK, unclaimed)
    }

    /// Whether what was used in the session satisfies the strength.
    fn strength_claim(&self, case: Case<'_>, why: &mut Why) -> Truth {
        if case.demand.is_stale {
            return Truth::False;
        }
        let session = &self.sign_in.session;
        // Methods of which none is MFA are this tenant's part: what was used at home is not seen.
        let at_home = case.place == Place::AtHome && session.home_mfa != Some(false);
        let tells = |used: &Methods| !used.is_empty() && (!at_home || used.meets(MFA_METHODS));
        if let Some(used) = session.methods.filter(tells) {
            return any(case.combinations, |combination| {
                if used.covers(combination.used) && !combination.used.has_unmodelled() {
                    Truth::True
                } else if combination.used.has_unmodelled()
                    && used.covers(combination.used.without(Methods::UNMODELLED))
                {
                    why.unknown(|| Fact::AuthenticationStrength(case.strength.id.clone()))
                } else {
                    Truth::False
                }
            });
        }
        // A bare claim: MFA was done, by which method nobody saw.
        let home = (case.place == Place::AtHome).then_some(session.home_mfa);
        let claim = why.of(session.mfa, || Fact::Session);
        let claim = home.map_or(claim, |home| claim.or(why.of(home, || Fact::Session)));
        if case.strength.is_builtin_mfa || claim.is_false() {
            return claim;
        }
        if session.methods.is_some() && case.place != Place::AtHome {
            return Truth::False;
        }
        why.unknown(|| Fact::SessionMethods)
    }

    fn strength_by_method(&self, case: Case<'_>, standing: Standing, why: &mut Why) -> Possible {
        let Some(usable) = self.usable(standing) else {
            let unregistered = self.unseen_registration(case, why);
            // A federated first factor serves nobody whose sign-in is known not to be federated.
            let closed =
                |it: &Combination| it.is_federated && self.subject.user.federated == Some(false);
            if case.combinations.iter().all(closed) {
                return unregistered;
            }
            why.missed(|| Fact::Registration);
            return Possible::REQUIRE.joined(unregistered);
        };
        let satisfiable =
            why.answer(|why| any(case.combinations, |it| self.can_satisfy(*it, usable, case, why)));
        if satisfiable.is_true() {
            let without_hello = usable.without(WINDOWS_HELLO);
            let by_hello_only = !self.used_windows_hello()
                && any(case.combinations, |it| self.can_satisfy(*it, without_hello, case, why))
                    .is_false();
            if !by_hello_only {
                return Possible::REQUIRE;
            }
            why.missed(|| Fact::Behaviour("Windows Hello for Business as the only method"));
            return Possible::REQUIRE.joined(self.nothing_satisfies(case, usable, why));
        }
        let nothing = self.nothing_satisfies(case, usable, why);
        Possible::when(satisfiable, Possible::REQUIRE, nothing)
    }

    fn can_satisfy(
        &self,
        combination: Combination,
        usable: Methods,
        case: Case<'_>,
        why: &mut Why,
    ) -> Truth {
        let known = combination.registered.without(Methods::UNMODELLED);
        if !usable.covers(known) {
            return Truth::False;
        }
        let understood = if combination.registered.has_unmodelled() {
            why.unknown(|| Fact::AuthenticationStrength(case.strength.id.clone()))
        } else {
            Truth::True
        };
        let federated = if combination.is_federated {
            why.of(self.subject.user.federated, || Fact::Federated)
        } else {
            Truth::True
        };
        understood.and(federated)
    }

    /// What of the strength the interrupt can register.
    fn registrable(&self, case: Case<'_>) -> Registrable {
        let mut best = Registrable::Nothing;
        for combination in case.combinations {
            match combination.registrable() {
                Registrable::InTheInterrupt => return Registrable::InTheInterrupt,
                Registrable::Passkey => best = Registrable::Passkey,
                Registrable::Nothing => {}
            }
        }
        best
    }

    fn nothing_satisfies(&self, case: Case<'_>, usable: Methods, why: &mut Why) -> Possible {
        let register = |why: &mut Why| self.without_method(case.demand, why);
        match self.registrable(case) {
            Registrable::Nothing => Possible::BLOCK,
            Registrable::InTheInterrupt => register(why),
            Registrable::Passkey if usable.meets(MFA_METHODS) => register(why),
            Registrable::Passkey => {
                why.missed(|| Fact::Behaviour("registering a passkey in the interrupt"));
                register(why).joined(Possible::BLOCK)
            }
        }
    }

    fn unseen_registration(&self, case: Case<'_>, why: &mut Why) -> Possible {
        let register = self.without_method(case.demand, why);
        match self.registrable(case) {
            Registrable::InTheInterrupt => register,
            Registrable::Passkey => register.joined(Possible::BLOCK),
            Registrable::Nothing => Possible::BLOCK,
        }
    }
}

/// One strength in one place.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    strength: &'a Strength,
    combinations: &'a [Combination],
    place: Place,
    demand: Demand,
}

fn any(combinations: &[Combination], mut holds: impl FnMut(&Combination) -> Truth) -> Truth {
    combinations.iter().fold(Truth::False, |truth, combination| truth.or(holds(combination)))
}
