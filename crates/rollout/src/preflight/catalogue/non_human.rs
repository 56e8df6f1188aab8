//! NH: accounts that are no people.

use super::{E, P, V, block, info, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    block(
        "NH-01",
        E,
        [
            "A scheduled job gets an error instead of a token.",
            "A program signs in as a user, with the password.",
            "Move it to a managed identity or a service principal; until then a path-bound, dated exception.",
            "Sign-in logs with the authentication protocol.",
        ],
    ),
    block(
        "NH-02",
        E,
        [
            "Power Automate flows and Power Apps fail.",
            "The connection of their owner was made without MFA.",
            "Have the owners sign in to their connections again with MFA before enforcement.",
            "Non-interactive sign-in logs, or the list of connections by owner.",
        ],
    ),
    warn(
        "NH-03",
        E,
        [
            "Administration scripts fail.",
            "They use stored credentials with PowerShell modules.",
            "Move them to an application with a certificate.",
            "Sign-in logs by application id.",
        ],
    ),
    block(
        "NH-04",
        E,
        [
            "Devices and command lines can no longer sign in.",
            "They use the device code flow, and a policy blocks it.",
            "Exclude the accounts that need the flow, each by name.",
            "Sign-in logs with the authentication protocol, and all policies.",
        ],
    ),
    block(
        "NH-05",
        E,
        [
            "Directory synchronisation stops.",
            "Its user account is in the scope of a policy it cannot satisfy.",
            "Exclude the role Directory Synchronization Accounts, or move synchronisation to an application.",
            "Role assignments, all policies, and whether the tenant is synchronised.",
        ],
    ),
    warn(
        "NH-06",
        E,
        [
            "A backup or cloud connector stops.",
            "It lives on a token a user granted without MFA.",
            "Consent again with MFA, or as an application.",
            "Delegated permission grants by user.",
        ],
    ),
    warn(
        "NH-07",
        E,
        [
            "A pipeline reads and fails on the first write.",
            "It uses a user where Azure asks for MFA on changes.",
            "Use workload identity federation.",
            "Sign-in logs of the Azure command lines with their failures.",
        ],
    ),
    info(
        "NH-08",
        V,
        [
            "\"Everything is covered\" is not true.",
            "Service principals are outside policies for users.",
            "List those with secrets and high rights; policies for workload identities are a licence of their own.",
            "Sign-in logs of service principals.",
        ],
    ),
    warn(
        "NH-09",
        P,
        [
            "Somebody signs in to a shared mailbox with its password.",
            "Sign-in is enabled for the account behind it.",
            "Block sign-in; people open it with their own rights.",
            "Mailboxes with their type, and users.",
        ],
    ),
    warn(
        "NH-10",
        E,
        [
            "Monitoring reports an outage that is none.",
            "Its test logins meet the challenge.",
            "Give the monitor one-time codes or an application.",
            "Which accounts the monitoring uses.",
        ],
    ),
    info(
        "NH-11",
        E,
        [
            "AI agents are blocked, or nobody governs them.",
            "Agent identities are not covered by policies for people.",
            "Write a policy for them.",
            "The agent identities of the tenant.",
        ],
    ),
];
