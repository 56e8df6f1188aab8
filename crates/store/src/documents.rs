//! Documents and their versions.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::canonical::canonical;
use crate::{Digest, Kind, Store, StoreError, Together, instant};

/// A document to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewDocument<'a, T> {
    /// Which document of its kind, in the words of the caller.
    pub key: &'a str,
    /// What it says.
    pub payload: &'a T,
    /// Now.
    pub at: Timestamp,
    /// Who writes it.
    pub by: &'a str,
    /// What it was made from: the digest or id of a source, if there is one.
    pub source: Option<&'a str>,
}

/// One version of a document, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its kind; of a daily series `daily/` and the name.
    pub kind: String,
    /// Which document; of a daily series the day.
    pub key: String,
    /// 1, 2, 3 …
    pub version: u64,
    /// The schema of what it says.
    pub schema: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// Who wrote it.
    pub written_by: String,
    /// What it was made from, if that was said.
    pub source: Option<String>,
    /// SHA-256 of the text of what it says, as canonical JSON.
    pub digest: Digest,
}

/// One version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<T> {
    /// Which version, when, by whom.
    pub version: Version,
    /// What it says.
    pub payload: T,
}

/// Which rows are wanted, without `ORDER BY`.
const OF_KEY: &str = "kind = :kind AND key = :key";

impl Store {
    /// The newest version of a document; none if there is no such document.
    ///
    /// # Errors
    ///
    /// If the database cannot be asked, the document is damaged, or is not of the type of its kind.
    pub fn latest<T: DeserializeOwned>(
        &self,
        kind: &Kind<T>,
        key: &str,
    ) -> Result<Option<Document<T>>, StoreError> {
        self.one(OF_KEY, named_params! {":kind": kind.name(), ":key": key})
    }

    /// The version that was the newest at a time; none if there was none yet.
    ///
    /// # Errors
    ///
    /// As [`Store::latest`].
    pub fn as_of<T: DeserializeOwned>(
        &self,
        kind: &Kind<T>,
        key: &str,
        time: Timestamp,
    ) -> Result<Option<Document<T>>, StoreError> {
        let time = instant::text_of(time)?;
        self.one(
            "kind = :kind AND key = :key AND written_at <= :time",
            named_params! {":kind": kind.name(), ":key": key, ":time": time},
        )
    }

    /// One version of a document; none if there is no such version.
    ///
    /// # Errors
    ///
    /// As [`Store::latest`].
    pub fn version<T: DeserializeOwned>(
        &self,
        kind: &Kind<T>,
        key: &str,
        version: u64,
    ) -> Result<Option<Document<T>>, StoreError> {
        self.one(
            "kind = :kind AND key = :key AND version = :version",
            named_params! {":kind": kind.name(), ":key": key, ":version": version},
        )
    }

    /// All versions of a document, oldest first, without what they say.
    ///
    /// # Errors
    ///
    /// If the database cannot be asked, or a row is damaged.
    pub fn history<T>(&self, kind: &Kind<T>, key: &str) -> Result<Vec<Version>, StoreError> {
        self.versions(kind.name(), key)
    }

    /// The newest version of every document of a kind, by key. One that is damaged or does not fit is an
    /// error in its place, and loses no other.
    ///
    /// # Errors
    ///
    /// If the database cannot be asked.
    pub fn all_latest<T: DeserializeOwned>(
        &self,
        kind: &Kind<T>,
    ) -> Result<Vec<Result<Document<T>, StoreError>>, StoreError> {
        self.newest_of(kind.name(), None)
    }

    /// The newest version of every key of a kind, of all keys or those from the first to the last.
    pub(crate) fn newest_of<T: DeserializeOwned>(
        &self,
        kind: &str,
        keys: Option<(&str, &str)>,
    ) -> Result<Vec<Result<Document<T>, StoreError>>, StoreError> {
        let (first, last) = keys.unzip();
        let sql = format!(
            "SELECT {COLUMNS} FROM documents AS d WHERE kind = :kind
                AND (:first IS NULL OR key BETWEEN :first AND :last)
                AND version = (SELECT max(version) FROM documents WHERE kind = d.kind AND key = d.key)
             ORDER BY key"
        );
        let rows = self.read("read documents", |connection| {
            connection
                .prepare(&sql)?
                .query_map(named_params! {":kind": kind, ":first": first, ":last": last}, row_of)?
                .collect::<Result<Vec<_>, _>>()
        })?;
        Ok(rows.into_iter().map(|row| self.document(row)).collect())
    }

    pub(crate) fn versions(&self, kind: &str, key: &str) -> Result<Vec<Version>, StoreError> {
        let sql = format!(
            "SELECT {} FROM documents WHERE {OF_KEY} ORDER BY version",
            COLUMNS.replace("payload", "'' AS payload")
        );
        let rows = self.read("read the versions of a document", |connection| {
            connection
                .prepare(&sql)?
                .query_map(named_params! {":kind": kind, ":key": key}, row_of)?
                .collect::<Result<Vec<_>, _>>()
        })?;
        rows.into_iter().map(|row| self.split(row).map(|(version, _)| version)).collect()
    }

    fn one<T: DeserializeOwned>(
        &self,
        which: &str,
        parameters: &[(&str, &dyn rusqlite::ToSql)],
    ) -> Result<Option<Document<T>>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM documents WHERE {which} ORDER BY version DESC LIMIT 1");
        let row = self.read("read a document", |connection| {
            connection.query_row(&sql, parameters, row_of).optional()
        })?;
        row.map(|row| self.document(row)).transpose()
    }

    fn document<T: DeserializeOwned>(&self, row: DocumentRow) -> Result<Document<T>, StoreError> {
        let (version, payload) = self.split(row)?;
        let place = format!("{}/{}", version.kind, version.key);
        if Digest::of(&payload) != version.digest {
            let error =
                StoreError::other_digest(self.path(), &place, version.version, &version.digest);
            return Err(error);
        }
        match serde_json::from_str(&payload) {
            Ok(payload) => Ok(Document { version, payload }),
            Err(source) => Err(StoreError::Shape {
                place,
                version: version.version,
                schema: version.schema,
                source,
            }),
        }
    }

    fn split(&self, row: DocumentRow) -> Result<(Version, String), StoreError> {
        let (Some(written_at), Ok(digest)) = (instant::read(&row.written_at), row.digest.parse())
        else {
            return Err(StoreError::Damaged {
                path: self.path().to_owned(),
                what: format!(
                    "time or digest of `{}/{}`, version {}, cannot be read",
                    row.kind, row.key, row.version
                ),
                source: None,
            });
        };
        let version = Version {
            kind: row.kind,
            key: row.key,
            version: row.version,
            schema: row.schema,
            written_at,
            written_by: row.written_by,
            source: row.source,
            digest,
        };
        Ok((version, row.payload))
    }
}

impl Together<'_> {
    /// Writes the next version of a document.
    ///
    /// # Errors
    ///
    /// If the payload holds a secret or is no JSON, a name is empty, or the database cannot be written to.
    pub fn put<T: Serialize>(
        &self,
        kind: &Kind<T>,
        document: &NewDocument<'_, T>,
    ) -> Result<Version, StoreError> {
        self.put_as(plain(kind.name())?.to_owned(), kind.schema(), document)
    }

    pub(crate) fn put_as<T: Serialize>(
        &self,
        kind: String,
        schema: &str,
        document: &NewDocument<'_, T>,
    ) -> Result<Version, StoreError> {
        for (what, text) in [
            ("key", document.key),
            ("schema", schema),
            ("name of who writes", document.by),
            ("source", document.source.unwrap_or("none")),
        ] {
            if text.is_empty() {
                return Err(StoreError::Input { what, why: "it is empty" });
            }
        }
        let written_at = instant::text_of(document.at)?;
        let payload = canonical(document.payload).map_err(|source| StoreError::Payload {
            place: format!("{kind}/{}", document.key),
            source,
        })?;
        let digest = Digest::of(&payload);
        let failed = |source| StoreError::of(self.store.path(), "write a document", source);
        let version: u64 = self
            .transaction
            .query_row(
                "INSERT INTO documents
                    (kind, key, version, schema, written_at, written_by, source, digest, payload)
                 SELECT :kind, :key, 1 + coalesce(max(version), 0), :schema, :at, :by, :source, :digest,
                    :payload FROM documents WHERE kind = :kind AND key = :key
                 RETURNING version",
                named_params! {
                    ":kind": kind, ":key": document.key, ":schema": schema, ":at": written_at,
                    ":by": document.by, ":source": document.source, ":digest": digest.to_string(),
                    ":payload": payload,
                },
                |row| row.get(0),
            )
            .map_err(failed)?;
        Ok(Version {
            kind,
            key: document.key.to_owned(),
            version,
            schema: schema.to_owned(),
            written_at: document.at,
            written_by: document.by.to_owned(),
            source: document.source.map(str::to_owned),
            digest,
        })
    }
}

/// A name of small letters, digits and `-`, so that kinds and daily series never share one.
pub(crate) fn plain(name: &str) -> Result<&str, StoreError> {
    let is_plain = !name.is_empty()
        && name.bytes().all(|sign| matches!(sign, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if is_plain {
        Ok(name)
    } else {
        let why = "it is not made of small letters, digits and `-`";
        Err(StoreError::Input { what: "name of a kind", why })
    }
}

const COLUMNS: &str = "kind, key, version, schema, written_at, written_by, source, digest, payload";

struct DocumentRow {
    kind: String,
    key: String,
    version: u64,
    schema: String,
    written_at: String,
    written_by: String,
    source: Option<String>,
    digest: String,
    payload: String,
}

fn row_of(row: &Row<'_>) -> rusqlite::Result<DocumentRow> {
    Ok(DocumentRow {
        kind: row.get(0)?,
        key: row.get(1)?,
        version: row.get(2)?,
        schema: row.get(3)?,
        written_at: row.get(4)?,
        written_by: row.get(5)?,
        source: row.get(6)?,
        digest: row.get(7)?,
        payload: row.get(8)?,
    })
}
