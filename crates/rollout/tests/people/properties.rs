//! What holds of every tenant.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rollout::exceptions::{Kind, classify, register, treatment};
use rollout::legacy::audit;
use rollout::registration::report;
use rollout::{GLOBAL_ADMINISTRATOR, MailboxKind, User, UserType};

use crate::tenant::{
    Tenant, active, days_ago, legacy, mailbox, quiet_log, registered_on, role, row, seen, user,
};

/// One account with everything that may be told of it.
#[derive(Debug, Clone)]
struct Drawn {
    name: &'static str,
    enabled: Option<bool>,
    kind: Option<UserType>,
    title: Option<&'static str>,
    seen: Option<i64>,
    created: Option<i64>,
    mailbox: Option<MailboxKind>,
    administrator: bool,
    row: Option<(bool, bool)>,
    in_log: bool,
    interactive: u64,
    ropc: bool,
    devices: u64,
    legacy: Option<&'static str>,
    registered_on: Option<&'static str>,
    confirmed: bool,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let who = (
        prop::sample::select(vec!["kim", "svc-job", "reception", "scan", "breakglass", "pat"]),
        prop::option::of(any::<bool>()),
        prop::option::of(prop::sample::select(vec![UserType::Member, UserType::Guest])),
        prop::option::of(prop::sample::select(vec!["", "CEO", "Engineer"])),
        prop::option::of(0..200_i64),
        prop::option::of(0..400_i64),
        prop::option::of(prop::sample::select(vec![
            MailboxKind::User,
            MailboxKind::Shared,
            MailboxKind::Room,
        ])),
    );
    let does = (
        any::<bool>(),
        prop::option::of((any::<bool>(), any::<bool>())),
        any::<bool>(),
        0..3_u64,
        any::<bool>(),
        0..8_u64,
        prop::option::of(prop::sample::select(vec!["IMAP4", "Authenticated SMTP"])),
        prop::option::of(prop::sample::select(vec![
            "2026-11-03T10:00:00Z",
            "2026-11-18T10:00:00Z",
            "2026-11-20T10:00:00Z",
        ])),
        any::<bool>(),
    );
    (who, does).prop_map(|(who, does)| Drawn {
        name: who.0,
        enabled: who.1,
        kind: who.2,
        title: who.3,
        seen: who.4,
        created: who.5,
        mailbox: who.6,
        administrator: does.0,
        row: does.1,
        in_log: does.2,
        interactive: does.3,
        ropc: does.4,
        devices: does.5,
        legacy: does.6,
        registered_on: does.7,
        confirmed: does.8,
    })
}

fn tenant_of(accounts: &[(usize, Drawn)]) -> Tenant {
    let mut tenant = Tenant::with_users(Vec::new()).with_log(quiet_log());
    let log = tenant.measurement.as_mut().unwrap();
    let (mut users, mut rows, mut mailboxes, mut roles, mut audits) =
        (Vec::<User>::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, drawn) in accounts {
        let name = format!("{}.{number}", drawn.name);
        let mut it = user(&name);
        if let Some(days) = drawn.seen {
            it = seen(it, days);
        }
        it.account_enabled = drawn.enabled;
        it.user_type = drawn.kind;
        it.job_title = drawn.title.map(str::to_owned);
        it.created = drawn.created.map(days_ago);
        users.push(it);
        rows.extend(drawn.row.map(|(registered, capable)| row(&name, registered, capable, &[])));
        mailboxes.extend(drawn.mailbox.map(|kind| mailbox(&name, kind)));
        audits.extend(drawn.registered_on.map(|at| registered_on(&name, at)));
        log.legacy.extend(drawn.legacy.map(|client_app| legacy(&name, client_app)));
        if drawn.administrator {
            roles.push(role(&name, GLOBAL_ADMINISTRATOR));
        }
        if drawn.confirmed {
            tenant.rollout.people.confirmed_active.push(format!("{name}@ne.example"));
        }
        if drawn.in_log {
            let mut activity = active(&name);
            activity.interactive_successes = drawn.interactive;
            activity.ropc = drawn.ropc;
            activity.devices = drawn.devices;
            log.activity.get_or_insert_default().people.push(activity);
        }
    }
    tenant.snapshot.users = Some(users);
    tenant.snapshot.registrations = Some(rows);
    tenant.snapshot.mailboxes = Some(mailboxes);
    tenant.snapshot.roles = Some(roles);
    tenant.snapshot.audits = Some(audits);
    tenant
}

/// Runs a property over many tenants, always the same ones.
fn for_every_tenant(property: impl Fn(Vec<(usize, Drawn)>) -> Result<(), TestCaseError>) {
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    let accounts = prop::collection::vec(drawn(), 0..25)
        .prop_map(|accounts| accounts.into_iter().enumerate().collect());
    TestRunner::new_with_rng(config, random).run(&accounts, property).unwrap();
}

#[test]
fn every_account_has_one_kind_and_no_person_is_exempt() {
    for_every_tenant(|accounts| {
        let tenant = tenant_of(&accounts);
        let facts = tenant.facts();
        let classification = classify(&facts);
        prop_assert_eq!(classification.users.len(), accounts.len());
        let register = register(&facts, &classification);
        let enabled = accounts.iter().filter(|(_, it)| it.enabled == Some(true)).count();
        let total: u64 = register.totals.values().sum();
        prop_assert_eq!(total, u64::try_from(enabled).unwrap());
        for account in &register.accounts {
            prop_assert!(account.kind != Kind::Person);
            prop_assert!(!(account.kind.is_person() && account.mfa_exempt));
            prop_assert!(!account.evidence.is_empty(), "{:?}", account);
        }
        Ok(())
    });
}

#[test]
fn an_administrator_is_exempt_only_where_a_mailbox_or_the_operator_says_so() {
    for_every_tenant(|accounts| {
        let tenant = tenant_of(&accounts);
        let classification = classify(&tenant.facts());
        for ((_, drawn), (kind, _)) in accounts.iter().zip(&classification.users) {
            let room = drawn.mailbox == Some(MailboxKind::Room);
            prop_assert!(!drawn.administrator || room || !treatment(*kind).mfa_exempt);
        }
        Ok(())
    });
}

#[test]
fn the_figures_of_registration_fit_together() {
    for_every_tenant(|accounts| {
        let tenant = tenant_of(&accounts);
        let facts = tenant.facts();
        let report = report(&facts, &classify(&facts));
        let people = report.denominators.in_scope_people.unwrap_or_default();
        let members = report.denominators.enabled_members.unwrap_or_default();
        let capable = report.capable.unwrap_or_default();
        prop_assert!(capable <= report.registered.unwrap_or_default());
        prop_assert!(report.registered.unwrap_or_default() <= people && people <= members);
        prop_assert!(report.denominators.unclassified.unwrap_or_default() + people <= members);
        prop_assert!(report.rate.is_none_or(|rate| (0.0..=1.0).contains(&rate)));
        if report.capable.is_some() {
            let missing = u64::try_from(report.not_capable.len()).unwrap();
            prop_assert_eq!(missing + capable, people);
            prop_assert_eq!(report.series.last().map(|point| point.capable), Some(capable));
        }
        prop_assert!(report.series.is_sorted_by_key(|point| (point.date, point.capable)));
        prop_assert!(report.series.is_sorted_by_key(|point| point.capable));
        Ok(())
    });
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    for_every_tenant(|accounts| {
        let forwards = tenant_of(&accounts);
        let reversed: Vec<_> = accounts.iter().rev().cloned().collect();
        let backwards = tenant_of(&reversed);
        let documents = |tenant: &Tenant| {
            let facts = tenant.facts();
            let classification = classify(&facts);
            serde_json::to_string(&(
                register(&facts, &classification),
                report(&facts, &classification),
                audit(&facts),
            ))
            .unwrap()
        };
        prop_assert_eq!(documents(&forwards), documents(&backwards));
        Ok(())
    });
}

#[test]
fn a_hundred_thousand_accounts_are_classified_and_counted() {
    let number = 100_000;
    let users: Vec<User> =
        (0..number).map(|it| seen(user(&format!("p{it}")), i64::from(it % 60))).collect();
    let mut tenant = Tenant::with_users(users);
    let rows = (0..number).map(|it| row(&format!("p{it}"), true, it % 3 == 0, &[])).collect();
    tenant.snapshot.registrations = Some(rows);
    let roles = (0..2000).map(|it| role(&format!("p{}", it * 7), GLOBAL_ADMINISTRATOR));
    tenant.snapshot.roles = Some(roles.collect());
    let facts = tenant.facts();
    let report = report(&facts, &classify(&facts));
    // Days 0 to 30 of 60 count as active: 1,666 whole rounds of 60, and 31 of the last 40.
    assert_eq!(report.denominators.in_scope_people, Some(1_666 * 31 + 31));
}
