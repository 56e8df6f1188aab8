//! Documents are found, fuzz targets are listed, and no machine's paths stand anywhere.

use super::Problem;
use super::repository::Repository;

const PROPERTIES: &str = "docs/PROPERTIES.md";
/// Starts of absolute paths of somebody's machine, split so that this file does not hold them.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "Users/"),
    concat!("/", "work/"),
    concat!(":\\", "Users\\"),
];
/// File names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "common", "helpers", "misc"];

/// Checks the documents.
pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let mut found = linked(repository);
    found.extend(dead_links(repository));
    found.extend(fuzz_targets(repository));
    found.extend(machine_paths(repository));
    found.extend(names(repository));
    found
}

fn linked(repository: &Repository) -> Vec<Problem> {
    let documents: Vec<_> =
        repository.files.iter().filter(|file| file.path.ends_with(".md")).collect();
    documents
        .iter()
        .filter(|document| document.path.starts_with("docs/"))
        .filter(|document| {
            let name = document.path.rsplit('/').next().unwrap_or(&document.path);
            !documents
                .iter()
                .filter(|other| other.path != document.path)
                .any(|other| other.text.contains(&format!("{name})")))
        })
        .map(|document| {
            Problem::new(
                (&document.path, 1),
                "no other document links to it",
                "a document nobody reaches is not read and grows wrong",
                "link it from README.md or docs/ARCHITECTURE.md, or delete it",
            )
        })
        .collect()
}

/// Links of Markdown to files that are not there.
fn dead_links(repository: &Repository) -> Vec<Problem> {
    let mut found = Vec::new();
    for document in repository.files.iter().filter(|file| file.path.ends_with(".md")) {
        let mut in_code = false;
        for (number, line) in document.text.lines().enumerate() {
            in_code ^= line.trim_start().starts_with("```");
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            for target in targets.filter(|_| !in_code) {
                let path = resolved(&document.path, target);
                if path.is_some_and(|path| !repository.holds(&path)) {
                    found.push(Problem::new(
                        (&document.path, number + 1),
                        format!("links to `{target}`, which is not there"),
                        "a dead link costs the reader's trust in the rest",
                        "correct the path, or write the document",
                    ));
                }
            }
        }
    }
    found
}

/// The path of a relative link from the root of the repository; `None` for other links.
fn resolved(document: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().filter(|target| !target.is_empty())?;
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn fuzz_targets(repository: &Repository) -> Vec<Problem> {
    let listed = repository.file(PROPERTIES).map_or("", |file| file.text.as_str());
    repository
        .rust_files()
        .filter_map(|file| file.path.strip_prefix("fuzz/fuzz_targets/"))
        .filter(|name| !listed.contains(&format!("fuzz_targets/{name}")))
        .map(|name| {
            Problem::new(
                (&format!("fuzz/fuzz_targets/{name}"), 1),
                format!("the fuzz target is not listed in {PROPERTIES}"),
                "the list of properties is what the product promises",
                format!("add a row that names `fuzz/fuzz_targets/{name}`"),
            )
        })
        .collect()
}

fn machine_paths(repository: &Repository) -> Vec<Problem> {
    let mut found = Vec::new();
    for file in &repository.files {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(path) = MACHINE_PATHS.iter().find(|path| line.contains(*path)) {
                found.push(Problem::new(
                    (&file.path, number + 1),
                    format!("holds an absolute path (`{path}…`)"),
                    "what works on one machine only is broken on all others",
                    "write a path relative to the repository, or take it from the caller",
                ));
            }
        }
    }
    found
}

fn names(repository: &Repository) -> Vec<Problem> {
    repository
        .rust_files()
        .filter(|file| {
            file.path
                .split('/')
                .any(|part| EMPTY_NAMES.contains(&part.strip_suffix(".rs").unwrap_or(part)))
        })
        .map(|file| {
            Problem::new(
                (&file.path, 1),
                "is named after nothing",
                "such files collect what has no home, and grow",
                "name it after the one thing it holds, in the words of the field",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::repository::Repository;
    use super::check;

    fn found(files: &[(&str, &str)]) -> Vec<(String, usize)> {
        check(&Repository::of(files))
            .into_iter()
            .map(|problem| (problem.file, problem.line))
            .collect()
    }

    #[test]
    fn linked_documents_and_listed_targets_are_no_problem() {
        let files = [
            ("README.md", "[words](docs/GLOSSARY.md) [proof](docs/PROPERTIES.md)"),
            ("docs/GLOSSARY.md", ""),
            ("docs/PROPERTIES.md", "| `fuzz/fuzz_targets/csv.rs` |"),
            ("fuzz/fuzz_targets/csv.rs", ""),
        ];
        assert_eq!(found(&files), []);
    }

    #[test]
    fn a_link_to_a_file_that_is_not_there_is_caught() {
        let files = [
            ("README.md", "[a](docs/A.md#part) [site](https://ne.example/x) [top](#top)"),
            ("docs/A.md", "[back](../README.md) [gone](B.md)\n```\n[code](C.md)\n```\n"),
            ("docs/D.md", "[up](../A.md)\n[here](./A.md)\n"),
            ("CHANGELOG.md", "[d](docs/D.md)"),
        ];
        assert_eq!(found(&files), [("docs/A.md".to_owned(), 1), ("docs/D.md".to_owned(), 1)]);
    }

    #[test]
    fn an_orphan_an_unlisted_target_a_path_and_an_empty_name_are_caught() {
        let path = format!("ok\nlet folder = \"{}me\";\n", super::MACHINE_PATHS[0]);
        let files = [
            ("docs/LOST.md", "[self](LOST.md)"),
            ("fuzz/fuzz_targets/json.rs", ""),
            ("crates/entra/src/read.rs", path.as_str()),
            ("crates/entra/src/utils.rs", ""),
        ];
        assert_eq!(
            found(&files),
            [
                ("docs/LOST.md".to_owned(), 1),
                ("fuzz/fuzz_targets/json.rs".to_owned(), 1),
                ("crates/entra/src/read.rs".to_owned(), 2),
                ("crates/entra/src/utils.rs".to_owned(), 1),
            ]
        );
    }
}
