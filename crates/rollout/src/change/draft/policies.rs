//! The policies of the rollout.

use conditional_access::{
    Applications, ClientAppType, Conditions, GrantControls, Locations, Policy, State, Users,
};

use super::break_glass::new_group;
use super::{
    CannotDraft, Draft, Edit, Named, Purpose, Stage, break_glass_objects, plain, unless_empty,
};
use crate::change::edit::{Before, PolicyDocument};
use crate::change::identifiers::{is, provisional_id};
use crate::change::observe::is_numbered;
use crate::facts::Facts;
use crate::plan::{
    ADMINISTRATOR_ROLES, AZURE_MANAGEMENT, CA000, CA001_ALL, CA001_PILOT, CA002, CA003, CA004,
    CA005, LEGACY_EXCEPTIONS_GROUP,
};
use crate::proposal::{Proposal, asks_for_mfa, break_glass_excluded, everyone, existing};

/// The user action of registering security information.
const REGISTERS: &str = "urn:user:registersecurityinfo";

/// One of the policies of the rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standard {
    /// CA000: legacy authentication is blocked.
    BlockLegacy,
    /// CA001 for the pilot group.
    Pilot,
    /// CA001 for all users.
    AllUsers,
    /// CA002: MFA for administrators.
    Administrators,
    /// CA003: MFA for Azure management.
    AzureManagement,
    /// CA004: device code flow is blocked.
    DeviceCode,
    /// CA005 for the pilot group: Report-only does not judge a user action (Microsoft Entra
    /// documentation, *Conditional Access report-only mode*), so a few people try it first.
    ProtectPilotRegistration,
    /// CA005: security information is registered in trusted places, or with MFA.
    ProtectRegistration,
}

impl Standard {
    /// The name the portal shows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BlockLegacy => CA000,
            Self::Pilot => CA001_PILOT,
            Self::AllUsers => CA001_ALL,
            Self::Administrators => CA002,
            Self::AzureManagement => CA003,
            Self::DeviceCode => CA004,
            Self::ProtectPilotRegistration | Self::ProtectRegistration => CA005,
        }
    }

    /// The number its name begins with.
    #[must_use]
    pub fn number(self) -> &'static str {
        self.name().split(' ').next().unwrap_or_default()
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::BlockLegacy => {
                "A legacy client cannot pass MFA: it is blocked by a policy of its own."
            }
            Self::Pilot => "IT meets every surprise before anybody else does.",
            Self::AllUsers => "MFA for everybody is what the rollout is for.",
            Self::Administrators => "Whoever can change everything is asked first and always.",
            Self::AzureManagement => "Whoever manages Azure is asked, whatever their role.",
            Self::DeviceCode => "A code that is read out to somebody else signs them in.",
            Self::ProtectPilotRegistration => {
                "Report-only does not judge this policy: IT registers under it before anybody else."
            }
            Self::ProtectRegistration => {
                "Whoever holds only a stolen password must not be able to register a phone."
            }
        }
    }

    /// The policy as it is drafted today, On, without an id.
    ///
    /// # Errors
    /// When the settings name no pilot group that some file tells of.
    pub fn draft(self, facts: &Facts<'_>) -> Result<Policy, CannotDraft> {
        let of = |proposal: Proposal| proposal.judged_policies().next().cloned();
        let drafted = match self {
            Self::Pilot => of(Proposal::pilot(facts)?),
            Self::AllUsers => of(Proposal::all_users(facts)),
            Self::BlockLegacy => {
                let mut users = everyone(facts);
                users.exclude_groups.extend(existing(facts, LEGACY_EXCEPTIONS_GROUP));
                Some(block_legacy(users))
            }
            Self::Administrators => Some(mfa_for(
                CA002,
                Users {
                    include_roles: ADMINISTRATOR_ROLES.map(str::to_owned).to_vec(),
                    ..break_glass_excluded(facts)
                },
            )),
            Self::AzureManagement => Some(azure_management(everyone(facts))),
            Self::DeviceCode => Some(blocking(CA004, everyone(facts), |conditions| {
                conditions.authentication_flows = vec!["deviceCodeFlow".to_owned()];
            })),
            Self::ProtectPilotRegistration => {
                of(Proposal::pilot(facts)?).map(|it| protect_registration(it.conditions.users))
            }
            Self::ProtectRegistration => Some(protect_registration(everyone(facts))),
        };
        let policy = drafted.ok_or(CannotDraft::PoliciesNotSeen)?;
        Ok(Policy { id: None, ..policy })
    }
}

/// MFA on every resource.
pub(in crate::change) fn mfa_for(name: &str, users: Users) -> Policy {
    asks_for_mfa(name, None, users)
}

fn blocking(name: &str, users: Users, narrow: impl FnOnce(&mut Conditions)) -> Policy {
    let mut policy = mfa_for(name, users);
    narrow(&mut policy.conditions);
    let block =
        |grant: GrantControls| GrantControls { built_in: vec!["block".to_owned()], ..grant };
    policy.grant = policy.grant.map(block);
    policy
}

fn block_legacy(users: Users) -> Policy {
    blocking(CA000, users, |conditions| {
        conditions.client_app_types = vec![ClientAppType::ExchangeActiveSync, ClientAppType::Other];
    })
}

fn azure_management(users: Users) -> Policy {
    let mut policy = mfa_for(CA003, users);
    policy.conditions.applications.include = vec![AZURE_MANAGEMENT.to_owned()];
    policy
}

fn protect_registration(users: Users) -> Policy {
    let mut users = users;
    users.exclude_users.push("GuestsOrExternalUsers".to_owned());
    let mut policy = mfa_for(CA005, users);
    policy.conditions.applications =
        Applications { user_actions: vec![REGISTERS.to_owned()], ..Applications::default() };
    policy.conditions.locations =
        Some(Locations { include: vec!["All".to_owned()], exclude: vec!["AllTrusted".to_owned()] });
    policy
}

/// What security defaults come to, as policies that are On and exclude nobody (Microsoft Entra
/// documentation, *Security defaults*, and *Microsoft-managed policies*, which name their equals).
pub(in crate::change) fn parity_of_security_defaults() -> Vec<Policy> {
    let users = || Users { include_users: vec!["All".to_owned()], ..Users::default() };
    let mut all = vec![
        block_legacy(users()),
        mfa_for("MFA for all users", users()),
        azure_management(users()),
    ];
    for policy in &mut all {
        policy.display_name = format!("Security defaults: {}", policy.display_name);
        policy.state = State::Enabled;
    }
    all
}

/// The policy of a number, if the tenant has it.
///
/// # Errors
/// When no file tells the policies, or several have the number.
pub(crate) fn numbered<'f>(
    facts: &Facts<'f>,
    number: &str,
) -> Result<Option<&'f Policy>, CannotDraft> {
    let policies = facts.snapshot.policies.as_ref().ok_or(CannotDraft::PoliciesNotSeen)?;
    let found: Vec<&Policy> = policies.iter().filter(|it| is_numbered(it, number)).collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            Err(CannotDraft::SeveralPolicies { number: number.to_owned(), count: several.len() })
        }
    }
}

/// A policy of the tenant, changed into a draft. What the draft does not speak of stays: session
/// controls, and whatever nobody models.
pub(super) fn onto(existing: &Policy, draft: Policy) -> Policy {
    Policy {
        display_name: draft.display_name,
        state: draft.state,
        conditions: draft.conditions,
        grant: draft.grant,
        ..existing.clone()
    }
}

/// Makes a policy, or changes the one of its number.
fn put(
    facts: &Facts<'_>,
    marker: &str,
    which: Standard,
    state: State,
) -> Result<Edit, CannotDraft> {
    let draft = Policy { state, ..which.draft(facts)? };
    let number = which.number();
    Ok(match numbered(facts, number)? {
        Some(existing) => Edit::Policy {
            before: Before::Was(PolicyDocument::of(existing.clone())),
            after: Some(PolicyDocument::of(onto(existing, draft))),
        },
        None => {
            let id = provisional_id(&format!("{marker}-{}", number.to_lowercase()));
            Edit::Policy {
                before: Before::Absent,
                after: Some(PolicyDocument::of(Policy { id: Some(id), ..draft })),
            }
        }
    })
}

/// The group of legacy exceptions, where the policy that blocks legacy authentication is made and the
/// group is not there: the new policy leaves it out from the beginning.
fn with_group(facts: &Facts<'_>, marker: &str, which: Standard, edit: &mut Edit) -> Option<Named> {
    let Edit::Policy { before: Before::Absent, after: Some(document) } = edit else { return None };
    if which != Standard::BlockLegacy || existing(facts, LEGACY_EXCEPTIONS_GROUP).is_some() {
        return None;
    }
    let group =
        Named::new(provisional_id(&format!("{marker}-legacy-exceptions")), LEGACY_EXCEPTIONS_GROUP);
    document.0.conditions.users.exclude_groups.push(group.id.clone());
    Some(group)
}

/// Makes or changes policies of the rollout.
///
/// # Errors
/// When one is to be On beside security defaults, or cannot be drafted.
pub fn put_policies(
    facts: &Facts<'_>,
    marker: &str,
    wanted: &[(Standard, State)],
) -> Result<Draft, CannotDraft> {
    let turns_on = wanted.iter().any(|(_, state)| *state == State::Enabled);
    if turns_on && facts.snapshot.security_defaults != Some(false) {
        return Err(CannotDraft::SecurityDefaultsOn);
    }
    let mut edits = Vec::new();
    for (which, state) in wanted {
        let mut edit = put(facts, marker, *which, *state)?;
        if let Some(group) = with_group(facts, marker, *which, &mut edit) {
            let why = "Whoever gets a dated exception later joins it; the policy stays as it is, and so \
                       does what Report-only has shown of it.";
            edits.push((new_group(facts, &group), why.to_owned()));
        }
        edits.push((edit, which.reason().to_owned()));
    }
    let pilot = wanted.contains(&(Standard::Pilot, State::Enabled));
    let all = wanted.contains(&(Standard::AllUsers, State::Enabled));
    let (purpose, title, step) = if all {
        (Purpose::CutOver, "MFA for all users", Stage::Enforce)
    } else if pilot {
        (Purpose::Pilot, CA001_PILOT, Stage::Pilot)
    } else {
        (Purpose::Policies, "Policies of the rollout", Stage::Prepare)
    };
    let mut draft = plain(purpose, title, step, edits);
    draft.rests_on = break_glass_objects(facts);
    unless_empty(draft)
}

/// Brings one policy of the tenant to a state, by its id.
///
/// # Errors
/// When no file tells the policy, or it is to be On beside security defaults.
pub fn set_state(
    facts: &Facts<'_>,
    policy: &str,
    state: State,
    reason: &str,
) -> Result<Draft, CannotDraft> {
    let policies = facts.snapshot.policies.as_ref().ok_or(CannotDraft::PoliciesNotSeen)?;
    let found = policies.iter().find(|it| is(it.id.as_deref(), policy));
    let found = found.ok_or_else(|| CannotDraft::NoPolicy { name: policy.to_owned() })?;
    if state == State::Enabled && facts.snapshot.security_defaults != Some(false) {
        return Err(CannotDraft::SecurityDefaultsOn);
    }
    let edit = Edit::Policy {
        before: Before::Was(PolicyDocument::of(found.clone())),
        after: Some(PolicyDocument::of(Policy { state, ..found.clone() })),
    };
    let title = found.display_name.clone();
    let mut draft =
        plain(Purpose::Policies, &title, Stage::Prepare, vec![(edit, reason.to_owned())]);
    draft.rests_on = break_glass_objects(facts);
    unless_empty(draft)
}
