//! Legacy authentication: user × client app × device.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::quality::FixedState;
use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use jiff::civil::Date;
use rollout::LegacyUse;

use crate::legacy_client::{canonical_client_app, canonical_protocol};
use crate::measures::kept::{Latest, keep_text};
use crate::measures::observed::{Observed, push_lower};
use crate::measures::people::{Folded, People};
use crate::outcome::Outcome;
use crate::sign_in::SignIn;
use crate::words::fingerprint;

/// Most user agents kept of one use.
const MOST_USER_AGENTS: usize = 8;

/// Which device, in the order of what tells it best.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Device {
    /// By id, lower case.
    Id(Box<str>),
    /// By name.
    Name(Box<str>),
    /// By operating system and browser.
    System(Box<str>),
    /// Nothing told.
    #[default]
    Unknown,
}

/// One key of the legacy measure.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct UseKey {
    user: Box<str>,
    /// Client app in lower case.
    client_app: Option<Box<str>>,
    device: Device,
}

/// Successes of one app.
#[derive(Debug, Default)]
struct AppCount {
    successes: u64,
    id: Option<Box<str>>,
}

/// One legacy use.
#[derive(Debug, Default)]
struct Use {
    client_app: Option<Box<str>>,
    /// Protocols of successes.
    protocols: BTreeSet<Box<str>>,
    /// Protocols of anything else.
    noise_protocols: BTreeSet<Box<str>>,
    apps: BTreeMap<Box<str>, AppCount>,
    operating_system: Latest,
    trust_type: Latest,
    user_agents: BTreeSet<String>,
    addresses: HashSet<u64, FixedState>,
    succeeded: u64,
    failed: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    days: BTreeSet<Date>,
    hours: u32,
}

/// Every legacy use, and the names of devices, which any sign-in may tell.
#[derive(Debug, Default)]
pub(crate) struct LegacyUses {
    uses: HashMap<UseKey, Use, FixedState>,
    device_names: HashMap<Box<str>, Latest, FixedState>,
    /// Room for a key, used again for every sign-in.
    room: String,
}

impl LegacyUses {
    /// Counts a user sign-in.
    pub(crate) fn observe(&mut self, observed: &Observed<'_, '_>) {
        self.observe_device_name(observed);
        if !observed.legacy {
            return;
        }
        self.uses.entry(use_key(observed)).or_default().observe(observed);
    }

    fn observe_device_name(&mut self, observed: &Observed<'_, '_>) {
        let text = &observed.sign_in.text;
        let (Some(id), Some(name)) = (&text.device_id, &text.device_name) else { return };
        let mut room = std::mem::take(&mut self.room);
        room.clear();
        push_lower(&mut room, id);
        let kept = match self.device_names.get_mut(room.as_str()) {
            Some(kept) => kept,
            None => self.device_names.entry(room.as_str().into()).or_default(),
        };
        kept.observe(observed.time, Some(name));
        self.room = room;
    }

    /// Adds what another counted.
    pub(crate) fn merge(&mut self, other: Self) {
        for (id, name) in other.device_names {
            self.device_names.entry(id).or_default().merge(name);
        }
        for (key, used) in other.uses {
            self.uses.entry(key).or_default().merge(used);
        }
    }

    /// Puts the uses of users known by name only together with those of the same user by id.
    pub(crate) fn fold_users(&mut self, folded: &Folded) {
        let moved: Vec<_> =
            self.uses.extract_if(|key, _| folded.key(&key.user).is_some()).collect();
        for (mut key, used) in moved {
            if let Some(user) = folded.key(&key.user) {
                key.user = user.into();
            }
            self.uses.entry(key).or_default().merge(used);
        }
    }

    /// Every use, by user, client app and device.
    pub(crate) fn finish(self, people: &People) -> Vec<LegacyUse> {
        let names = self.device_names;
        let mut uses: Vec<(UseKey, LegacyUse)> = self
            .uses
            .into_iter()
            .map(|(key, used)| {
                let account = people.account(&key.user);
                let device = match &key.device {
                    Device::Id(id) => {
                        let name = names.get(id).and_then(Latest::to_text);
                        Some(name.unwrap_or_else(|| id.to_string()))
                    }
                    Device::Name(text) | Device::System(text) => Some(text.to_string()),
                    Device::Unknown => None,
                };
                let device_id = match &key.device {
                    Device::Id(id) => Some(id.to_string()),
                    Device::Name(_) | Device::System(_) | Device::Unknown => None,
                };
                (key, LegacyUse { account, device, device_id, ..used.finish() })
            })
            .collect();
        uses.sort_by(|(a, x), (b, y)| x.account.cmp(&y.account).then_with(|| a.cmp(b)));
        uses.into_iter().map(|(_, used)| used).collect()
    }
}

impl Use {
    fn observe(&mut self, observed: &Observed<'_, '_>) {
        let text = &observed.sign_in.text;
        let time = observed.time;
        self.show_client_app(text.client_app.map(canonical_client_app));
        let success = observed.succeeded();
        if let Some(protocol) = text.protocol.map(canonical_protocol) {
            let set = if success { &mut self.protocols } else { &mut self.noise_protocols };
            if !set.contains(protocol) {
                set.insert(protocol.into());
            }
        }
        self.operating_system.observe(time, text.operating_system);
        self.trust_type.observe(time, text.trust_type);
        match observed.outcome {
            Outcome::Success => self.observe_success(observed),
            Outcome::Failure(_) | Outcome::Interrupt(_) => self.failed += 1,
            Outcome::Unknown => {}
        }
    }

    fn observe_success(&mut self, observed: &Observed<'_, '_>) {
        let text = &observed.sign_in.text;
        self.succeeded += 1;
        self.first_seen = earlier(self.first_seen, Some(observed.time));
        self.last_seen = self.last_seen.max(Some(observed.time));
        self.days.insert(observed.date);
        self.hours |= observed.hour;
        if let Some(address) = observed.sign_in.ip_address() {
            self.addresses.insert(fingerprint(address));
        }
        if let Some(agent) = text.user_agent {
            keep_text(&mut self.user_agents, agent, MOST_USER_AGENTS);
        }
        if text.app_name.is_some() || text.app_id.is_some() {
            let name = text.app_name.unwrap_or_default();
            self.count_app(name, 1, text.app_id);
        }
    }

    /// Of spellings that differ in case only, the first in order is shown.
    fn show_client_app(&mut self, name: Option<&str>) {
        let Some(name) = name else { return };
        if self.client_app.as_deref().is_none_or(|shown| name < shown) {
            self.client_app = Some(name.into());
        }
    }

    fn count_app(&mut self, name: &str, successes: u64, id: Option<&str>) {
        if !self.apps.contains_key(name) {
            self.apps.insert(name.into(), AppCount::default());
        }
        let Some(app) = self.apps.get_mut(name) else { return };
        app.successes += successes;
        if let Some(id) = id
            && app.id.as_deref().is_none_or(|shown| id < shown)
        {
            app.id = Some(id.into());
        }
    }

    fn merge(&mut self, other: Self) {
        self.show_client_app(other.client_app.as_deref());
        self.protocols.extend(other.protocols);
        self.noise_protocols.extend(other.noise_protocols);
        for (name, app) in other.apps {
            self.count_app(&name, app.successes, app.id.as_deref());
        }
        self.operating_system.merge(other.operating_system);
        self.trust_type.merge(other.trust_type);
        for agent in &other.user_agents {
            keep_text(&mut self.user_agents, agent, MOST_USER_AGENTS);
        }
        self.addresses.extend(other.addresses);
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.first_seen = earlier(self.first_seen, other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        self.days.extend(other.days);
        self.hours |= other.hours;
    }

    /// Everything but account and device.
    fn finish(self) -> LegacyUse {
        let protocol = shown_protocol(&self.protocols)
            .or_else(|| shown_protocol(&self.noise_protocols))
            .map(str::to_owned);
        let mut most: Option<(&str, &AppCount)> = None;
        for (name, app) in &self.apps {
            if most.is_none_or(|(_, most)| app.successes > most.successes) {
                most = Some((name, app));
            }
        }
        LegacyUse {
            client_app: self.client_app.map(Into::into),
            protocol,
            app: most.map(|(name, _)| name.to_owned()).filter(|name| !name.is_empty()),
            app_id: most.and_then(|(_, app)| app.id.as_deref()).map(str::to_owned),
            operating_system: self.operating_system.to_text(),
            trust_type: self.trust_type.to_text(),
            user_agents: self.user_agents,
            succeeded: self.succeeded,
            failed: self.failed,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            ip_addresses: u64::try_from(self.addresses.len()).unwrap_or(u64::MAX),
            days: self.days,
            hours: self.hours,
            ..LegacyUse::default()
        }
    }
}

/// `ropc` before any other, `none` after any other.
fn shown_protocol(protocols: &BTreeSet<Box<str>>) -> Option<&str> {
    let rank = |name: &&str| match *name {
        "ropc" => 0,
        "none" => 2,
        _ => 1,
    };
    protocols.iter().map(|name| &**name).min_by_key(rank)
}

fn earlier(mine: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (mine, other) {
        (Some(mine), Some(other)) => Some(mine.min(other)),
        (mine, other) => mine.or(other),
    }
}

fn system(sign_in: &SignIn<'_>) -> Option<String> {
    let text = &sign_in.text;
    match (text.operating_system, text.browser) {
        (Some(system), Some(browser)) => Some(format!("{system}, {browser}")),
        (system, browser) => system.or(browser).map(str::to_owned),
    }
}

/// Which device a sign-in came from.
fn device(sign_in: &SignIn<'_>) -> Device {
    let text = &sign_in.text;
    if let Some(id) = text.device_id {
        Device::Id(id.to_lowercase().into())
    } else if let Some(name) = text.device_name {
        Device::Name(name.into())
    } else {
        system(sign_in).map_or(Device::Unknown, |system| Device::System(system.into()))
    }
}

/// The key of a legacy sign-in.
fn use_key(observed: &Observed<'_, '_>) -> UseKey {
    let client_app = observed.sign_in.text.client_app.map(canonical_client_app);
    UseKey {
        user: observed.user.into(),
        client_app: client_app.map(|name| name.to_lowercase().into()),
        device: device(observed.sign_in),
    }
}
