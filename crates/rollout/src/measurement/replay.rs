//! The successful sign-ins of users, gathered by what decides what a policy does with them.

use serde::Serialize;

use crate::account::Account;

/// Successful sign-ins of users in the window, alike ones counted together.
///
/// What a policy may look at is kept as the log tells it, each kind in a table of its own; a row
/// names one entry of each table. Wrong passwords never reach Conditional Access, so that failures,
/// interrupts and sign-ins of unknown result are not in here. No workload identity is either.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    /// Who, as the log names them.
    pub accounts: Vec<ReplayAccount>,
    /// What was asked for.
    pub targets: Vec<ReplayTarget>,
    /// With which client.
    pub clients: Vec<ReplayClient>,
    /// From where.
    pub places: Vec<ReplayPlace>,
    /// On which device.
    pub devices: Vec<ReplayDevice>,
    /// What the log says Conditional Access did.
    pub results: Vec<Vec<LoggedResult>>,
    /// Sign-ins that tell the same in every table, in order of the tables.
    pub rows: Vec<ReplayRow>,
}

/// Sign-ins that tell the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplayRow {
    /// Place in [`Replay::accounts`].
    pub account: u32,
    /// Place in [`Replay::targets`].
    pub target: u32,
    /// Place in [`Replay::clients`].
    pub client: u32,
    /// Place in [`Replay::places`].
    pub place: u32,
    /// Place in [`Replay::devices`].
    pub device: u32,
    /// Place in [`Replay::results`]. `None`: the log does not tell what policies did.
    pub results: Option<u32>,
    /// What the log says of the factors.
    pub factors: LoggedFactors,
    /// How many.
    pub sign_ins: u64,
}

/// What the log says of the factors of a successful sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LoggedFactors {
    /// Multifactor authentication was done, or its claim was in the token.
    Multiple,
    /// One factor: none was asked for, or the second was skipped.
    Single,
    /// The log does not tell.
    Unknown,
}

/// Who signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplayAccount {
    /// As the log names them.
    pub account: Account,
    /// Guest, by the log's `userType`. `None`: not told.
    pub guest: Option<bool>,
    /// The user's own tenant (`homeTenantId`), where told.
    pub home_tenant: Option<String>,
    /// Successful sign-ins of the window that are in no row, because more distinct ones were read
    /// than are kept. What they would meet is unknown.
    pub left_out: u64,
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplayTarget {
    /// Id of the application that asked, the client.
    pub app_id: Option<String>,
    /// Its name.
    pub app: Option<String>,
    /// Id of the resource asked for.
    pub resource_id: Option<String>,
    /// Its name.
    pub resource: Option<String>,
    /// `conditionalAccessAudiences`. `None`: not told.
    pub audiences: Option<Vec<String>>,
    /// `authenticationContextClassReferences` that were required, by id (`c1`). `None`: not told.
    pub authentication_contexts: Option<Vec<String>>,
}

/// With which client.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplayClient {
    /// `clientAppUsed`, in the log's canonical case.
    pub client_app: Option<String>,
    /// `authenticationProtocol`, as written.
    pub protocol: Option<String>,
    /// `originalTransferMethod`, as written.
    pub transfer_method: Option<String>,
    /// Legacy authentication, by client app or protocol.
    pub legacy: bool,
    /// Resource-owner password credentials, by protocol or user agent.
    pub ropc: bool,
    /// Operating system, as the log names it.
    pub operating_system: Option<String>,
    /// `riskLevelDuringSignIn`, as written.
    pub sign_in_risk: Option<String>,
    /// `riskLevelAggregated`, as written.
    pub aggregated_risk: Option<String>,
}

/// From where.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplayPlace {
    /// Address, as written; where so many were read that they had to be brought together, one
    /// address that stands for all in the same named locations.
    pub ip_address: Option<String>,
    /// Country, two letters, as written.
    pub country: Option<String>,
}

/// On which device.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplayDevice {
    /// Object or device id. `Some("")`: told that there is none.
    pub id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// `isCompliant`.
    pub compliant: Option<bool>,
    /// `isManaged`.
    pub managed: Option<bool>,
    /// `trustType`, in the log's words.
    pub trust_type: Option<String>,
}

/// What the log says one policy did with a sign-in (`appliedConditionalAccessPolicies`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoggedResult {
    /// Id of the policy.
    pub policy: String,
    /// Its name, where told.
    pub name: Option<String>,
    /// `result`, as written: `success`, `reportOnlyFailure`, …
    pub result: String,
}
