//! Change sets of each step, from the facts.
//!
//! `marker` is a word of the caller's that makes provisional ids unique: the same word for drafts
//! that name the same new objects.

mod accounts;
mod break_glass;
mod campaign;
mod cut_over;
mod exceptions;
mod per_user_mfa;
pub mod policies;
mod reset;
mod rollback;

use std::collections::BTreeSet;

pub use accounts::disable;
pub use break_glass::{break_glass, new_password};
pub use campaign::campaign;
pub use cut_over::{LAST_RING_TITLE, SECOND_RING_TITLE, bridge, cut_over, last_ring, second_ring};
pub(crate) use exceptions::exception_groups;
pub use exceptions::{begin_exception, end_exception};
pub use per_user_mfa::{Retirement, retire_per_user_mfa};
pub(crate) use policies::numbered;
pub use policies::{Standard, put_policies, set_state};
pub use reset::{HeldMethod, Reset, reset_methods};
pub use rollback::{Rollback, rollback};

use super::edit::{Edit, Named, Presence};
use super::observe::Object;
use super::set::{Draft, Purpose};
use crate::account::Account;
use crate::facts::Facts;
use crate::preflight::Stage;
use crate::snapshot::{Group, MemberKind};

/// Why there is nothing to draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotDraft {
    /// No file tells the domain the tenant was made with.
    #[error("no file tells the domain the tenant was made with")]
    NoInitialDomain,
    /// A break-glass account that does not exist yet is named on another domain.
    #[error(
        "the break-glass account `{name}` is not on the domain `{domain}` the tenant was made with"
    )]
    NotOnInitialDomain {
        /// The name in the settings.
        name: String,
        /// The domain.
        domain: String,
    },
    /// The proposal cannot be made.
    #[error("there is no policy to propose")]
    NoProposal(#[from] crate::proposal::NoProposal),
    /// No file tells the policies.
    #[error("no file tells the policies of the tenant")]
    PoliciesNotSeen,
    /// A policy that must be there first is not.
    #[error("there is no policy `{name}` yet")]
    NoPolicy {
        /// Its name or id.
        name: String,
    },
    /// Several policies have the same number.
    #[error("{count} policies are named `{number}`")]
    SeveralPolicies {
        /// The number.
        number: String,
        /// How many.
        count: usize,
    },
    /// A group that must be there first is not, or no file tells its id.
    #[error("no file tells of the group `{name}`")]
    NoGroup {
        /// Its name.
        name: String,
    },
    /// An account of which no file tells the object id.
    #[error("no file tells the object id of `{name}`")]
    NoAccount {
        /// Its name.
        name: String,
    },
    /// A password is set for break-glass accounts only.
    #[error("`{name}` is not one of the break-glass accounts that the settings name")]
    NotBreakGlass {
        /// Its name.
        name: String,
    },
    /// The methods of a break-glass account are its way in.
    #[error("`{name}` is a break-glass account: its keys are its way in")]
    BreakGlass {
        /// Its name.
        name: String,
    },
    /// A Temporary Access Pass does not work for guests (Microsoft, *Temporary Access Pass*).
    #[error("`{name}` is a guest, for whom a Temporary Access Pass does not work")]
    PassForGuest {
        /// Its name.
        name: String,
    },
    /// The methods policy lets the account have no pass, or no file tells whether it does.
    #[error(
        "{}",
        if *told {
            format!("the authentication methods policy lets `{name}` have no Temporary Access Pass")
        } else {
            format!("no file tells whether `{name}` may have a Temporary Access Pass")
        }
    )]
    NoPassFor {
        /// Its name.
        name: String,
        /// Whether the policy was read.
        told: bool,
    },
    /// A policy cannot be On beside security defaults.
    #[error("security defaults are on, or may be: no policy can be On beside them")]
    SecurityDefaultsOn,
    /// No file tells the authentication methods policy.
    #[error("no file tells the registration campaign")]
    CampaignNotSeen,
    /// Everything is as it should be.
    #[error("there is nothing to change")]
    NothingToChange,
}

/// A draft without a gap that rests on nothing but what it changes.
fn plain(purpose: Purpose, title: &str, step: Stage, edits: Vec<(Edit, String)>) -> Draft {
    let rests_on = BTreeSet::new();
    Draft { purpose, title: title.to_owned(), step, edits, gap: None, rests_on }
}

/// The draft, if it changes anything.
fn unless_empty(mut draft: Draft) -> Result<Draft, CannotDraft> {
    draft.edits.retain(|(edit, _)| !edit.changes_nothing());
    if draft.edits.is_empty() { Err(CannotDraft::NothingToChange) } else { Ok(draft) }
}

/// An account that exists, by what the directory tells.
fn existing(facts: &Facts<'_>, account: &Account) -> Result<Named, CannotDraft> {
    let no_account = || CannotDraft::NoAccount { name: account.label().to_owned() };
    let user = facts.user(account).ok_or_else(no_account)?;
    Named::of(&user.account).ok_or_else(no_account)
}

/// A group that exists, with its id.
fn existing_group(facts: &Facts<'_>, name: &str) -> Result<Named, CannotDraft> {
    let no_group = || CannotDraft::NoGroup { name: name.to_owned() };
    let group = facts.group(name).ok_or_else(no_group)?;
    let id = group.id.as_deref().filter(|id| !id.is_empty()).ok_or_else(no_group)?;
    Ok(Named::new(id, group.display_name.as_deref().unwrap_or(name)))
}

/// Whether an account is a direct member of a group. `None`: nobody told the members.
fn is_member(group: Option<&Group>, member: &Named) -> Option<Presence> {
    let members = group?.members.as_ref()?;
    let is_it =
        |id: Option<&String>, name: &str| id.is_some_and(|id| id.eq_ignore_ascii_case(name));
    Some(Presence::of(members.iter().any(|it| {
        is_it(it.id.as_ref(), &member.id)
            || (it.id.is_none() && is_it(it.user_principal_name.as_ref(), &member.name))
    })))
}

/// An account joins or leaves a group.
fn membership(facts: &Facts<'_>, group: &Named, member: &Named, after: Presence) -> Edit {
    Edit::Membership {
        group: group.clone(),
        member: member.clone(),
        member_kind: MemberKind::User,
        before: is_member(facts.group(&group.id), member),
        after,
    }
}

/// The break-glass accounts with their roles, and the group they are in: what every policy rests on.
fn break_glass_objects(facts: &Facts<'_>) -> BTreeSet<Object> {
    let names = facts.rollout.break_glass.accounts.iter();
    let accounts = names.filter_map(|name| facts.user_named(name.trim()));
    let ids = accounts.filter_map(|user| user.account.user_id.clone());
    let of_accounts = ids.flat_map(|id| [Object::User(id.clone()), Object::Roles(id)]);
    let name = break_glass_group(facts);
    let group = facts.group(name).and_then(|group| group.id.clone());
    let of_group =
        group.into_iter().flat_map(|id| [Object::Group(id.clone()), Object::Members(id)]);
    of_accounts.chain(of_group).collect()
}

/// Name of the group that every policy excludes.
fn break_glass_group<'f>(facts: &Facts<'f>) -> &'f str {
    facts.rollout.break_glass.group.as_deref().unwrap_or(crate::plan::BREAK_GLASS_GROUP)
}
