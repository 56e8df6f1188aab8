//! NE in small: two break-glass accounts, two administrators, a pilot.

use conditional_access::{Policy, read_policy};
use jiff::Timestamp;
use jiff::civil::date;
use rollout::{
    Account, Domain, Facts, GLOBAL_ADMINISTRATOR, Group, Measurement, Member, MemberKind,
    RoleAssignment, Rollout, Snapshot, Tenant, User, UserType, exceptions, gaps, legacy, plan,
    preflight, registration,
};
use serde_json::{Value, json};

pub(crate) const NOW: &str = "2026-11-20T12:00:00Z";
pub(crate) const EXCLUDED: &str = "00000000-0000-4000-8000-0000000000e0";
pub(crate) const PILOT: &str = "00000000-0000-4000-8000-0000000000e1";

/// Everyone's number, from which the object id is made.
pub(crate) const NAMES: [&str; 6] = ["alpha", "bravo", "ann", "ben", "cora", "dan"];

pub(crate) fn id(name: &str) -> String {
    let number = NAMES.iter().position(|it| *it == name).unwrap();
    format!("00000000-0000-4000-a000-00000000000{number}")
}

pub(crate) fn account(name: &str) -> Account {
    Account {
        user_principal_name: Some(format!("{name}@ne.example")),
        user_id: Some(id(name)),
        display_name: Some(name.to_owned()),
    }
}

pub(crate) fn user(name: &str) -> User {
    User {
        account: account(name),
        account_enabled: Some(true),
        user_type: Some(UserType::Member),
        ..User::default()
    }
}

pub(crate) fn member(name: &str) -> Member {
    Member { id: Some(id(name)), user_principal_name: None, kind: MemberKind::User }
}

pub(crate) fn group(id: &str, name: &str, members: &[&str]) -> Group {
    Group {
        id: Some(id.to_owned()),
        display_name: Some(name.to_owned()),
        members: Some(members.iter().map(|name| member(name)).collect()),
        ..Group::default()
    }
}

pub(crate) fn role(name: &str, active: bool) -> RoleAssignment {
    RoleAssignment {
        role: GLOBAL_ADMINISTRATOR.to_owned(),
        role_name: None,
        principal_id: Some(id(name)),
        principal_name: None,
        principal_kind: MemberKind::User,
        active,
        scope: Some("/".to_owned()),
        ends: None,
    }
}

/// A policy for MFA of all users on all resources, changed as told.
pub(crate) fn policy(name: &str, change: &Value) -> Policy {
    let mut all = json!({"displayName": name, "state": "enabled",
        "conditions": {"users": {"includeUsers": ["All"], "excludeGroups": [EXCLUDED]},
            "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}});
    merge(&mut all, change);
    read_policy(&all).unwrap()
}

fn merge(into: &mut Value, change: &Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (key, value) in change {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) snapshot: Snapshot,
    pub(crate) measurement: Option<Measurement>,
    pub(crate) rollout: Rollout,
    pub(crate) now: Timestamp,
}

impl World {
    pub(crate) fn ne() -> Self {
        let mut rollout = Rollout::default();
        rollout.pilot.group = Some("IT team".to_owned());
        rollout.break_glass.accounts =
            ["alpha@ne.example", "bravo@ne.example"].map(str::to_owned).to_vec();
        Self {
            snapshot: Snapshot {
                tenant: Tenant {
                    domains: Some(vec![Domain {
                        name: "ne.example".to_owned(),
                        federated: Some(false),
                        ..Domain::default()
                    }]),
                    on_premises_sync: Some(false),
                    ..Tenant::default()
                },
                users: Some(NAMES.map(user).to_vec()),
                groups: Some(vec![
                    group(EXCLUDED, "CA - Excluded emergency accounts", &["alpha", "bravo"]),
                    group(PILOT, "IT team", &["ann", "cora"]),
                ]),
                roles: Some(["alpha", "bravo", "ann", "ben"].map(|it| role(it, true)).to_vec()),
                policies: Some(Vec::new()),
                security_defaults: Some(false),
                ..Snapshot::default()
            },
            measurement: None,
            rollout,
            now: NOW.parse().unwrap(),
        }
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts::new(&self.snapshot, self.measurement.as_ref(), &self.rollout, self.now)
    }

    pub(crate) fn plan(&self) -> plan::Plan {
        let facts = self.facts();
        let classification = exceptions::classify(&facts);
        let legacy = legacy::audit(&facts);
        plan::make(plan::Input {
            preflight: preflight::run(&facts, &classification, legacy.as_ref()),
            registration: registration::report(&facts, &classification),
            exceptions: exceptions::register(&facts, &classification),
            gaps: gaps::find(&facts),
            facts: &facts,
            classification: &classification,
            legacy,
            lockout: None,
            proof: None,
            caught: rollout::impact::Caught::default(),
            start: date(2026, 11, 23),
            agreed_defaults: None,
            made_from: String::new(),
            templates: std::collections::BTreeMap::new(),
        })
        .unwrap()
    }
}
