//! What carries bytes to Graph and back.

mod https;

use std::future::Future;

pub use https::{HttpsTransport, NoNetwork};

/// Sends one request and gives back one whole answer, whatever its status.
///
/// A transport knows nothing of tokens, retries or budgets. It is the network in the program and a
/// simulated tenant in tests.
pub trait Transport {
    /// Sends.
    ///
    /// # Errors
    /// When no whole answer came back; [`TransportError`] says what is known of the request.
    fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> impl Future<Output = Result<http::Response<Vec<u8>>, TransportError>>;
}

/// No whole answer came back.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The request never left: no such host, connection refused, no TLS. Nothing was written.
    #[error("`{host}` cannot be reached")]
    NotSent {
        /// The host.
        host: String,
        /// What the network said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The request may have arrived; its answer did not, or not whole. A write may or may not have
    /// been carried out.
    #[error("`{host}` did not answer to the end")]
    AnswerLost {
        /// The host.
        host: String,
        /// What the network said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl TransportError {
    /// The same error once more, for each of several requests that went together.
    pub(super) fn same(&self) -> Self {
        let words = |source: &(dyn std::error::Error + Send + Sync)| source.to_string().into();
        match self {
            Self::NotSent { host, source } => {
                Self::NotSent { host: host.clone(), source: words(source.as_ref()) }
            }
            Self::AnswerLost { host, source } => {
                Self::AnswerLost { host: host.clone(), source: words(source.as_ref()) }
            }
        }
    }
}
