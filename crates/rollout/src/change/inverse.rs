//! The way back of a change, or why there is none.

use serde::{Deserialize, Serialize};

use super::edit::{Before, Edit, PolicyDocument, Presence};

/// A change that cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoInverse {
    /// Why.
    pub why: WhyNoInverse,
    /// What to do instead, a sentence.
    pub instead: String,
}

/// Why a change cannot be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyNoInverse {
    /// Nobody saw what was there before.
    BeforeNotSeen,
    /// A registered method is gone, with the secret in it.
    MethodDeleted,
    /// The password before is gone: nobody can read it.
    PasswordReplaced,
    /// Sessions ended.
    SessionsRevoked,
    /// A pass is gone, with the secret in it.
    PassGone,
    /// An account is gone, with its password and methods.
    AccountDeleted,
    /// A group is gone, with its id, which policies name.
    GroupDeleted,
}

impl NoInverse {
    fn new(why: WhyNoInverse, instead: impl Into<String>) -> Self {
        Self { why, instead: instead.into() }
    }

    fn not_seen(what: &str) -> Self {
        Self::new(
            WhyNoInverse::BeforeNotSeen,
            format!("Read {what} first: the way back is to what was there, and nobody saw it."),
        )
    }
}

impl Edit {
    /// The change that puts back what was there before.
    ///
    /// # Errors
    /// When there is none, with what to do instead.
    pub fn inverse(&self) -> Result<Self, NoInverse> {
        match self {
            Self::User { .. } | Self::Group { .. } => self.inverse_of_object(),
            Self::Role { .. } | Self::Membership { .. } => self.inverse_of_belonging(),
            Self::Policy { before, after } => inverse_of_policy(before, after.as_ref()),
            Self::SecurityDefaults { before, after } => before
                .map(|before| Self::SecurityDefaults { before: Some(*after), after: before })
                .ok_or_else(|| NoInverse::not_seen("whether security defaults are on")),
            Self::Campaign { before, after, exclude_groups } => before
                .clone()
                .map(|before| Self::Campaign {
                    before: Some(after.clone()),
                    after: before,
                    exclude_groups: exclude_groups.clone(),
                })
                .ok_or_else(|| NoInverse::not_seen("the registration campaign")),
            Self::PerUserMfa { user, before, after } => before
                .map(|before| Self::PerUserMfa {
                    user: user.clone(),
                    before: Some(*after),
                    after: before,
                })
                .ok_or_else(|| NoInverse::not_seen("per-user MFA of the person")),
            Self::AccountEnabled { user, before, after } => before
                .map(|before| Self::AccountEnabled {
                    user: user.clone(),
                    before: Some(*after),
                    after: before,
                })
                .ok_or_else(|| NoInverse::not_seen("whether the account is enabled")),
            Self::TemporaryAccessPass { .. } => self.inverse_of_pass(),
            Self::DeleteMethod { user, .. } => Err(NoInverse::new(
                WhyNoInverse::MethodDeleted,
                format!(
                    "{} registers the method again, with a Temporary Access Pass where no other \
                     method is left.",
                    user.name
                ),
            )),
            Self::NewPassword { user } => Err(NoInverse::new(
                WhyNoInverse::PasswordReplaced,
                format!("Set another new password for {}.", user.name),
            )),
            Self::RevokeSessions { user } => Err(NoInverse::new(
                WhyNoInverse::SessionsRevoked,
                format!("{} signs in again; nothing is lost by it.", user.name),
            )),
        }
    }

    fn inverse_of_object(&self) -> Result<Self, NoInverse> {
        match self {
            Self::User { user, before, after } => match (before, after) {
                (None, _) => Err(NoInverse::not_seen("whether the account exists")),
                (Some(before), Presence::Present) => {
                    Ok(Self::User { user: user.clone(), before: Some(*after), after: *before })
                }
                (Some(_), Presence::Absent) => Err(NoInverse::new(
                    WhyNoInverse::AccountDeleted,
                    "Restore the account from the deleted users of the portal, within 30 days.",
                )),
            },
            Self::Group { group, before, after } => match (before, after) {
                (None, _) => Err(NoInverse::not_seen("whether the group exists")),
                (Some(before), Presence::Present) => {
                    Ok(Self::Group { group: group.clone(), before: Some(*after), after: *before })
                }
                (Some(_), Presence::Absent) => Err(NoInverse::new(
                    WhyNoInverse::GroupDeleted,
                    "Make a new group with the same members, and name it in every policy that \
                     named the old one.",
                )),
            },
            other => Ok(other.clone()),
        }
    }

    fn inverse_of_belonging(&self) -> Result<Self, NoInverse> {
        let mut inverse = self.clone();
        let (before, after, what) = match &mut inverse {
            Self::Role { before, after, .. } => (before, after, "who holds the role"),
            Self::Membership { before, after, .. } => (before, after, "the members of the group"),
            _ => return Ok(inverse),
        };
        let Some(was) = *before else { return Err(NoInverse::not_seen(what)) };
        *before = Some(*after);
        *after = was;
        Ok(inverse)
    }

    fn inverse_of_pass(&self) -> Result<Self, NoInverse> {
        let Self::TemporaryAccessPass { user, before, after, minutes, once } = self else {
            return Ok(self.clone());
        };
        match (before, after) {
            (None, _) => Err(NoInverse::not_seen("the methods of the person")),
            (Some(Presence::Absent), _) => Ok(Self::TemporaryAccessPass {
                user: user.clone(),
                before: Some(*after),
                after: Presence::Absent,
                minutes: *minutes,
                once: *once,
            }),
            (Some(Presence::Present), _) => Err(NoInverse::new(
                WhyNoInverse::PassGone,
                format!("Issue a new Temporary Access Pass to {}.", user.name),
            )),
        }
    }
}

fn inverse_of_policy(before: &Before, after: Option<&PolicyDocument>) -> Result<Edit, NoInverse> {
    let back_to = match before {
        Before::NotSeen => return Err(NoInverse::not_seen("the policies of the tenant")),
        Before::Absent => None,
        Before::Was(policy) => Some(policy.clone()),
    };
    let before = after.map_or(Before::Absent, |after| Before::Was(after.clone()));
    Ok(Edit::Policy { before, after: back_to })
}
