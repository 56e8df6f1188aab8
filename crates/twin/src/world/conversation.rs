//! What a day of one account leaves in the log.

use std::net::IpAddr;
use std::sync::Arc;

use conditional_access::Verdict;
use jiff::{SignedDuration, Timestamp};

use super::World;
use super::calendar::{Day, days};
use super::chance::Chance;
use super::era::{DeviceFacts, Era, Met, PlatformOf, Question};
use super::moments::{Moment, Place, Slot};
use super::person::{Computer, Held, Person};
use super::row::{Asker, Ending, List, NOT_REACHED, Row};
use super::show::{about, computer_id, computer_name};

/// How many seconds a person may take to register before the sign-in goes on.
const REGISTERING: i64 = 900;

/// Rows with what they met, before both are joined to a day.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) rows: Vec<Row>,
    pub(crate) met: Vec<Arc<Met>>,
}

impl Log {
    /// Keeps what was met; the same only once in a row.
    fn keep(&mut self, met: &Arc<Met>) -> u32 {
        let known = self.met.iter().rev().take(16).position(|it| Arc::ptr_eq(it, met));
        let place = match known {
            Some(back) => self.met.len().saturating_sub(back + 1),
            None => {
                self.met.push(Arc::clone(met));
                self.met.len().saturating_sub(1)
            }
        };
        u32::try_from(place).unwrap_or(NOT_REACHED)
    }
}

/// One account's day as it is gone through.
struct Course<'a> {
    world: &'a World,
    person: &'a Person,
    place: u32,
    day: Day,
    log: &'a mut Log,
    /// The session on the computer, and on the phone, proved MFA.
    claims: [bool; 3],
    /// A registration that was begun and left: nothing more goes on the computer today.
    stuck: bool,
}

fn slot_place(slot: Slot) -> usize {
    match slot {
        Slot::Computer => 0,
        Slot::Phone => 1,
        Slot::Other | Slot::Own => 2,
    }
}

/// What a fresh challenge comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Challenge {
    Passed,
    PassedAtSecond,
    Failed,
}

impl World {
    /// Writes what a day of one account leaves in the log. `state` as of each moment decides.
    pub(crate) fn day_of(&self, account: usize, day: Day, log: &mut Log) {
        let (Some(person), Ok(place)) = (self.people.get(account), u32::try_from(account)) else {
            return;
        };
        let moments = self.moments(person, day);
        if moments.is_empty() {
            return;
        }
        let claims = [Slot::Computer, Slot::Phone, Slot::Other]
            .map(|slot| self.has_claim(account, person, day, slot));
        let mut course = Course { world: self, person, place, day, log, claims, stuck: false };
        for moment in moments {
            course.pass(account, &moment);
        }
    }

    /// What a moment asks of the policies.
    pub(crate) fn question(
        &self,
        account: usize,
        person: &Person,
        moment: &Moment,
        at: Timestamp,
        era: &Era,
        claim: bool,
    ) -> Question {
        let (address, country) = self.address_of(person, moment.place, moment.key);
        Question {
            class: era.class(account, person),
            usable: self.usable_methods(person, at),
            app: moment.app,
            client: moment.client,
            platform: platform(person, moment),
            device: device_facts(person, moment.slot),
            address,
            country,
            claim,
        }
    }

    /// The address and country somebody comes from.
    pub(crate) fn address_of(
        &self,
        person: &Person,
        place: Place,
        key: u64,
    ) -> (IpAddr, &'static str) {
        let networks = self.settings.networks;
        let text = match place {
            Place::Office => {
                let office = super::names::OFFICES.get(usize::from(person.office));
                office.map(|it| format!("{}{}", networks.office, it.address)).unwrap_or_default()
            }
            Place::Home => self.home_address(person),
            Place::Mobile => {
                let host = about(person).for_purpose("mobile network").within([1, 120]);
                format!("{}{host}", networks.mobile)
            }
            Place::Partner => format!("{}200", networks.partner),
            Place::Elsewhere(_) => {
                let host = Chance::of_key(key).for_purpose("address").within([1, 254]);
                format!("{}{host}", networks.attackers)
            }
        };
        let country = match place {
            Place::Partner => "NL",
            Place::Elsewhere(number) => super::attack::country(number),
            Place::Office | Place::Home | Place::Mobile => "GB",
        };
        (text.parse().unwrap_or(IpAddr::from([0, 0, 0, 0])), country)
    }

    /// Whether legacy clients pass security defaults in this tenant.
    pub(crate) fn legacy_passes(&self) -> bool {
        self.behaviour.legacy.blocked_by_security_defaults == 0
    }

    /// Whether the session of a device proves MFA when a day begins: MFA was demanded before, and
    /// somebody passed it with that device since.
    fn has_claim(&self, account: usize, person: &Person, day: Day, slot: Slot) -> bool {
        let midnight = day.at(0);
        let Some(since) = self.demanded_since(account, person, midnight) else { return false };
        let registered = person.held.iter().find(|(_, held)| held.has_any(Held::STRONG));
        let Some((registered, _)) = registered else { return false };
        let registered = *registered;
        let since = since.max(
            registered.saturating_sub(SignedDuration::from_secs(REGISTERING)).unwrap_or(registered),
        );
        if since <= days(midnight, -30) {
            return true;
        }
        let mut looked = Day::of(since);
        while looked.begins < day.begins {
            let passed = self.moments(person, looked).iter().any(|moment| {
                moment.slot == slot
                    && !moment.client.is_legacy()
                    && looked.at(moment.second) >= since
                    && self.challenge(person, looked, moment) != Challenge::Failed
            });
            if passed {
                return true;
            }
            match looked.after() {
                Some(next) => looked = next,
                None => return false,
            }
        }
        false
    }

    /// Since when everyday sign-ins of an account demand MFA without a break. `None`: not now.
    fn demanded_since(&self, account: usize, person: &Person, at: Timestamp) -> Option<Timestamp> {
        let mut version = self.decision_changes.partition_point(|change| *change <= at);
        let mut since = None;
        loop {
            let era = self.era_of(version);
            let question = Question {
                class: era.class(account, person),
                usable: Held::AUTHENTICATOR,
                app: super::apps::OUTLOOK,
                client: super::apps::Client::Modern,
                platform: PlatformOf::Windows,
                device: device_facts(person, Slot::Other),
                address: IpAddr::from([198, 51, 100, 10]),
                country: "GB",
                claim: false,
            };
            if era.meet(question, self.legacy_passes()).verdict != Verdict::Require {
                return since;
            }
            since = Some(era.from);
            match version.checked_sub(1) {
                Some(before) => version = before,
                None => return since,
            }
        }
    }

    /// Whether somebody's phone is new and the old one still gets the prompts: for three days,
    /// until they set it up again.
    fn phone_is_new(&self, person: &Person, day: Day) -> bool {
        let chance = about(person).about(self.seed).for_purpose("new phone");
        let mut looked = Some(day);
        (0..3).any(|_| {
            let Some(one) = looked else { return false };
            looked = one.before();
            let daily = chance.about(one.number()).below(7_000);
            daily < self.behaviour.registration.phones_changed_a_week
        })
    }

    fn challenge(&self, person: &Person, day: Day, moment: &Moment) -> Challenge {
        if moment.asked_to {
            return Challenge::Passed;
        }
        let numbers = &self.behaviour.challenge;
        let held = person.held_at(day.at(moment.second));
        let by_phone = held.has_any(Held::AUTHENTICATOR.with(Held::CODE_APP));
        let other = Held::STRONG.without(Held::AUTHENTICATOR).without(Held::CODE_APP);
        if by_phone && !held.has_any(other) && self.phone_is_new(person, day) {
            return Challenge::Failed;
        }
        let chance = moment.chance();
        if !chance.for_purpose("fails").per_mille(numbers.fails) {
            Challenge::Passed
        } else if chance.for_purpose("retried").per_mille(numbers.retried) {
            Challenge::PassedAtSecond
        } else {
            Challenge::Failed
        }
    }
}

impl Course<'_> {
    fn pass(&mut self, account: usize, moment: &Moment) {
        let at = self.day.at(moment.second);
        if self.person.created > at {
            return;
        }
        if !self.world.is_enabled(self.person, at) {
            if moment.interactive || moment.client.is_legacy() {
                self.row(moment, 0, "disabled", Ending::Disabled, Asker::Nobody, NOT_REACHED);
            }
            return;
        }
        let era = self.world.era(at);
        let slot = slot_place(moment.slot);
        let again = moment.interactive
            && moment
                .chance()
                .for_purpose("again")
                .per_mille(self.world.behaviour.challenge.asked_again);
        let again = again || moment.asked_to;
        let claim = self.claims.get(slot).copied().unwrap_or(false) && !again;
        let passes = self.world.legacy_passes();
        let question = self.world.question(account, self.person, moment, at, &era, claim);
        let plain = Question { claim: false, ..question.clone() };
        let met = era.meet(question, passes);
        let demanded = era.meet(plain, passes);
        if self.stuck && moment.slot == Slot::Computer && !moment.interactive {
            return;
        }
        self.wrong_password(moment);
        match met.verdict {
            Verdict::Allow => self.allowed(moment, claim, &met, &demanded),
            Verdict::Unknown => self.perhaps_asked(moment, &era, claim, &met),
            Verdict::Require => self.asked(moment, &met, asker(&met)),
            Verdict::Register => self.must_register(moment, &era, &met),
            Verdict::Block => {
                let ending = if met.by_security_defaults && moment.client.is_legacy() {
                    Ending::BlockedBySecurityDefaults
                } else {
                    Ending::Blocked
                };
                let place = self.log.keep(&met);
                self.row(moment, 0, "blocked", ending, asker(&met), place);
            }
        }
    }

    fn allowed(&mut self, moment: &Moment, claim: bool, met: &Arc<Met>, demanded: &Met) {
        let ending = if demanded.verdict == Verdict::Require && claim {
            Ending::ClaimedBefore
        } else if moment.interactive || moment.client.is_legacy() {
            Ending::Password
        } else {
            Ending::TokenOnly
        };
        let asker = if ending == Ending::ClaimedBefore { asker(demanded) } else { Asker::Nobody };
        let place = self.log.keep(met);
        self.keep_signed_in(moment, place);
        self.row(moment, 0, "allowed", ending, asker, place);
    }

    /// Security defaults ask when they see fit; renewals go on.
    fn perhaps_asked(&mut self, moment: &Moment, era: &Era, claim: bool, met: &Arc<Met>) {
        let share = self.world.behaviour.challenge.security_defaults_ask;
        let asks = moment.interactive
            && era.security_defaults
            && moment.chance().for_purpose("asks").per_mille(share);
        if asks {
            self.asked(moment, met, Asker::SecurityDefaults);
        } else {
            let ending = match (moment.interactive || moment.client.is_legacy(), claim) {
                (true, _) => Ending::Password,
                (false, _) => Ending::TokenOnly,
            };
            let place = self.log.keep(met);
            self.keep_signed_in(moment, place);
            self.row(moment, 0, "unasked", ending, Asker::Nobody, place);
        }
    }

    /// A challenge: first the interrupt, then what comes of it, in one conversation.
    fn asked(&mut self, moment: &Moment, met: &Arc<Met>, asker: Asker) {
        let place = self.log.keep(met);
        let passed = Arc::new(Met { words: succeeded(&met.words), ..Met::clone(met) }.done());
        self.row(moment, 0, "asked", Ending::Asked, asker, place);
        let seconds = self.world.behaviour.challenge.seconds;
        let takes = moment.chance().for_purpose("takes").within(seconds);
        let interactive = Moment { interactive: true, ..*moment };
        let challenge = self.world.challenge(self.person, self.day, moment);
        let done = self.log.keep(&passed);
        if challenge == Challenge::Passed {
            self.row(&interactive, takes, "passed", Ending::Passed, asker, done);
        } else {
            let declined = moment.chance().for_purpose("declined").per_mille(200);
            let ending = if declined { Ending::Declined } else { Ending::NoAnswer };
            self.row(&interactive, takes + 58, "failed", ending, asker, place);
        }
        if challenge == Challenge::PassedAtSecond {
            self.row(&interactive, takes * 2 + 95, "again", Ending::Passed, asker, done);
        }
        let claim = self.claims.get_mut(slot_place(moment.slot));
        if let Some(claim) = claim.filter(|_| challenge != Challenge::Failed) {
            *claim = true;
        }
    }

    /// Registration comes first. Whether it was finished, the history of methods tells.
    fn must_register(&mut self, moment: &Moment, era: &Era, met: &Arc<Met>) {
        if era.security_defaults && !moment.interactive {
            let place = self.log.keep(met);
            self.row(moment, 0, "renewal", Ending::TokenOnly, Asker::Nobody, place);
            return;
        }
        let asker = asker(met);
        let place = self.log.keep(met);
        self.row(moment, 0, "register", Ending::MustRegister, asker, place);
        let at = self.day.at(moment.second);
        let registered = self.person.held.iter().find(|(from, held)| {
            let after = from.duration_since(at).as_secs();
            (0..=REGISTERING).contains(&after) && held.has_any(Held::STRONG)
        });
        match registered {
            Some((from, _)) => {
                let after = u64::try_from(from.duration_since(at).as_secs()).unwrap_or(0);
                let done = Arc::new(Met { words: succeeded(&met.words), ..Met::clone(met) }.done());
                let done = self.log.keep(&done);
                let interactive = Moment { interactive: true, ..*moment };
                let ending = Ending::PassedAfterRegistration;
                self.row(&interactive, after + 6, "registered", ending, asker, done);
                if let Some(claim) = self.claims.get_mut(slot_place(moment.slot)) {
                    *claim = true;
                }
            }
            None => self.stuck = !era.security_defaults,
        }
    }

    fn wrong_password(&mut self, moment: &Moment) {
        let share = self.world.behaviour.challenge.wrong_password;
        let mistypes = moment.interactive && !moment.asked_to;
        if mistypes && moment.chance().for_purpose("mistyped").per_mille(share) {
            let earlier = Moment { second: moment.second.saturating_sub(11), ..*moment };
            self.row(&earlier, 0, "mistyped", Ending::WrongPassword, Asker::Nobody, NOT_REACHED);
        }
    }

    fn keep_signed_in(&mut self, moment: &Moment, met: u32) {
        let share = self.world.behaviour.challenge.keep_me_signed_in;
        if moment.interactive && moment.chance().for_purpose("stay").per_mille(share) {
            let earlier = Moment { second: moment.second.saturating_sub(4), ..*moment };
            self.row(&earlier, 0, "stay", Ending::KeepSignedIn, Asker::Nobody, met);
        }
    }

    fn row(
        &mut self,
        moment: &Moment,
        after: u64,
        step: &str,
        ending: Ending,
        asker: Asker,
        met: u32,
    ) {
        let list = if moment.interactive { List::Interactive } else { List::NonInteractive };
        let key = moment.chance().for_purpose(step).key();
        let row = Row {
            second: self.day.at(moment.second).as_second() + i64::try_from(after).unwrap_or(0),
            key,
            conversation: moment.key,
            person: self.place,
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
        self.world.publish(row, &mut self.log.rows);
    }
}

impl World {
    /// Sets when the log shows a row, and adds the copy some rows get.
    pub(crate) fn publish(&self, row: Row, rows: &mut Vec<Row>) {
        let chance = Chance::of_key(row.key);
        let numbers = &self.behaviour.log;
        let seconds = |purpose: &str, range| {
            u32::try_from(chance.for_purpose(purpose).within(range)).unwrap_or(u32::MAX)
        };
        let shown_after = seconds("ingestion", numbers.ingestion);
        let details_after = shown_after + seconds("details", numbers.details);
        rows.push(Row { shown_after, details_after, ..row });
        if chance.for_purpose("republished").per_mille(numbers.republished) {
            let later = shown_after + seconds("republished after", [600, 7_200]);
            rows.push(Row { shown_after: later, details_after: later, is_copy: true, ..row });
        }
    }
}

impl Met {
    /// The same sign-in once everything is satisfied.
    fn done(mut self) -> Self {
        use conditional_access::RowStatus;
        if self.status == RowStatus::Failure {
            self.status = RowStatus::Success;
        }
        self
    }
}

fn succeeded(words: &[conditional_access::Word]) -> Vec<conditional_access::Word> {
    use conditional_access::Word;
    words
        .iter()
        .map(|word| match word {
            Word::Failure => Word::Success,
            Word::ReportOnlyInterrupted => Word::ReportOnlySuccess,
            other => *other,
        })
        .collect()
}

fn asker(met: &Met) -> Asker {
    if met.by_policy {
        Asker::ConditionalAccess
    } else if met.by_portal {
        Asker::Portal
    } else if met.by_security_defaults {
        Asker::SecurityDefaults
    } else if met.by_per_user {
        Asker::PerUser
    } else {
        Asker::Nobody
    }
}

/// The platform of a moment's device.
pub(crate) fn platform(person: &Person, moment: &Moment) -> PlatformOf {
    if matches!(moment.place, Place::Elsewhere(_)) {
        return PlatformOf::None;
    }
    match (moment.slot, moment.client.is_legacy()) {
        (Slot::Phone, _) if about(person).for_purpose("phone system").per_mille(600) => {
            PlatformOf::Ios
        }
        (Slot::Phone, _) => PlatformOf::Android,
        (_, true) => PlatformOf::None,
        (Slot::Computer, false) if person.is_guest() => PlatformOf::MacOs,
        (Slot::Computer | Slot::Other | Slot::Own, false) => PlatformOf::Windows,
    }
}

/// What a sign-in shows of its device.
pub(crate) fn device_facts(person: &Person, slot: Slot) -> DeviceFacts {
    let nothing = DeviceFacts { registered: None, compliant: false, hybrid: false };
    match (slot, person.computer) {
        (Slot::Computer, Computer::Enrolled { compliant }) => DeviceFacts {
            registered: computer_id(person).map(|id| (id, computer_name(person))),
            compliant,
            hybrid: true,
        },
        (Slot::Phone, _) if person.habits.phone && super::directory::phone_is_managed(person) => {
            let device = super::directory::DeviceOf { person: 0, phone: true };
            DeviceFacts {
                registered: super::directory::device_id(person, device)
                    .map(|id| (id, super::directory::device_name(person, device))),
                compliant: true,
                hybrid: false,
            }
        }
        (Slot::Own, _) => DeviceFacts { registered: Some(own_computer(person)), ..nothing },
        _ => nothing,
    }
}

/// Id and name of a computer of somebody's own.
fn own_computer(person: &Person) -> (String, String) {
    let chance = about(person).for_purpose("own computer");
    (chance.guid().to_string(), format!("HOME-{:04}", chance.below(10_000)))
}
