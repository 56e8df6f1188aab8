//! How long a tenant takes to make, and how much memory: `measure PEOPLE DAYS DAY`.

#![expect(clippy::disallowed_methods, reason = "it measures durations")]

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use twin::documents::Collection;
use twin::world::{Kinds, Scenario, World};

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("VmHWM"));
    lines.collect::<String>()
}

#[expect(clippy::print_stdout, reason = "a program that prints what it measured")]
fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|it| it.parse::<u32>().ok());
    let mut next = |default| numbers.next().unwrap_or(default);
    let (people, days, day) = (next(210), next(30), next(0));
    let now: Timestamp = Timestamp::from_second(1_795_195_800).unwrap_or(Timestamp::MAX);
    let begun = Instant::now();
    let scenario = Scenario { people, seed: 7, now, day, history_days: days };
    let world = World::new(&scenario);
    println!("world of {people} people at {now}: {:?}, {}", begun.elapsed(), memory());
    let begun = Instant::now();
    let mut rows = 0;
    let window = now - SignedDuration::from_hours(24 * i64::from(days))..now;
    let mut from = None;
    loop {
        let (page, next) = world.sign_ins(Kinds::Users, window.clone(), now, from, 1000);
        rows += page.len();
        match next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    println!("{rows} sign-ins of {days} days: {:?}, {}", begun.elapsed(), memory());
    let begun = Instant::now();
    let count = world.count(&Collection::Users, now);
    let made = (0..count).filter_map(|it| world.item(&Collection::Users, it, now)).count();
    println!("{made} users: {:?}, {}", begun.elapsed(), memory());
    let begun = Instant::now();
    let rows = world.count(&Collection::RegistrationDetails, now);
    let all = (0..rows).filter_map(|it| world.item(&Collection::RegistrationDetails, it, now));
    let capable = all.filter(|row| row.get("isMfaCapable") == Some(&true.into())).count();
    println!("{rows} rows of registration, {capable} capable: {:?}", begun.elapsed());
}
