//! Addresses and countries, looked up in a table.
//!
//! The ranges of all locations cut the addresses into stretches within which no policy can tell
//! two addresses apart. Each stretch is held against every policy once, with each country that a
//! location names, with another country, with none, and with a country nobody saw.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::collections::{BTreeMap, BTreeSet};

use super::address::Ranges;
use super::compiled::Matching;
use crate::facts::Tenant;
use crate::named_location::NamedLocationKind;

/// Where IPv6 goes on after the addresses that are IPv4 ones in another spelling.
pub(super) const AFTER_MAPPED: u128 = 0x1_0000_0000_0000;

/// What every address and country comes to.
#[derive(Debug, Default)]
pub(super) struct PlaceTable {
    /// Where each stretch begins, and its row.
    v4: Vec<(u32, usize)>,
    v6: Vec<(u128, usize)>,
    /// The row of an address nobody saw.
    unseen: usize,
    /// Columns of the countries that locations name, in upper case.
    countries: BTreeMap<[u8; 2], usize>,
    columns: usize,
    cells: Vec<Matching>,
}

/// Columns that are always there.
const COUNTRY_UNSEEN: usize = 0;
const COUNTRY_NONE: usize = 1;
const COUNTRY_OTHER: usize = 2;
const FIRST_COUNTRY: usize = 3;

impl PlaceTable {
    /// Fills the table by asking for one address of each stretch and one country of each column.
    pub(super) fn of(
        tenant: &Tenant,
        matching: impl Fn(Option<IpAddr>, Option<&str>) -> Matching,
    ) -> Self {
        let codes = countries(tenant);
        let another = another_country(&codes);
        let mut table = Self { columns: FIRST_COUNTRY + codes.len(), ..Self::default() };
        let named: Vec<String> =
            codes.iter().map(|code| code.iter().copied().map(char::from).collect()).collect();
        table.countries = codes.into_iter().zip(FIRST_COUNTRY..).collect();
        let mut rows: BTreeMap<Vec<(bool, usize)>, usize> = BTreeMap::new();
        let ranges = ranges(tenant);
        let mut row = |table: &mut Self, ip: Option<IpAddr>| {
            // Stretches that lie in the same ranges share a row.
            let key: Vec<(bool, usize)> = match ip {
                None => vec![(false, 0)],
                Some(ip) => ranges
                    .iter()
                    .enumerate()
                    .filter(|(_, ranges)| ranges.contains(ip))
                    .map(|(place, _)| (true, place))
                    .collect(),
            };
            *rows.entry(key).or_insert_with(|| {
                let next = table.cells.len() / table.columns;
                let fixed = [None, Some(""), Some(another.as_str())];
                let all = fixed.into_iter().chain(named.iter().map(|it| Some(it.as_str())));
                table.cells.extend(all.map(|country| matching(ip, country)));
                next
            })
        };
        table.unseen = row(&mut table, None);
        let (mut v4, mut v6) = (BTreeSet::from([0]), BTreeSet::from([0, AFTER_MAPPED]));
        for ranges in &ranges {
            ranges.add_starts(&mut v4, &mut v6);
        }
        for start in v4 {
            let stretch = row(&mut table, Some(IpAddr::V4(Ipv4Addr::from_bits(start))));
            table.v4.push((start, stretch));
        }
        for start in v6 {
            let stretch = row(&mut table, Some(IpAddr::V6(Ipv6Addr::from_bits(start))));
            table.v6.push((start, stretch));
        }
        table
    }

    /// What the address and the country come to. `None`: the country is written in a way the table
    /// has no column for.
    #[inline]
    pub(super) fn find(&self, ip: Option<IpAddr>, country: Option<&str>) -> Option<Matching> {
        let row = match ip.map(|ip| ip.to_canonical()) {
            None => self.unseen,
            Some(IpAddr::V4(ip)) => last_before(&self.v4, ip.to_bits())?,
            Some(IpAddr::V6(ip)) => last_before(&self.v6, ip.to_bits())?,
        };
        let column = match country.map(str::as_bytes) {
            None => COUNTRY_UNSEEN,
            Some([]) => COUNTRY_NONE,
            Some([first, second]) if is_letter(*first) && is_letter(*second) => {
                let code = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
                self.countries.get(&code).copied().unwrap_or(COUNTRY_OTHER)
            }
            Some(_) => return None,
        };
        self.cells.get(row * self.columns + column).copied()
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

fn last_before<T: Copy + Ord>(starts: &[(T, usize)], address: T) -> Option<usize> {
    let after = starts.partition_point(|(start, _)| *start <= address);
    starts.get(after.checked_sub(1)?).map(|(_, row)| *row)
}

/// The two-letter codes that locations name. A country that is written otherwise is found without
/// the table.
pub(super) fn countries(tenant: &Tenant) -> BTreeSet<[u8; 2]> {
    let mut codes = BTreeSet::new();
    for location in &tenant.named_locations {
        let NamedLocationKind::Country { countries, .. } = &location.kind else { continue };
        for country in countries {
            if let [first, second] = country.trim().as_bytes() {
                codes.insert([first.to_ascii_uppercase(), second.to_ascii_uppercase()]);
            }
        }
    }
    codes
}

/// A code that no location names.
pub(super) fn another_country(codes: &BTreeSet<[u8; 2]>) -> String {
    let letters = || (b'A'..=b'Z').rev();
    let free = letters()
        .flat_map(|first| letters().map(move |second| [first, second]))
        .find(|code| !codes.contains(code));
    free.unwrap_or_default().into_iter().map(char::from).collect()
}

/// The ranges of every location, and the trusted ones of the MFA settings.
pub(super) fn ranges(tenant: &Tenant) -> Vec<Ranges> {
    let of = |texts: &[String]| Ranges::of(texts.iter().map(String::as_str));
    let mut all: Vec<Ranges> = tenant
        .named_locations
        .iter()
        .filter_map(|location| match &location.kind {
            NamedLocationKind::Ip { ranges, .. } => Some(of(ranges)),
            NamedLocationKind::Country { .. } | NamedLocationKind::Unmodelled(_) => None,
        })
        .collect();
    all.extend(tenant.mfa_trusted_ips.as_deref().map(of));
    all
}
