//! Writes to users, their sessions and their mail.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::directory::no_mailbox;
use super::graph::Answered;
use super::place::Place;
use super::read::{Object, as_object};
use super::refusal::Refusal;
use super::shape::{UserProperty, user_property};
use super::view::text;
use super::write::{Writing, Written, at, merge};
use crate::documents::Collection;
use crate::world::Change;

impl Writing<'_> {
    pub(super) fn create_user(&mut self) -> Written {
        let body = self.ask.object()?;
        for name in ["displayName", "mailNickname", "userPrincipalName"] {
            if text(&body, name).is_empty() {
                return Err(Refusal::bad_request(format!(
                    "A required property was not provided: '{name}'."
                )));
            }
        }
        if !body.get("accountEnabled").is_some_and(Value::is_boolean) {
            return Err(Refusal::bad_request("A value is required for 'accountEnabled'."));
        }
        let password = at(&body, &["passwordProfile", "password"]).and_then(Value::as_str);
        if password.is_none_or(|it| it.chars().count() < 8) {
            return Err(Refusal::bad_request(
                "The specified password does not comply with password complexity requirements.",
            ));
        }
        known_properties(&body)?;
        let name = text(&body, "userPrincipalName");
        let domain = name.split_once('@').map_or("", |(_, domain)| domain);
        let is_ours = self.view().find(&Collection::Domains, domain);
        if is_ours.is_none_or(|it| it.get("isVerified") == Some(&Value::Bool(false))) {
            return Err(Refusal::bad_request(
                "The domain portion of the userPrincipalName property is invalid.",
            ));
        }
        // Not through the view: the name is taken even where a copy does not show it yet.
        if self.service.world.find(&Collection::Users, name, self.now()).is_some() {
            return Err(Refusal::bad_request(
                "Another object with the same value for property userPrincipalName already exists.",
            ));
        }
        let id = self.new_id("user");
        let mut user = as_object(json!({
            "userType": "Member", "businessPhones": [], "assignedLicenses": [],
            "assignedPlans": [], "otherMails": [], "proxyAddresses": [],
            "createdDateTime": second(self.now()), "lastPasswordChangeDateTime": second(self.now()),
            "signInSessionsValidFromDateTime": second(self.now()),
        }));
        merge(&mut user, &body);
        user.remove("passwordProfile");
        user.insert("id".to_owned(), json!(id));
        self.create(Collection::Users, user);
        self.created(Place::Users, &Collection::Users, &id)
    }

    pub(super) fn patch_user(&mut self, named: &str) -> Written {
        let body = self.ask.object()?;
        known_properties(&body)?;
        let user = self.view().user(named)?;
        let id = text(&user, "id").to_owned();
        if body.contains_key("id") || body.is_empty() {
            return Err(Refusal::bad_request("The property 'id' is read-only."));
        }
        if body.contains_key("passwordProfile") && self.holds_role(&id) && !self.may_reset_anybody()
        {
            return Err(super::permission::denied());
        }
        if !self.caller.has("User.ReadWrite.All")
            && !self.caller.has("Directory.ReadWrite.All")
            && body.keys().any(|it| it != "accountEnabled")
        {
            return Err(super::permission::denied());
        }
        let mut patch = body;
        if patch.remove("passwordProfile").is_some() {
            patch.insert("lastPasswordChangeDateTime".to_owned(), json!(second(self.now())));
        }
        self.patched(Collection::Users, &id, patch)
    }

    /// An app without a role of its own does not change an administrator's password.
    fn holds_role(&self, id: &str) -> bool {
        let view = self.view();
        view.all(&Collection::RoleAssignments)
            .iter()
            .any(|it| text(it, "principalId").eq_ignore_ascii_case(id))
    }

    /// The app itself holds Privileged Authentication Administrator.
    fn may_reset_anybody(&self) -> bool {
        let apps = &self.service.apps_that_reset_administrators;
        apps.iter().any(|it| it.eq_ignore_ascii_case(&self.caller.client_id))
    }

    pub(super) fn delete_user(&mut self, named: &str) -> Written {
        let user = self.view().user(named)?;
        self.changed(Change::Delete(Collection::Users, text(&user, "id").to_owned()))
    }

    pub(super) fn revoke_sessions(&mut self, named: &str) -> Written {
        let user = self.view().user(named)?;
        let id = text(&user, "id").to_owned();
        let patch = as_object(json!({"signInSessionsValidFromDateTime": second(self.now())}));
        self.change(Change::Patch(Collection::Users, id, patch));
        let version = self.ask.version.segment();
        let body = json!({
            "@odata.context":
                format!("{}/{version}/$metadata#Edm.Boolean", self.service.state.root),
            "value": true,
        });
        Ok(Answered { applied: true, ..Answered::of(200, Some(body)) })
    }

    pub(super) fn send_mail(&mut self, named: &str) -> Written {
        let body = self.ask.object()?;
        let sender = self.view().user(named)?;
        let id = text(&sender, "id");
        let has_mailbox = sender.get("mailboxSettings").is_some_and(Value::is_object)
            || self.service.world.mailbox_purpose(id, self.now()).is_some();
        if !has_mailbox {
            return Err(no_mailbox());
        }
        let refused =
            |what: &str| Refusal::new(400, "ErrorInvalidRecipients", format!("The mail {what}."));
        let message = body.get("message").and_then(Value::as_object);
        let message = message.ok_or_else(|| refused("has no message"))?;
        let recipients = message.get("toRecipients").and_then(Value::as_array);
        let has_address = |it: &Value| {
            let address = it.pointer("/emailAddress/address").and_then(Value::as_str);
            address.is_some_and(|it| it.contains('@'))
        };
        if !recipients.is_some_and(|all| !all.is_empty() && all.iter().all(has_address)) {
            return Err(refused("needs recipients, each with an address"));
        }
        let id = self.new_id("mail");
        let mut mail: Object = body.clone();
        mail.insert("id".to_owned(), json!(id));
        mail.insert("sender".to_owned(), json!(text(&sender, "userPrincipalName")));
        mail.insert("sentDateTime".to_owned(), json!(second(self.now())));
        self.create(Collection::SentMail, mail);
        Ok(Answered { applied: true, ..Answered::of(202, None) })
    }
}

fn known_properties(body: &Object) -> Result<(), Refusal> {
    for name in body.keys().filter(|it| !it.starts_with('@')) {
        let is_known = !matches!(user_property(name), UserProperty::Unknown) || name == "id";
        if !is_known {
            return Err(Refusal::bad_request(format!(
                "One or more property values specified are invalid: '{name}'."
            )));
        }
    }
    Ok(())
}

/// A time as the directory writes it.
pub(super) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
