//! One legacy use with everything the rules ask about it.

use jiff::civil::Weekday;

use super::client::{Family, family};
use crate::exceptions::name_words::{local_part, words};
use crate::facts::Facts;
use crate::measurement::LegacyUse;
use crate::snapshot::{MailboxKind, PerUserMfa, Registration, User};

/// One legacy use under judgement.
pub(super) struct Subject<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) legacy: &'a LegacyUse,
    pub(super) family: Family,
    pub(super) user: Option<&'a User>,
    pub(super) mailbox: Option<MailboxKind>,
    pub(super) registration: Option<&'a Registration>,
    /// In words how the operator declared the account a service account.
    pub(super) declared_service: Option<String>,
    /// Words of the account's names: user principal name before the `@`, and display name.
    pub(super) name_words: String,
    pub(super) device_words: String,
    pub(super) agent_words: String,
}

impl<'a> Subject<'a> {
    pub(super) fn new(
        facts: &'a Facts<'a>,
        legacy: &'a LegacyUse,
        declared_service: Option<String>,
    ) -> Self {
        let user = facts.user(&legacy.account);
        let account = facts.directory_form(&legacy.account);
        let purpose = user.and_then(|user| user.mailbox_purpose.as_deref());
        let agents: Vec<&str> = legacy.user_agents.iter().map(String::as_str).collect();
        Self {
            facts,
            legacy,
            family: family(legacy.client_app.as_deref(), &legacy.user_agents),
            user,
            mailbox: facts
                .mailbox_of(&account)
                .map(|mailbox| mailbox.kind)
                .or_else(|| purpose.and_then(kind_of_purpose)),
            registration: facts.registration(&account),
            declared_service,
            name_words: format!(
                "{}{}",
                words(local_part(account.user_principal_name.as_deref().unwrap_or_default())),
                words(account.display_name.as_deref().unwrap_or_default())
            ),
            device_words: words(legacy.device.as_deref().unwrap_or_default()),
            agent_words: words(&agents.join(" ")),
        }
    }

    pub(super) fn is_ropc(&self) -> bool {
        self.legacy.protocol.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("ropc"))
    }

    /// The first user agent, for the evidence.
    pub(super) fn agent(&self) -> Option<&'a str> {
        self.legacy.user_agents.first().map(String::as_str)
    }

    /// `BAV2ROPC` and its kind are written by Exchange Online itself when it replays the password
    /// of an IMAP, POP or SMTP client: they say nothing of the client.
    pub(super) fn agent_of_exchange(&self) -> bool {
        self.legacy.user_agents.iter().any(|agent| {
            let agent = agent.to_lowercase();
            agent.starts_with("bav2ropc") || agent.starts_with("cbain")
        })
    }

    /// Per-user MFA lets a legacy client in with an app password only.
    pub(super) fn app_password(&self) -> Option<String> {
        if self.user.and_then(|user| user.per_user_mfa) == Some(PerUserMfa::Enforced) {
            return Some(
                "per-user MFA is Enforced, so this success used an app password".to_owned(),
            );
        }
        let methods = self.registration?.methods.as_ref()?;
        let held = methods.iter().any(|method| method.eq_ignore_ascii_case("appPassword"));
        held.then(|| "`appPassword` is among the registered methods".to_owned())
    }

    /// True when the directory tells of a human being behind the account.
    pub(super) fn is_person(&self) -> bool {
        let filled = |value: Option<&String>| value.is_some_and(|value| !value.trim().is_empty());
        self.user.is_some_and(|user| {
            filled(user.job_title.as_ref())
                || filled(user.manager.as_ref())
                || filled(user.mobile_phone.as_ref())
        })
    }

    /// Hours of the day, of 24, with a success.
    pub(super) const fn hours(&self) -> u32 {
        self.legacy.hours.count_ones()
    }

    /// True when it succeeds on Saturdays and Sundays as on other days.
    pub(super) fn works_weekends(&self) -> bool {
        let on = |weekday: Weekday| self.legacy.days.iter().any(|day| day.weekday() == weekday);
        on(Weekday::Saturday) && on(Weekday::Sunday)
    }
}

fn kind_of_purpose(purpose: &str) -> Option<MailboxKind> {
    match purpose {
        "user" => Some(MailboxKind::User),
        "shared" => Some(MailboxKind::Shared),
        "room" => Some(MailboxKind::Room),
        "equipment" => Some(MailboxKind::Equipment),
        _ => None,
    }
}
