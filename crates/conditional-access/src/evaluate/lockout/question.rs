//! What the proof is asked.

use crate::facts::{Device, Registration, Tenant};
use crate::policy::Policy;

/// What the proof is asked.
#[derive(Debug, Clone, Copy)]
pub struct LockoutQuestion<'a> {
    /// Every policy as it would be after the change, in every state.
    pub policies: &'a [Policy],
    /// The tenant as it would be after the change.
    pub tenant: &'a Tenant,
    /// The accounts that must get in whatever happens.
    pub break_glass: &'a [Person],
    /// Those who administer the tenant. Break-glass accounts among them are left out.
    pub administrators: &'a [Administrator],
}

/// An account of which is known what it can prove itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Object id.
    pub user_id: String,
    /// The name a reader knows the account by, such as the user principal name.
    pub name: String,
    /// What can be used, as read live: a method that nobody saw is no method.
    pub registration: Registration,
}

/// One administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    /// The account.
    pub person: Person,
    /// Whether a sign-in showed that they can do MFA. `None`: nobody saw; it proves nothing.
    pub proven: Option<bool>,
    /// The devices they have. Without any, or beside them, a device that is not registered.
    pub devices: Vec<Device>,
}
