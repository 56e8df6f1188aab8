//! Running the tests with one error in the program.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::copy::Program;
use super::weave::VARIABLE;
use crate::failure::{Failure, Outcome};

/// A program that says nothing for so long runs for ever. Between two tests it is never so silent.
const SILENCE: Duration = Duration::from_secs(300);

/// What the tests said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A test failed.
    Caught,
    /// No test ended: what is wrong runs for ever.
    Endless,
    /// No test noticed.
    Survived,
}

/// Runs test programs until one fails. `switch` names the mutant that is woven in, `skip` the tests
/// that are left out.
pub(crate) fn run(
    programs: &[&Program],
    folder: &Path,
    switch: Option<usize>,
    skip: &[&str],
) -> Outcome<Answer> {
    for program in programs {
        let mut command = Command::new(&program.path);
        for test in skip {
            command.args(["--skip", test]);
        }
        if let Some(number) = switch {
            command.env(VARIABLE, number.to_string());
        }
        command.current_dir(folder).env("CARGO_MANIFEST_DIR", folder).env("INSTA_UPDATE", "no");
        let answer = answer(command, SILENCE)?;
        if answer != Answer::Survived {
            return Ok(answer);
        }
    }
    Ok(Answer::Survived)
}

/// Reads what a test program says, line by line, up to the first test that fails.
fn answer(mut command: Command, silence: Duration) -> Outcome<Answer> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let output = child.stdout.take().ok_or_else(|| Failure::new("a test program has no output"))?;
    let (sender, lines) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let early = loop {
        match lines.recv_timeout(silence) {
            Ok(line) if line.ends_with("... FAILED") => break Some(Answer::Caught),
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => break Some(Answer::Endless),
            Err(RecvTimeoutError::Disconnected) => break None,
        }
    };
    if early.is_some() {
        // It may have ended by itself meanwhile.
        let _ = child.kill();
    }
    let ended = child.wait()?;
    drop(lines);
    let _ = reader.join();
    Ok(early.unwrap_or(if ended.success() { Answer::Survived } else { Answer::Caught }))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_failing_test_a_crash_and_silence_are_told_apart_from_passing() {
        let cases = [
            ("echo 'test a ... FAILED'; exec sleep 600", Answer::Caught),
            ("echo 'test a ... ok'; exit 101", Answer::Caught),
            ("kill -SEGV $$", Answer::Caught),
            ("exec sleep 600", Answer::Endless),
            ("echo 'test a ... ok'", Answer::Survived),
        ];
        for (script, expected) in cases {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            let answer = answer(command, Duration::from_millis(500)).unwrap();
            assert_eq!(answer, expected, "{script}");
        }
    }
}
