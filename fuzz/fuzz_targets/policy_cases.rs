#![no_main]
//! Policy tests: any text is read as cases or refused with its line; what is read is answered.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::policy_cases(bytes));
