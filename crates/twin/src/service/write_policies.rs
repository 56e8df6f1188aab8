//! Writes to Conditional Access and to what excludes it: security defaults.

use serde_json::{Value, json};

use super::permission::Licences;
use super::place::Place;
use super::read::{Object, as_object};
use super::refusal::Refusal;
use super::view::{View, text};
use super::write::{Writing, Written, at, merge, texts};
use super::write_users::second;
use crate::documents::Collection;
use crate::world::Change;

/// Most policies of a tenant, in whichever state.
const MOST_POLICIES: usize = 240;
const MOST_LOCATIONS: usize = 195;
/// Graph's own words, which programs compare.
const DEFAULTS_ARE_ON: &str = "Security Defaults is enabled in the tenant. You must disable \
                               Security defaults before enabling a Conditional Access policy.";

impl Writing<'_> {
    pub(super) fn create_policy(&mut self) -> Written {
        let body = self.ask.object()?;
        if self.view().count(&Collection::Policies) >= MOST_POLICIES {
            return Err(Refusal::bad_policy("The tenant has as many policies as it can have."));
        }
        let mut policy = empty_policy();
        merge(&mut policy, &body);
        self.make_whole(&mut policy)?;
        self.policy_is_valid(&policy)?;
        let id = self.new_id("policy");
        policy.insert("id".to_owned(), json!(id));
        policy.insert("createdDateTime".to_owned(), json!(second(self.now())));
        policy.insert("modifiedDateTime".to_owned(), Value::Null);
        self.create(Collection::Policies, policy);
        self.created(Place::Policies, &Collection::Policies, &id)
    }

    pub(super) fn patch_policy(&mut self, id: &str) -> Written {
        let mut body = self.ask.object()?;
        let before = self.view().get(&Collection::Policies, id)?;
        if is_managed(&before) && !changes_only_what_may(&body) {
            return Err(Refusal::bad_policy(
                "Of a policy that Microsoft manages, only state and exclusions can be changed.",
            ));
        }
        if body.contains_key("id") || body.contains_key("createdDateTime") {
            return Err(Refusal::bad_policy("1007: A read-only property cannot be changed."));
        }
        let mut after = before.clone();
        self.make_whole(&mut body)?;
        merge(&mut after, &body);
        self.policy_is_valid(&after)?;
        body.insert("modifiedDateTime".to_owned(), json!(second(self.now())));
        self.patched(Collection::Policies, text(&before, "id"), body)
    }

    pub(super) fn delete_policy(&mut self, id: &str) -> Written {
        let mut policy = self.view().get(&Collection::Policies, id)?;
        if is_managed(&policy) {
            return Err(Refusal::bad_policy("A policy that Microsoft manages cannot be deleted."));
        }
        let id = text(&policy, "id").to_owned();
        policy.insert("deletedDateTime".to_owned(), json!(second(self.now())));
        self.service.world.documents.put(Collection::DeletedPolicies, &id, policy, self.moment.now);
        self.changed(Change::Delete(Collection::Policies, id))
    }

    pub(super) fn restore_policy(&mut self, id: &str) -> Written {
        let mut policy = self.view().get(&Collection::DeletedPolicies, id)?;
        let id = text(&policy, "id").to_owned();
        policy.insert("deletedDateTime".to_owned(), Value::Null);
        self.policy_is_valid(&policy)?;
        let now = self.moment.now;
        self.service.world.documents.delete(&Collection::DeletedPolicies, &id, now);
        self.change(Change::Create(Collection::Policies, policy));
        let mut answered = self.created(Place::Policies, &Collection::Policies, &id)?;
        answered.status = 200;
        answered.headers.clear();
        Ok(answered)
    }

    /// Puts the whole strength where its id was sent.
    fn make_whole(&self, policy: &mut Object) -> Result<(), Refusal> {
        let Some(Value::Object(grant)) = policy.get_mut("grantControls") else { return Ok(()) };
        let Some(Value::Object(sent)) = grant.get("authenticationStrength") else { return Ok(()) };
        let id = text(sent, "id").to_owned();
        let strength = self.view().find(&Collection::AuthenticationStrengths, &id);
        let strength = strength.ok_or_else(|| {
            Refusal::bad_policy(format!("Authentication strength policy `{id}` does not exist."))
        })?;
        grant.insert("authenticationStrength".to_owned(), Value::Object(strength));
        Ok(())
    }

    fn policy_is_valid(&self, policy: &Object) -> Result<(), Refusal> {
        let view = self.view();
        shape_is_valid(policy)?;
        users_are_valid(policy)?;
        targets_are_valid(policy)?;
        controls_are_valid(policy)?;
        places_exist(policy, &view)?;
        risks_are_licensed(policy, self.licences)?;
        let is_on = text(policy, "state") == "enabled";
        let defaults = view.one(&Collection::SecurityDefaults).unwrap_or_default();
        if is_on && defaults.get("isEnabled") == Some(&Value::Bool(true)) {
            return Err(Refusal::bad_policy(DEFAULTS_ARE_ON));
        }
        Ok(())
    }

    pub(super) fn create_location(&mut self) -> Written {
        let body = self.ask.object()?;
        if self.view().count(&Collection::NamedLocations) >= MOST_LOCATIONS {
            return Err(Refusal::bad_policy("The tenant has as many locations as it can have."));
        }
        let mut location = match text(&body, "@odata.type") {
            "#microsoft.graph.countryNamedLocation" => as_object(json!({
                "includeUnknownCountriesAndRegions": false,
                "countryLookupMethod": "clientIpAddress",
            })),
            _ => as_object(json!({"isTrusted": false})),
        };
        merge(&mut location, &body);
        location_is_valid(&location)?;
        let id = self.new_id("named location");
        location.insert("id".to_owned(), json!(id));
        location.insert("createdDateTime".to_owned(), json!(second(self.now())));
        location.insert("modifiedDateTime".to_owned(), json!(second(self.now())));
        self.create(Collection::NamedLocations, location);
        self.created(Place::NamedLocations, &Collection::NamedLocations, &id)
    }

    pub(super) fn patch_location(&mut self, id: &str) -> Written {
        let mut body = self.ask.object()?;
        let before = self.view().get(&Collection::NamedLocations, id)?;
        if text(&body, "@odata.type") != text(&before, "@odata.type") {
            return Err(Refusal::bad_policy("1007: `@odata.type` must be that of the location."));
        }
        let mut after = before.clone();
        merge(&mut after, &body);
        location_is_valid(&after)?;
        body.insert("modifiedDateTime".to_owned(), json!(second(self.now())));
        self.patched(Collection::NamedLocations, text(&before, "id"), body)
    }

    pub(super) fn delete_location(&mut self, id: &str) -> Written {
        let location = self.view().get(&Collection::NamedLocations, id)?;
        if location.get("isTrusted") == Some(&Value::Bool(true)) {
            return Err(Refusal::bad_policy("A trusted location cannot be deleted."));
        }
        self.changed(Change::Delete(Collection::NamedLocations, text(&location, "id").to_owned()))
    }

    pub(super) fn patch_security_defaults(&mut self) -> Written {
        let body = self.ask.object()?;
        let wanted = body.get("isEnabled").and_then(Value::as_bool);
        let wanted = wanted.ok_or_else(|| Refusal::bad_policy("`isEnabled` is true or false."))?;
        let view = self.view();
        let path = self.ask.path();
        let before = view.one(&Collection::SecurityDefaults);
        let before = before.ok_or_else(|| Refusal::no_object(&path))?;
        let is_on = |it: &Object| text(it, "state") == "enabled";
        if wanted && view.all(&Collection::Policies).iter().any(is_on) {
            return Err(Refusal::bad_policy(
                "Security defaults cannot be enabled while Conditional Access policies are.",
            ));
        }
        let id = text(&before, "id").to_owned();
        drop(view);
        self.patched(Collection::SecurityDefaults, &id, as_object(json!({"isEnabled": wanted})))
    }
}

/// A policy as answers show one in which nothing is set.
fn empty_policy() -> Object {
    as_object(json!({
        "templateId": null, "displayName": null, "description": null, "state": null,
        "deletedDateTime": null,
        "conditions": {
            "userRiskLevels": [], "signInRiskLevels": [], "servicePrincipalRiskLevels": [],
            "insiderRiskLevels": null, "platforms": null, "locations": null, "devices": null,
            "clientApplications": null, "authenticationFlows": null,
            "applications": {
                "includeApplications": [], "excludeApplications": [], "includeUserActions": [],
                "includeAuthenticationContextClassReferences": [], "applicationFilter": null,
            },
            "users": {
                "includeUsers": [], "excludeUsers": [], "includeGroups": [], "excludeGroups": [],
                "includeRoles": [], "excludeRoles": [], "includeGuestsOrExternalUsers": null,
                "excludeGuestsOrExternalUsers": null,
            },
        },
        "grantControls": null, "sessionControls": null,
    }))
}

fn is_managed(policy: &Object) -> bool {
    text(policy, "displayName").starts_with("Microsoft-managed:")
}

fn changes_only_what_may(patch: &Object) -> bool {
    patch.iter().all(|(name, value)| match name.as_str() {
        "state" => true,
        "conditions" => value.as_object().is_some_and(|conditions| {
            conditions.iter().all(|(name, users)| {
                let names =
                    users.as_object().map(|it| it.keys().all(|it| it.starts_with("exclude")));
                name == "users" && names == Some(true)
            })
        }),
        _ => false,
    })
}

fn refused(what: &str) -> Refusal {
    Refusal::bad_policy(what)
}

fn shape_is_valid(policy: &Object) -> Result<(), Refusal> {
    const NULL: &str = "1007: Incoming ConditionalAccessPolicy object is null or does not match \
                        the schema of ConditionalAccessPolicy type.";
    const KNOWN: [&str; 12] = [
        "id",
        "templateId",
        "displayName",
        "description",
        "state",
        "conditions",
        "grantControls",
        "sessionControls",
        "createdDateTime",
        "modifiedDateTime",
        "deletedDateTime",
        "partialEnablementStrategy",
    ];
    let is_known = |it: &String| KNOWN.contains(&it.as_str()) || it.starts_with('@');
    let states = ["enabled", "disabled", "enabledForReportingButNotEnforced"];
    let clients = texts(policy, &["conditions", "clientAppTypes"]);
    let known_clients = [
        "all",
        "browser",
        "mobileAppsAndDesktopClients",
        "exchangeActiveSync",
        "easSupported",
        "other",
    ];
    let is_valid = policy.keys().all(is_known)
        && !text(policy, "displayName").is_empty()
        && states.contains(&text(policy, "state"))
        && !clients.is_empty()
        && clients.iter().all(|it| known_clients.contains(it));
    if is_valid { Ok(()) } else { Err(refused(NULL)) }
}

fn users_are_valid(policy: &Object) -> Result<(), Refusal> {
    let users = |name: &str| texts(policy, &["conditions", "users", name]);
    let is_set = |path: &[&str]| at(policy, path).is_some_and(Value::is_object);
    let of_guests = is_set(&["conditions", "users", "includeGuestsOrExternalUsers"]);
    let of_services = is_set(&["conditions", "clientApplications"]);
    let has_one = ["includeUsers", "includeGroups", "includeRoles"]
        .iter()
        .any(|name| !users(name).is_empty());
    if !has_one && !of_guests && !of_services {
        return Err(refused("A policy needs users, groups or roles."));
    }
    if users("includeUsers").contains(&"GuestsOrExternalUsers") && of_guests {
        return Err(refused("`GuestsOrExternalUsers` cannot stand beside the kinds of guests."));
    }
    let is_guid = |it: &&str| uuid::Uuid::try_parse(it).is_ok();
    let words = ["All", "None", "GuestsOrExternalUsers"];
    let bad_user = users("includeUsers")
        .into_iter()
        .chain(users("excludeUsers"))
        .find(|it| !words.contains(it) && !is_guid(it));
    let bad_other = ["includeGroups", "excludeGroups", "includeRoles", "excludeRoles"]
        .iter()
        .flat_map(|name| users(name))
        .find(|it| !is_guid(it));
    match bad_user.or(bad_other) {
        Some(bad) => Err(refused(&format!("`{bad}` is no id of a user, group or role."))),
        None => Ok(()),
    }
}

fn targets_are_valid(policy: &Object) -> Result<(), Refusal> {
    let of = |name: &str| texts(policy, &["conditions", "applications", name]);
    let (apps, actions) = (of("includeApplications"), of("includeUserActions"));
    let contexts = of("includeAuthenticationContextClassReferences");
    if !apps.is_empty() && !actions.is_empty() {
        return Err(refused(
            "1012: 'applications' condition cannot include both 'includeApplications' and \
             'includeUserActions'.",
        ));
    }
    let is_known =
        |it: &&str| ["urn:user:registersecurityinfo", "urn:user:registerdevice"].contains(it);
    if !actions.iter().all(is_known) {
        return Err(refused("The user action is not known."));
    }
    if apps.is_empty() && actions.is_empty() && contexts.is_empty() {
        return Err(Refusal::new(500, "InternalServerError", "An unexpected error occurred."));
    }
    Ok(())
}

fn controls_are_valid(policy: &Object) -> Result<(), Refusal> {
    let controls = texts(policy, &["grantControls", "builtInControls"]);
    let has_strength =
        at(policy, &["grantControls", "authenticationStrength"]).is_some_and(Value::is_object);
    let others = ["customAuthenticationFactors", "termsOfUse"]
        .iter()
        .map(|name| texts(policy, &["grantControls", name]).len())
        .sum::<usize>();
    let session = policy.get("sessionControls").and_then(Value::as_object);
    let has_session = session.is_some_and(|it| it.values().any(|it| !it.is_null()));
    let grants = controls.len() + others + usize::from(has_strength);
    if grants == 0 && !has_session {
        return Err(refused("A policy needs a grant control or a session control."));
    }
    if grants > 0 {
        let operator = at(policy, &["grantControls", "operator"]).and_then(Value::as_str);
        if !matches!(operator, Some("AND" | "OR")) {
            return Err(refused("1007: `operator` is AND or OR."));
        }
    }
    let known = [
        "block",
        "mfa",
        "compliantDevice",
        "domainJoinedDevice",
        "approvedApplication",
        "compliantApplication",
        "passwordChange",
        "riskRemediation",
    ];
    if let Some(bad) = controls.iter().find(|it| !known.contains(it)) {
        return Err(refused(&format!("1007: `{bad}` is no grant control.")));
    }
    if controls.contains(&"block") && grants > 1 {
        return Err(refused("`block` stands alone."));
    }
    if controls.contains(&"mfa") && has_strength {
        return Err(refused("`mfa` and an authentication strength exclude each other."));
    }
    Ok(())
}

fn places_exist(policy: &Object, view: &View<'_>) -> Result<(), Refusal> {
    for name in ["includeLocations", "excludeLocations"] {
        for id in texts(policy, &["conditions", "locations", name]) {
            let is_word = ["All", "AllTrusted"].contains(&id);
            if !is_word && view.find(&Collection::NamedLocations, id).is_none() {
                return Err(refused(&format!("Named location `{id}` does not exist.")));
            }
        }
    }
    Ok(())
}

fn risks_are_licensed(policy: &Object, licences: Licences) -> Result<(), Refusal> {
    let asks = ["signInRiskLevels", "userRiskLevels"]
        .iter()
        .any(|name| !texts(policy, &["conditions", name]).is_empty());
    if asks && !licences.p2 {
        return Err(Refusal::new(403, "AccessDenied", "Risk conditions need Entra ID P2."));
    }
    Ok(())
}

fn location_is_valid(location: &Object) -> Result<(), Refusal> {
    let bad = |what: &str| Err(refused(what));
    if text(location, "displayName").is_empty() {
        return bad("1007: A location needs a displayName.");
    }
    match text(location, "@odata.type") {
        "#microsoft.graph.ipNamedLocation" => {
            let ranges = location.get("ipRanges").and_then(Value::as_array);
            let is_range = |it: &Value| {
                let address = it.get("cidrAddress").and_then(Value::as_str).unwrap_or("");
                let Some((address, bits)) = address.split_once('/') else { return false };
                let most = match address.parse::<std::net::IpAddr>() {
                    Ok(std::net::IpAddr::V4(_)) => 32,
                    Ok(std::net::IpAddr::V6(_)) => 128,
                    Err(_) => return false,
                };
                bits.parse::<u8>().is_ok_and(|it| it <= most)
            };
            if ranges.is_some_and(|all| !all.is_empty() && all.iter().all(is_range)) {
                return Ok(());
            }
            bad("1007: `ipRanges` holds addresses with a number of bits.")
        }
        "#microsoft.graph.countryNamedLocation" => {
            if texts(location, &["countriesAndRegions"]).iter().any(|it| it.len() == 2) {
                return Ok(());
            }
            bad("1007: `countriesAndRegions` holds codes of two letters.")
        }
        _ => bad("1007: `@odata.type` says what kind of location it is."),
    }
}
