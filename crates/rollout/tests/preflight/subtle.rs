//! A wrong `ok` is worse than a crash: states that look fine and are not.

use conditional_access::{Locations, Platforms, State};
use rollout::exceptions::Kind;
use rollout::preflight::Verdict;
use rollout::{GLOBAL_ADMINISTRATOR, Member, MemberKind, PerUserMfa};

use crate::world::{APPS, SYNC_ROLE, World, dependency, role, time};

/// Check, what is subtly wrong, and how.
type Subtle = (&'static str, &'static str, fn(&mut World));

fn group_member(id: &str) -> Member {
    Member { id: Some(id.to_owned()), user_principal_name: None, kind: MemberKind::Group }
}

fn twelve_days(world: &mut World) {
    world.logs().window.days_covered = 12;
}

const BREAK_GLASS: &[Subtle] = &[
    ("BG-01", "the users do not tell who is enabled", |w| w.user("glass1").account_enabled = None),
    ("BG-01", "Global Administrator of one is eligible only", |w| {
        w.snapshot.roles.as_mut().unwrap()[1].active = false;
    }),
    ("BG-02", "the one key told is a phone", |w| {
        w.user("glass2").methods.as_mut().unwrap().retain(|it| !it.kind.starts_with("fido2"));
        w.row("glass2").methods = Some(vec!["microsoftAuthenticatorPush".into()]);
    }),
    ("BG-03", "excluded by a role held as eligible only", |w| {
        let users = &mut w.policy(1).conditions.users;
        users.exclude_groups.clear();
        users.exclude_roles = vec![GLOBAL_ADMINISTRATOR.into(), SYNC_ROLE.into()];
        w.snapshot.roles.as_mut().unwrap()[0].active = false;
    }),
    ("BG-03", "a nested group on the way was not told", |w| {
        w.group(0).members = Some(vec![group_member("id-untold")]);
    }),
    ("BG-03", "the exclusion group is told without its members", |w| w.group(0).members = None),
    ("BG-03", "a policy of unknown state excludes nobody", |w| {
        let policy = w.add_policy("odd", &["mfa"]);
        policy.state = State::Unknown;
        policy.conditions.users.exclude_groups.clear();
    }),
    ("BG-05", "a nested group in it was not told", |w| {
        w.group(0).members.as_mut().unwrap().push(group_member("id-untold"));
    }),
    ("BG-06", "the role ends", |w| {
        w.snapshot.roles.as_mut().unwrap()[0].ends = Some(time("2027-01-01T00:00:00Z"));
    }),
    ("BG-07", "no word on synchronisation", |w| w.user("glass1").on_premises_sync = None),
    ("BG-12", "the passkey method is for another group", |w| {
        w.method("fido2").include = Some(vec!["id-pilot".into()]);
    }),
    ("BG-14", "only failures were seen", |w| {
        w.person("glass1").last_success = None;
        w.user("glass1").activity.as_mut().unwrap().last_successful = None;
    }),
];

const TENANT: &[Subtle] = &[
    ("TN-02", "MFA for everyone is Report-only", |w| {
        w.policy(1).state = State::EnabledForReportingButNotEnforced;
    }),
    ("TN-04", "the licence is suspended", |w| {
        w.snapshot.skus.as_mut().unwrap()[0].usable = Some(false);
    }),
    ("TN-04", "whether the licence is suspended was not told", |w| {
        w.snapshot.skus.as_mut().unwrap()[0].usable = None;
    }),
    ("TN-05", "twelve of the days asked", twelve_days),
    ("TN-06", "a managed policy of unknown state", |w| {
        w.add_policy("Microsoft-managed: MFA", &["mfa"]).state = State::Unknown;
    }),
    ("TN-07", "one user's state was not told", |w| w.user("bob").per_user_mfa = None),
    ("TN-08", "one row does not tell whether it is capable", |w| {
        w.row("alice").mfa_capable = None;
    }),
    ("TN-11", "twelve of the days asked", twelve_days),
    ("TN-11", "some successes tell nothing about their steps", |w| {
        w.activity().skipped_challenges = Some([(String::new(), 3)].into());
    }),
];

const POLICIES: &[Subtle] = &[
    ("CA-01", "a block for every platform and every place, excluding nobody", |w| {
        let policy = w.add_policy("block", &["block"]);
        policy.conditions.users.exclude_groups.clear();
        policy.conditions.users.exclude_roles.clear();
        policy.conditions.platforms =
            Some(Platforms { include: vec!["all".into()], exclude: Vec::new() });
        policy.conditions.locations =
            Some(Locations { include: vec!["All".into()], exclude: Vec::new() });
    }),
    ("CA-01", "a block narrowed by something nobody read", |w| {
        let policy = w.add_policy("block", &["block"]);
        policy.conditions.users.exclude_groups.clear();
        policy.conditions.users.exclude_roles.clear();
        policy.unmodelled.push("conditions.times".into());
    }),
    ("CA-04", "a policy with a condition nobody read", |w| {
        w.policy(1).unmodelled.push("conditions.times".into());
    }),
    ("CA-14", "the policy is narrowed by something nobody read", |w| {
        w.policy(1).unmodelled.push("conditions.times".into());
    }),
    ("CA-14", "the policy is for people at insider risk", |w| {
        w.policy(1).conditions.insider_risk_levels = vec!["elevated".into()];
    }),
    ("CA-14", "the policy is for service principals at risk", |w| {
        w.policy(1).conditions.service_principal_risk_levels = vec!["high".into()];
    }),
    ("TN-02", "MFA for everyone is for people at insider risk", |w| {
        w.policy(1).conditions.insider_risk_levels = vec!["minor".into()];
    }),
    ("CA-14", "no policy was made yet", |w| w.snapshot.policies = Some(Vec::new())),
    ("CA-16", "the policy for all users excludes an administrator", |w| {
        w.policy(1).conditions.users.exclude_users.push("id-bob".into());
    }),
    ("CA-16", "the policy for all users excludes the role", |w| {
        w.policy(1).conditions.users.exclude_roles.push(GLOBAL_ADMINISTRATOR.into());
    }),
    ("CA-16", "the policy for all users excludes a group nobody told", |w| {
        w.policy(1).conditions.users.exclude_groups.push("id-untold".into());
    }),
    ("CA-17", "the policy excludes a group nobody else covers", |w| {
        w.policy(1).conditions.users.exclude_groups.push("id-pilot".into());
    }),
];

const BUSINESS: &[Subtle] = &[
    ("NH-01", "twelve of the days asked", twelve_days),
    ("NH-01", "some legacy sign-ins do not tell their result", |w| {
        w.logs().totals.legacy_unknown = 1;
    }),
    ("NH-01", "a stored password of unknown use", |w| {
        let mut unknown = dependency("IMAP4");
        unknown.protocol = Some("ropc".into());
        w.legacy.as_mut().unwrap().dependencies.push(unknown);
    }),
    ("NH-02", "a flow that did not run leaves no trace", |_| {}),
    ("NH-03", "some successes tell no application", |w| w.activity().application_ids_untold = 1),
    ("NH-03", "more applications than were counted", |w| w.activity().by_app_left_out = 1),
    ("DV-05", "some successes tell no resource", |w| w.activity().resource_ids_untold = 1),
    ("DV-05", "more applications than were counted", |w| w.activity().by_app_left_out = 1),
    ("DV-04", "some successes tell no resource", |w| w.activity().resource_ids_untold = 1),
    ("NH-04", "the flow is in use and the policy still to come", |w| {
        w.person("alice").device_code = true;
    }),
    ("NH-04", "twelve of the days asked", twelve_days),
    ("NH-05", "the sync account is excluded through a group nobody told", |w| {
        w.policy(1).conditions.users.exclude_roles.clear();
        w.policy(1).conditions.users.exclude_groups.push("id-untold".into());
    }),
    ("NH-09", "whether sign-in is enabled was not told", |w| {
        w.user("shared").account_enabled = None;
    }),
    ("LA-01", "twelve of the days asked", twelve_days),
    ("LA-01", "a misspelled client app", |w| w.depends_on("Authenticated STMP")),
    ("LA-01", "a client app with its family before it", |w| w.depends_on("Other clients; SMTP")),
    ("LA-01", "a mailbox is read by nobody knows what", |w| w.depends_on("IMAP4")),
    ("LA-02", "an old client of unknown kind", |w| w.depends_on("Other clients")),
    ("LA-03", "a mailbox is read by nobody knows what", |w| w.depends_on("POP3")),
    ("LA-02", "records that could not be read", |w| w.logs().coverage.records_unreadable = 1),
    ("LA-03", "some legacy sign-ins do not tell their result", |w| {
        w.logs().totals.legacy_unknown = 1;
    }),
    ("LA-04", "the registered method tells, the per-user state does not", |w| {
        let mut held = dependency("IMAP4");
        held.cause = "app-password";
        held.finding = Some("LA-04");
        w.user("alice").per_user_mfa = Some(PerUserMfa::Disabled);
        w.legacy.as_mut().unwrap().dependencies.push(held);
    }),
    ("LA-05", "one month end is no proof", |w| w.logs().window.days_covered = 45),
    ("LA-08", "security defaults are on and legacy succeeds", |w| {
        w.snapshot.security_defaults = Some(true);
        w.logs().totals.legacy_successes = 9;
    }),
    ("LA-09", "one mailbox overrides the organisation", |w| {
        w.snapshot.mailboxes.as_mut().unwrap()[0].smtp_auth_disabled = Some(Some(false));
    }),
];

const PEOPLE: &[Subtle] = &[
    ("RG-01", "security defaults are not told, and a policy is for some", |w| {
        w.snapshot.security_defaults = None;
        w.policy(1).conditions.users.include_users = vec!["id-bob".into()];
    }),
    ("RG-03", "twelve of the days asked", twelve_days),
    ("RG-05", "an account of unknown kind", |w| w.kinds[2] = Kind::Unclassified),
    ("RG-07", "a person whose account may be enabled", |w| {
        w.user("alice").account_enabled = None;
        w.row("alice").mfa_capable = Some(false);
    }),
    ("RG-08", "one row does not tell its time", |w| w.row("bob").last_updated = None),
    ("RG-09", "a role held through a group nobody told", |w| {
        let mut held = role("nobody", GLOBAL_ADMINISTRATOR);
        held.principal_id = Some("id-untold".into());
        held.principal_name = None;
        held.principal_kind = MemberKind::Group;
        w.snapshot.roles.as_mut().unwrap().push(held);
    }),
    ("RG-09", "a role held through a group, by somebody not capable", |w| {
        let mut held = role("nobody", GLOBAL_ADMINISTRATOR);
        held.principal_id = Some("id-pilot".into());
        held.principal_name = None;
        held.principal_kind = MemberKind::Group;
        w.snapshot.roles.as_mut().unwrap().push(held);
        w.row("alice").mfa_capable = Some(false);
    }),
    ("RG-09", "no role was told at all", |w| w.snapshot.roles = Some(Vec::new())),
    ("RG-11", "an account of unknown kind", |w| w.kinds[2] = Kind::Unclassified),
    ("RG-14", "a name that is nobody's", |w| {
        w.rollout.people.on_leave.insert("ghost@ne.example".into(), jiff::civil::date(2027, 2, 1));
    }),
    ("UM-04", "a name that is nobody's", |w| w.kinds[4] = Kind::Person),
    ("UM-13", "twelve of the days asked", twelve_days),
];

const SURROUNDINGS: &[Subtle] = &[
    ("DV-01", "a room is excluded through a group nobody told", |w| {
        w.policy(1).conditions.users.exclude_users.clear();
        w.policy(1).conditions.users.exclude_groups.push("id-untold".into());
    }),
    ("DV-09", "some successes show no device", |w| {
        w.activity().trust_types = Some([("Hybrid Azure AD joined".into(), 60)].into());
    }),
    ("HY-05", "some successes show no device", |w| {
        w.activity().trust_types = Some([("Hybrid Azure AD joined".into(), 60)].into());
    }),
    ("EX-04", "some sign-ins do not tell the kind of tenant", |w| {
        w.activity().cross_tenant_types = Some([("none".into(), 60)].into());
    }),
    ("AT-01", "the audits were filtered", |w| w.snapshot.audits.as_mut().unwrap().truncate(1)),
    ("OP-06", "the audits were filtered", |w| w.snapshot.audits.as_mut().unwrap().truncate(1)),
    ("AT-02", "some sign-ins tell no code", |w| w.logs().totals.sign_ins = 150),
    ("AT-06", "some sign-ins tell no code", |w| w.logs().totals.sign_ins = 150),
    ("AT-06", "twelve of the days asked", twelve_days),
    ("OP-04", "records that could not be read", |w| w.logs().coverage.records_unreadable = 1),
];

#[test]
fn what_is_subtly_wrong_is_never_ok() {
    for (id, what, change) in
        [BREAK_GLASS, TENANT, POLICIES, BUSINESS, PEOPLE, SURROUNDINGS].into_iter().flatten()
    {
        let mut world = World::good();
        change(&mut world);
        let finding = world.finding(id);
        let fine = matches!(finding.verdict, Verdict::Ok | Verdict::NotApplicable);
        assert!(!fine, "{what}: {finding:#?}");
    }
}

#[test]
fn an_application_that_no_record_names_was_not_used() {
    let world = World::good();
    for id in ["NH-03", "DV-04", "DV-05"] {
        assert_eq!(world.verdict(id), Verdict::Ok, "{id}");
    }
    for (application, id) in [(APPS[0], "NH-03"), (APPS[3], "DV-05"), (APPS[8], "DV-04")] {
        let mut world = World::good();
        world.uses(application);
        assert_eq!(world.verdict(id), Verdict::Found, "{application}");
    }
}

/// A change, and the sentence an administrator reads then.
type Sentence = (&'static str, fn(&mut World), &'static str);

fn caused(world: &mut World, client_app: &str, cause: &'static str, finding: &'static str) {
    let mut caused = dependency(client_app);
    caused.cause = cause;
    caused.finding = Some(finding);
    world.legacy.as_mut().unwrap().dependencies.push(caused);
}

const SENTENCES: &[Sentence] = &[
    (
        "LA-01",
        |w| caused(w, "IMAP4", "line-of-business-imap", "LA-01"),
        "1 device or program uses mail with a password, over IMAP or POP.",
    ),
    (
        "LA-01",
        |w| {
            caused(w, "IMAP4", "line-of-business-imap", "LA-01");
            caused(w, "Authenticated SMTP", "printer-smtp", "LA-01");
        },
        "2 devices or programs use mail with a password: 1 over SMTP, 1 over IMAP or POP.",
    ),
    (
        "LA-03",
        |w| caused(w, "IMAP4", "mail-program-imap", "LA-03"),
        "1 phone or mail program signs in with a password, over IMAP, POP, SMTP or an older protocol.",
    ),
    (
        "NH-01",
        |w| {
            caused(w, "IMAP4", "mail-program-imap", "LA-03");
            caused(w, "Authenticated SMTP", "printer-smtp", "LA-01");
            w.person("alice").ropc = true;
        },
        "1 user account is used by programs.",
    ),
    (
        "CA-13",
        |w| w.group(1).members.as_mut().unwrap().truncate(1),
        "The pilot group proves little: it has 1 member.",
    ),
    (
        "TN-08",
        |w| w.row("alice").mfa_capable = Some(false),
        "1 account has registered methods the policy does not let them use.",
    ),
    (
        "TN-08",
        |w| w.snapshot.methods_policy.as_mut().unwrap().migration_complete = Some(false),
        "The migration to the authentication-methods policy is not complete.",
    ),
    (
        "CA-14",
        |w| w.policy(1).state = State::EnabledForReportingButNotEnforced,
        "CA001 (Report-only) would ask everyone for MFA and is not On.",
    ),
    (
        "CA-14",
        |w| w.snapshot.policies = Some(Vec::new()),
        "No policy asks for MFA yet; this is due once enforcement has begun.",
    ),
];

#[test]
fn sentences_say_what_was_found() {
    for (id, change, sentence) in SENTENCES {
        let mut world = World::good();
        change(&mut world);
        assert_eq!(world.finding(id).subject, *sentence, "{id}");
    }
}
