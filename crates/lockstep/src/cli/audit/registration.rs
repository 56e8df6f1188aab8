//! `lockstep audit registration`

use rollout::exceptions;
use rollout::registration::{self, RegistrationReport};

use crate::arguments::ExportsOption;
use crate::cli::{facts, read_figures, say};
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
    let report = registration::report(&facts, &exceptions::classify(&facts));
    Outcome::new(settings, status_of(&reading), &report, || {
        let mut page = page(&report, settings);
        page.next(&place.command("audit preflight"));
        page
    })
}

fn page(report: &RegistrationReport, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&format!(
        "Registration: {} of {} in-scope people are capable ({})",
        words::known(report.capable),
        words::known(report.denominators.in_scope_people),
        words::percent(report.rate)
    ));
    page.line(&match (report.as_of, report.source_age_hours) {
        (Some(as_of), Some(hours)) => format!(
            "As of {}, {hours:.0} hours old. Microsoft refreshes the report with a lag of up to 36 \
             hours.",
            words::moment(as_of)
        ),
        (Some(as_of), None) => format!("As of {}.", words::moment(as_of)),
        (None, _) => "The files do not tell how old the registration report is.".to_owned(),
    });
    page.table(&["figure", "people"], figures(report));
    if !report.not_capable.is_empty() {
        page.heading("Cannot pass MFA today");
        let rows = report
            .not_capable
            .iter()
            .map(|person| {
                vec![
                    (person.account.label().to_owned(), Tone::Plain),
                    (person.reason.clone(), Tone::Plain),
                    (words::method(person.recommended_method), Tone::Plain),
                ]
            })
            .collect();
        page.table(&["person", "reason", "recommended"], rows);
    }
    say::gaps(&mut page, &report.gaps);
    page
}

fn figures(report: &RegistrationReport) -> Vec<Vec<(String, Tone)>> {
    let row =
        |name: &str, figure: String| vec![(name.to_owned(), Tone::Plain), (figure, Tone::Figure)];
    let mut rows = vec![
        row("not capable", words::number(words::length(&report.not_capable))),
        row("enabled members", words::known(report.denominators.enabled_members)),
        row("unclassified, must become 0", words::known(report.denominators.unclassified)),
        row("registered, allowed or not", words::known(report.registered)),
        row("need not register again", words::known(report.carried_over)),
        row("only text message or voice", words::number(words::length(&report.sms_only))),
        row(
            "registered but not allowed by policy",
            words::number(words::length(&report.registered_not_capable)),
        ),
        row("security keys to have in stock", words::number(report.keys_to_stock)),
    ];
    if let Some(of) = report.administrators {
        rows.push(row("administrators capable", format!("{} of {}", of.capable, of.of)));
    }
    if let Some(of) = report.guests {
        rows.push(row("guests capable", format!("{} of {}", of.capable, of.of)));
    }
    rows
}
