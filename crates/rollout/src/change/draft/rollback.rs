//! The way back of a set, as a set of its own.

use std::collections::BTreeSet;

use super::{Draft, Purpose};
use crate::change::inverse::NoInverse;
use crate::change::set::{ChangeSet, GapReceipt};

/// The way back of a set.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollback {
    /// The inverse of every change that has one, the last first. Empty if none has.
    pub draft: Draft,
    /// Changes that cannot be taken back, by their places, with what to do instead.
    pub stays: Vec<(usize, NoInverse)>,
}

/// The inverse of the first `done` changes of a set, the last first. It puts back what was seen when
/// the set was made; whatever somebody else has changed since is found when it is bound to a new
/// snapshot.
#[must_use]
pub fn rollback(set: &ChangeSet, done: usize) -> Rollback {
    let (mut edits, mut stays, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (place, change) in set.changes.iter().enumerate().take(done).rev() {
        if change.edit.changes_nothing() {
            continue;
        }
        match &change.inverse {
            Ok(inverse) => {
                places.push(place);
                let reason = format!("Puts back what change {} changed.", place.saturating_add(1));
                edits.push((inverse.clone(), reason));
            }
            Err(none) => stays.push((place, none.clone())),
        }
    }
    let at = |wanted: usize| places.iter().position(|place| *place == wanted);
    // Backwards, the change that closed the gap opens it.
    let gap = set.gap.and_then(|gap| {
        let (opens, closes) = (at(gap.closes)?, at(gap.opens)?);
        Some(GapReceipt { opens, closes })
    });
    Rollback {
        draft: Draft {
            purpose: Purpose::Rollback { of: set.id.clone() },
            title: format!("Take back: {}", set.title),
            step: set.step,
            edits,
            gap,
            rests_on: BTreeSet::new(),
        },
        stays,
    }
}
