//! Which device a sign-in came from, and what devices are called.

use foldhash::fast::FixedState;
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use jiff::Timestamp;

use crate::field::Field;
use crate::measures::kept::Latest;
use crate::measures::meaning::Meanings;
use crate::measures::memo::{Memo, nanoseconds};
use crate::measures::translation::Translation;
use crate::told::Told;
use crate::words::{Word, Words};

/// Most devices whose name is kept. A device beyond is shown by its id.
const MOST: usize = 1 << 20;

/// Which device, in the order of what tells it best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Device {
    /// By id, lower case.
    Id(Word),
    /// By name.
    Name(Word),
    /// By operating system and browser.
    System(Word),
    /// Nothing told.
    Unknown,
}

impl Device {
    /// The same in other words.
    pub(crate) fn translated(self, to: &mut Translation<'_>) -> Self {
        let mut word = |word| to.word(word);
        match self {
            Self::Id(id) => word(id).map(Self::Id),
            Self::Name(name) => word(name).map(Self::Name),
            Self::System(system) => word(system).map(Self::System),
            Self::Unknown => None,
        }
        .unwrap_or(Self::Unknown)
    }

    /// What orders devices.
    pub(crate) fn order(self, words: &Words) -> (u8, &str) {
        match self {
            Self::Id(id) => (0, words.text(id)),
            Self::Name(name) => (1, words.text(name)),
            Self::System(system) => (2, words.text(system)),
            Self::Unknown => (3, ""),
        }
    }
}

/// The names of devices, which any sign-in may tell.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    /// By id in lower case.
    names: HashMap<Word, Latest, FixedState>,
    systems: HashMap<(Word, Word), Word, FixedState>,
    /// What records that tell the same came to.
    known: Memo<Named>,
    seed: RandomState,
}

/// A device that is named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    /// Its id, as told and in lower case.
    pub id: Option<(Word, Word)>,
    pub name: Word,
}

impl Named {
    fn of(row: &impl Told, meanings: &mut Meanings, words: &mut Words) -> Option<Self> {
        let name = row.word(Field::DeviceName, words)?;
        let id = row.word(Field::DeviceId, words).map(|id| (id, meanings.lower(id, words)));
        Some(Self { id, name })
    }
}

impl Devices {
    /// Learns what a device is called. The answer is its words, where the record tells a name.
    pub(crate) fn observe(
        &mut self,
        row: &impl Told,
        time: Timestamp,
        meanings: &mut Meanings,
        words: &mut Words,
    ) -> Option<Named> {
        if !row.tells(Field::DeviceName) {
            return None;
        }
        let Some(moment) = nanoseconds(time) else {
            let named = Named::of(row, meanings, words)?;
            self.learn(named, time, words);
            return Some(named);
        };
        let print = row.print_of([&[Field::DeviceId], &[Field::DeviceName]], &self.seed);
        if let Some(named) = self.known.met(print, moment) {
            return Some(named);
        }
        let named = Named::of(row, meanings, words)?;
        if self.known.is_full() {
            self.settle(words);
        }
        self.known.remember(print, moment, named);
        Some(named)
    }

    /// Learns what was remembered and not learned yet. To be called before names are asked for.
    pub(crate) fn settle(&mut self, words: &Words) {
        for (named, time) in self.known.drain() {
            self.learn(named, time, words);
        }
    }

    fn learn(&mut self, named: Named, time: Timestamp, words: &Words) {
        let Some((_, lower)) = named.id else { return };
        if let Some(kept) = self.name(lower) {
            kept.observe(time, named.name, words);
        }
    }

    fn name(&mut self, id: Word) -> Option<&mut Latest> {
        if self.names.len() >= MOST && !self.names.contains_key(&id) {
            return None;
        }
        Some(self.names.entry(id).or_default())
    }

    /// Adds what another learned.
    /// Both have learned what they remembered.
    pub(crate) fn merge(&mut self, other: &Self, to: &mut Translation<'_>, words: &mut Words) {
        for (id, latest) in &other.names {
            let latest = latest.translated(to);
            let Some(id) = to.word(*id) else { continue };
            if let Some(kept) = self.name(id) {
                kept.merge(latest, words);
            }
        }
    }

    /// Which device a sign-in came from.
    pub(crate) fn device(
        &mut self,
        row: &impl Told,
        meanings: &mut Meanings,
        words: &mut Words,
    ) -> Device {
        if let Some(id) = row.word(Field::DeviceId, words) {
            return Device::Id(meanings.lower(id, words));
        }
        if let Some(name) = row.word(Field::DeviceName, words) {
            return Device::Name(name);
        }
        let system = row.word(Field::OperatingSystem, words);
        let browser = row.word(Field::Browser, words);
        let (Some(system), Some(browser)) = (system, browser) else {
            return system.or(browser).map_or(Device::Unknown, Device::System);
        };
        let known = self.systems.get(&(system, browser)).copied();
        let joined = known.unwrap_or_else(|| {
            let text = format!("{}, {}", words.text(system), words.text(browser));
            let joined = words.word(&text).unwrap_or(system);
            self.systems.insert((system, browser), joined);
            joined
        });
        Device::System(joined)
    }

    /// The name of a device to show, and its id.
    pub(crate) fn named(&self, device: Device, words: &Words) -> (Option<String>, Option<String>) {
        match device {
            Device::Id(id) => {
                let name = self.names.get(&id).and_then(|latest| latest.to_text(words));
                let id = words.text(id).to_owned();
                (Some(name.unwrap_or_else(|| id.clone())), Some(id))
            }
            Device::Name(text) | Device::System(text) => (Some(words.text(text).to_owned()), None),
            Device::Unknown => (None, None),
        }
    }
}
