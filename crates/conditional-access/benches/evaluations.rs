//! How many sign-ins a second 20 policies can be held against, on one processor.
//!
//! `decide` is what a replay does for each sign-in once every person, app, client, place and device
//! of a log was met before: it looks up the address and intersects sets of policies. `evaluate`
//! answers for one sign-in from its facts alone, with reasons. `cargo xtask bench --only policies`
//! measures both beside Cedar.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at the first surprise"
)]

mod world;

use conditional_access::{PolicySet, Verdict};
use divan::Bencher;
use divan::counter::ItemsCount;
use world::replay::Replay;
use world::{PEOPLE, id, registration, sign_in, world};

fn main() {
    divan::main();
}

#[divan::bench]
fn compile_people(bencher: Bencher<'_, '_>) {
    let world = world();
    let set = PolicySet::of(&world.policies, &world.tenant);
    let compiled = set.compiled(&world.tenant).unwrap();
    let ids: Vec<String> = (0..PEOPLE).map(|user| id(0xa000, user)).collect();
    bencher
        .counter(ItemsCount::new(PEOPLE))
        .bench_local(|| ids.iter().map(|user| compiled.user(Some(user))).collect::<Vec<_>>());
}

#[divan::bench]
fn evaluate(bencher: Bencher<'_, '_>) {
    let world = world();
    let set = PolicySet::of(&world.policies, &world.tenant);
    let some: Vec<_> =
        world.drawn.iter().take(512).map(|it| (sign_in(*it), registration(it.user))).collect();
    bencher.counter(ItemsCount::new(some.len())).bench_local(|| {
        some.iter()
            .filter(|(sign_in, registration)| set.evaluate(sign_in, registration).by.len() > 1)
            .count()
    });
}

#[divan::bench]
fn decide(bencher: Bencher<'_, '_>) {
    let world = world();
    let set = PolicySet::of(&world.policies, &world.tenant);
    let compiled = set.compiled(&world.tenant).unwrap();
    let replay = Replay::of(&compiled, &world);
    for drawn in world.drawn.iter().take(2_000) {
        let outcome = set.evaluate(&sign_in(*drawn), &registration(drawn.user));
        assert_eq!(replay.decide(drawn), outcome.verdict);
    }
    bencher.counter(ItemsCount::new(world.drawn.len())).bench_local(|| {
        world.drawn.iter().filter(|it| replay.decide(it) == Verdict::Require).count()
    });
}
