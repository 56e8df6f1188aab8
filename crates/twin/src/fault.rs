//! What goes wrong, by plan.
//!
//! What a fault does to a request:
//!
//! - [`Fault::Throttled`], [`Fault::ServerError`], [`Fault::Conflict`] and [`Fault::TokenRefused`]
//!   answer instead of carrying the request out. A 429 that says how long also bars its workload
//!   until then.
//! - [`Fault::StaleList`] and [`Fault::NotFoundYet`] change what is seen; the latter, struck on a
//!   request that creates, hides what it created.
//! - [`Fault::Slow`], [`Fault::ResetBefore`], [`Fault::ResetAfter`], [`Fault::Truncated`],
//!   [`Fault::AnswerLost`] change what happens to the answer. [`Fault::PageLoop`] changes its link.
//!
//! Within a `$batch`, items are struck one by one by [`FaultPlan::on`] and by chance, with faults
//! of the first two kinds; the batch itself by [`FaultPlan::at`], by [`FaultPlan::on`] when the
//! words are those of the batch, and by chance with faults of the third kind.
//! [`Fault::Conflict`] strikes only requests that write, [`Fault::PageLoop`] only answers with
//! pages, [`Fault::StaleList`] only lists.

use jiff::{SignedDuration, Timestamp};

/// One thing that goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 429. `retry_after`: as seconds, as a date, or not at all.
    Throttled(RetryAfter),
    /// 500, 502, 503, 504 or 507; `retry_after` on a 503.
    ServerError(u16, RetryAfter),
    /// The whole answer, late.
    Slow(SignedDuration),
    /// The connection is reset before the request was carried out.
    ResetBefore,
    /// The connection is reset after the request was carried out.
    ResetAfter,
    /// 200 with so many per cent of the body, then the end of the stream.
    Truncated(u8),
    /// Carried out, but nothing ever comes back.
    AnswerLost,
    /// A list as it was so long ago.
    StaleList(SignedDuration),
    /// An object just made is 404 for so long.
    NotFoundYet(SignedDuration),
    /// `@odata.nextLink` leads back to a page already read.
    PageLoop,
    /// 401 with a claims challenge: the token is no longer good.
    TokenRefused,
    /// 409 `Directory_ConcurrencyViolation`.
    Conflict,
}

impl Fault {
    /// Strikes items of a batch, too, not only a connection.
    #[must_use]
    pub const fn is_of_one_item(&self) -> bool {
        matches!(
            self,
            Self::Throttled(_)
                | Self::ServerError(..)
                | Self::StaleList(_)
                | Self::NotFoundYet(_)
                | Self::TokenRefused
                | Self::Conflict
        )
    }
}

/// How an answer says when to come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many seconds.
    Seconds(u32),
    /// As an HTTP date so many seconds ahead.
    Date(u32),
    /// Not said.
    Missing,
}

/// When faults strike. Deterministic: the same plan and the same requests give the same faults.
#[derive(Debug, Clone, Default)]
pub struct FaultPlan {
    /// Seed of what is drawn.
    pub seed: u64,
    /// Faults at exact requests, counted from 1 over everything but tokens.
    pub at: Vec<(u64, Fault)>,
    /// Faults for requests whose method and path hold these words, so many times each.
    pub on: Vec<(String, u32, Fault)>,
    /// Per mille of requests that meet one of these, drawn evenly.
    pub chance_per_mille: u32,
    /// What is drawn from.
    pub kinds: Vec<Fault>,
    /// Permissions that go at a time.
    pub permissions_removed: Vec<(Timestamp, String)>,
}
