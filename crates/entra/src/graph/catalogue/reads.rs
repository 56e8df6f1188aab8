//! The list itself. Paths, query options, permissions and licences are those of the Microsoft Graph
//! reference, v1.0 and beta; resource units those of *Microsoft Graph service-specific throttling
//! limits*.

use super::{Read, Shape, Subjects, Weight, Without};
use crate::graph::call::{Version, Workload};

/// Properties of a user.
pub(in crate::graph) const USER: &str = "id,userPrincipalName,displayName,mail,accountEnabled,userType,createdDateTime,\
    creationType,externalUserState,employeeType,employeeHireDate,department,jobTitle,\
    usageLocation,officeLocation,mobilePhone,businessPhones,onPremisesSyncEnabled,\
    onPremisesImmutableId,assignedLicenses,assignedPlans,passwordPolicies,\
    lastPasswordChangeDateTime,signInSessionsValidFromDateTime,isResourceAccount";

/// The same with the dates of the last sign-ins, for which Graph asks for a licence.
const USER_AND_ACTIVITY: &str = "id,userPrincipalName,displayName,mail,accountEnabled,userType,\
    createdDateTime,creationType,externalUserState,employeeType,employeeHireDate,department,\
    jobTitle,usageLocation,officeLocation,mobilePhone,businessPhones,onPremisesSyncEnabled,\
    onPremisesImmutableId,assignedLicenses,assignedPlans,passwordPolicies,\
    lastPasswordChangeDateTime,signInSessionsValidFromDateTime,isResourceAccount,signInActivity";

/// Whom a user reports to.
const MANAGER: &str = "manager($select=id,displayName,userPrincipalName)";

/// What most reads have in common.
const LIST: Read = Read {
    id: "",
    title: "",
    version: Version::V1,
    path: "",
    query: &[],
    workload: Workload::Other,
    cost: 1,
    shape: Shape::List,
    permission: "",
    licence: None,
    weight: Weight::Needed,
    only_with: None,
    fallbacks: &[],
    gap: "",
    so: "",
};

/// Everything a snapshot reads. Lists come before what is asked of each object on them.
pub const READS: [Read; 34] = [
    Read {
        id: "organization",
        title: "tenant",
        path: "/organization",
        workload: Workload::Directory,
        permission: "Organization.Read.All",
        gap: "organization",
        so: "The tenant's own name is not known.",
        ..LIST
    },
    Read {
        id: "domains",
        title: "domains",
        path: "/domains",
        workload: Workload::Directory,
        permission: "Domain.Read.All",
        gap: "domains",
        so: "Whether a domain is federated is not known, and federated people do their MFA \
            elsewhere.",
        ..LIST
    },
    Read {
        id: "licences",
        title: "licences",
        path: "/subscribedSkus",
        workload: Workload::Directory,
        cost: 3,
        permission: "LicenseAssignment.Read.All",
        gap: "licences",
        so: "Whether the tenant may use Conditional Access (Entra ID P1) cannot be said.",
        ..LIST
    },
    Read {
        id: "users",
        title: "users",
        path: "/users",
        query: &[("$select", USER_AND_ACTIVITY), ("$top", "999"), ("$expand", MANAGER)],
        workload: Workload::Directory,
        cost: 2,
        permission: "User.Read.All",
        fallbacks: &[
            Without {
                parts: &["sign-in-activity"],
                query: &[("$select", USER), ("$top", "999"), ("$expand", MANAGER)],
            },
            Without {
                parts: &["managers"],
                query: &[("$select", USER_AND_ACTIVITY), ("$top", "999")],
            },
            Without {
                parts: &["sign-in-activity", "managers"],
                query: &[("$select", USER), ("$top", "999")],
            },
        ],
        gap: "users",
        so: "Nobody can be counted, classified or found missing from a report.",
        ..LIST
    },
    Read {
        id: "sign-in-activity",
        title: "last sign-ins of users",
        path: "/users",
        workload: Workload::Directory,
        shape: Shape::Part,
        permission: "AuditLog.Read.All",
        licence: Some("Entra ID P1"),
        gap: "sign-in-activity",
        so: "An account outside the sign-in logs cannot be told apart from one that never signed \
            in, so it is not called dormant.",
        ..LIST
    },
    Read {
        id: "managers",
        title: "managers of users",
        path: "/users",
        workload: Workload::Directory,
        shape: Shape::Part,
        permission: "User.Read.All",
        weight: Weight::Optional,
        gap: "people-data",
        so: "Whom a person reports to is not known.",
        ..LIST
    },
    Read {
        id: "groups",
        title: "groups",
        path: "/groups",
        query: &[
            (
                "$select",
                "id,displayName,groupTypes,securityEnabled,mailEnabled,membershipRule,\
                    isAssignableToRole,onPremisesSyncEnabled",
            ),
            ("$top", "999"),
        ],
        workload: Workload::Directory,
        permission: "GroupMember.Read.All",
        gap: "groups",
        so: "Whom a policy includes or excludes through a group cannot be said.",
        ..LIST
    },
    Read {
        id: "role-definitions",
        title: "role definitions",
        path: "/roleManagement/directory/roleDefinitions",
        workload: Workload::Directory,
        permission: "RoleManagement.Read.Directory",
        gap: "role-definitions",
        so: "Custom roles are known by their ids only.",
        ..LIST
    },
    Read {
        id: "role-assignments",
        title: "role assignments",
        path: "/roleManagement/directory/roleAssignments",
        query: &[("$expand", "principal")],
        workload: Workload::Directory,
        cost: 2,
        permission: "RoleManagement.Read.Directory",
        gap: "roles",
        so: "Administrators are known only where the registration report marks them.",
        ..LIST
    },
    Read {
        id: "active-roles",
        title: "roles with an end",
        path: "/roleManagement/directory/roleAssignmentScheduleInstances",
        query: &[("$expand", "principal")],
        workload: Workload::Directory,
        cost: 2,
        permission: "RoleManagement.Read.Directory",
        licence: Some("Entra ID P2"),
        weight: Weight::Optional,
        only_with: Some("role-assignments"),
        gap: "active-roles",
        so: "Whether an assignment ends, and who activated one for some hours, cannot be said.",
        ..LIST
    },
    Read {
        id: "eligible-roles",
        title: "eligible roles",
        path: "/roleManagement/directory/roleEligibilityScheduleInstances",
        query: &[("$expand", "principal")],
        workload: Workload::Directory,
        cost: 2,
        permission: "RoleManagement.Read.Directory",
        licence: Some("Entra ID P2"),
        weight: Weight::Optional,
        only_with: Some("role-assignments"),
        gap: "eligible-roles",
        so: "People who may activate an administrator role are not known.",
        ..LIST
    },
    Read {
        id: "administrative-units",
        title: "administrative units",
        path: "/directory/administrativeUnits",
        workload: Workload::Directory,
        permission: "AdministrativeUnit.Read.All",
        weight: Weight::Optional,
        gap: "administrative-units",
        so: "A role limited to a unit is shown with the unit's id.",
        ..LIST
    },
    Read {
        id: "devices",
        title: "devices",
        path: "/devices",
        query: &[
            (
                "$select",
                "id,deviceId,displayName,accountEnabled,operatingSystem,operatingSystemVersion,\
                    isCompliant,isManaged,trustType,approximateLastSignInDateTime",
            ),
            ("$top", "999"),
        ],
        workload: Workload::Directory,
        permission: "Device.Read.All",
        weight: Weight::Optional,
        gap: "devices",
        so: "Which devices the directory knows is not kept.",
        ..LIST
    },
    Read {
        id: "registration",
        title: "registration for MFA",
        path: "/reports/authenticationMethods/userRegistrationDetails",
        query: &[("$top", "999")],
        workload: Workload::Reports,
        permission: "AuditLog.Read.All",
        licence: Some("Entra ID P1"),
        gap: "registration-details",
        so: "Nobody can be called ready for MFA.",
        ..LIST
    },
    Read {
        id: "directory-audits",
        title: "audit log",
        path: "/auditLogs/directoryAudits",
        query: &[("$top", "1000")],
        workload: Workload::Reports,
        permission: "AuditLog.Read.All",
        gap: "directory-audits",
        so: "The registration series has no history, and changes of methods by somebody else \
            cannot be seen.",
        ..LIST
    },
    Read {
        id: "sign-ins-interactive",
        title: "sign-ins, interactive",
        version: Version::Beta,
        path: "/auditLogs/signIns",
        query: &[("$top", "1000")],
        workload: Workload::Reports,
        shape: Shape::Log,
        permission: "AuditLog.Read.All",
        licence: Some("Entra ID P1"),
        gap: "interactive-sign-ins",
        so: "People at a keyboard, and programs that sign in interactively, may be missing.",
        ..LIST
    },
    Read {
        id: "sign-ins-non-interactive",
        title: "sign-ins, non-interactive",
        version: Version::Beta,
        path: "/auditLogs/signIns",
        query: &[("$top", "1000")],
        workload: Workload::Reports,
        shape: Shape::Log,
        permission: "AuditLog.Read.All",
        licence: Some("Entra ID P1"),
        gap: "non-interactive-sign-ins",
        so: "Mail programs, scripts and devices that sign in by themselves may be missing from \
            the legacy audit.",
        ..LIST
    },
    Read {
        id: "applied-policies",
        title: "what policies did to sign-ins",
        version: Version::Beta,
        path: "/auditLogs/signIns",
        workload: Workload::Reports,
        shape: Shape::Part,
        permission: "Policy.Read.All",
        gap: "applied-policies",
        so: "What report-only policies would have done, and which policy blocked a sign-in, \
            cannot be said.",
        ..LIST
    },
    Read {
        id: "conditional-access-policies",
        title: "Conditional Access policies",
        version: Version::Beta,
        path: "/identity/conditionalAccess/policies",
        workload: Workload::ConditionalAccess,
        permission: "Policy.Read.All",
        gap: "policies",
        so: "What already blocks or challenges people, and who is excluded, cannot be said.",
        ..LIST
    },
    Read {
        id: "named-locations",
        title: "named locations",
        path: "/identity/conditionalAccess/namedLocations",
        workload: Workload::ConditionalAccess,
        permission: "Policy.Read.All",
        gap: "named-locations",
        so: "Policies with a location condition cannot be judged.",
        ..LIST
    },
    Read {
        id: "risky-users",
        title: "risky users",
        path: "/identityProtection/riskyUsers",
        query: &[("$top", "500")],
        workload: Workload::ConditionalAccess,
        permission: "IdentityRiskyUser.Read.All",
        licence: Some("Entra ID P2"),
        weight: Weight::Optional,
        gap: "risky-users",
        so: "Whom a policy on user risk would stop cannot be said.",
        ..LIST
    },
    Read {
        id: "methods-policy",
        title: "authentication methods policy",
        version: Version::Beta,
        path: "/policies/authenticationMethodsPolicy",
        workload: Workload::Other,
        shape: Shape::Object,
        permission: "Policy.Read.All",
        gap: "methods-policy",
        so: "Whether a person may register the recommended method cannot be said.",
        ..LIST
    },
    Read {
        id: "security-defaults",
        title: "security defaults",
        path: "/policies/identitySecurityDefaultsEnforcementPolicy",
        workload: Workload::Other,
        shape: Shape::Object,
        permission: "Policy.Read.All",
        gap: "security-defaults",
        so: "Whether switching to Conditional Access opens a gap cannot be said.",
        ..LIST
    },
    Read {
        id: "authentication-strengths",
        title: "authentication strengths",
        path: "/policies/authenticationStrengthPolicies",
        workload: Workload::Other,
        permission: "Policy.Read.All",
        gap: "authentication-strengths",
        so: "Policies that ask for a strength cannot be judged.",
        ..LIST
    },
    Read {
        id: "cross-tenant-access",
        title: "cross-tenant access, default",
        path: "/policies/crossTenantAccessPolicy/default",
        workload: Workload::Other,
        shape: Shape::Object,
        permission: "Policy.Read.All",
        gap: "cross-tenant-access",
        so: "Whether the MFA of guests' own tenants counts cannot be said.",
        ..LIST
    },
    Read {
        id: "device-registration-policy",
        title: "device registration policy",
        version: Version::Beta,
        path: "/policies/deviceRegistrationPolicy",
        workload: Workload::Other,
        shape: Shape::Object,
        permission: "Policy.Read.DeviceConfiguration",
        weight: Weight::Optional,
        gap: "device-registration-policy",
        so: "Whether joining a device asks for MFA cannot be said.",
        ..LIST
    },
    Read {
        id: "service-issues",
        title: "service health",
        path: "/admin/serviceAnnouncement/issues",
        query: &[("$top", "100")],
        workload: Workload::ServiceHealth,
        permission: "ServiceHealth.Read.All",
        weight: Weight::Optional,
        gap: "service-issues",
        so: "An incident of Microsoft's own cannot be told from one of the rollout's.",
        ..LIST
    },
    Read {
        id: "alerts",
        title: "Defender alerts",
        path: "/security/alerts_v2",
        query: &[("$top", "100")],
        workload: Workload::Alerts,
        permission: "SecurityAlert.Read.All",
        licence: Some("Microsoft Defender"),
        weight: Weight::Optional,
        gap: "alerts",
        so: "Alerts are not kept with the snapshot.",
        ..LIST
    },
    Read {
        id: "managed-devices",
        title: "managed devices",
        path: "/deviceManagement/managedDevices",
        query: &[(
            "$select",
            "id,userId,userPrincipalName,deviceName,operatingSystem,osVersion,complianceState,\
                azureADDeviceId,azureADRegistered,lastSyncDateTime",
        )],
        workload: Workload::Other,
        permission: "DeviceManagementManagedDevices.Read.All",
        licence: Some("Microsoft Intune"),
        weight: Weight::Optional,
        gap: "managed-devices",
        so: "Which devices Intune manages is not kept.",
        ..LIST
    },
    Read {
        id: "rooms",
        title: "meeting rooms",
        path: "/places/microsoft.graph.room",
        query: &[("$top", "100")],
        workload: Workload::Other,
        permission: "Place.Read.All",
        weight: Weight::Optional,
        gap: "rooms",
        so: "Rooms are not kept with the snapshot.",
        ..LIST
    },
    Read {
        id: "group-members",
        title: "members of groups",
        path: "/groups/{id}/members",
        query: &[("$select", "id,displayName,userPrincipalName"), ("$top", "999")],
        workload: Workload::Directory,
        cost: 2,
        shape: Shape::Each(Subjects::Groups),
        permission: "GroupMember.Read.All",
        gap: "group-members",
        so: "Lists of people that rest on those groups are lower bounds.",
        ..LIST
    },
    Read {
        id: "authentication-methods",
        title: "methods of single users",
        path: "/users/{id}/authentication/methods",
        workload: Workload::Other,
        shape: Shape::Each(Subjects::NotProvenReady),
        permission: "UserAuthenticationMethod.Read.All",
        gap: "authentication-methods",
        so: "Whether somebody registered since the report was refreshed, or holds a passkey, \
            cannot be said.",
        ..LIST
    },
    Read {
        id: "per-user-mfa",
        title: "per-user MFA",
        version: Version::Beta,
        path: "/users/{id}/authentication/requirements",
        workload: Workload::Other,
        shape: Shape::Each(Subjects::Users),
        permission: "Policy.Read.All",
        gap: "per-user-mfa",
        so: "Whether per-user MFA asks somebody whom no policy asks cannot be said.",
        ..LIST
    },
    Read {
        id: "mailbox-purposes",
        title: "kinds of mailboxes",
        path: "/users/{id}/mailboxSettings/userPurpose",
        workload: Workload::Outlook,
        shape: Shape::Each(Subjects::WithMail),
        permission: "MailboxSettings.Read",
        weight: Weight::Optional,
        gap: "mailboxes",
        so: "Shared mailboxes, rooms and equipment cannot be told from people.",
        ..LIST
    },
];
