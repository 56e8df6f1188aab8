//! What is known so far.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::exception::Exception;
use super::gate::{GateId, GateRecord};
use super::record::{
    Attestation, Issue, PlannedTest, Progress, Record, Schedule, Sent, Sheet, Waiver,
};
use crate::plan::GateState;

/// What is known so far: the newest record of each key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The agreed dates.
    pub schedule: Option<Schedule>,
    /// Gates by id.
    pub gates: BTreeMap<GateId, GateRecord>,
    /// Attestations by task.
    pub attestations: BTreeMap<String, Attestation>,
    /// Waivers by id.
    pub waivers: BTreeMap<String, Waiver>,
    /// Exceptions by id.
    pub exceptions: BTreeMap<String, Exception>,
    /// Issues by id.
    pub issues: BTreeMap<String, Issue>,
    /// Change sets by id.
    pub sets: BTreeMap<String, Progress>,
    /// Announced break-glass tests by id.
    pub tests: BTreeMap<String, PlannedTest>,
    /// Sheets of break-glass accounts, by account.
    pub sheets: BTreeMap<String, Sheet>,
    /// Messages by message and person.
    pub sent: BTreeMap<String, Sent>,
}

impl State {
    /// The ids that Graph gave to what a change set made, by the provisional ids that the set names them
    /// by. Empty where it made nothing yet.
    #[must_use]
    pub fn ids_of(&self, set: &str) -> &BTreeMap<String, String> {
        const NONE: &BTreeMap<String, String> = &BTreeMap::new();
        self.sets.get(set).map_or(NONE, |it| &it.ids)
    }

    /// The state with one more record.
    pub fn add(&mut self, record: Record) {
        let key = record.key();
        match record {
            Record::Schedule(it) => self.schedule = Some(it),
            Record::Gate(it) => {
                self.gates.insert(it.gate, it);
            }
            Record::Attestation(it) => {
                self.attestations.insert(key, it);
            }
            Record::Waiver(it) => {
                self.waivers.insert(key, it);
            }
            Record::Exception(it) => {
                self.exceptions.insert(key, *it);
            }
            Record::Issue(it) => {
                self.issues.insert(key, it);
            }
            Record::Progress(it) => {
                self.sets.insert(key, *it);
            }
            Record::PlannedTest(it) => {
                self.tests.insert(key, it);
            }
            Record::Sheet(it) => {
                self.sheets.insert(key, it);
            }
            Record::Sent(it) => {
                self.sent.insert(key, it);
            }
        }
    }

    /// How a gate stands. Never asked: pending.
    #[must_use]
    pub fn verdict(&self, gate: GateId) -> GateState {
        self.gates.get(&gate).map_or(GateState::Pending, |it| it.verdict)
    }

    /// Waivers that hold on a day.
    pub fn waivers_on(&self, today: Date) -> impl Iterator<Item = &Waiver> {
        self.waivers.values().filter(move |it| it.until >= today)
    }
}
