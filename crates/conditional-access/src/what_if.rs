//! Microsoft's own what-if evaluation (Graph, *conditionalAccessRoot: evaluate*), held against ours.
//!
//! It tells of each policy whether it applies, and if not, why not. It says nothing of what the
//! person then meets. What it is not told counts as *none* there, so that a fair question tells
//! every condition that some policy uses: [`WhatIfQuestion::of`] says what is left out.

mod question;

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::evaluate::PolicySet;
use crate::facts::SignIn;
use crate::outcome::{Outcome, Word};
use crate::truth::Truth;
pub use question::{LeftOut, WhatIfQuestion};

/// Why a policy does not apply (Graph, `whatIfAnalysisReasons`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhatIfReason {
    /// `users`
    Users,
    /// `workloadIdentities`
    WorkloadIdentities,
    /// `application`
    Application,
    /// `userActions`
    UserActions,
    /// `authenticationContext`
    AuthenticationContext,
    /// `devicePlatform`
    DevicePlatform,
    /// `devices`
    Devices,
    /// `clientApps`
    ClientApps,
    /// `location`
    Location,
    /// `signInRisk`
    SignInRisk,
    /// `userRisk`
    UserRisk,
    /// `insiderRisk`
    InsiderRisk,
    /// `authenticationFlow`
    AuthenticationFlow,
    /// `policyNotEnabled`
    PolicyNotEnabled,
    /// `emptyPolicy`
    EmptyPolicy,
    /// `notEnoughInformation`
    NotEnoughInformation,
    /// A reason that only Microsoft can give, or a word this model does not know.
    Other(String),
}

/// What Microsoft answers of one policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhatIfAnswer {
    /// The policy's id; its name where it has none.
    pub policy: String,
    /// Whether it applies. `None`: the answer does not say.
    pub applies: Option<bool>,
    /// Why not.
    pub reasons: Vec<WhatIfReason>,
}

/// The value is no answer of the what-if evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnAnswer;

/// Where Microsoft and we differ about a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum WhatIfDisagreement {
    /// They say that it applies; we say that these conditions do not match.
    TheyApply {
        /// The policy.
        policy: String,
        /// What does not match for us.
        ours: Vec<WhatIfReason>,
    },
    /// We say that it applies; they say that it does not.
    WeApply {
        /// The policy.
        policy: String,
        /// Their reasons.
        theirs: Vec<WhatIfReason>,
    },
    /// Both say that it does not apply, but what they give as reason matches for us.
    OtherReason {
        /// The policy.
        policy: String,
        /// Their reasons.
        theirs: Vec<WhatIfReason>,
        /// What does not match for us.
        ours: Vec<WhatIfReason>,
    },
    /// The policy has no answer, or one that says nothing.
    NotAnswered {
        /// The policy.
        policy: String,
    },
    /// They answer for a policy that we were not given.
    NotGiven {
        /// The policy.
        policy: String,
    },
}

/// Their answers held against ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "a comparison that nobody reads shows nothing"]
pub struct WhatIfComparison {
    /// How many policies were compared.
    pub compared: usize,
    /// Policies that one side cannot judge: a fact was not seen. This agrees with anything.
    pub undecided: Vec<String>,
    /// Where the two differ.
    pub disagreements: Vec<WhatIfDisagreement>,
}

const WORDS: [(&str, WhatIfReason); 16] = [
    ("users", WhatIfReason::Users),
    ("workloadIdentities", WhatIfReason::WorkloadIdentities),
    ("application", WhatIfReason::Application),
    ("userActions", WhatIfReason::UserActions),
    ("authenticationContext", WhatIfReason::AuthenticationContext),
    ("devicePlatform", WhatIfReason::DevicePlatform),
    ("devices", WhatIfReason::Devices),
    ("clientApps", WhatIfReason::ClientApps),
    ("location", WhatIfReason::Location),
    ("signInRisk", WhatIfReason::SignInRisk),
    ("userRisk", WhatIfReason::UserRisk),
    ("insiderRisk", WhatIfReason::InsiderRisk),
    ("authenticationFlow", WhatIfReason::AuthenticationFlow),
    ("policyNotEnabled", WhatIfReason::PolicyNotEnabled),
    ("emptyPolicy", WhatIfReason::EmptyPolicy),
    ("notEnoughInformation", WhatIfReason::NotEnoughInformation),
];

impl WhatIfReason {
    /// Reads a list of flags. `notSet` is none.
    fn of_flags(flags: &str) -> Vec<Self> {
        let words = flags.split(',').map(str::trim);
        words
            .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("notSet"))
            .map(|word| {
                let known = WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
                known.map_or_else(|| Self::Other(word.to_owned()), |(_, reason)| reason.clone())
            })
            .collect()
    }
}

impl fmt::Display for WhatIfReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = WORDS.iter().find(|(_, reason)| reason == self);
        formatter.write_str(match (known, self) {
            (Some((word, _)), _) => word,
            (None, Self::Other(word)) => word,
            (None, _) => "",
        })
    }
}

impl Serialize for WhatIfReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for NotAnAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not an answer of the what-if evaluation: no `policyApplies` in it")
    }
}

impl std::error::Error for NotAnAnswer {}

/// Reads the answer of the what-if evaluation: the whole response, its list, or one result.
///
/// # Errors
/// When no part of it says whether a policy applies.
pub fn read_what_if(value: &Value) -> Result<Vec<WhatIfAnswer>, NotAnAnswer> {
    let results = match value.get("value").unwrap_or(value) {
        Value::Array(results) => results.as_slice(),
        one => std::slice::from_ref(one),
    };
    let answers: Vec<WhatIfAnswer> = results
        .iter()
        .filter_map(|result| {
            let text = |name: &str| property(result, name).and_then(Value::as_str);
            let reasons = text("analysisReasons").unwrap_or_default();
            Some(WhatIfAnswer {
                policy: text("id").or_else(|| text("displayName"))?.to_owned(),
                applies: property(result, "policyApplies").and_then(Value::as_bool),
                reasons: WhatIfReason::of_flags(reasons),
            })
        })
        .collect();
    let is_none = !results.is_empty() && answers.iter().all(|answer| answer.applies.is_none());
    if is_none { Err(NotAnAnswer) } else { Ok(answers) }
}

/// A property by its name, in any case.
fn property<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut all = value.as_object()?.iter();
    all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

impl PolicySet {
    /// Holds Microsoft's answers against what a sign-in meets under these policies.
    ///
    /// `outcome` is what [`PolicySet::evaluate`] says of `sign_in`. Policies that are off need no
    /// answer.
    pub fn compare_what_if(
        &self,
        sign_in: &SignIn,
        outcome: &Outcome,
        answers: &[WhatIfAnswer],
    ) -> WhatIfComparison {
        let mut all = WhatIfComparison::default();
        for (row, conditions) in outcome.per_policy.iter().zip(self.conditions(sign_in)) {
            let policy = row.policy.clone();
            let answer = answers.iter().find(|it| it.policy.eq_ignore_ascii_case(&policy));
            let Some((answer, theirs)) = answer.and_then(|it| Some((it, it.applies?))) else {
                if row.word != Word::NotEnabled {
                    all.disagreements.push(WhatIfDisagreement::NotAnswered { policy });
                }
                continue;
            };
            all.compared += 1;
            let applies = if row.word == Word::NotEnabled { Truth::False } else { row.applies };
            let is_decided = !answer.reasons.contains(&WhatIfReason::NotEnoughInformation);
            // It knows nothing of what a resource brings along.
            if applies.is_unknown() || !is_decided || conditions.by_dependency {
                all.undecided.push(policy);
                continue;
            }
            let fail = |it: &&(WhatIfReason, Truth)| it.1.is_false();
            let reason = |(reason, _): &(WhatIfReason, Truth)| reason.clone();
            let ours: Vec<_> = conditions.all.iter().filter(fail).map(reason).collect();
            let matches = |theirs: &WhatIfReason| {
                conditions.all.iter().any(|(reason, truth)| reason == theirs && truth.is_true())
            };
            let known = answer.reasons.clone();
            match (theirs, applies.is_true()) {
                (true, false) => {
                    all.disagreements.push(WhatIfDisagreement::TheyApply { policy, ours });
                }
                (false, true) => {
                    let theirs = known;
                    all.disagreements.push(WhatIfDisagreement::WeApply { policy, theirs });
                }
                (false, false) if !known.is_empty() && known.iter().all(matches) => {
                    let theirs = known;
                    all.disagreements.push(WhatIfDisagreement::OtherReason {
                        policy,
                        theirs,
                        ours,
                    });
                }
                _ => {}
            }
        }
        let given = |it: &&WhatIfAnswer| {
            outcome.per_policy.iter().any(|row| row.policy.eq_ignore_ascii_case(&it.policy))
        };
        let others = answers.iter().filter(|it| !given(it)).map(|it| it.policy.clone());
        all.disagreements.extend(others.map(|policy| WhatIfDisagreement::NotGiven { policy }));
        all
    }
}

impl fmt::Display for WhatIfDisagreement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |reasons: &[WhatIfReason]| {
            let words: Vec<String> = reasons.iter().map(WhatIfReason::to_string).collect();
            if words.is_empty() { "no reason".to_owned() } else { words.join(", ") }
        };
        match self {
            Self::TheyApply { policy, ours } => {
                write!(formatter, "`{policy}` applies for Microsoft, not for us: {}", list(ours))
            }
            Self::WeApply { policy, theirs } => {
                write!(formatter, "`{policy}` applies for us, not for Microsoft: {}", list(theirs))
            }
            Self::OtherReason { policy, theirs, ours } => write!(
                formatter,
                "`{policy}` does not apply, for Microsoft by {}, for us by {}",
                list(theirs),
                list(ours)
            ),
            Self::NotAnswered { policy } => write!(formatter, "`{policy}` was not answered"),
            Self::NotGiven { policy } => {
                write!(formatter, "`{policy}` was answered, but is none of the policies")
            }
        }
    }
}

#[cfg(test)]
mod tests;
