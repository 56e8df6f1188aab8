//! What another change set made a moment ago, and the tenant does not show yet.
//!
//! What is new is missing in lists for seconds to minutes, because it replicates with delay (Microsoft
//! Graph: *Create user*, which says so of users; other directory objects are alike). A set drawn from such
//! a list would make it once more, and names of groups and policies are not unique. So what lockstep's own
//! sets made counts as there until the window is over in which a new object is waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rollout::change::{ChangeSet, Edit, Presence, text};

use super::shown::second;

/// A set that was carried out and read back.
#[derive(Debug)]
pub(super) struct DoneSet {
    pub(super) at: Timestamp,
    pub(super) set: ChangeSet,
}

/// The object an edit is about, by kind and name, and whether it is there afterwards. `None`: an edit of
/// something that is there, or of a person's own methods and passes, which `reset` looks for by itself.
fn leaves(edit: &Edit) -> Option<(&'static str, String, bool)> {
    let (kind, name, is_there) = match edit {
        Edit::User { user, after, .. } => {
            ("account", user.user_principal_name.clone(), *after == Presence::Present)
        }
        Edit::Group { group, after, .. } => {
            ("group", group.display_name.clone(), *after == Presence::Present)
        }
        Edit::Role { role_name, principal, after, .. } => {
            let name = format!("{role_name}\n{}", principal.name);
            ("role", name, *after == Presence::Present)
        }
        Edit::Membership { group, member, after, .. } => {
            let name = format!("{}\n{}", group.name, member.name);
            ("membership", name, *after == Presence::Present)
        }
        Edit::Policy { after, .. } => {
            ("policy", edit.policy()?.display_name.clone(), after.is_some())
        }
        Edit::SecurityDefaults { .. }
        | Edit::Campaign { .. }
        | Edit::PerUserMfa { .. }
        | Edit::DeleteMethod { .. }
        | Edit::TemporaryAccessPass { .. }
        | Edit::NewPassword { .. }
        | Edit::RevokeSessions { .. }
        | Edit::AccountEnabled { .. } => return None,
    };
    Some((kind, name.to_lowercase(), is_there))
}

/// Whether an edit takes it that its object is not there.
fn makes(edit: &Edit) -> bool {
    match edit {
        Edit::Policy { before, .. } => before.policy().is_none(),
        _ => true,
    }
}

/// Why a set cannot begin at a time: it makes what one of these made less than the window before, and
/// none of them removed since.
pub(super) fn made_before(
    set: &ChangeSet,
    done: &[DoneSet],
    window: Duration,
    now: Timestamp,
) -> Option<String> {
    let window = SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX);
    let until = |at: Timestamp| at.saturating_add(window).unwrap_or(Timestamp::MAX);
    // What each object was left as by the last set about it.
    let mut last: BTreeMap<(&str, String), (Timestamp, bool)> = BTreeMap::new();
    for DoneSet { at, set } in done {
        for (kind, name, is_there) in set.changes.iter().filter_map(|it| leaves(&it.edit)) {
            let left = last.entry((kind, name)).or_insert((*at, is_there));
            if left.0 <= *at {
                *left = (*at, is_there);
            }
        }
    }
    set.changes.iter().filter(|it| makes(&it.edit)).find_map(|change| {
        let (kind, name, is_there) = leaves(&change.edit)?;
        let (at, left) = last.get(&(kind, name)).copied()?;
        (is_there && left && until(at) > now).then(|| {
            format!(
                "`{}` was done by another change set, read back {}. Graph may not show it everywhere \
                 yet, and it is not to be done twice: try again after {}",
                text::heading(&change.edit),
                second(at),
                second(until(at))
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rollout::change::{Draft, Made, Named, NewGroup, Purpose};
    use rollout::preflight::Stage;
    use rollout::{MemberKind, Snapshot};

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + minute * 60).unwrap()
    }

    fn set(edits: Vec<Edit>) -> ChangeSet {
        let draft = Draft {
            purpose: Purpose::Policies,
            title: "A set".to_owned(),
            step: Stage::Prepare,
            edits: edits.into_iter().map(|edit| (edit, "For a test.".to_owned())).collect(),
            gap: None,
            rests_on: BTreeSet::new(),
        };
        let made = Made { at: at(0), from: "sha256:0".to_owned(), expires: at(1_000) };
        ChangeSet::make(draft, &Snapshot::default(), made)
    }

    fn group(name: &str, after: Presence) -> Edit {
        let group = NewGroup {
            id: format!("new-{name}"),
            display_name: name.to_owned(),
            assignable_to_role: false,
        };
        Edit::Group { group, before: Some(other(after)), after }
    }

    fn member(group: &str, member: &str, after: Presence) -> Edit {
        let named = |name: &str| Named::new(format!("id-{name}"), name);
        Edit::Membership {
            group: named(group),
            member: named(member),
            member_kind: MemberKind::User,
            before: Some(other(after)),
            after,
        }
    }

    fn other(presence: Presence) -> Presence {
        match presence {
            Presence::Present => Presence::Absent,
            Presence::Absent => Presence::Present,
        }
    }

    #[test]
    fn what_was_made_a_moment_ago_is_not_made_again() {
        use Presence::{Absent, Present};
        let window = Duration::from_secs(120);
        let done = |minute, edits| DoneSet { at: at(minute), set: set(edits) };
        let begins = |edits, done: &[DoneSet], minute| {
            made_before(&set(edits), done, window, at(minute)).is_none()
        };
        let made = [done(10, vec![group("MFA - Bridge", Present), member("G", "a", Present)])];
        assert!(!begins(vec![group("MFA - Bridge", Present)], &made, 11));
        assert!(!begins(vec![group("mfa - bridge", Present)], &made, 11), "names are told anyhow");
        assert!(!begins(vec![group("X", Present), member("G", "a", Present)], &made, 11));
        assert!(begins(vec![group("MFA - Bridge", Present)], &made, 12), "the window is over");
        assert!(begins(vec![group("MFA - Pilot", Present)], &made, 11));
        assert!(begins(vec![member("MFA - Bridge", "a", Present)], &made, 11));
        assert!(
            begins(vec![group("MFA - Bridge", Absent)], &made, 11),
            "removing it is no repetition"
        );
        // What was removed since may be made again.
        let removed = [
            done(10, vec![group("MFA - Bridge", Present)]),
            done(11, vec![group("MFA - Bridge", Absent)]),
        ];
        assert!(begins(vec![group("MFA - Bridge", Present)], &removed, 11));
        let why = made_before(&set(vec![group("MFA - Bridge", Present)]), &made, window, at(11));
        let why = why.unwrap();
        assert_eq!(
            why,
            "`make the group MFA - Bridge` was done by another change set, read back 21 Sep 14:23:20 \
             UTC. Graph may not show it everywhere yet, and it is not to be done twice: try again \
             after 21 Sep 14:25:20 UTC"
        );
    }
}
