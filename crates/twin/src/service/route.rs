//! Every address the service knows, as data.

use super::ask::{Ask, Version};
use super::place::Place;

/// What a request is throttled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Workload {
    Reports,
    ConditionalAccess,
    Directory,
    Outlook,
    Alerts,
    ServiceHealth,
    Other,
}

/// What the tenant must have bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Licence {
    None,
    /// Entra ID P1, refused as reports refuse it.
    Premium,
    /// Entra ID P1, refused as Conditional Access refuses a write.
    ConditionalAccess,
    /// Entra ID P2, refused as Privileged Identity Management refuses it.
    PrivilegedIdentity,
    /// Entra ID P2, refused as the risk endpoints refuse it.
    Risk,
}

/// What is done for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    List(Place),
    Item(Place),
    Only(Place),
    Count(Place),
    SignIns,
    SignIn,
    Members,
    TransitiveMembers,
    TransitiveMemberOf,
    UnitMembers,
    MethodsOfType,
    MethodOfType,
    MailboxSettings,
    UserPurpose,
    Configuration,
    DirectoryRoles,
    DirectoryRoleMembers,
    RoleTemplateMembers,
    HealthOverviews,
    ByIds,
    WhatIf,
    DelegatedOnly,
    NotSupported,
    CreateUser,
    PatchUser,
    DeleteUser,
    RevokeSessions,
    SendMail,
    CreateGroup,
    PatchGroup,
    DeleteGroup,
    AddMember,
    RemoveMember,
    DeleteMemberItself,
    AssignRole,
    RemoveAssignment,
    CreatePolicy,
    PatchPolicy,
    DeletePolicy,
    RestorePolicy,
    CreateLocation,
    PatchLocation,
    DeleteLocation,
    PatchSecurityDefaults,
    PatchMethodsPolicy,
    PatchConfiguration,
    PatchRequirements,
    AddPhone,
    AddPass,
    DeleteMethod,
}

/// Sets of permissions; one set is enough, and of a set all are needed.
pub(super) type Needs = &'static [&'static [&'static str]];

/// One address with what it needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    pub(super) workload: Workload,
    pub(super) action: Action,
    pub(super) licence: Licence,
    /// Resource units of the directory's bucket.
    pub(super) cost: u32,
    /// Served by this version only.
    pub(super) only: Option<Version>,
}

impl Route {
    const fn new(
        method: &'static str,
        path: &'static str,
        needs: Needs,
        workload: Workload,
        action: Action,
    ) -> Self {
        Self { method, path, needs, workload, action, licence: Licence::None, cost: 1, only: None }
    }

    pub(super) const fn licensed(mut self, licence: Licence) -> Self {
        self.licence = licence;
        self
    }

    pub(super) const fn costing(mut self, cost: u32) -> Self {
        self.cost = cost;
        self
    }

    pub(super) const fn beta(mut self) -> Self {
        self.only = Some(Version::Beta);
        self
    }
}

/// The route of a request, and what stands in the places of its template.
pub(super) fn find(ask: &Ask) -> Result<(&'static Route, Vec<String>), NoRoute> {
    let mut other = NoRoute::Address;
    for route in super::routes::ROUTES.iter().flat_map(|part| part.iter()) {
        let Some(names) = fits(route.path, &ask.segments) else { continue };
        if route.only.is_some_and(|it| it != ask.version) {
            continue;
        }
        if route.method == ask.method {
            return Ok((route, names));
        }
        other = NoRoute::Method;
    }
    Err(other)
}

/// Why no route was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoRoute {
    /// Nothing is at this address.
    Address,
    /// The address takes other verbs.
    Method,
}

fn fits(template: &str, segments: &[String]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut given = segments.iter();
    for part in template.split('/').filter(|it| !it.is_empty()) {
        let segment = given.next()?;
        let Some((before, after)) = part.split_once("{}") else {
            if part.eq_ignore_ascii_case(segment) {
                continue;
            }
            return None;
        };
        let inner = segment.strip_prefix(before)?.strip_suffix(after)?;
        if inner.is_empty() || (part == "{}" && inner.starts_with('$')) {
            return None;
        }
        names.push(inner.to_owned());
    }
    given.next().is_none().then_some(names)
}

pub(super) const fn get(
    path: &'static str,
    needs: Needs,
    workload: Workload,
    action: Action,
) -> Route {
    Route::new("GET", path, needs, workload, action)
}

pub(super) const fn post(
    path: &'static str,
    needs: Needs,
    workload: Workload,
    action: Action,
) -> Route {
    Route::new("POST", path, needs, workload, action)
}

pub(super) const fn patch(
    path: &'static str,
    needs: Needs,
    workload: Workload,
    action: Action,
) -> Route {
    Route::new("PATCH", path, needs, workload, action)
}

pub(super) const fn delete(
    path: &'static str,
    needs: Needs,
    workload: Workload,
    action: Action,
) -> Route {
    Route::new("DELETE", path, needs, workload, action)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn at(method: &str, target: &str) -> Result<(Action, Vec<String>), NoRoute> {
        let ask = Ask::of(method, target, &HeaderMap::new(), Vec::new()).unwrap();
        find(&ask).map(|(route, names)| (route.action, names))
    }

    #[test]
    fn an_address_leads_to_one_action() {
        let names = |all: &[&str]| all.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        type Found = Result<(Action, Vec<String>), NoRoute>;
        let cases: [(&str, &str, Found); 12] = [
            ("GET", "/v1.0/users?$top=5", Ok((Action::List(Place::Users), names(&[])))),
            ("GET", "/v1.0/usErs/$count", Ok((Action::Count(Place::Users), names(&[])))),
            ("GET", "/beta/users/a%40b", Ok((Action::Item(Place::Users), names(&["a@b"])))),
            ("POST", "/v1.0/groups/g/members/$ref", Ok((Action::AddMember, names(&["g"])))),
            (
                "DELETE",
                "/v1.0/groups/g/members/u/$ref",
                Ok((Action::RemoveMember, names(&["g", "u"]))),
            ),
            (
                "DELETE",
                "/v1.0/groups/g/members/u",
                Ok((Action::DeleteMemberItself, names(&["g", "u"]))),
            ),
            (
                "GET",
                "/v1.0/directoryRoles(roleTemplateId='r')/members",
                Ok((Action::RoleTemplateMembers, names(&["r"]))),
            ),
            (
                "DELETE",
                "/v1.0/users/u/authentication/phoneMethods/p",
                Ok((Action::DeleteMethod, names(&["u", "phone", "p"]))),
            ),
            ("GET", "/v1.0/users/u/authentication/requirements", Err(NoRoute::Address)),
            ("PUT", "/v1.0/users", Err(NoRoute::Method)),
            ("GET", "/v1.0/nothing", Err(NoRoute::Address)),
            ("DELETE", "/v1.0/groups/g/members/$ref", Err(NoRoute::Method)),
        ];
        for (method, target, expected) in cases {
            assert_eq!(at(method, target), expected, "{method} {target}");
        }
    }

    #[test]
    fn no_address_is_listed_twice_and_all_need_something() {
        let mut seen = Vec::new();
        for route in super::super::routes::ROUTES.iter().flat_map(|part| part.iter()) {
            for version in [Version::V1, Version::Beta] {
                if route.only.is_none_or(|it| it == version) {
                    let key = (route.method, route.path, version);
                    assert!(!seen.contains(&key), "{key:?}");
                    seen.push(key);
                }
            }
            assert!(!route.needs.is_empty() || route.action == Action::DelegatedOnly);
        }
        assert!(seen.len() > 100, "{}", seen.len());
    }
}
