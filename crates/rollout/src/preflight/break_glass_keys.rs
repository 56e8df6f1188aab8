//! The keys of the break-glass accounts (BG-02, BG-09, BG-12).

use std::collections::BTreeSet;

use super::answer::{Answer, Missing, Sweep, count};
use super::context::{Context, Declared, GROUPS, METHODS_BY_USER, METHODS_POLICY, POLICIES};
use super::methods::MethodTargets;
use super::policy_conditions::{REGISTER_SECURITY_INFORMATION, named, targets};
use super::policy_scope::PolicyScope;

pub(super) fn holds_passkey(context: &Context<'_>) -> Result<Answer, Missing> {
    if !context.is_public_cloud() {
        return Ok(Answer::not_applicable(
            "The portals of this cloud do not ask every account for MFA.",
        ));
    }
    let certificates_in_use = context
        .facts
        .snapshot
        .methods_policy
        .as_ref()
        .and_then(|policy| policy.methods.iter().find(|method| method.id == "x509certificate"))
        .and_then(|method| method.enabled)
        == Some(true);
    let mut sweep = Sweep::default();
    for Declared { account, user } in context.break_glass()? {
        let label = account.label();
        let by_user = user.and_then(|user| user.methods.as_ref()).map(|methods| {
            methods.iter().any(|method| {
                let kind = method.kind.to_lowercase();
                kind.starts_with("fido2") || kind.starts_with("x509")
            })
        });
        let by_report = context
            .facts
            .registration(&account)
            .and_then(|row| row.methods.as_ref())
            .map(|methods| {
                methods.iter().any(|method| {
                    let method = method.to_lowercase();
                    ["fido2", "passkey", "x509", "certificate"].iter().any(|it| method.contains(it))
                })
            });
        let holds = match (by_user, by_report) {
            (Some(true), _) | (None, Some(true)) => Some(true),
            // Certificates are in no list of methods (Graph documentation, *authentication
            // methods*): where they are in use, their absence from it proves nothing.
            (Some(false), _) | (None, Some(false)) if !certificates_in_use => Some(false),
            _ => None,
        };
        sweep.judge(
            holds.map(|holds| !holds),
            match holds {
                Some(_) => format!("{label}: neither a passkey nor a certificate"),
                None => format!("{label}: the registered methods were not told"),
            },
            METHODS_BY_USER,
        );
    }
    Ok(sweep.answer(
        |n| {
            format!(
                "{} cannot pass the MFA of the admin portals.",
                count(n, "break-glass account", "break-glass accounts")
            )
        },
        "Every break-glass account holds a passkey or a certificate.",
    ))
}

pub(super) fn keys_differ(context: &Context<'_>) -> Result<Answer, Missing> {
    let mut sweep = Sweep::default();
    let mut models = BTreeSet::new();
    let mut model_untold = false;
    let mut keys = 0;
    for Declared { account, user } in context.break_glass()? {
        let label = account.label();
        let Some(methods) = user.and_then(|user| user.methods.as_ref()) else {
            sweep.unseen(format!("{label}: the registered keys were not told"), METHODS_BY_USER);
            continue;
        };
        let own: Vec<_> =
            methods.iter().filter(|it| it.kind.to_lowercase().starts_with("fido2")).collect();
        if own.len() < 2 {
            sweep.found(format!("{label}: {}", count(own.len(), "key", "keys")));
        }
        keys += own.len();
        for key in own {
            match &key.aaguid {
                Some(model) => {
                    models.insert(model.to_lowercase());
                }
                None => model_untold = true,
            }
        }
    }
    if model_untold {
        sweep.unseen("the model of a key was not told", METHODS_BY_USER);
    } else if keys > 1 && models.len() == 1 {
        sweep.found(format!("all {keys} keys are of one model"));
    }
    Ok(sweep.answer(
        |_| "One event could take every break-glass key.".to_owned(),
        "Each break-glass account holds two keys, of more than one model.",
    ))
}

pub(super) fn key_can_be_registered(context: &Context<'_>) -> Result<Answer, Missing> {
    let policy = context.methods_policy()?;
    let passkey = policy
        .methods
        .iter()
        .find(|method| method.id == "fido2")
        .ok_or(Missing("the passkey entry of the authentication-methods policy"))?;
    let declared = context.break_glass()?;
    let mut sweep = Sweep::default();
    sweep.judge(
        passkey.enabled.map(|enabled| !enabled),
        "the passkey method is off",
        METHODS_POLICY,
    );
    if passkey.key_restrictions != Some(false) {
        sweep.unseen(
            "which key models are allowed was not told",
            "the key restrictions of the passkey method",
        );
    }
    let passkey_targets = MethodTargets::of(context, passkey);
    for Declared { account, .. } in &declared {
        let allowed = passkey_targets.allow(account);
        sweep.judge(
            allowed.map(|allowed| !allowed),
            format!("{}: outside the targets of the passkey method", account.label()),
            GROUPS,
        );
    }
    match context.live_policies() {
        Ok(live) => {
            for policy in live.iter().filter(|it| targets(it, REGISTER_SECURITY_INFORMATION)) {
                let scope = PolicyScope::of(context, policy);
                for Declared { account, .. } in &declared {
                    sweep.judge(
                        scope.reaches(account, Some(false)),
                        format!(
                            "{}: guards the registration of {}",
                            named(policy),
                            account.label()
                        ),
                        GROUPS,
                    );
                }
            }
        }
        Err(_) => sweep.unseen("policies that guard registration were not told", POLICIES),
    }
    Ok(sweep.answer(
        |n| format!("{} in the way of a break-glass key.", count(n, "setting is", "settings are")),
        "Break-glass accounts may register and use passkeys.",
    ))
}
