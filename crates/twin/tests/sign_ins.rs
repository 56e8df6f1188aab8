//! The sign-in log of the simulated tenant.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value};
use twin::documents::Collection;
use twin::world::{Device, Kinds, Scenario, World};

const REPORT_ONLY: &str = "enabledForReportingButNotEnforced";

fn now() -> Timestamp {
    "2026-11-20T17:30:00Z".parse().unwrap()
}

fn world(people: u32, day: u32) -> World {
    World::new(&Scenario { people, seed: 7, now: now(), day, history_days: 30 })
}

fn ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

fn rows(
    world: &World,
    kinds: Kinds,
    window: Range<Timestamp>,
    as_of: Timestamp,
    page: usize,
) -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    let mut from = None;
    loop {
        let (more, next) = world.sign_ins(kinds, window.clone(), as_of, from, page);
        assert!(more.len() <= page);
        all.extend(more);
        match next {
            Some(next) => from = Some(next),
            None => return all,
        }
    }
}

fn text<'a>(row: &'a Map<String, Value>, name: &str) -> &'a str {
    row[name].as_str().unwrap()
}

fn code(row: &Map<String, Value>) -> u64 {
    row["status"]["errorCode"].as_u64().unwrap()
}

fn counted(
    rows: &[Map<String, Value>],
    word: impl Fn(&Map<String, Value>) -> String,
) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(word(row)).or_insert(0) += 1;
    }
    counts
}

#[test]
fn pages_of_any_size_give_the_same_list() {
    let world = world(40, 0);
    let window = ago(30)..now();
    for kinds in [Kinds::Interactive, Kinds::NonInteractive, Kinds::Users] {
        let whole = rows(&world, kinds, window.clone(), now(), 100_000);
        assert!(whole.len() > 20, "{kinds:?}: {}", whole.len());
        for page in [1, 7, 50] {
            assert_eq!(rows(&world, kinds, window.clone(), now(), page), whole, "{kinds:?} {page}");
        }
        let times: Vec<&str> = whole.iter().map(|row| text(row, "createdDateTime")).collect();
        assert!(times.is_sorted_by(|newer, older| newer >= older));
    }
}

#[test]
fn rows_come_after_they_happened_and_none_from_the_future() {
    let world = world(60, 0);
    let week = ago(24 * 7)..now() + SignedDuration::from_hours(48);
    let seen = rows(&world, Kinds::Users, week.clone(), now(), 1000);
    let created =
        |row: &Map<String, Value>| -> Timestamp { text(row, "createdDateTime").parse().unwrap() };
    assert!(seen.iter().all(|row| created(row) + SignedDuration::from_secs(90) <= now()));
    // What is asked for as of later is not known before the world has gone on.
    let later = now() + SignedDuration::from_hours(20);
    assert_eq!(rows(&world, Kinds::Users, week.clone(), later, 1000).len(), seen.len());
    let mut gone_on = world.clone();
    gone_on.advance(later);
    assert!(rows(&gone_on, Kinds::Users, week.clone(), later, 1000).len() > seen.len());
    assert_eq!(rows(&gone_on, Kinds::Users, week, now(), 1000), seen);
}

#[test]
fn the_log_holds_what_a_log_holds() {
    let world = world(210, 0);
    let month = ago(24 * 12)..now();
    let interactive = rows(&world, Kinds::Interactive, month.clone(), now(), 5000);
    let other = rows(&world, Kinds::NonInteractive, month.clone(), now(), 5000);
    let programs = rows(&world, Kinds::ServicePrincipals, month, now(), 5000);
    let codes = counted(&interactive, |row| code(row).to_string());
    for wanted in ["0", "50074", "50072", "500121", "50126", "50053", "50140"] {
        assert!(codes.contains_key(wanted), "{wanted}: {codes:?}");
    }
    let clients = counted(&other, |row| text(row, "clientAppUsed").to_owned());
    for wanted in ["Mobile Apps and Desktop clients", "Exchange ActiveSync", "IMAP4"] {
        assert!(clients.contains_key(wanted), "{wanted}: {clients:?}");
    }
    assert!(interactive.iter().any(|row| row["clientAppUsed"] == "Authenticated SMTP"));
    assert!(!programs.is_empty());
    // The attacker never gets in.
    let abroad: Vec<_> = interactive
        .iter()
        .chain(&other)
        .filter(|row| text(row, "ipAddress").starts_with("192.0.2."))
        .collect();
    assert!(abroad.len() > 50, "{}", abroad.len());
    assert!(abroad.iter().all(|row| code(row) != 0));
    // Some rows are published twice, with the same id.
    let ids: BTreeSet<&str> = other.iter().map(|row| text(row, "id")).collect();
    assert!(ids.len() < other.len());
    assert!(other.len() * 100 / ids.len() < 103);
}

#[test]
fn a_conversation_is_an_interrupt_and_then_success() {
    let world = world(210, 0);
    let rows = rows(&world, Kinds::Interactive, ago(24 * 30)..now(), now(), 5000);
    let mut talks: BTreeMap<&str, Vec<(u64, &str)>> = BTreeMap::new();
    for row in &rows {
        let talk = talks.entry(text(row, "correlationId")).or_default();
        talk.push((code(row), text(row, "createdDateTime")));
    }
    let asked: Vec<_> =
        talks.values().filter(|talk| talk.iter().any(|(code, _)| *code == 50074)).collect();
    let passed = asked.iter().filter(|talk| talk.iter().any(|(code, _)| *code == 0)).count();
    assert!(asked.len() > 60, "{}", asked.len());
    let share = passed * 100 / asked.len();
    assert!((92..=99).contains(&share), "{share} of {}", asked.len());
}

#[test]
fn details_of_mfa_come_late() {
    let world = world(210, 0);
    let window = ago(24 * 3)..now();
    let late = rows(&world, Kinds::Interactive, window.clone(), now(), 5000);
    let row = late
        .iter()
        .find(|row| {
            row["authenticationDetails"][1]["authenticationStepResultDetail"]
                == "MFA successfully completed"
        })
        .unwrap();
    let created: Timestamp = text(row, "createdDateTime").parse().unwrap();
    let early = (1..600)
        .map(|minutes| created + SignedDuration::from_secs(20 * minutes))
        .find_map(|at| {
            let second = created..created + SignedDuration::from_secs(1);
            rows(&world, Kinds::Interactive, second, at, 5000)
                .into_iter()
                .find(|it| it["id"] == row["id"])
        })
        .unwrap();
    assert_eq!(early["authenticationDetails"].as_array().unwrap().len(), 1);
}

#[test]
fn days_do_not_depend_on_the_order_they_are_asked_in() {
    let day = |back: i64| ago(24 * (back + 1))..ago(24 * back);
    let forwards = world(50, 0);
    let backwards = world(50, 0);
    let page = |world: &World, back| rows(world, Kinds::Users, day(back), now(), 1000);
    let one: Vec<_> = (0..4).map(|back| page(&forwards, back)).collect();
    let mut other: Vec<_> = (0..4).rev().map(|back| page(&backwards, back)).collect();
    other.reverse();
    assert_eq!(one, other);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 6,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(5),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_same_seed_is_the_same_log(seed in 0_u64..1000, people in 5_u32..30, day in 0_u32..24) {
        let scenario = Scenario { people, seed, now: now(), day, history_days: 10 };
        let list = |world: &World| {
            rows(world, Kinds::Users, ago(40)..now(), now(), 333)
        };
        prop_assert!(list(&World::new(&scenario)) == list(&World::new(&scenario)));
    }

    #[test]
    fn small_steps_lead_where_large_ones_do(seed in 0_u64..1000, steps in 2_i64..30) {
        let scenario = Scenario { people: 40, seed, now: ago(48), day: 16, history_days: 5 };
        let mut large = World::new(&scenario);
        large.advance(now());
        let mut small = World::new(&scenario);
        for step in 1..=steps {
            let at = ago(48) + SignedDuration::from_mins(48 * 60 * step / steps);
            small.advance(at);
            // Asking in between changes nothing.
            let _ = small.sign_ins(Kinds::Users, ago(60)..at, at, None, 5);
        }
        small.advance(now());
        let list = |world: &World| rows(world, Kinds::Users, ago(60)..now(), now(), 1000);
        let (small, large) = (list(&small), list(&large));
        let other = small.iter().zip(&large).find(|(one, other)| one != other);
        prop_assert!(small == large, "{} and {} rows: {:?}", small.len(), large.len(),
            other.map(|(one, other)| (&one["createdDateTime"], &one["userPrincipalName"],
                &one["status"], &other["createdDateTime"], &other["userPrincipalName"])));
    }
}

#[test]
fn the_days_of_the_rollout_happen() {
    let capable = |world: &World| {
        let within = Collection::RegistrationDetails;
        (0..world.count(&within, now()))
            .filter_map(|at| world.item(&within, at, now()))
            .filter(|row| row["isMfaCapable"] == true)
            .count()
    };
    let mut before = 0;
    for day in [0, 3, 10, 16, 19, 23] {
        let world = world(210, day);
        let registered = capable(&world);
        assert!(registered >= before, "day {day}: {registered} after {before}");
        before = registered;
        let policies: Vec<(String, String)> = (0..world.count(&Collection::Policies, now()))
            .filter_map(|at| world.item(&Collection::Policies, at, now()))
            .map(|it| (text(&it, "displayName").to_owned(), text(&it, "state").to_owned()))
            .collect();
        let shown: Vec<(&str, &str)> =
            policies.iter().map(|(name, state)| (name.as_str(), state.as_str())).collect();
        let wanted: &[(&str, &str)] = match day {
            0 => &[],
            3..17 => &[("CA000 - Block legacy authentication", REPORT_ONLY)],
            17..20 => &[
                ("CA000 - Block legacy authentication", REPORT_ONLY),
                ("CA001 - Require MFA - Pilot", REPORT_ONLY),
            ],
            _ => &[
                ("CA000 - Block legacy authentication", "enabled"),
                ("CA001 - Require MFA - All users", "enabled"),
            ],
        };
        assert_eq!(shown, wanted, "day {day}");
    }
    assert!(before > 195, "{before}");
}

#[test]
fn after_the_last_day_everybody_proves_mfa_and_legacy_clients_are_blocked() {
    let world = world(210, 23);
    let rows = rows(&world, Kinds::Users, ago(24)..now(), now(), 5000);
    let (mut successes, mut blocked) = (0, 0);
    for row in rows.iter().filter(|row| !text(row, "userPrincipalName").starts_with("sync_")) {
        let legacy =
            !matches!(text(row, "clientAppUsed"), "Browser" | "Mobile Apps and Desktop clients");
        match (code(row), legacy) {
            (0, legacy) => {
                assert!(!legacy, "{row:?}");
                assert_eq!(row["authenticationRequirement"], "multiFactorAuthentication");
                assert_eq!(row["conditionalAccessStatus"], "success");
                assert_eq!(
                    row["authenticationRequirementPolicies"][0]["requirementProvider"],
                    "multiConditionalAccess"
                );
                successes += 1;
            }
            (53003, true) => blocked += 1,
            _ => {}
        }
    }
    assert!(successes > 800 && blocked > 20, "{successes} {blocked}");
}

#[test]
fn the_pilot_is_seen_to_pass_and_break_glass_is_not_asked_by_policies() {
    let world = world(210, 19);
    let rows = rows(&world, Kinds::Interactive, ago(60)..now(), now(), 5000);
    let pilot = |row: &&Map<String, Value>| {
        row["appliedConditionalAccessPolicies"].as_array().unwrap().iter().any(|it| {
            it["displayName"] == "CA001 - Require MFA - Pilot"
                && it["result"] == "reportOnlySuccess"
        })
    };
    let names: BTreeSet<&str> =
        rows.iter().filter(pilot).map(|row| text(row, "userPrincipalName")).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let drills: Vec<_> = rows
        .iter()
        .filter(|row| text(row, "userPrincipalName").starts_with("svc-emergency"))
        .filter(|row| code(row) == 0)
        .collect();
    assert_eq!(drills.len(), 2);
    for row in drills {
        let results = row["appliedConditionalAccessPolicies"].as_array().unwrap();
        assert!(results.iter().all(|it| it["result"] == "reportOnlyNotApplied"), "{results:?}");
    }
}

/// Each device shows in the log as what it is, and a session is a new one each time.
#[test]
fn who_is_asked_to_sign_in_does_with_that_device() {
    let mut world = world(40, 21);
    let team = (0..world.count(&Collection::Groups, now()))
        .filter_map(|place| world.item(&Collection::Groups, place, now()))
        .find(|it| it["displayName"] == "IT team")
        .unwrap();
    let within = Collection::GroupMembers(text(&team, "id").to_owned());
    let tester = text(&world.item(&within, 0, now()).unwrap(), "id").to_owned();
    let devices = [
        (Device::Desktop, "Windows11", "Hybrid Azure AD joined", true),
        (Device::Phone, "", "", false),
        (Device::Personal, "Windows11", "Azure AD registered", false),
        (Device::Unenrolled, "Windows11", "", false),
    ];
    for (minutes, (with, system, trust, managed)) in (1..).zip(devices) {
        let at = now() + SignedDuration::from_mins(minutes * 10);
        assert!(world.ask_to_sign_in(&tester, with, at));
        world.advance(at + SignedDuration::from_hours(2));
        let window = at..at + SignedDuration::from_mins(5);
        let all = rows(&world, Kinds::Interactive, window, at + SignedDuration::from_hours(2), 50);
        let mut of_tester = all.iter().filter(|it| it["userId"] == tester.as_str());
        let row = of_tester.find(|it| code(it) == 0).unwrap();
        assert_eq!(row["authenticationRequirement"], "multiFactorAuthentication", "{with:?}");
        let device = &row["deviceDetail"];
        if with == Device::Phone {
            assert!(["Ios 26.1", "Android 16"].iter().any(|it| device["operatingSystem"] == *it));
            continue;
        }
        assert_eq!(device["operatingSystem"], system, "{with:?}");
        assert_eq!(device["trustType"], trust, "{with:?}");
        assert_eq!(device["isManaged"], managed, "{with:?}");
        assert_eq!(device["deviceId"] == "", with == Device::Unenrolled, "{with:?}");
    }
    assert!(!world.ask_to_sign_in("nobody@ne.example", Device::Desktop, now()));
}

/// Somebody who registers when asked can pass from then on.
#[test]
fn who_is_asked_to_register_is_capable_afterwards() {
    let mut world = world(40, 0);
    let within = Collection::RegistrationDetails;
    let all = (0..world.count(&within, now())).filter_map(|it| world.item(&within, it, now()));
    let one = all.into_iter().find(|it| it["isMfaCapable"] == false).unwrap();
    let id = text(&one, "id").to_owned();
    assert!(world.ask_to_register(&id, now()));
    let later = now() + SignedDuration::from_hours(60);
    world.advance(later);
    assert_eq!(world.find(&within, &id, later).unwrap()["isMfaCapable"], true);
    assert!(!world.ask_to_register("nobody@ne.example", later));
}
