//! Which sign-ins are legacy authentication.

use crate::field::Field;
use crate::sign_in::SignIn;

/// Client apps in the log's own spelling (Microsoft Entra sign-in logs, `clientAppUsed`).
const CLIENT_APPS: [&str; 23] = [
    "Authenticated SMTP",
    "Autodiscover",
    "Browser",
    "Exchange ActiveSync",
    "Exchange Online PowerShell",
    "Exchange Web Services",
    "IMAP4",
    "MAPI Over HTTP",
    "Mobile Apps and Desktop clients",
    "Offline Address Book",
    "Other clients",
    "Other clients; IMAP",
    "Other clients; MAPI",
    "Other clients; POP",
    "Other clients; SMTP",
    "Outlook Anywhere",
    "Outlook Anywhere (RPC over HTTP)",
    "Outlook Service",
    "POP3",
    "Reporting Web Services",
    "SMTP",
    "Universal Outlook",
    "Unknown",
];

/// Protocols in the log's own spelling (`authenticationProtocol`).
const PROTOCOLS: [&str; 8] = [
    "none",
    "oAuth2",
    "ropc",
    "wsFederation",
    "saml20",
    "deviceCode",
    "authenticationTransfer",
    "nativeAuth",
];

/// The client app in the log's own spelling, or as written where the spelling is not known.
pub(crate) fn canonical_client_app(written: &str) -> &str {
    let written = written.trim();
    CLIENT_APPS.into_iter().find(|name| name.eq_ignore_ascii_case(written)).unwrap_or(written)
}

/// The protocol in the log's own spelling, or as written where the spelling is not known. The
/// portal writes some with a space (`Device code`); one vendor's copies misspell `ropc`.
pub(crate) fn canonical_protocol(written: &str) -> &str {
    let same = |name: &&str| {
        let letters = written.bytes().filter(u8::is_ascii_alphanumeric);
        letters.map(|b| b.to_ascii_lowercase()).eq(name.bytes().map(|b| b.to_ascii_lowercase()))
    };
    if written.eq_ignore_ascii_case("rpoc") {
        return "ropc";
    }
    PROTOCOLS.into_iter().find(same).unwrap_or(written)
}

/// True when the password itself was handed over: the protocol says so, or the user agent is that
/// of Exchange Online replaying a password it was given (`BAV2ROPC`, `CBAInPROD`).
#[must_use]
pub fn is_ropc(sign_in: &SignIn<'_>) -> bool {
    let text = &sign_in.text;
    let by_protocol =
        text.told(Field::Protocol).is_some_and(|name| canonical_protocol(name) == "ropc");
    by_protocol || text.told(Field::UserAgent).is_some_and(is_ropc_agent)
}

/// True for the user agents of Exchange Online replaying a password.
pub(crate) fn is_ropc_agent(agent: &str) -> bool {
    has_word(agent, "bav2ropc") || has_word(agent, "cbainprod")
}

/// True for a client app, in the log's own spelling, that is legacy authentication.
pub(crate) fn is_legacy_client_app(name: &str) -> bool {
    !matches!(name, "" | "Browser" | "Mobile Apps and Desktop clients" | "Unknown")
}

/// True for legacy authentication: every client app but the two modern ones, empty and `Unknown`,
/// and every sign-in by resource-owner password credentials.
#[must_use]
pub fn is_legacy(sign_in: &SignIn<'_>) -> bool {
    let client_app = sign_in.text.told(Field::ClientApp).map(canonical_client_app);
    client_app.is_some_and(is_legacy_client_app) || is_ropc(sign_in)
}

/// True when `text` holds `word` (lower case, ASCII) in any case.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some(first) = word.first() else { return true };
    text.windows(word.len()).any(|part| {
        // Most places differ in the first letter; nearly every sign-in is looked through.
        part.first().is_some_and(|byte| byte.to_ascii_lowercase() == *first)
            && part.eq_ignore_ascii_case(word)
    })
}
