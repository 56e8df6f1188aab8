//! What a download of a tenant asked, what came, and what was refused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the manifest's file in a downloaded folder.
pub const FILE: &str = "lockstep-download.json";

/// The record of one download. Lies beside the pages; read again to go on after an interruption and
/// to say what a snapshot could not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `lockstep.download/1`.
    pub schema: String,
    /// Tenant as it was named.
    pub tenant: String,
    /// Word of the cloud.
    pub cloud: String,
    /// When the download began.
    pub started: Timestamp,
    /// When it ended; `None` while it runs or after it was interrupted.
    pub finished: Option<Timestamp>,
    /// What was read, in the order of the catalogue.
    pub reads: Vec<ReadState>,
}

/// One list or object of the tenant, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadState {
    /// Stable name: `users`, `sign-ins`, `conditional-access-policies`, ….
    pub id: String,
    /// Name of the request: `GET /v1.0/users`.
    pub request: String,
    /// Pages kept.
    pub pages: u64,
    /// Objects on them.
    pub objects: u64,
    /// Where to go on. `None`: from the start, or done.
    pub next: Option<String>,
    /// How it ended.
    pub state: State,
}

/// How the reading of one list ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// Not begun, or begun and interrupted.
    Pending,
    /// Everything came.
    Done,
    /// The app registration lacks a permission: the exact one that would close the gap.
    PermissionMissing {
        /// Application permission to grant, such as `Policy.Read.All`.
        permission: String,
    },
    /// The tenant lacks a licence.
    LicenceMissing {
        /// Which one, in Microsoft's words.
        licence: String,
    },
    /// Not there in this cloud or tenant.
    NotOffered {
        /// What Graph said.
        why: String,
    },
    /// Could not be read, or not to the end. What came is kept.
    Failed {
        /// Why, in one line.
        why: String,
    },
}

impl ReadState {
    /// Everything of it came.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.state == State::Done
    }
}
