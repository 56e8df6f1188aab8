//! Users, classed by what policies can tell apart about them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use crate::evaluate::PolicySet;
use crate::evaluate::identity::is_name;
use crate::facts::{IdentityProvider, PerUserMfa, Tenant, User, UserType};
use crate::policy::{ExternalTenants, Policy, Users};
use crate::truth::Truth;

/// Users who are treated alike.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Population {
    /// How many.
    pub count: usize,
    /// The ids of a few of them, the representative first.
    pub examples: Vec<String>,
    /// How many of them are guests or externals.
    pub guests: usize,
}

/// Everything about a user that a policy, a control or a layer reads.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Row {
    /// Set for users whom a policy names by their id, or may: whose id nobody saw.
    id: Option<String>,
    groups: BTreeSet<String>,
    possible_groups: BTreeSet<String>,
    roles: BTreeMap<String, Truth>,
    kind: Option<UserType>,
    direct_connect: Truth,
    /// The home tenant, if a setting or policy names it; empty for another.
    home: Option<String>,
    provider: Option<IdentityProvider>,
    federated: Option<bool>,
    per_user_mfa: Option<Option<PerUserMfa>>,
}

/// What policies name.
pub(super) struct Named {
    users: BTreeSet<String>,
    groups: BTreeSet<String>,
    tenants: BTreeSet<String>,
}

/// So many users of a class are told by their ids.
pub(super) const EXAMPLES: usize = 3;

/// The classes of all users, in one pass.
#[cfg(test)]
pub(super) fn people(set: &PolicySet, policies: &[Policy], tenant: &Tenant) -> Vec<Population> {
    let named = Named::of(policies, tenant);
    classed(&tenant.users, |user| row(set, &named, &user.id))
}

/// Users of whom the same is told, together.
pub(super) fn classed<'u, Told: Eq + Hash>(
    users: impl IntoIterator<Item = &'u User>,
    told: impl Fn(&User) -> Told,
) -> Vec<Population> {
    let mut places: HashMap<Told, usize> = HashMap::new();
    let mut classes: Vec<Population> = Vec::new();
    for user in users {
        let next = classes.len();
        let place = *places.entry(told(user)).or_insert(next);
        if place == next {
            classes.push(Population::default());
        }
        if let Some(class) = classes.get_mut(place) {
            class.count += 1;
            class.guests += usize::from(user.kind != Some(UserType::Member));
            if class.examples.len() < EXAMPLES {
                class.examples.push(user.id.clone());
            }
        }
    }
    classes
}

pub(super) fn row(set: &PolicySet, named: &Named, id: &str) -> Row {
    let subject = set.directory.subject(Some(id));
    let (groups, possible_groups, roles) = subject.standing_among(&named.groups);
    let lower = subject.id.clone().unwrap_or_default();
    let home = subject.user.home_tenant.as_ref().map(|home| {
        let home = home.to_ascii_lowercase();
        if named.tenants.contains(&home) { home } else { String::new() }
    });
    Row {
        per_user_mfa: set.per_user_mfa(&subject),
        id: (named.users.contains(&lower) || is_name(&lower)).then_some(lower),
        groups,
        possible_groups,
        roles,
        kind: subject.user.kind,
        direct_connect: subject.is_direct_connect(),
        home,
        provider: subject.user.identity_provider,
        federated: subject.user.federated,
    }
}

impl Row {
    /// What controls and layers read of a user: all but what only assignments name.
    pub(super) fn without_assignments(self) -> Self {
        Self { id: None, groups: BTreeSet::new(), possible_groups: BTreeSet::new(), ..self }
    }
}

impl Named {
    pub(super) fn of(policies: &[Policy], tenant: &Tenant) -> Self {
        let all = |of: &dyn Fn(&Users) -> Vec<String>| -> BTreeSet<String> {
            let users = policies.iter().map(|policy| &policy.conditions.users);
            users.flat_map(of).map(|it| it.to_ascii_lowercase()).collect()
        };
        let members = |tenants: &ExternalTenants| match tenants {
            ExternalTenants::Enumerated(members) => members.clone(),
            ExternalTenants::All | ExternalTenants::Unreadable => Vec::new(),
        };
        let mut tenants = all(&|users| {
            let included = members(&users.include_guest_tenants);
            [included, members(&users.exclude_guest_tenants)].concat()
        });
        tenants.extend(tenant.cross_tenant.tenants.keys().map(|it| it.to_ascii_lowercase()));
        Self {
            users: all(&|users| {
                [users.include_users.clone(), users.exclude_users.clone()].concat()
            }),
            groups: all(&|users| {
                [users.include_groups.clone(), users.exclude_groups.clone()].concat()
            }),
            tenants,
        }
    }
}
