//! What policies that do not exist yet can be tried on: the successful sign-ins of users, those
//! that tell the same counted together.
//!
//! Everything is kept as the numbers of texts: a table each of targets, clients, places and
//! devices, and rows that name an entry of each. At most so many rows are kept; a sign-in that
//! would need another one is counted as left out with its account. As long as no row is left out
//! neither the order of sign-ins nor that of merges changes anything; of a log with more, whether
//! any is left out depends on the log alone, and which ones on the order of reading.

mod finish;
mod table;

use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::FixedState;
use foldhash::quality::RandomState;
use hashbrown::HashMap;

use self::table::{Entry, Moved, Table};
use crate::factors::Factors;
use crate::field::Field;
use crate::measures::judged::{Details, Judged};
use crate::measures::kept::Latest;
use crate::measures::meaning::Meanings;
use crate::measures::names::User;
use crate::measures::translation::Translation;
use crate::places::Places;
use crate::told::Told;
use crate::words::{List, Word, Words};

/// Most rows of [`rollout::Measurement::replay`] that a reading keeps: what still fits into the
/// memory a table of two million takes (about 70 MB).
pub const MOST_ROWS: usize = 1_800_000;

/// How much is kept.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    /// Most rows.
    pub rows: usize,
    /// Addresses in the same of these are one address. `None`: each is as it was written.
    pub places: Option<Arc<Places>>,
}

impl Default for Room {
    fn default() -> Self {
        Self { rows: MOST_ROWS, places: None }
    }
}

/// Sign-ins that tell the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Row {
    user: User,
    target: u32,
    client: u32,
    place: u32,
    device: u32,
    /// `None`: not told.
    policies: Option<List>,
    factors: Factors,
}

/// What is known of a user beside their names.
#[derive(Debug, Clone, Copy, Default)]
struct Person {
    /// They have a successful sign-in.
    seen: bool,
    guest: Option<bool>,
    home_tenant: Latest,
    left_out: u64,
}

/// The successful sign-ins of users.
#[derive(Debug)]
pub(crate) struct ReplayMeasures {
    room: Room,
    /// By place of the user.
    people: Vec<Person>,
    targets: Table<6>,
    clients: Table<6>,
    places: Table<2>,
    devices: Table<3>,
    rows: HashMap<Row, u32, FixedState>,
    seed: RandomState,
}

/// What of a record tells what was asked for.
const TARGET: [Field; 6] = [
    Field::AppId,
    Field::AppName,
    Field::ResourceId,
    Field::ResourceName,
    Field::Audiences,
    Field::AuthenticationContexts,
];

/// What of a record tells with which client.
const CLIENT: [Field; 6] = [
    Field::ClientApp,
    Field::Protocol,
    Field::TransferMethod,
    Field::OperatingSystem,
    Field::SignInRisk,
    Field::AggregatedRisk,
];

/// What of a record tells on which device.
const DEVICE: [Field; 6] = [
    Field::DeviceId,
    Field::DeviceName,
    Field::TrustType,
    Field::Compliant,
    Field::Managed,
    Field::NoDeviceId,
];

/// Marks of a client.
const LEGACY: u8 = 1;
const ROPC: u8 = 2;
/// Marks of a device. Of what is not told neither of the two is set.
const COMPLIANT: [u8; 2] = [1, 2];
const MANAGED: [u8; 2] = [4, 8];
const NO_ID: u8 = 16;

/// Asks a record for its texts. Once rows enough are kept no text gets a number any more, so that
/// what is left out takes no room.
struct Asks<'m, R> {
    row: &'m R,
    meanings: &'m mut Meanings,
    words: &'m mut Words,
    full: bool,
    /// A text was told that has no number.
    missed: bool,
}

impl<R: Told> Asks<'_, R> {
    fn word(&mut self, field: Field) -> Option<Word> {
        if !self.full {
            return self.row.word(field, self.words);
        }
        let known = self.row.known_word(field, self.words);
        self.missed |= known.is_none() && self.row.tells(field);
        known
    }

    fn words<const N: usize>(&mut self, fields: [Field; N]) -> [Option<Word>; N] {
        fields.map(|field| self.word(field))
    }

    /// The mark of a yes or no.
    fn mark(&mut self, field: Field, [no, yes]: [u8; 2]) -> u8 {
        match self.word(field).and_then(|word| self.meanings.truth(word, self.words)) {
            None => 0,
            Some(false) => no,
            Some(true) => yes,
        }
    }

    fn entry<const N: usize>(&self, words: [Option<Word>; N], marks: u8) -> Option<Entry<N>> {
        (!self.missed).then_some(Entry { words, marks })
    }

    fn target(&mut self) -> Option<Entry<6>> {
        let words = self.words(TARGET);
        self.entry(words, 0)
    }

    fn client(&mut self, judged: &Judged) -> Option<Entry<6>> {
        let [_, protocol, transfer, system, risk, aggregated] = self.words(CLIENT);
        let client = judged.client.map(|client| client.shown);
        self.entry([client, protocol, transfer, system, risk, aggregated], client_marks(judged))
    }

    fn place(&mut self, places: Option<&Places>) -> Option<Entry<2>> {
        let country = self.word(Field::Country);
        // Of an address that is replaced the text is not needed any more.
        let address = match places {
            Some(places) => {
                self.stands_for(places).and_then(|address| self.words.word(&address.to_string()))
            }
            None => self.word(Field::IpAddress).or_else(|| self.word(Field::CallerIpAddress)),
        };
        self.entry([address, country], 0)
    }

    /// The address that stands for the record's own. `None`: it tells none that can be read, so
    /// that nobody knows in which places it is.
    fn stands_for(&self, places: &Places) -> Option<IpAddr> {
        let text =
            self.row.text(Field::IpAddress).or_else(|| self.row.text(Field::CallerIpAddress))?;
        Some(places.stands_for(text.trim().parse().ok()?))
    }

    fn device(&mut self) -> Option<Entry<3>> {
        let [id, name, trust] = self.words([Field::DeviceId, Field::DeviceName, Field::TrustType]);
        let id = id.map(|id| self.meanings.lower(id, self.words));
        let marks = self.mark(Field::Compliant, COMPLIANT) | self.mark(Field::Managed, MANAGED);
        let none = id.is_none() && self.row.tells(Field::NoDeviceId);
        self.entry([id, name, trust], marks | if none { NO_ID } else { 0 })
    }
}

fn client_marks(judged: &Judged) -> u8 {
    let mark = |is: bool, mark| if is { mark } else { 0 };
    mark(judged.legacy, LEGACY) | mark(judged.ropc, ROPC)
}

impl ReplayMeasures {
    /// Nothing seen yet.
    pub(crate) fn new(room: Room) -> Self {
        Self {
            room,
            people: Vec::new(),
            targets: Table::default(),
            clients: Table::default(),
            places: Table::default(),
            devices: Table::default(),
            rows: HashMap::default(),
            seed: RandomState::default(),
        }
    }

    /// Counts a successful sign-in of a user. False when it is left out.
    pub(crate) fn observe(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        details: &Details,
        meanings: &mut Meanings,
        words: &mut Words,
    ) -> bool {
        let guest = row.word(Field::UserType, words).and_then(|word| meanings.guest(word, words));
        let home_tenant = row.word(Field::HomeTenantId, words);
        if let Some(person) = self.person(judged.user) {
            person.seen = true;
            person.guest = person.guest.max(guest);
            if let Some(tenant) = home_tenant {
                person.home_tenant.observe(judged.time, tenant, words);
            }
        }
        let kept =
            self.row(row, judged, details, meanings, words).is_some_and(|row| self.add(row, 1));
        if !kept && let Some(person) = self.person(judged.user) {
            person.left_out += 1;
        }
        kept
    }

    /// The row of a sign-in. `None`: it would be a new one, and rows enough are kept.
    fn row(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        details: &Details,
        meanings: &mut Meanings,
        words: &mut Words,
    ) -> Option<Row> {
        let full = self.rows.len() >= self.room.rows;
        let mut asks = Asks { row, meanings, words, full, missed: false };
        let seed = &self.seed;
        let target =
            self.targets.find(row.print_of(each(&TARGET), seed), full, || asks.target())?;
        // Whether it is legacy may be told by the user agent, which is no part of the client.
        let print = row.print_of(each(&CLIENT), seed) ^ u64::from(client_marks(judged));
        let client = self.clients.find(print, full, || asks.client(judged))?;
        let address = [Field::IpAddress, Field::CallerIpAddress];
        let print = row.print_of([&address, &[Field::Country]], seed);
        let places = self.room.places.as_deref();
        let place = self.places.find(print, full, || asks.place(places))?;
        let print = row.print_of(each(&DEVICE), seed);
        let device = self.devices.find(print, full, || asks.device())?;
        Some(Row {
            user: judged.user,
            target,
            client,
            place,
            device,
            policies: details.policies,
            factors: details.challenge.map_or(Factors::Unknown, |challenge| challenge.factors),
        })
    }

    /// Counts sign-ins of a row. False when it would be a new one, and rows enough are kept.
    fn add(&mut self, row: Row, times: u32) -> bool {
        if self.rows.len() >= self.room.rows {
            let Some(count) = self.rows.get_mut(&row) else { return false };
            *count = count.saturating_add(times);
        } else {
            let count = self.rows.entry(row).or_default();
            *count = count.saturating_add(times);
        }
        true
    }

    fn person(&mut self, user: User) -> Option<&mut Person> {
        let place = user.place();
        if place >= self.people.len() {
            self.people.resize_with(place + 1, Person::default);
        }
        self.people.get_mut(place)
    }

    /// Forgets what is only remembered to be found sooner.
    pub(crate) fn settle(&mut self) {
        self.targets.settle();
        self.clients.settle();
        self.places.settle();
        self.devices.settle();
    }

    /// True when a sign-in was left out.
    pub(crate) fn leaves_out(&self) -> bool {
        self.people.iter().any(|person| person.left_out > 0)
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self, to: &mut Translation<'_>, words: &mut Words) {
        for (place, person) in other.people.iter().enumerate() {
            let Some(user) = to.users.get(place).copied().flatten() else { continue };
            let home_tenant = person.home_tenant.translated(to);
            if let Some(mine) = self.person(user) {
                mine.merge(&Person { home_tenant, ..*person }, words);
            }
        }
        let mut targets = Moved::new(&other.targets);
        let mut clients = Moved::new(&other.clients);
        let mut places = Moved::new(&other.places);
        let mut devices = Moved::new(&other.devices);
        for (row, times) in other.rows {
            let Some(user) = to.user(row.user) else {
                to.lost += u64::from(times);
                continue;
            };
            let full = self.rows.len() >= self.room.rows;
            let mut moved = || {
                Some(Row {
                    user,
                    target: targets.to(&mut self.targets, row.target, full, to)?,
                    client: clients.to(&mut self.clients, row.client, full, to)?,
                    place: places.to(&mut self.places, row.place, full, to)?,
                    device: devices.to(&mut self.devices, row.device, full, to)?,
                    policies: row.policies.and_then(|list| to.list(list, words)),
                    factors: row.factors,
                })
            };
            let kept = moved().is_some_and(|row| self.add(row, times));
            if !kept {
                to.lost += u64::from(times);
                if let Some(person) = self.person(user) {
                    person.left_out += u64::from(times);
                }
            }
        }
    }
}

impl Person {
    fn merge(&mut self, other: &Self, words: &Words) {
        self.seen |= other.seen;
        self.guest = self.guest.max(other.guest);
        self.home_tenant.merge(other.home_tenant, words);
        self.left_out = self.left_out.saturating_add(other.left_out);
    }
}

/// Each field by itself.
fn each<const N: usize>(fields: &[Field; N]) -> [&[Field]; N] {
    fields.each_ref().map(std::slice::from_ref)
}

#[cfg(test)]
mod tests;
