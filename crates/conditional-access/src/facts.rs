//! What is known of a tenant, of one sign-in and of what the person has registered.
//!
//! `None` means that nobody saw the fact. It is never read as *no*. Where Conditional Access gives
//! absence a meaning of its own (no user action, no transfer flow, a fresh session), the type has
//! a value for it, and [`SignIn::of_user`] and [`Tenant::default`] start from those values.

mod device;
mod method;
mod sign_in;
mod tenant;

pub(crate) use device::trust_type;
pub use device::{Device, DeviceProperty, DeviceValue};
pub use method::{Method, Methods};
pub use sign_in::{
    ClientApp, Flow, Identity, InsiderRisk, Platform, Protocol, Risk, RiskLevel, Session, SignIn,
    UserAction,
};
pub use tenant::{
    App, AppGroup, AssignmentState, AuthenticationStrength, BaselineScopes, CrossTenant, Gaps,
    Group, IdentityProvider, Membership, PerUserMfa, RoleAssignment, Tenant, Trust, User, UserType,
};

/// What a person can use to prove who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The methods that are registered *and* allowed to this person by the
    /// authentication-methods policy. `None`: nobody saw them.
    pub usable: Option<Methods>,
    /// False when nothing may be registered: the interrupt cannot help then.
    pub can_register: bool,
}

impl Registration {
    /// A registration of which nobody saw the methods.
    #[must_use]
    pub fn not_seen() -> Self {
        Self { usable: None, can_register: true }
    }

    /// A registration with these usable methods.
    #[must_use]
    pub fn of(usable: Methods) -> Self {
        Self { usable: Some(usable), can_register: true }
    }
}
