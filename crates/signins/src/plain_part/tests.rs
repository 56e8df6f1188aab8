//! The quick way beside the exact one.

use bumpalo::Bump;
use proptest::prelude::*;
use records::time::DateOrder;

use super::Quotes;
use crate::json::Reading;
use crate::keys::Part;

const PARTS: [Part; 11] = [
    Part::Properties,
    Part::Status,
    Part::Device,
    Part::Location,
    Part::Mfa,
    Part::Policies,
    Part::Providers,
    Part::Steps,
    Part::EventTypes,
    Part::Contexts,
    Part::Audiences,
];

/// Reads a part exactly: a blank before it keeps the quick way out.
fn exact<'a>(part: Part, text: &str, arena: &'a Bump) -> Reading<'a> {
    let mut reading = Reading::new(DateOrder::default(), arena);
    reading.take_part(part, arena.alloc_str(&format!(" {text}")));
    reading
}

/// Compares both ways; whether the quick one read the text.
fn agree(part: Part, text: &str) -> bool {
    let arena = Bump::new();
    let doubled = text.replace('"', "\"\"");
    let slow = exact(part, text, &arena);
    let [single, doubled] =
        [(text, Quotes::Single), (doubled.as_str(), Quotes::Doubled)].map(|(text, quotes)| {
            let mut quick = Reading::new(DateOrder::default(), &arena);
            let taken = quick.take_plain_part(part, arena.alloc_str(text), quotes);
            let expected = if taken { &slow } else { &Reading::new(DateOrder::default(), &arena) };
            assert_eq!(quick.sign_in, expected.sign_in, "{part:?} {text}");
            assert_eq!(quick.has_result, expected.has_result, "{part:?} {text}");
            taken
        });
    assert_eq!(single, doubled, "{text}");
    single
}

#[test]
fn what_is_not_plain_is_left_alone() {
    for text in [
        "",
        "x",
        "{",
        "[",
        "{\"errorCode\":0",
        "{\"errorCode\":1.5}",
        "{\"errorCode\":{}}",
        "{\"errorCode\":0,}",
        "{\"a\":\"\\u0041\"}",
        "{\n\"errorCode\":0}",
        "{\"a\":\"\u{1}\"}",
        "[\"x\"]",
        "[]",
        "{\"a\":[[}",
        "{\"a\":01}",
        "{\"a\" 1}",
        "{'a':1}",
    ] {
        assert!(!agree(Part::Status, text), "{text}");
    }
}

#[test]
fn plain_parts_are_read() {
    for (part, text) in [
        (Part::Status, "{\"errorCode\":50126,\"failureReason\":\"Wrong, \u{e9}\"}"),
        (Part::Status, "{ \"ErrorCode\" : 0 , \"x\" : [ 1.5 , { } ] } behind"),
        (
            Part::Location,
            "{\"city\":\"\",\"geoCoordinates\":{\"latitude\":-1.5},\"countryOrRegion\":\"GB\"}",
        ),
        (Part::Policies, "[{\"id\":\"a\",\"displayName\":\"b\",\"result\":null},{}]"),
        (Part::Providers, "[{\"requirementProvider\":\"user\"},{\"requirementProvider\":\"\"}]"),
        (Part::Steps, "[{\"succeeded\":true,\"authenticationMethod\":\"Password\"}]"),
        (Part::EventTypes, "[\"interactiveUser\",\"x\"]"),
        (Part::EventTypes, "[]"),
    ] {
        assert!(agree(part, text), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1024,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(71),
        ..ProptestConfig::default()
    })]

    #[test]
    fn both_ways_agree(
        part in prop::sample::select(PARTS.to_vec()),
        opening in "[\\[{]",
        rest in "(\"(errorCode|id|result|displayName|city|deviceId|succeeded|requirementProvider)\":|\"[a-c]?\"|[\\[{}\\],:]|,|null|true|0|17|1e9| |\\\\n){0,12}",
        closing in "[\\]}]{0,3}",
    ) {
        agree(part, &format!("{opening}{rest}{closing}"));
    }
}
