//! Break-glass accounts: their passwords, their sheets, their alarm.

pub(crate) mod azure_monitor;
mod desk;
pub(crate) mod keys;
pub(crate) mod memory;
mod password;
pub(crate) mod rules;
pub(crate) mod runbook;
mod sheet;
mod showing;

pub(crate) use desk::{Desk, Handed, Paper, record};
pub(crate) use showing::Showing;

use crate::error::CommandError;
use crate::settings::Settings;

/// Shows a page without a password, to try a printer.
pub(crate) fn blank_page(showing: &Showing, settings: &Settings) -> Result<(), CommandError> {
    let sheet = sheet::Sheet {
        number: 0,
        of: 0,
        tenant: "a page to try the printer".to_owned(),
        account: "none".to_owned(),
        place: "none".to_owned(),
        portal: "none",
        set_at: runbook::moment(settings.now),
        phishing_resistant: true,
    };
    let page = sheet.page("", showing.is_html())?;
    showing.show(&page)?;
    let asked =
        crate::confirm::answer(settings, "A page without a password is shown. Press Enter:");
    showing.clear();
    asked.map(drop)
}
