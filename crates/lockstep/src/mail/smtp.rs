//! Mail through a mail server.
//!
//! The steps of SMTP (RFC 5321) are taken one by one, because only the step tells what a lost
//! connection means: before the text has left nothing was sent, after it nobody knows.

use std::path::Path;
use std::time::{Duration, SystemTime};

use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, response::Severity};
use lettre::{Address, Message};
use rollout::MailSettings;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Came, Mail, chain};
use crate::digest;
use crate::error::CommandError;
use crate::live::secret;

/// Longest wait for one answer of the server.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// The service is closing the connection (RFC 5321, section 3.8).
const CLOSING: u16 = 421;

/// How the connection is protected.
enum Protection {
    /// From the first byte on.
    Tls(TlsParameters),
    /// From `STARTTLS` on; a server without it gets nothing.
    StartTls(TlsParameters),
    /// Not at all: the server is on this machine.
    None,
}

/// A mail server, and the connection to it.
pub(crate) struct Smtp {
    host: String,
    port: u16,
    protection: Protection,
    sign_in: Option<(String, SecretString)>,
    from: Mailbox,
    connection: Option<SmtpConnection>,
}

/// Why a mail was not taken, before its text left.
enum Before {
    /// This person's mail is not taken.
    Refused(String),
    /// The server takes nobody's.
    Stopped(String),
    /// The connection is gone.
    Broken(String),
}

impl Smtp {
    /// A server by the settings, with a first connection.
    pub(super) fn open(
        mail: &MailSettings,
        from: &str,
        folder: &Path,
    ) -> Result<Self, CommandError> {
        let host = mail.smtp_host.clone().ok_or_else(|| {
            CommandError::wrong_input("the settings name no mail server")
                .hint("set `smtp_host` under `[mail]` in lockstep.toml")
        })?;
        let from: Mailbox = from.parse().map_err(|error| {
            CommandError::wrong_input(format!("`{from}` is no sender of mail"))
                .because(error)
                .hint("set `from` under `[mail]` to an address")
        })?;
        let tls = || {
            TlsParameters::new(host.clone()).map_err(|error| {
                CommandError::wrong_input(format!("`{host}` cannot be reached by TLS"))
                    .because(error)
            })
        };
        let (protection, port) = match mail.smtp_tls.as_deref() {
            Some("tls") => (Protection::Tls(tls()?), 465),
            Some("none") => (Protection::None, 25),
            _ => (Protection::StartTls(tls()?), 587),
        };
        let sign_in = match (&mail.smtp_user, &mail.smtp_password_file) {
            (Some(user), Some(file)) => Some((user.clone(), secret::read(file, folder)?)),
            _ => None,
        };
        let port = mail.smtp_port.unwrap_or(port);
        let mut smtp = Self { host, port, protection, sign_in, from, connection: None };
        smtp.connect().map_err(|why| {
            CommandError::unreachable(format!(
                "the mail server `{}` on port {} cannot be used: {why}",
                smtp.host, smtp.port
            ))
            .hint("nothing was sent; check `[mail]` in lockstep.toml")
        })?;
        Ok(smtp)
    }

    fn connect(&mut self) -> Result<(), String> {
        let said = |error: Error| chain(&error);
        let name = ClientId::Domain(self.from.email.domain().to_owned());
        let wrapped = match &self.protection {
            Protection::Tls(parameters) => Some(parameters),
            Protection::StartTls(_) | Protection::None => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            SmtpConnection::connect(server, Some(ANSWER_WITHIN), &name, wrapped, None)
                .map_err(said)?;
        if let Protection::StartTls(parameters) = &self.protection {
            connection.starttls(parameters, &name).map_err(said)?;
        }
        if let Some((user, password)) = &self.sign_in {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).map_err(said)?;
        }
        self.connection = Some(connection);
        Ok(())
    }

    /// Hands one mail over. A connection that was lost before the text left is made anew once.
    pub(super) fn hand_over(&mut self, mail: &Mail<'_>) -> Came {
        let (to, bytes) = match self.written(mail) {
            Ok(written) => written,
            Err(why) => return Came::Refused(why),
        };
        let mut anew = false;
        loop {
            if self.connection.is_none()
                && let Err(why) = self.connect()
            {
                return Came::Stopped(why);
            }
            let Some(connection) = &mut self.connection else {
                return Came::Stopped("there is no connection".to_owned());
            };
            match before(connection, &self.from.email, &to) {
                Ok(()) => return self.leave(&bytes),
                Err(Before::Refused(why)) => {
                    self.forget_mail();
                    return Came::Refused(why);
                }
                Err(Before::Stopped(why)) => {
                    self.forget_mail();
                    return Came::Stopped(why);
                }
                Err(Before::Broken(why)) => {
                    self.connection = None;
                    if anew {
                        return Came::Stopped(why);
                    }
                    anew = true;
                }
            }
        }
    }

    /// The text leaves. Without an answer nobody knows whether it was taken.
    fn leave(&mut self, bytes: &[u8]) -> Came {
        let Some(connection) = &mut self.connection else {
            return Came::Stopped("there is no connection".to_owned());
        };
        match connection.message(bytes) {
            Ok(_) => Came::Taken,
            Err(error) => {
                let why = chain(&error);
                if error.status().is_some() {
                    self.forget_mail();
                    return Came::Refused(why);
                }
                self.connection = None;
                Came::Doubtful(why)
            }
        }
    }

    /// Ends a mail that was begun, so that the next one begins anew.
    fn forget_mail(&mut self) {
        let reset = self.connection.as_mut().map(|it| it.command(Rset));
        if !matches!(reset, Some(Ok(_))) {
            self.connection = None;
        }
    }

    fn written(&self, mail: &Mail<'_>) -> Result<(Address, Vec<u8>), String> {
        let to: Address = mail.to.parse().map_err(|error| chain(&error))?;
        // The same mail to the same person has the same id, so that a double could be told.
        let id = digest::of_text(&format!("{} {} {}", mail.message, mail.to, self.from.email));
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(mail.subject)
            .date(SystemTime::from(mail.at))
            .message_id(Some(format!("<{id}@{domain}>")))
            .singlepart(SinglePart::plain(mail.body.to_owned()))
            .map_err(|error| chain(&error))?;
        Ok((to, message.formatted()))
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            // Good manners; whether the server hears it makes no difference.
            let _ = connection.quit();
        }
    }
}

/// Everything up to the text.
fn before(connection: &mut SmtpConnection, from: &Address, to: &Address) -> Result<(), Before> {
    let server = |error: Error| match said_no(&error) {
        Some(why) => Before::Stopped(why),
        None => Before::Broken(chain(&error)),
    };
    let person = |error: Error| match said_no(&error) {
        Some(why) => Before::Refused(why),
        None => Before::Broken(chain(&error)),
    };
    connection.command(MailFrom::new(Some(from.clone()), Vec::new())).map_err(server)?;
    connection.command(Rcpt::new(to.clone(), Vec::new())).map_err(person)?;
    connection.command(Data).map_err(person)?;
    Ok(())
}

/// What the server said, if it said no and stays.
fn said_no(error: &Error) -> Option<String> {
    let status = error.status()?;
    let is_closing = u16::from(status) == CLOSING;
    let is_no = matches!(
        status.severity,
        Severity::TransientNegativeCompletion | Severity::PermanentNegativeCompletion
    );
    (is_no && !is_closing).then(|| chain(error))
}
