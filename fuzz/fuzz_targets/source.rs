#![no_main]
//! Whole sources: plain, gzip, zip.

use libfuzzer_sys::fuzz_target;
use lockstep_fuzz::read_within_limits;

fuzz_target!(|bytes: &[u8]| {
    for name in ["fuzz", "fuzz.json", "fuzz.csv.gz", "fuzz.zip"] {
        let reading = read_within_limits(name, bytes);
        assert!(u64::try_from(reading.problems.len()).unwrap() <= reading.unreadable);
    }
});
