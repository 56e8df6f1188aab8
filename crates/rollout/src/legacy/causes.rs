//! The rules that tell the cause of a dependency: an ordered list, the first that fits decides.
//! Nothing is guessed: where no rule fits, the cause is `unknown`.

use super::client::Family;
use super::remedies;
use super::subject::Subject;
use crate::exceptions::name_words::first_phrase;
use crate::snapshot::MailboxKind;

/// What the evidence says of a dependency.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) cause: &'static str,
    pub(super) finding: Option<&'static str>,
    pub(super) evidence: Vec<String>,
    pub(super) remedy: &'static str,
}

struct Rule {
    cause: &'static str,
    finding: &'static str,
    remedy: &'static str,
    /// What speaks for the cause, in words; `None` when nothing does.
    evidence: fn(&Subject<'_>) -> Option<Vec<String>>,
}

const fn rule(
    cause: &'static str,
    finding: &'static str,
    remedy: &'static str,
    evidence: fn(&Subject<'_>) -> Option<Vec<String>>,
) -> Rule {
    Rule { cause, finding, remedy, evidence }
}

const RULES: [Rule; 20] = [
    rule("directory-synchronization", "NH-05", remedies::SYNCHRONIZATION, synchronization),
    rule("ews-retirement", "LA-06", remedies::EWS_RETIREMENT, |subject| {
        is(subject, Family::ExchangeWebServices)
    }),
    rule("powershell-basic", "NH-03", remedies::POWERSHELL_BASIC, powershell),
    rule("reporting-web-services", "NH-03", remedies::REPORTING, |subject| {
        is(subject, Family::Reporting)
    }),
    rule("printer-smtp", "LA-01", remedies::PRINTER_SMTP, printer),
    rule("application-smtp", "LA-01", remedies::APPLICATION_SMTP, |subject| {
        is(subject, Family::Smtp)?;
        program(subject)
    }),
    rule("line-of-business-imap", "LA-01", remedies::LINE_OF_BUSINESS_IMAP, |subject| {
        is(subject, Family::Imap)?;
        program(subject)
    }),
    rule("line-of-business-pop", "LA-01", remedies::LINE_OF_BUSINESS_POP, |subject| {
        is(subject, Family::Pop)?;
        program(subject)
    }),
    rule("shared-mailbox-imap", "NH-09", remedies::SHARED_MAILBOX, |subject| {
        is(subject, Family::Imap)?;
        shared_mailbox(subject)
    }),
    rule("shared-mailbox-pop", "NH-09", remedies::SHARED_MAILBOX, |subject| {
        is(subject, Family::Pop)?;
        shared_mailbox(subject)
    }),
    rule("app-password", "LA-04", remedies::APP_PASSWORD, |subject| {
        (subject.family != Family::Modern).then_some(())?;
        Some(vec![subject.app_password()?])
    }),
    rule("outlook-modern-authentication-off", "LA-02", remedies::OUTLOOK_MODERN_AUTH_OFF, |it| {
        outlook(it, 16, u32::MAX)
    }),
    rule("old-outlook", "LA-02", remedies::OLD_OUTLOOK, old_outlook),
    rule("windows-mail", "LA-03", remedies::WINDOWS_MAIL, windows_mail),
    rule("phone-activesync", "LA-03", remedies::PHONE_ACTIVESYNC, phone),
    rule("mail-program-imap", "LA-03", remedies::MAIL_PROGRAM, |subject| {
        is(subject, Family::Imap)?;
        mail_program(subject)
    }),
    rule("mail-program-pop", "LA-03", remedies::MAIL_PROGRAM, |subject| {
        is(subject, Family::Pop)?;
        mail_program(subject)
    }),
    rule("mail-program-smtp", "LA-03", remedies::MAIL_PROGRAM, |subject| {
        is(subject, Family::Smtp)?;
        mail_program(subject)
    }),
    rule("mail-program", "LA-03", remedies::MAIL_PROGRAM, |subject| {
        is(subject, Family::Other)?;
        mail_program(subject)
    }),
    rule("script-ropc", "NH-01", remedies::SCRIPT_ROPC, script),
];

/// Words of a device that scans or prints, its makers' among them.
const PRINTER_WORDS: [&str; 24] = [
    "scan",
    "scans",
    "scanner",
    "scanners",
    "scanning",
    "print",
    "printer",
    "printers",
    "copier",
    "copiers",
    "photocopier",
    "mfp",
    "mfd",
    "mfc",
    "multifunction",
    "fax",
    "ricoh",
    "xerox",
    "kyocera",
    "konica",
    "bizhub",
    "lexmark",
    "laserjet",
    "officejet",
];

/// Words of a program in an account's or device's name.
const PROGRAM_WORDS: [&str; 29] = [
    "erp",
    "crm",
    "svc*",
    "srv*",
    "service account",
    "sap",
    "dynamics",
    "api",
    "bot",
    "automation",
    "workflow",
    "invoice",
    "invoices",
    "orders",
    "edi",
    "intake",
    "ticket",
    "tickets",
    "ticketing",
    "archive",
    "backup",
    "alert",
    "alerts",
    "alarm",
    "alarms",
    "monitoring",
    "noreply",
    "no reply",
    "donotreply",
];

/// Words of a programming library in a user agent.
const LIBRARY_WORDS: [&str; 15] = [
    "python",
    "java",
    "javamail",
    "jakarta",
    "mailkit",
    "mimekit",
    "okhttp",
    "curl",
    "perl",
    "php",
    "ruby",
    "node",
    "go http client",
    "libwww",
    "powershell",
];

/// Words of a mail program of people in a user agent.
const MAIL_PROGRAM_WORDS: [&str; 12] = [
    "thunderbird",
    "applemail",
    "apple mail",
    "mail app",
    "ios",
    "iphone",
    "ipad",
    "android",
    "evolution",
    "spark",
    "em client",
    "mailbird",
];

/// Words of a phone or tablet.
const PHONE_WORDS: [&str; 13] = [
    "ios",
    "iphone",
    "ipad",
    "ipod",
    "ipados",
    "android",
    "samsung",
    "galaxy",
    "pixel",
    "huawei",
    "windows phone",
    "outlook ios android",
    "apple",
];

/// Application ids of the old PowerShell modules: Azure AD and MSOnline, Azure, Exchange Online.
const POWERSHELL_APPS: [&str; 3] = [
    "1b730954-1685-4b74-9bfd-dac224a7b894",
    "1950a258-227b-4e31-a9cf-717495945fc2",
    "fb78d390-0c51-40cd-8e17-fdbfab77341b",
];

/// Application id of Microsoft Entra Connect.
const ENTRA_CONNECT: &str = "cb1056e2-e479-49de-ae31-7812af012ed8";

/// Application id of Office 365 Exchange Online, which replays passwords of mail clients by ROPC.
const EXCHANGE_ONLINE: &str = "00000002-0000-0ff1-ce00-000000000000";

/// Hours of the day from which on successes look like a program's.
const HOURS_OF_A_PROGRAM: u32 = 16;
/// Days a pattern must be seen before it says anything.
const DAYS_OF_A_PATTERN: usize = 5;
/// Addresses up to which successes look like one machine's.
const ADDRESSES_OF_A_MACHINE: u64 = 2;

/// Tells the cause of a dependency, or that the evidence does not tell.
pub(super) fn judge(subject: &Subject<'_>) -> Judgement {
    let mut evidence = known(subject);
    for rule in &RULES {
        if let Some(words) = (rule.evidence)(subject) {
            evidence.extend(words.into_iter().filter(|word| !word.is_empty()));
            return Judgement {
                cause: rule.cause,
                finding: Some(rule.finding),
                evidence,
                remedy: rule.remedy,
            };
        }
    }
    if let Some(agent) = subject.agent() {
        evidence.push(format!("user agent `{agent}`"));
    }
    Judgement {
        cause: "unknown",
        finding: None,
        evidence,
        remedy: remedies::look_at(subject.family),
    }
}

/// What the log says of every dependency: client app and protocol.
fn known(subject: &Subject<'_>) -> Vec<String> {
    let mut evidence = Vec::new();
    if let Some(client_app) = &subject.legacy.client_app {
        evidence.push(format!("client app `{client_app}`"));
    }
    if let Some(protocol) = subject.legacy.protocol.as_deref().filter(|it| *it != "none") {
        evidence.push(format!("authentication protocol `{protocol}`"));
    }
    evidence.extend(smtp_setting(subject));
    evidence
}

/// The effective switch of SMTP AUTH: the mailbox's own, else the organisation's.
fn smtp_setting(subject: &Subject<'_>) -> Option<String> {
    is(subject, Family::Smtp)?;
    let mailbox = subject.facts.mailbox_of(&subject.legacy.account)?.smtp_auth_disabled?;
    let word = |disabled: bool| if disabled { "disabled" } else { "enabled" };
    Some(match (mailbox, subject.facts.snapshot.exchange.smtp_auth_disabled) {
        (Some(own), _) => format!("SMTP AUTH is {} on the mailbox", word(own)),
        (None, Some(inherited)) => {
            format!("SMTP AUTH of the mailbox follows the organisation: {}", word(inherited))
        }
        (None, None) => {
            "SMTP AUTH of the mailbox follows the organisation, whose setting no file tells"
                .to_owned()
        }
    })
}

/// Evidence that adds nothing to the client app, which every judgement names already.
fn is(subject: &Subject<'_>, family: Family) -> Option<Vec<String>> {
    (subject.family == family).then(Vec::new)
}

fn app(subject: &Subject<'_>, ids: &[&str], part: &str) -> Option<String> {
    let by_id = subject
        .legacy
        .app_id
        .as_deref()
        .is_some_and(|id| ids.iter().any(|known| known.eq_ignore_ascii_case(id)));
    let name = subject.legacy.app.as_deref();
    let by_name = name.is_some_and(|name| name.to_lowercase().contains(part));
    (by_id || by_name).then(|| match (name, &subject.legacy.app_id) {
        (Some(name), _) => format!("application `{name}`"),
        (None, Some(id)) => format!("application id `{id}`"),
        (None, None) => String::new(),
    })
}

fn synchronization(subject: &Subject<'_>) -> Option<Vec<String>> {
    app(subject, &[ENTRA_CONNECT], "active directory connect")
        .or_else(|| app(subject, &[], "entra connect"))
        .map(|evidence| vec![evidence])
}

fn powershell(subject: &Subject<'_>) -> Option<Vec<String>> {
    if let Some(evidence) = app(subject, &POWERSHELL_APPS, "powershell") {
        return Some(vec![evidence]);
    }
    is(subject, Family::PowerShell)
}

/// A word of the device, the user agent or the account's names, with where it stands. A word of
/// a name is called that.
fn word_somewhere(subject: &Subject<'_>, phrases: &[&'static str]) -> Option<String> {
    if let Some(word) = first_phrase(&subject.device_words, phrases) {
        let device = subject.legacy.device.as_deref().unwrap_or_default();
        return Some(format!("device `{device}` holds `{}`", word.trim_end_matches('*')));
    }
    if let Some(word) = first_phrase(&subject.agent_words, phrases) {
        return Some(format!("user agent holds `{}`", word.trim_end_matches('*')));
    }
    // A person's own name may hold any word; it counts only where nobody is told behind it.
    let word = first_phrase(&subject.name_words, phrases).filter(|_| !subject.is_person())?;
    Some(format!("by the account's name only: it holds `{}`", word.trim_end_matches('*')))
}

fn printer(subject: &Subject<'_>) -> Option<Vec<String>> {
    is(subject, Family::Smtp)?;
    let mut evidence = vec![word_somewhere(subject, &PRINTER_WORDS)?];
    evidence.extend(mailbox_evidence(subject));
    evidence.extend(subject.app_password());
    Some(evidence)
}

fn mailbox_evidence(subject: &Subject<'_>) -> Option<String> {
    (subject.mailbox == Some(MailboxKind::Shared)).then(|| "shared mailbox".to_owned())
}

/// A program rather than a person: one strong sign, or two weak ones and nobody behind it.
fn program(subject: &Subject<'_>) -> Option<Vec<String>> {
    let mut strong: Vec<String> = Vec::new();
    strong.extend(subject.declared_service.clone());
    if let Some(word) = first_phrase(&subject.agent_words, &LIBRARY_WORDS) {
        strong.push(format!("user agent holds `{word}`, a programming library"));
    }
    let steady = subject.legacy.days.len() >= DAYS_OF_A_PATTERN
        && subject.legacy.ip_addresses <= ADDRESSES_OF_A_MACHINE;
    let mut weak: Vec<String> = Vec::new();
    weak.extend(mailbox_evidence(subject));
    if steady && subject.hours() >= HOURS_OF_A_PROGRAM && !subject.is_person() {
        strong.push(format!(
            "succeeds at {} of 24 hours from {} address(es)",
            subject.hours(),
            subject.legacy.ip_addresses
        ));
    } else if steady && subject.works_weekends() {
        weak.push("succeeds on weekdays and weekends from the same address".to_owned());
    }
    strong.extend(word_somewhere(subject, &PROGRAM_WORDS));
    if strong.is_empty() && (weak.len() < 2 || subject.is_person()) {
        return None;
    }
    strong.extend(weak);
    Some(strong)
}

/// The major version of Outlook or Office in a user agent: `Microsoft Office/15.0 (… Outlook
/// 15.0…)`, `Outlook/16.0`, `Microsoft Outlook 14.0`.
fn outlook_version(agent: &str) -> Option<u32> {
    let lower = agent.to_lowercase();
    if lower.contains("outlook-ios") || lower.contains("outlook-android") {
        return None;
    }
    ["microsoft outlook", "outlook", "microsoft office", "msoffice"].iter().find_map(|product| {
        lower.split(product).skip(1).find_map(|rest| {
            let rest = rest.trim_start_matches(['/', ' ', '-']);
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok().filter(|version| (9..=99).contains(version))
        })
    })
}

fn outlook(subject: &Subject<'_>, least: u32, most: u32) -> Option<Vec<String>> {
    let desktop = matches!(
        subject.family,
        Family::Outlook | Family::Other | Family::Autodiscover | Family::ActiveSync
    );
    desktop.then_some(())?;
    let (agent, version) = subject
        .legacy
        .user_agents
        .iter()
        .filter_map(|agent| Some((agent, outlook_version(agent)?)))
        .min_by_key(|(_, version)| *version)?;
    (least..=most)
        .contains(&version)
        .then(|| vec![format!("user agent `{agent}`: Outlook version {version}")])
}

fn old_outlook(subject: &Subject<'_>) -> Option<Vec<String>> {
    if let Some(evidence) = outlook(subject, 0, 15) {
        return Some(evidence);
    }
    is(subject, Family::Outlook)?;
    Some(vec![
        "only Outlook speaks this protocol, and a current one signs in with modern authentication; \
         no user agent tells its version"
            .to_owned(),
    ])
}

fn windows_mail(subject: &Subject<'_>) -> Option<Vec<String>> {
    if subject.family == Family::OutlookService {
        return Some(vec!["the Mail and Calendar apps of Windows sign in so".to_owned()]);
    }
    is(subject, Family::ActiveSync)?;
    let system = subject.legacy.operating_system.as_deref()?;
    let lower = system.to_lowercase();
    (lower.starts_with("windows") && !lower.contains("phone"))
        .then(|| vec![format!("operating system `{system}`")])
}

fn phone(subject: &Subject<'_>) -> Option<Vec<String>> {
    is(subject, Family::ActiveSync)?;
    // A room's panel speaks ActiveSync too, and no phone app helps it.
    if matches!(subject.mailbox, Some(MailboxKind::Room | MailboxKind::Equipment)) {
        return None;
    }
    let system = subject.legacy.operating_system.as_deref().unwrap_or_default();
    let system_words = crate::exceptions::name_words::words(system);
    if first_phrase(&system_words, &PHONE_WORDS).is_some() {
        return Some(vec![format!("operating system `{system}`")]);
    }
    if let Some(word) = first_phrase(&subject.agent_words, &PHONE_WORDS) {
        return Some(vec![format!("user agent holds `{word}`")]);
    }
    if first_phrase(&subject.device_words, &PHONE_WORDS).is_some() {
        let device = subject.legacy.device.as_deref().unwrap_or_default();
        return Some(vec![format!("device `{device}`")]);
    }
    let silent = system.is_empty() && subject.legacy.user_agents.is_empty();
    silent.then(|| {
        vec![
            "the protocol of phones' own mail apps; neither system nor user agent is told, so \
             confirm with the mailbox's mobile devices"
                .to_owned(),
        ]
    })
}

/// People who read a shared mailbox with its own password.
fn shared_mailbox(subject: &Subject<'_>) -> Option<Vec<String>> {
    let shared = mailbox_evidence(subject)?;
    let mut evidence = mail_program(subject)?;
    evidence.insert(0, shared);
    Some(evidence)
}

fn mail_program(subject: &Subject<'_>) -> Option<Vec<String>> {
    if let Some(word) = first_phrase(&subject.agent_words, &MAIL_PROGRAM_WORDS) {
        return Some(vec![format!("user agent holds `{word}`")]);
    }
    // Exchange Online writes a user agent of its own; the browser of the device may still tell.
    // A device of system and browser is written with a comma; the name of a computer has none.
    let device = subject.legacy.device.as_deref().filter(|device| device.contains(", "));
    if let Some(device) = device
        && let Some(word) = first_phrase(&subject.device_words, &MAIL_PROGRAM_WORDS)
    {
        return Some(vec![format!("device `{device}` holds `{word}`")]);
    }
    let system = subject.legacy.operating_system.as_deref()?;
    let system_words = crate::exceptions::name_words::words(system);
    first_phrase(&system_words, &PHONE_WORDS).map(|_| vec![format!("operating system `{system}`")])
}

/// A password grant behind a modern client app. Behind a mail protocol it is Exchange Online that
/// replays the password, and no script is near.
fn script(subject: &Subject<'_>) -> Option<Vec<String>> {
    let modern = matches!(subject.family, Family::Modern | Family::Unknown);
    let mail = app(subject, &[EXCHANGE_ONLINE], "exchange online").is_some();
    (subject.is_ropc() && modern && !mail && !subject.agent_of_exchange()).then_some(())?;
    let mut evidence = Vec::new();
    if let Some(name) = &subject.legacy.app {
        evidence.push(format!("application `{name}`"));
    }
    if let Some(agent) = subject.agent() {
        evidence.push(format!("user agent `{agent}`"));
    }
    Some(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_outlook() {
        let cases = [
            ("", None),
            ("Thunderbird 115", None),
            ("Outlook-iOS/2.0", None),
            ("Microsoft Office/15.0 (Windows NT 6.1; Microsoft Outlook 15.0.4569; Pro)", Some(15)),
            ("Microsoft Office/14.0 (Windows NT 6.1; Microsoft Outlook 14.0.7162)", Some(14)),
            ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928)", Some(16)),
            ("Outlook/16.0", Some(16)),
            ("Outlook 2013", None),
            ("MSOffice 12", Some(12)),
        ];
        for (agent, version) in cases {
            assert_eq!(outlook_version(agent), version, "{agent}");
        }
    }
}
