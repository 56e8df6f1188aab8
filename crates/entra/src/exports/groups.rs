//! Groups and files of group members.

use rollout::{Account, Group, Member, MemberKind};
use serde_json::Value;

use super::merge::{Identity, copies, fill, fill_least, unite};
use super::object::{Object, Read, wrong};

/// Reads one group.
pub(super) fn read(object: &Object<'_>) -> Read<Group> {
    let group = Group {
        id: object.lower("id")?,
        display_name: object.text("displayName")?,
        members: read_members(object)?,
        membership_rule: object.text_or_unset("membershipRule")?,
        assignable_to_role: object
            .flag("isAssignableToRole")?
            .or_else(|| object.is_told_unset("isAssignableToRole").then_some(false)),
        owners: read_owners(object)?,
    };
    if group.id.is_none() && group.display_name.is_none() {
        return Err(wrong("id", "there, nor is `displayName`"));
    }
    Ok(group)
}

/// Reads `{"groupId": …, "members": […]}`, or a row of one member beside its `groupId`.
pub(super) fn read_members_of(object: &Object<'_>) -> Read<Group> {
    let id = object.lower("groupId")?.ok_or_else(|| wrong("groupId", "there"))?;
    let members = if object.has("members") {
        read_members(object)?
    } else {
        Some(vec![read_member(object)?])
    };
    let display_name = match object.text("groupDisplayName")? {
        Some(name) => Some(name),
        None if object.has("members") => object.text("displayName")?,
        None => None,
    };
    Ok(Group { id: Some(id), display_name, members, ..Group::default() })
}

/// Reads one member of the group a page's context names.
pub(super) fn read_member_of(object: &Object<'_>, group: &str) -> Read<Group> {
    let members = Some(vec![read_member(object)?]);
    Ok(Group { id: Some(group.to_lowercase()), members, ..Group::default() })
}

fn read_members(object: &Object<'_>) -> Read<Option<Vec<Member>>> {
    let Some(items) = object.list("members") else { return Ok(None) };
    let mut members = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::String(name) if !name.trim().is_empty() => members.push(bare(name.trim())),
            Value::Object(map) => members.push(read_member(&object.beside(map))?),
            Value::Null | Value::String(_) => {}
            _ => return Err(wrong("members", "a list of users and groups")),
        }
    }
    Ok(Some(members))
}

/// A member given by one word: an object id, or a user principal name.
fn bare(name: &str) -> Member {
    if name.contains('@') {
        Member { id: None, user_principal_name: Some(name.to_owned()), kind: MemberKind::User }
    } else {
        Member {
            id: Some(name.to_lowercase()),
            user_principal_name: None,
            kind: MemberKind::Unknown,
        }
    }
}

fn read_member(object: &Object<'_>) -> Read<Member> {
    let Account { user_principal_name, user_id, .. } = super::users::read_account(object)?;
    let id = match user_id {
        Some(id) => Some(id),
        None => match object.lower("memberId")? {
            Some(id) => Some(id),
            None => object.lower("userId")?,
        },
    };
    if id.is_none() && user_principal_name.is_none() {
        return Err(wrong("id", "there for a member, nor is `userPrincipalName`"));
    }
    let kind = match object.odata_type() {
        Some(name) => kind_of(name),
        None => match object.text("objectType")? {
            Some(name) => kind_of(&name),
            // Only users have a user principal name.
            None if user_principal_name.is_some() => MemberKind::User,
            None => MemberKind::Unknown,
        },
    };
    Ok(Member { id, user_principal_name, kind })
}

/// The kind of object an `@odata.type` names.
pub(super) fn kind_of(odata_type: &str) -> MemberKind {
    match odata_type.to_ascii_lowercase().as_str() {
        "user" => MemberKind::User,
        "group" => MemberKind::Group,
        "directoryobject" | "" => MemberKind::Unknown,
        _ => MemberKind::Other,
    }
}

fn read_owners(object: &Object<'_>) -> Read<Option<Vec<String>>> {
    let Some(items) = object.list("owners") else { return Ok(None) };
    let mut owners = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::String(name) => owners.push(name.trim().to_owned()),
            Value::Object(map) => {
                let owner = super::users::read_account(&object.beside(map))?;
                owners.extend(owner.user_principal_name.or(owner.user_id));
            }
            Value::Null => {}
            _ => return Err(wrong("owners", "a list of users")),
        }
    }
    Ok(Some(owners))
}

/// The groups, copies made one and their members united.
pub(super) fn finish(groups: Vec<Group>) -> Vec<Group> {
    let all = copies(groups, |group| {
        Identity::new(group.id.as_deref(), &[group.display_name.as_deref()])
    });
    let mut finished: Vec<Group> = all.into_iter().filter_map(merge).collect();
    finished.sort_by(|left, right| {
        (&left.display_name, &left.id).cmp(&(&right.display_name, &right.id))
    });
    finished
}

fn merge(group: Vec<Group>) -> Option<Group> {
    let merged = group.into_iter().reduce(|mut left, right| {
        fill(&mut left.id, right.id);
        fill(&mut left.display_name, right.display_name);
        fill(&mut left.membership_rule, right.membership_rule);
        fill_least(&mut left.assignable_to_role, right.assignable_to_role);
        unite(&mut left.owners, right.owners);
        match (&mut left.members, right.members) {
            (Some(left), Some(right)) => left.extend(right),
            (left, right) => *left = left.take().or(right),
        }
        left
    });
    merged.map(|mut group| {
        group.members = group.members.map(one_each);
        group
    })
}

fn one_each(members: Vec<Member>) -> Vec<Member> {
    let all = copies(members, |member| {
        Identity::new(member.id.as_deref(), &[member.user_principal_name.as_deref()])
    });
    let mut members: Vec<Member> = all
        .into_iter()
        .filter_map(|copies| {
            copies.into_iter().reduce(|mut left, right| {
                fill(&mut left.id, right.id);
                fill(&mut left.user_principal_name, right.user_principal_name);
                // `Unknown` is the greatest: whatever was told stands.
                left.kind = left.kind.min(right.kind);
                left
            })
        })
        .collect();
    members.sort();
    members
}
