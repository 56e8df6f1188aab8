//! One person starts again: methods deleted, signed out everywhere, a pass to register with.

use super::{CannotDraft, Draft, Edit, Presence, Purpose, Stage, existing, plain};
use crate::account::Account;
use crate::change::apply::PASS;
use crate::facts::Facts;
use crate::snapshot::AuthenticationMethod;

/// A registered method with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMethod {
    /// Id of the method.
    pub id: String,
    /// The method.
    pub method: AuthenticationMethod,
}

/// Deletes these methods of a person, ends their sessions and issues a Temporary Access Pass.
/// A password is no method to delete, and a pass takes the place of an older one.
///
/// # Errors
/// When no file tells the object id of the account.
pub fn reset_methods(
    facts: &Facts<'_>,
    account: &Account,
    held: &[HeldMethod],
    minutes: u32,
    once: bool,
) -> Result<Draft, CannotDraft> {
    let user = existing(facts, account)?;
    let listed = facts.user(account).and_then(|user| user.methods.as_ref());
    let has_pass = |methods: &Vec<AuthenticationMethod>| {
        Presence::of(methods.iter().any(|it| it.kind == PASS))
    };
    let deleted = held.iter().filter(|it| it.method.kind != "password" && it.method.kind != PASS);
    let mut edits: Vec<(Edit, String)> = deleted
        .map(|it| {
            let edit = Edit::DeleteMethod {
                user: user.clone(),
                id: it.id.clone(),
                method: it.method.clone(),
            };
            (edit, "It is lost, or somebody else may hold it.".to_owned())
        })
        .collect();
    edits.push((
        Edit::RevokeSessions { user: user.clone() },
        "Whoever is still signed in with the old method signs in again.".to_owned(),
    ));
    edits.push((
        Edit::TemporaryAccessPass {
            user: user.clone(),
            before: listed.map(has_pass),
            after: Presence::Present,
            minutes,
            once,
        },
        "With it the person registers a new method.".to_owned(),
    ));
    let title = format!("Reset the methods of {}", user.name);
    Ok(plain(Purpose::Reset, &title, Stage::Validate, edits))
}
