//! Mail from a mailbox of the tenant.

use entra::graph::writes::{self, Patience, Write, WriteError};
use entra::graph::{Client, GraphError};

use super::{Came, Mail, chain};
use crate::network::Network;

/// A mailbox of the tenant that sends.
pub(crate) struct Graph {
    client: Client<Network>,
    from: String,
}

impl Graph {
    pub(super) fn new(client: Client<Network>, from: &str) -> Self {
        Self { client, from: from.to_owned() }
    }

    pub(super) async fn hand_over(&self, mail: &Mail<'_>) -> Came {
        let write = Write::SendMail(writes::Mail {
            from: self.from.clone(),
            to: vec![mail.to.to_owned()],
            subject: mail.subject.to_owned(),
            content: mail.body.to_owned(),
            is_html: false,
        });
        match writes::carry_out(&self.client, &write, &Patience::default()).await {
            Ok(_) => Came::Taken,
            Err(error) => came_of(&error),
        }
    }
}

/// What a failed sending means. Only what Graph refused by its own word was not taken for certain.
fn came_of(error: &WriteError) -> Came {
    let (source, doubtful) = match error {
        WriteError::Graph { source, .. } => (source, false),
        WriteError::Doubtful { source, .. } | WriteError::Look { source, .. } => (source, true),
        _ => return Came::Doubtful(chain(error)),
    };
    let mut why = chain(source.as_ref());
    if doubtful {
        return Came::Doubtful(why);
    }
    if let Some(what) = source.what_to_do() {
        why = format!("{}; {what}", why.trim_end_matches('.'));
    }
    match source.as_ref() {
        // The request itself is wrong, as with an address that is none: others may be right.
        GraphError::Refused { status: 400 | 413 | 422, .. } => Came::Refused(why),
        // No permission, no such mailbox, too many requests: nobody's mail is taken.
        GraphError::Refused { status: 400..=499, .. } | GraphError::GaveUp { status: 429, .. } => {
            Came::Stopped(why)
        }
        GraphError::Unreachable { .. }
        | GraphError::NoToken { .. }
        | GraphError::Unsendable { .. } => Came::Stopped(why),
        _ => Came::Doubtful(why),
    }
}

#[cfg(test)]
mod tests {
    use entra::graph::TransportError;

    use super::*;

    #[test]
    fn only_a_word_of_graphs_own_says_that_nothing_was_sent() {
        let refused = |status| GraphError::Refused {
            call: "POST /sendMail".to_owned(),
            status,
            code: "Error".to_owned(),
            message: "no".to_owned(),
            request_id: None,
        };
        let gave_up = |status| GraphError::GaveUp {
            call: "POST /sendMail".to_owned(),
            attempts: 9,
            status,
            code: "Error".to_owned(),
            request_id: None,
        };
        let lost = || TransportError::AnswerLost { host: "g".to_owned(), source: "reset".into() };
        let call = || "POST /sendMail".to_owned();
        let rows = [
            (refused(400), "refused"),
            (refused(413), "refused"),
            (refused(403), "stopped"),
            (refused(404), "stopped"),
            (refused(429), "stopped"),
            (gave_up(429), "stopped"),
            (gave_up(503), "doubtful"),
            (refused(500), "doubtful"),
            (GraphError::Unreachable { call: call(), source: lost() }, "stopped"),
            (GraphError::Unknown { call: call(), source: lost() }, "doubtful"),
            (GraphError::Unreadable { call: call(), reason: "html".to_owned() }, "doubtful"),
        ];
        for (source, expected) in rows {
            let said = source.to_string();
            let error = WriteError::Graph { write: "send".to_owned(), source: Box::new(source) };
            let came = match came_of(&error) {
                Came::Taken => "taken",
                Came::Refused(_) => "refused",
                Came::Doubtful(_) => "doubtful",
                Came::Stopped(_) => "stopped",
            };
            assert_eq!(came, expected, "{said}");
        }
        let doubtful =
            WriteError::Doubtful { write: "send".to_owned(), source: Box::new(refused(400)) };
        assert!(matches!(came_of(&doubtful), Came::Doubtful(_)));
    }
}
