//! A small tenant by hand, and somebody who asks.

use http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use twin::documents::Collection;
use twin::world::{Change, Initiator};
use twin::{Registration, Reply, Scenario, Service, World};

pub(crate) const ROOT: &str = "http://127.0.0.1:7341";
pub(crate) const APP: &str = "6a7f0c2e-0f0b-4f0e-9a59-5a3f6c1d0001";
pub(crate) const SECRET: &str = "not-a-real-secret";
pub(crate) const P2: &str = "eec0eb4f-6444-4f95-aba0-50c24d67f998";
pub(crate) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Everything lockstep reads and writes with.
pub(crate) const PERMISSIONS: [&str; 24] = [
    "AuditLog.Read.All",
    "Policy.Read.All",
    "Policy.Read.AuthenticationMethod",
    "UserAuthenticationMethod.Read.All",
    "User.Read.All",
    "GroupMember.Read.All",
    "RoleManagement.Read.Directory",
    "RoleEligibilitySchedule.Read.Directory",
    "LicenseAssignment.Read.All",
    "Organization.Read.All",
    "Domain.Read.All",
    "MailboxSettings.Read",
    "SecurityAlert.Read.All",
    "ServiceHealth.Read.All",
    "Directory.Read.All",
    "Policy.ReadWrite.ConditionalAccess",
    "Application.Read.All",
    "Policy.ReadWrite.AuthenticationMethod",
    "Policy.ReadWrite.SecurityDefaults",
    "Group.ReadWrite.All",
    "User.ReadWrite.All",
    "UserAuthenticationMethod.ReadWrite.All",
    "User.RevokeSessions.All",
    "Mail.Send",
];

pub(crate) fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

pub(crate) fn start() -> Timestamp {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

pub(crate) fn user(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

pub(crate) fn group(number: usize) -> String {
    format!("00000000-0000-4000-9000-{number:012}")
}

/// A firm, with twelve people more, three groups one within the other, one administrator, one policy.
pub(crate) fn world(plan: &str) -> World {
    let scenario = Scenario { people: 20, seed: 1, now: start(), day: 0, history_days: 30 };
    let mut all = World::new(&scenario);
    let by = Initiator { name: "lockstep".to_owned(), is_app: true };
    for number in 1..=12 {
        let before = start() - SignedDuration::from_hours(1000);
        all.change(Change::Create(Collection::Users, person(number)), &by, before);
    }
    let skus: Vec<String> = all
        .documents
        .list(&Collection::SubscribedSkus, start())
        .map(|(id, _)| id.to_owned())
        .collect();
    for id in skus {
        let before = start() - SignedDuration::from_hours(999);
        all.documents.delete(&Collection::SubscribedSkus, &id, before);
    }
    let mut put = |within: Collection, value: Value| {
        let id = value["id"].as_str().unwrap().to_owned();
        let before = start() - SignedDuration::from_hours(1000);
        all.documents.put(within, &id, map(value), before);
    };
    put(
        Collection::SubscribedSkus,
        json!({"id": "sku", "capabilityStatus": "Enabled",
            "servicePlans": [{"servicePlanId": plan, "servicePlanName": "AAD_PREMIUM_P2"}]}),
    );
    for number in 1..=3 {
        put(
            Collection::Groups,
            json!({"id": group(number), "displayName": format!("Group {number}"),
                "securityEnabled": true, "groupTypes": [], "isAssignableToRole": number == 3}),
        );
    }
    for (within, id, kind) in [
        (1, user(1), "user"),
        (1, group(2), "group"),
        (2, user(2), "user"),
        (2, user(1), "user"),
        (2, group(1), "group"),
        (3, user(7), "user"),
    ] {
        let entry = json!({"id": id, "@odata.type": format!("#microsoft.graph.{kind}")});
        put(Collection::GroupMembers(group(within)), entry);
    }
    put(
        Collection::RoleAssignments,
        json!({"id": "assignment-1", "principalId": user(7),
            "roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/"}),
    );
    put(
        Collection::SecurityDefaults,
        json!({"id": "00000000-0000-0000-0000-000000000005", "displayName": "Security Defaults",
            "isEnabled": false}),
    );
    put(
        Collection::Policies,
        policy("p1", "Require MFA for pilot", "enabledForReportingButNotEnforced"),
    );
    put(
        Collection::NamedLocations,
        json!({"id": "l1", "@odata.type": "#microsoft.graph.ipNamedLocation",
            "displayName": "Works", "isTrusted": true,
            "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange",
                "cidrAddress": "192.0.2.0/24"}]}),
    );
    for (id, kind) in [
        ("28c10230-6103-485e-b985-444c60001490", "password"),
        ("3179e48a-750b-4051-897c-87b9720928f7", "phone"),
        ("m1", "microsoftAuthenticator"),
    ] {
        let method = json!({"id": id,
            "@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethod")});
        put(Collection::AuthenticationMethods(user(1)), method);
    }
    for number in 1..=3 {
        put(
            Collection::DirectoryAudits,
            json!({"id": format!("audit-{number}"), "category": "UserManagement",
                "activityDateTime": format!("2026-11-20T07:0{number}:00Z"),
                "activityDisplayName": "User registered security info"}),
        );
    }
    all
}

fn person(number: usize) -> Map<String, Value> {
    map(json!({"id": user(number), "displayName": format!("Person {number:02}"),
        "userPrincipalName": format!("person{number:02}@ne.example"),
        "mail": format!("person{number:02}@ne.example"), "accountEnabled": number != 3,
        "userType": if number == 12 { "Guest" } else { "Member" },
        "businessPhones": [], "department": "Wages", "assignedLicenses": [],
        "manager": {"id": user(1)}, "mailboxSettings": {"userPurpose": "user"}}))
}

pub(crate) fn policy(id: &str, name: &str, state: &str) -> Value {
    json!({"id": id, "displayName": name, "state": state, "templateId": null,
        "conditions": {"users": {"includeUsers": ["All"], "excludeUsers": []},
            "applications": {"includeApplications": ["All"], "includeUserActions": []},
            "clientAppTypes": ["all"]},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}, "sessionControls": null})
}

/// Somebody who asks, with a clock.
pub(crate) struct Asker {
    pub(crate) service: Service,
    pub(crate) now: Timestamp,
    pub(crate) token: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Came {
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or("")
    }

    pub(crate) fn rows(&self) -> &[Value] {
        self.body["value"].as_array().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn next(&self) -> Option<&str> {
        self.body["@odata.nextLink"].as_str()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|it| it.to_str().unwrap())
    }
}

impl Asker {
    pub(crate) fn new() -> Self {
        Self::with(P2, &PERMISSIONS)
    }

    pub(crate) fn with(plan: &str, permissions: &[&str]) -> Self {
        let mut service = Service::new(world(plan), ROOT);
        service.registrations.push(Registration {
            client_id: APP.to_owned(),
            name: "lockstep".to_owned(),
            secrets: vec![SECRET.to_owned()],
            certificates: Vec::new(),
            permissions: permissions.iter().map(|&it| it.to_owned()).collect(),
        });
        let mut asker = Self { service, now: start(), token: String::new(), headers: Vec::new() };
        asker.sign_in();
        asker
    }

    /// The tenant's id.
    pub(crate) fn tenant(&self) -> String {
        let organization = self.service.world.item(&Collection::Organization, 0, self.now).unwrap();
        organization["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn sign_in(&mut self) {
        let tenant = self.tenant();
        let form = format!(
            "grant_type=client_credentials&client_id={APP}&client_secret={SECRET}&scope={ROOT}/.default"
        );
        let came = self.form(&format!("/{tenant}/oauth2/v2.0/token"), &form);
        assert_eq!(came.status, 200, "{came:?}");
        self.token = came.body["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) fn form(&mut self, path: &str, form: &str) -> Came {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.as_bytes().to_vec())
            .unwrap();
        self.whole(&request)
    }

    pub(crate) fn whole(&mut self, request: &Request<Vec<u8>>) -> Came {
        match self.service.answer(request, self.now) {
            Reply::Answer(response, _) => {
                let body = response.body();
                let body = if body.is_empty() {
                    Value::Null
                } else {
                    serde_json::from_slice(body).unwrap()
                };
                Came {
                    status: response.status().as_u16(),
                    headers: response.headers().clone(),
                    body,
                }
            }
            other => panic!("{other:?} for {} {}", request.method(), request.uri()),
        }
    }

    pub(crate) fn request(
        &self,
        method: &str,
        target: &str,
        body: Option<&Value>,
    ) -> Request<Vec<u8>> {
        let target = target.replace(' ', "%20");
        let target = target.strip_prefix(ROOT).unwrap_or(&target);
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        request.body(body.map_or(Vec::new(), |it| it.to_string().into_bytes())).unwrap()
    }

    pub(crate) fn send(&mut self, method: &str, target: &str, body: Option<Value>) -> Came {
        let request = self.request(method, target, body.as_ref());
        self.whole(&request)
    }

    pub(crate) fn get(&mut self, target: &str) -> Came {
        self.send("GET", target, None)
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }
}
