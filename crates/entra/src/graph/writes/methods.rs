//! A person's authentication methods, and per-user MFA.

use http::Method;
use serde_json::{Value, json};

use super::carry_out::Done;
use super::identity::ObjectId;
use super::judge::{Found, Look, Seen, id_of, judge_gone, judge_object, text};
use super::step::Step;
use crate::graph::call::{Call, Version, Workload};

/// A kind of method that can be deleted. Each has a path of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MethodKind {
    /// Microsoft Authenticator.
    MicrosoftAuthenticator,
    /// A phone number.
    Phone,
    /// A passkey or security key.
    Fido2,
    /// A code from an authenticator app.
    SoftwareOath,
    /// Windows Hello for Business, on one device.
    WindowsHello,
    /// A Temporary Access Pass.
    TemporaryAccessPass,
    /// A mail address, for password reset only.
    Email,
}

impl MethodKind {
    const ALL: [(Self, &'static str, &'static str); 7] = [
        (
            Self::MicrosoftAuthenticator,
            "microsoftAuthenticatorAuthenticationMethod",
            "microsoftAuthenticatorMethods",
        ),
        (Self::Phone, "phoneAuthenticationMethod", "phoneMethods"),
        (Self::Fido2, "fido2AuthenticationMethod", "fido2Methods"),
        (Self::SoftwareOath, "softwareOathAuthenticationMethod", "softwareOathMethods"),
        (
            Self::WindowsHello,
            "windowsHelloForBusinessAuthenticationMethod",
            "windowsHelloForBusinessMethods",
        ),
        (
            Self::TemporaryAccessPass,
            "temporaryAccessPassAuthenticationMethod",
            "temporaryAccessPassMethods",
        ),
        (Self::Email, "emailAuthenticationMethod", "emailMethods"),
    ];

    /// The kind of a method as Graph lists it; `None` for a password and for kinds that cannot be
    /// deleted this way.
    #[must_use]
    pub fn of_odata_type(odata_type: &str) -> Option<Self> {
        let name = odata_type.strip_prefix("#microsoft.graph.")?;
        Self::ALL.into_iter().find(|(_, type_name, _)| *type_name == name).map(|it| it.0)
    }

    /// Segment of the path.
    #[must_use]
    pub fn segment(self) -> &'static str {
        Self::ALL.into_iter().find(|it| it.0 == self).map_or("", |it| it.2)
    }
}

/// One method of a person goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteMethod {
    /// The person.
    pub user: ObjectId,
    /// Kind of method.
    pub kind: MethodKind,
    /// The method.
    pub id: ObjectId,
}

impl Step for DeleteMethod {
    fn words(&self) -> String {
        format!("delete {}/{} of `{}`", self.kind.segment(), self.id, self.user)
    }

    fn look(&self) -> Look {
        let path = format!("/users/{}/authentication/methods", self.user);
        Look::List(Call::get(Version::V1, path, Workload::Directory))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_gone(seen, |it| text(it, "id").is_some_and(|id| id == self.id.as_str()))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let path =
            format!("/users/{}/authentication/{}/{}", self.user, self.kind.segment(), self.id);
        Some(Call::write(Method::DELETE, Version::V1, path, Workload::Directory, None))
    }

    fn done(&self) -> Done {
        Done::Removed
    }

    fn needs_object(&self) -> bool {
        true
    }
}

/// Id of the phone that is usually the default, the mobile phone. The same for everybody.
const MOBILE: &str = "3179e48a-750b-4051-897c-87b9720928f7";

/// The deletions that make a person register anew, in an order Graph accepts: phones after
/// everything else, the mobile phone last, because a default phone cannot go while there is another
/// method; and the methods, by type, that nobody can delete this way. A password is neither.
#[must_use]
pub fn reset_order(user: &ObjectId, methods: &[Value]) -> (Vec<DeleteMethod>, Vec<String>) {
    let mut deletions = Vec::new();
    let mut left = Vec::new();
    for method in methods {
        let odata_type = text(method, "@odata.type").unwrap_or_default();
        if odata_type == "#microsoft.graph.passwordAuthenticationMethod" {
            continue;
        }
        let id = id_of(method).and_then(|id| ObjectId::new(&id).ok());
        match (MethodKind::of_odata_type(odata_type), id) {
            (Some(kind), Some(id)) => deletions.push(DeleteMethod { user: user.clone(), kind, id }),
            _ => left.push(odata_type.to_owned()),
        }
    }
    deletions.sort_by_key(|it| match it.kind {
        MethodKind::Phone if it.id.is(MOBILE) => 2,
        MethodKind::Phone => 1,
        _ => 0,
    });
    (deletions, left)
}

/// State of per-user MFA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerUserMfaState {
    /// Off: policies decide.
    Disabled,
    /// On, until the person registers.
    Enabled,
    /// On, also for old clients.
    Enforced,
}

impl PerUserMfaState {
    /// Graph's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Enforced => "enforced",
        }
    }
}

/// Per-user MFA of a person. Only beta has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerUserMfa {
    /// The person.
    pub user: ObjectId,
    /// The state wanted.
    pub state: PerUserMfaState,
}

impl Step for PerUserMfa {
    fn words(&self) -> String {
        format!("set per-user MFA of `{}` to {}", self.user, self.state.word())
    }

    fn look(&self) -> Look {
        let path = format!("/users/{}/authentication/requirements", self.user);
        Look::Object(Call::get(Version::Beta, path, Workload::Directory))
    }

    fn judge(&self, seen: &Seen) -> Found {
        // Graph turns *enabled* into *enforced* by itself for somebody who is registered.
        let seen_state = match seen {
            Seen::Object(object) => text(object, "perUserMfaState"),
            Seen::List(_) | Seen::Absent => None,
        };
        if self.state == PerUserMfaState::Enabled && seen_state == Some("enforced") {
            return Found::AlreadyThere { id: None };
        }
        judge_object(seen, &json!({"perUserMfaState": self.state.word()}))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let path = format!("/users/{}/authentication/requirements", self.user);
        let body = Some(json!({"perUserMfaState": self.state.word()}));
        Some(Call::write(Method::PATCH, Version::Beta, path, Workload::Directory, body))
    }

    fn needs_object(&self) -> bool {
        true
    }
}
