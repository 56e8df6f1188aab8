//! Whoever makes up passwords and shows them once.

use jiff::Timestamp;
use rollout::Account;
use rollout::engine;
use secrecy::{ExposeSecret as _, SecretString};

use super::memory;
use super::password::{self, Fill};
use super::sheet::Sheet;
use super::showing::Showing;
use crate::confirm;
use crate::effects::passwords::PasswordDesk;
use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal;

/// The word that says that a sheet is on paper.
const PRINTED: &str = "printed";
/// So often somebody is asked for the word.
const ASKED: usize = 3;

/// What stands on every sheet of a run.
#[derive(Debug, Clone)]
pub(crate) struct Paper {
    /// The organisation.
    pub(crate) tenant: String,
    /// Where to sign in.
    pub(crate) portal: &'static str,
    /// The places, one sheet each.
    pub(crate) places: Vec<String>,
    /// The accounts pass with a key.
    pub(crate) phishing_resistant: bool,
    /// When the passwords are set, in words.
    pub(crate) set_at: String,
}

/// A password that was set and not shown yet. It is wiped when it is dropped.
#[derive(Debug)]
struct Held {
    user: String,
    id: String,
    password: SecretString,
}

/// What became of the sheets of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Handed {
    /// Shown, and somebody said that it stands on paper.
    Printed {
        /// User principal name.
        user: String,
        /// Object id.
        id: String,
    },
    /// Shown or not: nobody said that it stands on paper. The account needs another password.
    NotOnPaper {
        /// User principal name.
        user: String,
        /// Why, a sentence.
        why: String,
    },
}

/// The desk. Passwords are in its memory only: none is kept, and none is shown twice.
pub(crate) struct Desk<'a> {
    settings: &'a Settings,
    showing: Showing,
    paper: Paper,
    fill: Box<Fill<'a>>,
    /// The password that was asked for last, for an account that is not there yet.
    asked: Option<(String, SecretString)>,
    held: Vec<Held>,
    lost: Vec<String>,
}

impl<'a> Desk<'a> {
    /// A desk with the randomness of the system. Keeps the memory of the process from others.
    pub(crate) fn open(settings: &'a Settings, showing: Showing, paper: Paper) -> Self {
        memory::keep(settings);
        Self {
            settings,
            showing,
            paper,
            fill: Box::new(password::of_system),
            asked: None,
            held: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// Shows every password that was set, a page for each place, and asks whether it is on paper. To be
    /// called however the run ended: what was set before it failed is good.
    pub(crate) fn hand_over(&mut self) -> Vec<Handed> {
        let held = std::mem::take(&mut self.held);
        let mut handed: Vec<Handed> = held.into_iter().map(|it| self.one(&it)).collect();
        handed.extend(std::mem::take(&mut self.lost).into_iter().map(|user| Handed::NotOnPaper {
            user,
            why: "The account was there already, and nobody here knows its password.".to_owned(),
        }));
        handed
    }

    fn one(&self, held: &Held) -> Handed {
        match self.sheets(held) {
            Ok(true) => Handed::Printed { user: held.user.clone(), id: held.id.clone() },
            Ok(false) => Handed::NotOnPaper {
                user: held.user.clone(),
                why: "Nobody said that its password stands on paper.".to_owned(),
            },
            Err(error) => {
                terminal::say(&error.lines());
                let why = "Its password could not be shown.".to_owned();
                Handed::NotOnPaper { user: held.user.clone(), why }
            }
        }
    }

    fn sheets(&self, held: &Held) -> Result<bool, CommandError> {
        let of = self.paper.places.len();
        for (number, place) in (1..).zip(&self.paper.places) {
            let sheet = self.sheet(&held.user, place, number, of);
            let page = sheet.page(held.password.expose_secret(), self.showing.is_html())?;
            let shown = self.showing.show(&page);
            drop(page);
            let printed = match shown {
                Ok(()) => self.acknowledged(&held.user, place),
                Err(error) => Err(error),
            };
            self.showing.clear();
            if !printed? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn sheet(&self, account: &str, place: &str, number: usize, of: usize) -> Sheet {
        Sheet {
            number,
            of,
            tenant: self.paper.tenant.clone(),
            account: account.to_owned(),
            place: place.to_owned(),
            portal: self.paper.portal,
            set_at: self.paper.set_at.clone(),
            phishing_resistant: self.paper.phishing_resistant,
        }
    }

    fn acknowledged(&self, account: &str, place: &str) -> Result<bool, CommandError> {
        let question = if self.showing.is_screen() {
            format!(
                "The password of {account} is shown this once. Write it on the sheet for {place}, read \
                 it back aloud to a second person, then type `{PRINTED}`:"
            )
        } else {
            format!(
                "The sheet of {account} for {place} was given to the printer this once. With the page \
                 in hand, type `{PRINTED}`:"
            )
        };
        for _ in 0..ASKED {
            if confirm::typed(self.settings, &question, PRINTED)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl std::fmt::Debug for Desk<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Desk").field("held", &self.held).finish_non_exhaustive()
    }
}

impl PasswordDesk for Desk<'_> {
    fn new_password(&mut self, user: &str) -> Result<SecretString, CommandError> {
        let password = password::draw(&mut *self.fill)?;
        self.asked = Some((user.to_owned(), password.clone()));
        Ok(password)
    }

    fn created(&mut self, user: &str, id: &str) {
        match self.asked.take() {
            Some((asked, password)) if asked.eq_ignore_ascii_case(user) => {
                self.held.push(Held { user: user.to_owned(), id: id.to_owned(), password });
            }
            // A password for one account is never shown as that of another.
            _ => self.lost.push(user.to_owned()),
        }
    }

    fn there_already(&mut self, user: &str) {
        self.asked = None;
        self.lost.push(user.to_owned());
    }

    fn pass(&mut self, user: &str, _pass: SecretString) {
        // No change set of break-glass accounts issues one: another administrator does.
        terminal::remark(&format!("a Temporary Access Pass of {user} was issued and is not shown"));
    }
}

/// The record of sheets that were printed.
pub(crate) fn record(
    (user, id): (&str, &str),
    set: &str,
    paper: &Paper,
    by: &str,
    at: Timestamp,
) -> engine::Sheet {
    engine::Sheet {
        account: Account {
            user_principal_name: Some(user.to_owned()),
            user_id: Some(id.to_owned()),
            display_name: None,
        },
        set: set.to_owned(),
        places: paper.places.clone(),
        by: by.to_owned(),
        at,
    }
}
