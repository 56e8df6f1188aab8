//! A live tenant through Microsoft Graph.
//!
//! Requests are values ([`Call`]), built without a network or a runtime. A [`Client`] sends them:
//! it fetches tokens, keeps to a budget per [`Workload`], waits as long as `Retry-After` says, and
//! refuses to write in a dry run. What carries the bytes is a [`Transport`], so that tests answer
//! them without a network and under a clock of their own.
//!
//! A snapshot is *downloaded*: every page of every list is kept as it came, in a folder, with a
//! [`Manifest`] that says what was asked, what came, and what was refused and why. The readers of
//! exported files read that folder. So the same figures come out of Graph and out of files, an
//! interrupted snapshot goes on where it stopped, and no list stands in memory.

pub mod again;
mod batch;
mod budget;
mod call;
pub mod catalogue;
mod client;
mod clock;
mod cloud;
mod credential;
mod download;
mod error;
mod folder;
mod gaps;
mod held;
pub mod manifest;
mod pages;
pub mod permissions;
mod received;
mod retry;
mod token;
mod transport;
mod words;
pub mod writes;

pub use call::{Call, Sealed, Version, Workload};
pub use client::{Answer, Client, Options};
pub use cloud::{Cloud, Endpoints, NotAnEndpoint};
pub use credential::{Credential, DeviceCodePrompt, ManagedIdentity};
pub use download::{DownloadError, DownloadOptions, download, probe};
pub use error::GraphError;
pub use folder::{last_download, settle};
pub use held::{Held, held_methods};
pub use manifest::Manifest;
pub use pages::{Page, Pages};
pub use transport::{HttpsTransport, NoNetwork, Transport, TransportError};
