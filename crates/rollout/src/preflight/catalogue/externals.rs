//! EX: guests and partners.

use super::{E, V, block, info, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    warn(
        "EX-01",
        E,
        [
            "Guests have to register a second time.",
            "MFA done in their own tenant is not trusted here.",
            "Trust the MFA of the partners you choose.",
            "The cross-tenant access policy, and the users.",
        ],
    ),
    warn(
        "EX-02",
        E,
        [
            "Some guests are blocked for good.",
            "An authentication strength reaches guests who sign in with a code by mail or another provider.",
            "Ask guests for plain MFA instead.",
            "All policies, and the users.",
        ],
    ),
    warn(
        "EX-03",
        E,
        [
            "Shared channels do not open for partners.",
            "Direct connect users can only do MFA at home, and it is not trusted here.",
            "Trust the MFA of those partners.",
            "The cross-tenant access policy and all policies.",
        ],
    ),
    block(
        "EX-04",
        E,
        [
            "The service provider cannot get in.",
            "Its staff are in the scope of a policy for all users.",
            "Agree on the way in and exclude service providers, or have them satisfy the policy.",
            "Sign-in logs with the cross-tenant access type, and all policies.",
        ],
    ),
    info(
        "EX-05",
        E,
        [
            "Recipients cannot open encrypted files.",
            "The rights service is in scope of the policy for guests.",
            "Decide whether it is left out for guests.",
            "Which sensitivity labels encrypt, and for whom.",
        ],
    ),
    warn(
        "EX-06",
        V,
        [
            "A guest with a new phone is stuck.",
            "The method is registered in this tenant, where the guest has no helpdesk.",
            "Trust the MFA of the home tenant, and know how to reset a guest.",
            "The registration report with guests.",
        ],
    ),
];
