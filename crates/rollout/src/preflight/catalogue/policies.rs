//! CA: how the Conditional Access policies are made.

use super::{E, L, R, V, block, warn};
use crate::preflight::Check;

pub(super) const CHECKS: &[Check] = &[
    block(
        "CA-01",
        L,
        [
            "The whole tenant is locked out.",
            "A policy blocks, or asks for what few have, for all users on all resources, and excludes no break-glass account.",
            "Exclude the break-glass group before the policy is enabled; keep it report-only until then.",
            "All policies, the break-glass names and the groups the policies exclude.",
        ],
    ),
    warn(
        "CA-02",
        L,
        [
            "A policy is on and does nothing.",
            "It targets no resource, or only groups without members.",
            "Set its target resources and fill its groups.",
            "All policies and the members of the groups they include.",
        ],
    ),
    warn(
        "CA-03",
        L,
        [
            "A policy does not reach whom its author had in mind.",
            "It refers to users, groups or locations that no longer exist.",
            "Take the dead references out and check whom the policy is for.",
            "All policies, users, groups and named locations.",
        ],
    ),
    block(
        "CA-04",
        E,
        [
            "Some applications are never asked for MFA, and others suddenly are.",
            "A policy for all resources leaves applications out.",
            "Remove the exclusions, or give each an owner and a date.",
            "All policies with the resources they exclude.",
        ],
    ),
    block(
        "CA-05",
        E,
        [
            "People away from the office are blocked with 53000 or 53001.",
            "The policy asks for MFA and a managed device at once.",
            "Ask for one of the two, or move the device requirement to a policy of its own.",
            "All policies with their grant controls.",
        ],
    ),
    block(
        "CA-06",
        E,
        [
            "Everyone without the right method is blocked.",
            "The authentication strength asks for methods that people have not registered.",
            "Use the strength \"Multifactor authentication\" until people hold the stronger methods.",
            "Policies with the strength's combinations, the registration report, and the groups in scope.",
        ],
    ),
    warn(
        "CA-07",
        V,
        [
            "Sign-ins from the office succeed without MFA.",
            "The policy leaves out trusted locations, or reaches only some places.",
            "Remove the location condition from the MFA policy.",
            "All policies with their location conditions.",
        ],
    ),
    block(
        "CA-08",
        E,
        [
            "Legacy clients pass by the policy.",
            "Its client apps are limited to modern ones and nothing else blocks legacy authentication.",
            "Leave the client apps condition unset and add a policy that blocks legacy authentication.",
            "All policies with their client app conditions.",
        ],
    ),
    warn(
        "CA-09",
        E,
        [
            "People are prompted all day.",
            "Sign-in frequency is an hour or less, or browser sessions never persist, on all resources.",
            "Relax the session controls and rely on the device's own sign-in.",
            "All policies with their session controls.",
        ],
    ),
    block(
        "CA-10",
        R,
        [
            "People cannot register from where they are (53010).",
            "Registering security information is limited to certain places or managed devices.",
            "Give people outside a Temporary Access Pass, or widen the policy ring by ring.",
            "All policies on the user action for security information.",
        ],
    ),
    warn(
        "CA-11",
        E,
        [
            "Automated flows stop, and the registration prompt does not appear.",
            "A policy asks for terms of use, which nobody can accept without a browser.",
            "Exclude the owners of flows, or drop the terms from the policy.",
            "All policies with their grant controls.",
        ],
    ),
    warn(
        "CA-12",
        E,
        [
            "A second factor people use every day is not accepted.",
            "Custom controls, or an external method under an authentication strength, do not count.",
            "Ask for plain MFA and move the external provider to an external authentication method.",
            "All policies with their grant controls, and the registration report.",
        ],
    ),
    warn(
        "CA-13",
        L,
        [
            "The pilot passes and the rollout fails.",
            "The pilot group is empty, nested, too small, or made of administrators only.",
            "Choose people of several kinds, each with a desktop, a phone and an unenrolled device to test.",
            "The pilot group named in lockstep.toml with its members, roles, and the devices they test with.",
        ],
    ),
    block(
        "CA-14",
        V,
        [
            "Enforcement is reported, and nobody is challenged.",
            "The policy that asks everyone for MFA is report-only or off, or somebody put it back.",
            "Set it to On and find out who changed it.",
            "All policies with their state.",
        ],
    ),
    warn(
        "CA-15",
        E,
        [
            "Enforcement meets the worst day of the month.",
            "It falls on a Friday, a day off, a freeze or the end of a month.",
            "Move the start so that enforcement falls on a quiet working day.",
            "The start date and the calendar in lockstep.toml.",
        ],
    ),
    warn(
        "CA-16",
        E,
        [
            "Some administrators are not asked for MFA.",
            "A policy for roles does not reach roles held over a part of the directory, or roles not yet activated.",
            "Target the people or a group of them as well as the roles.",
            "All policies and role assignments with their scope.",
        ],
    ),
    warn(
        "CA-17",
        V,
        [
            "An exclusion has become permanent.",
            "What one policy excludes, no other policy includes.",
            "End the exclusion, or add a policy with a compensating control for the same accounts.",
            "All policies, and which of the excluded accounts are break-glass.",
        ],
    ),
    warn(
        "CA-18",
        E,
        [
            "A membership was changed, and the policy does not follow yet.",
            "Changes of groups take from minutes to a day to reach every service.",
            "Fill the groups a day ahead of the change.",
            "When the groups in scope were last changed.",
        ],
    ),
];
