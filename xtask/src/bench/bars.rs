//! What must be reached, and whether it was.

use std::time::Duration;

use super::candidates::{Group, who};
use super::report::{Report, ratio};

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    /// What is measured.
    pub(crate) measure: &'static str,
    /// What it is compared with.
    pub(crate) of: &'static str,
    /// What must be reached.
    pub(crate) bound: Bound,
    /// What it should end at, in words; empty when nothing more is wanted.
    pub(crate) aim: &'static str,
    /// What was measured; nothing when it was not.
    pub(crate) measured: Option<f64>,
    /// The same by processor time.
    pub(crate) by_cpu: Option<f64>,
}

/// What must be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bound {
    /// So many times as fast, or more.
    Times(f64),
    /// Faster.
    Faster,
    /// So many hundredths or more.
    Percent(f64),
    /// So many times the duration, or less.
    AtMostTimes(f64),
    /// Megabytes in a second, or more.
    Rate(f64),
    /// Less than so many megabytes.
    Below(f64),
}

impl Bound {
    /// Whether a figure reaches it.
    pub(crate) fn reached(self, figure: f64) -> bool {
        match self {
            Self::Times(bound) | Self::Rate(bound) => figure >= bound,
            Self::Percent(bound) => figure * 100.0 >= bound,
            Self::Faster => figure > 1.0,
            Self::AtMostTimes(bound) => figure <= bound,
            Self::Below(bound) => figure < bound,
        }
    }

    /// In words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Times(bound) => format!("≥ {bound} ×"),
            Self::Faster => "> 1 ×".to_owned(),
            Self::Percent(bound) => format!("≥ {bound} %"),
            Self::AtMostTimes(bound) => format!("≤ {bound} × the time"),
            Self::Rate(bound) => format!("≥ {bound} MB/s"),
            Self::Below(bound) => format!("< {bound} MB"),
        }
    }

    /// A figure as this bound counts.
    pub(crate) fn figure(self, figure: f64) -> String {
        match self {
            Self::Times(_) | Self::Faster | Self::AtMostTimes(_) => format!("{figure:.2} ×"),
            Self::Percent(_) => format!("{:.0} %", figure * 100.0),
            Self::Rate(_) => format!("{figure:.0} MB/s"),
            Self::Below(_) => format!("{figure:.0} MB"),
        }
    }
}

impl Bar {
    /// In words.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.measured {
            None => "not measured",
            Some(figure) if self.bound.reached(figure) => "reached",
            Some(_) => "missed",
        }
    }
}

/// How many times faster one candidate of a group is than another.
struct Speed {
    group: Group,
    of: &'static str,
    than: &'static str,
}

const fn speed(group: Group, of: &'static str, than: &'static str) -> Speed {
    Speed { group, of, than }
}

impl Speed {
    fn bar(
        self,
        report: &Report,
        (measure, of): (&'static str, &'static str),
        bound: Bound,
        aim: &'static str,
    ) -> Bar {
        let group = self.group.name();
        let costs = report.cost(group, self.than).zip(report.cost(group, self.of));
        let times = costs.and_then(|(than, own)| ratio(than.wall, own.wall));
        let by_cpu = costs.and_then(|(than, own)| ratio(than.cpu, own.cpu));
        // The bound of a duration is the other way around.
        let turned = |figure: Option<f64>| match bound {
            Bound::AtMostTimes(_) => figure.map(f64::recip),
            _ => figure,
        };
        Bar { measure, of, bound, aim, measured: turned(times), by_cpu: turned(by_cpu) }
    }
}

/// Every bar; `large` is what was measured of a log of 20 million records.
pub(crate) fn bars(report: &Report, large: Option<&Report>) -> Vec<Bar> {
    let mut bars = speeds(report);
    let all = report.row(Group::Azure.name(), who::ALL);
    bars.insert(
        5,
        Bar {
            measure: "all measures in one pass, JSON lines",
            of: "rate",
            bound: Bound::Rate(2000.0),
            aim: "",
            measured: all.and_then(super::report::Row::megabytes_per_second),
            by_cpu: None,
        },
    );
    let memory = |measure, megabytes, report: Option<&Report>| Bar {
        measure,
        of: "peak of lockstep in any group",
        bound: Bound::Below(megabytes),
        aim: "",
        measured: report.and_then(peak),
        by_cpu: None,
    };
    bars.push(memory("memory, 1 million records", 150.0, Some(report)));
    bars.push(memory("memory, 20 million records, 100,000 users", 300.0, large));
    bars
}

fn speeds(report: &Report) -> Vec<Bar> {
    use Bound::{AtMostTimes, Faster, Percent, Times};
    let bar = |speed: Speed, words, bound, aim| speed.bar(report, words, bound, aim);
    let duckdb = |group, of| speed(group, of, who::DUCKDB);
    let audit = who::AUDIT;
    vec![
        bar(
            duckdb(Group::Azure, audit),
            ("legacy audit, as Azure writes", "DuckDB"),
            Times(5.0),
            "7 ×",
        ),
        bar(
            speed(Group::Azure, audit, who::CAT),
            ("legacy audit, as Azure writes", "`cat`"),
            Percent(50.0),
            "60 %",
        ),
        bar(duckdb(Group::Sorted, audit), ("legacy audit, keys sorted", "DuckDB"), Times(3.0), ""),
        bar(
            duckdb(Group::Spaced, audit),
            ("legacy audit, blanks after `:` and `,`", "DuckDB"),
            Times(3.0),
            "",
        ),
        bar(
            duckdb(Group::Azure, who::ALL),
            ("all measures in one pass, JSON lines", "DuckDB, legacy only"),
            Times(2.5),
            "",
        ),
        bar(
            speed(Group::Hourly, who::AUDIT_HOURLY, audit),
            ("720 hourly files", "one file"),
            AtMostTimes(1.1),
            "",
        ),
        bar(
            speed(Group::Gz, who::AUDIT_HOURLY, audit),
            ("720 hourly files, gz", "one gz file"),
            AtMostTimes(1.1),
            "",
        ),
        bar(
            speed(Group::Gz, audit, who::INFLATE),
            ("gz JSON lines, one member", "the decompressor alone"),
            Percent(90.0),
            "",
        ),
        bar(
            speed(Group::Gz, who::AUDIT_HOURLY, who::INFLATE_HOURLY),
            ("gz JSON lines, 720 files", "the decompressor alone"),
            Percent(90.0),
            "",
        ),
        bar(duckdb(Group::Csv, audit), ("Log Analytics CSV", "DuckDB"), Faster, ""),
        bar(speed(Group::Csv, audit, who::POLARS), ("Log Analytics CSV", "Polars"), Faster, ""),
        bar(
            speed(Group::Cache, who::SECOND, who::FIRST),
            ("second question from the cache", "the first"),
            Times(10.0),
            "",
        ),
    ]
}

/// The most memory lockstep needed, in megabytes.
fn peak(report: &Report) -> Option<f64> {
    let own = [who::AUDIT, who::AUDIT_HOURLY, who::ALL, who::FIRST, who::SECOND];
    report
        .groups
        .values()
        .flat_map(|group| &group.rows)
        .filter(|row| own.contains(&row.who.as_str()))
        .filter_map(|row| row.figures.as_ref().ok())
        .map(|cost| Duration::from_micros(cost.anonymous_kb.saturating_mul(1024)).as_secs_f64())
        .reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::report::Report;
    use super::super::report::tests::{cost, report, row};
    use super::{Bar, Bound, bars};

    fn find<'b>(bars: &'b [Bar], measure: &str, of: &str) -> &'b Bar {
        bars.iter().find(|bar| bar.measure.starts_with(measure) && bar.of.starts_with(of)).unwrap()
    }

    #[test]
    fn what_was_not_measured_is_not_reached() {
        let nothing = bars(&Report::new(1_000_000, String::new()), None);
        assert_eq!(nothing.len(), 15);
        assert!(nothing.iter().all(|bar| bar.verdict() == "not measured"));
        let missing = report(&[(
            "azure",
            vec![row("audit", Ok(cost(500, 1))), row("duckdb", Err("no network".to_owned()))],
        )]);
        assert_eq!(find(&bars(&missing, None), "legacy audit, as", "DuckDB").measured, None);
    }

    #[test]
    fn every_bound_holds_at_its_edge_and_not_beyond() {
        for (bound, just, not_yet) in [
            (Bound::Times(5.0), 5.0, 4.99),
            (Bound::Faster, 1.01, 1.0),
            (Bound::Percent(50.0), 0.5, 0.499),
            (Bound::AtMostTimes(1.1), 1.1, 1.11),
            (Bound::Rate(2000.0), 2000.0, 1999.0),
            (Bound::Below(150.0), 149.9, 150.0),
        ] {
            assert!(bound.reached(just) && !bound.reached(not_yet), "{bound:?}");
        }
    }

    #[test]
    fn ratios_are_of_candidates_that_ran_beside_each_other() {
        let measured = report(&[
            (
                "azure",
                vec![
                    row("audit", Ok(cost(1000, 90))),
                    row("cat", Ok(cost(600, 1))),
                    row("all", Ok(cost(2500, 120))),
                    row("duckdb", Ok(cost(6000, 900))),
                ],
            ),
            (
                "hourly",
                vec![row("audit", Ok(cost(2000, 1))), row("audit-hourly", Ok(cost(2400, 1)))],
            ),
            ("cache", vec![row("first", Ok(cost(2000, 1))), row("second", Ok(cost(100, 130)))]),
        ]);
        let bars = bars(&measured, None);
        let figure = |measure, of| {
            let bar = find(&bars, measure, of);
            (bar.bound.figure(bar.measured.unwrap()), bar.verdict())
        };
        assert_eq!(figure("legacy audit, as", "DuckDB"), ("6.00 ×".to_owned(), "reached"));
        assert_eq!(figure("legacy audit, as", "`cat`"), ("60 %".to_owned(), "reached"));
        assert_eq!(figure("all measures", "DuckDB"), ("2.40 ×".to_owned(), "missed"));
        assert_eq!(figure("all measures", "rate"), ("1600 MB/s".to_owned(), "missed"));
        assert_eq!(figure("720 hourly files", "one file"), ("1.20 ×".to_owned(), "missed"));
        assert_eq!(figure("second question", "the first"), ("20.00 ×".to_owned(), "reached"));
        // Memory of peers does not count.
        assert_eq!(figure("memory, 1 m", "peak"), ("133 MB".to_owned(), "reached"));
        assert_eq!(find(&bars, "memory, 20", "peak").verdict(), "not measured");
        assert_eq!(find(&bars, "legacy audit, as", "DuckDB").by_cpu, Some(6.0));
    }
}
