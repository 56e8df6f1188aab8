//! G6: the pilot proved the policy.

use super::answer::{Answer, attest, counted, snapshot, word, word_about};
use super::prepare::no_log;
use super::{
    Asked, Question, asked, findings, proof, strict, told, with_policies, without_policies,
};
use crate::change::draft::Standard;
use crate::change::guard::{Verdict, identity_health};
use crate::engine::GateId::{self, G6};
use crate::engine::Phase;
use crate::engine::tenant::{self, Happened};
use crate::evidence::{DeviceClass, PilotMatrix, PilotQuestion, Proof, pilot_matrix};
use crate::impact::UserOutcome;
use crate::plan::GateState;
use crate::preflight::Stage;

/// What it asks for.
pub(super) const ASKS: &[Asked] = &[
    strict(G6, "G6.snapshot", "The tenant was read within the last day", snapshot),
    with_policies(strict(
        G6,
        "G6.proof",
        "Under MFA for all users two administrators and every break-glass account get in",
        proof::lockout_proof,
    )),
    strict(
        G6,
        "G6.break-glass",
        "Both break-glass accounts were tested before everybody is asked",
        |question| proof::proven(question, proof::days_ago(question), &["L-08", "P-13", "S-02"]),
    ),
    with_policies(asked(
        G6,
        "G6.lockout",
        "Nobody is on the lockout list without an appointment or a dated exception",
        lockout,
    )),
    with_policies(asked(
        G6,
        "G6.challenges",
        "Every pilot member passed a fresh challenge by this policy",
        |question| of_matrix(question, |it| Answer::standing(&it.by_tester)),
    )),
    with_policies(asked(G6, "G6.desktop", "It was passed on a managed desktop", |question| {
        class(question, DeviceClass::Desktop)
    })),
    with_policies(asked(G6, "G6.phone", "It was passed on a phone", |question| {
        class(question, DeviceClass::Phone)
    })),
    with_policies(asked(G6, "G6.personal", "It was passed on a personal device", |question| {
        class(question, DeviceClass::Personal)
    })),
    with_policies(asked(
        G6,
        "G6.unenrolled",
        "It was passed on a device that is not enrolled",
        |question| class(question, DeviceClass::Unenrolled),
    )),
    with_policies(asked(G6, "G6.failures", "Few enough fresh challenges failed", |question| {
        of_matrix(question, |it| Answer::standing(&it.failures))
    })),
    without_policies(asked(
        G6,
        "G6.methods",
        "Every pilot member passed with the registered method on each kind of device",
        |question| word(question, "S-06", "the pilot tried its methods on each kind of device"),
    )),
    asked(G6, "G6.findings", "No blocking finding that guards Enforce is open", |question| {
        findings::of_step(question, &[Stage::Enforce])
    }),
    asked(
        G6,
        "G6.told",
        "The announcement was sent, the helpdesk is briefed, people know the date",
        told::told,
    ),
    asked(G6, "G6.issues", "No blocking issue is open", issues),
    with_policies(asked(G6, "G6.rollback", "The way back was rehearsed", rehearsed)),
    asked(G6, "G6.health", "Microsoft has no open incident on signing in", health),
];

/// The pilot's test matrix; what stands in its way is the answer.
fn of_matrix(question: &Question<'_>, answer: impl Fn(&PilotMatrix) -> Answer) -> Answer {
    match matrix(question) {
        Ok(matrix) => {
            let rows = matrix
                .testers
                .iter()
                .map(|it| format!("{}: {}", it.account.label(), proof_words(it.proof)));
            answer(&matrix).rows(rows)
        }
        Err(answer) => answer,
    }
}

fn matrix(question: &Question<'_>) -> Result<PilotMatrix, Answer> {
    let (state, seen) = (question.state, question.seen);
    let Some(sign_ins) = seen.sign_ins else { return Err(no_log()) };
    let Ok(found) = tenant::policy(seen.facts, Standard::Pilot) else {
        return Err(Answer::error(
            "Which policy is the pilot's cannot be said.",
            "The policies in the next snapshot, each number once.",
        ));
    };
    let Some(policy) = found.filter(|it| it.is_live()) else {
        return Err(Answer::pending("The pilot has not begun."));
    };
    let may_have_defaults = seen.facts.snapshot.security_defaults != Some(false);
    // Beside security defaults the pilot goes on in Report-only.
    let since = match tenant::piloting(state, seen) {
        Happened::Yes(since) => since,
        _ if may_have_defaults => policy.modified.or(policy.created),
        _ => return Err(Answer::pending("The pilot is still in Report-only.")),
    };
    let (Some(since), Some(id)) = (since, policy.id.clone()) else {
        return Err(Answer::inconclusive(
            "Since when the pilot is on no file tells.",
            "The policies with `modifiedDateTime` in the next snapshot.",
        ));
    };
    let members = tenant::pilot_members(seen.facts);
    Ok(pilot_matrix(&PilotQuestion {
        sign_ins,
        policies: &[id],
        testers: members.as_deref().unwrap_or_default(),
        testers_untold: members.is_none(),
        since,
        failure_share: seen.facts.rollout.thresholds.challenge_failure_share,
        now: tenant::seen_at(seen, question.now),
    }))
}

fn proof_words(proof: Proof) -> &'static str {
    match proof {
        Proof::NotSeen => "no sign-in seen",
        Proof::NotTold => "the log does not tell",
        Proof::NotAsked => "not asked",
        Proof::Failed => "asked, not passed",
        Proof::Provisional => "passed a moment ago",
        Proof::ByClaim => "passed by an earlier claim",
        Proof::Fresh => "a fresh challenge passed",
    }
}

fn class(question: &Question<'_>, class: DeviceClass) -> Answer {
    let matrix = match matrix(question) {
        Ok(matrix) => matrix,
        Err(answer) => return answer,
    };
    let Some(cover) = matrix.classes.iter().find(|it| it.class == class) else {
        return Answer::pending(format!("Nobody has tried a {} yet.", class.words()));
    };
    if cover.proof == Proof::Fresh {
        let by = cover.by.clone();
        return Answer::passed(format!("{} passed on a {}.", by.join(", "), class.words()))
            .rows(by);
    }
    // The matrix says for all kinds whether it waits or cannot tell.
    let why = format!("On a {}: {}.", class.words(), proof_words(cover.proof));
    match matrix.by_class.verdict {
        GateState::Inconclusive => {
            let holes = matrix.by_class.missing;
            Answer::inconclusive(why, "Sign-in rows that tell device and policy.").missing(holes)
        }
        _ => Answer::running(why),
    }
}

/// The manager saw the list and decided (L-15), or it is empty.
fn lockout(question: &Question<'_>) -> Answer {
    let Some(lockout) = &question.seen.plan.lockout else { return no_log() };
    let stands = |outcome: UserOutcome| {
        matches!(outcome, UserOutcome::Blocked | UserOutcome::Cannot | UserOutcome::Unknown)
    };
    let on_it = lockout.people.iter().filter(|it| stands(it.outcome));
    // Who decided about somebody of whom nothing was known decided about nobody that is locked out.
    let rows: Vec<(UserOutcome, String, &str)> = on_it
        .map(|it| {
            let knows = if it.outcome == UserOutcome::Unknown { "not known" } else { "locked out" };
            (it.outcome, format!("{} ({knows})", it.account.label()), it.why.as_str())
        })
        .collect();
    let unknown = rows.iter().filter(|(outcome, ..)| *outcome == UserOutcome::Unknown).count();
    let locked = rows.len().saturating_sub(unknown);
    let names: Vec<String> = rows.iter().map(|(_, name, _)| name.clone()).collect();
    let rows = rows.into_iter().map(|(_, name, why)| format!("{name}: {why}"));
    if locked == 0 && unknown == 0 {
        return Answer::passed("Nobody would be locked out, as far as the log shows.");
    }
    let newer = match word_about(question, "L-15", &names) {
        Ok(it) => {
            return Answer::passed(format!("{} decided with the list at hand: {}", it.by, it.note))
                .stated(it)
                .rows(rows)
                .about(names);
        }
        Err(newer) => newer,
    };
    let decide =
        format!("`lockstep impact` shows the list; the decision with it: {}.", attest("L-15"));
    if locked > 0 {
        let who = counted(locked, "account", "accounts");
        return Answer::failed(format!("{who} would be locked out."))
            .rows(rows)
            .about(names)
            .missing(newer)
            .missing([decide]);
    }
    let who = counted(unknown, "account", "accounts");
    Answer::inconclusive(format!("Of {who} nobody can say whether they would get in."), decide)
        .rows(rows)
        .about(names)
        .missing(newer)
}

/// No blocking issue is open.
pub(super) fn issues(question: &Question<'_>) -> Answer {
    let open = || question.state.issues.values().filter(|it| it.blocking && it.closed.is_none());
    let Some(first) = open().next() else { return Answer::passed("No blocking issue is open.") };
    let rows: Vec<String> = open().map(|it| format!("{}: {}", it.id, it.text)).collect();
    let what = counted(rows.len(), "blocking issue is", "blocking issues are");
    Answer::failed(format!("{what} open.")).rows(rows).missing([format!(
        "`lockstep issue close {} --by WHO --how TEXT` once it is settled.",
        first.id
    )])
}

/// Somebody states it, or a set was taken back and read back.
fn rehearsed(question: &Question<'_>) -> Answer {
    let back = question.state.sets.values().find_map(|it| match &it.phase {
        Phase::TakenBack { at, .. } => Some((it.title.clone(), *at)),
        _ => None,
    });
    match back {
        Some((title, at)) => {
            Answer::passed(format!("`{title}` was taken back on {at:.0}.")).on(at.to_string())
        }
        None => word(question, "L-12", "the way back was rehearsed"),
    }
}

/// Whether an incident on signing in is open.
pub(super) fn health(question: &Question<'_>) -> Answer {
    match identity_health(question.seen.facts.snapshot.service_issues.as_deref()) {
        Verdict::Held => Answer::passed("Microsoft tells of no open incident on signing in."),
        Verdict::Violated { counter_examples } => {
            let first = counter_examples.first().cloned().unwrap_or_default();
            Answer::failed(first).rows(counter_examples)
        }
        Verdict::CannotTell { missing } => Answer::inconclusive(
            "Whether Microsoft has an open incident on signing in is not told.",
            "The service health (GET /admin/serviceAnnouncement/issues) in the next snapshot.",
        )
        .missing(missing),
    }
}

/// The gates before the switch: once it is made, what they found is what it was made on.
pub(in crate::engine) const BEFORE_THE_SWITCH: [GateId; 6] =
    [GateId::G1, GateId::G2, GateId::G3, GateId::G4, GateId::G5, GateId::G6];
