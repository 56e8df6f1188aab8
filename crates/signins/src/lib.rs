//! Sign-in logs of every shape to one measurement.

use records::{Offer, Record};
use rollout::Measurement;

/// What to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Days of the window, back from the newest record.
    pub days: u32,
}

/// Reads sign-in records in any order of files and measures them.
#[derive(Debug)]
pub struct Reader {}

impl Reader {
    /// A reader for one question.
    #[must_use]
    pub fn new(question: Question) -> Self {
        let _ = question;
        Self {}
    }

    /// Offers one record of the source named `file`. The name tells the kind of a portal download
    /// (`InteractiveSignIns_…`) and nothing else.
    pub fn offer(&mut self, record: &Record<'_>, file: &str) -> Offer {
        let _ = (record, file);
        Offer::NotMine
    }

    /// After every source was read: `None` when the measurement stands, or a reader to which the
    /// same sources must be offered once more, because only now it is known which records are
    /// copies of one another or fall before the window.
    #[must_use]
    pub fn again(&self) -> Option<Reader> {
        None
    }

    /// The measurement; `None` when no sign-in was read.
    #[must_use]
    pub fn finish(self) -> Option<Measurement> {
        None
    }
}
