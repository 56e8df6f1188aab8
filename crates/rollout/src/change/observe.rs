//! What a change set rests on, as it is seen at one time.
//!
//! An observation holds the properties that a change or a guard reads, and nothing that moves by
//! itself: not when somebody last signed in, not when a policy was last saved.

use std::collections::{BTreeMap, BTreeSet};

use conditional_access::{Policy, write_policy};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::apply::{PASS, names_of};
use super::canonical::digest;
use super::identifiers::{is, same};
use crate::snapshot::{Group, Snapshot, User};

/// One object of a tenant that a change set rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Object {
    /// An account, by id.
    User(String),
    /// Whatever account has this user principal name.
    UserNamed(String),
    /// A group without its members, by id.
    Group(String),
    /// Whatever groups have this display name.
    GroupNamed(String),
    /// All direct members of a group, by its id.
    Members(String),
    /// Whether one object is a direct member of a group.
    Membership {
        /// Id of the group.
        group: String,
        /// Id of the member.
        member: String,
        /// Name of the member, for lists that tell no ids.
        name: String,
    },
    /// The roles of an account or group, by its id.
    Roles(String),
    /// A Conditional Access policy, by id.
    Policy(String),
    /// Whatever policies have a name that begins with this number, such as `CA001`.
    PolicyNumbered(String),
    /// Security defaults.
    SecurityDefaults,
    /// The registration campaign.
    Campaign,
    /// Per-user MFA of an account, by its id.
    PerUserMfa(String),
    /// The registered methods of an account, by its id.
    Methods(String),
}

/// What was seen of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observation {
    /// Nobody told.
    NotSeen,
    /// It was told not to be there.
    Absent,
    /// Its properties by their names.
    Seen(BTreeMap<String, Value>),
}

impl Observation {
    /// SHA-256 of what was seen.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&match self {
            Self::NotSeen => json!("not seen"),
            Self::Absent => json!("absent"),
            Self::Seen(properties) => json!(properties),
        })
    }

    pub(super) fn one(name: &str, value: impl Into<Value>) -> Self {
        Self::Seen(BTreeMap::from([(name.to_owned(), value.into())]))
    }
}

/// Looks at objects of one snapshot.
#[derive(Debug)]
pub struct Observer<'a> {
    snapshot: &'a Snapshot,
    /// Places of accounts by their lower-case ids, worked out once.
    users: Option<BTreeMap<String, usize>>,
    /// Members of groups by the id of the group, worked out once.
    members: BTreeMap<String, Option<BTreeSet<String>>>,
}

impl<'a> Observer<'a> {
    /// An observer.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, users: None, members: BTreeMap::new() }
    }

    /// What is seen of an object.
    pub fn observe(&mut self, object: &Object) -> Observation {
        let snapshot = self.snapshot;
        match object {
            Object::User(id) => self.of_user(id, user),
            Object::Methods(id) => self.of_user(id, methods),
            Object::PerUserMfa(id) => self.of_user(id, |user| {
                user.per_user_mfa.map_or(Observation::NotSeen, |state| {
                    Observation::one("perUserMfaState", json!(state))
                })
            }),
            Object::UserNamed(name) => {
                let users = snapshot.users.as_deref();
                several(
                    users,
                    |it| is(it.account.user_principal_name.as_deref(), name),
                    |it| it.account.user_id.clone(),
                )
            }
            Object::Group(id) => self.of_group(id, group),
            Object::GroupNamed(name) => {
                let groups = snapshot.groups.as_deref();
                several(groups, |it| is(it.display_name.as_deref(), name), |it| it.id.clone())
            }
            Object::Members(id) => self.of_members(id),
            Object::Membership { group, member, name } => {
                // Nobody is a member of a group that is not there.
                let is_gone = self.of_group(group, |_| Observation::NotSeen) == Observation::Absent;
                match self.members(group) {
                    None if is_gone => Observation::one("member", false),
                    None => Observation::NotSeen,
                    Some(members) => {
                        let is_member = members.contains(&member.to_lowercase())
                            || members.contains(&name.to_lowercase());
                        Observation::one("member", is_member)
                    }
                }
            }
            Object::Roles(id) => self.of_roles(id),
            Object::Policy(id) => self.of_policy(id),
            Object::PolicyNumbered(number) => {
                let policies = snapshot.policies.as_deref();
                several(policies, |it| is_numbered(it, number), |it| it.id.clone())
            }
            Object::SecurityDefaults => snapshot
                .security_defaults
                .map_or(Observation::NotSeen, |on| Observation::one("isEnabled", on)),
            Object::Campaign => {
                let policy = snapshot.methods_policy.as_ref();
                policy.and_then(|it| it.campaign.as_ref()).map_or(Observation::NotSeen, |it| {
                    let campaign = json!({
                        "state": it.state,
                        "snoozeDurationInDays": it.snooze_days,
                        "enforceRegistrationAfterAllowedSnoozes": it.enforced_after_snoozes,
                        "targetedAuthenticationMethod": it.targeted_method,
                        "excludeTargets": it.excluded,
                    });
                    flat(&campaign)
                })
            }
        }
    }

    fn of_user(&mut self, id: &str, look: impl Fn(&User) -> Observation) -> Observation {
        let Some(users) = &self.snapshot.users else { return Observation::NotSeen };
        let places = self.users.get_or_insert_with(|| {
            let ids = users.iter().enumerate().rev();
            ids.filter_map(|(at, it)| Some((it.account.user_id.as_ref()?.to_lowercase(), at)))
                .collect()
        });
        let found = places.get(&id.to_lowercase()).and_then(|place| users.get(*place));
        found.map_or(Observation::Absent, look)
    }

    fn of_group(&self, id: &str, look: impl Fn(&Group) -> Observation) -> Observation {
        let Some(groups) = &self.snapshot.groups else { return Observation::NotSeen };
        let found = groups.iter().find(|it| is(it.id.as_deref(), id));
        found.map_or(Observation::Absent, look)
    }

    fn of_members(&mut self, id: &str) -> Observation {
        if self.of_group(id, |_| Observation::NotSeen) == Observation::Absent {
            return Observation::Absent;
        }
        match self.members(id) {
            None => Observation::NotSeen,
            Some(members) => {
                let members: Vec<&String> = members.iter().collect();
                Observation::one("members", json!(members))
            }
        }
    }

    fn members(&mut self, id: &str) -> Option<&BTreeSet<String>> {
        let groups = &self.snapshot.groups;
        let known = self.members.entry(id.to_lowercase()).or_insert_with(|| {
            let found = groups.iter().flatten().find(|it| is(it.id.as_deref(), id))?;
            Some(found.members.as_ref()?.iter().filter_map(names_of).collect())
        });
        known.as_ref()
    }

    fn of_roles(&self, id: &str) -> Observation {
        let Some(roles) = &self.snapshot.roles else { return Observation::NotSeen };
        let held = roles.iter().filter(|it| is(it.principal_id.as_deref(), id));
        let mut held: Vec<String> = held
            .map(|it| {
                let state = if it.active { "active" } else { "eligible" };
                let scope = it.scope.as_deref().unwrap_or("a scope that was not told");
                let end = it.ends.map(|end| format!(", until {end}")).unwrap_or_default();
                format!("{}, {state}, {scope}{end}", it.role.to_lowercase())
            })
            .collect();
        held.sort_unstable();
        Observation::one("roles", held)
    }

    fn of_policy(&self, id: &str) -> Observation {
        let Some(policies) = &self.snapshot.policies else { return Observation::NotSeen };
        let found = policies.iter().find(|it| is(it.id.as_deref(), id));
        found.map_or(Observation::Absent, policy)
    }
}

/// Whether the name of a policy begins with a number such as `CA001`.
pub(super) fn is_numbered(policy: &Policy, number: &str) -> bool {
    let first = policy.display_name.split([' ', '-', ':']).next().unwrap_or_default();
    same(first, number)
}

fn user(user: &User) -> Observation {
    flat(&json!({
        "userPrincipalName": user.account.user_principal_name,
        "displayName": user.account.display_name,
        "accountEnabled": user.account_enabled,
        "userType": user.user_type,
        "onPremisesSyncEnabled": user.on_premises_sync,
    }))
}

fn methods(user: &User) -> Observation {
    let Some(methods) = &user.methods else { return Observation::NotSeen };
    let mut all: Vec<String> = methods
        .iter()
        .map(|it| {
            // Of a pass it counts that there is one: when it was made, whoever issues it cannot plan.
            if it.kind == PASS {
                return it.kind.clone();
            }
            let told = [
                it.detail.clone(),
                it.aaguid.clone(),
                it.created.map(|created| format!("registered {created}")),
            ];
            let told = told.into_iter().flatten();
            std::iter::once(it.kind.clone()).chain(told).collect::<Vec<_>>().join(", ")
        })
        .collect();
    all.sort_unstable();
    Observation::one("methods", all)
}

fn group(group: &Group) -> Observation {
    let mut owners = group.owners.clone();
    if let Some(owners) = &mut owners {
        owners.sort_unstable();
    }
    flat(&json!({
        "displayName": group.display_name,
        "membershipRule": group.membership_rule,
        "isAssignableToRole": group.assignable_to_role,
        "owners": owners,
    }))
}

fn policy(policy: &Policy) -> Observation {
    let mut written = write_policy(policy);
    if let Some(all) = written.as_object_mut() {
        let moves_by_itself = ["createddatetime", "modifieddatetime", "deleteddatetime"];
        all.retain(|key, _| !moves_by_itself.contains(&key.to_ascii_lowercase().as_str()));
    }
    flat(&written)
}

/// The ids of whatever fits. Without any, it is absent.
fn several<T>(
    all: Option<&[T]>,
    fits: impl Fn(&T) -> bool,
    id: impl Fn(&T) -> Option<String>,
) -> Observation {
    let Some(all) = all else { return Observation::NotSeen };
    let found: Vec<&T> = all.iter().filter(|it| fits(it)).collect();
    if found.is_empty() {
        return Observation::Absent;
    }
    let mut ids: Vec<String> =
        found.into_iter().map(|it| id(it).unwrap_or_default().to_lowercase()).collect();
    ids.sort_unstable();
    Observation::one("id", ids)
}

/// Properties by their paths. What is null or an empty list is left out, as Graph sends either for
/// what is not set; a list of texts has no order.
fn flat(value: &Value) -> Observation {
    let mut properties = BTreeMap::new();
    flatten(&mut properties, String::new(), value);
    Observation::Seen(properties)
}

fn flatten(properties: &mut BTreeMap<String, Value>, path: String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(all) => {
            for (key, value) in all {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(properties, path, value);
            }
        }
        Value::Array(all) if all.is_empty() => {}
        plain => {
            properties.insert(path, without_order(plain.clone()));
        }
    }
}

/// A list of texts sorted; anything else as it is.
pub(super) fn without_order(value: Value) -> Value {
    match value {
        Value::Array(mut all) if all.iter().all(Value::is_string) => {
            all.sort_unstable_by(|one, other| one.as_str().cmp(&other.as_str()));
            Value::Array(all)
        }
        other => other,
    }
}
