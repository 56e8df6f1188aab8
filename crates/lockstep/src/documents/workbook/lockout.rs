//! The sheets of the lockout list, the proof, and whom *All users* means.

use rollout::plan::Plan;

use super::{Cell, Sheet};
use crate::documents::refutation;
use crate::lockout_words;

/// Everyone who is neither ready nor untouched.
pub(super) fn people(plan: &Plan) -> Sheet {
    let rows = plan.lockout.iter().flat_map(|impact| &impact.people).map(|person| {
        vec![
            person.account.label().into(),
            (&person.account.display_name).into(),
            lockout_words::outcome(person.outcome).into(),
            Cell::Number(person.sign_ins),
            person.apps.join("\n").into(),
            person.policies.join("\n").into(),
            person.why.as_str().into(),
            person.next.as_str().into(),
        ]
    });
    Sheet {
        name: "Lockout",
        columns: &[
            ("Account", 34),
            ("Name", 24),
            ("Outcome", 16),
            ("Sign-ins", 10),
            ("Apps", 30),
            ("Decided by", 34),
            ("Why", 50),
            ("Next", 50),
        ],
        rows: rows.collect(),
    }
}

/// Every account that must get in, and when it does not.
pub(super) fn proof(plan: &Plan) -> Sheet {
    let rows = plan.proof.iter().flat_map(|proof| {
        refutation::accounts(proof).into_iter().map(|it| {
            let against = proof.counter_examples.iter().find(|other| other.account == *it.account);
            let lines =
                |list: Option<&Vec<String>>| Cell::from(list.map(|it| it.join("\n")).as_ref());
            vec![
                it.account.label().into(),
                it.role.into(),
                it.word.into(),
                it.note.into(),
                lines(against.map(|it| &it.why)),
                lines(against.map(|it| &it.unknown)),
                lines(against.map(|it| &it.mend)),
            ]
        })
    });
    Sheet {
        name: "Proof",
        columns: &[
            ("Account", 34),
            ("Role", 16),
            ("Gets in", 16),
            ("Because", 40),
            ("When it does not", 60),
            ("Nobody saw", 30),
            ("Mended by", 50),
        ],
        rows: rows.collect(),
    }
}

/// The accounts that a policy for all users reaches, one row each; plain people are counted.
pub(super) fn caught(plan: &Plan) -> Sheet {
    let mut rows = Vec::new();
    for kind in &plan.caught.kinds {
        let row = |name: Cell, count: u64| {
            vec![
                kind.kind.as_str().into(),
                if kind.people { "yes" } else { "no" }.into(),
                name,
                Cell::Number(count),
                kind.meets.as_str().into(),
            ]
        };
        if kind.accounts.is_empty() {
            rows.push(row(Cell::Empty, kind.count));
        }
        rows.extend(kind.accounts.iter().map(|account| row(account.label().into(), 1)));
    }
    Sheet {
        name: "Caught",
        columns: &[
            ("Kind", 18),
            ("People", 10),
            ("Account", 34),
            ("How many", 10),
            ("What MFA means for it", 60),
        ],
        rows,
    }
}
