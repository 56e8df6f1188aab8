#![no_main]
//! The collector of exported files, offered whatever the framers hand out.

use entra::exports::Collector;
use libfuzzer_sys::fuzz_target;
use lockstep_fuzz::LIMITS;

fuzz_target!(|bytes: &[u8]| {
    let mut collector = Collector::new();
    for name in ["fuzz.json", "fuzz.csv"] {
        records::read_bytes(name, bytes, &LIMITS, &mut |record| collector.offer(record, name));
    }
    let _ = collector.finish();
});
