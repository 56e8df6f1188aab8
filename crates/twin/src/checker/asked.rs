//! What a change asks of Graph, worked out from the JSON of the change alone.
//!
//! Shares nothing with the code that sends requests: it was written from the API's documentation a
//! second time, so that an error on one side shows as a disagreement.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::documents::Collection;
use crate::request_log::Entry;
use crate::world::World;

/// Ids that objects were given, by the id that stood for them while they were not there.
#[derive(Debug, Clone, Default)]
pub(super) struct Given(BTreeMap<String, BTreeSet<String>>);

impl Given {
    /// Whether `id` is what a change means by `named`.
    fn is(&self, named: &str, id: &str) -> bool {
        named.eq_ignore_ascii_case(id)
            || self.0.get(named).is_some_and(|all| all.iter().any(|it| it.eq_ignore_ascii_case(id)))
    }

    /// The same with what was given an id under the id that stood for it, wherever it is named.
    fn as_drafted(&self, value: &Value) -> Value {
        match value {
            Value::String(id) => {
                let drafted =
                    self.0.iter().find(|(_, all)| all.iter().any(|it| it.eq_ignore_ascii_case(id)));
                drafted.map_or_else(|| value.clone(), |(named, _)| Value::String(named.clone()))
            }
            Value::Array(all) => all.iter().map(|it| self.as_drafted(it)).collect(),
            Value::Object(all) => {
                let all = all.iter().map(|(key, it)| (key.clone(), self.as_drafted(it)));
                Value::Object(all.collect())
            }
            other => other.clone(),
        }
    }

    /// Learns the id of what a request of this change made.
    pub(super) fn learn(&mut self, edit: &Value, entry: &Entry, world: &World) {
        let Some((named, within, property, name)) = made(edit) else { return };
        let before = entry.at.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(entry.at);
        let living = |at| -> BTreeSet<String> {
            let all =
                (0..world.count(&within, at)).filter_map(|place| world.item(&within, place, at));
            all.filter(|it| text_of(it, property).eq_ignore_ascii_case(name))
                .map(|it| text_of(&it, "id").to_owned())
                .collect()
        };
        let old = living(before);
        let new = living(entry.at).into_iter().filter(|it| !old.contains(it));
        self.0.entry(named.to_owned()).or_default().extend(new);
    }
}

fn text_of<'a>(object: &'a Map<String, Value>, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The text at a pointer.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The id that stands for what a change makes, where it will be, and the property that names it.
fn made(edit: &Value) -> Option<(&str, Collection, &'static str, &str)> {
    let (id, within, property, name) = match text(edit, "/kind") {
        "user" => (
            "/user/id",
            Collection::Users,
            "userPrincipalName",
            text(edit, "/user/user_principal_name"),
        ),
        "group" => {
            ("/group/id", Collection::Groups, "displayName", text(edit, "/group/display_name"))
        }
        "policy" => {
            ("/after/id", Collection::Policies, "displayName", text(edit, "/after/displayName"))
        }
        _ => return None,
    };
    let id = text(edit, id);
    // No id of Graph holds a colon.
    id.contains(':').then_some((id, within, property, name))
}

/// Whether the change makes a new object: asked twice, there would be two.
pub(super) fn makes(edit: &Value) -> bool {
    made(edit).is_some() && text(edit, "/after") != "absent"
}

/// Whether the request is one that the change asks for.
pub(super) fn asks_for(edit: &Value, entry: &Entry, given: &Given, world: &World) -> bool {
    let path = entry.target.split('?').next().unwrap_or_default();
    let Some(path) = path.strip_prefix("/v1.0/").or_else(|| path.strip_prefix("/beta/")) else {
        return false;
    };
    let parts: Vec<&str> = path.split('/').collect();
    let body = entry.body.as_ref().unwrap_or(&Value::Null);
    let method = entry.method.as_str();
    match parts.as_slice() {
        ["users", rest @ ..] => of_user(edit, method, rest, body, given),
        ["groups", rest @ ..] => of_group(edit, method, rest, body, given),
        ["roleManagement", "directory", "roleAssignments", rest @ ..] => {
            of_role(edit, (method, rest), body, given, (world, entry))
        }
        ["identity", "conditionalAccess", rest @ ..] => of_policy(edit, method, rest, body, given),
        ["policies", "identitySecurityDefaultsEnforcementPolicy"] => {
            method == "PATCH"
                && text(edit, "/kind") == "security-defaults"
                && is_only(body, &[("isEnabled", edit.get("after"))])
        }
        ["policies", "authenticationMethodsPolicy"] => method == "PATCH" && campaign(edit, body),
        _ => false,
    }
}

/// The body has these properties and no other.
fn is_only(body: &Value, properties: &[(&str, Option<&Value>)]) -> bool {
    body.as_object().is_some_and(|it| it.len() == properties.len())
        && properties.iter().all(|(key, value)| value.is_some() && body.get(*key) == *value)
}

fn of_user(edit: &Value, method: &str, rest: &[&str], body: &Value, given: &Given) -> bool {
    let after = text(edit, "/after");
    let user = |id: &str| given.is(text(edit, "/user/id"), id);
    match (text(edit, "/kind"), method, rest) {
        ("user", "POST", []) => {
            after == "present"
                && body.get("userPrincipalName") == edit.pointer("/user/user_principal_name")
                && body.get("displayName") == edit.pointer("/user/display_name")
                && body.get("accountEnabled") == Some(&Value::Bool(true))
        }
        ("user", "DELETE", [id]) => after == "absent" && user(id),
        ("new-password", "PATCH", [id]) => {
            user(id) && body.as_object().is_some_and(|it| it.keys().eq(["passwordProfile"]))
        }
        ("account-enabled", "PATCH", [id]) => {
            user(id) && is_only(body, &[("accountEnabled", edit.get("after"))])
        }
        ("per-user-mfa", "PATCH", [id, "authentication", "requirements"]) => {
            user(id) && is_only(body, &[("perUserMfaState", edit.get("after"))])
        }
        ("delete-method", "DELETE", [id, "authentication", _, method]) => {
            user(id) && text(edit, "/id").eq_ignore_ascii_case(method)
        }
        ("temporary-access-pass", "POST", [id, "authentication", kind]) => {
            after == "present"
                && user(id)
                && *kind == "temporaryAccessPassMethods"
                && body.get("isUsableOnce") == edit.get("once")
                && body.get("lifetimeInMinutes") == edit.get("minutes")
        }
        ("temporary-access-pass", "DELETE", [id, "authentication", kind, _]) => {
            // A new pass takes the place of the old one.
            let goes = after == "absent" || text(edit, "/before") == "present";
            goes && user(id) && *kind == "temporaryAccessPassMethods"
        }
        ("revoke-sessions", "POST", [id, "revokeSignInSessions"]) => user(id),
        _ => false,
    }
}

fn of_group(edit: &Value, method: &str, rest: &[&str], body: &Value, given: &Given) -> bool {
    let after = text(edit, "/after");
    let group = |id: &str| given.is(text(edit, "/group/id"), id);
    let member = |id: &str| given.is(text(edit, "/member/id"), id);
    match (text(edit, "/kind"), method, rest) {
        ("group", "POST", []) => {
            let may_hold_roles = edit.pointer("/group/assignable_to_role");
            after == "present"
                && body.get("displayName") == edit.pointer("/group/display_name")
                && body.get("securityEnabled") == Some(&Value::Bool(true))
                && body.get("mailEnabled") == Some(&Value::Bool(false))
                && body.get("isAssignableToRole").unwrap_or(&Value::Bool(false))
                    == may_hold_roles.unwrap_or(&Value::Bool(false))
        }
        ("group", "DELETE", [id]) => after == "absent" && group(id),
        ("membership", "POST", [id, "members", "$ref"]) => {
            let referred = text(body, "/@odata.id").rsplit('/').next().unwrap_or_default();
            after == "present" && group(id) && member(referred)
        }
        ("membership", "DELETE", [id, "members", gone, "$ref"]) => {
            after == "absent" && group(id) && member(gone)
        }
        _ => false,
    }
}

fn of_role(
    edit: &Value,
    (method, rest): (&str, &[&str]),
    body: &Value,
    given: &Given,
    (world, entry): (&World, &Entry),
) -> bool {
    if text(edit, "/kind") != "role" {
        return false;
    }
    let role = text(edit, "/role");
    let principal = |id: &str| given.is(text(edit, "/principal/id"), id);
    match (method, rest) {
        ("POST", []) => {
            text(edit, "/after") == "present"
                && principal(text(body, "/principalId"))
                && text(body, "/roleDefinitionId").eq_ignore_ascii_case(role)
                && text(body, "/directoryScopeId") == "/"
        }
        ("DELETE", [id]) => {
            let before = entry.at.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(entry.at);
            let was = world.documents.get(&Collection::RoleAssignments, id, before);
            text(edit, "/after") == "absent"
                && was.is_some_and(|it| {
                    principal(text_of(it, "principalId"))
                        && text_of(it, "roleDefinitionId").eq_ignore_ascii_case(role)
                })
        }
        _ => false,
    }
}

fn of_policy(edit: &Value, method: &str, rest: &[&str], body: &Value, given: &Given) -> bool {
    if text(edit, "/kind") != "policy" {
        return false;
    }
    // A set names a new group by the id that stands for it; what is sent names the group.
    let (edit, body) = (&given.as_drafted(edit), &given.as_drafted(body));
    let after = edit.get("after").unwrap_or(&Value::Null);
    let was = edit.pointer("/before/was");
    let is_named = |policy: &Value, id: &str| given.is(text(policy, "/id"), id);
    match (method, rest) {
        ("POST", ["policies"]) => {
            let (mut sent, mut wanted) = (plain(body), plain(after));
            // The mark by which it is found again stands behind the description.
            let (said, meant) =
                (taken(&mut sent, "description"), taken(&mut wanted, "description"));
            was.is_none() && sent == wanted && said.starts_with(&meant)
        }
        ("PATCH", ["policies", id]) => {
            let leads_there = match was {
                Some(was) => plain(&merged(was, body)) == plain(after),
                None => holds(after, body),
            };
            is_named(after, id) && body.as_object().is_some_and(|it| !it.is_empty()) && leads_there
        }
        ("DELETE", ["policies", id]) => after.is_null() && was.is_some_and(|it| is_named(it, id)),
        ("POST", ["deletedItems", "policies", id, "restore"]) => {
            text(edit, "/before") == "absent" && is_named(after, id)
        }
        _ => false,
    }
}

fn campaign(edit: &Value, body: &Value) -> bool {
    let path = "/registrationEnforcement/authenticationMethodsRegistrationCampaign";
    let Some(sent) = body.pointer(path) else { return false };
    let alone = body.as_object().is_some_and(|it| it.len() == 1);
    let left_out = sent.get("excludeTargets").and_then(Value::as_array);
    let leaves_out = |id: &Value| {
        left_out.is_some_and(|all| {
            let id = id.as_str().unwrap_or_default();
            all.iter().any(|it| text(it, "/id").eq_ignore_ascii_case(id))
        })
    };
    let wanted = edit.get("exclude_groups").and_then(Value::as_array);
    text(edit, "/kind") == "campaign"
        && alone
        && sent.get("state") == edit.pointer("/after/state")
        && sent.get("snoozeDurationInDays") == edit.pointer("/after/snooze_days")
        && wanted.is_none_or(|all| all.iter().all(leaves_out))
}

/// Takes a text out of an object.
fn taken(value: &mut Value, key: &str) -> String {
    let found = value.as_object_mut().and_then(|it| it.remove(key));
    found.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

/// An object without what is not set and what Graph alone sets.
fn plain(value: &Value) -> Value {
    const OF_GRAPH: [&str; 5] =
        ["id", "createdDateTime", "modifiedDateTime", "deletedDateTime", "templateId"];
    match value {
        Value::Object(all) => {
            let kept = all
                .iter()
                .filter(|(key, _)| !OF_GRAPH.contains(&key.as_str()) && !key.contains('@'));
            let kept = kept.map(|(key, value)| (key.clone(), plain(value)));
            Value::Object(kept.filter(|(_, value)| !is_nothing(value)).collect())
        }
        other => other.clone(),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        _ => false,
    }
}

/// An object after a request to change it: objects by property, lists whole, null for what goes.
fn merged(value: &Value, patch: &Value) -> Value {
    match (value, patch) {
        (_, Value::Object(patch)) => {
            let mut all = value.as_object().cloned().unwrap_or_default();
            for (key, change) in patch {
                let was = all.get(key).cloned().unwrap_or(Value::Null);
                all.insert(key.clone(), merged(&was, change));
            }
            Value::Object(all)
        }
        (_, other) => other.clone(),
    }
}

/// Everything that is sent stands in what is wanted.
fn holds(wanted: &Value, sent: &Value) -> bool {
    match sent {
        Value::Object(all) => all.iter().all(|(key, value)| {
            let found = wanted.get(key).unwrap_or(&Value::Null);
            holds(found, value)
        }),
        other => other == wanted || (is_nothing(other) && is_nothing(wanted)),
    }
}
