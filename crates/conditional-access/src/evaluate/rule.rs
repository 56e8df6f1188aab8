//! A policy made ready for evaluation: words told from ids, filters parsed, locations looked up.

use std::collections::BTreeSet;

use super::controls::ControlRule;
use super::identifiers::is_id;
use super::location::{LocationRule, Places};
use crate::device_filter::DeviceRule;
use crate::facts::{
    AppGroup, Flow, InsiderRisk, Platform, RiskLevel, Tenant, UserAction, UserType,
};
use crate::policy::{
    Applications, ClientAppType, ClientApplications, Conditions, ExternalTenants, Filter, Policy,
    State, Users,
};

/// One policy, ready for evaluation.
#[derive(Debug)]
pub(super) struct Rule {
    /// How the policy is named in an outcome.
    pub(super) key: String,
    pub(super) enforcement: Enforcement,
    pub(super) users: UserRule,
    /// Set for policies that target workload identities.
    pub(super) workloads: Option<WorkloadRule>,
    pub(super) targets: TargetRule,
    pub(super) clients: Vec<ClientAppType>,
    pub(super) platforms: Option<PlatformRule>,
    pub(super) locations: Option<LocationRule>,
    pub(super) device_filter: Option<FilterRule>,
    pub(super) risks: RiskRule,
    /// Authentication flows; empty: not configured.
    pub(super) flows: Vec<Option<Flow>>,
    /// Conditions nobody models, by their paths.
    pub(super) unmodelled: Vec<String>,
    pub(super) controls: ControlRule,
}

/// Whether a policy is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enforcement {
    Enforced,
    ReportOnly,
    Off,
    /// Its state is no word this model knows: it may be enforced.
    Unclear,
}

/// An entry of a list of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UserWord {
    All,
    None,
    GuestsOrExternalUsers,
    Id(String),
    Unmodelled(String),
}

/// Who is included, or who is excluded.
#[derive(Debug, Default)]
pub(super) struct UserSet {
    pub(super) users: Vec<UserWord>,
    /// Ids, or words this model does not know.
    pub(super) groups: Vec<Result<String, String>>,
    pub(super) roles: Vec<Result<String, String>>,
    pub(super) guests: Option<GuestRule>,
    /// Ways of naming people that this model does not know.
    pub(super) unmodelled: Vec<String>,
}

#[derive(Debug)]
pub(super) struct UserRule {
    pub(super) include: UserSet,
    pub(super) exclude: UserSet,
}

#[derive(Debug)]
pub(super) struct GuestRule {
    pub(super) kinds: Vec<Result<UserType, String>>,
    pub(super) tenants: ExternalTenants,
}

#[derive(Debug)]
pub(super) struct WorkloadRule {
    pub(super) include: Vec<WorkloadWord>,
    pub(super) exclude: Vec<WorkloadWord>,
    pub(super) filter: Option<Option<bool>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WorkloadWord {
    InMyTenant,
    None,
    Id(String),
    Unmodelled(String),
}

/// An entry of a list of applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AppWord {
    All,
    None,
    Group(AppGroup),
    Id(String),
    Unmodelled(String),
}

#[derive(Debug)]
pub(super) struct TargetRule {
    pub(super) include: Vec<AppWord>,
    pub(super) exclude: Vec<AppWord>,
    pub(super) actions: Vec<UserAction>,
    /// Authentication contexts, lower case, or words this model does not know.
    pub(super) contexts: Vec<Result<String, String>>,
    /// The filter for applications: included, excluded, or nobody can tell which.
    pub(super) filter: Option<Option<bool>>,
    pub(super) unmodelled_include: Vec<String>,
    pub(super) unmodelled_exclude: Vec<String>,
    /// The policy has an authentication-flows condition.
    pub(super) has_flows: bool,
}

#[derive(Debug)]
pub(super) struct PlatformRule {
    pub(super) include: Vec<PlatformWord>,
    pub(super) exclude: Vec<PlatformWord>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlatformWord {
    All,
    Named(Platform),
    Unmodelled(String),
}

#[derive(Debug)]
pub(super) struct FilterRule {
    /// Included, excluded, or nobody can tell which.
    pub(super) include: Option<bool>,
    pub(super) rule: Option<DeviceRule>,
}

/// The risk conditions. `None`: not configured.
#[derive(Debug, Default)]
pub(super) struct RiskRule {
    pub(super) sign_in: Option<Levels<RiskLevel>>,
    pub(super) user: Option<Levels<RiskLevel>>,
    pub(super) insider: Option<Levels<InsiderRisk>>,
    pub(super) service_principal: Option<Levels<RiskLevel>>,
}

/// A list of levels.
#[derive(Debug)]
pub(super) struct Levels<T> {
    pub(super) known: Vec<T>,
    /// The first word this model does not know.
    pub(super) unmodelled: Option<String>,
}

impl Rule {
    pub(super) fn of(
        position: usize,
        policy: &Policy,
        tenant: &Tenant,
        objects: &Objects,
        places: &Places,
    ) -> Self {
        let conditions = &policy.conditions;
        let has_flows = !conditions.authentication_flows.is_empty()
            || has(policy, "conditions.authenticationFlows.transferMethods.none");
        Self {
            key: key(position, policy),
            enforcement: enforcement(policy),
            users: users(policy, &conditions.users, objects),
            workloads: conditions.client_applications.as_ref().and_then(workloads),
            targets: targets(policy, &conditions.applications, has_flows),
            clients: conditions.client_app_types.clone(),
            platforms: platforms(conditions),
            locations: conditions
                .locations
                .as_ref()
                .and_then(|locations| LocationRule::of(locations, places)),
            device_filter: conditions.device_filter.as_ref().map(|filter| FilterRule {
                include: filter.include,
                rule: DeviceRule::of(&filter.rule),
            }),
            risks: risks(conditions),
            flows: conditions.authentication_flows.iter().map(|word| flow(word)).collect(),
            unmodelled: unmodelled_conditions(policy),
            controls: ControlRule::of(policy, tenant),
        }
    }

    /// True when the policy has a sign-in risk or user risk condition.
    pub(super) fn has_risk_condition(&self) -> bool {
        self.risks.sign_in.is_some() || self.risks.user.is_some()
    }

    /// True when the client app condition leaves nobody out: not configured, or `all`.
    pub(super) fn covers_all_clients(&self) -> bool {
        self.clients.is_empty() || self.clients.contains(&ClientAppType::All)
    }

    /// True when the client app condition names Exchange ActiveSync.
    pub(super) fn names_active_sync(&self) -> bool {
        self.clients
            .iter()
            .any(|it| matches!(it, ClientAppType::ExchangeActiveSync | ClientAppType::EasSupported))
    }
}

fn has(policy: &Policy, path: &str) -> bool {
    policy.unmodelled.iter().any(|it| it.eq_ignore_ascii_case(path))
}

fn key(position: usize, policy: &Policy) -> String {
    let named = policy.id.as_deref().or(Some(policy.display_name.as_str()));
    named
        .filter(|name| !name.is_empty())
        .map_or_else(|| format!("#{}", position + 1), str::to_owned)
}

fn enforcement(policy: &Policy) -> Enforcement {
    if has(policy, "deletedDateTime") {
        return Enforcement::Off;
    }
    match policy.state {
        State::Enabled => Enforcement::Enforced,
        State::EnabledForReportingButNotEnforced => Enforcement::ReportOnly,
        State::Disabled => Enforcement::Off,
        State::Unknown => Enforcement::Unclear,
    }
}

/// Ids of users and groups that are none by their form, lower case: what a policy names by such a
/// word is no placeholder.
#[derive(Debug, Default)]
pub(super) struct Objects(BTreeSet<String>);

impl Objects {
    pub(super) fn of(tenant: &Tenant) -> Self {
        let users = tenant.users.iter().map(|user| &user.id);
        let all = users.chain(tenant.groups.iter().map(|group| &group.id));
        Self(all.filter(|it| !is_id(it)).map(|it| it.to_ascii_lowercase()).collect())
    }

    fn id(&self, word: &str) -> Result<String, String> {
        id(word).or_else(|word| {
            let lower = word.to_ascii_lowercase();
            if self.0.contains(&lower) { Ok(lower) } else { Err(word) }
        })
    }
}

fn id(word: &str) -> Result<String, String> {
    if is_id(word) { Ok(word.to_ascii_lowercase()) } else { Err(word.to_owned()) }
}

/// Unmodelled properties of `section` of which the name starts with `prefix`.
fn beside(policy: &Policy, section: &str, prefix: &str) -> Vec<String> {
    let paths = policy.unmodelled.iter();
    paths
        .filter(|path| {
            let name = path.strip_prefix(section).unwrap_or_default();
            name.to_ascii_lowercase().starts_with(prefix) && !name.ends_with(".externalTenants")
        })
        .cloned()
        .collect()
}

const USERS: &str = "conditions.users.";
const APPLICATIONS: &str = "conditions.applications.";

fn users(policy: &Policy, users: &Users, objects: &Objects) -> UserRule {
    let words = |list: &[String]| list.iter().map(|word| user_word(word, objects)).collect();
    let groups = |list: &[String]| list.iter().map(|word| objects.id(word)).collect();
    let ids = |list: &[String]| list.iter().map(|word| id(word)).collect();
    let guests = |kinds: &[String], tenants: &ExternalTenants| {
        let kinds: Vec<_> =
            kinds.iter().map(|word| UserType::of_word(word).ok_or_else(|| word.clone())).collect();
        (!kinds.is_empty()).then(|| GuestRule { kinds, tenants: tenants.clone() })
    };
    UserRule {
        include: UserSet {
            users: words(&users.include_users),
            groups: groups(&users.include_groups),
            roles: ids(&users.include_roles),
            guests: guests(&users.include_guest_types, &users.include_guest_tenants),
            unmodelled: beside(policy, USERS, "include"),
        },
        exclude: UserSet {
            users: words(&users.exclude_users),
            groups: groups(&users.exclude_groups),
            roles: ids(&users.exclude_roles),
            guests: guests(&users.exclude_guest_types, &users.exclude_guest_tenants),
            unmodelled: beside(policy, USERS, "exclude"),
        },
    }
}

fn user_word(word: &str, objects: &Objects) -> UserWord {
    match word.to_ascii_lowercase().as_str() {
        "all" => UserWord::All,
        "none" => UserWord::None,
        "guestsorexternalusers" => UserWord::GuestsOrExternalUsers,
        _ => objects.id(word).map_or_else(UserWord::Unmodelled, UserWord::Id),
    }
}

/// The workload assignment: an include list, a filter, or something for agents.
fn workloads(clients: &ClientApplications) -> Option<WorkloadRule> {
    let words = |list: &[String]| -> Vec<WorkloadWord> {
        list.iter()
            .map(|word| match word.to_ascii_lowercase().as_str() {
                "serviceprincipalsinmytenant" => WorkloadWord::InMyTenant,
                "none" => WorkloadWord::None,
                _ => id(word).map_or_else(WorkloadWord::Unmodelled, WorkloadWord::Id),
            })
            .collect()
    };
    let is_assigned = !clients.include.is_empty() || clients.filter.is_some() || clients.agents;
    is_assigned.then(|| WorkloadRule {
        include: words(&clients.include),
        exclude: words(&clients.exclude),
        filter: mode(clients.filter.as_ref()),
    })
}

fn mode(filter: Option<&Filter>) -> Option<Option<bool>> {
    filter.map(|filter| filter.include)
}

fn targets(policy: &Policy, applications: &Applications, has_flows: bool) -> TargetRule {
    let words = |list: &[String]| list.iter().map(|word| app_word(word)).collect();
    let excluded = beside(policy, APPLICATIONS, "exclude");
    let included = beside(policy, APPLICATIONS, "")
        .into_iter()
        .filter(|path| path.starts_with(APPLICATIONS) && !excluded.contains(path))
        .collect();
    TargetRule {
        include: words(&applications.include),
        exclude: words(&applications.exclude),
        actions: applications.user_actions.iter().map(|it| UserAction::of_word(it)).collect(),
        contexts: applications.authentication_contexts.iter().map(|it| context(it)).collect(),
        filter: mode(applications.filter.as_ref()),
        unmodelled_include: included,
        unmodelled_exclude: excluded,
        has_flows,
    }
}

fn app_word(word: &str) -> AppWord {
    match word.to_ascii_lowercase().as_str() {
        "all" => AppWord::All,
        "none" => AppWord::None,
        "office365" => AppWord::Group(AppGroup::Office365),
        "microsoftadminportals" => AppWord::Group(AppGroup::MicrosoftAdminPortals),
        _ => id(word).map_or_else(AppWord::Unmodelled, AppWord::Id),
    }
}

/// `c1` to `c99`.
fn context(word: &str) -> Result<String, String> {
    let lower = word.to_ascii_lowercase();
    let number = lower.strip_prefix('c').and_then(|digits| digits.parse::<u8>().ok());
    if number.is_some_and(|number| (1..=99).contains(&number)) {
        Ok(lower)
    } else {
        Err(word.to_owned())
    }
}

fn platforms(conditions: &Conditions) -> Option<PlatformRule> {
    let platforms = conditions.platforms.as_ref()?;
    let words = |list: &[String]| -> Vec<PlatformWord> {
        list.iter()
            .map(|word| match Platform::of_word(word) {
                _ if word.eq_ignore_ascii_case("all") => PlatformWord::All,
                Some(platform) => PlatformWord::Named(platform),
                None => PlatformWord::Unmodelled(word.clone()),
            })
            .collect()
    };
    let is_set = !platforms.include.is_empty() || !platforms.exclude.is_empty();
    is_set.then(|| PlatformRule {
        include: words(&platforms.include),
        exclude: words(&platforms.exclude),
    })
}

fn flow(word: &str) -> Option<Flow> {
    match word.to_ascii_lowercase().as_str() {
        "devicecodeflow" => Some(Flow::DeviceCodeFlow),
        "authenticationtransfer" => Some(Flow::AuthenticationTransfer),
        _ => None,
    }
}

fn risks(conditions: &Conditions) -> RiskRule {
    RiskRule {
        sign_in: levels(&conditions.sign_in_risk_levels, RiskLevel::of_word),
        user: levels(&conditions.user_risk_levels, RiskLevel::of_word),
        insider: levels(&conditions.insider_risk_levels, InsiderRisk::of_word),
        service_principal: levels(&conditions.service_principal_risk_levels, RiskLevel::of_word),
    }
}

/// `hidden` is a word a policy may list, and one that no seen level equals.
fn levels<T>(list: &[String], of_word: impl Fn(&str) -> Option<T>) -> Option<Levels<T>> {
    let is_unmodelled =
        |word: &&String| of_word(word).is_none() && !word.eq_ignore_ascii_case("hidden");
    (!list.is_empty()).then(|| Levels {
        known: list.iter().filter_map(|word| of_word(word)).collect(),
        unmodelled: list.iter().find(is_unmodelled).cloned(),
    })
}

/// Conditions with content that no part of the model reads. What stands in users, applications
/// and workload identities is dealt with there; single words in lists are dealt with as words.
fn unmodelled_conditions(policy: &Policy) -> Vec<String> {
    const ELSEWHERE: [&str; 3] =
        [APPLICATIONS, "conditions.clientApplications", "conditions.clientAppTypes."];
    const WORDS: [&str; 5] = [
        "conditions.signInRiskLevels.",
        "conditions.userRiskLevels.",
        "conditions.insiderRiskLevels.",
        "conditions.servicePrincipalRiskLevels.",
        "conditions.authenticationFlows.transferMethods.",
    ];
    let is_route = |path: &str| {
        let name = path.strip_prefix(USERS).unwrap_or_default().to_ascii_lowercase();
        name.starts_with("include") || name.starts_with("exclude")
    };
    let paths = policy.unmodelled.iter();
    paths
        .filter(|path| {
            path.starts_with("conditions.")
                && !ELSEWHERE.iter().any(|it| path.starts_with(it))
                && !WORDS.iter().any(|it| path.starts_with(it) && !path.ends_with(".none"))
                && !is_route(path)
                || path.eq_ignore_ascii_case("partialEnablementStrategy")
        })
        .cloned()
        .collect()
}
