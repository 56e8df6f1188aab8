#![no_main]
//! CSV framing, with a sound header before whatever comes.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::csv_framing(bytes));
