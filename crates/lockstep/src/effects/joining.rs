//! What it means for people that somebody joins or leaves a group.

use conditional_access::{Policy, State};
use rollout::change::names::word;
use rollout::change::{Named, is_provisional};

use crate::words::{self, count};

/// Where a group stands in policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    /// It is new: no policy can name it.
    New,
    /// No file tells the policies.
    NotKnown,
    /// In these, by name.
    In {
        /// That are On and reach its members.
        reach: Vec<String>,
        /// That are On and leave its members out.
        leave_out: Vec<String>,
        /// That name it and are not On.
        not_on: usize,
    },
}

/// Where a group stands in the policies as they are after a set. `None`: no file tells them.
pub(super) fn stands(group: &Named, policies: Option<&[Policy]>) -> Stands {
    let is_new = is_provisional(&group.id);
    let Some(policies) = policies else {
        // No policy that is there can name what is not.
        return if is_new { Stands::New } else { Stands::NotKnown };
    };
    let (mut reach, mut leave_out, mut not_on) = (Vec::new(), Vec::new(), 0_usize);
    for policy in policies {
        let users = &policy.conditions.users;
        let is_in = |list: &[String]| list.iter().any(|id| id.eq_ignore_ascii_case(&group.id));
        let (included, excluded) = (is_in(&users.include_groups), is_in(&users.exclude_groups));
        match policy.state {
            State::Enabled if excluded => leave_out.push(word(&policy.display_name)),
            State::Enabled if included => reach.push(word(&policy.display_name)),
            _ if excluded || included => not_on = not_on.saturating_add(1),
            _ => {}
        }
    }
    if is_new && reach.is_empty() && leave_out.is_empty() && not_on == 0 {
        return Stands::New;
    }
    Stands::In { reach, leave_out, not_on }
}

/// What it means that these join, or leave.
pub(super) fn joins(who: &[String], join: bool, group: &Named, stands: &Stands) -> String {
    let name = word(&group.name);
    let people = words::few(who);
    let are = if who.len() == 1 { "is" } else { "are" };
    let verb = |joins: &'static str, leaves: &'static str| if join { joins } else { leaves };
    match stands {
        Stands::New => is_new(&group.name),
        Stands::NotKnown => format!(
            "Which policies name {name} nobody can say: no file tells the policies. Who is asked for \
             MFA may change for {people}."
        ),
        Stands::In { reach, leave_out, .. } if !reach.is_empty() || !leave_out.is_empty() => {
            let mut said = Vec::new();
            if !leave_out.is_empty() {
                said.push(format!(
                    "{people} {are} {} by {}: {}.",
                    verb("no longer asked or blocked", "asked or blocked again, like everybody,"),
                    policies(leave_out),
                    words::few(leave_out)
                ));
            }
            if !reach.is_empty() {
                said.push(format!(
                    "{people} {are} {} by {}: {}.",
                    verb("asked or blocked from the next sign-in on", "no longer asked or blocked"),
                    policies(reach),
                    words::few(reach)
                ));
            }
            said.join(" ")
        }
        Stands::In { not_on: 0, .. } => format!(
            "No policy names {name}, so no sign-in changes. What else the group is used for no file \
             tells."
        ),
        Stands::In { not_on, .. } => format!(
            "No policy that names {name} is On, so no sign-in changes ({} {} it). What else the group is \
             used for no file tells.",
            count(
                u64::try_from(*not_on).unwrap_or(u64::MAX),
                "policy that is not On",
                "policies that are not On"
            ),
            if *not_on == 1 { "names" } else { "name" }
        ),
    }
}

/// Of a group that no policy can name.
pub(super) fn is_new(name: &str) -> String {
    format!("Nobody notices anything of {}: it is new, and no policy names it yet.", word(name))
}

fn policies(names: &[String]) -> String {
    count(words::length(names), "policy that is On", "policies that are On")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str, state: &str, users: &serde_json::Value) -> Policy {
        let json = serde_json::json!({
            "id": name, "displayName": name, "state": state, "conditions": {"users": users},
            "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
        });
        conditional_access::read_policy(&json).unwrap()
    }

    #[test]
    fn nobody_notices_only_what_is_certain() {
        let out = serde_json::json!({"includeUsers": ["All"], "excludeGroups": ["G-1"]});
        let within = serde_json::json!({"includeGroups": ["g-1"]});
        let reports = "enabledForReportingButNotEnforced";
        let old = Named::new("g-1", "Left out");
        let new = Named::new("new:g", "Left out");
        let who = ["ann@ne.example".to_owned()];
        let cases: [(&Named, Option<Vec<Policy>>, bool, &str); 7] = [
            (&new, None, true, "Nobody notices anything of Left out: it is new"),
            (&old, None, true, "Which policies name Left out nobody can say"),
            (&old, Some(Vec::new()), true, "No policy names Left out, so no sign-in changes. What"),
            (
                &old,
                Some(vec![policy("A", reports, &out)]),
                true,
                "No policy that names Left out is On",
            ),
            (
                &old,
                Some(vec![policy("A", "enabled", &out)]),
                true,
                "ann@ne.example is no longer asked or blocked by 1 policy that is On: A.",
            ),
            (
                &old,
                Some(vec![policy("A", "enabled", &out)]),
                false,
                "ann@ne.example is asked or blocked again, like everybody, by 1 policy that is On: A.",
            ),
            (
                &old,
                Some(vec![policy("A", "enabled", &within)]),
                true,
                "ann@ne.example is asked or blocked from the next sign-in on by 1 policy that is On: A.",
            ),
        ];
        for (group, policies, join, begins) in cases {
            let said = joins(&who, join, group, &stands(group, policies.as_deref()));
            assert!(said.starts_with(begins), "{said}");
        }
    }
}
