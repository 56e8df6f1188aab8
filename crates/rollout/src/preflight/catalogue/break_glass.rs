//! BG: break-glass accounts and lock-out.

use super::{E, LE, P, V, block, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    block(
        "BG-01",
        P,
        [
            "A policy goes wrong and no account is left that could take it back.",
            "Fewer than two emergency accounts are usable: enabled, cloud-only, on the onmicrosoft.com domain, with an active Global Administrator role.",
            "Create the missing break-glass account, assign Global Administrator permanently and name it under `[break_glass]` in lockstep.toml.",
            "The names under `[break_glass]`, the users and the role assignments.",
        ],
    ),
    block(
        "BG-02",
        P,
        [
            "The emergency sign-in is refused by the admin portals at the moment it is needed.",
            "The public cloud asks every account for MFA at its admin portals, and the account holds neither a passkey nor a certificate.",
            "Have another administrator issue a Temporary Access Pass, register two FIDO2 keys per account, delete the pass and prove a portal sign-in.",
            "The registered methods of each break-glass account, read one by one.",
        ],
    ),
    block(
        "BG-03",
        LE,
        [
            "A break-glass account is challenged or blocked by a single policy.",
            "One policy, often a Microsoft-managed or a report-only one, does not exclude the account.",
            "Add the break-glass exclusion group to the exclusions of every policy the evidence names.",
            "All Conditional Access policies, and the members of every group they exclude.",
        ],
    ),
    warn(
        "BG-04",
        P,
        [
            "Somebody on the helpdesk can quietly step outside every policy.",
            "The exclusion group is an ordinary group, has owners, or fills itself by a rule.",
            "Make a new role-assignable group without owners, put the break-glass accounts in it and swap it in; the property cannot be set later.",
            "The exclusion group's `isAssignableToRole`, owners and membership rule.",
        ],
    ),
    block(
        "BG-05",
        E,
        [
            "More people than the break-glass accounts are exempt from MFA.",
            "The exclusion group holds others, directly or through a nested group.",
            "Remove every member that is no declared break-glass account.",
            "The exclusion group with its members, nested groups included.",
        ],
    ),
    block(
        "BG-06",
        P,
        [
            "The break-glass account signs in and may do nothing.",
            "Its Global Administrator role is only eligible, or ends on a date.",
            "Assign the role as active and permanent.",
            "Active and eligible role assignments with their end dates.",
        ],
    ),
    warn(
        "BG-07",
        P,
        [
            "The emergency accounts fail together with Active Directory or the identity provider.",
            "The account is synchronised, or its name is on a custom or federated domain.",
            "Recreate the account cloud-only on the tenant's onmicrosoft.com domain.",
            "The users with their synchronisation state, and the domains.",
        ],
    ),
    block(
        "BG-08",
        P,
        [
            "Somebody uses a break-glass account and nobody notices.",
            "There is no alert on its sign-ins, or the alert was not proven in the last 90 days.",
            "Set up the alert, sign in once as a planned test and record the date as `alert_tested`.",
            "`[break_glass] alert_tested` in lockstep.toml.",
        ],
    ),
    warn(
        "BG-09",
        P,
        [
            "A single event takes out every way in.",
            "The account holds one key only, or all keys are of one model.",
            "Register a second key of another vendor for each account and keep the two at different sites.",
            "The FIDO2 keys of each break-glass account with their AAGUID.",
        ],
    ),
    block(
        "BG-10",
        P,
        [
            "The break-glass account turns out to be disabled or expired.",
            "Clean-up of unused accounts, a lifecycle workflow, a risk detection or password expiry reached it.",
            "Enable the account, set its password never to expire and exempt it from every clean-up rule in writing.",
            "Account state, password policy, and the clean-up rules and risk detections that could reach it.",
        ],
    ),
    block(
        "BG-11",
        E,
        [
            "The person making the change locks themselves out half way.",
            "The operator's own account is in scope and cannot pass MFA.",
            "The operator registers, and proves a fresh MFA sign-in within the hour before the change.",
            "Which account carries out the change, and its registration row.",
        ],
    ),
    block(
        "BG-12",
        P,
        [
            "A security key cannot be registered or used with the break-glass account.",
            "The passkey method is off or does not target the account, only certain key models are allowed, or a policy guards registration.",
            "Enable the passkey method for the break-glass group, allow its key models and exclude the accounts from the registration policy.",
            "The passkey entry of the authentication-methods policy, and policies on the user action for security information.",
        ],
    ),
    warn(
        "BG-13",
        P,
        [
            "A directory rule picks up the break-glass account by its name.",
            "A dynamic group rule matches the beginning of the account's name.",
            "Rename the account, or exempt it in the rule.",
            "The groups with their membership rules.",
        ],
    ),
    warn(
        "BG-14",
        V,
        [
            "Nobody knows whether the break-glass accounts still work.",
            "No successful sign-in of the account for more than 90 days.",
            "Announce and hold a drill with each account, and record it.",
            "The last successful sign-in of each break-glass account.",
        ],
    ),
];
