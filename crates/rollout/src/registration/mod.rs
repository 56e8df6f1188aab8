//! Registration (S8–S10): document `lockstep.registration/1`.

pub(crate) mod allowed;
mod methods;
mod recommendation;
mod report;
mod scope;
mod series;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

pub use self::recommendation::SMS_END;
pub use self::report::report;
use crate::account::Account;
use crate::exceptions::Classification;
use crate::facts::Facts;
use crate::gaps::Gap;
use crate::snapshot::Registration;

/// The people in scope. `None`: the files do not tell who is.
#[must_use]
pub fn people_in_scope(facts: &Facts<'_>, classification: &Classification) -> Option<Vec<Account>> {
    let scope = scope::scope(facts, classification);
    scope.told.then(|| scope.people.iter().map(|it| it.user.account.clone()).collect())
}

/// Whether somebody can pass MFA today, by their row of the report. From [`SMS_END`] on Microsoft's
/// telephone carries no second factor: whoever has nothing else cannot, whatever the report says.
/// `None`: the report does not tell.
pub(crate) fn can_pass(facts: &Facts<'_>, row: &Registration) -> Option<bool> {
    if methods::has_ended(facts, row) { Some(false) } else { row.mfa_capable }
}

/// Who can pass MFA today, who cannot, and what would help.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegistrationReport {
    /// Always `lockstep.registration/1`.
    pub schema: &'static str,
    /// When the report was made.
    pub generated_at: Timestamp,
    /// Oldest refresh time of the rows used. `None`: no row tells.
    pub as_of: Option<Timestamp>,
    /// Hours from `as_of` to the clock.
    pub source_age_hours: Option<f64>,
    /// The three denominators.
    pub denominators: Denominators,
    /// In-scope people who are capable: registered *and* allowed by policy.
    pub capable: Option<u64>,
    /// In-scope people who registered a method, allowed or not.
    pub registered: Option<u64>,
    /// `capable / in_scope_people`, 0–1. `None` when nobody is in scope or the report is missing.
    pub rate: Option<f64>,
    /// `capable / enabled_members`, 0–1.
    pub rate_of_enabled_members: Option<f64>,
    /// In-scope people whose only methods are text message or voice call: they lose them on
    /// 2027-02-01.
    pub sms_only: Vec<Account>,
    /// In-scope people who registered a method that policy does not allow.
    pub registered_not_capable: Vec<Account>,
    /// In-scope people who need not register again (carry-over).
    pub carried_over: Option<u64>,
    /// Administrators in scope: capable and all. `None`: no file tells who administers.
    pub administrators: Option<CapableOf>,
    /// FIDO2 keys to have in stock, with a reserve.
    pub keys_to_stock: u64,
    /// Guests, apart: capable and all.
    pub guests: Option<CapableOf>,
    /// Capable people over time, from whatever dates the files give.
    pub series: Vec<SeriesPoint>,
    /// Everyone in scope who is not capable, with the reason.
    pub not_capable: Vec<NotCapable>,
    /// What the files could not show.
    pub gaps: Vec<Gap>,
}

/// The three denominators of a registration rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Denominators {
    /// Enabled members that are people and active. `None`: cannot be said.
    pub in_scope_people: Option<u64>,
    /// Enabled members of any kind. `None`: cannot be said.
    pub enabled_members: Option<u64>,
    /// Enabled members of no known kind, not seen for 30 days and not dormant. Must be 0.
    pub unclassified: Option<u64>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CapableOf {
    /// Capable.
    pub capable: u64,
    /// All.
    pub of: u64,
}

/// One day of the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SeriesPoint {
    /// The date, UTC.
    pub date: Date,
    /// Capable in-scope people known by the end of that date.
    pub capable: u64,
    /// In-scope people.
    pub in_scope: u64,
}

/// One person in scope who is not capable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCapable {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// Why, in words.
    pub reason: String,
    /// `fido2`, `temporary-access-pass`, `microsoft-authenticator`, `sms`.
    pub recommended_method: &'static str,
    /// What the recommendation rests on, and the end date of SMS where it is one.
    pub why: String,
}
