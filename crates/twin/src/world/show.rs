//! Accounts as Graph shows them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::World;
use super::chance::Chance;
use super::names::OFFICES;
use super::object::{object, time};
use super::person::{Computer, Kind, Person};
use super::tenant::{E3, EXCHANGE, P1};

/// The id of the computer of an account, as Entra knows it.
pub(crate) fn computer_id(person: &Person) -> Option<String> {
    matches!(person.computer, Computer::Enrolled { .. })
        .then(|| about(person).for_purpose("computer").guid().to_string())
}

/// The name of a computer.
pub(crate) fn computer_name(person: &Person) -> String {
    let number = about(person).for_purpose("computer name").below(900_000);
    format!("PC-{:06}", number + 100_000)
}

/// Chance about an account that needs no seed: its id is drawn from it.
pub(crate) fn about(person: &Person) -> Chance {
    let (high, low) = person.id.as_u64_pair();
    Chance::of_key(high ^ low.rotate_left(17))
}

impl World {
    /// The phone number an account has in the directory or as a method.
    pub(crate) fn phone_number(&self, person: &Person, purpose: &str) -> String {
        let number = about(person).for_purpose(purpose).below(1000);
        format!("{}{number:03}", self.settings.networks.phone)
    }

    /// A user with every property beta shows, before what was changed through Graph.
    pub(crate) fn user_object(&self, place: usize, as_of: Timestamp) -> Map<String, Value> {
        let Some(person) = self.people.get(place) else { return Map::new() };
        let mut user = object(self.user_identity(person));
        user.extend(object(self.user_directory(person, as_of)));
        user.extend(object(user_licences(person, self.settings.premium)));
        let manager = person.manager.and_then(|it| usize::try_from(it).ok());
        let manager = manager.and_then(|it| self.people.get(it)).map(|it| {
            json!({
                "@odata.type": "#microsoft.graph.user",
                "id": it.id.to_string(),
                "displayName": it.display_name(),
                "userPrincipalName": it.user_principal_name(&self.settings.domain),
            })
        });
        if let Some(manager) = manager {
            user.insert("manager".to_owned(), manager);
        }
        if let Some(activity) = self.sign_in_activity(place, as_of) {
            user.insert("signInActivity".to_owned(), activity);
        }
        user
    }

    fn user_identity(&self, person: &Person) -> Value {
        let name = person.user_principal_name(&self.settings.domain);
        let mail = person.mail(&self.settings.domain);
        let nickname = name.split('@').next().unwrap_or_default().replace("#EXT#", "");
        let mut addresses = Vec::new();
        if let Some(mail) = &mail {
            addresses.push(format!("SMTP:{mail}"));
        }
        json!({
            "id": person.id.to_string(),
            "userPrincipalName": name,
            "displayName": person.display_name(),
            "givenName": person.given(),
            "surname": person.family(),
            "mail": mail,
            "mailNickname": nickname,
            "proxyAddresses": addresses,
            "otherMails": if person.is_guest() { json!([mail]) } else { json!([]) },
            "imAddresses": [],
            "userType": if person.is_guest() { "Guest" } else { "Member" },
            "creationType": if person.is_guest() { json!("Invitation") } else { Value::Null },
            "externalUserState": if person.is_guest() { json!("Accepted") } else { Value::Null },
            "externalUserStateChangeDateTime":
                if person.is_guest() { json!(time(person.created)) } else { Value::Null },
            "accountEnabled": person.enabled,
            "createdDateTime": time(person.created),
            "isResourceAccount": null,
            "securityIdentifier": null,
        })
    }

    fn user_directory(&self, person: &Person, as_of: Timestamp) -> Value {
        let office = match self.settings.cities {
            true => OFFICES.get(usize::from(person.office)).map(|it| it.city.to_owned()),
            false => Some(format!("Office {}", person.office + 1)),
        };
        let has_phone = person.habits.phone || person.habits.active_sync;
        let synced = person.synchronised;
        let changed = self.password_changed(person, as_of);
        json!({
            "jobTitle": person.job,
            "department": person.department,
            "companyName": null,
            "employeeType": null,
            "employeeId": null,
            "employeeHireDate": null,
            "employeeLeaveDateTime": null,
            "employeeOrgData": null,
            "officeLocation": person.department.and(office),
            "businessPhones": [],
            "mobilePhone": if has_phone && person.is_human() {
                json!(self.phone_number(person, "mobile"))
            } else {
                Value::Null
            },
            "faxNumber": null,
            "city": null,
            "state": null,
            "streetAddress": null,
            "postalCode": null,
            "country": null,
            "preferredLanguage": null,
            "usageLocation": if person.licensed { json!("GB") } else { Value::Null },
            "onPremisesSyncEnabled": if synced { json!(true) } else { Value::Null },
            "onPremisesImmutableId": synced.then(|| immutable_id(person)),
            "onPremisesDistinguishedName": null,
            "onPremisesDomainName": synced.then_some("corp.internal"),
            "onPremisesSamAccountName": null,
            "onPremisesSecurityIdentifier": null,
            "onPremisesUserPrincipalName": null,
            "onPremisesLastSyncDateTime":
                synced.then(|| time(as_of.saturating_sub(SignedDuration::from_mins(25))
                    .unwrap_or(as_of))),
            "onPremisesProvisioningErrors": [],
            "passwordPolicies": if person.kind == Kind::Synchronisation || is_machine(person) {
                json!("DisablePasswordExpiration")
            } else {
                Value::Null
            },
            "passwordProfile": null,
            "lastPasswordChangeDateTime": time(changed),
            "signInSessionsValidFromDateTime": time(changed),
            "showInAddressList": null,
            "ageGroup": null,
            "consentProvidedForMinor": null,
            "legalAgeGroupClassification": null,
            "preferredDataLocation": null,
        })
    }

    /// `signInActivity`, hours late. `None`: never signed in.
    fn sign_in_activity(&self, place: usize, as_of: Timestamp) -> Option<Value> {
        let person = self.people.get(place)?;
        let known =
            Self::hours_before(as_of.min(self.clock), self.behaviour.log.activity_lag_hours);
        if person.never_seen {
            return None;
        }
        let since = person.quiet_since.filter(|since| *since < known && !person.is_about(known));
        if since.is_some() {
            return Some(Value::Object(activity([since; 3], person)));
        }
        let days = if person.is_guest() { 40 } else { 12 };
        let rows = self.last_rows(place, known, days);
        let times = rows.map(|row| row.and_then(|row| Timestamp::from_second(row.second).ok()));
        if times.iter().all(Option::is_none) {
            return None;
        }
        let mut shown = activity(times, person);
        let names = [
            "lastSignInRequestId",
            "lastNonInteractiveSignInRequestId",
            "lastSuccessfulSignInRequestId",
        ];
        for (name, row) in names.into_iter().zip(rows) {
            if let Some(row) = row {
                shown.insert(name.to_owned(), json!(super::sign_in::row_id(&row)));
            }
        }
        Some(Value::Object(shown))
    }

    /// When the password was last changed: drawn, after the account was made.
    fn password_changed(&self, person: &Person, as_of: Timestamp) -> Timestamp {
        let days = about(person).for_purpose("password").within([3, 420]);
        let hours = i64::try_from(days).unwrap_or(0) * 24;
        let drawn = self.begins.saturating_sub(SignedDuration::from_hours(hours));
        drawn.unwrap_or(person.created).max(person.created).min(as_of)
    }
}

fn activity(
    [interactive, other, successful]: [Option<Timestamp>; 3],
    person: &Person,
) -> Map<String, Value> {
    let id = |at: Option<Timestamp>, purpose: &str| {
        at.map(|_| about(person).for_purpose(purpose).guid().to_string())
    };
    object(json!({
        "lastSignInDateTime": interactive.map(time),
        "lastSignInRequestId": id(interactive, "last sign-in"),
        "lastNonInteractiveSignInDateTime": other.map(time),
        "lastNonInteractiveSignInRequestId": id(other, "last other sign-in"),
        "lastSuccessfulSignInDateTime": successful.map(time),
        "lastSuccessfulSignInRequestId": id(successful, "last successful sign-in"),
    }))
}

fn is_machine(person: &Person) -> bool {
    matches!(person.kind, Kind::Printer | Kind::Erp | Kind::Service)
}

fn immutable_id(person: &Person) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(person.id.as_bytes())
}

fn user_licences(person: &Person, premium: bool) -> Value {
    if !person.licensed {
        return json!({"assignedLicenses": [], "assignedPlans": [], "provisionedPlans": []});
    }
    let plan = |service: &str, id: &str| {
        json!({
            "assignedDateTime": time(person.created),
            "capabilityStatus": "Enabled",
            "service": service,
            "servicePlanId": id,
        })
    };
    json!({
        "assignedLicenses": [{"disabledPlans": [], "skuId": E3}],
        "assignedPlans": if premium {
            json!([plan("exchange", EXCHANGE), plan("AADPremiumService", P1)])
        } else {
            json!([plan("exchange", EXCHANGE)])
        },
        "provisionedPlans": [],
    })
}
