//! Somebody far away who tries a few passwords on every account, and the programs that sign in as
//! themselves.

use super::World;
use super::apps::{BACKUP, Client, HOME, MAIL};
use super::calendar::Day;
use super::chance::Chance;
use super::conversation::Log;
use super::era::{DeviceFacts, PlatformOf, Question};
use super::moments::{Moment, Place, Slot};
use super::row::{Asker, Ending, List, NOBODY, NOT_REACHED, Row};

/// Where attackers' addresses are said to be: city, state, country, latitude, longitude.
pub(crate) const PLACES: [(&str, &str, &str, f64, f64); 5] = [
    ("Sao Paulo", "Sao Paulo", "BR", -23.5, -46.6),
    ("Hanoi", "Ha Noi", "VN", 21.0, 105.8),
    ("Ashburn", "Virginia", "US", 39.0, -77.5),
    ("Frankfurt am Main", "Hessen", "DE", 50.1, 8.7),
    ("Singapore", "Singapore", "SG", 1.3, 103.8),
];

/// The country of a place of attackers.
pub(crate) fn country(number: u8) -> &'static str {
    PLACES.get(usize::from(number)).map_or("", |place| place.2)
}

impl World {
    /// Attempts of a day.
    pub(crate) fn attack(&self, day: Day, log: &mut Log) {
        let numbers = &self.behaviour.attack;
        let chance = Chance::of(self.seed).for_purpose("attack").about(day.number());
        if self.people.is_empty() || !chance.for_purpose("at all").per_mille(numbers.days) {
            return;
        }
        // Who joins later must not change what was tried before.
        let accounts = u64::try_from(self.accounts_by(day.at(0))).unwrap_or(0);
        let rate = chance.for_purpose("attempts").within(numbers.attempts);
        let attempts = (rate * accounts).div_ceil(1000);
        // One wave over the day: a few minutes to an hour between beginning and end of a burst.
        let begins = chance.for_purpose("begins").below(60_000);
        for attempt in 0..attempts {
            self.attempt(day, begins, accounts, chance.about(attempt), log);
        }
    }

    fn attempt(&self, day: Day, begins: u64, accounts: u64, chance: Chance, log: &mut Log) {
        let numbers = &self.behaviour.attack;
        let account = usize::try_from(chance.for_purpose("account").below(accounts)).unwrap_or(0);
        let Some(person) = self.people.get(account) else { return };
        let places = u64::try_from(PLACES.len()).unwrap_or(1);
        let place = u8::try_from(chance.for_purpose("place").below(places)).unwrap_or(0);
        let client = if chance.for_purpose("legacy").per_mille(numbers.legacy) {
            let clients = [Client::Smtp, Client::Imap, Client::Imap, Client::ActiveSync];
            chance.for_purpose("client").pick(&clients).copied().unwrap_or(Client::Imap)
        } else {
            Client::Browser
        };
        let second = begins + chance.for_purpose("second").below(20_000);
        let moment = Moment {
            second: u32::try_from(second).unwrap_or(0),
            slot: Slot::Other,
            app: if client == Client::Browser { HOME } else { MAIL },
            client,
            interactive: client == Client::Browser || client == Client::Smtp,
            place: Place::Elsewhere(place),
            asked_to: false,
            key: chance.for_purpose("attempt").key(),
        };
        let at = day.at(moment.second);
        let guessed = person.habits.weak_password && self.is_enabled(person, at);
        let mut met = NOT_REACHED;
        let mut asker = Asker::Nobody;
        let ending = if person.created > at {
            Ending::NoSuchUser
        } else if guessed {
            let (ending, by, found) = self.guessed(account, &moment, day);
            asker = by;
            met = u32::try_from(log.met.len()).unwrap_or(NOT_REACHED);
            log.met.push(found);
            ending
        } else if chance.for_purpose("locked").per_mille(numbers.locked_out) {
            Ending::LockedOut
        } else {
            Ending::WrongPassword
        };
        let list = if moment.interactive { List::Interactive } else { List::NonInteractive };
        let row = Row {
            second: at.as_second(),
            key: moment.chance().for_purpose("row").key(),
            conversation: moment.key,
            person: u32::try_from(account).unwrap_or(NOBODY),
            met,
            shown_after: 0,
            details_after: 0,
            list,
            slot: moment.slot,
            app: moment.app,
            client: moment.client,
            place: moment.place,
            ending,
            asker,
            is_copy: false,
        };
        self.publish(row, &mut log.rows);
    }

    /// A password that was guessed: what the policies make of it. MFA is never passed.
    fn guessed(
        &self,
        account: usize,
        moment: &Moment,
        day: Day,
    ) -> (Ending, Asker, std::sync::Arc<super::era::Met>) {
        use conditional_access::Verdict;
        let at = day.at(moment.second);
        let era = self.era(at);
        let person = self.people.get(account);
        let (address, country) = person
            .map(|person| self.address_of(person, moment.place, moment.key))
            .unwrap_or((std::net::IpAddr::from([192, 0, 2, 1]), ""));
        let question = Question {
            class: person.map_or(0, |person| era.class(account, person)),
            usable: person.map(|it| self.usable_methods(it, at)).unwrap_or_default(),
            app: moment.app,
            client: moment.client,
            platform: PlatformOf::None,
            device: DeviceFacts { registered: None, compliant: false, hybrid: false },
            address,
            country,
            claim: false,
        };
        let met = era.meet(question, self.legacy_passes());
        let ending = match met.verdict {
            Verdict::Allow => Ending::Password,
            // From a strange place security defaults ask.
            Verdict::Require | Verdict::Unknown => Ending::Asked,
            Verdict::Register => Ending::MustRegister,
            Verdict::Block if met.by_security_defaults => Ending::BlockedBySecurityDefaults,
            Verdict::Block => Ending::Blocked,
        };
        let asker = match (ending, met.by_policy) {
            (Ending::Password, _) => Asker::Nobody,
            (_, true) => Asker::ConditionalAccess,
            (_, false) => Asker::SecurityDefaults,
        };
        (ending, asker, met)
    }

    /// Sign-ins of a program with its own credentials.
    pub(crate) fn workload(&self, day: Day, log: &mut Log) {
        let chance = Chance::of(self.seed).for_purpose("workload").about(day.number());
        let count = chance.for_purpose("count").within(self.behaviour.day.workload_sign_ins);
        for nth in 0..count {
            let chance = chance.about(nth);
            let second = u32::try_from(chance.for_purpose("second").below(84_000)).unwrap_or(0);
            let row = Row {
                second: day.at(second).as_second(),
                key: chance.for_purpose("row").key(),
                conversation: chance.key(),
                person: NOBODY,
                met: NOT_REACHED,
                shown_after: 0,
                details_after: 0,
                list: List::Workload,
                slot: Slot::Other,
                app: BACKUP,
                client: Client::Modern,
                place: Place::Office,
                ending: Ending::TokenOnly,
                asker: Asker::Nobody,
                is_copy: false,
            };
            self.publish(row, &mut log.rows);
        }
    }
}
