//! The rules as an Azure Resource Manager template.

use serde_json::{Value, json};

use super::rules::Rule;

/// Name of the file.
pub(crate) const FILE_NAME: &str = "break-glass-alerts.json";

/// The template: one rule of Azure Monitor for each query, asked every five minutes; each row is an
/// alarm. The workspace and whom to alert are its parameters.
pub(crate) fn template(rules: &[Rule]) -> Value {
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {
            "location": {
                "type": "string",
                "defaultValue": "[resourceGroup().location]",
                "metadata": {"description": "Region of the Log Analytics workspace."},
            },
            "workspaceResourceId": {
                "type": "string",
                "metadata": {"description":
                    "Resource id of the Log Analytics workspace that the diagnostic setting of \
                     Microsoft Entra ID sends SignInLogs, NonInteractiveUserSignInLogs and AuditLogs \
                     to."},
            },
            "actionGroupResourceIds": {
                "type": "array",
                "metadata": {"description":
                    "Resource ids of action groups. At least one must reach two people in a way that \
                     needs no sign-in to this tenant, such as a text message or a call."},
            },
        },
        "resources": rules.iter().map(resource).collect::<Vec<_>>(),
    })
}

fn resource(rule: &Rule) -> Value {
    json!({
        "type": "Microsoft.Insights/scheduledQueryRules",
        "apiVersion": "2022-06-15",
        "name": rule.name,
        "location": "[parameters('location')]",
        "kind": "LogAlert",
        "properties": {
            "displayName": rule.name,
            "description": rule.what,
            "severity": rule.severity,
            "enabled": true,
            "evaluationFrequency": "PT5M",
            "windowSize": "PT5M",
            // The query says by itself what is new; a row that is a day late is still seen.
            "overrideQueryTimeRange": "P2D",
            "scopes": ["[parameters('workspaceResourceId')]"],
            "criteria": {"allOf": [{
                "query": rule.query,
                "timeAggregation": "Count",
                "operator": "GreaterThan",
                "threshold": 0,
                "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
            }]},
            // An alarm is closed by a person.
            "autoMitigate": false,
            "actions": {"actionGroups": "[parameters('actionGroupResourceIds')]"},
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::rules::{rules, tests::watched};
    use super::*;

    /// What Microsoft's published schema of the type asks for: `required` of the resource, and the
    /// properties that its descriptions call *required for rules of the kind LogAlert* (Azure Resource
    /// Manager schemas, 2022-06-15, Microsoft.Insights).
    const OF_RESOURCE: [&str; 4] = ["name", "properties", "apiVersion", "type"];
    const OF_RULE: [&str; 3] = ["evaluationFrequency", "severity", "windowSize"];
    const OF_CONDITION: [&str; 3] = ["operator", "threshold", "timeAggregation"];
    const KNOWN_OF_RULE: [&str; 11] = [
        "actions",
        "autoMitigate",
        "criteria",
        "description",
        "displayName",
        "enabled",
        "evaluationFrequency",
        "overrideQueryTimeRange",
        "scopes",
        "severity",
        "windowSize",
    ];

    fn made() -> Value {
        let text = serde_json::to_string_pretty(&template(&rules(&watched()))).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn keys(value: &Value) -> BTreeSet<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn it_holds_what_the_published_schema_requires_and_nothing_it_does_not_know() {
        let template = made();
        assert!(
            ["$schema", "contentVersion", "resources"]
                .iter()
                .all(|it| keys(&template).contains(it))
        );
        let resources = template["resources"].as_array().unwrap();
        assert_eq!(resources.len(), 4);
        for resource in resources {
            assert!(OF_RESOURCE.iter().all(|it| keys(resource).contains(it)), "{resource}");
            assert_eq!(resource["type"], "Microsoft.Insights/scheduledQueryRules");
            assert_eq!(resource["apiVersion"], "2022-06-15");
            assert_eq!(resource["kind"], "LogAlert");
            let rule = &resource["properties"];
            assert!(OF_RULE.iter().all(|it| keys(rule).contains(it)), "{rule}");
            assert_eq!(keys(rule), BTreeSet::from(KNOWN_OF_RULE));
            assert_eq!(rule["evaluationFrequency"], "PT5M");
            assert!(rule["severity"].as_u64().unwrap() <= 4);
            let conditions = rule["criteria"]["allOf"].as_array().unwrap();
            assert_eq!(conditions.len(), 1);
            let condition = &conditions[0];
            assert!(OF_CONDITION.iter().all(|it| keys(condition).contains(it)), "{condition}");
            assert_eq!(
                (&condition["operator"], &condition["threshold"]),
                (&json!("GreaterThan"), &json!(0))
            );
            assert_eq!(condition["timeAggregation"], "Count");
        }
        assert_eq!(resources[0]["properties"]["severity"], 0, "a sign-in is as grave as it gets");
    }

    /// What begins with a bracket is an expression; all of them are ours, and each parameter exists.
    #[test]
    fn only_known_expressions_are_expressions() {
        fn strings<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
            match value {
                Value::String(text) => found.push(text),
                Value::Array(all) => all.iter().for_each(|it| strings(it, found)),
                Value::Object(all) => all.values().for_each(|it| strings(it, found)),
                _ => {}
            }
        }
        let template = made();
        let mut found = Vec::new();
        strings(&template, &mut found);
        let expressions: BTreeSet<&str> =
            found.into_iter().filter(|it| it.starts_with('[')).collect();
        assert_eq!(
            expressions,
            BTreeSet::from([
                "[parameters('actionGroupResourceIds')]",
                "[parameters('location')]",
                "[parameters('workspaceResourceId')]",
                "[resourceGroup().location]",
            ])
        );
        assert_eq!(
            keys(&template["parameters"]),
            BTreeSet::from(["actionGroupResourceIds", "location", "workspaceResourceId"])
        );
    }

    #[test]
    fn each_query_is_the_one_of_its_file() {
        let rules = rules(&watched());
        let template = template(&rules);
        for (rule, resource) in rules.iter().zip(template["resources"].as_array().unwrap()) {
            let query = resource["properties"]["criteria"]["allOf"][0]["query"].as_str().unwrap();
            assert!(rule.file().ends_with(query) && !query.is_empty());
            assert_eq!(resource["name"], rule.name);
        }
    }
}
