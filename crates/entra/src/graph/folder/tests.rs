//! A process may be killed between any two steps.

use super::*;
use crate::graph::catalogue::READS;
use crate::graph::manifest::{SCHEMA, State};

fn manifest(started: &str, finished: bool) -> Manifest {
    let started = started.parse().unwrap();
    let reads = READS.iter().map(|read| {
        let mut state = ReadState::pending(read);
        state.state = State::Done;
        if read.id == "groups" {
            (state.pages, state.state) = (1, State::Failed { why: "x".to_owned() });
        }
        state
    });
    Manifest {
        schema: SCHEMA.to_owned(),
        tenant: "ne.example".to_owned(),
        cloud: "global".to_owned(),
        sign_in_days: 30,
        started,
        finished: finished.then_some(started),
        reads: reads.collect(),
    }
}

const FIRST: &str = "2026-11-20T12:00:00Z";
const SECOND: &str = "2026-11-21T12:00:00Z";

/// Downloads something: a page of users that names the run, half a list of groups, a page of a log.
fn run(folder: &Folder, started: &str) -> Result<(), DownloadError> {
    folder.save(&manifest(started, false))?;
    folder.page("users", 1, started.as_bytes())?;
    folder.page("groups", 1, b"half")?;
    let day = started.get(..10).unwrap();
    folder.log_page(("sign-ins-interactive", day), 1, started.as_bytes())?;
    folder.finish(&manifest(started, true))
}

fn text(root: &Path, path: &str) -> Option<String> {
    fs::read_to_string(root.join(path)).ok()
}

/// What a reader sees: the run of the manifest and of the page, which must be the same.
fn seen(root: &Path) -> Option<String> {
    let manifest = last_download(root).unwrap()?;
    let page = text(root, "tenant/users/000001.json");
    assert_eq!(page, Some(manifest.started.to_string()), "a manifest of other pages");
    assert_eq!(text(root, "tenant/groups/000001.json"), None, "half a list is not read");
    assert!(manifest.finished.is_some());
    page
}

#[test]
fn at_whatever_instant_it_is_killed_one_whole_download_is_there() {
    let mut outcomes = Vec::new();
    for steps in 0.. {
        let workspace = tempfile::tempdir().unwrap();
        let root = workspace.path().join("graph");
        run(&Folder::open(&root).unwrap(), FIRST).unwrap();
        let folder = Folder::open(&root).unwrap();
        folder.fuse.set(steps);
        let ended = run(&folder, SECOND);
        drop(folder);
        settle(&root).unwrap();
        let seen = seen(&root).expect("the first download is lost");
        let logs = fs::read_dir(root.join("sign-ins/sign-ins-interactive")).unwrap().count();
        assert_eq!(logs, if seen == SECOND { 2 } else { 1 }, "{steps}");
        if seen == SECOND {
            assert!(!beside(&root, ".next").exists() && !beside(&root, ".old").exists(), "{steps}");
            let apart = text(&root, "tenant/.lockstep/partial/groups/000001.json");
            assert_eq!(apart.as_deref(), Some("half"), "{steps}");
        }
        outcomes.push((ended.is_ok(), seen == SECOND));
        if ended.is_ok() {
            break;
        }
    }
    // Before the manifest says so the old one counts, afterwards the new one; never back again.
    assert!(outcomes.is_sorted_by_key(|(_, new)| *new));
    assert!(outcomes.contains(&(false, true)) && outcomes.contains(&(false, false)));
    assert_eq!(outcomes.last(), Some(&(true, true)));
}

/// Names of pages tell the second of their run.
#[test]
fn two_runs_of_one_second_lose_no_page() {
    let workspace = tempfile::tempdir().unwrap();
    let root = workspace.path().join("graph");
    let logs = root.join("sign-ins/sign-ins-interactive");
    for times in 1..=3 {
        let folder = Folder::open(&root).unwrap();
        run(&folder, FIRST).unwrap();
        assert_eq!(fs::read_dir(&logs).unwrap().count(), times);
    }
    // They are pruned like all of that run.
    let folder = Folder::open(&root).unwrap();
    folder.prune("sign-ins-interactive", "2026").unwrap();
    assert_eq!(fs::read_dir(&logs).unwrap().count(), 3, "none is older than its own run");
    folder.prune("sign-ins-interactive", "2027").unwrap();
    assert_eq!(fs::read_dir(&logs).unwrap().count(), 0);
}

#[test]
fn settling_may_be_killed_as_well() {
    for steps in 0.. {
        let workspace = tempfile::tempdir().unwrap();
        let root = workspace.path().join("graph");
        run(&Folder::open(&root).unwrap(), FIRST).unwrap();
        let folder = Folder::open(&root).unwrap();
        folder.page("users", 1, SECOND.as_bytes()).unwrap();
        folder.log_page(("sign-ins-interactive", "2026-11-21"), 1, b"x").unwrap();
        folder.save(&manifest(SECOND, true)).unwrap();
        // Killed after every step of the first attempt, and then after every second one.
        folder.fuse.set(steps);
        let first = folder.settle();
        folder.fuse.set(1);
        let _ = folder.settle();
        drop(folder);
        settle(&root).unwrap();
        assert_eq!(seen(&root).as_deref(), Some(SECOND), "{steps}");
        assert_eq!(fs::read_dir(root.join("sign-ins/sign-ins-interactive")).unwrap().count(), 2);
        if first.is_ok() {
            break;
        }
    }
}

#[test]
fn forgetting_may_be_killed_and_nobody_goes_on_with_what_is_left() {
    for steps in 0..3 {
        let workspace = tempfile::tempdir().unwrap();
        let root = workspace.path().join("graph");
        let folder = Folder::open(&root).unwrap();
        folder.save(&manifest(FIRST, false)).unwrap();
        folder.page("users", 1, b"x").unwrap();
        folder.fuse.set(steps);
        let ended = folder.discard();
        drop(folder);
        let folder = Folder::open(&root).unwrap();
        let left = folder.unfinished().unwrap();
        assert_eq!(left.is_some(), steps == 0, "{steps}");
        assert_eq!(ended.is_ok(), steps >= 2, "{steps}");
    }
}

#[test]
fn two_processes_do_not_download_into_one_folder() {
    let workspace = tempfile::tempdir().unwrap();
    let root = workspace.path().join("graph");
    let held = Folder::open(&root).unwrap();
    let other = Folder::open(&root).unwrap_err();
    assert!(matches!(other, DownloadError::Busy { .. }), "{other}");
    drop(held);
    Folder::open(&root).unwrap();
}

#[test]
fn a_manifest_of_another_kind_is_none() {
    let workspace = tempfile::tempdir().unwrap();
    let root = workspace.path().join("graph");
    assert!(last_download(&root).unwrap().is_none());
    fs::create_dir_all(root.join("tenant")).unwrap();
    for wrong in ["", "{", "{\"schema\":\"lockstep.download/1\"}"] {
        fs::write(root.join("tenant").join(manifest::FILE), wrong).unwrap();
        assert!(last_download(&root).unwrap().is_none(), "{wrong}");
    }
}

#[test]
fn old_pages_of_a_log_go() {
    let workspace = tempfile::tempdir().unwrap();
    let root = workspace.path().join("graph");
    let log = root.join("sign-ins/a");
    fs::create_dir_all(&log).unwrap();
    for name in ["20261001T000000Z-000001.json", "20261101T000000Z-000001.json", "kept.json"] {
        fs::write(log.join(name), "x").unwrap();
    }
    Folder::open(&root).unwrap().prune("a", "20261101T000000Z").unwrap();
    let left = entries(&log).unwrap();
    assert_eq!(left.len(), 2, "{left:?}");
}
