//! What is measured. Every measure observes one sign-in at a time and merges with another of its
//! kind; neither order of sign-ins nor order of merging changes the result.
//!
//! Texts are numbers here ([`Words`]). What a word or a list of words means is found out once
//! ([`meaning`]); for each sign-in only numbers are looked up.

mod activity;
mod apps;
mod by_place;
mod conversations;
mod days;
mod details;
mod devices;
mod fields;
mod hours;
mod judged;
mod kept;
mod legacy;
mod lists;
mod meaning;
mod memo;
mod mix;
mod names;
mod people;
mod replay;
mod seen;
mod shown;
#[cfg(test)]
mod tests;
mod traffic;
mod translation;
mod user_set;

use std::borrow::Borrow;

use rollout::Measurement;

use crate::measures::activity::ActivityMeasures;
use crate::measures::days::{Days, day_and_hour};
use crate::measures::judged::Judged;
use crate::measures::legacy::LegacyUses;
use crate::measures::meaning::{Agent, Manner, Meanings};
use crate::measures::names::Names;
use crate::measures::replay::ReplayMeasures;
use crate::measures::shown::Shown;
use crate::measures::traffic::Traffic;
use crate::measures::translation::Translation;
use crate::outcome::Outcome;
use crate::sign_in::SignIn;
use crate::told::Told;
use crate::words::Words;

pub(crate) use fields::fields;
pub use replay::MOST_ROWS;
pub(crate) use replay::Room;

/// What is measured of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Legacy authentication only: what `lockstep audit legacy` answers from.
    Legacy,
    /// Everything but what policies can be tried on.
    Everything,
    /// Everything, and what policies that do not exist yet can be tried on
    /// ([`Measurement::replay`]).
    Replay,
    /// Nothing is counted: rows are gathered ([`Reader::of_rows`](crate::Reader::of_rows)). It asks
    /// for more of a record than any other scope.
    Rows,
}

/// Measures sign-ins at hand: every one counts, as if it had no copy and lay in the window. Window
/// and counts of reading are left empty.
#[must_use]
pub fn measure<'s>(
    scope: Scope,
    sign_ins: impl IntoIterator<Item = impl Borrow<SignIn<'s>>>,
) -> Measurement {
    let mut measures = Measures::new(scope);
    for sign_in in sign_ins {
        measures.observe(sign_in.borrow());
    }
    measures.finish()
}

/// All measures of one reading.
#[derive(Debug)]
pub(crate) struct Measures {
    words: Words,
    meanings: Meanings,
    days: Days,
    names: Names,
    shown: Shown,
    traffic: Traffic,
    legacy: LegacyUses,
    /// `None`: the scope is legacy authentication.
    activity: Option<Box<ActivityMeasures>>,
    /// `None`: the scope has no replay.
    replay: Option<Box<ReplayMeasures>>,
    /// Sign-ins some measure found no room for.
    left_out: u64,
}

impl Measures {
    /// Measures of a scope.
    pub(crate) fn new(scope: Scope) -> Self {
        Self::with_room(scope, Room::default())
    }

    /// Measures of a scope, with so much room for replay.
    pub(crate) fn with_room(scope: Scope, room: Room) -> Self {
        Self {
            words: Words::default(),
            meanings: Meanings::default(),
            days: Days::default(),
            names: Names::default(),
            shown: Shown::default(),
            traffic: Traffic::default(),
            legacy: LegacyUses::default(),
            activity: matches!(scope, Scope::Everything | Scope::Replay).then(Box::default),
            replay: (scope == Scope::Replay).then(|| Box::new(ReplayMeasures::new(room))),
            left_out: 0,
        }
    }

    /// Counts a sign-in that tells its time.
    pub(crate) fn observe(&mut self, row: &impl Told) {
        let Some(time) = row.time() else { return };
        let (since_epoch, hour) = day_and_hour(time);
        let Some(day) = self.days.day(since_epoch).filter(|_| self.words.has_room()) else {
            self.left_out += 1;
            return;
        };
        let Self { words, meanings, .. } = self;
        let Manner { kind, client, protocol, agent } = meanings.manner(row, words);
        self.shown.observe(row, kind);
        if let Some(activity) = &mut self.activity {
            activity.observe_record(day, hour);
        }
        if kind.is_workload() {
            return;
        }
        let Agent { ropc, room } = agent.unwrap_or(Agent { ropc: false, room: false });
        let ropc = ropc || protocol.is_some_and(|protocol| protocol.ropc);
        let legacy = ropc || client.is_some_and(|client| client.legacy);
        let outcome = if legacy || self.activity.is_some() {
            meanings.outcome(row, words)
        } else {
            Outcome::Unknown
        };
        let Some(user) = self.names.observe(row, time, words) else {
            self.left_out += 1;
            return;
        };
        let hour = 1_u32.checked_shl(hour.into()).unwrap_or(0);
        let judged = Judged {
            time,
            day,
            hour,
            kind,
            user,
            client,
            protocol,
            legacy,
            ropc,
            room_agent: room,
            outcome,
        };
        self.traffic.observe(&judged);
        let device = self.legacy.devices.observe(row, time, meanings, words);
        if legacy && !self.legacy.observe(row, &judged, meanings, words) {
            self.left_out += 1;
        }
        if let Some(activity) = &mut self.activity {
            let details = activity.observe(row, &judged, device, &self.names, meanings, words);
            if let Some(replay) = &mut self.replay
                && judged.succeeded()
                && !replay.observe(row, &judged, &details, meanings, words)
            {
                self.left_out += 1;
            }
        }
    }

    /// True when sign-ins were left out of what policies can be tried on.
    pub(crate) fn leaves_out_of_replay(&self) -> bool {
        self.replay.as_ref().is_some_and(|replay| replay.leaves_out())
    }

    /// Adds what another pass over other records measured.
    pub(crate) fn merge(&mut self, mut other: Self) {
        // What was only remembered makes room for what is merged.
        self.settle();
        other.settle();
        other.meanings = Meanings::default();
        let Self { words, days, names, .. } = self;
        let mut to = Translation::new(&other.words, words);
        to.days = other.days.all().iter().map(|day| days.day(*day)).collect();
        names.merge(other.names, &mut to, words);
        self.shown.merge(&other.shown);
        self.traffic.merge(&other.traffic, &to);
        self.legacy.merge(other.legacy, &mut to, words);
        self.activity = match (self.activity.take(), other.activity) {
            (Some(mut mine), Some(other)) => {
                mine.merge(*other, &mut to, names, words);
                Some(mine)
            }
            // What one of the two did not measure is not measured.
            _ => None,
        };
        self.replay = match (self.replay.take(), other.replay) {
            (Some(mut mine), Some(other)) => {
                mine.merge(*other, &mut to, words);
                Some(mine)
            }
            _ => None,
        };
        let no_day = to.days.iter().filter(|day| day.is_none()).count();
        let lost = to.lost.saturating_add(u64::try_from(no_day).unwrap_or(u64::MAX));
        self.left_out = self.left_out.saturating_add(other.left_out).saturating_add(lost);
    }

    /// Learns what was remembered and not learned yet, and forgets the rest of it.
    pub(crate) fn settle(&mut self) {
        self.names.settle(&self.words);
        self.legacy.devices.settle(&self.words);
        if let Some(replay) = &mut self.replay {
            replay.settle();
        }
    }

    /// UTC dates with a record, at most so many.
    pub(crate) fn days_covered(&self, most: u32) -> u32 {
        u32::try_from(self.days.len()).unwrap_or(u32::MAX).min(most)
    }

    /// The measurement, without window and counts of reading.
    pub(crate) fn finish(mut self) -> Measurement {
        self.settle();
        let Self {
            words, days, mut names, shown, traffic, legacy, activity, replay, left_out, ..
        } = self;
        let folded = names.fold(&words);
        let mut measurement = Measurement {
            totals: traffic.totals,
            by_day: traffic.by_day(&days),
            legacy: legacy.finish(&folded, &names, &days, &words),
            activity: activity.map(|activity| activity.finish(&folded, &names, &days, &words)),
            replay: replay.map(|replay| replay.finish(&folded, &names, &words)),
            ..Measurement::default()
        };
        shown.finish(&mut measurement);
        measurement.coverage.left_out = left_out;
        measurement
    }
}
