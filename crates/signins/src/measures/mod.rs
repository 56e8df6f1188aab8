//! What is measured. Every measure observes one sign-in at a time and merges with another of its
//! kind; neither order of sign-ins nor order of merging changes the result.

mod apps;
mod details;
mod kept;
mod legacy;
mod observed;
mod people;
mod shown;
#[cfg(test)]
mod tests;
mod traffic;

use jiff::Timestamp;
use rollout::Measurement;

use crate::measures::apps::Apps;
use crate::measures::details::Details;
use crate::measures::legacy::LegacyUses;
use crate::measures::observed::Observed;
use crate::measures::people::People;
use crate::measures::shown::Shown;
use crate::measures::traffic::Traffic;
use crate::sign_in::SignIn;

/// All measures of one reading.
#[derive(Debug, Default)]
pub(crate) struct Measures {
    shown: Shown,
    traffic: Traffic,
    legacy: LegacyUses,
    people: People,
    apps: Apps,
    details: Details,
    /// Room for the user's key, used again for every sign-in.
    user: String,
}

impl Measures {
    /// Counts a sign-in.
    pub(crate) fn observe(&mut self, sign_in: &SignIn<'_>, time: Timestamp) {
        let mut user = std::mem::take(&mut self.user);
        observed::user_key(sign_in, &mut user);
        let observed = Observed::new(sign_in, time, &user);
        self.shown.observe(&observed);
        if !observed.kind.is_workload() {
            self.traffic.observe(&observed);
            self.legacy.observe(&observed);
            self.people.observe(&observed);
            self.apps.observe(&observed);
            self.details.observe(&observed);
        }
        self.user = user;
    }

    /// Adds what another pass over other records measured.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readings in parallel"))]
    pub(crate) fn merge(&mut self, other: Self) {
        self.shown.merge(other.shown);
        self.traffic.merge(other.traffic);
        self.legacy.merge(other.legacy);
        self.people.merge(other.people);
        self.apps.merge(other.apps);
        self.details.merge(other.details);
    }

    /// UTC dates with a record, at most so many.
    pub(crate) fn days_covered(&self, most: u32) -> u32 {
        self.shown.days_covered().min(most)
    }

    /// The measurement, without window and counts of reading.
    pub(crate) fn finish(mut self) -> Measurement {
        let folded = self.people.fold_names();
        self.legacy.fold_users(&folded);
        let mut measurement = self.traffic.finish();
        self.shown.finish(&mut measurement);
        self.apps.finish(&folded, &mut measurement);
        self.details.finish(&mut measurement);
        measurement.legacy = self.legacy.finish(&self.people);
        measurement.people = self.people.finish();
        measurement
    }
}
