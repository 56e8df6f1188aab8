#![no_main]
//! The collector of exported files, offered whatever the framers hand out.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::entra_record(bytes));
