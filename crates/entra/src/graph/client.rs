//! The client: a transport with tokens, budgets, retries and pages.

use std::time::Duration;

use http::header;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout};

use super::budget::{Budget, Budgets, Permit, Wait};
use super::call::Call;
use super::clock::{Chance, Clock, instant};
use super::cloud::Endpoints;
use super::credential::Credential;
use super::error::GraphError;
use super::pages::Pages;
use super::received::Received;
use super::retry::{Failure, Outcome, Trial, back_off, judge, unreadable};
use super::token::{Asking, Denied, Token, Tokens};
use super::transport::{Transport, TransportError};

/// How lockstep names itself.
pub(super) const USER_AGENT: &str = concat!("lockstep/", env!("CARGO_PKG_VERSION"));

/// How a client signs in and behaves.
#[derive(Debug)]
pub struct Options {
    /// Where tokens and Graph are.
    pub endpoints: Endpoints,
    /// Tenant id or a verified domain.
    pub tenant: String,
    /// How lockstep signs in.
    pub credential: Credential,
    /// Refuses everything that writes.
    pub dry_run: bool,
    /// Longest wait for one answer. Requests to the methods policy time out at 60 seconds.
    pub answer_within: Duration,
    /// Longest a request is tried again after it was sent first, waits among it. A workload that is
    /// closed for longer is given up at once.
    pub give_up_after: Duration,
    /// Seed of request ids and of the jitter of waits.
    pub seed: u64,
    /// The wall clock now. From here on the client counts by tokio's clock, which does not jump.
    pub now: Timestamp,
}

/// An answer with a status of 2xx.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// `request-id`.
    pub request_id: Option<String>,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// A 2xx whose body is JSON or nothing. Anything else was cut off on its way.
    pub(super) fn of(received: Received) -> Result<Self, String> {
        if !received.body.is_empty() {
            serde_json::from_slice::<serde::de::IgnoredAny>(&received.body)
                .map_err(|error| format!("it is no JSON: {}", place(&error)))?;
        }
        let request_id = received.request_id();
        Ok(Self { status: received.status, body: received.body, request_id })
    }
}

/// What is wrong with a JSON text, without quoting it.
pub(super) fn place(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => "it ends in the middle".to_owned(),
        _ => format!("line {}, column {}", error.line(), error.column()),
    }
}

/// A client of one tenant's Graph.
///
/// Dropping the future of a request cancels it. What it held of a budget is given back, except that
/// a request that left stays counted; the client goes on being usable.
#[derive(Debug)]
pub struct Client<T> {
    pub(super) transport: T,
    pub(super) options: Options,
    pub(super) clock: Clock,
    pub(super) chance: Chance,
    pub(super) tokens: Tokens,
    pub(super) budgets: Budgets,
}

impl<T: Transport> Client<T> {
    /// A client that has not signed in yet. To be made where tokio's clock runs.
    #[must_use]
    pub fn new(transport: T, options: Options) -> Self {
        Self {
            transport,
            clock: Clock::showing(options.now),
            chance: Chance::of_seed(options.seed),
            tokens: Tokens::default(),
            budgets: Budgets::new(),
            options,
        }
    }

    /// The same client of a tenant that has no limits: a simulated one that says so. When it refuses
    /// all the same, the client waits as it is told.
    #[must_use]
    pub fn without_budgets(mut self) -> Self {
        self.budgets = Budgets::none();
        self
    }

    /// The same client with another patience. What it has been told to wait for, and what it signed in
    /// with, it keeps: another client would come too early.
    #[must_use]
    pub fn with_patience(mut self, give_up_after: Duration, answer_within: Duration) -> Self {
        self.options.give_up_after = give_up_after;
        self.options.answer_within = answer_within;
        self
    }

    /// Sends one request and gives back its answer.
    ///
    /// Waits as long as Graph asks, and by growing waits where it does not say; keeps to the budget
    /// of the workload; signs in again once when the token is refused. A write whose answer was
    /// lost is not sent again.
    ///
    /// # Errors
    /// See [`GraphError`].
    pub async fn call(&self, call: &Call) -> Result<Answer, GraphError> {
        let address = call.address(self.options.endpoints.graph());
        self.perform(call, &address, Answer::of).await
    }

    /// The pages of a list, from the first on.
    pub fn pages(&self, first: Call) -> Pages<'_, T> {
        Pages::of(self, first, None)
    }

    /// The pages of a list from a `nextLink` on that an earlier run was given.
    pub fn pages_from(&self, first: Call, next: String) -> Pages<'_, T> {
        Pages::of(self, first, Some(next))
    }

    /// The wall clock as the client counts it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The token a request may leave with.
    pub(super) async fn token(&self) -> Result<Token, Denied> {
        let Self { transport, options, clock, chance, .. } = self;
        self.tokens.get(&Asking { transport, options, clock, chance }).await
    }

    /// Sends a request to an address until `accept` can read its answer, or it is refused, or given
    /// up.
    pub(super) async fn perform<R>(
        &self,
        call: &Call,
        address: &str,
        accept: impl Fn(Received) -> Result<R, String>,
    ) -> Result<R, GraphError> {
        if self.options.dry_run && call.writes() {
            return Err(GraphError::DryRun { call: call.name() });
        }
        let mut trial = Trial::default();
        loop {
            let (permit, token) = self.admitted(call, &trial).await?;
            let request = self.request(call, address, &token, body_of(call))?;
            trial.sent();
            let (host, result) = self.send(request).await;
            drop(permit);
            if let Ok(received) = &result {
                self.near_limit(call, received);
            }
            let outcome = match judge(call, &host, result, self.now()) {
                Outcome::Done(received) => match accept(received) {
                    Ok(accepted) => return Ok(accepted),
                    Err(reason) => unreadable(call, &host, reason),
                },
                outcome => outcome,
            };
            match self.after(call, &mut trial, token.serial(), outcome).await {
                Ok(at) => sleep_until(at).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// When a request may be sent again, if at all.
    pub(super) async fn after(
        &self,
        call: &Call,
        trial: &mut Trial,
        serial: u64,
        outcome: Outcome,
    ) -> Result<Instant, GraphError> {
        let now = instant();
        match outcome {
            Outcome::Again { wait, throttled, failure } => {
                let wait = wait.unwrap_or_else(|| self.chance.jitter(back_off(trial.attempts)));
                let at = now.checked_add(wait);
                if throttled && let Some(at) = at {
                    for workload in std::iter::once(call.workload).chain(call.also()) {
                        self.budgets.of(workload).close_until(at);
                    }
                }
                match at {
                    Some(at) if at <= trial.deadline(self.options.give_up_after) => Ok(at),
                    _ => Err(failure.into_error(call, trial.attempts)),
                }
            }
            Outcome::Renew { claims, .. } if !trial.renewed => {
                trial.renewed = true;
                self.tokens.refused(serial, claims).await;
                Ok(now)
            }
            Outcome::Renew { refused, .. } => Err(refused),
            Outcome::Final(error) => Err(error),
            // Whoever asks has taken the answer already.
            Outcome::Done(_) => Ok(now),
        }
    }

    /// Waits for leave to send, and for the token to send with. Both are had at the same moment, so
    /// that what was counted then leaves then.
    async fn admitted(
        &self,
        call: &Call,
        trial: &Trial,
    ) -> Result<(Permit<'_>, Token), GraphError> {
        let budget = self.budgets.of(call.workload);
        let also = call.also().map(|workload| self.budgets.of(workload));
        let _turn = budget.turn.lock().await;
        loop {
            let token = self.token().await?;
            let freed = budget.freed();
            let admitted = match also.map_or(Ok(()), Budget::admits) {
                Ok(()) => budget.take(call),
                Err(wait) => Err(wait),
            };
            match admitted {
                Ok(permit) => {
                    also.into_iter().for_each(Budget::count);
                    return Ok((permit, token));
                }
                Err(Wait::InFlight) => freed.await,
                Err(Wait::Spent(at)) => sleep_until(at).await,
                Err(Wait::Closed(until)) => {
                    if until > trial.deadline(self.options.give_up_after) {
                        return Err(closed(call, trial));
                    }
                    sleep_until(until).await;
                }
            }
        }
    }

    /// A request with everything that goes with each.
    pub(super) fn request(
        &self,
        call: &Call,
        address: &str,
        token: &Token,
        body: Option<Vec<u8>>,
    ) -> Result<http::Request<Vec<u8>>, GraphError> {
        sendable(call, address)?;
        let token = token.authorization().ok_or_else(|| GraphError::NoToken {
            reason: "the token is not text a header can carry".to_owned(),
            codes: Vec::new(),
        })?;
        let mut request = http::Request::builder()
            .method(call.method.clone())
            .uri(address)
            .header(header::AUTHORIZATION, token)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, USER_AGENT)
            .header("client-request-id", self.chance.guid().to_string());
        for (name, value) in headers_of(call) {
            request = request.header(name, value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        // What is wrong is not told in the library's words: they may quote the token.
        request.body(body.unwrap_or_default()).map_err(|_| GraphError::Unsendable {
            call: call.name(),
            reason: "it is no request".to_owned(),
        })
    }

    /// Sends, within the time an answer may take. Also says to which host.
    pub(super) async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> (String, Result<Received, TransportError>) {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let result = match timeout(self.options.answer_within, self.transport.send(request)).await {
            Ok(result) => result.map(Received::of),
            Err(elapsed) => {
                Err(TransportError::AnswerLost { host: host.clone(), source: Box::new(elapsed) })
            }
        };
        (host, result)
    }

    /// Hears how near the limit Graph says it is.
    pub(super) fn near_limit(&self, call: &Call, received: &Received) {
        let used = received
            .header("x-ms-throttle-limit-percentage")
            .and_then(|used| used.trim().parse::<f64>().ok());
        if let Some(used) = used {
            self.budgets.of(call.workload).near_limit(used);
        }
    }
}

/// Whether an address is one. A `#` that was not encoded, as in the name of a guest, would cut the
/// rest off without a word and ask for something else.
pub(super) fn sendable(call: &Call, address: &str) -> Result<(), GraphError> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"#<>\"".contains(&byte);
    if address.bytes().all(plain) && address.parse::<http::Uri>().is_ok() {
        return Ok(());
    }
    let reason = "its address holds characters that have to be percent-encoded".to_owned();
    Err(GraphError::Unsendable { call: call.name(), reason })
}

/// The body a request carries, with what is sealed in it.
fn body_of(call: &Call) -> Option<Vec<u8>> {
    call.body_bytes().map(|mut body| std::mem::take(&mut *body))
}

/// Headers that go with a request wherever it stands, in a batch too.
pub(super) fn headers_of(call: &Call) -> Vec<(&'static str, &'static str)> {
    // Without it a report-only result reads `unknownFutureValue` (Graph documentation, *Best
    // practices for working with Microsoft Graph: handling future members in evolvable
    // enumerations*).
    let mut headers = vec![("Prefer", "include-unknown-enum-members")];
    if call.eventual {
        headers.push(("ConsistencyLevel", "eventual"));
    }
    headers
}

/// What to say when the workload is closed for longer than lockstep waits.
pub(super) fn closed(call: &Call, trial: &Trial) -> GraphError {
    let failure =
        Failure::Status { status: 429, code: "TooManyRequests".to_owned(), request_id: None };
    failure.into_error(call, trial.attempts)
}
