//! How much a foreign file may cost.

/// Bounds that keep memory flat whatever the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest record, in bytes of UTF-8. A longer one is skipped and reported.
    pub record_bytes: usize,
    /// Most columns of a CSV file.
    pub columns: usize,
    /// Most inflated bytes per compressed byte, once more than `inflated_free` came out.
    pub inflate_ratio: u64,
    /// Inflated bytes that are never questioned.
    pub inflated_free: u64,
    /// Most entries of one zip.
    pub zip_entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes: 32 << 20,
            columns: 20_000,
            inflate_ratio: 250,
            inflated_free: 256 << 20,
            zip_entries: 10_000,
        }
    }
}
