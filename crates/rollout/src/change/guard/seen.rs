//! What was seen, and when; rings in flight; incidents.

use super::{Question, Verdict};
use crate::change::text::heading;
use crate::snapshot::ServiceIssue;

/// Words of the service names under which Microsoft reports on signing in (Microsoft 365 service
/// health: *Microsoft Entra*, until 2023 *Azure Active Directory*; *Identity Service*).
const IDENTITY: [&str; 4] = ["entra", "azure active directory", "identity", "authentication"];

pub(super) fn fresh(question: &Question<'_>) -> Verdict {
    let now = question.facts.now;
    if question.set.is_expired(now) {
        let expires = question.set.expires;
        return Verdict::violated(format!("The change set expired at {expires}."));
    }
    let Some(taken) = question.circumstances.snapshot_taken else {
        return Verdict::cannot_tell("When the snapshot was taken.");
    };
    let age = now.duration_since(taken);
    if age.is_negative() {
        return Verdict::cannot_tell(format!(
            "The age of the snapshot: it was taken at {taken}, which is still to come."
        ));
    }
    if age > question.circumstances.snapshot_lasts {
        return Verdict::violated(format!(
            "The snapshot is {} minutes old; it is good for {}.",
            age.as_mins(),
            question.circumstances.snapshot_lasts.as_mins()
        ));
    }
    Verdict::Held
}

pub(super) fn before(question: &Question<'_>) -> Verdict {
    let not_seen = question.set.changes.iter().filter(|change| change.edit.before_not_seen());
    let missing = not_seen.map(|change| {
        let what = heading(&change.edit);
        format!("What is there before this change: {what}.")
    });
    Verdict::of(Vec::new(), missing.collect())
}

pub(super) fn one_ring(question: &Question<'_>) -> Verdict {
    let Some(rings) = &question.circumstances.rings_in_flight else {
        return Verdict::cannot_tell("Which rings are in flight.");
    };
    let in_flight = rings.iter().map(|ring| format!("The ring `{ring}` is still in flight."));
    Verdict::of(in_flight.collect(), Vec::new())
}

pub(super) fn service_health(question: &Question<'_>) -> Verdict {
    identity_health(question.facts.snapshot.service_issues.as_deref())
}

/// Whether an incident on signing in is open.
pub(crate) fn identity_health(issues: Option<&[ServiceIssue]>) -> Verdict {
    let Some(issues) = issues else {
        return Verdict::cannot_tell("The service health of Microsoft 365.");
    };
    let (mut open, mut missing) = (Vec::new(), Vec::new());
    for issue in issues {
        let name = issue.title.as_deref().or(issue.id.as_deref()).unwrap_or("an issue");
        match is_open_identity_incident(issue) {
            Some(true) => open.push(format!("The incident `{name}` is open.")),
            Some(false) => {}
            None => missing.push(format!("Whether `{name}` is an open incident of signing in.")),
        }
    }
    Verdict::of(open, missing)
}

/// `None`: nobody told. What is over, only an advisory, or of another service is none, whatever
/// else was not told.
fn is_open_identity_incident(issue: &ServiceIssue) -> Option<bool> {
    let of_identity = issue.service.as_deref().map(|service| {
        let service = service.to_ascii_lowercase();
        IDENTITY.iter().any(|word| service.contains(word))
    });
    let is_incident =
        issue.classification.as_deref().map(|word| !word.eq_ignore_ascii_case("advisory"));
    let is_open = issue.resolved.map(|resolved| !resolved);
    let told = [of_identity, is_incident, is_open];
    if told.contains(&Some(false)) {
        Some(false)
    } else if told.contains(&None) {
        None
    } else {
        Some(true)
    }
}
