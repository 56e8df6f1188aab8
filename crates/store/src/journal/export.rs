//! The journal as a file that can be verified without lockstep.

use std::io::{self, Write};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::chain::Head;
use super::format::{Header, SCHEMA};
use super::{COLUMNS, row_of};
use crate::{Store, StoreError};

/// What stops an export.
enum Stop {
    Database(rusqlite::Error),
    Writing(io::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Writing(error)
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Self::Writing(error.into())
    }
}

impl Store {
    /// Writes the journal as it is at this moment, in the format `lockstep.journal/1`, also if it is
    /// damaged: then the export does not hold either. Tells the head, to be kept somewhere else.
    ///
    /// # Errors
    ///
    /// If the database cannot be read or `out` not be written to.
    pub fn export_journal(&self, out: &mut dyn Write) -> Result<Head, StoreError> {
        let what = "export the journal";
        // One transaction: what is appended meanwhile is not seen.
        let transaction =
            Transaction::new_unchecked(self.connection(), TransactionBehavior::Deferred)
                .map_err(|source| StoreError::of(self.path(), what, source))?;
        let head = self.head()?;
        match write(&transaction, &head, out) {
            Ok(()) => Ok(head),
            Err(Stop::Database(source)) => Err(StoreError::of(self.path(), what, source)),
            Err(Stop::Writing(source)) => Err(StoreError::Export { source }),
        }
    }
}

fn write(connection: &Connection, head: &Head, out: &mut dyn Write) -> Result<(), Stop> {
    let entries = connection.query_row("SELECT count(*) FROM journal", [], |row| row.get(0))?;
    let header = Header { schema: SCHEMA.to_owned(), entries, head: head.hash.to_string() };
    writeln!(out, "{}", serde_json::to_string(&header)?)?;
    let mut rows = connection.prepare(&format!("SELECT {COLUMNS} FROM journal ORDER BY number"))?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (raw, payload) = row_of(row)?;
        writeln!(out, "{}", raw.line(&payload)?)?;
    }
    out.flush()?;
    Ok(())
}
