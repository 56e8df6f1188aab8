//! Apps and clients people sign in with.

/// An application with the resource its sign-ins ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct App {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) resource_name: &'static str,
    /// The resource belongs to the group `Office365`.
    pub(crate) office: bool,
}

const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";
const SHAREPOINT: &str = "00000003-0000-0ff1-ce00-000000000000";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// Every application; places in this list are kept in rows.
pub(crate) const APPS: [App; 11] = [
    App {
        id: "4765445b-32c6-49b0-83e6-1d93765276ca",
        name: "OfficeHome",
        resource: "4765445b-32c6-49b0-83e6-1d93765276ca",
        resource_name: "OfficeHome",
        office: true,
    },
    App {
        id: "d3590ed6-52b3-4102-aeff-aad2292ab01c",
        name: "Microsoft Office",
        resource: EXCHANGE,
        resource_name: "Office 365 Exchange Online",
        office: true,
    },
    App {
        id: "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
        name: "Microsoft Teams",
        resource: "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
        resource_name: "Microsoft Teams Services",
        office: true,
    },
    App {
        id: "9199bf20-a13f-4107-85dc-02114787ef48",
        name: "One Outlook Web",
        resource: EXCHANGE,
        resource_name: "Office 365 Exchange Online",
        office: true,
    },
    App {
        id: SHAREPOINT,
        name: "Office 365 SharePoint Online",
        resource: SHAREPOINT,
        resource_name: "Office 365 SharePoint Online",
        office: true,
    },
    App {
        id: "27922004-5251-4030-b22d-91ecd9a37ea4",
        name: "Outlook Mobile",
        resource: EXCHANGE,
        resource_name: "Office 365 Exchange Online",
        office: true,
    },
    App {
        id: "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        name: "Azure Portal",
        resource: "797f4846-ba00-4fd7-ba43-dac1f8f63013",
        resource_name: "Windows Azure Service Management API",
        office: false,
    },
    App {
        id: "5d2c7c3e-4b0f-4f2a-9a7e-0c6f1b8e2d31",
        name: "Remote Access",
        resource: "5d2c7c3e-4b0f-4f2a-9a7e-0c6f1b8e2d31",
        resource_name: "Remote Access",
        office: false,
    },
    App {
        id: EXCHANGE,
        name: "Office 365 Exchange Online",
        resource: EXCHANGE,
        resource_name: "Office 365 Exchange Online",
        office: true,
    },
    App {
        id: "cb1056e2-e479-49de-ae31-7812af012ed8",
        name: "Microsoft Azure Active Directory Connect",
        resource: "00000002-0000-0000-c000-000000000000",
        resource_name: "Windows Azure Active Directory",
        office: false,
    },
    App {
        id: "8f0d9c62-1f5e-4d0e-8d36-6a2f4b7c9e15",
        name: "Nightly Backup",
        resource: GRAPH,
        resource_name: "Microsoft Graph",
        office: false,
    },
];

pub(crate) const HOME: u8 = 0;
pub(crate) const OUTLOOK: u8 = 1;
pub(crate) const TEAMS: u8 = 2;
pub(crate) const OUTLOOK_WEB: u8 = 3;
pub(crate) const SHAREPOINT_WEB: u8 = 4;
pub(crate) const OUTLOOK_MOBILE: u8 = 5;
pub(crate) const PORTAL: u8 = 6;
pub(crate) const REMOTE_ACCESS: u8 = 7;
pub(crate) const MAIL: u8 = 8;
pub(crate) const CONNECT: u8 = 9;
pub(crate) const BACKUP: u8 = 10;

/// The application at a place.
pub(crate) fn app(place: u8) -> Option<&'static App> {
    APPS.get(usize::from(place))
}

/// How somebody reaches an app (`clientAppUsed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Client {
    Browser,
    Modern,
    ActiveSync,
    Smtp,
    Imap,
    OldOutlook,
}

impl Client {
    /// The word of the log.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Browser => "Browser",
            Self::Modern => "Mobile Apps and Desktop clients",
            Self::ActiveSync => "Exchange ActiveSync",
            Self::Smtp => "Authenticated SMTP",
            Self::Imap => "IMAP4",
            Self::OldOutlook => "MAPI Over HTTP",
        }
    }

    /// Knows no challenge.
    pub(crate) fn is_legacy(self) -> bool {
        !matches!(self, Self::Browser | Self::Modern)
    }
}
