//! The validation as a page to print and sign.

use std::path::PathBuf;

use askama::Template;
use rollout::evidence::{FailureClass, Reviewed, SuccessClass, Validation};
use rollout::plan::GateState;
use serde::Serialize;

use super::DocumentError;
use crate::plain_text::one_line;
use crate::words;

/// Rows of one list on the page; the document has all.
const MOST_ROWS: usize = 500;

/// What was written.
#[derive(Debug)]
pub(crate) struct Report {
    /// The files.
    pub(crate) files: Vec<PathBuf>,
    /// SHA-256 of the document.
    pub(crate) digest: String,
}

/// The head of the journal when the report was made.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct JournalHead {
    /// How many entries it has.
    pub(crate) entries: u64,
    /// Hash of the last one.
    pub(crate) hash: String,
}

/// A validation with what it was made of.
#[derive(Debug, Serialize)]
pub(crate) struct ReportOf<'v> {
    /// The validation.
    #[serde(flatten)]
    pub(crate) validation: &'v Validation,
    /// Whose tenant.
    pub(crate) tenant: String,
    /// Digest of everything that was read.
    pub(crate) snapshot: String,
    /// Who ran the command.
    pub(crate) made_by: String,
    /// The head of the journal. `None`: there is no journal.
    pub(crate) journal: Option<JournalHead>,
}

/// A verdict: word, shape and colour say the same.
#[derive(Debug)]
struct Mark {
    shape: &'static str,
    class: &'static str,
    word: &'static str,
}

impl Mark {
    fn of(verdict: GateState) -> Self {
        let (shape, class) = match verdict {
            GateState::Passed => ("●", "good"),
            GateState::Failed | GateState::Error => ("■", "danger"),
            GateState::Inconclusive => ("▲", "caution"),
            GateState::Pending | GateState::Running => ("○", "quiet"),
        };
        Self { shape, class, word: words::criterion(verdict) }
    }
}

#[derive(Debug)]
struct Criterion {
    asks: String,
    mark: Mark,
    why: String,
    missing: Vec<String>,
    rows: Vec<String>,
    more: String,
}

/// Sign-ins of one class.
#[derive(Debug)]
struct Class {
    words: &'static str,
    count: String,
    look: bool,
}

/// One row of the log.
#[derive(Debug)]
struct Row {
    class: &'static str,
    at: String,
    who: String,
    what: String,
    from: String,
    why: String,
    times: String,
}

/// A part of the log.
#[derive(Debug)]
struct Part {
    id: &'static str,
    heading: &'static str,
    mark: Mark,
    why: String,
    missing: Vec<String>,
    classes: Vec<Class>,
    rows: Vec<Row>,
    more: String,
}

#[derive(Template)]
#[template(path = "validation.html")]
struct Page {
    tenant: String,
    made_at: String,
    made_by: String,
    span: String,
    mark: Mark,
    why: String,
    criteria: Vec<Criterion>,
    parts: Vec<Part>,
    watch: Option<WatchPart>,
    coverage: Vec<String>,
    digest: String,
    snapshot: String,
    journal: String,
}

#[derive(Debug)]
struct WatchPart {
    mark: Mark,
    why: String,
    lines: Vec<String>,
}

impl ReportOf<'_> {
    /// The page: nothing is loaded from elsewhere, and every text is escaped by the template.
    pub(crate) fn html(&self, digest: &str) -> Result<String, DocumentError> {
        let validation = self.validation;
        let page = Page {
            tenant: one_line(&self.tenant),
            made_at: words::moment(validation.generated_at),
            made_by: one_line(&self.made_by),
            span: validation.window.map_or_else(
                || "There is no sign-in log.".to_owned(),
                |it| {
                    format!(
                        "Sign-in log from {} to {}; {} hours asked.",
                        words::moment(it.from),
                        words::moment(it.to),
                        it.hours_asked
                    )
                },
            ),
            mark: Mark::of(validation.verdict),
            why: validation.why.clone(),
            criteria: validation.criteria.iter().map(criterion).collect(),
            parts: parts(validation),
            watch: watch(validation),
            coverage: coverage(validation),
            digest: digest.to_owned(),
            snapshot: self.snapshot.clone(),
            journal: self.journal.as_ref().map_or_else(
                || "There is no journal: exported files alone were read.".to_owned(),
                |head| format!("{} entries, the last one {}", head.entries, head.hash),
            ),
        };
        page.render().map_err(DocumentError::Html)
    }
}

fn more(all: usize) -> String {
    match all.saturating_sub(MOST_ROWS) {
        0 => String::new(),
        more => format!("{more} more are in validation.json."),
    }
}

fn lines(lines: &[String]) -> Vec<String> {
    lines.iter().take(MOST_ROWS).map(|it| one_line(it)).collect()
}

fn criterion(of: &rollout::evidence::CriterionMet) -> Criterion {
    Criterion {
        asks: of.asks.clone(),
        mark: Mark::of(of.standing.verdict),
        why: one_line(&of.standing.why),
        missing: lines(&of.standing.missing),
        rows: lines(&of.rows),
        more: more(of.rows.len()),
    }
}

fn parts(validation: &Validation) -> Vec<Part> {
    let Some(review) = &validation.review else { return Vec::new() };
    let failures = FailureClass::ALL.into_iter().filter_map(|class| {
        let count = words::number(*review.failures_by_class.get(&class)?);
        Some(Class { words: class.words(), count, look: class.is_legitimate() })
    });
    let successes = SuccessClass::ALL.into_iter().filter_map(|class| {
        let count = words::number(*review.successes_by_class.get(&class)?);
        Some(Class { words: class.words(), count, look: !class.is_explained() })
    });
    let (bad, good) = (&review.no_legitimate_failure, &review.no_unexplained_success);
    vec![
        Part {
            id: "failures",
            heading: "Failures, row by row",
            mark: Mark::of(bad.verdict),
            why: one_line(&bad.why),
            missing: lines(&bad.missing),
            classes: failures.collect(),
            rows: rows(&review.failures, |it| it.class.words()),
            more: more(review.failures.len()),
        },
        Part {
            id: "successes",
            heading: "Successes without MFA, row by row",
            mark: Mark::of(good.verdict),
            why: one_line(&good.why),
            missing: lines(&good.missing),
            classes: successes.collect(),
            rows: rows(&review.successes, |it| it.class.words()),
            more: more(review.successes.len()),
        },
    ]
}

fn rows<C>(of: &[Reviewed<C>], class: impl Fn(&Reviewed<C>) -> &'static str) -> Vec<Row> {
    let joined = |texts: [&Option<String>; 2]| {
        let texts: Vec<&str> = texts.into_iter().flatten().map(String::as_str).collect();
        one_line(&texts.join(", "))
    };
    let row = |it: &Reviewed<C>| Row {
        class: class(it),
        at: it.at.map(words::moment).unwrap_or_default(),
        who: one_line(it.account.label()),
        what: joined([&it.app, &it.client_app]),
        from: joined([&it.ip_address, &it.country]),
        why: one_line(&it.why),
        times: words::number(it.sign_ins),
    };
    of.iter().take(MOST_ROWS).map(row).collect()
}

fn watch(validation: &Validation) -> Option<WatchPart> {
    let watch = validation.watch.as_ref()?;
    let mut said = vec![words::watched_span(watch)];
    said.extend(watch.stopped.iter().map(words::stopped));
    for ring in &watch.rings {
        said.push(format!(
            "{}: {}; {} with nothing but failures; {} asked for something and not seen to get in since.",
            ring.ring,
            words::count(ring.people, "person", "people"),
            match ring.at_worst {
                0 => "nobody".to_owned(),
                some => format!("at most {} at one time", words::number(some)),
            },
            words::number(words::length(&ring.given_up)),
        ));
        said.extend(ring.only_failures.iter().map(|it| {
            format!("{} since {}: {}", it.account.label(), words::moment(it.since), it.row)
        }));
    }
    said.extend(watch.excluded.iter().map(|(why, count)| {
        format!("{} not counted: {why}.", words::count(*count, "sign-in", "sign-ins"))
    }));
    Some(WatchPart {
        mark: Mark::of(watch.standing.verdict),
        why: one_line(&watch.standing.why),
        lines: lines(&said),
    })
}

fn coverage(validation: &Validation) -> Vec<String> {
    let Some(coverage) = &validation.coverage else {
        return vec!["No sign-in log was read.".to_owned()];
    };
    let told = |told: Option<bool>| match told {
        Some(true) => "in the log",
        Some(false) => "not in the log",
        None => "the log cannot tell",
    };
    vec![
        format!(
            "{} read, {} of them copies, {} unreadable.",
            words::count(coverage.records_read, "record", "records"),
            words::number(coverage.duplicates),
            words::number(coverage.records_unreadable)
        ),
        format!("Interactive sign-ins: {}.", told(coverage.interactive)),
        format!("Non-interactive sign-ins: {}.", told(coverage.non_interactive)),
    ]
}
