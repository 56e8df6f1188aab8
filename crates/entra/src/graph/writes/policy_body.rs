//! What may be written of a Conditional Access policy.

use serde_json::{Map, Value};

/// Properties of a policy that may be sent to Graph. Nothing that Graph only sends itself can be in
/// it, so that a policy is never written back as it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PolicyBody(Map<String, Value>);

/// A property that lockstep does not write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{property}` is no property of a policy that lockstep writes")]
pub struct NotWritable {
    /// Path of the property: `conditions.times`.
    pub property: String,
}

const OPEN: &[Known] = &[];

/// A property, and those within it. `OPEN`: whatever stands in it is written as it is.
struct Known(&'static str, &'static [Known]);

/// Every property v1.0 lets an app write (Graph documentation, *conditionalAccessPolicy resource
/// type* and the types it names). Answers carry more, such as `partialEnablementStrategy` and
/// `conditions.times`, which are refused when they come back.
const WRITABLE: &[Known] = &[
    Known("displayName", OPEN),
    Known("description", OPEN),
    Known("state", OPEN),
    Known(
        "conditions",
        &[
            Known(
                "users",
                &[
                    Known("includeUsers", OPEN),
                    Known("excludeUsers", OPEN),
                    Known("includeGroups", OPEN),
                    Known("excludeGroups", OPEN),
                    Known("includeRoles", OPEN),
                    Known("excludeRoles", OPEN),
                    Known("includeGuestsOrExternalUsers", OPEN),
                    Known("excludeGuestsOrExternalUsers", OPEN),
                ],
            ),
            Known(
                "applications",
                &[
                    Known("includeApplications", OPEN),
                    Known("excludeApplications", OPEN),
                    Known("includeUserActions", OPEN),
                    Known("includeAuthenticationContextClassReferences", OPEN),
                    Known("applicationFilter", OPEN),
                ],
            ),
            Known("clientAppTypes", OPEN),
            Known("platforms", &[Known("includePlatforms", OPEN), Known("excludePlatforms", OPEN)]),
            Known("locations", &[Known("includeLocations", OPEN), Known("excludeLocations", OPEN)]),
            Known("devices", &[Known("deviceFilter", OPEN)]),
            Known("signInRiskLevels", OPEN),
            Known("userRiskLevels", OPEN),
            Known("servicePrincipalRiskLevels", OPEN),
            Known("insiderRiskLevels", OPEN),
            Known("authenticationFlows", &[Known("transferMethods", OPEN)]),
            Known("clientApplications", OPEN),
        ],
    ),
    Known(
        "grantControls",
        &[
            Known("operator", OPEN),
            Known("builtInControls", OPEN),
            Known("customAuthenticationFactors", OPEN),
            Known("termsOfUse", OPEN),
            Known("authenticationStrength", &[Known("id", OPEN)]),
        ],
    ),
    Known(
        "sessionControls",
        &[
            Known("applicationEnforcedRestrictions", OPEN),
            Known("cloudAppSecurity", OPEN),
            Known("disableResilienceDefaults", OPEN),
            Known("persistentBrowser", OPEN),
            Known("secureSignInSession", OPEN),
            Known("signInFrequency", OPEN),
        ],
    ),
];

impl PolicyBody {
    /// Properties somebody wrote down.
    ///
    /// # Errors
    /// When one of them is not writable: better no policy than one without a condition that was
    /// meant.
    pub fn new(properties: &Map<String, Value>) -> Result<Self, NotWritable> {
        all_known(properties, WRITABLE, "")?;
        Ok(Self(properties.clone()))
    }

    /// What is writable of a policy as Graph sent it: what Graph alone sets (`id`, times, links) is
    /// left out, and so is what is not configured.
    ///
    /// # Errors
    /// When something is configured that lockstep does not write, and that would be lost.
    pub fn of_read(policy: &Value) -> Result<Self, NotWritable> {
        let nothing = Map::new();
        let read = policy.as_object().unwrap_or(&nothing);
        let own = |key: &str| {
            ["id", "createdDateTime", "modifiedDateTime", "deletedDateTime", "templateId"]
                .contains(&key)
        };
        let read: Map<String, Value> =
            read.clone().into_iter().filter(|(key, _)| !own(key)).collect();
        Ok(Self(configured(&read, WRITABLE, "")?))
    }

    /// The smallest change that turns a policy as it is into this one: lists whole, nested objects
    /// by property, `null` for what is to go.
    ///
    /// # Errors
    /// As [`PolicyBody::of_read`], of the policy as it is.
    pub fn change_from(&self, now: &Value) -> Result<Self, NotWritable> {
        let now = Self::of_read(now)?;
        Ok(Self(difference(&now.0, &self.0)))
    }

    /// Nothing stands in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The properties.
    #[must_use]
    pub fn properties(&self) -> &Map<String, Value> {
        &self.0
    }
}

fn all_known(
    properties: &Map<String, Value>,
    known: &[Known],
    within: &str,
) -> Result<(), NotWritable> {
    for (key, value) in properties {
        let property = format!("{within}{key}");
        let Some(Known(_, inner)) = known.iter().find(|it| it.0 == key) else {
            return Err(NotWritable { property });
        };
        if let (Value::Object(value), false) = (value, inner.is_empty()) {
            all_known(value, inner, &format!("{property}."))?;
        }
    }
    Ok(())
}

fn configured(
    properties: &Map<String, Value>,
    known: &[Known],
    within: &str,
) -> Result<Map<String, Value>, NotWritable> {
    let mut kept = Map::new();
    for (key, value) in properties {
        let property = format!("{within}{key}");
        if is_nothing(value) || key.contains('@') {
            continue;
        }
        let Some(Known(_, inner)) = known.iter().find(|it| it.0 == key) else {
            return Err(NotWritable { property });
        };
        match value {
            Value::Object(value) if property == "grantControls.authenticationStrength" => {
                // Graph sends the whole strength; a policy names it.
                let id = value.clone().into_iter().filter(|(key, _)| key == "id").collect();
                kept.insert(key.clone(), Value::Object(id));
            }
            Value::Object(value) if !inner.is_empty() => {
                let value = configured(value, inner, &format!("{property}."))?;
                kept.insert(key.clone(), Value::Object(value));
            }
            _ => {
                kept.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(kept)
}

/// Not configured: nothing, an empty list, or an object of such.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.values().all(is_nothing),
        _ => false,
    }
}

fn difference(now: &Map<String, Value>, wanted: &Map<String, Value>) -> Map<String, Value> {
    let mut changes = Map::new();
    for (key, wanted) in wanted {
        match (now.get(key), wanted) {
            (Some(now), wanted) if now == wanted => {}
            (Some(Value::Object(now)), Value::Object(wanted)) => {
                let inner = difference(now, wanted);
                if !inner.is_empty() {
                    changes.insert(key.clone(), Value::Object(inner));
                }
            }
            _ if is_nothing(wanted) && now.get(key).is_none_or(is_nothing) => {}
            _ => {
                changes.insert(key.clone(), wanted.clone());
            }
        }
    }
    for (key, now) in now.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
        let nothing = if now.is_array() { Value::Array(Vec::new()) } else { Value::Null };
        changes.insert(key.clone(), nothing);
    }
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(value: Value) -> Result<PolicyBody, NotWritable> {
        PolicyBody::new(value.as_object().unwrap())
    }

    /// A policy in the shape Graph sends.
    fn read() -> Value {
        json!({
            "@odata.context": "https://graph.example/$metadata#…",
            "id": "0d0c2b1a-1111-4222-8333-444455556666",
            "templateId": null,
            "displayName": "CA001",
            "createdDateTime": "2026-09-01T08:00:00Z",
            "modifiedDateTime": null,
            "deletedDateTime": null,
            "state": "enabled",
            "partialEnablementStrategy": null,
            "conditions": {
                "userRiskLevels": [],
                "clientAppTypes": ["all"],
                "times": null,
                "platforms": null,
                "users": {"includeUsers": ["All"], "excludeUsers": ["a", "b"], "excludeGroups": []},
                "applications": {"includeApplications": ["All"], "applicationFilter": null},
            },
            "grantControls": {
                "operator": "OR",
                "builtInControls": [],
                "authenticationStrength@odata.context": "…",
                "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004",
                    "displayName": "Phishing resistant MFA", "allowedCombinations": ["fido2"]},
            },
            "sessionControls": null,
        })
    }

    #[test]
    fn what_graph_alone_sends_is_refused() {
        let cases = [
            (json!({"id": "x"}), "id"),
            (json!({"createdDateTime": "x"}), "createdDateTime"),
            (json!({"partialEnablementStrategy": null}), "partialEnablementStrategy"),
            (json!({"conditions": {"times": null}}), "conditions.times"),
            (json!({"conditions": {"users": {"includeUser": []}}}), "conditions.users.includeUser"),
            (json!({"State": "enabled"}), "State"),
        ];
        for (value, property) in cases {
            assert_eq!(body(value).unwrap_err().property, property);
        }
        let whole = read();
        assert!(PolicyBody::new(whole.as_object().unwrap()).is_err());
    }

    #[test]
    fn a_policy_as_read_becomes_one_that_can_be_written() {
        let writable = PolicyBody::of_read(&read()).unwrap();
        let expected = json!({
            "displayName": "CA001",
            "state": "enabled",
            "conditions": {
                "clientAppTypes": ["all"],
                "users": {"includeUsers": ["All"], "excludeUsers": ["a", "b"]},
                "applications": {"includeApplications": ["All"]},
            },
            "grantControls": {
                "operator": "OR",
                "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"},
            },
        });
        assert_eq!(Value::Object(writable.properties().clone()), expected);
        assert_eq!(body(expected).unwrap(), writable);
    }

    #[test]
    fn a_condition_nobody_writes_is_not_lost_in_silence() {
        let mut policy = read();
        policy["conditions"]["times"] = json!({"excludedRanges": [{"a": 1}]});
        assert_eq!(PolicyBody::of_read(&policy).unwrap_err().property, "conditions.times");
    }

    #[test]
    fn a_change_names_only_what_changes() {
        let mut wanted = PolicyBody::of_read(&read()).unwrap();
        assert!(wanted.change_from(&read()).unwrap().is_empty());
        wanted.0["state"] = json!("enabledForReportingButNotEnforced");
        wanted.0["conditions"]["users"] = json!({"includeUsers": ["All"], "includeRoles": []});
        wanted.0["conditions"]["platforms"] = json!({"includePlatforms": ["all"]});
        wanted.0.remove("grantControls");
        let change = wanted.change_from(&read()).unwrap();
        assert_eq!(
            Value::Object(change.0),
            json!({
                "state": "enabledForReportingButNotEnforced",
                "conditions": {
                    "platforms": {"includePlatforms": ["all"]},
                    "users": {"excludeUsers": []},
                },
                "grantControls": null,
            })
        );
    }
}
