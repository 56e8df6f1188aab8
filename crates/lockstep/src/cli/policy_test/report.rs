//! What the cases came to. Document `lockstep.policy-test/1`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use conditional_access::cases::{Case, Cases};
use conditional_access::{Cause, Control, Experience, Fact, Outcome, Verdict, Word};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::words;
use crate::workspace::nearest_key;

/// Every case that was run, and every one that could not be read.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    schema: &'static str,
    pub(super) cases: Vec<CaseResult>,
    /// Cases that agree with what they expect.
    pub(super) passed: u64,
    /// Cases that do not.
    pub(super) failed: u64,
    /// Cases that expect nothing.
    pub(super) asked: u64,
    /// Cases that were not run.
    pub(super) unreadable: Vec<Unreadable>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            schema: "lockstep.policy-test/1",
            cases: Vec::new(),
            passed: 0,
            failed: 0,
            asked: 0,
            unreadable: Vec::new(),
        }
    }
}

/// A case that could not be read.
#[derive(Debug, Serialize)]
pub(super) struct Unreadable {
    file: String,
    line: u64,
    id: Option<String>,
    message: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` line {}", self.file, self.line)?;
        if let Some(id) = &self.id {
            write!(formatter, ", case `{id}`")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

/// What one case came to.
#[derive(Debug, Serialize)]
pub(super) struct CaseResult {
    pub(super) id: String,
    pub(super) file: String,
    pub(super) line: u64,
    pub(super) note: Option<String>,
    pub(super) rule: Vec<String>,
    pub(super) verdict: Verdict,
    pub(super) outstanding: BTreeSet<Control>,
    pub(super) by: BTreeSet<Cause>,
    pub(super) per_policy: PerPolicy,
    /// What decides an unknown verdict.
    pub(super) unknown: BTreeSet<Fact>,
    /// What leaves the part of a policy open, for those where something does.
    pub(super) unknown_by_policy: BTreeMap<String, BTreeSet<Fact>>,
    pub(super) experience: Experience,
    /// `None`: the case expects nothing.
    pub(super) agrees: Option<bool>,
    pub(super) disagreements: Vec<Difference>,
    /// Names of the policies by what the outcome calls them, for people.
    #[serde(skip)]
    pub(super) names: BTreeMap<String, String>,
}

/// One thing that is not as expected.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    /// `verdict`, `outstanding`, `by` or `per_policy.<id>`.
    pub(super) what: String,
    pub(super) expected: String,
    pub(super) found: String,
}

/// Words by policy, in the order of the case.
#[derive(Debug)]
pub(super) struct PerPolicy(Vec<(String, Word)>);

impl Serialize for PerPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (policy, word) in &self.0 {
            map.serialize_entry(policy, word)?;
        }
        map.end()
    }
}

/// What one file added.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) cases: u64,
    pub(super) unreadable: u64,
}

impl Report {
    /// Runs the cases of a file.
    pub(super) fn add(&mut self, file: &str, cases: Cases) -> Added {
        let added = Added {
            cases: words::length(&cases.cases),
            unreadable: words::length(&cases.problems),
        };
        for case in cases.cases {
            let result = CaseResult::of(case, file);
            match result.agrees {
                Some(true) => self.passed += 1,
                Some(false) => self.failed += 1,
                None => self.asked += 1,
            }
            self.cases.push(result);
        }
        self.unreadable.extend(cases.problems.into_iter().map(|problem| Unreadable {
            file: file.to_owned(),
            line: problem.line,
            id: problem.case,
            message: with_fix(problem.message),
        }));
        added
    }
}

impl CaseResult {
    fn of(case: Case, file: &str) -> Self {
        let outcome = case.run();
        let disagreements = case.expect.as_ref().map(|expect| expect.disagreements(&outcome));
        let names = names(&case, &outcome);
        let mut unknown_by_policy: BTreeMap<String, BTreeSet<Fact>> = BTreeMap::new();
        let mut per_policy: Vec<(String, Word)> = Vec::new();
        for (part, place) in outcome.per_policy.into_iter().zip(1_usize..) {
            // A key stands once in an object: a policy with the id of another gets its place.
            let taken = per_policy.iter().any(|(policy, _)| *policy == part.policy);
            let policy = if taken { format!("{}#{place}", part.policy) } else { part.policy };
            if !part.unknown.is_empty() {
                unknown_by_policy.insert(policy.clone(), part.unknown);
            }
            per_policy.push((policy, part.word));
        }
        Self {
            id: case.id,
            file: file.to_owned(),
            line: case.line,
            note: case.note,
            rule: case.rules,
            verdict: outcome.verdict,
            outstanding: outcome.outstanding,
            by: outcome.by,
            per_policy: PerPolicy(per_policy),
            unknown: outcome.unknown,
            unknown_by_policy,
            experience: outcome.experience,
            agrees: disagreements.as_ref().map(Vec::is_empty),
            disagreements: disagreements
                .unwrap_or_default()
                .into_iter()
                .map(|it| Difference { what: it.what, expected: it.expected, found: it.found })
                .collect(),
            names,
        }
    }
}

/// What is wrong, with the word that was meant in place of every word that would be right.
fn with_fix(message: String) -> String {
    match (nearest_key(&message), message.split_once(", expected ")) {
        (Some(meant), Some((wrong, _))) => format!("{wrong}; did you mean `{meant}`?"),
        _ => message,
    }
}

/// The names people gave the policies. One that two policies share says nothing and is left out.
fn names(case: &Case, outcome: &Outcome) -> BTreeMap<String, String> {
    let shared = |name: &str| case.policies.iter().filter(|it| it.display_name == name).count() > 1;
    outcome
        .per_policy
        .iter()
        .zip(&case.policies)
        .map(|(part, policy)| (part.policy.to_lowercase(), policy.display_name.clone()))
        .filter(|(_, name)| !name.trim().is_empty() && !shared(name))
        .collect()
}
