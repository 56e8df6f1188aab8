//! The catalogue: 130 things that break a rollout, as data.
//!
//! One file per section. Ids are stable: an entry is retired, never renumbered.

mod attackers;
mod break_glass;
mod devices;
mod externals;
mod hybrid;
mod legacy;
mod methods;
mod non_human;
mod operations;
mod policies;
mod registration;
mod tenant;

use std::sync::LazyLock;

use super::{Check, Severity, Stage};

/// One section of the catalogue.
pub(super) struct Section {
    /// The letters its ids start with.
    pub(super) prefix: &'static str,
    /// What it is called.
    pub(super) title: &'static str,
    /// Its entries.
    pub(super) checks: &'static [Check],
}

/// The sections in the order they are evaluated: what locks everybody out first, then the tenant,
/// the policies, what breaks the business, what breaks people, and last the surroundings.
pub(super) const SECTIONS: [Section; 12] = [
    Section { prefix: "BG", title: "Break-glass and lock-out", checks: break_glass::CHECKS },
    Section {
        prefix: "TN",
        title: "Tenant, licences, where it starts from",
        checks: tenant::CHECKS,
    },
    Section { prefix: "CA", title: "Conditional Access policies", checks: policies::CHECKS },
    Section { prefix: "NH", title: "Accounts that are no people", checks: non_human::CHECKS },
    Section { prefix: "LA", title: "Legacy authentication and mail", checks: legacy::CHECKS },
    Section { prefix: "RG", title: "Registration", checks: registration::CHECKS },
    Section { prefix: "UM", title: "People and their methods", checks: methods::CHECKS },
    Section { prefix: "DV", title: "Devices and platforms", checks: devices::CHECKS },
    Section { prefix: "EX", title: "Guests and partners", checks: externals::CHECKS },
    Section { prefix: "HY", title: "Hybrid, VPN, federation", checks: hybrid::CHECKS },
    Section { prefix: "AT", title: "Attackers during the rollout", checks: attackers::CHECKS },
    Section { prefix: "OP", title: "Operations", checks: operations::CHECKS },
];

static CATALOGUE: LazyLock<Vec<Check>> =
    LazyLock::new(|| SECTIONS.iter().flat_map(|section| section.checks).copied().collect());

/// Every check, in the order of evaluation.
#[must_use]
pub fn catalogue() -> &'static [Check] {
    &CATALOGUE
}

const P: &[Stage] = &[Stage::Prepare];
const R: &[Stage] = &[Stage::Register];
const L: &[Stage] = &[Stage::Pilot];
const E: &[Stage] = &[Stage::Enforce];
const V: &[Stage] = &[Stage::Validate];
const LE: &[Stage] = &[Stage::Pilot, Stage::Enforce];
const ALL: &[Stage] =
    &[Stage::Prepare, Stage::Register, Stage::Pilot, Stage::Enforce, Stage::Validate];

/// Symptom, cause, fix, and the data that decides it.
type Words = [&'static str; 4];

const fn block(id: &'static str, stages: &'static [Stage], words: Words) -> Check {
    entry(id, Severity::Block, stages, words)
}

const fn warn(id: &'static str, stages: &'static [Stage], words: Words) -> Check {
    entry(id, Severity::Warn, stages, words)
}

const fn info(id: &'static str, stages: &'static [Stage], words: Words) -> Check {
    entry(id, Severity::Info, stages, words)
}

const fn entry(
    id: &'static str,
    severity: Severity,
    stages: &'static [Stage],
    words: Words,
) -> Check {
    let [symptom, cause, fix, needs] = words;
    Check { id, severity, stages, symptom, cause, fix, needs }
}
