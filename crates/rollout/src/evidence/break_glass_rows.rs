//! Every sign-in of the break-glass accounts: announced, or an alarm.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::break_glass::is_of;
use super::{Reach, SignInRow, SignIns};
use crate::account::Account;
use crate::engine::PlannedTest;

/// How much older than now the newest sign-in may be.
const SLACK: SignedDuration = SignedDuration::from_hours(24);

/// One sign-in of a break-glass account, whatever became of it: a wrong password is an alarm as well.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BreakGlassSignIn {
    /// The account, as the settings and the directory name it.
    pub account: Account,
    /// The announced test it falls into. `None`: nobody announced it, or the row tells no time.
    pub planned: Option<String>,
    /// The row.
    pub row: SignInRow,
}

/// Every sign-in of the break-glass accounts over a span of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BreakGlassWatch {
    /// The sign-ins, the newest first.
    pub sign_ins: Vec<BreakGlassSignIn>,
    /// How far the log reaches.
    pub reach: Reach,
}

impl BreakGlassWatch {
    /// Sign-ins that nobody announced.
    pub fn critical(&self) -> impl Iterator<Item = &BreakGlassSignIn> {
        self.sign_ins.iter().filter(|it| it.planned.is_none())
    }
}

/// The announced test in which an account signed in.
pub(super) fn test_of<'t>(tests: &'t [PlannedTest], row: &SignInRow) -> Option<&'t PlannedTest> {
    tests.iter().find(|test| {
        let of = test.accounts.iter().any(|it| is_of(it, row));
        of && row.at.is_some_and(|at| at >= test.from && at <= test.to)
    })
}

/// Lists the sign-ins of the accounts since a moment. A row that tells no time is listed, too.
#[must_use]
pub fn break_glass_watch(
    sign_ins: &SignIns,
    accounts: &[Account],
    tests: &[PlannedTest],
    since: Timestamp,
    now: Timestamp,
) -> BreakGlassWatch {
    let account_of = |row: &SignInRow| accounts.iter().find(|it| is_of(it, row)).cloned();
    let mut found: Vec<BreakGlassSignIn> = sign_ins
        .rows
        .iter()
        .filter(|row| row.at.is_none_or(|at| at >= since))
        .filter_map(|row| {
            let account = account_of(row)?;
            let planned = test_of(tests, row).map(|test| test.id.clone());
            Some(BreakGlassSignIn { account, planned, row: row.clone() })
        })
        .collect();
    found.sort_by(|one, other| (other.row.at, &other.row.id).cmp(&(one.row.at, &one.row.id)));
    BreakGlassWatch { sign_ins: found, reach: Reach::over(sign_ins, since, now, SLACK) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-24T{text}:00Z").parse().unwrap()
    }

    fn account(id: &str) -> Account {
        Account {
            user_id: Some(id.to_owned()),
            user_principal_name: Some(format!("{id}@ne.onmicrosoft.com")),
            display_name: None,
        }
    }

    fn row(id: &str, of: &Account, time: Option<&str>, code: u32) -> SignInRow {
        SignInRow {
            id: Some(id.to_owned()),
            at: time.map(at),
            account: of.clone(),
            error_code: Some(code),
            ..SignInRow::default()
        }
    }

    #[test]
    fn what_nobody_announced_is_critical_and_a_wrong_password_is_no_less() {
        let (alpha, bravo) = (account("alpha"), account("bravo"));
        let renamed = Account {
            user_principal_name: Some("old-name@ne.onmicrosoft.com".to_owned()),
            ..alpha.clone()
        };
        let by_name = Account { user_id: None, ..alpha.clone() };
        let sign_ins = SignIns {
            rows: vec![
                row("before", &alpha, Some("08:00"), 0),
                row("earlier", &alpha, Some("08:59"), 0),
                row("first", &alpha, Some("09:00"), 0),
                row("last", &renamed, Some("10:00"), 0),
                row("later", &alpha, Some("10:01"), 50126),
                row("other account", &bravo, Some("09:30"), 0),
                row("by name", &by_name, Some("09:40"), 0),
                row("no time", &alpha, None, 0),
                row("somebody", &account("ann"), Some("09:30"), 0),
            ],
            ..SignIns::default()
        };
        let tests = [PlannedTest {
            id: "T-001".to_owned(),
            accounts: vec![alpha.clone()],
            from: at("09:00"),
            to: at("10:00"),
            by: "Ann Archer".to_owned(),
            at: at("07:00"),
        }];
        let since = at("08:30");
        let watch = break_glass_watch(&sign_ins, &[alpha, bravo], &tests, since, at("12:00"));
        let of = |planned: bool| -> Vec<&str> {
            let all = watch.sign_ins.iter().filter(|it| it.planned.is_some() == planned);
            all.filter_map(|it| it.row.id.as_deref()).collect()
        };
        assert_eq!(of(true), ["last", "by name", "first"]);
        assert_eq!(of(false), ["later", "other account", "earlier", "no time"]);
        assert_eq!(watch.critical().count(), 4);
        assert!(!watch.reach.is_whole(), "an empty log shows nothing by being silent");
    }
}
