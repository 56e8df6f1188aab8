//! Where results and remarks go.

use std::cell::RefCell;
use std::io::{ErrorKind, Write as _};

use serde::Serialize;

use crate::arguments::Format;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::page::Page;
use crate::plain_text::one_line;
use crate::reading::{Reading, problem_line};
use crate::settings::Settings;

/// What a verb came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// The page for people, or the document for scripts.
    printed: String,
}

impl Outcome {
    /// An outcome as it was asked for: the document that scripts read, or the page for people. Of
    /// the two only one is made: each can be many megabytes.
    pub(crate) fn new(
        settings: &Settings,
        status: ExitStatus,
        document: &impl Serialize,
        page: impl FnOnce() -> Page,
    ) -> Result<Self, CommandError> {
        let printed = match settings.format {
            Format::Json => json(document)?,
            Format::Text => page().finish(),
        };
        Ok(Self { status, printed })
    }

    /// What would be printed.
    pub(crate) fn text(&self) -> &str {
        &self.printed
    }

    /// Prints the outcome on stdout and returns how it ended.
    pub(crate) fn print(self) -> ExitStatus {
        let printed = print(&self.printed);
        if printed == ExitStatus::Done { self.status } else { printed }
    }
}

/// A document as JSON, with a line end.
pub(crate) fn json(document: &impl Serialize) -> Result<String, CommandError> {
    let mut document = serde_json::to_string_pretty(document).map_err(|error| {
        CommandError::wrong_input("the result cannot be written as JSON").because(error)
    })?;
    document.push('\n');
    Ok(document)
}

/// Prints on stdout, and returns how a command ends that has nothing else to report. A reader that
/// has gone (`lockstep plan | head`) is no failure; a full disk is one, since a script would take
/// half a document for the whole.
pub(crate) fn print(text: &str) -> ExitStatus {
    if captured(|it| it.stdout.push_str(text)) {
        return ExitStatus::Done;
    }
    let mut stdout = std::io::stdout().lock();
    let result = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    if let Err(error) = result
        && error.kind() != ErrorKind::BrokenPipe
    {
        let error = CommandError::wrong_input("cannot write to the standard output")
            .because(error)
            .hint("what was written is not complete: check that the disk is not full");
        return fail(&error);
    }
    ExitStatus::Done
}

/// Prints one line on stderr.
pub(crate) fn remark(line: &str) {
    say(&format!("{}\n", one_line(line)));
}

/// Prints text on stderr.
pub(crate) fn say(text: &str) {
    if captured(|it| it.stderr.push_str(text)) {
        return;
    }
    // Nothing can be done when even stderr is gone.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// What a command printed, kept and not printed.
#[derive(Debug, Default)]
pub(crate) struct Captured {
    /// On stdout.
    pub(crate) stdout: String,
    /// On stderr.
    pub(crate) stderr: String,
}

thread_local! {
    /// What this thread prints, while it is kept.
    static CAPTURED: RefCell<Option<Captured>> = const { RefCell::new(None) };
}

/// Keeps what a command prints.
pub(crate) fn capture<R>(run: impl FnOnce() -> R) -> (R, Captured) {
    let before = CAPTURED.replace(Some(Captured::default()));
    let result = run();
    (result, CAPTURED.replace(before).unwrap_or_default())
}

fn captured(keep: impl FnOnce(&mut Captured)) -> bool {
    CAPTURED.with_borrow_mut(|it| it.as_mut().map(keep).is_some())
}

/// Prints an error on stderr and returns how the command ended.
pub(crate) fn fail(error: &CommandError) -> ExitStatus {
    say(&error.lines());
    error.status
}

/// Says on stderr what of a folder could not be used: unknown files, unreadable records, notes.
/// Unreadable data is said even with `--quiet`: silence would read as "all was read".
pub(crate) fn remark_reading(reading: &Reading, settings: &Settings) {
    for problem in &reading.problems {
        remark(&format!("unreadable: {}", problem_line(problem)));
    }
    let shown = crate::words::length(&reading.problems);
    if reading.unreadable > shown {
        remark(&format!(
            "unreadable: {} more",
            crate::words::number(reading.unreadable.saturating_sub(shown))
        ));
    }
    for name in reading.unknown() {
        remark(&format!("unknown file, not used: {name}"));
    }
    if settings.quiet {
        return;
    }
    for (note, files) in &reading.notes {
        match files.as_slice() {
            [file] => remark(&format!("note: `{file}`: {note}")),
            [first, rest @ ..] if !settings.verbose => {
                let rest = crate::words::count(crate::words::length(rest), "other", "others");
                remark(&format!("note: `{first}` and {rest}: {note} (--verbose lists them)"));
            }
            files => files.iter().for_each(|file| remark(&format!("note: `{file}`: {note}"))),
        }
    }
    for note in &reading.not_kept {
        remark(&format!("note: {note}"));
    }
    if settings.verbose {
        for source in &reading.sources {
            remark(&format!(
                "read: {} ({} bytes): {} sign-ins, {} other records, {} not known, {} unreadable",
                source.name,
                source.bytes,
                source.sign_ins,
                source.others,
                source.not_wanted,
                source.unreadable
            ));
        }
    }
}

/// How a reading verb ends that found nothing else to report.
pub(crate) fn status_of(reading: &Reading) -> ExitStatus {
    if reading.unreadable > 0 || reading.failures().next().is_some() {
        ExitStatus::SomeUnreadable
    } else {
        ExitStatus::Done
    }
}
