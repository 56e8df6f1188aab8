//! Reading policies and named locations as Graph, and those who export from it, write them.
//!
//! Exporters differ: keys come in camelCase or PascalCase, a single value may stand where a list
//! belongs, flags travel as one comma-joined string, and `null`, `""`, `[]` and `{}` all mean
//! *not configured*. Anything that carries a value this model does not know is named in
//! [`Policy::unmodelled`], so that nobody takes half a policy for a whole one.

mod conditions;
mod controls;
mod location;
mod property;

use serde_json::Value;

use crate::named_location::NamedLocation;
use crate::policy::{Policy, Source, State};
use property::{Properties, Unmodelled};

/// The value is no Conditional Access policy (or no named location).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPolicy;

/// Reads one policy.
///
/// # Errors
/// When the value has neither conditions nor a state beside grant or session controls.
pub fn read_policy(value: &Value) -> Result<Policy, NotAPolicy> {
    let properties = Properties::of(value).ok_or(NotAPolicy)?;
    if !is_policy(&properties) {
        return Err(NotAPolicy);
    }
    let mut unmodelled = Unmodelled::default();
    let conditions = match properties.told_object("conditions") {
        Some(set) => conditions::read(&set, &mut unmodelled),
        // A policy without conditions would apply to nobody; not seeing them is no such statement.
        None => {
            unmodelled.add("conditions");
            crate::policy::Conditions::default()
        }
    };
    let grant = controls::read_grant(&properties, &mut unmodelled);
    let session = controls::read_session(&properties, &mut unmodelled);
    properties.others(
        "",
        &[
            "id",
            "displayName",
            "description",
            "state",
            "createdDateTime",
            "modifiedDateTime",
            "templateId",
            "conditions",
            "grantControls",
            "sessionControls",
        ],
        &mut unmodelled,
    );
    Ok(Policy {
        id: properties.text("id"),
        display_name: properties.text("displayName").unwrap_or_default(),
        state: read_state(&properties, &mut unmodelled),
        created: properties.time("createdDateTime"),
        modified: properties.time("modifiedDateTime"),
        template_id: properties.text("templateId"),
        conditions,
        grant,
        session,
        unmodelled: unmodelled.into_paths(),
        source: Source::of(value.clone()),
    })
}

/// Reads one named location.
///
/// # Errors
/// When the value is none.
pub fn read_named_location(value: &Value) -> Result<NamedLocation, NotAPolicy> {
    location::read(value).ok_or(NotAPolicy)
}

fn is_policy(properties: &Properties<'_>) -> bool {
    if let Some(kind) = properties.odata_type() {
        return kind.eq_ignore_ascii_case("conditionalAccessPolicy");
    }
    // The answer of the what-if evaluation is a whole policy with two more properties; it says
    // what would apply, not what is configured.
    if properties.has("policyApplies") {
        return false;
    }
    let conditions = properties.told_object("conditions").is_some();
    let controls = properties.has("grantControls") || properties.has("sessionControls");
    let state = properties.has("state");
    (conditions && (state || controls || properties.has("displayName"))) || (state && controls)
}

fn read_state(properties: &Properties<'_>, unmodelled: &mut Unmodelled) -> State {
    let Some(state) = properties.text("state") else { return State::Unknown };
    match state.to_ascii_lowercase().as_str() {
        "enabled" => State::Enabled,
        "disabled" => State::Disabled,
        "enabledforreportingbutnotenforced" => State::EnabledForReportingButNotEnforced,
        _ => {
            unmodelled.add("state");
            State::Unknown
        }
    }
}

#[cfg(test)]
mod tests;
