//! The lockout list, the proof and whom *All users* means, for the plan built by hand.

use rollout::impact::{
    Caught, CaughtKind, Cut, Impact, PersonImpact, SignInCounts, UserCounts, UserOutcome,
};
use rollout::plan::Plan;
use rollout::proof::{BreakGlassProof, Proof, Refutation};
use rollout::proposal::Against;
use rollout::{Coverage, Window};

use crate::sample_plan::{HOSTILE, account, now};

const CA001: &str = "CA001 - Require MFA - All users";

pub(crate) fn impact(people: u16) -> Impact {
    let row = |name: &str, outcome, sign_ins, why: &str, next: &str| PersonImpact {
        account: account(name),
        outcome,
        sign_ins,
        apps: if sign_ins > 0 { vec!["Office 365 Exchange Online".to_owned()] } else { Vec::new() },
        policies: vec![CA001.to_owned()],
        why: why.to_owned(),
        next: next.to_owned(),
    };
    let mut rows = vec![
        row(
            "t.wells@ne.example",
            UserOutcome::Blocked,
            3,
            "CA004 blocks every country but GB.",
            "Keep it so, or add a named location.",
        ),
        row(
            "info@ne.example",
            UserOutcome::Cannot,
            40,
            "Nothing that satisfies MFA is registered, and a shared mailbox registers nothing.",
            "Open it by delegation instead.",
        ),
        row(
            "erp@ne.example",
            UserOutcome::BlockedLegacy,
            1_288,
            "IMAP4 cannot answer MFA.",
            "Move the client to modern authentication.",
        ),
    ];
    rows.extend((0..people).map(|number| {
        row(
            &format!("person.number{number:04}@ne.example"),
            UserOutcome::MustRegister,
            12,
            "No method is registered.",
            "Register Microsoft Authenticator before the switch.",
        )
    }));
    rows.push(row(
        "k.moss@ne.example",
        UserOutcome::Unknown,
        0,
        "No sign-in in the window.",
        "Read a longer log.",
    ));
    let cut = |name: Option<&str>, blocked, total| Cut {
        name: name.map(str::to_owned),
        users: 9,
        users_blocked: 1,
        sign_ins: SignInCounts {
            total,
            blocked,
            challenged: total - blocked,
            ..SignInCounts::default()
        },
        ..Cut::default()
    };
    let register = u64::from(people);
    Impact {
        schema: "lockstep.impact/1",
        generated_at: now(),
        against: Against::Proposed,
        policies: vec![CA001.to_owned()],
        assumptions: vec!["Security defaults are on today; they count as off.".to_owned()],
        window: Window { from: None, to: None, days_asked: 30, days_covered: 27 },
        coverage: Coverage::default(),
        users: UserCounts {
            total: 183 + register + 28,
            ready: 183,
            must_register: register,
            cannot: 1,
            blocked_legacy: 1,
            blocked: 1,
            not_touched: 24,
            unknown: 1,
        },
        sign_ins: SignInCounts {
            total: 60_877,
            challenged: 4_000,
            already_satisfied: 50_000,
            blocked: 1_291,
            not_touched: 5_086,
            unknown: 500,
        },
        by_app: vec![
            cut(Some("Microsoft Teams"), 0, 9_000),
            cut(Some("Office 365 Exchange Online"), 1_288, 12_000),
        ],
        by_client_app: vec![cut(Some("IMAP4"), 1_288, 1_288), cut(None, 0, 4)],
        by_platform: vec![cut(Some("Windows 10"), 3, 30_000)],
        by_country: vec![cut(Some("GB"), 1_288, 60_000), cut(Some("US"), 3, 3)],
        people: rows,
        compared: Vec::new(),
        gaps: Vec::new(),
    }
}

fn refutation(name: &str, role: &'static str, unknown: &[&str]) -> Refutation {
    Refutation {
        account: account(name),
        role,
        app: Some("Microsoft Admin Portals".to_owned()),
        client_app: Some("Browser".to_owned()),
        platform: None,
        location: Some("outside every named location".to_owned()),
        device: None,
        risk: None,
        blocked_by: vec!["8b1b4a52-0000-4000-8000-000000000001".to_owned()],
        blocked_by_names: vec!["CA004 - Only from GB".to_owned()],
        missing: vec!["block".to_owned()],
        unknown: unknown.iter().map(|it| (*it).to_owned()).collect(),
        why: vec![
            "It cannot sign in to Microsoft Admin Portals from outside every named location."
                .to_owned(),
            "`CA004 - Only from GB` blocks it.".to_owned(),
        ],
        mend: vec!["Exclude the break-glass group from CA004.".to_owned()],
    }
}

pub(crate) fn proof() -> Proof {
    Proof {
        schema: "lockstep.proof/1",
        generated_at: now(),
        against: Against::Proposed,
        policies: vec![CA001.to_owned(), "CA004 - Only from GB".to_owned()],
        assumptions: vec!["Security defaults are on today; they count as off.".to_owned()],
        holds: false,
        administrators_who_can_sign_in: vec![account("a.admin@ne.example")],
        unproven_administrators: vec![account("b.admin@ne.example")],
        break_glass: vec![
            BreakGlassProof {
                account: account("glass-1@ne.example"),
                excluded_from_all: true,
                can_sign_in: true,
            },
            BreakGlassProof {
                account: account("glass-2@ne.example"),
                excluded_from_all: false,
                can_sign_in: false,
            },
        ],
        counter_examples: vec![
            refutation("glass-2@ne.example", "break-glass", &[]),
            refutation("c.admin@ne.example", "administrator", &["members of the group Travellers"]),
        ],
        shortfalls: vec!["Only one administrator is proven; two are asked for.".to_owned()],
        cells_checked: 1_536,
        gaps: Vec::new(),
    }
}

pub(crate) fn caught(people: u16) -> Caught {
    let kind = |kind: &str, people, count, names: &[&str], meets: &str| CaughtKind {
        kind: kind.to_owned(),
        people,
        count,
        accounts: names.iter().map(|name| account(name)).collect(),
        meets: meets.to_owned(),
    };
    Caught {
        total: u64::from(people) + 186,
        kinds: vec![
            kind("person", true, u64::from(people) + 183, &[], "Is asked for MFA."),
            kind(
                "room",
                false,
                2,
                &["boardroom@ne.example", "lab@ne.example"],
                "Signs out and shows a blank screen.",
            ),
            kind("directory sync", false, 1, &["Sync_DC1@ne.example"], "Synchronisation stops."),
        ],
    }
}

/// Hostile names wherever a tenant can put one.
pub(crate) fn make_hostile(plan: &mut Plan) {
    let mut names = HOSTILE.iter().cycle();
    let mut next = || (*names.next().unwrap()).to_owned();
    let impact = plan.lockout.as_mut().unwrap();
    impact.policies = HOSTILE.map(str::to_owned).to_vec();
    for person in &mut impact.people {
        person.account = account(&next());
        person.apps = vec![next()];
        person.why = next();
        person.next = next();
    }
    for cut in impact.by_app.iter_mut().chain(&mut impact.by_country) {
        cut.name = Some(next());
    }
    let proof = plan.proof.as_mut().unwrap();
    proof.administrators_who_can_sign_in = vec![account(&next())];
    proof.shortfalls = vec![next()];
    for example in &mut proof.counter_examples {
        example.account = account(&next());
        example.blocked_by_names = vec![next()];
        example.unknown = vec![next()];
        example.mend = vec![next()];
        example.why = vec![next()];
    }
    for kind in &mut plan.caught.kinds {
        kind.accounts = HOSTILE.map(account).to_vec();
    }
}
