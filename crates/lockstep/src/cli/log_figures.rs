//! What the sign-in log shows, in figures: part of `lockstep snapshot`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rollout::{Activity, Conversations, Measurement, Outcomes, PersonActivity, TextSet};
use serde::Serialize;

use crate::page::Page;
use crate::words;

/// Figures of the sign-in log beyond legacy authentication.
#[derive(Debug, Serialize)]
pub(super) struct LogFigures {
    conversations: Conversations,
    multifactor: MultifactorCoverage,
    client_apps: BTreeMap<String, Outcomes>,
    requirement_providers: BTreeMap<String, u64>,
    platforms: Spread,
    countries: Spread,
    report_only: Vec<ReportOnly>,
    hours: Hours,
    sign_ins_left_out: u64,
}

/// People by what the log says of the factors of their successes.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct MultifactorCoverage {
    /// With a success that carried multifactor authentication.
    with_multifactor: u64,
    /// With successes that say they had one factor, and none that had more.
    single_factor_only: u64,
    /// With successes of which the log tells nothing.
    unknown: u64,
    /// Without a success.
    without_success: u64,
}

/// How many people had a success there.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Spread {
    people: BTreeMap<String, u64>,
    /// Successes in places of which too many were seen of one person.
    successes_left_out: u64,
}

/// What a policy in report-only mode would have done.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct ReportOnly {
    id: String,
    name: Option<String>,
    results: BTreeMap<String, u64>,
}

/// Records by UTC date and hour.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Hours {
    /// Hours with a record.
    with_records: u64,
    /// Hours without a record between the first and the last with one.
    without_records: u64,
    by_day: BTreeMap<Date, [u64; 24]>,
}

impl LogFigures {
    /// The figures of a measurement. `None`: they were not measured.
    pub(super) fn of(measurement: &Measurement) -> Option<Self> {
        let activity = measurement.activity.as_ref()?;
        let people = &activity.people;
        Some(Self {
            conversations: activity.conversations.clone(),
            multifactor: multifactor(people),
            client_apps: activity.by_client_app.clone(),
            requirement_providers: activity.requirement_providers.clone(),
            platforms: spread(people, |it| (&it.platforms, it.platforms_left_out)),
            countries: spread(people, |it| (&it.countries, it.countries_left_out)),
            report_only: report_only(activity),
            hours: hours(&activity.by_hour),
            sign_ins_left_out: measurement.coverage.left_out,
        })
    }

    /// The figures in a few sentences.
    pub(super) fn say(&self, page: &mut Page) {
        let people = &self.multifactor;
        page.line(&format!(
            "Signed in with MFA: {}; with one factor only: {}; the log does not tell: {}.",
            words::count(people.with_multifactor, "person", "people"),
            words::number(people.single_factor_only),
            words::number(people.unknown),
        ));
        let talks = &self.conversations;
        let share = match talks.one_in {
            0 | 1 => String::new(),
            one_in => format!(" (counted: one in {})", words::number(one_in)),
        };
        page.line(&format!(
            "Sign-ins with a prompt or failure{share}: {} got in, {} failed, {} were given up, {} \
             do not tell.",
            words::number(talks.all.recovered),
            words::number(talks.all.failed),
            words::number(talks.all.abandoned),
            words::number(talks.all.unclear),
        ));
        page.line(&format!(
            "Hours with records: {}; hours without any between them: {}.",
            words::number(self.hours.with_records),
            words::number(self.hours.without_records),
        ));
    }
}

fn multifactor(people: &[PersonActivity]) -> MultifactorCoverage {
    let mut coverage = MultifactorCoverage::default();
    for person in people {
        let count = if person.multifactor_successes > 0 {
            &mut coverage.with_multifactor
        } else if person.single_factor_successes > 0 {
            &mut coverage.single_factor_only
        } else if person.last_success.is_some() {
            &mut coverage.unknown
        } else {
            &mut coverage.without_success
        };
        *count = count.saturating_add(1);
    }
    coverage
}

fn spread<'p>(
    people: &'p [PersonActivity],
    of: impl Fn(&'p PersonActivity) -> (&'p TextSet, u64),
) -> Spread {
    let mut spread = Spread::default();
    for person in people {
        let (places, left_out) = of(person);
        for place in places.iter() {
            let count = spread.people.entry(place.to_owned()).or_default();
            *count = count.saturating_add(1);
        }
        spread.successes_left_out = spread.successes_left_out.saturating_add(left_out);
    }
    spread
}

fn report_only(activity: &Activity) -> Vec<ReportOnly> {
    let policies = activity.policy_results.iter().map(|(id, results)| {
        let results = results.iter().filter(|(result, _)| result.starts_with("reportOnly"));
        ReportOnly {
            id: id.clone(),
            name: activity.policy_names.get(id).cloned(),
            results: results.map(|(result, times)| (result.clone(), *times)).collect(),
        }
    });
    let mut policies: Vec<_> = policies.filter(|policy| !policy.results.is_empty()).collect();
    policies.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    policies
}

fn hours(by_day: &BTreeMap<Date, [u64; 24]>) -> Hours {
    let mut hours = Hours { by_day: by_day.clone(), ..Hours::default() };
    let mut last: Option<i64> = None;
    for (date, records) in by_day {
        let day = date.duration_since(Date::ZERO).as_hours();
        for (hour, _) in (0_i64..).zip(records).filter(|(_, records)| **records > 0) {
            let now = day.saturating_add(hour);
            let skipped = last.map_or(0, |last| now.saturating_sub(last).saturating_sub(1));
            hours.with_records = hours.with_records.saturating_add(1);
            hours.without_records =
                hours.without_records.saturating_add(u64::try_from(skipped).unwrap_or(0));
            last = Some(now);
        }
    }
    hours
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_was_not_measured_has_no_figures() {
        assert!(LogFigures::of(&Measurement::default()).is_none());
    }

    #[test]
    fn a_missing_hour_shows_whatever_the_day() {
        let mut first = [0; 24];
        (first[22], first[23]) = (5, 1);
        let mut later = [0; 24];
        (later[0], later[3]) = (2, 2);
        let by_day = [(date(2026, 2, 28), first), (date(2026, 3, 2), later)].into();
        let hours = hours(&by_day);
        assert_eq!((hours.with_records, hours.without_records), (4, 24 + 2));
    }

    #[test]
    fn people_count_once_by_the_best_the_log_tells() {
        let person = |multifactor_successes, single_factor_successes, seen: bool| PersonActivity {
            multifactor_successes,
            single_factor_successes,
            last_success: seen.then_some(jiff::Timestamp::UNIX_EPOCH),
            platforms: ["Ios".to_owned()].into(),
            platforms_left_out: 2,
            ..PersonActivity::default()
        };
        let people =
            [person(1, 5, true), person(0, 5, true), person(0, 0, true), person(0, 0, false)];
        let expected = MultifactorCoverage {
            with_multifactor: 1,
            single_factor_only: 1,
            unknown: 1,
            without_success: 1,
        };
        assert_eq!(multifactor(&people), expected);
        let platforms = spread(&people, |it| (&it.platforms, it.platforms_left_out));
        let four = [("Ios".to_owned(), 4)].into();
        assert_eq!(platforms, Spread { people: four, successes_left_out: 8 });
    }

    #[test]
    fn only_results_of_report_only_policies_are_listed_by_name() {
        let results = |words: &[&str]| words.iter().map(|word| ((*word).to_owned(), 3)).collect();
        let activity = Activity {
            policy_results: [
                ("a".to_owned(), results(&["reportOnlyFailure", "success"])),
                ("b".to_owned(), results(&["reportOnlySuccess"])),
                ("c".to_owned(), results(&["success", "notApplied"])),
            ]
            .into(),
            policy_names: [
                ("a".to_owned(), "Require MFA".to_owned()),
                ("b".to_owned(), "Block legacy".to_owned()),
            ]
            .into(),
            ..Activity::default()
        };
        let listed = report_only(&activity);
        let names: Vec<_> = listed.iter().map(|policy| policy.name.as_deref()).collect();
        assert_eq!(names, [Some("Block legacy"), Some("Require MFA")]);
        assert_eq!(listed[1].results, results(&["reportOnlyFailure"]));
    }
}
