//! What the exports must come to: the generator's own bookkeeping.
//!
//! Nothing here uses lockstep's code. The figures follow the readings the documents of lockstep
//! are bound to: the window ends at the newest record; copies of a record count once; failures
//! alone make no dependency; first and last seen are those of successes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::account::{Kind, Registered};
use super::impact;
use super::people::Population;
use super::sign_in::SignIn;

/// Days of the audit.
const DAYS_ASKED: i64 = 30;

/// What was written, counted while writing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// User sign-in records in all files, copies included.
    pub(crate) user_records: u64,
    /// Times of the records of workload identities.
    pub(crate) workload: Vec<Timestamp>,
    /// Ids of the sign-ins that some file shows with the state of the device, enrolled or not.
    pub(crate) device_told: BTreeSet<String>,
}

/// Everything the truth is told of.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    /// The accounts.
    pub(crate) population: &'a Population,
    /// Every user sign-in that was written somewhere, once.
    pub(crate) log: &'a [SignIn],
    /// What was written.
    pub(crate) written: Written,
    /// When the first row of the registration report was refreshed.
    pub(crate) report_refreshed: Timestamp,
    /// Seed.
    pub(crate) seed: u64,
}

#[derive(Debug, Default)]
struct Use<'a> {
    succeeded: u64,
    failed: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    addresses: BTreeSet<&'a str>,
    example: Option<&'a SignIn>,
}

/// The ground truth as one document.
pub(crate) fn tell(told: &Told<'_>) -> Value {
    let newest = told.log.iter().map(|sign_in| sign_in.time).max().unwrap_or_default();
    let from = newest - SignedDuration::from_hours(24 * DAYS_ASKED);
    let inside: Vec<&SignIn> = told.log.iter().filter(|it| it.time >= from).collect();
    let distinct = u64::try_from(told.log.len()).unwrap_or(u64::MAX);
    let dates: BTreeSet<String> =
        inside.iter().map(|it| it.time.strftime("%Y-%m-%d").to_string()).collect();
    let workload = &told.written.workload;
    let records = told.written.user_records + u64::try_from(workload.len()).unwrap_or(u64::MAX);
    let older = told.log.len() - inside.len() + workload.iter().filter(|it| **it < from).count();
    json!({
        "about": "Figures kept by the generator while it made the exports. They are not computed \
                  by lockstep and are what its answers are tested against.",
        "seed": told.seed,
        "window": {
            "from": from.to_string(), "to": newest.to_string(), "days_asked": DAYS_ASKED,
            "days_covered": dates.len().min(usize::try_from(DAYS_ASKED).unwrap_or(30)),
        },
        "coverage": {
            "records_read": records,
            "records_unreadable": 0,
            "duplicates": told.written.user_records - distinct,
            "older_than_window": older,
            "workload_records": workload.len(),
            "interactive": true, "non_interactive": true, "authentication_protocol": true,
        },
        "totals": totals(&inside),
        "dependencies": dependencies(&inside, told.population),
        "registration": registration(told),
        "accounts": accounts(told.population),
        "directory": directory(told.population),
        "impact": impact::tell(&impact::Window {
            population: told.population,
            inside: &inside,
            device_told: &told.written.device_told,
        }),
    })
}

fn totals(inside: &[&SignIn]) -> Value {
    let legacy = |succeeded: bool| {
        inside.iter().filter(|it| it.legacy() && (it.code == 0) == succeeded).count()
    };
    let users: BTreeSet<&str> = inside
        .iter()
        .filter(|it| it.legacy() && it.code == 0)
        .map(|it| it.user_id.as_str())
        .collect();
    let keys: BTreeSet<_> = inside
        .iter()
        .filter(|it| it.legacy() && it.code == 0)
        .map(|it| (it.user_id.as_str(), it.client_app, it.device_shown()))
        .collect();
    json!({
        "sign_ins": inside.len(), "legacy_successes": legacy(true),
        "legacy_failures": legacy(false), "dependencies": keys.len(), "users": users.len(),
    })
}

fn dependencies(inside: &[&SignIn], population: &Population) -> Value {
    let mut uses: BTreeMap<(&str, &str, Option<String>), Use<'_>> = BTreeMap::new();
    for sign_in in inside.iter().filter(|it| it.legacy()) {
        let key = (sign_in.user_id.as_str(), sign_in.client_app, sign_in.device_shown());
        let one = uses.entry(key).or_default();
        if sign_in.code == 0 {
            one.succeeded += 1;
            one.first = Some(one.first.map_or(sign_in.time, |first| first.min(sign_in.time)));
            one.last = Some(one.last.map_or(sign_in.time, |last| last.max(sign_in.time)));
            one.addresses.insert(&sign_in.address);
            one.example = Some(sign_in);
        } else {
            one.failed += 1;
        }
    }
    let mut rows: Vec<(u64, String, Value)> = uses
        .into_iter()
        .filter_map(|((user_id, client_app, device), one)| {
            let example = one.example?;
            let name = population
                .accounts
                .iter()
                .find(|account| account.id == user_id)
                .map_or_else(|| example.user_name.clone(), |account| account.name.clone());
            let row = json!({
                "user_principal_name": name, "user_id": user_id, "client_app": client_app,
                "protocol": example.protocol, "app": example.app.name, "device": device,
                "succeeded": one.succeeded, "failed": one.failed,
                "first_seen": one.first.map(|it| it.to_string()),
                "last_seen": one.last.map(|it| it.to_string()),
                "ip_addresses": one.addresses.len(),
            });
            Some((one.succeeded, name, row))
        })
        .collect();
    rows.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
    Value::Array(rows.into_iter().map(|(_, _, row)| row).collect())
}

fn registration(told: &Told<'_>) -> Value {
    let people: Vec<_> = told.population.in_scope().collect();
    let count = |chosen: &dyn Fn(Registered) -> bool| {
        people.iter().filter(|account| chosen(account.registered)).count()
    };
    let capable = count(&Registered::capable);
    let names = |chosen: &dyn Fn(Registered) -> bool| -> Vec<&str> {
        people
            .iter()
            .filter(|account| chosen(account.registered))
            .map(|account| account.name.as_str())
            .collect()
    };
    let not_capable: Vec<Value> = people
        .iter()
        .filter(|account| !account.registered.capable())
        .map(|account| {
            json!({
                "user_principal_name": account.name, "reason": account.registered.why_not(),
                "kind": account.kind.word(),
            })
        })
        .collect();
    let kinds =
        |kind: Kind| told.population.accounts.iter().filter(|account| account.kind == kind).count();
    json!({
        "as_of": told.report_refreshed.to_string(),
        "denominators": {
            "in_scope_people": people.len(),
            "enabled_members":
                told.population.accounts.iter().filter(|it| it.enabled_member()).count(),
            "unclassified_with_settings": kinds(Kind::NotSeen),
            "unclassified_without_settings": kinds(Kind::NotSeen) + kinds(Kind::OnLeave),
        },
        "capable": capable,
        "registered": count(&Registered::registered),
        "rate_percent": (capable * 100 + people.len() / 2) / people.len().max(1),
        "sms_only": names(&|registered| {
            matches!(registered, Registered::TextMessageOnly | Registered::NotAllowed)
        }),
        "registered_not_capable": names(&|registered| registered == Registered::NotAllowed),
        "not_capable": not_capable,
    })
}

/// Every enabled account that is not an ordinary person.
fn accounts(population: &Population) -> Value {
    let special = population
        .accounts
        .iter()
        .filter(|account| account.enabled && !matches!(account.kind, Kind::Person));
    Value::Array(
        special
            .map(|account| {
                json!({"user_principal_name": account.name, "user_id": account.id,
                       "kind": account.kind.word()})
            })
            .collect(),
    )
}

fn directory(population: &Population) -> Value {
    let count = |chosen: &dyn Fn(Kind) -> bool| {
        population.accounts.iter().filter(|account| chosen(account.kind)).count()
    };
    let administrators: Vec<&str> = population
        .accounts
        .iter()
        .filter(|account| account.kind == Kind::Administrator)
        .map(|account| account.name.as_str())
        .collect();
    json!({
        "users": population.accounts.len(),
        "people": count(&|kind| kind.human() && kind != Kind::Leaver),
        "guests": count(&|kind| kind == Kind::Guest),
        "global_administrators": administrators,
        "break_glass_accounts": 0,
        "conditional_access_policies": 0,
        "security_defaults": true,
    })
}

#[cfg(test)]
mod tests {
    use super::super::people::draw_up;
    use super::super::sign_in::SignIn;
    use super::{Told, Written, tell};

    fn imap(id: &str, time: &str, code: u32, address: &str) -> SignIn {
        SignIn {
            id: id.to_owned(),
            time: time.parse().unwrap(),
            user_id: "u".to_owned(),
            user_name: "u@ne.example".to_owned(),
            client_app: "IMAP4",
            protocol: "ropc",
            address: address.to_owned(),
            code,
            ..SignIn::default()
        }
    }

    #[test]
    fn noise_and_old_records_do_not_stretch_a_dependency() {
        let log = [
            imap("1", "2026-10-01T00:00:00Z", 0, "192.0.2.1"),
            imap("2", "2026-11-01T00:00:00Z", 50126, "192.0.2.2"),
            imap("3", "2026-11-02T00:00:00Z", 0, "192.0.2.3"),
            imap("4", "2026-11-20T00:00:00Z", 50126, "192.0.2.4"),
        ];
        let population = draw_up(60, 1, "2026-11-20T18:00:00Z".parse().unwrap());
        let truth = tell(&Told {
            population: &population,
            log: &log,
            written: Written {
                user_records: 5,
                workload: vec![jiff::Timestamp::UNIX_EPOCH; 2],
                ..Written::default()
            },
            report_refreshed: "2026-11-20T02:00:00Z".parse().unwrap(),
            seed: 1,
        });
        assert_eq!(truth["coverage"]["duplicates"], 1);
        assert_eq!(truth["coverage"]["records_read"], 7);
        assert_eq!(truth["totals"]["legacy_failures"], 2);
        let dependency = &truth["dependencies"][0];
        assert_eq!(dependency["succeeded"], 1);
        assert_eq!(dependency["failed"], 2);
        assert_eq!(dependency["ip_addresses"], 1);
        assert_eq!(dependency["first_seen"], "2026-11-02T00:00:00Z");
        assert_eq!(dependency["last_seen"], "2026-11-02T00:00:00Z");
    }
}
