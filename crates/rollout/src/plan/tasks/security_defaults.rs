//! Without Entra ID P1 there is no Conditional Access: the tasks about policies give way to
//! security defaults, which need no licence. Security defaults know neither groups nor
//! exceptions, so the pilot tries methods and devices, not a policy (Microsoft Entra
//! documentation, *Security defaults*).

use super::{RECORDED, Subjects, Template, always};
use crate::exceptions::Kind;
use crate::plan::TaskKind;
use crate::plan::timeline::Day;
use crate::preflight::Stage;

/// Tasks that speak of policies, exclusion groups or what only Entra ID P1 brings.
pub(super) const REPLACED: &[&str] = &[
    "P-05", "P-06", "P-11", "P-13", "P-20", "P-23", "P-24", "P-25", "P-32", "P-33", "P-34", "P-39",
    "P-41", "R-02", "R-04", "R-06", "R-10", "R-21", "R-22", "L-01", "L-02", "L-03", "L-04", "L-05",
    "L-06", "L-07", "L-08", "L-09", "L-12", "L-16", "E-01", "E-03", "E-04", "E-05", "E-06", "E-10",
    "V-04", "V-05", "V-08", "V-12",
];

const fn template(
    id: &'static str,
    day: Day,
    kind: TaskKind,
    owner: &'static str,
    [title, how, evidence]: [&'static str; 3],
    subjects: Subjects,
) -> Template {
    Template {
        id,
        day,
        kind,
        owner,
        title,
        how,
        lockstep: RECORDED,
        evidence,
        document: None,
        change_set: None,
        subjects,
        applies: always,
    }
}

/// What takes their place.
pub(super) const TEMPLATES: &[(Stage, Template)] = &[
    (
        Stage::Prepare,
        template(
            "S-01",
            Day::Nth(1),
            TaskKind::Attestation,
            "IT lead",
            [
                "Decide: security defaults for everyone, or Entra ID P1 first",
                "The licences read hold no Entra ID P1, so this plan ends with security defaults. They need no licence; they know no groups, no exceptions and no pilot. Whoever needs an exception buys P1 before {pilot_date} and plans again.",
                "The decision with name and date.",
            ],
            Subjects::Nobody,
        ),
    ),
    (
        Stage::Prepare,
        template(
            "S-02",
            Day::Nth(2),
            TaskKind::Attestation,
            "Second administrator",
            [
                "Test both break-glass accounts with their keys",
                "Private browser, clean network: sign in to entra.microsoft.com with the key, make one harmless change and undo it. Security defaults exclude nobody: an account without a key would be asked to register.",
                "Per account: the portal opened with the key; a change made and undone.",
            ],
            Subjects::BreakGlass,
        ),
    ),
    (
        Stage::Prepare,
        template(
            "S-03",
            Day::Nth(2),
            TaskKind::Attestation,
            "IT lead",
            [
                "Rooms, service accounts, synchronisation, legacy clients: each has a way without a password by {enforce_date}",
                "Security defaults block legacy authentication and exempt nobody. Rooms without a device are disabled; programs move to an application with a certificate; printers to a relay; a partner's guests register here.",
                "Per row: what replaces it, and tested before {enforce_date}.",
            ],
            Subjects::Accounts(&[Kind::Room, Kind::Equipment, Kind::Service, Kind::Sync]),
        ),
    ),
    (
        Stage::Register,
        template(
            "S-04",
            Day::Nth(1),
            TaskKind::Attestation,
            "Helpdesk lead",
            [
                "Help people without any method to register",
                "Send them to aka.ms/mfasetup, with a Temporary Access Pass where they cannot get in, or sit down with them. The campaign does not reach people without a method.",
                "The list of people without a method is shorter each day.",
            ],
            Subjects::NotCapable,
        ),
    ),
    (
        Stage::Register,
        template(
            "S-05",
            Day::Nth(6),
            TaskKind::Attestation,
            "Application owner",
            [
                "Programs on IMAP, POP and other legacy clients: modern authentication or Microsoft Graph before {enforce_date}",
                "No exception is possible under security defaults: what has not moved by then stops.",
                "No success of the row since the change.",
            ],
            Subjects::Dependencies(&[]),
        ),
    ),
    (
        Stage::Pilot,
        template(
            "S-06",
            Day::Nth(1),
            TaskKind::Observation,
            "IT lead",
            [
                "{pilot_group} tries its methods first: desktop, phone, personal device, a device not enrolled",
                "On each, sign out, then open mysignins.microsoft.com/security-info, which asks for a method already registered. Security defaults cannot be tried on a group.",
                "A pass with the method per person and kind of device.",
            ],
            Subjects::Pilot,
        ),
    ),
    (
        Stage::Pilot,
        template(
            "S-07",
            Day::Last,
            TaskKind::Attestation,
            "IT lead",
            [
                "Tell people of {enforce_date}, and fill the helpdesk roster",
                "Everyone gets the announcement again with the date; those still missing get the personal note.",
                "Sent once; the roster of {enforce_date} is full.",
            ],
            Subjects::Nobody,
        ),
    ),
    (
        Stage::Enforce,
        template(
            "S-08",
            Day::Nth(1),
            TaskKind::Attestation,
            "IT lead",
            [
                "Before the switch: health, people, keys",
                "admin.microsoft.com › Health › Service health green; two administrators each with a sign-in by MFA of the last hour; a break-glass key in the room.",
                "Three ticks with the time.",
            ],
            Subjects::Nobody,
        ),
    ),
    (
        Stage::Enforce,
        Template {
            id: "S-09",
            day: Day::Nth(1),
            kind: TaskKind::Change,
            owner: "Identity administrator",
            title: "Security defaults on, or confirmed as on",
            how: "entra.microsoft.com › Entra ID › Overview › Properties › Manage security defaults › Enabled. Per-user MFA stays as it is until Validate.",
            lockstep: "Describes it as CS-07, with what it changes and the way back; it writes nothing to the tenant.",
            evidence: "The setting reads Enabled, with the time.",
            document: None,
            change_set: Some("CS-07"),
            subjects: Subjects::Nobody,
            applies: always,
        },
    ),
    (
        Stage::Enforce,
        template(
            "S-10",
            Day::Nth(1),
            TaskKind::Attestation,
            "IT lead",
            [
                "Stop rule: decide by the numbers, not by the loudest call",
                "Stop when more than {stop_share} of people have only failures for {stop_hours} hours, a business process stands still for 30 minutes, or calls are twice the forecast. Stop means security defaults off again, for everybody: help one by one first.",
                "A decision per hour of the first working day: go on, or stop and why.",
            ],
            Subjects::Nobody,
        ),
    ),
    (
        Stage::Validate,
        template(
            "S-11",
            Day::Nth(2),
            TaskKind::Observation,
            "Identity administrator",
            [
                "Second review: who was never asked",
                "entra.microsoft.com › Entra ID › Monitoring & health › Sign-in logs. Security defaults ask people only when a sign-in looks risky: a success without MFA is expected for them, not for an administrator.",
                "Every administrator's sign-in shows MFA; the rest is registered.",
            ],
            Subjects::Administrators,
        ),
    ),
    (
        Stage::Validate,
        template(
            "S-12",
            Day::Last,
            TaskKind::Observation,
            "Second administrator",
            [
                "Criterion 3: the break-glass accounts sign in",
                "Both accounts with the key, a harmless change made and undone; reseal and note the new bag numbers.",
                "Sign-in ids, alert times, two signatures.",
            ],
            Subjects::BreakGlass,
        ),
    ),
];
