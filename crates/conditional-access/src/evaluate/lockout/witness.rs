//! What the proof answers.

use crate::facts::SignIn;
use crate::outcome::{Cause, Control, Fact};

use super::question::Person;

/// The answer of the proof.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use = "a proof that nobody reads protects nobody"]
pub struct LockoutProof {
    /// At least two proven administrators and every break-glass account can sign in.
    pub holds: bool,
    /// Administrators who can sign in whatever the facts, and were seen to.
    pub administrators_who_can_sign_in: Vec<Person>,
    /// Administrators whom no policy bars, but whom nobody saw pass MFA, or of whom the tenant
    /// tells nothing.
    pub unproven_administrators: Vec<Person>,
    /// Every break-glass account.
    pub break_glass: Vec<BreakGlassResult>,
    /// For each person who can be barred the least unusual situation.
    pub counter_examples: Vec<CounterExample>,
    /// Why the proof fails, beside what the counter-examples of break-glass accounts say.
    pub shortfalls: Vec<Shortfall>,
    /// Names of report-only policies that were counted as On, because they switch themselves on.
    pub switching_themselves_on: Vec<String>,
    /// Names of counted policies that ask for something in an authentication context. The tenant may
    /// demand such a context for protected actions, changing policies among them (Entra
    /// documentation, *What are protected actions in Microsoft Entra ID?*); whether it does is not
    /// modelled.
    pub by_authentication_context: Vec<String>,
    /// How many policies were counted.
    pub policies_counted: usize,
    /// How many combinations of classes the answer speaks of, over all persons.
    pub cells_checked: u64,
}

/// One break-glass account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakGlassResult {
    /// The account.
    pub person: Person,
    /// No policy that counts can reach the account.
    pub excluded_from_all: bool,
    /// The account can sign in whatever the facts.
    pub can_sign_in: bool,
}

/// Why a proof fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// No break-glass account was named.
    NoBreakGlass,
    /// A break-glass account of which the tenant tells nothing.
    AccountNotSeen(Person),
    /// Fewer administrators than needed can sign in and were seen to.
    TooFewAdministrators {
        /// How many can.
        able: usize,
        /// How many must.
        wanted: usize,
    },
    /// Security defaults are on beside an enabled policy, which no tenant allows.
    SecurityDefaultsBesidePolicies,
    /// More policies than a tenant can have.
    TooManyPolicies {
        /// How many can be judged.
        most: usize,
    },
}

/// What an account is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A break-glass account.
    BreakGlass,
    /// An administrator.
    Administrator,
}

/// A situation in which a person does not get in.
#[derive(Debug, Clone, PartialEq)]
pub struct CounterExample {
    /// Who.
    pub person: Person,
    /// What they are needed for.
    pub role: Role,
    /// The situation in words.
    pub situation: Situation,
    /// The situation as facts, which [`crate::evaluate()`] can be asked about.
    pub sign_in: SignIn,
    /// What bars them.
    pub bars: Vec<Bar>,
}

/// A situation in words. `None`: it does not matter, every value is barred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// What is asked for.
    pub app: Option<String>,
    /// With which client app.
    pub client: Option<String>,
    /// On which platform.
    pub platform: Option<String>,
    /// Where from.
    pub place: Option<String>,
    /// On which device.
    pub device: Option<String>,
    /// Under which risk.
    pub risk: Option<String>,
}

/// One policy, or layer beside Conditional Access, that bars a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Which.
    pub cause: Cause,
    /// The name the portal shows, for a policy that has one.
    pub name: Option<String>,
    /// What cannot be met; empty if a fact nobody saw decides.
    pub controls: Vec<Control>,
    /// The person would have to register a method first.
    pub must_register: bool,
    /// Facts that were not seen and count against the person.
    pub unknown: Vec<Fact>,
    /// Report-only today; it switches itself on.
    pub switches_itself_on: bool,
    /// What would mend it.
    pub mends: Vec<Mend>,
}

/// What would mend a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Put the account into a group that the policy excludes; by id.
    JoinExcludedGroup(String),
    /// Exclude the account from the policy.
    Exclude,
    /// Switch the policy off, or exclude the account, before it switches itself on.
    SwitchOff,
    /// Have one of the person's devices found compliant.
    MakeDeviceCompliant,
    /// Have one of the person's devices hybrid joined.
    JoinDevice,
    /// Register a method that the strength accepts.
    RegisterForStrength,
    /// Register a method for MFA.
    RegisterMethod,
    /// Let the policy demand something that the person can meet, instead of blocking.
    DemandInsteadOfBlock,
    /// Find out about a fact.
    FindOut(Fact),
}
