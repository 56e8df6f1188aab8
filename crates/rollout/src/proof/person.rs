//! Whether one person gets in: the one who carries a change out.

use conditional_access::{LockoutQuestion, prove};

use super::people::People;
use super::{beside_the_policies, refutation};
use crate::account::Account;
use crate::facts::Facts;
use crate::proposal::Proposal;
use crate::tenant_facts;
use conditional_access::facts::Tenant;

/// Whether a person gets in whatever the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanSignIn {
    /// Yes.
    Yes,
    /// There is a situation in which they do not; why, in sentences.
    No(Vec<String>),
    /// Nobody can say; what is missing, in sentences.
    CannotTell(Vec<String>),
}

/// Whether a person can sign in to administer the tenant under a proposal, like an administrator of
/// the lockout proof. `passed_mfa` tells whether they were seen to pass MFA, such as by the token
/// that they act with.
#[must_use]
pub fn can_sign_in(
    facts: &Facts<'_>,
    proposal: &Proposal,
    account: &Account,
    passed_mfa: Option<bool>,
) -> CanSignIn {
    let label = account.label();
    let missing = |what: String| CanSignIn::CannotTell(vec![what]);
    let Some(user) = facts.user(account) else {
        return missing(format!("No file tells of the account `{label}`."));
    };
    match user.account_enabled {
        Some(true) => {}
        Some(false) => return CanSignIn::No(vec![format!("The account `{label}` is disabled.")]),
        None => return missing(format!("No file tells whether `{label}` is enabled.")),
    }
    if facts.snapshot.policies.is_none() {
        return missing("No file holds the tenant's own policies.".to_owned());
    }
    let Some(operator) = People::operator(facts, &user.account, passed_mfa) else {
        return missing(format!("No file tells the object id of `{label}`."));
    };
    let tenant = Tenant {
        changed_memberships: tenant_facts::changed_memberships(facts),
        ..beside_the_policies(proposal.tenant(facts))
    };
    let answer = prove(&LockoutQuestion {
        policies: &proposal.policies,
        tenant: &tenant,
        break_glass: &[],
        administrators: std::slice::from_ref(&operator),
    });
    if let Some(example) = answer.counter_examples.first() {
        let refuted = refutation::of(facts, user.account.clone(), example);
        return if refuted.unknown.is_empty() {
            CanSignIn::No(refuted.why)
        } else {
            CanSignIn::CannotTell(refuted.why)
        };
    }
    if !answer.administrators_who_can_sign_in.is_empty() {
        return CanSignIn::Yes;
    }
    if answer.unproven_administrators.is_empty() {
        return CanSignIn::CannotTell(answer.shortfalls.iter().map(ToString::to_string).collect());
    }
    missing(format!("Nobody saw `{label}` pass MFA."))
}
