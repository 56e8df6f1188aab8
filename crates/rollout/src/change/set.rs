//! Several changes in order, with what they rest on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::apply::Applying;
use super::canonical::digest;
use super::danger::{Danger, danger_by};
use super::edit::{Edit, Presence};
use super::identifiers::{is_provisional, replaced};
use super::inverse::NoInverse;
use super::names::Names;
use super::observe::{Object, Observation, Observer};
use super::reach::Reach;
use crate::preflight::Stage;
use crate::snapshot::{MemberKind, Snapshot};

/// One change, with why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// What is changed.
    pub edit: Edit,
    /// Why, a sentence.
    pub reason: String,
    /// What it asks of whoever confirms it.
    pub danger: Danger,
    /// What people notice, a sentence, from the figures of the impact. `None`: nothing, or nobody
    /// worked it out.
    pub effect: Option<String>,
    /// The way back, or why there is none.
    pub inverse: Result<Edit, NoInverse>,
}

/// What a set of changes is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Break-glass accounts, their role and their group.
    BreakGlass,
    /// A policy that is made or changed and asks nobody yet, or only a few.
    Policies,
    /// The pilot.
    Pilot,
    /// The registration campaign.
    Campaign,
    /// Filling the bridge group.
    Bridge,
    /// From security defaults, or from the pilot, to MFA for all users.
    CutOver,
    /// Taking per-user MFA away from people whom a policy covers.
    PerUserMfa,
    /// An exception begins or ends.
    Exception,
    /// One person's methods are reset.
    Reset,
    /// Accounts that nobody uses are disabled.
    Dormant,
    /// The way back of a set.
    Rollback {
        /// Id of that set.
        of: String,
    },
}

/// The two changes between which people have less protection than before: the first is the last
/// before the gap, the second closes it. Places in [`ChangeSet::changes`], the first being 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapReceipt {
    /// The change that opens the gap; when it is done is the first time of the receipt.
    pub opens: usize,
    /// The change that closes it; when it is done is the second time.
    pub closes: usize,
}

/// Changes before they are bound to what was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What for.
    pub purpose: Purpose,
    /// A heading for people.
    pub title: String,
    /// The step of the rollout it belongs to.
    pub step: Stage,
    /// The changes with their reasons, in order.
    pub edits: Vec<(Edit, String)>,
    /// The gap it opens and closes.
    pub gap: Option<GapReceipt>,
    /// What else it rests on: objects that it does not change.
    pub rests_on: BTreeSet<Object>,
}

/// When and from what a set is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The clock.
    pub at: Timestamp,
    /// Digest of the snapshot.
    pub from: String,
    /// From when on it may not be carried out.
    pub expires: Timestamp,
}

/// An object that a set rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// Which.
    pub object: Object,
    /// SHA-256 of what was seen of it.
    pub digest: String,
    /// What was seen.
    pub then: Observation,
    /// What it will be after a change, by the place of the change in the set; only where a change
    /// touches it.
    pub planned: BTreeMap<usize, Observation>,
}

/// Changes in order, with a digest. Never edited once made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeSet {
    /// SHA-256 of everything else in the set.
    pub id: String,
    /// What for.
    pub purpose: Purpose,
    /// A heading for people.
    pub title: String,
    /// The step of the rollout it belongs to.
    pub step: Stage,
    /// The changes, in the order in which they are carried out.
    pub changes: Vec<Change>,
    /// The gap it opens and closes.
    pub gap: Option<GapReceipt>,
    /// Every object it rests on.
    pub rests_on: Vec<Observed>,
    /// Primary domain of the tenant it was made for, lower case: whoever confirms a severe change types
    /// it. `None`: nobody told, and nothing severe can be confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Names of the objects that its policies speak of, as they were shown. The id covers them.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub names: Names,
    /// When it was made.
    pub made_at: Timestamp,
    /// Digest of the snapshot it was made from.
    pub made_from: String,
    /// From when on it may not be carried out.
    pub expires: Timestamp,
}

/// A set that is not what its id says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the change set `{id}` was altered: its content has the digest `{content}`")]
pub struct WrongDigest {
    /// The id it carries.
    pub id: String,
    /// The digest of its content.
    pub content: String,
}

impl ChangeSet {
    /// Binds changes to what was seen. Changes that would change nothing are kept, so that the
    /// places of a gap stay what they are; their danger is none.
    #[must_use]
    pub fn make(draft: Draft, snapshot: &Snapshot, made: Made) -> Self {
        let mut objects = draft.rests_on;
        let mut applying = Applying::of(snapshot.clone());
        for (edit, _) in &draft.edits {
            // Of a group that is filled only the memberships that are changed count.
            let is_members = |it: &Object| matches!(it, Object::Members(_));
            let fills = matches!(edit, Edit::Membership { .. });
            objects.extend(edit.touches().into_iter().filter(|it| !fills || !is_members(it)));
            objects.extend(edit.reads());
            applying.apply(edit);
        }
        let worlds = [Reach::of(snapshot), Reach::of(&applying.snapshot)];
        let changes = draft.edits.iter().map(|(edit, reason)| {
            let danger = danger_by(edit, &worlds);
            let is_way_back = matches!(draft.purpose, Purpose::Rollback { .. });
            Change {
                edit: edit.clone(),
                reason: reason.clone(),
                danger: if is_way_back { danger.max(Danger::Severe) } else { danger },
                effect: None,
                inverse: edit.inverse(),
            }
        });
        let mut set = Self {
            id: String::new(),
            purpose: draft.purpose.clone(),
            title: draft.title,
            step: draft.step,
            changes: changes.collect(),
            gap: draft.gap,
            rests_on: observed(snapshot, &draft.edits, objects),
            tenant: snapshot.tenant.primary_domain().map(str::to_lowercase),
            names: Names::for_edits(draft.edits.iter().map(|(edit, _)| edit), snapshot),
            made_at: made.at,
            made_from: made.from,
            expires: made.expires,
        };
        set.id = set.content_digest();
        set
    }

    /// The same set with what people notice of each change, from the figures of the impact.
    #[must_use]
    pub fn with_effects(mut self, effect: impl Fn(usize, &Change) -> Option<String>) -> Self {
        let effects: Vec<Option<String>> =
            self.changes.iter().enumerate().map(|(place, it)| effect(place, it)).collect();
        for (change, effect) in self.changes.iter_mut().zip(effects) {
            change.effect = effect;
        }
        self.id = self.content_digest();
        self
    }

    /// SHA-256 of everything but the id.
    #[must_use]
    pub fn content_digest(&self) -> String {
        // A document of texts, whole numbers and lists always has a JSON form.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Some(all) = value.as_object_mut() {
            all.remove("id");
        }
        digest(&value)
    }

    /// Whether the set is what its id says.
    ///
    /// # Errors
    /// When it was altered.
    pub fn verify(&self) -> Result<(), WrongDigest> {
        let content = self.content_digest();
        if content == self.id { Ok(()) } else { Err(WrongDigest { id: self.id.clone(), content }) }
    }

    /// What the whole set asks of whoever confirms it.
    #[must_use]
    pub fn danger(&self) -> Danger {
        self.changes.iter().map(|change| change.danger).max().unwrap_or(Danger::None)
    }

    /// Whether a set made at some time may no longer be carried out.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires
    }

    /// One change with the ids that Graph has given meanwhile in the place of provisional ones. For
    /// carrying out; the set that was confirmed, and its id, stay what they are. The object that
    /// the change makes keeps its provisional id.
    ///
    /// # Errors
    /// When there is no such change, or nobody knows the id of an object that it names.
    pub fn edit_with_ids(
        &self,
        place: usize,
        id_of: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Edit, CannotCarryOut> {
        let change = self.changes.get(place).ok_or(CannotCarryOut::NoSuchChange { place })?;
        let made = change.edit.made_id();
        let value = serde_json::to_value(&change.edit).unwrap_or_default();
        let value = replaced(value, &|id| if made == Some(id) { None } else { id_of(id) });
        let mut missing = BTreeSet::new();
        collect_provisional(&value, &mut missing);
        if let Some(made) = made {
            missing.remove(made);
        }
        match missing.pop_first() {
            Some(id) => Err(CannotCarryOut::NoId { id }),
            None => serde_json::from_value(value)
                .map_err(|source| CannotCarryOut::NotAChange { place, source }),
        }
    }
}

/// A change with the ids that Graph has given in the place of provisional ones, that of the object the
/// change is about among them: the way back of a change that made it.
///
/// # Errors
/// When nobody knows the id of an object that it names.
pub fn edit_with_every_id(
    edit: &Edit,
    id_of: &dyn Fn(&str) -> Option<String>,
) -> Result<Edit, CannotCarryOut> {
    let value = replaced(serde_json::to_value(edit).unwrap_or_default(), id_of);
    let mut missing = BTreeSet::new();
    collect_provisional(&value, &mut missing);
    match missing.pop_first() {
        Some(id) => Err(CannotCarryOut::NoId { id }),
        None => serde_json::from_value(value)
            .map_err(|source| CannotCarryOut::NotAChange { place: 0, source }),
    }
}

/// Why a change cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum CannotCarryOut {
    /// The set has fewer changes.
    #[error("the change set has no change at place {place}")]
    NoSuchChange {
        /// The place, from 0.
        place: usize,
    },
    /// An object that an earlier change makes has no id yet.
    #[error("nobody knows the id of `{id}`")]
    NoId {
        /// Its provisional id.
        id: String,
    },
    /// What an id was put into is no change any more.
    #[error("the change at place {place} cannot take these ids")]
    NotAChange {
        /// The place, from 0.
        place: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

fn collect_provisional(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_provisional(text) => {
            found.insert(text.clone());
        }
        Value::Array(all) => all.iter().for_each(|it| collect_provisional(it, found)),
        Value::Object(all) => all.values().for_each(|it| collect_provisional(it, found)),
        _ => {}
    }
}

/// What was seen of each object, and what will be after each change that touches it.
fn observed(
    snapshot: &Snapshot,
    edits: &[(Edit, String)],
    objects: BTreeSet<Object>,
) -> Vec<Observed> {
    let mut observer = Observer::of(snapshot);
    let mut all: BTreeMap<Object, Observed> = objects
        .into_iter()
        .map(|object| {
            let then = observer.observe(&object);
            let digest = then.digest();
            (object.clone(), Observed { object, digest, then, planned: BTreeMap::new() })
        })
        .collect();
    let mut applying = Applying::of(snapshot.clone());
    for (place, (edit, _)) in edits.iter().enumerate() {
        applying.apply(edit);
        let touched = edit.touches();
        let mut observer = Observer::of(&applying.snapshot);
        for object in touched {
            let Some(observed) = all.get_mut(&object) else { continue };
            let planned = match (&object, edit) {
                // Not looked up, so that a group of many thousands is filled in one pass.
                (Object::Membership { .. }, Edit::Membership { after, .. })
                    if observed.then != Observation::NotSeen =>
                {
                    Observation::one("member", after.is_there())
                }
                (Object::Membership { .. }, _) => Observation::NotSeen,
                _ => observer.observe(&object),
            };
            observed.planned.insert(place, planned);
        }
    }
    all.into_values().collect()
}

impl Edit {
    /// The provisional id of the object that this change makes.
    #[must_use]
    pub fn made_id(&self) -> Option<&str> {
        let id = match self {
            Self::User { user, after: Presence::Present, .. } => Some(user.id.as_str()),
            Self::Group { group, after: Presence::Present, .. } => Some(group.id.as_str()),
            Self::Policy { after: Some(policy), .. } => policy.0.id.as_deref(),
            _ => None,
        };
        id.filter(|id| is_provisional(id))
    }

    /// The objects whose observation the change alters.
    #[must_use]
    pub fn touches(&self) -> Vec<Object> {
        match self {
            Self::User { user, .. } => {
                let mut all = vec![Object::UserNamed(user.user_principal_name.clone())];
                if !is_provisional(&user.id) {
                    all.push(Object::User(user.id.clone()));
                }
                all
            }
            Self::Group { group, .. } => {
                let mut all = vec![Object::GroupNamed(group.display_name.clone())];
                if !is_provisional(&group.id) {
                    all.extend([
                        Object::Group(group.id.clone()),
                        Object::Members(group.id.clone()),
                    ]);
                }
                all
            }
            Self::Role { principal, .. } => existing(&principal.id, Object::Roles),
            Self::Membership { group, member, .. } => {
                let of_group = existing(&group.id, Object::Members);
                let membership = existing(&member.id, |member_id| Object::Membership {
                    group: group.id.clone(),
                    member: member_id,
                    name: member.name.clone(),
                });
                if of_group.is_empty() { Vec::new() } else { [membership, of_group].concat() }
            }
            Self::Policy { .. } => {
                let Some(policy) = self.policy() else { return Vec::new() };
                let number = policy.display_name.split([' ', '-', ':']).next().unwrap_or_default();
                let mut all = vec![Object::PolicyNumbered(number.to_owned())];
                all.extend(policy.id.iter().flat_map(|id| existing(id, Object::Policy)));
                all
            }
            Self::SecurityDefaults { .. } => vec![Object::SecurityDefaults],
            Self::Campaign { .. } => vec![Object::Campaign],
            Self::PerUserMfa { user, .. } => existing(&user.id, Object::PerUserMfa),
            Self::DeleteMethod { user, .. } | Self::TemporaryAccessPass { user, .. } => {
                existing(&user.id, Object::Methods)
            }
            // Neither a password nor a session is in a snapshot.
            Self::NewPassword { .. } | Self::RevokeSessions { .. } => Vec::new(),
            Self::AccountEnabled { user, .. } => existing(&user.id, Object::User),
        }
    }

    /// The objects that it rests on and does not alter.
    fn reads(&self) -> Vec<Object> {
        match self {
            Self::Policy { after, .. } => {
                let mut all = vec![Object::SecurityDefaults];
                let users = after.as_ref().map(|it| &it.0.conditions.users);
                for users in users.into_iter() {
                    for group in users.include_groups.iter().chain(&users.exclude_groups) {
                        all.extend(existing(group, Object::Group));
                        all.extend(existing(group, Object::Members));
                    }
                    let named = users.include_users.iter().chain(&users.exclude_users);
                    let ids = named.filter(|it| it.contains('-'));
                    all.extend(ids.flat_map(|id| existing(id, Object::User)));
                }
                all
            }
            Self::Membership { group, member, member_kind, .. } => {
                let mut all = existing(&group.id, Object::Group);
                if *member_kind == MemberKind::User {
                    all.extend(existing(&member.id, Object::User));
                }
                all
            }
            Self::Role { principal, principal_kind, .. } => match principal_kind {
                MemberKind::User => existing(&principal.id, Object::User),
                _ => existing(&principal.id, Object::Group),
            },
            Self::NewPassword { user }
            | Self::RevokeSessions { user }
            | Self::DeleteMethod { user, .. }
            | Self::TemporaryAccessPass { user, .. }
            | Self::PerUserMfa { user, .. } => existing(&user.id, Object::User),
            _ => Vec::new(),
        }
    }
}

fn existing(id: &str, object: impl Fn(String) -> Object) -> Vec<Object> {
    if is_provisional(id) { Vec::new() } else { vec![object(id.to_owned())] }
}
