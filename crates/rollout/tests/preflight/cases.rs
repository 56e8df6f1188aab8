//! One row per check that files decide: how the good tenant stands, what makes it found, and what
//! leaves it open.

use conditional_access::{ClientAppType, Locations, SessionControls, SignInFrequency, State};
use jiff::civil::date;
use rollout::exceptions::Kind;
use rollout::preflight::Verdict::{self, Inconclusive, NotApplicable, Ok};
use rollout::{GLOBAL_ADMINISTRATOR, LegacyUse, Outcomes, PerUserMfa, UserType};

use crate::world::{APPS, World, account, member, method, time};

pub struct Case {
    pub id: &'static str,
    /// The verdict in the tenant in which everything was told and nothing is wrong.
    pub good: Verdict,
    /// Makes the check found. `None`: no file can prove the finding.
    pub bad: Option<fn(&mut World)>,
    /// Takes away what decides the check.
    pub missing: fn(&mut World),
}

const fn case(
    id: &'static str,
    good: Verdict,
    bad: fn(&mut World),
    missing: fn(&mut World),
) -> Case {
    Case { id, good, bad: Some(bad), missing }
}

fn no_logs(world: &mut World) {
    world.measurement = None;
    world.legacy = None;
}

fn half_logs(world: &mut World) {
    world.logs().coverage.non_interactive = None;
}

fn no_policies(world: &mut World) {
    world.snapshot.policies = None;
}

fn no_report(world: &mut World) {
    world.snapshot.registrations = None;
}

fn strength(world: &mut World) {
    let policy = world.add_policy("strong", &[]);
    policy.grant.as_mut().unwrap().authentication_strength =
        Some("00000000-0000-0000-0000-000000000004".into());
}

fn alice_only_has(world: &mut World, methods: &[&str]) {
    world.row("alice").methods = Some(methods.iter().map(|it| (*it).to_owned()).collect());
}

pub fn cases() -> Vec<Case> {
    [break_glass(), tenant(), policies(), business(), people(), surroundings()]
        .into_iter()
        .flatten()
        .collect()
}

fn break_glass() -> Vec<Case> {
    vec![
        case("BG-01", Ok, |w| w.user("glass1").account_enabled = Some(false), World::forget_users),
        case(
            "BG-02",
            Ok,
            |w| {
                w.user("glass1").methods = Some(vec![]);
                w.row("glass1").methods = Some(vec![]);
            },
            |w| {
                w.user("glass1").methods = None;
                w.row("glass1").methods = None;
            },
        ),
        case(
            "BG-03",
            Ok,
            |w| w.policy(1).conditions.users.exclude_groups.clear(),
            |w| w.snapshot.groups = None,
        ),
        case(
            "BG-04",
            Ok,
            |w| w.group(0).assignable_to_role = Some(false),
            |w| w.group(0).owners = None,
        ),
        case(
            "BG-05",
            Ok,
            |w| w.group(0).members.as_mut().unwrap().push(member("alice")),
            |w| w.group(0).members = None,
        ),
        case(
            "BG-06",
            Ok,
            |w| w.snapshot.roles.as_mut().unwrap()[0].active = false,
            |w| w.snapshot.roles = None,
        ),
        case(
            "BG-07",
            Ok,
            |w| w.user("glass2").on_premises_sync = Some(true),
            |w| w.user("glass2").on_premises_sync = None,
        ),
        case(
            "BG-08",
            Ok,
            |w| w.rollout.break_glass.alert_tested = Some(date(2026, 6, 1)),
            |w| w.rollout.break_glass.alert_tested = None,
        ),
        case(
            "BG-09",
            Ok,
            |w| w.user("glass1").methods = Some(vec![method("fido2", Some("model-a"))]),
            |w| w.user("glass1").methods = None,
        ),
        case(
            "BG-10",
            Inconclusive,
            |w| w.user("glass1").password_never_expires = Some(false),
            World::forget_users,
        ),
        case(
            "BG-12",
            Ok,
            |w| w.method("fido2").enabled = Some(false),
            |w| w.method("fido2").key_restrictions = None,
        ),
        case(
            "BG-13",
            Ok,
            |w| {
                let rule = "user.userPrincipalName -startsWith \"glass1\"";
                w.group(1).membership_rule = Some(rule.to_owned());
            },
            |w| w.group(1).membership_rule = None,
        ),
        case(
            "BG-14",
            Ok,
            |w| {
                w.person("glass1").last_success = None;
                w.user("glass1").activity.as_mut().unwrap().last_successful =
                    Some(time("2026-01-05T08:00:00Z"));
            },
            |w| {
                w.person("glass1").last_success = None;
                w.user("glass1").activity = None;
            },
        ),
    ]
}

fn tenant() -> Vec<Case> {
    vec![
        case(
            "TN-01",
            Ok,
            |w| w.snapshot.security_defaults = Some(true),
            |w| w.snapshot.security_defaults = None,
        ),
        case("TN-02", Ok, |w| w.policy(1).state = State::Disabled, no_policies),
        case(
            "TN-04",
            Ok,
            |w| w.snapshot.skus.as_mut().unwrap()[0].enabled_units = Some(2),
            |w| w.snapshot.skus = None,
        ),
        case("TN-05", Ok, |w| w.logs().window.days_covered = 7, half_logs),
        case(
            "TN-06",
            Ok,
            |w| {
                let policy = w.add_policy("Microsoft-managed: MFA", &["mfa"]);
                policy.state = State::EnabledForReportingButNotEnforced;
            },
            |w| {
                let policy = w.add_policy("Microsoft-managed: MFA", &["mfa"]);
                policy.state = State::EnabledForReportingButNotEnforced;
                policy.created = None;
            },
        ),
        case(
            "TN-07",
            Ok,
            |w| w.user("alice").per_user_mfa = Some(PerUserMfa::Enforced),
            |w| w.user("alice").per_user_mfa = None,
        ),
        case(
            "TN-08",
            Ok,
            |w| w.row("alice").mfa_capable = Some(false),
            |w| w.snapshot.methods_policy = None,
        ),
        case(
            "TN-09",
            Ok,
            |w| {
                for _ in 0..232 {
                    w.add_policy("more", &["mfa"]);
                }
            },
            no_policies,
        ),
        case(
            "TN-10",
            Ok,
            |w| w.snapshot.exchange.modern_auth_enabled = Some(false),
            |w| w.snapshot.exchange.modern_auth_enabled = None,
        ),
        case(
            "TN-11",
            Ok,
            |w| {
                let reason = "MFA requirement skipped due to location".to_owned();
                w.activity().skipped_challenges.as_mut().unwrap().insert(reason, 3);
            },
            |w| w.activity().skipped_challenges = None,
        ),
        Case { id: "TN-12", good: Ok, bad: None, missing: |w| w.snapshot.named_locations = None },
        case(
            "TN-13",
            Ok,
            |w| {
                let azure = "797f4846-ba00-4fd7-ba43-dac1f8f63013".to_owned();
                w.add_policy("azure", &["mfa"]).conditions.applications.include = vec![azure];
            },
            no_policies,
        ),
    ]
}

fn policies() -> Vec<Case> {
    vec![
        case(
            "CA-01",
            Ok,
            |w| {
                let users = &mut w.add_policy("block", &["block"]).conditions.users;
                users.exclude_groups.clear();
                users.exclude_roles.clear();
            },
            |w| {
                w.add_policy("block", &["block"]);
                w.snapshot.groups = None;
            },
        ),
        case(
            "CA-02",
            Ok,
            |w| w.policy(1).conditions.applications.include.clear(),
            |w| {
                let users = &mut w.policy(1).conditions.users;
                users.include_users.clear();
                users.include_groups = vec!["id-nobody-told".into()];
            },
        ),
        case(
            "CA-03",
            Ok,
            |w| w.policy(2).conditions.users.include_users.push("id-gone".into()),
            World::forget_users,
        ),
        case(
            "CA-04",
            Ok,
            |w| w.policy(1).conditions.applications.exclude.push("some-app".into()),
            no_policies,
        ),
        case(
            "CA-05",
            Ok,
            |w| {
                let grant = w.add_policy("both", &["mfa", "compliantDevice"]).grant.as_mut();
                grant.unwrap().operator = Some(conditional_access::Operator::And);
            },
            no_policies,
        ),
        case(
            "CA-06",
            Ok,
            |w| {
                strength(w);
                alice_only_has(w, &["microsoftAuthenticatorPush"]);
            },
            |w| {
                strength(w);
                no_report(w);
            },
        ),
        case(
            "CA-07",
            Ok,
            |w| {
                let exclude = vec!["AllTrusted".to_owned()];
                let places = Locations { include: vec!["All".into()], exclude };
                w.policy(1).conditions.locations = Some(places);
            },
            no_policies,
        ),
        case(
            "CA-08",
            Ok,
            |w| {
                w.policy(0).state = State::Disabled;
                w.policy(1).conditions.client_app_types = vec![ClientAppType::Browser];
            },
            no_policies,
        ),
        case(
            "CA-09",
            Ok,
            |w| {
                w.policy(1).session = Some(SessionControls {
                    sign_in_frequency: Some(SignInFrequency::EveryTime),
                    ..SessionControls::default()
                });
            },
            |w| {
                w.policy(1).session = Some(SessionControls {
                    sign_in_frequency: Some(SignInFrequency::Unknown),
                    ..SessionControls::default()
                });
            },
        ),
        case(
            "CA-10",
            Ok,
            |w| {
                let policy = w.add_policy("register", &["compliantDevice"]);
                policy.conditions.applications.include.clear();
                policy.conditions.applications.user_actions =
                    vec!["urn:user:registersecurityinfo".into()];
            },
            no_policies,
        ),
        case(
            "CA-11",
            Ok,
            |w| w.policy(1).grant.as_mut().unwrap().terms_of_use.push("terms".into()),
            |w| w.policy(1).unmodelled.push("grantControls.riskRemediation".into()),
        ),
        case(
            "CA-12",
            Ok,
            |w| w.policy(1).grant.as_mut().unwrap().custom.push("other".into()),
            |w| {
                strength(w);
                no_report(w);
            },
        ),
        case(
            "CA-13",
            Inconclusive,
            |w| w.group(1).members.as_mut().unwrap().clear(),
            |w| w.rollout.pilot.group = None,
        ),
        case(
            "CA-14",
            Ok,
            |w| w.policy(1).state = State::EnabledForReportingButNotEnforced,
            no_policies,
        ),
        case(
            "CA-15",
            Ok,
            |w| w.rollout.calendar.start = Some(date(2026, 11, 1)),
            |w| w.rollout.calendar.start = None,
        ),
        case(
            "CA-16",
            Ok,
            |w| {
                roles_only(w);
                w.snapshot.roles.as_mut().unwrap()[2].active = false;
            },
            |w| {
                roles_only(w);
                w.snapshot.roles = None;
            },
        ),
        case(
            "CA-17",
            Ok,
            |w| w.policy(1).conditions.users.exclude_users.push("id-alice".into()),
            |w| {
                w.policy(1).conditions.users.exclude_users.push("id-alice".into());
                World::forget_users(w);
            },
        ),
    ]
}

fn no_legacy_block(world: &mut World) {
    world.policy(0).state = State::Disabled;
    world.policy(1).conditions.client_app_types = vec![ClientAppType::Browser];
}

fn roles_only(world: &mut World) {
    let users = &mut world.policy(1).conditions.users;
    users.include_users.clear();
    users.include_roles = vec![GLOBAL_ADMINISTRATOR.into()];
}

fn business() -> Vec<Case> {
    vec![
        case(
            "NH-01",
            Ok,
            |w| w.person("alice").ropc = true,
            |w| {
                w.logs().coverage.authentication_protocol = false;
            },
        ),
        case(
            "NH-02",
            Inconclusive,
            |w| {
                w.person("alice").apps =
                    ["Office 365 Exchange Online", "Microsoft Power Automate"].into();
            },
            half_logs,
        ),
        case("NH-03", Ok, |w| w.uses(APPS[1]), |w| w.activity().by_app.clear()),
        case(
            "NH-04",
            Ok,
            |w| {
                w.person("alice").device_code = true;
                let policy = w.add_policy("flows", &["block"]);
                policy.conditions.authentication_flows = vec!["deviceCodeFlow".into()];
            },
            |w| {
                w.person("alice").device_code = true;
                no_policies(w);
            },
        ),
        case(
            "NH-05",
            Ok,
            |w| w.policy(1).conditions.users.exclude_roles.clear(),
            |w| w.snapshot.roles = None,
        ),
        case("NH-08", Inconclusive, |w| w.logs().workload_sign_ins = 9, no_logs),
        case(
            "NH-09",
            Ok,
            |w| w.user("shared").account_enabled = Some(true),
            |w| w.snapshot.mailboxes = None,
        ),
        case("LA-01", Ok, |w| w.depends_on("Authenticated SMTP"), no_logs),
        case("LA-02", Ok, |w| w.depends_on("MAPI Over HTTP"), half_logs),
        case("LA-03", Ok, |w| w.depends_on("Exchange ActiveSync"), half_logs),
        case(
            "LA-04",
            Ok,
            |w| {
                w.user("alice").per_user_mfa = Some(PerUserMfa::Enforced);
                w.depends_on("IMAP4");
            },
            |w| {
                w.user("alice").per_user_mfa = None;
                w.depends_on("IMAP4");
            },
        ),
        case(
            "LA-05",
            Ok,
            |w| {
                w.logs().legacy.push(LegacyUse {
                    account: account("alice"),
                    succeeded: 2,
                    days: [date(2026, 9, 30), date(2026, 10, 31)].into(),
                    ..LegacyUse::default()
                });
            },
            |w| w.logs().window.days_covered = 30,
        ),
        case(
            "LA-06",
            Inconclusive,
            |w| {
                let used = Outcomes { succeeded: 3, ..Outcomes::default() };
                w.activity().by_client_app.insert("Exchange Web Services".to_owned(), used);
            },
            no_logs,
        ),
        case("LA-07", Ok, |w| w.logs().totals.legacy_failures = 800, half_logs),
        case("LA-08", Ok, no_legacy_block, |w| {
            no_legacy_block(w);
            w.snapshot.security_defaults = None;
        }),
        case(
            "LA-09",
            Ok,
            |w| {
                w.snapshot.mailboxes.as_mut().unwrap()[2].smtp_auth_disabled = Some(Some(false));
            },
            |w| w.snapshot.exchange.smtp_auth_disabled = None,
        ),
        case(
            "LA-10",
            Inconclusive,
            |w| w.snapshot.exchange.reject_direct_send = Some(false),
            |w| w.snapshot.exchange.reject_direct_send = None,
        ),
    ]
}

fn people() -> Vec<Case> {
    vec![
        case(
            "RG-01",
            Ok,
            |w| {
                w.policy(1).state = State::Disabled;
                w.row("alice").mfa_registered = Some(false);
            },
            |w| {
                w.policy(1).state = State::Disabled;
                no_report(w);
            },
        ),
        case(
            "RG-02",
            Ok,
            |w| {
                let policy = w.snapshot.methods_policy.as_mut().unwrap();
                policy.campaign.as_mut().unwrap().state = Some("default".into());
            },
            |w| w.snapshot.methods_policy.as_mut().unwrap().campaign = None,
        ),
        case(
            "RG-03",
            Ok,
            |w| {
                w.row("alice").mfa_registered = Some(false);
                w.person("alice").last_interactive = None;
            },
            half_logs,
        ),
        case(
            "RG-04",
            Inconclusive,
            |w| {
                w.activity().by_code.insert(53004, 2);
            },
            |w| w.activity().by_code.clear(),
        ),
        case(
            "RG-05",
            Ok,
            |w| {
                w.method("fido2").enabled = Some(false);
                w.method("microsoftauthenticator").include = Some(vec!["id-glass-group".into()]);
            },
            |w| {
                w.method("fido2").enabled = Some(false);
                w.method("microsoftauthenticator").include = None;
            },
        ),
        case(
            "RG-06",
            Ok,
            |w| alice_only_has(w, &["passKeyDeviceBound"]),
            |w| {
                w.row("alice").methods = None;
            },
        ),
        case("RG-07", Ok, |w| w.row("alice").mfa_capable = Some(false), no_report),
        case(
            "RG-08",
            Ok,
            |w| w.row("alice").last_updated = Some(time("2026-10-25T08:00:00Z")),
            |w| w.row("alice").last_updated = None,
        ),
        case(
            "RG-09",
            Ok,
            |w| w.row("bob").mfa_capable = Some(false),
            |w| {
                w.snapshot.roles = None;
            },
        ),
        case("RG-10", Ok, |w| alice_only_has(w, &["mobilePhone", "email"]), no_report),
        case(
            "RG-11",
            Ok,
            |w| {
                w.kinds[2] = Kind::Dormant;
                w.row("alice").mfa_registered = Some(false);
            },
            |w| w.kinds[2] = Kind::Unclassified,
        ),
        case(
            "RG-12",
            Ok,
            |w| w.method("temporaryaccesspass").enabled = Some(false),
            |w| {
                w.method("temporaryaccesspass").include = None;
            },
        ),
        case(
            "RG-14",
            Ok,
            |w| w.row("dana").mfa_capable = Some(false),
            |w| {
                w.rollout.people.on_leave.clear();
            },
        ),
        case("RG-15", Ok, |w| alice_only_has(w, &["softwareOneTimePasscode"]), no_report),
        case(
            "UM-01",
            Ok,
            |w| w.user("alice").methods = Some(vec![method("microsoftAuthenticator", None); 2]),
            |w| w.user("alice").methods = None,
        ),
        case(
            "UM-04",
            Ok,
            |w| w.row("carol").mfa_capable = Some(false),
            |w| {
                w.rollout.people.no_smartphone.clear();
            },
        ),
        case(
            "UM-09",
            Ok,
            |w| w.user("alice").methods = Some(vec![method("fido2", None)]),
            |w| w.user("alice").methods = None,
        ),
        case("UM-13", Ok, |w| w.kinds[2] = Kind::SharedLogin, no_logs),
        case(
            "UM-14",
            Ok,
            |w| {
                w.row("alice").default_method = Some("voiceOffice".into());
                w.row("alice").system_preferred = Some(false);
            },
            |w| w.row("alice").default_method = None,
        ),
    ]
}

fn surroundings() -> Vec<Case> {
    vec![
        case("DV-01", Ok, |w| w.policy(1).conditions.users.exclude_users.clear(), no_policies),
        case(
            "DV-02",
            Inconclusive,
            |w| {
                w.user("alice").created = Some(time("2026-10-28T08:00:00Z"));
                w.row("alice").mfa_registered = Some(false);
            },
            |w| w.user("alice").created = None,
        ),
        case(
            "DV-03",
            Ok,
            |w| {
                w.snapshot.device_join_needs_mfa = Some(true);
                let applications = &mut w.add_policy("join", &["mfa"]).conditions.applications;
                applications.include.clear();
                applications.user_actions = vec!["urn:user:registerdevice".into()];
            },
            |w| w.snapshot.device_join_needs_mfa = None,
        ),
        case("DV-04", Ok, |w| w.uses(APPS[8]), half_logs),
        case("DV-05", Ok, |w| w.uses(APPS[4]), |w| w.activity().by_app.clear()),
        case(
            "DV-08",
            Ok,
            |w| w.policy(2).state = State::EnabledForReportingButNotEnforced,
            no_policies,
        ),
        case(
            "DV-09",
            Ok,
            |w| {
                w.activity().trust_types.as_mut().unwrap().insert(String::new(), 40);
            },
            |w| w.activity().trust_types = None,
        ),
        case(
            "EX-01",
            Ok,
            |w| {
                w.snapshot.inbound_mfa_trusted = Some(false);
                w.user("alice").user_type = Some(UserType::Guest);
            },
            |w| {
                w.snapshot.inbound_mfa_trusted = None;
                w.user("alice").user_type = Some(UserType::Guest);
            },
        ),
        case(
            "EX-02",
            Ok,
            |w| {
                strength(w);
                w.user("alice").user_type = Some(UserType::Guest);
            },
            |w| {
                strength(w);
                World::forget_users(w);
            },
        ),
        case(
            "EX-03",
            Ok,
            |w| w.snapshot.inbound_mfa_trusted = Some(false),
            |w| w.snapshot.inbound_mfa_trusted = None,
        ),
        case(
            "EX-04",
            Ok,
            |w| {
                let types = w.activity().cross_tenant_types.as_mut().unwrap();
                types.insert("serviceProvider".into(), 7);
            },
            |w| w.activity().cross_tenant_types = None,
        ),
        case("EX-06", Ok, |w| w.row("alice").user_type = Some(UserType::Guest), no_report),
        case(
            "HY-03",
            NotApplicable,
            |w| w.snapshot.tenant.domains.as_mut().unwrap()[0].federated = Some(true),
            |w| w.snapshot.tenant.domains = None,
        ),
        case(
            "HY-05",
            Ok,
            |w| {
                w.activity().trust_types =
                    Some([(String::new(), 90), ("Joined".into(), 10)].into());
            },
            |w| w.snapshot.tenant.on_premises_sync = None,
        ),
        case(
            "HY-07",
            Inconclusive,
            |w| w.policy(1).grant.as_mut().unwrap().custom.push("other".into()),
            no_policies,
        ),
        case(
            "AT-01",
            Ok,
            |w| {
                w.audit("Reset user password", "2026-10-30T10:00:00Z", "bob");
                w.audit("User registered security info", "2026-10-30T10:20:00Z", "alice");
            },
            |w| w.audit("User registered security info", "2026-10-30T10:20:00Z", "alice"),
        ),
        case("AT-02", Ok, |w| w.person("alice").challenge_failures = 9, half_logs),
        case(
            "AT-06",
            Ok,
            |w| {
                w.activity().by_code.insert(50126, 5000);
            },
            |w| w.activity().by_code.clear(),
        ),
        case(
            "OP-02",
            Inconclusive,
            |w| w.now = time("2026-12-01T12:00:00Z"),
            |w| w.snapshot.methods_policy = None,
        ),
        case(
            "OP-04",
            Ok,
            |w| w.now = time("2026-12-01T12:00:00Z"),
            |w| {
                w.logs().coverage.authentication_requirement = false;
            },
        ),
        case("OP-05", Inconclusive, |w| w.snapshot.roles = None, |w| *w = World::empty()),
        case(
            "OP-06",
            Ok,
            |w| {
                w.audit("Update conditional access policy", "2026-10-30T10:00:00Z", "alice");
                w.audit("Update conditional access policy", "2026-10-30T11:00:00Z", "bob");
            },
            |w| w.snapshot.audits = Some(Vec::new()),
        ),
        case(
            "OP-07",
            Ok,
            |w| w.user("alice").manager = Some(String::new()),
            |w| w.user("alice").manager = None,
        ),
    ]
}
