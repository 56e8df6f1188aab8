//! What sign-ins prove of the break-glass accounts.

use conditional_access::{Policy, State};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::SignIns;
use super::break_glass_rows::test_of;
use super::reach::Reach;
use super::row::{RowResult, SignInRow};
use super::standing::{Standing, counted, few};
use crate::account::Account;
use crate::engine::{Attestation, PlannedTest};
use crate::plan::GateState;

/// A row younger than this is not complete (Microsoft Entra sign-in log activity details).
const UNSETTLED: SignedDuration = SignedDuration::from_mins(15);
/// How much older than now the newest sign-in may be.
const SLACK: SignedDuration = SignedDuration::from_hours(24);

/// A policy of the tenant, as far as a row has to tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPolicy {
    /// Its id. `None`: no row can be shown to tell of it.
    pub id: Option<String>,
    /// It is On or in Report-only, or nobody can say.
    pub is_live: bool,
    /// When it was changed last, or made. `None`: not told.
    pub changed: Option<Timestamp>,
}

impl KnownPolicy {
    /// The policies as they were read. `None`: nobody told them, which is not the same as none.
    #[must_use]
    pub fn all(policies: Option<&[Policy]>) -> Option<Vec<Self>> {
        let known = policies?.iter().map(|policy| Self {
            id: policy.id.clone(),
            is_live: policy.state != State::Disabled,
            changed: policy.modified.or(policy.created),
        });
        Some(known.collect())
    }

    /// It may have been On or in Report-only at a time: it is now, or it was changed since.
    fn may_have_been_live(&self, at: Timestamp) -> bool {
        self.is_live || self.changed.is_none_or(|changed| changed > at)
    }
}

/// What is asked of the break-glass accounts.
#[derive(Debug, Clone)]
pub struct BreakGlassQuestion<'a> {
    /// The rows: every one of these accounts.
    pub sign_ins: &'a SignIns,
    /// The accounts.
    pub accounts: &'a [Account],
    /// Every policy of the tenant: a row proves the exclusion only if it tells of each that was On or
    /// in Report-only then. `None`: nobody told the policies, and no row proves it.
    pub policies: Option<&'a [KnownPolicy]>,
    /// A password is enough in this cloud: its portals do not ask every account for multifactor
    /// authentication.
    pub password_allowed: bool,
    /// Tests that were announced.
    pub tests: &'a [PlannedTest],
    /// Rows before this prove nothing: the policies were other ones.
    pub since: Timestamp,
    /// The clock.
    pub now: Timestamp,
}

/// Whether something was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "shown", rename_all = "kebab-case")]
pub enum Shown {
    /// By this row.
    Yes {
        /// When.
        at: Timestamp,
        /// The row.
        row: String,
        /// By which method, where it is about one.
        method: Option<String>,
    },
    /// A row shows the opposite.
    No {
        /// Why.
        why: String,
        /// The row.
        row: String,
    },
    /// Nothing shows it, or the row does not tell.
    Unknown {
        /// What is missing.
        why: String,
    },
}

impl Shown {
    /// It was shown.
    #[must_use]
    pub const fn is_yes(&self) -> bool {
        matches!(self, Self::Yes { .. })
    }
}

/// What is shown of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneBreakGlass {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// Conditional Access was *not applied*, for every policy.
    pub not_applied: Shown,
    /// It got into a portal, by a method that cannot be phished (or by its password, where that is
    /// allowed).
    pub portal: Shown,
    /// The announced test in which that was.
    pub test: Option<String>,
    /// Sign-ins outside every announced test, failures too: somebody else may hold the password.
    pub unannounced: Vec<String>,
    /// How often somebody gave a wrong password, or met a locked account: whoever guesses holds
    /// nothing.
    pub guesses: u64,
    /// Those of them outside every announced test. Nobody uses these accounts in between: somebody has
    /// to find out who it was.
    pub wrong_passwords: Vec<WrongPassword>,
}

/// A wrong password at a break-glass account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrongPassword {
    /// When.
    pub at: Timestamp,
    /// From which address. `None`: not told.
    pub ip_address: Option<String>,
    /// From which country or region. `None`: not told.
    pub country: Option<String>,
}

impl WrongPassword {
    fn of(row: &SignInRow) -> Option<Self> {
        let (ip_address, country) = (row.ip_address.clone(), row.country.clone());
        Some(Self { at: row.at?, ip_address, country })
    }

    /// When and from where.
    fn line(&self) -> String {
        let address = self.ip_address.as_deref().unwrap_or("an address that is not told");
        let country = self.country.as_ref().map(|it| format!(", {it}")).unwrap_or_default();
        format!("{:.0} from {address}{country}", self.at)
    }
}

impl OneBreakGlass {
    /// What is shown, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let name = self.account.label();
        let line = |what: &str, shown: &Shown| match shown {
            Shown::Yes { row, method, .. } => {
                let by = method.as_ref().map(|it| format!(", by {it}")).unwrap_or_default();
                format!("{name} · {what}: yes{by} · {row}")
            }
            Shown::No { why, row } => format!("{name} · {what}: no, {why} · {row}"),
            Shown::Unknown { why } => format!("{name} · {what}: not known, {why}"),
        };
        let mut lines = vec![
            line("no policy applied", &self.not_applied),
            line("got into a portal", &self.portal),
        ];
        lines.extend(self.unannounced.iter().map(|row| format!("{name} · not announced · {row}")));
        let wrong = self.wrong_passwords.iter();
        lines.extend(
            wrong.map(|it| format!("{name} · not announced, wrong password · {}", it.line())),
        );
        let announced = usize::try_from(self.guesses)
            .unwrap_or(usize::MAX)
            .saturating_sub(self.wrong_passwords.len());
        if announced > 0 {
            let what = counted(announced, "wrong password", "wrong passwords");
            lines.push(format!("{name} · {what} in an announced test"));
        }
        lines
    }
}

/// What is shown of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakGlassProof {
    /// Each account.
    pub accounts: Vec<OneBreakGlass>,
    /// How far the log reaches.
    pub reach: Reach,
    /// Every account has shown both.
    pub proven: Standing,
    /// No sign-in was outside an announced test.
    pub quiet: Standing,
}

/// Proves break-glass from rows. The third part of the test, a harmless change made and undone, is
/// in the audit log and not here.
#[must_use]
pub fn break_glass_proof(question: &BreakGlassQuestion<'_>) -> BreakGlassProof {
    let reach = Reach::over(question.sign_ins, question.since, question.now, SLACK);
    let accounts: Vec<OneBreakGlass> =
        question.accounts.iter().map(|it| one(question, it)).collect();
    BreakGlassProof {
        proven: proven(&accounts, &reach),
        quiet: quiet(&accounts, &reach),
        accounts,
        reach,
    }
}

pub(super) fn is_of(account: &Account, row: &SignInRow) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => Some(one.eq_ignore_ascii_case(other)),
        _ => None,
    };
    let by_id = same(&account.user_id, &row.account.user_id);
    by_id.or_else(|| same(&account.user_principal_name, &row.account.user_principal_name))
        == Some(true)
}

fn one(question: &BreakGlassQuestion<'_>, account: &Account) -> OneBreakGlass {
    let mut rows: Vec<&SignInRow> = question
        .sign_ins
        .rows
        .iter()
        .filter(|row| is_of(account, row) && row.at.is_some_and(|at| at >= question.since))
        .collect();
    rows.sort_by_key(|row| row.at);
    let test = |row: &SignInRow| test_of(question.tests, row);
    let got_in: Vec<&SignInRow> = rows
        .iter()
        .rev()
        .copied()
        .filter(|row| row.result() == RowResult::Success)
        .filter(|row| row.at.is_some_and(|at| question.now.duration_since(at) >= UNSETTLED))
        .collect();
    let portal = portal(question, &got_in);
    let shown_at = match &portal {
        Shown::Yes { at, .. } => Some(*at),
        _ => None,
    };
    let in_test = got_in.iter().find(|row| row.at == shown_at).and_then(|row| test(row));
    OneBreakGlass {
        account: account.clone(),
        not_applied: not_applied(question, &rows),
        portal,
        test: in_test.map(|it| it.id.clone()),
        unannounced: rows
            .iter()
            .filter(|row| test(row).is_none() && !is_wrong_password(row))
            .map(|row| row.line())
            .collect(),
        guesses: u64::try_from(rows.iter().filter(|row| is_wrong_password(row)).count())
            .unwrap_or(u64::MAX),
        wrong_passwords: rows
            .iter()
            .filter(|row| test(row).is_none() && is_wrong_password(row))
            .filter_map(|row| WrongPassword::of(row))
            .collect(),
    }
}

/// A wrong password (50126), a user name that does not exist (50034), a locked account or an address
/// known to be malicious (50053): Microsoft Entra authentication and authorization error codes. Any
/// other failure comes after a password that was right, or may have been.
fn is_wrong_password(row: &SignInRow) -> bool {
    matches!(row.error_code, Some(50126 | 50034 | 50053))
}

/// The newest row decides: an older one was under other policies. A row that does not tell of every
/// policy decides nothing.
fn not_applied(question: &BreakGlassQuestion<'_>, rows: &[&SignInRow]) -> Shown {
    let mut why = "no sign-in of the account is seen".to_owned();
    for row in rows.iter().rev() {
        let Some(at) = row.at else { continue };
        let asked = row.policies.iter().find(|policy| {
            policy.result.as_deref().is_some_and(|told| !is_not_applied(told))
                && policy.id.as_deref() != Some("SecurityDefaults")
        });
        if let Some(policy) = asked {
            let name = policy.name.as_deref().or(policy.id.as_deref()).unwrap_or("a policy");
            let result = policy.result.as_deref().unwrap_or_default();
            return Shown::No { why: format!("`{name}` came to {result}"), row: row.line() };
        }
        let Some(policies) = question.policies else {
            why = "no file tells the policies".to_owned();
            continue;
        };
        let to_tell: Vec<Option<&str>> = policies
            .iter()
            .filter(|policy| policy.may_have_been_live(at))
            .map(|policy| policy.id.as_deref())
            .collect();
        let untold: Vec<&str> = to_tell
            .iter()
            .filter(|id| id.is_none_or(|id| row.result_of(id).is_none()))
            .map(|id| id.unwrap_or("a policy whose id no file tells"))
            .collect();
        // Where no policy could have applied, a success needs to tell of none.
        let nothing_stood = to_tell.is_empty() && row.result() == RowResult::Success;
        if row.policies.is_empty() && !nothing_stood {
            why = "the rows tell nothing of any policy".to_owned();
        } else if !untold.is_empty() {
            why = format!("the newest row tells nothing of {}", few(untold.iter().copied()));
        } else if question.now.duration_since(at) < UNSETTLED {
            why = "the newest row is not complete yet".to_owned();
        } else {
            return Shown::Yes { at, row: row.line(), method: None };
        }
        // A success that tells nothing is not made good by an older row that does.
        if row.result() == RowResult::Success {
            break;
        }
    }
    Shown::Unknown { why }
}

fn is_not_applied(result: &str) -> bool {
    ["notApplied", "notEnabled", "reportOnlyNotApplied"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(result))
}

fn portal(question: &BreakGlassQuestion<'_>, got_in: &[&SignInRow]) -> Shown {
    let portals: Vec<&&SignInRow> = got_in.iter().filter(|row| row.is_portal()).collect();
    for row in &portals {
        let Some(at) = row.at else { continue };
        if let Some(method) = row.phishing_resistant() {
            return Shown::Yes { at, row: row.line(), method: Some(method.to_owned()) };
        }
        if question.password_allowed {
            let method = row.steps.iter().find_map(|step| step.method.clone());
            return Shown::Yes { at, row: row.line(), method };
        }
    }
    let why = match portals.first() {
        Some(row) if row.steps.is_empty() => {
            "the sign-in to the portal does not tell its method".to_owned()
        }
        Some(row) => {
            let methods = row.steps.iter().filter_map(|step| step.method.as_deref());
            return Shown::No {
                why: format!("the portal was entered by {}", few(methods)),
                row: row.line(),
            };
        }
        None if got_in.is_empty() => "no successful sign-in of the account is seen".to_owned(),
        None => "no sign-in to an admin portal is seen".to_owned(),
    };
    Shown::Unknown { why }
}

fn proven(accounts: &[OneBreakGlass], reach: &Reach) -> Standing {
    if accounts.is_empty() {
        return Standing::inconclusive(
            "No break-glass account is named.",
            vec!["`accounts` under `[break_glass]`".to_owned()],
        );
    }
    let refuted = accounts.iter().find_map(|it| match (&it.not_applied, &it.portal) {
        (Shown::No { why, .. }, _) | (_, Shown::No { why, .. }) => {
            Some(format!("{}: {why}.", it.account.label()))
        }
        _ => None,
    });
    if let Some(why) = refuted {
        return Standing::of(GateState::Failed, why);
    }
    let open: Vec<String> = accounts
        .iter()
        .flat_map(|it| {
            [&it.not_applied, &it.portal].into_iter().filter_map(|shown| match shown {
                Shown::Unknown { why } => Some(format!("{}: {why}", it.account.label())),
                _ => None,
            })
        })
        .collect();
    if open.is_empty() {
        let names = few(accounts.iter().map(|it| it.account.label()));
        return Standing::of(
            GateState::Passed,
            format!("Conditional Access left {names} alone, and each got into a portal."),
        );
    }
    let mut missing = open;
    missing.extend(reach.holes.iter().cloned());
    Standing::inconclusive("Not every break-glass account is proven.", missing)
}

/// Wrong passwords outside every announced test, after a moment: who it was, no row tells.
fn tried(accounts: &[OneBreakGlass], after: Option<(Timestamp, &str)>) -> Standing {
    let newer = |it: &&WrongPassword| after.is_none_or(|(after, _)| it.at > after);
    let of = |it: &OneBreakGlass| -> Vec<String> {
        let name = it.account.label();
        it.wrong_passwords.iter().filter(newer).map(|it| format!("{name}: {}", it.line())).collect()
    };
    let all: Vec<String> = accounts.iter().flat_map(of).collect();
    let what = counted(all.len(), "wrong password was", "wrong passwords were");
    let then = after
        .map(|(_, task)| format!(", then `lockstep attest {task} --by WHO --note TEXT`"))
        .unwrap_or_default();
    Standing::inconclusive(
        format!(
            "{what} tried outside every announced test, and nobody has stated since who it was: {}.",
            few(all.iter().map(String::as_str))
        ),
        vec![format!("who it was (`lockstep break-glass watch` shows each){then}")],
    )
}

impl BreakGlassProof {
    /// What is shown of the accounts, a line each.
    pub(crate) fn rows(&self) -> Vec<String> {
        self.accounts.iter().flat_map(OneBreakGlass::lines).collect()
    }

    /// How the third success criterion stands: what the log proves, that nobody else signed in, and a
    /// person's word that a change was made and undone, of which no row tells. The word also answers
    /// for wrong passwords before it. `words` are those given since everybody is asked; `has_register`:
    /// somebody keeps which tests were announced. `task` is the one whose word is asked for.
    pub(crate) fn with_words<'w>(
        &self,
        words: impl Iterator<Item = &'w Attestation>,
        has_register: bool,
        task: &str,
    ) -> (Standing, Option<&'w Attestation>) {
        if has_register && self.quiet.verdict == GateState::Failed {
            return (self.quiet.clone(), None);
        }
        if self.proven.verdict != GateState::Passed {
            return (self.proven.clone(), None);
        }
        if !has_register {
            // From files alone nobody can have stated it: whoever signs the report does.
            let why = format!(
                "{} Whoever signs states that a change was made and undone.",
                self.proven.why
            );
            return (Standing::of(GateState::Passed, why), None);
        }
        let Some(word) = words.max_by_key(|it| it.at) else {
            let why = "Each got in and no policy asked; that a change was made and undone nobody has \
                       stated.";
            let act = format!("`lockstep attest {task} --by WHO --note TEXT`");
            return (Standing::inconclusive(why, vec![act]), None);
        };
        let last = self.accounts.iter().flat_map(|it| &it.wrong_passwords).map(|it| it.at).max();
        if last.is_some_and(|last| last > word.at) {
            return (tried(&self.accounts, Some((word.at, task))), Some(word));
        }
        let why = format!("{} {} states the rest: {}", self.proven.why, word.by, word.note.trim());
        (Standing::of(GateState::Passed, why), Some(word))
    }
}

fn quiet(accounts: &[OneBreakGlass], reach: &Reach) -> Standing {
    let loud: Vec<&OneBreakGlass> =
        accounts.iter().filter(|it| !it.unannounced.is_empty()).collect();
    if !loud.is_empty() {
        let names = few(loud.iter().map(|it| it.account.label()));
        return Standing::of(
            GateState::Failed,
            format!("Signed in outside every announced test: {names}."),
        );
    }
    if accounts.iter().any(|it| !it.wrong_passwords.is_empty()) {
        return tried(accounts, None);
    }
    if accounts.is_empty() || !reach.is_whole() {
        let missing = reach.holes.clone();
        return Standing::inconclusive("Whether anybody else signs in cannot be said.", missing);
    }
    Standing::of(GateState::Passed, "No sign-in outside an announced test.")
}
