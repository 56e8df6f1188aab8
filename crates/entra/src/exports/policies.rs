//! Conditional Access policies and named locations.

use conditional_access::{NamedLocation, NotAPolicy, Policy, read_named_location, read_policy};
use jiff::Timestamp;
use serde_json::Value;

use super::merge::{Identity, copies};
use super::object::{Broken, Object, Read};

/// Reads one policy.
pub(super) fn read(value: &Value) -> Read<Policy> {
    read_policy(value).map_err(|NotAPolicy| {
        Broken("it is listed as a Conditional Access policy, but has no conditions".to_owned())
    })
}

/// Reads one named location, with the time of its last change.
pub(super) fn read_location(
    value: &Value,
    object: &Object<'_>,
) -> Read<(Option<Timestamp>, NamedLocation)> {
    let location = read_named_location(value).map_err(|NotAPolicy| {
        Broken("it is listed as a named location, but has neither ranges nor countries".to_owned())
    })?;
    Ok((object.time("modifiedDateTime")?, location))
}

/// The policies; of several copies the one changed last.
pub(super) fn finish(policies: Vec<Policy>) -> Vec<Policy> {
    let mut finished: Vec<Policy> = copies(policies, |policy| {
        // Published policies have no id, and two of one name may well differ.
        let itself = policy.id.is_none().then(|| text_of(policy));
        Identity::new(policy.id.as_deref().or(itself.as_deref()), &[])
    })
    .into_iter()
    .filter_map(|copies| copies.into_iter().max_by_key(|policy| (policy.modified, text_of(policy))))
    .collect();
    finished.sort_by_cached_key(|policy| {
        (policy.display_name.clone(), policy.id.clone(), text_of(policy))
    });
    finished
}

/// The named locations; of several copies the one changed last.
pub(super) fn finish_locations(
    locations: Vec<(Option<Timestamp>, NamedLocation)>,
) -> Vec<NamedLocation> {
    let mut finished: Vec<NamedLocation> = copies(locations, |(_, location)| {
        let itself = location.id.is_none().then(|| format!("{location:?}"));
        Identity::new(location.id.as_deref().or(itself.as_deref()), &[])
    })
    .into_iter()
    .filter_map(|copies| {
        copies.into_iter().max_by_key(|(modified, location)| (*modified, format!("{location:?}")))
    })
    .map(|(_, location)| location)
    .collect();
    finished.sort_by_cached_key(|location| {
        (location.display_name.clone(), location.id.clone(), format!("{location:?}"))
    });
    finished
}

/// All a policy says, as text to order copies by.
fn text_of(policy: &Policy) -> String {
    format!("{policy:?}")
}
