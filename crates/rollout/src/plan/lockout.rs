//! What the plan says of the lockout list and the lockout proof.

use super::GateState;
use super::situation::{counted, length};
use crate::impact::Impact;
use crate::proof::{Proof, Refutation};

/// Who would be locked out, in one sentence. What cannot be said is said to be so.
pub(super) fn sentence(impact: &Impact) -> String {
    let users = &impact.users;
    let total = users.total;
    let locked = users.locked_out();
    let mut text = match (locked, users.unknown) {
        (0, 0) => format!(
            "If everybody were asked for MFA today, none of {total} accounts would be locked out, \
             as far as {} of {} days show",
            impact.window.days_covered, impact.window.days_asked
        ),
        (0, _) => format!(
            "If everybody were asked for MFA today, none of {total} accounts is known to be locked \
             out"
        ),
        (_, 0) => format!(
            "If everybody were asked for MFA today, {locked} of {total} accounts would be locked \
             out"
        ),
        _ => format!(
            "If everybody were asked for MFA today, at least {locked} of {total} accounts would be \
             locked out"
        ),
    };
    for (count, words) in [
        (users.blocked_legacy, "would lose sign-ins by legacy authentication"),
        (users.must_register, "would have to register first"),
        (users.unknown, "cannot be judged from what was read"),
    ] {
        if count > 0 {
            text.push_str(&format!("; {count} {words}"));
        }
    }
    text.push('.');
    text
}

/// How far the proof opens the gate before the switch: never further than *not yet due*. A proof
/// that what nobody saw stands against cannot say; one that a seen fact refutes is a closed gate.
pub(super) fn gate(proof: Option<&Proof>) -> GateState {
    match proof {
        None => GateState::Inconclusive,
        Some(proof) if proof.holds => GateState::Pending,
        Some(proof) if proof.counter_examples.iter().any(is_certain) => GateState::Failed,
        Some(_) => GateState::Inconclusive,
    }
}

/// True where nothing unseen could turn the counter-example.
fn is_certain(refutation: &Refutation) -> bool {
    refutation.unknown.is_empty()
}

/// How the proof stands, in one sentence.
pub(super) fn proof_today(proof: Option<&Proof>) -> String {
    let Some(proof) = proof else {
        return "Nobody has tried to prove that two administrators and every break-glass account \
                get in."
            .to_owned();
    };
    if proof.holds {
        return format!(
            "The lockout proof holds on what was read: {} and {} get in.",
            counted(
                length(proof.administrators_who_can_sign_in.len()),
                "proven administrator",
                "proven administrators"
            ),
            counted(length(proof.break_glass.len()), "break-glass account", "break-glass accounts")
        );
    }
    let why = match (proof.counter_examples.first(), proof.shortfalls.first()) {
        (Some(first), _) => {
            let name = first.account.label();
            let verb = if is_certain(first) { "can be barred" } else { "may be barred" };
            match length(proof.counter_examples.len()).saturating_sub(1) {
                0 => format!("{name} {verb}"),
                others => {
                    format!("{name} and {} {verb}", counted(others, "other", "others"))
                }
            }
        }
        (None, Some(shortfall)) => shortfall.trim_end_matches('.').to_owned(),
        (None, None) => "nothing was read that shows it".to_owned(),
    };
    format!("The lockout proof does not hold: {why}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::impact::{SignInCounts, UserCounts};
    use crate::measurement::{Coverage, Window};
    use crate::proof::BreakGlassProof;
    use crate::proposal::Against;

    fn impact(users: UserCounts) -> Impact {
        Impact {
            schema: "lockstep.impact/1",
            generated_at: jiff::Timestamp::UNIX_EPOCH,
            against: Against::Proposed,
            policies: Vec::new(),
            assumptions: Vec::new(),
            window: Window { from: None, to: None, days_asked: 30, days_covered: 27 },
            coverage: Coverage::default(),
            users,
            sign_ins: SignInCounts::default(),
            by_app: Vec::new(),
            by_client_app: Vec::new(),
            by_platform: Vec::new(),
            by_country: Vec::new(),
            people: Vec::new(),
            compared: Vec::new(),
            gaps: Vec::new(),
        }
    }

    #[test]
    fn what_cannot_be_judged_is_never_left_out() {
        let begins = "If everybody were asked for MFA today, ";
        let all = UserCounts {
            total: 210,
            blocked: 2,
            cannot: 3,
            blocked_legacy: 9,
            must_register: 26,
            unknown: 4,
            ready: 160,
            not_touched: 6,
        };
        let table = [
            (
                all,
                "at least 5 of 210 accounts would be locked out; 9 would lose sign-ins by legacy \
                 authentication; 26 would have to register first; 4 cannot be judged from what \
                 was read.",
            ),
            (
                UserCounts { total: 8, unknown: 8, ..UserCounts::default() },
                "none of 8 accounts is known to be locked out; 8 cannot be judged from what was \
                 read.",
            ),
            (
                UserCounts { total: 8, cannot: 2, ready: 6, ..UserCounts::default() },
                "2 of 8 accounts would be locked out.",
            ),
            (
                UserCounts { total: 8, ready: 8, ..UserCounts::default() },
                "none of 8 accounts would be locked out, as far as 27 of 30 days show.",
            ),
        ];
        for (users, ends) in table {
            assert_eq!(sentence(&impact(users)), format!("{begins}{ends}"));
        }
    }

    fn named(name: &str) -> Account {
        Account { user_principal_name: Some(name.to_owned()), ..Account::default() }
    }

    fn refutation(name: &str, unknown: &[&str]) -> Refutation {
        Refutation {
            account: named(name),
            role: "administrator",
            app: None,
            client_app: None,
            platform: None,
            location: None,
            device: None,
            risk: None,
            blocked_by: Vec::new(),
            blocked_by_names: Vec::new(),
            missing: Vec::new(),
            unknown: unknown.iter().map(|it| (*it).to_owned()).collect(),
            why: Vec::new(),
            mend: Vec::new(),
        }
    }

    fn proof(holds: bool, counter_examples: Vec<Refutation>, shortfalls: &[&str]) -> Proof {
        Proof {
            schema: "lockstep.proof/1",
            generated_at: jiff::Timestamp::UNIX_EPOCH,
            against: Against::Proposed,
            policies: Vec::new(),
            assumptions: Vec::new(),
            holds,
            administrators_who_can_sign_in: vec![named("ada"), named("ben")],
            unproven_administrators: Vec::new(),
            break_glass: vec![BreakGlassProof {
                account: named("glass"),
                excluded_from_all: true,
                can_sign_in: true,
            }],
            counter_examples,
            shortfalls: shortfalls.iter().map(|it| (*it).to_owned()).collect(),
            cells_checked: 0,
            gaps: Vec::new(),
        }
    }

    #[test]
    fn only_a_proof_that_holds_does_not_close_the_gate() {
        let unseen = refutation("ada", &["group members"]);
        let table = [
            (None, GateState::Inconclusive, "Nobody has tried"),
            (Some(proof(false, Vec::new(), &[])), GateState::Inconclusive, "nothing was read"),
            (
                Some(proof(false, Vec::new(), &["Only one administrator is proven."])),
                GateState::Inconclusive,
                "does not hold: Only one administrator is proven.",
            ),
            (
                Some(proof(false, vec![unseen.clone()], &[])),
                GateState::Inconclusive,
                "does not hold: ada may be barred.",
            ),
            (
                Some(proof(false, vec![refutation("ben", &[]), unseen], &[])),
                GateState::Failed,
                "does not hold: ben and 1 other can be barred.",
            ),
            (
                Some(proof(true, Vec::new(), &[])),
                GateState::Pending,
                "2 proven administrators and 1 break-glass account get in.",
            ),
        ];
        for (proof, state, says) in table {
            assert_eq!(gate(proof.as_ref()), state, "{says}");
            let text = proof_today(proof.as_ref());
            assert!(text.contains(says), "{text}");
        }
    }
}
