//! CSV: delimiters, quotes, lines, damage, dates.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use records::time::DateOrder;
use records::{Format, Header, Limits, Offer, Reading, Record, read_bytes};

type Cells = Vec<String>;

struct Table {
    header: Cells,
    rows: Vec<(u64, Cells)>,
    orders: Vec<DateOrder>,
    reading: Reading,
}

fn table_with(bytes: &[u8], limits: &Limits) -> Table {
    let (mut header, mut rows, mut orders) = (Vec::new(), Vec::new(), Vec::new());
    let reading = read_bytes("signins.csv", bytes, limits, &mut |record| {
        let Record::Csv(row) = record else { return Offer::NotMine };
        header = row.header.names().to_vec();
        orders.push(row.date_order);
        assert_eq!(row.cell(row.count()), None);
        let cells = (0..row.count()).map(|at| row.cell(at).unwrap().to_owned()).collect();
        rows.push((row.line, cells));
        Offer::Taken
    });
    assert!(matches!(reading.format, Format::Csv | Format::Other));
    Table { header, rows, orders, reading }
}

fn table(text: &str) -> Table {
    table_with(text.as_bytes(), &Limits::default())
}

/// Input, rows with their lines and cells joined by `|`, lines of what is unreadable.
type Case<'c> = (&'c str, &'c [(u64, &'c str)], &'c [u64]);

fn check(cases: &[Case<'_>]) {
    for (text, rows, unreadable) in cases {
        let found = table(text);
        let shown: Vec<(u64, String)> =
            found.rows.into_iter().map(|(line, cells)| (line, cells.join("|"))).collect();
        let expected: Vec<(u64, String)> =
            rows.iter().map(|(line, cells)| (*line, (*cells).to_owned())).collect();
        assert_eq!(shown, expected, "{text}");
        let lines: Vec<u64> = found.reading.problems.iter().map(|one| one.line).collect();
        assert_eq!(lines, *unreadable, "{text}: {:?}", found.reading.problems);
    }
}

#[test]
fn damage_costs_only_the_row_it_is_in() {
    check(&[
        // A quote that is never closed.
        ("a,b\n1,\"x\n3,4\n5,6\n", &[(3, "3|4"), (4, "5|6")], &[2]),
        ("a,b\n1,\"x\n", &[], &[2]),
        // One that the next row's quote closes.
        ("a,b,c\n1,\"x,2\n3,\"y\",4\n5,6,7\n", &[(3, "3|y|4"), (4, "5|6|7")], &[2]),
        // Cut off: within a cell of several lines, and within a row.
        ("a,b\n1,2\n3,\"[\n  {", &[(2, "1|2")], &[3]),
        ("a,b,c\n1,2,3\n4,5", &[(2, "1|2|3")], &[3]),
        // The header itself.
        ("\"a,b\n1,2\n3,4\n", &[(3, "3|4")], &[1]),
    ]);
}

#[test]
fn rows_are_split_as_workbooks_and_portals_write_them() {
    check(&[
        ("a,b\n1,2\n", &[(2, "1|2")], &[]),
        ("\u{feff}a,b\r\n1,2\r\n3,4", &[(2, "1|2"), (3, "3|4")], &[]),
        ("a;b\n1,5;2\n", &[(2, "1,5|2")], &[]),
        ("a\tb\n1\t2\n", &[(2, "1|2")], &[]),
        ("\"a,b,c\";b\n1;2\n", &[(2, "1|2")], &[]),
        ("sep=;\na;b,c,d\n1;2\n", &[(3, "1|2")], &[]),
        ("a,b\n\"x\r\ny\",2\r\n3,4\r\n", &[(2, "x\r\ny|2"), (4, "3|4")], &[]),
        ("a,b\n\"x\"\"y\",\"\"\n", &[(2, "x\"y|")], &[]),
        ("a,b\nx\"y,\"x\"z\n", &[(2, "x\"y|xz")], &[]),
        // Short and long rows, blank lines, empty cells.
        ("a,b\n1\n\n1,2,3\n,\n", &[(2, "1"), (4, "1|2|3"), (5, "|")], &[]),
        // A long row of several lines, none of which is a row by itself.
        ("a,b,c\n\"[\n{}\n]\",2,3,4\n", &[(2, "[\n{}\n]|2|3|4")], &[]),
        // The same with rows behind it, which are no lines of it.
        ("a,b,c\n\"[\n{}\n]\",2,3,4\n5,6,7\n", &[(2, "[\n{}\n]|2|3|4"), (5, "5|6|7")], &[]),
        // A header again, as in files joined end to end.
        ("a,b\n1,2\na,b\n3,4\n", &[(2, "1|2"), (4, "3|4")], &[]),
        ("only a line", &[], &[]),
        ("one\ntwo\n", &[(2, "two")], &[]),
        ("<html>\n<body>", &[], &[]),
    ]);
}

#[test]
fn columns_are_found_as_people_write_them() {
    let names = [
        "Date (UTC)",
        "Application ID ",
        "Autonomous system  number",
        "Nom d\u{2019}UTILISATEUR",
        "Date (UTC)",
    ];
    let header = Header::new(names.map(str::to_owned).to_vec());
    for (wanted, position) in [
        (&["date (utc)"][..], Some(0)),
        (&["Application ID"], Some(1)),
        (&["autonomous system number"], Some(2)),
        (&["Nom d'utilisateur"], Some(3)),
        (&["none", "Application ID", "Date (UTC)"], Some(0)),
        (&["none"], None),
        (&[], None),
    ] {
        assert_eq!(header.find(wanted), position, "{wanted:?}");
    }
}

#[test]
fn the_order_of_dates_is_decided_by_the_whole_file() {
    let filler = "1/2/2024,x\n".repeat(50_000);
    for (rows, order, notes) in [
        ("5/19/2021,x\n1/2/2021,x\n".to_owned(), DateOrder::MonthFirst, &[][..]),
        ("1/2/2021,x\n19/5/2021,x\n".to_owned(), DateOrder::DayFirst, &[]),
        ("1/2/2021,x\n".to_owned(), DateOrder::MonthFirst, &["either way; taken as month/day"]),
        (format!("{filler}\"13/1/2024, 1:02:03 PM\",x\n"), DateOrder::DayFirst, &[]),
        ("19/5/2021,x\n5/19/2021,x\n".to_owned(), DateOrder::DayFirst, &["1 of them"]),
        ("2021-05-19,x\n".to_owned(), DateOrder::MonthFirst, &[]),
        ("19.05.2021,x\n".to_owned(), DateOrder::MonthFirst, &[]),
        ("19/5/2021 is a day,x\n".to_owned(), DateOrder::MonthFirst, &[]),
        ("19/19/2021,x\n".to_owned(), DateOrder::MonthFirst, &[]),
    ] {
        let found = table(&format!("Date,b\n{rows}"));
        assert!(found.orders.iter().all(|found| *found == order), "{:.60}", rows);
        assert_eq!(found.orders.len(), rows.lines().count());
        assert_eq!(found.reading.notes.len(), notes.len(), "{:?}", found.reading.notes);
        for (note, part) in found.reading.notes.iter().zip(notes) {
            assert!(note.contains(part) && note.contains("signins.csv"), "{note}");
        }
    }
}

#[test]
fn rows_and_headers_beyond_the_limits_are_reported() {
    let limits = Limits { record_bytes: 1000, columns: 5, ..Limits::default() };
    let long = "x".repeat(600_000);
    let quoted = "x\n".repeat(300_000);
    for (text, lines) in [
        (format!("a,b\n{long},1\n3,4\n"), &[3][..]),
        (format!("a,b\n1,\"{long}\"\n3,4\n"), &[3]),
        (format!("a,b\n1,\"{quoted}\"\n3,4\n"), &[300_003]),
        (format!("a,b\n{},1\n3,4\n", "x".repeat(1001)), &[3]),
        ("a,b\n1,2,3,4,5,6\n3,4\n".to_owned(), &[3]),
        ("a,b,c,d,e,f\n1,2\n".to_owned(), &[]),
    ] {
        let found = table_with(text.as_bytes(), &limits);
        let found_lines: Vec<u64> = found.rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(found_lines, lines, "{:.20}", text);
        assert_eq!(found.reading.unreadable, 1);
    }
    // A quote that is not closed within the limit, with sound rows behind it.
    let text = format!("a,b\n1,\"x\n{}", "3,4\n".repeat(200_000));
    let found = table_with(text.as_bytes(), &limits);
    assert_eq!((found.rows.len(), found.reading.unreadable), (200_000, 1));
}

#[test]
fn what_is_no_text_costs_its_row() {
    let text = b"a long header,b\n1,\xff\n\xc3,\xa9\n3,4\n5,6\n7,8\n9,10\n";
    let found = table_with(text, &Limits::default());
    assert_eq!(found.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 5, 6, 7]);
    assert_eq!(found.reading.unreadable, 2);
    // Of the header, only the name.
    let found = table_with(b"a,Pr\xe9nom,c\n1,2,3\n", &Limits::default());
    assert_eq!(found.header, ["a", "Pr\u{fffd}nom", "c"]);
    assert_eq!((found.rows.len(), found.reading.unreadable), (1, 1));
}

#[test]
fn headers_are_told_apart_by_number() {
    let mut numbers = Vec::new();
    for _ in 0..2 {
        read_bytes("x.csv", b"a,b\n1,2\n3,4\n", &Limits::default(), &mut |record| {
            let Record::Csv(row) = record else { return Offer::NotMine };
            numbers.push(row.header_id);
            Offer::Taken
        });
    }
    assert_eq!(numbers.len(), 4);
    numbers.dedup();
    assert_eq!(numbers.len(), 2);
    assert!(numbers.first() != numbers.last());
}

fn quoted(cell: &str, delimiter: char, always: bool) -> String {
    let special = |sign: char| sign == '"' || sign == '\n' || sign == '\r' || sign == delimiter;
    if always || cell.chars().any(special) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(2),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_cells_come_back(
        rows in prop::collection::vec(prop::collection::vec("[ -~\n\r\t\u{e9}\u{1f600}]{0,9}", 3), 0..6),
        delimiter in prop::sample::select(vec![',', ';', '\t']),
        always in any::<bool>(),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
        last in any::<bool>(),
    ) {
        let mut text = ["first", "second", "third"].join(&delimiter.to_string());
        for row in &rows {
            text.push_str(line_end);
            let cells: Vec<String> =
                row.iter().map(|cell| quoted(cell, delimiter, always)).collect();
            text.push_str(&cells.join(&delimiter.to_string()));
        }
        if last {
            text.push_str(line_end);
        }
        let found = table(&text);
        let back: Vec<Cells> = found.rows.into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(back, rows, "{:?}", text);
        prop_assert_eq!(found.reading.unreadable, 0);
    }
}
