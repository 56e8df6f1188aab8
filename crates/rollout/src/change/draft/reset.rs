//! One person starts again: a pass to register with, methods deleted, signed out everywhere.

use super::{CannotDraft, Draft, Edit, Presence, Purpose, Stage, existing, plain};
use crate::account::Account;
use crate::change::apply::PASS;
use crate::facts::Facts;
use crate::registration::allowed::{MethodsAllowed, TEMPORARY_ACCESS_PASS};
use crate::snapshot::{AuthenticationMethod, UserType};

/// A registered method with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMethod {
    /// Id of the method.
    pub id: String,
    /// The method.
    pub method: AuthenticationMethod,
}

/// What a person needs to start again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset<'r> {
    /// Whose methods.
    pub account: &'r Account,
    /// The methods to delete, in the order in which they can go. A password is none, and a pass makes
    /// way by itself. Empty: only a pass is issued.
    pub deleted: &'r [HeldMethod],
    /// How long the pass is good, in minutes: 10 to 43,200, and what the tenant's policy allows of it
    /// (Microsoft Graph, *Create temporaryAccessPassMethod*).
    pub minutes: u32,
    /// The pass is good for one sign-in.
    pub once: bool,
    /// Who made sure how that it is this person who asks.
    pub checked: &'r str,
}

/// Issues a Temporary Access Pass, and, if there are methods to delete, deletes them and ends the
/// person's sessions. The pass comes first: where the tenant refuses it, the person has lost nothing.
///
/// # Errors
/// When no file tells the object id of the account; when it is a break-glass account or a guest; when the
/// methods policy lets it have no pass, or no file tells.
pub fn reset_methods(facts: &Facts<'_>, reset: &Reset<'_>) -> Result<Draft, CannotDraft> {
    let user = existing(facts, reset.account)?;
    let known = facts.user(reset.account);
    if facts.is_break_glass(reset.account)
        || known.is_some_and(|it| facts.is_break_glass(&it.account))
    {
        return Err(CannotDraft::BreakGlass { name: user.name });
    }
    if known.is_some_and(|it| it.user_type == Some(UserType::Guest)) {
        return Err(CannotDraft::PassForGuest { name: user.name });
    }
    match MethodsAllowed::new(facts).allows(TEMPORARY_ACCESS_PASS, facts, reset.account) {
        Some(true) => {}
        told => return Err(CannotDraft::NoPassFor { name: user.name, told: told.is_some() }),
    }
    let listed = known.and_then(|user| user.methods.as_ref());
    let has_pass = |methods: &Vec<AuthenticationMethod>| {
        Presence::of(methods.iter().any(|it| it.kind == PASS))
    };
    let pass = Edit::TemporaryAccessPass {
        user: user.clone(),
        before: listed.map(has_pass),
        after: Presence::Present,
        minutes: reset.minutes,
        once: reset.once,
    };
    let mut edits =
        vec![(pass, format!("With it the person registers a new method. {}", reset.checked))];
    let gone = |it: &&HeldMethod| it.method.kind != "password" && it.method.kind != PASS;
    for it in reset.deleted.iter().filter(gone) {
        let edit =
            Edit::DeleteMethod { user: user.clone(), id: it.id.clone(), method: it.method.clone() };
        edits.push((edit, "It is lost, or somebody else may hold it.".to_owned()));
    }
    let title = if reset.deleted.is_empty() {
        format!("Issue a Temporary Access Pass to {}", user.name)
    } else {
        let sessions = Edit::RevokeSessions { user: user.clone() };
        let why = "Whoever is still signed in with the old method signs in again.";
        edits.push((sessions, why.to_owned()));
        format!("Reset the methods of {}", user.name)
    };
    Ok(plain(Purpose::Reset, &title, Stage::Validate, edits))
}
