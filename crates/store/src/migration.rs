//! Forms of the file, and how to come to the newest.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::StoreError;

/// "LKST": says that a database is lockstep's.
pub(crate) const APPLICATION_ID: i64 = 0x4c4b_5354;

/// The forms, oldest first: the text of number *n* makes form *n* of form *n* − 1. One that was given out
/// is never edited; a new one is added.
pub(crate) const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_first.sql")];

/// Whose the file is, and in which form: refused if it is not ours, or newer than `migrations`. Changes
/// nothing.
pub(crate) fn form_of(
    connection: &Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<i64, StoreError> {
    let ask = |sql| {
        connection
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .map_err(|source| StoreError::of(path, "read the header", source))
    };
    let application_id = ask("PRAGMA application_id")?;
    let form = ask("PRAGMA user_version")?;
    let is_empty = ask("SELECT count(*) FROM sqlite_schema")? == 0;
    let is_new = application_id == 0 && form == 0 && is_empty;
    if !is_new && application_id != APPLICATION_ID {
        return Err(StoreError::Foreign { path: path.to_owned(), application_id });
    }
    let known = newest(migrations);
    if form > known {
        return Err(StoreError::Newer { path: path.to_owned(), found: form, known });
    }
    if form < 0 || (form == 0 && !is_new) {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            what: format!("it says that it has form {form}, and there is none"),
            source: None,
        });
    }
    Ok(form)
}

fn newest(migrations: &[&str]) -> i64 {
    // There are a handful.
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

/// Brings the file to the newest form, each step in a transaction of its own.
pub(crate) fn migrate(
    connection: &Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), StoreError> {
    for (form, sql) in (1..).zip(migrations) {
        let failed = |source| StoreError::of_migration(path, form, source);
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
            .map_err(failed)?;
        // Asked inside the transaction: another process may have come first.
        if form_of(&transaction, path, migrations)? >= form {
            continue;
        }
        transaction.execute_batch(sql).map_err(failed)?;
        transaction
            .execute_batch(&format!(
                "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {form};"
            ))
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}
