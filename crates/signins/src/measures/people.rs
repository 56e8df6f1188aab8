//! What each user did.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use jiff::civil::Date;
use rollout::{Account, PersonActivity};

use crate::factors::{Factors, factors};
use crate::legacy_client::{canonical_protocol, has_word};
use crate::measures::kept::{Latest, keep_number, keep_text};
use crate::measures::observed::{BY_ID, BY_NAME, Observed, push_lower};
use crate::outcome::{Outcome, is_challenge_failure};
use crate::sign_in::Kind;
use crate::words::fingerprint;

/// Most addresses and devices counted for one person.
const MOST_COUNTED: usize = 64;
const MOST_COUNTRIES: usize = 8;
const MOST_APPS: usize = 16;

/// One user.
#[derive(Debug, Default)]
struct Person {
    activity: PersonActivity,
    id: Option<Box<str>>,
    name: Latest,
    /// The name where it is an address: some rows show an object id in its place.
    address: Latest,
    /// The name where it is a guest's in the directory (`#EXT#`): rows show the address at home too.
    directory_name: Latest,
    display_name: Latest,
    addresses: BTreeSet<u64>,
    devices: BTreeSet<u64>,
    dates: BTreeSet<Date>,
}

/// Every user of the log.
#[derive(Debug, Default)]
pub(crate) struct People {
    people: HashMap<Box<str>, Person, FixedState>,
    /// By user principal name: the key of the user with this object id, empty when there are
    /// several.
    ids: HashMap<Box<str>, Box<str>, FixedState>,
}

/// Users known by name only, whose id other records told: from key to key.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    keys: BTreeMap<Box<str>, Box<str>>,
    prints: BTreeMap<u64, u64>,
}

impl Folded {
    /// The key under which a user's figures now stand, when it changed.
    pub(crate) fn key(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(|key| &**key)
    }

    /// The fingerprint under which a user's figures now stand.
    pub(crate) fn print(&self, print: u64) -> u64 {
        self.prints.get(&print).copied().unwrap_or(print)
    }
}

impl People {
    /// Counts a user sign-in.
    pub(crate) fn observe(&mut self, observed: &Observed<'_, '_>) {
        let text = &observed.sign_in.text;
        if let (Some(_), Some(name)) = (&text.user_id, &text.user_principal_name) {
            let mut key = String::with_capacity(name.len() + 1);
            key.push(BY_NAME);
            push_lower(&mut key, name);
            self.learn_id(&key, observed.user);
        }
        let person = match self.people.get_mut(observed.user) {
            Some(person) => person,
            None => self.people.entry(observed.user.into()).or_default(),
        };
        person.observe_names(observed);
        person.observe_kind(observed);
        match observed.outcome {
            Outcome::Success => person.observe_success(observed),
            Outcome::Failure(code) => {
                person.activity.failures += 1;
                person.activity.challenge_failures +=
                    u64::from(code.is_some_and(is_challenge_failure));
            }
            Outcome::Interrupt(_) | Outcome::Unknown => {}
        }
    }

    /// Learns that a name belongs to the user with an object id.
    fn learn_id(&mut self, name: &str, user: &str) {
        match self.ids.get_mut(name) {
            Some(known) if **known == *user || known.is_empty() => {}
            Some(known) => *known = Box::default(),
            None => {
                self.ids.insert(name.into(), user.into());
            }
        }
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self) {
        for (name, user) in other.ids {
            self.learn_id(&name, &user);
        }
        for (key, person) in other.people {
            self.people.entry(key).or_default().merge(person);
        }
    }

    /// Puts users known by name only together with the one user whose id other records told. A
    /// name that belonged to several ids stays apart.
    pub(crate) fn fold_names(&mut self) -> Folded {
        let mut folded = Folded::default();
        for (name, id) in &self.ids {
            if id.is_empty() {
                continue;
            }
            if let Some(person) = self.people.remove(name) {
                folded.prints.insert(fingerprint(name), fingerprint(id));
                folded.keys.insert(name.clone(), id.clone());
                self.people.entry(id.clone()).or_default().merge(person);
            }
        }
        folded
    }

    /// How a user is named.
    pub(crate) fn account(&self, key: &str) -> Account {
        self.people.get(key).map(Person::account).unwrap_or_default()
    }

    /// Everyone, by name, then id.
    pub(crate) fn finish(self) -> Vec<PersonActivity> {
        let mut people: Vec<_> = self.people.into_values().map(Person::finish).collect();
        people.sort_by(|a, b| a.account.cmp(&b.account));
        people
    }
}

impl Person {
    fn observe_names(&mut self, observed: &Observed<'_, '_>) {
        let text = &observed.sign_in.text;
        if self.id.is_none() && observed.user.starts_with(BY_ID) {
            self.id = observed.user.strip_prefix(BY_ID).map(Into::into);
        }
        if let Some(name) = text.user_principal_name {
            let lower = name.to_lowercase();
            let kept = if lower.contains("#ext#") {
                let name = lower.replace("#ext#", "#EXT#");
                self.directory_name.observe(observed.time, Some(&name));
                &mut self.address
            } else if lower.contains('@') {
                &mut self.address
            } else {
                &mut self.name
            };
            kept.observe(observed.time, Some(&lower));
        }
        let display_name = text.user_display_name.or(text.identity);
        self.display_name.observe(observed.time, display_name);
    }

    fn observe_kind(&mut self, observed: &Observed<'_, '_>) {
        let text = &observed.sign_in.text;
        let activity = &mut self.activity;
        activity.sign_ins += 1;
        if let Some(kind) = text.user_type {
            let guest = kind.eq_ignore_ascii_case("guest");
            if guest || kind.eq_ignore_ascii_case("member") {
                activity.guest = activity.guest.max(Some(guest));
            }
        }
        // Whoever sprays passwords chooses the protocol; only a success shows what an account uses.
        activity.ropc |= observed.ropc && observed.succeeded();
        if matches!(observed.outcome, Outcome::Success | Outcome::Unknown) {
            activity.device_code |=
                [&text.protocol, &text.transfer_method].into_iter().flatten().any(|word| {
                    canonical_protocol(word) == "deviceCode" || has_word(word, "devicecodeflow")
                });
        }
        let by_app = text.app_name.is_some_and(|name| has_word(name, "teams room"));
        let by_agent = text.user_agent.is_some_and(|agent| {
            has_word(agent, "skyperoomsystem") || has_word(agent, "teamsrooms")
        });
        activity.room_device |= by_app || by_agent;
    }

    fn observe_success(&mut self, observed: &Observed<'_, '_>) {
        let text = &observed.sign_in.text;
        let activity = &mut self.activity;
        match observed.kind {
            Kind::InteractiveUser => {
                activity.interactive_successes += 1;
                activity.last_interactive = activity.last_interactive.max(Some(observed.time));
            }
            Kind::NonInteractiveUser => activity.non_interactive_successes += 1,
            Kind::ServicePrincipal | Kind::ManagedIdentity | Kind::Unknown => {}
        }
        match factors(observed.sign_in) {
            Factors::Multiple => activity.multifactor_successes += 1,
            Factors::Single => activity.single_factor_successes += 1,
            Factors::Unknown => {}
        }
        activity.legacy_successes += u64::from(observed.legacy);
        activity.last_success = activity.last_success.max(Some(observed.time));
        activity.hours |= observed.hour;
        self.dates.insert(observed.date);
        if let Some(address) = observed.sign_in.ip_address() {
            keep_number(&mut self.addresses, fingerprint(address), MOST_COUNTED);
        }
        if let Some(device) = text.device_id.or(text.device_name) {
            keep_number(&mut self.devices, fingerprint(device), MOST_COUNTED);
        }
        if let Some(country) = text.country {
            keep_text(&mut activity.countries, country, MOST_COUNTRIES);
        }
        if let Some(app) = text.app_name {
            keep_text(&mut activity.apps, app, MOST_APPS);
        }
    }

    fn merge(&mut self, other: Self) {
        self.id = self.id.take().or(other.id);
        self.name.merge(other.name);
        self.address.merge(other.address);
        self.display_name.merge(other.display_name);
        self.dates.extend(other.dates);
        for address in other.addresses {
            keep_number(&mut self.addresses, address, MOST_COUNTED);
        }
        for device in other.devices {
            keep_number(&mut self.devices, device, MOST_COUNTED);
        }
        add_activity(&mut self.activity, &other.activity);
    }

    fn account(&self) -> Account {
        Account {
            user_principal_name: [&self.directory_name, &self.address, &self.name]
                .into_iter()
                .find_map(Latest::to_text),
            user_id: self.id.as_deref().map(str::to_owned),
            display_name: self.display_name.to_text(),
        }
    }

    fn finish(self) -> PersonActivity {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let account = self.account();
        PersonActivity {
            account,
            ip_addresses: count(self.addresses.len()),
            devices: count(self.devices.len()),
            active_days: u32::try_from(self.dates.len()).unwrap_or(u32::MAX),
            ..self.activity
        }
    }
}

fn add_activity(mine: &mut PersonActivity, other: &PersonActivity) {
    mine.guest = mine.guest.max(other.guest);
    mine.sign_ins += other.sign_ins;
    mine.interactive_successes += other.interactive_successes;
    mine.non_interactive_successes += other.non_interactive_successes;
    mine.multifactor_successes += other.multifactor_successes;
    mine.single_factor_successes += other.single_factor_successes;
    mine.legacy_successes += other.legacy_successes;
    mine.failures += other.failures;
    mine.challenge_failures += other.challenge_failures;
    mine.last_success = mine.last_success.max(other.last_success);
    mine.last_interactive = mine.last_interactive.max(other.last_interactive);
    mine.hours |= other.hours;
    for country in &other.countries {
        keep_text(&mut mine.countries, country, MOST_COUNTRIES);
    }
    for app in &other.apps {
        keep_text(&mut mine.apps, app, MOST_APPS);
    }
    mine.room_device |= other.room_device;
    mine.ropc |= other.ropc;
    mine.device_code |= other.device_code;
}
