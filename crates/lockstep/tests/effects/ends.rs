//! How each command ends.

use rollout::change::Purpose;
use rollout::engine::Phase;
use twin::documents::Collection;

use crate::sets::{edits, progress, propose, set, snapshot};
use crate::stage::Stage;
use crate::tenant::{Ended, Kill, Planned, Tenant};

/// A stage with the set of seven proposed; its id.
pub(crate) fn proposed(purpose: Purpose) -> (Stage, String) {
    let stage = Stage::new();
    let now = stage.tenant.now();
    let snapshot = stage.tenant.with(|it| snapshot(&it.world, now));
    let set = set(&snapshot, edits(&snapshot), purpose, now);
    propose(stage.folder.path(), &set, now);
    (stage, set.id)
}

fn names(stage: &Stage, within: &Collection) -> Vec<String> {
    let now = stage.tenant.now();
    stage.tenant.with(|it| {
        let all = (0..it.world.count(within, now)).filter_map(|at| it.world.item(within, at, now));
        all.map(|it| it["displayName"].as_str().unwrap_or_default().to_owned()).collect()
    })
}

fn ours(stage: &Stage) -> (usize, usize) {
    let starts = |within, start: &str| {
        names(stage, &within).iter().filter(|it| it.starts_with(start)).count()
    };
    (starts(Collection::Groups, "MFA ring nine"), starts(Collection::Policies, "CA90"))
}

#[test]
fn a_set_is_carried_out_read_back_and_taken_back() {
    let (stage, id) = proposed(Purpose::Policies);
    stage.tenant.answer("y");
    let ran = stage.run("apply");
    assert_eq!(ran.status.code(), 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("done and read back"), "{}", ran.stdout);
    assert_eq!(ours(&stage), (1, 3));
    assert_eq!(progress(stage.folder.path(), &id).done.len(), 7);
    assert_eq!(stage.applied(), 7);

    let domain = stage.domain.clone();
    let (status, back) = stage.document(&format!("rollback --confirm {domain}"));
    assert_eq!(status, 0, "{back:#}");
    assert_eq!(back["schema"], "lockstep.rollback/1");
    assert_eq!(ours(&stage), (0, 0));
    let phase = progress(stage.folder.path(), &id).phase;
    assert!(matches!(phase, Phase::TakenBack { .. }), "{phase:?}");

    let verified = stage.run("journal verify");
    assert_eq!(verified.status.code(), 0, "{}", verified.stdout);
    let shown = stage.run("journal show");
    assert!(shown.stdout.lines().all(|it| it.chars().count() <= 80), "{}", shown.stdout);
    let (status, nothing) = stage.document(&format!("rollback {id}"));
    assert_eq!((status, &nothing["ended"]), (0, &"nothing-to-do".into()), "{nothing:#}");
    assert_eq!(stage.applied(), 14);
}

#[test]
fn other_kinds_of_change_are_carried_out_and_taken_back_as_far_as_they_can_be() {
    let stage = Stage::new();
    let now = stage.tenant.now();
    let before = stage.tenant.with(|it| snapshot(&it.world, now));
    let set = set(&before, crate::sets::other_kinds(&before), Purpose::Policies, now);
    propose(stage.folder.path(), &set, now);
    let ran = stage.run(&format!("apply --confirm {}", stage.domain));
    assert_eq!(ran.status.code(), 0, "{}{}", ran.stdout, ran.stderr);
    let after = stage.tenant.with(|it| snapshot(&it.world, stage.tenant.now()));
    let campaign = |it: &rollout::Snapshot| it.methods_policy.as_ref().unwrap().campaign.clone();
    assert_eq!(campaign(&after).unwrap().snooze_days, Some(3));
    assert_eq!(campaign(&after).unwrap().excluded.map(|it| it.len()), Some(1));

    stage.later(1);
    let ran = stage.run(&format!("rollback --confirm {}", stage.domain));
    assert_eq!(ran.status.code(), 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("Stays as it is: end every session"), "{}", ran.stderr);
    let back = stage.tenant.with(|it| snapshot(&it.world, stage.tenant.now()));
    assert_eq!(campaign(&back), campaign(&before));
    // All of it but the time at which Graph saved it last.
    let policies = |it: &rollout::Snapshot| {
        let ids = it.policies.iter().flatten().filter_map(|it| it.id.clone());
        let mut observer = rollout::change::Observer::of(it);
        ids.map(|id| observer.observe(&rollout::change::Object::Policy(id))).collect::<Vec<_>>()
    };
    assert_eq!(policies(&back), policies(&before));
    assert_eq!(back.roles, before.roles);
    let methods = |it: &rollout::Snapshot| {
        it.users
            .iter()
            .flatten()
            .map(|it| (it.account.clone(), it.per_user_mfa))
            .collect::<Vec<_>>()
    };
    assert_eq!(methods(&back), methods(&before));
}

#[test]
fn nobody_who_says_no_or_nothing_changes_anything() {
    let (stage, _) = proposed(Purpose::Policies);
    stage.tenant.answer("n");
    let ran = stage.run("apply");
    assert_eq!(ran.status.code(), 6, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("not confirmed"), "{}", ran.stdout);
    // Nobody answers.
    assert_eq!(stage.run("apply").status.code(), 6);
    let ran = stage.run("apply --no-input");
    assert_eq!(ran.status.code(), 6);
    assert!(ran.stderr.contains("--confirm DOMAIN"), "{}", ran.stderr);
    let ran = stage.run("apply --confirm other.example");
    assert_eq!(ran.status.code(), 6);
    assert!(ran.stderr.contains("not the primary domain"), "{}", ran.stderr);
    assert_eq!(stage.applied(), 0);
}

#[test]
fn a_closed_gate_is_three_and_an_old_snapshot_is_six() {
    let (stage, _) = proposed(Purpose::Pilot);
    let (status, document) = stage.document("apply --confirm ne.example");
    assert_eq!(status, 3, "{document:#}");
    assert_eq!(document["ended"], "gate-closed");
    let (stage, _) = proposed(Purpose::Policies);
    stage.later(90);
    let (status, document) = stage.document("apply");
    assert_eq!(status, 6, "{document:#}");
    assert_eq!(document["guards"][0]["guard"]["unwaivable"], "snapshot-fresh", "{document:#}");
    assert_eq!(stage.applied(), 0);
}

#[test]
fn what_somebody_edits_before_it_stops_it_with_three_values() {
    let (stage, _) = proposed(Purpose::Policies);
    let now = stage.tenant.now();
    stage.tenant.with(|it| {
        let snapshot = snapshot(&it.world, now);
        let user = crate::sets::people(&snapshot)[2].clone();
        let patch = serde_json::json!({"displayName": "Another Name"}).as_object().unwrap().clone();
        let by = twin::world::Initiator { name: "sam@ne.example".to_owned(), is_app: false };
        it.world.change(twin::world::Change::Patch(Collection::Users, user.id, patch), &by, now);
    });
    let (status, document) = stage.document("apply");
    assert_eq!(status, 4, "{document:#}");
    let moved = &document["moved"][0];
    assert_eq!(moved["property"], "displayName", "{document:#}");
    assert_eq!(moved["now"], "Another Name");
    let ran = stage.run("apply");
    assert!(ran.stdout.contains("planned") && ran.stdout.contains("then"), "{}", ran.stdout);
    assert_eq!(stage.applied(), 0);
}

#[test]
fn what_graph_refuses_on_the_way_leaves_five_and_the_next_run_ends_it() {
    let (stage, id) = proposed(Purpose::Policies);
    let policies = "Policy.ReadWrite.ConditionalAccess".to_owned();
    stage.tenant.with(|it| {
        it.faults.permissions_removed.push((jiff::Timestamp::MIN, policies.clone()));
    });
    stage.tenant.answer("y");
    let ran = stage.run("apply");
    assert_eq!(ran.status.code(), 5, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("partly applied"), "{}", ran.stdout);
    let next = ran.stdout.lines().last().unwrap();
    assert!(next.starts_with(&format!("Next: lockstep apply {}", &id[..12])), "{next}");
    assert_eq!(progress(stage.folder.path(), &id).done.len(), 3);
    stage.tenant.with(|it| it.faults.permissions_removed.clear());
    stage.later(61);
    stage.tenant.answer("y");
    let ran = stage.run("apply");
    assert_eq!(ran.status.code(), 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ours(&stage), (1, 3));
    assert_eq!(stage.applied(), 7);
}

#[test]
fn half_a_set_is_taken_back() {
    let (stage, id) = proposed(Purpose::Policies);
    stage.tenant.plan(5, Planned::Kill(Kill::At));
    stage.tenant.answer("y");
    assert!(matches!(stage.play("apply"), Ended::Killed(_)));
    assert_eq!(ours(&stage), (1, 2));
    let ran = stage.run(&format!("rollback --confirm {}", stage.domain));
    assert_eq!(ran.status.code(), 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ours(&stage), (0, 0));
    let taken = progress(stage.folder.path(), &id);
    assert_eq!(taken.done.len(), 5, "{taken:?}");
    assert!(matches!(taken.phase, Phase::TakenBack { .. }));
}

/// Killed when the fifth write had made a policy, of which somebody made something else since: nobody can
/// tell by looking whether the write arrived, and the journal does not claim that it did not.
#[test]
fn what_somebody_changed_since_the_kill_is_not_said_to_be_undone() {
    type Change = fn(Collection, String) -> twin::world::Change;
    let edited: Change = |within, id| {
        let patch = serde_json::json!({"state": "disabled", "displayName": "Somebody's"});
        twin::world::Change::Patch(within, id, patch.as_object().unwrap().clone())
    };
    let cases: [(Change, usize, &str); 2] = [
        (edited, 5, "found, and changed by somebody since"),
        (twin::world::Change::Delete, 4, "not seen: looked for, and not found"),
    ];
    for (change, done, noted) in cases {
        let (stage, id) = proposed(Purpose::Policies);
        let before = policies(&stage);
        stage.tenant.plan(5, Planned::Kill(Kill::At));
        stage.tenant.answer("y");
        assert!(matches!(stage.play("apply"), Ended::Killed(_)));
        let known = progress(stage.folder.path(), &id).ids;
        let is_new =
            |it: &&String| !before.contains(*it) && !known.values().any(|known| known == *it);
        let now = policies(&stage);
        let unknown = now.iter().find(is_new).unwrap().clone();
        let by = twin::world::Initiator { name: "sam@ne.example".to_owned(), is_app: false };
        let at = stage.tenant.now();
        stage.tenant.with(|it| {
            it.world.change(change(Collection::Policies, unknown.clone()), &by, at);
        });
        let ran = stage.run(&format!("rollback --confirm {}", stage.domain));
        assert_eq!(ran.status.code(), 0, "{noted}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(policies(&stage), before, "{noted}");
        assert_eq!(progress(stage.folder.path(), &id).done.len(), done, "{noted}");
        let shown = stage.run("journal show").stdout;
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(noted) && !shown.contains("not done"), "{shown}");
    }
}

/// The ids of all policies.
fn policies(stage: &Stage) -> Vec<String> {
    let now = stage.tenant.now();
    stage.tenant.with(|it| {
        let all = it.world.documents.list(&Collection::Policies, now);
        all.map(|it| it.0.to_owned()).collect()
    })
}

#[test]
fn a_tenant_out_of_reach_is_seven() {
    let (stage, _) = proposed(Purpose::Policies);
    stage.tenant.with(|it| {
        it.faults.chance_per_mille = 1000;
        it.faults.kinds = vec![twin::Fault::ResetBefore];
    });
    let ran = stage.run("apply");
    assert_eq!(ran.status.code(), 7, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(stage.applied(), 0);
}

#[test]
fn killed_before_at_and_after_every_write_the_next_run_ends_it() {
    for kill in [Kill::Before, Kill::At, Kill::After] {
        for write in 1..=7 {
            let (stage, id) = proposed(Purpose::Policies);
            stage.tenant.plan(write, Planned::Kill(kill));
            stage.tenant.answer("y");
            let how = format!("{kill:?} write {write}");
            assert!(matches!(stage.play("apply"), Ended::Killed(_)), "{how}");
            let ran = stage.run("apply");
            assert_eq!(ran.status.code(), 0, "{how}: {}{}", ran.stdout, ran.stderr);
            assert_eq!(ours(&stage), (1, 3), "{how}");
            assert_eq!(stage.applied(), 7, "{how}");
            assert_eq!(progress(stage.folder.path(), &id).done.len(), 7, "{how}");
            assert_eq!(stage.run("journal verify").status.code(), 0, "{how}");
        }
    }
}

#[test]
fn another_run_that_lives_is_waited_for_and_unlock_ends_it() {
    let (stage, _) = proposed(Purpose::Policies);
    let now = stage.tenant.now();
    let store = store::Store::open_or_create(&stage.folder.path().join(store::FILE_NAME)).unwrap();
    let holder =
        store::Holder { host: "elsewhere".to_owned(), pid: 77, user: "sam@ne.example".to_owned() };
    let lasts = jiff::SignedDuration::from_mins(15);
    let writer = store.writer(&holder, lasts, now).unwrap();
    let ran = stage.run("apply");
    assert_eq!(ran.status.code(), 6, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("lockstep unlock"), "{}", ran.stderr);
    stage.tenant.answer("n");
    assert_eq!(stage.run("unlock").status.code(), 6);
    stage.tenant.answer("y");
    let ran = stage.run("unlock");
    assert_eq!(ran.status.code(), 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("sam@ne.example"), "{}", ran.stderr);
    assert!(writer.renew(now).is_err(), "what it still writes is refused");
    stage.tenant.answer("y");
    assert_eq!(stage.run("apply").status.code(), 0);
    assert_eq!(stage.run("unlock").status.code(), 0);
}

#[test]
fn nothing_is_carried_out_where_only_files_are_read() {
    let folder = crate::stage::folder();
    std::fs::create_dir(folder.path().join("exports")).unwrap();
    let users =
        r#"{"value":[{"id":"1","userPrincipalName":"ann@ne.example","accountEnabled":true}]}"#;
    std::fs::write(folder.path().join("exports/users.json"), users).unwrap();
    std::fs::write(folder.path().join("lockstep.toml"), "[source]\nexports = \"exports\"\n")
        .unwrap();
    let stage = Stage::new();
    for verb in ["apply", "rollback"] {
        let words = [verb.to_owned()];
        let Ended::Ran(ran) = stage.tenant.run(folder.path(), &words) else { panic!("{verb}") };
        assert!(matches!(ran.status.code(), 0 | 1), "{}{}", ran.stdout, ran.stderr);
    }
    assert_eq!(stage.applied(), 0);
}

/// The request is on its way when somebody ends the lease and settles the intent: the tenant was changed,
/// and this run cannot write it down. It must not say that nothing was.
#[test]
fn a_run_that_loses_its_lease_after_a_request_went_out_says_that_nobody_knows() {
    let (stage, id) = proposed(Purpose::Policies);
    let file = stage.folder.path().join(store::FILE_NAME);
    let set = id.clone();
    let others = move |tenant: &Tenant| {
        let store = store::Store::open(&file).unwrap();
        let lease = store.lease().unwrap().unwrap();
        assert!(store.end_lease(lease.fencing).unwrap());
        let holder = store::Holder { host: "elsewhere".to_owned(), pid: 1, user: "bea".to_owned() };
        let lasts = jiff::SignedDuration::from_mins(15);
        let writer = store.writer(&holder, lasts, tenant.now()).unwrap();
        let open = store.open_intents().unwrap();
        let outcome = store::NewEntry {
            time: tenant.now(),
            actor: "bea",
            kind: store::EntryKind::Outcome { of: open.first().unwrap().number },
            change_set: Some(&set),
            payload: &serde_json::json!({"ended": "not-done", "why": "looked for, and not found"}),
        };
        writer.append(&outcome).unwrap();
    };
    stage.tenant.plan(1, Planned::Meanwhile(Box::new(others)));
    stage.tenant.answer("y");
    let ran = stage.run("apply");
    assert_eq!(stage.applied(), 1, "the request went out");
    assert_eq!(ran.status.code(), 5, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("nobody knows"), "{}", ran.stdout);
    assert!(!ran.stdout.to_lowercase().contains("nothing was changed"), "{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("apply {}", &id[..12])), "{}", ran.stdout);
}

#[test]
fn a_relative_folder_of_exports_lies_where_the_run_is_and_not_the_process() {
    let stage = Stage::new();
    let missing = stage.folder.path().join("nowhere");
    let ran = stage.run("audit legacy --exports nowhere");
    assert_ne!(ran.status.code(), 0, "{}", ran.stdout);
    assert!(ran.stderr.contains(&missing.display().to_string()), "{}", ran.stderr);
}
