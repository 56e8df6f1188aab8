//! Founding a tenant: its accounts, groups, roles and settings before anything happens.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::behaviour::Behaviour;
use super::cache::Cache;
use super::chance::Chance;
use super::directory::DynamicGroup;
use super::names::OFFICES;
use super::object::{object, time};
use super::person::{Kind, Person};
use super::show::about;
use super::tenant::{self, Settings, put};
use super::{Scenario, World, people};
use crate::documents::{Collection, Documents};

impl World {
    pub(crate) fn found(scenario: &Scenario, behaviour: Behaviour) -> Self {
        let days = i64::from(scenario.history_days);
        let begins = scenario.now.saturating_sub(SignedDuration::from_hours(24 * days));
        let begins = begins.unwrap_or(scenario.now);
        let people = people::draw_up(scenario.people, scenario.seed, &behaviour, begins);
        let settings = Settings::firm(Chance::of(scenario.seed));
        let mut world = Self::of_people(people, settings, behaviour, scenario.seed, begins);
        world.furnish_firm();
        world
    }

    /// A tenant of these people, with the settings every tenant has.
    pub(crate) fn of_people(
        people: Vec<Person>,
        settings: Settings,
        behaviour: Behaviour,
        seed: u64,
        begins: Timestamp,
    ) -> Self {
        let mut world = Self {
            documents: Documents::default(),
            people: Vec::with_capacity(people.len()),
            first_people: people.len(),
            by_id: BTreeMap::new(),
            by_name: BTreeMap::new(),
            gone: Vec::new(),
            dynamic_groups: Vec::new(),
            devices: Vec::new(),
            rooms: Vec::new(),
            role_changes: Vec::new(),
            decision_changes: Vec::new(),
            audits_written: 0,
            settings,
            behaviour,
            seed,
            begins,
            clock: begins,
            agenda: None,
            changed: BTreeSet::new(),
            cache: Cache::default(),
        };
        for person in people {
            world.settle(person);
        }
        world.devices = world.list_devices();
        world.rooms = world.places(|person| person.kind == Kind::Room);
        tenant::furnish(&mut world.documents, &world.settings, beginning());
        let licensed = world.people.iter().filter(|person| person.licensed).count();
        let licence = tenant::licence(&world.settings.id, licensed);
        put(&mut world.documents, Collection::SubscribedSkus, licence, beginning());
        world
    }

    pub(crate) fn places(&self, wanted: impl Fn(&Person) -> bool) -> Vec<u32> {
        let all = self.people.iter().enumerate().filter(|(_, person)| wanted(person));
        all.filter_map(|(place, _)| u32::try_from(place).ok()).collect()
    }

    fn furnish_firm(&mut self) {
        let at = beginning();
        let chance = Chance::of(self.seed).for_purpose("groups");
        let it_team = self.places(|person| person.kind == Kind::ItTeam);
        self.assigned_group("IT team", "The people who run IT.", &it_team, at);
        let without = self.places(|person| person.habits.no_smartphone);
        self.assigned_group("No smartphone", "People without a work smartphone.", &without, at);
        let rules = [("All staff", "(user.accountEnabled -eq true)", None)];
        let offices = OFFICES.iter().enumerate().map(|(place, office)| {
            (office.city, "(user.officeLocation -eq \"…\")", u8::try_from(place).ok())
        });
        for (name, rule, office) in rules.into_iter().chain(offices) {
            let members = self.places(|person| {
                person.is_human() && office.is_none_or(|office| person.office == office)
            });
            let id = chance.for_purpose(name).guid().to_string();
            let rule = rule.replace('…', name);
            let group = group(&id, name, "Everybody it describes.", Some(&rule));
            put(&mut self.documents, Collection::Groups, group, at);
            self.dynamic_groups.push(DynamicGroup { id, members });
        }
        for (nth, place) in it_team.iter().enumerate() {
            let role =
                if nth < 3 { tenant::GLOBAL_ADMINISTRATOR } else { tenant::HELPDESK_ADMINISTRATOR };
            self.assign_role(role, *place, at);
        }
        for place in self.places(|person| person.kind == Kind::Synchronisation) {
            self.assign_role(tenant::SYNCHRONISATION, place, at);
        }
        self.places_and_news(at);
        self.role_changes.push(at);
        self.decision_changes.push(at);
    }

    fn places_and_news(&mut self, at: Timestamp) {
        let chance = Chance::of(self.seed);
        let location = json!({
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "id": chance.for_purpose("united kingdom").guid().to_string(),
            "displayName": "United Kingdom",
            "createdDateTime": "2024-02-12T09:30:00Z",
            "modifiedDateTime": "2024-02-12T09:30:00Z",
            "countriesAndRegions": ["GB"],
            "countryLookupMethod": "clientIpAddress",
            "includeUnknownCountriesAndRegions": false,
        });
        put(&mut self.documents, Collection::NamedLocations, location, at);
        let unit = json!({
            "id": chance.for_purpose("workshop unit").guid().to_string(),
            "displayName": "Workshop",
            "description": "People of the workshops.",
            "visibility": null,
            "isMemberManagementRestricted": false,
        });
        put(&mut self.documents, Collection::AdministrativeUnits, unit, at);
        let start = self.begins.saturating_add(SignedDuration::from_hours(50)).unwrap_or(at);
        let end = self.begins.saturating_add(SignedDuration::from_hours(53)).unwrap_or(at);
        let issue = json!({
            "id": "MO1180422",
            "title": "Some users may be delayed when they search in Teams",
            "service": "Microsoft Teams",
            "feature": "Teams Components",
            "featureGroup": "Teams Components",
            "impactDescription": "Searches may take longer than expected.",
            "classification": "advisory",
            "origin": "microsoft",
            "status": "serviceRestored",
            "isResolved": true,
            "startDateTime": time(start),
            "endDateTime": time(end),
            "lastModifiedDateTime": time(end),
            "highImpact": null,
            "details": [],
            "posts": [],
        });
        put(&mut self.documents, Collection::ServiceIssues, issue, start);
    }

    /// A group whose members are listed one by one.
    pub(crate) fn assigned_group(
        &mut self,
        name: &str,
        description: &str,
        members: &[u32],
        at: Timestamp,
    ) -> String {
        let id = Chance::of(self.seed).for_purpose("groups").for_purpose(name).guid().to_string();
        put(&mut self.documents, Collection::Groups, group(&id, name, description, None), at);
        for place in members {
            let Some(person) = self.person_at(*place) else { continue };
            let member = object(self.principal(person));
            let key = person.id.to_string();
            self.documents.put(Collection::GroupMembers(id.clone()), &key, member, at);
        }
        id
    }

    pub(crate) fn assign_role(&mut self, role: &str, place: u32, at: Timestamp) {
        let Some(person) = self.person_at(place) else { return };
        let id = about(person).for_purpose(role).guid().simple().to_string();
        let mut assignment =
            object(tenant::role_assignment(&id, role, &person.id.to_string(), "/"));
        assignment.insert("principal".to_owned(), self.principal(person));
        self.documents.put(Collection::RoleAssignments, &id, assignment, at);
    }

    /// Everything registered by an account, Graph's own methods included.
    pub(crate) fn methods(&self, user: &str, as_of: Timestamp) -> Vec<Map<String, Value>> {
        let Some(account) = self.account_named(user, as_of) else { return Vec::new() };
        let Some(person) = self.people.get(account) else { return Vec::new() };
        let made = Collection::AuthenticationMethods(person.id.to_string());
        let mut methods = self.methods_of(person, as_of);
        methods.extend(self.documents.list(&made, as_of).map(|(_, method)| method.clone()));
        methods
    }

    /// Per-user MFA of an account: off, unless it was set.
    pub(crate) fn requirements(&self, user: &str, as_of: Timestamp) -> Option<Map<String, Value>> {
        let person = self.people.get(self.account_named(user, as_of)?)?;
        let within = Collection::Requirements(person.id.to_string());
        let set = self.documents.list(&within, as_of).next().map(|(_, set)| set.clone());
        Some(set.unwrap_or_else(|| object(json!({"perUserMfaState": "disabled"}))))
    }

    /// Accounts the registration report has a row of: enabled ones it has come by.
    pub(crate) fn report(&self, as_of: Timestamp) -> std::sync::Arc<Vec<u32>> {
        let key = (as_of.as_second(), self.audits_written);
        if let Some(found) = self.cache.report(key) {
            return found;
        }
        let mut listed = Vec::new();
        for place in 0..self.count_users(as_of) {
            let Some(account) = self.account_at(place, as_of) else { continue };
            let Some(person) = self.people.get(account) else { continue };
            let refreshed = self.report_refreshed(person, as_of);
            if self.is_enabled(person, refreshed) && person.created <= refreshed {
                listed.extend(u32::try_from(account));
            }
        }
        let listed = std::sync::Arc::new(listed);
        self.cache.keep_report(key, &listed);
        listed
    }

    /// The address of somebody's home: of the range reserved for measurements.
    pub(crate) fn home_address(&self, person: &Person) -> String {
        let host = about(person).for_purpose("home").below(65_536);
        format!("{}{}.{}", self.settings.networks.home, host / 256, host % 256)
    }
}

/// When everything that was always there was made.
pub(crate) fn beginning() -> Timestamp {
    Date::constant(2020, 1, 1)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(Timestamp::UNIX_EPOCH, |at| at.timestamp())
}

/// A group; with a rule, a dynamic one.
pub(crate) fn group(id: &str, name: &str, description: &str, rule: Option<&str>) -> Value {
    let nickname: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    json!({
        "id": id,
        "displayName": name,
        "description": description,
        "createdDateTime": "2021-05-04T09:00:00Z",
        "renewedDateTime": "2021-05-04T09:00:00Z",
        "groupTypes": if rule.is_some() { json!(["DynamicMembership"]) } else { json!([]) },
        "mailEnabled": false,
        "mailNickname": nickname,
        "mail": null,
        "securityEnabled": true,
        "isAssignableToRole": null,
        "membershipRule": rule,
        "membershipRuleProcessingState": rule.map(|_| "On"),
        "onPremisesSyncEnabled": null,
        "onPremisesLastSyncDateTime": null,
        "proxyAddresses": [],
        "visibility": null,
        "classification": null,
        "expirationDateTime": null,
        "preferredDataLocation": null,
        "preferredLanguage": null,
        "theme": null,
        "resourceBehaviorOptions": [],
        "resourceProvisioningOptions": [],
        "onPremisesProvisioningErrors": [],
        "securityIdentifier": null,
    })
}
