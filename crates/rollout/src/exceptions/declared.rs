//! What `lockstep.toml` and the groups say of accounts, resolved once for all of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::name_words::words;
use crate::account::Account;
use crate::facts::Facts;

/// Names a group carries when it holds people without a smartphone, without blanks.
const WITHOUT_SMARTPHONE: [&str; 6] =
    ["nosmartphone", "nophone", "nomobile", "phonefree", "withoutsmartphone", "withoutphone"];

/// Accounts on a list of `lockstep.toml`: names and ids, and the members of groups it names.
#[derive(Debug, Default)]
struct List {
    names: BTreeSet<String>,
    /// Position in the users to the group through which the list holds it.
    through_group: BTreeMap<usize, String>,
}

impl List {
    fn new(facts: &Facts<'_>, entries: &[String]) -> Self {
        let mut list = Self::default();
        for entry in entries {
            list.names.insert(entry.trim().to_lowercase());
            list.add_group(facts, entry.trim());
        }
        list
    }

    fn add_group(&mut self, facts: &Facts<'_>, name: &str) {
        let Some(group) = facts.group(name) else { return };
        for member in facts.members_of(group).0 {
            if let Some(position) = facts.user_position(&member) {
                self.through_group.entry(position).or_insert_with(|| name.to_owned());
            }
        }
    }

    /// In words how the list holds the account; `setting` is the key of the list.
    fn holds(&self, setting: &str, position: usize, account: &Account) -> Option<String> {
        let named = [account.user_principal_name.as_deref(), account.user_id.as_deref()]
            .into_iter()
            .flatten()
            .any(|name| self.names.contains(&name.to_lowercase()));
        if named {
            return Some(format!("named in lockstep.toml, `{setting}`"));
        }
        let group = self.through_group.get(&position)?;
        Some(format!("member of the group `{group}`"))
    }
}

/// What the operator and the groups say, by account.
#[derive(Debug)]
pub(crate) struct Declared {
    break_glass: List,
    no_smartphone: List,
    executives: List,
    services: List,
    shared_logins: List,
    confirmed_active: List,
    on_leave: BTreeMap<String, Date>,
}

impl Declared {
    pub(crate) fn new(facts: &Facts<'_>) -> Self {
        let people = &facts.rollout.people;
        let mut no_smartphone = List::new(facts, &people.no_smartphone);
        for group in facts.snapshot.groups.iter().flatten() {
            let Some(name) = &group.display_name else { continue };
            let joined = words(name).replace(' ', "");
            if WITHOUT_SMARTPHONE.iter().any(|phrase| joined.contains(phrase)) {
                no_smartphone.add_group(facts, group.id.as_deref().unwrap_or(name));
                for through in no_smartphone.through_group.values_mut() {
                    if Some(through.as_str()) == group.id.as_deref() {
                        through.clone_from(name);
                    }
                }
            }
        }
        Self {
            // Only accounts named one by one are break-glass: never a group's members.
            break_glass: List {
                names: facts
                    .rollout
                    .break_glass
                    .accounts
                    .iter()
                    .map(|name| name.trim().to_lowercase())
                    .collect(),
                through_group: BTreeMap::new(),
            },
            no_smartphone,
            executives: List::new(facts, &people.executives),
            services: List::new(facts, &people.services),
            shared_logins: List::new(facts, &people.shared_logins),
            confirmed_active: List::new(facts, &people.confirmed_active),
            on_leave: people
                .on_leave
                .iter()
                .map(|(name, date)| (name.trim().to_lowercase(), *date))
                .collect(),
        }
    }

    pub(super) fn break_glass(&self, position: usize, account: &Account) -> Option<String> {
        self.break_glass.holds("break_glass.accounts", position, account)
    }

    pub(super) fn no_smartphone(&self, position: usize, account: &Account) -> Option<String> {
        self.no_smartphone.holds("people.no_smartphone", position, account)
    }

    pub(super) fn executive(&self, position: usize, account: &Account) -> Option<String> {
        self.executives.holds("people.executives", position, account)
    }

    pub(crate) fn service(&self, position: usize, account: &Account) -> Option<String> {
        self.services.holds("people.services", position, account)
    }

    pub(super) fn shared_login(&self, position: usize, account: &Account) -> Option<String> {
        self.shared_logins.holds("people.shared_logins", position, account)
    }

    pub(crate) fn confirmed_active(&self, position: usize, account: &Account) -> Option<String> {
        self.confirmed_active.holds("people.confirmed_active", position, account)
    }

    /// The date the account returns from leave.
    pub(super) fn on_leave(&self, account: &Account) -> Option<Date> {
        [account.user_principal_name.as_deref(), account.user_id.as_deref()]
            .into_iter()
            .flatten()
            .find_map(|name| self.on_leave.get(&name.to_lowercase()))
            .copied()
    }
}
