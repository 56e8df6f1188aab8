//! `lockstep unlock`

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::confirm;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::operator::{Operator, failed, lease::holder_is_dead};
use crate::page::Page;
use crate::settings::Settings;
use crate::terminal::{self, Outcome};
use crate::words;
use crate::workspace::Place;

/// Show who holds the lease, and take it from a process that is dead
///
/// One run of lockstep writes at a time. A lease ends by itself when it is not renewed, and one whose
/// process is known to be dead is taken over without this command. Whoever is stopped by it writes
/// nothing more into the workspace.
#[derive(Debug, Args)]
pub(crate) struct Unlock {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    ended: &'static str,
    lease: Option<Holding>,
}

#[derive(Debug, Serialize)]
struct Holding {
    number: String,
    host: String,
    pid: u32,
    user: String,
    acquired_at: Timestamp,
    renewed_at: Timestamp,
    expires_at: Timestamp,
    /// Known to be dead; false where nobody can tell.
    dead: bool,
}

impl Unlock {
    pub(super) fn run(&self, settings: &Settings) -> Result<Outcome, CommandError> {
        let place = Place::find(settings, None)?;
        let operator = Operator::open(&place, settings)?;
        let lease = operator.store.lease().map_err(|error| failed("read", error))?;
        let Some(lease) = lease else {
            return ended(settings, &place, "nobody-held-it", None, ExitStatus::Done);
        };
        let holding = Holding {
            number: lease.fencing.to_string(),
            host: lease.holder.host.clone(),
            pid: lease.holder.pid,
            user: lease.holder.user.clone(),
            acquired_at: lease.acquired_at,
            renewed_at: lease.renewed_at,
            expires_at: lease.expires_at,
            dead: holder_is_dead(&lease, &operator.holder),
        };
        terminal::remark(&format!(
            "{} holds the lease since {} ({}); it was renewed last {} ago and ends at {}",
            lease.holder,
            words::moment(lease.acquired_at),
            if holding.dead { "the process is dead" } else { "the process may live" },
            age(settings.now.duration_since(lease.renewed_at)),
            words::moment(lease.expires_at)
        ));
        let agreed = self.yes || confirm::yes(settings, "Take the lease from it?")?;
        if !agreed {
            return ended(settings, &place, "left", Some(holding), ExitStatus::Refused);
        }
        let was = operator.store.end_lease(lease.fencing).map_err(|it| failed("write", it))?;
        let word = if was { "ended" } else { "changed-meanwhile" };
        let status = if was { ExitStatus::Done } else { ExitStatus::WrongInput };
        ended(settings, &place, word, Some(holding), status)
    }
}

fn ended(
    settings: &Settings,
    place: &Place,
    word: &'static str,
    lease: Option<Holding>,
    status: ExitStatus,
) -> Result<Outcome, CommandError> {
    let document = Document { schema: "lockstep.unlock/1", ended: word, lease };
    Outcome::new(settings, status, &document, || {
        let mut page = Page::new(settings.width, settings.color);
        page.line(match word {
            "nobody-held-it" => "Nobody holds the lease.",
            "ended" => "The lease is ended. What its holder still writes here is refused.",
            "left" => "The lease is left as it is.",
            _ => "Somebody else holds the lease by now: look again.",
        });
        page.next(&place.command("apply"));
        page
    })
}

/// `5 minutes`.
fn age(span: SignedDuration) -> String {
    let seconds = u64::try_from(span.as_secs()).unwrap_or_default();
    match seconds {
        0..60 => words::count(seconds, "second", "seconds"),
        60..7200 => words::count(seconds / 60, "minute", "minutes"),
        _ => words::count(seconds / 3600, "hour", "hours"),
    }
}
