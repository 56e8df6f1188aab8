//! The policies of the tenant as they would be: what [`impact`](crate::impact) replays sign-ins
//! against and [`proof`](crate::proof) proves.

use conditional_access::Policy;
use serde::Serialize;

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Policies that do not exist yet, on top of the tenant's own.
    Proposed,
    /// The tenant's own policies.
    Current,
}

/// The policies of the tenant as they would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What is judged.
    pub against: Against,
    /// Every policy that there would be, of any state: the tenant's own that stay, then the new.
    pub policies: Vec<Policy>,
    /// Places in `policies` of those that are judged: the new ones, or all.
    pub judged: Vec<usize>,
    /// Security defaults as they would be. `None`: not seen.
    pub security_defaults: Option<bool>,
    /// What was taken for granted, a sentence each.
    pub assumptions: Vec<String>,
}
