//! Twenty policies beside the same twenty in Cedar, over the same sign-ins, in one run.
//!
//! Nothing is timed before both have given the same verdict for every sign-in. Where the two cannot
//! be alike, Cedar is spared work:
//!
//! - every fact was seen: Cedar has no *unknown*, and no way to say which fact was missing;
//! - Cedar answers *permit* or *forbid* and with which policies; that these come to *require* or
//!   *block*, and that whoever has no method is blocked while registering, is worked out here, and
//!   not timed;
//! - whether a guest's device counts is worked out before, for Cedar only;
//! - entities and requests are built before; lockstep still looks up each address;
//! - session controls, report-only policies and the log's words, which lockstep tells, are not asked
//!   of Cedar.

mod cedar;
#[path = "../../crates/conditional-access/benches/world/mod.rs"]
mod world;

use std::collections::BTreeMap;
use std::hint::black_box;

use cedar::Cedar;
use conditional_access::PolicySet;
use serde_json::json;
use world::replay::Replay;
use world::{registration, sign_in, world};

/// So many of the sign-ins are given to each in a round: all, or what takes about as long.
const EVALUATED: usize = 8_192;
const ASKED_OF_CEDAR: usize = 16_384;

/// Nanoseconds of processor time that this thread has had: what other programs do to the machine
/// costs it none (Linux, `schedstat`).
fn processor_time() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split_whitespace().next().unwrap().parse().unwrap()
}

fn main() {
    let rounds: usize = std::env::args().nth(1).map_or(9, |it| it.parse().unwrap());
    let world = world();
    let set = PolicySet::of(&world.policies, &world.tenant);
    let compiled = set.compiled(&world.tenant).unwrap();
    let replay = Replay::of(&compiled, &world);
    let cedar = Cedar::of(&world);
    let facts: Vec<_> =
        world.drawn.iter().map(|it| (sign_in(*it), registration(it.user))).collect();

    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    for (place, drawn) in world.drawn.iter().enumerate() {
        let (sign_in, registration) = &facts[place];
        let outcome = set.evaluate(sign_in, registration);
        let told = [replay.decide(drawn), cedar.verdict(place, drawn)];
        assert!(
            told.iter().all(|it| *it == outcome.verdict),
            "sign-in {place}: {} with reasons, {} compiled, {} by Cedar\n{drawn:?}\n{outcome:#?}",
            outcome.verdict,
            told[0],
            told[1]
        );
        *verdicts.entry(outcome.verdict.to_string()).or_default() += 1;
    }

    let decide = || {
        world.drawn.iter().for_each(|it| {
            black_box(replay.decide(it));
        });
        world.drawn.len()
    };
    let evaluate = || {
        facts.iter().take(EVALUATED).for_each(|(sign_in, registration)| {
            black_box(set.evaluate(sign_in, registration));
        });
        EVALUATED
    };
    let authorize = || {
        (0..ASKED_OF_CEDAR).for_each(|place| {
            black_box(cedar.authorize(place));
        });
        ASKED_OF_CEDAR
    };
    let candidates: [(&str, &dyn Fn() -> usize); 3] =
        [("decide", &decide), ("evaluate", &evaluate), ("cedar", &authorize)];
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); candidates.len()];
    for round in 0..rounds {
        for turn in 0..candidates.len() {
            let place = (turn + round) % candidates.len();
            let started = processor_time();
            let evaluations = candidates[place].1();
            times[place].push((processor_time() - started) / evaluations as f64);
        }
    }
    let rows = candidates.iter().zip(&mut times).map(|((who, _), times)| {
        times.sort_by(f64::total_cmp);
        let (least, median, most) = (times[0], times[rounds / 2], times[rounds - 1]);
        json!({"who": who, "least_ns": least, "median_ns": median, "most_ns": most})
    });
    println!(
        "{}",
        json!({"policies": world.policies.len(), "sign_ins": world.drawn.len(), "rounds": rounds,
            "verdicts": verdicts, "rows": rows.collect::<Vec<_>>()})
    );
}
