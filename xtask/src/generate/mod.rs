//! `cargo xtask gen`: the exports of NE Engineering, and the figures they must come to.

mod account;
mod chance;
mod directory;
mod files;
mod habits;
mod impact;
mod json_text;
mod people;
mod proposed;
mod settings;
mod shapes;
mod sign_in;
mod truth;
mod unusual;
pub(crate) mod volume;

use std::path::PathBuf;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::failure::{Failure, Outcome};
use crate::say;
use files::{Export, Packing};
use habits::Period;

/// Last day of the committed example.
pub(crate) const LAST_DAY: Date = jiff::civil::date(2026, 11, 20);
/// Seed of the committed example.
pub(crate) const SEED: u64 = 7;
/// Days the logs reach back: the window of thirty days, and a few before it.
const DAYS: i64 = 34;

/// Writes the example tenant: an exports folder in several shapes, `lockstep.toml`, and
/// `ground-truth.json`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder to write; `exports/` is made inside it.
    #[arg(long, default_value = "examples/ne")]
    out: PathBuf,
    /// Staff, active or not.
    #[arg(long, default_value_t = 210, value_parser = clap::value_parser!(u64).range(150..=500_000))]
    people: u64,
    /// Seed: the same seed gives the same files.
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    /// Last day of the logs.
    #[arg(long, default_value_t = LAST_DAY)]
    end: Date,
    /// Write only a log of so many sign-ins into `--out`, for measurements of speed and memory.
    #[arg(long, requires = "out")]
    records: Option<u64>,
    /// How that log is written.
    #[arg(long, value_enum, default_value_t = volume::Variant::Azure, requires = "records")]
    variant: volume::Variant,
    /// The committed copy: quiet days, large files packed (the default).
    #[arg(long, conflicts_with = "full")]
    small: bool,
    /// Busy days, nothing packed.
    #[arg(long)]
    full: bool,
}

/// What to draw up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    people: u64,
    seed: u64,
    end: Date,
    full: bool,
}

impl Order {
    /// The committed example.
    #[cfg(test)]
    pub(crate) const EXAMPLE: Self = Self { people: 210, seed: SEED, end: LAST_DAY, full: false };
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    if let Some(records) = arguments.records {
        let order = volume::Order { records, seed: arguments.seed, end: arguments.end };
        let bytes = volume::write_log(&arguments.out, arguments.variant, &order)?;
        say!("{records} records, {bytes} bytes of text: {}", arguments.out.display());
        return Ok(());
    }
    let order = Order {
        people: arguments.people,
        seed: arguments.seed,
        end: arguments.end,
        full: arguments.full,
    };
    let exports = draw(&order)?;
    let folder = arguments.out.join("exports");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .map_err(|error| Failure::at("cannot clear", &folder, &error))?;
    }
    let packing = if arguments.full { Packing::Plain } else { Packing::AsDownloaded };
    let bytes = files::write_all(&arguments.out, &exports, packing)?;
    say!("{} files, {} kB: {}", exports.len(), bytes / 1000, arguments.out.display());
    Ok(())
}

/// The moment the logs end: half past five on the last day.
fn end_of(day: Date) -> Outcome<Timestamp> {
    Ok(midnight(day)? + SignedDuration::from_mins(17 * 60 + 30))
}

fn midnight(day: Date) -> Outcome<Timestamp> {
    day.to_zoned(TimeZone::UTC)
        .map(|zoned| zoned.timestamp())
        .map_err(|error| Failure::new(format!("`{day}` is no day of the calendar: {error}")))
}

/// Every file of the example, in memory.
pub(crate) fn draw(order: &Order) -> Outcome<Vec<Export>> {
    let end = end_of(order.end)?;
    let population = people::draw_up(order.people, order.seed, end);
    let mut days = Vec::new();
    for back in (0..DAYS).rev() {
        let day = end - SignedDuration::from_hours(24 * back);
        let date = day.to_zoned(TimeZone::UTC).date();
        days.push((date, midnight(date)?));
    }
    let period = Period { days, end, factor: if order.full { 4 } else { 1 } };
    let log = habits::live(&population, &period, order.seed);
    let mut exports = Vec::new();
    let written = files::sign_ins(&mut exports, &log, &period, order.seed);
    let report_refreshed = midnight(order.end)? + SignedDuration::from_hours(2);
    files::directory(&mut exports, &population, &log, order.seed, end, report_refreshed);
    exports.push(Export::json(
        "ground-truth.json",
        &truth::tell(&truth::Told {
            population: &population,
            log: &log,
            written,
            report_refreshed,
            seed: order.seed,
        }),
    ));
    exports.push(Export::text("lockstep.toml", settings::lockstep_toml(&population, order.end)));
    Ok(exports)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use serde_json::Value;

    use super::files::{self, Packing};
    use super::{Order, draw};

    fn truth(exports: &[files::Export]) -> Value {
        let export = exports.iter().find(|it| it.name() == "ground-truth.json").unwrap();
        serde_json::from_slice(export.bytes()).unwrap()
    }

    #[test]
    fn the_committed_example_is_what_the_generator_writes() {
        let exports = draw(&Order::EXAMPLE).unwrap();
        let written = tempfile::tempdir().unwrap();
        let total = files::write_all(written.path(), &exports, Packing::AsDownloaded).unwrap();
        assert!(total <= 3_000_000, "the example has grown to {total} bytes");
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/ne");
        let fresh = files::contents(written.path()).unwrap();
        let kept = files::contents(&committed).unwrap();
        let names = |map: &BTreeMap<String, Vec<u8>>| map.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&fresh), names(&kept), "run `cargo xtask gen` and commit examples/ne");
        for (name, bytes) in fresh {
            assert!(kept[&name] == bytes, "{name} differs: run `cargo xtask gen` and commit it");
        }
    }

    #[test]
    fn the_example_holds_what_the_method_asks_about() {
        let truth = truth(&draw(&Order::EXAMPLE).unwrap());
        assert_eq!(truth["registration"]["rate_percent"], 87);
        assert_eq!(truth["registration"]["denominators"]["in_scope_people"], 200);
        assert_eq!(truth["registration"]["capable"], 174);
        assert_eq!(truth["registration"]["not_capable"].as_array().unwrap().len(), 26);
        assert_eq!(truth["window"]["days_covered"], 30);
        assert_eq!(truth["directory"]["people"], 210);
        let clients: Vec<&str> = truth["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["client_app"].as_str().unwrap())
            .collect();
        for client in [
            "Authenticated SMTP",
            "IMAP4",
            "Exchange ActiveSync",
            "Exchange Web Services",
            "MAPI Over HTTP",
            "Outlook Anywhere (RPC over HTTP)",
            "Mobile Apps and Desktop clients",
        ] {
            assert!(clients.contains(&client), "{client} is missing");
        }
        assert!(truth["totals"]["legacy_failures"].as_u64().unwrap() > 500);
        assert!(truth["coverage"]["duplicates"].as_u64().unwrap() > 50);
        assert!(truth["coverage"]["older_than_window"].as_u64().unwrap() > 50);
    }

    #[test]
    fn another_seed_is_another_tenant_with_the_same_rate() {
        let other = Order { seed: 8, ..Order::EXAMPLE };
        let (one, two) = (draw(&Order::EXAMPLE).unwrap(), draw(&other).unwrap());
        assert_ne!(truth(&one)["totals"], truth(&two)["totals"]);
        assert_eq!(truth(&two)["registration"]["rate_percent"], 87);
    }

    #[test]
    fn every_record_written_is_counted() {
        let exports = draw(&Order::EXAMPLE).unwrap();
        let truth = truth(&exports);
        let mut records = 0;
        for export in &exports {
            let text = String::from_utf8_lossy(export.bytes());
            records += match export.name() {
                name if name.contains("insights-logs-") => text.lines().count(),
                name if name.contains("signins-page") => {
                    let page: Value = serde_json::from_str(&text).unwrap();
                    page["value"].as_array().unwrap().len()
                }
                name if name.contains("InteractiveSignIns") || name.contains("query_data") => {
                    text.lines().count() - 1
                }
                _ => 0,
            };
        }
        assert_eq!(truth["coverage"]["records_read"], records);
    }
}
