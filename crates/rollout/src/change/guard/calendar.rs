//! Whether the day is a good one.

use jiff::civil::{Date, Weekday};

use super::{Question, Verdict};
use crate::change::set::Purpose;
use crate::plan::calendar::{Calendar, Work};

pub(super) fn good_day(question: &Question<'_>) -> Verdict {
    let settings = &question.facts.rollout.calendar;
    let Some(today) = question.circumstances.today else {
        return Verdict::cannot_tell("The date on which the set is carried out.");
    };
    let Some(calendar) = Calendar::new(settings) else {
        let zone = &settings.time_zone;
        return Verdict::cannot_tell(format!("The time zone of the people: `{zone}` is none."));
    };
    let is_cut_over = question.set.purpose == Purpose::CutOver || question.scope.enables_for_all;
    let work = if is_cut_over { Work::Enforcement } else { Work::Change };
    let mut objections: Vec<String> = calendar
        .objections(today, work)
        .into_iter()
        .filter(|objection| objection.serious)
        .map(|objection| on(today, &objection.reason))
        .collect();
    if is_cut_over && today.weekday() == Weekday::Friday && objections.is_empty() {
        objections.push(on(today, "a Friday"));
    }
    Verdict::of(objections, Vec::new())
}

fn on(date: Date, reason: &str) -> String {
    format!("{date} is {reason}.")
}
