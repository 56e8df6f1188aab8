//! Who to talk to, and about what: worked out from the legacy list, the exceptions and the dates.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Conversation;
use super::situation::Situation;
use super::timeline::Day;
use crate::exceptions::Kind;
use crate::preflight::Stage;

/// Names per conversation before the rest is counted.
const NAMES: usize = 10;

/// Everyone to talk to, by date.
pub(super) fn conversations(situation: &Situation<'_>) -> Vec<Conversation> {
    let prepared = situation.timeline.last(Stage::Prepare);
    let mut talks = general(situation, prepared);
    talks.extend(of_kinds(situation, prepared));
    talks.extend(of_dependencies(situation, prepared));
    talks.extend(of_missing_people(situation));
    talks.sort_by(|left, right| (left.by, &left.with).cmp(&(right.by, &right.with)));
    talks
}

fn talk(situation: &Situation<'_>, with: &str, about: &str, by: Date) -> Conversation {
    Conversation { with: situation.owner(with), about: situation.fill(about), by }
}

fn general(situation: &Situation<'_>, by: Date) -> Vec<Conversation> {
    [
        ("Manager", "The plan, the date {enforce_date}, and that it does not move without a written decision."),
        ("Helpdesk lead", "The guide, the roster for {enforce_date}, and how identity is verified."),
        ("Finance lead", "Jobs that sign in only at month or quarter end, payment runs near {enforce_date}, and the finance director's own ten-minute set-up: nobody is exempt."),
        ("HR", "People on leave, joiners and leavers of the next weeks, and who of the accounts not seen lately still works here."),
        ("Works council or staff representatives", "Which app goes on whose phone, and the alternative without one."),
        ("Partners and managed service providers", "How they sign in to this tenant, with which MFA, and who is their contact on {enforce_date}."),
        ("Security lead", "The break-glass alert, the watch on {enforce_date}, and alerts to expect."),
    ]
    .into_iter()
    .map(|(with, about)| talk(situation, with, about, by))
    .collect()
}

fn of_kinds(situation: &Situation<'_>, by: Date) -> Vec<Conversation> {
    let rows: [(Kind, &str, &str); 8] = [
        (
            Kind::SharedMailbox,
            "Owners of shared mailboxes",
            "Delegation instead of a shared password",
        ),
        (Kind::Room, "Facilities", "Which rooms hold a device that signs in"),
        (
            Kind::Service,
            "Application owner",
            "A managed identity or certificate instead of a password",
        ),
        (
            Kind::SharedLogin,
            "Heads of departments with shared logins",
            "One account per person, or one key in one place",
        ),
        (
            Kind::NoSmartphone,
            "People without a smartphone and their managers",
            "A FIDO2 key, paid by the employer",
        ),
        (
            Kind::Executive,
            "Executives and their assistants",
            "MFA applies to each of them and no exemption is given; offer ten minutes of set-up in \
             person, a key for the key ring, and delegated mailbox access for the assistant \
             instead of the password. What is insisted on is put in writing with the risk, an \
             owner who is not the person asking, and an end within 30 days",
        ),
        (Kind::Guest, "Sponsors of guests", "Whether the guest’s home MFA is trusted"),
        (
            Kind::Unclassified,
            "Managers of accounts nobody could place",
            "Whose account it is and whether it is needed",
        ),
    ];
    rows.into_iter()
        .filter_map(|(kind, with, about)| {
            let accounts: Vec<String> = situation
                .input
                .exceptions
                .accounts
                .iter()
                .filter(|account| account.kind == kind)
                .map(|account| match kind {
                    Kind::Executive => situation.with_title(account),
                    _ => account.account.label().to_owned(),
                })
                .collect();
            (!accounts.is_empty()).then(|| Conversation {
                with: situation.owner(with),
                about: format!("{about}: {}.", named(&accounts)),
                by,
            })
        })
        .collect()
}

/// The user of each dependency, or their owner where one is named, with the manager's name where
/// the directory tells it.
fn of_dependencies(situation: &Situation<'_>, by: Date) -> Vec<Conversation> {
    let mut people: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for dependency in situation.dependencies() {
        let user = situation.input.facts.user(&dependency.account);
        let manager = user
            .and_then(|user| user.manager.as_deref())
            .filter(|manager| !manager.is_empty())
            .map(|manager| format!(" (manager {manager})"))
            .unwrap_or_default();
        let with = dependency.owner.clone().unwrap_or_else(|| {
            match speaks(situation, &dependency.account) {
                true => format!("{}{manager}", dependency.account.label()),
                false => situation.owner("Application owner"),
            }
        });
        let what = dependency.client_app.as_deref().unwrap_or("a legacy client");
        let device = dependency.device.as_deref().map(|it| format!(" on {it}")).unwrap_or_default();
        people
            .entry(with)
            .or_default()
            .push(format!("{what}{device} of {}", dependency.account.label()));
    }
    people
        .into_iter()
        .map(|(with, uses)| Conversation {
            with,
            about: format!("What replaces {}.", named(&uses)),
            by,
        })
        .collect()
}

/// Nobody can be talked to behind a scanner, a room or a shared mailbox.
fn speaks(situation: &Situation<'_>, account: &crate::account::Account) -> bool {
    let kind =
        situation.input.exceptions.accounts.iter().find(|it| it.account.label() == account.label());
    !kind.is_some_and(|it| {
        matches!(
            it.kind,
            Kind::Service
                | Kind::Room
                | Kind::Equipment
                | Kind::SharedMailbox
                | Kind::SharedLogin
                | Kind::Sync
        )
    })
}

/// The people called from the contact day on, in one row: the seed's "who will you contact".
fn of_missing_people(situation: &Situation<'_>) -> Option<Conversation> {
    let missing = &situation.input.registration.not_capable;
    let names: Vec<String> = missing.iter().map(|it| it.account.label().to_owned()).collect();
    (!names.is_empty()).then(|| Conversation {
        with: "Everyone still missing, one by one".to_owned(),
        about: format!("Registration, with a method at hand: {}.", named(&names)),
        by: situation.timeline.date_in(Stage::Register, Day::Contact),
    })
}

fn named(names: &[String]) -> String {
    let shown = names.iter().take(NAMES).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
