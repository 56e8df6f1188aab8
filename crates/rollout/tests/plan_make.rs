//! The whole plan of a small tenant.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use conditional_access::{Applications, Conditions, GrantControls, Operator, Policy, State, Users};
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use rollout::exceptions::{Classification, ClassifiedAccount, Exceptions, Kind};
use rollout::gaps::Gap;
use rollout::impact::{Caught, CaughtKind, Impact, SignInCounts, UserCounts};
use rollout::legacy::{Dependency, LegacyAudit, LegacyTotals};
use rollout::plan::{self, GateState, Input, Plan, PlanError};
use rollout::preflight::{Finding, Preflight, Severity, Stage, Verdict};
use rollout::proof::Proof;
use rollout::proposal::Against;
use rollout::registration::{CapableOf, Denominators, NotCapable, RegistrationReport};
use rollout::{
    Account, Coverage, Domain, Facts, GLOBAL_ADMINISTRATOR, Group, Member, MemberKind, PerUserMfa,
    RoleAssignment, Rollout, SignInActivity, Sku, Snapshot, Tenant, User, UserType, Window,
};

const NOW: &str = "2026-11-20T09:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn account(name: &str) -> Account {
    Account {
        user_principal_name: Some(format!("{name}@ne.example")),
        user_id: Some(format!("id-{name}")),
        display_name: Some(name.to_owned()),
    }
}

fn user(name: &str) -> User {
    User {
        account: account(name),
        account_enabled: Some(true),
        user_type: Some(UserType::Member),
        manager: Some("Robin Vale".to_owned()),
        activity: Some(SignInActivity { last_successful: Some(now()), ..Default::default() }),
        ..User::default()
    }
}

/// NE: ten people stand for 210, an administrator among them.
fn ne() -> Snapshot {
    let names = ["ada", "ben", "cora", "dan", "eve", "fay", "gil", "hal", "ivy", "jon"];
    Snapshot {
        tenant: Tenant {
            id: Some("tenant-ne".to_owned()),
            display_name: Some("NE Engineering".to_owned()),
            domains: Some(vec![
                Domain {
                    name: "ne.example".to_owned(),
                    is_default: Some(true),
                    ..Domain::default()
                },
                Domain {
                    name: "ne.onmicrosoft.com".to_owned(),
                    is_initial: Some(true),
                    ..Domain::default()
                },
            ]),
            on_premises_sync: Some(true),
        },
        users: Some(names.iter().map(|name| user(name)).collect()),
        groups: Some(vec![Group {
            id: Some("group-it".to_owned()),
            display_name: Some("IT team".to_owned()),
            members: Some(vec![Member {
                id: Some("id-ada".to_owned()),
                user_principal_name: None,
                kind: MemberKind::User,
            }]),
            ..Group::default()
        }]),
        roles: Some(vec![RoleAssignment {
            role: GLOBAL_ADMINISTRATOR.to_owned(),
            role_name: None,
            principal_id: Some("id-ada".to_owned()),
            principal_name: None,
            principal_kind: MemberKind::User,
            active: true,
            scope: None,
            ends: None,
        }]),
        policies: Some(Vec::new()),
        security_defaults: Some(true),
        ..Snapshot::default()
    }
}

fn settings() -> Rollout {
    let mut rollout = Rollout::default();
    rollout.pilot.group = Some("IT team".to_owned());
    rollout.owners.insert("it-lead".to_owned(), "Ada Marsh".to_owned());
    rollout
}

fn dependency(name: &str, client: &str, cause: &'static str) -> Dependency {
    Dependency {
        account: account(name),
        client_app: Some(client.to_owned()),
        protocol: None,
        app: Some("Office 365 Exchange Online".to_owned()),
        device: None,
        succeeded: 40,
        failed: 0,
        first_seen: None,
        last_seen: None,
        ip_addresses: 1,
        finding: None,
        cause,
        evidence: Vec::new(),
        remedy: "relay".to_owned(),
        owner: None,
        decision: None,
        due: None,
    }
}

fn legacy() -> LegacyAudit {
    LegacyAudit {
        schema: "lockstep.legacy-audit/1",
        generated_at: now(),
        window: Window { from: None, to: Some(now()), days_asked: 30, days_covered: 27 },
        coverage: Coverage { interactive: Some(true), ..Coverage::default() },
        totals: LegacyTotals {
            sign_ins: 9_000,
            legacy_successes: 80,
            dependencies: 2,
            users: 2,
            ..LegacyTotals::default()
        },
        dependencies: vec![
            dependency("scanner", "Authenticated SMTP", "printer-smtp"),
            dependency("erp", "IMAP4", "unknown"),
        ],
        by_day: Vec::new(),
        gaps: Vec::new(),
    }
}

fn lockout() -> Impact {
    Impact {
        schema: "lockstep.impact/1",
        generated_at: now(),
        against: Against::Proposed,
        policies: vec!["CA001 - Require MFA - All users".to_owned()],
        assumptions: Vec::new(),
        window: Window { from: None, to: Some(now()), days_asked: 30, days_covered: 27 },
        coverage: Coverage::default(),
        users: UserCounts {
            total: 240,
            ready: 190,
            must_register: 26,
            cannot: 2,
            blocked_legacy: 2,
            blocked: 1,
            not_touched: 16,
            unknown: 3,
        },
        sign_ins: SignInCounts::default(),
        by_app: Vec::new(),
        by_client_app: Vec::new(),
        by_platform: Vec::new(),
        by_country: Vec::new(),
        people: Vec::new(),
        compared: Vec::new(),
        gaps: Vec::new(),
    }
}

/// No break-glass account is named, so that nobody could prove anything.
fn proof() -> Proof {
    Proof {
        schema: "lockstep.proof/1",
        generated_at: now(),
        against: Against::Proposed,
        policies: vec!["CA001 - Require MFA - All users".to_owned()],
        assumptions: Vec::new(),
        holds: false,
        administrators_who_can_sign_in: vec![account("ada")],
        unproven_administrators: Vec::new(),
        break_glass: Vec::new(),
        counter_examples: Vec::new(),
        shortfalls: vec!["No break-glass account is named.".to_owned()],
        cells_checked: 12,
        gaps: Vec::new(),
    }
}

fn caught() -> Caught {
    Caught {
        total: 11,
        kinds: vec![CaughtKind {
            kind: "room".to_owned(),
            people: false,
            count: 1,
            accounts: vec![account("boardroom")],
            meets: "It cannot answer and is signed out.".to_owned(),
        }],
    }
}

fn registration(capable: Option<u64>) -> RegistrationReport {
    let people = 210;
    RegistrationReport {
        schema: "lockstep.registration/1",
        generated_at: now(),
        as_of: None,
        source_age_hours: None,
        denominators: Denominators {
            in_scope_people: Some(people),
            enabled_members: Some(240),
            unclassified: Some(1),
        },
        capable,
        registered: capable,
        rate: capable.map(|it| f64::from(u32::try_from(it).unwrap()) / 210.0),
        rate_of_enabled_members: None,
        sms_only: vec![account("ben")],
        registered_not_capable: Vec::new(),
        carried_over: capable,
        administrators: capable.map(|_| CapableOf { capable: 3, of: 3 }),
        keys_to_stock: 6,
        guests: None,
        series: Vec::new(),
        not_capable: vec![NotCapable {
            account: account("cora"),
            reason: "no method".to_owned(),
            recommended_method: "fido2",
            why: "no smartphone".to_owned(),
        }],
        gaps: Vec::new(),
    }
}

fn classified(name: &str, kind: Kind, mfa_exempt: bool) -> ClassifiedAccount {
    ClassifiedAccount {
        account: account(name),
        kind,
        evidence: Vec::new(),
        treatment: "see the register",
        mfa_exempt,
        compensating_control: "",
        max_days: Some(90),
        approver: "IT lead",
    }
}

fn exceptions() -> Exceptions {
    Exceptions {
        schema: "lockstep.exceptions/1",
        totals: BTreeMap::new(),
        accounts: vec![
            classified("sync", Kind::Sync, true),
            classified("boardroom", Kind::Room, true),
            classified("info", Kind::SharedMailbox, false),
            classified("erp", Kind::Service, true),
            classified("jon", Kind::Executive, false),
            classified("old", Kind::Dormant, false),
        ],
        gaps: Vec::new(),
    }
}

fn finding(id: &'static str, severity: Severity, verdict: Verdict) -> Finding {
    Finding {
        id,
        severity,
        stage: &[Stage::Prepare],
        verdict,
        subject: "No break-glass account is named.".to_owned(),
        evidence: Vec::new(),
        fix: "create two",
        about: Vec::new(),
        needs: None,
    }
}

struct World {
    snapshot: Snapshot,
    rollout: Rollout,
    legacy: Option<LegacyAudit>,
    registration: RegistrationReport,
    exceptions: Exceptions,
    lockout: Option<Impact>,
    proof: Option<Proof>,
    templates: BTreeMap<String, String>,
}

impl World {
    fn ne() -> Self {
        Self {
            snapshot: ne(),
            rollout: settings(),
            legacy: Some(legacy()),
            registration: registration(Some(183)),
            exceptions: exceptions(),
            lockout: Some(lockout()),
            proof: Some(proof()),
            templates: BTreeMap::new(),
        }
    }

    /// A tenant of which no file told anything.
    fn unknown() -> Self {
        let mut registration = registration(None);
        registration.denominators = Denominators::default();
        registration.not_capable.clear();
        registration.sms_only.clear();
        let mut exceptions = exceptions();
        exceptions.accounts.clear();
        Self {
            snapshot: Snapshot::default(),
            rollout: Rollout::default(),
            legacy: None,
            registration,
            exceptions,
            lockout: None,
            proof: None,
            templates: BTreeMap::new(),
        }
    }

    fn plan(&self, start: Date) -> Result<Plan, PlanError> {
        let facts = Facts::new(&self.snapshot, None, &self.rollout, now());
        let people = self.snapshot.users.iter().flatten();
        let classification =
            Classification { users: people.map(|_| (Kind::Person, Vec::new())).collect() };
        plan::make(Input {
            facts: &facts,
            legacy: self.legacy.clone(),
            registration: self.registration.clone(),
            classification: &classification,
            exceptions: self.exceptions.clone(),
            preflight: Preflight {
                schema: "lockstep.preflight/1",
                findings: vec![
                    finding("BG-01", Severity::Block, Verdict::Found),
                    finding("BG-08", Severity::Block, Verdict::Inconclusive),
                    finding("BG-13", Severity::Warn, Verdict::Found),
                ],
            },
            lockout: self.lockout.clone(),
            proof: self.proof.clone(),
            caught: caught(),
            gaps: vec![Gap {
                id: "mailboxes",
                what: "No file told the mailboxes.".to_owned(),
                so: "shared mailboxes may be missing".to_owned(),
                close_with: "Exchange admin center › Recipients › Mailboxes › Export".to_owned(),
            }],
            start,
            agreed_defaults: None,
            made_from: "digest".to_owned(),
            templates: self.templates.clone(),
        })
    }

    fn planned(&self) -> Plan {
        self.plan(date("2026-11-23")).unwrap()
    }
}

/// What holds of every plan.
fn check_invariants(plan: &Plan) {
    let ids: BTreeSet<&str> = plan.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(ids.len(), plan.tasks.len(), "ids are unique");
    let sets: BTreeSet<&str> = plan.change_sets.iter().map(|set| set.id).collect();
    assert_eq!(sets.len(), plan.change_sets.len());
    for task in &plan.tasks {
        let step = plan.steps.iter().find(|step| step.id == task.step).unwrap();
        assert!(step.first_date <= task.date && task.date <= step.last_date, "{}", task.id);
        for text in [&task.title, &task.owner, &task.how, &task.lockstep, &task.evidence] {
            assert!(!text.trim().is_empty(), "{}", task.id);
            assert!(!text.contains('{') && !text.contains('}'), "{}: {text}", task.id);
        }
        if let Some(set) = task.change_set {
            assert!(sets.contains(set), "{} carries out {set}, which is not planned", task.id);
            assert_eq!(task.kind, plan::TaskKind::Change, "{}", task.id);
        }
        assert!(task.subjects.len() <= 51);
    }
    assert!(plan.tasks.is_sorted_by_key(|task| (task.date, task.id.clone())));
    for set in &plan.change_sets {
        assert!(plan.start <= set.date && set.date <= plan.end, "{}", set.id);
        assert!(!set.changes.is_empty() && !set.inverse.is_empty() && !set.reason.is_empty());
    }
    let gates: Vec<&str> = plan.gates.iter().map(|gate| gate.id).collect();
    assert_eq!(gates, ["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8"]);
    for gate in &plan.gates {
        assert!(!gate.why.is_empty() && !gate.thresholds.is_empty());
        assert!(matches!(gate.today, GateState::Pending | GateState::Inconclusive));
        let lines = gate.thresholds.iter().chain([&gate.why, &gate.question]);
        assert!(lines.clone().all(|text| !text.contains('{')), "{gate:?}");
    }
    assert!((2..=6).contains(&plan.summary.sentences.len()));
    assert_eq!(plan.success_criteria.len(), 3);
    for departure in &plan.departures {
        assert!(!departure.instead.contains('{'), "{departure:?}");
    }
    for talk in &plan.conversations {
        assert!(!talk.about.contains('{') && !talk.with.is_empty());
        assert!(plan.start <= talk.by && talk.by <= plan.end);
    }
    let guests = plan.exceptions.accounts.iter().any(|it| it.kind == Kind::Guest);
    let messages: Vec<&str> = plan.messages.iter().map(|message| message.id).collect();
    let expected: Vec<&str> =
        plan::MESSAGES.into_iter().filter(|id| guests || *id != "guest-note").collect();
    assert_eq!(messages, expected);
    for request in plan.change_sets.iter().flat_map(|set| &set.requests) {
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        assert!(body.is_object() && request.path.starts_with("/v1.0/"), "{request:?}");
        assert!(["POST", "PATCH"].contains(&request.method) && !request.purpose.is_empty());
    }
    for message in &plan.messages {
        assert!(!message.body.contains("{{") && !message.subject.is_empty());
    }
}

#[test]
fn the_plan_of_a_small_tenant() {
    let plan = World::ne().planned();
    check_invariants(&plan);
    assert!((60..=98).contains(&plan.tasks.len()), "{} tasks", plan.tasks.len());
    assert_eq!(plan.end, date("2026-12-15"));
    assert_eq!(plan.tenant.domain.as_deref(), Some("ne.example"));
    assert_eq!(plan.summary.blockers, 1);
    assert_eq!(plan.summary.to_register, Some(27));
    assert_eq!(
        plan.summary.sentences[0],
        "183 of 210 people (87 %) can already pass MFA and need not register again; 27 have still \
         to register."
    );
    assert_eq!(plan.proposed_start, Some(date("2026-11-26")));
}

/// Where in the plan each question of the method's own exercise is answered.
#[test]
fn every_question_of_the_exercise_is_answered() {
    let plan = World::ne().planned();
    let task = |id: &str| plan.tasks.iter().find(|task| task.id == id).unwrap();
    let message = |id: &str| plan.messages.iter().find(|message| message.id == id).unwrap().send_on;
    let table: [(&str, Date, Date); 8] = [
        ("when are the break-glass accounts created", task("P-08").date, date("2026-11-23")),
        ("when does the legacy audit run", task("P-15").date, date("2026-11-23")),
        ("when is the announcement sent", message("announcement"), date("2026-11-25")),
        ("what is the registration deadline", plan.steps[1].last_date, date("2026-12-08")),
        ("who is contacted, from when", task("R-18").date, date("2026-12-06")),
        ("when is the pilot policy created", task("L-01").date, date("2026-12-09")),
        ("when does it apply to all users", task("E-05").date, date("2026-12-12")),
        ("when is it validated", plan.steps[4].last_date, date("2026-12-15")),
    ];
    for (question, answer, expected) in table {
        assert_eq!(answer, expected, "{question}");
    }
    assert!(plan.conversations.iter().any(|talk| talk.about.contains("IMAP4")), "exceptions");
    assert!(task("R-18").subjects.iter().any(|row| row.contains("cora")), "who is missing");
    assert!(task("L-01").title.contains("IT team"), "which group");
    for (id, what) in
        [("L-03", "desktop"), ("L-04", "phone"), ("L-05", "personal"), ("L-06", "not enrolled")]
    {
        assert!(task(id).title.contains(what), "{id}");
    }
    for (id, what) in [("E-02", "helpdesk and management"), ("E-07", "48"), ("E-08", "Defender")] {
        assert!(task(id).title.contains(what), "{id}");
    }
    let criteria: Vec<&str> = plan.success_criteria.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(
        criteria,
        [
            "Registration is 100 % of active people in scope",
            "No successful legacy authentication",
            "The break-glass accounts work"
        ]
    );
    assert_eq!(task("P-01").owner, "IT lead (Ada Marsh)");
}

/// Titles, dates and owners, as a reader would check them.
#[test]
fn the_tasks_in_order() {
    let plan = World::ne().planned();
    let mut text = String::new();
    for task in &plan.tasks {
        writeln!(text, "{} {} {} · {}", task.date, task.id, task.title, task.owner).unwrap();
    }
    insta::assert_snapshot!("tasks_of_ne", text);
}

#[test]
fn the_messages_of_ne() {
    let plan = World::ne().planned();
    let mut text = String::new();
    for message in &plan.messages {
        writeln!(
            text,
            "=== {} to {} on {}\n{}\n\n{}\n",
            message.id, message.to, message.send_on, message.subject, message.body
        )
        .unwrap();
    }
    for part in [
        "Tuesday 8 December 2026",
        "Saturday 12 December 2026",
        "We never send a link to approve",
        "183 of 210 people (87 %)",
    ] {
        assert!(text.contains(part), "{part}");
    }
    insta::assert_snapshot!("messages_of_ne", text);
}

#[test]
fn a_tenant_nobody_told_of_is_unknown_everywhere() {
    let plan = World::unknown().planned();
    check_invariants(&plan);
    assert_eq!(plan.summary.rate, None);
    assert_eq!(plan.summary.people, None);
    assert_eq!(plan.summary.dependencies, None);
    assert_eq!(plan.cost_of_waiting.unprotected, None);
    assert_eq!(plan.cost_of_waiting.person_days, None);
    let state =
        |id: &str| plan.gates.iter().find(|gate| gate.id == id).map(|gate| gate.today).unwrap();
    for id in ["G1", "G2", "G3", "G4", "G5", "G6", "G8"] {
        assert_eq!(state(id), GateState::Inconclusive, "{id}");
    }
    let ids: BTreeSet<&str> = plan.tasks.iter().map(|task| task.id.as_str()).collect();
    for id in ["P-04", "P-05", "P-16", "P-17", "P-31", "P-36", "E-03"] {
        assert!(ids.contains(id), "{id}");
    }
    let cut_over = plan.change_sets.iter().find(|set| set.id == "CS-07").unwrap();
    assert!(cut_over.changes[0].contains("not known → Off"), "{:?}", cut_over.changes);
}

/// A text never sends anyone to a command that does not exist.
#[test]
fn commands_that_are_named_exist() {
    let known = [
        "snapshot",
        "plan",
        "status",
        "audit",
        "impact",
        "prove",
        "next",
        "apply",
        "rollback",
        "attest",
        "waive",
        "schedule",
        "issue",
        "exception",
        "break-glass",
        "message",
        "validate",
        "journal",
    ];
    for plan in [World::ne().planned(), World::unknown().planned()] {
        for task in &plan.tasks {
            for command in task.lockstep.split("`lockstep ").skip(1) {
                let verb = command.split([' ', '`']).next().unwrap();
                assert!(known.contains(&verb), "{}: {verb}", task.id);
            }
        }
    }
}

#[test]
fn named_break_glass_accounts_are_read_back_not_made_again() {
    let mut world = World::ne();
    world.rollout.break_glass.accounts = vec!["id-gil".to_owned(), "hal@ne.example".to_owned()];
    let plan = world.planned();
    check_invariants(&plan);
    let ids: BTreeSet<&str> = plan.tasks.iter().map(|task| task.id.as_str()).collect();
    assert!(ids.contains("P-27") && !ids.contains("P-08"));
    let task = plan.tasks.iter().find(|task| task.id == "P-27").unwrap();
    assert_eq!(task.subjects, ["gil@ne.example", "hal@ne.example"]);

    world.rollout.break_glass.accounts = vec!["nobody@ne.example".to_owned(), "hal".to_owned()];
    let plan = world.planned();
    assert!(plan.tasks.iter().any(|task| task.id == "P-08"), "names nobody knows prove nothing");
}

#[test]
fn administrators_through_a_group_are_named() {
    let mut world = World::ne();
    world.snapshot.roles.as_mut().unwrap().push(RoleAssignment {
        role: GLOBAL_ADMINISTRATOR.to_owned(),
        role_name: None,
        principal_id: Some("group-admins".to_owned()),
        principal_name: None,
        principal_kind: MemberKind::Group,
        active: true,
        scope: None,
        ends: None,
    });
    world.snapshot.groups.as_mut().unwrap().push(Group {
        id: Some("group-admins".to_owned()),
        members: Some(vec![Member {
            id: Some("id-ben".to_owned()),
            user_principal_name: None,
            kind: MemberKind::User,
        }]),
        ..Group::default()
    });
    let plan = world.planned();
    let task = plan.tasks.iter().find(|task| task.id == "P-14").unwrap();
    assert_eq!(task.subjects, ["ada@ne.example", "ben@ne.example"]);
}

#[test]
fn without_a_licence_the_plan_says_so_and_unknown_is_not_without() {
    let sku = |plan: &str, usable| Sku {
        usable,
        plans: vec![("id".to_owned(), plan.to_owned())],
        ..Sku::default()
    };
    let table = [
        (None, false),
        (Some(vec![sku("AAD_PREMIUM", Some(true))]), false),
        (Some(vec![sku("AAD_PREMIUM_P2", Some(true))]), false),
        (Some(vec![sku("EXCHANGE_S_STANDARD", Some(true))]), true),
        (Some(vec![sku("AAD_PREMIUM", Some(false))]), true),
        (Some(vec![sku("AAD_PREMIUM", None)]), false),
        (Some(vec![Sku::default()]), false),
        (Some(vec![]), true),
    ];
    for (skus, expected) in table {
        let mut world = World::ne();
        world.snapshot.skus.clone_from(&skus);
        let said =
            world.planned().departures.iter().any(|it| it.because.starts_with("No usable licence"));
        assert_eq!(said, expected, "{skus:?}");
    }
}

/// Outside the public cloud the portals do not ask break-glass accounts for MFA.
#[test]
fn the_cloud_decides_the_break_glass_test() {
    let mut world = World::ne();
    world.rollout.tenant.cloud = "usgov".to_owned();
    let plan = world.planned();
    check_invariants(&plan);
    assert!(!plan.tasks.iter().any(|task| task.id == "P-10"));
    assert!(!plan.success_criteria[2].measured_by.contains("key"));
}

#[test]
fn a_task_as_json() {
    let plan = World::ne().planned();
    let task = plan.tasks.iter().find(|task| task.id == "R-18").unwrap();
    let keys: Vec<String> =
        serde_json::to_value(task).unwrap().as_object().unwrap().keys().cloned().collect();
    for key in ["id", "step", "day", "date", "kind", "title", "owner", "how", "evidence"] {
        assert!(keys.contains(&key.to_owned()), "{key}");
    }
    let value = serde_json::to_value(&plan).unwrap();
    assert_eq!(value["schema"], "lockstep.plan/1");
    assert_eq!(value["start"], "2026-11-23");
    assert_eq!(value["steps"][0]["id"], "prepare");
    assert_eq!(value["gates"][3]["today"], "pending");
    assert_eq!(value["lockout_list"]["schema"], "lockstep.impact/1");
    assert_eq!(value["lockout_proof"]["holds"], false);
    assert_eq!(value["caught_by_all_users"]["kinds"][0]["kind"], "room");
}

/// What a reader sees around the tasks.
#[test]
fn around_the_tasks() {
    let plan = World::ne().planned();
    let mut text = String::new();
    writeln!(text, "{}\n", plan.summary.sentences.join("\n")).unwrap();
    for it in &plan.collisions {
        let mark = if it.serious { "!" } else { "-" };
        let next = it.proposed.map_or_else(String::new, |date| format!(" → {date}"));
        writeln!(text, "{mark} {} {}: {}{next}", it.date, it.what, it.with).unwrap();
    }
    for it in &plan.change_sets {
        writeln!(text, "\n{} {} {} {}", it.id, it.date, it.danger, it.title).unwrap();
        for change in &it.changes {
            writeln!(text, "  {change}").unwrap();
        }
    }
    writeln!(text).unwrap();
    for it in &plan.gates {
        writeln!(text, "{} {} {:?}: {} {}", it.id, it.date, it.today, it.question, it.why).unwrap();
    }
    writeln!(text).unwrap();
    for it in &plan.conversations {
        writeln!(text, "{} {}: {}", it.by, it.with, it.about).unwrap();
    }
    insta::assert_snapshot!("around_the_tasks_of_ne", text);
}

/// Without Conditional Access there is no policy to prove anything of.
#[test]
fn the_proof_guards_the_switch_where_there_are_policies() {
    let mut world = World::ne();
    let gate = |world: &World| world.planned().gates.into_iter().find(|it| it.id == "G6").unwrap();
    assert_eq!(gate(&world).today, GateState::Inconclusive);
    assert!(gate(&world).thresholds[0].contains("`lockstep prove`"));
    world.proof = Some(Proof { holds: true, ..proof() });
    assert_eq!(gate(&world).today, GateState::Pending);
    world.proof = None;
    assert_eq!(gate(&world).today, GateState::Inconclusive);
    world.snapshot.skus = Some(vec![Sku {
        usable: Some(true),
        plans: vec![("id".to_owned(), "EXCHANGE_S_STANDARD".to_owned())],
        ..Sku::default()
    }]);
    let without = gate(&world);
    assert_eq!(without.today, GateState::Pending);
    assert!(!without.thresholds.iter().any(|line| line.contains("prove")), "{without:?}");
}

#[test]
fn gates_say_how_far_it_is() {
    let plan = World::ne().planned();
    let gate = plan.gates.iter().find(|gate| gate.id == "G4").unwrap();
    assert_eq!(gate.today, GateState::Pending);
    assert_eq!(
        gate.why,
        "It is asked on Tuesday 8 December 2026; today 183 of 210 people are capable (87 % < 95 \
         %), 3 of 3 administrators."
    );
}

/// A share just under a threshold never reads as the threshold.
#[test]
fn a_share_is_never_rounded_up() {
    let mut world = World::ne();
    world.registration = registration(Some(199));
    let plan = world.planned();
    let gate = plan.gates.iter().find(|gate| gate.id == "G4").unwrap();
    assert!(gate.why.contains("94 % < 95 %"), "{}", gate.why);
}

#[test]
fn security_defaults_decide_the_order() {
    let on = World::ne().planned();
    let set = |plan: &Plan, id: &str| {
        plan.change_sets.iter().find(|set| set.id == id).unwrap().changes.join("\n")
    };
    let has = |plan: &Plan, id: &str| plan.tasks.iter().any(|task| task.id == id);
    assert!(set(&on, "CS-07").starts_with("1. security defaults: On → Off"));
    assert!(set(&on, "CS-03").contains("Report-only until CS-07"));
    assert!(has(&on, "E-03") && has(&on, "R-21") && !has(&on, "L-02"));

    let mut world = World::ne();
    world.snapshot.security_defaults = Some(false);
    let off = world.planned();
    check_invariants(&off);
    assert!(!set(&off, "CS-07").contains("security defaults"));
    assert!(!set(&off, "CS-03").contains("Report-only until"));
    assert!(!has(&off, "E-03") && !has(&off, "R-21") && has(&off, "L-02"));
}

fn policy(name: &str, users: Users) -> Policy {
    Policy {
        id: Some(name.to_owned()),
        display_name: name.to_owned(),
        state: State::Enabled,
        created: None,
        modified: None,
        template_id: None,
        conditions: Conditions {
            users,
            applications: Applications {
                include: vec!["All".to_owned()],
                ..Applications::default()
            },
            ..Conditions::default()
        },
        grant: Some(GrantControls {
            operator: Some(Operator::Or),
            built_in: vec!["mfa".to_owned()],
            custom: Vec::new(),
            terms_of_use: Vec::new(),
            authentication_strength: None,
            allowed_combinations: None,
        }),
        session: None,
        unmodelled: Vec::new(),
        source: conditional_access::Source::default(),
    }
}

#[test]
fn the_cost_of_waiting_says_what_it_counts() {
    let all = || Users { include_users: vec!["All".to_owned()], ..Users::default() };
    let group = |id: &str| Users { include_groups: vec![id.to_owned()], ..Users::default() };
    let excluding = |id: &str| Users { exclude_groups: vec![id.to_owned()], ..all() };
    let mut risky = policy("risky", all());
    risky.conditions.sign_in_risk_levels = vec!["high".to_owned()];
    let mut either = policy("either", all());
    either.grant.as_mut().unwrap().built_in.push("compliantDevice".to_owned());
    let mut report = policy("report", all());
    report.state = State::EnabledForReportingButNotEnforced;
    type Case<'a> = (&'a str, Option<bool>, Option<Vec<Policy>>, Option<u64>);
    let table: Vec<Case<'_>> = vec![
        ("security defaults, three administrators", Some(true), None, Some(207)),
        ("nothing asks", Some(false), Some(vec![]), Some(210)),
        ("no file told security defaults", None, Some(vec![]), None),
        ("no file told the policies", Some(false), None, None),
        ("all ten are asked", Some(false), Some(vec![policy("a", all())]), Some(200)),
        ("On proves security defaults off", None, Some(vec![policy("a", all())]), Some(200)),
        ("one by group", Some(false), Some(vec![policy("a", group("group-it"))]), Some(209)),
        ("group unknown", Some(false), Some(vec![policy("a", group("elsewhere"))]), None),
        ("one excluded", Some(false), Some(vec![policy("a", excluding("group-it"))]), Some(201)),
        ("exclusion unknown", Some(false), Some(vec![policy("a", excluding("gone"))]), None),
        ("only risky sign-ins", Some(false), Some(vec![risky]), Some(210)),
        ("a device is enough", Some(false), Some(vec![either]), Some(210)),
        ("Report-only asks nobody", Some(false), Some(vec![report]), Some(210)),
    ];
    for (name, defaults, policies, expected) in table {
        let mut world = World::ne();
        world.snapshot.security_defaults = defaults;
        world.snapshot.policies = policies;
        let cost = world.planned().cost_of_waiting;
        assert_eq!(cost.unprotected, expected, "{name}: {}", cost.sentence);
        assert_eq!(cost.days, 19);
        assert_eq!(cost.person_days, expected.map(|people| people * 19), "{name}");
    }
    let mut world = World::ne();
    world.snapshot.security_defaults = Some(false);
    world.snapshot.users.as_mut().unwrap()[1].per_user_mfa = Some(PerUserMfa::Enforced);
    assert_eq!(world.planned().cost_of_waiting.unprotected, Some(209), "per-user MFA counts");
}

#[test]
fn a_managed_policy_turns_itself_on_within_the_plan() {
    let mut world = World::ne();
    let mut managed = policy("Microsoft-managed: MFA for admins", Users::default());
    managed.state = State::EnabledForReportingButNotEnforced;
    managed.created = Some("2026-10-20T10:00:00Z".parse().unwrap());
    world.snapshot.policies = Some(vec![managed]);
    let plan = world.planned();
    let on = plan.platform_dates.iter().find(|it| it.date == date("2026-12-04")).unwrap();
    assert!(on.event.contains("Microsoft-managed: MFA for admins") && on.days_after_end < 0);
    assert!(plan.collisions.iter().any(|it| it.date == on.date && it.with == on.event));
    assert!(plan.tasks.iter().any(|task| task.id == "P-25"));
}

#[test]
fn platform_dates_carry_their_source() {
    let plan = World::ne().planned();
    let dates: Vec<(String, i64)> =
        plan.platform_dates.iter().map(|it| (it.date.to_string(), it.days_after_end)).collect();
    insta::assert_compact_json_snapshot!(
        dates,
        @r#"[["2026-10-01", -75], ["2026-12-31", 16], ["2027-02-01", 48], ["2027-04-01", 107], ["2027-07-01", 198]]"#
    );
    assert!(plan.platform_dates.iter().all(|it| it.event.ends_with(')')), "source in brackets");
}

#[test]
fn weekends_do_not_drown_the_rest() {
    let plan = World::ne().planned();
    let dates: BTreeSet<Date> = plan.collisions.iter().map(|it| it.date).collect();
    assert!(plan.collisions.len() <= 12, "{:#?}", plan.collisions);
    assert!(dates.len() + 4 >= plan.collisions.len());
    assert!(plan.collisions.iter().any(|it| it.serious && it.proposed == Some(date("2026-12-14"))));
}

#[test]
fn wrong_settings_make_no_plan() {
    let mut world = World::ne();
    world.rollout.calendar.time_zone = "Nowhere".to_owned();
    world.rollout.steps.pilot_days = 0;
    let error = world.plan(date("2026-11-23")).unwrap_err().to_string();
    assert!(error.contains("`Nowhere`") && error.contains("pilot_days"), "{error}");
    let error = World::ne().plan(Date::MAX).unwrap_err();
    assert!(matches!(error, PlanError::OutsideCalendar { .. }), "{error}");
}

#[test]
fn templates_may_be_changed_and_broken_ones_are_named() {
    let mut world = World::ne();
    world.templates.insert(
        "reminder".to_owned(),
        "Subject: Bitte bis {{ deadline }}\n\nHallo, es fehlen {{ to_register }}.\n".to_owned(),
    );
    let plan = world.planned();
    let reminder = plan.messages.iter().find(|it| it.id == "reminder").unwrap();
    assert_eq!(reminder.subject, "Bitte bis Tuesday 8 December 2026");
    assert_eq!(reminder.body, "Hallo, es fehlen 27.");
    let table = [
        ("reminder", "Subject: x\n\n{{ deadline", "`reminder` is wrong in line 3"),
        ("reminder", "Subject: x\n\n\n{{ dedline }}", "`reminder` is wrong in line 4"),
        ("announcement", "Hello\n", "`announcement` is wrong in line 1"),
        ("announcement", "", "`announcement` is wrong in line 1"),
        ("anouncement", "Subject: x\n", "`anouncement` is no message"),
    ];
    for (name, text, expected) in table {
        let mut world = World::ne();
        world.templates.insert(name.to_owned(), text.to_owned());
        let error = world.plan(date("2026-11-23")).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn long_lists_are_counted() {
    let mut world = World::ne();
    world.registration.sms_only = (0..80).map(|number| account(&format!("p{number}"))).collect();
    let plan = world.planned();
    let task = plan.tasks.iter().find(|task| task.id == "R-07").unwrap();
    assert_eq!(task.subjects.len(), 51);
    assert_eq!(task.subjects[50], "and 30 more");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, rng_seed: proptest::test_runner::RngSeed::Fixed(11), ..ProptestConfig::default() })]

    /// Another start shifts every date of the plan by the same days.
    #[test]
    fn a_start_shifts_everything(offset in 1..900_i64) {
        let world = World::ne();
        let plan = world.planned();
        let start = plan.start.checked_add(jiff::SignedDuration::from_hours(24 * offset)).unwrap();
        let later = world.plan(start).unwrap();
        check_invariants(&later);
        let shifted = |from: Date, to: Date| to.duration_since(from).as_hours() == 24 * offset;
        prop_assert!(shifted(plan.end, later.end));
        for (left, right) in plan.tasks.iter().zip(&later.tasks) {
            prop_assert_eq!((&left.id, left.day), (&right.id, right.day));
            prop_assert!(shifted(left.date, right.date), "{}", left.id);
        }
        for (left, right) in plan.gates.iter().zip(&later.gates) {
            prop_assert!(shifted(left.date, right.date), "{}", left.id);
        }
        for (left, right) in plan.change_sets.iter().zip(&later.change_sets) {
            prop_assert!(shifted(left.date, right.date), "{}", left.id);
        }
        for collision in later.collisions.iter().filter(|it| it.serious) {
            prop_assert!(collision.proposed.is_some_and(|it| it > collision.date));
        }
    }

    /// Steps of any length keep every task inside its step.
    #[test]
    fn any_lengths_keep_tasks_in_their_steps(lengths in prop::array::uniform5(1..40_u16)) {
        let mut world = World::ne();
        let steps = &mut world.rollout.steps;
        [
            steps.prepare_days,
            steps.register_days,
            steps.pilot_days,
            steps.enforce_days,
            steps.validate_days,
        ] = lengths;
        let plan = world.planned();
        check_invariants(&plan);
    }
}

fn unlicensed() -> World {
    let mut world = World::ne();
    world.snapshot.skus = Some(Vec::new());
    world
}

/// Every policy body is one the model reads whole, and none of them can lock the break-glass
/// accounts out.
#[test]
fn policy_requests_are_whole_and_exclude_the_break_glass_group() {
    for security_defaults in [Some(true), Some(false), None] {
        let mut world = World::ne();
        world.snapshot.security_defaults = security_defaults;
        world.snapshot.groups.as_mut().unwrap().push(Group {
            id: Some("group-emergency".to_owned()),
            display_name: Some("CA - Excluded emergency accounts".to_owned()),
            ..Group::default()
        });
        let plan = world.planned();
        check_invariants(&plan);
        let mut names = BTreeSet::new();
        for request in plan.change_sets.iter().flat_map(|set| &set.requests) {
            let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            if body.get("conditions").is_none() {
                continue;
            }
            let policy = conditional_access::read_policy(&body).unwrap();
            assert_eq!(policy.unmodelled, Vec::<String>::new(), "{}", request.purpose);
            assert_ne!(policy.state, State::Unknown);
            let users = &policy.conditions.users;
            assert!(
                users.exclude_groups.contains(&"group-emergency".to_owned()),
                "{}: {users:?}",
                policy.display_name
            );
            if request.method == "POST" && !policy.display_name.starts_with("CA005") {
                assert_eq!(policy.state, State::EnabledForReportingButNotEnforced);
            }
            if policy.display_name.starts_with("CA001") {
                assert!(policy.asks_for_mfa() && policy.includes_all_resources());
            }
            names.insert(policy.display_name);
        }
        let expected = [
            "CA000 - Block legacy authentication",
            "CA001 - Require MFA - All users",
            "CA001 - Require MFA - Pilot",
            "CA002 - Require MFA - Administrators",
            "CA003 - Require MFA - Azure management",
            "CA004 - Block device code flow",
            "CA005 - Protect registration of security information",
        ];
        assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }
}

/// At no point of the cut-over is anything On while security defaults are, and CA001 widens last.
#[test]
fn the_requests_of_the_cut_over_in_order() {
    let plan = World::ne().planned();
    let set = plan.change_sets.iter().find(|set| set.id == "CS-07").unwrap();
    let mut text = String::new();
    for request in &set.requests {
        writeln!(text, "{}: {} {}", request.purpose, request.method, request.path).unwrap();
    }
    insta::assert_snapshot!(text, @r"
    Days before: the bridge group; add everyone who can pass MFA: POST /v1.0/groups
    1. Security defaults off: PATCH /v1.0/policies/identitySecurityDefaultsEnforcementPolicy
    2. CA000 on, at once: PATCH /v1.0/identity/conditionalAccess/policies/<id of policy CA000>
    2. CA002 on, at once: PATCH /v1.0/identity/conditionalAccess/policies/<id of policy CA002>
    2. CA003 on, at once: PATCH /v1.0/identity/conditionalAccess/policies/<id of policy CA003>
    3. CA001 on for the pilot and the bridge group: PATCH /v1.0/identity/conditionalAccess/policies/<id of policy CA001>
    CA001 for all users; then one canary sign-in: PATCH /v1.0/identity/conditionalAccess/policies/<id of policy CA001>
    Way back, for the rollback card: CA001 to Report-only: PATCH /v1.0/identity/conditionalAccess/policies/<id of policy CA001>
    ");
    let widened = &set.requests.iter().rev().nth(1).unwrap().body;
    let widened: serde_json::Value = serde_json::from_str(widened).unwrap();
    assert_eq!(
        widened,
        serde_json::json!({
            "displayName": "CA001 - Require MFA - All users",
            "state": "enabled",
            "conditions": {
                "users": {
                    "includeUsers": ["All"],
                    "excludeGroups": [
                        "<id of group CA - Excluded emergency accounts>",
                        "<id of group CA - Dated exceptions>"
                    ],
                    "excludeRoles": ["d29b2b05-8046-44ba-8758-1e26182fcf32"]
                },
                "applications": { "includeApplications": ["All"] },
                "clientAppTypes": ["all"]
            },
            "grantControls": { "operator": "OR", "builtInControls": ["mfa"] }
        })
    );
    for set in plan.change_sets.iter().filter(|set| set.id < "CS-06") {
        for request in &set.requests {
            assert!(
                !request.body.contains("\"state\": \"enabled\"") || set.id == "CS-05",
                "{request:?}"
            );
        }
    }
}

/// Known policies and groups are addressed by their ids.
#[test]
fn known_objects_are_named_by_id() {
    let mut world = World::ne();
    let mut existing = policy("CA001", Users::default());
    existing.id = Some("policy-1".to_owned());
    world.snapshot.policies = Some(vec![existing]);
    let plan = world.planned();
    let pilot = plan.change_sets.iter().find(|set| set.id == "CS-03").unwrap();
    assert_eq!(pilot.requests[0].method, "PATCH");
    assert_eq!(pilot.requests[0].path, "/v1.0/identity/conditionalAccess/policies/policy-1");
    assert!(pilot.requests[0].body.contains("\"group-it\""), "{}", pilot.requests[0].body);
}

/// Without a licence for Conditional Access the plan ends with security defaults, in tasks,
/// gates and change sets; nothing speaks of a policy nobody could make.
#[test]
fn without_conditional_access_security_defaults_are_the_end() {
    for security_defaults in [Some(true), Some(false), None] {
        let mut world = unlicensed();
        world.snapshot.security_defaults = security_defaults;
        let plan = world.planned();
        check_invariants(&plan);
        let sets: Vec<&str> = plan.change_sets.iter().map(|set| set.id).collect();
        assert_eq!(sets, ["CS-01", "CS-05", "CS-07", "CS-10", "CS-11", "CS-12"]);
        let cut_over = plan.change_sets.iter().find(|set| set.id == "CS-07").unwrap();
        assert!(cut_over.changes[0].contains("→ On"), "{:?}", cut_over.changes);
        assert_eq!(cut_over.requests.is_empty(), security_defaults == Some(true));
        let lines = plan
            .tasks
            .iter()
            .flat_map(|task| [&task.title, &task.how, &task.evidence])
            .chain(plan.change_sets.iter().flat_map(|set| &set.changes))
            .chain(plan.gates.iter().flat_map(|gate| &gate.thresholds))
            .chain(plan.steps.iter().map(|step| &step.what));
        for line in lines {
            for word in
                ["CA00", "CA - ", "Report-only", "Bridge", "Dated exceptions", "exclusion group"]
            {
                assert!(!line.contains(word), "{word}: {line}");
            }
        }
        let ids: BTreeSet<&str> = plan.tasks.iter().map(|task| task.id.as_str()).collect();
        for id in ["P-08", "P-15", "P-17", "R-01", "R-18", "S-01", "S-09", "V-07", "V-11"] {
            assert!(ids.contains(id), "{id}");
        }
    }
    let licensed = World::ne().planned();
    assert!(!licensed.tasks.iter().any(|task| task.id.starts_with("S-")));
}

/// What must come first comes first, on whatever day the plan starts.
#[test]
fn nothing_comes_before_what_it_needs() {
    let pairs = [
        ("P-13", "P-23", "break-glass proven, then policies"),
        ("P-13", "P-24", "break-glass proven, then policies"),
        ("P-21", "P-10", "a pass is allowed before one is issued"),
        ("P-21", "R-16", "a pass is allowed before a joiner needs it"),
        ("P-19", "E-02", "the helpdesk is briefed before the day"),
        ("P-20", "E-05", "the rollback card is printed before the switch"),
        ("P-17", "L-01", "legacy decisions before the pilot"),
        ("R-01", "R-03", "announcement, then campaign"),
        ("R-01", "R-17", "announcement, then reminder"),
        ("P-35", "R-18", "keys are ordered before people are called"),
        ("R-06", "L-01", "Report-only is read before the pilot"),
        ("L-08", "E-05", "break-glass tested before widening"),
        ("L-12", "E-05", "rollback rehearsed before the switch"),
        ("R-21", "E-03", "the bridge group is filled before it is used"),
        ("E-03", "E-05", "parity, then everybody"),
        ("E-05", "V-12", "everybody registered, then registration protected"),
        ("E-05", "V-02", "CA001 covers the person, then per-user MFA goes"),
    ];
    let mut world = World::ne();
    world.snapshot.users.as_mut().unwrap()[1].per_user_mfa = Some(PerUserMfa::Enforced);
    let plan = world.planned();
    let date = |id: &str| plan.tasks.iter().find(|task| task.id == id).unwrap().date;
    for (first, then, why) in pairs {
        assert!(date(first) <= date(then), "{first} before {then}: {why}");
    }
    let bridge = plan::calendar::days_between(date("R-21"), date("E-03"));
    assert!(bridge >= 1, "membership needs a day to spread");
    let protect = plan.change_sets.iter().find(|set| set.id == "CS-06").unwrap();
    assert_eq!(protect.date, date("V-12"), "never on the day of the switch");
}

/// A blocking finding that the switch itself settles is no errand of the first day.
#[test]
fn blocking_findings_say_when() {
    let plan = World::ne().planned();
    let task = plan.tasks.iter().find(|task| task.id == "P-07").unwrap();
    assert_eq!(task.subjects, ["BG-01: No break-glass account is named. (by 2026-11-24)"]);
    assert!(task.how.contains("Nothing here is a reason to turn security defaults off"));
}

/// Both ways out of a bad enforcement day in one sentence, and the manager is asked to choose.
#[test]
fn a_bad_enforcement_day_comes_with_a_choice() {
    let plan = World::ne().planned();
    let choice = "Enforcement on Saturday 12 December 2026 falls badly (Saturday, not a working \
                  day): keep the start and give the pilot 5 days (enforcement on \
                  Monday 14 December 2026, end on Thursday 17 December 2026), or start on \
                  Thursday 26 November 2026 (enforcement on Tuesday 15 December 2026, end on \
                  Friday 18 December 2026).";
    assert!(plan.summary.sentences[1].contains(choice), "{}", plan.summary.sentences[1]);
    let manager = plan.messages.iter().find(|message| message.id == "manager-summary").unwrap();
    assert!(manager.body.contains(choice));
    let agreed = World::ne().plan(date("2026-11-26")).unwrap();
    assert!(!agreed.summary.sentences[1].contains("falls badly"));
    let manager = agreed.messages.iter().find(|message| message.id == "manager-summary").unwrap();
    assert!(manager.body.contains("Agree to Tuesday 15 December 2026 in writing."));
    assert!(manager.body.split_whitespace().count() <= 450, "one page");
}

#[test]
fn guests_get_a_note_of_their_own() {
    let mut world = World::ne();
    world.exceptions.accounts.push(classified("visitor", Kind::Guest, false));
    let plan = world.planned();
    check_invariants(&plan);
    let note = plan.messages.iter().find(|message| message.id == "guest-note").unwrap();
    assert!(note.body.contains("We never send a link to approve"));
}

/// A scanner is not someone to talk to; an executive is met with help, by name and title.
#[test]
fn conversations_are_with_people() {
    let mut world = World::ne();
    world.snapshot.users.as_mut().unwrap()[9].job_title = Some("Finance Director".to_owned());
    let plan = world.planned();
    assert!(!plan.conversations.iter().any(|talk| talk.with.starts_with("erp@")));
    let row = plan.conversations.iter().find(|talk| talk.about.contains("IMAP4")).unwrap();
    assert_eq!(row.with, "Application owner");
    assert_eq!(row.about, "What replaces IMAP4 of erp@ne.example.");
    let executives =
        plan.conversations.iter().find(|talk| talk.with.starts_with("Executives")).unwrap();
    assert!(executives.about.contains("jon@ne.example (Finance Director)"), "{executives:?}");
    assert!(executives.about.contains("no exemption") && executives.about.contains("ten minutes"));
}

/// A password grant is a task of its own only where no legacy client app shows it already.
#[test]
fn a_dependency_is_the_row_of_one_task() {
    let mut world = World::ne();
    let legacy = world.legacy.as_mut().unwrap();
    for dependency in &mut legacy.dependencies {
        dependency.protocol = Some("ropc".to_owned());
    }
    let mut script = dependency("script", "Mobile Apps and Desktop clients", "ropc-script");
    script.protocol = Some("ropc".to_owned());
    legacy.dependencies.push(script);
    let plan = world.planned();
    let rows = |id: &str| {
        let task = plan.tasks.iter().find(|task| task.id == id).unwrap();
        task.subjects.iter().map(|row| row.split('@').next().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(rows("R-09"), ["scanner"]);
    assert_eq!(rows("R-10"), ["erp"]);
    assert_eq!(rows("R-13"), ["script"]);
}
