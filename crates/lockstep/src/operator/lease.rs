//! The lease of the workspace: taken by whoever writes, and taken over from a process that is dead.

use jiff::Timestamp;
use store::{Holder, Lease, Store, StoreError, Writer};

use super::{LEASE, failed};
use crate::error::CommandError;

/// Takes the lease. One that a process of this machine left behind when it died is ended first.
///
/// # Errors
/// When somebody else holds it, or the store cannot be written to.
pub(crate) fn writer<'s>(
    store: &'s Store,
    holder: &Holder,
    now: Timestamp,
) -> Result<Writer<'s>, CommandError> {
    match store.writer(holder, LEASE, now) {
        Err(StoreError::Held { lease, .. }) if holder_is_dead(&lease, holder) => {
            store.end_lease(lease.fencing).map_err(|error| failed("write", error))?;
            store.writer(holder, LEASE, now).map_err(refused)
        }
        other => other.map_err(refused),
    }
}

fn refused(error: StoreError) -> CommandError {
    match error {
        StoreError::Held { .. } => {
            CommandError::refused("another run of lockstep writes to this workspace")
                .because(error)
                .hint("wait for it to end; `lockstep unlock` shows who it is, and ends its lease")
        }
        other => failed("write", other),
    }
}

/// The name of this machine. A container counts its processes by itself: it is a machine of its own,
/// whatever name it shares with others.
pub(super) fn machine() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    match container() {
        Some(container) => format!("{name}, container {container}"),
        None => name,
    }
}

/// The number of the process namespace, where it is not the first one of the machine, whose number is
/// fixed (`PROC_PID_INIT_INO`, `include/linux/proc_ns.h` of Linux).
#[cfg(target_os = "linux")]
fn container() -> Option<String> {
    const FIRST: &str = "4026531836";
    let link = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let number = link.to_str()?.strip_prefix("pid:[")?.strip_suffix(']')?.to_owned();
    (number != FIRST).then_some(number)
}

#[cfg(not(target_os = "linux"))]
fn container() -> Option<String> {
    None
}

/// Whether the process that holds a lease is known to be dead: it ran on this machine, and no process
/// has its number any more, or this one has it now.
pub(crate) fn holder_is_dead(lease: &Lease, own: &Holder) -> bool {
    lease.holder.host == own.host
        && (lease.holder.pid == own.pid || is_running(lease.holder.pid) == Some(false))
}

/// Whether a process of this machine runs. `None`: the system does not tell.
#[cfg(target_os = "linux")]
fn is_running(pid: u32) -> Option<bool> {
    let processes = std::path::Path::new("/proc");
    // Without the list of processes nothing is known of any.
    let own = processes.join("self").exists();
    own.then(|| processes.join(pid.to_string()).exists())
}

#[cfg(not(target_os = "linux"))]
fn is_running(_: u32) -> Option<bool> {
    None
}
