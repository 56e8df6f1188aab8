#![no_main]
//! Settings: any text is settings or is refused, and settings that pass the check make a plan.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::settings(bytes));
