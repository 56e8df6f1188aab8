//! RG: registration.

use std::collections::BTreeSet;

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{Context, GROUPS, METHODS_POLICY, REGISTRATIONS, ROLES, SIGN_INS};
use super::methods::MethodTargets;
use super::policy_conditions::insists_on_mfa;
use crate::account::Account;
use crate::exceptions::Kind;
use crate::snapshot::{MemberKind, Registration, User};

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("RG-01", nothing_triggers),
    ("RG-02", endless_snoozing),
    ("RG-03", never_asked),
    ("RG-04", risk_blocks_registration),
    ("RG-05", no_method_enabled),
    ("RG-06", single_method),
    ("RG-07", registered_not_capable),
    ("RG-08", report_is_old),
    ("RG-09", administrators),
    ("RG-10", phone_only),
    ("RG-11", unused_and_unregistered),
    ("RG-12", pass_is_off),
    ("RG-14", on_leave),
    ("RG-15", codes_only),
];

/// Result code of a registration refused for risk (Microsoft Entra, *AADSTS error codes*).
const PROOF_UP_BLOCKED: u32 = 53004;
/// Days without an interactive sign-in after which no prompt can have reached a person.
const SILENT_DAYS: u32 = 14;
/// Methods of the registration report that are no second factor.
const NO_SECOND_FACTOR: [&str; 4] =
    ["email", "securityquestion", "password", "temporaryaccesspass"];
/// Methods of the registration report that need a text message or a voice call.
const PHONES: [&str; 3] = ["mobilephone", "alternatemobilephone", "officephone"];

fn second_factors(row: &Registration) -> Option<Vec<String>> {
    let methods = row.methods.as_ref()?.iter().map(|method| method.to_lowercase());
    Some(methods.filter(|method| !NO_SECOND_FACTOR.contains(&method.as_str())).collect())
}

fn nothing_triggers(context: &Context<'_>) -> Result<Answer, Missing> {
    if context.facts.snapshot.security_defaults == Some(true) {
        return Ok(Answer::ok("Security defaults make people register."));
    }
    let asks = context.live_policies().map(|live| {
        live.iter().any(|it| {
            it.state == conditional_access::State::Enabled
                && insists_on_mfa(it)
                && it.includes_all_users()
        })
    });
    if asks == Ok(true) {
        return Ok(Answer::ok("An enabled policy for all users makes people register."));
    }
    let mut sweep = Sweep::default();
    let bad = |row: &Registration| row.mfa_registered.map(|registered| !registered);
    context.judge_registrations(&mut sweep, bad, "not registered")?;
    if context.facts.snapshot.security_defaults.is_none() {
        return Err(Missing(super::context::SECURITY_DEFAULTS));
    }
    asks?;
    Ok(sweep.answer(
        |n| {
            format!(
                "{} still to register and nothing that makes them.",
                count(n, "person", "people")
            )
        },
        "Everyone in scope is registered.",
    ))
}

fn endless_snoozing(context: &Context<'_>) -> Result<Answer, Missing> {
    let campaign = context
        .methods_policy()?
        .campaign
        .as_ref()
        .ok_or(Missing("the registration campaign of the authentication-methods policy"))?;
    let state = campaign.state.as_deref().ok_or(Missing(METHODS_POLICY))?;
    Ok(match (state, campaign.enforced_after_snoozes) {
        ("disabled", _) => Answer::not_applicable("The registration campaign is off."),
        ("enabled", Some(true)) => Answer::ok("The campaign ends the postponing."),
        ("enabled", Some(false)) => Answer::found(
            "The registration campaign may be postponed without end.",
            vec!["`enforceRegistrationAfterAllowedSnoozes` is false".to_owned()],
        ),
        ("default", _) => Answer::found(
            "The registration campaign is Microsoft managed and may be postponed without end.",
            vec!["the state of the campaign is `default`".to_owned()],
        ),
        _ => Answer::from(Missing("`enforceRegistrationAfterAllowedSnoozes` (Graph beta)")),
    })
}

fn never_asked(context: &Context<'_>) -> Result<Answer, Missing> {
    let measurement = context.measurement()?;
    context.activity()?;
    context.registrations()?;
    let since = context.facts.days_before(SILENT_DAYS);
    let told = measurement.coverage.interactive == Some(true)
        && measurement.coverage.non_interactive == Some(true);
    let mut sweep = Sweep::default();
    for user in context.people(&mut sweep)? {
        let label = user.account.label();
        let registered =
            context.facts.registration(&user.account).and_then(|row| row.mfa_registered);
        if registered == Some(true) {
            continue;
        }
        let silent = context.facts.activity(&user.account).is_some_and(|it| {
            it.non_interactive_successes > 0 && it.last_interactive.is_none_or(|last| last < since)
        });
        match (silent, registered) {
            (true, Some(_)) if told => sweep.found(format!("{label}: only silent sign-ins")),
            (false, _) if told => {}
            (_, None) => {
                sweep.unseen(format!("{label}: not in the registration report"), REGISTRATIONS)
            }
            _ => sweep.unseen(format!("{label}: one kind of sign-in is not in the logs"), SIGN_INS),
        }
    }
    if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} no prompt, for want of an interactive sign-in.",
                count(n, "unregistered person gets", "unregistered people get")
            )
        },
        "Everyone still to register signs in interactively, or not at all.",
    ))
}

fn risk_blocks_registration(context: &Context<'_>) -> Result<Answer, Missing> {
    let refused = context.activity()?.by_code.get(&PROOF_UP_BLOCKED).copied().unwrap_or(0);
    if refused > 0 {
        return Ok(Answer::found(
            format!("{refused} registrations were refused for risk ({PROOF_UP_BLOCKED})."),
            Vec::new(),
        ));
    }
    Err(Missing("the risky users (Graph `GET /identityProtection/riskyUsers`, P2)"))
}

fn no_method_enabled(context: &Context<'_>) -> Result<Answer, Missing> {
    let policy = context.methods_policy()?;
    if policy.methods.is_empty() {
        return Err(Missing(METHODS_POLICY));
    }
    let factors: Vec<_> = policy
        .methods
        .iter()
        .filter(|it| !["email", "temporaryaccesspass", "qrcodepin"].contains(&it.id.as_str()))
        .map(|it| MethodTargets::of(context, it))
        .collect();
    let mut sweep = Sweep::default();
    for user in context.people(&mut sweep)? {
        let mut allowed = Some(false);
        for method in &factors {
            match method.allow(&user.account) {
                Some(true) => {
                    allowed = Some(true);
                    break;
                }
                Some(false) => {}
                None => allowed = None,
            }
        }
        // Until the migration is complete the old per-user settings may still allow a method.
        if allowed == Some(false) && policy.migration_complete != Some(true) {
            allowed = None;
        }
        sweep.judge(
            allowed.map(|allowed| !allowed),
            format!("{}: methods enabled for them", user.account.label()),
            GROUPS,
        );
    }
    Ok(sweep.answer(
        |n| format!("No method is enabled for {}.", count(n, "person", "people")),
        "A method is enabled for everyone in scope.",
    ))
}

fn single_method(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    let bad = |row: &Registration| second_factors(row).map(|it| it.len() == 1);
    context.judge_registrations(&mut sweep, bad, "a single method")?;
    Ok(sweep.answer(
        |n| format!("{} a single method.", count(n, "person has", "people have")),
        "Nobody depends on a single method.",
    ))
}

/// True when the row is of somebody registered whom the policy does not let use what they
/// registered.
pub(super) fn is_stranded(row: &Registration) -> Option<bool> {
    match (row.mfa_registered, row.mfa_capable) {
        (Some(true), Some(false)) => Some(true),
        (Some(false), _) | (_, Some(true)) => Some(false),
        _ => None,
    }
}

fn registered_not_capable(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    context.judge_registrations(&mut sweep, is_stranded, "registered, not capable")?;
    Ok(sweep.answer(
        |n| format!("{} registered and cannot pass MFA.", count(n, "person is", "people are")),
        "Everyone registered is also capable.",
    ))
}

fn report_is_old(context: &Context<'_>) -> Result<Answer, Missing> {
    let hours = context.facts.rollout.thresholds.report_stale_hours;
    let rows = context.registrations()?;
    let limit = context.hours_ago(i64::from(hours));
    let oldest = rows
        .iter()
        .filter_map(|row| row.last_updated)
        .min()
        .ok_or(Missing("the refresh times in the registration report"))?;
    if oldest < limit {
        return Ok(Answer::found(
            format!("The registration report goes back to {oldest}, more than {hours} hours."),
            Vec::new(),
        ));
    }
    if rows.iter().any(|row| row.last_updated.is_none()) {
        return Err(Missing("the refresh time of every row of the registration report"));
    }
    Ok(Answer::ok(format!("Every row was refreshed within {hours} hours.")))
}

fn administrators(context: &Context<'_>) -> Result<Answer, Missing> {
    let facts = context.facts;
    let mut sweep = Sweep::default();
    // Break-glass accounts have checks of their own; a synchronisation account cannot register.
    let synchronisation: Vec<&User> = context.of_kind(Kind::Sync).unwrap_or_default();
    let is_apart = |account: &Account| {
        facts.is_break_glass(account)
            || facts.user(account).is_some_and(|it| synchronisation.contains(&it))
    };
    for row in context.registrations()? {
        let enabled = facts.user(&row.account).and_then(|user| user.account_enabled);
        if enabled == Some(false) || is_apart(&row.account) {
            continue;
        }
        let stuck = match (row.is_admin, row.mfa_capable) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (Some(true), Some(false)) => Some(true),
            _ => None,
        };
        sweep.judge(stuck, format!("{}: not capable", row.account.label()), REGISTRATIONS);
    }
    match role_holders(context, &mut sweep) {
        Ok(holders) => {
            if holders.is_empty() {
                sweep.unseen("no holder of a role was told, and every tenant has one", ROLES);
            }
            for account in holders {
                if is_apart(&account) {
                    continue;
                }
                let enabled = facts.user(&account).and_then(|user| user.account_enabled);
                if enabled == Some(false) {
                    continue;
                }
                match facts.registration(&account) {
                    None => sweep.unseen(
                        format!("{}: no row in the report", account.label()),
                        REGISTRATIONS,
                    ),
                    Some(row) if row.mfa_capable == Some(false) && row.is_admin != Some(true) => {
                        sweep.found(format!("{}: holds a role, not capable", account.label()));
                    }
                    Some(_) => {}
                }
            }
        }
        Err(_) => sweep.unseen("who holds a role", ROLES),
    }
    Ok(sweep.answer(
        |n| format!("{} cannot pass MFA.", count(n, "administrator", "administrators")),
        "Every administrator can pass MFA.",
    ))
}

/// Everybody who holds a role, or may activate one: directly or through a group.
pub(super) fn role_holders(
    context: &Context<'_>,
    sweep: &mut Sweep,
) -> Result<BTreeSet<Account>, Missing> {
    let facts = context.facts;
    let mut holders = BTreeSet::new();
    for role in context.roles()? {
        let name = role.role_name.as_deref().unwrap_or(&role.role);
        let account = Account {
            user_id: role.principal_id.clone(),
            user_principal_name: role.principal_name.clone(),
            display_name: None,
        };
        let group = role.principal_id.as_deref().and_then(|id| facts.group(id));
        match (role.principal_kind, group) {
            (MemberKind::Other, _) => {}
            (MemberKind::User, _) => {
                holders.insert(facts.directory_form(&account));
            }
            (_, Some(group)) => {
                let (members, complete) = facts.members_of(group);
                holders.extend(members.iter().map(|member| facts.directory_form(member)));
                if !complete {
                    sweep.unseen(format!("who holds {name} through a group was not told"), GROUPS);
                }
            }
            (MemberKind::Group, None) => {
                sweep.unseen(format!("who holds {name} through a group was not told"), GROUPS);
            }
            (MemberKind::Unknown, None) => {
                if facts.user(&account).is_some() {
                    holders.insert(facts.directory_form(&account));
                } else {
                    sweep.unseen(
                        format!("{}: holds {name}, who it is was not told", account.label()),
                        ROLES,
                    );
                }
            }
        }
    }
    Ok(holders)
}

fn phone_only(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    let bad = |row: &Registration| {
        second_factors(row)
            .map(|it| !it.is_empty() && it.iter().all(|it| PHONES.contains(&it.as_str())))
    };
    context.judge_registrations(&mut sweep, bad, "text message or call only")?;
    Ok(sweep.answer(
        |n| {
            format!(
                "{} text message or call only, until 2027-02-01.",
                count(n, "person has", "people have")
            )
        },
        "Nobody depends on text message or call.",
    ))
}

fn unused_and_unregistered(context: &Context<'_>) -> Result<Answer, Missing> {
    context.registrations()?;
    let mut sweep = Sweep::default();
    for (user, kind) in context.classified()? {
        if user.account_enabled == Some(false) {
            continue;
        }
        let label = user.account.label();
        match kind {
            Kind::Dormant => {
                let row = context.facts.registration(&user.account);
                sweep.judge(
                    row.and_then(|row| row.mfa_registered).map(|registered| !registered),
                    format!("{label}: enabled, unused, not registered"),
                    REGISTRATIONS,
                );
            }
            Kind::Unclassified => sweep.unseen(
                format!("{label}: whether it is in use was not told"),
                super::context::USERS,
            ),
            _ => {}
        }
    }
    if context.users()?.is_empty() {
        sweep.unseen("the export of the users is empty", super::context::USERS);
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} enabled, unused and open to registration.",
                count(n, "account is", "accounts are")
            )
        },
        "No unused account can be registered by a stranger.",
    ))
}

fn pass_is_off(context: &Context<'_>) -> Result<Answer, Missing> {
    let pass =
        context.methods_policy()?.methods.iter().find(|it| it.id == "temporaryaccesspass").ok_or(
            Missing("the Temporary Access Pass entry of the authentication-methods policy"),
        )?;
    if pass.enabled == Some(false) {
        return Ok(Answer::found("Temporary Access Pass is off.", Vec::new()));
    }
    let targets = MethodTargets::of(context, pass);
    let mut sweep = Sweep::default();
    for user in context.people(&mut sweep)? {
        sweep.judge(
            targets.allow(&user.account).map(|allowed| !allowed),
            format!("{}: targets of the pass", user.account.label()),
            GROUPS,
        );
    }
    Ok(sweep.answer(
        |n| format!("{} cannot be given a pass.", count(n, "person", "people")),
        "Everyone in scope can be given a pass.",
    ))
}

fn on_leave(context: &Context<'_>) -> Result<Answer, Missing> {
    let leave = &context.facts.rollout.people.on_leave;
    if leave.is_empty() {
        return Err(Missing("`[people] on_leave` in lockstep.toml"));
    }
    context.registrations()?;
    context.users()?;
    let mut sweep = Sweep::default();
    for (name, returns) in leave {
        let capable = context
            .facts
            .user_named(name)
            .and_then(|user| context.facts.registration(&user.account))
            .and_then(|row| row.mfa_capable);
        sweep.judge(
            capable.map(|capable| !capable),
            format!("{name}: returns {returns}"),
            REGISTRATIONS,
        );
    }
    Ok(sweep.answer(
        |n| format!("{} on leave cannot pass MFA yet.", count(n, "person", "people")),
        "Everyone on leave can already pass MFA.",
    ))
}

fn codes_only(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    let bad = |row: &Registration| {
        second_factors(row)
            .map(|it| !it.is_empty() && it.iter().all(|it| it == "softwareonetimepasscode"))
    };
    context.judge_registrations(&mut sweep, bad, "one-time codes only")?;
    Ok(sweep.answer(
        |n| format!("{} one-time codes only.", count(n, "person has", "people have")),
        "Nobody has one-time codes only.",
    ))
}
