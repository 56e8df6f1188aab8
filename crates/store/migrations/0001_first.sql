-- What lockstep remembers, first form. Times are RFC 3339 in UTC with nine digits of a second, so that
-- they compare as texts; hashes and digests are SHA-256 in small hexadecimal digits.

-- Who may write. One row; `host` is null while nobody holds the lease.
CREATE TABLE lease (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    fencing INTEGER NOT NULL CHECK (fencing >= 0),
    host TEXT,
    pid INTEGER,
    user TEXT,
    acquired_at TEXT,
    renewed_at TEXT,
    expires_at TEXT,
    CHECK ((host IS NULL) = (pid IS NULL)),
    CHECK ((host IS NULL) = (user IS NULL)),
    CHECK ((host IS NULL) = (acquired_at IS NULL)),
    CHECK ((host IS NULL) = (renewed_at IS NULL)),
    CHECK ((host IS NULL) = (expires_at IS NULL))
) STRICT;
INSERT INTO lease (id, fencing) VALUES (1, 0);
CREATE TRIGGER lease_fencing_grows BEFORE UPDATE ON lease WHEN NEW.fencing < OLD.fencing OR NEW.id <> OLD.id
BEGIN SELECT RAISE(ABORT, 'a fencing number only grows'); END;
CREATE TRIGGER lease_stays BEFORE DELETE ON lease
BEGIN SELECT RAISE(ABORT, 'the lease is never deleted'); END;
CREATE TRIGGER lease_is_one BEFORE INSERT ON lease
BEGIN SELECT RAISE(ABORT, 'there is one lease'); END;

-- Everything that has versions: snapshots, plans, evidence … A row is never changed: a later version
-- supersedes it. Daily series are documents whose key is the day.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind <> ''),
    key TEXT NOT NULL CHECK (key <> ''),
    version INTEGER NOT NULL CHECK (version >= 1),
    schema TEXT NOT NULL CHECK (schema <> ''),
    written_at TEXT NOT NULL,
    written_by TEXT NOT NULL CHECK (written_by <> ''),
    source TEXT CHECK (source <> ''),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    payload TEXT NOT NULL,
    UNIQUE (kind, key, version)
) STRICT;
CREATE TRIGGER documents_are_not_changed BEFORE UPDATE ON documents
BEGIN SELECT RAISE(ABORT, 'documents are append-only'); END;
CREATE TRIGGER documents_are_not_deleted BEFORE DELETE ON documents
BEGIN SELECT RAISE(ABORT, 'documents are append-only'); END;
-- `INSERT OR REPLACE` deletes without asking the trigger above.
CREATE TRIGGER documents_follow BEFORE INSERT ON documents
WHEN NEW.version <> 1 + (SELECT coalesce(max(version), 0) FROM documents WHERE kind = NEW.kind AND key = NEW.key)
  OR EXISTS (SELECT 1 FROM documents WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'documents are append-only'); END;

-- The journal, as docs/JOURNAL.md describes it.
CREATE TABLE journal (
    number INTEGER PRIMARY KEY CHECK (number >= 1),
    previous TEXT NOT NULL CHECK (length(previous) = 64),
    time TEXT NOT NULL,
    actor TEXT NOT NULL CHECK (actor <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('intent', 'outcome', 'observation', 'note')),
    change_set TEXT CHECK (change_set <> ''),
    outcome_of INTEGER UNIQUE REFERENCES journal (number),
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    payload TEXT NOT NULL,
    CHECK ((kind = 'outcome') = (outcome_of IS NOT NULL))
) STRICT;
CREATE INDEX journal_intents ON journal (number) WHERE kind = 'intent';
CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_follows BEFORE INSERT ON journal
WHEN NEW.number <> 1 + (SELECT coalesce(max(number), 0) FROM journal)
  OR NEW.outcome_of IN (SELECT outcome_of FROM journal)
  OR NEW.hash IN (SELECT hash FROM journal)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
