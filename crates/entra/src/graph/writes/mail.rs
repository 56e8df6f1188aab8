//! Mail.

use http::Method;
use serde_json::{Value, json};

use super::carry_out::Done;
use super::identity::{ObjectId, segment};
use super::judge::{Found, Look, Seen};
use super::step::{Repeat, Step};
use crate::graph::call::{Call, Version, Workload};

/// A mail from a mailbox of the tenant. Graph accepts it; whether it is delivered, nobody says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// User principal name or id of the sender, who needs a mailbox.
    pub from: String,
    /// Addresses it goes to.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Text.
    pub content: String,
    /// The text is HTML.
    pub is_html: bool,
}

impl Step for Mail {
    fn words(&self) -> String {
        let people = match self.to.len() {
            1 => "1 person".to_owned(),
            count => format!("{count} people"),
        };
        format!("send a mail from `{}` to {people}", self.from)
    }

    fn look(&self) -> Look {
        Look::Nowhere
    }

    fn judge(&self, _seen: &Seen) -> Found {
        Found::Missing
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let to: Vec<Value> =
            self.to.iter().map(|it| json!({"emailAddress": {"address": it}})).collect();
        let body = json!({
            "message": {
                "subject": self.subject,
                "body": {
                    "contentType": if self.is_html { "html" } else { "text" },
                    "content": self.content,
                },
                "toRecipients": to,
            },
            "saveToSentItems": false,
        });
        let path = format!("/users/{}/sendMail", segment(&self.from));
        Some(Call::write(Method::POST, Version::V1, path, Workload::Outlook, Some(body)))
    }

    fn repeat(&self) -> Repeat {
        Repeat::Blind
    }

    fn done(&self) -> Done {
        Done::Accepted
    }
}
