//! Whether whoever carries the set out can still sign in.

use conditional_access::Policy;

use super::{Operator, Question, Verdict};
use crate::change::identifiers::same;
use crate::change::reach::counts;
use crate::proof::{CanSignIn, can_sign_in};
use crate::proposal::Proposal;

pub(super) fn not_barred(question: &Question<'_>) -> Verdict {
    match &question.circumstances.operator {
        None => Verdict::cannot_tell("As whom the set is carried out."),
        Some(Operator::Application { service_principal }) => {
            of_application(question, service_principal.as_deref())
        }
        Some(Operator::Delegated { account, passed_mfa }) => {
            let proposal = Proposal::current(question.after);
            match can_sign_in(question.after, &proposal, account, *passed_mfa) {
                CanSignIn::Yes => Verdict::Held,
                CanSignIn::No(counter_examples) => Verdict::Violated { counter_examples },
                CanSignIn::CannotTell(missing) => Verdict::CannotTell { missing },
            }
        }
    }
}

/// Policies for users never reach an application; those for workload identities may.
fn of_application(question: &Question<'_>, id: Option<&str>) -> Verdict {
    let Some(policies) = &question.after.snapshot.policies else {
        return Verdict::cannot_tell("The policies of the tenant.");
    };
    let (mut violated, mut missing) = (Vec::new(), Vec::new());
    let for_workloads =
        policies.iter().filter(|it| counts(it) && it.conditions.workload_identities);
    for policy in for_workloads {
        let name = &policy.display_name;
        match includes(policy, id) {
            Some(false) => {}
            // Which places and risks a sign-in of the application has, nobody can say.
            Some(true) => violated.push(format!("`{name}` is for the application of lockstep.")),
            None => missing.push(format!("Whether `{name}` is for the application of lockstep.")),
        }
    }
    Verdict::of(violated, missing)
}

fn includes(policy: &Policy, id: Option<&str>) -> Option<bool> {
    let clients = policy.conditions.client_applications.as_ref()?;
    let id = id?;
    if clients.exclude.iter().any(|it| same(it, id)) {
        return Some(false);
    }
    let named = |it: &String| same(it, id) || same(it, "ServicePrincipalsInMyTenant");
    if clients.include.iter().any(named) {
        return if clients.filter.is_some() { None } else { Some(true) };
    }
    if clients.filter.is_some() || clients.agents { None } else { Some(false) }
}
