//! Opening the file, and the settings every connection has.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::StoreError;
use crate::migration::{MIGRATIONS, form_of, migrate};

/// How long one write waits for another process to end its own. A write takes milliseconds.
const WAIT: Duration = Duration::from_secs(5);
/// How often a file is opened that is busy, and how long one of these times waits. SQLite does not wait
/// where it turns a file to write-ahead logging that others open too (SQLite documentation, *Write-Ahead
/// Logging*, section *Sometimes Queries Return `SQLITE_BUSY` In WAL Mode*): so between two there is a pause.
const TIMES: u32 = 20;
const WAIT_OF_ONE: Duration = Duration::from_millis(250);
const PAUSE: Duration = Duration::from_millis(25);

/// Settings of a connection: what is said, and what the database must answer when asked. SQLite ignores
/// what it does not know, so each is read back.
const SETTINGS: [(&str, &str, Option<i64>); 8] = [
    // Every commit waits until the disk has it.
    ("synchronous", "FULL", Some(2)),
    // On macOS the disk itself must be told to write; elsewhere this changes nothing.
    ("fullfsync", "ON", None),
    ("checkpoint_fullfsync", "ON", None),
    ("foreign_keys", "ON", Some(1)),
    // A damaged or forged schema runs no function.
    ("trusted_schema", "OFF", Some(0)),
    ("recursive_triggers", "ON", Some(1)),
    ("cell_size_check", "ON", Some(1)),
    // No large sort leaves a file somewhere else.
    ("temp_store", "MEMORY", Some(2)),
];

/// What lockstep remembers, open for reading. Who wants to write takes the lease: [`Store::writer`].
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Connection,
}

impl Store {
    /// Opens the file, which must be there.
    ///
    /// # Errors
    ///
    /// If there is none, it is not lockstep's, is of a newer lockstep, is damaged, or cannot be
    /// written to: WAL needs the right to write even for reading.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        match fs::metadata(path) {
            Ok(_) => Self::open_with(path, &MIGRATIONS),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::Missing { path: path.to_owned() })
            }
            Err(source) => Err(StoreError::Open { path: path.to_owned(), source }),
        }
    }

    /// Opens the file, or makes it, readable by its owner alone.
    ///
    /// # Errors
    ///
    /// As [`Store::open`], and if the folder is not there.
    pub fn open_or_create(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, &MIGRATIONS)
    }

    pub(crate) fn open_with(path: &Path, migrations: &[&str]) -> Result<Self, StoreError> {
        make_private(path).map_err(|source| StoreError::Open { path: path.to_owned(), source })?;
        for _ in 1..TIMES {
            match Self::connect(path, migrations) {
                Err(StoreError::Busy { .. }) => thread::sleep(PAUSE),
                ended => return ended,
            }
        }
        Self::connect(path, migrations)
    }

    fn connect(path: &Path, migrations: &[&str]) -> Result<Self, StoreError> {
        let failed = |source| StoreError::of(path, "open the file", source);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.busy_timeout(WAIT_OF_ONE).map_err(failed)?;
        // Before anything is changed: the file may be another program's. In one transaction: another
        // process may be making it right now.
        let looking = Transaction::new_unchecked(&connection, TransactionBehavior::Deferred)
            .map_err(failed)?;
        form_of(&looking, path, migrations)?;
        drop(looking);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(failed)?;
        set(&connection, path)?;
        migrate(&connection, path, migrations)?;
        connection.busy_timeout(WAIT).map_err(failed)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads every page and every index of the file; what is wrong with them, in the database's words.
    /// Whether the journal holds is asked with [`Store::verify_journal`].
    ///
    /// # Errors
    ///
    /// If the database cannot be asked.
    pub fn damages(&self) -> Result<Vec<String>, StoreError> {
        let words = self.read("check the file", |connection| {
            connection
                .prepare("PRAGMA integrity_check")?
                .query_map([], |row| row.get::<_, String>(0))?
                .collect::<Result<Vec<_>, _>>()
        });
        match words {
            Ok(words) => Ok(words.into_iter().filter(|word| word != "ok").collect()),
            Err(StoreError::Damaged { what, .. }) => Ok(vec![what]),
            Err(error) => Err(error),
        }
    }

    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Asks the database.
    pub(crate) fn read<R>(
        &self,
        what: &'static str,
        ask: impl FnOnce(&Connection) -> rusqlite::Result<R>,
    ) -> Result<R, StoreError> {
        ask(&self.connection).map_err(|source| StoreError::of(&self.path, what, source))
    }
}

fn set(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::of(path, "set up the connection", source);
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        return Err(StoreError::Setting {
            name: "journal_mode",
            wanted: "wal".into(),
            found: mode,
        });
    }
    for (name, word, wanted) in SETTINGS {
        connection.execute_batch(&format!("PRAGMA {name} = {word}")).map_err(failed)?;
        let Some(wanted) = wanted else { continue };
        let found: Value = connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .map_err(failed)?;
        if found != Value::Integer(wanted) {
            let (wanted, found) = (wanted.to_string(), format!("{found:?}"));
            return Err(StoreError::Setting { name, wanted, found });
        }
    }
    Ok(())
}

/// Makes the file if there is none, and takes the rights of everybody but its owner. SQLite gives the
/// two files beside it the rights of this one.
#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => drop(made?),
    }
    for end in ["", "-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(end);
        let beside = Path::new(&beside);
        let Ok(found) = fs::metadata(beside) else { continue };
        if found.is_file() && found.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(beside, fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> io::Result<()> {
    // The rights of a folder of the user's own keep others out.
    OpenOptions::new().append(true).create(true).open(path).map(drop)
}
