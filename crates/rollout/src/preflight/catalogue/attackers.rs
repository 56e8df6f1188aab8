//! AT: attackers during the rollout.

use super::{ALL, E, R, block, info, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    block(
        "AT-01",
        R,
        [
            "MFA is enforced for the intruder, not for the owner.",
            "Somebody else registered the method, with a stolen or freshly reset password.",
            "Call the owner, revoke sessions, delete the method, reset the password; guard registration by policy.",
            "Directory audits, and the place each method was registered from.",
        ],
    ),
    warn(
        "AT-02",
        E,
        [
            "People get prompts they did not cause.",
            "Somebody knows the password and tries.",
            "Reset the password and ask people to report such prompts.",
            "Interactive sign-in logs with result codes.",
        ],
    ),
    warn(
        "AT-03",
        E,
        [
            "MFA was passed, and the account is taken over all the same.",
            "The session was stolen through a copy of the sign-in page.",
            "Revoke the sessions and move exposed people to phishing-resistant methods.",
            "Risk detections (P2).",
        ],
    ),
    block(
        "AT-04",
        ALL,
        [
            "The helpdesk resets the account for an impostor.",
            "The caller's identity was not proven.",
            "Call back on a known number or ask the manager before any reset; lock the account if in doubt.",
            "Resets in the directory audits against the place of the next sign-in.",
        ],
    ),
    warn(
        "AT-05",
        R,
        [
            "The announcement is copied by phishers.",
            "A rollout is predictable.",
            "Say in the announcement that no link will ever ask for approval, and have look-alikes taken down.",
            "Reports of look-alike mail.",
        ],
    ),
    info(
        "AT-06",
        ALL,
        [
            "The count of failures jumps.",
            "A password spray runs against the tenant.",
            "Leave these failures out of the figures that judge the rollout.",
            "Sign-in logs with result codes.",
        ],
    ),
];
