//! What lockstep remembers, in one file of the workspace.
//!
//! - **Documents** ([`Kind`], [`Document`]): snapshots, plans, evidence, attestations, waivers,
//!   exceptions, change sets. Each has a key and versions; a version is never changed or deleted, a
//!   later one supersedes it.
//! - **Daily series** ([`Series`], [`Day`]): one value a day, with the digest of what it was counted from.
//! - **The journal** ([`Entry`]): every intent before, every outcome after, each entry bound to the
//!   one before by a hash. An export of it can be checked offline ([`verify`]). `docs/JOURNAL.md` is its format.
//! - **The lease** ([`Writer`]): one process writes at a time. Every write carries the number of its
//!   lease and is refused when a newer one was given out. A lease whose holder died ends by itself.
//!
//! Whatever returned without an error is on the disk: each write is one transaction, and SQLite waits
//! for the disk before it says that a transaction is done.
//!
//! **No secret is kept.** A document can be written only through a [`Kind`] that somebody declared for
//! its type, so what is storable is one list that can be read. Types that hold secrets (those of
//! `secrecy`) cannot be serialised at all, so a type that contains one does not fit a [`Kind`]. A
//! payload with a text under a key such as `password` is refused whole ([`PayloadError::Secret`]).
//!
//! Time, names and ids are arguments. The types of the database do not appear in what is public here, so
//! that another database can stand behind it.

mod canonical;
mod digest;
mod documents;
mod error;
mod instant;
mod journal;
mod kind;
mod lease;
mod migration;
mod open;
mod series;
mod writer;

#[cfg(test)]
mod tests;

pub use canonical::PayloadError;
pub use digest::{Digest, NotADigest};
pub use documents::{Document, NewDocument, Version};
pub use error::{Cause, StoreError};
pub use journal::{Broken, Entry, EntryKind, Fault, Head, NewEntry, Verdict, verify};
pub use kind::{Kind, Series};
pub use lease::{Fencing, Holder, Lease};
pub use open::Store;
pub use series::{Day, NewDay};
pub use writer::{Together, Writer};

/// The name of the file in a workspace.
pub const FILE_NAME: &str = "lockstep.db";
