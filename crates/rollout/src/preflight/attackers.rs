//! AT: attackers during the rollout.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{Context, SIGN_INS};
use crate::account::Account;
use crate::snapshot::AuditEvent;

pub(super) const CHECKS: &[(&str, Decide)] =
    &[("AT-01", registered_after_reset), ("AT-02", unwanted_prompts), ("AT-06", spray)];

/// Minutes after a reset within which a registration is looked at.
const SUSPICIOUS_MINUTES: i64 = 60;
/// Failed challenges of one person in the window that nobody causes by accident.
const MANY_CHALLENGES: u64 = 5;
/// Result codes of a wrong password and of a locked account (Microsoft Entra, *AADSTS error
/// codes*).
const WRONG_PASSWORD: u32 = 50126;
const LOCKED: u32 = 50053;
/// Failures by password that make a spray.
const SPRAY: u64 = 100;

fn is_registration(event: &AuditEvent) -> bool {
    let activity = event.activity.to_lowercase();
    activity.contains("security info")
        && (activity.contains("registered") || activity.contains("changed default"))
}

fn is_reset(event: &AuditEvent) -> bool {
    let activity = event.activity.to_lowercase();
    activity.contains("password") && activity.contains("reset")
}

/// Object id and user principal name, lower case.
fn names(account: &Account) -> impl Iterator<Item = String> {
    let names = [&account.user_id, &account.user_principal_name];
    names.into_iter().flatten().map(|name| name.to_lowercase())
}

fn subject(event: &AuditEvent) -> &Account {
    event.targets.first().unwrap_or(&event.by)
}

fn registered_after_reset(context: &Context<'_>) -> Result<Answer, Missing> {
    let audits = context.audits()?;
    let mut resets: BTreeMap<String, BTreeSet<Timestamp>> = BTreeMap::new();
    for event in audits.iter().filter(|event| is_reset(event)) {
        for name in names(subject(event)) {
            resets.entry(name).or_default().extend(event.time);
        }
    }
    let mut sweep = Sweep::default();
    let mut registrations = 0;
    for event in audits.iter().filter(|it| is_registration(it) && it.succeeded != Some(false)) {
        registrations += 1;
        let who = subject(event);
        let Some(time) = event.time else { continue };
        let earliest = time
            .saturating_sub(SignedDuration::from_mins(SUSPICIOUS_MINUTES))
            .unwrap_or(Timestamp::MIN);
        let reset = names(who)
            .filter_map(|name| resets.get(&name)?.range(earliest..=time).next().copied())
            .min();
        if let Some(reset) = reset {
            sweep.found(format!(
                "{}: reset {reset}, registered {time} from {}",
                context.facts.directory_form(who).label(),
                event.ip_address.as_deref().unwrap_or("an address not told")
            ));
        }
    }
    if registrations > 0 {
        sweep.unseen(
            "the places the methods were registered from were not compared",
            "where each address of a registration is, and risk detections (P2)",
        );
    }
    context.judge_audits(&mut sweep)?;
    Ok(sweep.answer(
        |n| {
            format!(
                "{} within {SUSPICIOUS_MINUTES} minutes of a password reset.",
                count(n, "method was registered", "methods were registered")
            )
        },
        "No method was registered in the time the audits cover.",
    ))
}

fn unwanted_prompts(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    for person in &context.activity()?.people {
        if person.challenge_failures >= MANY_CHALLENGES {
            let account = context.facts.directory_form(&person.account);
            sweep.found(format!(
                "{}: {} failed challenges",
                account.label(),
                person.challenge_failures
            ));
        }
    }
    context.judge_codes(&mut sweep)?;
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |n| format!("{} many challenges and did not pass.", count(n, "person got", "people got")),
        format!("Nobody failed {MANY_CHALLENGES} challenges or more."),
    ))
}

fn spray(context: &Context<'_>) -> Result<Answer, Missing> {
    let codes = &context.activity()?.by_code;
    let of = |code: &u32| codes.get(code).copied().unwrap_or(0);
    let failures = of(&WRONG_PASSWORD).saturating_add(of(&LOCKED));
    let mut sweep = Sweep::default();
    if failures >= SPRAY {
        sweep.found(format!(
            "{} wrong passwords ({WRONG_PASSWORD}), {} locked accounts ({LOCKED})",
            of(&WRONG_PASSWORD),
            of(&LOCKED)
        ));
    }
    context.judge_codes(&mut sweep)?;
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |_| format!("{failures} failures by password look like a spray."),
        format!("{failures} failures by password, too few for a spray."),
    ))
}
