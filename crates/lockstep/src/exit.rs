//! Exit codes: an interface scripts rely on.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Done, or nothing to do.
    Done,
    /// Wrong input or usage.
    WrongInput,
    /// Changes are pending: what is written down no longer matches the data.
    ChangesPending,
    /// A gate is closed, or a policy test disagrees.
    GateClosed,
    /// The change set is stale: the tenant moved since it was made.
    StaleChangeSet,
    /// Partly applied; the journal says what.
    PartlyApplied,
    /// Refused for safety.
    Refused,
    /// The tenant could not be reached.
    TenantUnreachable,
    /// Some data could not be read; the results are printed all the same.
    SomeUnreadable,
    /// A bug in lockstep.
    Bug,
}

impl ExitStatus {
    /// Every status, by code.
    pub const ALL: [Self; 10] = [
        Self::Done,
        Self::WrongInput,
        Self::ChangesPending,
        Self::GateClosed,
        Self::StaleChangeSet,
        Self::PartlyApplied,
        Self::Refused,
        Self::TenantUnreachable,
        Self::SomeUnreadable,
        Self::Bug,
    ];

    /// The number the process exits with.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::WrongInput => 1,
            Self::ChangesPending => 2,
            Self::GateClosed => 3,
            Self::StaleChangeSet => 4,
            Self::PartlyApplied => 5,
            Self::Refused => 6,
            Self::TenantUnreachable => 7,
            Self::SomeUnreadable => 8,
            Self::Bug => 70,
        }
    }

    /// What the number means, for the reference.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, or nothing to do",
            Self::WrongInput => "wrong input or usage",
            Self::ChangesPending => "changes are pending (`next`, `plan --check`)",
            Self::GateClosed => {
                "a gate whose date has come is closed (`status`, `next`), or a case disagrees (`policy-test`)"
            }
            Self::StaleChangeSet => "the change set is stale",
            Self::PartlyApplied => "partly applied, see the journal",
            Self::Refused => "refused for safety",
            Self::TenantUnreachable => "the tenant could not be reached",
            Self::SomeUnreadable => "some data could not be read; results are printed all the same",
            Self::Bug => "a bug in lockstep",
        }
    }
}
