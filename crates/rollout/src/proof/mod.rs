//! The lockout proof: whatever the facts of a sign-in, two proven administrators and every
//! break-glass account get in, or who does not and when. Document `lockstep.proof/1`.

use jiff::Timestamp;
use serde::Serialize;

use crate::account::Account;
use crate::facts::Facts;
use crate::gaps::Gap;
use crate::proposal::{Against, Proposal};

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
    /// Administrators whom no policy bars and whom nobody saw pass MFA.
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

/// Proves that nobody who must get in is locked out, or says who is.
#[must_use]
pub fn proof(facts: &Facts<'_>, proposal: &Proposal) -> Proof {
    Proof {
        schema: "lockstep.proof/1",
        generated_at: facts.now,
        against: proposal.against,
        policies: Vec::new(),
        assumptions: proposal.assumptions.clone(),
        holds: false,
        administrators_who_can_sign_in: Vec::new(),
        unproven_administrators: Vec::new(),
        break_glass: Vec::new(),
        counter_examples: Vec::new(),
        shortfalls: Vec::new(),
        cells_checked: 0,
        gaps: Vec::new(),
    }
}
