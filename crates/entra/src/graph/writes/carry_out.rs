//! Sending a write: look, send, look back; and what to do when an answer is lost in between.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::Write;
use super::identity::ObjectId;
use super::judge::{Found, Look, Seen};
use super::pass::pass_in;
use super::step::{Repeat, Step};
use crate::graph::client::{Answer, Client};
use crate::graph::clock::instant;
use crate::graph::error::GraphError;
use crate::graph::transport::Transport;

/// How long a write waits for the tenant to show what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long a new object can stay hidden, or a list can show what was. Nothing is believed to
    /// be missing before that is over, once a request may have been carried out.
    pub window: Duration,
    /// An earlier run may have sent this write, or made the object it is about, a moment ago: what
    /// is not there is waited for before it counts as missing.
    pub unsettled: bool,
    /// How often a request is sent at most, when its answers are lost.
    pub most_sends: u32,
}

impl Default for Patience {
    /// Two minutes: new objects are usually shown within seconds, and seldom later than that
    /// (unverified; no page of Microsoft's promises a time).
    fn default() -> Self {
        Self { window: Duration::from_secs(120), unsettled: false, most_sends: 3 }
    }
}

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// A new object is there.
    Created,
    /// It is as wanted now.
    Changed,
    /// It is gone.
    Removed,
    /// Graph took it (202). What became of it, nobody says.
    Accepted,
    /// It was as wanted before; nothing was sent, or Graph said that it is there already.
    AlreadyAsWanted,
}

/// How a write ended well.
#[derive(Debug)]
pub struct Outcome {
    /// What has happened.
    pub done: Done,
    /// Id of the object, where it has one.
    pub id: Option<String>,
    /// The object as the tenant shows it afterwards, where it is one object.
    pub read_back: Option<Value>,
    /// How often the request was sent.
    pub sent: u32,
    /// The Temporary Access Pass, which is shown this once.
    pub pass: Option<SecretString>,
}

/// How a write did not end well. `write` is [`Write::words`].
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Graph refused or could not be reached. The tenant was looked at where that could tell more.
    #[error("could not {write}")]
    Graph {
        /// What was to be done.
        write: String,
        /// Why not.
        #[source]
        source: Box<GraphError>,
    },
    /// The tenant could not be looked at.
    #[error("could not see whether to {write}{}", sent_words(*.sent))]
    Look {
        /// What was to be done.
        write: String,
        /// How often the request had been sent before.
        sent: u32,
        /// Why not.
        #[source]
        source: Box<GraphError>,
    },
    /// It was sent, nobody knows whether it was carried out, and nothing shows it.
    #[error("it is not known whether it worked to {write}; nothing in the tenant would show it")]
    Doubtful {
        /// What was to be done.
        write: String,
        /// How the answer was lost.
        #[source]
        source: Box<GraphError>,
    },
    /// What is to be changed is not there.
    #[error("could not {write}: there is no such object")]
    NotThere {
        /// What was to be done.
        write: String,
    },
    /// There is more than one already. lockstep makes no other and deletes none.
    #[error("could not {write}: it is there more than once, as `{}`", ids.join("`, `"))]
    Duplicates {
        /// What was to be done.
        write: String,
        /// Every id.
        ids: Vec<String>,
    },
    /// Something lockstep did not make has that name.
    #[error("could not {write}: `{id}` is there and was not made by lockstep")]
    Taken {
        /// What was to be done.
        write: String,
        /// Id of the other object.
        id: String,
    },
    /// The object that was to be made is there and is not as wanted. Somebody may have meant that.
    #[error("did not {write}: it is there with another {}", what.join(", "))]
    Differs {
        /// What was to be done.
        write: String,
        /// How often the request had been sent before.
        sent: u32,
        /// Its id.
        id: Option<String>,
        /// Properties that differ.
        what: Vec<String>,
    },
    /// Graph said yes, and for the whole window the tenant did not show it.
    #[error("sent the request to {write}, but the tenant does not show it: {}", what.join(", "))]
    NotReadBack {
        /// What was to be done.
        write: String,
        /// Id of the object, where it has one.
        id: Option<String>,
        /// Properties that differ.
        what: Vec<String>,
    },
}

fn sent_words(sent: u32) -> &'static str {
    if sent == 0 { "; nothing was sent" } else { "; the request had been sent" }
}

/// Carries out one write: looks whether it is done, sends it, and looks back until the tenant shows
/// it. After a lost answer it looks before anything is sent again.
///
/// # Errors
/// See [`WriteError`]. Each names the write; none holds a secret.
pub async fn carry_out<T: Transport>(
    client: &Client<T>,
    write: &Write,
    patience: &Patience,
) -> Result<Outcome, WriteError> {
    let mut run =
        Run { client, step: write.step(), patience, first: None, sent: 0, claimed: false };
    run.carry_out().await
}

/// Looks what became of a write that an earlier run may have sent, and sends nothing. What is not there
/// is waited for as long as a new object can stay hidden.
///
/// # Errors
/// When the tenant cannot be looked at.
pub async fn settle<T: Transport>(
    client: &Client<T>,
    write: &Write,
    patience: &Patience,
) -> Result<Found, WriteError> {
    let patience = Patience { unsettled: true, ..*patience };
    let step = write.step();
    let mut run = Run { client, step, patience: &patience, first: None, sent: 0, claimed: false };
    match run.look_before(false).await {
        Ok((found, _)) => Ok(found),
        // What it was to be done to is not there, so it was not done.
        Err(WriteError::NotThere { .. }) => Ok(Found::Missing),
        Err(error) => Err(error),
    }
}

/// One write under way.
struct Run<'a, T> {
    client: &'a Client<T>,
    step: &'a dyn Step,
    patience: &'a Patience,
    /// What the first look showed.
    first: Option<Seen>,
    /// How often the request was sent.
    sent: u32,
    /// A request of this run may have been carried out.
    claimed: bool,
}

/// What to do after a request that brought no good answer.
enum Next {
    /// Look, and send again if it is missing.
    LookAndSend,
    /// Look; what is not there then will not come.
    LookOnly(GraphError),
}

impl<T: Transport> Run<'_, T> {
    async fn carry_out(&mut self) -> Result<Outcome, WriteError> {
        let started = instant();
        let mut last: Option<GraphError> = None;
        loop {
            let (found, seen) = self.look_before(last.is_some()).await?;
            let id = match found {
                Found::AlreadyThere { id } if self.sent > 0 || !self.step.always_sends() => {
                    return Ok(self.ended(id, &seen));
                }
                Found::Several { ids } => {
                    return Err(WriteError::Duplicates { write: self.step.words(), ids });
                }
                Found::Taken { id } => {
                    return Err(WriteError::Taken { write: self.step.words(), id });
                }
                Found::Differs { id, what } if !self.step.overwrites() => {
                    let (write, sent) = (self.step.words(), self.sent);
                    return Err(WriteError::Differs { write, sent, id, what });
                }
                Found::Differs { id, .. } | Found::AlreadyThere { id } => id,
                Found::Missing => None,
            };
            if let Some(source) = last.take() {
                return Err(self.failed(source));
            }
            let id = id.and_then(|id| ObjectId::new(&id).ok());
            let Some(call) = self.step.send(id.as_ref()) else {
                return Err(WriteError::NotThere { write: self.step.words() });
            };
            self.sent += 1;
            match self.client.call(&call).await {
                Ok(answer) => {
                    self.claimed = true;
                    return self.look_back(answer, id).await;
                }
                Err(error) => match self.after(error, started)? {
                    Next::LookAndSend => sleep(Duration::from_secs(2)).await,
                    Next::LookOnly(error) => last = Some(error),
                },
            }
        }
    }

    /// What a failed request means.
    fn after(&mut self, error: GraphError, started: Instant) -> Result<Next, WriteError> {
        let in_time = started.elapsed() < self.patience.window;
        match &error {
            GraphError::Unknown { .. } => {
                self.claimed = true;
                if self.step.repeat() == Repeat::Blind {
                    let write = self.step.words();
                    return Err(WriteError::Doubtful { write, source: Box::new(error) });
                }
                let again = self.sent < self.patience.most_sends;
                Ok(if again { Next::LookAndSend } else { Next::LookOnly(error) })
            }
            // What was made a moment ago, or what the request names, is not shown yet.
            GraphError::Refused { status: 404, .. } if in_time => Ok(Next::LookAndSend),
            GraphError::Refused { status: 404 | 409, .. } => Ok(Next::LookOnly(error)),
            GraphError::Refused { status: 400, code, message, .. }
                if says_it_is_there(code, message) =>
            {
                Ok(Next::LookOnly(error))
            }
            _ if self.claimed => Ok(Next::LookOnly(error)),
            _ => Err(self.failed(error)),
        }
    }

    fn failed(&self, source: GraphError) -> WriteError {
        WriteError::Graph { write: self.step.words(), source: Box::new(source) }
    }

    fn ended(&self, id: Option<String>, seen: &Seen) -> Outcome {
        Outcome {
            done: if self.claimed { self.step.done() } else { Done::AlreadyAsWanted },
            id,
            read_back: shown(seen),
            sent: self.sent,
            pass: None,
        }
    }

    /// The look before a request. Where absence would lead to a second object, or to a false "gone",
    /// it is believed only after the window.
    async fn look_before(&mut self, failed: bool) -> Result<(Found, Seen), WriteError> {
        let look = self.step.look();
        let doubtful = self.claimed || failed;
        // Whoever removes something knows that it was there, often because they made it a moment ago.
        let removes = self.step.done() == Done::Removed && !self.claimed;
        let hidden = removes
            || (self.patience.unsettled && self.sent == 0)
            || (doubtful && self.step.repeat() == Repeat::Doubles)
            || failed;
        let needs_object = self.step.needs_object();
        let started = instant();
        let mut pause = Duration::from_secs(1);
        loop {
            let seen = self.look(&look).await?;
            let found = self.judge(&seen);
            let absent = needs_object && seen == Seen::Absent;
            let waits = absent || (hidden && self.may_be_hidden(&found));
            if self.first.is_none() && !absent {
                self.first = Some(seen.clone());
            }
            if !waits {
                return Ok((found, seen));
            }
            let Some(next) = self.next_pause(started, pause) else {
                if absent {
                    return Err(WriteError::NotThere { write: self.step.words() });
                }
                return Ok((found, seen));
            };
            sleep(next).await;
            pause = longer(pause);
        }
    }

    /// The pause before the next look. The last look is at the very end of the window.
    fn next_pause(&self, started: Instant, pause: Duration) -> Option<Duration> {
        let left = self.patience.window.saturating_sub(started.elapsed());
        (!left.is_zero()).then(|| pause.min(left))
    }

    /// The tenant may show something else soon. Before a removal, what is not there may only be
    /// hidden; after its request, what is there may only be old.
    fn may_be_hidden(&self, found: &Found) -> bool {
        let there = matches!(found, Found::AlreadyThere { .. });
        if self.step.done() == Done::Removed && !self.claimed {
            return there;
        }
        !there && !matches!(found, Found::Several { .. })
    }

    fn judge(&self, seen: &Seen) -> Found {
        match &self.first {
            Some(first) if self.claimed => self.step.judge_since(first, seen),
            _ => self.step.judge(seen),
        }
    }

    async fn look(&self, look: &Look) -> Result<Seen, WriteError> {
        let failed = |source| WriteError::Look {
            write: self.step.words(),
            sent: self.sent,
            source: Box::new(source),
        };
        match look {
            Look::Nowhere => Ok(Seen::Absent),
            Look::Object(call) => match self.client.call(call).await {
                Ok(answer) => answer
                    .json()
                    .map(Seen::Object)
                    .map_err(|error| failed(unreadable(call.name(), &error))),
                Err(GraphError::Refused { status: 404, .. }) => Ok(Seen::Absent),
                Err(error) => Err(failed(error)),
            },
            Look::List(call) => {
                let mut objects = Vec::new();
                let mut pages = self.client.pages(call.clone());
                loop {
                    match pages.next().await {
                        Ok(Some(page)) => {
                            let list: List = serde_json::from_slice(&page.body)
                                .map_err(|error| failed(unreadable(call.name(), &error)))?;
                            objects.extend(list.value);
                        }
                        Ok(None) => return Ok(Seen::List(objects)),
                        Err(GraphError::Refused { status: 404, .. }) => return Ok(Seen::Absent),
                        Err(error) => return Err(failed(error)),
                    }
                }
            }
        }
    }

    /// Looks until the tenant shows what was done.
    async fn look_back(
        &mut self,
        answer: Answer,
        found: Option<ObjectId>,
    ) -> Result<Outcome, WriteError> {
        let (id, pass) = ids_of(self.step, answer);
        let id = id.and_then(|id| ObjectId::new(&id).ok()).or(found);
        let look = self.step.look_back(id.as_ref());
        let mut outcome = Outcome {
            done: self.step.done(),
            id: id.as_ref().map(|id| id.as_str().to_owned()),
            read_back: None,
            sent: self.sent,
            pass,
        };
        if look == Look::Nowhere {
            return Ok(outcome);
        }
        let first = self.first.clone().unwrap_or(Seen::Absent);
        let started = instant();
        let mut pause = Duration::from_secs(1);
        let found = loop {
            let seen = self.look(&look).await?;
            let found = self.step.judge_back(&first, &seen, id.as_ref());
            let settled = matches!(found, Found::AlreadyThere { .. } | Found::Several { .. });
            let next = self.next_pause(started, pause);
            let (false, Some(next)) = (settled, next) else {
                outcome.read_back = shown(&seen);
                break found;
            };
            sleep(next).await;
            pause = longer(pause);
        };
        self.no_second_one().await?;
        let write = self.step.words();
        match found {
            Found::AlreadyThere { id } => {
                outcome.id = outcome.id.or(id);
                Ok(outcome)
            }
            Found::Several { ids } => Err(WriteError::Duplicates { write, ids }),
            Found::Taken { id } => Err(WriteError::Taken { write, id }),
            Found::Missing => {
                let what = vec!["it is not there".to_owned()];
                Err(WriteError::NotReadBack { write, id: outcome.id, what })
            }
            Found::Differs { id, what } => {
                Err(WriteError::NotReadBack { write, id: outcome.id.or(id), what })
            }
        }
    }

    /// A request that was sent more than once may have made two objects. Both are named.
    async fn no_second_one(&self) -> Result<(), WriteError> {
        if self.sent < 2 || self.step.repeat() != Repeat::Doubles {
            return Ok(());
        }
        let seen = self.look(&self.step.look()).await?;
        match self.step.judge(&seen) {
            Found::Several { ids } => Err(WriteError::Duplicates { write: self.step.words(), ids }),
            _ => Ok(()),
        }
    }
}

#[derive(serde::Deserialize)]
struct List {
    value: Vec<Value>,
}

/// The next pause: twice as long, at most 15 seconds.
fn longer(pause: Duration) -> Duration {
    (pause * 2).min(Duration::from_secs(15))
}

fn shown(seen: &Seen) -> Option<Value> {
    match seen {
        Seen::Object(object) => Some(object.clone()),
        Seen::List(_) | Seen::Absent => None,
    }
}

/// The id in the answer, and the pass where the write makes one.
fn ids_of(step: &dyn Step, answer: Answer) -> (Option<String>, Option<SecretString>) {
    // Holds the pass: wiped when it is dropped.
    let body = zeroize::Zeroizing::new(answer.body);
    if step.done() != Done::Created {
        return (None, None);
    }
    if let Some((id, pass)) = pass_in(&body) {
        return (Some(id), Some(pass));
    }
    #[derive(serde::Deserialize)]
    struct Named {
        id: String,
    }
    (serde_json::from_slice::<Named>(&body).ok().map(|it| it.id), None)
}

/// A refusal that means: there is one already.
fn says_it_is_there(code: &str, message: &str) -> bool {
    let code = code.to_ascii_lowercase();
    let message = message.to_ascii_lowercase();
    code.contains("conflict") || message.contains("already exist") || message.contains("conflict")
}

fn unreadable(call: String, error: &serde_json::Error) -> GraphError {
    GraphError::Unreadable { call, reason: error.to_string() }
}
