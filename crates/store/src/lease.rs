//! The lease of the one who may write.
//!
//! A lease has a holder, an end, and a *fencing number*, one more than that of the lease before. Who was
//! stopped for so long that somebody else took over still believes to hold the lease; its writes carry
//! the old number and are refused.
//!
//! A lease is not a promise about the tenant: between a look at the lease and a call to Microsoft Graph
//! any time may pass. Renew it, with enough time left for the call, before each intent.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};

use crate::{Store, StoreError, instant};

/// The number of a lease: each new lease has a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fencing(pub(crate) u64);

impl fmt::Display for Fencing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Who holds a lease, as the process says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The name of the machine.
    pub host: String,
    /// The number of the process on it.
    pub pid: u32,
    /// The user who started it.
    pub user: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` on `{}` (process {})", self.user, self.host, self.pid)
    }
}

/// A lease that was given out and not given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its number.
    pub fencing: Fencing,
    /// Who holds it.
    pub holder: Holder,
    /// When it was given out.
    pub acquired_at: Timestamp,
    /// When the holder last showed that it lives.
    pub renewed_at: Timestamp,
    /// When it ends if it is not renewed. After that its holder may still write until somebody takes it.
    pub expires_at: Timestamp,
}

/// Taken if nobody holds it, if it ended, or if it was renewed further in the future than a lease lasts:
/// then the clock was set back, and waiting for its end could take years.
const TAKE: &str = "UPDATE lease SET fencing = fencing + 1, host = :host, pid = :pid, user = :user,
        acquired_at = :now, renewed_at = :now, expires_at = :end
    WHERE id = 1 AND (host IS NULL OR expires_at <= :now OR renewed_at > :end)
    RETURNING fencing";

const RENEW: &str = "UPDATE lease SET renewed_at = :now, expires_at = :end
    WHERE id = 1 AND host IS NOT NULL AND fencing = :own";

/// An ended lease leaves its number behind, so that the next one is larger.
const GIVE_BACK: &str = "UPDATE lease SET host = NULL, pid = NULL, user = NULL,
        acquired_at = NULL, renewed_at = NULL, expires_at = NULL
    WHERE id = 1 AND host IS NOT NULL AND fencing = :own";

const LOOK: &str =
    "SELECT fencing, host, pid, user, acquired_at, renewed_at, expires_at FROM lease WHERE id = 1";

impl Store {
    /// The lease that is given out now, ended or not; none if it was given back.
    ///
    /// # Errors
    ///
    /// If the database cannot be asked, or is damaged.
    pub fn lease(&self) -> Result<Option<Lease>, StoreError> {
        let row = self.read("look at the lease", |connection| {
            connection.query_row(LOOK, [], columns).optional()
        })?;
        let (fencing, held) = row.ok_or_else(|| self.no_lease())?;
        match held {
            None => Ok(None),
            Some(held) => held.lease(fencing).map(Some).ok_or_else(|| self.no_lease()),
        }
    }

    /// Takes the lease from whoever holds it, if it still has the number that was looked at. For a person
    /// who knows that the holder is dead and does not want to wait; what it still writes is refused.
    /// Tells whether there was such a lease.
    ///
    /// # Errors
    ///
    /// If the database cannot be written to.
    pub fn end_lease(&self, looked_at: Fencing) -> Result<bool, StoreError> {
        self.give_back(looked_at)
    }

    /// Gives a lease back. Tells whether it was still the newest.
    pub(crate) fn give_back(&self, own: Fencing) -> Result<bool, StoreError> {
        self.read("give the lease back", |connection| {
            connection.execute(GIVE_BACK, named_params! {":own": own.0})
        })
        .map(|rows| rows == 1)
    }

    /// Takes the lease, in one statement.
    pub(crate) fn take(
        &self,
        holder: &Holder,
        lasts: SignedDuration,
        now: Timestamp,
    ) -> Result<Fencing, StoreError> {
        let (now_text, end) = span(now, lasts)?;
        let taken: Option<u64> = self.read("take the lease", |connection| {
            connection
                .query_row(
                    TAKE,
                    named_params! {
                        ":host": holder.host, ":pid": holder.pid, ":user": holder.user,
                        ":now": now_text, ":end": end,
                    },
                    |row| row.get(0),
                )
                .optional()
        })?;
        if let Some(fencing) = taken {
            return Ok(Fencing(fencing));
        }
        // It may have been given back since: then it is as if it had been busy.
        let lease =
            self.lease()?.ok_or_else(|| StoreError::Busy { path: self.path().to_owned() })?;
        let age = now.duration_since(lease.acquired_at);
        Err(StoreError::Held { lease: Box::new(lease), age })
    }

    pub(crate) fn renew(
        &self,
        own: Fencing,
        lasts: SignedDuration,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (now_text, end) = span(now, lasts)?;
        let rows = self.read("renew the lease", |connection| {
            connection.execute(RENEW, named_params! {":now": now_text, ":end": end, ":own": own.0})
        })?;
        if rows == 1 { Ok(()) } else { Err(self.fenced(own, now)) }
    }

    /// Refuses a write unless its lease is the newest and was not given back. Called in the transaction of
    /// the write, so that nothing comes between.
    pub(crate) fn check_lease(
        &self,
        transaction: &Connection,
        own: Fencing,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_newest: Option<bool> = transaction
            .query_row(
                "SELECT fencing = :own AND host IS NOT NULL FROM lease WHERE id = 1",
                named_params! {":own": own.0},
                |row| row.get(0),
            )
            .optional()
            .map_err(|source| StoreError::of(self.path(), "look at the lease", source))?;
        match is_newest {
            Some(true) => Ok(()),
            Some(false) => Err(self.fenced(own, now)),
            None => Err(self.no_lease()),
        }
    }

    fn fenced(&self, own: Fencing, now: Timestamp) -> StoreError {
        match self.lease() {
            Ok(newest) => {
                let age = newest
                    .as_ref()
                    .map_or(SignedDuration::ZERO, |lease| now.duration_since(lease.acquired_at));
                StoreError::Fenced { own, newest: newest.map(Box::new), age }
            }
            Err(error) => error,
        }
    }

    fn no_lease(&self) -> StoreError {
        StoreError::Damaged {
            path: self.path().to_owned(),
            what: "what it says about who may write cannot be read".to_owned(),
            source: None,
        }
    }
}

/// Beginning and end as texts.
fn span(now: Timestamp, lasts: SignedDuration) -> Result<(String, String), StoreError> {
    let refused = |why| StoreError::Input { what: "length of a lease", why };
    if lasts <= SignedDuration::ZERO {
        return Err(refused("it must be longer than nothing"));
    }
    let end =
        now.checked_add(lasts).map_err(|_| refused("it would last longer than time itself"))?;
    Ok((instant::text_of(now)?, instant::text_of(end)?))
}

/// The columns of a lease that somebody holds.
struct Held {
    host: String,
    pid: u32,
    user: String,
    acquired_at: String,
    renewed_at: String,
    expires_at: String,
}

impl Held {
    fn lease(self, fencing: u64) -> Option<Lease> {
        Some(Lease {
            fencing: Fencing(fencing),
            holder: Holder { host: self.host, pid: self.pid, user: self.user },
            acquired_at: instant::read(&self.acquired_at)?,
            renewed_at: instant::read(&self.renewed_at)?,
            expires_at: instant::read(&self.expires_at)?,
        })
    }
}

fn columns(row: &Row<'_>) -> rusqlite::Result<(u64, Option<Held>)> {
    let Some(host) = row.get(1)? else { return Ok((row.get(0)?, None)) };
    let held = Held {
        host,
        pid: row.get(2)?,
        user: row.get(3)?,
        acquired_at: row.get(4)?,
        renewed_at: row.get(5)?,
        expires_at: row.get(6)?,
    };
    Ok((row.get(0)?, Some(held)))
}
