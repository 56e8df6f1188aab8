//! UM: people and their methods.

use std::collections::BTreeMap;

use conditional_access::GrantControls;
use jiff::{SignedDuration, Timestamp};

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{Context, METHODS_BY_USER, REGISTRATIONS, SIGN_INS};
use super::policy_scope::Named;
use crate::account::Account;
use crate::exceptions::Kind;
use crate::snapshot::{MethodConfiguration, Registration};

pub(super) const CHECKS: &[(&str, Decide)] = &[
    ("UM-01", stale_authenticator),
    ("UM-04", no_smartphone),
    ("UM-09", single_key),
    ("UM-13", shared_login),
    ("UM-14", office_phone),
];

/// Days after which an Authenticator entry is likely to be on a phone of the past.
const PHONE_LIFE_DAYS: i64 = 3 * 365;

/// Authentication strengths every tenant has (Graph documentation, *authenticationStrengthPolicy*).
const MULTIFACTOR: &str = "00000000-0000-0000-0000-000000000002";
const PASSWORDLESS: &str = "00000000-0000-0000-0000-000000000003";
const PHISHING_RESISTANT: &str = "00000000-0000-0000-0000-000000000004";

/// Whom the methods policy lets use one method, groups resolved once.
pub(super) struct MethodTargets {
    enabled: Option<bool>,
    include: Option<Named>,
    exclude: Option<Named>,
}

impl MethodTargets {
    pub(super) fn of(context: &Context<'_>, method: &MethodConfiguration) -> Self {
        let resolved = |targets: &Option<Vec<String>>| {
            targets.as_deref().map(|targets| Named::method_targets(context, targets))
        };
        Self {
            enabled: method.enabled,
            include: resolved(&method.include),
            exclude: resolved(&method.exclude),
        }
    }

    /// True when the account may use the method; `None` when that was not told.
    pub(super) fn allow(&self, account: &Account) -> Option<bool> {
        if !self.enabled? {
            return Some(false);
        }
        match self.exclude.as_ref()?.names(account, None) {
            Some(false) => self.include.as_ref()?.names(account, None),
            excluded => excluded.map(|excluded| !excluded),
        }
    }
}

/// The combinations a method of the registration report can be part of. `None`: not known.
fn combinations(method: &str) -> Option<&'static [&'static str]> {
    Some(match method.to_lowercase().as_str() {
        "windowshelloforbusiness" | "macossecureenclavekey" => &["windowshelloforbusiness"],
        "microsoftauthenticatorpush" => &["password,microsoftauthenticatorpush"],
        "microsoftauthenticatorpasswordless" => {
            &["devicebasedpush", "password,microsoftauthenticatorpush"]
        }
        "softwareonetimepasscode" => &["password,softwareoath"],
        "hardwareonetimepasscode" => &["password,hardwareoath"],
        "mobilephone" => &["password,sms", "password,voice"],
        "alternatemobilephone" | "officephone" => &["password,voice"],
        "email" | "securityquestion" | "password" => &[],
        passkey if passkey.contains("passkey") || passkey.contains("fido2") => &["fido2"],
        _ => return None,
    })
}

/// True when one of the registered methods satisfies the strength of the grant.
pub(super) fn strength_is_within_reach(grant: &GrantControls, methods: &[String]) -> Option<bool> {
    let asked: Vec<String> = match (&grant.allowed_combinations, &grant.authentication_strength) {
        (Some(asked), _) => asked.iter().map(|it| it.to_lowercase().replace(' ', "")).collect(),
        (None, Some(id)) if id == PHISHING_RESISTANT => {
            ["windowshelloforbusiness", "fido2", "x509certificatemultifactor"]
                .map(str::to_owned)
                .to_vec()
        }
        (None, Some(id)) if id == PASSWORDLESS => {
            ["windowshelloforbusiness", "fido2", "x509certificatemultifactor", "devicebasedpush"]
                .map(str::to_owned)
                .to_vec()
        }
        (None, Some(id)) if id == MULTIFACTOR => {
            return if methods.iter().any(|it| combinations(it).is_some_and(|it| !it.is_empty())) {
                Some(true)
            } else {
                methods.iter().all(|it| combinations(it).is_some()).then_some(false)
            };
        }
        _ => return None,
    };
    let mut open = false;
    for method in methods {
        match combinations(method) {
            Some(held) if held.iter().any(|it| asked.iter().any(|asked| asked == it)) => {
                return Some(true);
            }
            Some(_) => {}
            None => open = true,
        }
    }
    if open { None } else { Some(false) }
}

fn stale_authenticator(context: &Context<'_>) -> Result<Answer, Missing> {
    let oldest = context
        .facts
        .as_of
        .saturating_sub(SignedDuration::from_hours(PHONE_LIFE_DAYS * 24))
        .unwrap_or(Timestamp::MIN);
    let mut sweep = Sweep::default();
    for user in context.people(&mut sweep)? {
        let label = user.account.label();
        let Some(methods) = &user.methods else {
            sweep.unseen(format!("{label}: the registered methods were not told"), METHODS_BY_USER);
            continue;
        };
        let apps: Vec<_> = methods
            .iter()
            .filter(|it| it.kind.to_lowercase().contains("microsoftauthenticator"))
            .collect();
        if apps.len() > 1 {
            sweep.found(format!("{label}: {} Authenticator entries", apps.len()));
        } else if let Some(app) = apps.first() {
            match app.created {
                Some(created) => sweep.judge(
                    Some(created < oldest),
                    format!("{label}: registered {created}"),
                    METHODS_BY_USER,
                ),
                None => sweep.unseen(
                    format!("{label}: when the Authenticator was registered was not told"),
                    METHODS_BY_USER,
                ),
            }
        }
    }
    Ok(sweep.answer(
        |n| {
            format!("The Authenticator of {} may be on an old phone.", count(n, "person", "people"))
        },
        "No Authenticator entry looks left over from an old phone.",
    ))
}

fn no_smartphone(context: &Context<'_>) -> Result<Answer, Missing> {
    let named = &context.facts.rollout.people.no_smartphone;
    let told = "`[people] no_smartphone` in lockstep.toml";
    if named.is_empty() {
        return Err(Missing(told));
    }
    context.registrations()?;
    let mut sweep = Sweep::default();
    let mut seen = 0;
    for user in context.of_kind(Kind::NoSmartphone)? {
        seen += 1;
        let row = context.facts.registration(&user.account);
        sweep.judge(
            row.and_then(|row| row.mfa_capable).map(|capable| !capable),
            format!("{}: no usable method", user.account.label()),
            REGISTRATIONS,
        );
    }
    if seen == 0 {
        sweep.unseen("none of the names was found among the users", told);
    }
    Ok(sweep.answer(
        |n| format!("{} without a smartphone cannot pass MFA yet.", count(n, "person", "people")),
        format!("All {seen} people without a smartphone can pass MFA."),
    ))
}

fn single_key(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    for user in context.people(&mut sweep)? {
        let label = user.account.label();
        let Some(methods) = &user.methods else {
            sweep.unseen(format!("{label}: the registered methods were not told"), METHODS_BY_USER);
            continue;
        };
        let mut kinds: BTreeMap<bool, usize> = BTreeMap::new();
        for method in methods {
            let kind = method.kind.to_lowercase();
            if !["password", "email", "temporaryaccesspass"].contains(&kind.as_str()) {
                *kinds.entry(kind.starts_with("fido2")).or_default() += 1;
            }
        }
        let alone = kinds.get(&true) == Some(&1) && !kinds.contains_key(&false);
        sweep.judge(Some(alone), format!("{label}: one key, nothing else"), METHODS_BY_USER);
    }
    Ok(sweep.answer(
        |n| format!("{} on a single key.", count(n, "person depends", "people depend")),
        "Nobody depends on a single key.",
    ))
}

fn shared_login(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    for (user, kind) in context.classified()? {
        if user.account_enabled == Some(false) {
            continue;
        }
        match kind {
            Kind::SharedLogin => {
                sweep.found(format!("{}: one login, several people", user.account.label()));
            }
            Kind::Unclassified => sweep.unseen(
                format!("{}: not classified", user.account.label()),
                "what the unclassified accounts are",
            ),
            _ => {}
        }
    }
    if context.users()?.is_empty() || context.facts.measured_activity().is_none() {
        sweep.unseen("sign-ins by address and device were not told", SIGN_INS);
    } else if !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |n| format!("{} by several people.", count(n, "login is shared", "logins are shared")),
        "No login is known to be shared.",
    ))
}

fn office_phone(context: &Context<'_>) -> Result<Answer, Missing> {
    let system_preferred =
        context.facts.snapshot.methods_policy.as_ref().and_then(|policy| policy.system_preferred);
    let bad = |row: &Registration| {
        if row.default_method.is_none() && row.methods.as_ref().is_some_and(Vec::is_empty) {
            return Some(false);
        }
        let default = row.default_method.as_ref()?.to_lowercase();
        let office = default.contains("office");
        if !office {
            return Some(false);
        }
        row.system_preferred.or(system_preferred).map(|preferred| !preferred)
    };
    let mut sweep = Sweep::default();
    context.judge_registrations(&mut sweep, bad, "default method is the office phone")?;
    Ok(sweep.answer(
        |n| format!("{} challenged on an office phone.", count(n, "person is", "people are")),
        "Nobody's challenge goes to an office phone.",
    ))
}
