//! Why a sign-in succeeded without a second factor.

use conditional_access::State;
use serde::Serialize;

use super::ReviewQuestion;
use super::failure::same;
use crate::engine::ExceptionPhase;
use crate::evidence::row::{RowResult, SecondFactor, SignInRow};
use crate::exceptions::Kind;

/// Why a sign-in succeeded without a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuccessClass {
    /// No policy asked, and it should have.
    PolicyGap,
    /// A policy, or the older service settings, let a place or a remembered device skip it.
    Skipped,
    /// The account is left out of the policy, and no exception in force says so.
    ExcludedAccount,
    /// Legacy authentication.
    Legacy,
    /// A program.
    Service,
    /// A break-glass account outside every announced test.
    BreakGlass,
    /// Nothing here explains it.
    Unexplained,
    /// A break-glass account in an announced test.
    AnnouncedTest,
    /// An exception with a date, decided by somebody, in force.
    Excepted,
    /// The claim of an earlier second factor was in the token.
    ClaimInToken,
    /// The session of an earlier sign-in, which the policy accepted.
    EarlierSession,
    /// Windows itself: the device is unlocked, no resource is opened.
    WindowsSignIn,
    /// The broker that fetches tokens for other applications.
    AuthenticationBroker,
    /// A passkey, a security key, Windows Hello for Business or a certificate: one gesture, two
    /// factors.
    Passkey,
    /// A guest whose own organisation did it, and the policy accepted that.
    HomeTenant,
    /// A step of registering a device, which has its own rules.
    DeviceRegistration,
}

impl SuccessClass {
    /// Every class, those that somebody must look at first.
    pub const ALL: [Self; 16] = [
        Self::PolicyGap,
        Self::Skipped,
        Self::ExcludedAccount,
        Self::Legacy,
        Self::Service,
        Self::BreakGlass,
        Self::Unexplained,
        Self::AnnouncedTest,
        Self::Excepted,
        Self::ClaimInToken,
        Self::EarlierSession,
        Self::WindowsSignIn,
        Self::AuthenticationBroker,
        Self::Passkey,
        Self::HomeTenant,
        Self::DeviceRegistration,
    ];

    /// The class in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::PolicyGap => "no policy asked",
            Self::Skipped => "second factor skipped",
            Self::ExcludedAccount => "account left out of the policy",
            Self::Legacy => "legacy authentication",
            Self::Service => "service account",
            Self::BreakGlass => "break-glass, not announced",
            Self::Unexplained => "not explained",
            Self::AnnouncedTest => "break-glass test, announced",
            Self::Excepted => "exception in force",
            Self::ClaimInToken => "claim in the token",
            Self::EarlierSession => "earlier session",
            Self::WindowsSignIn => "Windows sign-in",
            Self::AuthenticationBroker => "authentication broker",
            Self::Passkey => "passkey or certificate",
            Self::HomeTenant => "guest, by the home tenant",
            Self::DeviceRegistration => "device registration",
        }
    }

    /// It is explained: nobody needs to do anything.
    #[must_use]
    pub const fn is_explained(self) -> bool {
        !matches!(
            self,
            Self::PolicyGap
                | Self::Skipped
                | Self::ExcludedAccount
                | Self::Legacy
                | Self::Service
                | Self::BreakGlass
                | Self::Unexplained
        )
    }
}

/// `Windows Sign In` (Microsoft: *Known first-party applications*).
const WINDOWS_SIGN_IN: &str = "38aa3b87-a06d-4817-b275-7a289988d93b";
/// `Microsoft Authentication Broker`.
const BROKER: &str = "29d9ed98-a469-4536-ade2-f981bc1d605e";
/// `Device Registration Service`.
const DEVICE_REGISTRATION: &str = "01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9";

/// What the row alone says of a success with one factor. `None`: whoever knows the tenant must say, or
/// it was no success.
///
/// A row of legacy authentication is never explained by itself, nor one that says that a second factor
/// was skipped.
#[must_use]
pub fn row_success_class(row: &SignInRow) -> Option<SuccessClass> {
    let factor = row.second_factor();
    if row.result() != RowResult::Success || row.legacy || factor == SecondFactor::Skipped {
        return None;
    }
    let is = |id: &str, name: &str| match row.app_id.as_deref() {
        Some(app) => app.eq_ignore_ascii_case(id),
        None => row.app.as_deref().is_some_and(|app| app.trim().eq_ignore_ascii_case(name)),
    };
    let accepted =
        row.conditional_access.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("success"))
            && row.policies.iter().any(|policy| {
                policy.result.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("success"))
            });
    if factor == SecondFactor::Claim {
        return Some(SuccessClass::ClaimInToken);
    }
    if row.phishing_resistant().is_some() {
        return Some(SuccessClass::Passkey);
    }
    if is(WINDOWS_SIGN_IN, "Windows Sign In") {
        return Some(SuccessClass::WindowsSignIn);
    }
    if is(BROKER, "Microsoft Authentication Broker") {
        return Some(SuccessClass::AuthenticationBroker);
    }
    let registers = row
        .resource
        .as_deref()
        .is_some_and(|it| it.trim().eq_ignore_ascii_case("Device Registration Service"));
    if registers || is(DEVICE_REGISTRATION, "Device Registration Service") {
        return Some(SuccessClass::DeviceRegistration);
    }
    let earlier = !row.steps.is_empty()
        && row.steps.iter().all(|step| {
            step.method.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("Previously satisfied"))
        });
    if accepted && earlier {
        return Some(SuccessClass::EarlierSession);
    }
    let guest = row.user_type.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("guest"));
    let crosses = row
        .cross_tenant
        .as_deref()
        .is_some_and(|it| !it.is_empty() && !it.eq_ignore_ascii_case("none"));
    (guest && crosses && accepted).then_some(SuccessClass::HomeTenant)
}

/// The class of a row, with why.
pub(super) fn of_row(question: &ReviewQuestion<'_>, row: &SignInRow) -> (SuccessClass, String) {
    if let Some(class) = by_account(question, row) {
        return class;
    }
    if let Some(class) = row_success_class(row) {
        return (class, class.words().to_owned());
    }
    if row.legacy {
        let client = row.client_app.as_deref().unwrap_or("a legacy client");
        return (SuccessClass::Legacy, format!("by {client}"));
    }
    if row.second_factor() == SecondFactor::Skipped {
        let said = row.additional_details.as_deref().unwrap_or("the log says that it was skipped");
        return (SuccessClass::Skipped, said.to_owned());
    }
    let kind = question.kind(&row.account);
    if matches!(kind, Some(Kind::Service | Kind::Sync | Kind::Room | Kind::Equipment)) {
        return (SuccessClass::Service, "the account is used by a program or a device".to_owned());
    }
    by_policies(question, row)
}

/// Accounts that go without a second factor by decision.
fn by_account(question: &ReviewQuestion<'_>, row: &SignInRow) -> Option<(SuccessClass, String)> {
    let announced = question.tests.iter().find(|test| {
        let of = test.accounts.iter().any(|it| same(it, &row.account));
        of && row.at.is_some_and(|at| at >= test.from && at <= test.to)
    });
    if question.is_break_glass(&row.account) {
        return Some(match announced {
            Some(test) => {
                (SuccessClass::AnnouncedTest, format!("announced by {} as {}", test.by, test.id))
            }
            None => (SuccessClass::BreakGlass, "outside every announced test".to_owned()),
        });
    }
    let in_force = question.exceptions.iter().find(|it| {
        let path = |wanted: &Option<String>, told: &Option<String>| match (wanted, told) {
            (None, _) => true,
            (Some(wanted), Some(told)) => wanted.eq_ignore_ascii_case(told),
            (Some(_), None) => false,
        };
        matches!(it.phase, ExceptionPhase::Applied { .. })
            && same(&it.subject, &row.account)
            && it.expires >= question.today
            && path(&it.path.app, &row.app)
            && path(&it.path.client_app, &row.client_app)
            // A named location is no address of a row: an exception bound to one explains only what
            // shows that very address.
            && path(&it.path.place, &row.ip_address)
    });
    in_force.map(|it| {
        (
            SuccessClass::Excepted,
            format!("{}, until {}, approved for: {}", it.id, it.expires, it.reason),
        )
    })
}

/// What the policies that ask for multifactor authentication came to.
fn by_policies(question: &ReviewQuestion<'_>, row: &SignInRow) -> (SuccessClass, String) {
    if row.policies.is_empty() {
        let why = "the row tells nothing of any policy".to_owned();
        return (SuccessClass::Unexplained, why);
    }
    if question.policies.is_empty() {
        let why = "no policy that is On asks for multifactor authentication".to_owned();
        return (SuccessClass::PolicyGap, why);
    }
    let told: Vec<(&str, &str)> = question
        .policies
        .iter()
        .filter_map(|id| Some((name_of(row, id), row.result_of(id)?)))
        .collect();
    let is = |result: &str, wanted: &str| result.eq_ignore_ascii_case(wanted);
    if let Some((name, _)) = told.iter().find(|(_, result)| is(result, "success")) {
        let why = format!("`{name}` was satisfied, and no second factor is told of");
        return (SuccessClass::Unexplained, why);
    }
    if let Some(excluded) = excluded_by(question, row) {
        let why = format!("excluded from `{excluded}`, and no exception in force says so");
        return (SuccessClass::ExcludedAccount, why);
    }
    match told.first() {
        Some((name, result)) => (SuccessClass::PolicyGap, format!("`{name}` came to {result}")),
        None => {
            let why = "the row tells nothing of the policies that ask for it".to_owned();
            (SuccessClass::Unexplained, why)
        }
    }
}

fn name_of<'r>(row: &'r SignInRow, id: &'r str) -> &'r str {
    let told = row
        .policies
        .iter()
        .find(|it| it.id.as_deref().is_some_and(|told| told.eq_ignore_ascii_case(id)));
    told.and_then(|it| it.name.as_deref()).unwrap_or(id)
}

/// The policy that leaves the account out by name or by a group.
fn excluded_by(question: &ReviewQuestion<'_>, row: &SignInRow) -> Option<String> {
    let facts = question.facts?;
    let account = facts.directory_form(&row.account);
    let id = account.user_id.as_deref()?.to_lowercase();
    let policies = facts.snapshot.policies.as_ref()?;
    let asked = policies.iter().filter(|policy| policy.state == State::Enabled).filter(|policy| {
        question
            .policies
            .iter()
            .any(|wanted| policy.id.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(wanted)))
    });
    asked
        .into_iter()
        .find(|policy| {
            let groups = || policy.conditions.users.exclude_groups.iter();
            let by_name =
                policy.conditions.users.exclude_users.iter().any(|it| it.eq_ignore_ascii_case(&id));
            by_name
                || groups()
                    .filter_map(|it| facts.group(it))
                    .any(|group| facts.members_of(group).0.iter().any(|it| same(it, &account)))
        })
        .map(|policy| policy.display_name.clone())
}
