//! What was tried against the account in the window of the log.

use std::collections::BTreeMap;

use super::Fact;
use super::access::few;
use crate::engine::{Exception, Seen};
use crate::evidence::{SignInRow, SignIns};

/// How likely a compromise is, by what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likelihood {
    /// Attempts against the account were seen, or Microsoft holds it to be at risk.
    Seen,
    /// A whole window without any.
    NotSeen,
    /// Nobody measured it.
    NotMeasured,
}

/// The window of the log, in words.
pub(super) fn window(seen: &Seen<'_>) -> String {
    let Some(measurement) = seen.facts.measurement else { return "sign-in log".to_owned() };
    let window = &measurement.window;
    let (Some(from), Some(to)) = (window.from, window.to) else {
        return "sign-in log, without a record".to_owned();
    };
    format!(
        "sign-in log, {} to {}, {} of {} days covered",
        super::written::day(from),
        super::written::day(to),
        window.days_covered,
        window.days_asked
    )
}

/// What was tried, and how likely that makes a compromise.
pub(super) fn exposure(exception: &Exception, seen: &Seen<'_>) -> (Vec<Fact>, Likelihood) {
    let mut found = counted(exception, seen);
    let rows = rows(exception, seen);
    match &rows {
        Some(rows) => found.extend(attempts(rows, seen)),
        None => {
            let would_tell = "the rows of the sign-in log about this account";
            found.push(Fact::not_measured("Attempts from which countries", would_tell));
            found.push(Fact::not_measured("Blocked by a policy", would_tell));
            found.push(Fact::not_measured("Risk of the sign-ins", would_tell));
        }
    }
    let (fact, at_risk) = at_risk(exception, seen);
    found.push(fact);
    (found, likelihood(exception, seen, rows.as_ref(), at_risk))
}

fn counted(exception: &Exception, seen: &Seen<'_>) -> Vec<Fact> {
    let whats = [
        "Sign-ins",
        "Successes with a password alone",
        "Failed sign-ins",
        "Failed or unanswered challenges",
        "Successes by legacy authentication",
        "Countries of the successes",
    ];
    if seen.facts.measured_activity().is_none() {
        return whats.map(|what| Fact::not_measured(what, "the sign-in log")).to_vec();
    }
    let source = window(seen);
    let Some(activity) = seen.facts.activity(&exception.subject) else {
        return vec![Fact::seen("Sign-ins", "none of the account", source)];
    };
    let countries: Vec<String> = activity.countries.iter().map(str::to_owned).collect();
    let countries = match (countries.is_empty(), activity.countries_left_out) {
        (true, 0) => "not told by the log".to_owned(),
        (_, 0) => few(countries),
        (_, _) => format!("{} and others", few(countries)),
    };
    let values = [
        activity.sign_ins.to_string(),
        activity.single_factor_successes.to_string(),
        activity.failures.to_string(),
        activity.challenge_failures.to_string(),
        activity.legacy_successes.to_string(),
        countries,
    ];
    let seen = |(what, value): (&str, String)| Fact::seen(what, value, source.clone());
    whats.into_iter().zip(values).map(seen).collect()
}

/// The rows about the account. `None`: they were not asked for, or not all are there.
fn rows<'a>(exception: &Exception, seen: &Seen<'a>) -> Option<Vec<&'a SignInRow>> {
    let sign_ins: &SignIns = seen.sign_ins?;
    let subject = &exception.subject;
    let names = || [&subject.user_id, &subject.user_principal_name].into_iter().flatten();
    let asked = names().any(|it| sign_ins.asked.accounts.contains(&it.to_lowercase()));
    let is_whole = sign_ins.left_out == 0 && sign_ins.unreadable == 0;
    let is_it = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    };
    let since = seen.facts.measurement.and_then(|it| it.window.from);
    (asked && is_whole).then(|| {
        sign_ins
            .rows
            .iter()
            .filter(|row| {
                is_it(&row.account.user_id, &subject.user_id)
                    || is_it(&row.account.user_principal_name, &subject.user_principal_name)
            })
            .filter(|row| since.is_none_or(|since| row.at.is_none_or(|at| at >= since)))
            .collect()
    })
}

fn is_failure(row: &&&SignInRow) -> bool {
    row.error_code.is_some_and(|code| code != 0) && !row.interrupt
}

fn attempts(rows: &[&SignInRow], seen: &Seen<'_>) -> Vec<Fact> {
    let source = window(seen);
    let failures: Vec<&SignInRow> = rows.iter().filter(is_failure).copied().collect();
    let by = |of: &dyn Fn(&SignInRow) -> Option<String>, rows: &[&SignInRow]| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for row in rows {
            let key = of(row).unwrap_or_else(|| "not told".to_owned());
            let count = counts.entry(key).or_default();
            *count = count.saturating_add(1);
        }
        let words = counts.into_iter().map(|(key, count)| format!("{key}: {count}")).collect();
        few(words)
    };
    let countries = match failures.is_empty() {
        true => "no failed attempt".to_owned(),
        false => by(&|row| row.country.clone(), &failures),
    };
    let blocked = |row: &&&SignInRow| {
        row.conditional_access.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("failure"))
    };
    let blocked = rows.iter().filter(blocked).count();
    let told_risk: Vec<&SignInRow> =
        rows.iter().filter(|row| row.risk.is_some()).copied().collect();
    let mut found = vec![
        Fact::seen("Attempts from which countries", countries, source.clone()),
        Fact::seen("Blocked by a policy", blocked.to_string(), source.clone()),
    ];
    found.push(if told_risk.is_empty() {
        Fact::not_measured("Risk of the sign-ins", "a sign-in log with risk (Entra ID P2)")
    } else {
        Fact::seen("Risk of the sign-ins", by(&|row| row.risk.clone(), &told_risk), source)
    });
    found
}

/// Whether Microsoft holds the account to be at risk.
fn at_risk(exception: &Exception, seen: &Seen<'_>) -> (Fact, Option<bool>) {
    let what = "Held to be at risk by Microsoft";
    let Some(risky) = &seen.facts.snapshot.risky_users else {
        return (Fact::not_measured(what, "the risky users of Identity Protection (P2)"), None);
    };
    let row = risky
        .iter()
        .find(|it| it.account.user_id.is_some() && it.account.user_id == exception.subject.user_id);
    let state = row.and_then(|it| it.state.as_deref());
    let is = matches!(state, Some("atrisk" | "confirmedcompromised"));
    let words = match (row, state) {
        (None, _) => "no".to_owned(),
        (Some(row), Some(state)) => {
            format!("{state}, level {}", row.level.as_deref().unwrap_or("not told"))
        }
        (Some(_), None) => "listed; its state is not told".to_owned(),
    };
    (Fact::seen(what, words, "risky users"), Some(is))
}

fn likelihood(
    exception: &Exception,
    seen: &Seen<'_>,
    rows: Option<&Vec<&SignInRow>>,
    at_risk: Option<bool>,
) -> Likelihood {
    let activity = seen.facts.activity(&exception.subject);
    let failed = activity.is_some_and(|it| it.failures > 0 || it.challenge_failures > 0);
    let in_rows = rows.is_some_and(|rows| rows.iter().any(|row| is_failure(&row)));
    if at_risk == Some(true) || failed || in_rows {
        return Likelihood::Seen;
    }
    let whole = seen.facts.measurement.is_some_and(|it| {
        it.window.days_covered >= it.window.days_asked
            && it.coverage.records_unreadable == 0
            && it.coverage.left_out == 0
    });
    if whole && rows.is_some() { Likelihood::NotSeen } else { Likelihood::NotMeasured }
}
