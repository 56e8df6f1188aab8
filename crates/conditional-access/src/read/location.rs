//! Named locations.

use serde_json::Value;

use super::property::{Properties, Unmodelled};
use crate::named_location::{CountryLookup, NamedLocation, NamedLocationKind};

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
        Some(Value::Array(items)) => items.iter().map(read_range).collect(),
        Some(other) => vec![read_range(other)],
        None => Vec::new(),
    };
    NamedLocationKind::Ip { trusted: location.flag("isTrusted"), ranges }
}

/// `cidrAddress`, or `lowerAddress` and `upperAddress` of the older form, or bare text. What is
/// none of these is kept as it stands: a range that nobody can read is not an absent one.
fn read_range(item: &Value) -> String {
    if let Value::String(text) = item {
        return text.trim().to_owned();
    }
    let range = Properties::of(item);
    let cidr = range.and_then(|range| range.text("cidrAddress"));
    let ends = || {
        let range = range?;
        let (lower, upper) = range.text("lowerAddress").zip(range.text("upperAddress"))?;
        Some(format!("{lower}-{upper}"))
    };
    cidr.or_else(ends).unwrap_or_else(|| item.to_string())
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
        lookup: read_lookup(location),
    }
}

fn read_lookup(location: &Properties<'_>) -> CountryLookup {
    let Some(method) = location.find("countryLookupMethod") else {
        return CountryLookup::default();
    };
    match method.as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("clientipaddress") => CountryLookup::ClientIpAddress,
        Some("authenticatorappgps") => CountryLookup::AuthenticatorAppGps,
        _ => CountryLookup::Unmodelled(method.to_string()),
    }
}
