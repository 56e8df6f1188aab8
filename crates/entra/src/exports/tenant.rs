//! The tenant itself, its licences, its risks and the health of the service.

use rollout::{Domain, RiskyUser, ServiceIssue, Sku, Tenant};

use super::merge::{Identity, copies, fill};
use super::object::{Object, Read, wrong};
use super::users::{merge_account, read_account};

/// Reads `organization`.
pub(super) fn read_organization(object: &Object<'_>) -> Read<Tenant> {
    let mut domains = None;
    if let Some(verified) = object.objects("verifiedDomains")? {
        let read: Read<Vec<Domain>> = verified.iter().map(read_verified_domain).collect();
        domains = Some(read?);
    }
    Ok(Tenant {
        id: object.lower("id")?,
        display_name: object.text("displayName")?,
        domains,
        on_premises_sync: object
            .flag("onPremisesSyncEnabled")?
            .or_else(|| object.is_told_unset("onPremisesSyncEnabled").then_some(false)),
    })
}

fn read_verified_domain(object: &Object<'_>) -> Read<Domain> {
    Ok(Domain {
        name: object.lower("name")?.ok_or_else(|| wrong("name", "there for a domain"))?,
        is_default: object.flag("isDefault")?,
        is_initial: object.flag("isInitial")?,
        federated: federated(object.lower("type")?.as_deref()),
    })
}

/// Reads one of `domains`; `None` for one that is not verified yet.
pub(super) fn read_domain(object: &Object<'_>) -> Read<Option<Domain>> {
    let name = match object.lower("id")? {
        Some(name) => Some(name),
        None => object.lower("name")?,
    };
    let domain = Domain {
        name: name.ok_or_else(|| wrong("id", "there"))?,
        is_default: object.flag("isDefault")?,
        is_initial: object.flag("isInitial")?,
        federated: federated(object.lower("authenticationType")?.as_deref()),
    };
    Ok((object.flag("isVerified")? != Some(false)).then_some(domain))
}

fn federated(kind: Option<&str>) -> Option<bool> {
    match kind {
        Some("federated") => Some(true),
        Some("managed") => Some(false),
        Some(_) | None => None,
    }
}

/// One tenant of all that was read.
pub(super) fn finish(tenants: Vec<Tenant>, domains: Option<Vec<Domain>>) -> Tenant {
    let mut tenant = Tenant::default();
    let mut all: Option<Vec<Domain>> = domains;
    for read in tenants {
        fill(&mut tenant.id, read.id);
        fill(&mut tenant.display_name, read.display_name);
        fill(&mut tenant.on_premises_sync, read.on_premises_sync);
        if let Some(more) = read.domains {
            all.get_or_insert_default().extend(more);
        }
    }
    tenant.domains = all.map(|domains| {
        copies(domains, |domain| Identity::new(Some(&domain.name), &[]))
            .into_iter()
            .filter_map(|copies| {
                copies.into_iter().reduce(|mut left, right| {
                    fill(&mut left.is_default, right.is_default);
                    fill(&mut left.is_initial, right.is_initial);
                    fill(&mut left.federated, right.federated);
                    left
                })
            })
            .collect()
    });
    tenant
}

/// Reads one `subscribedSku`.
pub(super) fn read_sku(object: &Object<'_>) -> Read<Sku> {
    let mut plans = Vec::new();
    for plan in object.objects("servicePlans")?.unwrap_or_default() {
        // A plan whose provisioning is disabled cannot be used.
        if plan.lower("provisioningStatus")?.as_deref() == Some("disabled") {
            continue;
        }
        if let Some(id) = plan.lower("servicePlanId")? {
            plans.push((id, plan.text("servicePlanName")?.unwrap_or_default()));
        }
    }
    plans.sort();
    let status = object.lower("capabilityStatus")?;
    let units = object.object("prepaidUnits")?;
    Ok(Sku {
        id: object.lower("skuId")?,
        part_number: object.text("skuPartNumber")?,
        usable: status.map(|status| matches!(status.as_str(), "enabled" | "warning")),
        enabled_units: match units {
            Some(units) => units.count("enabled")?,
            None => None,
        },
        consumed_units: object.count("consumedUnits")?,
        plans,
    })
}

/// The licences, copies made one.
pub(super) fn finish_skus(skus: Vec<Sku>) -> Vec<Sku> {
    let all = copies(skus, |sku| Identity::new(sku.id.as_deref(), &[sku.part_number.as_deref()]));
    all.into_iter()
        .filter_map(|copies| {
            copies.into_iter().reduce(|mut left, right| {
                fill(&mut left.id, right.id);
                fill(&mut left.part_number, right.part_number);
                fill(&mut left.usable, right.usable);
                fill(&mut left.enabled_units, right.enabled_units);
                fill(&mut left.consumed_units, right.consumed_units);
                left.plans.extend(right.plans);
                left.plans.sort();
                left.plans.dedup();
                left
            })
        })
        .collect()
}

/// Reads one `riskyUser`.
pub(super) fn read_risky_user(object: &Object<'_>) -> Read<RiskyUser> {
    let mut account = read_account(object)?;
    fill(&mut account.display_name, object.text("userDisplayName")?);
    Ok(RiskyUser {
        account,
        level: object.lower("riskLevel")?,
        state: object.lower("riskState")?,
        last_updated: object.time("riskLastUpdatedDateTime")?,
    })
}

/// The newest row of each risky user.
pub(super) fn finish_risky_users(users: Vec<RiskyUser>) -> Vec<RiskyUser> {
    let all = copies(users, |user| {
        Identity::new(
            user.account.user_id.as_deref(),
            &[user.account.user_principal_name.as_deref()],
        )
    });
    all.into_iter()
        .filter_map(|copies| {
            let mut account = rollout::Account::default();
            copies.iter().for_each(|copy| merge_account(&mut account, copy.account.clone()));
            let newest = copies.into_iter().max_by(|left, right| {
                (left.last_updated, left).cmp(&(right.last_updated, right))
            })?;
            Some(RiskyUser { account, ..newest })
        })
        .collect()
}

/// Reads one `serviceHealthIssue`.
pub(super) fn read_issue(object: &Object<'_>) -> Read<ServiceIssue> {
    Ok(ServiceIssue {
        id: object.text("id")?,
        service: object.text("service")?,
        title: object.text("title")?,
        classification: object.lower("classification")?,
        resolved: object.flag("isResolved")?,
        started: object.time("startDateTime")?,
    })
}
