//! Sign-ins counted, by application, client app, operating system and country.

use std::collections::BTreeMap;

use conditional_access::Verdict;
use conditional_access::facts::Platform;

use super::sign_ins::{at, told};
use super::{Cut, SignInCounts, UserCounts, UserOutcome};
use crate::measurement::{Replay, ReplayRow, ReplayTarget};

impl SignInCounts {
    /// Counts sign-ins of one verdict. `None`: no judged policy applies.
    pub(super) fn add(&mut self, verdict: Option<Verdict>, sign_ins: u64) {
        let figure = match verdict {
            None => &mut self.not_touched,
            Some(Verdict::Allow) => &mut self.already_satisfied,
            Some(Verdict::Require | Verdict::Register) => &mut self.challenged,
            Some(Verdict::Block) => &mut self.blocked,
            Some(Verdict::Unknown) => &mut self.unknown,
        };
        *figure = figure.saturating_add(sign_ins);
        self.total = self.total.saturating_add(sign_ins);
    }
}

impl UserCounts {
    /// Counts one account.
    pub(super) fn add(&mut self, outcome: UserOutcome) {
        let figure = match outcome {
            UserOutcome::NotTouched => &mut self.not_touched,
            UserOutcome::Ready => &mut self.ready,
            UserOutcome::Unknown => &mut self.unknown,
            UserOutcome::MustRegister => &mut self.must_register,
            UserOutcome::BlockedLegacy => &mut self.blocked_legacy,
            UserOutcome::Cannot => &mut self.cannot,
            UserOutcome::Blocked => &mut self.blocked,
        };
        *figure = figure.saturating_add(1);
        self.total = self.total.saturating_add(1);
    }
}

/// Every cut of a log. Sign-ins are added account by account.
#[derive(Debug)]
pub(super) struct Cuts {
    pub(super) by_app: Table,
    pub(super) by_client_app: Table,
    pub(super) by_platform: Table,
    pub(super) by_country: Table,
}

/// One cut of a log.
#[derive(Debug)]
pub(super) struct Table {
    /// The cut of each entry of the log's own table.
    of_entry: Vec<usize>,
    cuts: Vec<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    cut: Cut,
    /// The last account counted, by its place plus one, and the last with a block.
    last_user: usize,
    last_blocked: usize,
}

impl Cuts {
    pub(super) fn of(replay: &Replay) -> Self {
        let clients = &replay.clients;
        let client_app = |name: Option<&str>| told(name).map(|name| (name.to_lowercase(), name));
        Self {
            by_app: Table::of(replay.targets.iter().map(application)),
            by_client_app: Table::of(
                clients.iter().map(|it| named(client_app(it.client_app.as_deref()))),
            ),
            by_platform: Table::of(
                clients.iter().map(|it| named(platform(it.operating_system.as_deref()))),
            ),
            by_country: Table::of(
                replay.places.iter().map(|it| named(country(it.country.as_deref()))),
            ),
        }
    }

    pub(super) fn add(&mut self, row: &ReplayRow, user: usize, verdict: Option<Verdict>) {
        self.by_app.add(row.target, user, verdict, row.sign_ins);
        self.by_client_app.add(row.client, user, verdict, row.sign_ins);
        self.by_platform.add(row.client, user, verdict, row.sign_ins);
        self.by_country.add(row.place, user, verdict, row.sign_ins);
    }
}

/// By what entries are brought together, and how the cut is called and identified.
type Label = (Option<String>, Option<String>, Option<String>);

fn named(key_and_name: Option<(String, String)>) -> Label {
    key_and_name.map_or((None, None, None), |(key, name)| (Some(key), Some(name), None))
}

/// The application signed in to, by its id where told.
fn application(target: &ReplayTarget) -> Label {
    let (id, name) = (told(target.app_id.as_deref()), told(target.app.as_deref()));
    let key = id.as_ref().map(|id| format!("id {}", id.to_lowercase()));
    let key = key.or_else(|| name.as_ref().map(|name| format!("name {}", name.to_lowercase())));
    (key, name, id)
}

/// The operating system without its version; in the log's word where it is none that policies name.
fn platform(operating_system: Option<&str>) -> Option<(String, String)> {
    let name = told(operating_system)?;
    let family = match Platform::of_log(&name)? {
        Platform::Android => "Android",
        Platform::Ios => "iOS",
        Platform::Windows => "Windows",
        Platform::WindowsPhone => "Windows Phone",
        Platform::MacOs => "macOS",
        Platform::Linux => "Linux",
        Platform::Other => &name,
    };
    Some((family.to_lowercase(), family.to_owned()))
}

fn country(code: Option<&str>) -> Option<(String, String)> {
    told(code).map(|code| (code.to_uppercase(), code.to_uppercase()))
}

impl Table {
    fn of(labels: impl Iterator<Item = Label>) -> Self {
        let mut places: BTreeMap<Option<String>, usize> = BTreeMap::new();
        let mut table = Self { of_entry: Vec::new(), cuts: Vec::new() };
        for (key, name, id) in labels {
            let place = *places.entry(key).or_insert_with(|| {
                table.cuts.push(Counted::default());
                table.cuts.len().saturating_sub(1)
            });
            table.of_entry.push(place);
            if let Some(counted) = table.cuts.get_mut(place) {
                // Of several spellings the first in order, whatever the order of the entries.
                counted.cut.name = first(counted.cut.name.take(), name);
                counted.cut.id = first(counted.cut.id.take(), id);
            }
        }
        table
    }

    fn add(&mut self, entry: u32, user: usize, verdict: Option<Verdict>, sign_ins: u64) {
        let Some(place) = at(&self.of_entry, entry) else { return };
        let Some(counted) = self.cuts.get_mut(*place) else { return };
        let user = user.saturating_add(1);
        let count = |last: &mut usize, figure: &mut u64| {
            if *last != user {
                *last = user;
                *figure = figure.saturating_add(1);
            }
        };
        count(&mut counted.last_user, &mut counted.cut.users);
        if verdict == Some(Verdict::Block) {
            count(&mut counted.last_blocked, &mut counted.cut.users_blocked);
        }
        counted.cut.sign_ins.add(verdict, sign_ins);
    }

    /// The cuts that hold a sign-in, most blocked first.
    pub(super) fn cuts(self) -> Vec<Cut> {
        let cuts = self.cuts.into_iter().map(|counted| counted.cut);
        let mut cuts: Vec<Cut> = cuts.filter(|cut| cut.sign_ins.total > 0).collect();
        cuts.sort_by(|one, other| {
            let figures = |cut: &Cut| (cut.sign_ins.blocked, cut.sign_ins.total);
            figures(other)
                .cmp(&figures(one))
                .then_with(|| one.name.cmp(&other.name))
                .then_with(|| one.id.cmp(&other.id))
        });
        cuts
    }
}

fn first(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
