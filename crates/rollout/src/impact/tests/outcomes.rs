//! Every outcome, why it comes about, and which of two is worse.

use conditional_access::Policy;
use serde_json::json;

use super::world::{
    EXCHANGE, Logged, PORTAL, World, account, browser, id, legacy, methods_policy, only, person,
    policy, row, text, user,
};
use crate::exceptions::classify;
use crate::impact::{Impact, UserOutcome, impact};
use crate::proposal::Proposal;
use crate::{LoggedFactors, ReplayAccount, RiskyUser};

fn figure(impact: &Impact) -> &'static str {
    let figures = impact.sign_ins;
    assert_eq!(figures.total, 1);
    let named = [
        (figures.challenged, "challenged"),
        (figures.already_satisfied, "already_satisfied"),
        (figures.blocked, "blocked"),
        (figures.not_touched, "not_touched"),
        (figures.unknown, "unknown"),
    ];
    named.into_iter().find(|(count, _)| *count == 1).unwrap().1
}

fn mfa() -> Vec<Policy> {
    vec![policy("CA001", &json!({}))]
}

fn block(conditions: &serde_json::Value) -> Vec<Policy> {
    let change = json!({"conditions": conditions, "grantControls": {"builtInControls": ["block"]}});
    vec![policy("CA900", &change)]
}

fn asks(controls: &[&str]) -> Vec<Policy> {
    vec![policy("CA002", &json!({"grantControls": {"builtInControls": controls}}))]
}

fn strength(id: &str) -> Vec<Policy> {
    let change = json!({"grantControls": {"builtInControls": [],
        "authenticationStrength": {"id": format!("00000000-0000-0000-0000-{id}")}}});
    vec![policy("CA010", &change)]
}

fn ropc() -> Logged {
    browser().with(|it| {
        it.client.client_app = text("Mobile Apps and Desktop clients");
        it.client.ropc = true;
        it.client.legacy = true;
        it.client.protocol = text("ropc");
    })
}

/// Somebody whose report says that nothing is usable.
fn bare() -> World {
    World::of_ann().with(|world| {
        world.snapshot.registrations = Some(vec![row("ann", Some(false), Some(&[]))]);
    })
}

fn barred() -> World {
    bare().with(|world| world.snapshot.methods_policy = Some(methods_policy(&["email"])))
}

fn unreported() -> World {
    World::of_ann().with(|world| world.snapshot.registrations = Some(Vec::new()))
}

fn one_method(method: &str) -> World {
    World::of_ann().with(|world| {
        world.snapshot.registrations = Some(vec![row("ann", Some(true), Some(&[method]))]);
    })
}

#[test]
fn one_sign_in_under_mfa_for_everybody() {
    let capable = World::of_ann;
    let unnamed = || browser().with(|it| it.client.client_app = text("Unknown"));
    let factors_unknown = || browser().with(|it| it.factors = LoggedFactors::Unknown);
    let null_row = || {
        World::of_ann().with(|it| it.snapshot.registrations = Some(vec![row("ann", None, None)]))
    };
    let no_report = || World::of_ann().with(|it| it.snapshot.registrations = None);
    let undetailed = || {
        World::of_ann()
            .with(|it| it.snapshot.registrations = Some(vec![row("ann", Some(true), None)]))
    };
    let cases = [
        ("capable", capable(), browser(), UserOutcome::Ready, "challenged"),
        ("capable, methods not told", undetailed(), browser(), UserOutcome::Ready, "challenged"),
        (
            "capable, MFA done",
            capable(),
            browser().multiple(),
            UserOutcome::Ready,
            "already_satisfied",
        ),
        ("capable, factors untold", capable(), factors_unknown(), UserOutcome::Ready, "challenged"),
        ("nothing usable", bare(), browser(), UserOutcome::MustRegister, "challenged"),
        ("nothing registrable", barred(), browser(), UserOutcome::Cannot, "blocked"),
        ("capable, IMAP", capable(), legacy("IMAP4"), UserOutcome::BlockedLegacy, "blocked"),
        (
            "nothing registrable, IMAP",
            barred(),
            legacy("IMAP4"),
            UserOutcome::BlockedLegacy,
            "blocked",
        ),
        ("a later day's legacy", capable(), legacy("IMAP9"), UserOutcome::BlockedLegacy, "blocked"),
        ("capable, ROPC", capable(), ropc(), UserOutcome::BlockedLegacy, "blocked"),
        ("client unknown", capable(), unnamed(), UserOutcome::Unknown, "unknown"),
        ("no row", unreported(), browser(), UserOutcome::Unknown, "unknown"),
        (
            "no row, MFA done",
            unreported(),
            browser().multiple(),
            UserOutcome::Unknown,
            "already_satisfied",
        ),
        (
            "no report, MFA done",
            no_report(),
            browser().multiple(),
            UserOutcome::Unknown,
            "already_satisfied",
        ),
        ("no row, IMAP", unreported(), legacy("IMAP4"), UserOutcome::BlockedLegacy, "blocked"),
        ("a row that tells nothing", null_row(), browser(), UserOutcome::Unknown, "unknown"),
        (
            "a row that tells nothing, MFA done",
            null_row(),
            browser().multiple(),
            UserOutcome::Ready,
            "already_satisfied",
        ),
        (
            "nothing usable, MFA done",
            bare(),
            browser().multiple(),
            UserOutcome::Unknown,
            "already_satisfied",
        ),
        (
            "Windows Hello alone",
            one_method("windowsHelloForBusiness"),
            browser(),
            UserOutcome::Unknown,
            "unknown",
        ),
        (
            "a method of tomorrow",
            one_method("telepathy"),
            browser(),
            UserOutcome::Ready,
            "challenged",
        ),
    ];
    for (name, world, logged, outcome, expected) in cases {
        let impact = world.signs_in("ann", logged).impact(&mfa());
        assert_eq!((only(&impact), figure(&impact)), (outcome, expected), "{name}");
    }
}

#[test]
fn one_sign_in_of_a_capable_person_under_other_policies() {
    let compliant = || {
        browser().with(|it| {
            it.device.id = text("device-1");
            it.device.compliant = Some(true);
        })
    };
    let untold_device = || browser().with(|it| it.device = crate::ReplayDevice::default());
    let nowhere = || browser().with(|it| it.place = crate::ReplayPlace::default());
    let risky = || browser().with(|it| it.client.sign_in_risk = text("high"));
    let hidden = || browser().with(|it| it.client.sign_in_risk = text("hidden"));
    let device_code = || browser().with(|it| it.client.protocol = text("deviceCode"));
    let transferred = || browser().with(|it| it.client.transfer_method = text("deviceCodeFlow"));
    let silent = || {
        browser().with(|it| {
            it.client.protocol = None;
            it.client.transfer_method = text("");
        })
    };
    let other_clients = || block(&json!({"clientAppTypes": ["exchangeActiveSync", "other"]}));
    let abroad = || {
        block(&json!({"locations": {"includeLocations": ["All"], "excludeLocations": [id("uk")]}}))
    };
    let by_code = || block(&json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}));
    let by_risk = || policy("CA003", &json!({"conditions": {"signInRiskLevels": ["high"]}}));
    let frequency = || {
        vec![policy(
            "CA004",
            &json!({"sessionControls": {"signInFrequency": {
            "isEnabled": true, "type": "hours", "value": 12, "frequencyInterval": "timeBased"}}}),
        )]
    };
    let not_ann = || {
        vec![policy(
            "CA001",
            &json!({"conditions": {"users": {"excludeUsers": [id("ann").to_uppercase()]}}}),
        )]
    };
    let elsewhere = || {
        vec![policy(
            "CA001",
            &json!({"conditions": {"applications": {"includeApplications": [PORTAL]}}}),
        )]
    };
    let bare_risk = vec![by_risk()];
    let cases = [
        ("excluded", World::of_ann(), browser(), not_ann(), UserOutcome::NotTouched, "not_touched"),
        (
            "another application",
            World::of_ann(),
            browser(),
            elsewhere(),
            UserOutcome::NotTouched,
            "not_touched",
        ),
        (
            "unregistered device",
            World::of_ann(),
            browser(),
            asks(&["compliantDevice"]),
            UserOutcome::Blocked,
            "blocked",
        ),
        (
            "compliant device",
            World::of_ann(),
            compliant(),
            asks(&["compliantDevice"]),
            UserOutcome::Ready,
            "already_satisfied",
        ),
        (
            "device untold",
            World::of_ann(),
            untold_device(),
            asks(&["compliantDevice"]),
            UserOutcome::Unknown,
            "unknown",
        ),
        (
            "MFA or compliant",
            World::of_ann(),
            browser(),
            asks(&["mfa", "compliantDevice"]),
            UserOutcome::Ready,
            "challenged",
        ),
        (
            "IMAP and a compliant device",
            World::of_ann(),
            legacy("IMAP4"),
            asks(&["compliantDevice"]),
            UserOutcome::Blocked,
            "blocked",
        ),
        (
            "IMAP, legacy blocked",
            World::of_ann(),
            legacy("IMAP4"),
            other_clients(),
            UserOutcome::BlockedLegacy,
            "blocked",
        ),
        (
            "browser, legacy blocked",
            World::of_ann(),
            browser(),
            other_clients(),
            UserOutcome::NotTouched,
            "not_touched",
        ),
        (
            "IMAP, all blocked",
            World::of_ann(),
            legacy("IMAP4"),
            block(&json!({})),
            UserOutcome::Blocked,
            "blocked",
        ),
        (
            "all blocked",
            World::of_ann(),
            browser(),
            block(&json!({})),
            UserOutcome::Blocked,
            "blocked",
        ),
        (
            "a location nobody resolved",
            World::of_ann(),
            nowhere(),
            abroad(),
            UserOutcome::Unknown,
            "unknown",
        ),
        ("device code", World::of_ann(), device_code(), by_code(), UserOutcome::Blocked, "blocked"),
        (
            "session begun by device code",
            World::of_ann(),
            transferred(),
            by_code(),
            UserOutcome::Blocked,
            "blocked",
        ),
        (
            "another protocol",
            World::of_ann(),
            browser(),
            by_code(),
            UserOutcome::NotTouched,
            "not_touched",
        ),
        ("protocol untold", World::of_ann(), silent(), by_code(), UserOutcome::Unknown, "unknown"),
        (
            "risk, able",
            World::of_ann(),
            risky(),
            bare_risk.clone(),
            UserOutcome::Ready,
            "challenged",
        ),
        (
            "risk, nothing usable",
            bare(),
            risky(),
            bare_risk.clone(),
            UserOutcome::Cannot,
            "blocked",
        ),
        ("no risk", bare(), browser(), bare_risk.clone(), UserOutcome::NotTouched, "not_touched"),
        ("risk hidden", bare(), hidden(), bare_risk, UserOutcome::Unknown, "unknown"),
        (
            "push, phishing-resistant",
            World::of_ann(),
            browser(),
            strength("000000000004"),
            UserOutcome::MustRegister,
            "challenged",
        ),
        (
            "key, phishing-resistant",
            one_method("fido2SecurityKey"),
            browser(),
            strength("000000000004"),
            UserOutcome::Ready,
            "challenged",
        ),
        (
            "key, MFA by an unknown method",
            one_method("fido2SecurityKey"),
            browser().multiple(),
            strength("000000000004"),
            UserOutcome::Ready,
            "unknown",
        ),
        (
            "push, MFA by an unknown method",
            World::of_ann(),
            browser().multiple(),
            strength("000000000004"),
            UserOutcome::Unknown,
            "unknown",
        ),
        (
            "sign-in frequency, MFA some time",
            World::of_ann(),
            browser().multiple(),
            frequency(),
            UserOutcome::Ready,
            "unknown",
        ),
    ];
    for (name, world, logged, policies, outcome, expected) in cases {
        let impact = world.signs_in("ann", logged).impact(&policies);
        assert_eq!((only(&impact), figure(&impact)), (outcome, expected), "{name}");
    }
}

#[test]
fn guests_prove_mfa_at_home() {
    let guest = |capable| {
        World::of_ann().with(|it| {
            it.snapshot.users = Some(vec![user("gil")]);
            it.snapshot.registrations = Some(vec![row("gil", Some(capable), Some(&[]))]);
        })
    };
    let trusted = || guest(false).with(|it| it.snapshot.inbound_mfa_trusted = Some(true));
    let home = |world: World, logged| {
        let account = ReplayAccount {
            account: crate::Account {
                user_principal_name: text("gil@partner.example"),
                ..account("gil")
            },
            guest: Some(true),
            home_tenant: text("tenant-of-partner"),
            left_out: 0,
        };
        world.signs_in_as(account, logged)
    };
    let cases = [
        ("MFA done", guest(false), browser().multiple(), UserOutcome::Ready),
        ("MFA not trusted", guest(false), browser(), UserOutcome::MustRegister),
        ("MFA trusted", trusted(), browser(), UserOutcome::Ready),
        ("IMAP", trusted(), legacy("IMAP4"), UserOutcome::BlockedLegacy),
    ];
    for (name, world, logged, expected) in cases {
        let impact = home(world, logged).impact(&mfa());
        assert_eq!(only(&impact), expected, "{name}");
    }
    // Without a row nobody can say, guest or not.
    let unreported = guest(false).with(|it| it.snapshot.registrations = Some(Vec::new()));
    assert_eq!(only(&home(unreported, browser().multiple()).impact(&mfa())), UserOutcome::Unknown);
}

#[test]
fn accounts_without_a_sign_in() {
    let disabled = || {
        World::of_ann().with(|it| {
            it.snapshot.users.as_mut().unwrap()[0].account_enabled = Some(false);
        })
    };
    let untold = || {
        World::of_ann().with(|it| {
            it.snapshot.users.as_mut().unwrap()[0].account_enabled = None;
        })
    };
    let of_group = || {
        vec![policy(
            "CA001",
            &json!({"conditions": {"users": {"includeUsers": [], "includeGroups": ["00000000-0000-4000-8000-000000000001"]}}}),
        )]
    };
    let not_ann =
        || vec![policy("CA001", &json!({"conditions": {"users": {"excludeUsers": [id("ann")]}}}))];
    let off = || vec![policy("CA001", &json!({"grantControls": null}))];
    let left_out = |world: World, name: &str| {
        let account =
            ReplayAccount { account: account(name), left_out: 7, ..ReplayAccount::default() };
        world.signs_in_as(account, browser().multiple())
    };
    let cases = [
        ("in scope", World::of_ann(), mfa(), UserOutcome::Unknown),
        ("enabled or not was not told", untold(), mfa(), UserOutcome::Unknown),
        ("disabled", disabled(), mfa(), UserOutcome::NotTouched),
        ("excluded", World::of_ann(), not_ann(), UserOutcome::NotTouched),
        ("group of unknown members", World::of_ann(), of_group(), UserOutcome::Unknown),
        ("a policy without controls", World::of_ann(), off(), UserOutcome::NotTouched),
        ("some left out", left_out(World::of_ann(), "ann"), mfa(), UserOutcome::Unknown),
        (
            "some left out, excluded",
            left_out(World::of_ann(), "ann"),
            not_ann(),
            UserOutcome::NotTouched,
        ),
        ("some left out, disabled since", left_out(disabled(), "ann"), mfa(), UserOutcome::Unknown),
    ];
    for (name, world, policies, outcome) in cases {
        assert_eq!(only(&world.impact(&policies)), outcome, "{name}");
    }
    let impact = left_out(World::of_ann(), "ann").impact(&mfa());
    assert_eq!((impact.sign_ins.total, impact.sign_ins.unknown), (8, 7));
    assert_eq!(person(&impact, "ann").unwrap().sign_ins, 7);
}

#[test]
fn a_person_has_the_worst_of_their_sign_ins() {
    use UserOutcome::{Blocked, BlockedLegacy, Cannot, MustRegister, NotTouched, Ready, Unknown};
    let from_worst = [Blocked, Cannot, BlockedLegacy, MustRegister, Unknown, Ready, NotTouched];
    assert!(from_worst.is_sorted_by(|worse, better| worse > better));
    // To the portal nothing but a block; to mail MFA, from a legacy client a block.
    let policies = [
        policy(
            "CA001",
            &json!({"conditions": {"applications": {"includeApplications": [EXCHANGE]}}}),
        ),
        policy(
            "CA900",
            &json!({"conditions": {"applications": {"includeApplications": [PORTAL]}},
            "grantControls": {"builtInControls": ["block"]}}),
        ),
    ];
    let portal = || browser().with(|it| it.target.resource_id = text(PORTAL)).times(2);
    let other = || browser().with(|it| it.target.resource_id = Some(id("another"))).times(3);
    let nowhere = || browser().with(|it| it.client.client_app = None).times(5);
    let of = |world: World, sign_ins: Vec<Logged>| {
        let world = sign_ins.into_iter().fold(world, |world, it| world.signs_in("ann", it));
        let impact = world.impact(&policies);
        let told = person(&impact, "ann").map_or(0, |person| person.sign_ins);
        (only(&impact), told)
    };
    assert_eq!(of(World::of_ann(), vec![other(), browser()]), (Ready, 0));
    assert_eq!(of(World::of_ann(), vec![other(), nowhere(), browser()]), (Unknown, 5));
    assert_eq!(of(bare(), vec![browser(), nowhere(), other()]), (MustRegister, 1));
    let imap = || legacy("IMAP4").times(4);
    assert_eq!(of(bare(), vec![imap(), browser(), nowhere()]), (BlockedLegacy, 4));
    assert_eq!(of(barred(), vec![imap(), browser(), nowhere()]), (Cannot, 6));
    assert_eq!(of(barred(), vec![imap(), browser(), portal(), other()]), (Blocked, 2));
    assert_eq!(of(World::of_ann(), vec![other()]), (NotTouched, 0));
}

#[test]
fn security_defaults_and_too_many_policies_are_evaluated_one_by_one() {
    let off: Vec<Policy> = (0..260)
        .map(|number| policy(&format!("CA{number}"), &json!({"state": "disabled"})))
        .collect();
    let crowded = |world: World| world.with(|it| it.snapshot.policies = Some(off.clone()));
    let new = [policy("MFA", &json!({}))];
    let cases = [
        (World::of_ann(), browser(), UserOutcome::Ready),
        (bare(), browser(), UserOutcome::MustRegister),
        (World::of_ann(), legacy("IMAP4"), UserOutcome::BlockedLegacy),
        (bare(), browser().multiple(), UserOutcome::Unknown),
    ];
    for (world, logged, outcome) in cases {
        let world = crowded(world.signs_in("ann", logged.clone()));
        assert_eq!(only(&world.impact(&new)), outcome, "{:?}", logged.client);
        let person = world.impact(&new).people.pop();
        assert!(person.is_none_or(|it| it.policies == ["MFA"]));
    }
    // On beside an enabled policy, which no tenant allows: nobody can say.
    let world = World::of_ann().signs_in("ann", browser());
    let impact = world.ask(|facts| {
        let mut proposal = crate::proposal::Proposal::of_policies(facts, new.to_vec());
        proposal.security_defaults = Some(true);
        crate::impact::impact(facts, &crate::exceptions::classify(facts), &proposal).unwrap()
    });
    assert_eq!(only(&impact), UserOutcome::Unknown);
    assert_eq!(person(&impact, "ann").unwrap().policies, ["Security defaults"]);
}

/// Exports without roles or an answer to whether the directory is synchronised are what most
/// people begin with.
#[test]
fn roles_that_no_file_tells_leave_nobody_unknown_under_the_draft() {
    let world = World::of_ann().with(|it| it.snapshot.roles = None).signs_in("ann", browser());
    let impact = world.ask(|facts| {
        let proposal = Proposal::all_users(facts);
        impact(facts, &classify(facts), &proposal).unwrap()
    });
    assert_eq!(only(&impact), UserOutcome::Ready);
    assert!(impact.assumptions.iter().any(|it| it.contains("who holds the role")), "{impact:?}");
}

/// Graph cannot read the trusted addresses of the old MFA settings. Where a policy leaves trusted
/// places out they count as none; where it is for them, nobody can say.
#[test]
fn trusted_addresses_that_nobody_can_read() {
    let told = |impact: &Impact| impact.assumptions.iter().any(|it| it.contains("count as none"));
    let world = World::of_ann().signs_in("ann", browser());
    let outside =
        json!({"locations": {"includeLocations": ["All"], "excludeLocations": ["allTrusted"]}});
    let outside = vec![policy("CA002", &json!({"conditions": outside}))];
    let impact = world.impact(&outside);
    assert_eq!((only(&impact), told(&impact)), (UserOutcome::Ready, true));
    let inside = world.impact(&block(&json!({"locations": {"includeLocations": ["AllTrusted"]}})));
    assert_eq!((only(&inside), told(&inside)), (UserOutcome::Unknown, false));
}

#[test]
fn the_risk_of_the_user_is_that_of_identity_protection() {
    let risky = |level: &str, state: &str| {
        vec![RiskyUser {
            account: account("ann"),
            level: text(level),
            state: text(state),
            last_updated: None,
        }]
    };
    let of = |list| World::of_ann().with(|it| it.snapshot.risky_users = list);
    let policies = block(&json!({"userRiskLevels": ["high"]}));
    let cases = [
        (None, UserOutcome::Unknown),
        (Some(Vec::new()), UserOutcome::NotTouched),
        (Some(risky("high", "atrisk")), UserOutcome::Blocked),
        (Some(risky("low", "atrisk")), UserOutcome::NotTouched),
        (Some(risky("high", "dismissed")), UserOutcome::NotTouched),
        (Some(risky("hidden", "atrisk")), UserOutcome::Unknown),
        (Some(risky("high", "tomorrow")), UserOutcome::Unknown),
    ];
    for (list, outcome) in cases {
        let world = of(list.clone()).signs_in("ann", browser());
        assert_eq!(only(&world.impact(&policies)), outcome, "{list:?}");
    }
    // The risk of guests is computed at home.
    let guest = of(Some(Vec::new())).with(|it| it.snapshot.users = Some(vec![user("gil")]));
    let guest = guest.with(|it| it.snapshot.registrations = Some(Vec::new()));
    assert_eq!(only(&guest.signs_in("gil", browser()).impact(&policies)), UserOutcome::Unknown);
}
