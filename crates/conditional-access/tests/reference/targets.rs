//! Whether a policy reaches what a sign-in asks for (section D of the rules).

use conditional_access::facts::{AppGroup, BaselineScopes, UserAction};
use conditional_access::{Fact, Policy};

use super::conditions::{Scene, is_id, lists, one_of, same, strange, unknown_below};
use super::three::{No, Tri, Yes, any, joined, known, maybe, seen};

pub(crate) const AZURE: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
pub(crate) const PORTAL: &str = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";
const AZURE_PARTS: [&str; 4] = [
    PORTAL,
    "e9f49c6b-5ce5-44c8-925d-015017e9f7ad",
    "f5c26e74-f226-4ae8-85f0-b4af0080ac9e",
    "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5",
];
const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";
pub(crate) const SHAREPOINT: &str = "00000003-0000-0ff1-ce00-000000000000";
const SKYPE: &str = "00000004-0000-0ff1-ce00-000000000000";
pub(crate) const TEAMS: &str = "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe";
const AD_GRAPH: &str = "00000002-0000-0000-c000-000000000000";
pub(crate) const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const DEVICE_REGISTRATION: &str = "01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9";
const INTUNE: &str = "d4ebce55-015a-49b5-a083-c84d1797ae8c";
const ENGAGE: &str = "00000005-0000-0ff1-ce00-000000000000";
const OFFICE_PORTAL: &str = "00000006-0000-0ff1-ce00-000000000000";
const SUITE: [&str; 6] = [EXCHANGE, SHAREPOINT, SKYPE, ENGAGE, OFFICE_PORTAL, TEAMS];
const NOT_SUITE: [&str; 4] = [AZURE, AD_GRAPH, DEVICE_REGISTRATION, INTUNE];
const NOT_PORTALS: [&str; 4] = [EXCHANGE, SHAREPOINT, TEAMS, AD_GRAPH];
const OIDC: [&str; 4] = ["email", "offline_access", "openid", "profile"];
const BASELINE: [&str; 7] = [
    "user.read",
    "user.read.all",
    "user.readbasic.all",
    "people.read",
    "people.read.all",
    "groupmember.read.all",
    "member.read.hidden",
];

/// The policy leaves out resources, or may.
fn excludes(policy: &Policy) -> bool {
    let apps = &policy.conditions.applications;
    !apps.exclude.is_empty() || apps.filter.as_ref().is_some_and(|it| it.include != Some(true))
}

impl Scene<'_> {
    /// The resources told (R45).
    fn told(&self) -> Option<&[String]> {
        let audiences = Some(self.sign_in.audiences.as_slice()).filter(|it| !it.is_empty());
        audiences.or(self.sign_in.resources.as_deref())
    }

    /// The resources asked for. `None`: not seen. An action lists none of its own (R51).
    pub(crate) fn requested(&self) -> Option<&[String]> {
        let action = self.sign_in.user_action.as_ref().is_some_and(|it| *it != UserAction::None);
        self.told().or(action.then_some(&[]))
    }

    /// R38, R50, R51, R54
    pub(crate) fn target(&self, policy: &Policy) -> Tri {
        let apps = &policy.conditions.applications;
        let contexts = seen(
            self.sign_in.authentication_contexts.as_ref(),
            Fact::AuthenticationContexts,
            |asked| asked.iter().any(|it| lists(&apps.authentication_contexts, it)),
        ) & known(!apps.authentication_contexts.is_empty());
        let excluded = match &self.sign_in.client_id {
            Some(client) => known(lists(&apps.exclude, client)),
            None => known(apps.exclude.iter().any(|it| is_id(it))) & maybe(Fact::Client),
        };
        let scopes = &self.sign_in.scopes;
        let oidc = !scopes.is_empty()
            && scopes.iter().all(|it| OIDC.contains(&it.to_lowercase().as_str()));
        let confidential =
            seen(self.sign_in.client_confidential, Fact::ClientConfidential, |it| it);
        let outside = known(oidc) & confidential & excluded;
        self.action(policy) | contexts | self.resource(policy) & !outside
    }

    pub(crate) fn action(&self, policy: &Policy) -> Tri {
        let words = &policy.conditions.applications.user_actions;
        match &self.sign_in.user_action {
            None => known(!words.is_empty()) & maybe(Fact::UserAction),
            Some(action) => one_of(words, action, |word| match UserAction::of_word(word) {
                UserAction::Unmodelled(_) | UserAction::None => None,
                action => Some(action),
            }),
        }
    }

    /// R45, R48, R49
    fn resource(&self, policy: &Policy) -> Tri {
        let (apps, sign_in) = (&policy.conditions.applications, self.sign_in);
        let baseline = |it: &String| {
            let scope = it.to_lowercase();
            BASELINE.contains(&scope.as_str()) || OIDC.contains(&scope.as_str())
        };
        if self.told().is_some_and(<[String]>::is_empty) {
            return No;
        }
        let told = !sign_in.audiences.is_empty();
        if told || sign_in.scopes.is_empty() || !sign_in.scopes.iter().all(baseline) {
            return self.ordinary(policy);
        }
        let all = lists(&apps.include, "All");
        let names = |words: &[String]| known(lists(words, AD_GRAPH)) & maybe(Fact::BaselineScopes);
        let enforced = self.in_scope(policy, AD_GRAPH);
        match &self.tenant.baseline_scopes {
            None if all && excludes(policy) => maybe(Fact::BaselineScopes),
            None if !all && names(&apps.include) != No => maybe(Fact::BaselineScopes),
            None => joined([enforced, self.ordinary(policy)], Fact::BaselineScopes),
            Some(BaselineScopes::Enforced) => enforced,
            Some(BaselineScopes::Legacy) if !apps.exclude.is_empty() => {
                let mut without_all = policy.clone();
                without_all.conditions.applications.include.retain(|it| !same(it, "All"));
                self.ordinary(&without_all)
            }
            Some(BaselineScopes::Legacy) => self.ordinary(policy),
            Some(BaselineScopes::Custom(app)) => {
                let excluded = self.app_named(&apps.exclude, app);
                let scope = self.in_scope(policy, app);
                scope & !names(&apps.exclude) | names(&apps.include) & !excluded
            }
        }
    }

    /// R44: what stands behind the sign-in is not known.
    fn whatever(&self, policy: &Policy, why: Fact) -> Tri {
        let apps = &policy.conditions.applications;
        let names_something = apps.include.iter().any(|it| !same(it, "None"))
            || self.filter(apps.filter.as_ref(), true) != No
            || unknown_below(policy, "conditions.applications", &[]) != No;
        let all = lists(&apps.include, "All") && !excludes(policy);
        known(all) | known(names_something) & maybe(why)
    }

    /// R40, R44, R46, R51: the resources as they were asked for.
    fn ordinary(&self, policy: &Policy) -> Tri {
        let (apps, sign_in) = (&policy.conditions.applications, self.sign_in);
        let Some(requested) = self.requested() else {
            let action = known(sign_in.user_action.is_none()) & maybe(Fact::UserAction);
            return self.whatever(policy, Fact::Resources) & !action;
        };
        let told = !sign_in.audiences.is_empty();
        let direct = any(requested.iter().map(|app| match app {
            graph if same(graph, GRAPH) && !told => self.whatever(policy, Fact::MicrosoftGraph),
            app => self.in_scope(policy, app),
        }));
        // R46
        let teams_excluded =
            self.app_named(&apps.exclude, TEAMS) | self.filter(apps.filter.as_ref(), false);
        let sure = if teams_excluded == No { Yes } else { maybe(Fact::Behaviour("dependency")) };
        let reached = any([EXCHANGE, SHAREPOINT, SKYPE].map(|it| self.in_scope(policy, it)));
        direct | known(!told && lists(requested, TEAMS)) & reached & sure
    }

    /// R7, R40, R47, R55, R139
    fn in_scope(&self, policy: &Policy, app: &str) -> Tri {
        let apps = &policy.conditions.applications;
        let by_all_only =
            same(app, DEVICE_REGISTRATION) && policy.conditions.authentication_flows.is_empty();
        let named: Vec<String> =
            apps.include.iter().filter(|it| !(by_all_only && same(it, "All"))).cloned().collect();
        let through_all =
            known(named.len() < apps.include.len()) & maybe(Fact::Behaviour("Device Registration"));
        let included = self.app_named(&named, app)
            | through_all
            | self.filter(apps.filter.as_ref(), true)
            | unknown_below(policy, "conditions.applications", &[]);
        included & !(self.app_named(&apps.exclude, app) | self.filter(apps.filter.as_ref(), false))
    }

    /// R37 to R43, R57
    fn app_named(&self, words: &[String], app: &str) -> Tri {
        any(words.iter().map(|word| match word.to_lowercase().as_str() {
            "all" => Yes,
            "none" => No,
            "office365" => self.grouped(AppGroup::Office365, app),
            "microsoftadminportals" => {
                let client = self.sign_in.client_id.as_ref();
                let by_client = client.map_or_else(
                    || maybe(Fact::Client),
                    |it| self.grouped(AppGroup::MicrosoftAdminPortals, it),
                );
                self.grouped(AppGroup::MicrosoftAdminPortals, app) | by_client
            }
            AZURE if AZURE_PARTS.iter().any(|it| same(it, app)) => Yes,
            id if is_id(id) => known(same(id, app)),
            other => strange(other),
        }))
    }

    /// R41, R42
    fn grouped(&self, group: AppGroup, app: &str) -> Tri {
        let listed = self.tenant.apps.iter().find(|it| same(&it.id, app));
        if let Some(groups) = listed.and_then(|it| it.groups.as_ref()) {
            return known(groups.contains(&group));
        }
        let (inside, outside): (&[&str], _) = match group {
            AppGroup::Office365 => (&SUITE, NOT_SUITE),
            AppGroup::MicrosoftAdminPortals => (&[PORTAL], NOT_PORTALS),
        };
        let ours = listed.is_some_and(|it| it.owned == Some(true));
        if inside.iter().any(|it| same(it, app)) {
            return Yes;
        }
        let out = ours || outside.iter().any(|it| same(it, app));
        if out { No } else { maybe(Fact::AppGroup(group, app.to_lowercase())) }
    }
}
