//! What a run printed, so that it stays the same from run to run and can be read.

use std::collections::BTreeMap;

/// Names for what differs from run to run, or cannot be told apart by a reader.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Folders and what stands for them.
    folders: Vec<(String, &'static str)>,
    ids: BTreeMap<String, usize>,
    /// Digests, longest known form first.
    digests: Vec<String>,
}

/// Fewest characters of a shortened digest.
const SHORT: usize = 12;

impl Names {
    pub(crate) fn folder(&mut self, path: &std::path::Path, name: &'static str) {
        self.folders.push((path.display().to_string(), name));
    }

    /// The text with names for ids, digests, folders and processes.
    pub(crate) fn told(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (folder, name) in &self.folders {
            text = text.replace(folder, name);
        }
        let mut told = String::new();
        let mut token = String::new();
        for character in text.chars().chain(['\0']) {
            if character.is_ascii_alphanumeric() || character == '-' || character == '_' {
                token.push(character);
                continue;
            }
            if told.ends_with("(process ") && token.bytes().all(|it| it.is_ascii_digit()) {
                told.push('N');
            } else {
                told.push_str(&self.token(&token));
            }
            token.clear();
            if character != '\0' {
                told.push(character);
            }
        }
        told
    }

    fn token(&mut self, token: &str) -> String {
        let hexadecimal = |it: &str| it.bytes().all(|it| it.is_ascii_hexdigit());
        let parts: Vec<&str> = token.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|it| it.len()).collect();
        if lengths == [8, 4, 4, 4, 12] && parts.iter().all(|it| hexadecimal(it)) {
            let next = self.ids.len() + 1;
            let number = self.ids.entry(token.to_ascii_lowercase()).or_insert(next);
            return format!("{{id {number}}}");
        }
        let mixed = token.bytes().any(|it| it.is_ascii_digit())
            && token.bytes().any(|it| it.is_ascii_lowercase());
        if token.len() >= SHORT && hexadecimal(token) && (mixed || token.len() == 64) {
            return format!("{{digest {}}}", self.digest(token));
        }
        token.to_owned()
    }

    fn digest(&mut self, token: &str) -> usize {
        let known = self.digests.iter().position(|known| {
            known.starts_with(token)
                || (known.len() < token.len() && token.starts_with(known.as_str()))
        });
        if let Some(place) = known {
            if self.digests[place].len() < token.len() {
                token.clone_into(&mut self.digests[place]);
            }
            return place + 1;
        }
        self.digests.push(token.to_owned());
        self.digests.len()
    }

    /// The other way round, for a script that names what it saw.
    pub(crate) fn meant(&self, text: &str) -> String {
        let mut meant = text.to_owned();
        for (place, digest) in self.digests.iter().enumerate() {
            meant = meant.replace(&format!("{{digest {}}}", place + 1), digest);
        }
        for (id, number) in &self.ids {
            meant = meant.replace(&format!("{{id {number}}}"), id);
        }
        meant
    }
}

/// The lines of a text behind a mark.
pub(crate) fn indented(text: &str, mark: &str) -> String {
    let lines = text.trim_end().lines();
    lines.map(|line| format!("{mark}{line}").trim_end().to_owned() + "\n").collect()
}

#[test]
fn names_are_stable_and_lead_back() {
    let mut names = Names::default();
    let digest = "9f".repeat(32);
    let first = names.told(&format!("set {digest}, id 6a7f0c2e-0f0b-4f0e-9a59-5a3f6c1d0001"));
    assert_eq!(first, "set {digest 1}, id {id 1}");
    let again = names.told(&format!("{} at (process 4711), 2026-11-23, deadbeef", &digest[..12]));
    assert_eq!(again, "{digest 1} at (process N), 2026-11-23, deadbeef");
    assert_eq!(names.meant("rollback {digest 1}"), format!("rollback {digest}"));
    assert_eq!(names.told("123456789012 facade"), "123456789012 facade");
}
