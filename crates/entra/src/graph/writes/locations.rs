//! Named locations. They have no description to carry a marker, so they are found by their name.

use http::Method;
use serde_json::{Map, Value};

use super::carry_out::Done;
use super::identity::ObjectId;
use super::judge::{Found, Look, Seen, judge_gone, judge_list, judge_object, text};
use super::step::{Repeat, Step};
use crate::graph::call::{Call, Version, Workload};

const PATH: &str = "/identity/conditionalAccess/namedLocations";

fn one(id: &ObjectId) -> Call {
    Call::get(Version::V1, format!("{PATH}/{id}"), Workload::ConditionalAccess)
}

fn sent(method: Method, path: String, body: Option<Value>) -> Call {
    Call::write(method, Version::V1, path, Workload::ConditionalAccess, body)
}

/// A new named location.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLocation {
    /// `displayName`, unlike that of every other location.
    pub display_name: String,
    /// Everything else, `@odata.type` among it (`#microsoft.graph.ipNamedLocation`).
    pub properties: Map<String, Value>,
}

impl NewLocation {
    fn wanted(&self) -> Value {
        let mut wanted = self.properties.clone();
        wanted.insert("displayName".to_owned(), self.display_name.as_str().into());
        Value::Object(wanted)
    }
}

impl Step for NewLocation {
    fn words(&self) -> String {
        format!("create the named location `{}`", self.display_name)
    }

    fn look(&self) -> Look {
        Look::List(Call::get(Version::V1, PATH, Workload::ConditionalAccess))
    }

    fn look_back(&self, id: Option<&ObjectId>) -> Look {
        id.map_or_else(|| self.look(), |id| Look::Object(one(id)))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_list(seen, &self.wanted(), |it| {
            text(it, "displayName").is_some_and(|it| it.eq_ignore_ascii_case(&self.display_name))
        })
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        Some(sent(Method::POST, PATH.to_owned(), Some(self.wanted())))
    }

    fn repeat(&self) -> Repeat {
        Repeat::Doubles
    }

    fn done(&self) -> Done {
        Done::Created
    }
}

/// Properties of a named location.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchLocation {
    /// The location.
    pub id: ObjectId,
    /// What is wanted, `@odata.type` among it.
    pub changes: Map<String, Value>,
}

impl Step for PatchLocation {
    fn words(&self) -> String {
        format!("change the named location `{}`", self.id)
    }

    fn look(&self) -> Look {
        Look::Object(one(&self.id))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &Value::Object(self.changes.clone()))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let body = Value::Object(self.changes.clone());
        Some(sent(Method::PATCH, format!("{PATH}/{}", self.id), Some(body)))
    }

    fn needs_object(&self) -> bool {
        true
    }
}

/// A named location goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteLocation {
    /// The location.
    pub id: ObjectId,
}

impl Step for DeleteLocation {
    fn words(&self) -> String {
        format!("delete the named location `{}`", self.id)
    }

    fn look(&self) -> Look {
        Look::Object(one(&self.id))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_gone(seen, |_| true)
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        Some(sent(Method::DELETE, format!("{PATH}/{}", self.id), None))
    }

    fn done(&self) -> Done {
        Done::Removed
    }
}
