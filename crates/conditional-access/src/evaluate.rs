//! What a sign-in meets under a set of policies.
//!
//! [`PolicySet`] is made once from policies and a tenant; [`PolicySet::evaluate`] then answers for
//! any number of sign-ins. Every condition is true, false or unknown, every control has a set of
//! possible outcomes; a fact that nobody saw never becomes *no* and never becomes *allowed*.

pub(crate) mod address;
mod app;
mod applying;
mod assignment;
mod bits;
mod by_policy;
mod compiled;
mod condition;
mod controls;
mod directory;
mod identifiers;
mod identity;
mod layers;
mod location;
pub(crate) mod lockout;
mod person;
mod place_table;
mod possible;
mod rule;
pub(crate) mod situations;
mod strength;
mod target;
mod verdict;
pub(crate) mod what_if;
mod why;
mod word;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{
    BaselineScopes, Identity, Method, PerUserMfa, Registration, SignIn, Tenant, UserAction,
};
use crate::outcome::{Cause, Control, Experience, Outcome, Verdict};
use crate::policy::Policy;
use app::Apps;
use applying::{Scene, Standing};
pub use assignment::{Assignment, Assignments, Route};
pub use by_policy::{CompiledWords, PersonTraits};
pub use compiled::{
    CompiledClient, CompiledDemands, CompiledSet, CompiledTarget, CompiledUser, Decision, Matching,
};
use directory::{Directory, Subject};
use location::Places;
use rule::{Objects, Rule};
use target::Request;
use verdict::{Decided, Rows};
use why::Why;

/// What the sign-in meets under the policies, given what is known of the tenant and of what the
/// person has registered.
#[must_use]
pub fn evaluate(
    policies: &[Policy],
    tenant: &Tenant,
    sign_in: &SignIn,
    registration: &Registration,
) -> Outcome {
    PolicySet::of(policies, tenant).evaluate(sign_in, registration)
}

/// Policies of a tenant, made ready for evaluation.
#[derive(Debug)]
pub struct PolicySet {
    rules: Vec<Rule>,
    directory: Directory,
    places: Places,
    apps: Apps,
    baseline_scopes: Option<BaselineScopes>,
    layers: LayerSwitches,
}

/// Which layers beside Conditional Access are on. `None`: not seen.
#[derive(Debug)]
struct LayerSwitches {
    security_defaults: Option<bool>,
    per_user_mfa: Option<BTreeMap<String, Option<PerUserMfa>>>,
    mandatory_mfa: Option<bool>,
}

impl PolicySet {
    /// Makes policies ready for evaluation.
    #[must_use]
    pub fn of(policies: &[Policy], tenant: &Tenant) -> Self {
        let places = Places::of(tenant);
        let objects = Objects::of(tenant);
        let rules = policies
            .iter()
            .enumerate()
            .map(|(position, policy)| Rule::of(position, policy, tenant, &objects, &places))
            .collect();
        let states = tenant.per_user_mfa.as_ref().map(|states| {
            states.iter().map(|(user, state)| (user.to_ascii_lowercase(), *state)).collect()
        });
        Self {
            rules,
            directory: Directory::of(tenant),
            places,
            apps: Apps::of(tenant),
            baseline_scopes: tenant.baseline_scopes.clone(),
            layers: LayerSwitches {
                security_defaults: tenant.security_defaults,
                per_user_mfa: states,
                mandatory_mfa: tenant.mandatory_mfa,
            },
        }
    }

    /// What the sign-in meets.
    ///
    /// A person who must register is held against the registration as well: a second sign-in with
    /// the same facts, no resource, and the user action *register security information* (Entra
    /// documentation, *Protect security info registration*).
    #[must_use]
    pub fn evaluate(&self, sign_in: &SignIn, registration: &Registration) -> Outcome {
        let (decided, rows) = self.decided(sign_in, registration);
        let experience = self.experience(&decided, sign_in);
        decided.outcome(rows, experience)
    }

    fn decided(&self, sign_in: &SignIn, registration: &Registration) -> (Decided, Rows) {
        let standing = self.standing(sign_in, registration, true);
        let first = verdict::of(&standing);
        let rows = Rows::of(&standing);
        if first.verdict != Verdict::Register {
            return (first, rows);
        }
        let registering = registration_of(sign_in);
        let second = verdict::of(&self.standing(&registering, registration, false));
        match second.verdict {
            Verdict::Block | Verdict::Unknown => (second, rows),
            Verdict::Allow | Verdict::Require | Verdict::Register => (first, rows),
        }
    }

    /// What the person sees. Who is blocked is told apart by asking once more: would they be with
    /// every method there is?
    fn experience(&self, decided: &Decided, sign_in: &SignIn) -> Experience {
        match decided.verdict {
            Verdict::Allow => Experience::SatisfiedAlready,
            Verdict::Require => Experience::Challenged,
            Verdict::Register => Experience::MustRegister,
            Verdict::Unknown => Experience::Unknown,
            Verdict::Block => {
                let every = Method::ALL.into_iter().map(|(method, _)| method).collect();
                let (equipped, _) = self.decided(sign_in, &Registration::of(every));
                if equipped.verdict == Verdict::Block {
                    Experience::Blocked
                } else {
                    Experience::Cannot
                }
            }
        }
    }

    /// How every policy, and every layer that is on, stands to the sign-in. The layers take no part
    /// in a registration: they demand it themselves.
    fn standing<'a>(
        &'a self,
        sign_in: &'a SignIn,
        registration: &'a Registration,
        with_layers: bool,
    ) -> Standing<'a> {
        let scene = self.scene(sign_in, registration);
        let is_user = matches!(sign_in.identity, Identity::User(_));
        let mut standing = Standing::of(&self.rules, &scene);
        if with_layers && is_user {
            self.add_layers(&scene, &mut standing);
        }
        // Whoever signs in: a snapshot that contradicts itself has no answer for anybody.
        if self.layers.security_defaults == Some(true) {
            standing.refuse_beside_policies();
        }
        standing
    }

    fn scene<'a>(&'a self, sign_in: &'a SignIn, registration: &'a Registration) -> Scene<'a> {
        let subject = self.directory.subject(match &sign_in.identity {
            Identity::User(id) => id.as_deref(),
            Identity::ServicePrincipal { .. } | Identity::Agent => None,
        });
        self.scene_of(sign_in, registration, &subject)
    }

    /// The scene with a person who was looked up before.
    fn scene_of<'a>(
        &'a self,
        sign_in: &'a SignIn,
        registration: &'a Registration,
        subject: &Subject,
    ) -> Scene<'a> {
        Scene {
            directory: &self.directory,
            places: &self.places,
            apps: &self.apps,
            trust: self.directory.trust(subject),
            request: Request::of(sign_in, self.baseline_scopes.as_ref()),
            sign_in,
            registration,
            subject: subject.clone(),
        }
    }

    /// The person's per-user MFA, if it may be on. An inner `None`: it was not seen.
    fn per_user_mfa(&self, subject: &Subject) -> Option<Option<PerUserMfa>> {
        match (&self.layers.per_user_mfa, &subject.id) {
            (None, _) => Some(None),
            (Some(states), Some(user)) => states.get(user).copied(),
            // It may be any of those who are listed.
            (Some(states), None) => (!states.is_empty()).then_some(None),
        }
    }

    fn add_layers(&self, scene: &Scene<'_>, standing: &mut Standing<'_>) {
        let layers = scene.layers();
        let switches = &self.layers;
        // Legacy clients are blocked; everybody else is asked for MFA, also who cannot answer.
        let is_legacy = scene.person().is_legacy(&mut Why::unwanted()).is_true();
        let control = if is_legacy { Control::Block } else { Control::Mfa };
        standing.add_layer(Cause::SecurityDefaults, switches.security_defaults, control, |why| {
            layers.security_defaults(why)
        });
        if let Some(state) = self.per_user_mfa(&scene.subject) {
            standing.add_layer(Cause::PerUserMfa, Some(true), Control::Mfa, |why| {
                layers.per_user_mfa(state, why)
            });
        }
        standing.add_layer(Cause::MandatoryMfa, switches.mandatory_mfa, Control::Mfa, |why| {
            layers.mandatory_mfa(why)
        });
    }
}

/// The registration that a sign-in may have to begin with.
fn registration_of(sign_in: &SignIn) -> SignIn {
    SignIn {
        resources: Some(Vec::new()),
        audiences: Vec::new(),
        user_action: Some(UserAction::RegisterSecurityInformation),
        ..sign_in.clone()
    }
}

/// The facts of several parts, each once.
fn all_facts<'a>(
    parts: impl Iterator<Item = &'a applying::Part<'a>>,
) -> BTreeSet<crate::outcome::Fact> {
    parts.flat_map(|part| part.unknown.iter().cloned()).collect()
}
