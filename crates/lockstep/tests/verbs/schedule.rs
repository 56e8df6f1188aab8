//! `lockstep schedule`

use insta::assert_snapshot;

use crate::workspace::Workspace;

fn schedule<'a>(option: &'a str, date: &'a str, reason: &'a str) -> [&'a str; 7] {
    ["schedule", option, date, "--by", "Bea Brook, Managing Director", "--reason", reason]
}

#[test]
fn dates_that_are_over_or_missing_are_exit_1() {
    let workspace = Workspace::empty();
    assert_snapshot!(workspace.run(&schedule("--start", "2026-11-20", "soon")), @"");
    assert_snapshot!(workspace.run(&schedule("--enforce", "2026-11-20", "soon")), @"");
    let text = workspace.run(&["schedule", "--by", "Bea", "--reason", "soon"]);
    assert!(text.starts_with("exit 1\n") && text.contains("--start"), "{text}");
    let text = workspace.run(&schedule("--start", "2026-11-24", "  "));
    assert!(text.starts_with("exit 1\n") && text.contains("`--reason`"), "{text}");
}

#[test]
fn the_date_is_agreed_and_every_slip_says_why_and_what_it_costs() {
    let workspace = Workspace::of_firm(0);
    assert_snapshot!(
        workspace.run(&schedule("--start", "2026-11-26", "agreed with the works council")), @"");
    assert_snapshot!(
        workspace.run(&schedule("--enforce", "2026-12-22", "keys arrive a week late")), @"");
    let document =
        workspace.document(0, &schedule("--start", "2026-11-26", "the keys came after all"));
    assert_eq!(document["schema"], "lockstep.schedule/1");
    assert_eq!(document["moved_days"], -7);
    assert_eq!(document["before"]["start"], "2026-12-03");
    // From then on every command plans by the agreed dates.
    let plan = workspace.document(0, &["plan"]);
    assert_eq!(plan["start"], "2026-11-26");
}
