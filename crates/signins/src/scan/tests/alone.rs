//! Many records of one scanner, drawn: what both ways accept, both read alike.

use super::draw::{Blanks, Chance, Draw};
use super::{agree, scanner};
use crate::field::Field;
use crate::scan::Scanner;

fn draw(seed: u64) -> Draw {
    let mut chance = Chance(seed);
    let blanks = match chance.below(6) {
        0 | 1 => Blanks::Plain,
        2 => Blanks::Any,
        3 => Blanks::Lines,
        _ => Blanks::None,
    };
    let strange = [2, 20, 1000][chance.below(3)];
    Draw { chance, blanks, strange, unsound: 0, deep: true }
}

/// Records of one template, one behind the other.
fn text(draw: &mut Draw, records: usize) -> String {
    let template = draw.template();
    let mut text = String::new();
    for _ in 0..records {
        let line = draw.record(&template);
        text.push_str(&line);
        text.push_str(draw.chance.pick(&["\n", "\n", "\n", "\r\n", "\n\n", " \n", " "]));
    }
    text
}

#[test]
fn records_drawn_in_every_shape_are_read_alike() {
    let mut objects = 0;
    for seed in 0..50 {
        let mut draw = draw(seed);
        let mut scanner = scanner();
        let records = [1, 3, 12, 40, 90][draw.chance.below(5)];
        for _ in 0..1 + draw.chance.below(2) {
            let text = text(&mut draw, records);
            objects += agree(&mut scanner, &text, Field::ALL, true).objects;
        }
    }
    assert!(objects > 700, "{objects}");
}

#[test]
fn what_is_asked_for_is_read_whatever_else_is_not() {
    for seed in 1_000..1_040 {
        let mut draw = draw(seed);
        let every = 1 + draw.chance.below(8);
        let asked: Vec<Field> =
            Field::ALL.iter().copied().filter(|_| draw.chance.one_in(every)).collect();
        let lists = draw.chance.one_in(2);
        let mut scanner = Scanner::new(&asked, lists);
        let text = text(&mut draw, 40);
        agree(&mut scanner, &text, &asked, lists);
    }
}

#[test]
fn broken_records_are_refused_or_read_alike() {
    let (mut odd, mut lenient) = (0, 0);
    for seed in 2_000..2_030 {
        let mut draw = draw(seed);
        let template = draw.template();
        let mut text = String::new();
        for record in 0..60 {
            let line = draw.record(&template);
            // The first ones are sound, so that something is learned.
            let line = if record > 12 { draw.broken(&line) } else { line };
            text.push_str(&line);
            text.push('\n');
        }
        let shares = agree(&mut scanner(), &text, Field::ALL, true);
        odd += shares.odd;
        lenient += shares.lenient;
    }
    assert!(odd > 600 && lenient > 0, "{odd} {lenient}");
}

#[test]
fn values_that_no_json_has_are_refused_where_they_are_asked_for() {
    for seed in 3_000..3_040 {
        let mut draw = draw(seed);
        draw.unsound = 3;
        let text = text(&mut draw, 30);
        agree(&mut scanner(), &text, Field::ALL, true);
    }
}

#[test]
fn long_logs_of_one_layout_are_read_alike() {
    for seed in 4_000..4_004 {
        let mut draw = draw(seed);
        draw.strange = 200;
        let text = text(&mut draw, 300);
        agree(&mut scanner(), &text, Field::ALL, true);
    }
}
