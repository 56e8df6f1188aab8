//! The catalogue as a page of the documentation.

use std::fmt::Write as _;

use super::catalogue::SECTIONS;
use super::{Check, Severity, Stage, implemented};

const INTRODUCTION: &str = "\
# Pre-flight checks

`lockstep audit preflight` asks each question on this page of the tenant and answers with one of
four verdicts:

- **found**: a row proves it; the evidence names the rows.
- **inconclusive**: the data that would decide it is missing or partial; `needs` names it.
- **ok**: everything the check rests on was seen, and nothing was found.
- **not-applicable**: it cannot happen in this tenant, and a file proves that.

Missing data is never ok. A stage may begin when no *block* of that stage is found or inconclusive,
and each *warn* has been acknowledged by name. Ids never change: an entry is retired, not
renumbered.

This page is generated from the catalogue in the program.
";

/// Renders the catalogue as Markdown: what each verdict means, then one table per section.
#[must_use]
pub fn markdown() -> String {
    let decided = implemented();
    let all: usize = SECTIONS.iter().map(|section| section.checks.len()).sum();
    let mut page = INTRODUCTION.to_owned();
    let _ = writeln!(page, "\n{} of {all} checks are decided from files.", decided.len());
    for section in &SECTIONS {
        let _ = writeln!(page, "\n## {}: {}\n", section.prefix, section.title);
        page.push_str(
            "| Id | Severity | Stages | What goes wrong | Cause | Fix | Decided by | From files |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        for check in section.checks {
            page.push_str(&row(check, decided.contains(&check.id)));
        }
    }
    page
}

fn row(check: &Check, decided: bool) -> String {
    let severity = match check.severity {
        Severity::Block => "block",
        Severity::Warn => "warn",
        Severity::Info => "info",
    };
    let stages = if check.stages.len() == 5 {
        "all".to_owned()
    } else {
        check.stages.iter().map(|stage| stage_name(*stage)).collect::<Vec<_>>().join(", ")
    };
    format!(
        "| {} | {severity} | {stages} | {} | {} | {} | {} | {} |\n",
        check.id,
        check.symptom,
        check.cause,
        check.fix,
        check.needs,
        if decided { "yes" } else { "no" },
    )
}

const fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Prepare => "prepare",
        Stage::Register => "register",
        Stage::Pilot => "pilot",
        Stage::Enforce => "enforce",
        Stage::Validate => "validate",
    }
}
