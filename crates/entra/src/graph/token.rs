//! Tokens: fetched once for everybody, kept until shortly before they end.
//!
//! No text of this module, its errors among it, holds a token, a secret, an assertion or a device
//! code.

mod answer;
mod ask;
mod assertion;
mod der;
mod device_code;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::client::Options;
use super::clock::{Chance, Clock, instant};
use super::error::GraphError;
use super::transport::Transport;

/// A token is not used for the last part of its life, so that it does not end on its way.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// What fetching a token needs of the client.
pub(super) struct Asking<'a, T> {
    pub(super) transport: &'a T,
    pub(super) options: &'a Options,
    pub(super) clock: &'a Clock,
    pub(super) chance: &'a Chance,
}

/// A token as the authority gave it.
struct Granted {
    token: SecretString,
    life: Duration,
    /// Only with a device code: what gets the next token without the person.
    refresh: Option<SecretString>,
}

/// No token, and no use in asking again.
#[derive(Debug, Clone)]
pub(super) struct Denied {
    reason: String,
    codes: Vec<i64>,
}

impl Denied {
    fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), codes: Vec::new() }
    }
}

impl From<Denied> for GraphError {
    fn from(Denied { reason, codes }: Denied) -> Self {
        Self::NoToken { reason, codes }
    }
}

/// A token that may be used, and which one it is.
#[derive(Debug, Clone)]
pub(super) struct Token {
    secret: SecretString,
    serial: u64,
    good_until: Instant,
}

impl Token {
    /// The value of `Authorization`, which does not show in `Debug` either.
    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let value = Zeroizing::new(format!("Bearer {}", self.secret.expose_secret()));
        let mut value = HeaderValue::from_str(&value).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Which token it is.
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }
}

/// The token of a client.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    state: Mutex<State>,
    /// Fetches that ended, well or badly.
    rounds: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    serial: u64,
    refresh: Option<SecretString>,
    claims: Option<String>,
    denied: Option<Denied>,
}

impl Tokens {
    /// A token that is good for a while yet. Whoever comes while one is being fetched waits for
    /// that one, and hears of its failure.
    pub(super) async fn get<T: Transport>(&self, asking: &Asking<'_, T>) -> Result<Token, Denied> {
        let seen = self.rounds.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(token) = state.token.as_ref().filter(|token| token.good_until > instant()) {
            return Ok(token.clone());
        }
        if let Some(denied) = &state.denied
            && self.rounds.load(Ordering::Acquire) != seen
        {
            return Err(denied.clone());
        }
        state.token = None;
        state.denied = None;
        let granted = asking.fetch(state.claims.as_deref(), state.refresh.as_ref()).await;
        self.rounds.fetch_add(1, Ordering::AcqRel);
        match granted {
            Ok(granted) => Ok(state.keep(granted)),
            Err(denied) => {
                state.denied = Some(denied.clone());
                Err(denied)
            }
        }
    }

    /// Graph does not accept the token any more. Said of one that was replaced since, it changes
    /// nothing.
    pub(super) async fn refused(&self, serial: u64, claims: Option<String>) {
        let mut state = self.state.lock().await;
        if state.token.as_ref().is_some_and(|token| token.serial == serial) {
            state.token = None;
            state.claims = claims;
        }
    }
}

impl State {
    fn keep(&mut self, granted: Granted) -> Token {
        self.serial = self.serial.saturating_add(1);
        self.claims = None;
        if granted.refresh.is_some() {
            self.refresh = granted.refresh;
        }
        let margin = MARGIN.min(granted.life / 4);
        let now = instant();
        let good_until = now.checked_add(granted.life.saturating_sub(margin)).unwrap_or(now);
        let token = Token { secret: granted.token, serial: self.serial, good_until };
        self.token = Some(token.clone());
        token
    }
}
