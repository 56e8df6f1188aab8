//! What can go wrong with a request.

use super::transport::TransportError;

/// A request that did not come to a usable answer.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// Graph said no, and asking again would not help.
    #[error("Graph refused `{call}`: {status} {code}: {message}")]
    Refused {
        /// Name of the request.
        call: String,
        /// HTTP status.
        status: u16,
        /// `error.code`.
        code: String,
        /// `error.message`, one line.
        message: String,
        /// `request-id`, which Microsoft's support asks for.
        request_id: Option<String>,
    },
    /// Graph went on refusing or failing for longer than lockstep waits.
    #[error("Graph did not answer `{call}` after {attempts} attempts: {status} {code}")]
    GaveUp {
        /// Name of the request.
        call: String,
        /// How often it was sent.
        attempts: u32,
        /// Status of the last answer; 0 without any.
        status: u16,
        /// `error.code` of the last answer.
        code: String,
        /// `request-id` of the last answer.
        request_id: Option<String>,
    },
    /// Graph could not be reached, or the answer was lost each time.
    #[error("no answer to `{call}`")]
    Unreachable {
        /// Name of the request.
        call: String,
        /// What the network said.
        #[source]
        source: TransportError,
    },
    /// A write was sent and nobody knows whether it was carried out. It is not sent again before
    /// somebody looked.
    #[error("it is not known whether `{call}` was carried out")]
    Unknown {
        /// Name of the request.
        call: String,
        /// What the network said.
        #[source]
        source: TransportError,
    },
    /// An answer that is not what the documentation says.
    #[error("the answer to `{call}` cannot be read: {reason}")]
    Unreadable {
        /// Name of the request.
        call: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Paging came back to a page that was already read.
    #[error("the pages of `{call}` go round in a circle after {pages} pages")]
    PageLoop {
        /// Name of the request.
        call: String,
        /// Pages read until then.
        pages: u64,
    },
    /// No token could be had.
    #[error("signing in to the tenant failed: {reason}")]
    NoToken {
        /// The words of the authority, without the ids, or of the network.
        reason: String,
        /// `error_codes` of the authority, such as 7000215.
        codes: Vec<i64>,
    },
    /// A dry run writes nothing.
    #[error("a dry run does not send `{call}`")]
    DryRun {
        /// Name of the request.
        call: String,
    },
}
