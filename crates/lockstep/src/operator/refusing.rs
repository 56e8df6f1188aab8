//! What was asked for and is not done.

use rollout::change::guard::{Guard, Verdict};
use rollout::engine::{Effect, Refusal};

use crate::error::CommandError;

/// The refusal among effects, if there is one.
pub(crate) fn refusal(effects: &[Effect]) -> Option<&Refusal> {
    effects.iter().find_map(|effect| match effect {
        Effect::Refuse(refusal) => Some(refusal),
        _ => None,
    })
}

/// What a command says of a refusal, and how it ends.
pub(crate) fn refused(refusal: &Refusal) -> CommandError {
    let said = refusal.to_string();
    match refusal {
        Refusal::Guards { guards } => {
            let mut error = CommandError::refused(format!("refused: {said}"));
            for guard in guards {
                let name = guard_name(guard.guard);
                let reasons = match &guard.verdict {
                    Verdict::Held => &[][..],
                    Verdict::Violated { counter_examples } => counter_examples,
                    Verdict::CannotTell { missing } => missing,
                };
                for reason in reasons {
                    error = error.hint(format!("{name}: {reason}"));
                }
            }
            error
        }
        Refusal::Gate { .. } => {
            CommandError::gate_closed(said).hint("`lockstep status` shows what it asks for")
        }
        Refusal::NotWaivable { .. } => CommandError::refused(said)
            .hint("it can only be made true; `lockstep status` shows what is missing"),
        Refusal::UnderWay { .. } => {
            CommandError::refused(said).hint("`lockstep apply` goes on with it")
        }
        Refusal::NotConfirmed => CommandError::refused(said).hint("nothing was changed"),
        Refusal::NoDomain { .. } => {
            CommandError::refused(said).hint("`lockstep snapshot` reads it; nothing was changed")
        }
        Refusal::WrongPhase { .. } => {
            CommandError::wrong_input(said).hint("`lockstep next` shows what is due")
        }
        Refusal::NotEnough { .. } => CommandError::wrong_input(said),
    }
}

/// The name of a guard, as its documents have it.
pub(crate) fn guard_name(guard: Guard) -> String {
    let word = match guard {
        Guard::Unwaivable(it) => serde_json::to_value(it),
        Guard::Waivable(it) => serde_json::to_value(it),
    };
    word.ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rollout::change::guard::{GuardResult, Unwaivable};
    use rollout::engine::GateId;

    use super::*;
    use crate::exit::ExitStatus;

    #[test]
    fn each_refusal_ends_as_scripts_expect_it() {
        let guards = vec![GuardResult {
            guard: Guard::Unwaivable(Unwaivable::LockoutProof),
            verdict: Verdict::Violated { counter_examples: vec!["Ann is barred.".to_owned()] },
        }];
        let text = |it: &str| it.to_owned();
        let cases = [
            (Refusal::Guards { guards }, ExitStatus::Refused),
            (Refusal::Gate { gate: GateId::G4, why: text("82 %") }, ExitStatus::GateClosed),
            (Refusal::NotConfirmed, ExitStatus::Refused),
            (Refusal::UnderWay { set: text("a"), title: text("b") }, ExitStatus::Refused),
            (Refusal::WrongPhase { set: text("a"), why: text("is done") }, ExitStatus::WrongInput),
            (Refusal::NotWaivable { what: text("the lockout proof") }, ExitStatus::Refused),
            (Refusal::NotEnough { why: text("a file is missing") }, ExitStatus::WrongInput),
        ];
        for (refusal, status) in cases {
            assert_eq!(refused(&refusal).status, status, "{refusal:?}");
        }
    }

    #[test]
    fn a_guard_is_named_with_its_counter_example() {
        let guards = vec![GuardResult {
            guard: Guard::Unwaivable(Unwaivable::LockoutProof),
            verdict: Verdict::Violated { counter_examples: vec!["Ann is barred.".to_owned()] },
        }];
        let lines = refused(&Refusal::Guards { guards }).lines();
        assert!(lines.contains("hint: lockout-proof: Ann is barred."), "{lines}");
        assert_eq!(refusal(&[Effect::Note("x".to_owned())]), None);
    }
}
