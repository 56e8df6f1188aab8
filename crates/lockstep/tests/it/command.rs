//! Runs the built binary, cut off from the surroundings of the test run.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// What a command came to, as one text: exit code, stdout, stderr.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(arguments)
        .args(["--now", "2026-11-20T09:00:00Z"])
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    let mut text = format!("exit {}\n", output.status.code().unwrap());
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            write!(text, "--- {name}\n{}", String::from_utf8_lossy(bytes)).unwrap();
        }
    }
    text
}

/// The exit code alone.
pub(crate) fn code(folder: &Path, arguments: &[&str]) -> i32 {
    let text = run(folder, arguments);
    text.lines().next().unwrap().trim_start_matches("exit ").parse().unwrap()
}
