//! LA: legacy authentication and mail.

use super::{E, L, P, V, block, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    block(
        "LA-01",
        E,
        [
            "Scanners, alarms and business software can no longer send mail.",
            "They send with a user name and password over SMTP.",
            "Move each to a relay or to OAuth; keep a dated exception for a mailbox made for it alone.",
            "The legacy audit, and the SMTP settings of Exchange Online.",
        ],
    ),
    warn(
        "LA-02",
        E,
        [
            "Old Outlook asks for the password without end.",
            "The version, or a setting, does not know modern authentication.",
            "Update Outlook.",
            "The legacy audit with user agents.",
        ],
    ),
    warn(
        "LA-03",
        E,
        [
            "The phone's own mail program stops.",
            "Its ActiveSync profile signs in with the password.",
            "Use Outlook on the phone, or add the account again with modern sign-in.",
            "The legacy audit with devices.",
        ],
    ),
    warn(
        "LA-04",
        E,
        [
            "A program stops although it has its own password.",
            "It uses an app password, which goes with per-user MFA.",
            "Replace the program or move it to modern authentication.",
            "Per-user MFA state, and the legacy audit.",
        ],
    ),
    block(
        "LA-05",
        E,
        [
            "A month-end job fails weeks after everyone was satisfied.",
            "It runs so rarely that the window of the audit hardly shows it.",
            "Widen the window over two month ends and ask finance and operations what runs when.",
            "Sign-in logs of at least 62 days.",
        ],
    ),
    warn(
        "LA-06",
        P,
        [
            "A connector fails, MFA or not.",
            "It uses Exchange Web Services, which Microsoft is switching off.",
            "Ask the vendor for a version that uses Microsoft Graph.",
            "Sign-in logs by client app and by application.",
        ],
    ),
    warn(
        "LA-07",
        V,
        [
            "The count of legacy sign-ins never reaches zero.",
            "Failed attempts of password sprays are counted with the rest.",
            "Judge by successes; keep the failures as noise.",
            "The legacy audit with results.",
        ],
    ),
    block(
        "LA-08",
        L,
        [
            "Legacy authentication opens again.",
            "Security defaults go off before a policy blocks legacy clients.",
            "Enable the policy that blocks legacy authentication first.",
            "The security defaults setting and all policies.",
        ],
    ),
    warn(
        "LA-09",
        V,
        [
            "The log shows no legacy use, and yet something breaks.",
            "Exchange Online turns clients away, or holds mailboxes open, without a row in the sign-in log.",
            "Compare with the SMTP AUTH report of Exchange and close the mailboxes nobody needs.",
            "The SMTP setting of each mailbox and of the organisation, and the legacy audit.",
        ],
    ),
    warn(
        "LA-10",
        E,
        [
            "Anyone can send mail in the company's name.",
            "A relay or Direct Send was opened in a hurry.",
            "Limit connectors to addresses or certificates and reject Direct Send.",
            "`RejectDirectSend`, and the inbound connectors.",
        ],
    ),
];
