//! The workspace of a demo: what the firm's operator would have written down.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
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

/// Writes the settings: the tenant's address and, of the made-up firm on a day of its rollout, what
/// no tenant tells of its people.
pub(super) fn write(
    file: &Path,
    running: &Running,
    day: Option<u32>,
    now: Timestamp,
) -> Result<(), CommandError> {
    let settings = table(&running.ask(|world| world.notes(now)), running.url(), day, now);
    let text = toml::to_string(&settings).map_err(|error| {
        CommandError::wrong_input("the settings of the demo cannot be written").because(error)
    })?;
    atomic_file::write(file, format!("{MARK}\n\n{text}").as_bytes())
}

/// The settings as a table.
fn table(notes: &Notes, url: &str, day: Option<u32>, now: Timestamp) -> Table {
    let mut people = Table::new();
    people.insert("no_smartphone".to_owned(), texts(&[notes.no_smartphone_group.to_owned()]));
    people.insert("shared_logins".to_owned(), texts(&notes.shared_logins));
    let on_leave = notes.on_leave.iter().map(|(who, back)| (who.clone(), text(&back.to_string())));
    people.insert("on_leave".to_owned(), Value::Table(on_leave.collect()));
    let mut calendar = section(&[("time_zone", notes.time_zone)]);
    calendar.insert("start".to_owned(), text(&start(notes, day.unwrap_or(0), now).to_string()));
    let mut break_glass = Table::new();
    break_glass.insert("accounts".to_owned(), texts(&notes.break_glass));
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
    let of_the_firm = [
        ("pilot", section(&[("group", notes.pilot_group)])),
        ("break_glass", break_glass),
        ("people", people),
        ("owners", section(&OWNERS)),
    ];
    let of_the_firm = of_the_firm.into_iter().filter(|_| day.is_some());
    settings.extend(
        sections
            .into_iter()
            .chain(of_the_firm)
            .map(|(name, section)| (name.to_owned(), Value::Table(section))),
    );
    settings
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
fn start(notes: &Notes, day: u32, now: Timestamp) -> Date {
    let zone = TimeZone::get(notes.time_zone).unwrap_or(TimeZone::UTC);
    let today = now.to_zoned(zone).date();
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
