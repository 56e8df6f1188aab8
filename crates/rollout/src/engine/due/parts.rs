//! The change sets of the plan and their parts, in the order in which they are carried out.

use conditional_access::{NamedLocationKind, State as PolicyState};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::account::Account;
use crate::change::draft::{self, CannotDraft, Standard};
use crate::change::{Draft, Edit, Purpose};
use crate::engine::gates::{self, Question};
use crate::engine::tenant::{
    self, BRIDGE, CUT_OVER, DEFAULTS, Happened, LAST_RING, PILOT_ON, SECOND_RING,
};
use crate::engine::{GateId, Seen, State};
use crate::exceptions::Kind;
use crate::plan::GateState;
use crate::preflight::{Stage, Verdict};

/// How long memberships of the bridge group are on their way to Conditional Access.
const BRIDGE_SETTLES: SignedDuration = SignedDuration::from_hours(24);
/// The part of CS-06 that concerns the pilot group.
const PROTECT_PILOT: &str = "CS-06/pilot";
/// How long the pilot group has a policy that Report-only does not judge before everybody has it.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Days between two reminders of the registration campaign.
const SNOOZE_DAYS: u32 = 1;

/// What parts are judged by.
pub(super) struct View<'v> {
    pub(super) state: &'v State,
    pub(super) seen: &'v Seen<'v>,
    pub(super) marker: &'v str,
    pub(super) now: Timestamp,
    pub(super) today: Date,
    switched: Happened,
}

impl<'v> View<'v> {
    pub(super) fn new(question: &Question<'v>, marker: &'v str) -> Self {
        Self {
            state: question.state,
            seen: question.seen,
            marker,
            now: question.now,
            today: question.today,
            switched: tenant::switched(question.state, question.seen),
        }
    }

    /// False: known to be off. A tenant that may have security defaults is treated as one that has.
    fn may_have_security_defaults(&self) -> bool {
        self.seen.facts.snapshot.security_defaults != Some(false)
    }

    /// The rollout goes ring by ring.
    fn in_rings(&self) -> bool {
        tenant::in_rings(self.seen)
    }

    /// Whoever can pass MFA is asked before everybody else: beside security defaults so that nobody of
    /// them is without MFA, with rings because they are one.
    fn has_bridge(&self) -> bool {
        self.may_have_security_defaults() || self.in_rings()
    }

    fn is_switched(&self) -> bool {
        self.switched.is_yes()
    }

    /// Everybody is asked, or the second ring is.
    fn is_asked_beyond_the_pilot(&self) -> bool {
        self.is_switched() || tenant::second_ring(self.state, self.seen).is_yes()
    }

    /// The date of a change set of the plan.
    fn planned(&self, id: &str) -> Option<Date> {
        self.seen.plan.change_sets.iter().find(|it| it.id == id).map(|it| it.date)
    }

    /// The first or last date of a step.
    fn step(&self, stage: Stage, last: bool) -> Date {
        let step = self.seen.plan.steps.iter().find(|it| it.id == stage);
        step.map_or(self.seen.plan.start, |it| if last { it.last_date } else { it.first_date })
    }

    /// The plan knows of Conditional Access: without a licence for it, no policy is drafted.
    fn has_policies(&self) -> bool {
        tenant::has_policies(self.seen)
    }
}

/// One change set of the plan, or a part of one.
pub(super) struct Part {
    pub(super) of_plan: &'static str,
    pub(super) title: &'static str,
    /// Whether this rollout has it, now or later.
    pub(super) applies: fn(&View<'_>) -> bool,
    pub(super) date: fn(&View<'_>) -> Date,
    /// What comes first, beside gates. `None`: nothing.
    pub(super) first: fn(&View<'_>) -> Option<String>,
    pub(super) draft: fn(&View<'_>) -> Result<Draft, CannotDraft>,
}

fn nothing(_: &View<'_>) -> Option<String> {
    None
}

/// A policy is made with the accounts and the group it leaves out, not without them and changed
/// later.
fn break_glass_first(view: &View<'_>) -> Option<String> {
    if view.seen.facts.rollout.break_glass.accounts.is_empty() {
        return Some(
            "the break-glass accounts are made, and named in lockstep.toml, first: every policy \
             leaves them out from the beginning"
                .to_owned(),
        );
    }
    tenant::break_glass_draft(view.seen, view.marker)
        .is_ok()
        .then(|| "the break-glass accounts and their group come first".to_owned())
}

fn prepare(view: &View<'_>) -> Date {
    view.step(Stage::Prepare, false)
}

fn prepare_end(view: &View<'_>) -> Date {
    view.step(Stage::Prepare, true)
}

fn pilot(view: &View<'_>) -> Date {
    view.step(Stage::Pilot, false)
}

/// Every part, in order.
pub(super) const PARTS: &[Part] = &[
    Part {
        of_plan: "CS-01",
        title: "Break-glass accounts and their group",
        applies: |view| view.planned("CS-01").is_some(),
        date: prepare,
        first: nothing,
        draft: |view| tenant::break_glass_draft(view.seen, view.marker),
    },
    Part {
        of_plan: "CS-02",
        title: "Block legacy authentication, in Report-only",
        applies: |view| view.has_policies(),
        date: prepare_end,
        first: break_glass_first,
        draft: |view| at_least(view, &[(Standard::BlockLegacy, REPORT_ONLY)]),
    },
    Part {
        of_plan: "CS-03",
        title: "MFA for the pilot, in Report-only",
        applies: |view| view.has_policies(),
        date: prepare_end,
        first: break_glass_first,
        draft: |view| at_least(view, &[(Standard::Pilot, REPORT_ONLY)]),
    },
    Part {
        of_plan: "CS-04",
        title: "Parity with security defaults, in Report-only",
        applies: |view| view.has_policies(),
        date: prepare_end,
        first: break_glass_first,
        draft: |view| {
            let wanted = [
                (Standard::Administrators, REPORT_ONLY),
                (Standard::AzureManagement, REPORT_ONLY),
                (Standard::DeviceCode, REPORT_ONLY),
            ];
            at_least(view, &wanted)
        },
    },
    Part {
        of_plan: "CS-10",
        title: "Disable dormant accounts",
        applies: |_| true,
        date: prepare_end,
        first: |view| {
            (!view.state.attestations.contains_key("P-36")).then(|| {
                "somebody confirms with HR that nobody needs these accounts: `lockstep attest P-36 \
                 --by WHO --note TEXT`"
                    .to_owned()
            })
        },
        draft: dormant,
    },
    Part {
        of_plan: "CS-05",
        title: "Registration campaign",
        applies: |view| view.switched == Happened::No,
        date: |view| view.step(Stage::Register, false),
        first: nothing,
        draft: campaign_on,
    },
    Part {
        of_plan: PROTECT_PILOT,
        title: "Protect the registration of security information, for the pilot group",
        applies: without_defaults,
        date: |view| view.planned("CS-06").unwrap_or(view.today),
        first: everybody_can_register,
        draft: |view| protects(view, Standard::ProtectPilotRegistration),
    },
    Part {
        of_plan: "CS-06",
        title: "Protect the registration of security information",
        applies: without_defaults,
        date: |view| view.planned("CS-06").unwrap_or(view.today),
        first: |view| everybody_can_register(view).or_else(|| the_pilot_registers_first(view)),
        draft: |view| protects(view, Standard::ProtectRegistration),
    },
    Part {
        of_plan: BRIDGE,
        title: "Fill the bridge group",
        applies: |view| {
            // On the day itself a new member would not count before the cut-over.
            let helps = tenant::first_done(view.state, BRIDGE).is_none()
                || view.today < view.step(Stage::Enforce, false);
            view.has_policies() && view.has_bridge() && !view.is_asked_beyond_the_pilot() && helps
        },
        date: |view| view.step(Stage::Register, true),
        first: nothing,
        draft: bridge,
    },
    Part {
        of_plan: "CS-02/on",
        title: "Block legacy authentication, On",
        applies: without_defaults,
        date: pilot,
        first: nothing,
        draft: |view| at_least(view, &[(Standard::BlockLegacy, ON)]),
    },
    Part {
        of_plan: "CS-04/on",
        title: "Parity with security defaults, On",
        applies: without_defaults,
        date: pilot,
        first: nothing,
        draft: |view| {
            at_least(view, &[(Standard::Administrators, ON), (Standard::AzureManagement, ON)])
        },
    },
    Part {
        of_plan: PILOT_ON,
        title: "MFA for the pilot, On",
        applies: |view| without_defaults(view) && !view.is_asked_beyond_the_pilot(),
        date: pilot,
        first: nothing,
        draft: |view| at_least(view, &[(Standard::Pilot, ON)]),
    },
    Part {
        of_plan: SECOND_RING,
        title: draft::SECOND_RING_TITLE,
        applies: |view| view.in_rings(),
        date: |view| view.step(Stage::Enforce, false),
        first: bridge_first,
        draft: second_ring,
    },
    Part {
        of_plan: LAST_RING,
        title: draft::LAST_RING_TITLE,
        applies: |view| view.in_rings(),
        date: |view| view.planned(LAST_RING).unwrap_or(view.today),
        first: second_ring_first,
        draft: last_ring,
    },
    Part {
        of_plan: CUT_OVER,
        title: "Enforce for all users",
        applies: |view| view.has_policies() && !view.in_rings(),
        date: |view| view.step(Stage::Enforce, false),
        first: bridge_first,
        draft: cut_over,
    },
    Part {
        of_plan: DEFAULTS,
        title: "Security defaults on for everyone",
        applies: |view| !view.has_policies() && view.planned("CS-07").is_some(),
        date: |view| view.step(Stage::Enforce, false),
        first: nothing,
        draft: security_defaults_on,
    },
    Part {
        of_plan: "CS-08",
        title: "Retire per-user MFA",
        applies: |view| view.is_switched(),
        date: |view| view.planned("CS-08").unwrap_or(view.today),
        first: nothing,
        draft: |view| draft::retire_per_user_mfa(view.seen.facts).map(|it| it.draft),
    },
    Part {
        of_plan: "CS-04/device-code",
        title: "Block device code flow",
        applies: |view| view.is_switched() && without_defaults(view),
        date: |view| view.step(Stage::Validate, true),
        first: |view| not_passed(view, GateId::G7).or_else(|| uses_device_code(view)),
        draft: |view| at_least(view, &[(Standard::DeviceCode, ON)]),
    },
    Part {
        of_plan: "CS-05/off",
        title: "Registration campaign off",
        applies: |view| view.is_switched() && view.seen.plan.registration.not_capable.is_empty(),
        date: |view| view.step(Stage::Validate, true),
        first: |view| not_passed(view, GateId::G7),
        draft: campaign_off,
    },
];

const ON: PolicyState = PolicyState::Enabled;
const REPORT_ONLY: PolicyState = PolicyState::EnabledForReportingButNotEnforced;

fn without_defaults(view: &View<'_>) -> bool {
    view.has_policies() && !view.may_have_security_defaults()
}

/// Whoever uses the device code flow is told apart first (NH-04): devices of Teams rooms do, and cannot
/// do otherwise.
fn uses_device_code(view: &View<'_>) -> Option<String> {
    let finding = view.seen.plan.preflight.iter().find(|it| it.id == "NH-04");
    match finding {
        Some(finding) if finding.verdict == Verdict::Ok => None,
        Some(finding) => Some(format!(
            "nobody may need it any more (NH-04): {}",
            finding.subject.trim_end_matches('.')
        )),
        None => Some("whether anybody uses it is not known (NH-04)".to_owned()),
    }
}

fn not_passed(view: &View<'_>, gate: GateId) -> Option<String> {
    (view.state.verdict(gate) != GateState::Passed)
        .then(|| format!("gate {} is passed first", gate.word()))
}

/// Policies that are made, or brought further than they are: what is On is not brought back to
/// Report-only, and a policy that reached its state and leaves the break-glass accounts out stays as
/// it is.
fn at_least(view: &View<'_>, wanted: &[(Standard, PolicyState)]) -> Result<Draft, CannotDraft> {
    let facts = view.seen.facts;
    let mut open = Vec::new();
    for (which, state) in wanted {
        let found = draft::numbered(facts, which.number())?;
        let reached = found.is_some_and(|it| it.state == *state || it.state == ON);
        let excludes = match found {
            Some(found) => leaves_out(found, &which.draft(facts)?),
            None => false,
        };
        match (reached, found) {
            (true, _) if excludes => {}
            // A policy that is On already may be for others than a draft of today: it is not made
            // anew to mend its exclusions.
            (true, Some(found)) if found.state != *state => {}
            _ => open.push((*which, *state)),
        }
    }
    if open.is_empty() {
        return Err(CannotDraft::NothingToChange);
    }
    draft::put_policies(facts, view.marker, &open)
}

/// Whether a policy leaves out the break-glass accounts as a draft of today does: by their group, or
/// by name.
fn leaves_out(policy: &conditional_access::Policy, draft: &conditional_access::Policy) -> bool {
    let holds = |all: &[String], wanted: &[String]| {
        !wanted.is_empty()
            && wanted.iter().all(|it| all.iter().any(|one| one.eq_ignore_ascii_case(it)))
    };
    let (is, should) = (&policy.conditions.users, &draft.conditions.users);
    // Guests are left out by name, and are no account.
    let named = |all: &[String]| -> Vec<String> {
        all.iter().filter(|it| it.contains('-')).cloned().collect()
    };
    holds(&is.exclude_groups, &should.exclude_groups)
        || holds(&named(&is.exclude_users), &named(&should.exclude_users))
}

fn dormant(view: &View<'_>) -> Result<Draft, CannotDraft> {
    let accounts: Vec<Account> = view
        .seen
        .plan
        .exceptions
        .accounts
        .iter()
        .filter(|it| it.kind == Kind::Dormant)
        .map(|it| it.account.clone())
        .collect();
    draft::disable(view.seen.facts, &accounts, "Nobody has used it for a long time.")
}

fn campaign_state<'v>(view: &View<'v>) -> Option<&'v str> {
    let policy = view.seen.facts.snapshot.methods_policy.as_ref()?;
    policy.campaign.as_ref()?.state.as_deref()
}

fn campaign_on(view: &View<'_>) -> Result<Draft, CannotDraft> {
    if campaign_state(view) == Some("enabled") {
        return Err(CannotDraft::NothingToChange);
    }
    draft::campaign(view.seen.facts, true, SNOOZE_DAYS)
}

fn campaign_off(view: &View<'_>) -> Result<Draft, CannotDraft> {
    if campaign_state(view) == Some("disabled") {
        return Err(CannotDraft::NothingToChange);
    }
    draft::campaign(view.seen.facts, false, SNOOZE_DAYS)
}

/// While the switch is watched nothing else changes for everybody. And whoever has no method could
/// not register any more: everybody has one first, where there is no trusted location to register
/// from, or where nobody signs in without.
fn everybody_can_register(view: &View<'_>) -> Option<String> {
    if view.is_asked_beyond_the_pilot()
        && let Some(watched) = not_passed(view, GateId::G7)
    {
        return Some(watched);
    }
    let registration = &view.seen.plan.registration;
    let left = registration.not_capable.len();
    let needs_a_method = view.is_asked_beyond_the_pilot() || !has_trusted_location(view.seen);
    if !needs_a_method || (left == 0 && registration.rate.is_some()) {
        return None;
    }
    Some(match left {
        0 => "who has a method is not known: under it nobody without one could register".to_owned(),
        1 => "1 person has no method yet: under it they could not register one".to_owned(),
        _ => format!("{left} people have no method yet: under it they could not register one"),
    })
}

/// A named location that is marked as trusted. One of which nobody tells whether it is, is none.
fn has_trusted_location(seen: &Seen<'_>) -> bool {
    let mut all = seen.facts.snapshot.named_locations.iter().flatten();
    all.any(|it| matches!(it.kind, NamedLocationKind::Ip { trusted: Some(true), .. }))
}

/// The policy that protects registration, for whom it is drafted. For all users it counts only if it
/// is for all; for the pilot group also if it is for more.
fn protects(view: &View<'_>, which: Standard) -> Result<Draft, CannotDraft> {
    let facts = view.seen.facts;
    let found = draft::numbered(facts, which.number())?.filter(|it| it.state == ON);
    let for_a_few = which == Standard::ProtectPilotRegistration;
    let done = match found {
        None => false,
        // What is for all is mended by the part that is for all.
        Some(found) if found.includes_all_users() => {
            for_a_few || leaves_out(found, &which.draft(facts)?)
        }
        Some(found) => for_a_few && leaves_out(found, &which.draft(facts)?),
    };
    if done {
        return Err(CannotDraft::NothingToChange);
    }
    draft::put_policies(facts, view.marker, &[(which, ON)])
}

/// Report-only does not judge it, so the pilot group has it for a day before everybody does.
fn the_pilot_registers_first(view: &View<'_>) -> Option<String> {
    let facts = view.seen.facts;
    let policy = draft::numbered(facts, Standard::ProtectRegistration.number());
    let policy = policy.ok().flatten().filter(|it| it.state == ON);
    let Some(policy) = policy else {
        return Some("the pilot group registers under it first".to_owned());
    };
    if policy.includes_all_users() {
        return None;
    }
    let since =
        tenant::first_done(view.state, PROTECT_PILOT).or(policy.modified).or(policy.created);
    let Some(since) = since else {
        return Some("since when the pilot group has it no file tells".to_owned());
    };
    (view.now.duration_since(since) < TRIED_FOR)
        .then(|| "the pilot group has it for a day first".to_owned())
}

fn bridge(view: &View<'_>) -> Result<Draft, CannotDraft> {
    let capable = tenant::capable(view.seen);
    let capable = capable
        .ok_or_else(|| CannotDraft::NoGroup { name: "people who can pass MFA".to_owned() })?;
    draft::bridge(view.seen.facts, view.marker, &capable)
}

/// The bridge group is filled a day before: until then its members may not count. Whoever is added
/// later is covered with everybody else.
fn bridge_first(view: &View<'_>) -> Option<String> {
    if !view.has_bridge() {
        return None;
    }
    let Some(filled) = tenant::first_done(view.state, BRIDGE) else {
        let is_filled = bridge(view) == Err(CannotDraft::NothingToChange);
        return (!is_filled).then(|| "the bridge group is filled first".to_owned());
    };
    if view.now.duration_since(filled) >= BRIDGE_SETTLES {
        return None;
    }
    let from = filled.saturating_add(BRIDGE_SETTLES).unwrap_or(Timestamp::MAX);
    Some(format!("the bridge group was filled less than a day ago; from {from:.0} it counts"))
}

/// Whoever can pass MFA, with how many cannot.
fn second_ring(view: &View<'_>) -> Result<Draft, CannotDraft> {
    if view.is_asked_beyond_the_pilot() {
        return Err(CannotDraft::NothingToChange);
    }
    let registration = &view.seen.plan.registration;
    let left = registration.rate.map(|_| registration.not_capable.len());
    draft::second_ring(view.seen.facts, left)
}

fn last_ring(view: &View<'_>) -> Result<Draft, CannotDraft> {
    if view.is_switched() {
        return Err(CannotDraft::NothingToChange);
    }
    draft::last_ring(view.seen.facts)
}

/// The last ring waits for what the second has to show.
fn second_ring_first(view: &View<'_>) -> Option<String> {
    if !tenant::second_ring(view.state, view.seen).is_yes() {
        return Some("ring 2 is asked first".to_owned());
    }
    let open = gates::still_to_show(view.state, view.seen, view.now);
    let first = open.first()?;
    let more = if open.len() > 1 { "; one thing more is open" } else { "" };
    Some(format!("ring 2 has not shown enough: {}{more}", first.why.trim_end_matches('.')))
}

fn cut_over(view: &View<'_>) -> Result<Draft, CannotDraft> {
    if view.is_switched() {
        return Err(CannotDraft::NothingToChange);
    }
    draft::cut_over(view.seen.facts)
}

/// Without Conditional Access security defaults are what enforces MFA.
fn security_defaults_on(view: &View<'_>) -> Result<Draft, CannotDraft> {
    let before = view.seen.facts.snapshot.security_defaults;
    if before == Some(true) {
        return Err(CannotDraft::NothingToChange);
    }
    let reason = "Without Entra ID P1 there is no Conditional Access; security defaults need no \
                  licence.";
    Ok(Draft {
        purpose: Purpose::CutOver,
        title: "Security defaults on for everyone".to_owned(),
        step: Stage::Enforce,
        edits: vec![(Edit::SecurityDefaults { before, after: true }, reason.to_owned())],
        gap: None,
        rests_on: std::collections::BTreeSet::new(),
    })
}
