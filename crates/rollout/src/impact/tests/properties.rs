//! What holds of every log, tenant and policy set that can be drawn.

use conditional_access::Policy;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::world::{
    EXCHANGE, Logged, PORTAL, World, account, browser, id, methods_policy, policy, row,
};
use crate::impact::accounts::Accounts;
use crate::impact::judge::{Judge, Sets};
use crate::impact::sign_ins::{SignIns, named_targets};
use crate::impact::{Impact, UserOutcome};
use crate::proposal::Proposal;
use crate::{LoggedFactors, LoggedResult, Registration, RiskyUser};

const NAMES: [&str; 3] = ["ann", "ben", "gil"];

fn runner(cases: u32) -> TestRunner {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, rng)
}

fn one_of<T: Clone + std::fmt::Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

fn texts(all: &[&str]) -> impl Strategy<Value = Option<String>> + use<> {
    let all: Vec<String> = all.iter().map(|it| (*it).to_owned()).collect();
    prop::option::weighted(0.9, one_of(all))
}

fn logged() -> impl Strategy<Value = Logged> {
    let target = (
        texts(&[&id("outlook-web"), &id("crm"), PORTAL, ""]),
        texts(&[
            EXCHANGE,
            PORTAL,
            "00000002-0000-0000-c000-000000000000",
            "00000003-0000-0000-c000-000000000000",
        ]),
        prop::option::weighted(0.2, one_of(vec![vec![EXCHANGE.to_owned()], Vec::new()])),
        one_of(vec![None, Some(Vec::new()), Some(vec!["c1".to_owned()])]),
    );
    let client = (
        texts(&[
            "Browser",
            "Mobile Apps and Desktop clients",
            "IMAP4",
            "Exchange ActiveSync",
            "Unknown",
            "New",
        ]),
        texts(&["oAuth2", "deviceCode", "ropc", "none"]),
        texts(&["none", "deviceCodeFlow", "authenticationTransfer"]),
        (any::<bool>(), prop::bool::weighted(0.1)),
        texts(&["Windows10", "Ios 18", "ChromeOS", ""]),
        texts(&["none", "high", "hidden"]),
    );
    let place =
        (texts(&["203.0.113.7", "198.51.100.4", "2001:db8::1", "x"]), texts(&["GB", "FR", ""]));
    let device = (
        texts(&["", "device-1", "device-2"]),
        prop::option::of(any::<bool>()),
        texts(&["", "Azure AD joined", "Hybrid Azure AD joined"]),
    );
    let factors =
        one_of(vec![LoggedFactors::Multiple, LoggedFactors::Single, LoggedFactors::Unknown]);
    let results =
        prop::option::of(one_of(vec!["success", "notApplied", "reportOnlyFailure", "new"]));
    (target, client, place, device, factors, results, 1..9_u64).prop_map(
        |(target, client, place, device, factors, results, sign_ins)| {
            browser().with(|it| {
                it.target.app.clone_from(&target.0);
                it.target.app_id = target.0;
                it.target.resource_id = target.1;
                it.target.audiences = target.2;
                it.target.authentication_contexts = target.3;
                it.client.client_app = client.0;
                it.client.protocol = client.1;
                it.client.transfer_method = client.2;
                it.client.legacy = client.3.0;
                it.client.ropc = client.3.1;
                it.client.operating_system = client.4;
                it.client.sign_in_risk = client.5;
                it.place.ip_address = place.0;
                it.place.country = place.1;
                it.device.id = device.0;
                it.device.compliant = device.1;
                it.device.trust_type = device.2;
                it.factors = factors;
                it.sign_ins = sign_ins;
                it.results = results.map(|result| {
                    vec![LoggedResult {
                        policy: "id of CA1".to_owned(),
                        name: None,
                        result: result.to_owned(),
                    }]
                });
            })
        },
    )
}

fn change() -> impl Strategy<Value = Value> {
    let users = one_of(vec![
        json!({"includeUsers": ["All"]}),
        json!({"includeUsers": ["All"], "excludeUsers": [id("ann")]}),
        json!({"includeUsers": [], "includeGroups": ["00000000-0000-4000-8000-000000000001"]}),
        json!({"includeUsers": ["GuestsOrExternalUsers"]}),
        json!({"includeUsers": [], "includeRoles": ["62e90394-69f5-4237-9190-012177145e10"]}),
    ]);
    let targets = one_of(vec![
        json!({"includeApplications": ["All"]}),
        json!({"includeApplications": ["All"], "excludeApplications": [EXCHANGE]}),
        json!({"includeApplications": ["Office365"]}),
        json!({"includeApplications": [id("crm")]}),
        json!({"includeApplications": ["MicrosoftAdminPortals"]}),
        json!({"includeUserActions": ["urn:user:registersecurityinfo"]}),
        json!({"includeAuthenticationContextClassReferences": ["c1"]}),
    ]);
    let around = one_of(vec![
        json!({}),
        json!({"clientAppTypes": ["exchangeActiveSync", "other"]}),
        json!({"clientAppTypes": ["browser"]}),
        json!({"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["windows"]}}),
        json!({"locations": {"includeLocations": ["All"], "excludeLocations": [id("office")]}}),
        json!({"locations": {"includeLocations": [id("abroad")]}}),
        json!({"devices": {"deviceFilter": {"mode": "include", "rule": "device.isCompliant -eq True"}}}),
        json!({"signInRiskLevels": ["high"]}),
        json!({"userRiskLevels": ["high"]}),
        json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}),
    ]);
    let grant = one_of(vec![
        json!({"builtInControls": ["mfa"]}),
        json!({"builtInControls": ["mfa"]}),
        json!({"builtInControls": ["block"]}),
        json!({"builtInControls": ["mfa", "compliantDevice"]}),
        json!({"builtInControls": ["domainJoinedDevice"]}),
        json!({"builtInControls": [], "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}),
        json!({"builtInControls": ["passwordChange", "mfa"], "operator": "AND"}),
    ]);
    let session = one_of(vec![
        Value::Null,
        Value::Null,
        json!({"signInFrequency": {"isEnabled": true, "type": "hours", "value": 12, "frequencyInterval": "timeBased"}}),
    ]);
    let state = one_of(vec![
        "enabled",
        "enabled",
        "enabled",
        "enabledForReportingButNotEnforced",
        "disabled",
        "sometimes",
    ]);
    (users, targets, around, grant, session, state).prop_map(
        |(users, targets, mut around, grant, session, state)| {
            around["users"] = users;
            around["applications"] = targets;
            json!({"conditions": around, "grantControls": grant, "sessionControls": session, "state": state})
        },
    )
}

fn registration() -> impl Strategy<Value = Option<(Option<bool>, Option<&'static [&'static str]>)>>
{
    let methods: Vec<Option<&'static [&'static str]>> = vec![
        None,
        Some(&[]),
        Some(&["email"]),
        Some(&["mobilePhone"]),
        Some(&["microsoftAuthenticatorPush", "fido2SecurityKey"]),
        Some(&["windowsHelloForBusiness"]),
        Some(&["telepathy"]),
    ];
    prop::option::weighted(0.8, (prop::option::of(any::<bool>()), one_of(methods)))
}

/// A world, policies of the tenant, and new ones.
#[derive(Debug, Clone)]
struct Drawn {
    world: World,
    new: Vec<Policy>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let sign_ins = prop::collection::vec((0..3_usize, logged()), 1..12);
    let own = prop::collection::vec(change(), 0..5);
    let new = prop::collection::vec(change(), 1..3);
    let registered = prop::collection::vec(registration(), 3);
    let tenant = (
        one_of(vec![vec!["microsoftauthenticator", "fido2", "sms"], vec!["fido2"], vec![]]),
        prop::option::of(any::<bool>()),
        one_of(vec![Some(false), Some(false), None]),
        prop::option::of(one_of(vec!["none", "high"])),
    );
    (sign_ins, own, new, registered, tenant).prop_map(|(sign_ins, own, new, registered, tenant)| {
        let mut world = World::ne();
        for (name, row_of) in NAMES.iter().zip(registered) {
            if let Some((capable, methods)) = row_of {
                world = world.registered(row(name, capable, methods));
            }
        }
        for (who, logged) in sign_ins {
            world = world.signs_in(NAMES[who], logged);
        }
        let policies = |all: Vec<Value>, prefix: &str| -> Vec<Policy> {
            all.iter().enumerate().map(|(number, it)| policy(&format!("{prefix}{number}"), it)).collect()
        };
        world.snapshot.policies = Some(policies(own, "CA"));
        world.snapshot.methods_policy = Some(methods_policy(&tenant.0));
        world.snapshot.inbound_mfa_trusted = tenant.1;
        world.snapshot.security_defaults = tenant.2;
        world.snapshot.risky_users = tenant.3.map(|level| {
            vec![RiskyUser {
                account: account("ben"),
                level: Some(level.to_owned()),
                state: Some("atrisk".to_owned()),
                last_updated: None,
            }]
        });
        let locations = [
            json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id("office"), "isTrusted": true,
                "displayName": "Office", "ipRanges": [{"cidrAddress": "203.0.113.0/24"}]}),
            json!({"@odata.type": "#microsoft.graph.countryNamedLocation", "id": id("abroad"),
                "displayName": "Abroad", "countriesAndRegions": ["FR"]}),
        ];
        world.snapshot.named_locations = Some(
            locations.iter().map(|it| conditional_access::read_named_location(it).unwrap()).collect(),
        );
        Drawn { world, new: policies(new, "NEW") }
    })
}

/// Asks every row twice, by tables and one by one.
fn both_ways(drawn: &Drawn) -> Result<u64, TestCaseError> {
    let mut touched = 0;
    for current in [false, true] {
        drawn.world.ask(|facts| {
            let proposal = if current {
                Proposal::current(facts)
            } else {
                Proposal::of_policies(facts, drawn.new.clone())
            };
            let replay = &drawn.world.replay;
            let accounts = Accounts::of(facts, replay);
            let named = named_targets(&proposal.policies);
            let sign_ins = SignIns { replay, accounts: &accounts, named: &named };
            let (tenant, _) = crate::impact::as_passed(facts, &proposal);
            let sets = Sets::of(&proposal.policies, &tenant);
            let compiled = sets.compiled();
            prop_assert!(compiled.is_some());
            let mut fast = Judge::of(&sets, compiled.as_ref(), &proposal, sign_ins);
            let mut slow = Judge::of(&sets, None, &proposal, sign_ins);
            for row in &replay.rows {
                let met = fast.met(row);
                prop_assert_eq!(met, slow.met(row), "{:?}", row);
                prop_assert_eq!(fast.touching(row), slow.touching(row));
                prop_assert_eq!(fast.causes([row]), slow.causes([row]));
                prop_assert_eq!(fast.reasons(row), slow.reasons(row));
                touched += u64::from(met.verdict.is_some());
            }
            Ok(())
        })?;
    }
    Ok(touched)
}

#[test]
fn the_tables_say_what_the_evaluation_says() {
    let touched = std::cell::Cell::new(0);
    let ask = |drawn| {
        touched.set(touched.get() + both_ways(&drawn)?);
        Ok(())
    };
    runner(600).run(&drawn(), ask).unwrap();
    let touched = touched.get();
    assert!(touched > 1_000, "too few sign-ins are touched to say anything: {touched}");
}

fn impact(drawn: &Drawn) -> Impact {
    drawn.world.impact(&drawn.new)
}

#[test]
fn figures_add_up_and_the_order_of_rows_does_not_matter() {
    runner(300)
        .run(&drawn(), |drawn| {
            let impact = impact(&drawn);
            let users = impact.users;
            let sum = users.ready
                + users.must_register
                + users.cannot
                + users.blocked_legacy
                + users.blocked
                + users.not_touched
                + users.unknown;
            prop_assert_eq!((users.total, sum), (3, 3));
            let listed = users.total - users.ready - users.not_touched;
            prop_assert_eq!(u64::try_from(impact.people.len()).unwrap(), listed);
            let logged: u64 = drawn.world.replay.rows.iter().map(|row| row.sign_ins).sum();
            let cuts =
                [&impact.by_app, &impact.by_client_app, &impact.by_platform, &impact.by_country];
            for cut in cuts {
                let mut all = crate::impact::SignInCounts::default();
                for one in cut {
                    let it = one.sign_ins;
                    prop_assert!(one.users_blocked <= one.users && one.users <= 3);
                    prop_assert_eq!(one.users_blocked > 0, it.blocked > 0);
                    all.total += it.total;
                    all.challenged += it.challenged;
                    all.already_satisfied += it.already_satisfied;
                    all.blocked += it.blocked;
                    all.not_touched += it.not_touched;
                    all.unknown += it.unknown;
                }
                prop_assert_eq!(all, impact.sign_ins);
            }
            prop_assert_eq!(impact.sign_ins.total, logged);
            prop_assert!(impact.people.is_sorted_by(|one, other| one.outcome >= other.outcome));
            for person in &impact.people {
                prop_assert!(!person.why.is_empty() && !person.next.is_empty());
                prop_assert!(!person.policies.is_empty(), "{:?}", person);
                prop_assert!(
                    !person.why.contains("  ") && person.why.ends_with('.'),
                    "{}",
                    person.why
                );
            }
            let mut turned = drawn.clone();
            turned.world.replay.rows.reverse();
            prop_assert_eq!(self::impact(&turned), impact);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_person_has_the_worst_of_what_their_rows_meet_alone() {
    runner(200)
        .run(&drawn(), |drawn| {
            let whole = impact(&drawn);
            for name in NAMES {
                let of = |impact: &Impact| {
                    let told = super::world::person(impact, name);
                    told.map_or(UserOutcome::Ready, |person| person.outcome)
                };
                let mut worst = None;
                for row in &drawn.world.replay.rows {
                    let who = &drawn.world.replay.accounts[usize::try_from(row.account).unwrap()];
                    if who.account == super::world::account(name) {
                        let mut alone = drawn.clone();
                        alone.world.replay.rows = vec![*row];
                        worst = worst.max(Some(of(&impact(&alone))));
                    }
                }
                if let Some(worst) = worst {
                    prop_assert_eq!(of(&whole), worst, "{}", name);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn more_registration_never_makes_an_outcome_worse() {
    let steps: [(Option<bool>, &[&str]); 4] = [
        (Some(false), &[]),
        (Some(true), &["mobilePhone"]),
        (Some(true), &["mobilePhone", "microsoftAuthenticatorPush"]),
        (Some(true), &["mobilePhone", "microsoftAuthenticatorPush", "fido2SecurityKey"]),
    ];
    runner(200)
        .run(&drawn(), |drawn| {
            let mut before: Option<Vec<UserOutcome>> = None;
            for step in &steps {
                let mut world = drawn.world.clone();
                world.snapshot.methods_policy =
                    Some(methods_policy(&["microsoftauthenticator", "fido2", "sms", "voice"]));
                let rows = NAMES.iter().map(|name| row(name, step.0, Some(step.1)));
                world.snapshot.registrations = Some(rows.collect::<Vec<Registration>>());
                let impact = world.impact(&drawn.new);
                let outcome = |name: &&str| {
                    let told = super::world::person(&impact, name);
                    told.map_or(UserOutcome::Ready, |it| it.outcome)
                };
                let outcomes: Vec<UserOutcome> = NAMES.iter().map(outcome).collect();
                for (before, after) in before.iter().flatten().zip(&outcomes) {
                    // What nobody could say may turn out bad.
                    let is_known = *before != UserOutcome::Unknown;
                    prop_assert!(
                        !is_known || after <= before,
                        "{:?} to {:?} by {:?}",
                        before,
                        after,
                        step
                    );
                }
                before = Some(outcomes);
            }
            Ok(())
        })
        .unwrap();
}
