//! Files that cannot be used: each is told apart, with what to do, and is left as it is.

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::{LASTS, PLANS, at, beside, document, fresh, holder, note};
use crate::{FILE_NAME, Store, StoreError};

/// A file with these bytes is refused with these words, keeps its bytes, and stays alone.
fn check(bytes: &[u8], words: &str) -> StoreError {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(FILE_NAME);
    fs::write(&path, bytes).unwrap();
    let error = Store::open_or_create(&path).unwrap_err();
    let told = error.to_string().replace(&path.display().to_string(), "FILE");
    assert_eq!(told, words);
    assert!(error.hint().is_some(), "{told}");
    assert_eq!(fs::read(&path).unwrap(), bytes, "it is left as it is");
    error
}

/// The bytes of a database of lockstep, with this done to it.
fn bytes_after(sql: &str) -> Vec<u8> {
    let (_folder, store) = fresh();
    let path = store.path().to_owned();
    drop(store);
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    fs::read(path).unwrap()
}

#[test]
fn no_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(FILE_NAME);
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("lockstep init"));
    assert!(!path.exists(), "looking makes nothing");
}

#[test]
fn no_folder() {
    let folder = TempDir::new().unwrap();
    let error = Store::open_or_create(&folder.path().join("gone").join(FILE_NAME)).unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error:?}");
}

#[test]
fn a_folder_in_its_place() {
    let folder = TempDir::new().unwrap();
    let error = Store::open_or_create(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. } | StoreError::Open { .. }), "{error:?}");
}

#[test]
fn another_format() {
    let text = "Date (UTC),Request ID,User\n".repeat(400);
    let error = check(text.as_bytes(), "`FILE` is not a database");
    assert!(matches!(error, StoreError::NotADatabase { .. }));
}

#[test]
fn another_program() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE contacts (name TEXT); PRAGMA user_version = 3").unwrap();
    drop(other);
    let error = check(
        &fs::read(path).unwrap(),
        "`FILE` is a database of another program (application id 0)",
    );
    assert!(matches!(error, StoreError::Foreign { application_id: 0, .. }));
    check(
        &bytes_after("PRAGMA journal_mode = DELETE; PRAGMA application_id = 7"),
        "`FILE` is a database of another program (application id 7)",
    );
}

#[test]
fn a_newer_lockstep() {
    let bytes = bytes_after("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99");
    let error = check(&bytes, "`FILE` has form 99, and this lockstep knows forms up to 1");
    assert!(error.hint().unwrap().contains("update lockstep"));
}

#[test]
fn a_form_there_is_not() {
    for form in [0, -4] {
        check(
            &bytes_after(&format!("PRAGMA journal_mode = DELETE; PRAGMA user_version = {form}")),
            &format!("`FILE` is damaged: it says that it has form {form}, and there is none"),
        );
    }
}

#[test]
fn a_damaged_schema() {
    let mut bytes = bytes_after("PRAGMA journal_mode = DELETE");
    bytes[100..1000].fill(0xee);
    let error =
        check(&bytes, "`FILE` is damaged: the database says so, when asked to read the header");
    assert!(matches!(error, StoreError::Damaged { .. }));
}

/// Damage further inside is found where it is read, and all of it by asking for it.
#[test]
fn damaged_pages() {
    let (_folder, store) = fresh();
    let path = store.path().to_owned();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    for day in 0..40 {
        writer.put(&PLANS, &document("now", day, &json!({"text": "x".repeat(3000)}))).unwrap();
        note(&writer, day, json!({"text": "x".repeat(3000)})).unwrap();
    }
    drop(writer);
    assert_eq!(store.damages().unwrap(), Vec::<String>::new());
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let from = bytes.len() / 3;
    bytes[from..].fill(0xee);
    fs::write(&path, &bytes).unwrap();
    let store = Store::open(&path).unwrap();
    assert!(!store.damages().unwrap().is_empty());
    let error = store.verify_journal(None).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("backup"));
}

#[test]
fn a_file_cut_in_half() {
    let (_folder, store) = fresh();
    let path = store.path().to_owned();
    drop(store);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let found =
        Store::open(&path).and_then(|store| store.damages().map(|damages| damages.is_empty()));
    assert!(matches!(found, Ok(false) | Err(StoreError::Damaged { .. })), "{found:?}");
}

/// Rights hold nobody back who is the system's administrator; then there is nothing to test.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt as _;

    let (folder, store) = fresh();
    let path = store.path().to_owned();
    drop(store);
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set(folder.path(), 0o500);
    if fs::write(folder.path().join("probe"), "").is_ok() {
        set(folder.path(), 0o700);
        println!("skipped: this user may write everywhere");
        return;
    }
    let error = Store::open(&path).unwrap_err();
    set(folder.path(), 0o700);
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("right to write"));
}

#[test]
fn another_write_under_way() {
    let (_folder, store) = fresh();
    let other = beside(&store);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.connection().busy_timeout(std::time::Duration::ZERO).unwrap();
    let error = store.writer(&holder(1), LASTS, at(0)).unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    assert_eq!(error.hint().as_deref(), Some("try again in a moment"));
    other.execute_batch("ROLLBACK").unwrap();
    assert!(store.writer(&holder(1), LASTS, at(0)).is_ok());
}
