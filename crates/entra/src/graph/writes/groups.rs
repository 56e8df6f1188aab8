//! Groups and who is in them.

use http::Method;
use serde_json::{Value, json};

use super::carry_out::Done;
use super::identity::{Marker, ObjectId, literal};
use super::judge::{Found, Look, Seen, judge_gone, judge_list, judge_marked, text};
use super::step::{Repeat, Step};
use crate::graph::call::{Call, Version, Workload};

/// A new security group, found again by its marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// `displayName`.
    pub display_name: String,
    /// What it is for. The marker is added.
    pub description: String,
    /// Finds it again.
    pub marker: Marker,
    /// Roles can be assigned to it, and only privileged administrators change who is in it. Cannot
    /// be changed later.
    pub role_assignable: bool,
}

impl NewGroup {
    /// `mailNickname`, which Graph wants of every group.
    fn nickname(&self) -> String {
        format!("lockstep-{}", self.marker.word())
    }

    fn wanted(&self) -> Value {
        let mut wanted = json!({
            "displayName": self.display_name,
            "description": self.marker.after(&self.description),
            "mailEnabled": false,
            "mailNickname": self.nickname(),
            "securityEnabled": true,
            "groupTypes": [],
        });
        if self.role_assignable
            && let Some(wanted) = wanted.as_object_mut()
        {
            wanted.insert("isAssignableToRole".to_owned(), true.into());
        }
        wanted
    }
}

const SELECT: &str = "id,displayName,description,mailEnabled,mailNickname,securityEnabled,\
                      groupTypes,isAssignableToRole";

impl Step for NewGroup {
    fn words(&self) -> String {
        format!("create the group `{}`", self.display_name)
    }

    fn look(&self) -> Look {
        let filter = format!(
            "displayName eq {} or mailNickname eq {}",
            literal(&self.display_name),
            literal(&self.nickname())
        );
        let call = Call::get(Version::V1, "/groups", Workload::Directory);
        Look::List(call.with("$filter", filter).with("$select", SELECT))
    }

    fn look_back(&self, id: Option<&ObjectId>) -> Look {
        let Some(id) = id else { return self.look() };
        let call = Call::get(Version::V1, format!("/groups/{id}"), Workload::Directory);
        Look::Object(call.with("$select", SELECT))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_marked(seen, &self.wanted(), &self.display_name, &self.marker)
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let body = Some(self.wanted());
        Some(Call::write(Method::POST, Version::V1, "/groups", Workload::Directory, body))
    }

    fn repeat(&self) -> Repeat {
        Repeat::Doubles
    }

    fn done(&self) -> Done {
        Done::Created
    }
}

/// A group goes to the recycle bin, where it stays for 30 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteGroup {
    /// The group.
    pub id: ObjectId,
}

impl Step for DeleteGroup {
    fn words(&self) -> String {
        format!("delete the group `{}`", self.id)
    }

    fn look(&self) -> Look {
        let call = Call::get(Version::V1, format!("/groups/{}", self.id), Workload::Directory);
        Look::Object(call.with("$select", "id,displayName"))
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_gone(seen, |_| true)
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let path = format!("/groups/{}", self.id);
        Some(Call::write(Method::DELETE, Version::V1, path, Workload::Directory, None))
    }

    fn done(&self) -> Done {
        Done::Removed
    }
}

/// Somebody joins a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddMember {
    /// The group.
    pub group: ObjectId,
    /// The account, group or device.
    pub member: ObjectId,
    /// Root of Graph, which the reference to the member begins with
    /// ([`Endpoints::graph`](crate::graph::Endpoints::graph)).
    pub graph: String,
}

/// Somebody leaves a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveMember {
    /// The group.
    pub group: ObjectId,
    /// The account, group or device.
    pub member: ObjectId,
}

/// Who is in a group. A filter would need the index that lags most, so the whole list is read.
fn members(group: &ObjectId) -> Look {
    let path = format!("/groups/{group}/members");
    let call = Call::get(Version::V1, path, Workload::Directory).costing(3);
    Look::List(call.with("$select", "id").with("$top", "999"))
}

/// The link between a group and a member. Everything that writes one goes through here: the path
/// without `/$ref` at its end is the member itself, and deleting that deletes the person.
fn link(group: &ObjectId, member: Option<&ObjectId>) -> String {
    match member {
        Some(member) => format!("/groups/{group}/members/{member}/$ref"),
        None => format!("/groups/{group}/members/$ref"),
    }
}

impl Step for AddMember {
    fn words(&self) -> String {
        format!("put `{}` into the group `{}`", self.member, self.group)
    }

    fn look(&self) -> Look {
        members(&self.group)
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_list(seen, &Value::Null, |it| text(it, "id").is_some_and(|it| self.member.is(it)))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let reference = format!("{}/v1.0/directoryObjects/{}", self.graph, self.member);
        let body = Some(json!({"@odata.id": reference}));
        let path = link(&self.group, None);
        Some(Call::write(Method::POST, Version::V1, path, Workload::Directory, body))
    }

    fn needs_object(&self) -> bool {
        true
    }
}

impl Step for RemoveMember {
    fn words(&self) -> String {
        format!("take `{}` out of the group `{}`", self.member, self.group)
    }

    fn look(&self) -> Look {
        members(&self.group)
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_gone(seen, |it| text(it, "id").is_some_and(|it| self.member.is(it)))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let path = link(&self.group, Some(&self.member));
        Some(Call::write(Method::DELETE, Version::V1, path, Workload::Directory, None))
    }

    fn needs_object(&self) -> bool {
        true
    }

    fn done(&self) -> Done {
        Done::Removed
    }
}
