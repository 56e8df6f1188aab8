//! Named locations: Microsoft Graph `namedLocation`.

use core::net::IpAddr;

use serde::Serialize;

use crate::evaluate::address::Ranges;

/// One named location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedLocation {
    /// Object id, where told.
    pub id: Option<String>,
    /// The name the portal shows.
    pub display_name: String,
    /// What it is made of.
    pub kind: NamedLocationKind,
}

impl NamedLocation {
    /// The ranges of addresses it is made of, each with its first and its last one, sorted and
    /// apart; none for countries. What cannot be read is left out.
    #[must_use]
    pub fn address_ranges(&self) -> Vec<(IpAddr, IpAddr)> {
        let NamedLocationKind::Ip { ranges, .. } = &self.kind else { return Vec::new() };
        Ranges::of(ranges.iter().map(String::as_str)).all().collect()
    }
}

/// What a named location is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum NamedLocationKind {
    /// `ipNamedLocation`
    Ip {
        /// Marked as trusted. `None`: not told.
        trusted: Option<bool>,
        /// CIDR ranges, IPv4 and IPv6, as written.
        ranges: Vec<String>,
    },
    /// `countryNamedLocation`
    Country {
        /// Two-letter country codes, upper case.
        countries: Vec<String>,
        /// Also covers addresses that map to no country. `None`: not told.
        include_unknown: Option<bool>,
        /// How the country is found.
        lookup: CountryLookup,
    },
    /// A kind this model does not know, by its `@odata.type`.
    Unmodelled(String),
}

/// `countryLookupMethod`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub enum CountryLookup {
    /// `clientIpAddress`, also where nothing is told.
    #[default]
    ClientIpAddress,
    /// `authenticatorAppGps`
    AuthenticatorAppGps,
    /// A method this model does not know, as written.
    Unmodelled(String),
}
