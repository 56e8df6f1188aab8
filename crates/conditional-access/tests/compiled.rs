//! The compiled form decides what the evaluation of one sign-in decides.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::Path;

use conditional_access::cases::{Case, read_cases};
use conditional_access::facts::{ClientApp, Identity};
use conditional_access::{CompiledSet, Fact, Policy, PolicySet, Word};

fn all_cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .flat_map(|file| read_cases(&std::fs::read_to_string(file).unwrap()).cases)
        .collect()
}

/// Compares both forms for one sign-in. False when the compiled form has no answer.
fn compare(set: &PolicySet, compiled: &CompiledSet<'_>, case: &Case, place: &str) -> bool {
    let (sign_in, registration) = (&case.sign_in, &case.registration);
    let Identity::User(id) = &sign_in.identity else { return false };
    let Some(target) = compiled.target(sign_in) else { return false };
    let user = compiled.user(id.as_deref());
    let where_from = if sign_in.gps_country.is_some() {
        compiled.place_with_position(sign_in)
    } else {
        compiled.place(sign_in.ip, sign_in.country.as_deref())
    };
    let client = compiled.client(sign_in);
    let device = compiled.device(&user, sign_in.device.as_ref());
    let demands = compiled.demands(&user, sign_in, registration);
    let decision = compiled.decide(&user, &target, &client, where_from, device, &demands);
    let outcome = set.evaluate(sign_in, registration);
    assert_eq!(decision.verdict, outcome.verdict, "case `{}`, {place}", case.id);
    assert_eq!(compiled.causes(&decision), outcome.by, "case `{}`, {place}", case.id);
    let (outstanding, unknown) = compiled.reasons(&decision, sign_in, registration);
    assert_eq!(outstanding, outcome.outstanding, "case `{}`, {place}", case.id);
    assert_eq!(unknown, outcome.unknown, "case `{}`, {place}", case.id);
    let applying = compiled.applying(&user, &target, &client, where_from, device);
    let words = compiled.words(&user, sign_in, registration);
    let taken_in = set.takes_in(id.as_deref());
    for (place, part) in outcome.per_policy.iter().enumerate() {
        let applies = applying.of(place);
        assert_eq!(applies, part.applies, "case `{}`, policy {place}", case.id);
        assert_eq!(words.word(place, applies), part.word, "case `{}`, policy {place}", case.id);
        let is_off = [Word::NotEnabled, Word::ReportOnlyNotApplied].contains(&part.word);
        assert!(is_off || set.counts(place) || part.word != Word::NotApplied);
        // Exchange ActiveSync reaches people whom a policy does not name.
        let active_sync = sign_in.client_app.is_none_or(|it| it == ClientApp::ExchangeActiveSync);
        let blurs = part.unknown.iter().any(|it| matches!(it, Fact::Behaviour(_)));
        let outside = taken_in.get(place).is_none_or(|it| it.is_false());
        let impossible = !applies.is_false() && outside;
        assert!(active_sync || blurs || !impossible, "case `{}`, policy {place}", case.id);
    }
    true
}

#[test]
fn every_case_by_itself_and_every_sign_in_in_other_tenants() {
    let cases = all_cases();
    let mut compared = 0_usize;
    for (position, world) in cases.iter().enumerate() {
        let set = PolicySet::of(&world.policies, &world.tenant);
        let Some(compiled) = set.compiled(&world.tenant) else { continue };
        // The world's own sign-in, and some of other cases, drawn by a stride that meets all.
        let others = cases.iter().skip(position % 23).step_by(23);
        for case in std::iter::once(world).chain(others) {
            let place = format!("policies and tenant of `{}`", world.id);
            compared += usize::from(compare(&set, &compiled, case, &place));
        }
    }
    assert!(compared > 5_000, "{compared}");
}

#[test]
fn many_policies_at_once() {
    let cases = all_cases();
    let mut compared = 0_usize;
    for (position, world) in cases.iter().enumerate().step_by(11) {
        let policies: Vec<Policy> = cases
            .iter()
            .skip(position % 2)
            .step_by(2)
            .flat_map(|case| case.policies.clone())
            .zip(0_u32..)
            .filter(|(policy, number)| !policy.grants("block") || number % 40 == 0)
            .map(|(policy, number)| Policy { id: Some(format!("P{number}")), ..policy })
            .take(240)
            .collect();
        let set = PolicySet::of(&policies, &world.tenant);
        let Some(compiled) = set.compiled(&world.tenant) else { continue };
        for case in cases.iter().step_by(13) {
            let place = format!("{} policies, tenant of `{}`", policies.len(), world.id);
            compared += usize::from(compare(&set, &compiled, case, &place));
        }
    }
    assert!(compared > 1_000, "{compared}");
}

#[test]
fn people_who_share_their_traits_share_what_is_demanded() {
    let cases = all_cases();
    let mut shared = 0_usize;
    for (position, world) in cases.iter().enumerate() {
        let set = PolicySet::of(&world.policies, &world.tenant);
        let Some(compiled) = set.compiled(&world.tenant) else { continue };
        let mut known = std::collections::HashMap::new();
        let strangers = [None, Some("stranger"), Some("another")];
        let users = world.tenant.users.iter().map(|user| Some(user.id.as_str()));
        for id in users.chain(strangers) {
            let user = compiled.user(id);
            for case in cases.iter().skip(position % 31).step_by(31) {
                let facts = (
                    compiled.demands(&user, &case.sign_in, &case.registration),
                    compiled.words(&user, &case.sign_in, &case.registration),
                    compiled.device(&user, case.sign_in.device.as_ref()),
                );
                let key = (compiled.traits(&user), case.id.clone());
                let first = known.entry(key).or_insert_with(|| facts.clone());
                assert_eq!(*first, facts, "{id:?} of `{}`, sign-in of `{}`", world.id, case.id);
                shared += 1;
            }
        }
        shared -= known.len();
    }
    assert!(shared > 1_000, "{shared}");
}

#[test]
fn the_table_of_places_has_no_gap() {
    let case = "\
cases:
- id: borders
  tenant:
    named_locations:
    - {id: 00000000-0000-4000-9000-000000000001, isTrusted: true, ipRanges: [{cidrAddress: 203.0.113.0/24}, {cidrAddress: '2001:db8::/32'}]}
    - {id: 00000000-0000-4000-9000-000000000002, isTrusted: false, ipRanges: [{cidrAddress: 203.0.113.64/26}, {cidrAddress: 0.0.0.0/8}, {cidrAddress: '::fffe:0:0/95'}]}
    - {id: 00000000-0000-4000-9000-000000000003, countriesAndRegions: [GB, ZZ], includeUnknownCountriesAndRegions: true}
    - {id: 00000000-0000-4000-9000-000000000004, isTrusted: false, ipRanges: [{cidrAddress: 255.255.255.255/32}, {cidrAddress: 'ffff::/16'}]}
    mfa_trusted_ips: [198.51.100.0/25]
  policies: POLICIES
  sign_in: {}
";
    let one = |number: usize, locations: &str| {
        format!(
            "{{id: P{number}, state: enabled, conditions: {{users: {{includeUsers: [All]}}, \
             applications: {{includeApplications: [All]}}, locations: {locations}}}, \
             grantControls: {{builtInControls: [block]}}}}"
        )
    };
    let place = |number: u32| format!("00000000-0000-4000-9000-{number:012}");
    let policies: Vec<String> = [
        "{includeLocations: [AllTrusted]}".to_owned(),
        "{includeLocations: [All], excludeLocations: [AllTrusted]}".to_owned(),
        format!("{{includeLocations: [{}]}}", place(2)),
        format!("{{includeLocations: [{}, {}]}}", place(3), place(4)),
        format!("{{includeLocations: [All], excludeLocations: [{}]}}", place(3)),
    ]
    .iter()
    .enumerate()
    .map(|(number, locations)| one(number, locations))
    .collect();
    let text = case.replace("POLICIES", &format!("[{}]", policies.join(", ")));
    let read = read_cases(&text);
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let case = &read.cases[0];
    let set = PolicySet::of(&case.policies, &case.tenant);
    let compiled = set.compiled(&case.tenant).unwrap();
    let addresses = [
        "0.0.0.0",
        "0.255.255.255",
        "1.0.0.0",
        "203.0.112.255",
        "203.0.113.0",
        "203.0.113.63",
        "203.0.113.64",
        "203.0.113.127",
        "203.0.113.128",
        "203.0.113.255",
        "203.0.114.0",
        "198.51.100.127",
        "198.51.100.128",
        "255.255.255.254",
        "255.255.255.255",
        "::",
        "::fffd:ffff:ffff",
        "::fffe:0:0",
        "::fffe:ffff:ffff",
        "::ffff:203.0.113.64",
        "::1:0:0:0",
        "2001:db7:ffff::",
        "2001:db8::",
        "2001:db8:ffff::ffff",
        "2001:db9::",
        "ffff::",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ];
    let countries =
        [None, Some(""), Some("GB"), Some("gb"), Some("ZZ"), Some("FR"), Some("United")];
    for address in addresses.iter().map(|it| Some(it.parse().unwrap())).chain([None]) {
        for country in countries {
            let mut sign_in = case.sign_in.clone();
            sign_in.ip = address;
            sign_in.country = country.map(str::to_owned);
            assert_eq!(
                compiled.place(address, country),
                compiled.place_with_position(&sign_in),
                "{address:?} {country:?}"
            );
        }
    }
}
