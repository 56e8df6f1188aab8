use entra::exports::Collector;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::offer;

/// Copies and contradictions of every kind, as a folder of exports holds them.
fn records() -> Vec<Value> {
    vec![
        json!({"id": "U1", "userPrincipalName": "a@ne.example", "department": "IT"}),
        json!({"userPrincipalName": "A@ne.example", "accountEnabled": true, "jobTitle": "x"}),
        json!({"id": "u1", "userPrincipalName": "a@ne.example", "department": "Sales", "accountEnabled": false,
            "signInActivity": {"lastSignInDateTime": "2026-01-01T00:00:00Z"}}),
        json!({"id": "U2", "userPrincipalName": "a@ne.example"}),
        json!({"id": "U3", "userPrincipalName": "c@ne.example", "mobilePhone": null}),
        json!({"id": "U3", "userPrincipalName": "c@ne.example", "mobilePhone": "1"}),
        json!({"userId": "U1", "methods": [{"@odata.type": "#microsoft.graph.fido2AuthenticationMethod"}]}),
        json!({"userPrincipalName": "c@ne.example", "perUserMfaState": "enabled"}),
        json!({"id": "G", "displayName": "Pilot", "groupTypes": []}),
        json!({"groupId": "g", "members": ["U1"]}),
        json!({"groupId": "G", "members": [{"@odata.type": "#microsoft.graph.user", "id": "u1"}, "U3"]}),
        json!({"displayName": "Pilot", "members": []}),
        json!({"id": "U1", "userPrincipalName": "a@ne.example", "isMfaCapable": true, "lastUpdatedDateTime": "2026-01-02T00:00:00Z"}),
        json!({"id": "U1", "isMfaCapable": false, "lastUpdatedDateTime": "2026-01-02T00:00:00Z", "methodsRegistered": ["sms"]}),
        json!({"id": "U1", "isMfaCapable": false, "lastUpdatedDateTime": "2026-01-01T00:00:00Z"}),
        json!({"userPrincipalName": "a@ne.example", "isMfaRegistered": true, "methodsRegistered": ["email"]}),
        json!({"RecipientTypeDetails": "UserMailbox", "PrimarySmtpAddress": "a@ne.example"}),
        json!({"RecipientTypeDetails": "SharedMailbox", "UserPrincipalName": "a@ne.example", "PrimarySmtpAddress": "x@ne.example"}),
        json!({"PrimarySmtpAddress": "x@ne.example", "SmtpClientAuthenticationDisabled": true}),
        json!({"id": "P", "displayName": "CA", "state": "enabled", "conditions": {}}),
        json!({"id": "P", "displayName": "CA", "state": "disabled", "conditions": {}}),
        json!({"displayName": "CA", "state": "disabled", "conditions": {}}),
        json!({"id": "L", "displayName": "Office", "ipRanges": ["192.0.2.0/24"]}),
        json!({"id": "L", "displayName": "Office", "ipRanges": ["192.0.2.0/25"]}),
        json!({"id": "E", "activityDisplayName": "Reset password", "activityDateTime": "2026-01-01T00:00:00Z"}),
        json!({"id": "E", "activityDisplayName": "Reset password", "activityDateTime": "2026-01-01T00:00:00Z", "result": "success"}),
        json!({"roleDefinitionId": "R", "principalId": "U1"}),
        json!({"roleDefinitionId": "R", "principalId": "U1", "directoryScopeId": "/", "endDateTime": "2026-12-01T00:00:00Z"}),
        json!({"skuId": "S", "skuPartNumber": "SPE_E3", "consumedUnits": 1}),
        json!({"skuPartNumber": "SPE_E3", "consumedUnits": 2, "servicePlans": [{"servicePlanId": "p"}]}),
        json!({"id": "authenticationMethodsPolicy", "policyMigrationState": "migrationComplete"}),
        json!({"id": "authenticationMethodsPolicy", "policyMigrationState": "preMigration", "lastModifiedDateTime": "2026-01-01T00:00:00Z",
            "authenticationMethodConfigurations": [{"id": "Sms", "state": "enabled"}]}),
        json!({"@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration", "id": "Sms", "state": "disabled"}),
        json!({"displayName": "Security defaults", "isEnabled": true}),
        json!({"id": "T", "displayName": "NE", "verifiedDomains": [{"name": "ne.example"}]}),
        json!({"id": "ne.example", "authenticationType": "Managed", "isDefault": true}),
        json!({"id": "U1", "userPrincipalName": "a@ne.example", "riskLevel": "low", "riskState": "atRisk"}),
        json!({"id": "U1", "userPrincipalName": "a@ne.example", "riskLevel": "high", "riskState": "atRisk"}),
    ]
}

fn collect(records: &[Value]) -> rollout::Snapshot {
    let mut collector = Collector::new();
    for record in records {
        offer(&mut collector, record, None);
    }
    collector.finish()
}

#[test]
fn every_record_of_the_folder_is_taken() {
    super::snapshot_of(&records());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(12), ..ProptestConfig::default() })]

    /// The order of files does not matter.
    #[test]
    fn any_order_gives_the_same_snapshot(shuffled in Just(records()).prop_shuffle()) {
        prop_assert_eq!(collect(&shuffled), collect(&records()));
    }

    /// A file read twice says nothing new.
    #[test]
    fn copies_change_nothing(again in proptest::sample::subsequence(records(), 0..12)) {
        let mut all = records();
        all.extend(again);
        prop_assert_eq!(collect(&all), collect(&records()));
    }
}
