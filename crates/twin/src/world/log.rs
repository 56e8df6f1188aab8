//! The sign-in log: days made when asked for, and pages of them.

use std::ops::Range;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::calendar::Day;
use super::conversation::Log;
use super::era::Met;
use super::row::{List, NOBODY, NOT_REACHED, Row};
use super::{Kinds, SignInPosition, World};

/// A day of the log, each list newest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct DayOfLog {
    pub(crate) interactive: Vec<Row>,
    pub(crate) non_interactive: Vec<Row>,
    pub(crate) workload: Vec<Row>,
    pub(crate) met: Vec<Arc<Met>>,
}

impl DayOfLog {
    /// How many rows it keeps.
    pub(crate) fn len(&self) -> usize {
        self.interactive.len() + self.non_interactive.len() + self.workload.len()
    }

    fn take(&mut self, log: Log) {
        let offset = u32::try_from(self.met.len()).unwrap_or(NOT_REACHED);
        for mut row in log.rows {
            if row.met != NOT_REACHED {
                row.met = row.met.saturating_add(offset);
            }
            match row.list {
                List::Interactive => self.interactive.push(row),
                List::NonInteractive => self.non_interactive.push(row),
                List::Workload => self.workload.push(row),
            }
        }
        self.met.extend(log.met);
    }

    fn sort(&mut self) {
        for list in [&mut self.interactive, &mut self.non_interactive, &mut self.workload] {
            list.sort_unstable_by_key(Row::order);
        }
    }

    fn forget(&mut self, people: &[u32]) {
        // Attempts on an account do not depend on what it has registered unless they guessed.
        for list in [&mut self.interactive, &mut self.non_interactive] {
            list.retain(|row| {
                matches!(row.place, super::moments::Place::Elsewhere(_))
                    || people.binary_search(&row.person).is_err()
            });
        }
    }
}

impl World {
    /// A day of the log, whole: also what the clock has not reached yet, as it will be if nothing
    /// is changed before. Readers cut it at the clock.
    pub(crate) fn day_of_log(&self, day: Day) -> Arc<DayOfLog> {
        let stale = self.cache.take_stale(day.begins);
        let kept = self.cache.day(day.begins);
        let made = match kept {
            Some(kept) if stale.is_empty() => return kept,
            Some(kept) => {
                let mut again = DayOfLog::clone(&kept);
                again.forget(&stale);
                for person in stale {
                    let mut log = Log::default();
                    self.day_of(usize::try_from(person).unwrap_or(usize::MAX), day, &mut log);
                    again.take(log);
                }
                again
            }
            None => self.make_day(day),
        };
        let mut made = made;
        made.sort();
        let made = Arc::new(made);
        self.cache.keep_day(day.begins, &made);
        made
    }

    fn make_day(&self, day: Day) -> DayOfLog {
        let mut log = Log::default();
        for account in 0..self.people.len() {
            self.day_of(account, day, &mut log);
        }
        self.attack(day, &mut log);
        self.workload(day, &mut log);
        let mut made = DayOfLog::default();
        made.take(log);
        made
    }

    /// A page of sign-ins.
    pub(crate) fn page(
        &self,
        kinds: Kinds,
        window: Range<Timestamp>,
        as_of: Timestamp,
        from: Option<SignInPosition>,
        most: usize,
    ) -> (Vec<Map<String, Value>>, Option<SignInPosition>) {
        let seen = as_of.min(self.clock);
        let begins = window.start.max(self.begins);
        let first = from.map_or(window.end, |position| position.at);
        let mut day = Day::of(first.min(seen));
        let mut skip = from.map_or(0, |position| position.of_that_time);
        let mut rows = Vec::new();
        let mut last: Option<(i64, u64)> = from.map(|it| (it.at.as_second(), it.of_that_time));
        let end = window.end;
        while day.at(86_400 + 7_200) > begins {
            let made = self.day_of_log(day);
            for row in merged(&made, kinds) {
                if row.second > first.as_second() || row.second >= ceiling(end) {
                    continue;
                }
                if row.second < begins.as_second() {
                    break;
                }
                if !is_shown(&row, seen) {
                    continue;
                }
                if skip > 0 && from.is_some_and(|it| it.at.as_second() == row.second) {
                    skip -= 1;
                    continue;
                }
                if rows.len() == most {
                    return (rows, last.and_then(position));
                }
                last = match last {
                    Some((second, count)) if second == row.second => Some((second, count + 1)),
                    _ => Some((row.second, 1)),
                };
                rows.push(self.sign_in(&row, &made.met, seen));
            }
            let Some(before) = day.before() else { break };
            day = before;
        }
        (rows, None)
    }

    /// The newest rows of one account up to a time: interactive, other, successful.
    pub(crate) fn last_rows(
        &self,
        account: usize,
        before: Timestamp,
        days: u32,
    ) -> [Option<Row>; 3] {
        let mut found = [None; 3];
        let mut day = Day::of(before);
        for _ in 0..days {
            let mut log = Log::default();
            self.day_of(account, day, &mut log);
            log.rows.retain(|row| row.second <= before.as_second() && !row.is_copy);
            log.rows.sort_unstable_by_key(Row::order);
            let [interactive, other, successful] = &mut found;
            for row in log.rows {
                let list = if row.is_interactive() { &mut *interactive } else { &mut *other };
                list.get_or_insert(row);
                if row.ending.code(true, false) == 0 {
                    successful.get_or_insert(row);
                }
            }
            if found.iter().all(Option::is_some) {
                break;
            }
            match day.before() {
                Some(earlier) => day = earlier,
                None => break,
            }
        }
        found
    }
}

fn ceiling(end: Timestamp) -> i64 {
    end.as_second() + i64::from(end.subsec_nanosecond() > 0)
}

fn position((second, of_that_time): (i64, u64)) -> Option<SignInPosition> {
    Timestamp::from_second(second).ok().map(|at| SignInPosition { at, of_that_time })
}

fn is_shown(row: &Row, seen: Timestamp) -> bool {
    row.second + i64::from(row.shown_after) <= seen.as_second()
}

/// The rows of the lists asked for, newest first.
fn merged(day: &DayOfLog, kinds: Kinds) -> Box<dyn Iterator<Item = Row> + '_> {
    match kinds {
        Kinds::Interactive => Box::new(day.interactive.iter().copied()),
        Kinds::NonInteractive => Box::new(day.non_interactive.iter().copied()),
        Kinds::ServicePrincipals => Box::new(day.workload.iter().copied()),
        Kinds::Users => {
            let mut left = day.interactive.iter().copied().peekable();
            let mut right = day.non_interactive.iter().copied().peekable();
            Box::new(std::iter::from_fn(move || match (left.peek(), right.peek()) {
                (Some(one), Some(other)) if other.order() < one.order() => right.next(),
                (Some(_), _) => left.next(),
                (None, _) => right.next(),
            }))
        }
    }
}

impl World {
    /// The account of a row.
    pub(crate) fn person_of(&self, row: &Row) -> Option<&super::person::Person> {
        if row.person == NOBODY { None } else { self.person_at(row.person) }
    }

    /// An instant so many hours before another.
    pub(crate) fn hours_before(at: Timestamp, hours: u64) -> Timestamp {
        let hours = i64::try_from(hours).unwrap_or(0);
        at.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(at)
    }
}
