//! `lockstep exception decide`

use std::path::PathBuf;

use clap::Args;
use rollout::engine::{Exception, ExceptionPhase, SignedDecision};
use rollout::exceptions;

use super::{Desk, list};
use crate::arguments::ExportsOption;
use crate::digest;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::Outcome;

/// Say yes or no to an exception, or to its renewal
#[derive(Debug, Args)]
pub(super) struct Decide {
    /// Id of the exception, such as EX-001
    id: String,
    /// Yes
    #[arg(long, required_unless_present = "refuse")]
    approve: bool,
    /// No
    #[arg(long, conflicts_with = "approve")]
    refuse: bool,
    /// Who decides; neither the account nor who asked
    #[arg(long, value_name = "WHO")]
    by: String,
    /// The signed document; its digest is kept, its content is not
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// Conditions, or why not
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    #[command(flatten)]
    exports: ExportsOption,
}

impl Decide {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let mut desk = Desk::open(&self.exports, settings)?;
        let before = desk.exception(&self.id)?;
        let (document, file) = self.signed(settings)?;
        let reading = desk.reading(settings)?;
        let by = desk.see(&reading, settings, |seen| {
            self.decider(&before, &exceptions::named(seen.facts, &self.by))
        })?;
        let decision = SignedDecision {
            by,
            at: settings.now,
            approves: self.approve,
            document,
            file,
            note: self.note.trim().to_owned(),
        };
        let after = exceptions::decide(&before, decision)
            .map_err(|why| CommandError::refused(format!("{} is not decided: {why}", before.id)))?;
        desk.keep(&after, settings.now)?;
        let approved =
            before.phase == ExceptionPhase::Asked && after.phase == ExceptionPhase::Approved;
        let set = match approved && after.starts <= desk.today {
            true => Some(desk.propose(&after, &reading, settings)?),
            false => None,
        };
        let document = list::document(&desk, Some(&reading), settings);
        Outcome::new(settings, ExitStatus::Done, &document, || {
            let mut page = Page::new(settings.width, settings.color);
            page.heading(&format!("{}: {}", after.id, became(&before, &after)));
            list::describe(&mut page, &after, desk.today);
            document.warn(&mut page);
            match &set {
                Some(set) => {
                    page.next(&desk.place.command(&format!("apply {}", digest::short(&set.id))))
                }
                None => page.next(&desk.place.command("exception list")),
            }
            page
        })
    }

    /// Digest and name of the signed document.
    fn signed(
        &self,
        settings: &Settings,
    ) -> Result<(Option<String>, Option<String>), CommandError> {
        let Some(document) = &self.document else { return Ok((None, None)) };
        let path = settings.folder.join(document);
        let unreadable = || {
            CommandError::wrong_input(format!(
                "cannot read the signed document `{}`",
                path.display()
            ))
        };
        let length = std::fs::metadata(&path).map_err(|error| unreadable().because(error))?;
        if !length.is_file() || length.len() == 0 {
            return Err(unreadable().hint("it is empty, or no file"));
        }
        let digest = digest::of_file(&path).map_err(|error| unreadable().because(error))?;
        let name = document.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok((Some(digest), name))
    }

    /// Who decides, by the name that counts. Where a letter is needed, only people whom the directory
    /// knows: of others nobody can say that they are two.
    fn decider(
        &self,
        exception: &Exception,
        named: &exceptions::Named,
    ) -> Result<String, CommandError> {
        let knows = named.account.is_some() && named.active_member == Some(true);
        if self.approve && exception.needs_letter && !knows {
            return Err(CommandError::refused(format!(
                "`{}` is no enabled member of the tenant by the files",
                self.by.trim()
            ))
            .hint("two different people decide; give their user principal names"));
        }
        if named
            .account
            .as_ref()
            .is_some_and(|it| it.user_id.is_some() && it.user_id == exception.subject.user_id)
            && self.approve
        {
            return Err(CommandError::refused(format!(
                "`{}` cannot decide on an exception of their own",
                self.by.trim()
            )));
        }
        Ok(named.name.clone())
    }
}

fn became(before: &Exception, after: &Exception) -> String {
    match (&after.phase, &before.renewal, &after.renewal) {
        (ExceptionPhase::Refused, _, _) => "refused; MFA applies".to_owned(),
        (ExceptionPhase::Approved, None, _) => "approved; not applied yet".to_owned(),
        (_, Some(_), None) if after.expires > before.expires => {
            format!("renewed to {}", after.expires)
        }
        (_, Some(_), None) => format!("not renewed; it ends after {}", after.expires),
        _ => "one more decision is needed".to_owned(),
    }
}
