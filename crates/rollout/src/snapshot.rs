//! The tenant as seen at one time by one source, with its gaps. Never edited once built.
//!
//! Two rules hold for every field. `None` means *nobody told*: it never stands for "no". A text
//! field of `Some("")` means the source told that there is none (Graph sends `null` for an unset
//! `mobilePhone`, which is a statement; a missing column is not).

use conditional_access::{NamedLocation, Policy};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::gaps::Gap;

/// The tenant as seen.
///
/// A collection of `None` was in no file. `Some` with no elements was told to be empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// The tenant itself.
    pub tenant: Tenant,
    /// Users, one per object.
    pub users: Option<Vec<User>>,
    /// Groups, with members where told.
    pub groups: Option<Vec<Group>>,
    /// Role assignments, active and eligible.
    pub roles: Option<Vec<RoleAssignment>>,
    /// Rows of the authentication-methods registration report.
    pub registrations: Option<Vec<Registration>>,
    /// Exchange Online mailboxes.
    pub mailboxes: Option<Vec<Mailbox>>,
    /// Directory audit events.
    pub audits: Option<Vec<AuditEvent>>,
    /// Conditional Access policies.
    pub policies: Option<Vec<Policy>>,
    /// Named locations.
    pub named_locations: Option<Vec<NamedLocation>>,
    /// Security defaults on or off.
    pub security_defaults: Option<bool>,
    /// The authentication-methods policy.
    pub methods_policy: Option<MethodsPolicy>,
    /// Subscribed licences.
    pub skus: Option<Vec<Sku>>,
    /// Authentication strengths with what they allow.
    pub authentication_strengths: Option<Vec<AuthenticationStrength>>,
    /// Users Identity Protection holds to be at risk, or held to be once.
    pub risky_users: Option<Vec<RiskyUser>>,
    /// Incidents and advisories of Microsoft 365 service health.
    pub service_issues: Option<Vec<ServiceIssue>>,
    /// What older copies of the registration report said of people whose newest row is in
    /// [`Snapshot::registrations`], oldest first.
    pub earlier_registrations: Vec<EarlierRegistration>,
    /// `deviceRegistrationPolicy.multiFactorAuthConfiguration`: true when joining a device needs
    /// MFA by the tenant-wide setting.
    pub device_join_needs_mfa: Option<bool>,
    /// Cross-tenant access policy: inbound MFA trust, default setting.
    pub inbound_mfa_trusted: Option<bool>,
    /// Exchange Online organisation settings.
    pub exchange: ExchangeSettings,
    /// What a live tenant refused to tell, or told only in part, with what would close it.
    pub refused: Vec<Gap>,
}

/// The tenant itself: `organization` and `domains`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tenant {
    /// Tenant id.
    pub id: Option<String>,
    /// Display name.
    pub display_name: Option<String>,
    /// Verified domains.
    pub domains: Option<Vec<Domain>>,
    /// Directory synchronisation from on-premises.
    pub on_premises_sync: Option<bool>,
}

impl Tenant {
    /// The domain most people sign in with: the default one.
    #[must_use]
    pub fn primary_domain(&self) -> Option<&str> {
        let domains = self.domains.as_ref()?;
        domains
            .iter()
            .find(|domain| domain.is_default == Some(true))
            .or_else(|| domains.first())
            .map(|domain| domain.name.as_str())
    }

    /// The `*.onmicrosoft.com` domain the tenant was made with.
    #[must_use]
    pub fn initial_domain(&self) -> Option<&str> {
        let domains = self.domains.as_ref()?;
        domains
            .iter()
            .find(|domain| domain.is_initial == Some(true))
            .or_else(|| domains.iter().find(|domain| domain.name.ends_with(".onmicrosoft.com")))
            .map(|domain| domain.name.as_str())
    }
}

/// One verified domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Domain {
    /// Name, lower case.
    pub name: String,
    /// The default domain of new users.
    pub is_default: Option<bool>,
    /// The domain the tenant was made with.
    pub is_initial: Option<bool>,
    /// Federated (true) or managed (false): `authenticationType`.
    pub federated: Option<bool>,
}

/// A user object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct User {
    /// Names.
    pub account: Account,
    /// Mail address, lower case.
    pub mail: Option<String>,
    /// Sign-in allowed.
    pub account_enabled: Option<bool>,
    /// Member or guest.
    pub user_type: Option<UserType>,
    /// When the object was made.
    pub created: Option<Timestamp>,
    /// First working day: `employeeHireDate`.
    pub hired: Option<Timestamp>,
    /// Last change of the password: `lastPasswordChangeDateTime`.
    pub password_changed: Option<Timestamp>,
    /// Invitation of a guest: `externalUserState`, as written (`PendingAcceptance`, `Accepted`).
    pub external_user_state: Option<String>,
    /// Two-letter country of use: `usageLocation`.
    pub usage_location: Option<String>,
    /// Job title.
    pub job_title: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Office location.
    pub office: Option<String>,
    /// `employeeType`.
    pub employee_type: Option<String>,
    /// Mobile phone of the directory (not a registered method).
    pub mobile_phone: Option<String>,
    /// Business phone of the directory, the first one.
    pub business_phone: Option<String>,
    /// Manager's display name, user principal name or id, whichever the file gives.
    pub manager: Option<String>,
    /// Synchronised from on-premises. Graph's `null` (never synchronised) is `Some(false)`.
    pub on_premises_sync: Option<bool>,
    /// `onPremisesImmutableId` is set.
    pub has_immutable_id: Option<bool>,
    /// `passwordPolicies` holds `DisablePasswordExpiration`.
    pub password_never_expires: Option<bool>,
    /// Ids of assigned licences (`assignedLicenses[].skuId`), lower case.
    pub licences: Option<Vec<String>>,
    /// Ids of enabled service plans (`assignedPlans[]`), lower case.
    pub plans: Option<Vec<String>>,
    /// Last sign-ins as the directory keeps them.
    pub activity: Option<SignInActivity>,
    /// Registered methods, read one by one (`/users/{id}/authentication/methods`).
    pub methods: Option<Vec<AuthenticationMethod>>,
    /// Per-user MFA state (`/users/{id}/authentication/requirements`, beta).
    pub per_user_mfa: Option<PerUserMfa>,
    /// `userPurpose` of the mailbox, lower case (`user`, `shared`, `room`, `equipment`, …).
    pub mailbox_purpose: Option<String>,
}

/// `userType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UserType {
    /// A member of the tenant.
    Member,
    /// A guest.
    Guest,
}

/// `signInActivity`. Graph leaves the property out for users that never signed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignInActivity {
    /// Last interactive attempt; counts failures too.
    pub last_sign_in: Option<Timestamp>,
    /// Last non-interactive attempt; counts failures too.
    pub last_non_interactive: Option<Timestamp>,
    /// Last successful sign-in of either kind.
    pub last_successful: Option<Timestamp>,
}

/// One registered method of one user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuthenticationMethod {
    /// The `@odata.type` without `#microsoft.graph.` and `AuthenticationMethod`:
    /// `fido2`, `phone`, `microsoftAuthenticator`, `windowsHelloForBusiness`, `x509Certificate`, …
    pub kind: String,
    /// When it was registered; Graph sends `null` for older ones.
    pub created: Option<Timestamp>,
    /// Model, device name or phone type, for telling two of a kind apart.
    pub detail: Option<String>,
    /// Authenticator attestation GUID of a FIDO2 key, lower case.
    pub aaguid: Option<String>,
}

/// Per-user MFA state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PerUserMfa {
    /// Off. Says nothing about other sources of MFA.
    Disabled,
    /// Asked to register at the next sign-in.
    Enabled,
    /// MFA at each sign-in.
    Enforced,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Object id; `None` when the file names the group only.
    pub id: Option<String>,
    /// Display name.
    pub display_name: Option<String>,
    /// Direct members. `None`: no file told; `Some([])`: told to be empty.
    pub members: Option<Vec<Member>>,
    /// Rule of a dynamic group. `Some("")`: told to be assigned.
    pub membership_rule: Option<String>,
    /// `isAssignableToRole`.
    pub assignable_to_role: Option<bool>,
    /// Owners, where told.
    pub owners: Option<Vec<String>>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Object id, where told.
    pub id: Option<String>,
    /// User principal name, where told.
    pub user_principal_name: Option<String>,
    /// What kind of object.
    pub kind: MemberKind,
}

/// What kind of object a member is (`@odata.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberKind {
    /// A user.
    User,
    /// A group: nested.
    Group,
    /// A device, service principal or contact.
    Other,
    /// Not told.
    Unknown,
}

/// One role assignment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoleAssignment {
    /// Role template id, lower case; for built-in roles the definition id is the template id.
    pub role: String,
    /// Role name, where told.
    pub role_name: Option<String>,
    /// The holder: a user, a group or a service principal.
    pub principal_id: Option<String>,
    /// The holder's user principal name, where told.
    pub principal_name: Option<String>,
    /// What kind of object the holder is.
    pub principal_kind: MemberKind,
    /// Active (true) or only eligible (false).
    pub active: bool,
    /// Scope; `/` is the whole tenant.
    pub scope: Option<String>,
    /// End of the assignment, where it has one.
    pub ends: Option<Timestamp>,
}

/// Role template id of Global Administrator (Microsoft Entra built-in roles).
pub const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
/// Role template id of Directory Synchronization Accounts.
pub const DIRECTORY_SYNCHRONIZATION_ACCOUNTS: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";
/// Role template id of On Premises Directory Sync Account.
pub const ON_PREMISES_DIRECTORY_SYNC_ACCOUNT: &str = "a92aed5d-d78a-4d16-b381-09adb37eb3b0";

/// One row of `userRegistrationDetails`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registration {
    /// Names; `user_id` is the row's `id`.
    pub account: Account,
    /// Registered: has at least one strong method, allowed or not.
    pub mfa_registered: Option<bool>,
    /// Capable: registered and allowed by the methods policy.
    pub mfa_capable: Option<bool>,
    /// Passwordless capable.
    pub passwordless_capable: Option<bool>,
    /// Registered for self-service password reset.
    pub sspr_registered: Option<bool>,
    /// Holds an administrator role.
    pub is_admin: Option<bool>,
    /// `methodsRegistered`, as written.
    pub methods: Option<Vec<String>>,
    /// The default second factor, whichever property carries it.
    pub default_method: Option<String>,
    /// System-preferred authentication is on for the user.
    pub system_preferred: Option<bool>,
    /// Member or guest.
    pub user_type: Option<UserType>,
    /// When the report row was refreshed, not when the user registered.
    pub last_updated: Option<Timestamp>,
}

/// What an older copy of the registration report said of one person: enough for a daily series.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct EarlierRegistration {
    /// When the row was refreshed.
    pub last_updated: Option<Timestamp>,
    /// Object id of the user.
    pub user_id: Option<String>,
    /// User principal name; told only where there is no id.
    pub user_principal_name: Option<String>,
    /// Capable of MFA then.
    pub mfa_capable: Option<bool>,
    /// Registered for MFA then.
    pub mfa_registered: Option<bool>,
}

/// An Exchange Online mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mailbox {
    /// Display name.
    pub display_name: Option<String>,
    /// Primary address, lower case.
    pub address: Option<String>,
    /// User principal name, where told.
    pub user_principal_name: Option<String>,
    /// Object id of the user in the directory, where told.
    pub user_id: Option<String>,
    /// What the mailbox is for.
    pub kind: MailboxKind,
    /// `SmtpClientAuthenticationDisabled` of the mailbox. `None`: not told;
    /// `Some(None)`: told to inherit the tenant's setting.
    pub smtp_auth_disabled: Option<Option<bool>>,
}

/// `RecipientTypeDetails`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailboxKind {
    /// A person's mailbox (or a mailbox nobody marked otherwise).
    User,
    /// Shared mailbox.
    Shared,
    /// Room mailbox.
    Room,
    /// Equipment mailbox.
    Equipment,
    /// Scheduling, linked and other kinds.
    Other,
    /// Not told.
    #[default]
    Unknown,
}

/// A directory audit event, as far as a rollout needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditEvent {
    /// Record id.
    pub id: Option<String>,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// `activityDisplayName`, trimmed.
    pub activity: String,
    /// `success` (true) or anything else (false).
    pub succeeded: Option<bool>,
    /// `resultReason`.
    pub reason: Option<String>,
    /// Who did it.
    pub by: Account,
    /// Address it was done from.
    pub ip_address: Option<String>,
    /// The users it was done to.
    pub targets: Vec<Account>,
    /// Display names of what else it was done to: policies, groups, roles.
    pub objects: Vec<String>,
    /// Names of the properties that changed.
    pub properties: Vec<String>,
}

/// `authenticationMethodsPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MethodsPolicy {
    /// `policyMigrationState` is `migrationComplete`.
    pub migration_complete: Option<bool>,
    /// The registration campaign.
    pub campaign: Option<Campaign>,
    /// System-preferred authentication is on.
    pub system_preferred: Option<bool>,
    /// Report-suspicious-activity is on.
    pub report_suspicious: Option<bool>,
    /// One entry per configured method.
    pub methods: Vec<MethodConfiguration>,
}

/// `registrationEnforcement.authenticationMethodsRegistrationCampaign`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Campaign {
    /// `default` (Microsoft managed), `enabled` or `disabled`, lower case.
    pub state: Option<String>,
    /// Days between reminders.
    pub snooze_days: Option<u32>,
    /// Forced after three snoozes.
    pub enforced_after_snoozes: Option<bool>,
    /// The targeted method, as written.
    pub targeted_method: Option<String>,
    /// Ids of the groups and users that it leaves out (`excludeTargets`), lower case, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<Vec<String>>,
}

/// One `authenticationMethodConfiguration`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MethodConfiguration {
    /// Id, lower case: `microsoftauthenticator`, `fido2`, `temporaryaccesspass`, `sms`, `voice`,
    /// `softwareoath`, `hardwareoath`, `email`, `x509certificate`, `qrcodepin`.
    pub id: String,
    /// On or off.
    pub enabled: Option<bool>,
    /// Included targets: `all_users` or group ids, lower case. `None`: not told.
    pub include: Option<Vec<String>>,
    /// Excluded targets, group ids, lower case. `None`: not told.
    pub exclude: Option<Vec<String>>,
    /// Key restrictions (FIDO2) are enforced.
    pub key_restrictions: Option<bool>,
    /// Attestation (FIDO2) is enforced.
    pub attestation_enforced: Option<bool>,
}

/// A subscribed licence.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sku {
    /// Licence id, lower case.
    pub id: Option<String>,
    /// `skuPartNumber`.
    pub part_number: Option<String>,
    /// `capabilityStatus` is `Enabled` or `Warning`.
    pub usable: Option<bool>,
    /// Units bought and enabled.
    pub enabled_units: Option<u64>,
    /// Units assigned.
    pub consumed_units: Option<u64>,
    /// Service plans: id and name, lower case id.
    pub plans: Vec<(String, String)>,
}

/// `authenticationStrengthPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuthenticationStrength {
    /// Object id.
    pub id: Option<String>,
    /// The name the portal shows.
    pub display_name: Option<String>,
    /// `allowedCombinations`, each item a comma-joined combination as written.
    pub allowed_combinations: Vec<String>,
}

/// `riskyUser` of Identity Protection.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RiskyUser {
    /// Names; `user_id` is the row's `id`.
    pub account: Account,
    /// `riskLevel`, lower case: `low`, `medium`, `high`, `hidden`, `none`.
    pub level: Option<String>,
    /// `riskState`, lower case: `atrisk`, `confirmedcompromised`, `remediated`, `dismissed`, …
    pub state: Option<String>,
    /// When the risk was last updated.
    pub last_updated: Option<Timestamp>,
}

/// `serviceHealthIssue`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceIssue {
    /// Issue id, such as `EX123456`.
    pub id: Option<String>,
    /// Name of the service.
    pub service: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// `incident` or `advisory`, lower case.
    pub classification: Option<String>,
    /// Over.
    pub resolved: Option<bool>,
    /// When it began.
    pub started: Option<Timestamp>,
}

/// Settings of Exchange Online that decide legacy authentication.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExchangeSettings {
    /// `Get-TransportConfig`: `SmtpClientAuthenticationDisabled`.
    pub smtp_auth_disabled: Option<bool>,
    /// `Get-OrganizationConfig`: `OAuth2ClientProfileEnabled` (modern authentication).
    pub modern_auth_enabled: Option<bool>,
    /// `Get-OrganizationConfig`: `RejectDirectSend`.
    pub reject_direct_send: Option<bool>,
}
