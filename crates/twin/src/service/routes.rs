//! The table of addresses (Graph reference, one page for each; permissions as of the tables there).

use super::place::Place;
use super::route::{Action, Licence, Needs, Route, Workload, delete, get, patch, post};

const USERS: Needs = &[
    &["User.Read.All"],
    &["User.ReadWrite.All"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
    &["User.ReadBasic.All"],
];
const WRITE_USERS: Needs = &[&["User.ReadWrite.All"], &["Directory.ReadWrite.All"]];
const PATCH_USER: Needs = &[
    &["User.ReadWrite.All"],
    &["Directory.ReadWrite.All"],
    &["User.EnableDisableAccount.All", "User.Read.All"],
];
const DELETE_USER: Needs = &[&["User.DeleteRestore.All"], &["User.ReadWrite.All"]];
const REVOKE: Needs =
    &[&["User.RevokeSessions.All"], &["User.ReadWrite.All"], &["Directory.ReadWrite.All"]];
const AUDIT: Needs = &[&["AuditLog.Read.All"]];
const AUDIT_OR_DIRECTORY: Needs = &[&["AuditLog.Read.All"], &["Directory.Read.All"]];
const MAILBOX: Needs = &[&["MailboxSettings.Read"], &["MailboxSettings.ReadWrite"]];
const MEMBER_OF: Needs =
    &[&["User.Read.All"], &["Directory.Read.All"], &["GroupMember.Read.All"], &["Group.Read.All"]];
const METHODS: Needs =
    &[&["UserAuthenticationMethod.Read.All"], &["UserAuthenticationMethod.ReadWrite.All"]];
const WRITE_METHODS: Needs = &[&["UserAuthenticationMethod.ReadWrite.All"]];
const WRITE_PHONE: Needs =
    &[&["UserAuthMethod-Phone.ReadWrite.All"], &["UserAuthenticationMethod.ReadWrite.All"]];
const WRITE_PASS: Needs =
    &[&["UserAuthMethod-TAP.ReadWrite.All"], &["UserAuthenticationMethod.ReadWrite.All"]];
const METHODS_POLICY: Needs = &[
    &["Policy.Read.AuthenticationMethod"],
    &["Policy.Read.All"],
    &["Policy.ReadWrite.AuthenticationMethod"],
];
const STRENGTHS: Needs = &[
    &["Policy.Read.AuthenticationMethod"],
    &["Policy.Read.All"],
    &["Policy.ReadWrite.AuthenticationMethod"],
    &["Policy.ReadWrite.ConditionalAccess"],
];
const WRITE_METHODS_POLICY: Needs = &[&["Policy.ReadWrite.AuthenticationMethod"]];
const POLICIES: Needs = &[&["Policy.Read.All"]];
const DEFAULTS: Needs = &[&["Policy.Read.All"], &["Policy.ReadWrite.SecurityDefaults"]];
const WRITE_DEFAULTS: Needs = &[
    &["Policy.Read.All", "Policy.ReadWrite.SecurityDefaults"],
    &["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"],
];
const WRITE_POLICY: Needs =
    &[&["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "Application.Read.All"]];
const WRITE_ACCESS: Needs = &[&["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"]];
const WHAT_IF: Needs = &[
    &["Policy.Read.ConditionalAccess"],
    &["Policy.Read.All"],
    &["Policy.ReadWrite.ConditionalAccess"],
];
const REQUIREMENTS: Needs = &[&["Policy.Read.All"], &["Policy.ReadWrite.AuthenticationMethod"]];
const GROUPS: Needs = &[
    &["GroupMember.Read.All"],
    &["Group.ReadBasic.All"],
    &["Group.Read.All"],
    &["Group.ReadWrite.All"],
    &["Directory.Read.All"],
];
const CREATE_GROUP: Needs =
    &[&["Group.ReadWrite.All"], &["Group.Create"], &["Directory.ReadWrite.All"]];
const WRITE_GROUP: Needs = &[&["Group.ReadWrite.All"], &["Directory.ReadWrite.All"]];
const DELETE_GROUP: Needs = &[&["Group.ReadWrite.All"]];
const MEMBERS: Needs = &[
    &["GroupMember.Read.All"],
    &["GroupMember.ReadBasic.All"],
    &["GroupMember.ReadWrite.All"],
    &["Group.Read.All"],
    &["Group.ReadWrite.All"],
    &["Directory.Read.All"],
];
const WRITE_MEMBERS: Needs = &[&["GroupMember.ReadWrite.All"], &["Group.ReadWrite.All"]];
const DIRECTORY: Needs = &[&["Directory.Read.All"]];
const UNITS: Needs = &[&["AdministrativeUnit.Read.All"], &["Directory.Read.All"]];
const ROLES: Needs = &[
    &["RoleManagement.Read.Directory"],
    &["Directory.Read.All"],
    &["RoleManagement.ReadWrite.Directory"],
];
const WRITE_ROLES: Needs = &[&["RoleManagement.ReadWrite.Directory"]];
const ELIGIBLE: Needs = &[
    &["RoleEligibilitySchedule.Read.Directory"],
    &["RoleManagement.Read.Directory"],
    &["RoleManagement.ReadWrite.Directory"],
];
const ACTIVE: Needs = &[
    &["RoleAssignmentSchedule.Read.Directory"],
    &["RoleManagement.Read.Directory"],
    &["RoleManagement.ReadWrite.Directory"],
];
const ORGANIZATION: Needs =
    &[&["Organization.Read.All"], &["User.Read.All"], &["Directory.Read.All"]];
const LICENCES: Needs =
    &[&["LicenseAssignment.Read.All"], &["Organization.Read.All"], &["Directory.Read.All"]];
const DOMAINS: Needs = &[&["Domain.Read.All"], &["Directory.Read.All"]];
const ROOMS: Needs = &[&["Place.Read.All"], &["Place.ReadWrite.All"]];
const ALERTS: Needs = &[&["SecurityAlert.Read.All"], &["SecurityAlert.ReadWrite.All"]];
const HEALTH: Needs = &[&["ServiceHealth.Read.All"]];
const MANAGED: Needs = &[
    &["DeviceManagementManagedDevices.Read.All"],
    &["DeviceManagementManagedDevices.ReadWrite.All"],
];
const DEVICES: Needs = &[&["Device.Read.All"], &["Directory.Read.All"]];
const RISK: Needs = &[&["IdentityRiskyUser.Read.All"], &["IdentityRiskyUser.ReadWrite.All"]];
const MAIL: Needs = &[&["Mail.Send"]];

/// Everything, by subject.
pub(super) const ROUTES: [&[Route]; 6] =
    [LOGS, USER_ROUTES, METHOD_ROUTES, POLICY_ROUTES, GROUP_ROUTES, TENANT_ROUTES];

const LOGS: &[Route] = &[
    get("/auditLogs/signIns", AUDIT, Workload::Reports, Action::SignIns).licensed(Licence::Premium),
    get("/auditLogs/signIns/{}", AUDIT, Workload::Reports, Action::SignIn)
        .licensed(Licence::Premium),
    get(
        "/auditLogs/directoryAudits",
        AUDIT_OR_DIRECTORY,
        Workload::Reports,
        Action::List(Place::Audits),
    ),
    get(
        "/auditLogs/directoryAudits/{}",
        AUDIT_OR_DIRECTORY,
        Workload::Reports,
        Action::Item(Place::Audits),
    ),
    get(
        "/reports/authenticationMethods/userRegistrationDetails",
        AUDIT,
        Workload::Reports,
        Action::List(Place::Registrations),
    )
    .licensed(Licence::Premium),
    get(
        "/reports/authenticationMethods/userRegistrationDetails/{}",
        AUDIT,
        Workload::Reports,
        Action::Item(Place::Registrations),
    )
    .licensed(Licence::Premium),
    get(
        "/reports/authenticationMethods/usersRegisteredByFeature{}",
        &[],
        Workload::Reports,
        Action::DelegatedOnly,
    ),
    get(
        "/reports/authenticationMethods/usersRegisteredByMethod{}",
        &[],
        Workload::Reports,
        Action::DelegatedOnly,
    ),
];

const USER_ROUTES: &[Route] = &[
    get("/users", USERS, Workload::Directory, Action::List(Place::Users)).costing(2),
    get("/users/$count", USERS, Workload::Directory, Action::Count(Place::Users)).costing(2),
    get("/users/delta()", USERS, Workload::Directory, Action::NotSupported),
    get("/users/delta", USERS, Workload::Directory, Action::NotSupported),
    get("/users/{}", USERS, Workload::Directory, Action::Item(Place::Users)),
    get("/users/{}/transitiveMemberOf", MEMBER_OF, Workload::Directory, Action::TransitiveMemberOf)
        .costing(5),
    get("/users/{}/mailboxSettings", MAILBOX, Workload::Outlook, Action::MailboxSettings),
    get("/users/{}/mailboxSettings/userPurpose", MAILBOX, Workload::Outlook, Action::UserPurpose),
    post("/users", WRITE_USERS, Workload::Directory, Action::CreateUser),
    patch("/users/{}", PATCH_USER, Workload::Directory, Action::PatchUser),
    delete("/users/{}", DELETE_USER, Workload::Directory, Action::DeleteUser),
    post("/users/{}/revokeSignInSessions", REVOKE, Workload::Directory, Action::RevokeSessions),
    post("/users/{}/sendMail", MAIL, Workload::Outlook, Action::SendMail),
];

const METHOD_ROUTES: &[Route] = &[
    get("/users/{}/authentication/methods", METHODS, Workload::Other, Action::List(Place::Methods)),
    get(
        "/users/{}/authentication/methods/{}",
        METHODS,
        Workload::Other,
        Action::Item(Place::Methods),
    ),
    get(
        "/users/{}/authentication/requirements",
        REQUIREMENTS,
        Workload::Other,
        Action::Only(Place::Requirements),
    )
    .beta(),
    patch(
        "/users/{}/authentication/requirements",
        WRITE_METHODS_POLICY,
        Workload::Other,
        Action::PatchRequirements,
    )
    .beta(),
    get(
        "/users/{}/authentication/signInPreferences",
        METHODS,
        Workload::Other,
        Action::NotSupported,
    )
    .beta(),
    get("/users/{}/authentication/{}Methods", METHODS, Workload::Other, Action::MethodsOfType),
    get("/users/{}/authentication/{}Methods/{}", METHODS, Workload::Other, Action::MethodOfType),
    post("/users/{}/authentication/phoneMethods", WRITE_PHONE, Workload::Other, Action::AddPhone),
    post(
        "/users/{}/authentication/temporaryAccessPassMethods",
        WRITE_PASS,
        Workload::Other,
        Action::AddPass,
    ),
    delete(
        "/users/{}/authentication/{}Methods/{}",
        WRITE_METHODS,
        Workload::Other,
        Action::DeleteMethod,
    ),
];

const POLICY_ROUTES: &[Route] = &[
    get(
        "/policies/authenticationMethodsPolicy",
        METHODS_POLICY,
        Workload::Other,
        Action::Only(Place::MethodsPolicy),
    ),
    patch(
        "/policies/authenticationMethodsPolicy",
        WRITE_METHODS_POLICY,
        Workload::Other,
        Action::PatchMethodsPolicy,
    ),
    get(
        "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{}",
        METHODS_POLICY,
        Workload::Other,
        Action::Configuration,
    ),
    patch(
        "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{}",
        WRITE_METHODS_POLICY,
        Workload::Other,
        Action::PatchConfiguration,
    ),
    get(
        "/policies/identitySecurityDefaultsEnforcementPolicy",
        DEFAULTS,
        Workload::Other,
        Action::Only(Place::SecurityDefaults),
    ),
    patch(
        "/policies/identitySecurityDefaultsEnforcementPolicy",
        WRITE_DEFAULTS,
        Workload::Other,
        Action::PatchSecurityDefaults,
    ),
    get(
        "/policies/authenticationStrengthPolicies",
        STRENGTHS,
        Workload::Other,
        Action::List(Place::Strengths),
    ),
    get(
        "/policies/authenticationStrengthPolicies/{}",
        STRENGTHS,
        Workload::Other,
        Action::Item(Place::Strengths),
    ),
    get(
        "/identity/conditionalAccess/authenticationStrength/policies",
        STRENGTHS,
        Workload::ConditionalAccess,
        Action::List(Place::Strengths),
    ),
    get(
        "/policies/crossTenantAccessPolicy/default",
        POLICIES,
        Workload::Other,
        Action::Only(Place::CrossTenantDefault),
    ),
    get(
        "/policies/deviceRegistrationPolicy",
        &[&["Policy.Read.DeviceConfiguration"], &["Policy.Read.All"]],
        Workload::Other,
        Action::Only(Place::DeviceRegistration),
    )
    .beta(),
    get(
        "/identity/conditionalAccess/policies",
        POLICIES,
        Workload::ConditionalAccess,
        Action::List(Place::Policies),
    ),
    post(
        "/identity/conditionalAccess/policies",
        WRITE_POLICY,
        Workload::ConditionalAccess,
        Action::CreatePolicy,
    )
    .licensed(Licence::ConditionalAccess),
    get(
        "/identity/conditionalAccess/policies/{}",
        POLICIES,
        Workload::ConditionalAccess,
        Action::Item(Place::Policies),
    ),
    patch(
        "/identity/conditionalAccess/policies/{}",
        WRITE_POLICY,
        Workload::ConditionalAccess,
        Action::PatchPolicy,
    )
    .licensed(Licence::ConditionalAccess),
    delete(
        "/identity/conditionalAccess/policies/{}",
        WRITE_ACCESS,
        Workload::ConditionalAccess,
        Action::DeletePolicy,
    )
    .licensed(Licence::ConditionalAccess),
    get(
        "/identity/conditionalAccess/deletedItems/policies",
        POLICIES,
        Workload::ConditionalAccess,
        Action::List(Place::DeletedPolicies),
    ),
    post(
        "/identity/conditionalAccess/deletedItems/policies/{}/restore",
        WRITE_ACCESS,
        Workload::ConditionalAccess,
        Action::RestorePolicy,
    )
    .licensed(Licence::ConditionalAccess),
    get(
        "/identity/conditionalAccess/namedLocations",
        POLICIES,
        Workload::ConditionalAccess,
        Action::List(Place::NamedLocations),
    ),
    post(
        "/identity/conditionalAccess/namedLocations",
        WRITE_ACCESS,
        Workload::ConditionalAccess,
        Action::CreateLocation,
    )
    .licensed(Licence::ConditionalAccess),
    get(
        "/identity/conditionalAccess/namedLocations/{}",
        POLICIES,
        Workload::ConditionalAccess,
        Action::Item(Place::NamedLocations),
    ),
    patch(
        "/identity/conditionalAccess/namedLocations/{}",
        WRITE_ACCESS,
        Workload::ConditionalAccess,
        Action::PatchLocation,
    )
    .licensed(Licence::ConditionalAccess),
    delete(
        "/identity/conditionalAccess/namedLocations/{}",
        WRITE_ACCESS,
        Workload::ConditionalAccess,
        Action::DeleteLocation,
    )
    .licensed(Licence::ConditionalAccess),
    get(
        "/identity/conditionalAccess/templates",
        POLICIES,
        Workload::ConditionalAccess,
        Action::NotSupported,
    ),
    post(
        "/identity/conditionalAccess/evaluate",
        WHAT_IF,
        Workload::ConditionalAccess,
        Action::WhatIf,
    ),
];

const GROUP_ROUTES: &[Route] = &[
    get("/groups", GROUPS, Workload::Directory, Action::List(Place::Groups)),
    get("/groups/$count", GROUPS, Workload::Directory, Action::Count(Place::Groups)),
    get("/groups/delta()", GROUPS, Workload::Directory, Action::NotSupported),
    get("/groups/delta", GROUPS, Workload::Directory, Action::NotSupported),
    get("/groups/{}", GROUPS, Workload::Directory, Action::Item(Place::Groups)),
    get("/groups/{}/members", MEMBERS, Workload::Directory, Action::Members).costing(3),
    get("/groups/{}/members/{}", MEMBERS, Workload::Directory, Action::Members).costing(3),
    get("/groups/{}/transitiveMembers", MEMBERS, Workload::Directory, Action::TransitiveMembers)
        .costing(5),
    get("/groups/{}/transitiveMembers/{}", MEMBERS, Workload::Directory, Action::TransitiveMembers)
        .costing(5),
    post("/groups", CREATE_GROUP, Workload::Directory, Action::CreateGroup),
    patch("/groups/{}", WRITE_GROUP, Workload::Directory, Action::PatchGroup),
    delete("/groups/{}", DELETE_GROUP, Workload::Directory, Action::DeleteGroup),
    post("/groups/{}/members/$ref", WRITE_MEMBERS, Workload::Directory, Action::AddMember),
    delete("/groups/{}/members/{}/$ref", WRITE_MEMBERS, Workload::Directory, Action::RemoveMember),
    delete("/groups/{}/members/{}", DELETE_USER, Workload::Directory, Action::DeleteMemberItself),
    post("/directoryObjects/getByIds", DIRECTORY, Workload::Directory, Action::ByIds),
    get(
        "/directory/administrativeUnits",
        UNITS,
        Workload::Directory,
        Action::List(Place::AdministrativeUnits),
    ),
    get(
        "/directory/administrativeUnits/{}",
        UNITS,
        Workload::Directory,
        Action::Item(Place::AdministrativeUnits),
    ),
    get(
        "/directory/administrativeUnits/{}/members",
        UNITS,
        Workload::Directory,
        Action::UnitMembers,
    )
    .costing(3),
];

const TENANT_ROUTES: &[Route] = &[
    get("/directoryRoles", ROLES, Workload::Directory, Action::DirectoryRoles),
    get(
        "/directoryRoles(roleTemplateId='{}')/members",
        ROLES,
        Workload::Directory,
        Action::RoleTemplateMembers,
    ),
    get("/directoryRoles/{}/members", ROLES, Workload::Directory, Action::DirectoryRoleMembers),
    get(
        "/roleManagement/directory/roleDefinitions",
        ROLES,
        Workload::Directory,
        Action::List(Place::RoleDefinitions),
    ),
    get(
        "/roleManagement/directory/roleDefinitions/{}",
        ROLES,
        Workload::Directory,
        Action::Item(Place::RoleDefinitions),
    ),
    get(
        "/roleManagement/directory/roleAssignments",
        ROLES,
        Workload::Directory,
        Action::List(Place::RoleAssignments),
    ),
    get(
        "/roleManagement/directory/roleAssignments/{}",
        ROLES,
        Workload::Directory,
        Action::Item(Place::RoleAssignments),
    ),
    post(
        "/roleManagement/directory/roleAssignments",
        WRITE_ROLES,
        Workload::Directory,
        Action::AssignRole,
    ),
    delete(
        "/roleManagement/directory/roleAssignments/{}",
        WRITE_ROLES,
        Workload::Directory,
        Action::RemoveAssignment,
    ),
    get(
        "/roleManagement/directory/roleEligibilityScheduleInstances",
        ELIGIBLE,
        Workload::Directory,
        Action::List(Place::RoleEligibilities),
    )
    .licensed(Licence::PrivilegedIdentity),
    get(
        "/roleManagement/directory/roleAssignmentScheduleInstances",
        ACTIVE,
        Workload::Directory,
        Action::List(Place::RoleAssignmentInstances),
    )
    .licensed(Licence::PrivilegedIdentity),
    get("/organization", ORGANIZATION, Workload::Directory, Action::List(Place::Organization)),
    get("/subscribedSkus", LICENCES, Workload::Directory, Action::List(Place::SubscribedSkus))
        .costing(3),
    get("/domains", DOMAINS, Workload::Directory, Action::List(Place::Domains)),
    get("/places/microsoft.graph.room", ROOMS, Workload::Other, Action::List(Place::Rooms)),
    get("/security/alerts_v2", ALERTS, Workload::Alerts, Action::List(Place::Alerts)),
    get("/security/alerts_v2/{}", ALERTS, Workload::Alerts, Action::Item(Place::Alerts)),
    get(
        "/admin/serviceAnnouncement/healthOverviews",
        HEALTH,
        Workload::ServiceHealth,
        Action::HealthOverviews,
    ),
    get(
        "/admin/serviceAnnouncement/issues",
        HEALTH,
        Workload::ServiceHealth,
        Action::List(Place::Issues),
    ),
    get(
        "/deviceManagement/managedDevices",
        MANAGED,
        Workload::Other,
        Action::List(Place::ManagedDevices),
    ),
    get("/devices", DEVICES, Workload::Directory, Action::List(Place::Devices)),
    get(
        "/identityProtection/riskyUsers",
        RISK,
        Workload::ConditionalAccess,
        Action::List(Place::RiskyUsers),
    )
    .licensed(Licence::Risk),
];
