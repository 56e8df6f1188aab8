//! The finer points: what counts as excluded, proven, or not applicable.

use conditional_access::{ClientAppType, Operator, State};
use rollout::exceptions::Kind;
use rollout::preflight::Verdict::{self, Found, Inconclusive, NotApplicable, Ok};
use rollout::{GLOBAL_ADMINISTRATOR, Group, MailboxKind, Member, MemberKind, UserType};

use crate::world::{World, account, member, method};

/// A change to the good tenant, and what the check says then.
type Reading = (&'static str, &'static str, fn(&mut World), Verdict);

fn nested_group() -> Group {
    Group {
        id: Some("id-outer".into()),
        display_name: Some("Outer".into()),
        members: Some(vec![Member {
            id: Some("id-glass-group".into()),
            user_principal_name: None,
            kind: MemberKind::Group,
        }]),
        ..Group::default()
    }
}

const READINGS: &[Reading] = &[
    ("BG-01", "no account is named, two could be", |w| w.rollout.break_glass.accounts.clear(), {
        Inconclusive
    }),
    (
        "BG-01",
        "no account is named, and only one could be",
        |w| {
            w.rollout.break_glass.accounts.clear();
            w.user("glass1").account_enabled = Some(false);
        },
        Found,
    ),
    ("BG-01", "one account is named", |w| w.rollout.break_glass.accounts.truncate(1), Found),
    (
        "BG-01",
        "one account is named twice",
        |w| {
            w.rollout.break_glass.accounts =
                vec!["glass1@ne.onmicrosoft.com".into(), "id-glass1".into()];
        },
        Found,
    ),
    (
        "BG-01",
        "the name is misspelled",
        |w| w.rollout.break_glass.accounts[0] = "glas1@ne.onmicrosoft.com".into(),
        Found,
    ),
    (
        "BG-01",
        "the role comes through a group whose members nobody told",
        |w| {
            let roles = w.snapshot.roles.as_mut().unwrap();
            roles[0].principal_id = Some("id-some-group".into());
            roles[0].principal_name = None;
            roles[0].principal_kind = MemberKind::Group;
        },
        Inconclusive,
    ),
    (
        "BG-02",
        "another cloud does not ask",
        |w| {
            w.rollout.tenant.cloud = "usgov".into();
            w.user("glass1").methods = Some(vec![]);
        },
        NotApplicable,
    ),
    (
        "BG-02",
        "certificates are in use, and in no list of methods",
        |w| {
            w.user("glass1").methods = Some(vec![method("password", None)]);
            let policy = w.snapshot.methods_policy.as_mut().unwrap();
            let mut certificates = policy.methods[0].clone();
            certificates.id = "x509certificate".into();
            policy.methods.push(certificates);
        },
        Inconclusive,
    ),
    (
        "BG-03",
        "excluded through a nested group",
        |w| {
            w.snapshot.groups.as_mut().unwrap().push(nested_group());
            w.policy(1).conditions.users.exclude_groups = vec!["ID-OUTER".into()];
        },
        Ok,
    ),
    (
        "BG-03",
        "excluded by name, one of the two",
        |w| {
            let users = &mut w.policy(1).conditions.users;
            users.exclude_groups.clear();
            users.exclude_users = vec!["id-glass1".into()];
        },
        Found,
    ),
    (
        "BG-03",
        "excluded by the role it holds",
        |w| {
            let users = &mut w.policy(1).conditions.users;
            users.exclude_groups.clear();
            users.exclude_roles = vec![GLOBAL_ADMINISTRATOR.to_uppercase()];
        },
        Ok,
    ),
    (
        "BG-03",
        "excluded by a role nobody's holders were told of",
        |w| {
            let users = &mut w.policy(1).conditions.users;
            users.exclude_groups.clear();
            users.exclude_roles = vec![GLOBAL_ADMINISTRATOR.into()];
            w.snapshot.roles = None;
        },
        Inconclusive,
    ),
    (
        "BG-03",
        "the exclusion group is in no export",
        |w| w.policy(1).conditions.users.exclude_groups = vec!["id-unknown".into()],
        Inconclusive,
    ),
    (
        "BG-03",
        "a Microsoft-managed policy in report-only counts",
        |w| {
            let policy = w.add_policy("Microsoft-managed: MFA for admins", &["mfa"]);
            policy.state = State::EnabledForReportingButNotEnforced;
            policy.conditions.users.exclude_groups.clear();
        },
        Found,
    ),
    (
        "BG-03",
        "a policy of unknown state is not taken for Off",
        |w| {
            let policy = w.add_policy("new", &["mfa"]);
            policy.state = State::Unknown;
            policy.conditions.users.exclude_groups.clear();
        },
        Found,
    ),
    (
        "BG-03",
        "a disabled policy does not count",
        |w| {
            let policy = w.add_policy("old", &["mfa"]);
            policy.state = State::Disabled;
            policy.conditions.users.exclude_groups.clear();
        },
        Ok,
    ),
    (
        "BG-03",
        "a policy for workload identities is nobody's",
        |w| {
            let policy = w.add_policy("workload", &["block"]);
            policy.conditions.workload_identities = true;
            policy.conditions.users.exclude_groups.clear();
        },
        Ok,
    ),
    ("BG-03", "told that there is no policy", |w| w.snapshot.policies = Some(vec![]), {
        NotApplicable
    }),
    (
        "BG-03",
        "nobody is named, and a policy excludes nobody",
        |w| {
            w.rollout.break_glass.accounts.clear();
            let users = &mut w.policy(1).conditions.users;
            users.exclude_groups.clear();
            users.exclude_roles.clear();
            users.exclude_users.clear();
        },
        Found,
    ),
    ("BG-03", "nobody is named", |w| w.rollout.break_glass.accounts.clear(), Inconclusive),
    (
        "BG-03",
        "named by principal name, excluded by id, and no user told",
        |w| {
            w.policy(1).conditions.users.exclude_groups.clear();
            w.policy(1).conditions.users.exclude_users = vec!["id-glass1".into()];
            w.rollout.break_glass.accounts.truncate(1);
            w.forget_users();
        },
        Inconclusive,
    ),
    (
        "BG-05",
        "a nested group brings others in",
        |w| {
            let members = w.group(0).members.as_mut().unwrap();
            members.push(Member {
                id: Some("id-pilot".into()),
                user_principal_name: None,
                kind: MemberKind::Group,
            });
        },
        Found,
    ),
    ("TN-02", "security defaults are on", |w| w.snapshot.security_defaults = Some(true), {
        NotApplicable
    }),
    (
        "TN-02",
        "MFA that another control may stand in for is no parity",
        |w| {
            let grant = w.policy(1).grant.as_mut().unwrap();
            grant.built_in.push("compliantDevice".into());
            grant.operator = Some(Operator::Or);
        },
        Found,
    ),
    (
        "TN-02",
        "a condition that was not read is no parity",
        |w| w.policy(1).unmodelled.push("conditions.times".into()),
        Found,
    ),
    (
        "TN-04",
        "one licence more than people",
        |w| {
            w.snapshot.skus.as_mut().unwrap()[0].enabled_units = Some(5);
        },
        Ok,
    ),
    (
        "TN-04",
        "an expired licence is none",
        |w| {
            w.snapshot.skus.as_mut().unwrap()[0].usable = Some(false);
        },
        Found,
    ),
    ("TN-04", "told that there is no licence", |w| w.snapshot.skus = Some(vec![]), Found),
    (
        "TN-07",
        "the log tells what the states do not",
        |w| {
            w.user("alice").per_user_mfa = None;
            w.activity().requirement_providers.insert("user".into(), 4);
        },
        Found,
    ),
    (
        "CA-01",
        "a block for legacy clients alone locks nobody out",
        |w| {
            let policy = w.add_policy("legacy", &["block"]);
            policy.conditions.client_app_types = vec![ClientAppType::Other];
            policy.conditions.users.exclude_groups.clear();
        },
        Ok,
    ),
    (
        "CA-02",
        "a group told to be empty",
        |w| {
            w.group(1).members = Some(vec![]);
            let users = &mut w.policy(1).conditions.users;
            users.include_users.clear();
            users.include_groups = vec!["id-pilot".into()];
        },
        Found,
    ),
    (
        "CA-06",
        "outside the policy's group",
        |w| {
            let policy = w.add_policy("strong", &[]);
            policy.grant.as_mut().unwrap().authentication_strength =
                Some("00000000-0000-0000-0000-000000000004".into());
            policy.conditions.users.include_users = vec!["id-bob".into()];
            w.row("alice").methods = Some(vec!["mobilePhone".into()]);
        },
        Ok,
    ),
    (
        "CA-06",
        "a strength of the tenant's own without its combinations",
        |w| {
            let policy = w.add_policy("own", &[]);
            policy.grant.as_mut().unwrap().authentication_strength = Some("id-own".into());
        },
        Inconclusive,
    ),
    (
        "CA-17",
        "break-glass excluded by name is no hole",
        |w| {
            w.policy(1).conditions.users.exclude_users.push("id-glass2".into());
        },
        Ok,
    ),
    ("NH-05", "not synchronised", |w| w.snapshot.tenant.on_premises_sync = Some(false), {
        NotApplicable
    }),
    ("NH-05", "the policy is still to be made", |w| w.snapshot.policies = Some(vec![]), {
        Inconclusive
    }),
    (
        "LA-01",
        "half the logs, and still a row",
        |w| {
            w.logs().coverage.non_interactive = None;
            w.depends_on("authenticated smtp");
        },
        Found,
    ),
    (
        "RG-01",
        "security defaults make people register",
        |w| {
            w.snapshot.security_defaults = Some(true);
            w.policy(1).state = State::Disabled;
            w.row("alice").mfa_registered = Some(false);
        },
        Ok,
    ),
    (
        "RG-05",
        "until the migration is complete old settings may allow a method",
        |w| {
            w.snapshot.methods_policy.as_mut().unwrap().migration_complete = Some(false);
            w.method("fido2").enabled = Some(false);
            w.method("microsoftauthenticator").enabled = Some(false);
        },
        Inconclusive,
    ),
    (
        "RG-07",
        "an account nobody classified may be a person",
        |w| {
            w.kinds[2] = Kind::Unclassified;
        },
        Inconclusive,
    ),
    (
        "RG-07",
        "a person without a row",
        |w| {
            let rows = w.snapshot.registrations.as_mut().unwrap();
            rows.retain(|row| row.account != account("alice"));
        },
        Inconclusive,
    ),
    ("DV-01", "no room can sign in", |w| w.user("room").account_enabled = Some(false), {
        NotApplicable
    }),
    ("EX-01", "no guests", |w| w.snapshot.inbound_mfa_trusted = Some(false), NotApplicable),
    (
        "EX-01",
        "whether anyone is a guest was not told",
        |w| {
            w.snapshot.inbound_mfa_trusted = Some(false);
            w.user("alice").user_type = None;
        },
        Inconclusive,
    ),
    (
        "EX-02",
        "guests excluded from the strength",
        |w| {
            w.user("alice").user_type = Some(UserType::Guest);
            let policy = w.add_policy("strong", &[]);
            policy.grant.as_mut().unwrap().authentication_strength = Some("id-own".into());
            policy.conditions.users.exclude_users = vec!["GuestsOrExternalUsers".into()];
        },
        Ok,
    ),
    (
        "AT-01",
        "a registration two hours after the reset",
        |w| {
            w.audit("Reset user password", "2026-10-30T10:00:00Z", "bob");
            w.audit("User registered security info", "2026-10-30T12:01:00Z", "alice");
        },
        Inconclusive,
    ),
];

#[test]
fn where_no_policy_is_live_none_can_be_made_badly() {
    let mut world = World::good();
    world.snapshot.policies = Some(vec![]);
    for id in ["BG-03", "CA-01", "CA-02", "CA-03", "CA-04", "CA-05", "CA-07", "CA-09", "CA-17"] {
        assert_eq!(world.verdict(id), NotApplicable, "{id}");
    }
}

#[test]
fn mailboxes_of_untold_kind_prove_no_absence_of_rooms() {
    let mut world = World::good();
    world.user("room").account_enabled = Some(false);
    for mailbox in world.snapshot.mailboxes.iter_mut().flatten() {
        mailbox.kind = MailboxKind::Unknown;
    }
    assert_eq!(world.verdict("DV-01"), Inconclusive);
    assert_eq!(world.verdict("NH-09"), Inconclusive);
}

#[test]
fn each_reading_holds() {
    for (id, what, change, verdict) in READINGS {
        let mut world = World::good();
        change(&mut world);
        let finding = world.finding(id);
        assert_eq!(finding.verdict, *verdict, "{what}: {finding:#?}");
    }
}

#[test]
fn a_long_list_prints_twenty_rows_and_counts_the_rest() {
    let mut world = World::good();
    let members = world.group(0).members.as_mut().unwrap();
    for name in ["alice", "bob", "carol", "dana", "room", "shared", "sync"] {
        members.push(member(name));
    }
    let finding = world.finding("BG-05");
    assert_eq!(finding.evidence.len(), 7, "{finding:#?}");
    assert_eq!(finding.subject, "The exclusion group also exempts 7 accounts.");

    for number in 0..25 {
        world.add_policy(&format!("more {number}"), &["mfa"]).conditions.applications.exclude =
            vec!["some-app".into()];
    }
    let finding = world.finding("CA-04");
    assert_eq!(finding.evidence.len(), 21);
    assert_eq!(finding.evidence.last().unwrap(), "and 5 more");
    assert_eq!(finding.subject, "25 of 28 live policies: targets all resources and excludes some.");
}

#[test]
fn the_document_spells_verdicts_severities_and_stages_as_agreed() {
    let mut world = World::good();
    world.snapshot.groups = None;
    let json = serde_json::to_value(world.finding("BG-03")).unwrap();
    assert_eq!(json["severity"], "block");
    assert_eq!(json["stage"], serde_json::json!(["pilot", "enforce"]));
    assert_eq!(json["verdict"], "inconclusive");
    assert!(json["needs"].as_str().unwrap().contains("groups"), "{json:#}");
    let json = serde_json::to_value(world.finding("HY-03")).unwrap();
    assert_eq!(json["verdict"], "not-applicable");
}
