//! HY: hybrid, VPN, federation.

use super::Decide;
use super::answer::{Answer, Missing, Sweep, count};
use super::context::{Context, DOMAINS, ORGANISATION, SIGN_IN_DEVICES, SIGN_INS};
use super::policy_conditions::named;

pub(super) const CHECKS: &[(&str, Decide)] =
    &[("HY-03", federated_domains), ("HY-05", devices_not_joined), ("HY-07", custom_controls)];

fn federated_domains(context: &Context<'_>) -> Result<Answer, Missing> {
    let domains = context.facts.snapshot.tenant.domains.as_ref().ok_or(Missing(DOMAINS))?;
    if domains.is_empty() {
        return Err(Missing(DOMAINS));
    }
    let mut sweep = Sweep::default();
    for domain in domains {
        sweep.judge(domain.federated, domain.name.clone(), DOMAINS);
    }
    Ok(sweep.answer_or(
        |n| {
            format!(
                "{}: settle whose MFA counts.",
                count(n, "federated domain", "federated domains")
            )
        },
        || Answer::not_applicable("Every domain is managed; nobody is federated."),
    ))
}

fn devices_not_joined(context: &Context<'_>) -> Result<Answer, Missing> {
    match context.facts.snapshot.tenant.on_premises_sync {
        None => return Err(Missing(ORGANISATION)),
        Some(false) => {
            return Ok(Answer::not_applicable("The tenant is not synchronised from on premises."));
        }
        Some(true) => {}
    }
    let types = context.activity()?.trust_types.as_ref().ok_or(Missing(SIGN_IN_DEVICES))?;
    let all: u64 = types.values().sum();
    let joined: u64 = types
        .iter()
        .filter(|(kind, _)| kind.to_lowercase().contains("joined"))
        .map(|(_, times)| *times)
        .sum();
    let mut sweep = Sweep::default();
    if all > 0 && joined.saturating_mul(2) < all {
        sweep.found(format!("{joined} of {all} successes came from a joined device"));
    }
    if all < context.successes()? {
        sweep.unseen("not every success shows its device", SIGN_IN_DEVICES);
    }
    context.judge_codes(&mut sweep)?;
    if all == 0 || !context.logs_are_complete() {
        sweep.unseen("the logs do not cover the whole window", SIGN_INS);
    }
    Ok(sweep.answer(
        |_| format!("Only {joined} of {all} sign-ins come from joined devices."),
        format!("{joined} of {all} sign-ins come from joined devices."),
    ))
}

fn custom_controls(context: &Context<'_>) -> Result<Answer, Missing> {
    let custom: Vec<String> = context
        .live_policies()?
        .iter()
        .filter(|policy| policy.grant.as_ref().is_some_and(|grant| !grant.custom.is_empty()))
        .map(|policy| named(policy))
        .collect();
    if custom.is_empty() {
        return Err(Missing("whether an MFA Server is still installed"));
    }
    Ok(Answer::found("Custom controls are still in use.", custom))
}
