//! What becomes of each account, and those of whom it must be told.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use conditional_access::{Cause, Verdict};

use super::accounts::Subject;
use super::judge::{Judge, Met};
use super::sentences::{Reason, Sentences, SignInReason, say};
use super::sign_ins::{SignIns, at, told};
use super::unknown_facts::{find_out, words_of};
use super::{PersonImpact, UserOutcome};
use crate::exceptions::{Kind, treatment};
use crate::facts::Facts;
use crate::measurement::ReplayRow;
use crate::proposal::Proposal;

/// Applications that are named; the rest is counted.
const NAMED_APPS: usize = 10;

/// Says what becomes of accounts, one after the other.
pub(super) struct People<'a> {
    pub(super) facts: &'a Facts<'a>,
    pub(super) sign_ins: SignIns<'a>,
    pub(super) judge: Judge<'a>,
    pub(super) names: PolicyNames,
}

/// Names of policies, by how an outcome names them, and by place.
#[derive(Debug)]
pub(super) struct PolicyNames {
    by_key: BTreeMap<String, String>,
    pub(super) by_place: Vec<String>,
}

/// One account with what its sign-ins came to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lived<'r> {
    pub(super) subject: &'r Subject,
    pub(super) kind: Option<Kind>,
    pub(super) sign_ins: &'r [(ReplayRow, Met)],
}

impl PolicyNames {
    pub(super) fn of(proposal: &Proposal) -> Self {
        let mut names = Self { by_key: BTreeMap::new(), by_place: Vec::new() };
        for (place, policy) in proposal.policies.iter().enumerate() {
            let number = format!("#{}", place.saturating_add(1));
            let title = told(Some(&policy.display_name));
            let name = title.or_else(|| policy.id.clone()).unwrap_or_else(|| number.clone());
            let key = policy.id.clone().filter(|id| !id.is_empty());
            let key = key.or_else(|| Some(policy.display_name.clone()).filter(|it| !it.is_empty()));
            names.by_key.insert(key.unwrap_or(number), name.clone());
            names.by_place.push(name);
        }
        names
    }

    fn of_cause(&self, cause: &Cause) -> String {
        match cause {
            Cause::Policy(key) => self.by_key.get(key).unwrap_or(key).clone(),
            Cause::SecurityDefaults => "Security defaults".to_owned(),
            Cause::PerUserMfa => "Per-user MFA".to_owned(),
            Cause::MandatoryMfa => "Mandatory MFA for administration".to_owned(),
        }
    }

    fn at(&self, places: &[usize]) -> BTreeSet<String> {
        places.iter().filter_map(|place| self.by_place.get(*place).cloned()).collect()
    }
}

impl<'a> People<'a> {
    pub(super) fn new(
        facts: &'a Facts<'a>,
        sign_ins: SignIns<'a>,
        judge: Judge<'a>,
        names: PolicyNames,
    ) -> Self {
        Self { facts, sign_ins, judge, names }
    }

    /// What becomes of an account: the worst of its sign-ins. Of who was left out, and of who was
    /// not seen, nobody can say, if a judged policy may take them in.
    pub(super) fn outcome(&self, lived: Lived<'_>) -> UserOutcome {
        let worst = lived.sign_ins.iter().map(|(_, met)| met.outcome).max();
        let subject = lived.subject;
        let is_doubtful = match worst {
            Some(_) => subject.left_out > 0,
            None => subject.left_out > 0 || subject.enabled != Some(false),
        };
        let worst = worst.unwrap_or(UserOutcome::NotTouched);
        if is_doubtful && worst < UserOutcome::Unknown && self.is_reached(subject) {
            return UserOutcome::Unknown;
        }
        worst
    }

    /// Whether a judged policy may take the account in.
    pub(super) fn is_reached(&self, subject: &Subject) -> bool {
        !self.judge.reaching(subject.id.as_deref()).is_empty()
    }

    /// The account as it is told of.
    pub(super) fn person(&mut self, lived: Lived<'_>, outcome: UserOutcome) -> PersonImpact {
        let met: Vec<(ReplayRow, Met)> =
            lived.sign_ins.iter().filter(|(_, met)| met.outcome == outcome).copied().collect();
        let policies = self.policies(lived.subject, &met);
        let policies: Vec<String> = policies.into_iter().collect();
        let left_out = if outcome == UserOutcome::Unknown { lived.subject.left_out } else { 0 };
        let counted = met.iter().fold(left_out, |sum, (row, _)| sum.saturating_add(row.sign_ins));
        let reason = self.reason(lived, &met);
        let Sentences { why, next } = say(outcome, lived.subject, &policies, &reason);
        let is_decided_by_kind = matches!(reason, Reason::NoSignIn { .. })
            || matches!(outcome, UserOutcome::MustRegister | UserOutcome::Cannot);
        let no_person = lived
            .kind
            .filter(|kind| !kind.is_person() && !matches!(kind, Kind::Guest | Kind::Unclassified));
        let next = match no_person {
            Some(kind) if is_decided_by_kind => format!("{}.", treatment(kind).treatment),
            _ => next,
        };
        PersonImpact {
            account: lived.subject.account.clone(),
            outcome,
            sign_ins: counted,
            apps: self.apps(&met),
            policies,
            why,
            next,
        }
    }

    /// Who decides; where nothing is left open, the judged policies that apply; without sign-ins,
    /// those that take the account in.
    fn policies(&mut self, subject: &Subject, met: &[(ReplayRow, Met)]) -> BTreeSet<String> {
        if met.is_empty() {
            return self.names.at(&self.judge.reaching(subject.id.as_deref()));
        }
        let mut names = BTreeSet::new();
        for (row, causes) in self.judge.causes(met.iter().map(|(row, _)| row)) {
            if causes.is_empty() {
                names.extend(self.names.at(&self.judge.touching(&row)));
            }
            names.extend(causes.iter().map(|cause| self.names.of_cause(cause)));
        }
        names
    }

    /// Applications by use, the first ten by name.
    fn apps(&self, met: &[(ReplayRow, Met)]) -> Vec<String> {
        let mut used: BTreeMap<String, u64> = BTreeMap::new();
        for (row, _) in met {
            let target = at(&self.sign_ins.replay.targets, row.target);
            let name = target.and_then(|it| told(it.app.as_deref()));
            let name = name.or_else(|| target.and_then(|it| told(it.app_id.as_deref())));
            let count = used.entry(name.unwrap_or_else(|| "(not told)".to_owned())).or_default();
            *count = count.saturating_add(row.sign_ins);
        }
        let mut used: Vec<(String, u64)> = used.into_iter().collect();
        used.sort_by_key(|(_, count)| Reverse(*count));
        let more = used.len().saturating_sub(NAMED_APPS);
        let named = used.into_iter().take(NAMED_APPS).map(|(name, _)| name);
        named.chain((more > 0).then(|| format!("and {more} more"))).collect()
    }

    /// What decides: told of the sign-in that is met most often.
    fn reason(&mut self, lived: Lived<'_>, met: &[(ReplayRow, Met)]) -> Reason<'a> {
        let subject = lived.subject;
        let frequent = |met: &mut dyn Iterator<Item = &(ReplayRow, Met)>| {
            met.max_by_key(|(row, _)| (row.sign_ins, Reverse(*row))).copied()
        };
        let judged = frequent(&mut met.iter().filter(|(_, met)| {
            met.outcome != UserOutcome::Unknown || met.verdict == Some(Verdict::Unknown)
        }));
        if met.is_empty() && subject.left_out == 0 {
            let days = self.facts.measurement.map_or(0, |it| it.window.days_asked);
            return Reason::NoSignIn { days };
        }
        let is_unknown = judged.is_none_or(|(_, met)| met.outcome == UserOutcome::Unknown);
        if is_unknown && !met.is_empty() && !subject.registration.is_told {
            return Reason::NoRegistration {
                has_report: self.facts.snapshot.registrations.is_some(),
            };
        }
        match judged {
            Some((row, _)) => Reason::SignIn(self.sign_in_reason(&row)),
            None if met.iter().any(|(_, met)| met.contradiction) => Reason::Contradiction,
            None => Reason::LeftOut { sign_ins: subject.left_out },
        }
    }

    fn sign_in_reason(&mut self, row: &ReplayRow) -> SignInReason<'a> {
        let (outstanding, unknown) = self.judge.reasons(row);
        let replay = self.sign_ins.replay;
        SignInReason {
            client: at(&replay.clients, row.client),
            place: at(&replay.places, row.place),
            device: at(&replay.devices, row.device),
            outstanding,
            find_out: unknown.iter().next().map(find_out),
            unknown: unknown.iter().map(|fact| words_of(fact, self.facts)).collect(),
        }
    }
}
