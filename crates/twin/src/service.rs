//! Graph-shaped answers to HTTP requests.

use jiff::{SignedDuration, Timestamp};

use crate::fault::FaultPlan;
use crate::request_log::RequestLog;
use crate::world::World;

/// An app registered in the tenant: what a token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Application (client) id.
    pub client_id: String,
    /// Display name.
    pub name: String,
    /// Client secrets that are good.
    pub secrets: Vec<String>,
    /// Certificates that are good: DER, for `private_key_jwt`.
    pub certificates: Vec<Vec<u8>>,
    /// Granted application permissions.
    pub permissions: Vec<String>,
}

/// What comes back for a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A whole answer, after so long.
    Answer(http::Response<Vec<u8>>, SignedDuration),
    /// The beginning of an answer, then the end of the stream.
    Truncated(http::Response<Vec<u8>>),
    /// The connection is reset.
    Reset,
    /// Nothing, ever.
    Silence,
}

/// The tenant behind HTTP.
#[derive(Debug)]
pub struct Service {
    /// The tenant.
    pub world: World,
    /// Everything that was asked.
    pub log: RequestLog,
    /// Apps that may ask.
    pub registrations: Vec<Registration>,
    /// What goes wrong.
    pub faults: FaultPlan,
}

impl Service {
    /// A service before its first request, at the root its own links name
    /// (`http://127.0.0.1:7341`).
    #[must_use]
    pub fn new(world: World, root: &str) -> Self {
        let _ = root;
        Self {
            world,
            log: RequestLog::default(),
            registrations: Vec::new(),
            faults: FaultPlan::default(),
        }
    }

    /// Answers one request at a time of the twin's clock.
    pub fn answer(&mut self, request: &http::Request<Vec<u8>>, now: Timestamp) -> Reply {
        let _ = (request, now);
        todo!()
    }
}
