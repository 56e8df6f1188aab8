//! The alarm by mail: each critical sign-in is told to each person once.

use rollout::Account;
use rollout::engine::{Event, Sent, State};
use rollout::evidence::BreakGlassSignIn;
use serde::Serialize;

use crate::error::CommandError;
use crate::live;
use crate::mail::{self, Came, Mail, Route};
use crate::operator::{Operator, refusal, refused};
use crate::settings::Settings;
use crate::workspace::Place;

/// What became of the mail to one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Mailed {
    /// Address.
    pub(super) to: String,
    /// How many sign-ins it tells of; 0: they were told before.
    pub(super) sign_ins: usize,
    /// Why it was not taken, or nobody knows.
    pub(super) failed: Option<String>,
}

/// Tells people of critical sign-ins that they were not told of. What nobody knows to have been taken is
/// sent again by the next run: an alarm that comes twice is better than one that does not.
pub(super) fn tell(
    people: &[String],
    critical: &[BreakGlassSignIn],
    place: &Place,
    settings: &Settings,
) -> Result<Vec<Mailed>, CommandError> {
    let mut operator = Operator::open(place, settings)?;
    let wanted: Vec<(&String, Vec<&BreakGlassSignIn>)> = people
        .iter()
        .map(|to| (to, critical.iter().filter(|it| !knows(&operator.state, to, it)).collect()))
        .collect();
    if wanted.iter().all(|(_, news)| news.is_empty()) {
        let told = |to: &String| Mailed { to: to.clone(), sign_ins: 0, failed: None };
        return Ok(people.iter().map(told).collect());
    }
    let sender = mail::sender(place)?;
    let came = live::block_on(settings, async {
        let mut route = Route::open(&sender, place, settings).await?;
        let mut came = Vec::new();
        for (to, news) in &wanted {
            if news.is_empty() {
                came.push(None);
                continue;
            }
            let body = body(news, place);
            let subject = "Break-glass account used outside every announced test";
            let message = "break-glass-alarm";
            let mail = Mail { to, subject, body: &body, message, at: settings.now };
            came.push(Some(route.hand_over(&mail).await));
        }
        Ok(came)
    })?;
    let mut mailed = Vec::new();
    for ((to, news), came) in wanted.into_iter().zip(came) {
        let failed = match came {
            None => None,
            Some(Came::Taken) => {
                for it in &news {
                    keep(&mut operator, to, it, sender.via, settings)?;
                }
                None
            }
            Some(Came::Refused(why) | Came::Stopped(why)) => Some(why),
            Some(Came::Doubtful(why)) => Some(format!("nobody knows whether it was taken: {why}")),
        };
        mailed.push(Mailed { to: to.clone(), sign_ins: news.len(), failed });
    }
    Ok(mailed)
}

fn person(address: &str) -> Account {
    Account { user_principal_name: Some(address.to_owned()), ..Account::default() }
}

/// A sign-in as the name of a message: its id, else its line.
fn message(sign_in: &BreakGlassSignIn) -> String {
    let which = sign_in.row.id.clone().unwrap_or_else(|| sign_in.row.line());
    format!("break-glass-alarm {which}")
}

fn knows(state: &State, address: &str, sign_in: &BreakGlassSignIn) -> bool {
    let key = Sent::key_of(&message(sign_in), &person(address));
    state.sent.get(&key).is_some_and(|it| it.at.is_some())
}

fn keep(
    operator: &mut Operator,
    to: &str,
    sign_in: &BreakGlassSignIn,
    via: &str,
    settings: &Settings,
) -> Result<(), CommandError> {
    let sent = Sent {
        message: message(sign_in),
        to: person(to),
        at: Some(settings.now),
        via: via.to_owned(),
        refused: None,
    };
    let left = operator.step(&Event::MessageSent(sent), settings.now)?;
    refusal(&left).map_or(Ok(()), |it| Err(refused(it)))
}

fn body(news: &[&BreakGlassSignIn], place: &Place) -> String {
    let mut text = String::from(
        "Somebody signed in, or tried to, as a break-glass account, and nobody announced it:\n\n",
    );
    for it in news {
        let address = it.row.ip_address.as_deref().unwrap_or("address not told");
        text.push_str(&format!("  {} from {address}\n", it.row.line()));
    }
    text.push_str(
        "\nCall both keepers of the accounts now. If nobody of them did it, set another password, end \
         the account's sessions and look at what it changed.\n\nThis mail is late by the age of the last \
         snapshot, and needs a mailbox that may itself be out of reach. The alarm that counts is the rule \
         of Azure Monitor: ",
    );
    text.push_str(&place.command("break-glass watch --out DIR"));
    text.push('\n');
    text
}
