//! What the README shows of the operator is what the program prints.

use std::path::Path;
use std::process::Command;

/// A Monday.
const NOW: &str = "2026-11-23T09:00:00Z";

fn run(folder: &Path, arguments: &[String]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command.args(arguments).args(["--now", NOW]).current_dir(folder).env_clear();
    let output = command.output().unwrap();
    let texts = [output.stdout, output.stderr];
    texts.map(|it| String::from_utf8(it).unwrap()).concat()
}

/// The words of a command as a shell takes them, double quotes being all there is.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// Commands of a section, each with what stands below it.
fn commands(section: &str) -> Vec<(Vec<String>, Vec<&str>)> {
    let mut all: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
    for block in section.split("```").skip(1).step_by(2) {
        for line in block.lines().skip(1) {
            match (line.strip_prefix("$ lockstep "), all.last_mut()) {
                (Some(command), _) => all.push((words(command), Vec::new())),
                (None, Some((_, shown))) => shown.push(line),
                (None, None) => {}
            }
        }
    }
    all
}

/// Whether lines stand in a text in this order, with others between them only at `…`.
fn stands_in(shown: &[&str], printed: &[&str]) -> Result<(), String> {
    let mut rest = printed.iter();
    let mut skips = false;
    for line in shown.iter().filter(|it| !it.trim().is_empty()) {
        if *line == "…" {
            skips = true;
            continue;
        }
        let mut lines = rest.by_ref().filter(|it| !it.trim().is_empty());
        let found = if skips { lines.find(|it| *it == line) } else { lines.next() };
        if found != Some(line) {
            return Err(format!("`{line}` is not what is printed there: {found:?}"));
        }
        skips = false;
    }
    Ok(())
}

#[test]
fn what_the_readme_shows_of_the_operator_is_what_is_printed() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap().replace("\r\n", "\n");
    let section = readme.split("\n## ").find(|it| it.starts_with("Operate\n")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let demo = ["demo", "--port", "0", "--people", "40", "--day", "1"].map(str::to_owned);
    let text = run(folder.path(), &demo);
    assert!(text.contains("A simulated tenant is at"), "{text}");
    let workspace = folder.path().join("lockstep-demo");
    let commands = commands(section);
    assert!(commands.len() > 3, "{}", commands.len());
    for (arguments, shown) in commands {
        let printed = run(&workspace, &arguments);
        let lines: Vec<&str> = printed.lines().collect();
        if let Err(wrong) = stands_in(&shown, &lines) {
            panic!("{}: {wrong}\n{printed}", arguments.join(" "));
        }
    }
}
