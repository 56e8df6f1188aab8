//! `lockstep audit policies`

use std::path::PathBuf;

use clap::Args;
use conditional_access::State;
use rollout::policy_matrix::{self, MatrixSummary, PolicyMatrix};
use rollout::preflight::{AuditedPolicy, PolicyAudit, Severity, Verdict, audit_policies};
use rollout::{Facts, exceptions, legacy};
use serde::Serialize;

use crate::arguments::ExportsOption;
use crate::cli::{facts, read_figures, say};
use crate::documents::policies::{self, PolicyFormat, PolicySetOf, name, notes};
use crate::error::CommandError;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::words;
use crate::workspace::Place;

#[derive(Debug, Args)]
pub(super) struct Policies {
    #[command(flatten)]
    exports: ExportsOption,
    /// Folder to write documents to; none is written without it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Documents to write, separated by commas
    #[arg(
        long, value_name = "LIST", value_enum, value_delimiter = ',', requires = "out",
        default_values_t = PolicyFormat::DEFAULT
    )]
    formats: Vec<PolicyFormat>,
}

/// `lockstep.policies/1`.
#[derive(Debug, Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    audit: &'a PolicyAudit,
    /// Whom the policies reach. `None`: no file tells the users, or the policies.
    reach: Option<MatrixSummary>,
}

impl Policies {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        let reading = read_figures(&place, settings)?;
        let facts = facts(&reading, &place, settings);
        let classification = exceptions::classify(&facts);
        let legacy = legacy::audit(&facts);
        let audit = audit_policies(&facts, &classification, legacy.as_ref());
        let matrix = policy_matrix::matrix(&facts, &classification);
        let written = match &self.out {
            None => Vec::new(),
            Some(folder) => policies::write(
                &PolicySetOf {
                    tenant: tenant(&facts),
                    audit: &audit,
                    matrix: matrix.as_ref(),
                    as_of: facts.as_of,
                    now: facts.now,
                },
                folder,
                &self.formats,
            )?,
        };
        let document =
            Document { audit: &audit, reach: matrix.as_ref().map(PolicyMatrix::summary) };
        Outcome::new(settings, status_of(&reading), &document, || {
            let mut page = page(&audit, document.reach.as_ref(), settings);
            if let Some(folder) = &self.out {
                page.heading(&format!("Written to {}", folder.display()));
                let names = written.iter().filter_map(|path| path.file_name());
                let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
                page.item(&names.join(", "));
            }
            page.next(&place.command("audit preflight"));
            page
        })
    }
}

/// What the documents call the tenant.
fn tenant<'a>(facts: &'a Facts<'_>) -> &'a str {
    let settings = &facts.rollout.tenant;
    let seen = &facts.snapshot.tenant;
    [
        Some(settings.name.as_str()),
        seen.display_name.as_deref(),
        Some(settings.domain.as_str()),
        seen.primary_domain(),
    ]
    .into_iter()
    .flatten()
    .find(|name| !name.trim().is_empty())
    .unwrap_or("the tenant")
}

fn page(audit: &PolicyAudit, reach: Option<&MatrixSummary>, settings: &Settings) -> Page {
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
        if let Some(reach) = reach {
            reached(&mut page, audit, reach);
        }
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

/// How many accounts each policy is for, and whom none asks for MFA.
fn reached(page: &mut Page, audit: &PolicyAudit, reach: &MatrixSummary) {
    page.heading(&format!(
        "Whom they reach, of {}",
        words::count(reach.accounts, "account", "accounts")
    ));
    let figure = |count: u64| (words::number(count), Tone::Figure);
    let rows = audit.policies.iter().zip(&reach.policies).map(|(policy, it)| {
        vec![
            (name(policy), Tone::Plain),
            figure(it.reached),
            figure(it.excluded),
            figure(it.not_included),
            figure(it.unknown),
        ]
    });
    page.table(&["policy", "reached", "excluded", "not included", "unknown"], rows.collect());
    let asked = reach.asked_for_mfa.iter().rev().filter(|it| it.accounts > 0);
    let asked =
        asked.map(|it| format!("{} {}", words::number(it.accounts), words::asked_by(it.asked)));
    page.line(&format!(
        "Enabled accounts asked for MFA: {}.",
        asked.collect::<Vec<_>>().join(", ")
    ));
    let unasked: Vec<String> = reach
        .asked_by_nobody
        .iter()
        .map(|it| format!("{} ({})", it.account.label(), words::kind(it.kind)))
        .collect();
    if !unasked.is_empty() {
        page.line(&format!("No policy that is On asks {}.", words::few(&unasked)));
    }
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

fn standing(policy: &AuditedPolicy) -> Vec<(String, Tone)> {
    let state = words::policy_state(policy.state).to_owned();
    vec![(name(policy), Tone::Plain), (state, Tone::Plain), break_glass(policy)]
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
        format!("{}{but}{}", words::few(list), words::few(except))
    };
    let mut when = vec![except(&words.resources, &words.except_resources)];
    when.extend(words.conditions.iter().cloned());
    let mut demands = vec![words.demands.clone()];
    demands.extend(words.session.iter().cloned());
    let texts =
        [name(policy), except(&words.who, &words.except), when.join("; "), demands.join("; ")];
    texts.map(|text| (text, Tone::Plain)).to_vec()
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
