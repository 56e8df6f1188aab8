//! Many users, many policies, one large group that every policy names.

use rollout::exceptions::Kind;
use rollout::preflight::Verdict;
use rollout::{AuditEvent, MemberKind, PersonActivity};

use crate::world::{World, account, member, role, time};

const USERS: usize = 3_000;
const POLICIES: usize = 240;

/// Every policy includes and excludes a group of everybody; every user registers after a reset.
/// Were groups resolved for each policy, or resets compared with each registration, this would
/// take minutes.
fn large() -> World {
    let mut world = World::good();
    let names: Vec<String> = (0..USERS).map(|number| format!("user{number}")).collect();
    let user = world.user("alice").clone();
    let row = world.row("alice").clone();
    for name in &names {
        let mut user = user.clone();
        user.account = account(name);
        world.snapshot.users.as_mut().unwrap().push(user);
        let mut row = row.clone();
        row.account = account(name);
        world.snapshot.registrations.as_mut().unwrap().push(row);
        world.kinds.push(Kind::Person);
        let mut person: PersonActivity = world.person("alice").clone();
        person.account = account(name);
        world.activity().people.push(person);
        let audits = world.snapshot.audits.as_mut().unwrap();
        for (activity, at) in [
            ("Reset user password", "2026-10-30T10:00:00Z"),
            ("User registered security info", "2026-10-30T18:00:00Z"),
        ] {
            audits.push(AuditEvent {
                time: Some(time(at)),
                activity: activity.to_owned(),
                succeeded: Some(true),
                by: account(name),
                targets: vec![account(name)],
                ..AuditEvent::default()
            });
        }
    }
    let everybody = names.iter().map(|name| member(name)).collect();
    world.group(1).members = Some(everybody);
    for number in 0..POLICIES {
        let users = &mut world.add_policy(&format!("policy {number}"), &["mfa"]).conditions.users;
        users.include_users.clear();
        users.include_groups = vec!["id-pilot".into()];
        users.exclude_groups.push("id-pilot".into());
    }
    let mut through_group = role("nobody", "some-role");
    through_group.principal_id = Some("id-pilot".into());
    through_group.principal_name = None;
    through_group.principal_kind = MemberKind::Group;
    world.snapshot.roles.as_mut().unwrap().push(through_group);
    world
}

#[test]
fn a_large_tenant_is_judged_whole() {
    let preflight = large().preflight();
    let verdict = |id: &str| preflight.findings.iter().find(|it| it.id == id).unwrap().verdict;
    assert_eq!(verdict("BG-03"), Verdict::Ok);
    assert_eq!(verdict("RG-07"), Verdict::Ok);
    assert_eq!(verdict("TN-09"), Verdict::Found);
    assert_eq!(verdict("AT-01"), Verdict::Inconclusive, "eight hours after the reset");
}
