//! What the compiled form says of single policies: whom they reach, which apply, with which word.

use super::PolicySet;
use std::collections::BTreeSet;

use super::applying::{Scene, Standing};
use super::bits::Bits;
use super::compiled::{CompiledSet, CompiledUser, Decision, Matching};
use super::identity::{self, Surroundings};
use super::layers::SYNCHRONIZATION;
use super::rule::Enforcement;
use super::why::Why;
use super::{registration_of, verdict};
use crate::facts::{
    ClientApp, IdentityProvider, PerUserMfa, Registration, SignIn, Trust, UserType,
};
use crate::outcome::{Cause, Control, Fact, Word};
use crate::truth::Truth;

/// Everything about a person that demands depend on beside what they have registered. Persons who
/// share it share [`CompiledSet::demands`], [`CompiledSet::words`] and [`CompiledSet::device`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PersonTraits {
    kind: Option<UserType>,
    has_home: bool,
    provider: Option<IdentityProvider>,
    federated: Option<bool>,
    direct_connect: Truth,
    trust: Trust,
    per_user_mfa: Option<Option<PerUserMfa>>,
    synchronizes: Truth,
}

/// What a sign-in log would say of each policy for one person in one session, by whether the
/// policy applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompiledWords(Vec<[Word; 3]>);

impl PolicySet {
    /// Whether each policy's users take in the person, by place: no other condition is asked. A
    /// policy without controls takes in nobody. `None`: nobody saw who.
    #[must_use]
    pub fn takes_in(&self, user: Option<&str>) -> Vec<Truth> {
        let subject = self.directory.subject(user);
        let around =
            Surroundings { client_app: Some(ClientApp::Browser), blurs_guests: Truth::False };
        let holds =
            |rule| identity::user(rule, &self.directory, &subject, around, &mut Why::unwanted());
        self.rules.iter().map(|rule| Truth::from(rule.controls.is_set).and(holds(rule))).collect()
    }

    /// Whether the policy at this place has a say in verdicts: it is on, or may be, since its
    /// state is a word nobody knows.
    #[must_use]
    pub fn counts(&self, place: usize) -> bool {
        self.rules.get(place).is_some_and(|rule| {
            matches!(rule.enforcement, Enforcement::Enforced | Enforcement::Unclear)
        })
    }
}

impl CompiledSet<'_> {
    /// Those of the policies at these places that have a say in verdicts.
    #[must_use]
    pub fn counted_among(&self, places: &[usize]) -> Matching {
        let among = places.iter().fold(Bits::NONE, |set, place| set.or(Bits::one(*place)));
        let counted = among.and(self.counted);
        Matching { certain: counted, possible: counted }
    }

    /// Everything about the person that demands depend on beside their registration.
    #[must_use]
    pub fn traits(&self, user: &CompiledUser) -> PersonTraits {
        let facts = &user.subject.user;
        PersonTraits {
            kind: facts.kind,
            has_home: facts.home_tenant.is_some(),
            provider: facts.identity_provider,
            federated: facts.federated,
            direct_connect: user.subject.is_direct_connect(),
            trust: user.trust,
            per_user_mfa: user.per_user_mfa,
            synchronizes: self.set.directory.in_role(&user.subject, SYNCHRONIZATION),
        }
    }

    /// What is outstanding by a decision about this sign-in, and the facts that would decide it if
    /// it is unknown: [`Outcome::outstanding`](crate::Outcome::outstanding) and
    /// [`Outcome::unknown`](crate::Outcome::unknown), asked of those who decide alone.
    #[must_use]
    pub fn reasons(
        &self,
        decision: &Decision,
        sign_in: &SignIn,
        registration: &Registration,
    ) -> (BTreeSet<Control>, BTreeSet<Fact>) {
        let registering = decision.by_registering.then(|| registration_of(sign_in));
        let scene = self.set.scene(registering.as_ref().unwrap_or(sign_in), registration);
        let rules = decision.by.places().filter_map(|place| self.set.rules.get(place));
        let mut standing = Standing::of(rules, &scene);
        if !decision.by_registering {
            self.set.add_layers(&scene, &mut standing);
            standing.layers.retain(|layer| match layer.cause {
                Cause::PerUserMfa => decision.by_per_user_mfa,
                Cause::MandatoryMfa => decision.by_mandatory_mfa,
                Cause::SecurityDefaults | Cause::Policy(_) => false,
            });
        }
        let decided = verdict::of(&standing);
        (decided.outstanding, decided.unknown)
    }

    /// What a sign-in log would say of each policy: of the person, by session, device, client, flow
    /// and the rest of what controls read.
    #[must_use]
    pub fn words(
        &self,
        user: &CompiledUser,
        sign_in: &SignIn,
        registration: &Registration,
    ) -> CompiledWords {
        let scene: Scene<'_> = self.scene(sign_in, registration, user);
        let words = |rule| {
            [Truth::False, Truth::Unknown, Truth::True]
                .map(|applies| scene.word_at_resource(rule, applies))
        };
        CompiledWords(self.set.rules.iter().map(words).collect())
    }
}

impl CompiledWords {
    /// The word for the policy at this place. Without such a policy: *unknown*.
    #[must_use]
    pub fn word(&self, place: usize, applies: Truth) -> Word {
        let Some([not, perhaps, certainly]) = self.0.get(place) else { return Word::Unknown };
        match applies {
            Truth::False => *not,
            Truth::Unknown => *perhaps,
            Truth::True => *certainly,
        }
    }
}

impl Matching {
    /// Whether something matches the policy at this place.
    #[must_use]
    pub fn of(self, place: usize) -> Truth {
        let one = Bits::one(place);
        if self.certain.meets(one) {
            Truth::True
        } else if self.possible.meets(one) {
            Truth::Unknown
        } else {
            Truth::False
        }
    }

    /// True when a policy may match both.
    #[inline]
    #[must_use]
    pub fn may_meet(self, other: Self) -> bool {
        self.possible.meets(other.possible)
    }
}
