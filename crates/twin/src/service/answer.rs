//! One HTTP request from its arrival to the log: token, fault, Graph, delivery.

use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::ask::Ask;
use super::graph::{self, Answered, Moment};
use super::paging::Pages;
use super::permission::Caller;
use super::refusal::Refusal;
use super::strike::{Aim, Struck};
use super::throttle::{Throttle, refusal as throttled};
use super::token::Authority;
use super::view::Fresh;
use super::{Reply, Service, batch, digest, digest_text, guid, sign_in_desk, words_of};
use crate::fault::{Fault, RetryAfter};
use crate::request_log::Entry;
use crate::service::route::Workload;

/// What a service remembers between requests.
#[derive(Debug)]
pub(super) struct State {
    pub(super) root: String,
    /// Requests for tokens among them.
    number: u64,
    /// Without those for tokens.
    graph_number: u64,
    pub(super) authority: Authority,
    pub(super) pages: Pages,
    pub(super) throttle: Throttle,
    pub(super) struck: Struck,
    pub(super) fresh: Vec<Fresh>,
    /// Users of the tenant, counted once.
    pub(super) people: Option<usize>,
    /// Objects that were created, for their ids.
    pub(super) created: u64,
}

impl State {
    pub(super) fn at(root: &str) -> Self {
        Self {
            root: root.trim_end_matches('/').to_owned(),
            number: 0,
            graph_number: 0,
            authority: Authority::default(),
            pages: Pages::default(),
            throttle: Throttle::default(),
            struck: Struck::default(),
            fresh: Vec::new(),
            people: None,
            created: 0,
        }
    }

    pub(super) fn authority(&mut self) -> (&mut Authority, &str) {
        (&mut self.authority, &self.root)
    }

    pub(super) fn end_all_tokens(&mut self) {
        self.authority.end_all();
    }
}

/// What Graph makes of one HTTP request.
pub(super) struct Outcome {
    pub(super) answered: Answered,
    pub(super) items: Vec<batch::Item>,
}

pub(super) fn answer(service: &mut Service, request: &Request<Vec<u8>>, now: Timestamp) -> Reply {
    service.state.number += 1;
    service.world.advance(now);
    let mut entry = entry(service.state.number, request, now);
    entry.caller = service.state.authority.number(bearer(request), now);
    if let Some((status, body)) = sign_in_desk::answer(service, request, now) {
        entry.status = status;
        service.log.entries.push(entry);
        let answered = Answered::of(status, Some(body));
        return Reply::Answer(response(&answered, request, service, now), SignedDuration::ZERO);
    }
    service.state.graph_number += 1;
    let number = service.state.graph_number;
    let is_batch =
        request.method() == http::Method::POST && request.uri().path().ends_with("/$batch");
    let aim = if is_batch { Aim::Batch } else { Aim::Request };
    let drawn =
        service.state.struck.draw(&service.faults, aim, number, &entry.method, &entry.target);
    entry.fault.clone_from(&drawn);
    if drawn == Some(Fault::ResetBefore) {
        entry.answer_lost = true;
        service.log.entries.push(entry);
        return Reply::Reset;
    }
    let moment = Moment { number, now, fault: drawn.clone() };
    let outcome = outcome(service, request, &moment, is_batch);
    let answered = &outcome.answered;
    entry.status = answered.status;
    entry.applied = answered.applied || outcome.items.iter().any(|it| it.answered.applied);
    entry.retry_after = answered.seconds();
    entry.permissions = permissions(&outcome);
    entry.next_links = next_links(&outcome, &service.state.root);
    for item in &outcome.items {
        let answered = &item.answered;
        let line = (item.method.clone(), item.url.clone(), answered.status, answered.seconds());
        entry.batch.push(line);
        entry.batch_bodies.push((item.body_digest.clone(), answered.applied));
    }
    let whole = response(answered, request, service, now);
    let reply = deliver(whole, drawn.as_ref());
    match &reply {
        Reply::Answer(..) => {}
        Reply::Truncated(_) => entry.answer_lost = true,
        Reply::Reset | Reply::Silence => {
            entry.answer_lost = true;
            entry.status = 0;
            entry.retry_after = None;
            entry.next_links.clear();
        }
    }
    service.log.entries.push(entry);
    reply
}

fn entry(number: u64, request: &Request<Vec<u8>>, now: Timestamp) -> Entry {
    let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
    Entry {
        number,
        at: now,
        caller: None,
        method: request.method().as_str().to_owned(),
        target: target.to_owned(),
        client_request_id: client_request_id(request).map(str::to_owned),
        body_digest: digest(request.body()),
        body: body(request),
        fault: None,
        batch: Vec::new(),
        batch_bodies: Vec::new(),
        status: 0,
        retry_after: None,
        applied: false,
        answer_lost: false,
        permissions: Vec::new(),
        next_links: Vec::new(),
    }
}

/// The body of what may change the tenant. No password is kept.
fn body(request: &Request<Vec<u8>>) -> Option<Value> {
    let path = request.uri().path();
    if request.method() == http::Method::GET || path.contains("/oauth2/") {
        return None;
    }
    let mut body: Value = serde_json::from_slice(request.body()).ok()?;
    if let Some(profile) = body.get_mut("passwordProfile").and_then(Value::as_object_mut) {
        profile.remove("password");
    }
    Some(body)
}

fn client_request_id(request: &Request<Vec<u8>>) -> Option<&str> {
    request.headers().get("client-request-id").and_then(|it| it.to_str().ok())
}

fn outcome(
    service: &mut Service,
    request: &Request<Vec<u8>>,
    moment: &Moment,
    is_batch: bool,
) -> Outcome {
    let alone = |answered| Outcome { answered, items: Vec::new() };
    let caller = match caller(service, request, moment) {
        Ok(caller) => caller,
        Err(refusal) => return alone(Answered::refused(refusal)),
    };
    let target = request.uri().path_and_query().map_or("/", |it| it.as_str());
    let method = request.method().as_str();
    let Some(ask) = Ask::of(method, target, request.headers(), request.body().clone()) else {
        let refusal = Refusal::new(400, "BadRequest", "Invalid version.");
        return alone(Answered::refused(refusal));
    };
    if !is_batch {
        return alone(graph::carry_out(service, &ask, &caller, moment));
    }
    match &moment.fault {
        Some(Fault::Throttled(wait)) => {
            alone(Answered::refused(throttled(Workload::Other).after(*wait)))
        }
        Some(Fault::ServerError(status, wait)) => {
            alone(Answered::refused(graph::server_error(*status).after(*wait)))
        }
        _ => match batch::carry_out(service, &ask, &caller, moment) {
            Ok(outcome) => outcome,
            Err(refusal) => alone(Answered::refused(refusal)),
        },
    }
}

/// The token of a request; empty without one.
fn bearer(request: &Request<Vec<u8>>) -> &str {
    let header = request.headers().get("authorization").and_then(|it| it.to_str().ok());
    header.and_then(|it| it.strip_prefix("Bearer ")).map_or("", str::trim)
}

/// Who asks. A token that is refused by a fault is good for nothing any more.
fn caller(
    service: &mut Service,
    request: &Request<Vec<u8>>,
    moment: &Moment,
) -> Result<Caller, Refusal> {
    let token = bearer(request);
    if token.is_empty() {
        return Err(unauthorized("Access token is empty."));
    }
    if moment.fault == Some(Fault::TokenRefused) {
        service.state.authority.end(token);
        return Err(graph::claims_challenge());
    }
    let found = service.state.authority.caller(token, moment.now).cloned();
    let found = found.ok_or_else(|| {
        unauthorized("Lifetime validation failed, the token is expired or was not issued here.")
    })?;
    Ok(found.without(&service.faults.permissions_removed, moment.now))
}

fn unauthorized(message: &str) -> Refusal {
    Refusal::new(401, "InvalidAuthenticationToken", message)
        .with("www-authenticate", "Bearer realm=\"\", error=\"invalid_token\"")
}

fn permissions(outcome: &Outcome) -> Vec<String> {
    let items = outcome.items.iter().flat_map(|it| &it.answered.permissions);
    let mut all: Vec<String> = outcome.answered.permissions.iter().chain(items).cloned().collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn next_links(outcome: &Outcome, root: &str) -> Vec<String> {
    let own = |answered: &Answered| {
        let link = answered.body.as_ref()?.get("@odata.nextLink")?.as_str()?;
        Some(link.strip_prefix(root).unwrap_or(link).to_owned())
    };
    let items = outcome.items.iter().map(|it| &it.answered);
    std::iter::once(&outcome.answered).chain(items).filter_map(own).collect()
}

fn response(
    answered: &Answered,
    request: &Request<Vec<u8>>,
    service: &Service,
    now: Timestamp,
) -> Response<Vec<u8>> {
    let id = guid(&digest_text(&words_of(&["request", &service.state.number.to_string()])));
    let client_id = client_request_id(request).unwrap_or(&id);
    let body = answered.written(now, &id, client_id);
    let mut response = Response::new(body.map_or(Vec::new(), |it| bytes(&it)));
    *response.status_mut() =
        http::StatusCode::from_u16(answered.status).unwrap_or(http::StatusCode::BAD_GATEWAY);
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    put("request-id", &id);
    put("client-request-id", client_id);
    put("date", &http_date(now));
    put("cache-control", "no-cache");
    if answered.has_body() {
        put("content-type", "application/json;odata.metadata=minimal;charset=utf-8");
    }
    for (name, value) in answered.all_headers(now) {
        put(name, &value);
    }
    response
}

fn bytes(body: &Value) -> Vec<u8> {
    body.to_string().into_bytes()
}

/// `Date` and `Retry-After` as RFC 9110 writes them; part of a second counts as a whole one.
pub(super) fn http_date(at: Timestamp) -> String {
    let up = if at.subsec_nanosecond() > 0 {
        SignedDuration::from_secs(1)
    } else {
        SignedDuration::ZERO
    };
    at.checked_add(up).unwrap_or(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The seconds that a header of this kind says, as the log writes them.
pub(super) fn seconds(wait: RetryAfter) -> Option<u32> {
    match wait {
        RetryAfter::Seconds(seconds) | RetryAfter::Date(seconds) => Some(seconds),
        RetryAfter::Missing => None,
    }
}

fn deliver(whole: Response<Vec<u8>>, fault: Option<&Fault>) -> Reply {
    match fault {
        Some(Fault::Slow(wait)) => Reply::Answer(whole, *wait),
        Some(Fault::ResetAfter) => Reply::Reset,
        Some(Fault::AnswerLost) => Reply::Silence,
        // Of an answer without a body nothing can be missing but the end of the stream.
        Some(Fault::Truncated(_)) if whole.body().is_empty() => Reply::Reset,
        Some(Fault::Truncated(per_cent)) => {
            let (mut parts, mut body) = whole.into_parts();
            parts.headers.insert("content-length", http::HeaderValue::from(body.len()));
            let kept = body.len() * usize::from(*per_cent) / 100;
            body.truncate(kept.min(body.len().saturating_sub(1)));
            Reply::Truncated(Response::from_parts(parts, body))
        }
        _ => Reply::Answer(whole, SignedDuration::ZERO),
    }
}
