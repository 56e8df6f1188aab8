//! Where a password is not left behind by the system: no dump of the memory, no page of it on a disk.

use crate::settings::Settings;
use crate::terminal;

/// Keeps the memory of this process from others, and says with `--verbose` what the system would not do.
pub(crate) fn keep(settings: &Settings) {
    if !settings.surroundings.is_process() {
        return;
    }
    for not_done in keep_to_ourselves() {
        if settings.verbose {
            terminal::remark(&format!("note: {not_done}"));
        }
    }
}

/// Keeps the memory of this process from others, as far as the system lets it. Says what it would not.
/// A password is copied on its way, at least by the library that encrypts it; so it is the whole process
/// that is kept, not one text.
#[cfg(unix)]
fn keep_to_ourselves() -> Vec<&'static str> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let mut not_done = Vec::new();
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if setrlimit(Resource::Core, none).is_err() {
        not_done.push("the system may write the memory of lockstep to a file if it fails");
    }
    if !not_looked_into() {
        not_done.push("other programs of the same user may look into the memory of lockstep");
    }
    if !kept_off_the_disk() {
        not_done.push("the system may write parts of the memory of lockstep to its swap space");
    }
    not_done
}

/// Elsewhere nothing of it is done.
#[cfg(not(unix))]
fn keep_to_ourselves() -> Vec<&'static str> {
    vec!["the system may write parts of the memory of lockstep to a disk"]
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn not_looked_into() -> bool {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn not_looked_into() -> bool {
    false
}

/// What is there now stays in memory. What is asked for later is not locked: past the limit that most
/// systems set, asking would fail, and with it the run.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn kept_off_the_disk() -> bool {
    use rustix::mm::{MlockAllFlags, mlockall};
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::ONFAULT).is_ok()
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn kept_off_the_disk() -> bool {
    false
}
