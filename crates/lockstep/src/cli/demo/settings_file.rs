//! The workspace of a demo: what the firm's operator would have written down.

use std::path::Path;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use rollout::LegacyDecision;
use rollout::plan::BREAK_GLASS_GROUP;
use toml::{Table, Value};
use twin::world::Notes;

use super::tenant::{CLIENT_ID, Running};
use crate::error::CommandError;
use crate::{atomic_file, deciding};

/// The client secret of the simulated tenant, beside the settings.
pub(super) const SECRET: &str = "client-secret.txt";

/// First line of a demo's settings file. A folder whose file has another is somebody's own.
const MARK: &str = "# Workspace of `lockstep demo`. The next demo replaces it.";

/// What an earlier demo left in its workspace, besides the settings.
const LEFT: [&str; 6] =
    [".lockstep", "plan", SECRET, store::FILE_NAME, "lockstep.db-wal", "lockstep.db-shm"];

/// Clears the workspace of an earlier demo, and of nothing else.
pub(super) fn make_room(folder: &Path, file: &Path) -> Result<(), CommandError> {
    match std::fs::read_to_string(file) {
        Ok(text) if text.starts_with(MARK) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && is_empty(folder) => {
            return Ok(());
        }
        Ok(_) | Err(_) => {
            let message = format!("`{}` is no workspace of a demo", folder.display());
            return Err(CommandError::wrong_input(message)
                .hint("give a folder that is not there yet with `--folder DIR`"));
        }
    }
    for name in LEFT {
        let path = folder.join(name);
        let removed =
            if path.is_dir() { std::fs::remove_dir_all(&path) } else { remove_file(&path) };
        removed.map_err(|error| {
            CommandError::wrong_input(format!("cannot clear `{}`", path.display()))
                .because(error)
                .hint("end the command that uses it, or give another folder with `--folder DIR`")
        })?;
    }
    Ok(())
}

fn is_empty(folder: &Path) -> bool {
    // A folder that cannot be listed is not there, or is told when something is written to it.
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}

fn remove_file(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// What the firm wrote down on the way.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    /// The break-glass accounts, by user principal name.
    pub(super) break_glass: Vec<String>,
    /// When the alert on them was seen to fire.
    pub(super) alert_tested: Option<Date>,
    /// Who answers for what signs in by legacy authentication.
    pub(super) legacy: Vec<LegacyDecision>,
    /// Whose mailbox the messages are sent from.
    pub(super) mail_from: Option<String>,
}

/// Writes the settings: the tenant's address, the first day and, of the made-up firm, what no tenant
/// tells of its people.
pub(super) fn write(
    file: &Path,
    running: &Running,
    start: Date,
    written: Option<&Written>,
    now: Timestamp,
) -> Result<(), CommandError> {
    let notes = running.ask(|world| world.notes(now));
    let settings = table(&notes, running.url(), start, written);
    let text = toml::to_string(&settings).map_err(|error| {
        CommandError::wrong_input("the settings of the demo cannot be written").because(error)
    })?;
    atomic_file::write(file, format!("{MARK}\n\n{text}").as_bytes())
}

/// The settings as a table.
fn table(notes: &Notes, url: &str, start: Date, written: Option<&Written>) -> Table {
    let mut people = Table::new();
    people.insert("no_smartphone".to_owned(), texts(&[notes.no_smartphone_group.to_owned()]));
    people.insert("shared_logins".to_owned(), texts(&notes.shared_logins));
    let on_leave = notes.on_leave.iter().map(|(who, back)| (who.clone(), text(&back.to_string())));
    people.insert("on_leave".to_owned(), Value::Table(on_leave.collect()));
    let mut calendar = section(&[("time_zone", notes.time_zone)]);
    calendar.insert("start".to_owned(), text(&start.to_string()));
    let mut settings = Table::new();
    let sections = [
        ("tenant", section(&[("name", &notes.tenant_name), ("domain", &notes.domain)])),
        (
            "source",
            section(&[
                ("graph", &notes.domain),
                ("graph_endpoint", url),
                ("client_id", CLIENT_ID),
                ("sign_in", "client-secret-file"),
                ("sign_in_file", SECRET),
            ]),
        ),
        ("calendar", calendar),
    ];
    let mut all: Vec<(&str, Table)> = sections.into();
    if let Some(written) = written {
        all.extend([
            ("pilot", section(&[("group", notes.pilot_group)])),
            ("break_glass", break_glass(written)),
            ("people", people),
            ("owners", section(&OWNERS)),
        ]);
        if let Some(from) = &written.mail_from {
            all.push(("mail", section(&[("from", from)])));
        }
    }
    let all = all.into_iter().map(|(name, section)| (name.to_owned(), Value::Table(section)));
    settings.extend(all);
    if let Some(written) = written.filter(|it| !it.legacy.is_empty()) {
        let rows = written.legacy.iter().map(|it| Value::Table(legacy(it))).collect();
        settings.insert("legacy".to_owned(), Value::Array(rows));
    }
    settings
}

fn break_glass(written: &Written) -> Table {
    let mut table = Table::new();
    table.insert("accounts".to_owned(), texts(&written.break_glass));
    if !written.break_glass.is_empty() {
        table.insert("group".to_owned(), text(BREAK_GLASS_GROUP));
    }
    if let Some(date) = written.alert_tested {
        table.insert("alert_tested".to_owned(), text(&date.to_string()));
    }
    table
}

fn legacy(decision: &LegacyDecision) -> Table {
    let due = decision.due.map(|it| it.to_string());
    let keys = [
        ("user", Some(&decision.user)),
        ("client_app", Some(&decision.client_app)),
        ("owner", decision.owner.as_ref()),
        ("decision", decision.decision.as_ref()),
        ("due", due.as_ref()),
    ];
    let told = keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), text(value?))));
    told.collect()
}

/// Who answers for what in the firm.
const OWNERS: [(&str, &str); 8] = [
    ("IT lead", "Head of IT"),
    ("Identity administrator", "IT team"),
    ("Helpdesk lead", "IT team"),
    ("Manager", "Managing Director"),
    ("HR", "HR Manager"),
    ("Facilities", "Facilities Manager"),
    ("Finance lead", "Finance Director"),
    ("Application owner", "Operations Director"),
];

/// The first day, so that today is the day of the demo.
pub(super) fn start(today: Date, day: u32) -> Date {
    match day {
        0 => deciding::next_monday(today),
        day => today.saturating_sub(i64::from(day.saturating_sub(1)).days()),
    }
}

fn section(keys: &[(&str, &str)]) -> Table {
    keys.iter().map(|(key, value)| ((*key).to_owned(), text(value))).collect()
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn texts(values: &[String]) -> Value {
    Value::Array(values.iter().map(|value| text(value)).collect())
}
