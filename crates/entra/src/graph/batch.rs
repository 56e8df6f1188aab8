//! Twenty requests in one: `$batch` (Graph documentation, *Combine multiple HTTP requests using
//! JSON batching*).
//!
//! A batch lifts no limit: each item counts against the budget of its own workload, is throttled on
//! its own, and is sent again on its own. Items stand in no order and depend on nothing.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::{Instant, sleep_until};

use super::budget::{Permit, Wait};
use super::call::{Call, Version, Workload};
use super::client::{Answer, Client, closed, headers_of, place, sendable};
use super::clock::instant;
use super::error::GraphError;
use super::received::Received;
use super::retry::{Outcome, Trial, judge, unreadable};
use super::token::Token;
use super::transport::{Transport, TransportError};

/// Items of one batch.
const ITEMS: usize = 20;

/// Items that wait for a mailbox are looked at again after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// So many requests that have to wait are passed over while a batch is put together; the rest is
/// not looked at.
const PASSED_OVER: usize = 400;

#[derive(Serialize)]
struct Batch<'a> {
    requests: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    method: &'a str,
    url: String,
    headers: HashMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Answers {
    responses: Vec<ItemAnswer>,
}

#[derive(Deserialize)]
struct ItemAnswer {
    id: String,
    status: u16,
    #[serde(default)]
    headers: Option<HashMap<String, Value>>,
    #[serde(default)]
    body: Option<Box<RawValue>>,
}

/// One request on its way.
struct Waiting<'a> {
    /// Its place among the requests asked for.
    place: usize,
    call: &'a Call,
    trial: Trial,
    /// Not sent again before then.
    not_before: Instant,
}

type Settled = (usize, Result<Answer, GraphError>);

impl<T: Transport> Client<T> {
    /// Sends requests twenty at a time through `$batch`; gives back an answer for each, in the
    /// order of the requests. Reads go in up to four batches at once, writes in one after the
    /// other.
    ///
    /// Items that Graph throttled or failed are sent again after their own wait, the others are
    /// not. Where nobody knows what became of a write it is [`GraphError::Unknown`], also when the
    /// answer to the whole batch was lost.
    pub async fn batch(&self, calls: &[Call]) -> Vec<Result<Answer, GraphError>> {
        let mut settled: Vec<Settled> = Vec::with_capacity(calls.len());
        let mut lanes: [VecDeque<Waiting<'_>>; 4] = Default::default();
        let lanes_used = if calls.iter().any(Call::writes) { 1 } else { lanes.len() };
        let now = instant();
        for (place, call) in calls.iter().enumerate() {
            if self.options.dry_run && call.writes() {
                settled.push((place, Err(GraphError::DryRun { call: call.name() })));
                continue;
            }
            if let Err(error) = sendable(call, &call.address(self.options.endpoints.graph())) {
                settled.push((place, Err(error)));
                continue;
            }
            let waiting = Waiting { place, call, trial: Trial::default(), not_before: now };
            if let Some(lane) = lanes.get_mut(place / ITEMS % lanes_used) {
                lane.push_back(waiting);
            }
        }
        let [first, second, third, fourth] = lanes;
        let (first, second, third, fourth) =
            tokio::join!(self.lane(first), self.lane(second), self.lane(third), self.lane(fourth));
        settled.extend(first.into_iter().chain(second).chain(third).chain(fourth));
        settled.sort_unstable_by_key(|(place, _)| *place);
        settled.into_iter().map(|(_, result)| result).collect()
    }

    /// Sends requests in one batch after the other until each is settled.
    async fn lane(&self, mut waiting: VecDeque<Waiting<'_>>) -> Vec<Settled> {
        let mut settled = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let token = match self.token().await {
                Ok(token) => token,
                Err(denied) => {
                    let none = |item: Waiting<'_>| (item.place, Err(denied.clone().into()));
                    settled.extend(waiting.into_iter().map(none));
                    break;
                }
            };
            let (chosen, look_again) = self.choose(&mut waiting, &mut settled);
            if chosen.is_empty() {
                if let Some(at) = look_again {
                    sleep_until(at).await;
                }
                continue;
            }
            let (items, permits): (Vec<_>, Vec<_>) = chosen.into_iter().unzip();
            let outcomes = self.send_batch(items, permits, &token).await;
            for (mut item, outcome) in outcomes {
                match outcome {
                    Ok(answer) => settled.push((item.place, Ok(answer))),
                    Err(outcome) => {
                        let serial = token.serial();
                        match self.after(item.call, &mut item.trial, serial, *outcome).await {
                            Ok(at) => {
                                item.not_before = at;
                                // Before those that were never sent: its time is running.
                                waiting.push_front(item);
                            }
                            Err(error) => settled.push((item.place, Err(error))),
                        }
                    }
                }
            }
        }
        settled
    }

    /// Takes up to twenty requests of one version that may leave now; else says when to look again.
    /// Those whose workload is closed for longer than lockstep waits are settled.
    fn choose<'a, 'b>(
        &'a self,
        waiting: &mut VecDeque<Waiting<'b>>,
        settled: &mut Vec<Settled>,
    ) -> (Vec<(Waiting<'b>, Permit<'a>)>, Option<Instant>) {
        let now = instant();
        let mut chosen: Vec<(Waiting<'b>, Permit<'a>)> = Vec::new();
        let mut version: Option<Version> = None;
        // Workloads that take nothing more now, whatever the item.
        let mut spent: Vec<Workload> = Vec::new();
        let mut look_again: Option<Instant> = None;
        let mut later = |at: Instant| look_again = Some(look_again.map_or(at, |old| old.min(at)));
        let mut left = Vec::new();
        while chosen.len() < ITEMS
            && left.len() < PASSED_OVER
            && let Some(item) = waiting.pop_front()
        {
            let fits = version.is_none_or(|version| version == item.call.version)
                && !spent.contains(&item.call.workload);
            if !fits {
                left.push(item);
                continue;
            }
            if item.not_before > now {
                later(item.not_before);
                left.push(item);
                continue;
            }
            match self.budgets.of(item.call.workload).take(item.call) {
                Ok(permit) => {
                    version = Some(item.call.version);
                    chosen.push((item, permit));
                    continue;
                }
                Err(Wait::Closed(until))
                    if until > item.trial.deadline(self.options.give_up_after) =>
                {
                    settled.push((item.place, Err(closed(item.call, &item.trial))));
                    continue;
                }
                Err(Wait::Closed(until)) => {
                    later(until);
                    // Another item may have waited for too long already.
                }
                Err(Wait::Spent(at)) => {
                    later(at);
                    // One mailbox says nothing of the others.
                    if item.call.workload != Workload::Outlook {
                        spent.push(item.call.workload);
                    }
                }
                Err(Wait::InFlight) => later(now.checked_add(LOOK_AGAIN).unwrap_or(now)),
            }
            left.push(item);
        }
        for item in left.into_iter().rev() {
            waiting.push_front(item);
        }
        (chosen, look_again)
    }

    /// Sends one batch. Each item comes back with its answer, or with what became of it.
    async fn send_batch<'b>(
        &self,
        mut items: Vec<Waiting<'b>>,
        permits: Vec<Permit<'_>>,
        token: &Token,
    ) -> Vec<(Waiting<'b>, Result<Answer, Box<Outcome>>)> {
        let Some(version) = items.first().map(|item| item.call.version) else { return Vec::new() };
        let outer = Call::write(Method::POST, version, "/$batch", Workload::Other, None);
        let address = outer.address(self.options.endpoints.graph());
        let sent = match self.request(&outer, &address, token, Some(body_of(&items))) {
            Ok(request) => {
                items.iter_mut().for_each(|item| item.trial.sent());
                self.send(request).await
            }
            Err(error) => {
                let reason = error.to_string();
                return items
                    .into_iter()
                    .map(|item| {
                        let call = item.call.name();
                        let error = GraphError::Unsendable { call, reason: reason.clone() };
                        (item, Err(Box::new(Outcome::Final(error))))
                    })
                    .collect();
            }
        };
        drop(permits);
        let (host, result) = sent;
        let whole = match result {
            Ok(received) if (200..=299).contains(&received.status) => received,
            other => return self.whole_failed(items, &host, &other),
        };
        let mut answers = match answers_in(&whole) {
            Ok(answers) => answers,
            Err(reason) => {
                return items
                    .into_iter()
                    .map(|item| {
                        let outcome = unreadable(item.call, &host, reason.clone());
                        (item, Err(Box::new(outcome)))
                    })
                    .collect();
            }
        };
        items
            .into_iter()
            .map(|item| {
                let result = self.settle(item.call, &host, answers.remove(&item.place.to_string()));
                (item, result)
            })
            .collect()
    }

    /// What the answer of one item comes to.
    fn settle(
        &self,
        call: &Call,
        host: &str,
        answer: Option<Received>,
    ) -> Result<Answer, Box<Outcome>> {
        let Some(received) = answer else {
            let reason = "the answer of the batch lacks this request".to_owned();
            return Err(Box::new(unreadable(call, host, reason)));
        };
        self.near_limit(call, &received);
        match judge(call, host, Ok(received), self.now()) {
            Outcome::Done(received) => {
                Answer::of(received).map_err(|reason| Box::new(unreadable(call, host, reason)))
            }
            outcome => Err(Box::new(outcome)),
        }
    }

    /// The whole batch failed: what that means for each of its items.
    fn whole_failed<'b>(
        &self,
        items: Vec<Waiting<'b>>,
        host: &str,
        result: &Result<Received, TransportError>,
    ) -> Vec<(Waiting<'b>, Result<Answer, Box<Outcome>>)> {
        items
            .into_iter()
            .map(|item| {
                let of_item = match result {
                    Ok(received) => Ok(received.clone()),
                    Err(error) => Err(error.same()),
                };
                let outcome = judge(item.call, host, of_item, self.now());
                (item, Err(Box::new(outcome)))
            })
            .collect()
    }
}

/// The body of a batch. An item's id is its place among all requests.
fn body_of(items: &[Waiting<'_>]) -> Vec<u8> {
    let requests = items
        .iter()
        .map(|item| {
            let mut headers: HashMap<_, _> = headers_of(item.call).into_iter().collect();
            if item.call.body.is_some() {
                headers.insert("Content-Type", "application/json");
            }
            Item {
                id: item.place.to_string(),
                method: item.call.method.as_str(),
                url: item.call.relative(),
                headers,
                body: item.call.body_bytes().map(|body| raw(&body)),
            }
        })
        .collect();
    // Texts as keys and values that are JSON already: nothing of it can fail.
    serde_json::to_vec(&Batch { requests }).unwrap_or_default()
}

/// A body as it is, with what is sealed in it. It is JSON, as it was written from JSON.
fn raw(body: &[u8]) -> Box<RawValue> {
    serde_json::from_slice(body).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// The answers of a batch by the id of their item. Of two for one item the first counts.
fn answers_in(whole: &Received) -> Result<HashMap<String, Received>, String> {
    let Answers { responses } = serde_json::from_slice(&whole.body)
        .map_err(|error| format!("it is no answer to a batch: {}", place(&error)))?;
    let mut answers = HashMap::with_capacity(responses.len());
    for ItemAnswer { id, status, headers, body } in responses {
        let mut map = HeaderMap::new();
        // What an item does not say itself of the whole: the clock, and the id for support.
        for name in ["date", "request-id"] {
            if let Some(value) = whole.headers.get(name) {
                map.insert(name, value.clone());
            }
        }
        for (name, value) in headers.unwrap_or_default() {
            let value = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                map.insert(name, value);
            }
        }
        let body = body.map_or_else(Vec::new, |body| match body.get() {
            "null" => Vec::new(),
            text => text.as_bytes().to_vec(),
        });
        answers.entry(id).or_insert(Received { status, headers: map, body });
    }
    Ok(answers)
}
