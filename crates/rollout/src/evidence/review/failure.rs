//! Why a sign-in failed.

use serde::Serialize;

use super::ReviewQuestion;
use crate::account::Account;
use crate::evidence::row::SignInRow;
use crate::evidence::watch::minute_of;
use crate::evidence::{CountedFailures, key_of};

/// Why a sign-in failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// Somebody of the firm did not pass the challenge and did not get in afterwards.
    Challenge,
    /// Somebody of the firm could not register a second factor.
    Registration,
    /// A policy refused it.
    Blocked,
    /// The device was not what a policy asks for.
    Device,
    /// A program cannot answer a challenge.
    Automation,
    /// Legacy authentication of an account that got in by it before, refused: what it was used for may
    /// stand still.
    LegacyInUse,
    /// Nothing here explains it.
    Unexplained,
    /// Legacy authentication of an account that never got in by it, refused: that is what the policy is
    /// for.
    LegacyBlocked,
    /// A challenge or a registration was failed, and passed a little later.
    Recovered,
    /// An attack.
    Attack,
    /// A wrong name or password.
    WrongPassword,
    /// The account is locked, disabled or its password is over.
    AccountState,
    /// An old session is over: the user signs in again.
    Session,
    /// An account of another tenant.
    OtherTenant,
    /// The application is not set up for this sign-in.
    Application,
    /// Something at Microsoft failed.
    Platform,
    /// A prompt: a step of a longer conversation.
    Interrupt,
}

impl FailureClass {
    /// Every class, those that somebody must look at first.
    pub const ALL: [Self; 17] = [
        Self::Challenge,
        Self::Registration,
        Self::Blocked,
        Self::Device,
        Self::Automation,
        Self::LegacyInUse,
        Self::Unexplained,
        Self::LegacyBlocked,
        Self::Recovered,
        Self::Attack,
        Self::WrongPassword,
        Self::AccountState,
        Self::Session,
        Self::OtherTenant,
        Self::Application,
        Self::Platform,
        Self::Interrupt,
    ];

    /// The class in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Challenge => "challenge not passed",
            Self::Registration => "could not register",
            Self::Blocked => "blocked by a policy",
            Self::Device => "device not as a policy asks",
            Self::Automation => "program cannot answer a challenge",
            Self::LegacyInUse => "legacy client in use, refused",
            Self::LegacyBlocked => "legacy authentication refused",
            Self::Unexplained => "not explained",
            Self::Recovered => "failed, then got in",
            Self::Attack => "attack",
            Self::WrongPassword => "wrong password",
            Self::AccountState => "account locked or disabled",
            Self::Session => "session over",
            Self::OtherTenant => "account of another tenant",
            Self::Application => "application not set up",
            Self::Platform => "failure at Microsoft",
            Self::Interrupt => "interrupted, not failed",
        }
    }

    /// A legitimate sign-in failed that would not have failed before: somebody must look at it.
    #[must_use]
    pub const fn is_legitimate(self) -> bool {
        matches!(
            self,
            Self::Challenge
                | Self::Registration
                | Self::Blocked
                | Self::Device
                | Self::Automation
                | Self::LegacyInUse
                | Self::Unexplained
        )
    }
}

/// Accounts tried from one address, nobody of whom got in, that make it an attack.
const SPRAY: usize = 5;
/// Minutes in which whoever failed a challenge passes it.
const RECOVERS_WITHIN: i64 = 60;

/// The class by the code and the client alone; what needs more than the row is the class that somebody
/// must look at (Microsoft Entra authentication and authorization error codes).
pub(crate) fn failure_class_of_row(row: &SignInRow) -> FailureClass {
    if row.interrupt {
        return FailureClass::Interrupt;
    }
    if row.legacy {
        return match row.error_code {
            Some(code) if crate::evidence::is_guess(code) => of_code(code),
            _ => FailureClass::LegacyBlocked,
        };
    }
    row.error_code.map_or(FailureClass::Unexplained, of_code)
}

const fn of_code(code: u32) -> FailureClass {
    match code {
        // Strong authentication failed; the telephone call or message did not come through; too slow.
        500_121 | 50074 | 50087 | 50088 | 50089 | 50076 | 50078 => FailureClass::Challenge,
        // Must register; registration blocked by risk, by place or device, or by the home tenant.
        50072 | 50079 | 53004 | 53010 | 53011 | 50203 => FailureClass::Registration,
        // Conditional Access, security defaults, external challenge not answered.
        53003 | 530_031 | 530_032 | 530_034 | 530_035 | 50158 | 50161 => FailureClass::Blocked,
        // Not compliant, not joined, application not approved, no protection policy.
        53000 | 53001 | 53002 | 53009 | 50097 | 50129 => FailureClass::Device,
        50126 | 50034 | 50056 => FailureClass::WrongPassword,
        50053 | 50055 | 50057 | 50144 => FailureClass::AccountState,
        // Token expired, revoked or too old.
        50173 | 50132 | 50133 | 50085 | 70008 | 70043 | 70044 | 700_082 | 700_084 | 70016
        | 70018 | 70019 | 54005 | 54008 => FailureClass::Session,
        50020 | 500_212 | 500_213 | 50177 | 50178 | 90072 => FailureClass::OtherTenant,
        // Not assigned, not found, wrong address or permission of the application.
        50105 | 50011 | 50001 | 50012 | 65001 | 65004 | 65005 | 700_016 | 700_025 | 700_030
        | 7_000_112 | 7_000_215 | 7_000_218 | 7_000_222 | 500_011 | 650_052 | 650_056 | 90094
        | 90095 | 90097 | 9_002_313 | 16000 => FailureClass::Application,
        50000 | 50033 | 50196 | 90006 | 90024 | 90033 | 90100 => FailureClass::Platform,
        _ => FailureClass::Unexplained,
    }
}

/// The class of a row, with why.
pub(super) fn of_row(question: &ReviewQuestion<'_>, row: &SignInRow) -> (FailureClass, String) {
    let class = failure_class_of_row(row);
    let code = row.error_code.map_or_else(|| "no code".to_owned(), |it| it.to_string());
    let said = row.additional_details.as_deref().or(row.failure_reason.as_deref());
    let said = said.map(|it| format!(": {}", it.trim().trim_end_matches('.'))).unwrap_or_default();
    if class == FailureClass::LegacyBlocked && question.got_in_by_legacy(&row.account) {
        let why = format!("{code}{said}; this account got in by legacy authentication before");
        return (FailureClass::LegacyInUse, why);
    }
    if !class.is_legitimate() {
        return (class, format!("{code}{said}"));
    }
    if let Some(strange) = strange(question, row) {
        return (FailureClass::Attack, format!("{code}{said}; {strange}"));
    }
    if question.is_program(&row.account) {
        let why = format!("{code}{said}; the account is used by a program");
        return (FailureClass::Automation, why);
    }
    // Whom a policy or a device kept out of one application, an hour later another one let in: that
    // explains nothing.
    let answers = matches!(class, FailureClass::Challenge | FailureClass::Registration);
    if answers && got_in_soon(question, row) {
        return (FailureClass::Recovered, format!("{code}{said}; got in within the hour"));
    }
    (class, format!("{code}{said}"))
}

/// Why a failure behind the password is an attack: it came from where this person never got in from,
/// and the row itself shows risk, or that the user refused what they had not asked for.
fn strange(question: &ReviewQuestion<'_>, row: &SignInRow) -> Option<String> {
    let facts = question.facts?;
    let known = facts.activity(&row.account)?;
    let country = row.country.as_deref().filter(|it| !it.trim().is_empty())?;
    let foreign = !known.countries.is_empty()
        && known.countries_left_out == 0
        && !known.countries.iter().any(|it| it.eq_ignore_ascii_case(country));
    if !foreign {
        return None;
    }
    let risk = row
        .risk
        .as_deref()
        .is_some_and(|it| it.eq_ignore_ascii_case("medium") || it.eq_ignore_ascii_case("high"));
    let words = [&row.additional_details, &row.failure_reason];
    let declined =
        words.into_iter().flatten().any(|it| it.to_lowercase().contains("user declined"));
    (risk || declined).then(|| {
        let how = if risk { "risk is seen" } else { "the user declined" };
        format!("from {country}, where this account never got in, and {how}")
    })
}

fn got_in_soon(question: &ReviewQuestion<'_>, row: &SignInRow) -> bool {
    let (Some(at), Some(key)) = (row.at, row.account_key()) else { return false };
    let Some(successes) = question.sign_ins.successes.get(&key) else { return false };
    let end = at.saturating_add(jiff::SignedDuration::from_mins(RECOVERS_WITHIN));
    successes.range(minute_of(at)..end.unwrap_or(jiff::Timestamp::MAX)).next().is_some()
}

/// The class of guesses at one account from one address.
pub(super) fn of_guesses(
    guess: &CountedFailures,
    accounts_from_there: usize,
) -> (FailureClass, String) {
    let class = of_code(guess.code);
    let nobody = guess.got_in_from_there == Some(false);
    if nobody && accounts_from_there >= SPRAY {
        let why = format!(
            "{}; {accounts_from_there} accounts were tried from this address, and nobody got in \
             from there",
            guess.code
        );
        return (FailureClass::Attack, why);
    }
    (class, guess.code.to_string())
}

/// The class of somebody who was asked and did not go on.
pub(super) fn of_given_up(
    question: &ReviewQuestion<'_>,
    asked: &CountedFailures,
) -> (FailureClass, String) {
    let class = of_code(asked.code);
    let class = if question.is_program(&asked.account) { FailureClass::Automation } else { class };
    (class, format!("{}; asked, and did not get in afterwards", asked.code))
}

/// Whether two names are of one account.
pub(super) fn same(one: &Account, other: &Account) -> bool {
    key_of(one).is_some()
        && (key_of(one) == key_of(other) || {
            let name = |it: &Account| it.user_principal_name.as_deref().map(str::to_lowercase);
            name(one).is_some() && name(one) == name(other)
        })
}
