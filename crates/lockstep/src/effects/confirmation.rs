//! Who confirms a change set says so by a word that fits its danger.

use rollout::change::Danger;

use super::{Order, shown};
use crate::arguments::Format;
use crate::confirm;
use crate::error::CommandError;
use crate::settings::Settings;
use crate::terminal;

/// Shows the set, and who gets in afterwards whatever happens, and asks. `None`: it was not confirmed. What severe changes ask to be typed is the
/// primary domain of the tenant that was read, whatever the settings say: it tells which tenant this is.
///
/// # Errors
/// When nobody is there to answer, or `--confirm` names another domain.
pub(super) fn ask(
    order: &Order<'_>,
    gets_in: Option<&str>,
    settings: &Settings,
) -> Result<Option<String>, CommandError> {
    let word = asked(order, gets_in, settings)?;
    if let (Some(_), Some(confirmed)) = (&word, &settings.surroundings.confirmed)
        && let Ok(set) = serde_json::to_string(&order.set)
    {
        confirmed(&set);
    }
    Ok(word)
}

fn asked(
    order: &Order<'_>,
    gets_in: Option<&str>,
    settings: &Settings,
) -> Result<Option<String>, CommandError> {
    let set = &order.set;
    let domain = set.tenant.as_deref();
    let danger = set.danger();
    let no_domain = || {
        CommandError::refused("nobody read the primary domain of the tenant")
            .hint("`lockstep snapshot` reads it; nothing was changed")
    };
    if let Some(given) = order.confirm {
        let domain = domain.ok_or_else(no_domain)?;
        if !given.trim().eq_ignore_ascii_case(domain) {
            return Err(CommandError::refused(format!(
                "`{given}` is not the primary domain of this tenant"
            ))
            .hint("nothing was changed: look which tenant this is"));
        }
        show(order, gets_in, settings);
        return Ok(Some(domain.to_owned()));
    }
    if settings.no_input && danger != Danger::None {
        let error = CommandError::refused("nobody is there to confirm the change set");
        return Err(error.hint("give the primary domain of the tenant with `--confirm DOMAIN`"));
    }
    show(order, gets_in, settings);
    match danger {
        Danger::None => Ok(Some("yes".to_owned())),
        Danger::Moderate => {
            let said = confirm::yes(settings, "Carry this out?")?;
            Ok(said.then(|| "yes".to_owned()))
        }
        Danger::Severe => {
            let domain = domain.ok_or_else(no_domain)?;
            let question =
                format!("Type the primary domain of the tenant ({domain}) to carry this out:");
            let said = confirm::typed(settings, &question, domain)?;
            Ok(said.then(|| domain.to_owned()))
        }
    }
}

/// The diff goes to stderr: stdout carries what came of it.
fn show(order: &Order<'_>, gets_in: Option<&str>, settings: &Settings) {
    if settings.format == Format::Text || !settings.no_input {
        let mut page = shown::diff(&order.set, &order.remarks, settings);
        if let Some(gets_in) = gets_in {
            page.heading("Guards");
            page.line(&format!("{gets_in} Every other guard holds, or was waived."));
        }
        terminal::say(&page.finish());
        terminal::say("\n");
    }
}
