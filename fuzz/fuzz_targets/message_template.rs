#![no_main]
//! Message templates: any text fills in or is refused with its line.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lockstep_fuzz::message_template(bytes));
