//! What one sign-in comes to.

use std::collections::{BTreeSet, HashMap};

use conditional_access::facts::Tenant;
use conditional_access::{
    Cause, CompiledSet, Control, Decision, Fact, Matching, Outcome, PolicySet, Truth, Verdict,
};

use super::UserOutcome;
use super::sign_ins::{Proof, SignIns, at, cannot_be_asked};
use super::tables::{Question, Tables, ask};
use crate::measurement::{LoggedFactors, ReplayRow};
use crate::proposal::Proposal;

/// Decides sign-ins.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    set: &'a PolicySet,
    sign_ins: SignIns<'a>,
    /// Places of the judged policies that have a say.
    judged: Vec<usize>,
    tables: Option<(Tables<'a>, Matching)>,
    /// Whether the tables decide: they have no place for security defaults.
    decides: bool,
    /// What was evaluated without tables, of one account at a time.
    evaluated: HashMap<Situation, Verdict>,
    evaluated_of: u32,
}

/// What one sign-in comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Met {
    /// `None`: no judged policy applies.
    pub(super) verdict: Option<Verdict>,
    /// What becomes of the person, by this sign-in alone.
    pub(super) outcome: UserOutcome,
    /// The outcome is unknown only because the session proves MFA and the report knows no method.
    pub(super) contradiction: bool,
}

/// What tells one question from another where the tables do not decide.
type Situation = ((u32, u32, u32), Option<Matching>, u32, Question);

/// The policies in question, ready for evaluation; and once more without security defaults, for
/// which there are tables.
#[derive(Debug)]
pub(super) struct Sets {
    pub(super) set: PolicySet,
    without_defaults: PolicySet,
    tenant: Tenant,
    decides: bool,
}

impl Sets {
    pub(super) fn of(policies: &[conditional_access::Policy], tenant: &Tenant) -> Self {
        let without = Tenant { security_defaults: Some(false), ..tenant.clone() };
        Self {
            set: PolicySet::of(policies, tenant),
            without_defaults: PolicySet::of(policies, &without),
            decides: tenant.security_defaults == Some(false),
            tenant: without,
        }
    }

    /// The compiled form. `None`: there are more policies than it can hold.
    pub(super) fn compiled(&self) -> Option<CompiledSet<'_>> {
        self.without_defaults.compiled(&self.tenant)
    }
}

impl<'a> Judge<'a> {
    pub(super) fn of(
        sets: &'a Sets,
        compiled: Option<&'a CompiledSet<'a>>,
        proposal: &Proposal,
        sign_ins: SignIns<'a>,
    ) -> Self {
        let counted = proposal.judged.iter().copied().filter(|place| sets.set.counts(*place));
        let judged: Vec<usize> = counted.collect();
        let tables = compiled
            .map(|compiled| (Tables::of(compiled, sign_ins), compiled.counted_among(&judged)));
        Self {
            set: &sets.set,
            sign_ins,
            judged,
            tables,
            decides: sets.decides,
            evaluated: HashMap::new(),
            evaluated_of: 0,
        }
    }

    /// Places of the judged policies whose users may take in a person.
    pub(super) fn reaching(&self, user: Option<&str>) -> Vec<usize> {
        let taken_in = self.set.takes_in(user);
        let may = |place: &usize| taken_in.get(*place).is_some_and(|truth| !truth.is_false());
        self.judged.iter().copied().filter(may).collect()
    }

    /// Places of the judged policies that may apply to a sign-in.
    pub(super) fn touching(&mut self, row: &ReplayRow) -> Vec<usize> {
        let applying = self.applying(row);
        let outcome = if applying.is_some() { None } else { self.explain(row) };
        let applies = |place: usize| match (applying, &outcome) {
            (Some(applying), _) => applying.of(place),
            (None, Some(outcome)) => {
                outcome.per_policy.get(place).map_or(Truth::Unknown, |part| part.applies)
            }
            (None, None) => Truth::Unknown,
        };
        self.judged.iter().copied().filter(|place| !applies(*place).is_false()).collect()
    }

    /// What a sign-in comes to.
    pub(super) fn met(&mut self, row: &ReplayRow) -> Met {
        let may_touch = match (self.applying(row), &self.tables) {
            (Some(applying), Some((_, judged))) => applying.may_meet(*judged),
            _ => !self.touching(row).is_empty(),
        };
        if !may_touch {
            let outcome = UserOutcome::NotTouched;
            return Met { verdict: None, outcome, contradiction: false };
        }
        let proof = Proof::of(row.factors);
        let verdict = self.verdict(row, Question::as_logged(proof));
        let contradiction = verdict == Verdict::Allow && self.contradicts(row);
        let outcome = match verdict {
            Verdict::Allow if contradiction => UserOutcome::Unknown,
            Verdict::Allow | Verdict::Require => UserOutcome::Ready,
            Verdict::Register => UserOutcome::MustRegister,
            Verdict::Block => self.blocked(row, proof),
            Verdict::Unknown => self.doubtful(row),
        };
        let is_told = self.sign_ins.subject(row).is_some_and(|it| it.registration.is_told);
        let outcome = if is_told { outcome } else { outcome.max(UserOutcome::Unknown) };
        Met { verdict: Some(verdict), outcome, contradiction }
    }

    /// The session alone satisfies what is asked, and by the report there is nothing it could have
    /// been done with. Guests prove MFA at home.
    fn contradicts(&mut self, row: &ReplayRow) -> bool {
        let Some(subject) = self.sign_ins.subject(row) else { return false };
        let unlikely = row.factors == LoggedFactors::Multiple
            && subject.guest != Some(true)
            && subject.registration.has_nothing_usable();
        unlikely && self.verdict(row, Question::as_logged(Proof::Fresh)) != Verdict::Allow
    }

    /// What becomes of somebody who is blocked. Where nobody can be asked, a browser is the test:
    /// who gets in with it is blocked for the client's sake alone. Else, who would get in with
    /// every method there is cannot for want of one.
    fn blocked(&mut self, row: &ReplayRow, proof: Proof) -> UserOutcome {
        let unasked = at(&self.sign_ins.replay.clients, row.client).is_some_and(cannot_be_asked);
        if unasked {
            let browser = Question { proof, in_browser: true, equipped: false };
            let is_closed = self.verdict(row, browser) == Verdict::Block
                && self.verdict(row, Question { equipped: true, ..browser }) == Verdict::Block;
            return if is_closed { UserOutcome::Blocked } else { UserOutcome::BlockedLegacy };
        }
        let equipped = Question { proof, in_browser: false, equipped: true };
        match self.verdict(row, equipped) {
            Verdict::Block => UserOutcome::Blocked,
            _ => UserOutcome::Cannot,
        }
    }

    /// What becomes of somebody whose verdict nobody can say. A session that proves MFA leaves
    /// open when it was done and how; who could satisfy everything once more is ready either way.
    fn doubtful(&mut self, row: &ReplayRow) -> UserOutcome {
        let worst = Question::as_logged(Proof::Stale);
        let able = row.factors == LoggedFactors::Multiple
            && matches!(self.verdict(row, worst), Verdict::Allow | Verdict::Require);
        if able { UserOutcome::Ready } else { UserOutcome::Unknown }
    }

    /// Who decides about sign-ins, each distinct decision once; where nothing is left open, nobody
    /// does.
    pub(super) fn causes<'r>(
        &mut self,
        rows: impl IntoIterator<Item = &'r ReplayRow>,
    ) -> Vec<(ReplayRow, BTreeSet<Cause>)> {
        let mut distinct: Vec<Option<Decision>> = Vec::new();
        let mut causes = Vec::new();
        for row in rows {
            let question = Question::as_logged(Proof::of(row.factors));
            let tables = self.tables.as_mut().filter(|_| self.decides);
            let decision = tables.and_then(|(tables, _)| tables.decide(row, question));
            if decision.is_some_and(|it| it.verdict != Verdict::Allow) {
                if distinct.contains(&decision) {
                    continue;
                }
                distinct.push(decision);
            }
            let of_one = match (decision, &self.tables) {
                (Some(decision), Some((tables, _))) => tables.causes(&decision),
                _ => self.explain(row).map(|outcome| outcome.by).unwrap_or_default(),
            };
            causes.push((*row, of_one));
        }
        causes
    }

    /// What is outstanding in a sign-in, and what nobody told that decides it.
    pub(super) fn reasons(&mut self, row: &ReplayRow) -> (BTreeSet<Control>, BTreeSet<Fact>) {
        let question = Question::as_logged(Proof::of(row.factors));
        if self.decides
            && let Some((tables, _)) = &mut self.tables
            && let Some(reasons) = tables.reasons(row, question)
        {
            return reasons;
        }
        let outcome = self.explain(row);
        outcome.map(|outcome| (outcome.outstanding, outcome.unknown)).unwrap_or_default()
    }

    /// The whole outcome, with its reasons. Slow: where there are no tables.
    fn explain(&self, row: &ReplayRow) -> Option<Outcome> {
        let question = Question::as_logged(Proof::of(row.factors));
        let (sign_in, registration) = ask(self.sign_ins, row, question)?;
        Some(self.set.evaluate(&sign_in, &registration))
    }

    fn applying(&mut self, row: &ReplayRow) -> Option<Matching> {
        self.tables.as_mut().and_then(|(tables, _)| tables.applying(row))
    }

    fn verdict(&mut self, row: &ReplayRow, question: Question) -> Verdict {
        let tables = self.tables.as_mut().map(|(tables, _)| tables);
        if let Some(tables) = tables
            && self.decides
            && let Some(decision) = tables.decide(row, question)
        {
            return decision.verdict;
        }
        let place = self.tables.as_ref().and_then(|(tables, _)| tables.place(row));
        // Where places cannot be told apart by policies, by themselves.
        let own = if place.is_some() { 0 } else { row.place };
        let key = ((row.target, row.client, row.device), place, own, question);
        if self.evaluated_of != row.account {
            self.evaluated.clear();
            self.evaluated_of = row.account;
        }
        if let Some(known) = self.evaluated.get(&key) {
            return *known;
        }
        let verdict = match ask(self.sign_ins, row, question) {
            Some((sign_in, registration)) => self.set.evaluate(&sign_in, &registration).verdict,
            None => Verdict::Unknown,
        };
        self.evaluated.insert(key, verdict);
        verdict
    }
}
