//! `lockstep audit policies`

use conditional_access::State;
use rollout::preflight::{AuditedPolicy, PolicyAudit, Severity, Verdict, audit_policies};
use rollout::{exceptions, legacy};

use crate::arguments::ExportsOption;
use crate::cli::{facts, read, say};
use crate::error::CommandError;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::words;
use crate::workspace::Place;

/// Names of one list that the page shows.
const SHOWN: usize = 3;

pub(super) fn run(exports: &ExportsOption, settings: &Settings) -> Result<Outcome, CommandError> {
    let place = Place::find(settings, exports.exports.as_deref())?;
    let reading = read(&place, settings)?;
    let facts = facts(&reading, &place, settings);
    let classification = exceptions::classify(&facts);
    let legacy = legacy::audit(&facts);
    let audit = audit_policies(&facts, &classification, legacy.as_ref());
    Outcome::new(settings, status_of(&reading), &audit, || {
        let mut page = page(&audit, settings);
        page.next(&place.command("audit preflight"));
        page
    })
}

fn page(audit: &PolicyAudit, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&headline(audit));
    if let Some(limit) = audit.findings.iter().find(|it| it.id == "TN-09") {
        page.line(&limit.subject);
    }
    if let Some(names) = audit.wants_break_glass_names() {
        page.line(&format!(
            "Nobody told which accounts are break-glass, so that no policy is known to exclude \
             them: {names}."
        ));
    }
    if !audit.policies.is_empty() {
        page.table(
            &["policy", "state", "break-glass"],
            audit.policies.iter().map(standing).collect(),
        );
        page.heading("What they say");
        page.table(
            &["policy", "for", "when", "demands"],
            audit.policies.iter().map(saying).collect(),
        );
    }
    let notes: Vec<String> = audit.policies.iter().flat_map(notes).collect();
    if !notes.is_empty() {
        page.heading("To look at");
        notes.iter().for_each(|note| page.item(note));
    }
    findings(&mut page, audit);
    say::gaps(&mut page, &audit.gaps);
    page
}

fn headline(audit: &PolicyAudit) -> String {
    if audit.total.is_none() {
        return "Policies: no file tells which there are".to_owned();
    }
    let of = |state| audit.policies.iter().filter(move |it| it.state == state).count();
    let unknown = match of(State::Unknown) {
        0 => String::new(),
        count => format!(", {count} in a state that is not known"),
    };
    format!(
        "Policies: {} ({} On, {} Report-only, {} Off{unknown})",
        words::length(&audit.policies),
        of(State::Enabled),
        of(State::EnabledForReportingButNotEnforced),
        of(State::Disabled),
    )
}

fn name(policy: &AuditedPolicy) -> String {
    if policy.display_name.trim().is_empty() {
        policy.id.clone().unwrap_or_else(|| "(no name)".to_owned())
    } else {
        policy.display_name.clone()
    }
}

fn standing(policy: &AuditedPolicy) -> Vec<(String, Tone)> {
    let state = match policy.state {
        State::Enabled => "On",
        State::EnabledForReportingButNotEnforced => "Report-only",
        State::Disabled => "Off",
        State::Unknown => "not known",
    };
    vec![(name(policy), Tone::Plain), (state.to_owned(), Tone::Plain), break_glass(policy)]
}

/// The worst that is true of a break-glass account. A policy that is for others only needs no
/// exclusion.
fn break_glass(policy: &AuditedPolicy) -> (String, Tone) {
    let Some(accounts) = &policy.break_glass else {
        return if policy.words.for_workload_identities {
            ("for workload identities".to_owned(), Tone::Plain)
        } else {
            ("not told who".to_owned(), Tone::Caution)
        };
    };
    let those = |excluded: Option<bool>, reached: &[Option<bool>]| {
        let those =
            accounts.iter().filter(|it| it.excluded == excluded && reached.contains(&it.reached));
        those.map(|it| it.account.label()).collect::<Vec<_>>()
    };
    let reached = those(Some(false), &[Some(true), None]);
    let untold = those(None, &[Some(true), None]);
    if !reached.is_empty() {
        (format!("NOT excluded: {}", reached.join(", ")), Tone::Danger)
    } else if !untold.is_empty() {
        (format!("cannot say: {}", untold.join(", ")), Tone::Caution)
    } else if accounts.iter().all(|it| it.excluded == Some(true)) {
        ("excluded".to_owned(), Tone::Good)
    } else {
        ("not excluded, not reached".to_owned(), Tone::Plain)
    }
}

fn saying(policy: &AuditedPolicy) -> Vec<(String, Tone)> {
    let words = &policy.words;
    let except = |list: &[String], except: &[String]| {
        let but = if except.is_empty() { "" } else { " except " };
        format!("{}{but}{}", few(list), few(except))
    };
    let mut when = vec![except(&words.resources, &words.except_resources)];
    when.extend(words.conditions.iter().cloned());
    let mut demands = vec![words.demands.clone()];
    demands.extend(words.session.iter().cloned());
    let texts =
        [name(policy), except(&words.who, &words.except), when.join("; "), demands.join("; ")];
    texts.map(|text| (text, Tone::Plain)).to_vec()
}

/// What is particular about one policy, a sentence each.
fn notes(policy: &AuditedPolicy) -> Vec<String> {
    let name = name(policy);
    let mut notes = Vec::new();
    if policy.microsoft_managed {
        notes.push(match policy.may_come_on {
            Some(date) => format!(
                "{name}: Microsoft made it and may switch it on from {}.",
                words::moment(date)
            ),
            None if policy.state == State::Enabled => format!("{name}: Microsoft made it."),
            None => {
                format!("{name}: Microsoft made it and may switch it on; from when is not told.")
            }
        });
    }
    if !policy.unmodelled.is_empty() {
        notes.push(format!(
            "{name}: holds {}, which lockstep does not know: it cannot be judged completely.",
            policy.unmodelled.join(", ")
        ));
    }
    let named = |gone: bool| {
        let those = policy.missing_references.iter().filter(|it| (it.gone == Some(true)) == gone);
        those.map(|it| format!("{} {}", it.kind, it.id)).collect::<Vec<_>>()
    };
    for (what, those) in [("does not exist", named(true)), ("is in no file", named(false))] {
        if !those.is_empty() {
            notes.push(format!("{name}: names what {what}: {}.", few(&those)));
        }
    }
    let lasting = |sure: bool| {
        let those =
            policy.lasting_exclusions.iter().filter(|it| (it.lasting == Some(true)) == sure);
        those.map(|it| it.name.clone()).collect::<Vec<_>>()
    };
    for (unless, those) in [("", lasting(true)), (", unless it is break-glass", lasting(false))] {
        if !those.is_empty() {
            let those = few(&those);
            notes.push(format!(
                "{name}: excludes for good, since no other policy includes it{unless}: {those}."
            ));
        }
    }
    notes
}

/// The first of a list, and how many more; the document has all.
fn few(list: &[String]) -> String {
    let shown: Vec<&str> = list.iter().take(SHOWN).map(String::as_str).collect();
    let more = list.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// What the pre-flight says of policies, found first, then what it cannot say.
fn findings(page: &mut Page, audit: &PolicyAudit) {
    let of = |verdict| audit.open_findings().filter(move |it| it.verdict == verdict);
    let found: Vec<_> = of(Verdict::Found)
        .map(|it| {
            let tone = match it.severity {
                Severity::Block => Tone::Danger,
                Severity::Warn => Tone::Caution,
                Severity::Info => Tone::Plain,
            };
            vec![
                (it.id.to_owned(), Tone::Plain),
                (words::severity(it.severity).to_owned(), tone),
                (it.subject.clone(), Tone::Plain),
                (it.fix.to_owned(), Tone::Plain),
            ]
        })
        .collect();
    if !found.is_empty() {
        page.heading("Found");
        page.table(&["id", "severity", "what", "fix"], found);
    }
    let open: Vec<&str> = of(Verdict::Inconclusive).map(|it| it.id).collect();
    if !open.is_empty() {
        page.line(&format!(
            "Cannot be said: {}. `audit preflight` tells what would decide each.",
            open.join(", ")
        ));
    }
}
