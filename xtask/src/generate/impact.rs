//! What the successful sign-ins of the window would meet under policies that do not exist yet, by
//! the generator's own bookkeeping.
//!
//! No policy is evaluated here. For each of three proposals it is written down what becomes of a
//! sign-in that was made in a certain way by an account that was made to be something. The readings
//! are those the document `lockstep.impact/1` is bound to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::account::{Account, Kind, Registered};
use super::directory::in_finance;
use super::people::Population;
use super::sign_in::SignIn;

/// What becomes of an account, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    NotTouched,
    Ready,
    Unknown,
    MustRegister,
    BlockedLegacy,
    Cannot,
    Blocked,
}

impl Outcome {
    const ALL: [(Self, &'static str); 7] = [
        (Self::NotTouched, "not_touched"),
        (Self::Ready, "ready"),
        (Self::Unknown, "unknown"),
        (Self::MustRegister, "must_register"),
        (Self::BlockedLegacy, "blocked_legacy"),
        (Self::Cannot, "cannot"),
        (Self::Blocked, "blocked"),
    ];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, word)| word)
    }
}

/// What becomes of one sign-in, and with it of its account.
type Met = (&'static str, Outcome);

const CHALLENGED: &str = "challenged";
const SATISFIED: &str = "already_satisfied";
const BLOCKED: &str = "blocked";
const NOT_TOUCHED: &str = "not_touched";
const UNKNOWN: &str = "unknown";

/// The log, and what was written of it.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    /// The accounts.
    pub(crate) population: &'a Population,
    /// User sign-ins of the window, each once.
    pub(crate) inside: &'a [&'a SignIn],
    /// Ids of the sign-ins that some file shows with the state of the device, enrolled or not.
    pub(crate) device_told: &'a BTreeSet<String>,
}

/// One proposal.
struct Proposal<'a> {
    /// What a sign-in meets. `None`: an account the directory does not hold.
    meets: &'a dyn Fn(&SignIn, Option<&Account>) -> Met,
    /// Whom a policy reaches that was not seen in the window.
    reaches: &'a dyn Fn(&Account) -> bool,
}

/// The three proposals.
pub(crate) fn tell(window: &Window<'_>) -> Value {
    let pilot = |account: &Account| account.kind == Kind::Administrator;
    // The account that synchronises the directory is left out of CA001, as in the plan.
    let caught = |account: &Account| account.kind != Kind::Sync;
    json!({
        "all_users": judge(window, &Proposal {
            meets: &|sign_in, account| match account {
                Some(known) if !caught(known) => (NOT_TOUCHED, Outcome::NotTouched),
                _ => mfa(sign_in, account),
            },
            reaches: &caught,
        }),
        "pilot": judge(window, &Proposal {
            meets: &|sign_in, account| match account {
                Some(known) if pilot(known) => mfa(sign_in, account),
                _ => (NOT_TOUCHED, Outcome::NotTouched),
            },
            reaches: &pilot,
        }),
        "proposed": judge(window, &Proposal {
            meets: &|sign_in, account| {
                places_and_devices(sign_in, account, window.device_told.contains(&sign_in.id))
            },
            reaches: &|_| true,
        }),
    })
}

/// CA001: MFA for every sign-in.
fn mfa(sign_in: &SignIn, account: Option<&Account>) -> Met {
    if sign_in.legacy() {
        return (BLOCKED, Outcome::BlockedLegacy);
    }
    if sign_in.passed_mfa() {
        return (SATISFIED, Outcome::Ready);
    }
    let Some(account) = account else { return (UNKNOWN, Outcome::Unknown) };
    match (account.kind, account.registered) {
        // The methods policy leaves the rooms out of every method.
        (Kind::Room, _) => (BLOCKED, Outcome::Cannot),
        (_, Registered::NoRow) => (UNKNOWN, Outcome::Unknown),
        (_, registered) if registered.capable() => (CHALLENGED, Outcome::Ready),
        // Whether MFA of the guest's own tenant is taken no file tells: there, or here, where
        // nothing is registered.
        (Kind::Guest, _) => (UNKNOWN, Outcome::Unknown),
        _ => (CHALLENGED, Outcome::MustRegister),
    }
}

/// CA010, CA011 and CA012 of the folder `proposed`.
fn places_and_devices(sign_in: &SignIn, account: Option<&Account>, device_told: bool) -> Met {
    if sign_in.place.1 != "GB" || sign_in.protocol == "deviceCode" {
        return (BLOCKED, Outcome::Blocked);
    }
    if !account.is_some_and(in_finance) {
        return (NOT_TOUCHED, Outcome::NotTouched);
    }
    let active_sync = sign_in.client_app == "Exchange ActiveSync";
    match (sign_in.device.is_enrolled(), device_told) {
        // With a new program too, as long as the device is none of ours.
        (false, true) => (BLOCKED, Outcome::Blocked),
        // What ActiveSync tells of a device nobody has written down.
        _ if active_sync => (UNKNOWN, Outcome::Unknown),
        _ if sign_in.legacy() => (BLOCKED, Outcome::BlockedLegacy),
        (true, _) => (SATISFIED, Outcome::Ready),
        (false, false) => (UNKNOWN, Outcome::Unknown),
    }
}

/// Sign-ins by what they would meet.
#[derive(Debug, Default)]
struct SignIns(BTreeMap<&'static str, u64>);

impl SignIns {
    fn add(&mut self, met: &'static str) {
        *self.0.entry(met).or_default() += 1;
    }

    fn told(&self) -> Map<String, Value> {
        let count = |word: &str| self.0.get(word).copied().unwrap_or_default();
        let counts = [CHALLENGED, SATISFIED, BLOCKED, NOT_TOUCHED, UNKNOWN]
            .map(|word| (word.to_owned(), json!(count(word))));
        let total = ("total".to_owned(), json!(self.0.values().sum::<u64>()));
        counts.into_iter().chain([total]).collect()
    }
}

/// What one account met.
#[derive(Debug)]
struct Person<'a> {
    name: &'a str,
    outcome: Outcome,
    /// Sign-ins by outcome and application.
    sign_ins: BTreeMap<Outcome, BTreeMap<&'static str, u64>>,
}

impl Person<'_> {
    /// How many sign-ins meet the outcome, and in which applications, most used first.
    fn evidence(&self) -> (u64, Vec<&'static str>) {
        let Some(apps) = self.sign_ins.get(&self.outcome) else { return (0, Vec::new()) };
        let mut names: Vec<_> = apps.iter().collect();
        names.sort_by(|left, right| right.1.cmp(left.1).then_with(|| left.0.cmp(right.0)));
        (apps.values().sum(), names.into_iter().map(|(name, _)| *name).collect())
    }
}

fn judge(window: &Window<'_>, proposal: &Proposal<'_>) -> Value {
    let known: BTreeMap<&str, &Account> =
        window.population.accounts.iter().map(|it| (it.id.as_str(), it)).collect();
    let mut people: BTreeMap<&str, Person<'_>> = BTreeMap::new();
    let mut sign_ins = SignIns::default();
    let mut cuts: [(&str, BTreeMap<&str, Cut<'_>>); 4] =
        ["by_app", "by_client_app", "by_platform", "by_country"].map(|it| (it, BTreeMap::new()));
    for sign_in in window.inside.iter().filter(|it| it.code == 0) {
        let account = known.get(sign_in.user_id.as_str()).copied();
        let (met, outcome) = (proposal.meets)(sign_in, account);
        sign_ins.add(met);
        let person = people.entry(&sign_in.user_id).or_insert_with(|| Person {
            name: account.map_or(sign_in.user_name.as_str(), |it| it.name.as_str()),
            outcome,
            sign_ins: BTreeMap::new(),
        });
        person.outcome = person.outcome.max(outcome);
        *person.sign_ins.entry(outcome).or_default().entry(sign_in.app.name).or_default() += 1;
        // What is shared, and how it is shown: two programs of one application are one.
        let shared = [
            (sign_in.app.id, sign_in.app.name),
            (sign_in.client_app, sign_in.client_app),
            (platform(sign_in.device.system), platform(sign_in.device.system)),
            (sign_in.place.1, sign_in.place.1),
        ];
        for ((_, cut), (key, name)) in cuts.iter_mut().zip(shared) {
            let cut = cut.entry(key).or_default();
            *cut.names.entry(name).or_default() += 1;
            cut.add(sign_in, met);
        }
    }
    for account in &window.population.accounts {
        people.entry(&account.id).or_insert_with(|| Person {
            name: &account.name,
            outcome: if account.enabled && (proposal.reaches)(account) {
                Outcome::Unknown
            } else {
                Outcome::NotTouched
            },
            sign_ins: BTreeMap::new(),
        });
    }
    let mut told = Map::new();
    told.insert("users".to_owned(), users(&people));
    told.insert("sign_ins".to_owned(), sign_ins.told().into());
    for (name, cut) in cuts {
        let rows = cut.values().map(Cut::told).collect();
        told.insert(name.to_owned(), rows);
    }
    told.insert("people".to_owned(), listed(&people));
    for outcome in [Outcome::Ready, Outcome::NotTouched] {
        let mut names: Vec<_> =
            people.values().filter(|it| it.outcome == outcome).map(|it| it.name).collect();
        names.sort_unstable();
        told.insert(outcome.word().to_owned(), json!(names));
    }
    Value::Object(told)
}

fn users(people: &BTreeMap<&str, Person<'_>>) -> Value {
    let count = |outcome| people.values().filter(|it| it.outcome == outcome).count();
    let total = ("total".to_owned(), json!(people.len()));
    let counts = Outcome::ALL.map(|(outcome, word)| (word.to_owned(), json!(count(outcome))));
    Value::Object(counts.into_iter().chain([total]).collect())
}

/// Everyone who is neither ready nor not touched, worst first, then by name.
fn listed(people: &BTreeMap<&str, Person<'_>>) -> Value {
    let mut listed: Vec<_> =
        people.iter().filter(|(_, person)| person.outcome > Outcome::Ready).collect();
    listed.sort_by(|(_, left), (_, right)| {
        right.outcome.cmp(&left.outcome).then_with(|| left.name.cmp(right.name))
    });
    let rows = listed.into_iter().map(|(id, person)| {
        let (sign_ins, apps) = person.evidence();
        json!({
            "user_principal_name": person.name, "user_id": id,
            "outcome": person.outcome.word(), "sign_ins": sign_ins, "apps": apps,
        })
    });
    rows.collect()
}

/// The platform of an operating system, in the words of policies.
fn platform(system: &str) -> &'static str {
    let platforms = [
        ("Windows", "Windows"),
        ("Ios", "iOS"),
        ("MacOs", "macOS"),
        ("Android", "Android"),
        ("Linux", "Linux"),
    ];
    platforms.iter().find(|(start, _)| system.starts_with(start)).map_or("", |(_, name)| name)
}

/// Sign-ins that share something.
#[derive(Debug, Default)]
struct Cut<'a> {
    names: BTreeMap<&'static str, u64>,
    users: BTreeSet<&'a str>,
    users_blocked: BTreeSet<&'a str>,
    sign_ins: SignIns,
}

impl<'a> Cut<'a> {
    fn add(&mut self, sign_in: &'a SignIn, met: &'static str) {
        self.users.insert(&sign_in.user_id);
        if met == BLOCKED {
            self.users_blocked.insert(&sign_in.user_id);
        }
        self.sign_ins.add(met);
    }

    /// By the name most of them have. An empty one is one the log does not tell.
    fn told(&self) -> Value {
        let name = self.names.iter().max_by_key(|(_, count)| **count).map_or("", |(name, _)| *name);
        let mut told = self.sign_ins.told();
        let name = if name.is_empty() { Value::Null } else { json!(name) };
        told.insert("name".to_owned(), name);
        told.insert("users".to_owned(), json!(self.users.len()));
        told.insert("users_blocked".to_owned(), json!(self.users_blocked.len()));
        Value::Object(told)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::super::people::{Population, draw_up};
    use super::super::sign_in::{OFFICE_HOME, SignIn};
    use super::{Account, Kind, Registered, Window, tell};

    /// What makes a sign-in different.
    type Change<'a> = &'a dyn Fn(&mut SignIn);

    /// Who signs in, how, and what it comes to for all users and for the pilot.
    type Case<'a> = ((Kind, Registered), &'a [Change<'a>], [&'a str; 2]);

    /// What makes an account different.
    type Who<'a> = &'a dyn Fn(&mut Account);

    /// The books of one account of this kind and a log of its own.
    fn one(
        (kind, registered): (Kind, Registered),
        change: Who<'_>,
        sign_ins: &[Change<'_>],
    ) -> Value {
        let mut account = Account {
            id: "a".to_owned(),
            name: "a@ne.example".to_owned(),
            log_name: "a@ne.example".to_owned(),
            kind,
            registered,
            enabled: true,
            ..Account::default()
        };
        change(&mut account);
        let log: Vec<SignIn> = sign_ins
            .iter()
            .enumerate()
            .map(|(number, change)| {
                let mut sign_in = SignIn::of(&account, "2026-11-20T08:00:00Z".parse().unwrap());
                sign_in.id = number.to_string();
                (sign_in.client_app, sign_in.app) = ("Browser", OFFICE_HOME);
                change(&mut sign_in);
                sign_in
            })
            .collect();
        let population = Population { accounts: vec![account] };
        let device_told = BTreeSet::from(["0".to_owned()]);
        tell(&Window {
            population: &population,
            inside: &log.iter().collect::<Vec<_>>(),
            device_told: &device_told,
        })
    }

    /// The one outcome of the one account.
    fn outcome(books: &Value) -> &str {
        let people = books["people"].as_array().unwrap();
        match people.first() {
            Some(person) => person["outcome"].as_str().unwrap(),
            None if books["ready"] == json!([]) => "not_touched",
            None => "ready",
        }
    }

    #[test]
    fn what_is_written_down_of_one_sign_in() {
        let plain: Change<'_> = &|_| {};
        let legacy: Change<'_> = &|it| it.client_app = "IMAP4";
        let ropc: Change<'_> = &|it| it.protocol = "ropc";
        let mfa: Change<'_> = &|it| it.multifactor = true;
        let home: Change<'_> = &|it| it.proved_at = Some("elsewhere");
        let failed: Change<'_> = &|it| it.code = 50126;
        let (person, push) = (Kind::Person, Registered::Authenticator);
        let cases: [Case<'_>; 13] = [
            ((person, push), &[failed], ["unknown", "not_touched"]),
            ((person, push), &[], ["unknown", "not_touched"]),
            ((person, Registered::NoRow), &[plain], ["unknown", "not_touched"]),
            ((person, Registered::NotAllowed), &[plain], ["must_register", "not_touched"]),
            ((person, Registered::Nothing), &[plain, legacy], ["blocked_legacy", "not_touched"]),
            ((person, push), &[plain, ropc], ["blocked_legacy", "not_touched"]),
            ((person, push), &[plain], ["ready", "not_touched"]),
            ((Kind::Room, Registered::Nothing), &[legacy, plain], ["cannot", "not_touched"]),
            ((Kind::Guest, Registered::Nothing), &[plain], ["unknown", "not_touched"]),
            ((Kind::Guest, Registered::Nothing), &[home], ["ready", "not_touched"]),
            ((Kind::Sync, Registered::Nothing), &[plain], ["not_touched", "not_touched"]),
            ((Kind::Administrator, push), &[mfa], ["ready", "ready"]),
            ((Kind::Administrator, push), &[plain, legacy], ["blocked_legacy", "blocked_legacy"]),
        ];
        for (position, (who, sign_ins, [all_users, pilot])) in cases.into_iter().enumerate() {
            let books = one(who, &|_| {}, sign_ins);
            assert_eq!(outcome(&books["all_users"]), all_users, "case {position}");
            assert_eq!(outcome(&books["pilot"]), pilot, "case {position}");
        }
        let books = one((person, push), &|it| it.enabled = false, &[]);
        assert_eq!(outcome(&books["all_users"]), "not_touched", "disabled, not seen");
    }

    #[test]
    fn what_is_written_down_of_places_and_devices() {
        let finance: Who<'_> = &|it| it.department = "Finance";
        let abroad: Change<'_> = &|it| it.place = ("Valencia", "ES");
        let code: Change<'_> = &|it| it.protocol = "deviceCode";
        let plain: Change<'_> = &|_| {};
        let enrolled: Change<'_> = &|it| it.device.trust = "Hybrid Azure AD joined";
        let old: Change<'_> = &|it| it.client_app = "MAPI Over HTTP";
        let phone: Change<'_> = &|it| it.client_app = "Exchange ActiveSync";
        let cases: [(Who<'_>, &[Change<'_>], &str); 10] = [
            (&|_| {}, &[], "unknown"),
            (&|_| {}, &[plain], "not_touched"),
            (&|_| {}, &[plain, abroad], "blocked"),
            (&|_| {}, &[code], "blocked"),
            (finance, &[plain], "blocked"),
            (finance, &[enrolled, plain], "unknown"),
            (finance, &[enrolled], "ready"),
            (finance, &[phone], "blocked"),
            (finance, &[enrolled, phone], "unknown"),
            (finance, &[enrolled, old], "blocked_legacy"),
        ];
        for (position, (who, sign_ins, expected)) in cases.into_iter().enumerate() {
            let books = one((Kind::Person, Registered::Nothing), who, sign_ins);
            assert_eq!(outcome(&books["proposed"]), expected, "case {position}");
        }
    }

    #[test]
    fn figures_add_up_in_tenants_of_any_size() {
        let population = draw_up(400, 3, "2026-11-20T18:00:00Z".parse().unwrap());
        let log: Vec<SignIn> = population
            .accounts
            .iter()
            .map(|account| SignIn::of(account, "2026-11-20T08:00:00Z".parse().unwrap()))
            .collect();
        let books = tell(&Window {
            population: &population,
            inside: &log.iter().collect::<Vec<_>>(),
            device_told: &BTreeSet::new(),
        });
        for (proposal, figures) in books.as_object().unwrap() {
            for of in ["users", "sign_ins"] {
                let counts = figures[of].as_object().unwrap();
                let sum: u64 = counts.values().map(|it| it.as_u64().unwrap()).sum();
                assert_eq!(sum, 2 * counts["total"].as_u64().unwrap(), "{proposal}: {of}");
            }
            let rows = figures["by_country"].as_array().unwrap();
            assert_eq!(rows[0]["total"], figures["sign_ins"]["total"], "{proposal}");
        }
    }
}
