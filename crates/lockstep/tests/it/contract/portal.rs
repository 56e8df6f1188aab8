//! The portal's CSV downloads.

use serde_json::Value;

use super::folder::{audit, sound, zip};
use super::record::{csv, row};

/// Names of columns as the portal writes them: two end in a space, one has two spaces, one stands
/// twice.
const GENERATIONS: [&str; 3] = [
    "Date (UTC)|Request ID|Correlation ID|User ID|User|Username|User type|\
     Cross tenant access type|Incoming token type|Authentication Protocol|\
     Unique token identifier|Application|Application ID |Resource|Resource ID |IP address|Location|\
     Status|Sign-in error code|Failure reason|Client app|Device ID|Browser|Operating System|\
     Compliant|Managed|Join Type|Authentication requirement|Autonomous system  number|\
     Incoming token type|Latency|Conditional Access",
    "Date (UTC)|Request ID|User agent|Correlation ID|User ID|User|Username|User type|\
     Incoming token type|Authentication Protocol|Unique token identifier|Original transfer method|\
     Application|Application ID |Resource|Resource ID |IP address|Location|Status|\
     Sign-in error code|Failure reason|Client app|Device ID|Browser|Operating System|\
     Authentication requirement|Session ID|Autonomous system  number|Incoming token type|Latency|\
     Conditional Access|Managed Identity type",
    "Date (UTC)|Request ID|User agent|Correlation ID|User ID|User|Username|User type|\
     Incoming token type|Authentication Protocol|Unique token identifier|Original transfer method|\
     Application|Application ID |App owner tenant ID|Resource|Resource ID |\
     Resource owner tenant ID|IP address|Location|Status|Sign-in error code|Failure reason|\
     Client app|Device ID|Browser|Operating System|Authentication requirement|Session ID|\
     Autonomous system  number|Incoming token type|Latency|Conditional Access|Federated Token Id",
];

const APPLICATIONS: &str = "Date (UTC)|Request ID|Correlation ID|Service principal ID|\
     Service principal name|Credential key ID|Application|Application ID |Resource|Resource ID |\
     IP address|Location|Status|Sign-in error code|Failure reason|Conditional Access";

const ALEX: [(&str, &str); 17] = [
    ("Date (UTC)", "2025-12-04T08:19:41Z"),
    ("Request ID", "r1"),
    ("User ID", "u1"),
    ("User", "Reed, Alex"),
    ("Username", "alex@ne.example"),
    ("User type", "Member"),
    ("Incoming token type", "None"),
    ("Authentication Protocol", "ROPC"),
    ("Unique token identifier", "'-WkQ"),
    ("Application", "Office 365 Exchange Online"),
    ("Application ID", "app1"),
    ("IP address", "192.0.2.1"),
    ("Location", "Leeds, , GB"),
    ("Client app", "IMAP4"),
    ("Operating System", "Windows10"),
    ("Autonomous system  number", "64500"),
    ("Conditional Access", "Not Applied"),
];

fn columns(names: &str) -> Vec<&str> {
    names.split('|').collect()
}

fn cells<'c>(changes: &[(&'c str, &'c str)]) -> Vec<(&'c str, &'c str)> {
    let kept = ALEX.into_iter().filter(|(name, _)| changes.iter().all(|(it, _)| it != name));
    kept.chain(changes.iter().copied()).collect()
}

#[test]
fn three_generations_of_headers() {
    for generation in GENERATIONS {
        let header = columns(generation);
        let quoted: Vec<String> = header.iter().map(|name| format!("\"{name}\"")).collect();
        let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
        let rows = [
            row(&header, &cells(&[("Status", "Success")])),
            row(
                &header,
                &cells(&[("Status", "Success"), ("Sign-in error code", "0"), ("Request ID", "r2")]),
            ),
            row(
                &header,
                &cells(&[
                    ("Status", "Failure"),
                    ("Sign-in error code", "50126"),
                    ("Request ID", "r3"),
                ]),
            ),
            row(
                &header,
                &cells(&[
                    ("Status", "Interrupted"),
                    ("Sign-in error code", "50140"),
                    ("Request ID", "r4"),
                ]),
            ),
            row(&header, &cells(&[("Status", "Failure"), ("Request ID", "r5")])),
        ];
        for text in [
            csv(",", &header, &rows),
            format!("\u{feff}{}", csv(",", &quoted, &rows).replace('\n', "\r\n")),
        ] {
            let audited = sound(&[("x.csv", text)]);
            assert_eq!(
                audited.lines(),
                ["alex@ne.example | IMAP4 | ropc | Windows10 | 2+3 | 1"],
                "{generation}"
            );
            assert_eq!(audited.totals(), [5, 2, 3, 1, 1]);
            let only = &audited.document["dependencies"][0];
            assert_eq!(
                (&only["user_id"], &only["display_name"]),
                (&"u1".into(), &"Reed, Alex".into())
            );
            assert_eq!(audited.coverage("authentication_protocol"), true);
        }
    }
}

#[test]
fn the_kind_is_in_the_name_of_the_file() {
    let header = columns(GENERATIONS[2]);
    let text = csv(",", &header, &[row(&header, &cells(&[("Status", "Success")]))]);
    for (name, interactive, non_interactive) in [
        ("InteractiveSignIns_2025-11-04_2025-12-04.csv", Some(true), Some(false)),
        ("sub/NonInteractiveSignIns_2025-11-04_2025-12-04 (1).csv", Some(false), Some(true)),
        ("signins.csv", None, None),
    ] {
        for (name, content) in [(name, text.clone().into_bytes()), ("a.zip", zip(&[(name, &text)]))]
        {
            let audited = sound(&[(name, content)]);
            assert_eq!(audited.coverage("interactive"), &Value::from(interactive), "{name}");
            assert_eq!(
                audited.coverage("non_interactive"),
                &Value::from(non_interactive),
                "{name}"
            );
            assert_eq!(audited.totals()[0], 1, "{name}");
        }
    }
    for name in ["ApplicationSignIns_2025-12-04.csv", "MSISignIns_2025-12-04.csv"] {
        assert_eq!(sound(&[(name, text.as_str())]).totals()[0], 0, "{name}");
    }
}

#[test]
fn applications_are_never_users_whatever_the_file_is_called() {
    let header = columns(APPLICATIONS);
    let base = [
        ("Date (UTC)", "2025-12-04T08:19:41Z"),
        ("Request ID", "r1"),
        ("Application", "ERP"),
        ("Application ID", "a1"),
        ("Status", "Success"),
        ("IP address", "192.0.2.1"),
    ];
    let with =
        [&base[..], &[("Service principal ID", "s1"), ("Service principal name", "ERP")]].concat();
    let text = csv(",", &header, &[row(&header, &with), row(&header, &base)]);
    for name in ["ApplicationSignIns_2025-12-04.csv", "renamed.csv"] {
        let audited = sound(&[(name, text.as_str())]);
        assert_eq!((audited.records()[0], audited.totals()), (2, [0; 5]), "{name}");
    }
}

#[test]
fn details_of_authentication_are_no_sign_ins() {
    let header = columns(GENERATIONS[2]);
    let text = csv(",", &header, &[row(&header, &cells(&[("Status", "Success")]))]);
    let details = "Date (UTC),Request ID,Authentication method,Succeeded\n2025-12-04T08:19:41Z,r1,Password,true\n";
    let name = "InteractiveSignIns_AuthDetails_2025-12-04.csv";
    let audited = sound(&[("InteractiveSignIns_2025-12-04.csv", text.as_str()), (name, details)]);
    assert_eq!(audited.records(), [1, 0, 0]);
    assert!(
        audited.stderr.contains(&format!("unknown file, not used: {name}")),
        "{}",
        audited.stderr
    );
}

#[test]
fn spanish_and_french() {
    let spanish = "Fecha (UTC)|Id. de usuario|Usuario|Nombre de usuario|Tipo de usuario|\
         Dirección IP|Ubicación|Sistema operativo|Explorador|Aplicación cliente|Estado|\
         Protocolo de autenticación|Aplicación|Recurso";
    let spanish_row = |state: &'static str| {
        row(
            &columns(spanish),
            &[
                ("Fecha (UTC)", "2025-12-04T08:19:41Z"),
                ("Id. de usuario", "u1"),
                ("Usuario", "Alex"),
                ("Nombre de usuario", "alex@ne.example"),
                ("Dirección IP", "192.0.2.1"),
                ("Ubicación", "Leeds, , GB"),
                ("Sistema operativo", "Windows10"),
                ("Explorador", "IE 11"),
                ("Aplicación cliente", "IMAP4"),
                ("Estado", state),
                ("Protocolo de autenticación", "ROPC"),
            ],
        )
    };
    let french = "Date (UTC)|Nom d'utilisateur|Adresse IP|Emplacement|Statut|Application|\
         ID d'application|Code d'erreur de connexion|Exigence d'authentification|ID de session|\
         ID de l'appareil|Système d'exploitation|Navigateur|Conforme|Géré|\
         Protocole d'authentification|Application cliente";
    let french_row = |state: &'static str| {
        row(
            &columns(french),
            &[
                ("Date (UTC)", "2025-12-04T08:19:41Z"),
                ("Nom d'utilisateur", "alex@ne.example"),
                ("Adresse IP", "192.0.2.1"),
                ("Statut", state),
                ("Application", "Exchange"),
                ("Système d'exploitation", "Windows10"),
                ("Navigateur", "IE 11"),
                ("Protocole d'authentification", "ROPC"),
                ("Application cliente", "IMAP4"),
            ],
        )
    };
    let line = ["alex@ne.example | IMAP4 | ropc | Windows10, IE 11 | 1+1 | 1"];
    let rows = ["Correcto", "Error"].map(spanish_row);
    for delimiter in [",", ";"] {
        assert_eq!(sound(&[("a.csv", csv(delimiter, &columns(spanish), &rows))]).lines(), line);
    }
    let rows = ["Opération réussie", "Échec"].map(french_row);
    for delimiter in [",", ";"] {
        for apostrophe in ["'", "\u{2019}"] {
            let text = csv(delimiter, &columns(french), &rows).replace('\'', apostrophe);
            assert_eq!(sound(&[("a.csv", text)]).lines(), line, "{delimiter} {apostrophe}");
        }
    }
}

#[test]
fn a_state_nobody_knows_is_neither_success_nor_failure() {
    let header = columns(GENERATIONS[0]);
    let text = csv(",", &header, &[row(&header, &cells(&[("Status", "Gelukt")]))]);
    let audited = sound(&[("a.csv", text)]);
    assert_eq!(audited.totals(), [1, 0, 0, 0, 0]);
    assert_eq!(audited.document["totals"]["legacy_unknown"], 1);
}

#[test]
fn a_header_alone_is_nothing_to_read() {
    let audited = audit(&[("InteractiveSignIns_x.csv", GENERATIONS[2].replace('|', ","))]);
    assert_eq!(audited.code, 1);
    assert!(audited.stderr.contains("InteractiveSignIns_x.csv"), "{}", audited.stderr);
}
