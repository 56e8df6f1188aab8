//! Who must get in, and with what.

use std::collections::{BTreeMap, BTreeSet};

use conditional_access::facts::{Device, DeviceProperty, DeviceValue, Methods, Registration};
use conditional_access::{Administrator, Person};
use jiff::SignedDuration;

use crate::account::Account;
use crate::facts::Facts;
use crate::measurement::{Replay, ReplayDevice};
use crate::registration_facts::RegistrationFacts;
use crate::snapshot::GLOBAL_ADMINISTRATOR;
use crate::tenant_facts;

/// Break-glass accounts and administrators.
pub(super) struct People {
    pub(super) break_glass: Vec<Person>,
    pub(super) administrators: Vec<Administrator>,
    /// Why the proof fails whatever the policies say.
    pub(super) shortfalls: Vec<String>,
    pub(super) assumptions: Vec<String>,
    accounts: BTreeMap<String, Account>,
    /// Ids of break-glass accounts that nobody knows to be enabled.
    not_enabled: BTreeSet<String>,
}

impl People {
    pub(super) fn of(facts: &Facts<'_>) -> Self {
        let registrations = Registrations { facts, all: RegistrationFacts::new(facts) };
        let mut people = Self {
            break_glass: Vec::new(),
            administrators: Vec::new(),
            shortfalls: Vec::new(),
            assumptions: Vec::new(),
            accounts: BTreeMap::new(),
            not_enabled: BTreeSet::new(),
        };
        people.add_break_glass(facts, &registrations);
        people.add_administrators(facts, &registrations);
        people.assumptions.extend(registrations.assumption());
        people
    }

    /// The account of a person.
    pub(super) fn account(&self, person: &Person) -> Account {
        let unknown =
            || Account { user_principal_name: Some(person.name.clone()), ..Account::default() };
        self.accounts.get(&person.user_id).cloned().unwrap_or_else(unknown)
    }

    /// False for a break-glass account that is disabled, or may be.
    pub(super) fn is_enabled(&self, person: &Person) -> bool {
        !self.not_enabled.contains(&person.user_id)
    }

    /// An account, once. `None`: it was added before, or has no name at all.
    fn add(
        &mut self,
        facts: &Facts<'_>,
        account: Account,
        registration: Registration,
    ) -> Option<Person> {
        let user_id = tenant_facts::user_id(facts, &account)?;
        let name = account.label().to_owned();
        let is_new = self.accounts.insert(user_id.clone(), account).is_none();
        is_new.then_some(Person { user_id, name, registration })
    }

    /// The accounts that the settings name. One that no file holds keeps the name it has there.
    fn add_break_glass(&mut self, facts: &Facts<'_>, registrations: &Registrations<'_>) {
        for name in &facts.rollout.break_glass.accounts {
            let name = name.trim();
            let user = facts.user_named(name);
            let account = user.map_or_else(
                || Account { user_principal_name: Some(name.to_owned()), ..Account::default() },
                |user| user.account.clone(),
            );
            let label = account.label().to_owned();
            let reported = registrations.of_administrator(&account);
            let read = registrations.of_break_glass(&account);
            let Some(person) = self.add(facts, account, read.clone()) else { continue };
            let shows_method =
                |seen: Registration| seen.usable.is_some_and(|usable| usable.meets(Methods::MFA));
            if !shows_method(read) && !shows_method(reported) {
                self.assumptions.push(format!(
                    "Microsoft's mandatory MFA for the Azure, Entra and Intune portals is no part \
                     of this proof, and no exclusion lifts it: no file shows a method with which \
                     `{label}` passes it. Give the account a passkey."
                ));
            }
            let shortfall = match user.map(|user| user.account_enabled) {
                Some(Some(true)) | None => None,
                Some(Some(false)) => {
                    Some(format!("The break-glass account `{label}` is disabled."))
                }
                Some(None) => Some(format!(
                    "No file tells whether the break-glass account `{label}` is enabled."
                )),
            };
            if shortfall.is_some() {
                self.not_enabled.insert(person.user_id.clone());
            }
            self.shortfalls.extend(shortfall);
            self.break_glass.push(person);
        }
    }

    /// One account as an administrator of whom somebody else says whether MFA was passed.
    pub(super) fn operator(
        facts: &Facts<'_>,
        account: &Account,
        passed_mfa: Option<bool>,
    ) -> Option<Administrator> {
        let registrations = Registrations { facts, all: RegistrationFacts::new(facts) };
        let user_id = tenant_facts::user_id(facts, account)?;
        let devices = devices(facts).remove(&user_id).unwrap_or_default();
        let registration = registrations.of_administrator(account);
        let person = Person { user_id, name: account.label().to_owned(), registration };
        Some(Administrator { person, proven: passed_mfa, devices })
    }

    fn add_administrators(&mut self, facts: &Facts<'_>, registrations: &Registrations<'_>) {
        let holders =
            facts.holders_of(GLOBAL_ADMINISTRATOR, |role| tenant_facts::lasts(facts, role));
        let devices = devices(facts);
        for account in holders {
            let Some(user) = facts.user(&account) else { continue };
            if user.account_enabled == Some(false) {
                continue;
            }
            let registration = registrations.of_administrator(&account);
            let Some(person) = self.add(facts, account.clone(), registration) else { continue };
            // Whether they get in today is not seen where no file tells that the account is enabled.
            let passed = facts.activity(&account).map(|person| person.multifactor_successes > 0);
            let proven = passed.filter(|_| user.account_enabled == Some(true));
            if user.account_enabled.is_none() {
                self.assumptions.push(format!(
                    "No file tells whether the administrator `{}` is enabled: the account does not \
                     count as proven.",
                    person.name
                ));
            }
            let devices = devices.get(&person.user_id).cloned().unwrap_or_default();
            self.administrators.push(Administrator { person, proven, devices });
        }
    }
}

/// What everybody has registered, as far as it proves anything.
struct Registrations<'f> {
    facts: &'f Facts<'f>,
    all: RegistrationFacts,
}

impl Registrations<'_> {
    /// Only what was read one by one: whoever is the last to get in must not rest on a report.
    fn of_break_glass(&self, account: &Account) -> Registration {
        self.all.read_one_by_one(self.facts, account)
    }

    /// A row of the report that is older than the settings allow shows nothing. What was read one
    /// by one stands beside it.
    fn of_administrator(&self, account: &Account) -> Registration {
        let seen = self.all.of(self.facts, account).registration;
        let hours = self.facts.rollout.thresholds.report_stale_hours;
        let oldest = self
            .facts
            .as_of
            .saturating_sub(SignedDuration::from_hours(i64::from(hours)))
            .unwrap_or(self.facts.as_of);
        let row = self.facts.registration(account);
        let is_stale = row.and_then(|row| row.last_updated).is_some_and(|it| it < oldest);
        if is_stale { self.all.read_one_by_one(self.facts, account) } else { seen }
    }

    fn assumption(&self) -> Option<String> {
        let rows = self.facts.snapshot.registrations.iter().flatten();
        let undated = rows.filter(|row| row.last_updated.is_none()).count();
        (undated > 0).then(|| {
            "Rows of the registration report that tell no date count as of today.".to_owned()
        })
    }
}

/// The devices that each account signed in with, by the id of the account.
fn devices(facts: &Facts<'_>) -> BTreeMap<String, Vec<Device>> {
    let replay = facts.measurement.and_then(|measurement| measurement.replay.as_ref());
    let Some(replay) = replay else { return BTreeMap::new() };
    let ids: Vec<Option<String>> =
        replay.accounts.iter().map(|it| tenant_facts::user_id(facts, &it.account)).collect();
    let mut places: BTreeMap<&String, BTreeSet<(u32, Option<&str>)>> = BTreeMap::new();
    for row in &replay.rows {
        let id = at(&ids, row.account).and_then(Option::as_ref);
        let client = at(&replay.clients, row.client);
        let system = client.and_then(|client| client.operating_system.as_deref());
        if let Some(id) = id {
            places.entry(id).or_default().insert((row.device, system));
        }
    }
    let of = |seen: &BTreeSet<(u32, Option<&str>)>| {
        seen.iter().filter_map(|(place, system)| device(replay, *place, *system)).collect()
    };
    places.into_iter().map(|(id, seen)| (id.clone(), of(&seen))).collect()
}

fn at<T>(all: &[T], place: u32) -> Option<&T> {
    all.get(usize::try_from(place).ok()?)
}

/// A registered device as the log shows it. One that is not registered anybody can get.
fn device(replay: &Replay, place: u32, system: Option<&str>) -> Option<Device> {
    let logged = at(&replay.devices, place)?;
    let ReplayDevice { id, name, compliant, managed, trust_type } = logged;
    let registered = id.as_ref().map(|id| !id.is_empty());
    let text = |text: Option<&str>| {
        let told = text.filter(|text| !text.is_empty());
        told.map(|text| DeviceValue::Text(text.to_owned()))
    };
    let properties = [
        (DeviceProperty::DeviceId, text(id.as_deref())),
        (DeviceProperty::DisplayName, text(name.as_deref())),
        (DeviceProperty::IsCompliant, compliant.map(DeviceValue::Flag)),
        (DeviceProperty::TrustType, text(trust_type.as_deref())),
        (DeviceProperty::OperatingSystem, text(system)),
    ];
    let properties = properties.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let device = Device { registered, managed: *managed, properties: properties.collect() };
    (device.is_registered() == Some(true)).then_some(device)
}
