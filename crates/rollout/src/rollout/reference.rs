//! Every setting once: key, what it means, an example. The commented default file and the
//! reference page are both made from this table, the defaults from [`Rollout::default`].

use std::fmt::Write;

use serde_json::Value;

use super::{ROLES, Rollout};

/// One setting of `lockstep.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Section, such as `calendar`; empty for a key at the top of the file.
    pub section: &'static str,
    /// Key.
    pub key: &'static str,
    /// What it means, in sentences.
    pub doc: &'static str,
    /// An example in TOML, where the default does not show the form.
    pub example: Option<&'static str>,
}

const fn setting(
    section: &'static str,
    key: &'static str,
    doc: &'static str,
    example: Option<&'static str>,
) -> Setting {
    Setting { section, key, doc, example }
}

/// Every setting, in the order of the file.
pub const SETTINGS: &[Setting] = &[
    setting(
        "tenant",
        "name",
        "Name used in documents. Empty takes the tenant's own display name.",
        Some("\"NE Engineering\""),
    ),
    setting(
        "tenant",
        "domain",
        "Primary domain. Empty takes the tenant's default domain.",
        Some("\"ne.example\""),
    ),
    setting(
        "tenant",
        "cloud",
        "The cloud the tenant lives in: global, usgov, dod or china. In the public cloud (global) the portals ask every account for MFA, break-glass included.",
        None,
    ),
    setting("tenant", "helpdesk", "Where the helpdesk is reached, for messages to users.", None),
    setting("source", "exports", "The exports folder, relative to this file.", Some("\"exports\"")),
    setting(
        "source",
        "graph",
        "In place of exports: the tenant to read through Microsoft Graph, by a verified domain or its id. lockstep init --graph fills in this and what follows.",
        Some("\"ne.example\""),
    ),
    setting(
        "source",
        "client_id",
        "Application (client) id of the app registration lockstep signs in as.",
        Some("\"11111111-2222-3333-4444-555555555555\""),
    ),
    setting(
        "source",
        "sign_in",
        "How it signs in: client-secret-file, certificate, device-code or managed-identity.",
        Some("\"client-secret-file\""),
    ),
    setting(
        "source",
        "sign_in_file",
        "The file with the client secret, or with certificate and private key (PEM), relative to this file; - is standard input. Never the secret itself.",
        Some("\"secret.txt\""),
    ),
    setting(
        "source",
        "graph_endpoint",
        "Address of a simulated tenant on this machine, in place of Microsoft Graph: for the demo and for tests.",
        Some("\"http://127.0.0.1:7341\""),
    ),
    setting(
        "source",
        "settle_seconds",
        "How long the tenant may take to show what was changed. Nothing that was written is taken for missing before; 120 where nothing is set.",
        Some("120"),
    ),
    setting(
        "calendar",
        "start",
        "First day of the rollout; --start overrides it.",
        Some("2026-11-26"),
    ),
    setting("calendar", "time_zone", "IANA name of the people's time zone.", None),
    setting(
        "calendar",
        "working_days",
        "Weekdays on which people work, English three-letter names.",
        None,
    ),
    setting("calendar", "holidays", "Public and company holidays, as dates.", None),
    setting(
        "calendar",
        "freezes",
        "Spans in which nothing may be changed, both ends included.",
        Some("[{ from = 2026-12-18, to = 2027-01-04, reason = \"turn of the year\" }]"),
    ),
    setting("steps", "prepare_days", "Length of Prepare.", None),
    setting("steps", "register_days", "Length of Register, the registration window.", None),
    setting(
        "steps",
        "pilot_days",
        "Length of Pilot. Longer moves enforcement, for instance off a weekend.",
        None,
    ),
    setting("steps", "enforce_days", "Length of Enforce.", None),
    setting("steps", "validate_days", "Length of Validate.", None),
    setting(
        "steps",
        "reminder_day",
        "Day of the registration window on which the reminder is due.",
        None,
    ),
    setting(
        "steps",
        "contact_day",
        "Day of the registration window from which people are contacted one by one.",
        None,
    ),
    setting(
        "steps",
        "enforcement",
        "all-at-once: one change set asks everybody. rings: first the pilot and whoever can pass MFA (the bridge group), then, once a member of it passed a fresh challenge and the watch stayed silent, everybody. While security defaults are on, rings leave whoever cannot pass MFA yet without it until the last ring, and a person has to take that on: the guard no-gap asks for a waiver.",
        Some("\"rings\""),
    ),
    setting(
        "steps",
        "ring_hours",
        "Hours the ring of the bridge group is watched at least before everybody is asked. A token lives for an hour and more, and a working day has to pass under the policy.",
        None,
    ),
    setting(
        "thresholds",
        "capable_before_pilot",
        "Share of people in scope that must be capable of MFA before the pilot, 0 to 1.",
        None,
    ),
    setting(
        "thresholds",
        "reminder_below",
        "Share below which the reminder goes out, 0 to 1.",
        None,
    ),
    setting(
        "thresholds",
        "capable_at_end",
        "Share of people in scope that must be capable at the end, 0 to 1.",
        None,
    ),
    setting("thresholds", "legacy_days", "Days the legacy audit looks back.", None),
    setting(
        "thresholds",
        "dormant_days",
        "Days without a sign-in after which an account is dormant.",
        None,
    ),
    setting(
        "thresholds",
        "active_days",
        "Days within which a sign-in makes a person active.",
        None,
    ),
    setting("thresholds", "watch_hours", "Hours watched after enforcement.", None),
    setting(
        "thresholds",
        "report_stale_hours",
        "Hours after which the registration report is stale.",
        None,
    ),
    setting(
        "thresholds",
        "stop_failure_share",
        "Share of people in a ring with only failures at which the watch stops, 0 to 1.",
        None,
    ),
    setting(
        "thresholds",
        "stop_hours",
        "Hours such failures must last for the watch to stop.",
        None,
    ),
    setting(
        "thresholds",
        "report_only_days",
        "Full days the policies are observed in Report-only.",
        None,
    ),
    setting(
        "thresholds",
        "challenge_failure_share",
        "Share of fresh challenges in the pilot that may fail, 0 to 1.",
        None,
    ),
    setting("pilot", "group", "Id or display name of the pilot group.", Some("\"IT team\"")),
    setting(
        "break_glass",
        "accounts",
        "User principal names or object ids of the break-glass accounts. Unnamed ones are never guessed.",
        None,
    ),
    setting(
        "break_glass",
        "mode",
        "phishing-resistant: each account passes with two security keys or a certificate. password-only: with its password; only where the portals do not ask every account for MFA, so not in the public cloud (tenant.cloud = global).",
        None,
    ),
    setting(
        "break_glass",
        "places",
        "Where the printed passwords are kept. One sheet is printed per account and place.",
        Some("[\"Safe of the head office\", \"Bank, box 12\"]"),
    ),
    setting(
        "break_glass",
        "group",
        "Id or display name of the group that every policy excludes.",
        Some("\"CA - Excluded emergency accounts\""),
    ),
    setting(
        "break_glass",
        "alert_tested",
        "Date of the last proven alert test.",
        Some("2026-11-24"),
    ),
    setting(
        "people",
        "no_smartphone",
        "People without a smartphone they can or will use: user principal names, object ids or names of groups.",
        None,
    ),
    setting(
        "people",
        "executives",
        "Executives, beyond those whose job title says so. Never exempt.",
        None,
    ),
    setting("people", "services", "Service accounts, beyond those whose use says so.", None),
    setting("people", "shared_logins", "Logins that several people share.", None),
    setting(
        "people",
        "on_leave",
        "People on leave, with the date they return.",
        Some("{ \"sam.hart@ne.example\" = 2027-01-11 }"),
    ),
    setting(
        "people",
        "confirmed_active",
        "People HR confirms as active although no sign-in was seen.",
        None,
    ),
    setting(
        "mail",
        "via",
        "How messages to people leave: graph (from a mailbox of the tenant) or smtp. Without it, graph where the tenant is read through Graph.",
        Some("\"graph\""),
    ),
    setting(
        "mail",
        "from",
        "Who the messages are from: a mailbox of the tenant, or an address of the mail server.",
        Some("\"it-helpdesk@ne.example\""),
    ),
    setting("mail", "smtp_host", "The mail server.", Some("\"mail.ne.example\"")),
    setting(
        "mail",
        "smtp_port",
        "Its port. Without it, 587 with starttls, 465 with tls, 25 with none.",
        Some("587"),
    ),
    setting(
        "mail",
        "smtp_tls",
        "How the connection is protected: starttls, tls, or none for a server on this machine.",
        Some("\"starttls\""),
    ),
    setting(
        "mail",
        "smtp_user",
        "Who signs in to the mail server. Without it, nobody does.",
        Some("\"it-helpdesk@ne.example\""),
    ),
    setting(
        "mail",
        "smtp_password_file",
        "The file with the password, relative to this file; - is standard input. Never the password itself.",
        Some("\"mail-password.txt\""),
    ),
    setting(
        "",
        "owners",
        "Who answers for what: role to person.",
        Some("{ \"IT lead\" = \"Alex Reed\" }"),
    ),
    setting(
        "",
        "legacy",
        "Owner and decision per legacy dependency; an empty client_app covers all of the user's.",
        Some(
            "[{ user = \"scanner@ne.example\", client_app = \"Authenticated SMTP\", owner = \"Alex Reed\", decision = \"relay\", due = 2026-12-04 }]",
        ),
    ),
];

impl Setting {
    /// `calendar.time_zone`
    #[must_use]
    pub fn name(&self) -> String {
        match self.section {
            "" => self.key.to_owned(),
            section => format!("{section}.{}", self.key),
        }
    }

    /// The default in TOML; `None` when there is none.
    #[must_use]
    pub fn default(&self) -> Option<String> {
        let defaults = serde_json::to_value(Rollout::default()).ok()?;
        let section =
            if self.section.is_empty() { &defaults } else { defaults.get(self.section)? };
        toml(section.get(self.key)?)
    }
}

/// A JSON value as TOML; `None` for null.
fn toml(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value.to_string()),
        Value::Array(items) => {
            Some(format!("[{}]", items.iter().filter_map(toml).collect::<Vec<_>>().join(", ")))
        }
        Value::Object(items) if items.is_empty() => Some("{}".to_owned()),
        Value::Object(items) => {
            let items = items.iter().filter_map(|(key, value)| {
                Some(format!("{} = {}", Value::from(key.as_str()), toml(value)?))
            });
            Some(format!("{{ {} }}", items.collect::<Vec<_>>().join(", ")))
        }
    }
}

/// The text of a default `lockstep.toml`: every key with its default and a comment, the given
/// values (name such as `source.exports`, value in TOML) set in place of their defaults.
///
/// Without any value the text parses back to [`Rollout::default`].
#[must_use]
pub fn default_toml(values: &[(&str, String)]) -> String {
    let mut text = String::from(
        "# Settings of lockstep. Every line shows its default; a line with # in front is an example.\n",
    );
    // Keys of the file's top come before the first section, as TOML wants it.
    let (top, sections): (Vec<&Setting>, Vec<&Setting>) =
        SETTINGS.iter().partition(|it| it.section.is_empty());
    let mut section = "";
    for setting in top.into_iter().chain(sections) {
        if setting.section != section {
            section = setting.section;
            text.push_str(&format!("\n[{section}]\n"));
        }
        text.push_str(&lines(setting, values));
    }
    text
}

fn lines(setting: &Setting, values: &[(&str, String)]) -> String {
    let name = setting.name();
    let given = values.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    let mut text = format!("# {}\n", setting.doc);
    if setting.key == "owners" {
        for (role, what) in ROLES {
            let _ = writeln!(text, "#   {role}: {what}");
        }
    }
    // An empty table is left out: a written one would forbid `[owners]` or `[[legacy]]` below.
    let default = setting
        .default()
        .filter(|default| setting.example.is_none() || !matches!(default.as_str(), "{}" | "[]"));
    if let (None, Some(_), Some(example)) = (&given, &default, setting.example) {
        let _ = writeln!(text, "# Example: {} = {example}", setting.key);
    }
    match (given.or(default), setting.example) {
        (Some(value), _) => {
            let _ = writeln!(text, "{} = {value}", setting.key);
        }
        (None, example) => {
            let _ = writeln!(text, "# {} = {}", setting.key, example.unwrap_or("…"));
        }
    }
    text
}

/// The settings reference, as Markdown.
#[must_use]
pub fn settings_markdown() -> String {
    let mut text = String::from(
        "# Settings\n\nThe file `lockstep.toml`. Generated from the program; an unknown key is an \
         error, so that a misspelled one is never silently the default.\n\n\
         | setting | default | what it means | example |\n|---|---|---|---|\n",
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for setting in SETTINGS {
        let default = setting.default().map_or_else(|| "none".to_owned(), |it| format!("`{it}`"));
        let example = setting.example.map_or_else(String::new, |it| format!("`{it}`"));
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            setting.name(),
            cell(&default),
            cell(setting.doc),
            cell(&example)
        );
    }
    text.push_str("\n## Roles\n\nThe names `owners` may give a person.\n\n| role | what they do |\n|---|---|\n");
    for (role, what) in ROLES {
        let _ = writeln!(text, "| {role} | {what} |");
    }
    text
}
