//! Every write under every fault: one effect in the end.

use std::time::Duration;

use entra::graph::writes::{Done, Outcome, Patience, WriteError, carry_out};
use jiff::SignedDuration;
use twin::checker::{Rules, made_up_links, over_budget, too_early};
use twin::documents::Collection;
use twin::{Fault, FaultPlan, World};

use crate::deeds::{COUNT, Ids, deed};
use crate::faults::kinds;
use crate::tenant::{InProcess, ROOT, service, small_world};

/// Somebody with a mailbox.
pub(crate) fn sender(world: &World) -> String {
    let at = crate::tenant::start();
    (0..world.count(&Collection::Users, at))
        .filter_map(|place| world.item(&Collection::Users, place, at))
        .find(|it| {
            it["mail"].is_string() && it["accountEnabled"] == true && it["userType"] == "Member"
        })
        .map(|it| it["userPrincipalName"].as_str().unwrap().to_owned())
        .unwrap()
}

/// Carries out everything; before each write, a fault may be planned for its first request.
async fn all(tenant: &InProcess, fault: Option<&Fault>, how: &str) {
    let client = tenant.client();
    let sender = sender(&tenant.service.borrow().world);
    let mut ids = Ids::new();
    for place in 0..COUNT {
        // Graph tells when sessions ended by the second.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (name, write) = deed(place, &ids, ROOT, &sender);
        if let Some(fault) = fault {
            let dummy = entra::graph::writes::ObjectId::new("any").unwrap();
            let call = write.send(Some(&dummy)).unwrap();
            let words = call.name().trim_end_matches("any").to_owned();
            tenant.service.borrow_mut().faults.on.push((words, 1, fault.clone()));
        }
        let before = tenant.service.borrow().log.entries.len();
        let result = carry_out(&client, &write, &Patience::default()).await;
        let how = format!("{how}: {}", write.words());
        let applied = {
            let service = tenant.service.borrow();
            service.log.entries[before..].iter().filter(|it| it.applied).count()
        };
        if let Some(id) = judged(result, applied, name, &how) {
            ids.insert(name, id);
        }
    }
    let service = tenant.service.borrow();
    let rules = Rules::default();
    let mut broken = too_early(&service.log, &rules);
    broken.extend(over_budget(&service.log, &rules));
    broken.extend(made_up_links(&service.log));
    assert!(broken.is_empty(), "{how}: {}", broken[0]);
}

/// One effect, or an error that says that nobody knows.
fn judged(
    result: Result<Outcome, WriteError>,
    applied: usize,
    name: &str,
    how: &str,
) -> Option<String> {
    match result {
        Ok(outcome) => {
            // A pass whose answer was lost is replaced: there is one in the end.
            let most = if name == "pass" { 2 } else { 1 };
            assert!((1..=most).contains(&applied), "{how}: {applied} times {:?}", outcome.done);
            assert_ne!(outcome.done, Done::AlreadyAsWanted, "{how}");
            assert_eq!(outcome.pass.is_some(), name == "pass", "{how}");
            outcome.id
        }
        Err(WriteError::Doubtful { .. }) => {
            assert!(how.contains("send a mail"), "{how}");
            assert!(applied <= 1, "{how}: {applied} times");
            None
        }
        Err(error) => {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            panic!("{how}: {error} ({})", source.unwrap_or_default())
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_write_has_one_effect_without_faults_and_with_a_slow_replica() {
    for seconds in [0, 45] {
        let mut service = service(small_world(), FaultPlan::default());
        service.replication_delay = SignedDuration::from_secs(seconds);
        let tenant = InProcess::new(service);
        all(&tenant, None, &format!("hidden for {seconds} s")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_write_has_one_effect_under_every_fault() {
    let world = small_world();
    for (name, fault) in kinds() {
        let tenant = InProcess::new(service(world.clone(), FaultPlan::default()));
        all(&tenant, Some(&fault), name).await;
    }
}
