//! `lockstep attest`

use insta::assert_snapshot;

use crate::workspace::Workspace;

#[test]
fn an_unknown_task_names_the_nearest_one() {
    let workspace = Workspace::empty();
    assert_snapshot!(workspace.run(&["attest", "P17", "--by", "Ann", "--note", "x"]), @r"
    exit 1
    --- stderr
    error: there is no task `P17`
    hint: did you mean `P-17`?
    ");
}

#[test]
fn nobody_signs_for_somebody_else() {
    let workspace = Workspace::empty();
    let cases: [&[&str]; 4] = [
        &["attest", "P-17", "--note", "x"],
        &["attest", "P-17", "--by", "", "--note", "x"],
        &["attest", "P-17", "--by", "Ann"],
        &["attest", "P-17", "--by", "Ann", "--note", " "],
    ];
    for case in cases {
        let text = workspace.run(case);
        assert!(text.starts_with("exit 1\n"), "{case:?}: {text}");
        assert!(text.contains("--by") || text.contains("--note"), "{case:?}: {text}");
    }
    assert!(!workspace.path("lockstep.db").exists(), "nothing is kept of it");
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let workspace = Workspace::empty();
    let text = workspace.run(&["attest", "P-17", "--by", "Ann", "--note", "x", "--file", "a.pdf"]);
    assert!(text.starts_with("exit 1\n") && text.contains("`a.pdf`"), "{text}");
}

#[test]
fn what_was_said_is_kept_and_of_a_file_only_its_digest() {
    let workspace = Workspace::empty();
    workspace.write("approval.eml", "From: Bea Brook\n\nApproved, canary-5b1f.\n");
    let note = "Bea Brook approved the announcement by mail";
    let arguments =
        ["attest", "p-17", "--by", "Ann Archer, IT lead", "--note", note, "--file", "approval.eml"];
    assert_snapshot!(workspace.run(&arguments), @r"
    exit 0
    --- stdout
    Recorded: P-17 is done
    Give every legacy dependency an owner, a decision and a due date
    Ann Archer, IT lead: Bea Brook approved the announcement by mail
    Shown: approval.eml, SHA-256 34aaaa6aa520… (the content is not kept)

    Next: lockstep next
    ");
    let document = workspace.document(0, &arguments);
    assert_eq!(document["schema"], "lockstep.attestation/1");
    assert_eq!(document["task"], "P-17");
    assert_eq!(document["by"], "Ann Archer, IT lead");
    assert_eq!(document["file"]["name"], "approval.eml");
    let kept = std::fs::read(workspace.path("lockstep.db")).unwrap();
    let holds = |text: &str| kept.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(holds(note) || workspace.path("lockstep.db-wal").exists(), "it is kept");
    assert!(!holds("canary-5b1f"), "the content is not");
}
