//! The accounts of NE Engineering: who they are, and what they registered.
//!
//! The numbers are chosen, not drawn, so that the ground truth is known before anything is
//! written: of so many people ten are not active, 87 % of the others are capable, and every
//! special account of the rollout method occurs.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::account::{Account, Device, Kind, Registered};
use super::chance::Chance;

/// Primary domain.
pub(crate) const DOMAIN: &str = "ne.example";
/// The domain the tenant was made with.
pub(crate) const INITIAL_DOMAIN: &str = "neengineering.onmicrosoft.com";
/// Tenant name.
pub(crate) const TENANT: &str = "NE Engineering";

/// Tenant of the partner whose people come as guests.
pub(crate) const PARTNER_TENANT: &str = "b7a1d0e4-93f2-4c68-8a15-2e6c0f9d7b41";

const GIVEN: [&str; 32] = [
    "Alex", "Ashley", "Avery", "Bailey", "Blair", "Cameron", "Casey", "Charlie", "Dana", "Drew",
    "Ellis", "Emery", "Finley", "Frankie", "Harper", "Hayden", "Jamie", "Jordan", "Kendall", "Lee",
    "Logan", "Morgan", "Nicky", "Parker", "Quinn", "Reese", "Riley", "Robin", "Rowan", "Sam",
    "Taylor", "Terry",
];
const FAMILY: [&str; 37] = [
    "Ash", "Bank", "Beck", "Birch", "Bridge", "Brook", "Croft", "Dale", "Elm", "Fell", "Fenn",
    "Field", "Ford", "Garth", "Glen", "Green", "Grove", "Heath", "Hill", "Holm", "Lake", "Lane",
    "Lea", "March", "Marsh", "Mead", "Mill", "Moor", "Oak", "Park", "Pool", "Ridge", "Rowe",
    "Shaw", "Stone", "Vale", "Wood",
];
const OFFICES: [&str; 3] = ["Leeds", "Sheffield", "Derby"];
const OFFICE_ADDRESSES: [&str; 3] = ["198.51.100.10", "198.51.100.74", "198.51.100.138"];
const TRADES: [(&str, &str); 8] = [
    ("Design Engineer", "Engineering"),
    ("Project Engineer", "Engineering"),
    ("Draughtsperson", "Engineering"),
    ("Quality Engineer", "Quality"),
    ("Buyer", "Procurement"),
    ("Sales Engineer", "Sales"),
    ("Accounts Assistant", "Finance"),
    ("Production Planner", "Operations"),
];

/// Everything that can sign in.
#[derive(Debug)]
pub(crate) struct Population {
    /// All accounts, people first.
    pub(crate) accounts: Vec<Account>,
}

impl Population {
    /// The account of this kind or name; the first that fits.
    pub(crate) fn named(&self, local_part: &str) -> Option<&Account> {
        self.accounts
            .iter()
            .find(|account| account.name.split('@').next().is_some_and(|local| local == local_part))
    }

    /// Active people.
    pub(crate) fn in_scope(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.kind.in_scope())
    }
}

/// A guest from the partner.
pub(crate) fn is_partner(account: &Account) -> bool {
    account.kind == Kind::Guest && account.log_name.ends_with("@partner.example")
}

/// Draws up the accounts. `people` counts staff, active or not; `end` is the end of the last day.
pub(crate) fn draw_up(people: u64, seed: u64, end: Timestamp) -> Population {
    let mut register = Register {
        chance: Chance::of(seed, "people"),
        names: BTreeSet::new(),
        accounts: Vec::new(),
        end,
    };
    register.staff(people);
    register.shared_and_rooms();
    register.machines();
    register.guests_and_leavers();
    Population { accounts: register.accounts }
}

/// Roles of the staff in order of the list: kind, registration, how many.
fn roles(people: u64) -> Vec<(Kind, Registered, u64)> {
    let in_scope = people.saturating_sub(10);
    // 87 %, rounded to the nearest person.
    let capable = (in_scope * 87 + 50) / 100;
    let not_capable = in_scope - capable;
    let counted = 18;
    let named_capable = 3 + 2 + 14;
    vec![
        (Kind::Administrator, Registered::AuthenticatorAndKey, 1),
        (Kind::Administrator, Registered::Authenticator, 2),
        (Kind::Executive, Registered::Nothing, 1),
        (Kind::Executive, Registered::Authenticator, 2),
        (Kind::NoSmartphone, Registered::Nothing, 9),
        (Kind::Person, Registered::Nothing, 1),
        (Kind::Person, Registered::NoRow, 1),
        (Kind::Person, Registered::PasswordResetOnly, 2),
        (Kind::Person, Registered::NotAllowed, 4),
        (Kind::Person, Registered::Nothing, not_capable.saturating_sub(counted)),
        (Kind::Person, Registered::TextMessageOnly, 14),
        (Kind::Person, Registered::Authenticator, capable.saturating_sub(named_capable)),
        (Kind::OnLeave, Registered::Authenticator, 1),
        (Kind::OnLeave, Registered::Nothing, 1),
        (Kind::NotSeen, Registered::Authenticator, 2),
        (Kind::Dormant, Registered::Nothing, 6),
    ]
}

struct Register {
    chance: Chance,
    names: BTreeSet<String>,
    accounts: Vec<Account>,
    end: Timestamp,
}

impl Register {
    fn days_ago(&self, days: i64) -> Timestamp {
        self.end - SignedDuration::from_hours(24 * days)
    }

    fn staff(&mut self, people: u64) {
        let mut executives =
            ["Finance Director", "Managing Director", "Chief Operating Officer"].iter();
        let mut joined = [7_i64, 1].into_iter();
        let mut absences = [45_i64, 60, 38, 52].into_iter();
        let mut dormant =
            [Some(120_i64), Some(160), Some(200), Some(260), Some(400), None].into_iter();
        for (kind, registered, count) in roles(people) {
            let joiner = kind == Kind::Person
                && count == 1
                && matches!(registered, Registered::Nothing | Registered::NoRow);
            for _ in 0..count {
                let mut person = self.person(kind, registered);
                match kind {
                    Kind::Administrator => {
                        (person.job, person.department) = ("IT Systems Administrator", "IT");
                    }
                    Kind::Executive => {
                        person.job = executives.next().copied().unwrap_or("Director");
                        person.department = "Management";
                    }
                    Kind::NoSmartphone => {
                        (person.job, person.department) = ("Machinist", "Workshop");
                    }
                    Kind::OnLeave | Kind::NotSeen => {
                        person.last_seen = absences.next().map(|days| self.days_ago(days));
                    }
                    Kind::Dormant => {
                        person.last_seen = dormant.next().flatten().map(|days| self.days_ago(days));
                        person.created = self.days_ago(900);
                    }
                    _ => {}
                }
                if joiner {
                    person.created = self.days_ago(joined.next().unwrap_or(1));
                }
                self.accounts.push(person);
            }
        }
    }

    fn person(&mut self, kind: Kind, registered: Registered) -> Account {
        let (given, family, local) = self.fresh_name();
        let registered = match registered {
            Registered::Authenticator if kind == Kind::Person => self.chance.pick(&[
                Registered::Authenticator,
                Registered::Authenticator,
                Registered::Authenticator,
                Registered::AuthenticatorAndHello,
                Registered::AuthenticatorAndHello,
                Registered::CodeApp,
            ]),
            other => other,
        };
        let position = usize::try_from(self.chance.below(3)).unwrap_or(0);
        let office = OFFICES.get(position).copied().unwrap_or_default();
        let address = OFFICE_ADDRESSES.get(position).copied().unwrap_or_default();
        let (job, department) = self.chance.pick(&TRADES);
        let created = self.days_ago(self.chance.clone().between(200, 2400));
        self.chance.next();
        Account {
            id: self.chance.guid(),
            name: format!("{local}@{DOMAIN}"),
            log_name: format!("{local}@{DOMAIN}"),
            display_name: format!("{given} {family}"),
            given,
            family,
            kind,
            enabled: true,
            created,
            job,
            department,
            office,
            synchronised: true,
            licensed: true,
            registered,
            last_seen: None,
            computer: self.computer(),
            address: address.to_owned(),
        }
    }

    fn fresh_name(&mut self) -> (&'static str, &'static str, String) {
        loop {
            let (given, family) = (self.chance.pick(&GIVEN), self.chance.pick(&FAMILY));
            let local = format!("{given}.{family}").to_lowercase();
            if self.names.insert(local.clone()) {
                return (given, family, local);
            }
            // 32 × 37 names: more people than that share a name and get a number.
            let numbered = format!("{local}{}", self.names.len());
            if self.names.len() > 800 && self.names.insert(numbered.clone()) {
                return (given, family, numbered);
            }
        }
    }

    /// 85 % of the computers are enrolled.
    fn computer(&mut self) -> Device {
        let browser = self.chance.pick(&["Edge 141.0.0", "Edge 141.0.0", "Chrome 141.0.0"]);
        if self.chance.percent(85) {
            Device {
                id: self.chance.guid(),
                name: format!("NE-PC-{:04}", 100 + self.accounts.len()),
                system: "Windows11",
                browser,
                trust: "Hybrid Azure AD joined",
            }
        } else {
            Device { system: "Windows10", browser, ..Device::default() }
        }
    }

    fn fixed(&mut self, kind: Kind, local: &str, display_name: &str) -> Account {
        Account {
            id: self.chance.guid(),
            name: format!("{local}@{DOMAIN}"),
            log_name: format!("{local}@{DOMAIN}"),
            display_name: display_name.to_owned(),
            kind,
            enabled: true,
            created: self.days_ago(1500),
            address: "198.51.100.10".to_owned(),
            ..Account::default()
        }
    }

    fn shared_and_rooms(&mut self) {
        let shared = [
            ("accounts", "Accounts"),
            ("careers", "Careers"),
            ("info", "Information"),
            ("orders", "Orders"),
            ("quality", "Quality"),
            ("sales", "Sales"),
        ];
        for (local, display_name) in shared {
            let mut mailbox = self.fixed(Kind::SharedMailbox, local, display_name);
            // One of them can sign in, and somebody uses its password.
            mailbox.enabled = local == "accounts";
            mailbox.synchronised = local == "accounts";
            self.accounts.push(mailbox);
        }
        let rooms = [
            ("room-leeds-boardroom", "Leeds Boardroom", true),
            ("room-leeds-training", "Leeds Training Room", true),
            ("room-sheffield-meeting", "Sheffield Meeting Room", true),
            ("room-derby-meeting", "Derby Meeting Room", false),
        ];
        for (local, display_name, enabled) in rooms {
            let mut room = self.fixed(Kind::Room, local, display_name);
            room.enabled = enabled;
            room.computer = Device {
                id: self.chance.guid(),
                name: local.to_uppercase(),
                system: "Windows11",
                browser: "Edge 141.0.0",
                trust: "Azure AD joined",
            };
            self.accounts.push(room);
        }
        let mut reception = self.fixed(Kind::SharedLogin, "reception", "Reception");
        (reception.job, reception.department) = ("Reception desk", "Administration");
        (reception.office, reception.synchronised, reception.licensed) = ("Leeds", true, true);
        reception.computer = self.computer();
        self.accounts.push(reception);
    }

    fn machines(&mut self) {
        let machines = [
            ("scan-leeds", "Scanner Leeds"),
            ("scan-sheffield", "Scanner Sheffield"),
            ("scan-derby", "Scanner Derby"),
            ("svc-erp", "ERP mail import"),
            ("svc-crm", "CRM mail connector"),
            ("svc-reports", "Nightly reports"),
        ];
        for (local, display_name) in machines {
            let mut machine = self.fixed(Kind::Service, local, display_name);
            (machine.synchronised, machine.licensed) = (local.starts_with("svc"), true);
            self.accounts.push(machine);
        }
        let mut sync = self.fixed(
            Kind::Sync,
            "Sync_NE-DC01_4f1c9a2be7d0",
            "On-Premises Directory Synchronization Service Account",
        );
        sync.name = format!("Sync_NE-DC01_4f1c9a2be7d0@{INITIAL_DOMAIN}");
        sync.log_name = sync.name.to_lowercase();
        self.accounts.push(sync);
    }

    fn guests_and_leavers(&mut self) {
        for _ in 0..8 {
            let (given, family, local) = self.fresh_name();
            let home = self.chance.pick(&["partner.example", "survey.example"]);
            let mut guest = self.fixed(Kind::Guest, &local, &format!("{given} {family}"));
            guest.name = format!("{local}_{home}#EXT#@{INITIAL_DOMAIN}");
            guest.log_name = format!("{local}@{home}");
            (guest.given, guest.family) = (given, family);
            guest.created = self.days_ago(300);
            guest.address = "203.0.113.200".to_owned();
            guest.computer =
                Device { system: "MacOs", browser: "Safari 26.0", ..Device::default() };
            self.accounts.push(guest);
        }
        for days in [40, 75, 130] {
            let mut leaver = self.person(Kind::Leaver, Registered::Authenticator);
            leaver.enabled = false;
            leaver.last_seen = Some(self.days_ago(days));
            self.accounts.push(leaver);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, draw_up};

    fn end() -> jiff::Timestamp {
        "2026-11-20T18:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_firm_has_the_numbers_it_is_known_for() {
        let population = draw_up(210, 7, end());
        let staff = population
            .accounts
            .iter()
            .filter(|account| account.kind.human() && account.kind != Kind::Leaver);
        assert_eq!(staff.count(), 210);
        assert_eq!(population.in_scope().count(), 200);
        let capable = population.in_scope().filter(|account| account.registered.capable()).count();
        assert_eq!(capable, 174);
        let administrators =
            population.accounts.iter().filter(|account| account.kind == Kind::Administrator);
        assert_eq!(administrators.count(), 3);
    }

    #[test]
    fn the_rate_is_87_percent_at_other_sizes() {
        for people in [150, 500, 2010] {
            let population = draw_up(people, 1, end());
            let all = population.in_scope().count();
            let capable =
                population.in_scope().filter(|account| account.registered.capable()).count();
            assert_eq!((capable * 100 + all / 2) / all, 87, "{people} people");
        }
    }

    #[test]
    fn names_and_ids_are_unique() {
        let population = draw_up(1500, 3, end());
        let names: std::collections::BTreeSet<_> =
            population.accounts.iter().map(|account| account.name.to_lowercase()).collect();
        let ids: std::collections::BTreeSet<_> =
            population.accounts.iter().map(|account| &account.id).collect();
        assert_eq!(names.len(), population.accounts.len());
        assert_eq!(ids.len(), population.accounts.len());
    }
}
