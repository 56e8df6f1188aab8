//! Lists of a sign-in as JSON, each distinct list once a batch.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::sign_in::{AppliedPolicy, SignIn, Step};

/// A list of texts on its way to a column: each text with its length before it, so that equal
/// lists are equal bytes.
#[derive(Debug, Default)]
pub(crate) struct Flat {
    bytes: Vec<u8>,
}

impl Flat {
    /// The bytes of a list; `None` for an empty one, which is a list not told.
    pub(crate) fn of<'f>(&'f mut self, list: usize, sign_in: &SignIn<'_>) -> Option<&'f [u8]> {
        self.bytes.clear();
        match list {
            0 => {
                for policy in &sign_in.policies {
                    self.push([policy.id, policy.name, policy.result]);
                }
            }
            1 => {
                for provider in &sign_in.requirement_providers {
                    self.push([Some(provider)]);
                }
            }
            _ => {
                for step in &sign_in.steps {
                    let Step { method, method_detail, result_detail, requirement, succeeded } =
                        *step;
                    self.push([method, method_detail, result_detail, requirement, succeeded]);
                }
            }
        }
        (!self.bytes.is_empty()).then_some(&self.bytes)
    }

    fn push<const N: usize>(&mut self, texts: [Option<&str>; N]) {
        for text in texts {
            // Zero stands for a text not told.
            let length = text.map_or(0, |text| text.len().saturating_add(1));
            self.bytes.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_le_bytes());
            self.bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
        }
    }
}

/// A policy as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyJson<T> {
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    id: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    name: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    result: Option<T>,
}

/// A step as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepJson<T> {
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    method: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    method_detail: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    result_detail: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    requirement: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none", default = "none")]
    succeeded: Option<T>,
}

fn none<T>() -> Option<T> {
    None
}

/// Turns the bytes of a list into compact JSON.
pub(crate) fn json(list: usize, flat: &[u8]) -> serde_json::Result<String> {
    let mut texts = Texts { rest: flat };
    match list {
        0 => {
            let mut policies = Vec::new();
            while let Some([id, name, result]) = texts.next() {
                policies.push(PolicyJson { id, name, result });
            }
            serde_json::to_string(&policies)
        }
        1 => {
            let mut providers = Vec::new();
            while let Some([provider]) = texts.next() {
                providers.push(provider);
            }
            serde_json::to_string(&providers)
        }
        _ => {
            let mut steps = Vec::new();
            while let Some(step) = texts.next() {
                let [method, method_detail, result_detail, requirement, succeeded] = step;
                steps.push(StepJson {
                    method,
                    method_detail,
                    result_detail,
                    requirement,
                    succeeded,
                });
            }
            serde_json::to_string(&steps)
        }
    }
}

/// The texts in the bytes of a list.
struct Texts<'f> {
    rest: &'f [u8],
}

impl<'f> Texts<'f> {
    fn next<const N: usize>(&mut self) -> Option<[Option<&'f str>; N]> {
        let mut texts = [None; N];
        for text in &mut texts {
            let (length, rest) = self.rest.split_first_chunk::<8>()?;
            let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
            let (bytes, rest) = rest.split_at_checked(length.saturating_sub(1))?;
            self.rest = rest;
            *text = (length > 0).then(|| std::str::from_utf8(bytes).unwrap_or_default());
        }
        Some(texts)
    }
}

/// The policies in a column.
pub(crate) fn policies(json: &str) -> Option<Vec<AppliedPolicy<String>>> {
    let policies: Vec<PolicyJson<String>> = parse(json)?;
    let kept = |policy| {
        let PolicyJson { id, name, result } = policy;
        AppliedPolicy { id, name, result }
    };
    Some(policies.into_iter().map(kept).collect())
}

/// The requirement providers in a column.
pub(crate) fn requirement_providers(json: &str) -> Option<Vec<String>> {
    parse(json)
}

/// The steps in a column.
pub(crate) fn steps(json: &str) -> Option<Vec<Step<String>>> {
    let steps: Vec<StepJson<String>> = parse(json)?;
    let kept = |step| {
        let StepJson { method, method_detail, result_detail, requirement, succeeded } = step;
        Step { method, method_detail, result_detail, requirement, succeeded }
    };
    Some(steps.into_iter().map(kept).collect())
}

/// A list that is told has an element.
fn parse<T: DeserializeOwned>(json: &str) -> Option<Vec<T>> {
    serde_json::from_str(json).ok().filter(|list: &Vec<T>| !list.is_empty())
}
