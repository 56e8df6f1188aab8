//! Which addresses no named location tells apart.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where IPv6 writes IPv4 addresses: no address of IPv6 itself lies there.
const MAPPED: (u128, u128) = (0xffff_0000_0000, 0xffff_ffff_ffff);

/// The ranges of addresses that named locations are made of.
///
/// The ends of all ranges cut the addresses into stretches. Addresses of one stretch lie in the same
/// ranges, and so do all addresses that lie in none; one address stands for all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    v4: Stretches<u32>,
    v6: Stretches<u128>,
}

impl Places {
    /// Places of ranges, each with its first and its last address. They may overlap. A range whose
    /// ends are of different kinds or in the wrong order holds no address.
    #[must_use]
    pub fn new(ranges: impl IntoIterator<Item = (IpAddr, IpAddr)>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), vec![MAPPED]);
        for (first, last) in ranges {
            match (first.to_canonical(), last.to_canonical()) {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    v4.push((first.to_bits(), last.to_bits()));
                }
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    v6.push((first.to_bits(), last.to_bits()));
                }
                _ => {}
            }
        }
        Self {
            v4: Stretches::of(&v4, |last| last.checked_add(1)),
            v6: Stretches::of(&v6, |last| last.checked_add(1)),
        }
    }

    /// The address that stands for another one.
    pub(crate) fn stands_for(&self, address: IpAddr) -> IpAddr {
        match address.to_canonical() {
            IpAddr::V4(ip) => Ipv4Addr::from_bits(self.v4.stands_for(ip.to_bits())).into(),
            IpAddr::V6(ip) => Ipv6Addr::from_bits(self.v6.stands_for(ip.to_bits())).into(),
        }
    }
}

/// The stretches of one kind of address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Stretches<T> {
    /// Where each begins, and the address that stands for those in it.
    all: Vec<(T, T)>,
}

impl<T: Copy + Ord + Default> Stretches<T> {
    fn of(ranges: &[(T, T)], next: impl Fn(T) -> Option<T>) -> Self {
        let mut starts = BTreeSet::from([T::default()]);
        for (first, last) in ranges {
            starts.insert(*first);
            starts.extend(next(*last));
        }
        let merged = merged(ranges);
        let is_within = |start: &T| {
            let after = merged.partition_point(|(first, _)| first <= start);
            let before = after.checked_sub(1).and_then(|at| merged.get(at));
            before.is_some_and(|(_, last)| start <= last)
        };
        let outside = starts.iter().find(|start| !is_within(start)).copied();
        let stands_for =
            |start: &T| if is_within(start) { *start } else { outside.unwrap_or(*start) };
        Self { all: starts.iter().map(|start| (*start, stands_for(start))).collect() }
    }

    fn stands_for(&self, address: T) -> T {
        let after = self.all.partition_point(|(start, _)| *start <= address);
        let stretch = after.checked_sub(1).and_then(|at| self.all.get(at));
        stretch.map_or(address, |(_, stands_for)| *stands_for)
    }
}

/// The ranges sorted, those that overlap brought together.
fn merged<T: Copy + Ord>(ranges: &[(T, T)]) -> Vec<(T, T)> {
    let mut sorted: Vec<(T, T)> =
        ranges.iter().copied().filter(|(first, last)| first <= last).collect();
    sorted.sort_unstable();
    sorted.dedup_by(|later, kept| {
        let overlaps = later.0 <= kept.1;
        if overlaps {
            kept.1 = kept.1.max(later.1);
        }
        overlaps
    });
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn places(ranges: &[(&str, &str)]) -> Places {
        Places::new(ranges.iter().map(|(first, last)| (ip(first), ip(last))))
    }

    #[test]
    fn an_address_stands_for_those_in_the_same_ranges() {
        let places = places(&[
            ("192.0.2.0", "192.0.2.255"),
            ("192.0.2.64", "192.0.2.127"),
            ("2001:db8::", "2001:db8::ff"),
            ("255.255.255.0", "255.255.255.255"),
            ("::ffff:198.51.100.0", "::ffff:198.51.100.255"),
            // No addresses.
            ("203.0.113.9", "203.0.113.1"),
            ("203.0.113.9", "2001:db8::1"),
        ]);
        let cases = [
            ("192.0.2.1", "192.0.2.0"),
            ("192.0.2.63", "192.0.2.0"),
            ("192.0.2.64", "192.0.2.64"),
            ("192.0.2.127", "192.0.2.64"),
            // In the same range as the first, behind one within it.
            ("192.0.2.128", "192.0.2.128"),
            ("192.0.3.0", "0.0.0.0"),
            ("203.0.113.5", "0.0.0.0"),
            ("255.255.255.255", "255.255.255.0"),
            ("::ffff:192.0.2.5", "192.0.2.0"),
            ("198.51.100.7", "198.51.100.0"),
            ("2001:db8::7", "2001:db8::"),
            ("2001:db8::100", "::"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::"),
        ];
        for (address, expected) in cases {
            assert_eq!(places.stands_for(ip(address)), ip(expected), "{address}");
        }
    }

    #[test]
    fn without_ranges_one_address_of_each_kind_is_left() {
        for (address, expected) in [("192.0.2.1", "0.0.0.0"), ("2001:db8::1", "::")] {
            assert_eq!(places(&[]).stands_for(ip(address)), ip(expected));
        }
    }

    #[test]
    fn no_ipv6_address_becomes_an_ipv4_one() {
        // A range that ends just before the addresses that IPv6 writes for IPv4, and one over all.
        for ranges in [[("::", "::fffe:ffff:ffff")], [("::", "ffff::")]] {
            let places = places(&ranges);
            for address in ["::1", "::1:0:0:0", "2001:db8::1", "ffff::1"] {
                let stands_for = places.stands_for(ip(address));
                assert!(stands_for.to_canonical().is_ipv6(), "{address}: {stands_for}");
                assert_eq!(places.stands_for(stands_for), stands_for, "{address}");
            }
            assert_eq!(places.stands_for(ip("192.0.2.1")), ip("0.0.0.0"));
        }
    }

    #[test]
    fn whoever_stands_for_an_address_lies_in_the_same_ranges() {
        let bounds = [0_u32, 1, 5, 9, 10, 200, 201, u32::MAX - 1, u32::MAX];
        for (number, first) in bounds.iter().enumerate() {
            for last in &bounds[number..] {
                let ranges = [(*first, *last), (5, 200), (10, u32::MAX - 1)];
                let address = |bits: u32| IpAddr::from(Ipv4Addr::from_bits(bits));
                let places = Places::new(ranges.map(|(a, b)| (address(a), address(b))));
                for bits in bounds.iter().flat_map(|it| [it.saturating_sub(1), *it]) {
                    let IpAddr::V4(other) = places.stands_for(address(bits)) else { panic!() };
                    let within = |bits: u32| ranges.map(|(a, b)| (a..=b).contains(&bits));
                    assert_eq!(within(other.to_bits()), within(bits), "{bits} in {ranges:?}");
                }
            }
        }
    }
}
