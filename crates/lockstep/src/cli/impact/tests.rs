//! The page, against impacts made by hand.

use insta::assert_snapshot;
use rollout::gaps::Gap;
use rollout::impact::{
    Comparison, Cut, Disagreement, Impact, PersonImpact, SignInCounts, UserCounts, UserOutcome,
};
use rollout::proposal::Against;
use rollout::{Account, Coverage, Window};

use super::page::page;
use crate::arguments::Format;
use crate::settings::Settings;

fn settings() -> Settings {
    Settings {
        format: Format::Text,
        color: false,
        quiet: false,
        verbose: false,
        no_cache: true,
        progress: false,
        app_service: None,
        no_input: true,
        user: "tester".to_owned(),
        surroundings: crate::surroundings::Surroundings::default(),
        width: 80,
        folder: std::path::PathBuf::new(),
        file: None,
        now: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn text(impact: &Impact) -> String {
    page(impact, &settings()).finish()
}

fn account(name: &str) -> Account {
    Account { user_principal_name: Some(name.to_owned()), ..Account::default() }
}

fn person(name: &str, outcome: UserOutcome, sign_ins: u64, [why, next]: [&str; 2]) -> PersonImpact {
    PersonImpact {
        account: account(name),
        outcome,
        sign_ins,
        apps: if sign_ins > 0 { vec!["Office 365 Exchange Online".to_owned()] } else { Vec::new() },
        policies: vec!["CA001 - Require MFA - All users".to_owned()],
        why: why.to_owned(),
        next: next.to_owned(),
    }
}

fn cut(name: Option<&str>, blocked: u64, total: u64) -> Cut {
    let challenged = total - blocked;
    Cut {
        name: name.map(str::to_owned),
        id: None,
        users: 7,
        users_blocked: blocked.min(2),
        sign_ins: SignInCounts { total, blocked, challenged, ..SignInCounts::default() },
    }
}

const NO_METHOD: [&str; 2] = [
    "Nothing that satisfies MFA is registered, and a shared mailbox registers nothing.",
    "Sign in by delegation instead.",
];
const LEGACY: [&str; 2] =
    ["IMAP4 cannot answer MFA.", "Move the client to modern authentication, or retire it."];

fn impact() -> Impact {
    Impact {
        schema: "lockstep.impact/1",
        generated_at: jiff::Timestamp::UNIX_EPOCH,
        against: Against::Proposed,
        policies: vec!["CA001 - Require MFA - All users".to_owned()],
        assumptions: vec!["CA001 excludes the two break-glass accounts by name.".to_owned()],
        window: Window { from: None, to: None, days_asked: 30, days_covered: 27 },
        coverage: Coverage { records_read: 61_402, ..Coverage::default() },
        users: UserCounts {
            total: 236,
            ready: 170,
            must_register: 26,
            cannot: 2,
            blocked_legacy: 1,
            blocked: 1,
            not_touched: 24,
            unknown: 12,
        },
        sign_ins: SignInCounts {
            total: 60_000,
            challenged: 4_000,
            already_satisfied: 50_000,
            blocked: 3_000,
            not_touched: 2_500,
            unknown: 500,
        },
        by_app: vec![
            cut(Some("Microsoft Teams"), 0, 9_000),
            cut(Some("Office 365 Exchange Online"), 2_900, 12_000),
        ],
        by_client_app: vec![cut(Some("IMAP4"), 2_900, 2_900), cut(None, 0, 4)],
        by_platform: Vec::new(),
        by_country: vec![cut(Some("GB"), 3_000, 58_000)],
        people: vec![
            person(
                "visitor@ne.example",
                UserOutcome::Blocked,
                3,
                ["CA004 blocks every country but GB.", "Add a named location, or keep it so."],
            ),
            person("info@ne.example", UserOutcome::Cannot, 40, NO_METHOD),
            person("orders@ne.example", UserOutcome::Cannot, 1, NO_METHOD),
            person("erp@ne.example", UserOutcome::BlockedLegacy, 2_900, LEGACY),
            person(
                "ada@ne.example",
                UserOutcome::Unknown,
                0,
                ["No sign-in was seen.", "Read a longer log."],
            ),
        ],
        compared: vec![Comparison {
            policy: "8b1b4a52-0000-4000-8000-000000000001".to_owned(),
            name: Some("CA009 - Require compliant device".to_owned()),
            compared: 1_200,
            agree: 1_198,
            unknown: 30,
            changed_within_window: Some(true),
            disagreements: vec![Disagreement {
                logged: "reportOnlySuccess".to_owned(),
                ours: "reportOnlyFailure".to_owned(),
                sign_ins: 2,
                example: account("ben@ne.example"),
            }],
        }],
        gaps: vec![Gap {
            id: "non-interactive-sign-ins",
            what: "Non-interactive sign-ins were in no file.".to_owned(),
            so: "mail clients may be missing.".to_owned(),
            close_with: "download them too.".to_owned(),
        }],
    }
}

#[test]
fn the_whole_page_fits_and_reads_from_the_worst_down() {
    let text = text(&impact());
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert_snapshot!(text, @r"
    Lockout list: at least 3 of 236 accounts, and nobody can say of 12
    Judged: CA001 - Require MFA - All users, on top of what the tenant has.
    outcome          accounts                  means
    blocked                 1  █               locked out, whatever is registered
    cannot pass MFA         2  █               locked out, can register nothing
    legacy blocked          1  █               loses legacy sign-ins only
    must register          26  ██              can register, and has to first
    unknown                12  █               nobody can say
    ready                 170  ██████████████  can show all that is asked for
    not touched            24  ██              nothing judged reaches it
    60,000 successful sign-ins: 3,000 end in a block, 4,000 ask for something,
    50,000 hold all that is asked for, 2,500 are not touched, of 500 nobody can say.

    Taken for granted
      - CA001 excludes the two break-glass accounts by name.

    Blocked (1)
    CA004 blocks every country but GB. Add a named location, or keep it so.
      - visitor@ne.example: 3 sign-ins (Office 365 Exchange Online)

    Cannot pass MFA (2)
    Nothing that satisfies MFA is registered, and a shared mailbox registers
    nothing. Sign in by delegation instead.
      - info@ne.example: 40 sign-ins (Office 365 Exchange Online)
      - orders@ne.example: 1 sign-in (Office 365 Exchange Online)

    Legacy blocked (1)
    IMAP4 cannot answer MFA. Move the client to modern authentication, or retire it.
      - erp@ne.example: 2,900 sign-ins (Office 365 Exchange Online)

    Unknown (1)
    No sign-in was seen. Read a longer log.
      - ada@ne.example: no sign-in in the window

    By app
    app                         accounts  sign-ins  blocked  asked  cannot say
    Office 365 Exchange Online         7    12,000    2,900  9,100           0
    Microsoft Teams                    7     9,000        0  9,000           0

    By client app
    client app  accounts  sign-ins  blocked  asked  cannot say
    IMAP4              7     2,900    2,900      0           0
    not told           7         4        0      4           0

    By country
    country  accounts  sign-ins  blocked  asked   cannot say
    GB              7    58,000    3,000  55,000           0

    The log's own verdicts, beside these
    policy                          compared  same   differ  cannot say
    CA009 - Require compliant          1,200  1,198  2               30
    device
      - CA009 - Require compliant device: the log says reportOnlySuccess, lockstep
        reportOnlyFailure; 2 sign-ins, such as ben@ne.example.
      - CA009 - Require compliant device was changed within the window: the log may
        speak of what it said before.

    What it rests on
    27 of 30 days covered. Interactive sign-ins: the log does not tell;
    non-interactive: the log does not tell. 61,402 records read, 0 copies, 0
    unreadable.

    Not seen (1)
      - Non-interactive sign-ins were in no file. So: mail clients may be missing.
        To close it: download them too.
    ");
}

#[test]
fn what_nobody_knows_stands_in_the_headline() {
    let users = |locked, unknown, total| UserCounts {
        total,
        unknown,
        blocked: locked,
        ready: total - locked - unknown,
        ..UserCounts::default()
    };
    let table = [
        (users(0, 0, 0), "Lockout list: no file tells of any account"),
        (users(0, 0, 9), "Lockout list: none of 9 accounts, as far as 27 of 30 days show"),
        (users(2, 0, 9), "Lockout list: 2 of 9 accounts"),
        (users(2, 1, 9), "Lockout list: at least 2 of 9 accounts, and nobody can say of 1"),
        (users(0, 1, 9), "Lockout list: none known among 9 accounts, and nobody can say of 1"),
    ];
    for (users, headline) in table {
        let text = text(&Impact { users, ..impact() });
        assert_eq!(text.lines().next(), Some(headline));
    }
}

#[test]
fn a_long_list_is_cut_and_says_so() {
    let mut impact = impact();
    let many = |number: u32| {
        person(&format!("person{number:03}@ne.example"), UserOutcome::Cannot, 2, NO_METHOD)
    };
    impact.people = (0..53).map(many).collect();
    impact.by_app =
        (0..14).map(|number| cut(Some(&format!("App {number:02}")), number, 20)).collect();
    let text = text(&impact);
    assert!(text.contains("Cannot pass MFA (53)\n"), "{text}");
    assert!(text.contains("person019@") && !text.contains("person020@"), "{text}");
    assert!(text.contains("and 33 more: `--format json` lists everyone."), "{text}");
    assert!(text.contains("and 4 more: `--format json` lists all."), "{text}");
    assert!(text.contains("App 13") && !text.contains("App 03"), "blocked first: {text}");
    assert_eq!(text.matches("Nothing that satisfies MFA is registered").count(), 1, "{text}");
}

#[test]
fn hostile_names_stay_words() {
    let mut impact = impact();
    let name = "evil\u{1b}[2J\u{202e}\nNext: rm@ne.example";
    impact.people = vec![person(name, UserOutcome::Blocked, 1, [name, name])];
    impact.by_app = vec![cut(Some(name), 1, 1)];
    impact.policies = vec![name.to_owned()];
    let text = text(&impact);
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    assert!(!text.lines().any(|line| line.starts_with("Next: rm")), "{text}");
}
