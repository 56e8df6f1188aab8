//! Whom a set leaves out of policies, and whether that was approved.

use std::collections::{BTreeMap, BTreeSet};

use conditional_access::{Policy, State};

use super::{Approval, Operator, Question, Verdict};
use crate::account::Account;
use crate::change::edit::{Edit, Presence};
use crate::change::identifiers::is;
use crate::change::reach::Reach;
use crate::exceptions::executives;
use crate::facts::Facts;
use crate::snapshot::{
    DIRECTORY_SYNCHRONIZATION_ACCOUNTS, MemberKind, ON_PREMISES_DIRECTORY_SYNC_ACCOUNT,
};

/// How many people must have agreed to the exception of an executive or administrator.
const AGREED: usize = 2;

/// Whom a set newly leaves out of some policy, break-glass accounts apart.
pub(super) struct Exempt {
    /// By the lower-case id or name.
    subjects: BTreeMap<String, Account>,
    /// Groups whose members nobody told, and the like, a sentence each.
    missing: Vec<String>,
}

impl Exempt {
    pub(super) fn of(question: &Question<'_>) -> Self {
        let after = question.after;
        let mut exempt = Self { subjects: BTreeMap::new(), missing: Vec::new() };
        let reach = Reach::of(after.snapshot);
        for change in question.set.changes.iter().filter(|it| !it.edit.changes_nothing()) {
            match &change.edit {
                Edit::Membership {
                    group, member, member_kind, after: Presence::Present, ..
                } if reach.may_exclude(&group.id) => {
                    let nested = after.group(&member.id);
                    match (member_kind, nested) {
                        (MemberKind::Group | MemberKind::Unknown, Some(_)) => {
                            exempt.add_group(after, &member.id);
                        }
                        (MemberKind::Group, None) => exempt.not_told(&member.name),
                        (MemberKind::Other, _) => {}
                        (MemberKind::User | MemberKind::Unknown, _) => {
                            exempt.add(after, &member.account());
                        }
                    }
                }
                Edit::Policy { before, after: Some(policy) } => {
                    exempt.add_policy(after, before.policy(), &policy.0);
                }
                _ => {}
            }
        }
        exempt
    }

    fn add(&mut self, facts: &Facts<'_>, account: &Account) {
        let account = facts.directory_form(account);
        if facts.is_break_glass(&account) {
            return;
        }
        let key = account.user_id.as_deref().unwrap_or(account.label()).to_lowercase();
        self.subjects.insert(key, account);
    }

    fn add_group(&mut self, facts: &Facts<'_>, group: &str) {
        let Some(found) = facts.group(group) else {
            self.not_told(group);
            return;
        };
        let (members, complete) = facts.members_of(found);
        for member in &members {
            self.add(facts, member);
        }
        if !complete {
            self.not_told(found.display_name.as_deref().unwrap_or(group));
        }
    }

    fn not_told(&mut self, group: &str) {
        self.missing.push(format!("The members of `{group}`, which are left out."));
    }

    /// What a policy leaves out that it did not before. A policy that is Off leaves out nobody.
    fn add_policy(&mut self, facts: &Facts<'_>, before: Option<&Policy>, after: &Policy) {
        if after.state == State::Disabled {
            return;
        }
        let users = &after.conditions.users;
        let before = before.filter(|it| it.state != State::Disabled);
        let was = before.map(|it| &it.conditions.users);
        let new = |all: &[String], was: Option<&Vec<String>>| -> Vec<String> {
            let known = |it: &String| was.is_some_and(|was| was.iter().any(|w| is(Some(w), it)));
            all.iter().filter(|it| !known(it)).cloned().collect()
        };
        for user in new(&users.exclude_users, was.map(|it| &it.exclude_users)) {
            // `GuestsOrExternalUsers` is nobody of the tenant's own.
            if !user.eq_ignore_ascii_case("GuestsOrExternalUsers") {
                self.add(facts, &Account { user_id: Some(user), ..Account::default() });
            }
        }
        for group in new(&users.exclude_groups, was.map(|it| &it.exclude_groups)) {
            self.add_group(facts, &group);
        }
        for role in new(&users.exclude_roles, was.map(|it| &it.exclude_roles)) {
            if is_synchronization(&role) {
                continue;
            }
            if facts.snapshot.roles.is_none() {
                self.missing.push(format!("Who holds the role `{role}`, which is left out."));
            }
            for holder in facts.holders_of(&role, |_| true) {
                self.add(facts, &holder);
            }
        }
    }

    /// Whether everybody whom the set leaves out is approved, and everybody is known.
    pub(super) fn is_all_approved(&self, question: &Question<'_>) -> bool {
        let approvals = &question.circumstances.approvals;
        self.missing.is_empty()
            && self.subjects.values().all(|it| approvals.iter().any(|one| is_of(one, it)))
    }

    /// Nobody whose exception needs several people has it by one.
    pub(super) fn approved(&self, question: &Question<'_>) -> Verdict {
        let after = question.after;
        let (mut violated, mut missing) = (Vec::new(), self.missing.clone());
        let subjects: Vec<Account> = self.subjects.values().cloned().collect();
        for (account, executive) in subjects.iter().zip(executives(after, &subjects)) {
            let label = account.label();
            // Two people and a signed document are enough for anybody, known or not.
            if is_agreed(question, account) {
                continue;
            }
            let mut roles = after.roles_of(account).into_iter();
            let administers = roles.any(|it| !is_synchronization(&it.role));
            let role = administers.then_some("an administrator");
            let what = executive.filter(|it| *it).map(|_| "an executive").or(role);
            let Some(what) = what else {
                if executive.is_none() {
                    missing.push(format!("Whether `{label}`, who is left out, is an executive."));
                }
                if after.snapshot.roles.is_none() {
                    missing.push(format!("Whether `{label}`, who is left out, holds a role."));
                }
                continue;
            };
            violated.push(format!(
                "`{label}` is {what}: the exception needs a signed decision and two people, \
                 `{label}` not among them."
            ));
        }
        Verdict::of(violated, missing)
    }
}

/// Whether a role is that of directory synchronisation, which cannot answer a prompt.
pub(super) fn is_synchronization(role: &str) -> bool {
    [DIRECTORY_SYNCHRONIZATION_ACCOUNTS, ON_PREMISES_DIRECTORY_SYNC_ACCOUNT]
        .iter()
        .any(|it| role.eq_ignore_ascii_case(it))
}

/// Whether an approval is of this account.
pub(super) fn is_of(approval: &Approval, account: &Account) -> bool {
    let subject = &approval.subject;
    let same = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => !one.is_empty() && one.eq_ignore_ascii_case(other),
        _ => false,
    };
    same(&subject.user_id, &account.user_id)
        || same(&subject.user_principal_name, &account.user_principal_name)
}

fn is_agreed(question: &Question<'_>, account: &Account) -> bool {
    let approvals = || question.circumstances.approvals.iter().filter(|it| is_of(it, account));
    let is_signed = |it: &Approval| it.decision.as_ref().is_some_and(|it| !it.trim().is_empty());
    let mut people: BTreeSet<String> = approvals()
        .filter(|it| is_signed(it))
        .flat_map(|it| &it.approvers)
        .map(|name| name.trim().to_lowercase())
        .collect();
    if people.is_empty() {
        return false;
    }
    if let Some(Operator::Delegated { account, .. }) = &question.circumstances.operator {
        people.insert(account.label().to_lowercase());
    }
    for own in [&account.user_principal_name, &account.user_id, &account.display_name] {
        people.remove(&own.clone().unwrap_or_default().to_lowercase());
    }
    people.remove("");
    people.len() >= AGREED
}
