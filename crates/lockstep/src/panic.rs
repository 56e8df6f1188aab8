//! What a bug looks like to the operator.

use std::io::Write as _;

/// Replaces the backtrace by a short message. The panic's own text is not printed: it may hold a
/// value of the tenant. The place in the source is enough to find it.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |location| {
            format!(" (at {}:{})", location.file(), location.line())
        });
        let mut stderr = std::io::stderr().lock();
        // Nothing can be done when even stderr is gone.
        let _ = writeln!(
            stderr,
            "error: this is a bug in lockstep{place}\nhint: nothing was changed in the tenant; \
             please report the place above and the command you ran"
        );
    }));
}
