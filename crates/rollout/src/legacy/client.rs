//! Families of client apps, whichever way a source spells them.

use std::collections::BTreeSet;

/// What a client app speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// SMTP AUTH.
    Smtp,
    Imap,
    Pop,
    ActiveSync,
    ExchangeWebServices,
    /// MAPI over HTTP, Outlook Anywhere, offline address book: spoken by Outlook alone.
    Outlook,
    /// The Mail and Calendar apps of Windows.
    OutlookService,
    /// Autodiscover: Outlook, phones and programs alike.
    Autodiscover,
    /// Exchange Online PowerShell.
    PowerShell,
    /// Reporting Web Services.
    Reporting,
    /// `Other clients` without more.
    Other,
    /// `Browser` or `Mobile Apps and Desktop clients`: legacy only by ROPC.
    Modern,
    /// No client app told, or one of a later day.
    Unknown,
}

/// Part of a client app's name, lower case, to its family; the first that fits is taken.
const FAMILIES: [(&str, Family); 22] = [
    ("smtp", Family::Smtp),
    ("stmp", Family::Smtp),
    ("imap", Family::Imap),
    ("pop", Family::Pop),
    ("activesync", Family::ActiveSync),
    ("active sync", Family::ActiveSync),
    ("exchange web services", Family::ExchangeWebServices),
    ("reporting web services", Family::Reporting),
    ("powershell", Family::PowerShell),
    ("mapi", Family::Outlook),
    ("outlook anywhere", Family::Outlook),
    ("rpc over http", Family::Outlook),
    ("offline address book", Family::Outlook),
    ("outlook service", Family::OutlookService),
    ("autodiscover", Family::Autodiscover),
    ("older office clients", Family::Outlook),
    ("other clients", Family::Other),
    ("browser", Family::Modern),
    ("mobile apps and desktop clients", Family::Modern),
    ("ews", Family::ExchangeWebServices),
    ("oab", Family::Outlook),
    ("unknown", Family::Unknown),
];

/// The family of a client app. `Other clients` is told apart by its user agent where that says
/// more: `CBAInPROD` is IMAP against Exchange Online (Microsoft support article 4487380).
pub(super) fn family(client_app: Option<&str>, user_agents: &BTreeSet<String>) -> Family {
    let Some(name) = client_app.map(str::to_lowercase) else { return Family::Unknown };
    let family = FAMILIES
        .iter()
        .find(|(part, _)| name.contains(part))
        .map_or(Family::Unknown, |(_, family)| *family);
    let imap = user_agents.iter().any(|agent| agent.to_lowercase().starts_with("cbainprod"));
    if family == Family::Other && imap { Family::Imap } else { family }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_has_its_family() {
        let cases = [
            (None, Family::Unknown),
            (Some(""), Family::Unknown),
            (Some("A client of tomorrow"), Family::Unknown),
            (Some("Authenticated SMTP"), Family::Smtp),
            (Some("authenticated stmp"), Family::Smtp),
            (Some("SMTP"), Family::Smtp),
            (Some("Other clients; SMTP"), Family::Smtp),
            (Some("IMAP4"), Family::Imap),
            (Some("Other clients; IMAP"), Family::Imap),
            (Some("POP3"), Family::Pop),
            (Some("Exchange ActiveSync"), Family::ActiveSync),
            (Some("Exchange Active Sync"), Family::ActiveSync),
            (Some("Exchange ActiveSync (unSupported)"), Family::ActiveSync),
            (Some("Exchange Web Services"), Family::ExchangeWebServices),
            (Some("Exchange Online PowerShell"), Family::PowerShell),
            (Some("Reporting Web Services"), Family::Reporting),
            (Some("MAPI Over HTTP"), Family::Outlook),
            (Some("Outlook Anywhere (RPC over HTTP)"), Family::Outlook),
            (Some("Offline Address Book"), Family::Outlook),
            (Some("Other clients; Older Office clients"), Family::Outlook),
            (Some("Outlook Service"), Family::OutlookService),
            (Some("Autodiscover"), Family::Autodiscover),
            (Some("Other clients"), Family::Other),
            (Some("Browser"), Family::Modern),
            (Some("Mobile Apps and Desktop clients"), Family::Modern),
        ];
        for (name, expected) in cases {
            assert_eq!(family(name, &BTreeSet::new()), expected, "{name:?}");
        }
    }

    #[test]
    fn a_user_agent_tells_other_clients_apart() {
        let agents = |agent: &str| BTreeSet::from([agent.to_owned()]);
        assert_eq!(family(Some("Other clients"), &agents("CBAInPROD")), Family::Imap);
        assert_eq!(family(Some("Other clients"), &agents("BAV2ROPC")), Family::Other);
        assert_eq!(family(Some("POP3"), &agents("CBAInPROD")), Family::Pop);
    }
}
