//! What the log says of policies beside what lockstep says.

use serde_json::json;

use super::world::{Logged, World, browser, id, legacy, policy, text, time};
use crate::impact::Comparison;
use crate::{LoggedFactors, LoggedResult};

fn said(policy: &str, result: &str) -> Vec<LoggedResult> {
    vec![LoggedResult {
        policy: format!("id of {policy}"),
        name: text("as the log calls it"),
        result: result.to_owned(),
    }]
}

fn saying(logged: Logged, results: Vec<LoggedResult>) -> Logged {
    logged.with(|it| it.results = Some(results))
}

fn compared(world: &World) -> Vec<Comparison> {
    world.impact(&[policy("CA999", &json!({}))]).compared
}

#[test]
fn every_word_of_the_log() {
    let on = json!({});
    let off = json!({"state": "disabled"});
    let reported = json!({"state": "enabledForReportingButNotEnforced"});
    let device = json!({"state": "enabledForReportingButNotEnforced",
        "grantControls": {"builtInControls": ["compliantDevice"]}});
    let outside = json!({"state": "enabledForReportingButNotEnforced",
        "conditions": {"users": {"excludeUsers": [id("ann")]}}});
    let outside_on = json!({"conditions": {"users": {"excludeUsers": [id("ann")]}}});
    let abroad = json!({"conditions": {"locations": {"includeLocations": ["00000000-0000-4000-9000-000000000009"]}}});
    let untold = || browser().with(|it| it.factors = LoggedFactors::Unknown);
    let cases = [
        (&on, browser().multiple(), "success", (1, 1, 0)),
        (&on, browser().multiple(), "SUCCESS", (1, 1, 0)),
        (&on, browser().multiple(), "notApplied", (1, 0, 0)),
        (&on, browser(), "failure", (1, 1, 0)),
        (&on, untold(), "success", (0, 0, 1)),
        (&on, browser(), "unknownFutureValue", (0, 0, 1)),
        (&on, browser(), "", (0, 0, 1)),
        (&outside_on, browser(), "notApplied", (1, 1, 0)),
        (&abroad, browser(), "notApplied", (0, 0, 1)),
        (&off, browser(), "notEnabled", (1, 1, 0)),
        (&reported, browser().multiple(), "reportOnlySuccess", (1, 1, 0)),
        (&reported, browser(), "reportOnlyInterrupted", (1, 1, 0)),
        (&reported, legacy("IMAP4"), "reportOnlyInterrupted", (0, 0, 1)),
        (&device, browser(), "reportOnlyFailure", (1, 1, 0)),
        (&outside, browser(), "reportOnlyNotApplied", (1, 1, 0)),
        (&outside, browser(), "reportOnlySuccess", (1, 0, 0)),
    ];
    for (change, logged, word, expected) in cases {
        let world = World::of_ann()
            .with(|it| it.snapshot.policies = Some(vec![policy("CA001", change)]))
            .signs_in("ann", saying(logged, said("CA001", word)));
        let all = compared(&world);
        let one = all.first().unwrap();
        let name = format!("{word} of {change}");
        assert_eq!((one.compared, one.agree, one.unknown), expected, "{name}");
        assert_eq!(one.disagreements.is_empty(), one.compared == one.agree, "{name}");
        // Evaluated one by one, it comes to the same.
        let mut crowded = world.clone();
        let many =
            (0..260).map(|number| policy(&format!("X{number}"), &json!({"state": "disabled"})));
        crowded.snapshot.policies.as_mut().unwrap().extend(many);
        assert_eq!(compared(&crowded), all, "{name}");
    }
}

#[test]
fn disagreements_most_frequent_first_with_the_first_account() {
    let world = World::ne()
        .with(|it| {
            let mut changed = policy("CA001", &json!({}));
            changed.modified = Some(time("2026-11-01T00:00:00Z"));
            let mut old = policy(
                "CA002",
                &json!({"conditions": {"users": {"excludeUsers": [id("ann"), id("ben")]}}}),
            );
            old.modified = Some(time("2026-09-01T00:00:00Z"));
            it.snapshot.policies = Some(vec![old, changed]);
        })
        .signs_in("ben", saying(browser().multiple().times(3), said("CA001", "notApplied")))
        .signs_in("ann", saying(browser().multiple().times(2), said("CA001", "notApplied")))
        .signs_in("ann", saying(browser().multiple().times(1), said("CA001", "failure")))
        .signs_in("ann", saying(browser().multiple().times(4), said("CA001", "success")))
        .signs_in("ann", saying(browser().multiple().times(7), said("CA002", "notApplied")))
        .signs_in("ann", saying(browser().multiple().times(9), said("gone", "success")))
        .signs_in("ann", browser());
    let lines: Vec<String> = compared(&world)
        .iter()
        .flat_map(|it| {
            let head = format!(
                "{} {:?}: {} of {} agree, {} unknown, changed {:?}",
                it.policy, it.name, it.agree, it.compared, it.unknown, it.changed_within_window
            );
            let differ = it.disagreements.iter().map(|it| {
                format!("  {} {} {} {}", it.logged, it.ours, it.sign_ins, it.example.label())
            });
            std::iter::once(head).chain(differ).collect::<Vec<_>>()
        })
        .collect();
    insta::assert_debug_snapshot!(lines, @r#"
    [
        "id of CA001 Some(\"CA001\"): 4 of 10 agree, 0 unknown, changed Some(true)",
        "  notApplied success 5 ann@ne.example",
        "  failure success 1 ann@ne.example",
        "id of CA002 Some(\"CA002\"): 7 of 7 agree, 0 unknown, changed Some(false)",
    ]
    "#);
}

#[test]
fn nothing_is_compared_where_nothing_was_told() {
    let world = World::of_ann().signs_in("ann", browser());
    assert_eq!(compared(&world), []);
    let world = world.with(|it| it.snapshot.policies = Some(vec![policy("CA001", &json!({}))]));
    assert_eq!(compared(&world), []);
    let unread = World::of_ann()
        .with(|it| it.snapshot.policies = None)
        .signs_in("ann", saying(browser(), said("CA001", "success")));
    assert_eq!(compared(&unread), []);
}
