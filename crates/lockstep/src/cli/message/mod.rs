//! `lockstep message`

mod preview;
mod send;

use clap::{Args, Subcommand, ValueEnum};
use rollout::engine::Seen;
use rollout::plan::{MESSAGES, Message as Written};
use rollout::recipients::{Circle, NoRecipients, Recipients, recipients};

use crate::arguments::ExportsOption;
use crate::error::CommandError;
use crate::operator::Operator;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::Outcome;
use crate::words;
use crate::workspace::Place;

/// Preview and send the messages of the rollout
///
/// From the workspace's templates, with the dates of the plan. Nobody gets a message twice: who has it
/// is kept, and a second run sends to the rest.
#[derive(Debug, Args)]
pub(crate) struct Message {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Preview(preview::Preview),
    Send(send::Send),
}

/// Which message, and to whom.
#[derive(Debug, Args)]
struct Which {
    /// Name of the message: announcement, reminder, personal-note, …
    name: String,
    /// To whom; without it, to whom the message is meant
    #[arg(long, value_enum, value_name = "WHOM")]
    to: Option<Whom>,
    #[command(flatten)]
    exports: ExportsOption,
}

/// To whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whom {
    /// Those whom the next policy asks: the pilot group until the pilot has passed, then everyone
    Ring,
    /// People in scope who cannot pass MFA yet
    Unregistered,
    /// The pilot group
    Pilot,
    /// Everyone in scope
    All,
}

impl Whom {
    const fn circle(self) -> Circle {
        match self {
            Self::Ring => Circle::Ring,
            Self::Unregistered => Circle::Unregistered,
            Self::Pilot => Circle::Pilot,
            Self::All => Circle::All,
        }
    }
}

impl Message {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        match &self.what {
            What::Preview(it) => it.run(settings),
            What::Send(it) => it.run(settings),
        }
    }
}

/// A message with the people it is for.
#[derive(Debug, Clone)]
struct Addressed {
    message: Written,
    circle: Option<Circle>,
    recipients: Option<Recipients>,
}

/// Finds a message and its people. A message that goes to nobody in particular has none.
fn addressed(
    which: &Which,
    place: &Place,
    operator: &Operator,
    seen: &Seen<'_>,
) -> Result<Addressed, CommandError> {
    let name = which.name.trim();
    let message = seen.plan.messages.iter().find(|it| it.id == name).cloned().ok_or_else(|| {
        let error = CommandError::wrong_input(format!("there is no message `{name}`"));
        if MESSAGES.contains(&name) {
            return error.hint("the tenant has nobody whom it is for");
        }
        error.hint(format!("messages are {}", MESSAGES.join(", ")))
    })?;
    let circle = which.to.map(Whom::circle).or_else(|| Circle::of_message(name));
    let found = circle.map(|circle| recipients(&operator.state, seen, name, circle)).transpose();
    let recipients = found.map_err(|error| {
        let is_known = matches!(error, NoRecipients::NotForThem { .. });
        let failed = CommandError::wrong_input(format!("`{name}` cannot be sent")).because(error);
        if is_known {
            return failed;
        }
        failed.hint(format!("`{}` shows what is not seen", place.command("snapshot")))
    })?;
    Ok(Addressed { message, circle, recipients })
}

/// How many, in words.
fn counts(found: &Recipients) -> String {
    let mut parts = vec![format!("{} to send", words::number(words::length(&found.to_send)))];
    for (count, words_) in [
        (words::length(&found.have_it), "have it"),
        (words::length(&found.doubtful), "doubtful"),
        (words::length(&found.without_address), "without an address"),
    ] {
        if count > 0 {
            parts.push(format!("{} {words_}", words::number(count)));
        }
    }
    parts.join(", ")
}

/// The circle, in words.
const fn circle_words(circle: Circle) -> &'static str {
    match circle {
        Circle::Ring => "those whom the next policy asks",
        Circle::Unregistered => "people in scope who have not registered",
        Circle::Pilot => "the pilot group",
        Circle::All => "everyone in scope",
    }
}

/// Who does not get it, and why not.
fn left_out(page: &mut Page, found: &Recipients) {
    let rows = |accounts: &[rollout::Account], why: &str| {
        let row = |it: &rollout::Account| {
            vec![(it.label().to_owned(), Tone::Plain), (why.to_owned(), Tone::Caution)]
        };
        accounts.iter().map(row).collect::<Vec<_>>()
    };
    let mut all = rows(&found.doubtful, "nobody knows whether it arrived; never sent again");
    all.extend(rows(&found.without_address, "no file tells an address"));
    if !all.is_empty() {
        page.table(&["not sent to", "why"], all);
    }
}
