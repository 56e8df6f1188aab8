//! Openings in plain English.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Cells, Certainty, Opening, OpeningReport, Space};
use crate::evaluate::situations::axis::Class;
use crate::evaluate::situations::people::Population;

/// So many names are told; of more, how many there are.
const TOLD: usize = 6;

impl Space<'_> {
    pub(in crate::evaluate::situations) fn in_words(
        &self,
        cells: &Cells,
        users: &Population,
    ) -> Opening {
        Opening {
            certainty: cells.certainty,
            users: users.clone(),
            apps: listed(&self.targets, &cells.targets, "any app"),
            clients: clients(&self.clients, &cells.clients),
            places: listed(&self.places, &cells.places, "any place"),
            only_with_active_role: false,
        }
    }
}

fn names(classes: &[Class], places: &[usize]) -> Vec<String> {
    let chosen = places.iter().filter_map(|place| classes.get(*place));
    chosen.flat_map(|class| class.names.iter().cloned()).collect()
}

/// Some classes of an axis: any, any but a few, or a list.
pub(in crate::evaluate::situations) fn listed(
    classes: &[Class],
    places: &[usize],
    any: &str,
) -> String {
    if places.len() == classes.len() {
        return any.to_owned();
    }
    let rest: Vec<usize> = (0..classes.len()).filter(|it| !places.contains(it)).collect();
    let (named, others) = (names(classes, places), names(classes, &rest));
    if others.len() < named.len() && others.len() <= TOLD {
        format!("{any} but {}", list(&others))
    } else {
        list(&named)
    }
}

fn list(names: &[String]) -> String {
    if names.len() <= TOLD {
        return names.join(", ");
    }
    let told: Vec<&str> = names.iter().take(TOLD).map(String::as_str).collect();
    format!("{} and {} more", told.join(", "), names.len() - TOLD)
}

/// Some classes of clients: those with the same platforms go together.
pub(in crate::evaluate::situations) fn clients(classes: &[Class], places: &[usize]) -> String {
    let every: Vec<usize> = (0..classes.len()).collect();
    let (names, every) = (names(classes, places), names(classes, &every));
    let mut platforms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (client, platform) in names.iter().filter_map(|name| name.rsplit_once(" on ")) {
        platforms.entry(client).or_default().push(platform);
    }
    let mut clients: BTreeMap<BTreeSet<&str>, Vec<String>> = BTreeMap::new();
    for (client, platforms) in platforms {
        let platforms = platforms.into_iter().collect();
        clients.entry(platforms).or_default().push(client.to_owned());
    }
    let parts = every.iter().filter_map(|name| name.rsplit_once(" on "));
    let (all_clients, all_platforms): (BTreeSet<&str>, BTreeSet<&str>) = parts.unzip();
    let told: Vec<String> = clients
        .into_iter()
        .map(|(platforms, clients)| {
            let clients: BTreeSet<&str> = clients.iter().map(String::as_str).collect();
            let clients = among(&clients, &all_clients, "any client");
            format!("{clients} on {}", among(&platforms, &all_platforms, "any platform"))
        })
        .collect();
    told.join("; ")
}

/// Some of all names: all of them, all but a few, or a list.
fn among(some: &BTreeSet<&str>, all: &BTreeSet<&str>, any: &str) -> String {
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let others: Vec<&str> = all.difference(some).copied().collect();
    match others.len() {
        0 => any.to_owned(),
        few if few < some.len() && few <= TOLD => format!("{any} but {}", list(&owned(others))),
        _ => list(&owned(some.iter().copied().collect())),
    }
}

impl Population {
    /// Adds users who are treated alike.
    pub(in crate::evaluate::situations) fn take_in(&mut self, other: &Self) {
        self.count += other.count;
        self.guests += other.guests;
        let room = super::super::people::EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(other.examples.iter().take(room).cloned());
    }
}

impl fmt::Display for Population {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match (self.guests, self.count) {
            (0, 1) => "member",
            (0, _) => "members",
            (1, 1) => "guest",
            (guests, count) if guests == count => "guests",
            _ => "users",
        };
        let examples: Vec<String> = self.examples.iter().map(|id| format!("`{id}`")).collect();
        write!(formatter, "{} {word} ({}", self.count, examples.join(", "))?;
        if self.examples.len() < self.count {
            write!(formatter, ", …)")
        } else {
            write!(formatter, ")")
        }
    }
}

impl fmt::Display for Opening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { users, apps, clients, places, .. } = self;
        let what = match self.certainty {
            Certainty::Open => "no policy demands MFA or blocks",
            Certainty::CannotBeShownCovered => "cannot be shown to be covered",
        };
        write!(formatter, "{what}: {users}; {apps}; {clients}; {places}")?;
        let role =
            if self.only_with_active_role { "; while a role they activate is active" } else { "" };
        formatter.write_str(role)
    }
}

impl fmt::Display for OpeningReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.openings.is_empty() {
            writeln!(formatter, "Every combination reaches a policy that demands MFA or blocks.")?;
        }
        self.openings.iter().try_for_each(|opening| writeln!(formatter, "{opening}"))
    }
}
