//! What a sign-in meets: the policies and settings of a time, asked of the crate that knows the
//! rules, with people who are alike to the policies taken together.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use conditional_access::facts::{
    App, AppGroup, AssignmentState, AuthenticationStrength, BaselineScopes, ClientApp, CrossTenant,
    Device, DeviceProperty, DeviceValue, Group, IdentityProvider, Method, Methods, PerUserMfa,
    Platform, Protocol, Registration, RoleAssignment, Session, SignIn, Tenant, Trust, User,
    UserType,
};
use conditional_access::{
    Cause, NamedLocation, Policy, PolicySet, RowStatus, Verdict, Word, read_named_location,
    read_policy,
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::World;
use super::apps::{self, APPS, Client};
use super::object::text;
use super::person::{Held, Person};
use crate::documents::Collection;

/// Policies and settings from one change to the next.
#[derive(Debug)]
pub(crate) struct Era {
    pub(crate) from: Timestamp,
    pub(crate) security_defaults: bool,
    /// Methods that the methods policy allows.
    pub(crate) allowed: Held,
    /// Accounts that ever had a method made through Graph.
    pub(crate) made: BTreeSet<Uuid>,
    /// Every policy, in the order of the list, for what rows say of it.
    pub(crate) faces: Vec<Face>,
    /// With security defaults as they are.
    set: PolicySet,
    /// Without security defaults: what Conditional Access alone says.
    alone: PolicySet,
    locations: Vec<NamedLocation>,
    asks_for_device: bool,
    classes: BTreeMap<u32, u32>,
    names: Vec<String>,
    known: Mutex<BTreeMap<Question, Arc<Met>>>,
}

/// A policy as rows show it.
#[derive(Debug, Clone)]
pub(crate) struct Face {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) grant: Vec<String>,
    pub(crate) session: Vec<String>,
}

/// Everything about a sign-in that policies can tell apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Question {
    /// Who, as far as policies care.
    pub(crate) class: u32,
    pub(crate) usable: Held,
    pub(crate) app: u8,
    pub(crate) client: Client,
    pub(crate) platform: PlatformOf,
    pub(crate) device: DeviceFacts,
    pub(crate) address: IpAddr,
    pub(crate) country: &'static str,
    /// The session proved MFA before.
    pub(crate) claim: bool,
}

/// The platform somebody signs in from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum PlatformOf {
    Windows,
    Ios,
    Android,
    MacOs,
    None,
}

/// What a sign-in shows of its device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DeviceFacts {
    /// Device id and name of a registered device.
    pub(crate) registered: Option<(String, String)>,
    pub(crate) compliant: bool,
    pub(crate) hybrid: bool,
}

/// What a sign-in met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) verdict: Verdict,
    pub(crate) status: RowStatus,
    /// A word for every policy, in the order of the list.
    pub(crate) words: Vec<Word>,
    pub(crate) by_policy: bool,
    pub(crate) by_security_defaults: bool,
    pub(crate) by_per_user: bool,
    pub(crate) by_portal: bool,
}

impl World {
    /// The era of an instant.
    pub(crate) fn era(&self, at: Timestamp) -> Arc<Era> {
        let version = self.decision_changes.partition_point(|change| *change <= at);
        self.era_of(version)
    }

    /// The era after so many changes.
    pub(crate) fn era_of(&self, version: usize) -> Arc<Era> {
        if let Some(era) = self.cache.era(version) {
            return era;
        }
        let from = version
            .checked_sub(1)
            .and_then(|last| self.decision_changes.get(last))
            .copied()
            .unwrap_or(Timestamp::MIN);
        let era = Arc::new(Era::of(self, from));
        self.cache.keep_era(version, &era);
        era
    }
}

/// Objects of a collection as of a time.
fn listed(world: &World, within: &Collection, at: Timestamp) -> Vec<Map<String, Value>> {
    world.documents.list(within, at).map(|(_, object)| object.clone()).collect()
}

impl Era {
    fn of(world: &World, at: Timestamp) -> Self {
        let policies: Vec<(Policy, Face)> = listed(world, &Collection::Policies, at)
            .into_iter()
            .filter_map(|object| {
                let face = Face::of(&object);
                read_policy(&Value::Object(object)).ok().map(|policy| (policy, face))
            })
            .collect();
        let security_defaults = listed(world, &Collection::SecurityDefaults, at)
            .first()
            .and_then(|it| it.get("isEnabled"))
            .and_then(Value::as_bool)
            .unwrap_or(false);
        let (policies, faces): (Vec<Policy>, Vec<Face>) = policies.into_iter().unzip();
        let people = Crowd::of(world, &policies, at);
        let mut tenant = tenant(world, &people, at);
        tenant.security_defaults = Some(false);
        let alone = PolicySet::of(&policies, &tenant);
        tenant.security_defaults = Some(security_defaults);
        let set = PolicySet::of(&policies, &tenant);
        Self {
            from: at,
            security_defaults,
            allowed: world.allowed_methods(at),
            made: with_made_methods(world),
            faces,
            set,
            alone,
            locations: tenant.named_locations,
            asks_for_device: policies.iter().any(|it| it.conditions.device_filter.is_some()),
            classes: people.classes,
            names: people.names,
            known: Mutex::default(),
        }
    }

    /// The class of an account.
    pub(crate) fn class(&self, place: usize, person: &Person) -> u32 {
        let special = u32::try_from(place).ok().and_then(|it| self.classes.get(&it)).copied();
        special.unwrap_or(u32::from(person.is_guest()))
    }

    /// What a sign-in meets. Where policies cannot tell two apart, the answer is found once.
    pub(crate) fn meet(&self, question: Question, legacy_passes: bool) -> Arc<Met> {
        let key = self.plain(question);
        let found = self.known().get(&key).cloned();
        if let Some(found) = found {
            return found;
        }
        let met = Arc::new(self.judge(&key, legacy_passes));
        self.known().insert(key, Arc::clone(&met));
        met
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Question, Arc<Met>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The question without what no policy of this era reads.
    fn plain(&self, mut question: Question) -> Question {
        if self.locations.iter().all(|location| location.address_ranges().is_empty()) {
            question.address = IpAddr::from([0, 0, 0, 0]);
        }
        let device = question.device.registered.as_mut().filter(|_| !self.asks_for_device);
        if let Some((id, name)) = device {
            id.clear();
            name.clear();
        }
        question
    }

    fn judge(&self, question: &Question, legacy_passes: bool) -> Met {
        let name = usize::try_from(question.class).ok().and_then(|it| self.names.get(it));
        let sign_in = sign_in(question, name.map(String::as_str).unwrap_or_default());
        let registration = Registration::of(methods(question.usable));
        let alone = self.alone.evaluate(&sign_in, &registration);
        let words = alone.per_policy.iter().map(|policy| policy.word).collect();
        let lets = question.client.is_legacy() && legacy_passes;
        let decides = if self.security_defaults && !lets {
            self.set.evaluate(&sign_in, &registration)
        } else {
            alone.clone()
        };
        let by = |wanted: &Cause| decides.by.contains(wanted);
        Met {
            verdict: decides.verdict,
            status: alone.status,
            words,
            by_policy: decides.by.iter().any(|cause| matches!(cause, Cause::Policy(_))),
            by_security_defaults: by(&Cause::SecurityDefaults),
            by_per_user: by(&Cause::PerUserMfa),
            by_portal: by(&Cause::MandatoryMfa),
        }
    }
}

impl Face {
    fn of(policy: &Map<String, Value>) -> Self {
        let grant = policy.get("grantControls").and_then(Value::as_object);
        let built_in = grant.and_then(|it| it.get("builtInControls")).and_then(Value::as_array);
        let mut words: Vec<String> = built_in
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|control| grant_word(control).to_owned())
            .collect();
        let strength = grant.and_then(|it| it.get("authenticationStrength"));
        if let Some(strength) = strength.and_then(Value::as_object) {
            words.push(text(strength, "displayName").unwrap_or("Mfa").to_owned());
        }
        let session = policy.get("sessionControls").and_then(Value::as_object);
        let session = session
            .into_iter()
            .flatten()
            .filter(|(_, control)| control.is_object())
            .map(|(name, _)| name.clone())
            .collect();
        Self {
            id: text(policy, "id").unwrap_or_default().to_owned(),
            name: text(policy, "displayName").unwrap_or_default().to_owned(),
            grant: words,
            session,
        }
    }
}

/// The log's word for a grant control (Graph, `appliedConditionalAccessPolicy`).
fn grant_word(control: &str) -> &str {
    match control {
        "mfa" => "Mfa",
        "block" => "Block",
        "compliantDevice" => "RequireCompliantDevice",
        "domainJoinedDevice" => "RequireDomainJoinedDevice",
        "approvedApplication" => "RequireApprovedApp",
        "compliantApplication" => "RequireCompliantApp",
        "passwordChange" => "PasswordChange",
        other => other,
    }
}

/// The methods of the rules for what is held.
pub(crate) fn methods(held: Held) -> Methods {
    let all = [
        (Held::AUTHENTICATOR, Method::MicrosoftAuthenticatorPush),
        (Held::CODE_APP, Method::SoftwareOath),
        (Held::MOBILE_PHONE, Method::Sms),
        (Held::OFFICE_PHONE, Method::Voice),
        (Held::WINDOWS_HELLO, Method::WindowsHelloForBusiness),
        (Held::SECURITY_KEY, Method::Fido2),
        (Held::EMAIL, Method::Email),
        (Held::CERTIFICATE, Method::X509CertificateMultiFactor),
        (Held::PASS, Method::TemporaryAccessPassMultiUse),
    ];
    let held = all.into_iter().filter(|(one, _)| held.has(*one)).map(|(_, method)| method);
    held.chain([Method::Password]).collect()
}

fn sign_in(question: &Question, who: &str) -> SignIn {
    let mut sign_in = SignIn::of_user(who);
    let app = apps::app(question.app);
    sign_in.resources = Some(app.map(|it| it.resource.to_owned()).into_iter().collect());
    sign_in.client_id = app.map(|it| it.id.to_owned());
    sign_in.client_confidential = Some(false);
    sign_in.client_app = Some(match question.client {
        Client::Browser => ClientApp::Browser,
        Client::Modern => ClientApp::MobileAppsAndDesktopClients,
        Client::ActiveSync => ClientApp::ExchangeActiveSync,
        Client::Smtp | Client::Imap | Client::OldOutlook => ClientApp::Other,
    });
    sign_in.protocol = Some(if matches!(question.client, Client::Smtp | Client::Imap) {
        Protocol::Ropc
    } else {
        Protocol::Interactive
    });
    sign_in.platform = match question.platform {
        PlatformOf::Windows => Some(Platform::Windows),
        PlatformOf::Ios => Some(Platform::Ios),
        PlatformOf::Android => Some(Platform::Android),
        PlatformOf::MacOs => Some(Platform::MacOs),
        PlatformOf::None => Some(Platform::Other),
    };
    sign_in.ip = Some(question.address);
    sign_in.country = Some(question.country.to_owned());
    sign_in.device = Some(device(&question.device));
    sign_in.terms_accepted = Some(Vec::new());
    sign_in.app_protection = Some(false);
    sign_in.token_bound = Some(question.device.registered.is_some());
    if question.claim {
        sign_in.session = Session {
            mfa: Some(true),
            methods: Some(methods(question.usable)),
            age_minutes: Some(600),
            ..Session::fresh()
        };
    }
    sign_in
}

fn device(facts: &DeviceFacts) -> Device {
    let Some((id, name)) = &facts.registered else { return Device::unregistered() };
    let trust = if facts.hybrid { "ServerAD" } else { "Workplace" };
    let words = [
        (DeviceProperty::DeviceId, DeviceValue::Text(id.clone())),
        (DeviceProperty::DisplayName, DeviceValue::Text(name.clone())),
        (DeviceProperty::IsCompliant, DeviceValue::Flag(facts.compliant)),
        (DeviceProperty::TrustType, DeviceValue::Text(trust.to_owned())),
    ];
    Device {
        registered: Some(true),
        managed: Some(facts.compliant || facts.hybrid),
        properties: words.into_iter().collect(),
    }
}

/// Accounts by what policies can tell apart.
struct Crowd {
    /// Groups policies name, with the classes in them.
    groups: BTreeMap<String, BTreeSet<u32>>,
    /// Roles, with the classes that hold them.
    roles: BTreeMap<String, BTreeSet<u32>>,
    per_user: BTreeMap<u32, PerUserMfa>,
    classes: BTreeMap<u32, u32>,
    names: Vec<String>,
    guests: BTreeSet<u32>,
}

/// What policies can tell of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Traits {
    guest: bool,
    /// Own id, where a policy names it or a setting is this account's alone.
    id: Option<Uuid>,
    groups: BTreeSet<String>,
    roles: BTreeSet<String>,
}

impl Crowd {
    fn of(world: &World, policies: &[Policy], at: Timestamp) -> Self {
        let mut traits: BTreeMap<u32, Traits> = BTreeMap::new();
        let mut note = |id: &Uuid, set: &mut dyn FnMut(&mut Traits)| {
            if let Some(place) = world.by_id.get(id) {
                let guest = world.person_at(*place).is_some_and(Person::is_guest);
                let of = traits.entry(*place).or_default();
                of.guest = guest;
                set(of);
            }
        };
        let mut named = BTreeSet::new();
        for policy in policies {
            let users = &policy.conditions.users;
            named.extend(users.include_groups.iter().chain(&users.exclude_groups).cloned());
            for user in users.include_users.iter().chain(&users.exclude_users) {
                if let Ok(id) = Uuid::parse_str(user) {
                    note(&id, &mut |of| of.id = Some(id));
                }
            }
        }
        for group in &named {
            for member in world.group_members(group, at) {
                note(&member, &mut |of| {
                    of.groups.insert(group.clone());
                });
            }
        }
        for assignment in listed(world, &Collection::RoleAssignments, at) {
            let role = text(&assignment, "roleDefinitionId").unwrap_or_default().to_owned();
            let principal = text(&assignment, "principalId").unwrap_or_default();
            let holders = match Uuid::parse_str(principal) {
                Ok(id) if world.by_id.contains_key(&id) => BTreeSet::from([id]),
                _ => world.group_members(principal, at),
            };
            for holder in holders {
                note(&holder, &mut |of| {
                    of.roles.insert(role.clone());
                });
            }
        }
        let states = per_user_states(world, at);
        for id in states.keys() {
            note(id, &mut |of| of.id = Some(*id));
        }
        Self::number(traits, &named, &states)
    }

    fn number(
        traits: BTreeMap<u32, Traits>,
        named: &BTreeSet<String>,
        states: &BTreeMap<Uuid, PerUserMfa>,
    ) -> Self {
        let mut crowd = Self {
            groups: named.iter().map(|group| (group.clone(), BTreeSet::new())).collect(),
            roles: BTreeMap::new(),
            per_user: BTreeMap::new(),
            classes: BTreeMap::new(),
            names: vec!["member".to_owned(), "guest".to_owned()],
            guests: BTreeSet::from([1]),
        };
        let mut numbers: BTreeMap<Traits, u32> = BTreeMap::new();
        for (place, of) in traits {
            let next = u32::try_from(crowd.names.len()).unwrap_or(u32::MAX);
            let class = *numbers.entry(of.clone()).or_insert(next);
            crowd.classes.insert(place, class);
            if class != next {
                continue;
            }
            crowd.names.push(of.id.map_or_else(|| format!("class {class}"), |id| id.to_string()));
            if of.guest {
                crowd.guests.insert(class);
            }
            for group in of.groups {
                crowd.groups.entry(group).or_default().insert(class);
            }
            for role in of.roles {
                crowd.roles.entry(role).or_default().insert(class);
            }
            if let Some(state) = of.id.and_then(|id| states.get(&id)) {
                crowd.per_user.insert(class, *state);
            }
        }
        crowd
    }

    fn name(&self, class: u32) -> String {
        let place = usize::try_from(class).ok();
        place.and_then(|it| self.names.get(it)).cloned().unwrap_or_default()
    }
}

/// Accounts for which a method was ever made through Graph.
fn with_made_methods(world: &World) -> BTreeSet<Uuid> {
    let made = world.documents.collections().filter_map(|within| match within {
        Collection::AuthenticationMethods(user) => Uuid::parse_str(user).ok(),
        _ => None,
    });
    made.collect()
}

/// Per-user MFA of the accounts for which it was ever set.
fn per_user_states(world: &World, at: Timestamp) -> BTreeMap<Uuid, PerUserMfa> {
    let set = world.documents.collections().filter_map(|within| match within {
        Collection::Requirements(user) => Uuid::parse_str(user).ok().map(|id| (id, within)),
        _ => None,
    });
    set.filter_map(|(id, within)| {
        let (_, requirement) = world.documents.list(within, at).next()?;
        let state = match text(requirement, "perUserMfaState")? {
            "enabled" => PerUserMfa::Enabled,
            "enforced" => PerUserMfa::Enforced,
            _ => return None,
        };
        Some((id, state))
    })
    .collect()
}

fn tenant(world: &World, people: &Crowd, at: Timestamp) -> Tenant {
    let users = people.names.iter().enumerate().map(|(class, name)| {
        let guest = u32::try_from(class).is_ok_and(|class| people.guests.contains(&class));
        User {
            id: name.clone(),
            kind: Some(if guest { UserType::B2bCollaborationGuest } else { UserType::Member }),
            home_tenant: guest.then(|| "partner".to_owned()),
            identity_provider: guest.then_some(IdentityProvider::Entra),
            federated: Some(false),
        }
    });
    let names = |classes: &BTreeSet<u32>| classes.iter().map(|it| people.name(*it)).collect();
    let groups = people
        .groups
        .iter()
        .map(|(id, classes)| Group { id: id.clone(), members: Some(names(classes)) });
    let roles = people.roles.iter().flat_map(|(role, classes)| {
        classes.iter().map(|class| RoleAssignment {
            role: role.clone(),
            principal: people.name(*class),
            scope: Some("/".to_owned()),
            state: Some(AssignmentState::Active),
            custom: false,
        })
    });
    let strengths = listed(world, &Collection::AuthenticationStrengths, at);
    let strengths = strengths.iter().map(|strength| AuthenticationStrength {
        id: text(strength, "id").unwrap_or_default().to_owned(),
        allowed_combinations: strength
            .get("allowedCombinations")
            .and_then(Value::as_array)
            .map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
    });
    let locations = listed(world, &Collection::NamedLocations, at);
    let locations = locations.into_iter().filter_map(|it| read_named_location(&it.into()).ok());
    let states = people.per_user.iter().map(|(class, state)| (people.name(*class), Some(*state)));
    Tenant {
        users: users.collect(),
        groups: groups.collect(),
        roles: roles.collect(),
        named_locations: locations.collect(),
        apps: apps_of(),
        baseline_scopes: Some(BaselineScopes::Enforced),
        cross_tenant: CrossTenant { default: trust(world, at), ..CrossTenant::default() },
        authentication_strengths: strengths.collect(),
        per_user_mfa: Some(states.collect()),
        mandatory_mfa: Some(true),
        ..Tenant::default()
    }
}

fn trust(world: &World, at: Timestamp) -> Trust {
    let settings = listed(world, &Collection::CrossTenantDefault, at);
    let trust = settings.first().and_then(|it| it.get("inboundTrust"));
    let flag = |name: &str| {
        Some(trust.and_then(|it| it.get(name)).and_then(Value::as_bool).unwrap_or(false))
    };
    Trust {
        mfa: flag("isMfaAccepted"),
        compliant: flag("isCompliantDeviceAccepted"),
        hybrid: flag("isHybridAzureADJoinedDeviceAccepted"),
    }
}

fn apps_of() -> Vec<App> {
    let mut seen = BTreeMap::new();
    for app in APPS {
        for (id, office) in [(app.id, app.office), (app.resource, app.office)] {
            let known = seen.entry(id).or_insert(office);
            *known = *known || office;
        }
    }
    let portal = apps::app(apps::PORTAL);
    let is_portal = |id: &str| portal.is_some_and(|it| it.id == id || it.resource == id);
    seen.into_iter()
        .map(|(id, office)| {
            let mut groups = Vec::new();
            if office {
                groups.push(AppGroup::Office365);
            }
            if is_portal(id) {
                groups.push(AppGroup::MicrosoftAdminPortals);
            }
            App { id: id.to_owned(), owned: Some(false), groups: Some(groups) }
        })
        .collect()
}
