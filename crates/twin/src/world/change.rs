//! Changes of the tenant, and what they do to the accounts.

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::audit::{Entry, modified, target};
use super::object::{merge, text};
use super::person::{FixedName, Held, Kind, Person};
use super::{Change, Initiator, World, people};
use crate::documents::Collection;

impl World {
    pub(crate) fn carry_out(&mut self, change: Change, by: &Initiator, at: Timestamp) {
        let within = match &change {
            Change::Create(within, _) | Change::Patch(within, ..) | Change::Delete(within, _) => {
                within.clone()
            }
        };
        match change {
            Change::Create(Collection::Users, user) => self.create_user(user, by, at),
            Change::Patch(Collection::Users, id, patch) => self.patch_user(&id, &patch, by, at),
            Change::Delete(Collection::Users, id) => self.delete_user(&id, by, at),
            Change::Delete(Collection::AuthenticationMethods(user), id) => {
                self.delete_method(&user, &id, by, at);
            }
            Change::Create(within, object) => self.create(within, object, by, at),
            Change::Patch(within, id, patch) => self.patch(within, &id, &patch, by, at),
            Change::Delete(within, id) => self.delete(&within, &id, by, at),
        }
        if within == Collection::RoleAssignments || matches!(within, Collection::GroupMembers(_)) {
            self.role_changes.push(at);
        }
        if decides(&within) {
            self.decision_changes.push(at);
        }
        self.agenda = None;
        self.cache.forget();
    }

    fn create_user(&mut self, user: Map<String, Value>, by: &Initiator, at: Timestamp) {
        let id = text(&user, "id").and_then(|id| Uuid::parse_str(id).ok());
        let Some(id) = id else { return };
        let name = text(&user, "userPrincipalName").unwrap_or_default().to_owned();
        let display_name = text(&user, "displayName").unwrap_or_default().to_owned();
        let mut person = people::nobody(id, Kind::Made, at);
        person.never_seen = true;
        person.fixed = Some(Box::new(FixedName {
            display_name: display_name.clone(),
            log_name: name.to_lowercase(),
            user_principal_name: name.clone(),
            mail: None,
        }));
        let key = id.to_string();
        let about = target("User", &key, Some(&display_name), Some(&name), Vec::new());
        self.settle(person);
        let mut kept = user;
        // A password is never kept.
        kept.remove("passwordProfile");
        self.changed.insert(id);
        self.documents.put(Collection::Users, &key, kept, at);
        let entry = Entry::of_directory("Add user", "UserManagement", "Add", vec![about]);
        self.write_audit(entry, by, at);
    }

    /// Puts an account into the directory.
    pub(crate) fn settle(&mut self, person: Person) {
        let place = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        let name = person.user_principal_name(&self.settings.domain).to_lowercase();
        self.by_id.insert(person.id, place);
        self.by_name.insert(name, place);
        self.people.push(person);
    }

    fn patch_user(&mut self, id: &str, patch: &Map<String, Value>, by: &Initiator, at: Timestamp) {
        let Some(account) = self.account_named(id, at) else { return };
        let Some(person) = self.people.get(account) else { return };
        let key = person.id.to_string();
        let before = self.user(account, at).unwrap_or_default();
        let mut kept = self.changed_user(person, at).cloned().unwrap_or_default();
        let mut patch = patch.clone();
        patch.remove("passwordProfile");
        merge(&mut kept, &patch);
        if let Some(name) = text(&patch, "userPrincipalName") {
            self.by_name.insert(name.to_lowercase(), u32::try_from(account).unwrap_or(u32::MAX));
        }
        let changed = patch.iter().map(|(name, new)| modified(name, before.get(name), Some(new)));
        let about = self.account_target(person, changed.collect());
        self.changed.insert(person.id);
        self.documents.put(Collection::Users, &key, kept, at);
        let activity = match patch.get("accountEnabled").and_then(Value::as_bool) {
            Some(true) => "Enable account",
            Some(false) => "Disable account",
            None => "Update user",
        };
        let entry = Entry::of_directory(activity, "UserManagement", "Update", vec![about]);
        self.write_audit(entry, by, at);
    }

    fn delete_user(&mut self, id: &str, by: &Initiator, at: Timestamp) {
        let Some(account) = self.account_named(id, at) else { return };
        let Some(person) = self.people.get(account) else { return };
        let about = self.account_target(person, Vec::new());
        let key = person.id.to_string();
        let place = u32::try_from(account).unwrap_or(u32::MAX);
        self.gone.push((place, at));
        self.gone.sort_unstable();
        self.documents.delete(&Collection::Users, &key, at);
        let entry = Entry::of_directory("Delete user", "UserManagement", "Delete", vec![about]);
        self.write_audit(entry, by, at);
    }

    fn delete_method(&mut self, user: &str, id: &str, by: &Initiator, at: Timestamp) {
        let Some(account) = self.account_named(user, at) else { return };
        let Some(person) = self.people.get(account) else { return };
        let about = self.account_target(person, Vec::new());
        let key = person.id.to_string();
        let within = Collection::AuthenticationMethods(key);
        if self.documents.get(&within, id, at).is_some() {
            self.documents.delete(&within, id, at);
        } else if let Some(method) = self.method_of_id(person, id) {
            self.hold(account, |held| held.without(method), at);
        }
        let reason = "Admin deleted authentication method for user".to_owned();
        self.write_audit(Entry::of_methods("Admin deleted security info", reason, about), by, at);
    }

    /// Changes what an account has registered from a time on.
    pub(crate) fn hold(
        &mut self,
        account: usize,
        change: impl FnOnce(Held) -> Held,
        at: Timestamp,
    ) {
        if let Some(person) = self.people.get_mut(account) {
            let held = change(person.held_at(at));
            person.held.push((at, held));
            person.held.sort_by_key(|(from, _)| *from);
        }
    }

    fn create(
        &mut self,
        within: Collection,
        object: Map<String, Value>,
        by: &Initiator,
        at: Timestamp,
    ) {
        let within = self.by_id_only(within, at);
        let id = text(&object, "id").unwrap_or_default().to_owned();
        if let Some(entry) = self.entry(&within, "Add", &id, None, Some(&object), at) {
            self.write_audit(entry, by, at);
        }
        self.documents.put(within, &id, object, at);
    }

    fn patch(
        &mut self,
        within: Collection,
        id: &str,
        patch: &Map<String, Value>,
        by: &Initiator,
        at: Timestamp,
    ) {
        let within = self.by_id_only(within, at);
        let before = self.find(&within, id, at).unwrap_or_default();
        let mut after = before.clone();
        merge(&mut after, patch);
        if let Some(entry) = self.entry(&within, "Update", id, Some(&before), Some(&after), at) {
            self.write_audit(entry, by, at);
        }
        self.documents.put(within, id, after, at);
    }

    fn delete(&mut self, within: &Collection, id: &str, by: &Initiator, at: Timestamp) {
        let before = self.find(within, id, at);
        if let Some(entry) = self.entry(within, "Delete", id, before.as_ref(), None, at) {
            self.write_audit(entry, by, at);
        }
        self.documents.delete(within, id, at);
    }

    /// Collections of a user are kept under the object id, whichever name was used.
    pub(crate) fn by_id_only(&self, within: Collection, at: Timestamp) -> Collection {
        let id_of = |name: &str| {
            let account = self.account_named(name, at)?;
            self.people.get(account).map(|person| person.id.to_string())
        };
        match within {
            Collection::AuthenticationMethods(name) => {
                let id = id_of(&name).unwrap_or(name);
                Collection::AuthenticationMethods(id)
            }
            Collection::Requirements(name) => {
                let id = id_of(&name).unwrap_or(name);
                Collection::Requirements(id)
            }
            other => other,
        }
    }

    /// The audit entry of a change; mail and what the log does not tell of has none.
    fn entry(
        &self,
        within: &Collection,
        operation: &'static str,
        id: &str,
        before: Option<&Map<String, Value>>,
        after: Option<&Map<String, Value>>,
        at: Timestamp,
    ) -> Option<Entry> {
        let (activity, category, service, kind) = words(within, operation)?;
        let shown = after.or(before)?;
        let mut targets = Vec::new();
        match within {
            Collection::GroupMembers(group) => {
                targets.push(self.named_target(id, at, shown));
                let group_object = self.documents.get(&Collection::Groups, group, at);
                let name = group_object.and_then(|it| text(it, "displayName"));
                let value = name.map(Value::from);
                targets.push(target(
                    "Group",
                    group,
                    name,
                    None,
                    vec![modified("Group.DisplayName", None, value.as_ref())],
                ));
            }
            Collection::RoleAssignments | Collection::RoleEligibilities => {
                let role = text(shown, "roleDefinitionId").unwrap_or_default();
                let name = super::tenant::role_name(role).unwrap_or(role);
                let principal = text(shown, "principalId").unwrap_or_default();
                targets.push(self.named_target(principal, at, shown));
                targets.push(target("Role", role, Some(name), None, Vec::new()));
            }
            Collection::AuthenticationMethods(user) | Collection::Requirements(user) => {
                targets.push(self.named_target(user, at, shown));
            }
            _ => {
                let name = text(shown, "displayName");
                let old = before.cloned().map(Value::Object);
                let new = after.cloned().map(Value::Object);
                let change = modified(property(within), old.as_ref(), new.as_ref());
                targets.push(target(kind, id, name, None, vec![change]));
            }
        }
        Some(Entry { activity, category, service, operation, reason: String::new(), targets })
    }

    fn named_target(&self, id: &str, at: Timestamp, shown: &Map<String, Value>) -> Value {
        let person = self.account_named(id, at).and_then(|it| self.people.get(it));
        match person {
            Some(person) => self.account_target(person, Vec::new()),
            None => target("Other", id, text(shown, "displayName"), None, Vec::new()),
        }
    }
}

/// Whether what a sign-in meets depends on a collection.
fn decides(within: &Collection) -> bool {
    matches!(
        within,
        Collection::Policies
            | Collection::NamedLocations
            | Collection::AuthenticationStrengths
            | Collection::SecurityDefaults
            | Collection::RoleAssignments
            | Collection::Groups
            | Collection::GroupMembers(_)
            | Collection::Requirements(_)
            | Collection::CrossTenantDefault
            | Collection::MethodsPolicy
            | Collection::AuthenticationMethods(_)
    )
}

fn property(within: &Collection) -> &'static str {
    match within {
        Collection::Policies => "ConditionalAccessPolicy",
        Collection::NamedLocations => "NamedLocation",
        Collection::MethodsPolicy => "AuthenticationMethodsPolicy",
        Collection::SecurityDefaults => "IsEnabled",
        _ => "Object",
    }
}

/// What the log calls a change of one kind of object.
struct Words {
    add: &'static str,
    update: &'static str,
    delete: &'static str,
    category: &'static str,
    service: &'static str,
    kind: &'static str,
}

/// Words of the log, by kind of object (Microsoft Entra documentation, *Audit log activity
/// reference*).
const fn said(
    [add, update, delete]: [&'static str; 3],
    [category, service, kind]: [&'static str; 3],
) -> Words {
    Words { add, update, delete, category, service, kind }
}

const GROUPS: Words = said(
    ["Add group", "Update group", "Delete group"],
    ["GroupManagement", "Core Directory", "Group"],
);
const MEMBERS: Words = said(
    ["Add member to group", "Update group", "Remove member from group"],
    ["GroupManagement", "Core Directory", "User"],
);
const ROLES: Words = said(
    ["Add member to role", "Update role", "Remove member from role"],
    ["RoleManagement", "Core Directory", "Role"],
);
const ELIGIBLE: Words = said(
    ["Add eligible member to role", "Update role", "Remove eligible member from role"],
    ["RoleManagement", "PIM", "Role"],
);
const POLICIES: Words = said(
    [
        "Add conditional access policy",
        "Update conditional access policy",
        "Delete conditional access policy",
    ],
    ["Policy", "Conditional Access", "Policy"],
);
const LOCATIONS: Words = said(
    ["Add named location", "Update named location", "Delete named location"],
    ["Policy", "Conditional Access", "Policy"],
);
const DEFAULTS: Words =
    said(["Update security defaults"; 3], ["Policy", "Core Directory", "Policy"]);
const METHODS_POLICY: Words = said(
    [
        "Authentication Methods Policy Update",
        "Authentication Methods Policy Update",
        "Authentication Methods Policy Reset",
    ],
    ["ApplicationManagement", "Authentication Methods", "Policy"],
);
const STRENGTHS: Words = said(
    [
        "Authentication Strength Policy Create",
        "Authentication Strength Policy Update",
        "Authentication Strength Policy Delete",
    ],
    ["ApplicationManagement", "Authentication Methods", "Policy"],
);
const METHODS: Words = said(
    [
        "Admin registered security info",
        "Admin updated security info",
        "Admin deleted security info",
    ],
    ["UserManagement", "Authentication Methods", "User"],
);
const REQUIREMENTS: Words = said(["Update user"; 3], ["UserManagement", "Core Directory", "User"]);

/// Activity, category, service and kind of target, in the log's words. `None`: the log does not
/// tell of such changes.
fn words(
    within: &Collection,
    operation: &'static str,
) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    let words = match within {
        Collection::Groups => GROUPS,
        Collection::GroupMembers(_) => MEMBERS,
        Collection::RoleAssignments => ROLES,
        Collection::RoleEligibilities => ELIGIBLE,
        Collection::Policies => POLICIES,
        Collection::NamedLocations => LOCATIONS,
        Collection::SecurityDefaults => DEFAULTS,
        Collection::MethodsPolicy => METHODS_POLICY,
        Collection::AuthenticationStrengths => STRENGTHS,
        Collection::AuthenticationMethods(_) => METHODS,
        Collection::Requirements(_) => REQUIREMENTS,
        _ => return None,
    };
    let activity = match operation {
        "Add" => words.add,
        "Delete" => words.delete,
        _ => words.update,
    };
    Some((activity, words.category, words.service, words.kind))
}
