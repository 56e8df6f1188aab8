//! What the log shows at all: kinds of sign-in, fields.

use rollout::Measurement;

use crate::field::Field;
use crate::sign_in::Kind;
use crate::told::Told;

/// What the records of the window show.
#[derive(Debug, Default)]
pub(crate) struct Shown {
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
    pub(crate) fn observe(&mut self, row: &impl Told, kind: Kind) {
        if kind.is_workload() {
            self.workload += 1;
            return;
        }
        self.users += 1;
        self.interactive += u64::from(kind == Kind::InteractiveUser);
        self.non_interactive += u64::from(kind == Kind::NonInteractiveUser);
        self.protocol += u64::from(row.tells(Field::Protocol));
        self.requirement += u64::from(row.tells(Field::AuthenticationRequirement));
        self.user_agent += u64::from(row.tells(Field::UserAgent));
    }

    /// Adds what another saw.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.workload += other.workload;
        self.users += other.users;
        self.interactive += other.interactive;
        self.non_interactive += other.non_interactive;
        self.protocol += other.protocol;
        self.requirement += other.requirement;
        self.user_agent += other.user_agent;
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
