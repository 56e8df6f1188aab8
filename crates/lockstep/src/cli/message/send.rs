//! `lockstep message send`

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use rollout::Account;
use rollout::engine::{Effect, Event, Sent, State};
use rollout::recipients::Recipient;
use serde::Serialize;
use store::Writer;
use tokio::time::Instant;

use super::{Addressed, Which, addressed, circle_words, counts, left_out};
use crate::cli::read_figures;
use crate::confirm;
use crate::effects::stop::Stop;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::live::block_on;
use crate::mail::{self, Came, Mail, Route, Sender};
use crate::operator::{Operator, failed, known, lease, see, step_with};
use crate::page::{Page, Tone};
use crate::progress::Counted;
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::words;
use crate::workspace::Place;

/// Send a message to everybody of a circle who does not have it
///
/// The count is shown and a yes is asked for. Each sending is written down before it leaves and
/// after it was taken. Where the answer is lost in between, nobody knows whether it arrived: it is
/// reported, and never sent again. Exits 5 when somebody did not get it.
#[derive(Debug, Args)]
pub(super) struct Send {
    #[command(flatten)]
    which: Which,
    /// `yes`, in place of an answer
    #[arg(long, value_name = "WORD")]
    confirm: Option<String>,
}

/// What came of a sending. Document `lockstep.message-sent/1`.
#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    generated_at: Timestamp,
    message: String,
    via: &'static str,
    from: String,
    /// Those who got it now.
    sent: Vec<Account>,
    /// Those for whom it was not taken.
    refused: Vec<NotSent>,
    /// Those of whom nobody knows, from this run.
    doubtful: Vec<NotSent>,
    /// Those whom it was not tried for.
    left: u64,
    /// Why it stopped before the end.
    stopped: Option<String>,
}

#[derive(Debug, Serialize)]
struct NotSent {
    #[serde(flatten)]
    account: Account,
    why: String,
}

impl Send {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let which = &self.which;
        let place = Place::find(settings, which.exports.exports.as_deref())?;
        let mut operator = Operator::open(&place, settings)?;
        let reading = read_figures(&place, settings)?;
        let find = |operator: &Operator| {
            see(&reading, &place, &operator.state, settings, |seen| {
                addressed(which, &place, operator, seen)
            })
        };
        let found = find(&operator)?;
        let Some(people) = &found.recipients else {
            return Err(CommandError::wrong_input(format!(
                "`{}` is for {}",
                found.message.id, found.message.to
            ))
            .hint(format!(
                "`{}`, and hand it over",
                place.command(&format!("message preview {}", found.message.id))
            )));
        };
        let sender = mail::sender(&place)?;
        let mut document = Document::new(&found, &sender, settings);
        if people.to_send.is_empty() {
            return self.printed(&found, &document, &place, settings);
        }
        if !self.is_confirmed(&found, &sender, settings)? {
            return Err(CommandError::refused("nothing was sent: it was not confirmed"));
        }
        let to_send = people.to_send.clone();
        let mut round = Round { found: &found, sender: &sender, settings, to_send: &to_send };
        block_on(settings, round.send(&mut operator, &place, &mut document))?;
        self.printed(&found, &document, &place, settings)
    }

    /// Shows the count and asks.
    fn is_confirmed(
        &self,
        found: &Addressed,
        sender: &Sender,
        settings: &Settings,
    ) -> Result<bool, CommandError> {
        let count = found.recipients.as_ref().map_or(0, |it| words::length(&it.to_send));
        let circle = found.circle.map_or("", circle_words);
        let question = format!(
            "Send `{}` to {} ({circle}), from {} by {}?",
            found.message.id,
            words::count(count, "person", "people"),
            sender.from,
            sender.via
        );
        match self.confirm.as_deref() {
            Some(word) if word.eq_ignore_ascii_case("yes") => Ok(true),
            Some(word) => Err(CommandError::refused(format!("`{word}` is no yes"))
                .hint("nothing was sent: give `--confirm yes`")),
            None => confirm::yes(settings, &question),
        }
    }

    fn printed(
        &self,
        found: &Addressed,
        document: &Document,
        place: &Place,
        settings: &Settings,
    ) -> Result<Outcome, CommandError> {
        Outcome::new(settings, document.status(), document, || {
            let mut page = Page::new(settings.width, settings.color);
            page.heading(&document.title());
            if let Some(why) = &document.stopped {
                page.line(&format!("It stopped: {}.", why.trim_end_matches('.')));
                page.line(&format!(
                    "{} left; run it again, and it goes to those only.",
                    words::count(document.left, "person is", "people are")
                ));
            }
            let rows = |list: &[NotSent], what: &str| {
                let row = |it: &NotSent| {
                    vec![
                        (it.account.label().to_owned(), Tone::Plain),
                        (format!("{what}: {}", it.why), Tone::Danger),
                    ]
                };
                list.iter().map(row).collect::<Vec<_>>()
            };
            let mut all = rows(&document.refused, "not taken");
            all.extend(rows(&document.doubtful, "nobody knows whether it arrived"));
            if !all.is_empty() {
                page.table(&["who", "what came of it"], all);
            }
            if let Some(people) = &found.recipients {
                if people.to_send.is_empty() {
                    page.line(&format!("{}.", counts(people)));
                }
                left_out(&mut page, people);
            }
            let again = document.left > 0 || !document.refused.is_empty();
            let next = if again {
                format!("message send {}{}", document.message, self.to_option())
            } else {
                "status".to_owned()
            };
            page.next(&place.command(&next));
            page
        })
    }

    fn to_option(&self) -> String {
        self.which
            .to
            .map_or_else(String::new, |to| format!(" --to {}", format!("{to:?}").to_lowercase()))
    }
}

/// One sending to many.
struct Round<'r> {
    found: &'r Addressed,
    sender: &'r Sender,
    settings: &'r Settings,
    to_send: &'r [Recipient],
}

impl Round<'_> {
    async fn send(
        &mut self,
        operator: &mut Operator,
        place: &Place,
        document: &mut Document,
    ) -> Result<(), CommandError> {
        let began = Instant::now();
        let stop = Stop::listening(self.settings);
        let mut route = Route::open(self.sender, place, self.settings).await?;
        let holder = operator.holder.clone();
        let Operator { store, state, .. } = operator;
        let writer = lease::writer(store, &holder, self.now(began))?;
        // Somebody else may have sent while this run asked.
        *state = known(store)?;
        let bar = Counted::new("sending", words::length(self.to_send), self.settings.progress);
        for recipient in self.to_send {
            if document.stopped.is_none() && stop.is_asked() {
                document.stopped = Some("somebody asked to stop".to_owned());
            }
            if document.stopped.is_some() {
                document.left = document.left.saturating_add(1);
                continue;
            }
            self.one(recipient, &writer, state, &mut route, (document, began)).await?;
            bar.add();
            // Whoever asks to stop is heard between two mails.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn now(&self, began: Instant) -> Timestamp {
        let passed = SignedDuration::try_from(began.elapsed()).unwrap_or_default();
        self.settings.now.saturating_add(passed).unwrap_or(self.settings.now)
    }

    /// One mail: kept before it leaves, and again when it was taken.
    async fn one(
        &self,
        recipient: &Recipient,
        writer: &Writer<'_>,
        state: &mut State,
        route: &mut Route,
        (document, began): (&mut Document, Instant),
    ) -> Result<(), CommandError> {
        let now = self.now(began);
        let sent = |at: Option<Timestamp>, refused: Option<String>| Sent {
            message: self.found.message.id.to_owned(),
            to: recipient.account.clone(),
            at,
            via: self.sender.via.to_owned(),
            refused,
        };
        let before = sent(None, None);
        if state.sent.get(&before.key()).is_some_and(|it| it.refused.is_none()) {
            return Ok(());
        }
        let by = &self.settings.user;
        writer.renew(now).map_err(|error| failed("write", error))?;
        kept(step_with(writer, state, &Event::MessageSent(before), by, now)?)?;
        let mail = Mail {
            to: &recipient.address,
            subject: &self.found.message.subject,
            body: &self.found.message.body,
            message: self.found.message.id,
            at: now,
        };
        let came = route.hand_over(&mail).await;
        let now = self.now(began);
        let account = recipient.account.clone();
        let not = |why: &String| NotSent { account: account.clone(), why: why.clone() };
        let after = match &came {
            Came::Taken => {
                document.sent.push(account.clone());
                Some(sent(Some(now), None))
            }
            Came::Refused(why) => {
                document.refused.push(not(why));
                Some(sent(None, Some(why.clone())))
            }
            Came::Stopped(why) => {
                document.stopped = Some(why.clone());
                document.left = document.left.saturating_add(1);
                Some(sent(None, Some(why.clone())))
            }
            Came::Doubtful(why) => {
                document.doubtful.push(not(why));
                None
            }
        };
        match after {
            Some(after) => kept(step_with(writer, state, &Event::MessageSent(after), by, now)?),
            None => Ok(()),
        }
    }
}

/// What the engine does not keep is not sent.
fn kept(effects: Vec<Effect>) -> Result<(), CommandError> {
    for effect in effects {
        if let Effect::Refuse(refusal) = effect {
            return Err(CommandError::refused(refusal.to_string()));
        }
    }
    Ok(())
}

impl Document {
    fn new(found: &Addressed, sender: &Sender, settings: &Settings) -> Self {
        Self {
            schema: "lockstep.message-sent/1",
            generated_at: settings.now,
            message: found.message.id.to_owned(),
            via: sender.via,
            from: sender.from.clone(),
            sent: Vec::new(),
            refused: Vec::new(),
            doubtful: Vec::new(),
            left: 0,
            stopped: None,
        }
    }

    fn status(&self) -> ExitStatus {
        if self.stopped.is_some() && self.sent.is_empty() && self.doubtful.is_empty() {
            return ExitStatus::TenantUnreachable;
        }
        if self.stopped.is_some() || !self.refused.is_empty() || !self.doubtful.is_empty() {
            return ExitStatus::PartlyApplied;
        }
        ExitStatus::Done
    }

    fn title(&self) -> String {
        let sent = words::length(&self.sent);
        if sent == 0
            && self.refused.is_empty()
            && self.doubtful.is_empty()
            && self.stopped.is_none()
        {
            return format!("`{}`: nobody is left to send it to", self.message);
        }
        format!("`{}` was taken for {}", self.message, words::count(sent, "person", "people"))
    }
}
