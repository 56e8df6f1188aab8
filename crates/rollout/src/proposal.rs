//! The policies of the tenant as they would be: what [`impact`](crate::impact) replays sign-ins
//! against and [`proof`](crate::proof) proves.

use std::collections::BTreeSet;

use conditional_access::facts::Tenant;
use conditional_access::{
    Applications, ClientAppType, Conditions, GrantControls, Operator, Policy, Source, State, Users,
};
use serde::Serialize;

use crate::account::Account;
use crate::facts::Facts;
use crate::plan::{BREAK_GLASS_GROUP, CA001_ALL, CA001_PILOT, EXCEPTIONS_GROUP};
use crate::snapshot::{
    DIRECTORY_SYNCHRONIZATION_ACCOUNTS, Group, ON_PREMISES_DIRECTORY_SYNC_ACCOUNT,
};
use crate::tenant_facts;

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Policies that do not exist yet, on top of the tenant's own.
    Proposed,
    /// The tenant's own policies.
    Current,
}

/// The policies of the tenant as they would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What is judged.
    pub against: Against,
    /// Every policy that there would be, of any state: the tenant's own that stay, then the new.
    pub policies: Vec<Policy>,
    /// Places in `policies` of those that are judged: the new ones, or all.
    pub judged: Vec<usize>,
    /// Security defaults as they would be. `None`: not seen.
    pub security_defaults: Option<bool>,
    /// What was taken for granted, a sentence each.
    pub assumptions: Vec<String>,
}

/// Why there is nothing to propose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoProposal {
    /// The settings name no pilot group.
    #[error("the settings name no pilot group")]
    NoPilotGroup,
    /// No file tells of the pilot group.
    #[error("the pilot group `{name}` is in no file")]
    PilotGroupNotSeen {
        /// The name or id in the settings.
        name: String,
    },
}

impl Proposal {
    /// These policies, each counted as On, on top of the tenant's own. One whose id, or without an
    /// id whose display name, equals that of an existing policy takes its place.
    #[must_use]
    pub fn of_policies(facts: &Facts<'_>, policies: Vec<Policy>) -> Self {
        let mut assumptions = Vec::new();
        let mut own = own_policies(facts);
        let mut new: Vec<Policy> = Vec::new();
        for mut policy in policies {
            if policy.state != State::Enabled {
                let name = named(&policy);
                assumptions.push(format!("{name} counts as On, whatever its file says."));
                policy.state = State::Enabled;
            }
            let same: Vec<usize> = places(&own, |it| is_same(&policy, it));
            match same.as_slice() {
                [] => {}
                [place] => {
                    let replaced = own.remove(*place);
                    policy.id = policy.id.or(replaced.id);
                }
                several if policy.id.is_some() => {
                    let gone: BTreeSet<usize> = several.iter().copied().collect();
                    let mut place = 0..;
                    own.retain(|_| place.next().is_none_or(|place| !gone.contains(&place)));
                }
                several => assumptions.push(format!(
                    "{} policies are named `{}`: the one of the file was counted beside them.",
                    several.len(),
                    policy.display_name
                )),
            }
            if policy.id.is_some() {
                // Of two files of one policy the later one counts.
                new.retain(|it| !is_same(&policy, it));
            }
            new.push(policy);
        }
        Self::proposed(facts, own, new, assumptions)
    }

    /// CA001 for all users, in the place of a CA001 that there is: MFA for every resource, with the
    /// exclusions of the plan.
    #[must_use]
    pub fn all_users(facts: &Facts<'_>) -> Self {
        let mut users = everyone(facts);
        users.exclude_groups.extend(existing(facts, EXCEPTIONS_GROUP));
        let untold = is_synchronised(facts) && users.exclude_roles.is_empty();
        let mut proposal = Self::of_draft(facts, CA001_ALL, users);
        if untold {
            proposal.assumptions.push(format!(
                "No file tells who holds the role Directory Synchronization Accounts, which \
                 `{CA001_ALL}` is to exclude: whoever does is judged like everybody else."
            ));
        }
        proposal
    }

    /// CA001 for the pilot group, in the place of a CA001 that there is.
    ///
    /// # Errors
    /// When the settings name no pilot group, or no file tells of it.
    pub fn pilot(facts: &Facts<'_>) -> Result<Self, NoProposal> {
        let name = facts.rollout.pilot.group.as_deref().ok_or(NoProposal::NoPilotGroup)?;
        let not_seen = || NoProposal::PilotGroupNotSeen { name: name.to_owned() };
        let group = facts.group(name).and_then(|group| group.id.clone()).ok_or_else(not_seen)?;
        let users = Users { include_groups: vec![group], ..break_glass_excluded(facts) };
        Ok(Self::of_draft(facts, CA001_PILOT, users))
    }

    /// The tenant's own policies, all of them judged.
    #[must_use]
    pub fn current(facts: &Facts<'_>) -> Self {
        let policies = own_policies(facts);
        let mut assumptions = common_assumptions(facts, &policies);
        let is_on = policies.iter().any(|policy| policy.state == State::Enabled);
        let security_defaults = match facts.snapshot.security_defaults {
            None if is_on => {
                assumptions.push(
                    "No file tells whether security defaults are on; they count as off, because \
                     no policy can be On beside them."
                        .to_owned(),
                );
                Some(false)
            }
            Some(true) => {
                assumptions.push(
                    "Security defaults are on, and are no policy: what they alone ask for or block \
                     is not in the lockout list."
                        .to_owned(),
                );
                Some(true)
            }
            seen => seen,
        };
        Self {
            against: Against::Current,
            judged: (0..policies.len()).collect(),
            policies,
            security_defaults,
            assumptions,
        }
    }

    /// The tenant as it would be.
    #[must_use]
    pub fn tenant(&self, facts: &Facts<'_>) -> Tenant {
        Tenant { security_defaults: self.security_defaults, ..tenant_facts::tenant(facts) }
    }

    /// The policies that are judged.
    pub fn judged_policies(&self) -> impl Iterator<Item = &Policy> {
        self.judged.iter().filter_map(|place| self.policies.get(*place))
    }

    /// A policy for MFA on every resource, in the place of the one of its number.
    fn of_draft(facts: &Facts<'_>, name: &str, users: Users) -> Self {
        let mut own = own_policies(facts);
        let mut assumptions = Vec::new();
        let number = name.split(' ').next().unwrap_or(name);
        let found =
            places(&own, |policy| policy.display_name.to_ascii_uppercase().starts_with(number));
        let replaced = found.first().map(|place| own.remove(*place));
        if let Some(replaced) = &replaced {
            assumptions.push(format!("{} is changed into `{name}`.", named(replaced)));
        }
        if facts.rollout.break_glass.accounts.is_empty() {
            let excluded = if users.exclude_groups.is_empty() { "nobody" } else { "a group alone" };
            assumptions.push(format!(
                "No break-glass account is named in lockstep.toml: `{name}` excludes {excluded}."
            ));
        }
        let draft = asks_for_mfa(name, replaced.and_then(|it| it.id), users);
        Self::proposed(facts, own, vec![draft], assumptions)
    }

    fn proposed(
        facts: &Facts<'_>,
        own: Vec<Policy>,
        new: Vec<Policy>,
        mut assumptions: Vec<String>,
    ) -> Self {
        assumptions.extend(common_assumptions(facts, &own));
        let security_defaults = if new.is_empty() {
            facts.snapshot.security_defaults
        } else {
            let today = match facts.snapshot.security_defaults {
                Some(true) => Some("Security defaults are on today"),
                None => Some("No file tells whether security defaults are on"),
                Some(false) => None,
            };
            assumptions.extend(today.map(|today| {
                format!("{today}; they count as off, because no policy can be On beside them.")
            }));
            Some(false)
        };
        let first = own.len();
        let policies: Vec<Policy> = own.into_iter().chain(new).collect();
        Self {
            against: Against::Proposed,
            judged: (first..policies.len()).collect(),
            policies,
            security_defaults,
            assumptions,
        }
    }
}

fn own_policies(facts: &Facts<'_>) -> Vec<Policy> {
    facts.snapshot.policies.clone().unwrap_or_default()
}

fn places(policies: &[Policy], is_it: impl Fn(&Policy) -> bool) -> Vec<usize> {
    let all = policies.iter().enumerate();
    all.filter(|(_, policy)| is_it(policy)).map(|(place, _)| place).collect()
}

/// Whether a proposed policy means an existing one.
fn is_same(proposed: &Policy, existing: &Policy) -> bool {
    match (&proposed.id, &existing.id) {
        (Some(proposed), Some(existing)) => proposed.eq_ignore_ascii_case(existing),
        (Some(_), None) => false,
        (None, _) => {
            let name = proposed.display_name.trim().to_lowercase();
            !name.is_empty() && name == existing.display_name.trim().to_lowercase()
        }
    }
}

/// A policy as a sentence names it.
fn named(policy: &Policy) -> String {
    match (policy.display_name.as_str(), &policy.id) {
        ("", Some(id)) => format!("The policy `{id}`"),
        ("", None) => "A policy without a name".to_owned(),
        (name, _) => format!("`{name}`"),
    }
}

/// What every judgement takes for granted.
fn common_assumptions(facts: &Facts<'_>, own: &[Policy]) -> Vec<String> {
    let mut all = Vec::new();
    if facts.snapshot.policies.is_none() {
        all.push(
            "No file holds the tenant's own Conditional Access policies: what they do is in no \
             figure."
                .to_owned(),
        );
    }
    let managed = own.iter().filter(|policy| {
        policy.state == State::EnabledForReportingButNotEnforced && policy.is_microsoft_managed()
    });
    all.extend(managed.map(|policy| {
        format!(
            "{} is Report-only and managed by Microsoft: it may switch itself on.",
            named(policy)
        )
    }));
    all
}

/// All users but break-glass accounts and directory synchronisation, which can answer no prompt
/// (Microsoft Entra documentation, *User exclusions* of the policy templates).
pub(crate) fn everyone(facts: &Facts<'_>) -> Users {
    Users {
        include_users: vec!["All".to_owned()],
        exclude_roles: synchronisation_roles(facts),
        ..break_glass_excluded(facts)
    }
}

/// The role that every account of directory synchronisation had, and the newer one where somebody has
/// it. Without any assignment seen, a role excludes nobody for certain and everybody perhaps: none.
fn synchronisation_roles(facts: &Facts<'_>) -> Vec<String> {
    let held: Vec<_> = facts.snapshot.roles.iter().flatten().filter(|it| it.active).collect();
    if !is_synchronised(facts) || held.is_empty() {
        return Vec::new();
    }
    let newer = ON_PREMISES_DIRECTORY_SYNC_ACCOUNT;
    let has_newer = held.iter().any(|it| it.role.eq_ignore_ascii_case(newer));
    let all = [DIRECTORY_SYNCHRONIZATION_ACCOUNTS].into_iter().chain(has_newer.then_some(newer));
    all.map(str::to_owned).collect()
}

/// Not known to be a tenant of its own.
fn is_synchronised(facts: &Facts<'_>) -> bool {
    facts.snapshot.tenant.on_premises_sync != Some(false)
}

/// Users that leave out the break-glass accounts: by their group, where the directory has it, and
/// by name, because the plan makes them its members before any policy is On.
pub(crate) fn break_glass_excluded(facts: &Facts<'_>) -> Users {
    let settings = &facts.rollout.break_glass;
    let group = settings.group.as_deref().unwrap_or(BREAK_GLASS_GROUP);
    let accounts = settings.accounts.iter().filter_map(|name| {
        let account = facts.user_named(name.trim()).map_or_else(
            || Account { user_principal_name: Some(name.trim().to_owned()), ..Account::default() },
            |user| user.account.clone(),
        );
        // A policy names accounts by their object ids alone.
        tenant_facts::user_id(facts, &account).filter(|id| !id.contains('@'))
    });
    Users {
        exclude_users: accounts.collect(),
        exclude_groups: existing(facts, group).into_iter().collect(),
        ..Users::default()
    }
}

/// The id of a group that some file tells of.
pub(crate) fn existing(facts: &Facts<'_>, name: &str) -> Option<String> {
    let id = |group: &Group| group.id.clone();
    facts.group(name).and_then(id)
}

/// A policy on all resources and all client apps that asks for MFA.
pub(crate) fn asks_for_mfa(name: &str, id: Option<String>, users: Users) -> Policy {
    Policy {
        id,
        display_name: name.to_owned(),
        state: State::Enabled,
        created: None,
        modified: None,
        template_id: None,
        conditions: Conditions {
            users,
            applications: Applications {
                include: vec!["All".to_owned()],
                ..Applications::default()
            },
            client_app_types: vec![ClientAppType::All],
            ..Conditions::default()
        },
        grant: Some(GrantControls {
            operator: Some(Operator::Or),
            built_in: vec!["mfa".to_owned()],
            custom: Vec::new(),
            terms_of_use: Vec::new(),
            authentication_strength: None,
            allowed_combinations: None,
        }),
        session: None,
        unmodelled: Vec::new(),
        source: Source::default(),
    }
}
