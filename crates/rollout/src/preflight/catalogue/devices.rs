//! DV: devices and platforms.

use super::{E, L, R, block, info, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    block(
        "DV-01",
        E,
        [
            "Meeting rooms are signed out.",
            "Their accounts are in the scope of an MFA policy they cannot satisfy.",
            "Exclude room accounts and give them a policy of their own: managed device or trusted place.",
            "Mailboxes, users, sign-in logs, and all policies with their groups.",
        ],
    ),
    block(
        "DV-02",
        E,
        [
            "A new starter cannot set up the first computer.",
            "Enrolment asks for MFA before there is any method.",
            "Hand out a Temporary Access Pass on the first day.",
            "Users with the day they were made, the registration report, and the list of joiners.",
        ],
    ),
    warn(
        "DV-03",
        E,
        [
            "MFA for joining a device does not work as the policy says.",
            "The tenant-wide toggle and the policy on the user action are both set.",
            "Turn the toggle in the device settings off.",
            "The device registration policy and all policies.",
        ],
    ),
    info(
        "DV-04",
        E,
        [
            "Windows falls back to a lower edition.",
            "Subscription Activation cannot answer the challenge on older builds.",
            "Update Windows, or leave that one application out until it is updated.",
            "Sign-in logs by application id.",
        ],
    ),
    warn(
        "DV-05",
        E,
        [
            "Remote desktop and SSH sign-ins to virtual machines break.",
            "The sign-in applications of virtual machines are in scope, and their clients cannot do MFA.",
            "Test each client in the pilot and adjust how people connect.",
            "Sign-in logs by application id.",
        ],
    ),
    warn(
        "DV-06",
        R,
        [
            "People on shared devices cannot do MFA.",
            "A QR code with a PIN counts as a single factor.",
            "Bind them to managed devices on site, and hand out keys for the rest.",
            "Who works in shifts on which shared devices.",
        ],
    ),
    warn(
        "DV-07",
        E,
        [
            "Virtual desktop users are prompted every session.",
            "The profile does not outlive the session.",
            "Set up single sign-on in the desktop image.",
            "Device details of successive sign-ins.",
        ],
    ),
    info(
        "DV-08",
        L,
        [
            "Phones and Macs ask for a certificate although nothing is enforced.",
            "A report-only policy on managed devices reaches those platforms.",
            "Exclude macOS, iOS, Android and Linux from it while it is report-only.",
            "All policies with their platforms and grant controls.",
        ],
    ),
    warn(
        "DV-09",
        E,
        [
            "People are prompted once per application.",
            "The device is not registered, so nothing carries the sign-in over.",
            "Register or join the device.",
            "Sign-in logs with the device's trust type.",
        ],
    ),
];
