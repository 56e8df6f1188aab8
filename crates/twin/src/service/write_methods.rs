//! Writes to authentication methods: the policy, its configurations, per-user MFA, a user's own.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::ask::Version;
use super::filter::time;
use super::graph::{Answered, reading};
use super::methods::type_of_segment;
use super::place::Place;

use super::read::{Object, as_object, transitive};
use super::refusal::Refusal;
use super::shape::type_of;
use super::view::text;
use super::write::{Writing, Written, at, merge};
use super::write_users::second;
use super::{digest_text, words_of};
use crate::documents::Collection;
use crate::world::Change;

const PASSWORD: &str = "#microsoft.graph.passwordAuthenticationMethod";
const PASS: &str = "#microsoft.graph.temporaryAccessPassAuthenticationMethod";
const PHONE: &str = "#microsoft.graph.phoneAuthenticationMethod";
/// Ids every phone of a kind has (Graph, resource *phoneAuthenticationMethod*).
const PHONES: [(&str, &str); 3] = [
    ("mobile", "3179e48a-750b-4051-897c-87b9720928f7"),
    ("alternateMobile", "b6332ec1-7057-4abe-9331-3d72feddfe41"),
    ("office", "e37fc753-ff3b-4958-9484-eaa9425c82bc"),
];

impl Writing<'_> {
    pub(super) fn patch_methods_policy(&mut self) -> Written {
        let body = self.ask.object()?;
        self.campaign_is_valid(&body)?;
        let path = self.ask.path();
        let before = self.view().one(&Collection::MethodsPolicy);
        let id = text(&before.ok_or_else(|| Refusal::no_object(&path))?, "id").to_owned();
        let mut patch = body;
        patch.retain(|key, _| !key.starts_with('@'));
        patch.insert("lastModifiedDateTime".to_owned(), json!(second(self.now())));
        self.change(Change::Patch(Collection::MethodsPolicy, id, patch));
        let (ask, caller, licences) = (self.ask, self.caller, self.licences);
        let mut reading = reading(self.service, ask, caller, self.moment, licences);
        let shown = reading.only(Place::MethodsPolicy, &[])?;
        Ok(Answered { applied: true, ..Answered::of(200, Some(shown)) })
    }

    fn campaign_is_valid(&self, body: &Object) -> Result<(), Refusal> {
        let beta: &[&str] = &[
            "registrationEnforcement",
            "systemCredentialPreferences",
            "reportSuspiciousActivitySettings",
            "policyMigrationState",
            "reconfirmationInDays",
        ];
        let allowed =
            if self.ask.version == Version::Beta { beta } else { &["registrationEnforcement"] };
        let refused = |what: &str| Err(Refusal::bad_policy(format!("Invalid policy: {what}.")));
        if let Some(bad) =
            body.keys().find(|it| !it.starts_with('@') && !allowed.contains(&it.as_str()))
        {
            return refused(&format!("`{bad}` cannot be set"));
        }
        let path = ["registrationEnforcement", "authenticationMethodsRegistrationCampaign"];
        let Some(campaign) = at(body, &path).and_then(Value::as_object) else {
            return if body.is_empty() { refused("nothing is set") } else { Ok(()) };
        };
        let force = "enforceRegistrationAfterAllowedSnoozes";
        if self.ask.version == Version::V1 && campaign.contains_key(force) {
            return refused(&format!("`{force}` is no property of this version"));
        }
        let days = campaign.get("snoozeDurationInDays");
        if days.is_some_and(|it| !it.as_i64().is_some_and(|it| (0..=14).contains(&it))) {
            return refused("`snoozeDurationInDays` is 0 to 14");
        }
        let states = ["default", "enabled", "disabled"];
        if campaign.contains_key("state") && !states.contains(&text(campaign, "state")) {
            return refused("`state` is default, enabled or disabled");
        }
        for (name, needs) in [("includeTargets", 3), ("excludeTargets", 2)] {
            let targets = campaign.get(name).and_then(Value::as_array);
            for target in targets.into_iter().flatten() {
                let keys = ["id", "targetType", "targetedAuthenticationMethod"];
                let is_whole = keys
                    .iter()
                    .take(needs)
                    .all(|key| target.get(*key).is_some_and(Value::is_string));
                if !is_whole {
                    return refused(&format!("a target of `{name}` lacks a property"));
                }
            }
        }
        Ok(())
    }

    pub(super) fn patch_configuration(&mut self, id: &str) -> Written {
        let body = self.ask.object()?;
        let policy = self.view().one(&Collection::MethodsPolicy).unwrap_or_default();
        let all = policy.get("authenticationMethodConfigurations").and_then(Value::as_array);
        let mut all: Vec<Value> = all.cloned().unwrap_or_default();
        let named =
            |it: &Value| it.as_object().is_some_and(|it| text(it, "id").eq_ignore_ascii_case(id));
        let found = all.iter_mut().filter(|it| named(it)).find_map(Value::as_object_mut);
        let found = found
            .ok_or_else(|| Refusal::new(404, "ResourceNotFound", "There is no such method."))?;
        let kind = type_of(&body);
        if kind.is_empty() || kind != type_of(found) {
            return Err(Refusal::bad_policy("`@odata.type` must be that of the configuration."));
        }
        let state = body.get("state").and_then(Value::as_str);
        if state.is_some_and(|it| !["enabled", "disabled"].contains(&it)) {
            return Err(Refusal::bad_policy("`state` is enabled or disabled."));
        }
        merge(found, &body);
        let patch = as_object(json!({"authenticationMethodConfigurations": all}));
        let id = text(&policy, "id").to_owned();
        self.patched(Collection::MethodsPolicy, &id, patch)
    }

    pub(super) fn patch_requirements(&mut self, named: &str) -> Written {
        let body = self.ask.object()?;
        let user = self.view().user(named)?;
        let id = text(&user, "id").to_owned();
        let wanted = text(&body, "perUserMfaState").to_owned();
        if !["disabled", "enabled", "enforced"].contains(&wanted.as_str()) {
            return Err(Refusal::bad_policy("`perUserMfaState` is disabled, enabled or enforced."));
        }
        // Who has registered already goes straight to enforced.
        let is_registered = self
            .view()
            .all(&Collection::AuthenticationMethods(id.clone()))
            .iter()
            .any(|it| counts_as_mfa(type_of(it)));
        let state = if wanted == "enabled" && is_registered { "enforced" } else { &wanted };
        let patch = as_object(json!({"perUserMfaState": state}));
        self.patched(Collection::Requirements(id.clone()), &id, patch)
    }

    pub(super) fn add_phone(&mut self, named: &str) -> Written {
        let body = self.ask.object()?;
        let user = self.view().user(named)?;
        let within = Collection::AuthenticationMethods(text(&user, "id").to_owned());
        let kind = text(&body, "phoneType");
        let Some((kind, id)) = PHONES.iter().find(|(name, _)| *name == kind) else {
            return Err(Refusal::bad_request("`phoneType` is mobile, alternateMobile or office."));
        };
        let number = text(&body, "phoneNumber");
        if !number.starts_with('+') || number.len() < 8 {
            return Err(Refusal::bad_request("`phoneNumber` begins with + and the country."));
        }
        let has = |id: &str| self.view().find(&within, id).is_some();
        let mobile = PHONES.first().map_or("", |(_, id)| id);
        if has(id) || (*kind == "alternateMobile" && !has(mobile)) {
            return Err(Refusal::bad_request("The phone cannot be added."));
        }
        let method = as_object(json!({
            "@odata.type": PHONE, "id": id, "phoneNumber": number, "phoneType": kind,
            "smsSignInState": "notAllowedByPolicy", "createdDateTime": second(self.now()),
        }));
        self.create(within.clone(), method);
        self.created(Place::Methods, &within, id)
    }

    /// A Temporary Access Pass: shown in this answer only, one for each user.
    pub(super) fn add_pass(&mut self, named: &str) -> Written {
        let body = if self.ask.body.is_empty() { Object::new() } else { self.ask.object()? };
        let user = self.view().user(named)?;
        let user = text(&user, "id").to_owned();
        let policy = self.pass_policy(&user)?;
        let number = |of: &Object, name: &str| of.get(name).and_then(Value::as_i64);
        let usual = number(&policy, "defaultLifetimeInMinutes").unwrap_or(60);
        let minutes = number(&body, "lifetimeInMinutes").unwrap_or(usual);
        let least = number(&policy, "minimumLifetimeInMinutes").unwrap_or(10).max(10);
        let most = number(&policy, "maximumLifetimeInMinutes").unwrap_or(43_200).min(43_200);
        if !(least..=most).contains(&minutes) {
            return Err(Refusal::bad_request(format!(
                "`lifetimeInMinutes` is {least} to {most} by the tenant's policy."
            )));
        }
        let only_once = policy.get("isUsableOnce") == Some(&Value::Bool(true));
        let once = body.get("isUsableOnce").and_then(Value::as_bool).unwrap_or(only_once);
        if only_once && !once {
            return Err(Refusal::bad_request("The tenant's policy lets passes be used once only."));
        }
        let start = match body.get("startDateTime").and_then(Value::as_str) {
            None => self.now(),
            Some(text) => {
                time(text).ok_or_else(|| Refusal::bad_request("`startDateTime` is no time."))?
            }
        };
        let is_begun =
            start <= self.now().checked_add(SignedDuration::from_mins(1)).unwrap_or(start);
        let id = self.new_id("pass");
        let length = number(&policy, "defaultLength").unwrap_or(8).clamp(8, 48);
        let letters: String = digest_text(&words_of(&["pass", &id]))
            .chars()
            .take(usize::try_from(length).unwrap_or(8))
            .collect();
        let within = Collection::AuthenticationMethods(user);
        let old = self.view().all(&within);
        for old in old.iter().filter(|it| type_of(it) == PASS) {
            self.change(Change::Delete(within.clone(), text(old, "id").to_owned()));
        }
        let method = as_object(json!({
            "@odata.type": PASS, "id": id, "createdDateTime": second(self.now()),
            "startDateTime": second(start), "lifetimeInMinutes": minutes, "isUsableOnce": once,
            "isUsable": is_begun,
            "methodUsabilityReason": if is_begun { "EnabledByPolicy" } else { "NotYetValid" },
            "temporaryAccessPass": null,
        }));
        self.create(within.clone(), method);
        let mut answered = self.created(Place::Methods, &within, &id)?;
        if let Some(Value::Object(shown)) = &mut answered.body {
            shown.insert("temporaryAccessPass".to_owned(), json!(letters));
        }
        Ok(answered)
    }

    /// The configuration of passes, if it reaches the user.
    fn pass_policy(&self, user: &str) -> Result<Object, Refusal> {
        let refused = || {
            Refusal::bad_request("Temporary Access Pass is not enabled for this user by policy.")
        };
        let view = self.view();
        let policy = view.one(&Collection::MethodsPolicy).unwrap_or_default();
        let all = policy.get("authenticationMethodConfigurations").and_then(Value::as_array);
        let found = all.into_iter().flatten().filter_map(Value::as_object);
        let found =
            found.into_iter().find(|it| text(it, "id").eq_ignore_ascii_case("TemporaryAccessPass"));
        let found = found.filter(|it| text(it, "state") == "enabled").ok_or_else(refused)?;
        let is_in = |name: &str| {
            let targets = found.get(name).and_then(Value::as_array);
            targets.into_iter().flatten().filter_map(Value::as_object).any(|target| {
                let id = text(target, "id");
                id.eq_ignore_ascii_case("all_users")
                    || id.eq_ignore_ascii_case(user)
                    || transitive(&view, id)
                        .iter()
                        .any(|it| text(it, "id").eq_ignore_ascii_case(user))
            })
        };
        if !is_in("includeTargets") || is_in("excludeTargets") {
            return Err(refused());
        }
        Ok(found.clone())
    }

    pub(super) fn delete_method(&mut self, named: &str, segment: &str, id: &str) -> Written {
        let kind = type_of_segment(segment, self.ask.version)
            .ok_or_else(|| Refusal::no_address(&format!("{segment}Methods")))?;
        let user = self.view().user(named)?;
        let user = text(&user, "id").to_owned();
        let within = Collection::AuthenticationMethods(user.clone());
        let method = self.view().get(&within, id)?;
        if !type_of(&method).eq_ignore_ascii_case(&kind) {
            return Err(Refusal::no_object(id));
        }
        if type_of(&method) == PASSWORD {
            return Err(Refusal::new(405, "Request_BadRequest", "A password cannot be deleted."));
        }
        if type_of(&method) == PHONE && self.is_default(&user, &method) {
            return Err(Refusal::bad_request(
                "The phone is the default method; it can be deleted once another one is.",
            ));
        }
        self.changed(Change::Delete(within, text(&method, "id").to_owned()))
    }

    /// The mobile phone a person prefers is the default while there is another method.
    fn is_default(&self, user: &str, phone: &Object) -> bool {
        let view = self.view();
        let row = view.find(&Collection::RegistrationDetails, user).unwrap_or_default();
        let prefers = text(&row, "userPreferredMethodForSecondaryAuthentication");
        let methods = view.all(&Collection::AuthenticationMethods(user.to_owned()));
        let others = methods
            .iter()
            .filter(|it| counts_as_mfa(type_of(it)) && text(it, "id") != text(phone, "id"))
            .count();
        let is_mobile = text(phone, "phoneType") == "mobile";
        is_mobile && others > 0 && ["sms", "voiceMobile"].contains(&prefers)
    }
}

/// Methods that are a second factor (Graph, *authenticationMethod* types).
fn counts_as_mfa(kind: &str) -> bool {
    let not = [PASSWORD, PASS, "#microsoft.graph.emailAuthenticationMethod"];
    !not.contains(&kind) && !kind.ends_with("qrCodePinAuthenticationMethod")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_and_passwords_are_no_second_factor() {
        for (kind, counts) in
            [("password", false), ("email", false), ("phone", true), ("fido2", true)]
        {
            let kind = format!("#microsoft.graph.{kind}AuthenticationMethod");
            assert_eq!(counts_as_mfa(&kind), counts, "{kind}");
        }
    }
}
