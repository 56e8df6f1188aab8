//! The lockout proof in plain words, the same in every document.

use rollout::Account;
use rollout::proof::{Proof, Refutation};

use crate::words;

/// One account that must get in, and whether it does.
#[derive(Debug)]
pub(super) struct MustGetIn<'a> {
    pub(super) account: &'a Account,
    pub(super) role: &'static str,
    /// `None`: nobody can say.
    pub(super) gets_in: Option<bool>,
    pub(super) word: &'static str,
    pub(super) note: &'static str,
}

/// Every break-glass account, then every administrator: those that can be barred first.
pub(super) fn accounts(proof: &Proof) -> Vec<MustGetIn<'_>> {
    let break_glass = proof.break_glass.iter().map(|it| {
        let against = proof.counter_examples.iter().find(|example| example.account == it.account);
        let (gets_in, word) = verdict_of(it.can_sign_in, against);
        MustGetIn {
            account: &it.account,
            role: BREAK_GLASS,
            gets_in,
            word,
            note: if it.excluded_from_all {
                "No policy that counts can reach it."
            } else {
                "Not every policy that counts excludes it."
            },
        }
    });
    let barred = proof.counter_examples.iter().filter(|it| it.role != BREAK_GLASS).map(|it| {
        let (gets_in, word) = verdict_of(false, Some(it));
        MustGetIn {
            account: &it.account,
            role: it.role,
            gets_in,
            word,
            note: "The situation is below.",
        }
    });
    let administrator = |account, gets_in, word, note| MustGetIn {
        account,
        role: "administrator",
        gets_in,
        word,
        note,
    };
    let able = proof.administrators_who_can_sign_in.iter().map(|account| {
        administrator(
            account,
            Some(true),
            "gets in",
            "Whatever the facts of the sign-in; was seen to pass MFA.",
        )
    });
    let unproven = proof.unproven_administrators.iter().map(|account| {
        administrator(account, None, "not proven", "No policy bars it; nobody saw it pass MFA.")
    });
    break_glass.chain(barred).chain(unproven).chain(able).collect()
}

const BREAK_GLASS: &str = "break-glass";

/// Whether an account gets in, and the word for it.
fn verdict_of(can: bool, against: Option<&Refutation>) -> (Option<bool>, &'static str) {
    match against {
        _ if can => (Some(true), "gets in"),
        Some(it) if is_certain(it) => (Some(false), "can be barred"),
        _ => (None, "cannot be shown"),
    }
}

/// True where nothing unseen could turn the counter-example.
fn is_certain(it: &Refutation) -> bool {
    it.unknown.is_empty()
}

/// True when a counter-example stands against the proof that nothing unseen could turn.
pub(super) fn is_refuted(proof: &Proof) -> bool {
    proof.counter_examples.iter().any(is_certain)
}

/// What the proof comes to, in one or two sentences.
pub(super) fn verdict(proof: &Proof) -> String {
    let administrators = words::length(&proof.administrators_who_can_sign_in);
    let of_break_glass = proof.break_glass.iter().filter(|it| it.can_sign_in).count();
    let figures = format!(
        "{} proven to get in, and {of_break_glass} of {}.",
        words::count(administrators, "administrator is", "administrators are"),
        words::count(
            words::length(&proof.break_glass),
            "break-glass account",
            "break-glass accounts"
        ),
    );
    let asked = "at least two administrators and every break-glass account can sign in, whatever \
                 the facts of the sign-in";
    if proof.holds {
        format!("Under these policies {asked}. {figures}")
    } else if is_refuted(proof) {
        format!("It is not so that {asked}. {figures}")
    } else {
        format!("What was read does not show that {asked}. {figures}")
    }
}

/// What was tried, and on what.
pub(super) fn rests_on(proof: &Proof) -> String {
    format!(
        "Tried: {} of what {} can tell apart: account, resource, client, platform, place, device \
         and risk.",
        words::count(proof.cells_checked, "combination", "combinations"),
        words::count(words::length(&proof.policies), "policy", "policies"),
    )
}
