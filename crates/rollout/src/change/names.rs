//! Names of the objects that a change set speaks of, for people who confirm it.
//!
//! The names that the policies of a set need are kept in the set, and its id covers them: what a person
//! confirms is what was shown, and a name decides what is understood. A name that was put in later, or
//! looked up anew, could say `MFA - Pilot` of another group under the same id of the set. So a renamed
//! object makes another set, and whoever alters a name in what is kept has altered the set.
//!
//! A name is what somebody in the tenant typed. It is written so that it cannot pass for something else:
//! see [`word`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::edit::{Edit, Named};
use super::identifiers::is_provisional;
use super::observe::{Object, Observation};
use super::set::ChangeSet;
use super::text::NOT_SET;
use crate::preflight::{built_in_role, built_in_strength, first_party};
use crate::snapshot::Snapshot;

/// So much of an id tells one object from the others, as long as no other begins alike.
const SHORT: usize = 8;

/// What stands in a list of ids and is none.
const KEYWORDS: [&str; 7] = [
    "all",
    "none",
    "guestsorexternalusers",
    "office365",
    "microsoftadminportals",
    "alltrusted",
    "serviceprincipalsinmytenant",
];

/// What lockstep says itself where a name could stand.
const SAID: [&str; 9] =
    ["not set", "not known", "not seen", "not there", "there", "yes", "no", "on", "off"];

/// The last words of properties that hold ids.
const ID_PROPERTIES: [&str; 17] = [
    "excludeTargets",
    "includeUsers",
    "excludeUsers",
    "includeGroups",
    "excludeGroups",
    "includeRoles",
    "excludeRoles",
    "includeApplications",
    "excludeApplications",
    "includeLocations",
    "excludeLocations",
    "includeServicePrincipals",
    "excludeServicePrincipals",
    "members",
    "owners",
    "id",
    "roles",
];

/// Names of objects by their ids, in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of an object.
    #[must_use]
    pub fn known(&self, id: &str) -> Option<&str> {
        self.0.get(&id.to_lowercase()).map(String::as_str)
    }

    /// The names that the policies and the campaign of a set need, as far as the snapshot, or a list
    /// of what Microsoft brings along, knows them.
    pub(super) fn for_edits<'e>(
        edits: impl Iterator<Item = &'e Edit>,
        snapshot: &Snapshot,
    ) -> Self {
        let mut ids = BTreeSet::new();
        for edit in edits {
            if let Edit::Campaign { before, after, exclude_groups } = edit {
                let told = before.iter().chain(Some(after)).flat_map(|it| it.excluded.iter());
                ids.extend(told.flatten().chain(exclude_groups).map(|id| id.to_lowercase()));
            }
            if matches!(edit, Edit::Policy { .. }) {
                let value = serde_json::to_value(edit).unwrap_or_default();
                collect(&value, "", &mut ids);
            }
        }
        if ids.is_empty() { Self::default() } else { Self::of_ids(snapshot, &ids) }
    }

    /// Every name that a snapshot knows, for what was found since a set was made.
    #[must_use]
    pub fn of_snapshot(snapshot: &Snapshot) -> Self {
        let mut names = Self::default();
        names.read(snapshot, |_| true);
        names
    }

    /// The names that a set brings along: nothing else is needed to show it, and its id covers all of
    /// them.
    #[must_use]
    pub fn of_set(set: &ChangeSet) -> Self {
        let mut names = set.names.clone();
        for change in &set.changes {
            match &change.edit {
                Edit::User { user, .. } => names.add(&user.id, &user.user_principal_name),
                Edit::Group { group, .. } => names.add(&group.id, &group.display_name),
                Edit::Role { role, role_name, principal, .. } => {
                    names.add(role, role_name);
                    names.add_named(principal);
                }
                Edit::Membership { group, member, .. } => {
                    names.add_named(group);
                    names.add_named(member);
                }
                Edit::Policy { .. } => {
                    if let Some(policy) = change.edit.policy() {
                        names.add(policy.id.as_deref().unwrap_or_default(), &policy.display_name);
                    }
                }
                Edit::PerUserMfa { user, .. }
                | Edit::DeleteMethod { user, .. }
                | Edit::TemporaryAccessPass { user, .. }
                | Edit::NewPassword { user }
                | Edit::RevokeSessions { user }
                | Edit::AccountEnabled { user, .. } => names.add_named(user),
                Edit::SecurityDefaults { .. } | Edit::Campaign { .. } => {}
            }
        }
        for observed in &set.rests_on {
            let Observation::Seen(properties) = &observed.then else { continue };
            let told = |name: &str| properties.get(name).and_then(Value::as_str);
            match &observed.object {
                Object::User(id) => {
                    let name = told("userPrincipalName").or_else(|| told("displayName"));
                    names.add(id, name.unwrap_or_default());
                }
                Object::Group(id) | Object::Policy(id) => {
                    names.add(id, told("displayName").unwrap_or_default());
                }
                _ => {}
            }
        }
        names
    }

    /// These names, and others where these know none.
    #[must_use]
    pub fn or(mut self, others: &Self) -> Self {
        for (id, name) in &others.0 {
            self.add(id, name);
        }
        self
    }

    fn of_ids(snapshot: &Snapshot, ids: &BTreeSet<String>) -> Self {
        let mut names = Self::default();
        for id in ids {
            let built_in = built_in_role(id).or_else(|| first_party(id));
            let built_in = built_in.or_else(|| built_in_strength(id).filter(|_| is_guid(id)));
            names.add(id, built_in.unwrap_or_default());
        }
        names.read(snapshot, |id| ids.contains(&id.to_lowercase()));
        names
    }

    fn read(&mut self, snapshot: &Snapshot, is_wanted: impl Fn(&str) -> bool) {
        let mut add = |id: Option<&str>, name: Option<&str>| {
            if let (Some(id), Some(name)) = (id.filter(|id| is_wanted(id)), name) {
                self.add(id, name);
            }
        };
        for user in snapshot.users.iter().flatten() {
            let account = &user.account;
            let name = account.user_principal_name.as_deref();
            add(account.user_id.as_deref(), name.or(account.display_name.as_deref()));
        }
        for group in snapshot.groups.iter().flatten() {
            add(group.id.as_deref(), group.display_name.as_deref());
        }
        for role in snapshot.roles.iter().flatten() {
            add(Some(&role.role), role.role_name.as_deref());
        }
        for location in snapshot.named_locations.iter().flatten() {
            add(location.id.as_deref(), Some(&location.display_name));
        }
        for policy in snapshot.policies.iter().flatten() {
            add(policy.id.as_deref(), Some(&policy.display_name));
        }
        for strength in snapshot.authentication_strengths.iter().flatten() {
            add(strength.id.as_deref(), strength.display_name.as_deref());
        }
    }

    /// The first name of an id stays: what a person or the directory said comes before what was found
    /// somewhere else. A name that is empty, or the id itself, is none.
    fn add(&mut self, id: &str, name: &str) {
        let id = id.to_lowercase();
        if !id.is_empty() && !name.trim().is_empty() && name.to_lowercase() != id {
            self.0.entry(id).or_insert_with(|| name.to_owned());
        }
    }

    fn add_named(&mut self, named: &Named) {
        self.add(&named.id, &named.name);
    }

    /// An object for people: its name with the beginning of its id, or its id where nobody read a name.
    /// What Microsoft brings along has the name that lockstep's own list gives it.
    #[must_use]
    pub fn object(&self, id: &str) -> String {
        let built_in = || built_in_role(id).or_else(|| first_party(id));
        match self.known(id).or_else(built_in) {
            Some(name) if is_provisional(id) => format!("{} (new)", word(name)),
            Some(name) => format!("{} ({})", word(name), self.short(id)),
            None => format!("{} (no name was read)", escaped(id)),
        }
    }

    /// So much of an id as no other known object shares.
    #[must_use]
    pub fn short(&self, id: &str) -> String {
        let id = id.to_lowercase();
        let beginning: String = id.chars().take(SHORT).collect();
        let alike = self.0.range(beginning.clone()..);
        let alike = alike.take_while(|(other, _)| other.starts_with(&beginning));
        let is_only_one = alike.filter(|(other, _)| **other != id).count() == 0;
        if is_only_one && id.chars().count() > SHORT + 1 {
            format!("{}…", escaped(&beginning))
        } else {
            escaped(&id)
        }
    }

    /// One value of a property for people. A list is told one by one.
    #[must_use]
    pub fn items(&self, property: &str, value: &Value) -> Vec<String> {
        match value {
            Value::Array(all) => all.iter().flat_map(|it| self.items(property, it)).collect(),
            Value::String(text) => vec![self.text(property, text)],
            Value::Bool(true) => vec!["yes".to_owned()],
            Value::Bool(false) => vec!["no".to_owned()],
            Value::Null => vec![NOT_SET.to_owned()],
            other => vec![escaped(&other.to_string())],
        }
    }

    fn text(&self, property: &str, text: &str) -> String {
        let last = property.rsplit('.').next().unwrap_or_default();
        if property == "state" {
            return match text {
                "enabled" => "On".to_owned(),
                "disabled" => "Off".to_owned(),
                "enabledForReportingButNotEnforced" => "Report-only".to_owned(),
                // Of the registration campaign.
                "default" => "Microsoft managed".to_owned(),
                other => word(other),
            };
        }
        if let Some(words) = portal_words(last, text) {
            return words.to_owned();
        }
        if last == "displayName" || last == "userPrincipalName" {
            return word(text);
        }
        if !ID_PROPERTIES.contains(&last) {
            return escaped(text);
        }
        if KEYWORDS.contains(&text.to_lowercase().as_str()) {
            return text.to_owned();
        }
        match text.split_once(", ").filter(|_| last == "roles") {
            Some((role, rest)) => format!("{}, {}", self.object(role), escaped(rest)),
            None if last == "members" && text.contains('@') => word(text),
            None => self.object(text),
        }
    }
}

/// What a value of a policy is called on its page of the admin center (Conditional Access › New
/// policy). `None`: it is no word of the page.
fn portal_words(property: &str, value: &str) -> Option<&'static str> {
    const GUESTS: &str = "Guest or external users";
    const WORDS: [(&str, &str, &str); 25] = [
        ("includeUsers", "All", "All users"),
        ("includeUsers", "None", "None"),
        ("includeUsers", "GuestsOrExternalUsers", GUESTS),
        ("excludeUsers", "GuestsOrExternalUsers", GUESTS),
        ("includeApplications", "All", "All resources"),
        ("includeApplications", "None", "None"),
        ("includeApplications", "Office365", "Office 365"),
        ("includeApplications", "MicrosoftAdminPortals", "Microsoft Admin Portals"),
        ("includeUserActions", "urn:user:registersecurityinfo", "Register security information"),
        ("includeUserActions", "urn:user:registerdevice", "Register or join devices"),
        ("includeLocations", "All", "Any network or location"),
        ("includeLocations", "AllTrusted", "All trusted networks and locations"),
        ("excludeLocations", "AllTrusted", "All trusted networks and locations"),
        ("clientAppTypes", "all", "all client apps"),
        ("clientAppTypes", "browser", "Browser"),
        ("clientAppTypes", "mobileAppsAndDesktopClients", "Mobile apps and desktop clients"),
        ("clientAppTypes", "exchangeActiveSync", "Exchange ActiveSync clients"),
        ("clientAppTypes", "other", "Other clients"),
        ("builtInControls", "block", "Block access"),
        ("builtInControls", "mfa", "Require multifactor authentication"),
        ("builtInControls", "compliantDevice", "Require device to be marked as compliant"),
        ("operator", "OR", "Require one of the selected controls"),
        ("operator", "AND", "Require all the selected controls"),
        ("transferMethods", "deviceCodeFlow", "Device code flow"),
        ("transferMethods", "authenticationTransfer", "Authentication transfer"),
    ];
    let mut all = WORDS.iter();
    all.find(|(of, told, _)| *of == property && *told == value).map(|(.., words)| *words)
}

/// The ids that stand in the properties which hold ids.
fn collect(value: &Value, property: &str, ids: &mut BTreeSet<String>) {
    match value {
        Value::String(text)
            if ID_PROPERTIES.contains(&property)
                && !KEYWORDS.contains(&text.to_lowercase().as_str()) =>
        {
            ids.insert(text.to_lowercase());
        }
        Value::Array(all) => all.iter().for_each(|it| collect(it, property, ids)),
        Value::Object(all) => all.iter().for_each(|(key, it)| collect(it, key, ids)),
        _ => {}
    }
}

/// A name as it is shown: plain where it cannot be mistaken, else in quotes. A mark of a list, an arrow,
/// a bracket, something like an id, or what lockstep says itself, stands in quotes; so no name ends
/// where another begins, or says what becomes of it. What would not show, or would move what follows,
/// is spelled out.
#[must_use]
pub fn word(name: &str) -> String {
    let shown = escaped(name);
    let is_mark = |it: char| {
        matches!(it, '"' | '\\' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '`' | '→' | '…' | '+')
    };
    let said = shown.to_lowercase();
    let is_plain = shown == name
        && !name.is_empty()
        && !name.contains(is_mark)
        && !has_id(name)
        && !KEYWORDS.contains(&said.as_str())
        && !SAID.contains(&said.as_str());
    if is_plain { shown } else { format!("\"{}\"", shown.replace('"', "\\\"")) }
}

/// A text of which every character shows, on one line: what does not show, or moves what follows, is
/// spelled out.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut is_after_blank = true;
    let last = text.chars().count().saturating_sub(1);
    for (at, character) in text.chars().enumerate() {
        let is_lost = character == ' ' && (is_after_blank || at == last);
        if character == '\\' {
            shown.push_str("\\\\");
        } else if is_lost || does_not_show(character) {
            // Writing to a text cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
        is_after_blank = character == ' ';
    }
    shown
}

/// Control characters, blanks other than the blank, marks of direction, and what has no width.
const fn does_not_show(character: char) -> bool {
    matches!(
        character,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{a0}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{1680}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3000}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffc}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether something in a text looks like the beginning of an id.
fn has_id(text: &str) -> bool {
    let mut words = text.split(|it: char| !it.is_ascii_hexdigit());
    words.any(|word| word.len() >= SHORT && word.chars().any(|it| it.is_ascii_digit()))
}

fn is_guid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.chars().all(|it| it.is_ascii_hexdigit())
        })
}
