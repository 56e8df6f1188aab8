#![no_main]
//! Filters for devices: a rule written out reads as itself, and says the same of every device.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::device_filter(bytes));
