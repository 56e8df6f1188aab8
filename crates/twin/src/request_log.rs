//! Every request the twin saw: what an independent checker reads, and nothing else.

use jiff::Timestamp;
use serde_json::Value;

use crate::fault::Fault;

/// One request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Running number, from 1.
    pub number: u64,
    /// When it arrived, by the twin's clock.
    pub at: Timestamp,
    /// Who asked: a number for each access token. `None`: without one, or with one that is not good.
    pub caller: Option<u64>,
    /// Verb.
    pub method: String,
    /// Path with query, without the host.
    pub target: String,
    /// `client-request-id`.
    pub client_request_id: Option<String>,
    /// SHA-256 of the body, hexadecimal.
    pub body_digest: String,
    /// The body of a request that may change the tenant, without the passwords in it.
    pub body: Option<Value>,
    /// What went wrong with it by plan, or by chance.
    pub fault: Option<Fault>,
    /// Inner requests of a `$batch`: method and address, with the status each was answered with.
    pub batch: Vec<(String, String, u16, Option<u32>)>,
    /// Inner requests of a `$batch` again, in the same order: the digest of the body, and whether
    /// the item changed the tenant.
    pub batch_bodies: Vec<(String, bool)>,
    /// Status of the answer; 0 when none was sent.
    pub status: u16,
    /// Seconds of `Retry-After` sent, dates turned into seconds.
    pub retry_after: Option<u32>,
    /// The request changed the tenant.
    pub applied: bool,
    /// The answer was not delivered whole.
    pub answer_lost: bool,
    /// Permissions that let the request in, those of batch items among them.
    pub permissions: Vec<String>,
    /// `@odata.nextLink` in the answer, path with query; those of batch items, too.
    pub next_links: Vec<String>,
}

/// Everything the twin saw, in order.
#[derive(Debug, Clone, Default)]
pub struct RequestLog {
    /// The entries.
    pub entries: Vec<Entry>,
}
