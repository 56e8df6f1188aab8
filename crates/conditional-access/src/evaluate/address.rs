//! Ranges of addresses.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::collections::BTreeSet;

/// Ranges of IPv4 and IPv6 addresses: sorted, apart, found by bisection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ranges {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
    /// Some range could not be read.
    pub(crate) has_unreadable: bool,
}

impl Ranges {
    /// Reads ranges: CIDR, two ends with a hyphen between them, or one address.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut ranges = Self::default();
        for text in texts {
            match read(text.trim()) {
                Some(Range::V4(range)) => ranges.v4.push(range),
                Some(Range::V6(range)) => ranges.v6.push(range),
                None => ranges.has_unreadable = true,
            }
        }
        merge(&mut ranges.v4);
        merge(&mut ranges.v6);
        ranges
    }

    /// Adds the ranges of another set.
    pub(crate) fn add(&mut self, other: &Self) {
        self.v4.extend(&other.v4);
        self.v6.extend(&other.v6);
        self.has_unreadable |= other.has_unreadable;
        merge(&mut self.v4);
        merge(&mut self.v6);
    }

    /// Adds the addresses at which a range begins, or ceases.
    pub(crate) fn add_starts(&self, v4: &mut BTreeSet<u32>, v6: &mut BTreeSet<u128>) {
        for (lower, upper) in &self.v4 {
            v4.insert(*lower);
            v4.extend(upper.checked_add(1));
        }
        for (lower, upper) in &self.v6 {
            v6.insert(*lower);
            v6.extend(upper.checked_add(1));
        }
    }

    /// Every range that could be read, by its first and its last address.
    pub(crate) fn all(&self) -> impl Iterator<Item = (IpAddr, IpAddr)> {
        let v4 = self.v4.iter().map(|(first, last)| {
            (Ipv4Addr::from_bits(*first).into(), Ipv4Addr::from_bits(*last).into())
        });
        let v6 = self.v6.iter().map(|(first, last)| {
            (Ipv6Addr::from_bits(*first).into(), Ipv6Addr::from_bits(*last).into())
        });
        v4.chain(v6)
    }

    /// True when no range was told, readable or not.
    pub(crate) fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty() && !self.has_unreadable
    }

    /// True when the address lies in a range that could be read. An IPv4 address written as IPv6
    /// is the IPv4 address.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(address) => covers(&self.v4, address.to_bits()),
            IpAddr::V6(address) => covers(&self.v6, address.to_bits()),
        }
    }
}

enum Range {
    V4((u32, u32)),
    V6((u128, u128)),
}

fn read(text: &str) -> Option<Range> {
    if let Some((lower, upper)) = text.split_once('-') {
        let ends = (address(lower)?, address(upper)?);
        return match ends {
            (IpAddr::V4(lower), IpAddr::V4(upper)) => {
                ordered(lower.to_bits(), upper.to_bits()).map(Range::V4)
            }
            (IpAddr::V6(lower), IpAddr::V6(upper)) => {
                ordered(lower.to_bits(), upper.to_bits()).map(Range::V6)
            }
            _ => None,
        };
    }
    let Some((base, length)) = text.split_once('/') else {
        return Some(match address(text)? {
            IpAddr::V4(one) => Range::V4((one.to_bits(), one.to_bits())),
            IpAddr::V6(one) => Range::V6((one.to_bits(), one.to_bits())),
        });
    };
    let length: u32 = length.trim().parse().ok()?;
    match base.trim().parse::<IpAddr>().ok()? {
        IpAddr::V4(base) => v4(base, length),
        IpAddr::V6(base) => v6(base, length),
    }
}

fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn ordered<T: Ord>(lower: T, upper: T) -> Option<(T, T)> {
    (lower <= upper).then_some((lower, upper))
}

fn v4(base: Ipv4Addr, length: u32) -> Option<Range> {
    let host = u32::MAX.checked_shr(length).unwrap_or(0);
    (length <= 32).then(|| Range::V4((base.to_bits() & !host, base.to_bits() | host)))
}

fn v6(base: Ipv6Addr, length: u32) -> Option<Range> {
    if let (Some(mapped), Some(length)) = (base.to_ipv4_mapped(), length.checked_sub(96)) {
        return v4(mapped, length);
    }
    let host = u128::MAX.checked_shr(length).unwrap_or(0);
    (length <= 128).then(|| Range::V6((base.to_bits() & !host, base.to_bits() | host)))
}

fn merge<T: Copy + Ord>(ranges: &mut Vec<(T, T)>) {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let touches = next.0 <= kept.1;
        if touches {
            kept.1 = kept.1.max(next.1);
        }
        touches
    });
}

fn covers<T: Copy + Ord>(ranges: &[(T, T)], address: T) -> bool {
    let after = ranges.partition_point(|(lower, _)| *lower <= address);
    let last = after.checked_sub(1).and_then(|position| ranges.get(position));
    last.is_some_and(|(_, upper)| address <= *upper)
}

#[cfg(test)]
mod tests {
    use super::Ranges;

    #[test]
    fn which_addresses_lie_within() {
        let cases = [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.77/24", "203.0.113.1", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.0/24", "::ffff:203.0.113.9", true),
            ("::ffff:203.0.113.0/120", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9/32", "203.0.113.8", false),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "198.51.100.1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::1/128", "2001:db8::2", false),
            ("192.0.2.1-192.0.2.9", "192.0.2.9", true),
            ("192.0.2.1-192.0.2.9", "192.0.2.10", false),
        ];
        for (range, address, expected) in cases {
            let ranges = Ranges::of([range]);
            assert!(!ranges.has_unreadable, "{range}");
            assert_eq!(ranges.contains(address.parse().unwrap()), expected, "{address} in {range}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for range in
            ["", "office", "203.0.113.0/33", "203.0.113.0/", "2001:db8::/129", "9.9.9.9-1.1.1.1"]
        {
            let ranges = Ranges::of([range]);
            assert!(ranges.has_unreadable && !ranges.is_empty(), "{range}");
        }
    }

    #[test]
    fn every_range_is_told_by_its_ends() {
        let ranges =
            Ranges::of(["192.0.2.0/31", "office", "::ffff:198.51.100.7", "2001:db8::/127"]);
        let ends: Vec<String> =
            ranges.all().map(|(first, last)| format!("{first}-{last}")).collect();
        let expected =
            ["192.0.2.0-192.0.2.1", "198.51.100.7-198.51.100.7", "2001:db8::-2001:db8::1"];
        assert_eq!(ends, expected);
    }

    #[test]
    fn ranges_that_touch_become_one() {
        let ranges = Ranges::of(["10.0.0.0/8", "10.1.0.0/16", "9.0.0.0/8", "11.0.0.0-11.0.0.1"]);
        assert_eq!(ranges.v4.len(), 3);
        for address in ["10.0.0.0", "10.255.255.255", "9.9.9.9", "11.0.0.1"] {
            assert!(ranges.contains(address.parse().unwrap()), "{address}");
        }
        assert!(!ranges.contains("11.0.0.2".parse().unwrap()));
    }
}
