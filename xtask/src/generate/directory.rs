//! The directory of the example tenant as Graph answers and portal downloads.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::account::{Account, Kind, Registered};
use super::chance::Chance;
use super::people::{DOMAIN, INITIAL_DOMAIN, Population, TENANT};
use super::shapes::{TENANT_ID, csv_line};

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
const SYNCHRONISATION_ROLE: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";
const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
const EXCHANGE_PLAN: &str = "efb87545-963c-4e0d-99df-69c6916d9eb0";
const P1: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
/// Group of the people without a smartphone.
pub(crate) const NO_SMARTPHONE: &str = "8a3f6f0e-0f0b-4a52-9a39-6f2a7e0d4c11";
const IT_TEAM: &str = "c2a1b7d4-52f9-4f7e-8f57-0b9d1f3a6e22";
pub(crate) const FINANCE: &str = "1d9c7a60-7d2e-4e6b-a3c8-5c4b8e9f0a33";
const MEETING_ROOMS: &str = "72b6e0c9-a41d-4f35-8e70-d3195c6b8f55";
const ALL_STAFF: &str = "f4e0d2b8-3c6a-4d19-b7e5-9a8c7d6e5f44";
const V1: &str = "https://graph.microsoft.com/v1.0/$metadata#";

/// A page of a Graph list.
pub(crate) fn page(context: &str, values: Vec<Value>) -> Value {
    json!({"@odata.context": format!("{V1}{context}"), "value": values})
}

fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Last sign-ins per account name of the log: any success, interactive success.
#[derive(Debug, Default)]
pub(crate) struct LastSeen {
    /// Last success and last interactive success by object id.
    pub(crate) by_id: BTreeMap<String, (Timestamp, Option<Timestamp>)>,
}

/// `GET /users` with the properties lockstep asks for.
pub(crate) fn users(population: &Population, seen: &LastSeen) -> Value {
    let users = population.accounts.iter().map(|account| user(account, seen)).collect();
    page("users", users)
}

fn user(account: &Account, seen: &LastSeen) -> Value {
    let licences =
        if account.licensed { json!([{"skuId": E3, "disabledPlans": []}]) } else { json!([]) };
    let plans = if account.licensed {
        json!([
            {"servicePlanId": EXCHANGE_PLAN, "service": "exchange", "capabilityStatus": "Enabled"},
            {"servicePlanId": P1, "service": "AADPremiumService", "capabilityStatus": "Enabled"}
        ])
    } else {
        json!([])
    };
    let guest = account.kind == Kind::Guest;
    let machine = matches!(account.kind, Kind::Service | Kind::Sync);
    let text = |value: &str| {
        if value.is_empty() { Value::Null } else { json!(value) }
    };
    let mut record = json!({
        "id": account.id,
        "userPrincipalName": account.name,
        "displayName": account.display_name,
        "givenName": text(account.given),
        "surname": text(account.family),
        "mail": mail(account),
        "accountEnabled": account.enabled,
        "userType": if guest { "Guest" } else { "Member" },
        "createdDateTime": stamp(account.created),
        "creationType": if guest { json!("Invitation") } else { Value::Null },
        "externalUserState": if guest { json!("Accepted") } else { Value::Null },
        "employeeType": Value::Null,
        "department": text(account.department),
        "jobTitle": text(account.job),
        "officeLocation": text(account.office),
        "mobilePhone": Value::Null,
        "businessPhones": [],
        "usageLocation": if account.licensed { json!("GB") } else { Value::Null },
        "onPremisesSyncEnabled":
            if account.synchronised { json!(true) } else { Value::Null },
        "onPremisesImmutableId":
            if account.synchronised { json!(format!("{}==", account.id.replace('-', "")
                .chars().take(22).collect::<String>())) } else { Value::Null },
        "assignedLicenses": licences,
        "assignedPlans": plans,
        "passwordPolicies":
            if machine { json!("DisablePasswordExpiration") } else { Value::Null },
    });
    if let (Some(map), Some(activity)) = (record.as_object_mut(), activity(account, seen)) {
        map.insert("signInActivity".to_owned(), activity);
    }
    record
}

fn mail(account: &Account) -> Value {
    match account.kind {
        Kind::Sync => Value::Null,
        Kind::Guest => json!(account.log_name),
        _ => json!(account.name.to_lowercase()),
    }
}

/// Graph leaves the property out for somebody who never signed in.
fn activity(account: &Account, seen: &LastSeen) -> Option<Value> {
    let (any, interactive) = match seen.by_id.get(&account.id) {
        Some((any, interactive)) => (*any, *interactive),
        None => (account.last_seen?, account.last_seen),
    };
    Some(json!({
        "lastSignInDateTime": interactive.map(stamp),
        "lastNonInteractiveSignInDateTime": stamp(any),
        "lastSuccessfulSignInDateTime": stamp(any),
    }))
}

/// The portal's CSV download of users: the same people again, with fewer facts.
pub(crate) fn users_csv(population: &Population) -> String {
    let header = [
        "userPrincipalName",
        "displayName",
        "surname",
        "mail",
        "givenName",
        "id",
        "userType",
        "jobTitle",
        "department",
        "accountEnabled",
        "usageLocation",
        "streetAddress",
        "state",
        "country",
        "officeLocation",
        "city",
        "postalCode",
        "telephoneNumber",
        "mobilePhone",
        "alternateEmailAddress",
        "ageGroup",
        "consentProvidedForMinor",
        "legalAgeGroupClassification",
        "companyName",
        "creationType",
        "directorySynced",
        "invitationState",
        "identityIssuer",
        "createdDateTime",
    ];
    let mut text = csv_line(&header);
    text.push_str("\r\n");
    for account in &population.accounts {
        let guest = account.kind == Kind::Guest;
        let row = header.map(|column| match column {
            "userPrincipalName" => account.name.clone(),
            "displayName" => account.display_name.clone(),
            "surname" => account.family.to_owned(),
            "mail" => mail(account).as_str().unwrap_or_default().to_owned(),
            "givenName" => account.given.to_owned(),
            "id" => account.id.clone(),
            "userType" => if guest { "Guest" } else { "Member" }.to_owned(),
            "jobTitle" => account.job.to_owned(),
            "department" => account.department.to_owned(),
            "accountEnabled" => if account.enabled { "True" } else { "False" }.to_owned(),
            "officeLocation" | "city" => account.office.to_owned(),
            "usageLocation" if account.licensed => "GB".to_owned(),
            "creationType" if guest => "Invitation".to_owned(),
            "directorySynced" if account.synchronised => "True".to_owned(),
            "invitationState" if guest => "Accepted".to_owned(),
            "identityIssuer" => INITIAL_DOMAIN.to_owned(),
            "createdDateTime" => account.created.strftime("%-m/%-d/%Y %-I:%M:%S %p").to_string(),
            _ => String::new(),
        });
        text.push_str(&csv_line(&row));
        text.push_str("\r\n");
    }
    text
}

/// Groups with members, as `$expand=members` gives them; one without, whose members stand in a
/// file of their own; one dynamic.
pub(crate) fn groups(population: &Population) -> Value {
    let group = |id: &str, name: &str, rule: Option<&str>| {
        json!({
            "id": id, "displayName": name, "securityEnabled": true, "mailEnabled": false,
            "groupTypes": if rule.is_some() { json!(["DynamicMembership"]) } else { json!([]) },
            "membershipRule": rule, "isAssignableToRole": Value::Null,
        })
    };
    let mut it = group(IT_TEAM, "IT team", None);
    let mut finance = group(FINANCE, "Finance", None);
    let mut rooms = group(MEETING_ROOMS, "Meeting rooms", None);
    let with_members = |record: &mut Value, chosen: &dyn Fn(&Account) -> bool| {
        if let Some(map) = record.as_object_mut() {
            let members = population.accounts.iter().filter(|it| chosen(it)).map(member).collect();
            map.insert("members".to_owned(), Value::Array(members));
        }
    };
    with_members(&mut it, &|account| account.kind == Kind::Administrator);
    with_members(&mut finance, &in_finance);
    with_members(&mut rooms, &|account| account.kind == Kind::Room);
    page(
        "groups",
        vec![
            it,
            finance,
            rooms,
            group(NO_SMARTPHONE, "No smartphone", None),
            group(ALL_STAFF, "All staff", Some("user.accountEnabled -eq true")),
        ],
    )
}

/// A member of the group Finance.
pub(crate) fn in_finance(account: &Account) -> bool {
    account.kind.human() && (account.department == "Finance" || account.job == "Finance Director")
}

/// Members of one group, as a file of its own.
pub(crate) fn no_smartphone_members(population: &Population) -> Value {
    let members: Vec<Value> = population
        .accounts
        .iter()
        .filter(|account| account.kind == Kind::NoSmartphone)
        .map(member)
        .collect();
    json!({"groupId": NO_SMARTPHONE, "members": members})
}

fn member(account: &Account) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.user", "id": account.id,
        "displayName": account.display_name, "userPrincipalName": account.name,
    })
}

/// Role assignments with their holders.
pub(crate) fn roles(population: &Population) -> Value {
    let assignments = population
        .accounts
        .iter()
        .filter_map(|account| {
            let role = match account.kind {
                Kind::Administrator => GLOBAL_ADMINISTRATOR,
                Kind::Sync => SYNCHRONISATION_ROLE,
                _ => return None,
            };
            Some(json!({
                "id": format!("{}-{}", &role.replace('-', ""), account.id),
                "roleDefinitionId": role, "principalId": account.id, "directoryScopeId": "/",
                "principal": member(account),
            }))
        })
        .collect();
    page("roleManagement/directory/roleAssignments", assignments)
}

/// The registration report. `end` is the end of the last day; rows were refreshed that night.
pub(crate) fn registration(population: &Population, first: Timestamp) -> Vec<Value> {
    population
        .accounts
        .iter()
        .filter(|account| account.registered != Registered::NoRow && reported(account))
        .enumerate()
        .map(|(position, account)| {
            let registered = account.registered;
            let minutes = i64::try_from(position / 8).unwrap_or(0);
            let preferred = registered.preferred();
            json!({
                "id": account.id,
                "userPrincipalName": account.name,
                "userDisplayName": account.display_name,
                "userType": if account.kind == Kind::Guest { "guest" } else { "member" },
                "isAdmin": account.kind == Kind::Administrator,
                "isMfaRegistered": registered.registered(),
                "isMfaCapable": registered.capable(),
                "isPasswordlessCapable": matches!(
                    registered,
                    Registered::AuthenticatorAndHello | Registered::AuthenticatorAndKey
                ),
                "isSsprEnabled": false,
                "isSsprRegistered": !registered.methods().is_empty(),
                "isSsprCapable": false,
                "isSystemPreferredAuthenticationMethodEnabled": true,
                "systemPreferredAuthenticationMethods": [],
                "userPreferredMethodForSecondaryAuthentication": preferred,
                "methodsRegistered": registered.methods(),
                "lastUpdatedDateTime": stamp(first + SignedDuration::from_mins(minutes)),
            })
        })
        .collect()
}

/// Machines and rooms are in the report like everyone else; disabled mailboxes are not.
fn reported(account: &Account) -> bool {
    account.enabled
}

/// The mailbox list of the Exchange admin centre.
pub(crate) fn mailboxes_csv(population: &Population, end: Timestamp) -> String {
    let mut text = csv_line(&[
        "Display name",
        "Email address",
        "Recipient type",
        "Archive status",
        "Last modified time",
    ]);
    text.push_str("\r\n");
    for account in population.accounts.iter().filter(|account| {
        !matches!(account.kind, Kind::Guest | Kind::Sync) && account.enabled
            || account.kind == Kind::SharedMailbox
            || account.kind == Kind::Room
    }) {
        let recipient = match account.kind {
            Kind::SharedMailbox => "SharedMailbox",
            Kind::Room => "RoomMailbox",
            _ => "UserMailbox",
        };
        let row = [
            account.display_name.clone(),
            account.name.to_lowercase(),
            recipient.to_owned(),
            "None".to_owned(),
            end.strftime("%-m/%-d/%Y %-I:%M:%S %p").to_string(),
        ];
        text.push_str(&csv_line(&row));
        text.push_str("\r\n");
    }
    text
}

/// Registrations of the last weeks, as the directory audit tells them.
pub(crate) fn audits(population: &Population, seed: u64, end: Timestamp) -> Value {
    let mut chance = Chance::of(seed, "audits");
    let capable = population.in_scope().filter(|account| {
        account.registered.capable() && account.created < end - SignedDuration::from_hours(24 * 30)
    });
    let events = capable
        .step_by(6)
        .map(|account| {
            let ago = SignedDuration::from_secs(chance.between(3600, 26 * 24 * 3600));
            let reason = match account.registered {
                Registered::TextMessageOnly => "User registered Mobile Phone SMS",
                Registered::CodeApp => "User registered Authenticator App with Code",
                _ => "User registered Authenticator App with Notification and Code",
            };
            json!({
                "id": format!("SSGM_{}_{}", chance.guid(), account.id),
                "activityDateTime": stamp(end - ago),
                "activityDisplayName": "User registered security info",
                "category": "UserManagement",
                "correlationId": chance.guid(),
                "loggedByService": "Authentication Methods",
                "operationType": "Add",
                "result": "success",
                "resultReason": reason,
                "initiatedBy": {"app": null, "user": {
                    "id": account.id, "displayName": account.display_name,
                    "userPrincipalName": account.name, "ipAddress": account.address,
                }},
                "targetResources": [{
                    "id": account.id, "displayName": account.display_name, "type": "User",
                    "userPrincipalName": account.name, "groupType": null, "modifiedProperties": [],
                }],
                "additionalDetails": [],
            })
        })
        .collect();
    page("auditLogs/directoryAudits", events)
}

/// `GET /organization`.
pub(crate) fn organization(end: Timestamp) -> Value {
    let last = stamp(end - SignedDuration::from_mins(24));
    page(
        "organization",
        vec![json!({
            "id": TENANT_ID, "displayName": TENANT, "tenantType": "AAD", "countryLetterCode": "GB",
            "createdDateTime": "2016-02-01T09:00:00Z", "onPremisesSyncEnabled": true,
            "onPremisesLastSyncDateTime": last,
            "technicalNotificationMails": [format!("it@{DOMAIN}")],
            "verifiedDomains": [
                {"name": DOMAIN, "isDefault": true, "isInitial": false, "type": "Managed",
                 "capabilities": "Email, OfficeCommunicationsOnline"},
                {"name": INITIAL_DOMAIN, "isDefault": false, "isInitial": true, "type": "Managed",
                 "capabilities": "Email, OfficeCommunicationsOnline"},
            ],
        })],
    )
}

/// `GET /domains`.
pub(crate) fn domains() -> Value {
    let domain = |name: &str, initial: bool| {
        json!({
            "id": name, "authenticationType": "Managed", "isDefault": !initial,
            "isInitial": initial, "isVerified": true, "isAdminManaged": true, "isRoot": true,
            "supportedServices": ["Email"],
        })
    };
    page("domains", vec![domain(DOMAIN, false), domain(INITIAL_DOMAIN, true)])
}

/// `GET /subscribedSkus`: Microsoft 365 E3, with a few spare.
pub(crate) fn licences(population: &Population) -> Value {
    let used = population.accounts.iter().filter(|account| account.licensed).count();
    let plan = |id: &str, name: &str| {
        json!({"servicePlanId": id, "servicePlanName": name, "provisioningStatus": "Success",
               "appliesTo": "User"})
    };
    page(
        "subscribedSkus",
        vec![json!({
            "id": format!("{TENANT_ID}_{E3}"), "skuId": E3, "skuPartNumber": "SPE_E3",
            "appliesTo": "User", "capabilityStatus": "Enabled", "consumedUnits": used,
            "prepaidUnits": {
                "enabled": used + 8, "suspended": 0, "warning": 0, "lockedOut": 0,
            },
            "servicePlans": [
                plan(P1, "AAD_PREMIUM"), plan(EXCHANGE_PLAN, "EXCHANGE_S_ENTERPRISE"),
                plan("8a256a2b-b617-496d-b51b-e76466e88db0", "MFA_PREMIUM"),
            ],
        })],
    )
}

/// Security defaults are on.
pub(crate) fn security_defaults() -> Value {
    json!({
        "@odata.context": format!("{V1}policies/identitySecurityDefaultsEnforcementPolicy/$entity"),
        "id": "00000000-0000-0000-0000-000000000005", "displayName": "Security Defaults",
        "description": "A basic set of identity security mechanisms.", "isEnabled": true,
    })
}

/// The authentication-methods policy: voice calls are off, so an office phone does not count, and
/// nobody is to register anything for a meeting room.
pub(crate) fn methods_policy() -> Value {
    let rooms = json!([{"id": MEETING_ROOMS, "targetType": "group"}]);
    let everyone = || {
        json!([{"id": "all_users", "targetType": "group",
                              "isRegistrationRequired": false}])
    };
    let method = |id: &str, kind: &str, on: bool| {
        json!({
            "@odata.type":
                format!("#microsoft.graph.{kind}AuthenticationMethodConfiguration"),
            "id": id, "state": if on { "enabled" } else { "disabled" },
            "includeTargets": if on { everyone() } else { json!([]) },
            "excludeTargets": if on { rooms.clone() } else { json!([]) },
        })
    };
    json!({
        "@odata.context": format!("{V1}policies/authenticationMethodsPolicy/$entity"),
        "id": "authenticationMethodsPolicy", "displayName": "Authentication Methods Policy",
        "policyVersion": "1.5", "policyMigrationState": "migrationComplete",
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
            "state": "default", "snoozeDurationInDays": 1, "excludeTargets": [],
            "includeTargets": [{"id": "all_users", "targetType": "group",
                                "targetedAuthenticationMethod": "microsoftAuthenticator"}],
        }},
        "authenticationMethodConfigurations": [
            method("MicrosoftAuthenticator", "microsoftAuthenticator", true),
            method("Fido2", "fido2", true),
            method("TemporaryAccessPass", "temporaryAccessPass", true),
            method("Sms", "sms", true),
            method("SoftwareOath", "softwareOath", true),
            method("Voice", "voice", false),
            method("Email", "email", true),
            method("X509Certificate", "x509Certificate", false),
        ],
    })
}
