//! What an operator would have done until a day of the rollout, done in history.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::calendar::Day;
use super::chance::Chance;
use super::deeds::{Device, Errand, security_key};
use super::object::object;
use super::tenant::{GLOBAL_ADMINISTRATOR, SYNCHRONISATION};
use super::{Change, Initiator, Scenario, World};
use crate::documents::Collection;

/// The display name of the group every policy excludes.
pub(super) const BREAK_GLASS_GROUP: &str = "Break-glass accounts";
/// Names of the two accounts, in front of the initial domain.
const BREAK_GLASS: [&str; 2] = ["svc-emergency-alpha", "svc-emergency-bravo"];

/// The steps, by day of the rollout and second of the day.
const STEPS: [(u32, u32, Step); 6] = [
    (1, 34_200, Step::BreakGlass),
    (2, 36_000, Step::ReportOnly),
    (3, 32_400, Step::Campaign),
    (17, 34_200, Step::Pilot),
    (18, 37_800, Step::BreakGlassTest),
    (20, 33_300, Step::Enforce),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    BreakGlass,
    ReportOnly,
    Campaign,
    Pilot,
    BreakGlassTest,
    Enforce,
}

impl World {
    /// Lets history happen up to the scenario's time.
    pub(crate) fn act_out(&mut self, scenario: &Scenario) {
        let today = Day::of(scenario.now);
        for (day, second, step) in STEPS {
            let Some(back) = scenario.day.checked_sub(day) else { continue };
            let mut date = today;
            for _ in 0..back {
                date = date.before().unwrap_or(date);
            }
            let at = date.at(second);
            if at <= scenario.now {
                self.live_until(at);
                self.step(step, at);
            }
        }
        self.live_until(scenario.now);
    }

    fn step(&mut self, step: Step, at: Timestamp) {
        match step {
            Step::BreakGlass => self.break_glass(at),
            Step::ReportOnly => {
                let policy = self.block_legacy("enabledForReportingButNotEnforced", at);
                self.do_it(Change::Create(Collection::Policies, policy), at);
            }
            Step::Campaign => {
                let state = json!({"registrationEnforcement":
                    {"authenticationMethodsRegistrationCampaign":
                        {"state": "enabled", "snoozeDurationInDays": 1}}});
                let id = "authenticationMethodsPolicy".to_owned();
                self.do_it(Change::Patch(Collection::MethodsPolicy, id, object(state)), at);
            }
            // Beside security defaults no policy can be on: it reports until they are off.
            Step::Pilot => {
                let policy = self.pilot(at);
                self.do_it(Change::Create(Collection::Policies, policy), at);
            }
            Step::BreakGlassTest => self.drill(at),
            Step::Enforce => self.enforce(at),
        }
    }

    fn operator(&self) -> Initiator {
        Initiator { name: "lockstep".to_owned(), is_app: true }
    }

    fn do_it(&mut self, change: Change, at: Timestamp) {
        let operator = self.operator();
        self.change(change, &operator, at);
    }

    fn drawn_id(&self, purpose: &str) -> String {
        Chance::of(self.seed).for_purpose("rollout").for_purpose(purpose).guid().to_string()
    }

    fn break_glass(&mut self, at: Timestamp) {
        let group = self.drawn_id(BREAK_GLASS_GROUP);
        let mut made = object(super::found::group(
            &group,
            BREAK_GLASS_GROUP,
            "Excluded from every policy.",
            None,
        ));
        made.insert("isAssignableToRole".to_owned(), json!(true));
        made.insert("createdDateTime".to_owned(), json!(super::object::time(at)));
        self.do_it(Change::Create(Collection::Groups, made), at);
        for local in BREAK_GLASS {
            let id = self.drawn_id(local);
            let name = format!("{local}@{}", self.settings.initial_domain);
            let user = json!({
                "id": id,
                "accountEnabled": true,
                "displayName": local,
                "mailNickname": local,
                "userPrincipalName": name,
                "passwordPolicies": "DisablePasswordExpiration",
                "usageLocation": null,
            });
            self.do_it(Change::Create(Collection::Users, object(user)), at);
            let member = json!({
                "@odata.type": "#microsoft.graph.user",
                "id": id,
                "displayName": local,
                "userPrincipalName": name,
            });
            let within = Collection::GroupMembers(group.clone());
            self.do_it(Change::Create(within, object(member.clone())), at);
            let assignment = self.drawn_id(&format!("{local} role"));
            let mut role =
                object(super::tenant::role_assignment(&assignment, GLOBAL_ADMINISTRATOR, &id, "/"));
            role.insert("principal".to_owned(), member);
            self.do_it(Change::Create(Collection::RoleAssignments, role), at);
            // A key each: Microsoft's portals ask these accounts for MFA, too.
            let key = security_key(&self.drawn_id(&format!("{local} key")), at);
            self.do_it(Change::Create(Collection::AuthenticationMethods(id), object(key)), at);
        }
    }

    /// Both accounts sign in once, planned.
    fn drill(&mut self, at: Timestamp) {
        for (nth, local) in BREAK_GLASS.into_iter().enumerate() {
            let name = format!("{local}@{}", self.settings.initial_domain);
            let Some(account) = self.account_named(&name, at) else { continue };
            let second = i64::try_from(nth).unwrap_or(0) * 420;
            let when = at.as_second() + second;
            if let Some(person) = self.people.get_mut(account) {
                person.errands.push(Errand { second: when, with: Device::Unenrolled });
                person.never_seen = false;
            }
        }
        self.cache.forget();
    }

    fn conditions(&self, users: &Value, clients: &[&str]) -> Value {
        let group = self.drawn_id(BREAK_GLASS_GROUP);
        let mut all = json!({
            "includeUsers": [], "excludeUsers": [], "includeGroups": [],
            "excludeGroups": [group], "includeRoles": [],
            // The account of directory synchronisation cannot answer a challenge.
            "excludeRoles": if clients == ["all"] { json!([SYNCHRONISATION]) } else { json!([]) },
            "includeGuestsOrExternalUsers": null, "excludeGuestsOrExternalUsers": null,
        });
        if let (Some(all), Some(users)) = (all.as_object_mut(), users.as_object()) {
            super::object::merge(all, users);
        }
        json!({
            "userRiskLevels": [], "signInRiskLevels": [], "servicePrincipalRiskLevels": [],
            "insiderRiskLevels": null, "agentIdRiskLevels": null,
            "clientAppTypes": clients,
            "platforms": null, "locations": null, "times": null, "deviceStates": null,
            "devices": null, "clientApplications": null, "authenticationFlows": null,
            "applications": {
                "includeApplications": ["All"], "excludeApplications": [],
                "includeUserActions": [], "includeAuthenticationContextClassReferences": [],
                "applicationFilter": null,
            },
            "users": all,
        })
    }

    fn policy(
        &self,
        name: &str,
        state: &str,
        conditions: Value,
        control: &str,
        at: Timestamp,
    ) -> Map<String, Value> {
        object(json!({
            "id": self.drawn_id(control),
            "templateId": null,
            "displayName": name,
            "createdDateTime": super::object::time(at),
            "modifiedDateTime": null,
            "state": state,
            "partialEnablementStrategy": null,
            "sessionControls": null,
            "conditions": conditions,
            "grantControls": {
                "operator": "OR",
                "builtInControls": [control],
                "customAuthenticationFactors": [],
                "termsOfUse": [],
                "authenticationStrength": null,
            },
        }))
    }

    fn block_legacy(&self, state: &str, at: Timestamp) -> Map<String, Value> {
        let conditions =
            self.conditions(&json!({"includeUsers": ["All"]}), &["exchangeActiveSync", "other"]);
        self.policy("CA000 - Block legacy authentication", state, conditions, "block", at)
    }

    fn pilot(&self, at: Timestamp) -> Map<String, Value> {
        let groups = self.documents.list(&Collection::Groups, at);
        let team = groups
            .filter(|(_, group)| super::object::text(group, "displayName") == Some("IT team"))
            .map(|(id, _)| id.to_owned())
            .next();
        let users = json!({"includeGroups": team.into_iter().collect::<Vec<String>>()});
        let conditions = self.conditions(&users, &["all"]);
        let state = if self.security_defaults_are_on(at) {
            "enabledForReportingButNotEnforced"
        } else {
            "enabled"
        };
        self.policy("CA001 - Require MFA - Pilot", state, conditions, "mfa", at)
    }

    pub(crate) fn security_defaults_are_on(&self, at: Timestamp) -> bool {
        let mut found = self.documents.list(&Collection::SecurityDefaults, at);
        let is_on = found.next().and_then(|(_, it)| it.get("isEnabled")).and_then(Value::as_bool);
        is_on == Some(true)
    }

    /// Security defaults off, then legacy clients blocked, then MFA for everybody, within seconds.
    fn enforce(&mut self, at: Timestamp) {
        let second = |seconds: i64| {
            at.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(at)
        };
        let off = object(json!({"isEnabled": false}));
        let id = "00000000-0000-0000-0000-000000000005".to_owned();
        self.do_it(Change::Patch(Collection::SecurityDefaults, id, off), second(0));
        let on = object(json!({"state": "enabled"}));
        let legacy = self.drawn_id("block");
        self.do_it(Change::Patch(Collection::Policies, legacy, on), second(2));
        let everybody = object(json!({
            "displayName": "CA001 - Require MFA - All users",
            "state": "enabled",
            "conditions": {"users": {"includeUsers": ["All"], "includeGroups": []}},
        }));
        let pilot = self.drawn_id("mfa");
        self.do_it(Change::Patch(Collection::Policies, pilot, everybody), second(4));
    }
}
