//! A twin of a real tenant: the same kinds of accounts, groups, roles, policies and registrations,
//! under other names. Nothing the tenant called somebody or something, no address, no phone number
//! and no domain of it goes in.

mod policies;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rollout::Measurement;
use rollout::{Group, MailboxKind, MemberKind, PerUserMfa, Registration, Snapshot, User, UserType};
use serde_json::{Value, json};
use uuid::Uuid;

use super::World;
use super::behaviour::Behaviour;
use super::calendar::days;
use super::chance::Chance;
use super::found::{beginning, group};
use super::names::TRADES;
use super::object::object;
use super::people::nobody;
use super::person::{Computer, FixedName, Habits, Held, Kind, Person, Persona};
use super::tenant::{self, Networks, Settings, put};
use crate::documents::Collection;

/// Default domain of every twin.
const DOMAIN: &str = "twin.example";
/// Initial domain of every twin.
const INITIAL_DOMAIN: &str = "simulatedtwin.onmicrosoft.com";

/// New ids for old ones.
pub(super) struct Renamed {
    chance: Chance,
    users: BTreeMap<String, Uuid>,
}

impl Renamed {
    /// The id something of the tenant gets. The same always gets the same.
    pub(super) fn id(&self, old: &str) -> Uuid {
        let old = old.to_lowercase();
        match self.users.get(&old) {
            Some(id) => *id,
            None => self.chance.for_purpose("renamed").for_purpose(&old).guid(),
        }
    }
}

/// What is known of who uses which legacy client.
#[derive(Debug, Clone, Copy, Default)]
struct Legacy {
    smtp: bool,
    imap: bool,
    active_sync: bool,
}

impl World {
    /// A twin of a tenant, under other names. What the measurement saw decides who uses which
    /// legacy client and who signs in interactively; without one, habits are drawn.
    #[must_use]
    pub fn from_snapshot(
        snapshot: &Snapshot,
        measurement: Option<&Measurement>,
        seed: u64,
        now: Timestamp,
    ) -> Self {
        let behaviour = Behaviour::shipped().unwrap_or_default();
        let chance = Chance::of(seed).for_purpose("twin of a tenant");
        let users = snapshot.users.as_deref().unwrap_or_default();
        let mut renamed = Renamed { chance, users: BTreeMap::new() };
        for (nth, user) in users.iter().enumerate() {
            let id = chance.for_purpose("user").about(u64::try_from(nth).unwrap_or(0)).guid();
            let names = [&user.account.user_id, &user.account.user_principal_name];
            for name in names.into_iter().flatten() {
                renamed.users.insert(name.to_lowercase(), id);
            }
        }
        let begins = days(now, -30);
        let draft = Draft { snapshot, measurement, behaviour: &behaviour, chance, begins, now };
        let people = draft.people(users, &renamed);
        let settings = settings(snapshot, chance);
        let mut world = Self::of_people(people, settings, behaviour, seed, begins);
        world.furnish_twin(snapshot, &renamed);
        world.clock = now;
        world
    }

    fn furnish_twin(&mut self, snapshot: &Snapshot, renamed: &Renamed) {
        let at = beginning();
        self.licences_of(snapshot, at);
        self.groups_of(snapshot, renamed, at);
        self.roles_of(snapshot, renamed, at);
        self.settings_of(snapshot, at);
        let policies = snapshot.policies.as_deref().unwrap_or_default();
        let locations = snapshot.named_locations.as_deref().unwrap_or_default();
        for location in policies::locations(locations, renamed) {
            put(&mut self.documents, Collection::NamedLocations, location, at);
        }
        for policy in policies::policies(policies, renamed) {
            put(&mut self.documents, Collection::Policies, policy, at);
        }
        for user in snapshot.users.iter().flatten() {
            let state = match user.per_user_mfa {
                Some(PerUserMfa::Enabled) => "enabled",
                Some(PerUserMfa::Enforced) => "enforced",
                Some(PerUserMfa::Disabled) | None => continue,
            };
            let Some(id) = user.account.user_id.as_ref().map(|id| renamed.id(id)) else { continue };
            let within = Collection::Requirements(id.to_string());
            let value = object(json!({"perUserMfaState": state}));
            self.documents.put(within, "requirements", value, at);
        }
        self.role_changes.push(at);
        self.decision_changes.push(at);
    }

    fn licences_of(&mut self, snapshot: &Snapshot, at: Timestamp) {
        let Some(skus) = &snapshot.skus else { return };
        let first: Vec<String> = self
            .documents
            .list(&Collection::SubscribedSkus, at)
            .map(|(id, _)| id.to_owned())
            .collect();
        for id in first {
            self.documents.delete(&Collection::SubscribedSkus, &id, at);
        }
        for (nth, sku) in skus.iter().enumerate() {
            let plans: Vec<Value> = sku
                .plans
                .iter()
                .map(|(id, name)| {
                    json!({
                        "appliesTo": "User",
                        "provisioningStatus": "Success",
                        "servicePlanId": id,
                        "servicePlanName": name,
                    })
                })
                .collect();
            let licence = json!({
                "id": format!("{}_{nth}", self.settings.id),
                "accountId": self.settings.id,
                "accountName": "twin",
                "appliesTo": "User",
                "capabilityStatus": if sku.usable == Some(false) { "Suspended" } else { "Enabled" },
                "consumedUnits": sku.consumed_units.unwrap_or(0),
                "prepaidUnits": {"enabled": sku.enabled_units.unwrap_or(0), "suspended": 0,
                    "warning": 0, "lockedOut": 0},
                "servicePlans": plans,
                "skuId": sku.id,
                "skuPartNumber": sku.part_number,
                "subscriptionIds": [],
            });
            put(&mut self.documents, Collection::SubscribedSkus, licence, at);
        }
    }

    fn groups_of(&mut self, snapshot: &Snapshot, renamed: &Renamed, at: Timestamp) {
        for (nth, told) in snapshot.groups.iter().flatten().enumerate() {
            let Some(id) = told.id.as_ref().map(|id| renamed.id(id).to_string()) else { continue };
            let name = format!("Group {}", nth + 1);
            let dynamic = told.membership_rule.as_ref().is_some_and(|rule| !rule.is_empty());
            let rule = dynamic.then_some("(user.accountEnabled -eq true)");
            let mut made = object(group(&id, &name, "A group of the twin.", rule));
            made.insert("isAssignableToRole".to_owned(), json!(told.assignable_to_role));
            self.documents.put(Collection::Groups, &id, made, at);
            self.members_of(told, &id, renamed, at);
        }
    }

    fn members_of(&mut self, told: &Group, group: &str, renamed: &Renamed, at: Timestamp) {
        for member in told.members.iter().flatten() {
            let old = member.id.as_ref().or(member.user_principal_name.as_ref());
            let Some(id) = old.map(|old| renamed.id(old)) else { continue };
            let person = self.by_id.get(&id).and_then(|place| self.person_at(*place));
            let shown = match (person, member.kind) {
                (Some(person), _) => self.principal(person),
                (None, MemberKind::Group) => {
                    json!({"@odata.type": "#microsoft.graph.group", "id": id.to_string()})
                }
                (None, _) => continue,
            };
            let within = Collection::GroupMembers(group.to_owned());
            self.documents.put(within, &id.to_string(), object(shown), at);
        }
    }

    fn roles_of(&mut self, snapshot: &Snapshot, renamed: &Renamed, at: Timestamp) {
        let mut custom = BTreeSet::new();
        for (nth, told) in snapshot.roles.iter().flatten().enumerate() {
            let old = told.principal_id.as_ref().or(told.principal_name.as_ref());
            let Some(principal) = old.map(|old| renamed.id(old).to_string()) else { continue };
            let role = if tenant::role_name(&told.role).is_some() {
                told.role.clone()
            } else {
                renamed.id(&told.role).to_string()
            };
            if tenant::role_name(&role).is_none() && custom.insert(role.clone()) {
                let name = format!("Other role {}", custom.len());
                let definition = tenant::role_definition(&role, &name);
                put(&mut self.documents, Collection::RoleDefinitions, definition, at);
            }
            let scope = match told.scope.as_deref() {
                Some("/") | None => "/".to_owned(),
                Some(unit) => format!("/administrativeUnits/{}", renamed.id(unit)),
            };
            let id = renamed.chance.for_purpose("role assignment");
            let id = id.about(u64::try_from(nth).unwrap_or(0)).guid().simple().to_string();
            let mut made = object(tenant::role_assignment(&id, &role, &principal, &scope));
            let holder = Uuid::parse_str(&principal).ok().and_then(|id| self.by_id.get(&id));
            let holder = holder.and_then(|place| self.person_at(*place));
            let shown = match holder {
                Some(person) => self.principal(person),
                None => json!({"@odata.type": "#microsoft.graph.group", "id": principal}),
            };
            made.insert("principal".to_owned(), shown);
            let within = if told.active {
                Collection::RoleAssignments
            } else {
                Collection::RoleEligibilities
            };
            self.documents.put(within, &id, made, at);
        }
    }

    fn settings_of(&mut self, snapshot: &Snapshot, at: Timestamp) {
        let defaults = snapshot.security_defaults.unwrap_or(false);
        let defaults = tenant::security_defaults(defaults);
        put(&mut self.documents, Collection::SecurityDefaults, defaults, at);
        let Some(told) = &snapshot.methods_policy else { return };
        let within = Collection::MethodsPolicy;
        let Some(mut policy) = self.documents.list(&within, at).next().map(|it| it.1.clone())
        else {
            return;
        };
        if let Some(listed) =
            policy.get_mut("authenticationMethodConfigurations").and_then(Value::as_array_mut)
        {
            for configuration in listed.iter_mut().filter_map(Value::as_object_mut) {
                let id = configuration.get("id").and_then(Value::as_str).unwrap_or_default();
                let told = told.methods.iter().find(|it| it.id.eq_ignore_ascii_case(id));
                let Some(enabled) = told.and_then(|it| it.enabled) else { continue };
                let state = if enabled { "enabled" } else { "disabled" };
                configuration.insert("state".to_owned(), json!(state));
            }
        }
        let campaign = policy
            .get_mut("registrationEnforcement")
            .and_then(|it| it.get_mut("authenticationMethodsRegistrationCampaign"))
            .and_then(Value::as_object_mut);
        if let (Some(campaign), Some(told)) = (campaign, &told.campaign) {
            if let Some(state) = &told.state {
                campaign.insert("state".to_owned(), json!(state));
            }
            if let Some(days) = told.snooze_days {
                campaign.insert("snoozeDurationInDays".to_owned(), json!(days));
            }
        }
        if told.migration_complete == Some(false) {
            policy.insert("policyMigrationState".to_owned(), json!("migrationInProgress"));
        }
        self.documents.put(within, "authenticationMethodsPolicy", policy, at);
    }
}

fn settings(snapshot: &Snapshot, chance: Chance) -> Settings {
    let domains = snapshot.tenant.domains.as_deref().unwrap_or_default();
    let premium = snapshot.skus.as_ref().is_none_or(|skus| {
        let mut plans = skus.iter().flat_map(|sku| &sku.plans);
        plans.any(|(_, name)| name.starts_with("AAD_PREMIUM"))
    });
    Settings {
        id: chance.for_purpose("tenant").guid().to_string(),
        display_name: "Simulated twin".to_owned(),
        domain: DOMAIN.to_owned(),
        initial_domain: INITIAL_DOMAIN.to_owned(),
        synchronised: snapshot.tenant.on_premises_sync.unwrap_or(false),
        federated: domains.iter().any(|it| it.federated == Some(true)),
        premium,
        networks: Networks::of_twins(),
        cities: false,
    }
}

/// What accounts are drafted from.
struct Draft<'a> {
    snapshot: &'a Snapshot,
    measurement: Option<&'a Measurement>,
    behaviour: &'a Behaviour,
    chance: Chance,
    begins: Timestamp,
    now: Timestamp,
}

impl Draft<'_> {
    fn people(&self, users: &[User], renamed: &Renamed) -> Vec<Person> {
        let rows: BTreeMap<String, &Registration> = self
            .snapshot
            .registrations
            .iter()
            .flatten()
            .filter_map(|row| row.account.user_id.as_ref().map(|id| (id.to_lowercase(), row)))
            .collect();
        let legacy = self.legacy();
        let interactive = self.interactive();
        let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
        let mut people = Vec::with_capacity(users.len());
        for (nth, user) in users.iter().enumerate() {
            let chance = self.chance.for_purpose("person").about(u64::try_from(nth).unwrap_or(0));
            let old = user.account.user_id.as_deref().unwrap_or_default().to_lowercase();
            let name = user.account.user_principal_name.as_deref().unwrap_or_default();
            let uses = legacy.get(&name.to_lowercase()).copied().unwrap_or_default();
            let kind = self.kind(user, uses);
            let count = counts.entry(kind).or_insert(0);
            *count += 1;
            let id = if old.is_empty() { renamed.id(name) } else { renamed.id(&old) };
            let mut person = self.person(user, kind, id, chance);
            person.fixed = Some(Box::new(fixed_name(kind, *count)));
            person.habits.active_sync = uses.active_sync;
            person.habits.phone &= !uses.active_sync;
            let signs_in = interactive.get(&name.to_lowercase()).copied();
            person.persona = self.persona(kind, signs_in, chance);
            let held = held(user, rows.get(&old).copied());
            if held != Held::NOTHING {
                person.held.push((days(self.begins, -60).max(person.created), held));
            }
            person.habits.avoids =
                person.is_human() && !held.has_any(Held::STRONG.without(Held::OFFICE_PHONE));
            people.push(person);
        }
        people
    }

    fn person(&self, user: &User, kind: Kind, id: Uuid, chance: Chance) -> Person {
        let long_ago = days(self.begins, -700);
        let mut person = nobody(id, kind, user.created.unwrap_or(long_ago).min(self.now));
        person.enabled = user.account_enabled.unwrap_or(true);
        person.synchronised = user.on_premises_sync.unwrap_or(false);
        person.licensed = user.licences.as_ref().is_some_and(|licences| !licences.is_empty());
        let office = user
            .office
            .as_deref()
            .map_or(0, |office| self.chance.for_purpose("office").for_purpose(office).below(3));
        person.office = u8::try_from(office).unwrap_or(0);
        if matches!(kind, Kind::Staff | Kind::ItTeam) {
            let trade = chance.for_purpose("trade").pick(&TRADES);
            (person.job, person.department) = (trade.map(|it| it.0), trade.map(|it| it.1));
            let population = &self.behaviour.population;
            let draw = |purpose: &str, share: u64| chance.for_purpose(purpose).per_mille(share);
            person.computer = if draw("enrolled", population.enrolled) {
                Computer::Enrolled { compliant: draw("compliant", population.compliant) }
            } else {
                Computer::Unknown
            };
            person.habits =
                Habits { phone: draw("phone", population.phone_mail), ..Habits::default() };
        }
        if let Some(activity) = user.activity {
            let seen =
                [activity.last_successful, activity.last_non_interactive, activity.last_sign_in];
            let seen = seen.into_iter().flatten().max();
            person.never_seen = seen.is_none();
            // Who has no habits here is not seen after what the tenant last saw of them.
            let idle = matches!(kind, Kind::Leaver | Kind::Room | Kind::Service);
            person.quiet_since = seen.filter(|seen| idle || *seen < days(self.now, -14));
        }
        person
    }

    fn kind(&self, user: &User, uses: Legacy) -> Kind {
        let mailbox = self.snapshot.mailboxes.iter().flatten().find(|mailbox| {
            let same_id = mailbox.user_id.is_some() && mailbox.user_id == user.account.user_id;
            let same_mail = mailbox.address.is_some() && mailbox.address == user.mail;
            same_id || same_mail
        });
        let purpose = user.mailbox_purpose.as_deref();
        let roles = self.snapshot.roles.iter().flatten();
        let mut roles = roles
            .filter(|role| role.principal_id == user.account.user_id)
            .map(|role| role.role.as_str());
        let is_sync = roles.any(|role| {
            role == tenant::SYNCHRONISATION || role == rollout::ON_PREMISES_DIRECTORY_SYNC_ACCOUNT
        });
        match (mailbox.map(|it| it.kind), purpose) {
            _ if is_sync => Kind::Synchronisation,
            _ if user.user_type == Some(UserType::Guest) => Kind::Guest,
            (Some(MailboxKind::Shared), _) | (_, Some("shared")) => Kind::SharedMailbox,
            (Some(MailboxKind::Room | MailboxKind::Equipment), _)
            | (_, Some("room" | "equipment")) => Kind::Room,
            _ if user.account_enabled == Some(false) => Kind::Leaver,
            _ if uses.smtp => Kind::Printer,
            _ if uses.imap => Kind::Erp,
            _ if user.password_never_expires == Some(true)
                && user.job_title.is_none()
                && user.department.is_none() =>
            {
                Kind::Service
            }
            _ => Kind::Staff,
        }
    }

    /// Successes by legacy clients, by user principal name.
    fn legacy(&self) -> BTreeMap<String, Legacy> {
        let mut found: BTreeMap<String, Legacy> = BTreeMap::new();
        for used in self.measurement.iter().flat_map(|it| &it.legacy) {
            let name = used.account.user_principal_name.as_deref().unwrap_or_default();
            let of = found.entry(name.to_lowercase()).or_default();
            if used.succeeded == 0 {
                continue;
            }
            match used.client_app.as_deref() {
                Some("Authenticated SMTP" | "SMTP") => of.smtp = true,
                Some("IMAP4" | "POP3") => of.imap = true,
                Some("Exchange ActiveSync") => of.active_sync = true,
                _ => {}
            }
        }
        found
    }

    /// Successful interactive sign-ins in the window, by user principal name.
    fn interactive(&self) -> BTreeMap<String, u64> {
        let activity = self.measurement.and_then(|it| it.activity.as_ref());
        activity
            .iter()
            .flat_map(|it| &it.people)
            .filter_map(|person| {
                let name = person.account.user_principal_name.as_ref()?;
                Some((name.to_lowercase(), person.interactive_successes))
            })
            .collect()
    }

    fn persona(&self, kind: Kind, interactive: Option<u64>, chance: Chance) -> Persona {
        if !matches!(kind, Kind::Staff | Kind::ItTeam) {
            return Persona::None;
        }
        let numbers = &self.behaviour.persona;
        let drawn = chance.for_purpose("persona").below(1000);
        match interactive {
            Some(10..) => Persona::Browser,
            Some(5..) => Persona::Field,
            Some(_) => Persona::SingleSignOn,
            None if drawn < numbers.browser => Persona::Browser,
            None if drawn < numbers.browser + numbers.single_sign_on => Persona::SingleSignOn,
            None if drawn < numbers.browser + numbers.single_sign_on + numbers.field => {
                Persona::Field
            }
            None => Persona::PartTime,
        }
    }
}

/// A name that says what an account is, and a number.
fn fixed_name(kind: Kind, number: usize) -> FixedName {
    let word = match kind {
        Kind::ItTeam | Kind::Executive | Kind::Staff | Kind::Made => "Person",
        Kind::SharedLogin => "Desk",
        Kind::SharedMailbox => "Shared mailbox",
        Kind::Room => "Room",
        Kind::Printer => "Mailing device",
        Kind::Erp => "Mail program",
        Kind::Service => "Service",
        Kind::Synchronisation => "Directory synchronization",
        Kind::Guest => "Guest",
        Kind::Leaver => "Leaver",
    };
    let local = format!("{}{number}", word.to_lowercase().replace(' ', "-"));
    let own = format!("{local}@{DOMAIN}");
    let guest = format!("{local}@elsewhere.example");
    if kind == Kind::Guest {
        FixedName {
            display_name: format!("{word} {number}"),
            user_principal_name: format!("{local}_elsewhere.example#EXT#@{INITIAL_DOMAIN}"),
            log_name: guest.clone(),
            mail: Some(guest),
        }
    } else {
        FixedName {
            display_name: format!("{word} {number}"),
            log_name: own.clone(),
            mail: Some(own.clone()),
            user_principal_name: own,
        }
    }
}

/// What somebody has registered, by the methods read one by one, or by the report.
fn held(user: &User, row: Option<&Registration>) -> Held {
    let mut held = Held::NOTHING;
    for method in user.methods.iter().flatten() {
        held = held.with(match method.kind.as_str() {
            "microsoftAuthenticator" => Held::AUTHENTICATOR,
            "softwareOath" | "hardwareOath" => Held::CODE_APP,
            "phone" => Held::MOBILE_PHONE,
            "fido2" => Held::SECURITY_KEY,
            "windowsHelloForBusiness" | "platformCredential" => Held::WINDOWS_HELLO,
            "x509Certificate" => Held::CERTIFICATE,
            "email" => Held::EMAIL,
            _ => Held::NOTHING,
        });
    }
    if user.methods.is_some() {
        return held;
    }
    for word in row.and_then(|row| row.methods.as_ref()).into_iter().flatten() {
        held = held.with(match word.as_str() {
            "microsoftAuthenticatorPush" | "microsoftAuthenticatorPasswordless" => {
                Held::AUTHENTICATOR
            }
            "softwareOneTimePasscode" | "hardwareOneTimePasscode" => Held::CODE_APP,
            "mobilePhone" | "alternateMobilePhone" => Held::MOBILE_PHONE,
            "officePhone" => Held::OFFICE_PHONE,
            "windowsHelloForBusiness" | "passKeyDeviceBoundWindowsHello" => Held::WINDOWS_HELLO,
            "fido2SecurityKey"
            | "fido2"
            | "passKeyDeviceBound"
            | "passKeyDeviceBoundAuthenticator" => Held::SECURITY_KEY,
            "x509CertificateMultiFactor" => Held::CERTIFICATE,
            "email" | "securityQuestion" => Held::EMAIL,
            _ => Held::NOTHING,
        });
    }
    held
}
