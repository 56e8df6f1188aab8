//! The application permissions of Microsoft Graph lockstep asks for, and what for.
//!
//! Names, and which requests each opens: Microsoft Graph reference, the *Permissions* table of each
//! request's page. Ids of the app roles: *Microsoft Graph permissions reference*
//! (learn.microsoft.com/graph/permissions-reference), each confirmed by a published script or app
//! manifest that names it together with its id.

use serde_json::{Value, json};

/// What a permission is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Reading: without it a part of the plan rests on nothing.
    Read,
    /// Reading that makes some findings sharper.
    ReadMore,
    /// Carrying the plan out.
    CarryOut,
}

/// One application permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// Name, as the portal lists it.
    pub name: &'static str,
    /// Id of the app role.
    pub id: &'static str,
    /// What for.
    pub purpose: Purpose,
    /// What lockstep does with it, in one phrase.
    pub what_for: &'static str,
}

const fn permission(
    name: &'static str,
    id: &'static str,
    purpose: Purpose,
    what_for: &'static str,
) -> Permission {
    Permission { name, id, purpose, what_for }
}

/// Application id of Microsoft Graph, the same in every tenant.
pub const GRAPH_APPLICATION: &str = "00000003-0000-0000-c000-000000000000";

use Purpose::{CarryOut, Read, ReadMore};

/// Every permission lockstep knows, the ones for reading first.
pub const PERMISSIONS: [Permission; 30] = [
    permission(
        "User.Read.All",
        "df021288-bdef-4463-88db-98f22de89214",
        Read,
        "accounts: who there is, enabled or not, member or guest",
    ),
    permission(
        "AuditLog.Read.All",
        "b0afded3-3588-46d8-8b3d-9842eff778da",
        Read,
        "sign-in logs, audit log, who is registered for MFA, last sign-ins",
    ),
    permission(
        "Policy.Read.All",
        "246dd0d5-5bd0-4def-940b-0421030a5b68",
        Read,
        "Conditional Access, security defaults, methods policy, per-user MFA, and what policies did \
         to each sign-in",
    ),
    permission(
        "UserAuthenticationMethod.Read.All",
        "38d9df27-64da-44fd-b7c5-a6fbac20248f",
        Read,
        "the methods of those whom the report does not show as ready",
    ),
    permission(
        "GroupMember.Read.All",
        "98830695-27a2-44f7-8c18-0c3ebc9698f6",
        Read,
        "groups and their members: pilot, exclusions",
    ),
    permission(
        "RoleManagement.Read.Directory",
        "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
        Read,
        "who administers what, active or eligible",
    ),
    permission(
        "LicenseAssignment.Read.All",
        "e2f98668-2877-4f38-a2f4-8202e0717aa1",
        Read,
        "whether the tenant has Entra ID P1 or P2",
    ),
    permission(
        "Organization.Read.All",
        "498476ce-e0fe-48b0-b801-37ba7e2685c6",
        Read,
        "the tenant's name",
    ),
    permission(
        "Domain.Read.All",
        "dbb9058a-0e50-45d7-ae91-66909b5d4664",
        Read,
        "its domains, and which are federated",
    ),
    permission(
        "MailboxSettings.Read",
        "40f97065-369a-49f4-947c-6a255697ae91",
        ReadMore,
        "which mailboxes are shared, rooms or equipment (opens all settings of all mailboxes)",
    ),
    permission(
        "Policy.Read.DeviceConfiguration",
        "bdba4817-6ba1-4a7c-8a01-be9bc7c242dd",
        ReadMore,
        "whether joining a device asks for MFA",
    ),
    permission(
        "IdentityRiskyUser.Read.All",
        "dc5007c0-2d7d-4c42-879c-2dab87571379",
        ReadMore,
        "whom Identity Protection holds to be at risk (Entra ID P2)",
    ),
    permission(
        "ServiceHealth.Read.All",
        "79c261e0-fe76-4144-aad5-bdc68fbe4037",
        ReadMore,
        "incidents of Microsoft's own that look like a rollout gone wrong",
    ),
    permission(
        "SecurityAlert.Read.All",
        "bf394140-e372-4bf9-a898-299cfc7564e5",
        ReadMore,
        "Defender alerts, for the watch after the switch",
    ),
    permission(
        "AdministrativeUnit.Read.All",
        "134fd756-38ce-4afd-ba33-e9623dbe66c2",
        ReadMore,
        "names of the units some roles are limited to",
    ),
    permission(
        "Device.Read.All",
        "7438b122-aefc-4978-80ed-43db9fcc7715",
        ReadMore,
        "devices joined or registered",
    ),
    permission(
        "DeviceManagementManagedDevices.Read.All",
        "2f51be20-0bb4-4fed-bf7b-db946066c75e",
        ReadMore,
        "devices managed by Intune, and whether they are compliant",
    ),
    permission("Place.Read.All", "913b9306-0ce1-42b8-9137-6a7df690a760", ReadMore, "meeting rooms"),
    permission(
        "Policy.ReadWrite.ConditionalAccess",
        "01c0a623-fc9b-48e9-b794-0756f8e8f067",
        CarryOut,
        "making and switching the policies",
    ),
    permission(
        "Application.Read.All",
        "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
        CarryOut,
        "Graph asks for it with every new policy",
    ),
    permission(
        "Policy.ReadWrite.AuthenticationMethod",
        "29c18626-4985-4dcd-85c0-193eef327366",
        CarryOut,
        "the registration campaign and the methods allowed; per-user MFA off",
    ),
    permission(
        "Policy.ReadWrite.SecurityDefaults",
        "1c6e93a6-28e2-4cbb-9f64-1a46a821124d",
        CarryOut,
        "security defaults off, in the step that replaces them",
    ),
    permission(
        "Group.ReadWrite.All",
        "62a82d76-70ea-41e2-9197-370581804d09",
        CarryOut,
        "the pilot group and the group of exclusions",
    ),
    permission(
        "User.ReadWrite.All",
        "741f803b-c850-494e-b5df-cde7c675a1ca",
        CarryOut,
        "creating the break-glass accounts",
    ),
    permission(
        "RoleManagement.ReadWrite.Directory",
        "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        CarryOut,
        "making them Global Administrator; take it back afterwards",
    ),
    permission(
        "UserAuthenticationMethod.ReadWrite.All",
        "50483e42-d915-4231-9639-7fdb7fd190e5",
        CarryOut,
        "Temporary Access Passes, and asking for a new registration",
    ),
    permission(
        "User.RevokeSessions.All",
        "77f3a031-c388-4f99-b373-dc68676a979e",
        CarryOut,
        "signing somebody out everywhere",
    ),
    permission(
        "Mail.Send",
        "b633e1c5-b582-4048-a93e-9f11b44c7e96",
        CarryOut,
        "the messages to users (limit it to one mailbox in Exchange Online)",
    ),
    permission(
        "Policy.Read.AuthenticationMethod",
        "8e3bc81b-d2f3-4b7b-838c-32c88218d2f0",
        ReadMore,
        "the methods policy and authentication strengths, where Policy.Read.All is not granted",
    ),
    permission(
        "RoleEligibilitySchedule.Read.Directory",
        "ff278e11-4a33-4d0c-83d2-d01dc58929a5",
        ReadMore,
        "eligible roles, where RoleManagement.Read.Directory is not granted",
    ),
];

/// The permission of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Permission> {
    PERMISSIONS.iter().find(|permission| permission.name.eq_ignore_ascii_case(name))
}

/// Permissions that only stand in for a wider one that is asked for anyway.
const STAND_INS: [&str; 2] =
    ["Policy.Read.AuthenticationMethod", "RoleEligibilitySchedule.Read.Directory"];

/// The least set of permissions for these purposes, in the order of the catalogue.
#[must_use]
pub fn least(purposes: &[Purpose]) -> Vec<&'static Permission> {
    let asked = |permission: &&Permission| {
        purposes.contains(&permission.purpose) && !STAND_INS.contains(&permission.name)
    };
    PERMISSIONS.iter().filter(asked).collect()
}

/// The part of an app registration's manifest that asks for permissions: what goes under
/// `requiredResourceAccess`. An administrator still has to consent.
#[must_use]
pub fn required_resource_access(permissions: &[&Permission]) -> Value {
    let roles: Vec<Value> =
        permissions.iter().map(|it| json!({ "id": it.id, "type": "Role" })).collect();
    json!([{ "resourceAppId": GRAPH_APPLICATION, "resourceAccess": roles }])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_ids_are_one_of_each() {
        let names: BTreeSet<&str> = PERMISSIONS.iter().map(|it| it.name).collect();
        let ids: BTreeSet<&str> = PERMISSIONS.iter().map(|it| it.id).collect();
        assert_eq!((names.len(), ids.len()), (PERMISSIONS.len(), PERMISSIONS.len()));
        for permission in PERMISSIONS {
            assert!(uuid::Uuid::parse_str(permission.id).is_ok(), "{}", permission.name);
        }
    }

    #[test]
    fn reading_needs_no_permission_that_writes() {
        let read = least(&[Purpose::Read, Purpose::ReadMore]);
        assert!(read.iter().all(|it| !it.name.contains("Write") && it.name != "Mail.Send"));
        assert!(!read.iter().any(|it| STAND_INS.contains(&it.name)));
        let all = least(&[Purpose::Read, Purpose::CarryOut]);
        assert!(all.iter().any(|it| it.name == "Policy.ReadWrite.ConditionalAccess"));
        assert!(!all.iter().any(|it| it.purpose == Purpose::ReadMore));
    }

    #[test]
    fn the_manifest_asks_for_app_roles_of_graph() {
        let asked = required_resource_access(&least(&[Purpose::Read]));
        assert_eq!(asked[0]["resourceAppId"], GRAPH_APPLICATION);
        let roles = asked[0]["resourceAccess"].as_array().unwrap();
        assert_eq!(roles.len(), 9);
        assert!(roles.iter().all(|role| role["type"] == "Role"));
    }
}
