//! Blocking findings of the pre-flight: none of a step may be open when the step begins.

use std::collections::BTreeMap;

use super::Question;
use super::answer::{Answer, attest, counted, word_about};
use super::register::exceptions_of;
use crate::account::Account;
use crate::engine::days::Days;
use crate::evidence::key_of;
use crate::legacy::Dependency;
use crate::preflight::{Finding, Severity, Stage, Verdict};

/// Findings that a change set settles and nothing before it can: security defaults are off, and the
/// policies of the rollout are On, with the cut-over and not earlier. The change sets keep their order,
/// and guards hold that no protection is lost on the way.
const SETTLED_BY_THE_SWITCH: [&str; 4] = ["TN-01", "TN-02", "LA-08", "CA-14"];

/// Findings about legacy dependencies. Each dependency has its decision and the day by which that is
/// carried out, or a dated exception.
const OF_DEPENDENCIES: [&str; 3] = ["LA-01", "LA-05", "NH-01"];

/// Open findings that block one of these steps, and whose ids are of a family, or are not.
pub(super) fn open<'q>(
    question: &Question<'q>,
    stages: &[Stage],
    (family, of_it): (&str, bool),
    verdict: Verdict,
) -> Vec<&'q Finding> {
    let all = question.seen.plan.preflight.iter();
    all.filter(|it| {
        it.severity == Severity::Block
            && it.stage.iter().any(|stage| stages.contains(stage))
            && it.id.starts_with(family) == of_it
            && it.verdict == verdict
            && !SETTLED_BY_THE_SWITCH.contains(&it.id)
    })
    .collect()
}

/// What no export decides somebody may have looked at: P-07 says so. What was found stays found, unless
/// each dependency it is about is decided. Those of break-glass that guard Prepare have a criterion of
/// their own.
pub(super) fn of_step(question: &Question<'_>, stages: &[Stage]) -> Answer {
    let beside = if stages.contains(&Stage::Prepare) { ("BG-", false) } else { ("", true) };
    let (decided, found): (Vec<_>, Vec<_>) = open(question, stages, beside, Verdict::Found)
        .into_iter()
        .partition(|it| undecided(question, it).is_some_and(|it| it.is_empty()));
    let unsure = open(question, stages, beside, Verdict::Inconclusive);
    let rows: Vec<String> = unsure.iter().map(|it| line(it)).collect();
    let decided = decided
        .into_iter()
        .map(|it| format!("{}; each has a decision with its day, or a dated exception", line(it)));
    let answer = match word_about(question, "P-07", &rows) {
        Ok(it) if found.is_empty() && !unsure.is_empty() => {
            Answer::passed(format!("{} looked at what no export decides: {}", it.by, it.note))
                .stated(it)
                .rows(rows.clone())
        }
        Ok(_) => judged(&found, &unsure),
        Err(newer) => judged(&found, &unsure).missing(newer),
    };
    let act = found.iter().flat_map(|it| undecided(question, it).unwrap_or_default());
    answer.about(rows).rows(decided).missing(act)
}

/// The finding, in one line.
pub(super) fn line(finding: &Finding) -> String {
    format!("{}: {}", finding.id, finding.subject)
}

/// What open findings come to.
pub(super) fn judged(found: &[&Finding], unsure: &[&Finding]) -> Answer {
    let needs = unsure.iter().filter_map(|it| it.needs.as_deref());
    let needs: Vec<String> = needs.map(str::to_owned).collect();
    let rows = || found.iter().chain(unsure).map(|it| line(it));
    if let Some(first) = found.first() {
        let what = counted(found.len(), "blocking finding is", "blocking findings are");
        let why = format!("{what} open, first {}", line(first));
        return Answer::failed(why).rows(rows()).missing(needs);
    }
    let Some(first) = unsure.first() else {
        return Answer::passed("No blocking finding is open.");
    };
    let what = counted(unsure.len(), "finding is", "findings are");
    Answer::inconclusive(
        format!("{what} not decided by what was read, first {}", line(first)),
        format!("The data that each names, or, for what no export decides, {}.", attest("P-07")),
    )
    .rows(rows())
    .missing(needs)
}

/// What is still to decide of the accounts a finding is about. `None`: a finding that no decision about
/// dependencies answers.
fn undecided(question: &Question<'_>, finding: &Finding) -> Option<Vec<String>> {
    let answered = OF_DEPENDENCIES.contains(&finding.id) && !finding.about.is_empty();
    answered.then(|| {
        let all = question.seen.plan.legacy.iter().flat_map(|it| &it.dependencies);
        let mut by_account: BTreeMap<String, Vec<&Dependency>> = BTreeMap::new();
        for (key, it) in all.filter_map(|it| Some((key_of(&it.account)?, it))) {
            by_account.entry(key).or_default().push(it);
        }
        let own = |account| key_of(account).and_then(|key| by_account.get(&key));
        let about = finding.about.iter();
        about
            .filter_map(|it| {
                undecided_of(question, finding, it, own(it).map_or(&[], Vec::as_slice))
            })
            .collect()
    })
}

/// What is still to decide of one account, of which these are the dependencies.
fn undecided_of(
    question: &Question<'_>,
    finding: &Finding,
    account: &Account,
    own: &[&Dependency],
) -> Option<String> {
    // One for another path leaves the legacy client blocked.
    if exceptions_of(question, account).any(|it| it.path.is_legacy()) {
        return None;
    }
    let why = if own.is_empty() {
        "no legacy dependency shows how it signs in".to_owned()
    } else {
        own.iter().find_map(|it| still_to_do(question, it))?
    };
    Some(format!(
        "{}: {}: {why}. Move it and read the tenant again, or leave it out until a day (`lockstep \
         exception add --help`)",
        finding.id,
        account.label()
    ))
}

/// Why a dependency is not answered by its decision: there is none with a day, or the day is over and
/// it signed in since.
fn still_to_do(question: &Question<'_>, it: &Dependency) -> Option<String> {
    let told = |text: &Option<String>| text.as_ref().is_some_and(|it| !it.trim().is_empty());
    if !told(&it.owner) || !told(&it.decision) {
        return Some("it has no owner or no decision".to_owned());
    }
    let Some(due) = it.due else {
        return Some("its decision has no day by which it is carried out".to_owned());
    };
    let client = it.client_app.as_deref().unwrap_or("a legacy client");
    let zone = Days::of(&question.seen.facts.rollout.calendar.time_zone);
    match it.last_seen.map(|seen| zone.date(seen)) {
        _ if due >= question.today => None,
        Some(seen) if seen <= due => None,
        Some(seen) => {
            Some(format!("its decision was due on {due}, and it signed in by {client} on {seen}"))
        }
        None => Some(format!(
            "its decision was due on {due}, and the log does not tell when it signed in last"
        )),
    }
}
