//! Policy test cases: a tenant, policies, a sign-in, and what it should meet.
//!
//! A file is YAML with one key `cases`, or JSON lines, one case on each. [`read_cases`] reads it
//! from text; one bad case never loses the others. What a key means is said in
//! `docs/POLICY-TESTS.md`.

mod format;
mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::evaluate::evaluate;
use crate::facts::{Registration, SignIn, Tenant};
use crate::outcome::{Outcome, Verdict, Word};
use crate::policy::Policy;
pub use read::read_cases;

/// What a file of cases holds.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
    /// What could not be read.
    pub problems: Vec<CaseProblem>,
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// What it shows.
    pub note: Option<String>,
    /// Where the expectation comes from.
    pub source: Option<String>,
    /// The rules it exercises, as written.
    pub rules: Vec<String>,
    /// Line of the file at which it begins.
    pub line: u64,
    /// What is known of the tenant.
    pub tenant: Tenant,
    /// The policies.
    pub policies: Vec<Policy>,
    /// The sign-in.
    pub sign_in: SignIn,
    /// What the person has registered.
    pub registration: Registration,
    /// What the sign-in should meet. `None`: the case only asks.
    pub expect: Option<Expectation>,
}

/// What a sign-in should meet. Whatever is not said is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The verdict.
    pub verdict: Verdict,
    /// Unmet controls, as a set.
    pub outstanding: Option<BTreeSet<String>>,
    /// Who decides, as a set.
    pub by: Option<BTreeSet<String>>,
    /// The log's word for each policy that is named here.
    pub per_policy: BTreeMap<String, Word>,
}

/// Something in a file of cases that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseProblem {
    /// Line of the file.
    pub line: u64,
    /// The case, where its name could be read.
    pub case: Option<String>,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for CaseProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}", self.line)?;
        if let Some(case) = &self.case {
            write!(formatter, ", case `{case}`")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

/// One difference between what was expected and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Which part: `verdict`, `outstanding`, `by` or `per_policy.<id>`.
    pub what: String,
    /// What the case says.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

impl Case {
    /// What the sign-in meets.
    #[must_use]
    pub fn run(&self) -> Outcome {
        evaluate(&self.policies, &self.tenant, &self.sign_in, &self.registration)
    }
}

impl Expectation {
    /// Where the outcome differs. Ids are compared without case.
    #[must_use]
    pub fn disagreements(&self, outcome: &Outcome) -> Vec<Disagreement> {
        let mut found = Vec::new();
        let mut compare = |what: &str, expected: String, seen: String| {
            if !expected.eq_ignore_ascii_case(&seen) {
                found.push(Disagreement { what: what.to_owned(), expected, found: seen });
            }
        };
        compare("verdict", self.verdict.to_string(), outcome.verdict.to_string());
        if let Some(expected) = &self.outstanding {
            compare("outstanding", set(expected), set(&outcome.outstanding));
        }
        if let Some(expected) = &self.by {
            compare("by", set(expected), set(&outcome.by));
        }
        for (policy, expected) in &self.per_policy {
            let part = outcome.per_policy.iter().find(|it| it.policy.eq_ignore_ascii_case(policy));
            let seen = part.map_or_else(|| "no such policy".to_owned(), |it| it.word.to_string());
            compare(&format!("per_policy.{policy}"), expected.to_string(), seen);
        }
        found
    }
}

/// A set as text, its members in lower-case order.
fn set<T: fmt::Display>(members: &BTreeSet<T>) -> String {
    let mut words: Vec<String> = members.iter().map(ToString::to_string).collect();
    words.sort_by_key(|word| word.to_ascii_lowercase());
    format!("[{}]", words.join(", "))
}

#[cfg(test)]
mod tests;
