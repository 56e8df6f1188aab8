//! Graph-shaped answers to HTTP requests.
//!
//! [`Service::answer`] is a function of the world, of what was asked before and of the time it is
//! told. It opens no socket and reads no clock, so a test calls it in process, and
//! [`crate::server`] puts it on the loopback interface.

mod answer;
mod ask;
mod assertion;
mod batch;
mod directory;
mod filter;
mod graph;
mod methods;
mod paging;
mod permission;
mod place;
mod query;
mod read;
mod refusal;
mod route;
mod routes;
mod shape;
mod sign_in_desk;
mod sign_ins;
mod strike;
mod throttle;
mod token;
mod view;
mod what_if;
mod write;
mod write_groups;
mod write_methods;
mod write_policies;
mod write_users;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::fault::FaultPlan;
use crate::request_log::RequestLog;
use crate::world::World;

/// An app registered in the tenant: what a token may do. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    /// Application (client) id.
    pub client_id: String,
    /// Display name.
    pub name: String,
    /// Client secrets that are good. App Service's `X-IDENTITY-HEADER` is one, too.
    pub secrets: Vec<String>,
    /// Certificates that are good: DER, for `private_key_jwt`.
    pub certificates: Vec<Vec<u8>>,
    /// Granted application permissions.
    pub permissions: Vec<String>,
}

impl fmt::Debug for Registration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Registration")
            .field("client_id", &self.client_id)
            .field("name", &self.name)
            .field("secrets", &self.secrets.len())
            .field("certificates", &self.certificates.len())
            .field("permissions", &self.permissions)
            .finish()
    }
}

/// What comes back for a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A whole answer, after so long.
    Answer(http::Response<Vec<u8>>, SignedDuration),
    /// The beginning of an answer, then the end of the stream. `Content-Length` is that of the
    /// whole.
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
    /// How long an object that was just created is missing from lists and cannot be found. Nothing
    /// unless set.
    pub replication_delay: SignedDuration,
    /// How long a person takes to sign in with a device code: 10 seconds unless set.
    pub device_code_takes: SignedDuration,
    /// Keeps to the limits Microsoft documents, as it does unless set otherwise.
    pub throttles: bool,
    /// Client ids of apps that hold the role Privileged Authentication Administrator, and so may set
    /// an administrator's password. None unless set.
    pub apps_that_reset_administrators: Vec<String>,
    state: answer::State,
}

impl Service {
    /// A service before its first request, at the root its own links name
    /// (`http://127.0.0.1:7341`).
    #[must_use]
    pub fn new(world: World, root: &str) -> Self {
        Self {
            world,
            log: RequestLog::default(),
            registrations: Vec::new(),
            faults: FaultPlan::default(),
            replication_delay: SignedDuration::ZERO,
            device_code_takes: SignedDuration::from_secs(10),
            throttles: true,
            apps_that_reset_administrators: Vec::new(),
            state: answer::State::at(root),
        }
    }

    /// Answers one request at a time of the twin's clock.
    pub fn answer(&mut self, request: &http::Request<Vec<u8>>, now: Timestamp) -> Reply {
        answer::answer(self, request, now)
    }

    /// Ends every token that was issued: the next request is refused with 401.
    pub fn end_all_tokens(&mut self) {
        self.state.end_all_tokens();
    }
}

/// Words in one text, so that no two lists of words give the same.
fn words_of(words: &[&str]) -> String {
    words.iter().map(|it| format!("{}:{it};", it.len())).collect()
}

/// SHA-256, hexadecimal.
fn digest_text(text: &str) -> String {
    digest(text.as_bytes())
}

/// SHA-256, hexadecimal.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect()
}

/// An id in the shape of a GUID, from a hexadecimal digest.
fn guid(digest: &str) -> String {
    let bytes = Sha256::digest(digest.as_bytes());
    let mut id = [0_u8; 16];
    for (to, from) in id.iter_mut().zip(bytes) {
        *to = from;
    }
    uuid::Builder::from_random_bytes(id).into_uuid().to_string()
}
