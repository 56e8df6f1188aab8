use entra::exports::Collector;
use proptest::prelude::*;
use serde_json::Value;

use super::{offer, offer_row, offer_text, page};

/// Words that make a record look like one of a known kind.
const WORDS: [&str; 44] = [
    "id",
    "userPrincipalName",
    "UserPrincipalName",
    "displayName",
    "accountEnabled",
    "members",
    "groupId",
    "owners",
    "roleDefinitionId",
    "principalId",
    "principal",
    "roleTemplateId",
    "isMfaCapable",
    "methodsRegistered",
    "methods",
    "userId",
    "perUserMfaState",
    "recipientTypeDetails",
    "primarySmtpAddress",
    "smtpClientAuthenticationDisabled",
    "activityDisplayName",
    "activityDateTime",
    "properties",
    "targetResources",
    "initiatedBy",
    "user",
    "conditions",
    "users",
    "state",
    "grantControls",
    "authenticationStrength",
    "sessionControls",
    "signInFrequency",
    "ipRanges",
    "isEnabled",
    "authenticationMethodConfigurations",
    "skuPartNumber",
    "consumedUnits",
    "verifiedDomains",
    "inboundTrust",
    "signInActivity",
    "AdditionalProperties",
    "@odata.type",
    "value",
];

fn arbitrary_value() -> impl Strategy<Value = Value> {
    let texts = prop_oneof![
        proptest::sample::select(
            &[
                "",
                "All",
                "a@ne.example",
                "true",
                "/Date(1)/",
                "/Date()/",
                "{}",
                "[1]",
                "#microsoft.graph.user",
                "#microsoft.graph.group",
                "0001-01-01",
                "2026-01-01T00:00:00Z"
            ][..]
        )
        .prop_map(str::to_owned),
        ".{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let name = proptest::sample::select(&WORDS[..]).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(13), ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_survived(
        values in proptest::collection::vec(arbitrary_value(), 1..6),
        list in proptest::sample::select(&["users", "groups('1')/members", "users('x')/authentication/methods", "", "('"][..]),
    ) {
        let mut collector = Collector::new();
        for value in values {
            offer(&mut collector, &value, Some(&page(list)));
            offer(&mut collector, &value, None);
        }
        let _ = collector.finish();
    }

    #[test]
    fn any_text_is_survived(text in ".{0,64}") {
        offer_text(&mut Collector::new(), &text, Some(&text));
    }

    #[test]
    fn any_table_is_survived(
        columns in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..8),
        cells in proptest::collection::vec(".{0,12}", 0..10),
    ) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let mut collector = Collector::new();
        offer_row(&mut collector, &columns, &cells);
        let _ = collector.finish();
    }
}
