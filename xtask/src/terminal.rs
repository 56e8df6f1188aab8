//! Words to the terminal.

use std::io::Write as _;

/// One line to standard output. A closed pipe is no failure of the command.
pub(crate) fn write_line(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// One line to standard error.
pub(crate) fn write_error(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// One formatted line to standard output.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => { $crate::terminal::write_line(&format!($($words)*)) };
}
