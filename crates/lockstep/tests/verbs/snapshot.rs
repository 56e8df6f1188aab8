//! `lockstep snapshot` and `init` in a workspace that remembers.

use store::{Series, Store};

use crate::workspace::Workspace;

/// A day of the series, as documents have it.
#[derive(serde::Deserialize)]
struct Day {
    capable: u64,
    in_scope: u64,
}

const REGISTRATION: Series<Day> = Series::new("registration", "lockstep.registration-day/1");

#[test]
fn a_snapshot_of_other_files_remembers_nothing() {
    let workspace = Workspace::of_firm(0);
    let exports = workspace.path("exports");
    let exports = exports.to_str().unwrap();
    assert_eq!(workspace.ran(&["snapshot", "--exports", exports]).status.code(), 0);
    assert!(!workspace.path("lockstep.db").exists());
    assert!(workspace.path(".lockstep/snapshots").is_dir());
}

#[test]
fn a_snapshot_keeps_the_figures_of_its_day_and_asks_the_gates() {
    let workspace = Workspace::of_firm(2);
    for _ in 0..2 {
        assert_eq!(workspace.ran(&["snapshot"]).status.code(), 0);
    }
    let store = Store::open(&workspace.path("lockstep.db")).unwrap();
    let date = "2026-11-23".parse().unwrap();
    let days = store.days(&REGISTRATION, date, date).unwrap();
    let [Ok(day)] = days.as_slice() else { panic!("{}", days.len()) };
    assert!(day.value.capable > 0 && day.value.capable <= day.value.in_scope);
    assert_eq!(day.version.version, 1, "the same figures are not kept twice");
    let status = workspace.document(3, &["status"]);
    assert!(status["gates"][0]["criteria"].as_array().unwrap().len() > 3, "{status}");
}

#[test]
fn init_makes_a_store_that_its_owner_alone_can_read() {
    let workspace = Workspace::of_firm(0);
    std::fs::remove_file(workspace.path("lockstep.toml")).unwrap();
    let exports = workspace.path("exports");
    let exports = exports.to_str().unwrap();
    assert_eq!(workspace.ran(&["init", "--exports", exports]).status.code(), 0);
    let store = workspace.path("lockstep.db");
    assert!(store.is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(store).unwrap().permissions().mode() & 0o077, 0);
    }
}
