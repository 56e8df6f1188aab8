//! The engine and the reference agree on drawn cases, and on those that were kept.

use std::collections::BTreeSet;

use conditional_access::facts::{Registration, SignIn, Tenant};
use conditional_access::{Fact, Outcome, Policy, PolicySet, Verdict};
use serde_json::{Value, json};

use super::draw::{Chance, world};
use super::draw_scene::scene;
use super::{case, evaluator};

/// Sign-ins drawn for each drawn tenant and policy set.
const SIGN_INS: u64 = 8;
/// Cases of each of the four tests, a million together. The workspace's test profile optimises this
/// package for it.
const CASES: u64 = 250_000;

#[test]
fn engine_and_reference_agree_first_quarter() {
    agree(1, CASES);
}

#[test]
fn engine_and_reference_agree_second_quarter() {
    agree(2, CASES);
}

#[test]
fn engine_and_reference_agree_third_quarter() {
    agree(3, CASES);
}

#[test]
fn engine_and_reference_agree_fourth_quarter() {
    agree(4, CASES);
}

fn agree(seed: u64, cases: u64) {
    for number in 0..cases / SIGN_INS {
        let seed = seed << 32 | number;
        let mut chance = Chance::new(seed);
        let (tenant_told, policies_told) = world(&mut chance);
        let (tenant, policies) = (case::tenant(&tenant_told), case::policies(&policies_told));
        let engine = PolicySet::of(&policies, &tenant);
        for _ in 0..SIGN_INS {
            let (sign_in_told, registration_told) = scene(&mut chance);
            let sign_in = case::sign_in(&sign_in_told);
            let registration = case::registration(&registration_told);
            let theirs = engine.evaluate(&sign_in, &registration);
            if difference(&theirs, &policies, &tenant, &registration, &sign_in).is_some() {
                let mut told = json!({
                    "tenant": tenant_told,
                    "policies": policies_told,
                    "sign_in": sign_in_told,
                    "registration": registration_told,
                });
                let why = shrunk(&mut told);
                panic!("seed {seed}: {why}\n{}", serde_json::to_string_pretty(&told).unwrap());
            }
        }
    }
}

/// Where engine and reference differ on this case.
pub(crate) fn differs(told: &Value) -> Option<String> {
    let case = case::read(told);
    let engine = PolicySet::of(&case.policies, &case.tenant);
    let theirs = engine.evaluate(&case.sign_in, &case.registration);
    difference(&theirs, &case.policies, &case.tenant, &case.registration, &case.sign_in)
}

fn difference(
    theirs: &Outcome,
    policies: &[Policy],
    tenant: &Tenant,
    registration: &Registration,
    sign_in: &SignIn,
) -> Option<String> {
    let ours = evaluator::evaluate(policies, tenant, registration, sign_in);
    let said = |outcome: &Outcome| {
        let rows: Vec<String> = outcome
            .per_policy
            .iter()
            .map(|it| format!("{} {} {:?}", it.policy, it.word, it.applies))
            .collect();
        let (verdict, experience) = (outcome.verdict, outcome.experience);
        let (outstanding, by) = (&outcome.outstanding, &outcome.by);
        let rest = json!({
            "verdict": verdict,
            "status": outcome.status,
            "outstanding": outstanding,
            "by": by,
            "unknown": !outcome.unknown.is_empty(),
            "experience": experience,
        });
        format!("{rest} {rows:?}")
    };
    let (ours, theirs) = (said(&ours), said(theirs));
    (ours != theirs).then(|| format!("\n reference {ours}\n engine    {theirs}"))
}

/// Takes away, as long as the two still differ, whatever can be taken away.
fn shrunk(told: &mut Value) -> String {
    let mut why = differs(told).unwrap_or_default();
    loop {
        let mut smaller = false;
        for path in paths(told) {
            let mut tried = told.clone();
            if remove(&mut tried, &path)
                && let Some(still) = differs(&tried)
            {
                (*told, why, smaller) = (tried, still, true);
            }
        }
        if !smaller {
            return why;
        }
    }
}

/// What a reader cannot do without.
const NEEDED: [&str; 15] = [
    "tenant",
    "policies",
    "sign_in",
    "registration",
    "id",
    "role",
    "principal",
    "group",
    "member",
    "conditions",
    "displayName",
    "state",
    "@odata.type",
    "cidrAddress",
    "mode",
];

/// Every place in the value, the inner ones after the outer, lists from their end.
fn paths(value: &Value) -> Vec<Vec<String>> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().rev().map(|(at, value)| (at.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (name, value) in inner {
        if !NEEDED.contains(&name.as_str()) {
            found.push(vec![name.clone()]);
        }
        for rest in paths(value) {
            found.push([vec![name.clone()], rest].concat());
        }
    }
    found
}

fn remove(value: &mut Value, path: &[String]) -> bool {
    match (value, path) {
        (Value::Object(map), [last]) => map.remove(last).is_some(),
        (Value::Array(items), [last]) => {
            let at: usize = last.parse().unwrap();
            at < items.len() && {
                items.remove(at);
                true
            }
        }
        (Value::Object(map), [first, rest @ ..]) => {
            map.get_mut(first).is_some_and(|it| remove(it, rest))
        }
        (Value::Array(items), [first, rest @ ..]) => {
            let at: usize = first.parse().unwrap();
            items.get_mut(at).is_some_and(|it| remove(it, rest))
        }
        _ => false,
    }
}

/// Which facts an unknown verdict names. The rules say which facts were not seen, not which of
/// several is told where each suffices, so that the two lists need not be equal: they tell of one
/// fact in common, or at least of one kind of facts.
#[test]
fn what_is_not_known_is_told_alike() {
    let (mut told, mut same, mut one_kind) = (0_u32, 0_u32, 0_u32);
    for number in 0..2_000 {
        let mut chance = Chance::new(77 << 32 | number);
        let (tenant, policies) = world(&mut chance);
        let (tenant, policies) = (case::tenant(&tenant), case::policies(&policies));
        let engine = PolicySet::of(&policies, &tenant);
        for _ in 0..SIGN_INS {
            let (sign_in, registration) = scene(&mut chance);
            let (sign_in, registration) =
                (case::sign_in(&sign_in), case::registration(&registration));
            let theirs = engine.evaluate(&sign_in, &registration);
            if theirs.verdict == Verdict::Unknown {
                let ours = evaluator::evaluate(&policies, &tenant, &registration, &sign_in);
                let (ours, theirs) = (seen_or_not(&ours), seen_or_not(&theirs));
                let kinds =
                    |facts: &BTreeSet<Fact>| -> BTreeSet<&str> { facts.iter().map(kind).collect() };
                let both_tell = !ours.is_empty() && !theirs.is_empty();
                told += u32::from(both_tell);
                same += u32::from(!ours.is_disjoint(&theirs));
                one_kind += u32::from(!kinds(&ours).is_disjoint(&kinds(&theirs)));
            }
        }
    }
    println!("{told} told, {same} with a fact in common, {one_kind} with a kind in common");
    assert!(told > 3_000 && same * 100 >= told * 95 && one_kind * 1000 >= told * 995);
}

/// Facts that could have been seen; what Microsoft does not document, and what no model knows, each
/// side words its own way.
fn seen_or_not(outcome: &Outcome) -> BTreeSet<Fact> {
    let facts = outcome.unknown.iter();
    facts.filter(|it| !matches!(it, Fact::Behaviour(_) | Fact::Unmodelled(_))).cloned().collect()
}

fn kind(fact: &Fact) -> &'static str {
    use Fact::{
        AppGroup, AuthenticationContexts, AuthenticationStrength, BaselineScopes, Client,
        ClientApp, ClientConfidential, Country, CrossTenantTrust, Device, DeviceManaged,
        DeviceProperty, Federated, Flow, GpsCountry, GroupMembers, HomeTenant, Identity,
        IdentityProvider, Ip, Location, MfaTrustedIps, MicrosoftGraph, PasswordChanged, Platform,
        Protocol, Registration, Resources, RoleAssignment, Roles, Session, SessionAge,
        SessionCustom, SessionMethods, UserAction, UserType,
    };
    match fact {
        UserType | HomeTenant | IdentityProvider | Federated | CrossTenantTrust | Identity
        | GroupMembers(_) | Roles | RoleAssignment(_) => "who",
        Resources
        | MicrosoftGraph
        | AppGroup(..)
        | Client
        | ClientConfidential
        | BaselineScopes
        | UserAction
        | AuthenticationContexts => "target",
        ClientApp | Protocol | Flow | Platform => "client",
        Ip | MfaTrustedIps | Country | GpsCountry | Location(_) => "place",
        Device | DeviceProperty(_) | DeviceManaged => "device",
        Registration | AuthenticationStrength(_) => "registration",
        Session | SessionMethods | SessionAge | SessionCustom | PasswordChanged => "session",
        _ => "other",
    }
}
