//! Where a sign-in can come from: stretches of addresses and countries that the policies' locations
//! cannot tell apart.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::collections::BTreeSet;

use super::axis::Class;
use crate::evaluate::address::Ranges;
use crate::evaluate::place_table::{AFTER_MAPPED, another_country, countries, ranges};
use crate::facts::{SignIn, Tenant};
use crate::named_location::{CountryLookup, NamedLocation, NamedLocationKind};
use crate::policy::Policy;

/// Every stretch of addresses with every country. Addresses and countries are told by different
/// means, so that every combination counts as possible.
pub(in crate::evaluate) fn places(policies: &[Policy], tenant: &Tenant) -> Vec<Class> {
    let used = used(policies, tenant);
    let addresses = addresses(&used);
    let by_address = countries_of(&used, false);
    let by_position = countries_of(&used, true);
    let mut all = Vec::new();
    for (ip, within) in &addresses {
        for (country, country_name) in &by_address {
            for (position, position_name) in &by_position {
                let mut facts = SignIn::of_user("");
                facts.ip = Some(*ip);
                facts.country.clone_from(country);
                facts.gps_country.clone_from(position);
                let parts = [within.as_deref(), country_name.as_deref(), position_name.as_deref()];
                let told: Vec<&str> = parts.into_iter().flatten().collect();
                let unusual = u32::try_from(told.len()).unwrap_or(u32::MAX)
                    + u32::from(ip.is_ipv6())
                    + u32::from(country.as_deref() == Some(""));
                let name = if told.is_empty() {
                    "an address that no location names".to_owned()
                } else {
                    told.join(", ")
                };
                all.push(Class::of(facts, name, unusual));
            }
        }
    }
    all
}

/// The tenant with those of its locations that some policy reads.
fn used(policies: &[Policy], tenant: &Tenant) -> Tenant {
    let words: BTreeSet<String> = policies
        .iter()
        .filter_map(|policy| policy.conditions.locations.as_ref())
        .flat_map(|locations| locations.include.iter().chain(&locations.exclude))
        .map(|word| word.to_ascii_lowercase())
        .collect();
    let by_trust = words.contains("alltrusted");
    let is_used = |location: &NamedLocation| {
        let named = location.id.as_ref().is_some_and(|id| words.contains(&id.to_ascii_lowercase()));
        let may_be_trusted = match &location.kind {
            NamedLocationKind::Ip { trusted, .. } => *trusted != Some(false),
            NamedLocationKind::Country { .. } | NamedLocationKind::Unmodelled(_) => false,
        };
        named || (by_trust && may_be_trusted)
    };
    Tenant {
        named_locations: tenant.named_locations.iter().filter(|it| is_used(it)).cloned().collect(),
        mfa_trusted_ips: tenant.mfa_trusted_ips.clone().filter(|_| !words.is_empty()),
        ..Tenant::default()
    }
}

/// One address of each stretch, and which locations it lies in.
fn addresses(tenant: &Tenant) -> Vec<(IpAddr, Option<String>)> {
    let ranges = ranges(tenant);
    let names: Vec<String> = tenant
        .named_locations
        .iter()
        .filter(|it| matches!(it.kind, NamedLocationKind::Ip { .. }))
        .map(|it| format!("`{}`", it.display_name))
        .chain(["the trusted addresses of the MFA settings".to_owned()])
        .collect();
    // No sign-in comes from where nobody's address is: a public one is easier to read.
    let mut v4 = BTreeSet::from([0, Ipv4Addr::new(203, 0, 113, 250).to_bits()]);
    let mut v6 = BTreeSet::from([0, AFTER_MAPPED]);
    for range in &ranges {
        range.add_starts(&mut v4, &mut v6);
    }
    let all = v4
        .into_iter()
        .rev()
        .map(|it| IpAddr::V4(Ipv4Addr::from_bits(it)))
        .chain(v6.into_iter().rev().map(|it| IpAddr::V6(Ipv6Addr::from_bits(it))))
        .filter(|ip| ip.to_canonical() == *ip);
    let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
    all.filter_map(|ip| {
        let within = lies_in(&ranges, ip);
        let name = (!within.is_empty()).then(|| {
            let within: Vec<&str> =
                within.iter().filter_map(|place| names.get(*place)).map(String::as_str).collect();
            format!("an address in {}", within.join(" and "))
        });
        seen.insert(within).then_some((ip, name))
    })
    .collect()
}

fn lies_in(ranges: &[Ranges], ip: IpAddr) -> Vec<usize> {
    ranges.iter().enumerate().filter(|(_, it)| it.contains(ip)).map(|(place, _)| place).collect()
}

/// A country that no location names, each that one names, and none.
fn countries_of(tenant: &Tenant, by_position: bool) -> Vec<(Option<String>, Option<String>)> {
    let is_wanted = |location: &&NamedLocation| match &location.kind {
        NamedLocationKind::Country { lookup, .. } => {
            (*lookup == CountryLookup::AuthenticatorAppGps) == by_position
        }
        NamedLocationKind::Ip { .. } | NamedLocationKind::Unmodelled(_) => false,
    };
    let wanted = Tenant {
        named_locations: tenant.named_locations.iter().filter(is_wanted).cloned().collect(),
        ..Tenant::default()
    };
    let codes = countries(&wanted);
    let another = another_country(&codes);
    if wanted.named_locations.is_empty() {
        return vec![(Some(another), None)];
    }
    let told_by = if by_position { "position" } else { "country" };
    let mut all = vec![(Some(another), None)];
    for code in codes {
        let code: String = code.into_iter().map(char::from).collect();
        all.push((Some(code.clone()), Some(format!("{told_by} {code}"))));
    }
    all.push((Some(String::new()), Some(format!("no {told_by}"))));
    if by_position {
        // Authenticator need not tell.
        all.push((None, Some("a position that was not told".to_owned())));
    }
    all
}
