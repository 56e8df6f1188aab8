//! A set in words.

use conditional_access::State;
use rollout::change::text::{SetText, set_text};
use rollout::change::{ChangeSet, Danger, Edit, GapReceipt, Presence, Purpose};
use rollout::{PerUserMfa, Snapshot};

use crate::tenant::{
    CA001, EXCLUDED_GROUP, becomes, draft, made, member_of, method, named, ne, reversible, set_of,
    turned,
};

fn written(text: &SetText) -> String {
    let mut out = format!("{} ({:?})\n", text.title, text.danger);
    for effect in &text.effects {
        out.push_str(&format!("> {effect}\n"));
    }
    for change in &text.changes {
        let gap = change.gap.map(|it| format!(" [{it}]")).unwrap_or_default();
        out.push_str(&format!(
            "{}. {} ({:?}){gap}\n",
            change.number, change.heading, change.danger
        ));
        for line in &change.lines {
            out.push_str(&format!("   {}: {} → {}\n", line.property, line.before, line.after));
        }
        out.push_str(&format!("   way back: {}\n", change.way_back));
    }
    out
}

/// People first, then what is dangerous, then the rest in its order.
#[test]
fn people_first_then_danger() {
    let snapshot = ne().snapshot;
    let edits = vec![
        Edit::PerUserMfa {
            user: named("dan"),
            before: Some(PerUserMfa::Enforced),
            after: PerUserMfa::Disabled,
        },
        Edit::SecurityDefaults { before: Some(true), after: false },
        becomes(&snapshot, CA001, |policy| {
            policy.state = State::Enabled;
            policy.conditions.users.exclude_users.push("dan".to_owned());
        }),
        Edit::DeleteMethod { user: named("dan"), id: "1".to_owned(), method: method("phone") },
    ];
    let mut draft = draft(Purpose::CutOver, edits);
    draft.gap = Some(GapReceipt { opens: 1, closes: 2 });
    let set = ChangeSet::make(draft, &snapshot, made()).with_effects(|place, _| match place {
        1 | 2 => Some("183 people are asked for MFA from now on.".to_owned()),
        _ => None,
    });
    insta::assert_snapshot!(written(&set_text(&set)), @"
    A set (Severe)
    > 183 people are asked for MFA from now on.
    2. turn security defaults off (Severe) [opens the gap]
       security defaults: on → off
       way back: turn security defaults on.
    3. change the policy CA001 - Require MFA - Pilot (10000000…) (Severe) [closes the gap]
       state: Report-only → On
       conditions.users.excludeUsers: not set → dan (no name was read)
       way back: change the policy CA001 - Require MFA - Pilot.
    1. per-user MFA of dan@ne.example: disabled (Moderate)
       per-user MFA: enforced → disabled
       way back: per-user MFA of dan@ne.example: enforced.
    4. delete phone of dan@ne.example (Moderate)
       method: phone → deleted
       way back: None. dan@ne.example registers the method again, with a Temporary Access Pass where no other method is left.
    ");
}

#[test]
fn what_nobody_saw_is_not_known() {
    let untold = Snapshot::default();
    let set = set_of(&untold, vec![Edit::SecurityDefaults { before: None, after: true }]);
    let text = set_text(&set);
    assert_eq!(text.changes[0].lines[0].before, "not known");
    assert!(text.changes[0].way_back.starts_with("None. Read whether"), "{:?}", text.changes);
}

/// Every kind says what becomes of what, and how to take it back.
#[test]
fn every_kind_has_words() {
    let snapshot = ne().snapshot;
    for kind in 0..11 {
        let edits = (0..6).map(|which| reversible(&snapshot, kind, which));
        let edit = edits.into_iter().find(|edit| !edit.changes_nothing()).unwrap();
        let text = set_text(&set_of(&snapshot, vec![edit]));
        let change = &text.changes[0];
        assert!(!change.heading.is_empty() && !change.lines.is_empty(), "{kind}: {change:?}");
        assert!(change.lines.iter().all(|it| it.before != it.after), "{kind}: {change:?}");
    }
}

#[test]
fn how_dangerous_a_change_is() {
    let world = ne();
    let snapshot = &world.snapshot;
    let severe = [
        turned(snapshot, CA001, State::Enabled),
        becomes(snapshot, CA001, |it| it.conditions.users.exclude_users.push("dan".to_owned())),
        becomes(snapshot, CA001, |it| it.conditions.users.exclude_groups.clear()),
        Edit::SecurityDefaults { before: Some(true), after: false },
        Edit::SecurityDefaults { before: Some(false), after: true },
        reversible(snapshot, 2, 4),
        member_of(snapshot, EXCLUDED_GROUP, "dan", Presence::Present),
        member_of(snapshot, EXCLUDED_GROUP, "alpha", Presence::Absent),
        reversible(snapshot, 0, 0).inverse().unwrap(),
        reversible(snapshot, 1, 0).inverse().unwrap(),
        crate::tenant::makes("For roles", |it| {
            it.conditions.users.include_users.clear();
            it.conditions.users.include_roles = vec!["role".to_owned()];
        }),
    ];
    for edit in severe {
        let told = format!("{edit:?}");
        assert_eq!(set_of(snapshot, vec![edit]).danger(), Danger::Severe, "{told}");
    }
    let moderate = [
        becomes(snapshot, CA001, |it| it.display_name.push('x')),
        crate::tenant::makes("For a few", |it| {
            it.conditions.users.include_users.clear();
            it.conditions.users.include_groups = vec!["group".to_owned()];
        }),
        crate::tenant::makes("Not yet", |it| it.state = State::EnabledForReportingButNotEnforced),
        member_of(snapshot, crate::tenant::PILOT_GROUP, "dan", Presence::Present),
        reversible(snapshot, 0, 0),
        reversible(snapshot, 8, 0),
        Edit::RevokeSessions { user: named("dan") },
    ];
    for edit in moderate {
        let told = format!("{edit:?}");
        assert_eq!(set_of(snapshot, vec![edit]).danger(), Danger::Moderate, "{told}");
    }
    let nothing = Edit::SecurityDefaults { before: Some(true), after: true };
    assert_eq!(set_of(snapshot, vec![nothing]).danger(), Danger::None);
    // Switching off what is On gives protection up; nobody told the policies: any group may be one.
    let mut on = snapshot.clone();
    on.policies.as_mut().unwrap()[1].state = State::Enabled;
    let off = set_of(&on, vec![turned(&on, CA001, State::Disabled)]);
    assert_eq!(off.danger(), Danger::Severe);
    let joins = member_of(snapshot, crate::tenant::PILOT_GROUP, "dan", Presence::Present);
    let untold = Snapshot { policies: None, ..snapshot.clone() };
    assert_eq!(set_of(&untold, vec![joins]).danger(), Danger::Severe);
}
