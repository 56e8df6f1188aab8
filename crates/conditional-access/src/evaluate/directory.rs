//! Users, groups and roles, looked up in either direction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::{AssignmentState, CrossTenant, Gaps, Tenant, Trust, User, UserType};
use crate::truth::Truth;

/// The tenant's objects by id. Ids are kept in lower case.
#[derive(Debug)]
pub(super) struct Directory {
    users: BTreeMap<String, User>,
    groups: BTreeSet<String>,
    /// The groups that have an object as a direct member.
    parents: BTreeMap<String, Vec<String>>,
    /// The groups that may have an object as a direct member, or not: a change on its way.
    possible_parents: BTreeMap<String, Vec<String>>,
    /// Groups of which some member may be anybody, and those they are in.
    possible_groups: Arc<BTreeSet<String>>,
    /// Roles that anybody may hold: through such a group, or because it was not seen who does.
    possible_roles: BTreeMap<String, Truth>,
    /// What is assigned to a user or group.
    assigned: BTreeMap<String, Vec<Assigned>>,
    roles: BTreeSet<String>,
    gaps: Gaps,
    cross_tenant: CrossTenant,
}

#[derive(Debug, Clone)]
struct Assigned {
    role: String,
    counts: Truth,
}

/// One user, with everything the tenant says about them.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// Object id, lower case. `None`: not seen.
    pub(crate) id: Option<String>,
    /// The user's own facts.
    pub(crate) user: User,
    /// The tenant tells of this user. Direct connect users have no object in it (External ID
    /// documentation, *B2B direct connect*).
    has_object: bool,
    groups: BTreeSet<String>,
    possible_groups: Arc<BTreeSet<String>>,
    roles: BTreeMap<String, Truth>,
}

impl Directory {
    pub(super) fn of(tenant: &Tenant) -> Self {
        let users: BTreeMap<String, User> =
            tenant.users.iter().map(|user| (user.id.to_ascii_lowercase(), user.clone())).collect();
        let groups: BTreeSet<String> =
            tenant.groups.iter().map(|group| group.id.to_ascii_lowercase()).collect();
        let is_missing =
            |id: &str| tenant.gaps.groups && !groups.contains(id) && !users.contains_key(id);
        let mut parents: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut possible_parents: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let lower = |text: &String| text.to_ascii_lowercase();
        let changed: BTreeSet<(String, String)> = tenant
            .changed_memberships
            .iter()
            .map(|it| (lower(&it.group), lower(&it.member)))
            .collect();
        for (group, member) in changed.iter().filter(|(group, _)| groups.contains(group)) {
            possible_parents.entry(member.clone()).or_default().push(group.clone());
        }
        // A member that nobody shows may be a group that the snapshot does not show.
        let mut unseen: Vec<String> = changed
            .iter()
            .filter(|(group, member)| groups.contains(group) && is_missing(member))
            .map(|(group, _)| group.clone())
            .collect();
        for group in &tenant.groups {
            let id = group.id.to_ascii_lowercase();
            let Some(members) = &group.members else {
                unseen.push(id);
                continue;
            };
            for member in members {
                let member = member.to_ascii_lowercase();
                if is_missing(&member) {
                    unseen.push(id.clone());
                }
                let edge = (id.clone(), member);
                if !changed.contains(&edge) {
                    parents.entry(edge.1).or_default().push(edge.0);
                }
            }
        }
        let mut directory = Self {
            groups,
            parents,
            possible_parents,
            possible_groups: Arc::default(),
            possible_roles: BTreeMap::new(),
            assigned: BTreeMap::new(),
            roles: BTreeSet::new(),
            gaps: tenant.gaps,
            cross_tenant: CrossTenant {
                default: tenant.cross_tenant.default,
                tenants: tenant
                    .cross_tenant
                    .tenants
                    .iter()
                    .map(|(tenant, trust)| (tenant.to_ascii_lowercase(), *trust))
                    .collect(),
            },
            users,
        };
        directory.add_roles(tenant);
        directory.possible_groups = Arc::new(Self::above(unseen.into_iter(), &directory.ways()));
        let possible = Arc::clone(&directory.possible_groups);
        let mut roles = std::mem::take(&mut directory.possible_roles);
        directory.add_held(possible.iter(), Truth::Unknown, &mut roles);
        directory.possible_roles = roles;
        directory
    }

    fn add_roles(&mut self, tenant: &Tenant) {
        for assignment in &tenant.roles {
            let active = assignment.state.map(|state| state == AssignmentState::Active);
            let scope = assignment.scope.as_deref().map(str::trim).filter(|it| !it.is_empty());
            let counts = Truth::from(!assignment.custom)
                .and(Truth::of(active))
                .and(Truth::of(scope.map(|scope| scope == "/")));
            if counts.is_false() {
                continue;
            }
            let role = assignment.role.to_ascii_lowercase();
            let principal = assignment.principal.to_ascii_lowercase();
            self.roles.insert(role.clone());
            let is_known = self.users.contains_key(&principal) || self.groups.contains(&principal);
            if self.gaps.groups && !is_known {
                self.possible_roles.insert(role.clone(), Truth::Unknown);
            }
            self.assigned.entry(principal).or_default().push(Assigned { role, counts });
        }
    }

    /// Everything about one user. Groups are walked once, upwards, with a visited set: cycles are
    /// legal input.
    pub(super) fn subject(&self, id: Option<&str>) -> Subject {
        let Some(id) = id.map(str::to_ascii_lowercase) else {
            return Subject {
                id: None,
                user: User::not_seen(""),
                has_object: false,
                groups: BTreeSet::new(),
                possible_groups: Arc::default(),
                roles: BTreeMap::new(),
            };
        };
        let parents = self.parents.get(&id).into_iter().flatten().cloned();
        let groups = Self::above(parents, &[&self.parents]);
        let mut possible_groups = Arc::clone(&self.possible_groups);
        let mut roles = self.possible_roles.clone();
        let doubtful: Vec<String> = [&id]
            .into_iter()
            .chain(&groups)
            .filter_map(|member| self.possible_parents.get(member))
            .flatten()
            .cloned()
            .collect();
        if !doubtful.is_empty() {
            let own = Self::above(doubtful.into_iter(), &self.ways());
            self.add_held(own.difference(&self.possible_groups), Truth::Unknown, &mut roles);
            Arc::make_mut(&mut possible_groups).extend(own);
        }
        self.add_held([&id].into_iter().chain(&groups), Truth::True, &mut roles);
        let known = self.users.get(&id).cloned();
        let has_object = known.is_some();
        let user = known.unwrap_or_else(|| User::not_seen(id.clone()));
        Subject { id: Some(id), user, has_object, groups, possible_groups, roles }
    }

    /// Every way from a member to a group, the doubtful ones too.
    fn ways(&self) -> [&BTreeMap<String, Vec<String>>; 2] {
        [&self.parents, &self.possible_parents]
    }

    /// Adds the roles of those who hold them.
    fn add_held<'a>(
        &self,
        holders: impl Iterator<Item = &'a String>,
        held: Truth,
        roles: &mut BTreeMap<String, Truth>,
    ) {
        for assigned in holders.filter_map(|holder| self.assigned.get(holder)).flatten() {
            let counts = held.and(assigned.counts);
            roles
                .entry(assigned.role.clone())
                .and_modify(|known| *known = known.or(counts))
                .or_insert(counts);
        }
    }

    /// Which of these groups the person may be in, where that is not what anybody may be in.
    pub(super) fn own_doubts(&self, subject: &Subject, of: &BTreeSet<String>) -> BTreeSet<String> {
        if Arc::ptr_eq(&self.possible_groups, &subject.possible_groups) {
            return BTreeSet::new();
        }
        of.iter().filter(|group| subject.possible_groups.contains(*group)).cloned().collect()
    }

    /// True when the object is a direct member of the group.
    pub(super) fn is_direct(&self, id: &str, group: &str) -> bool {
        self.parents.get(id).is_some_and(|parents| parents.iter().any(|parent| parent == group))
    }

    /// These groups, and whatever they are in by one of these ways.
    fn above(
        start: impl Iterator<Item = String>,
        ways: &[&BTreeMap<String, Vec<String>>],
    ) -> BTreeSet<String> {
        let mut visited = BTreeSet::new();
        let mut queue: Vec<String> = start.collect();
        while let Some(group) = queue.pop() {
            if !visited.contains(&group) {
                let parents = ways.iter().filter_map(|parents| parents.get(&group));
                queue.extend(parents.flatten().cloned());
                visited.insert(group);
            }
        }
        visited
    }

    /// Whether the user is in the group, directly or through others. A group that does not exist
    /// has no members, unless the snapshot says that it does not show all groups.
    pub(super) fn in_group(&self, subject: &Subject, group: &str) -> Truth {
        let exists = self.groups.contains(group);
        if subject.groups.contains(group) {
            return Truth::True;
        }
        if subject.possible_groups.contains(group) || (exists && subject.id.is_none()) {
            return Truth::Unknown;
        }
        if exists || !self.gaps.groups { Truth::False } else { Truth::Unknown }
    }

    /// Whether the user holds the role: an active assignment of the built-in role for the whole
    /// tenant, to the user or to a group.
    pub(super) fn in_role(&self, subject: &Subject, role: &str) -> Truth {
        let held = match &subject.id {
            Some(_) => subject.roles.get(role).copied().unwrap_or(Truth::False),
            None if self.roles.contains(role) => Truth::Unknown,
            None => Truth::False,
        };
        if held.is_false() && self.gaps.roles { Truth::Unknown } else { held }
    }

    /// Which claims of the user's home tenant are trusted. Where the home tenant was not seen, a
    /// setting counts only if it is the same for every tenant.
    pub(super) fn trust(&self, subject: &Subject) -> Trust {
        let CrossTenant { default, tenants } = &self.cross_tenant;
        if let Some(home) = &subject.user.home_tenant {
            return tenants.get(&home.to_ascii_lowercase()).copied().unwrap_or(*default);
        }
        tenants.values().fold(*default, |all, one| Trust {
            mfa: all.mfa.filter(|_| all.mfa == one.mfa),
            compliant: all.compliant.filter(|_| all.compliant == one.compliant),
            hybrid: all.hybrid.filter(|_| all.hybrid == one.hybrid),
        })
    }
}

impl Subject {
    /// Whether the person is external: every guest type but an internal guest. `None`: not seen,
    /// it may be a member.
    pub(crate) fn is_external(&self) -> Option<bool> {
        match self.user.kind? {
            UserType::Member | UserType::InternalGuest => Some(false),
            UserType::Guest => None,
            UserType::B2bCollaborationGuest
            | UserType::B2bCollaborationMember
            | UserType::B2bDirectConnectUser
            | UserType::OtherExternalUser
            | UserType::ServiceProvider => Some(true),
        }
    }

    /// Which of these groups the person is in, and which they may be in; with every role.
    pub(crate) fn standing_among(
        &self,
        groups: &BTreeSet<String>,
    ) -> (BTreeSet<String>, BTreeSet<String>, BTreeMap<String, Truth>) {
        let among = |of: &BTreeSet<String>| {
            of.iter().filter(|group| groups.contains(*group)).cloned().collect()
        };
        (among(&self.groups), among(&self.possible_groups), self.roles.clone())
    }

    /// The person without their groups, for when these have been asked.
    pub(crate) fn without_groups(self) -> Self {
        Self { groups: BTreeSet::new(), possible_groups: Arc::default(), ..self }
    }

    /// Whether the person comes by B2B direct connect.
    pub(crate) fn is_direct_connect(&self) -> Truth {
        match self.user.kind {
            Some(UserType::B2bDirectConnectUser) => Truth::True,
            None if !self.has_object => Truth::Unknown,
            _ => Truth::False,
        }
    }
}
