#![no_main]
//! Times: what is read and written again is the same time.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::times(bytes));
