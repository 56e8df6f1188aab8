//! How a message reaches one person: through Graph, or through a mail server.
//!
//! A mail is handed over once. What came of it is one of four: taken, refused (the next run may try
//! again), not even tried because nothing is taken any more, or doubtful: it left, and the answer was
//! lost. What is doubtful is never sent again.

mod graph;
mod smtp;

use jiff::Timestamp;
use rollout::MailSettings;

use crate::error::CommandError;
use crate::live::Tenant;
use crate::settings::Settings;
use crate::workspace::Place;

/// One mail to one person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mail<'m> {
    /// Address.
    pub(crate) to: &'m str,
    /// Subject, one line.
    pub(crate) subject: &'m str,
    /// Plain text.
    pub(crate) body: &'m str,
    /// Name of the message, `announcement`.
    pub(crate) message: &'m str,
    /// The date it carries.
    pub(crate) at: Timestamp,
}

/// What came of handing a mail over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Came {
    /// It was taken. Whether it is delivered, nobody says.
    Taken,
    /// It was not taken, for this person. Another run may try again.
    Refused(String),
    /// It left, and nobody knows whether it was taken.
    Doubtful(String),
    /// It did not leave, and no other would: why.
    Stopped(String),
}

/// The way that mails go.
pub(crate) enum Route {
    /// From a mailbox of the tenant.
    Graph(Box<graph::Graph>),
    /// Through a mail server.
    Smtp(Box<smtp::Smtp>),
}

/// By which way, from whom: said before anything leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sender {
    /// `graph` or `smtp`.
    pub(crate) via: &'static str,
    /// From whom.
    pub(crate) from: String,
}

/// By which way and from whom, by the settings.
///
/// # Errors
/// When the settings name neither, or Graph without a live tenant.
pub(crate) fn sender(place: &Place) -> Result<Sender, CommandError> {
    let mail: &MailSettings = &place.rollout.mail;
    let via = match (mail.via.as_deref(), place.live) {
        (Some("smtp"), _) => "smtp",
        (None, true) | (Some(_), true) => "graph",
        (None, false) => {
            return Err(CommandError::wrong_input("the settings name no way for mail")
                .hint("set `via`, `from` and `smtp_host` under `[mail]` in lockstep.toml"));
        }
        (Some(_), false) => {
            return Err(CommandError::wrong_input("no live tenant can send the mail").hint(
                "start a workspace with `lockstep init --graph TENANT`, or set `via = \"smtp\"`",
            ));
        }
    };
    let from = mail.from.clone().ok_or_else(|| {
        CommandError::wrong_input("the settings name no sender")
            .hint("set `from` under `[mail]` in lockstep.toml, such as the mailbox of the helpdesk")
    })?;
    Ok(Sender { via, from })
}

impl Route {
    /// Opens the way. To be done where tokio's clock runs.
    ///
    /// # Errors
    /// When the tenant or the mail server cannot be reached, or a secret cannot be read.
    pub(crate) async fn open(
        sender: &Sender,
        place: &Place,
        settings: &Settings,
    ) -> Result<Self, CommandError> {
        let folder = place.workspace.as_deref().unwrap_or(&settings.folder);
        if sender.via == "smtp" {
            let smtp = smtp::Smtp::open(&place.rollout.mail, &sender.from, folder)?;
            return Ok(Self::Smtp(Box::new(smtp)));
        }
        let tenant = Tenant::of(&place.rollout, folder)?;
        let client = tenant.writing_client(settings).await?;
        Ok(Self::Graph(Box::new(graph::Graph::new(client, &sender.from))))
    }

    /// Hands one mail over.
    pub(crate) async fn hand_over(&mut self, mail: &Mail<'_>) -> Came {
        match self {
            Self::Graph(graph) => graph.hand_over(mail).await,
            Self::Smtp(smtp) => smtp.hand_over(mail),
        }
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    crate::plain_text::one_line(&text)
}
