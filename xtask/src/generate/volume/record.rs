//! What is drawn for one record, and what it is drawn from: the same for every variant.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::super::chance::Chance;
use super::words::{
    APPS, BROWSERS, LEGACY_CLIENTS, MODERN_CLIENTS, NAMES, PLACES, POLICY_RESULTS, PROGRAMS,
    REFUSALS, RESOURCES, RESULTS,
};
use crate::failure::Outcome;

/// Hours of the log: thirty days. Nothing is older than that when the last record is written.
pub(super) const HOURS: usize = 720;
/// Users up to this many records.
const FEW_USERS: u64 = 40_000;
/// Users of longer logs.
const MANY_USERS: u64 = 100_000;
/// From so many records on, the tenant is the large one.
const MANY_RECORDS: u64 = 10_000_000;
/// How busy each hour of a working day is.
const DAY: [u64; 24] =
    [4, 3, 3, 3, 4, 8, 20, 55, 95, 100, 96, 90, 80, 88, 94, 90, 80, 55, 28, 18, 14, 11, 8, 5];
/// Percent of a working day that happens on a day of the weekend.
const WEEKEND: u64 = 15;
/// One user in so many uses legacy authentication at all.
const LEGACY_EACH: usize = 10;
/// How the names of computers begin.
const COMPUTERS: [&str; 4] = ["LDS", "MÜN", "DBY", "KRK"];
/// Ticks (tenths of a microsecond) of an hour.
const HOUR: u64 = 3_600 * SECOND;
const SECOND: u64 = 10_000_000;

/// What differs from record to record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// When the record was written.
    Written,
    /// When the user signed in, with the offset.
    Created,
    /// The same, ending in `Z`.
    CreatedZulu,
    /// The same, in whole seconds.
    Step,
    Id,
    Correlation,
    Token,
    Session,
    DisplayName,
    Principal,
    UserId,
    App,
    AppId,
    Resource,
    ResourceId,
    ClientApp,
    Protocol,
    Agent,
    Code,
    Signature,
    Reason,
    Address,
    City,
    State,
    Country,
    Latitude,
    Longitude,
    DeviceId,
    DeviceName,
    System,
    Browser,
    Trust,
    Interactive,
    Category,
    EventType,
    Verdict,
    Requirement,
    Processing,
}

/// Which part of a record is one of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// 0 success, 1 anything else.
    Result,
    /// 0 managed computer, 1 known phone, 2 nothing but the system, 3 nothing.
    Device,
    /// 0 password only, 1 satisfied by the token, 2 notification approved, 3 not approved.
    Factor,
    /// What became of the policies of Conditional Access.
    Policies,
}

/// What a slot holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'w> {
    Text(&'w str),
    Number(u64),
    Guid(u64, u64),
    Stamp { hour: &'w str, ticks: u64, suffix: &'static str },
}

/// A user.
#[derive(Debug)]
pub(super) struct User {
    display_name: String,
    principal: String,
    id: (u64, u64),
    computer: String,
    computer_id: (u64, u64),
    phone: String,
    phone_id: (u64, u64),
    address: String,
    place: usize,
}

/// One hour of the log.
#[derive(Debug)]
pub(super) struct Hour {
    /// How its times begin: `2026-11-20T05:`.
    pub(super) prefix: String,
    /// Where Azure Monitor writes it below the name of the log.
    pub(super) folder: String,
    /// Its records.
    pub(super) records: u64,
}

/// What records are drawn from.
#[derive(Debug)]
pub(crate) struct World {
    users: Vec<User>,
    /// One more than the log has, for what is written after its end.
    hours: Vec<Hour>,
    app_ids: Vec<(u64, u64)>,
    resource_ids: Vec<(u64, u64)>,
    seed: u64,
}

impl World {
    /// The tenant and the hours of a log of so many records, up to the end of a day.
    pub(crate) fn new(records: u64, seed: u64, last_day: Date) -> Outcome<Self> {
        let count = if records >= MANY_RECORDS { MANY_USERS } else { FEW_USERS };
        let mut chance = Chance::of(seed, "users of a long log");
        let users = (0..count).map(|number| user(number, &mut chance)).collect();
        let mut ids = Chance::of(seed, "applications of a long log");
        let mut id = || (ids.next(), ids.next());
        let end = super::super::midnight(last_day)? + SignedDuration::from_hours(24);
        Ok(Self {
            users,
            hours: hours(records, end),
            app_ids: APPS.iter().map(|_| id()).collect(),
            resource_ids: RESOURCES.iter().map(|_| id()).collect(),
            seed,
        })
    }

    /// How many users there are.
    #[cfg(test)]
    pub(super) fn users(&self) -> usize {
        self.users.len()
    }

    /// The hours that hold records.
    pub(super) fn hours(&self) -> &[Hour] {
        self.hours.get(..HOURS).unwrap_or(&self.hours)
    }

    /// The records of an hour, in order of time.
    pub(super) fn records_of(&self, hour: usize) -> Records<'_> {
        Records {
            world: self,
            chance: Chance::of(self.seed, &format!("hour {hour} of a long log")),
            hour,
            of: self.hours.get(hour).map_or(0, |it| it.records),
            drawn: 0,
            follows: None,
        }
    }
}

fn user(number: u64, chance: &mut Chance) -> User {
    let position = usize::try_from(number).unwrap_or(0);
    let name = NAMES.get(position % NAMES.len()).copied().unwrap_or_default();
    let (display, local) = name;
    let mut id = || (chance.next(), chance.next());
    let (id, computer_id, phone_id) = (id(), id(), id());
    let address = if number.is_multiple_of(3) {
        format!("2001:db8:{:x}:{:x}::{:x}", number / 251, number % 251, 16 + number % 61)
    } else {
        format!("{}{}", chance.pick(&["198.51.100.", "203.0.113.", "192.0.2."]), number % 254 + 1)
    };
    User {
        display_name: format!("{display} {number}"),
        principal: format!("{local}.{number}@ne.example"),
        id,
        // As companies name computers: by place and number.
        computer: format!("{}-{number:06}", COMPUTERS.get(position % 4).copied().unwrap_or("LDS")),
        computer_id,
        phone: format!("{}'s phone", local.split('.').next().unwrap_or(local)),
        phone_id,
        address,
        place: position % PLACES.len(),
    }
}

/// The hours with their shares of the records, and one empty hour after them.
fn hours(records: u64, end: Timestamp) -> Vec<Hour> {
    let mut hours = Vec::with_capacity(HOURS + 1);
    let mut weights = Vec::with_capacity(HOURS + 1);
    for back in (0..=HOURS).rev() {
        let back = i64::try_from(back).unwrap_or(0);
        let start = (end - SignedDuration::from_hours(back)).to_zoned(jiff::tz::TimeZone::UTC);
        let busy = usize::try_from(start.hour()).ok().and_then(|hour| DAY.get(hour)).unwrap_or(&0);
        let weekend = start.weekday().to_monday_zero_offset() >= 5;
        let share = if weekend { WEEKEND } else { 100 };
        weights.push(if back == 0 { 0 } else { busy.saturating_mul(share) });
        hours.push(Hour {
            prefix: start.strftime("%Y-%m-%dT%H:").to_string(),
            folder: start.strftime("y=%Y/m=%m/d=%d/h=%H/m=00").to_string(),
            records: 0,
        });
    }
    let total = weights.iter().sum::<u64>().max(1);
    let (mut sum, mut given) = (0_u64, 0_u64);
    for (hour, weight) in hours.iter_mut().zip(weights) {
        sum += weight;
        let until = u128::from(records) * u128::from(sum) / u128::from(total);
        let until = u64::try_from(until).unwrap_or(records);
        hour.records = until.saturating_sub(given);
        given = until;
    }
    hours
}

/// What a sign-in came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    Computer,
    Phone,
    SystemOnly,
    Unknown,
}

/// One record, drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn {
    hour: usize,
    ticks: u64,
    /// From the sign-in to the writing.
    delay: u64,
    id: (u64, u64),
    correlation: (u64, u64),
    token: (u64, u64),
    session: (u64, u64),
    user: usize,
    app: usize,
    resource: usize,
    legacy: bool,
    client: usize,
    result: usize,
    device: Device,
    factor: usize,
    policies: usize,
    place: usize,
    interactive: bool,
    processing: u64,
}

/// The records of one hour.
pub(super) struct Records<'w> {
    world: &'w World,
    chance: Chance,
    hour: usize,
    of: u64,
    drawn: u64,
    /// A sign-in that did not succeed and is tried again at once.
    follows: Option<Drawn>,
}

impl Iterator for Records<'_> {
    type Item = Drawn;

    fn next(&mut self) -> Option<Drawn> {
        if self.drawn >= self.of {
            return None;
        }
        let step = HOUR / self.of.max(1);
        let ticks = self.drawn * step + self.chance.below(step.max(1));
        self.drawn += 1;
        let mut drawn = match self.follows.take() {
            Some(before) => Drawn { result: 0, ..before },
            None => self.fresh(),
        };
        let chance = &mut self.chance;
        drawn.ticks = ticks;
        drawn.delay = chance.below(240 * SECOND) + 20 * SECOND;
        drawn.id = (chance.next(), chance.next());
        drawn.token = (chance.next(), chance.next());
        drawn.processing = 40 + chance.below(460);
        if drawn.result > 0 && chance.percent(45) {
            self.follows = Some(drawn);
        }
        Some(drawn)
    }
}

impl Records<'_> {
    /// A sign-in that has nothing to do with the one before. Time and id are drawn later.
    fn fresh(&mut self) -> Drawn {
        let (world, hour) = (self.world, self.hour);
        let chance = &mut self.chance;
        // A few people do most of what happens: the square of chance.
        let share = chance.below(1 << 20);
        let users = u64::try_from(world.users.len()).unwrap_or(0);
        let anyone = usize::try_from((users * share * share) >> 40).unwrap_or(0);
        let legacy = chance.percent(3);
        let user = if legacy { anyone - anyone % LEGACY_EACH } else { anyone };
        // A user has one or two legacy clients, always the same ones.
        let old = user / LEGACY_EACH * 5 + usize::from(chance.percent(20));
        let client =
            if legacy { old % LEGACY_CLIENTS.len() } else { usize::from(chance.percent(60)) };
        // With a second try after nearly every second one, eight in a hundred do not succeed.
        let failed = chance.below(1000) < 83;
        let results = if legacy { REFUSALS } else { RESULTS.len() - 1 };
        let result = if failed { 1 + below(chance, results) } else { 0 };
        let device = match (legacy, chance.below(10)) {
            (true, 0..4) | (false, 0..6) => Device::Computer,
            (true, 4..9) | (false, 8..) => Device::SystemOnly,
            (true, _) => Device::Unknown,
            (false, _) => Device::Phone,
        };
        let factor = match (legacy, chance.below(10)) {
            (true, _) | (false, 0..6) => 0,
            (false, 6..9) => 1,
            (false, _) if failed => 3,
            (false, _) => 2,
        };
        let apps = APPS.len();
        Drawn {
            hour,
            ticks: 0,
            delay: 0,
            id: (0, 0),
            correlation: (chance.next(), chance.next()),
            token: (0, 0),
            session: (chance.next(), chance.next()),
            user,
            app: below(chance, apps) * below(chance, apps) / apps,
            resource: below(chance, RESOURCES.len()),
            legacy,
            client,
            result,
            device,
            factor,
            policies: if legacy { 0 } else { below(chance, POLICY_RESULTS) },
            place: if chance.percent(5) {
                below(chance, PLACES.len())
            } else {
                world.users.get(user).map_or(0, |it| it.place)
            },
            interactive: !legacy && chance.percent(35),
            processing: 0,
        }
    }
}

fn below(chance: &mut Chance, bound: usize) -> usize {
    let bound = u64::try_from(bound).unwrap_or(0);
    usize::try_from(chance.below(bound)).unwrap_or(0)
}

impl Drawn {
    /// Which alternative stands in the record.
    pub(super) fn chosen(&self, choice: Choice) -> usize {
        match choice {
            Choice::Result => usize::from(self.result > 0),
            Choice::Device => match self.device {
                Device::Computer => 0,
                Device::Phone => 1,
                Device::SystemOnly => 2,
                Device::Unknown => 3,
            },
            Choice::Factor => self.factor,
            Choice::Policies => self.policies,
        }
    }

    /// What a slot of the record holds.
    pub(super) fn value<'w>(&self, slot: Slot, world: &'w World) -> Value<'w> {
        match slot {
            Slot::Written => self.stamp(world, self.ticks + self.delay, "Z"),
            Slot::Created => self.stamp(world, self.ticks, "+00:00"),
            Slot::CreatedZulu => self.stamp(world, self.ticks, "Z"),
            Slot::Step => self.stamp(world, self.ticks - self.ticks % SECOND, "+00:00"),
            Slot::Id => Value::Guid(self.id.0, self.id.1),
            Slot::Correlation => Value::Guid(self.correlation.0, self.correlation.1),
            Slot::Token => Value::Guid(self.token.0, self.token.1),
            Slot::Session => Value::Guid(self.session.0, self.session.1),
            Slot::AppId => guid(&world.app_ids, self.app),
            Slot::ResourceId => guid(&world.resource_ids, self.resource),
            Slot::UserId | Slot::DeviceId => self.user_guid(slot, world),
            Slot::Processing => Value::Number(self.processing),
            Slot::Code => Value::Number(RESULTS.get(self.result).map_or(0, |(code, _)| *code)),
            _ => Value::Text(self.text(slot, world)),
        }
    }

    fn stamp<'w>(&self, world: &'w World, ticks: u64, suffix: &'static str) -> Value<'w> {
        let hour = self.hour + usize::from(ticks >= HOUR);
        let hour = world.hours.get(hour).map_or("", |it| it.prefix.as_str());
        Value::Stamp { hour, ticks: ticks % HOUR, suffix }
    }

    fn user_guid<'w>(&self, slot: Slot, world: &'w World) -> Value<'w> {
        let Some(user) = world.users.get(self.user) else { return Value::Text("") };
        let (high, low) = match (slot, self.device) {
            (Slot::UserId, _) => user.id,
            (_, Device::Phone) => user.phone_id,
            _ => user.computer_id,
        };
        Value::Guid(high, low)
    }

    fn text<'w>(&self, slot: Slot, world: &'w World) -> &'w str {
        let place = PLACES.get(self.place).copied().unwrap_or_default();
        match slot {
            Slot::App => APPS.get(self.app).copied().unwrap_or_default(),
            Slot::Resource => RESOURCES.get(self.resource).copied().unwrap_or_default(),
            Slot::ClientApp if self.legacy => {
                LEGACY_CLIENTS.get(self.client).copied().unwrap_or_default()
            }
            Slot::ClientApp => MODERN_CLIENTS.get(self.client).copied().unwrap_or_default(),
            Slot::Protocol if self.is_ropc() => "ropc",
            Slot::Protocol => "none",
            Slot::Signature if self.result == 0 => "SUCCESS",
            Slot::Signature => "FAILURE",
            Slot::Reason => RESULTS.get(self.result).map_or("", |(_, words)| words),
            Slot::City => place.city,
            Slot::State => place.state,
            Slot::Country => place.country,
            Slot::Latitude => place.latitude,
            Slot::Longitude => place.longitude,
            Slot::Agent => self.agent().0,
            Slot::Browser => self.agent().1,
            Slot::Trust if self.device == Device::Computer => "Hybrid Azure AD joined",
            Slot::Trust => "Azure AD registered",
            Slot::Interactive if self.interactive => "true",
            Slot::Interactive => "false",
            Slot::Category if self.interactive => "SignInLogs",
            Slot::Category => "NonInteractiveUserSignInLogs",
            Slot::EventType if self.interactive => "interactiveUser",
            Slot::EventType => "nonInteractiveUser",
            Slot::Verdict if self.policies == 1 => "success",
            Slot::Verdict if self.policies == 3 => "failure",
            Slot::Verdict => "notApplied",
            Slot::Requirement if self.factor == 0 => "singleFactorAuthentication",
            Slot::Requirement => "multiFactorAuthentication",
            Slot::System => self.system(),
            _ => world.users.get(self.user).map_or("", |user| self.text_of(user, slot)),
        }
    }

    fn text_of<'w>(&self, user: &'w User, slot: Slot) -> &'w str {
        match (slot, self.device) {
            (Slot::DisplayName, _) => &user.display_name,
            (Slot::Principal, _) => &user.principal,
            (Slot::Address, _) => &user.address,
            (Slot::DeviceName, Device::Phone) => &user.phone,
            (Slot::DeviceName, _) => &user.computer,
            _ => "",
        }
    }

    /// Every third user of a legacy client hands the password itself over.
    fn is_ropc(&self) -> bool {
        self.legacy && (self.user / LEGACY_EACH).is_multiple_of(3)
    }

    /// The system of the user's device: always the same one.
    fn system(&self) -> &'static str {
        let systems = match self.device {
            Device::Computer => ["Windows 10", "Windows11"],
            Device::Phone => ["Ios 18.6", "Android 15"],
            Device::SystemOnly | Device::Unknown => ["MacOs", "Linux"],
        };
        systems.get(self.user / LEGACY_EACH % 2).copied().unwrap_or_default()
    }

    /// User agent and browser.
    fn agent(&self) -> (&'static str, &'static str) {
        match (self.legacy, self.client) {
            (true, _) if self.is_ropc() => ("BAV2ROPC", ""),
            (true, _) => ("Mail program of 2009 (build 6.1.7600)", ""),
            (_, 0) => BROWSERS.get(self.user % BROWSERS.len()).copied().unwrap_or_default(),
            _ => PROGRAMS.get(self.user % PROGRAMS.len()).copied().unwrap_or_default(),
        }
    }
}

fn guid<'w>(ids: &[(u64, u64)], position: usize) -> Value<'w> {
    let (high, low) = ids.get(position).copied().unwrap_or_default();
    Value::Guid(high, low)
}
