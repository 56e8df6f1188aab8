//! Records that differ a little from what was learned of those before them.

use bumpalo::Bump;

use super::draw::Chance;
use super::{Shares, agree, scanner};
use crate::field::Field;
use crate::scan::Scanner;

/// Records of one layout whose values keep their lengths, so that their stretches are joined.
fn learned(blank: &str, count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        text.push_str(&one(blank, number));
        text.push('\n');
    }
    text
}

fn one(blank: &str, number: usize) -> String {
    let id = format!("{number:08x}-1111-2222-3333-444444444444");
    let second = number % 60;
    format!(
        r#"{{"time":b"2026-11-19T08:00:{second:02}Z",b"category":b"SignInLogs",b"tenant":b"{id}",b"level":b4,b"properties":b{{"id":b"{id}",b"appId":b"{id}",b"userPrincipalName":b"p{number:04}@ne.example",b"x":b"constant",b"status":b{{"errorCode":b0,b"failureReason":b"Other."}},b"authenticationDetails":b[{{"authenticationMethod":b"Password",b"succeeded":btrue,b"authenticationStepResultDetail":b"Correct password"}}],b"resourceId":b"{id}",b"userId":b"{id}",b"y":b{{}},b"z":bnull}}}}"#
    )
    .replace(",b\"", &format!(",{blank}\""))
    .replace(":b", &format!(":{blank}"))
}

fn shares(text: &str) -> Shares {
    agree(&mut scanner(), text, Field::ALL, true)
}

#[test]
fn plain_records_of_one_layout_are_never_odd() {
    for (blank, lines) in [("", 300), (" ", 300), ("\t ", 700)] {
        let expected = Shares { objects: lines, odd: 0, lenient: 0 };
        assert_eq!(shares(&learned(blank, lines)), expected, "{blank:?}");
    }
}

#[test]
fn blanks_that_were_not_there_before_are_learned() {
    let mut scanner = scanner();
    for blank in ["", " ", "\n  ", "", "\t", " \r\n", ""] {
        let shares = agree(&mut scanner, &learned(blank, 70), Field::ALL, true);
        assert_eq!(shares, Shares { objects: 70, odd: 0, lenient: 0 }, "{blank:?}");
    }
}

/// One record with something in the place of something else, at the end and in between.
fn meets(changed: &str) {
    let mut scanner = taught(&learned("", 40));
    let text = format!("{changed}\n{}\n{changed}", one("", 3));
    let shares = agree(&mut scanner, &text, Field::ALL, true);
    assert_eq!(shares.objects + shares.odd, 3, "{changed}");
}

/// A scanner that has read a text.
fn taught(text: &str) -> Scanner {
    let mut scanner = scanner();
    scanner.read(text, &Bump::new(), &mut |_| true);
    scanner
}

#[test]
fn a_value_of_the_same_length_is_what_it_is() {
    let sound = one("", 7);
    let id = "00000007-1111-2222-3333-444444444444";
    let key = r#","userId":"#;
    let long_key = format!(r#"{key}"{}"#, "0".repeat(36 - key.len() - 1));
    let escaped_key = long_key.replace('"', "'");
    let values = [
        r#"0000\"07-1111-2222-3333-44444444444""#.to_owned(),
        r"0000000\u002d111-2222-3333-444444444".to_owned(),
        r"00000007-1111-2222-3333-4444444444\\".to_owned(),
        r#"00000007-1111-2222-3333-4444444444\""#.to_owned(),
        r"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\".to_owned(),
        "00000007-1111-2222-3333-44444444444é".to_owned(),
        "éééééééééééééééééé".to_owned(),
        "{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{".to_owned(),
        "]]]]]]]]]]]]]]]]]]}}}}}}}}}}}}}}}}}}".to_owned(),
        "00000000-0000-0000-0000-000000000000".to_owned(),
        " 0000007-1111-2222-3333-44444444444 ".to_owned(),
        "\u{2003}0007-1111-2222-3333-44444444444\u{2003}".to_owned(),
        "00000007-1111-2222\u{1}3333-444444444444".to_owned(),
        "00000007-1111-2222\n3333-444444444444".to_owned(),
        r"00000007-1111-2222-3333-44444444\q44".to_owned(),
        " ".repeat(36),
        long_key,
        escaped_key,
        r#"1","x":"constant","b":{},"cccccc":"2"#.to_owned(),
    ];
    let mut at = 0;
    while let Some(found) = sound[at..].find(id) {
        let start = at + found;
        for value in &values {
            meets(&format!("{}{value}{}", &sound[..start], &sound[start + id.len()..]));
        }
        // Another kind of value between the same keys.
        let (before, behind) = (&sound[..start - 1], &sound[start + id.len() + 1..]);
        let words = ["null", "true", "0", "-1.5", "{}", "[]", r#"{"a":"b"}"#, r#"["a"]"#, r#""""#];
        for word in words {
            meets(&format!("{before}{word}{behind}"));
            meets(&format!("{before}{word:>38}{behind}"));
            meets(&format!("{before}{word:<38}{behind}"));
        }
        let digits = "1".repeat(38);
        meets(&format!("{before}{digits}{behind}"));
        meets(&format!(r#"{before}"{digits}{behind}"#));
        meets(&format!(r#"{before}{digits}"{behind}"#));
        at = start + id.len();
    }
    assert!(at > 0);
}

#[test]
fn a_sign_more_or_less_anywhere_is_not_passed_over() {
    let sound = one("", 7);
    for at in 0..sound.len() {
        // A quote lost makes the records behind it one with it: it must stand at the end.
        let mut text = String::new();
        for sign in ['"', '\\', '{', '}', ',', ':', ' ', 'A'] {
            for rest in [at, at + 1] {
                let changed = format!("{}{sign}{}\n", &sound[..at], &sound[rest..]);
                text.push_str(&changed);
            }
        }
        text.push_str(&format!("{}{}", &sound[..at], &sound[at + 1..]));
        if at % 3 == 0 {
            agree(&mut taught(&learned("", 30)), &text, Field::ALL, true);
        }
    }
}

#[test]
fn keys_that_change_places_or_names_are_what_they_are() {
    let sound = one("", 7);
    let changes = [
        (r#""appId""#, r#""APPID""#),
        (r#""appId""#, r#""userX""#),
        (r#""appId""#, r#""appI\""#),
        (r#""appId""#, r#""ap"Id""#),
        (r#""appId""#, r#""appId:"#),
        (r#""id":"#, r#""id" :"#),
        (r#""userId":"#, r#""USERID":"#),
        (r#""userId":"#, r#""xserId":"#),
        (r#""x":"constant","#, ""),
        (r#""x":"constant""#, r#""x":"Constant""#),
        (r#""x":"constant""#, r#""x":"const\"nt""#),
        (r#""x":"constant""#, r#""x":"constan\u0074""#),
        (r#""x":"constant""#, r#""x":{"a":"bb"}"#),
        (r#""x":"constant""#, r#""x":["a","bb"]"#),
        (r#""x":"constant""#, r#""id":"second one""#),
        (r#""x":"constant""#, r#""properties":{"id":"a"}"#),
        (r#""x":"constant","#, r#""status":{"errorCode":"7"},"#),
        (r#""x":"constant","#, r#""authenticationDetails":[],"#),
        (r#""y":{}"#, r#""authenticationDetails":[{"succeeded":"later"}]"#),
        (r#""y":{}"#, r#""authenticationDetails":[]"#),
        (r#""y":{}"#, r#""authenticationDetails":null"#),
        (r#""y":{}"#, r#""authenticationDetails_string":"[{\"succeeded\":\"text\"}]""#),
        (r#""y":{}"#, r#""conditionalAccessAudiences":["b", "a"]"#),
        (r#""y":{}"#, r#""conditionalAccessAudiences":[{"applicationId":"at"},"c"]"#),
        (r#""y":{}"#, r#""conditionalAccessAudiences":["a"],"ConditionalAccessAudiences":[]"#),
        (r#""y":{}"#, r#""conditionalAccessAudiences":"["a"]","id":"2""#),
        (r#""y":{}"#, r#""conditionalAccessAudiences":["a",[]]"#),
        (r#""y":{}"#, r#""authenticationContextClassReferences":[]"#),
        (
            r#""y":{}"#,
            r#""authenticationContextClassReferences":[{"detail":"required","id":"c1"},{"id":"c2","detail":"notApplicable"}]"#,
        ),
        (r#""y":{}"#, r#""deviceDetail":{"deviceId":"","isCompliant":false}"#),
        (r#""y":{}"#, r#""deviceDetail":{"deviceId":null,"isManaged":"true"}"#),
        (r#""y":{}"#, r#""riskLevelDuringSignIn":"none""#),
        (r#""y":{}"#, r#""status":"Failure""#),
        (r#""level":4"#, r#""level":44"#),
        (r#""level":4"#, r#""level":"4""#),
        (r#""level":4"#, r#""value":[{"id":"9"}]"#),
        (r#""level":4"#, r#""value":{"id":"9"}"#),
        (r#""level":4"#, r#""properties":{"userId":"first","city":"x"}"#),
        (r#""level":4"#, r#""targetResources":[]"#),
        (r#""z":null"#, r#""targetResources":[]"#),
        (r#""z":null"#, r#""z":nul"#),
        (r#""z":null}}"#, r#""z":null},"properties":{"id":"last"}}"#),
        (r#""z":null}}"#, r#""z":null},"properties":null}"#),
        (r#""z":null}}"#, r#""z":null},"properties":{}}"#),
        (r#""z":null}}"#, r#""z":null}}}"#),
        (r#""z":null}}"#, r#""z":null}"#),
        (r#""z":null}}"#, r#""z":null},"id":"outer","userType":"Member"}"#),
    ];
    for (from, to) in changes {
        let changed = sound.replacen(from, to, 1);
        assert_ne!(changed, sound);
        meets(&changed);
    }
}

#[test]
fn strings_of_every_length_end_where_they_end() {
    for length in (0..=200).chain([255, 256, 257, 5000]) {
        let mut text = String::new();
        for number in 0..12 {
            // Every offset from the sixty-four bytes that are looked at together.
            text.push_str(&" ".repeat((length * 7 + number * 11) % 64));
            let value = "v".repeat(length);
            let line = format!(
                r#"{{"x{value}":"{number}","id":"{value}","userId":"{value}\"","x":"{value}"}}"#
            );
            text.push_str(&line);
            text.push('\n');
        }
        let shares = shares(&text);
        assert_eq!((shares.objects, shares.odd), (12, 0), "{length}");
    }
}

#[test]
fn a_hostile_log_teaches_only_so_much() {
    let mut chance = Chance(5);
    let mut scanner = scanner();
    let arena = Bump::new();
    let mut objects = 0_u64;
    for _ in 0..40 {
        let mut text = String::new();
        for _ in 0..20 {
            text.push('{');
            for key in 0..24 {
                let (name, value) = (chance.below(1 << 20), chance.below(9));
                let comma = if key > 0 { "," } else { "" };
                text.push_str(&format!(r#"{comma}"key{name}":"value{value}""#));
            }
            text.push_str("}\n");
        }
        scanner.read(&text, &arena, &mut |_| {
            objects += 1;
            true
        });
    }
    assert_eq!(objects, 800);
    let (stretches, known, pairs) = scanner.layout.sizes();
    assert!(stretches <= 8192 && known <= 8192 && pairs <= 8192, "{stretches} {known} {pairs}");
    assert!(stretches > 8000, "{stretches}");
    // And what is not learned is read all the same.
    assert_eq!(
        agree(&mut scanner, &learned(" ", 20), Field::ALL, true),
        Shares { objects: 20, odd: 0, lenient: 0 }
    );
}
