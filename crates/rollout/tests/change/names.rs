//! Names in what people confirm: which object is meant, whatever somebody called it.

use conditional_access::NamedLocation;
use rollout::change::names::{Names, escaped, word};
use rollout::change::text::{SetText, set_text};
use rollout::change::{ChangeSet, Edit, Presence};
use rollout::{Group, Snapshot};

use crate::tenant::{CA001, becomes, member_of, ne, set_of};

const ONE: &str = "502615f4-dc89-435a-b84c-319a9e574196";
const TWIN: &str = "502615f4-0000-435a-b84c-319a9e574196";
const OTHER: &str = "9d0c1e2f-dc89-435a-b84c-319a9e574196";

fn with_groups(groups: &[(&str, &str)]) -> Snapshot {
    let mut snapshot = ne().snapshot;
    for (id, name) in groups {
        snapshot.groups.as_mut().unwrap().push(Group {
            id: Some((*id).to_owned()),
            display_name: Some((*name).to_owned()),
            members: Some(Vec::new()),
            ..Group::default()
        });
    }
    snapshot
}

/// A set by which a policy leaves these groups out.
fn leaves_out(snapshot: &Snapshot, ids: &[&str]) -> ChangeSet {
    let edit = becomes(snapshot, CA001, |it| {
        it.conditions.users.exclude_groups = ids.iter().map(|id| (*id).to_owned()).collect();
    });
    set_of(snapshot, vec![edit])
}

fn after(text: &SetText, property: &str) -> String {
    let mut lines = text.changes.iter().flat_map(|it| &it.lines);
    lines.find(|it| it.property.ends_with(property)).unwrap().after.clone()
}

#[test]
fn an_object_is_told_by_name_and_id_and_an_unknown_one_says_so() {
    let snapshot = with_groups(&[(ONE, "MFA - Pilot"), (OTHER, "Finance")]);
    let cases: [(&[&str], &str); 4] = [
        (&[ONE], "MFA - Pilot (502615f4…)"),
        (&[OTHER, ONE], "MFA - Pilot (502615f4…), Finance (9d0c1e2f…)"),
        // Nobody read a name: the id, whole.
        (&[TWIN], "502615f4-0000-435a-b84c-319a9e574196 (no name was read)"),
        (&[], "not set"),
    ];
    for (ids, told) in cases {
        assert_eq!(after(&set_text(&leaves_out(&snapshot, ids)), "excludeGroups"), told, "{ids:?}");
    }
    // Two ids that begin alike are told whole.
    let alike = with_groups(&[(ONE, "MFA - Pilot"), (TWIN, "MFA - Pilot")]);
    let told = after(&set_text(&leaves_out(&alike, &[ONE, TWIN])), "excludeGroups");
    assert!(told.contains(ONE) && told.contains(TWIN), "{told}");
}

#[test]
fn what_microsoft_brings_along_and_locations_have_names() {
    let mut snapshot = ne().snapshot;
    snapshot.named_locations = Some(vec![NamedLocation {
        id: Some(OTHER.to_owned()),
        display_name: "Leeds office".to_owned(),
        kind: conditional_access::NamedLocationKind::Ip { trusted: Some(true), ranges: Vec::new() },
    }]);
    let edit = becomes(&snapshot, CA001, |it| {
        let conditions = &mut it.conditions;
        conditions.users.exclude_roles = vec!["62e90394-69f5-4237-9190-012177145e10".to_owned()];
        conditions.applications.include =
            vec!["797f4846-ba00-4fd7-ba43-dac1f8f63013".to_owned(), "Office365".to_owned()];
        conditions.locations = Some(conditional_access::Locations {
            include: vec!["All".to_owned()],
            exclude: vec![OTHER.to_owned(), "AllTrusted".to_owned()],
        });
    });
    let text = set_text(&set_of(&snapshot, vec![edit]));
    assert_eq!(after(&text, "excludeRoles"), "Global Administrator (62e90394…)");
    assert_eq!(
        after(&text, "includeApplications"),
        "Windows Azure Service Management API (797f4846…), Office 365"
    );
    assert_eq!(
        after(&text, "excludeLocations"),
        "Leeds office (9d0c1e2f…), All trusted networks and locations"
    );
}

/// What is kept shows the same later, without the tenant; whoever changes a name has changed the set.
#[test]
fn the_id_of_a_set_covers_the_names_it_was_shown_with() {
    let snapshot = with_groups(&[(ONE, "MFA - Pilot")]);
    let set = leaves_out(&snapshot, &[ONE]);
    let kept = serde_json::to_string(&set).unwrap();
    let read: ChangeSet = serde_json::from_str(&kept).unwrap();
    read.verify().unwrap();
    assert_eq!(set_text(&read), set_text(&set));

    let forged = kept.replace("MFA - Pilot\"", "CA - Excluded emergency accounts\"");
    assert_ne!(forged, kept);
    let forged: ChangeSet = serde_json::from_str(&forged).unwrap();
    forged.verify().unwrap_err();

    let renamed = with_groups(&[(ONE, "Everybody")]);
    assert_ne!(leaves_out(&renamed, &[ONE]).id, set.id);
    // A set that was kept before names were is what its id says, too.
    let mut old = leaves_out(&snapshot, &[]);
    old.names = Names::default();
    old.id = old.content_digest();
    let kept = serde_json::to_value(&old).unwrap();
    assert!(kept.get("names").is_none());
    serde_json::from_value::<ChangeSet>(kept).unwrap().verify().unwrap();
}

#[test]
fn no_name_passes_for_something_else() {
    let cases = [
        ("MFA - Pilot", "MFA - Pilot"),
        ("Zürich & Łódź 2", "Zürich & Łódź 2"),
        // A list, an arrow, a bracket, an id, a word of lockstep's own.
        ("A (502615f4…), B", "\"A (502615f4…), B\""),
        ("Off → On", "\"Off → On\""),
        (OTHER, "\"9d0c1e2f-dc89-435a-b84c-319a9e574196\""),
        ("9d0c1e2f", "\"9d0c1e2f\""),
        ("not set", "\"not set\""),
        ("All", "\"All\""),
        ("", "\"\""),
        // What does not show, or moves what follows.
        ("Pilot\n2. turn security defaults on", "\"Pilot\\u{a}2. turn security defaults on\""),
        ("a\u{202e}b", "\"a\\u{202e}b\""),
        ("a\u{200b}b\u{feff}", "\"a\\u{200b}b\\u{feff}\""),
        ("\u{1b}[2J", "\"\\u{1b}[2J\""),
        ("\u{9b}31m", "\"\\u{9b}31m\""),
        ("a\u{2028}b\rc\td", "\"a\\u{2028}b\\u{d}c\\u{9}d\""),
        (" a  b ", "\"\\u{20}a \\u{20}b\\u{20}\""),
        ("\"A\" \\", "\"\\\"A\\\" \\\\\""),
    ];
    for (name, shown) in cases {
        assert_eq!(word(name), shown, "{name:?}");
    }
    // No two names are shown alike.
    let shown: std::collections::BTreeSet<String> =
        cases.iter().map(|(name, _)| word(name)).collect();
    assert_eq!(shown.len(), cases.len());
    assert_eq!(escaped("a\nb"), "a\\u{a}b");
}

/// A group, a policy and a member with the worst names there are: no text of the set has a second line,
/// and what the names say stands in quotes.
#[test]
fn hostile_names_forge_no_line() {
    let worst = format!("IT team ({ONE}), none\n  - state: On → Off\u{202e}\u{1b}[1A");
    let snapshot = with_groups(&[(OTHER, &worst)]);
    let mut renamed = leaves_out(&snapshot, &[OTHER]).changes.remove(0).edit;
    if let Edit::Policy { after: Some(after), .. } = &mut renamed {
        after.0.display_name.clone_from(&worst);
    }
    let joins = member_of(&snapshot, (OTHER, &worst), "dan", Presence::Present);
    let set = set_of(&snapshot, vec![renamed, joins]).with_effects(|_, _| Some(worst.clone()));
    let text = set_text(&set);
    let mut told = vec![text.title.clone()];
    told.extend(text.effects.clone());
    for change in &text.changes {
        told.extend([change.heading.clone(), change.reason.clone(), change.way_back.clone()]);
        for line in &change.lines {
            told.extend([line.property.clone(), line.before.clone(), line.after.clone()]);
        }
    }
    for it in &told {
        assert!(!it.chars().any(|it| it.is_control() || it == '\u{202e}'), "{it:?}");
    }
    let quoted = word(&worst);
    assert!(quoted.starts_with('"') && quoted.ends_with('"'), "{quoted}");
    assert_eq!(after(&text, "excludeGroups"), format!("{quoted} (9d0c1e2f…)"));
    assert_eq!(after(&text, "displayName"), quoted);
    assert!(text.changes.iter().any(|it| it.heading.contains(&quoted)), "{text:?}");
}

#[test]
fn of_a_long_list_what_comes_and_goes_is_told_apart() {
    let ids: Vec<String> =
        (0..9).map(|at| format!("{at}0000000-dc89-435a-b84c-319a9e574196")).collect();
    let mut snapshot = with_groups(&[(OTHER, "Finance")]);
    let first = becomes(&snapshot, CA001, |it| it.conditions.users.exclude_groups = ids.clone());
    let Edit::Policy { after: Some(policy), .. } = &first else { panic!("no policy") };
    snapshot.policies.as_mut().unwrap().retain(|it| it.id != policy.0.id);
    snapshot.policies.as_mut().unwrap().push((*policy.0).clone());
    let edit = becomes(&snapshot, CA001, |it| {
        it.conditions.users.exclude_groups.remove(3);
        it.conditions.users.exclude_groups.push(OTHER.to_owned());
    });
    let text = set_text(&set_of(&snapshot, vec![edit]));
    let list = text.changes[0].lines[0].list.clone().unwrap();
    assert_eq!(
        list.to_string(),
        "with Finance (9d0c1e2f…); without 30000000-dc89-435a-b84c-319a9e574196 (no name was read); \
         8 as before"
    );
}
