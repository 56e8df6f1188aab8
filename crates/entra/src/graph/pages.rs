//! The pages of a list.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use url::Url;

use super::call::Call;
use super::client::{Client, place};
use super::error::GraphError;
use super::received::Received;
use super::transport::Transport;

/// One page of a list, byte for byte, and where the next one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The page as it came.
    pub body: Vec<u8>,
    /// Objects on it.
    pub objects: u64,
    /// `@odata.nextLink`, byte for byte. `None`: this was the last page.
    pub next: Option<String>,
    /// `request-id`.
    pub request_id: Option<String>,
}

#[derive(Deserialize)]
struct Shape {
    value: Vec<IgnoredAny>,
    #[serde(default, rename = "@odata.nextLink")]
    next: Option<String>,
    /// What a service that fails in the middle of a page may still add to it (OData 4.01, *In-Stream
    /// Errors*).
    #[serde(default)]
    error: Option<IgnoredAny>,
}

impl Page {
    /// The page in a body, such as that of one answer of a batch.
    ///
    /// # Errors
    /// When the body is no page of a list; the text says what is wrong with it.
    pub fn of(body: Vec<u8>, request_id: Option<String>) -> Result<Self, String> {
        let Shape { value, next, error } = serde_json::from_slice(&body)
            .map_err(|error| format!("it is no page of a list: {}", place(&error)))?;
        if error.is_some() {
            return Err("it holds an error after its objects".to_owned());
        }
        let objects = u64::try_from(value.len()).unwrap_or(u64::MAX);
        let next = next.filter(|next| !next.is_empty());
        Ok(Self { body, objects, next, request_id })
    }

    fn received(received: Received) -> Result<Self, String> {
        let request_id = received.request_id();
        Self::of(received.body, request_id)
    }
}

/// The pages of a list, one at a time. `Prefer: include-unknown-enum-members` goes with each, and
/// `ConsistencyLevel` where the first had it.
///
/// Only the link of a page leads to the next one, as it is written there. A page may hold nothing
/// and still have a link. After an error the same page can be asked for again.
#[derive(Debug)]
pub struct Pages<'a, T> {
    client: &'a Client<T>,
    first: Call,
    /// Where the next page is. `None`: there is none.
    next: Option<String>,
    read: u64,
    /// Digests of the addresses of pages that were read.
    seen: HashSet<[u8; 16]>,
}

impl<'a, T: Transport> Pages<'a, T> {
    pub(super) fn of(client: &'a Client<T>, first: Call, from: Option<String>) -> Self {
        let next = from.unwrap_or_else(|| first.address(client.options.endpoints.graph()));
        Self { client, first, next: Some(next), read: 0, seen: HashSet::new() }
    }

    /// The next page; `None` after the last one.
    ///
    /// # Errors
    /// As [`Client::call`]; [`GraphError::PageLoop`] when a link comes round again; and
    /// [`GraphError::Unreadable`] when it leads away from this Graph, where no token is sent.
    pub async fn next(&mut self) -> Result<Option<Page>, GraphError> {
        let Some(address) = self.next.as_deref() else { return Ok(None) };
        if self.seen.contains(&digest(address)) {
            return Err(GraphError::PageLoop { call: self.first.name(), pages: self.read });
        }
        self.stays_here(address)?;
        let page = self.client.perform(&self.first, address, Page::received).await?;
        self.seen.insert(digest(address));
        self.read = self.read.saturating_add(1);
        self.next.clone_from(&page.next);
        Ok(Some(page))
    }

    /// A token goes to no other host, and to no other port or scheme either.
    fn stays_here(&self, address: &str) -> Result<(), GraphError> {
        let graph = Url::parse(self.client.options.endpoints.graph());
        let link = Url::parse(address);
        let here = match (&graph, &link) {
            (Ok(graph), Ok(link)) => {
                graph.origin().is_tuple()
                    && graph.origin() == link.origin()
                    && link.username().is_empty()
                    && link.password().is_none()
            }
            _ => false,
        };
        if here {
            return Ok(());
        }
        Err(GraphError::Unreadable {
            call: self.first.name(),
            reason: "the link to its next page leads away from Microsoft Graph".to_owned(),
        })
    }
}

fn digest(address: &str) -> [u8; 16] {
    let whole = Sha256::digest(address.as_bytes());
    let mut half = [0; 16];
    half.iter_mut().zip(whole).for_each(|(half, whole)| *half = whole);
    half
}
