//! A row of the log as beta shows it.

use std::sync::Arc;

use conditional_access::{RowStatus, Word};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::World;
use super::apps::{self, Client};
use super::attack::PLACES;
use super::chance::Chance;
use super::conversation::{device_facts, platform};
use super::era::{Era, Met, PlatformOf};
use super::moments::{Moment, Place, Slot};
use super::names::OFFICES;
use super::object::{object, time};
use super::person::{Held, Person};
use super::row::{Asker, Ending, NOT_REACHED, Row};
use super::show::about;

impl World {
    /// A row with every property, as the log shows it at a time.
    pub(crate) fn sign_in(
        &self,
        row: &Row,
        met: &[Arc<Met>],
        seen: Timestamp,
    ) -> Map<String, Value> {
        let met = usize::try_from(row.met).ok().and_then(|place| met.get(place));
        let met = met.filter(|_| row.met != NOT_REACHED);
        let mut shown = object(self.common(row));
        shown.extend(object(unset(row)));
        let Some(person) = self.person_of(row) else {
            shown.extend(object(self.program(row)));
            return shown;
        };
        let at = Timestamp::from_second(row.second).unwrap_or(seen);
        let era = self.era(at);
        shown.extend(object(self.who(row, person)));
        shown.extend(object(where_from(self, row, person)));
        shown.extend(object(self.outcome(row, person, met, &era)));
        let complete = row.second + i64::from(row.details_after) <= seen.as_second();
        let details = self.details(row, person, complete);
        shown.insert("authenticationDetails".to_owned(), details);
        shown
    }

    fn common(&self, row: &Row) -> Value {
        let id = row_id(row);
        let at = Timestamp::from_second(row.second).unwrap_or(self.begins);
        let app = apps::app(row.app);
        let tenant = &self.settings.id;
        json!({
            "id": id,
            "createdDateTime": time(at),
            "appId": app.map(|it| it.id),
            "appDisplayName": app.map(|it| it.name),
            "resourceId": app.map(|it| it.resource),
            "resourceDisplayName": app.map(|it| it.resource_name),
            "resourceTenantId": tenant,
            "resourceServicePrincipalId":
                app.map(|it| Chance::of(self.seed).for_purpose(it.resource).guid().to_string()),
            "correlationId": Chance::of_key(row.conversation).for_purpose("correlation").guid()
                .to_string(),
            "originalRequestId": id,
            "tokenIssuerName": "",
            "tokenIssuerType": "AzureAD",
            "clientCredentialType": "none",
            "processingTimeInMilliseconds": Chance::of_key(row.key).within([60, 900]),
            "riskDetail": "none",
            "riskLevelAggregated": "none",
            "riskLevelDuringSignIn": "none",
            "riskState": "none",
            "riskEventTypes_v2": [],
        })
    }

    fn who(&self, row: &Row, person: &Person) -> Value {
        let home = match person.is_guest() {
            true => Chance::of_key(9).for_purpose("partner tenant").guid().to_string(),
            false => self.settings.id.clone(),
        };
        let (protocol, incoming) = match (row.client, row.ending) {
            (Client::Smtp | Client::Imap, _) => ("ropc", "none"),
            (Client::Browser, _) | (_, Ending::WrongPassword) => ("none", "none"),
            (_, _) if row.is_interactive() => ("none", "none"),
            _ => ("none", "primaryRefreshToken"),
        };
        let name = person.log_name(&self.settings.domain).to_lowercase();
        json!({
            "userId": person.id.to_string(),
            "userPrincipalName": name,
            "userDisplayName": person.display_name(),
            "userType": if person.is_guest() { "guest" } else { "member" },
            "signInIdentifier": if row.is_interactive() { json!(name) } else { json!("") },
            "signInIdentifierType":
                if row.is_interactive() { json!("userPrincipalName") } else { Value::Null },
            "homeTenantId": home,
            "crossTenantAccessType": if person.is_guest() { "b2bCollaboration" } else { "none" },
            "servicePrincipalId": "",
            "servicePrincipalName": null,
            "isInteractive": row.is_interactive(),
            "signInEventTypes":
                [if row.is_interactive() { "interactiveUser" } else { "nonInteractiveUser" }],
            "clientAppUsed": row.client.word(),
            "userAgent": user_agent(row, person),
            "authenticationProtocol": protocol,
            "incomingTokenType": incoming,
        })
    }

    fn program(&self, row: &Row) -> Value {
        let app = apps::app(row.app);
        let name = app.map(|it| it.name);
        let principal = Chance::of(self.seed).for_purpose("program").about(u64::from(row.app));
        json!({
            "userId": "",
            "userPrincipalName": null,
            "userDisplayName": null,
            "userType": null,
            "servicePrincipalId": principal.guid().to_string(),
            "servicePrincipalName": name,
            "homeTenantId": self.settings.id,
            "crossTenantAccessType": "none",
            "isInteractive": null,
            "signInEventTypes": ["servicePrincipal"],
            "clientAppUsed": null,
            "userAgent": null,
            "clientCredentialType": "clientSecret",
            "authenticationProtocol": "none",
            "incomingTokenType": "none",
            "ipAddress": OFFICES.first().map(|it| format!("{}{}", self.settings.networks.office, it.address)),
            "location": office_location(0),
            "deviceDetail": null,
            "status": {"errorCode": 0, "failureReason": null, "additionalDetails": null},
            "conditionalAccessStatus": "notApplied",
            "appliedConditionalAccessPolicies": [],
            "authenticationRequirement": "singleFactorAuthentication",
            "authenticationRequirementPolicies": [],
            "authenticationDetails": [],
        })
    }

    fn outcome(&self, row: &Row, person: &Person, met: Option<&Arc<Met>>, era: &Era) -> Value {
        let by_security_defaults = row.asker == Asker::SecurityDefaults;
        let code = row.ending.code(row.is_interactive(), by_security_defaults);
        let (reason, details) = words(row.ending);
        let asked = !matches!(row.asker, Asker::Nobody)
            && !matches!(row.ending, Ending::Blocked | Ending::BlockedBySecurityDefaults);
        let requirement =
            if asked { "multiFactorAuthentication" } else { "singleFactorAuthentication" };
        let policies = requirement_policies(row.asker, asked);
        let status = met.map_or("notApplied", |met| match met.status {
            RowStatus::Success => "success",
            RowStatus::Failure => "failure",
            RowStatus::NotApplied | RowStatus::Unknown => "notApplied",
        });
        let applied: Vec<Value> = met
            .map(|met| {
                let pairs = era.faces.iter().zip(&met.words);
                pairs.map(|(face, word)| applied(face, *word)).collect()
            })
            .unwrap_or_default();
        let passed = matches!(row.ending, Ending::Passed | Ending::PassedAfterRegistration);
        let at = Timestamp::from_second(row.second).unwrap_or(self.begins);
        let method = passed.then(|| second_factor(self.usable_methods(person, at))).flatten();
        json!({
            "status": {
                "errorCode": code,
                "failureReason": reason,
                "additionalDetails": details,
            },
            "conditionalAccessStatus": status,
            "appliedConditionalAccessPolicies": applied,
            "authenticationRequirement": requirement,
            "authenticationRequirementPolicies": policies,
            "authenticationMethodsUsed": method.map(|it| vec![it.0]).unwrap_or_default(),
            "mfaDetail": method.map(|it| json!({"authMethod": it.0, "authDetail": null})),
        })
    }

    fn details(&self, row: &Row, person: &Person, complete: bool) -> Value {
        let at = Timestamp::from_second(row.second).unwrap_or(self.begins);
        let step =
            |method: &str, detail: Option<&str>, ok: bool, result: &str, requirement: &str| {
                json!({
                    "authenticationStepDateTime": time(at),
                    "authenticationMethod": method,
                    "authenticationMethodDetail": detail,
                    "succeeded": ok,
                    "authenticationStepResultDetail": result,
                    "authenticationStepRequirement": requirement,
                })
            };
        let primary = "Primary authentication";
        let second = "Multifactor authentication";
        let where_kept =
            if person.synchronised { "Password Hash Sync" } else { "Password in the cloud" };
        let password = || step("Password", Some(where_kept), true, "Correct password", primary);
        let claim = || {
            let said = "First factor requirement satisfied by claim in the token";
            step("Previously satisfied", None, true, said, primary)
        };
        let factor = second_factor(self.usable_methods(person, at));
        let (method, detail) = factor.unwrap_or(("Mobile app notification", None));
        match row.ending {
            Ending::Password => json!([password()]),
            Ending::KeepSignedIn => json!([password()]),
            Ending::TokenOnly => json!([claim()]),
            Ending::ClaimedBefore => {
                let said = "MFA requirement satisfied by claim in the token";
                json!([claim(), step("Previously satisfied", None, true, said, second)])
            }
            // The first copy of a row lacks what is joined to it later.
            Ending::Passed | Ending::PassedAfterRegistration if !complete => {
                let said = "MFA requirement satisfied by claim in the token";
                json!([step("Previously satisfied", None, true, said, second)])
            }
            Ending::Passed | Ending::PassedAfterRegistration => {
                let said = "MFA successfully completed";
                json!([password(), step(method, detail, true, said, second)])
            }
            Ending::Asked => {
                let said = "MFA required in Azure AD";
                json!([password(), step(method, detail, false, said, second)])
            }
            Ending::MustRegister => json!([password()]),
            Ending::NoAnswer | Ending::Declined => {
                let said = words(row.ending).1.unwrap_or_default();
                json!([password(), step(method, detail, false, said, second)])
            }
            Ending::Blocked | Ending::BlockedBySecurityDefaults => json!([password()]),
            Ending::WrongPassword => {
                let said =
                    "Invalid username or password or Invalid on-premise username or password.";
                json!([step("Password", Some(where_kept), false, said, primary)])
            }
            Ending::LockedOut | Ending::Disabled | Ending::NoSuchUser => json!([]),
        }
    }
}

/// Properties that most rows share, all of them unset.
fn unset(row: &Row) -> Value {
    let app = apps::app(row.app);
    json!({
        "authenticationMethodsUsed": [],
        "mfaDetail": null,
        "flaggedForReview": false,
        "isTenantRestricted": false,
        "autonomousSystemNumber": 64_496 + i32::from(u8::from(row.slot == Slot::Phone)),
        "servicePrincipalCredentialKeyId": null,
        "servicePrincipalCredentialThumbprint": "",
        "federatedCredentialId": null,
        "uniqueTokenIdentifier": token(row),
        "sessionId": null,
        "globalSecureAccessIpAddress": "",
        "isThroughGlobalSecureAccess": false,
        "ipAddressFromResourceProvider": null,
        "homeTenantName": "",
        "authenticationContextClassReferences": [],
        "authenticationAppPolicyEvaluationDetails": [],
        "authenticationAppDeviceDetails": null,
        "authenticationProcessingDetails": [],
        "networkLocationDetails": [],
        "sessionLifetimePolicies": [],
        "appliedEventListeners": [],
        "conditionalAccessAudiences": app.map(|it| vec![it.resource]).unwrap_or_default(),
        "originalTransferMethod": "none",
        "signInTokenProtectionStatus": "none",
        "managedServiceIdentity": null,
        "agent": null,
        "privateLinkDetails":
            {"policyId": "", "policyName": "", "resourceId": "", "policyTenantId": ""},
    })
}

/// The id of a row; a copy has the same.
pub(crate) fn row_id(row: &Row) -> String {
    Chance::of_key(row.key).for_purpose("row id").guid().to_string()
}

fn token(row: &Row) -> String {
    use base64::Engine as _;
    let id = Chance::of_key(row.key).for_purpose("token").guid();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id.as_bytes())
}

fn applied(face: &super::era::Face, word: Word) -> Value {
    let applies = !matches!(
        word,
        Word::NotApplied | Word::NotEnabled | Word::ReportOnlyNotApplied | Word::Unknown
    );
    json!({
        "id": face.id,
        "displayName": face.name,
        "enforcedGrantControls": if applies { json!(face.grant) } else { json!([]) },
        "enforcedSessionControls": if applies { json!(face.session) } else { json!([]) },
        "result": word.as_str(),
        "conditionsSatisfied": "none",
        "conditionsNotSatisfied": "none",
        "includeRulesSatisfied": [],
        "excludeRulesSatisfied": [],
        "sessionControlsNotSatisfied": [],
        "authenticationStrength": null,
    })
}

fn requirement_policies(asker: Asker, asked: bool) -> Value {
    let (provider, detail) = match asker {
        _ if !asked => return json!([]),
        Asker::Nobody => return json!([]),
        Asker::ConditionalAccess => ("multiConditionalAccess", "Conditional Access"),
        Asker::SecurityDefaults => ("securityDefaults", "Security Defaults"),
        Asker::PerUser => ("user", "Per-user MFA"),
        Asker::Portal => ("request", "Requested by the application"),
    };
    json!([{"requirementProvider": provider, "detail": detail}])
}

/// Reason and additional details of an ending, in the log's words.
fn words(ending: Ending) -> (Option<&'static str>, Option<&'static str>) {
    match ending {
        Ending::Password | Ending::TokenOnly => (Some("Other."), None),
        Ending::ClaimedBefore => {
            (Some("Other."), Some("MFA requirement satisfied by claim in the token"))
        }
        Ending::Passed | Ending::PassedAfterRegistration => {
            (Some("Other."), Some("MFA completed in Azure AD"))
        }
        Ending::Asked => (
            Some("Strong authentication is required and was not passed yet."),
            Some("MFA required in Azure AD"),
        ),
        Ending::MustRegister => {
            (Some("The user must register for multifactor authentication."), None)
        }
        Ending::NoAnswer => (
            Some("Authentication failed during strong authentication request."),
            Some("MFA denied; user did not respond to mobile app notification"),
        ),
        Ending::Declined => (
            Some("Authentication failed during strong authentication request."),
            Some("MFA denied; user declined the authentication"),
        ),
        Ending::Blocked => (Some("Access has been blocked by Conditional Access policies."), None),
        Ending::BlockedBySecurityDefaults => {
            (Some("Access has been blocked by security defaults."), None)
        }
        Ending::WrongPassword => {
            (Some("Error validating credentials due to invalid username or password."), None)
        }
        Ending::LockedOut => {
            (Some("The account is locked, or the address is known for attacks."), None)
        }
        Ending::Disabled => (Some("The user account is disabled."), None),
        Ending::NoSuchUser => (Some("The user account is not in the directory."), None),
        Ending::KeepSignedIn => (Some("\"Keep me signed in\" interrupt."), None),
    }
}

/// Which second factor somebody uses, in the log's words.
fn second_factor(held: Held) -> Option<(&'static str, Option<&'static str>)> {
    [
        (Held::SECURITY_KEY, ("Passkey (device-bound)", Some("Security key"))),
        (Held::AUTHENTICATOR, ("Mobile app notification", None)),
        (Held::CODE_APP, ("OATH verification code", None)),
        (Held::WINDOWS_HELLO, ("Windows Hello for Business", None)),
        (Held::MOBILE_PHONE, ("Text message", Some("+XX XXXXXXXXX"))),
        (Held::CERTIFICATE, ("X.509 Certificate", None)),
        (Held::PASS, ("Temporary Access Pass", None)),
    ]
    .into_iter()
    .find(|(method, _)| held.has(*method))
    .map(|(_, words)| words)
}

fn moment_of(row: &Row) -> Moment {
    Moment {
        second: 0,
        slot: row.slot,
        app: row.app,
        client: row.client,
        interactive: row.is_interactive(),
        place: row.place,
        asked_to: false,
        key: row.conversation,
    }
}

fn where_from(world: &World, row: &Row, person: &Person) -> Value {
    let (address, _) = world.address_of(person, row.place, row.conversation);
    let location = match row.place {
        Place::Office | Place::Home | Place::Mobile => office_location(person.office),
        Place::Partner => location("Rotterdam", "Zuid-Holland", "NL", 51.9, 4.5),
        Place::Elsewhere(number) => PLACES
            .get(usize::from(number))
            .map_or(Value::Null, |it| location(it.0, it.1, it.2, it.3, it.4)),
    };
    let strange = matches!(row.place, Place::Elsewhere(_));
    let facts = device_facts(person, if strange { Slot::Other } else { row.slot });
    let (id, name) = facts.registered.clone().unwrap_or_default();
    let trust = match (&facts.registered, facts.hybrid) {
        (None, _) => "",
        (Some(_), true) => "Hybrid Azure AD joined",
        (Some(_), false) => "Azure AD registered",
    };
    let system = match platform(person, &moment_of(row)) {
        PlatformOf::Windows => "Windows11",
        PlatformOf::Ios => "Ios 26.1",
        PlatformOf::Android => "Android 16",
        PlatformOf::MacOs => "MacOs",
        PlatformOf::None => "",
    };
    let browser = match (row.client, row.slot) {
        (Client::Browser, _) if strange => "Chrome 118.0.0",
        (Client::Browser, _) => browser(person),
        (Client::Modern, Slot::Computer) => "Rich Client 5.0.0",
        (Client::Modern, Slot::Phone) => "Mobile Safari",
        _ => "",
    };
    json!({
        "ipAddress": address.to_string(),
        "location": location,
        "deviceDetail": {
            "deviceId": id,
            "displayName": name,
            "operatingSystem": system,
            "browser": browser,
            "browserId": null,
            "isCompliant": facts.compliant,
            "isManaged": facts.registered.is_some() && row.slot != Slot::Own,
            "trustType": trust,
        },
    })
}

fn browser(person: &Person) -> &'static str {
    if person.is_guest() {
        return "Safari 26.0";
    }
    let edge = about(person).for_purpose("browser").per_mille(700);
    if edge { "Edge 142.0.0" } else { "Chrome 142.0.0" }
}

fn user_agent(row: &Row, person: &Person) -> &'static str {
    match row.client {
        Client::Smtp | Client::Imap => "BAV2ROPC",
        Client::ActiveSync => "Apple-iPhone15C2/2301.361",
        Client::OldOutlook => {
            "Microsoft Office/15.0 (Windows NT 6.1; Microsoft Outlook 15.0.4420; Pro)"
        }
        Client::Modern if row.slot == Slot::Phone => "Outlook-iOS/2.0",
        Client::Modern => {
            "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.19328; Pro)"
        }
        Client::Browser if matches!(row.place, Place::Elsewhere(_)) => "python-requests/2.31.0",
        Client::Browser if browser(person).starts_with("Edge") => {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
        }
        Client::Browser if person.is_guest() => {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"
        }
        Client::Browser => {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
        }
    }
}

fn office_location(office: u8) -> Value {
    OFFICES
        .get(usize::from(office))
        .map_or(Value::Null, |it| location(it.city, it.county, "GB", it.latitude, it.longitude))
}

fn location(city: &str, state: &str, country: &str, latitude: f64, longitude: f64) -> Value {
    json!({
        "city": city,
        "state": state,
        "countryOrRegion": country,
        "geoCoordinates": {"altitude": null, "latitude": latitude, "longitude": longitude},
    })
}
