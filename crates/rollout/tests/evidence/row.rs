//! What one row says.

use rollout::evidence::{DeviceClass, RowResult, SecondFactor, SignInRow, classes_of};

use crate::world::{claim, row, single, step, with};

#[test]
fn what_a_row_says_of_a_second_factor() {
    use SecondFactor::{Claim, Fresh, None as Nothing, Skipped, Unknown};
    let said = |text: &str| {
        let text = text.to_owned();
        with(row("kim", 0), move |row| {
            row.steps.clear();
            row.additional_details = Some(text);
        })
    };
    let steps = |steps: Vec<_>| {
        with(row("kim", 0), move |row| {
            row.steps = steps;
            row.additional_details = None;
        })
    };
    let cases: Vec<(&str, SignInRow, SecondFactor)> = vec![
        ("a push", row("kim", 0), Fresh),
        ("a claim", claim("kim", 0), Claim),
        ("one factor", single("kim", 0), Nothing),
        // The row asks for two factors and says that the second one was skipped.
        ("a trusted address", said("MFA requirement skipped due to IP address"), Skipped),
        (
            "skipped beats completed",
            with(row("kim", 0), |row| {
                row.additional_details = Some("MFA requirement skipped due to location".to_owned());
            }),
            Skipped,
        ),
        ("words alone", said("MFA completed in Azure AD"), Fresh),
        ("required, and no word of how", steps(Vec::new()), Claim),
        ("a password is none", steps(vec![step("Password", "Correct password", true)]), Claim),
        ("a password of 2020", steps(vec![step("CloudOnlyPassword", "", true)]), Claim),
        (
            "in progress",
            steps(vec![step("Mobile app notification", "Authentication in progress", false)]),
            Claim,
        ),
        (
            "refused",
            steps(vec![step("Mobile app notification", "MFA denied; user declined", false)]),
            Claim,
        ),
        (
            "first factor by a claim",
            steps(vec![step(
                "Previously satisfied",
                "First factor requirement satisfied by claim in the token",
                true,
            )]),
            Claim,
        ),
        (
            "a passkey as the only step",
            steps(vec![step("Passkey (device-bound)", "", true)]),
            Fresh,
        ),
        ("no field tells", SignInRow { error_code: Some(0), ..SignInRow::default() }, Unknown),
        (
            "the portal's spelling",
            SignInRow {
                error_code: Some(0),
                requirement: Some("Single-factor authentication".to_owned()),
                ..SignInRow::default()
            },
            Nothing,
        ),
        // A claim on a row that asks for one factor is a claim.
        (
            "a claim on one factor",
            with(claim("kim", 0), |row| {
                row.requirement = Some("singleFactorAuthentication".to_owned());
            }),
            Claim,
        ),
        // A method alone does not say when it was used.
        (
            "a method alone",
            SignInRow {
                error_code: Some(0),
                mfa_method: Some("Text message".to_owned()),
                ..SignInRow::default()
            },
            Claim,
        ),
        (
            "a failure is no fresh second factor",
            with(row("kim", 0), |row| {
                row.error_code = Some(500_121);
                row.additional_details = None;
            }),
            Claim,
        ),
    ];
    for (what, row, expected) in cases {
        assert_eq!(row.second_factor(), expected, "{what}");
    }
}

#[test]
fn what_a_row_says_of_its_end() {
    let of = |code, interrupt, word: Option<&str>| {
        SignInRow {
            error_code: code,
            interrupt,
            result_word: word.map(str::to_owned),
            ..SignInRow::default()
        }
        .result()
    };
    assert_eq!(of(Some(0), false, None), RowResult::Success);
    assert_eq!(of(Some(50140), true, None), RowResult::Interrupt);
    assert_eq!(of(Some(50126), false, Some("success")), RowResult::Failure);
    assert_eq!(of(None, false, Some("Failure")), RowResult::Failure);
    assert_eq!(of(None, false, Some("success")), RowResult::Success);
    assert_eq!(of(None, true, Some("interrupted")), RowResult::Interrupt);
    assert_eq!(of(None, false, None), RowResult::Unknown);
}

#[test]
fn which_kinds_of_device_a_row_shows() {
    use DeviceClass::{Desktop, Personal, Phone, Unenrolled};
    type Told<'t> = (&'t str, Option<&'t str>, Option<bool>, Option<&'t str>);
    let cases: [(Told<'_>, &[DeviceClass]); 11] = [
        (("Windows11", Some("Hybrid Azure AD joined"), Some(true), Some("d")), &[Desktop]),
        (("Windows 10", Some("Azure AD joined"), Some(false), Some("d")), &[Desktop, Unenrolled]),
        (("MacOs", Some(""), Some(true), Some("d")), &[Desktop]),
        (
            ("Windows11", Some("Azure AD registered"), Some(false), Some("d")),
            &[Personal, Unenrolled],
        ),
        (("Windows11", Some(""), Some(false), Some("")), &[Personal, Unenrolled]),
        (("Linux", None, None, Some("")), &[Personal, Unenrolled]),
        (("Ios 26.1", Some("Azure AD registered"), Some(true), Some("d")), &[Phone]),
        (("Android 16", None, Some(false), Some("")), &[Phone, Unenrolled]),
        // Nobody told whether it is managed: it is no personal one, nor a managed one.
        (("Windows11", None, None, None), &[]),
        (("", None, Some(false), Some("")), &[]),
        (("Nokia", None, Some(true), Some("d")), &[]),
    ];
    for ((system, trust, managed, id), expected) in cases {
        let row = SignInRow {
            operating_system: Some(system.to_owned()),
            trust_type: trust.map(str::to_owned),
            is_managed: managed,
            device_id: id.map(str::to_owned),
            ..SignInRow::default()
        };
        assert_eq!(classes_of(&row), expected, "{system} {trust:?} {managed:?} {id:?}");
    }
}

#[test]
fn which_methods_cannot_be_phished() {
    for (method, expected) in [
        ("FIDO2 security key", true),
        ("Passkey (device-bound)", true),
        ("Windows Hello for Business", true),
        ("X.509 Certificate", true),
        ("Mobile app notification", false),
        ("Text message", false),
        ("Password", false),
        ("OATH verification code", false),
        ("Temporary Access Pass", false),
    ] {
        let of = |succeeded| {
            with(row("kim", 0), |row| row.steps = vec![step(method, "", succeeded)])
                .phishing_resistant()
                .is_some()
        };
        assert_eq!(of(true), expected, "{method}");
        assert!(!of(false), "{method} that failed");
    }
}
