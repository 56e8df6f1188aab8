//! Named locations.

use serde_json::Value;

use super::property::{Properties, Unmodelled};
use crate::named_location::{NamedLocation, NamedLocationKind};

/// Reads one named location, or `None` when the value is none.
pub(super) fn read(value: &Value) -> Option<NamedLocation> {
    let location = Properties::of(value)?;
    let kind = match location.odata_type() {
        Some(kind) if kind.eq_ignore_ascii_case("ipNamedLocation") => read_ip(&location),
        Some(kind) if kind.eq_ignore_ascii_case("countryNamedLocation") => read_country(&location),
        Some(kind) if kind.to_ascii_lowercase().ends_with("namedlocation") => {
            NamedLocationKind::Unmodelled(kind)
        }
        Some(_) => return None,
        None if location.has("ipRanges") => read_ip(&location),
        None if location.has("countriesAndRegions") => read_country(&location),
        None => return None,
    };
    Some(NamedLocation {
        id: location.text("id"),
        display_name: location.text("displayName").unwrap_or_default(),
        kind,
    })
}

fn read_ip(location: &Properties<'_>) -> NamedLocationKind {
    let ranges = match location.find("ipRanges") {
        Some(Value::Array(items)) => items.iter().filter_map(read_range).collect(),
        Some(other) => read_range(other).into_iter().collect(),
        None => Vec::new(),
    };
    NamedLocationKind::Ip { trusted: location.flag("isTrusted"), ranges }
}

/// `cidrAddress`, or `lowerAddress` and `upperAddress` of the older form, or bare text.
fn read_range(item: &Value) -> Option<String> {
    if let Value::String(text) = item {
        return Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    let range = Properties::of(item)?;
    range.text("cidrAddress").or_else(|| {
        let (lower, upper) = range.text("lowerAddress").zip(range.text("upperAddress"))?;
        Some(format!("{lower}-{upper}"))
    })
}

fn read_country(location: &Properties<'_>) -> NamedLocationKind {
    let countries = location
        .words("countriesAndRegions", "", &mut Unmodelled::default())
        .into_iter()
        .map(|country| country.to_ascii_uppercase())
        .collect();
    NamedLocationKind::Country {
        countries,
        include_unknown: location.flag("includeUnknownCountriesAndRegions"),
    }
}
