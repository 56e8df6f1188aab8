//! The tenant, as far as a sign-in's verdict depends on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::named_location::NamedLocation;

/// What is known of the tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// Users, with what decides their type.
    pub users: Vec<User>,
    /// Groups with their direct members.
    pub groups: Vec<Group>,
    /// Memberships that were written within a day, whether `groups` shows them or not any more: a
    /// change reaches Conditional Access only after a while, so that each may count or not.
    pub changed_memberships: Vec<Membership>,
    /// Role assignments, active and eligible.
    pub roles: Vec<RoleAssignment>,
    /// Named locations.
    pub named_locations: Vec<NamedLocation>,
    /// The trusted addresses of the old MFA service settings, as CIDR ranges. `None`: not seen;
    /// Graph cannot read them.
    pub mfa_trusted_ips: Option<Vec<String>>,
    /// Applications of which more is known than the id.
    pub apps: Vec<App>,
    /// Kinds of objects of which `groups` and `roles` do not show all.
    pub gaps: Gaps,
    /// How sign-ins that ask for baseline scopes only are treated. `None`: not seen.
    pub baseline_scopes: Option<BaselineScopes>,
    /// Which claims of other tenants are trusted.
    pub cross_tenant: CrossTenant,
    /// Authentication strengths, by id.
    pub authentication_strengths: Vec<AuthenticationStrength>,
    /// Security defaults are on.
    pub security_defaults: Option<bool>,
    /// Per-user MFA of each user; who is not listed has it off. `None`: nobody's was seen.
    pub per_user_mfa: Option<BTreeMap<String, Option<PerUserMfa>>>,
    /// Microsoft's mandatory MFA for administration portals is in force.
    pub mandatory_mfa: Option<bool>,
}

impl Default for Tenant {
    /// A tenant without objects, with every layer beside Conditional Access off, and of which the
    /// settings were not seen.
    fn default() -> Self {
        Self {
            users: Vec::new(),
            groups: Vec::new(),
            changed_memberships: Vec::new(),
            roles: Vec::new(),
            named_locations: Vec::new(),
            mfa_trusted_ips: Some(Vec::new()),
            apps: Vec::new(),
            gaps: Gaps::default(),
            baseline_scopes: None,
            cross_tenant: CrossTenant::default(),
            authentication_strengths: Vec::new(),
            security_defaults: Some(false),
            per_user_mfa: Some(BTreeMap::new()),
            mandatory_mfa: Some(false),
        }
    }
}

/// One user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Object id; the user principal name where nobody saw it.
    pub id: String,
    /// Member, or which kind of guest. `None`: not seen.
    pub kind: Option<UserType>,
    /// The tenant the person comes from.
    pub home_tenant: Option<String>,
    /// Where the person proves who they are.
    pub identity_provider: Option<IdentityProvider>,
    /// Whether the person signs in at a federated provider.
    pub federated: Option<bool>,
}

impl User {
    /// A user of which nothing was seen but the id.
    #[must_use]
    pub fn not_seen(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind: None,
            home_tenant: None,
            identity_provider: None,
            federated: None,
        }
    }

    /// A member of the tenant.
    #[must_use]
    pub fn member(id: impl Into<String>) -> Self {
        Self { kind: Some(UserType::Member), ..Self::not_seen(id) }
    }
}

/// Member, or which kind of guest or external user (Entra External ID documentation,
/// *Authentication and Conditional Access for B2B users*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum UserType {
    /// A plain member.
    Member,
    /// `internalGuest`: a guest with credentials of this tenant
    InternalGuest,
    /// `b2bCollaborationGuest`
    B2bCollaborationGuest,
    /// `b2bCollaborationMember`
    B2bCollaborationMember,
    /// `b2bDirectConnectUser`
    B2bDirectConnectUser,
    /// `otherExternalUser`
    OtherExternalUser,
    /// `serviceProvider`
    ServiceProvider,
    /// Some guest or external user, of which kind was not seen.
    Guest,
}

impl UserType {
    /// The six kinds a policy can name, each with Graph's word.
    pub const KINDS: [(Self, &'static str); 6] = [
        (Self::InternalGuest, "internalGuest"),
        (Self::B2bCollaborationGuest, "b2bCollaborationGuest"),
        (Self::B2bCollaborationMember, "b2bCollaborationMember"),
        (Self::B2bDirectConnectUser, "b2bDirectConnectUser"),
        (Self::OtherExternalUser, "otherExternalUser"),
        (Self::ServiceProvider, "serviceProvider"),
    ];

    /// The kind a policy names, in any case.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.trim();
        Self::KINDS.iter().find(|(_, name)| name.eq_ignore_ascii_case(word)).map(|(kind, _)| *kind)
    }
}

/// Where a person from outside proves who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum IdentityProvider {
    /// Another Microsoft Entra tenant.
    Entra,
    /// A personal Microsoft account.
    Msa,
    /// A Google account.
    Google,
    /// A one-time code by e-mail.
    EmailOtp,
    /// A SAML or WS-Fed provider.
    Saml,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Object id.
    pub id: String,
    /// Ids of the direct members, users and groups. `None`: the membership was not seen.
    pub members: Option<Vec<String>>,
}

/// A direct member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Object id of the group.
    pub group: String,
    /// Object id of the member, a user or group.
    pub member: String,
}

/// One assignment of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAssignment {
    /// Template id of the role.
    pub role: String,
    /// Id of the user or group that holds it.
    pub principal: String,
    /// `/` for the whole tenant, else an administrative unit or one object.
    pub scope: Option<String>,
    /// Active, or waiting to be activated.
    pub state: Option<AssignmentState>,
    /// True for a custom role.
    pub custom: bool,
}

/// Whether a role assignment is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AssignmentState {
    /// In force.
    Active,
    /// To be activated in Privileged Identity Management.
    Eligible,
}

/// One application of which more is known than the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Application id.
    pub id: String,
    /// True for an application that this tenant registered itself.
    pub owned: Option<bool>,
    /// Which groups of applications it belongs to. `None`: not seen.
    pub groups: Option<Vec<AppGroup>>,
}

/// A group of applications that a policy can name as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub enum AppGroup {
    /// `Office365`
    Office365,
    /// `MicrosoftAdminPortals`
    MicrosoftAdminPortals,
}

impl AppGroup {
    /// The word policies use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Office365 => "Office365",
            Self::MicrosoftAdminPortals => "MicrosoftAdminPortals",
        }
    }
}

/// Kinds of objects of which the snapshot does not show all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Groups.
    pub groups: bool,
    /// Role assignments.
    pub roles: bool,
}

/// How sign-ins that ask for baseline scopes only are treated (Entra documentation, *Improved
/// enforcement for All resources policies with resource exclusions*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineScopes {
    /// Their audience is Azure AD Graph.
    Enforced,
    /// The tenant opted out: policies for all resources with an exclusion do not apply.
    Legacy,
    /// Their audience is an application that the tenant chose.
    Custom(String),
}

/// Which claims of other tenants are trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrossTenant {
    /// Where no setting of its own exists for a tenant.
    pub default: Trust,
    /// Settings for single tenants, by tenant id.
    pub tenants: BTreeMap<String, Trust>,
}

/// Which claims of one other tenant are trusted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Trust {
    /// MFA done there.
    pub mfa: Option<bool>,
    /// Compliant devices there.
    pub compliant: Option<bool>,
    /// Hybrid joined devices there.
    pub hybrid: Option<bool>,
}

/// One authentication strength.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationStrength {
    /// Id.
    pub id: String,
    /// `allowedCombinations`, each a comma list of methods. `None`: not seen.
    pub allowed_combinations: Option<Vec<String>>,
}

/// The state of per-user MFA of one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PerUserMfa {
    /// `disabled`
    Disabled,
    /// `enabled`
    Enabled,
    /// `enforced`
    Enforced,
}
