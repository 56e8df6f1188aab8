//! Addresses and ranges of them (R73).

use core::net::{IpAddr, Ipv6Addr};

/// Whether the address is in the range. `None`: the range cannot be read.
pub(crate) fn in_range(address: IpAddr, range: &str) -> Option<bool> {
    let (first, length) = range.split_once('/')?;
    let (first, length): (IpAddr, u32) = (first.parse().ok()?, length.parse().ok()?);
    let (one, other, width) = match (plain(address), first) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits().into(), other.to_bits().into(), 32),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        (_, IpAddr::V4(_)) => return (length <= 32).then_some(false),
        (_, IpAddr::V6(_)) => return (length <= 128).then_some(false),
    };
    let rest = u32::checked_sub(width, length)?;
    Some(u128::checked_shr(one ^ other, rest).unwrap_or(0) == 0)
}

/// An IPv4 address in the clothes of an IPv6 address is an IPv4 address.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => unmapped(address),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn unmapped(address: Ipv6Addr) -> IpAddr {
    address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4)
}
