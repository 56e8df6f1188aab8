//! Legacy authentication: user × client app × device.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use rollout::LegacyUse;

use crate::field::Field;
use crate::measures::days::{DaySet, Days};
use crate::measures::devices::{Device, Devices};
use crate::measures::judged::Judged;
use crate::measures::kept::{Latest, keep_first};
use crate::measures::meaning::Meanings;
use crate::measures::names::{Folded, Names, User};
use crate::measures::translation::Translation;
use crate::outcome::Outcome;
use crate::reader::earlier;
use crate::told::Told;
use crate::words::{Word, Words};

/// Most uses kept. A spray of guesses can make any number.
const MOST: usize = 200_000;
/// Most user agents kept of one use.
const MOST_USER_AGENTS: usize = 8;
/// Most apps counted of one use: those first in order.
const MOST_APPS: usize = 256;
/// Most addresses counted of one use.
const MOST_ADDRESSES: usize = 4_096;

/// One key of the legacy measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct UseKey {
    user: User,
    /// Client app in lower case.
    client_app: Option<Word>,
    device: Device,
}

/// Successes of one app.
#[derive(Debug, Clone, Copy)]
struct AppCount {
    /// `None`: only an id is told.
    name: Option<Word>,
    successes: u64,
    id: Option<Word>,
}

/// One legacy use.
#[derive(Debug, Default)]
struct Use {
    client_app: Option<Word>,
    /// Protocol of successes, the one shown before others.
    protocol: Option<Word>,
    /// Protocol of anything else.
    noise_protocol: Option<Word>,
    /// By name.
    apps: Vec<AppCount>,
    operating_system: Latest,
    trust_type: Latest,
    /// By text.
    user_agents: Vec<Word>,
    addresses: HashSet<u64, FixedState>,
    succeeded: u64,
    failed: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    days: DaySet,
    hours: u32,
}

/// Every legacy use, and the devices.
#[derive(Debug, Default)]
pub(crate) struct LegacyUses {
    uses: HashMap<UseKey, Use, FixedState>,
    pub devices: Devices,
}

impl LegacyUses {
    /// Counts a legacy sign-in. False when uses enough are kept.
    pub(crate) fn observe(
        &mut self,
        row: &impl Told,
        judged: &Judged,
        meanings: &mut Meanings,
        words: &mut Words,
    ) -> bool {
        let key = UseKey {
            user: judged.user,
            client_app: judged.client.map(|client| client.key),
            device: self.devices.device(row, meanings, words),
        };
        let Some(used) = self.place(key) else { return false };
        used.observe(row, judged, words);
        true
    }

    fn place(&mut self, key: UseKey) -> Option<&mut Use> {
        if self.uses.len() >= MOST && !self.uses.contains_key(&key) {
            return None;
        }
        Some(self.uses.entry(key).or_default())
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self, to: &mut Translation<'_>, words: &mut Words) {
        self.devices.merge(&other.devices, to, words);
        for (key, used) in other.uses {
            let Some(user) = to.user(key.user) else { continue };
            let client_app = key.client_app.and_then(|word| to.word(word));
            let device = key.device.translated(to);
            let used = used.translated(to);
            match self.place(UseKey { user, client_app, device }) {
                Some(mine) => mine.merge(used, words),
                None => to.lost += used.succeeded.saturating_add(used.failed).max(1),
            }
        }
    }

    /// Every use, by user, client app and device. The uses of users known by name only stand with
    /// those of the same user by id.
    pub(crate) fn finish(
        mut self,
        folded: &Folded,
        names: &Names,
        days: &Days,
        words: &Words,
    ) -> Vec<LegacyUse> {
        let moved: Vec<_> =
            self.uses.extract_if(|key, _| folded.user(key.user) != key.user).collect();
        for (mut key, used) in moved {
            key.user = folded.user(key.user);
            self.uses.entry(key).or_default().merge(used, words);
        }
        let mut uses = Vec::with_capacity(self.uses.len());
        for (key, used) in self.uses {
            let account = names.account(key.user, words);
            let (device, device_id) = self.devices.named(key.device, words);
            let order = (
                names.order(key.user, words),
                key.client_app.map(|word| words.text(word)),
                key.device.order(words),
            );
            uses.push((
                order,
                LegacyUse { account, device, device_id, ..used.finish(days, words) },
            ));
        }
        uses.sort_by(|(a, x), (b, y)| x.account.cmp(&y.account).then_with(|| a.cmp(b)));
        uses.into_iter().map(|(_, used)| used).collect()
    }
}

impl Use {
    fn observe(&mut self, row: &impl Told, judged: &Judged, words: &mut Words) {
        if let Some(client) = judged.client {
            keep_first(&mut self.client_app, client.shown, words);
        }
        if let Some(protocol) = judged.protocol {
            let noise = !judged.succeeded();
            let shown = if noise { &mut self.noise_protocol } else { &mut self.protocol };
            show_protocol(shown, protocol.shown, words);
        }
        if let Some(system) = row.word(Field::OperatingSystem, words) {
            self.operating_system.observe(judged.time, system, words);
        }
        if let Some(kind) = row.word(Field::TrustType, words) {
            self.trust_type.observe(judged.time, kind, words);
        }
        match judged.outcome {
            Outcome::Success => self.observe_success(row, judged, words),
            Outcome::Failure(_) | Outcome::Interrupt(_) => self.failed += 1,
            Outcome::Unknown => {}
        }
    }

    fn observe_success(&mut self, row: &impl Told, judged: &Judged, words: &mut Words) {
        self.succeeded += 1;
        self.first_seen = earlier(self.first_seen, Some(judged.time));
        self.last_seen = self.last_seen.max(Some(judged.time));
        self.days.insert(judged.day);
        self.hours |= judged.hour;
        let address = row.print(Field::IpAddress).or_else(|| row.print(Field::CallerIpAddress));
        if let Some(address) = address {
            self.count_address(address);
        }
        if let Some(agent) = row.word(Field::UserAgent, words) {
            self.keep_agent(agent, words);
        }
        let (name, id) = (row.word(Field::AppName, words), row.word(Field::AppId, words));
        if name.is_some() || id.is_some() {
            self.count_app(AppCount { name, successes: 1, id }, words);
        }
    }

    fn count_address(&mut self, print: u64) {
        if self.addresses.len() < MOST_ADDRESSES {
            self.addresses.insert(print);
        }
    }

    fn keep_agent(&mut self, agent: Word, words: &Words) {
        if self.user_agents.contains(&agent) {
            return;
        }
        let text = words.text(agent);
        let at = self.user_agents.partition_point(|kept| words.text(*kept) < text);
        if at < MOST_USER_AGENTS {
            self.user_agents.insert(at, agent);
            self.user_agents.truncate(MOST_USER_AGENTS);
        }
    }

    fn count_app(&mut self, app: AppCount, words: &Words) {
        if let Some(kept) = self.apps.iter_mut().find(|kept| kept.name == app.name) {
            kept.successes += app.successes;
            if let Some(id) = app.id {
                keep_first(&mut kept.id, id, words);
            }
            return;
        }
        let text = |app: &AppCount| app.name.map_or("", |name| words.text(name));
        let name = text(&app);
        let at = self.apps.partition_point(|kept| text(kept) < name);
        if at < MOST_APPS {
            self.apps.insert(at, app);
            self.apps.truncate(MOST_APPS);
        }
    }

    fn translated(self, to: &mut Translation<'_>) -> Self {
        let mut days = DaySet::default();
        days.merge(&self.days, &to.days);
        let mut word = |word: Option<Word>| word.and_then(|word| to.word(word));
        let client_app = word(self.client_app);
        let protocol = word(self.protocol);
        let noise_protocol = word(self.noise_protocol);
        let agents = self.user_agents.iter().filter_map(|agent| word(Some(*agent)));
        let user_agents = agents.collect();
        let mut apps = Vec::with_capacity(self.apps.len());
        for app in &self.apps {
            let (name, id) = (word(app.name), word(app.id));
            apps.push(AppCount { name, id, ..*app });
        }
        Self {
            client_app,
            protocol,
            noise_protocol,
            apps,
            operating_system: self.operating_system.translated(to),
            trust_type: self.trust_type.translated(to),
            user_agents,
            days,
            ..self
        }
    }

    fn merge(&mut self, other: Self, words: &Words) {
        if let Some(client_app) = other.client_app {
            keep_first(&mut self.client_app, client_app, words);
        }
        if let Some(protocol) = other.protocol {
            show_protocol(&mut self.protocol, protocol, words);
        }
        if let Some(protocol) = other.noise_protocol {
            show_protocol(&mut self.noise_protocol, protocol, words);
        }
        for app in other.apps {
            self.count_app(app, words);
        }
        self.operating_system.merge(other.operating_system, words);
        self.trust_type.merge(other.trust_type, words);
        for agent in other.user_agents {
            self.keep_agent(agent, words);
        }
        for address in other.addresses {
            self.count_address(address);
        }
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.first_seen = earlier(self.first_seen, other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        self.days.unite(&other.days);
        self.hours |= other.hours;
    }

    /// Everything but account and device.
    fn finish(self, days: &Days, words: &Words) -> LegacyUse {
        let text = |word: Word| words.text(word).to_owned();
        let mut most: Option<&AppCount> = None;
        for app in &self.apps {
            if most.is_none_or(|most| app.successes > most.successes) {
                most = Some(app);
            }
        }
        LegacyUse {
            client_app: self.client_app.map(text),
            protocol: self.protocol.or(self.noise_protocol).map(text),
            app: most.and_then(|app| app.name).map(text).filter(|name| !name.is_empty()),
            app_id: most.and_then(|app| app.id).map(text),
            operating_system: self.operating_system.to_text(words),
            trust_type: self.trust_type.to_text(words),
            user_agents: self.user_agents.into_iter().map(text).collect(),
            succeeded: self.succeeded,
            failed: self.failed,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            ip_addresses: u64::try_from(self.addresses.len()).unwrap_or(u64::MAX),
            days: self.days.places().filter_map(|place| days.date(place)).collect(),
            hours: self.hours,
            ..LegacyUse::default()
        }
    }
}

/// Keeps the protocol to show: `ropc` before any other, `none` after any other, else the first in
/// order.
fn show_protocol(shown: &mut Option<Word>, protocol: Word, words: &Words) {
    let rank = |word| {
        let text = words.text(word);
        let rank = match text {
            "ropc" => 0,
            "none" => 2,
            _ => 1,
        };
        (rank, text)
    };
    if shown.is_none_or(|shown| shown != protocol && rank(protocol) < rank(shown)) {
        *shown = Some(protocol);
    }
}
