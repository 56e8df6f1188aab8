//! The tenant of the tests: NE, built row by row.

use jiff::{SignedDuration, Timestamp};
use rollout::{
    Account, Activity, AuditEvent, Facts, Group, LegacyUse, Mailbox, MailboxKind, Measurement,
    Member, MemberKind, PersonActivity, Registration, RoleAssignment, Rollout, SignInActivity,
    Snapshot, User, UserType,
};

/// The newest sign-in record.
pub(crate) const NEWEST: &str = "2026-11-20T02:00:00Z";
/// The clock.
pub(crate) const NOW: &str = "2026-11-20T12:00:00Z";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    time(NEWEST) - SignedDuration::from_hours(days * 24)
}

pub(crate) fn account(name: &str) -> Account {
    Account {
        user_principal_name: Some(format!("{name}@ne.example")),
        user_id: Some(format!("id-{name}")),
        display_name: Some(name.to_owned()),
    }
}

/// An enabled member of whom the directory tells nothing personal.
pub(crate) fn user(name: &str) -> User {
    User {
        account: account(name),
        account_enabled: Some(true),
        user_type: Some(UserType::Member),
        job_title: Some(String::new()),
        manager: Some(String::new()),
        mobile_phone: Some(String::new()),
        ..User::default()
    }
}

/// Last seen so many days before the newest record, by the directory.
pub(crate) fn seen(mut user: User, days: i64) -> User {
    user.activity =
        Some(SignInActivity { last_successful: Some(days_ago(days)), ..SignInActivity::default() });
    user
}

pub(crate) fn titled(mut user: User, title: &str) -> User {
    user.job_title = Some(title.to_owned());
    user
}

/// A row of the registration report: registered, capable.
pub(crate) fn row(name: &str, registered: bool, capable: bool, methods: &[&str]) -> Registration {
    Registration {
        account: account(name),
        mfa_registered: Some(registered),
        mfa_capable: Some(capable),
        is_admin: Some(false),
        methods: Some(methods.iter().map(|it| (*it).to_owned()).collect()),
        user_type: Some(UserType::Member),
        last_updated: Some(time("2026-11-19T23:30:00Z")),
        ..Registration::default()
    }
}

pub(crate) fn mailbox(name: &str, kind: MailboxKind) -> Mailbox {
    Mailbox {
        address: Some(format!("{name}@ne.example")),
        user_principal_name: Some(format!("{name}@ne.example")),
        kind,
        ..Mailbox::default()
    }
}

pub(crate) fn role(name: &str, id: &str) -> RoleAssignment {
    RoleAssignment {
        role: id.to_owned(),
        role_name: None,
        principal_id: Some(format!("id-{name}")),
        principal_name: None,
        principal_kind: MemberKind::User,
        active: true,
        scope: Some("/".to_owned()),
        ends: None,
    }
}

pub(crate) fn group(name: &str, members: &[&str]) -> Group {
    Group {
        id: Some(format!("group-{name}")),
        display_name: Some(name.to_owned()),
        members: Some(
            members
                .iter()
                .map(|member| Member {
                    id: Some(format!("id-{member}")),
                    user_principal_name: None,
                    kind: MemberKind::User,
                })
                .collect(),
        ),
        ..Group::default()
    }
}

pub(crate) fn registered_on(name: &str, at: &str) -> AuditEvent {
    AuditEvent {
        time: Some(time(at)),
        activity: "User registered security info".to_owned(),
        succeeded: Some(true),
        targets: vec![account(name)],
        ..AuditEvent::default()
    }
}

/// A measurement of the whole window with nothing in it.
pub(crate) fn quiet_log() -> Measurement {
    let mut measurement =
        Measurement { activity: Some(Activity::default()), ..Measurement::default() };
    measurement.window.from = Some(days_ago(30));
    measurement.window.to = Some(time(NEWEST));
    measurement.window.days_asked = 30;
    measurement.window.days_covered = 30;
    measurement.coverage.records_read = 1000;
    measurement.coverage.interactive = Some(true);
    measurement.coverage.non_interactive = Some(true);
    measurement.coverage.authentication_protocol = true;
    measurement.coverage.authentication_requirement = true;
    measurement.coverage.user_agent = true;
    measurement
}

/// A person who signs in by hand.
pub(crate) fn active(name: &str) -> PersonActivity {
    PersonActivity {
        account: account(name),
        sign_ins: 10,
        interactive_successes: 5,
        non_interactive_successes: 5,
        last_success: Some(days_ago(1)),
        last_interactive: Some(days_ago(1)),
        ip_addresses: 2,
        devices: 1,
        ..PersonActivity::default()
    }
}

/// A legacy use with successes.
pub(crate) fn legacy(name: &str, client_app: &str) -> LegacyUse {
    LegacyUse {
        account: account(name),
        client_app: Some(client_app.to_owned()),
        succeeded: 10,
        first_seen: Some(days_ago(20)),
        last_seen: Some(days_ago(1)),
        ip_addresses: 1,
        ..LegacyUse::default()
    }
}

#[derive(Default)]
pub(crate) struct Tenant {
    pub(crate) snapshot: Snapshot,
    pub(crate) measurement: Option<Measurement>,
    pub(crate) rollout: Rollout,
}

impl Tenant {
    pub(crate) fn with_users(users: Vec<User>) -> Self {
        let snapshot = Snapshot { users: Some(users), ..Snapshot::default() };
        Self { snapshot, ..Self::default() }
    }

    pub(crate) fn with_log(mut self, measurement: Measurement) -> Self {
        self.measurement = Some(measurement);
        self
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts::new(&self.snapshot, self.measurement.as_ref(), &self.rollout, time(NOW))
    }
}
