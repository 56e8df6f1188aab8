//! `lockstep break-glass watch`

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use rollout::engine::{Seen, State, break_glass_accounts, watch_break_glass};
use rollout::evidence::{BreakGlassSignIn, BreakGlassWatch, RowResult};
use rollout::{Facts, plan};
use serde::Serialize;

use super::alarm::{Mailed, tell};
use crate::arguments::ExportsOption;
use crate::break_glass::azure_monitor;
use crate::break_glass::rules::{Rule, Watched, rules};
use crate::cli::read_figures;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{remembered, see, state_of};
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, json, status_of};
use crate::words;
use crate::workspace::{Place, quoted};
use crate::{atomic_file, break_glass::runbook::moment};

/// List every sign-in of the break-glass accounts, and write the alarm
///
/// A sign-in that no announced test covers is critical, also when it failed: somebody may be trying the
/// password. Then it ends with 3. A snapshot sees a sign-in hours late; the alarm itself is a rule of Azure
/// Monitor, which `--out` writes: four queries, and one template that deploys them.
#[derive(Debug, Args)]
pub(super) struct Watch {
    #[command(flatten)]
    exports: ExportsOption,
    /// Days looked back; the settings say 30 unless changed
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: Option<u32>,
    /// Folder the queries and the template go to
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Address that is told of critical sign-ins, each once; sent as `[mail]` in the settings says
    #[arg(long = "mail-to", value_name = "ADDRESS")]
    mail_to: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    /// Nobody announced them.
    critical: Vec<BreakGlassSignIn>,
    planned: Vec<BreakGlassSignIn>,
    /// Why nothing may be concluded from silence. Empty: it may.
    holes: Vec<String>,
    days: u32,
    written: Vec<String>,
    /// What the rules leave out.
    left_out: Vec<String>,
    mailed: Vec<Mailed>,
}

impl Watch {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        let state = match remembered(&place)? {
            Some(store) => state_of(&store)?,
            None => State::default(),
        };
        let reading = read_figures(&place, settings)?;
        let mut document =
            see(&reading, &place, &state, settings, |seen| self.document(seen, &state, settings))?;
        if !self.mail_to.is_empty() && !document.critical.is_empty() {
            document.mailed = tell(&self.mail_to, &document.critical, &place, settings)?;
        }
        let status =
            if document.critical.is_empty() { status_of(&reading) } else { ExitStatus::GateClosed };
        Outcome::new(settings, status, &document, || self.page(&document, &place, settings))
    }

    fn document(
        &self,
        seen: &Seen<'_>,
        state: &State,
        settings: &Settings,
    ) -> Result<Document, CommandError> {
        if break_glass_accounts(seen.facts).is_empty() {
            return Err(CommandError::wrong_input("no break-glass account is named").hint(
                "name them as `accounts` under `[break_glass]` in lockstep.toml: none is guessed",
            ));
        }
        let days = self.days.unwrap_or(seen.facts.rollout.thresholds.legacy_days);
        let span = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
        let since = settings.now.saturating_sub(span).unwrap_or(Timestamp::MIN);
        let watch = watch_break_glass(state, seen, since, settings.now);
        let (written, left_out) = match &self.out {
            Some(out) => write(seen.facts, &settings.folder.join(out))?,
            None => (Vec::new(), Vec::new()),
        };
        let (sign_ins, holes) = match watch {
            Some(BreakGlassWatch { sign_ins, reach }) => (sign_ins, reach.holes),
            None => (Vec::new(), vec!["there is no sign-in log".to_owned()]),
        };
        let (planned, critical) = sign_ins.into_iter().partition(|it| it.planned.is_some());
        let schema = "lockstep.break-glass-watch/1";
        let mailed = Vec::new();
        Ok(Document { schema, critical, planned, holes, days, written, left_out, mailed })
    }

    fn page(&self, document: &Document, place: &Place, settings: &Settings) -> Page {
        let mut page = Page::new(settings.width, settings.color);
        let days = words::count(u64::from(document.days), "day", "days");
        if document.critical.is_empty() && document.holes.is_empty() {
            page.heading(&format!("No unannounced sign-in in {days}"));
        } else if document.critical.is_empty() {
            page.heading(&format!("No unannounced sign-in seen in {days}, and not all was seen"));
        } else {
            page.heading(&format!(
                "CRITICAL: {} outside every announced test",
                words::count(words::length(&document.critical), "record", "records")
            ));
            page.table(&HEADER, document.critical.iter().map(|it| row(it, Tone::Danger)).collect());
            page.line(
                "Call both keepers now. If nobody of them did it, the password or a key is in other \
                 hands: `lockstep break-glass sheet ACCOUNT` sets another password; end its sessions \
                 and look at what it changed.",
            );
        }
        for it in &document.mailed {
            page.item(&match (&it.failed, it.sign_ins) {
                (Some(why), _) => format!("{} was NOT told by mail: {why}.", it.to),
                (None, 0) => format!("{} was told before.", it.to),
                (None, _) => format!("{} was told by mail.", it.to),
            });
        }
        for hole in &document.holes {
            page.item(&format!("Silence shows nothing here: {hole}."));
        }
        if !document.planned.is_empty() {
            page.heading("In announced tests");
            page.table(&HEADER, document.planned.iter().map(|it| row(it, Tone::Plain)).collect());
        }
        if let Some(out) = &self.out {
            self.say_written(&mut page, document, out);
        }
        page.next(&place.command(match (&self.out, document.critical.is_empty()) {
            (_, false) => "break-glass test --announce --by WHO",
            (None, true) => "break-glass watch --out alerts",
            (Some(_), true) => "break-glass test --announce --by WHO",
        }));
        page
    }

    fn say_written(&self, page: &mut Page, document: &Document, out: &Path) {
        page.heading(&format!("Written to {}", quoted(out)));
        document.written.iter().for_each(|it| page.item(it));
        document.left_out.iter().for_each(|it| page.line(it));
        page.line(
            "Send SignInLogs, NonInteractiveUserSignInLogs and AuditLogs to a Log Analytics workspace \
             (Entra admin center, Monitoring & health, Diagnostic settings). Then, with the Azure CLI:",
        );
        page.line(&format!(
            "az deployment group create --resource-group GROUP --template-file {} --parameters \
             workspaceResourceId=ID actionGroupResourceIds=\"['ID']\"",
            quoted(&out.join(azure_monitor::FILE_NAME))
        ));
        page.line(
            "The action group must reach two people in a way that needs no sign-in to this tenant. Let \
             it fire once by an announced test, and write the date as `alert_tested` under \
             `[break_glass]`.",
        );
    }
}

/// The account first: a table breaks no word of its first column.
const HEADER: [&str; 4] = ["account", "when", "result", "where"];

fn row(it: &BreakGlassSignIn, tone: Tone) -> Vec<(String, Tone)> {
    let told = |text: Option<&str>| text.unwrap_or("not told").to_owned();
    let code = it.row.error_code.map(|code| format!(" {code}")).unwrap_or_default();
    let result = match it.row.result() {
        RowResult::Success => "success".to_owned(),
        RowResult::Failure => format!("failure{code}"),
        RowResult::Interrupt => format!("asked{code}"),
        RowResult::Unknown => "not told".to_owned(),
    };
    let when = it.row.at.map_or_else(|| "not told".to_owned(), moment);
    let when = match &it.planned {
        Some(test) => format!("{when} ({test})"),
        None => when,
    };
    let from = told(it.row.ip_address.as_deref());
    vec![
        (it.account.label().to_owned(), Tone::Plain),
        (when, tone),
        (result, tone),
        (format!("{} from {from}", told(it.row.app.as_deref())), Tone::Plain),
    ]
}

/// Writes the queries and the template; gives the names of the files, and what they leave out.
fn write(facts: &Facts<'_>, out: &Path) -> Result<(Vec<String>, Vec<String>), CommandError> {
    let (watched, left_out) = watched(facts)?;
    let rules = rules(&watched);
    let mut written = Vec::new();
    for rule in &rules {
        atomic_file::write(&out.join(rule.file_name()), rule.file().as_bytes())?;
        written.push(line(rule));
    }
    let template = json(&azure_monitor::template(&rules))?;
    atomic_file::write(&out.join(azure_monitor::FILE_NAME), template.as_bytes())?;
    written.push(format!("{}: all four as rules of Azure Monitor", azure_monitor::FILE_NAME));
    Ok((written, left_out))
}

fn line(rule: &Rule) -> String {
    format!("{}: {}", rule.file_name(), rule.what)
}

/// What the rules watch. An account whose id nobody tells would be watched by its name alone, and an alarm
/// that can be renamed away is none.
fn watched(facts: &Facts<'_>) -> Result<(Watched, Vec<String>), CommandError> {
    let accounts = break_glass_accounts(facts);
    let mut ids = Vec::new();
    for account in &accounts {
        let id = account.user_id.clone().filter(|id| !id.is_empty()).ok_or_else(|| {
            CommandError::wrong_input(format!(
                "no file tells the object id of `{}`",
                account.label()
            ))
            .hint("the alarm is by id: take a snapshot after the account was made")
        })?;
        ids.push(id);
    }
    let name = facts.rollout.break_glass.group.as_deref().unwrap_or(plan::BREAK_GLASS_GROUP);
    let group_id = facts.group(name).and_then(|it| it.id.clone());
    let mut left_out = Vec::new();
    if group_id.is_none() {
        left_out.push(format!(
            "The group `{name}` is not there, or no file tells its id: rule B does not watch it. Write \
             the rules again when it is."
        ));
    }
    let account_names = accounts.into_iter().filter_map(|it| it.user_principal_name).collect();
    Ok((Watched { account_ids: ids, account_names, group_id }, left_out))
}
