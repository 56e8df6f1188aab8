//! The network.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::tls::Version;
use url::{Host, Url};

use super::{Transport, TransportError};

/// Longest wait for a connection, TLS among it. Shorter than any wait for an answer, so that what
/// could not be sent is known not to have been sent.
const CONNECT_WITHIN: Duration = Duration::from_secs(15);

/// Connections that were idle for longer are not used again: the other side may be closing them,
/// and a write sent into one is lost without anybody knowing how.
const IDLE: Duration = Duration::from_secs(30);

/// Largest answer, inflated. A page of a thousand sign-ins with all their details has about 20 MB.
const LARGEST_ANSWER: usize = 128 << 20;

/// Requests over HTTPS, through the proxy of the machine where one is set.
///
/// TLS 1.2 or later. Follows no redirect: a token goes where it was meant to go. Without TLS only to
/// this machine itself and to the link-local address of its metadata service, and never through a
/// proxy there.
///
/// An address goes out as it is given, except that an apostrophe in a query is sent as `%27`, which
/// means the same.
#[derive(Debug, Clone)]
pub struct HttpsTransport {
    outside: reqwest::Client,
    machine: reqwest::Client,
    largest_answer: usize,
}

/// The network cannot be used at all: no certificate authorities, or no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the network cannot be set up")]
pub struct NoNetwork(#[source] reqwest::Error);

/// The address of a request is no `https` address.
#[derive(Debug, thiserror::Error)]
#[error("lockstep sends nothing without TLS to another machine")]
struct NotEncrypted;

/// The answer is larger than anything Graph sends.
#[derive(Debug, thiserror::Error)]
#[error("the answer is larger than {} MB", .0 >> 20)]
struct TooLarge(usize);

impl HttpsTransport {
    /// Prepares the network. Nothing is sent yet.
    ///
    /// # Errors
    /// When the machine has no certificate authorities or the settings of its proxy are broken.
    pub fn new() -> Result<Self, NoNetwork> {
        Self::with_limits(CONNECT_WITHIN, LARGEST_ANSWER)
    }

    /// As [`HttpsTransport::new`], with another limit of connecting and of an answer, in bytes.
    ///
    /// # Errors
    /// As [`HttpsTransport::new`].
    pub fn with_limits(connect_within: Duration, largest_answer: usize) -> Result<Self, NoNetwork> {
        let builder = || {
            reqwest::Client::builder()
                .redirect(Policy::none())
                .connect_timeout(connect_within)
                .pool_idle_timeout(IDLE)
                .tls_version_min(Version::TLS_1_2)
                .referer(false)
        };
        Ok(Self {
            outside: builder().https_only(true).build().map_err(NoNetwork)?,
            machine: builder().no_proxy().build().map_err(NoNetwork)?,
            largest_answer,
        })
    }

    /// The client for an address, if lockstep sends anything there.
    fn client_for(&self, url: &Url) -> Option<&reqwest::Client> {
        if on_this_machine(url) {
            return Some(&self.machine);
        }
        (url.scheme() == "https").then_some(&self.outside)
    }
}

impl Transport for HttpsTransport {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let not_sent = |source: Box<dyn Error + Send + Sync>| TransportError::NotSent {
            host: host.clone(),
            source,
        };
        let request = reqwest::Request::try_from(request)
            .map_err(|error| not_sent(Box::new(error.without_url())))?;
        let client =
            self.client_for(request.url()).ok_or_else(|| not_sent(Box::new(NotEncrypted)))?;
        let lost = |source: Box<dyn Error + Send + Sync>| TransportError::AnswerLost {
            host: host.clone(),
            source,
        };
        let mut answer = match client.execute(request).await {
            Ok(answer) => answer,
            // Connecting is the only thing that ends before anything was sent.
            Err(error) if error.is_connect() || error.is_builder() => {
                return Err(not_sent(Box::new(error.without_url())));
            }
            Err(error) => return Err(lost(Box::new(error.without_url()))),
        };
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) =
            answer.chunk().await.map_err(|error| lost(Box::new(error.without_url())))?
        {
            if body.len().saturating_add(chunk.len()) > self.largest_answer {
                return Err(lost(Box::new(TooLarge(self.largest_answer))));
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// This machine: its loopback interface, and the link-local IPv4 addresses at which clouds put a
/// machine's own metadata service (RFC 3927).
fn on_this_machine(url: &Url) -> bool {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address),
        Some(Host::Ipv6(address)) => IpAddr::from(address),
        Some(Host::Domain(name)) => return name == "localhost",
        None => return false,
    };
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback(),
    }
}
