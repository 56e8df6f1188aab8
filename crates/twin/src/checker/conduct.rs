//! Whether what a caller wrote kept people able to sign in: judged from the request log and from the
//! tenant's own documents, of which every version is kept. What the caller says of itself is not asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::documents::Collection;
use crate::request_log::{Entry, RequestLog};
use crate::world::World;

/// Template id of Global Administrator, the same in every tenant.
const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
/// Fewest accounts that must get in whatever a policy for everybody says.
const FEWEST: usize = 2;

/// A promise that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// A policy for everybody is on, and fewer than two working break-glass accounts are excluded.
    BreakGlass,
    /// A policy blocks everybody, or the application the caller signs in as.
    BlocksItself,
    /// Two callers wrote in turns.
    TwoAtOnce,
    /// The same object was made twice.
    MadeTwice,
    /// Security defaults are off, and nothing that is on asks for MFA.
    Unprotected,
    /// A write that no confirmed change asks for.
    OutsidePlan,
    /// The journal does not hold a write, or says something else of it.
    NotInJournal,
    /// A write was begun after somebody asked to stop.
    AfterStop,
    /// A new object that was not shown yet was taken for missing, and made once more.
    TakenForMissing,
    /// The way back does not lead to where it began.
    NotRestored,
}

/// One broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Number of the request in the log.
    pub number: u64,
    /// The promise.
    pub promise: Promise,
    /// What of it.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "request {}: {:?}: {}", self.number, self.promise, self.what)
    }
}

/// Everything that the caller's writes did to the tenant.
#[must_use]
pub fn conduct(log: &RequestLog, world: &World) -> Vec<Broken> {
    let mut all = two_at_once(log);
    for entry in log.entries.iter().filter(|it| it.applied) {
        let before = entry.at.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(entry.at);
        let (was, is) = (Tenant { world, at: before }, Tenant { world, at: entry.at });
        // What was wrong before this write, somebody else did, or it has been told.
        for (policy, why) in is.without_break_glass() {
            if !was.without_break_glass().contains_key(&policy) {
                all.push(broken(entry, Promise::BreakGlass, &why));
            }
        }
        for (policy, why) in is.blocking_everybody() {
            if !was.blocking_everybody().contains_key(&policy) {
                all.push(broken(entry, Promise::BlocksItself, &why));
            }
        }
        for (name, count) in is.twins() {
            if was.twins().get(&name).copied().unwrap_or(1) < count {
                let what = format!("{count} objects are called `{}`", name.1);
                all.push(broken(entry, Promise::MadeTwice, &what));
            }
        }
    }
    all.sort_by_key(|it| (it.number, it.promise));
    all
}

/// Whether the tenant was left without any demand for MFA, by the last write, and still is in the
/// end: somebody else may have turned security defaults on since, and then nothing more is written.
#[must_use]
pub fn left_unprotected(log: &RequestLog, world: &World) -> Option<Broken> {
    let last = log.entries.iter().rfind(|it| it.applied)?;
    let turned_off =
        log.entries.iter().any(|it| it.applied && it.target.contains("SecurityDefaults"));
    let open = turned_off
        && [last.at, Timestamp::MAX].into_iter().all(|at| {
            let tenant = Tenant { world, at };
            !tenant.defaults_are_on() && !tenant.somebody_is_asked()
        });
    open.then(|| {
        broken(last, Promise::Unprotected, "security defaults are off and no policy is on")
    })
}

/// Writes of one caller between writes of another. A caller that was killed never writes again.
fn two_at_once(log: &RequestLog) -> Vec<Broken> {
    let mut over: BTreeSet<u64> = BTreeSet::new();
    let mut current: Option<u64> = None;
    let mut found = Vec::new();
    for entry in log.entries.iter().filter(|it| it.applied) {
        let Some(caller) = entry.caller else { continue };
        if current != Some(caller) {
            over.extend(current);
            current = Some(caller);
        }
        if over.contains(&caller) {
            let what = "another caller has written since its last write";
            found.push(broken(entry, Promise::TwoAtOnce, what));
        }
    }
    found
}

pub(super) fn broken(entry: &Entry, promise: Promise, what: &str) -> Broken {
    let path = entry.target.split('?').next().unwrap_or_default();
    let what = format!("after {} {path}: {what}", entry.method);
    Broken { number: entry.number, promise, what }
}

/// The tenant as it was.
struct Tenant<'a> {
    world: &'a World,
    at: Timestamp,
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The value at a path of keys.
fn at<'a>(object: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    let mut value = object.get(*first)?;
    for key in rest {
        value = value.get(*key)?;
    }
    Some(value)
}

const USERS: [&str; 2] = ["conditions", "users"];

impl Tenant<'_> {
    fn enabled(&self) -> Vec<(String, Map<String, Value>)> {
        let all = self.world.documents.list(&Collection::Policies, self.at);
        all.filter(|(_, it)| text(it, "state") == "enabled")
            .map(|(id, it)| (id.to_owned(), it.clone()))
            .collect()
    }

    fn for_everybody(policy: &Map<String, Value>) -> bool {
        texts(at(policy, &[&USERS[..], &["includeUsers"]].concat())).any(|it| it == "All")
    }

    /// Policies for everybody that do not spare two accounts that work.
    fn without_break_glass(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (id, policy) in self.enabled() {
            if !Self::for_everybody(&policy) {
                continue;
            }
            let spared = self.spared(&policy);
            let working = spared.iter().filter(|user| self.works_as_break_glass(user)).count();
            if working < FEWEST {
                let name = text(&policy, "displayName");
                let what = format!(
                    "`{name}` is on for everybody and spares {working} working break-glass accounts"
                );
                found.insert(id, what);
            }
        }
        found
    }

    /// Ids of the accounts a policy excludes, through groups, too.
    fn spared(&self, policy: &Map<String, Value>) -> BTreeSet<String> {
        let lower = |it: &str| it.to_ascii_lowercase();
        let mut users: BTreeSet<String> =
            texts(at(policy, &[&USERS[..], &["excludeUsers"]].concat())).map(lower).collect();
        let mut groups: Vec<String> =
            texts(at(policy, &[&USERS[..], &["excludeGroups"]].concat())).map(lower).collect();
        let mut seen = BTreeSet::new();
        while let Some(group) = groups.pop() {
            if !seen.insert(group.clone()) {
                continue;
            }
            let within = Collection::GroupMembers(self.group_key(&group));
            for (id, member) in self.world.documents.list(&within, self.at) {
                if text(member, "@odata.type").ends_with("group") {
                    groups.push(lower(id));
                } else {
                    users.insert(lower(id));
                }
            }
        }
        users
    }

    /// Members are kept under the id as the group has it.
    fn group_key(&self, id: &str) -> String {
        let found = self.world.documents.get(&Collection::Groups, id, self.at);
        found.map_or_else(|| id.to_owned(), |it| text(it, "id").to_owned())
    }

    /// Enabled, a Global Administrator without an end, and with a method no policy can take away.
    fn works_as_break_glass(&self, id: &str) -> bool {
        let Some(user) = self.world.find(&Collection::Users, id, self.at) else { return false };
        let mut roles = self.world.documents.list(&Collection::RoleAssignments, self.at);
        let is_administrator = roles.any(|(_, it)| {
            text(it, "principalId").eq_ignore_ascii_case(id)
                && text(it, "roleDefinitionId") == GLOBAL_ADMINISTRATOR
        });
        let within = Collection::AuthenticationMethods(text(&user, "id").to_owned());
        let strong = (0..self.world.count(&within, self.at))
            .filter_map(|place| self.world.item(&within, place, self.at))
            .any(|it| {
                let kind = text(&it, "@odata.type").to_owned();
                ["fido2", "x509"].iter().any(|word| kind.contains(word))
            });
        user.get("accountEnabled") == Some(&Value::Bool(true)) && is_administrator && strong
    }

    /// Policies that block everybody everywhere, or every application.
    fn blocking_everybody(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (id, policy) in self.enabled() {
            let blocks =
                texts(at(&policy, &["grantControls", "builtInControls"])).any(|it| it == "block");
            let condition = |name: &str| at(&policy, &["conditions", name]).cloned();
            let is_set = |name: &str| {
                condition(name).is_some_and(|it| {
                    !it.is_null() && it.as_array().is_none_or(|list| !list.is_empty())
                })
            };
            let all_apps =
                texts(at(&policy, &["conditions", "applications", "includeApplications"]))
                    .any(|it| it == "All");
            let clients = condition("clientAppTypes").unwrap_or_default();
            let every_client = texts(Some(&clients)).any(|it| it == "all" || it == "browser");
            let narrowed = ["platforms", "locations", "authenticationFlows", "devices", "times"]
                .iter()
                .chain(&["userRiskLevels", "signInRiskLevels"])
                .any(|it| is_set(it));
            let everybody = Self::for_everybody(&policy) && all_apps && every_client && !narrowed;
            if blocks && (everybody || is_set("clientApplications")) {
                let name = text(&policy, "displayName");
                found.insert(id, format!("`{name}` blocks who carries the plan out"));
            }
        }
        found
    }

    /// Names that more than one living object of a kind has.
    fn twins(&self) -> BTreeMap<(&'static str, String), usize> {
        let kinds = [
            ("policy", Collection::Policies),
            ("group", Collection::Groups),
            ("location", Collection::NamedLocations),
        ];
        let mut counts = BTreeMap::new();
        for (kind, within) in kinds {
            for (_, object) in self.world.documents.list(&within, self.at) {
                let name = text(object, "displayName").to_owned();
                *counts.entry((kind, name)).or_insert(0) += 1;
            }
        }
        counts.retain(|_, count| *count > 1);
        counts
    }

    fn defaults_are_on(&self) -> bool {
        let mut all = self.world.documents.list(&Collection::SecurityDefaults, self.at);
        all.any(|(_, it)| it.get("isEnabled") == Some(&Value::Bool(true)))
    }

    /// Some policy that is on demands something.
    fn somebody_is_asked(&self) -> bool {
        self.enabled().iter().any(|(_, it)| it.get("grantControls").is_some_and(|it| !it.is_null()))
    }
}

#[cfg(test)]
mod tests;
