//! The calendar: stable, folded, updatable.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use lockstep::documents::calendar;

use crate::sample_plan::{firm, hostile, now};

fn unfolded(calendar: &str) -> String {
    calendar.replace("\r\n ", "").replace("\r\n", "\n")
}

/// UID to SEQUENCE.
fn sequences(calendar: &str) -> BTreeMap<String, u32> {
    let text = unfolded(calendar);
    let values = |name: &'static str| {
        text.lines()
            .filter_map(move |line| line.strip_prefix(name))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    values("UID:")
        .into_iter()
        .zip(values("SEQUENCE:").iter().map(|it| it.parse().unwrap()))
        .collect()
}

#[test]
fn lines_are_folded_and_ended_as_the_standard_says() {
    for plan in [firm(), hostile()] {
        let text = calendar(&plan, None, now());
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        for line in text.split("\r\n") {
            assert!(line.len() <= 75, "{} bytes: {line}", line.len());
        }
        assert_eq!(text.matches("BEGIN:VEVENT").count(), plan.tasks.len() + plan.gates.len());
    }
}

#[test]
fn a_hostile_title_stays_in_its_line() {
    let text = unfolded(&calendar(&hostile(), None, now()));
    assert!(!text.lines().any(|line| line.starts_with("ATTENDEE")), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn appointments_keep_their_ids_and_count_their_changes() {
    let plan = firm();
    let first = calendar(&plan, None, now());
    assert!(sequences(&first).values().all(|sequence| *sequence == 0));
    assert_eq!(sequences(&first).len(), plan.tasks.len() + plan.gates.len());

    let later = now() + 1.hour();
    let same = calendar(&plan, Some(&first), later);
    assert_eq!(sequences(&same), sequences(&first), "nothing changed");

    let mut moved = plan.clone();
    moved.tasks[0].date = moved.tasks[0].date.tomorrow().unwrap();
    let second = calendar(&moved, Some(&same), later);
    let changed =
        sequences(&second).into_iter().filter(|(_, sequence)| *sequence > 0).collect::<Vec<_>>();
    assert_eq!(changed.len(), 1);
    assert!(sequences(&first).contains_key(&changed[0].0), "the id stays");

    let third = calendar(&plan, Some(&second), later);
    assert_eq!(sequences(&third)[&changed[0].0], 2, "moved back is a change too");
}

#[test]
fn another_tenant_has_other_ids() {
    let mut other = firm();
    other.tenant.id = Some("another".to_owned());
    let ours = sequences(&calendar(&firm(), None, now()));
    let theirs = sequences(&calendar(&other, None, now()));
    assert!(ours.keys().all(|uid| !theirs.contains_key(uid)));
}

#[test]
fn days_are_whole_days() {
    let text = unfolded(&calendar(&firm(), None, now()));
    assert!(text.contains("DTSTART;VALUE=DATE:20261123\n"), "{text}");
    assert!(text.contains("DTEND;VALUE=DATE:20261124\n"));
    assert!(text.contains("DTSTAMP:20261120T090000Z\n"));
}
