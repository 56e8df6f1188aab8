//! Directory roles, permanently active.

use http::Method;
use serde_json::{Value, json};

use super::carry_out::Done;
use super::identity::{ObjectId, literal};
use super::judge::{Found, Look, Seen, judge_gone, judge_list, text};
use super::step::{Repeat, Step};
use crate::graph::call::{Call, Version, Workload};

const PATH: &str = "/roleManagement/directory/roleAssignments";

/// A role for an account or a group, found again by whom, which and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignRole {
    /// The account or group.
    pub principal: ObjectId,
    /// `roleDefinitionId`; of a built-in role, its template id.
    pub role: ObjectId,
    /// `directoryScopeId`: `/` is the whole tenant.
    pub scope: String,
}

impl AssignRole {
    fn list(&self) -> Look {
        let filter = format!("principalId eq {}", literal(self.principal.as_str()));
        Look::List(Call::get(Version::V1, PATH, Workload::Directory).with("$filter", filter))
    }

    fn is_it(&self, object: &Value) -> bool {
        text(object, "principalId").is_some_and(|it| self.principal.is(it))
            && text(object, "roleDefinitionId").is_some_and(|it| self.role.is(it))
            && text(object, "directoryScopeId").is_some_and(|it| it == self.scope)
    }
}

impl Step for AssignRole {
    fn words(&self) -> String {
        format!("assign the role `{}` to `{}` at `{}`", self.role, self.principal, self.scope)
    }

    fn look(&self) -> Look {
        self.list()
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_list(seen, &Value::Null, |it| self.is_it(it))
    }

    fn send(&self, _id: Option<&ObjectId>) -> Option<Call> {
        let body = json!({
            "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
            "roleDefinitionId": self.role.as_str(),
            "principalId": self.principal.as_str(),
            "directoryScopeId": self.scope,
        });
        Some(Call::write(Method::POST, Version::V1, PATH, Workload::Directory, Some(body)))
    }

    fn repeat(&self) -> Repeat {
        Repeat::Doubles
    }

    fn done(&self) -> Done {
        Done::Created
    }
}

/// A role is taken away again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoveRole(
    /// The assignment that goes.
    pub AssignRole,
);

impl Step for RemoveRole {
    fn words(&self) -> String {
        let AssignRole { principal, role, scope } = &self.0;
        format!("take the role `{role}` at `{scope}` from `{principal}`")
    }

    fn look(&self) -> Look {
        self.0.list()
    }

    fn judge(&self, seen: &Seen) -> Found {
        judge_gone(seen, |it| self.0.is_it(it))
    }

    fn send(&self, id: Option<&ObjectId>) -> Option<Call> {
        let path = format!("{PATH}/{}", id?);
        Some(Call::write(Method::DELETE, Version::V1, path, Workload::Directory, None))
    }

    fn done(&self) -> Done {
        Done::Removed
    }
}
