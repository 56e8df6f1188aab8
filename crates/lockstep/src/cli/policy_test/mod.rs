//! `lockstep policy-test`

mod page;
mod report;
mod source;

use std::path::PathBuf;

use clap::Args;

use self::report::Report;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::settings::Settings;
use crate::terminal::{self, Outcome};
use crate::words;
use crate::workspace::{Place, quoted};

/// Cases that cannot be read are told one by one up to this many.
const TOLD: usize = 20;

/// Run policy tests: what the sign-in of each case meets, and whether it is what was expected
///
/// A case is a tenant, policies, a sign-in, and what that should meet. A file of cases is YAML or
/// JSON lines; docs/POLICY-TESTS.md explains it. What a case does not tell is unknown, never "no".
/// The command ends with 3 if a case disagrees, else with 8 if a case cannot be read. It reads
/// nothing but the cases.
#[derive(Debug, Args)]
pub(crate) struct PolicyTest {
    /// Files of cases; `-` is the standard input, and so is none at all in a pipe
    #[arg(value_name = "CASES")]
    cases: Vec<PathBuf>,
}

impl PolicyTest {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let mut report = Report::default();
        for source in source::sources(&self.cases)? {
            let added = report.add(&source.name, source.read()?);
            if settings.verbose {
                terminal::remark(&format!(
                    "read: `{}`: {}, {} unreadable",
                    source.name,
                    words::count(added.cases, "case", "cases"),
                    words::number(added.unreadable)
                ));
            }
        }
        remark_unreadable(&report);
        if report.cases.is_empty() {
            return Err(CommandError::wrong_input("no case to run")
                .hint("write a list `cases` as docs/POLICY-TESTS.md shows, or one case on each line as JSON"));
        }
        Outcome::new(settings, status_of(&report), &report, || {
            page::page(&report, &self.next(&report, settings), settings)
        })
    }

    /// The same again while something is to be put right, then the policies of the tenant.
    fn next(&self, report: &Report, settings: &Settings) -> String {
        if report.failed == 0 && report.unreadable.is_empty() {
            return Place::find(settings, None).map_or_else(
                |_| "lockstep audit policies --exports DIR".to_owned(),
                |place| place.command("audit policies"),
            );
        }
        let files = self.cases.iter().map(|it| quoted(it)).collect::<Vec<_>>();
        format!(
            "lockstep policy-test {}",
            if files.is_empty() { "-".to_owned() } else { files.join(" ") }
        )
    }
}

/// Says on stderr which cases could not be read, even with `--quiet`: silence would read as "all
/// ran".
fn remark_unreadable(report: &Report) {
    for problem in report.unreadable.iter().take(TOLD) {
        terminal::remark(&format!("unreadable: {problem}"));
    }
    let more = report.unreadable.len().saturating_sub(TOLD);
    if more > 0 {
        terminal::remark(&format!("unreadable: {more} more"));
    }
}

const fn status_of(report: &Report) -> ExitStatus {
    if report.failed > 0 {
        ExitStatus::GateClosed
    } else if !report.unreadable.is_empty() {
        ExitStatus::SomeUnreadable
    } else {
        ExitStatus::Done
    }
}
