//! The tasks: templates as data, one table per step, filled with this tenant's rows.

mod enforce;
mod pilot;
mod prepare;
mod prepare_exceptions;
mod register;
mod security_defaults;
mod validate;

use super::situation::{Situation, rows};
use super::timeline::Day;
use super::{Task, TaskKind};
use crate::exceptions::Kind;
use crate::preflight::Stage;

/// One task before it has a date.
struct Template {
    id: &'static str,
    day: Day,
    kind: TaskKind,
    owner: &'static str,
    title: &'static str,
    how: &'static str,
    lockstep: &'static str,
    evidence: &'static str,
    document: Option<&'static str>,
    change_set: Option<&'static str>,
    subjects: Subjects,
    applies: fn(&Situation<'_>) -> bool,
}

/// Which rows of the tenant a task is about.
#[derive(Debug, Clone, Copy)]
enum Subjects {
    /// None.
    Nobody,
    /// The break-glass accounts.
    BreakGlass,
    /// Global Administrators.
    Administrators,
    /// Legacy dependencies whose client app holds one of these words; every one for none.
    Dependencies(&'static [&'static str]),
    /// Accounts of these kinds.
    Accounts(&'static [Kind]),
    /// Members of the pilot group.
    Pilot,
    /// People in scope who cannot pass MFA.
    NotCapable,
    /// People whose only method is a text message or voice call.
    SmsOnly,
    /// People who registered a method the methods policy does not allow.
    NotAllowed,
    /// People with per-user MFA.
    PerUserMfa,
    /// Policies Microsoft manages that wait in Report-only.
    ManagedPolicies,
    /// Open blocking findings.
    Blockers,
    /// People seen in one of these applications, by parts of their names.
    UsersOf(&'static [&'static str]),
    /// What no file told.
    Gaps,
}

/// A task that some rollout has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTask {
    /// Its id, `P-01`.
    pub id: &'static str,
    /// What kind.
    pub kind: TaskKind,
    /// What to do, with `…` in place of what differs from tenant to tenant.
    pub title: String,
}

/// Every task that a plan may have, whatever the tenant.
#[must_use]
pub fn known_tasks() -> Vec<KnownTask> {
    let tables = [
        prepare::TEMPLATES,
        prepare_exceptions::TEMPLATES,
        register::TEMPLATES,
        pilot::TEMPLATES,
        enforce::TEMPLATES,
        validate::TEMPLATES,
    ];
    let replacing = security_defaults::TEMPLATES.iter().map(|(_, template)| template);
    let all = tables.into_iter().flatten().chain(replacing);
    all.map(|it| KnownTask { id: it.id, kind: it.kind, title: without_places(it.title) }).collect()
}

/// A text with `…` for each `{place}` in it, or with words where a sentence would end in it.
fn without_places(text: &str) -> String {
    let mut parts = text.split('{');
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap_or(("", part));
        told.push_str(match place {
            "enforce_date" => "the day of enforcement",
            "deadline" => "the last day to register",
            "pilot_group" => "the pilot group",
            "canary_when" => "after the switch",
            "parity_first" => "",
            _ => "…",
        });
        told.push_str(rest);
    }
    told
}

/// For tasks of every rollout.
fn always(_: &Situation<'_>) -> bool {
    true
}

/// What lockstep does for a task only a person can do.
const RECORDED: &str = "Lists the task until it is recorded as done.";

/// Every task that applies, by date, then id.
pub(super) fn tasks(situation: &Situation<'_>) -> Vec<Task> {
    let tables = [
        (Stage::Prepare, prepare::TEMPLATES),
        (Stage::Prepare, prepare_exceptions::TEMPLATES),
        (Stage::Register, register::TEMPLATES),
        (Stage::Pilot, pilot::TEMPLATES),
        (Stage::Enforce, enforce::TEMPLATES),
        (Stage::Validate, validate::TEMPLATES),
    ];
    let mut tasks: Vec<Task> = tables
        .into_iter()
        .flat_map(|(stage, table)| table.iter().map(move |template| (stage, template)))
        .filter(|(_, template)| {
            (template.applies)(situation)
                && !(situation.without_conditional_access()
                    && security_defaults::REPLACED.contains(&template.id))
        })
        .chain(
            security_defaults::TEMPLATES
                .iter()
                .filter(|_| situation.without_conditional_access())
                .filter(|(_, template)| (template.applies)(situation))
                .map(|(stage, template)| (*stage, template)),
        )
        .map(|(stage, template)| task(situation, stage, template))
        .collect();
    tasks.sort_by(|left, right| (left.day, &left.id).cmp(&(right.day, &right.id)));
    tasks
}

/// The portal's name of a recommended method.
fn method_name(method: &'static str) -> &'static str {
    match method {
        "microsoft-authenticator" => "Microsoft Authenticator",
        "fido2" => "FIDO2 security key",
        "temporary-access-pass" => "Temporary Access Pass",
        "sms" => "SMS until 2027-01-31",
        other => other,
    }
}

/// A blocking finding with the step it guards, so that nobody settles at the start what belongs
/// to the switch.
fn blocker_line(situation: &Situation<'_>, finding: &crate::preflight::Finding) -> String {
    let when = match finding.stage.first() {
        _ if matches!(finding.id, "TN-01" | "CA-14") => {
            situation.fill("settled by {cut_over_set}, not earlier")
        }
        Some(Stage::Prepare) => format!("by {}", situation.timeline.last(Stage::Prepare)),
        Some(stage) => format!("before {}", situation.timeline.first(*stage)),
        None => "now".to_owned(),
    };
    format!("{}: {} ({when})", finding.id, finding.subject)
}

fn task(situation: &Situation<'_>, step: Stage, template: &Template) -> Task {
    let day = situation.timeline.day(step, template.day);
    Task {
        id: template.id.to_owned(),
        step,
        day,
        date: situation.timeline.date(day),
        kind: template.kind,
        title: situation.fill(template.title),
        owner: situation.owner(template.owner),
        how: situation.fill(template.how),
        lockstep: situation.fill(template.lockstep),
        evidence: situation.fill(template.evidence),
        document: template.document.map(str::to_owned),
        change_set: template.change_set.map(|set| situation.change_set_of(template.id, set)),
        subjects: rows(subjects(situation, template.subjects)),
    }
}

fn subjects(situation: &Situation<'_>, subjects: Subjects) -> Vec<String> {
    let registration = &situation.input.registration;
    let labels = |accounts: &[crate::account::Account]| {
        accounts.iter().map(|account| account.label().to_owned()).collect()
    };
    match subjects {
        Subjects::Nobody => Vec::new(),
        Subjects::BreakGlass => situation.break_glass.clone(),
        Subjects::Administrators => situation.global_administrators().unwrap_or_default(),
        Subjects::Dependencies(clients) => situation.dependency_lines(clients),
        Subjects::Accounts(kinds) => situation.accounts(kinds),
        Subjects::Pilot => situation.pilot.as_deref().map(labels).unwrap_or_default(),
        Subjects::NotCapable => registration
            .not_capable
            .iter()
            .map(|it| {
                let method = method_name(it.recommended_method);
                format!("{}: {} → {method}", it.account.label(), it.reason)
            })
            .collect(),
        Subjects::SmsOnly => labels(&registration.sms_only),
        Subjects::NotAllowed => labels(&registration.registered_not_capable),
        Subjects::PerUserMfa => situation.per_user_mfa(),
        Subjects::ManagedPolicies => {
            super::platform::managed(situation.policies.unwrap_or_default())
                .map(|policy| policy.display_name.clone())
                .collect()
        }
        Subjects::Blockers => situation
            .input
            .preflight
            .findings
            .iter()
            .filter(|it| situation.blockers().contains(&it.id))
            .map(|it| blocker_line(situation, it))
            .collect(),
        Subjects::UsersOf(parts) => situation.users_of_apps(parts),
        Subjects::Gaps => situation
            .input
            .gaps
            .iter()
            .map(|gap| format!("{} Close with: {}", gap.what, gap.close_with))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_known_and_its_title_holds_no_place() {
        let known = known_tasks();
        assert!(known.len() > 90, "{}", known.len());
        assert!(known.iter().all(|task| !task.title.contains(['{', '}'])), "{known:?}");
        let rate = known.iter().find(|task| task.id == "R-05").map(|task| task.title.as_str());
        assert_eq!(
            rate,
            Some("Look at the registration rate every day until the last day to register")
        );
        assert_eq!(without_places("{a} and {b}"), "… and …");
    }

    #[test]
    fn ids_are_unique_and_every_text_is_there() {
        let tables = [
            prepare::TEMPLATES,
            prepare_exceptions::TEMPLATES,
            register::TEMPLATES,
            pilot::TEMPLATES,
            enforce::TEMPLATES,
            validate::TEMPLATES,
        ];
        let replacing = security_defaults::TEMPLATES.iter().map(|(_, template)| template);
        let mut ids = std::collections::BTreeSet::new();
        for template in tables.into_iter().flatten().chain(replacing) {
            assert!(ids.insert(template.id), "{} twice", template.id);
            for text in
                [template.title, template.how, template.lockstep, template.evidence, template.owner]
            {
                assert!(!text.trim().is_empty(), "{} has an empty text", template.id);
            }
            assert!(
                crate::rollout::ROLES.iter().any(|(role, _)| *role == template.owner),
                "{}: {} is no role",
                template.id,
                template.owner
            );
        }
    }
}
