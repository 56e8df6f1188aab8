//! What the scanner lets pass that the exact way refuses, all of it, and what it refuses as well.

use bumpalo::Bump;
use records::time::DateOrder;

use super::strict::is_sound_enough;
use crate::field::Field;
use crate::json::Reading;
use crate::scan::agree::pieces;
use crate::scan::{Found, Scanner};

/// Whether a scanner of everything takes a record that stands alone, and one behind others of the
/// same layout.
fn is_taken(record: &str) -> bool {
    let arena = Bump::new();
    let mut taken = Vec::new();
    let mut scanner = Scanner::new(Field::ALL, true);
    for _ in 0..2 {
        let found = pieces(&mut scanner, record, &arena, &mut |_, _| Ok(())).unwrap();
        taken.push(found.len() == 1 && found[0].is_object);
        for _ in 0..9 {
            let sound = r#"{"id":"1","x":2,"y":"3","status":{"errorCode":4,"z":"5"},"a":[6]}"#;
            scanner.read(sound, &arena, &mut |found| matches!(found, Found::Object(_)));
        }
    }
    assert_eq!(taken[0], taken[1], "{record}");
    taken[0]
}

fn is_exact(record: &str) -> bool {
    let arena = Bump::new();
    Reading::new(DateOrder::default(), &arena).read(record.as_bytes()).is_ok()
}

#[test]
fn every_leniency() {
    let records = [
        // Inside of a list or object that nothing asks for, anything between its brackets.
        r#"{"x":[1 2]}"#,
        r#"{"x":["a""b"]}"#,
        r#"{"x":[1,]}"#,
        r#"{"x":[,1]}"#,
        r#"{"x":{"a" 1}}"#,
        r#"{"x":{"a":1,}}"#,
        r#"{"x":{"a":}}"#,
        r#"{"x":{a:1}}"#,
        r#"{"x":[tru, 01, +1, nonsense]}"#,
        "{\"x\":[\u{1}]}",
        r#"{"x":["\q"]}"#,
        r#"{"id":[1 2]}"#,
        r#"{"status":{"errorCode":{1}}}"#,
        r#"{"status":[1 2]}"#,
        r#"{"signInEventTypes":{1 2}}"#,
        // A string that nothing asks for with an escape that there is not.
        r#"{"x":"\q"}"#,
        r#"{"x":"\u12"}"#,
        r#"{"status":{"x":"\q"}}"#,
        r#"{"targetResources":"\q"}"#,
        // A number in the place of a part, beyond any float.
        r#"{"status":1e999}"#,
    ];
    for record in records {
        assert!(is_taken(record), "{record}");
        assert!(!is_exact(record), "{record}");
        assert!(is_sound_enough(record), "{record}");
    }
}

#[test]
fn everything_else_is_refused() {
    let records = [
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a":1,,"b":2}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":1"b":2}"#,
        r#"{"id":"1""b":2}"#,
        r#"{"id":"1" "b":2}"#,
        r#"{"id":"1";"b":2}"#,
        r#"{"a" 1}"#,
        r#"{"a":}"#,
        r#"{"a"}"#,
        r#"{"a":1:2}"#,
        r#"{"a"::1}"#,
        r#"{a:1}"#,
        r#"{'a':1}"#,
        r#"{1:1}"#,
        r#"{"id":'1'}"#,
        r#"{"id":abc}"#,
        r#"{"x":abc}"#,
        r#"{"x":tru}"#,
        r#"{"x":True}"#,
        r#"{"x":NaN}"#,
        r#"{"x":01}"#,
        r#"{"x":1.}"#,
        r#"{"x":.5}"#,
        r#"{"x":+1}"#,
        r#"{"x":-}"#,
        r#"{"x":1e}"#,
        r#"{"x":1 2}"#,
        r#"{"x":"a"b}"#,
        r#"{"x":"a" "b"}"#,
        r#"{"id":"\q"}"#,
        r#"{"id":"\ud83d"}"#,
        r#"{"id":1e999}"#,
        r#"{"status":"\q"}"#,
        r#"{"status":{"errorCode":"\q"}}"#,
        r#"{"status":{"errorCode":1,}}"#,
        r#"{"status":{"errorCode" 1}}"#,
        r#"{"status":{"x":01}}"#,
        r#"{"appliedConditionalAccessPolicies":[{"id":"1"} {"id":"2"}]}"#,
        r#"{"appliedConditionalAccessPolicies":[{"id":"1"},]}"#,
        r#"{"appliedConditionalAccessPolicies":[{"id":"1"}}"#,
        r#"{"signInEventTypes":["a" "b"]}"#,
        r#"{"signInEventTypes":["a",]}"#,
        r#"{"signInEventTypes":[a]}"#,
        r#"{"conditionalAccessAudiences":["a" "b"]}"#,
        r#"{"conditionalAccessAudiences":["a",]}"#,
        r#"{"conditionalAccessAudiences":["\q"]}"#,
        r#"{"authenticationContextClassReferences":[{"id":"c1"} {"id":"c2"}]}"#,
        r#"{"authenticationContextClassReferences":[{"id" "c1"}]}"#,
        r#"{"properties":{"id":"1",}}"#,
        r#"{"properties":{"id":"1"},}"#,
        r#"{"x":[}"#,
        r#"{"x":[}]}"#,
        r#"{"x":{]}}"#,
        r#"{"x":{"a":["}"]}"#,
        r#"{"x":[\"a"]}"#,
        "{\"id\":\"\u{1}\"}",
        "{\"x\":\"\u{1}\"}",
        "{\"x\":\"a\nb\"}",
        "{\"x\":[\"a\nb\"]}",
        "{\"x\u{1}\":1}",
        "{\"x\":\u{1}1}",
        "{\u{b}\"x\":1}",
        "{\u{a0}\"x\":1}",
        "{\"x\":1\\}",
        "{\"x\":\\\"1\"}",
        r#"{"x":"1"#,
        r#"{"x":"1\"}"#,
        r#"{"x":1"#,
        r#"{"x":[1}"#,
        r#"{"x""#,
        r#"{"#,
        r#"}"#,
        r#"[{"x":1}]"#,
        r#""x""#,
        r#"{"x":1}}"#,
        r#"{"x":1}{"x":1}"#,
        r#"{"x":1},"#,
    ];
    for record in records {
        assert!(!is_taken(record), "{record}");
        assert!(!is_sound_enough(record), "{record}");
    }
}

#[test]
fn what_is_sound_and_still_left_to_the_exact_way() {
    let deep = format!("{{\"x\":{}1{}}}", "[".repeat(61), "]".repeat(61));
    let records = [
        // Keys that are written with escapes.
        r#"{"\u0069d":"1"}"#,
        r#"{"x\\":1}"#,
        // Numbers that are asked for and would be written in another way.
        r#"{"id":-1}"#,
        r#"{"id":1.5}"#,
        r#"{"id":1234567890123456789}"#,
        // Pages and envelopes of others.
        r#"{"value":[{"id":"1"}]}"#,
        r#"{"Records":[]}"#,
        // Parts in a form that they do not have.
        r#"{"properties":"{\"id\":\"1\"}"}"#,
        r#"{"authenticationDetails":{"succeeded":true}}"#,
        r#"{"authenticationDetails":["{}"]}"#,
        r#"{"conditionalAccessAudiences":{"applicationId":"a"}}"#,
        &deep,
    ];
    for record in records {
        assert!(!is_taken(record), "{record}");
        assert!(is_exact(record), "{record}");
    }
    let taken = format!("{{\"x\":{}1{}}}", "[".repeat(60), "]".repeat(60));
    assert!(is_taken(&taken));
}
