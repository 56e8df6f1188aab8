//! The client: a transport with tokens, budgets, retries and pages.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::call::Call;
use super::cloud::Endpoints;
use super::credential::Credential;
use super::error::GraphError;
use super::transport::Transport;

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
    /// Longest a request is tried again, waits among it.
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
}

/// One page of a list, byte for byte, and where the next one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The page as it came.
    pub body: Vec<u8>,
    /// Objects on it.
    pub objects: u64,
    /// `@odata.nextLink`, byte for byte. `None`: this was the last page.
    pub next: Option<String>,
}

/// A client of one tenant's Graph.
#[derive(Debug)]
pub struct Client<T> {
    transport: T,
    options: Options,
}

impl<T: Transport> Client<T> {
    /// A client that has not signed in yet.
    #[must_use]
    pub fn new(transport: T, options: Options) -> Self {
        Self { transport, options }
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
        let _ = (&self.transport, &self.options, call);
        todo!()
    }

    /// The pages of a list, from the first on.
    pub fn pages(&self, first: Call) -> Pages<'_, T> {
        Pages { client: self, first, next: None, read: 0 }
    }

    /// The pages of a list from a `nextLink` on that an earlier run was given.
    pub fn pages_from(&self, first: Call, next: String) -> Pages<'_, T> {
        Pages { client: self, first, next: Some(next), read: 0 }
    }

    /// Sends requests twenty at a time through `$batch`, in order; each has an answer of its own.
    /// Items Graph throttled or failed are sent again after their own wait, the others are not.
    pub async fn batch(&self, calls: &[Call]) -> Vec<Result<Answer, GraphError>> {
        let _ = calls;
        todo!()
    }

    /// The wall clock as the client counts it.
    pub fn now(&self) -> Timestamp {
        todo!()
    }
}

/// The pages of a list, one at a time. `Prefer: include-unknown-enum-members` goes with each.
#[derive(Debug)]
pub struct Pages<'a, T> {
    client: &'a Client<T>,
    first: Call,
    next: Option<String>,
    read: u64,
}

impl<T: Transport> Pages<'_, T> {
    /// The next page; `None` after the last one.
    ///
    /// # Errors
    /// As [`Client::call`], and [`GraphError::PageLoop`] when a link comes round again.
    pub async fn next(&mut self) -> Result<Option<Page>, GraphError> {
        let _ = (self.client, &self.first, &self.next, self.read);
        todo!()
    }
}
