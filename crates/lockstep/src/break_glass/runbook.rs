//! The page that lies beside the sheets: what to do with them. No secret stands on it.

use askama::Template;
use conditional_access::{Policy, State};
use entra::graph::{Cloud, Endpoints};
use rollout::Facts;

use super::keys;
use crate::error::CommandError;
use crate::plain_text::one_line;
use crate::words;

/// What takes a policy out of force.
const REPORT_ONLY: &str = r#"{"state": "enabledForReportingButNotEnforced"}"#;

#[derive(Template)]
#[template(path = "runbook.html")]
struct Html<'p> {
    page: &'p Runbook,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Runbook {
    tenant: String,
    made_at: String,
    seen: String,
    facts: Vec<(&'static str, String)>,
    steps: Vec<String>,
    off: Vec<Off>,
    none: &'static str,
    no_policies: &'static str,
    policies: Vec<(String, &'static str, String)>,
    why_keys: &'static str,
    keys: [&'static str; 5],
    support: Vec<String>,
}

/// One policy put into Report-only, in the ways that may still work.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Off {
    portal: String,
    request: String,
    powershell: String,
    azure_cli: String,
}

/// Where a cloud's portals are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Portals {
    /// Microsoft Entra admin center.
    pub(crate) entra: &'static str,
    azure: &'static str,
    /// `-Environment` of Microsoft Graph PowerShell.
    environment: &'static str,
    /// `az cloud set --name`.
    azure_cloud: &'static str,
}

/// The portals of a cloud (Microsoft, *National clouds*, and the endpoints of Azure Government and
/// Azure operated by 21Vianet).
pub(crate) const fn portals(cloud: Cloud) -> Portals {
    match cloud {
        Cloud::Global => Portals {
            entra: "https://entra.microsoft.com",
            azure: "https://portal.azure.com",
            environment: "Global",
            azure_cloud: "AzureCloud",
        },
        Cloud::UsGovernment => Portals {
            entra: "https://entra.microsoft.us",
            azure: "https://portal.azure.us",
            environment: "USGov",
            azure_cloud: "AzureUSGovernment",
        },
        Cloud::UsGovernmentDod => Portals {
            entra: "https://entra.microsoft.us",
            azure: "https://portal.azure.us",
            environment: "USGovDoD",
            azure_cloud: "AzureUSGovernment",
        },
        Cloud::China => Portals {
            entra: "https://entra.microsoftonline.cn",
            azure: "https://portal.azure.cn",
            environment: "China",
            azure_cloud: "AzureChinaCloud",
        },
    }
}

impl Runbook {
    /// The page of a tenant. `seen`: of which moment the snapshot speaks, in words.
    pub(crate) fn of(facts: &Facts<'_>, seen: &str, made_at: &str) -> Self {
        let rollout = facts.rollout;
        let cloud = Cloud::of_word(&rollout.tenant.cloud).unwrap_or_default();
        let keys = keys::of(rollout.break_glass.is_phishing_resistant());
        let policies = facts.snapshot.policies.as_deref().unwrap_or_default();
        let live: Vec<&Policy> = policies.iter().filter(|it| it.state != State::Disabled).collect();
        let tenant_id = facts.snapshot.tenant.id.clone();
        Self {
            tenant: organisation(facts),
            made_at: made_at.to_owned(),
            seen: seen.to_owned(),
            facts: about(facts, cloud),
            steps: steps(cloud, rollout.break_glass.is_phishing_resistant()),
            off: live
                .iter()
                .filter(|it| is_for_all(it))
                .filter_map(|it| off(it, cloud, tenant_id.as_deref()))
                .collect(),
            none: if facts.snapshot.policies.is_some() {
                "No policy CA001 is there yet. Make this page again on the day it is switched on."
            } else {
                "No file tells the policies. Make this page again after a snapshot that does."
            },
            no_policies: if facts.snapshot.policies.is_some() {
                "No policy is there that is On or in Report-only."
            } else {
                "No file tells the policies."
            },
            policies: live
                .iter()
                .map(|it| {
                    let id = it.id.clone().unwrap_or_else(|| "not told".to_owned());
                    (one_line(&it.display_name), state(it.state), one_line(&id))
                })
                .collect(),
            why_keys: keys.why,
            keys: keys.steps,
            support: support(cloud),
        }
    }

    /// The page as HTML.
    ///
    /// # Errors
    /// When the template cannot be filled in.
    pub(crate) fn html(&self) -> Result<String, CommandError> {
        Html { page: self }
            .render()
            .map_err(|error| CommandError::wrong_input("the runbook cannot be made").because(error))
    }
}

/// The organisation, by the settings, else by the tenant's own name.
pub(crate) fn organisation(facts: &Facts<'_>) -> String {
    let named = &facts.rollout.tenant.name;
    let told = facts.snapshot.tenant.display_name.as_deref();
    one_line(if named.is_empty() { told.unwrap_or("name not told") } else { named })
}

/// CA001 in whatever stage: the policy that asks all users.
fn is_for_all(policy: &Policy) -> bool {
    policy.display_name.trim_start().starts_with("CA001")
}

const fn state(state: State) -> &'static str {
    match state {
        State::Enabled => "On",
        State::EnabledForReportingButNotEnforced => "Report-only",
        State::Disabled => "Off",
        State::Unknown => "not known",
    }
}

fn about(facts: &Facts<'_>, cloud: Cloud) -> Vec<(&'static str, String)> {
    let tenant = &facts.snapshot.tenant;
    let told = |text: Option<&str>| text.map_or_else(|| "not told".to_owned(), one_line);
    let portals = portals(cloud);
    let endpoints = Endpoints::of(cloud);
    let mut rows = vec![
        ("Tenant id", told(tenant.id.as_deref())),
        ("Primary domain", told(tenant.primary_domain())),
        ("First domain", told(tenant.initial_domain())),
        ("Entra admin center", portals.entra.to_owned()),
        ("Azure portal", portals.azure.to_owned()),
        ("Microsoft Graph", endpoints.graph().to_owned()),
        ("Sign-in", endpoints.authority().to_owned()),
    ];
    let accounts = rollout::engine::break_glass_accounts(facts);
    if accounts.is_empty() {
        let why = "none is named yet: both belong under `[break_glass]` of lockstep.toml";
        rows.push(("Break-glass accounts", why.to_owned()));
    }
    for account in accounts {
        let id = told(account.user_id.as_deref());
        rows.push(("Break-glass account", format!("{} (id {id})", one_line(account.label()))));
    }
    let name = facts.rollout.break_glass.group.as_deref();
    let name = name.unwrap_or(rollout::plan::BREAK_GLASS_GROUP);
    let id = told(facts.group(name).and_then(|it| it.id.as_deref()));
    rows.push(("Group every policy excludes", format!("{} (id {id})", one_line(name))));
    for place in &facts.rollout.break_glass.places {
        rows.push(("Sheets are kept at", one_line(place)));
    }
    rows
}

fn steps(cloud: Cloud, phishing_resistant: bool) -> Vec<String> {
    let entra = portals(cloud).entra;
    let with = if phishing_resistant {
        "its own security key (the password alone is refused there)"
    } else {
        "the password of the sheet"
    };
    vec![
        "Two people decide and write down who, when and why. One break-glass account is enough; the \
         other stays sealed."
            .to_owned(),
        format!("On a clean device and another network, in a private window: {entra}, with {with}."),
        "If a policy is the cause, put it into Report-only as below. Do not delete it: its settings and \
         exclusions are needed again."
            .to_owned(),
        "If security defaults are the cause: Entra admin center, Overview, Properties, Manage security \
         defaults. Switch them off only when a policy takes their place the same hour."
            .to_owned(),
        "Wait ten minutes, then let one ordinary administrator sign in. The rest is done by ordinary \
         administrators: `lockstep rollback` shows what the last change set did and takes it back."
            .to_owned(),
        "Afterwards: a new password (`lockstep break-glass sheet ACCOUNT`), new seals, keys counted, and \
         a written review: drill, emergency or misuse."
            .to_owned(),
    ]
}

fn off(policy: &Policy, cloud: Cloud, tenant: Option<&str>) -> Option<Off> {
    let id = policy.id.as_deref().filter(|id| is_plain_id(id))?;
    let tenant = tenant.filter(|id| is_plain_id(id)).unwrap_or("TENANT-ID");
    let graph = Endpoints::of(cloud).graph().to_owned();
    let portals = portals(cloud);
    let address = format!("{graph}/v1.0/identity/conditionalAccess/policies/{id}");
    Some(Off {
        portal: format!(
            "Entra admin center, Conditional Access, {}, Enable policy: Report-only, Save.",
            one_line(&policy.display_name)
        ),
        request: format!("PATCH {address}\nContent-Type: application/json\n\n{REPORT_ONLY}"),
        powershell: format!(
            "Connect-MgGraph -Environment {} -TenantId {tenant} -Scopes \
             Policy.ReadWrite.ConditionalAccess,Policy.Read.All\nUpdate-MgIdentityConditionalAccessPolicy \
             -ConditionalAccessPolicyId {id} -State enabledForReportingButNotEnforced",
            portals.environment
        ),
        azure_cli: format!(
            "az cloud set --name {}\naz login --tenant {tenant} --allow-no-subscriptions\naz rest \
             --method patch --url {address} --headers Content-Type=application/json --body \
             '{REPORT_ONLY}'",
            portals.azure_cloud
        ),
    })
}

/// What is typed into a shell by somebody in a hurry is nothing but an id.
fn is_plain_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|it| it.is_ascii_alphanumeric() || it == '-')
}

fn support(cloud: Cloud) -> Vec<String> {
    let mut lines = vec![
        format!(
            "While anybody still signs in: {}, Diagnose & solve problems, New support request. Severity \
             A, business impact: nobody can administer the tenant.",
            portals(cloud).entra
        ),
        "When nobody does: by telephone, “Global customer service phone numbers” on \
         support.microsoft.com. Ask for the data protection team and say that all administrators are \
         locked out; have the tenant id and the primary domain at hand. It takes days."
            .to_owned(),
    ];
    if cloud != Cloud::Global {
        lines.push(format!(
            "This tenant lives in the cloud `{}`: say so at once, its support is another one.",
            cloud.word()
        ));
    }
    lines.push(format!(
        "Incidents of Microsoft are told without signing in: {}",
        if cloud == Cloud::Global {
            "https://status.cloud.microsoft"
        } else {
            "the page of the cloud"
        }
    ));
    lines
}

/// The moment a page was made, in words.
pub(crate) fn moment(at: jiff::Timestamp) -> String {
    words::moment(at)
}

#[cfg(test)]
mod tests {
    use conditional_access::read_policy;
    use rollout::{Rollout, Snapshot, Tenant};
    use serde_json::json;

    use super::*;

    const ID: &str = "00000000-0000-0000-0000-0000000ca001";

    fn policy(name: &str, id: &str, state: &str) -> Policy {
        read_policy(&json!({"displayName": name, "id": id, "state": state, "conditions": {}}))
            .unwrap()
    }

    fn made(cloud: &str, policies: Option<Vec<Policy>>) -> (Runbook, String) {
        made_for(cloud, policies, &["<b>alpha</b>@ne.onmicrosoft.com"])
    }

    fn made_for(
        cloud: &str,
        policies: Option<Vec<Policy>>,
        accounts: &[&str],
    ) -> (Runbook, String) {
        let mut rollout = Rollout::default();
        rollout.tenant.cloud = cloud.to_owned();
        rollout.break_glass.accounts = accounts.iter().map(|it| (*it).to_owned()).collect();
        let tenant = Tenant {
            id: Some("00000000-0000-0000-0000-000000000001".to_owned()),
            display_name: Some("NE Engineering".to_owned()),
            ..Tenant::default()
        };
        let snapshot = Snapshot { tenant, policies, ..Snapshot::default() };
        let now = "2026-11-24T09:30:00Z".parse().unwrap();
        let facts = Facts::new(&snapshot, None, &rollout, now);
        let page = Runbook::of(&facts, "a test", &moment(now));
        let html = page.html().unwrap();
        (page, html)
    }

    #[test]
    fn the_request_that_takes_ca001_out_of_force() {
        let (page, html) = made("global", Some(vec![policy("CA001 - MFA for all", ID, "enabled")]));
        insta::assert_snapshot!(
            [&page.off[0].request, &page.off[0].powershell, &page.off[0].azure_cli]
                .map(String::as_str)
                .join("\n\n"),
            @r#"
        PATCH https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies/00000000-0000-0000-0000-0000000ca001
        Content-Type: application/json

        {"state": "enabledForReportingButNotEnforced"}

        Connect-MgGraph -Environment Global -TenantId 00000000-0000-0000-0000-000000000001 -Scopes Policy.ReadWrite.ConditionalAccess,Policy.Read.All
        Update-MgIdentityConditionalAccessPolicy -ConditionalAccessPolicyId 00000000-0000-0000-0000-0000000ca001 -State enabledForReportingButNotEnforced

        az cloud set --name AzureCloud
        az login --tenant 00000000-0000-0000-0000-000000000001 --allow-no-subscriptions
        az rest --method patch --url https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies/00000000-0000-0000-0000-0000000ca001 --headers Content-Type=application/json --body '{"state": "enabledForReportingButNotEnforced"}'
        "#
        );
        assert!(html.contains(ID) && html.contains("00000000-0000-0000-0000-000000000001"));
        assert!(!html.contains("<b>alpha"), "a name is text");
    }

    #[test]
    fn each_cloud_has_its_own_addresses() {
        let policies = || Some(vec![policy("CA001 - MFA for all", ID, "enabled")]);
        for (cloud, graph, portal, environment) in [
            ("usgov", "https://graph.microsoft.us/v1.0/", "https://entra.microsoft.us", "USGov "),
            ("dod", "https://dod-graph.microsoft.us/v1.0/", "https://portal.azure.us", "USGovDoD "),
            (
                "china",
                "https://microsoftgraph.chinacloudapi.cn/v1.0/",
                "https://portal.azure.cn",
                "China ",
            ),
        ] {
            let (page, html) = made(cloud, policies());
            assert!(page.off[0].request.contains(graph), "{cloud}");
            assert!(page.off[0].powershell.contains(&format!("-Environment {environment}")));
            assert!(html.contains(portal) && !html.contains("entra.microsoft.com"), "{cloud}");
        }
    }

    /// Somebody types this in a hurry: what is no id stands in no command.
    #[test]
    fn an_id_that_is_none_is_in_no_command_and_policies_that_are_off_are_left_out() {
        let (page, html) = made(
            "global",
            Some(vec![
                policy("CA001 - hostile", "x'; rm -rf ~ #", "enabled"),
                policy(
                    "CA002 - <script>",
                    "00000000-0000-0000-0000-0000000ca002",
                    "enabledForReportingButNotEnforced",
                ),
                policy("CA003 - Off", "00000000-0000-0000-0000-0000000ca003", "disabled"),
            ]),
        );
        assert_eq!(page.off, []);
        assert!(html.contains("No policy CA001 is there yet") && !html.contains("<script>"));
        let listed: Vec<&str> = page.policies.iter().map(|it| it.1).collect();
        assert_eq!(listed, ["On", "Report-only"]);
        let (_, html) = made("global", None);
        assert!(html.contains("No file tells the policies"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let (_, html) = made_for("global", Some(Vec::new()), &[]);
        for said in [
            "none is named yet: both belong under <code>[break_glass]</code> of lockstep.toml",
            "No policy is there that is On or in Report-only.",
        ] {
            assert!(html.contains(said), "{html}");
        }
        let (_, html) = made("global", Some(Vec::new()));
        assert!(!html.contains("none is named yet"), "{html}");
    }
}
