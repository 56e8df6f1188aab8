//! What the accounts of the firm do in thirty days.

use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp};

use super::account::{Account, Device, Kind};
use super::chance::Chance;
use super::people::{DOMAIN, PARTNER_TENANT, Population, is_partner};
use super::sign_in::{
    AZURE_PORTAL, AZURE_POWERSHELL, App, CONNECT, EXCHANGE, GRAPH, OFFICE, OFFICE_HOME,
    OUTLOOK_MOBILE, SHAREPOINT, SignIn, TEAMS, TEAMS_ROOMS, WINDOWS_SIGN_IN,
};

use super::unusual;

const WINDOWS_BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36";
const BROWSER: &str = "Browser";
const DESKTOP: &str = "Mobile Apps and Desktop clients";
/// Countries spray comes from in the example: address, city, country.
const FOREIGN: [(&str, &str, &str); 6] = [
    ("192.0.2.14", "", "BR"),
    ("192.0.2.77", "", "VN"),
    ("192.0.2.131", "", "IN"),
    ("192.0.2.163", "", "TH"),
    ("192.0.2.201", "", "US"),
    ("192.0.2.240", "", "MX"),
];

/// The days of a log, and how busy they are.
#[derive(Debug, Clone)]
pub(crate) struct Period {
    /// Midnight UTC of each day, oldest first.
    pub(crate) days: Vec<(Date, Timestamp)>,
    /// Nothing is recorded after this moment.
    pub(crate) end: Timestamp,
    /// How many times the habits of one day are lived.
    pub(crate) factor: i64,
}

/// Simulates the whole period. Sign-ins come sorted by time, then id.
pub(crate) fn live(population: &Population, period: &Period, seed: u64) -> Vec<SignIn> {
    let mut diary = Diary {
        people: Chance::of(seed, "habits"),
        machines: Chance::of(seed, "machines"),
        spray: Chance::of(seed, "spray"),
        ids: Chance::of(seed, "record ids"),
        log: Vec::new(),
    };
    for (position, (date, midnight)) in period.days.iter().enumerate() {
        let working = !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        for _ in 0..period.factor {
            if working {
                diary.people_at_work(population, *midnight);
            }
            diary.machines_at_work(population, *midnight, working);
            diary.spray(population, *midnight);
        }
        let last = position + 1 == period.days.len();
        diary.at_least_once(population, (position, last), *midnight);
    }
    let mut log = diary.log;
    log.extend(unusual::sign_ins(population, period, seed));
    log.retain(|sign_in| sign_in.time <= period.end);
    log.sort_by(|left, right| (left.time, &left.id).cmp(&(right.time, &right.id)));
    log
}

/// The person of this number has one certain sign-in on this working day of the period.
fn certain_day(position: usize) -> usize {
    // Days 5 to 12 lie inside the window whatever the weekday it ends on.
    5 + position % 8
}

struct Diary {
    people: Chance,
    machines: Chance,
    spray: Chance,
    ids: Chance,
    log: Vec<SignIn>,
}

impl Diary {
    fn push(&mut self, mut sign_in: SignIn) {
        sign_in.id = self.ids.guid();
        if sign_in.correlation.is_empty() {
            sign_in.correlation = self.ids.guid();
        }
        self.log.push(sign_in);
    }

    fn time(chance: &mut Chance, midnight: Timestamp, from_hour: i64, to_hour: i64) -> Timestamp {
        let seconds = chance.between(from_hour * 3600, to_hour * 3600 - 1);
        midnight + SignedDuration::from_secs(seconds)
    }

    /// Everyone in scope is seen at least once, so that the denominator is what it is meant to be.
    /// Joiners are seen on the last day.
    fn at_least_once(
        &mut self,
        population: &Population,
        (day, last): (usize, bool),
        midnight: Timestamp,
    ) {
        for (position, account) in population.in_scope().enumerate() {
            let joiner = account.created > midnight - SignedDuration::from_hours(24 * 20);
            let due = if joiner { last } else { day == certain_day(position) };
            if due {
                let time = Self::time(&mut self.people, midnight, 8, 12);
                self.interactive(account, time);
            }
        }
    }

    fn people_at_work(&mut self, population: &Population, midnight: Timestamp) {
        for account in population.accounts.iter().filter(|account| {
            account.kind.in_scope() || matches!(account.kind, Kind::SharedLogin | Kind::Guest)
        }) {
            if account.created > midnight {
                continue;
            }
            let (often, silent) = match account.kind {
                Kind::Guest => (8, 0),
                Kind::NoSmartphone => (25, 10),
                Kind::SharedLogin => (95, 60),
                _ => (46, 52),
            };
            if self.people.percent(often) {
                let time = Self::time(&mut self.people, midnight, 7, 18);
                self.interactive(account, time);
            }
            if self.people.percent(silent) {
                let time = Self::time(&mut self.people, midnight, 7, 19);
                self.silent(account, time);
            }
        }
    }

    fn interactive(&mut self, account: &Account, time: Timestamp) {
        let mut sign_in = SignIn::of(account, time);
        sign_in.interactive = true;
        (sign_in.app, sign_in.resource, sign_in.client_app) = self.people.pick(&[
            (OFFICE_HOME, GRAPH, BROWSER),
            (OFFICE_HOME, GRAPH, BROWSER),
            (SHAREPOINT, SHAREPOINT, BROWSER),
            (TEAMS, GRAPH, DESKTOP),
            (OFFICE, EXCHANGE, DESKTOP),
        ]);
        if account.kind == Kind::Administrator && self.people.percent(60) {
            (sign_in.app, sign_in.resource, sign_in.client_app) = (AZURE_PORTAL, GRAPH, BROWSER);
        }
        if account.kind == Kind::SharedLogin {
            // The desk is one of several computers.
            let number = self.people.below(4);
            sign_in.device = Device {
                name: format!("NE-FRONT-{number}"),
                id: format!("7d2f0a4{number}-1c5e-4b8a-9f00-5a1d00c0ffe{number}"),
                ..sign_in.device
            };
        }
        sign_in.user_agent = if sign_in.client_app == BROWSER {
            WINDOWS_BROWSER
        } else {
            "Windows-AzureAD-Authentication-Provider/1.0"
        };
        let asked = if account.kind == Kind::Administrator { 90 } else { 9 };
        sign_in.multifactor = account.registered.capable() && self.people.percent(asked);
        // The partner asks its people for MFA whenever they sign in, the surveyors do not.
        sign_in.proved_at = is_partner(account).then_some(PARTNER_TENANT);
        self.with_conversation(sign_in);
    }

    /// Interrupts and slips before the success.
    fn with_conversation(&mut self, mut sign_in: SignIn) {
        sign_in.correlation = self.ids.guid();
        let before = |code: u32, seconds: i64| {
            let mut earlier = sign_in.clone();
            (earlier.code, earlier.multifactor) = (code, matches!(code, 50074 | 50076 | 500_121));
            earlier.proved_at = None;
            earlier.time = sign_in.time - SignedDuration::from_secs(seconds);
            earlier
        };
        let mut earlier = Vec::new();
        if self.people.percent(4) {
            earlier.push(before(50126, 41));
        }
        if sign_in.multifactor {
            let code = self.people.pick(&[50074_u32, 50076]);
            earlier.push(before(code, 22));
            if self.people.percent(5) {
                earlier.push(before(500_121, 12));
            }
        }
        if sign_in.client_app == BROWSER && self.people.percent(7) {
            earlier.push(before(50140, 4));
        }
        for one in earlier {
            self.push(one);
        }
        self.push(sign_in);
    }

    fn silent(&mut self, account: &Account, time: Timestamp) {
        let mut sign_in = SignIn::of(account, time);
        let (app, resource): (App, App) = self.people.pick(&[
            (OFFICE, EXCHANGE),
            (TEAMS, GRAPH),
            (OUTLOOK_MOBILE, EXCHANGE),
            (WINDOWS_SIGN_IN, GRAPH),
        ]);
        (sign_in.app, sign_in.resource, sign_in.client_app) = (app, resource, DESKTOP);
        sign_in.user_agent = "Windows-AzureAD-Authentication-Provider/1.0";
        if app == OUTLOOK_MOBILE {
            sign_in.device =
                Device { system: "Ios", browser: "Mobile Safari", ..Device::default() };
            sign_in.user_agent = "Outlook-iOS/5.2644.0";
            let last = 20 + self.people.below(180);
            (sign_in.address, sign_in.place) = (format!("203.0.113.{last}"), ("London", "GB"));
        }
        self.push(sign_in);
    }

    fn machines_at_work(&mut self, population: &Population, midnight: Timestamp, working: bool) {
        if working {
            for printer in ["scan-leeds", "scan-sheffield", "scan-derby"] {
                let count = self.machines.between(3, 7);
                for _ in 0..count {
                    self.legacy(population, printer, midnight, (8, 17), &PRINTER, 0);
                }
            }
            self.outlooks(population, midnight);
            self.phones(population, midnight);
            self.legacy(population, "accounts", midnight, (9, 16), &SHARED_BY_IMAP, 0);
        }
        for hour in (0..24).step_by(3) {
            self.legacy(population, "svc-erp", midnight, (hour, hour + 1), &ERP, 0);
        }
        for hour in [5, 11, 17, 22] {
            self.legacy(population, "svc-crm", midnight, (hour, hour + 1), &CONNECTOR, 0);
        }
        self.legacy(population, "svc-reports", midnight, (2, 3), &SCRIPT, 0);
        if self.machines.percent(20) {
            // The stored password of a printer was mistyped at its panel.
            self.legacy(population, "scan-derby", midnight, (8, 17), &PRINTER, 50126);
        }
        self.rooms_and_synchronisation(population, midnight);
    }

    fn legacy(
        &mut self,
        population: &Population,
        local_part: &str,
        midnight: Timestamp,
        hours: (i64, i64),
        way: &Way,
        code: u32,
    ) {
        let Some(account) = population.named(local_part) else { return };
        let time = Self::time(&mut self.machines, midnight, hours.0, hours.1);
        let mut sign_in = SignIn::of(account, time);
        sign_in.device = way.device(account);
        sign_in.interactive = way.interactive;
        sign_in.client_app = way.client_app;
        (sign_in.app, sign_in.resource) = (way.app, EXCHANGE);
        (sign_in.protocol, sign_in.user_agent, sign_in.code) = (way.protocol, way.user_agent, code);
        let last = way.addresses.saturating_sub(1);
        let number = self.machines.below(u64::from(last) + 1);
        sign_in.address = format!("{}{}", way.network, u64::from(way.first_address) + number);
        self.push(sign_in);
    }

    /// Two computers with an Outlook from before modern authentication, one way each.
    fn outlooks(&mut self, population: &Population, midnight: Timestamp) {
        let owners: Vec<String> = population
            .in_scope()
            .filter(|account| account.kind == Kind::Person && account.registered.capable())
            .take(2)
            .map(|account| account.log_name.clone())
            .collect();
        let names = owners.iter().filter_map(|name| name.split('@').next());
        for (owner, way) in names.zip([&OLD_OUTLOOK_RPC, &OLD_OUTLOOK_MAPI]) {
            for hours in [(8, 10), (13, 15)] {
                self.legacy(population, owner, midnight, hours, way, 0);
            }
        }
    }

    /// Six people read mail with the phone's own mail program.
    fn phones(&mut self, population: &Population, midnight: Timestamp) {
        let owners: Vec<String> = population
            .in_scope()
            .filter(|account| account.kind == Kind::Person && account.registered.capable())
            .skip(4)
            .take(6)
            .map(|account| account.log_name.clone())
            .collect();
        for (position, owner) in owners.iter().filter_map(|name| name.split('@').next()).enumerate()
        {
            let way = if position % 2 == 0 { &APPLE_MAIL } else { &ANDROID_MAIL };
            self.legacy(population, owner, midnight, (6, 22), way, 0);
        }
    }

    fn rooms_and_synchronisation(&mut self, population: &Population, midnight: Timestamp) {
        for room in population.accounts.iter().filter(|it| it.kind == Kind::Room && it.enabled) {
            let time = Self::time(&mut self.machines, midnight, 0, 24);
            let mut sign_in = SignIn::of(room, time);
            (sign_in.app, sign_in.resource, sign_in.client_app) = (TEAMS_ROOMS, GRAPH, DESKTOP);
            sign_in.user_agent = "Mozilla/5.0 (Windows NT 10.0) TeamsRooms/5.4.204.0";
            self.push(sign_in);
        }
        for account in population.accounts.iter().filter(|it| it.kind == Kind::Sync) {
            for hour in [1, 9, 17] {
                let time = Self::time(&mut self.machines, midnight, hour, hour + 1);
                let mut sign_in = SignIn::of(account, time);
                (sign_in.app, sign_in.resource) = (CONNECT, GRAPH);
                sign_in.client_app = DESKTOP;
                sign_in.user_agent = "ADAL.NET";
                self.push(sign_in);
            }
        }
    }

    /// Password spray: many names, few passwords, foreign addresses, no success.
    fn spray(&mut self, population: &Population, midnight: Timestamp) {
        let attempts = self.spray.between(22, 38);
        for _ in 0..attempts {
            let time = Self::time(&mut self.spray, midnight, 0, 24);
            let total = u64::try_from(population.accounts.len()).unwrap_or(0);
            let position = usize::try_from(self.spray.below(total)).unwrap_or(0);
            let mut sign_in = match population.accounts.get(position) {
                Some(account) if account.kind != Kind::Guest && self.spray.percent(70) => {
                    let mut known = SignIn::of(account, time);
                    known.code = self.spray.pick(&[50126, 50126, 50126, 50053]);
                    known
                }
                _ => self.stranger(time),
            };
            sign_in.device = Device::default();
            let (address, city, country) = self.spray.pick(&FOREIGN);
            (sign_in.address, sign_in.place) = (address.to_owned(), (city, country));
            (sign_in.client_app, sign_in.protocol, sign_in.user_agent) = self.spray.pick(&[
                ("IMAP4", "ropc", "CBAInPROD"),
                ("POP3", "ropc", "CBAInPROD"),
                ("Authenticated SMTP", "ropc", "BAV2ROPC"),
                ("Other clients", "ropc", "BAV2ROPC"),
            ]);
            (sign_in.app, sign_in.resource) = (EXCHANGE, EXCHANGE);
            sign_in.interactive = self.spray.percent(50);
            self.push(sign_in);
        }
    }

    /// A name nobody has.
    fn stranger(&mut self, time: Timestamp) -> SignIn {
        let name = self.spray.pick(&["admin", "test", "scanner", "backup", "office", "post"]);
        SignIn {
            time,
            user_id: "00000000-0000-0000-0000-000000000000".to_owned(),
            user_name: format!("{name}@{DOMAIN}"),
            display_name: format!("{name}@{DOMAIN}"),
            code: 50034,
            ..SignIn::default()
        }
    }
}

/// One way of legacy authentication.
struct Way {
    client_app: &'static str,
    protocol: &'static str,
    app: App,
    user_agent: &'static str,
    interactive: bool,
    /// System and browser; both empty for a machine that tells nothing.
    system: (&'static str, &'static str),
    /// Name of a registered device.
    named: bool,
    network: &'static str,
    first_address: u8,
    addresses: u8,
}

impl Way {
    fn device(&self, account: &Account) -> Device {
        let (system, browser) = self.system;
        if self.named {
            Device {
                id: format!("0ld0{}", account.id.chars().skip(4).collect::<String>())
                    .replace('l', "1"),
                name: format!("NE-OLD-{}", account.family.to_uppercase()),
                system,
                browser,
                trust: "Azure AD registered",
            }
        } else {
            Device { system, browser, ..Device::default() }
        }
    }
}

const MACHINE: Way = Way {
    client_app: "Authenticated SMTP",
    protocol: "ropc",
    app: EXCHANGE,
    user_agent: "BAV2ROPC",
    interactive: true,
    system: ("", ""),
    named: false,
    network: "198.51.100.",
    first_address: 20,
    addresses: 1,
};
const PRINTER: Way = Way { ..MACHINE };
const ERP: Way =
    Way { client_app: "IMAP4", interactive: false, first_address: 25, addresses: 2, ..MACHINE };
const SHARED_BY_IMAP: Way = Way {
    client_app: "IMAP4",
    system: ("Windows 10", "Thunderbird"),
    first_address: 10,
    addresses: 1,
    ..MACHINE
};
const CONNECTOR: Way = Way {
    client_app: "Exchange Web Services",
    protocol: "none",
    user_agent: "ExchangeServicesClient/15.00.0913.015",
    interactive: false,
    network: "203.0.113.",
    first_address: 5,
    addresses: 3,
    ..MACHINE
};
const SCRIPT: Way = Way {
    client_app: DESKTOP,
    app: AZURE_POWERSHELL,
    user_agent: "AzurePowershell/14.2.0",
    first_address: 30,
    addresses: 1,
    ..MACHINE
};
const OLD_OUTLOOK_RPC: Way = Way {
    client_app: "Outlook Anywhere (RPC over HTTP)",
    protocol: "none",
    user_agent: "Microsoft Office/14.0 (Windows NT 6.1; Microsoft Outlook 14.0.7268; Pro)",
    interactive: false,
    system: ("Windows 7", "Rich Client"),
    named: true,
    first_address: 10,
    addresses: 2,
    ..MACHINE
};
const OLD_OUTLOOK_MAPI: Way = Way {
    client_app: "MAPI Over HTTP",
    user_agent: "Microsoft Office/15.0 (Windows NT 6.3; Microsoft Outlook 15.0.4420; Pro)",
    system: ("Windows 8.1", "Rich Client"),
    ..OLD_OUTLOOK_RPC
};
const APPLE_MAIL: Way = Way {
    client_app: "Exchange ActiveSync",
    protocol: "none",
    user_agent: "Apple-iPhone14C2/2208.100",
    interactive: false,
    system: ("Ios", "Apple Mail"),
    network: "203.0.113.",
    first_address: 60,
    addresses: 8,
    ..MACHINE
};
const ANDROID_MAIL: Way =
    Way { user_agent: "Android-Mail/2025.10.05", system: ("Android", "Mail"), ..APPLE_MAIL };
