//! Locations (Entra documentation, *Conditional Access: Network assignment*).

use std::collections::BTreeMap;

use core::net::IpAddr;

use super::address::Ranges;
use super::identifiers::is_id;
use super::why::Why;
use crate::facts::{SignIn, Tenant};
use crate::named_location::{CountryLookup, NamedLocationKind};
use crate::outcome::Fact;
use crate::policy::Locations;
use crate::truth::Truth;

/// The id that stands for the trusted addresses of the MFA service settings.
const MFA_TRUSTED_IPS: &str = "00000000-0000-0000-0000-000000000000";

/// The tenant's places.
#[derive(Debug, Default)]
pub(super) struct Places {
    places: Vec<Place>,
    by_id: BTreeMap<String, usize>,
    /// Every range marked as trusted.
    trusted: Ranges,
    /// Ranges of which nobody saw whether they are trusted.
    maybe_trusted: Ranges,
    mfa_trusted: Option<Ranges>,
}

#[derive(Debug)]
enum Place {
    Ip(Ranges),
    Country { countries: Vec<String>, include_unknown: Option<bool>, by_gps: bool },
    Unreadable,
}

/// An entry of a list of locations.
#[derive(Debug, Clone, PartialEq, Eq)]
enum LocationWord {
    All,
    AllTrusted,
    MfaTrustedIps,
    Place(usize),
    Missing(String),
    Unmodelled(String),
}

/// The location condition of one policy.
#[derive(Debug)]
pub(super) struct LocationRule {
    include: Vec<LocationWord>,
    exclude: Vec<LocationWord>,
}

impl Places {
    pub(super) fn of(tenant: &Tenant) -> Self {
        let mut all = Self {
            mfa_trusted: tenant
                .mfa_trusted_ips
                .as_ref()
                .map(|ranges| Ranges::of(ranges.iter().map(String::as_str))),
            ..Self::default()
        };
        for location in &tenant.named_locations {
            let place = match &location.kind {
                NamedLocationKind::Ip { trusted, ranges } => {
                    let ranges = Ranges::of(ranges.iter().map(String::as_str));
                    match trusted {
                        Some(true) => all.trusted.add(&ranges),
                        None => all.maybe_trusted.add(&ranges),
                        Some(false) => {}
                    }
                    Place::Ip(ranges)
                }
                NamedLocationKind::Country { countries, include_unknown, lookup } => match lookup {
                    CountryLookup::Unmodelled(_) => Place::Unreadable,
                    CountryLookup::ClientIpAddress | CountryLookup::AuthenticatorAppGps => {
                        Place::Country {
                            countries: countries.clone(),
                            include_unknown: *include_unknown,
                            by_gps: *lookup == CountryLookup::AuthenticatorAppGps,
                        }
                    }
                },
                NamedLocationKind::Unmodelled(_) => Place::Unreadable,
            };
            if let Some(id) = &location.id {
                all.by_id.insert(id.to_ascii_lowercase(), all.places.len());
            }
            all.places.push(place);
        }
        all
    }

    fn word(&self, word: &str) -> LocationWord {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "all" => LocationWord::All,
            "alltrusted" => LocationWord::AllTrusted,
            MFA_TRUSTED_IPS => LocationWord::MfaTrustedIps,
            _ => match self.by_id.get(&lower) {
                Some(place) => LocationWord::Place(*place),
                None if is_id(word) => LocationWord::Missing(word.to_owned()),
                None => LocationWord::Unmodelled(word.to_owned()),
            },
        }
    }

    fn matches(&self, word: &LocationWord, sign_in: &SignIn, why: &mut Why) -> Truth {
        match word {
            LocationWord::All => Truth::True,
            LocationWord::AllTrusted => self.is_trusted(sign_in.ip, why),
            LocationWord::MfaTrustedIps => self.is_mfa_trusted(sign_in.ip, why),
            LocationWord::Place(position) => match self.places.get(*position) {
                Some(place) => place.covers(sign_in, why),
                None => Truth::Unknown,
            },
            LocationWord::Missing(id) => why.unknown(|| Fact::Location(id.clone())),
            LocationWord::Unmodelled(word) => why.unknown(|| Fact::Unmodelled(word.clone())),
        }
    }

    /// Whether the address is trusted. Without an address only a tenant that trusts no range has
    /// an answer.
    fn is_trusted(&self, address: Option<IpAddr>, why: &mut Why) -> Truth {
        let Some(address) = address else {
            let nothing = self.trusted.is_empty()
                && self.maybe_trusted.is_empty()
                && self.mfa_trusted.as_ref().is_some_and(Ranges::is_empty);
            return if nothing { Truth::False } else { why.unknown(|| Fact::Ip) };
        };
        let marked = why.answer(|why| within(&self.trusted, address, why));
        let maybe = why.answer(|why| match within(&self.maybe_trusted, address, why) {
            Truth::True => why.unknown(|| Fact::Unmodelled("isTrusted".to_owned())),
            other => other,
        });
        marked.or(maybe).or(self.is_mfa_trusted(Some(address), why))
    }

    fn is_mfa_trusted(&self, address: Option<IpAddr>, why: &mut Why) -> Truth {
        let Some(ranges) = &self.mfa_trusted else { return why.unknown(|| Fact::MfaTrustedIps) };
        match address {
            Some(address) => within(ranges, address, why),
            None if ranges.is_empty() => Truth::False,
            None => why.unknown(|| Fact::Ip),
        }
    }
}

/// A range that cannot be read makes a miss uncertain.
fn within(ranges: &Ranges, address: IpAddr, why: &mut Why) -> Truth {
    if ranges.contains(address) {
        Truth::True
    } else if ranges.has_unreadable {
        why.unknown(|| Fact::Unmodelled("ipRanges".to_owned()))
    } else {
        Truth::False
    }
}

impl Place {
    fn covers(&self, sign_in: &SignIn, why: &mut Why) -> Truth {
        match self {
            Self::Ip(ranges) => match sign_in.ip {
                Some(address) => within(ranges, address, why),
                None => why.unknown(|| Fact::Ip),
            },
            Self::Country { countries, include_unknown, by_gps } => {
                let (seen, fact) = if *by_gps {
                    (&sign_in.gps_country, Fact::GpsCountry)
                } else {
                    (&sign_in.country, Fact::Country)
                };
                match seen.as_deref().map(str::trim) {
                    None => why.unknown(|| fact),
                    Some("") => why.of(*include_unknown, || {
                        Fact::Unmodelled("includeUnknownCountriesAndRegions".to_owned())
                    }),
                    Some(country) => {
                        countries.iter().any(|it| it.eq_ignore_ascii_case(country)).into()
                    }
                }
            }
            Self::Unreadable => why
                .unknown(|| Fact::Behaviour("a location that is neither addresses nor countries")),
        }
    }
}

impl LocationRule {
    /// `None`: not configured, both lists are empty.
    pub(super) fn of(locations: &Locations, places: &Places) -> Option<Self> {
        let words = |list: &[String]| list.iter().map(|word| places.word(word)).collect();
        let is_set = !locations.include.is_empty() || !locations.exclude.is_empty();
        is_set.then(|| Self {
            include: words(&locations.include),
            exclude: words(&locations.exclude),
        })
    }

    pub(super) fn matches(&self, places: &Places, sign_in: &SignIn, why: &mut Why) -> Truth {
        let any = |words: &[LocationWord], why: &mut Why| {
            words
                .iter()
                .fold(Truth::False, |truth, word| truth.or(places.matches(word, sign_in, why)))
        };
        let excluded = why.answer(|why| any(&self.exclude, why));
        let included = why.answer(|why| {
            if self.include.is_empty() {
                return why.unknown(|| Fact::Behaviour("locations excluded, none included"));
            }
            any(&self.include, why)
        });
        included.and(excluded.negated())
    }
}
