#![no_main]
//! Encodings: the same bytes behind every byte order mark.

use libfuzzer_sys::fuzz_target;
use lockstep_fuzz::read_within_limits;

fuzz_target!(|bytes: &[u8]| {
    for mark in [b"".as_slice(), b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{"] {
        let marked = [mark, bytes].concat();
        read_within_limits("fuzz.json", &marked);
        read_within_limits("fuzz.csv", &marked);
    }
});
