//! G1: everything is prepared, so that registration can begin.

use super::answer::{Answer, counted, snapshot, word};
use super::findings::{self, judged, open};
use super::{Asked, Question, asked, proof, strict};
use crate::engine::GateId::G1;
use crate::engine::{Attestation, tenant};
use crate::exceptions::Kind;
use crate::preflight::{Stage, Verdict};

/// What it asks for.
pub(super) const ASKS: &[Asked] = &[
    strict(G1, "G1.snapshot", "The tenant was read within the last day", snapshot),
    strict(
        G1,
        "G1.break-glass",
        "No blocking finding about the break-glass accounts is open",
        break_glass,
    ),
    strict(
        G1,
        "G1.sheets",
        "The passwords of the break-glass accounts are printed once and kept in two places",
        sheets,
    ),
    strict(
        G1,
        "G1.proven",
        "Both break-glass accounts got in, and no policy asked them for anything",
        |question| proof::proven(question, proof::days_ago(question), &["P-13", "S-02"]),
    ),
    asked(
        G1,
        "G1.findings",
        "No other blocking finding that guards Prepare or Register is open",
        |question| findings::of_step(question, &[Stage::Prepare, Stage::Register]),
    ),
    asked(G1, "G1.legacy-owners", "Every legacy dependency has an owner and a decision", owners),
    asked(
        G1,
        "G1.legacy-coverage",
        "The legacy audit covers its days, interactive and not",
        coverage,
    ),
    asked(G1, "G1.classified", "Every enabled account is of a known kind", classified),
    asked(G1, "G1.dormant", "Accounts that nobody uses are disabled", dormant),
    asked(G1, "G1.message", "The announcement is approved", |question| {
        word(question, "P-18", "the announcement is approved")
    }),
];

/// What no export tells of the accounts, and who may say it: the alert was seen to fire (P-12); no
/// rule or restriction reaches them (P-27, P-07).
const BY_WORD: [(&str, &[&str]); 3] =
    [("BG-08", &["P-12"]), ("BG-10", &["P-27", "P-07"]), ("BG-12", &["P-27", "P-07"])];

/// What was found stays found, but for the date of the last alert, which a newer word replaces. A
/// person's word about the accounts counts as long as a drill does.
fn break_glass(question: &Question<'_>) -> Answer {
    let said = |id: &str| -> Option<&Attestation> {
        let (_, tasks) = BY_WORD.iter().find(|(it, _)| *it == id)?;
        let words = tasks.iter().filter_map(|task| question.state.attestations.get(*task));
        words.into_iter().find(|it| question.now.duration_since(it.at) < proof::DRILL)
    };
    let open = |verdict| open(question, &[Stage::Prepare], ("BG-", true), verdict);
    let mut found = open(Verdict::Found);
    found.retain(|it| it.id != "BG-08" || said(it.id).is_none());
    let mut unsure = open(Verdict::Inconclusive);
    unsure.retain(|it| said(it.id).is_none());
    let words = BY_WORD.iter().filter_map(|(id, _)| said(id));
    words.fold(judged(&found, &unsure), Answer::stated)
}

/// Each account has its sheets, or somebody states it of both.
fn sheets(question: &Question<'_>) -> Answer {
    let accounts = tenant::break_glass(question.seen.facts);
    let printed = |account: &crate::Account| {
        question.state.sheets.values().find(|it| {
            let same = |one: &Option<String>, other: &Option<String>| match (one, other) {
                (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
                _ => false,
            };
            same(&it.account.user_id, &account.user_id)
                || same(&it.account.user_principal_name, &account.user_principal_name)
        })
    };
    let rows: Vec<String> = accounts
        .iter()
        .filter_map(printed)
        .filter(|it| it.places.len() >= 2)
        .map(|it| format!("{}: {}, by {}", it.account.label(), it.places.join(", "), it.by))
        .collect();
    if !accounts.is_empty() && rows.len() == accounts.len() {
        return Answer::passed("Each sheet is in its place.").rows(rows);
    }
    word(question, "P-09", "the break-glass sheets are kept in two places")
}

fn owners(question: &Question<'_>) -> Answer {
    let Some(legacy) = &question.seen.plan.legacy else {
        return no_log();
    };
    let undecided = legacy.dependencies.iter().filter(|it| {
        let told = |text: &Option<String>| text.as_ref().is_some_and(|it| !it.trim().is_empty());
        !told(&it.owner) || !told(&it.decision)
    });
    let rows: Vec<String> = undecided
        .map(|it| {
            let client = it.client_app.as_deref().unwrap_or("client app not told");
            format!("{}: {client}", it.account.label())
        })
        .collect();
    let all = legacy.dependencies.len();
    if rows.is_empty() {
        let settled = legacy.dependencies.iter().map(|it| {
            let client = it.client_app.as_deref().unwrap_or_default();
            let owner = it.owner.as_deref().unwrap_or_default();
            format!("{}: {client}, {owner}", it.account.label())
        });
        return Answer::passed(format!(
            "{} an owner and a decision.",
            match all {
                0 => "There is no legacy dependency that would need".to_owned(),
                1 => "The one legacy dependency has".to_owned(),
                some => format!("All {some} legacy dependencies have"),
            }
        ))
        .rows(settled);
    }
    let has = if rows.len() == 1 { "has" } else { "have" };
    Answer::failed(format!(
        "{} of {} {has} no owner or no decision.",
        rows.len(),
        counted(all, "legacy dependency", "legacy dependencies")
    ))
    .rows(rows)
}

pub(super) fn no_log() -> Answer {
    Answer::error(
        "No sign-in log was read.",
        "The sign-in logs, interactive and non-interactive, in the next snapshot.",
    )
}

/// The part of the log that is missing was written down (P-16), or there is none.
fn coverage(question: &Question<'_>) -> Answer {
    let Some(legacy) = &question.seen.plan.legacy else {
        return no_log();
    };
    let (window, coverage) = (&legacy.window, &legacy.coverage);
    let days = format!("{} of {} days", window.days_covered, window.days_asked);
    let is_whole = window.days_covered >= window.days_asked
        && coverage.non_interactive == Some(true)
        && coverage.records_unreadable == 0;
    if is_whole {
        return Answer::passed(format!("The log covers {days}, interactive and not."));
    }
    if let Some(it) = question.state.attestations.get("P-16") {
        return Answer::passed(format!("{days} are covered; {} states: {}", it.by, it.note))
            .stated(it);
    }
    Answer::inconclusive(
        format!("The log covers {days}: a job that runs once a month may not be in it."),
        "Whole logs, interactive and non-interactive; or what is missing, written down: \
         `lockstep attest P-16 --by WHO --note TEXT`.",
    )
    .on(format!("{days} {:?} {}", coverage.non_interactive, coverage.records_unreadable))
}

/// Labels of the accounts of a kind; `None`: no file told the accounts.
pub(super) fn accounts(question: &Question<'_>, kind: Kind) -> Option<Vec<String>> {
    question.seen.facts.snapshot.users.as_ref()?;
    let accounts = question.seen.plan.exceptions.accounts.iter();
    Some(accounts.filter(|it| it.kind == kind).map(|it| it.account.label().to_owned()).collect())
}

pub(super) fn no_users() -> Answer {
    Answer::error("No file told the accounts.", "The users (GET /users) in the next snapshot.")
}

fn classified(question: &Question<'_>) -> Answer {
    match accounts(question, Kind::Unclassified) {
        None => no_users(),
        Some(rows) if rows.is_empty() => {
            Answer::passed("Every enabled account is of a known kind.")
        }
        Some(rows) => {
            let what = counted(rows.len(), "enabled account is", "enabled accounts are");
            Answer::failed(format!("{what} of no known kind.")).rows(rows)
        }
    }
}

fn dormant(question: &Question<'_>) -> Answer {
    match accounts(question, Kind::Dormant) {
        None => no_users(),
        Some(rows) if rows.is_empty() => Answer::passed("No enabled account is dormant."),
        Some(rows) => {
            let what = counted(rows.len(), "account", "accounts");
            let days = question.seen.facts.rollout.thresholds.dormant_days;
            Answer::failed(format!("{what} not used for {days} days can still sign in.")).rows(rows)
        }
    }
}
