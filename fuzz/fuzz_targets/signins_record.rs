#![no_main]
//! The sign-in reader, offered whatever the framers hand out.

use libfuzzer_sys::fuzz_target;
use lockstep_fuzz::LIMITS;
use signins::{Question, Reader};

fuzz_target!(|bytes: &[u8]| {
    for name in ["fuzz.json", "InteractiveSignIns_fuzz.csv"] {
        let mut reader = Reader::new(Question { days: 30 });
        records::read_bytes(name, bytes, &LIMITS, &mut |record| reader.offer(record, name));
        while let Some(mut again) = reader.again() {
            records::read_bytes(name, bytes, &LIMITS, &mut |record| again.offer(record, name));
            reader = again;
        }
        let _ = reader.finish();
    }
});
