//! `lockstep audit preflight`

use rollout::preflight::{self, Finding, Preflight, Severity, Verdict};
use rollout::{exceptions, legacy};

use crate::arguments::ExportsOption;
use crate::cli::{facts, read_figures};
use crate::error::CommandError;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::words;
use crate::workspace::Place;

pub(super) fn run(exports: &ExportsOption, settings: &Settings) -> Result<Outcome, CommandError> {
    let place = Place::find(settings, exports.exports.as_deref())?;
    let reading = read_figures(&place, settings)?;
    let facts = facts(&reading, &place, settings);
    let classification = exceptions::classify(&facts);
    let legacy = legacy::audit(&facts);
    let result = preflight::run(&facts, &classification, legacy.as_ref());
    Outcome::new(settings, status_of(&reading), &result, || {
        let mut page = page(&result, settings);
        page.next(&place.command("plan"));
        page
    })
}

fn page(result: &Preflight, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    let of = |verdict| result.findings.iter().filter(move |finding| finding.verdict == verdict);
    page.heading(&format!(
        "Pre-flight: {} found, {} cannot be said, {} ok, {} not applicable",
        of(Verdict::Found).count(),
        of(Verdict::Inconclusive).count(),
        of(Verdict::Ok).count(),
        of(Verdict::NotApplicable).count()
    ));
    let found = of(Verdict::Found).map(row).collect::<Vec<_>>();
    if !found.is_empty() {
        page.heading("Found");
        page.table(&["id", "severity", "what", "fix"], found);
    }
    let open = of(Verdict::Inconclusive).collect::<Vec<_>>();
    if !open.is_empty() {
        page.heading("Cannot be said: the data is missing");
        let rows = open.into_iter().map(|finding| {
            let needs = finding.needs.clone().unwrap_or_else(|| "not told".to_owned());
            vec![
                (finding.id.to_owned(), Tone::Plain),
                (words::severity(finding.severity).to_owned(), tone(finding)),
                (finding.subject.clone(), Tone::Plain),
                (needs, Tone::Plain),
            ]
        });
        page.table(&["id", "severity", "what", "needs"], rows.collect());
    }
    page
}

fn row(finding: &Finding) -> Vec<(String, Tone)> {
    vec![
        (finding.id.to_owned(), Tone::Plain),
        (words::severity(finding.severity).to_owned(), tone(finding)),
        (finding.subject.clone(), Tone::Plain),
        (finding.fix.to_owned(), Tone::Plain),
    ]
}

const fn tone(finding: &Finding) -> Tone {
    match finding.severity {
        Severity::Block => Tone::Danger,
        Severity::Warn => Tone::Caution,
        Severity::Info => Tone::Plain,
    }
}
