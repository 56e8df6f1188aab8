//! Three processes and a clock that jumps, in drawn orders, held against a model of the lease.

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use super::{LASTS, at, holder, note, open};
use crate::{Fencing, Store, StoreError, Verdict, Writer};

const SECONDS: i64 = 60;

#[derive(Debug, Clone, Copy)]
enum Step {
    Take(usize),
    Renew(usize),
    Append(usize),
    Release(usize),
    /// Dies without giving anything back.
    Crash(usize),
    /// A person ends the lease that is there.
    End(usize),
    Clock(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..3_usize;
    prop_oneof![
        4 => who.clone().prop_map(Step::Take),
        2 => who.clone().prop_map(Step::Renew),
        5 => who.clone().prop_map(Step::Append),
        1 => who.clone().prop_map(Step::Release),
        1 => who.clone().prop_map(Step::Crash),
        1 => who.prop_map(Step::End),
        3 => prop_oneof![4 => 1..50_i64, 1 => -90..0_i64].prop_map(Step::Clock),
    ]
}

/// What the lease is, in the plainest words.
#[derive(Debug, Default)]
struct Model {
    newest: u64,
    /// When it was renewed, if somebody holds it.
    held: Option<i64>,
    now: i64,
    entries: u64,
}

impl Model {
    fn is_free(&self) -> bool {
        self.held
            .is_none_or(|renewed| renewed + SECONDS <= self.now || renewed > self.now + SECONDS)
    }

    fn may_write(&self, own: Fencing) -> bool {
        self.held.is_some() && own == Fencing(self.newest)
    }
}

struct World<'a> {
    stores: &'a [Store; 3],
    writers: [Option<Writer<'a>>; 3],
    model: Model,
}

impl World<'_> {
    fn take(&mut self, who: usize) {
        // Who takes anew has forgotten what it had.
        std::mem::forget(self.writers[who].take());
        let pid = u32::try_from(who).unwrap();
        match self.stores[who].writer(&holder(pid), LASTS, at(self.model.now)) {
            Ok(writer) => {
                assert!(self.model.is_free(), "{:?}", self.model);
                assert!(writer.fencing() > Fencing(self.model.newest), "a number only grows");
                self.model.newest += 1;
                assert_eq!(writer.fencing(), Fencing(self.model.newest));
                self.model.held = Some(self.model.now);
                self.writers[who] = Some(writer);
            }
            Err(StoreError::Held { lease, .. }) => {
                assert!(!self.model.is_free(), "{:?}", self.model);
                assert_eq!(lease.fencing, Fencing(self.model.newest));
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    /// A write is let through exactly if its lease is the newest.
    fn write(&mut self, who: usize, is_renewal: bool) {
        let Some(writer) = &self.writers[who] else { return };
        let own = writer.fencing();
        let now = self.model.now;
        let written = if is_renewal {
            writer.renew(at(now))
        } else {
            note(writer, now, json!({"fencing": own.0})).map(drop)
        };
        match written {
            Ok(()) => {
                assert!(self.model.may_write(own), "{own} {:?}", self.model);
                if is_renewal {
                    self.model.held = Some(now);
                } else {
                    self.model.entries += 1;
                }
            }
            Err(StoreError::Fenced { own: told, newest, .. }) => {
                assert!(!self.model.may_write(own), "{own} {:?}", self.model);
                assert_eq!(told, own);
                assert_eq!(newest.is_some(), self.model.held.is_some());
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    fn take_step(&mut self, step: Step) {
        match step {
            Step::Take(who) => self.take(who),
            Step::Renew(who) => self.write(who, true),
            Step::Append(who) => self.write(who, false),
            Step::Release(who) => {
                if let Some(writer) = self.writers[who].take() {
                    if self.model.may_write(writer.fencing()) {
                        self.model.held = None;
                    }
                    writer.release().unwrap();
                }
            }
            Step::Crash(who) => std::mem::forget(self.writers[who].take()),
            Step::End(who) => {
                let lease = self.stores[who].lease().unwrap();
                assert_eq!(lease.is_some(), self.model.held.is_some());
                if let Some(lease) = lease {
                    assert_eq!(lease.fencing, Fencing(self.model.newest));
                    assert!(self.stores[who].end_lease(lease.fencing).unwrap());
                    self.model.held = None;
                }
            }
            Step::Clock(seconds) => self.model.now += seconds,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(71),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_lease_is_the_model(steps in proptest::collection::vec(step(), 1..60)) {
        let folder = TempDir::new().unwrap();
        let stores = [(); 3].map(|()| open(folder.path()));
        let mut world =
            World { stores: &stores, writers: [None, None, None], model: Model::default() };
        for step in steps {
            world.take_step(step);
        }
        let head = stores[0].head().unwrap();
        prop_assert_eq!(head.number, world.model.entries);
        prop_assert_eq!(stores[0].verify_journal(None).unwrap(), Verdict::Holds(head));
        let numbers: Vec<u64> = stores[0]
            .entries(1, 1000)
            .unwrap()
            .iter()
            .map(|it| it.payload::<serde_json::Value>().unwrap()["fencing"].as_u64().unwrap())
            .collect();
        prop_assert!(numbers.is_sorted(), "an older lease wrote after a newer one: {:?}", numbers);
        // Whatever happened, a lease of the dead ends.
        std::mem::forget(world.writers);
        let later = at(world.model.now.max(0) + 100_000);
        prop_assert!(stores[1].writer(&holder(9), SignedDuration::from_secs(1), later).is_ok());
    }
}
