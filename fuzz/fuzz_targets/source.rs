#![no_main]
//! Whole sources: plain, gzip, zip.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::source(bytes));
