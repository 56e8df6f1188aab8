//! TN: the tenant, its licences, and where it starts from.

use super::{ALL, E, L, P, R, block, info, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    block(
        "TN-01",
        L,
        [
            "Turning a Conditional Access policy on is refused with a 400.",
            "Security defaults are on, and the two cannot be on together.",
            "Build the policies report-only now; at the cut-over turn security defaults off and the policies on in one go.",
            "The security defaults setting.",
        ],
    ),
    block(
        "TN-02",
        L,
        [
            "People are less protected during the pilot than before.",
            "Security defaults are off and no enabled policies do what they did: legacy block, MFA for administrators, for Azure management and for everyone.",
            "Enable the missing policies before anything else is changed.",
            "The security defaults setting and all policies.",
        ],
    ),
    warn(
        "TN-03",
        P,
        [
            "Security defaults come on in the middle of the rollout.",
            "Microsoft switches them on by itself in tenants that look unprotected.",
            "Decline it in time, or have own policies in place before the date.",
            "`securityDefaultsUpsell` of the security defaults policy (Graph beta).",
        ],
    ),
    block(
        "TN-04",
        P,
        [
            "The policies may not be used, or stop working when a trial ends.",
            "No Microsoft Entra ID P1 licence, or fewer than people in scope.",
            "Buy the missing licences, or take the road of security defaults instead.",
            "Subscribed licences with their service plans, and the users.",
        ],
    ),
    warn(
        "TN-05",
        P,
        [
            "The legacy audit says zero, and it is wrong.",
            "The logs reach back less far than the audit asks, because the tenant keeps seven days or got its licence lately.",
            "Export the logs again later, or send them to a workspace, until the days asked for are covered.",
            "Sign-in logs over the whole audit window.",
        ],
    ),
    warn(
        "TN-06",
        ALL,
        [
            "A policy nobody planned begins to ask for MFA.",
            "A Microsoft-managed policy in report-only is switched on by Microsoft 45 days or more after it arrived.",
            "Decide its state yourself: adopt it with the break-glass exclusion, or turn it off.",
            "All policies with the date they were made.",
        ],
    ),
    warn(
        "TN-07",
        R,
        [
            "People get two kinds of prompt, or app passwords keep working.",
            "Per-user MFA is still on for them.",
            "Set per-user MFA to disabled for each, once a policy covers them.",
            "The per-user MFA state of each user (Graph beta), or who asked for MFA in the sign-in log.",
        ],
    ),
    block(
        "TN-08",
        R,
        [
            "People hold a method they are not allowed to use.",
            "The move to the authentication-methods policy is not complete, or a registered method is switched off.",
            "Complete the migration and enable each method people rely on.",
            "The authentication-methods policy and the registration report.",
        ],
    ),
    warn(
        "TN-09",
        P,
        [
            "A new policy cannot be created.",
            "The tenant is close to the limit of policies, report-only and disabled ones counted.",
            "Merge or delete policies no longer used.",
            "All policies, disabled ones too.",
        ],
    ),
    block(
        "TN-10",
        E,
        [
            "Outlook asks for the password again and again.",
            "Modern authentication is off in Exchange Online.",
            "Turn modern authentication on for the organisation.",
            "`OAuth2ClientProfileEnabled` of `Get-OrganizationConfig`.",
        ],
    ),
    warn(
        "TN-11",
        E,
        [
            "MFA is passed over for some sign-ins without a policy saying so.",
            "The old MFA service settings still hold trusted addresses or let devices be remembered.",
            "Clear them and use named locations and sign-in frequency instead.",
            "Sign-in logs that tell why a challenge was skipped.",
        ],
    ),
    info(
        "TN-12",
        P,
        [
            "There is no way back to how the tenant was.",
            "The settings about to be changed were not kept beforehand.",
            "Export policies, named locations, security defaults and the methods policy before the first change.",
            "Those four exports.",
        ],
    ),
    warn(
        "TN-13",
        L,
        [
            "A policy meant for Azure management leaves Azure DevOps open.",
            "DevOps signs in to its own resource, no longer to Azure Resource Manager.",
            "Add Azure DevOps to the policy, or target all resources.",
            "All policies with the resources they target.",
        ],
    ),
];
