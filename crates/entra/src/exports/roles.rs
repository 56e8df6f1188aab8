//! Role assignments: active, eligible, and the members of activated roles.

use std::collections::BTreeMap;

use rollout::{MemberKind, RoleAssignment};

use super::groups::kind_of;
use super::merge::{Identity, copies, fill, fill_least};
use super::object::{Object, Read, wrong};

/// A role definition: what an assignment's `roleDefinitionId` stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Definition {
    id: String,
    template: Option<String>,
    name: Option<String>,
}

/// Reads one assignment of Graph's `roleManagement/directory`.
pub(super) fn read(object: &Object<'_>, eligible: bool) -> Read<RoleAssignment> {
    let definition = object.object("roleDefinition")?;
    let (mut role, mut role_name) = (None, None);
    if let Some(definition) = &definition {
        role = definition.lower("templateId")?;
        role_name = definition.text("displayName")?;
    }
    let role = match role {
        Some(role) => role,
        None => {
            object.lower("roleDefinitionId")?.ok_or_else(|| wrong("roleDefinitionId", "there"))?
        }
    };
    let principal = object.object("principal")?;
    let mut principal_id = object.lower("principalId")?;
    let (mut principal_name, mut principal_kind) = (None, MemberKind::Unknown);
    if let Some(principal) = &principal {
        fill(&mut principal_id, principal.lower("id")?);
        principal_name = principal.text("userPrincipalName")?;
        principal_kind = kind(principal, principal_name.is_some());
    }
    if principal_id.is_none() && principal_name.is_none() {
        return Err(wrong("principalId", "there"));
    }
    let mut ends = object.time("endDateTime")?;
    if let Some(schedule) = object.object("scheduleInfo")?
        && let Some(expiration) = schedule.object("expiration")?
    {
        fill_least(&mut ends, expiration.time("endDateTime")?);
    }
    Ok(RoleAssignment {
        role,
        role_name,
        principal_id,
        principal_name,
        principal_kind,
        active: !eligible,
        scope: object.text("directoryScopeId")?,
        ends,
    })
}

fn kind(principal: &Object<'_>, has_user_name: bool) -> MemberKind {
    match principal.odata_type() {
        Some(name) => kind_of(name),
        None if has_user_name => MemberKind::User,
        None => MemberKind::Unknown,
    }
}

/// Reads one `directoryRole` with its members; `None` where the file does not expand them.
pub(super) fn read_directory_role(object: &Object<'_>) -> Read<Option<Vec<RoleAssignment>>> {
    let role = object.lower("roleTemplateId")?.ok_or_else(|| wrong("roleTemplateId", "there"))?;
    let role_name = object.text("displayName")?;
    let Some(members) = object.objects("members")? else { return Ok(None) };
    let mut assignments = Vec::with_capacity(members.len());
    for member in members {
        let account = super::users::read_account(&member)?;
        assignments.push(RoleAssignment {
            role: role.clone(),
            role_name: role_name.clone(),
            principal_kind: kind(&member, account.user_principal_name.is_some()),
            principal_id: account.user_id,
            principal_name: account.user_principal_name,
            active: true,
            scope: Some("/".to_owned()),
            ends: None,
        });
    }
    Ok(Some(assignments))
}

/// Reads one `unifiedRoleDefinition`.
pub(super) fn read_definition(object: &Object<'_>) -> Read<Definition> {
    Ok(Definition {
        id: object.lower("id")?.ok_or_else(|| wrong("id", "there"))?,
        template: object.lower("templateId")?,
        name: object.text("displayName")?,
    })
}

/// The assignments, copies made one, roles named where a definition was read.
pub(super) fn finish(
    mut assignments: Vec<RoleAssignment>,
    mut definitions: Vec<Definition>,
) -> Vec<RoleAssignment> {
    definitions.sort();
    let by_id: BTreeMap<&str, &Definition> =
        definitions.iter().map(|definition| (definition.id.as_str(), definition)).collect();
    for assignment in &mut assignments {
        if let Some(definition) = by_id.get(assignment.role.as_str()) {
            fill(&mut assignment.role_name, definition.name.clone());
            if let Some(template) = &definition.template {
                assignment.role.clone_from(template);
            }
        }
    }
    let all = copies(assignments, |it| {
        let holder = it.principal_id.as_ref().or(it.principal_name.as_ref());
        let scope = it.scope.as_deref().unwrap_or("/");
        let holder = holder.map(String::as_str).unwrap_or_default();
        Identity::new(Some(&format!("{} {holder} {scope} {}", it.role, it.active)), &[])
    });
    let mut finished: Vec<RoleAssignment> = all
        .into_iter()
        .filter_map(|copies| {
            copies.into_iter().reduce(|mut left, right| {
                fill(&mut left.role_name, right.role_name);
                fill(&mut left.principal_id, right.principal_id);
                fill(&mut left.principal_name, right.principal_name);
                left.principal_kind = left.principal_kind.min(right.principal_kind);
                fill(&mut left.scope, right.scope);
                // The plain list leaves out the end that the schedule shows.
                fill_least(&mut left.ends, right.ends);
                left
            })
        })
        .collect();
    finished.sort();
    finished
}
