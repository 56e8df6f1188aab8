//! A large tenant within the limits of Graph.

use entra::graph::download;
use twin::checker::{self, Rules};
use twin::{FaultPlan, Scenario, World};

use crate::tenant::{InProcess, download_into, service, start};

/// Downloads a tenant of so many people, and says how many requests that took.
async fn requests_for(people: u32) -> usize {
    let scenario = Scenario { people, seed: 5, now: start(), day: 0, history_days: 0 };
    let folder = crate::tenant::folder();
    let tenant = InProcess::new(service(World::new(&scenario), FaultPlan::default()));
    let options = download_into(folder.path(), 1);
    let manifest = download(&tenant.client(), &options, &mut |_| {}).await.unwrap();
    let users = manifest.state("users").unwrap().objects;
    assert!(users >= u64::from(people), "{users} of {people}");
    let log = &tenant.service.borrow().log;
    let violations = checker::check(log, &Rules::default());
    assert!(violations.is_empty(), "{violations:?}");
    let refused = log.entries.iter().filter(|entry| entry.status == 429).count();
    assert_eq!(refused, 0, "whoever keeps to the limits is never refused");
    // Pages of 999 users and of 1,000 rows of the registration report; everybody once in each of the
    // three lists that are asked person by person, twenty at a time; and what does not grow with
    // the people.
    let users = usize::try_from(users).unwrap();
    let sign_ins: u64 = manifest
        .reads
        .iter()
        .filter(|state| state.id.starts_with("sign-ins"))
        .map(|state| state.pages)
        .sum();
    let devices = 2 * users.div_ceil(900) + users.div_ceil(999) + users.div_ceil(1_000);
    let most = devices + 3 * users.div_ceil(20) + usize::try_from(sign_ins).unwrap() + 60;
    let requests = tenant.requests();
    println!(
        "{people} people: {requests} requests (at most {most}) in {} of the tenant's time",
        tenant.now().duration_since(start())
    );
    assert!(requests <= most, "{requests} requests for {users} users, at most {most}");
    requests
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_people_come_within_the_limits() {
    let few = requests_for(1_000).await;
    let many = requests_for(10_000).await;
    assert!(many < 11 * few, "{many} requests, and {few} for a tenth of the people");
}

/// Takes a minute: `cargo nextest run -p lockstep --test graph --run-ignored only many`.
#[tokio::test(start_paused = true)]
#[ignore = "takes a minute"]
async fn a_hundred_thousand_people_come_within_the_limits() {
    requests_for(100_000).await;
}
