//! The legacy-authentication audit.

use std::collections::BTreeSet;

use jiff::civil::date;
use rollout::legacy::{Dependency, LegacyAudit, audit};
use rollout::{LegacyDecision, LegacyUse, MailboxKind, PerUserMfa};

use crate::tenant::{Tenant, days_ago, legacy, mailbox, quiet_log, row, titled, user};

fn tenant_of(uses: Vec<LegacyUse>) -> Tenant {
    let mut log = quiet_log();
    log.legacy = uses;
    Tenant::default().with_log(log)
}

fn audited(tenant: &Tenant) -> LegacyAudit {
    audit(&tenant.facts()).unwrap()
}

fn only(tenant: &Tenant) -> Dependency {
    let mut dependencies = audited(tenant).dependencies;
    assert_eq!(dependencies.len(), 1);
    dependencies.remove(0)
}

/// Cause and finding of one use of `kim.lee` with what the case changes.
fn cause_of(name: &str, client_app: &str, change: impl Fn(&mut LegacyUse)) -> (String, String) {
    let mut legacy = legacy(name, client_app);
    change(&mut legacy);
    let dependency = only(&tenant_of(vec![legacy]));
    (dependency.cause.to_owned(), dependency.finding.unwrap_or("-").to_owned())
}

fn agent(text: &str) -> BTreeSet<String> {
    BTreeSet::from([text.to_owned()])
}

#[test]
fn without_a_log_there_is_no_audit() {
    assert_eq!(audit(&Tenant::default().facts()), None);
}

#[test]
fn where_the_evidence_does_not_tell_the_cause_is_unknown() {
    for client_app in
        ["Authenticated SMTP", "IMAP4", "POP3", "Other clients", "AutoDiscover", "Of tomorrow"]
    {
        let dependency = only(&tenant_of(vec![legacy("kim.lee", client_app)]));
        assert_eq!(dependency.cause, "unknown", "{client_app}");
        assert_eq!(dependency.finding, None, "{client_app}");
        assert!(dependency.remedy.starts_with("Look "), "{client_app}: {}", dependency.remedy);
        assert_eq!(dependency.evidence, [format!("client app `{client_app}`")]);
    }
    let replayed = cause_of("kim.lee", "Other clients", |it| {
        it.protocol = Some("ropc".to_owned());
        it.user_agents = agent("BAV2ROPC");
    });
    assert_eq!(replayed, ("unknown".to_owned(), "-".to_owned()));
}

#[test]
fn smtp_of_printers_and_of_applications() {
    let printer = ("printer-smtp".to_owned(), "LA-01".to_owned());
    for name in ["scanner", "mfp-floor2", "scan2mail", "printer03", "copier.north"] {
        assert_eq!(cause_of(name, "Authenticated SMTP", |_| {}), printer, "{name}");
    }
    let by_device = cause_of("kim.lee", "SMTP", |it| it.device = Some("MFP-02".to_owned()));
    assert_eq!(by_device, printer);
    let by_agent =
        cause_of("kim.lee", "Other clients; SMTP", |it| it.user_agents = agent("Scanner/2.1"));
    assert_eq!(by_agent, printer);
    assert_ne!(cause_of("sara.scanlon", "SMTP", |_| {}), printer, "part of a word");
    assert_ne!(cause_of("scanner", "IMAP4", |_| {}), printer, "a printer does not read mail");

    let application = ("application-smtp".to_owned(), "LA-01".to_owned());
    assert_eq!(cause_of("alerts", "Authenticated SMTP", |_| {}), application);
    let library = |it: &mut LegacyUse| it.user_agents = agent("Python-smtplib/3.11");
    assert_eq!(cause_of("kim.lee", "Authenticated SMTP", library), application);
}

#[test]
fn evidence_by_name_is_called_that() {
    let dependency = only(&tenant_of(vec![legacy("scanner", "Authenticated SMTP")]));
    assert!(dependency.evidence.iter().any(|it| it.contains("name only")), "{dependency:?}");
}

#[test]
fn a_name_says_nothing_where_a_person_is_told_behind_it() {
    let mut tenant = tenant_of(vec![legacy("erp", "IMAP4")]);
    assert_eq!(only(&tenant).cause, "line-of-business-imap");
    tenant.snapshot.users = Some(vec![titled(user("erp"), "Engineer")]);
    assert_eq!(only(&tenant).cause, "unknown");
}

#[test]
fn line_of_business_mail() {
    let imap = ("line-of-business-imap".to_owned(), "LA-01".to_owned());
    let pop = ("line-of-business-pop".to_owned(), "LA-01".to_owned());
    assert_eq!(cause_of("erp", "IMAP4", |_| {}), imap);
    assert_eq!(cause_of("erp.orders", "POP3", |_| {}), pop);
    let on_server = |it: &mut LegacyUse| it.device = Some("ERP-SRV01".to_owned());
    assert_eq!(cause_of("kim.lee", "IMAP4", on_server), imap);
    let steady = |it: &mut LegacyUse| {
        it.hours = 0x00FF_FFFF;
        it.days = (1..=7).map(|day| date(2026, 11, day)).collect();
    };
    assert_eq!(cause_of("kim.lee", "IMAP4", steady), imap);
    let briefly = |it: &mut LegacyUse| {
        it.hours = 0x00FF_FFFF;
        it.days = (1..=2).map(|day| date(2026, 11, day)).collect();
    };
    assert_eq!(cause_of("kim.lee", "IMAP4", briefly).0, "unknown");
}

#[test]
fn two_weak_signs_of_a_program_make_one() {
    let mut weekend = legacy("kim.lee", "IMAP4");
    weekend.days = (1..=8).map(|day| date(2026, 11, day)).collect();
    let mut tenant = tenant_of(vec![weekend]);
    tenant.snapshot.users = Some(vec![user("kim.lee")]);
    assert_eq!(only(&tenant).cause, "unknown", "one sign");
    tenant.snapshot.mailboxes = Some(vec![mailbox("kim.lee", MailboxKind::Shared)]);
    assert_eq!(only(&tenant).cause, "line-of-business-imap");
}

#[test]
fn people_who_read_a_shared_mailbox_with_its_password() {
    for (client_app, cause) in [("IMAP4", "shared-mailbox-imap"), ("POP3", "shared-mailbox-pop")] {
        let mut used = legacy("accounts", client_app);
        used.user_agents = agent("BAV2ROPC");
        used.device = Some("Windows 10, Thunderbird".to_owned());
        let mut tenant = tenant_of(vec![used.clone()]);
        tenant.snapshot.users = Some(vec![user("accounts")]);
        assert!(only(&tenant).cause.starts_with("mail-program"), "nobody says that it is shared");
        tenant.snapshot.mailboxes = Some(vec![mailbox("accounts", MailboxKind::Shared)]);
        let dependency = only(&tenant);
        assert_eq!((dependency.cause, dependency.finding), (cause, Some("NH-09")));
        let rows = ["shared mailbox", "device `Windows 10, Thunderbird` holds `thunderbird`"];
        assert!(dependency.evidence.ends_with(&rows.map(str::to_owned)), "{dependency:?}");
        used.device = Some("THUNDERBIRD".to_owned());
        tenant.measurement.as_mut().unwrap().legacy = vec![used];
        assert_eq!(only(&tenant).cause, "unknown", "the name of a computer tells nothing");
    }
}

#[test]
fn nobody_is_sent_from_imap_to_exchange_web_services() {
    for client_app in ["IMAP4", "POP3"] {
        let remedy = only(&tenant_of(vec![legacy("erp", client_app)])).remedy;
        assert!(remedy.contains("Do not move it to Exchange Web Services"), "{remedy}");
    }
}

#[test]
fn outlook_old_and_set_back() {
    let old = ("old-outlook".to_owned(), "LA-02".to_owned());
    let agent_15 = "Microsoft Office/15.0 (Windows NT 10.0; Microsoft Outlook 15.0.4569; Pro)";
    let agent_16 = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)";
    assert_eq!(cause_of("kim", "MAPI Over HTTP", |_| {}), old);
    assert_eq!(cause_of("kim", "Outlook Anywhere (RPC over HTTP)", |_| {}), old);
    assert_eq!(cause_of("kim", "Other clients", |it| it.user_agents = agent(agent_15)), old);
    let set_back = cause_of("kim", "MAPI Over HTTP", |it| it.user_agents = agent(agent_16));
    assert_eq!(set_back, ("outlook-modern-authentication-off".to_owned(), "LA-02".to_owned()));
    let windows_mail = ("windows-mail".to_owned(), "LA-03".to_owned());
    assert_eq!(cause_of("kim", "Outlook Service", |_| {}), windows_mail);
}

#[test]
fn phones_on_activesync() {
    let phone = ("phone-activesync".to_owned(), "LA-03".to_owned());
    let app = "Exchange ActiveSync";
    assert_eq!(cause_of("kim", app, |it| it.operating_system = Some("Ios 17".to_owned())), phone);
    assert_eq!(cause_of("kim", app, |it| it.device = Some("Galaxy S9".to_owned())), phone);
    assert_eq!(cause_of("kim", app, |it| it.user_agents = agent("Apple-iPhone12C1/2001")), phone);
    assert_eq!(cause_of("kim", app, |_| {}), phone);
    let windows = cause_of("kim", app, |it| it.operating_system = Some("Windows 10".to_owned()));
    assert_eq!(windows.0, "windows-mail");
    let strange = cause_of("kim", app, |it| it.user_agents = agent("Gateway/1.0"));
    assert_eq!(strange.0, "unknown");

    let mut room = tenant_of(vec![legacy("oak", app)]);
    room.snapshot.users = Some(vec![user("oak")]);
    room.snapshot.mailboxes = Some(vec![mailbox("oak", MailboxKind::Room)]);
    assert_eq!(only(&room).cause, "unknown");
}

#[test]
fn mail_programs_of_people() {
    let thunderbird = |it: &mut LegacyUse| it.user_agents = agent("Thunderbird/102.0");
    for (client_app, cause) in [
        ("IMAP4", "mail-program-imap"),
        ("POP3", "mail-program-pop"),
        ("Authenticated SMTP", "mail-program-smtp"),
        ("Other clients", "mail-program"),
    ] {
        let expected = (cause.to_owned(), "LA-03".to_owned());
        assert_eq!(cause_of("kim", client_app, thunderbird), expected, "{client_app}");
    }
}

#[test]
fn programs_beyond_mail() {
    let ropc = |it: &mut LegacyUse| it.protocol = Some("ropc".to_owned());
    let modern = "Mobile Apps and Desktop clients";
    let cases = [
        (cause_of("kim", "Exchange Web Services", |_| {}), "ews-retirement", "LA-06"),
        (cause_of("kim", "Exchange Online PowerShell", |_| {}), "powershell-basic", "NH-03"),
        (cause_of("kim", "Reporting Web Services", |_| {}), "reporting-web-services", "NH-03"),
        (cause_of("kim", modern, ropc), "script-ropc", "NH-01"),
        (
            cause_of("kim", modern, |it| {
                ropc(it);
                it.app_id = Some("1950a258-227b-4e31-a9cf-717495945fc2".to_owned());
            }),
            "powershell-basic",
            "NH-03",
        ),
        (
            cause_of("sync", modern, |it| {
                ropc(it);
                it.app = Some("Microsoft Azure Active Directory Connect".to_owned());
            }),
            "directory-synchronization",
            "NH-05",
        ),
        (
            cause_of("kim", modern, |it| {
                ropc(it);
                it.app = Some("Office 365 Exchange Online".to_owned());
            }),
            "unknown",
            "-",
        ),
    ];
    for (found, cause, finding) in cases {
        assert_eq!(found, (cause.to_owned(), finding.to_owned()));
    }
}

#[test]
fn app_passwords() {
    let mut tenant = tenant_of(vec![legacy("kim.lee", "IMAP4")]);
    let mut holder = user("kim.lee");
    holder.per_user_mfa = Some(PerUserMfa::Enabled);
    tenant.snapshot.users = Some(vec![holder.clone()]);
    assert_eq!(only(&tenant).cause, "unknown", "Enabled still lets the password in");
    holder.per_user_mfa = Some(PerUserMfa::Enforced);
    tenant.snapshot.users = Some(vec![holder]);
    assert_eq!((only(&tenant).cause, only(&tenant).finding), ("app-password", Some("LA-04")));

    let mut tenant = tenant_of(vec![legacy("kim.lee", "IMAP4")]);
    tenant.snapshot.registrations = Some(vec![row("kim.lee", true, true, &["appPassword"])]);
    assert_eq!(only(&tenant).cause, "app-password");
}

#[test]
fn the_effective_setting_of_smtp_auth_is_evidence() {
    let cases = [
        (Some(Some(false)), None, Some("SMTP AUTH is enabled on the mailbox")),
        (
            Some(None),
            Some(true),
            Some("SMTP AUTH of the mailbox follows the organisation: disabled"),
        ),
        (
            Some(None),
            None,
            Some("SMTP AUTH of the mailbox follows the organisation, whose setting no file tells"),
        ),
        (None, Some(true), None),
    ];
    for (of_mailbox, of_organisation, expected) in cases {
        let mut tenant = tenant_of(vec![legacy("scanner", "Authenticated SMTP")]);
        tenant.snapshot.users = Some(vec![user("scanner")]);
        let mut scanner = mailbox("scanner", MailboxKind::User);
        scanner.smtp_auth_disabled = of_mailbox;
        tenant.snapshot.mailboxes = Some(vec![scanner]);
        tenant.snapshot.exchange.smtp_auth_disabled = of_organisation;
        let evidence = only(&tenant).evidence;
        let found = evidence.iter().find(|it| it.starts_with("SMTP AUTH"));
        assert_eq!(found.map(String::as_str), expected);
    }
}

#[test]
fn failures_alone_are_no_dependency() {
    let mut sprayed = legacy("kim.lee", "IMAP4");
    sprayed.succeeded = 0;
    sprayed.failed = 5000;
    let mut tenant = tenant_of(vec![sprayed, legacy("erp", "IMAP4")]);
    tenant.measurement.as_mut().unwrap().totals.legacy_failures = 5000;
    let audit = audited(&tenant);
    assert_eq!(audit.dependencies.len(), 1);
    assert_eq!((audit.totals.dependencies, audit.totals.users), (1, 1));
    assert_eq!(audit.totals.legacy_failures, 5000);
}

#[test]
fn sorted_by_successes_then_user() {
    let with = |name: &str, succeeded: u64| {
        let mut it = legacy(name, "IMAP4");
        it.succeeded = succeeded;
        it
    };
    let tenant = tenant_of(vec![with("b", 5), with("c", 90), with("A", 5), with("c2", 7)]);
    let audit = audited(&tenant);
    let names: Vec<&str> = audit.dependencies.iter().map(|it| it.account.label()).collect();
    assert_eq!(names, ["c@ne.example", "c2@ne.example", "A@ne.example", "b@ne.example"]);
}

#[test]
fn two_names_of_one_account_are_one_dependency() {
    let mut guest = user("ana_partner.example#EXT#");
    guest.account.user_id = Some("guest-id".to_owned());
    let mut by_id = legacy("ana", "IMAP4");
    by_id.account.user_id = Some("guest-id".to_owned());
    by_id.ip_addresses = 3;
    let mut by_home = legacy("ana", "imap4");
    by_home.account.user_id = None;
    by_home.account.user_principal_name = Some("ana@partner.example".to_owned());
    by_home.first_seen = Some(days_ago(25));
    by_home.failed = 4;
    by_home.protocol = Some("ropc".to_owned());
    let mut tenant = tenant_of(vec![by_home, by_id]);
    tenant.snapshot.users = Some(vec![guest.clone()]);
    let audit = audited(&tenant);
    assert_eq!((audit.totals.dependencies, audit.totals.users), (1, 1));
    let dependency = &audit.dependencies[0];
    assert_eq!(dependency.account, guest.account);
    assert_eq!((dependency.succeeded, dependency.failed, dependency.ip_addresses), (20, 4, 3));
    assert_eq!(dependency.first_seen, Some(days_ago(25)));
    assert_eq!(dependency.protocol.as_deref(), Some("ropc"));
}

#[test]
fn one_users_two_devices_are_two_dependencies_of_one_user() {
    let mut other = legacy("kim", "IMAP4");
    other.device = Some("LAPTOP-7".to_owned());
    let audit = audited(&tenant_of(vec![legacy("kim", "IMAP4"), other]));
    assert_eq!((audit.totals.dependencies, audit.totals.users), (2, 1));
}

#[test]
fn owner_and_decision_come_from_the_settings() {
    let entry = |user: &str, client_app: &str, decision: &str| LegacyDecision {
        user: user.to_owned(),
        client_app: client_app.to_owned(),
        owner: Some("Pat Jones".to_owned()),
        decision: Some(decision.to_owned()),
        due: Some(date(2026, 12, 1)),
    };
    let mut tenant =
        tenant_of(vec![legacy("erp", "IMAP4"), legacy("erp", "POP3"), legacy("kim", "IMAP4")]);
    tenant.rollout.legacy = vec![
        entry("ERP@ne.example", "", "replace"),
        entry("id-erp", "imap4", "vendor update"),
        entry("", "IMAP4", "never matches"),
    ];
    let decisions: Vec<_> = audited(&tenant)
        .dependencies
        .into_iter()
        .map(|it| (it.client_app.unwrap(), it.decision, it.due))
        .collect();
    let due = Some(date(2026, 12, 1));
    assert_eq!(
        decisions,
        [
            ("IMAP4".to_owned(), Some("vendor update".to_owned()), due),
            ("POP3".to_owned(), Some("replace".to_owned()), due),
            ("IMAP4".to_owned(), None, None),
        ]
    );
}

#[test]
fn the_audit_says_what_it_could_not_see() {
    let mut tenant = tenant_of(Vec::new());
    tenant.measurement.as_mut().unwrap().coverage.non_interactive = Some(false);
    tenant.measurement.as_mut().unwrap().window.days_covered = 27;
    let ids: Vec<&str> = audited(&tenant).gaps.iter().map(|gap| gap.id).collect();
    let expected =
        ["users", "mailboxes", "smtp-auth-settings", "days-covered", "non-interactive-sign-ins"];
    assert_eq!(ids, expected);
}

#[test]
fn the_document() {
    let mut printer = legacy("scanner", "Authenticated SMTP");
    printer.device = Some("MFP-02".to_owned());
    printer.app = Some("Office 365 Exchange Online".to_owned());
    let mut tenant = tenant_of(vec![printer]);
    tenant.measurement.as_mut().unwrap().totals.sign_ins = 1000;
    let mut document = audited(&tenant);
    document.gaps.clear();
    insta::assert_json_snapshot!(document);
}
