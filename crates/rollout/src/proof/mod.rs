//! The lockout proof: whatever the facts of a sign-in, two proven administrators and every
//! break-glass account get in, or who does not and when. Document `lockstep.proof/1`.

mod people;
mod person;
mod refutation;

use conditional_access::facts::Tenant;
use conditional_access::{LockoutQuestion, Policy, State, prove};
use jiff::Timestamp;
use serde::Serialize;

use self::people::People;
pub use self::person::{CanSignIn, can_sign_in};
use crate::account::Account;
use crate::facts::Facts;
use crate::gaps::{self, Gap};
use crate::proposal::{Against, Proposal};
use crate::tenant_facts;

/// The proof, or what refutes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// Always `lockstep.proof/1`.
    pub schema: &'static str,
    /// The clock.
    pub generated_at: Timestamp,
    /// Whether a proposal was judged or what is in force.
    pub against: Against,
    /// Names of the policies that count, those that switch themselves on included.
    pub policies: Vec<String>,
    /// What was taken for granted, a sentence each.
    pub assumptions: Vec<String>,
    /// At least two proven administrators and every break-glass account can sign in.
    pub holds: bool,
    /// Administrators who can sign in whatever the facts, and were seen to pass MFA.
    pub administrators_who_can_sign_in: Vec<Account>,
    /// Administrators whom no policy bars and whom nobody saw pass MFA, or of whom no file tells
    /// whether the account is enabled.
    pub unproven_administrators: Vec<Account>,
    /// Every break-glass account.
    pub break_glass: Vec<BreakGlassProof>,
    /// For each account that can be barred the least unusual situation.
    pub counter_examples: Vec<Refutation>,
    /// Why the proof fails beside the counter-examples, a sentence each.
    pub shortfalls: Vec<String>,
    /// How many combinations of classes the answer speaks of.
    pub cells_checked: u64,
    /// What no file told.
    pub gaps: Vec<Gap>,
}

/// One break-glass account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakGlassProof {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// No policy that counts can reach it.
    pub excluded_from_all: bool,
    /// It can sign in whatever the facts.
    pub can_sign_in: bool,
}

/// One account that can be barred, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refutation {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// `break-glass` or `administrator`.
    pub role: &'static str,
    /// The resource. `None`, here and below: whatever it is.
    pub app: Option<String>,
    /// The client app.
    pub client_app: Option<String>,
    /// The device platform.
    pub platform: Option<String>,
    /// The place.
    pub location: Option<String>,
    /// The device.
    pub device: Option<String>,
    /// The risk.
    pub risk: Option<String>,
    /// Ids of the policies that bar, and layers beside Conditional Access.
    pub blocked_by: Vec<String>,
    /// Their names.
    pub blocked_by_names: Vec<String>,
    /// Controls that cannot be met.
    pub missing: Vec<String>,
    /// Facts nobody saw that decide.
    pub unknown: Vec<String>,
    /// Why, in the words of the proof.
    pub why: Vec<String>,
    /// What mends it, a sentence each.
    pub mend: Vec<String>,
}

/// What the proof rests on: without these, somebody counts at their worst.
const GAPS: [&str; 17] = [
    "users",
    "account-enabled",
    "registration-details",
    "registration-age",
    "groups",
    "group-members",
    "roles",
    "policies",
    "named-locations",
    "security-defaults",
    "methods-policy",
    "sign-in-logs",
    "sign-in-age",
    "authentication-requirement",
    "unreadable-sign-ins",
    "sign-ins-left-out",
    "break-glass-names",
];

/// Proves that nobody who must get in is locked out, or says who is.
///
/// Administrators are the enabled holders of Global Administrator, active or eligible, directly or
/// through a group, break-glass accounts apart. They are proven by a success with MFA in the
/// sign-in log, if the account is told to be enabled. What they can use is what the registration report shows, unless its row is older
/// than the settings allow (`report_stale_hours`). Of break-glass accounts only methods that were
/// read one by one count.
///
/// The proof speaks of policies and security defaults. Microsoft's mandatory MFA for
/// administration, and per-user MFA of which no file tells, stand beside them and are no part of
/// it; where a break-glass account shows no method to pass mandatory MFA with, the proof says so
/// ([`Proof::assumptions`]).
#[must_use]
pub fn proof(facts: &Facts<'_>, proposal: &Proposal) -> Proof {
    let people = People::of(facts);
    let tenant = Tenant {
        changed_memberships: tenant_facts::changed_memberships(facts),
        ..beside_the_policies(proposal.tenant(facts))
    };
    let answer = prove(&LockoutQuestion {
        policies: &proposal.policies,
        tenant: &tenant,
        break_glass: &people.break_glass,
        administrators: &people.administrators,
    });
    let mut assumptions = proposal.assumptions.clone();
    if !answer.switching_themselves_on.is_empty() {
        assumptions.push(
            "A Report-only policy that may switch itself on counts as On: nobody can say when it \
             does."
                .to_owned(),
        );
    }
    assumptions.extend(people.assumptions.iter().cloned());
    let mut shortfalls: Vec<String> = answer.shortfalls.iter().map(ToString::to_string).collect();
    if facts.snapshot.policies.is_none() {
        shortfalls
            .push("No file holds the tenant's own policies, which may bar anybody.".to_owned());
    }
    shortfalls.extend(people.shortfalls.iter().cloned());
    let of = |all: &[conditional_access::Person]| -> Vec<Account> {
        all.iter().map(|person| people.account(person)).collect()
    };
    let counts = |policy: &&Policy| match policy.state {
        State::Enabled | State::Unknown => true,
        State::EnabledForReportingButNotEnforced => policy.is_microsoft_managed(),
        State::Disabled => false,
    };
    Proof {
        schema: "lockstep.proof/1",
        generated_at: facts.now,
        against: proposal.against,
        policies: proposal.policies.iter().filter(counts).map(name).collect(),
        assumptions,
        holds: answer.holds && shortfalls.is_empty(),
        administrators_who_can_sign_in: of(&answer.administrators_who_can_sign_in),
        unproven_administrators: of(&answer.unproven_administrators),
        break_glass: answer
            .break_glass
            .iter()
            .map(|it| BreakGlassProof {
                account: people.account(&it.person),
                excluded_from_all: it.excluded_from_all,
                can_sign_in: it.can_sign_in && people.is_enabled(&it.person),
            })
            .collect(),
        counter_examples: answer
            .counter_examples
            .iter()
            .map(|it| refutation::of(facts, people.account(&it.person), it))
            .collect(),
        shortfalls,
        cells_checked: answer.cells_checked,
        gaps: gaps::among(facts, &GAPS),
    }
}

/// The tenant without what asks for MFA beside policies and security defaults, unless it is known
/// to: whether it does is nothing that a policy changes, and nobody can be excluded from it.
/// Pre-flight check BG-02 asks whether break-glass accounts can pass mandatory MFA.
fn beside_the_policies(tenant: Tenant) -> Tenant {
    let seen = tenant.per_user_mfa.unwrap_or_default().into_iter();
    Tenant {
        mandatory_mfa: Some(false),
        per_user_mfa: Some(seen.filter(|(_, state)| state.is_some()).collect()),
        ..tenant
    }
}

/// The name of a policy; its id where it has none.
fn name(policy: &Policy) -> String {
    if policy.display_name.is_empty() {
        policy.id.clone().unwrap_or_default()
    } else {
        policy.display_name.clone()
    }
}
