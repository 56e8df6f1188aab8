//! `lockstep audit legacy`

use rollout::legacy::{self, Dependency, LegacyAudit};
use signins::Scope;

use crate::arguments::ExportsOption;
use crate::cli::{facts, read_scope, say};
use crate::error::CommandError;
use crate::page::{Page, Tone};
use crate::settings::Settings;
use crate::terminal::{Outcome, status_of};
use crate::words;
use crate::workspace::Place;

pub(super) fn run(
    exports: &ExportsOption,
    days: Option<u32>,
    settings: &Settings,
) -> Result<Outcome, CommandError> {
    let place = Place::find(settings, exports.exports.as_deref())?;
    let reading = read_scope(&place, days, Scope::Legacy, settings)?;
    let facts = facts(&reading, &place, settings);
    let Some(audit) = legacy::audit(&facts) else {
        return Err(CommandError::wrong_input(format!(
            "no sign-in log in `{}`, so legacy authentication cannot be audited",
            place.exports.display()
        ))
        .hint(
            "download Entra admin centre > Monitoring > Sign-in logs, interactive and \
             non-interactive, last 30 days, as JSON or CSV",
        ));
    };
    Outcome::new(settings, status_of(&reading), &audit, || {
        let mut page = page(&audit, settings);
        page.next(&place.command("audit exceptions"));
        page
    })
}

fn page(audit: &LegacyAudit, settings: &Settings) -> Page {
    let mut page = Page::new(settings.width, settings.color);
    let totals = &audit.totals;
    page.heading(&format!(
        "Legacy authentication: {} of {}",
        words::count(totals.dependencies, "dependency", "dependencies"),
        words::count(totals.users, "user", "users")
    ));
    page.line(&format!(
        "{}, {} legacy successes, {} legacy failures (noise), {} legacy without a told result.",
        words::count(totals.sign_ins, "sign-in", "sign-ins"),
        words::number(totals.legacy_successes),
        words::number(totals.legacy_failures),
        words::number(totals.legacy_unknown),
    ));
    page.line(&say::coverage(&audit.window, &audit.coverage));
    if !audit.dependencies.is_empty() {
        page.heading("These stop working under MFA");
        let rows = audit.dependencies.iter().map(row).collect();
        page.table(&["user", "client app, device", "successes", "cause"], rows);
        let orphans = audit.dependencies.iter().filter(|it| it.owner.is_none()).count();
        if orphans > 0 {
            page.line(&format!(
                "{orphans} of {} have no owner yet: name one under [[legacy]] in lockstep.toml.",
                audit.dependencies.len()
            ));
        }
        page.heading("What to do");
        for dependency in remedies(&audit.dependencies) {
            let finding = dependency.finding.map(|it| format!(" ({it})")).unwrap_or_default();
            page.item(&format!("{}{finding}: {}", dependency.cause, dependency.remedy));
        }
    }
    say::gaps(&mut page, &audit.gaps);
    page
}

fn row(dependency: &Dependency) -> Vec<(String, Tone)> {
    let client = dependency.client_app.as_deref().unwrap_or("client not told");
    let client = match &dependency.device {
        Some(device) => format!("{client}, {device}"),
        None => client.to_owned(),
    };
    vec![
        (dependency.account.label().to_owned(), Tone::Plain),
        (client, Tone::Plain),
        (words::number(dependency.succeeded), Tone::Figure),
        (dependency.cause.to_owned(), Tone::Danger),
    ]
}

/// The first dependency of each remedy.
fn remedies(dependencies: &[Dependency]) -> Vec<&Dependency> {
    let mut seen: Vec<&Dependency> = Vec::new();
    for it in dependencies {
        if !seen.iter().any(|known| known.cause == it.cause && known.remedy == it.remedy) {
            seen.push(it);
        }
    }
    seen
}
