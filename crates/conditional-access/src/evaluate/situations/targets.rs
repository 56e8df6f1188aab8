//! What can be asked for: the administration of the tenant, everything a policy names, and what
//! nobody names.

use std::collections::BTreeSet;

use super::axis::Class;
use crate::evaluate::app::{
    AZURE_AD_GRAPH, AZURE_CLI, AZURE_MANAGEMENT, AZURE_PORTAL, AZURE_POWERSHELL, EXCHANGE,
    GRAPH_TOOLS, MICROSOFT_GRAPH, OFFICE_PORTAL, SHAREPOINT, SKYPE, TEAMS,
};
use crate::evaluate::identifiers::is_id;
use crate::evaluate::target::Request;
use crate::evaluate::why::Why;
use crate::facts::{App, SignIn, Tenant, UserAction};
use crate::policy::Policy;
use crate::truth::Truth;

/// Two applications that stand for all those that no policy names: one that the tenant registered
/// itself, and one of Microsoft's, of which nobody knows to which suites it belongs.
const OWN_APP: &str = "00000000-0000-4000-8000-00000000a001";
const MICROSOFT_APP: &str = "00000000-0000-4000-8000-00000000a002";

/// The tenant, and the application that stands for its unnamed ones.
pub(in crate::evaluate) fn with_apps(tenant: &Tenant) -> Tenant {
    let mut tenant = tenant.clone();
    tenant.apps.push(App { id: OWN_APP.to_owned(), owned: Some(true), groups: None });
    tenant
}

/// What undoing a policy asks for: the portals, in which it is changed (Entra documentation,
/// *Planning for mandatory multifactor authentication*, lists them with Azure command line and
/// PowerShell); Microsoft Graph, through which the portals and scripts change it; the Microsoft 365
/// admin centre, in which people are put into groups and roles; and the registration of security
/// information, without which nobody recovers.
pub(in crate::evaluate) fn administration() -> Vec<Class> {
    let by = |client: &str, resource: &str, name: &str, unusual: u32| {
        of_resource(resource, client, name.to_owned(), unusual)
    };
    let mut registering = SignIn::of_user("");
    registering.resources = Some(Vec::new());
    registering.user_action = Some(UserAction::RegisterSecurityInformation);
    vec![
        by(AZURE_PORTAL, AZURE_PORTAL, "the Azure, Entra and Intune portals", 0),
        by(AZURE_PORTAL, AZURE_MANAGEMENT, "Azure management through the portal", 0),
        by(AZURE_CLI, AZURE_MANAGEMENT, "Azure management through the Azure CLI", 1),
        by(AZURE_POWERSHELL, AZURE_MANAGEMENT, "Azure management through PowerShell", 1),
        directory(AZURE_PORTAL, "the directory through the portal and Microsoft Graph", 0),
        directory(GRAPH_TOOLS, "the directory through Microsoft Graph PowerShell", 1),
        by(OFFICE_PORTAL, OFFICE_PORTAL, "the Microsoft 365 admin centre", 1),
        Class::of(registering, "registering security information".to_owned(), 2),
    ]
}

/// Policies through Microsoft Graph. Graph stands for what lies behind it, and behind policies,
/// groups and roles lies the directory (Entra documentation, *Target resources*, Windows Azure
/// Active Directory).
fn directory(client: &str, name: &str, unusual: u32) -> Class {
    let mut class = of_resource(MICROSOFT_GRAPH, client, name.to_owned(), unusual);
    class.facts.audiences = vec![AZURE_AD_GRAPH.to_owned()];
    class
}

/// Everything the policies can tell apart.
pub(in crate::evaluate) fn every_target(policies: &[Policy]) -> Vec<Class> {
    let mut all = administration();
    let resource = |id: &str, name: String, unusual: u32| of_resource(id, OWN_APP, name, unusual);
    let known = [
        (OWN_APP, "an app of the tenant that no policy names"),
        (MICROSOFT_APP, "a Microsoft app that no policy names"),
        (EXCHANGE, "Exchange Online"),
        (SHAREPOINT, "SharePoint Online"),
        (SKYPE, "Skype for Business Online"),
        (TEAMS, "Microsoft Teams"),
        (AZURE_AD_GRAPH, "Azure AD Graph"),
    ];
    all.extend(known.map(|(id, name)| resource(id, name.to_owned(), 1)));
    let named: BTreeSet<String> = policies
        .iter()
        .flat_map(|it| {
            it.conditions.applications.include.iter().chain(&it.conditions.applications.exclude)
        })
        .filter(|id| is_id(id))
        .map(|id| id.to_ascii_lowercase())
        .filter(|id| known.iter().all(|(known, _)| known != id))
        .collect();
    all.extend(named.iter().map(|id| resource(id, format!("the app `{id}`"), 1)));
    let clients = [(AZURE_PORTAL, "through a portal"), (MICROSOFT_APP, "through a Microsoft app")];
    let resources = known.iter().map(|(id, name)| (*id, (*name).to_owned()));
    let resources =
        resources.chain(named.iter().map(|id| (id.as_str(), format!("the app `{id}`"))));
    for (id, name) in resources {
        for (client, how) in clients {
            all.push(of_resource(id, client, format!("{name} {how}"), 3));
        }
    }
    let contexts: BTreeSet<String> = policies
        .iter()
        .flat_map(|it| &it.conditions.applications.authentication_contexts)
        .map(|it| it.to_ascii_lowercase())
        .collect();
    all.extend(contexts.into_iter().map(|context| {
        let mut class = resource(OWN_APP, format!("the authentication context `{context}`"), 2);
        class.facts.authentication_contexts = Some(vec![context]);
        class
    }));
    all.push({
        let mut class = resource(EXCHANGE, "who the person is, and no more".to_owned(), 2);
        class.facts.scopes = vec!["openid".to_owned(), "User.Read".to_owned()];
        class
    });
    all
}

fn of_resource(id: &str, client: &str, name: String, unusual: u32) -> Class {
    let mut facts = SignIn::of_user("");
    facts.resources = Some(vec![id.to_owned()]);
    facts.client_id = Some(client.to_owned());
    facts.client_confidential = Some(false);
    Class::of(facts, name, unusual)
}

/// Whether the sign-in is the registration of security information.
pub(in crate::evaluate) fn registers(sign_in: &SignIn) -> bool {
    sign_in.user_action == Some(UserAction::RegisterSecurityInformation)
}

/// What the layers beside Conditional Access, and the rules for guests, read of a target.
pub(super) fn administrative(request: &Request, why: &mut Why) -> Vec<Truth> {
    vec![
        request.asks_for(AZURE_PORTAL, why),
        request.asks_for(AZURE_MANAGEMENT, why),
        request.comes_from(AZURE_PORTAL, why),
        request.comes_from(AZURE_CLI, why).or(request.comes_from(AZURE_POWERSHELL, why)),
        request.comes_from(crate::evaluate::app::AZURE_MOBILE_APP, why),
        request.blurs_guests(),
        request.has_resources().into(),
    ]
}
