//! What every target checks of a reading.

use records::{Limits, Offer, Reading, Record, read_bytes};

/// Limits low enough for a fuzzer to reach.
pub const LIMITS: Limits = Limits {
    record_bytes: 4096,
    columns: 64,
    inflate_ratio: 100,
    inflated_free: 1 << 16,
    zip_entries: 16,
};

/// Reads bytes as a source of this name; every record must be within the limits.
pub fn read_within_limits(name: &str, bytes: &[u8]) -> Reading {
    read_bytes(name, bytes, &LIMITS, &mut |record| {
        match record {
            Record::Json(record) => {
                assert!(record.bytes.len() <= LIMITS.record_bytes);
                assert!(record.bytes.starts_with(b"{") && record.bytes.ends_with(b"}"));
                assert!(std::str::from_utf8(record.bytes).is_ok());
            }
            Record::Csv(row) => {
                assert!(row.text.len() <= LIMITS.record_bytes);
                assert!(row.ends.len() <= LIMITS.columns);
                assert!((0..row.ends.len()).all(|at| row.cell(at).is_some()));
            }
            Record::EmptyList { .. } => {}
        }
        Offer::Taken
    })
}
