//! Pre-flight: what breaks everything. Document `lockstep.preflight/1`.

use serde::Serialize;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
}

/// The document of a whole pre-flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preflight {
    /// Always `lockstep.preflight/1`.
    pub schema: &'static str,
    /// One finding per check of the catalogue, worst first.
    pub findings: Vec<Finding>,
}

/// Runs every check of the catalogue.
#[must_use]
pub fn run(
    facts: &crate::Facts<'_>,
    classification: &crate::exceptions::Classification,
    legacy: Option<&crate::legacy::LegacyAudit>,
) -> Preflight {
    let _ = (facts, classification, legacy);
    Preflight { schema: "lockstep.preflight/1", findings: Vec::new() }
}
