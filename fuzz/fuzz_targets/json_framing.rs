#![no_main]
//! JSON framing against `serde_json`: an array of objects comes back whole.

use libfuzzer_sys::fuzz_target;
use lockstep_fuzz::{LIMITS, read_within_limits};
use serde_json::{Map, Value};

fuzz_target!(|bytes: &[u8]| {
    let reading = read_within_limits("fuzz.json", bytes);
    let _ = records::without_trailing_commas(bytes);
    let whole = serde_json::from_slice::<Vec<Map<String, Value>>>(bytes);
    if bytes.len() <= LIMITS.record_bytes
        && let Ok(objects) = whole
    {
        assert_eq!(reading.taken, u64::try_from(objects.len().max(1)).unwrap());
        assert_eq!(reading.unreadable, 0);
    }
});
