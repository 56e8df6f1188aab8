//! NE in small: a few people, a log, and what they have registered.

use conditional_access::{Policy, read_policy};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::exceptions::classify;
use crate::impact::{Caught, Impact, PersonImpact, UserOutcome, caught, impact};
use crate::proposal::Proposal;
use crate::{
    Account, Facts, LoggedFactors, LoggedResult, Measurement, MethodConfiguration, MethodsPolicy,
    Registration, Replay, ReplayAccount, ReplayClient, ReplayDevice, ReplayPlace, ReplayRow,
    ReplayTarget, Rollout, Snapshot, User, UserType, Window,
};

pub(crate) const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";
pub(crate) const PORTAL: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";

/// A small firm.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) snapshot: Snapshot,
    pub(crate) replay: Replay,
    pub(crate) rollout: Rollout,
}

/// Sign-ins of the log, alike.
#[derive(Debug, Clone)]
pub(crate) struct Logged {
    pub(crate) target: ReplayTarget,
    pub(crate) client: ReplayClient,
    pub(crate) place: ReplayPlace,
    pub(crate) device: ReplayDevice,
    pub(crate) results: Option<Vec<LoggedResult>>,
    pub(crate) factors: LoggedFactors,
    pub(crate) sign_ins: u64,
}

pub(crate) fn text(it: &str) -> Option<String> {
    Some(it.to_owned())
}

/// A browser on an unregistered computer in Leeds, with the password alone.
pub(crate) fn browser() -> Logged {
    Logged {
        target: ReplayTarget {
            app_id: Some(id("outlook-web")),
            app: text("Outlook on the web"),
            resource_id: text(EXCHANGE),
            resource: text("Office 365 Exchange Online"),
            audiences: None,
            authentication_contexts: None,
        },
        client: ReplayClient {
            client_app: text("Browser"),
            protocol: text("oAuth2"),
            transfer_method: text("none"),
            legacy: false,
            ropc: false,
            operating_system: text("Windows10"),
            sign_in_risk: text("none"),
            aggregated_risk: text("none"),
        },
        place: ReplayPlace { ip_address: text("203.0.113.7"), country: text("GB") },
        device: ReplayDevice {
            id: text(""),
            name: None,
            compliant: Some(false),
            managed: Some(false),
            trust_type: text(""),
        },
        results: None,
        factors: LoggedFactors::Single,
        sign_ins: 1,
    }
}

/// The same by a client that knows no challenge.
pub(crate) fn legacy(client_app: &str) -> Logged {
    let mut logged = browser();
    logged.client.client_app = text(client_app);
    logged.client.legacy = true;
    logged.client.protocol = None;
    logged.client.transfer_method = None;
    logged
}

impl Logged {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// With MFA, as the log has it.
    pub(crate) fn multiple(self) -> Self {
        self.with(|it| it.factors = LoggedFactors::Multiple)
    }

    pub(crate) fn times(self, sign_ins: u64) -> Self {
        self.with(|it| it.sign_ins = sign_ins)
    }
}

/// An object or application id, made of a name.
pub(crate) fn id(name: &str) -> String {
    let number = name.bytes().fold(7_u64, |sum, byte| (sum * 131 + u64::from(byte)) % 0xffff_ffff);
    format!("00000000-0000-4000-a000-{number:012x}")
}

pub(crate) fn account(name: &str) -> Account {
    let guest = name == "gil";
    let upn = if guest {
        "gil_partner.example#EXT#@ne.example".to_owned()
    } else {
        format!("{name}@ne.example")
    };
    Account {
        user_principal_name: Some(upn),
        user_id: Some(id(name)),
        display_name: Some(name.to_owned()),
    }
}

pub(crate) fn user(name: &str) -> User {
    let guest = name == "gil";
    User {
        account: account(name),
        account_enabled: Some(true),
        user_type: Some(if guest { UserType::Guest } else { UserType::Member }),
        ..User::default()
    }
}

pub(crate) fn row(name: &str, capable: Option<bool>, methods: Option<&[&str]>) -> Registration {
    Registration {
        account: account(name),
        mfa_capable: capable,
        methods: methods.map(|all| all.iter().map(|it| (*it).to_owned()).collect()),
        ..Registration::default()
    }
}

/// A methods policy in which everybody may use the methods of the list, and nobody the others.
pub(crate) fn methods_policy(on: &[&str]) -> MethodsPolicy {
    let all = ["microsoftauthenticator", "fido2", "softwareoath", "sms", "voice", "email"];
    MethodsPolicy {
        methods: all
            .iter()
            .map(|id| MethodConfiguration {
                id: (*id).to_owned(),
                enabled: Some(on.contains(id)),
                include: Some(vec!["all_users".to_owned()]),
                exclude: Some(Vec::new()),
                ..MethodConfiguration::default()
            })
            .collect(),
        ..MethodsPolicy::default()
    }
}

/// MFA for everybody, changed as told.
pub(crate) fn policy(name: &str, change: &Value) -> Policy {
    let mut all = json!({"id": format!("id of {name}"), "displayName": name, "state": "enabled",
        "conditions": {"users": {"includeUsers": ["All"]},
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

impl World {
    /// `ann`, `ben` and the guest `gil`; everybody may register everything; nobody signed in.
    pub(crate) fn ne() -> Self {
        Self {
            snapshot: Snapshot {
                users: Some(["ann", "ben", "gil"].map(user).to_vec()),
                groups: Some(Vec::new()),
                roles: Some(Vec::new()),
                registrations: Some(Vec::new()),
                policies: Some(Vec::new()),
                named_locations: Some(Vec::new()),
                security_defaults: Some(false),
                methods_policy: Some(methods_policy(&["microsoftauthenticator", "fido2", "sms"])),
                inbound_mfa_trusted: Some(false),
                ..Snapshot::default()
            },
            replay: Replay::default(),
            rollout: Rollout::default(),
        }
    }

    /// One person alone, who can pass MFA, without a log.
    pub(crate) fn of_ann() -> Self {
        let mut world =
            Self::ne().registered(row("ann", Some(true), Some(&["microsoftAuthenticatorPush"])));
        world.snapshot.users = Some(vec![user("ann")]);
        world
    }

    pub(crate) fn registered(mut self, row: Registration) -> Self {
        self.snapshot.registrations.get_or_insert_default().push(row);
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn signs_in(self, name: &str, logged: Logged) -> Self {
        let guest = (name == "gil").then_some(true);
        let account = ReplayAccount { account: account(name), guest, ..ReplayAccount::default() };
        self.signs_in_as(account, logged)
    }

    pub(crate) fn signs_in_as(mut self, account: ReplayAccount, logged: Logged) -> Self {
        let replay = &mut self.replay;
        let row = ReplayRow {
            account: place(&mut replay.accounts, account),
            target: place(&mut replay.targets, logged.target),
            client: place(&mut replay.clients, logged.client),
            place: place(&mut replay.places, logged.place),
            device: place(&mut replay.devices, logged.device),
            results: logged.results.map(|results| place(&mut replay.results, results)),
            factors: logged.factors,
            sign_ins: logged.sign_ins,
        };
        replay.rows.push(row);
        self
    }

    pub(crate) fn measurement(&self) -> Measurement {
        Measurement {
            replay: Some(self.replay.clone()),
            window: Window {
                from: Some(time("2026-10-20T00:00:00Z")),
                to: Some(time("2026-11-19T00:00:00Z")),
                days_asked: 30,
                days_covered: 30,
            },
            ..Measurement::default()
        }
    }

    /// Calls with the facts of this world.
    pub(crate) fn ask<T>(&self, ask: impl FnOnce(&Facts<'_>) -> T) -> T {
        let measurement = self.measurement();
        ask(&Facts::new(
            &self.snapshot,
            Some(&measurement),
            &self.rollout,
            time("2026-11-20T12:00:00Z"),
        ))
    }

    pub(crate) fn impact(&self, policies: &[Policy]) -> Impact {
        self.ask(|facts| {
            let proposal = Proposal::of_policies(facts, policies.to_vec());
            impact(facts, &classify(facts), &proposal).unwrap()
        })
    }

    pub(crate) fn caught(&self, policies: &[Policy]) -> Caught {
        self.ask(|facts| {
            let proposal = Proposal::of_policies(facts, policies.to_vec());
            caught(facts, &classify(facts), &proposal)
        })
    }
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn place<T: PartialEq>(table: &mut Vec<T>, entry: T) -> u32 {
    let known = table.iter().position(|it| *it == entry);
    let place = known.unwrap_or_else(|| {
        table.push(entry);
        table.len() - 1
    });
    u32::try_from(place).unwrap()
}

/// The person of this name, if told of.
pub(crate) fn person<'i>(impact: &'i Impact, name: &str) -> Option<&'i PersonImpact> {
    let id = account(name).user_id;
    impact.people.iter().find(|person| person.account.user_id == id)
}

/// What becomes of the one account there is.
pub(crate) fn only(impact: &Impact) -> UserOutcome {
    let users = impact.users;
    assert_eq!(users.total, 1);
    let figures = [
        (users.not_touched, UserOutcome::NotTouched),
        (users.ready, UserOutcome::Ready),
        (users.unknown, UserOutcome::Unknown),
        (users.must_register, UserOutcome::MustRegister),
        (users.blocked_legacy, UserOutcome::BlockedLegacy),
        (users.cannot, UserOutcome::Cannot),
        (users.blocked, UserOutcome::Blocked),
    ];
    let (_, outcome) = figures.into_iter().find(|(count, _)| *count == 1).unwrap();
    let told = impact.people.first().map(|person| person.outcome);
    assert_eq!(told, Some(outcome).filter(|it| *it >= UserOutcome::Unknown));
    outcome
}
