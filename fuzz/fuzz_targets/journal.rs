#![no_main]
//! The journal: what holds as an export holds no more once a byte of it is another.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::journal(bytes));
