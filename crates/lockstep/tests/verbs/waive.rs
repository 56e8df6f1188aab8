//! `lockstep waive`

use insta::assert_snapshot;

use crate::workspace::Workspace;

fn waive<'a>(what: &'a str, until: &'a str) -> [&'a str; 8] {
    [
        "waive",
        what,
        "--by",
        "Ann Archer, IT lead",
        "--reason",
        "the auditor agreed",
        "--until",
        until,
    ]
}

#[test]
fn what_nobody_can_waive_is_exit_6() {
    let workspace = Workspace::empty();
    for guard in ["lockout-proof", "break-glass-proven", "snapshot-fresh", "exception-approved"] {
        let text = workspace.run(&waive(guard, "2026-12-01"));
        assert!(text.starts_with("exit 6\n"), "{guard}: {text}");
    }
    assert_snapshot!(workspace.run(&waive("lockout-proof", "2026-12-01")), @r"
    exit 6
    --- stderr
    error: guard lockout-proof cannot be waived by anybody
    hint: it can only be made true; `lockstep status` shows what is missing
    ");
}

#[test]
fn a_day_that_is_over_and_a_word_that_names_nothing_are_exit_1() {
    let workspace = Workspace::empty();
    assert_snapshot!(workspace.run(&waive("G4", "2026-11-22")), @r"
    exit 1
    --- stderr
    error: `--until 2026-11-22` lies in the past: today is Mon 23 Nov 2026
    ");
    assert_snapshot!(workspace.run(&waive("god-day", "2026-12-01")), @r"
    exit 1
    --- stderr
    error: there is no gate, criterion or guard `god-day`
    hint: did you mean `good-day`?
    ");
    let text = workspace.run(&waive("G1.legacy-owners", "2026-12-01"));
    assert!(text.starts_with("exit 1\n") && text.contains("no gate was asked yet"), "{text}");
}

#[test]
fn a_waiver_has_a_number_a_name_a_reason_and_an_end() {
    let workspace = Workspace::empty();
    assert_snapshot!(workspace.run(&waive("good-day", "2026-12-01")), @r"
    exit 0
    --- stdout
    W-001: guard good-day is waived
    Ann Archer, IT lead: the auditor agreed
    It holds until Tue 01 Dec 2026. What was measured stays as it is, and is shown
    beside it.

    Next: lockstep status
    ");
    let document = workspace.document(0, &waive("service-health", "2026-11-23"));
    assert_eq!(document["id"], "W-002");
    assert_eq!(document["what"]["guard"], "service-health");
    assert_eq!(document["until"], "2026-11-23");
}
