//! `lockstep next`

use insta::assert_snapshot;
use serde_json::Value;

use crate::workspace::Workspace;

#[test]
fn without_a_snapshot_there_is_nothing_to_show() {
    let workspace = Workspace::live(1);
    let text = workspace.run(&["next"]);
    assert!(text.starts_with("exit 1\n") && text.contains("lockstep snapshot"), "{text}");
}

#[test]
fn the_first_change_set_is_shown_with_what_people_notice() {
    let workspace = Workspace::live(1);
    assert_eq!(workspace.ran(&["snapshot"]).status.code(), 0);
    assert_snapshot!(workspace.run(&["next"]), @r#"
    exit 2
    --- stdout
    Day 1, Mon 23 Nov 2026: Prepare
    Nobody has agreed to the dates yet. Agree with the manager on Saturday 12
    December 2026 for MFA for everybody, and record it: `lockstep schedule --start
    2026-11-23`.

    Tasks to do now (9)
    P-01 Share the plan with the manager and record the agreed enforcement date (day
    1, Mon 23 Nov)
      - who: IT lead
      - how: Enforcement on Saturday 12 December 2026 falls badly (Saturday, not a
        working day): keep the start and give the pilot 5 days (enforcement on
        Monday 14 December 2026, end on Thursday 17 December 2026), or start on
        Thursday 26 November 2026 (enforcement on Tuesday 15 December 2026, end on
        Friday 18 December 2026). Days are set under [steps] in lockstep.toml, the
        start with --start; then plan again. Hand over the manager summary and this
        plan; the date Saturday 12 December 2026 is agreed in writing before
        anything is changed.
      - done when: The manager’s written agreement with the date Saturday 12
        December 2026.
    P-03 Close the gaps: export what no file told (day 1, Mon 23 Nov)
      - who: Identity administrator
      - how: Each row names the portal path or the Graph request that closes it.
      - done when: The gap is gone, or the plan goes on with it knowingly.
      - about: No file tells whether SMTP AUTH is switched off for the organisation.
        Close with: Get-TransportConfig | Select-Object
        SmtpClientAuthenticationDisabled | ConvertTo-Json; lockstep.toml names no
        break-glass account. Close with: lockstep.toml, `[break_glass] accounts =
        ["…", "…"]`; Microsoft Graph refused roles with an end (GET
        /v1.0/roleManagement/directory/roleAssignmentScheduleInstances): the tenant
        has no licence of Entra ID P2. Close with: Entra ID P2, and a new snapshot;
        Microsoft Graph refused eligible roles (GET
        /v1.0/roleManagement/directory/roleEligibilityScheduleInstances): the tenant
        has no licence of Entra ID P2. Close with: Entra ID P2, and a new snapshot;
        Microsoft Graph refused risky users (GET
        /v1.0/identityProtection/riskyUsers): the tenant has no licence of Entra ID
        P2. Close with: Entra ID P2, and a new snapshot
    P-07 Settle the blocking findings of the pre-flight, each before the step it
    guards (day 1, Mon 23 Nov)
      - who: IT lead
      - how: Each row names its check, its subject and the step it guards; the fix
        stands in the pre-flight. Nothing here is a reason to turn security defaults
        off before the cut-over.
      - done when: No blocking finding of a step is open when the step begins.
      - today: 3 blocking findings are open, first TN-08: 1 account has registered
        methods the policy does not let them use.
      - about: BG-01: No break-glass account is named, and fewer than two accounts
        could be one. (by 2026-11-24); TN-01: Security defaults are on: no policy
        can be enabled until they are turned off. (settled by CS-07, not earlier);
        TN-08: 1 account has registered methods the policy does not let them use.
        (before 2026-11-25); NH-01: 2 user accounts are used by programs. (before
        2026-12-12); LA-01: 2 devices or programs use mail with a password: 1 over
        SMTP, 1 over IMAP or POP. (before 2026-12-12); RG-07: 1 person is registered
        and cannot pass MFA. (before 2026-11-25); UM-13: 1 login is shared by
        several people. (before 2026-11-25)
    P-08 Create the two break-glass accounts with Global Administrator (day 1, Mon
    23 Nov)
      - who: Identity administrator
      - how: entra.microsoft.com › Entra ID › Users › New user › Create new user:
        cloud-only, on the onmicrosoft.com domain, names that point to nobody; role
        Global Administrator, active and permanent; password random, 25 characters
        or more, never expiring.
      - done when: Two enabled cloud-only accounts with an active, permanent Global
        Administrator assignment, read back.
      - about: svc-emergency-alpha@neengineering.onmicrosoft.com;
        svc-emergency-bravo@neengineering.onmicrosoft.com
    P-09 Print each break-glass password once and store the sheets in two places
    (day 1, Mon 23 Nov)
      - who: Second administrator
      - how: One sheet per account, sealed, in the on-site safe and with the IT
        manager off-site; bag numbers written down; no copy anywhere else.
      - done when: Two people signed for each sealed sheet; places and bag numbers
        are written down.
      - about: svc-emergency-alpha@neengineering.onmicrosoft.com;
        svc-emergency-bravo@neengineering.onmicrosoft.com
    task  date        what                                  owner
    P-10  Mon 23 Nov  Give each break-glass account two     Second administrator
                      FIDO2 keys, or a certificate
    P-11  Mon 23 Nov  Create the group `CA - Excluded       Identity administrator
                      emergency accounts` and put the
                      break-glass accounts in it
    P-30  Mon 23 Nov  Walk through the exceptions: every    IT lead
                      account is a known kind. Today: 1
                      enabled account is of no known kind.
    P-35  Mon 23 Nov  Order FIDO2 keys: 5, two for each     IT lead
                      person and break-glass account, and
                      a reserve

    Change sets that wait
    change set    date        waits because
    CS-02         Tue 24 Nov  Block legacy authentication, in Report-only: it is
                              planned for Tuesday 24 November 2026
    CS-03         Tue 24 Nov  MFA for the pilot, in Report-only: it is planned for
                              Tuesday 24 November 2026
    CS-04         Tue 24 Nov  Parity with security defaults, in Report-only: it is
                              planned for Tuesday 24 November 2026
    CS-05         Wed 25 Nov  Registration campaign: it is planned for Wednesday
                              25 November 2026
    CS-07/bridge  Tue 08 Dec  Fill the bridge group: it is planned for Tuesday 8
                              December 2026
    CS-07         Sat 12 Dec  Enforce for all users: it is planned for Saturday 12
                              December 2026

    Due: CS-01, planned for Mon 23 Nov 2026
    Break-glass accounts and their group (0c37163360f6)
    Nobody is asked anything: 2 accounts are new, and nobody signs in with them but
      in an emergency: svc-emergency-alpha@neengineering.onmicrosoft.com,
      svc-emergency-bravo@neengineering.onmicrosoft.com.
    Nobody notices anything of CA - Excluded emergency accounts: it is new, and no
      policy names it yet.
    svc-emergency-alpha@neengineering.onmicrosoft.com can do whatever a Global
      Administrator can, for the whole tenant; whoever watches over administrators
      sees that. Nobody else is asked anything.
    svc-emergency-bravo@neengineering.onmicrosoft.com can do whatever a Global
      Administrator can, for the whole tenant; whoever watches over administrators
      sees that. Nobody else is asked anything.

    Dangerous
    4. assign Global Administrator to
       svc-emergency-alpha@neengineering.onmicrosoft.com
      - role Global Administrator (62e90394…): not held → active, permanent
      - why: Only a Global Administrator can undo everything; a role that must be
        activated first cannot be when nobody can sign in.
      - way back: take Global Administrator from
        svc-emergency-alpha@neengineering.onmicrosoft.com.
    5. assign Global Administrator to
       svc-emergency-bravo@neengineering.onmicrosoft.com
      - role Global Administrator (62e90394…): not held → active, permanent
      - why: Only a Global Administrator can undo everything; a role that must be
        activated first cannot be when nobody can sign in.
      - way back: take Global Administrator from
        svc-emergency-bravo@neengineering.onmicrosoft.com.

    Changes
    1. make the account svc-emergency-alpha@neengineering.onmicrosoft.com
      - account: not there → there
      - why: Whatever a policy does to everybody else, this account can undo it.
      - way back: delete the account
        svc-emergency-alpha@neengineering.onmicrosoft.com.
    2. make the account svc-emergency-bravo@neengineering.onmicrosoft.com
      - account: not there → there
      - why: Whatever a policy does to everybody else, this account can undo it.
      - way back: delete the account
        svc-emergency-bravo@neengineering.onmicrosoft.com.
    3. make the group CA - Excluded emergency accounts
      - group: not there → there
      - why: Only privileged role administrators can change who is in it, so that
        nobody else leaves themselves out of a policy.
      - way back: delete the group CA - Excluded emergency accounts.
    6. add svc-emergency-alpha@neengineering.onmicrosoft.com to CA - Excluded
       emergency accounts
      - member of CA - Excluded emergency accounts (new): no → yes
      - why: Every policy leaves out this group.
      - way back: remove svc-emergency-alpha@neengineering.onmicrosoft.com from CA -
        Excluded emergency accounts.
    7. add svc-emergency-bravo@neengineering.onmicrosoft.com to CA - Excluded
       emergency accounts
      - member of CA - Excluded emergency accounts (new): no → yes
      - why: Every policy leaves out this group.
      - way back: remove svc-emergency-bravo@neengineering.onmicrosoft.com from CA -
        Excluded emergency accounts.

    Guards
    2 hold as it stands. All are asked again before anything is changed. The set can
    be confirmed until 24 Nov 2026 08:00 UTC.

    Next: lockstep break-glass create
    "#);
}

#[test]
fn the_same_is_shown_again_under_the_same_id() {
    let mut workspace = Workspace::live(2);
    assert_eq!(workspace.ran(&["snapshot"]).status.code(), 0);
    let ids = |document: &Value| -> Vec<String> {
        let sets = document["change_sets"].as_array().unwrap();
        sets.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = workspace.document(2, &["next"]);
    assert_eq!(first["schema"], "lockstep.next/1");
    assert!(!ids(&first).is_empty(), "{first}");
    workspace.now += jiff::SignedDuration::from_hours(1);
    let second = workspace.document(2, &["next"]);
    assert_eq!(ids(&first), ids(&second), "what was shown can still be confirmed");
    workspace.now += jiff::SignedDuration::from_hours(24);
    let third = workspace.document(2, &["next"]);
    assert_ne!(ids(&first), ids(&third), "a day later it is shown anew");
}

#[test]
fn before_the_first_day_nothing_is_due() {
    let workspace = Workspace::of_firm(0);
    workspace.write(
        "lockstep.toml",
        "[source]\nexports = \"exports\"\n[calendar]\nstart = 2026-12-07\n",
    );
    assert_snapshot!(workspace.run(&["next"]), @r"
    exit 0
    --- stdout
    Day -13, Mon 23 Nov 2026: not started
    Nobody has agreed to the dates yet. Agree with the manager on Saturday 26
    December 2026 for MFA for everybody, and record it: `lockstep schedule --start
    2026-12-07`.

    Change sets that wait
    change set    date        waits because
    CS-01         Mon 07 Dec  Break-glass accounts and their group: it is planned
                              for Monday 7 December 2026
    CS-02         Tue 08 Dec  Block legacy authentication, in Report-only: it is
                              planned for Tuesday 8 December 2026
    CS-03         Tue 08 Dec  MFA for the pilot, in Report-only: it is planned for
                              Tuesday 8 December 2026
    CS-04         Tue 08 Dec  Parity with security defaults, in Report-only: it is
                              planned for Tuesday 8 December 2026
    CS-05         Wed 09 Dec  Registration campaign: it is planned for Wednesday 9
                              December 2026
    CS-07/bridge  Tue 22 Dec  Fill the bridge group: it is planned for Tuesday 22
                              December 2026
    CS-07         Sat 26 Dec  Enforce for all users: it is planned for Saturday 26
                              December 2026

    Next: lockstep schedule --start 2026-12-07 --by WHO --reason TEXT
    ");
}

/// Nothing can be drafted where no file tells policies, groups or the campaign, and then a gate whose
/// day has come holds.
#[test]
fn a_gate_that_holds_is_exit_3() {
    let workspace = Workspace::empty();
    let user = r#"{"id": "00000000-0000-4000-8000-000000000001", "accountEnabled": true,
        "userPrincipalName": "ann@ne.example", "displayName": "Ann", "userType": "Member"}"#;
    let context = "https://graph.microsoft.com/v1.0/$metadata#users";
    let users = format!(r#"{{"@odata.context": "{context}", "value": [{user}]}}"#);
    workspace.write("exports/users.json", &users);
    let settings = "[source]\nexports = \"exports\"\n[calendar]\nstart = 2026-11-16\n";
    workspace.write("lockstep.toml", settings);
    let document = workspace.document(3, &["next"]);
    assert_eq!(document["change_sets"].as_array().unwrap().len(), 0);
    let held = document["later"].as_array().unwrap().iter().any(|it| it["held"] == true);
    assert!(held, "{document}");
    assert!(!document["tasks"].as_array().unwrap().is_empty());
}

/// In a workspace of files there is nothing to apply to, and the page says so.
#[test]
fn of_files_the_changes_are_made_by_hand() {
    let workspace = Workspace::of_firm(2);
    let text = workspace.run(&["next"]);
    assert!(text.starts_with("exit 2\n") && text.contains("no live tenant"), "{text}");
    assert!(text.ends_with("Next: lockstep plan\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}
