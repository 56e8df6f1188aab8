//! `lockstep snapshot`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use rollout::engine::{Effect, Event};
use rollout::gaps::{self, Gap};
use rollout::{Coverage, Window, exceptions, registration};
use serde::Serialize;
use signins::Scope;

use crate::arguments::ExportsOption;
use crate::cache::Cache;
use crate::cli::log_figures::LogFigures;
use crate::cli::{facts, read_scope, say};
use crate::error::CommandError;
use crate::live::Tenant;
use crate::operator::{Operator, SnapshotNote, see};
use crate::page::Page;
use crate::reading::Reading;
use crate::settings::Settings;
use crate::terminal::{Outcome, json, status_of};
use crate::workspace::Place;
use crate::{atomic_file, digest, words};

/// Take a snapshot of what the files or the live tenant tell and keep it; print coverage and gaps
///
/// The record goes to .lockstep/snapshots in the workspace. The same files give the same record,
/// so running it again changes nothing. In a workspace every gate is asked, and the figures of the day
/// are kept. Of a live tenant everything is downloaded to .lockstep/graph first; a download that was
/// interrupted goes on where it stopped. Exits 7 when the tenant cannot be reached, and 8 when a list
/// did not come whole.
#[derive(Debug, Default, Args)]
pub(crate) struct Snapshot {
    #[command(flatten)]
    exports: ExportsOption,
}

#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    taken_at: Timestamp,
    as_of: Timestamp,
    digest: String,
    sources: Vec<SourceDigest>,
    records: BTreeMap<&'static str, u64>,
    records_unreadable: u64,
    window: Option<Window>,
    coverage: Option<Coverage>,
    registration: Figures,
    /// `None`: there is no log, or its figures were not measured.
    log: Option<LogFigures>,
    gaps: Vec<Gap>,
    /// What is to be told to whom, such as the end of an exception.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    told: Vec<Told>,
}

/// What is to be told to somebody.
#[derive(Debug, Serialize)]
struct Told {
    to: String,
    what: String,
}

/// One file a document rests on.
#[derive(Debug, Serialize)]
pub(super) struct SourceDigest {
    name: String,
    bytes: u64,
    sha256: Option<String>,
    sign_ins: u64,
    other_records: u64,
    unreadable: u64,
}

#[derive(Debug, Serialize)]
struct Figures {
    as_of: Option<Timestamp>,
    in_scope_people: Option<u64>,
    capable: Option<u64>,
    registered: Option<u64>,
    rate: Option<f64>,
}

impl Snapshot {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, self.exports.exports.as_deref())?;
        if let Some(folder) = place.workspace.as_deref().filter(|_| place.live) {
            Tenant::of(&place.rollout, folder)?.download(&place, settings)?;
        }
        let remembers = place.workspace.is_some() && place.given.is_none();
        let scope = if remembers { Scope::Replay } else { Scope::Everything };
        let reading = read_scope(&place, None, scope, settings)?;
        let facts = facts(&reading, &place, settings);
        let report = registration::report(&facts, &exceptions::classify(&facts));
        let sources = sources(&place, &reading, settings);
        let mut document = Document {
            schema: "lockstep.snapshot/1",
            taken_at: settings.now,
            as_of: facts.as_of,
            digest: digest_of(&sources),
            sources,
            records: reading.counts.clone(),
            records_unreadable: reading.unreadable,
            window: reading.measurement.as_ref().map(|it| it.window.clone()),
            coverage: reading.measurement.as_ref().map(|it| it.coverage.clone()),
            registration: Figures {
                as_of: report.as_of,
                in_scope_people: report.denominators.in_scope_people,
                capable: report.capable,
                registered: report.registered,
                rate: report.rate,
            },
            log: reading.measurement.as_ref().and_then(LogFigures::of),
            gaps: gaps::find(&facts),
            told: Vec::new(),
        };
        let file = path(place.workspace.as_deref().unwrap_or(&settings.folder), &document);
        let mut page = Page::new(settings.width, settings.color);
        page.heading(&format!("Snapshot as of {}", words::moment(facts.as_of)));
        say::collections(&mut page, &reading);
        if let Some(measurement) = &reading.measurement {
            page.line(&say::coverage(&measurement.window, &measurement.coverage));
        }
        if let Some(log) = &document.log {
            log.say(&mut page);
        }
        say::gaps(&mut page, &document.gaps);
        if file.exists() {
            page.line(&format!("The same snapshot is already kept in {}", shown(&file, settings)));
        } else {
            atomic_file::write(&file, json(&document)?.as_bytes())?;
            page.line(&format!("Kept in {}", shown(&file, settings)));
        }
        if remembers {
            document.told = remember(&reading, &place, &file, &document, settings)?;
        }
        if !document.told.is_empty() {
            page.heading("To tell");
            document.told.iter().for_each(|it| page.item(&format!("{}: {}", it.to, it.what)));
        }
        page.next(&place.command("plan"));
        Outcome::new(settings, status_of(&reading), &document, || page)
    }
}

/// Asks every gate, and keeps the figures of the day. What is left is to be told to people.
fn remember(
    reading: &Reading,
    place: &Place,
    file: &Path,
    document: &Document,
    settings: &Settings,
) -> Result<Vec<Told>, CommandError> {
    let mut operator = Operator::open(place, settings)?;
    let note = SnapshotNote {
        file: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        taken_at: document.taken_at,
        as_of: document.as_of,
        digest: document.digest.clone(),
        records_unreadable: document.records_unreadable,
    };
    let state = operator.state.clone();
    let left = see(reading, place, &state, settings, |seen| {
        operator.keep_snapshot(&note, seen, settings.now)?;
        operator.step(&Event::Seen(seen), settings.now)
    })?;
    let told = left.into_iter().filter_map(|effect| match effect {
        Effect::Tell { to, what } => Some(Told { to, what }),
        _ => None,
    });
    Ok(told.collect())
}

/// The file as seen from the folder the command was started in.
fn shown(file: &Path, settings: &Settings) -> String {
    file.strip_prefix(&settings.folder).unwrap_or(file).display().to_string()
}

/// Where a snapshot is kept: named by what it holds, so that the same one is kept once.
fn path(workspace: &Path, document: &Document) -> PathBuf {
    let as_of = document.as_of.strftime("%Y-%m-%dT%H%M%SZ");
    let name = format!("{as_of}-{}.json", digest::short(&document.digest));
    workspace.join(".lockstep").join("snapshots").join(name)
}

/// The sources with the digests of their files. A file that has gone since has none; an entry of
/// an archive has the archive's.
pub(super) fn sources(place: &Place, reading: &Reading, settings: &Settings) -> Vec<SourceDigest> {
    let root = &place.exports;
    let keeps = place.keeps(settings).filter(|_| reading.may_be_kept());
    let mut cache = keeps.map_or_else(Cache::off, |it| Cache::open(it, crate::clock::now()));
    let mut known: BTreeMap<PathBuf, Option<String>> = BTreeMap::new();
    let mut sources = Vec::with_capacity(reading.sources.len());
    for source in &reading.sources {
        let file = file_of(root, &source.name);
        let sha256 = known.entry(file.clone()).or_insert_with(|| cache.sha256(&file).ok()).clone();
        sources.push(SourceDigest {
            name: source.name.clone(),
            bytes: source.bytes,
            sha256,
            sign_ins: source.sign_ins,
            other_records: source.others,
            unreadable: source.unreadable,
        });
    }
    if cache.has_learned() {
        cache.finish();
    }
    sources
}

fn file_of(root: &Path, name: &str) -> PathBuf {
    if root.is_file() {
        return root.to_owned();
    }
    let mut path = root.to_owned();
    for part in name.split('/') {
        path.push(part);
        if path.is_file() {
            break;
        }
    }
    path
}

/// One digest over all of them.
pub(super) fn digest_of(sources: &[SourceDigest]) -> String {
    let lines = sources
        .iter()
        .map(|source| format!("{} {}\n", source.sha256.as_deref().unwrap_or("gone"), source.name))
        .collect::<String>();
    digest::of_text(&lines)
}
