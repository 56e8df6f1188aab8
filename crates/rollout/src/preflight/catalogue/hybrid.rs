//! HY: hybrid, VPN, federation.

use super::{E, P, block, info, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    block(
        "HY-01",
        E,
        [
            "The VPN stops for some people.",
            "The network policy server cannot match numbers, and some methods do not work there.",
            "Move the VPN to SAML, or set the server to one-time codes with PAP.",
            "Whether the VPN uses RADIUS, and the extension's version and settings.",
        ],
    ),
    warn(
        "HY-02",
        E,
        [
            "Remote Desktop Gateway refuses people.",
            "They have one-time codes, which the gateway cannot ask for.",
            "Set the extension's override for the gateway.",
            "Whether a gateway uses the network policy server.",
        ],
    ),
    warn(
        "HY-03",
        E,
        [
            "Federated people are asked twice, or go round in circles.",
            "It is not settled whose MFA counts for the federated domain.",
            "Set the domain's federated MFA behaviour, and test both ways.",
            "The domains with their authentication type.",
        ],
    ),
    info(
        "HY-04",
        E,
        [
            "More accounts are locked in Active Directory.",
            "The cloud's lock-out threshold is above the one on premises.",
            "Set the on-premises threshold two to three times as high.",
            "Both lock-out thresholds.",
        ],
    ),
    warn(
        "HY-05",
        E,
        [
            "No single sign-on, and many prompts.",
            "Devices of a synchronised company are not joined.",
            "Repair the hybrid join and check a sample of devices.",
            "Whether the tenant is synchronised, and sign-in logs with the trust type.",
        ],
    ),
    warn(
        "HY-06",
        E,
        [
            "A published on-premises application cannot ask for MFA.",
            "It signs people in by header and cannot step up.",
            "Test each such application in the pilot.",
            "The applications published by proxy.",
        ],
    ),
    warn(
        "HY-07",
        P,
        [
            "The second factor does not count for Microsoft's own portals.",
            "MFA Server or custom controls are still in use.",
            "Migrate to an external authentication method or to Entra's own.",
            "All policies, and whether an MFA Server is still installed.",
        ],
    ),
];
