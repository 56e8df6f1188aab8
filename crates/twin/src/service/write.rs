//! Requests that change the tenant: what all of them share.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Service;
use super::ask::Ask;
use super::graph::{Answered, Moment, reading};
use super::permission::{Caller, Licences};
use super::place::Place;
use super::query::Query;
use super::read::Object;
use super::refusal::Refusal;
use super::route::Action;
use super::view::{Fresh, View};
use super::{digest_text, guid, words_of};
use crate::documents::Collection;
use crate::fault::Fault;
use crate::world::{Change, Initiator};

/// One request that writes.
pub(super) struct Writing<'a> {
    pub(super) service: &'a mut Service,
    pub(super) ask: &'a Ask,
    pub(super) caller: &'a Caller,
    pub(super) licences: Licences,
    pub(super) moment: &'a Moment,
}

/// What a write comes to.
pub(super) type Written = Result<Answered, Refusal>;

impl Writing<'_> {
    pub(super) fn carry_out(&mut self, action: Action, names: &[String]) -> Written {
        let name = |place: usize| names.get(place).map_or("", String::as_str);
        let (first, second, third) = (name(0), name(1), name(2));
        match action {
            Action::CreateUser => self.create_user(),
            Action::PatchUser => self.patch_user(first),
            Action::DeleteUser => self.delete_user(first),
            Action::RevokeSessions => self.revoke_sessions(first),
            Action::SendMail => self.send_mail(first),
            Action::CreateGroup => self.create_group(),
            Action::PatchGroup => self.patch_group(first),
            Action::DeleteGroup => self.delete_group(first),
            Action::AddMember => self.add_member(first),
            Action::RemoveMember => self.remove_member(first, second),
            Action::DeleteMemberItself => self.delete_member_itself(first, second),
            Action::AssignRole => self.assign_role(),
            Action::RemoveAssignment => self.remove_assignment(first),
            Action::CreatePolicy => self.create_policy(),
            Action::PatchPolicy => self.patch_policy(first),
            Action::DeletePolicy => self.delete_policy(first),
            Action::RestorePolicy => self.restore_policy(first),
            Action::CreateLocation => self.create_location(),
            Action::PatchLocation => self.patch_location(first),
            Action::DeleteLocation => self.delete_location(first),
            Action::PatchSecurityDefaults => self.patch_security_defaults(),
            Action::PatchMethodsPolicy => self.patch_methods_policy(),
            Action::PatchConfiguration => self.patch_configuration(first),
            Action::PatchRequirements => self.patch_requirements(first),
            Action::AddPhone => self.add_phone(first),
            Action::AddPass => self.add_pass(first),
            Action::DeleteMethod => self.delete_method(first, second, third),
            _ => Err(Refusal::not_supported()),
        }
    }

    pub(super) fn view(&self) -> View<'_> {
        let none = SignedDuration::ZERO;
        let hide = match &self.moment.fault {
            Some(Fault::NotFoundYet(age)) => *age,
            _ => none,
        };
        View::new(&self.service.world, &self.service.state.fresh, self.moment.now, none, hide)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.moment.now
    }

    /// An id that no object ever had: a service may begin with what another has made.
    pub(super) fn new_id(&mut self, kind: &str) -> String {
        loop {
            self.service.state.created += 1;
            let count = self.service.state.created.to_string();
            let words = words_of(&["created", kind, &count, &self.service.state.root]);
            let id = guid(&digest_text(&words));
            if !self.service.world.documents.had(&id) {
                return id;
            }
        }
    }

    pub(super) fn change(&mut self, change: Change) {
        let by = Initiator { name: self.caller.name.clone(), is_app: true };
        self.service.world.change(change, &by, self.moment.now);
    }

    /// A change without an answer of its own.
    pub(super) fn changed(&mut self, change: Change) -> Written {
        self.change(change);
        Ok(Answered { applied: true, ..Answered::of(204, None) })
    }

    pub(super) fn patched(&mut self, within: Collection, id: &str, patch: Object) -> Written {
        self.changed(Change::Patch(within, id.to_owned(), patch))
    }

    /// A new object, which copies of the directory may not show for a while.
    pub(super) fn create(&mut self, within: Collection, object: Object) {
        let id = super::view::text(&object, "id").to_owned();
        let now = self.moment.now;
        let wait = match &self.moment.fault {
            Some(Fault::NotFoundYet(age)) => *age,
            _ => self.service.replication_delay,
        };
        let hour = SignedDuration::from_hours(1);
        self.service.state.fresh.retain(|it| now.duration_since(it.at) < hour || now < it.until);
        self.service.state.fresh.push(Fresh {
            within: within.clone(),
            id,
            at: now,
            until: now.checked_add(wait).unwrap_or(now),
        });
        self.change(Change::Create(within, object));
    }

    /// 201 with the object as it was kept.
    pub(super) fn created(&mut self, place: Place, within: &Collection, id: &str) -> Written {
        let kept = self.service.world.find(within, id, self.moment.now).unwrap_or_default();
        let (ask, caller, licences) = (self.ask, self.caller, self.licences);
        let reading = reading(self.service, ask, caller, self.moment, licences);
        let query = Query::of_item(ask, place)?;
        let mut shown = reading.shown(place, kept, &query);
        let list = ask.path();
        let context = reading.context(&format!("{}/$entity", list.trim_start_matches('/')));
        if let Value::Object(object) = &mut shown {
            object.insert("@odata.context".to_owned(), context);
        }
        let location = format!("{}/{}{list}/{id}", reading.root, ask.version.segment());
        let mut answered = Answered { applied: true, ..Answered::of(201, Some(shown)) };
        answered.headers.push(("location", location));
        Ok(answered)
    }
}

/// Merges as Graph does: nested objects by property, arrays replaced.
pub(super) fn merge(into: &mut Object, patch: &Object) {
    for (key, value) in patch {
        match (into.get_mut(key), value) {
            (Some(Value::Object(before)), Value::Object(patch)) => merge(before, patch),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The value at a path of names.
pub(super) fn at<'a>(object: &'a Object, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = object.get(*first)?;
    if rest.is_empty() { Some(value) } else { at(value.as_object()?, rest) }
}

/// Texts of a list; none where it is missing or null.
pub(super) fn texts<'a>(object: &'a Object, path: &[&str]) -> Vec<&'a str> {
    let list = at(object, path).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The id at the end of an address such as `{root}/v1.0/directoryObjects/{id}`.
pub(super) fn id_of_address(address: &str) -> Option<&str> {
    let (before, id) = address.rsplit_once('/')?;
    let list = before.rsplit('/').next()?;
    let is_known = ["directoryObjects", "users", "groups", "devices"].contains(&list);
    (is_known && !id.is_empty()).then_some(id)
}

/// `null` where a text is not given.
pub(super) fn given(object: &Object, name: &str) -> Value {
    object.get(name).cloned().unwrap_or(json!(null))
}
