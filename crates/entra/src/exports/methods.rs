//! Authentication methods: of one user, and the tenant's policy of them.

use jiff::Timestamp;
use rollout::{
    Account, AuthenticationMethod, AuthenticationStrength, Campaign, MethodConfiguration,
    MethodsPolicy, PerUserMfa,
};

use super::merge::{fill, fill_least, unite};
use super::object::{Object, Read, wrong};

/// What was read of one user at a time.
#[derive(Debug, Default)]
pub(super) struct UserMethods {
    pub(super) account: Account,
    pub(super) methods: Option<Vec<AuthenticationMethod>>,
    pub(super) per_user_mfa: Option<PerUserMfa>,
    /// `userPurpose` of the mailbox.
    pub(super) mailbox_purpose: Option<String>,
}

/// Reads `{"userId" | "userPrincipalName": …, "methods": […], "perUserMfaState": …}`. `owner` is
/// the user a page's context names.
pub(super) fn read_user_methods(object: &Object<'_>, owner: Option<&str>) -> Read<UserMethods> {
    let mut account = match owner {
        Some(owner) => named(owner),
        None => self::owner(object)?,
    };
    // `id` is the user's only where nothing else is: of a page's own answer it is the answer's.
    if account == Account::default() {
        account.user_id = object.lower("id")?;
    }
    if account == Account::default() {
        return Err(wrong("userId", "there, nor is `userPrincipalName`"));
    }
    Ok(UserMethods {
        account,
        methods: read_method_list(object, "methods")?,
        per_user_mfa: read_per_user_mfa(object)?,
        mailbox_purpose: None,
    })
}

/// The user a record names as its owner.
pub(super) fn owner(object: &Object<'_>) -> Read<Account> {
    Ok(Account {
        user_principal_name: object.text("userPrincipalName")?,
        user_id: object.lower("userId")?,
        display_name: None,
    })
}

/// The user an URL names, by object id or by user principal name.
pub(super) fn named(owner: &str) -> Account {
    let owner = owner.replace("%40", "@");
    if owner.contains('@') {
        Account { user_principal_name: Some(owner), ..Account::default() }
    } else {
        Account { user_id: Some(owner.to_lowercase()), ..Account::default() }
    }
}

/// Reads a list of methods; `None` when the list is not there.
pub(super) fn read_method_list(
    object: &Object<'_>,
    name: &str,
) -> Read<Option<Vec<AuthenticationMethod>>> {
    let Some(methods) = object.objects(name)? else { return Ok(None) };
    methods.iter().map(read_method).collect::<Read<Vec<_>>>().map(Some)
}

/// Reads one registered method.
pub(super) fn read_method(method: &Object<'_>) -> Read<AuthenticationMethod> {
    let kind = method.odata_type().ok_or_else(|| wrong("@odata.type", "there"))?;
    let kind = kind.strip_suffix("AuthenticationMethod").unwrap_or(kind);
    let created = match method.time("createdDateTime")? {
        Some(time) => Some(time),
        None => method.time("creationDateTime")?,
    };
    let mut detail = None;
    for name in ["phoneType", "model", "displayName", "deviceTag"] {
        if detail.is_none() {
            detail = method.text(name)?;
        }
    }
    Ok(AuthenticationMethod {
        kind: kind.to_owned(),
        created,
        detail,
        aaguid: method.lower("aaGuid")?,
    })
}

/// Reads `perUserMfaState`; a state this model does not know is not told.
pub(super) fn read_per_user_mfa(object: &Object<'_>) -> Read<Option<PerUserMfa>> {
    Ok(match object.lower("perUserMfaState")?.as_deref() {
        Some("disabled") => Some(PerUserMfa::Disabled),
        Some("enabled") => Some(PerUserMfa::Enabled),
        Some("enforced") => Some(PerUserMfa::Enforced),
        Some(_) | None => None,
    })
}

/// Reads the tenant's policy, with the time of its last change.
pub(super) fn read_policy(object: &Object<'_>) -> Read<(Option<Timestamp>, MethodsPolicy)> {
    let migration = object.lower("policyMigrationState")?;
    let mut methods = Vec::new();
    for configuration in object.objects("authenticationMethodConfigurations")?.unwrap_or_default() {
        methods.push(read_configuration(&configuration)?);
    }
    let policy = MethodsPolicy {
        migration_complete: match migration.as_deref() {
            Some("migrationcomplete") => Some(true),
            Some("premigration" | "migrationinprogress") => Some(false),
            Some(_) | None => None,
        },
        campaign: match object.object("registrationEnforcement")? {
            Some(enforcement) => read_campaign(&enforcement)?,
            None => None,
        },
        system_preferred: read_state(object, "systemCredentialPreferences")?,
        report_suspicious: read_state(object, "reportSuspiciousActivitySettings")?,
        methods,
    };
    Ok((object.time("lastModifiedDateTime")?, policy))
}

/// `state` of a setting. `default` is Microsoft's to decide and says neither on nor off.
fn read_state(object: &Object<'_>, name: &str) -> Read<Option<bool>> {
    let Some(setting) = object.object(name)? else { return Ok(None) };
    Ok(match setting.lower("state")?.as_deref() {
        Some("enabled") => Some(true),
        Some("disabled") => Some(false),
        Some(_) | None => None,
    })
}

fn read_campaign(enforcement: &Object<'_>) -> Read<Option<Campaign>> {
    let Some(campaign) = enforcement.object("authenticationMethodsRegistrationCampaign")? else {
        return Ok(None);
    };
    let mut targeted_method = None;
    for target in campaign.objects("includeTargets")?.unwrap_or_default() {
        fill(&mut targeted_method, target.text("targetedAuthenticationMethod")?);
    }
    let mut excluded: Option<Vec<String>> = None;
    if let Some(targets) = campaign.objects("excludeTargets")? {
        let mut ids = Vec::new();
        for target in targets {
            ids.extend(target.lower("id")?);
        }
        ids.sort_unstable();
        excluded = Some(ids);
    }
    Ok(Some(Campaign {
        state: campaign.lower("state")?,
        snooze_days: campaign
            .count("snoozeDurationInDays")?
            .map(u32::try_from)
            .transpose()
            .map_err(|_| wrong("snoozeDurationInDays", "a number of days"))?,
        enforced_after_snoozes: campaign.flag("enforceRegistrationAfterAllowedSnoozes")?,
        targeted_method,
        excluded,
    }))
}

/// Reads the configuration of one method.
pub(super) fn read_configuration(object: &Object<'_>) -> Read<MethodConfiguration> {
    let id = object.lower("id")?.ok_or_else(|| wrong("id", "there"))?;
    let restrictions = object.object("keyRestrictions")?;
    Ok(MethodConfiguration {
        id,
        enabled: match object.lower("state")?.as_deref() {
            Some("enabled") => Some(true),
            Some("disabled") => Some(false),
            Some(_) | None => None,
        },
        include: read_targets(object, "includeTargets")?,
        exclude: read_targets(object, "excludeTargets")?,
        key_restrictions: match restrictions {
            Some(restrictions) => restrictions.flag("isEnforced")?,
            None => None,
        },
        attestation_enforced: object.flag("isAttestationEnforced")?,
    })
}

fn read_targets(object: &Object<'_>, name: &str) -> Read<Option<Vec<String>>> {
    let Some(targets) = object.objects(name)? else { return Ok(None) };
    let mut ids = Vec::with_capacity(targets.len());
    for target in targets {
        ids.extend(target.lower("id")?);
    }
    Ok(Some(ids))
}

/// Reads one authentication strength.
pub(super) fn read_strength(object: &Object<'_>) -> Read<AuthenticationStrength> {
    let combinations = object.list("allowedCombinations").unwrap_or_default();
    let allowed: Option<Vec<String>> = combinations
        .into_iter()
        .map(|item| item.as_str().map(|text| text.trim().to_owned()))
        .collect();
    Ok(AuthenticationStrength {
        id: object.lower("id")?,
        display_name: object.text("displayName")?,
        allowed_combinations: allowed
            .ok_or_else(|| wrong("allowedCombinations", "a list of words"))?,
    })
}

/// One policy of all that was read: the newest stands, older ones and single configurations fill
/// what it lacks.
pub(super) fn finish(
    mut policies: Vec<(Option<Timestamp>, MethodsPolicy)>,
    configurations: Vec<MethodConfiguration>,
) -> Option<MethodsPolicy> {
    policies.sort();
    let newest_first = policies.into_iter().rev().map(|(_, policy)| policy);
    let mut finished: Option<MethodsPolicy> = None;
    let single = MethodsPolicy { methods: configurations, ..MethodsPolicy::default() };
    let single = (!single.methods.is_empty()).then_some(single);
    for older in newest_first.chain(single) {
        let Some(newest) = &mut finished else {
            let mut first = older;
            first.methods = one_each(first.methods);
            finished = Some(first);
            continue;
        };
        newest.migration_complete = newest.migration_complete.or(older.migration_complete);
        newest.system_preferred = newest.system_preferred.or(older.system_preferred);
        newest.report_suspicious = newest.report_suspicious.or(older.report_suspicious);
        match (&mut newest.campaign, older.campaign) {
            (Some(left), Some(right)) => {
                left.state = left.state.take().or(right.state);
                left.snooze_days = left.snooze_days.or(right.snooze_days);
                left.enforced_after_snoozes =
                    left.enforced_after_snoozes.or(right.enforced_after_snoozes);
                left.targeted_method = left.targeted_method.take().or(right.targeted_method);
                left.excluded = left.excluded.take().or(right.excluded);
            }
            (left, right) => *left = left.take().or(right),
        }
        for method in one_each(older.methods) {
            if !newest.methods.iter().any(|it| it.id == method.id) {
                newest.methods.push(method);
            }
        }
    }
    if let Some(policy) = &mut finished {
        policy.methods.sort();
    }
    finished
}

/// Copies of one configuration made one.
fn one_each(mut configurations: Vec<MethodConfiguration>) -> Vec<MethodConfiguration> {
    configurations.sort();
    let mut kept: Vec<MethodConfiguration> = Vec::new();
    for next in configurations {
        match kept.last_mut().filter(|last| last.id == next.id) {
            Some(last) => {
                // Contradicting copies must not make a method usable that may be off.
                fill_least(&mut last.enabled, next.enabled);
                unite(&mut last.include, next.include);
                unite(&mut last.exclude, next.exclude);
                fill(&mut last.key_restrictions, next.key_restrictions);
                fill(&mut last.attestation_enforced, next.attestation_enforced);
            }
            None => kept.push(next),
        }
    }
    kept
}
