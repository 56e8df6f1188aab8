//! Which applications and resources were signed in to.

use std::borrow::Cow;
use std::collections::BTreeMap;

use foldhash::quality::FixedState;
use hashbrown::HashSet;
use rollout::{AppUse, Measurement};

use crate::measures::observed::Observed;
use crate::measures::people::Folded;

/// Most ids kept. Those first in order are kept, so that the order of records does not matter.
const MOST: usize = 5_000;

/// Use of one id.
#[derive(Debug, Default)]
struct Use {
    name: Option<Box<str>>,
    successes: u64,
    users: HashSet<u64, FixedState>,
}

/// Successful user sign-ins by application and resource id.
#[derive(Debug, Default)]
pub(crate) struct Apps {
    uses: BTreeMap<String, Use>,
    /// Successes by all ids, kept or not.
    all: u64,
    /// Successes without an application id.
    without_application: u64,
    /// Successes without a resource id.
    without_resource: u64,
}

impl Apps {
    /// Counts a user sign-in.
    pub(crate) fn observe(&mut self, observed: &Observed<'_, '_>) {
        if !observed.succeeded() {
            return;
        }
        let text = &observed.sign_in.text;
        let app = text.app_id.map(|id| (id, text.app_name));
        let resource = text.resource_id.map(|id| (id, text.resource_name));
        self.without_application += u64::from(app.is_none());
        self.without_resource += u64::from(resource.is_none());
        let same = matches!((app, resource), (Some((app, _)), Some((resource, _))) if app.eq_ignore_ascii_case(resource));
        for (id, name) in [app, resource.filter(|_| !same)].into_iter().flatten() {
            self.all += 1;
            if let Some(kept) = self.kept(&lower(id)) {
                name_it(kept, name);
                kept.successes += 1;
                kept.users.insert(observed.user_print);
            }
        }
    }

    /// The use of an id; `None` when ids enough stand before it.
    fn kept(&mut self, id: &str) -> Option<&mut Use> {
        if !self.uses.contains_key(id) {
            let full = self.uses.len() >= MOST;
            if full && self.uses.last_key_value().is_some_and(|(last, _)| **last < *id) {
                return None;
            }
            self.uses.insert(id.to_owned(), Use::default());
            if full {
                self.uses.pop_last();
            }
        }
        self.uses.get_mut(id)
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self) {
        self.all += other.all;
        self.without_application += other.without_application;
        self.without_resource += other.without_resource;
        for (id, used) in other.uses {
            if let Some(kept) = self.kept(&id) {
                name_it(kept, used.name.as_deref());
                kept.successes += used.successes;
                kept.users.extend(used.users);
            }
        }
    }

    /// Writes the uses.
    pub(crate) fn finish(self, folded: &Folded, measurement: &mut Measurement) {
        let mut kept = 0;
        for (id, used) in self.uses {
            kept += used.successes;
            let users: HashSet<u64, FixedState> =
                used.users.iter().map(|user| folded.print(*user)).collect();
            let app = AppUse {
                name: used.name.map(Into::into),
                successes: used.successes,
                users: u64::try_from(users.len()).unwrap_or(u64::MAX),
            };
            measurement.by_app.insert(id, app);
        }
        measurement.by_app_left_out = self.all - kept;
        measurement.application_ids_untold = self.without_application;
        measurement.resource_ids_untold = self.without_resource;
    }
}

/// Ids are compared without case; almost all are written in lower case.
fn lower(id: &str) -> Cow<'_, str> {
    if id.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(id.to_ascii_lowercase())
    } else {
        Cow::Borrowed(id)
    }
}

/// Of several names, the first in order is shown.
fn name_it(used: &mut Use, name: Option<&str>) {
    let Some(name) = name else { return };
    if used.name.as_deref().is_none_or(|shown| name < shown) {
        used.name = Some(name.into());
    }
}
