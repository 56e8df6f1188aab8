//! What a password needs on its way to paper, and what is said of it afterwards.

use std::collections::BTreeMap;

use clap::Args;
use entra::graph::Cloud;
use rollout::Facts;
use rollout::change::{ChangeSet, Edit, Presence, Purpose};
use rollout::engine::{Event, Phase};

use crate::arguments::Format;
use crate::break_glass::runbook::{moment, organisation, portals};
use crate::break_glass::{Desk, Handed, Paper, Showing, record};
use crate::effects::{self, Bench, Order};
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, refusal, refused};
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::{self, Outcome};

/// Where sheets go.
#[derive(Debug, Args)]
pub(super) struct PaperOptions {
    /// Command that prints what it reads, such as `lp -d PRINTER`; without it, sheets are shown on the
    /// terminal, to be written down
    ///
    /// What the command prints itself is thrown away. A print queue, and a printer with a disk, may keep
    /// a copy: use a printer that hangs on this machine.
    #[arg(long, value_name = "COMMAND")]
    print_to: Option<String>,
    /// Give the command an HTML page in place of plain text
    #[arg(long)]
    html: bool,
}

impl PaperOptions {
    /// Where sheets can be shown. Asked before anything is changed.
    pub(super) fn showing(&self, settings: &Settings) -> Result<Showing, CommandError> {
        if settings.format == Format::Json {
            return Err(CommandError::refused("a password is printed for people, never as JSON")
                .hint("run it without `--json`"));
        }
        Showing::of(settings, self.print_to.as_deref(), self.html)
    }
}

/// What stands on every sheet.
pub(super) fn paper(facts: &Facts<'_>, settings: &Settings) -> Paper {
    let cloud = Cloud::of_word(&facts.rollout.tenant.cloud).unwrap_or_default();
    Paper {
        tenant: organisation(facts),
        portal: portals(cloud).entra,
        places: facts.rollout.break_glass.places.clone(),
        phishing_resistant: facts.rollout.break_glass.is_phishing_resistant(),
        set_at: moment(settings.now),
    }
}

/// Carries a set out and, however that ended, shows every password that it set.
pub(super) struct Printed {
    /// What carrying out came to.
    pub(super) outcome: Result<Outcome, CommandError>,
    /// What became of the sheets.
    pub(super) handed: Vec<Handed>,
}

/// Carries a set out with a desk, and keeps what was printed.
pub(super) fn carry_out(
    order: &Order<'_>,
    bench: &mut Bench<'_>,
    showing: Showing,
    paper: &Paper,
) -> Result<Printed, CommandError> {
    let settings = bench.settings;
    let mut desk = Desk::open(settings, showing, paper.clone());
    let outcome = effects::carry_out(order, bench, &mut desk);
    let handed = desk.hand_over();
    drop(desk);
    let now = after(bench.operator, &order.set.id, settings.now);
    for it in &handed {
        let Handed::Printed { user, id } = it else { continue };
        let sheet = record((user, id), &order.set.id, paper, &settings.user, now);
        let left = bench.operator.step(&Event::SheetPrinted(sheet), now)?;
        if let Some(refusal) = refusal(&left) {
            return Err(refused(refusal));
        }
    }
    Ok(Printed { outcome, handed })
}

/// When a set came to where it is, or now, whichever is later: the clock was asked before it was carried
/// out, and what is written down later must not seem to be earlier.
fn after(operator: &Operator, set: &str, now: jiff::Timestamp) -> jiff::Timestamp {
    let Some(progress) = operator.state.sets.get(set) else { return now };
    let ended = match &progress.phase {
        Phase::Done { at } | Phase::Stopped { at, .. } | Phase::TakenBack { at, .. } => Some(*at),
        _ => None,
    };
    let last = progress.done.last().map(|it| it.at);
    [Some(now), ended, last].into_iter().flatten().max().unwrap_or(now)
}

/// A set of this kind that was begun and not finished: a run that was killed goes on with it.
pub(super) fn under_way(operator: &Operator) -> Result<Option<ChangeSet>, CommandError> {
    operator.begun(|set| set.purpose == Purpose::BreakGlass)
}

/// Accounts whose password was set by a change set and never came to paper, as far as anybody said.
///
/// The journal tells that an account was made, not what its password is: a run that was killed between
/// the two leaves an account that nobody can sign in as.
pub(super) fn unprinted(operator: &Operator) -> Result<Vec<String>, CommandError> {
    let mut newest: BTreeMap<String, (jiff::Timestamp, String, String)> = BTreeMap::new();
    for progress in operator.state.sets.values().filter(|it| !it.done.is_empty()) {
        let set = operator.set(&progress.set)?;
        for (change, done) in set.changes.iter().zip(&progress.done) {
            let name = match &change.edit {
                Edit::User { user, after: Presence::Present, .. } => &user.user_principal_name,
                Edit::NewPassword { user } => &user.name,
                _ => continue,
            };
            let this = (done.at, set.id.clone(), name.clone());
            let known = newest.entry(name.to_lowercase()).or_insert_with(|| this.clone());
            if known.0 < this.0 {
                *known = this;
            }
        }
    }
    let printed = |name: &str, set: &str| {
        operator.state.sheets.values().any(|sheet| {
            let same = |it: &String| it.eq_ignore_ascii_case(name);
            let is_paper = !sheet.places.is_empty();
            is_paper
                && sheet.set == set
                && sheet.account.user_principal_name.as_ref().is_some_and(same)
        })
    };
    let missing = newest.into_values().filter(|(_, set, name)| !printed(name, set));
    Ok(missing.map(|(_, _, name)| name).collect())
}

/// What came of it, with the sheets below and what to do next. The command that carrying out names last
/// gives way to `next`.
pub(super) fn told(
    printed: Printed,
    lost: &[String],
    settings: &Settings,
    add: impl FnOnce(&mut Page),
    next: &str,
) -> Result<Outcome, CommandError> {
    let outcome = match printed.outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            for user in lost {
                terminal::say(&format!("{}\n", not_on_paper(user)));
            }
            return Err(error);
        }
    };
    let mut page = Page::new(settings.width, settings.color);
    let text = outcome.text();
    page.printed(text.rsplit_once("\nNext: ").map_or(text, |(before, _)| before));
    if !printed.handed.is_empty() || !lost.is_empty() {
        page.heading("Sheets");
    }
    for it in &printed.handed {
        match it {
            Handed::Printed { user, .. } => {
                page.item(&format!("{user}: shown once; on paper, one sheet for each place"));
            }
            Handed::NotOnPaper { user, why } => page.item(&format!("{user}: NOT on paper. {why}")),
        }
    }
    for user in lost {
        page.item(&not_on_paper(user));
    }
    add(&mut page);
    let next = match lost.first() {
        Some(user) => format!("lockstep break-glass sheet {user}"),
        None => next.to_owned(),
    };
    page.next(&next);
    let status = if lost.is_empty() { outcome.status } else { worse(outcome.status) };
    let document = serde_json::json!({"schema": "lockstep.break-glass-sheets/1"});
    Outcome::new(settings, status, &document, || page)
}

fn not_on_paper(user: &str) -> String {
    format!(
        "Nobody has the password of {user}: it is kept nowhere and cannot be shown again. `lockstep \
         break-glass sheet {user}` sets another one and prints that."
    )
}

/// An account that nobody can sign in as is a change that was carried out by half.
fn worse(status: ExitStatus) -> ExitStatus {
    if status == ExitStatus::Done { ExitStatus::PartlyApplied } else { status }
}
