//! `lockstep validate`

use std::path::{Path, PathBuf};

use clap::Args;
use rollout::engine::State;
use rollout::evidence::{
    FailureClass, Review, Reviewed, Standing, SuccessClass, Validation, ValidationQuestion, Watch,
    enforced_at, validation, validation_ask,
};
use rollout::plan::GateState;
use rollout::{exceptions, registration};
use store::Store;

use crate::arguments::ExportsOption;
use crate::cli::{facts, read_figures};
use crate::documents::validation::{JournalHead, Report, ReportOf};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, failed};
use crate::page::{Page, Tone};
use crate::reading::{self, Reading};
use crate::settings::Settings;
use crate::terminal::{self, Outcome, status_of};
use crate::workspace::Place;
use crate::{atomic_file, deciding, digest, words};

/// Rows of one list that the page shows; the document has all.
const SHOWN: usize = 20;

/// Check the three success criteria, row by row, and write the report
///
/// Registration, legacy authentication and break-glass, and the last hours of the sign-in log:
/// failures of people who should have got in, and successes without MFA. Exits 3 when a criterion is
/// not met, or when the log does not show enough to say so.
#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    exports: ExportsOption,
    /// Hours of the log that are looked at row by row
    #[arg(long, value_name = "HOURS", default_value_t = 72,
        value_parser = clap::value_parser!(u32).range(1..=720))]
    hours: u32,
    /// Write the report there: validation.html, to be printed and signed, and validation.json
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Validate {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        let reading = read_figures(&place, settings)?;
        let (state, journal) = kept(&place, settings)?;
        let validation = self.validated(&place, &reading, state.as_ref(), settings)?;
        let report = ReportOf {
            tenant: tenant(&place, &reading),
            snapshot: crate::cli::plan::made_from(&reading, &place, settings),
            made_by: settings.user.clone(),
            journal,
            validation: &validation,
        };
        let written = self.out.as_deref().map(|out| write(&report, out)).transpose()?;
        let status = match validation.verdict {
            GateState::Passed => status_of(&reading),
            _ => ExitStatus::GateClosed,
        };
        Outcome::new(settings, status, &report, || {
            let mut page = page(&validation, settings);
            if let Some(Report { files, digest }) = &written {
                page.heading("Written");
                for file in files {
                    page.item(&file.display().to_string());
                }
                page.line(&format!("SHA-256 of validation.json: {digest}"));
            }
            page.next(&self.next(&place, &validation, state.is_some()));
            page
        })
    }

    fn validated(
        &self,
        place: &Place,
        reading: &Reading,
        state: Option<&State>,
        settings: &Settings,
    ) -> Result<Validation, CommandError> {
        let facts = facts(reading, place, settings);
        let classification = exceptions::classify(&facts);
        let registration = registration::report(&facts, &classification);
        let enforced = enforced_at(&facts, state);
        let sign_ins = match validation_ask(&facts, self.hours, enforced) {
            Some(ask) => {
                let keeps = place.keeps(settings);
                reading::read_rows(&place.exports, reading, ask, keeps, settings.progress)?
            }
            None => None,
        };
        Ok(validation(&ValidationQuestion {
            facts: &facts,
            classification: &classification,
            registration: &registration,
            sign_ins: sign_ins.as_ref(),
            state,
            enforced,
            hours: self.hours,
            today: deciding::today(&place.rollout, settings.now),
        }))
    }

    /// What to run next: what would close the first criterion that is open.
    fn next(&self, place: &Place, validation: &Validation, remembers: bool) -> String {
        let open = validation.criteria.iter().find(|it| it.standing.verdict != GateState::Passed);
        match open.map(|it| it.id) {
            Some("registration") => place.command("audit registration"),
            Some("legacy") => place.command("audit legacy"),
            Some("break-glass") if place.workspace.is_some() => place.command("break-glass test"),
            _ => self.next_of_log(place, validation.review.as_ref().filter(|_| remembers)),
        }
    }

    /// The criteria are met; the log may still hold what somebody has to settle.
    fn next_of_log(&self, place: &Place, review: Option<&Review>) -> String {
        let failed = |it: &Standing| it.verdict == GateState::Failed;
        match review {
            Some(it) if failed(&it.no_legitimate_failure) => {
                place.command("waive G8.failures --by WHO --reason TEXT --until DATE")
            }
            Some(it) if failed(&it.no_unexplained_success) => place.command("exception add --help"),
            _ if self.out.is_none() => place.command("validate --out validation"),
            _ => place.command("status"),
        }
    }
}

/// What is kept in the workspace, and the head of its journal. Nothing is made where there is nothing.
fn kept(
    place: &Place,
    settings: &Settings,
) -> Result<(Option<State>, Option<JournalHead>), CommandError> {
    let store = place.workspace.as_deref().map(|it| it.join(store::FILE_NAME));
    if !store.is_some_and(|file| file.is_file()) {
        return Ok((None, None));
    }
    let operator = Operator::open(place, settings)?;
    let head = Store::head(&operator.store).map_err(|error| failed("read", error))?;
    let head = JournalHead { entries: head.number, hash: head.hash.to_string() };
    Ok((Some(operator.state), Some(head)))
}

fn tenant(place: &Place, reading: &Reading) -> String {
    let told = reading.snapshot.tenant.display_name.clone();
    let named = Some(place.rollout.tenant.name.trim().to_owned()).filter(|it| !it.is_empty());
    named.or(told).unwrap_or_else(|| "the tenant".to_owned())
}

/// Writes the report: the document, and the page that names the digest of the document.
fn write(report: &ReportOf<'_>, folder: &Path) -> Result<Report, CommandError> {
    let json = terminal::json(report)?;
    let digest = digest::of_text(&json);
    let page = report.html(&digest).map_err(|error| {
        CommandError::wrong_input("the report could not be made").because(error)
    })?;
    let files = [("validation.json", json), ("validation.html", page)].map(|(name, content)| {
        let path = folder.join(name);
        atomic_file::write(&path, content.as_bytes()).map(|()| path)
    });
    let files = files.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(Report { files, digest })
}

const fn tone(verdict: GateState) -> Tone {
    match verdict {
        GateState::Passed => Tone::Good,
        GateState::Failed | GateState::Error => Tone::Danger,
        GateState::Pending | GateState::Running | GateState::Inconclusive => Tone::Caution,
    }
}

fn page(validation: &Validation, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&format!("Validation: {}", words::criterion(validation.verdict)));
    page.line(&validation.why);
    if let Some(span) = &validation.window {
        page.line(&format!(
            "Log from {} to {}; {} hours asked.",
            words::moment(span.from),
            words::moment(span.to),
            span.hours_asked
        ));
    }
    let rows = validation.criteria.iter().map(|it| {
        vec![
            (it.asks.clone(), Tone::Plain),
            (words::criterion(it.standing.verdict).to_owned(), tone(it.standing.verdict)),
            (it.standing.why.clone(), Tone::Plain),
        ]
    });
    page.table(&["criterion", "verdict", "why"], rows.collect());
    for criterion in &validation.criteria {
        let shown = criterion.rows.iter().chain(&criterion.standing.missing);
        if shown.clone().next().is_none() {
            continue;
        }
        page.heading(&criterion.asks);
        for row in criterion.rows.iter().take(SHOWN) {
            page.item(row);
        }
        more(&mut page, criterion.rows.len());
        for missing in &criterion.standing.missing {
            page.item(&format!("Missing: {missing}"));
        }
    }
    if let Some(review) = &validation.review {
        reviewed(&mut page, review);
    }
    if let Some(watch) = &validation.watch {
        watched(&mut page, watch);
    }
    page
}

fn more(page: &mut Page, all: usize) {
    let more = all.saturating_sub(SHOWN);
    if more > 0 {
        page.item(&format!("and {more} more (--format json lists them)"));
    }
}

fn reviewed(page: &mut Page, review: &Review) {
    page.heading("The log, row by row: failures");
    page.line(&review.no_legitimate_failure.why);
    let counts = FailureClass::ALL.into_iter().filter_map(|class| {
        let count = review.failures_by_class.get(&class)?;
        let look = if class.is_legitimate() { "look at each" } else { "" };
        Some((class.words(), *count, look))
    });
    classes(page, counts);
    list(page, review.failures.iter().filter(|it| it.class.is_legitimate()));
    let open = FailureClass::ALL.into_iter().filter(|it| it.is_legitimate());
    let open = open.filter(|it| review.failures_by_class.contains_key(it));
    help(page, open.map(|it| (it.words(), helps_failure(it))));
    if review.no_legitimate_failure.verdict == GateState::Failed {
        page.line(
            "Only who got in within the hour leaves this list. Who was helped later, or is explained, \
             stays in the report: for the gate a person answers for them with `lockstep waive \
             G8.failures --by WHO --reason TEXT --until DATE`.",
        );
    }
    page.heading("The log, row by row: successes without MFA");
    page.line(&review.no_unexplained_success.why);
    let counts = SuccessClass::ALL.into_iter().filter_map(|class| {
        let count = review.successes_by_class.get(&class)?;
        let look = if class.is_explained() { "explained" } else { "look at each" };
        Some((class.words(), *count, look))
    });
    classes(page, counts);
    list(page, review.successes.iter().filter(|it| !it.class.is_explained()));
    let open = SuccessClass::ALL.into_iter().filter(|it| !it.is_explained());
    let open = open.filter(|it| review.successes_by_class.contains_key(it));
    help(page, open.map(|it| (it.words(), helps_success(it))));
    let missing = &review.no_unexplained_success.missing;
    for missing in missing {
        page.item(&format!("Missing: {missing}"));
    }
}

/// What to do with rows of a class that somebody must look at.
fn help(page: &mut Page, open: impl Iterator<Item = (&'static str, &'static str)>) {
    for (class, what) in open {
        page.item(&format!("What helps, {class}: {what}"));
    }
}

const fn helps_failure(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Challenge | FailureClass::Registration => {
            "call the person, and stay until they are in; the helpdesk guide says how."
        }
        FailureClass::Blocked | FailureClass::Device => {
            "find the policy that refused it (`lockstep audit policies`), and whether it should have."
        }
        FailureClass::Automation => {
            "move the program to an identity of its own, or give it an end with `lockstep exception \
             add`."
        }
        _ => "look the row up in the sign-in log by its time and its error code.",
    }
}

const fn helps_success(class: SuccessClass) -> &'static str {
    match class {
        SuccessClass::PolicyGap => {
            "`lockstep audit policies` shows whom each policy reaches; close the gap."
        }
        SuccessClass::ExcludedAccount | SuccessClass::Service => {
            "end what leaves the account out, or write down why and until when: `lockstep exception \
             add`."
        }
        SuccessClass::Legacy => "`lockstep audit legacy` names who signs in by what.",
        SuccessClass::BreakGlass => {
            "nobody announced it: ask who it was, and treat it as an attack until somebody can say."
        }
        SuccessClass::Skipped => {
            "find the setting that lets people skip it: trusted addresses, or remembered devices."
        }
        _ => "look the row up in the sign-in log by its time.",
    }
}

fn classes(page: &mut Page, counts: impl Iterator<Item = (&'static str, u64, &'static str)>) {
    let rows: Vec<_> = counts
        .map(|(class, count, look)| {
            vec![
                (class.to_owned(), Tone::Plain),
                (words::number(count), Tone::Figure),
                (look.to_owned(), Tone::Plain),
            ]
        })
        .collect();
    if !rows.is_empty() {
        page.table(&["class", "sign-ins", ""], rows);
    }
}

fn list<'r, C: Copy + Ord + 'r>(page: &mut Page, rows: impl Iterator<Item = &'r Reviewed<C>>) {
    let rows = Reviewed::together(rows);
    for row in rows.iter().take(SHOWN) {
        page.item(&row.line());
    }
    more(page, rows.len());
}

fn watched(page: &mut Page, watch: &Watch) {
    page.heading(&format!("The watch: {}", words::criterion(watch.standing.verdict)));
    page.line(&watch.standing.why);
    page.line(&words::watched_span(watch));
    for program in watch.stopped.iter().take(SHOWN) {
        page.item(&words::stopped(program));
    }
    more(page, watch.stopped.len());
    for ring in &watch.rings {
        for person in ring.only_failures.iter().take(SHOWN) {
            let until = person.got_in.map_or_else(
                || "not in yet".to_owned(),
                |at| format!("got in {}", words::moment(at)),
            );
            page.item(&format!(
                "{} · nothing but failures since {} · {until}",
                person.account.label(),
                words::moment(person.since)
            ));
        }
        more(page, ring.only_failures.len());
        let given_up = words::length(&ring.given_up);
        if given_up > 0 {
            page.line(&format!(
                "{} asked for a second factor or for registration, and not seen to get in since: \
                 somebody should call.",
                words::count(given_up, "person was", "people were")
            ));
        }
    }
    for missing in &watch.standing.missing {
        page.item(&format!("Missing: {missing}"));
    }
}
