//! The conditions of a policy one by one, in the words of the what-if evaluation.

use super::PolicySet;
use super::app::brings;
use super::applying::Scene;
use super::condition;
use super::identifiers::is_id;
use super::rule::{Enforcement, Rule};
use super::target::{self, Request};
use super::why::Why;
use crate::facts::{Identity, Registration, SignIn};
use crate::truth::Truth;
use crate::what_if::WhatIfReason;

/// What each condition of one policy says.
pub(crate) struct ConditionsOfPolicy {
    /// Every condition that a reason speaks of.
    pub(crate) all: Vec<(WhatIfReason, Truth)>,
    /// Whether the policy reaches the sign-in depends on what the resource brings along.
    pub(crate) by_dependency: bool,
}

/// True for the id of one application, of which the evaluation can be asked.
pub(crate) fn is_one_app(word: &str) -> bool {
    is_id(word) && !word.eq_ignore_ascii_case(super::app::MICROSOFT_GRAPH)
}

/// True for an application that brings others along.
pub(crate) fn brings_others(app: &str) -> bool {
    !brings(&app.to_ascii_lowercase()).is_empty()
}

impl PolicySet {
    /// What each condition of each policy says of a sign-in.
    pub(crate) fn conditions(&self, sign_in: &SignIn) -> Vec<ConditionsOfPolicy> {
        let registration = Registration::not_seen();
        let scene = self.scene(sign_in, &registration);
        let alone = SignIn {
            audiences: match &sign_in.resources {
                Some(resources) if sign_in.audiences.is_empty() => resources.clone(),
                _ => sign_in.audiences.clone(),
            },
            ..sign_in.clone()
        };
        let alone = Request::of(&alone, self.baseline_scopes.as_ref());
        let brings = sign_in.resources.iter().flatten().any(|it| brings_others(it));
        let conditions = |rule: &Rule| {
            let reach = |request: &Request| {
                target::reach(&rule.targets, request, &self.apps, &mut Why::unwanted()).any()
            };
            ConditionsOfPolicy {
                all: scene.by_reason(rule),
                by_dependency: brings && reach(&scene.request) != reach(&alone),
            }
        };
        self.rules.iter().map(conditions).collect()
    }
}

impl Scene<'_> {
    fn by_reason(&self, rule: &Rule) -> Vec<(WhatIfReason, Truth)> {
        let why = &mut Why::unwanted();
        let identity = self.identity(rule, why);
        let of_user = matches!(self.sign_in.identity, Identity::User(_));
        let reach = target::reach(&rule.targets, &self.request, self.apps, why).any();
        let risks = &rule.risks;
        let seen = self.sign_in.risk;
        let platforms = rule.platforms.as_ref();
        let names = |is: bool| if is { reach } else { Truth::Unknown };
        vec![
            (WhatIfReason::PolicyNotEnabled, Truth::from(rule.enforcement != Enforcement::Off)),
            (WhatIfReason::EmptyPolicy, Truth::from(rule.controls.is_set)),
            (WhatIfReason::Users, if of_user { identity } else { Truth::Unknown }),
            (WhatIfReason::WorkloadIdentities, if of_user { Truth::Unknown } else { identity }),
            (WhatIfReason::Application, reach),
            (WhatIfReason::UserActions, names(!rule.targets.actions.is_empty())),
            (WhatIfReason::AuthenticationContext, names(!rule.targets.contexts.is_empty())),
            (
                WhatIfReason::DevicePlatform,
                platforms
                    .map_or(Truth::True, |it| condition::platforms(it, self.sign_in.platform, why)),
            ),
            (WhatIfReason::Devices, self.device(rule, Truth::False, why)),
            (WhatIfReason::ClientApps, condition::clients(rule, self.sign_in, why)),
            (WhatIfReason::Location, self.place(rule, why)),
            (WhatIfReason::SignInRisk, condition::level_of(&risks.sign_in, seen.sign_in)),
            (WhatIfReason::UserRisk, condition::level_of(&risks.user, seen.user)),
            (WhatIfReason::InsiderRisk, condition::level_of(&risks.insider, seen.insider)),
            (WhatIfReason::AuthenticationFlow, condition::flows(rule, self.sign_in.flow, why)),
        ]
    }
}
