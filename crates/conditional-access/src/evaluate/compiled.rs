//! The same evaluation for millions of sign-ins.
//!
//! A log repeats itself: the same people, apps, clients, places. Each kind of fact is held against
//! every policy once, by the code that evaluates one sign-in; what remains for a sign-in is to
//! intersect sets of policies. Nothing is decided here that is not decided there: where this form
//! has no answer (user actions, service principals, security defaults), it says so.

use core::net::IpAddr;
use std::collections::BTreeSet;

use super::applying::{Part, Scene};
use super::bits::{Bits, MOST};
use super::directory::Subject;
use super::identity::{self, Surroundings};
use super::layers::Administration;
use super::place_table::PlaceTable;
use super::possible::{Level, Possible};
use super::rule::{Enforcement, Rule};
use super::target::Request;
use super::why::Why;
use super::{PolicySet, registration_of, target};
use crate::facts::{
    ClientApp, Device, Identity, PerUserMfa, Registration, SignIn, Tenant, Trust, UserAction,
};
use crate::outcome::{Cause, Verdict};
use crate::truth::Truth;

/// A set of policies compiled for many sign-ins of users to resources.
#[derive(Debug)]
pub struct CompiledSet<'a> {
    pub(super) set: &'a PolicySet,
    /// Enforced for certain.
    enforced: Bits,
    /// Enforced, or of a state nobody knows.
    pub(super) counted: Bits,
    places: PlaceTable,
}

/// Facts of one kind, held against every policy: which match for certain, which may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Matching {
    pub(super) certain: Bits,
    pub(super) possible: Bits,
}

/// One person, held against every policy.
#[derive(Debug)]
pub struct CompiledUser {
    pub(super) subject: Subject,
    pub(super) trust: Trust,
    pub(super) per_user_mfa: Option<Option<PerUserMfa>>,
    /// By whether the client is, or may be, Exchange ActiveSync, and whether Teams or SharePoint
    /// is, or may be, among the resources.
    identity: [[Matching; 2]; 2],
}

/// What is asked for, held against every policy.
#[derive(Debug, Clone, Copy)]
pub struct CompiledTarget {
    matching: Matching,
    /// The registration of security information that such a sign-in may have to begin with.
    registering: Matching,
    may_blur_guests: bool,
    administration: Administration,
}

/// Client app, flow, platform and risks, held against every policy.
#[derive(Debug, Clone, Copy)]
pub struct CompiledClient {
    matching: Matching,
    may_be_active_sync: bool,
}

/// What every policy demands of one person in one session with one device. Most people of a tenant
/// share theirs: who evaluates millions of sign-ins keeps each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CompiledDemands {
    sign_in: Levels,
    registering: Levels,
    per_user_mfa: Possible,
    synchronizes: Truth,
    mfa: Possible,
}

/// Which policies demand at least *require*, *register*, *block*, at best and at worst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Levels {
    /// At least *require*, *register*, *block* at best.
    pub(super) lowest: [Bits; 3],
    /// The same at worst.
    pub(super) highest: [Bits; 3],
    definite: Bits,
}

/// The verdict of one sign-in, and who decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    pub(super) by: Bits,
    /// It is the registration before the sign-in that decides.
    pub(super) by_registering: bool,
    pub(super) by_per_user_mfa: bool,
    pub(super) by_mandatory_mfa: bool,
}

const LEVELS: [Level; 3] = [Level::Require, Level::Register, Level::Block];

impl PolicySet {
    /// Compiles the policies for many sign-ins. `None`: there are more policies than a tenant can
    /// have, or security defaults are on or were not seen, which no compiled form answers for.
    #[must_use]
    pub fn compiled(&self, tenant: &Tenant) -> Option<CompiledSet<'_>> {
        if self.rules.len() > MOST || self.layers.security_defaults != Some(false) {
            return None;
        }
        let with = |wanted: &[Enforcement]| {
            let mut bits = Bits::NONE;
            for (place, rule) in self.rules.iter().enumerate() {
                if wanted.contains(&rule.enforcement) {
                    bits.insert(place);
                }
            }
            bits
        };
        let mut set = CompiledSet {
            set: self,
            enforced: with(&[Enforcement::Enforced]),
            counted: with(&[Enforcement::Enforced, Enforcement::Unclear]),
            places: PlaceTable::default(),
        };
        set.places = PlaceTable::of(tenant, |ip, country| set.place_of(ip, country));
        Some(set)
    }

    /// Holds something against every policy.
    pub(super) fn each(&self, mut holds: impl FnMut(&Rule, &mut Why) -> Truth) -> Matching {
        let mut matching = Matching::NONE;
        for (place, rule) in self.rules.iter().enumerate() {
            let truth = holds(rule, &mut Why::unwanted());
            if truth.is_true() {
                matching.certain.insert(place);
            }
            if !truth.is_false() {
                matching.possible.insert(place);
            }
        }
        matching
    }

    /// What every policy demands in this scene, if it applies.
    pub(super) fn levels(&self, scene: &Scene<'_>) -> Levels {
        let mut levels = Levels::default();
        for (place, rule) in self.rules.iter().enumerate() {
            let possible = Part::demanded(rule, scene);
            for ((level, lowest), highest) in
                LEVELS.into_iter().zip(&mut levels.lowest).zip(&mut levels.highest)
            {
                if possible.lowest() >= level {
                    lowest.insert(place);
                }
                if possible.highest() >= level {
                    highest.insert(place);
                }
            }
            if possible.is_definite() {
                levels.definite.insert(place);
            }
        }
        levels
    }
}

impl CompiledSet<'_> {
    /// Holds one person against every policy. `None`: nobody saw who.
    #[must_use]
    pub fn user(&self, id: Option<&str>) -> CompiledUser {
        let subject = self.set.directory.subject(id);
        let takes_in = |rule: &Rule, around: Surroundings, why: &mut Why| {
            // What has no control has no effect.
            let has_effect = Truth::from(rule.controls.is_set);
            has_effect.and(identity::user(rule, &self.set.directory, &subject, around, why))
        };
        let anywhere =
            Surroundings { client_app: Some(ClientApp::Browser), blurs_guests: Truth::False };
        // Few policies read more than the user: the others are asked once.
        let plain = self.each(|rule, why| match identity::reads_surroundings(rule) {
            true => Truth::False,
            false => takes_in(rule, anywhere, why),
        });
        let identity = [ClientApp::Browser, ClientApp::ExchangeActiveSync].map(|client| {
            [Truth::False, Truth::True].map(|blurs_guests| {
                let around = Surroundings { client_app: Some(client), blurs_guests };
                let others = self.each(|rule, why| match identity::reads_surroundings(rule) {
                    true => takes_in(rule, around, why),
                    false => Truth::False,
                });
                plain.or(others)
            })
        });
        CompiledUser {
            trust: self.set.directory.trust(&subject),
            per_user_mfa: self.set.per_user_mfa(&subject),
            identity,
            // The groups have said what they have to say.
            subject: subject.without_groups(),
        }
    }

    /// Holds what a sign-in asks for against every policy: resources, audiences, client id, scopes
    /// and authentication contexts. `None`: it is a user action, or nobody saw whether it is.
    #[must_use]
    pub fn target(&self, sign_in: &SignIn) -> Option<CompiledTarget> {
        let is_plain = sign_in.user_action == Some(UserAction::None)
            && matches!(sign_in.identity, Identity::User(_));
        if !is_plain {
            return None;
        }
        let request = Request::of(sign_in, self.set.baseline_scopes.as_ref());
        let reached = |request: &Request| {
            self.each(|rule, why| target::reach(&rule.targets, request, &self.set.apps, why).any())
        };
        // The contexts and the client go with the person into a registration.
        let registration = registration_of(sign_in);
        let registering = Request::of(&registration, self.set.baseline_scopes.as_ref());
        Some(CompiledTarget {
            matching: reached(&request),
            registering: reached(&registering),
            may_blur_guests: !request.blurs_guests().is_false(),
            administration: Administration::of(&request, &mut Why::unwanted()),
        })
    }

    /// Holds client app, flow, platform and risks of a sign-in against every policy.
    #[must_use]
    pub fn client(&self, sign_in: &SignIn) -> CompiledClient {
        let matching =
            self.matching(sign_in, |scene, rule, why| scene.client(rule, Truth::False, why));
        let client = sign_in.client_app;
        let may_be_active_sync = client.is_none_or(|it| it == ClientApp::ExchangeActiveSync);
        CompiledClient { matching, may_be_active_sync }
    }

    /// Holds an address and its country against every policy: looked up, not computed, unless the
    /// country is one that no location names in this spelling.
    #[must_use]
    pub fn place(&self, ip: Option<IpAddr>, country: Option<&str>) -> Matching {
        self.places.find(ip, country).unwrap_or_else(|| self.place_of(ip, country))
    }

    fn place_of(&self, ip: Option<IpAddr>, country: Option<&str>) -> Matching {
        let mut sign_in = SignIn::of_user("");
        sign_in.ip = ip;
        sign_in.country = country.map(str::to_owned);
        self.matching(&sign_in, |scene, rule, why| scene.place(rule, why))
    }

    /// Holds a sign-in's place against every policy, with the position that Authenticator told.
    #[must_use]
    pub fn place_with_position(&self, sign_in: &SignIn) -> Matching {
        self.matching(sign_in, |scene, rule, why| scene.place(rule, why))
    }

    /// Holds a person's device against every policy.
    #[must_use]
    pub fn device(&self, user: &CompiledUser, device: Option<&Device>) -> Matching {
        let mut sign_in = SignIn::of_user("");
        sign_in.device = device.cloned();
        let registration = Registration::not_seen();
        let scene = self.scene(&sign_in, &registration, user);
        self.each(|rule, why| scene.device(rule, Truth::False, why))
    }

    /// What every policy demands: of the person, by session, device, client, flow and the rest of
    /// what controls read.
    #[must_use]
    pub fn demands(
        &self,
        user: &CompiledUser,
        sign_in: &SignIn,
        registration: &Registration,
    ) -> CompiledDemands {
        let why = &mut Why::unwanted();
        let scene = self.scene(sign_in, registration, user);
        let layers = scene.layers();
        let (synchronizes, mfa) = layers.for_mandatory_mfa(why);
        let per_user = user.per_user_mfa.map_or(Possible::OK, |it| layers.per_user_mfa(it, why));
        let registering = registration_of(sign_in);
        CompiledDemands {
            sign_in: self.set.levels(&scene),
            registering: self.set.levels(&self.scene(&registering, registration, user)),
            per_user_mfa: per_user,
            synchronizes,
            mfa,
        }
    }

    /// Which policies apply to one sign-in, of whatever state they are.
    #[inline]
    #[must_use]
    pub fn applying(
        &self,
        user: &CompiledUser,
        target: &CompiledTarget,
        client: &CompiledClient,
        place: Matching,
        device: Matching,
    ) -> Matching {
        let [quiet, blurred] = user.identities(client);
        let identity = if target.may_blur_guests { blurred } else { quiet };
        client.matching.and(place).and(device).and(*identity).and(target.matching)
    }

    /// The verdict of one sign-in.
    #[must_use]
    pub fn decide(
        &self,
        user: &CompiledUser,
        target: &CompiledTarget,
        client: &CompiledClient,
        place: Matching,
        device: Matching,
        demands: &CompiledDemands,
    ) -> Decision {
        let mandatory = match self.set.layers.mandatory_mfa {
            Some(false) => Possible::OK,
            switch => {
                let on = target.administration.mandatory_mfa(demands.synchronizes, demands.mfa);
                if switch.is_none() { on.joined(Possible::OK) } else { on }
            }
        };
        let applying = self.applying(user, target, client, place, device);
        let layers = [demands.per_user_mfa, mandatory];
        let first = self.weigh(applying, &demands.sign_in, layers);
        if first.verdict != Verdict::Register {
            return first;
        }
        let [quiet, _] = user.identities(client);
        let around = client.matching.and(place).and(device);
        let applying = around.and(*quiet).and(target.registering);
        let second = self.weigh(applying, &demands.registering, [Possible::OK; 2]);
        if matches!(second.verdict, Verdict::Block | Verdict::Unknown) {
            Decision { by_registering: true, ..second }
        } else {
            first
        }
    }

    /// Who decides, in words.
    #[must_use]
    pub fn causes(&self, decision: &Decision) -> BTreeSet<Cause> {
        let rules = decision.by.places().filter_map(|place| self.set.rules.get(place));
        rules
            .map(|rule| Cause::Policy(rule.key.clone()))
            .chain(decision.by_per_user_mfa.then_some(Cause::PerUserMfa))
            .chain(decision.by_mandatory_mfa.then_some(Cause::MandatoryMfa))
            .collect()
    }

    #[inline]
    fn weigh(&self, applying: Matching, levels: &Levels, layers: [Possible; 2]) -> Decision {
        let certain = applying.certain.and(self.enforced);
        let possible = applying.possible.and(self.counted);
        let [per_user, mandatory] = layers;
        let lowest =
            highest_level(certain, &levels.lowest).max(per_user.lowest()).max(mandatory.lowest());
        let highest = highest_level(possible, &levels.highest)
            .max(per_user.highest())
            .max(mandatory.highest());
        let definite = certain.and(levels.definite);
        let counts = |layer: Possible| match (lowest == highest, lowest) {
            (true, Level::Ok) => false,
            (true, Level::Block) => layer == Possible::BLOCK,
            (true, _) => layer.is_definite() && layer.lowest() > Level::Ok,
            (false, _) => !layer.is_definite() && layer.highest() > lowest,
        };
        let [require, _, block] = levels.lowest;
        let [may_require, may_register, may_block] = levels.highest;
        let (verdict, by) = match (lowest == highest, lowest) {
            (true, Level::Ok) => (Verdict::Allow, Bits::NONE),
            (true, Level::Require) => (Verdict::Require, definite.and(require)),
            (true, Level::Register) => (Verdict::Register, definite.and(require)),
            (true, Level::Block) => (Verdict::Block, definite.and(block)),
            (false, Level::Ok) => (Verdict::Unknown, possible.and(may_require).without(definite)),
            (false, Level::Require) => {
                (Verdict::Unknown, possible.and(may_register).without(definite))
            }
            (false, Level::Register | Level::Block) => {
                (Verdict::Unknown, possible.and(may_block).without(definite))
            }
        };
        Decision {
            verdict,
            by,
            by_registering: false,
            by_per_user_mfa: counts(per_user),
            by_mandatory_mfa: counts(mandatory),
        }
    }

    pub(super) fn scene<'s>(
        &'s self,
        sign_in: &'s SignIn,
        registration: &'s Registration,
        user: &CompiledUser,
    ) -> Scene<'s> {
        Scene {
            directory: &self.set.directory,
            places: &self.set.places,
            apps: &self.set.apps,
            trust: user.trust,
            request: Request::of(sign_in, self.set.baseline_scopes.as_ref()),
            sign_in,
            registration,
            subject: user.subject.clone(),
        }
    }

    fn each(&self, holds: impl FnMut(&Rule, &mut Why) -> Truth) -> Matching {
        self.set.each(holds)
    }

    /// Holds facts of a sign-in that are not the person's against every policy.
    fn matching(
        &self,
        sign_in: &SignIn,
        holds: impl Fn(&Scene<'_>, &Rule, &mut Why) -> Truth,
    ) -> Matching {
        let registration = Registration::not_seen();
        let scene = self.set.scene(sign_in, &registration);
        self.each(|rule, why| holds(&scene, rule, why))
    }
}

impl CompiledUser {
    /// The person to whom Teams and SharePoint are far, and to whom they are near.
    #[inline]
    fn identities(&self, client: &CompiledClient) -> &[Matching; 2] {
        let [others, active_sync] = &self.identity;
        if client.may_be_active_sync { active_sync } else { others }
    }
}

/// The highest level that one of the policies demands.
#[inline]
fn highest_level(policies: Bits, levels: &[Bits; 3]) -> Level {
    let [require, register, block] = *levels;
    if policies.meets(block) {
        Level::Block
    } else if policies.meets(register) {
        Level::Register
    } else if policies.meets(require) {
        Level::Require
    } else {
        Level::Ok
    }
}

impl Matching {
    pub(super) const NONE: Self = Self { certain: Bits::NONE, possible: Bits::NONE };

    fn or(self, other: Self) -> Self {
        Self { certain: self.certain.or(other.certain), possible: self.possible.or(other.possible) }
    }

    #[inline]
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            certain: self.certain.and(other.certain),
            possible: self.possible.and(other.possible),
        }
    }
}
