//! Policy tests as people read them.

use std::collections::BTreeSet;

use conditional_access::Verdict;

use super::report::{CaseResult, Report};
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::words;

/// Cases of one kind that are shown; the document has all of them.
const SHOWN: usize = 100;

pub(super) fn page(report: &Report, next: &str, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&headline(report));
    let failed = report.cases.iter().filter(|it| it.agrees == Some(false));
    failed.clone().take(SHOWN).for_each(|case| disagreeing(&mut page, case));
    more(&mut page, failed.count(), "more that disagree");
    let asked = report.cases.iter().filter(|it| it.agrees.is_none());
    let rows: Vec<_> = asked.clone().take(SHOWN).map(answer).collect();
    if !rows.is_empty() {
        page.heading("Without expectation");
        page.table(&["case", "verdict", "outstanding", "by", "not seen"], rows);
        more(&mut page, asked.count(), "more without expectation");
    }
    page.next(next);
    page
}

fn headline(report: &Report) -> String {
    let mut text = format!(
        "Policy tests: {} of {} agree",
        words::number(report.passed),
        words::number(report.passed + report.failed)
    );
    if report.asked > 0 {
        text.push_str(&format!(", {} without expectation", words::number(report.asked)));
    }
    if !report.unreadable.is_empty() {
        let unreadable = words::number(words::length(&report.unreadable));
        text.push_str(&format!(", {unreadable} cannot be read"));
    }
    text
}

fn more(page: &mut Page, all: usize, what: &str) {
    let rest = u64::try_from(all.saturating_sub(SHOWN)).unwrap_or(u64::MAX);
    if rest > 0 {
        page.line(&format!("{} {what}: `--format json` tells them.", words::number(rest)));
    }
}

/// A case that disagrees: what it expects beside what was found, and why.
fn disagreeing(page: &mut Page, case: &CaseResult) {
    page.heading(&format!("{} ({} line {})", case.id, case.file, case.line));
    let rules = (!case.rule.is_empty()).then(|| format!("Exercises {}.", case.rule.join(", ")));
    let note = case.note.as_ref().map(|note| format!("{}.", note.trim_end_matches('.')));
    let about: Vec<String> = note.into_iter().chain(rules).collect();
    if !about.is_empty() {
        page.line(&about.join(" "));
    }
    let rows = case.disagreements.iter().map(|it| {
        let what = match it.what.strip_prefix("per_policy.") {
            Some(policy) => format!("policy {}", named(case, policy)),
            None => it.what.clone(),
        };
        vec![
            (what, Tone::Plain),
            (set(case, &it.expected), Tone::Plain),
            (set(case, &it.found), Tone::Danger),
        ]
    });
    page.table(&["what", "expected", "found"], rows.collect());
    let by: Vec<String> = case.by.iter().map(|it| named(case, &it.to_string())).collect();
    if !by.is_empty() {
        page.line(&format!("Decided by: {}", by.join(", ")));
    }
    let unseen = unseen(case);
    if !unseen.is_empty() {
        page.line(&format!("Not seen: {}", unseen.join(", ")));
    }
}

/// What would decide the verdict and the parts of the policies that disagree.
fn unseen(case: &CaseResult) -> Vec<String> {
    let mut facts: BTreeSet<String> = case.unknown.iter().map(ToString::to_string).collect();
    for (policy, unknown) in &case.unknown_by_policy {
        let disagrees = case.disagreements.iter().any(|it| {
            let of = it.what.strip_prefix("per_policy.");
            of.is_some_and(|of| of.eq_ignore_ascii_case(policy))
        });
        if disagrees {
            facts.extend(unknown.iter().map(ToString::to_string));
        }
    }
    facts.into_iter().collect()
}

fn answer(case: &CaseResult) -> Vec<(String, Tone)> {
    let tone = match case.verdict {
        Verdict::Allow => Tone::Good,
        Verdict::Require | Verdict::Register => Tone::Plain,
        Verdict::Block => Tone::Danger,
        Verdict::Unknown => Tone::Caution,
    };
    let outstanding: Vec<String> = case.outstanding.iter().map(ToString::to_string).collect();
    let by: Vec<String> = case.by.iter().map(|it| named(case, &it.to_string())).collect();
    let unknown: Vec<String> = case.unknown.iter().map(ToString::to_string).collect();
    vec![
        (case.id.clone(), Tone::Plain),
        (case.verdict.to_string(), tone),
        (outstanding.join(", "), Tone::Plain),
        (by.join(", "), Tone::Plain),
        (unknown.join(", "), Tone::Plain),
    ]
}

/// The policy's name where it has one of its own, else what the case calls it.
fn named(case: &CaseResult, policy: &str) -> String {
    case.names.get(&policy.to_lowercase()).cloned().unwrap_or_else(|| policy.to_owned())
}

/// A word, or a set whose members may be policies.
fn set(case: &CaseResult, text: &str) -> String {
    match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some("") => "nothing".to_owned(),
        Some(members) => {
            members.split(", ").map(|it| named(case, it)).collect::<Vec<_>>().join(", ")
        }
        None => text.to_owned(),
    }
}
