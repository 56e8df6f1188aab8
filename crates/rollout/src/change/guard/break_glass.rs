//! Who must get in whatever happens.

use conditional_access::{Assignment, Policy, PolicySet};

use super::{Question, Verdict};
use crate::account::Account;
use crate::change::reach::counts;
use crate::facts::{Facts, is_listed};
use crate::proof::{Proof, Refutation, proof};
use crate::proposal::Proposal;
use crate::snapshot::GLOBAL_ADMINISTRATOR;
use crate::tenant_facts;

/// How many proven break-glass accounts there must be before anything is On for all.
const PROVEN: usize = 2;

pub(super) fn proof_holds(question: &Question<'_>) -> Verdict {
    let proof = proof(question.after, &Proposal::current(question.after));
    if proof.holds {
        return Verdict::Held;
    }
    let (certain, doubtful): (Vec<_>, Vec<_>) =
        proof.counter_examples.iter().partition(|it| it.unknown.is_empty());
    let sentences = |all: &[&Refutation]| -> Vec<String> {
        let of = |it: &&Refutation| format!("{}: {}", it.account.label(), it.why.join(" "));
        all.iter().map(of).collect()
    };
    let gaps = proof.gaps.iter().filter(|gap| DECISIVE.contains(&gap.id));
    let gaps: Vec<String> = gaps.map(|gap| gap.what.clone()).collect();
    // Whom nobody saw pass MFA may well be able to.
    let unseen = proof
        .unproven_administrators
        .iter()
        .map(|account| format!("Whether `{}` can pass MFA: nobody saw it.", account.label()));
    let missing: Vec<String> = sentences(&doubtful).into_iter().chain(gaps).chain(unseen).collect();
    if certain.is_empty() && !missing.is_empty() {
        return Verdict::CannotTell { missing: [proof.shortfalls, missing].concat() };
    }
    let counter_examples = [sentences(&certain), proof.shortfalls].concat();
    Verdict::Violated { counter_examples }
}

/// Gaps without which nobody knows who is there and what bars them.
const DECISIVE: [&str; 7] = [
    "users",
    "account-enabled",
    "groups",
    "group-members",
    "roles",
    "policies",
    "break-glass-names",
];

/// Accounts named in the settings, in the directory's form.
fn named(facts: &Facts<'_>) -> Vec<Account> {
    let accounts = facts.rollout.break_glass.accounts.iter().map(|name| {
        let name = name.trim();
        facts.user_named(name).map_or_else(
            || Account { user_principal_name: Some(name.to_owned()), ..Account::default() },
            |user| user.account.clone(),
        )
    });
    accounts.collect()
}

const NOT_NAMED: &str = "Which accounts are break-glass: lockstep.toml names none.";

pub(super) fn excluded(question: &Question<'_>) -> Verdict {
    let after = question.after;
    let Some(policies) = &after.snapshot.policies else {
        return Verdict::cannot_tell("The policies of the tenant.");
    };
    let accounts = named(after);
    if accounts.is_empty() {
        return Verdict::cannot_tell(NOT_NAMED);
    }
    let counted: Vec<Policy> = policies.iter().filter(|it| counts(it)).cloned().collect();
    let mut tenant = tenant_facts::tenant(after);
    tenant.changed_memberships = tenant_facts::changed_memberships(after);
    let set = PolicySet::of(&counted, &tenant);
    let mut assignments = set.assignments();
    let (mut reached, mut missing) = (Vec::new(), Vec::new());
    for account in &accounts {
        let label = account.label();
        let id = tenant_facts::user_id(after, account).filter(|_| after.user(account).is_some());
        if id.is_none() {
            missing.push(format!("The break-glass account `{label}`, of which no file tells."));
            continue;
        }
        let class = assignments.class_of(id.as_deref());
        for (policy, assignment) in counted.iter().zip(assignments.of_class(class)) {
            let name = &policy.display_name;
            match assignment {
                Assignment::Reached => reached.push(format!("`{name}` reaches `{label}`.")),
                Assignment::Excluded(_) | Assignment::NotIncluded => {}
                Assignment::Unknown(facts) => {
                    let facts: Vec<String> = facts.iter().map(ToString::to_string).collect();
                    let facts = facts.join(", ");
                    missing.push(format!("Whether `{name}` leaves out `{label}` ({facts})."));
                }
            }
        }
    }
    Verdict::of(reached, missing)
}

/// At least two accounts were tested and can sign in afterwards.
pub(super) fn proven(question: &Question<'_>) -> Verdict {
    let after = question.after;
    let accounts = named(after);
    if accounts.is_empty() {
        return Verdict::cannot_tell(NOT_NAMED);
    }
    let proof = proof(after, &Proposal::current(after));
    let (mut able, mut doubtful, mut why, mut missing) = (0_usize, 0_usize, Vec::new(), Vec::new());
    for account in &accounts {
        match is_proven(question, &proof, account) {
            Ok(()) => able += 1,
            Err(Short::Not(reason)) => why.push(reason),
            Err(Short::NotTold(reason)) => {
                doubtful += 1;
                missing.push(reason);
            }
        }
    }
    if able >= PROVEN {
        return Verdict::Held;
    }
    let short = format!("{able} of {PROVEN} break-glass accounts are proven.");
    if able + doubtful >= PROVEN {
        return Verdict::CannotTell { missing };
    }
    why.insert(0, short);
    why.extend(missing);
    Verdict::Violated { counter_examples: why }
}

/// Why an account is not proven.
enum Short {
    Not(String),
    NotTold(String),
}

fn is_proven(question: &Question<'_>, proof: &Proof, account: &Account) -> Result<(), Short> {
    let after = question.after;
    let label = account.label();
    let Some(user) = after.user(account) else {
        return Err(Short::NotTold(format!("The break-glass account `{label}`.")));
    };
    match user.account_enabled {
        Some(true) => {}
        Some(false) => return Err(Short::Not(format!("`{label}` is disabled."))),
        None => return Err(Short::NotTold(format!("Whether `{label}` is enabled."))),
    }
    if after.snapshot.roles.is_none() {
        return Err(Short::NotTold(format!("The roles of `{label}`.")));
    }
    let is_permanent = after.roles_of(account).iter().any(|role| {
        role.role.eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR) && role.active && role.ends.is_none()
    });
    if !is_permanent {
        let reason = format!("`{label}` is no active, permanent Global Administrator.");
        return Err(Short::Not(reason));
    }
    let can = proof.break_glass.iter().find(|it| {
        let names = [it.account.user_id.as_deref(), it.account.user_principal_name.as_deref()];
        names.into_iter().flatten().any(|name| is_listed(&[name.to_owned()], account))
    });
    if !can.is_some_and(|it| it.can_sign_in) {
        let reason = format!("Nobody can show that `{label}` can sign in then.");
        return Err(Short::Not(reason));
    }
    let Some(tested) = &question.circumstances.proven_break_glass else {
        return Err(Short::NotTold(format!("Whether the test of `{label}` was seen.")));
    };
    let names: Vec<String> = tested
        .iter()
        .flat_map(|it| [it.user_id.clone(), it.user_principal_name.clone()])
        .flatten()
        .collect();
    if is_listed(&names, account) {
        Ok(())
    } else {
        Err(Short::Not(format!("No test of `{label}` was seen.")))
    }
}
