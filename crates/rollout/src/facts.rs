//! Everything a decision may rest on, joined once.
//!
//! [`Facts`] puts the snapshot, the measurement and the operator's wishes side by side and answers
//! the joins every decision needs: who is this account, what did the registration report say of
//! it, when was it last seen, which groups hold it.

pub(crate) mod index;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use self::index::{Index, home_address};
use crate::account::Account;
use crate::measurement::{Activity, Measurement, PersonActivity};
use crate::rollout::Rollout;
use crate::snapshot::{
    Group, Mailbox, MemberKind, Registration, RoleAssignment, Snapshot, User, UserType,
};

/// Everything a decision may rest on.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The tenant as seen.
    pub snapshot: &'a Snapshot,
    /// What the sign-in logs yielded; `None` without any log.
    pub measurement: Option<&'a Measurement>,
    /// What the operator wants.
    pub rollout: &'a Rollout,
    /// The moment the data speaks of: the newest sign-in record, else the newest date any other
    /// file holds, else `now`. Ages of accounts are counted from here, so that an export read a
    /// year later says the same.
    pub as_of: Timestamp,
    /// The clock.
    pub now: Timestamp,
    users: Index,
    registrations: Index,
    mailboxes: Index,
    activity: Index,
    groups: BTreeMap<String, usize>,
    /// Role assignments by the lower-case id and name of each holder.
    roles: BTreeMap<String, Vec<usize>>,
}

impl<'a> Facts<'a> {
    /// Joins what is known. `now` is the clock; it is used only where the data holds no date.
    #[must_use]
    pub fn new(
        snapshot: &'a Snapshot,
        measurement: Option<&'a Measurement>,
        rollout: &'a Rollout,
        now: Timestamp,
    ) -> Self {
        let users = index_users(snapshot);
        let mut facts = Self {
            snapshot,
            measurement,
            rollout,
            as_of: as_of(snapshot, measurement).unwrap_or(now),
            now,
            registrations: index_registrations(snapshot, &users),
            mailboxes: index_mailboxes(snapshot),
            activity: index_activity(snapshot, measurement, &users),
            users,
            groups: index_groups(snapshot),
            roles: BTreeMap::new(),
        };
        facts.roles = facts.role_holders();
        facts
    }

    /// Where in [`Snapshot::users`] the account is, by id first, then by name.
    #[must_use]
    pub fn user_position(&self, account: &Account) -> Option<usize> {
        self.users.find(account.user_id.as_deref(), account.user_principal_name.as_deref())
    }

    /// The user object of an account, by id first, then by name.
    #[must_use]
    pub fn user(&self, account: &Account) -> Option<&'a User> {
        self.snapshot.users.as_ref()?.get(self.user_position(account)?)
    }

    /// The user object with this object id, user principal name or mail address.
    #[must_use]
    pub fn user_named(&self, name: &str) -> Option<&'a User> {
        let position = self.users.find(Some(name), Some(name))?;
        self.snapshot.users.as_ref()?.get(position)
    }

    /// The account in the directory's form where the directory knows it, else as given.
    #[must_use]
    pub fn directory_form(&self, account: &Account) -> Account {
        let Some(user) = self.user(account) else { return account.clone() };
        Account {
            user_principal_name: user
                .account
                .user_principal_name
                .clone()
                .or_else(|| account.user_principal_name.clone()),
            user_id: user.account.user_id.clone().or_else(|| account.user_id.clone()),
            display_name: user
                .account
                .display_name
                .clone()
                .or_else(|| account.display_name.clone()),
        }
    }

    /// The row of the registration report for an account.
    #[must_use]
    pub fn registration(&self, account: &Account) -> Option<&'a Registration> {
        let position = self
            .registrations
            .find(account.user_id.as_deref(), account.user_principal_name.as_deref())?;
        self.snapshot.registrations.as_ref()?.get(position)
    }

    /// The mailbox of a user.
    #[must_use]
    pub fn mailbox(&self, user: &User) -> Option<&'a Mailbox> {
        self.mailbox_of(&user.account)
    }

    /// The mailbox of an account, whether or not the directory knows the account.
    #[must_use]
    pub fn mailbox_of(&self, account: &Account) -> Option<&'a Mailbox> {
        let mail = self.user(account).and_then(|user| user.mail.as_deref());
        let position = self
            .mailboxes
            .find(account.user_id.as_deref(), account.user_principal_name.as_deref())
            .or_else(|| self.mailboxes.find(None, mail))?;
        self.snapshot.mailboxes.as_ref()?.get(position)
    }

    /// What the logs show beyond legacy authentication. `None`: there is no log, or that was not
    /// measured.
    #[must_use]
    pub fn measured_activity(&self) -> Option<&'a Activity> {
        self.measurement?.activity.as_ref()
    }

    /// What the account did in the window of the logs.
    #[must_use]
    pub fn activity(&self, account: &Account) -> Option<&'a PersonActivity> {
        let position = self
            .activity
            .find(account.user_id.as_deref(), account.user_principal_name.as_deref())?;
        self.measured_activity()?.people.get(position)
    }

    /// When the account was last seen to sign in *successfully*: the later of the logs and the
    /// directory's `signInActivity`. `lastSignInDateTime` counts failures (Graph documentation,
    /// `signInActivity`), so it is used only where `lastSuccessfulSignInDateTime` is not told.
    #[must_use]
    pub fn last_seen(&self, account: &Account) -> Option<Timestamp> {
        let log = self.activity(account).and_then(|person| person.last_success);
        let directory = self.user(account).and_then(|user| user.activity).and_then(|activity| {
            activity
                .last_successful
                .or_else(|| activity.last_sign_in.max(activity.last_non_interactive))
        });
        log.max(directory)
    }

    /// True when the account was seen within so many days before [`Facts::as_of`].
    #[must_use]
    pub fn seen_within(&self, account: &Account, days: u32) -> bool {
        self.last_seen(account).is_some_and(|seen| seen >= self.days_before(days))
    }

    /// The moment so many days before [`Facts::as_of`].
    #[must_use]
    pub fn days_before(&self, days: u32) -> Timestamp {
        self.as_of
            .saturating_sub(SignedDuration::from_hours(i64::from(days).saturating_mul(24)))
            .unwrap_or(Timestamp::MIN)
    }

    /// True for a guest: by the directory, else by the name's `#EXT#`. `None`: not told.
    #[must_use]
    pub fn is_guest(&self, user: &User) -> Option<bool> {
        let by_name = user
            .account
            .user_principal_name
            .as_deref()
            .map(|name| name.to_ascii_lowercase().contains("#ext#"));
        match user.user_type {
            Some(UserType::Guest) => Some(true),
            Some(UserType::Member) => Some(false),
            None if by_name == Some(true) => Some(true),
            None => None,
        }
    }

    /// True when the operator names the account as break-glass (`[break_glass] accounts`).
    #[must_use]
    pub fn is_break_glass(&self, account: &Account) -> bool {
        is_listed(&self.rollout.break_glass.accounts, account)
    }

    /// A group by object id or display name, whichever case.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&'a Group> {
        let position = self.groups.get(&name.to_lowercase())?;
        self.snapshot.groups.as_ref()?.get(*position)
    }

    /// The users of a group, nested groups resolved, cycles survived. The flag is false when some
    /// membership on the way was told by no file: then the list is a lower bound.
    #[must_use]
    pub fn members_of(&self, group: &Group) -> (Vec<Account>, bool) {
        let mut complete = true;
        let mut accounts = BTreeSet::new();
        let mut visited = BTreeSet::new();
        let mut queue = vec![group];
        while let Some(group) = queue.pop() {
            if let Some(key) = group.id.as_ref().or(group.display_name.as_ref())
                && !visited.insert(key.to_lowercase())
            {
                continue;
            }
            let Some(members) = &group.members else {
                complete = false;
                continue;
            };
            for member in members {
                let account = Account {
                    user_principal_name: member.user_principal_name.clone(),
                    user_id: member.id.clone(),
                    display_name: None,
                };
                let nested = member.id.as_deref().and_then(|id| self.group(id));
                match (member.kind, nested) {
                    (MemberKind::Group | MemberKind::Unknown, Some(nested)) => queue.push(nested),
                    (MemberKind::Group, None) => complete = false,
                    (MemberKind::Other, _) => {}
                    (MemberKind::User, _) => {
                        accounts.insert(self.directory_form(&account));
                    }
                    (MemberKind::Unknown, None) => {
                        if self.user(&account).is_some() {
                            accounts.insert(self.directory_form(&account));
                        } else {
                            complete = false;
                        }
                    }
                }
            }
        }
        (accounts.into_iter().collect(), complete)
    }

    /// The role assignments of an account, direct ones and those through a group.
    #[must_use]
    pub fn roles_of(&self, account: &Account) -> Vec<&'a RoleAssignment> {
        let Some(roles) = &self.snapshot.roles else { return Vec::new() };
        let held: BTreeSet<usize> = names_of(&self.directory_form(account))
            .filter_map(|name| self.roles.get(&name))
            .flatten()
            .copied()
            .collect();
        held.into_iter().filter_map(|position| roles.get(position)).collect()
    }

    /// The users who hold a role by the assignments that count, directly or through a group, in the
    /// directory's form, each once. A holder that is no user of any file is in it by its names.
    #[must_use]
    pub fn holders_of(
        &self,
        role: &str,
        counts: impl Fn(&RoleAssignment) -> bool,
    ) -> BTreeSet<Account> {
        let mut holders = BTreeSet::new();
        for assignment in self.snapshot.roles.iter().flatten() {
            let held = assignment.role.eq_ignore_ascii_case(role) && counts(assignment);
            if !held || assignment.principal_kind == MemberKind::Other {
                continue;
            }
            let group = assignment
                .principal_id
                .as_deref()
                .filter(|_| assignment.principal_kind != MemberKind::User)
                .and_then(|id| self.group(id));
            match group {
                Some(group) => holders.extend(self.members_of(group).0),
                None => {
                    holders.insert(self.directory_form(&Account {
                        user_principal_name: assignment.principal_name.clone(),
                        user_id: assignment.principal_id.clone(),
                        display_name: None,
                    }));
                }
            }
        }
        holders
    }

    /// Who holds which role, so that 100,000 accounts can be asked in a moment: the members of a
    /// group that holds roles are resolved once.
    fn role_holders(&self) -> BTreeMap<String, Vec<usize>> {
        let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut members: BTreeMap<String, Vec<Account>> = BTreeMap::new();
        for (position, role) in self.snapshot.roles.iter().flatten().enumerate() {
            if role.principal_kind == MemberKind::Other {
                continue;
            }
            let direct = self.directory_form(&Account {
                user_principal_name: role.principal_name.clone(),
                user_id: role.principal_id.clone(),
                display_name: None,
            });
            let group = role
                .principal_id
                .as_deref()
                .filter(|_| role.principal_kind != MemberKind::User)
                .and_then(|id| Some((id, self.group(id)?)));
            let through_group = match group {
                Some((id, group)) => members
                    .entry(id.to_lowercase())
                    .or_insert_with(|| self.members_of(group).0)
                    .as_slice(),
                None => &[],
            };
            for name in names_of(&direct).chain(through_group.iter().flat_map(names_of)) {
                holders.entry(name).or_default().push(position);
            }
        }
        holders
    }
}

/// The lower-case id and user principal name of an account, as far as told.
fn names_of(account: &Account) -> impl Iterator<Item = String> {
    [account.user_id.as_deref(), account.user_principal_name.as_deref()]
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .into_iter()
}

fn index_users(snapshot: &Snapshot) -> Index {
    let mut index = Index::default();
    for (position, user) in snapshot.users.iter().flatten().enumerate() {
        let name = user.account.user_principal_name.as_deref();
        index.add(position, user.account.user_id.as_deref(), name);
        index.add_alias(position, user.mail.as_deref());
        index.add_alias(position, name.and_then(home_address).as_deref());
    }
    index
}

/// Adds a row under its own names and under those the directory has for the same account.
fn add_joined(index: &mut Index, position: usize, row: &Account, users: &Index, of: &Snapshot) {
    index.add(position, row.user_id.as_deref(), row.user_principal_name.as_deref());
    let user = users
        .find(row.user_id.as_deref(), row.user_principal_name.as_deref())
        .and_then(|user| of.users.as_ref()?.get(user));
    if let Some(user) = user {
        let account = &user.account;
        index.add(position, account.user_id.as_deref(), account.user_principal_name.as_deref());
    }
}

fn index_registrations(snapshot: &Snapshot, users: &Index) -> Index {
    let mut index = Index::default();
    for (position, row) in snapshot.registrations.iter().flatten().enumerate() {
        add_joined(&mut index, position, &row.account, users, snapshot);
    }
    index
}

fn index_activity(snapshot: &Snapshot, measurement: Option<&Measurement>, users: &Index) -> Index {
    let mut index = Index::default();
    for (position, person) in people(measurement).iter().enumerate() {
        add_joined(&mut index, position, &person.account, users, snapshot);
    }
    index
}

fn people(measurement: Option<&Measurement>) -> &[PersonActivity] {
    let activity = measurement.and_then(|measurement| measurement.activity.as_ref());
    activity.map_or(&[], |activity| &activity.people)
}

fn index_mailboxes(snapshot: &Snapshot) -> Index {
    let mut index = Index::default();
    for (position, mailbox) in snapshot.mailboxes.iter().flatten().enumerate() {
        index.add(position, mailbox.user_id.as_deref(), mailbox.user_principal_name.as_deref());
        index.add_alias(position, mailbox.address.as_deref());
    }
    index
}

fn index_groups(snapshot: &Snapshot) -> BTreeMap<String, usize> {
    let mut groups = BTreeMap::new();
    for (position, group) in snapshot.groups.iter().flatten().enumerate() {
        if let Some(id) = &group.id {
            groups.entry(id.to_lowercase()).or_insert(position);
        }
    }
    // Names after ids, so that a group named like another's id never hides it.
    for (position, group) in snapshot.groups.iter().flatten().enumerate() {
        if let Some(name) = &group.display_name {
            groups.entry(name.to_lowercase()).or_insert(position);
        }
    }
    groups
}

/// True when a list of user principal names or object ids holds the account.
#[must_use]
pub fn is_listed(list: &[String], account: &Account) -> bool {
    list.iter().any(|entry| {
        [account.user_principal_name.as_deref(), account.user_id.as_deref()]
            .into_iter()
            .flatten()
            .any(|name| name.eq_ignore_ascii_case(entry.trim()))
    })
}

fn as_of(snapshot: &Snapshot, measurement: Option<&Measurement>) -> Option<Timestamp> {
    if let Some(newest) = measurement.and_then(|measurement| measurement.window.to) {
        return Some(newest);
    }
    let registrations = snapshot.registrations.iter().flatten().filter_map(|row| row.last_updated);
    let activity =
        snapshot.users.iter().flatten().filter_map(|user| user.activity).flat_map(|it| {
            [it.last_sign_in, it.last_non_interactive, it.last_successful].into_iter().flatten()
        });
    let audits = snapshot.audits.iter().flatten().filter_map(|event| event.time);
    registrations.chain(activity).chain(audits).max()
}
