//! NE in small as the engine sees it: a plan that is made, a log that is read, and a state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use conditional_access::State as PolicyState;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use rollout::change::ChangeSet;
use rollout::change::guard::{Guard, GuardResult, Unwaivable, Verdict};
use rollout::engine::{
    Attestation, Confirmation, Criterion, Effect, Event, GateId, GateRecord, Record, Refusal,
    Schedule, Seen, State, Waived, Waiver, rows_wanted, step,
};
use rollout::evidence::{AppliedPolicy, AuthenticationStep, PolicyResults, SignInRow, SignIns};
use rollout::impact::Impact;
use rollout::plan::Plan;
use rollout::preflight::{Severity, Verdict as Found};
use rollout::proof::{BreakGlassProof, Proof};
use rollout::proposal::Against;
use rollout::registration::{CapableOf, NotCapable};
use rollout::{
    Activity, Campaign, Coverage, Enforcement, Measurement, MethodConfiguration, MethodsPolicy,
    PersonActivity, Registration, Window, exceptions,
};

use crate::tenant;
use crate::world::{World, account};

/// The first day of the plan is Monday 23 November; the day of enforcement Saturday 12 December.
pub(crate) const START: Date = date(2026, 11, 23);

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Noon of a day of the plan, from 1.
pub(crate) fn noon(day: i32) -> Timestamp {
    at("2026-11-23T12:00:00Z") + SignedDuration::from_hours(24 * i64::from(day - 1))
}

/// What is seen of NE, and what is known.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) plan: Plan,
    pub(crate) sign_ins: Option<SignIns>,
    pub(crate) snapshot_taken: Option<Timestamp>,
    pub(crate) state: State,
    pub(crate) now: Timestamp,
}

impl Scene {
    /// Everything is prepared and registered, the pilot proved the policy, nothing is switched: every
    /// gate up to G6 passes. It is the day of enforcement.
    pub(crate) fn ready() -> Self {
        // Making the plan takes longer than any question about it.
        static READY: LazyLock<Scene> = LazyLock::new(Scene::prepared);
        READY.clone()
    }

    fn prepared() -> Self {
        let now = noon(20);
        let mut world = tenant::ne();
        world.now = now;
        world.rollout.break_glass.alert_tested = Some(date(2026, 11, 24));
        world.rollout.break_glass.group = Some("CA - Excluded emergency accounts".to_owned());
        let measured = Measurement {
            window: Window {
                from: Some(now - SignedDuration::from_hours(24 * 30)),
                to: Some(now),
                days_asked: 30,
                days_covered: 30,
            },
            coverage: Coverage {
                records_read: 900,
                interactive: Some(true),
                non_interactive: Some(true),
                ..Coverage::default()
            },
            activity: Some(Activity {
                people: ["ann", "ben", "cora", "dan"]
                    .map(|name| PersonActivity {
                        account: account(name),
                        interactive_successes: 3,
                        last_success: Some(now - SignedDuration::from_hours(5)),
                        ..PersonActivity::default()
                    })
                    .to_vec(),
                ..Activity::default()
            }),
            ..Measurement::default()
        };
        world.measurement = Some(measured);
        let snapshot = &mut world.snapshot;
        for policy in snapshot.policies.iter_mut().flatten() {
            policy.modified = Some(noon(2));
        }
        snapshot.registrations = Some(
            ["ann", "ben", "cora", "dan"]
                .map(|name| Registration {
                    account: account(name),
                    mfa_registered: Some(true),
                    mfa_capable: Some(true),
                    last_updated: Some(now - SignedDuration::from_hours(5)),
                    ..Registration::default()
                })
                .to_vec(),
        );
        snapshot.methods_policy = Some(MethodsPolicy {
            campaign: Some(Campaign { state: Some("enabled".to_owned()), ..Campaign::default() }),
            migration_complete: Some(true),
            methods: ["microsoftauthenticator", "fido2", "temporaryaccesspass"]
                .map(|id| MethodConfiguration {
                    id: id.to_owned(),
                    enabled: Some(true),
                    ..MethodConfiguration::default()
                })
                .to_vec(),
            ..MethodsPolicy::default()
        });
        let mut scene = Self {
            plan: world.plan(),
            world,
            sign_ins: None,
            snapshot_taken: Some(now - SignedDuration::from_mins(5)),
            state: State::default(),
            now,
        };
        let policies = scene.world.snapshot.policies.as_mut().unwrap();
        for (number, name, state) in [
            ("4", "CA004 - Block device code flow", "enabledForReportingButNotEnforced"),
            ("5", "CA005 - Protect registration of security info", "enabled"),
        ] {
            let id = format!("10000000-0000-4000-8000-00000000000{number}");
            let flow = serde_json::json!({"modifiedDateTime": noon(2).to_string()});
            policies.push(tenant::own(&id, name, state, flow));
        }
        scene.good_plan();
        scene.pilot(PolicyState::Enabled);
        scene.log();
        scene.words(&["P-07", "P-09", "P-12", "P-13", "P-18", "P-27", "P-36", "L-08", "L-12"]);
        scene.words(&["R-01", "P-19", "L-16"]);
        scene.state.schedule = Some(Schedule {
            start: START,
            enforce: date(2026, 12, 12),
            by: "Mia Stone".to_owned(),
            at: noon(1),
            reason: String::new(),
            security_defaults: None,
        });
        scene
    }

    /// The same, ring by ring: ring 2, Ben and Dan of the bridge group, is asked since the noon of day
    /// 20, and it is the noon of day 22. Ben passed a fresh challenge an hour after.
    pub(crate) fn in_rings() -> Self {
        let mut scene = Self::ready();
        scene.world.rollout.steps.enforcement = Enforcement::Rings;
        scene.plan = scene.world.plan();
        scene.good_plan();
        // Of the other policies nothing is left to do.
        for policy in scene.world.snapshot.policies.iter_mut().flatten() {
            policy.state = PolicyState::Enabled;
        }
        scene.log();
        scene.see();
        for policy in scene.world.snapshot.policies.iter_mut().flatten() {
            if policy.id.as_deref() == Some(tenant::CA001) {
                policy.modified = Some(noon(20));
                policy.conditions.users.include_groups.push(tenant::BRIDGE.to_owned());
            }
        }
        scene.moves_to(noon(22));
        scene
    }

    /// Time passes, and the tenant is read again: Ben's fresh sign-in is in the log.
    pub(crate) fn moves_to(&mut self, now: Timestamp) {
        self.now = now;
        self.world.now = now;
        self.snapshot_taken = Some(now - SignedDuration::from_mins(5));
        for row in self.world.snapshot.registrations.iter_mut().flatten() {
            row.last_updated = Some(now - SignedDuration::from_hours(5));
        }
        self.good_plan();
        self.log();
        let fresh = noon(20) + SignedDuration::from_hours(1);
        self.sign_ins.as_mut().unwrap().rows.push(challenged("ben", fresh, &DEVICES[1]));
    }

    /// The documents of the plan as they are when nothing is left open.
    fn good_plan(&mut self) {
        let plan = &mut self.plan;
        for finding in &mut plan.preflight {
            finding.verdict = Found::Ok;
        }
        let registration = &mut plan.registration;
        registration.rate = Some(1.0);
        registration.capable = Some(4);
        registration.registered = Some(4);
        registration.denominators.in_scope_people = Some(4);
        registration.administrators = Some(CapableOf { capable: 2, of: 2 });
        registration.not_capable = Vec::new();
        registration.as_of = Some(self.now - SignedDuration::from_hours(5));
        plan.exceptions.accounts.clear();
        plan.lockout = Some(nobody_locked_out(self.now));
        plan.proof = Some(proof(self.now));
    }

    /// CA001 for the pilot, in a state; the other policies as they are.
    pub(crate) fn pilot(&mut self, state: PolicyState) {
        for policy in self.world.snapshot.policies.iter_mut().flatten() {
            if policy.id.as_deref() == Some(tenant::CA001) {
                policy.state = state;
                policy.modified = Some(noon(17));
                policy.conditions.users.include_users.clear();
                policy.conditions.users.include_groups = vec![crate::world::PILOT.to_owned()];
            }
        }
    }

    /// The same beside security defaults: the policies report since day 2, and the pilot's sign-ins
    /// tell so.
    pub(crate) fn beside_defaults() -> Self {
        let mut scene = Self::ready();
        scene.world.snapshot.security_defaults = Some(true);
        scene.pilot(PolicyState::EnabledForReportingButNotEnforced);
        for policy in scene.world.snapshot.policies.iter_mut().flatten() {
            policy.state = PolicyState::EnabledForReportingButNotEnforced;
            policy.modified = Some(noon(2));
        }
        scene.log();
        for row in &mut scene.sign_ins.as_mut().unwrap().rows {
            if row.policies.len() == 1 {
                row.policies = vec![applied(tenant::CA001, "reportOnlySuccess")];
            }
        }
        scene
    }

    /// CA001 is On for all users since the noon of day 20.
    pub(crate) fn switch(&mut self) {
        for policy in self.world.snapshot.policies.iter_mut().flatten() {
            policy.state = PolicyState::Enabled;
            if policy.id.as_deref() == Some(tenant::CA001) {
                policy.modified = Some(noon(20));
                policy.conditions.users.include_users = vec!["All".to_owned()];
                policy.conditions.users.include_groups.clear();
            }
        }
    }

    /// A log without a hole up to the snapshot: every pilot member passed fresh on every kind of
    /// device, both break-glass accounts got into the portal and were left alone.
    pub(crate) fn log(&mut self) {
        let taken = self.snapshot_taken.unwrap_or(self.now);
        let mut sign_ins = SignIns {
            newest: Some(taken),
            oldest: Some(noon(1) - SignedDuration::from_hours(24 * 120)),
            interactive: Some(true),
            non_interactive: Some(true),
            ..SignIns::default()
        };
        let mut day = date(2026, 7, 20);
        let last = taken.to_zoned(jiff::tz::TimeZone::UTC).date();
        while day <= last {
            sign_ins.hours.insert(day, 0x00ff_ffff);
            day = day.tomorrow().unwrap();
        }
        let before = |hours: i64| taken - SignedDuration::from_hours(hours);
        for (place, name) in ["ann", "cora"].into_iter().enumerate() {
            for (nth, device) in DEVICES.iter().enumerate() {
                let hours = 5 + i64::try_from(place * 10 + nth).unwrap();
                sign_ins.rows.push(challenged(name, before(hours), device));
            }
        }
        let live = self.live();
        for name in ["alpha", "bravo"] {
            sign_ins.rows.push(left_alone(name, before(4), &live));
        }
        let report_only: [&str; 4] = [tenant::CA000, tenant::CA001, tenant::CA002, tenant::CA003];
        for id in report_only {
            let days: BTreeSet<Date> = sign_ins.hours.keys().copied().collect();
            sign_ins.policy_days.insert(id.to_owned(), days);
        }
        self.sign_ins = Some(sign_ins);
        self.with(|scene, seen| {
            let ask = rows_wanted(&scene.state, seen, scene.now);
            let mut asked = scene.sign_ins.clone().unwrap();
            asked.asked = ask;
            asked
        })
        .clone_into(self.sign_ins.as_mut().unwrap());
    }

    /// Ids of the policies that are not Off.
    pub(crate) fn live(&self) -> Vec<String> {
        let all = self.world.snapshot.policies.iter().flatten();
        all.filter(|it| it.is_live()).filter_map(|it| it.id.clone()).collect()
    }

    pub(crate) fn words(&mut self, tasks: &[&str]) {
        for task in tasks {
            let new = word(task, self.now - SignedDuration::from_hours(1));
            // Said with the lists at hand.
            let said = self.with(|scene, seen| {
                let (asked, _) = step(&scene.state, &Event::Seen(seen), scene.now);
                let (said, _) = step(&asked, &Event::Attested(new), scene.now);
                said.attestations[*task].clone()
            });
            self.state.add(Record::Attestation(said));
        }
    }

    pub(crate) fn waive(&mut self, what: Waived) {
        let waiver = waiver(what, self.now);
        self.state.add(Record::Waiver(waiver));
    }

    pub(crate) fn with<R>(&self, then: impl FnOnce(&Self, &Seen<'_>) -> R) -> R {
        let facts = self.world.facts();
        let classification = exceptions::classify(&facts);
        let seen = Seen {
            facts: &facts,
            classification: &classification,
            plan: &self.plan,
            snapshot_taken: self.snapshot_taken,
            snapshot: "snapshot",
            unread: 0,
            sign_ins: self.sign_ins.as_ref(),
        };
        then(self, &seen)
    }

    /// The tenant is seen: the state after it.
    pub(crate) fn see(&mut self) -> Vec<Effect> {
        let (state, effects) =
            self.with(|scene, seen| step(&scene.state, &Event::Seen(seen), scene.now));
        self.state = state;
        effects
    }

    /// How the gates stand, asked on what is there.
    pub(crate) fn gate(&self, gate: GateId) -> GateRecord {
        let mut blank = State { gates: BTreeMap::new(), ..self.state.clone() };
        let (state, _) = self.with(|scene, seen| step(&blank, &Event::Seen(seen), scene.now));
        blank = state;
        blank.gates.remove(&gate).unwrap()
    }

    pub(crate) fn criterion(&self, id: &str) -> Criterion {
        let gate = GateId::of_word(id.split('.').next().unwrap()).unwrap();
        self.gate(gate).criteria.into_iter().find(|it| it.id == id).unwrap()
    }

    pub(crate) fn step(&mut self, event: &Event<'_>) -> Vec<Effect> {
        let (state, effects) = step(&self.state, event, self.now);
        self.state = state;
        effects
    }

    /// A task or step with that criterion about nobody capable.
    pub(crate) fn missing(&mut self, names: &[&str]) {
        let registration = &mut self.plan.registration;
        registration.not_capable = names
            .iter()
            .map(|name| NotCapable {
                account: account(name),
                reason: "registered no method".to_owned(),
                recommended_method: "microsoft-authenticator",
                why: String::new(),
            })
            .collect();
        let capable = 4 - u32::try_from(names.len()).unwrap();
        registration.capable = Some(u64::from(capable));
        registration.rate = Some(f64::from(capable) / 4.0);
        for row in self.world.snapshot.registrations.iter_mut().flatten() {
            let missing = names.iter().any(|name| row.account == account(name));
            row.mfa_capable = Some(!missing);
        }
    }

    pub(crate) fn finding(&mut self, id: &str, verdict: Found) {
        let found = self.plan.preflight.iter_mut().find(|it| it.id == id).unwrap();
        found.verdict = verdict;
        assert!(found.severity == Severity::Block, "{id} does not block");
    }
}

/// Kinds of device: operating system, device id, managed.
const DEVICES: [(&str, &str, Option<bool>); 3] =
    [("Windows 11", "device-1", Some(true)), ("iOS 18", "", None), ("macOS 15", "", Some(false))];

/// A fresh challenge by CA001 that was passed.
pub(crate) fn challenged(
    name: &str,
    at: Timestamp,
    (system, device, managed): &(&str, &str, Option<bool>),
) -> SignInRow {
    SignInRow {
        id: Some(format!("{name}-{system}-{at}")),
        correlation_id: Some(format!("c-{name}-{system}-{at}")),
        at: Some(at),
        account: account(name),
        interactive: Some(true),
        app: Some("Office 365".to_owned()),
        error_code: Some(0),
        operating_system: Some((*system).to_owned()),
        device_id: Some((*device).to_owned()),
        is_managed: *managed,
        requirement: Some("multiFactorAuthentication".to_owned()),
        policies: vec![applied(tenant::CA001, "success")],
        steps: vec![
            succeeded("Password"),
            AuthenticationStep {
                result_detail: Some("MFA completed in Azure AD".to_owned()),
                ..succeeded("Mobile app notification")
            },
        ],
        ..SignInRow::default()
    }
}

pub(crate) fn applied(id: &str, result: &str) -> AppliedPolicy {
    AppliedPolicy { id: Some(id.to_owned()), name: None, result: Some(result.to_owned()) }
}

fn succeeded(method: &str) -> AuthenticationStep {
    AuthenticationStep {
        method: Some(method.to_owned()),
        succeeded: Some(true),
        ..AuthenticationStep::default()
    }
}

/// A break-glass account in the portal with its key, asked by no policy.
pub(crate) fn left_alone(name: &str, at: Timestamp, policies: &[String]) -> SignInRow {
    SignInRow {
        id: Some(format!("{name}-{at}")),
        at: Some(at),
        account: account(name),
        interactive: Some(true),
        app: Some("Azure Portal".to_owned()),
        app_id: Some("c44b4083-3bb0-49c1-b47d-974e53cbdf3c".to_owned()),
        error_code: Some(0),
        policies: policies.iter().map(|id| applied(id, "notApplied")).collect(),
        steps: vec![succeeded("FIDO2 security key")],
        ..SignInRow::default()
    }
}

pub(crate) fn result(policy: &str, name: &str, result: &str) -> PolicyResults {
    PolicyResults {
        policy: policy.to_owned(),
        account: account(name),
        result: result.to_owned(),
        sign_ins: 3,
        ..PolicyResults::default()
    }
}

pub(crate) fn word(task: &str, at: Timestamp) -> Attestation {
    Attestation {
        task: task.to_owned(),
        by: "Ada Marsh".to_owned(),
        at,
        note: "Done and seen.".to_owned(),
        file: None,
        about: Vec::new(),
    }
}

pub(crate) fn waiver(what: Waived, at: Timestamp) -> Waiver {
    Waiver {
        id: "W-001".to_owned(),
        what,
        by: "Mia Stone".to_owned(),
        reason: "The risk is taken.".to_owned(),
        at,
        until: at.to_zoned(jiff::tz::TimeZone::UTC).date().tomorrow().unwrap(),
    }
}

pub(crate) fn proof(now: Timestamp) -> Proof {
    Proof {
        schema: "lockstep.proof/1",
        generated_at: now,
        against: Against::Proposed,
        policies: vec!["CA001".to_owned()],
        assumptions: Vec::new(),
        holds: true,
        administrators_who_can_sign_in: vec![account("ann"), account("ben")],
        unproven_administrators: Vec::new(),
        break_glass: ["alpha", "bravo"]
            .map(|name| BreakGlassProof {
                account: account(name),
                excluded_from_all: true,
                can_sign_in: true,
            })
            .to_vec(),
        counter_examples: Vec::new(),
        shortfalls: Vec::new(),
        cells_checked: 1,
        gaps: Vec::new(),
    }
}

fn nobody_locked_out(now: Timestamp) -> Impact {
    Impact {
        schema: "lockstep.impact/1",
        generated_at: now,
        against: Against::Proposed,
        policies: Vec::new(),
        assumptions: Vec::new(),
        window: Window::default(),
        coverage: Coverage::default(),
        users: rollout::impact::UserCounts::default(),
        sign_ins: rollout::impact::SignInCounts::default(),
        by_app: Vec::new(),
        by_client_app: Vec::new(),
        by_platform: Vec::new(),
        by_country: Vec::new(),
        people: Vec::new(),
        compared: Vec::new(),
        gaps: Vec::new(),
    }
}

/// The answers of guards that were asked: all hold, but for one.
pub(crate) fn guards(against: Option<(Guard, Verdict)>) -> Vec<GuardResult> {
    let mut all = vec![
        GuardResult { guard: Guard::Unwaivable(Unwaivable::SnapshotFresh), verdict: Verdict::Held },
        GuardResult { guard: Guard::Unwaivable(Unwaivable::BeforeSeen), verdict: Verdict::Held },
    ];
    if let Some((guard, verdict)) = against {
        all.retain(|it| it.guard != guard);
        all.push(GuardResult { guard, verdict });
    }
    all
}

pub(crate) fn confirmation(word: &str) -> Confirmation {
    Confirmation { by: "Ada Marsh".to_owned(), at: noon(20), word: word.to_owned() }
}

pub(crate) fn refusal(effects: &[Effect]) -> Refusal {
    assert_eq!(effects.len(), 1, "{effects:?}");
    let refused = |it: &Effect| match it {
        Effect::Refuse(refusal) => Some(refusal.clone()),
        _ => None,
    };
    effects.iter().find_map(refused).unwrap()
}

pub(crate) fn set_of(world: &World, draft: rollout::change::Draft) -> ChangeSet {
    ChangeSet::make(draft, &world.snapshot, tenant::made())
}
