//! Accounts.

use http::Method;
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::carry_out::Done;
use super::identity::{ObjectId, segment};
use super::judge::{Found, Look, Seen, judge_gone, judge_object};
use super::step::{Repeat, Step};
use crate::graph::call::{Call, Sealed, Version, Workload};

/// A new account, found again by its user principal name, which no two accounts share.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// `userPrincipalName`.
    pub user_principal_name: String,
    /// `displayName`.
    pub display_name: String,
    /// `mailNickname`.
    pub mail_nickname: String,
    /// First password. It is sent once and kept nowhere.
    pub password: SecretString,
    /// The password has to be changed at the first sign-in. Not for an emergency account, whose
    /// password is printed.
    pub change_password: bool,
    /// The password never expires (`DisablePasswordExpiration`).
    pub password_never_expires: bool,
    /// The account can sign in.
    pub enabled: bool,
}

impl NewUser {
    fn wanted(&self) -> Value {
        let mut wanted = json!({
            "accountEnabled": self.enabled,
            "displayName": self.display_name,
            "mailNickname": self.mail_nickname,
            "userPrincipalName": self.user_principal_name,
        });
        if self.password_never_expires
            && let Some(wanted) = wanted.as_object_mut()
        {
            wanted.insert("passwordPolicies".to_owned(), "DisablePasswordExpiration".into());
        }
        wanted
    }

    fn shown(&self, who: &str) -> Call {
        Call::get(Version::V1, format!("/users/{}", segment(who)), Workload::Directory).with(
            "$select",
            "id,userPrincipalName,displayName,mailNickname,accountEnabled,passwordPolicies",
        )
    }
}

impl Step for NewUser {
    fn words(&self) -> String {
        format!("create the account `{}`", self.user_principal_name)
    }

    fn look(&self) -> Look {
        Look::Object(self.shown(&self.user_principal_name))
    }

    fn look_back(&self, id: Option<&ObjectId>) -> Look {
        Look::Object(self.shown(id.map_or(&self.user_principal_name, ObjectId::as_str)))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &self.wanted())
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let mut body = self.wanted();
        if let Some(body) = body.as_object_mut() {
            let profile = json!({"forceChangePasswordNextSignIn": self.change_password});
            body.insert("passwordProfile".to_owned(), profile);
        }
        let mut call =
            Call::write(Method::POST, Version::V1, "/users", Workload::Directory, Some(body));
        call.sealed =
            Some(Sealed { place: &["passwordProfile", "password"], secret: self.password.clone() });
        Some(call)
    }

    fn repeat(&self) -> Repeat {
        Repeat::Doubles
    }

    fn done(&self) -> Done {
        Done::Created
    }
}

/// Properties of an account. Only these are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchUser {
    /// The account.
    pub id: ObjectId,
    /// What is wanted, such as `accountEnabled`.
    pub changes: Map<String, Value>,
}

impl PatchUser {
    /// An account that can, or can no longer, sign in.
    #[must_use]
    pub fn enabled(id: ObjectId, enabled: bool) -> Self {
        let changes = Map::from_iter([("accountEnabled".to_owned(), enabled.into())]);
        Self { id, changes }
    }
}

impl Step for PatchUser {
    fn words(&self) -> String {
        let names: Vec<&str> = self.changes.keys().map(String::as_str).collect();
        format!("set {} of the account `{}`", names.join(", "), self.id)
    }

    fn look(&self) -> Look {
        let names: Vec<&str> =
            std::iter::once("id").chain(self.changes.keys().map(String::as_str)).collect();
        let path = format!("/users/{}", self.id);
        let call = Call::get(Version::V1, path, Workload::Directory);
        Look::Object(call.with("$select", names.join(",")))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &Value::Object(self.changes.clone()))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let path = format!("/users/{}", self.id);
        let body = Some(Value::Object(self.changes.clone()));
        Some(Call::write(Method::PATCH, Version::V1, path, Workload::Directory, body))
    }

    fn needs_object(&self) -> bool {
        true
    }
}

/// A new password. Whoever sends it needs a role over whoever it is for: of an administrator's
/// account an app may set it only while it holds Privileged Authentication Administrator (Microsoft
/// Graph documentation, *Update user*, permissions for sensitive actions).
#[derive(Debug, Clone)]
pub struct NewPassword {
    /// The account.
    pub user: ObjectId,
    /// The password. It is sent and kept nowhere.
    pub password: SecretString,
    /// It has to be changed at the first sign-in. Not for an emergency account, whose password is
    /// printed.
    pub change_password: bool,
}

const PASSWORD_CHANGED: &str = "lastPasswordChangeDateTime";

impl Step for NewPassword {
    fn words(&self) -> String {
        format!("set a new password for the account `{}`", self.user)
    }

    fn look(&self) -> Look {
        let path = format!("/users/{}", self.user);
        let call = Call::get(Version::V1, path, Workload::Directory);
        Look::Object(call.with("$select", format!("id,{PASSWORD_CHANGED}")))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &Value::Null)
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let path = format!("/users/{}", self.user);
        let profile = json!({"forceChangePasswordNextSignIn": self.change_password});
        let body = json!({"passwordProfile": profile});
        let mut call =
            Call::write(Method::PATCH, Version::V1, path, Workload::Directory, Some(body));
        call.sealed =
            Some(Sealed { place: &["passwordProfile", "password"], secret: self.password.clone() });
        Some(call)
    }

    fn judge_since(&self, before: &Seen, after: &Seen) -> Found {
        later(PASSWORD_CHANGED, before, after, &self.user)
    }

    fn always_sends(&self) -> bool {
        true
    }

    fn needs_object(&self) -> bool {
        true
    }
}

/// Done when a time of the account is later than it was.
fn later(property: &str, before: &Seen, after: &Seen, user: &ObjectId) -> Found {
    let time = |seen: &Seen| match seen {
        Seen::Object(object) => object.get(property)?.as_str()?.parse::<jiff::Timestamp>().ok(),
        Seen::List(_) | Seen::Absent => None,
    };
    match (time(before), time(after)) {
        (before, Some(after)) if before.is_none_or(|before| before < after) => {
            Found::AlreadyThere { id: Some(user.as_str().to_owned()) }
        }
        _ => Found::Differs { id: None, what: vec![property.to_owned()] },
    }
}

/// An account goes to the recycle bin, where it stays for 30 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteUser {
    /// The account.
    pub id: ObjectId,
}

impl Step for DeleteUser {
    fn words(&self) -> String {
        format!("delete the account `{}`", self.id)
    }

    fn look(&self) -> Look {
        let path = format!("/users/{}", self.id);
        let call = Call::get(Version::V1, path, Workload::Directory);
        Look::Object(call.with("$select", "id,userPrincipalName"))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_gone(seen, |_| true)
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let path = format!("/users/{}", self.id);
        Some(Call::write(Method::DELETE, Version::V1, path, Workload::Directory, None))
    }

    fn done(&self) -> Done {
        Done::Removed
    }
}

/// Every refresh token and session cookie of a person becomes void. Takes effect within minutes
/// (apps with continuous access evaluation) to about an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeSessions {
    /// The person.
    pub user: ObjectId,
}

const VALID_FROM: &str = "signInSessionsValidFromDateTime";

impl Step for RevokeSessions {
    fn words(&self) -> String {
        format!("end every session of `{}`", self.user)
    }

    fn look(&self) -> Look {
        let path = format!("/users/{}", self.user);
        let call = Call::get(Version::V1, path, Workload::Directory);
        Look::Object(call.with("$select", format!("id,{VALID_FROM}")))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &Value::Null)
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let path = format!("/users/{}/revokeSignInSessions", self.user);
        Some(Call::write(Method::POST, Version::V1, path, Workload::Directory, None))
    }

    fn judge_since(&self, before: &Seen, after: &Seen) -> Found {
        later(VALID_FROM, before, after, &self.user)
    }

    fn always_sends(&self) -> bool {
        true
    }

    fn needs_object(&self) -> bool {
        true
    }
}
