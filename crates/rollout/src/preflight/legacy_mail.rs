//! LA: legacy authentication and mail.

use conditional_access::State;

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{CAS_MAILBOXES, Context, FUTURE_POLICY, PER_USER_MFA, SIGN_INS};
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

/// Parts of the client apps of each check, lower case; the log spells some in several ways.
const SMTP: &[&str] = &["smtp", "stmp"];
const OUTLOOK: &[&str] = &[
    "mapi",
    "outlook anywhere",
    "rpc over http",
    "autodiscover",
    "offline address book",
    "older office clients",
];
const ACTIVE_SYNC: &[&str] = &["activesync", "active sync"];
const WEB_SERVICES: &[&str] = &["exchange web services"];

/// True when the client app is of these.
fn used_by(dependency: &Dependency, apps: &[&str]) -> bool {
    dependency.client_app.as_ref().is_some_and(|it| {
        let it = it.to_lowercase();
        apps.iter().any(|app| it.contains(app))
    })
}

/// True when the dependency belongs to a finding, or its cause is unknown and its client app does.
fn belongs(dependency: &Dependency, finding: &str, apps: &[&str]) -> bool {
    dependency.finding == Some(finding)
        || (dependency.finding.is_none() && used_by(dependency, apps))
}

/// How many of the dependencies of one kind have a client app of these.
fn speaking(
    context: &Context<'_>,
    finding: &str,
    apps: &[&str],
    spoken: &[&str],
) -> Result<usize, Missing> {
    let speaks = |it: &&Dependency| belongs(it, finding, apps) && used_by(it, spoken);
    Ok(audit(context)?.dependencies.iter().filter(speaks).count())
}

/// Sweeps the dependencies of one kind; incomplete logs leave the rest open.
fn sweep_dependencies(
    context: &Context<'_>,
    finding: &str,
    apps: &[&str],
) -> Result<Sweep, Missing> {
    let mut sweep = Sweep::default();
    for dependency in &audit(context)?.dependencies {
        if belongs(dependency, finding, apps) {
            let row = format!(
                "{}: {}, {} successes, {} ({})",
                dependency.account.label(),
                dependency.client_app.as_deref().unwrap_or("client app not told"),
                dependency.succeeded,
                dependency.device.as_deref().unwrap_or("device not told"),
                dependency.cause,
            );
            sweep.found_of(&dependency.account, row);
        } else if dependency.finding.is_none()
            && ![SMTP, OUTLOOK, ACTIVE_SYNC, WEB_SERVICES]
                .iter()
                .any(|apps| used_by(dependency, apps))
        {
            sweep.unseen(
                format!(
                    "{}: {}, cause not known",
                    dependency.account.label(),
                    dependency.client_app.as_deref().unwrap_or("client app not told"),
                ),
                "what the unknown programs are (the legacy audit says where to look)",
            );
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
    let sweep = sweep_dependencies(context, "LA-01", SMTP)?;
    let senders = speaking(context, "LA-01", SMTP, SMTP)?;
    Ok(sweep.answer(
        |n| {
            let programs = count(n, "device or program uses", "devices or programs use");
            let readers = n.saturating_sub(senders);
            match (senders, readers) {
                (_, 0) => format!("{programs} mail with a password, over SMTP."),
                (0, _) => format!("{programs} mail with a password, over IMAP or POP."),
                _ => format!(
                    "{programs} mail with a password: {senders} over SMTP, {readers} over IMAP or POP."
                ),
            }
        },
        "No device or program was seen to use mail with a password.",
    ))
}

fn old_outlook(context: &Context<'_>) -> Result<Answer, Missing> {
    let sweep = sweep_dependencies(context, "LA-02", OUTLOOK)?;
    Ok(sweep.answer(
        |n| {
            format!(
                "{} without modern authentication.",
                count(n, "copy of Outlook signs in", "copies of Outlook sign in")
            )
        },
        "No Outlook without modern authentication was seen.",
    ))
}

fn active_sync(context: &Context<'_>) -> Result<Answer, Missing> {
    let sweep = sweep_dependencies(context, "LA-03", ACTIVE_SYNC)?;
    let phones = speaking(context, "LA-03", ACTIVE_SYNC, ACTIVE_SYNC)?;
    Ok(sweep.answer(
        |n| {
            let programs = count(
                n,
                "phone or mail program signs in with a password",
                "phones or mail programs sign in with a password",
            );
            match (phones, n.saturating_sub(phones)) {
                (_, 0) => format!("{programs}, over ActiveSync."),
                (0, _) => format!("{programs}, over IMAP, POP, SMTP or an older protocol."),
                (phones, others) => format!(
                    "{programs}: {phones} over ActiveSync, {others} over IMAP, POP, SMTP or an \
                     older protocol."
                ),
            }
        },
        "No phone or mail program was seen to sign in with a password.",
    ))
}

fn app_passwords(context: &Context<'_>) -> Result<Answer, Missing> {
    let legacy = audit(context)?;
    let mut sweep = Sweep::default();
    for dependency in &legacy.dependencies {
        let label = dependency.account.label();
        if dependency.finding == Some("LA-04") {
            sweep.found(format!("{label}: {}", dependency.evidence.join(", ")));
            continue;
        }
        match context.facts.user(&dependency.account).and_then(|user| user.per_user_mfa) {
            Some(PerUserMfa::Enabled | PerUserMfa::Enforced) => {
                sweep.found(format!("{label}: legacy sign-ins succeed under per-user MFA"));
            }
            Some(PerUserMfa::Disabled) => {}
            None => sweep.unseen(format!("{label}: per-user MFA state not told"), PER_USER_MFA),
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
            let row = format!(
                "{}: {} only around a month end",
                account.label(),
                used.client_app.as_deref().unwrap_or("client app not told")
            );
            sweep.found_of(&account, row);
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
    let mut sweep = sweep_dependencies(context, "LA-06", WEB_SERVICES)?;
    // The total says nothing more where the accounts are told.
    let told = speaking(context, "LA-06", WEB_SERVICES, WEB_SERVICES)? > 0;
    for (app, outcomes) in context.activity()?.by_client_app.iter().filter(|_| !told) {
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
        let succeeded = context.measurement()?.totals.legacy_successes;
        return Ok(if succeeded == 0 {
            Answer::ok("Security defaults block legacy authentication today.")
        } else {
            Answer::inconclusive(
                format!(
                    "Security defaults are on, and still {succeeded} legacy sign-ins succeeded; once \
                     they are off, {FUTURE_POLICY} must block the rest."
                ),
                FUTURE_POLICY,
            )
        });
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
        sweep.judge(
            may_send(context, mailbox),
            format!("{name}: SMTP AUTH is allowed"),
            CAS_MAILBOXES,
        );
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
