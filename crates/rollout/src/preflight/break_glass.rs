//! BG: break-glass accounts and lock-out.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::break_glass_keys;
use super::context::{
    BREAK_GLASS_NAMES, Context, DOMAINS, Declared, GROUPS, ROLES, SIGN_INS, USERS,
};
use super::policy_conditions::named;
use super::policy_scope::{PolicyScope, excludes_nobody};
use crate::account::Account;
use crate::facts::Facts;
use crate::snapshot::{GLOBAL_ADMINISTRATOR, Group, User};

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("BG-01", two_usable_accounts),
    ("BG-02", break_glass_keys::holds_passkey),
    ("BG-03", excluded_from_every_policy),
    ("BG-04", exclusion_group_is_guarded),
    ("BG-05", exclusion_group_holds_nobody_else),
    ("BG-06", role_is_permanent),
    ("BG-07", cloud_only),
    ("BG-08", alert_proven),
    ("BG-09", break_glass_keys::keys_differ),
    ("BG-10", enabled_and_lasting),
    ("BG-12", break_glass_keys::key_can_be_registered),
    ("BG-13", no_rule_matches_the_name),
    ("BG-14", drilled),
];

/// Days after which a drill and a test of the alert are due again (Microsoft Entra, *Manage
/// emergency access accounts*).
const DRILL_DAYS: i64 = 90;

/// True when the account is enabled, cloud-only, on the onmicrosoft.com domain.
fn is_cloud_only_and_enabled(user: &User) -> Option<bool> {
    let name = user.account.user_principal_name.as_ref().map(|name| name.to_lowercase());
    all([
        user.account_enabled,
        user.on_premises_sync.map(|synchronised| !synchronised),
        name.map(|name| name.ends_with(".onmicrosoft.com")),
    ])
}

/// False as soon as one is false; true only when all are true.
fn all(parts: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => open = true,
        }
    }
    if open { None } else { Some(true) }
}

/// True when the account holds Global Administrator actively. The role cannot be held over a part
/// of the directory, so the scope says nothing.
fn is_active_global_administrator(facts: &Facts<'_>, account: &Account) -> Option<bool> {
    facts.snapshot.roles.as_ref()?;
    let held = facts
        .roles_of(account)
        .iter()
        .any(|role| role.active && role.role.eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR));
    if held {
        return Some(true);
    }
    // A role held through a group is only seen when the group's members are.
    let through_group = facts.snapshot.roles.iter().flatten().any(|role| {
        role.active
            && role.role.eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR)
            && role.principal_kind != crate::snapshot::MemberKind::User
            && role.principal_id.as_deref().is_some_and(|id| {
                facts.user_named(id).is_none()
                    && facts.group(id).is_none_or(|group| !facts.members_of(group).1)
            })
    });
    if through_group || account.user_id.is_none() { None } else { Some(false) }
}

fn two_usable_accounts(context: &Context<'_>) -> Result<Answer, Missing> {
    let facts = context.facts;
    if facts.rollout.break_glass.accounts.is_empty() {
        return no_account_named(context);
    }
    let declared = context.break_glass()?;
    let mut usable = BTreeSet::new();
    let mut sweep = Sweep::default();
    for Declared { account, user } in &declared {
        let label = account.label();
        let Some(user) = user else {
            match facts.snapshot.users {
                Some(_) => sweep.found(format!("{label}: not among the users")),
                None => sweep.unseen(format!("{label}: the users were not told"), USERS),
            }
            continue;
        };
        let state = is_cloud_only_and_enabled(user);
        let role = is_active_global_administrator(facts, account);
        match all([state, role]) {
            Some(true) => {
                usable.insert(user.account.clone());
            }
            Some(false) => sweep.found(format!(
                "{label}: {}",
                if state == Some(false) {
                    "disabled, synchronised, or not on the onmicrosoft.com domain"
                } else {
                    "no active Global Administrator role"
                }
            )),
            None => {
                let export = if state.is_none() { USERS } else { ROLES };
                sweep.unseen(format!("{label}: state or role was not told"), export);
            }
        }
    }
    let ready = usable.len();
    if ready >= 2 {
        return Ok(Answer::ok(format!(
            "{} are usable.",
            count(ready, "break-glass account", "break-glass accounts")
        )));
    }
    if declared.len() < 2 {
        sweep.found(format!("only {} named", count(declared.len(), "account is", "accounts are")));
    }
    let text = format!(
        "{ready} of {} are proven usable; two are needed.",
        count(declared.len(), "declared break-glass account", "declared break-glass accounts")
    );
    // The same account named twice leaves no row behind, and is still one account.
    Ok(sweep.answer_or(|_| text.clone(), || Answer::found(text.clone(), Vec::new())))
}

/// Nobody is guessed to be break-glass, but if fewer than two accounts could be, none is usable.
fn no_account_named(context: &Context<'_>) -> Result<Answer, Missing> {
    let facts = context.facts;
    let users = context.users()?;
    context.roles()?;
    let candidates: Vec<String> = users
        .iter()
        .filter(|user| {
            all([
                is_cloud_only_and_enabled(user),
                is_active_global_administrator(facts, &user.account),
            ]) != Some(false)
        })
        .map(|user| user.account.label().to_owned())
        .collect();
    if candidates.len() < 2 {
        let mut rows: Vec<String> =
            candidates.iter().map(|label| format!("{label}: could be one")).collect();
        for user in users {
            let label = user.account.label();
            let active = is_active_global_administrator(facts, &user.account);
            if active == Some(true) && !candidates.iter().any(|it| it == label) {
                rows.push(format!(
                    "{label}: Global Administrator, but disabled, synchronised, or not on the \
                     onmicrosoft.com domain"
                ));
            }
        }
        return Ok(Answer::found(
            "No break-glass account is named, and fewer than two accounts could be one.",
            rows,
        ));
    }
    let mut answer = Answer::inconclusive(
        format!("No break-glass account is named; {} could be.", candidates.len()),
        BREAK_GLASS_NAMES,
    );
    answer.evidence = candidates.into_iter().take(20).collect();
    Ok(answer)
}

fn excluded_from_every_policy(context: &Context<'_>) -> Result<Answer, Missing> {
    let live = context.live_policies()?;
    if live.is_empty() {
        return Ok(Answer::not_applicable("No policy is On or Report-only."));
    }
    let mut sweep = Sweep::default();
    let Ok(declared) = context.break_glass() else {
        for policy in &live {
            if policy.includes_all_users() && excludes_nobody(policy) {
                sweep.found(format!("{}: excludes nobody", named(policy)));
            }
        }
        return Ok(sweep.answer_or(
            |n| {
                format!(
                    "{} for all users exclude no account at all.",
                    count(n, "policy", "policies")
                )
            },
            || Answer::from(Missing(BREAK_GLASS_NAMES)),
        ));
    };
    for policy in &live {
        let scope = PolicyScope::of(context, policy);
        for Declared { account, .. } in &declared {
            let excluded = scope.excludes(account, Some(false));
            let label = account.label();
            sweep.judge(
                excluded.map(|excluded| !excluded),
                match excluded {
                    Some(_) => format!("{}: does not exclude {label}", named(policy)),
                    None => format!("{}: whether it excludes {label} was not told", named(policy)),
                },
                GROUPS,
            );
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} among {} live policies.",
                count(n, "break-glass exclusion is missing", "break-glass exclusions are missing"),
                live.len()
            )
        },
        format!("All {} live policies exclude every break-glass account.", live.len()),
    ))
}

fn exclusion_group<'a>(context: &Context<'a>) -> Result<&'a Group, Missing> {
    let name = context
        .facts
        .rollout
        .break_glass
        .group
        .as_deref()
        .ok_or(Missing("`[break_glass] group` in lockstep.toml"))?;
    context.groups()?;
    context.facts.group(name).ok_or(Missing("the break-glass exclusion group among the groups"))
}

fn exclusion_group_is_guarded(context: &Context<'_>) -> Result<Answer, Missing> {
    let group = exclusion_group(context)?;
    let mut sweep = Sweep::default();
    sweep.judge(
        group.assignable_to_role.map(|assignable| !assignable),
        "`isAssignableToRole` of the group is not set",
        GROUPS,
    );
    sweep.judge(
        group.owners.as_ref().map(|owners| !owners.is_empty()),
        format!("owners of the group: {}", group.owners.as_deref().unwrap_or_default().join(", ")),
        GROUPS,
    );
    sweep.judge(
        group.membership_rule.as_ref().map(|rule| !rule.is_empty()),
        "the group's membership rule",
        GROUPS,
    );
    Ok(sweep.answer(
        |n| {
            format!(
                "The exclusion group can be entered by others, for {}.",
                count(n, "reason", "reasons")
            )
        },
        "The exclusion group is role-assignable, assigned, and has no owner.",
    ))
}

fn exclusion_group_holds_nobody_else(context: &Context<'_>) -> Result<Answer, Missing> {
    let group = exclusion_group(context)?;
    context.break_glass()?;
    let (members, complete) = context.facts.members_of(group);
    let mut sweep = Sweep::default();
    for member in &members {
        if !context.facts.is_break_glass(member) {
            // Named by id here and by principal name there: without the users, nobody can tell.
            if context.facts.user(member).is_some() {
                sweep.found(format!("{}: member of the exclusion group", member.label()));
            } else {
                sweep.unseen(format!("{}: no user of that name was told", member.label()), USERS);
            }
        }
    }
    if !complete {
        sweep.unseen("the members of the exclusion group were not told completely", GROUPS);
    }
    Ok(sweep.answer(
        |n| format!("The exclusion group also exempts {}.", count(n, "account", "accounts")),
        "The exclusion group holds only declared break-glass accounts.",
    ))
}

fn role_is_permanent(context: &Context<'_>) -> Result<Answer, Missing> {
    context.roles()?;
    let mut sweep = Sweep::default();
    for Declared { account, .. } in context.break_glass()? {
        let label = account.label();
        let held: Vec<_> = context
            .facts
            .roles_of(&account)
            .into_iter()
            .filter(|role| role.role.eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR))
            .collect();
        if held.iter().any(|role| role.active && role.ends.is_none()) {
            continue;
        }
        match is_active_global_administrator(context.facts, &account) {
            Some(true) => sweep.found(format!("{label}: the role ends on a date")),
            Some(false) if held.is_empty() => {
                sweep.found(format!("{label}: no Global Administrator role"));
            }
            None if held.is_empty() => {
                sweep.unseen(format!("{label}: whether it holds the role was not told"), ROLES);
            }
            Some(false) | None => sweep.found(format!("{label}: the role is only eligible")),
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} no permanent Global Administrator.",
                count(n, "break-glass account is", "break-glass accounts are")
            )
        },
        "Every break-glass account is Global Administrator, actively and without an end.",
    ))
}

fn cloud_only(context: &Context<'_>) -> Result<Answer, Missing> {
    context.users()?;
    let mut sweep = Sweep::default();
    for Declared { account, user } in context.break_glass()? {
        let label = account.label();
        let Some(user) = user else {
            sweep.unseen(format!("{label}: not among the users"), USERS);
            continue;
        };
        if user.on_premises_sync == Some(true) || user.has_immutable_id == Some(true) {
            sweep.found(format!("{label}: synchronised from on premises"));
            continue;
        }
        let domain = user
            .account
            .user_principal_name
            .as_deref()
            .and_then(|name| name.rsplit_once('@'))
            .map(|(_, domain)| domain.to_lowercase());
        sweep.judge(
            domain.map(|domain| !domain.ends_with(".onmicrosoft.com")),
            format!("{label}: on a custom domain"),
            DOMAINS,
        );
        if user.on_premises_sync.is_none() {
            sweep.unseen(format!("{label}: whether it is synchronised was not told"), USERS);
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} on Active Directory, a custom domain or an identity provider.",
                count(n, "break-glass account depends", "break-glass accounts depend")
            )
        },
        "Every break-glass account is cloud-only on the onmicrosoft.com domain.",
    ))
}

fn alert_proven(context: &Context<'_>) -> Result<Answer, Missing> {
    let tested = context
        .facts
        .rollout
        .break_glass
        .alert_tested
        .ok_or(Missing("`[break_glass] alert_tested` in lockstep.toml"))?;
    let oldest = context.hours_ago(DRILL_DAYS * 24).to_zoned(TimeZone::UTC).date();
    let today = context.facts.now.to_zoned(TimeZone::UTC).date();
    if tested > today {
        return Ok(Answer::found(format!("The recorded test of {tested} lies ahead."), Vec::new()));
    }
    Ok(if tested < oldest {
        Answer::found(
            format!("The alert was last proven on {tested}, more than {DRILL_DAYS} days ago."),
            Vec::new(),
        )
    } else {
        Answer::ok(format!("The alert was proven on {tested}."))
    })
}

fn enabled_and_lasting(context: &Context<'_>) -> Result<Answer, Missing> {
    context.users()?;
    let mut sweep = Sweep::default();
    for Declared { account, user } in context.break_glass()? {
        let label = account.label();
        let Some(user) = user else {
            sweep.unseen(format!("{label}: not among the users"), USERS);
            continue;
        };
        sweep.judge(
            user.account_enabled.map(|enabled| !enabled),
            format!("{label}: sign-in is disabled"),
            USERS,
        );
        sweep.judge(
            user.password_never_expires.map(|never| !never),
            format!("{label}: the password can expire"),
            USERS,
        );
    }
    sweep.unseen(
        "clean-up rules, lifecycle workflows and risk detections are in no export",
        "the clean-up rules and risk detections that could reach the accounts",
    );
    Ok(sweep.answer(
        |n| format!("{} could take a break-glass account away.", count(n, "setting", "settings")),
        "Nothing disables a break-glass account.",
    ))
}

fn no_rule_matches_the_name(context: &Context<'_>) -> Result<Answer, Missing> {
    let groups = context.groups()?;
    let mut sweep = Sweep::default();
    for Declared { account, .. } in context.break_glass()? {
        let Some(name) = account.user_principal_name.as_deref() else {
            sweep.unseen(format!("{}: its name was not told", account.label()), USERS);
            continue;
        };
        let local = name.split('@').next().unwrap_or(name).to_lowercase();
        let prefix = local.split(['-', '.', '_']).next().unwrap_or(&local).to_owned();
        for group in groups {
            let group_name = group.display_name.as_deref().unwrap_or("(no name)");
            match &group.membership_rule {
                None => {
                    sweep.unseen(format!("{group_name}: its membership rule was not told"), GROUPS)
                }
                Some(rule) if prefix.len() > 1 && rule.to_lowercase().contains(&prefix) => {
                    sweep.found(format!("{group_name}: its rule holds `{prefix}`, as in {name}"));
                }
                Some(_) => {}
            }
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} the name of a break-glass account.",
                count(n, "group rule matches", "group rules match")
            )
        },
        "No group rule matches the name of a break-glass account.",
    ))
}

fn drilled(context: &Context<'_>) -> Result<Answer, Missing> {
    let facts = context.facts;
    let oldest = facts
        .now
        .saturating_sub(SignedDuration::from_hours(DRILL_DAYS * 24))
        .unwrap_or(jiff::Timestamp::MIN);
    let mut sweep = Sweep::default();
    for Declared { account, user } in context.break_glass()? {
        // Attempts do not count: only a success proves that the account works.
        let by_log = facts.activity(&account).and_then(|person| person.last_success);
        let by_directory =
            user.and_then(|user| user.activity).and_then(|activity| activity.last_successful);
        let last = by_log.max(by_directory);
        sweep.judge(
            last.map(|last| last < oldest),
            match last {
                Some(last) => format!("{}: last success {last}", account.label()),
                None => format!("{}: no successful sign-in was told", account.label()),
            },
            SIGN_INS,
        );
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} signed in for {DRILL_DAYS} days.",
                count(n, "break-glass account has not", "break-glass accounts have not")
            )
        },
        format!("Every break-glass account signed in within {DRILL_DAYS} days."),
    ))
}
