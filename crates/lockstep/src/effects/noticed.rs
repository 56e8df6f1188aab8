//! What people notice of a change set, from the figures of the impact.

use std::collections::BTreeMap;

use conditional_access::{Policy, State};
use rollout::change::{Change, ChangeSet, Edit, Presence, Purpose};
use rollout::engine::Seen;
use rollout::impact::{UserCounts, impact};
use rollout::proposal::Proposal;

use crate::words::{self, count, number};

/// What nobody notices.
const NOBODY: &str = "Nobody notices it.";

/// The set with what people notice of each of its changes.
pub(crate) fn with_effects(set: ChangeSet, seen: &Seen<'_>) -> ChangeSet {
    let told = Told {
        purpose: set.purpose.clone(),
        asked: asked(&set, seen),
        joining: joining(&set),
        disabled: names(&set, |edit| match edit {
            Edit::AccountEnabled { user, after: false, .. } => Some(&user.name),
            _ => None,
        }),
        per_user: names(&set, |edit| match edit {
            Edit::PerUserMfa { user, .. } => Some(&user.name),
            _ => None,
        }),
        without_method: seen.plan.registration.not_capable.len(),
        has_gap: set.gap.is_some(),
    };
    set.with_effects(|_, change| told.of(change))
}

/// What is the same for every change of a set.
struct Told {
    purpose: Purpose,
    /// Of the policies that will be On.
    asked: Option<String>,
    /// Members that join a group.
    joining: usize,
    disabled: Vec<String>,
    per_user: Vec<String>,
    /// People in scope who have no method.
    without_method: usize,
    has_gap: bool,
}

impl Told {
    /// Of one change. `None`: what it means for people is said with the others.
    fn of(&self, change: &Change) -> Option<String> {
        if change.edit.changes_nothing() {
            return None;
        }
        Some(match &change.edit {
            Edit::Policy { before, after } => {
                return self.of_policy(before.policy(), after.as_ref().map(|it| &*it.0));
            }
            Edit::SecurityDefaults { after: true, .. } => {
                "Everybody is asked to register and to pass MFA, without exception, and legacy \
                 authentication is blocked for everybody."
                    .to_owned()
            }
            Edit::SecurityDefaults { .. } if self.has_gap => {
                "From the first change to the last, people have less protection than before; both \
                 times are written down."
                    .to_owned()
            }
            Edit::SecurityDefaults { .. } => "Security defaults ask nobody any more.".to_owned(),
            Edit::Campaign { after, .. } => self.of_campaign(after.state.as_deref()),
            Edit::Membership { member, after, .. } => self.of_membership(&member.name, *after),
            Edit::AccountEnabled { after: false, .. } => format!(
                "{} can no longer sign in: {}.",
                accounts(&self.disabled),
                words::few(&self.disabled)
            ),
            Edit::AccountEnabled { user, .. } => format!("{} can sign in again.", user.name),
            Edit::PerUserMfa { .. } => format!(
                "{} are asked for MFA by the policies alone from then on.",
                accounts(&self.per_user)
            ),
            Edit::DeleteMethod { user, method, .. } => {
                format!("{} can no longer pass MFA with {}.", user.name, method.kind)
            }
            Edit::RevokeSessions { user } => {
                format!("{} has to sign in again everywhere.", user.name)
            }
            Edit::NewPassword { user } => {
                format!("The old password of {} is good for nothing.", user.name)
            }
            Edit::TemporaryAccessPass { .. }
            | Edit::User { .. }
            | Edit::Group { .. }
            | Edit::Role { .. } => NOBODY.to_owned(),
        })
    }

    fn of_policy(&self, before: Option<&Policy>, after: Option<&Policy>) -> Option<String> {
        let is_on = |policy: Option<&Policy>| policy.is_some_and(|it| it.state == State::Enabled);
        let reports = State::EnabledForReportingButNotEnforced;
        if is_on(after) {
            return self.asked.clone();
        }
        let name = before.or(after).map_or("", |it| it.display_name.as_str());
        Some(if is_on(before) {
            format!("`{name}` asks and blocks nobody any more.")
        } else if after.is_some_and(|it| it.state == reports) {
            "Nobody notices it: in Report-only a policy only measures.".to_owned()
        } else {
            NOBODY.to_owned()
        })
    }

    fn of_campaign(&self, state: Option<&str>) -> String {
        if state != Some("enabled") {
            return "Nobody is asked to set up the app any more.".to_owned();
        }
        let left = match self.without_method {
            0 => String::new(),
            1 => " It does not reach the person who has no method at all.".to_owned(),
            some => format!(" It does not reach the {some} people who have no method at all."),
        };
        format!(
            "Whoever passes MFA without Microsoft Authenticator is asked at sign-in to set it up, \
             and can put it off three times.{left}"
        )
    }

    fn of_membership(&self, member: &str, after: Presence) -> String {
        match (&self.purpose, after) {
            (Purpose::Exception, Presence::Present) => format!(
                "{member} is not asked for MFA by the policies that leave out the group of dated \
                 exceptions."
            ),
            (Purpose::Exception, Presence::Absent) => {
                format!("{member} is asked for MFA like everybody else, from the next sign-in on.")
            }
            (Purpose::Bridge, Presence::Present) => format!(
                "Nobody notices it before the cut-over, which covers these {} first.",
                count(u64::try_from(self.joining).unwrap_or(u64::MAX), "person", "people")
            ),
            _ => NOBODY.to_owned(),
        }
    }
}

fn accounts(names: &[String]) -> String {
    count(words::length(names), "account", "accounts")
}

fn names<'s>(set: &'s ChangeSet, name: impl Fn(&'s Edit) -> Option<&'s String>) -> Vec<String> {
    let real = set.changes.iter().filter(|it| !it.edit.changes_nothing());
    real.filter_map(|it| name(&it.edit)).cloned().collect()
}

fn joining(set: &ChangeSet) -> usize {
    let joins = |edit: &&Change| match &edit.edit {
        Edit::Membership { after, .. } => *after == Presence::Present,
        _ => false,
    };
    set.changes.iter().filter(joins).filter(|it| !it.edit.changes_nothing()).count()
}

/// What the sign-ins of the log would have met under the policies that the set turns On, all of them
/// together, as they are after its last change.
fn asked(set: &ChangeSet, seen: &Seen<'_>) -> Option<String> {
    let mut last: BTreeMap<&str, (&Policy, bool)> = BTreeMap::new();
    for change in &set.changes {
        let Edit::Policy { after: Some(after), .. } = &change.edit else { continue };
        let policy = &*after.0;
        let key = policy.id.as_deref().unwrap_or(&policy.display_name);
        let changes = !change.edit.changes_nothing();
        last.entry(key)
            .and_modify(|it| *it = (policy, it.1 || changes))
            .or_insert((policy, changes));
    }
    let on = last.into_values().filter(|(it, changes)| *changes && it.state == State::Enabled);
    let on: Vec<Policy> = on.map(|(it, _)| it.clone()).collect();
    if on.is_empty() {
        return None;
    }
    let proposal = Proposal::of_policies(seen.facts, on);
    Some(match impact(seen.facts, seen.classification, &proposal) {
        Some(impact) => sentence(&impact.users, impact.sign_ins.total),
        None => "How many people notice it cannot be said: there is no sign-in log.".to_owned(),
    })
}

/// Who is hurt first, then who has something to do, then the rest.
fn sentence(users: &UserCounts, sign_ins: u64) -> String {
    let total = count(users.total, "account", "accounts");
    let out = match users.locked_out() {
        0 => format!("Of {total}, none is known to be locked out"),
        some => format!("{} of {total} would be locked out", number(some)),
    };
    let unsure = match users.unknown {
        0 => String::new(),
        some => format!("; of {} nobody can say", number(some)),
    };
    let rest = [
        (users.must_register, "must register first"),
        (users.blocked_legacy, "lose legacy sign-ins"),
        (users.ready, "are ready"),
        (users.not_touched, "are not touched"),
    ];
    let rest: Vec<String> = rest
        .iter()
        .filter(|(some, _)| *some > 0)
        .map(|(some, what)| format!("{} {what}", number(*some)))
        .collect();
    let rest = if rest.is_empty() { String::new() } else { format!(" {}.", rest.join(", ")) };
    format!(
        "{out}{unsure}.{rest} That is what {} of the log would have met.",
        count(sign_ins, "successful sign-in", "successful sign-ins")
    )
}

#[cfg(test)]
mod tests {
    use rollout::Snapshot;
    use rollout::change::{Draft, Made, Named};
    use rollout::preflight::Stage;

    use super::*;

    #[test]
    fn who_is_hurt_stands_first_and_unknown_is_never_left_out() {
        let users = |blocked, cannot, unknown, must_register| UserCounts {
            total: 240,
            blocked,
            cannot,
            unknown,
            must_register,
            ..UserCounts::default()
        };
        let cases = [
            (
                users(1, 2, 16, 26),
                "3 of 240 accounts would be locked out; of 16 nobody can say. 26 must register first. \
                 That is what 5,000 successful sign-ins of the log would have met.",
            ),
            (
                users(0, 0, 1, 0),
                "Of 240 accounts, none is known to be locked out; of 1 nobody can say. That is what \
                 5,000 successful sign-ins of the log would have met.",
            ),
        ];
        for (counts, said) in cases {
            assert_eq!(sentence(&counts, 5_000), said);
        }
    }

    fn disabling(names: &[&str]) -> ChangeSet {
        let edit = |name: &&str| Edit::AccountEnabled {
            user: Named::new(*name, *name),
            before: Some(true),
            after: false,
        };
        let draft = Draft {
            purpose: Purpose::Dormant,
            title: "Disable dormant accounts".to_owned(),
            step: Stage::Prepare,
            edits: names.iter().map(|it| (edit(it), "Unused.".to_owned())).collect(),
            gap: None,
            rests_on: std::collections::BTreeSet::new(),
        };
        let at = "2026-11-23T09:00:00Z".parse().unwrap();
        let made = Made { at, from: "a".to_owned(), expires: at };
        ChangeSet::make(draft, &Snapshot::default(), made)
    }

    #[test]
    fn of_many_alike_changes_one_sentence_is_said() {
        let set = disabling(&["ann", "bea", "cem", "dot", "eve"]);
        let disabled = names(&set, |edit| match edit {
            Edit::AccountEnabled { user, .. } => Some(&user.name),
            _ => None,
        });
        let told = Told {
            purpose: set.purpose.clone(),
            asked: None,
            joining: joining(&set),
            disabled,
            per_user: Vec::new(),
            without_method: 0,
            has_gap: false,
        };
        let said: Vec<Option<String>> = set.changes.iter().map(|it| told.of(it)).collect();
        let one = Some("5 accounts can no longer sign in: ann, bea, cem and 2 more.".to_owned());
        assert!(said.iter().all(|it| *it == one), "{said:?}");
    }

    #[test]
    fn a_policy_in_report_only_is_noticed_by_nobody_and_one_that_stops_is_named() {
        let set = disabling(&[]);
        let told = Told {
            purpose: set.purpose.clone(),
            asked: Some("3 of 240 accounts would be locked out.".to_owned()),
            joining: 0,
            disabled: Vec::new(),
            per_user: Vec::new(),
            without_method: 4,
            has_gap: true,
        };
        let policy = |state: &str| {
            let json = serde_json::json!({
                "id": "1f7c9e54-0000-4000-8000-000000000001", "displayName": "CA001",
                "state": state, "conditions": {},
                "grantControls": { "operator": "OR", "builtInControls": ["mfa"] },
            });
            conditional_access::read_policy(&json).unwrap()
        };
        let (on, reports) = (policy("enabled"), policy("enabledForReportingButNotEnforced"));
        assert_eq!(told.of_policy(None, Some(&on)), told.asked);
        let quiet = told.of_policy(None, Some(&reports)).unwrap();
        assert!(quiet.starts_with("Nobody notices it"), "{quiet}");
        let stops = told.of_policy(Some(&on), Some(&reports)).unwrap();
        assert_eq!(stops, "`CA001` asks and blocks nobody any more.");
        let campaign = told.of_campaign(Some("enabled"));
        assert!(campaign.ends_with("the 4 people who have no method at all."), "{campaign}");
    }
}
