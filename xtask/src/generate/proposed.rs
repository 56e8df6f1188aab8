//! Policies NE Engineering thinks about and does not have: files for `--policy`, beside the
//! exports, and the named location they lean on.

use serde_json::{Value, json};

use super::directory::{FINANCE, page};

const UNITED_KINGDOM: &str = "3b5e9c1f-6d84-4f0a-9b27-c08d1e4a7f52";

/// The one named location of the tenant; no policy uses it yet.
pub(crate) fn named_locations() -> Value {
    let country = json!({
        "@odata.type": "#microsoft.graph.countryNamedLocation",
        "id": UNITED_KINGDOM, "displayName": "United Kingdom",
        "createdDateTime": "2026-06-02T10:12:00Z", "modifiedDateTime": "2026-06-02T10:12:00Z",
        "countriesAndRegions": ["GB"], "includeUnknownCountriesAndRegions": false,
        "countryLookupMethod": "clientIpAddress",
    });
    page("identity/conditionalAccess/namedLocations", vec![country])
}

/// Name and content of each file: one as Graph lists policies, one as PowerShell writes a single
/// one.
pub(crate) fn policies() -> [(&'static str, Value); 2] {
    let places = json!({
        "id": "a4c8f2d6-1e37-4b90-8d5c-7f60e2b9a113",
        "displayName": "CA010 - Block other countries",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "users": {"includeUsers": ["All"]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
            "locations": {"includeLocations": ["All"], "excludeLocations": [UNITED_KINGDOM]},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    });
    let devices = json!({
        "id": "e19b7a05-42cd-4ef8-b3a6-95d07c8e2f24",
        "displayName": "CA011 - Compliant devices for Finance",
        "state": "disabled",
        "conditions": {
            "users": {"includeGroups": [FINANCE]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["compliantDevice"]},
    });
    let device_code = json!({
        "Id": "5f8d3c62-b0e4-47a9-91c7-2a6e4d1b8035",
        "DisplayName": "CA012 - Block device code flow",
        "State": "enabled",
        "Conditions": {
            "Users": {"IncludeUsers": ["All"]},
            "Applications": {"IncludeApplications": ["All"]},
            "ClientAppTypes": ["all"],
            "AuthenticationFlows": {"TransferMethods": "deviceCodeFlow"},
        },
        "GrantControls": {"Operator": "OR", "BuiltInControls": ["block"]},
    });
    [
        (
            "places-and-devices.json",
            page("identity/conditionalAccess/policies", vec![places, devices]),
        ),
        ("device-code.json", device_code),
    ]
}
