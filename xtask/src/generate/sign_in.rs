//! One simulated sign-in, before it is written in the shape of some export.

use jiff::Timestamp;

use super::account::{Account, Device, Kind};

/// An application or a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct App {
    /// Display name, in the log's words.
    pub(crate) name: &'static str,
    /// Application id.
    pub(crate) id: &'static str,
}

/// Exchange Online.
pub(crate) const EXCHANGE: App =
    App { name: "Office 365 Exchange Online", id: "00000002-0000-0ff1-ce00-000000000000" };
/// SharePoint Online.
pub(crate) const SHAREPOINT: App =
    App { name: "Office 365 SharePoint Online", id: "00000003-0000-0ff1-ce00-000000000000" };
/// Microsoft Graph.
pub(crate) const GRAPH: App =
    App { name: "Microsoft Graph", id: "00000003-0000-0000-c000-000000000000" };
/// The Microsoft 365 home page.
pub(crate) const OFFICE_HOME: App =
    App { name: "OfficeHome", id: "4765445b-32c6-49b0-83e6-1d93765276ca" };
/// Teams.
pub(crate) const TEAMS: App =
    App { name: "Microsoft Teams", id: "1fec8e78-bce4-4aaf-ab1b-5451cc387264" };
/// The desktop Office applications.
pub(crate) const OFFICE: App =
    App { name: "Microsoft Office", id: "d3590ed6-52b3-4102-aeff-aad2292ab01c" };
/// Outlook on phones.
pub(crate) const OUTLOOK_MOBILE: App =
    App { name: "Outlook Mobile", id: "27922004-5251-4030-b22d-91ecd9a37ea4" };
/// Windows sign-in with the primary refresh token.
pub(crate) const WINDOWS_SIGN_IN: App =
    App { name: "Windows Sign In", id: "38aa3b87-a06d-4817-b275-7a316988d93b" };
/// The portal administrators use.
pub(crate) const AZURE_PORTAL: App =
    App { name: "Azure Portal", id: "c44b4083-3bb0-49c1-b47d-974e53cbdf3c" };
/// PowerShell with stored credentials.
pub(crate) const AZURE_POWERSHELL: App =
    App { name: "Microsoft Azure PowerShell", id: "1950a258-227b-4e31-a9cf-717495945fc2" };
/// The command line administrators use.
pub(crate) const AZURE_CLI: App =
    App { name: "Microsoft Azure CLI", id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46" };
/// What it asks for.
pub(crate) const AZURE_MANAGEMENT: App = App {
    name: "Windows Azure Service Management API",
    id: "797f4846-ba00-4fd7-ba43-dac1f8f63013",
};
/// The service that synchronises the directory.
pub(crate) const CONNECT: App = App {
    name: "Microsoft Azure Active Directory Connect",
    id: "cb1056e2-e479-49de-ae31-7812af012ed8",
};
/// Meeting-room devices.
pub(crate) const TEAMS_ROOMS: App =
    App { name: "Microsoft Teams Rooms", id: "1fec8e78-bce4-4aaf-ab1b-5451cc387264" };

/// One sign-in.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignIn {
    /// Record id.
    pub(crate) id: String,
    /// Id of the whole conversation; an interrupt and its success share it.
    pub(crate) correlation: String,
    /// When.
    pub(crate) time: Timestamp,
    /// Somebody typed or tapped something.
    pub(crate) interactive: bool,
    /// Object id; the nil GUID for an account that does not exist.
    pub(crate) user_id: String,
    /// User principal name, as the log writes it.
    pub(crate) user_name: String,
    /// Display name.
    pub(crate) display_name: String,
    /// A guest.
    pub(crate) guest: bool,
    /// The client's application.
    pub(crate) app: App,
    /// What was asked for.
    pub(crate) resource: App,
    /// Client app, in the log's words.
    pub(crate) client_app: &'static str,
    /// `none`, `ropc` or `deviceCode`.
    pub(crate) protocol: &'static str,
    /// User agent.
    pub(crate) user_agent: &'static str,
    /// Result code; 0 is success.
    pub(crate) code: u32,
    /// Address.
    pub(crate) address: String,
    /// City and country code.
    pub(crate) place: (&'static str, &'static str),
    /// From what.
    pub(crate) device: Device,
    /// Security defaults asked for MFA in this sign-in.
    pub(crate) multifactor: bool,
    /// The guest's own tenant, if it had already asked for MFA and its word was taken here.
    pub(crate) proved_at: Option<&'static str>,
}

impl SignIn {
    /// A sign-in of an account from its usual place and computer.
    pub(crate) fn of(account: &Account, time: Timestamp) -> Self {
        Self {
            time,
            user_id: account.id.clone(),
            user_name: account.log_name.clone(),
            display_name: account.display_name.clone(),
            guest: account.kind == Kind::Guest,
            protocol: "none",
            address: account.address.clone(),
            place: (if account.office.is_empty() { "Leeds" } else { account.office }, "GB"),
            device: account.computer.clone(),
            ..Self::default()
        }
    }

    /// Legacy authentication by the settled reading: any client app but the two modern ones, and
    /// every password grant.
    pub(crate) fn legacy(&self) -> bool {
        self.protocol == "ropc"
            || !matches!(self.client_app, "Browser" | "Mobile Apps and Desktop clients")
    }

    /// MFA was passed, here or in the guest's own tenant.
    pub(crate) const fn passed_mfa(&self) -> bool {
        self.code == 0 && (self.multifactor || self.proved_at.is_some())
    }

    /// The name a dependency shows for the device: name, else id, else system and browser.
    pub(crate) fn device_shown(&self) -> Option<String> {
        let device = &self.device;
        if !device.name.is_empty() {
            return Some(device.name.clone());
        }
        if !device.id.is_empty() {
            return Some(device.id.clone());
        }
        match (device.system, device.browser) {
            ("", "") => None,
            (system, "") => Some(system.to_owned()),
            ("", browser) => Some(browser.to_owned()),
            (system, browser) => Some(format!("{system}, {browser}")),
        }
    }

    /// What the log says of the code.
    pub(crate) const fn words(&self) -> &'static str {
        match self.code {
            0 => "Other.",
            50034 => "The user account does not exist in the directory.",
            50053 => "The account is locked after too many wrong passwords.",
            50126 => "Error validating credentials due to invalid username or password.",
            50140 => "This error occurred due to 'Keep me signed in' interrupt.",
            50074 => "Strong authentication is required.",
            50076 => "Multifactor authentication is required.",
            500_121 => "Authentication failed during strong authentication request.",
            _ => "Sign-in failed.",
        }
    }
}
