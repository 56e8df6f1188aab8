//! `POST /$batch` (Graph, *Combine multiple HTTP requests using JSON batching*).

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::answer::Outcome;
use super::ask::Ask;
use super::graph::{self, Answered, Moment};
use super::permission::Caller;
use super::refusal::Refusal;
use super::strike::Aim;
use super::{Service, digest, digest_text, guid, words_of};

/// Most requests of one batch.
const MOST: usize = 20;

/// One request of a batch and what it came to.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) body_digest: String,
    pub(super) answered: Answered,
}

struct Wanted {
    id: String,
    method: String,
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
    depends_on: Vec<String>,
}

/// Carries out the items of a batch, each with its own permission, budget and fault.
pub(super) fn carry_out(
    service: &mut Service,
    ask: &Ask,
    caller: &Caller,
    moment: &Moment,
) -> Result<Outcome, Refusal> {
    let wanted = read(&ask.object()?)?;
    let mut items: Vec<Item> = Vec::new();
    for (place, one) in (0..).zip(wanted) {
        let target = format!("/{}/{}", ask.version.segment(), one.url.trim_start_matches('/'));
        let failed = one
            .depends_on
            .iter()
            .any(|id| !items.iter().any(|it| it.id == *id && it.answered.status < 300));
        let answered = if failed {
            Answered::refused(Refusal::new(
                424,
                "FailedDependency",
                "A request this one depends on did not succeed.",
            ))
        } else {
            let state = &mut service.state;
            let aim = Aim::Item(place);
            let fault =
                state.struck.draw(&service.faults, aim, moment.number, &one.method, &target);
            let moment = Moment { fault, ..moment.clone() };
            one_of(service, &one, &target, caller, &moment)
        };
        items.push(Item {
            id: one.id,
            method: one.method.to_ascii_uppercase(),
            url: target,
            body_digest: digest(&one.body),
            answered,
        });
    }
    let responses = in_some_order(&items, moment);
    let answered = Answered::of(200, Some(json!({"responses": responses})));
    Ok(Outcome { answered, items })
}

fn one_of(
    service: &mut Service,
    one: &Wanted,
    target: &str,
    caller: &Caller,
    moment: &Moment,
) -> Answered {
    let Some(ask) = Ask::of(&one.method, target, &one.headers, one.body.clone()) else {
        return Answered::refused(Refusal::no_address(&one.url));
    };
    if ask.path().ends_with("$batch") {
        return Answered::refused(Refusal::bad_policy("A batch cannot hold a batch."));
    }
    graph::carry_out(service, &ask, caller, moment)
}

fn read(body: &Map<String, Value>) -> Result<Vec<Wanted>, Refusal> {
    let refused = |what: &str| Refusal::bad_policy(format!("Invalid batch payload: {what}"));
    let all = body.get("requests").and_then(Value::as_array);
    let all = all.ok_or_else(|| refused("`requests` is missing."))?;
    if all.is_empty() || all.len() > MOST {
        return Err(refused("a batch holds 1 to 20 requests."));
    }
    let mut wanted: Vec<Wanted> = Vec::new();
    for one in all {
        let one = one.as_object().ok_or_else(|| refused("a request is no object."))?;
        let text = |name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
        let id = text("id").ok_or_else(|| refused("a request has no `id`."))?;
        if wanted.iter().any(|it| it.id.eq_ignore_ascii_case(&id)) {
            return Err(refused("an `id` stands twice."));
        }
        let method = text("method").ok_or_else(|| refused("a request has no `method`."))?;
        let url = text("url").filter(|it| !it.contains("://"));
        let url = url.ok_or_else(|| refused("a `url` is relative to the version."))?;
        let depends = one.get("dependsOn").and_then(Value::as_array);
        let depends_on: Vec<String> =
            depends.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        if depends_on.iter().any(|id| !wanted.iter().any(|it| it.id == *id)) {
            return Err(refused("`dependsOn` names a request that does not stand before."));
        }
        let headers = headers(one);
        let body = one.get("body").filter(|it| !it.is_null());
        if body.is_some() && !headers.contains_key("content-type") {
            return Err(refused("a request with a body needs a Content-Type."));
        }
        let body = body.map_or(Vec::new(), |it| it.to_string().into_bytes());
        wanted.push(Wanted { id, method, url, headers, body, depends_on });
    }
    Ok(wanted)
}

fn headers(one: &Map<String, Value>) -> HeaderMap {
    let given = one.get("headers").and_then(Value::as_object);
    given
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value.as_str()?).ok()?))
        })
        .collect()
}

/// The answers, in an order nobody may rely on.
fn in_some_order(items: &[Item], moment: &Moment) -> Vec<Value> {
    let mut responses: Vec<Value> = items.iter().map(|it| response(it, moment)).collect();
    fastrand::Rng::with_seed(moment.number).shuffle(&mut responses);
    responses
}

fn response(item: &Item, moment: &Moment) -> Value {
    let id = guid(&digest_text(&words_of(&["item", &moment.number.to_string(), &item.id])));
    let mut headers = Map::new();
    headers.insert("request-id".to_owned(), Value::from(id.clone()));
    for (name, value) in item.answered.all_headers(moment.now) {
        let name = if name == "retry-after" { "Retry-After" } else { name };
        headers.insert(name.to_owned(), Value::from(value));
    }
    let body = item.answered.written(moment.now, &id, &id);
    if body.is_some() {
        headers.insert("Content-Type".to_owned(), Value::from("application/json"));
    }
    let mut response = Map::new();
    response.insert("id".to_owned(), Value::from(item.id.clone()));
    response.insert("status".to_owned(), Value::from(item.answered.status));
    response.insert("headers".to_owned(), Value::Object(headers));
    if let Some(body) = body {
        response.insert("body".to_owned(), body);
    }
    Value::Object(response)
}
