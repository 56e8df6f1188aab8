//! LA: legacy authentication and mail.

use conditional_access::State;

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{CAS_MAILBOXES, Context, PER_USER_MFA, SIGN_INS};
use super::policy_conditions::blocks_legacy;
use crate::legacy::{Dependency, LegacyAudit};
use crate::snapshot::{Mailbox, PerUserMfa};

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("LA-01", smtp),
    ("LA-02", old_outlook),
    ("LA-03", active_sync),
    ("LA-04", app_passwords),
    ("LA-05", rare_jobs),
    ("LA-06", exchange_web_services),
    ("LA-07", noise),
    ("LA-08", legacy_reopens),
    ("LA-09", mailboxes_left_open),
    ("LA-10", direct_send),
];

/// Days of logs that are sure to hold two month ends.
const TWO_MONTHS: u32 = 62;
/// Dates of success at which a job counts as rare.
const RARE_DAYS: usize = 3;

fn audit<'a>(context: &Context<'a>) -> Result<&'a LegacyAudit, Missing> {
    context.legacy.ok_or(Missing(SIGN_INS))
}

fn used_by(dependency: &Dependency, apps: &[&str]) -> bool {
    dependency.client_app.as_ref().is_some_and(|it| {
        let it = it.to_lowercase();
        apps.iter().any(|app| it == *app)
    })
}

/// Sweeps the dependencies of one kind; incomplete logs leave the rest open.
fn sweep_dependencies(
    context: &Context<'_>,
    finding: &str,
    apps: &[&str],
) -> Result<Sweep, Missing> {
    let mut sweep = Sweep::default();
    for dependency in &audit(context)?.dependencies {
        if dependency.finding == Some(finding)
            || (dependency.finding.is_none() && used_by(dependency, apps))
        {
            sweep.found(format!(
                "{}: {}, {} successes, {}",
                dependency.account.label(),
                dependency.client_app.as_deref().unwrap_or("client app not told"),
                dependency.succeeded,
                dependency.device.as_deref().unwrap_or("device not told"),
            ));
        }
    }
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    if context.facts.measurement.is_some_and(|it| it.totals.legacy_unknown > 0) {
        sweep.unseen("some legacy sign-ins do not tell their result", SIGN_INS);
    }
    Ok(sweep)
}

fn smtp(context: &Context<'_>) -> Result<Answer, Missing> {
    let sweep = sweep_dependencies(context, "LA-01", &["authenticated smtp", "smtp"])?;
    Ok(sweep.answer(
        |n| {
            format!(
                "{} mail with a password over SMTP.",
                count(n, "dependency sends", "dependencies send")
            )
        },
        "Nothing was seen to send mail with a password.",
    ))
}

fn old_outlook(context: &Context<'_>) -> Result<Answer, Missing> {
    let apps = [
        "mapi over http",
        "outlook anywhere (rpc over http)",
        "outlook anywhere",
        "autodiscover",
        "offline address book",
    ];
    let sweep = sweep_dependencies(context, "LA-02", &apps)?;
    Ok(sweep.answer(
        |n| {
            format!(
                "{} Outlook without modern authentication.",
                count(n, "dependency is", "dependencies are")
            )
        },
        "No Outlook without modern authentication was seen.",
    ))
}

fn active_sync(context: &Context<'_>) -> Result<Answer, Missing> {
    let sweep = sweep_dependencies(context, "LA-03", &["exchange activesync"])?;
    Ok(sweep.answer(
        |n| {
            format!(
                "{} on ActiveSync with a password.",
                count(n, "phone or program is", "phones or programs are")
            )
        },
        "Nothing was seen to use ActiveSync with a password.",
    ))
}

fn app_passwords(context: &Context<'_>) -> Result<Answer, Missing> {
    let legacy = audit(context)?;
    let mut sweep = Sweep::default();
    for dependency in &legacy.dependencies {
        let label = dependency.account.label();
        match context.facts.user(&dependency.account).and_then(|user| user.per_user_mfa) {
            Some(PerUserMfa::Enabled | PerUserMfa::Enforced) => {
                sweep.found(format!("{label}: legacy sign-ins succeed under per-user MFA"));
            }
            Some(PerUserMfa::Disabled) => {}
            None => sweep.unseen(format!("{label}: per-user MFA state"), PER_USER_MFA),
        }
    }
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |n| {
            format!("{} an app password.", count(n, "dependency must use", "dependencies must use"))
        },
        "No dependency uses an app password.",
    ))
}

fn rare_jobs(context: &Context<'_>) -> Result<Answer, Missing> {
    let measurement = context.measurement()?;
    let mut sweep = Sweep::default();
    for used in measurement.legacy.iter().filter(|it| it.succeeded > 0) {
        let at_month_end = !used.days.is_empty()
            && used.days.len() <= RARE_DAYS
            && used.days.iter().all(|day| day.day() <= 3 || day.days_in_month() - day.day() < 3);
        if at_month_end {
            let account = context.facts.directory_form(&used.account);
            sweep.found(format!(
                "{}: {} only around a month end",
                account.label(),
                used.client_app.as_deref().unwrap_or("client app not told")
            ));
        }
    }
    if measurement.window.days_covered < TWO_MONTHS || !context.logs_are_complete() {
        sweep.unseen(
            format!("the logs hold {} days, not two month ends", measurement.window.days_covered),
            "sign-in logs of at least 62 days, or what finance and operations run at month end",
        );
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} around month ends.",
                count(n, "dependency runs only", "dependencies run only")
            )
        },
        "Two month ends are covered, and no job runs only then.",
    ))
}

fn exchange_web_services(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = sweep_dependencies(context, "LA-06", &["exchange web services"])?;
    for (app, outcomes) in &context.measurement()?.by_client_app {
        if app.eq_ignore_ascii_case("Exchange Web Services") && outcomes.succeeded > 0 {
            sweep.found(format!("{app}: {} successes", outcomes.succeeded));
        }
    }
    // An application that signs in with modern authentication leaves no word of the protocol.
    sweep.unseen(
        "applications that use it with modern authentication do not show in the sign-in log",
        "the EWS usage report (Microsoft 365 admin center)",
    );
    Ok(sweep.answer(
        |_| "Exchange Web Services is in use.".to_owned(),
        "Exchange Web Services is not in use.",
    ))
}

fn noise(context: &Context<'_>) -> Result<Answer, Missing> {
    let totals = context.measurement()?.totals;
    let mut sweep = Sweep::default();
    if totals.legacy_failures > 0 {
        sweep.found(format!(
            "{} failed, {} succeeded",
            totals.legacy_failures, totals.legacy_successes
        ));
    }
    if !context.logs_are_complete() || totals.legacy_unknown > 0 {
        sweep.unseen("the logs are not whole, or do not tell every result", SIGN_INS);
    }
    Ok(sweep.answer(
        |_| format!("{} failed legacy sign-ins are noise, not use.", totals.legacy_failures),
        "No failed legacy sign-in blurs the count.",
    ))
}

fn legacy_reopens(context: &Context<'_>) -> Result<Answer, Missing> {
    let defaults = context.facts.snapshot.security_defaults;
    let blocked = context
        .live_policies()
        .map(|live| live.iter().any(|it| it.state == State::Enabled && blocks_legacy(it)));
    if defaults == Some(true) {
        return Ok(Answer::ok("Security defaults block legacy authentication today."));
    }
    if blocked? {
        return Ok(Answer::ok("An enabled policy blocks legacy authentication."));
    }
    context.security_defaults()?;
    Ok(Answer::found(
        "Security defaults are off and no enabled policy blocks legacy authentication.",
        Vec::new(),
    ))
}

/// True when the mailbox may send with a password; `None` when that was not told.
fn may_send(context: &Context<'_>, mailbox: &Mailbox) -> Option<bool> {
    let disabled = match mailbox.smtp_auth_disabled? {
        Some(own) => own,
        None => context.facts.snapshot.exchange.smtp_auth_disabled?,
    };
    Some(!disabled)
}

fn mailboxes_left_open(context: &Context<'_>) -> Result<Answer, Missing> {
    let mailboxes = context.mailboxes()?;
    audit(context)?;
    if mailboxes.is_empty() {
        return Err(Missing(CAS_MAILBOXES));
    }
    let mut sweep = Sweep::default();
    for mailbox in mailboxes {
        let name =
            mailbox.address.as_deref().or(mailbox.display_name.as_deref()).unwrap_or("(no name)");
        sweep.judge(may_send(context, mailbox), format!("{name}: SMTP AUTH"), CAS_MAILBOXES);
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} SMTP with a password, whatever the log shows.",
                count(n, "mailbox allows", "mailboxes allow")
            )
        },
        "No mailbox allows SMTP with a password.",
    ))
}

fn direct_send(context: &Context<'_>) -> Result<Answer, Missing> {
    match context.facts.snapshot.exchange.reject_direct_send {
        Some(false) => Ok(Answer::found(
            "Direct Send is accepted: anyone can send in the company's name.",
            vec!["RejectDirectSend is false".to_owned()],
        )),
        Some(true) => Err(Missing("the inbound connectors (`Get-InboundConnector`)")),
        None => Err(Missing("`RejectDirectSend` of `Get-OrganizationConfig`")),
    }
}
