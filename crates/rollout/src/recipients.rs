//! To whom a message goes, and who has it already.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::account::Account;
use crate::engine::{NextRing, Seen, Sent, State, next_ring};
use crate::evidence::key_of;
use crate::facts::Facts;
use crate::plan::BRIDGE_GROUP;
use crate::registration::people_in_scope;

/// A group of people that messages go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Circle {
    /// Those whom the next policy asks: the pilot group until the pilot has passed its gate, then
    /// everyone in scope; with rings first those in the bridge group, then those who remain.
    Ring,
    /// People in scope who cannot pass MFA yet.
    Unregistered,
    /// The pilot group.
    Pilot,
    /// Everyone in scope.
    All,
}

/// Somebody who is to get a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recipient {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// The address.
    pub address: String,
}

/// The people of a circle, by how they stand to one message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Recipients {
    /// Those it is to be sent to now, by address.
    pub to_send: Vec<Recipient>,
    /// Those who have it.
    pub have_it: Vec<Account>,
    /// Those to whom it was being handed over when the answer was lost. Nobody knows whether they have
    /// it, and it is never sent to them again.
    pub doubtful: Vec<Account>,
    /// Those of whom no file tells an address.
    pub without_address: Vec<Account>,
}

/// Why nobody can say who is in a circle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRecipients {
    /// No file tells who is in scope.
    #[error("no file tells who is in scope")]
    ScopeNotTold,
    /// The registration report is missing.
    #[error("no file tells who has registered")]
    RegistrationNotTold,
    /// The pilot group is not named.
    #[error("the settings name no pilot group")]
    NoPilotGroup,
    /// The pilot group or some of its members are not told.
    #[error("no file tells all members of the pilot group `{group}`")]
    PilotNotTold {
        /// Its name.
        group: String,
    },
    /// The pilot or bridge group or some of its members are not told.
    #[error(
        "no file tells all members of the pilot group and of the bridge group `{BRIDGE_GROUP}`"
    )]
    RingNotTold,
    /// The message is not for these people.
    #[error("the message `{message}` is for {whom}")]
    NotForThem {
        /// Which message.
        message: String,
        /// For whom it is.
        whom: &'static str,
    },
}

impl Circle {
    /// To whom a message goes unless told otherwise. `None`: it goes to no circle of people.
    #[must_use]
    pub fn of_message(message: &str) -> Option<Self> {
        match message {
            "announcement" => Some(Self::All),
            "reminder" | "personal-note" => Some(Self::Unregistered),
            _ => None,
        }
    }
}

/// Who of a circle is to get a message now, and who has it already.
///
/// # Errors
/// When nobody can say who is in the circle, or the message is not for them.
pub fn recipients(
    state: &State,
    seen: &Seen<'_>,
    message: &str,
    circle: Circle,
) -> Result<Recipients, NoRecipients> {
    fits(message, circle)?;
    let people = people(state, seen, circle)?;
    let mut found = Recipients::default();
    let mut by_address: BTreeMap<String, Recipient> = BTreeMap::new();
    for account in people {
        let sent = state.sent.get(&key(message, &account)).filter(|it| it.refused.is_none());
        match (sent.map(|it| it.at), address(seen.facts, &account)) {
            (Some(Some(_)), _) => found.have_it.push(account),
            (Some(None), _) => found.doubtful.push(account),
            (None, None) => found.without_address.push(account),
            // Two accounts of one person with one mailbox get one message.
            (None, Some(address)) => {
                by_address.entry(address.clone()).or_insert(Recipient { account, address });
            }
        }
    }
    found.to_send = by_address.into_values().collect();
    Ok(found)
}

fn key(message: &str, account: &Account) -> String {
    Sent {
        message: message.to_owned(),
        to: account.clone(),
        at: None,
        via: String::new(),
        refused: None,
    }
    .key()
}

fn fits(message: &str, circle: Circle) -> Result<(), NoRecipients> {
    let not = |whom| Err(NoRecipients::NotForThem { message: message.to_owned(), whom });
    match (message, circle) {
        ("announcement", _) | ("reminder" | "personal-note", Circle::Unregistered) => Ok(()),
        ("reminder" | "personal-note", _) => {
            not("people who have not registered (`--to unregistered`)")
        }
        ("helpdesk-guide", _) => not("the helpdesk: preview it and hand it over"),
        ("manager-summary", _) => {
            not("the manager who sponsors the rollout: preview it and hand it over")
        }
        ("guest-note", _) => not("guests, through the people who invited them"),
        _ => not("nobody that lockstep knows"),
    }
}

fn people(state: &State, seen: &Seen<'_>, circle: Circle) -> Result<Vec<Account>, NoRecipients> {
    let in_scope =
        || people_in_scope(seen.facts, seen.classification).ok_or(NoRecipients::ScopeNotTold);
    match circle {
        Circle::All => in_scope(),
        Circle::Pilot => pilot(seen),
        Circle::Ring => match next_ring(state, seen) {
            NextRing::Pilot => pilot(seen),
            NextRing::Everybody => in_scope(),
            NextRing::Second(people) => {
                let people = people.ok_or(NoRecipients::RingNotTold)?;
                Ok(people.into_iter().filter(|it| !seen.facts.is_break_glass(it)).collect())
            }
            NextRing::AllBut(before) => {
                let key = |it: &Account| key_of(&seen.facts.directory_form(it));
                let before = before.ok_or(NoRecipients::RingNotTold)?;
                let before: BTreeSet<String> = before.iter().filter_map(key).collect();
                let remains = |it: &Account| key(it).is_none_or(|it| !before.contains(&it));
                Ok(in_scope()?.into_iter().filter(remains).collect())
            }
        },
        Circle::Unregistered => {
            in_scope()?;
            let report = &seen.plan.registration;
            if seen.facts.snapshot.registrations.is_none() {
                return Err(NoRecipients::RegistrationNotTold);
            }
            Ok(report.not_capable.iter().map(|it| it.account.clone()).collect())
        }
    }
}

/// The members of the pilot group who can sign in and are no break-glass account.
fn pilot(seen: &Seen<'_>) -> Result<Vec<Account>, NoRecipients> {
    let facts = seen.facts;
    let name = facts.rollout.pilot.group.as_deref().ok_or(NoRecipients::NoPilotGroup)?;
    let not_told = || NoRecipients::PilotNotTold { group: name.to_owned() };
    let group = facts.group(name).ok_or_else(not_told)?;
    let (members, complete) = facts.members_of(group);
    if !complete {
        return Err(not_told());
    }
    let is_on =
        |it: &Account| facts.user(it).is_some_and(|user| user.account_enabled == Some(true));
    Ok(members.into_iter().filter(|it| is_on(it) && !facts.is_break_glass(it)).collect())
}

/// Where a person reads mail: the address of the directory, else that of the mailbox. A user principal
/// name is none.
fn address(facts: &Facts<'_>, account: &Account) -> Option<String> {
    let user = facts.user(account)?;
    let mail = user.mail.clone().or_else(|| facts.mailbox(user)?.address.clone())?;
    let mail = mail.trim().to_lowercase();
    let is_address = |it: &String| {
        let parts: Vec<&str> = it.split('@').collect();
        matches!(parts.as_slice(), [local, domain] if !local.is_empty() && domain.contains('.'))
            && !it.chars().any(|it| it.is_whitespace() || it.is_control() || "<>,;\"".contains(it))
    };
    Some(mail).filter(is_address)
}
