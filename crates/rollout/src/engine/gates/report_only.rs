//! G5: Report-only has shown what the policies would do. Without policies: legacy authentication is
//! settled, because security defaults block it for everybody.

use conditional_access::{Policy, State};

use super::answer::{Answer, attest, counted, snapshot, word_about};
use super::prepare::no_log;
use super::register::has_exception;
use super::{Asked, Question, asked, findings, strict, with_policies, without_policies};
use crate::account::Account;
use crate::change::draft::Standard;
use crate::engine::GateId::G5;
use crate::engine::tenant;
use crate::evidence::{ReportOnly, ReportOnlyQuestion, WouldBe, report_only};
use crate::preflight::Stage;
use crate::registration::can_pass;

/// What it asks for.
pub(super) const ASKS: &[Asked] = &[
    strict(G5, "G5.snapshot", "The tenant was read within the last day", snapshot),
    with_policies(asked(
        G5,
        "G5.days",
        "The policies were in Report-only for enough full days, a Monday among them",
        days,
    )),
    with_policies(asked(
        G5,
        "G5.failures",
        "No policy would have refused anybody who can pass MFA",
        failures,
    )),
    with_policies(asked(
        G5,
        "G5.interrupted",
        "Everybody who would have been asked can pass, or has an appointment",
        interrupted,
    )),
    asked(G5, "G5.findings", "No blocking finding that guards Pilot is open", |question| {
        findings::of_step(question, &[Stage::Pilot])
    }),
    without_policies(asked(
        G5,
        "G5.legacy",
        "Nobody and nothing signs in by legacy authentication any more",
        legacy,
    )),
];

/// The policies that are observed: what they would do can be seen before they do it.
const OBSERVED: [Standard; 4] = [
    Standard::BlockLegacy,
    Standard::AllUsers,
    Standard::Administrators,
    Standard::AzureManagement,
];

/// Those of them that ask for MFA. CA000 blocks: what it would refuse stands in the legacy list.
const ASKING: [Standard; 3] =
    [Standard::AllUsers, Standard::Administrators, Standard::AzureManagement];

/// What a policy would have done, or why that cannot be said.
fn observed(question: &Question<'_>, which: Standard) -> Result<ReportOnly, Answer> {
    let Some(sign_ins) = question.seen.sign_ins else { return Err(no_log()) };
    let policy = reporting(question, which)?;
    let unknown = || {
        Answer::inconclusive(
            format!("Since when {} is in Report-only no file tells.", which.number()),
            "The policies with `modifiedDateTime` in the next snapshot.",
        )
    };
    let since = policy.modified.or(policy.created).ok_or_else(unknown)?;
    let id = policy.id.clone().ok_or_else(unknown)?;
    let all = report_only(&ReportOnlyQuestion {
        sign_ins,
        policies: &[id],
        since,
        now: tenant::seen_at(question.seen, question.now),
    });
    all.into_iter().next().ok_or_else(unknown)
}

fn reporting<'q>(question: &Question<'q>, which: Standard) -> Result<&'q Policy, Answer> {
    let number = which.number();
    let Ok(found) = tenant::policy(question.seen.facts, which) else {
        return Err(Answer::error(
            format!("Which policy is {number} cannot be said."),
            "The policies in the next snapshot, each number once.",
        ));
    };
    let Some(policy) = found else {
        return Err(Answer::pending(format!("{number} does not exist yet.")).on(number));
    };
    match policy.state {
        State::EnabledForReportingButNotEnforced | State::Enabled => Ok(policy),
        State::Disabled => Err(Answer::failed(format!("{number} is Off.")).on(number)),
        State::Unknown => Err(Answer::inconclusive(
            format!("{number} is in a state this version does not know."),
            "The state of the policy.",
        )),
    }
}

fn days(question: &Question<'_>) -> Answer {
    let wanted = question.seen.facts.rollout.thresholds.report_only_days;
    let (mut fewest, mut rows, mut holes) = (u32::MAX, Vec::new(), Vec::new());
    let mut has_monday = true;
    for which in OBSERVED {
        // What is On already was let go of: it is not observed any more.
        if reporting(question, which).is_ok_and(|it| it.state == State::Enabled) {
            rows.push(format!("{}: On", which.number()));
            continue;
        }
        let seen = match observed(question, which) {
            Ok(seen) => seen,
            Err(answer) => return answer,
        };
        fewest = fewest.min(seen.days);
        has_monday &= seen.has_monday || seen.days == 0;
        rows.push(format!("{}: {}", which.number(), counted_days(seen.days)));
        holes.extend(seen.reach.holes);
    }
    holes.sort_unstable();
    holes.dedup();
    let monday = if has_monday { "" } else { ", no Monday among them" };
    if fewest >= wanted && has_monday {
        return match holes.first() {
            None => Answer::passed(format!("At least {wanted} full days are observed.")).rows(rows),
            Some(first) => Answer::inconclusive(
                format!("The log of those days has a hole: {first}."),
                "Whole logs of these days in the next snapshot.",
            )
            .rows(rows)
            .missing(holes.clone()),
        };
    }
    let why = format!("{} of {wanted} full days are observed{monday}.", fewest.min(wanted));
    match holes.first() {
        None => Answer::running(why).rows(rows),
        Some(_) => Answer::inconclusive(why, "Whole logs of these days in the next snapshot.")
            .rows(rows)
            .missing(holes),
    }
}

fn counted_days(days: u32) -> String {
    if days == 1 { "1 full day".to_owned() } else { format!("{days} full days") }
}

/// Somebody for whom a policy would have done something, with the policy.
type Found = (Standard, WouldBe);

/// Whom the policies that ask for MFA would have refused or asked, and the holes of the log.
fn would_be(
    question: &Question<'_>,
    of: impl Fn(&ReportOnly) -> Vec<WouldBe>,
) -> Result<(Vec<Found>, Vec<String>), Answer> {
    let (mut all, mut holes) = (Vec::new(), Vec::new());
    for which in ASKING {
        let seen = observed(question, which)?;
        all.extend(of(&seen).into_iter().map(|it| (which, it)));
        holes.extend(seen.reach.holes);
    }
    holes.sort_unstable();
    holes.dedup();
    Ok((all, holes))
}

fn capable(question: &Question<'_>, account: &Account) -> Option<bool> {
    let facts = question.seen.facts;
    can_pass(facts, facts.registration(account)?)
}

/// Known-good people: the registration report says that they can pass MFA.
fn failures(question: &Question<'_>) -> Answer {
    let (all, holes) = match would_be(question, |it| it.failures.clone()) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let known_good = all.iter().filter(|(_, it)| capable(question, &it.account) == Some(true));
    let rows: Vec<String> = known_good
        .map(|(which, it)| {
            format!("{} by {}: {} times", it.account.label(), which.number(), it.sign_ins)
        })
        .collect();
    if !rows.is_empty() {
        let who = counted(rows.len(), "person who can pass MFA", "people who can pass MFA");
        return Answer::failed(format!("{who} would have been refused.")).rows(rows);
    }
    unless_holes("Nobody who can pass MFA would have been refused.", holes)
}

fn unless_holes(why: &str, holes: Vec<String>) -> Answer {
    match holes.first() {
        None => Answer::passed(why),
        Some(first) => Answer::inconclusive(
            format!("{} The log has a hole: {first}.", why),
            "Whole logs in the next snapshot.",
        )
        .missing(holes.clone()),
    }
}

/// An appointment is a person's word for all who remain, or a dated exception.
fn interrupted(question: &Question<'_>) -> Answer {
    let both = |it: &ReportOnly| it.interrupted.iter().chain(&it.failures).cloned().collect();
    let (all, holes) = match would_be(question, both) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let facts = question.seen.facts;
    let mut rows: Vec<String> = all
        .iter()
        .map(|(_, it)| facts.directory_form(&it.account))
        .filter(|it| capable(question, it) != Some(true))
        .filter(|it| !has_exception(question, it))
        .map(|it| it.label().to_owned())
        .collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.is_empty() {
        return unless_holes("Everybody who would have been asked can pass MFA.", holes);
    }
    let newer = match word_about(question, "R-18", &rows) {
        Ok(it) => {
            return Answer::passed(format!(
                "{} states of those who cannot yet: {}",
                it.by, it.note
            ))
            .stated(it)
            .about(rows.clone())
            .rows(rows);
        }
        Err(newer) => newer,
    };
    let who = counted(rows.len(), "account that", "accounts that");
    Answer::failed(format!("{who} would have been asked cannot pass MFA, as far as it is told."))
        .about(rows.clone())
        .rows(rows)
        .missing(newer)
        .missing([format!("Per name the blocker and its date: {}.", attest("R-18"))])
}

fn legacy(question: &Question<'_>) -> Answer {
    let Some(legacy) = &question.seen.plan.legacy else { return no_log() };
    let rows = legacy.dependencies.iter().map(|it| {
        format!(
            "{}: {}",
            it.account.label(),
            it.client_app.as_deref().unwrap_or("client app not told")
        )
    });
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() {
        return Answer::passed("No legacy sign-in succeeded in the days of the log.")
            .on(format!("{} of {} days", legacy.window.days_covered, legacy.window.days_asked));
    }
    let what = counted(rows.len(), "legacy dependency has", "legacy dependencies have");
    Answer::failed(format!("{what} not moved: security defaults know no exception.")).rows(rows)
}
