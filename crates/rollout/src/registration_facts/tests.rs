//! From the report's words to what is usable.

use conditional_access::facts::{Method, Methods};

use super::RegistrationFacts;
use crate::{
    Account, AuthenticationMethod, Facts, Group, Member, MemberKind, MethodConfiguration,
    MethodsPolicy, Registration, Rollout, Snapshot, User,
};

const NOW: &str = "2026-11-20T12:00:00Z";

fn account(name: &str) -> Account {
    Account {
        user_principal_name: Some(format!("{name}@ne.example")),
        user_id: Some(format!("id-{name}")),
        display_name: None,
    }
}

fn row(capable: Option<bool>, words: Option<&[&str]>) -> Registration {
    Registration {
        account: account("ann"),
        mfa_capable: capable,
        methods: words.map(|all| all.iter().map(|it| (*it).to_owned()).collect()),
        ..Registration::default()
    }
}

fn configuration(id: &str, enabled: Option<bool>) -> MethodConfiguration {
    MethodConfiguration {
        id: id.to_owned(),
        enabled,
        include: Some(vec!["all_users".to_owned()]),
        exclude: Some(Vec::new()),
        ..MethodConfiguration::default()
    }
}

/// What Graph v1.0 lists, with those of the list on.
fn policy(on: &[&str]) -> MethodsPolicy {
    let all = [
        "microsoftauthenticator",
        "fido2",
        "softwareoath",
        "sms",
        "voice",
        "temporaryaccesspass",
        "email",
        "x509certificate",
    ];
    let methods = all.iter().map(|id| configuration(id, Some(on.contains(id)))).collect();
    MethodsPolicy { methods, ..MethodsPolicy::default() }
}

fn ne(row: Option<Registration>, policy: Option<MethodsPolicy>) -> Snapshot {
    Snapshot {
        users: Some(vec![User { account: account("ann"), ..User::default() }]),
        registrations: Some(row.into_iter().collect()),
        methods_policy: policy,
        ..Snapshot::default()
    }
}

fn ask(snapshot: &Snapshot, now: &str) -> super::AccountRegistration {
    let rollout = Rollout::default();
    let facts = Facts::new(snapshot, None, &rollout, now.parse().unwrap());
    RegistrationFacts::new(&facts).of(&facts, &account("ann"))
}

fn words(usable: Option<Methods>) -> String {
    let Some(usable) = usable else { return "not seen".to_owned() };
    let mut words: Vec<&str> = usable.iter().map(Method::word).collect();
    words.extend(usable.has_unmodelled().then_some("?"));
    words.join(" ")
}

/// `methodsRegistered`, if the row has it.
type Words = Option<&'static [&'static str]>;

#[test]
fn what_the_report_and_the_policy_leave() {
    let push: &'static [&'static str] = &["microsoftAuthenticatorPush"];
    let both: &'static [&'static str] = &["mobilePhone", "fido2SecurityKey"];
    let on = || Some(policy(&["microsoftauthenticator", "sms"]));
    let off = || Some(policy(&["email"]));
    let cases: [(Option<bool>, Words, Option<MethodsPolicy>, &str); 18] = [
        (None, None, on(), "not seen"),
        (None, Some(&[]), on(), ""),
        (None, Some(push), on(), "microsoftAuthenticatorPush"),
        (None, Some(push), off(), ""),
        (None, Some(push), None, "?"),
        (None, Some(&["email"]), None, "email"),
        (None, Some(&["telepathy"]), on(), "?"),
        (None, Some(&["temporaryAccessPass"]), on(), "?"),
        (None, Some(both), on(), "sms"),
        (Some(false), None, None, ""),
        (Some(false), Some(push), on(), ""),
        (Some(false), Some(&["email", "telepathy"]), on(), "email"),
        (Some(true), None, on(), "sms ?"),
        (Some(true), Some(push), on(), "microsoftAuthenticatorPush"),
        // The one method that there is, is the one that is allowed.
        (Some(true), Some(push), None, "microsoftAuthenticatorPush"),
        // One of several is allowed, nobody can say which.
        (Some(true), Some(both), None, "sms ?"),
        // The two files contradict each other.
        (Some(true), Some(push), off(), "?"),
        (Some(true), Some(&["windowsHelloForBusiness"]), off(), "windowsHelloForBusiness"),
    ];
    for (capable, listed, policy, expected) in cases {
        let name = format!("{capable:?} {listed:?}");
        let answer = ask(&ne(Some(row(capable, listed)), policy), NOW);
        assert_eq!(words(answer.registration.usable), expected, "{name}");
        assert!(answer.is_told, "{name}");
        let nothing = expected.is_empty() || expected == "email";
        assert_eq!(answer.has_nothing_usable(), nothing, "{name}");
    }
    let without = ask(&ne(None, on()), NOW);
    assert_eq!((words(without.registration.usable).as_str(), without.is_told), ("not seen", false));
    let unregistered = Registration { mfa_registered: Some(false), ..row(None, None) };
    assert_eq!(words(ask(&ne(Some(unregistered), None), NOW).registration.usable), "");
}

#[test]
fn every_word_of_the_report() {
    let all = || {
        Some(policy(&[
            "microsoftauthenticator",
            "fido2",
            "softwareoath",
            "sms",
            "voice",
            "x509certificate",
        ]))
    };
    let cases = [
        ("mobilePhone", "sms voice"),
        ("Mobile phone", "sms voice"),
        ("alternateMobilePhone", "voice"),
        ("officePhone", "voice"),
        ("microsoftAuthenticatorPush", "microsoftAuthenticatorPush"),
        ("microsoftAuthenticatorPasswordless", "deviceBasedPush"),
        ("softwareOneTimePasscode", "softwareOath"),
        ("hardwareOneTimePasscode", "?"),
        ("windowsHelloForBusiness", "windowsHelloForBusiness"),
        ("fido2SecurityKey", "fido2"),
        ("fido2", "fido2"),
        ("passKeyDeviceBound", "fido2"),
        ("passKeyDeviceBoundAuthenticator", "fido2"),
        ("passKeyDeviceBoundWindowsHello", "fido2"),
        ("x509CertificateSingleFactor", "x509CertificateSingleFactor"),
        ("x509CertificateMultiFactor", "x509CertificateMultiFactor"),
        ("email", "email"),
        ("securityQuestion", "securityQuestion"),
        ("none", ""),
        ("", "?"),
        ("macOsSecureEnclaveKey", "?"),
    ];
    for (word, expected) in cases {
        let answer = ask(&ne(Some(row(None, Some(&[word]))), all()), NOW);
        assert_eq!(words(answer.registration.usable), expected, "{word}");
    }
}

#[test]
fn methods_read_one_by_one_stand_in_for_a_row() {
    let method = |kind: &str, detail: Option<&str>| AuthenticationMethod {
        kind: kind.to_owned(),
        created: None,
        detail: detail.map(str::to_owned),
        aaguid: None,
    };
    let read = |row: Option<Registration>, methods: Vec<AuthenticationMethod>| {
        let mut snapshot =
            ne(row, Some(policy(&["sms", "voice", "fido2", "microsoftauthenticator"])));
        snapshot.users.as_mut().unwrap()[0].methods = Some(methods);
        ask(&snapshot, NOW)
    };
    let cases = [
        (vec![], ""),
        (vec![method("password", None)], "password"),
        (vec![method("phone", Some("office"))], "voice"),
        (vec![method("phone", Some("mobile"))], "sms voice"),
        (vec![method("phone", None)], "sms voice"),
        (vec![method("fido2", Some("Key")), method("password", None)], "password fido2"),
        (vec![method("microsoftAuthenticator", None)], "microsoftAuthenticatorPush"),
        (vec![method("temporaryAccessPass", None)], "?"),
    ];
    for (methods, expected) in cases {
        let answer = read(None, methods.clone());
        assert_eq!(words(answer.registration.usable), expected, "{methods:?}");
        assert!(answer.is_told);
        let untelling = read(Some(row(None, None)), methods.clone());
        assert_eq!(words(untelling.registration.usable), expected, "{methods:?}");
        let telling = read(Some(row(Some(false), None)), methods);
        assert_eq!(words(telling.registration.usable), "");
    }
}

#[test]
fn who_may_register() {
    let group = |members: Option<&[&str]>| Group {
        id: Some("g".to_owned()),
        members: members.map(|all| {
            all.iter()
                .map(|name| Member {
                    id: Some(format!("id-{name}")),
                    user_principal_name: None,
                    kind: MemberKind::User,
                })
                .collect()
        }),
        ..Group::default()
    };
    let for_group = |include: &[&str], exclude: Option<&[&str]>| MethodsPolicy {
        methods: vec![MethodConfiguration {
            include: Some(include.iter().map(|it| (*it).to_owned()).collect()),
            exclude: exclude.map(|all| all.iter().map(|it| (*it).to_owned()).collect()),
            ..configuration("fido2", Some(true))
        }],
        ..MethodsPolicy::default()
    };
    let untold =
        MethodsPolicy { methods: vec![configuration("sms", None)], ..MethodsPolicy::default() };
    let hardware = MethodsPolicy {
        methods: vec![configuration("hardwareoath", Some(true))],
        ..MethodsPolicy::default()
    };
    let none: Option<&[&str]> = None;
    let ann: Option<&[&str]> = Some(&["ann"]);
    let ben: Option<&[&str]> = Some(&["ben"]);
    let nobody: Option<&[&str]> = Some(&[]);
    let cases = [
        ("no policy", None, nobody, true),
        ("a policy without methods", Some(MethodsPolicy::default()), nobody, true),
        ("all off", Some(policy(&[])), nobody, false),
        (
            "e-mail, certificates and passes do not help",
            Some(policy(&["email", "x509certificate", "temporaryaccesspass"])),
            nobody,
            false,
        ),
        ("one on", Some(policy(&["voice"])), nobody, true),
        ("not told whether on", Some(untold), nobody, true),
        ("hardware tokens", Some(hardware), nobody, true),
        ("for a group with them", Some(for_group(&["g"], nobody)), ann, true),
        ("for a group without them", Some(for_group(&["g"], nobody)), ben, false),
        ("for a group of unseen members", Some(for_group(&["g"], nobody)), none, true),
        ("for a group nobody saw", Some(for_group(&["x"], nobody)), ben, true),
        ("excluded", Some(for_group(&["all_users"], Some(&["g"]))), ann, false),
        ("not excluded", Some(for_group(&["all_users"], Some(&["g"]))), ben, true),
        (
            "excluded group of unseen members",
            Some(for_group(&["all_users"], Some(&["g"]))),
            none,
            true,
        ),
    ];
    for (name, policy, members, expected) in cases {
        let snapshot = Snapshot { groups: Some(vec![group(members)]), ..ne(None, policy) };
        assert_eq!(ask(&snapshot, NOW).registration.can_register, expected, "{name}");
    }
}

#[test]
fn codes_of_authenticator_and_the_end_of_text_messages() {
    let code = || Some(row(None, Some(&["softwareOneTimePasscode"])));
    // Authenticator shows codes by a switch of its own.
    let by_authenticator = ne(code(), Some(policy(&["microsoftauthenticator"])));
    assert_eq!(words(ask(&by_authenticator, NOW).registration.usable), "?");
    let by_none = ne(code(), Some(policy(&["sms"])));
    assert_eq!(words(ask(&by_none, NOW).registration.usable), "");
    let phone = ne(Some(row(None, Some(&["mobilePhone"]))), Some(policy(&["sms", "voice"])));
    assert_eq!(words(ask(&phone, "2027-01-31T23:59:59Z").registration.usable), "sms voice");
    assert_eq!(words(ask(&phone, "2027-02-01T00:00:00Z").registration.usable), "?");
    let off = ne(Some(row(None, Some(&["mobilePhone"]))), Some(policy(&[])));
    assert_eq!(words(ask(&off, "2027-02-01T00:00:00Z").registration.usable), "");
}
