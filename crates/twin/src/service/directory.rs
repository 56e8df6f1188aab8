//! Members, roles, mailboxes and other reads that are more than a list.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ask::Version;
use super::methods::type_of_segment;
use super::place::Place;
use super::query::{Query, known};
use super::read::{Object, Reading, as_object, member, transitive};
use super::refusal::Refusal;
use super::shape;
use super::view::{View, text};
use super::{digest_text, guid};
use crate::documents::Collection;

const USER_CAST: &str = "microsoft.graph.user";

impl Reading<'_> {
    /// Members of a group; with `deep`, those of the groups within it.
    pub(super) fn members(&mut self, names: &[String], deep: bool) -> Result<Value, Refusal> {
        let cast = match names.get(1).map(String::as_str) {
            None => false,
            Some(USER_CAST) => true,
            Some("$count") => return Err(Refusal::not_supported()),
            Some(other) => return Err(Refusal::no_address(other)),
        };
        if cast && !(self.ask.eventual && self.ask.counts()) {
            return Err(Refusal::unsupported_query(
                "A cast needs the header ConsistencyLevel: eventual and $count=true.",
            ));
        }
        let query = Query::of_list(self.ask, Place::Members)?;
        let named = names.first().map_or("", String::as_str);
        let group = self.view.get(&Collection::Groups, named)?;
        let id = text(&group, "id").to_owned();
        self.entries(&query, &id, deep, cast)
    }

    /// Members of an administrative unit.
    pub(super) fn unit_members(&mut self, names: &[String]) -> Result<Value, Refusal> {
        let query = Query::of_list(self.ask, Place::Members)?;
        let named = names.first().map_or("", String::as_str);
        let unit = self.view.get(&Collection::AdministrativeUnits, named)?;
        let id = text(&unit, "id").to_owned();
        self.entries(&query, &id, false, false)
    }

    fn entries(
        &mut self,
        query: &Query,
        group: &str,
        deep: bool,
        cast: bool,
    ) -> Result<Value, Refusal> {
        let shown = move |view: &View<'_>, entry: Object| {
            let is_wanted = !cast || shape::type_of(&entry) == "#microsoft.graph.user";
            is_wanted.then(|| member(view, &entry))?
        };
        if deep {
            let all = transitive(&self.view, group);
            return self.gathered(Place::Members, query, all.len(), &|view, at| {
                shown(view, all.get(at)?.clone())
            });
        }
        let within = Collection::GroupMembers(group.to_owned());
        let total = self.view.count(&within);
        self.gathered(Place::Members, query, total, &|view, at| shown(view, view.at(&within, at)?))
    }

    pub(super) fn member_of(&mut self, names: &[String]) -> Result<Value, Refusal> {
        let query = Query::of_list(self.ask, Place::Members)?;
        let user = self.view.user(names.first().map_or("", String::as_str))?;
        let mut open = vec![text(&user, "id").to_owned()];
        let mut found: Vec<Object> = Vec::new();
        let groups = self.view.all(&Collection::Groups);
        while let Some(id) = open.pop() {
            for group in &groups {
                let within = Collection::GroupMembers(text(group, "id").to_owned());
                let is_new = !found.iter().any(|it| text(it, "id") == text(group, "id"));
                if is_new && self.view.find(&within, &id).is_some() {
                    open.push(text(group, "id").to_owned());
                    let mut group = group.clone();
                    group.insert("@odata.type".to_owned(), json!("#microsoft.graph.group"));
                    found.push(group);
                }
            }
        }
        self.gathered(Place::Members, &query, found.len(), &|_, at| found.get(at).cloned())
    }

    pub(super) fn mailbox(&mut self, names: &[String], whole: bool) -> Result<Value, Refusal> {
        known(self.ask)?;
        let user = self.view.user(names.first().map_or("", String::as_str))?;
        let id = text(&user, "id");
        let told = user.get("mailboxSettings").and_then(Value::as_object).cloned();
        let purpose = self.view.world.mailbox_purpose(id, self.view.now);
        let known = || Some(as_object(json!({"userPurpose": purpose?})));
        let settings = told.or_else(known).ok_or_else(no_mailbox)?;
        let context = self.context(&format!(
            "users('{}')/mailboxSettings{}",
            text(&user, "id"),
            if whole { "" } else { "/userPurpose" }
        ));
        let mut shown = if whole {
            settings
        } else {
            let purpose = settings.get("userPurpose").cloned().ok_or_else(no_mailbox)?;
            as_object(json!({"value": purpose}))
        };
        shown.insert("@odata.context".to_owned(), context);
        Ok(Value::Object(shown))
    }

    /// Methods of one type, and one of them.
    pub(super) fn methods_of_type(&mut self, names: &[String]) -> Result<Value, Refusal> {
        let [user, segment, rest @ ..] = names else { return Err(Refusal::no_address("")) };
        let kind = type_of_segment(segment, self.ask.version)
            .ok_or_else(|| Refusal::no_address(&format!("{segment}Methods")))?;
        let user = self.view.user(user)?;
        let within = Collection::AuthenticationMethods(text(&user, "id").to_owned());
        let is_it = |it: &Object| shape::type_of(it).eq_ignore_ascii_case(&kind);
        if let [id] = rest {
            let query = Query::of_item(self.ask, Place::Methods)?;
            let method = self.view.get(&within, id)?;
            if !is_it(&method) {
                return Err(Refusal::no_object(id));
            }
            let shown = self.shown(Place::Methods, method, &query);
            return Ok(self.entity(Place::Methods, shown));
        }
        let query = Query::of_list(self.ask, Place::Methods)?;
        let all: Vec<Object> = self.view.all(&within).into_iter().filter(is_it).collect();
        self.gathered(Place::Methods, &query, all.len(), &|_, at| all.get(at).cloned())
    }

    pub(super) fn configuration(&mut self, names: &[String]) -> Result<Value, Refusal> {
        let id = names.first().map_or("", String::as_str);
        let policy = self.view.one(&Collection::MethodsPolicy).unwrap_or_default();
        let all = policy.get("authenticationMethodConfigurations").and_then(Value::as_array);
        let mut one = all
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .find(|it| text(it, "id").eq_ignore_ascii_case(id))
            .cloned()
            .ok_or_else(|| Refusal::new(404, "ResourceNotFound", "There is no such method."))?;
        shape::for_version(Place::MethodsPolicy, self.ask.version, &mut one);
        Ok(self.entity(Place::MethodsPolicy, Value::Object(one)))
    }

    /// Roles that somebody holds, which is what the older list shows.
    pub(super) fn directory_roles(&mut self) -> Result<Value, Refusal> {
        let query = Query::of_list(self.ask, Place::RoleDefinitions)?;
        let roles = activated(&self.view);
        self.gathered(Place::Rooms, &query, roles.len(), &|_, at| roles.get(at).cloned())
    }

    pub(super) fn role_members(
        &mut self,
        names: &[String],
        property: &str,
    ) -> Result<Value, Refusal> {
        let query = Query::of_list(self.ask, Place::Members)?;
        let named = names.first().map_or("", String::as_str);
        let role = activated(&self.view)
            .into_iter()
            .find(|it| text(it, property).eq_ignore_ascii_case(named))
            .ok_or_else(|| Refusal::no_object(named))?;
        let template = text(&role, "roleTemplateId").to_owned();
        let held: Vec<Object> = self
            .view
            .all(&Collection::RoleAssignments)
            .iter()
            .filter(|it| text(it, "roleDefinitionId").eq_ignore_ascii_case(&template))
            .filter_map(|it| self.view.directory_object(text(it, "principalId")))
            .map(|(_, object)| object)
            .collect();
        self.gathered(Place::Members, &query, held.len(), &|_, at| held.get(at).cloned())
    }

    /// One line a service: degraded while an issue is open.
    pub(super) fn health(&mut self) -> Result<Value, Refusal> {
        let query = Query::of_list(self.ask, Place::RoleDefinitions)?;
        let mut services: BTreeMap<String, Value> = BTreeMap::new();
        services.insert("Identity Service".to_owned(), json!("serviceOperational"));
        for issue in self.view.all(&Collection::ServiceIssues) {
            let is_open = issue.get("isResolved") == Some(&Value::Bool(false));
            let status = services.entry(text(&issue, "service").to_owned());
            let status = status.or_insert_with(|| json!("serviceOperational"));
            if is_open {
                *status = issue.get("status").cloned().unwrap_or(json!("serviceDegradation"));
            }
        }
        let rows: Vec<Object> = services
            .into_iter()
            .map(|(service, status)| {
                let id: String = service.chars().filter(char::is_ascii_alphanumeric).collect();
                as_object(json!({"id": id, "service": service, "status": status}))
            })
            .collect();
        self.gathered(Place::Rooms, &query, rows.len(), &|_, at| rows.get(at).cloned())
    }

    pub(super) fn by_ids(&mut self) -> Result<Value, Refusal> {
        let body = self.ask.object()?;
        let list = |name: &str| -> Option<Vec<&str>> {
            body.get(name)?.as_array().map(|all| all.iter().filter_map(Value::as_str).collect())
        };
        let ids = list("ids").filter(|it| !it.is_empty() && it.len() <= 1000);
        let ids = ids.ok_or_else(|| Refusal::bad_request("`ids` takes 1 to 1000 ids."))?;
        let types = list("types").unwrap_or_default();
        let is_wanted = |object: &Object| {
            let kind = shape::type_of(object).trim_start_matches("#microsoft.graph.");
            types.is_empty()
                || types.iter().any(|it| it.eq_ignore_ascii_case(kind) || *it == "directoryObject")
        };
        let found: Vec<Object> = ids
            .iter()
            .filter_map(|id| self.view.directory_object(id))
            .map(|(_, object)| object)
            .filter(is_wanted)
            .collect();
        let query = Query::of_item(self.ask, Place::Members)?;
        let rows = found.into_iter().map(|it| self.shown(Place::Members, it, &query)).collect();
        let mut page = Object::new();
        page.insert("@odata.context".to_owned(), self.context("directoryObjects"));
        page.insert("value".to_owned(), Value::Array(rows));
        Ok(Value::Object(page))
    }

    pub(super) fn is_beta(&self) -> bool {
        self.ask.version == Version::Beta
    }
}

pub(super) fn no_mailbox() -> Refusal {
    Refusal::new(
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    )
}

/// Roles with a holder, as `directoryRole` objects.
fn activated(view: &View<'_>) -> Vec<Object> {
    let mut held: Vec<String> = view
        .all(&Collection::RoleAssignments)
        .iter()
        .map(|it| text(it, "roleDefinitionId").to_ascii_lowercase())
        .collect();
    held.sort_unstable();
    held.dedup();
    held.iter()
        .filter_map(|template| {
            let role = view.find(&Collection::RoleDefinitions, template)?;
            Some(as_object(json!({
                "id": guid(&digest_text(&format!("directoryRole {template}"))),
                "deletedDateTime": null,
                "displayName": text(&role, "displayName"),
                "description": role.get("description"),
                "roleTemplateId": template,
            })))
        })
        .collect()
}
