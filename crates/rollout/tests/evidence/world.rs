//! Rows of the tests: NE in the days after the switch.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rollout::Account;
use rollout::evidence::{AppliedPolicy, Ask, AuthenticationStep, SignInRow, SignIns};

/// The policy of the tests.
pub(crate) const CA001: &str = "ca001";
/// When it was switched on.
pub(crate) const SINCE: &str = "2026-12-08T07:00:00Z";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// So many minutes after the switch.
pub(crate) fn minute(minutes: i64) -> Timestamp {
    time(SINCE) + SignedDuration::from_mins(minutes)
}

pub(crate) fn account(name: &str) -> Account {
    Account {
        user_principal_name: Some(format!("{name}@ne.example")),
        user_id: Some(format!("id-{name}")),
        display_name: Some(name.to_owned()),
    }
}

pub(crate) fn step(method: &str, detail: &str, succeeded: bool) -> AuthenticationStep {
    AuthenticationStep {
        method: Some(method.to_owned()),
        method_detail: None,
        result_detail: Some(detail.to_owned()),
        succeeded: Some(succeeded),
    }
}

pub(crate) fn policy(id: &str, result: &str) -> AppliedPolicy {
    AppliedPolicy {
        id: Some(id.to_owned()),
        name: Some(format!("{id} by name")),
        result: Some(result.to_owned()),
    }
}

/// A success by a fresh challenge of CA001 on a managed desktop.
pub(crate) fn row(name: &str, minutes: i64) -> SignInRow {
    SignInRow {
        id: Some(format!("{name}-{minutes}")),
        correlation_id: Some(format!("talk-{name}-{minutes}")),
        at: Some(minute(minutes)),
        account: account(name),
        user_type: Some("member".to_owned()),
        interactive: Some(true),
        app: Some("Office 365 Exchange Online".to_owned()),
        app_id: Some("00000002-0000-0ff1-ce00-000000000000".to_owned()),
        client_app: Some("Browser".to_owned()),
        device_id: Some("device".to_owned()),
        operating_system: Some("Windows11".to_owned()),
        trust_type: Some("Hybrid Azure AD joined".to_owned()),
        is_compliant: Some(true),
        is_managed: Some(true),
        ip_address: Some("198.51.100.7".to_owned()),
        country: Some("GB".to_owned()),
        error_code: Some(0),
        requirement: Some("multiFactorAuthentication".to_owned()),
        conditional_access: Some("success".to_owned()),
        policies: vec![policy(CA001, "success")],
        steps: vec![
            step("Password", "Correct password", true),
            step("Mobile app notification", "MFA successfully completed", true),
        ],
        additional_details: Some("MFA completed in Azure AD".to_owned()),
        ..SignInRow::default()
    }
}

/// The same with something changed.
pub(crate) fn with(mut row: SignInRow, change: impl FnOnce(&mut SignInRow)) -> SignInRow {
    change(&mut row);
    row
}

/// A success by the claim of an earlier second factor.
pub(crate) fn claim(name: &str, minutes: i64) -> SignInRow {
    with(row(name, minutes), |row| {
        let said = "MFA requirement satisfied by claim in the token";
        row.steps = vec![step("Previously satisfied", said, true)];
        row.additional_details = Some(said.to_owned());
    })
}

/// A failure.
pub(crate) fn failure(name: &str, minutes: i64, code: u32) -> SignInRow {
    with(row(name, minutes), |row| {
        row.error_code = Some(code);
        row.conditional_access = Some("failure".to_owned());
        row.policies = vec![policy(CA001, "failure")];
        row.steps = vec![step("Password", "Correct password", true)];
        row.additional_details = None;
        row.failure_reason = Some("It failed.".to_owned());
    })
}

/// A success with one factor.
pub(crate) fn single(name: &str, minutes: i64) -> SignInRow {
    with(row(name, minutes), |row| {
        row.requirement = Some("singleFactorAuthentication".to_owned());
        row.conditional_access = Some("notApplied".to_owned());
        row.policies = vec![policy(CA001, "notApplied")];
        row.steps = vec![step("Password", "Correct password", true)];
        row.additional_details = None;
    })
}

/// Every hour of a span as one in which somebody signed in.
pub(crate) fn every_hour(from: Timestamp, to: Timestamp) -> BTreeMap<Date, u32> {
    let mut hours = BTreeMap::new();
    let mut at = from;
    while at <= to {
        let civil = at.to_zoned(jiff::tz::TimeZone::UTC);
        let bits: &mut u32 = hours.entry(civil.date()).or_default();
        *bits |= 1 << u32::try_from(civil.hour()).unwrap();
        at += SignedDuration::from_hours(1);
    }
    hours
}

/// A log that reaches from a day before the switch to so many minutes after it, and was asked for
/// everything since the switch.
pub(crate) fn log(rows: Vec<SignInRow>, to: i64) -> SignIns {
    let (oldest, newest) = (minute(-24 * 60), minute(to));
    SignIns {
        asked: Ask {
            policies: [CA001.to_owned()].into(),
            failures_since: Some(time(SINCE)),
            single_factor_since: Some(time(SINCE)),
            legacy_since: Some(time(SINCE)),
            most_rows: 1000,
            ..Ask::default()
        },
        rows,
        newest: Some(newest),
        oldest: Some(oldest),
        interactive: Some(true),
        non_interactive: Some(true),
        hours: every_hour(oldest, newest),
        ..SignIns::default()
    }
}
