//! Questions to a person: one place asks them, and nothing goes on without an answer.

use std::io::BufRead as _;

use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal;

/// Longest answer that is read.
pub(crate) const LONGEST: u64 = 4096;

/// Asks for a yes. Whatever is not a yes is a no.
///
/// # Errors
/// When nobody is there to answer.
pub(crate) fn yes(settings: &Settings, question: &str) -> Result<bool, CommandError> {
    let said = answer(settings, &format!("{question} [y/N]"))?;
    Ok(said.is_some_and(|it| ["y", "yes"].iter().any(|yes| it.eq_ignore_ascii_case(yes))))
}

/// Asks for a word to be typed, such as the primary domain of the tenant. Anything else is a no.
///
/// # Errors
/// When nobody is there to answer.
pub(crate) fn typed(settings: &Settings, question: &str, word: &str) -> Result<bool, CommandError> {
    Ok(answer(settings, question)?.is_some_and(|it| it.eq_ignore_ascii_case(word)))
}

/// What a person answers to a question, without the blanks around it. `None`: nothing.
///
/// # Errors
/// When nobody is there to answer.
pub(crate) fn answer(settings: &Settings, question: &str) -> Result<Option<String>, CommandError> {
    if settings.no_input {
        return Err(CommandError::refused(format!("nobody is there to answer: {question}"))
            .hint("run it in a terminal, without `--no-input`"));
    }
    if let Some(answer) = &settings.surroundings.answer {
        return Ok(answer(question).map(|it| it.trim().to_owned()));
    }
    terminal::say(&format!("{} ", crate::plain_text::one_line(question)));
    let mut line = String::new();
    std::io::Read::take(std::io::stdin().lock(), LONGEST)
        .read_line(&mut line)
        .map_err(|error| CommandError::refused("the answer could not be read").because(error))?;
    let line = line.trim();
    Ok((!line.is_empty()).then(|| line.to_owned()))
}
