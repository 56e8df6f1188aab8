//! What people will notice of a change set is said alike by every verb that shows it.

use serde_json::Value;

use crate::script::Stage;

/// Sentences that say how many people notice something.
fn of_people(effects: &Value) -> Vec<String> {
    let all = effects.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
    all.filter(|it| it.contains("account")).collect()
}

#[test]
fn whoever_draws_a_set_says_the_same_of_people() {
    let mut stage = Stage::new();
    stage.play("as in until_the_cut_over");
    // Nobody has asked `next` before: `apply` draws the set, and nobody confirms it.
    stage.play("answer no");
    let applied = stage.json("lockstep apply --format json");
    assert_eq!(applied["ended"], "not-confirmed", "{applied:#}");
    let next = stage.json("lockstep next --format json");
    let shown = &next["change_sets"][0];
    let said = of_people(&shown["effects"]);
    assert!(said.iter().any(|it| it.contains("of the log would have met")), "{shown:#}");
    assert_eq!(of_people(&applied["text"]["effects"]), said);
    assert_eq!(applied["set"], shown["id"], "the same set, with the same words in it");

    // It asks the guards before it says that nothing stands against it.
    assert_eq!(shown["refused"], false);
    let waits = next["waiting_for"].as_str().unwrap();
    assert!(waits.contains("is due, and nothing stands against it"), "{waits}");
    let gets_in = shown["gets_in"].as_str().unwrap();
    assert!(gets_in.contains("svc-emergency-alpha") && gets_in.contains("administrators "));

    stage.play("below [steps] in lockstep.toml\n| enforcement = \"rings\"\n| ring_hours = 48");
    let next = stage.json("lockstep next --format json");
    assert_eq!(next["change_sets"][0]["refused"], true, "{next:#}");
    let waits = next["waiting_for"].as_str().unwrap();
    assert!(waits.contains("guard stands against it"), "{waits}");
}

/// An exception for a legacy client that is approved and not applied.
fn with_exception() -> Stage {
    let mut stage = Stage::new();
    stage.play(
        "tenant ne --seed 7 --people 14 --day 0 --history 2\nworkspace\nlockstep snapshot --quiet\n\
         lockstep exception add svc-erp@ne.example --client-app IMAP4 --app \"Office 365 Exchange \
         Online\" --reason \"The ERP imports mail.\" --asked-by kim.burn@ne.example --owner \
         kim.burn@ne.example --control \"one address\" --exit-plan \"a connector\" --until 2026-12-20",
    );
    stage.play("lockstep exception decide EX-001 --approve --by mel.haven@ne.example");
    assert_eq!(stage.code(), Some(0), "{}", stage.told());
    stage
}

/// A way back of which nobody knows whether its first change worked is what `apply` goes on with.
#[test]
fn a_way_back_of_which_nobody_knows_goes_on() {
    let mut stage = with_exception();
    stage.play("lockstep apply --confirm ne.example");
    assert_eq!(stage.code(), Some(0), "{}", stage.told());
    stage.play("fault reset-before on-every-write\nlockstep rollback --confirm ne.example");
    assert_eq!(stage.code(), Some(5), "{}", stage.told());
    stage.play("fault none\nadvance 20m");
    let next = stage.json("lockstep next --format json");
    assert_eq!(
        next["under_way"]["title"], "Take back: Exception for svc-erp@ne.example",
        "{next:#}"
    );
    stage.play("lockstep apply --confirm ne.example");
    assert_eq!(stage.code(), Some(0), "{}", stage.told());
    let told = stage.told();
    let last = told.rsplit("> lockstep apply").next().unwrap();
    assert!(
        last.contains("Take back: Exception for svc-erp@ne.example: done and read back"),
        "{told}"
    );
}

#[test]
fn next_says_of_an_exception_what_was_said_when_it_was_decided() {
    let mut stage = with_exception();
    let next = stage.json("lockstep next --format json");
    let of = |it: &&Value| it["of_plan"] == "EX-001";
    let shown = next["change_sets"].as_array().unwrap().iter().find(of).unwrap().clone();
    let effects = shown["effects"].to_string();
    assert!(effects.contains("From the next sign-in on, no policy that leaves out"), "{shown:#}");
    // It is the very set that waits since then.
    stage.play(&format!("answer no\nlockstep apply {}", shown["id"].as_str().unwrap()));
    let sets = stage.json("lockstep next --format json");
    let again = sets["change_sets"].as_array().unwrap().iter().find(of).unwrap();
    assert_eq!(again["id"], shown["id"]);
}
