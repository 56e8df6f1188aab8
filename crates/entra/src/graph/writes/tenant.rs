//! What holds for the whole tenant: security defaults, the registration campaign, methods.

use http::Method;
use serde_json::{Map, Value, json};

use super::identity::ObjectId;
use super::judge::{Found, Look, Seen, judge_object};
use super::step::Step;
use crate::graph::call::{Call, Version, Workload};

const DEFAULTS: &str = "/policies/identitySecurityDefaultsEnforcementPolicy";
const METHODS: &str = "/policies/authenticationMethodsPolicy";

/// Security defaults on or off. While they are on, no Conditional Access policy can be enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecurityDefaults {
    /// `isEnabled`.
    pub enabled: bool,
}

impl Step for SecurityDefaults {
    fn words(&self) -> String {
        format!("turn security defaults {}", if self.enabled { "on" } else { "off" })
    }

    fn look(&self) -> Look {
        Look::Object(Call::get(Version::V1, DEFAULTS, Workload::Other))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &json!({"isEnabled": self.enabled}))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let body = Some(json!({"isEnabled": self.enabled}));
        Some(Call::write(Method::PATCH, Version::V1, DEFAULTS, Workload::Other, body))
    }
}

/// Whom the campaign reaches or leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignTarget {
    /// Group or user, or `all_users`.
    pub id: ObjectId,
    /// A user; otherwise a group (also `all_users`).
    pub is_user: bool,
}

impl CampaignTarget {
    fn value(&self, method: Option<&str>) -> Value {
        let kind = if self.is_user { "user" } else { "group" };
        let mut target = Map::new();
        target.insert("id".to_owned(), self.id.as_str().into());
        target.insert("targetType".to_owned(), kind.into());
        if let Some(method) = method {
            target.insert("targetedAuthenticationMethod".to_owned(), method.into());
        }
        Value::Object(target)
    }
}

/// Whether the registration campaign is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CampaignState {
    /// On.
    Enabled,
    /// Off.
    Disabled,
    /// Microsoft decides.
    Default,
}

impl CampaignState {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Enabled, "enabled"), (Self::Disabled, "disabled"), (Self::Default, "default")];

    /// The state of Graph's word for it.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.1.eq_ignore_ascii_case(word)).map(|it| it.0)
    }

    /// Graph's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|it| it.0 == self).map_or("default", |it| it.1)
    }
}

/// The registration campaign, whole: Graph replaces lists, so that nothing may be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// On, off, or as Microsoft decides.
    pub state: CampaignState,
    /// `snoozeDurationInDays`, 0 to 14. 0: asked at every sign-in.
    pub snooze_days: u8,
    /// After three snoozes one has to register. Only beta has it; with it, beta is written.
    pub enforce_after_snoozes: Option<bool>,
    /// Whom it reaches.
    pub include: Vec<CampaignTarget>,
    /// Whom it leaves out, such as the emergency accounts.
    pub exclude: Vec<CampaignTarget>,
    /// `targetedAuthenticationMethod`: `microsoftAuthenticator`.
    pub method: String,
}

impl Campaign {
    fn version(&self) -> Version {
        if self.enforce_after_snoozes.is_some() { Version::Beta } else { Version::V1 }
    }

    fn wanted(&self) -> Value {
        let include: Vec<Value> =
            self.include.iter().map(|it| it.value(Some(&self.method))).collect();
        let exclude: Vec<Value> = self.exclude.iter().map(|it| it.value(None)).collect();
        let mut campaign = json!({
            "state": self.state.word(),
            "snoozeDurationInDays": self.snooze_days,
            "includeTargets": include,
            "excludeTargets": exclude,
        });
        if let (Some(enforce), Some(campaign)) =
            (self.enforce_after_snoozes, campaign.as_object_mut())
        {
            campaign.insert("enforceRegistrationAfterAllowedSnoozes".to_owned(), enforce.into());
        }
        json!({"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": campaign}})
    }
}

impl Step for Campaign {
    fn words(&self) -> String {
        let state = match self.state {
            CampaignState::Enabled => "turn the registration campaign on",
            CampaignState::Disabled => "turn the registration campaign off",
            CampaignState::Default => "leave the registration campaign to Microsoft",
        };
        format!("{state}, snoozed {} days", self.snooze_days)
    }

    fn look(&self) -> Look {
        Look::Object(Call::get(self.version(), METHODS, Workload::Other))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &self.wanted())
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let body = Some(self.wanted());
        Some(Call::write(Method::PATCH, self.version(), METHODS, Workload::Other, body))
    }
}

/// One method of the authentication methods policy: who may use it, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodConfiguration {
    /// `MicrosoftAuthenticator`, `TemporaryAccessPass`, `Fido2`, ….
    pub method: ObjectId,
    /// `#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration`: Graph refuses a
    /// change without it.
    pub odata_type: String,
    /// What is wanted, such as `state`.
    pub changes: Map<String, Value>,
}

impl Step for MethodConfiguration {
    fn words(&self) -> String {
        let names: Vec<&str> = self.changes.keys().map(String::as_str).collect();
        format!("set {} of the method `{}`", names.join(", "), self.method)
    }

    fn look(&self) -> Look {
        let path = format!("{METHODS}/authenticationMethodConfigurations/{}", self.method);
        Look::Object(Call::get(Version::V1, path, Workload::Other))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_object(seen, &Value::Object(self.changes.clone()))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let mut body = Map::new();
        body.insert("@odata.type".to_owned(), self.odata_type.as_str().into());
        body.extend(self.changes.clone());
        let path = format!("{METHODS}/authenticationMethodConfigurations/{}", self.method);
        let body = Some(Value::Object(body));
        Some(Call::write(Method::PATCH, Version::V1, path, Workload::Other, body))
    }

    fn needs_object(&self) -> bool {
        true
    }
}
