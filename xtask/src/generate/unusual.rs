//! The few sign-ins that an impact analysis must not get wrong, each made on purpose.
//!
//! They have streams of chance of their own, so that nothing else of the tenant changes with them.

use jiff::{SignedDuration, Timestamp};

use super::account::{Account, Device, Kind};
use super::chance::Chance;
use super::habits::Period;
use super::people::{DOMAIN, Population};
use super::sign_in::{AZURE_CLI, AZURE_MANAGEMENT, GRAPH, OFFICE_HOME, SHAREPOINT, SignIn};

const BROWSER: &str = "Browser";
const AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36";

/// Days of the period, all of them inside the window.
const TRAVEL_DAYS: [usize; 3] = [22, 23, 24];
const LAST_DAYS_OF_THE_TEMPORARY: [usize; 2] = [5, 8];
const COMMAND_LINE_DAY: usize = 26;

/// Draws them up.
pub(crate) fn sign_ins(population: &Population, period: &Period, seed: u64) -> Vec<SignIn> {
    let mut chance = Chance::of(seed, "unusual sign-ins");
    let mut log = Vec::new();
    for (position, day) in TRAVEL_DAYS.iter().enumerate() {
        if let (Some(person), Some(time)) = (traveller(population), morning(period, *day)) {
            log.push(abroad(person, time, position == 0));
        }
    }
    let temporary = chance.guid();
    for day in LAST_DAYS_OF_THE_TEMPORARY {
        if let Some(time) = morning(period, day) {
            log.push(deleted_since(&temporary, time));
        }
    }
    let administrator =
        population.accounts.iter().filter(|it| it.kind == Kind::Administrator).nth(1);
    if let (Some(account), Some(time)) = (administrator, morning(period, COMMAND_LINE_DAY)) {
        log.push(by_device_code(account, time));
    }
    for sign_in in &mut log {
        (sign_in.id, sign_in.correlation) = (chance.guid(), chance.guid());
        sign_in.time += SignedDuration::from_secs(chance.between(0, 3 * 3600));
    }
    log
}

fn morning(period: &Period, day: usize) -> Option<Timestamp> {
    period.days.get(day).map(|(_, midnight)| *midnight + SignedDuration::from_hours(7))
}

/// Somebody who travels: none of those whose old mail programs are a story of their own.
pub(crate) fn traveller(population: &Population) -> Option<&Account> {
    population
        .in_scope()
        .filter(|it| it.kind == Kind::Person && it.registered.capable() && it.department == "Sales")
        .last()
}

/// At the customer's in another country, with MFA on the first day.
fn abroad(person: &Account, time: Timestamp, multifactor: bool) -> SignIn {
    let mut sign_in = SignIn::of(person, time);
    sign_in.interactive = true;
    (sign_in.app, sign_in.resource, sign_in.client_app) = (OFFICE_HOME, GRAPH, BROWSER);
    (sign_in.address, sign_in.place) = ("203.0.113.250".to_owned(), ("Valencia", "ES"));
    (sign_in.user_agent, sign_in.multifactor) = (AGENT, multifactor);
    sign_in
}

/// An account for a temporary, deleted before the directory was exported: only the log knows it.
fn deleted_since(id: &str, time: Timestamp) -> SignIn {
    SignIn {
        time,
        interactive: true,
        user_id: id.to_owned(),
        user_name: format!("temp.survey@{DOMAIN}"),
        display_name: "Temporary Surveyor".to_owned(),
        app: SHAREPOINT,
        resource: SHAREPOINT,
        client_app: BROWSER,
        protocol: "none",
        user_agent: AGENT,
        address: "198.51.100.138".to_owned(),
        place: ("Derby", "GB"),
        device: Device { system: "Windows10", browser: "Edge 141.0.0", ..Device::default() },
        ..SignIn::default()
    }
}

/// A command line on a machine without a browser.
fn by_device_code(account: &Account, time: Timestamp) -> SignIn {
    let mut sign_in = SignIn::of(account, time);
    sign_in.interactive = true;
    (sign_in.app, sign_in.resource) = (AZURE_CLI, AZURE_MANAGEMENT);
    sign_in.client_app = "Mobile Apps and Desktop clients";
    (sign_in.protocol, sign_in.multifactor) = ("deviceCode", true);
    sign_in.user_agent = "azsdk-python-identity/1.25.0 Linux";
    sign_in.device = Device { system: "Linux", ..Device::default() };
    sign_in
}
