//! Conditional Access policies.

use http::Method;
use serde_json::{Map, Value};

use super::carry_out::Done;
use super::identity::{Marker, ObjectId};
use super::judge::{Found, Look, Seen, judge_gone, judge_marked, judge_object, text};
use super::policy_body::PolicyBody;
use super::step::{Repeat, Step};
use crate::graph::call::{Call, Version, Workload};

const POLICIES: &str = "/identity/conditionalAccess/policies";
const DELETED: &str = "/identity/conditionalAccess/deletedItems/policies";

fn one(id: &ObjectId) -> Call {
    Call::get(Version::V1, format!("{POLICIES}/{id}"), Workload::ConditionalAccess)
}

fn sent(method: Method, path: String, body: Option<Map<String, Value>>) -> Call {
    let body = body.map(Value::Object);
    Call::write(method, Version::V1, path, Workload::ConditionalAccess, body)
}

/// A new policy, found again by its marker.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPolicy {
    /// The policy. The marker is added to its description.
    pub body: PolicyBody,
    /// Finds it again.
    pub marker: Marker,
}

impl NewPolicy {
    fn name(&self) -> &str {
        self.body.properties().get("displayName").and_then(Value::as_str).unwrap_or_default()
    }

    fn wanted(&self) -> Map<String, Value> {
        let mut wanted = self.body.properties().clone();
        let description = wanted.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = self.marker.after(description);
        wanted.insert("description".to_owned(), description.into());
        wanted
    }
}

impl Step for NewPolicy {
    fn words(&self) -> String {
        format!("create the policy `{}`", self.name())
    }

    fn look(&self) -> Look {
        // A tenant has at most 240 policies: all of them, so that a renamed one is found, too.
        Look::List(Call::get(Version::V1, POLICIES, Workload::ConditionalAccess))
    }

    fn look_back(&self, id: Option<&ObjectId>) -> Look {
        id.map_or_else(|| self.look(), |id| Look::Object(one(id)))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_marked(seen, &Value::Object(self.wanted()), self.name(), &self.marker)
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        Some(sent(Method::POST, POLICIES.to_owned(), Some(self.wanted())))
    }

    fn repeat(&self) -> Repeat {
        Repeat::Doubles
    }

    fn done(&self) -> Done {
        Done::Created
    }
}

/// Properties of a policy. Those left out stay; lists are replaced whole.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPolicy {
    /// The policy.
    pub id: ObjectId,
    /// What is wanted.
    pub changes: PolicyBody,
}

impl Step for PatchPolicy {
    fn words(&self) -> String {
        let names: Vec<&str> = self.changes.properties().keys().map(String::as_str).collect();
        format!("set {} of the policy `{}`", names.join(", "), self.id)
    }

    fn look(&self) -> Look {
        Look::Object(one(&self.id))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &Value::Object(self.changes.properties().clone()))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let path = format!("{POLICIES}/{}", self.id);
        Some(sent(Method::PATCH, path, Some(self.changes.properties().clone())))
    }

    fn needs_object(&self) -> bool {
        true
    }
}

/// A policy is deleted. Graph keeps it for 30 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletePolicy {
    /// The policy.
    pub id: ObjectId,
}

impl Step for DeletePolicy {
    fn words(&self) -> String {
        format!("delete the policy `{}`", self.id)
    }

    fn look(&self) -> Look {
        Look::Object(one(&self.id))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_gone(seen, |it| text(it, "deletedDateTime").is_none())
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        Some(sent(Method::DELETE, format!("{POLICIES}/{}", self.id), None))
    }

    fn done(&self) -> Done {
        Done::Removed
    }
}

/// A deleted policy comes back under its id, in the state it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestorePolicy {
    /// The policy.
    pub id: ObjectId,
}

impl Step for RestorePolicy {
    fn words(&self) -> String {
        format!("restore the policy `{}`", self.id)
    }

    fn look(&self) -> Look {
        Look::Object(one(&self.id))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &Value::Null)
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        Some(sent(Method::POST, format!("{DELETED}/{}/restore", self.id), None))
    }
}
