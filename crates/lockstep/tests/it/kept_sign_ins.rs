//! Documents are the same whether sign-ins come from the log or from where they were kept.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::command::run;

/// Questions asked of every workspace.
const QUESTIONS: [&[&str]; 4] = [
    &["audit", "legacy", "--format", "json"],
    &["audit", "exceptions", "--format", "json"],
    &["impact", "--format", "json"],
    &["snapshot", "--format", "json"],
];

/// A workspace with logs large enough to be kept.
struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("exports")).unwrap();
        fs::write(folder.path().join("lockstep.toml"), "[source]\nexports = \"exports\"\n")
            .unwrap();
        Self { folder }
    }

    /// The same exports in a workspace in which nothing was kept.
    fn fresh(&self) -> Self {
        let fresh = Self::new();
        for file in fs::read_dir(self.folder.path().join("exports")).unwrap().flatten() {
            fs::copy(file.path(), fresh.folder.path().join("exports").join(file.file_name()))
                .unwrap();
        }
        fresh
    }

    fn log(&self, name: &str, first: u32, broken: bool) {
        let mut log = log(first);
        if broken {
            log.push_str("{\"id\": \"broken\", \"userPrincipalName\": \n");
        }
        fs::write(self.folder.path().join("exports").join(name), log).unwrap();
    }

    fn ask(&self, more: &[&str]) -> Vec<String> {
        QUESTIONS
            .map(|question| run(self.folder.path(), &[question, more].concat()))
            .into_iter()
            .collect()
    }

    /// Every file of every entry.
    fn kept(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().join(".lockstep/cache/sign-ins")];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for entry in entries.flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else if entry.path().extension().is_some_and(|it| it == "arrow") {
                    files.push(entry.path());
                }
            }
        }
        files.sort();
        files
    }

    /// What is kept answers as the log does, whichever question comes first.
    fn agrees(&self) {
        let read = self.fresh().ask(&["--no-cache"]);
        for round in 0..2 {
            assert_eq!(without_notes(&self.ask(&[])), read, "round {round}");
        }
    }
}

/// A note may say that something kept was dropped.
fn without_notes(answers: &[String]) -> Vec<String> {
    let keep = |line: &&str| !line.contains("kept sign-ins are dropped");
    let without = |answer: &String| {
        let lines: Vec<&str> = answer.lines().filter(keep).collect();
        lines.join("\n") + "\n"
    };
    let tidy = |text: String| match text.strip_suffix("--- stderr\n") {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    answers.iter().map(without).map(tidy).collect()
}

/// Sign-ins of Microsoft Graph, one a line: old and new clients, and every tenth record twice with
/// something else shown.
fn log(first: u32) -> String {
    let mut log = String::new();
    for number in first..first + 1_800 {
        let (user, day) = (number % 97, 1 + number % 20);
        let client = if number % 3 == 0 { "IMAP4" } else { "Browser" };
        let error = if number % 7 == 0 { 50126 } else { 0 };
        let mut record = |city: &str| {
            let filler = "x".repeat(300);
            let country = if city == "York" { "US" } else { "GB" };
            writeln!(
                log,
                "{{\"id\":\"00000000-0000-0000-0000-{number:012}\",\
                 \"createdDateTime\":\"2026-11-{day:02}T{:02}:00:00Z\",\
                 \"userDisplayName\":\"User {user}\",\"userPrincipalName\":\"user{user}@ne.example\",\
                 \"userId\":\"11111111-0000-0000-0000-{user:012}\",\"appDisplayName\":\"Mail\",\
                 \"appId\":\"22222222-0000-0000-0000-000000000000\",\"clientAppUsed\":\"{client}\",\
                 \"ipAddress\":\"192.0.2.{user}\",\"correlationId\":\"c{number}\",\
                 \"conditionalAccessStatus\":\"notApplied\",\"isInteractive\":true,\
                 \"status\":{{\"errorCode\":{error},\"failureReason\":\"{filler}\"}},\
                 \"location\":{{\"city\":\"{city}\",\"countryOrRegion\":\"{country}\"}},\
                 \"appliedConditionalAccessPolicies\":[{{\"id\":\"p\",\"displayName\":\"P\",\
                 \"result\":\"success\"}}]}}",
                number % 24,
            )
            .unwrap();
        };
        record("Leeds");
        if number % 10 == 0 {
            record("York");
        }
    }
    log
}

fn damage(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(file, bytes).unwrap();
}

#[test]
fn what_was_kept_answers_as_the_log_does() {
    let workspace = Workspace::new();
    workspace.log("a.json", 0, true);
    workspace.log("b.json", 1_000, false);
    workspace.agrees();
    assert!(!workspace.kept().is_empty(), "nothing was kept");
}

#[test]
fn a_log_that_changed_is_read_again() {
    let workspace = Workspace::new();
    workspace.log("a.json", 0, false);
    workspace.log("b.json", 5_000, false);
    workspace.agrees();
    workspace.log("b.json", 9_000, true);
    workspace.agrees();
}

#[test]
fn a_damaged_batch_is_read_from_the_log() {
    let workspace = Workspace::new();
    workspace.log("a.json", 0, false);
    workspace.log("b.json", 1_500, false);
    workspace.agrees();
    let kept = workspace.kept();
    assert!(!kept.is_empty(), "nothing was kept");
    for file in kept.iter().filter(|file| file.exists()) {
        damage(file);
        workspace.agrees();
    }
    let after = workspace.kept();
    assert!(!after.is_empty());
}

#[test]
fn what_is_kept_is_no_export_and_nothing_is_kept_unasked() {
    let workspace = Workspace::new();
    let settings = workspace.folder.path().join("lockstep.toml");
    fs::write(settings, "[source]\nexports = \".\"\n").unwrap();
    workspace.log("a.json", 0, false);
    let read = workspace.ask(&["--no-cache"]);
    assert!(workspace.kept().is_empty());
    for _ in 0..2 {
        assert_eq!(workspace.ask(&[]), read);
    }
    assert!(!workspace.kept().is_empty());
}
