//! The tenant's settings as they are when the world begins: licences, domains, roles, policies.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::chance::Chance;
use super::names::{DOMAIN, INITIAL_DOMAIN, TENANT};
use super::object::{object, text, time};
use crate::documents::{Collection, Documents};

/// Licence Microsoft 365 E3.
pub(crate) const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
/// Service plan Entra ID P1.
pub(crate) const P1: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
/// Service plan Exchange Online (plan 2).
pub(crate) const EXCHANGE: &str = "efb87545-963c-4e0d-99df-69c6916d9eb0";
const INTUNE: &str = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5";
const MFA: &str = "8a256a2b-b617-496d-b51b-e76466e88db0";

/// Role template id of Global Administrator.
pub(crate) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
/// Role template id of Helpdesk Administrator.
pub(crate) const HELPDESK_ADMINISTRATOR: &str = "729827e3-9c14-49f7-bb1b-9608f156bbb8";
/// Role template id of Directory Synchronization Accounts.
pub(crate) const SYNCHRONISATION: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";

/// Built-in roles (Microsoft Entra built-in roles), by template id.
const ROLES: [(&str, &str); 19] = [
    (GLOBAL_ADMINISTRATOR, "Global Administrator"),
    ("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"),
    ("7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator"),
    ("c4e39bd9-1100-46d3-8c65-fb160da0071f", "Authentication Administrator"),
    ("0526716b-113d-4c15-b2c8-68e3c22b9f80", "Authentication Policy Administrator"),
    ("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "Conditional Access Administrator"),
    ("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator"),
    ("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator"),
    ("f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "SharePoint Administrator"),
    ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
    (HELPDESK_ADMINISTRATOR, "Helpdesk Administrator"),
    ("b0f54661-2d74-4c50-afa3-1ec803f12efe", "Billing Administrator"),
    ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"),
    ("158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator"),
    ("966707d0-3269-4727-9be2-8c3a10f19b9d", "Password Administrator"),
    ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"),
    ("4a5d8f65-41da-4de4-8968-e035b65339cf", "Reports Reader"),
    (SYNCHRONISATION, "Directory Synchronization Accounts"),
    ("a92aed5d-d78a-4d16-b381-09adb37eb3b0", "On Premises Directory Sync Account"),
];

/// The three built-in authentication strengths.
const PHISHING_RESISTANT: [&str; 3] =
    ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"];
const OTHER_MFA: [&str; 13] = [
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "password,microsoftAuthenticatorPush",
    "password,softwareOath",
    "password,hardwareOath",
    "password,sms",
    "password,voice",
    "federatedMultiFactor",
    "microsoftAuthenticatorPush,federatedSingleFactor",
    "softwareOath,federatedSingleFactor",
    "hardwareOath,federatedSingleFactor",
    "sms,federatedSingleFactor",
];

/// What makes the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) id: String,
    pub(crate) display_name: String,
    pub(crate) domain: String,
    pub(crate) initial_domain: String,
    pub(crate) synchronised: bool,
    pub(crate) federated: bool,
    /// Somebody has Entra ID P1.
    pub(crate) premium: bool,
    pub(crate) networks: Networks,
    /// Offices are called by their cities; of a twin they are numbered.
    pub(crate) cities: bool,
}

/// Beginnings of the addresses and phone numbers people are given, none of them anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Networks {
    /// Offices, up to the last number of the address.
    pub(crate) office: &'static str,
    /// Homes, up to the last two numbers.
    pub(crate) home: &'static str,
    pub(crate) mobile: &'static str,
    pub(crate) partner: &'static str,
    pub(crate) attackers: &'static str,
    /// Phone numbers, up to the last three digits.
    pub(crate) phone: &'static str,
}

impl Networks {
    /// The firm's: ranges reserved for documentation and measurements (RFC 5737, RFC 2544), and
    /// numbers reserved for drama (Ofcom).
    pub(crate) fn firm() -> Self {
        Self {
            office: "198.51.100.",
            home: "198.18.",
            mobile: "203.0.113.",
            partner: "203.0.113.",
            attackers: "192.0.2.",
            phone: "+44 7700900",
        }
    }

    /// Those of twins, which no tenant can have: shared address space (RFC 6598).
    pub(crate) fn of_twins() -> Self {
        Self {
            office: "100.64.7.",
            home: "100.80.",
            mobile: "100.96.1.",
            partner: "100.96.2.",
            attackers: "100.127.3.",
            phone: "+44 1632960",
        }
    }
}

impl Settings {
    /// The firm's.
    pub(crate) fn firm(chance: Chance) -> Self {
        Self {
            id: chance.for_purpose("tenant").guid().to_string(),
            display_name: TENANT.to_owned(),
            domain: DOMAIN.to_owned(),
            initial_domain: INITIAL_DOMAIN.to_owned(),
            synchronised: true,
            federated: false,
            premium: true,
            networks: Networks::firm(),
            cities: true,
        }
    }
}

/// Writes one object under its own `id`.
pub(crate) fn put(documents: &mut Documents, within: Collection, value: Value, at: Timestamp) {
    let object = object(value);
    let id = text(&object, "id").unwrap_or_default().to_owned();
    documents.put(within, &id, object, at);
}

/// The settings every tenant has, as of its beginning.
pub(crate) fn furnish(documents: &mut Documents, settings: &Settings, at: Timestamp) {
    put(documents, Collection::Organization, organization(settings), at);
    for domain in domains(settings) {
        put(documents, Collection::Domains, domain, at);
    }
    for (id, name) in ROLES {
        put(documents, Collection::RoleDefinitions, role_definition(id, name), at);
    }
    for strength in strengths() {
        put(documents, Collection::AuthenticationStrengths, strength, at);
    }
    put(documents, Collection::CrossTenantDefault, cross_tenant(), at);
    put(documents, Collection::DeviceRegistrationPolicy, device_registration(), at);
    put(documents, Collection::SecurityDefaults, security_defaults(true), at);
    put(documents, Collection::MethodsPolicy, methods_policy(at), at);
}

fn organization(settings: &Settings) -> Value {
    let verified = |name: &str, is_default: bool| {
        json!({
            "capabilities": "Email, OfficeCommunicationsOnline",
            "isDefault": is_default,
            "isInitial": !is_default,
            "name": name,
            "type": if settings.federated && is_default { "Federated" } else { "Managed" },
        })
    };
    json!({
        "id": settings.id,
        "displayName": settings.display_name,
        "createdDateTime": "2014-03-03T10:00:00Z",
        "countryLetterCode": "GB",
        "country": null,
        "city": null,
        "state": null,
        "street": null,
        "postalCode": null,
        "preferredLanguage": "en",
        "defaultUsageLocation": "GB",
        "businessPhones": [],
        "technicalNotificationMails": [format!("it@{}", settings.domain)],
        "marketingNotificationEmails": [],
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "onPremisesSyncEnabled": if settings.synchronised { json!(true) } else { Value::Null },
        "onPremisesLastSyncDateTime": null,
        "partnerTenantType": null,
        "tenantType": "AAD",
        "assignedPlans": [],
        "provisionedPlans": [],
        "verifiedDomains":
            [verified(&settings.domain, true), verified(&settings.initial_domain, false)],
    })
}

fn domains(settings: &Settings) -> [Value; 2] {
    let domain = |name: &str, is_default: bool| {
        let federated = settings.federated && is_default;
        json!({
            "id": name,
            "authenticationType": if federated { "Federated" } else { "Managed" },
            "availabilityStatus": null,
            "isAdminManaged": true,
            "isDefault": is_default,
            "isInitial": !is_default,
            "isRoot": true,
            "isVerified": true,
            "supportedServices": ["Email", "OfficeCommunicationsOnline"],
            "passwordValidityPeriodInDays": 2_147_483_647,
            "passwordNotificationWindowInDays": 14,
            "state": null,
            "manufacturer": null,
            "model": null,
        })
    };
    [domain(&settings.domain, true), domain(&settings.initial_domain, false)]
}

/// The licence, with as many units as are needed and a few more.
pub(crate) fn licence(tenant: &str, consumed: usize) -> Value {
    let plan = |id: &str, name: &str| {
        json!({
            "appliesTo": "User",
            "provisioningStatus": "Success",
            "servicePlanId": id,
            "servicePlanName": name,
        })
    };
    json!({
        "id": format!("{tenant}_{E3}"),
        "accountId": tenant,
        "accountName": "twin",
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": consumed,
        "prepaidUnits":
            {"enabled": consumed + consumed / 30 + 3, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": [
            plan(P1, "AAD_PREMIUM"),
            plan(EXCHANGE, "EXCHANGE_S_ENTERPRISE"),
            plan(INTUNE, "INTUNE_A"),
            plan(MFA, "MFA_PREMIUM"),
        ],
        "skuId": E3,
        "skuPartNumber": "SPE_E3",
        "subscriptionIds": [],
    })
}

/// A role definition; of a built-in one the id is the template id.
pub(crate) fn role_definition(id: &str, name: &str) -> Value {
    json!({
        "id": id,
        "displayName": name,
        "description": format!("Built-in role {name}."),
        "isBuiltIn": true,
        "isEnabled": true,
        "resourceScopes": ["/"],
        "rolePermissions": [{"allowedResourceActions": [], "condition": null}],
        "templateId": id,
        "version": "1",
    })
}

/// The name of a built-in role.
pub(crate) fn role_name(id: &str) -> Option<&'static str> {
    ROLES.iter().find(|(role, _)| role.eq_ignore_ascii_case(id)).map(|(_, name)| *name)
}

/// An active assignment of a role in the whole tenant or a part of it.
pub(crate) fn role_assignment(id: &str, role: &str, principal: &str, scope: &str) -> Value {
    json!({
        "id": id,
        "principalId": principal,
        "roleDefinitionId": role,
        "directoryScopeId": scope,
        "appScopeId": null,
        "principalOrganizationId": null,
        "condition": null,
    })
}

fn strengths() -> [Value; 3] {
    let strength = |number: u8, name: &str, combinations: Vec<&str>| {
        json!({
            "id": format!("00000000-0000-0000-0000-00000000000{number}"),
            "createdDateTime": "2021-12-01T00:00:00Z",
            "modifiedDateTime": "2021-12-01T00:00:00Z",
            "displayName": name,
            "description": format!("Built-in strength {name}."),
            "policyType": "builtIn",
            "requirementsSatisfied": "mfa",
            "allowedCombinations": combinations,
            "combinationConfigurations": [],
        })
    };
    let resistant = PHISHING_RESISTANT.to_vec();
    let passwordless: Vec<&str> = resistant.iter().copied().chain(["deviceBasedPush"]).collect();
    let mfa: Vec<&str> = resistant.iter().copied().chain(OTHER_MFA).collect();
    [
        strength(2, "Multifactor authentication", mfa),
        strength(3, "Passwordless MFA", passwordless),
        strength(4, "Phishing resistant MFA", resistant),
    ]
}

fn cross_tenant() -> Value {
    json!({
        "id": "default",
        "isServiceDefault": true,
        "inboundTrust": {
            "isMfaAccepted": false,
            "isCompliantDeviceAccepted": false,
            "isHybridAzureADJoinedDeviceAccepted": false,
        },
    })
}

fn device_registration() -> Value {
    json!({
        "id": "deviceRegistrationPolicy",
        "displayName": "Device Registration Policy",
        "description": "Who may register and join devices.",
        "userDeviceQuota": 50,
        "multiFactorAuthConfiguration": "notRequired",
        "azureADRegistration": {"isAdminConfigurable": false,
            "allowedToRegister":
                {"@odata.type": "#microsoft.graph.allDeviceRegistrationMembership"}},
        "azureADJoin": {"isAdminConfigurable": true,
            "allowedToJoin": {"@odata.type": "#microsoft.graph.allDeviceRegistrationMembership"}},
        "localAdminPassword": {"isEnabled": false},
    })
}

/// The security defaults policy.
pub(crate) fn security_defaults(is_enabled: bool) -> Value {
    json!({
        "id": "00000000-0000-0000-0000-000000000005",
        "displayName": "Security Defaults",
        "description": "Security defaults is a set of basic identity security mechanisms.",
        "isEnabled": is_enabled,
    })
}

fn methods_policy(at: Timestamp) -> Value {
    let mut configurations = Vec::new();
    let kinds = [
        ("MicrosoftAuthenticator", "microsoftAuthenticator", true),
        ("Fido2", "fido2", true),
        ("TemporaryAccessPass", "temporaryAccessPass", true),
        ("Sms", "sms", true),
        ("SoftwareOath", "softwareOath", true),
        ("Voice", "voice", false),
        ("Email", "email", true),
        ("X509Certificate", "x509Certificate", false),
    ];
    for (id, kind, enabled) in kinds {
        configurations.push(method_configuration(id, kind, enabled));
    }
    let everybody = json!({"id": "all_users", "targetType": "group"});
    let nobody = json!({"id": "00000000-0000-0000-0000-000000000000", "targetType": "group"});
    json!({
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "Which methods people may register and use.",
        "lastModifiedDateTime": time(at),
        "policyVersion": "1.5",
        "policyMigrationState": "migrationComplete",
        "reconfirmationInDays": null,
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
            "snoozeDurationInDays": 1,
            "enforceRegistrationAfterAllowedSnoozes": false,
            "state": "default",
            "excludeTargets": [],
            "includeTargets": [{"id": "all_users", "targetType": "group",
                "targetedAuthenticationMethod": "microsoftAuthenticator"}],
        }},
        "systemCredentialPreferences":
            {"state": "default", "includeTargets": [everybody.clone()], "excludeTargets": []},
        "reportSuspiciousActivitySettings":
            {"state": "default", "includeTarget": everybody, "voiceReportingCode": 0},
        "microsoftAuthenticatorPlatformSettings":
            {"enforceAppPIN": {"includeTargets": [], "excludeTargets": [nobody]}},
        "authenticationMethodConfigurations": configurations,
    })
}

fn method_configuration(id: &str, kind: &str, enabled: bool) -> Value {
    let mut target =
        object(json!({"id": "all_users", "targetType": "group", "isRegistrationRequired": false}));
    let mut own = json!({});
    match id {
        "MicrosoftAuthenticator" => {
            target.insert("authenticationMode".to_owned(), json!("any"));
            own = authenticator_settings();
        }
        "Fido2" => {
            own = json!({
                "isAttestationEnforced": false,
                "isSelfServiceRegistrationAllowed": true,
                "keyRestrictions":
                    {"isEnforced": false, "enforcementType": "block", "aaGuids": []},
            });
        }
        "TemporaryAccessPass" => {
            own = json!({
                "defaultLength": 8,
                "defaultLifetimeInMinutes": 60,
                "minimumLifetimeInMinutes": 60,
                "maximumLifetimeInMinutes": 480,
                "isUsableOnce": true,
            });
        }
        "Sms" => {
            target.insert("isUsableForSignIn".to_owned(), json!(false));
        }
        "Voice" => own = json!({"isOfficePhoneAllowed": false}),
        "Email" => own = json!({"allowExternalIdToUseEmailOtp": "default"}),
        _ => {}
    }
    let mut configuration = object(json!({
        "@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethodConfiguration"),
        "id": id,
        "state": if enabled { "enabled" } else { "disabled" },
        "includeTargets": if enabled { json!([target]) } else { json!([]) },
        "excludeTargets": [],
    }));
    configuration.extend(object(own));
    Value::Object(configuration)
}

fn authenticator_settings() -> Value {
    let feature = || {
        json!({
            "state": "default",
            "includeTarget": {"id": "all_users", "targetType": "group"},
            "excludeTarget":
                {"id": "00000000-0000-0000-0000-000000000000", "targetType": "group"},
        })
    };
    json!({
        "isSoftwareOathEnabled": true,
        "featureSettings": {
            "displayAppInformationRequiredState": feature(),
            "displayLocationInformationRequiredState": feature(),
            "numberMatchingRequiredState": feature(),
            "companionAppAllowedState": feature(),
        },
    })
}
