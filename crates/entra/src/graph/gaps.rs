//! What a download did not bring, as gaps: the exact permission or licence that closes each.

use rollout::gaps::Gap;

use super::catalogue::{Read, Shape};
use super::manifest::{Manifest, ReadState, State};

impl Manifest {
    /// A gap for each read that did not come whole.
    pub fn gaps(&self) -> impl Iterator<Item = Gap> {
        self.reads.iter().filter_map(|state| self.gap(state))
    }

    fn gap(&self, state: &ReadState) -> Option<Gap> {
        let read = state.read()?;
        let (what, close_with) = match &state.state {
            State::Done if self.is_held_back(state) => (
                format!(
                    "{} came, but {} did not, and are nothing without them.",
                    capital(read.title),
                    other(read)
                ),
                "what closes the gap of the other list".to_owned(),
            ),
            State::Done => return None,
            // A part of a list that did not come: the list is the gap.
            State::Pending if read.shape == Shape::Part => return None,
            State::Pending => (failed(read, "it was not asked for"), again()),
            State::PermissionMissing { permission } => (
                format!(
                    "Microsoft Graph refused {}: the app registration lacks the application \
                     permission {permission}.{}",
                    named(read),
                    came(state)
                ),
                format!(
                    "the application permission {permission} for the app registration (Entra admin \
                     center > App registrations > API permissions > Add a permission > Microsoft \
                     Graph > Application permissions, then Grant admin consent), and a new snapshot"
                ),
            ),
            State::LicenceMissing { licence } => (
                format!(
                    "Microsoft Graph refused {}: the tenant has no licence of {licence}.{}",
                    named(read),
                    came(state)
                ),
                format!("{licence}, and a new snapshot"),
            ),
            State::NotOffered { why } => (
                format!("Microsoft Graph does not offer {} here ({why}).", named(read)),
                "nothing: this tenant or cloud does not have it".to_owned(),
            ),
            State::Failed { why } => (format!("{}{}", failed(read, why), came(state)), again()),
        };
        Some(Gap { id: read.gap, what, so: read.so.to_owned(), close_with })
    }
}

fn failed(read: &Read, why: &str) -> String {
    format!("Reading {} failed: {}.", named(read), why.trim_end_matches('.'))
}

fn again() -> String {
    "`lockstep snapshot` once more".to_owned()
}

/// `users (GET /v1.0/users)`
fn named(read: &Read) -> String {
    match read.shape {
        Shape::Part => read.title.to_owned(),
        _ => format!("{} ({})", read.title, read.request()),
    }
}

fn other(read: &Read) -> &'static str {
    let other = read.only_with.and_then(super::catalogue::read);
    other.map_or("the list they belong to", |other| other.title)
}

/// What becomes of the part that came.
fn came(state: &ReadState) -> String {
    if !state.is_partial() {
        return String::new();
    }
    let becomes = if state.is_apart() {
        "half a list is not read as the whole one, so none of them is used"
    } else {
        "these are used"
    };
    format!(" {} came before that; {becomes}.", state.objects)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::catalogue::{self, READS};
    use crate::graph::manifest::SCHEMA;

    fn manifest(changes: &[(&str, u64, State)]) -> Manifest {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let reads = READS.iter().map(|read| {
            let mut state = ReadState::pending(read);
            state.state = State::Done;
            (state.pages, state.objects) = (1, 7);
            for (id, pages, changed) in changes {
                if *id == read.id {
                    (state.pages, state.state) = (*pages, changed.clone());
                }
            }
            state
        });
        Manifest {
            schema: SCHEMA.to_owned(),
            tenant: "ne.example".to_owned(),
            cloud: "global".to_owned(),
            sign_in_days: 30,
            started: now,
            finished: Some(now),
            reads: reads.collect(),
        }
    }

    #[test]
    fn a_whole_download_leaves_no_gap() {
        assert_eq!(manifest(&[]).gaps().count(), 0);
    }

    #[test]
    fn every_gap_says_what_closes_it() {
        let permission = |name: &str| State::PermissionMissing { permission: name.to_owned() };
        let manifest = manifest(&[
            ("users", 0, permission("User.Read.All")),
            ("sign-in-activity", 0, State::Pending),
            ("conditional-access-policies", 2, permission("Policy.Read.All")),
            ("role-assignments", 0, State::Failed { why: "x.".to_owned() }),
            ("sign-ins-interactive", 4, State::Failed { why: "x".to_owned() }),
            ("risky-users", 0, State::LicenceMissing { licence: "Entra ID P2".to_owned() }),
            ("rooms", 0, State::NotOffered { why: "404".to_owned() }),
        ]);
        let gaps: Vec<Gap> = manifest.gaps().collect();
        let of = |id: &str| gaps.iter().find(|gap| gap.id == id).expect(id);
        assert!(of("users").what.contains("lacks the application permission User.Read.All."));
        assert!(of("users").close_with.starts_with("the application permission User.Read.All"));
        assert!(of("policies").what.ends_with(
            "7 came before that; half a list is not read as the \
             whole one, so none of them is used."
        ));
        assert!(of("interactive-sign-ins").what.ends_with("7 came before that; these are used."));
        assert_eq!(of("roles").close_with, "`lockstep snapshot` once more");
        assert!(of("eligible-roles").what.contains("but role assignments did not"));
        assert_eq!(of("risky-users").close_with, "Entra ID P2, and a new snapshot");
        assert!(of("rooms").what.contains("does not offer meeting rooms"));
        assert_eq!(gaps.len(), 8, "the two lists that belong to role assignments are two of them");
        assert!(catalogue::read("users").is_some());
    }
}
