//! A change set for people to read before they confirm it: what people notice first, then what is
//! dangerous, then the rest, each with what becomes of what.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::danger::Danger;
use super::edit::{Before, Edit, Presence};
use super::inverse::NoInverse;
use super::names::{Names, escaped, word};
use super::observe::{Object, Observation, Observer};
use super::set::{Change, ChangeSet};
use crate::snapshot::{MethodsPolicy, PerUserMfa, Snapshot};

/// A change set in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetText {
    /// What it is for.
    pub title: String,
    /// What people notice, a sentence each, every sentence once.
    pub effects: Vec<String>,
    /// What it asks of whoever confirms it.
    pub danger: Danger,
    /// The changes: the most dangerous first, else in their order.
    pub changes: Vec<ChangeText>,
}

/// One change in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeText {
    /// Its number in the order in which the set is carried out, from 1.
    pub number: usize,
    /// What is done to what.
    pub heading: String,
    /// What it asks of whoever confirms it.
    pub danger: Danger,
    /// Why.
    pub reason: String,
    /// What becomes of what.
    pub lines: Vec<Line>,
    /// How to take it back.
    pub way_back: String,
    /// It opens, or closes, the gap whose two times are written down.
    pub gap: Option<&'static str>,
}

/// A property, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The property.
    pub property: String,
    /// As it was; `not known` where nobody saw it, `not set` where it was not.
    pub before: String,
    /// As it will be.
    pub after: String,
    /// Of a list that was there and will be there: what comes and what goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<ListChange>,
}

/// What becomes of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListChange {
    /// What comes.
    pub added: Vec<String>,
    /// What goes.
    pub removed: Vec<String>,
    /// How many stay.
    pub stay: usize,
}

impl std::fmt::Display for ListChange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        for (what, all) in [("with", &self.added), ("without", &self.removed)] {
            if !all.is_empty() {
                parts.push(format!("{what} {}", all.join(", ")));
            }
        }
        parts.push(format!("{} as before", self.stay));
        formatter.write_str(&parts.join("; "))
    }
}

/// Of a property that has no value.
pub(super) const NOT_SET: &str = "not set";
const NOT_KNOWN: &str = "not known";

/// Puts a set into words.
#[must_use]
pub fn set_text(set: &ChangeSet) -> SetText {
    let mut effects: Vec<String> = Vec::new();
    for effect in set.changes.iter().filter_map(|change| change.effect.as_ref()) {
        let effect = escaped(effect);
        if !effects.contains(&effect) {
            effects.push(effect);
        }
    }
    let gap = |place: usize| {
        let gap = set.gap?;
        match place {
            _ if place == gap.opens => Some("opens the gap"),
            _ if place == gap.closes => Some("closes the gap"),
            _ => None,
        }
    };
    let names = Names::of_set(set);
    let mut changes: Vec<ChangeText> = set
        .changes
        .iter()
        .enumerate()
        .map(|(place, change)| change_text(place, change, gap(place), &names))
        .collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.danger));
    SetText { title: escaped(&set.title), effects, danger: set.danger(), changes }
}

fn change_text(
    place: usize,
    change: &Change,
    gap: Option<&'static str>,
    names: &Names,
) -> ChangeText {
    ChangeText {
        number: place.saturating_add(1),
        heading: heading_with_id(&change.edit, names),
        danger: change.danger,
        reason: escaped(&change.reason),
        lines: lines(&change.edit, names),
        way_back: match &change.inverse {
            Ok(inverse) => format!("{}.", heading(inverse)),
            Err(NoInverse { instead, .. }) => format!("None. {}", escaped(instead)),
        },
        gap,
    }
}

/// The heading of a change. Several policies may have one name: the id says which is meant.
fn heading_with_id(edit: &Edit, names: &Names) -> String {
    let id = match edit {
        Edit::Policy { before: Before::Was(before), .. } => before.0.id.as_deref(),
        _ => None,
    };
    match id {
        Some(id) => format!("{} ({})", heading(edit), names.short(id)),
        None => heading(edit),
    }
}

/// What is done to what, such as `add ann@ne.example to CA - Dated exceptions`.
#[must_use]
pub fn heading(edit: &Edit) -> String {
    match edit {
        Edit::User { user, after, .. } => {
            format!("{} the account {}", made(*after), word(&user.user_principal_name))
        }
        Edit::Group { group, after, .. } => {
            format!("{} the group {}", made(*after), word(&group.display_name))
        }
        Edit::Role { role_name, principal, after: Presence::Present, .. } => {
            format!("assign {} to {}", word(role_name), word(&principal.name))
        }
        Edit::Role { role_name, principal, .. } => {
            format!("take {} from {}", word(role_name), word(&principal.name))
        }
        Edit::Membership { group, member, after: Presence::Present, .. } => {
            format!("add {} to {}", word(&member.name), word(&group.name))
        }
        Edit::Membership { group, member, .. } => {
            format!("remove {} from {}", word(&member.name), word(&group.name))
        }
        Edit::Policy { before, after } => {
            let name = edit.policy().map_or("", |policy| policy.display_name.as_str());
            let verb = match (before.policy(), after) {
                (_, None) => "delete",
                (None, Some(_)) => "make",
                (Some(_), Some(_)) => "change",
            };
            format!("{verb} the policy {}", word(name))
        }
        Edit::SecurityDefaults { after, .. } => format!("turn security defaults {}", on(*after)),
        Edit::Campaign { after, .. } => {
            format!(
                "registration campaign: {}",
                after.state.as_deref().map_or_else(|| NOT_KNOWN.to_owned(), word)
            )
        }
        Edit::PerUserMfa { user, after, .. } => {
            format!("per-user MFA of {}: {}", word(&user.name), per_user(*after))
        }
        Edit::DeleteMethod { user, method, .. } => {
            format!("delete {} of {}", method.kind, word(&user.name))
        }
        Edit::TemporaryAccessPass { user, after: Presence::Present, .. } => {
            format!("issue a Temporary Access Pass to {}", word(&user.name))
        }
        Edit::TemporaryAccessPass { user, .. } => {
            format!("take back the Temporary Access Pass of {}", word(&user.name))
        }
        Edit::NewPassword { user } => format!("set a new password for {}", word(&user.name)),
        Edit::RevokeSessions { user } => format!("end every session of {}", word(&user.name)),
        Edit::AccountEnabled { user, after: true, .. } => format!("enable {}", word(&user.name)),
        Edit::AccountEnabled { user, .. } => format!("disable {}", word(&user.name)),
    }
}

const fn made(after: Presence) -> &'static str {
    match after {
        Presence::Present => "make",
        Presence::Absent => "delete",
    }
}

const fn on(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

const fn per_user(state: PerUserMfa) -> &'static str {
    match state {
        PerUserMfa::Disabled => "disabled",
        PerUserMfa::Enabled => "enabled",
        PerUserMfa::Enforced => "enforced",
    }
}

fn line(property: &str, before: Option<String>, after: String) -> Line {
    let before = before.unwrap_or_else(|| NOT_KNOWN.to_owned());
    Line { property: property.to_owned(), before, after, list: None }
}

fn presence(property: &str, before: Option<Presence>, after: Presence, is: [&str; 2]) -> Line {
    let word = |it: Presence| {
        let [absent, present] = is;
        if it.is_there() { present.to_owned() } else { absent.to_owned() }
    };
    line(property, before.map(word), word(after))
}

fn lines(edit: &Edit, names: &Names) -> Vec<Line> {
    let there = ["not there", "there"];
    match edit {
        Edit::User { before, after, .. } => vec![presence("account", *before, *after, there)],
        Edit::Group { before, after, .. } => vec![presence("group", *before, *after, there)],
        Edit::Role { role, before, after, .. } => {
            let role = format!("role {}", names.object(role));
            vec![presence(&role, *before, *after, ["not held", "active, permanent"])]
        }
        Edit::Membership { group, before, after, .. } => {
            let member = format!("member of {}", names.object(&group.id));
            vec![presence(&member, *before, *after, ["no", "yes"])]
        }
        Edit::SecurityDefaults { before, after } => {
            vec![line(
                "security defaults",
                before.map(on).map(str::to_owned),
                on(*after).to_owned(),
            )]
        }
        Edit::Policy { .. } => observed_lines(edit, names),
        Edit::Campaign { exclude_groups, .. } => {
            let mut lines = observed_lines(edit, names);
            if !exclude_groups.is_empty() {
                let groups: Vec<String> =
                    exclude_groups.iter().map(|it| names.object(it)).collect();
                let after = format!("as it was, and {}", groups.join(", "));
                lines.push(line("excludeTargets", None, after));
            }
            lines
        }
        Edit::PerUserMfa { before, after, .. } => {
            let before = before.map(per_user).map(str::to_owned);
            vec![line("per-user MFA", before, per_user(*after).to_owned())]
        }
        Edit::DeleteMethod { method, .. } => {
            let detail = method.detail.as_deref().unwrap_or(&method.kind);
            vec![line("method", Some(word(detail)), "deleted".to_owned())]
        }
        Edit::TemporaryAccessPass { before, after, minutes, once, .. } => {
            let uses = if *once { "one sign-in" } else { "several sign-ins" };
            let mut told = presence("pass", *before, *after, ["none", "one"]);
            if after.is_there() {
                told.after = format!("{minutes} minutes, {uses}");
            }
            vec![told]
        }
        Edit::NewPassword { .. } => {
            let after = "a new one, shown once and kept nowhere".to_owned();
            vec![line("password", Some("as it is".to_owned()), after)]
        }
        Edit::RevokeSessions { .. } => {
            vec![line("sessions", Some("as they are".to_owned()), "ended".to_owned())]
        }
        Edit::AccountEnabled { before, after, .. } => {
            let word = |it: bool| if it { "allowed" } else { "not allowed" }.to_owned();
            vec![line("sign-in", before.map(word), word(*after))]
        }
    }
}

/// What an observer sees of the object before and after, as far as it differs.
fn observed_lines(edit: &Edit, names: &Names) -> Vec<Line> {
    let [before, after] = [true, false].map(|is_before| seen(edit, is_before));
    let properties = |it: &Observation| match it {
        Observation::Seen(all) => all.clone(),
        Observation::NotSeen | Observation::Absent => BTreeMap::new(),
    };
    let (was, is) = (properties(&before), properties(&after));
    let all: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let text = |of: &Observation, property: &str, value: Option<&Value>| match (of, value) {
        (Observation::NotSeen, _) => NOT_KNOWN.to_owned(),
        (_, None) => NOT_SET.to_owned(),
        (_, Some(value)) => names.items(property, value).join(", "),
    };
    let mut lines: Vec<Line> = all
        .into_iter()
        .filter(|name| name.as_str() != "id" && was.get(*name) != is.get(*name))
        .map(|name| Line {
            property: name.clone(),
            before: text(&before, name, was.get(name)),
            after: text(&after, name, is.get(name)),
            list: list_change(names, name, was.get(name), is.get(name)),
        })
        .collect();
    lines.sort_by_key(|line| rank(&line.property));
    lines
}

/// What decides most stands first: whether the policy counts, what it asks, whom it leaves out.
#[must_use]
pub fn rank(property: &str) -> usize {
    const ORDER: [&str; 5] =
        ["state", "grantControls", "conditions.users.exclude", "conditions.users", "conditions"];
    ORDER.iter().position(|it| property.starts_with(it)).unwrap_or(ORDER.len())
}

/// What becomes of a list; `None` unless it is one before and after.
#[must_use]
pub fn list_change(
    names: &Names,
    property: &str,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Option<ListChange> {
    let (before, after) = (before?.as_array()?, after?.as_array()?);
    let told = |all: Vec<&Value>| all.iter().flat_map(|it| names.items(property, it)).collect();
    Some(ListChange {
        added: told(after.iter().filter(|it| !before.contains(it)).collect()),
        removed: told(before.iter().filter(|it| !after.contains(it)).collect()),
        stay: after.iter().filter(|it| before.contains(it)).count(),
    })
}

/// A property of a policy as the portal calls it; others stay what they are.
#[must_use]
pub fn property_words(property: &str) -> &str {
    const WORDS: [(&str, &str); 18] = [
        ("excludeTargets", "left out"),
        ("conditions.users.includeUsers", "include users"),
        ("conditions.users.excludeUsers", "exclude users"),
        ("conditions.users.includeGroups", "include groups"),
        ("conditions.users.excludeGroups", "exclude groups"),
        ("conditions.users.includeRoles", "include roles"),
        ("conditions.users.excludeRoles", "exclude roles"),
        ("conditions.applications.includeApplications", "include target resources"),
        ("conditions.applications.excludeApplications", "exclude target resources"),
        ("conditions.applications.includeUserActions", "user actions"),
        ("conditions.locations.includeLocations", "include locations"),
        ("conditions.locations.excludeLocations", "exclude locations"),
        ("conditions.clientAppTypes", "client apps"),
        ("conditions.authenticationFlows.transferMethods", "authentication flows"),
        ("grantControls.builtInControls", "grant"),
        ("grantControls.operator", "grant: of several controls"),
        ("displayName", "name"),
        ("grantControls.authenticationStrength.id", "authentication strength"),
    ];
    WORDS.iter().find(|(told, _)| *told == property).map_or(property, |(_, words)| words)
}

/// The object of a change before or after, in a world of its own.
fn seen(edit: &Edit, is_before: bool) -> Observation {
    let world = match edit {
        Edit::Policy { before, after } => {
            if is_before && *before == Before::NotSeen {
                return Observation::NotSeen;
            }
            let policy = if is_before { before.policy() } else { after.as_ref().map(|it| &*it.0) };
            Snapshot {
                policies: Some(policy.into_iter().cloned().collect()),
                ..Snapshot::default()
            }
        }
        Edit::Campaign { before, after, .. } => {
            let campaign = if is_before { before.clone() } else { Some(after.clone()) };
            let policy = MethodsPolicy { campaign, ..MethodsPolicy::default() };
            Snapshot { methods_policy: Some(policy), ..Snapshot::default() }
        }
        _ => return Observation::NotSeen,
    };
    let id = edit.policy().and_then(|policy| policy.id.clone()).unwrap_or_default();
    let object = match edit {
        Edit::Policy { .. } => Object::Policy(id),
        _ => Object::Campaign,
    };
    Observer::of(&world).observe(&object)
}
