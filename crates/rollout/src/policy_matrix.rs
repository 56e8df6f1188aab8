//! Every account held against every policy: whom each policy is for, and who is asked by none.
//!
//! Only the users of a policy are read here, not its resources and conditions: who is *reached* is
//! asked whenever the rest of the policy matches.

mod cell;

use std::collections::HashMap;

use conditional_access::{Policy, PolicySet, State};
use serde::Serialize;

pub use self::cell::Cell;
use crate::account::Account;
use crate::exceptions::{Classification, Kind};
use crate::facts::Facts;
use crate::preflight::{PolicyScopes, asks_always_for_mfa};
use crate::tenant_facts;

/// Every account held against every policy.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyMatrix {
    /// The policies, in the order of the files: the columns.
    pub policies: Vec<PolicyReach>,
    /// The users of the directory by name: the rows.
    pub accounts: Vec<MatrixAccount>,
    /// Accounts with the same row, those first of whom nobody asks MFA, then the larger ones.
    pub classes: Vec<AccountClass>,
    cells: Vec<Cell>,
}

/// A policy and how many accounts it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyReach {
    /// Object id.
    pub id: Option<String>,
    /// The name the portal shows.
    pub display_name: String,
    /// Off, Report-only or On.
    pub state: State,
    /// What it means for MFA to be reached by it.
    #[serde(skip)]
    demand: Demand,
    /// Accounts it is for.
    pub reached: u64,
    /// Accounts it includes and leaves out.
    pub excluded: u64,
    /// Accounts it does not include.
    pub not_included: u64,
    /// Accounts of which nobody can say.
    pub unknown: u64,
}

/// What a policy demands of those it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// MFA at every sign-in, today.
    Always,
    /// MFA at some sign-ins, today.
    Sometimes,
    /// MFA, and nobody knows whether the policy is On.
    Perhaps,
    /// MFA, measured only.
    ReportOnly,
    /// Off, or no MFA.
    Nothing,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixAccount {
    /// Who.
    pub account: Account,
    /// What it is.
    pub kind: Kind,
    /// Sign-in allowed. `None`: not told.
    pub enabled: Option<bool>,
    /// Its place in [`PolicyMatrix::classes`].
    pub class: usize,
}

/// Accounts that every policy treats alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountClass {
    /// Their places in [`PolicyMatrix::accounts`].
    pub accounts: Vec<usize>,
    /// Who asks them for MFA.
    pub asked: Asked,
    /// Which [`Cell`] for which policy.
    cells: Box<[u32]>,
}

/// Who asks an account for MFA: counts of policies that demand it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Policies that are On and reach it.
    pub on: u64,
    /// Of those, the ones for every sign-in: all resources, no other condition.
    pub always: u64,
    /// Report-only policies that reach it.
    pub report_only: u64,
    /// Policies that are On and of which nobody can say whether they reach it, and policies of
    /// unknown state that do or may.
    pub unknown: u64,
}

/// The short form of [`Asked`], the best that is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskedBy {
    /// No policy that is On or Report-only asks for MFA.
    Nobody,
    /// Report-only policies alone, which ask nobody.
    ReportOnly,
    /// Perhaps: no policy is certain to ask, and of some nobody can say.
    Unknown,
    /// At some sign-ins: for some resources, places, clients or risks.
    Sometimes,
    /// At every sign-in.
    Always,
}

impl AskedBy {
    /// Every value, the worst first.
    pub const ALL: [Self; 5] =
        [Self::Nobody, Self::ReportOnly, Self::Unknown, Self::Sometimes, Self::Always];
}

impl Asked {
    /// The best that is certain.
    #[must_use]
    pub const fn by(self) -> AskedBy {
        if self.always > 0 {
            AskedBy::Always
        } else if self.on > 0 {
            AskedBy::Sometimes
        } else if self.unknown > 0 {
            AskedBy::Unknown
        } else if self.report_only > 0 {
            AskedBy::ReportOnly
        } else {
            AskedBy::Nobody
        }
    }
}

/// The matrix in figures, for documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatrixSummary {
    /// Users of the directory, enabled or not.
    pub accounts: u64,
    /// How many different rows they make.
    pub classes: u64,
    /// Enabled accounts by who asks them for MFA; accounts of which nobody told whether they are
    /// enabled count as enabled.
    pub asked_for_mfa: Vec<AskedCount>,
    /// The policies with how many accounts each is for.
    pub policies: Vec<PolicyReach>,
    /// Every enabled account that no policy which is On asks for MFA, for certain.
    pub asked_by_nobody: Vec<Unasked>,
}

/// How many accounts are asked in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AskedCount {
    /// In which way.
    pub asked: AskedBy,
    /// Enabled accounts.
    pub accounts: u64,
}

/// An account that no policy which is On asks for MFA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unasked {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// What it is.
    pub kind: Kind,
    /// `nobody` or `report-only`.
    pub asked: AskedBy,
}

/// Holds every account of the directory against every policy. `None`: no file tells the users, or
/// none tells the policies.
#[must_use]
pub fn matrix(facts: &Facts<'_>, classification: &Classification) -> Option<PolicyMatrix> {
    let users = facts.snapshot.users.as_deref()?;
    let policies = facts.snapshot.policies.as_deref()?;
    let set = PolicySet::of(policies, &tenant_facts::tenant(facts));
    let mut assignments = set.assignments();
    let mut rows = Rows::new(policies);
    // Rows by the class of the assignments: most accounts share theirs.
    let mut known: HashMap<usize, usize> = HashMap::new();
    let scopes = users
        .iter()
        .any(|user| user.account.user_id.is_none())
        .then(|| PolicyScopes::of(facts, classification));
    let kind_of = |place: usize| classification.users.get(place).map(|(kind, _)| *kind);
    let mut accounts = Vec::with_capacity(users.len());
    for (place, user) in users.iter().enumerate() {
        let id = tenant_facts::user_id(facts, &user.account);
        let assigned = assignments.class_of(id.as_deref());
        let row = match (&user.account.user_id, &scopes) {
            (None, Some(scopes)) => {
                let guest = facts.is_guest(user);
                let cells = assignments.of_class(assigned).iter().enumerate();
                let cells = cells.map(|(policy, assignment)| {
                    match scopes.reaches(policy, &user.account, guest) {
                        Some(_) => Cell::of(facts, assignment),
                        None => Cell::without_id(facts, assignment),
                    }
                });
                rows.row(cells)
            }
            _ => *known.entry(assigned).or_insert_with(|| {
                rows.row(assignments.of_class(assigned).iter().map(|it| Cell::of(facts, it)))
            }),
        };
        accounts.push(MatrixAccount {
            account: user.account.clone(),
            kind: kind_of(place).unwrap_or(Kind::Unclassified),
            enabled: user.account_enabled,
            class: row,
        });
    }
    Some(rows.matrix(accounts))
}

/// Rows as they are found, each distinct one kept once.
struct Rows {
    policies: Vec<PolicyReach>,
    cells: Vec<Cell>,
    cell_places: HashMap<Cell, u32>,
    rows: Vec<Box<[u32]>>,
    row_places: HashMap<Box<[u32]>, usize>,
}

impl Rows {
    fn new(policies: &[Policy]) -> Self {
        Self {
            policies: policies.iter().map(reach).collect(),
            cells: Vec::new(),
            cell_places: HashMap::new(),
            rows: Vec::new(),
            row_places: HashMap::new(),
        }
    }

    fn row(&mut self, cells: impl Iterator<Item = Cell>) -> usize {
        let row: Box<[u32]> = cells.map(|cell| self.cell(cell)).collect();
        if let Some(place) = self.row_places.get(&row) {
            return *place;
        }
        let place = self.rows.len();
        self.rows.push(row.clone());
        self.row_places.insert(row, place);
        place
    }

    fn cell(&mut self, cell: Cell) -> u32 {
        if let Some(place) = self.cell_places.get(&cell) {
            return *place;
        }
        // Cells are made of what policies name: far fewer than 2^32.
        let place = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.cells.push(cell.clone());
        self.cell_places.insert(cell, place);
        place
    }

    fn matrix(mut self, mut accounts: Vec<MatrixAccount>) -> PolicyMatrix {
        accounts.sort_by_cached_key(|it| (it.account.label().to_lowercase(), it.account.clone()));
        let mut classes: Vec<AccountClass> = std::mem::take(&mut self.rows)
            .into_iter()
            .map(|cells| AccountClass { accounts: Vec::new(), asked: self.asked(&cells), cells })
            .collect();
        for (place, account) in accounts.iter().enumerate() {
            if let Some(class) = classes.get_mut(account.class) {
                class.accounts.push(place);
            }
        }
        classes.sort_by_key(|it| (it.asked.by(), std::cmp::Reverse(it.accounts.len())));
        for (place, class) in classes.iter().enumerate() {
            for account in &class.accounts {
                if let Some(account) = accounts.get_mut(*account) {
                    account.class = place;
                }
            }
        }
        for class in &classes {
            let of = u64::try_from(class.accounts.len()).unwrap_or(u64::MAX);
            for (policy, cell) in self.policies.iter_mut().zip(&class.cells) {
                let count = match cell_at(&self.cells, *cell) {
                    Cell::Reached => &mut policy.reached,
                    Cell::Excluded(_) => &mut policy.excluded,
                    Cell::NotIncluded => &mut policy.not_included,
                    Cell::Unknown(_) => &mut policy.unknown,
                };
                *count = count.saturating_add(of);
            }
        }
        PolicyMatrix { policies: self.policies, accounts, classes, cells: self.cells }
    }

    fn asked(&self, cells: &[u32]) -> Asked {
        let mut asked = Asked::default();
        for (policy, cell) in self.policies.iter().zip(cells) {
            let (reached, unknown) = match cell_at(&self.cells, *cell) {
                Cell::Reached => (1, 0),
                Cell::Unknown(_) => (0, 1),
                Cell::Excluded(_) | Cell::NotIncluded => continue,
            };
            match policy.demand {
                Demand::Always | Demand::Sometimes => {
                    asked.on += reached;
                    asked.unknown += unknown;
                    if policy.demand == Demand::Always {
                        asked.always += reached;
                    }
                }
                Demand::Perhaps => asked.unknown += reached + unknown,
                Demand::ReportOnly => asked.report_only += reached,
                Demand::Nothing => {}
            }
        }
        asked
    }
}

const NOBODY_CAN_SAY: &Cell = &Cell::Unknown(Vec::new());

fn cell_at(cells: &[Cell], place: u32) -> &Cell {
    usize::try_from(place).ok().and_then(|place| cells.get(place)).unwrap_or(NOBODY_CAN_SAY)
}

fn reach(policy: &Policy) -> PolicyReach {
    PolicyReach {
        id: policy.id.clone(),
        display_name: policy.display_name.clone(),
        state: policy.state,
        demand: demand(policy),
        reached: 0,
        excluded: 0,
        not_included: 0,
        unknown: 0,
    }
}

fn demand(policy: &Policy) -> Demand {
    // A policy in the bin is Off, whatever its state says.
    let deleted = policy.unmodelled.iter().any(|it| it.eq_ignore_ascii_case("deletedDateTime"));
    if deleted || !policy.asks_for_mfa() {
        return Demand::Nothing;
    }
    match policy.state {
        State::Enabled if asks_always_for_mfa(policy) => Demand::Always,
        State::Enabled => Demand::Sometimes,
        State::Unknown => Demand::Perhaps,
        State::EnabledForReportingButNotEnforced => Demand::ReportOnly,
        State::Disabled => Demand::Nothing,
    }
}

impl PolicyMatrix {
    /// What the policies are to the accounts of a class, in the order of the policies.
    pub fn cells_of<'a>(&'a self, class: &'a AccountClass) -> impl Iterator<Item = &'a Cell> {
        class.cells.iter().map(|cell| cell_at(&self.cells, *cell))
    }

    /// The class of an account.
    #[must_use]
    pub fn class_of(&self, account: &MatrixAccount) -> Option<&AccountClass> {
        self.classes.get(account.class)
    }

    /// The accounts of a class, by name.
    pub fn accounts_of<'a>(
        &'a self,
        class: &'a AccountClass,
    ) -> impl Iterator<Item = &'a MatrixAccount> {
        class.accounts.iter().filter_map(|place| self.accounts.get(*place))
    }

    /// The enabled accounts that no policy which is On asks for MFA, for certain; by name.
    pub fn asked_by_nobody(&self) -> impl Iterator<Item = (&MatrixAccount, AskedBy)> {
        self.accounts.iter().filter(|it| it.enabled != Some(false)).filter_map(|account| {
            let asked = self.class_of(account)?.asked.by();
            matches!(asked, AskedBy::Nobody | AskedBy::ReportOnly).then_some((account, asked))
        })
    }

    /// The matrix in figures.
    #[must_use]
    pub fn summary(&self) -> MatrixSummary {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let enabled = |asked: AskedBy| {
            let of = self.classes.iter().filter(|class| class.asked.by() == asked);
            let accounts = of.flat_map(|class| self.accounts_of(class));
            count(accounts.filter(|it| it.enabled != Some(false)).count())
        };
        MatrixSummary {
            accounts: count(self.accounts.len()),
            classes: count(self.classes.len()),
            asked_for_mfa: AskedBy::ALL
                .map(|asked| AskedCount { asked, accounts: enabled(asked) })
                .to_vec(),
            policies: self.policies.clone(),
            asked_by_nobody: self
                .asked_by_nobody()
                .map(|(it, asked)| Unasked { account: it.account.clone(), kind: it.kind, asked })
                .collect(),
        }
    }
}
