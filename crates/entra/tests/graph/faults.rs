//! Whatever happens: nothing leaves before a `Retry-After` is over, no budget is exceeded, no write
//! is sent twice after its answer was lost, and every read comes to its answer.
//!
//! The judge is what arrived, not what the client thinks of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use entra::graph::{Answer, Call, Client, GraphError, Options, Version, Workload};
use http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};

use crate::support::{Reply, Scripted, Sent, options};

const WORKLOADS: [Workload; 7] = [
    Workload::Reports,
    Workload::ConditionalAccess,
    Workload::Directory,
    Workload::Outlook,
    Workload::Alerts,
    Workload::ServiceHealth,
    Workload::Other,
];

/// What Microsoft documents: so many in so many milliseconds.
fn limits(workload: usize) -> &'static [(u64, u64)] {
    match WORKLOADS[workload] {
        Workload::Reports => &[(5, 10_000)],
        Workload::ConditionalAccess => &[(1, 1_000)],
        Workload::Alerts => &[(150, 60_000)],
        Workload::ServiceHealth => &[(240, 60_000), (800, 3_600_000)],
        _ => &[],
    }
}

#[derive(Debug, Clone)]
enum Fault {
    Fine,
    /// Throttled, with this `Retry-After` in seconds, if any.
    Throttled(Option<u64>),
    /// Throttled until a date so many seconds ahead.
    ThrottledUntil(i64),
    Unavailable(u64),
    Failed(u16),
    Lost,
    NotSent,
    Truncated,
    /// Left out of the answer of a batch; else cut off.
    Missing,
    Unauthorized,
    Conflict,
    Forbidden,
}

fn fault() -> impl Strategy<Value = (Fault, bool, u64)> {
    let fault = prop_oneof![
        4 => Just(Fault::Fine),
        3 => prop_oneof![Just(None), Just(Some(0)), (1..40_u64).prop_map(Some)]
            .prop_map(Fault::Throttled),
        1 => (-5..30_i64).prop_map(Fault::ThrottledUntil),
        1 => (1..40_u64).prop_map(Fault::Unavailable),
        1 => proptest::sample::select(vec![500, 502, 503, 504]).prop_map(Fault::Failed),
        1 => Just(Fault::Lost),
        1 => Just(Fault::NotSent),
        1 => Just(Fault::Truncated),
        1 => Just(Fault::Missing),
        1 => Just(Fault::Unauthorized),
        1 => Just(Fault::Conflict),
        1 => Just(Fault::Forbidden),
    ];
    // Whether it hits the whole of a batch, and how long the answer takes.
    (fault, any::<bool>(), prop_oneof![Just(0), 0..20_000_u64])
}

/// One piece of work: calls alone or in one batch, from some time on, perhaps cancelled.
#[derive(Debug, Clone)]
struct Job {
    starts: u64,
    batch: bool,
    cancelled: Option<u64>,
    /// Workload, mailbox, whether it writes, units.
    calls: Vec<(usize, u8, bool, u32)>,
}

fn job() -> impl Strategy<Value = Job> {
    let call = (0..WORKLOADS.len(), 0..2_u8, proptest::bool::weighted(0.3), 1..900_u32);
    (
        0..30_000_u64,
        any::<bool>(),
        proptest::option::weighted(0.15, 1..20_000_u64),
        proptest::collection::vec(call, 1..26),
    )
        .prop_map(|(starts, batch, cancelled, calls)| Job { starts, batch, cancelled, calls })
}

/// The path of a call says everything the judge has to know.
fn call((workload, mailbox, writes, units): (usize, u8, bool, u32), id: usize) -> Call {
    let path = format!("/{workload}/{mailbox}/{id}/{units}/{}", u8::from(writes));
    let of = WORKLOADS[workload];
    let call = if writes {
        Call::write(Method::POST, Version::V1, path, of, Some(json!({})))
    } else {
        Call::get(Version::V1, path, of)
    };
    call.costing(units)
}

/// A request that arrived.
#[derive(Debug, Clone)]
struct Arrival {
    at: u64,
    answered: u64,
    workload: usize,
    mailbox: u64,
    id: u64,
    units: u64,
    writes: bool,
    /// Nothing of the workload may arrive before then, once the answer was there.
    closed_until: Option<u64>,
    /// It may have been carried out, and the answer does not say.
    ambiguous: bool,
    refused: bool,
}

impl Arrival {
    fn of(path: &str, at: u64) -> Self {
        let path = path.strip_prefix("/v1.0").unwrap_or(path);
        let parts: Vec<u64> = path.split('/').skip(1).map(|part| part.parse().unwrap()).collect();
        Self {
            at,
            answered: at,
            workload: usize::try_from(parts[0]).unwrap(),
            mailbox: parts[1],
            id: parts[2],
            units: parts[3],
            writes: parts[4] == 1,
            closed_until: None,
            ambiguous: false,
            refused: false,
        }
    }

    fn suffer(&mut self, fault: &Fault, delay: u64) {
        self.answered = self.at + delay;
        match fault {
            Fault::Throttled(Some(seconds)) | Fault::Unavailable(seconds) if *seconds > 0 => {
                self.closed_until = Some(self.answered + seconds * 1_000);
            }
            Fault::ThrottledUntil(seconds) if *seconds > 0 => {
                self.closed_until = Some(self.answered + seconds.unsigned_abs() * 1_000);
            }
            Fault::Failed(_) | Fault::Lost | Fault::Truncated | Fault::Missing => {
                self.ambiguous = true;
            }
            Fault::Forbidden => self.refused = true,
            _ => {}
        }
    }
}

/// Status, headers and body of an answer, where there is one.
fn answer(fault: &Fault, answered: u64) -> (u16, Vec<(String, String)>, Value) {
    let error = |code: &str| json!({"error": {"code": code, "message": "said the script"}});
    let after = |seconds: &u64| vec![("Retry-After".to_owned(), seconds.to_string())];
    match fault {
        Fault::Throttled(seconds) => {
            (429, seconds.iter().flat_map(after).collect(), error("TooManyRequests"))
        }
        Fault::ThrottledUntil(seconds) => {
            // The server's clock is an hour ahead of ours.
            let now = options().now
                + jiff::SignedDuration::from_secs(3_600)
                + jiff::SignedDuration::from_millis(i64::try_from(answered).unwrap());
            let date = |at: jiff::Timestamp| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let until = now + jiff::SignedDuration::from_secs(*seconds);
            let headers =
                vec![("Retry-After".to_owned(), date(until)), ("Date".to_owned(), date(now))];
            (429, headers, error("UnknownError"))
        }
        Fault::Unavailable(seconds) => (503, after(seconds), error("ServiceUnavailable")),
        Fault::Failed(status) => (*status, Vec::new(), error("Failed")),
        Fault::Unauthorized => (401, Vec::new(), error("InvalidAuthenticationToken")),
        Fault::Conflict => (409, Vec::new(), error("Directory_ConcurrencyViolation")),
        Fault::Forbidden => (403, Vec::new(), error("Authorization_RequestDenied")),
        _ => (200, Vec::new(), json!({"fine": true})),
    }
}

fn whole(fault: &Fault, answered: u64, fine: Value) -> Reply {
    match fault {
        Fault::Lost => Reply::Lost,
        Fault::NotSent => Reply::NotSent,
        Fault::Truncated | Fault::Missing => Reply::text(200, r#"{"fine": tr"#),
        Fault::Fine => Reply::json(200, fine),
        fault => {
            let (status, headers, body) = answer(fault, answered);
            let reply = Reply::json(status, body);
            headers.iter().fold(reply, |reply, (name, value)| reply.with(name, value))
        }
    }
}

/// A Graph that suffers faults in turn and writes down what arrives.
struct Suffering {
    faults: VecDeque<(Fault, bool, u64)>,
    arrived: Rc<RefCell<Vec<Arrival>>>,
}

impl Suffering {
    fn next(&mut self) -> (Fault, bool, u64) {
        self.faults.pop_front().unwrap_or((Fault::Fine, true, 0))
    }

    fn reply(&mut self, sent: &Sent) -> Reply {
        let (fault, hits_all, delay) = self.next();
        let answered = sent.at + delay;
        let reply = if sent.path.ends_with("/$batch") {
            self.batch(sent, &fault, hits_all, delay)
        } else {
            if !matches!(fault, Fault::NotSent) {
                let mut arrival = Arrival::of(&sent.path, sent.at);
                arrival.suffer(&fault, delay);
                self.arrived.borrow_mut().push(arrival);
            }
            whole(&fault, answered, json!({"fine": true}))
        };
        reply.after(delay)
    }

    fn batch(&mut self, sent: &Sent, fault: &Fault, hits_all: bool, delay: u64) -> Reply {
        let hits_all = hits_all || matches!(fault, Fault::Lost | Fault::NotSent | Fault::Truncated);
        let mut responses = Vec::new();
        for item in sent.json()["requests"].as_array().unwrap() {
            let mut arrival = Arrival::of(item["url"].as_str().unwrap(), sent.at);
            let mine = if hits_all { Fault::Fine } else { self.next().0 };
            // What cannot happen to one item alone happens to none.
            let mine = match mine {
                Fault::Lost | Fault::NotSent | Fault::Truncated => Fault::Missing,
                mine => mine,
            };
            arrival.suffer(if hits_all { fault } else { &mine }, delay);
            if !matches!(mine, Fault::Missing) {
                let (status, headers, body) = answer(&mine, arrival.answered);
                let headers: BTreeMap<_, _> = headers.into_iter().collect();
                responses.push(
                    json!({"id": item["id"], "status": status, "headers": headers, "body": body}),
                );
            }
            if !(hits_all && matches!(fault, Fault::NotSent)) {
                self.arrived.borrow_mut().push(arrival);
            }
        }
        responses.reverse();
        let fine = json!({"responses": responses});
        let fault = if hits_all { fault } else { &Fault::Fine };
        whole(fault, sent.at + delay, fine)
    }
}

type Outcome = (usize, Result<Answer, GraphError>);

/// Does all jobs at once. Gives back what arrived and what each request came to, by its id; those of
/// a cancelled job came to nothing.
fn run(jobs: Vec<Job>, faults: Vec<(Fault, bool, u64)>) -> (Vec<Arrival>, Vec<Outcome>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let arrived = Rc::new(RefCell::new(Vec::new()));
        let mut graph = Suffering { faults: faults.into(), arrived: arrived.clone() };
        let transport = Scripted::new(move |sent| graph.reply(sent));
        let options = Options { give_up_after: Duration::from_secs(1_000_000), ..options() };
        let client = Rc::new(Client::new(transport, options));
        let outcomes = Rc::new(RefCell::new(Vec::new()));
        let local = LocalSet::new();
        let mut id = 0;
        let mut deaf: BTreeMap<usize, u64> = BTreeMap::new();
        for job in jobs {
            let calls: Vec<(usize, Call)> = job
                .calls
                .iter()
                .map(|drawn| {
                    id += 1;
                    deaf.extend(job.cancelled.map(|after| (id, job.starts + after)));
                    (id, call(*drawn, id))
                })
                .collect();
            let (client, outcomes) = (client.clone(), outcomes.clone());
            local.spawn_local(async move {
                sleep(Duration::from_millis(job.starts)).await;
                let work = work(&client, job.batch, calls);
                let done = match job.cancelled {
                    Some(after) => timeout(Duration::from_millis(after), work).await.ok(),
                    None => Some(work.await),
                };
                outcomes.borrow_mut().extend(done.into_iter().flatten());
            });
        }
        local.await;
        let mut arrived = arrived.take();
        for arrival in &mut arrived {
            // Whoever was cancelled heard nothing of what came afterwards.
            let id = usize::try_from(arrival.id).unwrap();
            if deaf.get(&id).is_some_and(|from| arrival.answered >= *from) {
                arrival.closed_until = None;
            }
        }
        (arrived, outcomes.take())
    })
}

async fn work(client: &Client<Scripted>, batch: bool, calls: Vec<(usize, Call)>) -> Vec<Outcome> {
    let (ids, calls): (Vec<usize>, Vec<Call>) = calls.into_iter().unzip();
    if batch {
        return ids.into_iter().zip(client.batch(&calls).await).collect();
    }
    let mut outcomes = Vec::new();
    for (id, call) in ids.into_iter().zip(&calls) {
        outcomes.push((id, client.call(call).await));
    }
    outcomes
}

/// Nothing of a workload arrives between the answer that closed it and the end of the wait.
fn nothing_came_early(arrived: &[Arrival]) {
    for closing in arrived {
        let Some(until) = closing.closed_until else { continue };
        for arrival in arrived.iter().filter(|arrival| arrival.workload == closing.workload) {
            let early = arrival.at > closing.answered && arrival.at < until;
            assert!(!early, "{arrival:?} came before the end of {closing:?}");
        }
    }
}

/// No stretch of time holds more than its limit.
fn within(what: &str, events: &[(u64, u64)], limit: u64, span: u64) {
    let mut events = events.to_vec();
    events.sort_unstable();
    let (mut first, mut sum) = (0, 0);
    for (at, cost) in &events {
        sum += cost;
        while at - events[first].0 >= span {
            sum -= events[first].1;
            first += 1;
        }
        assert!(sum <= limit, "{what}: {sum} in {span} ms before {at}");
    }
}

fn no_budget_was_exceeded(arrived: &[Arrival]) {
    for (workload, kind) in WORKLOADS.into_iter().enumerate() {
        let of: Vec<&Arrival> =
            arrived.iter().filter(|arrival| arrival.workload == workload).collect();
        let name = format!("{kind:?}");
        let each: Vec<(u64, u64)> = of.iter().map(|arrival| (arrival.at, 1)).collect();
        for (limit, span) in limits(workload) {
            within(&name, &each, *limit, *span);
        }
        if kind == Workload::Directory {
            let units: Vec<_> = of.iter().map(|arrival| (arrival.at, arrival.units)).collect();
            within("resource units", &units, 3_500, 10_000);
            let writes: Vec<_> =
                of.iter().filter(|arrival| arrival.writes).map(|arrival| (arrival.at, 1)).collect();
            within("writes", &writes, 3_000, 150_000);
        }
    }
}

fn no_write_went_twice(arrived: &[Arrival], outcomes: &[Outcome]) {
    let mut by_id: BTreeMap<u64, Vec<&Arrival>> = BTreeMap::new();
    for arrival in arrived.iter().filter(|arrival| arrival.writes) {
        by_id.entry(arrival.id).or_default().push(arrival);
    }
    for arrivals in by_id.values() {
        let (_, before) = arrivals.split_last().unwrap();
        assert!(!before.iter().any(|arrival| arrival.ambiguous), "{arrivals:?}");
    }
    for (id, outcome) in outcomes {
        let id = u64::try_from(*id).unwrap();
        let Some(last) = by_id.get(&id).and_then(|arrivals| arrivals.last()) else { continue };
        let unknown = matches!(outcome, Err(GraphError::Unknown { .. }));
        assert_eq!(unknown, last.ambiguous, "{outcome:?} {last:?}");
    }
}

/// Refused only what was refused, unknown only a write, and everything else is there.
fn everything_came_to_its_answer(arrived: &[Arrival], outcomes: &[Outcome]) {
    for (id, outcome) in outcomes {
        let id = u64::try_from(*id).unwrap();
        let mine: Vec<&Arrival> = arrived.iter().filter(|arrival| arrival.id == id).collect();
        match outcome {
            Ok(answer) => assert_eq!(answer.json().unwrap()["fine"], true),
            Err(GraphError::Unknown { .. }) => assert!(mine[0].writes),
            Err(GraphError::Refused { status: 403, .. }) => {
                assert!(mine.last().unwrap().refused);
            }
            // The second time in one request.
            Err(GraphError::Refused { status: 401, .. }) => assert!(mine.len() > 1),
            Err(other) => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(41), ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_rules_hold(
        jobs in proptest::collection::vec(job(), 1..12),
        faults in proptest::collection::vec(fault(), 0..80),
    ) {
        let asked: usize =
            jobs.iter().filter(|job| job.cancelled.is_none()).map(|job| job.calls.len()).sum();
        let (arrived, outcomes) = run(jobs, faults);
        prop_assert!(outcomes.len() >= asked);
        nothing_came_early(&arrived);
        no_budget_was_exceeded(&arrived);
        no_write_went_twice(&arrived, &outcomes);
        everything_came_to_its_answer(&arrived, &outcomes);
    }
}

/// Many requests of one workload at once, alone and in batches.
fn crowd(workload: usize, count: usize, writes: bool, units: u32) -> Vec<Arrival> {
    let one = |batch, count| Job {
        starts: 0,
        batch,
        cancelled: None,
        calls: vec![(workload, 0, writes, units); count],
    };
    let jobs = vec![one(true, count / 2), one(false, count / 4), one(false, count / 4)];
    let (arrived, outcomes) = run(jobs, Vec::new());
    assert!(outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
    assert_eq!(arrived.len(), count / 2 + count / 4 * 2);
    arrived
}

#[test]
fn a_crowd_keeps_to_every_budget_and_uses_it() {
    // Workload, requests, whether they write, units, and the least and the most time they may take.
    let table = [
        (0, 60, false, 1, 110, 125),
        (1, 40, false, 1, 39, 48),
        (2, 400, false, 100, 100, 125),
        (2, 6_400, true, 1, 300, 310),
        (4, 700, false, 1, 240, 250),
        (5, 1_000, false, 1, 3_600, 3_700),
        (6, 400, false, 1, 0, 1),
    ];
    for (workload, count, writes, units, least, most) in table {
        let arrived = crowd(workload, count, writes, units);
        no_budget_was_exceeded(&arrived);
        let last = arrived.iter().map(|arrival| arrival.at).max().unwrap() / 1_000;
        assert!(last >= least && last <= most, "{:?}: {last} s", WORKLOADS[workload]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_failed_in_a_long_list_is_not_left_behind_until_its_time_is_over() {
    // 20,000 requests in batches that take a second each; the first one fails twice.
    let mut failures = 2;
    let transport = Scripted::new(move |sent| {
        let responses: Vec<Value> = sent.json()["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                let first = item["url"].as_str().unwrap().starts_with("/2/0/0/");
                let fails = first && failures > 0;
                failures -= u32::from(fails);
                let status = if fails { 503 } else { 200 };
                json!({"id": item["id"], "status": status, "body": {"fine": true}})
            })
            .collect();
        Reply::json(200, json!({"responses": responses})).after(1_000)
    });
    let options = Options { give_up_after: Duration::from_secs(20), ..options() };
    let client = Client::new(transport.clone(), options);
    let calls: Vec<Call> = (0..20_000).map(|id| call((2, 0, false, 1), id)).collect();
    let answers = client.batch(&calls).await;
    assert!(answers.iter().all(Result::is_ok));
    // 1,000 batches, four at once, and two more; the directory takes 3,500 units in ten seconds.
    assert!(transport.sent().len() <= 1_002);
    assert!(*transport.times().last().unwrap() < 260_000);
}

#[tokio::test(start_paused = true)]
async fn nearness_to_the_limit_slows_the_directory_down_for_a_while() {
    for (used, left) in [("0.79", 30), ("0.85", 12), ("1.2", 3), ("nonsense", 30)] {
        let transport = Scripted::new(move |sent| {
            let reply = Reply::ok();
            if sent.path.ends_with("/first") {
                reply.with("x-ms-throttle-limit-percentage", used)
            } else {
                reply
            }
        });
        let client = Client::new(transport.clone(), options());
        let first = Call::get(Version::V1, "/first", Workload::Directory).costing(500);
        client.call(&first).await.unwrap();
        let next = Call::get(Version::V1, "/next", Workload::Directory).costing(100);
        for _ in 0..40 {
            client.call(&next).await.unwrap();
        }
        let at_once = transport.times()[1..].iter().filter(|at| **at < 10_000).count();
        assert_eq!(at_once, left, "{used}");
    }
}

#[test]
fn a_mailbox_takes_four_at_once_and_each_its_own() {
    let slow = vec![(Fault::Fine, true, 1_000); 40];
    let jobs = (0..20)
        .map(|number| Job {
            starts: 0,
            batch: false,
            cancelled: None,
            calls: vec![(3, number % 2, false, 1)],
        })
        .collect();
    let (arrived, _) = run(jobs, slow);
    for mailbox in 0..2 {
        let mut times: Vec<u64> =
            arrived.iter().filter(|one| one.mailbox == mailbox).map(|one| one.at).collect();
        times.sort_unstable();
        assert_eq!(times, [0, 0, 0, 0, 1_000, 1_000, 1_000, 1_000, 2_000, 2_000]);
    }
}
