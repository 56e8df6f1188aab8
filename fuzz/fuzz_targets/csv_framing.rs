#![no_main]
//! CSV framing, with a sound header before whatever comes.

use libfuzzer_sys::fuzz_target;
use lockstep_fuzz::read_within_limits;

fuzz_target!(|bytes: &[u8]| {
    read_within_limits("fuzz.csv", bytes);
    read_within_limits("fuzz.csv", &[b"Date (UTC),User,Application\n".as_slice(), bytes].concat());
});
