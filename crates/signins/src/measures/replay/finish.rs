//! From numbers to tables of texts, in an order that only the texts decide.

use std::collections::BTreeMap;

use rollout::{
    LoggedFactors, LoggedResult, Replay, ReplayAccount, ReplayClient, ReplayDevice, ReplayPlace,
    ReplayRow, ReplayTarget,
};

use super::table::{Entry, Table};
use super::{COMPLIANT, LEGACY, MANAGED, NO_ID, Person, ROPC, ReplayMeasures, Row};
use crate::factors::Factors;
use crate::json::ids_of;
use crate::measures::names::{Folded, Names, User};
use crate::words::{List, Word, Words};

impl ReplayMeasures {
    /// The tables and rows. Those of users known by name only stand with the same user by id.
    pub(crate) fn finish(mut self, folded: &Folded, names: &Names, words: &Words) -> Replay {
        for (from, to) in folded.moved() {
            let moved = self.people.get_mut(from.place()).map(std::mem::take);
            if let (Some(moved), Some(mine)) = (moved, self.person(to)) {
                mine.merge(&moved, words);
            }
        }
        let (accounts, users) = accounts(&self.people, names, words);
        let (targets, target) = sorted(&self.targets, |entry| target(entry, words));
        let (clients, client) = sorted(&self.clients, |entry| self::client(entry, words));
        let (places, place) = sorted(&self.places, |entry| self::place(entry, words));
        let (devices, device) = sorted(&self.devices, |entry| self::device(entry, words));
        let (results, result) = results(self.rows.keys(), words);
        let row = |(row, times): (Row, u32)| {
            Some(ReplayRow {
                account: at(&users, folded.user(row.user).place())?,
                target: numbered(&target, row.target)?,
                client: numbered(&client, row.client)?,
                place: numbered(&place, row.place)?,
                device: numbered(&device, row.device)?,
                results: row.policies.and_then(|list| result.get(&list).copied()),
                factors: logged(row.factors),
                sign_ins: u64::from(times),
            })
        };
        // Few of a million rows are alike: room for all at once is less than room that grows.
        let mut rows: Vec<ReplayRow> = Vec::with_capacity(self.rows.len());
        rows.extend(self.rows.into_iter().filter_map(row));
        rows.sort_unstable();
        // Lists in another order and users of several names were rows of their own until now.
        rows.dedup_by(|later, kept| {
            let same = ReplayRow { sign_ins: kept.sign_ins, ..*later } == *kept;
            if same {
                kept.sign_ins = kept.sign_ins.saturating_add(later.sign_ins);
            }
            same
        });
        Replay { accounts, targets, clients, places, devices, results, rows }
    }
}

/// Every account with a successful sign-in, and by place of the user the number of theirs.
fn accounts(
    people: &[Person],
    names: &Names,
    words: &Words,
) -> (Vec<ReplayAccount>, Vec<Option<u32>>) {
    let mut seen: Vec<(ReplayAccount, User)> = Vec::new();
    for (user, person) in names.all().zip(people) {
        if person.seen {
            let account = ReplayAccount {
                account: names.account(user, words),
                guest: person.guest,
                home_tenant: person.home_tenant.to_text(words),
                left_out: person.left_out,
            };
            seen.push((account, user));
        }
    }
    seen.sort_by(|(a, x), (b, y)| {
        a.cmp(b).then_with(|| names.order(*x, words).cmp(&names.order(*y, words)))
    });
    let mut numbers = vec![None; people.len()];
    for (number, (_, user)) in (0_u32..).zip(&seen) {
        if let Some(slot) = numbers.get_mut(user.place()) {
            *slot = Some(number);
        }
    }
    (seen.into_iter().map(|(account, _)| account).collect(), numbers)
}

/// The texts of a table in order, each once, and by number of the entry the place of its texts.
fn sorted<const N: usize, T: Ord>(
    table: &Table<N>,
    texts: impl Fn(&Entry<N>) -> T,
) -> (Vec<T>, Vec<Option<u32>>) {
    let mut all: Vec<(T, usize)> =
        table.entries().iter().enumerate().map(|(at, entry)| (texts(entry), at)).collect();
    all.sort_unstable();
    let mut places = vec![None; all.len()];
    let mut sorted: Vec<T> = Vec::with_capacity(all.len());
    for (text, at) in all {
        if sorted.last() != Some(&text) {
            sorted.push(text);
        }
        if let Some(slot) = places.get_mut(at) {
            *slot = u32::try_from(sorted.len() - 1).ok();
        }
    }
    (sorted, places)
}

/// The results of each list in order, and by list their place. A list of which no entry tells both
/// a policy and a result tells nothing.
fn results<'r>(
    rows: impl Iterator<Item = &'r Row>,
    words: &Words,
) -> (Vec<Vec<LoggedResult>>, BTreeMap<List, u32>) {
    let mut lists: BTreeMap<List, Vec<LoggedResult>> = BTreeMap::new();
    for list in rows.filter_map(|row| row.policies) {
        lists.entry(list).or_insert_with(|| logged_results(list, words));
    }
    let mut all: Vec<(Vec<LoggedResult>, List)> =
        lists.into_iter().filter(|(_, it)| !it.is_empty()).map(|(list, it)| (it, list)).collect();
    all.sort_unstable();
    let mut sorted: Vec<Vec<LoggedResult>> = Vec::new();
    let mut places = BTreeMap::new();
    for (results, list) in all {
        if sorted.last() != Some(&results) {
            sorted.push(results);
        }
        if let Ok(place) = u32::try_from(sorted.len() - 1) {
            places.insert(list, place);
        }
    }
    (sorted, places)
}

fn logged_results(list: List, words: &Words) -> Vec<LoggedResult> {
    let items: Vec<Option<Word>> = words.list(list).collect();
    let text = |word| words.text(word).to_owned();
    let mut results: Vec<LoggedResult> = items
        .chunks(3)
        .filter_map(|policy| match *policy {
            [Some(id), name, Some(result)] => {
                Some(LoggedResult { policy: text(id), name: name.map(text), result: text(result) })
            }
            _ => None,
        })
        .collect();
    results.sort_unstable();
    results.dedup();
    results
}

fn target(entry: &Entry<6>, words: &Words) -> ReplayTarget {
    let text = |word: Option<Word>| word.map(|word| words.text(word).to_owned());
    let ids =
        |word: Option<Word>| word.map(|word| ids_of(words.text(word)).map(str::to_owned).collect());
    let [app_id, app, resource_id, resource, audiences, contexts] = entry.words;
    ReplayTarget {
        app_id: text(app_id),
        app: text(app),
        resource_id: text(resource_id),
        resource: text(resource),
        audiences: ids(audiences),
        authentication_contexts: ids(contexts),
    }
}

fn client(entry: &Entry<6>, words: &Words) -> ReplayClient {
    let [client_app, protocol, transfer_method, operating_system, sign_in_risk, aggregated_risk] =
        entry.words.map(|word| word.map(|word| words.text(word).to_owned()));
    ReplayClient {
        client_app,
        protocol,
        transfer_method,
        legacy: entry.marks & LEGACY != 0,
        ropc: entry.marks & ROPC != 0,
        operating_system,
        sign_in_risk,
        aggregated_risk,
    }
}

fn place(entry: &Entry<2>, words: &Words) -> ReplayPlace {
    let [ip_address, country] =
        entry.words.map(|word| word.map(|word| words.text(word).to_owned()));
    ReplayPlace { ip_address, country }
}

fn device(entry: &Entry<3>, words: &Words) -> ReplayDevice {
    let [id, name, trust_type] =
        entry.words.map(|word| word.map(|word| words.text(word).to_owned()));
    let none = (entry.marks & NO_ID != 0).then(String::new);
    let told = |[no, yes]: [u8; 2]| match entry.marks & (no | yes) {
        0 => None,
        mark => Some(mark == yes),
    };
    ReplayDevice {
        id: id.or(none),
        name,
        compliant: told(COMPLIANT),
        managed: told(MANAGED),
        trust_type,
    }
}

fn logged(factors: Factors) -> LoggedFactors {
    match factors {
        Factors::Multiple => LoggedFactors::Multiple,
        Factors::Single => LoggedFactors::Single,
        Factors::Unknown => LoggedFactors::Unknown,
    }
}

fn numbered(places: &[Option<u32>], number: u32) -> Option<u32> {
    at(places, usize::try_from(number).ok()?)
}

fn at(places: &[Option<u32>], place: usize) -> Option<u32> {
    places.get(place).copied().flatten()
}
