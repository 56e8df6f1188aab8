//! Whom the policies catch.

use serde_json::json;

use super::world::{World, id, policy, text, user};
use crate::User;

fn titled(name: &str, title: &str) -> User {
    User { job_title: text(title), ..user(name) }
}

fn firm() -> World {
    World::ne().with(|world| {
        let mut shared = user("enquiries-mail");
        shared.mailbox_purpose = text("shared");
        let mut gone = titled("gone", "Engineer");
        gone.account_enabled = Some(false);
        let mut untold = titled("untold", "Engineer");
        untold.account_enabled = None;
        world.snapshot.users = Some(vec![
            user("alpha"),
            titled("zoe", "Engineer"),
            titled("ann", "Engineer"),
            titled("max", "Finance Director"),
            user("gil"),
            shared,
            user("svc-backup"),
            gone,
            untold,
        ]);
        world.rollout.break_glass.accounts = vec!["alpha@ne.example".to_owned()];
        let active = crate::SignInActivity {
            last_successful: Some(super::world::time("2026-11-18T00:00:00Z")),
            ..crate::SignInActivity::default()
        };
        for user in world.snapshot.users.as_mut().unwrap() {
            user.activity = Some(active);
        }
    })
}

fn lines(world: &World, change: &serde_json::Value) -> Vec<String> {
    let caught = world.caught(&[policy("CA001", change)]);
    let sum: u64 = caught.kinds.iter().map(|kind| kind.count).sum();
    assert_eq!(caught.total, sum);
    caught
        .kinds
        .iter()
        .map(|kind| {
            let names: Vec<&str> = kind.accounts.iter().map(|it| it.label()).collect();
            format!("{} {} {} {}", kind.kind, kind.people, kind.count, names.join(" "))
        })
        .collect()
}

#[test]
fn people_first_then_what_is_no_person() {
    insta::assert_debug_snapshot!(lines(&firm(), &json!({})), @r#"
    [
        "person true 3 ",
        "guest true 1 gil_partner.example#EXT#@ne.example",
        "executive true 1 max@ne.example",
        "break-glass false 1 alpha@ne.example",
        "shared-mailbox false 1 enquiries-mail@ne.example",
        "service false 1 svc-backup@ne.example",
    ]
    "#);
}

#[test]
fn only_whom_the_users_of_a_policy_take_in() {
    let some = json!({"conditions": {"users": {"includeUsers": [id("max")]}}});
    assert_eq!(lines(&firm(), &some), ["executive true 1 max@ne.example"]);
    let nobody = json!({"conditions": {"users": {"includeUsers": ["None"]}}});
    assert!(lines(&firm(), &nobody).is_empty());
    // Whose members nobody saw may be anybody.
    let group = json!({"conditions": {"users": {"includeUsers": [], "includeGroups": ["00000000-0000-4000-8000-000000000001"]}}});
    assert_eq!(lines(&firm(), &group), lines(&firm(), &json!({})));
    let guests = json!({"conditions": {"users": {"includeUsers": ["GuestsOrExternalUsers"]}}});
    assert_eq!(lines(&firm(), &guests), ["guest true 1 gil_partner.example#EXT#@ne.example"]);
    let unlisted = firm().with(|it| it.snapshot.users = None);
    assert_eq!(unlisted.caught(&[policy("CA001", &json!({}))]), crate::impact::Caught::default());
}
