//! A change set for people to read before they confirm it: what people notice first, then what is
//! dangerous, then the rest, each with what becomes of what.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::danger::Danger;
use super::edit::{Before, Edit, Presence};
use super::inverse::NoInverse;
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
}

const NOT_SET: &str = "not set";
const NOT_KNOWN: &str = "not known";

/// Puts a set into words.
#[must_use]
pub fn set_text(set: &ChangeSet) -> SetText {
    let mut effects: Vec<String> = Vec::new();
    for effect in set.changes.iter().filter_map(|change| change.effect.as_ref()) {
        if !effects.contains(effect) {
            effects.push(effect.clone());
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
    let mut changes: Vec<ChangeText> = set
        .changes
        .iter()
        .enumerate()
        .map(|(place, change)| change_text(place, change, gap(place)))
        .collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.danger));
    SetText { title: set.title.clone(), effects, danger: set.danger(), changes }
}

fn change_text(place: usize, change: &Change, gap: Option<&'static str>) -> ChangeText {
    ChangeText {
        number: place.saturating_add(1),
        heading: heading(&change.edit),
        danger: change.danger,
        reason: change.reason.clone(),
        lines: lines(&change.edit),
        way_back: match &change.inverse {
            Ok(inverse) => format!("{}.", heading(inverse)),
            Err(NoInverse { instead, .. }) => format!("None. {instead}"),
        },
        gap,
    }
}

/// What is done to what, such as `add ann@ne.example to CA - Dated exceptions`.
#[must_use]
pub fn heading(edit: &Edit) -> String {
    match edit {
        Edit::User { user, after, .. } => {
            format!("{} the account {}", made(*after), user.user_principal_name)
        }
        Edit::Group { group, after, .. } => {
            format!("{} the group {}", made(*after), group.display_name)
        }
        Edit::Role { role_name, principal, after: Presence::Present, .. } => {
            format!("assign {role_name} to {}", principal.name)
        }
        Edit::Role { role_name, principal, .. } => {
            format!("take {role_name} from {}", principal.name)
        }
        Edit::Membership { group, member, after: Presence::Present, .. } => {
            format!("add {} to {}", member.name, group.name)
        }
        Edit::Membership { group, member, .. } => {
            format!("remove {} from {}", member.name, group.name)
        }
        Edit::Policy { before, after } => {
            let name = edit.policy().map_or("", |policy| policy.display_name.as_str());
            let verb = match (before.policy(), after) {
                (_, None) => "delete",
                (None, Some(_)) => "make",
                (Some(_), Some(_)) => "change",
            };
            format!("{verb} the policy {name}")
        }
        Edit::SecurityDefaults { after, .. } => format!("turn security defaults {}", on(*after)),
        Edit::Campaign { after, .. } => {
            format!("registration campaign: {}", after.state.as_deref().unwrap_or(NOT_KNOWN))
        }
        Edit::PerUserMfa { user, after, .. } => {
            format!("per-user MFA of {}: {}", user.name, per_user(*after))
        }
        Edit::DeleteMethod { user, method, .. } => {
            format!("delete {} of {}", method.kind, user.name)
        }
        Edit::TemporaryAccessPass { user, after: Presence::Present, .. } => {
            format!("issue a Temporary Access Pass to {}", user.name)
        }
        Edit::TemporaryAccessPass { user, .. } => {
            format!("take back the Temporary Access Pass of {}", user.name)
        }
        Edit::NewPassword { user } => format!("set a new password for {}", user.name),
        Edit::RevokeSessions { user } => format!("end every session of {}", user.name),
        Edit::AccountEnabled { user, after: true, .. } => format!("enable {}", user.name),
        Edit::AccountEnabled { user, .. } => format!("disable {}", user.name),
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
    Line { property: property.to_owned(), before, after }
}

fn presence(property: &str, before: Option<Presence>, after: Presence, is: [&str; 2]) -> Line {
    let word = |it: Presence| {
        let [absent, present] = is;
        if it.is_there() { present.to_owned() } else { absent.to_owned() }
    };
    line(property, before.map(word), word(after))
}

fn lines(edit: &Edit) -> Vec<Line> {
    let there = ["not there", "there"];
    match edit {
        Edit::User { before, after, .. } => vec![presence("account", *before, *after, there)],
        Edit::Group { before, after, .. } => vec![presence("group", *before, *after, there)],
        Edit::Role { before, after, .. } => {
            vec![presence("role", *before, *after, ["not held", "active, permanent"])]
        }
        Edit::Membership { before, after, .. } => {
            vec![presence("member", *before, *after, ["no", "yes"])]
        }
        Edit::SecurityDefaults { before, after } => {
            vec![line(
                "security defaults",
                before.map(on).map(str::to_owned),
                on(*after).to_owned(),
            )]
        }
        Edit::Policy { .. } | Edit::Campaign { .. } => observed_lines(edit),
        Edit::PerUserMfa { before, after, .. } => {
            let before = before.map(per_user).map(str::to_owned);
            vec![line("per-user MFA", before, per_user(*after).to_owned())]
        }
        Edit::DeleteMethod { method, .. } => {
            let detail = method.detail.as_deref().unwrap_or(&method.kind);
            vec![line("method", Some(detail.to_owned()), "deleted".to_owned())]
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
fn observed_lines(edit: &Edit) -> Vec<Line> {
    let [before, after] = [true, false].map(|is_before| seen(edit, is_before));
    let properties = |it: &Observation| match it {
        Observation::Seen(all) => all.clone(),
        Observation::NotSeen | Observation::Absent => BTreeMap::new(),
    };
    let (was, is) = (properties(&before), properties(&after));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let word = |of: &Observation, value: Option<&Value>| match (of, value) {
        (Observation::NotSeen, _) => NOT_KNOWN.to_owned(),
        (_, None) => NOT_SET.to_owned(),
        (_, Some(value)) => in_words(value),
    };
    names
        .into_iter()
        .filter(|name| name.as_str() != "id" && was.get(*name) != is.get(*name))
        .map(|name| Line {
            property: name.clone(),
            before: word(&before, was.get(name)),
            after: word(&after, is.get(name)),
        })
        .collect()
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
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
