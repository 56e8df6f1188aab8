//! `lockstep message preview`

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use rollout::recipients::{Circle, Recipients};
use serde::Serialize;

use super::{Addressed, Which, addressed, circle_words, counts, left_out};
use crate::cli::read_figures;
use crate::error::CommandError;
use crate::mail;
use crate::operator::{Operator, see};
use crate::page::{Page, Tone};
use crate::plain_text::one_line;
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::words;
use crate::workspace::Place;

/// Show a message and everybody who would get it; nothing is sent
#[derive(Debug, Args)]
pub(super) struct Preview {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    generated_at: Timestamp,
    message: &'a str,
    subject: &'a str,
    body: &'a str,
    send_on: Date,
    to: Option<Circle>,
    /// `null`: the settings name no way.
    via: Option<&'static str>,
    from: Option<String>,
    recipients: Option<&'a Recipients>,
}

impl Preview {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let which = &self.which;
        let place = Place::find(settings, which.exports.exports.as_deref())?;
        let operator = Operator::open(&place, settings)?;
        let reading = read_figures(&place, settings)?;
        let found = see(&reading, &place, &operator.state, settings, |seen| {
            addressed(which, &place, &operator, seen)
        })?;
        let sender = mail::sender(&place).ok();
        let document = Document {
            schema: "lockstep.message/1",
            generated_at: settings.now,
            message: found.message.id,
            subject: &found.message.subject,
            body: &found.message.body,
            send_on: found.message.send_on,
            to: found.circle,
            via: sender.as_ref().map(|it| it.via),
            from: sender.as_ref().map(|it| it.from.clone()),
            recipients: found.recipients.as_ref(),
        };
        Outcome::new(settings, status_of(&reading), &document, || {
            let mut page = text(&found, settings);
            match &sender {
                Some(sender) => page.line(&format!("From {}, by {}.", sender.from, sender.via)),
                None => page.line("`[mail]` in lockstep.toml does not say yet how mail leaves."),
            }
            let sends = found.recipients.as_ref().is_some_and(|it| !it.to_send.is_empty());
            let next = if sends { "message send" } else { "status" };
            let next = match (sends, which.to) {
                (true, Some(to)) => {
                    format!("{next} {} --to {}", found.message.id, format!("{to:?}").to_lowercase())
                }
                (true, None) => format!("{next} {}", found.message.id),
                (false, _) => next.to_owned(),
            };
            page.next(&place.command(&next));
            page
        })
    }
}

fn text(found: &Addressed, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    let message = &found.message;
    page.heading(&message.subject);
    for line in message.body.lines() {
        // Lists and signatures keep their lines.
        page.line(&one_line(line));
    }
    page.heading(&format!("`{}`, planned for {}", message.id, words::date(message.send_on)));
    let (Some(circle), Some(people)) = (found.circle, &found.recipients) else {
        page.line(&format!("It is for {}: hand it over yourself.", message.to));
        return page;
    };
    page.line(&format!("To {}: {}.", circle_words(circle), counts(people)));
    let rows = people
        .to_send
        .iter()
        .map(|it| vec![(it.address.clone(), Tone::Plain), (name(it), Tone::Plain)]);
    if !people.to_send.is_empty() {
        page.table(&["to", "name"], rows.collect());
    }
    left_out(&mut page, people);
    page
}

fn name(recipient: &rollout::recipients::Recipient) -> String {
    recipient.account.display_name.clone().unwrap_or_else(|| recipient.account.label().to_owned())
}
