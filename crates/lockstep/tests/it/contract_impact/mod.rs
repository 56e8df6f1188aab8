//! The contract of `lockstep impact` and `lockstep prove`: small tenants, one for each outcome and
//! each order between two, with what must come out written down by hand.

mod comparing;
mod outcomes;
mod policies;
mod proof;
mod reading;

use std::fs;

use serde_json::{Value, json};

use crate::contract::record;
use crate::contract_tenant::world::{Answer, World, page, row, user};

/// Everybody these tests know.
const NAMES: [&str; 6] = ["alex", "bea", "cleo", "dana", "eli", "fay"];
/// Groups that policies name.
pub(super) const OUTER: &str = "00000000-0000-4000-b000-000000000001";
pub(super) const INNER: &str = "00000000-0000-4000-b000-000000000002";
/// A country of named locations.
pub(super) const HOME: &str = "00000000-0000-4000-c000-000000000001";
const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";

/// Object id of a name.
pub(super) fn id(name: &str) -> String {
    let number = NAMES.iter().position(|it| *it == name).unwrap();
    format!("00000000-0000-4000-a000-{number:012}")
}

/// What the record of one account must say.
pub(super) type Person = (&'static str, &'static str, u64);

/// A tenant, and what is asked of it.
pub(super) struct Tenant {
    users: Vec<Value>,
    rows: Option<Vec<Value>>,
    log: Vec<Value>,
    files: Vec<(String, Value)>,
    proposed: Vec<Value>,
    settings: String,
    arguments: Vec<&'static str>,
}

/// A tenant of these accounts, enabled members who are all capable, without a sign-in. Its methods
/// policy allows everybody Microsoft Authenticator.
pub(super) fn tenant(names: &[&str]) -> Tenant {
    Tenant {
        users: names.iter().map(|name| account(name, json!({}))).collect(),
        rows: Some(names.iter().map(|name| registered(name, json!({}))).collect()),
        log: Vec::new(),
        files: vec![("methods.json".to_owned(), methods("enabled"))],
        proposed: Vec::new(),
        settings: String::new(),
        arguments: Vec::new(),
    }
}

/// An account as the directory shows it.
pub(super) fn account(name: &str, others: Value) -> Value {
    let mut account = user(name, others);
    account["id"] = json!(id(name));
    account
}

/// A row of the registration report.
pub(super) fn registered(name: &str, others: Value) -> Value {
    let mut row = row(name, others);
    row["id"] = json!(id(name));
    row
}

/// The row of somebody who registered nothing.
pub(super) fn unregistered(name: &str) -> Value {
    registered(
        name,
        json!({"isMfaRegistered": false, "isMfaCapable": false, "methodsRegistered": []}),
    )
}

/// The methods policy: every method it knows in one state, for everybody.
pub(super) fn methods(state: &str) -> Value {
    let all = json!([{"targetType": "group", "id": "all_users"}]);
    let method = |id: &str| {
        json!({"@odata.type": format!("#microsoft.graph.{id}AuthenticationMethodConfiguration"),
               "id": id, "state": state, "includeTargets": all, "excludeTargets": []})
    };
    let ids = [
        "MicrosoftAuthenticator",
        "Sms",
        "Voice",
        "SoftwareOath",
        "HardwareOath",
        "Fido2",
        "TemporaryAccessPass",
        "X509Certificate",
        "Email",
    ];
    json!({
        "@odata.context":
            "https://graph.microsoft.com/v1.0/$metadata#policies/authenticationMethodsPolicy/$entity",
        "id": "authenticationMethodsPolicy",
        "authenticationMethodConfigurations": ids.map(method),
    })
}

/// A successful browser sign-in with one factor, to Exchange, from home, and what is different.
pub(super) fn sign_in(name: &str, changes: Value) -> Value {
    let plain = record::graph(json!({
        "userId": id(name), "userPrincipalName": format!("{name}@ne.example"),
        "userDisplayName": name, "createdDateTime": "2026-11-19T08:00:00Z",
        "clientAppUsed": "Browser", "authenticationProtocol": "none",
        "originalTransferMethod": "none", "userAgent": "Mozilla/5.0",
        "appId": "4765445b-32c6-49b0-83e6-1d93765276ca", "appDisplayName": "OfficeHome",
        "resourceId": EXCHANGE, "resourceDisplayName": "Office 365 Exchange Online",
    }));
    record::with(plain, changes)
}

/// Mail by IMAP with a stored password.
pub(super) fn imap(name: &str) -> Value {
    sign_in(name, json!({"clientAppUsed": "IMAP4", "authenticationProtocol": "ropc"}))
}

/// A sign-in in which MFA was passed.
pub(super) fn with_mfa(name: &str) -> Value {
    sign_in(name, json!({"authenticationRequirement": "multiFactorAuthentication"}))
}

/// A sign-in from another country.
pub(super) fn from_abroad(name: &str) -> Value {
    sign_in(name, json!({"location": {"city": "Valencia", "countryOrRegion": "ES"}}))
}

/// A policy for everybody and everything, and what is different.
pub(super) fn policy(name: &str, controls: &[&str], conditions: Value) -> Value {
    let all = json!({
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
    });
    json!({
        "displayName": name, "state": "enabled",
        "conditions": record::with(all, conditions),
        "grantControls": {"operator": "OR", "builtInControls": controls},
    })
}

/// What blocks every country but home.
pub(super) fn blocks_abroad() -> Value {
    let locations = json!({"includeLocations": ["All"], "excludeLocations": [HOME]});
    policy("CA010 - Block other countries", &["block"], json!({"locations": locations}))
}

/// The named location of that policy.
pub(super) fn home() -> Value {
    page(
        "identity/conditionalAccess/namedLocations",
        &[json!({"@odata.type": "#microsoft.graph.countryNamedLocation", "id": HOME,
                 "displayName": "Home", "countriesAndRegions": ["GB"],
                 "includeUnknownCountriesAndRegions": false,
                 "countryLookupMethod": "clientIpAddress"})],
    )
}

/// A group and its members, as `$expand=members` gives them; a name of six is a user.
pub(super) fn group(id: &str, name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members
        .iter()
        .map(|member| match NAMES.contains(member) {
            true => json!({"@odata.type": "#microsoft.graph.user", "id": self::id(member)}),
            false => json!({"@odata.type": "#microsoft.graph.group", "id": member}),
        })
        .collect();
    json!({"id": id, "displayName": name, "securityEnabled": true, "members": members})
}

impl Tenant {
    /// Sign-ins, each with a record id of its own.
    pub(super) fn log(mut self, records: &[Value]) -> Self {
        for record in records {
            let number = self.log.len();
            self.log.push(record::with(record.clone(), json!({"id": format!("r{number}")})));
        }
        self
    }

    /// Another account, or the same with something changed.
    pub(super) fn user(mut self, changed: Value) -> Self {
        self.users.retain(|it| it["id"] != changed["id"]);
        self.users.push(changed);
        self
    }

    /// Another row of the registration report.
    pub(super) fn row(mut self, changed: Value) -> Self {
        let rows = self.rows.get_or_insert_default();
        rows.retain(|it| it["id"] != changed["id"]);
        rows.push(changed);
        self
    }

    /// Without a row for this account.
    pub(super) fn no_row(mut self, name: &str) -> Self {
        self.rows.get_or_insert_default().retain(|it| it["id"] != id(name));
        self
    }

    /// Without the registration report.
    pub(super) fn no_report(mut self) -> Self {
        self.rows = None;
        self
    }

    /// A file of the exports, in the place of one of that name.
    pub(super) fn file(mut self, name: &str, content: Value) -> Self {
        self.files.retain(|(other, _)| other != name);
        self.files.push((name.to_owned(), content));
        self
    }

    /// Without a file of the exports.
    pub(super) fn no_file(mut self, name: &str) -> Self {
        self.files.retain(|(other, _)| other != name);
        self
    }

    /// The tenant's own policies.
    pub(super) fn own(self, policies: &[Value]) -> Self {
        self.file("policies.json", page("identity/conditionalAccess/policies", policies))
    }

    /// A file for `--policy`.
    pub(super) fn policy(mut self, content: Value) -> Self {
        self.proposed.push(content);
        self
    }

    /// Lines of `lockstep.toml`.
    pub(super) fn settings(mut self, text: &str) -> Self {
        self.settings.push_str(text);
        self
    }

    /// Arguments after `impact`.
    pub(super) fn asked(mut self, arguments: &[&'static str]) -> Self {
        self.arguments.extend(arguments);
        self
    }

    /// What the program answers to this verb.
    pub(super) fn answer(&self, verb: &str) -> Answer {
        let mut world = World::new().json("users.json", &page("users", &self.users));
        if let Some(rows) = &self.rows {
            let list = "reports/authenticationMethods/userRegistrationDetails";
            world = world.json("registration.json", &page(list, rows));
        }
        world = world.json("sign-ins.json", &page("auditLogs/signIns", &self.log));
        for (name, content) in &self.files {
            world = world.json(name, content);
        }
        if !self.settings.is_empty() {
            world = world.settings(&self.settings);
        }
        let names: Vec<String> =
            (0..self.proposed.len()).map(|number| format!("proposed-{number}.json")).collect();
        let mut arguments = vec![verb, "--format", "json"];
        for (name, content) in names.iter().zip(&self.proposed) {
            fs::write(world.path().join(name), content.to_string()).unwrap();
            arguments.extend(["--policy", name]);
        }
        arguments.extend(&self.arguments);
        world.run(&arguments)
    }

    /// The document of `lockstep impact`.
    fn impact(&self) -> Value {
        let answer = self.answer("impact");
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        answer.document()
    }

    /// Asserts what becomes of everybody, and what the sign-ins meet: how many there are,
    /// challenged, already satisfied, blocked, not touched, unknown.
    #[track_caller]
    pub(super) fn expect(&self, what: &str, people: &[Person], sign_ins: [u64; 6]) -> Value {
        let document = self.impact();
        assert_eq!(document["schema"], "lockstep.impact/1", "{what}");
        let counts = [
            "ready",
            "must_register",
            "cannot",
            "blocked_legacy",
            "blocked",
            "not_touched",
            "unknown",
        ];
        assert_eq!(document["users"]["total"], people.len(), "{what}: {}", document["users"]);
        for word in counts {
            let expected = people.iter().filter(|(_, outcome, _)| *outcome == word).count();
            assert_eq!(
                document["users"][word], expected,
                "{what}: {word}: {}, {}",
                document["users"], document["people"]
            );
        }
        let words =
            ["total", "challenged", "already_satisfied", "blocked", "not_touched", "unknown"];
        assert_eq!(words.map(|it| document["sign_ins"][it].as_u64().unwrap()), sign_ins, "{what}");
        let mut listed: Vec<Person> = people.to_vec();
        listed.retain(|(_, outcome, _)| !matches!(*outcome, "ready" | "not_touched"));
        listed.sort_unstable();
        let mut said: Vec<(&str, &str, u64)> =
            document["people"].as_array().unwrap().iter().map(person).collect();
        said.sort_unstable();
        assert_eq!(said, listed, "{what}");
        document
    }
}

/// One entry of `people`; each must say why, and what to do about it.
fn person(entry: &Value) -> (&str, &str, u64) {
    for field in ["why", "next"] {
        assert!(entry[field].as_str().is_some_and(|text| text.ends_with('.')), "{field}: {entry}");
    }
    let name = entry["user_principal_name"].as_str().unwrap();
    let name = name.strip_suffix("@ne.example").unwrap_or(name);
    (name, entry["outcome"].as_str().unwrap(), entry["sign_ins"].as_u64().unwrap())
}
