//! Rows of the long lists.

use rollout::exceptions::{ClassifiedAccount, Kind};
use rollout::legacy;
use rollout::plan::{self, Plan};
use rollout::preflight::{Finding, Severity, Verdict};
use rollout::registration::NotCapable;

use super::State;
use crate::plain_text::one_line;
use crate::words;

/// Rows of a list shown on the page; the whole list is in the spreadsheet.
const SHOWN: usize = 120;

/// Lines of evidence shown without unfolding.
const OPEN_LINES: usize = 6;

/// The lines shown at once, and those folded away; two lines are not worth folding.
fn folded(lines: &[String]) -> (Vec<String>, Vec<String>) {
    let mut open = lines.iter().map(|line| one_line(line)).collect::<Vec<_>>();
    let more = if open.len() > OPEN_LINES + 2 { open.split_off(OPEN_LINES) } else { Vec::new() };
    (open, more)
}

/// A list cut to what a page can carry.
#[derive(Debug)]
pub(super) struct Capped<T> {
    pub(super) rows: Vec<T>,
    /// How many more there are, in words; empty when none.
    pub(super) rest: String,
}

impl<T> Capped<T> {
    pub(super) fn of<S>(all: &[S], row: impl Fn(&S) -> T) -> Self {
        let rest = all.len().saturating_sub(SHOWN);
        Self {
            rows: all.iter().take(SHOWN).map(row).collect(),
            rest: if rest == 0 {
                String::new()
            } else {
                words::number(u64::try_from(rest).unwrap_or(u64::MAX))
            },
        }
    }
}

#[derive(Debug)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) kind: &'static str,
    pub(super) owner: String,
    pub(super) how: String,
    pub(super) lockstep: String,
    pub(super) evidence: String,
    pub(super) document: String,
    pub(super) change_set: &'static str,
    pub(super) subjects: String,
    /// Subjects behind the first ones, folded away.
    pub(super) more: Vec<String>,
}

impl Task {
    pub(super) fn of(task: &plan::Task) -> Self {
        let (subjects, more) = folded(&task.subjects);
        Self {
            id: one_line(&task.id),
            title: one_line(&task.title),
            kind: words::task(task.kind),
            owner: one_line(&task.owner),
            how: one_line(&task.how),
            lockstep: one_line(&task.lockstep),
            evidence: one_line(&task.evidence),
            document: task.document.as_deref().map(one_line).unwrap_or_default(),
            change_set: task.change_set.unwrap_or_default(),
            subjects: subjects.join(", "),
            more,
        }
    }
}

#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) method: String,
}

impl Person {
    pub(super) fn of(person: &NotCapable) -> Self {
        Self {
            name: one_line(person.account.label()),
            reason: one_line(&person.reason),
            method: words::method(person.recommended_method),
        }
    }
}

#[derive(Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) what: String,
    pub(super) device: String,
    pub(super) succeeded: String,
    pub(super) last_seen: String,
    pub(super) cause: String,
    pub(super) owner: State,
}

impl Dependency {
    pub(super) fn of(it: &legacy::Dependency) -> Self {
        let told =
            |text: &Option<String>| text.as_deref().map_or_else(|| "not told".to_owned(), one_line);
        let owner = match (&it.owner, &it.decision) {
            (Some(owner), Some(decision)) => {
                State::new(&one_line(&format!("{owner}: {decision}")), "●", "good")
            }
            (Some(owner), None) => {
                State::new(&one_line(&format!("{owner}, undecided")), "▲", "caution")
            }
            (None, _) => State::new("nobody yet", "■", "danger"),
        };
        Self {
            name: one_line(it.account.label()),
            what: told(&it.client_app),
            device: told(&it.device),
            succeeded: words::number(it.succeeded),
            last_seen: it.last_seen.map_or_else(
                || "not told".to_owned(),
                |time| time.strftime("%d %b %Y").to_string(),
            ),
            cause: cause(it),
            owner,
        }
    }
}

fn cause(it: &legacy::Dependency) -> String {
    match it.finding {
        Some(finding) => format!("{} · {finding}", it.cause),
        None => it.cause.to_owned(),
    }
}

/// What to do about one cause.
#[derive(Debug)]
pub(super) struct Remedy {
    pub(super) cause: String,
    pub(super) dependencies: u64,
    pub(super) remedy: String,
}

/// Each remedy once, in the order of the dependencies.
pub(super) fn remedies(plan: &Plan) -> Vec<Remedy> {
    let mut remedies: Vec<Remedy> = Vec::new();
    for it in plan.legacy.iter().flat_map(|audit| &audit.dependencies) {
        let (cause, remedy) = (cause(it), one_line(&it.remedy));
        match remedies.iter_mut().find(|known| known.cause == cause && known.remedy == remedy) {
            Some(known) => known.dependencies = known.dependencies.saturating_add(1),
            None => remedies.push(Remedy { cause, dependencies: 1, remedy }),
        }
    }
    remedies
}

#[derive(Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) kind: State,
    pub(super) evidence: String,
    pub(super) exempt: &'static str,
}

impl Account {
    pub(super) fn of(it: &ClassifiedAccount) -> Self {
        Self {
            name: one_line(it.account.label()),
            kind: kind(it.kind),
            evidence: one_line(&it.evidence.join("; ")),
            exempt: if it.mfa_exempt { "exempt" } else { "not exempt" },
        }
    }
}

fn kind(kind: Kind) -> State {
    let (shape, class) = match kind {
        Kind::Unclassified => ("■", "danger"),
        Kind::SharedLogin | Kind::NoSmartphone | Kind::Executive => ("▲", "caution"),
        _ => ("○", "quiet"),
    };
    State::new(words::kind(kind), shape, class)
}

/// How the accounts of one kind are treated.
#[derive(Debug)]
pub(super) struct Treatment {
    pub(super) kind: State,
    pub(super) count: String,
    /// Empty for ordinary people.
    pub(super) treatment: &'static str,
    pub(super) instead: &'static str,
    pub(super) life: String,
    pub(super) approver: &'static str,
}

/// Every kind there is an account of, with its treatment; a kind treated in several ways has
/// several rows, the count in the first.
pub(super) fn treatments(plan: &Plan) -> Vec<Treatment> {
    let mut rows = Vec::new();
    for (of, count) in &plan.exceptions.totals {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        for it in plan.exceptions.accounts.iter().filter(|it| it.kind == *of) {
            if seen.contains(&(it.treatment, it.compensating_control)) {
                continue;
            }
            let first = seen.is_empty();
            seen.push((it.treatment, it.compensating_control));
            rows.push(Treatment {
                kind: kind(*of),
                count: if first { words::number(*count) } else { String::new() },
                treatment: it.treatment,
                instead: it.compensating_control,
                life: it.max_days.map_or_else(String::new, |days| format!("{days} days")),
                approver: it.approver,
            });
        }
        if seen.is_empty() {
            rows.push(Treatment {
                kind: kind(*of),
                count: words::number(*count),
                treatment: "",
                instead: "",
                life: String::new(),
                approver: "",
            });
        }
    }
    rows
}

#[derive(Debug)]
pub(super) struct FindingRow {
    pub(super) id: &'static str,
    pub(super) state: State,
    pub(super) stages: String,
    pub(super) subject: String,
    pub(super) evidence: Vec<String>,
    /// Evidence behind the first lines, folded away.
    pub(super) more: Vec<String>,
    pub(super) act: String,
}

/// The findings of one verdict.
pub(super) fn findings(plan: &Plan, verdict: Verdict) -> Vec<FindingRow> {
    plan.preflight.iter().filter(|it| it.verdict == verdict).map(finding).collect()
}

fn finding(it: &Finding) -> FindingRow {
    let (shape, class) = match it.severity {
        Severity::Block => ("■", "danger"),
        Severity::Warn => ("▲", "caution"),
        Severity::Info => ("○", "quiet"),
    };
    let (evidence, more) = folded(&it.evidence);
    let stages = it.stage.iter().map(|stage| words::stage(*stage)).collect::<Vec<_>>();
    FindingRow {
        id: it.id,
        state: State::new(words::severity(it.severity), shape, class),
        stages: stages.join(", "),
        subject: one_line(&it.subject),
        evidence,
        more,
        act: match (&it.needs, it.verdict) {
            (Some(needs), Verdict::Inconclusive) => one_line(needs),
            _ => it.fix.to_owned(),
        },
    }
}
