//! The documents of `audit policies --out`: the page, the spreadsheet, the comma-separated values.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};

use conditional_access::{Policy, read_policy};
use lockstep::documents::policies::{PolicySetOf, SheetLimits, html, workbook};
use rollout::policy_matrix::matrix;
use rollout::preflight::audit_policies;
use rollout::{Account, Facts, Group, Member, MemberKind, Rollout, Snapshot, User, exceptions};
use serde_json::{Value, json};

const NOW: &str = "2026-11-20T12:00:00Z";
const GROUP: &str = "00000000-0000-4000-8000-000000000001";
const HOSTILE: &str = "=cmd|' /C calc'!A1<script>alert(1)</script>";

fn id(number: usize) -> String {
    format!("00000000-0000-4000-a000-{number:012}")
}

fn policy(name: &str, users: &Value) -> Policy {
    read_policy(&json!({
        "id": name, "displayName": name, "state": "enabled",
        "conditions": {
            "users": users, "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"]},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }))
    .unwrap()
}

/// So many people, of whom the first is excluded through a group, and the last has a name that
/// would be a formula, and markup.
fn tenant(people: usize, policies: usize) -> Snapshot {
    let user = |number: usize| User {
        account: Account {
            user_principal_name: Some(if number + 1 == people {
                HOSTILE.to_owned()
            } else {
                format!("person{number:04}@ne.example")
            }),
            user_id: Some(id(number)),
            display_name: Some(HOSTILE.to_owned()),
        },
        account_enabled: Some(true),
        ..User::default()
    };
    let first = Member { id: Some(id(0)), user_principal_name: None, kind: MemberKind::User };
    let users = json!({"includeUsers": ["All"], "excludeGroups": [GROUP]});
    let untold = json!({"includeGroups": ["00000000-0000-4000-8000-000000000099"]});
    let mut all: Vec<Policy> =
        (1..policies).map(|number| policy(&format!("CA{number:03}"), &users)).collect();
    all.push(policy(HOSTILE, &untold));
    Snapshot {
        users: Some((0..people).map(user).collect()),
        groups: Some(vec![Group {
            id: Some(GROUP.to_owned()),
            display_name: Some("+Glass".to_owned()),
            members: Some(vec![first]),
            ..Group::default()
        }]),
        policies: Some(all),
        ..Snapshot::default()
    }
}

fn with<T>(snapshot: &Snapshot, make: impl FnOnce(&PolicySetOf<'_>) -> T) -> T {
    let rollout = Rollout::default();
    let now = NOW.parse().unwrap();
    let facts = Facts::new(snapshot, None, &rollout, now);
    let classification = exceptions::classify(&facts);
    let audit = audit_policies(&facts, &classification, None);
    let matrix = matrix(&facts, &classification);
    make(&PolicySetOf {
        tenant: HOSTILE,
        audit: &audit,
        matrix: matrix.as_ref(),
        as_of: facts.as_of,
        now,
    })
}

fn sheets(snapshot: &Snapshot, limits: SheetLimits) -> BTreeMap<String, String> {
    let mut bytes = Vec::new();
    with(snapshot, |of| workbook(of, limits, None, &mut bytes).unwrap());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|position| {
            let mut entry = archive.by_index(position).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.name().unwrap().into_owned(), text)
        })
        .collect()
}

#[test]
fn no_text_of_a_spreadsheet_becomes_a_formula() {
    let parts = sheets(&tenant(5, 3), SheetLimits::EXCEL);
    for (name, text) in parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/")) {
        assert!(!text.contains("<f>") && !text.contains("<f "), "{name} holds a formula");
    }
    let strings = &parts["xl/sharedStrings.xml"];
    for value in strings.split("<t").skip(1).map(|it| it.split_once('>').unwrap().1) {
        assert!(!value.starts_with(['=', '+', '-', '@', '|']), "{value:.40}");
    }
    assert!(strings.contains("'=cmd|") && !strings.contains("<script"));
    for said in ["excluded: group +Glass", "unknown: members of group", "at every sign-in"] {
        assert!(strings.contains(said), "{said}");
    }
    let names = ["About", "Policies", "Classes", "Accounts"];
    for name in names {
        assert!(parts["xl/workbook.xml"].contains(&format!("<sheet name=\"{name}\"")), "{name}");
    }
    assert_eq!(parts["xl/worksheets/sheet4.xml"].matches("<row ").count(), 6);
    assert_eq!(parts["xl/worksheets/sheet3.xml"].matches("<row ").count(), 3, "two classes");
}

#[test]
fn what_a_sheet_cannot_hold_is_said_and_goes_on_in_another() {
    let limits = SheetLimits { rows: 4, columns: 12 };
    let parts = sheets(&tenant(7, 5), limits);
    let strings = &parts["xl/sharedStrings.xml"];
    assert!(strings.contains("A sheet holds 4 rows: the accounts go on in 3 sheets."));
    assert!(strings.contains("A sheet holds 12 columns: 3 policies are left out"));
    let rows = |number: u32| {
        let sheet = &parts[&format!("xl/worksheets/sheet{number}.xml")];
        assert!(!sheet.contains("r=\"M1\""), "the thirteenth column");
        sheet.matches("<row ").count()
    };
    assert_eq!([rows(4), rows(5), rows(6)], [4, 4, 2]);
    for number in 1..=3 {
        let name = format!("<sheet name=\"Accounts {number}\"");
        assert!(parts["xl/workbook.xml"].contains(&name), "{name}");
    }
}

#[test]
fn without_users_the_policies_are_still_told() {
    let mut snapshot = tenant(3, 2);
    snapshot.users = None;
    let parts = sheets(&snapshot, SheetLimits::EXCEL);
    assert!(parts["xl/sharedStrings.xml"].contains("no account could be held against them"));
    assert!(!parts.contains_key("xl/worksheets/sheet3.xml"));
    let page = with(&snapshot, |of| html(of).unwrap());
    assert!(page.contains("No account could be held against the policies"));
    assert!(page.contains("CA001") && !page.contains("id=\"classes\""));
}

#[test]
fn the_page_needs_nothing_else_and_takes_no_name_for_markup() {
    let page = with(&tenant(5, 3), |of| html(of).unwrap());
    for foreign in ["<script", "http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("default-src 'none'"));
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
    assert_eq!(page.matches("<th>").count(), 0, "every head says what it is the head of");
    // Word and shape beside the colour.
    for said in ["</span> excluded</span>", "</span> unknown</span>", "</span> reached</span>"] {
        assert!(page.contains(said), "{said}");
    }
    let [policies, classes, accounts] =
        ["id=\"policies\"", "id=\"classes\"", "id=\"accounts\""].map(|it| page.find(it).unwrap());
    assert!(policies < classes && classes < accounts, "classes first");
}

#[test]
fn a_large_tenant_is_shown_by_classes_and_the_first_accounts() {
    let page = with(&tenant(700, 3), |of| html(of).unwrap());
    assert!(page.contains("699 accounts: unclassified 699"), "{}", page.len());
    assert!(page.contains("The first 500 accounts by name."));
    assert!(page.contains("200 more accounts are in policy-matrix.csv"));
    assert!(page.contains("and 499 more in policies.xlsx"));
    // Twenty thousand cells, whatever their shape.
    let page = with(&tenant(300, 200), |of| html(of).unwrap());
    assert!(page.contains("The first 100 accounts by name."));
}

#[test]
fn comma_separated_values_have_a_row_for_each_account() {
    let folder = crate::policy_audit::tenant(&crate::policy_audit::policies());
    let users = folder.path().join("exports/users.json");
    let text = fs::read_to_string(&users).unwrap();
    fs::write(&users, text.replacen("\"displayName\":\"2\"", "\"displayName\":\"@A,1\"", 1))
        .unwrap();
    let out = ["audit", "policies", "--out", "documents", "--quiet"];
    let said = crate::command::run(folder.path(), &out);
    assert!(
        said.contains("policies.html, policies.xlsx, policies.csv, policy-matrix.csv"),
        "{said}"
    );
    let read = |name: &str| fs::read_to_string(folder.path().join("documents").join(name)).unwrap();
    let rows = read("policy-matrix.csv");
    insta::assert_snapshot!(rows.trim_start_matches('\u{feff}').replace("\r\n", "\n"), @r#"
    Account,Name,Kind,Enabled,Asked for MFA,MFA policies On,Of those for every sign-in,MFA policies Report-only,MFA policies unknown,CA001 (On),CA002 (Off),Microsoft-managed: [2JMFA (Report-only)
    1@ne.example,1,break-glass,yes,only measured,0,0,1,0,excluded: group Glass (nested),no,reached
    2@ne.example,"'@A,1",unclassified,yes,only measured,0,0,1,0,excluded: by name,no,reached
    "#);
    assert!(rows.starts_with('\u{feff}') && rows.ends_with("\r\n"));
    assert_eq!(read("policies.csv").lines().count(), 4);
    assert!(read("policies.html").contains("<!doctype html>"));

    let only = [&out[..], &["--formats", "csv"]].concat();
    fs::remove_file(folder.path().join("documents/policies.html")).unwrap();
    crate::command::run(folder.path(), &only);
    assert!(!folder.path().join("documents/policies.html").exists());

    let refused = crate::command::run(folder.path(), &["audit", "policies", "--formats", "csv"]);
    assert!(refused.starts_with("exit 1") && refused.contains("--out"), "{refused}");
}
