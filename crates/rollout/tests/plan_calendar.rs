//! Good and bad dates, by table, and what the plan proposes instead.
#![expect(clippy::unwrap_used, reason = "tests")]

use jiff::civil::Date;
use proptest::prelude::*;
use rollout::plan::calendar::{Calendar, Work, days_between, days_later, long_date};
use rollout::plan::collisions::{Event, collisions, events, proposed_start};
use rollout::plan::timeline::{Day, STAGES, Timeline};
use rollout::preflight::Stage;
use rollout::{CalendarSettings, Enforcement, Freeze, Rollout, StepSettings};

const WORKS: [Work; 5] =
    [Work::Start, Work::People, Work::Change, Work::PilotStart, Work::Enforcement];

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// A firm with two holidays and a freeze.
fn settings() -> CalendarSettings {
    CalendarSettings {
        time_zone: "Europe/London".to_owned(),
        holidays: vec![date("2026-12-25"), date("2027-04-05")],
        freezes: vec![Freeze {
            from: date("2027-01-25"),
            to: date("2027-01-27"),
            reason: "stocktaking".to_owned(),
        }],
        ..CalendarSettings::default()
    }
}

/// `-` nothing, `?` worth knowing, `!` serious: Start, People, Change, PilotStart, Enforcement.
#[test]
fn dates_by_kind_of_work() {
    let settings = settings();
    let calendar = Calendar::new(&settings).unwrap();
    let table = [
        ("2026-12-09", "-----", "an ordinary Wednesday"),
        ("2026-12-11", "---!!", "a Friday"),
        ("2026-12-12", "!??!!", "a Saturday"),
        ("2026-12-13", "!??!!", "a Sunday"),
        ("2026-12-25", "!??!!", "a holiday"),
        ("2026-12-24", "--??!", "the eve of a holiday"),
        ("2027-04-09", "---!!", "another Friday"),
        ("2027-01-25", "?-!!!", "a freeze, first day"),
        ("2027-01-27", "?-!!!", "a freeze, last day"),
        ("2027-01-28", "--??!", "second last working day of a month"),
        ("2027-02-01", "--??!", "first working day of a month"),
        ("2027-02-02", "-----", "second working day of a month"),
        ("2027-03-30", "--??!", "second last working day of a quarter"),
        ("2027-03-29", "-----", "third last working day of a quarter"),
        ("2027-03-01", "--??!", "first working day of a month, no quarter"),
        ("2028-02-29", "--??!", "the last day of a leap February"),
        ("2028-02-28", "--??!", "the day before it"),
        ("2027-03-28", "!??!!", "the day clocks go forward is a Sunday like any other"),
    ];
    for (day, expected, name) in table {
        let marks: String = WORKS
            .into_iter()
            .map(|work| {
                let found = calendar.objections(date(day), work);
                match (found.is_empty(), found.iter().any(|it| it.serious)) {
                    (true, _) => '-',
                    (false, false) => '?',
                    (false, true) => '!',
                }
            })
            .collect();
        assert_eq!(marks, expected, "{day} {name}");
    }
}

#[test]
fn reasons_are_in_words() {
    let settings = settings();
    let calendar = Calendar::new(&settings).unwrap();
    let reasons = |day: &str, work| -> Vec<String> {
        calendar.objections(date(day), work).into_iter().map(|it| it.reason).collect()
    };
    assert_eq!(
        reasons("2027-01-26", Work::Change),
        ["the change freeze 2027-01-25 to 2027-01-27 (stocktaking)"]
    );
    assert_eq!(reasons("2026-12-25", Work::People), ["a holiday"]);
    assert_eq!(reasons("2026-12-12", Work::People), ["Saturday, not a working day"]);
    assert_eq!(
        reasons("2027-03-31", Work::Change),
        ["the end of the quarter (last two working days)"]
    );
    assert_eq!(
        reasons("2027-04-01", Work::Change),
        ["the first working day after the end of the quarter"]
    );
}

#[test]
fn the_turn_of_the_year_is_told_only_while_no_freeze_is_set_and_never_serious() {
    let none = CalendarSettings::default();
    let calendar = Calendar::new(&none).unwrap();
    for (day, told) in
        [("2026-12-18", false), ("2026-12-21", true), ("2026-12-30", true), ("2027-01-04", false)]
    {
        let found = calendar.objections(date(day), Work::Change);
        let year: Vec<_> =
            found.iter().filter(|it| it.reason.contains("turn of the year")).collect();
        assert_eq!(!year.is_empty(), told, "{day}");
        assert!(year.iter().all(|it| !it.serious));
    }
    let settings = settings();
    let calendar = Calendar::new(&settings).unwrap();
    assert!(calendar.objections(date("2026-12-21"), Work::Change).is_empty());
}

#[test]
fn a_week_that_ends_on_thursday_has_its_own_friday() {
    let settings = CalendarSettings {
        working_days: ["sun", "mon", "tue", "wed", "thu"].map(str::to_owned).to_vec(),
        ..CalendarSettings::default()
    };
    let calendar = Calendar::new(&settings).unwrap();
    assert!(!calendar.is_good(date("2026-12-10"), Work::Enforcement), "Thursday");
    assert!(calendar.is_good(date("2026-12-13"), Work::Enforcement), "Sunday");
    assert!(!calendar.is_working_day(date("2026-12-11")), "Friday");
}

#[test]
fn an_unknown_time_zone_makes_no_calendar() {
    for zone in ["", "Europe/Atlantis", "../etc/passwd", "London time"] {
        let settings =
            CalendarSettings { time_zone: zone.to_owned(), ..CalendarSettings::default() };
        assert!(Calendar::new(&settings).is_none(), "{zone}");
    }
}

#[test]
fn a_moment_falls_on_the_date_of_its_zone() {
    let settings = CalendarSettings {
        time_zone: "Pacific/Auckland".to_owned(),
        ..CalendarSettings::default()
    };
    let calendar = Calendar::new(&settings).unwrap();
    assert_eq!(calendar.date_of("2026-11-22T20:00:00Z".parse().unwrap()), date("2026-11-23"));
}

#[test]
fn twenty_three_days_from_a_monday() {
    let timeline = Timeline::new(date("2026-11-23"), &StepSettings::default());
    let table = [
        (Stage::Prepare, 1, 2, "2026-11-23", "2026-11-24"),
        (Stage::Register, 3, 16, "2026-11-25", "2026-12-08"),
        (Stage::Pilot, 17, 19, "2026-12-09", "2026-12-11"),
        (Stage::Enforce, 20, 20, "2026-12-12", "2026-12-12"),
        (Stage::Validate, 21, 23, "2026-12-13", "2026-12-15"),
    ];
    for (stage, first, last, from, to) in table {
        assert_eq!((timeline.first_day(stage), timeline.last_day(stage)), (first, last));
        assert_eq!((timeline.first(stage), timeline.last(stage)), (date(from), date(to)));
    }
    assert_eq!(timeline.end(), date("2026-12-15"));
    assert_eq!(timeline.day(Stage::Register, Day::Reminder), 12);
    assert_eq!(timeline.day(Stage::Register, Day::Contact), 14);
}

/// The last ring: its hours after the first, on a day that is good for asking everybody; what follows
/// moves along.
#[test]
fn rings_make_enforce_longer() {
    let last = |start: &str, ring_hours: u16, enforcement| {
        let mut rollout = Rollout { calendar: settings(), ..Rollout::default() };
        rollout.steps.ring_hours = ring_hours;
        rollout.steps.enforcement = enforcement;
        let timeline = Timeline::of(date(start), &rollout);
        let everybody = timeline.date_in(Stage::Enforce, Day::Everybody);
        assert_eq!(timeline.last(Stage::Enforce), everybody, "{start}");
        assert_eq!(timeline.first(Stage::Validate), days_later(everybody, 1), "{start}");
        (timeline.first(Stage::Enforce).to_string(), everybody.to_string())
    };
    let pair = |ring: &str, everybody: &str| (ring.to_owned(), everybody.to_owned());
    use Enforcement::{AllAtOnce, Rings};
    // A Wednesday, then: the next day, two days later is a Friday, before days off.
    assert_eq!(last("2026-10-23", 24, AllAtOnce), pair("2026-11-11", "2026-11-11"));
    assert_eq!(last("2026-10-23", 1, Rings), pair("2026-11-11", "2026-11-12"));
    assert_eq!(last("2026-10-23", 24, Rings), pair("2026-11-11", "2026-11-12"));
    assert_eq!(last("2026-10-23", 25, Rings), pair("2026-11-11", "2026-11-16"));
    // A Saturday: Monday.
    assert_eq!(last("2026-11-23", 24, Rings), pair("2026-12-12", "2026-12-14"));
    // The day before a freeze: after it.
    assert_eq!(last("2027-01-02", 24, Rings), pair("2027-01-21", "2027-02-02"));
}

#[test]
fn a_leap_day_is_a_day() {
    let timeline = Timeline::new(date("2028-02-21"), &StepSettings::default());
    assert_eq!(timeline.date(9), date("2028-02-29"));
    assert_eq!(timeline.end(), date("2028-03-14"));
}

#[test]
fn short_steps_keep_their_days_inside() {
    let steps = StepSettings { register_days: 5, prepare_days: 1, ..StepSettings::default() };
    let timeline = Timeline::new(date("2026-11-23"), &steps);
    assert_eq!(timeline.day(Stage::Register, Day::Reminder), 6);
    assert_eq!(timeline.day(Stage::Prepare, Day::Nth(2)), 1);
}

fn boundaries(timeline: &Timeline) -> Vec<Event> {
    events(timeline, &[], &[])
}

#[test]
fn the_proposed_start_has_no_serious_collision() {
    let settings = CalendarSettings::default();
    let calendar = Calendar::new(&settings).unwrap();
    let table = [
        ("2026-11-23", Some("2026-11-26"), "enforcement would fall on a Saturday"),
        ("2026-11-26", None, "already good"),
        ("2026-11-28", Some("2026-12-03"), "a Saturday; the next good one is a Thursday"),
    ];
    for (start, expected, why) in table {
        let timeline = Timeline::new(date(start), &StepSettings::default());
        let events = boundaries(&timeline);
        let proposed = proposed_start(&calendar, &timeline, &events);
        assert_eq!(proposed, expected.map(date), "{start}: {why}");
        if let Some(proposed) = proposed {
            let left = collisions(&calendar, &timeline.from(proposed), &events, &[]);
            assert!(left.iter().all(|it| !it.serious), "{left:?}");
        }
    }
}

#[test]
fn a_longer_pilot_moves_enforcement_off_the_weekend() {
    let settings = CalendarSettings::default();
    let calendar = Calendar::new(&settings).unwrap();
    let steps = StepSettings { pilot_days: 5, ..StepSettings::default() };
    let timeline = Timeline::new(date("2026-11-23"), &steps);
    assert_eq!(timeline.first(Stage::Enforce), date("2026-12-14"));
    assert_eq!(proposed_start(&calendar, &timeline, &boundaries(&timeline)), None);
}

#[test]
fn enforcement_on_a_saturday_says_which_day_is_next() {
    let settings = CalendarSettings::default();
    let calendar = Calendar::new(&settings).unwrap();
    let timeline = Timeline::new(date("2026-11-23"), &StepSettings::default());
    let found = collisions(&calendar, &timeline, &boundaries(&timeline), &[]);
    insta::assert_json_snapshot!(found, @r#"
    [
      {
        "what": "Enforce begins",
        "date": "2026-12-12",
        "with": "Saturday, not a working day; `pilot_days = 5` under [steps] keeps this start, and enforcement is then on Monday 14 December 2026",
        "serious": true,
        "proposed": "2026-12-14"
      }
    ]
    "#);
}

#[test]
fn dates_read_as_people_write_them() {
    assert_eq!(long_date(date("2026-12-01")), "Tuesday 1 December 2026");
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(14),
        ..ProptestConfig::default()
    })]
    #[test]
    fn a_proposed_date_is_good_and_the_next_one(offset in 0..4000_i32, kind in 0..WORKS.len()) {
        let settings = settings();
        let calendar = Calendar::new(&settings).unwrap();
        let day = days_later(date("2024-01-01"), offset);
        let next = calendar.next_good(day, WORKS[kind]).unwrap();
        prop_assert!(next > day);
        prop_assert!(calendar.is_good(next, WORKS[kind]));
        for between in 1..days_between(day, next) {
            let between = days_later(day, i32::try_from(between).unwrap());
            prop_assert!(!calendar.is_good(between, WORKS[kind]));
        }
    }

    #[test]
    fn steps_follow_each_other_without_a_gap(
        lengths in prop::array::uniform5(1..60_u16),
        offset in 0..4000_i32,
    ) {
        let [prepare_days, register_days, pilot_days, enforce_days, validate_days] = lengths;
        let steps = StepSettings {
            prepare_days,
            register_days,
            pilot_days,
            enforce_days,
            validate_days,
            ..StepSettings::default()
        };
        let timeline = Timeline::new(days_later(date("2024-01-01"), offset), &steps);
        let mut expected = timeline.start;
        for stage in STAGES {
            prop_assert_eq!(timeline.first(stage), expected);
            expected = days_later(timeline.last(stage), 1);
        }
        let days = days_between(timeline.start, timeline.end()) + 1;
        prop_assert_eq!(days, i64::from(lengths.iter().sum::<u16>()));
    }
}
