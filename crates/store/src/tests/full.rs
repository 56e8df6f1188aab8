//! No room left: said, and nothing half written. SQLite's own limit on pages stands for the disk.

use serde_json::json;

use super::{LASTS, PLANS, at, document, entry, fresh, holder, note};
use crate::{EntryKind, Head, Store, StoreError, Verdict};

/// Leaves room for so many pages more, or all there is.
fn leave(store: &Store, pages: Option<i64>) {
    let connection = store.connection();
    let used: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let most = pages.map_or(1_000_000, |pages| used + pages);
    connection
        .query_row(&format!("PRAGMA max_page_count = {most}"), [], |row| row.get::<_, i64>(0))
        .unwrap();
}

#[test]
fn a_write_without_room_is_told_and_leaves_nothing() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    let before = note(&writer, 0, json!("before")).unwrap();
    let long = json!({"text": "x".repeat(100_000)});
    for pages in 0..6 {
        leave(&store, Some(pages));
        for error in [
            note(&writer, 1, long.clone()).unwrap_err(),
            writer.put(&PLANS, &document("now", 1, &long)).unwrap_err(),
        ] {
            assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
            assert!(error.hint().unwrap().contains("make room"));
        }
        assert_eq!(store.verify_journal(Some(before)).unwrap(), Verdict::Holds(before));
        assert!(store.latest(&PLANS, "now").unwrap().is_none());
    }
    leave(&store, None);
    let after = note(&writer, 2, long).unwrap();
    assert_eq!(after.number, 2, "no number is lost");
    assert_eq!(store.verify_journal(Some(before)).unwrap(), Verdict::Holds(after));
    assert_eq!(store.damages().unwrap(), Vec::<String>::new());
}

#[test]
fn writes_that_belong_together_are_kept_together() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    leave(&store, Some(3));
    let long = json!({"text": "x".repeat(100_000)});
    let small = json!("small");
    let error = writer
        .together(at(1), |together| {
            together.append(&entry(1, EntryKind::Note, &small))?;
            together.put(&PLANS, &document("now", 1, &long))
        })
        .unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert_eq!(store.head().unwrap(), Head::EMPTY);
    leave(&store, None);
    let (head, version) = writer
        .together(at(1), |together| {
            let head = together.append(&entry(1, EntryKind::Note, &small))?;
            Ok((head, together.put(&PLANS, &document("now", 1, &long))?))
        })
        .unwrap();
    assert_eq!((head.number, version.version), (1, 1));
    assert_eq!(store.head().unwrap(), head);
}
