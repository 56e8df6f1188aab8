//! Pre-flight: what breaks everything. Document `lockstep.preflight/1`.
//!
//! The catalogue says what can go wrong; one function per entry looks whether it would go wrong in
//! this tenant. What no file shows is never `ok`: a check says *found* as soon as one row proves
//! it, *ok* only when everything it rests on was seen, *not applicable* only when that is proven,
//! and *inconclusive* otherwise, naming what would decide it.

mod answer;
mod attackers;
mod break_glass;
mod break_glass_keys;
mod catalogue;
mod context;
mod devices;
mod externals;
mod hybrid;
mod legacy_mail;
mod methods;
mod non_human;
mod operations;
mod page;
mod policies;
mod policy_administrators;
mod policy_audit;
mod policy_conditions;
mod policy_first_party;
mod policy_references;
mod policy_roles;
mod policy_scope;
mod policy_words;
mod registration;
mod tenant;

use serde::{Deserialize, Serialize};

use self::answer::{Answer, Missing};
use self::context::Context;
use crate::account::Account;
use crate::exceptions::Classification;
use crate::facts::Facts;
use crate::legacy::LegacyAudit;

pub use self::catalogue::catalogue;
pub use self::page::markdown;
pub use self::policy_audit::{AuditedPolicy, BreakGlassExclusion, PolicyAudit, audit_policies};
pub use self::policy_references::{LastingExclusion, Reference};
pub use self::policy_words::PolicyWords;

pub(crate) use self::policy_conditions::asks_always_for_mfa;
pub(crate) use self::policy_first_party::{built_in_strength, first_party};
pub(crate) use self::policy_roles::built_in_role;
pub(crate) use self::policy_scope::PolicyScopes;
pub(crate) use self::policy_words::{group_name, role_name};

/// One entry of the catalogue. Ids are stable: an entry is retired, never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Stable id, `BG-01` ….
    pub id: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The stages it guards.
    pub stages: &'static [Stage],
    /// What people see when it goes wrong.
    pub symptom: &'static str,
    /// Why.
    pub cause: &'static str,
    /// What to do about it.
    pub fix: &'static str,
    /// What data decides it.
    pub needs: &'static str,
}

/// How bad an open finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Blocks its stages.
    Block,
    /// Needs an owner's acknowledgement.
    Warn,
    /// For information.
    Info,
}

/// A step of the rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Days 1–2.
    Prepare,
    /// Days 3–16.
    Register,
    /// Days 17–19.
    Pilot,
    /// Day 20.
    Enforce,
    /// Days 21–23.
    Validate,
}

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Something was found that must be dealt with.
    Found,
    /// The data that would decide it is missing.
    Inconclusive,
    /// Looked at, nothing found.
    Ok,
    /// Cannot happen in this tenant.
    NotApplicable,
}

/// The verdict of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Id of the catalogue.
    pub id: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The stages it guards.
    pub stage: &'static [Stage],
    /// What the check says.
    pub verdict: Verdict,
    /// What it is about, in one sentence with this tenant's numbers.
    pub subject: String,
    /// The rows it rests on, in words; at most twenty, then a count.
    pub evidence: Vec<String>,
    /// What to do.
    pub fix: &'static str,
    /// What data would decide it, for an inconclusive one.
    pub needs: Option<String>,
    /// Every account it is about, where it is about programs that sign in with a password. The
    /// document names them in `evidence`.
    #[serde(skip)]
    pub about: Vec<Account>,
}

/// The document of a whole pre-flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preflight {
    /// Always `lockstep.preflight/1`.
    pub schema: &'static str,
    /// One finding per check of the catalogue, worst first.
    pub findings: Vec<Finding>,
}

/// Decides one check.
type Decide = fn(&Context<'_>) -> Result<Answer, Missing>;

/// The checks that files can decide, section by section.
const DECIDED: [&[(&str, Decide)]; 12] = [
    break_glass::CHECKS,
    tenant::CHECKS,
    policies::CHECKS,
    non_human::CHECKS,
    legacy_mail::CHECKS,
    registration::CHECKS,
    methods::CHECKS,
    devices::CHECKS,
    externals::CHECKS,
    hybrid::CHECKS,
    attackers::CHECKS,
    operations::CHECKS,
];

/// Ids of the checks that files can decide, in the order of the catalogue.
#[must_use]
pub fn implemented() -> Vec<&'static str> {
    catalogue().iter().map(|check| check.id).filter(|id| decision(id).is_some()).collect()
}

fn decision(id: &str) -> Option<Decide> {
    DECIDED.iter().flat_map(|section| section.iter()).find(|(it, _)| *it == id).map(|(_, it)| *it)
}

/// Runs every check of the catalogue.
///
/// `classification` is the one made from the same facts; `legacy` is the legacy audit, `None`
/// without any sign-in log.
#[must_use]
pub fn run(
    facts: &Facts<'_>,
    classification: &Classification,
    legacy: Option<&LegacyAudit>,
) -> Preflight {
    let context = Context::new(facts, classification, legacy);
    let mut findings: Vec<Finding> =
        catalogue().iter().map(|check| finding(check, &context)).collect();
    findings.sort_by_key(|finding| match finding.verdict {
        Verdict::Found => (0, Some(finding.severity)),
        Verdict::Inconclusive => (1, Some(finding.severity)),
        Verdict::Ok => (2, None),
        Verdict::NotApplicable => (3, None),
    });
    Preflight { schema: "lockstep.preflight/1", findings }
}

fn finding(check: &Check, context: &Context<'_>) -> Finding {
    let answer = match decision(check.id) {
        Some(decide) => decide(context).unwrap_or_else(Answer::from),
        None => {
            Answer::inconclusive("No export decides this check; somebody has to look.", check.needs)
        }
    };
    Finding {
        id: check.id,
        severity: check.severity,
        stage: check.stages,
        verdict: answer.verdict,
        subject: answer.subject,
        evidence: answer.evidence,
        fix: check.fix,
        needs: answer.needs,
        about: answer.about,
    }
}
