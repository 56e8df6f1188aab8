//! Objects of the tenant as Graph shows them, with every version they had.
//!
//! A version is known by the time it was written. Reading *as of* an earlier time is what a stale
//! replica does, so replication delay needs nothing else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// A list of objects of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collection {
    /// `/users`.
    Users,
    /// `/groups`.
    Groups,
    /// Direct members of a group: objects with `id` and `@odata.type`.
    GroupMembers(String),
    /// `/roleManagement/directory/roleDefinitions`.
    RoleDefinitions,
    /// `/roleManagement/directory/roleAssignments`.
    RoleAssignments,
    /// `/roleManagement/directory/roleEligibilityScheduleInstances`.
    RoleEligibilities,
    /// `/directory/administrativeUnits`.
    AdministrativeUnits,
    /// `/organization`, one object.
    Organization,
    /// `/domains`.
    Domains,
    /// `/subscribedSkus`.
    SubscribedSkus,
    /// `/identity/conditionalAccess/policies`.
    Policies,
    /// Deleted policies that can be restored.
    DeletedPolicies,
    /// `/identity/conditionalAccess/namedLocations`.
    NamedLocations,
    /// `/policies/authenticationStrengthPolicies`.
    AuthenticationStrengths,
    /// `/policies/identitySecurityDefaultsEnforcementPolicy`, one object.
    SecurityDefaults,
    /// `/policies/authenticationMethodsPolicy`, one object, with its configurations.
    MethodsPolicy,
    /// `/policies/crossTenantAccessPolicy/default`, one object.
    CrossTenantDefault,
    /// `/policies/deviceRegistrationPolicy`, one object.
    DeviceRegistrationPolicy,
    /// `/users/{id}/authentication/methods`: objects with `@odata.type`.
    AuthenticationMethods(String),
    /// `/users/{id}/authentication/requirements` (beta), one object: per-user MFA.
    Requirements(String),
    /// `/reports/authenticationMethods/userRegistrationDetails`.
    RegistrationDetails,
    /// `/auditLogs/directoryAudits`.
    DirectoryAudits,
    /// `/security/alerts_v2`.
    Alerts,
    /// `/admin/serviceAnnouncement/issues`.
    ServiceIssues,
    /// `/deviceManagement/managedDevices`.
    ManagedDevices,
    /// `/devices`.
    Devices,
    /// `/places/microsoft.graph.room`.
    Rooms,
    /// `/identityProtection/riskyUsers`.
    RiskyUsers,
    /// Mail that was accepted: what `sendMail` was given, with the sender.
    SentMail,
}

/// One version of one object. `None`: deleted.
type Versions = Vec<(Timestamp, Option<Map<String, Value>>)>;

/// Objects with their versions, in order of their first appearance.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    kept: BTreeMap<Collection, Shelf>,
}

#[derive(Debug, Clone, Default)]
struct Shelf {
    order: Vec<String>,
    versions: BTreeMap<String, Versions>,
}

impl Documents {
    /// Writes a version of an object. `at` must not lie before an earlier version's.
    pub fn put(&mut self, within: Collection, id: &str, object: Map<String, Value>, at: Timestamp) {
        self.write(within, id, Some(object), at);
    }

    /// Deletes an object; its earlier versions stay.
    pub fn delete(&mut self, within: &Collection, id: &str, at: Timestamp) {
        self.write(within.clone(), id, None, at);
    }

    fn write(
        &mut self,
        within: Collection,
        id: &str,
        object: Option<Map<String, Value>>,
        at: Timestamp,
    ) {
        let shelf = self.kept.entry(within).or_default();
        let key = id.to_ascii_lowercase();
        if !shelf.versions.contains_key(&key) {
            shelf.order.push(key.clone());
        }
        shelf.versions.entry(key).or_default().push((at, object));
    }

    /// One object as of a time.
    #[must_use]
    pub fn get(
        &self,
        within: &Collection,
        id: &str,
        as_of: Timestamp,
    ) -> Option<&Map<String, Value>> {
        let versions = self.kept.get(within)?.versions.get(&id.to_ascii_lowercase())?;
        current(versions, as_of)
    }

    /// The objects of a collection as of a time, in order of their first appearance.
    pub fn list(
        &self,
        within: &Collection,
        as_of: Timestamp,
    ) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        self.kept.get(within).into_iter().flat_map(move |shelf| {
            shelf.order.iter().filter_map(move |id| {
                let object = current(shelf.versions.get(id)?, as_of)?;
                Some((id.as_str(), object))
            })
        })
    }

    /// Whether an object ever had this id.
    pub(crate) fn had(&self, id: &str) -> bool {
        let key = id.to_ascii_lowercase();
        self.kept.values().any(|shelf| shelf.versions.contains_key(&key))
    }

    /// Every collection that ever had an object.
    pub(crate) fn collections(&self) -> impl Iterator<Item = &Collection> {
        self.kept.keys()
    }

    /// Every time something of a collection changed, oldest first.
    #[must_use]
    pub fn changes(&self, within: &Collection) -> Vec<Timestamp> {
        let mut times: Vec<Timestamp> = self
            .kept
            .get(within)
            .into_iter()
            .flat_map(|shelf| shelf.versions.values().flatten().map(|(at, _)| *at))
            .collect();
        times.sort_unstable();
        times.dedup();
        times
    }
}

fn current(versions: &Versions, as_of: Timestamp) -> Option<&Map<String, Value>> {
    let (_, object) = versions.iter().rev().find(|(at, _)| *at <= as_of)?;
    object.as_ref()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    #[test]
    fn a_stale_replica_shows_what_was() {
        let time = |second: i64| Timestamp::from_second(second).unwrap();
        let mut documents = Documents::default();
        let policies = Collection::Policies;
        documents.put(policies.clone(), "A", object(json!({"state": "disabled"})), time(10));
        documents.put(policies.clone(), "a", object(json!({"state": "enabled"})), time(20));
        documents.delete(&policies, "a", time(30));
        let state = |at| documents.get(&policies, "a", time(at)).map(|it| it["state"].clone());
        assert_eq!(state(9), None);
        assert_eq!(state(10), Some(json!("disabled")));
        assert_eq!(state(25), Some(json!("enabled")));
        assert_eq!(state(30), None);
        assert_eq!(documents.list(&policies, time(29)).count(), 1);
        assert_eq!(documents.list(&policies, time(31)).count(), 0);
        assert_eq!(documents.changes(&policies), [time(10), time(20), time(30)]);
    }
}
