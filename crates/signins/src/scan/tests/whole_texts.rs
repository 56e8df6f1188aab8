//! Whole texts, against the framer that hands every object to the exact way.

use bumpalo::Bump;
use records::time::DateOrder;
use records::{Limits, Offer, Record, read_bytes};

use super::draw::{Blanks, Chance, Draw};
use super::scanner;
use crate::field::Field;
use crate::json::Reading;
use crate::scan::agree::pieces;

/// Records by line, and lines of what is unreadable.
#[derive(Debug, Default, PartialEq, Eq)]
struct Framed {
    records: Vec<(u64, String)>,
    unreadable: Vec<u64>,
}

/// What the framer makes of a text that begins behind so many lines.
fn frame(text: &str, lines: u64, into: &mut Framed) {
    // A first record in front, because what the text is taken for depends on its first sign.
    let text = format!("{{}}\n{text}");
    let reading = read_bytes("log.json", text.as_bytes(), &Limits::default(), &mut |record| {
        if let Record::Json(record) = record
            && record.line > 1
        {
            let object = std::str::from_utf8(record.bytes).unwrap().to_owned();
            into.records.push((lines + record.line - 1, object));
        }
        Offer::Taken
    });
    assert_eq!(usize::try_from(reading.unreadable), Ok(reading.problems.len()), "too many");
    into.unreadable.extend(reading.problems.iter().map(|problem| lines + problem.line - 1));
}

/// Compares the pieces of a text, odd ones framed, with the text framed as a whole. The answer is
/// the number of odd pieces.
fn frames_alike(text: &str) -> usize {
    let mut whole = Framed::default();
    frame(text, 0, &mut whole);
    let arena = Bump::new();
    let found = pieces(&mut scanner(), text, &arena, &mut |_, _| Ok(()));
    let found = found.unwrap_or_else(|fault| panic!("{fault}"));
    let mut ours = Framed::default();
    for piece in &found {
        if piece.is_object {
            ours.records.push((piece.lines + 1, piece.text.to_owned()));
        } else {
            frame(piece.text, piece.lines, &mut ours);
        }
    }
    // What only the scanner lets pass is not damaged to it.
    let is_exact =
        |object: &str| Reading::new(DateOrder::default(), &arena).read(object.as_bytes()).is_ok();
    let lenient: Vec<u64> = found
        .iter()
        .filter(|piece| piece.is_object && !is_exact(piece.text))
        .map(|piece| piece.lines + 1)
        .collect();
    for framed in [&mut whole, &mut ours] {
        framed.records.retain(|(line, _)| !lenient.contains(line));
        framed.unreadable.retain(|line| !lenient.contains(line));
    }
    let differ = ours.records.iter().zip(&whole.records).find(|(one, other)| one != other);
    let counts = (ours.records.len(), whole.records.len());
    let (unreadable, expected) = (&ours.unreadable, &whole.unreadable);
    // Where a text is cut, the framer looks up from damage sooner and tells of more.
    let told = expected.iter().all(|line| unreadable.contains(line));
    assert!(
        ours.records == whole.records && told,
        "{differ:?} {counts:?} {unreadable:?} {expected:?}\n{text:?}"
    );
    found.iter().filter(|piece| !piece.is_object).count()
}

/// What stands between records.
const BETWEEN: &[&str] = &[
    "\n",
    "\n",
    "\n",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\n\n",
    "\n \t\n",
    " ",
    "",
    ",\n",
    "\n,\n",
    ",",
    " \n",
    "\ngarbage\n",
    "\n\"\n",
    "\n}\n",
    "\n]\n",
    "\n\u{e9}\n",
    "\n# a line {\n",
];

fn drawn(seed: u64, damage: usize) -> String {
    let mut chance = Chance(seed);
    let blanks = if chance.one_in(4) {
        Blanks::Lines
    } else {
        [Blanks::None, Blanks::Plain][chance.below(2)]
    };
    let mut draw = Draw { chance, blanks, strange: 30, unsound: 0, deep: false };
    let mut template = draw.template();
    template.truncate(6);
    let mut text = String::new();
    for _ in 0..1 + draw.chance.below(16) {
        let mut record = draw.record(&template);
        if damage > 0 && draw.chance.one_in(damage) {
            record = draw.broken(&record);
        }
        text.push_str(&record);
        let most = if damage > 0 { BETWEEN.len() } else { 15 };
        text.push_str(draw.chance.pick(&BETWEEN[..most]));
    }
    text
}

#[test]
fn sound_records_between_anything_come_back_with_their_lines() {
    for seed in 0..150 {
        frames_alike(&drawn(seed, 0));
    }
}

#[test]
fn damage_costs_no_record_that_the_framer_saves() {
    let mut odd = 0;
    for seed in 20_000..20_300 {
        odd += frames_alike(&drawn(seed, 4));
    }
    assert!(odd > 300, "{odd}");
}

#[test]
fn a_record_cut_anywhere_leaves_the_others() {
    let record = r#"{"id":"1","x":[1,{"y":"}\n{\""}],"status":{"errorCode":0}}"#;
    let (first, last) = (r#"{"id":"first"}"#, r#"{"id":"last","userId":"2"}"#);
    for cut in 1..record.len() {
        for line_end in ["\n", "\r\n", "\n\n"] {
            let (head, tail) = (&record[..cut], &record[cut..]);
            let text = format!("{first}{line_end}{head}{line_end}{last}{line_end}{last}");
            frames_alike(&text);
            frames_alike(&format!("{first}{line_end}{tail}{line_end}{last}{line_end}{last}"));
            let lost = format!("{head}{}", &tail[1..]);
            frames_alike(&format!("{first}{line_end}{lost}{line_end}{last}{line_end}{last}"));
        }
    }
}

#[test]
fn what_the_exact_way_wants_back_is_odd() {
    let text = "{\"id\":1}\n\n{\"id\":\n2} {\"id\":3}\n{\"id\":4}\n";
    let (mut odd, mut objects) = (Vec::new(), Vec::new());
    let arena = Bump::new();
    let lines = scanner().read(text, &arena, &mut |found| match found {
        crate::scan::Found::Object(found) => {
            objects.push(found.sign_in.text.told(Field::Id));
            false
        }
        crate::scan::Found::Odd(piece, lines) => {
            odd.push((text[piece].to_owned(), lines));
            true
        }
    });
    let expected = [("{\"id\":1}\n\n", 0), ("{\"id\":\n2} {\"id\":3}\n", 2), ("{\"id\":4}\n", 4)];
    assert_eq!(odd, expected.map(|(piece, lines)| (piece.to_owned(), lines)));
    assert_eq!((objects, lines), (vec![Some("1"), Some("2"), Some("4")], 5));
}

#[test]
fn a_log_of_lost_quotes_is_given_up_and_not_lost() {
    let text = "{\"}\n".repeat(3000);
    let arena = Bump::new();
    let found = pieces(&mut scanner(), &text, &arena, &mut |_, _| Ok(())).unwrap();
    assert!(found.iter().all(|piece| !piece.is_object));
    assert!(found.len() < 30, "{}", found.len());
    // A few of them do no harm to the others.
    let mut text = "{\"id\":\"1\"}\n".repeat(3000);
    text.insert_str(0, "{\"id\":\"1}\n{\"id\":\"1}\n{\"id\":\"1}\n");
    text.push_str("{\"id\":1\"}\n{\"id\":1}\n");
    let found = pieces(&mut scanner(), &text, &arena, &mut |_, _| Ok(())).unwrap();
    // Those next to them are looked at as closely.
    let objects = found.iter().filter(|piece| piece.is_object).count();
    assert!(objects > 2980, "{objects}");
}
