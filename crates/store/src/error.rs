//! What can go wrong, and what to do about it.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use rusqlite::ErrorCode;

use crate::{Digest, Fencing, Lease, PayloadError};

/// What the database said.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Cause(rusqlite::Error);

/// Why something could not be kept, read, or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no file.
    #[error("there is no `{}`", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be made or looked at.
    #[error("cannot open `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// File or folder cannot be written to.
    #[error("cannot write to `{}`", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: Cause,
    },
    /// The file is of another format.
    #[error("`{}` is not a database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The database is another program's.
    #[error("`{}` is a database of another program (application id {application_id})", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The number the other program put in.
        application_id: i64,
    },
    /// The database was written by a newer lockstep.
    #[error("`{}` has form {found}, and this lockstep knows forms up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The form of the file.
        found: i64,
        /// The newest form this program knows.
        known: i64,
    },
    /// The content of the file is not as lockstep wrote it.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not hold.
        what: String,
        /// What the database said, if it found out.
        #[source]
        source: Option<Cause>,
    },
    /// The file could not be brought to the newest form.
    #[error("cannot bring `{}` to form {form}", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// The form that could not be reached; the file still has the one before.
        form: i64,
        /// What the database said.
        #[source]
        source: Cause,
    },
    /// The database did not take a setting on which durability or safety rests.
    #[error("the database keeps `{name}` at `{found}` instead of `{wanted}`")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What it should be.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// Another process is in the middle of a write.
    #[error("another process is writing to `{}` right now", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// No room is left. Nothing of the write was kept.
    #[error("there is no room left for `{}`; nothing of this was kept", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: Cause,
    },
    /// The database could not do what it was asked.
    #[error("cannot {what} in `{}`", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What was asked.
        what: &'static str,
        /// What the database said.
        #[source]
        source: Cause,
    },
    /// Somebody else may write now.
    #[error("{} has been writing for {}", lease.holder, in_words(*age))]
    Held {
        /// Who, and until when.
        lease: Box<Lease>,
        /// Time since the lease was given out.
        age: SignedDuration,
    },
    /// The lease this was to be written under is not the newest any more. Nothing was kept.
    #[error("this lease (number {own}) has ended{}; nothing was kept", taken_by(newest.as_deref(), *age))]
    Fenced {
        /// The number of the lease that was used.
        own: Fencing,
        /// The lease that replaced it, if somebody holds it.
        newest: Option<Box<Lease>>,
        /// Time since that one was given out.
        age: SignedDuration,
    },
    /// A value given by the caller cannot be used.
    #[error("this {what} cannot be used: {why}")]
    Input {
        /// Which value.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A payload cannot be kept.
    #[error("a payload for `{place}` cannot be kept")]
    Payload {
        /// Kind and key, or `journal`.
        place: String,
        /// Why.
        #[source]
        source: PayloadError,
    },
    /// A document is whole, but is not what this version of lockstep expects of its kind.
    #[error(
        "`{place}`, version {version}, of schema `{schema}` cannot be read as what it should be"
    )]
    Shape {
        /// Kind and key, or `journal`.
        place: String,
        /// The version, or the number of the entry.
        version: u64,
        /// The schema it was written with.
        schema: String,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
    /// An outcome names an entry that is no intent, or one that has its outcome, or is of another change
    /// set.
    #[error("entry {of} of the journal cannot have this outcome: {why}")]
    Outcome {
        /// The entry that was named.
        of: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// The export could not be written out.
    #[error("cannot write the export of the journal")]
    Export {
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl StoreError {
    /// What to do about it, in one sentence; nothing where the error says it all.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Missing { .. } => "run `lockstep init` to make a workspace here".to_owned(),
            Self::Open { .. } | Self::ReadOnly { .. } => {
                "give yourself the right to write to the file and to its folder, where two more files \
                 appear beside it while it is in use"
                    .to_owned()
            }
            Self::NotADatabase { .. } | Self::Foreign { .. } => {
                "move that file away; if it should be lockstep's, restore it from a backup".to_owned()
            }
            Self::Newer { .. } => {
                "update lockstep; the file is left as it is, and an older program does not write to it"
                    .to_owned()
            }
            Self::Damaged { .. } => {
                "stop writing to this workspace, keep a copy of the file for the record, and restore the \
                 last backup; then compare the tenant with it before anything is applied"
                    .to_owned()
            }
            Self::Migration { .. } => {
                "the file is as it was; make room on the disk, end other programs that use it, and try \
                 again"
                    .to_owned()
            }
            Self::Setting { .. } => {
                "the folder may lie on a network drive; use a folder on a local disk".to_owned()
            }
            Self::Busy { .. } => "try again in a moment".to_owned(),
            Self::Full { .. } => "make room on the disk, then run the same command again".to_owned(),
            Self::Held { lease, .. } => format!(
                "wait for it to finish; if it has died, its lease ends by itself at {:.0}",
                lease.expires_at
            ),
            Self::Fenced { .. } => {
                "look at the journal for what the other one did, then run the command again".to_owned()
            }
            Self::Shape { .. } => "it was written by another version of lockstep; use that one to read \
                                   it"
            .to_owned(),
            Self::Failed { .. }
            | Self::Input { .. }
            | Self::Payload { .. }
            | Self::Outcome { .. }
            | Self::Export { .. } => return None,
        };
        Some(text)
    }

    /// What the database said while `what` was asked of it.
    pub(crate) fn of(path: &Path, what: &'static str, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        if is_of_another_type(&source) {
            let what = format!("a value has not its type, when asked to {what}");
            return Self::Damaged { path, what, source: Some(Cause(source)) };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged {
                path,
                what: format!("the database says so, when asked to {what}"),
                source: Some(Cause(source)),
            },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::DiskFull) => Self::Full { path, source: Cause(source) },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Self::ReadOnly { path, source: Cause(source) }
            }
            _ => Self::Failed { path, what, source: Cause(source) },
        }
    }

    /// The file could not be brought to `form`; what has a name of its own keeps it.
    pub(crate) fn of_migration(path: &Path, form: i64, source: rusqlite::Error) -> Self {
        match Self::of(path, "migrate", source) {
            Self::Failed { path, source, .. } => Self::Migration { path, form, source },
            named => named,
        }
    }

    /// A digest that is not that of what it stands beside.
    pub(crate) fn other_digest(path: &Path, place: &str, version: u64, kept: &Digest) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            what: format!(
                "`{place}`, version {version}, is not what it was: its digest is not {kept}"
            ),
            source: None,
        }
    }
}

/// A column holds what lockstep never writes into it.
fn is_of_another_type(source: &rusqlite::Error) -> bool {
    matches!(
        source,
        rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
    )
}

/// Seconds and more, in the two largest units that differ from 0.
fn in_words(age: SignedDuration) -> String {
    let seconds = age.as_secs();
    if seconds < 0 {
        return "less than no time, by this clock".to_owned();
    }
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut words = Vec::new();
    for (length, unit) in units {
        if rest >= length && words.len() < 2 {
            words.push(format!("{} {unit}", rest / length));
            rest %= length;
        }
    }
    if words.is_empty() { "less than a second".to_owned() } else { words.join(" ") }
}

fn taken_by(newest: Option<&Lease>, age: SignedDuration) -> String {
    newest.map_or_else(String::new, |lease| {
        format!(
            ": {} has been writing for {} under number {}",
            lease.holder,
            in_words(age),
            lease.fencing
        )
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::in_words;

    #[test]
    fn an_age_in_words() {
        for (seconds, words) in [
            (-1, "less than no time, by this clock"),
            (0, "less than a second"),
            (59, "59 s"),
            (60, "1 min"),
            (3_661, "1 h 1 min"),
            (3_601, "1 h 1 s"),
            (90_061, "1 d 1 h"),
        ] {
            assert_eq!(in_words(SignedDuration::from_secs(seconds)), words);
        }
    }
}
