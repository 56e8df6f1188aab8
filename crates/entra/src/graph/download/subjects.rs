//! Whom single requests are sent for, from the lists that came before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::catalogue::Subjects;
use super::super::transport::Transport;
use super::{DownloadError, Run};

/// What is known of a user when single requests begin.
struct Person {
    enabled: bool,
    guest: bool,
    has_mail: bool,
    name: String,
}

impl<T: Transport> Run<'_, T> {
    /// Ids of the subjects, sorted; or, as an inner error, why nobody knows them.
    pub(super) fn subjects(
        &self,
        subjects: Subjects,
    ) -> Result<Result<Vec<String>, String>, DownloadError> {
        let list = if subjects == Subjects::Groups { "groups" } else { "users" };
        if !self.state(list, |state| state.is_whole()) {
            return Ok(Err(format!("the list of {list} did not come whole")));
        }
        if subjects == Subjects::Groups {
            let mut ids = BTreeSet::new();
            self.objects("groups", &mut |group| ids.extend(text(group, "id")))?;
            return Ok(Ok(ids.into_iter().collect()));
        }
        let people = self.people()?;
        let ids: Vec<String> = match subjects {
            Subjects::Groups | Subjects::Users => people.into_keys().collect(),
            Subjects::WithMail => {
                let with_mail =
                    people.into_iter().filter(|(_, it)| it.enabled && !it.guest && it.has_mail);
                with_mail.map(|(id, _)| id).collect()
            }
            Subjects::NotProvenReady => {
                let ready = self.ready()?;
                let always = self.always()?;
                let asked = people.into_iter().filter(|(id, person)| {
                    let open = person.enabled && !person.guest && !ready.contains(id);
                    open || always.contains(id) || always.contains(&person.name)
                });
                asked.map(|(id, _)| id).collect()
            }
        };
        Ok(Ok(ids))
    }

    fn people(&self) -> Result<BTreeMap<String, Person>, DownloadError> {
        let mut people = BTreeMap::new();
        self.objects("users", &mut |user| {
            let Some(id) = text(user, "id") else { return };
            let person = Person {
                // Who does not tell is asked for.
                enabled: user.get("accountEnabled").and_then(Value::as_bool) != Some(false),
                guest: text(user, "userType").is_some_and(|it| it == "guest"),
                has_mail: text(user, "mail").is_some(),
                name: text(user, "userPrincipalName").unwrap_or_default(),
            };
            people.insert(id, person);
        })?;
        Ok(people)
    }

    /// Those whom the report shows as capable of MFA.
    fn ready(&self) -> Result<BTreeSet<String>, DownloadError> {
        let mut ready = BTreeSet::new();
        if self.state("registration", |state| state.is_whole()) {
            self.objects("registration", &mut |row| {
                if row.get("isMfaCapable").and_then(Value::as_bool) == Some(true) {
                    ready.extend(text(row, "id"));
                }
            })?;
        }
        Ok(ready)
    }

    /// Ids and names of those who are asked for whatever the report says: holders of roles, directly
    /// or by a group, break-glass accounts and the pilot group.
    fn always(&self) -> Result<BTreeSet<String>, DownloadError> {
        let lower = |names: &[String]| names.iter().map(|it| it.trim().to_lowercase()).collect();
        let mut always: BTreeSet<String> = lower(&self.options.accounts);
        let pilot: BTreeSet<String> = lower(&self.options.groups);
        for id in ["role-assignments", "eligible-roles"] {
            self.objects(id, &mut |assignment| always.extend(text(assignment, "principalId")))?;
        }
        let mut groups: BTreeSet<String> = always.clone();
        self.objects("groups", &mut |group| {
            let named = [text(group, "id"), text(group, "displayName")];
            if named.iter().flatten().any(|name| pilot.contains(name)) {
                groups.extend(text(group, "id"));
            }
        })?;
        self.objects("group-members", &mut |group| {
            if text(group, "groupId").is_some_and(|id| groups.contains(&id)) {
                let members = group.get("members").and_then(Value::as_array);
                always.extend(members.into_iter().flatten().filter_map(|it| text(it, "id")));
            }
        })?;
        Ok(always)
    }

    /// Hands out every object of a list that was downloaded: of pages, or of lines.
    fn objects(&self, id: &str, take: &mut dyn FnMut(&Value)) -> Result<(), DownloadError> {
        let Some(state) = self.manifest.borrow().state(id).cloned() else { return Ok(()) };
        self.folder.read_pages(&state, &mut |bytes| {
            for page in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
                // The client hands out no page that is not JSON.
                let Ok(page) = page else { return };
                match page.get("value").and_then(Value::as_array) {
                    Some(objects) => objects.iter().for_each(&mut *take),
                    None => take(&page),
                }
            }
        })
    }
}

/// A text in lower case; `None` when it is not there or empty.
fn text(object: &Value, name: &str) -> Option<String> {
    let text = object.get(name)?.as_str()?.trim().to_lowercase();
    (!text.is_empty()).then_some(text)
}
