//! What carries requests: the network, or what the surroundings give in its place.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use entra::graph::{HttpsTransport, Transport, TransportError};

use crate::error::CommandError;
use crate::surroundings::Surroundings;

/// An answer that is on its way.
type Answering<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Vec<u8>>, TransportError>> + 'a>>;

/// A [`Transport`] behind a pointer.
pub trait LocalTransport {
    /// Sends.
    fn send_local(&self, request: http::Request<Vec<u8>>) -> Answering<'_>;
}

impl<T: Transport> LocalTransport for T {
    fn send_local(&self, request: http::Request<Vec<u8>>) -> Answering<'_> {
        Box::pin(self.send(request))
    }
}

/// What carries requests.
pub(crate) enum Network {
    /// The network.
    Https(HttpsTransport),
    /// What was given in its place.
    Given(Rc<dyn LocalTransport>),
}

impl Network {
    pub(crate) fn of(surroundings: &Surroundings) -> Result<Self, CommandError> {
        match &surroundings.network {
            Some(given) => Ok(Self::Given(Rc::clone(given))),
            None => HttpsTransport::new().map(Self::Https).map_err(|error| {
                CommandError::unreachable("the network cannot be used").because(error)
            }),
        }
    }
}

impl Transport for Network {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        match self {
            Self::Https(network) => network.send(request).await,
            Self::Given(given) => given.send_local(request).await,
        }
    }
}
