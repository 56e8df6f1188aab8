//! docs/PERFORMANCE.md: the machine, the figures, the commands, and what must be reached.

use std::fmt::Write as _;

use super::bars::{Bar, bars};
use super::candidates::{Group, LARGE};
use super::report::{Measured, Report, Row};

/// The page. `large` is what was measured of a large log, `cores` how many there are.
pub(crate) fn page(report: &Report, large: Option<&Report>) -> String {
    let mut text = String::new();
    about(&mut text, report);
    must_reach(&mut text, &bars(report, large), report.records);
    for report in [Some(report), large].into_iter().flatten() {
        for group in Group::of(report.records) {
            if let Some(measured) = report.groups.get(group.name()) {
                table(&mut text, *group, measured, report.records);
            }
        }
    }
    text
}

/// Writing to a string cannot fail.
macro_rules! line {
    ($text:expr, $($words:tt)*) => { let _ = writeln!($text, $($words)*); };
}

fn about(text: &mut String, report: &Report) {
    line!(text, "# Performance\n");
    line!(
        text,
        "Written by `cargo xtask bench`; do not edit. The candidates of each table ran round after \
         round beside each other, everything warm in the page cache; each figure is the run with \
         the median wall time, memory the highest of all runs.\n"
    );
    line!(text, "- machine: {}", report.machine);
    let versions: Vec<String> =
        report.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    line!(text, "- compared with: {}", versions.join(", "));
    line!(
        text,
        "- logs: `cargo xtask gen --records {} --variant NAME --out DIR`, a made-up tenant of 40,000 users (100,000 from ten \
         million records on), thirty days, three in a hundred records legacy; made-up text repeats \
         more than real text, so real logs compress less",
        report.records
    );
    line!(
        text,
        "- question: the legacy inventory. Every sign-in by one of 14 legacy client apps, by user, \
         client app and device: how many, the last one, successes, failures. Each peer gets a \
         schema with only the fields it needs, and two threads; starting Python and loading the package \
         (0.1 to 0.5 s) is part of its time. lockstep answers more than that \
         (first and last seen, addresses, days, hours, cause and remedy of each)"
    );
    if let Some(answer) = &report.answer {
        line!(
            text,
            "- answer: all candidates agreed before anything was timed: {} rows, {} successes, {} \
             failures, {} users",
            answer.rows,
            answer.successes,
            answer.failures,
            answer.users
        );
    }
    line!(
        text,
        "- MB/s: of the log's text, after decompression\n\
         - memory: resident memory without file-backed pages, at its peak\n"
    );
}

fn must_reach(text: &mut String, bars: &[Bar], records: u64) {
    line!(text, "## What must be reached\n");
    if records != 1_000_000 {
        line!(text, "The bars are meant for a million records; these logs hold {records}.\n");
    }
    line!(text, "| measure | against | bar | measured | by processor time | verdict |");
    line!(text, "|---|---|---|---|---|---|");
    for bar in bars {
        let figure =
            |figure: Option<f64>| figure.map_or("–".to_owned(), |it| bar.bound.figure(it));
        let aim = if bar.aim.is_empty() { String::new() } else { format!(", aim {}", bar.aim) };
        line!(
            text,
            "| {} | {} | {}{aim} | {} | {} | {} |",
            bar.measure,
            bar.of,
            bar.bound.words(),
            figure(bar.measured),
            figure(bar.by_cpu),
            bar.verdict()
        );
    }
    line!(
        text,
        "\nWhat limits those that are missed, with the profile: \
         [PERFORMANCE-LIMITS.md](PERFORMANCE-LIMITS.md).\n"
    );
}

fn table(text: &mut String, group: Group, measured: &Measured, records: u64) {
    line!(text, "## {}\n", group.title());
    let kind = if records >= LARGE { ", a tenant of 100,000 users" } else { "" };
    line!(text, "{records} records{kind}; lockstep: {}.\n", measured.version);
    line!(text, "| what | runs | wall | CPU | MB/s | records/s | peak memory |");
    line!(text, "|---|---|---|---|---|---|---|");
    for row in &measured.rows {
        line!(text, "{}", figures(row));
    }
    let commands: Vec<&Row> = measured.rows.iter().filter(|row| !row.command.is_empty()).collect();
    if commands.is_empty() {
        text.push('\n');
        return;
    }
    line!(text, "\n```");
    for row in commands {
        line!(text, "{} >/dev/null", row.command);
    }
    line!(text, "```\n");
}

fn figures(row: &Row) -> String {
    let cost = match &row.figures {
        Ok(cost) => cost,
        Err(why) => return format!("| {} | – | not available: {why} | | | | |", row.what),
    };
    let number = |figure: Option<f64>| figure.map_or("–".to_owned(), |it| format!("{it:.0}"));
    let kilobytes = cost.anonymous_kb.saturating_mul(1024) / 1000;
    format!(
        "| {} | {} | {:.2} s | {:.2} s | {} | {} | {} MB |",
        row.what,
        row.runs,
        cost.wall.as_secs_f64(),
        cost.cpu.as_secs_f64(),
        number(row.megabytes_per_second()),
        number(row.records_per_second()),
        kilobytes / 1000,
    )
}

/// The verdicts alone, for the terminal.
pub(crate) fn verdicts(report: &Report, large: Option<&Report>) -> String {
    let mut text = String::new();
    for bar in bars(report, large).iter().filter(|bar| bar.measured.is_some()) {
        let measured = bar.measured.map(|it| bar.bound.figure(it)).unwrap_or_default();
        line!(
            text,
            "{:>12}: {} / {}: {measured} (bar {})",
            bar.verdict(),
            bar.measure,
            bar.of,
            bar.bound.words()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::answer::Answer;
    use super::super::report::Report;
    use super::super::report::tests::{cost, report, row};
    use super::{page, verdicts};

    #[test]
    fn the_page_shows_figures_commands_and_verdicts() {
        let mut report = report(&[(
            "azure",
            vec![
                row("audit", Ok(cost(1000, 90))),
                row("cat", Ok(cost(400, 1))),
                row("duckdb", Err("no network".to_owned())),
            ],
        )]);
        report.versions.insert("rg".to_owned(), "13.0.0".to_owned());
        report.answer = Some(Answer { rows: 3, successes: 40, failures: 2, users: 2 });
        let page = page(&report, None);
        for expected in [
            "- machine: a machine\n- compared with: rg 13.0.0\n",
            "agreed before anything was timed: 3 rows, 40 successes, 2 failures, 2 users\n",
            "| legacy audit, as Azure writes | DuckDB | ≥ 5 ×, aim 7 × | – | – | not measured |\n",
            "| legacy audit, as Azure writes | `cat` | ≥ 50 %, aim 60 % | 40 % | 40 % | missed |\n",
            "## JSON lines as Azure Monitor writes them\n\n1000000 records; lockstep: commit abc1234.\n",
            "| the audit | 5 | 1.00 s | 2.00 s | 4000 | 1000000 | 92 MB |\n",
            "| the duckdb | – | not available: no network | | | | |\n",
            "```\naudit file >/dev/null\ncat file >/dev/null\n```\n",
        ] {
            assert!(page.contains(expected), "{expected} is missing in\n{page}");
        }
        assert!(!page.contains("bars are meant for"));
        let terminal = verdicts(&report, None);
        assert!(terminal.contains("missed: legacy audit, as Azure writes / `cat`: 40 %"));
        assert!(!terminal.contains("not measured"));
    }

    #[test]
    fn a_short_log_and_a_large_one_are_named_as_such() {
        let mut large = report(&[("large", vec![row("audit", Ok(cost(9000, 280)))])]);
        large.records = 20_000_000;
        let short = Report::new(100_000, String::new());
        let page = page(&short, Some(&large));
        assert!(page.contains("these logs hold 100000"), "{page}");
        assert!(page.contains("20000000 records, a tenant of 100,000 users; lockstep:"));
        assert!(page.contains("< 300 MB | 287 MB | – | reached |"), "{page}");
    }
}
