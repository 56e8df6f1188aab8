//! Capable people over time, from whatever dates the files give.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::SeriesPoint;
use crate::account::Account;
use crate::facts::Facts;
use crate::snapshot::AuditEvent;

/// Longest series, in days: older registrations count from its first day.
const LONGEST: i64 = 366;

/// What dates the files give of one person.
#[derive(Debug, Default)]
struct Dates {
    /// Successful registrations of the audit log.
    registered: Vec<Timestamp>,
    /// Older copies of the report that call the person capable.
    capable: Vec<Timestamp>,
    /// The last older copy that calls the person not capable.
    not_capable: Option<Timestamp>,
}

impl Dates {
    /// When the person became capable; `None`: before any date the files give.
    fn became_capable(&self, report: Timestamp) -> Option<Timestamp> {
        let dates = || self.registered.iter().chain(&self.capable).copied();
        let Some(not_capable) = self.not_capable else {
            let registered = self.registered.iter().min().copied()?;
            let known_before = self.capable.iter().any(|capable| *capable < registered);
            return (!known_before).then_some(registered);
        };
        Some(dates().filter(|date| *date > not_capable).min().unwrap_or(report))
    }
}

/// Counts the people capable today (`capable`: their positions in the users) back through the
/// days, by the first date on which the files show them capable: a successful registration in the
/// audit log, or an older copy of the report after one that still called them not capable.
///
/// A person without such a date registered before the files begin, so they count from the first
/// day. The last point is the day of the `report`; without any date it is the only one.
pub(super) fn series(
    facts: &Facts<'_>,
    capable: &BTreeSet<usize>,
    in_scope: u64,
    report: Timestamp,
) -> Vec<SeriesPoint> {
    let dates = dates(facts, capable);
    let end = day_of(report);
    let mut per_day: BTreeMap<Date, u64> = BTreeMap::new();
    for became in dates.values().filter_map(|dates| dates.became_capable(report)) {
        let count = per_day.entry(day_of(became).min(end)).or_default();
        *count = count.saturating_add(1);
    }
    let copies = dates.values().flat_map(|dates| dates.capable.iter().chain(&dates.not_capable));
    let oldest = copies.map(|copy| day_of(*copy)).min();
    let first = per_day.keys().next().copied().into_iter().chain(oldest).min().unwrap_or(end);
    let start = first.max(end.checked_sub(LONGEST.days()).unwrap_or(end)).min(end);

    let later: u64 = per_day.range(start..).map(|(_, count)| count).sum();
    let mut so_far = u64::try_from(capable.len()).unwrap_or(u64::MAX).saturating_sub(later);
    let mut points = Vec::new();
    let mut day = start;
    loop {
        so_far = so_far.saturating_add(per_day.get(&day).copied().unwrap_or_default());
        points.push(SeriesPoint { date: day, capable: so_far, in_scope });
        match day.tomorrow() {
            Ok(next) if next <= end => day = next,
            _ => return points,
        }
    }
}

fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// The dates of each person of `capable`, by position.
fn dates(facts: &Facts<'_>, capable: &BTreeSet<usize>) -> BTreeMap<usize, Dates> {
    let mut dates: BTreeMap<usize, Dates> = BTreeMap::new();
    let position = |account: &Account| {
        facts.user_position(account).filter(|position| capable.contains(position))
    };
    for event in facts.snapshot.audits.iter().flatten().filter(|event| is_registration(event)) {
        let Some(time) = event.time else { continue };
        for position in event.targets.iter().filter_map(position) {
            dates.entry(position).or_default().registered.push(time);
        }
    }
    for row in &facts.snapshot.earlier_registrations {
        let account = Account {
            user_principal_name: row.user_principal_name.clone(),
            user_id: row.user_id.clone(),
            display_name: None,
        };
        let (Some(time), Some(position)) = (row.last_updated, position(&account)) else { continue };
        let of_person = dates.entry(position).or_default();
        match row.mfa_capable {
            Some(true) => of_person.capable.push(time),
            Some(false) => of_person.not_capable = of_person.not_capable.max(Some(time)),
            None => {}
        }
    }
    dates
}

/// Events of the service *Authentication Methods* by which somebody gains a method (Microsoft
/// Entra audit activity reference).
fn is_registration(event: &AuditEvent) -> bool {
    event.succeeded == Some(true)
        && [
            "User registered security info",
            "User registered all required security info",
            "Admin registered security info",
        ]
        .iter()
        .any(|activity| event.activity.eq_ignore_ascii_case(activity))
}
