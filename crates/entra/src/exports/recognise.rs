//! What a record is, decided by its content; the page's `@odata.context` helps where several
//! kinds look alike.

use serde_json::Value;

use super::context::Context;
use super::object::Object;
use crate::graph::manifest;

/// The kinds of records a snapshot is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
    /// `{"groupId": …, "members": […]}`
    GroupMembers,
    /// One member of the group with this id.
    GroupMember(String),
    RoleAssignment {
        eligible: bool,
    },
    DirectoryRole,
    RoleDefinition,
    Registration,
    Mailbox,
    TransportConfig,
    OrganizationConfig,
    Audit,
    Policy,
    NamedLocation,
    SecurityDefaults,
    MethodsPolicy,
    MethodConfiguration,
    Sku,
    Organization,
    Domain,
    DeviceRegistrationPolicy,
    CrossTenantDefault,
    AuthenticationStrength,
    RiskyUser,
    ServiceIssue,
    /// `{"userId": …, "methods": […]}`
    UserMethods,
    /// One method of the user with this id or name.
    UserMethod(String),
    /// `perUserMfaState`, of the user with this id or name where only the context tells.
    PerUserMfa(Option<String>),
    /// `{"userId": …, "userPurpose": …}`
    MailboxPurpose,
    /// The manifest of a download through Graph.
    Download,
    /// Known, kept with the files, and of no use to any decision yet.
    Noted(Noted),
}

/// Lists of a live tenant that are kept as evidence only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    AdministrativeUnit,
    Alert,
    Device,
    ManagedDevice,
    Room,
}

/// Object id of the security defaults policy, the same in every tenant (Graph reference,
/// `identitySecurityDefaultsEnforcementPolicy`).
const SECURITY_DEFAULTS_ID: &str = "00000000-0000-0000-0000-000000000005";

/// Properties no user object carries; sign-in records, devices and applications do.
const NOT_A_USER: [&str; 17] = [
    "clientAppUsed",
    "appliedConditionalAccessPolicies",
    "conditionalAccessStatus",
    "conditionalAccessPolicies",
    "appDisplayName",
    "appId",
    "ipAddress",
    "callerIpAddress",
    "correlationId",
    "resourceDisplayName",
    "authenticationRequirement",
    "objectType",
    "isGroup",
    "riskState",
    "Request ID",
    "Client app",
    "Application",
];

/// Ids of `authenticationMethodConfiguration` objects (Graph reference, v1.0 and beta).
const METHOD_CONFIGURATIONS: [&str; 11] = [
    "microsoftauthenticator",
    "fido2",
    "temporaryaccesspass",
    "sms",
    "voice",
    "softwareoath",
    "hardwareoath",
    "email",
    "x509certificate",
    "verifiablecredentials",
    "qrcodepin",
];

/// What a record is; `None` for everything else.
pub(super) fn recognise(object: &Object<'_>, context: Option<&Context<'_>>) -> Option<Kind> {
    if object.get("schema").and_then(Value::as_str) == Some(manifest::SCHEMA) {
        return Some(Kind::Download);
    }
    if let Some(context) = context
        && let Some(kind) = within(object, context)
    {
        return Some(kind);
    }
    // Answers of `/groups/{id}/members` name no group in their context: whose members these are,
    // nobody told, and a few members are not the tenant's users.
    if context.is_some_and(|context| context.name == "directoryobjects") {
        return None;
    }
    if let Some(kind) = object.odata_type().and_then(typed) {
        return kind;
    }
    people(object)
        .or_else(|| directory(object))
        .or_else(|| policies(object))
        .or_else(|| exchange(object))
        .or_else(|| context.and_then(listed).filter(|_| object.has("id")))
}

/// The kind of list a context is of, as far as the snapshot keeps it.
pub(super) fn listed(context: &Context<'_>) -> Option<Kind> {
    let directory_role = context.parents.ends_with("rolemanagement/directory");
    Some(match (context.name.as_str(), context.parents.as_str()) {
        ("users", "") => Kind::User,
        ("groups", "") => Kind::Group,
        ("members", "groups") => Kind::GroupMember(context.key?.to_owned()),
        ("roleassignments" | "roleassignmentscheduleinstances" | "roleassignmentschedules", _)
            if directory_role =>
        {
            Kind::RoleAssignment { eligible: false }
        }
        ("roleeligibilityscheduleinstances" | "roleeligibilityschedules", _) if directory_role => {
            Kind::RoleAssignment { eligible: true }
        }
        ("roledefinitions", _) if directory_role => Kind::RoleDefinition,
        ("directoryroles", "") => Kind::DirectoryRole,
        ("userregistrationdetails", _) => Kind::Registration,
        ("directoryaudits", _) => Kind::Audit,
        ("policies", parents) if parents.ends_with("conditionalaccess") => Kind::Policy,
        ("policies", parents) if parents.ends_with("authenticationstrength") => {
            Kind::AuthenticationStrength
        }
        ("authenticationstrengthpolicies", _) => Kind::AuthenticationStrength,
        ("namedlocations", _) => Kind::NamedLocation,
        ("subscribedskus", _) => Kind::Sku,
        ("organization", "") => Kind::Organization,
        ("domains", "") => Kind::Domain,
        ("riskyusers", _) => Kind::RiskyUser,
        ("issues", parents) if parents.ends_with("serviceannouncement") => Kind::ServiceIssue,
        ("methods", "users/authentication") => Kind::UserMethod(context.key?.to_owned()),
        ("administrativeunits", "directory") => Kind::Noted(Noted::AdministrativeUnit),
        ("alerts_v2", "security") => Kind::Noted(Noted::Alert),
        ("devices", "") => Kind::Noted(Noted::Device),
        ("manageddevices", "devicemanagement") => Kind::Noted(Noted::ManagedDevice),
        ("places", "") => Kind::Noted(Noted::Room),
        _ => return None,
    })
}

/// Kinds that only the context tells, because the record does not name whom it belongs to.
fn within(object: &Object<'_>, context: &Context<'_>) -> Option<Kind> {
    match (context.name.as_str(), context.parents.as_str()) {
        ("members", "groups") | ("methods", "users/authentication") => listed(context),
        // A unit has a membership rule like a group, a managed device an owner's name like a user.
        ("administrativeunits", "directory")
        | ("alerts_v2", "security")
        | ("devices", "")
        | ("manageddevices", "devicemanagement")
        | ("places", "") => listed(context),
        ("requirements", "users/authentication") => {
            Some(Kind::PerUserMfa(Some(context.key?.to_owned())))
        }
        ("identitysecuritydefaultsenforcementpolicy", _) if object.has("isEnabled") => {
            Some(Kind::SecurityDefaults)
        }
        _ => None,
    }
}

/// The kind an `@odata.type` names. `Some(None)`: a type that is none of ours.
fn typed(name: &str) -> Option<Option<Kind>> {
    let lower = name.to_ascii_lowercase();
    Some(match lower.as_str() {
        "user" => Some(Kind::User),
        "group" => Some(Kind::Group),
        "directoryrole" => Some(Kind::DirectoryRole),
        "unifiedroledefinition" => Some(Kind::RoleDefinition),
        "unifiedroleassignment"
        | "unifiedroleassignmentscheduleinstance"
        | "unifiedroleassignmentschedule" => Some(Kind::RoleAssignment { eligible: false }),
        "unifiedroleeligibilityscheduleinstance" | "unifiedroleeligibilityschedule" => {
            Some(Kind::RoleAssignment { eligible: true })
        }
        "userregistrationdetails" => Some(Kind::Registration),
        "directoryaudit" => Some(Kind::Audit),
        "conditionalaccesspolicy" => Some(Kind::Policy),
        "authenticationmethodspolicy" => Some(Kind::MethodsPolicy),
        "identitysecuritydefaultsenforcementpolicy" => Some(Kind::SecurityDefaults),
        "authenticationstrengthpolicy" => Some(Kind::AuthenticationStrength),
        "subscribedsku" => Some(Kind::Sku),
        "organization" => Some(Kind::Organization),
        "domain" => Some(Kind::Domain),
        "riskyuser" => Some(Kind::RiskyUser),
        "servicehealthissue" => Some(Kind::ServiceIssue),
        "administrativeunit" => Some(Kind::Noted(Noted::AdministrativeUnit)),
        "device" => Some(Kind::Noted(Noted::Device)),
        "manageddevice" => Some(Kind::Noted(Noted::ManagedDevice)),
        "room" => Some(Kind::Noted(Noted::Room)),
        "signin" | "serviceprincipal" | "application" | "orgcontact" => None,
        _ if lower.ends_with("namedlocation") => Some(Kind::NamedLocation),
        _ if lower.ends_with("authenticationmethodconfiguration") => {
            Some(Kind::MethodConfiguration)
        }
        _ => return None,
    })
}

/// Records that speak of one person.
fn people(object: &Object<'_>) -> Option<Kind> {
    if object.has_any(&["isMfaRegistered", "isMfaCapable", "methodsRegistered"]) {
        return Some(Kind::Registration);
    }
    let named = object.has_any(&["userId", "userPrincipalName", "id"]);
    if object.has("perUserMfaState") && named {
        return Some(Kind::PerUserMfa(None));
    }
    if object.has("userPurpose") && object.has("userId") {
        return Some(Kind::MailboxPurpose);
    }
    if object.has_any(&["riskState"])
        && object.has("riskLevel")
        && object.has("userPrincipalName")
        && !object.has_any(&["clientAppUsed", "appDisplayName", "ipAddress"])
    {
        return Some(Kind::RiskyUser);
    }
    if object.list("methods").is_some() && object.has_any(&["userId", "userPrincipalName"]) {
        return Some(Kind::UserMethods);
    }
    let is_user = object.has("userPrincipalName")
        && !object.has_any(&["recipientTypeDetails", "recipientType", "roleDefinitionId"])
        && !object.has_any(&["smtpClientAuthenticationDisabled", "groupId"])
        && !object.has_any(&["userDisplayName", "userId"])
        && !object.has_any(&NOT_A_USER);
    is_user.then_some(Kind::User)
}

/// Other objects of the directory, and its audit log.
fn directory(object: &Object<'_>) -> Option<Kind> {
    if is_audit(object) {
        return Some(Kind::Audit);
    }
    if object.has_any(&["roleDefinitionId"]) && object.has_any(&["principalId", "principal"]) {
        // An eligibility row carries `memberType` but, unlike an active assignment, no
        // `assignmentType` (Graph reference, `unifiedRoleEligibilityScheduleInstance`).
        let eligible = object.has("roleEligibilityScheduleId")
            || (object.has("memberType") && !object.has("assignmentType"));
        return Some(Kind::RoleAssignment { eligible });
    }
    if object.has("rolePermissions") || (object.has("isBuiltIn") && object.has("templateId")) {
        return Some(Kind::RoleDefinition);
    }
    if object.has("roleTemplateId") {
        return Some(Kind::DirectoryRole);
    }
    let members = object.has("members");
    if object.has("groupId") && (members || object.has_any(&["userPrincipalName", "userId", "id"]))
    {
        return Some(Kind::GroupMembers);
    }
    let group =
        ["groupTypes", "securityEnabled", "mailEnabled", "membershipRule", "isAssignableToRole"];
    if object.has_any(&group) || (members && object.has_any(&["id", "displayName"])) {
        return Some(Kind::Group);
    }
    if object.has_any(&["skuPartNumber", "skuId"])
        && object.has_any(&["consumedUnits", "prepaidUnits", "capabilityStatus"])
    {
        return Some(Kind::Sku);
    }
    if object.has_any(&["verifiedDomains", "tenantType"]) {
        return Some(Kind::Organization);
    }
    if object.has("authenticationType") && object.has_any(&["isDefault", "isInitial", "isVerified"])
    {
        return Some(Kind::Domain);
    }
    let issue =
        object.has("isResolved") && object.has_any(&["classification", "impactDescription"]);
    issue.then_some(Kind::ServiceIssue)
}

fn is_audit(object: &Object<'_>) -> bool {
    if object.has_any(&["activityDisplayName", "activityDateTime"]) {
        return !object.has("riskEventType");
    }
    let is = |name: &str, word: &str| {
        object.get(name).and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case(word))
    };
    let inner = match object.get("properties") {
        Some(Value::Object(map)) => ["activityDisplayName", "activityDateTime"]
            .iter()
            .any(|name| map.keys().any(|key| key.eq_ignore_ascii_case(name))),
        _ => false,
    };
    inner
        || is("category", "AuditLogs")
        || is("type", "AuditLogs")
        || (object.has("initiatedBy") && object.has("targetResources"))
        || (object.has("activity") && object.has_any(&["actorType", "target1Type"]))
}

/// Policies of the tenant.
fn policies(object: &Object<'_>) -> Option<Kind> {
    let conditions = object.get("conditions").is_some_and(Value::is_object);
    if conditions
        && object.has_any(&["state", "grantControls", "sessionControls", "displayName"])
        && !object.has("policyApplies")
    {
        return Some(Kind::Policy);
    }
    if object.has_any(&["ipRanges", "countriesAndRegions"]) {
        return Some(Kind::NamedLocation);
    }
    if object.has("isEnabled") && is_security_defaults(object) {
        return Some(Kind::SecurityDefaults);
    }
    if object.has_any(&[
        "authenticationMethodConfigurations",
        "registrationEnforcement",
        "policyMigrationState",
    ]) {
        return Some(Kind::MethodsPolicy);
    }
    let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    if object.has_any(&["includeTargets", "excludeTargets"])
        && METHOD_CONFIGURATIONS.contains(&id.as_str())
    {
        return Some(Kind::MethodConfiguration);
    }
    if object.has("allowedCombinations") {
        return Some(Kind::AuthenticationStrength);
    }
    if object.has("multiFactorAuthConfiguration") {
        return Some(Kind::DeviceRegistrationPolicy);
    }
    // A partner's settings carry the partner's `tenantId`; only the default is the tenant's own.
    let default = object.has("inboundTrust") && !object.has("tenantId");
    default.then_some(Kind::CrossTenantDefault)
}

fn is_security_defaults(object: &Object<'_>) -> bool {
    let holds = |name: &str, words: &str| {
        object
            .get(name)
            .and_then(Value::as_str)
            .is_some_and(|text| text.to_ascii_lowercase().contains(words))
    };
    holds("id", SECURITY_DEFAULTS_ID)
        || holds("displayName", "security default")
        || holds("description", "security default")
        || object.has("securityDefaultsUpsell")
}

/// Objects of Exchange Online PowerShell and the Exchange admin center.
fn exchange(object: &Object<'_>) -> Option<Kind> {
    if let Some(Value::String(kind)) = object.get("recipientTypeDetails") {
        let kind = kind.to_ascii_lowercase();
        let mailbox = kind.contains("mailbox")
            || matches!(kind.trim(), "user" | "shared" | "room" | "equipment" | "");
        return mailbox.then_some(Kind::Mailbox);
    }
    if object.has("recipientTypeDetails") {
        return Some(Kind::Mailbox);
    }
    if object.has_any(&["oAuth2ClientProfileEnabled", "rejectDirectSend"]) {
        return Some(Kind::OrganizationConfig);
    }
    if !object.has("smtpClientAuthenticationDisabled") {
        return None;
    }
    let mailbox = object.has_any(&[
        "primarySmtpAddress",
        "externalDirectoryObjectId",
        "emailAddresses",
        "popEnabled",
        "imapEnabled",
        "activeSyncEnabled",
        "userPrincipalName",
    ]);
    let named = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_ascii_lowercase);
    let name = named("identity").or_else(|| named("name"));
    let transport = name.is_none_or(|name| name.is_empty() || name.contains("transport settings"));
    Some(if mailbox || !transport { Kind::Mailbox } else { Kind::TransportConfig })
}
