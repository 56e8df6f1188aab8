//! Collections that are not kept as documents: made from the accounts when asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::World;
use super::names::OFFICES;
use super::object::{merge, object, text, time};
use super::person::{Computer, Held, Kind, Person};
use super::show::{about, computer_id, computer_name};
use crate::documents::Collection;

/// A group whose members follow from what the directory says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DynamicGroup {
    pub(crate) id: String,
    pub(crate) members: Vec<u32>,
}

/// One device: whose, and the phone instead of the computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeviceOf {
    pub(crate) person: u32,
    pub(crate) phone: bool,
}

impl World {
    /// How many accounts the directory has had by a time, deleted ones included.
    pub(crate) fn accounts_by(&self, as_of: Timestamp) -> usize {
        let later = self.people.get(self.first_people..).unwrap_or_default();
        self.first_people.min(self.people.len())
            + later.partition_point(|person| person.created <= as_of)
    }

    pub(crate) fn count_users(&self, as_of: Timestamp) -> usize {
        let gone = self.gone.iter().filter(|(_, at)| *at <= as_of).count();
        self.accounts_by(as_of).saturating_sub(gone)
    }

    /// The account at a place of the list of users.
    pub(crate) fn account_at(&self, place: usize, as_of: Timestamp) -> Option<usize> {
        let mut account = place;
        for (gone, at) in &self.gone {
            if *at <= as_of && usize::try_from(*gone).is_ok_and(|gone| gone <= account) {
                account += 1;
            }
        }
        (account < self.accounts_by(as_of)).then_some(account)
    }

    /// The account of an object id or a user principal name, if it is there.
    pub(crate) fn account_named(&self, name: &str, as_of: Timestamp) -> Option<usize> {
        let by_id = Uuid::parse_str(name).ok().and_then(|id| self.by_id.get(&id));
        let found = by_id.or_else(|| self.by_name.get(&name.to_lowercase()))?;
        let account = usize::try_from(*found).ok()?;
        let is_gone = self.gone.iter().any(|(gone, at)| gone == found && *at <= as_of);
        let there = !is_gone && account < self.accounts_by(as_of);
        let named = by_id.is_some() || {
            let person = self.people.get(account)?;
            self.name_of(person, as_of).eq_ignore_ascii_case(name)
        };
        (there && named).then_some(account)
    }

    /// The user principal name of an account at a time.
    pub(crate) fn name_of(&self, person: &Person, as_of: Timestamp) -> String {
        let changed = self.changed_user(person, as_of);
        let changed = changed.and_then(|it| text(it, "userPrincipalName"));
        changed.map_or_else(|| person.user_principal_name(&self.settings.domain), str::to_owned)
    }

    /// A user with everything that was changed through Graph.
    pub(crate) fn user(&self, account: usize, as_of: Timestamp) -> Option<Map<String, Value>> {
        let person = self.people.get(account)?;
        let mut user = self.user_object(account, as_of);
        if let Some(changed) = self.changed_user(person, as_of) {
            merge(&mut user, changed);
        }
        Some(user)
    }

    pub(crate) fn changed_user(
        &self,
        person: &Person,
        as_of: Timestamp,
    ) -> Option<&Map<String, Value>> {
        if !self.changed.contains(&person.id) {
            return None;
        }
        self.documents.get(&Collection::Users, &person.id.to_string(), as_of)
    }

    /// Whether the account may sign in at a time.
    pub(crate) fn is_enabled(&self, person: &Person, at: Timestamp) -> bool {
        self.changed_user(person, at)
            .and_then(|it| it.get("accountEnabled"))
            .and_then(Value::as_bool)
            .unwrap_or(person.enabled)
    }

    /// Who holds a role at a time, also by a group.
    pub(crate) fn administrators(&self, as_of: Timestamp) -> Arc<BTreeSet<Uuid>> {
        let version = self.role_changes.iter().filter(|at| **at <= as_of).count();
        if let Some(found) = self.cache.administrators(version) {
            return found;
        }
        let mut holders = BTreeSet::new();
        for (_, assignment) in self.documents.list(&Collection::RoleAssignments, as_of) {
            let principal = text(assignment, "principalId").unwrap_or_default();
            if let Ok(id) = Uuid::parse_str(principal) {
                holders.insert(id);
            }
            for member in self.group_members(principal, as_of) {
                holders.insert(member);
            }
        }
        let holders = Arc::new(holders);
        self.cache.keep_administrators(version, &holders);
        holders
    }

    pub(crate) fn is_administrator(&self, person: &Person, as_of: Timestamp) -> bool {
        self.administrators(as_of).contains(&person.id)
    }

    /// Ids of the members of a group, nested groups opened.
    pub(crate) fn group_members(&self, group: &str, as_of: Timestamp) -> BTreeSet<Uuid> {
        let mut found = BTreeSet::new();
        let mut open = vec![group.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(group) = open.pop() {
            if !seen.insert(group.to_lowercase()) {
                continue;
            }
            if let Some(rule) = self.dynamic_group(&group) {
                let people = rule.members.iter().filter_map(|it| self.person_at(*it));
                found.extend(people.map(|person| person.id));
            }
            let within = Collection::GroupMembers(group);
            for (id, member) in self.documents.list(&within, as_of) {
                if text(member, "@odata.type").is_some_and(|kind| kind.ends_with(".group")) {
                    open.push(id.to_owned());
                } else if let Ok(id) = Uuid::parse_str(id) {
                    found.insert(id);
                }
            }
        }
        found
    }

    pub(crate) fn person_at(&self, place: u32) -> Option<&Person> {
        self.people.get(usize::try_from(place).ok()?)
    }

    pub(crate) fn dynamic_group(&self, id: &str) -> Option<&DynamicGroup> {
        self.dynamic_groups.iter().find(|group| group.id.eq_ignore_ascii_case(id))
    }

    /// A member of a dynamic group as a list of members shows it.
    pub(crate) fn member_object(&self, place: u32) -> Option<Map<String, Value>> {
        let person = self.person_at(place)?;
        Some(object(self.principal(person)))
    }

    /// An account as other objects name it.
    pub(crate) fn principal(&self, person: &Person) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.user",
            "id": person.id.to_string(),
            "displayName": person.display_name(),
            "userPrincipalName": person.user_principal_name(&self.settings.domain),
        })
    }

    /// A device of the directory.
    pub(crate) fn device_object(
        &self,
        device: DeviceOf,
        as_of: Timestamp,
    ) -> Option<Map<String, Value>> {
        let person = self.person_at(device.person)?;
        let chance = about(person).for_purpose(if device.phone { "phone" } else { "computer" });
        let compliant = is_compliant(person, device);
        let seen = as_of.saturating_sub(SignedDuration::from_hours(20)).unwrap_or(as_of);
        Some(object(json!({
            "id": chance.for_purpose("object").guid().to_string(),
            "deviceId": device_id(person, device),
            "displayName": device_name(person, device),
            "accountEnabled": true,
            "approximateLastSignInDateTime": time(seen),
            "isCompliant": compliant,
            "isManaged": true,
            "operatingSystem": if device.phone { "iOS" } else { "Windows" },
            "trustType": if device.phone { "Workplace" } else { "ServerAd" },
        })))
    }

    /// A device as Intune lists it.
    pub(crate) fn managed_device(
        &self,
        device: DeviceOf,
        as_of: Timestamp,
    ) -> Option<Map<String, Value>> {
        let person = self.person_at(device.person)?;
        let chance = about(person).for_purpose(if device.phone { "phone" } else { "computer" });
        let seen = as_of.saturating_sub(SignedDuration::from_hours(4)).unwrap_or(as_of);
        let name = person.user_principal_name(&self.settings.domain);
        Some(object(json!({
            "id": chance.for_purpose("managed").guid().to_string(),
            "userId": person.id.to_string(),
            "userPrincipalName": name,
            "userDisplayName": person.display_name(),
            "emailAddress": name,
            "deviceName": device_name(person, device),
            "operatingSystem": if device.phone { "iOS" } else { "Windows" },
            "osVersion": if device.phone { "26.1" } else { "10.0.26100.6899" },
            "complianceState":
                if is_compliant(person, device) { "compliant" } else { "noncompliant" },
            "azureADDeviceId": device_id(person, device),
            "azureADRegistered": true,
            "managedDeviceOwnerType": if device.phone { "personal" } else { "company" },
            "enrolledDateTime": time(person.created),
            "lastSyncDateTime": time(seen),
            "isEncrypted": true,
        })))
    }

    /// A room mailbox as the list of places shows it.
    pub(crate) fn room(&self, place: u32) -> Option<Map<String, Value>> {
        let person = self.person_at(place)?;
        let office = OFFICES.get(usize::from(person.office)).map(|it| it.city);
        Some(object(json!({
            "id": about(person).for_purpose("room").guid().to_string(),
            "displayName": person.display_name(),
            "nickname": person.display_name(),
            "emailAddress": person.mail(&self.settings.domain),
            "building": office,
            "capacity": 4 + about(person).for_purpose("seats").below(12),
            "bookingType": "standard",
            "floorNumber": 1,
            "floorLabel": null,
            "audioDeviceName": null,
            "videoDeviceName": null,
            "displayDeviceName": null,
        })))
    }

    /// Purpose of an account's mailbox (`userPurpose`). `None`: it has no mailbox.
    #[must_use]
    pub fn mailbox_purpose(&self, user: &str, as_of: Timestamp) -> Option<&'static str> {
        let person = self.people.get(self.account_named(user, as_of)?)?;
        match person.kind {
            Kind::SharedMailbox => Some("shared"),
            Kind::Room => Some("room"),
            _ if person.licensed => Some("user"),
            _ => None,
        }
    }

    /// Every device that is enrolled, or registered by Outlook on a phone.
    pub(crate) fn list_devices(&self) -> Vec<DeviceOf> {
        let mut devices = Vec::new();
        for (place, person) in self.people.iter().enumerate() {
            let Ok(place) = u32::try_from(place) else { continue };
            let is_staff = person.is_human() || person.kind == Kind::SharedLogin;
            if is_staff && matches!(person.computer, Computer::Enrolled { .. }) {
                devices.push(DeviceOf { person: place, phone: false });
            }
            if person.is_human() && person.habits.phone && phone_is_managed(person) {
                devices.push(DeviceOf { person: place, phone: true });
            }
        }
        devices
    }
}

/// Every other phone is enrolled: with its first method its owner registered it.
pub(crate) fn phone_is_managed(person: &Person) -> bool {
    let registered = person.held.first().is_some_and(|(_, held)| held.has(Held::AUTHENTICATOR));
    registered && about(person).for_purpose("managed phone").per_mille(500)
}

/// The device id Entra knows a device by.
pub(crate) fn device_id(person: &Person, device: DeviceOf) -> Option<String> {
    if device.phone {
        Some(about(person).for_purpose("phone device").guid().to_string())
    } else {
        computer_id(person)
    }
}

fn is_compliant(person: &Person, device: DeviceOf) -> bool {
    device.phone || person.computer == Computer::Enrolled { compliant: true }
}

/// The name a device shows.
pub(crate) fn device_name(person: &Person, device: DeviceOf) -> String {
    if device.phone {
        format!("iPhone-{}", about(person).for_purpose("phone name").below(100_000))
    } else {
        computer_name(person)
    }
}
