//! What the app registration may see, by asking for one object of each list.

use serde_json::Value;

use super::super::call::Call;
use super::super::catalogue::{self, READS, Read, Shape, Subjects};
use super::super::client::{Answer, Client};
use super::super::error::GraphError;
use super::super::manifest::{ReadState, State};
use super::super::transport::Transport;
use super::{is_out_of_reach, lists, refusal};

/// Asks for one object of everything the catalogue names, and keeps nothing of it.
///
/// # Errors
/// When the tenant cannot be reached, or gives no token.
pub async fn probe<T: Transport>(
    client: &Client<T>,
    told: &mut dyn FnMut(&ReadState),
) -> Result<Vec<ReadState>, GraphError> {
    let mut states: Vec<ReadState> = READS.iter().map(ReadState::pending).collect();
    let (mut user, mut group): (Option<String>, Option<String>) = (None, None);
    for read in &READS {
        let answer = match read.shape {
            Shape::Part => continue,
            Shape::List | Shape::Log | Shape::Object => ask(client, read, &mut states).await,
            Shape::Each(subjects) => {
                let known = if subjects == Subjects::Groups { &group } else { &user };
                match known {
                    Some(id) => client.call(&read.call(Some(id))).await,
                    None => continue,
                }
            }
        };
        let (state, body) = match answer {
            Ok(answer) => (State::Done, answer.json().ok()),
            Err(error) if is_out_of_reach(&error) => return Err(error),
            // Whoever was asked for has no mailbox: the permission is there.
            Err(GraphError::Refused { status: 404, .. })
                if matches!(read.shape, Shape::Each(_)) =>
            {
                (State::Done, None)
            }
            Err(error) => (refusal::state_of(&error, read), None),
        };
        match read.id {
            "users" => user = body.as_ref().and_then(first_id),
            "groups" => group = body.as_ref().and_then(first_id),
            _ => {}
        }
        set(&mut states, read.id, state);
        if let Some(state) = states.iter().find(|state| state.id == read.id) {
            told(state);
        }
    }
    Ok(states)
}

/// One object of a list, asked for in the ways the catalogue knows.
async fn ask<T: Transport>(
    client: &Client<T>,
    read: &Read,
    states: &mut [ReadState],
) -> Result<Answer, GraphError> {
    let mut refused = None;
    let ways = read.fallbacks.iter().map(Some);
    for way in std::iter::once(None).chain(ways) {
        let query = way.map_or(read.query, |way| way.query);
        match client.call(&one(read, query)).await {
            Ok(answer) => {
                if lists::kind_of(read).is_some() {
                    applied(states, &answer.body);
                }
                for id in read.fallbacks.iter().flat_map(|way| way.parts) {
                    let given_up = way.is_some_and(|way| way.parts.contains(id));
                    let why = refused.as_ref().filter(|_| given_up);
                    let part = catalogue::read(id);
                    let state = why.zip(part).map(|(error, part)| refusal::state_of(error, part));
                    set(states, id, state.unwrap_or(State::Done));
                }
                return Ok(answer);
            }
            Err(error) if refusal::is_refusal(&error) => {
                refused.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    // There is at least one way, and it was refused.
    Err(refused.unwrap_or(GraphError::Unreadable {
        call: read.request(),
        reason: "it was not asked for".to_owned(),
    }))
}

/// The request for one object only, where the list can be cut short.
fn one(read: &Read, query: &[(&'static str, &'static str)]) -> Call {
    let mut call = read.call_with(query, None);
    for (name, value) in &mut call.query {
        if *name == "$top" {
            "1".clone_into(value);
        }
    }
    match lists::kind_of(read) {
        Some(kind) => call.with("$filter", format!("signInEventTypes/any(t: t eq '{kind}')")),
        None => call,
    }
}

fn applied(states: &mut [ReadState], body: &[u8]) {
    let empty = serde_json::from_slice(body).ok().as_ref().and_then(first_id).is_none();
    let known = states.iter().any(|it| it.id == "applied-policies" && it.is_whole());
    if empty || known {
        return;
    }
    let state = if lists::shows_applied_policies(body) {
        State::Done
    } else {
        let permission = catalogue::read("applied-policies").map_or("", |part| part.permission);
        State::PermissionMissing { permission: permission.to_owned() }
    };
    set(states, "applied-policies", state);
}

fn set(states: &mut [ReadState], id: &str, state: State) {
    if let Some(found) = states.iter_mut().find(|it| it.id == id) {
        found.state = state;
    }
}

fn first_id(page: &Value) -> Option<String> {
    Some(page.get("value")?.get(0)?.get("id")?.as_str()?.to_owned())
}
