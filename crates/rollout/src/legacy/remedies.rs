//! What to do about each cause, as of late 2026, and what to look at where the cause is unknown.

use super::client::Family;

pub(super) const PRINTER_SMTP: &str = "Send through an SMTP relay connector bound to the site's \
    address or a certificate, or update the device to firmware that signs in with OAuth, or use \
    High Volume Email; Direct Send only where every recipient is internal and the tenant does not \
    reject it. An app password is no way out: it does not work with MFA by Conditional Access. \
    From the end of December 2026 Microsoft has SMTP AUTH with a password off by default: after that \
    it works only where it was switched on again";

pub(super) const APPLICATION_SMTP: &str = "Ask the vendor for OAuth on SMTP, or send through an \
    SMTP relay connector bound to the server's address or a certificate, or through Azure \
    Communication Services or High Volume Email. From the end of December 2026 Microsoft has SMTP \
    AUTH with a password off by default: after that it works only where it was switched on again";

pub(super) const LINE_OF_BUSINESS_IMAP: &str = "Ask the vendor for OAuth on IMAP (an application \
    with permission on this one mailbox), or for Microsoft Graph. Do not move it to Exchange Web \
    Services: those are off by default since October 2026 and end on 2027-04-01";

pub(super) const LINE_OF_BUSINESS_POP: &str = "Ask the vendor for OAuth on POP (an application \
    with permission on this one mailbox), or for Microsoft Graph. Do not move it to Exchange Web \
    Services: those are off by default since October 2026 and end on 2027-04-01";

pub(super) const MAIL_PROGRAM: &str = "Remove the mail account from the program and add it again \
    with OAuth, or use Outlook. A program without OAuth must be replaced";

pub(super) const SHARED_MAILBOX: &str = "Give the people who read this shared mailbox Full Access \
    to it and open it from their own account (Outlook does it by itself), then block sign-in for \
    the shared mailbox and reset its password";

pub(super) const OLD_OUTLOOK: &str = "Upgrade to a current Outlook (Microsoft 365 Apps); Outlook \
    2013 and earlier cannot sign in with MFA. Until then Outlook on the web";

pub(super) const OUTLOOK_MODERN_AUTH_OFF: &str = "This Outlook can do modern authentication but \
    does not: remove the registry value `EnableADAL` = 0 on the computer and check that \
    `OAuth2ClientProfileEnabled` is true (Get-OrganizationConfig)";

pub(super) const PHONE_ACTIVESYNC: &str = "Set up Outlook for iOS and Android, or remove the mail \
    account from the phone and add it again so that its own mail app signs in with OAuth";

pub(super) const WINDOWS_MAIL: &str = "Use the new Outlook for Windows; the old Mail and Calendar \
    apps are no longer supported";

pub(super) const EWS_RETIREMENT: &str = "Ask the vendor for Microsoft Graph. Exchange Web Services \
    are off by default since October 2026 unless allow-listed and end on 2027-04-01, whatever \
    happens with MFA";

pub(super) const POWERSHELL_BASIC: &str = "Use the current module (Exchange Online PowerShell v3, \
    Microsoft Graph PowerShell) with an application and a certificate instead of a stored password";

pub(super) const REPORTING: &str = "Read the reports through Microsoft Graph with an application \
    and a certificate instead of a stored password";

pub(super) const SCRIPT_ROPC: &str = "Sign in as an application: a managed identity, or a service \
    principal with a certificate. The password grant (ROPC) cannot answer MFA. Until then a \
    service account of its own, a fixed address and an end date";

pub(super) const SYNCHRONIZATION: &str = "Update Microsoft Entra Connect and move it to the \
    application identity. Until then leave the synchronisation role out of the user policies and \
    allow it from the server's address only";

pub(super) const APP_PASSWORD: &str = "Move the program to modern authentication, then delete the \
    app password and switch per-user MFA off: app passwords do not work with MFA by Conditional \
    Access";

/// What to look at where the evidence does not tell the cause.
pub(super) const fn look_at(family: Family) -> &'static str {
    match family {
        Family::Smtp => {
            "Look at the SMTP AUTH clients report (Exchange admin center > Reports > Mail flow) and \
             a message trace for the sender's address: a printer, an application or a person's \
             mail program"
        }
        Family::Imap | Family::Pop => {
            "Look at the addresses and user agents of these sign-ins and ask the owner of the \
             mailbox what reads it: a program or a person's mail app. Do not move it to Exchange \
             Web Services, which end on 2027-04-01"
        }
        Family::ActiveSync => {
            "Look at the mobile devices of the mailbox (Get-MobileDevice): model and user agent \
             tell what it is"
        }
        Family::Autodiscover => {
            "Look for other sign-ins of the same account and device: Autodiscover only precedes \
             the real client"
        }
        Family::Other => {
            "Look at the user agent and the address of these sign-ins in the JSON download or in \
             Graph beta, then ask the user which old program still reads mail"
        }
        Family::ExchangeWebServices
        | Family::Outlook
        | Family::OutlookService
        | Family::PowerShell
        | Family::Reporting
        | Family::Modern
        | Family::Unknown => {
            "Look at the user agent, the address and the application of these sign-ins in the \
             JSON download or in Graph beta, then ask the user"
        }
    }
}
