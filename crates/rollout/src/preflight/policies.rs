//! CA: how the Conditional Access policies are made.

use conditional_access::{Operator, Policy, SignInFrequency, State};
use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count, listed};
use super::context::{
    BREAK_GLASS_NAMES, Context, FUTURE_POLICY, GROUPS, POLICIES, REGISTRATIONS, USERS,
};
use super::methods::strength_is_within_reach;
use super::policy_administrators;
use super::policy_conditions::{
    REGISTER_SECURITY_INFORMATION, asks_everyone_for_mfa, asks_for_managed_device, blocks_legacy,
    covers_legacy_clients, covers_modern_clients, leaves_a_way_in, named, targets,
};
use super::policy_references::{Exclusions, unresolved};
use super::policy_scope::{PolicyScope, excludes_nobody};
use crate::rollout::CalendarSettings;

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("CA-01", locks_everybody_out),
    ("CA-02", does_nothing),
    ("CA-03", refers_to_nothing),
    ("CA-04", leaves_applications_out),
    ("CA-05", asks_for_both),
    ("CA-06", stricter_than_registered),
    ("CA-07", limited_by_place),
    ("CA-08", lets_legacy_by),
    ("CA-09", prompts_all_day),
    ("CA-10", guards_registration),
    ("CA-11", asks_for_terms),
    ("CA-12", custom_controls),
    ("CA-13", pilot_proves_little),
    ("CA-14", not_enforced),
    ("CA-15", bad_day),
    ("CA-16", policy_administrators::administrators_uncovered),
    ("CA-17", excluded_for_good),
];

/// Where the policies were told and none is live, none can be made badly.
fn no_live_policy(context: &Context<'_>) -> Result<Option<Answer>, Missing> {
    let none = context.live_policies()?.is_empty();
    Ok(none.then(|| Answer::not_applicable("No policy is On or Report-only.")))
}

/// Judges each live policy by a rule that only reads the policy.
fn lint(
    context: &Context<'_>,
    bad: impl Fn(&Policy) -> bool,
    what: &str,
    ok: &str,
) -> Result<Answer, Missing> {
    if let Some(answer) = no_live_policy(context)? {
        return Ok(answer);
    }
    let live = context.live_policies()?;
    let mut sweep = Sweep::default();
    for policy in &live {
        if bad(policy) {
            sweep.found(format!("{}: {what}", named(policy)));
        } else if !policy.unmodelled.is_empty() {
            sweep.unseen(
                format!(
                    "{}: holds {} that were not read",
                    named(policy),
                    policy.unmodelled.join(", ")
                ),
                "a look at the named properties of the policy",
            );
        }
    }
    let of = live.len();
    Ok(sweep.answer(
        |n| format!("{n} of {}: {what}.", count(of, "live policy", "live policies")),
        format!("{ok} ({}).", count(of, "live policy", "live policies")),
    ))
}

fn locks_everybody_out(context: &Context<'_>) -> Result<Answer, Missing> {
    if let Some(answer) = no_live_policy(context)? {
        return Ok(answer);
    }
    let live = context.live_policies()?;
    let strict = |policy: &&&Policy| {
        policy.includes_all_users()
            && policy.includes_all_resources()
            && covers_modern_clients(policy)
            && (policy.grants("block")
                || asks_for_managed_device(policy)
                || policy.grant.as_ref().is_some_and(|it| it.authentication_strength.is_some()))
    };
    let mut sweep = Sweep::default();
    for policy in live.iter().filter(strict) {
        if leaves_a_way_in(policy) && policy.grants("block") && policy.unmodelled.is_empty() {
            continue;
        }
        if excludes_nobody(policy) {
            sweep.found(format!("{}: excludes nobody", named(policy)));
            continue;
        }
        let Ok(declared) = context.break_glass() else {
            sweep.unseen(format!("{}: whom it must exclude", named(policy)), BREAK_GLASS_NAMES);
            continue;
        };
        let scope = PolicyScope::of(context, policy);
        for it in &declared {
            let excluded = scope.excludes(&it.account, Some(false));
            sweep.judge(
                excluded.map(|excluded| !excluded),
                match excluded {
                    Some(_) => {
                        format!("{}: does not exclude {}", named(policy), it.account.label())
                    }
                    None => format!(
                        "{}: whether it excludes {} was not told",
                        named(policy),
                        it.account.label()
                    ),
                },
                GROUPS,
            );
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} lock out every account, break-glass too.",
                count(n, "row could", "rows could")
            )
        },
        "No policy blocks everyone without excluding the break-glass accounts.",
    ))
}

fn does_nothing(context: &Context<'_>) -> Result<Answer, Missing> {
    if let Some(answer) = no_live_policy(context)? {
        return Ok(answer);
    }
    let is_none = |values: &[String]| values.iter().all(|it| it.eq_ignore_ascii_case("None"));
    let mut sweep = Sweep::default();
    for policy in context.live_policies()? {
        let applications = &policy.conditions.applications;
        if is_none(&applications.include)
            && applications.user_actions.is_empty()
            && applications.authentication_contexts.is_empty()
            && applications.filter.is_none()
        {
            sweep.found(format!("{}: targets no resource", named(policy)));
            continue;
        }
        let users = &policy.conditions.users;
        if !is_none(&users.include_users)
            || !users.include_roles.is_empty()
            || !users.include_guest_types.is_empty()
        {
            continue;
        }
        // No group at all is nobody, too.
        let mut empty = Some(true);
        for name in &users.include_groups {
            let group = context.resolved_group(name);
            if !group.is_empty() {
                empty = Some(false);
            } else if !group.complete {
                empty = empty.filter(|empty| !empty);
            }
            if empty == Some(false) {
                break;
            }
        }
        sweep.judge(empty, format!("{}: members of its groups", named(policy)), GROUPS);
    }
    Ok(sweep.answer(
        |n| format!("{} nobody or nothing.", count(n, "policy is for", "policies are for")),
        "Every live policy has somebody and something to apply to.",
    ))
}

fn refers_to_nothing(context: &Context<'_>) -> Result<Answer, Missing> {
    if let Some(answer) = no_live_policy(context)? {
        return Ok(answer);
    }
    let mut sweep = Sweep::default();
    // Of applications and terms of use no export tells; `audit policies` names them.
    for policy in context.live_policies()? {
        for it in unresolved(context, policy) {
            if let Some(export) = it.export() {
                let row = format!("{}: {} {}", named(policy), it.kind, it.id);
                sweep.judge(it.gone, row, export);
            }
        }
    }
    Ok(sweep.answer(
        |n| format!("{} of policies found in no export.", count(n, "reference", "references")),
        "Every user, group, role, location and strength a live policy names exists.",
    ))
}

fn leaves_applications_out(context: &Context<'_>) -> Result<Answer, Missing> {
    lint(
        context,
        |policy| {
            policy.includes_all_resources() && !policy.conditions.applications.exclude.is_empty()
        },
        "targets all resources and excludes some",
        "No policy for all resources excludes any",
    )
}

fn asks_for_both(context: &Context<'_>) -> Result<Answer, Missing> {
    lint(
        context,
        |policy| {
            policy.asks_for_mfa()
                && asks_for_managed_device(policy)
                && policy.grant.as_ref().is_some_and(|it| it.operator != Some(Operator::Or))
        },
        "asks for MFA and a managed device together",
        "No policy asks for MFA and a managed device together",
    )
}

fn stricter_than_registered(context: &Context<'_>) -> Result<Answer, Missing> {
    let strict: Vec<_> = context
        .live_policies()?
        .into_iter()
        .filter(|it| it.grant.as_ref().is_some_and(|it| it.authentication_strength.is_some()))
        .collect();
    if strict.is_empty() {
        return Ok(Answer::ok("No live policy asks for an authentication strength."));
    }
    let mut sweep = Sweep::default();
    let people = context.people(&mut sweep)?;
    context.registrations()?;
    for policy in strict {
        let Some(grant) = &policy.grant else { continue };
        let scope = PolicyScope::of(context, policy);
        for user in &people {
            let guest = context.facts.is_guest(user);
            let within_reach = context
                .facts
                .registration(&user.account)
                .and_then(|row| strength_is_within_reach(grant, row.methods.as_ref()?));
            let stuck = match (scope.reaches(&user.account, guest), within_reach) {
                (Some(false), _) | (_, Some(true)) => Some(false),
                (Some(true), Some(false)) => Some(true),
                _ => None,
            };
            let row = format!("{}: the strength of {}", user.account.label(), named(policy));
            sweep.judge(stuck, row, REGISTRATIONS);
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} no method that satisfies the strength.",
                count(n, "person holds", "people hold")
            )
        },
        "Everyone a strength reaches holds a method that satisfies it.",
    ))
}

fn limited_by_place(context: &Context<'_>) -> Result<Answer, Missing> {
    lint(
        context,
        |policy| {
            let limited = policy.conditions.locations.as_ref().is_some_and(|places| {
                !places.exclude.is_empty()
                    || !places.include.iter().any(|it| it.eq_ignore_ascii_case("All"))
            });
            policy.asks_for_mfa() && limited
        },
        "asks for MFA only in some places",
        "No MFA policy leaves a place out",
    )
}

fn lets_legacy_by(context: &Context<'_>) -> Result<Answer, Missing> {
    let live = context.live_policies()?;
    if live.iter().any(|it| it.state == State::Enabled && blocks_legacy(it)) {
        return Ok(Answer::ok("An enabled policy blocks legacy authentication."));
    }
    let limited = |policy: &Policy| policy.asks_for_mfa() && !covers_legacy_clients(policy);
    lint(
        context,
        limited,
        "asks for MFA and does not reach legacy clients, and no enabled policy blocks them",
        "Every MFA policy reaches legacy clients",
    )
}

fn prompts_all_day(context: &Context<'_>) -> Result<Answer, Missing> {
    if let Some(answer) = no_live_policy(context)? {
        return Ok(answer);
    }
    let mut sweep = Sweep::default();
    for policy in context.live_policies()?.iter().filter(|it| it.includes_all_resources()) {
        let Some(session) = &policy.session else { continue };
        let often = match session.sign_in_frequency {
            None => Some(false),
            Some(SignInFrequency::EveryTime) => Some(true),
            Some(SignInFrequency::Hours(hours)) => Some(hours <= 1),
            Some(SignInFrequency::Unknown) => None,
        };
        sweep.judge(often, format!("{}: sign-in frequency", named(policy)), POLICIES);
        if session.persistent_browser.as_ref().is_some_and(|it| it.eq_ignore_ascii_case("never")) {
            sweep.found(format!("{}: browser sessions never persist", named(policy)));
        }
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} people all day.",
                count(n, "session control prompts", "session controls prompt")
            )
        },
        "No session control asks people again within the hour.",
    ))
}

fn guards_registration(context: &Context<'_>) -> Result<Answer, Missing> {
    let guarded = |policy: &Policy| {
        targets(policy, REGISTER_SECURITY_INFORMATION)
            && (policy.conditions.locations.is_some()
                || asks_for_managed_device(policy)
                || policy.grants("block"))
    };
    lint(
        context,
        guarded,
        "limits registration to places or devices",
        "No policy limits where people register",
    )
}

fn asks_for_terms(context: &Context<'_>) -> Result<Answer, Missing> {
    lint(
        context,
        |policy| policy.grant.as_ref().is_some_and(|it| !it.terms_of_use.is_empty()),
        "asks for terms of use",
        "No policy asks for terms of use",
    )
}

fn custom_controls(context: &Context<'_>) -> Result<Answer, Missing> {
    let external = context.facts.snapshot.registrations.iter().flatten().any(|row| {
        row.methods.iter().flatten().any(|method| method.to_lowercase().contains("external"))
    });
    lint(
        context,
        |policy| {
            policy.grant.as_ref().is_some_and(|grant| {
                !grant.custom.is_empty() || (external && grant.authentication_strength.is_some())
            })
        },
        "uses a custom control, or a strength where external methods are in use",
        "No policy uses a custom control",
    )
    .and_then(|answer| {
        let strength = context.live_policies()?.iter().any(|policy| {
            policy.grant.as_ref().is_some_and(|it| it.authentication_strength.is_some())
        });
        if answer.verdict == super::Verdict::Ok && strength {
            context.registrations()?;
        }
        Ok(answer)
    })
}

fn pilot_proves_little(context: &Context<'_>) -> Result<Answer, Missing> {
    let facts = context.facts;
    let name =
        facts.rollout.pilot.group.as_deref().ok_or(Missing("`[pilot] group` in lockstep.toml"))?;
    context.groups()?;
    let group = facts.group(name).ok_or(Missing("the pilot group among the groups"))?;
    let (members, complete) = facts.members_of(group);
    let mut sweep = Sweep::default();
    if complete && members.len() < 3 {
        sweep.found(format!("it has {}", count(members.len(), "member", "members")));
    }
    let nested = group.members.iter().flatten().any(|member| {
        member.kind == crate::snapshot::MemberKind::Group
            || member.id.as_deref().is_some_and(|id| facts.group(id).is_some())
    });
    if nested {
        sweep.found("it holds other groups");
    }
    for member in &members {
        if facts.user(member).and_then(|user| user.account_enabled) == Some(false) {
            sweep.found(format!("{}: disabled", member.label()));
        }
    }
    let administrators = !members.is_empty()
        && members.iter().all(|member| facts.roles_of(member).iter().any(|role| role.active));
    if administrators && complete {
        sweep.found("every member is an administrator");
    }
    sweep.unseen(
        "which devices the members test with is in no export",
        "the devices each pilot member tests with",
    );
    let reasons = listed(sweep.found_rows());
    Ok(sweep.answer(
        |_| format!("The pilot group proves little: {reasons}."),
        "The pilot group is mixed.",
    ))
}

fn not_enforced(context: &Context<'_>) -> Result<Answer, Missing> {
    let all = context.all_policies()?;
    let asking: Vec<_> = all.iter().filter(|policy| asks_everyone_for_mfa(policy)).collect();
    if let Some(on) = asking.iter().find(|policy| policy.state == State::Enabled) {
        return Ok(Answer::ok(format!("{} asks everyone for MFA.", named(on))));
    }
    if !all.iter().any(Policy::asks_for_mfa) {
        return Ok(Answer::inconclusive(
            "No policy asks for MFA yet; this is due once enforcement has begun.",
            FUTURE_POLICY,
        ));
    }
    let names: Vec<String> = asking.iter().map(|policy| named(policy)).collect();
    Ok(if names.is_empty() {
        let narrow = all.iter().filter(|policy| policy.asks_for_mfa()).map(named).collect();
        Answer::found("No policy asks everyone for MFA on all resources without a gap.", narrow)
    } else {
        let subject = format!("{} would ask everyone for MFA and is not On.", listed(&names));
        Answer::found(subject, names)
    })
}

fn bad_day(context: &Context<'_>) -> Result<Answer, Missing> {
    let settings = context.facts.rollout;
    let start = settings.calendar.start.ok_or(Missing("`[calendar] start` in lockstep.toml"))?;
    let steps = &settings.steps;
    let before = u32::from(steps.prepare_days)
        + u32::from(steps.register_days)
        + u32::from(steps.pilot_days);
    let day = start.saturating_add(Span::new().days(before));
    let mut sweep = Sweep::default();
    for reason in reasons_against(&settings.calendar, day) {
        sweep.found(format!("{day}: {reason}"));
    }
    Ok(sweep.answer(
        |_| format!("Enforcement falls on {day}."),
        format!("Enforcement falls on {day}, a working day."),
    ))
}

fn reasons_against(calendar: &CalendarSettings, day: Date) -> Vec<String> {
    let mut reasons = Vec::new();
    if day.weekday() == Weekday::Friday {
        reasons.push("a Friday".to_owned());
    }
    if !calendar.works_on(day.weekday()) {
        reasons.push("nobody works on this weekday".to_owned());
    }
    if calendar.holidays.contains(&day) {
        reasons.push("a holiday".to_owned());
    } else if calendar.holidays.contains(&day.saturating_add(1.day())) {
        reasons.push("the eve of a holiday".to_owned());
    }
    for freeze in calendar.freezes.iter().filter(|it| it.from <= day && day <= it.to) {
        reasons.push(format!("a freeze until {} {}", freeze.to, freeze.reason).trim().to_owned());
    }
    if day.days_in_month() - day.day() < 2 {
        reasons.push("the end of a month".to_owned());
    }
    reasons
}

fn excluded_for_good(context: &Context<'_>) -> Result<Answer, Missing> {
    if let Some(answer) = no_live_policy(context)? {
        return Ok(answer);
    }
    let live = context.live_policies()?;
    let exclusions = Exclusions::new(context, &live);
    let mut sweep = Sweep::default();
    for policy in &live {
        for it in exclusions.of(policy) {
            let row = format!("{}: excludes {}", named(policy), it.name);
            sweep.judge(it.lasting, row, USERS);
        }
    }
    Ok(sweep.answer(
        |n| format!("{} nothing else covers.", count(n, "exclusion", "exclusions")),
        "What MFA policies exclude is break-glass, or covered by another policy.",
    ))
}
