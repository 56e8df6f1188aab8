//! Writing: everything goes through one place, which asks whether the lease is still the newest.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde::Serialize;

use crate::{
    Fencing, Head, Holder, Kind, NewDay, NewDocument, NewEntry, Series, Store, StoreError, Version,
};

/// The one who may write. Dropping it gives the lease back, as far as that works; if it does not, the
/// lease ends by itself.
#[derive(Debug)]
pub struct Writer<'store> {
    store: &'store Store,
    fencing: Fencing,
    lasts: SignedDuration,
}

/// Writes that are kept together or not at all.
#[derive(Debug)]
pub struct Together<'writer> {
    pub(crate) store: &'writer Store,
    pub(crate) transaction: &'writer Connection,
}

impl Store {
    /// Takes the lease for as long as `lasts`, counted anew with each [`Writer::renew`].
    ///
    /// # Errors
    ///
    /// [`StoreError::Held`] if somebody else has it.
    pub fn writer(
        &self,
        holder: &Holder,
        lasts: SignedDuration,
        now: Timestamp,
    ) -> Result<Writer<'_>, StoreError> {
        let fencing = self.take(holder, lasts, now)?;
        Ok(Writer { store: self, fencing, lasts })
    }
}

impl Writer<'_> {
    /// The number of the lease.
    #[must_use]
    pub const fn fencing(&self) -> Fencing {
        self.fencing
    }

    /// The store, for reading.
    #[must_use]
    pub const fn store(&self) -> &Store {
        self.store
    }

    /// Says that the holder lives. A lease that ended is renewed too, unless somebody took it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] if somebody else took it, or it was given back.
    pub fn renew(&self, now: Timestamp) -> Result<(), StoreError> {
        self.store.renew(self.fencing, self.lasts, now)
    }

    /// Gives the lease back.
    ///
    /// # Errors
    ///
    /// If the database cannot be written to. Then the lease ends by itself.
    pub fn release(self) -> Result<(), StoreError> {
        self.store.give_back(self.fencing).map(|_| ())
    }

    /// Several writes in one transaction: kept together, or not at all if one of them or `write` fails.
    /// What it returns is on the disk. It must not use the writer itself.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] if the lease is not the newest any more; whatever `write` says; or if the
    /// database cannot be written to.
    pub fn together<R>(
        &self,
        now: Timestamp,
        write: impl FnOnce(&Together<'_>) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let failed = |source| StoreError::of(self.store.path(), "write", source);
        let transaction =
            Transaction::new_unchecked(self.store.connection(), TransactionBehavior::Immediate)
                .map_err(failed)?;
        self.store.check_lease(&transaction, self.fencing, now)?;
        let result = write(&Together { store: self.store, transaction: &transaction })?;
        transaction.commit().map_err(failed)?;
        Ok(result)
    }

    /// Appends an entry to the journal. When this returns, the entry is on the disk.
    ///
    /// # Errors
    ///
    /// As [`Writer::together`] and [`Together::append`].
    pub fn append<T: Serialize + ?Sized>(
        &self,
        entry: &NewEntry<'_, T>,
    ) -> Result<Head, StoreError> {
        self.together(entry.time, |together| together.append(entry))
    }

    /// Writes the next version of a document.
    ///
    /// # Errors
    ///
    /// As [`Writer::together`] and [`Together::put`].
    pub fn put<T: Serialize>(
        &self,
        kind: &Kind<T>,
        document: &NewDocument<'_, T>,
    ) -> Result<Version, StoreError> {
        self.together(document.at, |together| together.put(kind, document))
    }

    /// Writes the value of a day; the value of the same day before stays, and is superseded.
    ///
    /// # Errors
    ///
    /// As [`Writer::together`] and [`Together::put_day`].
    pub fn put_day<T: Serialize>(
        &self,
        series: &Series<T>,
        day: &NewDay<'_, T>,
    ) -> Result<Version, StoreError> {
        self.together(day.at, |together| together.put_day(series, day))
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        // Best effort: a lease that cannot be given back ends by itself.
        drop(self.store.give_back(self.fencing));
    }
}
