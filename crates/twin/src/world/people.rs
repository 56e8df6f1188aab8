//! Draws up the accounts of the firm, at any size, by its shares.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::behaviour::Behaviour;
use super::chance::Chance;
use super::names::{DOMAIN, FAMILY, GIVEN, INITIAL_DOMAIN, OFFICES, TRADES};
use super::person::{Computer, FixedName, Habits, Held, Kind, Person, Persona};

/// An account of which nothing is known but its id.
pub(crate) fn nobody(id: Uuid, kind: Kind, created: Timestamp) -> Person {
    Person {
        id,
        kind,
        persona: Persona::None,
        given: 0,
        family: 0,
        number: 0,
        fixed: None,
        job: None,
        department: None,
        office: 0,
        enabled: true,
        synchronised: false,
        licensed: false,
        created,
        quiet_since: None,
        quiet_until: None,
        never_seen: false,
        computer: Computer::None,
        habits: Habits::default(),
        manager: None,
        held: Vec::new(),
        errands: Vec::new(),
    }
}

/// Draws up the accounts; `begins` is the first instant of history.
pub(crate) fn draw_up(
    people: u32,
    seed: u64,
    behaviour: &Behaviour,
    begins: Timestamp,
) -> Vec<Person> {
    let mut register = Register {
        chance: Chance::of(seed).for_purpose("people"),
        behaviour,
        begins,
        drawn: 0,
        taken: BTreeMap::new(),
        people: Vec::new(),
    };
    register.staff(u64::from(people));
    register.weak_passwords();
    register.managers();
    register.machines(u64::from(people));
    register.outsiders(u64::from(people));
    register.people
}

/// What somebody is drawn up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Equipment {
    Authenticator,
    AuthenticatorAndKey,
    TextMessage,
    PhoneCall,
    PasswordReset,
    Nothing,
    WithoutSmartphone,
    Joiner,
}

/// So many of the whole, to the nearest.
fn share(whole: u64, per_mille: u64) -> u64 {
    (whole * per_mille + 500) / 1000
}

struct Register<'a> {
    chance: Chance,
    behaviour: &'a Behaviour,
    begins: Timestamp,
    drawn: u64,
    /// How many share a name already.
    taken: BTreeMap<(u8, u8), u32>,
    people: Vec<Person>,
}

/// Who the staff are: kind, equipment, and whether away, with how many of each.
fn shares(people: u64, behaviour: &Behaviour) -> Vec<(Kind, Equipment, u64)> {
    let population = &behaviour.population;
    let active = share(people, population.active);
    let capable = share(active, population.capable);
    let incapable = active - capable;
    let it_team = share(people, population.it_team).clamp(3.min(active), active);
    let executives = 3.min(active - it_team);
    let capable_executives = executives.saturating_sub(1);
    let mut rest = incapable.saturating_sub(executives.min(1));
    let mut take = |wanted: u64| {
        let taken = wanted.min(rest);
        rest -= taken;
        taken
    };
    let without_smartphone = take(share(active, population.without_smartphone));
    let phone_call = take(share(active, population.phone_call_only));
    let password_reset = take(share(active, population.password_reset_only));
    let joiners = take(share(people, population.joiners_a_month));
    let nothing = take(u64::MAX);
    let plain = capable.saturating_sub(it_team + capable_executives);
    let text = share(capable, population.text_message_only).min(plain);
    vec![
        (Kind::ItTeam, Equipment::AuthenticatorAndKey, 1.min(it_team)),
        (Kind::ItTeam, Equipment::Authenticator, it_team.saturating_sub(1)),
        (Kind::Executive, Equipment::Nothing, executives.min(1)),
        (Kind::Executive, Equipment::Authenticator, capable_executives),
        (Kind::Staff, Equipment::WithoutSmartphone, without_smartphone),
        (Kind::Staff, Equipment::PhoneCall, phone_call),
        (Kind::Staff, Equipment::PasswordReset, password_reset),
        (Kind::Staff, Equipment::Joiner, joiners),
        (Kind::Staff, Equipment::Nothing, nothing),
        (Kind::Staff, Equipment::TextMessage, text),
        (Kind::Staff, Equipment::Authenticator, plain - text),
    ]
}

impl Register<'_> {
    fn next(&mut self) -> Chance {
        self.drawn += 1;
        self.chance.about(self.drawn)
    }

    fn before(&self, days: u64) -> Timestamp {
        let hours = i64::try_from(days).unwrap_or(0).saturating_mul(24);
        self.begins.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(self.begins)
    }

    fn staff(&mut self, people: u64) {
        for (kind, equipment, count) in shares(people, self.behaviour) {
            for nth in 0..count {
                let person = self.person(kind, equipment, nth);
                self.people.push(person);
            }
        }
        // The others are on leave, or have not been seen for long.
        let active = share(people, self.behaviour.population.active);
        for nth in 0..people.saturating_sub(active) {
            let equipment =
                if nth % 3 == 0 { Equipment::Authenticator } else { Equipment::Nothing };
            let mut person = self.person(Kind::Staff, equipment, nth);
            person.habits.avoids = false;
            let chance = self.next();
            match nth % 5 {
                0 => {
                    person.quiet_since = Some(self.before(chance.within([5, 40])));
                    person.quiet_until = Some(self.begins + SignedDuration::from_hours(24 * 160));
                }
                4 => person.never_seen = true,
                _ => person.quiet_since = Some(self.before(chance.within([70, 400]))),
            }
            self.people.push(person);
        }
    }

    fn person(&mut self, kind: Kind, equipment: Equipment, nth: u64) -> Person {
        let chance = self.next();
        let created = self.before(chance.for_purpose("created").within([200, 2600]));
        let mut person = nobody(chance.for_purpose("id").guid(), kind, created);
        self.name(&mut person, chance.for_purpose("name"));
        let office = chance.for_purpose("office").below(u64::try_from(OFFICES.len()).unwrap_or(1));
        person.office = u8::try_from(office).unwrap_or(0);
        (person.synchronised, person.licensed) = (true, true);
        let trade = chance.for_purpose("trade").pick(&TRADES).copied();
        (person.job, person.department) = match (kind, nth, equipment) {
            (Kind::ItTeam, ..) => (Some("IT Administrator"), Some("IT")),
            (Kind::Executive, _, Equipment::Nothing) => (Some("Finance Director"), Some("Finance")),
            (Kind::Executive, 0, _) => (Some("Managing Director"), Some("Management")),
            (Kind::Executive, ..) => (Some("Operations Director"), Some("Management")),
            (_, _, Equipment::WithoutSmartphone) => (Some("Machinist"), Some("Workshop")),
            _ => (trade.map(|it| it.0), trade.map(|it| it.1)),
        };
        person.persona = self.persona(kind, equipment, chance.for_purpose("persona"));
        self.equip(&mut person, equipment, chance.for_purpose("equipment"));
        person
    }

    fn persona(&self, kind: Kind, equipment: Equipment, chance: Chance) -> Persona {
        let numbers = &self.behaviour.persona;
        let drawn = chance.below(1000);
        match (kind, equipment) {
            (Kind::ItTeam, _) => Persona::Browser,
            (Kind::Executive, Equipment::Nothing) => Persona::SingleSignOn,
            (_, Equipment::WithoutSmartphone) => Persona::Field,
            // Under security defaults only those are left without a method whom no prompt reaches.
            (_, Equipment::Nothing | Equipment::PasswordReset | Equipment::PhoneCall) => {
                if drawn < 750 { Persona::SingleSignOn } else { Persona::PartTime }
            }
            _ if drawn < numbers.browser => Persona::Browser,
            _ if drawn < numbers.browser + numbers.single_sign_on => Persona::SingleSignOn,
            _ if drawn < numbers.browser + numbers.single_sign_on + numbers.field => Persona::Field,
            _ => Persona::PartTime,
        }
    }

    fn equip(&mut self, person: &mut Person, equipment: Equipment, chance: Chance) {
        let population = &self.behaviour.population;
        let draw = |purpose: &str, share: u64| chance.for_purpose(purpose).per_mille(share);
        person.computer = if draw("enrolled", population.enrolled) {
            Computer::Enrolled { compliant: draw("compliant", population.compliant) }
        } else {
            Computer::Unknown
        };
        let smartphone = equipment != Equipment::WithoutSmartphone;
        let active_sync =
            smartphone && person.kind == Kind::Staff && draw("active sync", population.active_sync);
        person.habits = Habits {
            active_sync,
            phone: smartphone && !active_sync && draw("phone", population.phone_mail),
            no_smartphone: !smartphone,
            avoids: false,
            weak_password: false,
        };
        let hello = person.computer != Computer::Unknown && draw("hello", population.windows_hello);
        let held = match equipment {
            Equipment::AuthenticatorAndKey => Held::AUTHENTICATOR.with(Held::SECURITY_KEY),
            Equipment::Authenticator if draw("code app", population.code_app) => Held::CODE_APP,
            Equipment::Authenticator if hello => Held::AUTHENTICATOR.with(Held::WINDOWS_HELLO),
            Equipment::Authenticator => Held::AUTHENTICATOR,
            Equipment::TextMessage => Held::MOBILE_PHONE,
            Equipment::PhoneCall => Held::OFFICE_PHONE,
            Equipment::PasswordReset => Held::EMAIL,
            Equipment::Nothing | Equipment::WithoutSmartphone | Equipment::Joiner => Held::NOTHING,
        };
        if equipment == Equipment::Joiner {
            let days = chance.for_purpose("joined").within([1, 25]);
            person.created = self.before(days);
        }
        person.habits.avoids = !held.has_any(Held::STRONG.without(Held::OFFICE_PHONE));
        if held != Held::NOTHING {
            let days = chance.for_purpose("registered").within([40, 190]);
            person.held.push((self.before(days), held));
        }
    }

    /// A name nobody else has: the more share it, the higher the number behind it.
    fn name(&mut self, person: &mut Person, chance: Chance) {
        let mut first = None;
        for attempt in 0..6_u64 {
            let chance = chance.about(attempt);
            let given = chance.for_purpose("given").below(u64::try_from(GIVEN.len()).unwrap_or(1));
            let family =
                chance.for_purpose("family").below(u64::try_from(FAMILY.len()).unwrap_or(1));
            let name = (u8::try_from(given).unwrap_or(0), u8::try_from(family).unwrap_or(0));
            let free = !self.taken.contains_key(&name);
            if first.is_none() || free {
                first = Some(name);
            }
            if free {
                break;
            }
        }
        let name = first.unwrap_or_default();
        let taken = self.taken.entry(name).or_insert(0);
        *taken += 1;
        (person.given, person.family) = name;
        person.number = if *taken == 1 { 0 } else { *taken };
    }

    /// Some have a password that a sprayer guesses: as many as the settings say.
    fn weak_passwords(&mut self) {
        let people = u64::try_from(self.people.len()).unwrap_or(0);
        for nth in 0..self.behaviour.attack.weak_passwords.min(people) {
            let drawn = self.chance.for_purpose("weak password").about(nth).below(people);
            let place = usize::try_from(drawn).unwrap_or(0);
            if let Some(person) = self.people.get_mut(place) {
                person.habits.weak_password = true;
            }
        }
    }

    /// Every tenth of an office leads those around.
    fn managers(&mut self) {
        let leaders: Vec<u32> =
            (0..u32::try_from(self.people.len()).unwrap_or(0)).step_by(12).collect();
        for (place, person) in self.people.iter_mut().enumerate() {
            let leader = leaders.get(place / 12).copied();
            person.manager = if leader == u32::try_from(place).ok() {
                leaders.first().copied().filter(|first| Some(*first) != leader)
            } else {
                leader
            };
        }
    }

    fn fixed(&mut self, kind: Kind, local: &str, display_name: &str, domain: &str) -> Person {
        let chance = self.next();
        let created = self.before(chance.for_purpose("created").within([700, 2600]));
        let mut person = nobody(chance.for_purpose("id").guid(), kind, created);
        let name = format!("{local}@{domain}");
        person.fixed = Some(Box::new(FixedName {
            display_name: display_name.to_owned(),
            log_name: name.to_lowercase(),
            mail: (domain == DOMAIN).then(|| name.clone()),
            user_principal_name: name,
        }));
        let office = chance.for_purpose("office").below(3);
        person.office = u8::try_from(office).unwrap_or(0);
        person
    }

    fn machines(&mut self, people: u64) {
        let population = &self.behaviour.population;
        let (shared, rooms, printers) = (
            share(people, population.shared_mailboxes).max(1),
            share(people, population.rooms).max(1),
            share(people, population.printers).max(1),
        );
        let words = ["accounts", "orders", "careers", "info", "quality", "sales"];
        for number in 0..shared {
            let local = numbered(&words, number);
            let mut mailbox = self.fixed(Kind::SharedMailbox, &local, &capital(&local), DOMAIN);
            // One of them can sign in, and an old Outlook uses its password.
            mailbox.enabled = number == 0;
            self.people.push(mailbox);
        }
        for number in 0..rooms {
            let words = ["room-leeds", "room-sheffield", "room-derby"];
            let local = numbered(&words, number);
            let mut room = self.fixed(Kind::Room, &local, &capital(&local), DOMAIN);
            room.enabled = false;
            self.people.push(room);
        }
        for number in 0..printers {
            let local = numbered(&["scan-leeds", "scan-sheffield", "scan-derby"], number);
            let mut printer = self.fixed(Kind::Printer, &local, &capital(&local), DOMAIN);
            printer.licensed = true;
            printer.office = u8::try_from(number % 3).unwrap_or(0);
            self.people.push(printer);
        }
        let mut reception = self.fixed(Kind::SharedLogin, "reception", "Reception", DOMAIN);
        (reception.licensed, reception.synchronised) = (true, true);
        reception.computer = Computer::Enrolled { compliant: true };
        reception.office = 0;
        self.people.push(reception);
        let services = [
            (Kind::Erp, "svc-erp", "ERP mail import"),
            (Kind::Service, "svc-backup", "Backup operator"),
            (Kind::Service, "svc-reports", "Nightly reports"),
        ];
        for (kind, local, display_name) in services {
            let mut service = self.fixed(kind, local, display_name, DOMAIN);
            (service.licensed, service.synchronised) = (kind == Kind::Erp, true);
            self.people.push(service);
        }
        let local = "Sync_NE-SRV02_8c41d09be6f3";
        let display_name = "On-Premises Directory Synchronization Service Account";
        let sync = self.fixed(Kind::Synchronisation, local, display_name, INITIAL_DOMAIN);
        self.people.push(sync);
    }

    fn outsiders(&mut self, people: u64) {
        let population = &self.behaviour.population;
        let (guests, leavers) =
            (share(people, population.guests), share(people, population.leavers));
        for number in 0..guests {
            let mut guest = self.person(Kind::Guest, Equipment::Nothing, number);
            let home = if number % 2 == 0 { "partner.example" } else { "survey.example" };
            let name = guest.user_principal_name(home);
            let local = name.split('@').next().unwrap_or_default();
            guest.fixed = Some(Box::new(FixedName {
                display_name: guest.display_name(),
                user_principal_name: format!("{local}_{home}#EXT#@{INITIAL_DOMAIN}"),
                log_name: name.clone(),
                mail: Some(name.clone()),
            }));
            guest.persona = Persona::None;
            guest.computer = Computer::Unknown;
            guest.habits = Habits::default();
            (guest.synchronised, guest.licensed) = (false, false);
            (guest.job, guest.department) = (None, None);
            self.people.push(guest);
        }
        for number in 0..leavers {
            let mut leaver = self.person(Kind::Leaver, Equipment::Authenticator, number);
            leaver.enabled = false;
            leaver.licensed = false;
            leaver.quiet_since = Some(self.before(20 + 15 * (number % 8)));
            self.people.push(leaver);
        }
    }
}

fn numbered(words: &[&str], number: u64) -> String {
    let count = u64::try_from(words.len()).unwrap_or(1).max(1);
    let word = usize::try_from(number % count).ok().and_then(|place| words.get(place).copied());
    let word = word.unwrap_or_default();
    if number < count { word.to_owned() } else { format!("{word}-{}", number / count + 1) }
}

fn capital(local: &str) -> String {
    let mut words = Vec::new();
    for word in local.split('-') {
        let mut letters = word.chars();
        let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
        words.push(first + letters.as_str());
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn population(people: u32) -> Vec<Person> {
        let behaviour = Behaviour::shipped().unwrap();
        draw_up(people, 7, &behaviour, "2026-10-20T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_firm_has_its_numbers_at_every_size() {
        for people in [210_u32, 1000, 4000] {
            let all = population(people);
            let staff = all.iter().filter(|person| person.is_human());
            assert_eq!(staff.clone().count(), usize::try_from(people).unwrap());
            let active: Vec<&Person> =
                staff.filter(|it| it.quiet_since.is_none() && !it.never_seen).collect();
            let usable = Held::STRONG.without(Held::OFFICE_PHONE);
            let at = "2026-11-20T00:00:00Z".parse().unwrap();
            let capable = active.iter().filter(|it| it.held_at(at).has_any(usable)).count();
            assert_eq!((capable * 100 + active.len() / 2) / active.len(), 87, "{people}");
            let enrolled =
                active.iter().filter(|it| matches!(it.computer, Computer::Enrolled { .. })).count();
            let share = enrolled * 100 / active.len();
            assert!((78..=90).contains(&share), "{people}: {share}");
        }
        assert_eq!(population(210).iter().filter(|it| it.kind == Kind::ItTeam).count(), 3);
    }

    #[test]
    fn names_and_ids_are_each_their_own() {
        let all = population(5000);
        let names: BTreeSet<String> =
            all.iter().map(|it| it.user_principal_name(DOMAIN).to_lowercase()).collect();
        let ids: BTreeSet<Uuid> = all.iter().map(|it| it.id).collect();
        assert_eq!((names.len(), ids.len()), (all.len(), all.len()));
    }

    #[test]
    fn the_finance_director_is_not_registered_yet() {
        let all = population(210);
        let director = all.iter().find(|it| it.job == Some("Finance Director")).unwrap();
        assert!(director.held.is_empty());
    }
}
