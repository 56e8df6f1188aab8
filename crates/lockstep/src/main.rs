//! The one binary. Everything is in the library, so that tests and the documentation generator can
//! call it.

use std::process::ExitCode;

fn main() -> ExitCode {
    lockstep::run()
}
