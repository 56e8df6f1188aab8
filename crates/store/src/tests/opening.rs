//! Opening: what is made, what is in force on every connection, what becomes of an older form.

use std::fs;
use std::thread;

use rusqlite::types::Value as Cell;
use serde_json::json;
use tempfile::TempDir;

use super::{LASTS, PLANS, at, beside, document, fresh, holder, note, open};
use crate::migration::{APPLICATION_ID, MIGRATIONS};
use crate::{FILE_NAME, Store, StoreError};

fn asked(store: &Store, name: &str) -> Cell {
    store.connection().query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn what_durability_rests_on_is_in_force_on_every_connection() {
    let (folder, first) = fresh();
    let writer = first.writer(&holder(1), LASTS, at(0)).unwrap();
    note(&writer, 0, json!("begun")).unwrap();
    let second = Store::open(first.path()).unwrap();
    drop(writer);
    for store in [&first, &second, &open(folder.path())] {
        for (name, value) in [
            ("journal_mode", Cell::Text("wal".to_owned())),
            ("synchronous", Cell::Integer(2)),
            ("fullfsync", Cell::Integer(1)),
            ("foreign_keys", Cell::Integer(1)),
            ("trusted_schema", Cell::Integer(0)),
            ("recursive_triggers", Cell::Integer(1)),
            ("busy_timeout", Cell::Integer(5000)),
            ("application_id", Cell::Integer(APPLICATION_ID)),
            ("user_version", Cell::Integer(1)),
        ] {
            assert_eq!(asked(store, name), value, "{name}");
        }
    }
}

#[test]
fn another_connection_does_not_change_ours() {
    let (_folder, store) = fresh();
    let other = beside(&store);
    other.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF").unwrap();
    assert_eq!(asked(&store, "synchronous"), Cell::Integer(2));
    assert_eq!(asked(&store, "foreign_keys"), Cell::Integer(1));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = TempDir::new().unwrap();
    let path = folder.path().join(FILE_NAME);
    let modes = || {
        let mut modes: Vec<(String, u32)> = fs::read_dir(folder.path())
            .unwrap()
            .map(|it| it.unwrap())
            .map(|it| {
                let mode = it.metadata().unwrap().permissions().mode() & 0o777;
                (it.file_name().into_string().unwrap(), mode)
            })
            .collect();
        modes.sort();
        modes
    };
    let private =
        [FILE_NAME, "lockstep.db-shm", "lockstep.db-wal"].map(|it| (it.to_owned(), 0o600));
    let store = Store::open_or_create(&path).unwrap();
    drop(store.writer(&holder(1), LASTS, at(0)).unwrap());
    assert_eq!(modes(), private);
    for name in fs::read_dir(folder.path()).unwrap() {
        fs::set_permissions(name.unwrap().path(), fs::Permissions::from_mode(0o644)).unwrap();
    }
    let _again = Store::open(&path).unwrap();
    assert_eq!(modes(), private, "rights that somebody gave are taken again");
}

#[test]
fn many_at_once_make_one_file() {
    for _ in 0..24 {
        let folder = TempDir::new().unwrap();
        let forms: Vec<Cell> = thread::scope(|scope| {
            let opening: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| asked(&open(folder.path()), "user_version")))
                .collect();
            opening.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert_eq!(forms, vec![Cell::Integer(1); 6]);
    }
}

#[test]
fn an_empty_file_is_a_new_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(FILE_NAME);
    fs::write(&path, b"").unwrap();
    assert!(Store::open(&path).unwrap().lease().unwrap().is_none());
}

#[test]
fn a_step_to_a_new_form_happens_whole_or_not_at_all() {
    let (_folder, store) = fresh();
    let path = store.path().to_owned();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    writer.put(&PLANS, &document("now", 0, &json!({"day": 1}))).unwrap();
    drop(writer);
    drop(store);

    let broken =
        [MIGRATIONS[0], "CREATE TABLE added (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1);"];
    let error = Store::open_with(&path, &broken).unwrap_err();
    assert!(matches!(error, StoreError::Migration { form: 2, .. }), "{error:?}");
    let store = Store::open(&path).unwrap();
    assert_eq!(asked(&store, "user_version"), Cell::Integer(1));
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'added'";
    let added: i64 = store.connection().query_row(tables, [], |row| row.get(0)).unwrap();
    assert_eq!(added, 0);
    drop(store);

    let sound = [MIGRATIONS[0], "CREATE TABLE added (id INTEGER) STRICT;"];
    let store = Store::open_with(&path, &sound).unwrap();
    assert_eq!(asked(&store, "user_version"), Cell::Integer(2));
    assert_eq!(store.latest(&PLANS, "now").unwrap().unwrap().payload, json!({"day": 1}));
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error:?}");
}
