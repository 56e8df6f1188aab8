//! `[mail]`: how messages to people leave.

use serde::{Deserialize, Serialize};

/// `[mail]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// One of [`MAIL_ROUTES`]. `None`: Graph where the tenant is read through Graph.
    pub via: Option<String>,
    /// Who the messages are from: a mailbox of the tenant for Graph, an address for SMTP.
    pub from: Option<String>,
    /// Name of the mail server.
    pub smtp_host: Option<String>,
    /// Its port. `None`: 587 with `starttls`, 465 with `tls`, 25 with `none`.
    pub smtp_port: Option<u16>,
    /// One of [`SMTP_TLS`]. `None`: `starttls`.
    pub smtp_tls: Option<String>,
    /// Who signs in to the mail server. `None`: nobody does.
    pub smtp_user: Option<String>,
    /// The file of the password, relative to the settings; `-` is standard input.
    pub smtp_password_file: Option<String>,
}

/// The ways a message may leave.
pub const MAIL_ROUTES: [&str; 2] = ["graph", "smtp"];
/// How the connection to a mail server is protected. `none` is for a server on this machine.
pub const SMTP_TLS: [&str; 3] = ["starttls", "tls", "none"];

impl MailSettings {
    /// What is wrong, one sentence each.
    pub(super) fn check(&self, problems: &mut Vec<String>) {
        let words =
            [("via", &self.via, &MAIL_ROUTES[..]), ("smtp_tls", &self.smtp_tls, &SMTP_TLS[..])];
        for (key, word, known) in words {
            if let Some(word) = word.as_deref().filter(|word| !known.contains(word)) {
                problems.push(format!("mail.{key} `{word}` is not one of {}", known.join(", ")));
            }
        }
        let by_smtp = self.via.as_deref() == Some("smtp");
        if by_smtp && self.smtp_host.is_none() {
            problems.push("mail.via is smtp, but mail.smtp_host names no server".to_owned());
        }
        if self.via.is_some() && self.from.is_none() {
            problems.push("mail.from names no sender".to_owned());
        }
        if self.smtp_user.is_some() != self.smtp_password_file.is_some() {
            problems.push(
                "mail.smtp_user and mail.smtp_password_file belong together: set both or neither"
                    .to_owned(),
            );
        }
        if self.smtp_tls.as_deref() == Some("none") && !self.is_on_this_machine() {
            problems.push(
                "mail.smtp_tls is none, which is for a server on this machine (127.0.0.1) alone"
                    .to_owned(),
            );
        }
    }

    /// The server is on this machine, so that nothing goes over a wire.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        self.smtp_host
            .as_deref()
            .is_some_and(|host| ["127.0.0.1", "::1", "localhost"].contains(&host))
    }
}
