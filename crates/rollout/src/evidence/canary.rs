//! The canary: one fresh sign-in under a policy by somebody whom it asks since a moment, before it is
//! widened to more people.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::SignIns;
use super::pilot::{PilotQuestion, Proof, SETTLED, proof_of};
use super::reach::Reach;
use super::row::RowResult;
use super::standing::Standing;
use crate::account::Account;
use crate::plan::GateState;

/// What the log says of a policy that was On and passed.
const SUCCESS: &str = "success";

/// What is asked of the canary.
#[derive(Debug, Clone)]
pub struct CanaryQuestion<'a> {
    /// The log, asked for what these people passed ([`super::Ask::fresh_of`]) since `since`.
    pub sign_ins: &'a SignIns,
    /// Id of the policy.
    pub policy: &'a str,
    /// Who may be the canary.
    pub people: &'a [Account],
    /// Since when the policy asks them.
    pub since: Timestamp,
    /// The clock.
    pub now: Timestamp,
}

/// The canary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Canary {
    /// The best that is seen of anybody.
    pub proof: Proof,
    /// The first fresh challenge that was passed, or the best sign-in short of one.
    pub row: Option<String>,
    /// Somebody passed a fresh challenge.
    pub standing: Standing,
}

/// Looks for the canary.
#[must_use]
pub fn canary(question: &CanaryQuestion<'_>) -> Canary {
    let sign_ins = question.sign_ins;
    let people = People::of(question.people);
    let policies = [question.policy.to_owned()];
    let judged = PilotQuestion {
        sign_ins,
        policies: &policies,
        testers: &[],
        testers_untold: false,
        since: question.since,
        failure_share: 0.0,
        now: question.now,
    };
    let mut best: Option<(Proof, Timestamp, String)> = None;
    for row in &sign_ins.rows {
        let Some(at) = row.at.filter(|at| (question.since..=question.now).contains(at)) else {
            continue;
        };
        if !people.have(&row.account) || row.result() == RowResult::Interrupt {
            continue;
        }
        let enforced =
            row.result_of(question.policy).is_some_and(|it| it.eq_ignore_ascii_case(SUCCESS));
        let proof = match proof_of(&judged, row) {
            // In Report-only nobody was asked.
            Proof::Fresh | Proof::ByClaim | Proof::Provisional if !enforced => Proof::NotAsked,
            proof => proof,
        };
        let is_better = best
            .as_ref()
            .is_none_or(|(other, when, _)| proof > *other || (proof == *other && at < *when));
        if is_better {
            best = Some((proof, at, row.line()));
        }
    }
    let (proof, row) = best.map_or((Proof::NotSeen, None), |(proof, _, row)| (proof, Some(row)));
    Canary { proof, standing: standing(question, proof, row.as_deref()), row }
}

/// Accounts by id; by name where the person or the row tells no id.
struct People {
    ids: BTreeSet<String>,
    names: BTreeSet<String>,
    names_without_id: BTreeSet<String>,
}

impl People {
    fn of(people: &[Account]) -> Self {
        let name = |it: &Account| plain(it.user_principal_name.as_ref());
        Self {
            ids: people.iter().filter_map(|it| plain(it.user_id.as_ref())).collect(),
            names: people.iter().filter_map(name).collect(),
            names_without_id: people
                .iter()
                .filter(|it| plain(it.user_id.as_ref()).is_none())
                .filter_map(name)
                .collect(),
        }
    }

    fn have(&self, account: &Account) -> bool {
        let name = plain(account.user_principal_name.as_ref());
        match plain(account.user_id.as_ref()) {
            Some(id) => {
                self.ids.contains(&id)
                    || name.is_some_and(|name| self.names_without_id.contains(&name))
            }
            None => name.is_some_and(|name| self.names.contains(&name)),
        }
    }
}

fn plain(name: Option<&String>) -> Option<String> {
    name.map(|it| it.trim().to_lowercase()).filter(|it| !it.is_empty())
}

fn standing(question: &CanaryQuestion<'_>, proof: Proof, row: Option<&str>) -> Standing {
    if question.people.is_empty() {
        return Standing::inconclusive(
            "Nobody is known who could try it.",
            vec!["the members of the group".to_owned()],
        );
    }
    // What is seen is seen, wherever else the log has a hole.
    if proof == Proof::Fresh {
        let row = row.unwrap_or_default();
        return Standing::of(
            GateState::Passed,
            format!("A fresh challenge by this policy was passed: {row}."),
        );
    }
    let why = match proof {
        Proof::ByClaim => "Whoever passed was let in by the claim of an earlier sign-in.",
        Proof::Provisional => {
            "Somebody passed a moment ago; the row is not complete before two hours are over."
        }
        Proof::Failed => "Somebody was asked and did not pass, and nobody else passed yet.",
        _ => "Nobody is seen to pass a fresh challenge by this policy yet.",
    };
    let mut missing = Reach::over(question.sign_ins, question.since, question.now, SETTLED).holes;
    let asked = &question.sign_ins.asked;
    if asked.fresh_since.is_none_or(|from| from > question.since) {
        missing.push("the log was not asked for what they passed since then".to_owned());
    }
    if proof == Proof::NotTold {
        missing.push("sign-in rows that tell what each policy came to".to_owned());
    }
    if missing.is_empty() {
        Standing::of(GateState::Running, why)
    } else {
        Standing::inconclusive(why, missing)
    }
}
