//! Classification and the register of exceptions.

use rollout::exceptions::{Kind, classify, register};
use rollout::{
    DIRECTORY_SYNCHRONIZATION_ACCOUNTS, GLOBAL_ADMINISTRATOR, MailboxKind, SignInActivity, User,
    UserType,
};

use crate::tenant::{
    Tenant, account, active, days_ago, group, mailbox, quiet_log, role, row, seen, titled, user,
};

/// Kind of the first user of a tenant.
fn kind(tenant: &Tenant) -> Kind {
    classify(&tenant.facts()).users[0].0
}

fn evidence(tenant: &Tenant) -> String {
    classify(&tenant.facts()).users[0].1.join("; ")
}

/// A tenant of one account under test, and one ordinary person so that the export is known to
/// carry sign-in dates.
fn tenant_of(subject: User) -> Tenant {
    Tenant::with_users(vec![subject, seen(user("ordinary"), 0)])
}

#[test]
fn without_evidence_an_account_is_unclassified() {
    let alone = Tenant::with_users(vec![user("kim.lee")]);
    assert_eq!(kind(&alone), Kind::Unclassified);
    assert_eq!(evidence(&alone), "no file tells of a sign-in");

    let mut old = user("kim.lee");
    old.created = Some(days_ago(400));
    let nobody_tells_activity = Tenant::with_users(vec![old.clone()]);
    assert_eq!(kind(&nobody_tells_activity), Kind::Unclassified, "never signed in is not told");
    let short_log = Tenant::with_users(vec![old]).with_log(quiet_log());
    assert_eq!(kind(&short_log), Kind::Unclassified, "a log of 30 days proves nothing for 90");
}

#[test]
fn dormant_by_the_last_sign_in_or_by_the_age_of_an_account_never_used() {
    let created = |days: i64| {
        let mut user = user("kim.lee");
        user.created = Some(days_ago(days));
        user
    };
    let mut blank = created(91);
    blank.activity = Some(SignInActivity::default());
    let cases = [
        (seen(user("kim.lee"), 29), Kind::Person),
        (seen(user("kim.lee"), 31), Kind::Unclassified),
        (seen(user("kim.lee"), 89), Kind::Unclassified),
        (seen(user("kim.lee"), 91), Kind::Dormant),
        (user("kim.lee"), Kind::Unclassified),
        (created(89), Kind::Unclassified),
        (created(91), Kind::Dormant),
        (blank, Kind::Dormant),
    ];
    for (number, (subject, expected)) in cases.into_iter().enumerate() {
        assert_eq!(kind(&tenant_of(subject)), expected, "case {number}");
    }
}

#[test]
fn a_sign_in_of_the_log_counts_as_seen() {
    let mut log = quiet_log();
    log.activity.get_or_insert_default().people = vec![active("kim.lee")];
    assert_eq!(kind(&Tenant::with_users(vec![user("kim.lee")]).with_log(log)), Kind::Person);
}

#[test]
fn a_guest_of_the_log_is_found_by_the_address_used_at_home() {
    let mut guest = user("ana_partner.example#EXT#");
    guest.account.user_id = Some("guest-id".to_owned());
    guest.user_type = None;
    let mut log = quiet_log();
    let mut activity = active("ana");
    activity.account.user_id = None;
    activity.account.user_principal_name = Some("ana@partner.example".to_owned());
    log.activity.get_or_insert_default().people = vec![activity];
    let tenant = Tenant::with_users(vec![guest.clone()]).with_log(log);
    assert_eq!(kind(&tenant), Kind::Guest);
    assert!(tenant.facts().last_seen(&guest.account).is_some());
}

#[test]
fn break_glass_accounts_are_those_declared_and_no_others() {
    for name in ["svc-emergency-alpha", "breakglass1", "break-glass-2"] {
        let mut undeclared = tenant_of(user(name));
        assert_eq!(kind(&undeclared), Kind::Unclassified, "{name}");
        undeclared.snapshot.roles = Some(vec![role(name, GLOBAL_ADMINISTRATOR)]);
        assert_eq!(kind(&undeclared), Kind::Unclassified, "{name} with the role");
        undeclared.rollout.break_glass.accounts = vec![format!(" {name}@NE.example ")];
        assert_eq!(kind(&undeclared), Kind::BreakGlass, "{name} declared");
    }
}

#[test]
fn synchronisation_by_role_or_by_both_names() {
    let mut by_role = tenant_of(user("aadconnect"));
    by_role.snapshot.roles = Some(vec![role("aadconnect", DIRECTORY_SYNCHRONIZATION_ACCOUNTS)]);
    assert_eq!(kind(&by_role), Kind::Sync);

    let mut named = user("Sync_NE-DC01_0123456789ab");
    assert_ne!(kind(&tenant_of(named.clone())), Kind::Sync, "the user principal name alone");
    named.account.display_name =
        Some("On-Premises Directory Synchronization Service Account".to_owned());
    assert_eq!(kind(&tenant_of(named)), Kind::Sync);
}

#[test]
fn mailboxes_tell_rooms_equipment_and_shared_ones() {
    let cases = [
        (MailboxKind::Room, "room", Kind::Room),
        (MailboxKind::Equipment, "equipment", Kind::Equipment),
        (MailboxKind::Shared, "shared", Kind::SharedMailbox),
        (MailboxKind::User, "user", Kind::Person),
        (MailboxKind::Unknown, "others", Kind::Person),
    ];
    for (of_mailbox, purpose, expected) in cases {
        let mut tenant = tenant_of(seen(user("oak"), 2));
        tenant.snapshot.mailboxes = Some(vec![mailbox("oak", of_mailbox)]);
        assert_eq!(kind(&tenant), expected, "{of_mailbox:?}");

        let mut by_purpose = seen(user("oak"), 2);
        by_purpose.mailbox_purpose = Some(purpose.to_owned());
        assert_eq!(kind(&tenant_of(by_purpose)), expected, "{purpose}");
    }
}

#[test]
fn a_person_at_a_rooms_console_is_no_room() {
    let mut log = quiet_log();
    let mut activity = active("oak");
    activity.room_device = true;
    log.activity.get_or_insert_default().people = vec![activity];
    let device = Tenant::with_users(vec![user("oak")]).with_log(log.clone());
    assert_eq!(kind(&device), Kind::Room);
    let person = Tenant::with_users(vec![titled(user("oak"), "Engineer")]).with_log(log);
    assert_eq!(kind(&person), Kind::Person);
}

#[test]
fn names_of_service_accounts_count_only_where_nothing_contradicts() {
    let cases = [
        (user("svc-backup"), Kind::Service),
        (user("sa-sql"), Kind::Service),
        (user("scanner.floor2"), Kind::Service),
        (user("no-reply"), Kind::Service),
        (user("sara.scanlon"), Kind::Unclassified),
        (user("customer.service"), Kind::Unclassified),
        (titled(user("svc.kim"), "Engineer"), Kind::Unclassified),
    ];
    for (subject, expected) in cases {
        let name = subject.account.label().to_owned();
        assert_eq!(kind(&tenant_of(subject)), expected, "{name}");
    }
    assert!(evidence(&tenant_of(user("svc-backup"))).contains("name only"));

    let mut by_hand = quiet_log();
    by_hand.activity.get_or_insert_default().people = vec![active("svc-backup")];
    let signed_in = Tenant::with_users(vec![user("svc-backup")]).with_log(by_hand);
    assert_eq!(kind(&signed_in), Kind::Person, "somebody signs in by hand");

    let mut administrator = tenant_of(user("svc-backup"));
    administrator.snapshot.roles = Some(vec![role("svc-backup", GLOBAL_ADMINISTRATOR)]);
    assert_eq!(kind(&administrator), Kind::Unclassified, "never exempt an administrator by name");
}

#[test]
fn programs_are_known_by_what_they_do() {
    let base = || {
        let mut activity = active("nightly");
        activity.interactive_successes = 0;
        activity.ip_addresses = 1;
        activity
    };
    let mut grant = base();
    grant.ropc = true;
    let mut clock = base();
    clock.hours = 0x00FF_FFFF;
    let mut by_hand = grant.clone();
    by_hand.interactive_successes = 3;
    let mut legacy_only = by_hand.clone();
    legacy_only.legacy_successes = 8;
    let mut wandering = clock.clone();
    wandering.ip_addresses = 9;
    let cases = [
        ("password grant", grant.clone(), Kind::Service),
        ("round the clock", clock, Kind::Service),
        ("signs in by hand too", by_hand, Kind::Person),
        ("its interactive successes are all legacy", legacy_only, Kind::Service),
        ("many addresses", wandering, Kind::Person),
        ("nothing special", base(), Kind::Person),
    ];
    for (case, activity, expected) in cases {
        let mut log = quiet_log();
        log.activity.get_or_insert_default().people = vec![activity];
        let tenant = Tenant::with_users(vec![user("nightly")]).with_log(log);
        assert_eq!(kind(&tenant), expected, "{case}");
    }

    let mut blind = quiet_log();
    blind.coverage.interactive = None;
    blind.activity.get_or_insert_default().people = vec![grant];
    let tenant = Tenant::with_users(vec![user("nightly")]).with_log(blind);
    assert_eq!(kind(&tenant), Kind::Person, "a log without kinds cannot say `never by hand`");
}

#[test]
fn shared_logins_by_name_or_by_many_devices() {
    assert_eq!(kind(&tenant_of(seen(user("reception"), 1))), Kind::SharedLogin);
    assert_eq!(kind(&tenant_of(seen(user("info"), 1))), Kind::SharedLogin);
    let titled = titled(seen(user("reception"), 1), "Receptionist");
    assert_eq!(kind(&tenant_of(titled)), Kind::Person);

    for (devices, expected) in [(4, Kind::Person), (5, Kind::SharedLogin)] {
        let mut log = quiet_log();
        let mut activity = active("line3");
        activity.devices = devices;
        log.activity.get_or_insert_default().people = vec![activity];
        let tenant = Tenant::with_users(vec![user("line3")]).with_log(log.clone());
        assert_eq!(kind(&tenant), expected, "{devices} devices");
        let mut untold = user("line3");
        (untold.job_title, untold.manager, untold.mobile_phone) = (None, None, None);
        let tenant = Tenant::with_users(vec![untold]).with_log(log);
        assert_eq!(kind(&tenant), Kind::Person, "an untold job title is not an empty one");
    }
}

#[test]
fn what_the_operator_declares_of_people() {
    let subject = || seen(user("kim.lee"), 3);
    let named = || vec!["Kim.Lee@ne.example".to_owned()];

    let mut tenant = tenant_of(subject());
    tenant.rollout.people.no_smartphone = named();
    assert_eq!(kind(&tenant), Kind::NoSmartphone);

    let mut tenant = tenant_of(subject());
    tenant.rollout.people.executives = named();
    assert_eq!(kind(&tenant), Kind::Executive);

    let mut tenant = tenant_of(subject());
    tenant.rollout.people.services = vec!["id-kim.lee".to_owned()];
    assert_eq!(kind(&tenant), Kind::Service);

    let mut tenant = tenant_of(subject());
    tenant.rollout.people.shared_logins = named();
    assert_eq!(kind(&tenant), Kind::SharedLogin);

    let mut tenant = tenant_of(seen(user("kim.lee"), 200));
    tenant.rollout.people.confirmed_active = named();
    assert_eq!(kind(&tenant), Kind::Person);

    for (returns, expected) in [("2026-12-24", Kind::OnLeave), ("2026-11-20", Kind::Dormant)] {
        let mut tenant = tenant_of(seen(user("kim.lee"), 200));
        let date = returns.parse().unwrap();
        tenant.rollout.people.on_leave.insert("kim.lee@ne.example".to_owned(), date);
        assert_eq!(kind(&tenant), expected, "back on {returns}");
    }
}

#[test]
fn groups_tell_who_has_no_smartphone() {
    for (name, declared, expected) in [
        ("MFA - No smartphone", None, Kind::NoSmartphone),
        ("Phone-free zone", None, Kind::NoSmartphone),
        ("Workshop", Some("workshop"), Kind::NoSmartphone),
        ("Smartphone users", None, Kind::Person),
    ] {
        let mut tenant = tenant_of(seen(user("kim.lee"), 3));
        tenant.snapshot.groups = Some(vec![group(name, &["kim.lee"])]);
        tenant.rollout.people.no_smartphone = declared.map(str::to_owned).into_iter().collect();
        assert_eq!(kind(&tenant), expected, "{name}");
    }
}

#[test]
fn executives_and_administrators_are_people_and_never_exempt() {
    let director = titled(seen(user("pat.jones"), 2), "Finance Director");
    let mut tenant = tenant_of(director);
    tenant.snapshot.roles = Some(vec![role("ordinary", GLOBAL_ADMINISTRATOR)]);
    let classification = classify(&tenant.facts());
    assert_eq!(classification.users[0].0, Kind::Executive);
    assert_eq!(classification.users[1].0, Kind::Administrator);
    let register = register(&tenant.facts(), &classification);
    assert!(register.accounts.iter().all(|account| !account.mfa_exempt));

    let mut by_report = tenant_of(seen(user("pat.jones"), 2));
    let mut reported = row("pat.jones", true, true, &[]);
    reported.is_admin = Some(true);
    by_report.snapshot.registrations = Some(vec![reported]);
    assert_eq!(kind(&by_report), Kind::Administrator);

    let mut eligible = role("pat.jones", GLOBAL_ADMINISTRATOR);
    eligible.active = false;
    let mut tenant = tenant_of(seen(user("pat.jones"), 2));
    tenant.snapshot.roles = Some(vec![eligible]);
    assert_eq!(kind(&tenant), Kind::Person, "eligible is not active");
}

#[test]
fn a_role_through_a_group_counts() {
    let mut through = role("x", GLOBAL_ADMINISTRATOR);
    through.principal_id = Some("group-Admins".to_owned());
    through.principal_kind = rollout::MemberKind::Group;
    let mut tenant = tenant_of(seen(user("kim.lee"), 2));
    tenant.snapshot.groups = Some(vec![group("Admins", &["kim.lee"])]);
    tenant.snapshot.roles = Some(vec![through]);
    assert_eq!(kind(&tenant), Kind::Administrator);
    assert_eq!(tenant.facts().roles_of(&account("ordinary")), Vec::<&_>::new());
}

#[test]
fn the_register_speaks_of_enabled_accounts() {
    let mut disabled = user("svc-old");
    disabled.account_enabled = Some(false);
    let mut untold = user("svc-untold");
    untold.account_enabled = None;
    let tenant = Tenant::with_users(vec![disabled, untold, user("svc-new"), seen(user("kim"), 1)]);
    let facts = tenant.facts();
    let register = register(&facts, &classify(&facts));
    let names: Vec<&str> = register.accounts.iter().map(|it| it.account.label()).collect();
    assert_eq!(names, ["svc-new@ne.example"]);
    let totals: Vec<_> = register.totals.into_iter().collect();
    assert_eq!(totals, [(Kind::Service, 1), (Kind::Person, 1)]);
    assert!(register.gaps.iter().any(|gap| gap.id == "account-enabled"));
}

#[test]
fn without_users_the_register_is_empty_and_says_why() {
    let tenant = Tenant::default();
    let facts = tenant.facts();
    let register = register(&facts, &classify(&facts));
    assert!(register.accounts.is_empty() && register.totals.is_empty());
    assert!(register.gaps.iter().any(|gap| gap.id == "users"));
}

#[test]
fn the_document() {
    let mut guest = user("ana_partner.example#EXT#");
    guest.user_type = Some(UserType::Guest);
    let mut tenant = tenant_of(user("svc-backup"));
    tenant.snapshot.users.as_mut().unwrap().push(guest);
    let facts = tenant.facts();
    let mut document = register(&facts, &classify(&facts));
    document.gaps.truncate(1);
    insta::assert_json_snapshot!(document);
}
