//! A Temporary Access Pass, from the answer that shows it to the person it is for.

use jiff::{SignedDuration, Timestamp};
use rollout::change::{ChangeSet, Edit, Presence};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::break_glass::{Showing, memory};
use crate::effects::passwords::PasswordDesk;
use crate::error::CommandError;
use crate::plain_text::one_line;
use crate::settings::Settings;
use crate::{confirm, words};

/// The word that says that the person has it.
const TOLD: &str = "told";
/// So often somebody is asked for the word.
const ASKED: usize = 3;

/// What became of the pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    /// None was issued in this run.
    Nothing,
    /// It was shown, and somebody said that the person has it.
    Told,
    /// It is good and nobody has it: why, a sentence.
    NotTold(String),
}

/// Holds the pass of a run in memory, and shows it once.
pub(crate) struct PassDesk<'a> {
    settings: &'a Settings,
    showing: Showing,
    held: Option<(String, SecretString)>,
}

impl<'a> PassDesk<'a> {
    /// A desk. Keeps the memory of the process from others.
    pub(crate) fn open(settings: &'a Settings, showing: Showing) -> Self {
        memory::keep(settings);
        Self { settings, showing, held: None }
    }

    /// Shows the pass. To be called however the run ended: what was issued before it failed is good.
    pub(crate) fn hand_over(&mut self, set: &ChangeSet, now: Timestamp) -> Given {
        let Some((user, pass)) = self.held.take() else { return Given::Nothing };
        let wanted = set.changes.iter().find_map(|it| match &it.edit {
            Edit::TemporaryAccessPass { after: Presence::Present, minutes, once, .. } => {
                Some((*minutes, *once))
            }
            _ => None,
        });
        let Some((minutes, once)) = wanted else {
            return Given::NotTold("It is none that was asked for.".to_owned());
        };
        let length = SignedDuration::from_mins(i64::from(minutes));
        let until = now.saturating_add(length).unwrap_or(Timestamp::MAX);
        let shown = self.showing.show(&page(&user, &pass, once, until));
        let told = shown.and_then(|()| self.acknowledged(&user));
        self.showing.clear();
        match told {
            Ok(true) => Given::Told,
            Ok(false) => Given::NotTold("nobody said that the person has it.".to_owned()),
            Err(error) => {
                crate::terminal::say(&error.lines());
                Given::NotTold("it could not be shown.".to_owned())
            }
        }
    }

    fn acknowledged(&self, user: &str) -> Result<bool, CommandError> {
        let question = format!(
            "The pass of {} is shown this once. Give it to nobody but the person whose identity was \
             checked, then type `{TOLD}`:",
            one_line(user)
        );
        for _ in 0..ASKED {
            if confirm::typed(self.settings, &question, TOLD)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl PasswordDesk for PassDesk<'_> {
    fn new_password(&mut self, user: &str) -> Result<SecretString, CommandError> {
        Err(CommandError::refused(format!("the account `{}` is not made here", one_line(user))))
    }

    fn created(&mut self, _user: &str, _id: &str) {}

    fn there_already(&mut self, _user: &str) {}

    fn pass(&mut self, user: &str, pass: SecretString) {
        self.held = Some((user.to_owned(), pass));
    }
}

/// What is shown: the pass, how long it is good, and what the person does with it (Microsoft,
/// *Temporary Access Pass*: whoever signs in with one that is good once registers within ten minutes).
fn page(user: &str, pass: &SecretString, once: bool, until: Timestamp) -> Zeroizing<String> {
    let times = if once {
        "It is good for one sign-in; register within 10 minutes of it."
    } else {
        "It is good for any number of sign-ins until then."
    };
    Zeroizing::new(format!(
        "Temporary Access Pass of {}\n\n    {}\n\nGood until {}. {times}\n\n1. Open \
         https://aka.ms/mysecurityinfo and sign in: the page asks for the pass.\n2. Add sign-in method: \
         Authenticator, a passkey or a security key.\n3. Sign out, and sign in once with the new \
         method.\n",
        one_line(user),
        pass.expose_secret(),
        words::moment(until)
    ))
}
