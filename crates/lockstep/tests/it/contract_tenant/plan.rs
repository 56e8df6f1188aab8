//! `plan`, `status`, `snapshot`, `init`: dates, tasks, gates, exit codes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::world::{World, row, user};

fn world() -> World {
    World::of(&[user("ann", json!({})), user("bob", json!({}))], &[row("ann", json!({}))])
}

fn plan(world: &World, start: &str) -> Value {
    world.document(0, &["plan", "--start", start, "--formats", "json", "--out", "out"])
}

#[test]
fn the_plan_field_by_field() {
    let world = world();
    let plan = plan(&world, "2027-01-11");
    assert_eq!(plan["schema"], "lockstep.plan/1");
    let steps = plan["steps"].as_array().unwrap();
    let days: Vec<(&str, i64, i64)> = steps
        .iter()
        .map(|step| {
            (
                step["id"].as_str().unwrap(),
                step["first_day"].as_i64().unwrap(),
                step["last_day"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        days,
        [
            ("prepare", 1, 2),
            ("register", 3, 16),
            ("pilot", 17, 19),
            ("enforce", 20, 20),
            ("validate", 21, 23),
        ]
    );
    assert_eq!(steps[0]["first_date"], "2027-01-11");
    assert_eq!(steps[4]["last_date"], "2027-02-02");

    let tasks = plan["tasks"].as_array().unwrap();
    let sets: BTreeSet<&str> = plan["change_sets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    let mut ids = BTreeSet::new();
    for task in tasks {
        for field in ["id", "step", "date", "kind", "title", "owner", "how", "evidence"] {
            assert!(!task[field].as_str().unwrap().is_empty(), "{field}: {task}");
        }
        assert!(ids.insert(task["id"].as_str().unwrap()), "{task}");
        let day = task["day"].as_i64().unwrap();
        let step = days.iter().find(|(step, _, _)| task["step"] == *step).unwrap();
        assert!(step.1 <= day && day <= step.2, "{task}");
        assert!(
            ["change", "attestation", "observation"].contains(&task["kind"].as_str().unwrap()),
            "{task}"
        );
        if let Some(set) = task["change_set"].as_str() {
            assert!(sets.contains(set), "{task}");
        }
    }
    for (step, _, _) in days {
        assert!(tasks.iter().any(|task| task["step"] == step), "{step} has a task");
    }
    for gate in plan["gates"].as_array().unwrap() {
        assert!(gate["id"].is_string() && gate["step"].is_string() && gate["date"].is_string());
    }
    assert_eq!(plan["success_criteria"].as_array().unwrap().len(), 3);
}

#[test]
fn the_plan_on_disk_is_the_plan_printed_and_check_says_when_it_is_old() {
    let world = world();
    let printed = plan(&world, "2027-01-11");
    let kept = std::fs::read(world.path().join("out/plan.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&kept).unwrap(), printed);
    let check = ["plan", "--start", "2027-01-11", "--out", "out", "--check"];
    assert_eq!(world.run(&check).code, 0);
    let world = world.json("more.json", &json!([user("new", json!({}))]));
    assert_eq!(world.run(&check).code, 2, "the files changed");
}

#[test]
fn freezes_holidays_and_the_platform_s_dates_collide() {
    let world = world().settings(
        "[calendar]\nholidays = [\"2026-12-28\"]\n[[calendar.freezes]]\nfrom = \"2026-12-21\"\n\
         to = \"2027-01-04\"\nreason = \"year end\"\n",
    );
    let plan = plan(&world, "2026-12-07");
    let collisions = plan["collisions"].as_array().unwrap();
    assert!(collisions.iter().any(|it| it.to_string().contains("year end")), "{collisions:?}");
    for collision in collisions {
        for field in ["what", "date", "with"] {
            assert!(collision[field].is_string(), "{collision}");
        }
    }
    let radar = plan["platform_dates"].to_string();
    for date in ["2026-12-31", "2027-02-01"] {
        assert!(radar.contains(date), "{date}: {radar}");
    }
}

#[test]
fn the_status_field_by_field_and_its_exit_codes() {
    let world = world();
    let before = world.document(0, &["status", "--start", "2026-11-23"]);
    assert_eq!(before["schema"], "lockstep.status/1");
    assert!(before["day"].as_i64().unwrap() < 1);
    assert_eq!(before["step"], Value::Null);

    let during =
        world.document(3, &["status", "--start", "2026-11-23", "--now", "2026-11-25T09:00:00Z"]);
    assert_eq!(during["day"], 3);
    assert_eq!(during["date"], "2026-11-25");
    assert_eq!(during["step"], "register");
    assert!(during["waiting_for"].as_str().unwrap().starts_with("gate G1"), "{during}");
    for gate in during["gates"].as_array().unwrap() {
        for field in ["id", "step", "verdict", "summary", "as_of"] {
            assert!(gate[field].is_string(), "{field}: {gate}");
        }
        assert_ne!(gate["verdict"], "passed", "nothing here proves anything: {gate}");
    }
    assert!(!during["overdue"].as_array().unwrap().is_empty());
    assert!(during["due"].as_array().unwrap().iter().all(|task| task["date"] == "2026-11-25"));
}

#[test]
fn a_snapshot_is_kept_once_and_init_writes_what_it_sees() {
    let world = world();
    let first = world.document(0, &["snapshot"]);
    assert_eq!(first["schema"], "lockstep.snapshot/1");
    assert_eq!(first["records"], json!({"users": 2, "registration details": 1}));
    let second = world.document(0, &["snapshot", "--now", "2026-11-21T00:00:00Z"]);
    assert_eq!(second["digest"], first["digest"]);
    let kept = std::fs::read_dir(world.path().join(".lockstep/snapshots")).unwrap().count();
    assert_eq!(kept, 1);

    let init = world.document(0, &["init"]);
    assert_eq!(init["sees"], json!({"users": 2, "registration details": 1}));
    assert!(world.path().join("lockstep.toml").is_file());
    assert_eq!(world.run(&["audit", "registration"]).code, 0, "the workspace names the exports");
}
