//! The rules of classification: an ordered list, the first that fits decides.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::declared::Declared;
use super::name_words::{first_phrase, words};
use super::subject::Subject;
use super::{Classification, Kind};
use crate::account::Account;
use crate::facts::Facts;
use crate::snapshot::MailboxKind;

/// Display name the synchronisation wizard gives the account it makes (Microsoft Entra Connect:
/// accounts and permissions).
const SYNCHRONIZATION_DISPLAY_NAME: &str = "on-premises directory synchronization service account";

/// Words of an account a program uses.
const SERVICE_WORDS: [&str; 21] = [
    "svc*",
    "srv*",
    "service account",
    "service",
    "scan",
    "scanner",
    "scans",
    "printer",
    "copier",
    "mfp",
    "noreply",
    "no reply",
    "donotreply",
    "backup",
    "erp",
    "crm",
    "bot",
    "api",
    "automation",
    "daemon",
    "connector",
];

/// Words that make a `service` a team of people.
const SERVICE_OF_PEOPLE: [&str; 4] =
    ["service desk", "customer service", "customer services", "service team"];

/// Words of a login that several people share.
const SHARED_LOGIN_WORDS: [&str; 13] = [
    "reception",
    "receptionist",
    "frontdesk",
    "front desk",
    "info",
    "kiosk",
    "shopfloor",
    "shop floor",
    "warehouse",
    "workshop",
    "gatehouse",
    "enquiries",
    "shared",
];

/// Words of a job title that make an executive, or somebody who moves the company's money.
const EXECUTIVE_WORDS: [&str; 26] = [
    "ceo",
    "cfo",
    "coo",
    "cto",
    "ciso",
    "cio",
    "cmo",
    "managing director",
    "executive director",
    "finance director",
    "financial director",
    "director of finance",
    "financial controller",
    "finance controller",
    "treasurer",
    "board member",
    "member of the board",
    "board director",
    "president",
    "chair",
    "chairman",
    "chairwoman",
    "chairperson",
    "founder",
    "company secretary",
    "general counsel",
];

/// Parts of a company that have a director on its board: `Technical Director`, `Director of
/// Operations`. Other directors (art, funeral, associate) direct something else.
const BOARD_PARTS: [&str; 22] = [
    "technical",
    "technology",
    "operations",
    "operating",
    "commercial",
    "sales",
    "marketing",
    "engineering",
    "production",
    "manufacturing",
    "legal",
    "hr",
    "people",
    "human resources",
    "it",
    "information technology",
    "digital",
    "strategy",
    "group",
    "company",
    "founding",
    "non executive",
];

/// Words of a job title that make an executive's helper.
const HELPER_WORDS: [&str; 6] =
    ["assistant", "secretary to", "pa to", "office of", "support to", "apprentice"];

/// Devices from which on one account looks like a login several people share.
const DEVICES_OF_A_SHARED_LOGIN: u64 = 5;
/// Hours of the day from which on sign-ins look like a program's.
const HOURS_OF_A_PROGRAM: u32 = 20;
/// Addresses up to which sign-ins look like a program's.
const ADDRESSES_OF_A_PROGRAM: u64 = 2;

struct Rule {
    kind: Kind,
    /// What speaks for the kind, in words; `None` when nothing does.
    evidence: fn(&Subject<'_>) -> Option<Vec<String>>,
}

const RULES: [Rule; 14] = [
    Rule { kind: Kind::BreakGlass, evidence: break_glass },
    Rule { kind: Kind::Sync, evidence: synchronization },
    Rule { kind: Kind::Room, evidence: room },
    Rule { kind: Kind::Equipment, evidence: equipment },
    Rule { kind: Kind::SharedMailbox, evidence: shared_mailbox },
    Rule { kind: Kind::Guest, evidence: guest },
    Rule { kind: Kind::Service, evidence: service },
    Rule { kind: Kind::SharedLogin, evidence: shared_login },
    Rule { kind: Kind::OnLeave, evidence: on_leave },
    Rule { kind: Kind::Dormant, evidence: dormant },
    Rule { kind: Kind::NoSmartphone, evidence: no_smartphone },
    Rule { kind: Kind::Executive, evidence: executive },
    Rule { kind: Kind::Administrator, evidence: administrator },
    Rule { kind: Kind::Person, evidence: person },
];

/// Says of every user, enabled or not, what it is, and on what that rests.
///
/// The kinds are asked in the order of [`Kind::ALL`]; nothing is assumed: an account of which no
/// evidence speaks is [`Kind::Unclassified`].
#[must_use]
pub fn classify(facts: &Facts<'_>) -> Classification {
    let declared = Declared::new(facts);
    let users = facts.snapshot.users.as_deref().unwrap_or_default();
    let told = users.iter().any(|user| user.activity.is_some());
    let users = users
        .iter()
        .enumerate()
        .map(|(position, user)| kind_of(&Subject::new(facts, &declared, told, position, user)))
        .collect();
    Classification { users }
}

fn kind_of(subject: &Subject<'_>) -> (Kind, Vec<String>) {
    RULES
        .iter()
        .find_map(|rule| Some((rule.kind, (rule.evidence)(subject)?)))
        .unwrap_or_else(|| (Kind::Unclassified, unclassified(subject)))
}

fn break_glass(subject: &Subject<'_>) -> Option<Vec<String>> {
    Some(vec![subject.declared.break_glass(subject.position, subject.account())?])
}

fn synchronization(subject: &Subject<'_>) -> Option<Vec<String>> {
    if let Some(role) = subject.synchronization_role() {
        let name = role.role_name.as_deref().unwrap_or(&role.role);
        return Some(vec![format!("holds the role `{name}`")]);
    }
    let name = subject.account().user_principal_name.as_deref()?.to_lowercase();
    let display = subject.account().display_name.as_deref().unwrap_or_default();
    (name.starts_with("sync_") && display.eq_ignore_ascii_case(SYNCHRONIZATION_DISPLAY_NAME)).then(
        || {
            vec![
                "user principal name begins with `Sync_`".to_owned(),
                format!("display name is `{display}`"),
            ]
        },
    )
}

fn mailbox(subject: &Subject<'_>, kind: MailboxKind, purpose: &str) -> Option<Vec<String>> {
    if subject.mailbox_kind() == Some(kind) {
        return Some(vec![format!("mailbox type (RecipientTypeDetails) is {purpose}")]);
    }
    (subject.user.mailbox_purpose.as_deref() == Some(purpose))
        .then(|| vec![format!("purpose of the mailbox (userPurpose) is `{purpose}`")])
}

fn room(subject: &Subject<'_>) -> Option<Vec<String>> {
    mailbox(subject, MailboxKind::Room, "room").or_else(|| {
        // A person may sign in on a room's console once; that makes nobody a room.
        let device = subject.activity.is_some_and(|activity| activity.room_device);
        (device && subject.person_data().is_none())
            .then(|| vec!["signs in with a room device's client (Teams Rooms)".to_owned()])
    })
}

fn equipment(subject: &Subject<'_>) -> Option<Vec<String>> {
    mailbox(subject, MailboxKind::Equipment, "equipment")
}

fn shared_mailbox(subject: &Subject<'_>) -> Option<Vec<String>> {
    mailbox(subject, MailboxKind::Shared, "shared")
}

fn guest(subject: &Subject<'_>) -> Option<Vec<String>> {
    if subject.facts.is_guest(subject.user) != Some(true) {
        return None;
    }
    Some(vec![match subject.user.user_type {
        Some(_) => "`userType` is Guest".to_owned(),
        None => "user principal name holds `#EXT#`".to_owned(),
    }])
}

fn service(subject: &Subject<'_>) -> Option<Vec<String>> {
    if let Some(evidence) = subject.declared.service(subject.position, subject.account()) {
        return Some(vec![evidence]);
    }
    // Being a service account lifts MFA. So nothing but the operator's word makes one of an
    // account that administers, that may be an undeclared break-glass account, that belongs to a
    // human being, or that somebody signs in to by hand.
    if subject.administers().is_some()
        || subject.emergency_words()
        || subject.person_data().is_some()
        || subject.signs_in_by_hand()
    {
        return None;
    }
    let name = service_name(subject);
    let mut evidence = Vec::new();
    evidence.extend(password_grant(subject, name.is_some()));
    evidence.extend(round_the_clock(subject));
    let seen = !evidence.is_empty();
    if let Some(name) = name {
        evidence.push(name);
        evidence.push(if seen {
            "no interactive sign-in".to_owned()
        } else {
            "name only: no sign-in by hand seen, and no job title, manager or mobile phone told"
                .to_owned()
        });
        return Some(evidence);
    }
    seen.then_some(evidence)
}

fn service_name(subject: &Subject<'_>) -> Option<String> {
    let name = subject.account().user_principal_name.as_deref()?;
    let lower = name.to_lowercase();
    let local = subject.name_words();
    if first_phrase(&local, &SERVICE_OF_PEOPLE).is_some() {
        return None;
    }
    let word = first_phrase(&local, &SERVICE_WORDS)
        .or_else(|| ["sa-", "sa_"].into_iter().find(|prefix| lower.starts_with(prefix)));
    if let Some(word) = word {
        return Some(format!(
            "user principal name `{name}` holds `{}`",
            word.trim_end_matches('*')
        ));
    }
    let display = subject.account().display_name.as_deref()?;
    first_phrase(&subject.display_words(), &["service account", "svc*"])
        .map(|word| format!("display name `{display}` holds `{}`", word.trim_end_matches('*')))
}

fn password_grant(subject: &Subject<'_>, named: bool) -> Option<String> {
    let activity = subject.activity.filter(|activity| activity.ropc)?;
    let succeeded = activity.last_success.is_some() && subject.never_signs_in_by_hand();
    let likely =
        named || subject.person_data_told() || activity.ip_addresses <= ADDRESSES_OF_A_PROGRAM;
    (succeeded && likely).then(|| {
        "signs in with its password alone (authentication protocol ROPC) and never by hand"
            .to_owned()
    })
}

fn round_the_clock(subject: &Subject<'_>) -> Option<String> {
    let activity = subject.activity?;
    let hours = activity.hours.count_ones();
    let addresses = activity.ip_addresses;
    (hours >= HOURS_OF_A_PROGRAM
        && addresses <= ADDRESSES_OF_A_PROGRAM
        && subject.never_signs_in_by_hand()
        && subject.person_data_told())
    .then(|| format!("signs in at {hours} of 24 hours from {addresses} address(es), never by hand"))
}

fn shared_login(subject: &Subject<'_>) -> Option<Vec<String>> {
    if let Some(evidence) = subject.declared.shared_login(subject.position, subject.account()) {
        return Some(vec![evidence]);
    }
    if subject.person_data().is_some() || subject.administers().is_some() {
        return None;
    }
    let name = subject.account().user_principal_name.as_deref().unwrap_or_default();
    if let Some(word) = first_phrase(&subject.name_words(), &SHARED_LOGIN_WORDS) {
        return Some(vec![
            format!("user principal name `{name}` holds `{word}`"),
            "no job title, manager or mobile phone told".to_owned(),
        ]);
    }
    let devices = subject.activity.map_or(0, |activity| activity.devices);
    (devices >= DEVICES_OF_A_SHARED_LOGIN && subject.person_data_told()).then(|| {
        vec![
            format!("signs in from {devices} devices"),
            "job title, manager and mobile phone are empty".to_owned(),
        ]
    })
}

fn on_leave(subject: &Subject<'_>) -> Option<Vec<String>> {
    let returns = subject.declared.on_leave(subject.account())?;
    let today = subject.facts.as_of.to_zoned(TimeZone::UTC).date();
    (returns > today)
        .then(|| vec![format!("on leave until {returns} (lockstep.toml, `people.on_leave`)")])
}

fn dormant(subject: &Subject<'_>) -> Option<Vec<String>> {
    // The treatment of a dormant account is to disable it. One with the name of an emergency
    // account, which nobody declared, stays unclassified until somebody says what it is.
    if subject.emergency_words() {
        return None;
    }
    let days = subject.facts.rollout.thresholds.dormant_days;
    let limit = subject.facts.days_before(days);
    if subject.declared.confirmed_active(subject.position, subject.account()).is_some() {
        return None;
    }
    let mut evidence = match subject.last_seen {
        Some(seen) if seen < limit => vec![format!(
            "last sign-in on {}, {} days ago",
            date(seen),
            days_between(seen, subject.facts.as_of)
        )],
        Some(_) => return None,
        None => {
            let created = subject.user.created.filter(|created| *created < limit)?;
            vec![
                never_signed_in(subject)?,
                format!(
                    "created on {}, {} days ago",
                    date(created),
                    days_between(created, subject.facts.as_of)
                ),
            ]
        }
    };
    if let Some(role) = subject.administers() {
        evidence.push(format!("{role}: make sure it is no break-glass account before disabling"));
    }
    Some(evidence)
}

/// In words that the account never signed in, as far as that can be said: the directory carries
/// sign-in dates of others and none of this one, or the log is as long as the limit and whole.
fn never_signed_in(subject: &Subject<'_>) -> Option<String> {
    if subject.directory_tells_activity {
        return Some("never signed in (no `signInActivity`)".to_owned());
    }
    let days = subject.facts.rollout.thresholds.dormant_days;
    let measurement = subject.facts.measurement?;
    subject.facts.measured_activity()?;
    let whole = measurement.coverage.interactive == Some(true)
        && measurement.coverage.non_interactive == Some(true)
        && measurement.coverage.left_out == 0
        && measurement.window.days_covered >= days;
    whole.then(|| format!("no sign-in in the log of {days} days"))
}

fn no_smartphone(subject: &Subject<'_>) -> Option<Vec<String>> {
    Some(vec![subject.declared.no_smartphone(subject.position, subject.account())?])
}

/// Whether accounts are executives or move the company's money, whatever else they are. `None`: no
/// file tells of the account, or of its job title.
pub(crate) fn executives(facts: &Facts<'_>, accounts: &[Account]) -> Vec<Option<bool>> {
    let declared = Declared::new(facts);
    let is_executive = |account: &Account| {
        let position = facts.user_position(account)?;
        let user = facts.snapshot.users.as_ref()?.get(position)?;
        if declared.executive(position, &user.account).is_some() {
            return Some(true);
        }
        Some(is_executive_title(user.job_title.as_deref()?))
    };
    accounts.iter().map(is_executive).collect()
}

fn executive(subject: &Subject<'_>) -> Option<Vec<String>> {
    if let Some(evidence) = subject.declared.executive(subject.position, subject.account()) {
        return Some(vec![evidence]);
    }
    let title = subject.user.job_title.as_deref()?;
    is_executive_title(title).then(|| vec![format!("job title `{title}`")])
}

fn is_executive_title(title: &str) -> bool {
    let title = words(title);
    if first_phrase(&title, &HELPER_WORDS).is_some() {
        return false;
    }
    let chief = title.contains(" chief ") && title.contains(" officer ");
    chief || first_phrase(&title, &EXECUTIVE_WORDS).is_some() || is_board_director(&title)
}

fn is_board_director(title: &str) -> bool {
    // `associate`, `assistant` and `deputy` directors sit on no board.
    if first_phrase(title, &["associate", "assistant", "deputy"]).is_some() {
        return false;
    }
    title.trim() == "director"
        || BOARD_PARTS.iter().any(|part| {
            title.contains(&format!(" {part} director "))
                || title.contains(&format!(" director of {part} "))
        })
}

/// An administrator nobody saw for long is no known administrator: it may be an undeclared
/// break-glass account or a leaver's, so it stays unclassified.
fn administrator(subject: &Subject<'_>) -> Option<Vec<String>> {
    let role = subject.administers()?;
    let mut evidence = person(subject)?;
    evidence.insert(0, role);
    Some(evidence)
}

fn person(subject: &Subject<'_>) -> Option<Vec<String>> {
    let days = subject.facts.rollout.thresholds.active_days;
    if let Some(seen) = subject.last_seen.filter(|seen| *seen >= subject.facts.days_before(days)) {
        return Some(vec![format!("last sign-in on {}", date(seen))]);
    }
    Some(vec![subject.declared.confirmed_active(subject.position, subject.account())?])
}

fn unclassified(subject: &Subject<'_>) -> Vec<String> {
    let mut evidence = vec![match subject.last_seen {
        Some(seen) => format!(
            "last sign-in on {}, {} days ago",
            date(seen),
            days_between(seen, subject.facts.as_of)
        ),
        None if subject.directory_tells_activity => {
            "never signed in (no `signInActivity`)".to_owned()
        }
        None => "no file tells of a sign-in".to_owned(),
    }];
    if let Some(created) = subject.user.created {
        evidence.push(format!("created on {}", date(created)));
    }
    evidence.extend(subject.administers());
    if subject.emergency_words() {
        evidence.push(
            "the name is that of an emergency account, but lockstep.toml does not name it \
             (`break_glass.accounts`)"
                .to_owned(),
        );
    }
    evidence
}

fn date(time: Timestamp) -> jiff::civil::Date {
    time.to_zoned(TimeZone::UTC).date()
}

fn days_between(earlier: Timestamp, later: Timestamp) -> i64 {
    later.duration_since(earlier).as_hours().div_euclid(24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executive_titles_are_whole_words() {
        let cases = [
            ("Chief Financial Officer", true),
            ("CFO", true),
            ("Finance Director", true),
            ("Group Managing Director", true),
            ("Chair of the Board", true),
            ("Vice President, Sales", true),
            ("Member of the Board", true),
            ("Chief Operating Officer", true),
            ("Technical Director", true),
            ("Group Operations Director", true),
            ("Director of Engineering", true),
            ("Non-Executive Director", true),
            ("Director", true),
            ("Associate Technical Director", false),
            ("PA to the Technical Director", false),
            ("Art Director", false),
            ("Director's Driver", false),
            ("Directory Administrator", false),
            ("Assistant to the CEO", false),
            ("Executive Assistant to the Managing Director", false),
            ("PA to the Finance Director", false),
            ("Circuit Board Technician", false),
            ("Chief Engineer", false),
            ("Wheelchair Fitter", false),
            ("Precision Engineer", false),
            ("Cooper", false),
            ("", false),
        ];
        for (title, expected) in cases {
            assert_eq!(is_executive_title(title), expected, "{title}");
        }
    }

    #[test]
    fn the_rules_keep_the_order_of_the_kinds() {
        let mut order: Vec<Kind> = RULES.iter().map(|rule| rule.kind).collect();
        order.push(Kind::Unclassified);
        assert_eq!(order, Kind::ALL);
    }
}
