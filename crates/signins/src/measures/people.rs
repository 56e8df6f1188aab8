//! What each user did.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use jiff::Timestamp;
use rollout::{Account, PersonActivity, TextSet};

use crate::factors::Factors;
use crate::field::Field;
use crate::measures::days::DaySet;
use crate::measures::judged::{Details, Judged};
use crate::measures::meaning::Meanings;
use crate::measures::names::{Folded, Names};
use crate::measures::seen::{Seen, Thing, halves};
use crate::measures::translation::Translation;
use crate::outcome::{Outcome, is_challenge_failure};
use crate::sign_in::Kind;
use crate::told::Told;
use crate::words::{Word, Words};

/// Counts of one user. Each stops at four billion.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    sign_ins: u32,
    interactive_successes: u32,
    non_interactive_successes: u32,
    multifactor_successes: u32,
    single_factor_successes: u32,
    legacy_successes: u32,
    failures: u32,
    challenge_failures: u32,
    /// Successes outside the apps, countries and platforms kept.
    left_out: [u32; 3],
}

/// One user.
#[derive(Debug, Clone, Default)]
struct Person {
    counts: Counts,
    hours: u32,
    guest: Option<bool>,
    room_device: bool,
    ropc: bool,
    device_code: bool,
    last_success: Option<Timestamp>,
    last_interactive: Option<Timestamp>,
    days: DaySet,
    seen: Seen,
}

/// Every user of the log, by their number.
#[derive(Debug, Default)]
pub(crate) struct People {
    people: Vec<Person>,
}

impl People {
    /// Counts a user sign-in.
    pub(crate) fn observe(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        details: &Details,
        meanings: &mut Meanings,
        words: &mut Words,
    ) {
        let Some(person) = self.person(judged.user.place()) else { return };
        add(&mut person.counts.sign_ins, 1);
        person.observe_kind(row, judged, details, meanings, words);
        match judged.outcome {
            Outcome::Success => person.observe_success(row, judged, details, words),
            Outcome::Failure(code) => {
                add(&mut person.counts.failures, 1);
                let challenged = code.is_some_and(is_challenge_failure);
                add(&mut person.counts.challenge_failures, u32::from(challenged));
            }
            Outcome::Interrupt(_) | Outcome::Unknown => {}
        }
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: &Self, to: &mut Translation<'_>, words: &mut Words) {
        for (place, person) in other.people.iter().enumerate() {
            let Some(user) = to.users.get(place).copied().flatten() else { continue };
            let mut days = DaySet::default();
            days.merge(&person.days, &to.days);
            let seen = person.seen.translated(to);
            let person = Person { days, seen, ..person.clone() };
            if let Some(mine) = self.person(user.place()) {
                mine.merge(&person, words);
            }
        }
    }

    /// What every user did and is called. Figures of users whose id other records told stand with
    /// that id. `came_of` is what came of conversations by the place of their user: failed and
    /// abandoned.
    pub(crate) fn finish(
        mut self,
        came_of: &BTreeMap<usize, (u64, u64)>,
        folded: &Folded,
        names: &Names,
        words: &Words,
    ) -> Vec<PersonActivity> {
        let moved = folded.moved();
        for (from, to) in &moved {
            let Some(person) = self.people.get_mut(from.place()).map(std::mem::take) else {
                continue;
            };
            if let Some(mine) = self.person(to.place()) {
                mine.merge(&person, words);
            }
        }
        let mut shared = SharedTexts { words, known: HashMap::default() };
        let mut people = Vec::with_capacity(self.people.len().saturating_sub(moved.len()));
        // Each makes room as its figures are written down.
        for (user, person) in names.all().zip(self.people) {
            if folded.user(user) == user {
                let account = names.account(user, words);
                let came_of = came_of.get(&user.place()).copied().unwrap_or_default();
                people.push(person.finish(account, came_of, &mut shared));
            }
        }
        people
    }

    fn person(&mut self, place: usize) -> Option<&mut Person> {
        if place >= self.people.len() {
            self.people.resize_with(place + 1, Person::default);
        }
        self.people.get_mut(place)
    }
}

impl Person {
    fn observe_kind(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        details: &Details,
        meanings: &mut Meanings,
        words: &mut Words,
    ) {
        if let Some(word) = row.word(Field::UserType, words) {
            self.guest = self.guest.max(meanings.guest(word, words));
        }
        // Whoever sprays passwords chooses the protocol; only a success shows what an account uses.
        self.ropc |= judged.ropc && judged.succeeded();
        if matches!(judged.outcome, Outcome::Success | Outcome::Unknown) {
            let transfer = row.word(Field::TransferMethod, words);
            let transfer = transfer.map(|word| meanings.protocol(word, words));
            let both = [judged.protocol, transfer];
            self.device_code |= both.into_iter().flatten().any(|it| it.device_code);
        }
        self.room_device |=
            judged.room_agent || details.app.is_some_and(|app| meanings.is_room_app(app, words));
    }

    fn observe_success(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        details: &Details,
        words: &mut Words,
    ) {
        let counts = &mut self.counts;
        match judged.kind {
            Kind::InteractiveUser => {
                add(&mut counts.interactive_successes, 1);
                self.last_interactive = self.last_interactive.max(Some(judged.time));
            }
            Kind::NonInteractiveUser => add(&mut counts.non_interactive_successes, 1),
            Kind::ServicePrincipal | Kind::ManagedIdentity | Kind::Unknown => {}
        }
        match details.challenge.map(|challenge| challenge.factors) {
            Some(Factors::Multiple) => add(&mut counts.multifactor_successes, 1),
            Some(Factors::Single) => add(&mut counts.single_factor_successes, 1),
            Some(Factors::Unknown) | None => {}
        }
        add(&mut counts.legacy_successes, u32::from(judged.legacy));
        self.last_success = self.last_success.max(Some(judged.time));
        self.hours |= judged.hour;
        self.days.insert(judged.day);
        let address = row.print(Field::IpAddress).or_else(|| row.print(Field::CallerIpAddress));
        if let Some(address) = address {
            self.seen.count(Thing::Address, halves(address));
        }
        if let Some(device) = details.device_id.or(details.device_name) {
            self.seen.count(Thing::Device, (device.number(), 0));
        }
        let country = row.word(Field::Country, words);
        let things = [details.app, country, details.operating_system];
        for ((thing, word), left_out) in
            Thing::IN_ORDER.into_iter().zip(things).zip(&mut self.counts.left_out)
        {
            if let Some(word) = word {
                add(left_out, self.seen.observe(thing, word, 1, words));
            }
        }
    }

    fn merge(&mut self, other: &Self, words: &Words) {
        let (mine, others) = (&mut self.counts, &other.counts);
        for (count, other) in [
            (&mut mine.sign_ins, others.sign_ins),
            (&mut mine.interactive_successes, others.interactive_successes),
            (&mut mine.non_interactive_successes, others.non_interactive_successes),
            (&mut mine.multifactor_successes, others.multifactor_successes),
            (&mut mine.single_factor_successes, others.single_factor_successes),
            (&mut mine.legacy_successes, others.legacy_successes),
            (&mut mine.failures, others.failures),
            (&mut mine.challenge_failures, others.challenge_failures),
        ] {
            add(count, other);
        }
        let left_out = self.seen.merge(&other.seen, words);
        for ((mine, other), merged) in
            self.counts.left_out.iter_mut().zip(others.left_out).zip(left_out)
        {
            add(mine, other.saturating_add(merged));
        }
        self.hours |= other.hours;
        self.guest = self.guest.max(other.guest);
        self.room_device |= other.room_device;
        self.ropc |= other.ropc;
        self.device_code |= other.device_code;
        self.last_success = self.last_success.max(other.last_success);
        self.last_interactive = self.last_interactive.max(other.last_interactive);
        self.days.unite(&other.days);
    }

    fn finish(
        self,
        account: Account,
        (failed_conversations, abandoned_conversations): (u64, u64),
        shared: &mut SharedTexts<'_>,
    ) -> PersonActivity {
        let counts = &self.counts;
        let mut texts = |thing| shared.set(self.seen.words(thing));
        let [apps_left_out, countries_left_out, platforms_left_out] = counts.left_out;
        PersonActivity {
            account,
            guest: self.guest,
            sign_ins: counts.sign_ins.into(),
            interactive_successes: counts.interactive_successes.into(),
            non_interactive_successes: counts.non_interactive_successes.into(),
            multifactor_successes: counts.multifactor_successes.into(),
            single_factor_successes: counts.single_factor_successes.into(),
            legacy_successes: counts.legacy_successes.into(),
            failures: counts.failures.into(),
            challenge_failures: counts.challenge_failures.into(),
            last_success: self.last_success,
            last_interactive: self.last_interactive,
            ip_addresses: self.seen.len(Thing::Address),
            more_ip_addresses: self.seen.more(Thing::Address),
            devices: self.seen.len(Thing::Device),
            more_devices: self.seen.more(Thing::Device),
            hours: self.hours,
            active_days: self.days.len(),
            countries: texts(Thing::Country),
            countries_left_out: countries_left_out.into(),
            apps: texts(Thing::App),
            apps_left_out: apps_left_out.into(),
            platforms: texts(Thing::Platform),
            platforms_left_out: platforms_left_out.into(),
            failed_conversations,
            abandoned_conversations,
            room_device: self.room_device,
            ropc: self.ropc,
            device_code: self.device_code,
        }
    }
}

/// Texts of people, each once for all of them.
struct SharedTexts<'w> {
    words: &'w Words,
    known: HashMap<Word, Arc<str>, FixedState>,
}

impl SharedTexts<'_> {
    fn set(&mut self, words: impl Iterator<Item = Word>) -> TextSet {
        let Self { words: texts, known } = self;
        words
            .map(|word| known.entry(word).or_insert_with(|| texts.text(word).into()).clone())
            .collect()
    }
}

fn add(count: &mut u32, more: u32) {
    *count = count.saturating_add(more);
}
