//! Lists and objects.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::paging::{Pages, Position};
use super::permission::{Caller, Licences, need_of_users};
use super::place::Place;
use super::query::{Expand, Order, Query};
use super::refusal::Refusal;
use super::shape::{self, UserProperty, user_property};
use super::view::{View, text};
use crate::documents::Collection;

/// An object of JSON.
pub(super) type Object = Map<String, Value>;

/// One request that reads.
pub(super) struct Reading<'a> {
    pub(super) view: View<'a>,
    pub(super) pages: &'a mut Pages,
    pub(super) root: &'a str,
    pub(super) ask: &'a Ask,
    pub(super) caller: &'a Caller,
    pub(super) licences: Licences,
    /// The link to the next page leads back here.
    pub(super) loops: bool,
}

/// A list that is read by place: how many there are, and each of them.
type At<'f> = &'f dyn Fn(&View<'_>, usize) -> Option<Object>;

impl Reading<'_> {
    pub(super) fn list(&mut self, place: Place, names: &[String]) -> Result<Value, Refusal> {
        let query = Query::of_list(self.ask, place)?;
        if place == Place::Users {
            need_of_users(&query, self.caller, self.licences)?;
        }
        let within = self.within(place, names)?;
        if let Some(found) = self.by_key(place, &within, &query) {
            let rows = found.into_iter().map(|it| self.shown(place, it, &query)).collect();
            return Ok(self.page(rows, &query, None, None));
        }
        let falls = place.newest_first();
        if place == Place::Audits {
            // A log is long, and walked from its end: it is laid out once for each page.
            let (world, as_of) = (self.view.world, self.view.lists_as_of);
            let all: Vec<&Object> = world.documents.list(&within, as_of).map(|it| it.1).collect();
            return self.gathered(place, &query, all.len(), &|_, at| {
                all.get(all.len().checked_sub(at + 1)?).map(|&it| it.clone())
            });
        }
        let total = self.view.count(&within);
        self.gathered(place, &query, total, &|view, at| {
            view.at(&within, if falls { total.checked_sub(at + 1)? } else { at })
        })
    }

    /// Any list, page by page.
    pub(super) fn gathered(
        &mut self,
        place: Place,
        query: &Query,
        total: usize,
        at: At<'_>,
    ) -> Result<Value, Refusal> {
        let start = match self.pages.position(self.ask)? {
            Some(Position::Place(start)) => start,
            Some(Position::SignIn(_)) | None => query.skip,
        };
        let matching = |it: &Object| query.filter.as_ref().is_none_or(|filter| filter.matches(it));
        let count = (query.counts && self.ask.option("$skiptoken").is_none()).then(|| {
            (0..total).filter_map(|place| at(&self.view, place)).filter(|it| matching(it)).count()
        });
        let mut rows = Vec::new();
        let mut next = None;
        if let Some(order) = &query.order {
            let mut all: Vec<Object> =
                (0..total).filter_map(|place| at(&self.view, place)).filter(matching).collect();
            sort(&mut all, order);
            next = (start + query.top < all.len()).then_some(start + query.top);
            rows.extend(all.into_iter().skip(start).take(query.top));
        } else {
            for place in start..total {
                if rows.len() == query.top {
                    next = Some(place);
                    break;
                }
                rows.extend(at(&self.view, place).filter(matching));
            }
        }
        let rows = rows.into_iter().map(|it| self.shown(place, it, query)).collect();
        Ok(self.page(rows, query, next.map(Position::Place), count))
    }

    /// A list answered by its key, without looking at every object.
    fn by_key(&self, place: Place, within: &Collection, query: &Query) -> Option<Option<Object>> {
        let filter = query.filter.as_ref()?;
        let name = match place {
            Place::Users => "userPrincipalName",
            _ => "id",
        };
        let key = filter.only("id").or_else(|| filter.only(name))?;
        if query.counts || self.ask.option("$skiptoken").is_some() {
            return None;
        }
        let stale = self.view.world.find(within, key, self.view.lists_as_of);
        let found = stale.and(self.view.find(within, key));
        Some(found.filter(|it| filter.matches(it)))
    }

    pub(super) fn page(
        &mut self,
        rows: Vec<Value>,
        query: &Query,
        next: Option<Position>,
        count: Option<usize>,
    ) -> Value {
        let mut fragment = self.ask.path().trim_start_matches('/').to_owned();
        if let Some(names) = query.select.as_ref().filter(|_| self.ask.option("$select").is_some())
        {
            fragment.push_str(&format!("({})", names.join(",")));
        }
        let mut page = Object::new();
        page.insert("@odata.context".to_owned(), self.context(&fragment));
        if let Some(count) = count {
            page.insert("@odata.count".to_owned(), Value::from(count));
        }
        if self.loops {
            let here = format!("{}{}", self.root, self.ask.target);
            page.insert("@odata.nextLink".to_owned(), Value::from(here));
        } else if let Some(position) = next {
            let link = format!("{}{}", self.root, self.pages.next(self.ask, position));
            page.insert("@odata.nextLink".to_owned(), Value::from(link));
        }
        page.insert("value".to_owned(), Value::Array(rows));
        Value::Object(page)
    }

    pub(super) fn context(&self, fragment: &str) -> Value {
        let version = self.ask.version.segment();
        Value::from(format!("{}/{version}/$metadata#{fragment}", self.root))
    }

    /// Where a list stands; a user named by principal name is found by id.
    fn within(&self, place: Place, names: &[String]) -> Result<Collection, Refusal> {
        let named = names.first().map_or("", String::as_str);
        Ok(match place {
            Place::Methods | Place::Requirements => {
                place.collection(text(&self.view.user(named)?, "id"))
            }
            _ => place.collection(named),
        })
    }

    pub(super) fn count(&mut self, place: Place) -> Result<Value, Refusal> {
        if !self.ask.eventual {
            return Err(Refusal::bad_request("$count is not currently supported."));
        }
        let within = place.collection("");
        let filter = self.ask.option("$filter").map(super::filter::Filter::read).transpose()?;
        let count = match filter {
            None => self.view.count(&within),
            Some(filter) => self.view.all(&within).iter().filter(|it| filter.matches(it)).count(),
        };
        Ok(Value::from(count))
    }

    pub(super) fn item(&mut self, place: Place, names: &[String]) -> Result<Value, Refusal> {
        let query = Query::of_item(self.ask, place)?;
        if place == Place::Users {
            need_of_users(&query, self.caller, self.licences)?;
        }
        let id = names.last().map_or("", String::as_str);
        let object = self.view.get(&self.within(place, names)?, id)?;
        let shown = self.shown(place, object, &query);
        Ok(self.entity(place, shown))
    }

    /// An object that stands alone.
    pub(super) fn only(&mut self, place: Place, names: &[String]) -> Result<Value, Refusal> {
        let query = Query::of_item(self.ask, place)?;
        let object = match (self.view.one(&self.within(place, names)?), place) {
            (Some(object), _) => object,
            (None, Place::Requirements) => as_object(json!({"perUserMfaState": "disabled"})),
            (None, _) => return Err(Refusal::no_object(&self.ask.path())),
        };
        let shown = self.shown(place, object, &query);
        Ok(self.entity(place, shown))
    }

    pub(super) fn entity(&self, place: Place, mut shown: Value) -> Value {
        let path = self.ask.path();
        let fragment = match place {
            Place::Methods | Place::Requirements | Place::MethodsPolicy => path.as_str(),
            _ => path.rsplit_once('/').map_or("", |(list, _)| list),
        };
        let context = self.context(&format!("{}/$entity", fragment.trim_start_matches('/')));
        if let Value::Object(object) = &mut shown {
            object.insert("@odata.context".to_owned(), context);
        }
        shown
    }

    /// An object as this caller sees it.
    pub(super) fn shown(&self, place: Place, object: Object, query: &Query) -> Value {
        let source = object.clone();
        let mut object =
            if place == Place::RoleAssignmentInstances { instance_of(object) } else { object };
        object.retain(|key, _| !is_navigation(place, key));
        shape::for_version(place, self.ask.version, &mut object);
        if !self.ask.unknown_members {
            shape::hide_late_members(&mut object);
        }
        let is_user = place == Place::Users
            || (place == Place::Members && shape::type_of(&object) == "#microsoft.graph.user");
        if let Some(names) = &query.select {
            let fills = is_user.then(|| unset(&object, names));
            object = shape::select(object, names);
            object.extend(fills.into_iter().flatten());
        } else if is_user {
            let usual: Vec<String> =
                shape::USUAL_OF_USERS.iter().map(|&it| it.to_owned()).collect();
            object = shape::select(object, &usual);
        }
        if is_user && object.get("signInActivity").is_some_and(Value::is_null) {
            object.remove("signInActivity");
        }
        for expand in &query.expand {
            if let Some(value) = self.expanded(place, &source, expand) {
                object.insert(expand.name.clone(), value);
            }
        }
        Value::Object(object)
    }

    fn expanded(&self, place: Place, object: &Object, expand: &Expand) -> Option<Value> {
        let select = |object: Object| match &expand.select {
            Some(names) => shape::select(object, names),
            None => object,
        };
        match (place, expand.name.as_str()) {
            (Place::Users, "manager") => {
                let manager = object.get("manager")?;
                let id = manager.as_str().or_else(|| manager.get("id")?.as_str())?;
                let (_, manager) = self.view.directory_object(id)?;
                Some(Value::Object(select(manager_of(manager, expand))))
            }
            (Place::Groups, _) => {
                let within = Collection::GroupMembers(text(object, "id").to_owned());
                let members = self.view.all(&within);
                let few = members.iter().filter_map(|it| member(&self.view, it)).take(20);
                Some(few.map(|it| Value::Object(select(it))).collect())
            }
            (_, "principal") => {
                let id = text(object, "principalId");
                let found = self.view.directory_object(id).map(|(_, it)| it);
                let told = || object.get("principal").and_then(Value::as_object).cloned();
                let mut principal = select(found.or_else(told)?);
                principal.retain(|key, _| !is_navigation(Place::Users, key));
                Some(Value::Object(principal))
            }
            (_, "roleDefinition") => {
                let id = text(object, "roleDefinitionId");
                let role = self.view.find(&Collection::RoleDefinitions, id)?;
                Some(Value::Object(select(role)))
            }
            _ => None,
        }
    }
}

/// Properties that stand in the world's objects but are shown on demand only.
fn is_navigation(place: Place, key: &str) -> bool {
    match place {
        Place::Users | Place::Members => matches!(key, "manager" | "mailboxSettings" | "password"),
        Place::Groups => key == "members",
        Place::RoleAssignments | Place::RoleEligibilities | Place::RoleAssignmentInstances => {
            matches!(key, "principal" | "roleDefinition")
        }
        Place::Methods => key == "temporaryAccessPassValue",
        _ => false,
    }
}

fn manager_of(mut manager: Object, expand: &Expand) -> Object {
    manager.retain(|key, _| !is_navigation(Place::Users, key));
    if expand.select.is_some() {
        return manager;
    }
    let usual: Vec<String> = shape::USUAL_OF_USERS.iter().map(|&it| it.to_owned()).collect();
    shape::select(manager, &usual)
}

/// Selected properties of a user that have no value.
fn unset(object: &Object, names: &[String]) -> Vec<(String, Value)> {
    let missing = names.iter().filter(|it| !object.contains_key(*it));
    missing
        .filter_map(|name| match user_property(name) {
            UserProperty::Value => Some((name.clone(), Value::Null)),
            UserProperty::List => Some((name.clone(), json!([]))),
            _ => None,
        })
        .collect()
}

/// An active assignment as Privileged Identity Management shows it.
fn instance_of(assignment: Object) -> Object {
    let id = assignment.get("id").cloned().unwrap_or_default();
    let mut instance = assignment;
    for (name, value) in [
        ("assignmentType", json!("Assigned")),
        ("memberType", json!("Direct")),
        ("startDateTime", Value::Null),
        ("endDateTime", Value::Null),
        ("appScopeId", Value::Null),
        ("roleAssignmentOriginId", id.clone()),
        ("roleAssignmentScheduleId", id),
    ] {
        instance.entry(name.to_owned()).or_insert(value);
    }
    instance.remove("condition");
    instance.remove("principalOrganizationId");
    instance
}

fn sort(rows: &mut [Object], (property, falls): &Order) {
    let key = |row: &Object| match row.get(property) {
        Some(Value::String(text)) => text.to_ascii_lowercase(),
        Some(Value::Number(number)) => format!("{:020}", number.as_i64().unwrap_or(0)),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    rows.sort_by_cached_key(key);
    if *falls {
        rows.reverse();
    }
}

pub(super) fn as_object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// A member of a group as the directory shows it. `None`: it is gone.
pub(super) fn member(view: &View<'_>, entry: &Object) -> Option<Object> {
    match view.directory_object(text(entry, "id")) {
        Some((_, object)) => Some(object),
        None => {
            let kind = shape::type_of(entry);
            let known = ["#microsoft.graph.user", "#microsoft.graph.group"];
            (!known.contains(&kind)).then(|| entry.clone())
        }
    }
}

/// Everything in a group, however deep.
pub(super) fn transitive(view: &View<'_>, group: &str) -> Vec<Object> {
    let mut seen = BTreeSet::new();
    let mut open = vec![group.to_owned()];
    let mut all = Vec::new();
    while let Some(group) = open.pop() {
        for entry in view.all(&Collection::GroupMembers(group)) {
            let id = text(&entry, "id").to_ascii_lowercase();
            if !seen.insert(id.clone()) {
                continue;
            }
            if shape::type_of(&entry) == "#microsoft.graph.group" {
                open.push(id);
            }
            all.push(entry);
        }
    }
    all
}
