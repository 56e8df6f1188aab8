#![no_main]
//! JSON framing against `serde_json`: an array of objects comes back whole.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::json_framing(bytes));
