//! Whatever moves between plan and apply is noticed, and nothing else is.

use conditional_access::State;
use rollout::change::{Before, Edit, PolicyDocument, Purpose};
use serde_json::{Map, Value, json};
use twin::documents::Collection;
use twin::world::{Change, Initiator};

use crate::sets::{edits, people, propose, set, snapshot};
use crate::stage::Stage;

/// A change somebody else makes, its undoing, and whether the set rests on what it changes.
struct Mutation {
    name: String,
    made: Change,
    undone: Change,
    counts: bool,
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn patched(
    name: impl Into<String>,
    within: &Collection,
    id: &str,
    (patch, back): (Value, Value),
    counts: bool,
) -> Mutation {
    Mutation {
        name: name.into(),
        made: Change::Patch(within.clone(), id.to_owned(), object(patch)),
        undone: Change::Patch(within.clone(), id.to_owned(), object(back)),
        counts,
    }
}

fn items(stage: &Stage, within: &Collection) -> Vec<Map<String, Value>> {
    let now = stage.tenant.now();
    stage.tenant.with(|it| {
        (0..it.world.count(within, now)).filter_map(|at| it.world.item(within, at, now)).collect()
    })
}

/// Every account, with a property that counts for those the set names and one that never does.
fn of_accounts(stage: &Stage, named: &[String], all: &mut Vec<Mutation>) {
    for (place, user) in items(stage, &Collection::Users).iter().enumerate() {
        let id = user["id"].as_str().unwrap();
        let counts = named.iter().any(|it| it.eq_ignore_ascii_case(id));
        // Of the others every fifth: they are all alike.
        if !counts && place % 5 != 0 {
            continue;
        }
        let was = user.get("displayName").cloned().unwrap_or(Value::Null);
        all.push(patched(
            format!("displayName of {was}"),
            &Collection::Users,
            id,
            (json!({"displayName": "Somebody Else"}), json!({"displayName": was})),
            counts,
        ));
        let title = user.get("jobTitle").cloned().unwrap_or(Value::Null);
        all.push(patched(
            format!("jobTitle of {was}"),
            &Collection::Users,
            id,
            (json!({"jobTitle": "Chief of Tests"}), json!({"jobTitle": title})),
            false,
        ));
    }
}

/// Every policy: its name counts for the one that the set changes.
fn of_policies(stage: &Stage, changed: &str, all: &mut Vec<Mutation>) {
    for policy in items(stage, &Collection::Policies) {
        let id = policy["id"].as_str().unwrap();
        let name = policy["displayName"].as_str().unwrap();
        all.push(patched(
            format!("displayName of {name}"),
            &Collection::Policies,
            id,
            (json!({"displayName": format!("{name} (theirs)")}), json!({"displayName": name})),
            id == changed,
        ));
    }
}

/// Objects that get the name of one that the set makes, and one with another name.
fn of_names(all: &mut Vec<Mutation>) {
    let id = "0f0f0f0f-1111-4222-8333-444455556666";
    for (name, counts) in [("MFA ring nine", true), ("MFA ring ten", false)] {
        let group = json!({"id": id, "displayName": name, "securityEnabled": true,
            "mailEnabled": false, "groupTypes": []});
        all.push(Mutation {
            name: format!("a group {name}"),
            made: Change::Create(Collection::Groups, object(group)),
            undone: Change::Delete(Collection::Groups, id.to_owned()),
            counts,
        });
    }
    for (name, counts) in [("CA901 - Theirs", true), ("CA950 - Theirs", false)] {
        let policy = json!({"id": id, "displayName": name, "state": "disabled",
            "conditions": {"users": {"includeUsers": ["None"]},
                "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]},
            "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}});
        all.push(Mutation {
            name: format!("a policy {name}"),
            made: Change::Create(Collection::Policies, object(policy)),
            undone: Change::Delete(Collection::Policies, id.to_owned()),
            counts,
        });
    }
}

#[test]
fn any_single_change_of_what_a_set_rests_on_is_noticed_and_others_are_not() {
    let stage = Stage::new();
    let now = stage.tenant.now();
    let before = stage.tenant.with(|it| snapshot(&it.world, now));
    let mut edits = edits(&before);
    let policies = before.policies.iter().flatten();
    let quiet = policies.clone().find(|it| it.state != State::Enabled);
    let mut after = quiet.expect("a policy that is not On").clone();
    after.display_name.push_str(" (renamed)");
    let changed = after.id.clone().unwrap();
    let was = PolicyDocument::of(quiet.unwrap().clone());
    let edit = Edit::Policy { before: Before::Was(was), after: Some(PolicyDocument::of(after)) };
    edits.push((edit, "A test asks for it.".to_owned()));
    let set = set(&before, edits, Purpose::Policies, now);
    propose(stage.folder.path(), &set, now);

    let named: Vec<String> = people(&before).into_iter().take(3).map(|it| it.id).collect();
    let mut all = Vec::new();
    of_accounts(&stage, &named, &mut all);
    of_policies(&stage, &changed, &mut all);
    of_names(&mut all);
    let by = Initiator { name: "sam.other@ne.example".to_owned(), is_app: false };
    let mut counted = 0;
    for mutation in all {
        let now = stage.tenant.now();
        stage.tenant.with(|it| it.world.change(mutation.made, &by, now));
        stage.tenant.answer("n");
        let (status, document) = stage.document("apply");
        let expected = if mutation.counts { "stale" } else { "not-confirmed" };
        assert_eq!(document["ended"], expected, "{}: {status} {document:#}", mutation.name);
        let _ = stage.tenant.conversation();
        let now = stage.tenant.now();
        stage.tenant.with(|it| it.world.change(mutation.undone, &by, now));
        counted += usize::from(mutation.counts);
    }
    assert!(counted >= 6, "{counted}");
    assert_eq!(stage.applied(), 0);
    stage.tenant.answer("n");
    let (_, document) = stage.document("apply");
    assert_eq!(document["ended"], "not-confirmed", "everything is as it was: {document:#}");
}
