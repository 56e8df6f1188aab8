//! What the log shows at all: dates, kinds of sign-in, fields.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rollout::Measurement;

use crate::measures::observed::Observed;
use crate::sign_in::Kind;

/// What the records of the window show.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    dates: BTreeSet<Date>,
    workload: u64,
    users: u64,
    interactive: u64,
    non_interactive: u64,
    protocol: u64,
    requirement: u64,
    user_agent: u64,
}

impl Shown {
    /// Takes note of a record, workload identities included.
    pub(crate) fn observe(&mut self, observed: &Observed<'_, '_>) {
        self.dates.insert(observed.date);
        if observed.kind.is_workload() {
            self.workload += 1;
            return;
        }
        let text = &observed.sign_in.text;
        self.users += 1;
        self.interactive += u64::from(observed.kind == Kind::InteractiveUser);
        self.non_interactive += u64::from(observed.kind == Kind::NonInteractiveUser);
        self.protocol += u64::from(text.protocol.is_some());
        self.requirement += u64::from(text.authentication_requirement.is_some());
        self.user_agent += u64::from(text.user_agent.is_some());
    }

    /// Adds what another saw.
    pub(crate) fn merge(&mut self, other: Self) {
        self.dates.extend(other.dates);
        self.workload += other.workload;
        self.users += other.users;
        self.interactive += other.interactive;
        self.non_interactive += other.non_interactive;
        self.protocol += other.protocol;
        self.requirement += other.requirement;
        self.user_agent += other.user_agent;
    }

    /// UTC dates with a record.
    pub(crate) fn days_covered(&self) -> u32 {
        u32::try_from(self.dates.len()).unwrap_or(u32::MAX)
    }

    /// Writes coverage. A kind of sign-in is missing for certain only when every record tells its
    /// kind.
    pub(crate) fn finish(&self, measurement: &mut Measurement) {
        let all_told = self.interactive + self.non_interactive == self.users;
        let told = |count: u64| match count {
            0 if !all_told => None,
            count => Some(count > 0),
        };
        let by_all = |count: u64| self.users > 0 && count == self.users;
        let coverage = &mut measurement.coverage;
        coverage.interactive = told(self.interactive);
        coverage.non_interactive = told(self.non_interactive);
        coverage.authentication_protocol = by_all(self.protocol);
        coverage.authentication_requirement = by_all(self.requirement);
        coverage.user_agent = by_all(self.user_agent);
        measurement.workload_sign_ins = self.workload;
    }
}
