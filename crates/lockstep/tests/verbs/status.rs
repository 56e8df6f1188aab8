//! `lockstep status` in a workspace that remembers.

use insta::assert_snapshot;

use crate::workspace::Workspace;

#[test]
fn without_a_store_status_is_what_it_was() {
    let workspace = Workspace::of_firm(2);
    let document = workspace.document(3, &["status"]);
    assert_eq!(document["schema"], "lockstep.status/1");
    assert!(document["tasks"].is_null() && document["gates"][0]["criteria"].is_null());
    assert!(!workspace.path("lockstep.db").exists(), "status makes nothing");
}

#[test]
fn a_colleague_says_why_it_waits_and_what_to_do() {
    let workspace = Workspace::live(2);
    assert_eq!(workspace.ran(&["snapshot"]).status.code(), 0);
    assert_snapshot!(workspace.run(&["status"]), @r"
    exit 3
    --- stdout
    Day 2, Mon 23 Nov 2026: Prepare
    Nobody has agreed to the dates yet. Agree with the manager on Friday 11 December
    2026 for MFA for everybody, and record it: `lockstep schedule --start
    2026-11-22`.

    Gates
    gate  step      date        verdict      why
    G1    Prepare   Mon 23 Nov  closed       3 blocking findings are open, first
                                             TN-08: 1 account has registered
                                             methods the policy does not let them
                                             use. 6 more things are open.
    G2    Register  Thu 03 Dec  cannot say   The days measured so far are too few
                                             for a forecast. One more thing is
                                             open.
    G3    Register  Sat 05 Dec  not yet due  4 people are missing; the day of the
                                             calls has not come.
    G4    Register  Mon 07 Dec  closed       25 of 29 people in scope can pass MFA
                                             (86 %; 95 % needed). One more thing
                                             is open.
    G5    Pilot     Tue 08 Dec  not yet due  CA000 does not exist yet. 3 more
                                             things are open.
    G6    Pilot     Thu 10 Dec  not yet due  The pilot has not begun. 10 more
                                             things are open.
    G7    Enforce   Mon 14 Dec  not yet due  Not everybody is asked for MFA yet. 2
                                             more things are open.
    G8    Validate  Mon 14 Dec  not yet due  Not everybody is asked for MFA yet. 4
                                             more things are open.

    What gate G1 asks for (7 of 10 open)
    asks for          verdict  why
    G1.break-glass    cannot   2 findings are not decided by what was read, first
                      say      BG-08: Not told by any file: `[break_glass]
                               alert_tested` in lockstep.toml. What helps: The
                               data that each names, or, for what no export
                               decides, `lockstep attest P-07 --by WHO --note
                               TEXT`.
    G1.sheets         cannot   Nobody has stated that the break-glass sheets are
                      say      kept in two places. What helps: `lockstep attest
                               P-09 --by WHO --note TEXT`
    G1.proven         cannot   Not every break-glass account is proven. What
                      say      helps:
                               svc-emergency-alpha@neengineering.onmicrosoft.com:
                               no sign-in of the account is seen
    G1.findings       not met  3 blocking findings are open, first TN-08: 1
                               account has registered methods the policy does not
                               let them use. What helps: the risky users (Graph
                               `GET /identityProtection/riskyUsers`, P2)
    G1.legacy-owners  not met  4 of 4 legacy dependencies have no owner or no
                               decision.
    G1.classified     not met  1 enabled account is of no known kind.
    G1.message        cannot   Nobody has stated that the announcement is
                      say      approved. What helps: `lockstep attest P-18 --by
                               WHO --note TEXT`

    Their day is over (8)
    task  date        what                                  owner
    P-01  Sun 22 Nov  Share the plan with the manager and   IT lead
                      record the agreed enforcement date
    P-03  Sun 22 Nov  Close the gaps: export what no file   Identity administrator
                      told
    P-07  Sun 22 Nov  Settle the blocking findings of the   IT lead
                      pre-flight, each before the step it
                      guards. Today: 3 blocking findings
                      are open, first TN-08: 1 account has
                      registered methods the policy does
                      not let them use.
    P-09  Sun 22 Nov  Print each break-glass password once  Second administrator
                      and store the sheets in two places
    P-11  Sun 22 Nov  Create the group `CA - Excluded       Identity administrator
                      emergency accounts` and put the
                      break-glass accounts in it
    P-27  Sun 22 Nov  Read back the two break-glass         Identity administrator
                      accounts: role, domain, state.
                      Today: 2 findings are not decided by
                      what was read, first BG-08: Not told
                      by any file: `[break_glass]
                      alert_tested` in lockstep.toml.
    P-30  Sun 22 Nov  Walk through the exceptions: every    IT lead
                      account is a known kind. Today: 1
                      enabled account is of no known kind.
    P-35  Sun 22 Nov  Order FIDO2 keys: 5, two for each     IT lead
                      person and break-glass account, and
                      a reserve

    To do today (18)
    task  date        what                                  owner
    P-12  Mon 23 Nov  Set up the alert for every            Security lead
                      break-glass sign-in and let it fire
                      once
    P-13  Mon 23 Nov  Test both break-glass accounts        Second administrator
                      before any policy is switched On.
                      Today: Not every break-glass account
                      is proven.
    P-17  Mon 23 Nov  Give every legacy dependency an       IT lead
                      owner, a decision and a due date.
                      Today: 4 of 4 legacy dependencies
                      have no owner or no decision.
    P-18  Mon 23 Nov  Approve the texts: announcement,      IT lead
                      reminder, personal note, helpdesk
                      guide
    P-19  Mon 23 Nov  Brief the helpdesk and hand over the  Helpdesk lead
                      guide
    P-20  Mon 23 Nov  Print the rollback card and keep it   IT lead
                      with the break-glass sheets
    P-22  Mon 23 Nov  Free people whose registered method   Identity administrator
                      the policy does not allow
    P-23  Mon 23 Nov  Build CA001 to CA004 in Report-only,  Identity administrator
                      from the first days on
    P-24  Mon 23 Nov  Create CA000, block legacy            Identity administrator
                      authentication, in Report-only
    P-26  Mon 23 Nov  Tell the works council or staff       Manager
                      representatives, where there are any
    P-31  Mon 23 Nov  Shared mailboxes: block sign-in,      IT lead
                      give access by delegation
    P-33  Mon 23 Nov  Service accounts: move to a managed   Application owner
                      identity or certificate, or bind to
                      one address
    P-34  Mon 23 Nov  Directory synchronisation account:    Identity administrator
                      exclude its role and bind it to its
                      address
    P-37  Mon 23 Nov  People on leave: block sign-in until  HR
                      the day they return
    P-38  Mon 23 Nov  Shared logins: give each person       Application owner
                      their own account, or a shared key
                      on a managed device
    P-39  Mon 23 Nov  Guests: trust their home MFA, or      Identity administrator
                      register them here, with a note of
                      their own
    P-40  Mon 23 Nov  Executives, the finance director      IT lead
                      among them: offer the ten-minute
                      set-up; no exemption is given
    P-41  Mon 23 Nov  Create one dated exclusion group for  Identity administrator
                      the exceptions that remain
    7 of 87 tasks are done.

    Next: lockstep next
    ");
}

#[test]
fn status_keeps_nothing_and_counts_what_was_said() {
    let workspace = Workspace::live(2);
    assert_eq!(workspace.ran(&["snapshot"]).status.code(), 0);
    let before = workspace.document(3, &["status"]);
    let state = |document: &serde_json::Value, id: &str| {
        let tasks = document["tasks"].as_array().unwrap();
        tasks.iter().find(|it| it["id"] == id).map(|it| it["state"].clone()).unwrap()
    };
    assert_eq!(state(&before, "P-26"), "open");
    assert_eq!(before, workspace.document(3, &["status"]), "looking changes nothing");
    let by = ["--by", "Ann Archer"];
    workspace
        .document(0, &[&["attest", "P-26", "--note", "there is no such body"][..], &by].concat());
    let waive = ["waive", "G1.legacy-owners", "--reason", "known", "--until", "2026-12-01"];
    workspace.document(0, &[&waive[..], &by].concat());
    workspace.document(0, &[&["issue", "add", "--blocking", "--text", "no key"][..], &by].concat());
    let after = workspace.document(3, &["status"]);
    assert_eq!(state(&after, "P-26"), "attested");
    assert_eq!(after["waivers"][0]["by"], "Ann Archer");
    assert_eq!(after["issues"][0]["blocking"], true);
    let gate = &after["gates"][0];
    let waived = gate["criteria"].as_array().unwrap().iter();
    let waived: Vec<_> = waived.filter(|it| it["waived_by"] == "W-001").collect();
    assert_eq!(waived.len(), 1);
    assert_ne!(waived[0]["verdict"], "passed", "a waiver changes no verdict");
}
