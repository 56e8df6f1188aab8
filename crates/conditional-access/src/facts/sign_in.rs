//! One sign-in.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::device::Device;
use super::method::Methods;

/// One sign-in, real or supposed, after its first factor.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    /// Who signs in.
    pub identity: Identity,
    /// Application ids of the resources asked for. `None`: not seen; nothing but a user action
    /// or an authentication context is an empty list.
    pub resources: Option<Vec<String>>,
    /// The log's `conditionalAccessAudiences`. They replace `resources` where there are any.
    pub audiences: Vec<String>,
    /// Application id of the client.
    pub client_id: Option<String>,
    /// Whether the client keeps a secret of its own (a confidential client).
    pub client_confidential: Option<bool>,
    /// Delegated scopes asked for. Empty: none told.
    pub scopes: Vec<String>,
    /// The user action, if the sign-in is one.
    pub user_action: Option<UserAction>,
    /// Authentication contexts asked for, `c1` to `c99`.
    pub authentication_contexts: Option<Vec<String>>,
    /// Which kind of client app it comes from.
    pub client_app: Option<ClientApp>,
    /// Whether the client can be challenged.
    pub protocol: Option<Protocol>,
    /// The authentication flow, also when only the session began with it
    /// (`originalTransferMethod`).
    pub flow: Option<Flow>,
    /// The device platform, as the client declares it.
    pub platform: Option<Platform>,
    /// The address the service saw.
    pub ip: Option<IpAddr>,
    /// The country of the address, two letters; empty text: the address maps to no country.
    pub country: Option<String>,
    /// The country of the position that Authenticator told.
    pub gps_country: Option<String>,
    /// The device.
    pub device: Option<Device>,
    /// Risks.
    pub risk: Risk,
    /// What the session already proves.
    pub session: Session,
    /// Ids of the terms of use that the person has accepted.
    pub terms_accepted: Option<Vec<String>>,
    /// Whether the app is under an app protection policy.
    pub app_protection: Option<bool>,
    /// Whether the token is bound to the device.
    pub token_bound: Option<bool>,
}

impl SignIn {
    /// A fresh sign-in of one user, of which nothing else was seen.
    #[must_use]
    pub fn of_user(id: impl Into<String>) -> Self {
        Self {
            identity: Identity::User(Some(id.into())),
            resources: None,
            audiences: Vec::new(),
            client_id: None,
            client_confidential: None,
            scopes: Vec::new(),
            user_action: Some(UserAction::None),
            authentication_contexts: Some(Vec::new()),
            client_app: None,
            protocol: Some(Protocol::Interactive),
            flow: Some(Flow::None),
            platform: None,
            ip: None,
            country: None,
            gps_country: None,
            device: None,
            risk: Risk::default(),
            session: Session::fresh(),
            terms_accepted: None,
            app_protection: None,
            token_bound: None,
        }
    }
}

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A user, by object id. `None`: not seen which.
    User(Option<String>),
    /// A service principal.
    ServicePrincipal {
        /// Object id.
        id: Option<String>,
        /// True for a single-tenant service principal of this tenant.
        owned: Option<bool>,
        /// True for a managed identity.
        managed_identity: Option<bool>,
    },
    /// An agent identity (Entra documentation, *Conditional Access for Agent ID*).
    Agent,
}

/// A user action that a policy can target instead of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum UserAction {
    /// The sign-in is no user action.
    None,
    /// `urn:user:registersecurityinfo`
    RegisterSecurityInformation,
    /// `urn:user:registerdevice`
    RegisterDevice,
    /// An action this model does not know, as written.
    Unmodelled(String),
}

impl UserAction {
    /// The action of a policy's `includeUserActions` or of the what-if evaluation, in any case.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        let word = word.trim();
        match word.to_ascii_lowercase().as_str() {
            "" | "none" => Self::None,
            "urn:user:registersecurityinfo"
            | "registersecurityinfo"
            | "registersecurityinformation" => Self::RegisterSecurityInformation,
            "urn:user:registerdevice" | "registerdevice" | "registerorjoindevices" => {
                Self::RegisterDevice
            }
            _ => Self::Unmodelled(word.to_owned()),
        }
    }
}

/// The kind of client app, in the words of `clientAppTypes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClientApp {
    /// `browser`
    Browser,
    /// `mobileAppsAndDesktopClients`
    MobileAppsAndDesktopClients,
    /// `exchangeActiveSync`
    ExchangeActiveSync,
    /// `other`: legacy authentication
    Other,
}

impl ClientApp {
    /// The kind that stands behind a log's `clientAppUsed`, in any case (Graph, resource *signIn*;
    /// Entra documentation, *Conditions*, client apps). `None` for names neither page lists: a
    /// new name could be a modern client.
    #[must_use]
    pub fn of_log(word: &str) -> Option<Self> {
        const LEGACY: [&str; 15] = [
            "authenticated smtp",
            "smtp",
            "autodiscover",
            "exchange online powershell",
            "exchange web services",
            "imap4",
            "imap",
            "mapi over http",
            "offline address book",
            "outlook anywhere (rpc over http)",
            "outlook service",
            "pop3",
            "pop",
            "reporting web services",
            "other clients",
        ];
        let word = word.trim().to_ascii_lowercase();
        match word.as_str() {
            "browser" => Some(Self::Browser),
            "mobile apps and desktop clients" => Some(Self::MobileAppsAndDesktopClients),
            "exchange activesync" => Some(Self::ExchangeActiveSync),
            other if LEGACY.contains(&other) || other.starts_with("other clients;") => {
                Some(Self::Other)
            }
            _ => None,
        }
    }

    /// True for clients that know no challenge.
    #[must_use]
    pub fn is_legacy(self) -> bool {
        matches!(self, Self::ExchangeActiveSync | Self::Other)
    }
}

/// How the client gets its token, as far as it decides whether a person can be asked anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Protocol {
    /// Any protocol in which the person can be asked.
    Interactive,
    /// Resource owner password credentials: a program replays the password, nobody can be asked.
    Ropc,
}

/// The authentication flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Flow {
    /// Neither of the two.
    None,
    /// `deviceCodeFlow`
    DeviceCodeFlow,
    /// `authenticationTransfer`
    AuthenticationTransfer,
}

/// A device platform, in the words of `conditions.platforms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Platform {
    /// `android`
    Android,
    /// `iOS`
    #[serde(rename = "iOS")]
    Ios,
    /// `windows`
    Windows,
    /// `windowsPhone`
    WindowsPhone,
    /// `macOS`
    #[serde(rename = "macOS")]
    MacOs,
    /// `linux`
    Linux,
    /// A platform that the service cannot name, such as Chrome OS or an empty user agent.
    Other,
}

impl Platform {
    /// The platform of a policy's word. `None`: `all`, or a word this model does not know.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "android" => Some(Self::Android),
            "ios" => Some(Self::Ios),
            "windows" => Some(Self::Windows),
            "windowsphone" => Some(Self::WindowsPhone),
            "macos" => Some(Self::MacOs),
            "linux" => Some(Self::Linux),
            _ => None,
        }
    }

    /// The platform behind a log's operating system, by its leading word (Entra documentation,
    /// *Conditions*, device platforms). `None` for an empty name: not seen.
    #[must_use]
    pub fn of_log(operating_system: &str) -> Option<Self> {
        let name = operating_system.trim().to_ascii_lowercase();
        if name.is_empty() {
            return None;
        }
        let starts = [
            ("windows phone", Self::WindowsPhone),
            ("windowsphone", Self::WindowsPhone),
            ("windows", Self::Windows),
            ("android", Self::Android),
            ("ios", Self::Ios),
            ("macos", Self::MacOs),
            ("linux", Self::Linux),
        ];
        let found = starts.iter().find(|(word, _)| name.starts_with(word));
        Some(found.map_or(Self::Other, |(_, platform)| *platform))
    }
}

/// A level of sign-in or user risk. `hidden` is no level: it says that nobody may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RiskLevel {
    /// `none`
    None,
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
}

impl RiskLevel {
    /// The level of this name, in any case. `None`: hidden, empty, or a word this model does not
    /// know.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "none" => Some(Self::None),
            "low" => Some(Self::Low),
            "medium" => Some(Self::Medium),
            "high" => Some(Self::High),
            _ => None,
        }
    }
}

/// A level of insider risk (Microsoft Purview adaptive protection).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum InsiderRisk {
    /// No insider risk.
    None,
    /// `minor`
    Minor,
    /// `moderate`
    Moderate,
    /// `elevated`
    Elevated,
}

impl InsiderRisk {
    /// The level of this name, in any case.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "none" => Some(Self::None),
            "minor" => Some(Self::Minor),
            "moderate" => Some(Self::Moderate),
            "elevated" => Some(Self::Elevated),
            _ => None,
        }
    }
}

/// The risks of a sign-in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Risk {
    /// The sign-in's own risk (`riskLevelDuringSignIn`).
    pub sign_in: Option<RiskLevel>,
    /// The user's risk.
    pub user: Option<RiskLevel>,
    /// The user's insider risk.
    pub insider: Option<InsiderRisk>,
    /// The service principal's risk.
    pub service_principal: Option<RiskLevel>,
}

/// What the session already proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Carries an MFA claim of this tenant.
    pub mfa: Option<bool>,
    /// Carries an MFA claim of the person's home tenant.
    pub home_mfa: Option<bool>,
    /// The methods used in it.
    pub methods: Option<Methods>,
    /// Minutes since the factors were last proved.
    pub age_minutes: Option<u64>,
    /// Custom controls that were passed.
    pub custom: Option<Vec<String>>,
    /// The password was changed in it.
    pub password_changed: Option<bool>,
}

impl Session {
    /// A sign-in just made with a first factor only.
    #[must_use]
    pub fn fresh() -> Self {
        Self {
            mfa: Some(false),
            home_mfa: Some(false),
            methods: Some(Methods::NONE),
            age_minutes: Some(0),
            custom: Some(Vec::new()),
            password_changed: Some(false),
        }
    }

    /// A session of which nothing was seen.
    #[must_use]
    pub fn not_seen() -> Self {
        Self {
            mfa: None,
            home_mfa: None,
            methods: None,
            age_minutes: None,
            custom: None,
            password_changed: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientApp, Platform, UserAction};

    #[test]
    fn client_apps_of_a_log() {
        let cases = [
            ("browser", Some(ClientApp::Browser)),
            ("Mobile Apps and Desktop clients", Some(ClientApp::MobileAppsAndDesktopClients)),
            ("Exchange ActiveSync", Some(ClientApp::ExchangeActiveSync)),
            ("IMAP4", Some(ClientApp::Other)),
            ("Other clients; Older Office clients", Some(ClientApp::Other)),
            ("Other clients", Some(ClientApp::Other)),
            ("Other clientsX", None),
            ("Unknown", None),
            ("", None),
            ("Universal Outlook", None),
        ];
        for (word, expected) in cases {
            assert_eq!(ClientApp::of_log(word), expected, "{word}");
        }
    }

    #[test]
    fn platforms_of_a_log() {
        let cases = [
            ("Windows10", Some(Platform::Windows)),
            ("Windows 11", Some(Platform::Windows)),
            ("Windows Phone 8.1", Some(Platform::WindowsPhone)),
            ("Ios 18.1", Some(Platform::Ios)),
            ("MacOs", Some(Platform::MacOs)),
            ("Linux", Some(Platform::Linux)),
            ("ChromeOS", Some(Platform::Other)),
            (" ", None),
        ];
        for (word, expected) in cases {
            assert_eq!(Platform::of_log(word), expected, "{word}");
        }
    }

    #[test]
    fn user_actions() {
        let cases = [
            ("urn:user:registerSecurityInfo", UserAction::RegisterSecurityInformation),
            ("registerOrJoinDevices", UserAction::RegisterDevice),
            ("none", UserAction::None),
            ("urn:user:dance", UserAction::Unmodelled("urn:user:dance".to_owned())),
        ];
        for (word, expected) in cases {
            assert_eq!(UserAction::of_word(word), expected, "{word}");
        }
    }
}
