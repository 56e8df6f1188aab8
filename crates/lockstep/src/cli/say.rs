//! Sentences several verbs share.

use rollout::gaps::Gap;
use rollout::{Coverage, Window};

use crate::page::{Page, Tone};
use crate::reading::Reading;
use crate::words;

/// What each kind of record came to.
pub(super) fn collections(page: &mut Page, reading: &Reading) {
    let rows = reading
        .counts
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(kind, count)| {
            vec![((*kind).to_owned(), Tone::Plain), (words::number(*count), Tone::Figure)]
        })
        .collect::<Vec<_>>();
    if !rows.is_empty() {
        page.table(&["records of", "read"], rows);
    }
    let files = words::length(&reading.sources);
    let unknown = u64::try_from(reading.unknown().count()).unwrap_or(u64::MAX);
    page.line(&format!(
        "{} read, {} of no known kind, {} unreadable",
        words::count(files, "file", "files"),
        words::number(unknown),
        words::count(reading.unreadable, "record", "records")
    ));
}

/// What no file told, and what would tell it.
pub(super) fn gaps(page: &mut Page, gaps: &[Gap]) {
    if gaps.is_empty() {
        return;
    }
    page.heading(&format!("Not seen ({})", gaps.len()));
    for gap in gaps {
        page.item(&format!("{} So: {} To close it: {}", gap.what, gap.so, gap.close_with));
    }
}

/// The window and what it covers, in one sentence.
pub(super) fn coverage(window: &Window, coverage: &Coverage) -> String {
    let span = match (window.from, window.to) {
        (Some(from), Some(to)) => {
            format!(" ({} to {})", words::moment(from), words::moment(to))
        }
        _ => String::new(),
    };
    let kind = |told: Option<bool>| match told {
        Some(true) => "in the log",
        Some(false) => "not in the log",
        None => "the log does not tell",
    };
    format!(
        "{} of {} days covered{span}. Interactive sign-ins: {}; non-interactive: {}. {} read, {} \
         copies, {} unreadable.",
        window.days_covered,
        window.days_asked,
        kind(coverage.interactive),
        kind(coverage.non_interactive),
        words::count(coverage.records_read, "record", "records"),
        words::number(coverage.duplicates),
        words::number(coverage.records_unreadable),
    )
}
