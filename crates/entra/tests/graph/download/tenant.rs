//! A tenant of five people, as Graph shows it.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::support::{Reply, Scripted, Sent};

/// Objects on a page.
const PAGE: usize = 2;

/// What goes wrong with requests whose address holds a text.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    holds: &'static str,
    status: u16,
    code: &'static str,
    /// Only from this page on.
    page: usize,
    /// Only after so many such requests.
    after: usize,
    /// Only so often.
    times: usize,
}

impl Rule {
    pub(crate) fn refuse(holds: &'static str, status: u16, code: &'static str) -> Self {
        Self { holds, status, code, page: 1, after: 0, times: usize::MAX }
    }

    pub(crate) fn on_page(self, page: usize) -> Self {
        Self { page, ..self }
    }

    pub(crate) fn after(self, after: usize) -> Self {
        Self { after, ..self }
    }

    pub(crate) fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }
}

/// The tenant.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    rules: Vec<Rule>,
    lost_after: usize,
    people: usize,
    policies: usize,
    applied: &'static str,
    gives_token: bool,
}

impl Tenant {
    pub(crate) fn ne() -> Self {
        Self {
            rules: Vec::new(),
            lost_after: usize::MAX,
            people: 0,
            policies: 1,
            applied: "[]",
            gives_token: true,
        }
    }

    pub(crate) fn with(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Cannot be reached after so many requests.
    pub(crate) fn lost_after(self, requests: usize) -> Self {
        Self { lost_after: requests, ..self }
    }

    /// With so many people more.
    pub(crate) fn of_many(self, people: usize) -> Self {
        Self { people, ..self }
    }

    pub(crate) fn with_two_policies(self) -> Self {
        Self { policies: PAGE + 1, ..self }
    }

    /// How sign-ins show the policies applied.
    pub(crate) fn applied_policies(self, applied: &'static str) -> Self {
        Self { applied, ..self }
    }

    pub(crate) fn without_token(self) -> Self {
        Self { gives_token: false, ..self }
    }

    pub(crate) fn transport(&self) -> Scripted {
        let tenant = self.clone();
        let seen: Vec<Rc<Cell<usize>>> = self.rules.iter().map(|_| Rc::default()).collect();
        let mut requests = 0;
        Scripted::raw(move |sent| {
            if sent.asks_for_token() {
                return if tenant.gives_token {
                    Reply::token("t", 3_599)
                } else {
                    Reply::json(401, json!({"error": "invalid_client", "error_codes": [7000215]}))
                };
            }
            requests += 1;
            if requests > tenant.lost_after {
                return Reply::NotSent;
            }
            tenant.answer(sent, &seen)
        })
    }

    fn answer(&self, sent: &Sent, seen: &[Rc<Cell<usize>>]) -> Reply {
        if !sent.path.ends_with("/$batch") {
            let (status, body) = self.one(&format!("{}?{}", sent.path, sent.query), seen);
            return Reply::json(status, body);
        }
        let version = sent.path.trim_end_matches("/$batch");
        let requests = sent.json()["requests"].as_array().unwrap().clone();
        let responses: Vec<Value> = requests
            .iter()
            .map(|item| {
                let url = item["url"].as_str().unwrap();
                let (status, body) = self.one(&format!("{version}{url}"), seen);
                json!({"id": item["id"], "status": status, "headers": {}, "body": body})
            })
            .collect();
        Reply::json(200, json!({"responses": responses}))
    }

    fn one(&self, address: &str, seen: &[Rc<Cell<usize>>]) -> (u16, Value) {
        let plain = percent(address);
        let (path, query) = plain.split_once('?').unwrap_or((&plain, ""));
        let page = query.split("$skiptoken=").nth(1);
        let page: usize = page.map_or(1, |it| it.split('&').next().unwrap().parse().unwrap());
        let mut whole = format!("{path}?{query}");
        if !query.contains("signInActivity") && page > 1 && query.contains("activity=yes") {
            whole.push_str("signInActivity");
        }
        for (rule, seen) in self.rules.iter().zip(seen) {
            if !whole.contains(rule.holds) || page < rule.page {
                continue;
            }
            let before = seen.replace(seen.get() + 1);
            if before >= rule.after && before - rule.after < rule.times {
                let error = json!({"error": {"code": rule.code, "message": "said the script"}});
                return (rule.status, error);
            }
        }
        let Some((context, objects)) = self.objects(path, &whole) else {
            let Some(object) = self.object(path) else {
                let error = json!({"error": {"code": "ResourceNotFound", "message": "none"}});
                return (404, error);
            };
            return (200, object);
        };
        let rest = objects.iter().skip((page - 1) * PAGE);
        let value: Vec<&Value> = rest.take(PAGE).collect();
        let mut body = json!({
            "@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{context}"),
            "value": value,
        });
        if objects.len() > page * PAGE {
            let activity = if whole.contains("signInActivity") { "&activity=yes" } else { "" };
            let kind = if whole.contains("nonInteractive") { "&kind=nonInteractive" } else { "" };
            body["@odata.nextLink"] = json!(format!(
                "https://graph.microsoft.com{path}?$skiptoken={}{activity}{kind}",
                page + 1
            ));
        }
        (200, body)
    }

    fn users(&self, activity: bool) -> Vec<Value> {
        let named = ["ann", "ben", "adm", "bg1", "old"].map(str::to_owned);
        let more = (0..self.people).map(|number| format!("p{number:03}"));
        named
            .into_iter()
            .chain(more)
            .map(|name| {
                let mut user = json!({
                    "id": format!("id-{name}"),
                    "userPrincipalName": format!("{name}@ne.example"),
                    "displayName": name,
                    "mail": if name == "bg1" { Value::Null } else { json!(format!("{name}@ne.example")) },
                    "accountEnabled": name != "old",
                    "userType": "Member",
                    "jobTitle": null,
                });
                if activity {
                    user["signInActivity"] = json!({"lastSignInDateTime": "2026-11-20T08:00:00Z"});
                }
                user
            })
            .collect()
    }

    /// The list of a path, with what its context names.
    fn objects(&self, path: &str, whole: &str) -> Option<(&'static str, Vec<Value>)> {
        let after_version = path.trim_start_matches("/v1.0").trim_start_matches("/beta");
        let member = |name: &str| {
            json!({
                "@odata.type": "#microsoft.graph.user",
                "id": format!("id-{name}"),
                "userPrincipalName": format!("{name}@ne.example"),
            })
        };
        Some(match after_version {
            "/organization" => ("organization", vec![json!({"id": "t", "displayName": "NE", "verifiedDomains": []})]),
            "/domains" => (
                "domains",
                vec![json!({"id": "ne.example", "authenticationType": "Managed", "isDefault": true, "isVerified": true})],
            ),
            "/subscribedSkus" => (
                "subscribedSkus",
                vec![json!({"skuId": "s", "skuPartNumber": "P", "capabilityStatus": "Enabled", "servicePlans": []})],
            ),
            "/users" => ("users", self.users(whole.contains("signInActivity"))),
            "/groups" => (
                "groups",
                ["Everybody", "Empty", "Admins", "Pilot"]
                    .map(|name| {
                        json!({
                            "id": format!("g-{name}"),
                            "displayName": name,
                            "groupTypes": [],
                            "securityEnabled": true,
                            "membershipRule": null,
                        })
                    })
                    .to_vec(),
            ),
            "/groups/g-everybody/members" => ("directoryObjects", ["ann", "ben", "old"].map(member).to_vec()),
            "/groups/g-admins/members" => ("directoryObjects", vec![member("adm")]),
            "/groups/g-empty/members" | "/groups/g-pilot/members" => ("directoryObjects", Vec::new()),
            "/roleManagement/directory/roleDefinitions" => (
                "roleManagement/directory/roleDefinitions",
                vec![json!({"id": "ga", "templateId": "ga", "displayName": "Global Administrator", "isBuiltIn": true})],
            ),
            "/roleManagement/directory/roleAssignments" => (
                "roleManagement/directory/roleAssignments",
                vec![json!({"id": "a", "roleDefinitionId": "ga", "principalId": "g-admins", "directoryScopeId": "/"})],
            ),
            "/roleManagement/directory/roleAssignmentScheduleInstances" => (
                "roleManagement/directory/roleAssignmentScheduleInstances",
                vec![json!({"id": "b", "roleDefinitionId": "ga", "principalId": "g-admins",
                    "directoryScopeId": "/", "assignmentType": "Assigned", "endDateTime": null})],
            ),
            "/roleManagement/directory/roleEligibilityScheduleInstances" => {
                ("roleManagement/directory/roleEligibilityScheduleInstances", Vec::new())
            }
            "/directory/administrativeUnits" => (
                "directory/administrativeUnits",
                vec![json!({"id": "u", "displayName": "UK", "membershipRule": null})],
            ),
            "/devices" => ("devices", vec![json!({"id": "d", "displayName": "laptop"})]),
            "/reports/authenticationMethods/userRegistrationDetails" => (
                "reports/authenticationMethods/userRegistrationDetails",
                vec![
                    json!({"id": "id-ann", "userPrincipalName": "ann@ne.example", "isMfaCapable": true}),
                    json!({"id": "id-ben", "userPrincipalName": "ben@ne.example", "isMfaCapable": false}),
                    json!({"id": "id-adm", "userPrincipalName": "adm@ne.example", "isMfaCapable": true}),
                ],
            ),
            "/auditLogs/directoryAudits" => ("auditLogs/directoryAudits", Vec::new()),
            "/auditLogs/signIns" => ("auditLogs/signIns", self.sign_ins()),
            "/identity/conditionalAccess/policies" => (
                "identity/conditionalAccess/policies",
                (0..self.policies)
                    .map(|id| json!({"id": format!("p{id}"), "displayName": "P", "state": "enabled", "conditions": {}}))
                    .collect(),
            ),
            "/identity/conditionalAccess/namedLocations" => {
                ("identity/conditionalAccess/namedLocations", Vec::new())
            }
            "/identityProtection/riskyUsers" => ("identityProtection/riskyUsers", Vec::new()),
            "/policies/authenticationStrengthPolicies" => (
                "policies/authenticationStrengthPolicies",
                vec![json!({"id": "x", "displayName": "MFA", "allowedCombinations": ["fido2"]})],
            ),
            "/admin/serviceAnnouncement/issues" => ("admin/serviceAnnouncement/issues", Vec::new()),
            "/security/alerts_v2" => ("security/alerts_v2", vec![json!({"id": "al", "severity": "low"})]),
            "/deviceManagement/managedDevices" => (
                "deviceManagement/managedDevices",
                vec![json!({"id": "m", "userPrincipalName": "ann@ne.example", "deviceName": "laptop"})],
            ),
            "/places/microsoft.graph.room" => (
                "places/microsoft.graph.room",
                vec![json!({"id": "r", "displayName": "Boardroom"})],
            ),
            "/users/id-ben/authentication/methods" => (
                "users('id-ben')/authentication/methods",
                vec![json!({"@odata.type": "#microsoft.graph.phoneAuthenticationMethod", "id": "1"})],
            ),
            other if other.ends_with("/authentication/methods") => ("methods", Vec::new()),
            _ => return None,
        })
    }

    fn sign_ins(&self) -> Vec<Value> {
        (0..3)
            .map(|id| {
                let mut row =
                    json!({"id": format!("s{id}"), "createdDateTime": "2026-11-21T08:00:00Z"});
                if self.applied != "left out" {
                    row["appliedConditionalAccessPolicies"] =
                        serde_json::from_str(self.applied).unwrap();
                }
                row
            })
            .collect()
    }

    fn object(&self, path: &str) -> Option<Value> {
        Some(match path.trim_start_matches("/v1.0").trim_start_matches("/beta") {
            "/policies/authenticationMethodsPolicy" => json!({
                "id": "authenticationMethodsPolicy",
                "policyMigrationState": "migrationComplete",
                "authenticationMethodConfigurations": [],
            }),
            "/policies/identitySecurityDefaultsEnforcementPolicy" => json!({
                "id": "00000000-0000-0000-0000-000000000005",
                "displayName": "Security Defaults",
                "isEnabled": false,
            }),
            "/policies/crossTenantAccessPolicy/default" => {
                json!({"isServiceDefault": true, "inboundTrust": {"isMfaAccepted": false}})
            }
            "/policies/deviceRegistrationPolicy" => {
                json!({"id": "deviceRegistrationPolicy", "multiFactorAuthConfiguration": "required"})
            }
            other if other.ends_with("/authentication/requirements") => {
                json!({"perUserMfaState": "disabled"})
            }
            "/users/id-ben/mailboxSettings/userPurpose" => json!({"value": "shared"}),
            other if other.ends_with("/userPurpose") => json!({"value": "user"}),
            _ => return None,
        })
    }
}

fn percent(text: &str) -> String {
    let pairs = [
        ("%20", " "),
        ("%27", "'"),
        ("%28", "("),
        ("%29", ")"),
        ("%2C", ","),
        ("%3D", "="),
        ("%2F", "/"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
