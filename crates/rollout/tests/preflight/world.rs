//! NE, a tenant in which nothing is wrong, and ways to look at one check of it.

use std::collections::BTreeMap;

use conditional_access::{
    Applications, ClientAppType, Conditions, GrantControls, Operator, Policy, State, Users,
};
use jiff::Timestamp;
use jiff::civil::date;
use rollout::exceptions::{Classification, Kind};
use rollout::legacy::{Dependency, LegacyAudit, LegacyTotals};
use rollout::preflight::{Finding, PolicyAudit, Preflight, Verdict, audit_policies, run};
use rollout::*;

pub const SYNC_ROLE: &str = DIRECTORY_SYNCHRONIZATION_ACCOUNTS;
pub const APPS: [&str; 9] = [
    "1b730954-1685-4b74-9bfd-dac224a7b894",
    "1950a258-227b-4e31-a9cf-717495945fc2",
    "fb78d390-0c51-40cd-8e17-fdbfab77341b",
    "372140e0-b3b7-4226-8ef9-d57986796201",
    "ce6ff14a-7fdc-4685-bbe0-f6afdfcfa8e0",
    "9cdead84-a844-4324-93f2-b2e6bb768d07",
    "270efc09-cd0d-444b-a71f-39af4910ec45",
    "0af06dc6-e4b5-4f28-818e-e78e62d137a5",
    "45a330b1-b1ec-4cc1-9161-9f03992aa49f",
];

#[derive(Debug, Clone)]
pub struct World {
    pub snapshot: Snapshot,
    pub measurement: Option<Measurement>,
    pub rollout: Rollout,
    pub kinds: Vec<Kind>,
    pub legacy: Option<LegacyAudit>,
    pub now: Timestamp,
    pub as_of: Option<Timestamp>,
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn account(name: &str) -> Account {
    let domain = if name.starts_with("glass") { "ne.onmicrosoft.com" } else { "ne.example" };
    Account {
        user_principal_name: Some(format!("{name}@{domain}")),
        user_id: Some(format!("id-{name}")),
        display_name: Some(name.to_owned()),
    }
}

pub fn method(kind: &str, aaguid: Option<&str>) -> AuthenticationMethod {
    AuthenticationMethod {
        kind: kind.to_owned(),
        created: Some(time("2026-01-10T08:00:00Z")),
        detail: None,
        aaguid: aaguid.map(str::to_owned),
    }
}

fn user(name: &str) -> User {
    User {
        account: account(name),
        account_enabled: Some(name != "shared"),
        user_type: Some(UserType::Member),
        created: Some(time("2020-03-01T08:00:00Z")),
        manager: Some("alice".to_owned()),
        mobile_phone: Some(String::new()),
        business_phone: Some(String::new()),
        on_premises_sync: Some(!name.starts_with("glass")),
        has_immutable_id: Some(false),
        password_never_expires: Some(true),
        activity: Some(SignInActivity {
            last_successful: Some(time("2026-10-20T08:00:00Z")),
            ..SignInActivity::default()
        }),
        methods: Some(vec![
            method("fido2", Some("model-a")),
            if name.starts_with("glass") {
                method("fido2", Some("model-b"))
            } else {
                method("microsoftAuthenticator", None)
            },
        ]),
        per_user_mfa: Some(PerUserMfa::Disabled),
        ..User::default()
    }
}

fn group(id: &str, name: &str, members: &[&str]) -> Group {
    Group {
        id: Some(id.to_owned()),
        display_name: Some(name.to_owned()),
        members: Some(members.iter().map(|name| member(name)).collect()),
        membership_rule: Some(String::new()),
        assignable_to_role: Some(true),
        owners: Some(Vec::new()),
    }
}

pub fn member(name: &str) -> Member {
    Member {
        id: account(name).user_id,
        user_principal_name: account(name).user_principal_name,
        kind: MemberKind::User,
    }
}

pub fn role(name: &str, role: &str) -> RoleAssignment {
    RoleAssignment {
        role: role.to_owned(),
        role_name: None,
        principal_id: account(name).user_id,
        principal_name: account(name).user_principal_name,
        principal_kind: MemberKind::User,
        active: true,
        scope: Some("/".to_owned()),
        ends: None,
    }
}

fn registration(name: &str) -> Registration {
    Registration {
        account: account(name),
        mfa_registered: Some(true),
        mfa_capable: Some(true),
        is_admin: Some(["glass1", "glass2", "bob"].contains(&name)),
        methods: Some(vec!["microsoftAuthenticatorPush".into(), "passKeyDeviceBound".into()]),
        default_method: Some("push".to_owned()),
        system_preferred: Some(true),
        user_type: Some(UserType::Member),
        last_updated: Some(time("2026-11-01T08:00:00Z")),
        ..Registration::default()
    }
}

pub fn policy(name: &str, controls: &[&str]) -> Policy {
    Policy {
        id: Some(format!("id-{name}")),
        display_name: name.to_owned(),
        state: State::Enabled,
        created: Some(time("2026-06-01T08:00:00Z")),
        modified: None,
        template_id: None,
        conditions: Conditions {
            users: Users {
                include_users: vec!["All".into()],
                exclude_groups: vec!["id-glass-group".into()],
                exclude_roles: vec![SYNC_ROLE.into()],
                ..Users::default()
            },
            applications: Applications { include: vec!["All".into()], ..Applications::default() },
            client_app_types: vec![ClientAppType::All],
            ..Conditions::default()
        },
        grant: Some(GrantControls {
            operator: Some(Operator::Or),
            built_in: controls.iter().map(|it| (*it).to_owned()).collect(),
            custom: Vec::new(),
            terms_of_use: Vec::new(),
            authentication_strength: None,
            allowed_combinations: None,
        }),
        session: None,
        unmodelled: Vec::new(),
        source: conditional_access::Source::default(),
    }
}

fn policies() -> Vec<Policy> {
    let mut legacy = policy("CA000", &["block"]);
    legacy.conditions.client_app_types =
        vec![ClientAppType::ExchangeActiveSync, ClientAppType::Other];
    let mut mfa = policy("CA001", &["mfa"]);
    mfa.conditions.users.exclude_users = vec!["id-room".into()];
    let mut room = policy("CA010", &["compliantDevice"]);
    room.conditions.users.include_users = vec!["id-room".into()];
    vec![legacy, mfa, room]
}

fn methods_policy() -> MethodsPolicy {
    let method = |id: &str| MethodConfiguration {
        id: id.to_owned(),
        enabled: Some(true),
        include: Some(vec!["all_users".into()]),
        exclude: Some(Vec::new()),
        key_restrictions: Some(false),
        attestation_enforced: Some(false),
    };
    MethodsPolicy {
        migration_complete: Some(true),
        campaign: Some(Campaign {
            state: Some("enabled".into()),
            snooze_days: Some(1),
            enforced_after_snoozes: Some(true),
            targeted_method: None,
            excluded: None,
        }),
        system_preferred: Some(true),
        report_suspicious: Some(true),
        methods: ["fido2", "microsoftauthenticator", "temporaryaccesspass"].map(method).to_vec(),
    }
}

fn person(name: &str) -> PersonActivity {
    PersonActivity {
        account: account(name),
        sign_ins: 40,
        interactive_successes: 20,
        non_interactive_successes: 20,
        last_success: Some(time("2026-11-01T09:00:00Z")),
        last_interactive: Some(time("2026-11-01T08:00:00Z")),
        apps: ["Office 365 Exchange Online"].into(),
        ..PersonActivity::default()
    }
}

fn measurement() -> Measurement {
    Measurement {
        window: Window {
            from: Some(time("2026-08-03T10:00:00Z")),
            to: Some(time("2026-11-01T10:00:00Z")),
            days_asked: 90,
            days_covered: 90,
        },
        coverage: Coverage {
            records_read: 5000,
            interactive: Some(true),
            non_interactive: Some(true),
            authentication_protocol: true,
            authentication_requirement: true,
            user_agent: true,
            ..Coverage::default()
        },
        activity: Some(activity()),
        totals: Totals { sign_ins: 100, ..Totals::default() },
        ..Measurement::default()
    }
}

fn activity() -> Activity {
    Activity {
        people: ["alice", "bob", "carol", "glass1", "glass2"].map(person).to_vec(),
        by_code: BTreeMap::from([(0, 100)]),
        by_app: BTreeMap::from([(
            "00000003-0000-0000-c000-000000000000".to_owned(),
            AppUse { name: None, successes: 100, users: 5 },
        )]),
        skipped_challenges: Some(BTreeMap::new()),
        trust_types: Some(BTreeMap::from([("Hybrid Azure AD joined".to_owned(), 100)])),
        cross_tenant_types: Some(BTreeMap::from([("none".to_owned(), 100)])),
        ..Activity::default()
    }
}

pub fn dependency(client_app: &str) -> Dependency {
    Dependency {
        account: account("alice"),
        client_app: Some(client_app.to_owned()),
        protocol: None,
        app: None,
        device: None,
        succeeded: 12,
        failed: 0,
        first_seen: None,
        last_seen: None,
        ip_addresses: 1,
        finding: None,
        cause: "unknown",
        evidence: Vec::new(),
        remedy: String::new(),
        owner: None,
        decision: None,
        due: None,
    }
}

impl World {
    /// Nobody told anything.
    pub fn empty() -> Self {
        Self {
            snapshot: Snapshot::default(),
            measurement: None,
            rollout: Rollout::default(),
            kinds: Vec::new(),
            legacy: None,
            now: time("2026-11-01T12:00:00Z"),
            as_of: None,
        }
    }

    /// Everything was told, and nothing is wrong.
    pub fn good() -> Self {
        let mut world = Self::empty();
        let people = [
            ("glass1", Kind::BreakGlass),
            ("glass2", Kind::BreakGlass),
            ("alice", Kind::Person),
            ("bob", Kind::Administrator),
            ("carol", Kind::NoSmartphone),
            ("dana", Kind::OnLeave),
            ("room", Kind::Room),
            ("shared", Kind::SharedMailbox),
            ("sync", Kind::Sync),
        ];
        world.kinds = people.iter().map(|(_, kind)| *kind).collect();
        let mailbox = |name: &str, kind| Mailbox {
            user_id: account(name).user_id,
            kind,
            smtp_auth_disabled: Some(None),
            ..Mailbox::default()
        };
        let domain = |name: &str| Domain {
            name: name.to_owned(),
            federated: Some(false),
            ..Domain::default()
        };
        world.snapshot = Snapshot {
            tenant: Tenant {
                domains: Some(vec![domain("ne.example"), domain("ne.onmicrosoft.com")]),
                on_premises_sync: Some(true),
                ..Tenant::default()
            },
            users: Some(people.iter().map(|(name, _)| user(name)).collect()),
            groups: Some(vec![
                group("id-glass-group", "Glass", &["glass1", "glass2"]),
                group("id-pilot", "Pilot", &["alice", "bob", "carol"]),
            ]),
            roles: Some(vec![
                role("glass1", GLOBAL_ADMINISTRATOR),
                role("glass2", GLOBAL_ADMINISTRATOR),
                role("bob", GLOBAL_ADMINISTRATOR),
                role("sync", SYNC_ROLE),
            ]),
            registrations: Some(people.iter().map(|(name, _)| registration(name)).collect()),
            mailboxes: Some(vec![
                mailbox("room", MailboxKind::Room),
                mailbox("shared", MailboxKind::Shared),
                mailbox("alice", MailboxKind::User),
            ]),
            audits: Some(
                ["Add user", "Update user"]
                    .map(|activity| AuditEvent {
                        time: Some(time("2026-09-20T08:00:00Z")),
                        activity: activity.to_owned(),
                        ..AuditEvent::default()
                    })
                    .to_vec(),
            ),
            policies: Some(policies()),
            named_locations: Some(Vec::new()),
            security_defaults: Some(false),
            methods_policy: Some(methods_policy()),
            skus: Some(vec![Sku {
                part_number: Some("SPE_E3".into()),
                usable: Some(true),
                enabled_units: Some(210),
                plans: vec![("41781fb2-bc02-4b7c-bd55-b576c07bb09d".into(), "AAD_PREMIUM".into())],
                ..Sku::default()
            }]),
            device_join_needs_mfa: Some(false),
            inbound_mfa_trusted: Some(true),
            exchange: ExchangeSettings {
                smtp_auth_disabled: Some(true),
                modern_auth_enabled: Some(true),
                reject_direct_send: Some(true),
            },
            ..Snapshot::default()
        };
        world.measurement = Some(measurement());
        world.legacy = Some(LegacyAudit {
            schema: "lockstep.legacy-audit/1",
            generated_at: world.now,
            window: Window::default(),
            coverage: Coverage::default(),
            totals: LegacyTotals::default(),
            dependencies: Vec::new(),
            by_day: Vec::new(),
            gaps: Vec::new(),
        });
        world.rollout.break_glass = BreakGlassSettings {
            accounts: vec!["glass1@ne.onmicrosoft.com".into(), "id-glass2".into()],
            group: Some("Glass".into()),
            alert_tested: Some(date(2026, 10, 20)),
            ..BreakGlassSettings::default()
        };
        world.rollout.pilot.group = Some("Pilot".into());
        world.rollout.calendar.start = Some(date(2026, 11, 5));
        world.rollout.people.no_smartphone = vec!["carol@ne.example".into()];
        world.rollout.people.on_leave =
            BTreeMap::from([("dana@ne.example".into(), date(2027, 1, 11))]);
        world
    }

    pub fn preflight(&self) -> Preflight {
        let mut facts =
            Facts::new(&self.snapshot, self.measurement.as_ref(), &self.rollout, self.now);
        facts.as_of = self.as_of.unwrap_or(facts.as_of);
        let classification =
            Classification { users: self.kinds.iter().map(|kind| (*kind, Vec::new())).collect() };
        run(&facts, &classification, self.legacy.as_ref())
    }

    pub fn policy_audit(&self) -> PolicyAudit {
        let facts = Facts::new(&self.snapshot, self.measurement.as_ref(), &self.rollout, self.now);
        let classification =
            Classification { users: self.kinds.iter().map(|kind| (*kind, Vec::new())).collect() };
        audit_policies(&facts, &classification, self.legacy.as_ref())
    }

    pub fn finding(&self, id: &str) -> Finding {
        self.preflight().findings.into_iter().find(|finding| finding.id == id).unwrap()
    }

    pub fn verdict(&self, id: &str) -> Verdict {
        self.finding(id).verdict
    }

    pub fn user(&mut self, name: &str) -> &mut User {
        let id = account(name).user_id;
        let users = self.snapshot.users.as_mut().unwrap();
        users.iter_mut().find(|user| user.account.user_id == id).unwrap()
    }

    pub fn row(&mut self, name: &str) -> &mut Registration {
        let id = account(name).user_id;
        let rows = self.snapshot.registrations.as_mut().unwrap();
        rows.iter_mut().find(|row| row.account.user_id == id).unwrap()
    }

    pub fn person(&mut self, name: &str) -> &mut PersonActivity {
        let id = account(name).user_id;
        let people = &mut self.activity().people;
        people.iter_mut().find(|person| person.account.user_id == id).unwrap()
    }

    pub fn policy(&mut self, position: usize) -> &mut Policy {
        &mut self.snapshot.policies.as_mut().unwrap()[position]
    }

    pub fn add_policy(&mut self, name: &str, controls: &[&str]) -> &mut Policy {
        let policies = self.snapshot.policies.as_mut().unwrap();
        policies.push(policy(name, controls));
        policies.last_mut().unwrap()
    }

    pub fn group(&mut self, position: usize) -> &mut Group {
        &mut self.snapshot.groups.as_mut().unwrap()[position]
    }

    pub fn logs(&mut self) -> &mut Measurement {
        self.measurement.as_mut().unwrap()
    }

    pub fn activity(&mut self) -> &mut Activity {
        self.logs().activity.as_mut().unwrap()
    }

    pub fn method(&mut self, id: &str) -> &mut MethodConfiguration {
        let methods = &mut self.snapshot.methods_policy.as_mut().unwrap().methods;
        methods.iter_mut().find(|method| method.id == id).unwrap()
    }

    pub fn uses(&mut self, application: &str) {
        let used = AppUse { name: None, successes: 4, users: 1 };
        self.activity().by_app.insert(application.to_owned(), used);
    }

    pub fn depends_on(&mut self, client_app: &str) {
        self.legacy.as_mut().unwrap().dependencies.push(dependency(client_app));
    }

    pub fn audit(&mut self, activity: &str, at: &str, by: &str) {
        self.snapshot.audits.as_mut().unwrap().push(AuditEvent {
            time: Some(time(at)),
            activity: activity.to_owned(),
            succeeded: Some(true),
            by: account(by),
            targets: vec![account("alice")],
            ..AuditEvent::default()
        });
    }

    pub fn forget_users(&mut self) {
        self.snapshot.users = None;
        self.kinds.clear();
    }
}
