//! The spreadsheet, read back from its XML.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use lockstep::documents::workbook;

use crate::sample_plan::{firm, hostile, now, with_people};

fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|position| {
            let mut entry = archive.by_index(position).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let name = entry.name().unwrap().into_owned();
            (name, text)
        })
        .collect()
}

#[test]
fn no_text_becomes_a_formula() {
    let parts = parts(&workbook(&hostile(), now()).unwrap());
    for (name, text) in parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/")) {
        assert!(!text.contains("<f>") && !text.contains("<f "), "{name} holds a formula");
    }
    let strings = &parts["xl/sharedStrings.xml"];
    let values = strings.split("<t").skip(1).map(|it| it.split_once('>').unwrap().1);
    for value in values {
        assert!(!value.starts_with(['=', '+', '-', '@', '|']), "{value:.40}");
    }
    assert!(strings.contains("'=cmd|"), "the text is kept, behind an apostrophe");
    assert!(!strings.contains("<script"));
}

#[test]
fn every_list_has_its_sheet_with_a_table_and_a_frozen_head() {
    let parts = parts(&workbook(&firm(), now()).unwrap());
    let names = [
        "Tasks",
        "Lockout",
        "Proof",
        "Caught",
        "Dependencies",
        "Exceptions",
        "People",
        "Findings",
        "Dates",
    ];
    for (number, name) in (1..).zip(names) {
        assert!(parts["xl/workbook.xml"].contains(&format!("<sheet name=\"{name}\"")), "{name}");
        let sheet = &parts[&format!("xl/worksheets/sheet{number}.xml")];
        assert!(sheet.contains("state=\"frozen\""), "{name}");
        assert!(parts[&format!("xl/tables/table{number}.xml")].contains("<autoFilter"), "{name}");
    }
}

#[test]
fn nobody_is_left_out_of_a_large_list() {
    let parts = parts(&workbook(&with_people(1_000), now()).unwrap());
    let rows = |number: u8| {
        let sheet = &parts[&format!("xl/worksheets/sheet{number}.xml")];
        sheet.matches("<row ").count()
    };
    assert_eq!(rows(7), 1_001, "people");
    assert_eq!(rows(2), 1_005, "the lockout list");
    assert_eq!(rows(3), 6, "two break-glass accounts, three administrators");
    assert_eq!(rows(4), 5, "plain people in one row, the others by name");
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    assert_eq!(workbook(&firm(), now()).unwrap(), workbook(&firm(), now()).unwrap());
}
