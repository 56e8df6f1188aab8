//! What the pre-flight says of the example firm, check by check. Each verdict was held against what
//! the generator made: security defaults on, no policy, no break-glass account named, printers and
//! an ERP with stored passwords, a shared mailbox people sign in to.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::command::run;

const FOUND: &[&str] = &[
    "BG-01",
    "TN-01 TN-08",
    "CA-13",
    "RG-02 RG-03 RG-06 RG-07 RG-10 RG-11 RG-14 RG-15",
    "UM-04 UM-13",
    "LA-01 LA-02 LA-03 LA-06 LA-07",
    "NH-01 NH-03 NH-08 NH-09",
    "DV-02 DV-09",
    "AT-06",
];

const INCONCLUSIVE: &[&str] = &[
    "BG-02 BG-04 BG-05 BG-06 BG-07 BG-08 BG-09 BG-10 BG-11 BG-12 BG-13 BG-14",
    "TN-03 TN-07 TN-10 TN-11",
    "CA-14 CA-15 CA-18",
    "RG-04 RG-05 RG-12 RG-13",
    "UM-01 UM-02 UM-03 UM-05 UM-06 UM-07 UM-08 UM-09 UM-10 UM-11 UM-12 UM-14",
    "LA-04 LA-05 LA-08 LA-09 LA-10",
    "NH-02 NH-04 NH-05 NH-06 NH-07 NH-10 NH-11",
    "DV-01 DV-03 DV-06 DV-07",
    "EX-01 EX-03 EX-04 EX-05",
    "HY-01 HY-02 HY-04 HY-05 HY-06 HY-07",
    "AT-01 AT-03 AT-04 AT-05",
    "OP-01 OP-02 OP-03 OP-05 OP-06 OP-07",
];

const OK: &[&str] = &[
    "TN-04 TN-05 TN-06 TN-09 TN-12 TN-13",
    "CA-06",
    "RG-01 RG-08 RG-09",
    "DV-04 DV-05 DV-08",
    "EX-02 EX-06",
    "AT-02",
    "OP-04",
];

const NOT_APPLICABLE: &[&str] = &[
    "BG-03",
    "TN-02",
    "CA-01 CA-02 CA-03 CA-04 CA-05 CA-07 CA-08 CA-09 CA-10 CA-11 CA-12 CA-16 CA-17",
    "HY-03",
];

/// The example's findings by id.
fn findings() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ne");
    let text = run(&folder, &["audit", "preflight", "--format", "json"]);
    let (_, after) = text.split_once("--- stdout\n").unwrap();
    let json = after.split("--- stderr\n").next().unwrap();
    let document: Value = serde_json::from_str(json).unwrap();
    let findings = document["findings"].as_array().unwrap().iter();
    findings.map(|it| (it["id"].as_str().unwrap().to_owned(), it.clone())).collect()
}

#[test]
fn every_check_says_of_the_example_what_is_true_of_it() {
    let findings = findings();
    let mut expected = BTreeMap::new();
    for (verdict, lines) in [
        ("found", FOUND),
        ("inconclusive", INCONCLUSIVE),
        ("ok", OK),
        ("not-applicable", NOT_APPLICABLE),
    ] {
        for id in lines.iter().flat_map(|line| line.split(' ')) {
            assert_eq!(expected.insert(id, verdict), None, "{id} twice");
        }
    }
    assert_eq!(expected.len(), 130);
    let said: BTreeMap<&str, &str> =
        findings.iter().map(|(id, it)| (id.as_str(), it["verdict"].as_str().unwrap())).collect();
    assert_eq!(said, expected);
}

#[test]
fn sentences_of_the_example_carry_its_numbers() {
    let findings = findings();
    let cases = [
        ("NH-01", "6 user accounts are used by programs."),
        (
            "LA-01",
            "4 devices or programs use mail with a password: 3 over SMTP, 1 over IMAP or POP.",
        ),
        ("LA-02", "2 copies of Outlook sign in without modern authentication."),
        ("LA-03", "6 phones or mail programs sign in with a password, over ActiveSync."),
        ("NH-09", "Sign-in is enabled for 1 shared mailbox."),
        ("TN-08", "4 accounts have registered methods the policy does not let them use."),
        ("CA-13", "The pilot group proves little: every member is an administrator."),
        ("CA-14", "No policy asks for MFA yet; this is due once enforcement has begun."),
        ("TN-04", "228 licences with Microsoft Entra ID P1 for 205 people in scope."),
    ];
    for (id, sentence) in cases {
        assert_eq!(findings[id]["subject"], sentence, "{id}");
    }
    for (id, finding) in &findings {
        let subject = finding["subject"].as_str().unwrap();
        assert!(subject.ends_with('.'), "{id}: {subject}");
        assert_eq!(finding["needs"].is_string(), finding["verdict"] == "inconclusive", "{id}");
    }
}
