//! Applications that stand for others.

use std::collections::BTreeMap;

use super::why::Why;
use crate::facts::{App, AppGroup, Tenant};
use crate::outcome::Fact;
use crate::truth::Truth;

pub(super) const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";
pub(super) const SHAREPOINT: &str = "00000003-0000-0ff1-ce00-000000000000";
pub(super) const SKYPE: &str = "00000004-0000-0ff1-ce00-000000000000";
const VIVA_ENGAGE: &str = "00000005-0000-0ff1-ce00-000000000000";
/// The Office portal, and in it the Microsoft 365 admin centre.
pub(super) const OFFICE_PORTAL: &str = "00000006-0000-0ff1-ce00-000000000000";
pub(super) const TEAMS: &str = "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe";
pub(super) const MICROSOFT_GRAPH: &str = "00000003-0000-0000-c000-000000000000";
pub(super) const AZURE_AD_GRAPH: &str = "00000002-0000-0000-c000-000000000000";
pub(super) const AZURE_MANAGEMENT: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
/// The Azure portal, and the Entra and Intune admin centres.
pub(super) const AZURE_PORTAL: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";
pub(super) const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
pub(super) const AZURE_POWERSHELL: &str = "1950a258-227b-4e31-a9cf-717495945fc2";
/// Microsoft Graph Command Line Tools: Microsoft Graph PowerShell (*Verify first-party Microsoft
/// applications in sign-in reports*).
pub(super) const GRAPH_TOOLS: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
pub(super) const AZURE_MOBILE_APP: &str = "0c1307d4-29d6-4389-a11c-5cbe7f65d7fa";
pub(super) const DEVICE_REGISTRATION: &str = "01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9";
const INTUNE_ENROLLMENT: &str = "d4ebce55-015a-49b5-a083-c84d1797ae8c";

/// What targeting Azure management covers as well (*Target resources*, Windows Azure Service
/// Management API): the portal, Data Lake, Application Insights and Log Analytics.
const AZURE_MANAGEMENT_COVERS: [&str; 4] = [
    AZURE_PORTAL,
    "e9f49c6b-5ce5-44c8-925d-015017e9f7ad",
    "f5c26e74-f226-4ae8-85f0-b4af0080ac9e",
    "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5",
];

/// Members of the suite of which the id is known (*Apps included in Conditional Access Office 365
/// app suite* names over a hundred, without ids).
const OFFICE_365: [&str; 6] = [EXCHANGE, SHAREPOINT, SKYPE, VIVA_ENGAGE, OFFICE_PORTAL, TEAMS];
const NOT_OFFICE_365: [&str; 4] =
    [AZURE_MANAGEMENT, AZURE_AD_GRAPH, DEVICE_REGISTRATION, INTUNE_ENROLLMENT];
const NOT_A_PORTAL: [&str; 4] = [EXCHANGE, SHAREPOINT, TEAMS, AZURE_AD_GRAPH];

/// Services that other resources bring along from the start (*Service dependencies*, early-bound).
const TEAMS_BRINGS: [&str; 3] = [EXCHANGE, SHAREPOINT, SKYPE];

/// True when naming one application covers the other.
pub(super) fn covers(named: &str, app: &str) -> bool {
    named == app || (named == AZURE_MANAGEMENT && AZURE_MANAGEMENT_COVERS.contains(&app))
}

/// What a resource brings along.
pub(super) fn brings(app: &str) -> &'static [&'static str] {
    if app == TEAMS { &TEAMS_BRINGS } else { &[] }
}

/// What the tenant tells of its applications.
#[derive(Debug, Default)]
pub(super) struct Apps(BTreeMap<String, App>);

impl Apps {
    pub(super) fn of(tenant: &Tenant) -> Self {
        Self(tenant.apps.iter().map(|app| (app.id.to_ascii_lowercase(), app.clone())).collect())
    }

    /// Whether the application belongs to the group. What the tenant tells decides, else the ids
    /// that are known; of any other nobody can say, the groups grow.
    pub(super) fn in_group(&self, group: AppGroup, app: &str, why: &mut Why) -> Truth {
        if let Some(known) = self.0.get(app) {
            if let Some(groups) = &known.groups {
                return groups.contains(&group).into();
            }
            if known.owned == Some(true) {
                return Truth::False;
            }
        }
        let (members, outsiders): (&[&str], &[&str]) = match group {
            AppGroup::Office365 => (&OFFICE_365, &NOT_OFFICE_365),
            AppGroup::MicrosoftAdminPortals => (&[AZURE_PORTAL], &NOT_A_PORTAL),
        };
        if members.contains(&app) {
            Truth::True
        } else if outsiders.contains(&app) {
            Truth::False
        } else {
            why.unknown(|| Fact::AppGroup(group, app.to_owned()))
        }
    }
}
