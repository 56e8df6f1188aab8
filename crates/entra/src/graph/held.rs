//! The methods that one person holds, with the ids by which they can be deleted.
//!
//! A snapshot holds what a method is, and no id: a reset reads the person's own list (Microsoft Graph,
//! *List methods*) at the moment it is drafted.

use records::{JsonRecord, Offer, Record};
use rollout::AuthenticationMethod;
use rollout::change::draft::HeldMethod;
use serde_json::{Value, json};

use super::call::{Call, Version, Workload};
use super::client::Client;
use super::error::GraphError;
use super::transport::Transport;
use super::writes::{ObjectId, reset_order};
use crate::exports::Collector;

/// What a person holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Every method, a password and a pass too, as a snapshot has them.
    pub methods: Vec<AuthenticationMethod>,
    /// What can be deleted, in an order that Graph accepts: phones last.
    pub deletable: Vec<HeldMethod>,
    /// Types of methods that nobody can delete this way.
    pub left: Vec<String>,
}

/// Reads the methods of a person.
///
/// # Errors
/// When the tenant cannot be reached, refuses, or answers with something that is no list of methods.
pub async fn held_methods<T: Transport>(
    client: &Client<T>,
    user: &ObjectId,
) -> Result<Held, GraphError> {
    let path = format!("/users/{user}/authentication/methods");
    let call = Call::get(Version::V1, path, Workload::Directory);
    let mut pages = client.pages(call.clone());
    let mut listed = Vec::new();
    while let Some(page) = pages.next().await? {
        let body: Value =
            serde_json::from_slice(&page.body).map_err(|error| unreadable(&call, error))?;
        let Some(list) = body.get("value").and_then(Value::as_array) else {
            return Err(unreadable(&call, "there is no list `value` in it"));
        };
        listed.extend(list.iter().cloned());
    }
    held_of(&call, user, &listed)
}

/// One method that cannot be read makes the whole list unknown: what is not seen is not deleted, and
/// would stay good.
fn held_of(call: &Call, user: &ObjectId, listed: &[Value]) -> Result<Held, GraphError> {
    let methods = listed.iter().map(|it| method(call, it)).collect::<Result<Vec<_>, _>>()?;
    let (order, left) = reset_order(user, listed);
    let is = |id: &ObjectId, value: &Value| {
        value.get("id").and_then(Value::as_str).is_some_and(|it| it == id.as_str())
    };
    let known = || listed.iter().zip(&methods);
    let deletable = order.iter().filter_map(|deletion| {
        let (_, method) = known().find(|(value, _)| is(&deletion.id, value))?;
        Some(HeldMethod { id: deletion.id.as_str().to_owned(), method: method.clone() })
    });
    let deletable: Vec<HeldMethod> = deletable.collect();
    if deletable.len() != order.len() {
        return Err(unreadable(call, "two methods in it cannot be told apart"));
    }
    Ok(Held { deletable, left, methods })
}

/// As the reader of exported files has it.
fn method(call: &Call, value: &Value) -> Result<AuthenticationMethod, GraphError> {
    let mut collector = Collector::new();
    let line = json!({"id": "it", "authentication": {"methods": [value]}}).to_string();
    let context = Some("#users/$entity");
    let record = Record::Json(JsonRecord { bytes: line.as_bytes(), line: 0, context });
    match collector.offer(&record, "") {
        Offer::Taken => {}
        Offer::Unreadable(reason) => return Err(unreadable(call, reason)),
        Offer::NotMine => {
            return Err(unreadable(call, "there is something in it that is no method"));
        }
    }
    let users = collector.finish().users.unwrap_or_default();
    let read = users.into_iter().filter_map(|user| user.methods).flatten().next();
    read.ok_or_else(|| unreadable(call, "there is something in it that is no method"))
}

fn unreadable(call: &Call, reason: impl std::fmt::Display) -> GraphError {
    GraphError::Unreadable { call: call.name(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "00000000-0000-4000-a000-000000000005";

    fn held(listed: &Value) -> Result<Held, String> {
        let call = Call::get(Version::V1, "/users/it/authentication/methods", Workload::Directory);
        let user = ObjectId::new(USER).unwrap();
        held_of(&call, &user, listed.as_array().unwrap()).map_err(|error| match error {
            GraphError::Unreadable { reason, .. } => reason,
            other => other.to_string(),
        })
    }

    fn of(kind: &str, id: &str) -> Value {
        json!({"@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethod"), "id": id})
    }

    #[test]
    fn phones_last_and_what_stays() {
        let listed = json!([
            of("phone", "3179e48a-750b-4051-897c-87b9720928f7"),
            of("password", "28c10230-6103-485e-b985-444c60001490"),
            of("fido2", "key-1"),
            of("platformCredential", "mac-1"),
            of("fido2", "key-2"),
        ]);
        let held = held(&listed).unwrap();
        let ids: Vec<&str> = held.deletable.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["key-1", "key-2", "3179e48a-750b-4051-897c-87b9720928f7"]);
        assert_eq!(held.left, ["#microsoft.graph.platformCredentialAuthenticationMethod"]);
        let kinds: Vec<&str> = held.methods.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(kinds, ["phone", "password", "fido2", "platformCredential", "fido2"]);
    }

    #[test]
    fn a_method_that_cannot_be_read_makes_all_unknown() {
        for (what, reason) in [
            (json!([of("fido2", "key-1"), {"id": "no type"}]), "@odata.type"),
            (json!([of("fido2", "key-1"), "no object"]), ""),
            (json!([null]), ""),
        ] {
            let error = held(&what).unwrap_err();
            assert!(error.contains(reason), "{what}: {error}");
        }
    }

    #[test]
    fn nobody_holds_nothing() {
        assert_eq!(held(&json!([])).unwrap(), Held::default());
    }
}
