//! Exit code, stdout and stderr of the command line.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use lockstep::cli::reference::{Page, markdown};

use crate::command::{code, run};

#[test]
fn wrong_usage_is_exit_1_and_says_what() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [&[&str]; 6] = [
        &["plann"],
        &["plan", "--exprots", "x"],
        &["plan", "--start", "tomorrow"],
        &["audit"],
        &["audit", "legacy", "--days", "0"],
        &["plan", "--formats", "doc"],
    ];
    for arguments in cases {
        assert_eq!(code(folder.path(), arguments), 1, "{arguments:?}");
    }
    let text = run(folder.path(), &["plann"]);
    assert!(text.contains("'plan'"), "names the nearest verb: {text}");
}

#[test]
fn help_names_every_verb_and_nothing_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let text = run(folder.path(), &["--help"]);
    assert!(text.starts_with("exit 0\n--- stdout\n"), "{text}");
    for verb in [
        "demo",
        "init",
        "snapshot",
        "audit",
        "plan",
        "impact",
        "prove",
        "policy-test",
        "status",
        "next",
        "apply",
        "rollback",
        "reset",
        "attest",
        "waive",
        "schedule",
        "issue",
        "exception",
        "break-glass",
        "message",
        "validate",
        "journal",
        "unlock",
        "completions",
        "man",
    ] {
        assert!(text.contains(&format!("\n  {verb} ")), "{verb}: {text}");
    }
    for absent in ["diagnose", "serve", "reference"] {
        assert!(!text.contains(&format!("\n  {absent} ")), "{absent}: {text}");
    }
}

#[test]
fn without_exports_and_workspace_the_way_on_is_told() {
    let folder = tempfile::tempdir().unwrap();
    assert_snapshot!(run(folder.path(), &["audit", "legacy"]), @r"
    exit 1
    --- stderr
    error: no exports folder given
    hint: give `--exports DIR` with the folder of downloaded files
    hint: or start a workspace with `lockstep init --exports DIR`, or with `lockstep init --graph TENANT`
    ");
}

#[test]
fn an_empty_folder_is_exit_1() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    assert_snapshot!(run(folder.path(), &["plan", "--exports", "in"]), @r"
    exit 1
    --- stderr
    error: nothing to read in `in`
      because the folder holds no file
    hint: put the files you downloaded from the Entra admin centre, Graph or Log Analytics there: sign-in logs, users, authentication-methods registration
    ");
}

#[test]
fn no_verb_writes_anything_when_there_is_nothing_to_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let verbs: [&[&str]; 11] = [
        &["impact"],
        &["prove"],
        &["init"],
        &["snapshot"],
        &["audit", "legacy"],
        &["audit", "exceptions"],
        &["audit", "registration"],
        &["audit", "preflight"],
        &["audit", "policies"],
        &["plan"],
        &["status"],
    ];
    for verb in verbs {
        let mut arguments = verb.to_vec();
        arguments.extend(["--exports", "in"]);
        assert_eq!(code(folder.path(), &arguments), 1, "{verb:?}");
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 1, "{verb:?} left something behind");
    }
}

#[test]
fn a_folder_of_pictures_is_exit_1() {
    let folder = tempfile::tempdir().unwrap();
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
    for name in ["a.png", "b.png"] {
        fs::write(folder.path().join(name), picture).unwrap();
    }
    assert_eq!(code(folder.path(), &["snapshot", "--exports", "."]), 1);
}

#[test]
fn a_missing_folder_is_exit_1() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(code(folder.path(), &["plan", "--exports", "nowhere"]), 1);
}

#[test]
fn a_misspelled_setting_names_file_line_and_the_right_word() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lockstep.toml"), "[calender]\nstart = 2026-11-23\n").unwrap();
    let text = run(folder.path(), &["status"]);
    assert!(text.contains("lockstep.toml` line 1: unknown field `calender`"), "{text}");
    assert!(text.contains("hint: did you mean `calendar`?"), "{text}");
}

#[test]
fn completions_and_manual_page_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = run(folder.path(), &["completions", shell]);
        assert!(text.starts_with("exit 0"), "{shell}");
        assert!(text.contains("snapshot"), "{shell}");
    }
    let text = run(folder.path(), &["man"]);
    assert!(text.contains(".TH lockstep 1"), "{text}");
}

#[test]
fn the_reference_holds_every_verb_and_exit_code() {
    let text = markdown(Page::Cli);
    for verb in ["init", "snapshot", "audit legacy", "audit preflight", "plan", "policy-test"] {
        assert!(text.contains(&format!("## `lockstep {verb}`\n")), "{verb}");
    }
    for status in lockstep::ExitStatus::ALL {
        assert!(text.contains(&format!("| {} | ", status.code())), "{status:?}");
    }
    assert!(!text.contains("--now"), "hidden options stay hidden");
}

#[test]
fn the_generated_pages_of_the_documentation_are_what_the_program_prints() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let pages =
        [(Page::Cli, "CLI.md"), (Page::Checks, "CHECKS.md"), (Page::Settings, "SETTINGS.md")];
    for (page, name) in pages {
        let kept = fs::read_to_string(docs.join(name)).unwrap_or_default().replace("\r\n", "\n");
        assert!(kept == markdown(page), "docs/{name} is out of date: run `cargo xtask docs`");
    }
}
