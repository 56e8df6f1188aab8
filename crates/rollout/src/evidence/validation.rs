//! The validation (S17, S18): document `lockstep.validation/1`.

use conditional_access::{Policy, State as PolicyState};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::break_glass::{BreakGlassProof, BreakGlassQuestion, KnownPolicy, break_glass_proof};
use super::reach::Reach;
use super::review::{Review, ReviewQuestion, Reviewed, SuccessClass, review, success_of};
use super::row::RowResult;
use super::standing::{Standing, counted, few};
use super::watch::{Ring, Watch, WatchQuestion, everybody, programs, watch};
use super::{Ask, SignIns};
use crate::account::Account;
use crate::engine::{Exception, Phase, PlannedTest, State};
use crate::exceptions::Classification;
use crate::facts::Facts;
use crate::measurement::Coverage;
use crate::percent::{percent, threshold_percent};
use crate::plan::GateState;
use crate::registration::{NotCapable, RegistrationReport};

/// Most rows that a validation gathers.
const MOST_ROWS: usize = 50_000;
/// Hours by which the newest sign-in may be older than the clock: nothing is signed on an old log.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// What is validated.
#[derive(Debug, Clone)]
pub struct ValidationQuestion<'a> {
    /// The tenant.
    pub facts: &'a Facts<'a>,
    /// What kind each account is.
    pub classification: &'a Classification,
    /// Who is registered.
    pub registration: &'a RegistrationReport,
    /// The rows that [`validation_ask`] asks for. `None`: there is no log.
    pub sign_ins: Option<&'a SignIns>,
    /// What is known so far. `None`: nobody keeps anything, as with exported files alone.
    pub state: Option<&'a State>,
    /// When everybody was asked for multifactor authentication. `None`: nobody is, or nobody knows
    /// since when.
    pub enforced: Option<Timestamp>,
    /// Hours of the log that are reviewed.
    pub hours: u32,
    /// Today, where the people are.
    pub today: Date,
}

/// One success criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CriterionMet {
    /// `registration`, `legacy` or `break-glass`.
    pub id: &'static str,
    /// What must be true.
    pub asks: String,
    /// Whether it is.
    #[serde(flatten)]
    pub standing: Standing,
    /// The rows it rests on, a line each.
    pub rows: Vec<String>,
}

/// The validation of a rollout.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Validation {
    /// Always `lockstep.validation/1`.
    pub schema: &'static str,
    /// When it was made.
    pub generated_at: Timestamp,
    /// The span of the log that is reviewed. `None`: there is no log.
    pub window: Option<ReviewedSpan>,
    /// The worst of the criteria and of the review of the log. Only *passed* is met.
    pub verdict: GateState,
    /// One sentence.
    pub why: String,
    /// The three criteria.
    pub criteria: Vec<CriterionMet>,
    /// In-scope people who cannot pass multifactor authentication.
    pub not_capable: Vec<NotCapable>,
    /// Legacy successes of the span, with what stands for each.
    pub legacy: Vec<Reviewed<SuccessClass>>,
    /// What sign-ins prove of the break-glass accounts.
    pub break_glass: Option<BreakGlassProof>,
    /// The log, row by row.
    pub review: Option<Review>,
    /// The watch since everybody is asked.
    pub watch: Option<Watch>,
    /// What was read of the log.
    pub coverage: Option<Coverage>,
}

/// The span of the log that is reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReviewedSpan {
    /// First moment: when everybody was asked, so that no later run leaves out the first hours. Before
    /// that, so many hours before the newest sign-in.
    pub from: Timestamp,
    /// The newest sign-in.
    pub to: Timestamp,
    /// Hours asked.
    pub hours_asked: u32,
    /// When everybody was asked for multifactor authentication.
    pub enforced: Option<Timestamp>,
}

/// The change sets of the plan by which everybody is asked: at once, or with the last ring.
const EVERYBODY: [&str; 2] = ["CS-07", crate::plan::LAST_RING];

/// When everybody was asked for multifactor authentication: since the change set that did it, where
/// lockstep carried it out, else since the policy that does it is as it is. `None`: no policy that is
/// On does, or nobody can say since when.
#[must_use]
pub fn enforced_at(facts: &Facts<'_>, state: Option<&State>) -> Option<Timestamp> {
    let policies = asking(facts)
        .filter(|policy| policy.includes_all_users() && policy.includes_all_resources());
    let changed: Vec<Option<Timestamp>> =
        policies.map(|policy| policy.modified.or(policy.created)).collect();
    if changed.is_empty() {
        return None;
    }
    let sets = state.iter().flat_map(|state| state.sets.values());
    let done = sets.filter_map(|set| match set.phase {
        Phase::Done { at } => {
            set.of_plan.as_deref().filter(|it| EVERYBODY.contains(it)).map(|_| at)
        }
        _ => None,
    });
    done.max().or_else(|| changed.into_iter().flatten().min())
}

/// Policies that are On and ask for multifactor authentication.
pub(crate) fn asking<'f>(facts: &Facts<'f>) -> impl Iterator<Item = &'f Policy> {
    let all = facts.snapshot.policies.iter().flatten();
    all.filter(|policy| policy.state == PolicyState::Enabled && policy.asks_for_mfa())
}

/// The break-glass accounts that the settings name, as the directory knows them.
fn break_glass_accounts(facts: &Facts<'_>) -> Vec<Account> {
    let named = facts.rollout.break_glass.accounts.iter();
    named
        .map(|name| {
            let by_name = || Account {
                user_principal_name: Some(name.trim().to_owned()),
                ..Account::default()
            };
            facts.user_named(name.trim()).map_or_else(by_name, |user| user.account.clone())
        })
        .collect()
}

/// The rows that a validation rests on. `None`: there is no log.
#[must_use]
pub fn validation_ask(facts: &Facts<'_>, hours: u32, enforced: Option<Timestamp>) -> Option<Ask> {
    let newest = facts.measurement?.window.to?;
    let hours = hours.max(facts.rollout.thresholds.watch_hours);
    let length = SignedDuration::from_hours(i64::from(hours));
    let back = newest.saturating_sub(length).unwrap_or(Timestamp::MIN);
    // The watch looks at the hours after everybody was asked, which may be long ago.
    let from = enforced.map_or(back, |enforced| enforced.min(back));
    // And so does the review: what failed in the first hours is not explained by its age.
    let accounts = break_glass_accounts(facts)
        .into_iter()
        .flat_map(|account| [account.user_id, account.user_principal_name].into_iter().flatten());
    Some(Ask {
        accounts: accounts.map(|name| name.to_lowercase()).collect(),
        failures_since: Some(from),
        single_factor_since: Some(from),
        legacy_since: Some(from),
        most_rows: MOST_ROWS,
        ..Ask::default()
    })
}

/// Validates.
#[must_use]
pub fn validation(question: &ValidationQuestion<'_>) -> Validation {
    let facts = question.facts;
    let span = span(question);
    let exceptions: Vec<&Exception> =
        question.state.iter().flat_map(|state| state.exceptions.values()).collect();
    let tests: Vec<PlannedTest> =
        question.state.iter().flat_map(|state| state.tests.values()).cloned().collect();
    let policies: Vec<String> = asking(facts).filter_map(|policy| policy.id.clone()).collect();
    let asked = question.sign_ins.zip(span).map(|(sign_ins, span)| ReviewQuestion {
        sign_ins,
        facts: Some(facts),
        classification: question.classification,
        policies: &policies,
        exceptions: &exceptions,
        tests: &tests,
        from: span.from,
        to: span.to,
        today: question.today,
    });
    let proof = question.sign_ins.map(|it| proof(question, it, &tests));
    let legacy = asked.as_ref().map(legacy_rows).unwrap_or_default();
    let criteria = vec![
        registration(question),
        legacy_criterion(question, asked.as_ref(), &legacy),
        break_glass(question, proof.as_ref()),
    ];
    let review = asked.as_ref().map(review);
    let log = log_standing(question, review.as_ref());
    let verdict = criteria.iter().map(|it| it.standing.verdict).fold(log.verdict, worse);
    let why = {
        let mut open = criteria.iter().map(|it| &it.standing).chain([&log]);
        open.find(|it| it.verdict == verdict && verdict != GateState::Passed).map_or_else(
            || "Every criterion is met, and every row of the log is explained.".to_owned(),
            |it| it.why.clone(),
        )
    };
    Validation {
        schema: "lockstep.validation/1",
        generated_at: facts.now,
        window: span,
        verdict,
        why,
        criteria,
        not_capable: question.registration.not_capable.clone(),
        legacy,
        break_glass: proof,
        review,
        watch: watched(question),
        coverage: facts.measurement.map(|it| it.coverage.clone()),
    }
}

/// The worse of two: what failed, then what could not be said, then what is not over.
fn worse(one: GateState, other: GateState) -> GateState {
    let rank = |state: GateState| match state {
        GateState::Passed => 0,
        GateState::Running => 1,
        GateState::Pending => 2,
        GateState::Inconclusive => 3,
        GateState::Error => 4,
        GateState::Failed => 5,
    };
    if rank(other) > rank(one) { other } else { one }
}

fn span(question: &ValidationQuestion<'_>) -> Option<ReviewedSpan> {
    let newest = question.sign_ins?.newest?.min(question.facts.now);
    let length = SignedDuration::from_hours(i64::from(question.hours));
    let back = newest.saturating_sub(length).unwrap_or(Timestamp::MIN);
    Some(ReviewedSpan {
        from: question.enforced.unwrap_or(back).min(newest),
        to: newest,
        hours_asked: question.hours,
        enforced: question.enforced,
    })
}

/// What keeps anything from being said of the log as a whole.
fn holes(question: &ValidationQuestion<'_>) -> Vec<String> {
    let Some(newest) = question.sign_ins.and_then(|it| it.newest) else {
        return vec!["the sign-in logs, interactive and non-interactive".to_owned()];
    };
    let mut holes = Vec::new();
    let age = question.facts.now.duration_since(newest);
    if age > FRESH {
        holes.push(format!("the newest sign-in of the log is {} hours old", age.as_hours()));
    }
    let length = SignedDuration::from_hours(i64::from(question.hours));
    match question.enforced {
        Some(enforced) if newest.duration_since(enforced) < length => holes.push(format!(
            "{} hours are not over since everybody is asked ({enforced:.0})",
            question.hours
        )),
        Some(_) => {}
        None => holes.push(
            "a policy that is On and asks everybody for MFA, with the date since when".to_owned(),
        ),
    }
    holes
}

fn registration(question: &ValidationQuestion<'_>) -> CriterionMet {
    let report = question.registration;
    let thresholds = &question.facts.rollout.thresholds;
    let wanted = threshold_percent(thresholds.capable_at_end);
    let asks = format!("{wanted} of the active in-scope people can pass MFA");
    let rows: Vec<String> = report
        .not_capable
        .iter()
        .map(|it| format!("{} · {}", it.account.label(), it.reason))
        .collect();
    let people = report.denominators.in_scope_people;
    let standing = match (report.rate, report.capable, people) {
        (Some(rate), Some(capable), Some(people)) => {
            let figures = format!("{capable} of {people} in-scope people ({}).", percent(rate));
            let mut missing = Vec::new();
            match report.source_age_hours {
                Some(age) if age <= f64::from(thresholds.report_stale_hours) => {}
                Some(age) => missing
                    .push(format!("a newer registration report: this one is {age:.0} hours old")),
                None => missing.push("the age of the registration report".to_owned()),
            }
            match report.denominators.unclassified {
                Some(0) => {}
                Some(left) => {
                    missing
                        .push(format!("what {left} enabled accounts are: nobody classified them"));
                }
                None => missing.push("which enabled accounts nobody classified".to_owned()),
            }
            if rate < thresholds.capable_at_end {
                Standing::of(GateState::Failed, figures)
            } else if missing.is_empty() {
                Standing::of(GateState::Passed, figures)
            } else {
                Standing::inconclusive(figures, missing)
            }
        }
        _ => Standing::inconclusive(
            "Nobody can say how many in-scope people can pass MFA.",
            report.gaps.iter().map(|gap| gap.close_with.clone()).collect(),
        ),
    };
    CriterionMet { id: "registration", asks, standing, rows }
}

fn legacy_rows(asked: &ReviewQuestion<'_>) -> Vec<Reviewed<SuccessClass>> {
    let rows = asked.sign_ins.rows.iter().filter(|row| {
        row.legacy
            && row.result() == RowResult::Success
            && row.at.is_some_and(|at| at >= asked.from && at <= asked.to)
    });
    rows.map(|row| success_of(asked, row)).collect()
}

fn legacy_criterion(
    question: &ValidationQuestion<'_>,
    asked: Option<&ReviewQuestion<'_>>,
    rows: &[Reviewed<SuccessClass>],
) -> CriterionMet {
    let mut missing = holes(question);
    if let Some(asked) = asked {
        let reach = Reach::over(asked.sign_ins, asked.from, asked.to, SignedDuration::ZERO);
        missing.extend(reach.holes);
        if asked.sign_ins.asked.legacy_since.is_none_or(|since| since > asked.from) {
            missing.push("the log, asked for legacy successes".to_owned());
        }
    }
    let open: Vec<&Reviewed<SuccessClass>> =
        rows.iter().filter(|it| !it.class.is_explained()).collect();
    let standing = if !open.is_empty() {
        let people: std::collections::BTreeSet<&str> =
            open.iter().map(|it| it.account.label()).collect();
        Standing::of(
            GateState::Failed,
            format!(
                "{} by legacy authentication outside a dated exception: {}.",
                counted(open.len(), "success", "successes"),
                few(people)
            ),
        )
    } else if missing.is_empty() {
        let over = match question.enforced {
            Some(enforced) => format!("since {enforced:.0}"),
            None => format!("in {} hours", question.hours),
        };
        let excepted = match rows.len() {
            0 => String::new(),
            more => format!(" {more} inside a dated exception."),
        };
        Standing::of(
            GateState::Passed,
            format!("No success by legacy authentication {over}.{excepted}"),
        )
    } else {
        Standing::inconclusive(
            "No success by legacy authentication is seen, and the log does not show everything.",
            missing,
        )
    };
    CriterionMet {
        id: "legacy",
        asks: "No sign-in succeeds by legacy authentication outside a dated exception".to_owned(),
        standing,
        rows: Reviewed::together(rows).iter().map(Reviewed::line).collect(),
    }
}

/// Tasks by whose word a person states that each break-glass account made a change and undid it, since
/// everybody is asked.
pub(crate) const UNDONE: [&str; 3] = ["V-08", "E-06", "S-12"];

/// What sign-ins prove of break-glass, since the policies are as they are.
fn proof(
    question: &ValidationQuestion<'_>,
    sign_ins: &SignIns,
    tests: &[PlannedTest],
) -> BreakGlassProof {
    let facts = question.facts;
    let policies = KnownPolicy::all(facts.snapshot.policies.as_deref());
    let live = facts.snapshot.policies.iter().flatten().filter(|policy| policy.is_live());
    let changed = live.filter_map(|policy| policy.modified.or(policy.created)).max();
    break_glass_proof(&BreakGlassQuestion {
        sign_ins,
        accounts: &break_glass_accounts(facts),
        policies: policies.as_deref(),
        password_allowed: !facts.rollout.break_glass.is_phishing_resistant(),
        tests,
        since: changed.or(sign_ins.oldest).unwrap_or(facts.now).min(facts.now),
        now: facts.now,
    })
}

fn break_glass(question: &ValidationQuestion<'_>, proof: Option<&BreakGlassProof>) -> CriterionMet {
    let asks = "Every break-glass account gets in, and no policy asks it for anything".to_owned();
    let id = "break-glass";
    let Some(proof) = proof else {
        let missing = vec!["the sign-in logs, with the break-glass test in them".to_owned()];
        let standing = Standing::inconclusive("There is no sign-in log.", missing);
        return CriterionMet { id, asks, standing, rows: Vec::new() };
    };
    // Without a register nobody knows what was announced.
    let words = question.state.iter().flat_map(|it| it.attestations.values());
    let since = question.enforced;
    let words = words
        .filter(|it| UNDONE.contains(&it.task.as_str()))
        .filter(|it| since.is_none_or(|since| it.at >= since));
    let (standing, _) = proof.with_words(words, question.state.is_some(), "V-08");
    CriterionMet { id, asks, standing, rows: proof.rows() }
}

fn log_standing(question: &ValidationQuestion<'_>, review: Option<&Review>) -> Standing {
    let Some(review) = review else {
        return Standing::inconclusive("There is no sign-in log.", holes(question));
    };
    for standing in [&review.no_legitimate_failure, &review.no_unexplained_success] {
        if standing.verdict != GateState::Passed {
            return standing.clone();
        }
    }
    let holes = holes(question);
    if holes.is_empty() {
        return Standing::of(GateState::Passed, "The log is clean.");
    }
    Standing::inconclusive("The log is clean as far as it reaches.", holes)
}

/// The hours after everybody was asked, for whoever met it.
fn watched(question: &ValidationQuestion<'_>) -> Option<Watch> {
    let (facts, sign_ins, since) = (question.facts, question.sign_ins?, question.enforced?);
    let people = everybody(facts, question.classification).unwrap_or_default();
    let everybody = Ring { name: "everybody".to_owned(), people };
    let thresholds = &facts.rollout.thresholds;
    Some(watch(&WatchQuestion {
        sign_ins,
        since,
        hours: thresholds.watch_hours,
        rings: &[everybody],
        programs: &programs(facts, question.classification),
        stop_hours: thresholds.stop_hours,
        stop_share: thresholds.stop_failure_share,
        now: facts.now,
    }))
}
