//! Who a policy is for (Entra documentation, *Users, groups and workload identities*).

use super::directory::{Directory, Subject};
use super::rule::{GuestRule, Rule, UserRule, UserSet, UserWord, WorkloadRule, WorkloadWord};
use super::why::Why;
use crate::facts::{ClientApp, UserType};
use crate::outcome::Fact;
use crate::policy::ExternalTenants;
use crate::truth::Truth;

/// What the user condition reads of a sign-in beside the user.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings {
    pub(super) client_app: Option<ClientApp>,
    /// Teams or SharePoint is among the resources.
    pub(super) blurs_guests: Truth,
}

/// A service principal that signs in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Workload<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) owned: Option<bool>,
    pub(super) managed_identity: Option<bool>,
}

/// Whether it depends on more than the user whom a policy is for: guest types blur towards Teams
/// and SharePoint, and ActiveSync policies may reach more than they name.
pub(super) fn reads_surroundings(rule: &Rule) -> bool {
    let UserRule { include, exclude } = &rule.users;
    rule.names_active_sync() || include.guests.is_some() || exclude.guests.is_some()
}

/// Whether the policy is for this user.
pub(super) fn user(
    rule: &Rule,
    directory: &Directory,
    subject: &Subject,
    around: Surroundings,
    why: &mut Why,
) -> Truth {
    if rule.workloads.is_some() {
        return Truth::False;
    }
    let exclude = &rule.users.exclude;
    let excluded = why.answer(|why| covers(exclude, directory, subject, around, why));
    let included = included(rule, directory, subject, around, why);
    included.and(excluded.negated())
}

/// Whether a policy for users includes this one, excluded or not.
pub(super) fn included(
    rule: &Rule,
    directory: &Directory,
    subject: &Subject,
    around: Surroundings,
    why: &mut Why,
) -> Truth {
    if rule.workloads.is_some() {
        return Truth::False;
    }
    why.answer(|why| {
        let named = covers(&rule.users.include, directory, subject, around, why);
        named.or(through_active_sync(rule, around.client_app, why))
    })
}

/// An ActiveSync policy for roles or guest types is said to reach all users (*Conditions*, client
/// apps); how far is not documented.
fn through_active_sync(rule: &Rule, client_app: Option<ClientApp>, why: &mut Why) -> Truth {
    let include = &rule.users.include;
    let by_kind = !include.roles.is_empty()
        || include.guests.is_some()
        || include.users.contains(&UserWord::GuestsOrExternalUsers);
    let may_be = client_app.is_none_or(|it| it == ClientApp::ExchangeActiveSync);
    if by_kind && may_be && rule.names_active_sync() {
        return why.unknown(|| Fact::Behaviour("ActiveSync policy for roles or guest types"));
    }
    Truth::False
}

fn covers(
    set: &UserSet,
    directory: &Directory,
    subject: &Subject,
    around: Surroundings,
    why: &mut Why,
) -> Truth {
    let mut truth = Truth::False;
    for word in &set.users {
        truth = truth.or(user_word(word, subject, why));
    }
    for group in &set.groups {
        truth = truth.or(match group {
            Ok(id) => noted(directory.in_group(subject, id), why, || match subject.id {
                Some(_) => Fact::GroupMembers(id.clone()),
                None => Fact::Identity,
            }),
            Err(word) => unmodelled(word, why),
        });
    }
    for role in &set.roles {
        truth = truth.or(match role {
            Ok(id) => noted(directory.in_role(subject, id), why, || match subject.id {
                Some(_) => Fact::RoleAssignment(id.clone()),
                None => Fact::Identity,
            }),
            Err(word) => unmodelled(word, why),
        });
    }
    if let Some(guests) = &set.guests {
        truth = truth.or(guest(guests, subject, around, why));
    }
    for path in &set.unmodelled {
        truth = truth.or(unmodelled(path, why));
    }
    truth
}

fn noted(truth: Truth, why: &mut Why, fact: impl FnOnce() -> Fact) -> Truth {
    if truth.is_unknown() { why.unknown(fact) } else { truth }
}

fn unmodelled(word: &str, why: &mut Why) -> Truth {
    why.unknown(|| Fact::Unmodelled(word.to_owned()))
}

pub(super) fn user_word(word: &UserWord, subject: &Subject, why: &mut Why) -> Truth {
    match word {
        UserWord::All => Truth::True,
        UserWord::None => Truth::False,
        UserWord::GuestsOrExternalUsers => match subject.user.kind {
            None => why.unknown(|| Fact::UserType),
            Some(kind) => Truth::from(kind != UserType::Member),
        },
        UserWord::Id(id) => match &subject.id {
            Some(seen) if !is_name(seen) => Truth::from(seen == id),
            _ => why.unknown(|| Fact::Identity),
        },
        UserWord::Unmodelled(word) => unmodelled(word, why),
    }
}

/// A user principal name stands in the place of an object id that nobody saw.
pub(super) fn is_name(id: &str) -> bool {
    id.contains('@')
}

pub(super) fn guest(
    rule: &GuestRule,
    subject: &Subject,
    around: Surroundings,
    why: &mut Why,
) -> Truth {
    let Some(kind) = subject.user.kind else { return why.unknown(|| Fact::UserType) };
    if kind == UserType::Member {
        return Truth::False;
    }
    let of_kind = why.answer(|why| guest_kind(rule, kind, around, why));
    let of_tenant = why.answer(|why| match &rule.tenants {
        ExternalTenants::All => Truth::True,
        ExternalTenants::Unreadable => unmodelled("externalTenants", why),
        ExternalTenants::Enumerated(_) if kind == UserType::InternalGuest => {
            why.unknown(|| Fact::Behaviour("internal guests and a list of tenants"))
        }
        ExternalTenants::Enumerated(members) => match &subject.user.home_tenant {
            Some(home) => members.iter().any(|it| it.eq_ignore_ascii_case(home)).into(),
            None => why.unknown(|| Fact::HomeTenant),
        },
    });
    of_kind.and(of_tenant)
}

fn guest_kind(rule: &GuestRule, kind: UserType, around: Surroundings, why: &mut Why) -> Truth {
    let names = |kind: UserType| rule.kinds.iter().any(|it| it.as_ref() == Ok(&kind));
    if kind == UserType::Guest {
        let names_all = UserType::KINDS.iter().all(|(kind, _)| names(*kind));
        return if names_all { Truth::True } else { why.unknown(|| Fact::UserType) };
    }
    if names(kind) {
        return Truth::True;
    }
    let mut truth = Truth::False;
    for word in rule.kinds.iter().filter_map(|it| it.as_ref().err()) {
        truth = truth.or(unmodelled(word, why));
    }
    // Teams and SharePoint blur the two families: a policy for one can reach the other there
    // (External ID documentation, *Authentication and Conditional Access for B2B users*).
    let collaborates =
        names(UserType::B2bCollaborationGuest) || names(UserType::B2bCollaborationMember);
    let other_family = match kind {
        UserType::B2bDirectConnectUser => collaborates,
        UserType::B2bCollaborationGuest | UserType::B2bCollaborationMember => {
            names(UserType::B2bDirectConnectUser) && !collaborates
        }
        _ => false,
    };
    if other_family && !around.blurs_guests.is_false() {
        let behaviour =
            Fact::Behaviour("B2B collaboration and direct connect in Teams, SharePoint");
        truth = truth.or(why.unknown(|| behaviour));
    }
    truth
}

/// Whether the policy is for this service principal (*Conditional Access for workload
/// identities*). Managed identities and applications of others are never matched.
pub(super) fn workload(rule: &Rule, workload: Workload<'_>, why: &mut Why) -> Truth {
    let Some(assignment) = &rule.workloads else { return Truth::False };
    let can_match = why.answer(|why| {
        let owned = why.of(workload.owned, || Fact::ServicePrincipalOwner);
        let managed = why.of(workload.managed_identity, || Fact::ServicePrincipalOwner);
        owned.and(managed.negated())
    });
    let WorkloadRule { include, exclude, filter } = assignment;
    let filtered = |include: bool, why: &mut Why| match filter {
        Some(mode) if mode.is_none_or(|mode| mode == include) => {
            why.unknown(|| Fact::Behaviour("custom security attributes of a service principal"))
        }
        _ => Truth::False,
    };
    let excluded = why.answer(|why| any_workload(exclude, workload, why).or(filtered(false, why)));
    let included = why.answer(|why| any_workload(include, workload, why).or(filtered(true, why)));
    can_match.and(included).and(excluded.negated())
}

fn any_workload(words: &[WorkloadWord], workload: Workload<'_>, why: &mut Why) -> Truth {
    words.iter().fold(Truth::False, |truth, word| {
        truth.or(match word {
            WorkloadWord::InMyTenant => why.of(workload.owned, || Fact::ServicePrincipalOwner),
            WorkloadWord::None => Truth::False,
            WorkloadWord::Id(id) => match workload.id {
                Some(seen) => seen.eq_ignore_ascii_case(id).into(),
                None => why.unknown(|| Fact::Identity),
            },
            WorkloadWord::Unmodelled(word) => unmodelled(word, why),
        })
    })
}
