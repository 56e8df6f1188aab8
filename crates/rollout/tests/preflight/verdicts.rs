//! What each check answers.

use std::collections::BTreeSet;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rollout::preflight::{Severity, Verdict, catalogue, implemented};

use crate::cases::cases;
use crate::world::World;

#[test]
fn every_decided_check_has_its_three_cases() {
    let tested: BTreeSet<&str> = cases().iter().map(|case| case.id).collect();
    let decided: BTreeSet<&str> = implemented().into_iter().collect();
    assert_eq!(tested, decided);
    assert!(decided.len() >= 60, "{}", decided.len());
}

#[test]
fn what_is_missing_is_inconclusive_and_says_what_would_decide_it() {
    for case in cases() {
        let mut world = World::good();
        (case.missing)(&mut world);
        let finding = world.finding(case.id);
        assert_eq!(finding.verdict, Verdict::Inconclusive, "{finding:#?}");
        assert!(finding.needs.is_some_and(|needs| !needs.is_empty()), "{}", case.id);
    }
}

#[test]
fn what_is_bad_is_found_with_a_sentence() {
    for case in cases() {
        let Some(bad) = case.bad else { continue };
        let mut world = World::good();
        bad(&mut world);
        let finding = world.finding(case.id);
        assert_eq!(finding.verdict, Verdict::Found, "{finding:#?}");
        assert!(finding.subject.ends_with('.'), "{finding:#?}");
        assert!(finding.needs.is_none(), "{finding:#?}");
    }
}

#[test]
fn a_tenant_in_which_nothing_is_wrong_has_nothing_found() {
    let world = World::good();
    for case in cases() {
        let finding = world.finding(case.id);
        assert_eq!(finding.verdict, case.good, "{finding:#?}");
    }
}

#[test]
fn nothing_told_is_nothing_ok() {
    let preflight = World::empty().preflight();
    assert_eq!(preflight.schema, "lockstep.preflight/1");
    assert_eq!(preflight.findings.len(), catalogue().len());
    for finding in preflight.findings {
        assert_eq!(finding.verdict, Verdict::Inconclusive, "{finding:#?}");
        assert!(finding.needs.is_some(), "{finding:#?}");
    }
}

#[test]
fn empty_exports_prove_nothing_about_people() {
    let mut world = World::good();
    world.snapshot.users = Some(Vec::new());
    world.snapshot.registrations = Some(Vec::new());
    world.kinds.clear();
    for id in ["RG-05", "RG-06", "RG-07", "RG-10", "RG-11", "UM-01", "UM-13", "OP-07", "EX-06"] {
        assert_eq!(world.verdict(id), Verdict::Inconclusive, "{id}");
    }
}

#[test]
fn the_worst_comes_first_and_ties_keep_the_order_of_the_catalogue() {
    let mut world = World::good();
    for case in cases().iter().step_by(3) {
        if let Some(bad) = case.bad {
            bad(&mut world);
        }
    }
    let order: Vec<&str> = catalogue().iter().map(|check| check.id).collect();
    let key = |finding: &rollout::preflight::Finding| {
        let severity = match finding.severity {
            Severity::Block => 0,
            Severity::Warn => 1,
            Severity::Info => 2,
        };
        let place = order.iter().position(|id| *id == finding.id).unwrap();
        match finding.verdict {
            Verdict::Found => (0, severity, place),
            Verdict::Inconclusive => (1, severity, place),
            Verdict::Ok => (2, 0, place),
            Verdict::NotApplicable => (3, 0, place),
        }
    };
    let keys: Vec<_> = world.preflight().findings.iter().map(key).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(keys, sorted);
}

/// Takes one collection out of the tenant.
type Removal = (&'static str, fn(&mut World));

const REMOVALS: [Removal; 19] = [
    ("users", World::forget_users),
    ("groups", |w| w.snapshot.groups = None),
    ("roles", |w| w.snapshot.roles = None),
    ("registrations", |w| w.snapshot.registrations = None),
    ("mailboxes", |w| w.snapshot.mailboxes = None),
    ("audits", |w| w.snapshot.audits = None),
    ("policies", |w| w.snapshot.policies = None),
    ("named locations", |w| w.snapshot.named_locations = None),
    ("security defaults", |w| w.snapshot.security_defaults = None),
    ("methods policy", |w| w.snapshot.methods_policy = None),
    ("licences", |w| w.snapshot.skus = None),
    ("device registration", |w| w.snapshot.device_join_needs_mfa = None),
    ("cross-tenant access", |w| w.snapshot.inbound_mfa_trusted = None),
    ("domains", |w| w.snapshot.tenant.domains = None),
    ("synchronisation", |w| w.snapshot.tenant.on_premises_sync = None),
    ("transport settings", |w| w.snapshot.exchange.smtp_auth_disabled = None),
    ("organisation settings", |w| w.snapshot.exchange.modern_auth_enabled = None),
    ("members of the groups", |w| {
        w.snapshot.groups.iter_mut().flatten().for_each(|group| group.members = None);
    }),
    ("logs", |w| {
        w.measurement = None;
        w.legacy = None;
    }),
];

#[test]
fn taking_data_away_never_makes_a_check_ok() {
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let all = cases();
    let wrongs = proptest::collection::vec(0..all.len(), 0..6);
    TestRunner::new_with_rng(config, rng)
        .run(&wrongs, |wrongs| {
            let mut world = World::good();
            world.as_of = Some(world.now);
            for position in wrongs {
                if let Some(bad) = all[position].bad {
                    bad(&mut world);
                    // What a later change needs must still be there.
                    restore(&mut world);
                }
            }
            let before = world.preflight().findings;
            for (what, remove) in REMOVALS {
                let mut less = world.clone();
                remove(&mut less);
                for finding in less.preflight().findings {
                    let was = before.iter().find(|it| it.id == finding.id).unwrap();
                    proptest::prop_assert!(
                        finding.verdict != Verdict::Ok || was.verdict == Verdict::Ok,
                        "without {what}: {was:#?} became {finding:#?}"
                    );
                }
            }
            Ok(())
        })
        .unwrap();
}

/// A change that works by taking a collection away (OP-05) must not stop the next one.
fn restore(world: &mut World) {
    if world.snapshot.roles.is_none() {
        world.snapshot.roles = World::good().snapshot.roles;
    }
}
