//! Numbers, dates and names of states as people read them.

use std::borrow::Cow;

use conditional_access::State;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rollout::evidence::{OnlyFailures, Watch};
use rollout::exceptions::Kind;
use rollout::plan::{GateState, TaskKind};
use rollout::policy_matrix::{AskedBy, Cell};
use rollout::preflight::{Severity, Stage, Verdict};

/// `1,234`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The number, or `unknown`.
pub(crate) fn known(value: Option<u64>) -> String {
    value.map_or_else(|| "unknown".to_owned(), number)
}

/// `87 %`, or `unknown`.
pub(crate) fn percent(rate: Option<f64>) -> String {
    rate.map_or_else(|| "unknown".to_owned(), rollout::percent)
}

/// `Mon 23 Nov 2026`.
pub(crate) fn date(date: Date) -> String {
    date.strftime("%a %d %b %Y").to_string()
}

/// `Mon 23 Nov`.
pub(crate) fn short_date(date: Date) -> String {
    date.strftime("%a %d %b").to_string()
}

/// `23 Nov 2026 02:10 UTC`.
pub(crate) fn moment(time: Timestamp) -> String {
    time.strftime("%d %b %Y %H:%M UTC").to_string()
}

/// `98 seconds`, `20 min 17 s`, `3 h 20 min`.
pub(crate) fn duration(span: SignedDuration) -> String {
    let seconds = u64::try_from(span.as_secs()).unwrap_or_default();
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match seconds {
        0..100 => count(seconds, "second", "seconds"),
        100..7200 => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{} h {} min", number(hours), minutes % 60),
    }
}

/// `1 day`, `2 days`.
pub(crate) fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// `1–2`, or `1` where both ends are the same.
pub(crate) fn span(from: String, to: String) -> String {
    if from == to { from } else { format!("{from}–{to}") }
}

/// The length of a list as a number.
pub(crate) fn length<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

/// The step's name.
pub(crate) const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Prepare => "Prepare",
        Stage::Register => "Register",
        Stage::Pilot => "Pilot",
        Stage::Enforce => "Enforce",
        Stage::Validate => "Validate",
    }
}

/// How bad, in a word.
pub(crate) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Block => "blocks",
        Severity::Warn => "warns",
        Severity::Info => "informs",
    }
}

/// The verdict, in words.
pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Found => "found",
        Verdict::Inconclusive => "cannot say",
        Verdict::Ok => "ok",
        Verdict::NotApplicable => "not applicable",
    }
}

/// From when to when a watch was watched, and how far the log tells of it.
pub(crate) fn watched_span(watch: &Watch) -> String {
    let since = moment(watch.since);
    if watch.is_seen_to_its_end() {
        let until = moment(watch.until);
        return format!("Since {since}. Watched to its end, {until}; the log reaches beyond it.");
    }
    let seen_to = watch.seen_to.map_or_else(|| "no moment".to_owned(), moment);
    let lag = watch.lag_minutes.map(|it| format!(", {it} minutes behind")).unwrap_or_default();
    format!("Since {since}; the log shows up to {seen_to}{lag}.")
}

/// A program that is refused since the switch.
pub(crate) fn stopped(program: &OnlyFailures) -> String {
    let since = moment(program.since);
    format!("{} · a program, refused since {since}, not in since", program.account.label())
}

/// A gate's state, in words.
pub(crate) const fn gate(state: GateState) -> &'static str {
    state.words()
}

/// How a success criterion or a part of the evidence stands, in words: only a gate is closed.
pub(crate) const fn criterion(state: GateState) -> &'static str {
    match state {
        GateState::Passed => "met",
        GateState::Failed => "not met",
        state => gate(state),
    }
}

/// A task's kind, in words.
pub(crate) const fn task(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Change => "change",
        TaskKind::Attestation => "attest",
        TaskKind::Observation => "observe",
    }
}

/// An account's kind, in words.
pub(crate) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::BreakGlass => "break-glass",
        Kind::Sync => "directory sync",
        Kind::Room => "room",
        Kind::Equipment => "equipment",
        Kind::SharedMailbox => "shared mailbox",
        Kind::Guest => "guest",
        Kind::Service => "service",
        Kind::SharedLogin => "shared login",
        Kind::Dormant => "dormant",
        Kind::OnLeave => "on leave",
        Kind::NoSmartphone => "no smartphone",
        Kind::Executive => "executive",
        Kind::Administrator => "administrator",
        Kind::Person => "person",
        Kind::Unclassified => "unclassified",
    }
}

/// A policy's state, in the portal's words.
pub(crate) const fn policy_state(state: State) -> &'static str {
    match state {
        State::Enabled => "On",
        State::EnabledForReportingButNotEnforced => "Report-only",
        State::Disabled => "Off",
        State::Unknown => "not known",
    }
}

/// Who asks an account for MFA, in words.
pub(crate) const fn asked_by(asked: AskedBy) -> &'static str {
    match asked {
        AskedBy::Nobody => "nobody asks",
        AskedBy::ReportOnly => "only measured",
        AskedBy::Unknown => "cannot say",
        AskedBy::Sometimes => "at some sign-ins",
        AskedBy::Always => "at every sign-in",
    }
}

/// What a policy is to an account, in words.
pub(crate) fn cell(cell: &Cell) -> Cow<'static, str> {
    let why = |word: &'static str, reasons: &[String]| match reasons {
        [] => word.into(),
        reasons => format!("{word}: {}", reasons.join(", ")).into(),
    };
    match cell {
        Cell::Reached => "reached".into(),
        Cell::Excluded(by) => why("excluded", by),
        Cell::NotIncluded => "no".into(),
        Cell::Unknown(missed) => why("unknown", missed),
    }
}

/// The first of a list, and how many more; the document has all.
pub(crate) fn few(list: &[String]) -> String {
    /// Names that are shown.
    const SHOWN: usize = 3;
    let shown: Vec<&str> = list.iter().take(SHOWN).map(String::as_str).collect();
    let more = list.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// A registration method, in words.
pub(crate) fn method(method: &str) -> String {
    match method {
        "fido2" => "FIDO2 security key".to_owned(),
        "temporary-access-pass" => "Temporary Access Pass".to_owned(),
        "microsoft-authenticator" => "Microsoft Authenticator".to_owned(),
        "sms" => "text message".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(12_345_678), "12,345,678");
        assert_eq!(percent(Some(0.8799)), "87 %");
        assert_eq!(percent(None), "unknown");
        assert_eq!(count(1, "day", "days"), "1 day");
        let spans = [
            (0, "0 seconds"),
            (1, "1 second"),
            (99, "99 seconds"),
            (100, "1 min 40 s"),
            (1_217, "20 min 17 s"),
            (12_059, "3 h 20 min"),
        ];
        for (seconds, said) in spans {
            assert_eq!(duration(SignedDuration::from_secs(seconds)), said);
        }
        assert_eq!(date(jiff::civil::date(2026, 11, 23)), "Mon 23 Nov 2026");
    }
}
