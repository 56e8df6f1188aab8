//! What the account can reach, and how it is protected now.

use super::Fact;
use crate::engine::{Exception, Seen};
use crate::facts::Facts;
use crate::snapshot::User;

/// Most names that are written out.
const SHOWN: usize = 12;

/// What the account can reach.
pub(super) fn access(exception: &Exception, seen: &Seen<'_>) -> Vec<Fact> {
    let facts = seen.facts;
    let subject = &exception.subject;
    let user = facts.user(subject);
    let mut found = vec![person(user)];
    found.push(if facts.snapshot.roles.is_some() {
        let mut roles: Vec<String> = facts
            .roles_of(subject)
            .into_iter()
            .map(|it| {
                let name = it.role_name.as_deref().unwrap_or(&it.role);
                if it.active { name.to_owned() } else { format!("{name} (eligible)") }
            })
            .collect();
        roles.sort();
        roles.dedup();
        let roles = if roles.is_empty() { "none".to_owned() } else { few(roles) };
        Fact::seen("Administrator roles", roles, "role assignments")
    } else {
        Fact::not_measured("Administrator roles", "the role assignments of the tenant")
    });
    found.push(groups(facts, exception));
    found.push(apps(exception, seen));
    found.push(Fact::not_measured(
        "Authority to pay and to sign",
        "the finance department; no record of the directory does",
    ));
    found
}

fn person(user: Option<&User>) -> Fact {
    let Some(user) = user else {
        return Fact::not_measured("Account", "the list of users of the tenant");
    };
    let mut words = vec![user.account.label().to_owned()];
    words.extend(user.account.display_name.clone());
    words.extend(user.job_title.clone().filter(|it| !it.is_empty()));
    words.extend(user.department.clone().filter(|it| !it.is_empty()));
    Fact::seen("Account", words.join(", "), "directory")
}

fn groups(facts: &Facts<'_>, exception: &Exception) -> Fact {
    let what = "Groups";
    let Some(groups) = &facts.snapshot.groups else {
        return Fact::not_measured(what, "the groups of the tenant with their members");
    };
    let subject = &exception.subject;
    let untold = groups.iter().filter(|it| it.members.is_none()).count();
    let holds = |it: &&crate::snapshot::Group| {
        it.members.iter().flatten().any(|member| {
            member.id.is_some() && member.id == subject.user_id
                || member.user_principal_name.is_some()
                    && member.user_principal_name == subject.user_principal_name
        })
    };
    let mut names: Vec<String> =
        groups.iter().filter(holds).filter_map(|it| it.display_name.clone()).collect();
    names.sort();
    let mut words = if names.is_empty() { "in none directly".to_owned() } else { few(names) };
    if untold > 0 {
        words.push_str(&format!("; of {untold} groups nobody told the members"));
    }
    Fact::seen(what, words, "groups with members")
}

fn apps(exception: &Exception, seen: &Seen<'_>) -> Fact {
    let what = "Applications used";
    let Some(measured) = seen.facts.measured_activity() else {
        return Fact::not_measured(what, "the sign-in log");
    };
    let _ = measured;
    let source = super::exposure::window(seen);
    match seen.facts.activity(&exception.subject) {
        Some(activity) => {
            let apps: Vec<String> = activity.apps.iter().map(str::to_owned).collect();
            let mut words = if apps.is_empty() { "none".to_owned() } else { few(apps) };
            if activity.apps_left_out > 0 {
                words.push_str(" and others");
            }
            Fact::seen(what, words, source)
        }
        None => Fact::seen(what, "no sign-in of the account", source),
    }
}

/// What the account has registered.
pub(super) fn protection(exception: &Exception, seen: &Seen<'_>) -> Vec<Fact> {
    let facts = seen.facts;
    let what = "Registered for MFA";
    let Some(row) = facts.registration(&exception.subject) else {
        return vec![Fact::not_measured(what, "the registration report")];
    };
    let as_of = row.last_updated.map_or_else(
        || "registration report, age not told".to_owned(),
        |it| format!("registration report, refreshed {}", super::written::moment(it)),
    );
    let words = match (row.mfa_capable, row.mfa_registered) {
        (Some(true), _) => "yes, and can answer a prompt today",
        (Some(false), Some(true)) => "yes, but by a method that is not allowed any more",
        (Some(false), _) | (None, Some(false)) => "no",
        (None, Some(true)) => "yes; whether the method is allowed is not told",
        (None, None) => return vec![Fact::not_measured(what, "a complete registration report")],
    };
    let mut found = vec![Fact::seen(what, words, as_of.clone())];
    found.push(match &row.methods {
        Some(methods) if methods.is_empty() => Fact::seen("Methods", "none", as_of),
        Some(methods) => Fact::seen("Methods", few(methods.clone()), as_of),
        None => Fact::not_measured("Methods", "a complete registration report"),
    });
    found
}

/// The first of a list, and how many more.
pub(super) fn few(names: Vec<String>) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = names.into_iter().take(SHOWN).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}
