//! What people see in the example tenant, verb by verb.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::command::{code, run};

/// A copy of the example tenant, so that verbs may write beside it.
fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ne");
    copy(&from.join("exports"), &folder.path().join("exports"));
    fs::copy(from.join("lockstep.toml"), folder.path().join("lockstep.toml")).unwrap();
    folder
}

/// The same without its sign-in logs, for what does not depend on them.
fn directory_only() -> tempfile::TempDir {
    let folder = example();
    fs::remove_dir_all(folder.path().join("exports/sign-ins")).unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// What a verb says up to the line that begins with `until`, with its folder's name taken out.
fn head(folder: &Path, arguments: &[&str], until: &str) -> String {
    let text = run(folder, arguments);
    let lines = text.lines().take_while(|line| !line.starts_with(until)).collect::<Vec<_>>();
    assert!(lines.len() < text.lines().count(), "`{until}` begins no line of:\n{text}");
    lines.join("\n").trim_end().replace(&*folder.to_string_lossy(), "FOLDER")
}

#[test]
fn init_keeps_the_settings_and_says_what_it_sees() {
    let folder = example();
    assert_snapshot!(head(folder.path(), &["init", "--exports", "exports"], "Not seen"), @r#"
    exit 0
    --- stdout
    lockstep.toml is already here and was kept as it is

    What can be seen
    records of                     read
    authentication methods policy      1
    directory audit events            29
    domains                            2
    group members                      1
    groups                             5
    mailboxes                        227
    named locations                    1
    organization                       1
    registration details             229
    role assignments                   4
    security defaults                  1
    sign-ins                       8,308
    subscribed licences                1
    users                            478
    62 files read, 1 of no known kind, 0 records unreadable
    "#);
}

#[test]
fn a_snapshot_counts_what_was_read() {
    let folder = example();
    assert_snapshot!(head(folder.path(), &["snapshot"], "Not seen"), @r#"
    exit 0
    --- stdout
    Snapshot as of 20 Nov 2026 17:29 UTC
    records of                     read
    authentication methods policy      1
    directory audit events            29
    domains                            2
    group members                      1
    groups                             5
    mailboxes                        227
    named locations                    1
    organization                       1
    registration details             229
    role assignments                   4
    security defaults                  1
    sign-ins                       8,308
    subscribed licences                1
    users                            478
    62 files read, 1 of no known kind, 0 records unreadable
    30 of 30 days covered (21 Oct 2026 17:29 UTC to 20 Nov 2026 17:29 UTC).
    Interactive sign-ins: in the log; non-interactive: in the log. 8,308 records
    read, 538 copies, 0 unreadable.
    Signed in with MFA: 114 people; with one factor only: 106; the log does not
    tell: 0.
    Sign-ins with a prompt or failure: 358 got in, 908 failed, 0 were given up, 0 do
    not tell.
    Hours with records: 683; hours without any between them: 38.
    "#);
}

#[test]
fn the_legacy_audit_lists_the_largest_first() {
    let folder = example();
    assert_snapshot!(head(folder.path(), &["audit", "legacy"], "avery"), @r#"
    exit 0
    --- stdout
    Legacy authentication: 15 dependencies of 15 users
    6,880 sign-ins, 987 legacy successes, 908 legacy failures (noise), 0 legacy
    without a told result.
    30 of 30 days covered (21 Oct 2026 17:29 UTC to 20 Nov 2026 17:29 UTC).
    Interactive sign-ins: in the log; non-interactive: in the log. 8,308 records
    read, 538 copies, 0 unreadable.

    These stop working under MFA
    user                       client app,        successes  cause
                               device
    svc-erp@ne.example         IMAP4                    240  line-of-business-imap
    scan-leeds@ne.example      Authenticated            122  printer-smtp
                               SMTP
    svc-crm@ne.example         Exchange Web             121  ews-retirement
                               Services
    scan-derby@ne.example      Authenticated            118  printer-smtp
                               SMTP
    scan-sheffield@ne.example  Authenticated            115  printer-smtp
                               SMTP
    "#);
}

#[test]
fn the_exceptions_begin_with_what_nobody_could_classify() {
    let folder = example();
    assert_snapshot!(head(folder.path(), &["audit", "exceptions"], "directory sync, exempt"), @r#"
    exit 0
    --- stdout
    Exceptions: 45 accounts to think about
    2 accounts cannot be classified from the files. Name what they are in
    lockstep.toml; nothing is assumed of them.
    kind            accounts
    directory sync         1
    room                   3
    shared mailbox         1
    guest                  8
    service                6
    shared login           1
    dormant                6
    on leave               2
    no smartphone          9
    executive              3
    administrator          3
    person               185
    unclassified           2

    unclassified
    account                 because
    jamie.ridge@ne.example  last sign-in on 2026-10-13, 37 days ago; created on
                            2026-04-22
    morgan.park@ne.example  last sign-in on 2026-09-29, 51 days ago; created on
                            2021-02-05
    "#);
}

#[test]
fn registration_begins_with_its_figures() {
    let folder = example();
    assert_snapshot!(head(folder.path(), &["audit", "registration"], "Cannot pass"), @r#"
    exit 0
    --- stdout
    Registration: 174 of 200 in-scope people are capable (87 %)
    As of 20 Nov 2026 02:00 UTC, 7 hours old. Microsoft refreshes the report with a
    lag of up to 36 hours.
    figure                                people
    not capable                               26
    enabled members                          222
    unclassified, must become 0                2
    registered, allowed or not               178
    need not register again                  174
    only text message or voice                18
    registered but not allowed by policy       4
    security keys to have in stock            22
    administrators capable                3 of 3
    guests capable                        0 of 8
    "#);
}

#[test]
fn the_lockout_list_begins_with_its_figures() {
    let folder = example();
    assert_snapshot!(head(folder.path(), &["impact"], "  - room-leeds-boardroom"), @r"
    exit 0
    --- stdout
    Lockout list: at least 3 of 240 accounts, and nobody can say of 16
    Judged: CA001 - Require MFA - All users, on top of what the tenant has.
    outcome          accounts                  means
    blocked                 0                  locked out, whatever is registered
    cannot pass MFA         3  █               locked out, can register nothing
    legacy blocked         15  █               loses legacy sign-ins only
    must register          26  ██              can register, and has to first
    unknown                16  █               nobody can say
    ready                 170  ██████████████  can show all that is asked for
    not touched            10  █               nothing judged reaches it
    5,581 successful sign-ins: 1,078 end in a block, 4,206 ask for something, 198
    hold all that is asked for, 90 are not touched, of 9 nobody can say.

    Taken for granted
      - No break-glass account is named in lockstep.toml: `CA001 - Require MFA - All
        users` excludes nobody.
      - Security defaults are on today; they count as off, because no policy can be
        On beside them.
      - Per-user MFA that no file tells counts as off: the sign-ins of the log
        passed it as they were.

    Cannot pass MFA (3)
    MFA is asked for (`CA001 - Require MFA - All users`), no usable method is
    registered, and the authentication-methods policy lets this account register
    none. Give rooms a policy of their own: compliant device or trusted location, no
    interactive MFA, no sign-in frequency.
    ");
}

#[test]
fn no_sign_in_log_is_no_lockout_list() {
    let folder = directory_only();
    let text = run(folder.path(), &["impact", "--quiet"]);
    assert!(text.starts_with("exit 1\n--- stderr\n"), "{text}");
    assert!(text.contains("so no policy can be tried on one"), "{text}");
    assert!(text.contains("hint: download Entra admin centre"), "{text}");
}

#[test]
fn what_could_not_be_read_is_told_by_the_exit_code_of_the_lockout_list() {
    let folder = example();
    assert_eq!(code(folder.path(), &["impact", "--quiet"]), 0);
    fs::write(folder.path().join("exports/damaged.json"), "{\"value\":[{\"id\":\"1\",").unwrap();
    assert_eq!(code(folder.path(), &["impact", "--quiet"]), 8);
}

#[test]
fn no_line_is_wider_than_eighty_columns_and_the_last_one_names_the_next_command() {
    let folder = example();
    let verbs: [&[&str]; 9] = [
        &["impact", "--quiet"],
        &["snapshot", "--quiet"],
        &["audit", "legacy", "--quiet"],
        &["audit", "exceptions", "--quiet"],
        &["audit", "registration", "--quiet"],
        &["audit", "preflight", "--quiet"],
        &["plan", "--start", "2026-11-23", "--out", "out", "--quiet"],
        &["plan", "--check", "--quiet"],
        &["status", "--quiet"],
    ];
    for verb in verbs {
        let text = run(folder.path(), verb);
        let stdout = text.split("--- stdout\n").nth(1).unwrap().split("--- stderr").next().unwrap();
        for line in stdout.lines() {
            let a_path = line.contains(&*folder.path().to_string_lossy());
            assert!(line.chars().count() <= 80 || a_path, "{verb:?}: {line}");
        }
        let last = stdout.lines().last().unwrap();
        assert!(last.starts_with("Next: lockstep "), "{verb:?}: {last}");
    }
}

#[test]
fn the_plan_names_its_steps_its_files_and_what_to_do_next() {
    let folder = example();
    let text = run(folder.path(), &["plan", "--start", "2026-11-23", "--out", "out", "--quiet"]);
    let steps = text.split("\nPlan ").nth(1).unwrap().lines().skip(1).take(6);
    assert_snapshot!(steps.collect::<Vec<_>>().join("\n"), @r"
    step      days   dates                     tasks
    Prepare   1–2    Mon 23 Nov to Tue 24 Nov     34
    Register  3–16   Wed 25 Nov to Tue 08 Dec     19
    Pilot     17–19  Wed 09 Dec to Fri 11 Dec     15
    Enforce   20     Sat 12 Dec to Sat 12 Dec     12
    Validate  21–23  Sun 13 Dec to Tue 15 Dec     11
    ");
    let written = text.split("\nWritten ").nth(1).unwrap().split("--- stderr").next().unwrap();
    assert_snapshot!(written, @r"
    to out
      - plan.html, plan.md, plan.ics, plan.xlsx, plan.json
      - messages/manager-summary.txt, messages/helpdesk-guide.txt,
        messages/announcement.txt, messages/guest-note.txt, messages/reminder.txt,
        messages/personal-note.txt

    Next: lockstep plan --start 2026-11-26 --out out
    ");
}

#[test]
fn a_plan_is_up_to_date_until_something_changes() {
    let folder = directory_only();
    let check = ["plan", "--start", "2026-11-23", "--check"];
    assert_eq!(code(folder.path(), &check), 2, "there is no plan yet");
    assert_eq!(code(folder.path(), &["plan", "--start", "2026-11-23"]), 0);
    assert_eq!(code(folder.path(), &check), 0);
    let settings = folder.path().join("lockstep.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("NE Engineering", "NE Engineering Ltd")).unwrap();
    let text = run(folder.path(), &check);
    assert!(text.starts_with("exit 2\n"), "{text}");
    assert!(text.contains("no longer matches the files"), "{text}");
}

#[test]
fn another_start_moves_the_same_appointments() {
    let folder = directory_only();
    let calendar = |start: &str| {
        assert_eq!(code(folder.path(), &["plan", "--start", start, "--formats", "ics"]), 0);
        fs::read_to_string(folder.path().join("plan/plan.ics")).unwrap().replace("\r\n ", "")
    };
    let values = |text: &str, name: &str| {
        let mut values =
            text.lines().filter_map(|line| line.strip_prefix(name)).collect::<Vec<_>>();
        values.sort_unstable();
        values.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let first = calendar("2026-11-23");
    assert!(!first.contains("VTIMEZONE"), "all-day appointments need no time zone");
    assert!(values(&first, "DTSTART").iter().all(|it| it.starts_with(";VALUE=DATE:")), "{first}");
    assert!(values(&first, "SEQUENCE:").iter().all(|it| it == "0"));
    let again = calendar("2026-11-23");
    assert!(values(&again, "SEQUENCE:").iter().all(|it| it == "0"), "nothing changed");
    let moved = calendar("2027-01-11");
    assert_eq!(values(&moved, "UID:"), values(&first, "UID:"));
    assert!(values(&moved, "SEQUENCE:").iter().all(|it| it == "1"), "{moved}");
}

#[test]
fn settings_may_be_named_from_anywhere() {
    let folder = directory_only();
    let elsewhere = tempfile::tempdir().unwrap();
    let file = folder.path().join("lockstep.toml");
    let file = file.to_str().unwrap();
    let plan = ["plan", "--settings", file, "--start", "2026-11-23", "--out", "plan"];
    assert_eq!(code(elsewhere.path(), &plan), 0);
    let page = fs::read_to_string(elsewhere.path().join("plan/plan.html")).unwrap();
    assert!(page.contains("NE Engineering"));
    assert!(!folder.path().join("plan").exists(), "written where it was asked for");
    assert_eq!(code(elsewhere.path(), &["plan", "--settings", "missing.toml"]), 1);
}

#[test]
fn status_waits_for_the_first_day_and_then_for_the_gates() {
    let folder = example();
    assert_snapshot!(head(folder.path(), &["status", "--start", "2026-11-23"], "G1"), @r"
    exit 0
    --- stdout
    Day -2, Fri 20 Nov 2026: not started
    Waiting for the first day, Mon 23 Nov 2026

    Gates
    gate  step      date        verdict      why
    ");
    let folder = directory_only();
    assert_eq!(code(folder.path(), &["status", "--start", "2026-11-16"]), 3, "G1 is closed");
}
