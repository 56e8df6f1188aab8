//! The registration report.

use rollout::exceptions::classify;
use rollout::registration::{Denominators, RegistrationReport, SMS_END, report};
use rollout::{
    EarlierRegistration, GLOBAL_ADMINISTRATOR, MailboxKind, MethodConfiguration, MethodsPolicy,
    Registration, User, UserType,
};

use crate::tenant::{
    Tenant, active, mailbox, quiet_log, registered_on, role, row, seen, time, titled, user,
};

fn of(tenant: &Tenant) -> RegistrationReport {
    let facts = tenant.facts();
    report(&facts, &classify(&facts))
}

fn names(accounts: &[rollout::Account]) -> Vec<&str> {
    accounts.iter().map(|account| account.label().split('@').next().unwrap()).collect()
}

/// Four people seen yesterday: two capable, one registered only, one without anything.
fn four_people() -> Tenant {
    let people = ["ann", "bob", "cat", "dan"].map(|name| seen(user(name), 1));
    let mut tenant = Tenant::with_users(people.to_vec());
    tenant.snapshot.registrations = Some(vec![
        row("ann", true, true, &["microsoftAuthenticatorPush"]),
        row("bob", true, true, &["mobilePhone", "email"]),
        row("cat", true, false, &["officePhone"]),
        row("dan", false, false, &[]),
    ]);
    tenant
}

#[test]
fn without_a_report_nobody_is_called_ready() {
    let mut tenant = four_people();
    tenant.snapshot.registrations = None;
    let report = of(&tenant);
    assert_eq!(report.denominators.in_scope_people, Some(4));
    assert_eq!((report.capable, report.registered, report.rate), (None, None, None));
    assert_eq!((report.as_of, report.source_age_hours), (None, None));
    assert!(report.series.is_empty() && report.not_capable.is_empty());
    assert!(report.gaps.iter().any(|gap| gap.id == "registration-details"));
}

#[test]
fn without_users_the_rate_is_unknown_and_the_lists_are_the_reports() {
    let mut tenant = four_people();
    tenant.snapshot.users = None;
    let mut guest = row("eve", false, false, &[]);
    guest.user_type = Some(UserType::Guest);
    tenant.snapshot.registrations.as_mut().unwrap().push(guest);
    let report = of(&tenant);
    assert_eq!(report.denominators, Denominators::default());
    assert_eq!((report.capable, report.registered, report.rate), (None, None, None));
    assert_eq!(names(&report.sms_only), ["bob", "cat"]);
    assert_eq!(names(&report.registered_not_capable), ["cat"]);
    let missing: Vec<&str> = report.not_capable.iter().map(|it| it.account.label()).collect();
    assert_eq!(missing, ["cat@ne.example", "dan@ne.example"]);
    let gap = report.gaps.iter().find(|gap| gap.id == "people-in-scope").unwrap();
    assert!(gap.what.contains("4 members, 2 of them capable"), "{}", gap.what);
}

#[test]
fn where_nothing_tells_who_is_active_the_rate_is_unknown() {
    let mut tenant = four_people();
    for user in tenant.snapshot.users.as_mut().unwrap() {
        user.activity = None;
    }
    let mut empty_log = quiet_log();
    empty_log.coverage.records_read = 0;
    tenant.measurement = Some(empty_log);
    let report = of(&tenant);
    assert_eq!(report.denominators.in_scope_people, None);
    assert_eq!(report.denominators.enabled_members, Some(4));
    assert_eq!(report.denominators.unclassified, Some(4));
    assert_eq!((report.capable, report.rate), (None, None));
    assert_eq!(report.not_capable.len(), 2);
}

#[test]
fn where_nothing_tells_who_is_enabled_nobody_can_be_counted() {
    let mut tenant = four_people();
    for user in tenant.snapshot.users.as_mut().unwrap() {
        user.account_enabled = None;
    }
    let report = of(&tenant);
    assert_eq!(report.denominators, Denominators::default());
    assert_eq!(report.rate, None);
    assert!(report.gaps.iter().any(|gap| gap.id == "account-enabled"));
}

#[test]
fn an_account_not_told_to_be_enabled_is_not_counted() {
    let mut tenant = four_people();
    tenant.snapshot.users.as_mut().unwrap()[3].account_enabled = None;
    let report = of(&tenant);
    assert_eq!(report.denominators.in_scope_people, Some(3));
    assert_eq!(report.denominators.enabled_members, Some(3));
}

#[test]
fn the_rate_counts_people_in_scope_only() {
    let mut tenant = four_people();
    let users = tenant.snapshot.users.as_mut().unwrap();
    let mut disabled = seen(user("old"), 1);
    disabled.account_enabled = Some(false);
    let mut guest = seen(user("guest"), 1);
    guest.user_type = Some(UserType::Guest);
    users.extend([
        disabled,
        guest,
        seen(user("room"), 1),
        seen(user("svc-job"), 1),
        seen(user("away"), 45),
        seen(user("gone"), 200),
    ]);
    let rows = tenant.snapshot.registrations.as_mut().unwrap();
    rows.extend(
        ["old", "guest", "room", "svc-job", "away", "gone"].map(|name| row(name, true, true, &[])),
    );
    tenant.snapshot.mailboxes = Some(vec![mailbox("room", MailboxKind::Room)]);
    let report = of(&tenant);
    assert_eq!(
        report.denominators,
        Denominators { in_scope_people: Some(4), enabled_members: Some(8), unclassified: Some(1) }
    );
    assert_eq!((report.capable, report.registered), (Some(2), Some(3)));
    assert_eq!(report.rate, Some(0.5));
    assert_eq!(report.rate_of_enabled_members, Some(0.25));
    assert_eq!(report.carried_over, Some(2));
    let guests = report.guests.unwrap();
    assert_eq!((guests.capable, guests.of), (1, 1));
}

#[test]
fn a_person_without_a_row_stays_in_the_denominator() {
    let mut tenant = four_people();
    tenant
        .snapshot
        .registrations
        .as_mut()
        .unwrap()
        .retain(|row| row.account.label() != "dan@ne.example");
    let report = of(&tenant);
    assert_eq!(report.denominators.in_scope_people, Some(4));
    let dan = report.not_capable.iter().find(|it| it.account.label() == "dan@ne.example").unwrap();
    assert_eq!(dan.reason, "the registration report does not hold this person");
}

#[test]
fn reasons() {
    let mut untold = row("dan", true, false, &[]);
    untold.mfa_capable = None;
    let cases = [
        (row("dan", false, false, &[]), "registered no method"),
        (
            row("dan", false, false, &["email", "securityQuestion"]),
            "registered only for password reset (email, security questions), which is no MFA",
        ),
        (
            row("dan", true, false, &["officePhone"]),
            "registered a method that the methods policy does not allow",
        ),
        (untold, "the registration report does not tell whether this person is capable"),
    ];
    for (row, reason) in cases {
        let mut tenant = Tenant::with_users(vec![seen(user("dan"), 1)]);
        tenant.snapshot.registrations = Some(vec![row]);
        assert_eq!(of(&tenant).not_capable[0].reason, reason);
    }
}

#[test]
fn the_age_is_that_of_the_oldest_row_used() {
    let mut tenant = four_people();
    let mut disabled = user("old");
    disabled.account_enabled = Some(false);
    tenant.snapshot.users.as_mut().unwrap().push(disabled);
    let rows = tenant.snapshot.registrations.as_mut().unwrap();
    rows[1].last_updated = Some(time("2026-11-19T20:15:00Z"));
    rows[2].last_updated = None;
    let mut ancient = row("old", true, true, &[]);
    ancient.last_updated = Some(time("2025-01-01T00:00:00Z"));
    rows.push(ancient);
    let report = of(&tenant);
    assert_eq!(report.as_of, Some(time("2026-11-19T20:15:00Z")));
    assert_eq!(report.source_age_hours, Some(15.8));
}

#[test]
fn sms_only_and_registered_without_being_capable_stand_apart() {
    let report = of(&four_people());
    assert_eq!(names(&report.sms_only), ["bob", "cat"]);
    assert_eq!(names(&report.registered_not_capable), ["cat"]);
}

#[test]
fn administrators_are_counted_by_role_and_by_the_report() {
    let mut tenant = four_people();
    tenant.snapshot.roles = Some(vec![role("dan", GLOBAL_ADMINISTRATOR)]);
    tenant.snapshot.registrations.as_mut().unwrap()[0].is_admin = Some(true);
    let administrators = of(&tenant).administrators.unwrap();
    assert_eq!((administrators.capable, administrators.of), (1, 2));
}

fn recommended(tenant: &Tenant) -> &'static str {
    of(tenant).not_capable[0].recommended_method
}

fn one_person(user: User, row: Registration) -> Tenant {
    let mut tenant = Tenant::with_users(vec![user]);
    tenant.snapshot.registrations = Some(vec![row]);
    tenant
}

fn nothing_registered(user: User) -> Tenant {
    one_person(user, row("kim", false, false, &[]))
}

fn policy(allowed: &[&str]) -> MethodsPolicy {
    let method = |id: &str| MethodConfiguration {
        id: id.to_owned(),
        enabled: Some(allowed.contains(&id)),
        include: Some(vec!["all_users".to_owned()]),
        exclude: Some(Vec::new()),
        ..MethodConfiguration::default()
    };
    MethodsPolicy {
        methods: ["fido2", "temporaryaccesspass", "microsoftauthenticator", "sms"]
            .map(method)
            .to_vec(),
        ..MethodsPolicy::default()
    }
}

#[test]
fn who_is_recommended_what() {
    assert_eq!(recommended(&nothing_registered(seen(user("kim"), 1))), "microsoft-authenticator");
    let executive = titled(seen(user("kim"), 1), "Managing Director");
    assert_eq!(recommended(&nothing_registered(executive)), "fido2");

    let mut administrator = nothing_registered(seen(user("kim"), 1));
    administrator.snapshot.roles = Some(vec![role("kim", GLOBAL_ADMINISTRATOR)]);
    assert_eq!(recommended(&administrator), "fido2");

    let mut without_phone = nothing_registered(seen(user("kim"), 1));
    without_phone.rollout.people.no_smartphone = vec!["kim@ne.example".to_owned()];
    assert_eq!(recommended(&without_phone), "fido2");

    let mut away = nothing_registered(seen(user("kim"), 1));
    away.rollout.people.on_leave.insert("kim@ne.example".to_owned(), jiff::civil::date(2027, 1, 4));
    assert_eq!(recommended(&away), "temporary-access-pass");

    let mut silent = quiet_log();
    let mut activity = active("kim");
    activity.interactive_successes = 0;
    silent.activity.get_or_insert_default().people = vec![activity];
    let silent = nothing_registered(user("kim")).with_log(silent);
    assert_eq!(recommended(&silent), "temporary-access-pass");
}

#[test]
fn the_methods_policy_bounds_the_recommendation_and_sms_is_last() {
    let cases: [(&[&str], &str); 6] = [
        (&["microsoftauthenticator", "sms"], "microsoft-authenticator"),
        (&["fido2", "sms"], "fido2"),
        (&["temporaryaccesspass", "sms"], "temporary-access-pass"),
        (&["sms"], "sms"),
        (&[], "microsoft-authenticator"),
        (&["fido2", "temporaryaccesspass", "microsoftauthenticator"], "microsoft-authenticator"),
    ];
    for (allowed, expected) in cases {
        let mut tenant = nothing_registered(seen(user("kim"), 1));
        tenant.snapshot.methods_policy = Some(policy(allowed));
        let person = &of(&tenant).not_capable[0];
        assert_eq!(person.recommended_method, expected, "{allowed:?}");
        assert_eq!(person.why.contains("2027-02-01"), expected == "sms", "{}", person.why);
    }
}

#[test]
fn an_unknown_policy_rules_nothing_out_and_never_leads_to_sms() {
    let mut tenant = nothing_registered(seen(user("kim"), 1));
    let mut policy = policy(&["sms"]);
    policy.methods.retain(|method| method.id != "fido2");
    tenant.snapshot.methods_policy = Some(policy);
    assert_eq!(recommended(&tenant), "microsoft-authenticator");
}

#[test]
fn an_administrator_keeps_the_key_even_where_policy_must_change_first() {
    let mut tenant = nothing_registered(titled(seen(user("kim"), 1), "CFO"));
    tenant.snapshot.methods_policy = Some(policy(&["microsoftauthenticator"]));
    let report = of(&tenant);
    assert_eq!(report.not_capable[0].recommended_method, "fido2");
    assert!(report.not_capable[0].why.contains("first allow"), "{}", report.not_capable[0].why);
}

#[test]
fn keys_to_stock() {
    assert_eq!(of(&four_people()).keys_to_stock, 0);
    let mut tenant = four_people();
    tenant.rollout.people.no_smartphone = vec!["dan@ne.example".to_owned()];
    assert_eq!(of(&tenant).keys_to_stock, 3, "two and a spare");
    tenant.rollout.break_glass.accounts = vec!["bg1@ne.example".to_owned(), "bg2".to_owned()];
    assert_eq!(of(&tenant).keys_to_stock, 7, "six and a spare");
    let rows = tenant.snapshot.registrations.as_mut().unwrap();
    rows.push(row("bg1", true, true, &["fido2SecurityKey"]));
    assert_eq!(of(&tenant).keys_to_stock, 5, "one break-glass account holds a key");
}

#[test]
fn the_series_follows_the_audit_log() {
    let mut tenant = four_people();
    let single: Vec<_> = of(&tenant).series.iter().map(|it| (it.capable, it.in_scope)).collect();
    assert_eq!(single, [(2, 4)]);

    let mut failed = registered_on("bob", "2026-11-01T09:00:00Z");
    failed.succeeded = Some(false);
    tenant.snapshot.audits = Some(vec![
        failed,
        registered_on("bob", "2026-11-18T09:00:00Z"),
        registered_on("bob", "2026-11-17T09:00:00Z"),
        registered_on("dan", "2026-11-16T09:00:00Z"),
    ]);
    let series: Vec<_> =
        of(&tenant).series.iter().map(|it| (it.date.to_string(), it.capable)).collect();
    let expected = [("2026-11-17", 2), ("2026-11-18", 2), ("2026-11-19", 2)];
    assert_eq!(series, expected.map(|(date, count)| (date.to_owned(), count)));

    tenant.snapshot.audits.as_mut().unwrap().push(registered_on("ann", "2026-11-19T08:00:00Z"));
    let counts: Vec<u64> = of(&tenant).series.iter().map(|it| it.capable).collect();
    assert_eq!(counts, [1, 1, 2]);
}

#[test]
fn older_copies_of_the_report_tell_when_people_became_capable() {
    let copy = |name: &str, at: &str, capable: bool| EarlierRegistration {
        last_updated: Some(time(at)),
        user_id: Some(format!("id-{name}")),
        mfa_capable: Some(capable),
        ..EarlierRegistration::default()
    };
    let mut tenant = four_people();
    tenant.snapshot.earlier_registrations = vec![
        copy("ann", "2026-11-16T02:00:00Z", true),
        copy("bob", "2026-11-16T02:00:00Z", false),
        copy("dan", "2026-11-01T02:00:00Z", false),
        copy("nobody", "2026-10-01T02:00:00Z", false),
    ];
    let counts = |tenant: &Tenant| -> Vec<(String, u64)> {
        of(tenant).series.iter().map(|it| (it.date.to_string(), it.capable)).collect()
    };
    let days = |of: [u64; 4]| {
        ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"]
            .map(str::to_owned)
            .into_iter()
            .zip(of)
            .collect::<Vec<_>>()
    };
    assert_eq!(counts(&tenant), days([1, 1, 1, 2]), "bob by the day of the report");
    tenant.snapshot.earlier_registrations.push(copy("bob", "2026-11-18T02:00:00Z", true));
    assert_eq!(counts(&tenant), days([1, 1, 2, 2]), "bob by a later copy");
    tenant.snapshot.audits = Some(vec![registered_on("bob", "2026-11-17T09:00:00Z")]);
    assert_eq!(counts(&tenant), days([1, 2, 2, 2]), "bob by the audit log");
    tenant.snapshot.audits.as_mut().unwrap().push(registered_on("ann", "2026-11-18T09:00:00Z"));
    assert_eq!(counts(&tenant), days([1, 2, 2, 2]), "ann only added a method");
}

#[test]
fn people_on_leave_count_only_when_seen() {
    let mut tenant = four_people();
    tenant.snapshot.users.as_mut().unwrap()[3] = seen(user("dan"), 60);
    tenant
        .rollout
        .people
        .on_leave
        .insert("dan@ne.example".to_owned(), jiff::civil::date(2027, 1, 4));
    assert_eq!(of(&tenant).denominators.in_scope_people, Some(3));
    assert_eq!(of(&tenant).denominators.unclassified, Some(0));
}

#[test]
fn the_document() {
    let mut tenant = four_people();
    tenant.snapshot.roles = Some(vec![role("ann", GLOBAL_ADMINISTRATOR)]);
    let mut document = of(&tenant);
    document.gaps.clear();
    insta::assert_json_snapshot!(document);
}

#[test]
fn from_the_end_of_microsofts_telephone_on_nobody_is_ready_by_it_alone() {
    let at = |tenant: &Tenant, now| {
        let facts = rollout::Facts::new(
            &tenant.snapshot,
            tenant.measurement.as_ref(),
            &tenant.rollout,
            now,
        );
        report(&facts, &classify(&facts))
    };
    let mut tenant = four_people();
    let last_day = SMS_END.yesterday().unwrap();
    for (day, capable) in [(last_day, 2), (SMS_END, 1)] {
        let now = time(&format!("{day}T09:00:00Z"));
        for user in tenant.snapshot.users.as_mut().unwrap() {
            user.activity = Some(rollout::SignInActivity {
                last_successful: Some(now),
                ..rollout::SignInActivity::default()
            });
        }
        let report = at(&tenant, now);
        assert_eq!(report.capable, Some(capable), "{day}");
        let bob = report.not_capable.iter().find(|it| it.account.label() == "bob@ne.example");
        assert_eq!(
            bob.map(|it| it.reason.as_str()),
            (day == SMS_END)
                .then_some("registered only for text messages or calls, which Microsoft has ended")
        );
    }
    // A row that tells no methods may hold others.
    tenant.snapshot.registrations.as_mut().unwrap()[1].methods = None;
    assert_eq!(at(&tenant, time(&format!("{SMS_END}T09:00:00Z"))).capable, Some(2));
}
