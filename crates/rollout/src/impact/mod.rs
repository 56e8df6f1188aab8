//! What the sign-ins of the window would meet under policies that do not exist yet: the lockout
//! list. Document `lockstep.impact/1`.
//!
//! A sign-in that no judged policy can apply to is not touched, whatever other policies say. Every
//! other one is held against all policies that there would be. What it then meets is a figure of
//! [`SignInCounts`]; what that makes of the person is a [`UserOutcome`], and a person has the worst
//! of their sign-ins.
//!
//! * Who is blocked would be in for want of a method alone: [`UserOutcome::Cannot`]. Who is blocked
//!   because a legacy client or a password grant cannot be asked, and would not be in a browser:
//!   [`UserOutcome::BlockedLegacy`].
//! * A session that proves MFA leaves open when it was done and how. Where only that decides, who
//!   could satisfy everything once more is ready, although the sign-in itself stays unknown.
//! * Nobody whose registration no file tells is ready, not even with a session that proves MFA, if
//!   a judged policy applies to one of their sign-ins.
//! * A member whose sessions prove MFA while the report knows no usable method is unknown: one of
//!   both is wrong. Guests prove MFA at home, so that theirs stand.
//! * Who has no successful sign-in in the window, or some that were left out of the log's tables,
//!   is unknown if the users of a judged policy may take them in; who is told to be disabled and
//!   never signs in is not touched.

mod accounts;
mod caught;
mod compare;
mod judge;
mod people;
mod sentences;
mod sign_ins;
mod tables;
mod tally;
mod unknown_facts;

use conditional_access::facts::Tenant;
use conditional_access::{Locations, State, Verdict};
use jiff::Timestamp;
use serde::Serialize;

use self::accounts::Accounts;
pub use self::caught::caught;
use self::judge::{Judge, Sets};
use self::people::{Lived, People, PolicyNames};
pub(crate) use self::sentences::control_words;
use self::sign_ins::{SignIns, at, named_targets};
use self::tally::Cuts;
pub(crate) use self::unknown_facts::{find_out, words_of};
use crate::account::Account;
use crate::exceptions::Classification;
use crate::facts::Facts;
use crate::gaps::{self, Gap};
use crate::measurement::{Coverage, ReplayRow, Window};
use crate::proposal::{Against, Proposal};

/// What may be missing and matters here.
const GAPS: [&str; 22] = [
    "users",
    "account-enabled",
    "user-type",
    "registration-details",
    "registration-rows",
    "registration-age",
    "groups",
    "group-members",
    "roles",
    "policies",
    "named-locations",
    "security-defaults",
    "methods-policy",
    "sign-in-logs",
    "days-covered",
    "sign-in-age",
    "interactive-sign-ins",
    "non-interactive-sign-ins",
    "authentication-protocol",
    "authentication-requirement",
    "unreadable-sign-ins",
    "sign-ins-left-out",
];

/// What the sign-ins of the window would meet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Impact {
    /// Always `lockstep.impact/1`.
    pub schema: &'static str,
    /// The clock.
    pub generated_at: Timestamp,
    /// Whether a proposal was judged or what is in force.
    pub against: Against,
    /// Names of the policies that were judged; their ids where they have no name.
    pub policies: Vec<String>,
    /// What was taken for granted, a sentence each.
    pub assumptions: Vec<String>,
    /// The window of the log.
    pub window: Window,
    /// What of it was read.
    pub coverage: Coverage,
    /// Accounts, each with the worst that one of its sign-ins meets.
    pub users: UserCounts,
    /// Successful sign-ins.
    pub sign_ins: SignInCounts,
    /// By application.
    pub by_app: Vec<Cut>,
    /// By client app, in the log's words.
    pub by_client_app: Vec<Cut>,
    /// By operating system.
    pub by_platform: Vec<Cut>,
    /// By country.
    pub by_country: Vec<Cut>,
    /// Everyone who is neither ready nor not touched, worst first, then by name.
    pub people: Vec<PersonImpact>,
    /// What the log says of policies beside what lockstep says, by policy.
    pub compared: Vec<Comparison>,
    /// What no file told.
    pub gaps: Vec<Gap>,
}

/// What becomes of an account, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserOutcome {
    /// No judged policy reaches any of its sign-ins.
    NotTouched,
    /// Has, or can show, all that is asked for.
    Ready,
    /// Nobody can say.
    Unknown,
    /// Must register a method first, and can.
    MustRegister,
    /// Only sign-ins by legacy authentication are blocked.
    BlockedLegacy,
    /// Nothing usable is registered, and nothing may be.
    Cannot,
    /// Blocked whatever is registered.
    Blocked,
}

/// How many accounts there are of each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct UserCounts {
    /// All of them.
    pub total: u64,
    /// [`UserOutcome::Ready`]
    pub ready: u64,
    /// [`UserOutcome::MustRegister`]
    pub must_register: u64,
    /// [`UserOutcome::Cannot`]
    pub cannot: u64,
    /// [`UserOutcome::BlockedLegacy`]
    pub blocked_legacy: u64,
    /// [`UserOutcome::Blocked`]
    pub blocked: u64,
    /// [`UserOutcome::NotTouched`]
    pub not_touched: u64,
    /// [`UserOutcome::Unknown`]
    pub unknown: u64,
}

impl UserCounts {
    /// Accounts that cannot sign in any more with something they used: blocked, or without a
    /// method and without a way to one. Those that lose legacy sign-ins only are not among them.
    #[must_use]
    pub const fn locked_out(&self) -> u64 {
        self.blocked.saturating_add(self.cannot)
    }
}

/// What successful sign-ins would have met. The other figures add up to `total`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SignInCounts {
    /// All of them.
    pub total: u64,
    /// Somebody is asked: for a method they have, or to register one.
    pub challenged: u64,
    /// All that is asked for is there already.
    pub already_satisfied: u64,
    /// Ends in a block.
    pub blocked: u64,
    /// No judged policy applies.
    pub not_touched: u64,
    /// Nobody can say.
    pub unknown: u64,
}

/// The sign-ins that share an application, client app, operating system or country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// What they share, in the log's words. `None`: the log does not tell.
    pub name: Option<String>,
    /// Its id, for an application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Accounts that have one of these sign-ins.
    pub users: u64,
    /// Accounts among them with one that is blocked.
    pub users_blocked: u64,
    /// The sign-ins.
    #[serde(flatten)]
    pub sign_ins: SignInCounts,
}

/// One account that is neither ready nor not touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonImpact {
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// What becomes of it.
    pub outcome: UserOutcome,
    /// Successful sign-ins in the window that meet this outcome; for an account without any, 0.
    pub sign_ins: u64,
    /// Applications of these, by name where told, most used first.
    pub apps: Vec<String>,
    /// Who decides: names of policies, and layers beside Conditional Access.
    pub policies: Vec<String>,
    /// Why, in one sentence.
    pub why: String,
    /// What to do about it, in one sentence.
    pub next: String,
}

/// What the log says one policy did, beside what lockstep says it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Id of the policy in the log.
    pub policy: String,
    /// Its name, where told.
    pub name: Option<String>,
    /// Sign-ins of which both say something.
    pub compared: u64,
    /// Sign-ins of which both say the same.
    pub agree: u64,
    /// Sign-ins of which lockstep cannot say, or does not know the log's word.
    pub unknown: u64,
    /// The policy was changed within the window, so that the log may speak of what it said before.
    /// `None`: no file tells when it was last changed, or of which time the log is.
    pub changed_within_window: Option<bool>,
    /// Where they differ, most frequent first.
    pub disagreements: Vec<Disagreement>,
}

/// Sign-ins of which the log and lockstep say different things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// The log's word.
    pub logged: String,
    /// Ours.
    pub ours: String,
    /// How many sign-ins.
    pub sign_ins: u64,
    /// One account of them, the first by name.
    pub example: Account,
}

/// Tries a proposal on the sign-ins of the window. `None`: no sign-in log was gathered for it.
#[must_use]
pub fn impact(
    facts: &Facts<'_>,
    classification: &Classification,
    proposal: &Proposal,
) -> Option<Impact> {
    let measurement = facts.measurement?;
    let replay = measurement.replay.as_ref()?;
    let accounts = Accounts::of(facts, replay);
    let named = named_targets(&proposal.policies);
    let sign_ins = SignIns { replay, accounts: &accounts, named: &named };
    let (tenant, assumptions) = as_passed(facts, proposal);
    let sets = Sets::of(&proposal.policies, &tenant);
    let compiled = sets.compiled();
    let judge = Judge::of(&sets, compiled.as_ref(), proposal, sign_ins);
    let names = PolicyNames::of(proposal);
    let policies = proposal.judged.iter().filter_map(|it| names.by_place.get(*it).cloned());
    let mut impact = Impact {
        schema: "lockstep.impact/1",
        generated_at: facts.now,
        against: proposal.against,
        policies: policies.collect(),
        assumptions: proposal.assumptions.iter().cloned().chain(assumptions).collect(),
        window: measurement.window.clone(),
        coverage: measurement.coverage.clone(),
        users: UserCounts::default(),
        sign_ins: SignInCounts::default(),
        by_app: Vec::new(),
        by_client_app: Vec::new(),
        by_platform: Vec::new(),
        by_country: Vec::new(),
        people: Vec::new(),
        compared: compare::compare(facts, sign_ins),
        gaps: gaps::among(facts, &GAPS),
    };
    let people = People::new(facts, sign_ins, judge, names);
    replay_all(&mut impact, people, classification);
    Some(impact)
}

/// The tenant as it would be, for sign-ins that took place, and what was taken for granted.
///
/// Per-user MFA that nobody saw counts as off, because the sign-ins of the log passed it as they
/// were. The same holds for the mandatory MFA of portals where nobody can tell whether it is in
/// force: no proposal changes it. The trusted addresses of the old MFA service settings, which
/// Graph cannot read, count as none where policies only exclude trusted places: then more is asked
/// of people than would be, never less.
fn as_passed(facts: &Facts<'_>, proposal: &Proposal) -> (Tenant, Vec<String>) {
    let mut tenant = proposal.tenant(facts);
    let mut assumptions = Vec::new();
    tenant.mandatory_mfa.get_or_insert(false);
    let states = tenant.per_user_mfa.get_or_insert_default();
    let listed = states.len();
    states.retain(|_, state| state.is_some());
    if listed == 0 || listed > states.len() {
        assumptions.push(
            "Per-user MFA that no file tells counts as off: the sign-ins of the log passed it as \
             they were."
                .to_owned(),
        );
    }
    let trusts = |places: fn(&Locations) -> &Vec<String>| {
        let all = proposal.policies.iter().filter(|policy| policy.state != State::Disabled);
        let mut all = all.filter_map(|policy| policy.conditions.locations.as_ref());
        all.any(|it| places(it).iter().any(|id| is_trusted_places(id)))
    };
    if tenant.mfa_trusted_ips.is_none() && !trusts(|it| &it.include) && trusts(|it| &it.exclude) {
        tenant.mfa_trusted_ips = Some(Vec::new());
        assumptions.push(
            "The trusted addresses of the old MFA service settings are in no file and count as \
             none: from them less may be asked than is said here."
                .to_owned(),
        );
    }
    (tenant, assumptions)
}

/// Whether a policy means by this the trusted addresses of the MFA service settings, too.
fn is_trusted_places(id: &str) -> bool {
    let id = id.trim();
    id.eq_ignore_ascii_case("AllTrusted") || id == "00000000-0000-0000-0000-000000000000"
}

/// Asks of every sign-in, account by account.
fn replay_all(impact: &mut Impact, mut people: People<'_>, classification: &Classification) {
    let SignIns { replay, accounts, .. } = people.sign_ins;
    let mut rows: Vec<(usize, &ReplayRow)> = replay
        .rows
        .iter()
        .filter_map(|row| Some((*at(&accounts.of_log, row.account)?, row)))
        .collect();
    rows.sort_unstable();
    let mut rows = rows.into_iter().peekable();
    let mut cuts = Cuts::of(replay);
    let mut met = Vec::new();
    for (place, subject) in accounts.all.iter().enumerate() {
        met.clear();
        while let Some((_, row)) = rows.next_if(|(of, _)| *of == place) {
            let one = people.judge.met(row);
            impact.sign_ins.add(one.verdict, row.sign_ins);
            cuts.add(row, place, one.verdict);
            met.push((*row, one));
        }
        let kind = classification.users.get(place).map(|(kind, _)| *kind);
        let lived = Lived { subject, kind, sign_ins: &met };
        let outcome = people.outcome(lived);
        if subject.left_out > 0 {
            let verdict = people.is_reached(subject).then_some(Verdict::Unknown);
            impact.sign_ins.add(verdict, subject.left_out);
        }
        impact.users.add(outcome);
        if outcome >= UserOutcome::Unknown {
            impact.people.push(people.person(lived, outcome));
        }
    }
    impact.by_app = cuts.by_app.cuts();
    impact.by_client_app = cuts.by_client_app.cuts();
    impact.by_platform = cuts.by_platform.cuts();
    impact.by_country = cuts.by_country.cuts();
    impact.people.sort_by_cached_key(|person| {
        let label = person.account.label().to_lowercase();
        (std::cmp::Reverse(person.outcome), label, person.account.clone())
    });
}

/// The accounts that a policy for all users catches, people or not. Part of the plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Caught {
    /// Enabled accounts, and those of which nobody told whether they are.
    pub total: u64,
    /// By kind of account, people first.
    pub kinds: Vec<CaughtKind>,
}

/// Accounts of one kind that a policy for all users catches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaughtKind {
    /// The kind, in the words of the exceptions audit; `person` and `guest` for the rest.
    pub kind: String,
    /// People, as opposed to rooms, services and shared accounts.
    pub people: bool,
    /// How many.
    pub count: u64,
    /// Who, by name; empty for plain people, of whom there are too many to read.
    pub accounts: Vec<Account>,
    /// What becomes of such an account when MFA is asked of it, in one sentence.
    pub meets: String,
}

#[cfg(test)]
mod tests;
