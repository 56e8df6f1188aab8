//! UM: people and their methods.

use super::{E, R, block, info, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    warn(
        "UM-01",
        E,
        [
            "No prompt arrives on the phone.",
            "The registered Authenticator is on a phone the person no longer has.",
            "Have people prove their method before enforcement; delete the old entry and register again with a pass.",
            "The registered methods of each user, read one by one.",
        ],
    ),
    warn(
        "UM-02",
        E,
        [
            "The number cannot be entered, or the approve button is missing.",
            "The Authenticator app is too old.",
            "Ask people to update the app before enforcement.",
            "`phoneAppVersion` of the registered methods.",
        ],
    ),
    warn(
        "UM-03",
        E,
        [
            "The account has gone from the app.",
            "The app removes work accounts from rooted or jailbroken phones.",
            "Offer a key, and say so in the announcement.",
            "The person's own account; no export shows it.",
        ],
    ),
    warn(
        "UM-04",
        R,
        [
            "Somebody has no smartphone, or will not use it for work.",
            "The phone is private, or its use is ruled out.",
            "Hand out a FIDO2 key at the employer's cost.",
            "`[people] no_smartphone` in lockstep.toml and the registration report.",
        ],
    ),
    warn(
        "UM-05",
        R,
        [
            "Nobody at a site may carry a phone.",
            "Phones or cameras are banned there.",
            "Use FIDO2 keys, Windows Hello or certificates at the site.",
            "A list of such sites from the people who run them.",
        ],
    ),
    warn(
        "UM-06",
        E,
        [
            "A traveller cannot approve the sign-in.",
            "No data connection, or push services are not reached abroad.",
            "Prepare an offline method before the journey.",
            "A travel calendar, and the methods of those who travel.",
        ],
    ),
    info(
        "UM-07",
        E,
        [
            "The push comes late or not at all.",
            "Notifications are off or the battery saver holds them back.",
            "Put the phone settings into the guide and test them in the pilot.",
            "A test on the phones in use; no export shows it.",
        ],
    ),
    info(
        "UM-08",
        E,
        [
            "One-time codes are rejected.",
            "The clock of the phone or token is wrong.",
            "Turn automatic time on; resynchronise the token.",
            "The failure reasons of the sign-in log.",
        ],
    ),
    warn(
        "UM-09",
        E,
        [
            "A person with a key is locked out when it is lost or its PIN blocked.",
            "The single key is the only method.",
            "Register a second key or another method.",
            "The registered methods of each user, read one by one.",
        ],
    ),
    warn(
        "UM-10",
        R,
        [
            "Somebody cannot use the method offered.",
            "It asks for sight, hearing or movement the person lacks.",
            "Offer a choice, a key above all.",
            "The person's own account; no export shows it.",
        ],
    ),
    info(
        "UM-11",
        E,
        [
            "The wrong account answers in the app.",
            "The person holds accounts of several tenants.",
            "Show how the entries are told apart.",
            "In which other tenants people are guests.",
        ],
    ),
    info(
        "UM-12",
        E,
        [
            "The watch shows nothing to approve.",
            "Watches cannot match numbers.",
            "Say in the guide that the phone is needed.",
            "Nothing; it belongs in the guide.",
        ],
    ),
    block(
        "UM-13",
        R,
        [
            "One login is used by several people, and one phone decides for all.",
            "A shared account stands in for personal ones.",
            "Give each person an account, or make it a shared mailbox without sign-in.",
            "Users, and sign-in logs with addresses and devices.",
        ],
    ),
    warn(
        "UM-14",
        E,
        [
            "The challenge rings an office phone nobody answers.",
            "The default method is the office phone, and the system does not choose a better one.",
            "Turn system-preferred authentication on, or change the default.",
            "The default method in the registration report, and the methods policy.",
        ],
    ),
];
