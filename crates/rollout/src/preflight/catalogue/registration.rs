//! RG: registration.

use super::{E, R, block, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    block(
        "RG-01",
        R,
        [
            "The registration curve stays flat.",
            "Nothing makes people register: the campaign only reaches those who already pass MFA.",
            "Choose a real trigger: security defaults, a policy asking for MFA on a busy application, or a personal link with a pass.",
            "Security defaults, all policies, and the registration report.",
        ],
    ),
    warn(
        "RG-02",
        R,
        [
            "People put the registration prompt off for ever.",
            "The campaign is Microsoft managed, or does not end the postponing.",
            "Set the campaign to Enabled with a limited number of snoozes.",
            "The registration campaign of the authentication-methods policy.",
        ],
    ),
    warn(
        "RG-03",
        R,
        [
            "Some people never see a prompt to register.",
            "They only sign in silently, through an existing session.",
            "Send them the registration link, or revoke their sessions ring by ring.",
            "Interactive and non-interactive sign-in logs, and the registration report.",
        ],
    ),
    block(
        "RG-04",
        R,
        [
            "People are refused when they try to register (53004).",
            "Their account is rated at risk, which blocks proof-up.",
            "Clear the risk first: check the account, reset its password securely, dismiss the risk.",
            "Risky users (Graph, P2), or the result codes of the sign-in log.",
        ],
    ),
    block(
        "RG-05",
        R,
        [
            "The registration page offers nothing, or goes round in circles.",
            "No method is enabled for the person.",
            "Enable a method for a group that holds these people.",
            "The authentication-methods policy, users and the groups it targets.",
        ],
    ),
    warn(
        "RG-06",
        R,
        [
            "A lost phone locks its owner out.",
            "The person has a single method.",
            "Ask for a second method, best a passkey.",
            "The methods column of the registration report.",
        ],
    ),
    block(
        "RG-07",
        R,
        [
            "The report is green and the sign-in fails.",
            "Registered methods are not allowed by policy, so the person is registered but not capable.",
            "Enable the method for them, or have them register one that is allowed.",
            "The registration report.",
        ],
    ),
    warn(
        "RG-08",
        R,
        [
            "A gate is decided on old figures.",
            "The registration report lags by up to a day and a half.",
            "Export the report again and count only people in scope.",
            "The refresh times in the registration report.",
        ],
    ),
    block(
        "RG-09",
        E,
        [
            "An administrator is stuck at the cut-over.",
            "A privileged account cannot pass MFA.",
            "Register administrators before anyone else, with a pass where needed.",
            "The registration report and the role assignments.",
        ],
    ),
    warn(
        "RG-10",
        R,
        [
            "People lose their only method on 1 February 2027.",
            "They registered nothing but text message or voice call, which Microsoft stops delivering.",
            "Move them to a passkey or the Authenticator app now.",
            "The methods column of the registration report.",
        ],
    ),
    block(
        "RG-11",
        R,
        [
            "An intruder registers the second factor of an account nobody uses.",
            "The account is enabled, unused and without a method, and registration asks for the password alone.",
            "Disable unused accounts and guard registration with a policy.",
            "Users with their last sign-in, and the registration report.",
        ],
    ),
    warn(
        "RG-12",
        R,
        [
            "A Temporary Access Pass is refused.",
            "The method is off, or the person is outside its targets.",
            "Enable the pass for the people the helpdesk serves; guests cannot use it.",
            "The Temporary Access Pass entry of the authentication-methods policy.",
        ],
    ),
    warn(
        "RG-13",
        R,
        [
            "The helpdesk drowns on the last two days.",
            "Most people wait for the deadline.",
            "Stagger the deadlines by ring and staff the last days.",
            "A daily series of registrations and the capacity of the helpdesk.",
        ],
    ),
    warn(
        "RG-14",
        R,
        [
            "People come back from leave and cannot sign in.",
            "They were away during the registration window.",
            "Give each a date of their own and a pass on the day of return.",
            "`[people] on_leave` in lockstep.toml and the registration report.",
        ],
    ),
    warn(
        "RG-15",
        R,
        [
            "People believe they are done, and the prompt never comes.",
            "They have one-time codes only, or set the app up for another account.",
            "Have them add the account to Authenticator as shown in the guide.",
            "The methods column of the registration report.",
        ],
    ),
];
