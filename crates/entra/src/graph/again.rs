//! Reading again what a change set rests on.
//!
//! Between the snapshot a set was made from and the moment it is carried out anybody may have changed
//! the tenant. So exactly the objects it rests on are read once more, with all policies, security
//! defaults, named locations, the break-glass accounts with their group, and the service health; the
//! rest stays as the snapshot has it.
//!
//! What Graph refuses to tell now is unknown now, whatever the snapshot says. What nobody told when the
//! snapshot was taken stays untold as a list: a few objects of it would look like all of it.

mod overlay;

use std::collections::BTreeSet;

use jiff::Timestamp;
use records::{JsonRecord, Offer, Record};
use rollout::Snapshot;
use rollout::change::{Object, is_provisional};
use serde_json::{Value, json};

use self::overlay::{Overlay, overlay};
use super::call::{Call, Version, Workload};
use super::catalogue::{self, Read};
use super::client::Client;
use super::download::is_out_of_reach;
use super::error::GraphError;
use super::transport::Transport;
use crate::exports::Collector;

/// What is read again, besides what every set rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Objects.
    pub objects: BTreeSet<Object>,
    /// Break-glass accounts, by user principal name.
    pub accounts: Vec<String>,
    /// Break-glass groups, by display name.
    pub groups: Vec<String>,
}

/// The tenant as it is now, as far as it was read again.
#[derive(Debug, Clone)]
pub struct Again {
    /// The snapshot with what was read again in its place.
    pub snapshot: Snapshot,
    /// When the first request of it was sent.
    pub read_at: Timestamp,
    /// What Graph did not tell this time, a sentence each. It is unknown in the snapshot.
    pub untold: Vec<String>,
}

/// An object could not be read again, so that nobody knows what it is now.
#[derive(Debug, thiserror::Error)]
#[error("could not read {what} again")]
pub struct CannotReadAgain {
    /// What.
    pub what: String,
    /// Why not.
    #[source]
    pub source: Box<GraphError>,
}

/// Reads again.
///
/// # Errors
/// When the tenant cannot be reached, or an account, a group or the roles of one cannot be read.
pub async fn again<T: Transport>(
    client: &Client<T>,
    snapshot: &Snapshot,
    wanted: &Wanted,
) -> Result<Again, CannotReadAgain> {
    let read_at = client.now();
    let mut run = Run {
        client,
        snapshot,
        collector: Collector::new(),
        overlay: Overlay::default(),
        untold: Vec::new(),
    };
    run.lists().await?;
    let mut plain = Plain::of(wanted);
    run.named(&mut plain, wanted).await?;
    run.users(&plain).await?;
    run.groups(&plain).await?;
    run.roles(&plain).await?;
    let Run { collector, overlay: which, untold, .. } = run;
    let snapshot = overlay(snapshot, collector.finish(), &which);
    Ok(Again { snapshot, read_at, untold })
}

/// Ids of what is read again one by one.
#[derive(Debug, Default)]
struct Plain {
    users: BTreeSet<String>,
    methods: BTreeSet<String>,
    per_user_mfa: BTreeSet<String>,
    groups: BTreeSet<String>,
    members: BTreeSet<String>,
    roles: BTreeSet<String>,
}

impl Plain {
    fn of(wanted: &Wanted) -> Self {
        let mut plain = Self::default();
        for object in &wanted.objects {
            plain.add(object);
        }
        plain
    }

    fn add(&mut self, object: &Object) {
        let mut sets: Vec<(&mut BTreeSet<String>, &str)> = Vec::new();
        match object {
            Object::User(id) => sets.push((&mut self.users, id)),
            Object::Methods(id) => {
                sets.push((&mut self.users, id));
                sets.push((&mut self.methods, id));
            }
            Object::PerUserMfa(id) => {
                sets.push((&mut self.users, id));
                sets.push((&mut self.per_user_mfa, id));
            }
            Object::Group(id) => sets.push((&mut self.groups, id)),
            Object::Members(group) | Object::Membership { group, .. } => {
                sets.push((&mut self.groups, group));
                sets.push((&mut self.members, group));
            }
            Object::Roles(id) => sets.push((&mut self.roles, id)),
            Object::UserNamed(_)
            | Object::GroupNamed(_)
            | Object::Policy(_)
            | Object::PolicyNumbered(_)
            | Object::SecurityDefaults
            | Object::Campaign => {}
        }
        for (set, id) in sets {
            if !is_provisional(id) {
                set.insert(id.to_lowercase());
            }
        }
    }
}

struct Run<'r, T> {
    client: &'r Client<T>,
    snapshot: &'r Snapshot,
    collector: Collector,
    overlay: Overlay,
    untold: Vec<String>,
}

impl<T: Transport> Run<'_, T> {
    /// What is read whole, whatever the set rests on.
    async fn lists(&mut self) -> Result<(), CannotReadAgain> {
        for id in [
            "conditional-access-policies",
            "named-locations",
            "security-defaults",
            "methods-policy",
            "service-issues",
        ] {
            let Some(read) = catalogue::read(id) else { continue };
            let is_list = read.shape == catalogue::Shape::List;
            let result =
                if is_list { self.list(read.call(None)).await } else { self.one(read).await };
            match result {
                Ok(objects) => {
                    self.overlay.told.insert(id);
                    for object in &objects {
                        self.offer_of(read.title, object)?;
                    }
                }
                Err(error) => self.not_told(read, error)?,
            }
            self.overlay.asked.insert(id);
        }
        Ok(())
    }

    /// A list is unknown from now on; a tenant out of reach ends everything.
    fn not_told(&mut self, read: &Read, error: GraphError) -> Result<(), CannotReadAgain> {
        if is_out_of_reach(&error) || matches!(error, GraphError::Unreachable { .. }) {
            return Err(cannot(read.title, error));
        }
        self.untold.push(format!("Graph did not tell {} this time: {error}.", read.title));
        Ok(())
    }

    async fn one(&self, read: &Read) -> Result<Vec<Listed>, GraphError> {
        let value = self.object(&read.call(None)).await?;
        Ok(vec![Listed { value, context: None }])
    }

    async fn object(&self, call: &Call) -> Result<Value, GraphError> {
        let answer = self.client.call(call).await?;
        answer.json().map_err(|error| unreadable(call, &error))
    }

    /// Every object of every page, each with the context of its page.
    async fn list(&self, call: Call) -> Result<Vec<Listed>, GraphError> {
        let mut pages = self.client.pages(call.clone());
        let mut all = Vec::new();
        while let Some(page) = pages.next().await? {
            let body: Value =
                serde_json::from_slice(&page.body).map_err(|error| unreadable(&call, &error))?;
            all.extend(objects_of(&body));
        }
        Ok(all)
    }

    /// Objects that are known by their names: whatever has the name now.
    async fn named(&mut self, plain: &mut Plain, wanted: &Wanted) -> Result<(), CannotReadAgain> {
        let of_set = |object: &Object, is_user: bool| match object {
            Object::UserNamed(name) if is_user => Some(name.clone()),
            Object::GroupNamed(name) if !is_user => Some(name.clone()),
            _ => None,
        };
        let accounts: BTreeSet<String> =
            wanted.objects.iter().filter_map(|it| of_set(it, true)).collect();
        for name in accounts.iter().chain(&wanted.accounts) {
            let found = self.user(name).await?;
            if let Some(id) = found {
                plain.methods.insert(id.clone());
                plain.roles.insert(id);
            }
        }
        let groups: BTreeSet<String> =
            wanted.objects.iter().filter_map(|it| of_set(it, false)).collect();
        for name in groups.iter().chain(&wanted.groups) {
            for id in self.groups_named(name).await? {
                plain.members.insert(id);
            }
        }
        Ok(())
    }

    async fn user(&mut self, name: &str) -> Result<Option<String>, CannotReadAgain> {
        let what = format!("the account `{name}`");
        match self.object(&user_call(name)).await {
            Ok(user) => {
                let id = text(&user, "id").map(str::to_lowercase);
                self.offer_as(&what, user, "#users/$entity")?;
                self.overlay.names.insert(name.to_lowercase());
                self.overlay.users.extend(id.clone());
                Ok(id)
            }
            Err(GraphError::Refused { status: 404, .. }) => {
                self.overlay.names.insert(name.to_lowercase());
                Ok(None)
            }
            Err(error) => Err(cannot(what, error)),
        }
    }

    async fn groups_named(&mut self, name: &str) -> Result<Vec<String>, CannotReadAgain> {
        let what = format!("the group `{name}`");
        let filter = format!("displayName eq '{}'", name.replace('\'', "''"));
        let call = Call::get(Version::V1, "/groups", Workload::Directory);
        let call = call.with("$filter", filter).with("$select", GROUP);
        let found = self.list(call).await.map_err(|error| cannot(&what, error))?;
        self.overlay.group_names.insert(name.to_lowercase());
        let mut ids = Vec::new();
        for Listed { value: group, .. } in found {
            let id = text(&group, "id").map(str::to_lowercase);
            self.overlay.groups.extend(id.clone());
            ids.extend(id);
            self.offer_as(&what, group, "#groups/$entity")?;
        }
        Ok(ids)
    }

    async fn users(&mut self, plain: &Plain) -> Result<(), CannotReadAgain> {
        let ids: Vec<&String> =
            plain.users.iter().filter(|it| !self.overlay.users.contains(*it)).collect();
        let calls: Vec<Call> = ids.iter().map(|id| user_call(id)).collect();
        for (id, answer) in ids.into_iter().zip(self.client.batch(&calls).await) {
            let what = format!("the account `{id}`");
            self.overlay.users.insert(id.clone());
            match answer {
                Ok(answer) => {
                    let user = answer.json().map_err(|error| cannot(&what, broken(&error)))?;
                    self.offer_as(&what, user, "#users/$entity")?;
                }
                // It is gone.
                Err(GraphError::Refused { status: 404, .. }) => {}
                Err(error) => return Err(cannot(what, error)),
            }
        }
        self.of_users("authentication-methods", &plain.methods).await?;
        self.of_users("per-user-mfa", &plain.per_user_mfa).await
    }

    /// What is asked of single accounts. What is refused is unknown.
    async fn of_users(
        &mut self,
        id: &'static str,
        users: &BTreeSet<String>,
    ) -> Result<(), CannotReadAgain> {
        let Some(read) = catalogue::read(id) else { return Ok(()) };
        let calls: Vec<Call> = users.iter().map(|user| read.call(Some(user))).collect();
        for (user, answer) in users.iter().zip(self.client.batch(&calls).await) {
            let is_methods = id == "authentication-methods";
            let asked =
                if is_methods { &mut self.overlay.methods } else { &mut self.overlay.per_user_mfa };
            asked.insert(user.clone());
            match answer {
                Ok(answer) => {
                    let body = answer.json().map_err(|error| cannot(read.title, broken(&error)))?;
                    let line = if is_methods {
                        json!({"userId": user, "methods": body.get("value")})
                    } else {
                        json!({"userId": user, "perUserMfaState": body.get("perUserMfaState")})
                    };
                    self.offer(read.title, &line)?;
                }
                Err(GraphError::Refused { status: 404, .. }) => {}
                Err(error) => self.not_told(read, error)?,
            }
        }
        Ok(())
    }

    async fn groups(&mut self, plain: &Plain) -> Result<(), CannotReadAgain> {
        for id in plain
            .groups
            .iter()
            .filter(|it| !self.overlay.groups.contains(*it))
            .cloned()
            .collect::<Vec<_>>()
        {
            let what = format!("the group `{id}`");
            let call = Call::get(Version::V1, format!("/groups/{id}"), Workload::Directory);
            match self.object(&call.with("$select", GROUP)).await {
                Ok(group) => self.offer_as(&what, group, "#groups/$entity")?,
                Err(GraphError::Refused { status: 404, .. }) => {}
                Err(error) => return Err(cannot(what, error)),
            }
            self.overlay.groups.insert(id);
        }
        let Some(read) = catalogue::read("group-members") else { return Ok(()) };
        for id in &plain.members {
            self.overlay.members.insert(id.clone());
            match self.list(read.call(Some(id))).await {
                Ok(members) => {
                    let members: Vec<Value> = members.into_iter().map(|it| it.value).collect();
                    self.offer(read.title, &json!({"groupId": id, "members": members}))?;
                }
                Err(GraphError::Refused { status: 404, .. }) => {}
                Err(error) => self.not_told(read, error)?,
            }
        }
        Ok(())
    }

    /// The roles of single accounts and groups, by the lists that the snapshot was made of.
    async fn roles(&mut self, plain: &Plain) -> Result<(), CannotReadAgain> {
        let was_refused = |id: &str| self.snapshot.refused.iter().any(|gap| gap.id == id);
        let reads = ["role-assignments", "active-roles", "eligible-roles"].into_iter();
        let reads: Vec<&Read> =
            reads.filter_map(catalogue::read).filter(|read| !was_refused(read.gap)).collect();
        for id in &plain.roles {
            let what = format!("the roles of `{id}`");
            for read in &reads {
                let call = read.call(None).with("$filter", format!("principalId eq '{id}'"));
                let held = self.list(call).await.map_err(|error| cannot(&what, error))?;
                for role in &held {
                    self.offer_of(&what, role)?;
                }
            }
            self.overlay.roles.insert(id.clone());
        }
        Ok(())
    }

    fn offer_of(&mut self, what: &str, listed: &Listed) -> Result<(), CannotReadAgain> {
        self.offer_in(what, &listed.value, listed.context.as_deref())
    }

    fn offer_as(
        &mut self,
        what: &str,
        object: Value,
        context: &str,
    ) -> Result<(), CannotReadAgain> {
        self.offer_in(what, &object, Some(context))
    }

    fn offer(&mut self, what: &str, object: &Value) -> Result<(), CannotReadAgain> {
        self.offer_in(what, object, None)
    }

    /// Hands an object to the reader of exported files, as that finds it in a page. What it cannot read
    /// nobody knows.
    fn offer_in(
        &mut self,
        what: &str,
        object: &Value,
        context: Option<&str>,
    ) -> Result<(), CannotReadAgain> {
        let bytes = object.to_string();
        let record = Record::Json(JsonRecord { bytes: bytes.as_bytes(), line: 0, context });
        let reason = match self.collector.offer(&record, "") {
            Offer::Taken => return Ok(()),
            Offer::Unreadable(reason) => reason,
            Offer::NotMine => "it is none of what was asked for".to_owned(),
        };
        let source = GraphError::Unreadable { call: what.to_owned(), reason };
        Err(cannot(what, source))
    }
}

/// An object of a list, with the context of its page. It stays beside the object: within, it would be
/// one more property of it.
struct Listed {
    value: Value,
    context: Option<String>,
}

/// Properties of a group.
const GROUP: &str = "id,displayName,groupTypes,securityEnabled,mailEnabled,membershipRule,\
                     isAssignableToRole,onPremisesSyncEnabled";

/// One account, with what the snapshot reads of accounts but the dates of its last sign-ins, which
/// move by themselves.
fn user_call(who: &str) -> Call {
    let path = format!("/users/{}", catalogue::segment(who));
    Call::get(Version::V1, path, Workload::Directory).with("$select", catalogue::USER)
}

fn objects_of(page: &Value) -> Vec<Listed> {
    let context = text(page, "@odata.context");
    let list = page.get("value").and_then(Value::as_array).into_iter().flatten();
    list.map(|value| Listed { value: value.clone(), context: context.map(str::to_owned) }).collect()
}

fn text<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    object.get(key).and_then(Value::as_str)
}

fn unreadable(call: &Call, error: &serde_json::Error) -> GraphError {
    GraphError::Unreadable { call: call.name(), reason: error.to_string() }
}

fn broken(error: &serde_json::Error) -> GraphError {
    GraphError::Unreadable { call: "a batch".to_owned(), reason: error.to_string() }
}

fn cannot(what: impl Into<String>, source: GraphError) -> CannotReadAgain {
    CannotReadAgain { what: what.into(), source: Box::new(source) }
}
