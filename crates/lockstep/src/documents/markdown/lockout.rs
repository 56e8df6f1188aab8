//! Who would be locked out, the proof, and whom *All users* means.

use std::fmt::Write as _;

use rollout::impact::Impact;
use rollout::plan::Plan;
use rollout::proof::Proof;

use super::{safe, table};
use crate::documents::refutation;
use crate::lockout_words;
use crate::words;

/// The three sections.
pub(super) fn sections(text: &mut String, plan: &Plan) {
    // Writing to a text cannot fail, here and below.
    let _ = writeln!(text, "## Who would be locked out\n");
    match &plan.lockout {
        Some(impact) => lockout(text, impact),
        None => {
            let _ = writeln!(
                text,
                "No sign-in log was read, so nobody can say who would be locked out.\n"
            );
        }
    }
    let _ = writeln!(text, "## Lockout proof\n");
    match &plan.proof {
        Some(proof) => proven(text, proof),
        None => {
            let _ = writeln!(
                text,
                "Without Conditional Access there is no policy to prove anything of.\n"
            );
        }
    }
    let _ = writeln!(text, "## Whom “All users” means\n");
    let rows = plan.caught.kinds.iter().map(|it| {
        let names: Vec<String> = it.accounts.iter().map(|it| it.label().to_owned()).collect();
        vec![it.kind.clone(), words::number(it.count), it.meets.clone(), names.join(", ")]
    });
    table(text, &["kind", "accounts", "what MFA means for it", "who"], rows);
}

fn lockout(text: &mut String, impact: &Impact) {
    let rows = lockout_words::by_outcome(&impact.users).map(|(outcome, count)| {
        vec![
            lockout_words::outcome(outcome).to_owned(),
            words::number(count),
            lockout_words::outcome_means(outcome).to_owned(),
        ]
    });
    table(text, &["outcome", "accounts", "means"], rows);
    let _ = writeln!(text, "{}\n", lockout_words::sign_ins(&impact.sign_ins));
    list(text, &impact.assumptions);
    let rows = impact.people.iter().map(|it| {
        vec![
            it.account.label().to_owned(),
            lockout_words::outcome(it.outcome).to_owned(),
            words::number(it.sign_ins),
            words::few(&it.apps),
            it.why.clone(),
            it.next.clone(),
        ]
    });
    table(text, &["account", "outcome", "sign-ins", "apps", "why", "next"], rows);
}

fn proven(text: &mut String, proof: &Proof) {
    let _ = writeln!(text, "{}\n", safe(&refutation::verdict(proof)));
    list(text, &proof.shortfalls);
    let rows = refutation::accounts(proof).into_iter().map(|it| {
        vec![
            it.account.label().to_owned(),
            it.role.to_owned(),
            it.word.to_owned(),
            it.note.to_owned(),
        ]
    });
    table(text, &["account", "role", "gets in", "because"], rows);
    if !proof.counter_examples.is_empty() {
        let rows = proof
            .counter_examples
            .iter()
            .map(|it| vec![it.account.label().to_owned(), it.why.join(" "), it.mend.join(" ")]);
        table(text, &["account", "when it does not get in", "mended by"], rows);
    }
    let _ = writeln!(text, "{}\n", safe(&refutation::rests_on(proof)));
    list(text, &proof.assumptions);
}

fn list(text: &mut String, lines: &[String]) {
    for line in lines {
        let _ = writeln!(text, "- {}", safe(line));
    }
    if !lines.is_empty() {
        text.push('\n');
    }
}
