//! Reading policies and named locations as Graph, and those who export from it, write them.

use serde_json::Value;

use crate::named_location::NamedLocation;
use crate::policy::Policy;

/// The value is no Conditional Access policy (or no named location).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPolicy;

/// Reads one policy.
///
/// # Errors
/// When the value has neither conditions nor a state.
pub fn read_policy(value: &Value) -> Result<Policy, NotAPolicy> {
    let _ = value;
    Err(NotAPolicy)
}

/// Reads one named location.
///
/// # Errors
/// When the value is none.
pub fn read_named_location(value: &Value) -> Result<NamedLocation, NotAPolicy> {
    let _ = value;
    Err(NotAPolicy)
}
