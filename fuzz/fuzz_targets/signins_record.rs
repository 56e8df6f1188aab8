#![no_main]
//! The sign-in reader, offered whatever the framers hand out. What it takes, it counts.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::signins_record(bytes));
