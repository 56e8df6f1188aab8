//! `lockstep exception add`

use clap::Args;
use jiff::civil::Date;
use rollout::engine::ExceptionPath;
use rollout::exceptions::{self, Request};

use super::{Desk, list};
use crate::arguments::ExportsOption;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Ask for an exception; nothing is applied by asking
#[derive(Debug, Args)]
pub(super) struct Add {
    /// Whose: user principal name, object id or mail address
    account: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who asks
    #[arg(long, value_name = "WHO")]
    asked_by: String,
    /// Who answers for it; not the account itself
    #[arg(long, value_name = "WHO")]
    owner: String,
    /// How the account gets along afterwards
    #[arg(long, value_name = "TEXT")]
    exit_plan: String,
    /// What stands in for MFA meanwhile; without it, what is usual for the kind of account
    #[arg(long, value_name = "TEXT", default_value = "")]
    control: String,
    /// Last day; without it, the longest its kind allows
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Application it is about
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// Client app it is about, in the words of the sign-in log
    #[arg(long, value_name = "NAME")]
    client_app: Option<String>,
    /// Address or named location it is about
    #[arg(long, value_name = "PLACE")]
    place: Option<String>,
    /// The executive who takes the risk, where a letter is needed; neither the account nor who asks
    #[arg(long, value_name = "WHO")]
    risk_owner: Option<String>,
    /// The ticket it belongs to
    #[arg(long, value_name = "TEXT")]
    ticket: Option<String>,
    #[command(flatten)]
    exports: ExportsOption,
}

impl Add {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let mut desk = Desk::open(&self.exports, settings)?;
        let reading = desk.reading(settings)?;
        let request = self.request();
        let state = &desk.operator.state;
        let time = (settings.now, desk.today);
        let exception = desk.see(&reading, settings, |seen| {
            exceptions::ask(state, seen.facts, seen.classification, &request, time)
                .map_err(|wrong| not_possible(&self.account, wrong))
        })?;
        let exception = desk.keep_new(exception, settings.now)?;
        let document = list::document(&desk, Some(&reading), settings);
        Outcome::new(settings, ExitStatus::Done, &document, || {
            let mut page = Page::new(settings.width, settings.color);
            page.heading(&format!("{}: asked for, not applied", exception.id));
            list::describe(&mut page, &exception, desk.today);
            document.warn(&mut page);
            if exception.needs_letter {
                page.line(
                    "This is not one person's to grant. What is offered instead, and what is at \
                     stake, stands in the letter; MFA applies until two people have signed.",
                );
                page.next(&desk.place.command(&format!("exception letter {}", exception.id)));
            } else {
                let decide = format!("exception decide {} --approve --by WHO", exception.id);
                page.next(&desk.place.command(&decide));
            }
            page
        })
    }

    fn request(&self) -> Request {
        Request {
            subject: self.account.clone(),
            path: ExceptionPath {
                app: self.app.clone(),
                client_app: self.client_app.clone(),
                place: self.place.clone(),
            },
            reason: self.reason.clone(),
            compensating_control: self.control.clone(),
            owner: self.owner.clone(),
            risk_owner: self.risk_owner.clone(),
            exit_plan: self.exit_plan.clone(),
            ticket: self.ticket.clone(),
            asked_by: self.asked_by.clone(),
            until: self.until,
        }
    }
}

/// Everything that is wrong, at once.
fn not_possible(account: &str, wrong: Vec<String>) -> CommandError {
    let error =
        CommandError::refused(format!("no exception for `{}` can be asked for", account.trim()));
    wrong.into_iter().fold(error, CommandError::hint)
}
