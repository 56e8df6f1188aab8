//! What is asked of single objects: four batches of twenty at a time, one line each in the file.
//!
//! Answers of such requests do not say whose they are, so a line names its owner:
//! `{"groupId": …, "members": […]}`, `{"userId": …, "methods": […]}`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::catalogue::{Read, Subjects};
use super::super::client::Answer;
use super::super::error::GraphError;
use super::super::manifest::State;
use super::super::transport::Transport;
use super::{DownloadError, Run, is_out_of_reach, refusal};

/// Requests of one round, and the lines of one file: what the client sends in four batches at once.
const AT_ONCE: usize = 80;

/// What a round came to.
#[derive(Default)]
struct Round {
    lines: String,
    came: u64,
    /// Requests without an answer, and why the last of them had none.
    missing: u64,
    why: Option<String>,
    /// The first refusal for want of a permission.
    refused: Option<GraphError>,
    /// The tenant is out of reach.
    lost: Option<GraphError>,
}

impl<T: Transport> Run<'_, T> {
    /// Asks for each of the subjects. Each answer stands for itself: what is missing leaves only its
    /// own subject unknown.
    pub(super) async fn each(
        &self,
        read: &'static Read,
        subjects: Subjects,
    ) -> Result<(), DownloadError> {
        let subjects = match self.subjects(subjects)? {
            Ok(subjects) => subjects,
            Err(why) => return self.change(read.id, |state| state.state = State::Failed { why }),
        };
        let next = self.state(read.id, |state| state.next.clone());
        let mut from = match next.map(|next| subjects.iter().position(|id| *id == next)) {
            Some(Some(position)) => position,
            // The lists have changed since, or nothing was read yet.
            Some(None) | None => {
                self.folder.clear(read.id)?;
                self.change(read.id, super::start_again)?;
                0
            }
        };
        let (mut missing, mut why) = (0_u64, None);
        while let Some(ids) = subjects.get(from..).filter(|rest| !rest.is_empty()) {
            let ids = ids.get(..AT_ONCE).unwrap_or(ids);
            let round = self.round(read, ids).await;
            if let Some(error) = round.lost {
                return self.failed(read, error);
            }
            if let Some(error) = round.refused.filter(|_| round.came == 0) {
                return self.failed(read, error);
            }
            from = from.saturating_add(ids.len());
            missing = round.missing.saturating_add(missing);
            why = round.why.or(why);
            let pages = self.state(read.id, |state| state.pages);
            // A file without a line would tell nothing, and nobody would know of what kind it is.
            let pages = pages.saturating_add(u64::from(!round.lines.is_empty()));
            if !round.lines.is_empty() {
                self.folder.page(read.id, pages, round.lines.as_bytes())?;
            }
            self.change(read.id, |state| {
                state.pages = pages;
                state.objects = state.objects.saturating_add(round.came);
                state.next = subjects.get(from).cloned();
            })?;
        }
        self.change(read.id, |state| {
            state.next = None;
            state.state = match why {
                Some(why) => State::Failed {
                    why: format!(
                        "{missing} of {} had no answer, the last because {why}",
                        subjects.len()
                    ),
                },
                None => State::Done,
            };
        })
    }

    async fn round(&self, read: &'static Read, ids: &[String]) -> Round {
        let calls: Vec<Call> = ids.iter().map(|id| read.call(Some(id))).collect();
        let answers = self.client.batch(&calls).await;
        let mut round = Round::default();
        for ((id, call), answer) in ids.iter().zip(calls).zip(answers) {
            let result = match answer {
                Ok(answer) => self.lines_of(read, id, call, &answer).await,
                Err(error) => Err(error),
            };
            match result {
                Ok(lines) => {
                    round.lines.push_str(&lines);
                    round.came = round.came.saturating_add(1);
                }
                Err(error) => round.note(error),
            }
        }
        round
    }

    /// The lines of one subject, all pages of it or none.
    async fn lines_of(
        &self,
        read: &'static Read,
        id: &str,
        call: Call,
        answer: &Answer,
    ) -> Result<String, GraphError> {
        let unreadable = |reason: String| GraphError::Unreadable { call: read.request(), reason };
        let body = answer.json().map_err(|error| unreadable(error.to_string()))?;
        let mut lines = line(read, id, &body)
            .ok_or_else(|| unreadable("it holds no list and no value".to_owned()))?;
        let link = body.get("@odata.nextLink").and_then(Value::as_str);
        let Some(link) = link else { return Ok(lines) };
        let mut pages = self.client.pages_from(call, link.to_owned());
        while let Some(page) = pages.next().await? {
            let body = serde_json::from_slice(&page.body)
                .map_err(|error| unreadable(error.to_string()))?;
            let more = line(read, id, &body);
            lines.push_str(&more.ok_or_else(|| unreadable("it holds no list".to_owned()))?);
        }
        Ok(lines)
    }
}

impl Round {
    fn note(&mut self, error: GraphError) {
        if is_out_of_reach(&error) {
            self.lost.get_or_insert(error);
            return;
        }
        let GraphError::Refused { status, code, .. } = &error else {
            self.missing = self.missing.saturating_add(1);
            self.why = Some(refusal::in_words(&error));
            return;
        };
        match status {
            // Gone since the list was read, or no mailbox: nothing to tell.
            404 => {}
            // One mailbox that an application access policy shuts says nothing of the others.
            403 if code.eq_ignore_ascii_case("ErrorAccessDenied") => {
                self.missing = self.missing.saturating_add(1);
                self.why = Some(refusal::in_words(&error));
            }
            _ => {
                self.missing = self.missing.saturating_add(1);
                self.why = Some(refusal::in_words(&error));
                self.refused.get_or_insert(error);
            }
        }
    }
}

/// An answer as a line that names its owner. `None` when it holds nothing of the kind.
fn line(read: &Read, id: &str, body: &Value) -> Option<String> {
    let value = || body.get("value").cloned();
    let list = || value().filter(Value::is_array);
    let line = match read.id {
        "group-members" => json!({ "groupId": id, "members": list()? }),
        "authentication-methods" => json!({ "userId": id, "methods": list()? }),
        "per-user-mfa" => json!({
            "userId": id,
            "perUserMfaState": body.get("perUserMfaState")?.clone(),
        }),
        "mailbox-purposes" => json!({ "userId": id, "userPurpose": value()? }),
        _ => return None,
    };
    Some(format!("{line}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::catalogue;

    #[test]
    fn a_line_names_its_owner_and_an_answer_of_another_kind_is_none() {
        let line = |id: &str, body: Value| line(catalogue::read(id).unwrap(), "7", &body);
        assert_eq!(
            line("group-members", json!({"value": []})).as_deref(),
            Some("{\"groupId\":\"7\",\"members\":[]}\n")
        );
        assert_eq!(
            line("mailbox-purposes", json!({"value": "room"})).as_deref(),
            Some("{\"userId\":\"7\",\"userPurpose\":\"room\"}\n")
        );
        assert_eq!(line("group-members", json!({"value": "room"})), None);
        assert_eq!(line("group-members", json!({"id": "7"})), None);
        assert_eq!(line("per-user-mfa", json!({"value": []})), None);
        assert_eq!(line("users", json!({"value": []})), None);
    }
}
