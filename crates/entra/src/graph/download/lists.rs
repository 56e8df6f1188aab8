//! Lists, logs and single objects: pages as they come.

use super::super::call::Call;
use super::super::catalogue::{self, Read, Shape, Without};
use super::super::error::GraphError;
use super::super::manifest::State;
use super::super::transport::Transport;
use super::{DownloadError, Run, refusal, start_again};

/// What marks a sign-in that shows what policies did to it. Without the permission Graph leaves the
/// property out, or sends `null`; neither means that no policy applied (Graph documentation, *List
/// signIns*).
const APPLIED: &str = "\"appliedConditionalAccessPolicies\"";

impl<T: Transport> Run<'_, T> {
    /// Reads a list to its end, asking for less where Graph refuses the whole.
    pub(super) async fn list(&self, read: &'static Read) -> Result<(), DownloadError> {
        let saved = self.state(read.id, |state| state.next.clone());
        if let Some(link) = saved {
            match self.pages(read, self.first(read, read.query), Some(link)).await? {
                Ok(()) => return self.came(read),
                Err(error) if refusal::is_spent(&error) => {}
                Err(error) => return self.failed(read, error),
            }
        }
        let mut first_refusal = None;
        let ways = read.fallbacks.iter().map(Some);
        for way in std::iter::once(None).chain(ways) {
            self.folder.clear(read.id)?;
            self.change(read.id, start_again)?;
            self.give_up_parts(read, way, first_refusal.as_ref())?;
            let query = way.map_or(read.query, |way| way.query);
            match self.pages(read, self.first(read, query), None).await? {
                Ok(()) => return self.came(read),
                Err(error) if refusal::is_refusal(&error) => {
                    first_refusal.get_or_insert(error);
                }
                Err(error) => return self.failed(read, error),
            }
        }
        match first_refusal {
            Some(error) => self.failed(read, error),
            None => Ok(()),
        }
    }

    /// Notes what the pages of a way of asking do not carry, and why.
    fn give_up_parts(
        &self,
        read: &Read,
        way: Option<&Without>,
        why: Option<&GraphError>,
    ) -> Result<(), DownloadError> {
        for id in read.fallbacks.iter().flat_map(|way| way.parts) {
            let Some(part) = catalogue::read(id) else { continue };
            let given_up = way.is_some_and(|way| way.parts.contains(id));
            let state = match why.filter(|_| given_up) {
                Some(error) => refusal::state_of(error, part),
                None => State::Done,
            };
            self.change(id, |part| part.state = state)?;
        }
        Ok(())
    }

    /// Reads pages from the first one or a link on. The inner error is Graph's.
    async fn pages(
        &self,
        read: &'static Read,
        first: Call,
        link: Option<String>,
    ) -> Result<Result<(), GraphError>, DownloadError> {
        let mut pages = match link {
            Some(link) => self.client.pages_from(first, link),
            None => self.client.pages(first),
        };
        loop {
            let page = match pages.next().await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            };
            let number = self.state(read.id, |state| state.pages).saturating_add(1);
            if read.shape == Shape::Log {
                self.folder.log_page((read.id, &self.run), number, &page.body)?;
                self.look_for_applied_policies(page.objects, &page.body)?;
            } else {
                self.folder.page(read.id, number, &page.body)?;
            }
            self.change(read.id, |state| {
                state.pages = number;
                state.objects = state.objects.saturating_add(page.objects);
                state.next = page.next;
            })?;
        }
    }

    /// Reads one object.
    pub(super) async fn object(&self, read: &'static Read) -> Result<(), DownloadError> {
        match self.client.call(&read.call(None)).await {
            Ok(answer) => {
                self.folder.page(read.id, 1, &answer.body)?;
                self.change(read.id, |state| (state.pages, state.objects) = (1, 1))?;
                self.came(read)
            }
            Err(error) => self.failed(read, error),
        }
    }

    fn came(&self, read: &Read) -> Result<(), DownloadError> {
        self.change(read.id, |state| (state.next, state.state) = (None, State::Done))
    }

    /// The first request of a list; of a log with its time and kind.
    fn first(&self, read: &Read, query: &[(&'static str, &'static str)]) -> Call {
        let call = read.call_with(query, None);
        let span = self.manifest.borrow().state(read.id).and_then(|state| state.log);
        match (kind_of(read), span) {
            (Some(kind), Some(span)) => call.with(
                "$filter",
                format!(
                    "createdDateTime ge {} and createdDateTime le {} and \
                     signInEventTypes/any(t: t eq '{kind}')",
                    span.from, span.until
                ),
            ),
            _ => call,
        }
    }

    /// Sign-ins that came, but none of them with what policies did to it: a permission is missing.
    fn look_for_applied_policies(&self, objects: u64, body: &[u8]) -> Result<(), DownloadError> {
        let id = "applied-policies";
        let known = self.state(id, |state| state.is_whole());
        if objects == 0 || known {
            return Ok(());
        }
        let Some(part) = catalogue::read(id) else { return Ok(()) };
        let state = if shows_applied_policies(body) {
            State::Done
        } else {
            State::PermissionMissing { permission: part.permission.to_owned() }
        };
        self.change(id, |part| part.state = state)
    }
}

/// True when a record of the page lists the policies applied, be it none.
pub(super) fn shows_applied_policies(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    text.match_indices(APPLIED).any(|(at, name)| {
        let rest = text.get(at.saturating_add(name.len())..).unwrap_or_default();
        let value = rest.trim_start().strip_prefix(':').unwrap_or_default();
        value.trim_start().starts_with('[')
    })
}

/// The kind of sign-ins a log is of.
pub(super) fn kind_of(read: &Read) -> Option<&'static str> {
    match read.id {
        "sign-ins-interactive" => Some("interactiveUser"),
        "sign-ins-non-interactive" => Some("nonInteractiveUser"),
        _ => None,
    }
}
