//! What the collector makes of records in every shape it meets.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, and says so when it is skipped"
)]

mod arbitrary;
mod kinds;
mod order;
mod samples;
mod table;
mod unhappy;

use entra::exports::Collector;
use records::time::DateOrder;
use records::{CsvRow, Header, JsonRecord, Offer, Record};
use rollout::Snapshot;
use serde_json::Value;

/// Offers one JSON object.
fn offer(collector: &mut Collector, value: &Value, context: Option<&str>) -> Offer {
    offer_text(collector, &value.to_string(), context)
}

/// Offers one JSON object as written.
fn offer_text(collector: &mut Collector, text: &str, context: Option<&str>) -> Offer {
    let record = JsonRecord { bytes: text.as_bytes(), line: 1, context };
    collector.offer(&Record::Json(record), "export.json")
}

/// Offers one row of a CSV file with these columns.
fn offer_row(collector: &mut Collector, columns: &[&str], cells: &[&str]) -> Offer {
    let header = Header::new(columns.iter().map(|name| (*name).to_owned()).collect());
    let mut text = String::new();
    let mut ends = Vec::new();
    for cell in cells {
        text.push_str(cell);
        ends.push(text.len());
    }
    let row = CsvRow::joined(&header, 7, &text, &ends, 2, DateOrder::MonthFirst);
    collector.offer(&Record::Csv(row), "export.csv")
}

/// The snapshot of these objects, each of which must be taken.
fn snapshot_of(values: &[Value]) -> Snapshot {
    let mut collector = Collector::new();
    for value in values {
        assert_eq!(offer(&mut collector, value, None), Offer::Taken, "{value}");
    }
    collector.finish()
}

/// The context of a page of Graph's list of this name.
fn page(list: &str) -> String {
    format!("https://graph.microsoft.com/v1.0/$metadata#{list}")
}
