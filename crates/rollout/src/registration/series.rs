//! Capable people over time, from whatever dates the files give.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::SeriesPoint;
use crate::facts::Facts;
use crate::snapshot::AuditEvent;

/// Longest series, in days: older registrations count from its first day.
const LONGEST: i64 = 366;

/// Counts the people capable today (`capable`: their positions in the users) back through the
/// days, by the date of their first successful registration in the audit log.
///
/// A person without such an event registered before the log begins, so they count from the first
/// day. The last point is `end`, the age of the report; without any event it is the only one.
pub(super) fn series(
    facts: &Facts<'_>,
    capable: &BTreeSet<usize>,
    in_scope: u64,
    end: Date,
) -> Vec<SeriesPoint> {
    let first = first_registrations(facts, capable);
    let mut per_day: BTreeMap<Date, u64> = BTreeMap::new();
    for date in first.values() {
        let count = per_day.entry((*date).min(end)).or_default();
        *count = count.saturating_add(1);
    }
    let earliest = end.checked_sub(LONGEST.days()).unwrap_or(end);
    let start = per_day.keys().next().copied().unwrap_or(end).max(earliest);
    let without_event = capable.len().saturating_sub(first.len());
    let mut so_far = u64::try_from(without_event).unwrap_or(u64::MAX);
    so_far = so_far.saturating_add(per_day.range(..start).map(|(_, count)| count).sum());
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

/// Date of the first successful registration per person.
fn first_registrations(facts: &Facts<'_>, capable: &BTreeSet<usize>) -> BTreeMap<usize, Date> {
    let mut first: BTreeMap<usize, Date> = BTreeMap::new();
    for event in facts.snapshot.audits.iter().flatten().filter(|event| is_registration(event)) {
        let Some(time) = event.time else { continue };
        let date = time.to_zoned(TimeZone::UTC).date();
        for account in &event.targets {
            let Some(position) = facts.user_position(account) else { continue };
            if capable.contains(&position) {
                let known = first.entry(position).or_insert(date);
                *known = (*known).min(date);
            }
        }
    }
    first
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
