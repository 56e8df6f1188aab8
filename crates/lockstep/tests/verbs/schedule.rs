//! `lockstep schedule`

use insta::assert_snapshot;

use crate::workspace::Workspace;

fn schedule<'a>(option: &'a str, date: &'a str, reason: &'a str) -> [&'a str; 7] {
    ["schedule", option, date, "--by", "Bea Brook, Managing Director", "--reason", reason]
}

#[test]
fn dates_that_are_over_or_missing_are_exit_1() {
    let workspace = Workspace::empty();
    assert_snapshot!(workspace.run(&schedule("--start", "2026-11-20", "soon")), @r"
    exit 1
    --- stderr
    error: `--start 2026-11-20` lies in the past: today is Mon 23 Nov 2026
    ");
    assert_snapshot!(workspace.run(&schedule("--enforce", "2026-11-20", "soon")), @r"
    exit 1
    --- stderr
    error: enforcement would have been on Fri 20 Nov 2026, which lies in the past
    ");
    let text = workspace.run(&["schedule", "--by", "Bea", "--reason", "soon"]);
    assert!(text.starts_with("exit 1\n") && text.contains("--start"), "{text}");
    let text = workspace.run(&schedule("--start", "2026-11-24", "  "));
    assert!(text.starts_with("exit 1\n") && text.contains("`--reason`"), "{text}");
}

#[test]
fn the_date_is_agreed_and_every_slip_says_why_and_what_it_costs() {
    let workspace = Workspace::of_firm(0);
    assert_snapshot!(
        workspace.run(&schedule("--start", "2026-11-26", "agreed with the works council")), @r"
        exit 0
        --- stdout
        The dates are agreed
        Bea Brook, Managing Director: agreed with the works council
                     date             was
        first day    Thu 26 Nov 2026
        enforcement  Tue 15 Dec 2026
        last day     Fri 18 Dec 2026
        26 unprotected people × 19 days until enforcement are 494 person-days, and each
        further week adds 182; counted are 29 people in scope less 3 administrators,
        since security defaults ask people for MFA only when a sign-in looks risky; 4
        people in scope cannot pass MFA at all today.

        Next: lockstep plan
        ");
    assert_snapshot!(
        workspace.run(&schedule("--enforce", "2026-12-22", "keys arrive a week late")), @r"
        exit 0
        --- stdout
        Enforcement slips by 7 days
        Bea Brook, Managing Director: keys arrive a week late
                     date             was
        first day    Thu 03 Dec 2026  Thu 26 Nov 2026
        enforcement  Tue 22 Dec 2026  Tue 15 Dec 2026
        last day     Fri 25 Dec 2026
        The slip costs 182 person-days without MFA. 26 unprotected people × 19 days
        until enforcement are 494 person-days, and each further week adds 182; counted
        are 29 people in scope less 3 administrators, since security defaults ask people
        for MFA only when a sign-in looks risky; 4 people in scope cannot pass MFA at
        all today.

        Next: lockstep plan
        ");
    let document =
        workspace.document(0, &schedule("--start", "2026-11-26", "the keys came after all"));
    assert_eq!(document["schema"], "lockstep.schedule/1");
    assert_eq!(document["moved_days"], -7);
    assert_eq!(document["before"]["start"], "2026-12-03");
    // From then on every command plans by the agreed dates.
    let plan = workspace.document(0, &["plan"]);
    assert_eq!(plan["start"], "2026-11-26");
}
