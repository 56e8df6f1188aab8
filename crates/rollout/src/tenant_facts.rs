//! The tenant as the evaluation of policies reads it: a snapshot, put into the words of
//! [`conditional_access::facts`].
//!
//! What no file told stays untold. In particular:
//!
//! * Groups are never taken for all groups, because a file of some groups looks like one of all:
//!   of a group that a policy names and no file holds, the members are not known.
//! * Roles are taken for all roles as soon as an active assignment was read. A file of eligible
//!   assignments alone says nothing about the active ones.
//! * The trusted addresses of the old MFA service settings, how baseline scopes are treated, and
//!   which devices of other tenants are trusted, stand in no export, and are not known.
//! * Mandatory MFA for administration is in force in the public cloud from the day on which the
//!   last postponement ended; before it, and in other clouds, it is not known.

use std::collections::{BTreeMap, BTreeSet};

use conditional_access::facts as seen;
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::facts::Facts;
use crate::measurement::ReplayAccount;
use crate::snapshot::{Group, Member, MemberKind, PerUserMfa, RoleAssignment, User, UserType};

/// The day on which the last postponement of mandatory MFA for the Azure, Entra and Intune portals
/// ended (Microsoft Entra documentation, *Planning for mandatory multifactor authentication*).
const MANDATORY_MFA_SINCE: Date = date(2026, 7, 1);

/// The tenant as seen, with security defaults as they are today.
#[must_use]
pub fn tenant(facts: &Facts<'_>) -> seen::Tenant {
    let snapshot = facts.snapshot;
    let Objects { users, groups, roles } = Objects::of(facts);
    let strengths = snapshot.authentication_strengths.iter().flatten();
    seen::Tenant {
        per_user_mfa: per_user_mfa(facts),
        users,
        groups,
        changed_memberships: Vec::new(),
        roles,
        named_locations: snapshot.named_locations.clone().unwrap_or_default(),
        mfa_trusted_ips: None,
        apps: Vec::new(),
        gaps: seen::Gaps {
            groups: true,
            roles: !snapshot.roles.iter().flatten().any(|role| role.active),
        },
        baseline_scopes: None,
        cross_tenant: seen::CrossTenant {
            default: seen::Trust {
                mfa: snapshot.inbound_mfa_trusted,
                compliant: None,
                hybrid: None,
            },
            tenants: BTreeMap::new(),
        },
        authentication_strengths: strengths
            .filter_map(|strength| {
                let allowed = &strength.allowed_combinations;
                Some(seen::AuthenticationStrength {
                    id: strength.id.clone()?,
                    allowed_combinations: (!allowed.is_empty()).then(|| allowed.clone()),
                })
            })
            .collect(),
        security_defaults: snapshot.security_defaults,
        mandatory_mfa: mandatory_mfa(facts),
    }
}

/// How long a change of a membership may be on its way to Conditional Access (Entra documentation,
/// *Continuous access evaluation*, group membership and policy update effective time: one day).
const ON_ITS_WAY: SignedDuration = SignedDuration::from_hours(24);

/// Memberships of which the directory audit tells that they were written within a day before the
/// newest record: each may count already, or not yet. Events name a group that is no target by its
/// display name alone; one that no file of groups holds is left out.
#[must_use]
pub fn changed_memberships(facts: &Facts<'_>) -> Vec<seen::Membership> {
    let since = facts.as_of.saturating_sub(ON_ITS_WAY).unwrap_or(Timestamp::MIN);
    let events = facts.snapshot.audits.iter().flatten().filter(|event| {
        let activity = event.activity.to_ascii_lowercase();
        let is_change = ["member to group", "member from group"];
        is_change.iter().any(|words| activity.contains(words))
            && event.succeeded != Some(false)
            && event.time.is_none_or(|time| time >= since)
    });
    let mut changed = Vec::new();
    for event in events {
        let groups = event.objects.iter().filter_map(|name| facts.group(name)?.id.as_ref());
        for group in groups.map(|id| id.to_lowercase()) {
            let members = event.targets.iter().filter_map(|account| user_id(facts, account));
            changed.extend(members.map(|member| seen::Membership { group: group.clone(), member }));
        }
    }
    changed
}

/// The id by which an account is found in [`tenant`], in lower case: its object id, from whichever
/// file tells it; else its user principal name. `None` for an account without any name.
#[must_use]
pub fn user_id(facts: &Facts<'_>, account: &Account) -> Option<String> {
    let account = facts.directory_form(account);
    let told = |id: Option<&String>| id.filter(|id| !id.is_empty()).map(|id| id.to_lowercase());
    told(account.user_id.as_ref())
        .or_else(|| told(facts.registration(&account)?.account.user_id.as_ref()))
        .or_else(|| told(facts.activity(&account)?.account.user_id.as_ref()))
        .or_else(|| told(account.user_principal_name.as_ref()))
}

/// Whether a role assignment is there from now on. An active one that ends within a day is an
/// activation (Privileged Identity Management: 24 hours at most), beside which an eligible one
/// stands.
pub(crate) fn lasts(facts: &Facts<'_>, role: &RoleAssignment) -> bool {
    let tomorrow = facts.now.saturating_add(SignedDuration::from_hours(24)).unwrap_or(facts.now);
    role.ends.is_none_or(|ends| ends > if role.active { tomorrow } else { facts.now })
}

/// Everybody of whom some file tells.
struct Users {
    all: Vec<seen::User>,
    known: BTreeSet<String>,
}

impl Users {
    fn of(facts: &Facts<'_>) -> Self {
        let mut users = Self { all: Vec::new(), known: BTreeSet::new() };
        let replayed = replayed(facts);
        for user in facts.snapshot.users.iter().flatten() {
            let Some(id) = user_id(facts, &user.account) else { continue };
            let logged = replayed.get(&id).copied();
            users.add(seen::User {
                kind: kind(facts, user, logged),
                home_tenant: logged.and_then(|it| it.home_tenant.clone()),
                identity_provider: None,
                federated: federated(facts, user),
                id,
            });
        }
        for (id, logged) in replayed {
            users.add(seen::User {
                kind: kind_of_unlisted(facts, logged),
                home_tenant: logged.home_tenant.clone(),
                ..seen::User::not_seen(id)
            });
        }
        users
    }

    /// Adds a user, unless there is one of that id.
    fn add(&mut self, user: seen::User) {
        if self.known.insert(user.id.clone()) {
            self.all.push(user);
        }
    }
}

/// The accounts of the sign-in log by the id they are found by.
fn replayed<'a>(facts: &Facts<'a>) -> BTreeMap<String, &'a ReplayAccount> {
    let replay = facts.measurement.and_then(|measurement| measurement.replay.as_ref());
    let accounts = replay.iter().flat_map(|replay| &replay.accounts);
    accounts.filter_map(|it| Some((user_id(facts, &it.account)?, it))).collect()
}

/// Member, or which kind of guest (External ID documentation, *Properties of a B2B collaboration
/// user*): an invitation or `#EXT#` in the name is an identity from elsewhere. Where the directory
/// does not tell member or guest, the registration report does, then the sign-in log.
fn kind(facts: &Facts<'_>, user: &User, logged: Option<&ReplayAccount>) -> Option<seen::UserType> {
    let is_invited = user.external_user_state.as_deref().is_some_and(|it| !it.is_empty());
    let is_external = is_invited || is_named_external(&user.account);
    let reported = || facts.registration(&user.account)?.user_type;
    let in_log = || {
        let person = facts.activity(&user.account).and_then(|it| it.guest);
        logged.and_then(|it| it.guest).or(person).map(user_type)
    };
    match (user.user_type.or_else(reported).or_else(in_log), is_external) {
        (Some(UserType::Guest), true) => Some(seen::UserType::B2bCollaborationGuest),
        (Some(UserType::Member), true) => Some(seen::UserType::B2bCollaborationMember),
        // Without an invitation seen: one with credentials of this tenant, or one of elsewhere.
        (Some(UserType::Guest), false) | (None, true) => Some(seen::UserType::Guest),
        (Some(UserType::Member), false) => Some(seen::UserType::Member),
        (None, false) => None,
    }
}

/// What is told without the directory. The registration report holds this tenant's objects only; a
/// member of the log who is not in it may come from another tenant.
fn kind_of_unlisted(facts: &Facts<'_>, logged: &ReplayAccount) -> Option<seen::UserType> {
    let row = facts.registration(&logged.account);
    let reported = row.and_then(|row| row.user_type);
    let is_guest = logged.guest == Some(true)
        || reported == Some(UserType::Guest)
        || is_named_external(&logged.account)
        || row.is_some_and(|row| is_named_external(&row.account));
    match reported {
        _ if is_guest => Some(seen::UserType::Guest),
        Some(UserType::Member) => Some(seen::UserType::Member),
        _ => None,
    }
}

fn user_type(is_guest: bool) -> UserType {
    if is_guest { UserType::Guest } else { UserType::Member }
}

fn is_named_external(account: &Account) -> bool {
    let name = account.user_principal_name.as_deref().unwrap_or_default();
    name.to_ascii_lowercase().contains("#ext#")
}

/// Whether the domain of the name is federated. A guest's domain is not this tenant's.
fn federated(facts: &Facts<'_>, user: &User) -> Option<bool> {
    let name = user.account.user_principal_name.as_deref()?;
    if is_named_external(&user.account) {
        return None;
    }
    let (_, domain) = name.rsplit_once('@')?;
    let domains = facts.snapshot.tenant.domains.as_ref()?;
    domains.iter().find(|it| it.name.eq_ignore_ascii_case(domain))?.federated
}

/// The state of everybody, as soon as one was read: that of the others was not seen.
fn per_user_mfa(facts: &Facts<'_>) -> Option<BTreeMap<String, Option<seen::PerUserMfa>>> {
    let users = facts.snapshot.users.as_ref()?;
    users.iter().any(|user| user.per_user_mfa.is_some()).then(|| {
        let states = users.iter().filter_map(|user| {
            let state = user.per_user_mfa.map(|state| match state {
                PerUserMfa::Disabled => seen::PerUserMfa::Disabled,
                PerUserMfa::Enabled => seen::PerUserMfa::Enabled,
                PerUserMfa::Enforced => seen::PerUserMfa::Enforced,
            });
            Some((user_id(facts, &user.account)?, state))
        });
        states.collect()
    })
}

fn mandatory_mfa(facts: &Facts<'_>) -> Option<bool> {
    let is_public = facts.rollout.tenant.cloud.eq_ignore_ascii_case("global")
        && facts.snapshot.tenant.initial_domain().is_none_or(|it| it.ends_with(".onmicrosoft.com"));
    let today = facts.now.to_zoned(TimeZone::UTC).date();
    (is_public && today >= MANDATORY_MFA_SINCE).then_some(true)
}

/// Users, groups and role assignments.
struct Objects {
    users: Vec<seen::User>,
    groups: Vec<seen::Group>,
    roles: Vec<seen::RoleAssignment>,
}

impl Objects {
    /// A member or holder that is a user or a group of which no other file tells is put in as one
    /// of which nothing was seen: else it could be taken for anything.
    fn of(facts: &Facts<'_>) -> Self {
        let mut named = Named { facts, users: Users::of(facts), groups: BTreeSet::new() };
        let groups = facts.snapshot.groups.iter().flatten();
        let mut groups: Vec<seen::Group> = groups.filter_map(|it| named.group(it)).collect();
        let roles = facts.snapshot.roles.iter().flatten();
        let roles = roles.filter_map(|role| named.assignment(role)).collect();
        let listed: BTreeSet<String> = groups.iter().map(|group| group.id.clone()).collect();
        let unlisted = named.groups.into_iter().filter(|id| !listed.contains(id));
        groups.extend(unlisted.map(|id| seen::Group { id, members: None }));
        Self { users: named.users.all, groups, roles }
    }
}

/// Everybody and everything that is named as a member or a holder.
struct Named<'f> {
    facts: &'f Facts<'f>,
    users: Users,
    groups: BTreeSet<String>,
}

impl Named<'_> {
    /// One group. Policies name groups by their ids, so that one without an id is none of theirs
    /// that anybody could tell.
    fn group(&mut self, group: &Group) -> Option<seen::Group> {
        let id = group.id.as_ref()?.to_lowercase();
        let members = group.members.as_ref();
        let members =
            members.map(|all| all.iter().filter_map(|member| self.member(member)).collect());
        Some(seen::Group { id, members })
    }

    fn member(&mut self, member: &Member) -> Option<String> {
        self.object(member.kind, member.id.as_deref(), member.user_principal_name.as_deref())
    }

    /// The id of a user or group. Devices and applications are nobody's users.
    fn object(&mut self, kind: MemberKind, id: Option<&str>, name: Option<&str>) -> Option<String> {
        let account = Account {
            user_principal_name: name.map(str::to_owned),
            user_id: id.map(str::to_owned),
            display_name: None,
        };
        match kind {
            MemberKind::Other => None,
            MemberKind::Group => {
                let id = id?.to_lowercase();
                self.groups.insert(id.clone());
                Some(id)
            }
            MemberKind::User => {
                let id = user_id(self.facts, &account)?;
                self.users.add(seen::User::not_seen(id.clone()));
                Some(id)
            }
            MemberKind::Unknown => user_id(self.facts, &account),
        }
    }

    fn assignment(&mut self, role: &RoleAssignment) -> Option<seen::RoleAssignment> {
        let (id, name) = (role.principal_id.as_deref(), role.principal_name.as_deref());
        let principal = self.object(role.principal_kind, id, name)?;
        let state = if role.active {
            seen::AssignmentState::Active
        } else {
            seen::AssignmentState::Eligible
        };
        Some(seen::RoleAssignment {
            role: role.role.to_lowercase(),
            principal,
            scope: role.scope.clone(),
            // One that ran out may have been renewed, and one that is an activation comes and goes.
            state: lasts(self.facts, role).then_some(state),
            custom: false,
        })
    }
}
