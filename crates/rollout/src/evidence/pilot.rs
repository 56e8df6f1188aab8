//! The pilot's test matrix: who passed the policy from which kind of device, and how.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::SignIns;
use super::device_class::{DeviceClass, classes_of};
use super::reach::Reach;
use super::row::{RowResult, SecondFactor, SignInRow};
use super::standing::{Standing, counted, few};
use crate::account::Account;
use crate::percent::{percent_against, threshold_percent};
use crate::plan::GateState;

/// A row younger than this proves nothing: *satisfied by claim in the token* stands there before the
/// rest of the row is written (Microsoft Entra sign-in log activity details).
const UNSETTLED: SignedDuration = SignedDuration::from_mins(15);
/// Before this, a row that shows no fresh challenge may still come to show one, and a row that is
/// not there may still come.
pub(super) const SETTLED: SignedDuration = SignedDuration::from_hours(2);
/// So many failed challenges are needed before a share of them says something.
const TELLING_FAILURES: u64 = 2;
/// Most rows a cell shows.
const MOST_ROWS: usize = 20;

/// What is asked of the pilot.
#[derive(Debug, Clone)]
pub struct PilotQuestion<'a> {
    /// The rows: every one of the testers since the pilot began.
    pub sign_ins: &'a SignIns,
    /// Ids of the pilot's policy. Security defaults or another policy that asked for the same prove
    /// nothing.
    pub policies: &'a [String],
    /// Who tests.
    pub testers: &'a [Account],
    /// Nobody told everybody in the pilot group: the testers are a lower bound.
    pub testers_untold: bool,
    /// Since when the policy is on.
    pub since: Timestamp,
    /// Share of fresh challenges that may fail (0–1).
    pub failure_share: f64,
    /// The clock.
    pub now: Timestamp,
}

/// What a sign-in, a cell or a tester shows. The later ones are the better ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// No sign-in is seen.
    NotSeen,
    /// Sign-ins are seen, and the log does not tell what became of this policy.
    NotTold,
    /// The policy was asked about no sign-in that is seen.
    NotAsked,
    /// Asked, and not passed.
    Failed,
    /// Passed by a row too young to prove anything.
    Provisional,
    /// Passed, by the claim of an earlier second factor: no proof that a challenge works.
    ByClaim,
    /// Passed by a fresh challenge.
    Fresh,
}

/// One tester on one kind of device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PilotCell {
    /// The kind of device.
    pub class: DeviceClass,
    /// The best that is seen.
    pub proof: Proof,
    /// The sign-ins it rests on, newest first, at most twenty.
    pub rows: Vec<String>,
}

/// What one tester has shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tester {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// The best that is seen on any device, of the class told or not.
    pub proof: Proof,
    /// When the fresh challenge was passed first.
    pub proven_at: Option<Timestamp>,
    /// Each kind of device.
    pub cells: Vec<PilotCell>,
    /// Sign-ins that do not tell their device.
    pub without_device: u64,
}

/// One kind of device over all testers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassCover {
    /// The kind of device.
    pub class: DeviceClass,
    /// The best that is seen of any tester.
    pub proof: Proof,
    /// Who passed a fresh challenge on it.
    pub by: Vec<String>,
}

/// Fresh challenges by the pilot's policy: conversations, not rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct FreshChallenges {
    /// Passed.
    pub passed: u64,
    /// Refused, not answered, or given up.
    pub failed: u64,
    /// Share that failed. `None`: there was none.
    pub share: Option<f64>,
}

/// The matrix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PilotMatrix {
    /// Each tester.
    pub testers: Vec<Tester>,
    /// Each kind of device.
    pub classes: Vec<ClassCover>,
    /// Fresh challenges.
    pub challenges: FreshChallenges,
    /// Rows too young to prove anything.
    pub provisional: u64,
    /// How far the log reaches.
    pub reach: Reach,
    /// Every tester passed a fresh challenge by this policy.
    pub by_tester: Standing,
    /// Every kind of device was tried with success.
    pub by_class: Standing,
    /// Few enough challenges failed.
    pub failures: Standing,
    /// What is missing in the matrix, a sentence each.
    pub gaps: Vec<String>,
}

/// Fills the matrix.
#[must_use]
pub fn pilot_matrix(question: &PilotQuestion<'_>) -> PilotMatrix {
    let reach = Reach::over(question.sign_ins, question.since, question.now, SETTLED);
    let mut conversations = Conversations::default();
    let mut testers = Vec::new();
    let mut provisional = 0_u64;
    for account in question.testers {
        let rows = rows_of(question, account);
        for row in &rows {
            if row.result() == RowResult::Success && is_unsettled(row, question.now) {
                provisional = provisional.saturating_add(1);
            }
            conversations.add(question, row);
        }
        testers.push(tester(question, account, &rows));
    }
    let challenges = conversations.count();
    let classes: Vec<ClassCover> = DeviceClass::ALL.map(|it| cover(&testers, it)).into();
    PilotMatrix {
        by_tester: by_tester(question, &testers, &reach),
        by_class: by_class(&classes, &testers, &reach),
        failures: by_failures(question, &challenges, &reach),
        gaps: gaps(question, &testers, &classes, &reach),
        testers,
        classes,
        challenges,
        provisional,
        reach,
    }
}

fn rows_of<'a>(question: &PilotQuestion<'a>, account: &Account) -> Vec<&'a SignInRow> {
    let (id, name) = (account.user_id.as_deref(), account.user_principal_name.as_deref());
    let same = |one: Option<&str>, other: Option<&str>| match (one, other) {
        (Some(one), Some(other)) => Some(one.eq_ignore_ascii_case(other)),
        _ => None,
    };
    let of = |row: &&SignInRow| {
        let by_id = same(id, row.account.user_id.as_deref());
        by_id.or_else(|| same(name, row.account.user_principal_name.as_deref())) == Some(true)
    };
    let in_time = |row: &&SignInRow| row.at.is_some_and(|at| at >= question.since);
    question.sign_ins.rows.iter().filter(of).filter(in_time).collect()
}

/// What one row shows of the policy.
pub(super) fn proof_of(question: &PilotQuestion<'_>, row: &SignInRow) -> Proof {
    if row.policies.is_empty() {
        return Proof::NotTold;
    }
    let results: Vec<&str> = question.policies.iter().filter_map(|it| row.result_of(it)).collect();
    let any = |wanted: &[&str]| {
        results.iter().any(|told| wanted.iter().any(|it| it.eq_ignore_ascii_case(told)))
    };
    if any(&["failure", "reportOnlyFailure"]) {
        return Proof::Failed;
    }
    if !any(&["success", "reportOnlySuccess"]) {
        return Proof::NotAsked;
    }
    if row.result() != RowResult::Success {
        return if is_failed_challenge(row) { Proof::Failed } else { Proof::NotAsked };
    }
    let age = age_of(row, question.now);
    match row.second_factor() {
        _ if age < UNSETTLED => Proof::Provisional,
        SecondFactor::Fresh => Proof::Fresh,
        SecondFactor::Claim | SecondFactor::Unknown if age < SETTLED => Proof::Provisional,
        SecondFactor::Claim | SecondFactor::Unknown => Proof::ByClaim,
        // The policy says success and the row says that there was no second factor.
        SecondFactor::Skipped | SecondFactor::None => Proof::NotAsked,
    }
}

/// How long ago a row was. A row from the future is as young as can be.
fn age_of(row: &SignInRow, now: Timestamp) -> SignedDuration {
    row.at.map_or(SignedDuration::ZERO, |at| now.duration_since(at))
}

fn is_unsettled(row: &SignInRow, now: Timestamp) -> bool {
    age_of(row, now) < UNSETTLED
}

/// The row tells of a challenge that was not passed: refused, not answered, wrong, or given up.
fn is_failed_challenge(row: &SignInRow) -> bool {
    matches!(row.error_code, Some(50074 | 50087 | 50088 | 50089 | 500_121))
}

/// Conversations with a challenge, by correlation id (else the row's own id).
#[derive(Default)]
struct Conversations {
    passed: BTreeMap<String, bool>,
}

impl Conversations {
    fn add(&mut self, question: &PilotQuestion<'_>, row: &SignInRow) {
        let passed = match row.result() {
            RowResult::Success if proof_of(question, row) == Proof::Fresh => true,
            RowResult::Failure | RowResult::Interrupt if is_failed_challenge(row) => {
                let told = question.policies.iter().any(|it| {
                    row.result_of(it).is_some_and(|told| {
                        !told.to_lowercase().ends_with("notapplied")
                            && !told.eq_ignore_ascii_case("notEnabled")
                    })
                });
                // Another policy, or security defaults, asked: that says nothing of this one.
                if !told && !row.policies.is_empty() {
                    return;
                }
                false
            }
            _ => return,
        };
        let Some(key) = row.correlation_id.clone().or_else(|| row.id.clone()) else {
            // It joins no other row: a conversation of its own.
            let own = format!("without an id {}", self.passed.len());
            self.passed.insert(own, passed);
            return;
        };
        let entry = self.passed.entry(key.to_lowercase()).or_default();
        *entry |= passed;
    }

    fn count(&self) -> FreshChallenges {
        let passed = self.passed.values().filter(|it| **it).count();
        let failed = self.passed.len().saturating_sub(passed);
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let all = passed.saturating_add(failed);
        let share = (all > 0).then(|| f64::from(number(failed)) / f64::from(number(all)));
        FreshChallenges {
            passed: u64::from(number(passed)),
            failed: u64::from(number(failed)),
            share,
        }
    }
}

fn tester(question: &PilotQuestion<'_>, account: &Account, rows: &[&SignInRow]) -> Tester {
    let mut proof = Proof::NotSeen;
    let mut proven_at = None;
    let mut without_device = 0_u64;
    let mut cells: BTreeMap<DeviceClass, (Proof, Vec<(Timestamp, String)>)> =
        DeviceClass::ALL.into_iter().map(|class| (class, (Proof::NotSeen, Vec::new()))).collect();
    for row in rows {
        let shown = proof_of(question, row);
        proof = proof.max(shown);
        if shown == Proof::Fresh && (proven_at.is_none() || row.at < proven_at) {
            proven_at = row.at;
        }
        let classes = classes_of(row);
        if classes.is_empty() {
            without_device = without_device.saturating_add(1);
        }
        for class in classes {
            let Some((best, lines)) = cells.get_mut(&class) else { continue };
            *best = (*best).max(shown);
            if shown >= Proof::Failed {
                lines.push((row.at.unwrap_or(Timestamp::MIN), row.line()));
            }
        }
    }
    let cells = cells.into_iter().map(|(class, (proof, mut lines))| {
        lines.sort();
        let rows = lines.into_iter().rev().take(MOST_ROWS).map(|(_, line)| line).collect();
        PilotCell { class, proof, rows }
    });
    Tester { account: account.clone(), proof, proven_at, cells: cells.collect(), without_device }
}

fn cover(testers: &[Tester], class: DeviceClass) -> ClassCover {
    let mut cover = ClassCover { class, proof: Proof::NotSeen, by: Vec::new() };
    for tester in testers {
        for cell in tester.cells.iter().filter(|it| it.class == class) {
            cover.proof = cover.proof.max(cell.proof);
            if cell.proof == Proof::Fresh {
                cover.by.push(tester.account.label().to_owned());
            }
        }
    }
    cover
}

/// What the log's holes leave open.
fn missing(reach: &Reach) -> Vec<String> {
    reach.holes.clone()
}

fn by_tester(question: &PilotQuestion<'_>, testers: &[Tester], reach: &Reach) -> Standing {
    let without: Vec<&Tester> = testers.iter().filter(|it| it.proof != Proof::Fresh).collect();
    if testers.is_empty() {
        return Standing::inconclusive(
            "Nobody is known to test.",
            vec!["the members of the pilot group".to_owned()],
        );
    }
    if without.is_empty() && !question.testers_untold {
        let all = counted(testers.len(), "tester has", "testers have");
        return Standing::of(
            GateState::Passed,
            format!("{all} each passed a fresh challenge by this policy."),
        );
    }
    let mut open = missing(reach);
    if question.testers_untold {
        open.push("every member of the pilot group".to_owned());
    }
    if without.iter().any(|it| it.proof == Proof::NotTold) {
        open.push("sign-in rows that tell what each policy came to".to_owned());
    }
    let names = few(without.iter().map(|it| it.account.label()));
    let why = if without.is_empty() {
        "Not everybody in the pilot group is known.".to_owned()
    } else {
        format!(
            "{} of {} passed no fresh challenge by this policy yet: {names}.",
            without.len(),
            counted(testers.len(), "tester", "testers")
        )
    };
    if open.is_empty() {
        Standing::of(GateState::Running, why)
    } else {
        Standing::inconclusive(why, open)
    }
}

fn by_class(classes: &[ClassCover], testers: &[Tester], reach: &Reach) -> Standing {
    let open: Vec<&ClassCover> = classes.iter().filter(|it| it.proof != Proof::Fresh).collect();
    if open.is_empty() {
        return Standing::of(GateState::Passed, "Every kind of device was tried with success.");
    }
    let names = open.iter().map(|it| it.class.words());
    let why = format!("No fresh challenge was passed from: {}.", few(names));
    let mut missed = missing(reach);
    if testers.iter().any(|it| it.without_device > 0) {
        missed.push("sign-in rows that tell the device".to_owned());
    }
    if missed.is_empty() {
        Standing::of(GateState::Running, why)
    } else {
        Standing::inconclusive(why, missed)
    }
}

fn by_failures(
    question: &PilotQuestion<'_>,
    challenges: &FreshChallenges,
    reach: &Reach,
) -> Standing {
    let limit = threshold_percent(question.failure_share);
    let Some(share) = challenges.share else {
        return Standing {
            verdict: if reach.is_whole() { GateState::Running } else { GateState::Inconclusive },
            why: "No challenge by this policy is seen yet.".to_owned(),
            missing: missing(reach),
        };
    };
    let all = challenges.passed.saturating_add(challenges.failed);
    let figures = format!(
        "{} of {all} fresh challenges failed ({}; at most {limit}).",
        challenges.failed,
        percent_against(share, question.failure_share)
    );
    if share <= question.failure_share {
        return if reach.is_whole() {
            Standing::of(GateState::Passed, figures)
        } else {
            Standing::inconclusive(figures, missing(reach))
        };
    }
    if challenges.failed < TELLING_FAILURES {
        let mut missed = missing(reach);
        missed.push("more challenges: one failure is no share".to_owned());
        return Standing::inconclusive(figures, missed);
    }
    Standing::of(GateState::Failed, figures)
}

fn gaps(
    question: &PilotQuestion<'_>,
    testers: &[Tester],
    classes: &[ClassCover],
    reach: &Reach,
) -> Vec<String> {
    let mut gaps = Vec::new();
    for tester in testers {
        let who = tester.account.label();
        gaps.extend(match tester.proof {
            Proof::Fresh => None,
            Proof::ByClaim => Some(format!(
                "{who} was let in by an earlier sign-in's claim only: sign out, and sign in again."
            )),
            Proof::Provisional => Some(format!(
                "{who} passed a moment ago: the row is not complete before two hours are over."
            )),
            Proof::Failed => Some(format!("{who} was challenged and did not pass.")),
            Proof::NotAsked => Some(format!("{who} signed in, and the policy did not ask.")),
            Proof::NotTold => {
                Some(format!("{who} signed in, and the rows tell nothing of any policy."))
            }
            Proof::NotSeen => Some(format!("{who} has not signed in since the pilot began.")),
        });
    }
    for class in classes.iter().filter(|it| it.proof != Proof::Fresh) {
        gaps.push(format!("Nobody passed a fresh challenge from a {}.", class.class.words()));
    }
    if question.testers_untold {
        gaps.push("Not everybody in the pilot group is known.".to_owned());
    }
    gaps.extend(reach.holes.iter().map(|hole| format!("Not sure: {hole}.")));
    gaps
}
