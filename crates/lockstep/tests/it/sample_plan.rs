//! A plan built by hand: the example firm, with names nobody should have to trust.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};
use rollout::exceptions::{ClassifiedAccount, Exceptions, Kind};
use rollout::gaps::Gap;
use rollout::legacy::{Dependency, LegacyAudit, LegacyDay, LegacyTotals};
use rollout::plan::{
    ChangeSetPlan, ClosedDay, Collision, Conversation, CostOfWaiting, Criterion, Departure,
    GatePlan, GateState, GraphRequest, Message, Plan, PlanTenant, PlatformDate, Step, Summary,
    Task, TaskKind,
};
use rollout::preflight::{Finding, Severity, Stage, Verdict};
use rollout::registration::{CapableOf, Denominators, NotCapable, RegistrationReport, SeriesPoint};
use rollout::{Account, Coverage, DayCount, Window};

use crate::sample_lockout;

/// Texts that try to be something else.
pub(crate) const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "\"><img src=https://evil.example/x onerror=alert(1)>",
    "a|b`c`[d](https://evil.example)",
    "\u{202e}gnp.exe",
    "משה כהן",
    "👩\u{200d}💻 Ada",
    "line\r\nATTENDEE:evil\u{1b}[2J",
];

pub(crate) fn now() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

pub(crate) fn account(name: &str) -> Account {
    Account {
        user_principal_name: Some(name.to_owned()),
        user_id: Some("11111111-2222-3333-4444-555555555555".to_owned()),
        display_name: Some(name.to_owned()),
    }
}

fn start() -> Date {
    date(2026, 11, 23)
}

fn day(day: u16) -> Date {
    start().checked_add((i64::from(day) - 1).days()).unwrap()
}

/// The example firm.
pub(crate) fn firm() -> Plan {
    with_people(27)
}

/// The example firm with hostile names wherever a tenant can put one.
pub(crate) fn hostile() -> Plan {
    let mut plan = firm();
    plan.tenant.name = HOSTILE[0].to_owned();
    for (position, person) in plan.registration.not_capable.iter_mut().enumerate() {
        person.account = account(HOSTILE[position % HOSTILE.len()]);
    }
    for (position, row) in plan.exceptions.accounts.iter_mut().enumerate() {
        row.account = account(HOSTILE[position % HOSTILE.len()]);
        row.evidence = vec![HOSTILE[(position + 1) % HOSTILE.len()].to_owned()];
    }
    let audit = plan.legacy.as_mut().unwrap();
    let template = audit.dependencies[0].clone();
    audit.dependencies = HOSTILE
        .iter()
        .map(|text| Dependency {
            account: account(text),
            client_app: Some((*text).to_owned()),
            device: Some((*text).to_owned()),
            owner: Some((*text).to_owned()),
            evidence: vec![(*text).to_owned()],
            ..template.clone()
        })
        .collect();
    for (task, text) in plan.tasks.iter_mut().zip(HOSTILE.iter().cycle()) {
        task.title = (*text).to_owned();
        task.subjects = HOSTILE.map(str::to_owned).to_vec();
    }
    for (finding, text) in plan.preflight.iter_mut().zip(HOSTILE) {
        finding.evidence = vec![text.to_owned()];
    }
    for message in &mut plan.messages {
        message.body = HOSTILE.join("\n");
    }
    sample_lockout::make_hostile(&mut plan);
    plan
}

/// The example firm with so many people who cannot pass MFA.
pub(crate) fn with_people(people: u16) -> Plan {
    Plan {
        schema: "lockstep.plan/1",
        made_from: format!("sha256:{}", "3f9a".repeat(16)),
        generated_at: now(),
        as_of: "2026-11-20T02:10:00Z".parse().unwrap(),
        tenant: PlanTenant {
            name: "NE Engineering".to_owned(),
            id: Some("aaaabbbb-0000-cccc-1111-dddd2222eeee".to_owned()),
            domain: Some("ne.example".to_owned()),
        },
        start: start(),
        end: day(23),
        time_zone: "Europe/London".to_owned(),
        summary: Summary {
            sentences: vec![
                "27 of 210 people at NE Engineering cannot pass MFA today; 9 sign-ins by legacy authentication stop working on day 20."
                    .to_owned(),
                "The plan starts on Monday 23 November 2026, asks everyone to register for 14 days, tests on the IT group, and enforces on Saturday 12 December 2026."
                    .to_owned(),
                "Three findings block the pilot. The first is that no break-glass account is named."
                    .to_owned(),
            ],
            people: Some(210),
            rate: Some(0.871),
            to_register: Some(27),
            dependencies: Some(9),
            blockers: 3,
        },
        steps: steps(),
        tasks: tasks(),
        gates: gates(),
        change_sets: change_sets(),
        closed_days: vec![
            ClosedDay { date: day(8), why: "holiday".to_owned(), freeze: false },
            ClosedDay { date: day(15), why: "stocktaking".to_owned(), freeze: true },
        ],
        collisions: vec![Collision {
            what: "CS-03 Require MFA for all users".to_owned(),
            date: day(20),
            with: "Saturday: nobody is at the helpdesk".to_owned(),
            serious: true,
            proposed: Some(day(22)),
        }],
        proposed_start: Some(date(2026, 11, 25)),
        platform_dates: vec![PlatformDate {
            date: date(2027, 2, 1),
            event: "Text message and voice call end as methods for workforce accounts".to_owned(),
            means: "Nobody should register them now; 14 people hold nothing else".to_owned(),
            days_after_end: 48,
        }],
        success_criteria: criteria(),
        conversations: vec![Conversation {
            with: "Finance director".to_owned(),
            about: "Registers in person with IT; no exemption is granted".to_owned(),
            by: day(2),
        }],
        messages: messages(),
        cost_of_waiting: CostOfWaiting {
            unprotected: Some(210),
            days: 19,
            person_days: Some(3_990),
            sentence: "210 people without enforced MFA for 19 days are 3,990 person-days; every week more adds 1,470.".to_owned(),
        },
        departures: vec![Departure {
            classic: "Passwords of the break-glass accounts in two sealed envelopes".to_owned(),
            instead: "Two security keys in two safes, the envelope as well".to_owned(),
            because: "Microsoft requires MFA for administrator portals; no account is exempt".to_owned(),
        }],
        legacy: Some(legacy()),
        registration: registration(people),
        exceptions: exceptions(people),
        preflight: preflight(),
        lockout: Some(sample_lockout::impact(people)),
        proof: Some(sample_lockout::proof()),
        caught: sample_lockout::caught(people),
        gaps: vec![Gap {
            id: "non-interactive-sign-ins",
            what: "Non-interactive sign-ins were in no file.".to_owned(),
            so: "Mail clients that sign in by themselves may be missing from the legacy list.".to_owned(),
            close_with: "Entra admin centre > Monitoring > Sign-in logs > User sign-ins (non-interactive) > Download".to_owned(),
        }],
    }
}

fn steps() -> Vec<Step> {
    [
        (
            Stage::Prepare,
            1,
            2,
            "Break-glass accounts, legacy audit, exceptions, message approved",
            "G1",
        ),
        (
            Stage::Register,
            3,
            16,
            "Everyone registers; reminder on day 10, personal contact from day 12",
            "G3",
        ),
        (Stage::Pilot, 17, 19, "CA001 for the IT group; four tests; break-glass tested", "G5"),
        (Stage::Enforce, 20, 20, "All users, security defaults off, helpdesk briefed", "G7"),
        (Stage::Validate, 21, 23, "Three criteria, row by row, on a clean 72-hour log", "G8"),
    ]
    .map(|(id, first, last, what, gate)| Step {
        id,
        first_day: first,
        last_day: last,
        first_date: day(first),
        last_date: day(last),
        what: what.to_owned(),
        gate: Some(gate),
    })
    .to_vec()
}

fn gates() -> Vec<GatePlan> {
    [
        ("G1", Stage::Prepare, 2, GateState::Failed, "No break-glass account is named."),
        (
            "G2",
            Stage::Prepare,
            2,
            GateState::Inconclusive,
            "Non-interactive sign-ins were not read.",
        ),
        (
            "G3",
            Stage::Register,
            16,
            GateState::Running,
            "183 of 210 people are capable; 17 more are needed.",
        ),
        ("G5", Stage::Pilot, 19, GateState::Pending, "The pilot starts on day 17."),
        ("G7", Stage::Enforce, 20, GateState::Pending, "Asked on day 20."),
        ("G8", Stage::Validate, 23, GateState::Passed, "Nothing left."),
    ]
    .map(|(id, step, on, today, why)| GatePlan {
        id,
        step,
        date: day(on),
        question: "Can every in-scope person pass MFA?".to_owned(),
        thresholds: vec![
            "at least 95 % of in-scope people".to_owned(),
            "all administrators".to_owned(),
        ],
        today,
        why: why.to_owned(),
    })
    .to_vec()
}

fn tasks() -> Vec<Task> {
    [
        ("P-01", Stage::Prepare, 1, TaskKind::Change, "Create two break-glass accounts"),
        ("P-02", Stage::Prepare, 1, TaskKind::Observation, "Settle every legacy dependency"),
        ("P-03", Stage::Prepare, 2, TaskKind::Attestation, "Approve the announcement"),
        ("R-01", Stage::Register, 3, TaskKind::Attestation, "Send the announcement"),
        ("R-02", Stage::Register, 12, TaskKind::Attestation, "Send the reminder"),
        ("T-01", Stage::Pilot, 17, TaskKind::Change, "Turn on CA001 for the IT group"),
        ("E-01", Stage::Enforce, 20, TaskKind::Change, "Require MFA for all users"),
        ("V-01", Stage::Validate, 21, TaskKind::Observation, "Read the 72-hour log"),
    ]
    .map(|(id, step, on, kind, title)| Task {
        id: id.to_owned(),
        step,
        day: on,
        date: day(on),
        kind,
        title: title.to_owned(),
        owner: "Identity administrator".to_owned(),
        how: "Entra admin centre > Identity > Users > New user. Name it like any other account and give it Global Administrator.".to_owned(),
        lockstep: "Checks the role, the exclusion and the last sign-in on the next reading.".to_owned(),
        evidence: "Both accounts hold Global Administrator permanently and sign in with a security key.".to_owned(),
        document: (id == "P-03").then(|| "announcement".to_owned()),
        change_set: (kind == TaskKind::Change).then_some("CS-01"),
        subjects: if id == "P-02" { vec!["scanner-hq@ne.example".to_owned(), "erp@ne.example".to_owned()] } else { Vec::new() },
    })
    .to_vec()
}

fn change_sets() -> Vec<ChangeSetPlan> {
    vec![ChangeSetPlan {
        id: "CS-01",
        title: "Require MFA for all users".to_owned(),
        date: day(20),
        danger: "severe",
        changes: vec!["CA001 users: IT group → all users, break-glass group excluded".to_owned()],
        inverse: "CA001 users back to the IT group".to_owned(),
        reason: "The pilot has shown that the policy asks and can be answered.".to_owned(),
        requests: vec![GraphRequest {
            purpose: "CA001 for all users".to_owned(),
            method: "PATCH",
            path: "/v1.0/identity/conditionalAccess/policies/<id of policy CA001>".to_owned(),
            body: "{\n  \"state\": \"enabled\"\n}".to_owned(),
        }],
    }]
}

fn criteria() -> Vec<Criterion> {
    vec![Criterion {
        title: "Everyone active is registered".to_owned(),
        measured_by: "capable of in-scope people, from the registration report".to_owned(),
        today: "183 of 210".to_owned(),
    }]
}

fn messages() -> Vec<Message> {
    vec![Message {
        id: "announcement",
        subject: "A second step when you sign in, from 12 December".to_owned(),
        to: "everyone in scope".to_owned(),
        send_on: day(3),
        body: "Hello,\n\nfrom 12 December we ask for a second step when you sign in.\n\nIt takes three minutes to set up.".to_owned(),
    }]
}

fn legacy() -> LegacyAudit {
    let dependencies = [
        ("scanner-hq@ne.example", "Authenticated SMTP", 2_140, "printer-smtp", Some("LA-03")),
        ("erp@ne.example", "IMAP4", 1_288, "line-of-business-imap", Some("LA-02")),
        ("p.hale@ne.example", "Exchange ActiveSync", 214, "phone-activesync", Some("LA-04")),
        ("k.moss@ne.example", "Other clients", 12, "unknown", None),
    ]
    .map(|(name, client_app, succeeded, cause, finding)| Dependency {
        account: account(name),
        client_app: Some(client_app.to_owned()),
        protocol: None,
        app: Some("Office 365 Exchange Online".to_owned()),
        device: Some("Windows 10, Other".to_owned()),
        succeeded,
        failed: 3,
        first_seen: Some("2026-10-22T06:00:00Z".parse().unwrap()),
        last_seen: Some("2026-11-19T17:30:00Z".parse().unwrap()),
        ip_addresses: 1,
        finding,
        cause,
        evidence: vec!["one address, every working hour".to_owned()],
        remedy: "Send through a connector restricted to the address of the office.".to_owned(),
        owner: (cause == "printer-smtp").then(|| "Facilities".to_owned()),
        decision: None,
        due: None,
    });
    LegacyAudit {
        schema: "lockstep.legacy-audit/1",
        generated_at: now(),
        window: Window { from: None, to: None, days_asked: 30, days_covered: 27 },
        coverage: Coverage { records_read: 61_402, interactive: Some(true), ..Coverage::default() },
        totals: LegacyTotals {
            sign_ins: 60_877,
            legacy_successes: 3_654,
            legacy_failures: 9_120,
            legacy_unknown: 0,
            dependencies: 4,
            users: 4,
        },
        dependencies: dependencies.to_vec(),
        by_day: (1..=27)
            .map(|date| LegacyDay {
                date: Date::constant(2026, 10, 24).checked_add(date.days()).unwrap(),
                count: DayCount {
                    sign_ins: 2_255,
                    legacy_successes: 135 + u64::try_from(date).unwrap(),
                    legacy_failures: 338,
                },
            })
            .collect(),
        gaps: Vec::new(),
    }
}

fn registration(people: u16) -> RegistrationReport {
    RegistrationReport {
        schema: "lockstep.registration/1",
        generated_at: now(),
        as_of: Some("2026-11-19T22:00:00Z".parse().unwrap()),
        source_age_hours: Some(11.0),
        denominators: Denominators {
            in_scope_people: Some(210),
            enabled_members: Some(236),
            unclassified: Some(2),
        },
        capable: Some(183),
        registered: Some(188),
        rate: Some(0.871),
        rate_of_enabled_members: Some(0.775),
        sms_only: vec![account("s.ito@ne.example")],
        registered_not_capable: Vec::new(),
        carried_over: Some(183),
        administrators: Some(CapableOf { capable: 2, of: 3 }),
        guests: None,
        keys_to_stock: 9,
        series: (0..20_u16)
            .map(|after| SeriesPoint {
                date: date(2026, 11, 1).checked_add(i64::from(after).days()).unwrap(),
                capable: 120 + u64::from(after) * 3 + u64::from(after % 4),
                in_scope: 210,
            })
            .collect(),
        not_capable: (0..people)
            .map(|number| NotCapable {
                account: account(&format!("person.number{number:04}@ne.example")),
                reason: "No method is registered; last seen 18 November 2026.".to_owned(),
                recommended_method: ["fido2", "microsoft-authenticator"][usize::from(number % 2)],
                why: "Works on the shop floor without a phone.".to_owned(),
            })
            .collect(),
        gaps: Vec::new(),
    }
}

fn exceptions(people: u16) -> Exceptions {
    let kinds =
        [Kind::Room, Kind::SharedMailbox, Kind::Service, Kind::Executive, Kind::Unclassified];
    Exceptions {
        schema: "lockstep.exceptions/1",
        totals: BTreeMap::from([
            (Kind::Person, 188),
            (Kind::Room, 6),
            (Kind::SharedMailbox, 11),
            (Kind::Service, 4),
            (Kind::Executive, 3),
            (Kind::Unclassified, 2),
        ]),
        accounts: (0..people)
            .map(|number| ClassifiedAccount {
                account: account(&format!("special{number:04}@ne.example")),
                kind: kinds[usize::from(number) % kinds.len()],
                evidence: vec!["mailbox type RoomMailbox".to_owned()],
                treatment: "Block interactive sign-in; limit to the room's network and device.",
                mfa_exempt: number % 5 == 0,
                compensating_control: if number % 5 == 0 {
                    "Named location and compliant device"
                } else {
                    ""
                },
                max_days: Some(90),
                approver: "Head of IT",
            })
            .collect(),
        gaps: Vec::new(),
    }
}

fn preflight() -> Vec<Finding> {
    let rows = [
        ("BG-01", Severity::Block, Verdict::Found, "No break-glass account is named."),
        (
            "BG-03",
            Severity::Block,
            Verdict::Inconclusive,
            "Whether both are excluded from every policy.",
        ),
        (
            "LA-03",
            Severity::Warn,
            Verdict::Found,
            "One printer sends mail by basic authentication.",
        ),
        ("NH-02", Severity::Info, Verdict::Found, "Six rooms sign in with a password."),
        ("DV-01", Severity::Warn, Verdict::Ok, "Device registration does not ask twice."),
        ("GU-01", Severity::Info, Verdict::NotApplicable, "There are no guests."),
    ];
    rows.map(|(id, severity, verdict, subject)| Finding {
        id,
        severity,
        stage: &[Stage::Pilot, Stage::Enforce],
        verdict,
        subject: subject.to_owned(),
        evidence: if verdict == Verdict::Found {
            vec!["scanner-hq@ne.example".to_owned()]
        } else {
            Vec::new()
        },
        fix: "Name two accounts under [break_glass] in lockstep.toml.",
        about: Vec::new(),
        needs: (verdict == Verdict::Inconclusive)
            .then(|| "Conditional Access policies as Graph JSON".to_owned()),
    })
    .to_vec()
}
