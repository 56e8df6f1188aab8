//! Every published policy file is read as a policy, and nothing else is.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::{Path, PathBuf};

use conditional_access::{Policy, Source, State, read_named_location, read_policy, write_policy};
use serde_json::Value;

#[test]
fn published_policies_are_read_as_policies() {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let Some(root) =
        folders.find_map(|it| Some(it.join("shared/samples/policies")).filter(|it| it.is_dir()))
    else {
        eprintln!("skipped: no folder of published policies beside the workspace");
        return;
    };
    let mut files = Vec::new();
    list(&root, &mut files);
    assert!(!files.is_empty());
    let (mut policies, mut made_anew) = (0_u32, 0_u32);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
        let folder = file.parent().and_then(Path::file_name).unwrap().to_string_lossy();
        match folder.as_ref() {
            "Groups" => {
                assert!(read_policy(&value).is_err(), "{}", file.display());
                assert!(read_named_location(&value).is_err(), "{}", file.display());
            }
            "NamedLocations" => {
                assert!(read_policy(&value).is_err(), "{}", file.display());
                assert!(read_named_location(&value).is_ok(), "{}", file.display());
            }
            _ => {
                let Ok(policy) = read_policy(&value) else { panic!("{}", file.display()) };
                assert!(!policy.display_name.is_empty(), "{}", file.display());
                assert_ne!(policy.state, State::Unknown, "{}", file.display());
                assert!(
                    policy.grant.is_some()
                        || policy.session.is_some()
                        || !policy.unmodelled.is_empty(),
                    "a policy without a control: {}",
                    file.display()
                );
                assert_eq!(write_policy(&policy), value, "{}", file.display());
                // What nobody models is in the source only.
                if policy.unmodelled.is_empty() {
                    let made = Policy { source: Source::default(), ..policy.clone() };
                    let again = read_policy(&write_policy(&made)).unwrap();
                    assert_eq!(means(again), means(policy), "{}", file.display());
                    made_anew += 1;
                }
                policies += 1;
            }
        }
    }
    assert!(policies > 240 && made_anew > 200, "{policies} {made_anew}");
}

/// What a policy says without its source: times are the server's.
fn means(policy: Policy) -> Policy {
    Policy { created: None, modified: None, ..policy }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|it| it == "json") {
            files.push(path);
        }
    }
}
