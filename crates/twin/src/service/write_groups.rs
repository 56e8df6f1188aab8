//! Writes to groups, their members, and roles.

use serde_json::{Value, json};

use super::graph::Answered;
use super::permission::denied;
use super::place::Place;
use super::read::{Object, as_object};
use super::refusal::Refusal;
use super::view::text;
use super::write::{Writing, Written, at, given, id_of_address, merge, texts};
use super::write_users::second;
use crate::documents::Collection;
use crate::world::Change;

/// Most members that one request adds.
const MOST_MEMBERS: usize = 20;
/// Most role-assignable groups of a tenant (Entra documentation, *Use groups to manage role
/// assignments*).
const MOST_ASSIGNABLE: usize = 500;
const ROLES: &str = "RoleManagement.ReadWrite.Directory";

impl Writing<'_> {
    pub(super) fn create_group(&mut self) -> Written {
        let body = self.ask.object()?;
        for name in ["displayName", "mailNickname"] {
            if text(&body, name).is_empty() {
                return Err(Refusal::bad_request(format!(
                    "A required property was not provided: '{name}'."
                )));
            }
        }
        for name in ["mailEnabled", "securityEnabled"] {
            if !body.get(name).is_some_and(Value::is_boolean) {
                return Err(Refusal::bad_request(format!("A value is required for '{name}'.")));
            }
        }
        let is_assignable = body.get("isAssignableToRole") == Some(&Value::Bool(true));
        let types = texts(&body, &["groupTypes"]);
        let is_dynamic = types.contains(&"DynamicMembership");
        if is_assignable {
            self.assignable_is_allowed(&body, is_dynamic)?;
        }
        let members = addresses(&body, "members@odata.bind")?;
        let entries = self.entries(&members, is_assignable)?;
        let id = self.new_id("group");
        let mut group = as_object(json!({
            "description": null, "groupTypes": [], "isAssignableToRole": null, "mail": null,
            "membershipRule": null, "onPremisesSyncEnabled": null, "visibility": null,
            "createdDateTime": second(self.now()), "proxyAddresses": [],
            "deletedDateTime": null,
        }));
        merge(&mut group, &body);
        group.retain(|key, _| !key.contains("@odata"));
        group.insert("id".to_owned(), json!(id));
        self.create(Collection::Groups, group);
        for entry in entries {
            self.create(Collection::GroupMembers(id.clone()), entry);
        }
        self.created(Place::Groups, &Collection::Groups, &id)
    }

    fn assignable_is_allowed(&self, body: &Object, is_dynamic: bool) -> Result<(), Refusal> {
        if !self.caller.has(ROLES) {
            return Err(denied());
        }
        if !self.licences.p1 {
            return Err(Refusal::bad_request("The tenant has no licence for this."));
        }
        let is_secure = body.get("securityEnabled") == Some(&Value::Bool(true));
        if is_dynamic || !is_secure {
            return Err(Refusal::bad_request(
                "A group that roles can be assigned to is a security group with assigned members.",
            ));
        }
        let assignable = |it: &Object| it.get("isAssignableToRole") == Some(&Value::Bool(true));
        let count = self.view().all(&Collection::Groups).iter().filter(|it| assignable(it)).count();
        if count >= MOST_ASSIGNABLE {
            return Err(Refusal::bad_request("The tenant has as many such groups as it can have."));
        }
        Ok(())
    }

    /// Members by their ids, as entries of a group.
    fn entries(&self, ids: &[String], is_assignable: bool) -> Result<Vec<Object>, Refusal> {
        let view = self.view();
        ids.iter()
            .map(|id| {
                let found = view.directory_object(id).ok_or_else(|| Refusal::no_object(id))?;
                if is_assignable && found.0 == Collection::Groups {
                    return Err(Refusal::bad_request(
                        "A group that roles can be assigned to holds no other group.",
                    ));
                }
                let kind = given(&found.1, "@odata.type");
                Ok(as_object(json!({"id": text(&found.1, "id"), "@odata.type": kind})))
            })
            .collect()
    }

    pub(super) fn patch_group(&mut self, named: &str) -> Written {
        let mut body = self.ask.object()?;
        let group = self.view().get(&Collection::Groups, named)?;
        if body.contains_key("isAssignableToRole") || body.contains_key("id") {
            return Err(Refusal::bad_request("The property can only be set at creation."));
        }
        let id = text(&group, "id").to_owned();
        let members = addresses(&body, "members@odata.bind")?;
        if !members.is_empty() {
            self.members_may_change(&group)?;
            let entries = self.new_entries(&group, &members)?;
            for entry in entries {
                self.create(Collection::GroupMembers(id.clone()), entry);
            }
        }
        body.retain(|key, _| !key.contains("@odata"));
        if body.is_empty() {
            return Ok(Answered { applied: true, ..Answered::of(204, None) });
        }
        self.patched(Collection::Groups, &id, body)
    }

    pub(super) fn delete_group(&mut self, named: &str) -> Written {
        let group = self.view().get(&Collection::Groups, named)?;
        if group.get("isAssignableToRole") == Some(&Value::Bool(true)) && !self.caller.has(ROLES) {
            return Err(denied());
        }
        self.changed(Change::Delete(Collection::Groups, text(&group, "id").to_owned()))
    }

    fn members_may_change(&self, group: &Object) -> Result<(), Refusal> {
        if texts(group, &["groupTypes"]).contains(&"DynamicMembership") {
            return Err(Refusal::bad_request(
                "Insufficient privileges: members of a dynamic group follow its rule.",
            ));
        }
        let is_assignable = group.get("isAssignableToRole") == Some(&Value::Bool(true));
        if is_assignable && !self.caller.has(ROLES) {
            return Err(denied());
        }
        Ok(())
    }

    /// Entries for members that are not in the group yet.
    fn new_entries(&self, group: &Object, ids: &[String]) -> Result<Vec<Object>, Refusal> {
        let is_assignable = group.get("isAssignableToRole") == Some(&Value::Bool(true));
        let entries = self.entries(ids, is_assignable)?;
        let within = Collection::GroupMembers(text(group, "id").to_owned());
        for entry in &entries {
            // Also where a copy does not show the member yet.
            let id = text(entry, "id");
            if self.service.world.find(&within, id, self.now()).is_some() {
                return Err(Refusal::bad_request(
                    "One or more added object references already exist for the following modified \
                     properties: 'members'.",
                ));
            }
        }
        Ok(entries)
    }

    pub(super) fn add_member(&mut self, named: &str) -> Written {
        let body = self.ask.object()?;
        let group = self.view().get(&Collection::Groups, named)?;
        self.members_may_change(&group)?;
        let address = body.get("@odata.id").and_then(Value::as_str).unwrap_or("");
        let id = id_of_address(address).map(str::to_owned);
        let id = id.ok_or_else(|| Refusal::bad_request("Invalid URL format in '@odata.id'."))?;
        let within = Collection::GroupMembers(text(&group, "id").to_owned());
        for entry in self.new_entries(&group, &[id])? {
            self.create(within.clone(), entry);
        }
        Ok(Answered { applied: true, ..Answered::of(204, None) })
    }

    pub(super) fn remove_member(&mut self, named: &str, member: &str) -> Written {
        let group = self.view().get(&Collection::Groups, named)?;
        self.members_may_change(&group)?;
        let within = Collection::GroupMembers(text(&group, "id").to_owned());
        let entry = self.view().get(&within, member)?;
        self.changed(Change::Delete(within, text(&entry, "id").to_owned()))
    }

    /// Without `/$ref` the platform deletes the member, not the membership.
    pub(super) fn delete_member_itself(&mut self, named: &str, member: &str) -> Written {
        let group = self.view().get(&Collection::Groups, named)?;
        let within = Collection::GroupMembers(text(&group, "id").to_owned());
        self.view().get(&within, member)?;
        let found = self.view().directory_object(member);
        let (within, object) = found.ok_or_else(|| Refusal::no_object(member))?;
        if within != Collection::Users && !self.caller.has("Group.ReadWrite.All") {
            return Err(denied());
        }
        self.changed(Change::Delete(within, text(&object, "id").to_owned()))
    }

    pub(super) fn assign_role(&mut self) -> Written {
        let body = self.ask.object()?;
        let wanted = |name: &str| text(&body, name);
        let role = self.view().find(&Collection::RoleDefinitions, wanted("roleDefinitionId"));
        let role = role.ok_or_else(|| Refusal::no_object(wanted("roleDefinitionId")))?;
        let found = self.view().directory_object(wanted("principalId"));
        let (kind, principal) = found.ok_or_else(|| Refusal::no_object(wanted("principalId")))?;
        if kind == Collection::Groups
            && at(&principal, &["isAssignableToRole"]) != Some(&json!(true))
        {
            return Err(Refusal::bad_request("Roles cannot be assigned to this group."));
        }
        let scope = wanted("directoryScopeId");
        if !(scope == "/" || scope.starts_with("/administrativeUnits/")) {
            return Err(Refusal::bad_request("The directoryScopeId is invalid."));
        }
        let same = |it: &Object| {
            ["roleDefinitionId", "principalId", "directoryScopeId"]
                .iter()
                .all(|name| text(it, name).eq_ignore_ascii_case(wanted(name)))
        };
        let held = (0..self.service.world.count(&Collection::RoleAssignments, self.now()))
            .filter_map(|it| self.service.world.item(&Collection::RoleAssignments, it, self.now()));
        if held.into_iter().any(|it| same(&it)) {
            return Err(Refusal::bad_request(
                "A conflicting object with one or more of the specified property values is present \
                 in the directory.",
            ));
        }
        let scope = scope.to_owned();
        let id = self.new_id("role assignment");
        let assignment = as_object(json!({
            "id": id, "roleDefinitionId": text(&role, "id"), "principalId": text(&principal, "id"),
            "directoryScopeId": scope,
        }));
        self.create(Collection::RoleAssignments, assignment);
        self.created(Place::RoleAssignments, &Collection::RoleAssignments, &id)
    }

    pub(super) fn remove_assignment(&mut self, id: &str) -> Written {
        let found = self.view().get(&Collection::RoleAssignments, id)?;
        self.changed(Change::Delete(Collection::RoleAssignments, text(&found, "id").to_owned()))
    }
}

/// Ids in a list of addresses.
fn addresses(body: &Object, name: &str) -> Result<Vec<String>, Refusal> {
    let Some(value) = body.get(name) else { return Ok(Vec::new()) };
    let refused = || Refusal::bad_request(format!("Invalid value for '{name}'."));
    let list = value.as_array().filter(|it| it.len() <= MOST_MEMBERS).ok_or_else(refused)?;
    list.iter()
        .map(|it| id_of_address(it.as_str()?).map(str::to_owned))
        .collect::<Option<Vec<String>>>()
        .ok_or_else(refused)
}
