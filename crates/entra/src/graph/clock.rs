//! Time and chance of a client.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use uuid::Uuid;

/// Now, by tokio's clock: the only clock inside the client, and the one that tests hold still.
pub(super) fn instant() -> Instant {
    Instant::now()
}

/// The wall clock as it stood when the client began, moved on by tokio's clock, which neither jumps
/// nor is set.
#[derive(Debug)]
pub(super) struct Clock {
    began: Instant,
    began_at: Timestamp,
}

impl Clock {
    /// A clock that shows `now` now.
    pub(super) fn showing(now: Timestamp) -> Self {
        Self { began: instant(), began_at: now }
    }

    /// The wall clock.
    pub(super) fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::MAX);
        self.began_at.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }
}

/// Request ids and the jitter of waits, from one seed.
#[derive(Debug)]
pub(super) struct Chance(Mutex<fastrand::Rng>);

impl Chance {
    pub(super) fn of_seed(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// A new GUID.
    pub(super) fn guid(&self) -> Uuid {
        let drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner).u128(..);
        uuid::Builder::from_random_bytes(drawn.to_be_bytes()).into_uuid()
    }

    /// Between half of a wait and all of it, so that several clients do not come back together.
    pub(super) fn jitter(&self, wait: Duration) -> Duration {
        let part = self.0.lock().unwrap_or_else(PoisonError::into_inner).f64();
        wait.mul_f64(0.5 + part / 2.0)
    }
}
