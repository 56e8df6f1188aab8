//! One change, with what was seen before and what will be there after.

use conditional_access::{Policy, read_policy, write_policy};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::account::Account;
use crate::snapshot::{AuthenticationMethod, Campaign, MemberKind, PerUserMfa};

/// One change of a tenant. `before` is what was seen when the change was drafted; `None` there, and
/// [`Before::NotSeen`], mean that nobody saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Edit {
    /// An account of the tenant's own is made or deleted. Its password is chosen when the change is
    /// carried out, and is no part of it.
    User {
        /// The account.
        user: NewUser,
        /// Whether it was there.
        before: Option<Presence>,
        /// Whether it will be.
        after: Presence,
    },
    /// A security group is made or deleted.
    Group {
        /// The group.
        group: NewGroup,
        /// Whether it was there.
        before: Option<Presence>,
        /// Whether it will be.
        after: Presence,
    },
    /// A role for the whole tenant, active and without end, is assigned or taken away.
    Role {
        /// Role template id, lower case.
        role: String,
        /// Name of the role.
        role_name: String,
        /// Who holds it.
        principal: Named,
        /// What the holder is.
        principal_kind: MemberKind,
        /// Whether it was assigned.
        before: Option<Presence>,
        /// Whether it will be.
        after: Presence,
    },
    /// A member joins or leaves a group.
    Membership {
        /// The group.
        group: Named,
        /// The member.
        member: Named,
        /// What the member is.
        member_kind: MemberKind,
        /// Whether it was a member, directly.
        before: Option<Presence>,
        /// Whether it will be.
        after: Presence,
    },
    /// A Conditional Access policy is made, changed or deleted.
    Policy {
        /// The policy as it was.
        before: Before,
        /// The policy as it will be. `None`: deleted.
        after: Option<PolicyDocument>,
    },
    /// Security defaults.
    SecurityDefaults {
        /// On before.
        before: Option<bool>,
        /// On after.
        after: bool,
    },
    /// The registration campaign.
    Campaign {
        /// As it was.
        before: Option<Campaign>,
        /// As it will be.
        after: Campaign,
        /// Ids of groups that it leaves out besides, where nobody told those of before: whoever
        /// carries the change out adds these to what is there.
        exclude_groups: Vec<String>,
    },
    /// Per-user MFA of one person.
    PerUserMfa {
        /// Whose.
        user: Named,
        /// As it was.
        before: Option<PerUserMfa>,
        /// As it will be.
        after: PerUserMfa,
    },
    /// A registered authentication method is deleted.
    DeleteMethod {
        /// Whose.
        user: Named,
        /// Id of the method.
        id: String,
        /// The method.
        method: AuthenticationMethod,
    },
    /// A Temporary Access Pass is issued or taken back. The pass itself is no part of the change.
    TemporaryAccessPass {
        /// Whose.
        user: Named,
        /// Whether there was one.
        before: Option<Presence>,
        /// Whether there will be.
        after: Presence,
        /// How long it lasts, in minutes.
        minutes: u32,
        /// It passes one sign-in only.
        once: bool,
    },
    /// An account gets a new password, and the old one is good for nothing. The password is chosen
    /// when the change is carried out, and is no part of it.
    NewPassword {
        /// Whose.
        user: Named,
    },
    /// Everything a person is signed in to asks for a sign-in again.
    RevokeSessions {
        /// Whose.
        user: Named,
    },
    /// Sign-in of an account is allowed or not.
    AccountEnabled {
        /// Whose.
        user: Named,
        /// Allowed before.
        before: Option<bool>,
        /// Allowed after.
        after: bool,
    },
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// It is not.
    Absent,
    /// It is.
    Present,
}

impl Presence {
    /// Present, or not.
    #[must_use]
    pub const fn of(is_there: bool) -> Self {
        if is_there { Self::Present } else { Self::Absent }
    }

    /// True for present.
    #[must_use]
    pub const fn is_there(self) -> bool {
        matches!(self, Self::Present)
    }
}

/// An object by its id, with the name that people know it by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Object id, or a provisional one.
    pub id: String,
    /// User principal name of an account, display name of a group.
    pub name: String,
}

impl Named {
    /// An object.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into() }
    }

    /// An account. `None`: nobody told its object id.
    #[must_use]
    pub fn of(account: &Account) -> Option<Self> {
        let id = account.user_id.as_deref().filter(|id| !id.is_empty())?;
        Some(Self::new(id, account.label()))
    }

    /// As documents name an account.
    #[must_use]
    pub fn account(&self) -> Account {
        Account {
            user_principal_name: self.name.contains('@').then(|| self.name.clone()),
            user_id: Some(self.id.clone()),
            display_name: None,
        }
    }
}

/// An account that is made: a member of the tenant's own, enabled, whose password does not run out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Provisional id, until Graph has given one.
    pub id: String,
    /// User principal name.
    pub user_principal_name: String,
    /// Display name.
    pub display_name: String,
}

/// A group that is made: security, assigned, without owners and members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Provisional id, until Graph has given one.
    pub id: String,
    /// Display name.
    pub display_name: String,
    /// Only privileged role administrators change its members (`isAssignableToRole`).
    pub assignable_to_role: bool,
}

/// A policy as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// Nobody saw the policies.
    NotSeen,
    /// There was none.
    Absent,
    /// This one.
    Was(PolicyDocument),
}

impl Before {
    /// The policy, if there was one and somebody saw it.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        match self {
            Self::Was(document) => Some(&document.0),
            Self::NotSeen | Self::Absent => None,
        }
    }
}

/// A policy, written as Graph writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyDocument(pub Box<Policy>);

impl PolicyDocument {
    /// A policy.
    #[must_use]
    pub fn of(policy: Policy) -> Self {
        Self(Box::new(policy))
    }
}

impl Serialize for PolicyDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_policy(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PolicyDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        read_policy(&value).map(Self::of).map_err(|_| D::Error::custom("not a policy"))
    }
}

impl Edit {
    /// The policy as it will be, or, where it is deleted, was.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        match self {
            Self::Policy { before, after } => {
                after.as_ref().map(|it| &*it.0).or_else(|| before.policy())
            }
            _ => None,
        }
    }

    /// Nobody saw what was there before.
    #[must_use]
    pub fn before_not_seen(&self) -> bool {
        match self {
            Self::User { before, .. }
            | Self::Group { before, .. }
            | Self::Role { before, .. }
            | Self::Membership { before, .. }
            | Self::TemporaryAccessPass { before, .. } => before.is_none(),
            Self::Policy { before, .. } => *before == Before::NotSeen,
            Self::SecurityDefaults { before, .. } | Self::AccountEnabled { before, .. } => {
                before.is_none()
            }
            Self::Campaign { before, .. } => before.is_none(),
            Self::PerUserMfa { before, .. } => before.is_none(),
            Self::DeleteMethod { .. } | Self::NewPassword { .. } | Self::RevokeSessions { .. } => {
                false
            }
        }
    }

    /// What was there before is what will be there after.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        match self {
            Self::User { before, after, .. }
            | Self::Group { before, after, .. }
            | Self::Role { before, after, .. }
            | Self::Membership { before, after, .. } => *before == Some(*after),
            Self::Policy { before, after } => match (before, after) {
                (Before::Was(before), Some(after)) => {
                    write_policy(&before.0) == write_policy(&after.0)
                }
                (Before::Absent, None) => true,
                _ => false,
            },
            Self::SecurityDefaults { before, after }
            | Self::AccountEnabled { before, after, .. } => *before == Some(*after),
            Self::Campaign { before, after, .. } => before.as_ref() == Some(after),
            Self::PerUserMfa { before, after, .. } => *before == Some(*after),
            // A new pass takes the place of the old one.
            Self::TemporaryAccessPass { before, after, .. } => {
                *before == Some(Presence::Absent) && *after == Presence::Absent
            }
            Self::DeleteMethod { .. } | Self::NewPassword { .. } | Self::RevokeSessions { .. } => {
                false
            }
        }
    }
}
