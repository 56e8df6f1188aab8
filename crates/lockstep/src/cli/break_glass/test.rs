//! `lockstep break-glass test`

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use rollout::Account;
use rollout::engine::{
    Event, PlannedTest, Seen, Sheet, State, break_glass_accounts, prove_break_glass,
};
use rollout::evidence::{BreakGlassProof, OneBreakGlass, Shown};
use rollout::plan::GateState;
use serde::Serialize;

use super::paper::unprinted;
use crate::break_glass::keys;
use crate::break_glass::runbook::moment;
use crate::cli::{read_figures, said};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, refusal, refused, see};
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::words;
use crate::workspace::Place;

/// A test older than this proves nothing any more (Microsoft Entra documentation, *Manage emergency
/// access accounts*: every 90 days).
const PROOF_LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Announce a test of the break-glass accounts, and show what the sign-in log proves of them
///
/// With `--announce`, sign-ins of the named time are a planned test; every other sign-in of these
/// accounts is an alarm. A test is announced before it begins, and lasts a day at most. Without it, shows
/// account by account what the log of the last snapshot proves and what is missing, and ends with 3 until
/// nothing is.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Announce a test
    #[arg(long, requires = "by")]
    announce: bool,
    /// When it begins, as 2026-11-24T09:30:00Z; now unless given
    #[arg(long, value_name = "TIMESTAMP", requires = "announce")]
    from: Option<Timestamp>,
    /// How long it may take
    #[arg(long, value_name = "MINUTES", default_value_t = 60, requires = "announce",
        value_parser = clap::value_parser!(u16).range(1..=1440))]
    minutes: u16,
    /// Account that is tested; all unless given
    #[arg(long = "account", value_name = "ACCOUNT", requires = "announce")]
    accounts: Vec<String>,
    /// Who announces it: a name, and a role
    #[arg(long, value_name = "WHO", requires = "announce")]
    by: Option<String>,
}

/// What is announced and what is proven.
#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    announced: Option<PlannedTest>,
    /// Tests that go on or lie ahead.
    tests: Vec<PlannedTest>,
    /// `None`: there is no sign-in log, or nobody told the policies.
    proof: Option<BreakGlassProof>,
    sheets: Vec<Sheet>,
    /// Accounts whose password nobody has.
    not_on_paper: Vec<String>,
    /// The third part of the test, which no sign-in shows: who stated that a change was made and undone.
    change_made_and_undone: Option<String>,
    /// The alert, by the settings.
    alert_tested: Option<jiff::civil::Date>,
    /// How old what was read is: a later test is not in it.
    as_of: Timestamp,
    missing: Vec<String>,
    #[serde(skip)]
    phishing_resistant: bool,
}

impl Test {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::of_workspace(settings)?;
        let mut operator = Operator::open(&place, settings)?;
        let reading = read_figures(&place, settings)?;
        let announced = if self.announce {
            let accounts = see(&reading, &place, &operator.state, &settings.quietly(), |seen| {
                self.accounts(&break_glass_accounts(seen.facts))
            })?;
            Some(self.announce(accounts, &mut operator, settings)?)
        } else {
            None
        };
        let not_on_paper = unprinted(&operator)?;
        let document = see(&reading, &place, &operator.state, settings, |seen| {
            Ok(Document::of(seen, &operator.state, announced, not_on_paper, settings))
        })?;
        let status = match (&document.announced, document.missing.is_empty()) {
            (Some(_), _) | (None, true) => ExitStatus::Done,
            (None, false) => ExitStatus::GateClosed,
        };
        Outcome::new(settings, status, &document, || page(&document, &place, settings))
    }

    fn accounts(&self, known: &[Account]) -> Result<Vec<Account>, CommandError> {
        if known.is_empty() {
            return Err(CommandError::wrong_input("no break-glass account is named")
                .hint("name them as `accounts` under `[break_glass]` in lockstep.toml"));
        }
        if self.accounts.is_empty() {
            return Ok(known.to_vec());
        }
        let found = self.accounts.iter().map(|said| {
            let names = known.iter().map(Account::label);
            let name = said::one_of("break-glass account", said, names)?;
            let account = known.iter().find(|it| it.label() == name).cloned();
            account.ok_or_else(|| CommandError::wrong_input(format!("no account `{said}`")))
        });
        found.collect()
    }

    fn announce(
        &self,
        accounts: Vec<Account>,
        operator: &mut Operator,
        settings: &Settings,
    ) -> Result<PlannedTest, CommandError> {
        let from = self.from.unwrap_or(settings.now);
        let lasts = SignedDuration::from_mins(i64::from(self.minutes));
        let to = from
            .checked_add(lasts)
            .map_err(|error| CommandError::wrong_input("the test never ends").because(error))?;
        let by = said::name(self.by.as_deref().unwrap_or_default())?;
        let test = |id: String| PlannedTest {
            id,
            accounts: accounts.clone(),
            from,
            to,
            by: by.clone(),
            at: settings.now,
        };
        let mut given = None;
        let left = operator.step_from(
            |state| {
                let planned = test(said::next_id('T', state.tests.keys()));
                given = Some(planned.clone());
                Event::TestPlanned(planned)
            },
            settings.now,
        )?;
        match (refusal(&left), given) {
            (Some(refusal), _) => Err(refused(refusal)),
            (None, Some(test)) => Ok(test),
            (None, None) => Err(CommandError::refused("the test was not announced")),
        }
    }
}

impl Document {
    fn of(
        seen: &Seen<'_>,
        state: &State,
        announced: Option<PlannedTest>,
        not_on_paper: Vec<String>,
        settings: &Settings,
    ) -> Self {
        let since = settings.now.saturating_sub(PROOF_LASTS).unwrap_or(Timestamp::MIN);
        // Without the policies no row could tell of each.
        let told = seen.facts.snapshot.policies.is_some();
        let proof = prove_break_glass(state, seen, since, settings.now).filter(|_| told);
        let wishes = &seen.facts.rollout.break_glass;
        let attested = state.attestations.get("P-13").filter(|it| it.at >= since);
        let mut document = Self {
            schema: "lockstep.break-glass-test/1",
            announced,
            tests: state.tests.values().filter(|it| it.to >= settings.now).cloned().collect(),
            proof,
            sheets: state.sheets.values().cloned().collect(),
            not_on_paper,
            change_made_and_undone: attested.map(|it| format!("{}: {}", it.by, it.note)),
            alert_tested: wishes.alert_tested,
            as_of: seen.plan.as_of,
            missing: Vec::new(),
            phishing_resistant: wishes.is_phishing_resistant(),
        };
        document.missing = document.find_missing();
        document
    }

    /// What to run next: what is missing in the log needs a test, the rest does not.
    fn next(&self) -> String {
        if self.announced.is_some() {
            return "snapshot".to_owned();
        }
        match self.not_on_paper.first() {
            _ if self.missing.is_empty() => "next".to_owned(),
            _ if !self.missing_in_log().is_empty() => {
                "break-glass test --announce --by WHO".to_owned()
            }
            Some(user) => format!("break-glass sheet {user}"),
            None if self.change_made_and_undone.is_none() => {
                "attest P-13 --by WHO --note TEXT".to_owned()
            }
            None => "break-glass test --announce --by WHO".to_owned(),
        }
    }

    /// What the sign-in log does not show.
    fn missing_in_log(&self) -> Vec<String> {
        let mut missing = Vec::new();
        match &self.proof {
            None => missing.push(
                "A sign-in log and the policies: `lockstep snapshot` reads both after the test."
                    .to_owned(),
            ),
            Some(proof) => {
                if proof.accounts.len() < 2 {
                    missing.push(
                        "Two accounts, named as `accounts` under `[break_glass]` in lockstep.toml."
                            .to_owned(),
                    );
                }
                missing.extend(proof.accounts.iter().flat_map(missing_of));
                if proof.proven.verdict != GateState::Passed && missing.is_empty() {
                    missing.push(proof.proven.why.clone());
                }
            }
        }
        missing
    }

    fn find_missing(&self) -> Vec<String> {
        let mut missing = self.missing_in_log();
        missing.extend(self.not_on_paper.iter().map(|user| {
            format!(
                "{user}: nobody said that its password stands on paper; `lockstep break-glass sheet \
                 {user}` sets another one."
            )
        }));
        if self.change_made_and_undone.is_none() {
            missing.push(
                "That each account made one harmless change and undid it: `lockstep attest P-13 --by \
                 WHO --note TEXT`."
                    .to_owned(),
            );
        }
        if self.alert_tested.is_none() {
            missing.push(
                "The alarm, fired once by a test: its date as `alert_tested` under `[break_glass]`."
                    .to_owned(),
            );
        }
        missing
    }
}

fn missing_of(account: &OneBreakGlass) -> Vec<String> {
    let label = account.account.label();
    let of = |what: &str, shown: &Shown| match shown {
        Shown::Yes { .. } => None,
        Shown::No { why, .. } => Some(format!("{label}: {what} is refuted: {why}.")),
        Shown::Unknown { why } => Some(format!("{label}: {what} is not shown: {why}.")),
    };
    let mut missing: Vec<String> = [
        of("that no policy applies", &account.not_applied),
        of("that it opens a portal", &account.portal),
    ]
    .into_iter()
    .flatten()
    .collect();
    if account.portal.is_yes() && account.test.is_none() {
        missing.push(format!(
            "{label}: it opened a portal outside every announced test; announce one and test again."
        ));
    }
    missing
}

fn page(document: &Document, place: &Place, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    if let Some(test) = &document.announced {
        page.heading(&format!("Announced: {}", test.id));
        page.line(&format!(
            "{} from {} to {}, by {}. Tell whoever watches the alarm before it begins; a sign-in at any \
             other time is an alarm.",
            test.accounts.iter().map(Account::label).collect::<Vec<_>>().join(", "),
            moment(test.from),
            moment(test.to),
            test.by
        ));
    }
    let as_of = words::moment(document.as_of);
    if document.announced.is_some() {
        page.heading("Proven so far, before this test");
        page.line(&format!(
            "By the sign-in log of the last 90 days, as of {as_of}. This test counts once it is in the \
             log."
        ));
    } else {
        page.heading("What the sign-in log proves of the last 90 days");
        page.line(&format!("As of {as_of}."));
    }
    match &document.proof {
        None => page.line("There is no sign-in log, or no file tells the policies."),
        Some(proof) => {
            let rows = proof.accounts.iter().map(|it| row(document, it)).collect();
            let header = ["account", "no policy applies", "opens a portal", "announced", "sheet"];
            page.table(&header, rows);
        }
    }
    for test in document.tests.iter().filter(|it| Some(*it) != document.announced.as_ref()) {
        page.line(&format!(
            "{} goes on or lies ahead: {} to {}.",
            test.id,
            moment(test.from),
            moment(test.to)
        ));
    }
    // What an older test proves says nothing of the one that is announced.
    if !document.missing.is_empty() {
        let so_far = if document.announced.is_some() { " so far" } else { "" };
        page.heading(&format!("Missing{so_far} ({})", words::length(&document.missing)));
        document.missing.iter().for_each(|it| page.item(it));
    } else if document.announced.is_none() {
        page.line("Nothing is missing.");
    }
    if document.announced.is_some() {
        page.heading("How to test");
        for (number, step) in (1..).zip(keys::test(document.phishing_resistant)) {
            page.line(&format!("{number}. {step}"));
        }
    }
    page.next(&place.command(&document.next()));
    page
}

fn row(document: &Document, it: &OneBreakGlass) -> Vec<(String, Tone)> {
    let shown = |shown: &Shown| match shown {
        Shown::Yes { at, method: Some(method), .. } => {
            (format!("{}, by {method}", moment(*at)), Tone::Good)
        }
        Shown::Yes { at, .. } => (moment(*at), Tone::Good),
        Shown::No { .. } => ("NO".to_owned(), Tone::Danger),
        Shown::Unknown { .. } => ("not shown".to_owned(), Tone::Caution),
    };
    let test =
        it.test.clone().map_or_else(|| ("no".to_owned(), Tone::Caution), |test| (test, Tone::Good));
    let id = it.account.user_id.as_deref();
    let sheet = document.sheets.iter().find(|sheet| {
        sheet
            .account
            .user_id
            .as_deref()
            .zip(id)
            .is_some_and(|(one, two)| one.eq_ignore_ascii_case(two))
    });
    let sheet = sheet.map_or_else(
        || ("not by lockstep".to_owned(), Tone::Plain),
        |sheet| match sheet.places.is_empty() {
            true => ("NOT on paper".to_owned(), Tone::Danger),
            false => (moment(sheet.at), Tone::Plain),
        },
    );
    vec![
        (it.account.label().to_owned(), Tone::Plain),
        shown(&it.not_applied),
        shown(&it.portal),
        test,
        sheet,
    ]
}
