//! How far the log reaches: without that, nothing follows from a row that is not there.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::SignIns;

/// How far the log reaches over a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reach {
    /// First moment asked about.
    pub from: Timestamp,
    /// Last moment asked about.
    pub to: Timestamp,
    /// Oldest sign-in of the log.
    pub oldest: Option<Timestamp>,
    /// Newest sign-in of the log.
    pub newest: Option<Timestamp>,
    /// Hours of the span, whole or begun.
    pub hours: u64,
    /// Hours of the span in which the log has a sign-in of a user.
    pub hours_with_sign_ins: u64,
    /// Longest run of hours of the span without a sign-in, in hours.
    pub longest_silence: u64,
    /// Why nothing may be concluded from the absence of a row, a sentence each. Empty: it may.
    pub holes: Vec<String>,
}

/// Longer than a long weekend without one sign-in of anybody, a part of the log is missing.
const SILENCE: u64 = 96;
/// Hours of a day.
const A_DAY: u64 = 24;
/// Most hours of a span that are looked at one by one: a year.
const MOST_HOURS: u64 = 24 * 366;

impl Reach {
    /// How far rows reach from one moment to another. `slack` is how much older than `to` the newest
    /// sign-in may be: sign-ins come into the log minutes to an hour late, and at night nobody signs
    /// in.
    #[must_use]
    pub fn over(sign_ins: &SignIns, from: Timestamp, to: Timestamp, slack: SignedDuration) -> Self {
        let mut reach = Self {
            from,
            to,
            oldest: sign_ins.oldest,
            newest: sign_ins.newest,
            hours: 0,
            hours_with_sign_ins: 0,
            longest_silence: 0,
            holes: Vec::new(),
        };
        reach.count(sign_ins);
        reach.holes = reach.holes_of(sign_ins, slack);
        reach
    }

    /// Something may be concluded from the absence of a row.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.holes.is_empty()
    }

    /// The same over what one and the same log was asked otherwise: what it misses is missing here
    /// too.
    pub(super) fn needs(&mut self, hole: impl Into<String>) {
        self.holes.push(hole.into());
    }

    fn count(&mut self, sign_ins: &SignIns) {
        let (first, last) = (hour_of(self.from), hour_of(self.to));
        let mut silence = 0_u64;
        for hour in first..=last {
            if self.hours >= MOST_HOURS {
                break;
            }
            self.hours = self.hours.saturating_add(1);
            if has_sign_in(sign_ins, hour) {
                self.hours_with_sign_ins = self.hours_with_sign_ins.saturating_add(1);
                silence = 0;
            } else {
                silence = silence.saturating_add(1);
            }
            self.longest_silence = self.longest_silence.max(silence);
        }
    }

    fn holes_of(&self, sign_ins: &SignIns, slack: SignedDuration) -> Vec<String> {
        let mut holes = Vec::new();
        let (Some(oldest), Some(newest)) = (self.oldest, self.newest) else {
            return vec!["the log holds no sign-in".to_owned()];
        };
        if oldest > self.from {
            holes.push(format!("the log begins at {oldest:.0}, after {:.0}", self.from));
        }
        if newest.saturating_add(slack).unwrap_or(Timestamp::MAX) < self.to {
            holes.push(format!("the log ends at {newest:.0}, before {:.0}", self.to));
        }
        if self.hours > A_DAY && self.hours_with_sign_ins == 0 {
            holes.push(format!("none of the {} hours holds a sign-in of anybody", self.hours));
        } else if self.longest_silence > SILENCE {
            holes.push(format!(
                "{} hours in a row hold no sign-in of anybody: a part of the log is missing",
                self.longest_silence
            ));
        }
        if sign_ins.unreadable > 0 {
            holes.push(format!("{} records could not be read", sign_ins.unreadable));
        }
        if sign_ins.left_out > 0 {
            holes.push(format!("{} rows found no room", sign_ins.left_out));
        }
        if sign_ins.interactive == Some(false) {
            holes.push("interactive sign-ins are not in the log".to_owned());
        }
        if sign_ins.non_interactive == Some(false) {
            holes.push("non-interactive sign-ins are not in the log".to_owned());
        }
        holes
    }
}

/// Hours since 1970 of a moment.
fn hour_of(moment: Timestamp) -> i64 {
    moment.as_second().div_euclid(3600)
}

fn has_sign_in(sign_ins: &SignIns, hour: i64) -> bool {
    let Ok(moment) = Timestamp::from_second(hour.saturating_mul(3600)) else { return false };
    let civil = moment.to_zoned(jiff::tz::TimeZone::UTC);
    let Ok(of_day) = u32::try_from(civil.hour()) else { return false };
    let bit = 1_u32.checked_shl(of_day).unwrap_or(0);
    sign_ins.hours.get(&civil.date()).is_some_and(|hours| hours & bit != 0)
}
