//! The letter that answers a wish to be exempt: what is known, what is advised, and who decides.
//!
//! An executive, somebody who moves money or an administrator is not exempt from MFA by a word to the
//! IT department. Help is offered; if the wish stays, the risk is put in writing to somebody of equal
//! or higher rank, who signs for it. Every fact in the letter was seen in this tenant, with where and
//! for which days; what nobody measured is named as such. Amounts of money, contracts and laws are
//! known to the business alone: the letter leaves their lines free.

mod access;
mod exposure;
mod offers;
mod written;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::account::Account;
use crate::engine::{Exception, Seen};

/// The letter. Document `lockstep.exception-letter/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// Always `lockstep.exception-letter/1`.
    pub schema: &'static str,
    /// Id of the exception: the number in the risk register.
    pub reference: String,
    /// When it was written.
    pub generated_at: Timestamp,
    /// The same where the people are.
    pub date: Date,
    /// The tenant.
    pub tenant: String,
    /// To whom: who takes the risk.
    pub to: String,
    /// From whom: who answers for the rollout.
    pub from: String,
    /// Whose exemption.
    pub subject: Account,
    /// Heading.
    pub title: String,
    /// The nine parts, in order.
    pub parts: Vec<Part>,
    /// What the register and the tenant told when it was written, SHA-256 of all of the above.
    pub digest: String,
}

/// One part of the letter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    /// 1 to 9.
    pub number: usize,
    /// Heading.
    pub heading: &'static str,
    /// Paragraphs.
    pub text: Vec<String>,
    /// What was found: what, the finding, where it was seen.
    pub facts: Vec<Fact>,
    /// Points.
    pub points: Vec<String>,
    /// Lines to be filled in by people: what goes there.
    pub blanks: Vec<String>,
}

/// Something that was seen, or that nobody measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub what: String,
    /// The finding. `None`: not measured.
    pub found: Option<String>,
    /// Where it was seen; of what was not measured, what would tell.
    pub source: String,
}

impl Fact {
    fn seen(what: &str, found: impl Into<String>, source: impl Into<String>) -> Self {
        Self { what: what.to_owned(), found: Some(found.into()), source: source.into() }
    }

    fn not_measured(what: &str, would_tell: impl Into<String>) -> Self {
        Self { what: what.to_owned(), found: None, source: would_tell.into() }
    }
}

/// Writes the letter of an exception, by the tenant as it is seen. `None`: it needs none.
#[must_use]
pub fn letter(
    exception: &Exception,
    seen: &Seen<'_>,
    (now, today): (Timestamp, Date),
) -> Option<Letter> {
    if !exception.needs_letter {
        return None;
    }
    let tenant = &seen.facts.rollout.tenant.name;
    let tenant = if tenant.is_empty() { seen.plan.tenant.name.clone() } else { tenant.clone() };
    let owners = &seen.facts.rollout.owners;
    let lead = owners.iter().find(|(role, _)| crate::rollout::same_role(role, "IT lead"));
    let from = lead.map_or_else(|| "IT lead".to_owned(), |(_, who)| format!("{who}, IT lead"));
    let label = exception.subject.label();
    let mut letter = Letter {
        schema: "lockstep.exception-letter/1",
        reference: exception.id.clone(),
        generated_at: now,
        date: today,
        tenant,
        to: exception.risk_owner.clone().unwrap_or_default(),
        from,
        subject: exception.subject.clone(),
        title: format!("Request to exempt `{label}` from multifactor authentication"),
        parts: written::parts(exception, seen),
        digest: String::new(),
    };
    // A document of texts, whole numbers and lists always has a JSON form.
    let mut value = serde_json::to_value(&letter).unwrap_or_default();
    if let Some(all) = value.as_object_mut() {
        all.remove("digest");
    }
    letter.digest = crate::change::digest(&value);
    Some(letter)
}
