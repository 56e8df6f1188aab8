#![no_main]
//! Encodings: the same bytes behind every byte order mark.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::text_decoding(bytes));
