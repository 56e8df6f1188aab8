//! Changes in words.

use std::fmt;

use super::cells::Changed;
use super::{Change, Comparison, Effect, Joint, NewOpening, When};
use crate::evaluate::situations::openings::{clients_in_words, listed};
use crate::evaluate::situations::people::Population;
use crate::outcome::Cause;

impl Joint<'_> {
    pub(super) fn in_words(&self, changed: &Changed, users: &Population) -> Change {
        let members = |axis: usize| changed.members.get(axis).map_or(&[][..], Vec::as_slice);
        Change {
            when: changed.when,
            effect: changed.effect,
            before: changed.before,
            after: changed.after,
            by: changed.by.clone(),
            users: users.clone(),
            apps: listed(&self.targets.all, members(0), "any app"),
            clients: clients_in_words(&self.clients.all, members(1)),
            devices: listed(&self.devices.all, members(2), "any device"),
            places: listed(&self.places.all, members(3), "any place"),
            risks: listed(&self.risks.all, members(4), "any risk"),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InTheEnd => formatter.write_str("in the end"),
            Self::AfterWrite(write) => write!(formatter, "for a while, after write {write}"),
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NewlyBlocked => "newly blocked",
            Self::NewlyRequired => "newly required",
            Self::NewlyUnknown => "not known any more",
            Self::Eased => "eased",
            Self::NoLongerUnknown => "known now",
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            when, effect, before, after, users, apps, clients, places, devices, risks, ..
        } = self;
        write!(
            formatter,
            "{effect} {when} ({before} → {after}): {users}; {apps}; {clients}; {places}; \
             {devices}; {risks}"
        )?;
        let by: Vec<String> = self.by.iter().map(Cause::to_string).collect();
        if by.is_empty() { Ok(()) } else { write!(formatter, "; by {}", by.join(" and ")) }
    }
}

impl fmt::Display for NewOpening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "newly open {}, {}", self.when, self.opening)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changes.is_empty() && self.openings.is_empty() {
            writeln!(formatter, "Nothing changes, in any of {} combinations.", self.cells)?;
        }
        self.openings.iter().try_for_each(|it| writeln!(formatter, "{it}"))?;
        self.changes.iter().try_for_each(|it| writeln!(formatter, "{it}"))
    }
}
