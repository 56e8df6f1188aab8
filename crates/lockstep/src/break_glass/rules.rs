//! The alarm: queries for a Log Analytics workspace that the tenant's logs are sent to.

use std::fmt::Write as _;

/// The accounts and the group that the alarm is about, by what no renaming changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Watched {
    /// Object ids of the accounts.
    pub(crate) account_ids: Vec<String>,
    /// User principal names of the accounts: an attempt with a wrong name of a right account tells no id.
    pub(crate) account_names: Vec<String>,
    /// Object id of the group that every policy excludes. `None`: there is none.
    pub(crate) group_id: Option<String>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its letter.
    pub(crate) letter: char,
    /// What it is called in Azure Monitor and as a file.
    pub(crate) name: &'static str,
    /// What it tells, a sentence.
    pub(crate) what: &'static str,
    /// How grave it is, 0 the gravest.
    pub(crate) severity: u8,
    /// The query.
    pub(crate) query: String,
}

impl Rule {
    /// Name of its file.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.kql", self.name)
    }

    /// The file: what it tells, then the query.
    pub(crate) fn file(&self) -> String {
        format!("// {}. {}\n{}", self.letter, self.what, self.query)
    }
}

/// Rows come into a workspace minutes late. So a rule asks for what *arrived* since it was last asked,
/// and once more: a row that is late is not missed, and one at the edge is told twice.
const ARRIVED: &str = "| where ingestion_time() > ago(10m)\n";

/// The four rules. In A and B every row is an alarm; in D the silence is.
pub(crate) fn rules(watched: &Watched) -> [Rule; 4] {
    [
        Rule {
            letter: 'A',
            name: "break-glass-A-sign-in",
            what: "Somebody signs in as a break-glass account, or tries to.",
            severity: 0,
            query: sign_ins(watched),
        },
        Rule {
            letter: 'B',
            name: "break-glass-B-changed",
            what: "A break-glass account, its methods, its role or its group is changed, or such an \
                   account changes something.",
            severity: 0,
            query: changes(watched),
        },
        Rule {
            letter: 'C',
            name: "break-glass-C-policy",
            what: "Somebody makes, changes or deletes a Conditional Access policy.",
            severity: 1,
            query: policies(),
        },
        Rule {
            letter: 'D',
            name: "break-glass-D-silence",
            what: "No sign-in of anybody arrived for an hour: rule A would see nothing either. Raise the \
                   hour where nobody works at night.",
            severity: 0,
            query: silence(),
        },
    ]
}

fn sign_ins(watched: &Watched) -> String {
    let mut query = String::new();
    let_list(&mut query, "accounts", &watched.account_ids);
    let_list(&mut query, "names", &watched.account_names);
    // When a row arrived is told by its own table only.
    query.push_str(
        "union isfuzzy=true\n  (SigninLogs | where ingestion_time() > ago(10m)),\n  \
         (AADNonInteractiveUserSignInLogs | where ingestion_time() > ago(10m))\n",
    );
    query.push_str("| where UserId in~ (accounts) or UserPrincipalName in~ (names)\n");
    query.push_str(
        "| project TimeGenerated, Type, UserPrincipalName, UserId, ResultType, ResultDescription, \
         IPAddress, AppDisplayName, ConditionalAccessStatus, CorrelationId\n",
    );
    query
}

fn changes(watched: &Watched) -> String {
    let mut query = String::new();
    let objects: Vec<String> =
        watched.account_ids.iter().chain(&watched.group_id).cloned().collect();
    let_list(&mut query, "objects", &objects);
    let_list(&mut query, "accounts", &watched.account_ids);
    query.push_str("AuditLogs\n");
    query.push_str(ARRIVED);
    // Each policy names the group: what is done to policies is rule C.
    query.push_str("| where OperationName !has \"conditional access policy\"\n");
    query.push_str(
        "| where tostring(TargetResources) has_any (objects) or tostring(InitiatedBy) has_any \
         (accounts)\n",
    );
    query.push_str(
        "| project TimeGenerated, OperationName, Result, InitiatedBy, TargetResources, \
         CorrelationId\n",
    );
    query
}

fn policies() -> String {
    format!(
        "AuditLogs\n{ARRIVED}| where OperationName in~ (\"Add conditional access policy\", \"Update \
         conditional access policy\", \"Delete conditional access policy\")\n| project TimeGenerated, \
         OperationName, Result, InitiatedBy, TargetResources, CorrelationId\n"
    )
}

/// Over no row at all the newest time is none, and that is a row.
fn silence() -> String {
    "union isfuzzy=true\n  (SigninLogs | project arrived = ingestion_time()),\n  \
     (AADNonInteractiveUserSignInLogs | project arrived = ingestion_time())\n| summarize newest = \
     max(arrived)\n| where isnull(newest) or newest < ago(60m)\n"
        .to_owned()
}

fn let_list(query: &mut String, name: &str, values: &[String]) {
    let values: Vec<String> = values.iter().map(|it| literal(it)).collect();
    // Writing to a text cannot fail.
    let _ = writeln!(query, "let {name} = dynamic([{}]);", values.join(", "));
}

/// A text as a literal of the Kusto query language, inside `dynamic` as well, where it is JSON: what is
/// not plain ASCII is written by its number, so that nothing ends the literal or shows as something else.
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => literal.extend(['\\', letter]),
            ' '..='~' => literal.push(letter),
            _ => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    let _ = write!(literal, "\\u{unit:04x}");
                }
            }
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::break_glass) fn watched() -> Watched {
        Watched {
            account_ids: vec![
                "00000000-0000-0000-0000-00000000000a".to_owned(),
                "00000000-0000-0000-0000-00000000000b".to_owned(),
            ],
            account_names: vec![
                "svc-emergency-alpha@ne.onmicrosoft.com".to_owned(),
                "svc-emergency-bravo@ne.onmicrosoft.com".to_owned(),
            ],
            group_id: Some("00000000-0000-0000-0000-00000000000c".to_owned()),
        }
    }

    #[test]
    fn the_four_rules() {
        let all: Vec<String> = rules(&watched()).iter().map(Rule::file).collect();
        insta::assert_snapshot!(all.join("\n"), @r#"
        // A. Somebody signs in as a break-glass account, or tries to.
        let accounts = dynamic(["00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"]);
        let names = dynamic(["svc-emergency-alpha@ne.onmicrosoft.com", "svc-emergency-bravo@ne.onmicrosoft.com"]);
        union isfuzzy=true
          (SigninLogs | where ingestion_time() > ago(10m)),
          (AADNonInteractiveUserSignInLogs | where ingestion_time() > ago(10m))
        | where UserId in~ (accounts) or UserPrincipalName in~ (names)
        | project TimeGenerated, Type, UserPrincipalName, UserId, ResultType, ResultDescription, IPAddress, AppDisplayName, ConditionalAccessStatus, CorrelationId

        // B. A break-glass account, its methods, its role or its group is changed, or such an account changes something.
        let objects = dynamic(["00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b", "00000000-0000-0000-0000-00000000000c"]);
        let accounts = dynamic(["00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"]);
        AuditLogs
        | where ingestion_time() > ago(10m)
        | where OperationName !has "conditional access policy"
        | where tostring(TargetResources) has_any (objects) or tostring(InitiatedBy) has_any (accounts)
        | project TimeGenerated, OperationName, Result, InitiatedBy, TargetResources, CorrelationId

        // C. Somebody makes, changes or deletes a Conditional Access policy.
        AuditLogs
        | where ingestion_time() > ago(10m)
        | where OperationName in~ ("Add conditional access policy", "Update conditional access policy", "Delete conditional access policy")
        | project TimeGenerated, OperationName, Result, InitiatedBy, TargetResources, CorrelationId

        // D. No sign-in of anybody arrived for an hour: rule A would see nothing either. Raise the hour where nobody works at night.
        union isfuzzy=true
          (SigninLogs | project arrived = ingestion_time()),
          (AADNonInteractiveUserSignInLogs | project arrived = ingestion_time())
        | summarize newest = max(arrived)
        | where isnull(newest) or newest < ago(60m)
        "#);
    }

    #[test]
    fn a_hostile_name_stays_inside_its_literal() {
        let hostile = [
            "a\"]); SigninLogs | take 1 //",
            "a\\",
            "a\\\"",
            "a\nSigninLogs",
            "a\u{2028}b\u{202e}c",
            "ärmel@ne.example",
            "😀",
            "';--",
        ];
        for name in hostile {
            let literal = literal(name);
            assert!(literal.is_ascii() && !literal.contains(char::is_control), "{literal}");
            // Inside `dynamic` it is JSON.
            assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), name);
        }
        let mut watched = watched();
        watched.account_names = hostile.map(str::to_owned).to_vec();
        let [sign_ins, ..] = rules(&watched);
        let named = sign_ins.query.lines().nth(1).unwrap();
        let list = named.strip_prefix("let names = dynamic(").unwrap().strip_suffix(");").unwrap();
        assert_eq!(serde_json::from_str::<Vec<String>>(list).unwrap(), hostile);
        assert_eq!(sign_ins.query.lines().count(), 7, "{}", sign_ins.query);
    }

    #[test]
    fn without_a_group_the_accounts_are_watched_all_the_same() {
        let rules = rules(&Watched { group_id: None, ..watched() });
        assert!(rules[1].query.starts_with("let objects = dynamic([\"00000000-"));
        assert!(!rules[1].query.contains("00000000000c"));
    }
}
