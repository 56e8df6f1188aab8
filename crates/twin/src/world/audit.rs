//! Entries of the directory audit log.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::chance::Chance;
use super::object::time;
use super::person::Person;
use super::{Initiator, World};
use crate::documents::Collection;

/// One entry before it is written.
pub(crate) struct Entry {
    pub(crate) activity: &'static str,
    pub(crate) category: &'static str,
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) reason: String,
    pub(crate) targets: Vec<Value>,
}

impl Entry {
    /// An entry of the directory itself.
    pub(crate) fn of_directory(
        activity: &'static str,
        category: &'static str,
        operation: &'static str,
        targets: Vec<Value>,
    ) -> Self {
        Self {
            activity,
            category,
            service: "Core Directory",
            operation,
            reason: String::new(),
            targets,
        }
    }

    /// An entry about somebody's methods.
    pub(crate) fn of_methods(activity: &'static str, reason: String, target: Value) -> Self {
        Self {
            activity,
            category: "UserManagement",
            service: "Authentication Methods",
            operation: if activity.contains("delete") { "Delete" } else { "Add" },
            reason,
            targets: vec![target],
        }
    }
}

/// What an entry was about.
pub(crate) fn target(
    kind: &str,
    id: &str,
    display_name: Option<&str>,
    user_principal_name: Option<&str>,
    modified: Vec<Value>,
) -> Value {
    json!({
        "id": id,
        "displayName": display_name,
        "type": kind,
        "userPrincipalName": user_principal_name,
        "groupType": if kind == "Group" { json!("azureAD") } else { Value::Null },
        "modifiedProperties": modified,
    })
}

/// A property that changed, with its values as texts of JSON.
pub(crate) fn modified(name: &str, old: Option<&Value>, new: Option<&Value>) -> Value {
    json!({
        "displayName": name,
        "oldValue": old.map(ToString::to_string),
        "newValue": new.map(ToString::to_string),
    })
}

impl World {
    /// What an entry is about, if it is an account.
    pub(crate) fn account_target(&self, person: &Person, modified: Vec<Value>) -> Value {
        let name = person.user_principal_name(&self.settings.domain);
        target("User", &person.id.to_string(), Some(&person.display_name()), Some(&name), modified)
    }

    /// An account acting for itself.
    pub(crate) fn themselves(&self, person: &Person) -> Initiator {
        Initiator { name: person.user_principal_name(&self.settings.domain), is_app: false }
    }

    /// Writes an entry; the log shows it some minutes later.
    pub(crate) fn write_audit(&mut self, entry: Entry, by: &Initiator, at: Timestamp) {
        self.audits_written += 1;
        let chance = Chance::of(self.seed).for_purpose("audit").about(self.audits_written);
        let id = format!("Directory_{}", chance.guid());
        let minutes = chance.for_purpose("lag").within(self.behaviour.log.audit);
        let lag = SignedDuration::from_mins(i64::try_from(minutes).unwrap_or(1));
        let shown = at.saturating_add(lag).unwrap_or(at);
        let value = json!({
            "id": id,
            "activityDateTime": time(at),
            "activityDisplayName": entry.activity,
            "category": entry.category,
            "correlationId": chance.for_purpose("correlation").guid().to_string(),
            "loggedByService": entry.service,
            "operationType": entry.operation,
            "result": "success",
            "resultReason": entry.reason,
            "initiatedBy": self.initiated_by(by, at),
            "targetResources": entry.targets,
            "additionalDetails": [],
        });
        let entry: Map<String, Value> = super::object::object(value);
        self.documents.put(Collection::DirectoryAudits, &id, entry, shown);
    }

    fn initiated_by(&self, by: &Initiator, at: Timestamp) -> Value {
        if by.is_app {
            let chance = Chance::of(self.seed).for_purpose("app").for_purpose(&by.name);
            return json!({
                "user": null,
                "app": {
                    "appId": chance.for_purpose("app id").guid().to_string(),
                    "displayName": by.name,
                    "servicePrincipalId": chance.guid().to_string(),
                    "servicePrincipalName": null,
                },
            });
        }
        let person = self.account_named(&by.name, at).and_then(|it| self.people.get(it));
        json!({
            "app": null,
            "user": {
                "id": person.map(|it| it.id.to_string()),
                "displayName": person.map(Person::display_name),
                "userPrincipalName": by.name,
                "ipAddress": person.map(|it| self.home_address(it)),
            },
        })
    }
}
