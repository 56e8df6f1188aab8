//! `lockstep journal`

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{Digest, Entry, EntryKind, Head, Verdict, verify};

use crate::effects::in_words;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, failed};
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::workspace::Place;
use crate::{atomic_file, words};

/// Show the journal, or verify that nobody altered it
#[derive(Debug, Args)]
pub(crate) struct Journal {
    #[command(subcommand)]
    verb: JournalVerb,
}

#[derive(Debug, Subcommand)]
enum JournalVerb {
    Show(Show),
    Verify(Verify),
}

/// Show what was about to be done, what came of it, what was seen and what was said
#[derive(Debug, Args)]
struct Show {
    /// Only entries of this change set, by its id or the beginning of it
    #[arg(value_name = "CHANGESET")]
    set: Option<String>,
    /// How many of the last entries are shown; all with `--json`
    #[arg(long, default_value_t = 40, value_name = "N")]
    last: u32,
    /// Write the whole journal to a file that can be verified without lockstep
    #[arg(long, value_name = "FILE", conflicts_with = "set")]
    export: Option<PathBuf>,
}

/// Verify a journal: that of the workspace, or an exported one
#[derive(Debug, Args)]
struct Verify {
    /// An exported journal; it is checked offline
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Number and hash of an entry that it is known to hold, as an earlier report showed them: `214:5d0c…`
    #[arg(long, value_name = "NUMBER:HASH")]
    head: Option<String>,
}

#[derive(Debug, Serialize)]
struct Shown {
    schema: &'static str,
    head: HeadShown,
    entries: Vec<EntryShown>,
    exported: Option<String>,
}

#[derive(Debug, Serialize)]
struct HeadShown {
    number: u64,
    hash: String,
}

#[derive(Debug, Serialize)]
struct EntryShown {
    number: u64,
    time: Timestamp,
    actor: String,
    kind: &'static str,
    change_set: Option<String>,
    outcome_of: Option<u64>,
    /// An intent of which nobody knows what came.
    open: bool,
    payload: Value,
    hash: String,
}

#[derive(Debug, Serialize)]
struct Verified {
    schema: &'static str,
    holds: bool,
    head: Option<HeadShown>,
    line: Option<u64>,
    entry: Option<u64>,
    fault: Option<String>,
}

impl Journal {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        match &self.verb {
            JournalVerb::Show(it) => it.run(settings),
            JournalVerb::Verify(it) => it.run(settings),
        }
    }
}

impl Show {
    fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, None)?;
        let operator = Operator::open(&place, settings)?;
        let unread = |error| failed("read", error);
        let store = &operator.store;
        let entries = match &self.set {
            Some(id) => store.entries_of(&full_id(&operator, id)?).map_err(unread)?,
            None if settings.format == crate::arguments::Format::Json => {
                store.entries(1, u32::MAX).map_err(unread)?
            }
            None => store.last_entries(self.last).map_err(unread)?,
        };
        let open: Vec<u64> =
            store.open_intents().map_err(unread)?.iter().map(|it| it.number).collect();
        let exported = self.export.as_deref().map(|file| export(&operator, file)).transpose()?;
        let document = Shown {
            schema: "lockstep.journal-entries/1",
            head: head_shown(&store.head().map_err(unread)?),
            entries: entries.iter().map(|it| entry_shown(it, &open)).collect(),
            exported,
        };
        Outcome::new(settings, ExitStatus::Done, &document, || page(&document, &place, settings))
    }
}

/// The journal as a file.
fn export(operator: &Operator, file: &Path) -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    operator.store.export_journal(&mut bytes).map_err(|error| failed("export", error))?;
    atomic_file::write(file, &bytes)?;
    Ok(file.display().to_string())
}

/// A change set that the journal speaks of need not be known any more.
fn full_id(operator: &Operator, id: &str) -> Result<String, CommandError> {
    if operator.state.sets.contains_key(id) {
        return Ok(id.to_owned());
    }
    operator.set(id).map(|set| set.id)
}

fn head_shown(head: &Head) -> HeadShown {
    HeadShown { number: head.number, hash: head.hash.to_string() }
}

fn entry_shown(entry: &Entry, open: &[u64]) -> EntryShown {
    let (kind, outcome_of) = match entry.kind {
        EntryKind::Intent => ("intent", None),
        EntryKind::Outcome { of } => ("outcome", Some(of)),
        EntryKind::Observation => ("observation", None),
        EntryKind::Note => ("note", None),
    };
    EntryShown {
        number: entry.number,
        time: entry.time,
        actor: entry.actor.clone(),
        kind,
        change_set: entry.change_set.clone(),
        outcome_of,
        open: open.contains(&entry.number),
        payload: entry.payload().unwrap_or(Value::Null),
        hash: entry.hash.to_string(),
    }
}

fn page(document: &Shown, place: &Place, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    page.heading(&format!("Journal ({})", words::count(document.head.number, "entry", "entries")));
    let rows = document.entries.iter().map(|it| {
        let kind = match it.outcome_of {
            Some(of) => format!("outcome of {of}"),
            None if it.open => "intent, open".to_owned(),
            None => it.kind.to_owned(),
        };
        let tone = if it.open { Tone::Danger } else { Tone::Plain };
        vec![
            (it.number.to_string(), Tone::Figure),
            (it.time.strftime("%d %b %H:%M:%S").to_string(), Tone::Plain),
            (it.actor.clone(), Tone::Plain),
            (kind, tone),
            (in_words(&it.payload), Tone::Plain),
        ]
    });
    page.table(&["no", "when (UTC)", "who", "what", "in words"], rows.collect());
    page.line(&format!(
        "The last entry is {}:{}. Whoever keeps that elsewhere notices a journal that was cut or \
         written anew.",
        document.head.number, document.head.hash
    ));
    match &document.exported {
        Some(file) => {
            page.line(&format!("Written to {file}."));
            page.next(&format!("lockstep journal verify {file}"));
        }
        None => page.next(&place.command("journal verify")),
    }
    page
}

impl Verify {
    fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let known = self.head.as_deref().map(known_head).transpose()?;
        let verdict = match &self.file {
            Some(file) => {
                let cannot = |error| {
                    CommandError::wrong_input(format!("cannot read `{}`", file.display()))
                        .because(error)
                };
                let path = settings.folder.join(file);
                let opened = File::open(path).map_err(cannot)?;
                verify(BufReader::new(opened), known).map_err(cannot)?
            }
            None => {
                let place = Place::find(settings, None)?;
                let operator = Operator::open(&place, settings)?;
                operator.store.verify_journal(known).map_err(|it| failed("read", it))?
            }
        };
        let schema = "lockstep.journal-verified/1";
        let (document, status) = match verdict {
            Verdict::Holds(head) => {
                let head = Some(head_shown(&head));
                let holds =
                    Verified { schema, holds: true, head, line: None, entry: None, fault: None };
                (holds, ExitStatus::Done)
            }
            Verdict::Broken(broken) => {
                let document = Verified {
                    schema,
                    holds: false,
                    head: None,
                    line: Some(broken.line),
                    entry: Some(broken.entry),
                    fault: Some(broken.fault.word().to_owned()),
                };
                (document, ExitStatus::Refused)
            }
        };
        Outcome::new(settings, status, &document, || verified_page(&document, settings))
    }
}

fn verified_page(document: &Verified, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    if let Some(head) = &document.head {
        page.line(&format!(
            "The journal holds: {}, the last {}.",
            words::count(head.number, "entry", "entries"),
            head.hash
        ));
    } else {
        let fault = document.fault.as_deref().unwrap_or_default();
        page.line(&format!(
            "The journal does not hold. Line {}, where entry {} should stand: {fault}.",
            document.line.unwrap_or_default(),
            document.entry.unwrap_or_default()
        ));
    }
    page.next("lockstep journal show");
    page
}

fn known_head(text: &str) -> Result<Head, CommandError> {
    let wrong = || {
        CommandError::wrong_input(format!("`{text}` is no number and hash of an entry"))
            .hint("give them as `lockstep journal show` prints them: `214:5d0c…`")
    };
    let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
    let number = number.trim().parse().map_err(|_| wrong())?;
    let hash: Digest = hash.trim().parse().map_err(|_| wrong())?;
    Ok(Head { number, hash })
}
