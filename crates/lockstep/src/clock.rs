//! The only place that reads the clock.

use jiff::Timestamp;

/// The present moment, to the second.
#[expect(clippy::disallowed_methods, reason = "this is the shell's one clock")]
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
