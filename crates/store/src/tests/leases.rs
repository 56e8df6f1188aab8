//! The lease: who has it, how it ends, and what an old one may still do.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;

use jiff::SignedDuration;
use serde_json::json;

use super::{LASTS, PLANS, at, beside, document, entry, fresh, holder, note, open};
use crate::{EntryKind, Fencing, StoreError, Verdict};

#[test]
fn one_has_it_and_the_other_is_told_who() {
    let (folder, store) = fresh();
    let writer = store.writer(&holder(4711), LASTS, at(0)).unwrap();
    let other = open(folder.path());
    let error = other.writer(&holder(2), LASTS, at(40)).unwrap_err();
    assert_eq!(error.to_string(), "`anna` on `it-01` (process 4711) has been writing for 40 s");
    assert_eq!(
        error.hint().unwrap(),
        "wait for it to finish; if it has died, its lease ends by itself at 2026-12-07T08:01:00Z"
    );
    let lease = other.lease().unwrap().unwrap();
    assert_eq!((lease.fencing, lease.holder), (writer.fencing(), holder(4711)));
    assert_eq!((lease.acquired_at, lease.expires_at), (at(0), at(60)));
    writer.release().unwrap();
    assert_eq!(other.lease().unwrap(), None);
    assert_eq!(other.writer(&holder(2), LASTS, at(41)).unwrap().fencing(), Fencing(2));
}

#[test]
fn dropping_gives_it_back() {
    let (_folder, store) = fresh();
    drop(store.writer(&holder(1), LASTS, at(0)).unwrap());
    assert_eq!(store.lease().unwrap(), None);
    assert_eq!(store.writer(&holder(1), LASTS, at(0)).unwrap().fencing(), Fencing(2));
}

#[test]
fn a_dead_holder_blocks_until_the_end_and_no_longer() {
    let (folder, store) = fresh();
    std::mem::forget(store.writer(&holder(1), LASTS, at(0)).unwrap());
    let other = open(folder.path());
    assert!(matches!(other.writer(&holder(2), LASTS, at(59)), Err(StoreError::Held { .. })));
    assert_eq!(other.writer(&holder(2), LASTS, at(60)).unwrap().fencing(), Fencing(2));
}

#[test]
fn a_clock_that_was_set_back_does_not_block_for_years() {
    let (folder, store) = fresh();
    let years = 100_000_000;
    std::mem::forget(store.writer(&holder(1), LASTS, at(years)).unwrap());
    let other = open(folder.path());
    for near in [at(years), at(years - 60)] {
        assert!(matches!(other.writer(&holder(2), LASTS, near), Err(StoreError::Held { .. })));
    }
    assert!(other.writer(&holder(2), LASTS, at(years - 61)).is_ok());
}

#[test]
fn an_old_lease_writes_nothing() {
    let (folder, store) = fresh();
    let old = store.writer(&holder(1), LASTS, at(0)).unwrap();
    note(&old, 0, json!("mine")).unwrap();
    // Stopped for longer than the lease: nobody took it, so nothing is lost by going on.
    note(&old, 300, json!("late")).unwrap();
    old.renew(at(301)).unwrap();
    let other = open(folder.path());
    let new = other.writer(&holder(2), LASTS, at(400)).unwrap();
    let payload = json!({});
    for error in [
        note(&old, 405, json!("too late")).unwrap_err(),
        old.put(&PLANS, &document("now", 405, &payload)).unwrap_err(),
        old.renew(at(405)).unwrap_err(),
    ] {
        assert_eq!(
            error.to_string(),
            "this lease (number 1) has ended: `anna` on `it-01` (process 2) has been writing for 5 s \
             under number 2; nothing was kept"
        );
        assert!(error.hint().is_some());
    }
    old.release().unwrap();
    assert_eq!(other.lease().unwrap().unwrap().fencing, new.fencing(), "the new one stays");
    assert_eq!(other.head().unwrap().number, 2);
    new.release().unwrap();
}

/// The lease is looked at in the transaction of the write: nothing comes between.
#[test]
fn nobody_takes_it_in_the_middle_of_a_write() {
    let (folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    let other = open(folder.path());
    other.connection().busy_timeout(std::time::Duration::ZERO).unwrap();
    let payload = json!("in the middle");
    writer
        .together(at(100), |together| {
            let error = other.writer(&holder(2), LASTS, at(100)).unwrap_err();
            assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
            let seen = other.lease().unwrap().unwrap().fencing;
            assert!(matches!(other.end_lease(seen), Err(StoreError::Busy { .. })));
            together.append(&entry(100, EntryKind::Note, &payload))
        })
        .unwrap();
    assert_eq!(other.head().unwrap().number, 1);
    assert!(other.writer(&holder(2), LASTS, at(100)).is_ok());
}

/// A write that fails half-way, by its own doing, leaves nothing.
#[test]
fn what_is_written_together_fails_together() {
    let (_folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    let payload = json!("half");
    let error = writer
        .together(at(1), |together| {
            together.append(&entry(1, EntryKind::Note, &payload))?;
            together.put(&PLANS, &document("", 1, &payload))
        })
        .unwrap_err();
    assert!(matches!(error, StoreError::Input { what: "key", .. }), "{error:?}");
    assert_eq!(store.head().unwrap().number, 0);
    note(&writer, 2, json!("whole")).unwrap();
}

#[test]
fn renewing_moves_the_end() {
    let (folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    writer.renew(at(50)).unwrap();
    let other = open(folder.path());
    assert!(matches!(other.writer(&holder(2), LASTS, at(109)), Err(StoreError::Held { .. })));
    assert!(other.writer(&holder(2), LASTS, at(110)).is_ok());
}

#[test]
fn a_person_may_end_it() {
    let (folder, store) = fresh();
    let writer = store.writer(&holder(1), LASTS, at(0)).unwrap();
    let other = open(folder.path());
    let seen = other.lease().unwrap().unwrap().fencing;
    assert!(!other.end_lease(Fencing(seen.0 + 1)).unwrap(), "another number is another lease");
    assert!(other.end_lease(seen).unwrap());
    assert!(!other.end_lease(seen).unwrap(), "once");
    let error = note(&writer, 1, json!("still here")).unwrap_err();
    assert_eq!(error.to_string(), "this lease (number 1) has ended; nothing was kept");
    let error = writer.renew(at(1)).unwrap_err();
    assert!(matches!(error, StoreError::Fenced { newest: None, .. }), "{error:?}");
    assert_eq!(other.writer(&holder(2), LASTS, at(1)).unwrap().fencing(), Fencing(2));
}

#[test]
fn a_lease_lasts_longer_than_nothing_and_shorter_than_time() {
    let (_folder, store) = fresh();
    for lasts in [SignedDuration::ZERO, SignedDuration::from_secs(-1), SignedDuration::MAX] {
        let error = store.writer(&holder(1), lasts, at(0)).unwrap_err();
        assert!(matches!(error, StoreError::Input { .. }), "{error:?}");
    }
    assert_eq!(store.lease().unwrap(), None);
}

#[test]
fn the_row_of_the_lease_is_guarded() {
    let (_folder, store) = fresh();
    drop(store.writer(&holder(1), LASTS, at(0)).unwrap());
    let other = beside(&store);
    for sql in [
        "UPDATE lease SET fencing = 0",
        "UPDATE lease SET id = 2",
        "UPDATE lease SET host = 'x'",
        "DELETE FROM lease",
        "INSERT INTO lease (id, fencing) VALUES (1, 9)",
        "INSERT OR REPLACE INTO lease (id, fencing) VALUES (1, 0)",
    ] {
        assert!(other.execute_batch(sql).is_err(), "{sql}");
    }
}

#[test]
fn a_lease_that_cannot_be_read_is_damage_and_not_nobody() {
    let (_folder, store) = fresh();
    std::mem::forget(store.writer(&holder(1), LASTS, at(0)).unwrap());
    beside(&store).execute_batch("UPDATE lease SET acquired_at = 'yesterday'").unwrap();
    let error = store.writer(&holder(2), LASTS, at(1)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    beside(&store).execute_batch("DROP TRIGGER lease_stays; DELETE FROM lease").unwrap();
    let error = store.writer(&holder(2), LASTS, at(900)).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

/// Threads with a connection each, all at once.
#[test]
fn never_two_at_once() {
    const THREADS: u32 = 6;
    const ENTRIES: usize = 60;
    let (folder, store) = fresh();
    let clock = AtomicI64::new(0);
    let inside = AtomicBool::new(false);
    thread::scope(|scope| {
        for pid in 0..THREADS {
            let (folder, clock, inside) = (folder.path(), &clock, &inside);
            scope.spawn(move || {
                let store = open(folder);
                let mut written = 0;
                while written < ENTRIES / usize::try_from(THREADS).unwrap() {
                    let now = clock.fetch_add(1, Ordering::SeqCst);
                    // Longer than the test's clock ever runs: a lease ends by being given back only.
                    let lasts = SignedDuration::from_secs(i64::from(u32::MAX));
                    match store.writer(&holder(pid), lasts, at(now)) {
                        Ok(writer) => {
                            assert!(!inside.swap(true, Ordering::SeqCst), "another one is inside");
                            note(&writer, now, json!(writer.fencing().0)).unwrap();
                            written += 1;
                            assert!(inside.swap(false, Ordering::SeqCst));
                        }
                        Err(StoreError::Held { .. } | StoreError::Busy { .. }) => {
                            thread::yield_now()
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                }
            });
        }
    });
    let entries = store.entries(1, 1000).unwrap();
    let numbers: Vec<u64> = entries.iter().map(|it| it.payload().unwrap()).collect();
    assert_eq!(numbers.len(), ENTRIES);
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    assert_eq!(store.verify_journal(None).unwrap(), Verdict::Holds(store.head().unwrap()));
}
