//! The curves of registration, mechanism by mechanism, over two weeks from a Monday.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::world::Scenario;
use crate::world::behaviour::Behaviour;
use crate::world::calendar::days;
use crate::world::object::{object, time};

/// Days after which the curve is read.
const READ: [usize; 7] = [1, 3, 5, 7, 10, 12, 14];
const CROWD: u64 = 4000;

fn monday() -> Timestamp {
    "2026-11-09T00:00:00Z".parse().unwrap()
}

/// A crowd in the model's proportions: half browser, 22 % single sign-on, 12 % field, 8 %
/// part-time, 5 % away and 3 % no people, nobody registered.
fn crowd() -> World {
    let scenario = Scenario { people: 3, seed: 11, now: monday(), day: 0, history_days: 0 };
    let mut world = World::with_behaviour(&scenario, Behaviour::shipped().unwrap());
    for nth in 0..CROWD {
        let id = Chance::of(5).for_purpose("crowd").about(nth).guid();
        let mut person = people::nobody(id, Kind::Staff, days(monday(), -100));
        (person.persona, person.never_seen) = match nth * 100 / CROWD {
            0..50 => (Persona::Browser, false),
            50..72 => (Persona::SingleSignOn, false),
            72..84 => (Persona::Field, false),
            84..92 => (Persona::PartTime, false),
            _ => (Persona::None, true),
        };
        world.settle(person);
    }
    world
}

/// Per cent registered at the end of each day that is read.
fn curve(world: &World, registers: impl Fn(&World, &Person, Day) -> bool) -> Vec<u64> {
    let mut open: Vec<&Person> = world.people.iter().skip(world.first_people).collect();
    let mut curve = Vec::new();
    let mut day = Day::of(monday());
    for number in 1..=14 {
        open.retain(|person| !registers(world, person, day));
        if READ.contains(&number) {
            let left = u64::try_from(open.len()).unwrap();
            curve.push(((CROWD - left) * 100 + CROWD / 2) / CROWD);
        }
        day = day.after().unwrap();
    }
    curve
}

fn by_prompt(mechanism: Mechanism) -> impl Fn(&World, &Person, Day) -> bool {
    move |world, person, day| {
        let moments = world.moments(person, day);
        let prompt = moments.iter().find(|moment| moment.interactive);
        let share = world.completes(mechanism);
        prompt.is_some_and(|it| it.chance().for_purpose("completes").per_mille(share))
    }
}

fn by_letter(snooze: u64) -> impl Fn(&World, &Person, Day) -> bool {
    move |world, person, day| {
        let chance = about(person).for_purpose("letter").about(day.number());
        let share = world.letters(snooze);
        person.is_about(day.at(43_200)) && world.works(person, day) && chance.per_mille(share)
    }
}

fn assert_close(name: &str, curve: &[u64], wanted: [u64; 7]) {
    for (day, (got, wanted)) in READ.iter().zip(curve.iter().zip(wanted)) {
        assert!(
            got.abs_diff(wanted) <= 3,
            "{name}, day {day}: {got} instead of {wanted}: {curve:?}"
        );
    }
}

#[test]
fn every_mechanism_has_its_curve() {
    let world = crowd();
    let curves = [
        ("comms only, slow", curve(&world, by_letter(14)), [1, 2, 3, 3, 5, 7, 7]),
        ("comms only, brisk", curve(&world, by_letter(1)), [5, 11, 17, 17, 26, 32, 32]),
        (
            "skippable interrupt",
            curve(&world, by_prompt(Mechanism::Skippable)),
            [13, 33, 46, 47, 58, 66, 67],
        ),
        ("hard interrupt", curve(&world, by_prompt(Mechanism::Hard)), [45, 67, 74, 75, 81, 83, 84]),
    ];
    for (name, curve, wanted) in curves {
        assert_close(name, &curve, wanted);
    }
}

#[test]
fn revoked_sessions_bring_those_whom_no_prompt_reaches() {
    let mut world = crowd();
    let at = days(monday(), 6);
    let revoked = object(json!({"signInSessionsValidFromDateTime": time(at)}));
    let ids: Vec<Uuid> = world.people.iter().map(|person| person.id).collect();
    for id in ids {
        world.changed.insert(id);
        world.documents.put(Collection::Users, &id.to_string(), revoked.clone(), at);
    }
    let curve = curve(&world, by_prompt(Mechanism::Hard));
    assert_close("hard interrupt and revoked sessions", &curve, [45, 67, 74, 76, 90, 91, 92]);
}

#[test]
fn nobody_registers_under_security_defaults_who_went_around_them_until_letters_go_out() {
    let now = "2026-11-20T17:30:00Z".parse().unwrap();
    let capable = |day| {
        let world = World::new(&Scenario { people: 210, seed: 7, now, day, history_days: 30 });
        let strong = Held::STRONG.without(Held::OFFICE_PHONE);
        let avoided = world.people.iter().filter(|it| it.is_human() && it.habits.avoids);
        avoided.filter(|it| it.held_at(now).has_any(strong)).count()
    };
    assert_eq!(capable(0), 0);
    assert!(capable(16) > 8, "{}", capable(16));
}
