//! What people say on the command line when they take responsibility for something.

use std::path::Path;

use jiff::civil::Date;
use rollout::engine::AttachedFile;

use crate::error::CommandError;
use crate::plain_text::one_line;
use crate::{digest, words};

/// The name of whoever takes responsibility. Nobody is guessed from the system: an account there is
/// no signature.
pub(super) fn name(by: &str) -> Result<String, CommandError> {
    text("--by", by).map_err(|error| {
        error.hint("write who takes responsibility, such as `--by \"Ann Archer, IT lead\"`")
    })
}

/// What was said, on one line.
pub(super) fn text(option: &str, said: &str) -> Result<String, CommandError> {
    let said = one_line(said);
    if said.is_empty() {
        return Err(CommandError::wrong_input(format!("nothing was said with `{option}`")));
    }
    Ok(said)
}

/// A date that is today or later.
pub(super) fn not_past(option: &str, date: Date, today: Date) -> Result<Date, CommandError> {
    if date < today {
        return Err(CommandError::wrong_input(format!(
            "`{option} {date}` lies in the past: today is {}",
            words::date(today)
        )));
    }
    Ok(date)
}

/// A file that somebody shows: its name and digest are kept, never its content.
pub(super) fn file(path: &Path, folder: &Path) -> Result<AttachedFile, CommandError> {
    let digest = digest::of_file(&folder.join(path)).map_err(|error| {
        CommandError::wrong_input(format!("cannot read the file `{}`", path.display()))
            .because(error)
    })?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Ok(AttachedFile { name: one_line(&name), digest })
}

/// One of the known words, whatever its case, or which one may have been meant.
pub(super) fn one_of<'k>(
    what: &str,
    said: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Result<&'k str, CommandError> {
    let said = said.trim();
    if let Some(found) = known.clone().find(|it| it.eq_ignore_ascii_case(said)) {
        return Ok(found);
    }
    let wrong = CommandError::wrong_input(format!("there is no {what} `{}`", one_line(said)));
    let likeness = |it: &str| strsim::jaro_winkler(&said.to_lowercase(), &it.to_lowercase());
    let nearest = known
        .map(|it| (likeness(it), it))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)));
    Err(match nearest {
        Some((_, nearest)) => wrong.hint(format!("did you mean `{nearest}`?")),
        None => wrong,
    })
}

/// The next number of a kind of record, such as `W-003` after `W-002`.
pub(super) fn next_id<'i>(letter: char, taken: impl Iterator<Item = &'i String>) -> String {
    let number = |id: &String| id.strip_prefix(letter)?.strip_prefix('-')?.parse::<u64>().ok();
    let last = taken.filter_map(number).max().unwrap_or(0);
    format!("{letter}-{:03}", last.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_is_not_said_is_named() {
        for blank in ["", "  ", "\u{1b}", "\u{202e}"] {
            let lines = name(blank).unwrap_err().lines();
            assert!(lines.contains("nothing was said with `--by`"), "{blank:?}: {lines}");
        }
        assert_eq!(name(" Ann\n Archer ").unwrap(), "Ann Archer");
    }

    #[test]
    fn a_day_that_is_over_is_refused_and_today_is_not() {
        let today = date(2026, 11, 23);
        assert!(not_past("--until", date(2026, 11, 22), today).is_err());
        assert_eq!(not_past("--until", today, today).unwrap(), today);
    }

    #[test]
    fn an_unknown_word_names_the_nearest_one() {
        let known = || ["P-01", "P-17", "G4"].into_iter();
        assert_eq!(one_of("task", "p-17", known()).unwrap(), "P-17");
        let cases = [("P-77", "did you mean `P-17`?"), ("P17", "did you mean `P-17`?")];
        for (said, hint) in cases {
            let lines = one_of("task", said, known()).unwrap_err().lines();
            assert!(
                lines.contains(&format!("no task `{said}`")) && lines.contains(hint),
                "{lines}"
            );
        }
        assert!(!one_of("task", "zebra", known()).unwrap_err().lines().contains("hint"));
    }

    #[test]
    fn numbers_go_on_after_the_last_and_are_never_given_twice() {
        let taken = ["W-002", "W-010", "other"].map(str::to_owned);
        assert_eq!(next_id('W', taken.iter()), "W-011");
        assert_eq!(next_id('I', taken.iter()), "I-001");
    }

    #[test]
    fn of_a_file_only_name_and_digest_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        std::fs::write(folder.path().join("in/mail.txt"), "abc").unwrap();
        let shown = file(Path::new("in/mail.txt"), folder.path()).unwrap();
        assert_eq!(shown.name, "mail.txt");
        assert!(shown.digest.starts_with("ba7816bf8f01cfea"), "{}", shown.digest);
        assert!(file(Path::new("none.txt"), folder.path()).is_err());
    }
}
