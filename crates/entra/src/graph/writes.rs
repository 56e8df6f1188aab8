//! Writing to the tenant: find or create, and read back.
//!
//! Graph has no idempotency key. An answer can be lost after a write was carried out, an object
//! just made is not found for a while, a list shows an hour ago. So no write here is one request:
//! each is a *look* (is it there, is it as wanted?), the request itself, and a *look back* that says
//! what the tenant shows afterwards. [`Write`] builds these as values and judges their answers
//! without a network; [`carry_out()`] sends them.
//!
//! What must not happen is made impossible by how the requests are built: a member is taken out of
//! a group by a path that always ends in `/$ref` (without it, Graph deletes the person); a policy is
//! never sent back as it was read (Graph refuses, or drops, properties it sends itself); an id that
//! is empty or has a slash is no [`ObjectId`].

mod carry_out;
mod groups;
mod identity;
mod judge;
mod locations;
mod mail;
mod methods;
mod pass;
mod policies;
mod policy_body;
mod roles;
mod step;
mod tenant;
#[cfg(test)]
mod tests;
mod users;

pub use carry_out::{Done, Outcome, Patience, WriteError, carry_out, settle};
pub use groups::{AddMember, DeleteGroup, NewGroup, RemoveMember};
pub use identity::{Marker, NotAMarker, NotAnId, ObjectId};
pub use judge::{Found, Look, Seen};
pub use locations::{DeleteLocation, NewLocation, PatchLocation};
pub use mail::Mail;
pub use methods::{DeleteMethod, MethodKind, PerUserMfa, PerUserMfaState, reset_order};
pub use pass::{NewPass, RemovePass};
pub use policies::{DeletePolicy, NewPolicy, PatchPolicy, RestorePolicy};
pub use policy_body::{NotWritable, PolicyBody};
pub use roles::{AssignRole, RemoveRole};
pub use step::Repeat;
pub use tenant::{Campaign, CampaignState, CampaignTarget, MethodConfiguration, SecurityDefaults};
pub use users::{DeleteUser, NewPassword, NewUser, PatchUser, RevokeSessions};

use super::call::Call;
use step::Step;

/// One change of the tenant.
#[derive(Debug, Clone)]
pub enum Write {
    /// A new account.
    CreateUser(NewUser),
    /// Properties of an account, such as whether it is enabled.
    PatchUser(PatchUser),
    /// A new password for an account.
    NewPassword(NewPassword),
    /// An account goes to the recycle bin.
    DeleteUser(DeleteUser),
    /// Every session of a person ends.
    RevokeSessions(RevokeSessions),
    /// A role for an account or a group.
    AssignRole(AssignRole),
    /// A role is taken away.
    RemoveRole(RemoveRole),
    /// A new group.
    CreateGroup(NewGroup),
    /// A group goes to the recycle bin.
    DeleteGroup(DeleteGroup),
    /// Somebody joins a group.
    AddMember(AddMember),
    /// Somebody leaves a group.
    RemoveMember(RemoveMember),
    /// A new Conditional Access policy.
    CreatePolicy(NewPolicy),
    /// Properties of a Conditional Access policy.
    PatchPolicy(PatchPolicy),
    /// A Conditional Access policy goes; it can be restored for 30 days.
    DeletePolicy(DeletePolicy),
    /// A deleted Conditional Access policy comes back.
    RestorePolicy(RestorePolicy),
    /// A new named location.
    CreateLocation(NewLocation),
    /// Properties of a named location.
    PatchLocation(PatchLocation),
    /// A named location goes.
    DeleteLocation(DeleteLocation),
    /// Security defaults on or off.
    SecurityDefaults(SecurityDefaults),
    /// The registration campaign.
    Campaign(Campaign),
    /// One method of the authentication methods policy.
    MethodConfiguration(MethodConfiguration),
    /// One authentication method of a person goes.
    DeleteMethod(DeleteMethod),
    /// A Temporary Access Pass.
    CreatePass(NewPass),
    /// The Temporary Access Pass of a person goes.
    RemovePass(RemovePass),
    /// Per-user MFA of a person.
    PerUserMfa(PerUserMfa),
    /// A mail.
    SendMail(Mail),
}

impl Write {
    fn step(&self) -> &dyn Step {
        match self {
            Self::CreateUser(it) => it,
            Self::PatchUser(it) => it,
            Self::NewPassword(it) => it,
            Self::DeleteUser(it) => it,
            Self::RevokeSessions(it) => it,
            Self::AssignRole(it) => it,
            Self::RemoveRole(it) => it,
            Self::CreateGroup(it) => it,
            Self::DeleteGroup(it) => it,
            Self::AddMember(it) => it,
            Self::RemoveMember(it) => it,
            Self::CreatePolicy(it) => it,
            Self::PatchPolicy(it) => it,
            Self::DeletePolicy(it) => it,
            Self::RestorePolicy(it) => it,
            Self::CreateLocation(it) => it,
            Self::PatchLocation(it) => it,
            Self::DeleteLocation(it) => it,
            Self::SecurityDefaults(it) => it,
            Self::Campaign(it) => it,
            Self::MethodConfiguration(it) => it,
            Self::DeleteMethod(it) => it,
            Self::CreatePass(it) => it,
            Self::RemovePass(it) => it,
            Self::PerUserMfa(it) => it,
            Self::SendMail(it) => it,
        }
    }

    /// What it does, in a few words: `create the policy `CA001``. Names no secret.
    #[must_use]
    pub fn words(&self) -> String {
        self.step().words()
    }

    /// Where to look whether it is done already.
    #[must_use]
    pub fn look(&self) -> Look {
        self.step().look()
    }

    /// What a look shows.
    #[must_use]
    pub fn judge(&self, seen: &Seen) -> Found {
        self.step().judge(seen)
    }

    /// The request that changes the tenant. `id` is that of the object a look found, for those that
    /// need one; `None` when it is missing then.
    #[must_use]
    pub fn send(&self, id: Option<&ObjectId>) -> Option<Call> {
        self.step().send(id)
    }

    /// Where to look afterwards, with the id Graph gave a new object.
    #[must_use]
    pub fn look_back(&self, id: Option<&ObjectId>) -> Look {
        self.step().look_back(id)
    }

    /// What it would do to be sent twice.
    #[must_use]
    pub fn repeat(&self) -> Repeat {
        self.step().repeat()
    }
}
