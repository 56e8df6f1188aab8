//! What one check answers, and the one way to come to an answer from rows.

use super::Verdict;
use crate::account::Account;

/// Rows of evidence a finding prints before it only counts.
const ROWS: usize = 20;

/// The export a check cannot do without was in no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missing(pub(super) &'static str);

/// What one check answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) subject: String,
    pub(super) evidence: Vec<String>,
    pub(super) needs: Option<String>,
    pub(super) about: Vec<Account>,
}

impl Answer {
    pub(super) fn found(subject: impl Into<String>, evidence: Vec<String>) -> Self {
        Self {
            verdict: Verdict::Found,
            subject: subject.into(),
            evidence: shortened(evidence),
            needs: None,
            about: Vec::new(),
        }
    }

    pub(super) fn ok(subject: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, ..Self::found(subject, Vec::new()) }
    }

    pub(super) fn not_applicable(subject: impl Into<String>) -> Self {
        Self { verdict: Verdict::NotApplicable, ..Self::ok(subject) }
    }

    pub(super) fn inconclusive(subject: impl Into<String>, needs: impl Into<String>) -> Self {
        Self { verdict: Verdict::Inconclusive, needs: Some(needs.into()), ..Self::ok(subject) }
    }
}

impl From<Missing> for Answer {
    fn from(Missing(export): Missing) -> Self {
        Self::inconclusive(format!("Not told by any file: {export}."), export)
    }
}

/// Rows looked at one by one: those that prove the finding, and those that could not be judged.
///
/// The verdict follows from the rows alone, so that no check can call partial data fine.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    found: Vec<String>,
    about: Vec<Account>,
    unseen: Vec<String>,
    needs: Vec<&'static str>,
}

impl Sweep {
    /// A row that proves the finding.
    pub(super) fn found(&mut self, row: impl Into<String>) {
        self.found.push(row.into());
    }

    /// A row about an account that proves the finding.
    pub(super) fn found_of(&mut self, account: &Account, row: impl Into<String>) {
        self.about.push(account.clone());
        self.found(row);
    }

    /// The rows that prove the finding, so far.
    pub(super) fn found_rows(&self) -> &[String] {
        &self.found
    }

    /// A row nobody told enough about, and the export that would tell.
    pub(super) fn unseen(&mut self, row: impl Into<String>, export: &'static str) {
        self.unseen.push(row.into());
        if !self.needs.contains(&export) {
            self.needs.push(export);
        }
    }

    /// A row judged bad (`Some(true)`), fine (`Some(false)`), or not judged for want of `export`.
    pub(super) fn judge(
        &mut self,
        bad: Option<bool>,
        row: impl Into<String>,
        export: &'static str,
    ) {
        match bad {
            Some(true) => self.found(row),
            Some(false) => {}
            None => {
                let row = row.into();
                let said = row.contains("not told");
                self.unseen(if said { row } else { format!("{row} (not told whether)") }, export);
            }
        }
    }

    /// Found if any row was, inconclusive if any could not be judged, else `otherwise`.
    pub(super) fn answer_or(
        self,
        found: impl FnOnce(usize) -> String,
        otherwise: impl FnOnce() -> Answer,
    ) -> Answer {
        let unseen = self.unseen.len();
        if !self.found.is_empty() {
            let mut answer = Answer::found(found(self.found.len()), self.found);
            answer.about = self.about;
            if unseen > 0 {
                answer.evidence.push(format!("{unseen} more could not be judged"));
            }
            return answer;
        }
        if unseen > 0 {
            let mut answer = Answer::inconclusive(
                match self.unseen.first() {
                    Some(only) if unseen == 1 => format!("Not decided: {only}."),
                    _ => format!(
                        "Not decided: {unseen} rows are open for want of {}.",
                        self.needs.join(" and ")
                    ),
                },
                self.needs.join("; "),
            );
            answer.evidence = shortened(self.unseen);
            return answer;
        }
        otherwise()
    }

    /// Found, inconclusive, or `ok` with this subject.
    pub(super) fn answer(
        self,
        found: impl FnOnce(usize) -> String,
        ok: impl Into<String>,
    ) -> Answer {
        self.answer_or(found, || Answer::ok(ok))
    }
}

/// `3 accounts`, `1 account`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Up to three rows in one sentence, and the number of the rest.
pub(super) fn listed(rows: &[String]) -> String {
    let shown: Vec<&str> = rows.iter().take(3).map(String::as_str).collect();
    match rows.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn shortened(mut rows: Vec<String>) -> Vec<String> {
    let more = rows.len().saturating_sub(ROWS);
    if more > 0 {
        rows.truncate(ROWS);
        rows.push(format!("and {more} more"));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_found_row_outweighs_any_unseen_one_and_an_unseen_one_outweighs_ok() {
        let rows: [(&[Option<bool>], Verdict); 4] = [
            (&[Some(true), None, Some(false)], Verdict::Found),
            (&[None, Some(false)], Verdict::Inconclusive),
            (&[Some(false)], Verdict::Ok),
            (&[], Verdict::Ok),
        ];
        for (judged, verdict) in rows {
            let mut sweep = Sweep::default();
            for bad in judged {
                sweep.judge(*bad, "row", "the export");
            }
            assert_eq!(sweep.answer(|n| n.to_string(), "fine").verdict, verdict, "{judged:?}");
        }
    }

    #[test]
    fn at_most_twenty_rows_are_printed_and_the_rest_counted() {
        let answer = Answer::found("many", (0..25).map(|n| n.to_string()).collect());
        assert_eq!(answer.evidence.len(), 21);
        assert_eq!(answer.evidence.last().unwrap(), "and 5 more");
    }
}
