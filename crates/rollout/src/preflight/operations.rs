//! OP: operations.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{
    AUDITS, Context, GROUPS, METHODS_POLICY, POLICIES, REGISTRATIONS, ROLES, SECURITY_DEFAULTS,
    SIGN_INS, USERS,
};

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("OP-02", no_way_back),
    ("OP-04", thin_logs),
    ("OP-05", cannot_see),
    ("OP-06", two_change_policies),
    ("OP-07", unreachable),
];

/// Hours after which the data is too old to go back to.
const SNAPSHOT_HOURS: i64 = 7 * 24;
/// Hours after which a log still misses late records (Microsoft Entra, *Sign-in log latency*).
const LOG_LAG_HOURS: i64 = 24;
/// Days of audits looked at for other people's changes.
const CHANGE_DAYS: u32 = 14;

fn no_way_back(context: &Context<'_>) -> Result<Answer, Missing> {
    context.all_policies()?;
    context.security_defaults()?;
    context.methods_policy()?;
    if context.facts.as_of < context.hours_ago(SNAPSHOT_HOURS) {
        return Ok(Answer::found(
            format!("The data is of {}, older than seven days.", context.facts.as_of),
            Vec::new(),
        ));
    }
    Err(Missing("a rehearsed rollback"))
}

fn thin_logs(context: &Context<'_>) -> Result<Answer, Missing> {
    let measurement = context.measurement()?;
    let newest = measurement.window.to.ok_or(Missing(SIGN_INS))?;
    let mut sweep = Sweep::default();
    if newest < context.hours_ago(LOG_LAG_HOURS) {
        let hours = context.facts.now.duration_since(newest).as_hours();
        sweep.found(format!("the newest record is {hours} hours old"));
    }
    if !measurement.coverage.authentication_requirement {
        sweep.unseen(
            "not every sign-in shows what authentication was required",
            "sign-in logs with `authenticationRequirement` (Graph beta or Log Analytics)",
        );
    }
    if measurement.coverage.records_unreadable > 0 {
        sweep.found(format!(
            "{} records could not be read",
            measurement.coverage.records_unreadable
        ));
    }
    Ok(sweep.answer(
        |_| format!("The logs end {newest}, or have holes: too thin for a verdict."),
        format!("The logs reach to {newest}."),
    ))
}

fn cannot_see(context: &Context<'_>) -> Result<Answer, Missing> {
    let snapshot = context.facts.snapshot;
    let exports = [
        (snapshot.users.is_some(), USERS),
        (snapshot.groups.is_some(), GROUPS),
        (snapshot.roles.is_some(), ROLES),
        (snapshot.registrations.is_some(), REGISTRATIONS),
        (snapshot.policies.is_some(), POLICIES),
        (snapshot.security_defaults.is_some(), SECURITY_DEFAULTS),
        (snapshot.methods_policy.is_some(), METHODS_POLICY),
        (snapshot.audits.is_some(), AUDITS),
        (context.facts.measurement.is_some(), SIGN_INS),
    ];
    let missing: Vec<String> =
        exports.iter().filter(|(told, _)| !told).map(|(_, name)| (*name).to_owned()).collect();
    if missing.len() == exports.len() {
        return Err(Missing("every export"));
    }
    if missing.is_empty() {
        return Err(Missing("a probe of the rights on the live tenant"));
    }
    Ok(Answer::found(
        format!("{} of {} exports are missing.", missing.len(), exports.len()),
        missing,
    ))
}

fn two_change_policies(context: &Context<'_>) -> Result<Answer, Missing> {
    let audits = context.audits()?;
    let since = context
        .facts
        .as_of
        .saturating_sub(SignedDuration::from_hours(i64::from(CHANGE_DAYS) * 24))
        .unwrap_or(jiff::Timestamp::MIN);
    let mut changes: BTreeMap<String, usize> = BTreeMap::new();
    let mut sweep = Sweep::default();
    for event in audits {
        let activity = event.activity.to_lowercase();
        if !activity.contains("conditional access policy") {
            continue;
        }
        match event.time {
            None => sweep.unseen(format!("{}: when was not told", event.activity), AUDITS),
            Some(time) if time >= since => {
                *changes.entry(event.by.label().to_owned()).or_default() += 1;
            }
            Some(_) => {}
        }
    }
    if changes.len() > 1 {
        for (who, times) in &changes {
            sweep.found(format!("{who}: {}", count(*times, "change", "changes")));
        }
    }
    context.judge_audits(&mut sweep)?;
    let oldest = audits.iter().filter_map(|event| event.time).min();
    if oldest.is_none_or(|oldest| oldest > since) {
        sweep.unseen(format!("the audits do not reach back {CHANGE_DAYS} days"), AUDITS);
    }
    Ok(sweep.answer(
        |n| format!("{n} accounts changed policies within {CHANGE_DAYS} days."),
        format!("At most one account changed policies within {CHANGE_DAYS} days."),
    ))
}

fn unreachable(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    for user in context.people(&mut sweep)? {
        let ways = [&user.manager, &user.mobile_phone, &user.business_phone];
        let reachable = if ways.iter().any(|way| way.as_ref().is_some_and(|it| !it.is_empty())) {
            Some(true)
        } else if ways.iter().all(|way| way.is_some()) {
            Some(false)
        } else {
            None
        };
        sweep.judge(
            reachable.map(|reachable| !reachable),
            match reachable {
                Some(_) => format!("{}: no manager, no phone", user.account.label()),
                None => format!("{}: manager or phone not told", user.account.label()),
            },
            USERS,
        );
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} neither manager nor phone in the directory.",
                count(n, "person has", "people have")
            )
        },
        "Everyone in scope can be reached through a manager or a phone.",
    ))
}
