//! A log of any length, one record at a time, for measurements of speed and memory.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::chance::Chance;
use super::json_text;
use super::people::{Population, draw_up};
use super::shapes::diagnostic;
use super::sign_in::{EXCHANGE, GRAPH, OFFICE, OFFICE_HOME, SHAREPOINT, SignIn, TEAMS};
use crate::failure::{Failure, Outcome};

const CLIENTS: [&str; 5] = [
    "Browser",
    "Mobile Apps and Desktop clients",
    "Exchange ActiveSync",
    "IMAP4",
    "Authenticated SMTP",
];

/// Writes so many diagnostic-settings lines to a file; the answer is its size in bytes. Records
/// carry five report-only policies, as a tenant with Conditional Access has them, so that one
/// is three to four kilobytes long.
pub(crate) fn write_log(path: &Path, records: u64, seed: u64, end: Date) -> Outcome<u64> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)
            .map_err(|error| Failure::at("cannot make the folder", parent, &error))?;
    }
    let file = File::create(path).map_err(|error| Failure::at("cannot write", path, &error))?;
    let mut writer = BufWriter::with_capacity(1 << 20, file);
    let last = super::end_of(end)?;
    let population = draw_up(5_000, seed, last);
    let mut chance = Chance::of(seed, "volume");
    let policies = policies(&mut chance);
    let mut bytes = 0;
    for number in 0..records {
        let line = record(&mut chance, &population, &policies, (number, records), last);
        writer.write_all(line.as_bytes())?;
        writer.write_all(b"\n")?;
        bytes += u64::try_from(line.len()).unwrap_or(0) + 1;
    }
    writer.flush()?;
    Ok(bytes)
}

fn record(
    chance: &mut Chance,
    population: &Population,
    policies: &Value,
    (number, records): (u64, u64),
    last: jiff::Timestamp,
) -> String {
    let total = u64::try_from(population.accounts.len()).unwrap_or(0);
    let position = usize::try_from(chance.below(total)).unwrap_or(0);
    // Spread evenly over 29 days; the last record ends the log.
    let seconds_back = (records - number - 1).saturating_mul(29 * 24 * 3600) / records.max(1);
    let back = SignedDuration::from_secs(i64::try_from(seconds_back).unwrap_or(0));
    let mut sign_in = match population.accounts.get(position) {
        Some(account) => SignIn::of(account, last - back),
        None => SignIn { time: last - back, ..SignIn::default() },
    };
    (sign_in.id, sign_in.correlation) = (chance.guid(), chance.guid());
    sign_in.app = chance.pick(&[OFFICE_HOME, OFFICE, TEAMS, SHAREPOINT]);
    sign_in.resource = chance.pick(&[GRAPH, EXCHANGE]);
    sign_in.interactive = chance.percent(35);
    let legacy = chance.percent(2);
    let choice = if legacy { 2 + chance.below(3) } else { chance.below(2) };
    sign_in.client_app =
        usize::try_from(choice).ok().and_then(|it| CLIENTS.get(it)).copied().unwrap_or("Browser");
    sign_in.protocol = if legacy { "ropc" } else { "none" };
    sign_in.user_agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0.0.0";
    sign_in.code = if chance.percent(8) { chance.pick(&[50126_u32, 50140, 50053]) } else { 0 };
    sign_in.multifactor = chance.percent(20);
    let mut value = diagnostic(&sign_in);
    if let Some(map) = value.pointer_mut("/properties").and_then(Value::as_object_mut) {
        map.insert("appliedConditionalAccessPolicies".to_owned(), policies.clone());
        map.insert("uniqueTokenIdentifier".to_owned(), json!(chance.guid()));
        map.insert("sessionId".to_owned(), json!(chance.guid()));
    }
    json_text::line(&value)
}

fn policies(chance: &mut Chance) -> Value {
    let names = [
        "Block legacy authentication",
        "Require MFA for administrators",
        "Require compliant device",
        "Require MFA for all users",
        "Block device code flow",
    ];
    Value::Array(
        names
            .iter()
            .map(|name| {
                json!({
                    "id": chance.guid(), "displayName": name, "enforcedGrantControls": ["Mfa"],
                    "enforcedSessionControls": [], "result": "reportOnlyNotApplied",
                    "conditionsSatisfied": 3, "conditionsNotSatisfied": 16,
                })
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::LAST_DAY;
    use super::write_log;

    #[test]
    fn so_many_records_of_the_promised_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("PT1H.json");
        let bytes = write_log(&path, 400, 1, LAST_DAY).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 400);
        assert_eq!(u64::try_from(text.len()).unwrap(), bytes);
        let each = bytes / 400;
        assert!((3_000..=4_000).contains(&each), "a record has {each} bytes");
        for line in text.lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(record["properties"]["id"].as_str().unwrap().len(), 36);
        }
    }
}
