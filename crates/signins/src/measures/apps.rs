//! Which applications and resources were signed in to.

use std::collections::BTreeSet;

use rollout::{Activity, AppUse};

use crate::field::Field;
use crate::measures::judged::{Details, Judged};
use crate::measures::kept::{FirstKept, keep_first};
use crate::measures::meaning::Meanings;
use crate::measures::names::{Folded, User};
use crate::measures::translation::Translation;
use crate::measures::user_set::UserSet;
use crate::told::Told;
use crate::words::{Word, Words};

/// Most ids kept. Those first in order are kept, so that the order of records does not matter.
const MOST: usize = 5_000;

/// Use of one id.
#[derive(Debug, Default)]
struct Use {
    name: Option<Word>,
    /// The name looked at last, which most records repeat.
    last_name: Option<Word>,
    successes: u64,
    users: UserSet,
}

/// Successful user sign-ins by application and resource id.
#[derive(Debug)]
pub(crate) struct Apps {
    uses: FirstKept<Word, Use>,
    /// Successes by all ids, kept or not.
    all: u64,
    /// Successes without an application id.
    without_application: u64,
    /// Successes without a resource id.
    without_resource: u64,
}

impl Default for Apps {
    fn default() -> Self {
        Self { uses: FirstKept::new(MOST), all: 0, without_application: 0, without_resource: 0 }
    }
}

impl Apps {
    /// Counts a user sign-in.
    pub(crate) fn observe(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        details: &Details,
        meanings: &mut Meanings,
        words: &mut Words,
    ) {
        if !judged.succeeded() {
            return;
        }
        let mut id =
            |field, words: &mut Words| row.word(field, words).map(|id| meanings.lower(id, words));
        let (app, resource) = (id(Field::AppId, words), id(Field::ResourceId, words));
        self.without_application += u64::from(app.is_none());
        self.without_resource += u64::from(resource.is_none());
        if let Some(app) = app {
            self.count(app, details.app, judged.user, words);
        }
        if let Some(resource) = resource.filter(|_| app != resource) {
            let name = row.word(Field::ResourceName, words);
            self.count(resource, name, judged.user, words);
        }
    }

    fn count(&mut self, id: Word, name: Option<Word>, user: User, words: &Words) {
        self.all += 1;
        let Some(used) = self.uses.value(id, words) else { return };
        if let Some(name) = name
            && used.last_name != Some(name)
        {
            used.last_name = Some(name);
            keep_first(&mut used.name, name, words);
        }
        used.successes += 1;
        used.users.insert(user.place());
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self, to: &mut Translation<'_>, words: &mut Words) {
        self.all += other.all;
        self.without_application += other.without_application;
        self.without_resource += other.without_resource;
        for (id, used) in other.uses.into_values() {
            let name = used.name.and_then(|name| to.word(name));
            let Some(id) = to.word(id) else { continue };
            let Some(mine) = self.uses.value(id, words) else { continue };
            if let Some(name) = name {
                keep_first(&mut mine.name, name, words);
            }
            mine.successes += used.successes;
            for place in used.users.places() {
                if let Some(user) = to.users.get(place).copied().flatten() {
                    mine.users.insert(user.place());
                }
            }
        }
    }

    /// Writes the uses.
    pub(crate) fn finish(self, folded: &Folded, activity: &mut Activity, words: &Words) {
        let moved = folded.moved();
        let mut kept = 0;
        for (id, used) in self.uses.finish(words) {
            kept += used.successes;
            let mut users = used.users.len();
            // Whoever moved counts under the other number, unless that one is there too.
            let mut under: BTreeSet<User> = BTreeSet::new();
            for (_, to) in moved.iter().filter(|(from, _)| used.users.holds(from.place())) {
                users -= u64::from(used.users.holds(to.place()) || !under.insert(*to));
            }
            let app = AppUse {
                name: used.name.map(|name| words.text(name).to_owned()),
                successes: used.successes,
                users,
            };
            activity.by_app.insert(words.text(id).to_owned(), app);
        }
        activity.by_app_left_out = self.all - kept;
        activity.application_ids_untold = self.without_application;
        activity.resource_ids_untold = self.without_resource;
    }
}
