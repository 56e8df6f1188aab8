//! What somebody means to do on a day: a function of seed, account and day, whatever the tenant
//! makes of it.

use jiff::Timestamp;

use super::World;
use super::apps::{
    CONNECT, Client, HOME, MAIL, OUTLOOK, OUTLOOK_MOBILE, OUTLOOK_WEB, PORTAL, REMOTE_ACCESS,
    SHAREPOINT_WEB, TEAMS,
};
use super::calendar::{Day, days};
use super::chance::Chance;
use super::object::text;
use super::person::{Computer, Kind, Person, Persona};
use super::show::about;

/// With which of their devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Slot {
    Computer,
    Phone,
    /// A computer that is nobody's, or a machine.
    Other,
    /// A computer of their own that is registered.
    Own,
}

/// From where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    Office,
    Home,
    Mobile,
    /// A guest's firm.
    Partner,
    /// Where attackers are, by number.
    Elsewhere(u8),
}

/// One sign-in somebody means to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Seconds after midnight.
    pub(crate) second: u32,
    pub(crate) slot: Slot,
    pub(crate) app: u8,
    pub(crate) client: Client,
    pub(crate) interactive: bool,
    pub(crate) place: Place,
    /// Somebody asked for it: the session is a new one, and it is taken care to pass.
    pub(crate) asked_to: bool,
    /// Everything else about it is drawn from this.
    pub(crate) key: u64,
}

impl Moment {
    pub(crate) fn chance(&self) -> Chance {
        Chance::of_key(self.key)
    }
}

/// The last second of a day in which something may begin, so that it ends on the day.
const LAST: u64 = 84_000;

struct Plan<'a> {
    world: &'a World,
    person: &'a Person,
    chance: Chance,
    moments: Vec<Moment>,
}

impl World {
    /// What an account does on a day, in order of time.
    pub(crate) fn moments(&self, person: &Person, day: Day) -> Vec<Moment> {
        let noon = day.at(43_200);
        if !person.is_about(noon) {
            return Vec::new();
        }
        let chance = about(person).about(self.seed).for_purpose("day").about(day.number());
        let mut plan = Plan { world: self, person, chance, moments: Vec::new() };
        match person.kind {
            Kind::ItTeam | Kind::Executive | Kind::Staff => plan.worker(day),
            Kind::SharedLogin => plan.desk(day),
            Kind::SharedMailbox => plan.old_outlook(day),
            Kind::Printer => plan.machine(day, Client::Smtp),
            Kind::Erp => plan.machine(day, Client::Imap),
            Kind::Guest => plan.guest(day),
            Kind::Synchronisation => plan.synchronisation(),
            Kind::Made | Kind::Service | Kind::Room | Kind::Leaver => {}
        }
        plan.moments.extend(self.errands_of(person, day));
        plan.moments.sort_unstable_by_key(|moment| (moment.second, moment.key));
        plan.moments
    }

    /// Whether somebody works on a day at all.
    pub(crate) fn works(&self, person: &Person, day: Day) -> bool {
        let chance = about(person).about(self.seed).for_purpose("day").about(day.number());
        day.is_working && !chance.for_purpose("off").per_mille(self.behaviour.day.day_off)
    }

    /// Whether sessions of an account were revoked within the last week.
    fn was_revoked(&self, person: &Person, at: Timestamp) -> bool {
        let changed = self.changed_user(person, at);
        let from = changed.and_then(|it| text(it, "signInSessionsValidFromDateTime"));
        let from: Option<Timestamp> = from.and_then(|it| it.parse().ok());
        from.is_some_and(|from| from <= at && days(from, 7) > at)
    }

    /// Chance, per thousand, that somebody signs in interactively on a day worked.
    pub(crate) fn signs_in(&self, person: &Person, at: Timestamp) -> u64 {
        let numbers = &self.behaviour.persona;
        match person.persona {
            Persona::Browser => numbers.browser_signs_in,
            Persona::SingleSignOn if self.was_revoked(person, at) => {
                self.behaviour.registration.revoked_single_sign_on_signs_in
            }
            Persona::SingleSignOn => numbers.single_sign_on_signs_in,
            Persona::Field => numbers.field_signs_in,
            Persona::PartTime => numbers.part_time_signs_in,
            Persona::None => 0,
        }
    }
}

impl Plan<'_> {
    fn add(
        &mut self,
        second: u64,
        slot: Slot,
        (app, client): (u8, Client),
        interactive: bool,
        place: Place,
    ) {
        let number = u64::try_from(self.moments.len()).unwrap_or(0);
        let key = self.chance.for_purpose("moment").about(number).key();
        let second = u32::try_from(second.min(LAST)).unwrap_or(0);
        self.moments.push(Moment {
            second,
            slot,
            app,
            client,
            interactive,
            place,
            asked_to: false,
            key,
        });
    }

    fn worker(&mut self, day: Day) {
        let numbers = &self.world.behaviour;
        let works = self.world.works(self.person, day);
        let second_time = numbers.persona.second_sign_in;
        if works {
            let drawn = self.chance.for_purpose("home").per_mille(numbers.day.at_home);
            let place = match self.person.persona {
                Persona::Field if drawn => Place::Mobile,
                _ if drawn => Place::Home,
                _ => Place::Office,
            };
            let begins = self.begins();
            let signs_in = self.world.signs_in(self.person, day.at(43_200));
            if self.chance.for_purpose("signs in").per_mille(signs_in) {
                let again = self.chance.for_purpose("again").per_mille(second_time);
                self.interactive(begins + 40, place);
                if again {
                    let later = self.chance.for_purpose("later").within([3_600, 24_000]);
                    self.interactive(begins + later, place);
                }
            }
            self.renewals(begins, place);
            if place == Place::Home && self.person.persona != Persona::Field {
                let silent = (REMOTE_ACCESS, Client::Modern);
                self.add(begins + 20, Slot::Computer, silent, false, place);
            }
            if self.person.kind == Kind::ItTeam {
                let at = begins + self.chance.for_purpose("portal").within([900, 20_000]);
                self.add(at, Slot::Computer, (PORTAL, Client::Browser), true, place);
            }
        } else if self.chance.for_purpose("rest day").per_mille(numbers.persona.rest_day_signs_in) {
            let at = self.chance.for_purpose("rest time").within([32_400, 76_000]);
            self.interactive(at, Place::Home);
        }
        self.phone(works);
    }

    fn begins(&self) -> u64 {
        let day = &self.world.behaviour.day;
        let person = about(self.person).for_purpose("begins").below(day.begins_spread + 1);
        (day.begins_minute + person) * 60 + self.chance.for_purpose("begins").below(900)
    }

    fn interactive(&mut self, second: u64, place: Place) {
        let chance = self.chance.for_purpose("which app").about(second);
        let app = match chance.below(10) {
            0..=5 => HOME,
            6..=7 => SHAREPOINT_WEB,
            _ => OUTLOOK_WEB,
        };
        let slot = match self.person.computer {
            Computer::None => Slot::Other,
            _ => Slot::Computer,
        };
        self.add(second, slot, (app, Client::Browser), true, place);
    }

    /// Renewals of tokens over the day, none at lunch.
    fn renewals(&mut self, begins: u64, place: Place) {
        if self.person.persona == Persona::Field {
            return;
        }
        let day = &self.world.behaviour.day;
        let count = self.chance.for_purpose("renewals").within(day.computer_renewals);
        for nth in 0..count {
            let chance = self.chance.for_purpose("renewal").about(nth);
            let second = if nth == 0 {
                begins + chance.below(600)
            } else {
                begins + chance.below(day.length * 60)
            };
            let lunch = day.lunch_minute * 60;
            if nth > 0 && (lunch..lunch + day.lunch_length * 60).contains(&second) {
                continue;
            }
            let app =
                chance.for_purpose("app").pick(&[OUTLOOK, OUTLOOK, TEAMS, TEAMS, SHAREPOINT_WEB]);
            let app = app.copied().unwrap_or(OUTLOOK);
            self.add(second, Slot::Computer, (app, Client::Modern), false, place);
        }
    }

    fn phone(&mut self, works: bool) {
        let numbers = &self.world.behaviour.day;
        let looks = works || self.chance.for_purpose("weekend").per_mille(numbers.weekend_phone);
        if !looks {
            return;
        }
        let habits = self.person.habits;
        let (range, app, client) = if habits.active_sync {
            (numbers.active_sync_sign_ins, MAIL, Client::ActiveSync)
        } else if habits.phone {
            (numbers.phone_renewals, OUTLOOK_MOBILE, Client::Modern)
        } else {
            return;
        };
        let count = self.chance.for_purpose("phone").within(range);
        for nth in 0..count {
            let second = self.chance.for_purpose("phone at").about(nth).within([24_000, 80_000]);
            self.add(second, Slot::Phone, (app, client), false, Place::Mobile);
        }
    }

    fn desk(&mut self, day: Day) {
        if day.is_working {
            self.add(28_500, Slot::Computer, (HOME, Client::Browser), true, Place::Office);
            for nth in 0..4 {
                let second = 28_800 + nth * 7_200;
                self.add(second, Slot::Computer, (OUTLOOK, Client::Modern), false, Place::Office);
            }
        }
    }

    fn old_outlook(&mut self, day: Day) {
        if day.is_working && self.person.enabled {
            for nth in 0..6 {
                let second = 30_000 + nth * 5_400;
                self.add(second, Slot::Other, (MAIL, Client::OldOutlook), false, Place::Office);
            }
        }
    }

    fn machine(&mut self, day: Day, client: Client) {
        let numbers = &self.world.behaviour.day;
        let range =
            if client == Client::Smtp { numbers.printer_sign_ins } else { numbers.erp_sign_ins };
        if client == Client::Smtp && !day.is_working {
            return;
        }
        let count = self.chance.for_purpose("machine").within(range);
        for nth in 0..count {
            let second = if client == Client::Smtp {
                self.chance.for_purpose("scan").about(nth).within([28_800, 63_000])
            } else {
                // Every so many minutes, day and night.
                nth * LAST / count.max(1) + 300
            };
            self.add(second, Slot::Other, (MAIL, client), client == Client::Smtp, Place::Office);
        }
    }

    fn guest(&mut self, day: Day) {
        let share = self.world.behaviour.day.guest_sign_in;
        if day.is_working && self.chance.for_purpose("guest").per_mille(share) {
            let second = self.chance.for_purpose("guest at").within([28_000, 60_000]);
            let app = if second.is_multiple_of(2) { SHAREPOINT_WEB } else { TEAMS };
            self.add(second, Slot::Computer, (app, Client::Browser), true, Place::Partner);
        }
    }

    fn synchronisation(&mut self) {
        for nth in 0..48 {
            let second = 400 + nth * 1_740;
            self.add(second, Slot::Other, (CONNECT, Client::Modern), false, Place::Office);
        }
    }
}
