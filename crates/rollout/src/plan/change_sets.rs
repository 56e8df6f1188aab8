//! What will be changed in the tenant, described: before → after, the way back, and why.

use conditional_access::State;
use jiff::civil::Date;

use super::requests::{self, CA000, CA001_PILOT, CA002, CA003, CA004, CA005};
use super::situation::{
    EXCEPTIONS_GROUP, LEGACY_EXCEPTIONS_GROUP, Situation, counted, length, rows,
};
use super::timeline::Day;
use super::{ChangeSetPlan, enforcement};
use crate::exceptions::Kind;
use crate::preflight::Stage;

/// Every change set of the plan, by id.
pub(super) fn change_sets(situation: &Situation<'_>) -> Vec<ChangeSetPlan> {
    if situation.without_conditional_access() {
        return on_security_defaults(situation);
    }
    let mut sets = vec![
        break_glass(situation),
        block_legacy(situation),
        pilot(situation),
        parity(situation),
        campaign(situation),
        protect_registration(situation),
    ];
    sets.extend(enforcement::change_sets(situation));
    sets.extend([
        per_user_mfa(situation),
        exclusions(situation),
        dormant(situation),
        methods(situation),
        smtp(situation),
    ]);
    sets.retain(|set| !set.changes.is_empty());
    sets
}

/// Without Conditional Access: the break-glass accounts, methods, campaign and clean-up, and
/// security defaults at the end.
fn on_security_defaults(situation: &Situation<'_>) -> Vec<ChangeSetPlan> {
    let mut sets = vec![
        break_glass(situation),
        campaign(situation),
        security_defaults_on(situation),
        per_user_mfa(situation),
        dormant(situation),
        methods(situation),
        smtp(situation),
    ];
    sets.retain(|set| !set.changes.is_empty());
    sets
}

pub(super) fn date(situation: &Situation<'_>, stage: Stage, day: u16) -> Date {
    situation.timeline.date_in(stage, Day::Nth(day))
}

/// A policy whose name begins like this, as it stands: `Off`, `Report-only`, `On`, or what is
/// known of its absence.
fn policy_today(situation: &Situation<'_>, prefix: &str) -> String {
    let Some(policies) = situation.policies else { return "not known".to_owned() };
    let found = policies.iter().find(|policy| {
        policy.display_name.to_ascii_lowercase().starts_with(&prefix.to_ascii_lowercase())
    });
    match found {
        None => "does not exist".to_owned(),
        Some(policy) => format!("`{}` {}", policy.display_name, state(policy.state)),
    }
}

const fn state(state: State) -> &'static str {
    match state {
        State::Enabled => "On",
        State::Disabled => "Off",
        State::EnabledForReportingButNotEnforced => "Report-only",
        State::Unknown => "in a state this version does not know",
    }
}

pub(super) fn security_defaults_today(situation: &Situation<'_>) -> &'static str {
    match situation.security_defaults {
        Some(true) => "On",
        Some(false) => "Off",
        None => "not known",
    }
}

fn break_glass(situation: &Situation<'_>) -> ChangeSetPlan {
    let facts = situation.input.facts;
    let mut changes: Vec<String> = situation
        .break_glass
        .iter()
        .map(|name| {
            let before = match (facts.user_named(name), &facts.snapshot.users) {
                (Some(_), _) => "exists",
                (None, Some(_)) => "does not exist",
                (None, None) => "not known",
            };
            format!(
                "user {name}: {before} → enabled, cloud-only, active permanent Global \
                 Administrator, password of 25 or more random characters"
            )
        })
        .collect();
    if situation.is_public_cloud() {
        changes
            .push("authentication methods of each: → two FIDO2 keys or a certificate".to_owned());
    }
    let group = &situation.break_glass_group;
    let mut requests = Vec::new();
    // A role-assignable group needs Entra ID P1, and security defaults exclude nobody.
    if !situation.without_conditional_access() {
        let before = match (facts.group(group), &facts.snapshot.groups) {
            (Some(_), _) => "exists",
            (None, Some(_)) => "does not exist",
            (None, None) => "not known",
        };
        changes.push(format!(
            "group `{group}`: {before} → security, assigned, role-assignable, no owners; members \
             {}",
            situation.break_glass.join(", ")
        ));
        requests = requests::role_assignable_group(
            situation,
            group,
            "Make the group every policy excludes; then add the two accounts",
        );
    }
    ChangeSetPlan {
        id: "CS-01",
        title: "Break-glass accounts and their group".to_owned(),
        date: date(situation, Stage::Prepare, 1),
        danger: "severe",
        changes,
        inverse: "Remove the role, then disable the accounts; delete the group only after no \
                  policy names it."
            .to_owned(),
        reason: "Whatever a policy does to everybody else, two accounts can still undo it."
            .to_owned(),
        requests,
    }
}

fn block_legacy(situation: &Situation<'_>) -> ChangeSetPlan {
    let on = if situation.may_have_security_defaults() {
        format!("On within CS-07 on {}", date(situation, Stage::Enforce, 1))
    } else {
        format!("On from {}", date(situation, Stage::Pilot, 1))
    };
    let group = &situation.break_glass_group;
    let changes = vec![
        format!(
            "group `{LEGACY_EXCEPTIONS_GROUP}`: → security, assigned, role-assignable; members are only \
             the accounts of the legacy list whose owner got an end date in writing, at most 90 days"
        ),
        format!(
            "policy `{CA000}`: {} → all users, all resources, client apps Exchange ActiveSync \
             and Other clients, block; `{group}` and `{LEGACY_EXCEPTIONS_GROUP}` excluded; \
             Report-only",
            policy_today(situation, "CA000"),
        ),
        format!(
            "policy `{CA000}`: Report-only → {on}; {} of {} dependencies still without owner or \
             decision today",
            situation.undecided(),
            situation.input.legacy.as_ref().map_or_else(
                || "an unknown number".to_owned(),
                |it| it.dependencies.len().to_string()
            )
        ),
    ];
    ChangeSetPlan {
        id: "CS-02",
        title: CA000.to_owned(),
        date: date(situation, Stage::Prepare, 2),
        // Beside security defaults the policy only reports until CS-07, which is severe itself.
        danger: if situation.may_have_security_defaults() { "moderate" } else { "severe" },
        changes,
        inverse: "CA000 back to Report-only.".to_owned(),
        reason: "A legacy client cannot pass MFA: it is blocked by a policy of its own, before \
                 MFA is asked for, so that a failure has one cause."
            .to_owned(),
        requests: requests::block_legacy(situation),
    }
}

fn pilot(situation: &Situation<'_>) -> ChangeSetPlan {
    let state = match situation.security_defaults {
        Some(false) => "On",
        Some(true) => {
            "Report-only until CS-07, because no policy can be On beside security defaults"
        }
        None => "On if security defaults are off, else Report-only until CS-07",
    };
    let members = match &situation.pilot {
        Some(members) => counted(length(members.len()), "member", "members"),
        None => "membership not known".to_owned(),
    };
    ChangeSetPlan {
        id: "CS-03",
        title: CA001_PILOT.to_owned(),
        date: date(situation, Stage::Pilot, 1),
        danger: "moderate",
        changes: vec![
            format!(
                "policy `{CA001_PILOT}`: {} → Report-only from {}",
                policy_today(situation, "CA001"),
                date(situation, Stage::Prepare, 2)
            ),
            format!(
                "policy `{CA001_PILOT}`: include group `{}` ({members}), all \
                 resources, no conditions, grant Require multifactor authentication; exclude \
                 `{}`; {state}",
                situation.pilot_group, situation.break_glass_group
            ),
        ],
        inverse: "CA001 to Report-only; nothing is deleted.".to_owned(),
        reason: "The pilot before the rest: IT meets every surprise first.".to_owned(),
        requests: requests::pilot(situation),
    }
}

fn parity(situation: &Situation<'_>) -> ChangeSetPlan {
    let group = &situation.break_glass_group;
    let last = if situation.may_have_security_defaults() {
        "Report-only, On within CS-07"
    } else {
        "Report-only, On after seven clean days"
    };
    ChangeSetPlan {
        id: "CS-04",
        title: "Parity with security defaults: administrators, Azure management".to_owned(),
        date: date(situation, Stage::Prepare, 2),
        danger: "moderate",
        changes: vec![
            format!(
                "policy `{CA002}`: {} → administrator roles, all \
                 resources, grant MFA, `{group}` excluded; {last}",
                policy_today(situation, "CA002")
            ),
            format!(
                "policy `{CA003}`: {} → all users, Windows Azure \
                 Service Management API, grant MFA, `{group}` excluded; {last}",
                policy_today(situation, "CA003")
            ),
            format!(
                "policy `{CA004}`: {} → all users, device code flow, \
                 block; `{group}` excluded; Report-only until its use is known, On in Validate \
                 when the log shows that nobody uses it",
                policy_today(situation, "CA004")
            ),
        ],
        inverse: "The policies back to Report-only.".to_owned(),
        reason: "Security defaults protect administrators, Azure management and against legacy \
                 authentication; whatever replaces them must do so from the first second."
            .to_owned(),
        requests: requests::parity(situation),
    }
}

fn campaign(situation: &Situation<'_>) -> ChangeSetPlan {
    let campaign = situation
        .input
        .facts
        .snapshot
        .methods_policy
        .as_ref()
        .and_then(|policy| policy.campaign.as_ref());
    let before = match campaign.and_then(|campaign| campaign.state.as_deref()) {
        Some("default") => "Microsoft managed".to_owned(),
        Some(state) => state.to_owned(),
        None => "not known".to_owned(),
    };
    ChangeSetPlan {
        id: "CS-05",
        title: "Registration campaign".to_owned(),
        date: date(situation, Stage::Register, 1),
        danger: "moderate",
        changes: vec![if situation.without_conditional_access() {
            format!(
                "registration campaign: {before} → enabled, Microsoft Authenticator, snooze 1 \
                 day, forced after three snoozes"
            )
        } else {
            format!(
                "registration campaign: {before} → enabled, Microsoft Authenticator, snooze 1 \
                 day, forced after three snoozes; `{}` excluded",
                situation.break_glass_group
            )
        }],
        inverse: format!("The campaign back to its state before ({before})."),
        reason: "It moves people who already pass MFA by text message or code to the app. It \
                 does not reach people without any method; R-02 does."
            .to_owned(),
        requests: requests::campaign(situation),
    }
}

/// Beside security defaults it waits for the last day: on the day of the switch it would keep
/// people without a method from registering, and they could not sign in at all.
fn protect_registration(situation: &Situation<'_>) -> ChangeSetPlan {
    let date = if situation.may_have_security_defaults() {
        situation.timeline.last(Stage::Validate)
    } else {
        date(situation, Stage::Register, 1)
    };
    ChangeSetPlan {
        id: "CS-06",
        title: CA005.to_owned(),
        date,
        danger: "severe",
        changes: vec![format!(
            "policy `{CA005}`: {} → user action Register security information, all users, guests \
             and `{}` excluded, outside the trusted named locations, grant MFA; On for the \
             pilot group, a day later for all",
            policy_today(situation, "CA005"),
            situation.break_glass_group
        )],
        inverse: "CA005 to Off.".to_owned(),
        reason: "Whoever holds only a stolen password must not be able to register a phone. \
                 People without a method register in a trusted location or with a Temporary \
                 Access Pass; where no named location is trusted, only with a pass."
            .to_owned(),
        requests: requests::protect_registration(situation),
    }
}

fn security_defaults_on(situation: &Situation<'_>) -> ChangeSetPlan {
    let stays = if situation.security_defaults == Some(true) { ", nothing to change" } else { "" };
    ChangeSetPlan {
        id: "CS-07",
        title: "Security defaults on for everyone".to_owned(),
        date: date(situation, Stage::Enforce, 1),
        danger: "severe",
        changes: vec![format!(
            "security defaults: {} → On{stays}; they ask administrators at every sign-in and everybody \
             else when a sign-in looks risky, make everybody register, and block legacy \
             authentication, without any exception",
            security_defaults_today(situation)
        )],
        inverse: match situation.security_defaults {
            Some(true) => "None: they are on today and stay on.".to_owned(),
            _ => "Security defaults off; the time without them is written down.".to_owned(),
        },
        reason: "Without Entra ID P1 there is no Conditional Access; security defaults need no \
                 licence."
            .to_owned(),
        requests: match situation.security_defaults {
            Some(true) => Vec::new(),
            _ => vec![
                requests::security_defaults("Security defaults on", true),
                requests::security_defaults("Way back", false),
            ],
        },
    }
}

fn per_user_mfa(situation: &Situation<'_>) -> ChangeSetPlan {
    let people = situation.per_user_mfa();
    ChangeSetPlan {
        id: "CS-08",
        title: "Retire per-user MFA".to_owned(),
        date: date(situation, Stage::Validate, 1),
        danger: "moderate",
        changes: rows(
            people.iter().map(|name| format!("{name}: per-user MFA on → Disabled")).collect(),
        ),
        inverse: "The state before, person by person.".to_owned(),
        reason: "Two systems that ask for MFA contradict each other; this one goes last, after \
                 the new rule covers the person."
            .to_owned(),
        requests: Vec::new(),
    }
}

fn exclusions(situation: &Situation<'_>) -> ChangeSetPlan {
    let mut changes: Vec<String> = situation
        .exemptions()
        .map(|account| {
            let end = account.max_days.map_or_else(
                || "reviewed every 90 days".to_owned(),
                |days| format!("at most {days} days"),
            );
            format!("{}: → member, {end}", account.account.label())
        })
        .collect();
    if !situation.knows_users() {
        changes.push("members: not known, no file told the accounts".to_owned());
    }
    if !changes.is_empty() {
        changes.insert(
            0,
            format!("group `{EXCEPTIONS_GROUP}`: → security, assigned, role-assignable, no owners"),
        );
    }
    let requests = if changes.is_empty() {
        Vec::new()
    } else {
        requests::role_assignable_group(
            situation,
            EXCEPTIONS_GROUP,
            "Make the group; then add the approved rows of the register",
        )
    };
    ChangeSetPlan {
        id: "CS-09",
        title: "Exclusion group of the dated exceptions".to_owned(),
        date: situation.timeline.last(Stage::Prepare),
        danger: "severe",
        changes: rows(changes),
        inverse: "Remove the member: MFA applies at its next sign-in.".to_owned(),
        reason: "An exception is a path with an owner and an end, seen in one place.".to_owned(),
        requests,
    }
}

fn dormant(situation: &Situation<'_>) -> ChangeSetPlan {
    let mut changes: Vec<String> = situation
        .accounts(&[Kind::Dormant])
        .iter()
        .map(|name| format!("{name}: enabled → disabled, after HR confirms"))
        .collect();
    if !situation.knows_users() {
        changes.push("dormant accounts: not known, no file told the accounts".to_owned());
    }
    ChangeSetPlan {
        id: "CS-10",
        title: "Disable dormant accounts".to_owned(),
        date: situation.timeline.last(Stage::Prepare),
        danger: "moderate",
        changes: rows(changes),
        inverse: "Enable the account again; nothing is deleted.".to_owned(),
        reason: "Nobody will register for an account nobody uses, and nobody would notice its \
                 misuse."
            .to_owned(),
        requests: Vec::new(),
    }
}

fn methods(situation: &Situation<'_>) -> ChangeSetPlan {
    let policy = situation.input.facts.snapshot.methods_policy.as_ref();
    let before = |id: &str| {
        let found = policy.and_then(|policy| policy.methods.iter().find(|it| it.id == id));
        match found.and_then(|method| method.enabled) {
            Some(true) => "on",
            Some(false) => "off",
            None => "not known",
        }
    };
    let changes = [
        (
            "microsoftauthenticator",
            "Microsoft Authenticator",
            "on for all, application name and location shown",
        ),
        ("fido2", "Passkey (FIDO2)", "on for all, break-glass included"),
        ("temporaryaccesspass", "Temporary Access Pass", "on for all, one-time by default"),
    ]
    .map(|(id, name, after)| format!("method {name}: {} → {after}", before(id)))
    .to_vec();
    ChangeSetPlan {
        id: "CS-11",
        title: "Authentication methods people will register".to_owned(),
        // The break-glass keys of the same day need a pass and FIDO2 allowed.
        date: date(situation, Stage::Prepare, 1),
        danger: "moderate",
        changes,
        inverse: "The state before, method by method; never switch off a method people hold."
            .to_owned(),
        reason: "A registered method that policy does not allow passes no MFA.".to_owned(),
        requests: Vec::new(),
    }
}

fn smtp(situation: &Situation<'_>) -> ChangeSetPlan {
    let before = match situation.input.facts.snapshot.exchange.smtp_auth_disabled {
        Some(true) => smtp_change("off for the tenant"),
        Some(false) => smtp_change("on for the tenant"),
        None => smtp_change("not known"),
    };
    ChangeSetPlan {
        id: "CS-12",
        title: "SMTP AUTH only where it is needed".to_owned(),
        date: date(situation, Stage::Register, 6),
        danger: "moderate",
        changes: vec![before],
        inverse: "The value before, mailbox by mailbox.".to_owned(),
        reason: "A password alone sends mail through it; Microsoft turns it off by default on \
                 2026-12-31."
            .to_owned(),
        requests: Vec::new(),
    }
}

fn smtp_change(today: &str) -> String {
    format!("SMTP AUTH: {today} → off for the tenant, on only for mailboxes of the legacy list")
}
