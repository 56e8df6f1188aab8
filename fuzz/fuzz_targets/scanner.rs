#![no_main]
//! The scanner of sign-ins beside the exact way.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::scanner(bytes));
