//! DV: devices and platforms.

use conditional_access::State;

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{
    Context, FUTURE_POLICY, GROUPS, MAILBOXES, REGISTRATIONS, SIGN_IN_DEVICES, SIGN_INS,
};
use super::non_human::{Role, used_applications};
use super::policy_conditions::{REGISTER_DEVICE, asks_for_managed_device, named, targets};
use super::policy_scope::PolicyScope;
use crate::exceptions::Kind;
use crate::snapshot::MailboxKind;

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("DV-01", rooms),
    ("DV-02", new_starters),
    ("DV-03", join_toggle),
    ("DV-04", subscription_activation),
    ("DV-05", virtual_machines),
    ("DV-08", certificate_prompts),
    ("DV-09", prompt_per_application),
];

/// Days during which a new account counts as a new starter.
const STARTER_DAYS: u32 = 30;

/// Sign-in applications of virtual machines (Microsoft Entra, *Sign in to a Windows or Linux
/// virtual machine in Azure*; Azure Virtual Desktop, *Configure single sign-on*).
pub(super) const VIRTUAL_MACHINES: [(&str, &str); 5] = [
    ("372140e0-b3b7-4226-8ef9-d57986796201", "Azure Windows VM Sign-In"),
    ("ce6ff14a-7fdc-4685-bbe0-f6afdfcfa8e0", "Azure Linux VM Sign-In"),
    ("9cdead84-a844-4324-93f2-b2e6bb768d07", "Azure Virtual Desktop"),
    ("270efc09-cd0d-444b-a71f-39af4910ec45", "Windows Cloud Login"),
    ("0af06dc6-e4b5-4f28-818e-e78e62d137a5", "Windows 365"),
];

/// The application behind Windows Subscription Activation (Microsoft, *Windows subscription
/// activation*).
pub(super) const STORE: [(&str, &str); 1] =
    [("45a330b1-b1ec-4cc1-9161-9f03992aa49f", "Windows Store for Business")];

fn rooms(context: &Context<'_>) -> Result<Answer, Missing> {
    let facts = context.facts;
    let mut rooms = Vec::new();
    for (user, kind) in context.classified()? {
        let by_mailbox = facts.mailbox(user).map(|it| it.kind) == Some(MailboxKind::Room)
            || user.mailbox_purpose.as_deref() == Some("room");
        let by_device = facts.activity(&user.account).is_some_and(|it| it.room_device);
        if (kind == Kind::Room || by_mailbox || by_device) && user.account_enabled != Some(false) {
            rooms.push(user);
        }
    }
    if rooms.is_empty() {
        if !context.mailbox_kinds_told() {
            return Err(Missing(MAILBOXES));
        }
        return Ok(Answer::not_applicable("No room account can sign in."));
    }
    let policies: Vec<_> =
        context.live_policies()?.into_iter().filter(|policy| policy.asks_for_mfa()).collect();
    let rooms_text = count(rooms.len(), "room account", "room accounts");
    if policies.is_empty() {
        let mut answer = Answer::inconclusive(
            format!("{rooms_text} must be left out of {FUTURE_POLICY}."),
            FUTURE_POLICY,
        );
        answer.evidence = rooms.iter().map(|room| room.account.label().to_owned()).collect();
        return Ok(answer);
    }
    let mut sweep = Sweep::default();
    for policy in policies {
        let scope = PolicyScope::of(context, policy);
        for room in &rooms {
            sweep.judge(
                scope.reaches(&room.account, facts.is_guest(room)),
                format!("{}: {}", room.account.label(), named(policy)),
                GROUPS,
            );
        }
    }
    Ok(sweep.answer(
        |n| format!("{rooms_text}; MFA policies reach them in {}.", count(n, "case", "cases")),
        format!("{rooms_text}, and no MFA policy reaches one."),
    ))
}

fn new_starters(context: &Context<'_>) -> Result<Answer, Missing> {
    context.registrations()?;
    let since = context.facts.days_before(STARTER_DAYS);
    let mut sweep = Sweep::default();
    for user in context.people(&mut sweep)? {
        let label = user.account.label();
        match user.created {
            None => sweep
                .unseen(format!("{label}: when it was made was not told"), super::context::USERS),
            Some(created) if created >= since => {
                let row = context.facts.registration(&user.account);
                sweep.judge(
                    row.and_then(|row| row.mfa_registered).map(|registered| !registered),
                    format!("{label}: made {}, not registered", created.strftime("%Y-%m-%d")),
                    REGISTRATIONS,
                );
            }
            Some(_) => {}
        }
    }
    sweep.unseen("who joins next is in no export", "the list of joiners from HR");
    Ok(sweep.answer(
        |n| format!("{} no method yet.", count(n, "new starter has", "new starters have")),
        "Every new starter has a method.",
    ))
}

fn join_toggle(context: &Context<'_>) -> Result<Answer, Missing> {
    match context.facts.snapshot.device_join_needs_mfa {
        None => Err(Missing(
            "the device registration policy (Graph `GET /policies/deviceRegistrationPolicy`)",
        )),
        Some(false) => Ok(Answer::ok("The tenant-wide toggle for joining devices is off.")),
        Some(true) => {
            let both: Vec<String> = context
                .live_policies()?
                .iter()
                .filter(|policy| targets(policy, REGISTER_DEVICE))
                .map(|policy| named(policy))
                .collect();
            Ok(if both.is_empty() {
                Answer::ok("The tenant-wide toggle is on, and no policy repeats it.")
            } else {
                Answer::found("The tenant-wide toggle and a policy both ask for MFA to join.", both)
            })
        }
    }
}

fn subscription_activation(context: &Context<'_>) -> Result<Answer, Missing> {
    used_applications(context, &STORE, Role::Either, "Subscription Activation")
}

fn virtual_machines(context: &Context<'_>) -> Result<Answer, Missing> {
    used_applications(context, &VIRTUAL_MACHINES, Role::Either, "virtual machines and desktops")
}

fn certificate_prompts(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    for policy in context.live_policies()? {
        if policy.state != State::EnabledForReportingButNotEnforced
            || !asks_for_managed_device(policy)
        {
            continue;
        }
        let reaches = |platform: &str| {
            policy.conditions.platforms.as_ref().is_none_or(|platforms| {
                let has =
                    |list: &[String], it: &str| list.iter().any(|x| x.eq_ignore_ascii_case(it));
                (has(&platforms.include, "all") || has(&platforms.include, platform))
                    && !has(&platforms.exclude, platform)
            })
        };
        let reached: Vec<_> =
            ["macos", "ios", "android", "linux"].into_iter().filter(|it| reaches(it)).collect();
        if !reached.is_empty() {
            sweep.found(format!("{}: reaches {}", named(policy), reached.join(", ")));
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} can ask phones and Macs for a certificate.",
                count(n, "report-only policy", "report-only policies")
            )
        },
        "No report-only policy asks phones or Macs for a certificate.",
    ))
}

fn prompt_per_application(context: &Context<'_>) -> Result<Answer, Missing> {
    let types = context.activity()?.trust_types.as_ref().ok_or(Missing(SIGN_IN_DEVICES))?;
    let unregistered = types.get("").copied().unwrap_or(0);
    let all: u64 = types.values().sum();
    let mut sweep = Sweep::default();
    if unregistered > 0 {
        sweep.found(format!("{unregistered} of {all} successes came from no registered device"));
    }
    if all < context.successes()? {
        sweep.unseen("not every success shows its device", SIGN_IN_DEVICES);
    }
    context.judge_codes(&mut sweep)?;
    if all == 0 || !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |_| {
            format!(
                "{unregistered} of the {all} successes that show a device come from one nobody \
                 registered."
            )
        },
        format!("All {all} sign-ins come from registered devices."),
    ))
}
