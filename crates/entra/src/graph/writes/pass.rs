//! Temporary Access Pass.

use http::Method;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::carry_out::Done;
use super::identity::ObjectId;
use super::judge::{Found, Look, Seen, judge_gone, judge_list};
use super::step::Step;
use crate::graph::call::{Call, Version, Workload};

/// A pass for somebody who has no method. Graph shows it once, in the answer; a person has one, and
/// a new one takes the place of the old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPass {
    /// The person.
    pub user: ObjectId,
    /// From when it is good; `None`: at once.
    pub start: Option<Timestamp>,
    /// How long, in minutes; `None`: as the tenant's policy says.
    pub minutes: Option<u32>,
    /// Good for one sign-in only.
    pub once: bool,
    /// Takes the place of a pass the person has. Otherwise that pass is left and nothing is done.
    pub replace: bool,
}

fn passes(user: &ObjectId) -> String {
    format!("/users/{user}/authentication/temporaryAccessPassMethods")
}

fn list(user: &ObjectId) -> Look {
    Look::List(Call::get(Version::V1, passes(user), Workload::Directory))
}

impl Step for NewPass {
    fn words(&self) -> String {
        format!("create a Temporary Access Pass for `{}`", self.user)
    }

    fn look(&self) -> Look {
        list(&self.user)
    }

    fn judge(&self, seen: &Seen) -> Found {
        // A pass that is there cannot be read, so it is of no use and never "already as wanted".
        match judge_list(seen, &Value::Null, |_| true) {
            Found::AlreadyThere { id: Some(id) } if !self.replace => Found::Taken { id },
            Found::AlreadyThere { id } => {
                Found::Differs { id, what: vec!["a pass nobody here knows".to_owned()] }
            }
            other => other,
        }
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let mut body = Map::new();
        body.insert("isUsableOnce".to_owned(), self.once.into());
        if let Some(start) = self.start {
            body.insert("startDateTime".to_owned(), start.to_string().into());
        }
        if let Some(minutes) = self.minutes {
            body.insert("lifetimeInMinutes".to_owned(), minutes.into());
        }
        let body = Some(Value::Object(body));
        Some(Call::write(Method::POST, Version::V1, passes(&self.user), Workload::Directory, body))
    }

    fn judge_since(&self, _first: &Seen, seen: &Seen) -> Found {
        // Made by a request whose answer was lost: nobody ever saw the pass, so another replaces it.
        match judge_list(seen, &Value::Null, |_| true) {
            Found::AlreadyThere { id } => {
                Found::Differs { id, what: vec!["a pass nobody here knows".to_owned()] }
            }
            other => other,
        }
    }

    fn judge_back(&self, _first: &Seen, seen: &Seen, id: Option<&ObjectId>) -> Found {
        match judge_list(seen, &Value::Null, |_| true) {
            Found::AlreadyThere { id: seen } if seen.as_deref() != id.map(ObjectId::as_str) => {
                Found::Differs { id: seen, what: vec!["another pass".to_owned()] }
            }
            other => other,
        }
    }

    fn done(&self) -> Done {
        Done::Created
    }

    fn overwrites(&self) -> bool {
        true
    }

    fn needs_object(&self) -> bool {
        true
    }
}

/// The pass of a person goes, whatever its id: only the answer that showed it told the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovePass {
    /// The person.
    pub user: ObjectId,
}

impl Step for RemovePass {
    fn words(&self) -> String {
        format!("delete the Temporary Access Pass of `{}`", self.user)
    }

    fn look(&self) -> Look {
        list(&self.user)
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_gone(seen, |_| true)
    }

    fn send(&self, id: Option<&ObjectId>) -> Option<Call> {
        let path = format!("{}/{}", passes(&self.user), id?);
        Some(Call::write(Method::DELETE, Version::V1, path, Workload::Directory, None))
    }

    fn done(&self) -> Done {
        Done::Removed
    }

    fn needs_object(&self) -> bool {
        true
    }
}

/// The pass in the answer that shows it, and the id.
pub(super) fn pass_in(body: &[u8]) -> Option<(String, SecretString)> {
    #[derive(Deserialize)]
    struct Shown {
        id: String,
        #[serde(rename = "temporaryAccessPass")]
        pass: String,
    }
    let shown: Shown = serde_json::from_slice(body).ok()?;
    Some((shown.id, SecretString::from(shown.pass)))
}
