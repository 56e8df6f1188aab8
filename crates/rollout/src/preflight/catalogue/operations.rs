//! OP: operations.

use super::{ALL, E, P, R, V, block, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    warn(
        "OP-01",
        E,
        [
            "The queue at the helpdesk grows over four hours.",
            "More calls than people.",
            "Enforce in rings, and pause the next one.",
            "A forecast of calls and the capacity of the helpdesk.",
        ],
    ),
    block(
        "OP-02",
        E,
        [
            "A change cannot be taken back.",
            "What the tenant looked like is not known, is old, or the way back was never tried.",
            "Take a fresh snapshot and rehearse the rollback.",
            "The age of the data, the exports of what is changed, and a rehearsed rollback.",
        ],
    ),
    block(
        "OP-03",
        E,
        [
            "The rollout runs into an outage.",
            "Microsoft has an open incident on identity services.",
            "Wait until it is closed.",
            "Service health at the moment of the change.",
        ],
    ),
    warn(
        "OP-04",
        V,
        [
            "The verdict rests on logs that are not complete yet.",
            "Records arrive late and are completed later.",
            "Export again: two hours after a pilot test, a day after a gate.",
            "Sign-in logs up to now, with what authentication was required.",
        ],
    ),
    block(
        "OP-05",
        P,
        [
            "lockstep cannot see or change what it must.",
            "An export is missing, or a role or consent.",
            "Add the exports the evidence names; grant the least role that reads and writes them.",
            "Every export, and a probe of the rights on the live tenant.",
        ],
    ),
    warn(
        "OP-06",
        ALL,
        [
            "Two people change policies at the same time.",
            "Nobody told the other administrators.",
            "Agree on a freeze for everyone else, and reconcile what was changed.",
            "Directory audits.",
        ],
    ),
    warn(
        "OP-07",
        R,
        [
            "Some people cannot be reached.",
            "The directory holds neither a manager nor a phone for them.",
            "Fill the directory from HR before the personal contacts begin.",
            "Users with manager and phone numbers.",
        ],
    ),
];
