//! Whom each policy is for, held against the reference: whatever the client and the resource.

use conditional_access::facts::{ClientApp, Identity, SignIn, User};
use conditional_access::{Assignment, PolicySet};

use super::case;
use super::conditions::{Scene, same};
use super::draw::{Chance, world};
use super::draw_scene::scene;
use super::three::Tri;

const WORLDS: u64 = 4_000;
const TEAMS: &str = "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe";

#[test]
fn assignments_are_those_of_the_reference() {
    let mut seen = [0_u32; 4];
    for seed in 0..WORLDS {
        let mut chance = Chance::new(7 << 32 | seed);
        let (tenant, policies) = world(&mut chance);
        let (tenant, policies) = (case::tenant(&tenant), case::policies(&policies));
        let set = PolicySet::of(&policies, &tenant);
        let mut assignments = set.assignments();
        for _ in 0..6 {
            let (sign_in, registration) = scene(&mut chance);
            let sign_in = case::sign_in(&sign_in);
            let registration = case::registration(&registration);
            let Identity::User(id) = &sign_in.identity else { continue };
            let found = id.as_ref().and_then(|id| tenant.users.iter().find(|it| same(&it.id, id)));
            let user = found.cloned().unwrap_or_else(|| User::not_seen(""));
            let class = assignments.class_of(id.as_deref());
            let ways = ways(&sign_in);
            for (policy, assigned) in policies.iter().zip(assignments.of_class(class)) {
                let said: Vec<Tri> = ways
                    .iter()
                    .map(|sign_in| {
                        let (policies, tenant) = (&policies[..], &tenant);
                        let registration = &registration;
                        let user = user.clone();
                        Scene { policies, tenant, registration, sign_in, user }.identity(policy)
                    })
                    .collect();
                let all = |wanted: fn(&Tri) -> bool| said.iter().all(wanted);
                let (place, agrees) = match assigned {
                    Assignment::Reached => (0, all(|it| matches!(it, Tri::Yes))),
                    Assignment::NotIncluded => (1, all(|it| matches!(it, Tri::No))),
                    Assignment::Excluded(by) => {
                        (2, all(|it| matches!(it, Tri::No)) && !by.is_empty())
                    }
                    Assignment::Unknown(facts) => {
                        let decided =
                            all(|it| matches!(it, Tri::Yes)) || all(|it| matches!(it, Tri::No));
                        (3, !decided && !facts.is_empty())
                    }
                };
                seen[place] += 1;
                assert!(
                    agrees,
                    "seed {seed}: {assigned:?}\n{said:?}\n{id:?}\n{policy:#?}\n{tenant:#?}"
                );
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 2_000), "{seen:?}");
}

/// The sign-in by each kind of client and resource that the user condition can read.
fn ways(sign_in: &SignIn) -> Vec<SignIn> {
    let mut ways = Vec::new();
    for client_app in [ClientApp::Browser, ClientApp::ExchangeActiveSync] {
        for resource in ["797f4846-ba00-4fd7-ba43-dac1f8f63013", TEAMS] {
            ways.push(SignIn {
                client_app: Some(client_app),
                resources: Some(vec![resource.to_owned()]),
                audiences: Vec::new(),
                ..sign_in.clone()
            });
        }
    }
    ways
}
