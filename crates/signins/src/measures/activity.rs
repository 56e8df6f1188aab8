//! Everything but legacy authentication.

use rollout::Activity;

use crate::field::Field;
use crate::measures::apps::Apps;
use crate::measures::conversations::Conversations;
use crate::measures::days::{Day, Days};
use crate::measures::details::DetailCounts;
use crate::measures::devices::Named;
use crate::measures::hours::Hours;
use crate::measures::judged::{Details, Judged};
use crate::measures::lists::Lists;
use crate::measures::meaning::Meanings;
use crate::measures::mix::Mix;
use crate::measures::names::{Folded, Names};
use crate::measures::people::People;
use crate::measures::translation::Translation;
use crate::told::Told;
use crate::words::Words;

/// The measures of what was done beyond legacy authentication.
#[derive(Debug, Default)]
pub(crate) struct ActivityMeasures {
    hours: Hours,
    mix: Mix,
    lists: Lists,
    people: People,
    apps: Apps,
    details: DetailCounts,
    conversations: Conversations,
}

impl ActivityMeasures {
    /// Takes note of a record, workload identities included.
    pub(crate) fn observe_record(&mut self, day: Day, hour: u8) {
        self.hours.observe(day, hour, 1);
    }

    /// Counts a user sign-in. The answer is what was asked of it.
    pub(crate) fn observe(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        device: Option<Named>,
        names: &Names,
        meanings: &mut Meanings,
        words: &mut Words,
    ) -> Details {
        let mut details = Details {
            challenge: None,
            app: row.word(Field::AppName, words),
            device_id: None,
            device_name: None,
            operating_system: None,
            policies: None,
        };
        if judged.succeeded() {
            details.challenge = Some(meanings.challenge(row, words));
            details.device_name = device.map(|device| device.name);
            details.device_id = match device {
                Some(device) => device.id.map(|(id, _)| id),
                None => row.word(Field::DeviceId, words),
            };
            details.operating_system = row.word(Field::OperatingSystem, words);
        }
        self.mix.observe(judged, words);
        details.policies = self.lists.observe(row, words);
        self.people.observe(row, judged, &details, meanings, words);
        self.apps.observe(row, judged, &details, meanings, words);
        self.details.observe(row, judged, &details, words);
        self.conversations.observe(row, judged, names, words);
        details
    }

    /// Adds what another measured.
    pub(crate) fn merge(
        &mut self,
        other: Self,
        to: &mut Translation<'_>,
        names: &Names,
        words: &mut Words,
    ) {
        self.hours.merge(&other.hours, to);
        self.mix.merge(other.mix, to, words);
        self.lists.merge(&other.lists, to, words);
        self.people.merge(&other.people, to, words);
        self.apps.merge(other.apps, to, words);
        self.details.merge(other.details, to, words);
        self.conversations.merge(other.conversations, to, names, words);
    }

    /// What was done.
    pub(crate) fn finish(
        self,
        folded: &Folded,
        names: &Names,
        days: &Days,
        words: &Words,
    ) -> Activity {
        let mut activity = Activity { by_hour: self.hours.finish(days), ..Activity::default() };
        self.mix.finish(&mut activity, words);
        self.lists.finish(&mut activity, words);
        self.apps.finish(folded, &mut activity, words);
        self.details.finish(&mut activity, words);
        let (conversations, by_user) = self.conversations.finish(folded);
        activity.conversations = conversations;
        activity.people = self.people.finish(&by_user, folded, names, words);
        activity.people.sort_by(|a, b| a.account.cmp(&b.account));
        activity
    }
}
