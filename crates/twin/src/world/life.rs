//! Life goes on: people meet prompts and register, read letters and register, and new people come.

use conditional_access::Verdict;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::World;
use super::audit::Entry;
use super::calendar::Day;
use super::chance::Chance;
use super::moments::Moment;
use super::people;
use super::person::{Computer, Habits, Held, Kind, Person, Persona};
use super::show::about;
use crate::documents::Collection;

/// What may change somebody's state on a day, in order of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agenda {
    day: i64,
    items: Vec<Item>,
    next: usize,
}

#[derive(Debug, Clone, Copy)]
struct Item {
    second: i64,
    account: usize,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// A sign-in in which somebody may be made to register.
    Prompt(Moment),
    /// The registration campaign asks somebody who has just passed MFA for Authenticator.
    Nudge(Moment),
    /// A letter, a reminder, a colleague: somebody registers unasked.
    Letter,
    /// Somebody new begins.
    Joins,
}

/// What registration answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// Nobody gets in without it.
    Hard,
    /// It may be skipped.
    Skippable,
    /// Security defaults, and somebody who knows how to go around the prompt.
    AvoidedUnderSecurityDefaults,
    /// The same while letters go out and colleagues talk.
    AvoidedInCampaign,
}

impl World {
    /// Chance, per thousand, that a prompt ends in a registration.
    pub(crate) fn completes(&self, mechanism: Mechanism) -> u64 {
        let numbers = &self.behaviour.registration;
        match mechanism {
            Mechanism::Hard => numbers.completes_hard,
            Mechanism::Skippable => numbers.completes_skippable,
            Mechanism::AvoidedUnderSecurityDefaults => numbers.completes_under_security_defaults,
            Mechanism::AvoidedInCampaign => numbers.completes_in_campaign,
        }
    }

    pub(crate) fn live_until(&mut self, to: Timestamp) {
        while self.clock < to {
            let day = Day::of(self.clock);
            if self.agenda.as_ref().is_none_or(|agenda| agenda.day != day.begins) {
                self.agenda = Some(self.agenda_of(day));
            }
            let midnight = day.after().map_or(to, |next| next.at(0));
            let until = to.min(midnight);
            while let Some(item) = self.next_item(until) {
                self.happen(&item, day);
            }
            if until <= self.clock {
                break;
            }
            self.clock = until;
        }
    }

    fn next_item(&mut self, until: Timestamp) -> Option<Item> {
        let agenda = self.agenda.as_mut()?;
        let item = *agenda.items.get(agenda.next)?;
        if item.second >= until.as_second() {
            return None;
        }
        agenda.next += 1;
        Some(item)
    }

    /// What may change somebody's state on a day from now on.
    fn agenda_of(&self, day: Day) -> Agenda {
        let mut items = Vec::new();
        let noon = day.at(43_200);
        let (begins, ends) = (day.at(0), day.at(86_399));
        let campaign = self.campaign(ends);
        for (account, person) in self.people.iter().enumerate() {
            let strong = Held::STRONG.without(Held::OFFICE_PHONE);
            if !person.is_human() || !person.is_about(noon) {
                continue;
            }
            let held = person.held_at(begins);
            if !held.has_any(strong) {
                self.prompts(account, person, day, campaign, &mut items);
            } else if campaign.is_some() && is_nudged(held, person) {
                let moments = self.moments(person, day);
                if let Some(moment) = moments.into_iter().find(|it| it.interactive) {
                    let second = day.at(moment.second).as_second();
                    items.push(Item { second, account, what: What::Nudge(moment) });
                }
            }
        }
        let people = u64::try_from(self.places(Person::is_human).len()).unwrap_or(0);
        let chance = Chance::of(self.seed).for_purpose("joins").about(day.number());
        let rate = people * self.behaviour.population.joiners_a_month;
        // So many a month over twenty-one working days, as a whole number and a rest.
        let (whole, rest) = (rate / 21_000, rate % 21_000);
        let joiners = whole + u64::from(chance.below(21_000) < rest);
        if day.is_working {
            for nth in 0..joiners {
                let account = usize::try_from(nth).unwrap_or(0);
                let second = day.at(28_800).as_second();
                items.push(Item { second, account, what: What::Joins });
            }
        }
        let now = self.clock.as_second();
        items.retain(|item| item.second >= now);
        items.sort_by_key(|item| (item.second, item.account));
        Agenda { day: day.begins, items, next: 0 }
    }

    fn prompts(
        &self,
        account: usize,
        person: &Person,
        day: Day,
        campaign: Option<u64>,
        items: &mut Vec<Item>,
    ) {
        let moments = self.moments(person, day);
        let modern: Vec<&Moment> =
            moments.iter().filter(|moment| !moment.client.is_legacy()).collect();
        let interactive = modern.iter().find(|moment| moment.interactive);
        let silent = modern.iter().find(|moment| !moment.interactive);
        for moment in interactive.into_iter().chain(silent) {
            let second = day.at(moment.second).as_second();
            items.push(Item { second, account, what: What::Prompt(**moment) });
        }
        let chance = about(person).about(self.seed).for_purpose("letter").about(day.number());
        let share = campaign.map_or(0, |snooze| self.letters(snooze));
        if self.works(person, day) && chance.per_mille(share) {
            let at = chance.for_purpose("at").within([33_000, 60_000]);
            let second = day.at(u32::try_from(at).unwrap_or(0)).as_second();
            items.push(Item { second, account, what: What::Letter });
        }
    }

    /// Days between two reminders of the registration campaign. `None`: it is off, or Microsoft's.
    fn campaign(&self, at: Timestamp) -> Option<u64> {
        let (_, policy) = self.documents.list(&Collection::MethodsPolicy, at).next()?;
        let campaign = policy
            .get("registrationEnforcement")?
            .get("authenticationMethodsRegistrationCampaign")?;
        let is_on = campaign.get("state").and_then(Value::as_str) == Some("enabled");
        let snooze = campaign.get("snoozeDurationInDays").and_then(Value::as_u64);
        is_on.then_some(snooze.unwrap_or(1))
    }

    /// Chance, per thousand and working day, that somebody registers unasked: who reminds every few
    /// days writes briskly.
    pub(crate) fn letters(&self, snooze: u64) -> u64 {
        let numbers = &self.behaviour.registration;
        if snooze <= 3 { numbers.comms_brisk } else { numbers.comms_slow }
    }

    fn happen(&mut self, item: &Item, day: Day) {
        let at = Timestamp::from_second(item.second).unwrap_or(self.clock);
        match item.what {
            What::Prompt(moment) => self.prompted(item.account, &moment, at),
            What::Nudge(moment) => self.nudged(item.account, &moment, at),
            What::Letter => self.register(item.account, at),
            What::Joins => self.join(item.account, day, at),
        }
    }

    fn prompted(&mut self, account: usize, moment: &Moment, at: Timestamp) {
        let Some(person) = self.people.get(account) else { return };
        let era = self.era(at);
        if !self.is_enabled(person, at) || (era.security_defaults && !moment.interactive) {
            return;
        }
        let question = self.question(account, person, moment, at, &era, false);
        if era.meet(question, self.legacy_passes()).verdict != Verdict::Register {
            return;
        }
        let mechanism = if !era.security_defaults || !person.habits.avoids {
            Mechanism::Hard
        } else if self.campaign(at).is_some() {
            Mechanism::AvoidedInCampaign
        } else {
            Mechanism::AvoidedUnderSecurityDefaults
        };
        let chance = moment.chance();
        if chance.for_purpose("completes").per_mille(self.completes(mechanism)) {
            let minutes = chance.for_purpose("minutes").within(self.behaviour.registration.minutes);
            let takes = SignedDuration::from_mins(i64::try_from(minutes).unwrap_or(1));
            self.register(account, at.saturating_add(takes).unwrap_or(at));
        }
    }

    /// Only who has just passed MFA meets the campaign (Microsoft Entra documentation, *Run a
    /// registration campaign*).
    fn nudged(&mut self, account: usize, moment: &Moment, at: Timestamp) {
        let Some(person) = self.people.get(account) else { return };
        let era = self.era(at);
        let question = self.question(account, person, moment, at, &era, false);
        let asked = era.meet(question, self.legacy_passes()).verdict == Verdict::Require;
        let chance = moment.chance().for_purpose("nudge");
        let does = chance.per_mille(self.completes(Mechanism::Skippable));
        if asked && does && is_nudged(person.held_at(at), person) {
            let later = at.saturating_add(SignedDuration::from_mins(3)).unwrap_or(at);
            self.add_authenticator(account, later);
        }
    }

    fn add_authenticator(&mut self, account: usize, at: Timestamp) {
        let Some(person) = self.people.get(account) else { return };
        let by = self.themselves(person);
        let about = self.account_target(person, Vec::new());
        self.hold(account, |held| held.with(Held::AUTHENTICATOR), at);
        if let Ok(place) = u32::try_from(account) {
            self.cache.mark_stale(Day::of(at).begins, place);
        }
        let reason = "User registered Authenticator App with Notification and Code".to_owned();
        let entry = Entry::of_methods("User registered security info", reason, about);
        self.write_audit(entry, &by, at);
    }

    /// Somebody registers: Authenticator, or a key for who has no smartphone.
    pub(crate) fn register(&mut self, account: usize, at: Timestamp) {
        let Some(person) = self.people.get(account) else { return };
        if self.usable_methods(person, at).has_any(Held::STRONG) || !self.is_enabled(person, at) {
            return;
        }
        let (method, reason) = if person.habits.no_smartphone {
            (Held::SECURITY_KEY, "User registered Fido2 Authentication Method")
        } else {
            (Held::AUTHENTICATOR, "User registered Authenticator App with Notification and Code")
        };
        let by = self.themselves(person);
        let about = self.account_target(person, Vec::new());
        self.hold(account, |held| held.with(method), at);
        if let Ok(place) = u32::try_from(account) {
            self.cache.mark_stale(Day::of(at).begins, place);
        }
        let activity = "User registered security info";
        self.write_audit(Entry::of_methods(activity, reason.to_owned(), about.clone()), &by, at);
        let all = "User registered all required security info";
        let reason = "User registered all required security info.".to_owned();
        let later = at.saturating_add(SignedDuration::from_secs(4)).unwrap_or(at);
        self.write_audit(Entry::of_methods(all, reason, about), &by, later);
    }

    fn join(&mut self, nth: usize, day: Day, at: Timestamp) {
        let chance = Chance::of(self.seed).for_purpose("joiner").about(day.number());
        let chance = chance.about(u64::try_from(nth).unwrap_or(0));
        let mut person = people::nobody(chance.guid(), Kind::Staff, at);
        let taken = |person: &Person, world: &Self| {
            let name = person.user_principal_name(&world.settings.domain).to_lowercase();
            world.by_name.contains_key(&name)
        };
        let draw = |purpose: &str, below: u64| {
            u8::try_from(chance.for_purpose(purpose).below(below)).unwrap_or(0)
        };
        (person.given, person.family) = (draw("given", 40), draw("family", 40));
        person.office = draw("office", 3);
        while taken(&person, self) {
            person.number += if person.number == 0 { 2 } else { 1 };
        }
        let trade = chance.for_purpose("trade").pick(&super::names::TRADES);
        (person.job, person.department) = (trade.map(|it| it.0), trade.map(|it| it.1));
        (person.licensed, person.synchronised) = (true, true);
        person.persona = Persona::Browser;
        person.computer = Computer::Enrolled { compliant: true };
        person.habits = Habits { phone: true, ..Habits::default() };
        let target = self.account_target(&person, Vec::new());
        let place = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        self.settle(person);
        self.cache.mark_stale(day.begins, place);
        let by = super::Initiator { name: "Microsoft Azure AD Connect".to_owned(), is_app: true };
        let entry = Entry::of_directory("Add user", "UserManagement", "Add", vec![target]);
        self.write_audit(entry, &by, at);
    }
}

/// Whom the campaign asks for Authenticator: who passes MFA by text message.
fn is_nudged(held: Held, person: &Person) -> bool {
    held.has(Held::MOBILE_PHONE) && !held.has(Held::AUTHENTICATOR) && !person.habits.no_smartphone
}

#[cfg(test)]
mod tests;
