#![no_main]
//! Times: what is read and written again is the same time.

use libfuzzer_sys::fuzz_target;
use records::time::{DateOrder, parse};

fuzz_target!(|text: &str| {
    for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
        if let Some(time) = parse(text, order) {
            assert_eq!(parse(&time.to_string(), order), Some(time));
        }
    }
});
