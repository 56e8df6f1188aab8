//! Which sign-in stands in which file, and how files are packed.

#[cfg(test)]
use std::collections::BTreeMap;
use std::fs;
#[cfg(test)]
use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::chance::Chance;
use super::directory::{self, LastSeen};
use super::habits::Period;
use super::people::Population;
use super::proposed;
use super::shapes::{
    LOG_ANALYTICS_HEADER, PORTAL_HEADER, csv_line, diagnostic, graph, log_analytics_row,
    portal_row, workload,
};
use super::sign_in::SignIn;
use super::truth::Written;
use super::{json_text, shapes};
use crate::failure::{Failure, Outcome};

/// How a file is packed where packing is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pack {
    Never,
    Gzip,
    Zip,
}

/// Whether files are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// As an administrator would keep them.
    AsDownloaded,
    /// Nothing packed.
    Plain,
}

/// One file of the example, unpacked.
#[derive(Debug)]
pub(crate) struct Export {
    name: String,
    bytes: Vec<u8>,
    pack: Pack,
}

impl Export {
    /// A text file.
    pub(crate) fn text(name: &str, text: String) -> Self {
        Self { name: name.to_owned(), bytes: text.into_bytes(), pack: Pack::Never }
    }

    /// A JSON file, indented.
    pub(crate) fn json(name: &str, value: &Value) -> Self {
        Self::text(name, json_text::pretty(value))
    }

    /// Path inside the example, without a packing suffix.
    #[cfg(test)]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Content before packing.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    const fn packed(mut self, pack: Pack) -> Self {
        self.pack = pack;
        self
    }
}

/// Days of the period from which an interactive sign-in stands in Graph pages; the portal's CSV
/// reaches two days further, so that those days are in both.
const GRAPH_FROM_DAY: usize = 17;
const PORTAL_UNTIL_DAY: usize = 19;

/// Writes every sign-in to at least one file, and counts the copies.
pub(crate) fn sign_ins(
    exports: &mut Vec<Export>,
    log: &[SignIn],
    period: &Period,
    seed: u64,
) -> Written {
    let day = |number: usize| period.days.get(number).map_or(period.end, |(_, midnight)| *midnight);
    let interactive: Vec<&SignIn> = log.iter().filter(|it| it.interactive).collect();
    let silent: Vec<&SignIn> = log.iter().filter(|it| !it.interactive).collect();
    let mut written = Written::default();
    portal(exports, &mut written, &interactive, (day(0), day(PORTAL_UNTIL_DAY)));
    graph_pages(exports, &mut written, &interactive, day(GRAPH_FROM_DAY));
    archive(exports, &mut written, &silent, period);
    log_analytics(exports, &mut written, log, day(PORTAL_UNTIL_DAY + 3));
    written.workload = programs(exports, period, seed);
    written
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Notes which sign-ins a file holds that tells of every device whether it is enrolled.
fn note(written: &mut Written, log: &[&SignIn]) {
    written.user_records += count(log.len());
    written.device_told.extend(log.iter().map(|it| it.id.clone()));
}

fn portal(
    exports: &mut Vec<Export>,
    written: &mut Written,
    log: &[&SignIn],
    (from, until): (Timestamp, Timestamp),
) {
    let rows: Vec<_> = log.iter().filter(|it| it.time < until).copied().collect();
    note(written, &rows);
    let mut text = String::from('\u{feff}');
    text.push_str(&csv_line(&PORTAL_HEADER));
    text.push_str("\r\n");
    for row in &rows {
        text.push_str(&csv_line(&portal_row(row)));
        text.push_str("\r\n");
    }
    let span = format!("{}_{}", from.strftime("%Y-%m-%d"), until.strftime("%Y-%m-%d"));
    let name = format!("exports/sign-ins/InteractiveSignIns_{span}.csv");
    exports.push(Export::text(&name, text).packed(Pack::Zip));
}

fn graph_pages(exports: &mut Vec<Export>, written: &mut Written, log: &[&SignIn], from: Timestamp) {
    // Graph answers newest first.
    let newest_first: Vec<_> = log.iter().rev().filter(|it| it.time >= from).copied().collect();
    note(written, &newest_first);
    let newest_first: Vec<Value> = newest_first.into_iter().map(graph).collect();
    let pages: Vec<&[Value]> = newest_first.chunks(250).collect();
    for (position, values) in pages.iter().enumerate() {
        let number = position + 1;
        let mut page = json!({
            "@odata.context":
                "https://graph.microsoft.com/beta/$metadata#auditLogs/signIns", "value": values,
        });
        if let Some(map) = page.as_object_mut().filter(|_| number < pages.len()) {
            let next = format!(
                "https://graph.microsoft.com/beta/auditLogs/signIns?$skiptoken=page{number}"
            );
            map.insert("@odata.nextLink".to_owned(), json!(next));
        }
        let name = format!("exports/sign-ins/graph/signins-page-{number:02}.json");
        let text = json_text::line(&page);
        let pack = if number == pages.len() { Pack::Never } else { Pack::Gzip };
        exports.push(Export::text(&name, text).packed(pack));
    }
}

/// Of a device that is not enrolled these lines tell the system and browser only.
fn archive(exports: &mut Vec<Export>, written: &mut Written, log: &[&SignIn], period: &Period) {
    let tenant = shapes::TENANT_ID;
    for (date, midnight) in &period.days {
        let next = *midnight + SignedDuration::from_hours(24);
        let lines: Vec<String> = log
            .iter()
            .filter(|it| it.time >= *midnight && it.time < next)
            .map(|it| json_text::line(&diagnostic(it)))
            .collect();
        let folder = date.strftime("y=%Y/m=%m/d=%d/h=00/m=00");
        let name = format!(
            "exports/sign-ins/insights-logs-noninteractiveusersigninlogs/tenantId={tenant}/\
             {folder}/PT1H.json"
        );
        exports.push(Export::text(&name, lines.join("\n")).packed(Pack::Gzip));
    }
    written.user_records += count(log.len());
}

/// Five days again, kept by a query that dropped the authentication protocol: every row is a copy.
fn log_analytics(
    exports: &mut Vec<Export>,
    written: &mut Written,
    log: &[SignIn],
    from: Timestamp,
) {
    let until = from + SignedDuration::from_hours(24 * 5);
    let rows: Vec<_> = log
        .iter()
        .filter(|it| it.time >= from && it.time < until)
        .filter(|it| it.legacy() && it.code == 0 || it.multifactor)
        .collect();
    note(written, &rows);
    let mut text = csv_line(&LOG_ANALYTICS_HEADER);
    text.push('\n');
    for row in &rows {
        text.push_str(&csv_line(&log_analytics_row(row)));
        text.push('\n');
    }
    exports.push(Export::text("exports/sign-ins/query_data.csv", text));
}

fn programs(exports: &mut Vec<Export>, period: &Period, seed: u64) -> Vec<Timestamp> {
    let mut chance = Chance::of(seed, "programs");
    let mut times = Vec::new();
    let lines: Vec<String> = period
        .days
        .iter()
        .map(|(_, midnight)| {
            let time = *midnight + SignedDuration::from_secs(chance.between(3600, 7200));
            times.push(time);
            json_text::line(&workload(&mut chance, time))
        })
        .collect();
    let name = "exports/sign-ins/insights-logs-serviceprincipalsigninlogs/PT1H.json";
    exports.push(Export::text(name, lines.join("\n")));
    times
}

/// The directory, the registration report, mailboxes and policies.
pub(crate) fn directory(
    exports: &mut Vec<Export>,
    population: &Population,
    log: &[SignIn],
    seed: u64,
    end: Timestamp,
    report_refreshed: Timestamp,
) {
    let mut seen = LastSeen::default();
    for sign_in in log.iter().filter(|it| it.code == 0) {
        let entry = seen.by_id.entry(sign_in.user_id.clone()).or_insert((sign_in.time, None));
        entry.0 = entry.0.max(sign_in.time);
        if sign_in.interactive {
            entry.1 = entry.1.max(Some(sign_in.time));
        }
    }
    let users = json_text::pretty(&directory::users(population, &seen));
    exports.push(Export::text("exports/directory/users.json", users));
    let users = directory::users_csv(population);
    let day = end.strftime("%Y-%-m-%-d");
    exports.push(Export::text(&format!("exports/directory/exportUsers_{day}.csv"), users));
    let rows = directory::registration(population, report_refreshed);
    for (position, rows) in rows.chunks(120).enumerate() {
        let page = directory::page("reports/userRegistrationDetails", rows.to_vec());
        let name = format!("exports/registration/userRegistrationDetails-{}.json", position + 1);
        exports.push(Export::json(&name, &page));
    }
    let empty = |context: &str| directory::page(context, Vec::new());
    let single: [(&str, Value); 11] = [
        ("directory/groups.json", directory::groups(population)),
        ("directory/members-no-smartphone.json", directory::no_smartphone_members(population)),
        ("directory/role-assignments.json", directory::roles(population)),
        ("directory/organization.json", directory::organization(end)),
        ("directory/domains.json", directory::domains()),
        ("directory/subscribed-skus.json", directory::licences(population)),
        ("policies/security-defaults.json", directory::security_defaults()),
        ("policies/authentication-methods-policy.json", directory::methods_policy()),
        ("policies/conditional-access-policies.json", empty("identity/conditionalAccess/policies")),
        ("policies/named-locations.json", proposed::named_locations()),
        ("audits/directoryAudits.json", directory::audits(population, seed, end)),
    ];
    for (name, value) in single {
        exports.push(Export::json(&format!("exports/{name}"), &value));
    }
    for (name, value) in proposed::policies() {
        exports.push(Export::json(&format!("proposed/{name}"), &value));
    }
    let mailboxes = format!("\u{feff}{}", directory::mailboxes_csv(population, end));
    exports.push(Export::text("exports/exchange/Mailboxes.csv", mailboxes));
    exports.push(Export::text("exports/README.txt", EXPORTS_README.to_owned()));
}

const EXPORTS_README: &str = "\
Exports of a made-up tenant, NE Engineering (ne.example), as an administrator would download them.
Every name, address and number in here was invented by `cargo xtask gen`. lockstep lists this file
as one it does not know: a folder of exports may hold anything.
";

/// Writes the files below a folder; the answer is their size on disk.
pub(crate) fn write_all(folder: &Path, exports: &[Export], packing: Packing) -> Outcome<u64> {
    let mut total = 0;
    for export in exports {
        let pack = if packing == Packing::Plain { Pack::Never } else { export.pack };
        let (name, bytes) = match pack {
            Pack::Never => (export.name.clone(), export.bytes.clone()),
            Pack::Gzip => (format!("{}.gz", export.name), gzip(&export.bytes)?),
            Pack::Zip => {
                let stem = export.name.strip_suffix(".csv").unwrap_or(&export.name);
                (format!("{stem}.zip"), zipped(&export.name, &export.bytes)?)
            }
        };
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| Failure::at("cannot make the folder", parent, &error))?;
        }
        fs::write(&path, &bytes).map_err(|error| Failure::at("cannot write", &path, &error))?;
        total += count(bytes.len());
    }
    Ok(total)
}

fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn zipped(name: &str, bytes: &[u8]) -> Outcome<Vec<u8>> {
    let entry = name.rsplit('/').next().unwrap_or(name);
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let broken = |error: zip::result::ZipError| Failure::new(format!("cannot zip: {error}"));
    writer.start_file(entry, options).map_err(broken)?;
    writer.write_all(bytes)?;
    Ok(writer.finish().map_err(broken)?.into_inner())
}

/// Every file below a folder, unpacked: two builds may pack the same content into different bytes.
#[cfg(test)]
pub(crate) fn contents(folder: &Path) -> Outcome<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut queue = vec![folder.to_owned()];
    while let Some(next) = queue.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                queue.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
            found.insert(name, unpacked(&path)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
fn unpacked(path: &Path) -> Outcome<Vec<u8>> {
    let bytes = fs::read(path)?;
    let mut plain = Vec::new();
    match path.extension().and_then(|it| it.to_str()) {
        Some("gz") => {
            flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain)?;
        }
        Some("zip") => {
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes))
                .map_err(|error| Failure::at("cannot read", path, &error))?;
            let mut entry =
                archive.by_index(0).map_err(|error| Failure::at("cannot read", path, &error))?;
            entry.read_to_end(&mut plain)?;
        }
        _ => plain = bytes,
    }
    Ok(plain)
}
