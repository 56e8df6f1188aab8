//! Everybody of whom some file tells: users of the directory, rows of the registration report,
//! accounts of the sign-in log, each once.

use conditional_access::facts as seen;
use conditional_access::facts::RiskLevel;

use crate::account::Account;
use crate::facts::Facts;
use crate::facts::index::{Index, home_address};
use crate::measurement::Replay;
use crate::registration_facts::{AccountRegistration, RegistrationFacts};
use crate::snapshot::{RiskyUser, UserType};
use crate::tenant_facts;

/// Everybody.
#[derive(Debug)]
pub(super) struct Accounts {
    pub(super) all: Vec<Subject>,
    /// For each account of the log its place in `all`.
    pub(super) of_log: Vec<usize>,
}

/// One account.
#[derive(Debug)]
pub(super) struct Subject {
    /// In the directory's form.
    pub(super) account: Account,
    /// The id by which the evaluation finds it.
    pub(super) id: Option<String>,
    pub(super) guest: Option<bool>,
    pub(super) enabled: Option<bool>,
    pub(super) registration: AccountRegistration,
    /// The user's own risk. That of guests is their own tenant's affair, and not seen.
    pub(super) risk: Option<RiskLevel>,
    /// Sign-ins of the log that are in no row.
    pub(super) left_out: u64,
}

impl Accounts {
    pub(super) fn of(facts: &Facts<'_>, replay: &Replay) -> Self {
        let users = facts.snapshot.users.as_deref().unwrap_or_default();
        let registrations = RegistrationFacts::new(facts);
        let mut strangers =
            Strangers { facts, first: users.len(), all: Vec::new(), index: Index::default() };
        for row in facts.snapshot.registrations.iter().flatten() {
            strangers.place(&row.account);
        }
        let of_log: Vec<usize> =
            replay.accounts.iter().map(|it| strangers.place(&it.account)).collect();
        let known = users.iter().map(|user| &user.account);
        let mut all: Vec<Subject> = known
            .chain(&strangers.all)
            .map(|account| Subject::of(facts, &registrations, account))
            .collect();
        let risks = Risks::of(facts);
        for subject in &mut all {
            subject.risk =
                risks.of_account(&subject.account).filter(|_| subject.guest != Some(true));
        }
        for (logged, place) in replay.accounts.iter().zip(&of_log) {
            if let Some(subject) = all.get_mut(*place) {
                subject.left_out = subject.left_out.saturating_add(logged.left_out);
                subject.guest = subject.guest.or(logged.guest);
            }
        }
        Self { all, of_log }
    }
}

/// Identity Protection's users at risk, by name.
struct Risks<'f> {
    users: Option<&'f [RiskyUser]>,
    index: Index,
}

impl<'f> Risks<'f> {
    fn of(facts: &Facts<'f>) -> Self {
        let users = facts.snapshot.risky_users.as_deref();
        let mut index = Index::default();
        for (place, user) in users.iter().copied().flatten().enumerate() {
            let account = facts.directory_form(&user.account);
            index.add(place, account.user_id.as_deref(), account.user_principal_name.as_deref());
        }
        Self { users, index }
    }

    /// Who is not among them, or whose risk is over, has none (Graph, *riskyUser*). `None`: no file
    /// holds them, or the level is hidden.
    fn of_account(&self, account: &Account) -> Option<RiskLevel> {
        let users = self.users?;
        let (id, name) = (account.user_id.as_deref(), account.user_principal_name.as_deref());
        let Some(user) = self.index.find(id, name).and_then(|place| users.get(place)) else {
            return Some(RiskLevel::None);
        };
        match user.state.as_deref() {
            Some("remediated" | "dismissed" | "confirmedsafe" | "none") => Some(RiskLevel::None),
            Some("atrisk" | "confirmedcompromised") => RiskLevel::of_word(user.level.as_deref()?),
            _ => None,
        }
    }
}

/// Accounts of which the directory does not tell.
struct Strangers<'f> {
    facts: &'f Facts<'f>,
    /// The place of the first of them among everybody.
    first: usize,
    all: Vec<Account>,
    index: Index,
}

impl Strangers<'_> {
    /// The place of an account among everybody: that of the user object it is, else that of a
    /// stranger of the same id or name, else a new one.
    fn place(&mut self, account: &Account) -> usize {
        if let Some(place) = self.facts.user_position(account) {
            return place;
        }
        let (id, name) = (account.user_id.as_deref(), account.user_principal_name.as_deref());
        let place = self.index.find(id, name).unwrap_or_else(|| {
            self.all.push(account.clone());
            self.all.len().saturating_sub(1)
        });
        self.index.add(place, id, name);
        self.index.add_alias(place, name.and_then(home_address).as_deref());
        if let Some(known) = self.all.get_mut(place) {
            complete(known, account);
        }
        self.first.saturating_add(place)
    }
}

/// What one file shows of an account fills what another lacks.
fn complete(known: &mut Account, other: &Account) {
    for (known, other) in [
        (&mut known.user_principal_name, &other.user_principal_name),
        (&mut known.user_id, &other.user_id),
        (&mut known.display_name, &other.display_name),
    ] {
        if known.as_deref().is_none_or(str::is_empty) {
            known.clone_from(other);
        }
    }
}

impl Subject {
    fn of(facts: &Facts<'_>, registrations: &RegistrationFacts, account: &Account) -> Self {
        let user = facts.user(account);
        let named = account.user_principal_name.as_deref().unwrap_or_default();
        let named_guest = named.to_ascii_lowercase().contains("#ext#").then_some(true);
        let reported = || {
            let row = facts.registration(account)?;
            row.user_type.map(|it| it == UserType::Guest)
        };
        Self {
            id: tenant_facts::user_id(facts, account),
            guest: user.and_then(|user| facts.is_guest(user)).or(named_guest).or_else(reported),
            enabled: user.and_then(|user| user.account_enabled),
            registration: registrations.of(facts, account),
            risk: None,
            left_out: 0,
            account: account.clone(),
        }
    }

    /// The registration, in the words of the evaluation.
    pub(super) fn registered(&self) -> &seen::Registration {
        &self.registration.registration
    }
}
