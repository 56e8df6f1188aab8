//! What no file told.

use rollout::gaps::{Gap, find};
use rollout::{Group, Rollout, Snapshot};

use crate::tenant::{NOW, Tenant, days_ago, quiet_log, row, seen, time, user};

fn ids(tenant: &Tenant) -> Vec<&'static str> {
    find(&tenant.facts()).into_iter().map(|gap| gap.id).collect()
}

#[test]
fn nothing_told_is_every_collection_missing() {
    let tenant = Tenant::default();
    assert_eq!(
        ids(&tenant),
        [
            "users",
            "registration-details",
            "directory-audits",
            "groups",
            "roles",
            "mailboxes",
            "smtp-auth-settings",
            "policies",
            "named-locations",
            "security-defaults",
            "methods-policy",
            "licences",
            "organization",
            "sign-in-logs",
            "break-glass-names",
        ]
    );
}

#[test]
fn told_to_be_empty_is_no_gap() {
    let mut rollout = Rollout::default();
    rollout.break_glass.accounts = vec!["alpha@ne.example".to_owned()];
    let mut snapshot = Snapshot {
        users: Some(Vec::new()),
        groups: Some(Vec::new()),
        roles: Some(Vec::new()),
        registrations: Some(Vec::new()),
        mailboxes: Some(Vec::new()),
        audits: Some(Vec::new()),
        policies: Some(Vec::new()),
        named_locations: Some(Vec::new()),
        security_defaults: Some(false),
        methods_policy: Some(rollout::MethodsPolicy::default()),
        skus: Some(Vec::new()),
        ..Snapshot::default()
    };
    snapshot.tenant.domains = Some(Vec::new());
    snapshot.exchange.smtp_auth_disabled = Some(true);
    let tenant = Tenant { snapshot, measurement: Some(quiet_log()), rollout };
    assert_eq!(ids(&tenant), Vec::<&str>::new());
}

#[test]
fn what_users_do_not_tell() {
    let mut bare = user("kim");
    bare.account_enabled = None;
    bare.user_type = None;
    (bare.job_title, bare.manager, bare.mobile_phone) = (None, None, None);
    let tenant = Tenant::with_users(vec![bare, user("pat")]);
    let gaps = find(&tenant.facts());
    let of = |id: &str| gaps.iter().find(|gap| gap.id == id).map(|gap| gap.what.as_str());
    assert_eq!(of("account-enabled"), Some("1 of 2 users do not tell whether they are enabled."));
    assert_eq!(of("user-type"), Some("1 of 2 users tell neither member nor guest."));
    assert!(of("sign-in-activity").is_some());
    assert!(of("people-data").is_some());

    let told = Tenant::with_users(vec![seen(user("kim"), 1)]);
    for id in ["account-enabled", "user-type", "sign-in-activity", "people-data"] {
        assert!(!ids(&told).contains(&id), "{id}");
    }
}

#[test]
fn what_the_logs_do_not_tell() {
    let mut log = quiet_log();
    log.window.days_covered = 27;
    log.coverage.interactive = None;
    log.coverage.non_interactive = Some(false);
    log.coverage.authentication_protocol = false;
    log.coverage.authentication_requirement = false;
    log.coverage.records_unreadable = 3;
    log.window.to = Some(time(NOW) - jiff::SignedDuration::from_hours(24 * 9));
    let gaps = find(&Tenant::default().with_log(log).facts());
    let what: Vec<&str> = gaps
        .iter()
        .skip_while(|gap| gap.id != "days-covered")
        .take_while(|gap| gap.id != "break-glass-names")
        .map(|gap| gap.what.as_str())
        .collect();
    assert_eq!(
        what,
        [
            "The sign-in logs cover 27 of 30 days.",
            "The newest sign-in record is 9 days old.",
            "The files do not tell whether they hold interactive user sign-ins.",
            "The files hold no non-interactive user sign-ins.",
            "Not every sign-in record tells its authentication protocol.",
            "Not every sign-in record tells its authentication requirement.",
            "3 sign-in record(s) could not be read.",
        ]
    );
}

#[test]
fn the_registration_report_may_be_old_or_lack_people() {
    let mut tenant = Tenant::with_users(vec![user("kim"), user("pat")]);
    let mut old = row("kim", true, true, &[]);
    old.last_updated = Some(days_ago(3));
    tenant.snapshot.registrations = Some(vec![old]);
    let gaps = find(&tenant.facts());
    let of = |id: &str| gaps.iter().find(|gap| gap.id == id).map(|gap| gap.what.as_str());
    assert_eq!(
        of("registration-rows"),
        Some("The registration report holds no row of 1 of 2 enabled members.")
    );
    assert_eq!(
        of("registration-age"),
        Some("The oldest row of the registration report is 82 hours old (limit 36 hours).")
    );
}

#[test]
fn groups_without_members() {
    let mut tenant = Tenant::default();
    tenant.snapshot.groups = Some(vec![Group::default(), crate::tenant::group("it", &["kim"])]);
    assert!(ids(&tenant).contains(&"group-members"));
}

#[test]
fn every_gap_says_what_closes_it() {
    for gap in find(&Tenant::default().facts()) {
        assert!(gap.what.ends_with('.') && gap.so.ends_with('.'), "{}", gap.id);
        assert!(!gap.close_with.is_empty(), "{}", gap.id);
    }
}

#[test]
fn what_a_live_tenant_refused_says_exactly_what_closes_it() {
    let refused = |id: &'static str| Gap {
        id,
        what: "Refused.".to_owned(),
        so: "so".to_owned(),
        close_with: "the permission X".to_owned(),
    };
    let mut tenant = Tenant::with_users(vec![seen(user("kim"), 1)]);
    tenant.snapshot.refused = vec![refused("alerts"), refused("roles"), refused("users")];
    let gaps = find(&tenant.facts());
    let of = |id: &str| gaps.iter().find(|gap| gap.id == id).unwrap();
    // Missing, and refused: the words of both, and the permission in place of the export.
    assert_eq!(of("roles").what, "No file lists the role assignments. Refused.");
    assert_eq!(of("roles").close_with, "the permission X");
    // There all the same, from another file: what was refused stays said.
    assert_eq!(*of("users"), refused("users"));
    // Of no collection of the catalogue: last.
    assert_eq!(gaps.last(), Some(&refused("alerts")));
    assert_eq!(gaps.iter().filter(|gap| gap.id == "roles").count(), 1);
}
