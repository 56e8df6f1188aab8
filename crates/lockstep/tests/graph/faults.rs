//! Whatever goes wrong on the way, the same tenant comes down, or the manifest says what did not.

use std::collections::BTreeMap;
use std::time::Duration;

use entra::graph::manifest::{ReadState, State};
use entra::graph::{Manifest, download};
use jiff::SignedDuration;
use serde_json::Value;
use twin::checker::{self, Rules};
use twin::fault::RetryAfter;
use twin::{Fault, FaultPlan, Scenario, World};

use crate::tenant::{InProcess, download_into, objects, service, small_world, start};

/// One of each kind.
pub(crate) fn kinds() -> Vec<(&'static str, Fault)> {
    vec![
        ("429 with seconds", Fault::Throttled(RetryAfter::Seconds(7))),
        ("429 with a date", Fault::Throttled(RetryAfter::Date(9))),
        ("429 without", Fault::Throttled(RetryAfter::Missing)),
        ("500", Fault::ServerError(500, RetryAfter::Missing)),
        ("502", Fault::ServerError(502, RetryAfter::Missing)),
        ("503 with seconds", Fault::ServerError(503, RetryAfter::Seconds(5))),
        ("504", Fault::ServerError(504, RetryAfter::Missing)),
        ("507", Fault::ServerError(507, RetryAfter::Missing)),
        ("slow", Fault::Slow(SignedDuration::from_secs(40))),
        ("reset before", Fault::ResetBefore),
        ("reset after", Fault::ResetAfter),
        ("truncated", Fault::Truncated(60)),
        ("answer lost", Fault::AnswerLost),
        ("page loop", Fault::PageLoop),
        ("token refused", Fault::TokenRefused),
        ("stale list", Fault::StaleList(SignedDuration::from_secs(30))),
        ("not found yet", Fault::NotFoundYet(SignedDuration::from_secs(20))),
        ("conflict", Fault::Conflict),
    ]
}

struct Downloaded {
    manifest: Manifest,
    objects: BTreeMap<String, Vec<String>>,
    requests: usize,
}

async fn downloaded(world: &World, faults: FaultPlan) -> Downloaded {
    let folder = crate::tenant::folder();
    let tenant = InProcess::new(service(world.clone(), faults));
    let options = download_into(folder.path(), 1);
    let manifest = download(&tenant.client(), &options, &mut |_| {}).await.unwrap();
    let objects = objects(folder.path(), &manifest);
    // The twin's log is the judge: nothing before its `Retry-After`, no budget exceeded, no link
    // that was not handed out, nothing written.
    let log = &tenant.service.borrow().log;
    let violations = checker::check(log, &Rules::default());
    assert!(violations.is_empty(), "{violations:?}");
    assert_eq!(checker::count_of_writes(log), 0);
    Downloaded { manifest, objects, requests: tenant.requests() }
}

/// Objects that do not depend on the minute they were asked for: of logs, what is two hours old.
fn settled(all: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let until = (start() - SignedDuration::from_hours(2)).to_string();
    let mut settled = all.clone();
    for (id, list) in &mut settled {
        let time = match id.as_str() {
            "sign-ins-interactive" | "sign-ins-non-interactive" => "createdDateTime",
            "directory-audits" => "activityDateTime",
            _ => continue,
        };
        list.retain(|row| {
            let row: Value = serde_json::from_str(row).unwrap();
            row[time].as_str().unwrap() < until.as_str()
        });
    }
    settled
}

fn states(manifest: &Manifest) -> BTreeMap<&str, &State> {
    manifest.reads.iter().map(|it| (it.id.as_str(), &it.state)).collect()
}

/// Whose methods are read depends on what the registration report says of them.
const BY_REPORT: &str = "authentication-methods";

/// What came is what would have come, and what did not come is said.
fn same_or_said(struck: &Downloaded, whole: &Downloaded, how: &str) {
    let (came, expected) = (settled(&struck.objects), settled(&whole.objects));
    let report_came = struck.manifest.is_whole("registration");
    for state in &struck.manifest.reads {
        let id = state.id.as_str();
        if states(&whole.manifest)[id] != &state.state {
            let failed = matches!(state.state, State::Failed { .. });
            assert!(failed, "{how}: {id} {:?}", state.state);
            assert!(state.is_failure(), "{how}: {id}");
        } else if id != BY_REPORT || report_came {
            same(&came[id], &expected[id], &format!("{how}: {id}"));
        }
    }
}

/// The same objects, or the first that is not in both.
fn same(came: &[String], expected: &[String], how: &str) {
    let only = |these: &[String], those: &[String]| {
        these.iter().find(|it| !those.contains(it)).cloned().unwrap_or_default()
    };
    if came != expected {
        let (more, less) = (only(came, expected), only(expected, came));
        let same = more.bytes().zip(less.bytes()).take_while(|(a, b)| a == b).count();
        let shown =
            |text: &str| text.chars().skip(same.saturating_sub(120)).take(300).collect::<String>();
        let counts = format!("{} for {} objects", came.len(), expected.len());
        panic!("{how}: {counts}\n+ {}\n- {}", shown(&more), shown(&less));
    }
}

#[tokio::test(start_paused = true)]
async fn one_fault_at_any_request_changes_nothing() {
    let world = small_world();
    let whole = downloaded(&world, FaultPlan::default()).await;
    assert!(whole.requests > 30, "{}", whole.requests);
    let last = u64::try_from(whole.requests).unwrap();
    for (first, (name, fault)) in (1..).zip(kinds()) {
        // Each kind at every seventh request, another seventh for each.
        for number in (1 + first % 7..=last).step_by(7) {
            let plan = FaultPlan { at: vec![(number, fault.clone())], ..FaultPlan::default() };
            let struck = downloaded(&world, plan).await;
            let how = format!("{name} at request {number}");
            same_or_said(&struck, &whole, &how);
            if fault != Fault::PageLoop {
                assert_eq!(states(&struck.manifest), states(&whole.manifest), "{how}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn many_faults_change_nothing_or_are_said() {
    let world = small_world();
    let whole = downloaded(&world, FaultPlan::default()).await;
    for (name, fault) in kinds() {
        for seed in 1..=2 {
            let plan = FaultPlan {
                seed,
                chance_per_mille: 300,
                kinds: vec![fault.clone()],
                ..FaultPlan::default()
            };
            let struck = downloaded(&world, plan).await;
            same_or_said(&struck, &whole, &format!("{name}, seed {seed}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_fault_at_once_changes_nothing_or_is_said() {
    let world = small_world();
    let whole = downloaded(&world, FaultPlan::default()).await;
    for seed in 1..=6 {
        let plan = FaultPlan {
            seed,
            chance_per_mille: 400,
            kinds: kinds().into_iter().map(|it| it.1).collect(),
            ..FaultPlan::default()
        };
        let struck = downloaded(&world, plan).await;
        same_or_said(&struck, &whole, &format!("seed {seed}"));
    }
}

/// Lists of more than one page, where a link can lead back.
#[tokio::test(start_paused = true)]
async fn pages_that_go_round_are_read_once_more_or_said() {
    let scenario = Scenario { people: 1_010, seed: 3, now: start(), day: 0, history_days: 1 };
    let world = World::new(&scenario);
    let whole = downloaded(&world, FaultPlan::default()).await;
    assert!(whole.manifest.state("users").unwrap().pages > 1);
    for words in ["/v1.0/users?", "/beta/auditLogs/signIns", "userRegistrationDetails"] {
        for times in [1, 50] {
            let on = vec![(words.to_owned(), times, Fault::PageLoop)];
            let struck = downloaded(&world, FaultPlan { on, ..FaultPlan::default() }).await;
            same_or_said(&struck, &whole, &format!("page loop of {words}, {times} times"));
        }
    }
}

/// A permission that goes in the middle of the download is named, and nothing else is lost.
#[tokio::test(start_paused = true)]
async fn a_permission_that_goes_on_the_way_is_a_gap_with_its_name() {
    let world = small_world();
    let whole = downloaded(&world, FaultPlan::default()).await;
    for permission in ["AuditLog.Read.All", "Policy.Read.All", "ServiceHealth.Read.All"] {
        let plan = FaultPlan {
            permissions_removed: vec![(start(), permission.to_owned())],
            ..FaultPlan::default()
        };
        let struck = downloaded(&world, plan).await;
        let named: Vec<&str> = struck
            .manifest
            .reads
            .iter()
            .filter_map(|it| match &it.state {
                State::PermissionMissing { permission } => Some(permission.as_str()),
                _ => None,
            })
            .collect();
        assert!(named.contains(&permission), "{permission}: {named:?}");
        for state in &struck.manifest.reads {
            if state.state == State::Done && state.id != BY_REPORT {
                same(&struck.objects[&state.id], &whole.objects[&state.id], &state.id);
            }
        }
    }
}

/// Wherever a download is broken off, the next one brings what one whole download brings.
#[tokio::test(start_paused = true)]
async fn a_download_broken_off_after_any_request_is_gone_on_with() {
    let world = small_world();
    let whole = downloaded(&world, FaultPlan::default()).await;
    for sent in (1..=u64::try_from(whole.requests).unwrap()).step_by(3) {
        let folder = crate::tenant::folder();
        let tenant = InProcess::new(service(world.clone(), FaultPlan::default()));
        let options = download_into(folder.path(), 1);
        *tenant.stops_after.borrow_mut() = Some(sent);
        let client = tenant.client();
        let mut told = |_: &ReadState| {};
        let first = download(&client, &options, &mut told);
        let broken = tokio::time::timeout(Duration::from_secs(60), first).await;
        assert!(broken.is_err(), "it ended although nothing answered after request {sent}");
        *tenant.stops_after.borrow_mut() = None;
        let before = tenant.requests();
        let manifest = download(&tenant.client(), &options, &mut |_| {}).await.unwrap();
        let objects = objects(folder.path(), &manifest);
        let again = tenant.requests() - before;
        assert!(again <= whole.requests, "{again} requests after {before}");
        let gone_on = Downloaded { manifest, objects, requests: again };
        same_or_said(&gone_on, &whole, &format!("broken off after {sent}"));
        assert_eq!(states(&gone_on.manifest), states(&whole.manifest), "after {sent}");
    }
}
